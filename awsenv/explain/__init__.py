"""What an error of an AWS tool means here and now: the text is recognised, and weighed against what the doctor finds.

Pure functions: `recognise` reads the text, `inspect` sums up this shell, `checks_of` says what to check, and `explain`
weighs. `awsenv.commands.explain` puts them together.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from awsenv.args import nearest
from awsenv.doctor.check import ERROR, NOTE, Check, Finding, instructions, is_command
from awsenv.doctor.checks.clock import clock_fix, server_time_in
from awsenv.doctor.context import Context
from awsenv.environment import expiry
from awsenv.explain.meanings import MEANINGS, Meaning
from awsenv.report import session_cache
from awsenv.result import printable
from awsenv.sso.tokens import Tokens
from awsenv.system import redaction

__all__ = [
    "Cause",
    "Explanation",
    "Recognised",
    "ShellState",
    "checks_of",
    "explain",
    "inspect",
    "is_success",
    "last_words",
    "named_in",
    "recognise",
]

# What is around a message: colours, the frames that Terraform and Rust draw, the carriage returns of Windows.
_FRAME = re.compile(r"\x1b\[[0-9;:]*[A-Za-z]|[\u2500-\u257f]|\r")

_CODES = re.compile(
    rf"(?<![A-Za-z])(?:{'|'.join({re.escape(code) for meaning in MEANINGS for code in meaning.codes})})(?![A-Za-z])"
)

# The class or module before a code, as in `com.amazonaws.services.s3.model.AmazonS3Exception`.
_PATH = re.compile(r"[\w$]+(?:\.[\w$]+)*\.$")
_OF_AWS = re.compile(r"aws|amazon|boto", re.IGNORECASE)

# Programs whose common texts count, too.
_BOTOCORE = re.compile(r"\b(?:botocore|boto3|awscli|aws)\b", re.IGNORECASE)
_ALONE = re.compile(r"^\s*(?:aws: \[ERROR\]: )?$")

# The words of error messages, not those in the names of files and options.
_MESSAGE = re.compile(
    r"(?:[\w.]*(?:error|exception|denied)|(?<![\w./=-])(?:fatal|fail(?:ed|ure|s)?|refused|invalid|unauthorized|forbidden|"
    r"expired|cannot|can't|unable|no such|not found|do(?:es not|esn't) exist|missing|required|exceeded|bad|incorrect))"
    r"(?![\w/=-])",
    re.IGNORECASE,
)
_STACK_FRAME = re.compile(r'^\s*(?:at |File "|from \S+:\d|#\d+ |\.\.\. \d+ )')

# Two meanings that share a code and are found this near to each other, in characters, are of one error.
_NEAR = 500

# Hidden as well, although redaction leaves it, as it may be a secret: pieces of wrapped tokens, signatures, JWTs.
_DOUBTFUL = re.compile(r"(?=[A-Za-z+/=]*[0-9])[A-Za-z0-9+/=]{32,}|\beyJ[A-Za-z0-9_.-]+")

_LONGEST_LINE = 300

# Replaces the name of a cache file while its line is redacted.
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
        code: the code that it came with, None if it was recognised by the text alone.
        said: the words by which it was recognised.
        line: the line with those words, without secrets.
        profile: the profile that it names.
        key: the name of the cache file that it names, without `.json`.
    """

    meaning: Meaning
    code: str | None
    said: str
    line: str
    profile: str | None
    key: str | None = None


class Cause(NamedTuple):
    """What causes an error here, and what to do.

    Attributes:
        text: one sentence without a full stop.
        fix: the command; {profile}, {renew} and {login} are filled in.
        remediation: the same in prose, or what to do before the command.
    """

    text: str
    fix: str = ""
    remediation: str = ""


@dataclass(frozen=True)
class ShellState:
    """The state of this shell.

    Attributes:
        now: epoch seconds, by this machine's clock.
        profile: the one whose credentials are exported, or the active one; None if unknown.
        profiles: the names of all.
        ours: whether `awsenv refresh` renews what is exported.
        keys: whether an access key is exported.
        temporary: whether it belongs to a session.
        expiration: epoch seconds at which it expires, None if that is uncertain.
        set_clock: what sets this machine's clock, a command or prose.
        named: the profile that was named, not only the default one.
        cached: the name of a cache file that an error names -> whose it is and what is wrong with it, and the fix.
    """

    now: int
    profile: str | None
    profiles: tuple[str, ...]
    ours: bool
    keys: bool
    temporary: bool
    expiration: int | None
    set_clock: str
    named: str | None = None
    cached: Mapping[str, Cause] = field(default_factory=dict)


