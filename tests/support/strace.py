"""strace: the system calls of a program, or of a running shell."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.environment import wait_for
from support.programs import need


def strace(calls: str, log: Path | str) -> list[str]:
    """Return the command line that precedes a program and logs these system calls of it and its children."""
    return [need("strace", shutil.which("strace")), "-f", "-qq", "-e", f"trace={calls}", "-o", str(log)]


@contextmanager
def starts_no_process(pid: int, log: Path) -> Iterator[None]:
    """Check that a running program starts no process meanwhile."""
    tracer = subprocess.Popen([*strace("%process", log), "-p", str(pid)], stderr=subprocess.DEVNULL)
    status = Path(f"/proc/{pid}/status")
    try:
        wait_for(lambda: f"TracerPid:\t{tracer.pid}" in status.read_text(), "strace traces the program")
        yield
    finally:
        tracer.terminate()
        tracer.wait()
    started = re.findall(r"^.*(?:fork\(|clone3?\(|execve\().*$", log.read_text(), re.MULTILINE)
    assert [call for call in started if "CLONE_THREAD" not in call] == []
