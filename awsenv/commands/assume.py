"""`awsenv assume`."""

from __future__ import annotations

import os

from awsenv import environment
from awsenv.args import Args, Command, Options
from awsenv.aws import paths
from awsenv.credentials import lookup, request
from awsenv.dialects import CHOICES
from awsenv.environment import expiry
from awsenv.result import USAGE, AwsenvError, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from awsenv.environment import Session
    from awsenv.system.user_environment import UserEnvironment

__all__ = ["COMMAND", "OPTIONS", "assume", "obtain", "transition"]

OPTIONS: Options = {
    **request.OPTIONS,
    "--refresh": (None, "obtain a new session, whatever is cached"),
    "--mfa-token": ("CODE", "the MFA code, instead of asking for it"),
    "--no-input": (None, "never prompt, neither for a profile nor for an MFA code or a sign-in: fail instead"),
    "--shell": ("NAME", f"write for this shell: {CHOICES}; default: the calling shell"),
    "--format": ("FORMAT", "not for a shell: the AWS variables as env (NAME=VALUE lines), dotenv or json"),
}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """The change that puts the named or chosen profile into the environment."""
    if args.positionals == [""]:
        raise AwsenvError("assume was given an empty profile name", "name one, or leave it out to choose", USAGE)
    if args.positionals == ["-"]:
        args = _args_before(args, environ)
    if not args.positionals and "--role-arn" not in args:
        if "--no-input" in args:
            raise AwsenvError("assume needs the name of a profile, as --no-input forbids prompting", "name one", USAGE)
        from awsenv.commands import _picker

        args.positionals = [_picker.choose(environ, now)]
    if args.options.keys().isdisjoint(("--live", "--mode", "--format")) and _is_live_by_default(environ):
        args.options["--live"] = ""
    return assume(args, environ, now)


def _is_live_by_default(environ: Mapping[str, str]) -> bool:
    """Whether the settings make --live the default. (Without a file of settings nothing is imported for it.)"""
    if "AWSENV_LIVE" not in environ and not os.path.exists(paths.settings_file(environ)):
        return False
    from awsenv.environment import settings

    return settings.wants_live(environ)


def _args_before(args: Args, environ: Mapping[str, str]) -> Args:
    """The arguments of the `assume` before the one whose credentials are exported, and those that are given now."""
    name, _, words = environ.get("AWSENV_BEFORE", "").partition(" ")
    if not name:
        raise AwsenvError("no other profile was assumed in this shell before", "name one: awsenv assume PROFILE")
    from urllib.parse import unquote

    before = request.from_words(words, unquote(name, errors="surrogateescape"), OPTIONS, "assume")
    before.options.update(args.options)
    return before


