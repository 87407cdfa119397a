"""Atomic writes, appending, and private directories."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` itself imports enum: 5 ms
import errno
import os
import stat

from awsenv.aws import paths
from awsenv.result import AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "append_whole",
    "check_writable",
    "discard",
    "give_to_owner_of_home",
    "private_directory",
    "remove",
    "rewrite",
    "write_atomic",
]


def remove(path: str) -> None:
    """Remove a file; raise OSError if that fails."""
    paths.patiently(os.unlink, path, paths.PATIENCE_WRITING)


def discard(path: str) -> bool:
    """Remove a file if it exists, and return whether it did; AwsenvError if it cannot be removed."""
    try:
        remove(path)
    except paths.MISSING:
        return False
    except OSError as error:
        raise AwsenvError(f"cannot remove {path}: {error.strerror}") from None
    return True


def private_directory(path: str) -> None:
    """Make a directory and its missing parents, 0700 whatever the umask. Existing directories are left alone."""
    path = os.path.abspath(path)
    missing = []
    while not os.path.isdir(path):
        missing.append(path)
        parent = os.path.dirname(path)
        if parent == path:
            break
        path = parent
    for directory in reversed(missing):
        try:
            os.mkdir(directory, 0o700)
            os.chmod(directory, 0o700)
            give_to_owner_of_home(directory)
        except FileExistsError:
            if not os.path.isdir(directory):
                raise


def give_to_owner_of_home(path: str, handle: int | None = None) -> None:
    """As root in another user's home (sudo -E), give a new file or directory to the owner of its parent directory.

    Otherwise the user's shells and AWS tools could not read it. Links are not followed.

    Args:
        path: the file or directory.
        handle: the file itself, if it is open.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return
    try:
        parent = os.stat(os.path.dirname(os.path.abspath(path)))
        if handle is None:
            os.lchown(path, parent.st_uid, parent.st_gid)
        else:
            os.fchown(handle, parent.st_uid, parent.st_gid)
    except OSError:  # a container without that right, or a file system without owners
        pass


def check_writable(directory: str) -> None:
    """Check that files can be written into a private directory, before their content is obtained.

    Raises:
        OSError: they cannot.
    """
    private_directory(directory)
    probe = os.path.join(directory, f"{os.urandom(4).hex()}.tmp")
    os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    os.unlink(probe)


def rewrite(path: str, data: bytes) -> None:
    """Replace the content of a user's file, and keep its owner, mode, extended attributes and hard links.

    It is written atomically, unless a new file could not have all of these.

    Raises:
        OSError: it cannot be written; its content is unchanged.
    """
    if os.stat(path).st_nlink > 1:
        _overwrite(path, data)
        return
    try:
        write_atomic(path, data, like=path)
    except PermissionError:  # a new file cannot be made, or not with that owner and these attributes
        _overwrite(path, data)


def _overwrite(path: str, data: bytes) -> None:
    with _uninterrupted(), open(path, "r+b", buffering=0) as file:
        before = file.read()
        try:
            _put(file.fileno(), data)
        except OSError:  # no space left; the old content did fit
            _put(file.fileno(), before)
            raise


def _put(handle: int, data: bytes) -> None:
    os.lseek(handle, 0, os.SEEK_SET)
    _write(handle, data)
    os.ftruncate(handle, len(data))
    os.fsync(handle)


def _write(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]


def write_atomic(path: str, data: bytes, mode: int = 0o600, like: str | None = None) -> None:
    """Write a file atomically: a new file beside it, synced to disk, then renamed over it.

    A reader sees the old content or the new one, even after a crash, on a full disk, or with a second writer.

    Args:
        path: the file; its directory must exist.
        data: the whole content.
        mode: its permissions, whatever the umask.
        like: a file whose owner, permissions and extended attributes it gets.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    temporary = f"{path}.{os.urandom(4).hex()}.tmp"
    with _uninterrupted():  # a half-written file may hold a secret, and a Ctrl-C ends awsenv at once
        _write_beside(temporary, path, data, mode, like)


def append_whole(path: str, addition: Callable[[bytes], bytes]) -> None:
    """Append to a file, all or nothing. Its content, owner, mode and links stay as they are.

    (A new file, renamed over it, would lose links, and cannot replace a mounted file.)

    Args:
        path: the file; if it is missing, it is created, 0600. Its directory must exist.
        addition: returns what to append to the current content.

    Raises:
        OSError: it cannot be written; it is unchanged.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        raise OSError(errno.EINVAL, "it is not a regular file", path)
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    try:
        handle, is_new = os.open(path, flags | os.O_EXCL, 0o600), True
    except FileExistsError:  # or a link to a file that does not exist
        handle, is_new = os.open(path, flags, 0o600), False
    try:
        if is_new:
            give_to_owner_of_home(path, handle)
        size = os.fstat(handle).st_size
        with open(handle, "rb", closefd=False) as file:
            added = addition(file.read())
        with _uninterrupted():
            try:
                _write(handle, added)
                os.fsync(handle)
            except OSError:
                os.ftruncate(handle, size)
                raise
    finally:
        os.close(handle)


class _uninterrupted:  # noqa: N801  # a context manager without contextlib, whose import takes 3 ms
    """Delays a Ctrl-C."""

    def __enter__(self) -> None:
        if hasattr(_signal, "pthread_sigmask"):
            _signal.pthread_sigmask(_signal.SIG_BLOCK, (_signal.SIGINT,))
        else:  # Windows
            try:
                self._before = _signal.signal(_signal.SIGINT, _signal.SIG_IGN)
            except ValueError:  # not in the main thread, so Ctrl-C does not interrupt this one
                self._before = None

    def __exit__(self, *error: object) -> None:
        if hasattr(_signal, "pthread_sigmask"):
            _signal.pthread_sigmask(_signal.SIG_UNBLOCK, (_signal.SIGINT,))
        elif self._before is not None:
            _signal.signal(_signal.SIGINT, self._before)


def _write_beside(temporary: str, path: str, data: bytes, mode: int, like: str | None) -> None:
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        try:
            if like is not None:
                _copy_attributes(like, handle)
            elif hasattr(os, "fchmod"):
                os.fchmod(handle, mode)
                give_to_owner_of_home(path, handle)
            _put(handle, data)
        finally:
            os.close(handle)
        paths.patiently(lambda target: os.replace(temporary, target), path, paths.PATIENCE_WRITING)
    except BaseException:
        os.unlink(temporary)
        raise


def _copy_attributes(path: str, handle: int) -> None:
    if hasattr(os, "fchown"):
        status, now = os.stat(path), os.fstat(handle)
        if (status.st_uid, status.st_gid) != (now.st_uid, now.st_gid):
            os.fchown(handle, status.st_uid, status.st_gid)
        os.fchmod(handle, stat.S_IMODE(status.st_mode))
    if hasattr(os, "listxattr"):  # Linux; access control lists are among them
        try:
            names = os.listxattr(path)
        except OSError:  # the file system does not support them
            return
        for name in names:
            os.setxattr(handle, name, os.getxattr(path, name))
