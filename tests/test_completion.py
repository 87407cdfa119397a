"""Completion: what TAB offers and inserts in real shells with a real line editor, and what it must leave alone."""

from __future__ import annotations

import base64
import importlib
import string
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from support.homes import Home
from support.shells import INTERACTIVE, LOAD, SHELLS, run
from support.strace import strace
from support.terminal import Terminal, terminal

from awsenv import dialects
from awsenv.args import GLOBAL_OPTIONS
from awsenv.aws.partitions import REGIONS
from awsenv.commands import COMMANDS, _templates
from awsenv.commands import _completion as completion
from awsenv.environment import expiry
from awsenv.integration import scripts

EDITORS = ["bash", "zsh", "fish"]  # for PowerShell the tests call TabExpansion2, as its line editor does

#: header in the config file -> name of the profile; no two names begin with the same letters
PROFILES = {
    "default": "default",
    "profile project1": "project1",
    "profile   spaced\t": "spaced",
    'profile "no region"': "no region",
    "profile 'single quoted'": "single quoted",
    "profile team:dev": "team:dev",
    "profile equals=sign": "equals=sign",
    r"profile it\'s": "it's",
    r'profile "say \"hi\""': 'say "hi"',
    """profile 'odd'"'"'s'""": "odd's",
    "profile alice@example.com": "alice@example.com",
    "profile home$HOME": "home$HOME",
    "profile wild*": "wild*",
    "profile bang!x": "bang!x",
    r"profile back\\slash": r"back\slash",
    'profile "command $(touch pwned)"': "command $(touch pwned)",
    'profile "ticks `touch pwned`"': "ticks `touch pwned`",
    "profile x;touch${IFS}pwned": "x;touch${IFS}pwned",
    "profile y$(touch${IFS}pwned)": "y$(touch${IFS}pwned)",
    "profile u\u2019;touch${IFS}pwned;\u2019": "u\u2019;touch${IFS}pwned;\u2019",
    "profile caf\u00e9": "caf\u00e9",
}
IN_CREDENTIALS = {
    "project1": "project1",
    "keys1": "keys1",
    "j;touch pwned": "j;touch pwned",
    "[brackets]": "[brackets]",
}
NAMES = [*PROFILES.values(), *(name for name in IN_CREDENTIALS if name != "project1")]
OTHER_SECTIONS = ["profile two words", "sso-session hidden1", "services hidden2", "profilehidden3", " default "]
ROLES = ["arn:aws:iam::000000000000:role/project1", "arn:aws:iam::000000000000:role/path/of=mine"]
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

#: shell -> a function awsenv that prints its arguments as the shell evaluated them
PROBE = {
    "bash": "awsenv() { printf GIV; printf EN; printf '<%s>' \"$@\"; echo ':'; }",
    "zsh": "awsenv() { print -n GIV; print -n EN; printf '<%s>' \"$@\"; print -r ':'; }",
    "fish": "function awsenv; printf GIV; printf EN; printf '<%s>' $argv; echo ':'; end",
}
CLEAR = "\x0c"  # Ctrl-L: no old answer is left on the screen

