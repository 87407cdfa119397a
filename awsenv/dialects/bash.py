"""bash 3.2 and later (Bash Reference Manual, 3.1.2.4 ANSI-C Quoting), and what zsh and sh share with it."""

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
    """Quote in single quotes, in which only the quote itself is special."""
    if "\0" in value:
        raise ValueError("contains a NUL byte, which no environment variable can hold")
    return "'" + value.replace("'", "'\\''") + "'"


class Posix(Dialect):
    """What bash, zsh and sh have in common."""

    can_refuse = True
    #: The prefixes of special builtins and of others, which bypass aliases and functions.
    BUILTIN = COMMAND = "\\builtin "
    #: The command that unsets variables in `commit`, and what removes it.
    UNSET, CLEANUP = "\\unset", ""
    #: Whether a function can remove itself while it runs, so that nothing can show its secrets.
    CAN_REMOVE_ITSELF = True

    def export(self, name: str, value: str) -> str:
        return f"{self.BUILTIN}export {name}={self.quote(value)};"

    def unset(self, name: str) -> str:
        return f"{self.BUILTIN}unset {name};"

    def success(self) -> str:
        """`:` sets the status to 0."""
        return ":;"

    def fail(self, code: int) -> str:
        """Return an exit in a subshell: `eval` of an empty text would succeed."""
        return f"(exit {code});"

    def raw_line(self, args: "Sequence[str]") -> str:
        """`eval` with quotes, without which it would join the lines."""
        from awsenv.dialects import lines

        return f'eval "$({lines.typed(args, posix_quote)})"'

    def translate_fix(self, fix: str) -> str:
        """Fixes are written in this syntax."""
        return fix

    def print_stderr(self, text: str) -> str:
        """Not escaped, as the text is for users."""
        return f"{self.COMMAND}printf '%s\\n' {posix_quote(text)} >&2 || :;"

    def commit(
        self, change: "Change", statements: "Sequence[str]", after: "Sequence[str]", *, whole: bool
    ) -> "Sequence[str]":
        """A function with the variables as positional parameters; if it fails, `$#` is 0 at its end.

        Unset is tried in a subshell first, as some shells exit at a readonly variable. `2>&-` hides their messages,
        also in rbash, which allows no other redirection.
        """
        builtin, command, unset = self.BUILTIN, self.COMMAND, self.UNSET
        names, exports = self.names_and_exports(change, whole=whole)
        failing = f'for __awsenv in "$@"; do ({unset} "$__awsenv") 2>&- || {command}printf \' %s\' "$__awsenv"; done'
        report = f'else {command}printf {self.report_format(whole=whole)} "$({failing})" >&2;'
        body = [f'if ({unset} "$@") 2>&-; then {unset} "$@";']
        if whole:
            body += [*exports, self.verified(change, after, f"{builtin}set --"), f"{report} {builtin}set --; fi;"]
        else:
            each = f'({unset} "$1") 2>&- && {unset} "$1"; {builtin}shift || {builtin}set --'
            body += [*after, report, f'while {command}[ "$#" -gt 0 ]; do {each}; done; fi;', *exports]
        remove, end = f"{builtin}unset -f __awsenv;", f'{self.CLEANUP}{command}[ "$#" -gt 0 ]; }};'
        if self.CAN_REMOVE_ITSELF:
            return [f"__awsenv() {{ {remove}", *names, *body, f"{end} __awsenv;"]
        return ["__awsenv() {", *names, *body, f"{end} if __awsenv; then {remove} else {remove} (exit 1); fi;"]

    def names_and_exports(self, change: "Change", *, whole: bool) -> tuple[list[str], list[str]]:
        """Return the statements that set the positional parameters to the names of a change, and those that export.

        Variables to be unset come first. If the change is not whole, only what could be unset is exported. A readonly
        region, as some hosts set it, does not hinder a profile of the same region.
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

    def verified(self, change: "Change", after: "Sequence[str]", on_failure: str) -> str:
        """Return the statement that runs those `after` the change if the first export was made, and fails otherwise.

        `set -k` or a disabled builtin prevents all exports. A disabled `return` cannot turn that into a success.
        """
        for name, value in change.items():
            if value is not None and name not in SECRETS:
                text = posix_quote("awsenv: " + MIXED.format(names=name) + "\\n")
                is_right = f'{self.COMMAND}[ "${{{name}-}}" = {self.quote(value)} ]'
                failed = f"else {self.COMMAND}printf {text} >&2; {on_failure}; fi;"
                return " ".join([f"if {is_right}; then", *(after or [f"{self.BUILTIN}:;"]), failed])
        return "\n".join(after)

    def report_format(self, *, whole: bool) -> str:
        """Return the format for printf that reports the variables that cannot be changed."""
        return posix_quote("awsenv:" + (REFUSED if whole else REMAINS).format(names="%s") + "\\n")


class BashLike(Posix, Hooked):
    """What bash and zsh have in common."""

    def quote(self, value: str) -> str:
        """Always in quotes: both expand a bare `~`, and zsh a bare `=ls`.

        Control characters need the ANSI-C form, to keep the statement on one line. Octal escapes have three digits, so
        a digit after one never becomes part of it.
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
        """Not a comment, but a syntax error if `eval $(awsenv init bash)`, without quotes, joins the lines."""
        return f": {self.quote(version)}; {{\n:\n}}"

    def assign(self, name: str, value: str) -> str:
        return f"{name}={self.quote(value)};"

    def rc_line(self, program: str, copy: str | None) -> str:
        quoted = self.quote(program)
        init = f"{quoted} init {self.PROGRAMS[0]}{' --store' if copy else ''}"
        load = f'if command -v {quoted} >/dev/null 2>&1; then eval "$({init})"; fi'
        return f"[ -r {self.quote(copy)} ] && . {self.quote(copy)} || {load}" if copy else load

    def guarded(self, script: str, basis: "Basis") -> str:
        """By the shell's own file tests, for equal times: an older version may be installed again."""
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


