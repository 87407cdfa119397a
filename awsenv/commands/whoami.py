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
from awsenv.commands._obtain import obtain_or_login, telling
from awsenv.credentials import identity
from awsenv.credentials.identity import Answer, Identity, Question
from awsenv.credentials.request import Request
from awsenv.environment import Credentials, Session, lookup, messages, remedy
from awsenv.report import resolution, table
from awsenv.result import EXPIRED, GOOD, NOTHING_EXPORTED, USAGE, AwsenvError, Result, printable

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
        error: why it is unknown.
    """

    label: str
    identity: Identity | None = None
    expiration: int | None = None
    temporary: bool = False
    error: AwsenvError | None = None


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Both sides and whether they are the same; AwsenvError if there is neither."""
    name = args.positionals[0] if args.positionals else None
    if name == "":
        raise AwsenvError("whoami was given an empty profile name", "name one, or leave it out", USAGE)
    environ = {**identity.SHORT, **environ}
    request = _request(name, environ, ask="--no-input" not in args)
    with telling():
        here = _exported(environ, now)
        if here is None and request is None:
            request = _default(environ, now, ask="--no-input" not in args)
        there = None if request is None else _profile(request, environ, now)
    code = GOOD
    if here is not None and here.error is not None:
        code = here.error.code
    elif there is not None and there.error is not None and (here is None or name is not None):
        code = there.error.code
    write = _as_json if "--json" in args else _as_text
    return Result(out=write(here, there, now), code=code)


def _request(name: str | None, environ: Mapping[str, str], *, ask: bool) -> Request | None:
    """What is asked for to know who the profile would be, as `refresh` would ask for it; None without a profile."""
    again = Args()
    if name is None and environ.get("AWSENV_PROFILE"):
        again = refresh.assumed_args(environ)
    else:
        name = environment.active_profile(environ) if name is None else name
        if not name:
            return None
        again.positionals = [name]
    if not ask:
        again.options["--no-input"] = ""
    return Request.from_args(again)


def _default(environ: Mapping[str, str], now: int, *, ask: bool) -> Request:
    """What is asked for where nothing is exported and no profile is named: the default profile, if it has anything."""
    # an empty AWS_PROFILE, too, is an AwsenvError here
    if resolution.of(resolution.SHELL, Profiles(environ), environ, now).source.type is None:
        raise AwsenvError(
            "nothing is exported, no profile is named, and the default one has no credentials",
            "type awsenv assume PROFILE",
            NOTHING_EXPORTED,
        )
    request = _request("default", environ, ask=ask)
    assert request is not None
    return request


def _exported(environ: Mapping[str, str], now: int) -> Side | None:
    """Who this shell is by its variables, None if they neither contain credentials nor name a source of any."""
    side = _by_variables(environ, now)
    if side is None or side.error is not None:
        return side
    try:  # AWS tools look for the profile, even if they do not need it then
        resolution.in_force(Profiles(environ), environ)
    except AwsenvError as error:
        return replace(side, error=error)
    return side


def _by_variables(environ: Mapping[str, str], now: int) -> Side | None:
    """The same, whether AWS tools get as far as asking or not."""
    credentials = lookup.exported_credentials(environ, 0).credentials
    found = environment.exported(environ)
    if found.mode is None:
        return _by_pointer(environ, now)
    if found.mode != "keys":
        return None
    if found.missing is not None or credentials is None:
        return Side("exported", temporary=found.temporary, error=remedy.incomplete(environ, now))
    named = environment.active_profile(environ)
    side = Side("exported", expiration=credentials.expiration, temporary=found.temporary)
    region = identity.region_of(environ, named)
    return _asked(side, credentials, region, environ, named, renew=remedy.of_exported(environ, now).instruction)


