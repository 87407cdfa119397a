"""awsenv on a Windows console: text of any alphabet, styles, and a typed MFA code."""

from __future__ import annotations

import json

import pexpect
import pytest
from support.scripted_sts import SERIAL, ScriptedSts
from support.sts import Sts
from support.windows import WINE, Windows, WindowsHome, home_of, windows, windows_installation, windows_prefix

pytestmark = pytest.mark.slow

__all__ = ["windows", "windows_installation", "windows_prefix"]

# All on one console, which takes a second to create.
SCRIPT = """
import ctypes, os, subprocess, sys

os.environ.update({environment!r})
os.chdir(os.environ["USERPROFILE"])
screen = ctypes.c_void_p(ctypes.windll.kernel32.GetStdHandle(-11))

def run(*args, **options):
    ctypes.windll.kernel32.SetConsoleMode(screen, 3)
    code = subprocess.run([{awsenv!r}, *args], **options).returncode
    mode = ctypes.c_ulong()
    ctypes.windll.kernel32.GetConsoleMode(screen, ctypes.byref(mode))
    print("code", code, "mode", mode.value, flush=True)

run("assume", "mfa", "--format", "json", stdout=open("got.json", "w"))
run("assume", "größe…", "--format", "json", stdout=subprocess.DEVNULL)
run("list")
os.environ["NO_COLOR"] = "1"
run("list")
"""


@pytest.fixture(scope="module")
def home(windows: Windows, sts: Sts, request: pytest.FixtureRequest) -> WindowsHome:
    return home_of(windows, sts, request)


def test_a_console_shows_text_and_accepts_an_mfa_code(home: WindowsHome, scripted_sts: ScriptedSts) -> None:
    scripted_sts.guarded, scripted_sts.codes = True, {"123456"}
    with home.config.open("a") as config:
        config.write("[profile mfa]\nrole_arn = arn:aws:iam::123456789012:role/one\nsource_profile = user1\n")
        config.write(f"mfa_serial = {SERIAL}\nregion = eu-central-1\n")
    environment = home.environment(AWS_ENDPOINT_URL=scripted_sts.url)
    script = SCRIPT.format(environment=environment, awsenv=home.windows.awsenv)
    (home.path / "console.py").write_text(script, encoding="utf-8")
    child = pexpect.spawn(
        WINE, [home.windows.python, f"{home.shown}\\console.py"],
        env=home.windows.wine, encoding="utf-8", timeout=120, dimensions=(50, 250),
    )  # fmt: skip
    child.expect("Enter MFA code for")
    child.send("123456\r")
    screens = []
    for _ in range(4):
        child.expect(r"code \d+ mode \d+")
        screens.append(str(child.before) + str(child.after))
    child.expect(pexpect.EOF)
    assert "awsenv: mfa: 1h00m left, eu-central-1" in screens[0]
    assert json.loads((home.path / "got.json").read_text())["AWS_ACCESS_KEY_ID"].startswith("ASIASCRIPTED")
    assert f"there is no profile 'größe…' in {home.shown}\\.aws\\config" in screens[1]
    assert [one[one.index("code ") :] for one in screens[2:]] == [
        "code 0 mode 7",  # with ENABLE_VIRTUAL_TERMINAL_PROCESSING
        "code 0 mode 3",
    ]
    assert "\x1b[1mPROFILE" in screens[2]
    assert "\x1b[1m" not in screens[3]
    assert "PROFILE    KIND" in screens[3]
