"""The messages of the shells and of `awsenv check`, with which shells/ is rendered.

The shells replace the fields with variables inside quotes, so a message has no quote, `$`, backquote or backslash.
"""

from awsenv.environment import ENDED, MIXED, REFUSED, REMAINS, expiry  # noqa: F401  # for `table`

#: The fix for what awsenv has exported, and for everything else.
REFRESH = "awsenv refresh"
ASSUME = "awsenv assume PROFILE"

NOTHING = f"nothing is exported; start with: {ASSUME}"
ONLY_PROFILE = "nothing is exported but {variable}={profile}, which the SDKs follow"
ONLY_SOURCE = "nothing is exported but {name}, from which the SDKs still get credentials"
SDK_RENEWS = "{name}: no keys are exported, the SDKs renew by themselves"
#: The name to show where SDKs renew by themselves except for this: a sign-in, or a session with an MFA code.
SIGN_IN = "{name} sign-in"
PERMANENT = "{name}: long-term keys, they do not expire"

#: `left` is a duration of `expiry.short`, `until` is empty or UNTIL with a time of `expiry.clock`, `note` is empty or
#: ESTIMATED.
UNTIL = ", until {time}"
LEFT = "{name}: {left} left{until}"
#: `fix` is RENEW with a command, or what the user has to do if no command renews.
RENEW = "renew with: {command}"
NEAR = "{name}: {left} left{until}{note}; {fix}"
EXPIRED = "{name}: expired {left} ago{note}; {fix}"
EXPIRED_NOW = "{name}: expired; {fix}"
ESTIMATED = " (estimated)"

RENEWED = "{name}: renewed automatically, {left} left"
NOT_RENEWED = f"{{name}}: automatic renewal failed; type: {REFRESH}"

NO_SEGMENT = "{name} is readonly here, so the prompt shows nothing of awsenv; use awsenv check"

#: awsenv has been removed, but this shell still has its function; `how` is empty, or a command in brackets.
GONE = "{program} is gone; type awsenv clear, which still works here, then open a new shell{how}"
#: After `awsenv uninstall`, which removes itself from the shell as well.
CLEARED = "this shell is cleared of what awsenv had exported"

#: In cmd, where the batch file `file` calls the program.
CORE_GONE = "awsenv-core.exe is gone; install awsenv again, or delete {file}"

#: In bash and zsh, which run the commands of a pipe in subshells.
PIPED = "this changed a subshell only, as each command of a pipe runs in one; to change this shell, use no pipe"

#: Only zsh does that.
RESTORED = "{names} has changed back, as zsh restores what is assigned before a command; assume again without that"

#: Only fish has universal variables.
UNIVERSAL = "{name} stays set, as a universal variable; set -eU {name} removes it for good"


def until(expiration: int, now: int) -> str:
    """Return the time of day of an expiration, to append to the time left. Both are epoch seconds."""
    time = expiry.clock(expiration, now)
    return UNTIL.format(time=time) if time else ""


def estimate(issued: int, lifetime: int, now: int) -> str:
    """Describe the time left of a session whose expiration is unknown, by its time of issue and the usual duration.

    Args:
        issued: epoch seconds.
        lifetime: seconds.
        now: epoch seconds.
    """
    left = issued + lifetime - now
    end = f"about {expiry.short(left)} left" if left > 0 else f"expired about {expiry.short(left)} ago"
    return (
        f"issued {expiry.short(now - issued)} ago, and if it is valid for {expiry.short(lifetime)}, as most are, {end}"
    )


def table() -> dict[str, str]:
    """Return the messages by name, for the templates."""
    return {name.lower(): text for name, text in globals().items() if name.isupper()}
