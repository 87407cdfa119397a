"""`awsenv uninstall`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress

from awsenv import dialects
from awsenv.args import Args, Command, Options
from awsenv.aws import paths
from awsenv.commands.install import CHOICES, VARIABLES, cmd_files
from awsenv.environment import settings
from awsenv.integration import rc_file, script_copy, scripts
from awsenv.result import FAILED, GOOD, AwsenvError, Result, printable
from awsenv.system import files
from awsenv.system.installer import installed_by

OPTIONS: Options = {"--shell": ("NAME", f"only for this shell: {CHOICES}; else for all")}


_OPEN = "other shells that are open have it until they exit: open a new one\n"

#: In awsenv's own cache: what it can find out again. (The directories in it are of running programs.)
_CACHED = re.compile(r"[\w.-]+\.json$")
_ANY = re.compile("")


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Says which files changed; having nothing to do is not an error."""
    del now
    named = args.get("--shell")
    shells = [scripts.shell_of(named)] if named else [*dialects.INTEGRATED]
    asking = dialects.NAMES[dialects.likely(environ)]
    changed: dict[str, str] = {}  # path -> shell
    complaints = []
    for shell in shells:
        try:
            changed.update(dict.fromkeys(_remove(shell, environ), shell))
        except AwsenvError as error:  # not a reason to leave the line of another shell
            complaints.append(f"awsenv: {error}\n")
    out = "".join(f"removed from {printable(path)}\n" for path in changed)
    out += _OPEN if any(map(dialects.is_hooked, changed.values())) else ""
    if "cmd" in changed.values():
        directory = next(os.path.dirname(path) for path, shell in changed.items() if shell == "cmd")
        out += f"if your Path has {printable(directory)}, take it out: {VARIABLES}\n"
    if not (changed or complaints):
        out = "there was no integration line to remove\n"
    if environ.get("AWSENV_PROFILE") and (not named or asking in shells):  # the function has cleared its shell before
        clear = dialects.load(asking).raw_line(("awsenv", "clear"))
        out += f"this shell still exports {printable(environ['AWSENV_PROFILE'])}; type: {clear}\n"
    if not named and not complaints:
        _clear_cache(environ)
        kept = settings.path_of(environ)
        out += f"your settings stay in {printable(kept)}\n" if os.path.exists(kept) else ""
        out += f"to remove awsenv itself: {installed_by().remove}\n"
    return Result(out=out, report="".join(complaints), code=FAILED if complaints else GOOD)


def _clear_cache(environ: Mapping[str, str]) -> None:
    directory = paths.own_cache(environ)
    for inner, wanted in ((os.path.join(directory, "locks"), _ANY), (directory, _CACHED)):
        with suppress(OSError):  # it is not there
            for name in filter(wanted.match, os.listdir(inner)):
                with suppress(OSError):  # it is in use, or not ours
                    files.remove(os.path.join(inner, name))
            os.rmdir(inner)


def _remove(shell: str, environ: Mapping[str, str]) -> list[str]:
    """The files that changed."""
    if shell != "cmd":
        changed = rc_file.remove(shell, environ)
        try:
            script_copy.remove(shell, environ)
        except OSError as error:
            raise AwsenvError(f"cannot remove {script_copy.path_of(shell, environ)}: {error.strerror}") from None
        return changed
    removed = []
    for path in cmd_files(environ).values():
        try:
            files.remove(path)
        except paths.MISSING:
            continue
        except OSError as error:
            raise AwsenvError(f"cannot remove {path}: {error.strerror}") from None
        removed.append(path)
    with suppress(OSError):  # the user may have files of their own there
        os.rmdir(os.path.dirname(cmd_files(environ)["cmd"]))
    return removed


COMMAND = Command(
    usage="awsenv uninstall [--shell NAME]",
    description="""
Takes the integration line out of the shells' start-up files again; each file is then what it was before, to the
byte. In the shell that it is typed in, the integration goes, too, and what awsenv exported is cleared. It also empties
awsenv's own cache, and says how to remove awsenv itself. What the AWS CLI shares stays.
""",
    options=OPTIONS,
    max_positionals=0,
    examples="""
  awsenv uninstall
  awsenv uninstall --shell fish
""",
    run=run,
)
