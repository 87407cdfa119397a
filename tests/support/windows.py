"""A real Windows Python under wine, with awsenv installed as a user installs it, and a process in it that runs commands:
starting wine takes longer than most of them.

AWSENV_TEST_WINPYTHON names a script that makes a Windows Python in a directory, or such a directory, with `python.exe`,
`wpython` (the same as a Linux command), `Lib`, `Scripts` and the wine prefix `prefix`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from filelock import FileLock

from support.clock import Clock
from support.environment import USERS_HOME
from support.homes import CONFIG, AwsPaths
from support.programs import need
from support.sts import Sts

ROOT = Path(__file__).resolve().parents[2]
WINE = "/usr/lib/wine/wine64"  # without the warning of /usr/bin/wine about missing 32-bit support

#: The user of Windows: the name is part of every path.
USER = "Jürgen Müller"

#: Prints the AWS identity of a process. botocore alone: boto3 takes as long again.
WHO = (
    "import botocore.session; "
    "print(botocore.session.Session().create_client('sts', 'us-east-1').get_caller_identity()['Arn'])"
)

# The process on Windows: it reads one JSON object per connection, and answers with another.
AGENT = """
import base64, json, os, socketserver, subprocess, sys

class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        request = json.loads(self.rfile.readline())
        environment = {**BASE, **request["environment"]}
        environment = {name: value for name, value in environment.items() if value is not None}
        try:
            done = subprocess.run(request["args"], env=environment, cwd=request["cwd"], input=b"", capture_output=True, timeout=120)
            answer = [done.returncode, done.stdout, done.stderr]
        except (OSError, subprocess.SubprocessError) as error:
            answer = [-1, b"", repr(error).encode()]
        out, err = (base64.b64encode(part).decode() for part in answer[1:])
        self.wfile.write(json.dumps([answer[0], out, err]).encode() + b"\\n")

class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

BASE = {name: value for name, value in os.environ.items() if not name.startswith(("AWS", "PYTHON", "LD_", "FAKETIME"))}
with Server(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], flush=True)
    import threading
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
"""

# A Linux command that has the process on Windows run awsenv.exe.
WRAPPER = """\
#!{python}
import base64, json, os, socket, sys
args = [{program!r}, *sys.argv[1:]]
environment = {environment!r} | {{name: value for name, value in os.environ.items() if name.startswith("AWS")}}
with socket.create_connection(("127.0.0.1", {port})) as one:
    request = {{"args": args, "environment": environment, "cwd": {cwd!r}}}
    one.sendall(json.dumps(request).encode() + b"\\n")
    code, out, err = json.loads(one.makefile().read())
