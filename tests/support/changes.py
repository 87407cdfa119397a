"""A change of the environment in any shell: made whole, or refused by name. The table of what can be in its way.

`outcomes` takes any shell program, so that old versions can be tried as well.
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

#: A part of the keys, the token, one that is always unset, the user's profile, a region.
VARIABLES = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_VAULT", "AWS_PROFILE", "AWS_REGION")

VERBS = ("assume chained", "refresh --if-needed", "clear")

#: What a variable may be when awsenv is called; {name} is its name, {line} the line that calls awsenv.
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
class Outcome:
    """What came of one line.

    Attributes:
        situation: the name of what was in its way.
        variable: where.
        verb: the command of awsenv.
        status: of the line.
        before: the environment of children, before the line.
        after: the same after it.
        said: stdout and stderr.
    """

    situation: str
    variable: str
    verb: str
    status: int
    before: Mapping[str, str]
    after: Mapping[str, str]
    said: str

    def __str__(self) -> str:
        return f"{self.verb}, {self.variable} is {self.situation}: {self.status}, {self.said!r}"


def situations(shell: Shell, *, ksh: bool = False) -> dict[str, str]:
    """Those that this shell knows."""
    return {**EVERYWHERE, **OF_DIALECT[shell.dialect], **(OF_KSH if ksh else {})}


def outcomes(
    shell: Shell, home: Home, directory: Path, table: Mapping[str, str], *, integrated: bool
) -> Iterator[Outcome]:
    """Try each verb with each variable in each situation, each in a subshell of one process that has assumed project1.

    Args:
        shell: any, of one of the dialects of the POSIX shells.
        home: with the profiles of `support.homes`.
        directory: a scratch directory.
        table: of `situations`.
        integrated: whether the integration is loaded, or the raw lines are used.
    """
    cases = [(name, variable, verb) for name in table for variable in VARIABLES for verb in VERBS]
    lines = [*shell.prologue(integrated), f"{shell.line('assume project1', integrated)} || exit 99"]
    for number, (name, variable, verb) in enumerate(cases):
        line = f"env -0 >before.{number}; {{ {shell.line(verb, integrated)}; }} >>said.{number} 2>&1; echo $? >status.{number}; env -0 >after.{number}"
        lines.append(f"( {table[name].format(name=variable, line=line)} ) 2>said.{number}")
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
        status, said = directory / f"status.{number}", (directory / f"said.{number}").read_text()
        assert status.exists(), f"{shell.name} stopped at {case}: {said}{done.stderr}"
        before, after = (_variables(directory / f"{name}.{number}") for name in ("before", "after"))
        yield Outcome(*case, int(status.read_text()), before, after, said)


def _variables(path: Path) -> dict[str, str]:
    pairs = (text.partition("=") for text in path.read_text().split("\0") if text.startswith("AWS"))
    return {name: value for name, _, value in pairs}


def wrong(outcome: Outcome, session: Mapping[str, str], refused: Sequence[str]) -> str:
    """What is wrong with an outcome; empty if it is as it has to be.

    Args:
        outcome: of one line.
        session: what `assume --format json` exports for the profile that it was about.
        refused: the situations in which the shell cannot change a variable.
    """
    for secret in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        if session[secret] in outcome.said:
            return "it shows a secret"
    # what has been changed since `assume` is the user's, and one that is not exported only the shell itself can see
    users = outcome.verb == "clear" and outcome.variable in ("AWS_PROFILE", "AWS_REGION")
    if (outcome.status != 0) != (outcome.situation in refused) and not users:
        return "it should have failed" if outcome.status == 0 else "it should not have failed"
    if outcome.status != 0 and outcome.said.count(outcome.variable) != 1:
        return f"it does not say once that {outcome.variable} refuses"
    if outcome.status == 0 and outcome.said:
        return "it says something"
    if outcome.verb == "clear":
        left = {*environment.UNSET, *environment.OWN} & set(outcome.after)
        return "" if left <= ({outcome.variable} if outcome.status else set()) else f"{left} stay"
    if outcome.status != 0:
        return "" if outcome.after == outcome.before else "something was changed"
    differs = [name for name, value in session.items() if outcome.after.get(name) != value]
    if outcome.after.get("AWSENV_KEY") != session["AWS_ACCESS_KEY_ID"][-8:]:
        differs.append("AWSENV_KEY")
    differs += {*environment.PROFILES, *environment.STALE_VARIABLES, *environment.LABELS} & set(outcome.after)
    return f"{differs} are wrong" if differs else ""
