"""Help for awsenv and for each command: plain text, at most 80 columns wide."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Mapping

from awsenv.args import GLOBAL_OPTIONS, SHORT, Command, nearest
from awsenv.commands import COMMANDS, EXIT_CODES, GROUPS, OTHER_NAMES, find
from awsenv.result import USAGE, AwsenvError

__all__ = ["help_of", "on", "overview", "unknown"]

COLUMNS = 80

# The widest option that has its description on the same line.
_LEFT = 26

_EXAMPLES = """
  eval "$(awsenv assume project1)"    this shell now acts as project1
  awsenv assume project1 | source     the same in fish
  awsenv assume project1              in any shell, after awsenv install
  awsenv check                        is it still valid, and for how long?
  awsenv clear                        unset all of it
"""


def overview() -> str:
    """Return the text of `awsenv --help`."""
    width = max(len(name) for commands in GROUPS.values() for name in commands)
    groups = "\n".join(f"{title}:\n{_table(commands, width)}" for title, commands in GROUPS.items())
    codes = ", ".join(f"{code} {meaning}" for code, meaning in EXIT_CODES.items())
    return (
        "usage: awsenv COMMAND [arguments]\n\n"
        "AWS credentials in your shell: assume, renew, check and clear them.\n\n"
        f"{groups}\n"
        f"examples:\n{_examples(_EXAMPLES)}\n"
        "More: awsenv COMMAND --help; for the prompt and the rest: awsenv help settings.\n"
        f"{textwrap.fill(f'Exit codes: {codes}.', COLUMNS)}\n"
    )


def help_of(command: Command) -> str:
    """Return the help of one command. Examples first: most readers stop there."""
    short = {long: letter for letter, long in SHORT.items()}
    options = {
        " ".join(filter(None, (f"{short[name]}," if name in short else "", name, value))): description
        for name, (value, description) in {**command.options, **GLOBAL_OPTIONS}.items()
    }
    width = min(_LEFT, max(map(len, options)))
    paragraphs = re.split(r"\n\s*\n", command.description.strip())
    text = "\n\n".join(textwrap.fill(" ".join(paragraph.split()), COLUMNS) for paragraph in paragraphs)
    usage = textwrap.fill(f"usage: {command.usage}", COLUMNS, subsequent_indent=" " * 14, break_on_hyphens=False)
    return f"{usage}\n\nexamples:\n{_examples(command.examples)}\n{text}\n\noptions:\n{_table(options, width)}"


def on(subject: str | None, environ: Mapping[str, str]) -> str:
    """Return the text of `awsenv help SUBJECT`: of a command, of the settings; the overview for None."""
    if subject == "settings":
        from awsenv.environment import settings

        return settings.as_file(environ)
    return overview() if subject in (None, "-h", "--help", "help") else help_of(find(subject))


def unknown(name: str) -> AwsenvError:
    """Return the error for an unknown command, with the nearest ones."""
    near = [OTHER_NAMES[name]] if name in OTHER_NAMES else nearest(name, list(COMMANDS))
    hint = f"did you mean {' or '.join(near)}?" if near else "see awsenv --help"
    if _is_profile(name):
        hint = f"did you mean awsenv assume {name}?"
    return AwsenvError(f"there is no command {name!r}", hint, USAGE)


def _is_profile(name: str) -> bool:
    from awsenv.aws.config_files import Profiles

    try:
        return name in Profiles(os.environ)
    except AwsenvError:
        return False


def _table(rows: Mapping[str, str], width: int) -> str:
    """Return two columns; a left cell that is too wide has a line of its own."""
    indent = " " * (width + 4)
    lines = []
    for left, right in rows.items():
        wrapped = textwrap.wrap(right, COLUMNS, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
        if len(left) > width:
            lines.append(f"  {left}")
        else:
            wrapped[0] = f"  {left:<{width}}{wrapped[0][width + 2 :]}"
        lines += wrapped
    return "".join(f"{line}\n" for line in lines)


def _examples(text: str) -> str:
    """Return each command and its remark on one line if both fit, otherwise the remark as a comment before it."""
    lines = []
    for example in text.strip("\n").splitlines():
        command, gap, remark = [*re.split(r"(?<=\S)(\s{2,})", example, maxsplit=1), "", ""][:3]
        if len(example) > COLUMNS:
            gap = " " * (COLUMNS - len(command) - len(remark))
            if len(gap) < 2:
                lines.append(f"  # {remark}")
                remark = ""
        lines.append(f"{command}{gap}{remark}".rstrip())
    return "".join(f"{line}\n" for line in lines)
