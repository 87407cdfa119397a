"""bash 3.2 and later (Bash Reference Manual, 3.1.2.4 ANSI-C Quoting)."""

from __future__ import annotations

import os
import sys

from awsenv.aws import paths
from awsenv.dialects import typed_words
from awsenv.environment import REFUSED, REMAINS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    "posix_quote",
    "print_stderr",
    "quote",
    "raw_line",
    "rc_line",
    "rc_path",
    "success",
    "translate_fix",
    "unset",
    "verified",
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
        return posix_quote(value)
    written = []
    for byte in value.encode("utf-8", "surrogateescape"):
        if byte in b"'\\":
            written.append("\\" + chr(byte))
        elif 0x20 <= byte < 0x7F:
            written.append(chr(byte))
        else:
            written.append(f"\\{byte:03o}")
    return "$'" + "".join(written) + "'"


def posix_quote(value: str) -> str:
    """Single quotes, in which only the quote itself is special."""
    if "\0" in value:
        raise ValueError("contains a NUL byte, which no environment variable can hold")
    return "'" + value.replace("'", "'\\''") + "'"


def export(name: str, value: str) -> str:
    """A statement for `verified`."""
    return f'"$1" {name} {quote(value)} &&'


def unset(name: str) -> str:
    """A statement for `verified`."""
    return f'"$1" {name} &&'


#: What is before the statements, between them and those of the state, and after these. BUILTIN, COMMAND: what goes
#: before a name so that neither an alias nor a function counts. `look` notes a variable that is not as it should be,
#: `try` finds out in a subshell whether the shell lets go of it (dash and zsh stop at a readonly one), `may` does both,
#: `drop` and `put` make the change: an unset takes attributes away, and uncovers what a local variable of bash hides.
#: Closing stderr hides the shell's own message, also in rbash, which cannot redirect it.
_BEFORE = r"""
__awsenv_note() { __awsenv_stays="${__awsenv_stays} $1"; };
__awsenv_look() { BUILTIN eval "case \${#}\${$1+x}\${$1-} in 1 | \"2x\${2-}\") ;; *) __awsenv_note $1;; esac"; };
__awsenv_try() { TRY BUILTIN unset "$1" || BUILTIN exit 1; };
__awsenv_may() { (__awsenv_try "$1") 2>&- || __awsenv_look "$@"; };
__awsenv_drop() { BUILTIN unset "$1" && BUILTIN eval "case \${#}\${$1+x} in [1-8]x) __awsenv_drop $1 \"\$@\";; esac"; };
__awsenv_put() { if case ${__awsenv_free} in '') (__awsenv_try "$1") 2>&-;; esac; then PUT __awsenv_drop "$1";
case ${#} in 2) BUILTIN export "$1=$2";; esac; __awsenv_look "$@";
else __awsenv_look "$@"; case ${#}${__awsenv_stays} in 2) BUILTIN export "$1";; esac; fi; };
__awsenv_each() { EACH
"""
_BETWEEN = r"""
BUILTIN :; };
__awsenv_free=1; __awsenv_stays='';
(__awsenv_each __awsenv_try) 2>&- || { __awsenv_free=''; WHOLE};
case ${__awsenv_stays} in '') __awsenv_each __awsenv_put;; esac;
case ${__awsenv_stays} in '')
"""
_AFTER = r"""
;; *) COMMAND printf 'awsenv: %s\n' "REFUSED" >&2;; esac;
BUILTIN unset -f __awsenv_note __awsenv_look __awsenv_try __awsenv_may __awsenv_drop __awsenv_put __awsenv_each;
case ${__awsenv_stays} in '') BUILTIN unset __awsenv_free __awsenv_stays;;
*) BUILTIN unset __awsenv_free __awsenv_stays; (BUILTIN exit 1);; esac;
"""


def verified(
    statements: Sequence[str],
    state: Sequence[str],
    *,
    whole: bool,
    builtin: str = "\\builtin ",
    command: str = "\\builtin ",
    before_try: str = "",
    before_put: str = '{ \\builtin unset -n "$1" || \\builtin :; } 2>&-;',
    before_each: str = "",
) -> list[str]:
    """See `awsenv.dialects.Dialect`.

    Args:
        statements: of `export` and `unset`.
        state: statements for after a change that was made.
        whole: whether nothing is changed if anything cannot be.
        builtin: what goes before the name of a special builtin, so that neither an alias nor a function counts.
        command: the same for the other ones.
        before_try: what `try` does first.
        before_put: what `put` does first: in bash 4.3 and later the name is freed of the variable that it refers to.
        before_each: what is done before the statements.
    """
    marks = {
        "BUILTIN ": builtin,
        "COMMAND ": command,
        "TRY ": before_try,
        "PUT": before_put,
        "EACH": before_each,
        "WHOLE": "__awsenv_each __awsenv_may; " if whole else "",
        "REFUSED": (REFUSED if whole else REMAINS).format(names="${__awsenv_stays# }"),
    }
    lines: list[str] = []
    for template, following in ((_BEFORE, statements), (_BETWEEN, state), (_AFTER, ())):
        text = template
        for mark, written in marks.items():
            text = text.replace(mark, written)
        lines += [*text.strip().split("\n"), *following]
    return lines


def success() -> str:
    """`:` so that the status is 0."""
    return ":;"


def fail(code: int) -> str:
    """A subshell's exit: `eval` of nothing would be a success."""
    return f"(exit {code});"


def raw_line(words: Sequence[str]) -> str:
    """`eval` in quotes: without them the lines would be joined."""
    return f'eval "$({typed_words(words, posix_quote)})"'


def translate_fix(fix: str) -> str:
    """Fixes are written in this syntax."""
    return fix


def print_stderr(text: str) -> str:
    """Show the text, of any number of lines, on stderr. Unescaped and readable: it is help, not data."""
    return f"printf '%s\\n' {posix_quote(text)} >&2;"


def header(version: str) -> str:
    """`eval $(awsenv init bash)`, without quotes, joins the lines; then this one is a syntax error."""
    return f": {quote(version)}; {{\n:\n}}"


def assign(name: str, value: str) -> str:
    """Not exported."""
    return f"{name}={quote(value)};"


_ALIAS = """\
\\unalias NAME 2>&- || :
function NAME { awsenv assume "$@"; }
__awsenv_alias=NAME
__awsenv_complete_alias() {
  local rest="${COMP_LINE#*"$1"}"
  local COMP_POINT=$((COMP_POINT - ${#COMP_LINE} + ${#rest} + 13)) COMP_LINE="awsenv assume${rest}"
  __awsenv_complete awsenv "${2-}" "${3-}"
}
complete -F __awsenv_complete_alias NAME 2>&- || :
"""


def alias(name: str) -> str:
    """A function, as an alias is not expanded in every shell. For completion the line is that of awsenv."""
    return _ALIAS.replace("NAME", name)


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
