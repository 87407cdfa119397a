"""The prompt in every shell: the segment, its color, the warnings, renewal."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from support.clock import Clock
from support.environment import assumed, wait_for
from support.homes import Home
from support.shells import INTERACTIVE, LOAD, run
from support.strace import starts_no_process
from support.terminal import Terminal, terminal
from support.tokens import regional, text
from support.until import without_until

pytestmark = pytest.mark.shell

OFF = {shell: line.replace(f"init {shell}", f"init {shell} --off") for shell, line in LOAD.items()}

every_shell = pytest.mark.parametrize("shell", INTERACTIVE)


def set_variables(tty: Terminal, **variables: str) -> None:
    """Export or, with an empty value, unset variables, as if pasted."""
    for name, value in variables.items():
        line = {
            "fish": f"set -gx {name} '{value}'" if value else f"set -eg {name}",
            "powershell": f"$env:{name} = '{value}'" if value else f"Remove-Item Env:{name} -ErrorAction Ignore",
        }.get(tty.shell, f"export {name}='{value}'" if value else f"unset {name}")
        tty.type(line)


def count(tty: Terminal, text: str) -> int:
    return without_until(tty.text).count(text)


@every_shell
def test_the_prompt_starts_with_the_profile_and_the_time_left(shell: str, home: Home) -> None:
    with terminal(shell, home) as tty:
        assert tty.ready() == "READY>"
        tty.type("awsenv assume project1")
        assert tty.ready() in ("project1 59m READY>", "project1 1h00m READY>")
        tty.type("awsenv clear")
        assert tty.ready() == "READY>"


@every_shell
def test_each_threshold_changes_the_color_and_warns_once(shell: str, home: Home, clock: Clock) -> None:
    with terminal(shell, home, clock=clock, NO_COLOR="") as tty:
        tty.type("awsenv assume project1")
        start = time.monotonic()
        for minutes, segment, color, warning in (
            (30.5, "project1 29m", "green", None),
            (46.5, "project1 13m", "brown", "awsenv: project1: 13m left; renew with: awsenv refresh"),
            (56.5, "project1 3m", "brown", "awsenv: project1: 3m left; renew with: awsenv refresh"),
            (62.5, "project1 expired", "red", "awsenv: project1: expired 2m ago; renew with: awsenv refresh"),
        ):
            tty.screen.reset()
            tty.move(minutes, since=start)
            tty.enter()
            for _ in range(3):
                line = tty.enter()
            assert line == f"{segment} READY>"
            assert tty.color_of("project1") == color
            assert tty.color_of("READY") == "default"
            assert count(tty, "awsenv: ") == (0 if warning is None else 1), tty.text
            assert warning is None or count(tty, warning) == 1
        tty.type("awsenv refresh")
        tty.screen.reset()
        assert tty.enter() in ("project1 59m READY>", "project1 1h00m READY>")
        assert count(tty, "awsenv: ") == 0


@every_shell
def test_a_jump_past_all_thresholds_warns_once(shell: str, home: Home, clock: Clock) -> None:
    with terminal(shell, home, clock=clock) as tty:
        tty.type("awsenv assume project1")
        tty.screen.reset()
        tty.move(180)
        tty.send("\r")
        tty.enter()
        assert count(tty, "awsenv: project1: expired ") == 1
        assert count(tty, "awsenv: ") == 1


@every_shell
def test_a_command_after_an_expiry_at_the_prompt_is_warned_about(shell: str, home: Home, clock: Clock) -> None:
    with terminal(shell, home, clock=clock) as tty:
        tty.type("awsenv assume project1")
        assert "project1" in tty.ready()
        tty.screen.reset()
        tty.move(120)
        tty.send("echo THE'-'COMMAND\r")
        tty.until("THE-COMMAND")
        warning = "awsenv: project1: expired; renew with: awsenv refresh"
        assert warning in tty.text
        assert tty.text.index(warning) < tty.text.index("THE-COMMAND")
        assert tty.ready() == "project1 expired READY>"
        assert count(tty, "awsenv: ") == 1  # once at expiry, not again at the next prompt
        tty.move(129)
        tty.type("echo one")
        assert count(tty, "awsenv: ") == 1
        tty.ready()
        tty.move(132)  # but after ten minutes
        tty.type("echo two")
        assert count(tty, "awsenv: ") == 2


@every_shell
def test_the_status_of_the_last_command_is_preserved(shell: str, home: Home, clock: Clock) -> None:
    with terminal(shell, home, clock=clock) as tty:
        tty.type("awsenv assume project1")
        tty.move(50.5)
        tty.send("\r")  # the hook prints a warning
        tty.ready()
        fail = {"powershell": "sh -c 'exit 1'"}.get(shell, "false")
        tty.send(f"{fail}\r")
        assert tty.status() == "1"


KEYS = {"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASGH7K", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}


def at(seconds: int, form: str, zone: str | None = None) -> str:
    """A time as `date` writes it, in UTC or in a zone."""
    environment = {"PATH": "/usr/bin:/bin", "TZ": zone or "UTC"}
    command = ["date", "-d", f"@{seconds}", f"+{form}"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


ZONE = "Asia/Kolkata"
PEERS = {
    "aws configure export-credentials": ({"AWS_CREDENTIAL_EXPIRATION": ("%FT%T+00:00", None)}, {}, "****GH7K 42m"),
    "aws-vault": ({"AWS_CREDENTIAL_EXPIRATION": ("%FT%TZ", None)}, {"AWS_VAULT": "vaulted"}, "vaulted 42m"),
    "granted": ({"AWS_SESSION_EXPIRATION": ("%FT%T%:z", ZONE)}, {"AWS_PROFILE": "granted"}, "granted 42m"),
    "awsume": ({"AWSUME_EXPIRATION": ("%FT%T", ZONE)}, {"AWSUME_PROFILE": "sumed"}, "sumed 42m"),
    "aws-sso-cli": ({"AWS_SSO_SESSION_EXPIRATION": ("%FT%T%z", ZONE)}, {"AWS_SSO_PROFILE": "sso"}, "sso 42m"),
    "with fractions": ({"AWS_CREDENTIAL_EXPIRATION": ("%FT%T.%NZ", None)}, {}, "****GH7K 42m"),
    "with a blank": ({"AWS_CREDENTIAL_EXPIRATION": ("%F %T UTC", None)}, {}, "****GH7K 42m"),
    "awsume's None": ({}, {"AWSUME_EXPIRATION": "None", "AWSUME_PROFILE": "sumed"}, "sumed ?"),
    "long-term": ({}, {"AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPASGH7K", "AWS_SESSION_TOKEN": ""}, "****GH7K"),
}


@every_shell
def test_sessions_of_other_tools_are_shown(shell: str, home: Home, clock: Clock) -> None:
    with terminal(shell, home, clock=clock, TZ=ZONE) as tty:
        tty.type("awsenv assume project1")  # its own variables must not be used for the other tools' sessions
        for peer, (times, others, segment) in PEERS.items():
            now = int(time.time())
            variables = {name: at(now + 42 * 60 + 30, form, zone) for name, (form, zone) in times.items()}
            set_variables(tty, **{"AWS_CREDENTIAL_EXPIRATION": ""} | KEYS | variables | others)
            assert tty.ready() == f"{segment} READY>", peer
            set_variables(tty, **dict.fromkeys((*variables, *others), ""))


@every_shell
def test_the_expiration_of_pasted_keys_is_estimated(shell: str, home: Home, clock: Clock) -> None:
    with terminal(shell, home, clock=clock) as tty:
        now = int(time.time())
        set_variables(tty, **KEYS)
        assert tty.ready() == "****GH7K ? READY>"
        set_variables(
            tty, AWS_ACCESS_KEY_ID="ASIAQWERTYUIOPASGH7L", AWS_SESSION_TOKEN=text(regional(time=now - 40 * 60 + 30))
        )
        assert tty.ready() == "****GH7L ~20m READY>"
        tty.screen.reset()
        tty.move(10)
        tty.send("\r")
        assert tty.enter() == "****GH7L ~10m READY>"
        assert count(tty, "awsenv: ****GH7L: ~10m left (estimated); renew with: awsenv assume PROFILE") == 1
        tty.screen.reset()
        tty.move(30)
        tty.send("\r")
        tty.enter()
        assert tty.enter() == "****GH7L ~expired READY>"
        assert count(tty, "awsenv: ****GH7L: expired ~9m ago (estimated); renew with: awsenv assume PROFILE") == 1
        assert count(tty, "awsenv: ") == 1


@every_shell
def test_keys_cached_by_the_aws_cli_are_recognised(shell: str, home: Home, clock: Clock) -> None:
    exported = home.exported("project1", **clock.environment)
    with terminal(shell, home, clock=clock) as tty:
        set_variables(tty, **{name: exported[name] for name in KEYS})
        assert tty.ready() in ("project1 59m READY>", "project1 1h00m READY>")


@every_shell
def test_a_session_is_renewed_in_its_last_minutes(shell: str, home: Home, clock: Clock) -> None:
    with terminal(shell, home, clock=clock, init="--renew") as tty:
        tty.type("awsenv assume project1")
        old = tty.show("AWSENV_KEY")
        tty.move(56.5)
        tty.enter_until("awsenv: project1: renewed automatically, ")
        assert tty.ready() in ("project1 59m READY>", "project1 1h00m READY>")
        assert tty.show("AWSENV_KEY") != old
        assert count(tty, "renewed automatically") == 1
        assert count(tty, "3m left") == 0


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_ctrl_c_does_not_end_a_renewal(shell: str, home: Home, clock: Clock) -> None:
    """In fish and PowerShell a renewal runs in its own process group."""
    with terminal(shell, home, clock=clock, init="--renew", setup="trap 'echo mine' INT") as tty:
        tty.type("awsenv assume project1")
        tty.move(56.5)
        assert tty.enter() == "project1 3m READY>"
        tty.send("\x03")
        tty.enter_until("renewed automatically")
        assert "echo mine" in tty.type("trap")


@every_shell
def test_a_session_that_needs_a_prompt_is_not_renewed(shell: str, home: Home, clock: Clock) -> None:
    project1 = home.config.read_text().partition("[profile project1]\n")[2].partition("\n\n")[0]
    serial = "mfa_serial = arn:aws:iam::000000000000:mfa/user1"
    home.config.write_text(f"{home.config.read_text()}\n[profile mfa]\n{serial}\n{project1}\n")
    with terminal(shell, home, clock=clock, init="--renew") as tty:
        tty.send("awsenv assume mfa\r")
        tty.until("Enter MFA code")
        tty.send("123456\r")
        tty.until("awsenv: mfa: ")
        tty.ready()
        tty.screen.reset()
        tty.move(56.5)
        tty.enter_until("awsenv: mfa: automatic renewal failed; type: awsenv refresh")
        for minutes in (57.7, 58.8):
            tty.move(minutes)
            for _ in range(3):
                tty.enter()
        assert count(tty, "Enter MFA code") == 0
        assert count(tty, "automatic renewal failed") == 1
        tty.move(59.5)
        assert tty.enter() == "mfa <1m READY>"


def until_no_renewal_runs(home: Home) -> None:
    """Wait until the hook's background processes have exited."""

    def running() -> bool:
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                renews = b"--if-needed" in (process / "cmdline").read_bytes()
                if renews and f"HOME={home.path}".encode() in (process / "environ").read_bytes().split(b"\0"):
                    return True
        return False

    wait_for(lambda: not running(), "no renewal runs")


