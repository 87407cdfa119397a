"""`awsenv login`."""

from __future__ import annotations

from collections.abc import Mapping

from awsenv.args import Args, Command, Options
from awsenv.aws.config_files import Profiles
from awsenv.commands._obtain import Terminal, showing_progress
from awsenv.environment import active_profile, expiry
from awsenv.result import USAGE, AwsenvError, Result
from awsenv.sso import portal
from awsenv.sso.portal import Portal

OPTIONS: Options = {
    "--sso-session": ("NAME", "sign in to this [sso-session] of the config file"),
    "--device": (None, "with a code to confirm in a browser on any machine"),
    "--no-browser": (None, "do not start a browser, only show the page to open"),
}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Sign in.

    Raises:
        AwsenvError: see `named_portal` and `awsenv.sso.login.sign_in`.
    """
    profiles = Profiles(environ)
    portal = named_portal(args, profiles) or _default_portal(profiles, environ)
    from awsenv.sso.login import sign_in

    with showing_progress():
        seconds = sign_in(
            portal,
            profiles,
            environ,
            now,
            Terminal(),
            by_device="--device" in args,
            open_browser="--no-browser" not in args,
        )
    return Result(note=f"signed in to {portal.name}: {expiry.short(seconds)} left")


def named_portal(args: Args, profiles: Profiles) -> Portal | None:
    """Return the portal that the arguments of login or logout name, None if they name none.

    Raises:
        AwsenvError: (2) both a profile and a session are named; (1) one that does not exist or has no sign-in.
    """
    session = args.get("--sso-session")
    if session is None:
        return portal.of_profile(profiles, args.first) if args.first is not None else None
    if args.first is not None:
        raise AwsenvError(f"--sso-session does not go with profile {args.first}", "leave one of them out", USAGE)
    return portal.of_session(profiles, session)


def _default_portal(profiles: Profiles, environ: Mapping[str, str]) -> Portal:
    for name in (environ.get("AWSENV_PROFILE"), active_profile(environ)):
        if name and name in profiles and portal.uses_sso(profiles, name):
            return portal.of_profile(profiles, name)
    found = portal.all_of(profiles)
    if len(found) == 1:
        return found[0]
    if not found:
        raise AwsenvError(
            f"no profile in {profiles.config.path} uses IAM Identity Center", "make one with aws configure sso"
        )
    commands = ", ".join(each.login_command for each in found)
    raise AwsenvError("it is not clear where to sign in", f"type one of: {commands}", USAGE)


COMMAND = Command(
    usage="awsenv login [PROFILE | --sso-session NAME] [--device] [--no-browser]",
    description="""
Signs in to the IAM Identity Center of PROFILE, in the browser; without PROFILE to the one of AWS_PROFILE or of what is
exported, or to the only one there is. Where no browser is likely (SSH, a container, no display) it shows a short code
to confirm in a browser anywhere. The sign-in is stored in the AWS CLI's cache, which the CLI, the SDKs and awsenv
share, and is renewed automatically for as long as IAM Identity Center allows.
""",
    options=OPTIONS,
    max_positionals=1,
    examples="""
  awsenv login project1                 in the browser
  awsenv login project1 --device        from a machine without one
  awsenv login --sso-session corp
""",
    run=run,
)
