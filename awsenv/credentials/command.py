"""Running a command of the user's that prints something: a credential_process, an mfa_process.

Time and output have limits, and a child that the command leaves behind with its pipes is not waited for.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping
from typing import IO

from awsenv.credentials import waiting
from awsenv.credentials.answers import LARGEST
from awsenv.result import AwsenvError
from awsenv.system.redaction import redact

__all__ = ["output_of", "shown"]

# Seconds for which the rest of an ended command's output may come.
_REST = 1.0

# Characters of a command, and of what it says when it fails.
_COMMAND, _REASON = 120, 1000


def shown(command: str) -> str:
    """A command as an error may show it: without secrets, and not too long."""
    text = " ".join(redact(command, os.environ).split())
    return text if len(text) <= _COMMAND else f"{text[:_COMMAND]} …"


def output_of(
    command: str | list[str],
    environ: Mapping[str, str],
    what: str,
    fix: str,
    *,
    seconds: float,
    silent: float = waiting.SILENT,
    stdin: int | None = None,
    stderr: int | None = subprocess.PIPE,
) -> bytes:
    """What a command prints.

    Args:
        command: the program and its arguments, or a text for the shell.
        environ: its environment.
        what: what it is, for the errors: `the credential_process of profile p (PROGRAM)`.
        fix: what to do if it fails.
        seconds: how long it may take.
        silent: after how many seconds to say that this process waits for it.
        stdin: as for `subprocess.Popen`.
        stderr: likewise; of one that is a pipe an error shows the text.

    Raises:
        AwsenvError: it cannot be run, fails, takes too long or prints too much.
    """
    try:
        process = subprocess.Popen(
            command,
            shell=isinstance(command, str),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=dict(environ),
        )
    except (OSError, ValueError) as error:
        raise AwsenvError(f"{what} cannot be run: {getattr(error, 'strerror', None) or error}", fix) from None
    assert process.stdout is not None
    out = _Pipe(process.stdout, process)
    errors = _Pipe(process.stderr, None) if process.stderr is not None else None
    # in a thread: to wait with a limit, Popen looks again and again, and sleeps in between
    waiter = threading.Thread(target=process.wait, daemon=True)
    try:
        waiter.start()
        waiter.join(min(silent, seconds))
        if waiter.is_alive() and seconds > silent:
            waiting.waits_for(what)
            waiter.join(seconds - silent)
        if waiter.is_alive():
            limit = "AWSENV_PROCESS_TIMEOUT sets how many seconds to wait"
            raise AwsenvError(f"{what} has not ended within {seconds:g} s", f"{fix}; {limit}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    rest = time.monotonic() + _REST
    for pipe in (out, errors):  # a child that it has left behind may hold them
        if pipe is not None:
            pipe.thread.join(max(rest - time.monotonic(), 0))
    if out.size > LARGEST:
        raise AwsenvError(f"{what} prints more than {LARGEST >> 20} MB", fix)
    code = process.returncode
    if code != 0:
        words = redact(errors.content.decode("utf-8", "replace"), os.environ).split() if errors else []
        why = f": {' '.join(words)[:_REASON].rstrip(' .')}" if words else ""
        how = f"exited with {code}" if code > 0 else f"was ended by signal {-code}"
        raise AwsenvError(f"{what} {how}{why}", fix)
    return out.content


class _Pipe:
    """What comes from a pipe, read in a thread: no more than the limit is stored.

    Attributes:
        content: the first bytes.
        size: how many there were so far.
        thread: ends with the pipe.
    """

    def __init__(self, pipe: IO[bytes], ended_by: subprocess.Popen[bytes] | None) -> None:
        """Begin.

        Args:
            pipe: the pipe.
            ended_by: a process to kill when there is too much.
        """
        self.content = b""
        self.size = 0
        self._pipe, self._ended_by = pipe, ended_by
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        with self._pipe:
            while part := os.read(self._pipe.fileno(), 1 << 16):
                self.size += len(part)
                if self.size <= LARGEST:
                    self.content += part
                elif self._ended_by is not None:
                    self._ended_by.kill()
                    return
