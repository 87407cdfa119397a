"""What is exported now, and the same as the prompt needs it: its state.

The state is worked out here alone. The hooks of the shells show it and count down: see shells/. (The snippet of an
integrated `assume` carries it, so this is on the hot path: what is rarely needed is imported where it is.)
"""

from __future__ import annotations

import os

from awsenv import Value
from awsenv.environment import (
    EXPIRATIONS,
    PROFILE_HINTS,
    SERVER,
    expiry,
    is_assumed,
    missing,
    named,
    session_token,
)
from awsenv.result import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FINGERPRINT", "Exported", "State", "exported", "state_of"]

#: What decides whose the exported credentials are and when they expire, beside the secrets. While it is the same, the
#: state of the prompt is.
FINGERPRINT = (
    "AWS_ACCESS_KEY_ID",
    "AWSENV_PROFILE",
    "AWSENV_KEY",
    "AWSENV_EXPIRATION",
    SERVER[0],
    *PROFILE_HINTS,
    *EXPIRATIONS,
)


class Exported(Value):
    """What the environment holds, as `check`, `prompt` and `refresh` need it.

    Attributes:
        name: the name to show: the profile and the roles assumed with it (`named`), else what another tool says, else
            `****` and the last four of the key id.
        profile: the name that was given to `assume`; None if awsenv did not export this.
        mode: "keys"; "profile", if SDKs obtain and renew credentials by themselves (by AWS_PROFILE, or the endpoint
            of `awsenv exec --server`); None, if nothing is exported.
        missing: the variable that is missing from a set of keys, or None.
        temporary: whether there is a session token, so that the keys expire.
        expiration: epoch seconds, None if the credentials do not expire or it is unknown.
    """

    name: str
    profile: str | None
    mode: str | None
    missing: str | None = None
    temporary: bool = False
    expiration: int | None = None


def exported(environ: Mapping[str, str]) -> Exported:
    """What is exported now.

    An expiration counts only if it belongs to the keys: AWSENV_KEY has the last eight characters of the key id that
    AWSENV_EXPIRATION was set for, and new keys may have been pasted since. Then, or without awsenv, the expiration
    variables of other tools are read, but not the one that our own `assume` left behind. A time without a zone is
    local, as awsume's is.
    """
    profile = environ.get("AWSENV_PROFILE") or None
    ours = named(profile or "", environ.get("AWSENV_OPTIONS", ""))
    key = environ.get("AWS_ACCESS_KEY_ID", "")
    if not key and not environ.get("AWS_SECRET_ACCESS_KEY"):
        return Exported(ours, profile, "profile") if is_assumed(environ) else Exported("", None, None)
    temporary = session_token(environ) is not None
    written = environ.get("AWSENV_EXPIRATION", "")
    our_expiration = int(written) if written.isdigit() and written.isascii() and len(written) <= 12 else None
    if is_assumed(environ):
        return Exported(ours, profile, "keys", temporary=temporary, expiration=our_expiration)
    times = (expiry.parse(environ.get(variable, ""), local=True) for variable in EXPIRATIONS)
    expiration = next((time for time in times if time is not None and time != our_expiration), None)
    hints = {variable: environ.get(variable) for variable in PROFILE_HINTS}
    if profile and hints["AWSUME_PROFILE"] in (profile, ours):
        hints["AWSUME_PROFILE"] = None
    name = next(filter(None, hints.values()), f"****{key[-4:]}")
    return Exported(name, None, "keys", missing=missing(environ), temporary=temporary, expiration=expiration)


class State(Value):
    """What is exported, as far as the prompt shows it. It does not change with time.

    Attributes:
        kind: "none" (nothing is exported), "permanent" (it does not expire), "expires" or "unknown" (it expires, but
            the expiration is unknown; or a part of the credentials is missing).
        name: what to call it.
        expiration: epoch seconds; None unless it expires.
        estimated: whether the expiration is an estimate: the time of issue and the usual duration.
        fix: how to get new credentials, as the end of a warning: a command, or what a person has to do.
        renewable: whether a renewal in the background may be tried.
        is_production: whether the setting AWSENV_PRODUCTION marks it.
        elsewhere: the shell in whose prompt starship, if it makes that, shows it already; empty if it does not.
        calm: what is shown instead of `name` and the time while more is left than the first threshold; empty for
            nothing else. Where SDKs renew by themselves, `name` is that of the sign-in behind it.
        until: the time of day of the expiration, as `messages.UNTIL`; empty for an estimate.
        answer: what `awsenv check` says where that does not depend on the time, and means that all is well.
    """

    kind: str
    name: str = ""
    expiration: int | None = None
    estimated: bool = False
    fix: str = ""
    renewable: bool = False
    is_production: bool = False
    elsewhere: str = ""
    until: str = ""
    answer: str = ""
    calm: str = ""

    def variables(self) -> dict[str, str]:
        """The variables, of the shell's own, in which the hooks have it. Never a secret."""
        return {f"__awsenv_{name}": _text(getattr(self, name)) for name in type(self).__annotations__}


