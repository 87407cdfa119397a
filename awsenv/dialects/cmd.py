"""cmd: lines `NAME=VALUE`, `NAME=` to unset, for `for /f "delims=" %i in ('…') do @set "%i"`. Data, never code."""

from awsenv.dialects import Dialect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DIALECT", "Cmd"]


class Cmd(Dialect):
    """The dialect of the raw line; for the integration scripts see `awsenv_cmd` and `awsenv_data`."""

    def quote(self, value: str) -> str:
        """Return the value itself; ValueError if `for /f` and `set "NAME=VALUE"` would change it."""
        if not value:
            raise ValueError("is empty, which in cmd means: not set")
        for character in value:
            if not " " <= character <= "~":
                raise ValueError(f"contains {character!a}, which cmd cannot take from a program unchanged")
            if character in '"!':
                raise ValueError(f"contains {character}, which cmd would change (quotes, delayed expansion)")
        if len(value) > 8000:
            raise ValueError("is longer than the 8,191 characters that a line of cmd can have")
        return value

    def export(self, name: str, value: str) -> str:
        """`set` takes everything after the first `=`."""
        return f"{name}={self.quote(value)}"

    def unset(self, name: str) -> str:
        """In cmd a variable cannot be empty."""
        return f"{name}="

    def success(self) -> str:
        """`for /f` has no status."""
        return ""

    def fail(self, code: int) -> str:
        """`for /f` has no status: no line, no change."""
        return ""

    def print_stderr(self, text: str) -> str:
        """Nothing, as `set "%i"` cannot print."""
        return ""

    def raw_line(self, args: "Sequence[str]") -> str:
        """As typed at the prompt; in a script each % is doubled. Double quotes themselves cannot be quoted."""
        from awsenv.dialects import lines

        typed = lines.typed(args, lambda arg: f'"{arg}"')
        return f'for /f "delims=" %i in (\'{typed}\') do @set "%i"'

    def translate_fix(self, fix: str) -> str:
        """By `set`, and with double quotes."""
        from awsenv.dialects import lines

        fix = lines.UNSET.sub(lambda found: " & ".join(f'set "{name}="' for name in found[1].split()), fix)
        return lines.QUOTED.sub(r'"\1"', lines.EXPORT.sub(r'set "\1=\2"', fix))

    def own_shell(self, name: str) -> str:
        return "%ComSpec%"


DIALECT = Cmd()
