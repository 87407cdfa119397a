"""What completes where: the commands, their options, and the kinds of values.

The templates in shells/ are rendered with it; after the build of the wheel nothing reads it any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from awsenv import args, dialects
from awsenv.args import GLOBAL_OPTIONS
from awsenv.aws.partitions import REGIONS
from awsenv.commands import COMMANDS, find
from awsenv.commands.list import LISTABLE
from awsenv.integration import scripts

if TYPE_CHECKING:
    from awsenv.args import Options

__all__ = ["KINDS", "Command", "Values", "commands", "context", "kind_of"]


class Values(NamedTuple):
    """The values of one kind: some are known beforehand, others are in the user's AWS files, or both.

    Attributes:
        fixed: those that are known beforehand.
        files: the values that `awsenv list --values` finds in the AWS files; "" for none.
    """

    fixed: tuple[str, ...] = ()
    files: str = ""


#: kind -> its values. Times have no closed list: a few common ones.
KINDS = {
    "profile": Values(files="profile"),
    "role": Values(files="role_arn"),
    "portal": Values(files="sso_session"),
    "region": Values(REGIONS, files="region"),
    "time": Values(("15m", "30m", "1h", "8h", "12h")),
    "lifetime": Values(("15m", "30m", "1h", "8h", "12h", "max")),
    "mode": Values(("keys", "profile")),
    "format": Values(("env", "dotenv", "json")),
    "look": Values(("plain", "ansi", "tmux")),
    "script": Values(tuple(scripts.SCRIPTS)),
    "shell": Values(tuple(dialects.INTEGRATED)),
    "dialect": Values(tuple(dialects.REGISTRY)),
    "stage": Values(tuple(dialects.hooked())),
    "subject": Values((*COMMANDS, "settings")),
    "caching": Values(("list", "clear")),
    "listable": Values(LISTABLE),
}

#: option -> kind of its value, with the command in front where it means something else than elsewhere. What is not here
#: (the name of a session, an external id) is for the user to make up.
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

#: what a name is called in the command's usage -> its kind
NAME_VALUES = {"PROFILE": "profile", "SHELL": "script", "list|clear": "caching"}

_GLOBAL: Options = {**GLOBAL_OPTIONS, "--version": (None, "show the version")}


class Command(NamedTuple):
    """One command, as the templates need it.

    Attributes:
        name: as typed.
        does: one line on it.
        options: option -> what it does.
        names: the kind of its names, "" if it is unknown.
        max_positionals: how many of them it takes.
        takes_command: whether another command with its words follows them.
    """

    name: str
    does: str
    options: dict[str, str]
    names: str
    max_positionals: int
    takes_command: bool


def commands() -> list[Command]:
    """Every command, `help` last."""
    found = []
    for name, does in COMMANDS.items():
        command = find(name)
        takes_command = command.max_positionals is None
        max_positionals = 1 if command.max_positionals is None else command.max_positionals
        options = _descriptions({**command.options, **GLOBAL_OPTIONS})
        found.append(Command(name, does, options, _names(command), max_positionals, takes_command))
    return [*found, Command("help", "what a command does, and its options", {}, "subject", 1, takes_command=False)]


def kind_of(command: str, option: str) -> str:
    """The kind of an option's value, "" if nothing is known of it."""
    return OPTION_VALUES.get(f"{command} {option}") or OPTION_VALUES.get(option, "")


def context(shell: str) -> dict[str, object]:
    """The variables of the templates that completion needs, and how the shell quotes a text."""
    return {
        "commands": commands(),
        "global_options": _descriptions(_GLOBAL),
        "kinds": KINDS,
        "options_by_kind": _options_by_kind(),
        "quote": dialects.load(shell).quote,
    }


def _options_by_kind() -> dict[str, list[str]]:
    """Kind -> the options with such a value, as `command option`; those of an unknown kind under "other"."""
    found: dict[str, list[str]] = {}
    for command in COMMANDS:
        for option, (value, _) in find(command).options.items():
            if value is not None:
                found.setdefault(kind_of(command, option) or "other", []).append(f"{command} {option}")
    return found


def _names(command: args.Command) -> str:
    words = (word.strip("[]") for word in command.usage.split()[2:])
    return next((NAME_VALUES[word] for word in words if word in NAME_VALUES), "")


def _descriptions(options: Options) -> dict[str, str]:
    return {option: does for option, (_, does) in options.items()}
