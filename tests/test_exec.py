"""`awsenv exec`: the command gets the credentials and nothing else of awsenv, and keeps its signals and exit code."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pexpect
import pytest
from support.clients import STALE
from support.environment import PATIENCE
from support.homes import Home, refused
from support.programs import BIN
from support.servers import silent_server
from support.shells import INTERACTIVE, run

from awsenv import dialects, environment, load
from awsenv.args import parse
from awsenv.result import AwsenvError
from awsenv.system import process

PRINT_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"


with_and_without_server = pytest.mark.parametrize("server", [[], ["--server"]], ids=["", "server"])


def environment_of(home: Home, *args: str, **more: str) -> dict[str, str]:
    """The environment of the command of `awsenv exec ARGS`."""
    done = home.awsenv("exec", *args, "--", sys.executable, "-c", PRINT_ENVIRONMENT, **more)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    result: dict[str, str] = json.loads(done.stdout)
    return result


@pytest.mark.shell
def test_the_command_has_the_environment_that_assume_makes(home: Home) -> None:
    variables = {**STALE, "AWS_REGION": "ap-south-1", "AWS_PAGER": "less", "AWS_SECURITY_TOKEN": "stale"}
    values = environment_of(home, "project1", "--region", "eu-west-3", **variables)
    script = 'eval "$(awsenv assume project1 --region eu-west-3)"; exec ' + f"{sys.executable} -c '{PRINT_ENVIRONMENT}'"
    done = subprocess.run(["bash", "-c", script], env=home.environment(**variables), capture_output=True, check=True)
    assumed = json.loads(done.stdout)
    names = [*environment.TABLE, *variables]
    assert {name: values.get(name) for name in names} == {name: assumed.get(name) for name in names}
    assert set(values) - set(assumed) == set()
    assert values["AWS_PAGER"] == "less"


@pytest.mark.shell
def test_profile_mode_exports_only_the_profile_name(home: Home) -> None:
    values = environment_of(home, "--mode", "profile", "project1", **STALE)
    assert values["AWS_PROFILE"] == "project1"
    assert not {"AWS_ACCESS_KEY_ID", "AWS_CREDENTIAL_EXPIRATION"} & set(values)


@pytest.mark.shell
def test_a_nested_exec_uses_the_inner_profile(home: Home) -> None:
    values = environment_of(home, "project1", "--", "awsenv", "exec", "user1")
    assert home.sts
    assert values["AWS_ACCESS_KEY_ID"] == home.sts.key_id
    assert "AWS_SESSION_TOKEN" not in values
    assert values["AWSENV_PROFILE"] == "user1"


ECHO = ["printf", "%s|"]


@pytest.mark.shell
@pytest.mark.parametrize(
    ("args", "out"),
    [
        (["project1", "--", *ECHO, "a", "--", "-b"], "a|--|-b|"),
        (["project1", *ECHO, "a", "--", "-b"], "a|--|-b|"),
        (["--region", "us-east-1", "project1", "--no-input", "--", *ECHO, "--help"], "--help|"),
        (["project1", "--no-input", *ECHO, "--server", "--debug"], "--server|--debug|"),
        (["--", "project1", *ECHO, "a"], "a|"),
        (["project1", "--", *ECHO, "two words", "", "*", "$HOME", "a\nb", "\udcff"], "two words||*|$HOME|a\nb|\udcff|"),
    ],
    ids=str,
)
def test_options_are_accepted_before_and_after_the_profile(args: list[str], out: str, home: Home) -> None:
    done = subprocess.run([BIN / "awsenv", "exec", *args], env=home.environment(), capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, out.encode("utf-8", "surrogateescape"), b"")


@pytest.mark.shell
@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "exec needs the name of a profile, and a command"),
        (["", "true"], "exec was given an empty profile name"),
        (["project1"], "exec needs a command"),
        (["project1", "--"], "type awsenv exec project1 -- COMMAND"),
        (["--sever", "project1", "true"], "did you mean --server?"),
        (["project1", "--sever", "true"], "did you mean --server?"),
        (["--duration", "1y", "project1", "true"], "--duration 1y"),
        (["--mode", "x", "project1", "true"], "--mode x"),
        (["--server", "--mode", "profile", "project1", "true"], "--mode does not go with --server"),
        (["--shell", "bash", "project1", "true"], "no option --shell"),
    ],
    ids=str,
)
def test_wrong_usage_exits_with_2_and_runs_nothing(args: list[str], message: str, home: Home) -> None:
    done = home.awsenv("exec", *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.shell
@pytest.mark.parametrize("options", [[], ["--region", "us-east-1"], ["--server"]], ids=str)
def test_a_command_after_dashes_gets_the_active_profile(options: list[str], home: Home) -> None:
    show = [*options, "--", "sh", "-c", "echo $AWSENV_PROFILE ${AWS_PROFILE-none}"]
    for variable in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        done = home.awsenv("exec", *show, **{variable: "user1"})
        assert (done.returncode, done.stdout, done.stderr) == (0, "user1 none\n", "")
    assert "there is no profile 'nope'" in home.awsenv("exec", *show, AWS_PROFILE="nope").stderr
    for command in (["sh"], ["sh", "-c", "true"]):
        stderr = home.awsenv("exec", *options, "--", *command, AWS_PROFILE="").stderr
        assert "no profile 'sh', and AWS_PROFILE names none; type awsenv exec PROFILE -- sh" in stderr
    assert home.awsenv("exec", "--", AWS_PROFILE="user1").returncode == 2


@pytest.mark.shell
@pytest.mark.parametrize("args", [["--help"], ["project1", "--help"], ["--server", "project1", "-h"]], ids=str)
def test_help_is_printed(args: list[str], home: Home) -> None:
    done = home.awsenv("exec", *args)
    assert done.returncode == 0
    assert done.stdout.startswith("usage: awsenv exec")


@pytest.mark.shell
@with_and_without_server
@pytest.mark.parametrize("code", [0, 1, 2, 5, 130, 255])
def test_exec_returns_the_exit_code_of_the_command(code: int, server: list[str], home: Home) -> None:
    done = home.awsenv("exec", *server, "user1", "--", "sh", "-c", f"exit {code}")
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


@pytest.mark.shell
@with_and_without_server
def test_errors_before_the_command_have_the_exit_codes_of_awsenv(server: list[str], home: Home) -> None:
    ran = home.path / "ran"
    for profile, code in (("projct1", 1), ("closed", 1)):
        done = home.awsenv("exec", *server, profile, "--", "touch", str(ran))
        assert (done.returncode, done.stdout) == (code, "")
        assert done.stderr.startswith("awsenv: ")
    assert home.awsenv("exec", *server, "--min-ttl", "2h", "project1", "touch", str(ran)).returncode == 3
    assert not ran.exists()


@pytest.mark.shell
@with_and_without_server
@pytest.mark.parametrize("by", ["path", "PATH"])
@pytest.mark.parametrize(
    ("text", "mode", "code"),
    [
        ("echo run by sh: $1\n", 0o755, 0),
        ("#!/bin/sh\n", 0o644, 126),
        ("#!/nowhere/sh\n", 0o755, 127),
        (None, 0o755, 126),
    ],
    ids=["no first line", "not executable", "no interpreter", "a directory"],
)
def test_an_unrunnable_command_exits_with_126_or_127(
    text: str | None, mode: int, code: int, by: str, server: list[str], home: Home
) -> None:
    path = home.path / "tool"
    if text is None:
        path.mkdir()
    else:
        path.write_text(text)
        path.chmod(mode)
    command = str(path) if by == "path" else path.name
    variables = {"PATH": f"{home.path}:{home.environment()['PATH']}"}
    done = home.awsenv("exec", *server, "user1", "--", command, "a b", **variables)
    assert done.returncode == code
    if code == 0:
        assert done.stdout == "run by sh: a b\n"
    else:
        assert done.stdout == ""
        assert done.stderr.startswith("awsenv: ")
        assert repr(command) in done.stderr
        assert done.stderr.count("\n") == 1


@pytest.mark.shell
@with_and_without_server
@pytest.mark.parametrize("closed", [">&-", "<&-", "2>&-", "<&- >&- 2>&-"])
def test_a_command_runs_with_closed_standard_streams(closed: str, server: list[str], home: Home) -> None:
    """Programs that start daemons close stdout, and exec itself prints nothing."""
    ran = home.path / "ran"
    line = f'awsenv exec {" ".join(server)} user1 -- sh -c "echo \\$AWSENV_PROFILE >{ran}" {closed}'
    assert subprocess.run(["sh", "-c", line], env=home.environment(), check=False).returncode == 0
    assert ran.read_text() == "user1\n"


@pytest.mark.shell
def test_help_of_exec_without_a_stdout_is_an_error(home: Home) -> None:
    line = ["sh", "-c", "awsenv exec --help >&-"]
    done = subprocess.run(line, env=home.environment(), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("stdout is closed")) == (1, 1)


TOKEN_OF_A_PROCESS = """
import json
print(json.dumps({"Version": 1, "AccessKeyId": "ASIAQWERTYUIOPASDFGH", "SecretAccessKey": "s" * 40,
                  "SessionToken": "t" * SIZE, "Expiration": "2099-01-01T00:00:00Z"}))
