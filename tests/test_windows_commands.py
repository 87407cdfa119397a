"""awsenv on a real Windows Python, called directly: the main job, and the differences of Windows."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.environment import wait_for
from support.scripted_sts import ScriptedSts
from support.sts import ACCOUNT, ROLE_SESSION
from support.windows import (
    WHO,
    WindowsHome,
    assignments,
    windows,
    windows_home,
    windows_installation,
    windows_path,
    windows_prefix,
)

pytestmark = pytest.mark.slow

__all__ = ["windows", "windows_home", "windows_installation", "windows_prefix"]


def test_profiles_of_every_kind_are_resolved(windows_home: WindowsHome) -> None:
    """Profiles with their own keys, a chain, a user session, and files named by variables."""
    home = windows_home
    assert home.awsenv("assume", "user1", "--format", "json").json()["AWS_ACCESS_KEY_ID"] == home.sts.key_id
    chained = home.awsenv("assume", "chained", "--format", "json").json()
    assert chained["AWS_SESSION_TOKEN"]
    exchanged = home.awsenv("assume", "user1", "--session-token", "--region", "eu-west-1", "--format", "json").json()
    assert exchanged["AWS_SESSION_TOKEN"]
    named = {"AWS_CONFIG_FILE": "~/.aws/config", "AWS_SHARED_CREDENTIALS_FILE": r"%USERPROFILE%/.aws\credentials"}
    assert home.awsenv("assume", "project1", "--no-cache", "--format", "json", **named).json()["AWS_SESSION_TOKEN"]


# --- exec ---------------------------------------------------------------------------------------------------------------

HOSTILE = [
    "", " ", 'a"b', '"', "\\", "a\\", 'a\\"', "a b\\", "%PATH%", "^", "a^b", "&", "|", ">", "<", "!x!", "'", "€日本", "*.py",
]  # fmt: skip


def test_exec_passes_on_arguments_and_exit_codes(windows_home: WindowsHome) -> None:
    home, python = windows_home, windows_home.windows.python
    show = "import json, sys; print(json.dumps(sys.argv[1:])); sys.exit(7)"
    done = home.awsenv("exec", "project1", "--", python, "-c", show, *HOSTILE)
    assert (done.code, json.loads(done.out)) == (7, HOSTILE)
    crash = "import ctypes; ctypes.windll.kernel32.ExitProcess(0xC0000005)"
    assert home.awsenv("exec", "project1", "--", python, "-c", crash).code & 0xFFFFFFFF == 0xC0000005


def test_exec_of_an_unrunnable_command_exits_with_126_or_127(windows_home: WindowsHome) -> None:
    home = windows_home
    builtin = home.awsenv("exec", "project1", "--", "dir")
    assert (builtin.code, builtin.out) == (127, "")
    assert "it is a command of cmd itself: -- cmd /c dir ..." in builtin.err
    (home.path / "s.cmd").write_bytes(b"@echo [%1]\r\n")
    beside = {"PATH": f"{home.shown};{home.environment()['PATH']}"}
    assert home.awsenv("exec", "project1", "--", "s", "a b", **beside).out == '["a b"]\r\n'
    refused = home.awsenv("exec", "project1", "--", "s", "a&b", **beside)
    assert (refused.code, refused.out, refused.err.count("\n")) == (126, "", 1)


def test_exec_with_a_server_serves_botocore(windows_home: WindowsHome) -> None:
    code = f"{WHO}; import sys, os; print(os.environ.get('AWS_ACCESS_KEY_ID')); sys.exit(11)"
    done = windows_home.awsenv("exec", "--server", "project1", "--", windows_home.windows.python, "-c", code)
    assert done.code == 11, done.err
    assert done.out.startswith(ROLE_SESSION)
    assert done.out.splitlines()[1] == "None"


# --- SDKs ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("on_path", [True, False], ids=["on PATH", "not on PATH"])
def test_sections_for_the_config_file_serve_boto3(on_path: bool, windows_home: WindowsHome) -> None:
    """awsenv is in a directory whose name boto3, which reads cp1252, and other SDKs read differently."""
    home = windows_home
    directory = home.path / "Programme für mich"
    directory.mkdir(exist_ok=True)
    program = directory / "awsenv.exe"
    program.write_bytes((home.windows.directory / "Scripts" / "awsenv.exe").read_bytes())
    path = f"{home.shown}\\{directory.name};" if on_path else ""
    variables = {"PATH": f"{path}C:\\windows\\system32"}
    listed = home.run(f"{home.shown}\\{directory.name}\\awsenv.exe", "list", "--credential-process", **variables)
    assert listed.code == 0, listed.err
    before = home.config.read_bytes()
    try:
        home.config.write_bytes(before + listed.raw)
        lines = [line for line in listed.out.splitlines() if line.endswith("credential-process project1")]
        assert len(lines) == 1
        assert lines[0].isascii()
        assert (lines[0] == "credential_process = awsenv credential-process project1") is on_path
        if not on_path:
            done = home.python(WHO, AWS_PROFILE="project1-awsenv", **variables)
            assert done.out.startswith(ROLE_SESSION), done
    finally:
        home.config.write_bytes(before)


@pytest.mark.parametrize(
    ("encoding", "variables"),
    [("cp1252", {}), ("utf-8", {"PYTHONUTF8": "1"}), ("utf-8", {})],
    ids=["cp1252", "utf-8", "utf-8 that boto3 reads as cp1252"],
)
def test_non_ascii_names_work(encoding: str, variables: dict[str, str], windows_home: WindowsHome) -> None:
    home = windows_home
    before = home.config.read_bytes()
    try:
        home.config.write_bytes(before.decode().replace("[profile project1]", "[profile größe]").encode(encoding))
        listed = json.loads(home.awsenv("list", "--json", **variables).out)
        assert [one["name"] for one in listed][:2] == ["default", "größe"]
        doctor = home.awsenv("doctor", "--offline", **variables)
        assert ("config-encoding" in doctor.out) is ("PYTHONUTF8" not in variables)
        if "PYTHONUTF8" not in variables:
            assert "cp1252" in doctor.out
            assert f"{home.shown}\\.aws\\config:4" in doctor.out
        code = "import botocore.session; print(ascii(botocore.session.Session().available_profiles[1]))"
        as_boto3 = "größe" if encoding == "cp1252" or variables else "größe".encode().decode("cp1252")
        assert home.python(code, **variables).out.strip() == ascii(as_boto3)
    finally:
        home.config.write_bytes(before)


# --- busy files, and concurrent processes -----------------------------------------------------------------------------

HOLD = """
import glob, os, subprocess, sys, time
directory, duration, *command = sys.argv[1:]
[path] = glob.glob(os.path.join(directory, "*.json"))
held = open(path)
child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
if duration == "a moment":
    while child.poll() is None and not glob.glob(os.path.join(directory, "*.tmp")):
        time.sleep(0.02)
    time.sleep(0.2)
    held.close()
