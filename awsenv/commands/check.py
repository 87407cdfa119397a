"""`awsenv check`."""

from __future__ import annotations

from awsenv import Value, environment
from awsenv.args import Args, Command, Options
from awsenv.aws.expiry import USER_AT_MOST
from awsenv.environment import expiry, messages
from awsenv.result import (
    EXPIRED,
    FAILED,
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
    from collections.abc import Callable, Mapping

    from awsenv.environment import lookup

OPTIONS: Options = {
    "--min-ttl": ("TIME", "how long it has to be valid: 30m, 2h (default 15m); less is near expiry"),
    "--quiet": (None, "no text, only the exit code"),
    "--json": (None, "as a JSON object"),
    "--vars": (None, "instead: the AWS variables that are set, with secrets masked"),
}

#: What --json calls the exit codes.
_STATES = {
    GOOD: "valid",
    FAILED: "incomplete",
    NEAR_EXPIRY: "near expiry",
    EXPIRED: "expired",
    NOTHING_EXPORTED: "nothing exported",
    UNKNOWN_EXPIRY: "unknown expiry",
}


class Answer(Value):
    """What is known of what is exported.

    Attributes:
        line: the answer for people.
        code: the exit code.
        name: what to call it; None for nothing.
        profile: its profile, if that is known.
        expiration: epoch seconds; None if it does not expire, or that is unknown.
        error: with FAILED: the line, and what to do.
    """

    line: str
    code: int
    name: str | None = None
    profile: str | None = None
    expiration: int | None = None
    error: AwsenvError | None = None


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """One line and the exit code of the contract. (The integrated shells answer the same by themselves: shells/.)"""
    text = args.get("--min-ttl")
    least = expiry.NEAR if text is None else expiry.parse_duration(text)
    if least is None:
        raise AwsenvError(f"--min-ttl {text} is not a time", "write it like 900, 30m or 1h30m", USAGE)
    forms = [option for option in ("--quiet", "--json", "--vars") if option in args]
    if len(forms) > 1:
        raise AwsenvError(f"check takes {forms[0]} or {forms[1]}, not both", "see awsenv check --help", USAGE)
    answer = _answer(environ, now, least)
    if "--vars" in args:
        return Result(out=_variables(environ), code=answer.code)
    if "--json" in args:
        return Result(out=_as_json(answer, now), code=answer.code)
    if "--quiet" in args:
        return Result(code=answer.code)
    if answer.error is not None:
        raise answer.error
    return Result(out=f"{printable(answer.line)}\n", code=answer.code)


def _answer(environ: Mapping[str, str], now: int, least: int) -> Answer:
    now_exported = environment.exported(environ)
    who, profile = now_exported.name, now_exported.profile
    if now_exported.mode is None:
        return _nothing(environ)
    if now_exported.mode == "profile":
        return _of_profile(who, profile, environ, now, least)
    if now_exported.missing is not None:
        from awsenv.environment import remedy

        return Answer("", FAILED, who, profile, error=remedy.incomplete(environ, now))
    expiration = now_exported.expiration
    if expiration is None and not now_exported.temporary:
        return Answer(messages.PERMANENT.format(name=who), GOOD, who, profile)
    if expiration is None:  # no variable says it: the files may
        from awsenv.environment import lookup, settings

        lifetime = settings.assumed_lifetime(environ)
        known = lookup.known_of(now_exported, environ, lifetime)
        expiration = known.expiration
        profile = profile or known.profile
        who = who if now_exported.profile else profile or who
        if known.issued is not None and now - known.issued >= USER_AT_MOST:  # no session is valid for so long
            expiration = None if known.estimated else expiration
            expiration = min(expiration or now, known.issued + USER_AT_MOST)
        elif known.estimated or expiration is None:
            line = f"{who}: exported, expiry unknown{_estimate(known, lifetime, now)}"
            return Answer(line, UNKNOWN_EXPIRY, who, profile)

    def how_to_renew() -> str:
        from awsenv.environment import remedy

        return _too_short(environ, expiration, least) or remedy.clause(remedy.of_exported(environ, now))

    return _until(expiration, now, least, name=who, profile=profile, fix=how_to_renew)


def _of_profile(name: str, profile: str | None, environ: Mapping[str, str], now: int, least: int) -> Answer:
    """Where SDKs renew by themselves: whether a person is needed for that."""
    from awsenv.environment import remedy

    need = remedy.need_of_exported(environ)
    if need is None:
        return Answer(messages.SDK_RENEWS.format(name=name), GOOD, name, profile)
    who, fix = messages.SIGN_IN.format(name=name), messages.RENEW.format(command=need.fix)
    if need.expiration is None:
        return Answer(messages.EXPIRED_NOW.format(name=who, fix=fix), EXPIRED, who, profile)
    return _until(need.expiration, now, least, name=who, profile=profile, fix=lambda: fix)


def _until(expiration: int, now: int, least: int, *, name: str, profile: str | None, fix: Callable[[], str]) -> Answer:
    """Whether something with an expiration is valid for long enough; `fix` is asked where it is not."""
    left = expiration - now
    values = {"name": name, "left": expiry.short(left), "until": messages.until(expiration, now), "note": ""}
    sentence, code = messages.LEFT, GOOD
    if left < max(least, 1):
        values["fix"] = fix()
        sentence, code = (messages.EXPIRED, EXPIRED) if left <= 0 else (messages.NEAR, NEAR_EXPIRY)
    return Answer(sentence.format_map(values), code, name, profile, expiration=expiration)


def _nothing(environ: Mapping[str, str]) -> Answer:
    profile = environ.get("AWS_PROFILE")
    source = next((name for name in environment.SOURCES if environ.get(name)), None)
    line = messages.ONLY_SOURCE.format(name=source) if source else messages.NOTHING
    if profile:
        line = messages.ONLY_PROFILE.format(profile=profile)
    return Answer(line, NOTHING_EXPORTED, profile=profile or None)


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


def _as_json(answer: Answer, now: int) -> str:
    import json

    expiration = answer.expiration
    content = {
        "name": answer.name,
        "profile": answer.profile,
        "state": _STATES[answer.code],
        "seconds_left": None if expiration is None else expiration - now,
        "expiration": None if expiration is None else expiry.format_utc(expiration),
    }
    return json.dumps(content, indent=2) + "\n"


def _variables(environ: Mapping[str, str]) -> str:
    """As printenv shows them, but masked."""
    from awsenv.report import variables

    return "".join(
        f"{printable(name)}={variables.shown(name, environ[name])}\n"
        for name in variables.names(environ)
        if "AWS" in name
    )


COMMAND = Command(
    usage="awsenv check [--min-ttl TIME] [--quiet | --json | --vars]",
    description="""
Says whether what this shell exports is still valid, and for how long. The exit code says the same: 0 valid,
3 near expiry, 4 expired, 5 nothing exported, 6 exported but expiry unknown. It makes no network request.

With --vars it shows the variables instead, as printenv | grep AWS does, but never more of a secret than its end.
""",
    options=OPTIONS,
    max_positionals=0,
    examples="""
  awsenv check
  awsenv check --min-ttl 1h || awsenv refresh
  awsenv check --quiet || exit 1               in a script
  awsenv check --json | jq .seconds_left
  awsenv check --vars
""",
    run=run,
)