def _by_pointer(environ: Mapping[str, str], now: int) -> Side | None:
    """Who this shell is by variables that name a source of credentials, unless those of the active profile win."""
    if not any(environ.get(variable) for variable in identity.CREDENTIAL_POINTERS):
        return None
    try:
        variable = resolution.of(resolution.SHELL, Profiles(environ), environ, now).source.place
        if variable not in identity.CREDENTIAL_POINTERS:
            return None
        session = identity.load_from_environment(variable, environ)
    except AwsenvError as error:
        return Side("exported", error=error)
    named = environment.active_profile(environ) or None
    side = Side("exported", expiration=session.expiration, temporary=True)
    return _asked(side, session, identity.region_of(environ, named), environ, named, renew=f"type {_DOCTOR}")


def _profile(request: Request, environ: Mapping[str, str], now: int) -> Side:
    """Who a profile would be."""
    base, label = environment.without_assumed(environ), environment.named(request.name, request.words)
    try:
        session = obtain_or_login(request, base, now)
    except AwsenvError as error:
        return Side(label, error=error)
    side = Side(label, expiration=session.expiration, temporary=session.token is not None)
    region = session.region or identity.region_of(base, request.profile)
    return _asked(side, session, region, base, request.profile, renew=_renewing(request, session, base, now))


def _renewing(request: Request, session: Session, environ: Mapping[str, str], now: int) -> str:
    """What to do if AWS rejects the session of a profile."""
    if session.is_static and request.profile is not None:
        return renewal_of(Profiles(environ), request.profile, environ, now).remedy.instruction
    return f"type {messages.REFRESH if request.words else f'awsenv assume {shlex.quote(request.name)} --refresh'}"


def _asked(
    side: Side,
    credentials: Credentials,
    region: str,
    environ: Mapping[str, str],
    profile: str | None,
    *,
    renew: str,
) -> Side:
    """The side with what AWS says of its credentials."""
    try:
        known = profile if profile is not None and profile in Profiles(environ) else None
    except AwsenvError:  # whose the keys are does not depend on the files
        known = None
    try:
        answer = Question(credentials, region, environ, known).ask()
    except AwsenvError as error:
        return replace(side, error=error)
    return replace(side, identity=answer.identity, error=_error(answer, renew))


def _error(answer: Answer, renew: str) -> AwsenvError | None:
    """Why AWS does not say who it is."""
    if answer.failure is not None:
        return AwsenvError(
            f"no answer from AWS at {answer.endpoint} ({answer.failure.stage}): {answer.failure.why}",
            f"type {_DOCTOR}",
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
    """Whether both are the same, and why (not); None if that cannot be known."""
    if here is None or there is None or here.identity is None or there.identity is None:
        return None
    mine, its = here.identity, there.identity
    if mine.principal == its.principal:
        return True, f"what is exported is {there.label}"
    if mine.account != its.account:
        return False, f"what is exported is in account {mine.account}, {there.label} in {its.account}"
    return False, f"what is exported is {mine.principal[1]}, {there.label} is {its.principal[1]}"


def _as_text(here: Side | None, there: Side | None, now: int) -> str:
    """A table of both, whether they are the same, and what is wrong."""
    sides = [side for side in (here, there) if side is not None]
    rows: list[list[table.Cell]] = []
    for side in sides:
        who = side.identity
        left = table.left(side.expiration, now)
        if side.expiration is None and who is not None:
            left = ("unknown" if side.temporary else "never", "")
        cells = [who.account, who.arn, who.user_id] if who else [None] * 3
        rows.append([side.label, *cells, left])
    text = table.text(("WHO", "ACCOUNT", "ARN", "USER ID", "LEFT"), rows)
    lines = [] if here is not None else ["nothing is exported"]
    verdict = _verdict(here, there)
    if verdict is not None:
        lines.append(f"{'the same' if verdict[0] else 'not the same'}: {verdict[1]}")
    lines += [f"{side.label}: {side.error}" for side in sides if side.error is not None]
    return text + "".join(f"{printable(line)}\n" for line in lines)


def _as_json(here: Side | None, there: Side | None, now: int) -> str:
    """`exported`, `profile`, `same` (null if that cannot be known) and `why`."""
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
