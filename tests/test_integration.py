"""The shell function awsenv: it must not break, leak or start anything."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.environment import assumed
from support.homes import Home
from support.programs import BIN
from support.shells import INTERACTIVE, LOAD, POSIX, SHELLS, run
from support.strace import strace
from support.sts import ACCOUNT
from support.until import without_until

from awsenv import environment
from awsenv.environment import state


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_loading_is_silent_and_preserves_the_status(shell: str, home: Home) -> None:
    result = run(shell, LOAD[shell], home)  # a second time, as when a start-up file is read again
    assert (result.out, result.err, result.code) == ("", "", 0)


STRICT = {
    "bash, euo pipefail": ["bash", "--noprofile", "--norc", "-euo", "pipefail", "-c"],
    "bash, posix": ["bash", "--posix", "--noprofile", "--norc", "-eu", "-c"],
    "bash, noclobber nullglob": ["bash", "--noprofile", "--norc", "-euC", "-O", "nullglob", "-O", "extglob", "-c"],
    "zsh, euo pipefail": ["zsh", "-euo", "pipefail", "-f", "-c"],
    "zsh, arrays": ["zsh", "-o", "KSH_ARRAYS", "-o", "SH_WORD_SPLIT", "-f", "-c"],
    "zsh, warnings": ["zsh", "-o", "NULL_GLOB", "-o", "RC_QUOTES", "-o", "NO_UNSET", "-o", "WARN_CREATE_GLOBAL", "-f", "-c"],
    "zsh, globbing": ["zsh", *["-o", "GLOB_SUBST", "-o", "ALL_EXPORT", "-o", "EXTENDED_GLOB", "-o", "MAGIC_EQUAL_SUBST"], "-f", "-c"],
    "zsh as sh": ["zsh", "--emulate", "sh", "-f", "-c"],
    "zsh as ksh": ["zsh", "--emulate", "ksh", "-f", "-c"],
}  # fmt: skip


@pytest.mark.shell
@pytest.mark.parametrize("argv", STRICT.values(), ids=STRICT)
def test_the_function_works_in_strict_modes(argv: list[str], home: Home) -> None:
    script = "awsenv assume project1; awsenv check; awsenv clear; code=0; awsenv check || code=$?; echo $code"
    result = run(argv[0], script, home, argv=argv)
    assert result.err == ""
    assert result.out.splitlines()[-1] == "5"


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_the_raw_line_works_with_the_function_loaded(shell: str, home: Home) -> None:
    line = {
        "fish": "awsenv assume project1 | source; echo $status $AWSENV_PROFILE",
        "powershell": 'awsenv assume project1 | Out-String | Invoke-Expression; "$([int](-not $?)) $env:AWSENV_PROFILE"',
    }.get(shell, 'eval "$(awsenv assume project1)"; echo $? $AWSENV_PROFILE')
    assert run(shell, line, home).out.splitlines()[-1] == "0 project1"
    clear = line.replace("assume project1", "clear")
    assert run(shell, f"{line}\n{clear}", home).out.splitlines()[-1].strip() == "0"


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (f"user1 --role-arn arn:aws:iam::{ACCOUNT}:role/project1 --region us-east-1", "user1>project1"),
        (f"project1 --chain arn:aws:iam::{ACCOUNT}:role/chained", "project1>chained"),
    ],
)
def test_the_assumed_role_is_named_before_and_after_a_refresh(
    arguments: str, name: str, shell: str, home: Home
) -> None:
    show = {"powershell": "$__awsenv_name; $__awsenv_is_production"}.get(
        shell, 'echo "$__awsenv_name"; echo "$__awsenv_is_production"'
    )
    script = f"awsenv assume {arguments}\nawsenv check\nawsenv refresh\nawsenv check\n{show}"
    lines = run(shell, script, home, AWSENV_PRODUCTION=name.partition(">")[2]).out.splitlines()
    assert [line.partition(":")[0] for line in lines] == [name, name, name, "1"]


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_keys_that_cannot_be_renewed_are_named_with_their_line(shell: str, home: Home) -> None:
    expiration = environment.expiry.format_utc(int(time.time()) + 600)
    home.credentials.write_text(
        "[static]\naws_access_key_id = ASIAQWERTYUIOPASDFGH\naws_secret_access_key = s\n"
        f"aws_session_token = t\naws_expiration = {expiration}\n"
    )
    show = {"powershell": "$__awsenv_fix; $__awsenv_renewable"}.get(
        shell, 'echo "$__awsenv_fix"; echo "$__awsenv_renewable"'
    )
    lines = without_until(run(shell, f"awsenv assume static\n{show}\nawsenv check", home).out).splitlines()
    fix = f"put new credentials at {home.credentials}:2 (awsenv doctor static shows the settings that renew them)"
    assert lines[:2] == [fix, ""]
    assert lines[2].startswith("static: ") and lines[2].endswith(f" left; {fix}")


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_the_raw_line_of_a_failure_fails_with_the_function_loaded(shell: str, home: Home) -> None:
    line = {
        "fish": "awsenv assume nope | source; and echo WENT ON",
        "powershell": "awsenv assume nope | Out-String | Invoke-Expression; 'WENT ON'",
    }.get(shell, 'eval "$(awsenv assume nope)" && echo WENT ON')
    result = run(shell, line, home)
    assert "WENT ON" not in result.out
    assert "there is no profile 'nope'" in result.err


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_a_failure_stops_an_and_list(shell: str, home: Home) -> None:
    line = "awsenv assume nope && echo WENT ON"
    result = run(shell, f"{line}\nawsenv check --min-ttl 5m && echo WENT ON", home)
    assert "WENT ON" not in result.out


@pytest.mark.shell
@pytest.mark.parametrize(
    "stderr", ["2>/dev/full", "2>&-", "2> >(exec 0<&-; sleep 0)"], ids=["full", "closed", "unread"]
)
@pytest.mark.parametrize("args", ["assume nope", "assume --nonsense", "assume closed", "refresh"])
def test_a_failure_has_a_status_even_if_stderr_cannot_be_written(args: str, stderr: str, home: Home) -> None:
    """A cron job whose log is on a full disk must not continue with the old keys."""
    for shell in ("bash", "zsh", "dash"):
        if shell == "dash" and "(" in stderr:
            continue
        lines = [
            f'eval "$(awsenv {args} {stderr})" && echo WENT ON',
            f'exec {stderr}; set -e; eval "$(awsenv {args})"; echo ON',
        ]
        if shell != "dash":
            lines.append(f"{LOAD[shell]}; {{ awsenv {args} && echo WENT ON; }} {stderr}")
        for line in lines:
            result = SHELLS[shell].run(line, home, load=False, AWS_ACCESS_KEY_ID="OLD")
            assert result.out == "", (shell, line)
            assert result.code != 0, (shell, line)


@pytest.mark.shell
def test_zsh_reports_no_global_variable_created_in_a_function(home: Home) -> None:
    """In zsh 5.0 warn_create_global stays on under `emulate -L`; here it is set again in each function."""
    script = home.awsenv("init", "zsh").stdout
    assert script.count("emulate -L zsh") > 20
    (home.path / "init").write_text(script.replace("emulate -L zsh", "emulate -L zsh; setopt warn_create_global"))
    lines = (
        "awsenv assume project1; awsenv check >out; __awsenv_hook; __awsenv_preexec x x x; awsenv clear; __awsenv_hook"
    )
    argv = ["zsh", "-f", "-i", "-c"]
    result = run("zsh", f"setopt warn_create_global; . ./init; {lines}", home, load=False, argv=argv)
    assert "created globally" not in result.err


@pytest.mark.shell
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_trace_shows_no_secret(shell: str, home: Home) -> None:
    trace = {"fish": "set fish_trace 1"}.get(shell, "set -xv")
    show = "env | grep AWS_SECRET_ACCESS_KEY="
    result = run(
        shell,
        f"{trace}\nawsenv assume project1\nawsenv check\nawsenv assume project1 --refresh\n{show}\nawsenv clear",
        home,
    )
    secret = result.out.splitlines()[-1].partition("=")[2]
    assert len(secret) == 40
    assert secret not in result.err
    assert "awsenv check" in result.err  # the trace is still on after the first call


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_no_shell_variable_contains_a_secret(shell: str, home: Home) -> None:
    variables = {"fish": "set", "powershell": "Get-Variable -Scope Global -ValueOnly | Out-String"}.get(shell, "set")
    secret = {"powershell": "$env:AWS_SECRET_ACCESS_KEY"}.get(shell, "env | sed -n s/^AWS_SECRET_ACCESS_KEY=//p")
    drop = {
        "fish": "set -eg AWS_SECRET_ACCESS_KEY; set -eg AWS_SESSION_TOKEN",
        "powershell": "Remove-Item Env:AWS_SECRET_ACCESS_KEY, Env:AWS_SESSION_TOKEN",
    }.get(shell, "unset AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN")
    result = run(shell, f"awsenv assume project1\n{secret}\n{drop}\n{variables}", home)
    value, _, rest = result.out.partition("\n")
    assert len(value) == 40
    assert value not in rest


@pytest.mark.shell
@pytest.mark.parametrize("shell", POSIX)
def test_an_alias_named_awsenv_does_not_break_the_function(shell: str, home: Home) -> None:
    script = f"{'shopt -s expand_aliases; ' if shell == 'bash' else ''}alias awsenv='echo alias'\n{LOAD[shell].replace('awsenv', 'command awsenv', 1)}\n"
    result = run(shell, script + "eval 'awsenv assume project1; echo $AWSENV_PROFILE'", home, load=False)
    assert (result.out, result.err) == ("project1\n", "")


@pytest.mark.shell
@pytest.mark.parametrize("shell", POSIX)
def test_assume_in_a_subshell_does_not_change_the_parent(shell: str, home: Home) -> None:
    result = run(shell, '(awsenv assume project1; echo "in $AWSENV_PROFILE"); echo "out ${AWSENV_PROFILE-}"', home)
    assert result.out.splitlines() == ["in project1", "out "]


PIPED = {
    "a ( ) into a pipe": "(awsenv assume project1 && {show}) 2>&1 | cat",
    "a { } into a pipe": "{{ awsenv assume project1; {show}; }} | cat",
    "a loop into a pipe": "for p in project1; do awsenv assume $p && {show}; done | cat",
    "a function into a pipe": "f() {{ awsenv assume project1; {show}; }}; f | cat",
    "a loop behind a pipe": "echo project1 | while read -r p; do awsenv assume $p; {show}; done",
    "without globbing": "set -f; (awsenv assume project1; {show}) | cat",
}


@pytest.mark.shell
@pytest.mark.parametrize("name", PIPED)
@pytest.mark.parametrize("shell", POSIX)
def test_assume_in_a_pipeline_shows_no_secret(shell: str, name: str, home: Home) -> None:
    show = 'echo "as ${AWSENV_PROFILE-none}"'
    result = run(shell, PIPED[name].format(show=show), home)
    assert result.out == "as project1\n"
    assert run(shell, f"awsenv assume project1; {{ awsenv clear; {show}; }} | cat", home).out == "as none\n"


@pytest.mark.shell
@pytest.mark.parametrize("shell", POSIX)
def test_assume_in_a_command_substitution_prints_the_snippet(shell: str, home: Home) -> None:
    lines = (
        'set -f; eval "$(awsenv assume project1)"; echo "as $AWSENV_PROFILE"',
        'source <(awsenv assume project1); echo "as $AWSENV_PROFILE"',
        '(eval "$(awsenv assume project1)"; echo "as $AWSENV_PROFILE") | cat',
        'x="$(awsenv assume project1; echo "as $AWSENV_PROFILE")"; echo "${x##*;}"',
    )
    for line in lines:
        assert run(shell, line, home).out.strip() == "as project1", line


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_help_can_be_paged(shell: str, home: Home) -> None:
    pipe = {"powershell": "awsenv assume --help | & /usr/bin/head -n 1"}.get(shell, "awsenv assume --help | head -n 1")
    assert run(shell, pipe, home).out == "usage: awsenv assume [PROFILE | -] [options]\n"


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_other_commands_keep_their_arguments_and_exit_code(shell: str, home: Home) -> None:
    code = {"fish": "echo $status", "powershell": "$LASTEXITCODE"}.get(shell, "echo $?")
    result = run(shell, f"awsenv assume 'a  b*$x'\n{code}\nawsenv list --nonsense\n{code}", home)
    assert "there is no profile 'a  b*$x'" in result.err
    assert result.out.split() == ["1", "2"]


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_options_that_print_text_change_no_variable(shell: str, home: Home) -> None:
    show = {"powershell": '"[$env:AWSENV_PROFILE]"'}.get(shell, 'echo "[$AWSENV_PROFILE]"')
    result = run(
        shell, f"awsenv assume project1 --format json\nawsenv assume --help\nawsenv clear --shell zsh\n{show}", home
    )
    assert '"AWS_SECRET_ACCESS_KEY"' in result.out
    assert "--duration" in result.out
    assert "AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN" in result.out
    assert result.out.splitlines()[-1] == "[]"


@pytest.mark.shell
def test_json_in_a_powershell_pipeline_stays_data(home: Home) -> None:
    result = run("powershell", "awsenv assume project1 --format json | & /usr/bin/python3 -m json.tool", home)
    assert '"AWS_REGION": "eu-central-1"' in result.out
    assert result.err == ""


@pytest.mark.shell
def test_an_assignment_before_the_function_of_bash_does_not_outlive_it(home: Home) -> None:
    script = """
