"""The help: of awsenv, and of each command. Plain text, at most 80 columns wide."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping

from awsenv.args import GLOBAL_OPTIONS, SHORT, Command, nearest
from awsenv.commands import COMMANDS, EXIT_CODES, GROUPS, OTHER_NAMES, find
from awsenv.result import USAGE, AwsenvError

__all__ = ["help_of", "on", "overview", "unknown"]

COLUMNS = 80

# The widest option beside which there is room for what it does.
_LEFT = 26

_EXAMPLES = """
  eval "$(awsenv assume project1)"    this shell now acts as project1
  awsenv assume project1 | source     the same in fish
  awsenv assume project1              the same in any shell, after awsenv install
  awsenv check                        is it still valid, and for how long?
  awsenv clear                        unset all of it
"""


def overview() -> str:
    """`awsenv --help`."""
    width = max(len(name) for commands in GROUPS.values() for name in commands)
    groups = "\n".join(f"{title}:\n{_table(commands, width)}" for title, commands in GROUPS.items())
    codes = ", ".join(f"{code} {means}" for code, means in EXIT_CODES.items())
    return (
        "usage: awsenv COMMAND [arguments]\n\n"
        "AWS credentials in your shell: assume, renew, check and clear them.\n\n"
        f"{groups}\n"
        f"examples:\n{_examples(_EXAMPLES)}\n"
        "More: awsenv COMMAND --help; for the prompt and the rest: awsenv help settings.\n"
        f"{textwrap.fill(f'Exit codes: {codes}.', COLUMNS)}\n"
    )


def help_of(command: Command) -> str:
    """The help of one command. Examples first: most readers stop there."""
    short = {long: letter for letter, long in SHORT.items()}
    options = {
        " ".join(filter(None, (f"{short[name]}," if name in short else "", name, value))): does
        for name, (value, does) in {**command.options, **GLOBAL_OPTIONS}.items()
    }
    width = min(_LEFT, max(map(len, options)))
    paragraphs = re.split(r"\n\s*\n", command.description.strip())
    description = "\n\n".join(textwrap.fill(" ".join(text.split()), COLUMNS) for text in paragraphs)
    usage = textwrap.fill(f"usage: {command.usage}", COLUMNS, subsequent_indent=" " * 14, break_on_hyphens=False)
    return f"{usage}\n\nexamples:\n{_examples(command.examples)}\n{description}\n\noptions:\n{_table(options, width)}"


def on(subject: str | None, environ: Mapping[str, str]) -> str:
    """`awsenv help SUBJECT`: a command, or the settings; None for all of it."""
    if subject == "settings":
        from awsenv.environment import settings

        return settings.as_file(environ)
    return overview() if subject in (None, "-h", "--help", "help") else help_of(find(subject))


def unknown(name: str) -> AwsenvError:
    """The error for a name that no command has; it names the nearest ones."""
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
    """Two columns; what is on the left and too wide has a line of its own."""
    indent = " " * (width + 4)
    return "".join(f"{line}\n" for left, right in rows.items() for line in _row(left, right, width, indent))


def _row(left: str, right: str, width: int, indent: str) -> Iterable[str]:
    lines = textwrap.wrap(right, COLUMNS, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
    if len(left) > width:
        return [f"  {left}", *lines]
    return [f"  {left:<{width}}{lines[0][width + 2 :]}", *lines[1:]]


def _examples(text: str) -> str:
    """A command and what it does on one line, where both fit; else the latter before it, as a comment."""
    return "".join(f"{line}\n" for example in text.strip("\n").splitlines() for line in _example(example))


def _example(line: str) -> Iterator[str]:
    command, gap, what = [*re.split(r"(?<=\S)(\s{2,})", line, maxsplit=1), "", ""][:3]
    if len(line) > COLUMNS:
        gap = " " * (COLUMNS - len(command) - len(what))
        if len(gap) < 2:
            yield f"  # {what}"
            what = ""
    yield f"{command}{gap}{what}".rstrip()
