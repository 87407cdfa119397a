"""`awsenv uninstall`."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress

from awsenv import dialects
from awsenv.args import Args, Command, Options
from awsenv.aws import paths
from awsenv.commands.install import CHOICES
from awsenv.environment import settings
from awsenv.integration import cmd_files, rc_file, script_copy, scripts
from awsenv.program import installed
from awsenv.result import FAILED, GOOD, AwsenvError, Result, printable
from awsenv.system import files
from awsenv.system.installer import installed_by

OPTIONS: Options = {"--shell": ("NAME", f"only for this shell: {CHOICES}; else for all")}

#: Files that awsenv caches (the last two: 0.1.0). The directory may be a link to one in which the user has others.
_CACHED = re.compile(r"[0-9a-f]+\.lock|(?:endpoints|hint|max-duration|mfa|longest|recipe)-[\w.-]+\.json")


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Remove the lines, and return which files changed; none is not an error."""
    del now
    named = args.get("--shell")
    shells = [scripts.shell_of(named)] if named else [*dialects.INTEGRATED]
    calling = dialects.NAMES[dialects.likely(environ)]
    changed: dict[str, str] = {}  # path -> shell
    errors = []
    for shell in shells:
        try:
            changed.update(dict.fromkeys(_remove(shell, environ), shell))
        except AwsenvError as error:  # the line of another shell is still removed
            errors.append(f"awsenv: {error}\n")
    lines = [f"removed from {printable(path)}" for path in changed]
    if any(map(dialects.is_hooked, changed.values())):
        lines.append("other shells that are open have it until they exit: open a new one")
    if "cmd" in changed.values():
        directory = next(os.path.dirname(path) for path, shell in changed.items() if shell == "cmd")
        core = shutil.which("awsenv-core") or installed("awsenv-core")
        other = f", and {printable(os.path.dirname(core))}, if you put it there for awsenv" if core else ""
        lines.append(f"if your Path has {printable(directory)}, take it out{other}: {cmd_files.EDIT_PATH}")
    if not (changed or errors):
        lines = ["there was no integration line to remove"]
    assumed = environ.get("AWSENV_PROFILE")
    if assumed and (not named or calling in shells):  # the integration's function would have cleared its shell
        clear = dialects.load(calling).raw_line(("awsenv", "clear"))
        lines.append(f"this shell still exports {printable(assumed)}; type: {clear}")
    if not named and not errors:
        _clear_cache(environ)
        settings_file = settings.path_of(environ)
        if os.path.exists(settings_file):
            lines.append(f"your settings stay in {printable(settings_file)}")
        lines.append(f"to remove awsenv itself: {installed_by().remove}")
    out = "".join(f"{line}\n" for line in lines)
    return Result(out=out, report="".join(errors), code=FAILED if errors else GOOD)


def _clear_cache(environ: Mapping[str, str]) -> None:
    """Empty awsenv's own cache, except for directories of running programs."""
    cache = paths.own_cache(environ)
    for directory in (os.path.join(cache, "locks"), cache):
        with suppress(OSError):  # it does not exist
            for name in filter(_CACHED.fullmatch, os.listdir(directory)):
                with suppress(OSError):  # it is in use, or another user's
                    files.remove(os.path.join(directory, name))
            os.rmdir(directory)


def _remove(shell: str, environ: Mapping[str, str]) -> list[str]:
    """Remove the integration of a shell, and return the files that changed."""
    if shell == "cmd":
        return cmd_files.remove(environ)
    changed = rc_file.remove(shell, environ)
    script_copy.remove(shell, environ)
    return changed


COMMAND = Command(
    usage="awsenv uninstall [--shell NAME]",
    description="""
Takes the integration line out of the shells' start-up files again; each file is then what it was before, to the
byte. The shell it is typed in also loses the integration, and what awsenv exported there is cleared. It also empties
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
