"""Credentials for a command: questions and progress go to the terminal, and a missing sign-in is offered there."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext

from awsenv.credentials import LoginRequired, obtain, waiting
from awsenv.credentials.request import Request
from awsenv.environment import Session
from awsenv.system import terminal

__all__ = ["Terminal", "confirmed", "obtain_or_login", "offer_login", "telling"]


class Terminal:
    """A `credentials.dialog.Dialog` on the terminal of this process."""

    def ask(self, question: str) -> str | None:
        """See `Dialog`."""
        try:
            return terminal.ask(question)
        except terminal.NoTerminalError:
            return None

    def notify(self, line: str) -> None:
        """See `Dialog`."""
        terminal.tell(line)

    def show(self, *lines: str) -> None:
        """See `Dialog`."""
        terminal.show(*lines)


def telling(*, tell: bool = True) -> AbstractContextManager[None]:
    """A context in which stderr shows what this process waits for; not without `tell`."""
    return waiting.listen(lambda what: terminal.tell(f"waiting for {what}")) if tell else nullcontext()


def obtain_or_login(request: Request, environ: Mapping[str, str], now: int, *, tell: bool = True) -> Session:
    """Credentials for a request, after a sign-in if that is missing and the user wants it.

    Args:
        request: what is asked for.
        environ: the environment, without what an earlier `assume` put there.
        now: epoch seconds.
        tell: whether to show what takes long.

    Raises:
        AwsenvError: see `awsenv.credentials.obtain` and `awsenv.sso.login.sign_in`.
    """
    dialog = Terminal()
    with telling(tell=tell):
        try:
            return obtain(request, environ, now, dialog)
        except LoginRequired as error:
            if not offer_login(error, environ, now, dialog, ask=request.ask):
                raise
            return obtain(request, environ, now, dialog)


def offer_login(error: LoginRequired, environ: Mapping[str, str], now: int, dialog: Terminal, *, ask: bool) -> bool:
    """Offer the sign-in and go through it; whether there is one now."""
    from awsenv.aws.config_files import Profiles
    from awsenv.result import printable
    from awsenv.sso.login import sign_in
    from awsenv.sso.portal import of_profile, require_address
    from awsenv.sso.tokens import Tokens

    profiles, tokens = Profiles(environ), Tokens(environ)
    portal = of_profile(profiles, error.profile)
    require_address(portal, profiles)
    if not error.rejected and tokens.is_good(portal, now):
        return True  # another process has renewed it; a refresh token works only once, so we could not
    before = tokens.load(portal)
    if not ask:
        return False
    if not confirmed(printable(f"{error.what}. Sign in to {portal.name} now?")):
        return False
    if tokens.load(portal) == before:  # else another shell has signed in while the question was open
        sign_in(portal, profiles, environ, now, dialog, lasting=False)
    return True


def confirmed(question: str) -> bool:
    """Whether the user says yes to a question; no without a terminal, and at its end of file."""
    try:
        with terminal.conversation() as (answers, questions):
            questions.write(f"{question} [Y/n] ")
            questions.flush()
            line = terminal.read_line(answers)
            return bool(line) and line.strip().lower() in ("", "y", "yes")
    except terminal.NoTerminalError:
        return False