#: shell -> the line that turns on its line editor, which is off in other tests
EDITOR = {"zsh": "setopt zle; autoload -Uz compinit; compinit -u -D", "bash": ":", "fish": "true"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """AWS files with names that are hard to complete, with Windows line ends and without a final one."""
    made = Home(tmp_path / "home")
    made.config.parent.mkdir(parents=True)
    sections = [f"[{header}]" for header in PROFILES]
    sections[1] += f" # a comment\nrole_arn = {ROLES[0]}\nregion=xx-own-1"
    sections[2] += f"\nrole_arn\t={ROLES[1]}  \nregion = xx-own-1"
    sections += [f"[{header}]\nregion_of_mine = none" for header in OTHER_SECTIONS]
    made.config.write_bytes("\n".join(sections).replace("\n", "\r\n").encode())
    keys = f"aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {SECRET}"
    made.credentials.write_bytes("\n".join(f"[{header}]\n{keys}" for header in IN_CREDENTIALS).encode())
    return made


@contextmanager
def editor(shell: str, home: Home, **more: Any) -> Iterator[Terminal]:
    """A terminal whose awsenv only prints its arguments."""
    with terminal(shell, home, LC_ALL="C.UTF-8", **more) as tty:
        tty.type(EDITOR[shell])
        tty.type(PROBE[shell])
        assert arguments_given(tty, "awsenv unin\t") == ["uninstall"]  # the first TAB loads the completion
        yield tty


def arguments_given(tty: Terminal, typed: str) -> list[str]:
    """Type a line with TABs in it, press Enter, and return the arguments that awsenv gets."""
    tty.screen.reset()  # without the last answer
    tty.send(f"{CLEAR}{typed}\r")
    tty.until(">:")  # a text typed earlier may be echoed in the middle of the answer
    return tty.settle().rpartition("GIVEN<")[2].partition(">:")[0].split("><")


def completions_listed(tty: Terminal, typed: str, *expected: str) -> str:
    """Type a text, press TAB twice, and return the screen when it lists what is expected. Then the line is cleared.

    It is cleared by Ctrl-U, as Ctrl-C could interrupt the completion instead.
    """
    tty.send(f"{CLEAR}{typed}\t\t")
    for text in expected:
        tty.until(text)
    seen = tty.text
    # in fish Ctrl-U leaves the list on the screen; the other shells may lose input that is typed while they handle Ctrl-C
    tty.send("\x03" if tty.shell == "fish" else "\x15\r")
    tty.settle()
    return seen


def expanded(home: Home, *lines: str, before: str = "", **more: str) -> list[list[str]]:
    """Return the completions of PowerShell at the end of each line, as its line editor gets them."""
    texts = ", ".join("'" + line.replace("'", "''") + "'" for line in lines)
    script = f"""
    Set-StrictMode -Version Latest
    $ErrorActionPreference = 'Stop'
    {before}
    foreach ($line in @({texts})) {{
        $offered = (TabExpansion2 $line $line.Length).CompletionMatches
        [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes((@($offered | ForEach-Object {{ $_.CompletionText }}) -join "`n")))
    }}
    "errors $($global:Error.Count)"
    """
    result = run("powershell", script, home, **more)
    assert result.err == ""
    *answers, errors = result.out.splitlines()
    assert errors == "errors 0"
    return [base64.b64decode(answer).decode().split("\n") if answer else [] for answer in answers]


# --- the table ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", INTERACTIVE)
def test_every_command_and_every_option_is_in_the_script(shell: str) -> None:
    script = _templates.rendered("awsenv.lua") if shell == "clink" else _templates.part(shell, "completion")
    for name in COMMANDS:
        options = importlib.import_module(f"awsenv.commands.{name.replace('-', '_')}").COMMAND.options
        rows = {command.name: command for command in completion.commands()}
        assert set(rows[name].options) == {*options, *GLOBAL_OPTIONS}
        for option, (value, does) in options.items():
            assert option in script
            assert value is None or f"{name} {option}" in script, "it takes a value"
            assert shell == "bash" or dialects.load(shell).quote(does).strip("'") in script
        assert shell == "bash" or dialects.load(shell).quote(COMMANDS[name]).strip("'") in script


def test_every_entry_of_the_table_has_an_existing_option() -> None:
    known = {option for command in completion.commands() for option in command.options}
    known |= {f"{command.name} {option}" for command in completion.commands() for option in command.options}
    assert set(completion.OPTION_VALUES) <= known
    kinds = {*completion.OPTION_VALUES.values(), *completion.POSITIONAL_VALUES.values()}
    assert kinds <= set(completion.KINDS)


@pytest.mark.shell
def test_every_offered_value_is_accepted(home: Home) -> None:
    kinds = {kind: values.fixed for kind, values in completion.KINDS.items()}
    for option, kind in (("--mode", "mode"), ("--format", "format")):
        for value in kinds[kind]:
            assert "there is no profile 'nope'" in home.awsenv("assume", "nope", option, value).stderr
    for value in kinds["look"]:
        assert home.awsenv("prompt", "--format", value).returncode == 0
    for value in kinds["subject"]:
        assert home.awsenv("help", value).returncode == 0
    for value in kinds["script"]:
        assert home.awsenv("init", value).returncode == 0
    assert all(900 <= (expiry.parse_duration(value) or 0) <= 43200 for value in kinds["time"])
    assert all(dialects.load(value) for value in kinds["dialect"])
    assert all(scripts.shell_of(value) for value in (*kinds["shell"], *kinds["stage"]))


def test_every_region_exists_in_botocore() -> None:
    session = botocore.session.get_session()
    partitions = ("aws", "aws-cn", "aws-us-gov")
    known = [region for name in partitions for region in session.get_available_regions("sts", name)]
    assert set(REGIONS) <= set(known)
    assert list(REGIONS) == sorted(set(REGIONS))


# --- profile names ------------------------------------------------------------------------------------------------------


def plain_prefix(name: str) -> str:
    """Return the letters and digits of a name before its first special character, or its first character."""
    plain = next((i for i, letter in enumerate(name) if letter not in string.ascii_letters + string.digits), len(name))
    return name[:plain] or name[0]


@pytest.mark.shell
@pytest.mark.parametrize("quote", ["", "'", '"'], ids=["bare", "single", "double"])
@pytest.mark.parametrize("shell", EDITORS)
def test_a_profile_name_is_completed_literally(shell: str, quote: str, home: Home) -> None:
    with editor(shell, home) as tty:
        for name in NAMES:
            start = plain_prefix(name) if quote or name[0].isalnum() else "\\" + name[0]
            assert arguments_given(tty, f"awsenv assume {quote}{start}\t") == ["assume", name]
        assert not list(home.path.glob("pwned*"))


@pytest.mark.shell
@pytest.mark.parametrize("shell", EDITORS)
def test_a_name_that_begins_with_a_special_character_is_completed_from_an_empty_word(shell: str, home: Home) -> None:
    """readline must not mistake a quote at the beginning of a name for the opening one; fish completes no unquoted ~."""
    home.config.unlink()
    with editor(shell, home) as tty:
        for name in ("!!a", "'quo", "''r", '"dou', '""s', "~root", "~", "~/x", "$HOME", "\\b", "`t`"):
            home.credentials.write_text(f"[{name}]\n")
            for quote in ("", "'", '"'):
                expected = ["assume"] if (shell, quote, name[0]) == ("fish", "", "~") else ["assume", name]
                assert arguments_given(tty, f"awsenv assume {quote}\t") == expected, (name, quote)


#: A credentials file with names that contain control sequences or invisible characters, and one without.
CONTROL_CHARACTERS = "".join(
    f"[{name}]\n"
    for name in (
        "x\x1b[2J",
        "x\x9b2J",
        "x\x85",
        "x\u2028",
        "x\u202ey",
        "x\u2066",
        "x\u200b",
        "x\xad",
        "x\u3000y",
        "plain",
    )
).encode()


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_a_name_with_control_characters_is_not_offered(shell: str, home: Home) -> None:
    home.config.unlink()
    home.credentials.write_bytes(CONTROL_CHARACTERS)
    if shell == "powershell":
        assert expanded(home, "awsenv assume ") == [["plain"]]
        return
    with editor(shell, home) as tty:
        assert arguments_given(tty, "awsenv assume \t") == ["assume", "plain"]


@pytest.mark.shell
def test_a_profile_name_is_completed_literally_in_powershell(home: Home) -> None:
    for quote in ("", "'", '"'):
        lines = [f"awsenv assume {quote}{plain_prefix(name)}" for name in NAMES]
        offered = expanded(home, *lines)
        assert [len(texts) for texts in offered] == [1] * len(NAMES)
        probe = "function show { foreach ($arg in $args) { [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($arg)) } }"
        shown = run("powershell", "\n".join([probe, *(f"show {texts[0]}" for texts in offered)]), home)
        assert [base64.b64decode(line).decode() for line in shown.out.splitlines()] == NAMES
    assert not list(home.path.glob("pwned*"))


@pytest.mark.shell
@pytest.mark.parametrize("shell", EDITORS)
def test_every_profile_of_both_files_is_listed_once(shell: str, home: Home) -> None:
    with editor(shell, home) as tty:
        seen = completions_listed(tty, "awsenv assume ", "keys1", "team:dev", "x", "spaced")
        assert seen.count("project1") == 1
        assert "hidden" not in seen
        assert "two" not in seen
        assert "region_of_mine" not in seen
        assert not list(home.path.glob("pwned*"))


@pytest.mark.shell
def test_fish_and_powershell_offer_exactly_the_profiles(home: Home) -> None:
    result = run("fish", "complete -C 'awsenv assume '", home, LC_ALL="C.UTF-8")
    assert sorted(result.out.splitlines()) == sorted(NAMES)
    assert result.err == ""
    offered = expanded(home, "awsenv assume ")[0]
    assert len(offered) == len(set(offered)) == len(NAMES)
    assert not list(home.path.glob("pwned*"))


@pytest.mark.shell
def test_a_partial_name_is_completed_after_a_colon_or_a_blank(home: Home) -> None:
    home.config.write_text('[profile team:dev]\n[profile team:prod]\n[profile "one two"]\n[profile "one three"]\n')
    home.credentials.unlink()
    for shell in EDITORS:
        with editor(shell, home) as tty:
            completions_listed(tty, "awsenv assume team:", "dev", "prod")
            assert arguments_given(tty, "awsenv assume team:p\t") == ["assume", "team:prod"]
            assert arguments_given(tty, "awsenv assume one\\ tw\t") == ["assume", "one two"]
            assert arguments_given(tty, "awsenv assume 'one th\t") == ["assume", "one three"]
            assert arguments_given(tty, "awsenv assume --source-profile=one\\ th\t") == [
                "assume",
                "--source-profile=one three",
            ]
            assert arguments_given(tty, "awsenv assume --source-profile='one th\t")[1] == "--source-profile=one three"
            assert arguments_given(tty, "awsenv assume '--source-profile=one th\t")[1] == "--source-profile=one three"


@pytest.mark.shell
@pytest.mark.parametrize("breaks", ["COMP_WORDBREAKS=' '", 'COMP_WORDBREAKS="${COMP_WORDBREAKS//[:=]/}"'])
def test_completion_does_not_depend_on_comp_wordbreaks(breaks: str, home: Home) -> None:
    with editor("bash", home) as tty:
        tty.type(breaks)
        for name in ("team:dev", "no region", "command $(touch pwned)"):
            assert arguments_given(tty, f"awsenv assume {plain_prefix(name)}\t") == ["assume", name]
        assert arguments_given(tty, "awsenv assume --region=eu-n\t") == ["assume", "--region=eu-north-1"]


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_completion_reads_the_files_named_by_variables(shell: str, home: Home) -> None:
    home.config.rename(home.path / "my config")
    home.credentials.rename(home.path / "my credentials")
    more = {"AWS_CONFIG_FILE": "~/my config", "AWS_SHARED_CREDENTIALS_FILE": str(home.path / "my credentials")}
    if shell == "powershell":
        assert expanded(home, "awsenv assume te", "awsenv assume ke", **more) == [["team:dev"], ["keys1"]]
        return
    with editor(shell, home, **more) as tty:
        assert arguments_given(tty, "awsenv assume te\t") == ["assume", "team:dev"]
        assert arguments_given(tty, "awsenv assume ke\t") == ["assume", "keys1"]


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
@pytest.mark.parametrize("config", ["missing", "directory", "empty", ""], ids=str)
def test_an_unreadable_file_is_ignored(shell: str, config: str, home: Home) -> None:
    (home.path / "directory").mkdir()
    (home.path / "empty").touch()
    more = {"AWS_CONFIG_FILE": config and str(home.path / config)}
    if shell == "powershell":
        assert expanded(home, "awsenv assume pr", "awsenv assume --region xx", **more)[0] == ["project1"]
        return
    with editor(shell, home, **more) as tty:
        assert arguments_given(tty, "awsenv assume qq\t") == ["assume", "qq"]
        assert arguments_given(tty, "awsenv assume pr\t") == ["assume", "project1"]
        assert "rror" not in tty.text


# --- commands, options, values ------------------------------------------------------------------------------------------


@pytest.mark.shell
@pytest.mark.parametrize("shell", EDITORS)
def test_commands_are_listed_with_descriptions(shell: str, home: Home) -> None:
    with editor(shell, home) as tty:
        seen = completions_listed(tty, "awsenv ", *COMMANDS, "help")
        if shell != "bash":
            assert COMMANDS["check"] in seen
        seen = completions_listed(tty, "awsenv assume p1 --re", "--region", "--refresh")
        if shell != "bash":
            assert "export this region instead" in seen
        assert "--duration" not in seen


@pytest.mark.shell
def test_commands_have_tooltips_in_powershell(home: Home) -> None:
    tip = "(TabExpansion2 '{0}' {1}).CompletionMatches | ForEach-Object {{ \"$($_.ListItemText): $($_.ToolTip)\" }}"
    result = run(
        "powershell", "\n".join(tip.format(line, len(line)) for line in ("awsenv che", "awsenv assume --regi")), home
    )
    assert result.out.splitlines() == [
        f"check: {COMMANDS['check']}",
        "--region: export this region instead of the profile's own",
    ]


#: what is typed before TAB -> the arguments that awsenv then gets
COMPLETED = {
    "awsenv ass": "assume",
    "awsenv --deb": "--debug",
    "awsenv --debug chec": "--debug check",
    "A=b awsenv che": "check",
    "true; awsenv che": "check",
    "awsenv assume --dur": "assume --duration",
    "awsenv assume p1 --dur": "assume p1 --duration",
    "awsenv assume --region eu-nor": "assume --region eu-north-1",
    "awsenv assume --region=eu-nor": "assume --region=eu-north-1",
    "awsenv assume --region xx": "assume --region xx-own-1",
    "awsenv assume --region=us-gov-w": "assume --region=us-gov-west-1",
    "awsenv assume --role-arn arn:aws:iam::000000000000:role/pr": f"assume --role-arn {ROLES[0]}",
    "awsenv assume --role-arn=arn:aws:iam::000000000000:role/pa": f"assume --role-arn={ROLES[1]}",
    "awsenv assume --source-profile te": "assume --source-profile team:dev",
    "awsenv assume --mode=k": "assume --mode=keys",
    "awsenv assume --format d": "assume --format dotenv",
    "awsenv assume --shell po": "assume --shell powershell",
    "awsenv assume --duration 30": "assume --duration 30m",
    "awsenv check --min-ttl=8": "check --min-ttl=8h",
    "awsenv prompt --format tm": "prompt --format tmux",
    "awsenv init zs": "init zsh",
    "awsenv install --shell fi": "install --shell fish",
    "awsenv help unin": "help uninstall",
    "awsenv assume -- te": "assume -- team:dev",
    # nothing to complete
    "awsenv assume -- --dur": "assume -- --dur",
    "awsenv assume te --region eu-north-1 te": "assume te --region eu-north-1 te",
    "awsenv assume --duration 1h --dur": "assume --duration 1h --dur",
    "awsenv assume --session-name te": "assume --session-name te",
    "awsenv clear te": "clear te",
    "awsenv nonsense te": "nonsense te",
    "awsenv check --region=eu-nor": "check --region=eu-nor",
}


@pytest.mark.shell
@pytest.mark.parametrize("shell", EDITORS)
def test_commands_options_and_values_are_completed(shell: str, home: Home) -> None:
    with editor(shell, home) as tty:
        for typed, args in COMPLETED.items():
            assert arguments_given(tty, f"{typed}\t") == args.split(), typed


@pytest.mark.shell
def test_commands_options_and_values_are_completed_in_powershell(home: Home) -> None:
    lines = {typed: args for typed, args in COMPLETED.items() if not typed.startswith("A=b")}
    (home.path / "files").mkdir()  # PowerShell offers files when a completer has nothing to offer
    offered = expanded(home, *lines, before="Set-Location files")
    for (typed, args), texts in zip(lines.items(), offered, strict=True):
        assert texts == ([] if typed.endswith(args) else [args.split()[-1]]), typed


#: what is typed after `awsenv exec ` -> the arguments that awsenv gets
EXEC = {
    "--ser\tproject1 --min\t1h -- some-pro\t": ["--server", "project1", "--min-ttl", "1h", "--", "some-program"],
    "project1 some-pro\t": ["project1", "some-program"],
    "project1 -- some-program a-fi\t": ["project1", "--", "some-program", "a-file"],
    "project1 some-program --no-c\ta-fi\t": ["project1", "some-program", "--no-ca-fi"],
}


@pytest.mark.shell
@pytest.mark.parametrize("shell", EDITORS)
def test_exec_completes_a_command_after_the_profile(shell: str, home: Home) -> None:
    add_program(home)
    with editor(shell, home, PATH=f"{home.path}/bin:{home.environment()['PATH']}") as tty:
        tty.type(f"cd {home.path}")
        for typed, args in EXEC.items():
            assert arguments_given(tty, f"awsenv exec {typed}") == ["exec", *args]


@pytest.mark.shell
def test_exec_completes_a_command_after_the_profile_in_powershell(home: Home) -> None:
    add_program(home)
    lines = [
        "awsenv exec project1 -- some-pro",
        "awsenv exec project1 some-program ./a-fi",
        "awsenv exec project1 --ser",
    ]
    offered = expanded(home, *lines, PATH=f"{home.path}/bin:{home.environment()['PATH']}", before=f"cd {home.path}")
    assert [[text.rpartition("/")[2] for text in texts] for texts in offered] == [
        ["some-program"],
        ["a-file"],
        ["--server"],
    ]


def add_program(home: Home) -> None:
    (home.path / "a-file").touch()
    program = home.path / "bin" / "some-program"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)


