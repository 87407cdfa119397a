"""Run a configured command and read its output: a credential_process, an mfa_process.

Time and output are limited, and a child that the command leaves behind with its pipes is not waited for.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping
from typing import IO

from awsenv.credentials import waiting
from awsenv.credentials.answers import MAX_BYTES
from awsenv.result import AwsenvError
from awsenv.system.redaction import redact

__all__ = ["output_of", "shown"]

# Seconds to read the rest of the output after a command has exited.
_DRAIN = 1.0

# Characters that an error shows: of a command, and of its stderr.
_COMMAND_CHARACTERS, _STDERR_CHARACTERS = 120, 1000


def shown(command: str) -> str:
    """Return a command for an error: without secrets, and shortened."""
    text = " ".join(redact(command, os.environ).split())
    return text if len(text) <= _COMMAND_CHARACTERS else f"{text[:_COMMAND_CHARACTERS]} …"


def output_of(
    command: str | list[str],
    environ: Mapping[str, str],
    what: str,
    fix: str,
    *,
    seconds: float,
    quiet: float = waiting.QUIET,
    stdin: int | None = None,
    stderr: int | None = subprocess.PIPE,
) -> bytes:
    """Return what a command prints.

    Args:
        command: the program and its arguments, or a string for the shell.
        environ: its environment.
        what: a name for errors: `the credential_process of profile p (PROGRAM)`.
        fix: what to do if it fails.
        seconds: how long it may take.
        quiet: seconds after which to report that this process waits for it.
        stdin: as for `subprocess.Popen`.
        stderr: likewise; an error shows the text of a pipe.

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
    # in a thread: with a timeout, Popen.wait polls and sleeps in between
    waiter = threading.Thread(target=process.wait, daemon=True)
    try:
        waiter.start()
        waiter.join(min(quiet, seconds))
        if waiter.is_alive() and seconds > quiet:
            waiting.report(what)
            waiter.join(seconds - quiet)
        if waiter.is_alive():
            limit = "AWSENV_PROCESS_TIMEOUT sets how many seconds to wait"
            raise AwsenvError(f"{what} has not ended within {seconds:g} s", f"{fix}; {limit}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    deadline = time.monotonic() + _DRAIN
    for pipe in (out, errors):  # a child that was left behind may keep them open
        if pipe is not None:
            pipe.thread.join(max(deadline - time.monotonic(), 0))
    if out.size > MAX_BYTES:
        raise AwsenvError(f"{what} prints more than {MAX_BYTES >> 20} MB", fix)
    code = process.returncode
    if code != 0:
        words = redact(errors.content.decode("utf-8", "replace"), os.environ).split() if errors else []
        why = f": {' '.join(words)[:_STDERR_CHARACTERS].rstrip(' .')}" if words else ""
        how = f"exited with {code}" if code > 0 else f"was ended by signal {-code}"
        raise AwsenvError(f"{what} {how}{why}", fix)
    return out.content


class _Pipe:
    """The output of a process, read in a thread up to the limit.

    Attributes:
        content: the first bytes.
        size: how many bytes were read.
        thread: ends with the pipe.
    """

    def __init__(self, pipe: IO[bytes], process: subprocess.Popen[bytes] | None) -> None:
        """Start reading.

        Args:
            pipe: the pipe.
            process: the process to kill if it prints too much; None to read on and discard.
        """
        self.content = b""
        self.size = 0
        self._pipe, self._process = pipe, process
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        with self._pipe:
            while part := os.read(self._pipe.fileno(), 1 << 16):
                self.size += len(part)
                if self.size <= MAX_BYTES:
                    self.content += part
                elif self._process is not None:
                    self._process.kill()
                    return
