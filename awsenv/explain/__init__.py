"""What an error of an AWS tool means here and now: its text is recognised, and weighed against the doctor's findings.

`recognise` reads the text, `inspect` reads the state of this shell, `checks_of` selects the checks, and `explain`
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
from awsenv.explain.recognition import Recognised, is_success, recognise, unknown_message
from awsenv.explain.shell_state import CHOOSE, Cause, ShellState, inspect, named_in, profile_of

__all__ = [
    "Cause",
    "Explanation",
    "Recognised",
    "ShellState",
    "checks_of",
    "explain",
    "inspect",
    "is_success",
    "named_in",
    "profile_of",
    "recognise",
    "unknown_message",
]

_WEB_IDENTITY = re.compile(r"current date/time (\d+) must be before the expiration date/time ?(\d+)")

_REGISTRY = re.compile(r"\b\d{12}\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?")


@dataclass(frozen=True)
class Explanation:
    """What an error means here and now.

    Attributes:
        recognised: the error.
        cause: the cause here, one sentence without a full stop; empty if unknown.
        evidence: where it was seen, masked.
        fix: the command to type; see Finding.
        remediation: what to do; see Finding.
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
    """Select the checks that look for the causes of an error."""
    return [check for check in checks if recognised.meaning.id in check.causes]


# --- weighing ---------------------------------------------------------------------------------------------------------


def explain(recognised: Recognised, shell: ShellState, findings: Sequence[Finding]) -> Explanation:
    """Determine what an error means here and now.

    What the text itself proves comes first, then a finding that is an error, then what follows from the absence of
    those, then the other findings.

    Args:
        recognised: the error.
        shell: the state of this shell.
        findings: those of the error's checks, the most likely first.
    """
    causes = [finding for finding in findings if finding.fault is None and finding.severity != NOTE]
    prove, infer = _PROOFS.get(recognised.meaning.id), _INFERENCES.get(recognised.meaning.id)
    proved = prove and prove(recognised, shell)
    if proved is not None:
        cause, key = proved, recognised.key
        causes = [finding for finding in causes if key is None or key not in " ".join(finding.evidence)]
    else:
        causes.sort(key=lambda finding: finding.severity != ERROR)  # stable: the most likely of each stays first
        inferred = infer and infer(recognised, shell)
        if causes and (causes[0].severity == ERROR or inferred is None):
            first, *rest = causes
            return Explanation(recognised, first.what, first.evidence, first.fix, first.remediation, tuple(rest))
        cause = inferred or _general(recognised, shell)
    text, fix, remediation = _filled(cause, recognised, shell)
    return Explanation(recognised, text, (), fix, remediation, tuple(causes))


def _general(recognised: Recognised, shell: ShellState) -> Cause:
    has_role = shell.role_profile is not None and recognised.meaning.of_profile
    text = f"profile {shell.role_profile} assumes this role" if has_role else ""
    return Cause(text, recognised.meaning.fix, recognised.meaning.remediation)


def _filled(cause: Cause, recognised: Recognised, shell: ShellState) -> Cause:
    """Fill in the command and the profile for this shell; replace a command that cannot work here."""
    known = {"{login}": shell.login, "{renew}": shell.renew, "{reload}": shell.reload}.get(cause.fix)
    if known is not None:
        cause = Cause(cause.text or known.text, known.fix, cause.remediation or known.remediation)
    of_profile = recognised.meaning.of_profile
    if recognised.profile is not None and shell.profiles and recognised.profile not in shell.profiles:
        named = active = None
        cause = cause._replace(text=cause.text or f"there is no profile {recognised.profile!r}")
    else:
        named = recognised.profile or (shell.role_profile if of_profile else None) or shell.named
        active = shell.profile if shell.profile in shell.profiles and not of_profile else None
    profile = named or active or "PROFILE"
    instead = shell.unobtainable.get(profile) if cause.fix.startswith("awsenv assume {profile}") else None
    if instead is not None and named:
        return Cause(cause.text or instead.text, instead.fix, instead.remediation)
    if instead is not None:  # it is the default profile, which the user has not named
        profile = "PROFILE"
    fix, remediation = (text.replace("{profile}", shlex.quote(profile)) for text in (cause.fix, cause.remediation))
    if profile == "PROFILE" and "PROFILE" in fix:
        remediation = remediation or CHOOSE
    return Cause(cause.text, fix, remediation)