@pytest.mark.shell
@pytest.mark.parametrize("shell", EDITORS)
def test_text_after_the_cursor_is_ignored(shell: str, home: Home) -> None:
    with editor(shell, home) as tty:
        left = "\x1b[D" * len(" --region r")
        assert arguments_given(tty, f"awsenv assume te --region r{left}\t\x05")[:2] == ["assume", "team:dev"]


# --- side effects -------------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_list_values_prints_one_value_per_line_and_no_secret(home: Home) -> None:
    assert home.awsenv("list", "--values", "profile").stdout.splitlines() == NAMES
    assert home.awsenv("list", "--values", "role_arn").stdout.splitlines() == ROLES
    refused = home.awsenv("list", "--values", "aws_secret_access_key")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert SECRET not in refused.stderr


@pytest.mark.shell
@pytest.mark.parametrize("shell", EDITORS)
def test_completion_leaves_status_and_variables_alone(shell: str, home: Home) -> None:
    names = {"bash": "compgen -v", "zsh": "print -rl -- ${(ko)parameters}", "fish": "set -n"}[shell]
    code = "$status" if shell == "fish" else "$?"
    with editor(shell, home) as tty:
        for text in ("echo x\t", "awsenv \t"):  # sets the variables of the line editor itself
            tty.send(f"{text}\x15")
        tty.type(f"{names} >before")
        tty.type("true")
        tty.send("false\rawsenv assume no\t --region=eu-nor\t\x15")
        tty.send(f"echo COD''E={code}.\r")
        tty.until("CODE=1.")
        tty.type(f"{names} >after")
        before, after = ((home.path / name).read_text().split() for name in ("before", "after"))
        assert [name for name in after if name not in before] == []


