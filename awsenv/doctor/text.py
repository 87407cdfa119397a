"""What several checks read from values, and how they show them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from awsenv.aws.expiry import duration

__all__ = ["TOKENS", "duration", "is_region", "token_in_force"]

#: In botocore's order: the first that is set counts (EnvProvider.TOKENS).
TOKENS = ("AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN")


def token_in_force(environ: Mapping[str, str]) -> tuple[str, str]:
    """The variable with the session token that botocore uses, and the token; both empty without one."""
    return next(((name, environ[name]) for name in TOKENS if environ.get(name)), ("", ""))


def is_region(text: str) -> bool:
    """Whether a text looks like a region, and so may be shown: it is not a secret in the wrong variable."""
    return re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}", text) is not None