out, err = child.communicate()
held.close()
sys.stdout.buffer.write(out)
sys.stderr.buffer.write(err)
print(open(path).read(), file=sys.stderr)
sys.exit(child.returncode)
"""


def empty_cache(home: WindowsHome) -> None:
    for path in home.cache.glob("*"):
        path.unlink()


def test_a_session_is_not_lost_while_the_cache_file_is_open(windows_home: WindowsHome) -> None:
    home = windows_home
    empty_cache(home)
    keys = [home.awsenv("assume", "project1", "--format", "json").json()["AWS_ACCESS_KEY_ID"]]
    cache = f"{home.shown}\\.aws\\cli\\cache"
    args = ("assume", "project1", "--refresh", "--format", "json")
    for duration in ("a moment", "for good"):
        done = home.python(HOLD, cache, duration, home.windows.awsenv, *args)
        assert done.code == 0, done.err
        keys.append(json.loads(done.out)["AWS_ACCESS_KEY_ID"])
        *output, entry = done.err.splitlines()
        cached = json.loads(entry)["Credentials"]["AccessKeyId"]
        if duration == "a moment":
            assert (output, cached) == ([], keys[-1])
        else:
            assert cached == keys[-2]
            assert len(output) == 1
            assert f"is valid, but was not cached: cannot write to the session cache {cache}: " in output[0]
        assert [path.suffix for path in home.cache.iterdir()] == [".json"]
    assert len(set(keys)) == 3


def test_a_locked_file_is_retried(windows_home: WindowsHome) -> None:
    code = """