@every_shell
def test_a_renewal_with_the_same_expiration_is_a_failure(shell: str, home: Home, clock: Clock) -> None:
    """As from a credential_process with its own cache: reported once, and tried three times."""
    output = {
        "Version": 1,
        "AccessKeyId": "ASIAQWERTYUIOPASGH7K",
        "SecretAccessKey": "s",
        "SessionToken": "t",
        "Expiration": at(int(time.time()) + 12 * 60, "%FT%TZ"),
    }
    (home.path / "process.py").write_text(f"open('calls', 'a').write('x'); print({json.dumps(json.dumps(output))})")
    process = f"{sys.executable} {home.path}/process.py"
    home.config.write_text(f"{home.config.read_text()}\n[profile cached]\ncredential_process = {process}\n")
    with terminal(shell, home, clock=clock, init="--renew", AWSENV_RENEW_BEFORE="15m") as tty:
        tty.type("awsenv assume cached")
        tty.enter_until("awsenv: cached: automatic renewal failed; type: awsenv refresh")
        tty.enter()
        for minutes in (1.2, 2.4, 3.6, 4):
            tty.move(minutes)
            for _ in range(3):
                tty.enter()
                until_no_renewal_runs(home)
        assert count(tty, "automatic renewal failed") == 1
        assert count(tty, "renewed automatically") == 0
        calls = len((home.path / "calls").read_text())
        tty.move(5.2)
        for _ in range(3):
            tty.enter()
        assert len((home.path / "calls").read_text()) == calls


