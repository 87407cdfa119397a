"""What a command ends with: an exit code of the contract, a result that the door prints, or one sentence of error."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "EXPIRED",
    "FAILED",
    "GOOD",
    "INTERRUPTED",
    "NEAR_EXPIRY",
    "NOTHING_EXPORTED",
    "UNKNOWN_EXPIRY",
    "USAGE",
    "AwsenvError",
    "Result",
    "printable",
]

GOOD = 0
FAILED = 1
USAGE = 2
NEAR_EXPIRY = 3
EXPIRED = 4
NOTHING_EXPORTED = 5
UNKNOWN_EXPIRY = 6
INTERRUPTED = 130


class Result:
    """What a command hands to the door. (Not a dataclass: importing those costs more than a cached `assume` may.)

    Args:
        out: text for stdout: the data that was asked for.
        encoding: of that text, where stdout is no console.
        change: a change of the shell's environment (`environment.Change`), for the door to write to stdout in the
            shell's dialect.
        whole: whether a value that the shell cannot hold refuses all of the change, or is unset instead.
        note: one line for the person, to stderr, and only if that is a terminal.
        report: text for the person, to stderr, whatever that is.
        after: does what is to be done when the report has been shown, and gives the result of that.
        faults: errors that the command has survived, for --debug.
        code: the exit code; beside a change that is made, the status of the shell that makes it.
    """

    __slots__ = ("after", "change", "code", "encoding", "faults", "note", "out", "report", "whole")

    def __init__(
        self,
        *,
        out: str = "",
        encoding: str = "utf-8",
        change: dict[str, str | None] | None = None,
        whole: bool = True,
        note: str = "",
        report: str = "",
        after: Callable[[], Result] | None = None,
        faults: Sequence[Exception] = (),
        code: int = GOOD,
    ) -> None:
        self.out = out
        self.encoding = encoding
        self.change = change
        self.whole = whole
        self.note = note
        self.report = report
        self.after = after
        self.faults = faults
        self.code = code


class AwsenvError(Exception):
    """What went wrong, written for the person who meets it.

    Args:
        what: one sentence without a full stop: what, which profile or file, and why. Never a secret.
        cure: what to type or do next, without a full stop; may be empty.
        code: the exit code.
    """

    def __init__(self, what: str, cure: str = "", code: int = FAILED) -> None:
        super().__init__(what)
        self.what = what
        self.cure = cure
        self.code = code

    def __str__(self) -> str:
        """The one line that stands on stderr after `awsenv: `."""
        return printable(f"{self.what}; {self.cure}" if self.cure else self.what)


def printable(text: str) -> str:
    """A text from a file or a server as it may appear on a terminal: control characters are written out."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
