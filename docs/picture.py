"""Draws docs/doctor.svg: a real run of `awsenv doctor` in a throw-away home. Needs awsenv installed beside it.

usage: python docs/picture.py
"""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

from rich.console import Console
from rich.text import Text

COLUMNS = 112
CONFIG = """\
[profile user1]
region = eu-central-1

[profile project1]
role_arn = arn:aws:iam::609629065308:role/project1
source_profile = user2
region = eu-central-1
"""
KEY, SECRET = "AKIAY34FZKBOKMUTVV7A", "wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzzzzzzzzz"


def run(home: Path) -> str:
    """What a terminal of that width is shown."""
    directory = home / ".aws"
    directory.mkdir()
    (directory / "config").write_text(CONFIG)
    (directory / "credentials").write_text(f"[user1]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n")
    (directory / "credentials").chmod(0o600)
    ended = datetime.now(timezone.utc) - timedelta(hours=2, minutes=10)
    environ = {
        "HOME": str(home),
        "PATH": str(home),  # where there is no AWS CLI to be told of
        "TERM": "xterm-256color",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_CREDENTIAL_EXPIRATION": ended.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    ours, theirs = pty.openpty()
    subprocess.run(["stty", "cols", str(COLUMNS)], stdin=theirs, check=True)
    words = [str(Path(sys.executable).parent / "awsenv"), "doctor", "project1", "--offline", "--shell", "bash"]
    subprocess.run(words, env=environ, stdout=theirs, stderr=subprocess.DEVNULL, check=False)
    os.close(theirs)
    shown = b""
    while True:
        try:
            shown += os.read(ours, 65536)
        except OSError:  # the terminal was closed
            return shown.decode().replace("\r", "").replace(str(home), "~")


def main() -> None:
    """Write the picture beside this file."""
    with tempfile.TemporaryDirectory() as home:
        text = run(Path(home))
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(f"$ awsenv doctor project1\n{text}"))
    console.save_svg(str(Path(__file__).with_name("doctor.svg")), title="awsenv doctor")


if __name__ == "__main__":
    main()
