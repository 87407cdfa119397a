"""--persist: credentials that outlive the shell, in the Windows environment of the user; clearing them, and those of fish."""

from __future__ import annotations

import shutil
import subprocess
import sys
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import wine
from support.environment import clean_environment
from support.homes import Home
from support.programs import BIN, need

from awsenv import args, environment
from awsenv.commands import assume, clear, refresh
from awsenv.result import AwsenvError, Result
from awsenv.system import user_environment

NOW = 1795374000
EXPIRES = 1795376367
OURS = {
    "AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH",
    "AWS_SECRET_ACCESS_KEY": "s3cret",
    "AWS_SESSION_TOKEN": "t0ken==",
    "AWS_CREDENTIAL_EXPIRATION": "2026-11-22T19:39:27Z",
    "AWSENV_PROFILE": "project1",
    "AWSENV_KEY": "OPASDFGH",
    "AWSENV_EXPIRATION": str(EXPIRES),
}


# --- a registry -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def prefix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A separate wine prefix with the files of the other tests, since all programs inherit the variables in its registry."""
    need("the registry (wine)", shutil.which("wine"), "cmd")
    environ = wine.environment()
    original, own = Path(environ["WINEPREFIX"]), tmp_path_factory.mktemp("wine")
    (own / "dosdevices").mkdir()
    (own / "dosdevices" / "c:").symlink_to(original / "drive_c")
    (own / "dosdevices" / "z:").symlink_to("/")
    for file in [*original.glob("*.reg"), original / ".update-timestamp"]:
        shutil.copy(file, own)
    environ = clean_environment(own) | environ | {"WINEPREFIX": str(own)}
    # wine's services run as long as one of its programs, and would keep open the pipe of the program that started them
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    context = {"env": environ, "cwd": own}
    with subprocess.Popen(["wine", "cmd"], stdin=subprocess.PIPE, **quiet, **context) as first:
        try:
            subprocess.run(["wine", "cmd", "/c", "exit"], check=False, stdin=subprocess.DEVNULL, **quiet, **context)
            yield environ
        finally:
            first.kill()


@dataclass
class Registry:
    """HKEY_CURRENT_USER\\Environment of a real registry, wine's, and cmd, which inherits it.

    `module` has the part of Python's winreg that awsenv uses, implemented by reg.exe.
    """

    environ: dict[str, str]
    directory: Path
    notified: int = 0
    refuses: str | None = None

    KEY = "HKEY_CURRENT_USER\\Environment"

    def wine(self, *command: str) -> str:
        for _ in range(3):  # on a busy machine wine 8 sometimes crashes, or does not find an existing program
            done = subprocess.run(
                ["wine", *command],
                env=self.environ, cwd=self.directory, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, timeout=120, check=False,
            )  # fmt: skip
            if done.returncode == 0:
                break
        return done.stdout

    def all(self) -> dict[str, str]:
        rows = [line.strip().split("    ", 2) for line in self.wine("reg", "query", self.KEY).splitlines()]
        return {row[0]: row[2] if len(row) > 2 else "" for row in rows if len(row) > 1}

    def values(self) -> dict[str, str]:
        """The variables of awsenv's table."""
        return {name: value for name, value in self.all().items() if name.upper() in environment.TABLE}

    def put(self, values: Mapping[str, str | None]) -> None:
        """Set values as setx does; None removes one."""
        if not values:
            return
        written = {name: "-" if value is None else f'"{value}"' for name, value in values.items()}
        lines = ["Windows Registry Editor Version 5.00", "", f"[{self.KEY}]"]
        lines += [f'"{name}"={value}' for name, value in written.items()]
        (self.directory / "change.reg").write_bytes("".join(f"{line}\r\n" for line in lines).encode("utf-16"))
        self.wine("reg", "import", "change.reg")

    def inherited(self) -> dict[str, str]:
        """The environment of a new window."""
        lines = self.wine("cmd", "/c", "set AWS").splitlines()
        variables = dict(line.split("=", 1) for line in lines)
        return {name: value for name, value in variables.items() if name in environment.TABLE}

    @property
    def module(self) -> types.ModuleType:
        """https://docs.python.org/3/library/winreg.html"""
        made = types.ModuleType("winreg")

        @contextmanager
        def create_key(root: object, name: str, reserved: int, access: str) -> Iterator[dict[str, str | None]]:
            assert (root, name, reserved) == ("HKCU", "Environment", 0)
            if self.refuses == access:
                raise PermissionError(13, "Access is denied")
            key: dict[str, str | None] = dict(self.all()) if access == "read" else {}
            try:
                yield key
            finally:
                self.put(key if access == "write" else {})

        def set_value(key: dict[str, str | None], name: str, reserved: int, kind: str, value: str) -> None:
            assert (reserved, kind) == (0, "REG_SZ")
            if self.refuses == name:
                raise OSError(1450, "Insufficient system resources")
            key[name] = value

        vars(made).update(
            HKEY_CURRENT_USER="HKCU", KEY_READ="read", KEY_SET_VALUE="write", REG_SZ="REG_SZ",
            CreateKeyEx=create_key, SetValueEx=set_value,
            DeleteValue=lambda key, name: key.update({name: None}),
            EnumValue=lambda key, index: (*list(key.items())[index], 1),
            QueryInfoKey=lambda key: (0, len(key), 0),
        )  # fmt: skip
        return made


