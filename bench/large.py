"""`list`, `doctor --offline` and TAB with 10,000 profiles and 200 cached sessions, in seconds."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator

import in_shell
from clock import Command, interleaved, median_ms, say
from machine import Bench, Home
from report import Line, verdict

__all__ = ["lines"]

SESSIONS = 200
ROUNDS = 7

#: Command -> the seconds that DESIGN.md allows.
LIMITS = {"list": 0.8, "list --json": 0.5, "doctor --offline": 2.0}
TAB_LIMIT = 0.1

#: Shell -> a script that loads completion, and what a TAB after `awsenv assume ` runs apart from the line editor.
TABS = {
    "bash": (
        'eval "$({own} init bash)"; eval "$({own} init bash --completion)"; COMP_LINE="awsenv assume " COMP_POINT=14',
        '__awsenv_complete awsenv "" assume; ((${{#COMPREPLY[@]}} > 9999)) || exit 3',
    ),
    "zsh": (
        'eval "$({own} init zsh)"; eval "$({own} init zsh --completion)"; found=()',
        "__awsenv_complete_values profile; ((${{#found}} > 9999)) || exit 3",
    ),
    "fish": ("{own} init fish | source", "test (complete -C 'awsenv assume ' | count) -gt 9999; or exit 3"),
}


def lines(bench: Bench) -> Iterator[Line]:
    """Yield a line for each command of LIMITS, and for TAB in each shell."""
    home, program = bench.homes["10000"], bench.install.program
    _fill_cache(home)
    commands = {
        name: Command(("/bin/sh", "-c", f'"$0" {name}; [ $? -le 1 ]', program), home.environ)
        for name in LIMITS  # the doctor's 1 means that it has findings
    }
    say(f"timing {len(commands)} commands with 10,000 profiles, {ROUNDS} rounds")
    samples = interleaved(commands, ROUNDS)
    for name, limit in LIMITS.items():
        yield _line(f"{name}, 10,000 profiles", median_ms(samples[name]) / 1000, limit)
    for shell, (load, tab) in TABS.items():
        path = in_shell.find(shell)
        text = f"TAB after assume in {shell}, 10,000 profiles"
        if path is None:
            yield Line(text, limit=f"{TAB_LIMIT} s", verdict="not installed")
            continue
        environ = {**home.environ, **in_shell.QUIET}
        scripts = {"with": f"{load}; {tab}".format(own=program), "without": load.format(own=program)}
        pair = {
            name: Command((path, *in_shell.SHELLS[shell].options, script), environ) for name, script in scripts.items()
        }
        yield _line(text, in_shell.seconds(pair, 1, ROUNDS), TAB_LIMIT)


def _line(text: str, seconds: float, limit: float) -> Line:
    return Line(text, f"{seconds * 1000:.0f} ms", "", f"{limit} s", verdict(seconds, limit))


def _fill_cache(home: Home) -> None:
    os.makedirs(home.cache, exist_ok=True)
    credentials = {
        "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
        "SecretAccessKey": "not-a-secret",
        "SessionToken": "not-a-token",
        "Expiration": "2030-01-01T00:00:00+00:00",
    }
    for number in range(SESSIONS):
        name = hashlib.sha1(str(number).encode(), usedforsecurity=False).hexdigest()
        with open(os.path.join(home.cache, f"{name}.json"), "w", encoding="utf-8") as file:
            json.dump({"Credentials": credentials}, file)
