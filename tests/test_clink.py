"""Clink, the line editor of cmd: its segment, warnings, prompts and completion.

The script runs in a real Lua. Clink itself needs Windows: CLINK below replaces what the script uses of it, after Clink's
documentation and the source of its Lua side. No test compares it with the real Clink.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.environment import clean_environment
from support.homes import Home, write_sign_in
from support.programs import BIN, need
from support.tokens import regional, text
from support.until import without_until
from support.wine import put, wine

from awsenv.environment import expiry
from awsenv.result import printable

#: Documentation: https://chrisant996.github.io/clink/clink.html. It also replaces the access to the environment, the time
#: and other programs.
CLINK = r"""
local variables, clock, filters, handlers, parsers = {}, 0, {}, {}, {}
local real = { getenv = os.getenv, time = os.time, popen = io.popen, print = print }
programs, started, executed = {}, {}, {} -- the environment of programs, those started, and the commands of os.execute

function os.getenv(name) return variables[name] end
function os.setenv(name, value) variables[name] = value return true end
function os.time(fields) return fields and real.time(fields) or clock end
function print(text) real.print("printed: " .. text) end
function os.execute(command) executed[#executed + 1] = command end
-- as cmd does: without the outer quotes, and with its variables
function io.popen(command)
    started[#started + 1] = command
    local unix, environment = command:match('^"(.*)"$'):gsub("2>nul", "2>/dev/null"), {}
    for name, value in pairs(variables) do
        environment[#environment + 1] = name .. "='" .. value:gsub("'", "'\\''") .. "'"
    end
    return real.popen("env -i " .. programs.base .. " " .. table.concat(environment, " ") .. " " .. unix)
end

clink = {}
function clink.promptfilter(priority)
    filters[#filters + 1] = { priority = priority }
    return filters[#filters]
end
function clink.onbeginedit(handler) handlers.onbeginedit = handler end
function clink.onendedit(handler) handlers.onendedit = handler end

-- An argmatcher: options, which may be linked to another argmatcher for their value, and arguments by position.
local matcher = {}
matcher.__index = matcher
matcher.__concat = function(word, linked) return { word = word, linked = linked } end
function clink.argmatcher(command)
    local made = setmetatable({ flags = {}, args = {}, descriptions = {} }, matcher)
    if command then parsers[command] = made end
    return made
end
local function add(list, choice)
    if type(choice) == "table" and not choice.word then
        for _, each in ipairs(choice) do add(list, each) end
    else
        list[#list + 1] = choice
    end
end
function matcher:addflags(...)
    add(self.flags, { ... })
    return self
end
function matcher:addarg(...)
    local list = {}
    add(list, { ... })
    self.args[#self.args + 1] = list
    return self
end
function matcher:nofiles()
    self.dead_end = true
    return self
end
function matcher:adddescriptions(descriptions)
    for word, text in pairs(descriptions) do self.descriptions[word] = text end
    return self
end
local function linked_to(list, word)
    for _, choice in ipairs(list or {}) do
        if type(choice) == "table" and choice.word == word then return choice.linked end
    end
end

-- The actions of a test; their results are lines of output.
function set(name, value) variables[name] = value end
function unset(...) for _, name in ipairs({ ... }) do variables[name] = nil end end
function at(epoch) clock = epoch end
function prompt(shown)
    if handlers.onbeginedit then handlers.onbeginedit() end
    shown = shown or "C:\\>"
    table.sort(filters, function(one, other) return one.priority < other.priority end)
    for _, filter in ipairs(filters) do shown = filter:filter(shown) or shown end
    real.print("prompt: " .. shown)
end
function enter(line) if handlers.onendedit then handlers.onendedit(line) end end
function show(value) real.print("shown: " .. tostring(value)) end
function complete(...)
    local words = { ... }
    local last = table.remove(words)
    local now, place, above = parsers[table.remove(words, 1)], 1, {}
    for _, word in ipairs(words) do
        local linked
        if word:match("^-") and #now.flags > 0 then
            linked = linked_to(now.flags, word)
        else
            linked, place = linked_to(now.args[place], word), place + 1
        end
        if linked then
            above[#above + 1] = { now, place }
            now, place = linked, 1
        elseif place > #now.args and #now.flags == 0 and #above > 0 then -- after the value of an option
            now, place = table.unpack(table.remove(above))
        end
    end
    local choices, found = last:match("^-") and now.flags or now.args[place], {}
    for _, choice in ipairs(choices or {}) do
        local values = { choice }
        if type(choice) == "function" then
            values = choice(last, #words + 2)
        elseif type(choice) == "table" then
            values = { choice.word }
        end
        for _, value in ipairs(values) do
            if value:sub(1, #last) == last then found[#found + 1] = value end
        end
    end
    show(choices and table.concat(found, "|") or now.dead_end and "" or "the files of this directory")
end
"""

#: The time, until a test moves it.
NOW = 1_790_000_000
KEY = "ASIAQWERTYUIOPASDFGH"
TOKEN = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
LONG_TERM = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s"}
RED, GREEN, YELLOW, PLAIN = "\033[31m", "\033[32m", "\033[33m", "\033[0m"
PROMPT = "C:\\>"


def ours(left: int | None, profile: str = "project1") -> dict[str, str]:
    """Return the variables that awsenv exports."""
    expiration = {} if left is None else {"AWSENV_EXPIRATION": str(NOW + left)}
    return {**TOKEN, "AWSENV_PROFILE": profile, "AWSENV_KEY": KEY[-8:], **expiration}


def lua(text: str) -> str:
    """Return the Lua literal of a text."""
    return '"' + "".join(f"\\{byte:03d}" for byte in text.encode()) + '"'


def variables(exported: dict[str, str]) -> str:
    return "\n".join(f"set({lua(name)}, {lua(value)})" for name, value in exported.items())


@dataclass
class ClinkSession:
    """cmd with Clink, driven by Lua."""

    home: Path

    def run(
        self,
        *steps: str,
        exported: dict[str, str],
        settings: dict[str, str] | None = None,
        init: tuple[str, ...] = (),
    ) -> list[str]:
        """Run steps and return their messages and prompts.

        Args:
            steps: lines of Lua, with the functions of CLINK.
            exported: the variables of cmd.
            settings: the variables in which `awsenv init clink` is run.
            init: the options of `awsenv init clink`.
        """
        program = need("lua5.4, for Clink", shutil.which("lua5.4"))
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), **(settings or {})}
        init = subprocess.run(
            [BIN / "awsenv", "init", "clink", *init], env=environment, capture_output=True, check=True
        )
        assert init.stdout.isascii()
        script = self.home / "awsenv.lua"
        script.write_bytes(init.stdout)
        test = self.home / "test.lua"
        load = f"dofile({lua(str(script))})"
        base = " ".join(shlex.quote(f"{name}={value}") for name, value in environment.items())
        first = [CLINK, f"programs.base = {lua(base)}", variables(exported), f"at({NOW})"]
        test.write_text("\n".join([*first, load, *steps, ""]))
        environment = {"PATH": os.environ["PATH"], "TZ": "UTC"}
        done = subprocess.run([program, test], env=environment, capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        assert done.stderr == b""
        return without_until(done.stdout.decode()).splitlines()


@pytest.fixture
def session(tmp_path: Path) -> ClinkSession:
    return ClinkSession(tmp_path)


def messages(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("printed")]


# --- the segment ------------------------------------------------------------------------------------------------------


@pytest.mark.shell
@pytest.mark.parametrize(
    ("exported", "segment", "color"),
    [
        (ours(3600), "project1 1h00m", GREEN),
        (ours(100 * 3600), "project1 4 days", GREEN),
        (ours(59), "project1 <1m", YELLOW),
        (ours(42 * 60 + 59), "project1 42m", GREEN),
        (ours(900), "project1 15m", GREEN),
        (ours(899), "project1 14m", YELLOW),
        (ours(0), "project1 expired", RED),
        ({**ours(3600), "AWS_SESSION_TOKEN": ""}, "****DFGH ?", YELLOW),  # an incomplete set
        (ours(None), "project1 ?", YELLOW),
        ({**LONG_TERM, "AWSENV_PROFILE": "user1", "AWSENV_KEY": "AKIA"}, "user1", GREEN),
        ({"AWSENV_PROFILE": "mine", "AWS_PROFILE": "mine"}, "mine", GREEN),
        ({"AWS_PROFILE": "mine"}, "", ""),
        ({}, "", ""),
        (LONG_TERM, "****AKIA", GREEN),
        ({**TOKEN, "AWS_VAULT": "vault", "AWS_PROFILE": "other"}, "vault ?", YELLOW),
        ({**ours(3600), "AWSENV_KEY": "OTHEROTH", "AWSUME_PROFILE": "project1"}, "****DFGH ?", YELLOW),
        ({**ours(3600), "AWSENV_EXPIRATION": "x[$(id)]"}, "project1 ?", YELLOW),
    ],
)
def test_the_prompt_starts_with_the_segment(
    exported: dict[str, str], segment: str, color: str, session: ClinkSession
) -> None:
    lines = session.run("prompt()", 'show(os.getenv("AWSENV_SEGMENT"))', exported=exported)
    painted = f"{color}{segment}{PLAIN} " if segment else ""
    assert lines[-2:] == [f"prompt: {painted}{PROMPT}", f"shown: {segment or 'nil'}"]


@pytest.mark.shell
def test_the_segment_equals_that_of_awsenv_prompt(session: ClinkSession) -> None:
    """One is written in Lua, the other in Python."""
    now = int(time.time())
    for exported in (ours(now - NOW + 3601), ours(now - NOW - 1), {"AWSENV_PROFILE": "a", "AWS_PROFILE": "a"}):
        environment = clean_environment(session.home, **exported)
        result = subprocess.run([BIN / "awsenv", "prompt"], env=environment, capture_output=True, text=True, check=True)
        lines = session.run(f"at({now})", "prompt()", exported={**exported, "NO_COLOR": "1"})
        assert lines[-1] == f"prompt: {result.stdout.strip()} {PROMPT}"


@pytest.mark.shell
def test_the_settings_of_init_are_used(session: ClinkSession) -> None:
    settings = {
        "AWSENV_THRESHOLDS": "2h",
        "AWSENV_COLOR_NEAR": "bold 208",
        "AWSENV_PRODUCTION": "dev-? prod*",
        "AWSENV_SYMBOL_PRODUCTION": '\N{WARNING SIGN}"\\',
        "AWSENV_COLOR_PRODUCTION": "underline",
    }
    lines = session.run("prompt()", exported=ours(3600, "production"), settings=settings)
    assert lines[-1] == f'prompt: \033[1;38;5;208;4m\N{WARNING SIGN}"\\production 1h00m{PLAIN} {PROMPT}'
    for name, marked in {
        "dev-1": True, "dev-\N{LATIN SMALL LETTER E WITH ACUTE}": True, "dev-12": False, "pro": False, "xprod": False,
    }.items():  # fmt: skip
        lines = session.run("prompt()", exported={**ours(3600, name), "NO_COLOR": "1"}, settings=settings)
        assert (settings["AWSENV_SYMBOL_PRODUCTION"] in lines[-1]) == marked, name


@pytest.mark.shell
def test_production_patterns_are_not_lua_patterns(session: ClinkSession) -> None:
    lines = session.run("prompt()", exported=ours(3600, "a-xb"), settings={"AWSENV_PRODUCTION": "a-.b"})
    assert lines == [f"prompt: {GREEN}a-xb 1h00m{PLAIN} {PROMPT}"]


@pytest.mark.shell
def test_no_color_applies_when_set_later(session: ClinkSession) -> None:
    lines = session.run("prompt()", 'set("NO_COLOR", "1")', "prompt()", exported=ours(3600))
    assert lines == [f"prompt: {GREEN}project1 1h00m{PLAIN} {PROMPT}", f"prompt: project1 1h00m {PROMPT}"]


@pytest.mark.shell
def test_without_a_segment_the_prompt_is_left_alone(session: ClinkSession) -> None:
    steps = ("prompt()", 'show(os.getenv("AWSENV_SEGMENT"))', 'unset("AWSENV_PROFILE", "AWS_ACCESS_KEY_ID")')
    more = ('unset("AWS_SECRET_ACCESS_KEY")', "prompt()", 'show(os.getenv("AWSENV_SEGMENT"))')
    lines = session.run(*steps, *more, exported=ours(3600), settings={"AWSENV_NO_SEGMENT": "yes"})
    assert lines == [f"prompt: {PROMPT}", "shown: project1 1h00m", f"prompt: {PROMPT}", "shown: nil"]


@pytest.mark.shell
@pytest.mark.parametrize("name", ["$(id) `id` %PATH% $P$G !x!", "a\033[31m\rb\nc\N{DELETE}", "%d %s %1 .*", "\x9bA"])
def test_a_profile_name_is_data(name: str, session: ClinkSession) -> None:
    shown = printable(name)
    lines = session.run("prompt()", f"at({NOW + 3700})", 'enter("dir")', exported=ours(3600, name))
    assert lines == [
        f"prompt: {GREEN}{shown} 1h00m{PLAIN} {PROMPT}",
        f"printed: awsenv: {shown}: expired; renew with: awsenv refresh",
    ]


@pytest.mark.shell
def test_loading_twice_is_silent_and_changes_nothing(session: ClinkSession) -> None:
    again = f"dofile({lua(str(session.home / 'awsenv.lua'))})"
    assert session.run(again, again, exported=ours(3600)) == []
    assert session.run(again, "prompt()", exported=ours(3600)) == [f"prompt: {GREEN}project1 1h00m{PLAIN} {PROMPT}"]


@pytest.mark.shell
def test_an_older_clink_shows_segment_and_warnings(session: ClinkSession) -> None:
    """Before 1.1.11 there is no onbeginedit, before 1.1.20 no onendedit."""
    again = f"clink.onbeginedit, clink.onendedit = nil, nil; __awsenv_loaded = nil; dofile({lua(str(session.home / 'awsenv.lua'))})"
    lines = session.run(again, 'set("NO_COLOR", "1")', "prompt()", 'enter("dir")', exported=ours(600))
    assert lines[0] == "printed: awsenv: project1: 10m left; renew with: awsenv refresh"


# --- the warnings -----------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_each_threshold_warns_once(session: ClinkSession) -> None:
    times = (1000, 890, 880, 290, 280, -90, -95)
    steps = [step for left in times for step in (f"at({NOW + 3600 - left})", "prompt()", "prompt()")]
    lines = session.run(*steps, exported=ours(3600))
    assert messages(lines) == [
        "printed: awsenv: project1: 14m left; renew with: awsenv refresh",
        "printed: awsenv: project1: 4m left; renew with: awsenv refresh",
        "printed: awsenv: project1: expired 1m ago; renew with: awsenv refresh",
    ]
    assert [number for number, line in enumerate(lines) if line.startswith("printed")] == [
        2,
        7,
        12,
    ]  # before the prompt


@pytest.mark.shell
def test_a_jump_past_all_thresholds_warns_once(session: ClinkSession) -> None:
    lines = session.run("prompt()", f"at({NOW + 9000})", "prompt()", "prompt()", exported=ours(3600))
    assert messages(lines) == ["printed: awsenv: project1: expired 1h30m ago; renew with: awsenv refresh"]


@pytest.mark.shell
@pytest.mark.parametrize("line", ["awsenv assume project1", "awsenv.cmd refresh", " awsenv refresh --duration 15m"])
def test_a_warning_does_not_repeat_what_assume_printed(line: str, session: ClinkSession) -> None:
    steps = ("prompt()", f"enter({lua(line)})", variables(ours(600)), "prompt()", f"at({NOW + 310})", "prompt()")
    lines = session.run(*steps, exported={"NO_COLOR": "1"})
    assert messages(lines) == ["printed: awsenv: project1: 4m left; renew with: awsenv refresh"]


@pytest.mark.shell
def test_a_failed_assume_suppresses_no_warning(session: ClinkSession) -> None:
    lines = session.run("prompt()", 'enter("awsenv assume nope")', f"at({NOW + 3000})", "prompt()", exported=ours(3600))
    assert lines[1] == "printed: awsenv: project1: 10m left; renew with: awsenv refresh"


@pytest.mark.shell
def test_a_command_after_expiry_is_warned_about_and_again_after_a_while(session: ClinkSession) -> None:
    warning = "printed: awsenv: project1: expired; renew with: awsenv refresh"
    lines = session.run(
        "prompt()",
        f"at({NOW + 3601})",
        'enter("  ")', 'show("the empty line")',
        'enter("awsenv refresh")', 'show("the fix")',
        'enter("aws s3 ls")', 'show("the line")',
        "prompt()",  # expiry is not reported again
        f"at({NOW + 3601 + 599})", 'enter("dir")', 'show("another line")',
        f"at({NOW + 3601 + 600})", 'enter("dir")', 'show("and after ten minutes")',
        exported={**ours(3600), "NO_COLOR": "1"},
    )  # fmt: skip
    assert lines == [
        f"prompt: project1 1h00m {PROMPT}",
        "shown: the empty line",
        "shown: the fix",
        warning,
        "shown: the line",
        f"prompt: project1 expired {PROMPT}",
        "shown: another line",
        warning,
        "shown: and after ten minutes",
    ]


@pytest.mark.shell
def test_new_keys_reset_the_warnings(session: ClinkSession) -> None:
    steps = ("prompt()", variables(ours(800, "project2")), "prompt()", 'set("AWS_SESSION_TOKEN", "other")', "prompt()")
    lines = session.run(*steps, exported=ours(600))
    assert [line.split(";")[0] for line in messages(lines)] == [
        "printed: awsenv: project1: 10m left",
        "printed: awsenv: project2: 13m left",
        "printed: awsenv: project2: 13m left",
    ]


# --- keys that awsenv did not export ----------------------------------------------------------------------------------


@pytest.mark.shell
def test_a_stale_expiration_of_ours_does_not_apply_to_other_keys(session: ClinkSession) -> None:
    leftover = {"AWS_CREDENTIAL_EXPIRATION": expiry.format_utc(NOW + 3600), "AWSENV_KEY": "OTHEROTH"}
    theirs = {"AWSUME_EXPIRATION": expiry.format_utc(NOW + 7200)}
    exported = {**ours(3600), **leftover, "NO_COLOR": "1"}
    assert session.run("prompt()", exported=exported) == [f"prompt: ****DFGH ? {PROMPT}"]
    assert session.run("prompt()", exported={**exported, **theirs}) == [f"prompt: ****DFGH 2h00m {PROMPT}"]


STATE = f'""{BIN / "awsenv"}" prompt --state --shell awsenv.lua 2>nul"'


@pytest.mark.shell
@pytest.mark.parametrize(
    ("exported", "segment"),
    [
        (ours(3600), "project1 1h00m"),
        ({**TOKEN, "AWS_CREDENTIAL_EXPIRATION": expiry.format_utc(NOW + 1250)}, "****DFGH 20m"),
        ({**TOKEN, "AWS_SESSION_TOKEN": text(regional(time=NOW - 2400))}, "****DFGH ~20m"),
        ({**TOKEN, "AWSUME_EXPIRATION": "x[$(id)]", "AWS_VAULT": "it's %d"}, "it's %d ?"),
    ],
)
def test_the_program_runs_once_for_each_change(exported: dict[str, str], segment: str, session: ClinkSession) -> None:
    steps = [
        "prompt()",
        "prompt()",
        "show(#started)",
        "show(started[1])",
        'set("AWS_VAULT", "other")',
        *["prompt()"] * 3,
    ]
    lines = session.run(*steps, "show(#started)", exported={**exported, "NO_COLOR": "1"})
    assert lines[:4] == [f"prompt: {segment} {PROMPT}"] * 2 + ["shown: 1", f"shown: {STATE}"]
    assert lines[-1] == "shown: 2"


@pytest.mark.shell
def test_a_live_shell_shows_its_sign_in_in_the_last_minutes(session: ClinkSession) -> None:
    token = {"accessToken": "x", "expiresAt": expiry.format_utc(NOW + 3600)}
    write_sign_in(session.home, token)
    config = "[profile p]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = R\n[sso-session corp]\n"
    (session.home / ".aws" / "config").write_text(config)
    steps = [step for left in (1000, 890, -90) for step in (f"at({NOW + 3600 - left})", "prompt()", "prompt()")]
    inside = {"AWS_PROFILE": "p", "AWSENV_PROFILE": "p", "AWSENV_OPTIONS": "--live", "NO_COLOR": "1"}
    lines = session.run(*steps, exported=inside)
    assert messages(lines) == [
        "printed: awsenv: p sign-in: 14m left; renew with: awsenv login p",
        "printed: awsenv: p sign-in: expired 1m ago; renew with: awsenv login p",
    ]
    shown = [line for line in lines if line.startswith("prompt")]
    assert shown[::2] == [f"prompt: {text} {PROMPT}" for text in ("p", "p sign-in 14m", "p sign-in expired")]


@pytest.mark.shell
def test_without_keys_the_program_does_not_run(session: ClinkSession) -> None:
    steps = ["prompt()", 'set("AWS_PROFILE", "mine")', "prompt()", "show(#started)"]
    assert session.run(*steps, exported={})[-1] == "shown: 0"


@pytest.mark.shell
def test_a_missing_program_shows_no_segment(session: ClinkSession) -> None:
    lines = session.run('programs.base = "false"', "prompt()", "prompt()", "show(#started)", exported=ours(3600))
    assert lines == [f"prompt: {PROMPT}", f"prompt: {PROMPT}", "shown: 1"]


@pytest.mark.shell
def test_the_profile_of_exported_keys_is_found_in_the_files(session: ClinkSession) -> None:
    (session.home / ".aws").mkdir()
    file = session.home / ".aws" / "credentials"
    file.write_text(f"[found]\naws_access_key_id = {KEY}\naws_secret_access_key = s\naws_session_token = t\n")
    assert session.run("prompt()", exported={**TOKEN, "NO_COLOR": "1"}) == [f"prompt: found ? {PROMPT}"]


@pytest.mark.shell
def test_an_estimated_expiration_warns_only_at_the_prompt(session: ClinkSession) -> None:
    steps = ("prompt()", f"at({NOW + 200})", "prompt()")
    after = (f"at({NOW + 1200})", 'enter("dir")', 'show("dir")', "prompt()", f"at({NOW + 9999})", 'enter("dir")')
    token = text(regional(time=NOW - 2600))
    lines = session.run(*steps, *after, exported={**TOKEN, "AWS_SESSION_TOKEN": token, "NO_COLOR": "1"})
    assert lines == [
        f"prompt: ****DFGH ~16m {PROMPT}",
        "printed: awsenv: ****DFGH: ~13m left (estimated); renew with: awsenv assume PROFILE",
        f"prompt: ****DFGH ~13m {PROMPT}",
        "shown: dir",
        "printed: awsenv: ****DFGH: expired ~3m ago (estimated); renew with: awsenv assume PROFILE",
        f"prompt: ****DFGH ~expired {PROMPT}",
    ]


@pytest.mark.slow
def test_cmd_finds_the_program_in_a_directory_with_blanks_and_parentheses(tmp_path: Path) -> None:
    """It runs the line that Lua's popen passes to cmd."""
    directory = tmp_path / "Program Files (x86)"
    directory.mkdir()
    put(directory)
    line = f'cmd /c ""%~dp0{directory.name}\\awsenv-core.exe" prompt --state --shell awsenv.lua 2>nul"'
    (tmp_path / "state.cmd").write_bytes(f"@echo off\r\n{line}\r\n".encode())
    assert wine(Home(tmp_path), tmp_path, "/c", "state.cmd", **TOKEN).stdout.splitlines()[0] == "__awsenv_kind=unknown"


# --- completion -------------------------------------------------------------------------------------------------------

AWS_CONFIG = """\
[default]
region = eu-central-1
[profile project1]
role_arn = arn:aws:iam::123456789012:role/one
region=xx-made-up-1
[profile "no region"]
[ profile odd ]
[sso-session corp]
[services project]
[profile $(id)]
[profile two words]
[profile "it's"]
[profile project1-awsenv]
credential_process = awsenv credential-process project1
"""


@pytest.mark.shell
@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("awsenv as", "assume"),
        ("awsenv --v", "--version"),
        ("awsenv assume --du", "--duration"),
        ("awsenv assume --duration 1", "15m|1h|12h"),
        ("awsenv assume project1 --mode ", "keys|profile"),
        ("awsenv assume project1 --session-name ", ""),
        ("awsenv assume project1 ", ""),
        ("awsenv init c", "cmd|clink"),
        ("awsenv install --shell c", "cmd"),
        ("awsenv prompt --format ", "plain|ansi|tmux"),
        ("awsenv help set", "settings"),
        ("awsenv clear ", ""),
        ("aa --du", "--duration"),
        ("aa project1 --mode ", "keys|profile"),
        ("aa project1 ", ""),
    ],
)
def test_commands_options_and_values_are_completed_without_a_process(
    line: str, found: str, session: ClinkSession
) -> None:
    assert completed(session, line) == [f"shown: {found}", "shown: 0"]


@pytest.mark.shell
@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("awsenv assume ", "default|project1|no region|$(id)|it's|user1"),
        ("awsenv assume pro", "project1"),
        ("awsenv assume --duration 1h us", "user1"),
        ("awsenv assume --no-cache us", "user1"),
        ("awsenv assume --role-arn ", "arn:aws:iam::123456789012:role/one"),
        ("awsenv assume --region xx", "xx-made-up-1"),
        ("awsenv assume --region eu-central", "eu-central-1|eu-central-2|eu-central-1"),
        ("aa pro", "project1"),
        ("aa --duration 1h us", "user1"),
        ("aa --region xx", "xx-made-up-1"),
    ],
)
def test_what_is_in_the_aws_files_is_completed_by_one_process(line: str, found: str, session: ClinkSession) -> None:
    assert completed(session, line) == [f"shown: {found}", "shown: 1"]


def completed(session: ClinkSession, line: str) -> list[str]:
    """Return what is offered for a line with the cursor behind it, and how many processes that took; `aa` is an alias of assume."""
    (session.home / ".aws").mkdir()
    (session.home / ".aws" / "config").write_text(AWS_CONFIG)
    (session.home / ".aws" / "credentials").write_text("[user1]\naws_access_key_id = [x]\n")
    steps = (f"complete({', '.join(map(lua, line.split(' ')))})", "show(#started)")
    return session.run(*steps, exported={}, init=("--alias", "aa"))


@pytest.mark.shell
def test_a_missing_program_completes_no_profiles(session: ClinkSession) -> None:
    assert session.run('programs.base = "false"', 'complete("awsenv", "assume", "")', exported={}) == ["shown: "]


@pytest.mark.shell
def test_the_alias_of_assume_is_a_macro_of_doskey(session: ClinkSession) -> None:
    assert session.run("show(executed[1])", exported={}) == ["shown: nil"]
    shown = session.run("show(executed[1])", "show(#executed)", exported={}, init=("--alias", "a-b"))
    assert shown == ["shown: doskey a-b=awsenv assume $*", "shown: 1"]


@pytest.mark.shell
@pytest.mark.parametrize("line", ["awsenv assume project1", "awsenv.cmd refresh", "a-b project1", " a-b"])
def test_a_line_that_renews_causes_no_warning(line: str, session: ClinkSession) -> None:
    """awsenv itself prints how long the new session is valid. Clink gets the typed line, before doskey changes it."""
    enter = f"enter({lua(line)})"
    lines = session.run(
        "prompt()", enter, variables(ours(600, "new")), "prompt()", exported=ours(-9), init=("--alias", "a-b")
    )
    assert messages(lines) == ["printed: awsenv: project1: expired <1m ago; renew with: awsenv refresh"]
    lines = session.run("prompt()", f"at({NOW + 700})", enter, exported=ours(600), init=("--alias", "a-b"))
    assert len(messages(lines)) == 1  # of the prompt, not of the line


@pytest.mark.shell
def test_completion_reads_the_files_named_by_variables(session: ClinkSession) -> None:
    (session.home / "mine").write_text("[profile mine]\r\n", newline="")
    files = {"AWS_CONFIG_FILE": str(session.home / "mine"), "AWS_SHARED_CREDENTIALS_FILE": "~/none"}
    assert session.run('complete("awsenv", "assume", "")', exported=files) == ["shown: mine"]


# --- installing -------------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_install_adds_the_clink_script_and_uninstall_removes_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    variables = {"LOCALAPPDATA": str(tmp_path / "local"), "XDG_DATA_HOME": str(tmp_path / "data")}
    file = tmp_path / "local" / "clink" / "awsenv.lua"
    assert "Clink" not in home.awsenv("install", "--shell", "cmd", **variables).stdout
    assert not (tmp_path / "local").exists()
    file.parent.mkdir(parents=True)
    (file.parent / "clink_settings").write_text("mine")
    assert f"wrote {file}" in home.awsenv("install", "--shell", "cmd", **variables).stdout
    assert file.read_text() == home.awsenv("init", "clink").stdout
    output = home.awsenv("uninstall", **variables).stdout
    assert str(file) in output
    assert "awsenv.cmd" in output
    assert [path.name for path in file.parent.iterdir()] == ["clink_settings"]
    assert not (tmp_path / "data" / "awsenv" / "cmd").exists()


@pytest.mark.shell
def test_clink_is_rejected_as_a_dialect_and_for_off(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for args in ("assume x --shell clink", "install --shell clink", "init clink --off"):
        assert home.awsenv(*args.split()).returncode == 2, args
    assert json.loads(home.awsenv("list", "--json").stdout) == []
