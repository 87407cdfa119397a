"""What ties awsenv into a shell: the raw line, the integration script, and the line in the start-up file."""

from __future__ import annotations

import os
import sys

from awsenv import SNIPPETS, __version__, dialects
from awsenv.result import USAGE, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsenv.environment.settings import Settings

__all__ = ["SCRIPTS", "files", "installed", "part", "program", "raw_line", "require_alias", "script", "shell_of"]

#: What `awsenv init` prints, and the file that it is: for the integrated shells, and for Clink, a line editor for cmd,
#: whose scripts are Lua. It is not a shell itself.
SCRIPTS = {**dialects.INTEGRATED, "clink": "awsenv.lua"}

#: The templates are beside the package in a checkout, and in it once it is installed, where the build rendered them.
_PACKAGE = os.path.dirname(os.path.dirname(__file__))
_DIRECTORIES = (
    os.path.join(_PACKAGE, "shells"),
    os.path.join(os.path.dirname(_PACKAGE), "shells"),
)


def shell_of(name: str, among: Mapping[str, str] = dialects.INTEGRATED) -> str:
    """The shell that a name stands for (pwsh is powershell); AwsenvError (2) if there is no script for it.

    Args:
        name: as typed.
        among: `dialects.INTEGRATED` or SCRIPTS.
    """
    shell = dialects.NAMES.get(name.lower().removesuffix(".exe"), name)
    if shell not in among:
        raise AwsenvError(
            f"there is no integration for the shell {name!r}", f"there is one for {', '.join(among)}", USAGE
        )
    return shell


def script(shell: str, settings: Settings, alias: str | None = None) -> str:
    """The integration script: which awsenv it is of, where that is, the settings, and then what the build rendered.

    Args:
        shell: of SCRIPTS.
        settings: of `awsenv.environment.settings.read`.
        alias: a short name for `awsenv assume`, see `require_alias`.
    """
    text = rendered(SCRIPTS[shell])
    version = f"awsenv {__version__}, from shells/{_templates_of(shell)}"
    if shell == "cmd":  # a file of its own, which finds awsenv-core beside itself or on PATH
        from awsenv.dialects.awsenv_cmd import KEEP

        keep = f'@set "{KEEP}=1"\n' if settings["AWSENV_NO_SEGMENT"] else ""
        return f"@rem {version}\n{keep}{text}".replace("\n", "\r\n")
    if shell == "clink":
        table = {"program": program(), **{name.removeprefix("AWSENV_").lower(): settings[name] for name in settings}}
        table.update({"alias": alias} if alias else {})
        entries = "".join(f"    {name} = {_lua_quote(value)},\n" for name, value in table.items())
        return f"-- {version}\nlocal settings = {{\n{entries}}}\n{text}"
    if not settings["AWSENV_RENEW"]:
        text = text.partition(_RENEWAL)[0]
    dialect = dialects.load_hooked(shell)
    variables = {
        "__awsenv_program": program(),
        **{f"__{name.lower()}": value for name, value in settings.items() if name not in _FOR_THE_STATE},
    }
    head = f"{dialect.header(version)}\n{_in_lines(dialects.assignments(dialect, variables))}"
    return f"{head}{text}{dialect.alias(alias) if alias else ''}"


#: Words that a shell would not take as the name of a function, or that it needs itself, with blanks around them.
_RESERVED = (
    " alias begin bg break builtin case cd class command complete continue coproc declare define do doskey "
    "done dynamicparam echo elif else elseif end esac eval exec exit export false fg fi filter finally "
    "for foreach from function functions hash history if in jobs let local param process read readonly "
    "repeat return select set shift source switch test then throw time trap true try type typeset unalias "
    "unset until using var wait while workflow "
)


def require_alias(shell: str, name: str) -> None:
    """Refuse what cannot be a short name for `awsenv assume`.

    Raises:
        AwsenvError (2): a name that a shell does not take, or the shell has no place for one.
    """
    plain = (
        name.isascii() and name[:1].isalpha() and all(character.isalnum() or character in "_-" for character in name)
    )
    if not plain or f" {name.lower()} " in _RESERVED or name.lower().startswith("awsenv"):
        why = "is a word of the shell or of awsenv" if plain else "is not a name"
        raise AwsenvError(f"--alias {name!a} {why}", "take letters, digits, - and _, and first a letter", USAGE)
    if shell == "cmd":
        raise AwsenvError(
            "cmd itself has no script in which an alias could be", f"type doskey {name}=awsenv assume $*", USAGE
        )


def _in_lines(statements: Sequence[str]) -> str:
    """Statements that end in `;`, in readable lines."""
    lines = [""]
    for statement in statements:
        if lines[-1] and len(lines[-1]) + len(statement) > 118:
            lines.append("")
        lines[-1] += f" {statement}" if lines[-1] else statement
    return "".join(f"{line}\n" for line in lines)


