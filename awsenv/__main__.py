"""The console script and `python -m awsenv`: handles Ctrl-C from here on, then imports the rest.

Everything up to the version check runs in Python 3.6.
"""

import gc
import os
import sys

gc.disable()  # a short-lived process has little to free; this saves 0.2 ms, with botocore 10

from awsenv import answers_shell  # noqa: E402


def leave(code: int, line: str) -> None:
    """Exit with one line on stderr, and make any shell that evaluates stdout see a failure."""
    texts = [(2, f"awsenv: {line}\n")]
    if sys.argv[1:2] and answers_shell(sys.argv[1], sys.argv) and not os.isatty(1):
        texts.insert(0, (1, f"(exit {code});\n"))  # shells other than POSIX ones fail with a syntax error
    for descriptor, text in texts:
        try:  # noqa: SIM105  # contextlib takes 3 ms
            os.write(descriptor, text.encode("utf-8", "replace"))
        except OSError:  # closed, or the disk is full
            pass
    os._exit(code)


if sys.version_info < (3, 10):  # noqa: UP036  # a checkout may be run by any Python
    leave(
        1,
        "Python 3.10 or later is needed, and {} is Python {}.{}.{}; install a newer one (on macOS: brew install"
        " python3) or uv, which brings its own, then run install.sh".format(sys.executable, *sys.version_info[:3]),
    )


def forget_current_directory() -> None:
    """Remove the current directory from sys.path, where a json.py would shadow Python's own.

    `export PYTHONPATH=$PYTHONPATH:/opt` adds it if PYTHONPATH was unset. It stays if it contains awsenv or Python's
    library.
    """
    unwanted = {"", "."}
    if unwanted.intersection(os.environ.get("PYTHONPATH", "unset").split(os.pathsep)):
        try:  # noqa: SIM105  # contextlib takes 3 ms
            unwanted.add(os.getcwd())
        except OSError:  # the directory has been removed
            pass
    needed = {os.path.dirname(os.__file__), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))}
    sys.path[:] = [path for path in sys.path if path not in unwanted or path in needed]


if "" in sys.path or "PYTHONPATH" in os.environ:
    forget_current_directory()

# `signal` itself imports enum, which takes 5 ms
from _signal import SIG_IGN, SIGINT, getsignal, signal  # type: ignore[import-not-found]  # noqa: E402


def too_early(*_: object) -> None:
    """Handle Ctrl-C while the rest of awsenv is being imported; afterwards `Invocation.interrupted` does."""
    leave(130, "interrupted, nothing was changed")


if getsignal(SIGINT) != SIG_IGN:  # ignored, for example in the background: stay uninterruptible
    signal(SIGINT, too_early)

from awsenv.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
