"""Checks of the AWS CLI's cache of sessions."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from typing import Any

from awsenv.aws import cache_keys, paths
from awsenv.aws.expiry import short
from awsenv.doctor.check import ERROR, NOTE, WARNING, AutoFix, Finding, check, problem
from awsenv.doctor.context import Context
from awsenv.report import session_cache
from awsenv.report.prose import counted
from awsenv.report.session_cache import Cached


@check
def cache_corrupt(context: Context) -> Iterator[Finding]:
    for entry in context.cached:
        if entry.state != session_cache.CORRUPT:
            continue
        if entry.path is None:  # the AWS CLI does not read the keyring, and awsenv obtains a new session
            yield problem(f"{_described(entry)} in the keyring is corrupt: {entry.why}", entry.key, severity=NOTE)
            continue
        is_directory = os.path.isdir(entry.path) and not os.path.islink(entry.path)
        is_needed = any(hop.profile in entry.profiles for hop in context.readable_hops)
        yield problem(
            f"{_described(entry)} is corrupt: {entry.why}",
            entry.path,
            severity=ERROR if is_needed else WARNING,
            auto_fix=None if is_directory else AutoFix(remove=(entry,)),
        )


@check
def cache_unusable(context: Context) -> Iterator[Finding]:
    directory = path = paths.cli_cache(context.environ)
    if not _caches_sessions(context):
        return
    while not os.path.lexists(path) and path != os.path.dirname(path):
        path = os.path.dirname(path)
    if not os.path.isdir(path):
        remediation = f"move {path} away" if path == directory else f"make {path} a directory"
        yield problem(f"cannot cache sessions in {directory}: {path} is not a directory", path, remediation=remediation)
    elif not os.access(path, _USABLE):
        what = f"cannot cache sessions in {directory}: you may not read and write {path}"
        yield problem(what, path, **_make_yours(context, path))
    elif context.cache_error is not None:  # the keyring
        yield problem(context.cache_error.what, "AWSENV_CACHE", advice=context.cache_error.fix)


@check
def cache_not_yours(context: Context) -> Iterator[Finding]:
    own, *others = (of(context.environ) for of in (paths.cli_cache, paths.sso_cache, paths.login_cache))
    reported = context.unreadable is None and _caches_sessions(context)  # by cache-unusable
    for cache in others if reported else (own, *others):
        above = os.path.dirname(cache)
        closed = next((path for path in (above, cache) if os.path.isdir(path) and not os.access(path, _USABLE)), None)
        if closed is not None:
            yield problem(f"you may not read and write {closed}", closed, **_make_yours(context, closed, above))
            continue
        files = sorted(entry.path for entry in os.scandir(cache) if _is_closed(entry)) if os.path.isdir(cache) else []
        if files and cache != own:  # there, cache-corrupt reports each file
            what = f"you may not read and write {counted(len(files), 'file')} in {cache}"
            yield problem(what, *files[:5], **_make_yours(context, files[0], cache))


_USABLE = os.R_OK | os.W_OK | os.X_OK


def _is_closed(entry: os.DirEntry[str]) -> bool:
    return entry.name.endswith(".json") and not os.access(entry.path, os.R_OK | os.W_OK)


def _make_yours(context: Context, path: str, whole: str = "") -> dict[str, Any]:
    """Return the fix, or the remediation, for a path that this user may not write.

    Args:
        context: with the platform.
        path: the directory or file.
        whole: the directory to change with all its content, if that is not the path.
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
    entries = _files(context, session_cache.EXPIRED)
    evidence = (
        f"{entry.path}: {_described(entry)}, {short(context.now - (entry.expiration or 0))} ago" for entry in entries
    )
    if entries:
        what = f"{counted(len(entries), 'cached session')} expired"
        yield problem(what, *evidence, auto_fix=AutoFix(remove=tuple(entries), by_time=True))


@check
def cache_litter(context: Context) -> Iterator[Finding]:
    entries = _files(context, session_cache.TEMP_FILE)
    if entries:
        what = f"{counted(len(entries), 'file')} in the session cache left over from an interrupted write"
        yield problem(what, *(str(entry.path) for entry in entries), auto_fix=AutoFix(remove=tuple(entries)))


def _files(context: Context, state: str) -> list[Cached]:
    return [entry for entry in context.cached if entry.state == state and entry.path is not None]


def _described(entry: Cached) -> str:
    if entry.profiles:
        return f"the cached session of {', '.join(entry.profiles)}"
    return f"a cached session of {f'the role {entry.role}' if entry.role else 'no profile'}"


def _caches_sessions(context: Context) -> bool:
    """Whether the AWS CLI caches the session of a profile of the chain."""
    return any(cache_keys.role_session(context.profiles.settings(hop.profile)) is not None for hop in context.hops)
