"""The user's browser: whether there is likely to be one, and how it is started."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from urllib.parse import quote

__all__ = ["command_of", "is_likely", "open_page", "start"]


def is_likely(environ: Mapping[str, str]) -> bool:
    """Whether a browser started by this process is likely to be seen by the user and to reach our loopback."""
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return False
    if environ.get("BROWSER"):  # set by the user, or by an editor that works inside a container
        return True
    if environ.get("container") or os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"):
        return False
    return not sys.platform.startswith("linux") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def open_page(url: str, environ: Mapping[str, str]) -> None:
    """Open a page in the browser that BROWSER names, or the system's own; whether that works is unknown.

    In a process of its own: a browser may write to stdout, which a shell is about to evaluate, may hold it open as long
    as it runs, and may block until it exits. Isolated (-I), so that no file of the current directory is run.

    Args:
        url: the page; only http and https are opened.
        environ: the environment that the browser gets.
    """
    if not url.startswith(("https://", "http://")) or not sys.executable:
        return
    try:
        opener = subprocess.Popen(
            [sys.executable, "-I", "-c", "import sys, webbrowser; webbrowser.open(sys.stdin.read())"],
            env=dict(environ),
            stdin=subprocess.PIPE,  # not an argument: the page may be a secret
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C here must not reach the browser
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        if opener.stdin is not None:
            with opener.stdin as pipe:
                pipe.write(url.encode())
    except OSError:
        return  # the URL is on the terminal, too


def command_of(template: str, url: str, profile: str) -> list[str]:
    """The words of a command that opens a page.

    Args:
        template: the command, with quotes as in a shell. In each of its words `{url}`, `{escaped_url}` (for an address
            in an address) and `{profile}` are replaced; without the first two the page is the last word.
        url: the page.
        profile: the profile that is signed in.

    Raises:
        ValueError: a quote that is not closed, or no command.
    """
    words = shlex.split(template.replace("\\", "\\\\") if sys.platform == "win32" else template)
    if not words:
        raise ValueError("no command")
    if "{url}" not in template and "{escaped_url}" not in template:
        words.append("{url}")
    values = {"{url}": url, "{escaped_url}": quote(url, safe=""), "{profile}": profile}
    pattern = re.compile("|".join(map(re.escape, values)))  # at once: a value may look like a field
    return [pattern.sub(lambda match: values[match.group()], word) for word in words]


def start(command: Sequence[str], environ: Mapping[str, str]) -> None:
    """Start a browser beside this process.

    Raises:
        OSError: the program cannot be started.
    """
    subprocess.Popen(
        command,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a Ctrl-C here must not reach the browser
    )
