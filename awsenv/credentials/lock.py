"""One call for many: the process that obtains a session holds its lock, and the others use what it obtained.

The lock is the operating system's, on a file in awsenv's own cache directory: when the holder exits, killed or not, it
is released. The files stay; they are empty.
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

# Seconds after which a waiting process says what it waits for.
_SILENT = 1.0


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
        self._held: dict[str, FileLock | None] = {}

    def __contains__(self, what: str) -> bool:
        return what in self._held

    def take(self, what: str) -> None:
        """Take the lock of something, once no other process holds it.

        Where there can be no lock (a read-only or foreign directory, a file system without locks) all go ahead.

        Raises:
            AwsenvError: another process holds it for too long.
        """
        from filelock import FileLock  # the build of the wheel, which has it not, imports all commands

        try:
            files.private_directory(self._directory)
            path = os.path.join(self._directory, f"{cache_keys.digest(what)}.lock")
            # not the other kind, a file that exists while it is locked: it would outlive a holder that is killed
            lock = FileLock(path, mode=0o600, fallback_to_soft=False)
            self._wait_for(lock)
        except (OSError, NotImplementedError):  # the latter for a file system without locks
            self._held[what] = None
        else:
            self._held[what] = lock

    def _wait_for(self, lock: FileLock) -> None:
        from filelock import Timeout

        with suppress(Timeout):
            lock.acquire(timeout=min(_SILENT, self._patience))
            return
        if self._patience > _SILENT:
            self._notify(
                f"waiting for another awsenv process that is fetching credentials for {self._name} "
                f"(at most {self._patience:g} s; Ctrl-C to stop)"
            )
            with suppress(Timeout):
                lock.acquire(timeout=self._patience - _SILENT)
                return
        raise AwsenvError(
            f"another awsenv has been fetching credentials for {self._name} for more than {self._patience:g} s",
            "look for one that asks for an MFA code; AWSENV_LOCK_TIMEOUT sets how many seconds to wait",
        )

    def give(self, what: str) -> None:
        """Release the lock of something."""
        lock = self._held.pop(what, None)
        if lock is not None:
            lock.release()

    def give_all(self) -> None:
        """Release all locks."""
        for what in list(self._held):
            self.give(what)
