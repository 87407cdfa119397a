"""The shells under test: one model for scripts, scenarios and terminals."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from support import wine
from support.clock import shifted
from support.environment import PATIENCE, clean_environment
from support.homes import Home
from support.programs import BIN, need, pwsh, unixrun

PROBE = Path(__file__).parent / "probe.py"


@dataclass(frozen=True)
class Output:
    """The output of a script, and its exit code."""

    out: str
    err: str
    code: int


@dataclass(frozen=True)
class Snapshot:
    """What the probe recorded at one point of a script.

    Attributes:
        status: the last status, as the shell writes it.
        environment: the environment of child processes.
        caller: the ARN from STS, or the error; None unless the probe called STS.
    """

    status: str
    environment: dict[str, bytes]
    caller: str | None

    @property
    def failed(self) -> bool:
        return self.status not in ("0", "True")

    @property
    def aws(self) -> dict[str, str]:
        """The AWS and awsenv variables, as text."""
        return {name: value.decode() for name, value in self.environment.items() if name.startswith("AWS")}


@dataclass(frozen=True)
class Shell:
    """A shell, and the lines that the tests run in it.

    Attributes:
        name: its name in the tests, and for `--shell` if awsenv has a shell of that name.
        dialect: the name of the dialect that awsenv writes for it.
        argv: starts it without the user's files; followed by the path of a script, or by `command` and a text.
        evaluate: the documented line that evaluates the output of {command}. In `evaluation`, {printer} is a program that
            prints the snippet whatever its arguments are, and {file} contains the snippet.
        load: the integration line.
        probe: the line that runs {probe} with a {name}, the last status and the {rest}.
        fails: a line that fails; it is run before a snippet is evaluated.
        command: the option that precedes the text of a script.
        interactive: the options of an interactive shell.
        prompt: the line that sets the prompt to `READY> ` and turns off what disturbs the screen.
        suffix: the file name extension of its scripts.
        variables: added to its environment.
    """

    name: str
    dialect: str
    argv: Sequence[str]
    evaluate: str = 'eval "$({command})"'
    load: str = ""
    probe: str = "{probe} {name} $? {rest}"
    fails: str = "false"
    command: str = "-c"
    interactive: Sequence[str] = ("-i",)
    prompt: str = ""
    suffix: str = "sh"
    variables: Mapping[str, str] = field(default_factory=dict)

    def program(self) -> str:
        return need(f"the shell {self.argv[0]}", shutil.which(self.argv[0]))

    def inline(self) -> list[str]:
        """Return the command line that precedes the text of a script."""
        return [self.program(), *self.argv[1:], self.command]

    def at_terminal(self) -> list[str]:
        """Return the command line of an interactive shell."""
        return [self.program(), *self.argv[1:], *self.interactive]

    def run(
        self, script: str, home: Home, *, load: bool = True, argv: Sequence[str] | None = None, **more: str
    ) -> Output:
        """Run a script that is given on the command line, with or without the integration.

        Args:
            script: the text of the script.
            home: the home directory, and the working directory.
            load: whether to load the integration first.
            argv: the command line, instead of `inline`.
            more: variables of the environment.
        """
        done = subprocess.run(
            [*(argv or self.inline()), f"{self.load}\n{script}" if load else script],
            env=home.environment(NO_COLOR="1", **more),
            cwd=home.path,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return Output(done.stdout, done.stderr, done.returncode)

    # --- a scenario: steps in one process, and a snapshot after each ----------------------------------------------------

    def scenario(
        self, directory: Path, steps: list[tuple[str, str]], environment: dict[str, str], *, integrated: bool
    ) -> dict[str, Snapshot]:
        """Run the steps in one shell, and return a snapshot after each of them.

        Args:
            directory: a scratch directory.
            steps: (name, args of awsenv), (name, "") for a snapshot alone, or (name, "@clock OFFSET") to move the clock.
            environment: the environment of the shell.
            integrated: whether to load the integration, or to use the raw lines.
        """
        lines = self.prologue(integrated)
        for name, args in steps:
            offset = args.removeprefix("@clock ") if args.startswith("@") else "-"
            if args and offset == "-":
                lines.append(self.line(args, integrated))
            rest = "-" if offset == "-" else shifted(offset)
            lines.append(self.probe.format(probe=f"{sys.executable} {PROBE}", name=name, rest=rest))
        programs = {"awsenv-core" if integrated else "awsenv": [str(BIN / "awsenv")]}
        snapshots, output = self.record(directory, lines, environment, programs)
        missing = [name for name, _ in steps if name not in snapshots]
        assert not missing, f"{self.name} did not reach {missing}:\n{output.out}\n{output.err}"
        return snapshots

    def prologue(self, integrated: bool) -> list[str]:
        return [self.load] if integrated else []

    def line(self, args: str, integrated: bool) -> str:
        """Return the line that runs `awsenv ARGS`."""
        if integrated or args.startswith("check"):
            return f"awsenv {args}"
        return self.evaluate.format(command=f"awsenv {args}")

    def code(self, code: int, *, integrated: bool) -> str:
        """Return the status of this shell after awsenv has returned that exit code."""
        del integrated
        return str(code)

    # --- a snippet, evaluated by the documented line ---------------------------------------------------------------------

    def evaluation(self, directory: Path, snippet: str, environment: Mapping[str, str]) -> tuple[Snapshot, Output]:
        """Evaluate a snippet right after a command that failed, and check that no value in it runs or writes a file."""
        work, programs_directory, canary = directory / "work", directory / "bin", directory / "canary-ran"
        for path in (work, programs_directory):
            path.mkdir(parents=True, exist_ok=True)
        (directory / "snippet").write_bytes(snippet.encode("utf-8", "surrogateescape"))
        programs = {
            "canary": f": > {shlex.quote(str(canary))}",
            "printer": f"cat {shlex.quote(str(directory / 'snippet'))}",
        }
        for name, script in programs.items():
            (programs_directory / name).write_text(f"#!/bin/sh\n{script}\n")
            (programs_directory / name).chmod(0o755)
        line = self.evaluate.format(
            command=self.command_that_prints(directory / "snippet"),
            file=directory / "snippet",
            printer=programs_directory / "printer",
        )
        lines = [self.fails, line, self.probe.format(probe=f"{sys.executable} {PROBE}", name="after", rest="")]
        base = clean_environment(directory, NO_COLOR="1", **self.variables)
        base["PATH"] = f"{programs_directory}:{base['PATH']}"
        windows_programs = {
            "printer": [str(programs_directory / "printer")],
            "awsenv-core": [str(programs_directory / "printer")],
            "canary": [str(programs_directory / "canary")],
        }
        snapshots, output = self.record(directory, lines, {**base, **environment}, windows_programs)
        assert "after" in snapshots, f"{self.name} did not reach the probe:\n{output.out}\n{output.err}"
        assert not canary.exists(), f"{self.name} ran a part of a value"
        assert not list(work.iterdir()), f"{self.name} wrote a file"
        return snapshots["after"], output

    def command_that_prints(self, file: Path) -> str:
        return f"cat {file}"

    # --- both -----------------------------------------------------------------------------------------------------------

    def record(
        self, directory: Path, lines: Iterable[str], environment: Mapping[str, str], programs: Mapping[str, list[str]]
    ) -> tuple[dict[str, Snapshot], Output]:
        """Run lines as a script in the directory `work`; return the snapshots of its probes, and its output.

        Args:
            directory: a scratch directory.
            lines: the lines of the script.
            environment: the environment of the shell.
            programs: name -> command: the Unix programs that a Windows shell finds.
        """
        seen, work = directory / "seen", directory / "work"
        for path in (seen, work):
            path.mkdir(parents=True, exist_ok=True)
        for path in seen.iterdir():
            path.unlink()
        argv = self.script(directory, list(lines), programs)
        done = subprocess.run(
            argv,
            env=self.adapted({**environment, "SEEN": str(seen)}),
            cwd=work,
            capture_output=True,
            timeout=2 * PATIENCE,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        output = Output(done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"), done.returncode)
        return {path.name: _snapshot(path) for path in seen.iterdir()}, output

    def script(self, directory: Path, lines: list[str], programs: Mapping[str, list[str]]) -> list[str]:
        """Write the lines into a script, and return the command line that runs it."""
        del programs
        script = directory / f"script.{self.suffix}"
        script.write_text("\n".join(lines) + "\n")
        return [self.program(), *self.argv[1:], str(script)]

    def adapted(self, environment: dict[str, str]) -> dict[str, str]:
        return environment


def _snapshot(path: Path) -> Snapshot:
    record = json.loads(path.read_text())
    environment = {name: value.encode("latin-1") for name, value in record["environment"].items()}
    return Snapshot(record["status"], environment, record["caller"])


@dataclass(frozen=True)
class PowerShell(Shell):
    """PowerShell. Its scripts store the result of a line in $ok, as `throw` would end them."""

    def program(self) -> str:
        return pwsh()

    def script(self, directory: Path, lines: list[str], programs: Mapping[str, list[str]]) -> list[str]:
        program, *options, script = super().script(directory, lines, programs)
        return [program, *options, "-File", script]

    def prologue(self, integrated: bool) -> list[str]:
        return ["Set-StrictMode -Version Latest; $ok = 0", *super().prologue(integrated)]

    def line(self, args: str, integrated: bool) -> str:
        if integrated or args.startswith("check"):
            return f"awsenv {args}; $ok = $LASTEXITCODE"
        return super().line(args, integrated)


@dataclass(frozen=True)
class Cmd(Shell):
    """wine's cmd. unixrun.exe starts the Unix programs, also as the awsenv-core.exe of the real awsenv.cmd."""

    def program(self) -> str:
        return need("cmd (wine)", shutil.which("wine"), "cmd")

    def code(self, code: int, *, integrated: bool) -> str:
        """In wine 8 the `call` of a script returns 1 for any code but 0; tests/test_cmd.py checks the real codes."""
        return str(min(code, 1)) if integrated else str(code)

    def line(self, args: str, integrated: bool) -> str:
        return f"call awsenv.cmd {args}" if integrated else super().line(args, integrated)

    def command_that_prints(self, file: Path) -> str:
        del file
        return "printer"

    def prologue(self, integrated: bool) -> list[str]:
        del integrated
        return ['set "LD_PRELOAD=%CLOCK_LD_PRELOAD%"']

    def record(
        self, directory: Path, lines: Iterable[str], environment: Mapping[str, str], programs: Mapping[str, list[str]]
    ) -> tuple[dict[str, Snapshot], Output]:
        """Try again if wine 8 itself has crashed, which happens once in some hundred starts."""
        lines = list(lines)
        for _ in range(3):
            snapshots, output = super().record(directory, lines, environment, programs)
            if "wine: Unhandled page fault" not in output.err:
                break
        return snapshots, output

    def script(self, directory: Path, lines: list[str], programs: Mapping[str, list[str]]) -> list[str]:
        wine.put_programs(directory / "bin", unixrun(), {**programs, "probe": [sys.executable, str(PROBE)]})
        first = ["@echo off", *self.argv, 'set "PATH=%~dp0;%PATH%"']
        text = "\r\n".join([*first, *(again for line in lines for again in _twice(line)), ""])
        (directory / "bin" / "script.cmd").write_bytes(text.encode())
        return [self.program(), "cmd", "/c", "..\\bin\\script.cmd"]

    def adapted(self, environment: dict[str, str]) -> dict[str, str]:
        """Keep the moved clock from wine itself; the script passes it to the Unix programs."""
        return environment | {"CLOCK_LD_PRELOAD": environment.pop("LD_PRELOAD", "")} | wine.environment()


