"""Checks of the AWS CLI's cache of sessions."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from typing import Any

from awsenv.aws import cache_keys, paths
from awsenv.aws.expiry import duration
from awsenv.doctor.check import ERROR, NOTE, WARNING, AutoFix, Finding, check, problem
from awsenv.doctor.context import Context
from awsenv.report import session_cache
from awsenv.report.session_cache import Cached


@check
def cache_corrupt(context: Context) -> Iterator[Finding]:
    for entry in _entries(context, session_cache.CORRUPT):
        if entry.path is None:  # the AWS CLI does not read the keyring, and awsenv obtains a new one
            yield problem(f"{_whose(entry)} in the keyring is corrupt: {entry.why}", entry.key, severity=NOTE)
            continue
        is_directory = os.path.isdir(entry.path) and not os.path.islink(entry.path)
        is_needed = context.unreadable is None and any(hop.profile in entry.profiles for hop in context.hops)
        yield problem(
            f"{_whose(entry)} is corrupt: {entry.why}",
            entry.path,
            severity=ERROR if is_needed else WARNING,
            auto_fix=None if is_directory else AutoFix(remove=(entry,)),
        )


@check
def cache_unusable(context: Context) -> Iterator[Finding]:
    directory = path = paths.cli_cache(context.environ)
    if not _keeps_sessions(context):
        return
    while not os.path.lexists(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    if not os.path.isdir(path):
        remediation = f"move {path} away" if path == directory else f"make {path} a directory"
        yield problem(f"cannot cache sessions in {directory}: {path} is not a directory", path, remediation=remediation)
    elif not os.access(path, _USABLE):
        what = f"cannot cache sessions in {directory}: you may not read and write {path}"
        yield problem(what, path, **_make_yours(context, path))
    elif context.uncached is not None:  # the keyring
        yield problem(context.uncached.what, "AWSENV_CACHE", advice=context.uncached.fix)


@check
def cache_not_yours(context: Context) -> Iterator[Finding]:
    caches = paths.cli_cache(context.environ), paths.sso_cache(context.environ), paths.login_cache(context.environ)
    reported = context.unreadable is None and _keeps_sessions(context)  # by cache-unusable
    for cache in caches[1:] if reported else caches:
        above = os.path.dirname(cache)
        closed = next((path for path in (above, cache) if os.path.isdir(path) and not os.access(path, _USABLE)), None)
        if closed is not None:
            yield problem(f"you may not read and write {closed}", closed, **_make_yours(context, closed, above))
            continue
        files = sorted(entry.path for entry in os.scandir(cache) if _is_closed(entry)) if os.path.isdir(cache) else []
        if files and cache != caches[0]:  # there cache-corrupt reports each
            number = f"{len(files)} file{'' if len(files) == 1 else 's'}"
            what = f"you may not read and write {number} in {cache}"
            yield problem(what, *files[:5], **_make_yours(context, files[0], cache))


_USABLE = os.R_OK | os.W_OK | os.X_OK


def _is_closed(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith(".json") and not os.access(entry.path, os.R_OK | os.W_OK)


def _make_yours(context: Context, path: str, whole: str = "") -> dict[str, Any]:
    """What to do about what this user may not write: the fix, or the remediation.

    Args:
        context: with the platform.
        path: a directory or file.
        whole: the directory to change with all that is in it; else that path.
    """
    whole = shlex.quote(whole or path)
    if context.platform == "win32":
        return {}
    if os.statvfs(path).f_flag & os.ST_RDONLY:
        return {"remediation": "that file system is mounted read-only: mount it writable"}
    if os.stat(path).st_uid == os.geteuid():
        return {"fix": f"chmod -R u+rwX {whole}"}
    return {"fix": f"sudo chown -R {os.geteuid()} {whole}"}


@check
def cache_expired(context: Context) -> Iterator[Finding]:
    entries = [entry for entry in _entries(context, session_cache.EXPIRED) if entry.path is not None]
    times = [duration(context.now - (entry.expiration or 0)) for entry in entries]
    evidence = (f"{one.path}: {_whose(one)}, {time} ago" for one, time in zip(entries, times, strict=True))
    if entries:
        what = f"{len(entries)} cached session{'' if len(entries) == 1 else 's'} expired"
        yield problem(what, *evidence, auto_fix=AutoFix(remove=tuple(entries), by_time=True))


@check
def cache_litter(context: Context) -> Iterator[Finding]:
    entries = [entry for entry in _entries(context, session_cache.TEMP_FILE) if entry.path is not None]
    if entries:
        files = f"{len(entries)} file{'' if len(entries) == 1 else 's'}"
        what = f"{files} in the session cache left over from an interrupted write"
        yield problem(what, *(str(entry.path) for entry in entries), auto_fix=AutoFix(remove=tuple(entries)))


def _entries(context: Context, state: str) -> list[Cached]:
    """The cache entries in that state; none if the cache cannot be read, which cache-unusable reports."""
    return [entry for entry in context.cached if entry.state == state]


def _whose(entry: Cached) -> str:
    if entry.profiles:
        return f"the cached session of {', '.join(entry.profiles)}"
    return f"a cached session of {f'the role {entry.role}' if entry.role else 'no profile'}"


def _keeps_sessions(context: Context) -> bool:
    """Whether a profile of the chain has a session that the AWS CLI caches."""
    return any(cache_keys.role_session(context.profiles.settings(hop.profile)) is not None for hop in context.hops)