@pytest.mark.shell
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_trace_shows_nothing_of_the_credentials_file(shell: str, home: Home) -> None:
    with editor(shell, home) as tty:
        tty.type("set -g fish_trace 1" if shell == "fish" else "set -xv")
        tty.send("awsenv assume keys\t\r")
        tty.until("<keys1>")
        assert SECRET not in tty.text


STRICT = {
    "bash": [
        "set -euo pipefail; set -C; IFS=:=a",
        "shopt -s nullglob failglob nocasematch nocaseglob extglob dotglob",
        "set -o posix; set -f",
    ],
    "zsh": [
        "setopt KSH_ARRAYS SH_WORD_SPLIT NO_UNSET GLOB_SUBST NULL_GLOB",
        "setopt NO_GLOB ERR_RETURN WARN_CREATE_GLOBAL RC_QUOTES",
        "setopt KSH_GLOB SH_GLOB IGNORE_BRACES RC_EXPAND_PARAM CSH_JUNKIE_QUOTES NO_CASE_MATCH",
    ],
    "fish": ["set -g IFS a"],
}


@pytest.mark.shell
@pytest.mark.parametrize("shell, options", [(shell, options) for shell in STRICT for options in STRICT[shell]])
def test_completion_works_with_any_shell_options(shell: str, options: str, home: Home) -> None:
    with editor(shell, home) as tty:
        tty.type(f"{options}; unset -f awsenv" if shell != "fish" else options)
        tty.type(LOAD[shell])
        tty.type(PROBE[shell])
        for name in ("no region", "team:dev", "equals=sign"):
            assert arguments_given(tty, f"awsenv assume {plain_prefix(name)}\t") == ["assume", name]
        assert arguments_given(tty, "awsenv check --min-ttl=8\t") == ["check", "--min-ttl=8h"]