export AWS_PROFILE=user1
AWS_PROFILE=other AWS_REGION=x AWS_SESSION_TOKEN=old awsenv assume project1
echo $? ${AWS_PROFILE-unset} $AWS_REGION
[[ $AWS_SESSION_TOKEN != old ]] && env | grep -c '^AWS_S[ES]'
AWS_VAULT=other awsenv clear
echo $? ${AWS_VAULT-unset} ${AWS_SESSION_TOKEN-unset}"""
    result = run("bash", script, home)
    assert (result.out.splitlines(), result.err) == (["0 unset eu-central-1", "2", "0 unset unset"], "")


CHECKS = [
    ({}, "", 5),
    ({"AWSENV_PROFILE": "p", "AWS_PROFILE": "p"}, "", 0),
    ({"AWSENV_PROFILE": "p", "AWS_PROFILE": "q"}, "", 5),
    ({"AWS_PROFILE": "q"}, "", 5),
    ({"key": "AKIAQWERTYUIOPASDFGH"}, "", 0),
    ({"key": "ASIAQWERTYUIOPASDFGH", "AWS_SESSION_TOKEN": "t"}, "", 6),
    ({"key": "ASIAQWERTYUIOPASDFGH", "AWS_SECURITY_TOKEN": "t"}, "", 6),
    ({"key": "ASIAQWERTYUIOPASDFGH", "AWS_SESSION_TOKEN": "t", "left": "5430"}, "", 0),
    ({"key": "ASIAQWERTYUIOPASDFGH", "AWS_SESSION_TOKEN": "t", "left": "5430"}, "--min-ttl 2h", 3),
    ({"key": "ASIAQWERTYUIOPASDFGH", "AWS_SESSION_TOKEN": "t", "left": "5370"}, "--min-ttl=1h30m", 3),
    ({"key": "ASIAQWERTYUIOPASDFGH", "AWS_SESSION_TOKEN": "t", "left": "5430"}, "--min-ttl 5400", 0),
    ({"key": "ASIAQWERTYUIOPASDFGH", "AWS_SESSION_TOKEN": "t", "left": "830"}, "", 3),
    ({"key": "ASIAQWERTYUIOPASDFGH", "AWS_SESSION_TOKEN": "t", "left": "830"}, "--min-ttl 0", 0),
    ({"key": "ASIAQWERTYUIOPASDFGH", "AWS_SESSION_TOKEN": "t", "left": "30"}, "", 3),
    ({"key": "ASIAQWERTYUIOPASDFGH", "AWS_SESSION_TOKEN": "t", "left": "-30"}, "", 4),
    ({"key": "ASIAQWERTYUIOPASDFGH", "AWS_SESSION_TOKEN": "t", "left": "-7530"}, "", 4),
    ({"key": "ASIAQWERTYUIOPASDFGH", "AWS_SESSION_TOKEN": "t", "AWSENV_EXPIRATION": "x[$(touch CANARY)]"}, "", 6),
    ({"AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPASDFGH"}, "", 1),
    ({"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH", "AWS_SECRET_ACCESS_KEY": "s"}, "", 1),
    ({"key": "ASIAQWERTYUIOPASDFGH", "left": "5430"}, "", 1),
    ({"key": "ASIAQWERTYUIOPASDFGH", "AWS_SESSION_TOKEN": "t", "left": "5430"}, "--min-ttl ''", 2),
    ({"key": "ASIAQWERTYUIOPASDFGH", "AWS_SESSION_TOKEN": "t", "left": "5430"}, "--min-ttl=", 2),
    ({"AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPASDFGH", "AWS_SECRET_ACCESS_KEY": "s"}, "", 0),
    ({}, "--min-ttl soon", 2),
    ({}, "one two", 2),
]


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_short_options_reach_the_program(shell: str, home: Home) -> None:
    """PowerShell could take some of them for its common parameters."""
    name = {"powershell": '"$env:AWSENV_PROFILE $env:AWSENV_OPTIONS"'}.get(
        shell, 'echo "$AWSENV_PROFILE $AWSENV_OPTIONS"'
    )
    lines = f"awsenv -V\nawsenv assume project1 -d 15m -r eu-west-3\n{name}\nawsenv assume -p user1 -reu-west-2\n{name}"
    result = run(shell, lines, home)
    assert result.out.splitlines()[0].startswith("awsenv ")
    assert result.out.splitlines()[1:] == [
        "project1 --duration=15m --region=eu-west-3",
        "user1 --region=eu-west-2",
    ], result.err


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_check_in_the_shell_equals_check_of_the_program(shell: str, home: Home, tmp_path: Path) -> None:
    """Output and exit code, for one table of environments."""
    code = {"fish": 'echo "code $status"', "powershell": '"code $LASTEXITCODE"'}.get(shell, 'echo "code $?"')
    for variables, args, expected in CHECKS:
        environ = dict(variables)
        if key := environ.pop("key", None):
            environ |= {
                "AWS_ACCESS_KEY_ID": key,
                "AWS_SECRET_ACCESS_KEY": "s",
                "AWSENV_KEY": key[-8:],
                "AWSENV_PROFILE": "p",
            }
        if left := environ.pop("left", None):
            environ["AWSENV_EXPIRATION"] = str(int(time.time()) + int(left))
        by_program = home.awsenv("check", *shlex.split(args), **environ)
        result = run(shell, f"awsenv check {args}\n{code}", home, **environ)
        assert by_program.returncode == expected, variables
        assert result.out == f"{by_program.stdout}code {expected}\n", variables
        assert not (home.path / "CANARY").exists()


def environments() -> list[dict[str, str]]:
    """Environments for clear."""
    ours = {"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
    ours |= {
        "AWSENV_PROFILE": "p",
        "AWSENV_KEY": "IOPASDFGH"[-8:],
        "AWSENV_EXPIRATION": "1000000000",
        "AWSUME_PROFILE": "p",
    }
    regions = {"AWSENV_REGION": "eu-west-1", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    return [
        {"AWS_PROFILE": "mine", "AWS_REGION": "us-west-2", "AWS_PAGER": "less"},
        {**ours, "AWS_SECURITY_TOKEN": "x", "AWS_CREDENTIAL_EXPIRATION": "x", "AWS_ACCOUNT_ID": "1"},
        {**ours, **regions, "AWSENV_PREVIOUS_AWS_REGION": "us-west-2", "AWSENV_PREVIOUS_AWS_PROFILE": "my $(x) 'p'"},
        {**ours, **regions, "AWS_REGION": "changed-by-hand", "AWSENV_PREVIOUS_AWS_DEFAULT_PROFILE": "d"},
        {"AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPASDFGH", "AWS_PROFILE": "foreign", "AWSUME_EXPIRATION": "x"},
        {"AWSENV_PROFILE": "p", "AWS_PROFILE": "p", "AWSENV_PREVIOUS_AWS_PROFILE": "mine"},
        {"AWS_REGION": "", "AWS_DEFAULT_REGION": "mine", "AWS_PAGER": ""},
        {**ours, "AWSENV_REGION": "eu-west-1", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": ""},
        {**ours, "AWS_PROFILE": "set since", "AWSENV_PREVIOUS_AWS_PROFILE": "mine"},
        {"AWSENV_PROFILE": "p", "AWS_PROFILE": "set since", "AWSENV_PREVIOUS_AWS_DEFAULT_PROFILE": "mine"},
        dict.fromkeys(environment.TABLE, "x"),
        {name: name for name in environment.TABLE},
    ]


@pytest.mark.shell
@pytest.mark.parametrize("args", ["clear", "clear --stale"])
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_clear_in_the_shell_equals_clear_of_the_program(shell: str, args: str, home: Home) -> None:
    for before in environments():
        stale = state.exported(before).expiration
        expected = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": home.sts.url if home.sts else ""} | before
        if args == "clear" or (stale is not None and stale <= time.time()):
            expected |= {name: value for name, value in environment.clear(before).items() if value is not None}
            for name, value in environment.clear(before).items():
                if value is None:
                    expected.pop(name, None)
        show = {"powershell": "& /usr/bin/env"}.get(shell, "env")
        result = run(shell, f"awsenv {args}\n{show}", home, **before)
        after = dict(line.partition("=")[::2] for line in result.out.splitlines() if line.startswith("AWS"))
        assert after == expected, before
        assert result.err == ""


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_clear_unsets_an_empty_profile_and_region(shell: str, home: Home) -> None:
    show = {"powershell": "& /usr/bin/env"}.get(shell, "env")
    empty = {"AWS_PROFILE": "", "AWS_DEFAULT_REGION": "", "AWS_SESSION_TOKEN": ""}
    result = run(shell, f"awsenv clear\n{show}", home, AWS_DEFAULT_PROFILE="mine", AWS_REGION="r", **empty)
    assert not {f"{name}=" for name in empty} & set(result.out.splitlines())
    assert {"AWS_DEFAULT_PROFILE=mine", "AWS_REGION=r"} <= set(result.out.splitlines())


@pytest.mark.shell
@pytest.mark.parametrize("load", [False, True], ids=["raw", "integrated"])
def test_clear_names_a_universal_fish_variable_that_it_cannot_unset(load: bool, home: Home) -> None:
    clear = "awsenv clear" if load else "awsenv clear | source"
    script = f"set -Ux AWS_SECURITY_TOKEN old\n{clear}\necho $status\nset -eU AWS_SECURITY_TOKEN\n{clear}\necho $status"
    result = run("fish", script, home, load=load, argv=["fish", "-c"])
    assert result.out.split() == ["1", "0"]
    assert result.err.count("set -eU AWS_SECURITY_TOKEN") == 1


@pytest.mark.shell
@pytest.mark.parametrize("verb", ["clear", "check"])
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_clear_and_check_start_no_process(shell: str, verb: str, home: Home, tmp_path: Path) -> None:
    """Counted by strace, compared with the same shell doing nothing."""
    variables = assumed(3600)

    def processes(line: str, name: str) -> int:
        log = tmp_path / name
        text = f"{LOAD[shell]}\n" + f"{line}\n" * 10
        calls = "execve,fork,vfork" + (",clone,clone3" if shell != "powershell" else "")
        command = [*strace(calls, log), *SHELLS[shell].inline(), text]
        subprocess.run(
            command, env=home.environment(**variables), cwd=home.path, capture_output=True, timeout=120, check=False
        )
        return sum(
            "= -1" not in text and "CLONE_THREAD" not in text for text in log.read_text().splitlines() if "(" in text
        )

    nothing = {"powershell": "$null = 1"}.get(shell, ":" if shell != "fish" else "true")
    assert processes(nothing, "nothing") == processes(f"awsenv {verb}", "verb")


@pytest.mark.shell
def test_a_function_printed_by_python_m_finds_awsenv_on_the_path(home: Home) -> None:
    load = f"{sys.executable} -m awsenv init {{}}"
    result = run(
        "bash", f'eval "$({load.format("bash")})"; awsenv assume project1; echo $AWSENV_PROFILE', home, load=False
    )
    assert result.out == "project1\n"
    script = (
        f"{load.format('powershell')} | Out-String | Invoke-Expression; awsenv assume project1; $env:AWSENV_PROFILE"
    )
    assert run("powershell", script, home, load=False).out == "project1\n"


@pytest.mark.shell
def test_the_function_works_when_path_changes(home: Home) -> None:
    assert run("bash", "PATH=/usr/bin:/bin; awsenv assume project1; echo $AWSENV_PROFILE", home).out == "project1\n"


@pytest.mark.shell
def test_the_rendered_scripts_are_in_the_wheel() -> None:
    import awsenv

    directory = Path(awsenv.__file__).parent / "shells" / "rendered"
    parts = [f"{part}.{shell}" for shell in ("bash", "fish", "ps1", "zsh") for part in ("awsenv", "completion", "off")]
    assert sorted(path.name for path in directory.iterdir()) == sorted([*parts, "awsenv.cmd", "awsenv.lua"])
    assert BIN  # the tests run the installed package, not the checkout
    assert "site-packages" in str(directory)
