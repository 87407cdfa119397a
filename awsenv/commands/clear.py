"""Unsets every credential variable of this shell, the leftovers of other tools included, and gives back the region and
the AWS_PROFILE that `assume` replaced. It reads no file and asks nobody, so it cannot fail.

With --persist the same is done where variables outlive a shell: on Windows in the user's environment, where `assume
--persist` and `setx` leave them (also the empty ones of `setx NAME ""`), in fish among the universal variables. Windows
that are open keep what they have."""

from __future__ import annotations

from awsenv import environment
from awsenv.dialects import CHOICES
from awsenv.result import AwsenvError, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.args import Options, Words

__all__ = ["EXAMPLES", "MOST_NAMES", "OPTIONS", "USAGE_LINE", "run"]

USAGE_LINE = "awsenv clear [options]"
MOST_NAMES = 0
OPTIONS: Options = {
    "--stale": (None, "only if what is exported has expired"),
    "--persist": (None, "also what outlives this shell: the user's environment of Windows, fish's universal variables"),
    "--shell": ("NAME", f"write for this shell: {CHOICES}; else it is detected"),
}
EXAMPLES = """
  awsenv clear                         with the integration line in place (awsenv install)
  eval "$(awsenv clear)"               bash and zsh, no setup
  awsenv clear --stale                 in a start-up file: begin without expired credentials
  awsenv clear --persist               Windows, fish: nor do new windows have any
"""


def run(words: Words, environ: Mapping[str, str], now: int) -> Result:
    """The change that leaves nothing behind; with --stale none at all, unless the expiration is known and past.

    Raises:
        AwsenvError: only with --persist: (2) where nothing outlives a shell; (1) the registry cannot be written.
    """
    out = _persistent(words, environ, now) if "--persist" in words else ""
    if "--stale" in words and not _is_stale(environ, now):
        return Result(out=out, change={}, note="nothing exported has expired; left as it is")
    return Result(out=out, change=environment.clear(environ), whole=False, note="cleared")


def _is_stale(environ: Mapping[str, str], now: int) -> bool:
    expiration = environment.exported(environ).expiration
    return expiration is not None and expiration <= now


def _persistent(words: Words, environ: Mapping[str, str], now: int) -> str:
    """Clear what outlives this shell; gives the statement by which fish does it, "" where it is done."""
    from awsenv import dialects
    from awsenv.system import user_environment

    try:
        account = user_environment.open_account()
    except AwsenvError:
        dialect = dialects.load(words.get("--shell") or dialects.detect(environ))
        unset_universal = getattr(dialect, "unset_universal", None)  # fish alone has such variables
        if unset_universal is None:
            raise
        if "--stale" in words and not _is_stale(environ, now):
            return ""
        names = (name for name, value in environment.clear(environ).items() if value is None)
        return "".join(f"{unset_universal(name)}\n" for name in names)
    if "--stale" not in words or _is_stale(account.environ, now):
        account.make(user_environment.clear(account.environ))
    return ""
