"""What an error of an AWS tool means here and now: the text is recognised, and weighed against what the doctor finds.

Pure functions: `recognise` reads the text, `look` sums up this shell, `checks_of` says what to look for, and `explain`
weighs. `awsenv.commands.explain` puts them together.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from awsenv.args import nearest
from awsenv.doctor.check import ERROR, NOTE, Check, Finding
from awsenv.doctor.checks.clock import cure_for, server_time_in
from awsenv.doctor.context import Scene
from awsenv.environment import expiry
from awsenv.explain.meanings import MEANINGS, Meaning
from awsenv.report import session_cache
from awsenv.result import printable
from awsenv.sso.tokens import Tokens
from awsenv.system import redaction

__all__ = ["Explanation", "Here", "Recognised", "checks_of", "explain", "last_words", "look", "named_in", "recognise"]

# What is around a message: colours, the frames that Terraform and Rust draw, the carriage returns of Windows.
_FRAME = re.compile(r"\x1b\[[0-9;:]*[A-Za-z]|[\u2500-\u257f]|\r")

_CODES = re.compile(
    rf"(?<![A-Za-z])(?:{'|'.join({re.escape(code) for meaning in MEANINGS for code in meaning.codes})})(?![A-Za-z])"
)

# Two meanings that share a code and are found this near to each other, in characters, are of one error.
_NEAR = 500

# What redaction leaves, as it may be no secret, is not worth a doubt here: pieces of wrapped tokens, signatures, JWTs.
_DOUBTFUL = re.compile(r"(?=[A-Za-z+/=]*[0-9])[A-Za-z0-9+/=]{32,}|\beyJ[A-Za-z0-9_.-]+")

_LONGEST_LINE = 300

# What stands for the name of a file in a cache while its line is redacted.
_KEY = "'<40 hex>'"

# "Signature expired: 20261122T181538Z is now earlier than …", "Signature not yet current: 20261122T181538Z is still …"
_SIGNED = re.compile(r"Signature (?:expired|not yet current): (\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")

_WEB_IDENTITY = re.compile(r"current date/time (\d+) must be before the expiration date/time ?(\d+)")

_NAMED = re.compile(r"(?:--profile[ =]|\bAWS_PROFILE=)(?:\"([^\"\n]+)\"|'([^'\n]+)'|([^\s'\"&|;]+))")


@dataclass(frozen=True)
class Recognised:
    """An error that was found in a text.

    Attributes:
        meaning: what it is.
        code: the code under which it came, None if the text alone told.
        said: the words by which it was recognised.
        line: the line in which they stand, without secrets.
        profile: the profile that it names.
        key: the name of the file in a cache that it names, without `.json`.
    """

    meaning: Meaning
    code: str | None
    said: str
    line: str
    profile: str | None
    key: str | None = None


@dataclass(frozen=True)
class Here:
    """What counts in this shell.

    Attributes:
        now: epoch seconds, by this machine's clock.
        profile: the one whose keys are exported, or that is in force; None if nobody knows.
        profiles: the names of all.
        ours: whether `awsenv refresh` renews what is exported.
        keys: whether keys are exported.
        temporary: whether they are those of a session.
        end: epoch seconds of their end, None if it is not known for sure.
        set_clock: what sets this machine's clock.
        named: the profile that somebody has named, not only the default one.
        kept: the name of a file in a cache that an error names -> whose it is and what is wrong with it, as a sentence;
            and what mends it.
    """

    now: int
    profile: str | None
    profiles: tuple[str, ...]
    ours: bool
    keys: bool
    temporary: bool
    end: int | None
    set_clock: str
    named: str | None = None
    kept: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Explanation:
    """What an error means here and now.

    Attributes:
        recognised: the error.
        cause: what it comes from here, one sentence without a full stop; empty if nothing here tells.
        evidence: where that was seen, masked.
        cure: the one thing to do.
        others: what else was found that can be the cause, the most likely first.
    """

    recognised: Recognised
    cause: str
    evidence: tuple[str, ...]
    cure: str
    others: tuple[Finding, ...]


# --- the text ---------------------------------------------------------------------------------------------------------


def recognise(text: str) -> list[Recognised]:
    """Every error in a text that is known, each once, in the text's order."""
    text = _FRAME.sub("", text)
    found: dict[str, tuple[re.Match[str], Meaning]] = {}
    claimed: list[tuple[int, int]] = []
    for meaning in MEANINGS:
        for pattern in meaning.patterns:
            for match in pattern.finditer(text):
                if any(match.start() < end and start < match.end() for start, end in claimed):
                    continue
                claimed.append(match.span())
                if not _belongs_to_another(match, meaning, found):
                    found.setdefault(meaning.id, (match, meaning))
    for match in _CODES.finditer(text):
        if any(start <= match.start() < end for start, end in claimed):
            continue
        with_code = [meaning for meaning in MEANINGS if match[0] in meaning.codes]
        if not any(meaning.id in found for meaning in with_code):
            generic = next((meaning for meaning in with_code if not meaning.narrow), None)
            if generic is not None:
                found[generic.id] = match, generic
    ordered = sorted(found.values(), key=lambda one: one[0].start())
    return [_recognised(match, meaning, text) for match, meaning in ordered]


