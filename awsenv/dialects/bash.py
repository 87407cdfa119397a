"""bash 3.2 and later (Bash Reference Manual, 3.1.2.4 ANSI-C Quoting); and what zsh and sh have in common with it."""

from __future__ import annotations

import os
import sys

from awsenv.aws import paths
from awsenv.dialects import Dialect, Hooked
from awsenv.environment import MIXED, REFUSED, REGIONS, REMAINS, SECRETS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsenv.dialects.basis import Basis
    from awsenv.environment import Change

__all__ = ["DIALECT", "Bash", "BashLike", "Posix", "posix_quote"]


def posix_quote(value: str) -> str:
    """Single quotes, in which only the quote itself is special."""
    if "\0" in value:
        raise ValueError("contains a NUL byte, which no environment variable can hold")
    return "'" + value.replace("'", "'\\''") + "'"


class Posix(Dialect):
    """What bash, zsh and sh have in common."""

    #: What stands before the name of a special builtin, and of another one, so that no alias and no function counts.
    BUILTIN = COMMAND = "\\builtin "

    def export(self, name: str, value: str) -> str:
        return f"{self.BUILTIN}export {name}={self.quote(value)};"

    def unset(self, name: str) -> str:
        return f"{self.BUILTIN}unset {name};"

    def success(self) -> str:
        """`:` so that the status is 0."""
        return ":;"

    def fail(self, code: int) -> str:
        """A subshell's exit: `eval` of nothing would be a success."""
        return f"(exit {code});"

    def raw_line(self, words: Sequence[str]) -> str:
        """`eval` in quotes: without them the lines would be joined."""
        from awsenv.dialects import lines

        return f'eval "$({lines.typed(words, posix_quote)})"'

    def translate_fix(self, fix: str) -> str:
        """Fixes are written in this syntax."""
        return fix

    def print_stderr(self, text: str) -> str:
        """Unescaped and readable: it is help, not data."""
        return f"printf '%s\\n' {posix_quote(text)} >&2;"

    def function(
        self, change: Change, state: Sequence[str], *, whole: bool, unset: str, leave: str = "", crashes: bool = False
    ) -> list[str]:
        """A function that makes a change, and removes itself first, so that nothing can show its secrets.

        A subshell tries the unset, as some shells stop at a readonly variable. `2>&-` hides what they say of it, also
        in rbash, which has no other redirection. `$#` is 0 at the end if anything has refused.

        Args:
            change: what is unset first, then what is exported.
            state: statements for after a change that was made.
            whole: whether nothing is changed if anything cannot be.
            unset: the command that unsets variables.
            leave: what the function does last.
            crashes: whether there are shells that crash if it removes itself; then it is removed after it has run.
        """
        builtin, command = self.BUILTIN, self.COMMAND
        names, exports = self.parts(change, whole=whole)
        refusing = f'for __awsenv in "$@"; do ({unset} "$__awsenv") 2>&- || {command}printf \' %s\' "$__awsenv"; done'
        say = f'else {command}printf {self.sentence(whole=whole)} "$({refusing})" >&2;'
        made = [f'if ({unset} "$@") 2>&-; then {unset} "$@";']
        if whole:
            made += [*exports, self.verify(change, f"{builtin}set --"), *state, f"{say} {builtin}set --; fi;"]
        else:
            each = f'({unset} "$1") 2>&- && {unset} "$1"; {builtin}shift'
            made += [*state, say, f'while {command}[ "$#" -gt 0 ]; do {each}; done; fi;', *exports]
        remove, done = f"{builtin}unset -f __awsenv;", f'{leave}{command}[ "$#" -gt 0 ]; }};'
        if crashes:
            return ["__awsenv() {", *names, *made, f"{done} if __awsenv; then {remove} else {remove} (exit 1); fi;"]
        return [f"__awsenv() {{ {remove}", *names, *made, f"{done} __awsenv;"]

    def parts(self, change: Change, *, whole: bool) -> tuple[list[str], list[str]]:
        """The statements that make arguments of the names in a change, those to be unset first; and those that export.

        Where it is not whole, only what could be unset is exported. A host may have made the region readonly: that is
        no obstacle to a profile of that region.
        """
        fixed = REGIONS if whole and change.get("AWSENV_REGION") else ()
        unset_first = sorted((name for name in change if name not in fixed), key=lambda name: change[name] is not None)
        names, exports = [f"{self.BUILTIN}set -- {' '.join(unset_first)};"], []
        for name, value in change.items():
            if value is None:
                continue
            statement = self.export(name, value)
            if name in fixed:
                is_right = f'{self.COMMAND}[ "${{{name}-}}" = {self.quote(value)} ] ||'
                names.append(f'{is_right} {self.BUILTIN}set -- "$@" {name};')
                statement = f"{is_right} {statement} {self.BUILTIN}export {name};"
            elif not whole:
                statement = f'{self.COMMAND}[ -n "${{{name}+x}}" ] || {statement}'
            exports.append(statement)
        return names, exports

    def verify(self, change: Change, otherwise: str) -> str:
        """The statement that looks at the first export: `set -k`, and a builtin that is disabled, let none be made."""
        for name, value in change.items():
            if value is not None and name not in SECRETS:
                text = posix_quote("awsenv: " + MIXED.format(names=name) + "\\n")
                is_right = f'{self.COMMAND}[ "${{{name}-}}" = {self.quote(value)} ]'
                return f"{is_right} || {{ {self.COMMAND}printf {text} >&2; {otherwise}; }};"
        return ""

    def sentence(self, *, whole: bool) -> str:
        """The format in which the shell says what refuses."""
        return posix_quote("awsenv:" + (REFUSED if whole else REMAINS).format(names="%s") + "\\n")


