"""The doctor's checks of the clock of this machine, against that of AWS and the times of files."""

from __future__ import annotations

import os
import time

import pytest
from support.clock import Clock
from support.homes import Home

from awsenv import doctor
from awsenv.aws.error_codes import times_of_signature
from awsenv.doctor import examine
from awsenv.doctor.check import ERROR, WARNING, Finding
from awsenv.doctor.checks import clock
from awsenv.doctor.context import Context

CHECKS = doctor.group("clock").checks


def look(home: Home, named: str | None = None, **more: str) -> list[Finding]:
    return examine(Context(home.environment() | more, int(time.time()), named), CHECKS)


@pytest.mark.shell
@pytest.mark.parametrize(
    ("server", "severity", "expected"),
    [
        ("+0", None, ""),
        ("+40s", None, ""),
        ("+100s", WARNING, "s slow"),
        ("-100s", WARNING, "s fast"),
        ("+7m", ERROR, "7m slow"),
        ("-7m", ERROR, "7m fast"),
        ("+20m", ERROR, "20m slow"),
        ("-3h", ERROR, "3h00m fast"),
    ],
)
@pytest.mark.parametrize("exports", ["nothing", "user1"])
def test_the_clock_is_measured_by_the_answers_of_aws(
    server: str, severity: str | None, expected: str, exports: str, home: Home, clock: Clock
) -> None:
    """Error responses count as well, so it needs no credentials."""
    values = {} if exports == "nothing" else home.exported(exports)
    clock.move(server)
    findings = look(home, **values)
    if severity is None:
        assert findings == []
        return
    (finding,) = findings
    assert (finding.check.id, finding.severity) == ("clock-skew", severity)
    rounded = expected.replace("7m", "6m").replace("20m", "19m").replace("3h00m", "2h59m")
    assert expected in finding.what or rounded in finding.what
    assert finding.instructions


@pytest.mark.shell
def test_a_wrong_clock_is_not_reported_as_a_wrong_secret(home: Home, clock: Clock) -> None:
    """STS answers SignatureDoesNotMatch to both."""
    values = home.exported("user1")
    clock.move("+20m")
    findings = examine(Context(home.environment() | values, int(time.time()), "chained"))
    online = [finding.check.id for finding in findings if finding.check.online]
    assert online == ["clock-skew"]


@pytest.mark.parametrize("sign", ["- 15", "+ 15", "- 5"])
def test_the_time_of_aws_is_read_from_its_message(sign: str) -> None:
    text = f"Signature expired: 20261122T181538Z is now earlier than 20261122T182038Z (20261122T183538Z {sign} min.)"
    assert times_of_signature(text) == (1795371338, 1795372538)
    assert times_of_signature("The request signature we calculated does not match") == (None, None)
    assert times_of_signature("(20261399T183538Z - 15 min.)") == (None, None)


def test_a_clock_before_the_files_is_implausible(home: Home) -> None:
    """A flat battery resets the clock."""
    (finding,) = clock.clock_implausible.look(Context(home.environment(), 946684800))
    assert finding.check.id == "clock-implausible"
    assert "2000-01-01T00:00:00Z" in finding.what
    assert not list(clock.clock_implausible.look(Context(home.environment(), int(time.time()))))


def test_the_clock_is_compared_with_the_users_files(home: Home) -> None:
    later = time.time() + 400 * 86400
    os.utime(home.config, (later, later))
    (finding,) = clock.clock_implausible.look(Context(home.environment(), int(time.time())))
    assert finding.evidence == (str(home.config),)


@pytest.mark.parametrize(
    ("platform", "release", "systemd", "chrony", "expected"),
    [
        ("win32", "10", False, False, "w32tm /resync"),
        ("darwin", "24.1.0", False, False, "sudo sntp -sS"),
        ("linux", "5.15.167.4-microsoft-standard-WSL2", True, False, "sudo hwclock -s"),
        ("linux", "6.1.0", True, False, "sudo timedatectl set-ntp true && sudo systemctl restart systemd-timesyncd"),
        ("linux", "6.1.0", True, True, "sudo chronyc makestep"),
        ("linux", "6.1.0", False, True, "sudo chronyc makestep"),
        ("linux", "6.1.0", False, False, "a container has the clock of its host"),
    ],
)
def test_the_fix_sets_the_clock_with_the_tool_of_the_system(
    platform: str, release: str, systemd: bool, chrony: bool, expected: str
) -> None:
    assert expected in clock.clock_fix_on(platform, release, systemd=systemd, chrony=chrony)
