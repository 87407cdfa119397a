"""What `credentials` gives and `environment` exports."""

from __future__ import annotations

__all__ = ["ROLE_AT_MOST", "USER_AT_MOST", "Session"]

#: Seconds that a session can live at most: a role's, and that of a user. (settings knows what they usually live.)
ROLE_AT_MOST = 12 * 3600  # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
USER_AT_MOST = 36 * 3600  # https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html


class Session:
    """Credentials, ready to be exported. Its repr holds no secret.

    Attributes:
        profile: the name that was asked for.
        access_key, secret_key, token: the credentials; token is None for long-term keys.
        expiration: epoch seconds, or None if they do not expire or nobody knows when.
        region: the region to export, or None.
        hint: what else the person had better know of it.
    """

    __slots__ = ("access_key", "expiration", "hint", "profile", "region", "secret_key", "token")

    def __init__(
        self,
        profile: str,
        access_key: str,
        secret_key: str,
        *,
        token: str | None,
        expiration: int | None,
        region: str | None,
        hint: str = "",
    ) -> None:
        self.profile = profile
        self.access_key = access_key
        self.secret_key = secret_key
        self.token = token
        self.expiration = expiration
        self.region = region
        self.hint = hint

    def __repr__(self) -> str:
        return f"Session({self.profile!r}, …{self.access_key[-4:]}, expiration={self.expiration})"