"""


def with_token(home: Home, size: int) -> None:
    """Add a profile `large` whose session token has `size` characters."""
    script = home.path / "process.py"
    script.write_text(TOKEN_OF_A_PROCESS.replace("SIZE", str(size)))
    if "[profile large]" not in home.config.read_text():
        with home.config.open("a") as config:
            config.write(f"\n[profile large]\ncredential_process = {sys.executable} {script}\n")


@pytest.mark.shell
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no limit for one variable")
@pytest.mark.parametrize(
    "shell", [*dialects.REGISTRY, *(name for name in dialects.NAMES if name.startswith("awsenv."))]
)
def test_a_token_longer_than_a_variable_can_be_is_refused(shell: str, home: Home) -> None:
    """Otherwise every command of that shell would fail: Argument list too long."""
    limit = 128 * 1024 - len("AWS_SESSION_TOKEN=") - 1  # and the NUL
    with_token(home, limit + 1)
    done = home.awsenv("assume", "large", "--no-cache", "--shell", shell)
    assert done.returncode == 1
    assert "ttt" not in done.stdout
    assert "the value of AWS_SESSION_TOKEN" in done.stderr
    assert "nothing was changed" in done.stderr
    if "cmd" not in shell:  # cmd has a lower limit
        with_token(home, limit)
        assert home.awsenv("assume", "large", "--no-cache", "--shell", shell).returncode == 0


@pytest.mark.shell
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other limits")
def test_a_session_longer_than_a_variable_can_be_is_refused_except_with_a_server(home: Home) -> None:
    with_token(home, 140_000)
    done = home.awsenv("exec", "large", "true")
    assert done.returncode == 126
    assert "AWS_SESSION_TOKEN alone has 140,018 bytes" in done.stderr
    script = "import boto3; print(len(boto3.Session().get_credentials().token))"
    done = home.awsenv("exec", "--server", "large", "--", sys.executable, "-c", script)
    assert done.stdout == "140000\n", done.stderr


@pytest.mark.shell
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other limits")
@with_and_without_server
@pytest.mark.parametrize(
    ("variables", "arguments", "message"),
    [
        ({"SMALL": "x", "LARGE": "x" * 50_000}, ["y"], "LARGE alone has 50,006 bytes); unset LARGE"),
        ({"SMALL": "x"}, ["y" * 50_000], "an argument alone has 50,000 bytes); pass it"),
        ({"LARGE": "x" * 20_000, "LARGER": "x" * 30_000}, ["y" * 10_000], "LARGER alone has 30,007 bytes"),
    ],
    ids=["a variable", "an argument", "several"],
)
def test_the_largest_part_of_a_too_large_environment_is_named(
    variables: dict[str, str], arguments: list[str], message: str, server: list[str], home: Home
) -> None:
    """It is just small enough for awsenv itself, which adds the variables of the session."""
    environment = home.environment(**variables)
    limited = ["sh", "-c", 'ulimit -s 512; exec "$@"', "sh"]
    args = [*limited, str(BIN / "awsenv"), "exec", *server, "user1", "true", *arguments]

    def run(size: int) -> subprocess.CompletedProcess[str]:
        filled = environment | {f"FILLER{n}": "z" * 1000 for n in range(size // 1000)} | {"REST": "z" * (size % 1000)}
        return subprocess.run(args, env=filled, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)

    low, high = 0, 128 * 1024  # the limit with `ulimit -s 512`
    while high - low > 60:
        middle = (low + high) // 2
        done = run(middle)
        low, high = (middle, high) if done.returncode == 0 else (low, middle)
    done = run(high)
    assert done.returncode == 126
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.shell
@pytest.mark.parametrize("home_variable", ["/dev/null", "/etc/passwd", "/nonexistent", "/proc"])
@pytest.mark.parametrize(
    "args",
    [
        ["assume", "project1", "--no-cache", "--shell", "sh"],
        ["exec", "user1", "true"],
        ["list"],
        ["cache", "list"],
        ["uninstall"],
    ],
    ids=str,
)
def test_a_home_that_cannot_hold_files_is_no_error(args: list[str], home_variable: str, home: Home) -> None:
    """Services and users without a login have such a HOME."""
    files = {"AWS_CONFIG_FILE": str(home.config), "AWS_SHARED_CREDENTIALS_FILE": str(home.credentials)}
    done = home.awsenv(*args, **files, HOME=home_variable)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.shell
@pytest.mark.parametrize("command", ["nothing-like-it", "", "./nothing", "/bin/sh/x"])
@pytest.mark.parametrize("named", [["project1"], []], ids=["", "AWS_PROFILE"])
def test_a_missing_command_is_reported_before_any_request(named: list[str], command: str, home: Home) -> None:
    done = home.awsenv("exec", *named, "--", command, AWS_PROFILE="project1")
    assert (done.returncode, done.stdout) == (127, "")
    assert not home.cache.exists()


@pytest.mark.shell
@pytest.mark.parametrize("command", ["export", "source", "alias"])
def test_a_shell_builtin_is_distinguished_from_a_typo(command: str, home: Home) -> None:
    done = home.awsenv("exec", "project1", "--", command, "x")
    assert (done.returncode, done.stdout) == (127, "")
    assert f"it is a command of the shell itself: -- sh -c '{command} ...'" in done.stderr


@pytest.mark.parametrize("command", ["dir", "ECHO", "nothing-like-it"])
def test_a_cmd_builtin_is_distinguished_from_a_typo(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_ON_WINDOWS", True)
    hint = (
        "check its name and PATH" if "nothing" in command else f"it is a command of cmd itself: -- cmd /c {command} ..."
    )
    assert process._not_found(command).fix == hint


@pytest.mark.parametrize(
    ("shell", "program"),
    [("bash", "$SHELL"), ("fish", "fish"), ("cmd", "%ComSpec%"), ("pwsh", "pwsh"), ("powershell", "powershell")],
)
def test_a_missing_command_suggests_the_calling_shell(
    shell: str, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialects, "detect", lambda environ: shell)
    with pytest.raises(AwsenvError, match=re.escape(f"(for a shell: -- {program})")):
        load("commands", "exec").run(parse("exec", ["project1"], {}, None), {}, 0)


@pytest.mark.shell
@with_and_without_server
def test_no_signal_is_ignored_or_blocked_in_the_command(server: list[str], home: Home) -> None:
    """Python itself ignores SIGPIPE and SIGXFSZ, so the signals are read from /proc where it exists."""
    status = home.awsenv("exec", *server, "user1", "--", "grep", "Sig[BIC]", "/proc/self/status")
    bare = subprocess.run(["grep", "Sig[BIC]", "/proc/self/status"], capture_output=True, text=True, check=True)
    assert status.stdout == bare.stdout
    script = "yes | head -1; exit ${PIPESTATUS[0]}"
    assert home.awsenv("exec", *server, "user1", "--", "bash", "-c", script).returncode == 128 + signal.SIGPIPE


@pytest.mark.shell
@with_and_without_server
def test_ignored_signals_stay_ignored_in_the_command(server: list[str], home: Home) -> None:
    line = f"trap '' INT HUP; exec awsenv exec {' '.join(server)} user1 -- grep SigIgn /proc/self/status"
    done = subprocess.run(["bash", "-c", line], env=home.environment(), capture_output=True, text=True, check=True)
    ignored = int(done.stdout.split()[1], 16)
    assert ignored == 1 << signal.SIGINT - 1 | 1 << signal.SIGHUP - 1


@pytest.mark.shell
def test_exec_leaves_no_parent_process_and_no_open_file(home: Home) -> None:
    started = subprocess.Popen(
        [BIN / "awsenv", "exec", "user1", "--", "sh", "-c", "echo $$; ls /proc/self/fd"],
        env=home.environment(),
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    out, _ = started.communicate()
    pid, *files = out.split()
    assert int(pid) == started.pid
    assert files == ["0", "1", "2", "3"]  # the last one is the directory that ls reads


@pytest.mark.shell
@with_and_without_server
def test_inherited_file_descriptors_reach_the_command(server: list[str], home: Home) -> None:
    line = f"exec 7<<<handed; awsenv exec {' '.join(server)} user1 -- cat /dev/fd/7"
    done = subprocess.run(["bash", "-c", line], env=home.environment(), capture_output=True, text=True, check=True)
    assert done.stdout == "handed\n"


@pytest.mark.shell
@with_and_without_server
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1"])
def test_a_signal_reaches_the_command(name: str, server: list[str], home: Home) -> None:
    """First with a handler, then without."""
    number = signal.Signals[name]
    script = f"""
