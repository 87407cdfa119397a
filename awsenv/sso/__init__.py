"""Signing in to IAM Identity Center: by authorization code with PKCE, or by device code where no browser is likely.

What comes of it goes into the AWS CLI's own cache (`awsenv.sso.tokens`).
"""

from __future__ import annotations

from awsenv.result import AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SignInNeededError", "needed", "offer"]


class SignInNeededError(AwsenvError):
    """Credentials are to be had after a sign-in only.

    Attributes:
        profile: the one to sign in with.
        ended: whether the service has refused what looks good still.
    """

    def __init__(self, what: str, cure: str, profile: str, *, ended: bool) -> None:
        super().__init__(what, cure)
        self.profile = profile
        self.ended = ended


def needed(error: Exception, who: str, profile: str) -> SignInNeededError:
    """The error for one of botocore's about a token that is missing, over or refused.

    Args:
        error: botocore's.
        who: whose credentials were wanted, for the sentence.
        profile: the one at the end of the chain, whose sign-in it is.
    """
    import shlex

    why = {
        "SSOTokenLoadError": "nobody has signed in yet",
        "UnauthorizedSSOTokenError": "the last one has expired or was ended",
        "TokenRetrievalError": "the last one has expired and could not be renewed",
    }.get(type(error).__name__, "what is kept of the last one cannot be used")
    return SignInNeededError(
        f"{who} needs a sign-in to IAM Identity Center: {why}",
        f"type awsenv login {shlex.quote(profile)}",
        profile,
        ended=type(error).__name__ == "UnauthorizedSSOTokenError",
    )


def offer(error: SignInNeededError, environ: Mapping[str, str], now: int, *, ask: bool) -> bool:
    """Offer the sign-in on the terminal, and go through it; gives whether it is worth trying again.

    Args:
        error: what went wrong.
        environ: the environment.
        now: epoch seconds.
        ask: whether the person may be asked.

    Raises:
        AwsenvError: see `awsenv.sso.login.sign_in`.
    """
    from awsenv.aws.config_files import Profiles
    from awsenv.result import printable
    from awsenv.sso.portal import of_profile
    from awsenv.sso.tokens import Tokens
    from awsenv.system.terminal import NoTerminalError, conversation

    profiles, tokens = Profiles(environ), Tokens(environ)
    portal = of_profile(profiles, error.profile)
    if not error.ended and tokens.is_good(portal, now):
        return True  # another process has renewed it; a refresh token is good only once, so we could not
    before = tokens.load(portal)
    if not ask:
        return False
    try:
        with conversation() as (answers, questions):
            questions.write(printable(f"{error.what}. Sign in to {portal.name} now? [Y/n] "))
            questions.flush()
            answer = answers.readline()
    except NoTerminalError:
        return False
    if not answer or answer.strip().lower() not in ("", "y", "yes"):
        return False
    if tokens.load(portal) == before:  # else another shell has done so while the question stood here
        from awsenv.sso.login import sign_in

        sign_in(portal, profiles, environ, now, lasting=False)
    return True