def _text(value: str | int | None) -> str:
    """A value as the shells hold it: True as 1, False and None as an empty text."""
    return "" if value is None or value is False else "1" if value is True else str(value)


def state_of(environ: Mapping[str, str], now: int | None = None, *, today: int | None = None) -> State:
    """The state of an environment. Where no variable has the expiration, it reads the files that may.

    Args:
        environ: the environment.
        now: epoch seconds, to look up what renews it; None where that is known to be `awsenv refresh` for what awsenv
            has exported, or is not shown.
        today: epoch seconds, for the time of day of the expiration; `now` is enough, too.
    """
    current, today = exported(environ), now if today is None else today
    if current.mode is None:
        return State("none")
    if current.mode == "profile" and current.profile is not None:
        return _state_of_profile(current, environ, today)
    from awsenv.environment import messages

    name, expiration, estimated, found = current.name, current.expiration, False, None
    if expiration is None and current.mode == "keys" and current.temporary:
        from awsenv.environment import lookup

        found = lookup.known_of(current, environ)
        expiration, estimated = found.expiration, found.estimated
        name = name if current.profile else found.profile or name
    name, answer = printable(name), ""
    if current.missing is not None:  # incomplete credentials are unusable; ignore any expiration
        kind, expiration, estimated = "unknown", None, False
    elif expiration is not None:
        kind = "expires"
    elif current.temporary:
        kind = "unknown"
    else:
        kind, answer = "permanent", messages.PERMANENT.format(name=name)
    fix = messages.RENEW.format(command=messages.ASSUME if current.profile is None else messages.REFRESH)
    renews = current.profile is not None
    if now is not None and kind in ("expires", "unknown") and _may_not_renew(current, environ):
        from awsenv.environment import remedy

        complete = current.missing is None
        other = remedy.clause(remedy.of_exported(environ, now, complete=complete, known=found))
        fix, renews = printable(other), renews and other == fix
    until = "" if today is None or expiration is None or estimated else messages.until(expiration, today)
    return State(
        kind,
        name,
        expiration,
        estimated=estimated,
        fix=fix,
        renewable=kind == "expires" and not estimated and renews,
        is_production=_is_production(name, current.profile, environ),
        elsewhere=_elsewhere(environ),
        until=until,
        answer=answer,
    )


def _state_of_profile(exported: Exported, environ: Mapping[str, str], today: int | None) -> State:
    """Where SDKs renew by themselves: when a person is needed next."""
    from awsenv.environment import messages, remedy

    name, need = printable(exported.name), remedy.need_of_exported(environ)
    production = _is_production(name, exported.profile, environ)
    if need is None:
        fix, answer = messages.RENEW.format(command=messages.REFRESH), messages.SDK_RENEWS.format(name=name)
        return State("permanent", name, fix=fix, is_production=production, answer=answer)
    return State(
        "unknown" if need.expiration is None else "expires",
        messages.SIGN_IN.format(name=name),
        need.expiration,
        fix=printable(messages.RENEW.format(command=need.fix)),
        is_production=production,
        until="" if today is None or need.expiration is None else messages.until(need.expiration, today),
        calm="" if need.expiration is None else name,
    )


def _may_not_renew(exported: Exported, environ: Mapping[str, str]) -> bool:
    """Whether `awsenv refresh` may yield nothing: the keys are in a file as they are, or awsenv did not export them."""
    from awsenv.environment import lookup

    return exported.profile is None or lookup.in_files(environ, environ.get("AWS_ACCESS_KEY_ID", ""))


def _elsewhere(environ: Mapping[str, str]) -> str:
    if "STARSHIP_SHELL" not in environ:
        return ""
    from awsenv.environment import starship

    return starship.shell_with_module(environ)


def _is_production(shown: str, profile: str | None, environ: Mapping[str, str]) -> bool:
    """Whether AWSENV_PRODUCTION matches the profile, a role that was assumed with it, or both as they are shown. Most
    people have no such setting, and then the settings are not even imported.
    """
    from awsenv.aws import paths

    if "AWSENV_PRODUCTION" not in environ and not os.path.exists(paths.settings_file(environ)):
        return False
    from awsenv.environment import settings

    names = (shown, *shown.split(">"), profile or shown)
    patterns = settings.read(environ)[0]["AWSENV_PRODUCTION"].split()
    return any(_matches(name, pattern) for pattern in patterns for name in names)


def _matches(name: str, pattern: str) -> bool:
    """Whether a name matches a pattern in which `*` and `?` alone are special. (fnmatch imports re: 5 ms.)"""
    at = in_pattern = 0
    star, star_at = -1, 0
    while at < len(name):
        if in_pattern < len(pattern) and pattern[in_pattern] == "*":
            star, star_at = in_pattern, at
            in_pattern += 1
        elif in_pattern < len(pattern) and pattern[in_pattern] in ("?", name[at]):
            at, in_pattern = at + 1, in_pattern + 1
        elif star >= 0:  # the last star takes one character more
            star_at += 1
            at, in_pattern = star_at, star + 1
        else:
            return False
    return not pattern[in_pattern:].strip("*")