import os, resource, signal
def handle(*_):
    signal.signal({number}, signal.SIG_DFL)
    os.write(1, b"handled\\n")
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
signal.signal({number}, handle)
os.write(1, b"ready\\n")
while True:
    signal.pause()
"""
    started = subprocess.Popen(
        [BIN / "awsenv", "exec", *server, "user1", "--", sys.executable, "-c", script],
        env=home.environment(),
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert started.stdout
        assert started.stdout.readline() == "ready\n"
        started.send_signal(number)
        assert started.stdout.readline() == "handled\n"
        started.send_signal(number)
        assert started.wait(30) == (128 + number if server else -number)
    finally:
        if started.poll() is None:
            os.killpg(started.pid, signal.SIGKILL)


@pytest.mark.shell
@pytest.mark.parametrize("server", ["", "--server"], ids=["", "server"])
def test_the_command_gets_ctrl_c_and_ctrl_z_once(server: str, home: Home) -> None:
    """terraform aborts on a second Ctrl-C, so one must not arrive twice."""
    script = home.path / "counting"
    script.write_text(f"""#!{sys.executable}
import os, resource, signal
count = 0
def handle(*_):
    global count
    count += 1
    os.write(1, b"count=%d." % count)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
signal.signal(signal.SIGINT, handle)
os.write(1, b"go.")
while True:
    signal.pause()
