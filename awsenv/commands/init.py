"""`awsenv init`."""

from awsenv import dialects
from awsenv.args import Args, Command, Options
from awsenv.environment import SOURCES, TABLE, settings
from awsenv.integration import scripts
from awsenv.result import USAGE, AwsenvError, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

OPTIONS: Options = {
    "--no-segment": (
        None,
        "leave the prompt alone; the shell variable AWSENV_SEGMENT holds the segment, to be placed by you",
    ),
    "--renew": (None, "in the last minutes obtain a new session in the background, where that needs no prompt"),
    "--alias": ("NAME", "also define NAME as a short name for awsenv assume"),
    "--completion": (None, "instead: the completion of commands, options and profiles, which the script loads itself"),
    "--store": (None, "also store the script where the line of awsenv install looks for it"),
    "--off": (None, "instead: what removes all of it from a running shell"),
}
_SWITCHES = {"--no-segment": "AWSENV_NO_SEGMENT", "--renew": "AWSENV_RENEW"}


def run(args: Args, environ: "Mapping[str, str]", now: int) -> Result:
    """Return the script; AwsenvError (2) for a shell that has none."""
    if args.first is None:
        raise AwsenvError("init needs the name of a shell", f"one of {', '.join(scripts.SCRIPTS)}", USAGE)
    shell = scripts.shell_of(args.first, scripts.SCRIPTS)
    alias = args.get("--alias")
    args.one_of("--alias", "--off", "--completion", "--store")
    if alias is not None:
        scripts.require_alias(shell, alias)
    for part in ("off", "completion"):
        if f"--{part}" in args:
            from awsenv.commands import _templates

            return Result(out=_templates.part(shell, part))
    found, complaints = settings.read(environ)
    given = {name: "1" for option, name in _SWITCHES.items() if option in args}
    text = scripts.built(scripts.SCRIPTS[shell])
    if text is None:
        from awsenv.commands import _templates

        text = _templates.rendered_now(scripts.SCRIPTS[shell])
    if "--store" in args:
        from awsenv.integration import script_copy

        try:  # noqa: SIM105  # contextlib takes 3 ms
            script_copy.store(shell, text, environ)
        except (OSError, ValueError, KeyError):  # otherwise every new shell would fail or complain
            pass
    script = scripts.script(shell, text, {**found, **given}, alias)
    return Result(out=script + _state_now(shell, environ, now), note="; ".join(complaints))


def _state_now(shell: str, environ: "Mapping[str, str]", now: int) -> str:
    """Return the state of inherited credentials, so that the first prompt starts no process; "" without any."""
    if not dialects.is_hooked(shell) or environ.keys().isdisjoint((*TABLE, *SOURCES)):
        return ""
    from awsenv.environment.state import state_of

    # starship's own line, which exports this, may come later
    state = state_of({**environ, "STARSHIP_SHELL": shell}, now)
    if state.kind == "none":
        return ""
    dialect = dialects.load(shell)
    lines = [*dialects.assignments(dialect, state.variables()), "__awsenv_adopt_state"]
    return "".join(f"{line}\n" for line in lines)


COMMAND = Command(
    usage="awsenv init SHELL [options]",
    description="""
Prints the integration script for SHELL: the function awsenv, after which `awsenv assume PROFILE` changes the shell
directly and `awsenv clear` and `awsenv check` need no process; the segment of the prompt (`project1 42m`), the warnings
before expiry, and completion. For cmd it prints awsenv.cmd, a file to put on PATH, and for Clink awsenv.lua, a file to
put into its directory.
""",
    options=OPTIONS,
    max_positionals=1,
    examples="""
  eval "$(awsenv init bash)"                                  in ~/.bashrc
  eval "$(awsenv init zsh)"                                   in ~/.zshrc
  eval "$(awsenv init bash --alias aa)"                       then also: aa project1
  awsenv init fish | source                                   in ~/.config/fish/config.fish
  awsenv init powershell | Out-String | Invoke-Expression     in $PROFILE
  eval "$(awsenv init bash --off)"                            in a running shell, to remove it
  awsenv help settings                                        thresholds, colors, symbols, production profiles
  awsenv init cmd > awsenv.cmd                                in a directory on PATH, before awsenv's own
  awsenv init clink > "%LOCALAPPDATA%\\clink\\awsenv.lua"       cmd with Clink
""",
    run=run,
)
