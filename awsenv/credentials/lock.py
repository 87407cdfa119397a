"""One call for many: whoever obtains a session holds its lock meanwhile, and the others take what that one got.

The lock is the operating system's, on a file in awsenv's own cache folder: when the holder ends, killed or not, it is
gone. The files stay; they are empty.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress

from filelock import FileLock, Timeout

from awsenv.aws import cache_keys, paths
from awsenv.result import AwsenvError
from awsenv.system import files, terminal

__all__ = ["Locks"]

# After so many seconds a waiter says what it waits for.
_SILENT = 1.0


class Locks:
    """The locks that this process holds."""

    def __init__(self, environ: Mapping[str, str], name: str, patience: float) -> None:
        """Nothing is locked yet.

        Args:
            environ: says where the locks are.
            name: what is being obtained, for the person: a profile.
            patience: for how many seconds to wait for another holder.
        """
        self._folder = os.path.join(paths.own_cache(environ), "locks")
        self._name = name
        self._patience = patience
        self._held: dict[str, FileLock | None] = {}

    def __contains__(self, what: str) -> bool:
        return what in self._held

    def take(self, what: str) -> None:
        """Take the lock of something, once no other process holds it; AwsenvError if that takes too long.

        Where there can be no lock (a read-only or foreign cache folder) everybody goes ahead.
        """
        digest = cache_keys.digest(what)
        try:
            files.private_directory(self._folder)
            path = os.path.join(self._folder, f"{digest}.lock")
            # not the other kind, a file that exists as long as it is locked: it would outlive a holder that is killed
            lock = FileLock(path, mode=0o600, fallback_to_soft=False)
            self._wait(lock)
        except (OSError, NotImplementedError):  # the latter for a file system without locks
            self._held[what] = None
        else:
            self._held[what] = lock

    def _wait(self, lock: FileLock) -> None:
        with suppress(Timeout):
            lock.acquire(timeout=min(_SILENT, self._patience))
            return
        if self._patience > _SILENT:
            terminal.tell(
                f"waiting for another awsenv, which is obtaining the session of {self._name} "
                f"(at most {self._patience:g} s; Ctrl-C ends it)"
            )
            with suppress(Timeout):
                lock.acquire(timeout=self._patience - _SILENT)
                return
        raise AwsenvError(
            f"another awsenv has been obtaining the session of {self._name} for more than {self._patience:g} s",
            "look for one that asks for an MFA code; AWSENV_LOCK_TIMEOUT sets how many seconds to wait",
        )

    def give(self, what: str) -> None:
        """Let the others have it."""
        lock = self._held.pop(what, None)
        if lock is not None:
            lock.release()

    def give_all(self) -> None:
        """Let the others have everything."""
        for what in list(self._held):
            self.give(what)
