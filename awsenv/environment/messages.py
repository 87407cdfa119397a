"""What the shells and `awsenv check` say of what is exported: one table, with which shells/ is rendered.

A shell puts its own variables between the braces. So no sentence may hold a quote, a `$`, a backquote or a backslash.
"""

from __future__ import annotations

from awsenv.environment import MIXED, REFUSED, REMAINS, expiry  # noqa: F401  # the table has them

#: The fixes: for what awsenv exported, and for everything else.
REFRESH = "awsenv refresh"
ASSUME = "awsenv assume PROFILE"

NOTHING = f"nothing is exported; start with: {ASSUME}"
ONLY_PROFILE = "nothing is exported but AWS_PROFILE={profile}, which the SDKs follow"
ONLY_SOURCE = "nothing is exported but {name}, from which the SDKs still get credentials"
SDK_RENEWS = "{name}: no keys are exported, the SDKs renew by themselves"
#: What to call that which a person has to renew where SDKs renew all else: a sign-in, or a session with an MFA code.
SIGN_IN = "{name} sign-in"
PERMANENT = "{name}: long-term keys, they do not expire"

#: `left` is a time as `expiry.short` writes it, `until` empty or UNTIL with one of `expiry.clock`; `note` is empty or
#: ESTIMATED.
UNTIL = ", until {time}"
LEFT = "{name}: {left} left{until}"
#: `fix` is RENEW with a command, or what a person has to do where no command renews.
RENEW = "renew with: {command}"
NEAR = "{name}: {left} left{until}{note}; {fix}"
EXPIRED = "{name}: expired {left} ago{note}; {fix}"
EXPIRED_NOW = "{name}: expired; {fix}"
ESTIMATED = " (estimated)"

RENEWED = "{name}: renewed automatically, {left} left"
NOT_RENEWED = f"{{name}}: automatic renewal failed; type: {REFRESH}"

NO_SEGMENT = "{name} is readonly here, so the prompt shows nothing of awsenv; awsenv check tells"

#: Where awsenv has been removed and this shell still has its function; `how` is empty, or a command in brackets.
GONE = "{program} is gone; type awsenv clear, which still works here, then open a new shell{how}"
#: By `awsenv uninstall`, in the shell that it leaves.
CLEARED = "this shell is cleared of what awsenv had exported"

#: In bash and zsh, where a pipe runs its commands in subshells.
PIPED = "this changed a subshell only, as a pipe has one for each command; to change this shell, leave the pipe out"

#: zsh alone restores variables so.
RESTORED = "{names} has changed again, as zsh restores what is assigned before a command; assume again without that"

#: fish alone has such variables.
UNIVERSAL = "{name} stays set, as a universal variable; set -eU {name} removes it for good"


def until(expiration: int, now: int) -> str:
    """The time of an expiration, behind the time left; epoch seconds."""
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
    """The sentences by name, for the templates."""
    return {name.lower(): text for name, text in globals().items() if name.isupper()}
