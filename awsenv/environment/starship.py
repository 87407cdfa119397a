"""Whether starship's own `aws` module shows what is exported, so that a segment would repeat it.

starship shows the module unless its settings disable it (https://starship.rs/config/#aws). They are TOML, for which
Python has a parser from 3.11 on, which takes longer to import than a cached `assume` may take.
"""

from __future__ import annotations

import os

from awsenv.environment import EXPIRATIONS, PROFILE_HINTS, REGIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["shell_with_module"]


def shell_with_module(environ: Mapping[str, str]) -> str:
    """Return the shell (`bash`) in whose prompt starship shows the exported credentials; empty if it does not.

    Args:
        environ: of that shell, in which starship has exported STARSHIP_SHELL. Its children inherit it.
    """
    shell = environ.get("STARSHIP_SHELL", "")
    if not shell or not environ.get("AWS_ACCESS_KEY_ID"):
        return ""
    if not any(map(environ.get, EXPIRATIONS)) or not any(map(environ.get, (*PROFILE_HINTS, *REGIONS))):
        return ""
    path = environ.get("STARSHIP_CONFIG") or os.path.join(os.path.expanduser("~"), ".config", "starship.toml")
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        text = ""
    return shell if _shows(text) else ""


def _shows(text: str) -> bool:
    if "AWSENV_SEGMENT" in text or "awsenv prompt" in text:  # a module as in docs/prompts.md
        return True
    settings = _settings(text)
    if settings.get("aws.disabled", "").startswith("true") or settings.get("aws.format") in ("''", '""'):
        return False
    shown = settings.get("format", "$all") + settings.get("right_format", "")
    return any(name in shown for name in ("$all", "$aws", "${aws}"))


def _settings(text: str) -> dict[str, str]:
    """Return the settings by `table.key`, as written."""
    settings: dict[str, str] = {}
    table = name = until = ""
    for line in text.splitlines():
        stripped = line.strip()
        if until:  # in a multi-line string
            settings[name] += line
        elif stripped.startswith("["):
            table = stripped.partition("]")[0].strip("[ ")
            continue
        else:
            key, _, value = stripped.partition("=")
            name = f"{table}.{key.strip()}".lstrip(".")
            settings[name] = value = value.strip()
            until = value[:3] if value[:3] in ("'''", '"""') else ""
        if until and settings[name].count(until) > 1:
            until = ""
    return settings