import ctypes, threading, time
from awsenv.aws import paths
from awsenv.system import files
from ctypes import wintypes
kernel = ctypes.WinDLL("kernel32", use_last_error=True)
kernel.CreateFileW.restype = wintypes.HANDLE
for do in (paths.read, files.remove):
    open("busy", "w").write("content")
    handle = kernel.CreateFileW("busy", 0x80000000, 0, None, 3, 0, None)
    try:
        open("busy").close()
        raise SystemExit("not busy")
    except PermissionError:
        pass
    threading.Timer(0.1, kernel.CloseHandle, [wintypes.HANDLE(handle)]).start()
    print(do("busy"))
"""
    done = windows_home.python(code)
    assert (done.code, done.out) == (0, "b'content'\r\nNone\r\n"), done.err


def test_ten_concurrent_assumes_cause_one_call(windows_home: WindowsHome, scripted_sts: ScriptedSts) -> None:
    home = windows_home
    empty_cache(home)
    all_wait = threading.Event()
    scripted_sts.before = lambda call: all_wait.wait(60)  # type: ignore[method-assign]
    with ThreadPoolExecutor(10) as pool:
        variables = {"AWS_ENDPOINT_URL": scripted_sts.url}
        running = [pool.submit(home.awsenv, "assume", "project1", "--format", "json", **variables) for _ in range(10)]
        locks = home.path / "AppData" / "Local" / "awsenv" / "Cache" / "locks"
        wait_for(lambda: list(locks.glob("*")), "a process holds the lock")
        all_wait.set()
        keys = {future.result().json()["AWS_ACCESS_KEY_ID"] for future in running}
    assert len(keys) == 1
    assert scripted_sts.count("AssumeRole") == 1
    empty_cache(home)


# --- Windows only -----------------------------------------------------------------------------------------------------

REGISTRY = """
import json, sys, winreg
with winreg.OpenKey(winreg.HKEY_CURRENT_USER, "Environment") as key:
    rows = [winreg.EnumValue(key, number) for number in range(winreg.QueryInfoKey(key)[1])]
print(json.dumps({name: [value, kind == winreg.REG_SZ] for name, value, kind in rows if name.upper().startswith("AWS")}))
"""


def test_persist_writes_the_environment_of_the_user(windows_home: WindowsHome) -> None:
    home = windows_home
    exported = assignments(home.awsenv("assume", "project1", "--persist", "--shell", "cmd"))
    registry = json.loads(home.python(REGISTRY).out)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION", "AWSENV_PROFILE"):
        assert registry[name] == [exported[name], True]
    cleared = home.awsenv("clear", "--persist", "--shell", "cmd", **exported)
    assert cleared.code == 0, cleared.err
    assert json.loads(home.python(REGISTRY).out) == {}


def test_a_pipe_gets_utf8_and_nul_is_not_a_terminal(windows_home: WindowsHome) -> None:
    done = windows_home.awsenv("assume", "größe…", "--format", "json")
    assert (done.code, done.out) == (1, "")
    assert "there is no profile 'größe…'" in done.err
    assert f"{windows_home.shown}\\.aws\\config" in done.err
    code = """