@every_shell
def test_renewals_are_a_minute_apart(shell: str, home: Home, clock: Clock) -> None:
    """A session shorter than the renewal window is due at once; one a minute is obtained."""
    with terminal(shell, home, clock=clock, init="--renew", AWSENV_RENEW_BEFORE="15m") as tty:
        tty.type("awsenv assume project1 --duration 15m")
        tty.move(0.2)
        tty.enter_until("renewed automatically")
        key = tty.show("AWSENV_KEY")
        for _ in range(3):
            tty.enter()
            until_no_renewal_runs(home)
        assert tty.show("AWSENV_KEY") == key
        assert count(tty, "renewed automatically") == 1
        tty.move(1.4)
        tty.screen.reset()
        tty.enter_until("renewed automatically")
        assert tty.show("AWSENV_KEY") != key


PARTS = {
    "no token": {"AWS_SESSION_TOKEN": ""},
    "no secret": {"AWS_SECRET_ACCESS_KEY": ""},
    "no key": {"AWS_ACCESS_KEY_ID": ""},
}


@every_shell
def test_incomplete_keys_are_not_shown_as_valid(shell: str, home: Home) -> None:
    """AWS rejects them, and their expiry is unknown: not green, and the same as `awsenv prompt`."""
    with terminal(shell, home) as tty:
        for part, missing in PARTS.items():
            set_variables(tty, **KEYS | missing)
            name = "****" if part == "no key" else "****GH7K"
            assert tty.ready() == f"{name} ? READY>", part
            tty.screen.reset()
            tty.type("awsenv prompt")
            assert f"\n{name} ?\n" in tty.text, part


