"""`awsenv whoami`."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace

from awsenv import environment
from awsenv.args import Args, Command, Options
from awsenv.aws import error_codes
from awsenv.aws.config_files import Profiles
from awsenv.aws.renewal import renewal_of
from awsenv.commands import refresh
from awsenv.commands._obtain import obtain_or_login, showing_progress
from awsenv.credentials import identity
from awsenv.credentials.identity import Answer, Identity, Question
from awsenv.credentials.request import Request
from awsenv.environment import Credentials, lookup, messages, remedy
from awsenv.report import resolution, table
from awsenv.result import EXPIRED, GOOD, NOTHING_EXPORTED, AwsenvError, Result, printable

OPTIONS: Options = {
    "--json": (None, "as a JSON object"),
    "--no-input": (None, "never prompt for an MFA code or a sign-in"),
}

_DOCTOR = "awsenv doctor"


@dataclass(frozen=True)
class Side:
    """One of the two identities.

    Attributes:
        label: `exported`, or the profile.
        identity: as AWS returns it, None if it does not.
        expiration: epoch seconds, None if it does not expire or that is unknown.
        temporary: whether it expires.
        error: why the identity is unknown.
    """

    label: str
    identity: Identity | None = None
    expiration: int | None = None
    temporary: bool = False
    error: AwsenvError | None = None


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Return both identities and whether they match; AwsenvError if there is neither."""
    name = args.first
    environ = identity.with_short_timeouts(environ)
    request = _request(name, environ)
    with showing_progress():
        here = _exported(environ, now)
        if here is None and request is None:
            request = _default_request(environ, now)
        there = None if request is None else _profile(request.replace(ask="--no-input" not in args), environ, now)
    code = GOOD
    if here is not None and here.error is not None:
        code = here.error.code
    elif there is not None and there.error is not None and (here is None or name is not None):
        code = there.error.code
    write = _as_json if "--json" in args else _as_text
    return Result(out=write(here, there, now), code=code)


def _request(name: str | None, environ: Mapping[str, str]) -> Request | None:
    """Return the request for the profile's session, as `refresh` would make it; None without a profile."""
    args = Args()
    if name is None and environ.get("AWSENV_PROFILE"):
        args = refresh.assumed_args(environ)
    else:
        name = environment.active_profile(environ) if name is None else name
        if not name:
            return None
        args.positionals = [name]
    return Request.from_args(args)


def _default_request(environ: Mapping[str, str], now: int) -> Request | None:
    """Return the request for the default profile; AwsenvError (5) if it has no credentials."""
    # an empty AWS_PROFILE, too, is an AwsenvError here
    if resolution.of(resolution.SHELL, Profiles(environ), environ, now).source.type is None:
        raise AwsenvError(
            "nothing is exported, no profile is named, and the default one has no credentials",
            "type awsenv assume PROFILE",
            NOTHING_EXPORTED,
        )
    return _request("default", environ)


def _exported(environ: Mapping[str, str], now: int) -> Side | None:
    """Return the identity of what is exported; None if that is neither credentials nor a source of them."""
    side = _by_variables(environ, now)
    if side is None or side.error is not None:
        return side
    try:  # AWS tools look the active profile up, even if they do not need it
        resolution.in_force(Profiles(environ), environ)
    except AwsenvError as error:
        return replace(side, error=error)
    return side


def _by_variables(environ: Mapping[str, str], now: int) -> Side | None:
    known = lookup.exported_credentials(environ, 0)
    found, credentials = known.exported, known.credentials
    if found.mode is None:
        return _by_pointer(environ, now)
    if found.mode != "keys":
        return None
    if found.missing is not None or credentials is None:
        return Side("exported", temporary=found.temporary, error=remedy.incomplete(environ, now))
    side = Side("exported", expiration=credentials.expiration, temporary=found.temporary)
    renew = remedy.of_exported(environ, now).instruction
    return _identified(side, credentials, environ, environment.active_profile(environ), renew=renew)


def _by_pointer(environ: Mapping[str, str], now: int) -> Side | None:
    """Return the identity behind variables that name a source of credentials; None if AWS tools use the profile."""
    if not any(environ.get(variable) for variable in identity.CREDENTIAL_POINTERS):
        return None
    try:
        variable = resolution.of(resolution.SHELL, Profiles(environ), environ, now).source.place
        if variable not in identity.CREDENTIAL_POINTERS:
            return None
        session = identity.load_from_environment(variable, environ)
    except AwsenvError as error:
        return Side("exported", error=error)
    side = Side("exported", expiration=session.expiration, temporary=True)
    profile = environment.active_profile(environ) or None
    return _identified(side, session, environ, profile, renew=f"type {_DOCTOR}")


def _profile(request: Request, environ: Mapping[str, str], now: int) -> Side:
    """Return the identity of a profile."""
    base, label = environment.without_assumed(environ), environment.named(request.name, request.options)
    try:
        session = obtain_or_login(request, base, now)
    except AwsenvError as error:
        return Side(label, error=error)
    side = Side(label, expiration=session.expiration, temporary=session.token is not None)
    if session.is_static and request.profile is not None:
        renew = renewal_of(Profiles(base), request.profile, base, now).remedy.instruction
    else:
        renew = (
            f"type {messages.REFRESH if request.options else f'awsenv assume {shlex.quote(request.name)} --refresh'}"
        )
    return _identified(side, session, base, request.profile, renew=renew, region=session.region)


