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
from awsenv.integration import cmd_files, rc_file, script_copy, scripts
from awsenv.program import installed
from awsenv.result import Result, printable
from awsenv.system.installer import installed_by

CHOICES = dialects.listed([*dialects.INTEGRATED])
OPTIONS: Options = {"--shell": ("NAME", f"for this shell: {CHOICES}; else it is detected")}


def run(args: Args, environ: Mapping[str, str], now: int) -> Result:
    """Add the line, and return what was done and how the open shell can load it."""
    del now
    shell = scripts.shell_of(args.get("--shell") or dialects.detect(environ))
    if not dialects.is_hooked(shell):
        return Result(out=_install_cmd(environ))
    path, changed = rc_file.add(shell, environ)
    login = rc_file.add_for_login(shell, environ)
    with suppress(OSError, ValueError):  # otherwise each new shell starts the program
        script_copy.store(shell, _templates.rendered(scripts.SCRIPTS[shell]), environ)
    done = "the integration line is now in" if changed else "the integration line is already in"
    also = f"and in {printable(login[0])}, as login shells read that instead\n" if login else ""
    activate = dialects.load_hooked(shell).activate()
    then = f"new shells have it; in this one type: {activate}\nto upgrade awsenv: {installed_by().upgrade}\n"
    tab = _compinit(path) if shell == "zsh" else ""
    return Result(out=f"{done} {printable(path)}\n{also}{tab}{then}")


def _compinit(path: str) -> str:
    """Return how to enable zsh's completion; "" if the start-up file runs compinit, or loads what may run it."""
    text = paths.read_regular(path) or b""
    if re.search(rb"compinit|^\s*(source|\.|zinit|zplug|antigen|antidote) ", text, re.MULTILINE):
        return ""
    return f"if TAB completes file names only, put this into {printable(path)}: autoload -Uz compinit && compinit\n"


def _install_cmd(environ: Mapping[str, str]) -> str:
    """Write the files of cmd, and return how to use them."""
    files, found = cmd_files.paths_of(environ), settings.read(environ)[0]
    for script, path in files.items():
        cmd_files.write(path, scripts.script(script, _templates.rendered(scripts.SCRIPTS[script]), found))
    directory = os.path.dirname(files["cmd"])
    on_path = any(part and paths.same(part.strip('"'), directory) for part in environ.get("PATH", "").split(os.pathsep))
    core = installed("awsenv-core")  # which awsenv.cmd calls
    needed = [directory, os.path.dirname(core)] if core else [directory]
    rest = ""
    if core or not on_path:
        rest = f'in this window type:\n  set "PATH={";".join(needed)};%PATH%"\n'
        order = ", then ".join([f"{directory} first", *needed[1:]])
        rest += f"for new windows put {order} in your Path, which this shows:\n  {cmd_files.EDIT_PATH}\n"
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