def _twice(line: str) -> list[str]:
    """Run a probe again if it left no record: on a busy machine wine 8 sometimes does not find an existing program."""
    if not line.startswith("probe "):
        return [line]
    _, name, code, *rest = line.split()
    again = " ".join(["probe", name, "%CODE%", *rest])
    return [f"set CODE={code}", again, f"if not exist ..\\seen\\{name} {again}"]


def tried(line: str) -> str:
    """Wrap a line of PowerShell so that it stores its result in $ok."""
    return f"$ok = $true; try {{{{ {line}; $ok = $? }}}} catch {{{{ $ok = $false }}}}"


BASH = Shell(
    "bash",
    "bash",
    ["bash", "--noprofile", "--norc"],
    load='eval "$(awsenv init bash)"',
    prompt="PS1='READY> '; bind 'set enable-bracketed-paste off'",
)
ZSH = Shell(
    "zsh",
    "zsh",
    ["zsh", "-f"],
    load='eval "$(awsenv init zsh)"',
    prompt="PROMPT='READY> '; unsetopt zle prompt_cr prompt_sp",
)
FISH = Shell(
    "fish",
    "fish",
    ["fish", "--no-config"],
    evaluate="{command} | source",
    load="awsenv init fish | source",
    probe="{probe} {name} $status {rest}",
    prompt="function fish_prompt; echo -n 'READY> '; end",
)
DASH = Shell("dash", "sh", ["dash"])
POWERSHELL = PowerShell(
    "powershell",
    "powershell",
    ["pwsh", "-NoProfile"],
    evaluate=tried("{command} | Out-String | Invoke-Expression"),
    load="awsenv init powershell | Out-String | Invoke-Expression",
    probe="& {probe} {name} $ok {rest}",
    fails="Get-Item nowhere -ErrorAction Ignore",
    command="-Command",
    interactive=("-Interactive",),
    prompt="function prompt { 'READY> ' }",
    suffix="ps1",
)
CMD = Cmd(
    "cmd",
    "cmd",
    [],
    evaluate='for /f "delims=" %%i in (\'{command}\') do @set "%%i"',
    probe="probe {name} %ERRORLEVEL% {rest}",
    fails="rem",
)

SHELLS = {shell.name: shell for shell in (BASH, ZSH, FISH, DASH, POWERSHELL, CMD)}
#: The shells with an interactive integration: a prompt and completion.
INTERACTIVE = ("bash", "zsh", "fish", "powershell")
POSIX = ("bash", "zsh")
#: Their integration lines.
LOAD = {name: SHELLS[name].load for name in INTERACTIVE}


def run(
    shell: str, script: str, home: Home, *, load: bool = True, argv: Sequence[str] | None = None, **more: str
) -> Output:
    """Run a script in a shell, as `Shell.run` does."""
    return SHELLS[shell].run(script, home, load=load, argv=argv, **more)


every_shell = pytest.mark.parametrize("shell", [BASH, ZSH, FISH, POWERSHELL, CMD], ids=lambda shell: shell.name)
