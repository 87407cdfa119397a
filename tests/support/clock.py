"""A clock that the processes under libfaketime read."""

from __future__ import annotations

import atexit
import calendar
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from support.environment import LATER, wait_for
from support.programs import need

FAKETIME = next((p for p in Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def shifted(offset: str) -> str:
    """Convert an offset from the time of the tests (`+2h`, `-20m`, `+90`) to libfaketime's form: seconds from the real time."""
    base = Path(LATER["FAKETIME_TIMESTAMP_FILE"]).read_text() if LATER else "+0"
    seconds = int(offset.rstrip("smhd")) * _SECONDS.get(offset[-1], 1)
    return f"{int(base) + seconds:+d}"


def seconds_left(expiration: str) -> float:
    """Return the seconds until a UTC time in the form of AWS."""
    return calendar.timegm(time.strptime(expiration, "%Y-%m-%dT%H:%M:%SZ")) - time.time()


def session_seconds(values: Mapping[str, str]) -> float:
    """Return for how many seconds an exported session is valid."""
    return seconds_left(values["AWS_CREDENTIAL_EXPIRATION"])


@dataclass
class Clock:
    """A clock in a file that the processes under libfaketime read."""

    path: Path
    library: str = field(default_factory=lambda: need("libfaketime (Debian: faketime)", FAKETIME))

    def move(self, offset: str) -> None:
        """Set the offset from the time of the tests: `+2h`, `+0`."""
        whole = self.path.with_suffix(".new")  # a process must not read half of it
        whole.write_text(shifted(offset) + "\n")
        whole.replace(self.path)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": LATER.get("LD_PRELOAD", self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.path),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_SHARED": shared_memory(self.library),
        }


@cache
def shared_memory(library: str) -> str:
    """Return FAKETIME_SHARED: the semaphore and shared memory of a process that runs as long as the tests.

    Otherwise the first process of a tree creates them, and a subshell of it removes them when it exits; a process that
    starts at that moment fails with `sem_open failed`. libfaketime would also set a variable for them, after which bash,
    which has its own getenv, finds no settings.
    """
    if LATER:
        return LATER["FAKETIME_SHARED"]
    holder = subprocess.Popen(["sleep", "infinity"], env={"PATH": "/usr/bin:/bin", "LD_PRELOAD": library})
    names = (f"/faketime_sem_{holder.pid}", f"/faketime_shm_{holder.pid}")
    files = [Path(f"/dev/shm/sem.{names[0][1:]}"), Path(f"/dev/shm/{names[1][1:]}")]

    def remove() -> None:
        holder.kill()
        holder.wait()
        for file in files:
            file.unlink(missing_ok=True)

    atexit.register(remove)
    wait_for(lambda: all(file.exists() for file in files), f"libfaketime makes {files}")
    return " ".join(names)
