"""What is exported, and the state that the prompt shows of it.

Only this module works out the state; the hooks in shells/ display it and count down. (The snippet of an integrated
`assume` carries it, so this is on the hot path: rare imports are inside functions.)
"""

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

#: The variables that identify the exported credentials and their expiration, besides the secrets. The state stays valid
#: while these are unchanged.
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
    """What the environment holds, for `check`, `prompt` and `refresh`.

    Attributes:
        name: the name to show: the profile and the roles assumed with it (`named`), else the label of another tool,
            else `****` and the last four characters of the access key ID.
        profile: the name given to `assume`; None if awsenv did not export this.
        mode: "keys"; "profile" if SDKs obtain and renew credentials by themselves (with AWS_PROFILE or the endpoint of
            `awsenv exec --server`); None if nothing is exported.
        missing: the variable that is missing from the keys, or None.
        temporary: whether there is a session token, so that the keys expire.
        expiration: epoch seconds; None if the credentials do not expire or it is unknown.
    """

    name: str
    profile: str | None
    mode: str | None
    missing: str | None = None
    temporary: bool = False
    expiration: int | None = None


def exported(environ: "Mapping[str, str]") -> Exported:
    """Return what is exported.

    AWSENV_EXPIRATION counts only for the keys it was set with, as AWSENV_KEY shows: the user may have pasted new ones
    since. For other keys the expiration variables of other tools count, except for a value that `assume` has set. A
    time without a zone is local, as in awsume's variable.
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
    """What the prompt needs to know of what is exported. It does not change with time.

    Attributes:
        kind: "none" (nothing is exported), "permanent" (it does not expire), "expires" or "unknown" (it expires, but
            the expiration is unknown; or a part of the credentials is missing).
        name: the name to show.
        expiration: epoch seconds; None unless it expires.
        estimated: whether the expiration is an estimate: the time of issue plus the usual duration.
        fix: how to get new credentials, as the last clause of a warning.
        renewable: whether a renewal in the background may be tried.
        is_production: whether the setting AWSENV_PRODUCTION matches it.
        starship_shell: the shell in whose prompt starship shows it already; empty if it does not.
        quiet_text: what to show instead of `name` and the time left until the first threshold; empty for no difference.
            (Where SDKs renew by themselves, the expiration is that of a sign-in, and `name` is the name of that.)
        until_clause: the time of day of the expiration, as `messages.UNTIL`; empty for an estimate.
        check_text: the output of `awsenv check`, if that does not depend on the time.
    """

    kind: str
    name: str = ""
    expiration: int | None = None
    estimated: bool = False
    fix: str = ""
    renewable: bool = False
    is_production: bool = False
    starship_shell: str = ""
    until_clause: str = ""
    check_text: str = ""
    quiet_text: str = ""

    def variables(self) -> dict[str, str]:
        """Return the shell variables in which the hooks store it, none of them a secret."""
        return {f"__awsenv_{name}": _text(getattr(self, name)) for name in type(self).__annotations__}


def _text(value: str | int | None) -> str:
    """Return a value for a shell variable: True is 1, False and None are empty."""
    return "" if value is None or value is False else "1" if value is True else str(value)


def state_of(environ: "Mapping[str, str]", now: int | None = None, *, today: int | None = None) -> State:
    """Return the state of an environment. Reads files if no variable has the expiration.

    Args:
        environ: the environment.
        now: epoch seconds, to look up what renews it; None if that is known to be `awsenv refresh` or is not shown.
        today: epoch seconds, for the time of day of the expiration; by default `now`.
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
        starship_shell=_elsewhere(environ),
        until_clause=until,
        check_text=answer,
    )


def _state_of_profile(exported: Exported, environ: "Mapping[str, str]", today: int | None) -> State:
    """Return the state where SDKs renew by themselves: it expires when the user has to act next."""
    from awsenv.environment import messages, remedy

    name, need = printable(exported.name), remedy.need_of_exported(environ)
    production = _is_production(name, exported.profile, environ)
    if need is None:
        fix, answer = messages.RENEW.format(command=messages.REFRESH), messages.SDK_RENEWS.format(name=name)
        return State("permanent", name, fix=fix, is_production=production, check_text=answer)
    return State(
        "unknown" if need.expiration is None else "expires",
        messages.SIGN_IN.format(name=name),
        need.expiration,
        fix=printable(messages.RENEW.format(command=need.fix)),
        is_production=production,
        until_clause="" if today is None or need.expiration is None else messages.until(need.expiration, today),
        quiet_text="" if need.expiration is None else name,
    )


def _may_not_renew(exported: Exported, environ: "Mapping[str, str]") -> bool:
    """Whether `awsenv refresh` may yield nothing new: awsenv did not export the keys, or they are static."""
    from awsenv.environment import lookup

    return exported.profile is None or lookup.in_files(environ, environ.get("AWS_ACCESS_KEY_ID", ""))


def _elsewhere(environ: "Mapping[str, str]") -> str:
    if "STARSHIP_SHELL" not in environ:
        return ""
    from awsenv.environment import starship

    return starship.shell_with_module(environ)


def _is_production(shown: str, profile: str | None, environ: "Mapping[str, str]") -> bool:
    """Whether AWSENV_PRODUCTION matches the profile, a role assumed with it, or the name shown for both.

    Without that setting, as for most users, the settings are not imported.
    """
    from awsenv.aws import paths

    if "AWSENV_PRODUCTION" not in environ and not os.path.exists(paths.settings_file(environ)):
        return False
    from awsenv.environment import settings

    names = (shown, *shown.split(">"), profile or shown)
    patterns = settings.read(environ)[0]["AWSENV_PRODUCTION"].split()
    return any(_matches(name, pattern) for pattern in patterns for name in names)


def _matches(name: str, pattern: str) -> bool:
    """Whether a name matches a pattern in which only `*` and `?` are special. (fnmatch imports re: 5 ms.)"""
    at = in_pattern = 0
    star, star_at = -1, 0
    while at < len(name):
        if in_pattern < len(pattern) and pattern[in_pattern] == "*":
            star, star_at = in_pattern, at
            in_pattern += 1
        elif in_pattern < len(pattern) and pattern[in_pattern] in ("?", name[at]):
            at, in_pattern = at + 1, in_pattern + 1
        elif star >= 0:  # let the last star match one more character
            star_at += 1
            at, in_pattern = star_at, star + 1
        else:
            return False
    return not pattern[in_pattern:].strip("*")
