"""`awsenv demo`."""

from __future__ import annotations

from collections.abc import Mapping

from awsenv import dialects
from awsenv.args import Args, Command, Options
from awsenv.result import Result

CHOICES = dialects.listed(dialects.hooked())
OPTIONS: Options = {
    "--shell": ("NAME", f"{CHOICES}; else your own"),
    "--tour": (None, "run the main job: assume, act as the role, check, expire, refresh, clear; then exit"),
}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Run until the shell exits; AwsenvError if ministack is not installed or does not start."""
    del now
    from awsenv import demo

    return Result(code=demo.run(environ, shell=args.get("--shell"), tour="--tour" in args))


COMMAND = Command(
    usage="awsenv demo [--shell NAME] [--tour]",
    description="""
Starts a local STS (ministack, which checks signatures, trust policies and expiry), with a user, a role and the
profile project1 in a throw-away home, and there a shell of your kind in which everything works without an AWS account.
Leave it with exit; it leaves nothing behind. Without a terminal, or with --tour, it runs the main job and exits.
""",
    options=OPTIONS,
    max_positionals=0,
    examples="""
  awsenv demo
  awsenv demo --tour --shell fish
""",
    run=run,
)