@pytest.mark.shell
@pytest.mark.parametrize("emulation", ["sh", "ksh"])
def test_completion_works_when_zsh_loads_it_under_emulation(emulation: str, home: Home) -> None:
    with editor("zsh", home) as tty:
        tty.type(f"unfunction awsenv _awsenv; emulate {emulation}; {LOAD['zsh']}; emulate zsh; setopt zle")
        tty.type(PROBE["zsh"])
        assert arguments_given(tty, "awsenv assume no\t") == ["assume", "no region"]


COMPINIT = "autoload -Uz compinit; compinit -u -d dump"


@pytest.mark.shell
@pytest.mark.parametrize(
    "lines",
    [
        [COMPINIT, LOAD["zsh"]],
        [f"{LOAD['zsh']}; {COMPINIT}"],
        [LOAD["zsh"], "true", "true", COMPINIT],
        [COMPINIT, f"{LOAD['zsh']}; compinit -u -d dump"],
    ],
    ids=["before", "after", "much later", "again"],
)
def test_compinit_may_run_before_or_after_loading(lines: list[str], home: Home) -> None:
    with terminal("zsh", home) as tty:
        for line in ["setopt zle", *lines, PROBE["zsh"]]:
            tty.type(line)
        assert arguments_given(tty, "awsenv assume no\t") == ["assume", "no region"]
        assert "__awsenv_complete" not in tty.type("print -r -- $precmd_functions")