def _set_clock(text: str, shell: ShellState) -> Cause:
    return Cause(text, shell.set_clock) if is_command(shell.set_clock) else Cause(text, remediation=shell.set_clock)


def _clock(recognised: Recognised, shell: ShellState) -> Cause | None:
    """STS and most services report when the request was signed, by our clock, and when it arrived, by theirs."""
    signed, arrived = times_of_signature(recognised.matched)
    if signed is None or arrived is None:
        return None
    off = signed - arrived
    cause = (
        f"the request was signed at {expiry.format_utc(signed)} by this machine's clock, and arrived at "
        f"{expiry.format_utc(arrived)} by AWS's: {expiry.short(off)} {'fast' if off > 0 else 'slow'}"
    )
    if shell.now < arrived - 60:  # that was before now, so our clock is behind
        return _set_clock(f"{cause}; the clock is still behind, it shows {expiry.format_utc(shell.now)}", shell)
    if off < 0:
        return _set_clock(f"{cause}; or the request waited that long before it was sent", shell)
    return _set_clock(cause, shell)


def _web_identity(recognised: Recognised, _: ShellState) -> Cause | None:
    """STS reports when the token expired, and its own time."""
    times = _WEB_IDENTITY.search(recognised.matched)
    if times is None:
        return None
    ago = expiry.short(int(times[1]) - int(times[2]))
    return Cause(f"the token had expired {ago} before, by AWS's clock", recognised.meaning.fix)


def _registry(recognised: Recognised, _: ShellState) -> Cause | None:
    """The host name of a private registry contains its region."""
    found = _REGISTRY.search(recognised.line)
    if found is None:
        return None
    sign_in = f"docker login --username AWS --password-stdin {found[0]}"
    return Cause("", f"aws ecr get-login-password --region {found[1]} | {sign_in}")


def _no_profile(recognised: Recognised, shell: ShellState) -> Cause | None:
    name = recognised.profile
    if name is None:
        return None
    if name in shell.profiles:
        return Cause(f"the files that this shell uses have a profile {name!r}", f"awsenv doctor {shlex.quote(name)}")
    near = nearest(name, shell.profiles)
    if not near:
        return None
    assume = Cause("", f"awsenv assume {shlex.quote(near[0])}")
    _, fix, remediation = shell.unobtainable.get(near[0], assume)
    return Cause(f"there is no profile {name!r}; the nearest is {near[0]!r}", fix, remediation)


def _expired(recognised: Recognised, shell: ShellState) -> Cause | None:
    """A session has expired, but none was found that has."""
    if not shell.keys and shell.temporary_keys is not None:
        text, fix, remediation = shell.temporary_keys
        return Cause(f"{text}: AWS says that they have expired", fix, remediation)
    if not shell.keys:
        elsewhere = shell.profile is not None and shell.profile not in shell.unobtainable
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
    """The SDK was given an expiration in the past, which is in no variable of this shell."""
    return Cause(
        "AWS_CREDENTIAL_EXPIRATION is correct in this shell: a credential_process returned expired credentials, the "
        "clock was fast, or the error comes from another shell",
        "awsenv doctor {profile}" if shell.profile else "awsenv doctor",
    )


_FindCause = Callable[[Recognised, ShellState], "Cause | None"]

# Id of a meaning -> the cause that the text itself proves, whatever was found.
_PROOFS: dict[str, _FindCause] = {
    "cache-corrupt": lambda recognised, shell: shell.cache_files.get(recognised.key or ""),  # the text names the file
    "cache-unusable": lambda _, shell: shell.cache_error,  # it contains files of another user
    "clock": _clock,
    "sso-signed-out": lambda _, shell: shell.other_login,  # the text names the sign-in
    "web-identity-expired": _web_identity,
}

# Id of a meaning -> the cause that follows if no check found an error.
_INFERENCES: dict[str, _FindCause] = {
    "ecr-login": _registry,
    "no-profile": _no_profile,
    "expired": _expired,
    "request-expired": _expired,
    "refreshed-but-expired": _refreshed,
}
