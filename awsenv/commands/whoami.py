"""`awsenv whoami`."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from awsenv import environment
from awsenv.args import Args, Command, Options
from awsenv.aws.config_files import Profiles
from awsenv.aws.renewal import renewal_of
from awsenv.commands import refresh
from awsenv.commands._obtain import obtain_or_login, showing_progress
from awsenv.credentials import identity
from awsenv.credentials.request import Request
from awsenv.environment import messages
from awsenv.report import identities, resolution, table
from awsenv.report.identities import Side
from awsenv.result import GOOD, NOTHING_EXPORTED, AwsenvError, Result, printable

OPTIONS: Options = {
    "--json": (None, "as a JSON object"),
    "--no-input": (None, "never prompt for an MFA code or a sign-in"),
}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Return both identities and whether they match; AwsenvError if there is neither."""
    name = args.first
    environ = identity.with_short_timeouts(environ)
    request = _request(name, environ)
    with showing_progress():
        here = identities.exported(environ, now)
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
    return identities.identified(side, session, base, request.profile, renew=renew, region=session.region)


# --- the output -------------------------------------------------------------------------------------------------------


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
    verdict = identities.verdict(here, there)
    if verdict is not None:
        lines.append(f"{'the same' if verdict[0] else 'not the same'}: {verdict[1]}")
    lines += [f"{side.label}: {side.error}" for side in sides if side.error is not None]
    return text + "".join(f"{printable(line)}\n" for line in lines)


def _as_json(here: Side | None, there: Side | None, now: int) -> str:
    """Return an object with `exported`, `profile`, `same` (null if that is unknown) and `why`."""
    verdict = identities.verdict(here, there)
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
