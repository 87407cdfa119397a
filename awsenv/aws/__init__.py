"""AWS's files and identifiers: this package reads them and makes no network request. Here: credentials as a value.

(Hot path.)
"""

__all__ = ["Credentials", "Session", "masked"]


class Credentials:
    """One set of credentials. Its repr contains no secret.

    Attributes:
        access_key: the access key id.
        secret_key: the secret access key.
        token: the session token, None for long-term keys.
        expiration: epoch seconds; None if they do not expire or their expiration is unknown.
    """

    __slots__ = ("access_key", "expiration", "secret_key", "token")

    def __init__(
        self, access_key: str, secret_key: str, token: str | None = None, expiration: int | None = None
    ) -> None:
        self.access_key = access_key
        self.secret_key = secret_key
        self.token = token
        self.expiration = expiration

    def __repr__(self) -> str:
        return f"{type(self).__name__}({masked(self.access_key)}, expiration={self.expiration})"


class Session(Credentials):
    """Credentials, ready to be exported.

    Attributes:
        profile: the profile that was requested.
        region: the region to export, or None.
        hint: a remark for the user; may be empty.
        is_static: whether these keys are written in a file, so obtaining them again yields the same ones.
    """

    __slots__ = ("hint", "is_static", "profile", "region")

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
        is_static: bool = False,
    ) -> None:
        super().__init__(access_key, secret_key, token, expiration)
        self.profile = profile
        self.region = region
        self.hint = hint
        self.is_static = is_static


def masked(value: str) -> str:
    """Return a key as it may be shown: its last four characters, if it is long enough to hide the rest."""
    return f"…{value[-4:]}" if len(value) >= 16 else "…"