def _identified(
    side: Side,
    credentials: Credentials,
    environ: Mapping[str, str],
    profile: str | None,
    *,
    renew: str,
    region: str | None = None,
) -> Side:
    """Return the side with the identity that AWS returns for its credentials, or with the error."""
    try:
        known = profile if profile is not None and profile in Profiles(environ) else None
    except AwsenvError:  # the identity does not depend on the files
        known = None
    try:
        answer = Question(credentials, region or identity.region_of(environ, profile), environ, known).ask()
    except AwsenvError as error:
        return replace(side, error=error)
    return replace(side, identity=answer.identity, error=_error(answer, renew))


def _error(answer: Answer, renew: str) -> AwsenvError | None:
    """Return why AWS did not return an identity."""
    if answer.failure is not None:
        return AwsenvError(
            f"no answer from AWS at {answer.endpoint} ({answer.failure.stage}): {answer.failure.why}", f"type {_DOCTOR}"
        )
    if answer.refusal is None:
        return None
    what = f"AWS rejects that with {answer.refusal.code}: {answer.refusal.message.rstrip('.')}"
    if answer.refusal.code in error_codes.EXPIRED:
        return AwsenvError(what, renew, EXPIRED)
    then = "" if _DOCTOR in renew else f"; if that does not help, {_DOCTOR}"
    return AwsenvError(what, f"{renew}{then}")


# --- the output -------------------------------------------------------------------------------------------------------


def _verdict(here: Side | None, there: Side | None) -> tuple[bool, str] | None:
    """Return whether both are the same, and why; None if that is unknown."""
    if here is None or there is None or here.identity is None or there.identity is None:
        return None
    mine, its = here.identity, there.identity
    if mine.principal == its.principal:
        return True, f"what is exported is {there.label}"
    if mine.account != its.account:
        return False, f"what is exported is in account {mine.account}, {there.label} in {its.account}"
    return False, f"what is exported is {mine.principal[1]}, {there.label} is {its.principal[1]}"


def _as_text(here: Side | None, there: Side | None, now: int) -> str:
    """Return a table of both, whether they are the same, and errors."""
    sides = [side for side in (here, there) if side is not None]
    rows: list[list[table.Cell]] = []
    for side in sides:
        found = side.identity
        left = table.left(side.expiration, now)
        if side.expiration is None and found is not None:
            left = ("unknown" if side.temporary else "never", "")
        cells = [found.account, found.arn, found.user_id] if found else [None] * 3
        rows.append([side.label, *cells, left])
    text = table.text(("WHO", "ACCOUNT", "ARN", "USER ID", "LEFT"), rows)
    lines = [] if here is not None else ["nothing is exported"]
    verdict = _verdict(here, there)
    if verdict is not None:
        lines.append(f"{'the same' if verdict[0] else 'not the same'}: {verdict[1]}")
    lines += [f"{side.label}: {side.error}" for side in sides if side.error is not None]
    return text + "".join(f"{printable(line)}\n" for line in lines)


def _as_json(here: Side | None, there: Side | None, now: int) -> str:
    """Return an object with `exported`, `profile`, `same` (null if that is unknown) and `why`."""
    verdict = _verdict(here, there)
    same, why = verdict or (None, None)
    answer = {"exported": _as_object(here, now), "profile": _as_object(there, now), "same": same, "why": why}
    return json.dumps(answer, indent=2) + "\n"


def _as_object(side: Side | None, now: int) -> dict[str, str | int | None] | None:
    if side is None:
        return None
    return {
        "name": side.label,
        **{part: getattr(side.identity, part, None) for part in ("arn", "account", "user_id")},
        "expiration": side.expiration,
        "seconds_left": None if side.expiration is None else side.expiration - now,
        "error": side.error.what if side.error else None,
        "fix": side.error.fix if side.error else None,
    }


COMMAND = Command(
    usage="awsenv whoami [PROFILE] [options]",
    description="""
Shows the identity that AWS sees for this shell (GetCallerIdentity with what is exported), next to it the identity of
PROFILE, and whether they match. Without PROFILE it takes the one that was assumed here, or that AWS_PROFILE names. With
nothing exported it shows that profile alone, or the default one, which AWS tools use here.

The session of the profile comes from the cache or is obtained, as by assume, but nothing in the shell changes. It asks
for an MFA code or a sign-in on a terminal only. Exit codes: 0 good, 1 rejected or unavailable, with the reason and the
fix, 4 expired, 5 no credentials: none exported, no profile named, and the default one has none.
""",
    options=OPTIONS,
    max_positionals=1,
    examples="""
  awsenv whoami
  awsenv whoami project1                        and is that project1?
  awsenv whoami --json | jq -r .exported.account
""",
    run=run,
)
