"""The files of EC2's first tools and of boto 2: botocore still takes credentials from them if nothing else has any."""

from __future__ import annotations

import re
from collections.abc import Mapping

from awsenv.aws import paths

__all__ = ["expanded", "has_setting", "with_keys"]

#: The files of boto 2, unless BOTO_CONFIG names another (BotoProvider in botocore.credentials).
_FILES = ("/etc/boto.cfg", "~/.boto")

_LARGEST = 1 << 20  # bytes; these files have a few hundred


def with_keys(environ: Mapping[str, str]) -> list[str]:
    """Return the paths of the files of boto 2 with an access key; the first one counts."""
    named = environ.get("BOTO_CONFIG")
    files = (expanded(path, environ) for path in (_FILES if named is None else (named,)))
    return [path for path in files if has_setting(path, "aws_access_key_id")]


def has_setting(path: str, name: str) -> bool:
    """Whether a file has a line with a setting; False for one that cannot be read."""
    try:
        text = (paths.read_regular(path, _LARGEST) or b"").decode(errors="replace")
    except (OSError, ValueError):
        return False
    return re.search(rf"(?m)^{name}\s*[=:]", text) is not None


def expanded(path: str, environ: Mapping[str, str]) -> str:
    """Return a path with the home directory in place of `~`."""
    return paths.home(environ) + path[1:] if path.startswith("~/") else path
