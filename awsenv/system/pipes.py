"""Who reads what this process writes to stdout."""

from __future__ import annotations

import os
import stat

__all__ = ["is_evaluated"]


def is_evaluated() -> bool:
    """Whether a shell above this process may read stdout, as in `$( )` or `| source`; not where another program does,
    as in `| less`. Without /proc, which tells, it may.
    """
    try:
        ours = os.fstat(1)
        if not stat.S_ISFIFO(ours.st_mode):
            return False
        above = os.getppid()
        while above > 1:
            with open(f"/proc/{above}/stat", encoding="utf-8", errors="replace") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
            if any(_reads(above, number, ours) for number in os.listdir(f"/proc/{above}/fd")):
                return True
            above = parent
    except PermissionError:  # another user's process, which has not started us as part of a line
        return False
    except (OSError, ValueError, IndexError):
        return True
    return False


def _reads(process: int, number: str, pipe: os.stat_result) -> bool:
    """Whether a process has the reading end of a pipe at a file descriptor."""
    try:
        with open(f"/proc/{process}/fdinfo/{number}", encoding="ascii") as file:
            flags = int(file.read().partition("flags:")[2].split()[0], 8)
        return flags & os.O_ACCMODE == os.O_RDONLY and os.path.samestat(os.stat(f"/proc/{process}/fd/{number}"), pipe)
    except (OSError, ValueError, IndexError):  # closed meanwhile
        return False
