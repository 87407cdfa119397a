"""The verbs, one module each, with a `COMMAND`: see `awsenv.args.Command`. They print nothing: `awsenv.cli` does."""

__all__ = ["COMMANDS", "EXIT_CODES"]

#: command -> what `awsenv --help` says of it. The module has the same name, with `_` for `-`.
COMMANDS = {
    "assume": "credentials of PROFILE into this shell",
    "refresh": "the same profile and options again, before or after expiry",
    "clear": "unset every credential variable, restore what assume replaced",
    "check": "whether what is exported is still valid, as text and as exit code",
    "prompt": "the prompt segment as text, for starship, tmux, powerlevel10k, oh-my-posh",
    "list": "profiles: kind, account, role, region, time left of a cached session",
    "whoami": "the identity AWS sees for this shell, the profile's, and whether they match",
    "cache": "the AWS CLI's session cache: list it, remove expired and corrupt entries",
    "compare": "two profiles side by side: keys, sources, accounts, expiration; the same or not",
    "doctor": "what is wrong with the credentials here, why, and the fix; --fix applies harmless ones",
    "explain": "what an error message, given or piped, means here, and the fix",
    "exec": "run a command with the credentials of PROFILE; with --server they are renewed",
    "credential-process": "the JSON for credential_process = in ~/.aws/config, for every SDK",
    "profile": "the section of the config file for a role, an SDK, or all of a sign-in; --append adds it",
    "console": "the AWS console in the browser, signed in with a profile or with what is exported",
    "login": "sign in to IAM Identity Center, into the AWS CLI's cache",
    "logout": "sign out again, and remove the sessions obtained with it",
    "init": "the integration script for a shell, on stdout",
    "install": "add the integration line to the shell's start-up file",
    "uninstall": "remove that line again",
    "demo": "a local STS, a profile project1 and a shell to try all this in, without an AWS account",
}

#: exit code -> what it means, for help and the manual page. Their names are in `awsenv.result`.
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
