"""`awsenv compare`."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence

from awsenv.args import Args, Command, Options
from awsenv.aws import paths
from awsenv.aws.config_files import Profiles
from awsenv.environment import expiry, masked
from awsenv.report import comparison, resolution, table
from awsenv.report.resolution import Part, Resolved
from awsenv.report.table import Cell
from awsenv.result import FAILED, GOOD, USAGE, AwsenvError, Result, printable

OPTIONS: Options = {"--json": (None, "as a JSON object; of secrets only the last four characters")}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Return the comparison; AwsenvError for a profile that does not exist or a file that cannot be read."""
    if len(args.positionals) != 2:
        raise AwsenvError(
            "compare needs two profiles", "for what this shell has exported write -: awsenv compare - PROFILE", USAGE
        )
    profiles = Profiles(environ)
    a, b = (resolution.of(name, profiles, environ, now) for name in args.positionals)
    same, why = comparison.answer(a, b)
    code = FAILED if same is None else GOOD
    if "--json" in args:
        return Result(out=_json(a, b, same, why, now), code=code)
    return Result(out=_table(a, b, environ, now) + f"{_verdict((a, b), same, why, now)}\n", code=code)


def _verdict(sides: Sequence[Resolved], same: bool | None, why: str, now: int) -> str:
    """Return the last line."""
    line = f"the same credentials: {'unknown' if same is None else 'yes' if same else 'no'}"
    line += f" ({why})" if why else ""
    remarks = []
    for side in sides:
        if side.expiration is not None and side.expiration <= now:
            remarks.append(f"; those of {side.label} expired {expiry.short(now - side.expiration)} ago")
    remarks += [f"; {side.label}: {side.missing}" for side in sides if side.known and side.missing]
    return printable(line + "".join(dict.fromkeys(remarks)))  # once if both sides are the same


def _table(a: Resolved, b: Resolved, environ: Mapping[str, str], now: int) -> str:
    home = paths.home(environ)
    differs = comparison.differences(a, b)
    cells = [_cells(side, home, now) for side in (a, b)]
    rows = []
    for what, differ in differs.items():
        mark = " " if differ is None else "differs" if differ else "same"
        row = [cell for side in cells for cell in side[what]]
        rows.append((what.replace("_", " "), *row, (mark, "bold yellow" if differ else "dim")))
    return table.text(("", a.label, "FROM", b.label, "FROM", ""), rows)


def _cells(side: Resolved, home: str, now: int) -> dict[str, tuple[Cell, Cell]]:
    """Return, for each row, the two cells of one side: the value and its source."""
    access_key = side.access_key.value
    secret_key, token = (part.value for part in (side.secret_key, side.token))
    return {
        "type": (side.source.type, _short(side.source.place, home)),
        "access_key": (masked(access_key) if access_key else None, _from_file(side.access_key, side, home)),
        "secret_key": (masked(secret_key) if secret_key else None, _from_file(side.secret_key, side, home)),
        "token": ("yes" if token else "no" if side.known else None, _from_file(side.token, side, home)),
        "account": (side.account.value, side.account.type),
        "expiration": (_time_left(side, now), None),
        "region": (side.region.value, " ".join(filter(None, (side.region.type, _short(side.region.place, home))))),
    }


def _from_file(part: Part, side: Resolved, home: str) -> str | None:
    """Return where a part of the keys is set; not the cache file, whose name means nothing to a reader."""
    return None if side.key is not None else _short(part.place, home)


def _short(place: str | None, home: str) -> str | None:
    return f"~{place[len(home) :]}" if place is not None and place.startswith(home.rstrip(os.sep) + os.sep) else place


def _time_left(side: Resolved, now: int) -> Cell:
    if not side.known:
        return None
    if side.expiration is None:
        return "never" if side.lasting else "unknown"
    text, style = table.left(side.expiration, now)
    return f"~{text}" if side.estimated else text, style


def _json(a: Resolved, b: Resolved, same: bool | None, why: str, now: int) -> str:
    differs = [what for what, differ in comparison.differences(a, b).items() if differ]
    answer = {"same": same, "why": why, "differs": differs, "sides": [_object(side, now) for side in (a, b)]}
    return json.dumps(answer, indent=2) + "\n"


def _object(side: Resolved, now: int) -> dict[str, object]:
    def where(part: Part) -> dict[str, object]:
        return {"type": part.type, "place": part.place}

    def last(part: Part) -> str | None:
        return masked(part.value or "").removeprefix("…") or None

    return {
        "name": side.name,
        **where(side.source),
        "access_key": {"last4": last(side.access_key), **where(side.access_key)},
        "secret_key": {"last4": last(side.secret_key), **where(side.secret_key)},
        "token": {"present": bool(side.token.value) if side.known else None, **where(side.token)},
        "account": {"value": side.account.value, "from": side.account.type},
        "region": {"value": side.region.value, **where(side.region)},
        "expiration": side.expiration,
        "estimated": side.estimated,
        "seconds_left": None if side.expiration is None else side.expiration - now,
        "missing": side.missing,
    }


COMMAND = Command(
    usage="awsenv compare PROFILE PROFILE [--json]",
    description="""
Shows two profiles side by side, as two calls of aws configure list would: access key and secret key (their last four
characters), session token, account, expiration and region, each with its source, named as the AWS CLI names it.
Differences are marked, and the last line says whether the same credentials are in use.

A - in place of a profile stands for this shell: what it has exported, or its active profile. It makes no network
request and needs no AWS CLI: it reads files and caches. So for a role or a sign-in it shows the cached session, and it
does not run a credential_process.

The exit code is 0 for an answer, yes or no, and 1 if that is unknown.
""",
    options=OPTIONS,
    max_positionals=2,
    examples="""
  awsenv compare default project1
  awsenv compare - project1              what this shell has exported, and the profile
  awsenv compare default project1 --json | jq .same
""",
    run=run,
)
