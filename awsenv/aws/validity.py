"""Whether the temporary keys in a file are still valid, according to the file and their session token."""

from __future__ import annotations

from awsenv import Value
from awsenv.aws import expiry, session_token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EXPIRED", "HOUR", "LIKELY_EXPIRED", "UNKNOWN", "VALID", "Validity", "validity_of"]

#: The states of temporary keys; only EXPIRED is certain.
VALID, UNKNOWN, LIKELY_EXPIRED, EXPIRED = "valid", "unknown", "probably expired", "expired"

#: Seconds for which most sessions are valid, unless a setting says otherwise.
HOUR = 3600


class Validity(Value):
    """Whether temporary keys in a file are still valid.

    Attributes:
        state: VALID, UNKNOWN, LIKELY_EXPIRED or EXPIRED.
        text: the clause after "credentials that": `expired 3h05m ago`; empty for UNKNOWN.
        setting: the setting with the expiration of these keys; None without one.
        expiration: its epoch seconds.
        is_exact: whether that setting names its time zone.
    """

    state: str
    text: str
    setting: str | None
    expiration: int | None
    is_exact: bool


def validity_of(settings: Mapping[str, object], token: str, now: int, lifetime: int = HOUR) -> Validity:
    """Judge whether temporary keys are still valid.

    They have certainly expired if their token is older than the longest session, or if the expiration written beside
    them has passed and does not belong to older keys (`expiry.written`).

    Args:
        settings: those of the profile with the keys.
        token: their session token.
        now: epoch seconds.
        lifetime: seconds for which most sessions are valid: `settings.assumed_lifetime`.
    """
    issued = session_token.issued(token)
    expiration, setting, is_exact = expiry.written(settings, issued)
    age = None if issued is None else now - issued
    if age is not None and age >= expiry.USER_AT_MOST:
        state, text = EXPIRED, f"were issued {expiry.short(age)} ago, and no session is valid for so long"
    elif expiration is not None:
        left = expiration - now
        state = EXPIRED if left <= 0 else VALID
        text = f"expired {expiry.short(left)} ago" if left <= 0 else f"expire in {expiry.short(left)}"
    elif age is None:
        state, text = UNKNOWN, ""
    else:
        state = VALID if age < lifetime else LIKELY_EXPIRED
        text = f"were issued {expiry.short(age)} ago"
        if state == LIKELY_EXPIRED:
            no_role = age >= expiry.ROLE_AT_MOST
            text += f", and {'no role session is' if no_role else 'most are not'} valid for so long"
    return Validity(state, text, setting, expiration, is_exact=is_exact)
