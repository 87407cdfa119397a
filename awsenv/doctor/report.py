"""What the doctor has found, as it is shown: text for people and for scripts that read lines, JSON for the others."""

from __future__ import annotations

import io
import json
import textwrap
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from awsenv import dialects, streams
from awsenv.doctor.check import ERROR, NOTE, WARNING, Finding
from awsenv.doctor.inventory import Variable
from awsenv.report import table
from awsenv.result import AwsenvError, shown

__all__ = ["STYLES", "as_json", "as_text", "count", "cure_lines", "printed", "shell_of", "typed"]

#: severity -> the style of rich's in which it is shown.
STYLES = {ERROR: "bold red", WARNING: "bold yellow", NOTE: "bold cyan"}


def typed(cure: str, shell: str) -> str:
    """A cure, written as for bash, as a person types it in another shell.

    Args:
        cure: with `unset NAME…` or `export NAME=VALUE` somewhere in it, or neither.
        shell: a name that `awsenv.dialects` knows.
    """
    return dialects.load(shell).translate_fix(cure)


def shell_of(named: str | None, environ: Mapping[str, str]) -> str:
    """The shell in which cures are typed; any will do where none can be told, as in a job.

    Raises:
        AwsenvError: (2) a name that is no shell's.
    """
    if named is not None:
        dialects.load(named)
        return named.lower().removesuffix(".exe")
    try:
        return dialects.detect(environ)
    except AwsenvError:
        return "sh"


def count(findings: Sequence[Finding], left: str = "") -> str:
    """`2 errors, 1 warning`, or that there is nothing.

    Args:
        findings: what to count.
        left: a word behind each number: ` left`.
    """
    numbers = {severity: sum(one.severity == severity for one in findings) for severity in STYLES}
    told = [f"{number} {severity}{'' if number == 1 else 's'}" for severity, number in numbers.items() if number]
    nothing = [] if numbers[ERROR] or numbers[WARNING] else [f"nothing{' else' if left else ''} is wrong"]
    return ", ".join([*nothing, *told]) + (left if told else "")


def as_json(findings: Sequence[Finding], variables: Sequence[Variable], shell: str) -> str:
    """An object: `findings`, the most likely cause first, and `variables`, what is set, masked."""
    told = [
        {
            "id": one.check.id,
            "severity": one.severity,
            "what": one.what,
            "evidence": list(one.evidence),
            "cause": one.check.cause,
            "cure": typed(one.cure, shell),
            "fixable": one.fix is not None,
        }
        for one in findings
    ]
    rows = [{"name": row.name, "value": row.value, "does": row.does, "origin": row.origin} for row in variables]
    return json.dumps({"findings": told, "variables": rows}, indent=2) + "\n"


def as_text(
    findings: Sequence[Finding], variables: Sequence[Variable], shell: str, *, columns: int | None, end: str
) -> str:
    """What is set, what is wrong, and how much of it: a paragraph for each finding, which begins with severity and id.

    Args:
        findings: the most likely cause first.
        variables: what is set.
        shell: the one in which the cures are typed.
        columns: the width of the terminal; None for what is piped, in which each line is whole and without colours.
        end: the last line.
    """
    lines = [line for one in findings for line in _paragraph(one, shell, columns)]
    first = _table(variables, columns) if variables else "nothing of AWS is set in this shell\n"
    return first + printed([*lines, Text(f"\n{end}", style="bold")], columns)


def printed(lines: Sequence[Text], columns: int | None) -> str:
    """Lines as a terminal of that width is shown them; with None plain, for a pipe."""
    styled = columns is not None and streams.styles()
    console = Console(file=io.StringIO(), force_terminal=styled, width=columns or 10_000, legacy_windows=False)
    with console.capture() as captured:
        for line in lines:
            console.print(line, soft_wrap=True)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _table(variables: Sequence[Variable], columns: int | None) -> str:
    rows = [(row.name, row.value, f"{row.does} (from {row.origin})" if row.origin else row.does) for row in variables]
    return table.text(("VARIABLE", "VALUE", "WHAT IT DOES"), rows, columns=columns)


def _paragraph(one: Finding, shell: str, columns: int | None) -> list[Text]:
    """The lines of one finding. Only the prose is wrapped: what is to be copied stays whole."""
    head = f"{one.severity} {one.check.id}: {shown(one.what)}"
    first, *more = _wrapped(head, columns, "")
    lines = [Text(""), Text(first), *map(Text, more)]
    lines[1].stylize(STYLES[one.severity], 0, len(f"{one.severity} {one.check.id}:"))
    lines += [Text(f"  {shown(evidence)}") for evidence in one.evidence]
    if one.fault is None:
        lines += [Text(line, style="dim") for line in _wrapped(f"why: {one.check.cause}", columns, "  ")]
    return [*lines, *cure_lines(one.cure, shell, "  ")]


def cure_lines(cure: str, shell: str, indent: str) -> list[Text]:
    """A cure as it is shown: what is to be copied stays whole, and a text of several lines has its lines."""
    if not cure:
        return []
    first, *more = typed(cure, shell).split("\n")
    lines = [Text.assemble(f"{indent}cure: ", (shown(first), "bold green"))]
    return lines + [Text(f"{indent}  {shown(line)}", style="bold green") for line in more]


def _wrapped(text: str, columns: int | None, indent: str) -> list[str]:
    if columns is None:
        return [f"{indent}{text}"]
    return textwrap.wrap(
        text, columns, initial_indent=indent, subsequent_indent=f"{indent}  ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
