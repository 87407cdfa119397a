"""Checks of the clock: AWS rejects a request if the time of its signature differs from AWS's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from awsenv.aws.error_codes import times_of_signature
from awsenv.doctor.check import ERROR, WARNING, Finding, check, problem
from awsenv.doctor.context import Context
from awsenv.environment import expiry

__all__ = ["clock_fix"]

# Seconds between this machine's clock and that of AWS. Most services accept a signature for 5 minutes, STS, S3 and
# some others for 15: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
_WARN, _FAIL = 60, 300

_DAY = 86400


@check
def clock_implausible(context: Context) -> Iterator[Finding]:
    files = [os.path.abspath(__file__)]
    if context.unreadable is None:
        files += [context.profiles.config.path, context.profiles.credentials.path]
    newest, path = max((int(os.path.getmtime(path)), path) for path in files if os.path.exists(path))
    if newest - context.now > _DAY:
        shown, written = expiry.format_utc(context.now), expiry.format_utc(newest)
        what = f"by this machine's clock it is {shown}, and a file here was written on {written}"
        yield problem(what, path, advice=clock_fix(context))


@check
def clock_skew(context: Context) -> Iterator[Finding]:
    measured = []
    for answer in context.answers.all:
        stated = times_of_signature(answer.refusal.message)[1] if answer.refusal else None
        server = answer.server if stated is None else stated
        if server is not None:
            error = (answer.after - answer.before) / 2 + 1  # a header has whole seconds
            measured.append((error, (answer.before + answer.after) / 2 - server, answer.endpoint))
    if not measured:
        return
    error, off, endpoint = min(measured)
    if abs(off) - error < _WARN:
        return
    by = f"{abs(off):.0f}s" if abs(off) < 120 else expiry.short(int(abs(off)))
    how = f"{by} {'fast' if off > 0 else 'slow'}"
    what = f"this machine's clock is {how}: it shows {expiry.format_utc(context.now)}"
    shown = f"{endpoint} says {expiry.format_utc(int(context.now - off))}"
    yield problem(what, shown, advice=clock_fix(context), severity=ERROR if abs(off) >= _FAIL else WARNING)


def clock_fix_on(platform: str, release: str, *, systemd: bool, chrony: bool) -> str:
    """Return the command that sets the clock.

    Args:
        platform: as sys.platform.
        release: the release of the kernel, from os.uname.
        systemd: whether systemd is running.
        chrony: whether chronyc is installed.
    """
    if platform == "win32":
        return "w32tm /resync /force"
    if platform == "darwin":
        return "sudo sntp -sS time.apple.com"
    if "microsoft" in release.lower():  # the clock of WSL stops while Windows sleeps
        return "sudo hwclock -s"
    if chrony:  # it replaces systemd's own service
        return "sudo chronyc makestep"
    if systemd:
        return "sudo timedatectl set-ntp true && sudo systemctl restart systemd-timesyncd"
    return "set the clock of this machine by NTP; a container has the clock of its host"


def clock_fix(context: Context) -> str:
    """Return the command that sets the clock of this machine."""
    release = os.uname().release if hasattr(os, "uname") else ""
    chrony = shutil.which("chronyc", path=context.environ.get("PATH")) is not None
    return clock_fix_on(context.platform, release, systemd=os.path.isdir("/run/systemd/system"), chrony=chrony)
