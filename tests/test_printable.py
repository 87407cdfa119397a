"""No text of a file, a variable or a server controls the terminal or imitates another text on it."""

from __future__ import annotations

import os
import pty
import subprocess
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.aws_files import AwsFiles
from support.homes import Home
from support.programs import BIN
from support.shells import INTERACTIVE, run
from support.terminal import terminal

from awsenv.environment.state import state_of
from awsenv.result import printable

KEY = "ASIAQWERTYUIOPASGH7K"
#: Sequences that a terminal interprets, and characters that it does not show.
HOSTILE = {
    "a title": "a\x1b]0;x\x07b",
    "a clear": "a\x1b[2Jb",
    "a line end": "a\r\nb",
    "a bell": "a\x07b",
    "a backspace": "a\x08\x7fb",
    "C1": "a\x9b2Jb\x85",
    "an override": "a\u202edorp",
    "an isolate": "a\u2066b\u2069",
    "a mark": "a\u200e\u061cb",
    "zero width": "a\u200b\u200d\u2060b\ufeff",
    "a soft hyphen": "a\xadb",
    "a line separator": "a\u2028b\u2029",
    "tags": "a\U000e0041\U000e007fb",
}
hostile = pytest.mark.parametrize("name", HOSTILE.values(), ids=list(HOSTILE))


ICONS = (*range(0xE000, 0xF900), *range(0xF0000, 0x110000))


def is_harmless(text: str) -> bool:
    return all(line.isprintable() for line in text.split("\n"))


@given(text=st.text())
def test_printable_keeps_what_is_harmless_and_escapes_the_rest(text: str) -> None:
    assert is_harmless(printable(text).translate(dict.fromkeys(ICONS, "i")))
    assert printable(printable(text)) == printable(text)
    if text.isprintable():
        assert printable(text) == text


def test_icons_of_patched_fonts_stay() -> None:
    assert printable("\uf071 \U000f0026") == "\uf071 \U000f0026"
    assert printable("\udc9b") == "\\udc9b"


# --- exported names ---------------------------------------------------------------------------------------------------


def exporting(name: str) -> dict[str, dict[str, str]]:
    """Environments in which a displayed variable has that name."""
    keys = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
    expiration = {"AWSENV_KEY": KEY[-8:], "AWSENV_EXPIRATION": str(int(time.time()) + 5430)}
    return {
        "AWSENV_PROFILE": keys | expiration | {"AWSENV_PROFILE": name},
        "expired": keys | expiration | {"AWSENV_PROFILE": name, "AWSENV_EXPIRATION": "1000000"},
        "long-term": {
            "AWS_ACCESS_KEY_ID": "AKIA",
            "AWS_SECRET_ACCESS_KEY": "s",
            "AWSENV_PROFILE": name,
            "AWSENV_KEY": "AKIA",
        },
        "AWS_VAULT": keys | {"AWS_VAULT": name},
        "AWSUME_PROFILE": keys | {"AWSUME_PROFILE": name},
        "AWS_SSO_PROFILE": keys | {"AWS_SSO_PROFILE": name},
        "AWS_PROFILE": {"AWS_PROFILE": name},
        "mode profile": {"AWS_PROFILE": name, "AWSENV_PROFILE": name},
        "the key id": keys | {"AWS_ACCESS_KEY_ID": f"ASIA{name}"},
    }


@hostile
def test_the_state_of_the_prompt_is_harmless(name: str) -> None:
    for environ in exporting(name).values():
        state = state_of({"HOME": "/nonexistent", **environ})
        assert all(value.isprintable() for value in state.variables().values())


@pytest.mark.shell
@pytest.mark.parametrize("shell", [*INTERACTIVE, "program"])
def test_check_escapes_names(shell: str, lone: Home) -> None:
    """One name with all of them, in each variable and each shell; the output equals that of the program."""
    name = "".join(HOSTILE.values())
    for variable, environ in exporting(name).items():
        by_program = lone.awsenv("check", **environ)
        assert is_harmless(by_program.stdout + by_program.stderr), variable
        if shell != "program":
            out = run(shell, "awsenv check", lone, **environ)
            in_shell = (out.out.partition("; ")[0], out.err)  # without the fix
            assert in_shell == (by_program.stdout.partition("; ")[0], by_program.stderr), variable


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_an_ordinary_profile_in_the_environment_starts_no_process(shell: str, lone: Home) -> None:
    """The test for odd characters must not send every profile to the program."""
    for name in ("project1", "team/prod.eu-west_1", "a b", "me@example.com:x+y=z,1"):
        stopped = {
            "powershell": "$global:__awsenv_program = '/bin/false'",
            "fish": "set -g __awsenv_program /bin/false",
        }
        script = f"{stopped.get(shell, '__awsenv_program=/bin/false')}\nawsenv check"
        assert run(shell, script, lone, AWS_PROFILE=name).out == (
            f"nothing is exported but AWS_PROFILE={name}, which the SDKs follow\n"
        )


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_check_names_the_profile_variable_that_is_set(shell: str, lone: Home) -> None:
    result = run(shell, "awsenv check", lone, AWS_DEFAULT_PROFILE="project1")
    assert result.out == "nothing is exported but AWS_DEFAULT_PROFILE=project1, which the SDKs follow\n"


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_the_prompt_and_its_warnings_escape_a_name(shell: str, lone: Home) -> None:
    name = "a\x1b[2J\x07\x9b2J\u202eb\u200b%n\\u"
    environ = exporting(name)["expired"]
    with terminal(shell, lone, **environ) as tty:
        assert tty.ready() == f"{printable(name)} expired READY>"
        assert f"awsenv: {printable(name)}: expired" in tty.text


# --- other commands ---------------------------------------------------------------------------------------------------


@pytest.mark.shell
@hostile
def test_compare_and_list_escape_names(name: str, place: AwsFiles) -> None:
    name = name.replace("\r\n", " ")
    role = "role_arn = arn:aws:iam::123456789012:role/R\n"
    place.write(
        f"[profile p]\n{role}source_profile = {name}\n[profile 'x{name}']\n{role}region = {name}\nsource_profile = p\n"
    )
    home = Home(place.path)
    for args in (["compare", "-", "p"], ["compare", "p", "p"], ["list"]):
        done = home.awsenv(*args, NO_COLOR="1")
        assert is_harmless(done.stdout + done.stderr), args


@pytest.mark.shell
def test_sections_are_escaped_on_a_terminal_but_not_in_a_file(place: AwsFiles) -> None:
    name = "a\x9b2J\u202eb"
    role = "role_arn = arn:aws:iam::123456789012:role/R\nsource_profile = u"
    place.write(f"[profile {name}]\n{role}\nregion = {name}\n")
    home = Home(place.path)
    args = ["list", "--credential-process"]
    assert f"region = {name}\n" in home.awsenv(*args).stdout
    main, terminal_end = pty.openpty()
    subprocess.run([BIN / "awsenv", *args], env=home.environment(), stdout=terminal_end, check=True)
    os.close(terminal_end)
    output = b""
    try:
        while piece := os.read(main, 4096):
            output += piece
    except OSError:  # EIO on Linux: the other end is closed
        pass
    os.close(main)
    assert f"region = {printable(name)}" in output.decode()
    assert is_harmless(output.decode().replace("\r\n", "\n"))
