"""bash 3.2, the bash of macOS: no script may use what it lacks, and the branches for old versions work.

No package has it, so the branches run in the installed bash."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from support.clock import Clock
from support.homes import Home
from support.programs import BIN
from support.shells import BASH, run
from support.until import without_until

from awsenv import dialects, environment
from awsenv.integration import scripts

RENDERED = Path(scripts.__file__).parent.parent / "shells" / "rendered"

#: A feature, as a regular expression -> the version that introduced it (CHANGES of bash), as major * 100 + minor.
INTRODUCED_IN = {
    r"\$\{!?[\w[\]*@]+@[A-Za-z]\}": 404,  # ${x@Q}
    r"\blocal -(?= |$|;)": 404,
    r"\$\{!?\w+(\[[^]]*\])?(\^|,)": 400,  # ${x^^}, ${x,,}
    r"%\([^)]*\)T": 402,
    r"\b(local|declare|typeset) -\w*n": 403,
    r"\b(local|declare|typeset) -\w*A": 400,
    r"\b(local|declare|typeset) -\w*g": 402,
    r"\b(mapfile|readarray|coproc|compopt)\b": 400,
    r"\b(EPOCHSECONDS|EPOCHREALTIME|SRANDOM)\b": 500,
    r"\$\{?BASHPID\b(?!-)": 400,
    r"\|&|;;?&|&>>": 400,
    r"\[\[ -v |\[\[ -R ": 402,
    r"exec \{\w+\}": 401,
    r"\[-\d+\]": 403,  # negative subscripts
    r"\$\{\w+:[^}]*: ?-": 402,  # negative lengths
    r"\bread [^|&;]*-t 0": 400,
    r"\\u[0-9a-fA-F]|\\U[0-9a-fA-F]": 402,
    r"\bwait -n\b": 403,
    r"shopt -[su]\w* \w*(globstar|lastpipe|inherit_errexit|localvar|compat[45]|dirspell|assoc)": 400,
    r"\$\(\s*case\b": 400,  # older parsers end the substitution at the ) of a pattern
    r"PROMPT_COMMAND\[\d|PROMPT_COMMAND\+=\(": 501,
    r"\{\d+\.\.\d+\.\.": 400,
}

#: The condition that limits a line to newer versions. (Renewals are started from 4.1 on.)
GUARD = re.compile(
    r"__awsenv_bash\}? -(ge|lt) (\d+)|BASH_VERSINFO\[0\]\}? -(gt) (\d+)|(-n \$\{BASHPID-\}|-u \S*__awsenv_renewal)"
)


def guarded(lines: list[str], number: int, version: int) -> bool:
    """Whether a line is run only from that version on: it, one of the three lines before it, or the first line of its
    branch has a guard."""
    indent = len(lines[number]) - len(lines[number].lstrip())
    above = (line for line in reversed(lines[:number]) if len(line) - len(line.lstrip()) < indent)
    branch = next((line for line in above if line.lstrip().startswith(("if ", "elif "))), "")
    for line in [*lines[max(0, number - 3) : number + 1], branch]:
        for match in GUARD.finditer(line):
            if match[5]:
                return True
            least = int(match[2]) if match[2] else (int(match[4]) + 1) * 100
            if least >= version:
                return True
    return False


def later_than_3_2(text: str) -> list[str]:
    """Return the unguarded lines that bash 3.2 does not support."""
    lines = [line.partition(" # ")[0] for line in text.splitlines()]
    return [
        f"{number + 1}: {line.strip()} ({version})"
        for number, line in enumerate(lines)
        if not line.lstrip().startswith("#")
        for feature, version in INTRODUCED_IN.items()
        if re.search(feature, line) and not guarded(lines, number, version)
    ]


@pytest.mark.parametrize("part", ["awsenv", "completion", "off"])
def test_the_script_supports_bash_3_2(part: str) -> None:
    assert later_than_3_2((RENDERED / f"{part}.bash").read_text()) == []


def test_a_snippet_supports_bash_3_2() -> None:
    change: environment.Change = {"AWS_PROFILE": None, "AWS_REGION": "a\nb'c\x7f", "AWSENV_KEY": "x"}
    assert later_than_3_2(dialects.write(dialects.load("bash"), change)) == []


@pytest.mark.parametrize(
    "line",
    [
        'x="${y@Q}"',
        "echo ${name,,}",
        "printf -v now '%(%s)T' -1",
        "local -n ref=$1",
        "declare -gA table",
        "a |& b",
        "mapfile -t lines",
        "now=$EPOCHSECONDS",
        "read </proc/$BASHPID/stat",
        'echo "${list[-1]}"',
        "x=$(case $1 in a) echo b ;; esac)",
        "exec {fd}<file",
        "[[ -v name ]]",
        "  { local -; } 2>&-",
        "x=${y:1:-1}",
    ],
)
def test_an_unguarded_feature_of_a_newer_bash_is_found(line: str) -> None:
    assert later_than_3_2(f"\n\n\n\n{line}\n")
    assert later_than_3_2(f"[[ ${{__awsenv_bash}} -ge 501 ]] || return\n{line}\n") == []


# --- the branches for old versions, in the installed bash -------------------------------------------------------------


def as_if(version: int) -> str:
    """Return the integration as that version would run it: its variables of later versions are unset."""
    script = subprocess.run([BIN / "awsenv", "init", "bash"], capture_output=True, text=True, check=True).stdout
    changed = re.sub(r"^__awsenv_bash=\$\(\(.*?\)\)", f"__awsenv_bash={version}", script, flags=re.M)
    assert changed != script
    return f"{'unset EPOCHSECONDS BASHPID; ' if version < 400 else ''}{changed}"


OLD = [302, 402, 403, 404, 500]


@pytest.mark.shell
@pytest.mark.parametrize("version", OLD)
def test_the_function_works_as_if_in_an_old_bash(version: int, home: Home) -> None:
    lines = f"""{as_if(version)}