@every_shell
def test_no_segment_leaves_the_prompt_alone(shell: str, home: Home) -> None:
    with terminal(shell, home, init="--no-segment") as tty:
        tty.type("awsenv assume user1")
        assert tty.ready() == "READY>"
        line = {"powershell": '"SEGMENT" + "=$AWSENV_SEGMENT."'}.get(shell, "echo SEGMENT'='\"$AWSENV_SEGMENT.\"")
        assert "SEGMENT=user1." in tty.type(line)


@every_shell
def test_production_is_marked_and_settings_are_used(shell: str, home: Home, clock: Clock) -> None:
    settings = {
        "AWSENV_PRODUCTION": "nothing proj?ct*",
        "AWSENV_THRESHOLDS": "40m",
        "AWSENV_COLOR_NEAR": "bright-blue",
        "AWSENV_SYMBOL_EXPIRED": "OVER",
        "NO_COLOR": "",
    }
    with terminal(shell, home, clock=clock, **settings) as tty:
        tty.type("awsenv assume project1")
        tty.ready()
        assert tty.color_of("!project1") == "green reverse"
        tty.move(30.5)
        tty.send("\r")
        assert tty.enter() == "!project1 29m READY>"
        assert tty.color_of("!project1") == "brightblue reverse"
        assert count(tty, "awsenv: project1: 29m left") == 1
        tty.move(120)
        tty.send("\r")
        assert tty.enter() == "!project1 OVER READY>"


@every_shell
def test_a_profile_name_is_data(shell: str, home: Home) -> None:
    role = home.config.read_text().partition("[profile project1]\n")[2].partition("\n\n")[0]
    name = "a %n $(touch pwned) `touch pwned` $HOME \\u"
    home.config.write_text(f"{home.config.read_text()}\n[profile '{name}']\n{role}\n")
    with terminal(shell, home) as tty:
        quoted = {"powershell": "'" + name + "'"}.get(
            shell, "'" + name.replace("\\", "\\\\" if shell == "fish" else "\\") + "'"
        )
        tty.type(f"awsenv assume {quoted}")
        assert name in tty.ready()
        assert not (home.path / "pwned").exists()


