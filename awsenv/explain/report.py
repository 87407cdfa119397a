"""Explanations of errors, as text for people and as JSON for scripts."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from awsenv.doctor.check import Finding
from awsenv.doctor.report import STYLES, as_object
from awsenv.explain import Explanation, is_success
from awsenv.report.fixes import fix_lines, printed, typed
from awsenv.result import printable

__all__ = ["Answer", "as_json", "as_text"]


@dataclass(frozen=True)
class Answer:
    """The answer to a text.

    Attributes:
        explained: the recognised errors.
        unknown: the message of a text in which none was recognised; else empty.
        findings: what the doctor found, if none was recognised.
    """

    explained: Sequence[Explanation]
    unknown: str
    findings: Sequence[Finding]


def as_json(answer: Answer, shell: str) -> str:
    """Return an object: `errors` in the text's order; or, if none is known, the message and the doctor's findings."""
    errors = [
        {
            "id": error.recognised.meaning.id,
            "code": error.recognised.code,
            "line": error.recognised.line,
            "means": error.recognised.meaning.means,
            "cause": error.cause or None,
            "evidence": list(error.evidence),
            "fix": typed(error.instructions, shell),
            "others": [as_object(finding, shell) for finding in error.others],
        }
        for error in answer.explained
    ]
    findings = [as_object(finding, shell) for finding in answer.findings]
    return json.dumps({"errors": errors, "said": answer.unknown or None, "findings": findings}, indent=2) + "\n"


def as_text(answer: Answer, shell: str, *, columns: int | None) -> str:
    """Return a paragraph for each error: what it means, its cause here, and the fix.

    Args:
        answer: what to show.
        shell: the shell in whose syntax the fixes are written.
        columns: the width of the terminal; None for a pipe: lines are then neither wrapped nor colored.
    """
    lines: list[Text] = []
    for error in answer.explained:
        title = error.recognised.code or error.recognised.meaning.id
        lines += _wrapped(f"{title}: ", error.recognised.meaning.means, columns, "bold red")
        lines += _wrapped("  said: ", error.recognised.line, columns, "dim")
        if error.cause:
            lines += _wrapped("  here: ", error.cause, columns)
        lines += [Text(f"    {printable(evidence)}") for evidence in error.evidence]
        lines += fix_lines(error.remediation, error.fix, shell, "  ")
        lines += [*_finding_lines("  other possible causes:", error.others, shell, columns), Text("")]
    if not answer.explained:
        advice = ("see everything that the doctor checks", "awsenv doctor")
        if answer.unknown:
            title = "awsenv does not know this error"
            if is_success(answer.unknown):
                title = "awsenv recognises no AWS error in this text"
                advice = ("pass the whole error message", "COMMAND 2>&1 | awsenv explain")
            lines.append(Text(title, "bold"))
            lines += _wrapped("  said: ", answer.unknown, columns, "dim")
        nothing = "the doctor found nothing wrong in this shell and its files"
        lines += _finding_lines("the doctor found this here:", answer.findings, shell, columns) or [Text(nothing)]
        lines += [*fix_lines(*advice, shell, "  "), Text("")]
    return printed(lines[:-1], columns)


def _finding_lines(heading: str, findings: Sequence[Finding], shell: str, columns: int | None) -> list[Text]:
    lines = []
    for finding in findings:
        label = f"  {finding.severity} {finding.check.id}: "
        lines += _wrapped(label, finding.what, columns, STYLES[finding.severity])
        lines += [Text(f"      {printable(evidence)}") for evidence in finding.evidence]
        lines += fix_lines(finding.remediation, finding.fix, shell, "    ")
    return [Text(heading), *lines] if lines else []


def _wrapped(label: str, text: str, columns: int | None, style: str = "") -> list[Text]:
    """Wrap prose behind a styled label; the lines after the first are indented."""
    whole = f"{label}{printable(text)}"
    indent = " " * (len(label) - len(label.lstrip()) + 2)
    lines = [whole] if columns is None else textwrap.wrap(whole, columns, subsequent_indent=indent)
    first = Text(lines[0])
    first.stylize(style, 0, len(label.rstrip()))
    return [first, *map(Text, lines[1:])]
