"""`awsenv refresh`."""

from awsenv.args import Args, Command, Options
from awsenv.commands import assume
from awsenv.credentials.request import decode_options
from awsenv.result import NOTHING_EXPORTED, AwsenvError, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

OPTIONS: Options = {
    "--if-needed": (None, "only if the cached session is near expiry; else use that one"),
    **{name: assume.OPTIONS[name] for name in ("--no-cache", "--mfa-token", "--no-input", "--shell")},
}


def run(args: Args, environ: "Mapping[str, str]", now: int) -> Result:
    """Assume AWSENV_PROFILE with AWSENV_OPTIONS again; AwsenvError (5) if there is nothing to refresh."""
    if not environ.get("AWSENV_PROFILE"):
        raise AwsenvError(
            "this shell has no credentials of awsenv, so there is nothing to refresh",
            "type awsenv assume PROFILE",
            NOTHING_EXPORTED,
        )
    assumed = assumed_args(environ)
    assumed.options.update(args.options)
    if "--if-needed" not in args:
        assumed.options["--refresh"] = ""
    return assume.assume(assumed, environ, now)


def assumed_args(environ: "Mapping[str, str]") -> Args:
    """Return the arguments of the `assume` whose credentials are exported."""
    return decode_options(environ.get("AWSENV_OPTIONS", ""), environ["AWSENV_PROFILE"], assume.OPTIONS)


COMMAND = Command(
    usage="awsenv refresh [options]",
    description="""
Obtains a new session for what awsenv assume put into this shell: the same profile and options, before or after expiry.
""",
    options=OPTIONS,
    max_positionals=0,
    examples="""
  awsenv refresh                       with the integration line in place (awsenv install)
  eval "$(awsenv refresh)"             bash and zsh, no setup
""",
    run=run,
)
