"""`awsenv cache`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from awsenv.args import Args, Command, Options
from awsenv.report import session_cache, table
from awsenv.report.session_cache import Cache, Cached
from awsenv.result import USAGE, AwsenvError, Result

OPTIONS: Options = {
    "--json": (None, "the entries, or the removed ones, as a JSON list"),
    "--expired": (None, "clear: expired entries"),
    "--corrupt": (None, "clear: unreadable or useless entries, and half-written ones"),
    "--profile": ("NAME", "clear: only entries of this profile, and other sessions of its role; valid ones, too"),
    "--all": (None, "clear: every session, valid or not"),
}

ACTIONS = ("list", "clear")

_SELECTORS = ("--expired", "--corrupt", "--profile", "--all")


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Return the entries, or the removed ones.

    Raises:
        AwsenvError: (2) invalid arguments; (1) the cache cannot be read, or an entry cannot be removed.
    """
    action = args.first
    if action not in ACTIONS:
        what = "needs an argument: list or clear" if action is None else f"does not take the argument {action!r}"
        raise AwsenvError(f"cache {what}", "see awsenv cache --help", USAGE)
    chosen = [option for option in _SELECTORS if option in args]
    if action == "list" and chosen:
        raise AwsenvError(f"cache list takes no {chosen[0]}", f"did you mean awsenv cache clear {chosen[0]}?", USAGE)
    for option in ("--expired", "--corrupt", "--profile"):
        args.one_of("--all", option)

    cache = Cache(environ, now)
    entries = list(cache.entries())
    if action == "list":
        shown, summary = entries, "" if entries else f"no sessions in {cache.directory}\n"
    else:
        shown = _clear(cache, list(_selected(args, chosen, cache, entries)))
        valid = sum(entry.state == session_cache.GOOD for entry in entries if entry not in shown)
        summary = _summary(shown, valid, suggest_all=not chosen)
    error = cache.config_error
    return Result(
        out=_json(shown, now) if "--json" in args else (_table(shown, now) if shown else "") + summary,
        note=f"cannot tell which profiles these sessions belong to: {error.what}" if error else "",
    )


def _summary(removed: Sequence[Cached], valid: int, *, suggest_all: bool) -> str:
    text = f"{_count(removed)} removed" if removed else "nothing to remove"
    if valid:
        text += f"; {valid} valid {'session stays' if valid == 1 else 'sessions stay'}"
        text += ", which --all removes" if suggest_all else ""
    return f"{text}\n"


def _selected(args: Args, chosen: Sequence[str], cache: Cache, entries: Sequence[Cached]) -> Iterator[Cached]:
    """Yield the entries to remove."""
    states = set[str]()
    if "--expired" in args or not chosen:
        states.add(session_cache.EXPIRED)
    if "--corrupt" in args or not chosen:
        states |= {session_cache.CORRUPT, session_cache.TEMP_FILE}
    if "--all" in args or chosen == ["--profile"]:
        states = {session_cache.GOOD, session_cache.EXPIRED, session_cache.CORRUPT, session_cache.TEMP_FILE}
    profile = args.get("--profile")
    if profile is not None:
        cache.require(profile)
    for entry in entries:
        if entry.state in states and (profile is None or cache.is_of(entry, profile)):
            yield entry


def _clear(cache: Cache, entries: Sequence[Cached]) -> list[Cached]:
    """Remove entries, and return those that still existed; AwsenvError, after trying all of them, if one fails."""
    removed: list[Cached] = []
    failed: list[AwsenvError] = []
    for entry in entries:
        try:
            if cache.remove(entry):
                removed.append(entry)
        except AwsenvError as error:
            failed.append(error)
    if failed:
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        done = f"{_count(removed)} removed, but " if removed else ""
        raise AwsenvError(f"{done}{failed[0].what}{more}", failed[0].fix)
    return removed


def _count(entries: Sequence[Cached]) -> str:
    return f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'}"


def _json(entries: Sequence[Cached], now: int) -> str:
    listed = [
        {**asdict(entry), "seconds_left": None if entry.expiration is None else entry.expiration - now}
        for entry in entries
    ]
    return json.dumps(listed, indent=2) + "\n"


def _table(entries: Sequence[Cached], now: int) -> str:
    rows = []
    for entry in entries:
        left = table.left(entry.expiration, now)
        valid = entry.state in (session_cache.GOOD, session_cache.EXPIRED)
        state = entry.state if valid else f"{entry.state}: {entry.why}"
        key = entry.key if entry.path is not None else f"{entry.key} (keyring)"
        color = left[1] if valid else table.EXPIRED
        rows.append((", ".join(entry.profiles), entry.role, entry.account, left, (state, color), key))
    return table.text(("PROFILE", "ROLE", "ACCOUNT", "LEFT", "STATE", "KEY"), rows)


COMMAND = Command(
    usage="awsenv cache list|clear [options]",
    description="""
Shows or cleans the AWS CLI's session cache, ~/.aws/cli/cache. Everything else stays: the CLI's session.db, the sign-ins
in ~/.aws/sso/cache, and other files. With AWSENV_CACHE=keyring the sessions of your profiles in the keyring count, too.

A corrupt entry makes the AWS CLI fail with nothing but the entry's key in quotes as its message. cache clear without
options removes expired and corrupt entries, and files left over from interrupted writes. --all or --profile also remove
valid sessions; the next call that needs one obtains it again.
""",
    options=OPTIONS,
    max_positionals=1,
    examples="""
  awsenv cache list
  awsenv cache clear                     expired and corrupt entries
  awsenv cache clear --profile project1  the next call obtains a new session
  awsenv cache clear --all               in place of: rm -r ~/.aws/cli/cache
""",
    run=run,
)
