"""`awsenv exec`."""

from __future__ import annotations

from awsenv import environment
from awsenv.args import Args, Command, Options, parse
from awsenv.commands import assume
from awsenv.credentials.request import Request
from awsenv.result import USAGE, AwsenvError, Result
from awsenv.system import process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OPTIONS: Options = {
    "--server": (None, "serve credentials from an endpoint that renews them, instead of keys in the environment"),
    **{option: row for option, row in assume.OPTIONS.items() if option not in ("--shell", "--format", "--persist")},
}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Run the command; without --server, this process becomes it.

    Raises:
        AwsenvError: as `assume`; (127) there is no such command, (126) it cannot be run.
    """
    active = environment.active_profile(environ)
    if args.dashes_first and active:
        args.positionals = [active, "--", *args.positionals]
    elif args.dashes_first and args.first and "--source-profile" not in args and not _is_profile(args.first, environ):
        what = f"there is no profile {args.first!r}, and AWS_PROFILE names none"
        raise AwsenvError(what, f"type awsenv exec PROFILE -- {args.first}", USAGE)
    # options may also follow PROFILE: no command begins with a dash
    rest = parse("exec", args.positionals[1:], OPTIONS, None)
    if "--help" in rest:
        from awsenv.commands._help import help_of

        return Result(out=help_of(COMMAND))
    profile, command = args.first, rest.positionals
    if not profile or not command:
        from awsenv import dialects

        missing = f"a command to run as {profile}" if profile else "the name of a profile, and a command"
        name = dialects.likely(environ)
        shell = dialects.load(name).own_shell(name)
        example = f"type awsenv exec {profile or 'PROFILE'} -- COMMAND (for a shell: -- {shell})"
        raise AwsenvError(f"exec needs {missing}", example, USAGE)
    for option, value in rest.options.items():
        if args.options.get(option, value) != value:
            raise AwsenvError(
                f"{option} is given before and after {profile}, with different values", "write it once", USAGE
            )
    args.options.update(rest.options)
    args.positionals = [profile]
    process.require(command[0], environ)
    if "--server" in args:
        return Result(code=_with_server(command, args, environ, now))
    change = assume.transition(args, environ, now).change_of(environ)
    return Result(code=process.replace(command, environment.applied(environ, change)))


def _is_profile(name: str, environ: Mapping[str, str]) -> bool:
    from awsenv.aws.config_files import Profiles

    return name in Profiles(environ)


def _with_server(command: Sequence[str], args: Args, environ: Mapping[str, str], now: int) -> int:
    args.one_of("--server", "--mode", "--live")
    import time

    from awsenv.commands._obtain import Terminal, obtain_or_login
    from awsenv.credentials import obtain
    from awsenv.credentials.resolve import process_environment
    from awsenv.server import Renewer, served

    process.keep_memory_private()
    request, base = Request.from_args(args), environment.without_assumed(environ)
    session = obtain_or_login(request, base, now)
    change = environment.assume_endpoint(environ, request.name, session.region, request.options)

    # no prompt during the run: the terminal is the command's, and an MFA code works only once
    later, dialog = request.replace(fresh=False, ask=False, mfa_token=None), Terminal()
    renewer = Renewer(
        session,
        # a second later: at the exact time the cache still has the old session
        renew=lambda: obtain(later, base, int(time.time()) + 1, dialog),
        clock=time.time,
        report=dialog.notify,  # while the command runs the entry point cannot print
        min_ttl=request.min_ttl,
    )
    environment_of_command = environment.applied(environ, change)  # before process_environment changes os.environ
    with (
        process.ChildProcess() as child_process,
        process_environment(later, base),
        served(renewer, environment_of_command) as child_environment,
    ):
        return child_process.run(command, child_environment)


COMMAND = Command(
    usage="awsenv exec [options] PROFILE [--] COMMAND [arguments]",
    description="""
Runs COMMAND with the credentials of PROFILE, in the environment that assume would make; exec -- COMMAND with those of
the profile that AWS_PROFILE names. awsenv is replaced by the command (except on Windows), so signals and the exit code
are the command's own. 127: there is no such command; 126: it cannot be run.

With --server the command gets no keys, but an endpoint on 127.0.0.1 that hands them out, as in a container. Every SDK
asks it again before the session expires, so a run of any length stays valid. The endpoint exits with the command. It
requires a token, from a file that only you can read. Whatever SDKs would use instead is hidden from the command:
variables, and the credentials of a default profile. Nothing prompts during the run: where each session takes an MFA
code, --session-token makes one code last for 12 hours; awsenv assume in another terminal helps as well.
""",
    options=OPTIONS,
    max_positionals=None,
    examples="""
  awsenv exec project1 -- terraform plan
  awsenv exec --server project1 -- ./train-for-three-days.py
  awsenv exec --role-arn arn:aws:iam::123456789012:role/Ops user1 -- make deploy
""",
    run=run,
)
