"""`awsenv logout`."""

from __future__ import annotations

from collections.abc import Mapping

from awsenv.args import Args, Command, Options
from awsenv.commands.login import named_portal
from awsenv.report.prose import counted
from awsenv.result import AwsenvError, Result

OPTIONS: Options = {"--sso-session": ("NAME", "sign out of this [sso-session] of the config file alone")}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Sign out.

    Raises:
        AwsenvError: a file cannot be removed, or the service did not revoke the sign-in.
    """
    from awsenv.aws.config_files import Profiles
    from awsenv.sso import logout

    profiles = Profiles(environ)
    portal = named_portal(args, profiles)
    sign_ins, sessions, error = logout.sign_out(portal, profiles, environ, now)
    if error is not None:
        raise AwsenvError(
            f"signed out on this machine, but the sign-in could not be revoked: {error.what}",
            "until it expires, a copy of its token would still work",
        )
    if not sign_ins and not sessions:
        return Result(note="there was no sign-in")
    of = f" of {portal.name}" if portal else ""
    return Result(
        note=f"signed out{of}: {counted(sign_ins, 'sign-in')} and {counted(sessions, 'role session')} removed"
    )


COMMAND = Command(
    usage="awsenv logout [PROFILE | --sso-session NAME]",
    description="""
Signs out of IAM Identity Center: revokes the sign-in, and removes it and its role sessions from the cache. Without
arguments, every sign-in. Other sessions stay, and so does what is exported in this shell: awsenv clear unsets it.
""",
    options=OPTIONS,
    max_positionals=1,
    examples="""
  awsenv logout                         of everything
  awsenv logout --sso-session corp
""",
    run=run,
)
