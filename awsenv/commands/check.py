"""`awsenv check`."""

from awsenv import Value, environment
from awsenv.args import Args, Command, Options
from awsenv.aws.expiry import USER_AT_MOST
from awsenv.environment import expiry, messages, state
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
    """Whether what is exported is still valid.

    Attributes:
        line: the answer as text.
        code: the exit code.
        name: what is exported; None for nothing.
        profile: its profile, None if that is unknown.
        expiration: epoch seconds; None if it does not expire, or that is unknown.
        error: with FAILED: what is wrong, in place of the line.
    """

    line: str
    code: int
    name: str | None = None
    profile: str | None = None
    expiration: int | None = None
    error: AwsenvError | None = None


def run(args: Args, environ: "Mapping[str, str]", now: int) -> Result:
    """Return one line and the exit code. (Integrated shells answer the same by themselves: shells/.)"""
    text = args.get("--min-ttl")
    min_ttl = expiry.NEAR if text is None else expiry.parse_duration(text)
    if min_ttl is None:
        raise AwsenvError(f"--min-ttl {text} is not a time", "write it like 900, 30m or 1h30m", USAGE)
    form = args.one_of("--quiet", "--json", "--vars")
    answer = _answer(environ, now, min_ttl)
    if form == "--vars":
        return Result(out=_variables(environ), code=answer.code)
    if form == "--json":
        return Result(out=_as_json(answer, now), code=answer.code)
    if form == "--quiet":
        return Result(code=answer.code)
    if answer.error is not None:
        raise answer.error
    return Result(out=f"{printable(answer.line)}\n", code=answer.code)


def _answer(environ: "Mapping[str, str]", now: int, min_ttl: int) -> Answer:
    found = state.exported(environ)
    name, profile = found.name, found.profile
    if found.mode is None:
        return _nothing(environ)
    if found.mode == "profile":
        return _of_profile(name, profile, environ, now, min_ttl)
    if found.missing is not None:
        from awsenv.environment import remedy

        return Answer("", FAILED, name, profile, error=remedy.incomplete(environ, now))
    expiration = found.expiration
    if expiration is None and not found.temporary:
        return Answer(messages.PERMANENT.format(name=name), GOOD, name, profile)
    if expiration is None:  # in no variable; perhaps in the files
        from awsenv.environment import lookup, settings

        lifetime = settings.assumed_lifetime(environ)
        known = lookup.known_of(found, environ, lifetime)
        expiration, issued = known.expiration, known.issued
        profile = profile or known.profile
        name = name if found.profile else profile or name
        if issued is not None and now - issued >= USER_AT_MOST:  # older than any session can be
            expiration = None if known.estimated else expiration
            expiration = min(expiration or now, issued + USER_AT_MOST)
        elif known.estimated or expiration is None:
            estimate = "" if issued is None else f"; {messages.estimate(issued, lifetime, now)}"
            return Answer(f"{name}: exported, expiry unknown{estimate}", UNKNOWN_EXPIRY, name, profile)

    def how_to_renew() -> str:
        from awsenv.environment import remedy

        return _too_short(environ, expiration, min_ttl) or remedy.clause(remedy.of_exported(environ, now))

    return _until(expiration, now, min_ttl, name=name, profile=profile, fix=how_to_renew)


def _of_profile(name: str, profile: str | None, environ: "Mapping[str, str]", now: int, min_ttl: int) -> Answer:
    """Answer for a profile that SDKs renew by themselves: until when they can without the user."""
    from awsenv.environment import remedy

    need = remedy.need_of_exported(environ)
    if need is None:
        return Answer(messages.SDK_RENEWS.format(name=name), GOOD, name, profile)
    sign_in, fix = messages.SIGN_IN.format(name=name), messages.RENEW.format(command=need.fix)
    if need.expiration is None:
        return Answer(messages.EXPIRED_NOW.format(name=sign_in, fix=fix), EXPIRED, sign_in, profile)
    return _until(need.expiration, now, min_ttl, name=sign_in, profile=profile, fix=lambda: fix)


def _until(
    expiration: int, now: int, min_ttl: int, *, name: str, profile: str | None, fix: "Callable[[], str]"
) -> Answer:
    """Answer for a known expiration; `fix` is called unless it is good."""
    left = expiration - now
    values = {"name": name, "left": expiry.short(left), "until": messages.until(expiration, now), "note": ""}
    sentence, code = messages.LEFT, GOOD
    if left < max(min_ttl, 1):
        values["fix"] = fix()
        sentence, code = (messages.EXPIRED, EXPIRED) if left <= 0 else (messages.NEAR, NEAR_EXPIRY)
    return Answer(sentence.format_map(values), code, name, profile, expiration=expiration)


def _nothing(environ: "Mapping[str, str]") -> Answer:
    for name in environment.PROFILES:
        if profile := environ.get(name):
            line = messages.ONLY_PROFILE.format(variable=name, profile=profile)
            return Answer(line, NOTHING_EXPORTED, profile=profile)
    source = next((name for name in environment.SOURCES if environ.get(name)), None)
    line = messages.ONLY_SOURCE.format(name=source) if source else messages.NOTHING
    return Answer(line, NOTHING_EXPORTED)


def _too_short(environ: "Mapping[str, str]", expiration: int, min_ttl: int) -> str:
    """Return why a new session of the same duration does not help; "" if it does, or the duration is unknown."""
    from awsenv.aws import session_token

    issued = session_token.issued(environment.session_token(environ) or "")
    if issued is None or not 0 < expiration - issued < min_ttl:
        return ""
    return f"a new one is valid for {expiry.short(expiration - issued)}, too: ask for more with --duration"


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


def _variables(environ: "Mapping[str, str]") -> str:
    """Return the AWS variables as printenv shows them, but masked."""
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

With --vars it shows the variables instead, as printenv | grep AWS does, but with secrets masked.
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
