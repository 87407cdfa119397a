"""Obtain credentials for a command, with prompts and progress on the terminal, and the sign-in if that is missing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext

from awsenv.credentials import LoginRequired, obtain, waiting
from awsenv.credentials.request import Request
from awsenv.environment import Session
from awsenv.result import printable
from awsenv.system import terminal

__all__ = ["Terminal", "confirmed", "obtain_or_login", "offer_login", "showing_progress"]


class Terminal:
    """A `credentials.dialog.Dialog` on the terminal of this process."""

    notify = staticmethod(terminal.tell)
    show = staticmethod(terminal.show)

    def ask(self, question: str) -> str | None:
        """See `Dialog`."""
        try:
            return terminal.ask(question)
        except terminal.NoTerminalError:
            return None


def showing_progress(*, progress: bool = True) -> AbstractContextManager[None]:
    """Return a context in which stderr shows what this process waits for; without `progress` one that does nothing."""
    return waiting.listen(lambda what: terminal.tell(f"waiting for {what}")) if progress else nullcontext()


def obtain_or_login(request: Request, environ: Mapping[str, str], now: int, *, progress: bool = True) -> Session:
    """Obtain credentials for a request; offer the sign-in if that is missing.

    Args:
        request: the request.
        environ: the environment, without what an earlier `assume` exported.
        now: epoch seconds.
        progress: whether to show on stderr what takes long.

    Raises:
        AwsenvError: see `awsenv.credentials.obtain` and `awsenv.sso.login.sign_in`.
    """
    dialog = Terminal()
    with showing_progress(progress=progress):
        try:
            return obtain(request, environ, now, dialog)
        except LoginRequired as error:
            if not offer_login(error, environ, now, dialog, ask=request.ask):
                raise
            return obtain(request, environ, now, dialog)


def offer_login(error: LoginRequired, environ: Mapping[str, str], now: int, dialog: Terminal, *, ask: bool) -> bool:
    """Offer the sign-in, complete it, and return whether there is one now."""
    from awsenv.aws.config_files import Profiles
    from awsenv.sso.login import sign_in
    from awsenv.sso.portal import of_profile, require_address
    from awsenv.sso.tokens import Tokens

    profiles, tokens = Profiles(environ), Tokens(environ)
    portal = of_profile(profiles, error.profile)
    require_address(portal, profiles)
    if not error.rejected and tokens.is_good(portal, now):
        return True  # another process has renewed it, with the refresh token, which works only once
    before = tokens.load(portal)
    if not ask or not confirmed(printable(f"{error.what}. Sign in to {portal.name} now?")):
        return False
    if tokens.load(portal) == before:  # else another shell has signed in while the question was open
        sign_in(portal, profiles, environ, now, dialog, lasting=False)
    return True


def confirmed(question: str) -> bool:
    """Ask a yes-or-no question; the answer is no without a terminal and at end of file."""
    try:
        with terminal.conversation() as (answers, questions):
            questions.write(f"{question} [Y/n] ")
            questions.flush()
            line = terminal.read_line(answers)
            return bool(line) and line.strip().lower() in ("", "y", "yes")
    except terminal.NoTerminalError:
        return False
