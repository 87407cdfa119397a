"""How a command ends: an exit code of the contract, a result that `awsenv.cli` prints, or an error in one sentence."""

from __future__ import annotations

from awsenv import Value

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

# Characters of an error. AWS's longest, with an encoded authorization message, have about two thousand.
_LONGEST = 4000


class Result(Value):
    """The result of a command.

    Args:
        out: text for stdout: the data that was asked for.
        encoding: of that text, where stdout is not a console.
        change: a change of the shell's environment (`environment.Change`), to be written to stdout in the shell's
            dialect.
        whole: whether a value that the shell cannot hold is an error; else it is unset.
        renewable: whether `awsenv refresh` is known to renew what the change exports; else that is looked up.
        note: one line for the user, to stderr if that is a terminal.
        report: text for the user, to stderr in any case.
        after: what to do once the report has been shown; returns the next result.
        faults: errors that did not stop the command, for --debug.
        code: the exit code; beside a change that is made, the status of the shell that makes it.
    """

    out: str = ""
    encoding: str = "utf-8"
    change: dict[str, str | None] | None = None
    whole: bool = True
    renewable: bool = False
    note: str = ""
    report: str = ""
    after: Callable[[], Result] | None = None
    faults: Sequence[Exception] = ()
    code: int = GOOD


class AwsenvError(Exception):
    """What went wrong, written for the user.

    Args:
        what: one sentence without a full stop: what, which profile or file, and why. Never a secret.
        fix: what to type or do next, without a full stop; may be empty.
        code: the exit code.
    """

    def __init__(self, what: str, fix: str = "", code: int = FAILED) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix
        self.code = code

    def __str__(self) -> str:
        """The line on stderr after `awsenv: `. A server may send megabytes; the fix is never what is cut."""
        what = self.what if len(self.what) <= _LONGEST else f"{self.what[:_LONGEST]} …"
        return printable(f"{what}; {self.fix}" if self.fix else what)


def printable(text: str) -> str:
    """A text from a file, a variable or a server as it may appear on a terminal.

    What a terminal would obey, or not show (control, bidirectional and zero-width characters, bytes that are not
    UTF-8), is escaped. The icons of patched fonts are characters for private use.
    """
    if text.isprintable():
        return text
    return "".join(character if _is_shown(character) else ascii(character)[1:-1] for character in text)


def _is_shown(character: str) -> bool:
    return character.isprintable() or "\ue000" <= character <= "\uf8ff" or character >= "\U000f0000"
