"""GetSessionToken: exchange long-term keys for a session, so that one MFA code serves several roles.

https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from awsenv.aws import cache_keys
from awsenv.aws.config_files import Settings
from awsenv.aws.providers import KEYS, TOKENS

__all__ = ["DURATION", "LongTermKeys", "long_term_keys"]

#: The default duration of such a session, in seconds; AWS has the same default.
DURATION = 12 * 3600

# Settings that make the keys beside them temporary, or take precedence over them in botocore.
_EXCLUDING = (*TOKENS, "web_identity_token_file", "sso_role_name", "sso_account_id")


class LongTermKeys:
    """The long-term keys from which a chain of profiles starts. Its repr holds no secret.

    Attributes:
        profile: the profile that has them.
        pair: the access key id and the secret key.
        serial: the MFA device for the session, or None.
        key: the cache key of the session; the AWS CLI never looks it up.
    """

    __slots__ = ("key", "pair", "profile", "serial")

    def __init__(self, profile: str, pair: tuple[str, str], serial: str | None) -> None:
        self.profile = profile
        self.pair = pair
        self.serial = serial
        self.key = cache_keys.user_session(pair[0], serial)

    def __repr__(self) -> str:
        return f"LongTermKeys({self.profile!r}, …{self.pair[0][-4:]})"

    def arguments(self, duration: int, code_for: Callable[[str], str]) -> dict[str, Any]:
        """Return the parameters of GetSessionToken; `duration` in seconds, `code_for` returns the MFA code."""
        arguments: dict[str, Any] = {"DurationSeconds": duration}
        if self.serial is not None:
            arguments["SerialNumber"] = self.serial
            arguments["TokenCode"] = code_for(f"Enter MFA code for {self.serial}: ")
        return arguments


def long_term_keys(hops: Sequence[tuple[str, Settings]], serial: str | None) -> LongTermKeys | None:
    """Return the keys from which a chain starts, if they are long-term keys in a file; else None."""
    profile, settings = hops[-1]
    if len(hops) == 1 and "role_arn" in settings and settings.get("source_profile") != profile:
        return None
    if any(settings.get(setting) for setting in _EXCLUDING):
        return None
    pair = settings.get(KEYS[0]), settings.get(KEYS[1])
    if not isinstance(pair[0], str) or not isinstance(pair[1], str) or not pair[0] or not pair[1]:
        return None
    return LongTermKeys(profile, (pair[0], pair[1]), serial)
