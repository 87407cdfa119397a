r"""fish 3.1 and later: inside single quotes only `\\` and `\'` are escapes (fish documentation, "Quotes")."""

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

    can_refuse = True
    PROGRAMS = ("fish",)
    DEMO_PROMPT = "function fish_prompt; echo -n 'demo > '; end\nset -g fish_greeting"
    DEMO_FUNCTION = "function {name}; {line}; end"

    def quote(self, value: str) -> str:
        r"""Single quotes; outside them control characters as `\x0a`, and bytes that are not UTF-8 as `\Xff`."""
        if "\0" in value:
            raise ValueError("contains a NUL byte, which no environment variable can hold")
        written = []
        for character in value:
            if character in "\\'":
                written.append("\\" + character)
            elif character < " " or character == "\x7f":
                written.append(f"'\\x{ord(character):02x}'")
            elif "\udc80" <= character <= "\udcff":  # surrogateescape
                written.append(f"'\\X{ord(character) - 0xDC00:02x}'")
            else:
                written.append(character)
        return "'" + "".join(written) + "'"

    def export(self, name: str, value: str) -> str:
        """Global: without `-g` a local variable ends with its function, and a universal one is overwritten on disk."""
        return f"set -gx {name} {self.quote(value)};"

    def unset(self, name: str) -> str:
        """Global: without `-g` a universal variable of that name is deleted in every session."""
        return f"set -eg {name};"

    def unset_universal(self, name: str) -> str:
        """Return the statement of `clear --persist` that removes a variable from all current and future sessions."""
        return f"set -eU {name};"

    def commit(
        self, change: "Change", statements: "Sequence[str]", after: "Sequence[str]", *, whole: bool
    ) -> "Sequence[str]":
        """Begin with erasing the callers' local variables of these names, which hide the global ones.

        (`NAME=VALUE command` makes local ones, too.) A whole change is not begun if a universal variable would remain.
        Verify at the end, as event handlers may undo the change. (`set` does not change $status.)
        """
        names = " ".join(change)
        erase = f"for __awsenv_name in {names}; while set -ql $__awsenv_name; and set -e $__awsenv_name; end; end;"
        compare = (
            f'test "${name}" = {self.quote(value)}; or set -a __awsenv_remaining {name};'
            for name, value in change.items()
            if value is not None
        )
        verify = " ".join([_collect_remaining(change, "-qx"), *compare, _report_remaining()])
        end = "end;"
        if whole:
            erase = f"{_collect_remaining(change, '-qUx')} {_report_remaining()} and begin; {erase}"
            end = "end; end;"
        return [erase, *statements, " ".join([verify, "and begin;", *after, end])]

    def success(self) -> str:
        """`set` does not change $status, so an earlier failure would look like ours."""
        return "true;"

    def fail(self, code: int) -> str:
        """Status 1, as sourced code cannot set another one in fish 3.1 (`return` outside a function is an error)."""
        return "false;"

    def print_stderr(self, text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace("'", "\\'")
        return f"builtin printf '%s\\n' '{escaped}' >&2; or true;"

    def raw_line(self, args: "Sequence[str]") -> str:
        """Not by `eval`, which would join the lines."""
        from awsenv.dialects import lines

        return f"{lines.typed(args, self.quote)} | source"

    def translate_fix(self, fix: str) -> str:
        """By `set -e` and `set -gx`."""
        from awsenv.dialects import lines

        fix = lines.UNSET.sub(r"set -e\1", fix)
        return lines.EXPORT.sub(r"set -gx \1 \2", fix)

    def assign(self, name: str, value: str) -> str:
        return f"set -g {name} {self.quote(value)};"

    def alias(self, name: str) -> str:
        """A function that fish completes like the command it wraps."""
        return (
            f"function {name} --wraps 'awsenv assume' --description 'awsenv assume'\n    awsenv assume $argv\nend\n"
            f"set -g __awsenv_alias {name}\n"
        )

    def rc_path(self, environ: "Mapping[str, str]") -> str:
        """config.fish (fish documentation, "Configuration files")."""
        config = environ.get("XDG_CONFIG_HOME") or os.path.join(paths.home(environ), ".config")
        return os.path.join(config, "fish", "config.fish")

    def rc_line(self, program: str, copy: str | None) -> str:
        quoted = self.quote(program)
        load = f"if command -sq {quoted}; {quoted} init fish{' --store' if copy else ''} | source; end"
        return f"test -r {self.quote(copy)}; and source {self.quote(copy)}; or {load}" if copy else load

    def guarded(self, script: str, basis: "Basis") -> str:
        """By `path`, which needs fish 3.6; an older fish always has the program print the script."""
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


def _collect_remaining(change: "Change", query: str) -> str:
    """Collect the variables to be unset for which `set QUERY` succeeds."""
    unset = " ".join(name for name, value in change.items() if value is None)
    return (
        f"set -l __awsenv_remaining; for __awsenv_name in {unset}; "
        f"set {query} $__awsenv_name; and set -a __awsenv_remaining $__awsenv_name; end;"
    )


def _report_remaining() -> str:
    """Report each of them, and fail if there are any."""
    universal = messages.UNIVERSAL.format(name="$__awsenv_name")
    refused = MIXED.format(names="$__awsenv_name")
    return (
        f'for __awsenv_name in $__awsenv_remaining; set -qU $__awsenv_name; and echo "awsenv: {universal}" >&2; '
        f'or echo "awsenv: {refused}" >&2; end; set -e __awsenv_name; not set -q __awsenv_remaining[1];'
    )


DIALECT = Fish()
