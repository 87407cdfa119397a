"""`awsenv logout`."""

from __future__ import annotations

from awsenv.args import Command
from awsenv.commands.login import named
from awsenv.result import AwsenvError, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.args import Args, Options

__all__ = ["COMMAND", "OPTIONS"]

OPTIONS: Options = {"--sso-session": ("NAME", "sign out of this [sso-session] of the config file alone")}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """The end of the sign-ins.

    Raises:
        AwsenvError: a file cannot be removed; or all are, but the service could not be told.
    """
    from awsenv.aws.config_files import Profiles
    from awsenv.sso import logout

    profiles = Profiles(environ)
    portal = named("logout", args, profiles)
    sign_ins, sessions, untold = logout.sign_out(portal, profiles, environ, now)
    if untold is not None:
        raise AwsenvError(
            f"signed out on this machine, but IAM Identity Center was not told: {untold.what}",
            "until it ends there by itself, only a copy of the token could use it",
        )
    if not sign_ins and not sessions:
        return Result(note="nobody was signed in")
    of = f" of {portal.name}" if portal else ""
    return Result(note=f"signed out{of}: {_count(sign_ins, 'sign-in')} and {_count(sessions, 'role session')} removed")


def _count(number: int, of: str) -> str:
    return f"{number} {of}{'' if number == 1 else 's'}"


COMMAND = Command(
    usage="awsenv logout [PROFILE | --sso-session NAME]",
    description="""
Signs out of IAM Identity Center: asks it to end the sign-in, and removes what is kept of it, the role sessions that
came of it included. Without words that is done for every sign-in. Sessions of other kinds stay, and so does what is
exported in this shell: `awsenv clear` takes that away.
""",
    options=OPTIONS,
    max_positionals=1,
    examples="""
  awsenv logout                         of everything
  awsenv logout --sso-session corp
""",
    run=run,
)