awsenv assume project1; echo $? $AWSENV_PROFILE
awsenv check >out; echo $?
eval "$(awsenv assume chained)"; echo $? $AWSENV_PROFILE
eval "$(awsenv assume nope)" && echo WENT ON
awsenv clear; echo $? $AWSENV_PROFILE"""
    result = run("bash", lines, home, load=False)
    assert result.out.splitlines() == ["0 project1", "0", "0 chained", "0"]


@pytest.mark.shell
@pytest.mark.parametrize("version", OLD)
def test_a_trace_in_an_old_bash_shows_no_secret_and_little_of_the_hook(version: int, home: Home) -> None:
    lines = f"{as_if(version)}\nset -x\nawsenv assume project1\n__awsenv_hook\n: END\nenv | grep '^AWS_S[ES]'\n[[ $- == *x* ]] && echo ON"
    result = run("bash", lines, home, load=False)
    *secrets, still_on = result.out.splitlines()
    assert (len(secrets), still_on) == (2, "ON")
    assert not [line for line in secrets if line.partition("=")[2] in result.err]
    assert len(result.err.partition("__awsenv_hook")[2].partition(": END")[0].splitlines()) < 12


@pytest.mark.shell
@pytest.mark.parametrize("version", OLD)
@pytest.mark.parametrize(
    "change", ["SECONDS=0", "SECONDS=5", "SECONDS=9999999", "unset SECONDS", "SECONDS=x", "unset EPOCHSECONDS"]
)
def test_check_is_right_after_changes_of_the_clock_variables(
    version: int, change: str, home: Home, tmp_path: Path
) -> None:
    """A common stop watch is `SECONDS=0; make; echo $SECONDS`."""
    clock = Clock(tmp_path / "clock")
    clock.move("+0")
    session = {"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
    session |= {"AWSENV_PROFILE": "p", "AWSENV_KEY": "OPASDFGH"}
    later = f"printf '+14460\\n' >{clock.path}.new; mv {clock.path}.new {clock.path}"
    lines = f"""{as_if(version)}
export AWSENV_EXPIRATION=$(($(date +%s) + 10830))
awsenv check; {change}; awsenv check; {later}; awsenv check; echo $?; {change}; awsenv check; echo $?"""
    result = run("bash", lines, home, load=False, **session, **clock.environment)
    output = [line.partition(";")[0] for line in without_until(result.out).splitlines()]
    assert output == ["p: 3h00m left"] * 2 + ["p: expired 1h00m ago", "4"] * 2


@pytest.mark.shell
@pytest.mark.parametrize("version", [302, 501])
def test_posix_mode_before_the_line_is_no_error(version: int, home: Home) -> None:
    lines = f"set -o posix\n{as_if(version)}\n{{ awsenv init bash --completion; }} >completion; . ./completion; awsenv assume project1; echo $AWSENV_PROFILE"
    result = run("bash", lines, home, load=False)
    assert (result.out, result.err) == ("project1\n", "")


@pytest.mark.shell
@pytest.mark.parametrize("load", [False, True], ids=["raw", "integrated"])
def test_a_restricted_bash_can_assume_and_clear(load: bool, home: Home) -> None:
    verbs = ("assume project1", "clear")
    first, last = (f"awsenv {verb}" if load else BASH.evaluate.format(command=f"awsenv {verb}") for verb in verbs)
    check = "awsenv check\n" if load else ""
    argv = [BASH.program(), "--norc", "--noprofile", "-r", "-c"]
    result = run(
        "bash", f"{first}\n{check}echo $? $AWSENV_PROFILE\n{last}\necho $? $AWSENV_PROFILE", home, load=load, argv=argv
    )
    assert result.err == ""
    assert result.out.splitlines()[-2:] == ["0 project1", "0"]