sys.stdout.buffer.write(base64.b64decode(out))
sys.stdout.flush()
sys.stderr.buffer.write(base64.b64decode(err))
sys.stderr.flush()
os._exit(code & 0xFF)
"""


def windows_path(path: Path | str) -> str:
    """The Windows form of a Linux path."""
    return "Z:" + str(path).replace("/", "\\")


@dataclass
class Done:
    """The result of a command."""

    code: int
    out: str
    err: str
    raw: bytes = field(repr=False)

    def json(self) -> dict[str, str]:
        assert self.code == 0, self.err
        answer: dict[str, str] = json.loads(self.out)
        return answer


def assignments(done: Done) -> dict[str, str | None]:
    """The variables that a snippet for cmd sets; None for those it unsets."""
    assert done.code == 0, done.err
    assert b"\r" not in done.raw
    return {name: value or None for name, _, value in (line.partition("=") for line in done.out.splitlines())}


@dataclass
class Windows:
    """A Windows Python with awsenv, installed as by a user."""

    directory: Path
    clock: Clock | None = None
    port: int = 0
    own_prefix: Path | None = None

    @property
    def prefix(self) -> Path:
        """The wine prefix: C: and the registry."""
        return self.own_prefix or self.directory / "prefix"

    @property
    def drive(self) -> Path:
        """C:"""
        return self.prefix / "drive_c"

    @property
    def python(self) -> str:
        return windows_path(self.directory / "python.exe")

    @property
    def awsenv(self) -> str:
        return windows_path(self.directory / "Scripts" / "awsenv.exe")

    @property
    def wine(self) -> dict[str, str]:
        """The environment of wine itself."""
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.directory),
            "USER": USER,
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm",
            "WINEPREFIX": str(self.prefix),
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=",
            **(self.clock.environment if self.clock else {}),
            "FAKETIME_NO_CACHE": "0",  # wine reads the clock all the time; a command reads the offset once, at its start
        }

    def run(self, *args: str, line: str = "", cwd: str, **more: str | None) -> Done:
        """Run a command, or a whole command `line`, as cmd needs it."""
        request = {"args": line or args, "environment": more, "cwd": cwd}
        with socket.create_connection(("127.0.0.1", self.port), timeout=150) as one:
            one.sendall(json.dumps(request).encode() + b"\n")
            code, *parts = json.loads(one.makefile().read())
        out, err = map(base64.b64decode, parts)
        return Done(code, out.decode("utf-8", "backslashreplace"), err.decode("utf-8", "backslashreplace"), out)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the process that runs commands."""
        agent = subprocess.Popen(
            [WINE, self.python, "-c", AGENT],
            env=self.wine, cwd=self.drive, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert agent.stdout is not None
        answer = agent.stdout.readline()
        if not answer.strip().isdigit():
            pytest.fail(f"the Windows Python does not start: {answer!r} {agent.stderr and agent.stderr.read()!r}")
        self.port = int(answer)
        return agent


@dataclass
class WindowsHome(AwsPaths):
    """The home of a Windows user, with an ordinary AWS setup."""

    windows: Windows
    name: str
    sts: Sts

    @property
    def path(self) -> Path:
        return self.windows.drive / "users" / USER / self.name

    @property
    def shown(self) -> str:
        """Its Windows path."""
        return f"C:\\users\\{USER}\\{self.name}"

    def prepare(self) -> WindowsHome:
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(CONFIG, newline="\r\n")
        keys = f"[user1]\naws_access_key_id = {self.sts.key_id}\naws_secret_access_key = {self.sts.secret}\n"
        self.credentials.write_text(keys, newline="\r\n")
        return self

    def environment(self, **more: str | None) -> dict[str, str | None]:
        directory = self.windows.directory
        path = ";".join(
            [windows_path(directory / "Scripts"), windows_path(directory), r"C:\windows\system32", r"C:\windows"]
        )
        return {
            "USERPROFILE": self.shown,
            "LOCALAPPDATA": f"{self.shown}\\AppData\\Local",
            "PATH": path,
            "AWS_ENDPOINT_URL": self.sts.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            **more,
        }

    def run(self, *args: str, line: str = "", **more: str | None) -> Done:
        return self.windows.run(*args, line=line, cwd=self.shown, **self.environment(**more))

    def awsenv(self, *args: str, **more: str | None) -> Done:
        return self.run(self.windows.awsenv, *args, **more)

    def python(self, code: str, *args: str, **more: str | None) -> Done:
        return self.run(self.windows.python, "-c", code, *args, **more)

    def script(self, *lines: str, name: str = "try.cmd", **more: str | None) -> Done:
        """Run a script by cmd."""
        text = "".join(f"{line}\r\n" for line in ("@echo off", *lines))
        (self.path / name).write_bytes(text.encode("ascii"))
        return self.run(line=f"cmd.exe /d /c {name}", **more)

    def wrapper(self, directory: Path) -> Path:
        """Write a Linux command that runs awsenv.exe."""
        made = directory / "awsenv"
        made.write_text(
            WRAPPER.format(
                python=sys.executable, program=self.windows.awsenv, port=self.windows.port, cwd=self.shown,
                environment=self.environment(),
            )
        )  # fmt: skip
        made.chmod(0o755)
        return made


# --- installation --------------------------------------------------------------------------------------------------------


def _dependencies() -> list[str]:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r"^dependencies = \[(.*?)^\]", text, re.M | re.S)
    assert found
    return re.findall(r'"([^"]+)"', found[1])


