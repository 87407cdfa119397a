"""The data of completion: commands, their options, and the kinds of their values.

The templates in shells/ are rendered with it when the wheel is built; an installed awsenv never loads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from awsenv import dialects
from awsenv.args import GLOBAL_OPTIONS
from awsenv.aws.partitions import REGIONS
from awsenv.commands import COMMANDS, assume, cache, find, prompt
from awsenv.commands.list import LISTABLE
from awsenv.integration import scripts

if TYPE_CHECKING:
    from awsenv.args import Options

__all__ = ["KINDS", "Command", "Values", "commands", "context"]


class Values(NamedTuple):
    """The values of one kind: a fixed list, those in the user's AWS files, or both.

    Attributes:
        fixed: the fixed list.
        files: the setting whose values `awsenv list --values` finds in the AWS files; "" for none.
    """

    fixed: tuple[str, ...] = ()
    files: str = ""


#: kind -> its values; of times, a few common ones.
KINDS = {
    "profile": Values(files="profile"),
    "role": Values(files="role_arn"),
    "portal": Values(files="sso_session"),
    "region": Values(REGIONS, files="region"),
    "time": Values(("15m", "30m", "1h", "8h", "12h")),
    "lifetime": Values(("15m", "30m", "1h", "8h", "12h", "max")),
    "mode": Values(assume.MODES),
    "format": Values(assume.FORMATS),
    "look": Values(prompt.FORMATS),
    "script": Values(tuple(scripts.SCRIPTS)),
    "shell": Values(tuple(dialects.INTEGRATED)),
    "dialect": Values(tuple(dialects.REGISTRY)),
    "stage": Values(tuple(dialects.hooked())),
    "subject": Values((*COMMANDS, "settings")),
    "caching": Values(cache.ACTIONS),
    "listable": Values(LISTABLE),
}

#: option, or command and option where it has another meaning than elsewhere -> kind of its value. Options that are not
#: here take free text, such as a session name or an external id.
OPTION_VALUES = {
    "--values": "listable",
    "--chain": "role",
    "--duration": "lifetime",
    "--format": "format",
    "--min-ttl": "time",
    "--profile": "profile",
    "--mode": "mode",
    "--region": "region",
    "--role-arn": "role",
    "--shell": "dialect",
    "--source-profile": "profile",
    "--sso-session": "portal",
    "demo --shell": "stage",
    "install --shell": "shell",
    "prompt --format": "look",
    "prompt --shell": "shell",
    "uninstall --shell": "shell",
}

#: positional in a command's usage -> its kind
POSITIONAL_VALUES = {"PROFILE": "profile", "SHELL": "script", "list|clear": "caching"}

_GLOBAL: Options = {**GLOBAL_OPTIONS, "--version": (None, "show the version")}


class Command(NamedTuple):
    """One command, as the templates need it.

    Attributes:
        name: as typed.
        does: its summary, one line.
        options: option -> description.
        names: the kind of its positionals, "" if that is unknown.
        max_positionals: how many positionals it takes.
        takes_command: whether another command with its arguments follows them.
    """

    name: str
    does: str
    options: dict[str, str]
    names: str
    max_positionals: int
    takes_command: bool


def commands() -> list[Command]:
    """Return every command, `help` last."""
    found = []
    for name, summary in COMMANDS.items():
        command = find(name)
        takes_command = command.max_positionals is None
        max_positionals = 1 if command.max_positionals is None else command.max_positionals
        options = _descriptions({**command.options, **GLOBAL_OPTIONS})
        words = (word.strip("[]") for word in command.usage.split()[2:])
        positionals = next((POSITIONAL_VALUES[word] for word in words if word in POSITIONAL_VALUES), "")
        found.append(Command(name, summary, options, positionals, max_positionals, takes_command))
    return [*found, Command("help", "what a command does, and its options", {}, "subject", 1, takes_command=False)]


def context(shell: str) -> dict[str, object]:
    """Return the template variables of completion, and the shell's function to quote a text."""
    return {
        "commands": commands(),
        "global_options": _descriptions(_GLOBAL),
        "kinds": KINDS,
        "options_by_kind": _options_by_kind(),
        "quote": dialects.load(shell).quote,
    }


def _options_by_kind() -> dict[str, list[str]]:
    """Return kind -> the options with such a value, as `command option`; "other" for those with free text."""
    found: dict[str, list[str]] = {}
    for command in COMMANDS:
        for option, (value, _) in find(command).options.items():
            if value is not None:
                kind = OPTION_VALUES.get(f"{command} {option}") or OPTION_VALUES.get(option, "other")
                found.setdefault(kind, []).append(f"{command} {option}")
    return found


def _descriptions(options: Options) -> dict[str, str]:
    return {option: description for option, (_, description) in options.items()}
