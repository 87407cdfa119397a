"""The tool that installed this awsenv, and its commands to upgrade and remove it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from importlib import metadata, util
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import url2pathname

__all__ = ["DISTRIBUTION", "Installer", "installed_by"]

DISTRIBUTION = "awsenv-shell"


class Installer(NamedTuple):
    """A tool, and its commands."""

    name: str
    upgrade: str
    remove: str


def installed_by(prefix: str | None = None, package: str | None = None) -> Installer:
    """Detect the tool that made an environment: by a file that uv and pipx leave, or by the path of the others.

    Args:
        prefix: the environment; None for the current one.
        package: a file of the package; None for this one.
    """
    prefix = prefix or sys.prefix
    if os.path.exists(os.path.join(prefix, "uv-receipt.toml")):  # https://docs.astral.sh/uv/concepts/tools/
        # --reinstall: a checkout may have changed while the version has not
        return _of("uv", "uv tool upgrade --reinstall", "uv tool uninstall")
    if os.path.exists(os.path.join(prefix, "pipx_metadata.json")):
        return _of("pipx", "pipx upgrade", "pipx uninstall")
    parts = prefix.replace(os.sep, "/").lower().split("/")
    if "cellar" in parts:
        return _of("Homebrew", "brew upgrade", "brew uninstall")
    if "scoop" in parts and "apps" in parts:
        return _of("Scoop", "scoop update", "scoop uninstall")
    if "winget" in (package or __file__).replace(os.sep, "/").lower().split("/"):  # runs in any Python environment
        return Installer("winget", "winget upgrade awsenv.awsenv-shell", "winget uninstall awsenv.awsenv-shell")
    checkout = _checkout()
    script = os.path.join(checkout, "install.sh") if checkout else ""
    if parts[-2:] == ["awsenv", "venv"]:  # where install.sh makes it
        links = " ".join(_quoted(os.path.expanduser(f"~/.local/bin/{name}")) for name in ("awsenv", "awsenv-core"))
        if os.path.exists(script):
            return Installer("install.sh", f"sh {_quoted(script)}", f"sh {_quoted(script)} --uninstall")
        return Installer("install.sh", "sh install.sh, in a checkout of it", f"rm -r {_quoted(prefix)} {links}")
    source = _quoted(checkout) if checkout else DISTRIBUTION
    if util.find_spec("pip"):
        pip = f"{_quoted(sys.executable)} -m pip"
        return Installer("pip", f"{pip} install --upgrade {source}", f"{pip} uninstall {DISTRIBUTION}")
    python = f"--python {_quoted(sys.executable)}"
    upgrade = f"uv pip install {python} --upgrade {source}"
    return Installer("uv pip", upgrade, f"uv pip uninstall {python} {DISTRIBUTION}")


def _of(name: str, upgrade: str, remove: str) -> Installer:
    return Installer(name, f"{upgrade} {DISTRIBUTION}", f"{remove} {DISTRIBUTION}")


def _checkout() -> str | None:
    """Return the directory that awsenv was installed from, as pip and uv record it (PEP 610); None for a release."""
    try:
        record = json.loads(metadata.distribution(DISTRIBUTION).read_text("direct_url.json") or "{}")
        url = urlsplit(str(record["url"]))
        directory = url2pathname(url.path) if "dir_info" in record and url.scheme == "file" else ""
    except (metadata.PackageNotFoundError, OSError, ValueError, KeyError, TypeError):
        return None
    return directory if os.path.isdir(directory) else None


def _quoted(path: str) -> str:
    return subprocess.list2cmdline([path]) if sys.platform == "win32" else shlex.quote(path)
