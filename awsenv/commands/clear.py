"""Unsets every credential variable of this shell, the leftovers of other tools included, and gives back the region and
the AWS_PROFILE that `assume` replaced. It reads no file and asks nobody, so it cannot fail."""

from __future__ import annotations

from awsenv import environment
from awsenv.outcome import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.words import Options, Words

__all__ = ["EXAMPLES", "MOST_NAMES", "OPTIONS", "USAGE_LINE", "run"]

USAGE_LINE = "awsenv clear [options]"
MOST_NAMES = 0
OPTIONS: Options = {
    "--stale": (None, "only if what is exported has expired"),
    "--shell": ("NAME", "write for this shell: bash, zsh, fish, powershell, cmd or sh; else it is detected"),
}
EXAMPLES = """
  awsenv clear                         with the integration line in place (awsenv install)
  eval "$(awsenv clear)"               bash and zsh, no setup
  awsenv clear --stale                 in a start-up file: begin without expired credentials
"""


def run(words: Words, environ: Mapping[str, str], now: int) -> Result:
    """The change that leaves nothing behind; with --stale none at all, unless the expiration is known and past."""
    if "--stale" in words:
        expiration = environment.exported(environ).expiration
        if expiration is None or expiration > now:
            return Result(change={}, note="nothing exported has expired; left as it is")
    return Result(change=environment.clear(environ), whole=False, note="cleared")
