r"""fish 3.1 and later: inside single quotes only `\\` and `\'` are escapes (fish documentation, "Quotes")."""

from __future__ import annotations

import os

from awsenv.aws import paths
from awsenv.dialects import Hooked
from awsenv.environment import MIXED, messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsenv.dialects.basis import Basis
    from awsenv.environment import Change

__all__ = ["DIALECT", "Fish"]


class Fish(Hooked):
    """fish."""

    PROGRAMS = ("fish",)
    DEMO_PROMPT = "function fish_prompt; echo -n 'demo > '; end\nset -g fish_greeting"
    DEMO_FUNCTION = "function {name}; {line}; end"

    def quote(self, value: str) -> str:
        r"""Single quotes; control characters are outside them, as `\x0a`, bytes that are not UTF-8 as `\Xff`."""
        if "\0" in value:
            raise ValueError("contains a NUL byte, which no environment variable can hold")
        written = []
        for character in value:
            if character in "\\'":
                written.append("\\" + character)
            elif character < " " or character == "\x7f":
                written.append(f"'\\x{ord(character):02x}'")
            elif "\udc80" <= character <= "\udcff":  # how Python holds a byte that it could not decode
                written.append(f"'\\X{ord(character) - 0xDC00:02x}'")
            else:
                written.append(character)
        return "'" + "".join(written) + "'"

    def export(self, name: str, value: str) -> str:
        """`-g`: without it a function's variable dies with the function, and a universal one is overwritten on disk."""
        return f"set -gx {name} {self.quote(value)};"

    def unset(self, name: str) -> str:
        """`-g`: without it a universal variable of that name is deleted in every session.

        Nothing can hide one from the programs of this session alone: see `around` and `success`.
        """
        return f"set -eg {name};"

    def unset_universal(self, name: str) -> str:
        """What `clear --persist` does: gone in every session, and in those to come."""
        return f"set -eU {name};"

    def made(self, change: Change, statements: Sequence[str], state: Sequence[str], *, whole: bool) -> Sequence[str]:
        """The caller's own variables of these names go first, those of `NAME=VALUE command` among them: they would hide
        the global ones. A change that has to be whole is not begun where a universal variable would stay. Event
        handlers may undo it. (`set` leaves $status unchanged.)
        """
        names = " ".join(change)
        own = f"for __awsenv_name in {names}; while set -ql $__awsenv_name; and set -e $__awsenv_name; end; end;"
        looks = (
            f'test "${name}" = {self.quote(value)}; or set -a __awsenv_stays {name};'
            for name, value in change.items()
            if value is not None
        )
        look = " ".join([_those_that_stay(change, "-qx"), *looks, _name_them()])
        if whole:
            own, look = f"{_those_that_stay(change, '-qUx')} {_name_them()} and begin; {own}", f"{look} end;"
        return [own, *statements, *state, look]

    def success(self) -> str:
        """`set` leaves $status unchanged: without this an older failure would look like ours."""
        return "true;"

    def fail(self, code: int) -> str:
        """Status 1: in fish 3.1 nothing sourced can set another one (outside a function `return` is an error)."""
        return "false;"

    def print_stderr(self, text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace("'", "\\'")
        return f"printf '%s\\n' '{escaped}' >&2;"

    def raw_line(self, words: Sequence[str]) -> str:
        """`eval` would join the lines."""
        from awsenv.dialects import lines

        return f"{lines.typed(words, self.quote)} | source"

    def translate_fix(self, fix: str) -> str:
        """`set -e` for `unset`, `set -gx` for `export`."""
        from awsenv.dialects import lines

        fix = lines.UNSET.sub(r"set -e\1", fix)
        return lines.EXPORT.sub(r"set -gx \1 \2", fix)

    def assign(self, name: str, value: str) -> str:
        """Not exported."""
        return f"set -g {name} {self.quote(value)};"

    def alias(self, name: str) -> str:
        """Fish completes it as what it wraps."""
        return (
            f"function {name} --wraps 'awsenv assume' --description 'awsenv assume'\n    awsenv assume $argv\nend\n"
            f"set -g __awsenv_alias {name}\n"
        )

    def rc_path(self, environ: Mapping[str, str]) -> str:
        """config.fish (fish documentation, "Configuration files")."""
        config = environ.get("XDG_CONFIG_HOME") or os.path.join(paths.home(environ), ".config")
        return os.path.join(config, "fish", "config.fish")

    def rc_line(self, program: str, copy: str | None) -> str:
        own = self.quote(program)
        reprint = f"if command -sq {own}; {own} init fish{' --store' if copy else ''} | source; end"
        return f"test -r {self.quote(copy)}; and source {self.quote(copy)}; or {reprint}" if copy else reprint

    def guarded(self, script: str, basis: Basis) -> str:
        """By `path`, which fish has from 3.6 on; before that each shell has the program print the script."""
        settings = [] if basis.settings_seconds is None else [str(basis.settings_seconds)]
        variables = [f"{name}={value}" for name, value in basis.variables.items() if value is not None]
        expected = "|".join([basis.real_program, str(basis.program_seconds), *settings, *variables])
        program = self.quote(basis.program)
        now = (
            f"begin; path resolve {program}; path mtime {program} {self.quote(basis.settings)}; "
            f"for name in {' '.join(basis.variables)}; set -q $name; and echo $name=$$name; end; end"
        )
        return (
            "not string match -qr '^3\\.[1-5]\\.' -- $version\n"
            f"and test ({now} | string join '|') = {self.quote(expected)}\n"
            f"and begin\n{script}true\nend\n"
        )

    def demo_step(self, title: str, line: str, code: int) -> str:
        return f"echo {self.quote(title)}\n{line}\ntest $status -eq {code}; or exit 1"

    def own_shell(self, name: str) -> str:
        return "fish"


def _those_that_stay(change: Change, query: str) -> str:
    """Collect the variables to be unset of which `set` says so."""
    unset = " ".join(name for name, value in change.items() if value is None)
    return (
        f"set -l __awsenv_stays; for __awsenv_name in {unset}; "
        f"set {query} $__awsenv_name; and set -a __awsenv_stays $__awsenv_name; end;"
    )


def _name_them() -> str:
    """Name each of them, and fail if there are any."""
    universal, refused = (
        text.format(name="$__awsenv_name", names="$__awsenv_name") for text in (messages.UNIVERSAL, MIXED)
    )
    return (
        f'for __awsenv_name in $__awsenv_stays; set -qU $__awsenv_name; and echo "awsenv: {universal}" >&2; '
        f'or echo "awsenv: {refused}" >&2; end; set -e __awsenv_name; not set -q __awsenv_stays[1];'
    )


DIALECT = Fish()