@every_shell
def test_off_removes_the_hooks_from_the_running_shell(shell: str, home: Home) -> None:
    with terminal(shell, home) as tty:
        tty.type("awsenv assume project1")
        assert "project1" in tty.ready()
        tty.type(OFF[shell])
        assert tty.ready() == "READY>"
        assert tty.show("AWSENV_PROFILE") == "project1"  # the session stays exported
        tty.type(OFF[shell])
        tty.screen.reset()
        leftovers = {
            "bash": "compgen -v __awsenv; compgen -A function awsenv; compgen -A function __awsenv; complete -p awsenv",
            "zsh": "print -r -- ${(k)parameters[(I)__awsenv*]} ${(k)functions[(I)*awsenv*]} $precmd_functions $preexec_functions",
            "fish": "set -n | string match '__awsenv*'; functions -a | string match '*awsenv*'; complete -c awsenv",
            "powershell": "Get-ChildItem Variable:*awsenv*, Function:*awsenv* | ForEach-Object Name",
        }[shell]
        tty.type(leftovers)
        lines = [line for line in tty.text.splitlines() if "awsenv" in line and leftovers not in line]
        assert [line for line in lines if "no completion specification" not in line] == []


@every_shell
def test_uninstall_removes_the_hooks_from_the_running_shell(shell: str, home: Home) -> None:
    with terminal(shell, home) as tty:
        tty.type("awsenv assume project1")
        assert "project1" in tty.ready()
        tty.type("awsenv uninstall --help")
        assert "project1" in tty.ready()
        tty.type("awsenv uninstall")
        assert tty.ready() == "READY>"


NO_HOOK = {
    "bash": 'echo "<${PROMPT_COMMAND-}${PS0-}${PS1-}>"',
    "zsh": 'print -r -- "<$precmd_functions$preexec_functions$PS1$psvar>"',
    "fish": "emit fish_preexec ls; functions fish_prompt | string match '*awsenv*'; jobs -q; and echo JOB; echo '<>'",
}


@pytest.mark.parametrize("shell", NO_HOOK)
def test_a_non_interactive_shell_gets_no_hook(shell: str, home: Home) -> None:
    result = run(shell, NO_HOOK[shell], home)
    assert (result.out, result.err) == ("<>\n", "")


#: The console host of the tests lacks some parameters of PowerShell's New-Variable.
NEW_VARIABLE = "function New-Variable($Name, $Scope, $Value) { Set-Variable -Scope Global -Name $Name -Value $Value }"


@every_shell
@pytest.mark.parametrize("order", ["before", "after"])
def test_a_virtual_environment_can_be_activated_and_deactivated(
    order: str, shell: str, lone: Home, clock: Clock
) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", lone.path / "v"], check=True, timeout=120)
    activate = {"fish": "source v/bin/activate.fish", "powershell": f"& '{lone.path}/v/bin/Activate.ps1'"}.get(
        shell, "source v/bin/activate"
    )
    setup = "; ".join([NEW_VARIABLE] * (shell == "powershell") + [activate] * (order == "before"))
    active = ("(v) p 59m READY>", "p 59m (v) READY>")  # a shell whose prompt is a function begins with the segment
    with terminal(shell, lone, clock=clock, setup=setup, **assumed(59 * 60 + 30)) as tty:
        for _ in range(2):
            tty.type(activate)  # also on top of itself
            assert tty.ready() in active
            tty.type(LOAD[shell])
            assert tty.ready() in active
            tty.type("deactivate")
            assert tty.ready() == "p 59m READY>"
        tty.type(activate)
        tty.move(10)
        tty.send("\r")
        assert tty.enter() in [line.replace("59m", "49m") for line in active]
        tty.type(OFF[shell])
        assert tty.ready() == "(v) READY>"
        tty.type("deactivate")
        assert tty.ready() == "READY>"


@every_shell
def test_loading_twice_equals_loading_once(shell: str, home: Home, clock: Clock) -> None:
    with terminal(shell, home, clock=clock) as tty:
        tty.type(LOAD[shell])
        tty.type("awsenv assume project1")
        tty.screen.reset()
        tty.move(50.5)
        tty.send("\r")
        assert tty.enter() == "project1 9m READY>"
        assert count(tty, "awsenv: ") == 1


@every_shell
def test_a_prompt_starts_no_process(shell: str, home: Home, tmp_path: Path) -> None:
    """strace watches the shell while it shows twenty prompts, with our keys and with foreign keys."""
    soon = at(int(time.time()) + 3000, "%FT%T+02:00", "Europe/Berlin")
    with terminal(shell, home) as tty:
        for foreign in (False, True):
            if foreign:
                set_variables(tty, **KEYS, AWS_CREDENTIAL_EXPIRATION=soon)
            else:
                tty.type("awsenv assume project1")
            tty.ready()
            with starts_no_process(tty.pid, tmp_path / f"trace{foreign}"):
                for _ in range(20):
                    tty.enter()
