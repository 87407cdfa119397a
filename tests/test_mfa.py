"""MFA codes: their sources, what happens after AWS rejects one, and one code for several roles."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pexpect
import pytest
from support.clients import aws
from support.clock import session_seconds
from support.homes import Home
from support.programs import BIN
from support.scripted_sts import SERIAL, Call, Refused, ScriptedSts

from awsenv.result import printable

pytestmark = pytest.mark.shell

ROLE = "arn:aws:iam::123456789012:role"
CONFIG = f"""\
[profile ada]
mfa_serial = {SERIAL}
region = eu-west-1
[profile one]
role_arn = {ROLE}/one
source_profile = ada
mfa_serial = {SERIAL}
region = eu-central-1
[profile two]
role_arn = {ROLE}/two
source_profile = ada
mfa_serial = {SERIAL}
region = eu-central-1
[profile plain]
role_arn = {ROLE}/plain
source_profile = ada
region = eu-central-1
[profile chained]
role_arn = {ROLE}/chained
source_profile = one
region = eu-central-1
"""
KEYS = "[ada]\naws_access_key_id = AKIAADA\naws_secret_access_key = secret\n"


@pytest.fixture
def sts(scripted_sts: ScriptedSts) -> ScriptedSts:
    scripted_sts.guarded = True
    return scripted_sts


@pytest.fixture
def home(tmp_path: Path, sts: ScriptedSts) -> Home:
    return Home(tmp_path / "home", sts).write(CONFIG, KEYS)  # type: ignore[arg-type]  # only its URL is used


def add(home: Home, *lines: str, profile: str = "one") -> None:
    home.config.write_text(CONFIG.replace(f"[profile {profile}]", "\n".join([f"[profile {profile}]", *lines])))


class MfaTerminal:
    """A terminal in which `awsenv assume …` runs; the snippet goes into a file."""

    def __init__(self, home: Home, *args: str, **more: str) -> None:
        command = '"$0" "$@" --shell bash >out; echo CODE=$?.'
        self._out = home.path / "out"
        self._child = pexpect.spawn(
            "/bin/sh",
            ["-c", command, str(BIN / "awsenv"), "assume", *args],
            env=home.environment(**more),  # type: ignore[arg-type]
            cwd=str(home.path),
            timeout=30,
            encoding="utf-8",
        )

    def _wait(self, text: str = "Enter MFA code for") -> str:
        self._child.expect_exact(text)
        return str(self._child.before)

    def answer(self, code: str, *, prompt: str = "Enter MFA code for") -> str:
        """Wait for a prompt and type a code; the output before the prompt."""
        output = self._wait(prompt)
        self._child.sendline(code)
        return output

    def interrupt(self) -> str:
        """Wait for a prompt and press Ctrl-C, which also ends the shell; the snippet."""
        self._wait()
        self._child.sendintr()
        self._wait("interrupted, nothing was changed")
        self._child.close(force=True)
        return self._out.read_text()

    def finish(self) -> tuple[int, str, str]:
        """Wait until it exits; the exit code, the output since the last prompt, and the snippet."""
        self._child.expect(r"CODE=(\d+)\.")
        code, output = int(self._child.match.group(1)), str(self._child.before)
        self._child.close()
        return code, output, self._out.read_text()


# --- the prompt on the terminal -----------------------------------------------------------------------------------------


def test_the_mfa_prompt_is_on_the_terminal_and_not_in_the_snippet(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456"}
    tty = MfaTerminal(home, "one")
    tty.answer("123456", prompt=f"Enter MFA code for {SERIAL}: ")
    code, _, snippet = tty.finish()
    assert code == 0
    assert "AWS_SESSION_TOKEN" in snippet
    assert "MFA" not in snippet
    assert sts.calls[0]["SerialNumber"] == SERIAL
    home.exported("one")  # from the cache
    assert len(sts.calls) == 1


@pytest.mark.parametrize("odd", ["\x1b]0;title\x07", "\x9b2J", "\u202e\u200b"], ids=["C0", "C1", "bidirectional"])
def test_the_mfa_prompt_escapes_what_a_terminal_would_obey(odd: str, home: Home) -> None:
    home.config.write_text(CONFIG.replace(f"mfa_serial = {SERIAL}", f"mfa_serial = {SERIAL}{odd}x"), encoding="utf-8")
    tty = MfaTerminal(home, "one")
    assert tty.answer("", prompt=f"Enter MFA code for {SERIAL}{printable(odd)}x: ").isprintable()
    assert tty.finish()[0] == 1


def test_a_wrong_code_prompts_again(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"333333"}
    tty = MfaTerminal(home, "one")
    tty.answer("111111")
    assert "AWS rejected that code." in tty.answer("22")
    assert "That is not an MFA code of six digits." in tty.answer("333333")
    assert tty.finish()[0] == 0
    assert len(sts.calls) == 2


def test_the_prompt_is_repeated_three_times(home: Home, sts: ScriptedSts) -> None:
    tty = MfaTerminal(home, "one")
    for code in ("111111", "222222", "333333"):
        tty.answer(code)
    code, output, snippet = tty.finish()
    assert (code, snippet) == (1, "(exit 1);\n")
    assert "AWS rejected the third MFA code, too: MultiFactorAuthentication failed" in output
    assert "Each works once" in output
    assert len(sts.calls) == 3


def test_a_rejected_code_is_not_sent_again(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"222222"}
    tty = MfaTerminal(home, "one")
    tty.answer("111111")
    tty.answer("111111")
    assert "That is the same code again; wait for the next." in tty.answer("222222")
    assert tty.finish()[0] == 0
    assert len(sts.calls) == 2


def test_a_code_used_by_another_role_is_explained(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456", "654321"}
    tty = MfaTerminal(home, "one")
    tty.answer("123456")
    assert tty.finish()[0] == 0
    tty = MfaTerminal(home, "two")
    tty.answer("123456")
    output = tty.answer("654321")
    assert "AWS rejected that code; a code of that device was used" in output
    assert "each works once" in output
    assert tty.finish()[0] == 0
    stored = [path.read_text() for path in (home.path / ".cache/awsenv").rglob("*.json")]
    assert not any("123456" in text.replace("123456789012", "") for text in stored)


def test_an_empty_code_and_ctrl_c_end_the_prompt(home: Home, sts: ScriptedSts) -> None:
    tty = MfaTerminal(home, "one")
    tty.answer("")
    code, output, snippet = tty.finish()
    assert (code, snippet) == (1, "(exit 1);\n")
    assert "not an MFA code of six digits" in output
    tty = MfaTerminal(home, "one")
    assert tty.interrupt() == "(exit 130);\n"
    assert sts.calls == []


def test_a_missing_terminal_is_reported_with_a_fix(home: Home, sts: ScriptedSts) -> None:
    for args, message in (((), "there is no terminal to ask on"), (("--no-input",), "--no-input forbids prompting")):
        result = home.awsenv("assume", "one", *args, "--shell", "bash")
        assert (result.returncode, result.stdout) == (1, "(exit 1);\n")
        assert message in result.stderr
        assert SERIAL in result.stderr
        assert "--mfa-token" in result.stderr
        assert result.stderr.count("\n") == 1
    assert sts.calls == []


def test_duration_max_needs_one_mfa_code(home: Home, sts: ScriptedSts) -> None:
    sts.codes, sts.max_duration = None, 8 * 3600
    tty = MfaTerminal(home, "one", "--duration", "max")
    tty.answer("123456")
    assert tty.finish()[0] == 0
    assert len(sts.calls) > 2


@pytest.mark.parametrize("hours", [1, 8, 12])
def test_duration_max_accepts_a_code_on_the_command_line(hours: int, home: Home, sts: ScriptedSts) -> None:
    sts.codes, sts.max_duration = {"123456"}, hours * 3600
    values = home.exported("one", "--duration", "max", "--mfa-token", "123456")
    assert abs(session_seconds(values) - hours * 3600) < 60
    assert sts.count("GetSessionToken") == 1


def test_duration_max_queries_iam_with_the_session_of_the_mfa_code(home: Home, sts: ScriptedSts) -> None:
    sts.codes, sts.max_duration, sts.allows_get_role = {"123456"}, 5 * 3600, True
    values = home.exported("one", "--duration", "max", "--mfa-token", "123456")
    assert abs(session_seconds(values) - 5 * 3600) < 60
    assert [call["Action"] for call in sts.calls] == ["GetSessionToken", "GetRole", "AssumeRole"]
    assert sts.rejected == []


def test_a_second_prompt_is_explained_if_get_session_token_is_denied(home: Home, sts: ScriptedSts) -> None:
    def forbid(call: Call) -> None:
        if call["Action"] == "GetSessionToken":
            raise Refused(403, "AccessDenied", "explicit deny")

    sts.before = forbid  # type: ignore[method-assign]
    sts.codes, sts.max_duration = {"000001", "000002", "000003", "000004", "000005"}, 3600
    tty = MfaTerminal(home, "one", "--duration", "max")
    tty.answer("000001")
    for number in range(2, 6):
        assert "That code has already been used" in tty.answer(f"00000{number}")
    assert tty.finish()[0] == 0


# --- other sources of the code ----------------------------------------------------------------------------------------


def test_the_code_may_be_on_the_command_line(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456"}
    assert home.exported("one", "--mfa-token", "123456", "--no-input")
    result = home.awsenv("assume", "two", "--mfa-token", "123456", "--shell", "bash")
    assert result.returncode == 1
    assert "AWS rejected the MFA code from --mfa-token" in result.stderr
    assert "s ago, and each works once: wait for the next" in result.stderr


def test_a_wrong_code_on_the_command_line_is_an_error(home: Home) -> None:
    result = home.awsenv("assume", "two", "--mfa-token", "123456", "--shell", "bash")
    assert "AWS rejected the MFA code from --mfa-token" in result.stderr
    assert "Each works once" in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_code_is_not_stored_for_refresh(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456", "654321"}
    script = 'eval "$(awsenv assume one --mfa-token 123456)"; env | grep -c 123456$; eval "$(awsenv refresh --mfa-token 654321)"'
    result = subprocess.run(["bash", "-c", script], env=home.environment(), capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, "0\n"), result.stderr
    assert [call["TokenCode"] for call in sts.calls] == ["123456", "654321"]


def test_mfa_process_supplies_the_code(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456"}
    add(home, "mfa_process = printf '123%s\\n' 456 | cat; echo to stderr >&2")
    assert home.exported("one", "--no-input")
    assert sts.calls[0]["TokenCode"] == "123456"


def test_mfa_process_of_the_source_profile_is_used(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456"}
    add(home, "mfa_process = echo 123456", profile="ada")
    assert home.exported("one")


def test_mfa_process_sees_no_credentials_of_the_shell(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456"}
    add(home, 'mfa_process = test -z "$AWS_ACCESS_KEY_ID" && echo 123456')
    assert home.exported("one", AWS_ACCESS_KEY_ID="AKIASTALE", AWS_SECRET_ACCESS_KEY="stale")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("echo secretword; exit 3", "mfa_process of profile one exited with 3"),
        ("echo secretword", "mfa_process of profile one printed no code of six digits"),
        ("echo 111111", "AWS rejected the MFA code from mfa_process of profile one"),
    ],
)
def test_a_failing_mfa_process_is_reported(command: str, message: str, home: Home) -> None:
    add(home, f"mfa_process = {command}")
    result = home.awsenv("assume", "one", "--shell", "bash")
    assert (result.returncode, result.stdout) == (1, "(exit 1);\n")
    assert message in result.stderr
    assert "secretword" not in result.stderr


def with_ykman(home: Home, script: str) -> str:
    """A PATH with a ykman that records its arguments; the real one requires a hardware key."""
    directory = home.path / "bin"
    directory.mkdir()
    (directory / "ykman").write_text(f'#!/bin/sh\necho "$*" >>{home.path}/called\n{script}\n')
    (directory / "ykman").chmod(0o755)
    return f"{directory}:{home.environment()['PATH']}"


@pytest.mark.parametrize("setting", ["", "mfa_prompt = ykman"])
def test_an_installed_ykman_supplies_the_code(setting: str, home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456", "654321"}
    path = with_ykman(home, "echo 123456")
    add(home, setting)
    assert home.awsenv("assume", "one", "--no-input", "--shell", "bash", PATH=path).returncode == 1
    assert home.exported("one", PATH=path)
    assert (home.path / "called").read_text() == f"oath accounts code --single {SERIAL}\n"
    (home.path / "called").unlink()
    home.exported("one", "--refresh", "--mfa-token", "654321", PATH=path)  # the command line comes first
    assert not (home.path / "called").exists()


def test_the_account_and_device_of_ykman_can_be_set(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456"}
    add(home, "mfa_prompt = ykman")
    path = with_ykman(home, "echo 123456")
    assert home.exported("one", PATH=path, YKMAN_OATH_CREDENTIAL_NAME="aws:ada", YKMAN_OATH_DEVICE_SERIAL="42")
    assert (home.path / "called").read_text() == "--device 42 oath accounts code --single aws:ada\n"


def test_without_ykman_the_code_is_prompted_for(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456"}
    add(home, "mfa_prompt = ykman")
    tty = MfaTerminal(home, "one")
    tty.answer("123456")
    assert tty.finish()[0] == 0


def test_mfa_prompt_terminal_does_not_run_ykman(home: Home) -> None:
    add(home, "mfa_prompt = terminal")
    result = home.awsenv("assume", "one", "--shell", "bash", PATH=with_ykman(home, "echo 123456"))
    assert "no terminal to ask on" in result.stderr
    assert not (home.path / "called").exists()


@pytest.mark.parametrize("script", ["echo ERROR: No YubiKey detected >&2; exit 1", "echo 111111"])
def test_an_unconfigured_ykman_without_a_code_falls_back_to_the_prompt(
    script: str, home: Home, sts: ScriptedSts
) -> None:
    sts.codes = {"123456"}
    tty = MfaTerminal(home, "one", PATH=with_ykman(home, script))
    assert "ERROR" not in tty.answer("123456")
    assert tty.finish()[0] == 0
    assert (home.path / "called").read_text().count("\n") == 1


def test_a_failing_ykman_is_reported(home: Home) -> None:
    add(home, "mfa_prompt = ykman")
    result = home.awsenv("assume", "one", "--shell", "bash", PATH=with_ykman(home, "exit 2"))
    assert "ykman exited with 2" in result.stderr


# --- GetSessionToken --------------------------------------------------------------------------------------------------


def test_long_term_keys_become_a_session_of_twelve_hours(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456"}
    values = home.exported("ada", "--session-token", "--mfa-token", "123456")
    (call,) = sts.calls
    assert (call["Action"], call["SerialNumber"], call["Key"]) == ("GetSessionToken", SERIAL, "AKIAADA")
    assert 43100 < session_seconds(values) <= 43200
    assert values["AWS_REGION"] == "eu-west-1"
    assert home.exported("ada", "--session-token") == values
    assert len(sts.calls) == 1
    assert home.exported("ada")["AWS_ACCESS_KEY_ID"] == "AKIAADA"


def test_one_code_serves_several_roles(home: Home, sts: ScriptedSts) -> None:
    """The session is obtained once, explicitly; roles that require MFA use it automatically."""
    sts.codes = {"123456"}
    user = home.exported("ada", "--session-token", "--mfa-token", "123456")
    for profile in ("one", "two", "chained"):
        assert home.exported(profile, "--no-input")
    calls = sts.calls[1:]
    assert [call["RoleArn"].rpartition("/")[2] for call in calls] == ["one", "two", "chained"]
    assert [call["Key"] for call in calls[:2]] == [user["AWS_ACCESS_KEY_ID"]] * 2
    assert not any("SerialNumber" in call or "TokenCode" in call for call in calls)


def test_the_aws_cli_uses_the_role_session_and_keeps_the_user_session(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456"}
    home.exported("ada", "--session-token", "--mfa-token", "123456")
    (entry,) = home.cache.iterdir()
    before = entry.read_bytes()
    home.exported("one")
    with pytest.raises(AssertionError, match="InvalidAction"):  # the scripted STS knows no other action
        aws(home, "sts", "get-caller-identity", "--profile", "one")
    assert sts.count("AssumeRole") == 1
    assert entry.read_bytes() == before
    assert entry.stat().st_mode & 0o777 == 0o600


def test_a_role_can_be_assumed_with_session_token(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456"}
    assert home.exported("one", "--session-token", "--mfa-token", "123456")
    assert [call["Action"] for call in sts.calls] == ["GetSessionToken", "AssumeRole"]
    assert home.exported("two", "--session-token")
    assert [call["Action"] for call in sts.calls] == ["GetSessionToken", "AssumeRole", "AssumeRole"]
    assert home.exported("one", "--session-token")  # from the cache: no further call
    assert home.exported("one")
    assert len(sts.calls) == 3


def test_session_token_works_for_a_role_without_mfa(home: Home, sts: ScriptedSts) -> None:
    sts.guarded, sts.codes = False, {"123456"}
    home.exported("ada", "--session-token", "--mfa-token", "123456")
    home.exported("plain")
    assert [call["Key"][:4] for call in sts.calls] == ["AKIA", "AKIA"]
    sts.calls.clear()
    home.config.write_text(CONFIG.replace(f"[profile ada]\nmfa_serial = {SERIAL}", "[profile ada]"))
    home.exported("plain", "--refresh")
    home.exported("plain", "--session-token", "--refresh")
    assert [call["Action"] for call in sts.calls] == ["AssumeRole", "GetSessionToken", "AssumeRole"]
    assert [call["Key"].startswith("AKIA") for call in sts.calls] == [True, True, False]
    assert "SerialNumber" not in sts.calls[1]


def test_a_chain_starts_from_the_user_session(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456"}
    assert home.exported("chained", "--session-token", "--mfa-token", "123456")
    actions = [(call["Action"], call.get("RoleArn", "").rpartition("/")[2]) for call in sts.calls]
    assert actions == [("GetSessionToken", ""), ("AssumeRole", "one"), ("AssumeRole", "chained")]


def test_the_mfa_device_may_be_on_the_command_line(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456"}
    assert home.exported("plain", "--mfa-serial", SERIAL, "--mfa-token", "123456")
    assert sts.calls[0]["SerialNumber"] == SERIAL


def test_a_rejected_user_session_falls_back_to_the_prompt(home: Home, sts: ScriptedSts) -> None:
    """A trust policy may require a recent MFA code: aws:MultiFactorAuthAge."""
    sts.codes = {"123456", "654321"}
    home.exported("ada", "--session-token", "--mfa-token", "123456")
    sts._with_mfa.clear()
    assert home.exported("one", "--mfa-token", "654321")
    assert [call.get("TokenCode") for call in sts.calls] == ["123456", None, "654321"]


def test_the_user_session_has_the_requested_duration(home: Home, sts: ScriptedSts) -> None:
    sts.codes = None
    for args, seconds in (
        (("--duration", "36h"), "129600"),
        (("--duration", "15m"), "900"),
        (("--duration", "max"), "129600"),
    ):
        home.exported("ada", "--session-token", "--refresh", "--mfa-token", "123456", *args)
        assert sts.calls[-1]["DurationSeconds"] == seconds
    result = home.awsenv("assume", "ada", "--session-token", "--duration", "37h", "--shell", "bash")
    assert result.returncode == 2
    assert "outside 15m to 36h" in result.stderr
    result = home.awsenv("assume", "one", "--session-token", "--duration", "13h", "--shell", "bash")
    assert result.returncode == 2
    assert "valid for 12h at most" in result.stderr


def test_a_wrong_code_for_the_user_session_prompts_again(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"222222"}
    tty = MfaTerminal(home, "one", "--session-token")
    tty.answer("111111")
    assert "AWS rejected that code." in tty.answer("222222")
    assert tty.finish()[0] == 0
    assert [call["Action"] for call in sts.calls] == ["GetSessionToken", "GetSessionToken", "AssumeRole"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[ada]\naws_access_key_id = ASIA1\naws_secret_access_key = s\naws_session_token = t\n", "ada"),
        ("[ada]\naws_access_key_id = ASIA1\naws_secret_access_key = s\naws_session_token = t\n", "one"),
        ("[ada]\ncredential_process = /nowhere\n", "one"),
    ],
)
def test_session_token_requires_long_term_keys(text: str, name: str, home: Home, sts: ScriptedSts) -> None:
    home.credentials.write_text(text)
    result = home.awsenv("assume", name, "--session-token", "--shell", "bash")
    assert result.returncode == 2
    assert "--session-token is for long-term keys" in result.stderr
    assert sts.calls == []


def test_refresh_repeats_session_token(home: Home, sts: ScriptedSts) -> None:
    sts.codes = None
    script = (
        'eval "$(awsenv assume ada --session-token --mfa-token 123456)"; eval "$(awsenv refresh --mfa-token 123456)"'
    )
    result = subprocess.run(["bash", "-c", script], env=home.environment(), capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert [call["Action"] for call in sts.calls] == ["GetSessionToken"] * 2


def test_concurrent_processes_share_one_user_session(home: Home, sts: ScriptedSts) -> None:
    sts.codes = {"123456"}
    processes = [
        subprocess.Popen(
            [str(BIN / "awsenv"), "assume", name, "--session-token", "--mfa-token", "123456", "--format", "json"],
            env=home.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("ada", "one", "two", "ada", "one", "two")
    ]
    answers = [process.communicate(timeout=120) for process in processes]
    assert all(process.returncode == 0 for process in processes), answers
    assert len({json.loads(out)["AWS_ACCESS_KEY_ID"] for out, _ in answers}) == 3
    assert (sts.count("GetSessionToken"), sts.count("AssumeRole")) == (1, 2)


# --- errors before the prompt -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("args", [("one",), ("one", "--session-token"), ("ada", "--session-token")], ids=" ".join)
@pytest.mark.parametrize("wrong", ["no region", "an invalid endpoint"])
def test_errors_before_the_sts_call_precede_the_prompt(
    wrong: str, args: tuple[str, ...], home: Home, sts: ScriptedSts, tmp_path: Path
) -> None:
    ran = tmp_path / "ran"
    add(home, f"mfa_process = sh -c 'touch {ran}; echo 123456'", profile="ada")
    if wrong == "no region":
        lines = home.config.read_text().splitlines(keepends=True)
        home.config.write_text("".join(line for line in lines if not line.startswith("region")))
    endpoint = sts.url if wrong == "no region" else "localhost"
    result = home.awsenv("assume", *args, "--format", "json", AWS_ENDPOINT_URL_STS=endpoint)
    assert (result.returncode, result.stdout) == (1, "")
    assert ("region" if wrong == "no region" else "localhost") in result.stderr
    assert not ran.exists()
    assert sts.calls == []
