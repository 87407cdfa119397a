"""The five shells as the tests see them: how each is started, and how each writes the lines of one scenario."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from conftest import BIN, need, shifted

HERE = Path(__file__).parent
WITNESS = HERE / "witness.py"


@dataclass
class Seen:
    """What the witness saw at one point of a script: the shell's last status and the environment of its children."""

    status: str
    environment: dict[str, str]
    caller: str | None

    @property
    def failed(self) -> bool:
        return self.status not in ("0", "True")


@dataclass
class Shell:
    """A shell, and its words for the lines of a scenario.

    In the templates, {words} are awsenv's words and {name} names a point.
    """

    name: str
    raw: str
    integrate: str
    witness: str
    check: str = "awsenv {words}"
    integrated: str = "awsenv {words}"
    prologue: str = ""

    def code(self, code: int, way: str) -> str:
        """How an exit code of awsenv shows as this shell's status."""
        del way
        return str(code)

    def program(self) -> list[str]:
        return [need(f"the shell {self.name}", shutil.which(self.name))]

    def write(self, folder: Path, lines: list[str]) -> list[str]:
        script = folder / "script"
        script.write_text("\n".join(lines) + "\n")
        return [str(script)]

    def run(
        self, folder: Path, steps: list[tuple[str, str]], environment: dict[str, str], *, integrated: bool
    ) -> dict[str, Seen]:
        """Run the steps in one shell; what the witness saw after each step that has a name.

        Args:
            folder: a scratch folder.
            steps: (name, words of awsenv), or (name, "@clock OFFSET") to move the clock.
            environment: of the shell.
            integrated: whether the integration is loaded, or the raw lines are used.
        """
        program = self.program()
        folder.mkdir(parents=True, exist_ok=True)
        out = folder / "seen"
        out.mkdir()
        lines = [self.prologue] if self.prologue else []
        if integrated and self.integrate:
            lines.append(self.integrate)
        for name, words in steps:
            if words.startswith("check"):
                lines.append((self.integrated if integrated else self.check).format(words=words))
            elif words and not words.startswith("@"):
                lines.append((self.integrated if integrated else self.raw).format(words=words))
            clock = shifted(words.removeprefix("@clock ")) if words.startswith("@") else "-"
            lines.append(self.witness.format(name=name, clock=clock))
        done = self.start([*program, *self.write(folder, lines)], self.adapt(environment, folder), folder)
        seen = {path.name: Seen(**json.loads(path.read_text())) for path in out.iterdir()}
        missing = [name for name, _ in steps if name not in seen]
        assert not missing, f"{self.name} did not come to {missing}:\n{done.stdout}\n{done.stderr}"
        return seen

    def adapt(self, environment: dict[str, str], folder: Path) -> dict[str, str]:
        return environment | {"WITNESS": f"{sys.executable} {WITNESS}", "SEEN": str(folder / "seen")}

    def start(self, command: list[str], environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            env=environment,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=180,
            stdin=subprocess.DEVNULL,
            check=False,
        )


@dataclass
class PowerShell(Shell):
    def program(self) -> list[str]:
        named = os.environ.get("AWSENV_TEST_PWSH") or shutil.which("pwsh")
        return [need("PowerShell (AWSENV_TEST_PWSH or pwsh)", named), "-NoProfile", "-File"]

    def write(self, folder: Path, lines: list[str]) -> list[str]:
        script = folder / "script.ps1"
        script.write_text("\n".join(lines) + "\n")
        return [str(script)]


