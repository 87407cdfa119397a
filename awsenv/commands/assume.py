"""`awsenv assume`."""

import os

from awsenv import Value, environment
from awsenv.args import Args, Command, Options
from awsenv.aws import paths
from awsenv.credentials import lookup
from awsenv.credentials.request import OPTIONS as REQUEST_OPTIONS
from awsenv.credentials.request import Request, decode_options
from awsenv.dialects import CHOICES
from awsenv.environment import expiry
from awsenv.result import USAGE, AwsenvError, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from awsenv.environment import Session
    from awsenv.system.user_environment import UserEnvironment

FORMATS = ("env", "dotenv", "json")
MODES = ("keys", "profile")

OPTIONS: Options = {
    **REQUEST_OPTIONS,
    "--refresh": (None, "obtain a new session, whatever is cached"),
    "--mfa-token": ("CODE", "the MFA code, instead of asking for it"),
    "--no-input": (None, "never prompt, neither for a profile nor for an MFA code or a sign-in: fail instead"),
    "--shell": ("NAME", f"write for this shell: {CHOICES}; default: the calling shell"),
    "--format": ("FORMAT", "not for a shell: the AWS variables as env (NAME=VALUE lines), dotenv or json"),
}


class Transition(Value):
    """What `assume` does to any environment: this shell's, the Windows user's, or that of a command of `exec`.

    Attributes:
        change_of: returns the change of an environment.
        note: one line for the user.
        renewable: whether `refresh` is known to renew it.
    """

    change_of: "Callable[[Mapping[str, str]], environment.Change]"
    note: str
    renewable: bool


def run(args: Args, environ: "Mapping[str, str]", now: int) -> Result:
    """Return the change that puts the named or chosen profile into the environment."""
    if args.first == "-":
        args = _previous_args(args, environ)
    if args.first is None and "--role-arn" not in args:
        if "--no-input" in args:
            raise AwsenvError("assume needs the name of a profile, as --no-input forbids prompting", "name one", USAGE)
        from awsenv.commands import _picker

        args.positionals = [_picker.choose(environ, now)]
    if args.options.keys().isdisjoint(("--live", "--mode", "--format")) and _is_live_by_default(environ):
        args.options["--live"] = ""
    return assume(args, environ, now)


def _is_live_by_default(environ: "Mapping[str, str]") -> bool:
    """Whether the settings make --live the default. (Without a settings file this imports nothing.)"""
    if "AWSENV_LIVE" not in environ and not os.path.exists(paths.settings_file(environ)):
        return False
    from awsenv.environment import settings

    return settings.wants_live(environ)


def _previous_args(args: Args, environ: "Mapping[str, str]") -> Args:
    """Return the arguments of the previous profile's `assume`, with the options given now."""
    name, _, options = environ.get("AWSENV_BEFORE", "").partition(" ")
    if not name:
        raise AwsenvError("no other profile was assumed in this shell before", "name one: awsenv assume PROFILE")
    from urllib.parse import unquote

    before = decode_options(options, unquote(name, errors="surrogateescape"), OPTIONS, "assume")
    before.options.update(args.options)
    return before


def assume(args: Args, environ: "Mapping[str, str]", now: int) -> Result:
    """Do the same for arguments that name a profile or a role; `refresh` calls this.

    Raises:
        AwsenvError: see `awsenv.credentials.obtain`; (2) for an invalid option value.
    """
    format_ = args.choice("--format", FORMATS)
    user_environment = None
    if "--persist" in args:  # may fail, so before any prompt
        from awsenv.system.user_environment import open_user_environment

        user_environment = open_user_environment()
    done = transition(args, environ, now)
    change = done.change_of(environ)
    report = ""
    if user_environment is not None:
        report = _persist(user_environment, done.change_of(user_environment.environ))
    if format_ is not None:
        from awsenv.report import formats

        return Result(out=formats.write(format_, change), note=done.note, report=report)
    return Result(change=change, renewable=done.renewable, note=done.note, report=report)


def transition(args: Args, environ: "Mapping[str, str]", now: int) -> Transition:
    """Obtain the credentials, or find the profile to export.

    Raises:
        AwsenvError: as for `assume`.
    """
    mode = args.choice("--mode", MODES)
    args.one_of("--live", "--mode")
    request = Request.from_args(args)
    base = environment.without_assumed(environ)
    if "--live" in args:
        from awsenv.commands import _live

        return _live.transition(request, base, now)
    if mode == "profile":
        return _profile_only(request, base, now)
    session = obtain(request, base, now)
    note = _note(session, environment.named(session.profile, request.options), environ, now)
    return Transition(
        lambda before: environment.assume_keys(before, session, request.options), note, not session.is_static
    )


def obtain(request: Request, base: "Mapping[str, str]", now: int, *, progress: bool = True) -> "Session":
    """Obtain the session of a request. A cached one imports nothing that may prompt.

    Args:
        request: the request.
        base: the environment, without what an earlier `assume` exported.
        now: epoch seconds.
        progress: whether to show on stderr what takes long.
    """
    session = lookup(request, base, now)
    if session is None:
        from awsenv.commands._obtain import obtain_or_login

        session = obtain_or_login(request, base, now, progress=progress)
    return session


def _persist(user_environment: "UserEnvironment", change: "environment.Change") -> str:
    """Apply the change to the Windows user environment, and return the report."""
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


def _profile_only(request: Request, base: "Mapping[str, str]", now: int) -> Transition:
    if request.profile is None or request.settings or request.policy or request.user_session:
        raise AwsenvError(
            "--mode profile exports only the name of a profile, so no other option than --region goes with it",
            "leave out --mode, or put the settings into the profile",
            USAGE,
        )
    from awsenv.aws.config_files import Profiles
    from awsenv.aws.renewal import BROKEN, renewal_of
    from awsenv.credentials.plan import require

    profiles = Profiles(base)
    name = request.profile
    require(profiles, name)
    renewal = renewal_of(profiles, name, base, now)
    if renewal.kind == BROKEN:
        raise AwsenvError(renewal.remedy.what, renewal.remedy.instruction)
    region = request.region or profiles.text(name, "region")
    note = f"AWS_PROFILE is {name}; the SDKs obtain and renew its credentials by themselves"
    return Transition(lambda before: environment.assume_profile(before, name, region, request.options), note, True)


def _note(session: "Session", name: str, environ: "Mapping[str, str]", now: int) -> str:
    if session.expiration is not None:
        left = f"{expiry.short(session.expiration - now)} left"
    else:
        left = "long-term keys" if session.token is None else _estimate(session.token, environ, now)
    region = f", {session.region}" if session.region else ""
    hint = f"; {session.hint}" if session.hint else ""
    return f"{name}: {left}{region}{hint}"


def _estimate(token: str, environ: "Mapping[str, str]", now: int) -> str:
    """Return the time left if the session has the usual duration. It is only shown, never exported."""
    from awsenv.aws import session_token
    from awsenv.environment import messages, settings

    issued = session_token.issued(token)
    if issued is None:
        return "expiry unknown"
    return f"expiry unknown; {messages.estimate(issued, settings.assumed_lifetime(environ), now)}"


COMMAND = Command(
    usage="awsenv assume [PROFILE | -] [options]",
    description="""
Puts the credentials of PROFILE into this shell, as one complete change: what was exported before is unset, and
awsenv clear restores a region or an AWS_PROFILE that was replaced. Without PROFILE, on a terminal, it lets you choose,
recently used profiles first. With - it takes the profile before this one, and its options.
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
)
