"""What a command returns or raises, and the exit codes; `awsenv.cli` prints it."""

from awsenv import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

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

# Characters of an error message. AWS's longest, with an encoded authorization message, have about two thousand.
_MAX_LENGTH = 4000


class Result(Value):
    """The result of a command.

    Args:
        out: data for stdout.
        encoding: the encoding of `out`, unless stdout is a console.
        change: a change of the shell's environment (`environment.Change`), written to stdout in the shell's dialect.
        whole: whether a value that the shell cannot hold is an error; otherwise the variable is unset.
        renewable: whether `awsenv refresh` is known to renew what the change exports; otherwise that is looked up.
        note: one line for the user, written to stderr if that is a terminal.
        report: text for the user, always written to stderr.
        faults: errors that did not stop the command, shown with --debug.
        code: the exit code; with a change, also the status of the shell that evaluates it.
    """

    out: str = ""
    encoding: str = "utf-8"
    change: dict[str, str | None] | None = None
    whole: bool = True
    renewable: bool = False
    note: str = ""
    report: str = ""
    faults: "Sequence[Exception]" = ()
    code: int = GOOD


class AwsenvError(Exception):
    """An error, written for the user.

    Args:
        what: what happened, to which profile or file, and why: one sentence without a full stop, never a secret.
        fix: what to type or do next, without a full stop; may be empty.
        code: the exit code.
    """

    def __init__(self, what: str, fix: str = "", code: int = FAILED) -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix
        self.code = code

    def __str__(self) -> str:
        """Return the line for stderr. A message from a server, which may be megabytes, is cut; the fix never is."""
        what = self.what if len(self.what) <= _MAX_LENGTH else f"{self.what[:_MAX_LENGTH]} …"
        return printable(f"{what}; {self.fix}" if self.fix else what)


def printable(text: str) -> str:
    """Make a text from a file, a variable or a server safe for a terminal.

    Control, bidirectional and zero-width characters and bytes that are not UTF-8 are escaped. Characters for private
    use stay: patched fonts have icons there.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or "\ue000" <= character <= "\uf8ff" or character >= "\U000f0000"
        else ascii(character)[1:-1]
        for character in text
    )
