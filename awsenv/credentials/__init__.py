"""Obtaining credentials: one function, `obtain`, which looks into the cache first and asks botocore for the rest.

Nothing here prints or prompts: see `credentials.dialog`. Where a sign-in is missing it raises `LoginRequired`.
"""

from __future__ import annotations

from awsenv.result import EXPIRED, NEAR_EXPIRY, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.credentials.dialog import Dialog
    from awsenv.credentials.request import Request
    from awsenv.environment import Session

__all__ = ["LoginRequired", "obtain"]


class LoginRequired(AwsenvError):  # noqa: N818  # the name that DESIGN gives it
    """The credentials can be obtained only after a sign-in to IAM Identity Center.

    Attributes:
        profile: the profile to sign in with.
        rejected: whether the service has rejected a sign-in that still looks valid.
    """

    def __init__(self, what: str, cure: str, profile: str, *, rejected: bool) -> None:
        super().__init__(what, cure)
        self.profile = profile
        self.rejected = rejected


def obtain(request: Request, environ: Mapping[str, str], now: int, dialog: Dialog | None = None) -> Session:
    """Credentials for a request.

    Args:
        request: what is asked for.
        environ: the environment, without what an earlier `assume` put there. The credentials in it are ignored, except
            for `credential_source = Environment`.
        now: epoch seconds.
        dialog: how to reach the user; None if that is not to be done.

    Returns:
        The session, valid for `request.min_ttl` at least.

    Raises:
        LoginRequired: a sign-in is missing, expired or rejected.
        AwsenvError: one sentence: no such profile, a broken chain, an error of STS, no network, a session too short.
    """
    from awsenv.credentials import fast_path

    session = fast_path.lookup(request, environ, now)
    if session is None:
        from awsenv.credentials.resolve import resolve

        session = resolve(request, environ, now, dialog)
    left = None if session.expiration is None else session.expiration - now
    if left is None or left >= max(request.min_ttl, 1):
        return session

    from awsenv.environment.expiry import short

    if left <= 0:
        raise AwsenvError(
            f"by this machine's clock the session of {request.name} expired {short(left)} ago",
            "check the clock: date -u",
            EXPIRED,
        )
    raise AwsenvError(
        f"the session of {request.name} has {short(left)} left, less than --min-ttl asks for "
        f"({short(request.min_ttl)})",
        "ask for a longer one with --duration, as far as the role allows",
        NEAR_EXPIRY,
    )
