"""`awsenv install`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress

from awsenv import dialects
from awsenv.args import Args, Command, Options
from awsenv.aws import paths
from awsenv.commands import _templates
from awsenv.environment import settings
from awsenv.integration import rc_file, script_copy, scripts
from awsenv.program import installed
from awsenv.result import AwsenvError, Result, printable
from awsenv.system import files as system_files
from awsenv.system.installer import installed_by

__all__ = ["COMMAND", "OPTIONS", "VARIABLES", "cmd_files"]

CHOICES = dialects.listed([*dialects.INTEGRATED])
OPTIONS: Options = {"--shell": ("NAME", f"for this shell: {CHOICES}; else it is detected")}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Says what was done, and what makes it work in the shell that is open."""
    del now
    shell = scripts.shell_of(args.get("--shell") or dialects.detect(environ))
    if not dialects.is_hooked(shell):
        return Result(out=_install_cmd(environ))
    path, changed = rc_file.add(shell, environ)
    login = rc_file.add_for_login(shell, environ)
    with suppress(OSError, ValueError):  # else each new shell asks the program
        script_copy.store(shell, _templates.rendered(scripts.SCRIPTS[shell]), environ)
    done = "the integration line is now in" if changed else "the integration line already is in"
    also = f"and in {printable(login[0])}, as login shells read that instead\n" if login else ""
    activate = dialects.load_hooked(shell).activate()
    then = f"new shells have it; in this one type: {activate}\nto upgrade awsenv: {installed_by().upgrade}\n"
    tab = _compinit(path) if shell == "zsh" else ""
    return Result(out=f"{done} {printable(path)}\n{also}{tab}{then}")


def _compinit(path: str) -> str:
    """What zsh's completion may lack; "" for a start-up file that runs compinit, or may do so by what it loads."""
    text = paths.read_regular(path) or b""
    if re.search(rb"compinit|^\s*(source|\.|zinit|zplug|antigen|antidote) ", text, re.MULTILINE):
        return ""
    return f"if TAB completes file names only, put this into {printable(path)}: autoload -Uz compinit && compinit\n"


#: It opens the variables of the user. Path is not written here: setx, too, would cut it at 1,024 characters.
VARIABLES = "rundll32 sysdm.cpl,EditEnvironmentVariables"


def cmd_files(environ: Mapping[str, str]) -> dict[str, str]:
    """What belongs to cmd: the script of `awsenv init`, and the file that it goes into.

    awsenv.cmd needs a directory without an awsenv.exe, which cmd would take before it. Clink loads the scripts in the
    directory of its settings ("Location of Lua Scripts" in its documentation).
    """
    files = {"cmd": os.path.join(paths.own_data(environ), "cmd", "awsenv.cmd")}
    clink = os.path.join(environ.get("LOCALAPPDATA", ""), "clink")
    if environ.get("LOCALAPPDATA") and os.path.isdir(clink):
        files["clink"] = os.path.join(clink, "awsenv.lua")
    return files


def _install_cmd(environ: Mapping[str, str]) -> str:
    files, found = cmd_files(environ), settings.read(environ)[0]
    for script, path in files.items():
        try:
            system_files.private_directory(os.path.dirname(path))
            text = scripts.script(script, _templates.rendered(scripts.SCRIPTS[script]), found)
            system_files.write_atomic(path, text.encode("ascii"), 0o755)
        except OSError as error:
            raise AwsenvError(f"cannot write {path}: {error.strerror}") from None
    directory = os.path.dirname(files["cmd"])
    on_path = any(part and paths.same(part.strip('"'), directory) for part in environ.get("PATH", "").split(os.pathsep))
    core = installed("awsenv-core")  # which awsenv.cmd calls
    more = f"{os.path.dirname(core)};" if core else ""
    rest = ""
    if more or not on_path:
        first = f"{directory} first{f', then {os.path.dirname(core)}' if core else ''}"
        rest = f'in this window type:\n  set "PATH={directory};{more}%PATH%"\n'
        rest += f"for new windows put {first} in your Path, which this shows:\n  {VARIABLES}\n"
    lua = f"wrote {files['clink']}, for Clink; new windows have it\n" if "clink" in files else ""
    return f"wrote {files['cmd']}\n{rest}{lua}"


COMMAND = Command(
    usage="awsenv install [--shell NAME]",
    description="""
Puts the integration line into the start-up file of this shell, once, between two marker lines; `awsenv uninstall`
takes it out again. For bash also into the file that login shells read, where that does not read ~/.bashrc. The line
loads a copy of the integration script, which is stored with it: a new shell starts no process. For cmd, which has no
start-up file, it writes awsenv.cmd into a directory and says how to use it; for Clink, if that is installed, also a
script into its directory, with the current settings.
""",
    options=OPTIONS,
    max_positionals=0,
    examples="""
  awsenv install
  awsenv install --shell zsh
""",
    run=run,
)