@pytest.mark.shell
def test_zsh_without_compinit_completes_as_before(home: Home) -> None:
    with terminal("zsh", home) as tty:
        tty.type("setopt zle; touch somefile")
        tty.type(PROBE["zsh"])
        assert arguments_given(tty, "awsenv assume so\t") == ["assume", "somefile"]


@pytest.mark.shell
@pytest.mark.parametrize("shell", EDITORS)
def test_only_values_of_the_aws_files_start_the_program(shell: str, home: Home, tmp_path: Path) -> None:
    log = tmp_path / "log"

    def programs(argument: str) -> int:
        return sum(f'"{argument}"' in line and "= -1" not in line for line in log.read_text().splitlines())

    with editor(shell, home, argv=[*strace("execve", log), *SHELLS[shell].at_terminal()]) as tty:
        assert arguments_given(tty, "awsenv che\t") == ["check"]
        assert arguments_given(tty, "awsenv assume --dur\t") == ["assume", "--duration"]
        assert arguments_given(tty, "awsenv check --min-ttl=8\t") == ["check", "--min-ttl=8h"]
        assert (programs("--completion"), programs("--values")) == (1, 0)
        assert arguments_given(tty, "awsenv assume no\t") == ["assume", "no region"]
        assert programs("--completion") == 1
        assert programs("--values") >= 1


