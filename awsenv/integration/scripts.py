"""What ties awsenv into a shell: the raw line, the integration script, and the line in the start-up file."""

from __future__ import annotations

import os
import sys

from awsenv import dialects
from awsenv.result import USAGE, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsenv.environment.settings import Settings

__all__ = ["SCRIPTS", "SHELLS", "off_line", "program", "raw_line", "script", "shell_of", "start_up_line"]

#: Dialects that have an integration script, and its file. Its templates are in the folder of that name in shells/.
SHELLS = {
    "bash": "awsenv.bash",
    "zsh": "awsenv.zsh",
    "fish": "awsenv.fish",
    "powershell": "awsenv.ps1",
    "cmd": "awsenv.cmd",
}

#: The same, with Clink: cmd with a line editor, whose scripts are Lua. What they find is a cmd, so it is no dialect.
SCRIPTS = {**SHELLS, "clink": "awsenv.lua"}

#: The templates are beside the package in a checkout, and in it once it is installed, where the build rendered them.
_PACKAGE = os.path.dirname(os.path.dirname(__file__))
_FOLDERS = (
    os.path.join(_PACKAGE, "shells"),
    os.path.join(os.path.dirname(_PACKAGE), "shells"),
)


def shell_of(name: str, among: Mapping[str, str] = SHELLS) -> str:
    """The shell that a name stands for (pwsh is powershell); AwsenvError (2) if there is no script for it.

    Args:
        name: as somebody typed it.
        among: SHELLS or SCRIPTS.
    """
    shell = dialects.NAMES.get(name.lower().removesuffix(".exe"), name)
    if shell not in among:
        raise AwsenvError(
            f"there is no integration for the shell {name!r}", f"there is one for {', '.join(among)}", USAGE
        )
    return shell


def script(shell: str, settings: Settings) -> str:
    """The integration script: where awsenv is and the settings, a line each, then what the build rendered."""
    text = rendered(shell)
    if shell == "cmd":  # a file of its own, which finds awsenv-core beside itself or on PATH
        from awsenv.integration import cmd_prompt

        keep = f'@set "{cmd_prompt.KEEP}=1"\n' if settings["AWSENV_NO_SEGMENT"] else ""
        return (keep + text).replace("\n", "\r\n")
    if shell == "clink":
        table = {"program": program(), **{name.removeprefix("AWSENV_").lower(): settings[name] for name in settings}}
        entries = "".join(f"    {name} = {_lua_quote(value)},\n" for name, value in table.items())
        return f"local settings = {{\n{entries}}}\n{text}"
    variables = {f"__{name.lower()}": value for name, value in settings.items()}
    first = {"__awsenv_program": program(), **variables}
    return "".join(_assignment(shell, name, value) + "\n" for name, value in first.items()) + text


def _assignment(shell: str, name: str, value: str) -> str:
    """A variable of the shell's own, which its children do not see."""
    quoted = dialects.load(shell).quote(value)
    statements = {"fish": f"set -g {name} {quoted}", "powershell": f"$global:{name} = {quoted}"}
    return statements.get(shell, f"{name}={quoted}")


def _lua_quote(value: str) -> str:
    """A text of Lua, in ASCII: other bytes as three decimal digits (Lua 5.2 Reference Manual, 3.1)."""
    written = (
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\{byte:03d}"
        for byte in value.encode("utf-8", "surrogateescape")
    )
    return f'"{"".join(written)}"'


def off_line(shell: str) -> str:
    """The statement that takes the integration out of a running shell; AwsenvError (2) if it cannot be in one."""
    lines = {
        "bash": "if typeset -f __awsenv_off >/dev/null; then __awsenv_off; fi",
        "zsh": "if typeset -f __awsenv_off >/dev/null; then __awsenv_off; fi",
        "fish": "if functions -q __awsenv_off; __awsenv_off; end",
        "powershell": "if (Test-Path Function:__awsenv_off) { __awsenv_off }",
    }
    if shell not in lines:
        raise AwsenvError(f"{shell} has nothing to take out of a running shell", "see awsenv uninstall", USAGE)
    return lines[shell]


def rendered(shell: str) -> str:
    """The script as the build of the wheel rendered it; in a checkout it is rendered now."""
    for folder in _FOLDERS:
        try:
            with open(os.path.join(folder, "rendered", SCRIPTS[shell]), encoding="ascii", newline="") as file:
                return file.read()
        except OSError:
            continue
    for folder in _FOLDERS:
        if os.path.isdir(folder):
            return render(shell, folder)
    raise AwsenvError("awsenv's folder shells/ is missing", "install awsenv again")


def render(shell: str, folder: str) -> str:
    """Render a template of `shells/` with the table of variables."""
    import jinja2

    from awsenv import environment
    from awsenv.environment import expiry
    from awsenv.integration import completion

    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        variable_start_string="«",  # braces are the shells' own
        variable_end_string="»",
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # shell scripts, from our own table
    )
    home = "cmd" if shell == "clink" else shell
    words = completion.context(home)
    if shell == "clink":
        words["quote"] = _lua_quote
    return templates.get_template(f"{home}/{SCRIPTS[shell]}.j2").render(
        credentials=(*environment.CREDENTIALS, *environment.STALE_VARIABLES),
        keys=(*environment.KEYS, "AWS_SECURITY_TOKEN"),
        profiles=environment.PROFILES,
        regions=environment.REGIONS,
        expirations=environment.EXPIRATIONS,
        named_by=environment.PROFILE_HINTS,
        previous=environment.PREVIOUS,
        own=environment.OWN,
        near=expiry.NEAR,
        **words,
    )


def program() -> str:
    """The path under which awsenv was started, for the scripts to call it by, whatever PATH becomes."""
    path = os.path.abspath(sys.argv[0])
    if sys.platform == "win32" and not path.endswith(".exe"):  # the wrapper takes that off argv[0]
        path += ".exe"
    return path if os.access(path, os.X_OK) and not path.endswith(".py") else "awsenv"


def raw_line(shell: str, arguments: Sequence[str]) -> str:
    """The line that needs no setup: it runs awsenv with these words and has the shell evaluate the answer."""
    words = " ".join(word if _plain(word) else _quoted(shell, word) for word in ("awsenv", *arguments))
    lines = {
        "fish": f"{words} | source",
        "powershell": f"{words} | Out-String | Invoke-Expression",
        "cmd": f'for /f "delims=" %i in (\'{words}\') do @set "%i"',
    }
    return lines.get(dialects.NAMES[shell], f'eval "$({words})"')


def _quoted(shell: str, word: str) -> str:
    """A word as a person types it; cmd has double quotes, and none for them."""
    return f'"{word}"' if dialects.NAMES[shell] == "cmd" else dialects.load(shell).quote(word)


def start_up_line(shell: str) -> str:
    """The one line for the shell's start-up file; it stays silent when awsenv is gone."""
    own = dialects.load(shell).quote(program())
    lines = {
        "bash": f'if command -v {own} >/dev/null 2>&1; then eval "$({own} init bash)"; fi',
        "zsh": f'if command -v {own} >/dev/null 2>&1; then eval "$({own} init zsh)"; fi',
        "fish": f"if command -sq {own}; {own} init fish | source; end",
        "powershell": f"if (Get-Command {own} -ErrorAction Ignore) "
        f"{{ & {own} init powershell | Out-String | Invoke-Expression }}",
    }
    return lines[shell]


def _plain(word: str) -> bool:
    return word != "" and all(
        character.isascii() and (character.isalnum() or character in "-_./:") for character in word
    )
