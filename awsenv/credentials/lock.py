"""Locks between processes: the one that obtains a session holds its lock, and the others use what it obtained.

A lock is the operating system's, on an empty file in awsenv's cache directory, and released even if the holder is
killed. The files stay.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress

from awsenv.aws import cache_keys, paths
from awsenv.result import AwsenvError
from awsenv.system import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from filelock import FileLock

__all__ = ["Locks"]

# Seconds after which a waiting process notifies the user.
_QUIET = 1.0


class Locks:
    """The locks that this process holds."""

    def __init__(self, environ: Mapping[str, str], name: str, patience: float, notify: Callable[[str], object]) -> None:
        """Take none yet.

        Args:
            environ: determines the directory.
            name: the profile, for messages.
            patience: seconds to wait for another holder.
            notify: shows a line to the user.
        """
        self._directory = os.path.join(paths.own_cache(environ), "locks")
        self._name = name
        self._patience = patience
        self._notify = notify
        self._held: dict[str, FileLock | None] = {}

    def __contains__(self, what: str) -> bool:
        return what in self._held

    def take(self, what: str) -> None:
        """Take a lock once no other process holds it.

        Where locking is impossible (a read-only or foreign directory, a file system without locks), go ahead without.

        Raises:
            AwsenvError: another process has held it for too long.
        """
        from filelock import FileLock  # the build of the wheel imports all commands and does not have it

        acquired: FileLock | None = None
        with suppress(OSError, NotImplementedError):  # the latter for a file system without locks
            files.private_directory(self._directory)
            path = os.path.join(self._directory, f"{cache_keys.digest(what)}.lock")
            # a soft lock, a file that exists while it is locked, would outlive a holder that is killed
            lock = FileLock(path, mode=0o600, fallback_to_soft=False)
            self._acquire(lock)
            acquired = lock
            files.give_to_owner_of_home(path)
        self._held[what] = acquired

    def _acquire(self, lock: FileLock) -> None:
        from filelock import Timeout

        with suppress(Timeout):
            lock.acquire(timeout=min(_QUIET, self._patience))
            return
        if self._patience > _QUIET:
            self._notify(
                f"waiting for another awsenv process that is fetching credentials for {self._name} "
                f"(at most {self._patience:g} s; Ctrl-C to stop)"
            )
            with suppress(Timeout):
                lock.acquire(timeout=self._patience - _QUIET)
                return
        raise AwsenvError(
            f"another awsenv has been fetching credentials for {self._name} for more than {self._patience:g} s",
            "look for one that asks for an MFA code; AWSENV_LOCK_TIMEOUT sets how many seconds to wait",
        )

    def release(self, what: str) -> None:
        """Release a lock, if it is held."""
        lock = self._held.pop(what, None)
        if lock is not None:
            lock.release()

    def release_all(self) -> None:
        """Release all locks."""
        for what in list(self._held):
            self.release(what)