def _belongs_to_another(
    match: re.Match[str], meaning: Meaning, found: dict[str, tuple[re.Match[str], Meaning]]
) -> bool:
    """Whether a more telling text was found beside this one, for the same code."""
    return any(
        other is not meaning and set(other.codes) & set(meaning.codes) and abs(near.start() - match.start()) < _NEAR
        for near, other in found.values()
    )


def _recognised(match: re.Match[str], meaning: Meaning, text: str) -> Recognised:
    first, last = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
    line = text[first : last if last >= 0 else len(text)]
    around = text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
    code = next((word[0] for word in _CODES.finditer(around) if word[0] in meaning.codes), None)
    profile, key = (match.groupdict().get(name) for name in ("profile", "key"))
    # a key looks like a secret to those who do not know that it is the name of a file
    safe = _safe(line) if key is None else _safe(line.replace(f"'{key}'", _KEY)).replace(_KEY, f"'{key}'")
    return Recognised(meaning, code, " ".join(match[0].split()), safe, profile or None, key)


def last_words(text: str) -> str:
    """The last line of a text in which nothing is known, without secrets."""
    lines = [line for line in _FRAME.sub("", text).splitlines() if line.strip()]
    return _safe(lines[-1]) if lines else ""


def _safe(line: str) -> str:
    line = _DOUBTFUL.sub("[redacted]", redaction.redact(" ".join(line.split()), {}))
    return printable(line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…")


def named_in(text: str) -> str | None:
    """The profile of a command that was pasted with its error: `aws s3 ls --profile project1`."""
    match = _NAMED.search(text)
    return next(filter(None, match.groups())) if match else None


# --- what to look for -------------------------------------------------------------------------------------------------


def checks_of(recognised: Recognised, checks: Sequence[Check]) -> list[Check]:
    """The checks that look for what causes an error: those that its meaning names, else those that name the error."""
    meaning = recognised.meaning
    if meaning.checks:
        return [check for check in checks if check.id in meaning.checks]
    codes = {recognised.code} if recognised.code else set(meaning.codes)
    return [
        check
        for check in checks
        if codes & set(check.errors) or any(meaning.id == known for error in check.errors for known in _told_by(error))
    ]


@cache
def _told_by(error: str) -> tuple[str, ...]:
    """The ids of the meanings of what a check says that it causes; none for a code, which stands for itself."""
    return () if _CODES.fullmatch(error) else tuple(one.meaning.id for one in recognise(error))


def look(scene: Scene, recognised: Sequence[Recognised] = ()) -> Here:
    """What counts in this shell, read from its variables and from files, and what the errors name there."""
    from awsenv.environment import lookup, segment, settings

    exported = scene.exported
    known = segment.known(exported, scene.environ, settings.read(scene.environ)[0])
    if exported.profile is None and exported.expiration is not None:  # other keys may have left that behind
        known = lookup.look_up(scene.environ, 0)
    names = () if scene.unreadable is not None else tuple(scene.profiles.names())
    profile = scene.named or exported.profile or known.profile or scene.profile
    by_variable = scene.environ.get("AWS_PROFILE") or scene.environ.get("AWS_DEFAULT_PROFILE")
    named = scene.named or scene.environ.get("AWSENV_PROFILE") or by_variable
    return Here(
        now=scene.now,
        profile=profile if profile in names or profile == exported.profile else None,
        profiles=names,
        ours=exported.profile is not None and scene.named in (None, exported.profile),
        keys=exported.mode == "keys" and scene.named is None,
        temporary=exported.temporary,
        end=None if known.estimated else known.expiration,
        set_clock=cure_for(scene),
        named=named if named in names else None,
        kept={one.key: _kept(one.key, scene) for one in recognised if one.key is not None},
    )


def _kept(key: str, scene: Scene) -> tuple[str, str]:
    """Whose file in a cache has this name, what is wrong with it, and what mends that."""
    entry = session_cache.Cache(scene.environ, scene.now).find(key)
    if entry is None:
        sign_in = Tokens(scene.environ).files.path(key)
        if os.path.lexists(sign_in):
            return f"{sign_in} is a sign-in to IAM Identity Center; signing in writes it anew", "{login}"
        return "there is no such file here: it has been removed since, or is another shell's or user's", "try again"
    role = f"the role {entry.role}" if entry.role else "a profile that is no more there"
    whose = f"{entry.path} is the cached session of {', '.join(entry.profiles) or role}"
    if entry.state == session_cache.CORRUPT:
        return f"{whose}, and corrupt: {entry.why}", "awsenv cache clear --corrupt"
    return f"{whose}, and in order now", "try again"


# --- weighing ---------------------------------------------------------------------------------------------------------


def explain(recognised: Recognised, here: Here, findings: Sequence[Finding]) -> Explanation:
    """What an error means here and now.

    What the text itself proves comes first, then what was found here for certain, then what follows from nothing having
    been found, then what may be the cause.

    Args:
        recognised: the error.
        here: this shell.
        findings: of the checks that belong to it, the most likely first.
    """
    causes = [one for one in findings if one.fault is None and one.severity != NOTE]
    told = _BY_TEXT.get(recognised.meaning.id, _nothing)(recognised, here)
    if told is not None:
        cause, cure = told
        others = [one for one in causes if recognised.key is None or recognised.key not in " ".join(one.evidence)]
        return Explanation(recognised, cause, (), _filled(cure, recognised, here), tuple(others))
    causes.sort(key=lambda one: one.severity != ERROR)  # stable: the most likely of each stays first
    told = _BY_SHELL.get(recognised.meaning.id, _nothing)(recognised, here)
    if causes and (causes[0].severity == ERROR or told is None):
        first, *others = causes
        return Explanation(recognised, first.what, first.evidence, first.cure, tuple(others))
    cause, cure = told or ("", recognised.meaning.cure)
    return Explanation(recognised, cause, (), _filled(cure, recognised, here), tuple(causes))


def _filled(cure: str, recognised: Recognised, here: Here) -> str:
    in_question = here.named if recognised.meaning.of_role else here.profile
    profile = shlex.quote(recognised.profile or in_question or "PROFILE")
    renew = "awsenv refresh" if here.ours else f"awsenv assume {profile}"
    return cure.replace("{renew}", renew).replace("{login}", f"awsenv login {profile}").replace("{profile}", profile)


def _nothing(recognised: Recognised, here: Here) -> tuple[str, str] | None:
    del recognised, here
    return None


def _clock(recognised: Recognised, here: Here) -> tuple[str, str] | None:
    """STS and most services say when the request was signed, by our clock, and when it came, by theirs."""
    signed, server = _SIGNED.search(recognised.said), server_time_in(recognised.said)
    at = expiry.parse("{}-{}-{}T{}:{}:{}Z".format(*signed.groups())) if signed else None
    if at is None or server is None:
        return None
    off = at - server
    told = (
        f"the request was signed at {expiry.format_utc(at)} by this machine's clock, and came at "
        f"{expiry.format_utc(server)} by AWS's: {expiry.short(off)} {'fast' if off > 0 else 'slow'}"
    )
    if here.now < server - 60:  # the answer is in the past, so our clock is behind
        return f"{told}; the clock is still behind, it shows {expiry.format_utc(here.now)}", here.set_clock
    if off < 0:
        return f"{told}; or the request waited that long before it was sent", here.set_clock
    return told, here.set_clock


def _web_identity(recognised: Recognised, here: Here) -> tuple[str, str] | None:
    """STS says when the token ended, and its own time."""
    del here
    times = _WEB_IDENTITY.search(recognised.said)
    if times is None:
        return None
    ago = expiry.short(int(times[1]) - int(times[2]))
    return f"by the clock of AWS the token had expired {ago} before", recognised.meaning.cure


def _corrupt(recognised: Recognised, here: Here) -> tuple[str, str] | None:
    """The text names the file."""
    return None if recognised.key is None else here.kept.get(recognised.key)


def _no_profile(recognised: Recognised, here: Here) -> tuple[str, str] | None:
    name = recognised.profile
    if name is None:
        return None
    if name in here.profiles:
        return (
            f"there is a profile {name!r} in the files that count in this shell",
            f"awsenv doctor {shlex.quote(name)}",
        )
    near = nearest(name, here.profiles)
    if not near:
        return None
    return f"there is no profile {name!r}; the nearest is {near[0]!r}", f"awsenv assume {shlex.quote(near[0])}"


def _ended(recognised: Recognised, here: Here) -> tuple[str, str] | None:
    """A session is over, and nothing was found here that is."""
    if not here.keys:
        or_else = f", or of credentials that the profile {here.profile} gets from elsewhere" if here.profile else ""
        return (
            f"no keys are exported here, and nothing found here has expired: the error is of another shell{or_else}",
            "awsenv doctor {profile}" if here.profile else "awsenv doctor",
        )
    if not here.temporary:
        return (
            "the keys that are exported here are long-term ones, which do not expire: the error comes from a profile "
            "or from another shell",
            "awsenv doctor PROFILE",
        )
    if here.end is None or here.end <= here.now:
        return "nothing here tells for sure when the keys that are exported end: by what AWS says, they have", "{renew}"
    left = expiry.short(here.end - here.now)
    if recognised.meaning.id == "request-expired":
        return (
            f"the keys that are exported here are good for {left} more by this machine's clock, so it is the clock "
            "that is off, or the request that came late",
            here.set_clock,
        )
    return (
        f"the keys that are exported here are good for {left} more by this machine's clock: if the error comes from "
        "this shell, the clock is slow; else it comes from a profile or from another shell",
        "awsenv doctor",
    )


def _refreshed(recognised: Recognised, here: Here) -> tuple[str, str] | None:
    """The SDK was told of an end that has passed, and no variable of this shell tells of one."""
    del recognised
    return (
        "AWS_CREDENTIAL_EXPIRATION is in order in this shell: it was a credential_process that gave credentials which "
        "had expired, a clock that was fast, or another shell",
        "awsenv doctor {profile}" if here.profile else "awsenv doctor",
    )


#: What the text itself tells, whatever was found.
_BY_TEXT = {"cache-corrupt": _corrupt, "clock": _clock, "web-identity-expired": _web_identity}

#: What follows from nothing having been found.
_BY_SHELL = {
    "no-profile": _no_profile,
    "expired": _ended,
    "request-expired": _ended,
    "refreshed-but-expired": _refreshed,
}
