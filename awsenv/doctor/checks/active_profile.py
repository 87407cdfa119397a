"""Checks of the profile that AWS_PROFILE and AWS_DEFAULT_PROFILE name."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from awsenv.args import nearest
from awsenv.credentials.plan import require
from awsenv.doctor.check import ERROR, Finding, check, leftover, problem
from awsenv.doctor.checks import config_files, config_headers
from awsenv.doctor.context import Context
from awsenv.environment import PROFILE_HINTS, PROFILES
from awsenv.result import AwsenvError


@check
def empty_profile(context: Context) -> Iterator[Finding]:
    for name in PROFILES:
        if context.environ.get(name) == "":
            yield leftover(f"{name} is set, but empty", (name,), f"{name}=")


@check
def unknown_profile(context: Context) -> Iterator[Finding]:
    requested = {name: context.environ[name] for name in PROFILES if context.environ.get(name)}
    if context.named is not None and context.named not in requested.values():
        requested[""] = context.named
    for name, profile in requested.items():
        try:
            require(context.profiles, profile)
        except AwsenvError as error:
            misplaced = _misplaced(context, profile)
            if misplaced is not None and context.profile == profile:
                continue  # that check reports it, which is the cause
            what = f"there is no profile {profile!r} in {context.profiles.names_of_files}"
            if not name:
                yield problem(what, advice=error.fix)
                continue
            near = nearest(profile, context.profiles.names())
            fix, remediation, places = f"unset {name}", "", tuple[str, ...]()
            if misplaced is not None and not context.has_keys:
                fix, remediation, places = misplaced.fix, misplaced.remediation, misplaced.evidence
            elif near and not context.has_keys:
                fix = f"awsenv assume {shlex.quote(near[0])} --mode profile"
            shown = f"{name}={profile}", *places
            yield problem(f"{name} is {profile}, and {what}", *shown, fix=fix, remediation=remediation)


# The checks that find a profile where AWS tools do not look.
_MISPLACED = (
    config_files.profile_in_other_file,
    config_headers.profile_prefix_missing,
    config_headers.profile_header_malformed,
    config_headers.profile_prefix_in_credentials,
)


def _misplaced(context: Context, profile: str) -> Finding | None:
    """Return the finding of a profile that AWS tools miss: in another file, or under a misspelled header."""
    if context.profile != profile:
        context = Context(context.environ, context.now, profile, platform=context.platform)
    return next((finding for check in _MISPLACED for finding in check.look(context) if finding.severity == ERROR), None)


@check
def keys_shadow_profile(context: Context) -> Iterator[Finding]:
    environ = context.environ
    if not (environ.get("AWS_ACCESS_KEY_ID") and environ.get("AWS_SECRET_ACCESS_KEY")):
        return
    if context.unreadable is not None or "GRANTED_SSO" in environ:  # granted exports both, for one profile
        return
    tools = (environ.get(name) for name in ("AWSENV_PROFILE", *PROFILE_HINTS) if name not in PROFILES)
    of_the_keys = {*tools, context.known.profile}
    for name in PROFILES:
        profile = environ.get(name)
        if profile and profile in context.profiles and profile not in of_the_keys:
            what = f"the exported credentials are used, not the profile {profile} that {name} names"
            fix = f"awsenv assume {shlex.quote(profile)}"
            yield problem(what, f"{name}={profile}", context.shown_key, fix=fix)


@check
def two_profiles(context: Context) -> Iterator[Finding]:
    first, second = (context.environ.get(name) for name in PROFILES)
    if first and second and first != second and not context.has_keys:
        what = f"AWS_PROFILE is {first}, AWS_DEFAULT_PROFILE is {second}, and tools differ in which they follow"
        yield problem(what, f"AWS_PROFILE={first}", f"AWS_DEFAULT_PROFILE={second}")
