"""How the explanation of an error is shown: text for people, JSON for scripts."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from awsenv.doctor.check import Finding
from awsenv.doctor.report import STYLES
from awsenv.explain import Explanation
from awsenv.report.fixes import fix_lines, printed, typed
from awsenv.result import printable

__all__ = ["Answer", "as_json", "as_text"]


@dataclass(frozen=True)
class Answer:
    """What is answered to a text.

    Attributes:
        explained: the recognised errors.
        unknown: the message of a text in which none was recognised; else empty.
        findings: what else is wrong here.
    """

    explained: Sequence[Explanation]
    unknown: str
    findings: Sequence[Finding]


def as_json(answer: Answer, shell: str) -> str:
    """An object: `errors`, in the text's order; if none is known, its message and what the doctor finds."""
    errors = [
        {
            "id": one.recognised.meaning.id,
            "code": one.recognised.code,
            "line": one.recognised.line,
            "means": one.recognised.meaning.means,
            "cause": one.cause or None,
            "evidence": list(one.evidence),
            "fix": typed(one.instructions, shell),
            "others": [_finding(other, shell) for other in one.others],
        }
        for one in answer.explained
    ]
    findings = [_finding(one, shell) for one in answer.findings]
    return json.dumps({"errors": errors, "said": answer.unknown or None, "findings": findings}, indent=2) + "\n"


def _finding(finding: Finding, shell: str) -> dict[str, object]:
    return {
        "id": finding.check.id,
        "severity": finding.severity,
        "what": finding.what,
        "evidence": list(finding.evidence),
        "fix": typed(finding.instructions, shell),
    }


def as_text(answer: Answer, shell: str, *, columns: int | None) -> str:
    """A paragraph for each error: what it means, its cause here, and the fix.

    Args:
        answer: what to show.
        shell: the one in whose syntax the fixes are written.
        columns: the width of the terminal; None for what is piped, in which lines are not wrapped and have no colors.
    """
    lines: list[Text] = []
    for one in answer.explained:
        title = one.recognised.code or one.recognised.meaning.id
        lines += _wrapped(f"{title}: ", one.recognised.meaning.means, columns, "bold red")
        lines += _wrapped("  said: ", one.recognised.line, columns, "dim")
        if one.cause:
            lines += _wrapped("  here: ", one.cause, columns)
        lines += [Text(f"    {printable(evidence)}") for evidence in one.evidence]
        lines += fix_lines(one.remediation, one.fix, shell, "  ")
        lines += [*_others("  other possible causes:", one.others, shell, columns), Text("")]
    if not answer.explained:
        if answer.unknown:
            lines.append(Text("awsenv does not know this error", "bold"))
            lines += _wrapped("  said: ", answer.unknown, columns, "dim")
        nothing = "the doctor found nothing wrong in this shell and its files"
        lines += _others("the doctor found this here:", answer.findings, shell, columns) or [Text(nothing)]
        lines += [*fix_lines("", "awsenv doctor", shell, "  "), Text("")]
    return printed(lines[:-1], columns)


def _others(heading: str, findings: Sequence[Finding], shell: str, columns: int | None) -> list[Text]:
    lines = []
    for one in findings:
        lines += _wrapped(f"  {one.severity} {one.check.id}: ", one.what, columns, STYLES[one.severity])
        lines += [Text(f"      {printable(evidence)}") for evidence in one.evidence]
        lines += fix_lines(one.remediation, one.fix, shell, "    ")
    return [Text(heading), *lines] if lines else []


def _wrapped(label: str, text: str, columns: int | None, style: str = "") -> list[Text]:
    """Prose behind a label, wrapped under its beginning."""
    whole = f"{label}{printable(text)}"
    indent = " " * (len(label) - len(label.lstrip()) + 2)
    lines = [whole] if columns is None else textwrap.wrap(whole, columns, subsequent_indent=indent)
    first = Text(lines[0])
    first.stylize(style, 0, len(label.rstrip()))
    return [first, *map(Text, lines[1:])]