@dataclass
class Cmd(Shell):
    """wine's cmd; the Unix awsenv is reached through unixrun.exe, as awsenv.exe or behind the real awsenv.cmd."""

    def code(self, code: int, way: str) -> str:
        """In wine 8 a `call` of a script gives 1 for whatever is not 0; tests/test_cmd.py sees the real codes."""
        return str(min(code, 1)) if way == "integrated" else str(code)

    def program(self) -> list[str]:
        need("cmd (unixrun.exe, AWSENV_TEST_UNIXRUN)", os.environ.get("AWSENV_TEST_UNIXRUN"))
        return [need("cmd (wine)", shutil.which("wine")), "cmd", "/c"]

    def write(self, folder: Path, lines: list[str]) -> list[str]:
        raw = not any("rem integrated" in line for line in lines)
        unixrun = os.environ["AWSENV_TEST_UNIXRUN"]
        programs = {"witness": f"{sys.executable}\n{WITNESS}\n"}
        programs["awsenv" if raw else "awsenv-core"] = f"{BIN / 'awsenv'}\n"
        for name, target in programs.items():
            shutil.copy(unixrun, folder / f"{name}.exe")
            (folder / f"{name}.unix").write_text(target)
        if not raw:
            made = subprocess.run([BIN / "awsenv", "init", "cmd"], capture_output=True, check=True)
            (folder / "awsenv.cmd").write_bytes(made.stdout)
        lines = [again for line in lines for again in self._twice(line)]
        (folder / "script.cmd").write_bytes("\r\n".join(["@echo off", *lines, ""]).encode())
        return ["script.cmd"]

    def _twice(self, line: str) -> list[str]:
        """On a busy machine wine 8 now and then finds a program not, that it found before and finds afterwards."""
        if not line.startswith("witness "):
            return [line]
        _, name, code, clock = line.split()
        return [
            f"set CODE={code}",
            f"witness {name} %CODE% {clock}",
            f"if not exist seen\\{name} {line}".replace(code, "%CODE%"),
        ]

    def adapt(self, environment: dict[str, str], folder: Path) -> dict[str, str]:
        adapted = super().adapt(environment, folder)
        # wine itself must not run under another clock; the script hands these to the Unix programs
        for name in ("LD_PRELOAD",):
            adapted[f"CLOCK_{name}"] = adapted.pop(name, "")
        return adapted | wine_environment()


@cache
def wine_environment() -> dict[str, str]:
    """What wine needs: a prefix of its own, which takes a while to make, and silence."""
    prefix = os.environ.get("AWSENV_TEST_WINEPREFIX")
    if prefix is None:
        prefix = tempfile.mkdtemp(prefix="awsenv-wine-")
        atexit.register(shutil.rmtree, prefix, ignore_errors=True)
    found = {"WINEPREFIX": prefix, "WINEDEBUG": "-all", "DISPLAY": ""}
    if shutil.which("wine"):
        subprocess.run(
            ["wine", "cmd", "/c", "exit"], env=os.environ | found, capture_output=True, timeout=300, check=False
        )
    return found


SHELLS = [
    Shell(
        "bash",
        raw='eval "$(awsenv {words})"',
        integrate='eval "$(awsenv init bash)"',
        witness="$WITNESS {name} $? {clock}",
    ),
    Shell(
        "zsh",
        raw='eval "$(awsenv {words})"',
        integrate='eval "$(awsenv init zsh)"',
        witness="${{=WITNESS}} {name} $? {clock}",
    ),
    Shell(
        "fish",
        raw="awsenv {words} | source",
        integrate="awsenv init fish | source",
        witness="set code $status; eval $WITNESS {name} $code {clock}",
    ),
    PowerShell(
        "powershell",
        raw="$ok = $true; try {{ awsenv {words} | Out-String | Invoke-Expression; $ok = $? }} catch {{ $ok = $false }}",
        integrate="awsenv init powershell | Out-String | Invoke-Expression",
        check="awsenv {words}; $ok = $LASTEXITCODE",
        integrated="awsenv {words}; $ok = $LASTEXITCODE",
        witness="& ($env:WITNESS -split ' ')[0] ($env:WITNESS -split ' ')[1] {name} $ok {clock}",
        prologue="Set-StrictMode -Version Latest; $ok = 0",
    ),
    Cmd(
        "cmd",
        raw='for /f "delims=" %%i in (\'awsenv {words}\') do @set "%%i"',
        integrate="rem integrated",
        integrated="call awsenv.cmd {words}",
        witness="witness {name} %ERRORLEVEL% {clock}",
        prologue='set "LD_PRELOAD=%CLOCK_LD_PRELOAD%"',
    ),
]

every_shell = pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell.name)
