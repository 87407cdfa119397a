"""Checks of programs that hold exported credentials for a long time."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping

from awsenv.aws import paths
from awsenv.doctor.check import Finding, check, problem
from awsenv.doctor.context import Context
from awsenv.environment import expiry

# Programs that may run longer than a session is valid, by their names in Linux, which are cut to 15 characters.
_LONG_RUNNING = (
    *("terraform", "tofu", "terragrunt", "pulumi", "packer", "cdk"),
    *("ansible-playboo", "k9s", "rclone", "s5cmd", "aws"),
)


@check
def long_running(context: Context) -> Iterator[Finding]:
    if not (context.exported.temporary and context.environ.get("AWS_ACCESS_KEY_ID")):
        return
    end = context.exported.expiration
    state = "which expire" if end is None else f"which expire in {expiry.short(end - context.now)}"
    if end is not None and end <= context.now:
        state = "which have expired"
    profile = shlex.quote(context.exported.profile) if context.exported.profile else "PROFILE"
    for pid, name in _processes_with(context.environ["AWS_ACCESS_KEY_ID"]):
        what, fix = f"{name} runs with the exported credentials, {state}", f"awsenv exec {profile} --server -- {name} …"
        yield problem(what, f"process {pid}", remediation="the next time", fix=fix)
    for path in _kubeconfigs(context.environ):
        what = f"kubectl gets its tokens from the AWS CLI, which uses the exported credentials, {state}"
        yield problem(what, path, fix=f"awsenv assume {profile} --mode profile")


def _processes_with(key: str) -> Iterator[tuple[int, str]]:
    """Yield the id and name of each such program of this user with a key in its environment, on Linux."""
    wanted = b"AWS_ACCESS_KEY_ID=" + key.encode("utf-8", "surrogateescape")
    try:
        numbers = sorted(int(name) for name in os.listdir("/proc") if name.isdecimal())
    except OSError:
        return
    for number in numbers:
        try:
            with open(f"/proc/{number}/comm", encoding="utf-8", errors="replace") as file:
                name = file.read().strip()
            if name not in _LONG_RUNNING:
                continue
            with open(f"/proc/{number}/environ", "rb") as file:
                if wanted in file.read().split(b"\0"):
                    yield number, name
        except OSError:  # it has exited, or belongs to another user
            continue


def _kubeconfigs(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield the files that make kubectl run the AWS CLI."""
    named = environ.get("KUBECONFIG") or os.path.join(paths.home(environ), ".kube", "config")
    for path in filter(None, named.split(os.pathsep)):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read(1 << 20)
        except OSError:
            continue
        gets_token = re.search(r"^\s*-?\s*['\"]?get-token\b", text, re.MULTILINE)
        if gets_token and re.search(r"command:\s*['\"]?\S*\baws\b", text):
            yield path
