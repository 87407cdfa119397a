"""The entry point: help, versions, imports, interrupts, and what --debug shows."""

from __future__ import annotations

import ast
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.environment import wait_for
from support.homes import Home, refused
from support.programs import BIN
from support.servers import silent_server
from support.shells import run
from support.strace import strace

import awsenv
from awsenv import __version__, dialects, load
from awsenv.args import Command, parse
from awsenv.cli import Invocation
from awsenv.commands import COMMANDS, OTHER_NAMES, find
from awsenv.commands._help import overview
from awsenv.result import AwsenvError
from awsenv.system.redaction import redact


@pytest.mark.shell
@pytest.mark.parametrize("args", [(), ("--help",), ("-h",), ("help",)], ids=str)
def test_help_lists_every_command(args: tuple[str, ...], home: Home) -> None:
    result = home.awsenv(*args)
    assert (result.returncode, result.stderr) == (0, "")
    for command, does in COMMANDS.items():
        assert f"  {command} " in result.stdout
        assert does in result.stdout
    assert "130 interrupted" in result.stdout


def command_of(name: str) -> Command:
    """Return the `Command` of a verb."""
    command: Command = load("commands", name.replace("-", "_")).COMMAND
    return command


@pytest.mark.shell
@pytest.mark.parametrize("command", ["--help", *(f"help {command}" for command in COMMANDS), "help settings"])
def test_help_is_the_same_in_a_python_without_docstrings(command: str, home: Home) -> None:
    line = [sys.executable, "-OO", "-m", "awsenv", *command.split()]
    bare = subprocess.run(line, env=home.environment(), capture_output=True, text=True, check=True, cwd="/")
    assert bare.stdout == home.awsenv(*command.split()).stdout


@pytest.mark.shell
@pytest.mark.parametrize("command", COMMANDS)
def test_command_help_shows_options_and_examples(command: str, home: Home) -> None:
    result = home.awsenv(command, "--help")
    assert result.returncode == 0
    shown = result.stdout.replace("'\\''", "'")
    assert command_of(command).usage in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 80
    assert 0 < shown.index("examples:") < shown.index("options:")
    for option in command_of(command).options:
        assert re.search(rf"^  (-., )?{option} ", shown, re.MULTILINE)
    assert home.awsenv(command, "-h").stdout == result.stdout


@pytest.mark.shell
@pytest.mark.parametrize("shell", ["bash", "zsh", "dash", "fish"])
def test_help_in_a_pipe_to_a_program_is_plain_text(shell: str, home: Home) -> None:
    assert run(shell, "awsenv assume --help | cat", home, load=False).out.startswith(
        "usage: awsenv assume [PROFILE | -] [options]\n"
    )


def test_the_overview_has_every_command_once_and_80_columns() -> None:
    lines = overview().splitlines()
    remarks = {line.rindex("  ") for line in lines if re.match(r"  (?:eval|awsenv) .*\S  +\S", line)}
    assert len(remarks) == 1  # in one column
    assert [line.split()[0] for line in lines if re.match(r"  [a-z-]+  ", line)] == list(COMMANDS)
    assert max(map(len, lines)) <= 80


@pytest.mark.shell
def test_help_in_the_raw_line_is_printed_and_evaluates_nothing(home: Home) -> None:
    result = run("bash", 'eval "$(awsenv assume --help)"; echo "status $?"', home, load=False)
    assert result.out == "status 0\n"
    assert result.err.startswith("usage: awsenv assume [PROFILE | -] [options]\n")
    assert "--format dotenv > .env)\n\n" in result.err


@pytest.mark.shell
def test_version_prints_the_version(home: Home) -> None:
    assert home.awsenv("--version").stdout == f"awsenv {__version__}\n"


@pytest.mark.shell
def test_an_unknown_command_suggests_the_nearest_one(home: Home) -> None:
    result = home.awsenv("asume")
    assert result.returncode == 2
    assert result.stderr == "awsenv: there is no command 'asume'; did you mean assume?\n"
    assert "did you mean awsenv assume project1?" in home.awsenv("project1").stderr


@pytest.mark.shell
def test_the_help_command_prints_plain_text(home: Home) -> None:
    assert home.awsenv("help", "assume").stdout.startswith("usage: awsenv assume [PROFILE | -] [options]\n")
    assert home.awsenv("help", "nonsense").returncode == 2