def _pip(*args: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", *args]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"HOME": USERS_HOME})
    if done.returncode != 0:
        pytest.fail(f"{' '.join(command)}: {done.stderr}")


def _base(source: Path) -> Path:
    """Return a Windows Python with the dependencies of awsenv; it is made once per environment of the tests."""
    inputs = [str(source), str(source.stat().st_mtime), *_dependencies(), Path(__file__).read_text(encoding="utf-8")]
    parent = Path(sys.prefix) / "windows"
    made = parent / hashlib.sha256("\n".join(inputs).encode()).hexdigest()[:16]
    parent.mkdir(exist_ok=True)
    with FileLock(parent / "lock"):
        if (made / ".done").exists():
            return made
        for older in parent.iterdir():
            shutil.rmtree(older, ignore_errors=True)
        if source.is_dir():
            shutil.copytree(source, made, symlinks=True)
        else:
            done = subprocess.run(
                [source, made], capture_output=True, text=True, check=False, env=os.environ | {"HOME": USERS_HOME}
            )
            if done.returncode != 0:
                pytest.fail(f"{source} {made}: {done.stderr}")
        packages = made / "Lib" / "site-packages"
        _pip(
            "install", "--platform", "win_amd64", "--python-version", "3.11", "--implementation", "cp",
            "--only-binary=:all:", "--upgrade", "--target", str(packages), *_dependencies(),
        )  # fmt: skip
        shutil.rmtree(packages / "bin", ignore_errors=True)
        windows = Windows(made)
        compiling = ["-c", "import compileall, sys; compileall.compile_dir(sys.argv[1], quiet=2)"]
        host = sys.executable if sys.version_info[:2] == (3, 11) else WINE  # the same bytecode, eight times as fast
        if host == WINE:
            compiling.insert(0, windows.python)
        subprocess.run([host, *compiling, str(made / "Lib")], env=windows.wine, stdin=subprocess.DEVNULL, check=False)
        _pipes(windows, "-c", "pass")  # makes the user
        for path in (windows.drive / "users").rglob("*"):
            if path.is_symlink():  # wine links Documents and others to the home of the user who runs the tests
                path.unlink()
                path.mkdir()
        (made / ".done").touch()
    return made


def _pipes(windows: Windows, *args: str) -> subprocess.CompletedProcess[bytes]:
    """Run the Windows Python with pipes: it does not start with a Linux file as stdout or stderr."""
    return subprocess.run(
        [WINE, windows.python, *args], env=windows.wine, stdin=subprocess.DEVNULL, capture_output=True, check=False
    )


def _install(directory: Path) -> None:
    """Install awsenv with the Windows pip, which makes awsenv.exe and awsenv-core.exe."""
    with tempfile.TemporaryDirectory() as wheels:
        _pip("wheel", "--no-deps", "--no-build-isolation", "-w", wheels, str(ROOT))
        [wheel] = Path(wheels).glob("*.whl")
        windows = Windows(directory)
        args = ["-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-warn-script-location", "--no-index"]
        done = subprocess.run(
            [WINE, windows.python, *args, "--no-deps", "--force-reinstall", windows_path(wheel)],
            env=windows.wine, stdin=subprocess.DEVNULL, capture_output=True, check=False,
        )  # fmt: skip
    if done.returncode != 0 or not (directory / "Scripts" / "awsenv.exe").exists():
        pytest.fail(f"pip on Windows: {done.stdout!r} {done.stderr!r}")


@pytest.fixture(scope="session")
def windows_installation(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The directory of the Windows Python of this run; all workers share it."""
    named = need("a Windows Python (AWSENV_TEST_WINPYTHON)", os.environ.get("AWSENV_TEST_WINPYTHON"), "winpython")
    need("wine, for a Windows Python", WINE, "winpython")
    if not Path(named).is_dir():
        need("gcc for Windows, to make a Windows Python", "x86_64-w64-mingw32-gcc", "winpython")
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    directory = shared / "windows"
    with FileLock(shared / "windows.lock"):
        if not (directory / ".installed").exists():
            subprocess.run(["cp", "-a", "--reflink=auto", _base(Path(named).resolve()), directory], check=True)
            _install(directory)
            (directory / ".installed").touch()
    return directory


@pytest.fixture(scope="session")
def windows_prefix(windows_installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """C: and a registry for the tests of one worker."""
    prefix = tmp_path_factory.mktemp("windows") / "prefix"
    subprocess.run(["cp", "-a", "--reflink=auto", windows_installation / "prefix", prefix], check=True)
    return prefix


@pytest.fixture(scope="session")
def windows(windows_installation: Path, windows_prefix: Path) -> Iterator[Windows]:
    """The installation, and one process on it that runs commands."""
    with _running(Windows(windows_installation, own_prefix=windows_prefix)) as made:
        yield made


@pytest.fixture(scope="module")
def windows_with_clock(windows_installation: Path, windows_prefix: Path, sts: Sts) -> Iterator[Windows]:
    """The same with the clock of STS, for one test module: it takes a third longer."""
    with _running(Windows(windows_installation, sts.clock or Clock(Path()), own_prefix=windows_prefix)) as made:
        yield made


@contextmanager
def _running(made: Windows) -> Iterator[Windows]:
    agent = made.start()
    try:
        yield made
    finally:
        assert agent.stdin is not None
        agent.stdin.close()
        try:
            agent.wait(10)
        except subprocess.TimeoutExpired:
            agent.kill()


@pytest.fixture(scope="module")
def windows_home(windows: Windows, sts: Sts, request: pytest.FixtureRequest) -> WindowsHome:
    """A home for one test module."""
    return home_of(windows, sts, request)


def home_of(windows: Windows, sts: Sts, request: pytest.FixtureRequest) -> WindowsHome:
    """A home with a name of its own."""
    return WindowsHome(windows, request.module.__name__.replace("test_windows_", "") + " ü", sts).prepare()
