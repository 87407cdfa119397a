"""One call for many: whoever obtains a session holds its lock meanwhile, and the others use what that one obtained.

The lock is the operating system's, on a file in awsenv's own cache directory: when the holder exits, killed or not, it
is released. The files stay; they are empty.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Callable, Mapping

from awsenv.aws import cache_keys, paths
from awsenv.result import AwsenvError
from awsenv.system import files

__all__ = ["Locks"]

# Seconds after which a waiting process says what it waits for, and between two attempts.
_SILENT = 1.0
_PAUSE = 0.05

# What the system says of a lock that another process holds (Windows: EACCES, EDEADLOCK).
_HELD = (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK, errno.EDEADLK, getattr(errno, "EDEADLOCK", errno.EDEADLK))


class Locks:
    """The locks that this process holds."""

    def __init__(self, environ: Mapping[str, str], name: str, patience: float, notify: Callable[[str], object]) -> None:
        """Take none yet.

        Args:
            environ: says where the locks are.
            name: the profile whose session is being obtained, for the user.
            patience: seconds to wait for another holder.
            notify: shows a line to the user.
        """
        self._directory = os.path.join(paths.own_cache(environ), "locks")
        self._name = name
        self._patience = patience
        self._notify = notify
        self._held: dict[str, int | None] = {}

    def __contains__(self, what: str) -> bool:
        return what in self._held

    def take(self, what: str) -> None:
        """Take the lock of something, once no other process holds it.

        Where there can be no lock (a read-only or foreign directory, a file system without locks) everybody goes ahead.

        Raises:
            AwsenvError: another process holds it for too long.
        """
        self._held[what] = None
        try:
            files.private_directory(self._directory)
            path = os.path.join(self._directory, f"{cache_keys.digest(what)}.lock")
            file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        except OSError:
            return
        try:
            self._wait_for(file)
        except OSError:
            os.close(file)
        except BaseException:
            os.close(file)
            del self._held[what]
            raise
        else:
            self._held[what] = file

    def _wait_for(self, file: int) -> None:
        begin, has_notified = time.monotonic(), False
        while not _try(file):
            waited = time.monotonic() - begin
            if waited >= self._patience:
                raise AwsenvError(
                    f"another awsenv has been fetching credentials for {self._name} for more than {self._patience:g} s",
                    "look for one that asks for an MFA code; AWSENV_LOCK_TIMEOUT sets how many seconds to wait",
                )
            if waited >= _SILENT and not has_notified:
                self._notify(
                    f"waiting for another awsenv process that is fetching credentials for {self._name} "
                    f"(at most {self._patience:g} s; Ctrl-C to stop)"
                )
                has_notified = True
            time.sleep(min(_PAUSE, self._patience - waited))

    def give(self, what: str) -> None:
        """Release the lock of something."""
        file = self._held.pop(what, None)
        if file is not None:
            _release(file)

    def give_all(self) -> None:
        """Release all locks."""
        for what in list(self._held):
            self.give(what)


def _try(file: int) -> bool:
    """Lock an open file; False if another process has it. OSError where files cannot be locked."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            return False
        raise
    return True


def _release(file: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(file, 0, os.SEEK_SET)
        msvcrt.locking(file, msvcrt.LK_UNLCK, 1)
    os.close(file)  # which releases a lock of flock(2)
