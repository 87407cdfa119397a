"""Let the user choose a profile on the terminal: with fzf if it is installed, else from a numbered list."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping

from awsenv.args import nearest
from awsenv.aws.config_files import Profiles
from awsenv.environment import expiry
from awsenv.report import profiles
from awsenv.result import INTERRUPTED, USAGE, AwsenvError, printable
from awsenv.system.terminal import NoTerminalError, conversation, read_line

__all__ = ["choose"]


def choose(environ: Mapping[str, str], now: int) -> str:
    """Return the profile that the user chooses.

    Raises:
        AwsenvError: (2) there is no terminal; (1) there are no profiles, or none was chosen; (130) Ctrl-C in fzf.
    """
    try:
        with conversation():
            pass
    except NoTerminalError:
        raise AwsenvError(
            "no profile was named, and there is no terminal to choose on", "type awsenv assume PROFILE", USAGE
        ) from None
    found = [row for row in profiles.rows(Profiles(environ), environ, now) if row.serves is None]
    rows = profiles.lately_first(found, environ)
    if not rows:
        raise AwsenvError("there are no profiles to choose from", "make one with aws configure")
    lines = _lines(rows, now)
    fzf = shutil.which("fzf", path=environ.get("PATH"))
    picked = _by_fzf(fzf, lines) if fzf else None
    return rows[_by_number(rows, lines) if picked is None else picked].name


def _lines(rows: list[profiles.Row], now: int) -> list[str]:
    cells = []
    for row in rows:
        left = "" if row.expiration is None or row.expired else f"{expiry.short(row.expiration - now)} left"
        cells.append([printable(cell or "") for cell in (row.name, row.kind, row.account, row.role, row.region, left)])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def _by_fzf(fzf: str, lines: list[str]) -> int | None:
    """Let the user choose with fzf, which draws on the terminal and prints the choice to a pipe.

    Only the names are searched: otherwise a role of the same name could come before the profile that was typed.

    Returns:
        The index of the line, None if fzf cannot be started.
    """
    numbered = "".join(f"{number}\t{line.replace('  ', chr(9), 1)}\n" for number, line in enumerate(lines))
    command = [
        fzf,
        "--delimiter=\t",
        "--with-nth=2..",
        "--nth=1",
        "--tiebreak=begin,index",
        "--tabstop=1",
        "--height=40%",
        "--reverse",
        "--no-multi",
        "--prompt=profile> ",
    ]
    try:
        picked = subprocess.run(
            command, input=numbered.encode("utf-8", "surrogateescape"), stdout=subprocess.PIPE, check=False
        )
    except OSError:  # on PATH, but not runnable
        return None
    if picked.returncode == INTERRUPTED:
        raise AwsenvError("no profile was chosen, nothing was changed", "", INTERRUPTED)
    if picked.returncode != 0:
        raise AwsenvError("no profile was chosen, nothing was changed", "type awsenv assume PROFILE")
    return int(picked.stdout.split(b"\t", 1)[0])


def _by_number(rows: list[profiles.Row], lines: list[str]) -> int:
    names = [row.name for row in rows]
    with conversation() as (answers, questions):
        for number, line in enumerate(lines, 1):
            questions.write(f"{number:>4}  {line}\n")
        while True:
            questions.write("profile (number or name): ")
            questions.flush()
            typed = read_line(answers)
            answer = typed.strip()
            if answer in names:
                return names.index(answer)
            if answer.isdigit() and 1 <= int(answer) <= len(names):
                return int(answer) - 1
            if not typed or not answer:
                raise AwsenvError("no profile was chosen, nothing was changed", "type awsenv assume PROFILE")
            near = nearest(answer, names)
            questions.write(f"there is no profile {answer!r}{f'; did you mean {near[0]}?' if near else ''}\n")
