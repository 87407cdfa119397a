"""The verbs, one module each with a `COMMAND` (see `awsenv.args.Command`). They print nothing: `awsenv.cli` does."""

from awsenv import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from awsenv.args import Command

__all__ = ["COMMANDS", "EXIT_CODES", "GROUPS", "OTHER_NAMES", "find"]

#: group -> command -> its line in `awsenv --help`. Its module has the same name, with `_` for `-`.
GROUPS = {
    "every day": {
        "assume": "load PROFILE's credentials into this shell",
        "refresh": "the same profile and options again",
        "clear": "unset all of it, restore what assume displaced",
        "check": "is what is exported still valid, and for how long?",
        "list": "profiles: kind, account, role, source, region, time left",
        "whoami": "who AWS says you are, and who the profile should be",
    },
    "trouble": {
        "doctor": "what is wrong with the credentials here, and the fix",
        "explain": "what an error message means here, and the fix",
        "compare": "two profiles side by side: the same credentials or not",
        "cache": "list and clean the AWS CLI's session cache",
    },
    "sign-in": {
        "login": "sign in to IAM Identity Center",
        "logout": "sign out, and remove the sessions obtained with it",
        "console": "the AWS console in the browser, signed in",
    },
    "automation": {
        "exec": "run a command with the credentials of PROFILE",
        "credential-process": "the JSON for credential_process = in ~/.aws/config",
        "profile": "print or append sections of ~/.aws/config",
        "prompt": "the prompt segment as text, for starship, tmux, p10k",
    },
    "set-up": {
        "init": "the integration script for a shell",
        "install": "add the integration line to the start-up file",
        "uninstall": "remove that line again",
        "demo": "a shell to try all this in, without an AWS account",
    },
}

#: command -> its line in `awsenv --help`.
COMMANDS = {name: summary for commands in GROUPS.values() for name, summary in commands.items()}

#: What users of other tools may type -> the command here.
OTHER_NAMES = {
    "activate": "assume",
    "deactivate": "clear",
    "env": "check --vars",
    "export": "assume",
    "id": "whoami",
    "ls": "list",
    "profiles": "list",
    "renew": "refresh",
    "set": "assume",
    "status": "check",
    "switch": "assume",
    "unassume": "clear",
    "unset": "clear",
    "use": "assume",
}

#: exit code -> its meaning, for help and the manual page. `awsenv.result` has their names.
EXIT_CODES = {
    0: "good",
    1: "failed",
    2: "wrong usage",
    3: "near expiry",
    4: "expired",
    5: "nothing exported",
    6: "exported but expiry unknown",
    130: "interrupted",
}


def find(name: str) -> "Command":
    """Return a command by its name; AwsenvError (2) if it is unknown, with the nearest ones."""
    if name not in COMMANDS:
        from awsenv.commands import _help

        raise _help.unknown(name)
    command: Command = load("commands", name.replace("-", "_")).COMMAND
    return command
