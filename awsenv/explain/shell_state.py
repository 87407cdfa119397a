"""The state of this shell, read from variables and files, and which profile can do what an explanation advises."""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from awsenv.args import nearest
from awsenv.aws import paths
from awsenv.aws.renewal import TEMPORARY, Renewal
from awsenv.doctor.checks.clock import clock_fix
from awsenv.doctor.context import Context
from awsenv.environment import active_profile, lookup, messages, remedy
from awsenv.explain.recognition import Recognised
from awsenv.report import session_cache
from awsenv.result import AwsenvError
from awsenv.sso import portal
from awsenv.sso.tokens import Tokens

__all__ = ["CHOOSE", "Cause", "ShellState", "inspect", "named_in", "profile_of"]

#: What to do before `awsenv assume PROFILE` where no profile is certain.
CHOOSE = "choose a profile that awsenv list shows"

_NAMED = re.compile(r"(?:--profile[ =]|\bAWS_PROFILE=)(?:\"([^\"\n]+)\"|'([^'\n]+)'|([^\s'\"&|;]+))")
_ROLE = re.compile(r"\barn:aws[\w-]*:iam::\d{12}:role/[\w+=,.@/-]*[\w+=@/-]")
_START_URL = re.compile(r"https://[\w.-]+(?:awsapps|app\.aws|awsapps-cn|signin)[\w.-]*/\S*start", re.IGNORECASE)
_SSO_FILE = re.compile(r"\.aws[/\\]+sso[/\\]+cache[/\\]+([0-9a-f]{40})\b")


class Cause(NamedTuple):
    """The cause of an error here, and what to do.

    Attributes:
        text: one sentence without a full stop.
        fix: the command; {profile}, {renew}, {reload} and {login} are filled in.
        remediation: what to do instead of the command, or before it, in prose.
    """

    text: str
    fix: str = ""
    remediation: str = ""


_REFRESH = Cause("", messages.REFRESH)
_SIGN_IN = Cause("", "awsenv login PROFILE", CHOOSE)


@dataclass(frozen=True)
class ShellState:
    """The state of this shell.

    Attributes:
        now: epoch seconds, by this machine's clock.
        profile: the one whose credentials are exported, or the active one; None if unknown.
        profiles: the names of all.
        keys: whether an access key is exported.
        temporary: whether it belongs to a session.
        expiration: epoch seconds at which it expires; None if that is uncertain.
        set_clock: how to set this machine's clock: a command or prose.
        named: the profile that was named explicitly; None for the default one.
        role_profile: the profile whose role the text names.
        temporary_keys: where a file has temporary credentials of the profile, and how to renew them; None without any.
        renew: how to get new credentials in place of the exported ones.
        reload: how to get the same credentials again, complete.
        login: how to sign in to IAM Identity Center.
        other_login: the same for the sign-in that the text names, if it is not the profile's.
        unobtainable: profile that may be suggested, but yields nothing -> what to do instead of assuming it.
        cache_files: name of a cache file in an error -> its owner, what is wrong with it, and the fix.
        cache_error: what is wrong with the directory of the session cache; None if nothing is.
    """

    now: int
    profile: str | None
    profiles: tuple[str, ...]
    keys: bool
    temporary: bool
    expiration: int | None
    set_clock: str
    named: str | None = None
    role_profile: str | None = None
    temporary_keys: Cause | None = None
    renew: Cause = _REFRESH
    reload: Cause = _REFRESH
    login: Cause = _SIGN_IN
    other_login: Cause | None = None
    unobtainable: Mapping[str, Cause] = field(default_factory=dict)
    cache_files: Mapping[str, Cause] = field(default_factory=dict)
    cache_error: Cause | None = None


def named_in(text: str) -> str | None:
    """Return the profile of a command that was pasted with its error: `aws s3 ls --profile project1`."""
    match = _NAMED.search(text)
    return next(filter(None, match.groups())) if match else None


def profile_of(text: str, context: Context) -> str | None:
    """Return the profile whose role a text names; of several, preferably the active one."""
    roles = set(_ROLE.findall(text))
    if not roles or context.unreadable is not None:
        return None
    found = [name for name in context.profiles.names() if context.profiles.text(name, "role_arn") in roles]
    return context.active_profile if context.active_profile in found else next(iter(found), None)


def inspect(context: Context, recognised: Sequence[Recognised] = (), text: str = "") -> ShellState:
    """Determine the state of this shell, and of what the errors name, from variables and files.

    Args:
        context: this shell.
        recognised: the errors.
        text: the text with them.
    """
    exported = context.exported
    known = lookup.known_of(exported, context.environ)
    if exported.profile is None and exported.expiration is not None:  # it may belong to other credentials
        known = lookup.look_up(context.environ, 0)
    names = () if context.unreadable is not None else tuple(context.profiles.names())
    profile = context.named or exported.profile or known.profile or context.profile
    profile = profile if profile in names or profile == exported.profile else None
    named = context.named or context.environ.get("AWSENV_PROFILE") or active_profile(context.environ)
    role_profile = profile_of(text, context)
    mentioned = [one.profile for one in recognised if one.profile is not None]
    near = [close for name in mentioned if name not in names for close in nearest(name, names)[:1]]
    candidates = {name for name in (profile, named, role_profile, *mentioned, *near) if name in names}
    return ShellState(
        now=context.now,
        profile=profile,
        profiles=names,
        keys=exported.mode == "keys" and context.named is None,
        temporary=exported.temporary,
        expiration=None if known.estimated else known.expiration,
        set_clock=clock_fix(context),
        named=named if named in names else None,
        role_profile=role_profile,
        temporary_keys=_temporary_keys(context, profile),
        renew=_renew(context, profile),
        reload=_renew(context, profile, complete=False),
        login=_login(context, role_profile or profile),
        other_login=_other_login(context, text, role_profile or profile),
        unobtainable=_unobtainable(context, candidates),
        cache_files={one.key: _cache_file(one.key, context) for one in recognised if one.key is not None},
        cache_error=_cache_error(paths.cli_cache(context.environ)),
    )