#: Unset variables, and again what a local variable has hidden. First `unset -n` (4.3), which turns a nameref into a
#: plain name. The loop is a condition only, which ends also where `return` or `shift` is disabled.
_DROP = (
    r'__awsenv_drop() { { \builtin unset -n "$@" || :; } 2>&-; while [[ $# -gt 0 ]] && \builtin unset "$1" &&',
    r"{ [[ -n ${!1+x} ]] || \builtin shift; }; do [[ 1 ]]; done; [[ $# -eq 0 ]]; };",
)

_ALIAS = """\
\\unalias NAME 2>&- || :
function NAME { awsenv assume "$@"; }
__awsenv_alias=NAME
__awsenv_complete_alias() {
  builtin local rest="${COMP_LINE#*"$1"}"
  builtin local COMP_POINT=$((COMP_POINT - ${#COMP_LINE} + ${#rest} + 13)) COMP_LINE="awsenv assume${rest}"
  __awsenv_complete awsenv "${2-}" "${3-}"
}
complete -F __awsenv_complete_alias NAME 2>&- || :
"""

#: A login shell reads the first of these that exists (Bash Reference Manual, 6.2).
_LOGIN_FILES = (".bash_profile", ".bash_login", ".profile")


def _login_file(environ: "Mapping[str, str]") -> str:
    """Return the file that a login shell reads. (A new ~/.bash_profile would hide an existing ~/.profile.)"""
    candidates = [os.path.join(paths.home(environ), name) for name in _LOGIN_FILES]
    return next((path for path in candidates if os.path.exists(path)), candidates[0])


class Bash(BashLike):
    """bash itself."""

    UNSET, CLEANUP = "__awsenv_drop", "\\builtin unset -f __awsenv_drop; "
    PROGRAMS = ("bash",)
    DEMO_PROMPT = "PS1='demo $ '"

    def commit(
        self, change: "Change", statements: "Sequence[str]", after: "Sequence[str]", *, whole: bool
    ) -> "Sequence[str]":
        return [*_DROP, *super().commit(change, statements, after, whole=whole)]

    def alias(self, name: str) -> str:
        """A function, as scripts expand no aliases. It is completed as a line of `awsenv assume`."""
        return _ALIAS.replace("NAME", name)

    def rc_path(self, environ: "Mapping[str, str]") -> str:
        """~/.bashrc; on macOS, where terminals start login shells, the file that those read."""
        return _login_file(environ) if sys.platform == "darwin" else os.path.join(paths.home(environ), ".bashrc")

    def rc_paths(self, environ: "Mapping[str, str]") -> list[str]:
        return [os.path.join(paths.home(environ), name) for name in (".bashrc", *_LOGIN_FILES)]

    def login_rc(self, environ: "Mapping[str, str]", line: str) -> tuple[str, str] | None:
        """Return the file that a login shell (ssh, tmux) reads, and the line for it; None if that file reads ~/.bashrc.

        The line does nothing in sh, by which display managers read ~/.profile.
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
        """With the file by name, as on macOS an interactive shell does not read it."""
        return [program, "--rcfile", rc_path, "-i"]


DIALECT = Bash()
