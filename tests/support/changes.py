"""Changes of the environment that a shell may refuse: they are made completely, or fail and name the variable.

`attempts` accepts any shell program, so that old versions can be tested as well.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from awsenv import environment
from support.environment import PATIENCE
from support.homes import Home
from support.shells import Shell

#: A secret key, a token, a variable that is always unset, the user's profile, a region.
VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_VAULT", "AWS_PROFILE", "AWS_REGION")

VERBS = ("assume chained", "refresh --if-needed", "clear")

#: State of a variable -> the script that brings it about; {name} is the variable, {line} the line that calls awsenv.
EVERYWHERE = {
    "exported": "{name}=old; export {name}; {line}",
    "not exported": "unset {name}; {name}=old; {line}",
    "readonly": "{name}=old; export {name}; readonly {name}; {line}",
    "readonly, not exported": "unset {name}; {name}=old; readonly {name}; {line}",
}
OF_DIALECT = {
    "bash": {
        "an integer": "unset {name}; declare -i {name}; {line}",
        "an exported integer": "unset {name}; declare -ix {name}=7; {line}",
        "in lower case": "declare -lx {name}=Old; {line}",
        "in upper case": "declare -ux {name}=Old; {line}",
        "an array": "unset {name}; {name}=(old older); {line}",
        "an exported array": "unset {name}; {name}=(old older); export {name}; {line}",
        "an associative array": "unset {name}; declare -A {name}; {name}[x]=old; {line}",
        "a reference": "unset {name}; declare -n {name}=other; {line}",
        "a reference to something": "unset {name}; other=old; declare -n {name}=other; {line}",
        "a local": "export {name}=outer; f() {{ local {name}=inner; export {name}; {line}; }}; f",
        "a local of a caller": "export {name}=outer; g() {{ {line}; }}; f() {{ local {name}=inner; export {name}; g; }}; f",
        "a local of two": (
            "export {name}=outer; g() {{ local {name}=inner; export {name}; {line}; }}; "
            "f() {{ local {name}=inner; export {name}; g; }}; f"
        ),
        "assigned for a function": "export {name}=outer; f() {{ {line}; }}; {name}=inner f",
        "a local integer": "f() {{ local -i {name}=3; {line}; }}; f",
        "a readonly local": "f() {{ local -r {name}=old; {line}; }}; f",
    },
    "zsh": {
        "an integer": "unset {name}; typeset -i {name}; {line}",
        "an exported integer": "unset {name}; typeset -ix {name}=7; {line}",
        "a float": "unset {name}; typeset -F {name}; {line}",
        "in lower case": "typeset -lx {name}=Old; {line}",
        "in upper case": "typeset -ux {name}=Old; {line}",
        "cut on the left": "typeset -xL3 {name}=older; {line}",
        "cut on the right": "typeset -xR3 {name}=older; {line}",
        "filled with zeros": "typeset -xZ5 {name}=7; {line}",
        "an array": "unset {name}; {name}=(old older); {line}",
        "an associative array": "unset {name}; typeset -A {name}; {name}[x]=old; {line}",
        "unique": "unset {name}; typeset -U {name}; {line}",
        "tied": "unset {name}; typeset -T {name} tied; tied=(old older); {line}",
        "a local": "export {name}=outer; f() {{ local -x {name}=inner; {line}; }}; f",
        "a local of a caller": "export {name}=outer; g() {{ {line}; }}; f() {{ local -x {name}=inner; g; }}; f",
        "a readonly local": "f() {{ local -r {name}=old; {line}; }}; f",
    },
    "sh": {},
}

#: Attributes of ksh and mksh, for those that have `typeset`; not `typeset -n`, which README leaves out.
OF_KSH = {
    "an integer": "unset {name}; typeset -i {name}; {line}",
    "in lower case": "typeset -lx {name}=Old; {line}",
    "in upper case": "typeset -ux {name}=Old; {line}",
    "cut on the left": "typeset -xL3 {name}=older; {line}",
    "filled with zeros": "typeset -xZ5 {name}=7; {line}",
    "an array": "unset {name}; set -A {name} old older; {line}",
}


@dataclass(frozen=True)
class Attempt:
    """One line that calls awsenv, and its effect.

    Attributes:
        situation: the state of the variable, by its name in the tables above.
        variable: the name of the variable.
        verb: the awsenv command.
        status: the exit status of the line.
        before: the environment of child processes before the line.
        after: the same, after the line.
        output: stdout and stderr.
    """

    situation: str
    variable: str
    verb: str
    status: int
    before: Mapping[str, str]
    after: Mapping[str, str]
    output: str

    def __str__(self) -> str:
        return f"{self.verb}, {self.variable} is {self.situation}: {self.status}, {self.output!r}"


def situations(shell: Shell, *, ksh: bool = False) -> dict[str, str]:
    """Return the situations that this shell supports."""
    return {**EVERYWHERE, **OF_DIALECT[shell.dialect], **(OF_KSH if ksh else {})}


def attempts(
    shell: Shell, home: Home, directory: Path, table: Mapping[str, str], *, integrated: bool
) -> Iterator[Attempt]:
    """Run each verb with each variable in each situation, each in a subshell of one process that has assumed project1.

    Args:
        shell: a shell with a POSIX dialect.
        home: with the profiles of `support.homes`.
        directory: a scratch directory.
        table: the result of `situations`.
        integrated: whether the integration is loaded, or the raw lines are used.
    """
    cases = [(name, variable, verb) for name in table for variable in VARIABLES for verb in VERBS]
    lines = [*shell.prologue(integrated), f"{shell.line('assume project1', integrated)} || exit 99"]
    for number, (name, variable, verb) in enumerate(cases):
        line = f"env -0 >before.{number}; {{ {shell.line(verb, integrated)}; }} >>output.{number} 2>&1; echo $? >status.{number}; env -0 >after.{number}"
        lines.append(f"( {table[name].format(name=variable, line=line)} ) 2>output.{number}")
    script = directory / f"changes.{shell.suffix}"
    script.write_text("\n".join(lines) + "\n")
    done = subprocess.run(
        [shell.program(), *shell.argv[1:], str(script)],
        env=home.environment(),
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=10 * PATIENCE,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode != 99, done.stderr
    for number, case in enumerate(cases):
        status, output = directory / f"status.{number}", (directory / f"output.{number}").read_text()
        assert status.exists(), f"{shell.name} stopped at {case}: {output}{done.stderr}"
        before, after = (_variables(directory / f"{name}.{number}") for name in ("before", "after"))
        yield Attempt(*case, int(status.read_text()), before, after, output)


def _variables(path: Path) -> dict[str, str]:
    pairs = (text.partition("=") for text in path.read_text().split("\0") if text.startswith("AWS"))
    return {name: value for name, _, value in pairs}


def fault_of(attempt: Attempt, session: Mapping[str, str], refused: Sequence[str]) -> str:
    """Describe what is wrong with the effect of a line; empty if nothing is.

    Args:
        attempt: the line and its effect.
        session: what `assume --format json` exports for the profile.
        refused: the situations in which the shell cannot change a variable.
    """
    for secret in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        if session[secret] in attempt.output:
            return "it shows a secret"
    # a variable changed since `assume` belongs to the user, and awsenv does not see one that is not exported
    users = attempt.verb == "clear" and attempt.variable in ("AWS_PROFILE", "AWS_REGION")
    if (attempt.status != 0) != (attempt.situation in refused) and not users:
        return "it should have failed" if attempt.status == 0 else "it should not have failed"
    if attempt.status != 0 and attempt.output.count(attempt.variable) != 1:
        return f"it does not name {attempt.variable} once"
    if attempt.status == 0 and attempt.output:
        return "it prints something"
    if attempt.verb == "clear":
        left = {*environment.UNSET, *environment.OWN} & set(attempt.after)
        return "" if left <= ({attempt.variable} if attempt.status else set()) else f"{left} remain"
    if attempt.status != 0:
        return "" if attempt.after == attempt.before else "something was changed"
    differs = [name for name, value in session.items() if attempt.after.get(name) != value]
    if attempt.after.get("AWSENV_KEY") != session["AWS_ACCESS_KEY_ID"][-8:]:
        differs.append("AWSENV_KEY")
    differs += {*environment.PROFILES, *environment.STALE_VARIABLES, *environment.LABELS} & set(attempt.after)
    return f"{differs} are wrong" if differs else ""
