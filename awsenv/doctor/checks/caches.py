"""What is wrong with the caches of sessions."""

from __future__ import annotations

import os
from collections.abc import Iterator

from awsenv.aws import cache_keys, paths
from awsenv.doctor.check import ERROR, NOTE, WARNING, Fix, Found, check, found
from awsenv.doctor.checks.keys import duration
from awsenv.doctor.context import Scene
from awsenv.report import session_cache
from awsenv.report.session_cache import Cached

__all__: list[str] = []


@check(
    "cache-corrupt",
    ERROR,
    cure="awsenv cache clear --corrupt",
    errors=(
        "'<40 hex>'",
        "'Credentials'",
        "'Expiration'",
        "'SessionToken'",
        "list indices must be integers or slices, not str",
        "can't subtract offset-naive and offset-aware datetimes",
    ),
)
def corrupt(scene: Scene) -> Iterator[Found]:
    """The AWS CLI keeps the sessions of roles in ~/.aws/cli/cache, and fails on one that it cannot read, with nothing
    but the entry's key, or the name of what is missing, in quotes as its message. It neither repairs nor removes it.
    """
    for entry in _entries(scene, session_cache.CORRUPT):
        if entry.path is None:  # the AWS CLI does not look into the keyring, and awsenv obtains a new one
            yield found(f"{_whose(entry)} in the keyring is corrupt: {entry.why}", entry.key, severity=NOTE)
            continue
        folder = os.path.isdir(entry.path) and not os.path.islink(entry.path)
        yield found(
            f"{_whose(entry)} is corrupt: {entry.why}",
            entry.path,
            severity=ERROR if _concerns(scene, entry) else WARNING,
            fix=None if folder else Fix(remove=(entry,)),
        )


@check(
    "cache-unusable",
    ERROR,
    cure="make the folder your own, and writable",
    errors=("[Errno 13] Permission denied", "[Errno 20] Not a directory"),
)
def unusable(scene: Scene) -> Iterator[Found]:
    """The session of a role is written into the cache before it is used. Where that cannot be done, the AWS CLI fails
    although AWS has just given it good credentials.
    """
    folder = path = paths.cli_cache(scene.environ)
    if not _keeps_sessions(scene):
        return
    while not os.path.lexists(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    if not os.path.isdir(path):
        cure = f"move {path} away" if path == folder else f"let {path} be a folder"
        yield found(f"sessions are kept in {folder}, and {path} is no folder", path, cure=cure)
    elif not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        yield found(f"sessions are kept in {folder}, and you may not read and write {path}", path)
    elif scene.uncached is not None:  # the keyring
        yield found(scene.uncached.what, "AWSENV_CACHE", cure=scene.uncached.cure)


@check("cache-expired", NOTE, cure="awsenv cache clear --expired")
def expired(scene: Scene) -> Iterator[Found]:
    """An expired session is replaced when it is needed, and does no harm before. It tells that the next call has to ask
    STS, and perhaps you for an MFA code; and under a clock that is slow it is used as if it were good.
    """
    entries = [entry for entry in _entries(scene, session_cache.EXPIRED) if entry.path is not None]
    told = [f"{entry.path}: {_whose(entry)}, {duration(scene.now - (entry.expiration or 0))} ago" for entry in entries]
    if entries:
        sessions = f"{len(entries)} cached session{'' if len(entries) == 1 else 's'}"
        yield found(f"{sessions} expired", *told, fix=Fix(remove=tuple(entries), by_time=True))


@check("cache-litter", NOTE, cure="awsenv cache clear --corrupt")
def litter(scene: Scene) -> Iterator[Found]:
    """A program that is killed while it writes a session leaves half of it behind, under another name. Nobody reads
    it, but it may hold a secret.
    """
    entries = [entry for entry in _entries(scene, session_cache.TEMP_FILE) if entry.path is not None]
    if entries:
        paths = [str(entry.path) for entry in entries]
        yield found(f"{len(entries)} times a session was left half written", *paths, fix=Fix(remove=tuple(entries)))


def _entries(scene: Scene, state: str) -> list[Cached]:
    """The entries of the cache that are so; none where it cannot be read, which a check of its own says."""
    return [entry for entry in scene.cached if entry.state == state]


def _concerns(scene: Scene, entry: Cached) -> bool:
    """Whether the profile that counts, or one that it draws on, needs this entry."""
    return scene.unreadable is None and not set(entry.profiles).isdisjoint(scene.chain)


def _whose(entry: Cached) -> str:
    if entry.profiles:
        return f"the cached session of {', '.join(entry.profiles)}"
    return f"a cached session of {f'the role {entry.role}' if entry.role else 'no profile'}"


def _keeps_sessions(scene: Scene) -> bool:
    """Whether a profile that counts here has a session that the AWS CLI keeps."""
    return any(cache_keys.role_session(scene.profiles.settings(name)) is not None for name in scene.chain)