@pytest.mark.shell
def test_only_values_of_the_aws_files_start_the_program_in_powershell(home: Home, tmp_path: Path) -> None:
    log = tmp_path / "log"
    lines = ["awsenv che", "awsenv assume --dur", "awsenv check --min-ttl=8", "awsenv assume no", "awsenv assume te"]
    tabs = (f"(TabExpansion2 '{line}' {len(line)}).CompletionMatches.Count" for line in lines)
    script = "\n".join(["$global:LASTEXITCODE = 7", *tabs, '"$LASTEXITCODE $($Error.Count)"'])
    argv = [*strace("execve", log), *SHELLS["powershell"].inline()]
    assert run("powershell", script, home, argv=argv).out.splitlines() == [*["1"] * len(lines), "7 0"]
    started = [line for line in log.read_text().splitlines() if "= -1" not in line]
    assert [sum(f'"{option}"' in line for line in started) for option in ("--completion", "--values")] == [1, 2]


@pytest.mark.shell
@pytest.mark.parametrize("shell", EDITORS)
def test_the_alias_of_assume_completes_as_assume(shell: str, home: Home) -> None:
    with editor(shell, home, init="--alias aa") as tty:
        assert arguments_given(tty, "aa key\t") == ["assume", "keys1"]
        assert arguments_given(tty, "aa keys1 --role\t") == ["assume", "keys1", "--role-arn"]


@pytest.mark.shell
def test_the_alias_of_assume_completes_as_assume_in_powershell(home: Home) -> None:
    alias = LOAD["powershell"].replace("init powershell", "init powershell --alias aa")
    lines = {
        "aa key": ["keys1"],
        "aa 'no r": ["'no region'"],
        "aa odd": ["'odd''s'"],
        "  true; aa keys1 --role": ["--role-arn"],
        "aa --region=eu-nor": ["--region=eu-north-1"],
        "aa --duration 30": ["30m"],
        "aa keys1 te": [],
    }
    assert expanded(home, *lines, before=alias) == list(lines.values())
    assert len(expanded(home, "aa ", before=alias)[0]) == len(NAMES)
