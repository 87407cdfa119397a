"""The console script and `python -m awsenv`: it handles a Ctrl-C from here on, then imports the rest.

Up to the look at the version, nothing in here is newer than Python 3.6.
"""

import gc
import os
import sys

gc.disable()  # a short process that allocates much and frees little: 0.2 ms, 10 with botocore

from awsenv import answers_shell  # noqa: E402


def leave(code: int, line: str) -> None:
    """End with one line on stderr, and with a failure for any shell that evaluates stdout."""
    texts = [(2, f"awsenv: {line}\n")]
    if sys.argv[1:2] and answers_shell(sys.argv[1], sys.argv) and not os.isatty(1):
        texts.insert(0, (1, f"(exit {code});\n"))  # a failure in every shell: others than POSIX shells reject it
    for number, text in texts:
        try:  # noqa: SIM105  # contextlib takes 3 ms
            os.write(number, text.encode("utf-8", "replace"))
        except OSError:  # it is closed, or full
            pass
    os._exit(code)


if sys.version_info < (3, 10):  # noqa: UP036  # a checkout runs in any Python
    leave(
        1,
        "Python 3.10 or later is needed, and {} is Python {}.{}.{}; install a newer one (on macOS: brew install"
        " python3) or uv, which brings its own, then run install.sh".format(sys.executable, *sys.version_info[:3]),
    )


def forget_current_directory() -> None:
    """No module from where the user happens to be: a json.py there would be taken for Python's.

    `export PYTHONPATH=$PYTHONPATH:/opt` puts that directory into the path where PYTHONPATH was unset. It stays if
    awsenv, or Python's own library, is in it.
    """
    unwanted = {"", "."}
    if unwanted.intersection(os.environ.get("PYTHONPATH", "unset").split(os.pathsep)):
        try:  # noqa: SIM105  # contextlib takes 3 ms
            unwanted.add(os.getcwd())
        except OSError:  # it has been removed
            pass
    needed = {os.path.dirname(os.__file__), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))}
    sys.path[:] = [path for path in sys.path if path not in unwanted or path in needed]


if "" in sys.path or "PYTHONPATH" in os.environ:
    forget_current_directory()

# the module `signal` itself costs 5 ms: it imports enum
from _signal import SIG_IGN, SIGINT, getsignal, signal  # type: ignore[import-not-found]  # noqa: E402


def too_early(*_: object) -> None:
    """Ctrl-C while the rest of awsenv is being imported: as `Invocation.interrupted`, for any shell."""
    leave(130, "interrupted, nothing was changed")


if getsignal(SIGINT) != SIG_IGN:  # started so, in the background for example, it is not to be interrupted
    signal(SIGINT, too_early)

from awsenv.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
