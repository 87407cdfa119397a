"""cmd.exe: lines `NAME=VALUE`, `NAME=` to unset, for `for /f "delims=" %i in ('…') do @set "%i"`. Data, never code."""

from __future__ import annotations

from awsenv.dialects import typed_words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["export", "fail", "print_stderr", "quote", "raw_line", "success", "translate_fix", "unset"]


def quote(value: str) -> str:
    """The value unchanged; ValueError for what does not come through `for /f` and `set "NAME=VALUE"` unchanged."""
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


def export(name: str, value: str) -> str:
    """`set` takes everything after the first `=`."""
    return f"{name}={quote(value)}"


def unset(name: str) -> str:
    """In cmd a variable cannot be empty."""
    return f"{name}="


def success() -> str:
    """`for /f` has no status."""
    return ""


def fail(code: int) -> str:
    """`for /f` has no status: no line, no change. `awsenv.cmd` learns the code by itself."""
    del code
    return ""


def print_stderr(text: str) -> str:
    """Nothing that `set "%i"` is given can show a text."""
    del text
    return ""


def raw_line(words: Sequence[str]) -> str:
    """As typed at the prompt; in a script each % is doubled."""
    return f'for /f "delims=" %i in (\'{typed_words(words, _in_double_quotes)}\') do @set "%i"'


def _in_double_quotes(word: str) -> str:
    """The shell has these alone, and no way to have one inside."""
    return f'"{word}"'


def translate_fix(fix: str) -> str:
    """`set` for both, and double quotes."""
    from awsenv.dialects import fixes

    fix = fixes.UNSET.sub(lambda found: " & ".join(f'set "{name}="' for name in found[1].split()), fix)
    return fixes.QUOTED.sub(r'"\1"', fixes.EXPORT.sub(r'set "\1=\2"', fix))
