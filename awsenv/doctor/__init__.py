"""The doctor: every known cause of an expired or invalid token, each detected by a small function of its own.

A check is a function and a section of texts (`doctor.check`). To add one, write both in the module of its subject, the
most likely cause first: CHECKS then has it, and `docs/doctor.md` is generated from CHECKS.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from importlib import import_module

from awsenv.doctor.check import ERROR, NOTE, WARNING, Check, Finding
from awsenv.doctor.context import Context, UnreadableError
from awsenv.result import AwsenvError

__all__ = ["CHECKS", "GROUPS", "Group", "examine", "group"]

_SEVERITIES = (ERROR, WARNING, NOTE)


@dataclass(frozen=True)
class Group:
    """The checks of one subject.

    Attributes:
        id: stable; the name of the module, with dashes.
        title: the heading in the documentation.
        checks: the most likely cause first.
    """

    id: str
    title: str
    checks: tuple[Check, ...]


def _group(module: str, title: str) -> Group:
    members = vars(import_module(f"awsenv.doctor.checks.{module}")).values()
    return Group(module.replace("_", "-"), title, tuple(value for value in members if isinstance(value, Check)))


#: The subjects, the most likely to be the cause first.
GROUPS = (
    _group("expiration", "Expiration of the exported credentials"),
    _group("active_profile", "The active profile"),
    _group("region_and_account", "Region, partition and account"),
    _group("environment_origin", "Where the variables come from"),
    _group("exported_keys", "The exported access key and token"),
    _group("key_values", "The exported values"),
    _group("config_files", "The AWS files"),
    _group("config_headers", "Section headers in the AWS files"),
    _group("config_values", "Values in the AWS files"),
    _group("client_settings", "Settings of the client"),
    _group("endpoints", "Endpoints"),
    _group("session_cache", "The session cache"),
    _group("profile_sources", "Sources of credentials in a profile"),
    _group("source_profile", "Source profiles"),
    _group("assume_role", "Parameters of AssumeRole"),
    _group("profile_keys", "Access keys in a profile"),
    _group("temporary_profile_keys", "Temporary credentials in a profile"),
    _group("identity_center", "IAM Identity Center"),
    _group("aws_login", "aws login"),
    _group("credential_process", "credential_process"),
    _group("web_identity", "Web identities"),
    _group("container", "Container credentials"),
    _group("clock", "The clock"),
    _group("network", "The network"),
    _group("sts_answers", "What AWS answers about the exported credentials"),
    _group("sts_chain", "What AWS answers about a profile"),
    _group("aws_cli", "The AWS CLI"),
    _group("prompt_hooks", "The prompt of this shell"),
    _group("running_programs", "Running programs"),
)

#: Every check, in that order.
CHECKS = tuple(check for group in GROUPS for check in group.checks)


def group(id: str) -> Group:
    """Return the group with an id."""
    return next(group for group in GROUPS if group.id == id)


def examine(
    context: Context, checks: Sequence[Check] = CHECKS, progress: Callable[[str], None] = lambda text: None
) -> list[Finding]:
    """Return the findings, the most likely cause first.

    A check that raises an error yields a finding with that `fault`, and does not stop the others.

    Args:
        context: what to examine.
        checks: the checks to make.
        progress: receives the current step, to show to a waiting user.
    """
    with ExitStack() as stack:
        for check in checks:
            if check.prepare is not None:
                stack.callback(check.prepare(context))
        findings = _examine(context, checks, progress)
    if any(_is_of_clock(finding) for finding in findings):  # then it is unknown what has expired
        findings = [
            replace(finding, auto_fix=None) if finding.auto_fix is not None and finding.auto_fix.by_time else finding
            for finding in findings
        ]
        findings.sort(key=lambda finding: not _is_of_clock(finding))
    return sorted(findings, key=lambda finding: _SEVERITIES.index(finding.severity))


def _examine(context: Context, checks: Sequence[Check], progress: Callable[[str], None]) -> list[Finding]:
    """Return the findings in the order of the checks."""
    findings: list[Finding] = []
    online = [check for check in checks if check.online]
    if context.offline:
        checks = [check for check in checks if not check.online]
    elif online:
        progress("asking AWS")
        try:
            context.probe()
        except UnreadableError:  # reported by config-unreadable
            pass
        except Exception as error:
            findings.append(_fault(online[0], error))
            checks = [check for check in checks if not check.online]
    not_made: list[Check] = []
    for check in checks:
        progress(f"checking {check.id}")
        try:
            findings += check.look(context)
        except UnreadableError:
            not_made.append(check)
        except Exception as error:
            findings.append(_fault(check, error))
    if not_made:
        what = "not checked: the AWS files cannot be read"
        if len(not_made) > 1:
            what += f"; the same for {len(not_made) - 1} more checks of profiles"
        first = replace(not_made[0], cause="")  # it may not be the cause
        findings.append(Finding(first, what, remediation="see config-unreadable", severity=NOTE))
    return findings


def _is_of_clock(finding: Finding) -> bool:
    return finding.check in group("clock").checks and finding.severity != NOTE


def _fault(check: Check, error: Exception) -> Finding:
    """Return the finding of a check that raised an error."""
    what, advice = f"not checked: unexpected {type(error).__name__}", _BUG
    if isinstance(error, AwsenvError):
        what, advice = f"not checked: {error.what}", error.fix
    return Finding(check, what, remediation=advice, severity=WARNING, fault=error)


_BUG = "this is a bug in awsenv: run awsenv doctor again with --debug and report it"