def assume(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """The same for arguments that name a profile or a role; `refresh` comes in here.

    Raises:
        AwsenvError: see `awsenv.credentials.obtain`; (2) for a value of an option that makes no sense.
    """
    format_ = args.get("--format")
    if format_ is not None and format_ not in ("env", "dotenv", "json"):
        raise AwsenvError(f"there is no --format {format_}", "use --format env, dotenv or json", USAGE)
    user_environment = None
    if "--persist" in args:  # before the user is asked for anything
        from awsenv.system.user_environment import open_user_environment

        user_environment = open_user_environment()
    change_of, note, renewable = transition(args, environ, now)
    change, report = change_of(environ), ""
    if user_environment is not None:
        report = _persist(user_environment, change_of(user_environment.environ))
    if format_ is not None:
        from awsenv.report import formats

        return Result(out=formats.write(format_, change), note=note, report=report)
    return Result(change=change, renewable=renewable, note=note, report=report)


def transition(
    args: Args, environ: Mapping[str, str], now: int
) -> tuple[Callable[[Mapping[str, str]], environment.Change], str, bool]:
    """What `assume` does to any environment (this shell's, the user's on Windows, the one of a command of `exec`).

    Returns:
        A function from an environment to its change, a note, and whether `refresh` is known to renew it.

    Raises:
        AwsenvError: as for `assume`.
    """
    mode = args.get("--mode") or "keys"
    if mode not in ("keys", "profile"):
        raise AwsenvError(f"there is no --mode {mode}", "use --mode keys or --mode profile", USAGE)
    if "--live" in args and "--mode" in args:
        raise AwsenvError("--live and --mode contradict each other", "leave one of them out", USAGE)
    asked = request.Request.from_args(args)
    base = environment.without_assumed(environ)
    if "--live" in args:
        from awsenv.commands import _live

        return _live.transition(asked, base, now)
    if mode == "profile":
        return _profile_only(asked, base)
    session = obtain(asked, base, now)
    note = _note(session, environment.named(session.profile, asked.words), environ, now)
    return (lambda before: environment.assume_keys(before, session, asked.words)), note, not session.is_static


def obtain(asked: request.Request, base: Mapping[str, str], now: int, *, tell: bool = True) -> Session:
    """The session of a request. One that is cached costs no import of what asks the user.

    Args:
        asked: the request.
        base: the environment, without what an earlier `assume` put there.
        now: epoch seconds.
        tell: whether to show what takes long.
    """
    session = lookup(asked, base, now)
    if session is None:
        from awsenv.commands._obtain import obtain_or_login

        session = obtain_or_login(asked, base, now, tell=tell)
    return session


def _persist(user_environment: UserEnvironment, change: environment.Change) -> str:
    """Apply the change to the user's environment.

    Returns:
        What that means.
    """
    user_environment.apply(change)
    if not change.get("AWS_ACCESS_KEY_ID"):
        what = "AWS_PROFILE"
    elif not change.get("AWS_SESSION_TOKEN"):
        what = "these long-term keys"
    else:
        expiration = change.get("AWS_CREDENTIAL_EXPIRATION")
        what = "these credentials, " + (f"valid until {expiration}" if expiration else "expiry unknown")
    return (
        f"awsenv: every window and program that you open from now on has {what}; "
        "open ones do not; undo it with: awsenv clear --persist\n"
    )


def _profile_only(
    asked: request.Request, base: Mapping[str, str]
) -> tuple[Callable[[Mapping[str, str]], environment.Change], str, bool]:
    if asked.profile is None or asked.settings or asked.policy or asked.user_session:
        raise AwsenvError(
            "--mode profile exports only the name of a profile, so no other option than --region goes with it",
            "leave out --mode, or put the settings into the profile",
            USAGE,
        )
    from awsenv.aws.config_files import Profiles
    from awsenv.credentials.plan import require

    profiles = Profiles(base)
    name = asked.profile
    require(profiles, name)
    region = asked.region or profiles.text(name, "region")
    note = f"AWS_PROFILE is {name}; the SDKs obtain and renew its credentials by themselves"
    return (lambda before: environment.assume_profile(before, name, region, asked.words)), note, True


def _note(session: Session, name: str, environ: Mapping[str, str], now: int) -> str:
    region = f", {session.region}" if session.region else ""
    hint = f"; {session.hint}" if session.hint else ""
    if session.expiration is not None:
        left = f"{expiry.short(session.expiration - now)} left"
    else:
        left = "long-term keys" if session.token is None else _estimate(session.token, environ, now)
    return f"{name}: {left}{region}{hint}"


def _estimate(token: str, environ: Mapping[str, str], now: int) -> str:
    """The time left if the session is valid for as long as most are. It is only shown, not exported."""
    from awsenv.aws import session_token
    from awsenv.environment import settings

    issued = session_token.issued(token)
    if issued is None:
        return "expiry unknown"
    lifetime = settings.assumed_lifetime(environ)
    left = issued + lifetime - now
    end = f"about {expiry.short(left)} left" if left > 0 else f"expired about {expiry.short(left)} ago"
    return f"expiry unknown; {end}, if it is valid for {expiry.short(lifetime)}, as most are"


COMMAND = Command(
    usage="awsenv assume [PROFILE | -] [options]",
    description="""
Puts the credentials of PROFILE into this shell, as one complete change: what was exported before is unset, and
awsenv clear restores a region or an AWS_PROFILE that was replaced. Without PROFILE, on a terminal, it lets you choose,
and lists first what was used lately. With - it takes the profile before this one, and its options.
""",
    options=OPTIONS,
    max_positionals=1,
    examples="""
  awsenv assume project1                             with the integration line in place (awsenv install)
  eval "$(awsenv assume project1)"                   bash and zsh, no setup
  awsenv assume project1 | source                    fish
  awsenv assume project1 | Out-String | Invoke-Expression                           PowerShell
  for /f "delims=" %i in ('awsenv assume project1') do @set "%i"                    cmd
  awsenv assume project1 --live                      every SDK renews by itself from now on: docs/live.md
  awsenv assume -                                    back to the profile before this one
  awsenv assume user1 -d 1h --role-arn arn:aws:iam::123456789012:role/Ops
  (umask 077; awsenv assume project1 --format dotenv > .env)
""",
    run=run,
    snippet="!--format",
)
