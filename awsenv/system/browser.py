"""The user's browser: whether there is likely to be one, and starting it."""

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
    """Whether a browser started here is likely to be visible to the user and to reach our loopback address."""
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return False
    if environ.get("BROWSER"):  # set by the user, or by an editor that is attached to a container
        return True
    if environ.get("container") or os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"):
        return False
    return not sys.platform.startswith("linux") or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def open_page(url: str, environ: Mapping[str, str]) -> None:
    """Open a page in the browser that BROWSER names, or in the default one; whether that succeeds is unknown.

    It has a process of its own: a browser may write to stdout, which a shell is about to evaluate, may keep stdout open
    and may block until it exits. Isolated mode (-I) runs no file of the current directory.

    Args:
        url: the page; only http and https are opened.
        environ: the environment of the browser.
    """
    if not url.startswith(("https://", "http://")) or not sys.executable:
        return
    try:
        opener = subprocess.Popen(
            [sys.executable, "-I", "-c", "import sys, webbrowser; webbrowser.open(sys.stdin.read())"],
            env=dict(environ),
            stdin=subprocess.PIPE,  # not an argument: the URL may be a secret
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C here must not reach the browser
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        if opener.stdin is not None:
            with opener.stdin as pipe:
                pipe.write(url.encode())
    except OSError:
        return  # the URL is also on the terminal


def command_of(template: str, url: str, profile: str) -> list[str]:
    """Fill in the template of a command that opens a page.

    Args:
        template: the command, quoted as in a shell. `{url}`, `{escaped_url}` (for a URL in a URL) and `{profile}` are
            replaced; without one of the first two the URL is added as the last argument.
        url: the page.
        profile: the profile that is signed in.

    Raises:
        ValueError: a quote is not closed, or the command is empty.
    """
    args = shlex.split(template.replace("\\", "\\\\") if sys.platform == "win32" else template)
    if not args:
        raise ValueError("no command")
    if "{url}" not in template and "{escaped_url}" not in template:
        args.append("{url}")
    values = {"{url}": url, "{escaped_url}": quote(url, safe=""), "{profile}": profile}
    pattern = re.compile("|".join(map(re.escape, values)))  # replaced at once, as a value may look like a field
    return [pattern.sub(lambda match: values[match.group()], arg) for arg in args]


def start(command: Sequence[str], environ: Mapping[str, str]) -> None:
    """Start a browser without waiting for it.

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
