"""cmd.exe: lines `NAME=VALUE`, `NAME=` to unset, for `for /f "delims=" %i in ('…') do @set "%i"`. Data, never code."""

from __future__ import annotations

__all__ = ["done", "export", "fail", "quote", "say", "unset"]


def quote(value: str) -> str:
    """The value as it is; ValueError for what does not come through `for /f` and `set "NAME=VALUE"` unchanged."""
    if not value:
        raise ValueError("is empty, which in cmd means: not set")
    for character in value:
        if not " " <= character <= "~":
            raise ValueError(f"contains {character!a}, which cmd cannot take from a program unchanged")
        if character in '"!':
            raise ValueError(f"contains {character}, which cmd would not keep (quotes, delayed expansion)")
    if len(value) > 8000:
        raise ValueError("is longer than the 8,191 characters that a line of cmd can have")
    return value


def export(name: str, value: str) -> str:
    """`set` takes everything after the first `=`."""
    return f"{name}={quote(value)}"


def unset(name: str) -> str:
    """In cmd an empty value is no variable."""
    return f"{name}="


def done() -> str:
    """`for /f` has no status."""
    return ""


def fail(code: int) -> str:
    """`for /f` has no status: no line, no change. `awsenv.cmd` learns the code by itself."""
    del code
    return ""


def say(text: str) -> str:
    """Nothing that `set "%i"` is given can show a text."""
    del text
    return ""