class BashLike(Posix, Hooked):
    """What bash and zsh have in common."""

    def quote(self, value: str) -> str:
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

    def header(self, version: str) -> str:
        """`eval $(awsenv init bash)`, without quotes, joins the lines; then this one is a syntax error."""
        return f": {self.quote(version)}; {{\n:\n}}"

    def assign(self, name: str, value: str) -> str:
        """Not exported."""
        return f"{name}={self.quote(value)};"

    def rc_line(self, program: str, copy: str | None) -> str:
        own, shell = self.quote(program), self.PROGRAMS[0]
        print_it = f"{own} init {shell}{' --store' if copy else ''}"
        reprint = f'if command -v {own} >/dev/null 2>&1; then eval "$({print_it})"; fi'
        return f"[ -r {self.quote(copy)} ] && . {self.quote(copy)} || {reprint}" if copy else reprint

    def guarded(self, script: str, basis: Basis) -> str:
        """The tests of files are the shell's own. Neither has to be newer: an older version may be installed again."""
        program, copy = self.quote(basis.program), self.quote(basis.copy)
        same = [f"{program} -ef {self.quote(basis.real_program)} && ! {program} -nt {copy} && ! {program} -ot {copy}"]
        settings, stamp = self.quote(basis.settings), self.quote(basis.settings_stamp)
        if basis.settings_seconds is not None:
            same.append(f"-e {settings} && ! {settings} -nt {stamp} && ! {settings} -ot {stamp}")
        else:
            same.append(f"! -e {settings}")
        for name, value in basis.variables.items():
            same.append(
                f"-z ${{{name}+x}}" if value is None else f"${{{name}-}} == {self.quote(value)} && -n ${{{name}+x}}"
            )
        return f"[[ {' && '.join(same)} ]] || return 1\n{script}:\n"

    def demo_step(self, title: str, line: str, code: int) -> str:
        return f"echo {self.quote(title)}\n{line}\n[ $? -eq {code} ] || exit 1"


#: An unset takes attributes away; with `-n` (4.3) that a name refers to another variable. Again where it uncovers a
#: variable that a local one hides.
_DROP = (
    r'__awsenv_drop() { { \builtin unset -n "$@" || :; } 2>&-;',
    r'while [[ $# -gt 0 ]]; do \builtin unset "$1" || \builtin return 1; [[ -n ${!1+x} ]] || \builtin shift; done; };',
)

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

#: Of these a login shell reads the first that is there (Bash Reference Manual, 6.2).
_LOGIN_FILES = (".bash_profile", ".bash_login", ".profile")


def _login_file(environ: Mapping[str, str]) -> str:
    """A new ~/.bash_profile would hide an old ~/.profile, so it is only made where there is none of them."""
    candidates = [os.path.join(paths.home(environ), name) for name in _LOGIN_FILES]
    return next((path for path in candidates if os.path.exists(path)), candidates[0])


class Bash(BashLike):
    """bash itself."""

    PROGRAMS = ("bash",)
    DEMO_PROMPT = "PS1='demo $ '"

    def made(self, change: Change, statements: Sequence[str], state: Sequence[str], *, whole: bool) -> Sequence[str]:
        leave = "\\builtin unset -f __awsenv_drop; "
        return [*_DROP, *self.function(change, state, whole=whole, unset="__awsenv_drop", leave=leave)]

    def alias(self, name: str) -> str:
        """A function, as an alias is not expanded in every shell. For completion the line is that of awsenv."""
        return _ALIAS.replace("NAME", name)

    def rc_path(self, environ: Mapping[str, str]) -> str:
        """~/.bashrc; on macOS, whose terminals start login shells, what those read."""
        return _login_file(environ) if sys.platform == "darwin" else os.path.join(paths.home(environ), ".bashrc")

    def rc_paths(self, environ: Mapping[str, str]) -> list[str]:
        return [os.path.join(paths.home(environ), name) for name in (".bashrc", *_LOGIN_FILES)]

    def login_rc(self, environ: Mapping[str, str], line: str) -> tuple[str, str] | None:
        """The file that a login shell (ssh, tmux) reads instead of ~/.bashrc, and the line for it.

        None if it reads ~/.bashrc in turn. Display managers have ~/.profile read by sh, for which the line is nothing.
        """
        login = _login_file(environ)
        if login == self.rc_path(environ):
            return None
        for path in (login, "/etc/profile"):
            try:
                text = paths.read_regular(path, 1 << 20) or b""
            except OSError:
                continue
            named = (line.partition(b"#")[0].replace(b"/etc/bash.bashrc", b"") for line in text.splitlines())
            if any(b".bashrc" in line for line in named):
                return None
        return login, f'[ -z "${{BASH_VERSION-}}" ] || {{ {line}; }}'

    def demo_command(self, program: str, rc_path: str, load: str) -> list[str]:
        """The command names the file to read: on macOS it is not the one of an interactive shell."""
        return [program, "--rcfile", rc_path, "-i"]


DIALECT = Bash()
