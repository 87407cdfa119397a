"""The integration scripts: a rendered template between a head with the settings and the alias."""

import os

from awsenv import __version__, dialects
from awsenv.program import program
from awsenv.result import USAGE, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsenv.environment.settings import Settings

__all__ = ["DIRECTORIES", "SCRIPTS", "built", "lua_quote", "require_alias", "script", "shell_of", "templates_of"]

#: argument of `awsenv init` -> its file: integrated shells, and Clink, a line editor for cmd with scripts in Lua.
SCRIPTS = {**dialects.INTEGRATED, "clink": "awsenv.lua"}

#: The templates: in the installed package, which also has them rendered, or beside it in a checkout.
_PACKAGE = os.path.dirname(os.path.dirname(__file__))
DIRECTORIES = (os.path.join(_PACKAGE, "shells"), os.path.join(os.path.dirname(_PACKAGE), "shells"))

#: The start of the last part of a script, which only AWSENV_RENEW needs.
_RENEWAL = "# --- renewal: "

#: Settings that hooks do not need, as the state of the prompt depends on them already.
_FOR_THE_STATE = ("AWSENV_DURATION", "AWSENV_PRODUCTION")

#: Names that a shell rejects for a function, or that the shell or its integration uses.
_RESERVED = (
    "alias begin bg break builtin case cd chpwd class command complete continue coproc declare define do done "
    "doskey dynamicparam echo elif else elseif end esac eval exec exit export false fg fi filter finally for "
    "foreach from function functions hash history if in jobs kill let local param periodic popd precmd preexec "
    "print printf process prompt pushd pwd read readonly repeat return select set shift source switch test then "
    "throw time trap true try type typeset umask unalias unset until using var wait while workflow zshexit"
)


def built(file: str) -> str | None:
    """Return a script as rendered when the wheel was built; None in a checkout."""
    for directory in DIRECTORIES:
        try:
            with open(os.path.join(directory, "rendered", file), encoding="utf-8", newline="") as opened:
                return opened.read()
        except OSError:
            continue
    return None


def shell_of(name: str, among: "Mapping[str, str]" = dialects.INTEGRATED) -> str:
    """Return the shell of a name (powershell for pwsh); AwsenvError (2) if it has no script.

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


def script(shell: str, text: str, settings: "Settings", alias: str | None = None) -> str:
    """Return the integration script: awsenv's version and path, the settings, the rendered template, the alias.

    Args:
        shell: of SCRIPTS.
        text: the rendered template.
        settings: see `awsenv.environment.settings.read`.
        alias: a short name for `awsenv assume`, see `require_alias`.
    """
    version = f"awsenv {__version__}, from shells/{templates_of(shell)}"
    if shell == "cmd":  # a file, which finds awsenv-core beside itself or on PATH
        from awsenv.dialects.awsenv_cmd import KEEP

        keep = f'@set "{KEEP}=1"\n' if settings["AWSENV_NO_SEGMENT"] else ""
        return f"@rem {version}\n{keep}{text}".replace("\n", "\r\n")
    if shell == "clink":
        table = {"program": program(), **{name.removeprefix("AWSENV_").lower(): settings[name] for name in settings}}
        table.update({"alias": alias} if alias else {})
        entries = "".join(f"    {name} = {lua_quote(value)},\n" for name, value in table.items())
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


def require_alias(shell: str, name: str) -> None:
    """Check a short name for `awsenv assume`.

    Raises:
        AwsenvError (2): the name is invalid or reserved, or the shell cannot have one.
    """
    plain = (
        name.isascii() and name[:1].isalpha() and all(character.isalnum() or character in "_-" for character in name)
    )
    if not plain or name.lower() in _RESERVED.split() or name.lower().startswith("awsenv"):
        why = "is reserved by the shell or by awsenv" if plain else "is not a name"
        raise AwsenvError(f"--alias {name!a} {why}", "use letters, digits, - and _, beginning with a letter", USAGE)
    if shell == "cmd":
        raise AwsenvError(
            "cmd has no start-up file that could define an alias", f"type doskey {name}=awsenv assume $*", USAGE
        )


def _in_lines(statements: "Sequence[str]") -> str:
    """Join statements, which end in `;`, to lines of a readable length."""
    lines = [""]
    for statement in statements:
        if lines[-1] and len(lines[-1]) + len(statement) > 118:
            lines.append("")
        lines[-1] += f" {statement}" if lines[-1] else statement
    return "".join(f"{line}\n" for line in lines)


def templates_of(shell: str) -> str:
    """Return the directory of a script's templates."""
    return "cmd" if shell == "clink" else shell


def lua_quote(value: str) -> str:
    """Return a Lua string, in ASCII: other bytes as three decimal digits (Lua 5.2 Reference Manual, 3.1)."""
    written = (
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\{byte:03d}"
        for byte in value.encode("utf-8", "surrogateescape")
    )
    return f'"{"".join(written)}"'
