"""`awsenv check`."""

from __future__ import annotations

from awsenv import environment
from awsenv.args import Command
from awsenv.environment import USER_AT_MOST, expiry, messages
from awsenv.result import (
    EXPIRED,
    GOOD,
    NEAR_EXPIRY,
    NOTHING_EXPORTED,
    UNKNOWN_EXPIRY,
    USAGE,
    AwsenvError,
    Result,
    printable,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.args import Args, Options
    from awsenv.environment import lookup

__all__ = ["COMMAND", "OPTIONS"]

OPTIONS: Options = {"--min-ttl": ("TIME", "how long it has to be valid: 30m, 2h (default 15m); less is near expiry")}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """One line and the exit code of the contract. (The integrated shells answer the same by themselves: shells/.)"""
    text = args.get("--min-ttl")
    least = expiry.NEAR if text is None else expiry.parse_duration(text)
    if least is None:
        raise AwsenvError(f"--min-ttl {text} is not a time", "write it like 900, 30m or 1h30m", USAGE)
    now_exported = environment.exported(environ)
    who = now_exported.name
    if now_exported.mode is None and environ.get("AWS_PROFILE"):
        return _answer(messages.ONLY_PROFILE.format(profile=environ["AWS_PROFILE"]), NOTHING_EXPORTED)
    if now_exported.mode is None:
        source = next((name for name in environment.SOURCES if environ.get(name)), None)
        return _answer(messages.ONLY_SOURCE.format(name=source) if source else messages.NOTHING, NOTHING_EXPORTED)
    if now_exported.mode == "profile":
        return _of_profile(who, environ, now, least)
    if now_exported.missing is not None:
        from awsenv.environment import remedy

        fix = remedy.of_exported(environ, now, complete=False).instruction
        raise AwsenvError(f"{now_exported.missing} is missing from what is exported", fix)
    expiration = now_exported.expiration
    if expiration is None and not now_exported.temporary:
        return _answer(messages.PERMANENT.format(name=who), GOOD)
    if expiration is None:  # no variable says it: the files may
        from awsenv.environment import lookup, settings

        lifetime = settings.assumed_lifetime(environ)
        known = lookup.known_of(now_exported, environ, lifetime)
        expiration = known.expiration
        who = who if now_exported.profile else known.profile or who
        if known.issued is not None and now - known.issued >= USER_AT_MOST:  # no session is valid for so long
            expiration = None if known.estimated else expiration
            expiration = min(expiration or now, known.issued + USER_AT_MOST)
        elif known.estimated or expiration is None:
            return _answer(f"{who}: exported, expiry unknown{_estimate(known, lifetime, now)}", UNKNOWN_EXPIRY)
    left = expiration - now
    if left >= max(least, 1):
        return _answer(messages.LEFT.format(name=who, left=expiry.short(left)), GOOD)
    from awsenv.environment import remedy

    fix = _too_short(environ, expiration, least) or remedy.clause(remedy.of_exported(environ, now))
    return _needs_renewal(who, left, fix)


def _of_profile(name: str, environ: Mapping[str, str], now: int, least: int) -> Result:
    """Where SDKs renew by themselves: whether a person is needed for that."""
    from awsenv.environment import remedy

    need = remedy.need_of_exported(environ)
    if need is None:
        return _answer(messages.SDK_RENEWS.format(name=name), GOOD)
    who, fix = messages.SIGN_IN.format(name=name), messages.RENEW.format(command=need.fix)
    if need.expiration is None:
        return _answer(messages.EXPIRED_NOW.format(name=who, fix=fix), EXPIRED)
    left = need.expiration - now
    if left >= max(least, 1):
        return _answer(messages.LEFT.format(name=who, left=expiry.short(left)), GOOD)
    return _needs_renewal(who, left, fix)


def _needs_renewal(name: str, left: int, fix: str) -> Result:
    values = {"name": name, "left": expiry.short(left), "note": "", "fix": fix}
    if left <= 0:
        return _answer(messages.EXPIRED.format_map(values), EXPIRED)
    return _answer(messages.NEAR.format_map(values), NEAR_EXPIRY)


def _too_short(environ: Mapping[str, str], expiration: int, least: int) -> str:
    """Why a new session of the same duration is no help; empty if it is, or the duration is unknown."""
    from awsenv.aws import session_token

    issued = session_token.issued(environment.session_token(environ) or "")
    if issued is None or not 0 < expiration - issued < least:
        return ""
    return f"a new one is valid for {expiry.short(expiration - issued)}, too: ask for more with --duration"


def _estimate(known: lookup.KeyInfo, lifetime: int, now: int) -> str:
    """What the session token gives away: the time of issue, and so the likely expiration."""
    if known.issued is None or known.expiration is None:
        return ""
    left = known.expiration - now
    end = f"about {expiry.short(left)} left" if left > 0 else f"expired about {expiry.short(left)} ago"
    issued = f"issued {expiry.short(now - known.issued)} ago"
    return f"; {issued}, and if it is valid for {expiry.short(lifetime)}, as most are, {end}"


def _answer(line: str, code: int) -> Result:
    return Result(out=f"{printable(line)}\n", code=code)


COMMAND = Command(
    usage="awsenv check [--min-ttl TIME]",
    description="""
Says whether what this shell exports is still valid, and for how long. The exit code says the same: 0 valid,
3 near expiry, 4 expired, 5 nothing exported, 6 exported but expiry unknown. It makes no network request.
""",
    options=OPTIONS,
    max_positionals=0,
    examples="""
  awsenv check
  awsenv check --min-ttl 1h || awsenv refresh
""",
    run=run,
)
