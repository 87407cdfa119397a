"""bash 3.2 and later (Bash Reference Manual, 3.1.2.4 ANSI-C Quoting)."""

from __future__ import annotations

import os
import sys

from awsenv.aws import paths
from awsenv.dialects.sh import fail, raw_line, success, translate_fix, unset
from awsenv.dialects.sh import quote as quote_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.integration.script_copy import Basis

__all__ = [
    "DEMO_OPTIONS",
    "DEMO_PROMPT",
    "PROGRAMS",
    "assign",
    "demo_command",
    "demo_step",
    "export",
    "fail",
    "guarded",
    "header",
    "print_stderr",
    "quote",
    "raw_line",
    "rc_line",
    "rc_path",
    "success",
    "translate_fix",
    "unset",
]

PROGRAMS = ("bash",)
DEMO_PROMPT = "PS1='demo $ '"
DEMO_OPTIONS = ("-c",)


def quote(value: str) -> str:
    """Always quoted: zsh would expand a bare `=ls`, and both a bare `~`.

    With control characters the ANSI-C form keeps the statement on one line. Its octal escapes have three digits,
    so that a digit that follows is never taken for part of one.
    """
    if "\0" in value or not any(character < " " or character == "\x7f" for character in value):
        return quote_plain(value)
    written = []
    for byte in value.encode("utf-8", "surrogateescape"):
        if byte in b"'\\":
            written.append("\\" + chr(byte))
        elif 0x20 <= byte < 0x7F:
            written.append(chr(byte))
        else:
            written.append(f"\\{byte:03o}")
    return "$'" + "".join(written) + "'"


def export(name: str, value: str) -> str:
    """Exports also from inside a function."""
    return f"export {name}={quote(value)};"


def print_stderr(text: str) -> str:
    """Show the text, of any number of lines, on stderr. Unescaped and readable: it is help, not data."""
    return f"printf '%s\\n' {quote_plain(text)} >&2;"


def header(version: str) -> str:
    """`eval $(awsenv init bash)`, without quotes, joins the lines; then this one is a syntax error."""
    return f": {quote(version)}; {{\n:\n}}"


def assign(name: str, value: str) -> str:
    """Not exported."""
    return f"{name}={quote(value)};"


def rc_path(environ: Mapping[str, str]) -> str:
    """~/.bashrc; on macOS, whose terminals start login shells, what those read (Bash Reference Manual, 6.2)."""
    home = paths.home(environ)
    if sys.platform != "darwin":
        return os.path.join(home, ".bashrc")
    # of the three a login shell reads one: a new ~/.bash_profile would hide an old ~/.profile
    candidates = [os.path.join(home, name) for name in (".bash_profile", ".bash_login", ".profile")]
    return next((path for path in candidates if os.path.exists(path)), candidates[0])


def rc_line(program: str, copy: str | None, shell: str = "bash") -> str:
    """See `awsenv.dialects.Dialect`; zsh's is the same but for the name of the shell."""
    own = quote(program)
    reprint = f'if command -v {own} >/dev/null 2>&1; then eval "$({own} init {shell}{" --store" if copy else ""})"; fi'
    return f"[ -r {quote(copy)} ] && . {quote(copy)} || {reprint}" if copy else reprint


def guarded(script: str, basis: Basis) -> str:
    """The tests of files are the shell's own. Neither has to be newer: an older version may be installed again."""
    program, copy = quote(basis.program), quote(basis.copy)
    same = [f"{program} -ef {quote(basis.real_program)} && ! {program} -nt {copy} && ! {program} -ot {copy}"]
    settings, stamp = quote(basis.settings), quote(basis.settings_stamp)
    if basis.has_settings:
        same.append(f"-e {settings} && ! {settings} -nt {stamp} && ! {settings} -ot {stamp}")
    else:
        same.append(f"! -e {settings}")
    for name, value in basis.variables.items():
        same.append(f"-z ${{{name}+x}}" if value is None else f"${{{name}-}} == {quote(value)} && -n ${{{name}+x}}")
    return f"[[ {' && '.join(same)} ]] || return 1\n{script}:\n"


def demo_command(program: str, rc_path: str, load: str) -> list[str]:
    """The command names the file to read: on macOS it is not the one of an interactive shell."""
    del load
    return [program, "--rcfile", rc_path, "-i"]


def demo_step(title: str, line: str, code: int) -> str:
    """The title, the line, and an exit unless its status is that code."""
    return f"echo {quote(title)}\n{line}\n[ $? -eq {code} ] || exit 1"
