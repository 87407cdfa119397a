"""Starts a local STS (ministack, which checks signatures, trust policies and expiry), with a user, a role and the
profile project1 in a throw-away home, and there a shell of your kind in which everything works without an AWS account.
Leave it with exit; nothing of it stays. Where there is no terminal, or with --tour, it plays the main job and ends."""

from __future__ import annotations

from awsenv import dialects
from awsenv.result import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.args import Options, Words

__all__ = ["EXAMPLES", "MOST_NAMES", "OPTIONS", "USAGE_LINE", "run"]

USAGE_LINE = "awsenv demo [--shell NAME] [--tour]"
MOST_NAMES = 0
CHOICES = dialects.listed(dialects.hooked())
OPTIONS: Options = {
    "--shell": ("NAME", f"{CHOICES}; else your own"),
    "--tour": (None, "play the main job: assume, act as the role, check, clear; then end"),
}
EXAMPLES = """
  awsenv demo
  awsenv demo --tour --shell fish
"""


def run(words: Words, environ: Mapping[str, str], now: int) -> Result:
    """Runs until the shell ends. AwsenvError if ministack is not installed or does not start."""
    del now
    from awsenv import demo

    return Result(code=demo.play(environ, shell=words.get("--shell"), tour="--tour" in words))
