"""`awsenv refresh`."""

from __future__ import annotations

from awsenv import args as language
from awsenv.args import Command
from awsenv.commands import assume
from awsenv.result import NOTHING_EXPORTED, AwsenvError, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.args import Args, Options

__all__ = ["COMMAND", "OPTIONS", "words_of"]

OPTIONS: Options = {
    "--if-needed": (None, "only if the session in the cache is near its end; else take that one"),
    **{name: assume.OPTIONS[name] for name in ("--no-cache", "--mfa-token", "--no-input", "--shell")},
}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """As `assume` of AWSENV_PROFILE with AWSENV_OPTIONS; AwsenvError (5) if there is nothing to refresh."""
    if not environ.get("AWSENV_PROFILE"):
        raise AwsenvError(
            "nothing in this shell was exported by awsenv, so there is nothing to refresh",
            "type awsenv assume PROFILE",
            NOTHING_EXPORTED,
        )
    again = words_of(environ)
    again.options.update(args.options)
    if "--if-needed" not in args:
        again.options["--refresh"] = ""
    return assume.assume(again.positionals[0] if again.positionals else None, again, environ, now)


def words_of(environ: Mapping[str, str]) -> Args:
    """The words of the `assume` that AWSENV_PROFILE and AWSENV_OPTIONS tell of; without a name if that had none."""
    from urllib.parse import unquote

    kept = [unquote(word, errors="surrogateescape") for word in environ.get("AWSENV_OPTIONS", "").split(" ") if word]
    no_profile = kept[:1] == ["-"]
    again = language.parse("refresh", kept[1:] if no_profile else kept, assume.OPTIONS, 0)
    if not no_profile:
        again.positionals.append(environ["AWSENV_PROFILE"])
    return again


COMMAND = Command(
    usage="awsenv refresh [options]",
    description="""
Obtains a new session for what `awsenv assume` put into this shell: the same profile, the same options, before or
after expiry.
""",
    options=OPTIONS,
    max_positionals=0,
    examples="""
  awsenv refresh                       with the integration line in place (awsenv install)
  eval "$(awsenv refresh)"             bash and zsh, no setup
""",
    run=run,
    snippet="",
)
