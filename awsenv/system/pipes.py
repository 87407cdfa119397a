"""Which process reads the stdout of this one."""

from __future__ import annotations

import os
import stat

__all__ = ["is_evaluated"]


def is_evaluated() -> bool:
    """Whether a shell may read stdout, as in `$( )` or `| source`, rather than another program, as in `| less`.

    Without /proc this is assumed.
    """
    try:
        pipe = os.fstat(1)
        if not stat.S_ISFIFO(pipe.st_mode):
            return False
        process = os.getppid()
        while process > 1:
            with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
            if any(_reads(process, number, pipe) for number in os.listdir(f"/proc/{process}/fd")):
                return True
            process = parent
    except PermissionError:  # another user's process, which cannot be the shell that evaluates our output
        return False
    except (OSError, ValueError, IndexError):
        return True
    return False


def _reads(process: int, number: str, pipe: os.stat_result) -> bool:
    """Whether a file descriptor of a process is the reading end of a pipe."""
    try:
        with open(f"/proc/{process}/fdinfo/{number}", encoding="ascii") as file:
            flags = int(file.read().partition("flags:")[2].split()[0], 8)
        return flags & os.O_ACCMODE == os.O_RDONLY and os.path.samestat(os.stat(f"/proc/{process}/fd/{number}"), pipe)
    except (OSError, ValueError, IndexError):  # closed meanwhile
        return False
