"""Prints the integration script for SHELL: the function awsenv, after which `awsenv assume PROFILE` changes the shell
directly and `awsenv clear` and `awsenv check` need no process. For cmd it prints awsenv.cmd, a file to put on PATH."""

from __future__ import annotations

from awsenv import integration
from awsenv.outcome import USAGE, AwsenvError, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.words import Options, Words

__all__ = ["EXAMPLES", "MOST_NAMES", "OPTIONS", "USAGE_LINE", "run"]

USAGE_LINE = "awsenv init SHELL"
MOST_NAMES = 1
OPTIONS: Options = {}
EXAMPLES = """
  eval "$(awsenv init bash)"                                  in ~/.bashrc
  eval "$(awsenv init zsh)"                                   in ~/.zshrc
  awsenv init fish | source                                   in ~/.config/fish/config.fish
  awsenv init powershell | Out-String | Invoke-Expression     in $PROFILE
  awsenv init cmd > awsenv.cmd                                in a folder that PATH names before awsenv's own
"""


def run(words: Words, environ: Mapping[str, str], now: int) -> Result:
    """The script, on stdout; AwsenvError (2) for a shell that has none."""
    del environ, now
    if not words.names:
        raise AwsenvError("init needs the name of a shell", f"one of {', '.join(integration.SHELLS)}", USAGE)
    return Result(out=integration.script(integration.shell_of(words.names[0])))
