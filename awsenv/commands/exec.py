"""`awsenv exec`."""

from __future__ import annotations

from awsenv import environment
from awsenv.args import Command, parse
from awsenv.commands import assume
from awsenv.result import USAGE, AwsenvError, Result
from awsenv.system import process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsenv.args import Args, Options

__all__ = ["COMMAND", "OPTIONS"]

OPTIONS: Options = {
    "--server": (None, "hand the credentials out by an endpoint that renews them, instead of keys in the environment"),
    **{option: row for option, row in assume.OPTIONS.items() if option not in ("--shell", "--format")},
}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Ends with the command, or as the command; AwsenvError as `assume`, (127) and (126) for the command."""
    # options may also stand behind PROFILE: no command begins with a dash
    rest = parse("exec", args.positionals[1:], OPTIONS, None)
    if "--help" in rest:
        from awsenv.args import help_of

        return Result(out=help_of(COMMAND))
    profile, command = "".join(args.positionals[:1]), rest.positionals
    if not profile or not command:
        missing = f"a command, to be run as {profile}" if profile else "the name of a profile, and a command"
        example = f"type awsenv exec {profile or 'PROFILE'} -- COMMAND (for a shell: -- $SHELL)"
        raise AwsenvError(f"exec needs {missing}", example, USAGE)
    for option, value in rest.options.items():
        if args.options.get(option, value) != value:
            raise AwsenvError(f"{option} stands before and behind {profile}", "write it in one place", USAGE)
    args.options.update(rest.options)
    args.positionals = [profile]
    process.require(command[0], environ)
    if "--server" in args:
        return Result(code=_beside_a_server(profile, command, args, environ, now))
    change, _ = assume.transition(profile, args, environ, now)
    return Result(code=process.replace(command, _changed(environ, change)))


def _changed(environ: Mapping[str, str], change: environment.Change) -> dict[str, str]:
    return {name: value for name, value in {**environ, **change}.items() if value is not None}


def _beside_a_server(profile: str, command: Sequence[str], args: Args, environ: Mapping[str, str], now: int) -> int:
    if "--mode" in args:
        raise AwsenvError("--server and --mode are two ways to do without keys", "leave one of them out", USAGE)
    import copy
    import time

    from awsenv.credentials import obtain
    from awsenv.credentials.resolve import process_environment
    from awsenv.server import Renewer, served
    from awsenv.system import terminal

    request, base = assume.request_of(profile, args), environment.without_assumed(environ)
    session = obtain(request, base, now)
    # what `assume` says of itself beside the credentials: the prompts of other tools show it, `refresh` can use it
    change = environment.assume_profile(environ, profile, session.region, assume.kept(args))
    change |= {"AWS_PROFILE": None, "AWSUME_PROFILE": profile}

    later = copy.copy(request)
    later.fresh = later.ask = False  # nobody is asked in the middle of a run: the terminal is the command's
    later.mfa_token = None  # a code works once
    supply = Renewer(
        session,
        renew=lambda: obtain(later, base, int(time.time()) + 1),  # at the very mark the cache still gives the old one
        clock=time.time,
        report=terminal.tell,  # while the command runs the door cannot print
        least=request.min_ttl,
    )
    environment_of_command = _changed(environ, change)  # before the process's own is another
    with (
        process.ChildProcess() as attendance,
        process_environment(later, base),
        served(supply, environment_of_command) as child,
    ):
        return attendance.run(command, child)


COMMAND = Command(
    usage="awsenv exec [options] PROFILE [--] COMMAND [words]",
    description="""
Runs COMMAND with the credentials of PROFILE, in an environment as `assume` would leave it. awsenv is then gone (but
on Windows): signals and the exit code are the command's own. 127 is a command that is not there, 126 one that cannot
be run.

With --server the command gets no keys, but an endpoint on 127.0.0.1 that hands them out, as containers have it: every
SDK asks there, and asks again before the session ends, so that a run of any length never goes stale. The endpoint
lives as long as the command, not longer; it wants a token, which stands in a file that only you can read. Whatever SDKs
would prefer to it is kept from them: variables, and the credentials of a default profile. Nobody is asked in the middle
of a run: where each session takes an MFA code, --session-token makes one code last for 12 hours; `awsenv assume` in
another terminal helps as well.
""",
    options=OPTIONS,
    max_positionals=None,
    examples="""
  awsenv exec project1 -- terraform plan
  awsenv exec --server project1 -- ./train-for-three-days.py
  awsenv exec --server --role-arn arn:aws:iam::123456789012:role/Admin user1 -- make deploy
""",
    run=run,
)