# --- which profile can ------------------------------------------------------------------------------------------------


def _renew(context: Context, profile: str | None, *, complete: bool = True) -> Cause:
    """Return how to get new credentials: in place of the exported ones, or of the profile."""
    if context.exported.mode == "keys" and context.named is None:
        found = remedy.of_exported(context.environ, context.now, complete=complete)
        return Cause(found.what, found.fix, found.remediation)
    if profile is None:
        return Cause("", messages.ASSUME, CHOOSE)
    renewal = context.renewal_of(profile)
    if renewal.static and not renewal.yields(other_than=renewal.access_key):
        return _remedy(renewal)
    return Cause("", "awsenv assume {profile}")


def _remedy(renewal: Renewal) -> Cause:
    return Cause(renewal.remedy.what, renewal.remedy.fix, renewal.remedy.remediation)


def _temporary_keys(context: Context, profile: str | None) -> Cause | None:
    renewal = None if profile is None else context.renewal_of(profile)
    return _remedy(renewal) if renewal is not None and renewal.kind == TEMPORARY else None


def _unobtainable(context: Context, names: Iterable[str]) -> dict[str, Cause]:
    renewals = {name: context.renewal_of(name) for name in names}
    return {name: _remedy(renewal) for name, renewal in renewals.items() if not renewal.yields()}


def _login(context: Context, profile: str | None) -> Cause:
    """Return how to sign in: for the profile, else to the only IAM Identity Center in the files."""
    if context.unreadable is None:
        if profile is not None and portal.uses_sso(context.profiles, profile):
            return Cause("", f"awsenv login {shlex.quote(profile)}")
        portals = portal.all_of(context.profiles)
        if len(portals) == 1:
            return Cause("", portals[0].login_command)
    return _SIGN_IN


def _other_login(context: Context, text: str, profile: str | None) -> Cause | None:
    """Return how to sign in to the IAM Identity Center that a text names; None if it is the profile's, or none."""
    url, files = _START_URL.search(text), set(_SSO_FILE.findall(text))
    for one in () if context.unreadable is not None else portal.all_of(context.profiles):
        if one.key in files or one.start_url in text or f"Token for {one.name} " in text:
            with suppress(AwsenvError):
                if profile is not None and portal.of_profile(context.profiles, profile).key == one.key:
                    return None
            return Cause("", one.login_command)
    if url is None:
        return None
    return Cause(f"no profile here signs in at {url[0]}", "awsenv login PROFILE", CHOOSE)


# --- cache files ------------------------------------------------------------------------------------------------------


def _cache_file(key: str, context: Context) -> Cause:
    """Return whose cache file has this name, what is wrong with it, and the fix."""
    entry = session_cache.Cache(context.environ, context.now).find(key)
    if entry is None:
        sign_in = Tokens(context.environ).files.path(key)
        if os.path.lexists(sign_in):
            return Cause(f"{sign_in} is a sign-in to IAM Identity Center; signing in rewrites it", "{login}")
        missing = "there is no such file here: it has been removed since, or belongs to another shell or user"
        return Cause(missing, remediation="try again")
    role = f"the role {entry.role}" if entry.role else "a profile that no longer exists"
    whose = f"{entry.path} is the cached session of {', '.join(entry.profiles) or role}"
    if entry.state == session_cache.CORRUPT:
        return Cause(f"{whose}, and corrupt: {entry.why}", "awsenv cache clear --corrupt")
    return Cause(f"{whose}, and intact now", remediation="try again")


def _cache_error(directory: str) -> Cause | None:
    """Return why this user cannot write a directory; None if it is missing, or the reason is unknown."""
    if os.name == "nt" or not os.path.isdir(directory):
        return None
    import pwd

    try:
        inside = [os.path.join(directory, name) for name in os.listdir(directory)]
    except OSError:
        inside = []
    for path in (directory, *inside):
        status = os.lstat(path)
        if status.st_uid != os.getuid() and not stat.S_ISLNK(status.st_mode):
            user = pwd.getpwuid(os.getuid()).pw_name
            return Cause(
                f"{path} belongs to user {status.st_uid}, most likely because a command with sudo wrote it",
                f"sudo chown -R {shlex.quote(user)} {shlex.quote(directory)}",
            )
    if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        return None
    return Cause(f"{directory} is yours and writable now: the error comes from another user", remediation="try again")
