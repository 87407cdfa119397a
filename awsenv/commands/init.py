"""`awsenv init`."""

from __future__ import annotations

from awsenv.args import Command
from awsenv.environment import settings
from awsenv.integration import scripts
from awsenv.result import USAGE, AwsenvError, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.args import Args, Options

__all__ = ["COMMAND", "OPTIONS"]

OPTIONS: Options = {
    "--no-segment": (
        None,
        "leave the prompt alone; the shell variable AWSENV_SEGMENT holds the segment, to be placed by you",
    ),
    "--renew": (None, "in the last minutes obtain a new session in the background, if nobody has to be asked"),
    "--off": (None, "instead: the statement that takes all of it out of a running shell"),
}
_SWITCHES = {"--no-segment": "AWSENV_NO_SEGMENT", "--renew": "AWSENV_RENEW"}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """The script, on stdout; AwsenvError (2) for a shell that has none."""
    del now
    if not args.positionals:
        raise AwsenvError("init needs the name of a shell", f"one of {', '.join(scripts.SCRIPTS)}", USAGE)
    shell = scripts.shell_of(args.positionals[0], scripts.SCRIPTS)
    if "--off" in args:
        return Result(out=scripts.off_line(shell) + "\n")
    found, complaints = settings.read(environ)
    given = {name: "1" for option, name in _SWITCHES.items() if option in args}
    return Result(out=scripts.script(shell, {**found, **given}), note="; ".join(complaints))


COMMAND = Command(
    usage="awsenv init SHELL [--no-segment] [--renew] [--off]",
    description="""
Prints the integration script for SHELL: the function awsenv, after which `awsenv assume PROFILE` changes the shell
directly and `awsenv clear` and `awsenv check` need no process; the segment of the prompt (`project1 42m`), the warnings
before the end, and completion. For cmd it prints awsenv.cmd, a file to put on PATH, and for Clink awsenv.lua, a file to
put into its folder.
""",
    options=OPTIONS,
    max_positionals=1,
    examples="""
  eval "$(awsenv init bash)"                                  in ~/.bashrc
  eval "$(awsenv init zsh)"                                   in ~/.zshrc
  awsenv init fish | source                                   in ~/.config/fish/config.fish
  awsenv init powershell | Out-String | Invoke-Expression     in $PROFILE
  eval "$(awsenv init bash --off)"                            in a running shell, to be rid of it
  awsenv help settings                                        thresholds, colors, symbols, production profiles
  awsenv init cmd > awsenv.cmd                                in a folder that PATH names before awsenv's own
  awsenv init clink > "%LOCALAPPDATA%\\clink\\awsenv.lua"       cmd with Clink
""",
    run=run,
)
