"""Checks of where the variables of this shell come from."""

from __future__ import annotations

import os
from collections.abc import Iterator

from awsenv.aws.providers import CONTAINER, provider_of
from awsenv.doctor.check import ERROR, Finding, check, leftover, problem
from awsenv.doctor.checks.expiration import expiration_of_exported
from awsenv.doctor.context import Context
from awsenv.environment import CREDENTIALS, REGIONS, STALE_VARIABLES, masked

# Programs that start shells with their own environment: a variable that they set, how its value begins, the name.
_HOSTS = (
    ("TMUX", "/", "tmux"),  # SOCKET,PID,SESSION
    ("STY", "", "screen"),
    ("ZELLIJ", "", "zellij"),
    ("TERM_PROGRAM", "vscode", "VS Code"),
    ("TERMINAL_EMULATOR", "JetBrains", "the JetBrains IDE"),
    ("INSIDE_EMACS", "", "Emacs"),
)


@check
def old_environment(context: Context) -> Iterator[Finding]:
    environ = context.environ
    hosts = (name for variable, start, name in _HOSTS if environ.get(variable) and environ[variable].startswith(start))
    host = next(hosts, None)
    end = expiration_of_exported(context)
    expired = end is not None and end.at <= context.now and not context.accepted
    key = environ.get("AWS_ACCESS_KEY_ID", "")
    before = _initial_environment(context)
    who = host or "the program that started this shell"
    restart = f"restart {who}"
    if before is None:
        if host and expired:
            what = f"the expired credentials may have come from {host}: then each new window has them"
            yield problem(what, remediation=restart)
        return
    had = before.get("AWS_ACCESS_KEY_ID", "")
    if had and had == key and expired:
        what = f"the expired credentials came from {who}: each new window has them"
        yield problem(what, context.shown_key, remediation=restart)
    elif had and had != key and host:
        now = f"this shell has {masked(key)}" if key else "this shell has none"
        yield problem(f"each new window of {host} has the access key {masked(had)}; {now}", remediation=restart)


def _initial_environment(context: Context) -> dict[str, str] | None:
    """Return the environment with which the shell, our parent process, was started; None outside of Linux.

    /proc shows it without what the shell has exported since, so the two can be told apart.
    """
    if context.platform != "linux":
        return None
    try:
        with open(f"/proc/{os.getppid()}/environ", "rb") as file:
            pairs = file.read().split(b"\0")
    except OSError:
        return None
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in (pair.partition(b"=") for pair in pairs)}


@check
def empty_variable(context: Context) -> Iterator[Finding]:
    region, source = "AWS_DEFAULT_REGION", None
    if context.named is None and context.unreadable is None:
        source = provider_of(context.profiles, context.active_profile, context.environ).setting
    for name in (region, *CONTAINER):
        if context.environ.get(name) == "":
            severity = ERROR if name in (region, source) else ""
            yield leftover(f"{name} is set, but empty", (name,), f"{name}=", severity=severity)
    others = (*CREDENTIALS, *STALE_VARIABLES, *(name for name in REGIONS if name != region))
    names = tuple(name for name in others if context.environ.get(name) == "")
    if names:
        what = f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} set, but empty"
        yield leftover(what, names)
