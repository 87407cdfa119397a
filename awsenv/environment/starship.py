"""Whether starship's own `aws` module shows what is exported: then a segment beside it would say the same twice.

starship has the module in its prompt unless its settings say otherwise (https://starship.rs/config/#aws). They are
TOML; Python has a parser for that from 3.11 on, which takes longer to import than a cached `assume` may take.
"""

from __future__ import annotations

import os

from awsenv.environment import EXPIRATIONS, PROFILE_HINTS, REGIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["shell_with_module"]


def shell_with_module(environ: Mapping[str, str]) -> str:
    """The shell whose prompt starship makes (`bash`), if that shows the exported credentials; else an empty text.

    Args:
        environ: of that shell. starship has exported STARSHIP_SHELL there, which its children inherit.
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
    if "AWSENV_SEGMENT" in text or "awsenv prompt" in text:  # as docs/prompts.md has it
        return True
    settings = _settings(text)
    if settings.get("aws.disabled", "").startswith("true") or settings.get("aws.format") in ("''", '""'):
        return False
    shown = settings.get("format", "$all") + settings.get("right_format", "")
    return any(name in shown for name in ("$all", "$aws", "${aws}"))


def _settings(text: str) -> dict[str, str]:
    """The settings as they are written, by `table.key`."""
    settings: dict[str, str] = {}
    table = name = until = ""
    for line in text.splitlines():
        stripped = line.strip()
        if until:  # within a text of several lines
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
