"""What an error of an AWS tool means here and now: the text is recognised, and weighed against what the doctor finds.

Pure functions: `recognise` reads the text, `inspect` sums up this shell, `checks_of` says what to check, and `explain`
weighs. `awsenv.commands.explain` puts them together.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from awsenv.args import nearest
from awsenv.aws import expiry
from awsenv.aws.error_codes import times_of_signature
from awsenv.doctor.check import ERROR, NOTE, Check, Finding, instructions, is_command
from awsenv.environment import messages
from awsenv.explain.here import CHOOSE, Cause, ShellState, inspect, named_in, profile_of
from awsenv.explain.recognition import Recognised, is_success, last_words, recognise

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
    "profile_of",
    "recognise",
]

_WEB_IDENTITY = re.compile(r"current date/time (\d+) must be before the expiration date/time ?(\d+)")


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


def checks_of(recognised: Recognised, checks: Sequence[Check]) -> list[Check]:
    """The checks that look for the causes of an error."""
    return [check for check in checks if recognised.meaning.id in check.causes]


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
    by_text, by_shell = (table.get(recognised.meaning.id) for table in (_BY_TEXT, _BY_SHELL))
    proved = by_text and by_text(recognised, shell)
    if proved is not None:
        others = [one for one in causes if recognised.key is None or recognised.key not in " ".join(one.evidence)]
        return _explanation(recognised, shell, proved, others)
    causes.sort(key=lambda one: one.severity != ERROR)  # stable: the most likely of each stays first
    inferred = by_shell and by_shell(recognised, shell)
    if causes and (causes[0].severity == ERROR or inferred is None):
        first, *rest = causes
        return Explanation(recognised, first.what, first.evidence, first.fix, first.remediation, tuple(rest))
    role = shell.about is not None and recognised.meaning.of_profile
    what = f"profile {shell.about} assumes this role" if role else ""
    general = Cause(what, recognised.meaning.fix, recognised.meaning.remediation)
    return _explanation(recognised, shell, inferred or general, causes)


def _explanation(recognised: Recognised, shell: ShellState, cause: Cause, others: Sequence[Finding]) -> Explanation:
    text, fix, remediation = _filled(cause, recognised, shell)
    return Explanation(recognised, text, (), fix, remediation, tuple(others))


def _filled(cause: Cause, recognised: Recognised, shell: ShellState) -> Cause:
    """A cause with what is to be typed here: only what can work."""
    known = {"{login}": shell.login, "{renew}": shell.renew, "{reload}": shell.reload}.get(cause.fix)
    if known is not None:
        cause = Cause(cause.text or known.text, known.fix, cause.remediation or known.remediation)
    of_profile = recognised.meaning.of_profile
    if recognised.profile is not None and shell.profiles and recognised.profile not in shell.profiles:
        certain = here = None
        cause = cause._replace(text=cause.text or f"there is no profile {recognised.profile!r} here")
    else:
        certain = recognised.profile or (shell.about if of_profile else None) or shell.named
        here = shell.profile if shell.profile in shell.profiles and not of_profile else None
    profile = certain or here or "PROFILE"
    instead = shell.cannot.get(profile) if cause.fix.startswith("awsenv assume {profile}") else None
    if instead is not None and certain:
        return Cause(cause.text or instead.text, instead.fix, instead.remediation)
    if instead is not None:  # of the default profile, which nothing names
        profile = "PROFILE"
    fix, remediation = (text.replace("{profile}", shlex.quote(profile)) for text in (cause.fix, cause.remediation))
    chosen = CHOOSE if profile == "PROFILE" and "PROFILE" in fix and not remediation else remediation
    return Cause(cause.text, fix, chosen)


def _set_clock(text: str, shell: ShellState) -> Cause:
    return Cause(text, shell.set_clock) if is_command(shell.set_clock) else Cause(text, remediation=shell.set_clock)


def _clock(recognised: Recognised, shell: ShellState) -> Cause | None:
    """STS and most services report when the request was signed, by our clock, and when it arrived, by theirs."""
    signed, server = times_of_signature(recognised.said)
    if signed is None or server is None:
        return None
    off = signed - server
    cause = (
        f"the request was signed at {expiry.format_utc(signed)} by this machine's clock, and arrived at "
        f"{expiry.format_utc(server)} by AWS's: {expiry.short(off)} {'fast' if off > 0 else 'slow'}"
    )
    if shell.now < server - 60:  # the answer is in the past, so our clock is behind
        return _set_clock(f"{cause}; the clock is still behind, it shows {expiry.format_utc(shell.now)}", shell)
    if off < 0:
        return _set_clock(f"{cause}; or the request waited that long before it was sent", shell)
    return _set_clock(cause, shell)


def _web_identity(recognised: Recognised, _: ShellState) -> Cause | None:
    """STS reports when the token expired, and its own time."""
    times = _WEB_IDENTITY.search(recognised.said)
    if times is None:
        return None
    ago = expiry.short(int(times[1]) - int(times[2]))
    return Cause(f"by the clock of AWS the token had expired {ago} before", recognised.meaning.fix)


def _no_profile(recognised: Recognised, shell: ShellState) -> Cause | None:
    name = recognised.profile
    if name is None:
        return None
    if name in shell.profiles:
        return Cause(f"the files that this shell uses have a profile {name!r}", f"awsenv doctor {shlex.quote(name)}")
    near = nearest(name, shell.profiles)
    if not near:
        return None
    instead = shell.cannot.get(near[0], Cause("", f"awsenv assume {shlex.quote(near[0])}"))
    return Cause(f"there is no profile {name!r}; the nearest is {near[0]!r}", instead.fix, instead.remediation)


def _expired(recognised: Recognised, shell: ShellState) -> Cause | None:
    """A session has expired, but nothing found here has."""
    if not shell.keys and shell.pasted is not None:
        text = shell.pasted.text
        return Cause(f"{text}: AWS says that they have expired", shell.pasted.fix, shell.pasted.remediation)
    if not shell.keys:
        elsewhere = shell.profile is not None and shell.profile not in shell.cannot
        or_else = f", or concerns credentials that profile {shell.profile} gets elsewhere" if elsewhere else ""
        return Cause(
            f"no credentials are exported here: the error comes from another shell{or_else}",
            "awsenv doctor {profile}" if elsewhere else messages.ASSUME,
            "" if elsewhere else f"go to that shell, then type {messages.REFRESH}; or here",
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


def _refreshed(_: Recognised, shell: ShellState) -> Cause:
    """The SDK was given an expiration that has passed, and no variable of this shell has one."""
    return Cause(
        "AWS_CREDENTIAL_EXPIRATION is correct in this shell: a credential_process returned expired credentials, the "
        "clock was fast, or the error comes from another shell",
        "awsenv doctor {profile}" if shell.profile else "awsenv doctor",
    )


_Infer = Callable[[Recognised, ShellState], "Cause | None"]

#: What the text itself proves, whatever was found.
_BY_TEXT: dict[str, _Infer] = {
    "cache-corrupt": lambda recognised, shell: shell.cached.get(recognised.key or ""),  # the text names the file
    "cache-unusable": lambda _, shell: shell.cache,  # another user's files are in it
    "clock": _clock,
    "sso-signed-out": lambda _, shell: shell.sign_in,  # the text names the sign-in
    "web-identity-expired": _web_identity,
}

#: What follows if no check found an error.
_BY_SHELL: dict[str, _Infer] = {
    "no-profile": _no_profile,
    "expired": _expired,
    "request-expired": _expired,
    "refreshed-but-expired": _refreshed,
}
