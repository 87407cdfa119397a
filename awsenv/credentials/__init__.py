"""Obtaining credentials: one function, `obtain`, which asks the cache first and botocore for the rest."""

from __future__ import annotations

from awsenv.result import EXPIRED, NEAR_EXPIRY, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.environment import Session

__all__ = ["Request", "obtain"]


class Request:
    """What is asked for.

    Attributes:
        name: under which it is known afterwards.
        profile: the profile, or None for a role that was named by its ARN alone.
        settings: settings that stand in for the profile's own, under the names that they have in the AWS config file
            (`role_arn`, `source_profile`, `duration_seconds`, …) or would have there (`credentials.sts_options`); and
            `chain`: the ARN of a role to assume with the session of the one before.
        region: the region that was asked for, or None for the profile's own.
        min_ttl: seconds that the session must still have.
        fresh: whether a cached session will not do.
        cached: whether the AWS CLI's cache is used at all.
        ask: whether the person may be asked for an MFA code.
        mfa_token: the MFA code, if it is known already.
        user_session: whether long-term keys are exchanged for a session first (GetSessionToken).
    """

    __slots__ = (
        "ask",
        "cached",
        "fresh",
        "mfa_token",
        "min_ttl",
        "name",
        "profile",
        "region",
        "settings",
        "user_session",
    )

    def __init__(
        self,
        name: str,
        profile: str | None,
        settings: Mapping[str, str],
        *,
        region: str | None = None,
        min_ttl: int = 0,
        fresh: bool = False,
        cached: bool = True,
        ask: bool = True,
        mfa_token: str | None = None,
        user_session: bool = False,
    ) -> None:
        self.name = name
        self.profile = profile
        self.settings = settings
        self.region = region
        self.min_ttl = min_ttl
        self.fresh = fresh
        self.cached = cached
        self.ask = ask
        self.mfa_token = mfa_token
        self.user_session = user_session


def obtain(request: Request, environ: Mapping[str, str], now: int) -> Session:
    """Credentials for a request.

    Args:
        request: what is asked for.
        environ: the environment, without what an earlier `assume` put there. The credentials in it are out of the
            way, except for `credential_source = Environment`.
        now: epoch seconds.

    Raises:
        AwsenvError: one sentence: no such profile, a broken chain, what STS said, no network, a session too short.
    """
    from awsenv.credentials import fast_path

    session = None if request.fresh or not request.cached else fast_path.lookup(request, environ, now)
    if session is None:
        from awsenv import sso
        from awsenv.credentials import resolve

        try:
            session = resolve.resolve(request, environ, now)
        except sso.SignInNeededError as error:
            if not sso.offer(error, environ, now, ask=request.ask):
                raise
            session = resolve.resolve(request, environ, now)
    left = None if session.expiration is None else session.expiration - now
    if left is None or left >= max(request.min_ttl, 1):
        return session

    from awsenv.environment.expiry import short

    if left <= 0:
        raise AwsenvError(
            f"by this machine's clock the session of {request.name} ended {short(left)} ago",
            "check the clock: date -u",
            EXPIRED,
        )
    raise AwsenvError(
        f"the session of {request.name} has {short(left)} left, "
        f"less than --min-ttl asks for ({short(request.min_ttl)})",
        "ask for a longer one with --duration, as far as the role allows",
        NEAR_EXPIRY,
    )