@pytest.fixture
def registry(prefix: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    made = Registry(prefix, tmp_path)
    monkeypatch.setitem(sys.modules, "winreg", made.module)

    def notify() -> None:
        made.notified += 1

    monkeypatch.setattr(user_environment, "_notify_desktop", notify)
    yield made
    made.put(dict.fromkeys(made.values()))


@pytest.fixture
def own_environment(home: Home, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of this process, which botocore reads."""
    environ = home.environment()
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return environ


def run(command: types.ModuleType, line: str, environ: dict[str, str], now: int = NOW) -> Result:
    name = command.__name__.rpartition(".")[2]
    verb: args.Command = command.COMMAND
    return verb.run(args.parse(name, line.split(), verb.options, verb.max_positionals), environ, now)


# --- assume -----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_new_window_has_what_assume_persisted(registry: Registry, own_environment: dict[str, str]) -> None:
    registry.put({"AWS_SECURITY_TOKEN": "old"})
    result = run(assume, "project1 --persist", own_environment)
    assert result.change is not None
    set_here = {name: value for name, value in result.change.items() if value is not None}
    assert registry.inherited() == set_here
    assert set_here["AWSENV_PROFILE"] == "project1"
    assert registry.notified == 1
    for part in (
        set_here["AWS_CREDENTIAL_EXPIRATION"],
        "every window and program that you open from now on has these credentials",
        "open ones do not",
        "clear --persist",
    ):
        assert part in result.report
    assert not [value for name, value in set_here.items() if name in environment.SECRETS and value in result.report]


@pytest.mark.slow
def test_clear_restores_the_persistent_variables_that_assume_displaced(
    registry: Registry, own_environment: dict[str, str]
) -> None:
    """The values of the shell and of the account are restored separately."""
    registry.put({"AWS_PROFILE": "accounts own"})
    registry.put({"AWS_DEFAULT_REGION": "us-west-2"})
    here = own_environment | {"AWS_PROFILE": "user1"}
    change = run(assume, "project1 --persist", here).change
    assert change is not None
    assert "AWS_PROFILE" not in registry.values()
    assert registry.values()["AWSENV_PREVIOUS_AWS_PROFILE"] == "accounts own"
    now = {name: value for name, value in {**here, **change}.items() if value is not None}
    change = run(clear, "--persist", now).change
    assert change is not None and change["AWS_PROFILE"] == "user1"
    assert registry.values() == {"AWS_PROFILE": "accounts own", "AWS_DEFAULT_REGION": "us-west-2"}


@pytest.mark.slow
def test_the_profile_alone_can_be_persisted(registry: Registry, own_environment: dict[str, str]) -> None:
    result = run(assume, "project1 --mode profile --persist", own_environment)
    assert registry.inherited()["AWS_PROFILE"] == "project1"
    assert not set(registry.values()) & set(environment.CREDENTIALS)
    assert "has AWS_PROFILE;" in result.report


@pytest.mark.slow
def test_long_term_keys_stay_until_they_are_cleared(registry: Registry, own_environment: dict[str, str]) -> None:
    assert "has these long-term keys;" in run(assume, "user1 --persist", own_environment).report
    assert "AWS_SESSION_TOKEN" not in registry.values()


@pytest.mark.slow
def test_refresh_renews_the_persistent_variables(registry: Registry, own_environment: dict[str, str]) -> None:
    run(assume, "project1 --persist", own_environment)
    first = registry.inherited()
    result = run(refresh, "", own_environment | first)
    assert result.change is not None
    assert registry.inherited() == {name: value for name, value in result.change.items() if value is not None}
    assert registry.inherited()["AWS_ACCESS_KEY_ID"] != first["AWS_ACCESS_KEY_ID"]


@pytest.mark.slow
def test_a_token_that_setx_would_truncate_is_complete(registry: Registry) -> None:
    user_variables = user_environment.open_user_environment()
    token = "abc/+=" * 300
    user_variables.apply({"AWS_SESSION_TOKEN": token})
    assert registry.values() == {"AWS_SESSION_TOKEN": token}  # wine's cmd itself inherits no more than 1,024 either


@pytest.mark.slow
@pytest.mark.parametrize("refuses", ["write", "AWS_SECRET_ACCESS_KEY"])
def test_a_failed_write_leaves_no_mix_of_old_and_new(registry: Registry, refuses: str) -> None:
    old = {"AWS_ACCESS_KEY_ID": "AKIAOLDOLDOLDOLDOLDO", "AWS_SECRET_ACCESS_KEY": "old"}
    registry.put(old)
    user_variables = user_environment.open_user_environment()
    registry.refuses = refuses
    with pytest.raises(AwsenvError, match="cannot write the user's environment in the registry"):
        user_variables.apply({name: OURS[name] for name in environment.KEYS})
    now = registry.values()
    assert now == (old if refuses == "write" else {"AWS_ACCESS_KEY_ID": OURS["AWS_ACCESS_KEY_ID"]})


@pytest.mark.slow
def test_an_unreadable_registry_is_an_error(registry: Registry, home: Home, own_environment: dict[str, str]) -> None:
    registry.refuses = "read"
    with pytest.raises(AwsenvError, match="cannot read the user's environment in the registry: Access is denied"):
        run(assume, "project1 --persist", own_environment)
    assert not home.cache.exists()  # no session was requested


# --- clear ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_clear_removes_what_setx_left(registry: Registry) -> None:
    """It removes keys, empty values, and names in another case; other variables stay."""
    emptied = dict.fromkeys(("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_PAGER"), "")
    keys = {"AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPASDFGH", "aws_secret_access_key": "s3cret"}
    registry.put(emptied | keys | {"AWS_DEFAULT_REGION": "us-west-2"})
    run(clear, "--persist", {})
    remaining = registry.all()
    registry.put({"AWS_PAGER": None})
    assert {name: value for name, value in remaining.items() if name.upper().startswith("AWS")} == {
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_PAGER": "",
    }
    assert registry.notified == 1


@pytest.mark.slow
@pytest.mark.parametrize("environ", [{}, OURS], ids=["an empty shell", "a shell with keys"])
@pytest.mark.parametrize(("seconds", "remains"), [(-60, True), (60, False)], ids=["before expiry", "after expiry"])
def test_clear_stale_judges_shell_and_registry_by_their_own_expiration(
    registry: Registry, environ: dict[str, str], seconds: int, remains: bool
) -> None:
    registry.put(OURS)
    result = run(clear, "--stale --persist", environ, EXPIRES + seconds)
    assert registry.values() == (OURS if remains else {})
    assert bool(result.change) == (bool(environ) and not remains)


# --- outside of Windows -----------------------------------------------------------------------------------------------


@pytest.mark.shell
@pytest.mark.parametrize("line", ["assume project1 --persist", "clear --persist", "clear --stale --persist"])
def test_persist_outside_windows_suggests_an_alternative(line: str, home: Home) -> None:
    result = home.awsenv(*line.split(), "--shell", "bash")
    assert result.returncode == 2
    assert "--persist needs Windows" in result.stderr
    assert "awsenv exec PROFILE -- COMMAND" in result.stderr
    assert "--format dotenv" in result.stderr
    assert result.stdout == "(exit 2);\n"  # all that the evaluating shell gets
    assert not home.cache.exists()


@pytest.mark.shell
@pytest.mark.parametrize("load", [False, True], ids=["raw", "integrated"])
@pytest.mark.parametrize("args", ["clear --persist", "clear --stale --persist"])
def test_clear_persist_removes_universal_variables_of_fish(args: str, load: bool, home: Home) -> None:
    """Including unexported ones; other variables stay."""
    universal = {
        "AWS_SECURITY_TOKEN": "old",
        "AWS_PROFILE": "",
        "AWS_DEFAULT_REGION": "",
        "AWS_PAGER": "",
        "AWSENV_KEY": "x",
    }
    universal |= {name: value for name, value in OURS.items() if name != "AWSENV_KEY"}
    universal["AWS_CREDENTIAL_EXPIRATION"] = "2020-01-01T00:00:00Z"
    line = f"awsenv {args}" if load else f"awsenv {args} | source"
    steps = [f"set -Ux {name} '{value}'" for name, value in universal.items()]
    steps += ["awsenv init fish | source"] if load else []
    steps += [line, "echo $status", "set -Un | string match 'AWS*'"]
    fish = need("the shell fish", shutil.which("fish"))
    done = subprocess.run(
        [fish, "-c", "\n".join(steps)],
        env=home.environment(), capture_output=True, text=True, timeout=60, check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.stdout.split() == ["0", "AWS_PAGER"]
    assert done.stderr == ""


@pytest.mark.shell
def test_assume_without_persist_does_not_import_it(home: Home) -> None:
    home.exported("project1")
    script = (
        "import sys; sys.argv = ['awsenv', 'assume', 'project1', '--shell', 'bash']; import os; leave = os._exit\n"
        "os._exit = lambda code: leave('awsenv.system.user_environment' in sys.modules)\n"
        "from awsenv.cli import main; main()"
    )
    done = subprocess.run(
        [str(BIN / "python"), "-c", script], env=home.environment(), capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0