""")
    script.chmod(0o755)
    shell = pexpect.spawn(
        "bash", ["--norc", "--noprofile", "-i"], env=home.environment(PS1="READY "), timeout=30, encoding="utf-8"
    )
    shell.expect("READY ")
    shell.sendline(f"awsenv exec {server} user1 -- {script}")
    shell.expect("go\\.")
    for count in (1, 2):
        shell.send("\x03")
        shell.expect(f"count={count}\\.")
    shell.send("\x1a")
    shell.expect("Stopped")
    shell.expect("READY ")
    shell.sendline("fg")
    shell.expect("counting")
    shell.send("\x03")
    shell.expect("count=3\\.")
    shell.send("\x1c")
    shell.expect("READY ")
    shell.sendline("echo code=$?.")
    shell.expect(f"code={128 + signal.SIGQUIT}\\.")
    shell.close()


@pytest.mark.shell
@with_and_without_server
def test_a_ctrl_c_before_the_command_starts_exits_with_130(server: list[str], home: Home) -> None:
    connected = threading.Event()
    with silent_server(connected) as url:
        started = subprocess.Popen(
            [BIN / "awsenv", "exec", *server, "project1", "--", "echo", "ran"],
            env=home.environment() | {"AWS_ENDPOINT_URL": url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert connected.wait(PATIENCE)
        started.send_signal(signal.SIGINT)
        out, err = started.communicate(timeout=30)
    assert (started.returncode, out) == (130, "")
    assert "interrupted" in err


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_the_shell_functions_pass_exec_through(shell: str, home: Home) -> None:
    line = """awsenv exec user1 -- sh -c 'echo "key=$AWS_ACCESS_KEY_ID"; exit 7'"""
    status = {"powershell": 'echo "code=$LASTEXITCODE"', "fish": 'echo "code=$status"'}.get(shell, 'echo "code=$?"')
    result = run(shell, f"{line}\n{status}", home)
    assert home.sts
    assert f"key={home.sts.key_id}" in result.out
    assert "code=7" in result.out


@pytest.mark.shell
def test_exec_passes_no_secret_as_an_argument(home: Home) -> None:
    done = home.awsenv("exec", "user1", "--", "sh", "-c", "tr '\\0' ' ' </proc/$$/cmdline")
    assert home.sts
    assert home.sts.secret not in done.stdout


@pytest.mark.shell
def test_exec_refuses_with_the_messages_of_assume(home: Home) -> None:
    for args in (["projct1"], ["closed"], ["--external-id", "x", "user1"]):
        done = home.awsenv("exec", *args, "--", "true")
        stderr = refused(home, *args, code=done.returncode)
        assert done.stderr == stderr


@pytest.mark.shell
def test_the_aws_cli_is_run_as_the_role(home: Home) -> None:
    args = ["--", str(BIN / "aws"), "sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
    done = home.awsenv("exec", "project1", *args, **STALE)
    assert done.returncode == 0, done.stderr
    assert "assumed-role/project1/" in done.stdout


@pytest.mark.shell
def test_the_command_is_found_on_the_path_of_its_environment(home: Home) -> None:
    tools = home.path / "tools with blanks"
    tools.mkdir()
    shutil.copy("/bin/echo", tools / "my-tool")
    done = home.awsenv("exec", "user1", "my-tool", "hello", PATH=f"{tools}:{os.environ['PATH']}")
    assert done.stdout == "hello\n"


# --- Windows ----------------------------------------------------------------------------------------------------------


def test_windows_scripts_are_refused_arguments_that_cmd_would_interpret(tmp_path: Path) -> None:
    for name in ("tool.exe", "tool.cmd", "tool.BAT"):
        (tmp_path / name).touch(mode=0o755)
    path = {"PATH": str(tmp_path)}
    for arg in ("plain", "two words", "", "100%", "a&b", 'say "no"', "a^b", "x\ny"):
        assert process._windows_command(["tool.exe", arg], path) == [str(tmp_path / "tool.exe"), arg]
        for script in ("tool.cmd", "tool.BAT"):
            if arg in ("plain", "two words", ""):
                assert process._windows_command([script, arg], path) == [str(tmp_path / script), arg]
            else:
                with pytest.raises(AwsenvError) as caught:
                    process._windows_command([script, arg], path)
                assert caught.value.code == process.NOT_EXECUTABLE
    with pytest.raises(AwsenvError) as caught:
        process._windows_command(["nothing.exe"], path)
    assert caught.value.code == process.NOT_FOUND
