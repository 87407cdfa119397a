"""The findings of the doctor as text, for people and for scripts that read lines, and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence
from itertools import groupby

from rich.text import Text

from awsenv.doctor.check import ERROR, NOTE, WARNING, Finding
from awsenv.doctor.inventory import Variable
from awsenv.report import table
from awsenv.report.fixes import fix_lines, printed, typed
from awsenv.report.prose import counted
from awsenv.result import printable

__all__ = ["STYLES", "as_json", "as_object", "as_text", "count", "variables_as_text"]

#: Severity -> its style in rich.
STYLES = {ERROR: "bold red", WARNING: "bold yellow", NOTE: "bold cyan"}


def count(findings: Sequence[Finding], left: str = "") -> str:
    """Return `2 errors, 1 warning`, or that nothing is wrong.

    Args:
        findings: the findings to count.
        left: what follows the numbers: ` left`.
    """
    numbers = {severity: sum(finding.severity == severity for finding in findings) for severity in STYLES}
    parts = [counted(number, severity) for severity, number in numbers.items() if number]
    nothing = [] if numbers[ERROR] or numbers[WARNING] else [f"nothing{' else' if left else ''} is wrong"]
    return ", ".join([*nothing, *parts]) + (left if parts else "")


def as_json(findings: Sequence[Finding] | None, variables: Sequence[Variable], shell: str) -> str:
    """Return an object of `findings`, the most likely cause first (omitted if None), and `variables`, masked."""
    answer: dict[str, object] = {}
    if findings is not None:
        answer["findings"] = [as_object(finding, shell) for finding in findings]
    answer["variables"] = [
        {"name": row.name, "value": row.value, "does": row.does, "origin": row.origin} for row in variables
    ]
    return json.dumps(answer, indent=2) + "\n"


def as_object(finding: Finding, shell: str) -> dict[str, object]:
    """Return a finding for JSON, with the fix in the syntax of this shell."""
    return {
        "id": finding.check.id,
        "severity": finding.severity,
        "what": finding.what,
        "evidence": list(finding.evidence),
        "cause": finding.check.cause,
        "fix": typed(finding.instructions, shell),
        "fixable": finding.auto_fix is not None,
    }


def as_text(
    findings: Sequence[Finding], variables: Sequence[Variable], shell: str, *, columns: int | None, end: str
) -> str:
    """Return a paragraph for each finding, which begins with severity and id, the variables, and the last line.

    Args:
        findings: the most likely cause first.
        variables: the variables that are set.
        shell: the fixes are in the syntax of this shell.
        columns: the width of the terminal; None for a pipe, in which lines are not wrapped and have no colors.
        end: the last line.
    """
    lines = [line for finding in findings for line in _paragraph(finding, shell, columns)]
    last = printed([Text(f"\n{end}", style="bold")], columns)
    return printed(lines, columns) + variables_as_text(variables, columns=columns) + last


def variables_as_text(variables: Sequence[Variable], *, columns: int | None) -> str:
    """Return a table of the variables for each origin, awsenv's first. `columns`: see as_text."""
    if not variables:
        return "no AWS variable is set in this shell\n"
    groups = [(origin, list(rows)) for origin, rows in groupby(sorted(variables, key=_rank), lambda row: row.origin)]
    tables = []
    for origin, group in groups:
        heading = printed([Text(_heading(origin), style="bold")], columns) if origin or len(groups) > 1 else ""
        rows = [(row.name, row.value, row.does) for row in group]
        tables.append(heading + table.text(("VARIABLE", "VALUE", "WHAT IT DOES"), rows, columns=columns))
    return "\n".join(tables)


def _rank(row: Variable) -> tuple[int, str]:
    """Sort the variables set by awsenv first, then those of other tools, then the rest."""
    return (0 if row.origin.startswith("awsenv") else 1 if row.origin else 2), row.origin


def _heading(origin: str) -> str:
    if origin.startswith("profile "):
        return f"with the credentials of {printable(origin)}:"
    return f"set by {printable(origin)}:" if origin else "set by you, or inherited:"


def _paragraph(finding: Finding, shell: str, columns: int | None) -> list[Text]:
    """Return the lines of a finding. Only prose is wrapped: what is to be copied stays whole."""
    head = f"{finding.severity} {finding.check.id}:"
    lines = [Text(line) for line in _wrapped(f"{head} {printable(finding.what)}", columns, "")]
    lines[0].stylize(STYLES[finding.severity], 0, len(head))
    lines += [Text(f"  {printable(evidence)}") for evidence in finding.evidence]
    if finding.fault is None and finding.check.cause:
        lines += [Text(line, style="dim") for line in _wrapped(f"why: {finding.check.cause}", columns, "  ")]
    return [*lines, *fix_lines(finding.remediation, finding.fix, shell, "  "), Text("")]


def _wrapped(text: str, columns: int | None, indent: str) -> list[str]:
    if columns is None:
        return [f"{indent}{text}"]
    return textwrap.wrap(
        text, columns, initial_indent=indent, subsequent_indent=f"{indent}  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
