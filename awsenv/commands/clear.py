"""`awsenv clear`."""

from awsenv import environment
from awsenv.args import Args, Command, Options
from awsenv.dialects import CHOICES
from awsenv.result import AwsenvError, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

OPTIONS: Options = {
    "--stale": (None, "only if what is exported has expired"),
    "--persist": (None, "also what outlives this shell: the Windows user environment, fish's universal variables"),
    "--shell": ("NAME", f"write for this shell: {CHOICES}; default: the calling shell"),
}


def run(args: Args, environ: "Mapping[str, str]", now: int) -> Result:
    """Return the change that unsets everything; with --stale only if the expiration is known and past.

    Raises:
        AwsenvError: only with --persist: (2) no variable here outlives a shell; (1) the registry cannot be written.
    """
    out = _persistent(args, environ, now) if "--persist" in args else ""
    if "--stale" in args and not _is_stale(environ, now):
        return Result(out=out, change={}, note="nothing exported has expired; nothing was changed")
    return Result(out=out, change=environment.clear(environ), whole=False, note="cleared")


def _is_stale(environ: "Mapping[str, str]", now: int) -> bool:
    from awsenv.environment import state

    expiration = state.exported(environ).expiration
    return expiration is not None and expiration <= now


def _persistent(args: Args, environ: "Mapping[str, str]", now: int) -> str:
    """Clear the Windows user environment, or return the statements that clear fish's universal variables."""
    from awsenv import dialects
    from awsenv.dialects.fish import Fish
    from awsenv.system import user_environment

    try:
        persistent = user_environment.open_user_environment()
    except AwsenvError:
        dialect = dialects.load(args.get("--shell") or dialects.detect(environ))
        if not isinstance(dialect, Fish):
            raise
        if "--stale" in args and not _is_stale(environ, now):
            return ""
        names = (name for name, value in environment.clear(environ).items() if value is None)
        return "".join(f"{dialect.unset_universal(name)}\n" for name in names)
    if "--stale" not in args or _is_stale(persistent.environ, now):
        persistent.apply(user_environment.clear(persistent.environ))
    return ""


COMMAND = Command(
    usage="awsenv clear [options]",
    description="""
Unsets every credential variable of this shell, those of other tools included, and restores the region and the
AWS_PROFILE that assume replaced. It reads no file and makes no network request, so it cannot fail.

With --persist it does the same where variables outlive a shell: in the Windows user environment, where assume --persist
and setx leave them (also the empty ones of setx NAME ""), and in fish's universal variables. Open windows keep theirs.
""",
    options=OPTIONS,
    max_positionals=0,
    examples="""
  awsenv clear                         with the integration line in place (awsenv install)
  eval "$(awsenv clear)"               bash and zsh, no setup
  awsenv clear --stale                 in a start-up file: start without expired credentials
  awsenv clear --persist               Windows, fish: also for new windows
""",
    run=run,
)
