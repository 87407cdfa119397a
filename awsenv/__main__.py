"""The console script and `python -m awsenv`: it handles a Ctrl-C from here on, then imports the rest."""

import os
import sys

# the module `signal` itself costs 5 ms: it imports enum
from _signal import SIG_IGN, SIGINT, getsignal, signal  # type: ignore[import-not-found]

from awsenv import answers_shell


def too_early(*_: object) -> None:
    """Ctrl-C while the rest of awsenv is being imported: as `Invocation.interrupted`, for any shell."""
    if sys.argv[1:2] and answers_shell(sys.argv[1], sys.argv) and not os.isatty(1):
        os.write(1, b"(exit 130);\n")  # a failure in every shell: others than POSIX shells reject it
    os.write(2, b"awsenv: interrupted, nothing was changed\n")
    os._exit(130)


if getsignal(SIGINT) != SIG_IGN:  # started so, in the background for example, it is not to be interrupted
    signal(SIGINT, too_early)

from awsenv.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