import subprocess, sys
for stderr in (subprocess.PIPE, subprocess.DEVNULL):
    done = subprocess.run(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=stderr)
    print(done.returncode, done.stderr)
"""
    done = windows_home.python(code, windows_home.windows.awsenv, "assume", "project1", "--shell", "cmd")
    assert done.out == "0 b''\r\n0 None\r\n", done


def test_install_requires_powershell_and_uninstall_does_not(windows_home: WindowsHome) -> None:
    home = windows_home
    installed = home.awsenv("install", "--shell", "cmd")
    script = home.path / "AppData" / "Local" / "awsenv" / "cmd" / "awsenv.cmd"
    assert (installed.code, script.exists()) == (0, True), installed
    profile = home.path / "Documents" / "WindowsPowerShell"
    line = b"# >>> awsenv >>>\r\nline\r\n# <<< awsenv <<<\r\n"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "Microsoft.PowerShell_profile.ps1").write_bytes(b"mine\r\n" + line)
    # wine's own powershell.exe does nothing: it is not on this PATH
    bare = {"PATH": windows_path(home.windows.directory)}
    refused = home.awsenv("install", "--shell", "powershell", **bare)
    assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert "PowerShell" in refused.err or "powershell" in refused.err
    removed = home.awsenv("uninstall", **bare)
    assert (removed.code, removed.err) == (0, "")
    assert not script.exists()
    assert (profile / "Microsoft.PowerShell_profile.ps1").read_bytes() == b"mine\r\n"


def test_the_doctor_defaults_to_powershell_syntax(windows_home: WindowsHome) -> None:
    stale = {"AWS_ACCESS_KEY_ID": "ASIAOLD", "AWS_SECRET_ACCESS_KEY": "secret-secret-secret", "AWS_SESSION_TOKEN": ""}
    done = windows_home.awsenv("doctor", "--offline", **stale)
    assert done.code == 1
    assert "Remove-Item Env:AWS_SESSION_TOKEN" in done.out
    assert "secret-secret" not in done.out
    assert "\x1b" not in done.out
    fine = windows_home.awsenv("doctor", "project1")
    assert fine.code == 0, fine.out
    assert "could not be looked for" not in fine.out


def test_a_missing_region_is_reported_before_the_mfa_prompt(windows_home: WindowsHome) -> None:
    home = windows_home
    before = home.config.read_bytes()
    code = f"open(r'{home.shown}\\ran', 'w'); print(123456)"
    try:
        home.config.write_bytes(
            f"[profile guarded]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/project1\nsource_profile = user1\n"
            f'mfa_serial = arn:aws:iam::{ACCOUNT}:mfa/ada\nmfa_process = {home.windows.python} -c "{code}"\n'.encode()
        )
        done = home.awsenv("assume", "guarded", "--format", "json", AWS_ENDPOINT_URL_STS=home.sts.url)
    finally:
        home.config.write_bytes(before)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "region" in done.err
    assert not (home.path / "ran").exists()


def test_a_module_run_by_py_finds_its_scripts(windows_home: WindowsHome) -> None:
    """`py -m awsenv install` while the Scripts directory is not on PATH."""
    home = windows_home
    bare = {"PATH": r"C:\windows\system32"}
    done = home.run(home.windows.python, "-m", "awsenv", "init", "powershell", **bare)
    assert f"\n$global:__awsenv_program = '{home.windows.awsenv}';" in done.out, done
    done = home.run(home.windows.python, "-m", "awsenv", "install", "--shell", "cmd", **bare)
    scripts = windows_path(home.windows.directory / "Scripts")
    assert f'set "PATH={home.shown}\\AppData\\Local\\awsenv\\cmd;{scripts};%PATH%"' in done.out, done
    assert home.awsenv("uninstall", "--shell", "cmd").code == 0