#: Where the end of a script begins that only a setting asks for.
_RENEWAL = "# --- renewal: "

#: Settings that the hooks do not need, as what depends on them is in the state of the prompt.
_FOR_THE_STATE = ("AWSENV_DURATION", "AWSENV_PRODUCTION")


#: Parts of an integration that are loaded only when they are needed.
_PARTS = ("completion", "off")


def part(shell: str, name: str) -> str:
    """A part of the integration that is loaded by itself; AwsenvError (2) for a shell that has no such parts.

    Args:
        shell: of SCRIPTS.
        name: `completion`, which is loaded at the first TAB, or `off`, which takes the integration out of a shell.
    """
    if not dialects.is_hooked(shell):
        raise AwsenvError(f"{shell} has no {name} of its own", f"see awsenv init {shell}", USAGE)
    return rendered(_part_file(shell, name))


def _part_file(shell: str, name: str) -> str:
    return f"{name}.{SCRIPTS[shell].rpartition('.')[2]}"


def files() -> list[str]:
    """The files that are rendered for all shells."""
    return [*SCRIPTS.values(), *(_part_file(shell, name) for shell in dialects.hooked() for name in _PARTS)]


def _templates_of(shell: str) -> str:
    """The directory of its templates."""
    return "cmd" if shell == "clink" else shell


def _lua_quote(value: str) -> str:
    """A text of Lua, in ASCII: other bytes as three decimal digits (Lua 5.2 Reference Manual, 3.1)."""
    written = (
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\{byte:03d}"
        for byte in value.encode("utf-8", "surrogateescape")
    )
    return f'"{"".join(written)}"'


def rendered(file: str) -> str:
    """A script as the build of the wheel rendered it; in a checkout it is rendered now."""
    for directory in _DIRECTORIES:
        try:
            with open(os.path.join(directory, "rendered", file), encoding="ascii", newline="") as opened:
                return opened.read()
        except OSError:
            continue
    for directory in _DIRECTORIES:
        if os.path.isdir(directory):
            return render(file, directory)
    raise AwsenvError("awsenv's directory shells/ is missing", "install awsenv again")


def render(file: str, directory: str) -> str:
    """Render a template of `shells/` with the table of variables, the messages, and what completes where.

    Args:
        file: one of `files()`.
        directory: that `shells/`.
    """
    import jinja2

    from awsenv import environment
    from awsenv.environment import expiry, messages
    from awsenv.integration import completion

    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(directory),
        variable_start_string="«",  # braces are the shells' own
        variable_end_string="»",
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # shell scripts, from our own table
    )
    shell = next(shell for shell, name in SCRIPTS.items() if name.rpartition(".")[2] == file.rpartition(".")[2])
    home = _templates_of(shell)
    words = completion.context(home)
    if shell == "clink":
        words["quote"] = _lua_quote
    text = templates.get_template(f"{home}/{file}.j2").render(
        credentials=environment.UNSET,
        keys=(*environment.KEYS, "AWS_SECURITY_TOKEN"),
        profiles=environment.PROFILES,
        regions=environment.REGIONS,
        previous=environment.PREVIOUS,
        own=environment.OWN,
        fingerprint=environment.FINGERPRINT,
        sources=environment.SOURCES,
        verbs=[verb for verb, when in SNIPPETS.items() if when != "--fix"],  # these always change the shell
        messages=messages.table(),
        near=expiry.NEAR,
        **words,
    )
    return "".join(line for line in text.splitlines(keepends=True) if _is_code(line))


def _is_code(line: str) -> bool:
    """Not what is for readers of the templates alone: each shell reads a script anew, and fish counts its lines."""
    bare = line.strip()
    return bare.startswith(("# ---", "# shellcheck ")) or not (bare == "" or bare.startswith("# "))


def program() -> str:
    """The path under which awsenv was started, for the scripts to call it by, whatever PATH becomes."""
    path = os.path.abspath(sys.argv[0])
    if sys.platform == "win32" and not path.endswith(".exe"):  # the wrapper takes that off argv[0]
        path += ".exe"
    if os.access(path, os.X_OK) and not path.endswith((".py", ".py.exe")):
        return path
    return installed("awsenv") or "awsenv"


def installed(name: str) -> str | None:
    """A console script of this Python that is not on PATH, as where awsenv was started by `py -m awsenv`."""
    import shutil
    import sysconfig

    if shutil.which(name):
        return None
    schemes = [sysconfig.get_path("scripts"), sysconfig.get_path("scripts", f"{os.name}_user")]
    return next((found for scheme in schemes if (found := shutil.which(name, path=scheme))), None)


def raw_line(shell: str, arguments: Sequence[str]) -> str:
    """The line that needs no setup: it runs awsenv with these words and has the shell evaluate the answer."""
    return dialects.load(shell).raw_line(("awsenv", *arguments))