@pytest.mark.shell
@pytest.mark.parametrize(
    "args", ["asume project1", "assume project1 --shell bsh", "assume --nope", "--debug assume nope", "refresh"]
)
def test_every_error_fails_the_evaluating_shell(args: str, home: Home) -> None:
    result = run("bash", f'eval "$(awsenv {args})" && echo WENT ON', home, load=False)
    assert result.out == ""
    assert result.code != 0
    assert "awsenv: " in result.err


#: Modules that take long to import.
HEAVY = (
    "__future__", "argparse", "boto3", "botocore", "configparser", "dataclasses", "datetime", "enum", "filelock", "jinja2", "json",
    "keyring", "logging", "re", "rich", "shellingham", "subprocess", "typing",
)  # fmt: skip
HOT = {
    "a cached assume": ["assume", "project1", "--shell", "bash"],
    "a cached assume that detects the shell": ["assume", "project1"],
    "clear": ["clear", "--shell", "bash"],
    "check": ["check"],
    "init": ["init", "bash"],
    "a cached credential-process": ["credential-process", "project1"],
}


@pytest.mark.shell
@pytest.mark.parametrize("name", HOT)
def test_the_hot_path_imports_no_heavy_module(name: str, home: Home) -> None:
    home.exported("project1")
    program = (
        "import sys, os, atexit; sys.argv = ['awsenv', *sys.argv[1:]]\n"
        "end = os._exit\n"
        f"os._exit = lambda code: (sys.stderr.write(' '.join(m for m in {HEAVY!r} if m in sys.modules)), end(code))\n"
        "from awsenv.cli import main; main()"
    )
    result = subprocess.run(
        [
            "bash",
            "-c",
            '"$0" -I -S -c "$@"; exit $?',
            sys.executable,
            f"import sys; sys.path += {sys.path!r}\n{program}",
            *HOT[name],
        ],
        env=home.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == (5 if name == "check" else 0)
    assert result.stderr == ""


@pytest.mark.shell
def test_debug_shows_the_location_but_no_secret(home: Home) -> None:
    more = {"AWS_SESSION_TOKEN": "FwoGZXIvYXdzEDEaDKsessiontokensessiontoken"}
    result = home.awsenv("assume", "closed", "--shell", "bash", "--debug", **more)
    assert result.returncode == 1
    assert result.stdout == "(exit 1);\n"
    assert "Traceback" in result.stderr
    assert "AccessDenied" in result.stderr.splitlines()[-1]
    assert home.sts is not None
    for secret in (home.sts.secret, home.sts.key_id, *more.values()):
        assert secret not in result.stderr


def test_redaction_removes_likely_secrets() -> None:
    secret, token = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "IQoJb3JpZ2luX2Vj" * 20 + "=="
    text = f"key AKIAQWERTYUIOPASDFGH secret '{secret}' token {token} aws_session_token = abc and MINE"
    shown = redact(text, {"AWS_SESSION_TOKEN": "MINE"})
    assert secret not in shown
    assert token not in shown
    assert "abc" not in shown
    assert "MINE" not in shown
    assert "DFGH" in shown
    assert "AKIAQWERTY" not in shown
    assert (
        redact("/usr/lib/python3/dist-packages/botocore/client.py", {})
        == "/usr/lib/python3/dist-packages/botocore/client.py"
    )


@pytest.mark.shell
def test_an_interrupt_exits_with_130_and_a_failing_statement(home: Home) -> None:
    with silent_server() as url:
        environment = home.environment(AWS_ENDPOINT_URL_STS=url)
        command = [str(BIN / "awsenv"), "assume", "project1", "--shell", "bash"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for moment in (0.3, 0.1):  # the second comes while the first is handled, or after it
            time.sleep(moment)
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == "(exit 130);\n"
    assert err == "awsenv: interrupted, nothing was changed\n"


@pytest.mark.shell
@pytest.mark.parametrize("moment", [0.005, 0.012, 0.016, 0.02, 0.03, 0.06])
def test_an_interrupt_at_any_moment_prints_no_traceback(moment: float, home: Home) -> None:
    """Until awsenv has installed its handler, in its first two files, Python handles the interrupt."""
    for _ in range(5):
        command = [str(BIN / "awsenv"), "assume", "closed", "--shell", "bash"]
        process = subprocess.Popen(
            command, env=home.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        time.sleep(moment)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        if "interrupted" not in err:
            frames = [line for line in err.splitlines() if "site-packages/awsenv" in line]
            assert all("/__init__.py" in frame or "/__main__.py" in frame for frame in frames), err
            continue
        assert (process.returncode, out) == (130, "(exit 130);\n"), err
        assert err == "awsenv: interrupted, nothing was changed\n"


@pytest.mark.shell
def test_an_interrupt_while_a_session_is_written_leaves_no_temporary_file(home: Home) -> None:
    """strace delays the time between the write of the data and the rename."""
    command = [*strace("fsync", os.devnull), "-e", "inject=fsync:delay_enter=800000"]
    process = subprocess.Popen(
        [*command, str(BIN / "awsenv"), "assume", "project1", "--shell", "bash"],
        env=home.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    wait_for(lambda: list(home.cache.glob("*.tmp")), "a session is written")
    subprocess.run(["pkill", "-INT", "-g", str(process.pid), "-f", "bin/awsenv assume"], check=False)
    process.communicate(timeout=60)
    assert list(home.cache.glob("*.tmp")) == []


@pytest.mark.shell
def test_profile_and_common_options_have_short_forms(home: Home) -> None:
    expected = home.exported("project1", "--region", "eu-west-3")
    for args in (
        ("-p", "project1", "-r", "eu-west-3"),
        ("-pproject1", "-reu-west-3"),
        ("--profile=project1", "-r=eu-west-3"),
    ):
        assert home.exported(*args) == expected
    assert home.awsenv("exec", "-p", "project1", "printenv", "AWSENV_PROFILE").stdout == "project1\n"
    assert "--duration 5 is not" not in refused(home, "project1", "-d", "5", code=2)
    assert "init has no option --profile" in home.awsenv("init", "-p", "bash").stderr
    assert "project1" in {row["name"] for row in json.loads(home.awsenv("list", "-j").stdout)}


@pytest.mark.parametrize("option", ["-region=eu-west-3", "-region:eu-west-3", "-region", "-duration=1h", "-help"])
def test_a_long_option_with_one_dash_is_rejected(option: str) -> None:
    """As -r egion=eu-west-3 it would export a region that does not exist."""
    with pytest.raises(AwsenvError, match=f"has no option {option.partition('=')[0]}; "):
        parse("assume", ["project1", option], find("assume").options, 1)


@pytest.mark.parametrize("name, command", OTHER_NAMES.items())
def test_the_commands_of_other_tools_suggest_one_of_ours(name: str, command: str) -> None:
    assert command.split(maxsplit=1)[0] in COMMANDS
    assert name not in COMMANDS
    with pytest.raises(AwsenvError, match=f"did you mean {command}"):
        find(name)


@pytest.mark.shell
def test_an_arn_in_place_of_a_profile_is_reported_with_the_option_for_roles(home: Home) -> None:
    arn = "arn:aws:iam::000000000000:role/{}"
    assert "did you mean closed?" in refused(home, arn.format("closed"))
    assert f"--role-arn {arn.format('other')} --source-profile PROFILE" in refused(home, arn.format("other"))


@pytest.mark.shell
def test_data_formats_have_all_variables(home: Home) -> None:
    values = home.exported("project1")
    assert set(values) == {
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION",
        "AWS_REGION", "AWS_DEFAULT_REGION",
    }  # fmt: skip
    env = home.awsenv("assume", "project1", "--format", "env").stdout
    assert dict(line.split("=", 1) for line in env.splitlines()) == values
    dotenv = home.awsenv("assume", "project1", "--format", "dotenv").stdout
    assert dict(line.replace("'", "").split("=", 1) for line in dotenv.splitlines()) == values


@pytest.mark.shell
def test_data_formats_get_no_failing_statement(home: Home) -> None:
    for args, code in ((("assume", "nope", "--format", "json"), 1), (("list", "--nope"), 2)):
        result = home.awsenv(*args)
        assert (result.returncode, result.stdout) == (code, "")


@pytest.mark.shell
def test_list_prints_a_table_and_json(home: Home) -> None:
    home.exported("project1")
    result = home.awsenv("list")
    assert result.returncode == 0
    rows = {line.split("  ")[0]: line for line in result.stdout.splitlines()}
    assert rows["project1"].split()[1:7] == ["role", "000000000000", "project1", "user1", "-", "eu-central-1"]
    assert rows["project1"].split()[7] in ("59m", "1h00m")
    assert "temporary keys" in rows["temporary"]
    assert "\x1b" not in result.stdout
    listed = {row["name"]: row for row in json.loads(home.awsenv("list", "--json").stdout)}
    assert listed["project1"]["kind"] == "role"
    assert 3500 < listed["project1"]["seconds_left"] <= 3660
    assert listed["user1"]["kind"] == "keys"
    assert listed["empty"]["kind"] == "none"
    assert listed["chained"]["seconds_left"] is None


@pytest.mark.parametrize(
    ("shell", "expected"),
    [
        ("cmd", 'awsenv assume "my role" or set "AWS_X="'),
        ("bash", "awsenv assume 'my role' or unset AWS_X"),
        ("powershell", "awsenv assume 'my role' or Remove-Item Env:AWS_X"),
        ("fish", "awsenv assume 'my role' or set -e AWS_X"),
    ],
)
def test_fixes_are_written_in_the_syntax_of_the_calling_shell(
    shell: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialects, "detect", lambda environ: shell)
    error = AwsenvError("it's so", "awsenv assume 'my role' or unset AWS_X", 4)
    shown = Invocation([], {}).translated(error)
    assert (shown.what, shown.fix, shown.code) == ("it's so", expected, 4)


# --- the Python version, and where modules are imported from -------------------------------------------------------------


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_an_old_python_can_parse_the_files_before_the_version_check(name: str) -> None:
    source = (Path(awsenv.__file__).parent / name).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))
    code = [line for line in source.splitlines() if not line.startswith("#")]
    assert not any(line.startswith("from __future__") for line in code)  # that of annotations is new in 3.7
    assert ":=" not in source


@pytest.mark.shell
@pytest.mark.parametrize("version", ["3.9", "3.6"])
def test_pip_refuses_an_old_python(version: str) -> None:
    wheel = next(BIN.parent.glob("wheel/*.whl"))
    args = ["download", "--no-index", "--no-deps", "--only-binary=:all:", "--python-version", version, str(wheel)]
    done = subprocess.run([sys.executable, "-m", "pip", *args], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "requires a different Python" in done.stderr
    assert ">=3.10" in done.stderr


PLANTED = ("json", "re", "_signal", "subprocess", "botocore", "boto3", "jinja2", "shellingham", "dateutil", "socket")


@pytest.mark.shell
@pytest.mark.parametrize("pythonpath", [":/opt", "/opt:", "/opt::/srv", ".", "/opt:.:/srv"])
@pytest.mark.parametrize(
    "args", [["--help"], ["assume", "project1", "--shell", "sh"], ["list"], ["compare", "-", "user1"]]
)
def test_no_module_of_the_current_directory_is_imported(pythonpath: str, args: list[str], home: Home) -> None:
    """`export PYTHONPATH=$PYTHONPATH:/opt` adds the current directory if PYTHONPATH was unset."""
    clone = home.path / "clone"
    clone.mkdir()
    ran = home.path / "ran"
    for name in PLANTED:
        (clone / f"{name}.py").write_text(f"open({str(ran)!r}, 'a').write('{name}\\n')\nraise SystemExit(9)\n")
    for start in ([str(BIN / "awsenv")], [sys.executable, "-c", "from awsenv.__main__ import main; main()"]):
        done = subprocess.run(
            [*start, *args],
            env=home.environment(PYTHONPATH=pythonpath),
            cwd=clone,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 1), done.stderr
        assert not ran.exists(), ran.read_text()


@pytest.mark.shell
def test_modules_of_named_directories_are_still_found(home: Home) -> None:
    """For example a plug-in of keyring, and awsenv itself if it is run in its own directory."""
    show = "import awsenv.__main__, sys; print(sys.path)"
    mine, own = home.path / "mine", Path(awsenv.__file__).parent.parent
    mine.mkdir()
    for pythonpath, cwd, named in ((f":{mine}", home.path, mine), (str(mine), mine, mine), (".", own, own)):
        environment = home.environment(PYTHONPATH=pythonpath)
        done = subprocess.run(
            [sys.executable, "-c", show], env=environment, cwd=cwd, capture_output=True, text=True, check=True
        )
        assert str(named) in ast.literal_eval(done.stdout)
        assert "" not in ast.literal_eval(done.stdout)