@dataclass(frozen=True)
class Explanation:
    """What an error means here and now.

    Attributes:
        recognised: the error.
        cause: the cause here, one sentence without a full stop; empty if it is unknown.
        evidence: where that was seen, masked.
        fix: the command to type, see Finding.
        remediation: what to do, see Finding.
        others: other findings that can be the cause, the most likely first.
    """

    recognised: Recognised
    cause: str
    evidence: tuple[str, ...]
    fix: str
    remediation: str
    others: tuple[Finding, ...]

    @property
    def instructions(self) -> str:
        """What to do, as one text."""
        return instructions(self.remediation, self.fix)


# --- the text ---------------------------------------------------------------------------------------------------------


def recognise(text: str) -> list[Recognised]:
    """Every error in a text that is known, each once, in the text's order."""
    text = _FRAME.sub("", text)
    found: dict[str, tuple[re.Match[str], Meaning]] = {}
    claimed: list[tuple[int, int]] = []

    def look_for(meaning: Meaning, texts: tuple[str, ...], common: bool = False) -> None:
        for pattern in meaning.patterns(texts):
            for match in pattern.finditer(text):
                if any(match.start() < end and start < match.end() for start, end in claimed):
                    continue
                line_start = text.rfind("\n", 0, match.start()) + 1
                if common and not beside_botocore and not _ALONE.match(text[line_start : match.start()]):
                    continue
                claimed.append(match.span())
                if not _belongs_to_another(match, meaning, found):
                    found.setdefault(meaning.id, (match, meaning))

    beside_botocore = _BOTOCORE.search(text) is not None
    for meaning in MEANINGS:
        look_for(meaning, meaning.texts)
        look_for(meaning, meaning.common, common=True)
    for at, meaning in enumerate(MEANINGS):
        if meaning.wrappers and not any(earlier.id in found for earlier in MEANINGS[:at]):
            look_for(meaning, meaning.wrappers)
    for match in _CODES.finditer(text):
        if any(start <= match.start() < end or 0 <= start - match.end() <= 2 for start, end in claimed):
            continue  # of the message that was recognised
        if not _is_of_aws(match, text):
            continue
        with_code = [meaning for meaning in MEANINGS if match[0] in meaning.codes]
        if not any(meaning.id in found for meaning in with_code):
            generic = next((meaning for meaning in with_code if not meaning.narrow), None)
            if generic is not None and not (generic.wrappers and found):  # its codes name no cause, either
                found[generic.id] = match, generic
    ordered = sorted(found.values(), key=lambda one: one[0].start())
    return [_recognised(match, meaning, text) for match, meaning in ordered]


def _is_of_aws(code: re.Match[str], text: str) -> bool:
    """Whether a code is of AWS, not of another library: `psutil.AccessDenied`, urllib3's `ConnectTimeoutError(<`."""
    path = _PATH.search(text[max(0, code.start() - _NEAR) : code.start()])
    return not text.startswith("(<", code.end()) and (path is None or _OF_AWS.search(path[0]) is not None)


def _belongs_to_another(
    match: re.Match[str], meaning: Meaning, found: dict[str, tuple[re.Match[str], Meaning]]
) -> bool:
    """Whether a more specific text was found near this one, for the same code."""
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
    # the name of a cache file looks like a secret
    safe = _safe(line) if key is None else _safe(line.replace(f"'{key}'", _KEY)).replace(_KEY, f"'{key}'")
    return Recognised(meaning, code, " ".join(match[0].split()), safe, profile or None, key)


def last_words(text: str) -> str:
    """The message of a text in which no error was recognised, else its last line, without secrets."""
    lines = [line for line in _FRAME.sub("", text).splitlines() if line.strip()]
    messages = [line for line in lines if _MESSAGE.search(line) and not _STACK_FRAME.match(line)]
    return _safe((messages or lines)[0 if messages else -1]) if lines else ""


def is_success(text: str) -> bool:
    """Whether a text, in which no error was recognised, is rather the output of a command that worked."""
    return bool(text.strip()) and _MESSAGE.search(_FRAME.sub("", text)) is None


