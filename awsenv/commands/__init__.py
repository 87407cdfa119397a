"""The verbs, one module each, all of one shape.

A command module has a docstring (the description in its help), USAGE_LINE, OPTIONS (see `awsenv.args`), MOST_NAMES,
EXAMPLES, and

    run(args, environ, now) -> Result

which prints nothing, reads no clock and never exits: `awsenv.cli` does that.
"""

__all__ = ["COMMANDS"]

#: command -> what `awsenv --help` says of it. The module has the same name, with `_` for `-`.
COMMANDS = {
    "assume": "credentials of PROFILE into this shell",
    "refresh": "the same profile and options again, before or after expiry",
    "clear": "unset every credential variable, give back what assume replaced",
    "check": "is what is exported still good? says so, and by exit code",
    "prompt": "the segment of the prompt as text, for starship, tmux, powerlevel10k, oh-my-posh",
    "list": "profiles: kind, account, role, region, time left of a cached session",
    "whoami": "who AWS takes this shell for, who the profile would be, and whether that is the same",
    "cache": "the AWS CLI's cache of sessions: list it, clear what has expired or is corrupt",
    "compare": "two profiles side by side: which key, from where, whose account, expired? The same or not",
    "doctor": "what is wrong with the credentials here, why, and the fix; --fix applies the harmless ones",
    "explain": "an error message, as arguments or piped: what it means here and now, and the fix",
    "exec": "run a command with the credentials of PROFILE; with --server they never go stale",
    "credential-process": "the JSON that credential_process = of ~/.aws/config wants, for every SDK",
    "console": "the AWS console in the browser, signed in with a profile or with what is exported",
    "login": "sign in to IAM Identity Center, into the AWS CLI's own cache",
    "logout": "sign out of it again, and remove the sessions that came of it",
    "init": "the integration script for a shell, on stdout",
    "install": "put the integration line into the shell's start-up file, once",
    "uninstall": "take that line out again",
    "demo": "a local STS, a profile project1 and a shell to try all this in, without an AWS account",
}