def _safe(line: str) -> str:
    line = _DOUBTFUL.sub("[redacted]", redaction.redact(" ".join(line.split()), {}))
    return printable(line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…")


def named_in(text: str) -> str | None:
    """The profile of a command that was pasted with its error: `aws s3 ls --profile project1`."""
    match = _NAMED.search(text)
    return next(filter(None, match.groups())) if match else None


# --- the checks -------------------------------------------------------------------------------------------------------


def checks_of(recognised: Recognised, checks: Sequence[Check]) -> list[Check]:
    """The checks that look for the causes of an error."""
    return [check for check in checks if recognised.meaning.id in check.causes]


def inspect(context: Context, recognised: Sequence[Recognised] = ()) -> ShellState:
    """The state of this shell, from its variables and from files, and of the cache files that the errors name."""
    from awsenv import environment
    from awsenv.environment import lookup

    exported = context.exported
    known = lookup.known_of(exported, context.environ)
    if exported.profile is None and exported.expiration is not None:  # it may belong to other credentials
        known = lookup.look_up(context.environ, 0)
    names = () if context.unreadable is not None else tuple(context.profiles.names())
    profile = context.named or exported.profile or known.profile or context.profile
    named = context.named or context.environ.get("AWSENV_PROFILE") or environment.active_profile(context.environ)
    return ShellState(
        now=context.now,
        profile=profile if profile in names or profile == exported.profile else None,
        profiles=names,
        ours=exported.profile is not None and context.named in (None, exported.profile),
        keys=exported.mode == "keys" and context.named is None,
        temporary=exported.temporary,
        expiration=None if known.estimated else known.expiration,
        set_clock=clock_fix(context),
        named=named if named in names else None,
        cached={one.key: _cached(one.key, context) for one in recognised if one.key is not None},
    )


def _cached(key: str, context: Context) -> Cause:
    """Whose cache file has this name, what is wrong with it, and the fix."""
    entry = session_cache.Cache(context.environ, context.now).find(key)
    if entry is None:
        sign_in = Tokens(context.environ).files.path(key)
        if os.path.lexists(sign_in):
            return Cause(f"{sign_in} is a sign-in to IAM Identity Center; signing in rewrites it", "{login}")
        missing = "there is no such file here: it has been removed since, or belongs to another shell or user"
        return Cause(missing, remediation="try again")
    role = f"the role {entry.role}" if entry.role else "a profile that no longer exists"
    whose = f"{entry.path} is the cached session of {', '.join(entry.profiles) or role}"
    if entry.state == session_cache.CORRUPT:
        return Cause(f"{whose}, and corrupt: {entry.why}", "awsenv cache clear --corrupt")
    return Cause(f"{whose}, and intact now", remediation="try again")


# --- weighing ---------------------------------------------------------------------------------------------------------


def explain(recognised: Recognised, shell: ShellState, findings: Sequence[Finding]) -> Explanation:
    """What an error means here and now.

    What the text itself proves comes first, then what was found here for certain, then what follows from the absence of
    findings, then what may be the cause.

    Args:
        recognised: the error.
        shell: this shell.
        findings: of the checks that belong to it, the most likely first.
    """
    causes = [one for one in findings if one.fault is None and one.severity != NOTE]
    proved = _BY_TEXT.get(recognised.meaning.id, _nothing)(recognised, shell)
    if proved is not None:
        others = [one for one in causes if recognised.key is None or recognised.key not in " ".join(one.evidence)]
        return _explanation(recognised, shell, proved, others)
    causes.sort(key=lambda one: one.severity != ERROR)  # stable: the most likely of each stays first
    inferred = _BY_SHELL.get(recognised.meaning.id, _nothing)(recognised, shell)
    if causes and (causes[0].severity == ERROR or inferred is None):
        first, *rest = causes
        return Explanation(recognised, first.what, first.evidence, first.fix, first.remediation, tuple(rest))
    general = Cause("", recognised.meaning.fix, recognised.meaning.remediation)
    return _explanation(recognised, shell, inferred or general, causes)


def _explanation(recognised: Recognised, shell: ShellState, cause: Cause, others: Sequence[Finding]) -> Explanation:
    fix, remediation = (_filled(text, recognised, shell) for text in (cause.fix, cause.remediation))
    return Explanation(recognised, cause.text, (), fix, remediation, tuple(others))


def _filled(text: str, recognised: Recognised, shell: ShellState) -> str:
    in_question = shell.named if recognised.meaning.of_role else shell.profile
    profile = shlex.quote(recognised.profile or in_question or "PROFILE")
    renew = "awsenv refresh" if shell.ours else f"awsenv assume {profile}"
    return text.replace("{renew}", renew).replace("{login}", f"awsenv login {profile}").replace("{profile}", profile)


def _nothing(recognised: Recognised, shell: ShellState) -> Cause | None:
    del recognised, shell
    return None


def _set_clock(text: str, shell: ShellState) -> Cause:
    return Cause(text, shell.set_clock) if is_command(shell.set_clock) else Cause(text, remediation=shell.set_clock)


def _clock(recognised: Recognised, shell: ShellState) -> Cause | None:
    """STS and most services report when the request was signed, by our clock, and when it arrived, by theirs."""
    signed, server = _SIGNED.search(recognised.said), server_time_in(recognised.said)
    at = expiry.parse("{}-{}-{}T{}:{}:{}Z".format(*signed.groups())) if signed else None
    if at is None or server is None:
        return None
    off = at - server
    cause = (
        f"the request was signed at {expiry.format_utc(at)} by this machine's clock, and arrived at "
        f"{expiry.format_utc(server)} by AWS's: {expiry.short(off)} {'fast' if off > 0 else 'slow'}"
    )
    if shell.now < server - 60:  # the answer is in the past, so our clock is behind
        return _set_clock(f"{cause}; the clock is still behind, it shows {expiry.format_utc(shell.now)}", shell)
    if off < 0:
        return _set_clock(f"{cause}; or the request waited that long before it was sent", shell)
    return _set_clock(cause, shell)


def _web_identity(recognised: Recognised, shell: ShellState) -> Cause | None:
    """STS reports when the token expired, and its own time."""
    del shell
    times = _WEB_IDENTITY.search(recognised.said)
    if times is None:
        return None
    ago = expiry.short(int(times[1]) - int(times[2]))
    return Cause(f"by the clock of AWS the token had expired {ago} before", recognised.meaning.fix)


def _corrupt(recognised: Recognised, shell: ShellState) -> Cause | None:
    """The text names the file."""
    return None if recognised.key is None else shell.cached.get(recognised.key)


def _no_profile(recognised: Recognised, shell: ShellState) -> Cause | None:
    name = recognised.profile
    if name is None:
        return None
    if name in shell.profiles:
        return Cause(f"the files that this shell uses have a profile {name!r}", f"awsenv doctor {shlex.quote(name)}")
    near = nearest(name, shell.profiles)
    if not near:
        return None
    return Cause(f"there is no profile {name!r}; the nearest is {near[0]!r}", f"awsenv assume {shlex.quote(near[0])}")


def _expired(recognised: Recognised, shell: ShellState) -> Cause | None:
    """A session has expired, but nothing found here has."""
    if not shell.keys:
        or_else = f", or concerns credentials that profile {shell.profile} gets elsewhere" if shell.profile else ""
        return Cause(
            "no credentials are exported here, and nothing found here has expired: "
            f"the error comes from another shell{or_else}",
            "awsenv doctor {profile}" if shell.profile else "awsenv doctor",
        )
    if not shell.temporary:
        return Cause(
            "the exported access key is a long-term one, which does not expire: the error comes from a profile or from "
            "another shell",
            "awsenv doctor PROFILE",
        )
    if shell.expiration is None or shell.expiration <= shell.now:
        return Cause(
            "the expiration of the exported credentials is uncertain: AWS says that they have expired", "{renew}"
        )
    valid = (
        f"the exported credentials are valid for {expiry.short(shell.expiration - shell.now)} by this machine's clock"
    )
    if recognised.meaning.id == "request-expired":
        return _set_clock(f"{valid}, so the clock is off, or the request arrived late", shell)
    return Cause(
        f"{valid}: if the error comes from this shell, the clock is slow; else it comes from a profile or from another "
        "shell",
        "awsenv doctor",
    )


def _refreshed(recognised: Recognised, shell: ShellState) -> Cause | None:
    """The SDK was given an expiration that has passed, and no variable of this shell has one."""
    del recognised
    return Cause(
        "AWS_CREDENTIAL_EXPIRATION is correct in this shell: a credential_process returned expired credentials, the "
        "clock was fast, or the error comes from another shell",
        "awsenv doctor {profile}" if shell.profile else "awsenv doctor",
    )


_Infer = Callable[[Recognised, ShellState], "Cause | None"]

#: What the text itself proves, whatever was found.
_BY_TEXT: dict[str, _Infer] = {"cache-corrupt": _corrupt, "clock": _clock, "web-identity-expired": _web_identity}

#: What follows if no check found an error.
_BY_SHELL: dict[str, _Infer] = {
    "no-profile": _no_profile,
    "expired": _expired,
    "request-expired": _expired,
    "refreshed-but-expired": _refreshed,
}
