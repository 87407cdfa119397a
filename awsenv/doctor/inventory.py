"""What is set: the variables of this shell that AWS tools and awsenv read, masked, and what each does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from awsenv import environment
from awsenv.aws.expiry import duration
from awsenv.environment import expiry, lookup
from awsenv.report.variables import ENDPOINT, MEANINGS, names, shown

__all__ = ["Variable", "variables"]

#: The tools that name a profile in a variable.
_TOOLS = {
    "AWS_VAULT": "aws-vault",
    "AWS_SSO_PROFILE": "aws-sso-cli",
    "AWSU_PROFILE": "awsu",
    "AWSUME_PROFILE": "awsume",
}


@dataclass(frozen=True)
class Variable:
    """One variable that is set.

    Attributes:
        name: its name.
        value: as it may be shown: of a secret no more than the last four characters.
        does: what it does.
        origin: what set it or where its value is set, if that is known; else empty.
    """

    name: str
    value: str
    does: str
    origin: str


def variables(environ: Mapping[str, str], now: int) -> list[Variable]:
    """What is set, in the order of the table; unknown names of AWS or awsenv at the end."""
    origin = _origins(environ)
    return [
        Variable(name, shown(name, environ[name]), _does(name, environ, now), origin(name)) for name in names(environ)
    ]


def _does(name: str, environ: Mapping[str, str], now: int) -> str:
    if name.startswith(ENDPOINT):
        return f"{name.removeprefix(ENDPOINT).lower()} requests go there, instead of to AWS"
    does = MEANINGS.get(name, "not known to awsenv")
    end = None
    if name in environment.EXPIRATIONS:
        end = expiry.parse(environ[name], local=True)
    elif name == "AWSENV_EXPIRATION" and re.fullmatch("[0-9]{1,12}", environ[name]):
        end = int(environ[name])
    if end is None:
        return does
    return f"{does}: {duration(abs(end - now))} {'left' if end > now else 'ago'}"


def _origins(environ: Mapping[str, str]) -> Callable[[str], str]:
    """Tells what has set a variable."""
    exported = environment.exported(environ)
    keys = {*environment.KEYS, "AWS_SECURITY_TOKEN"}
    names: set[str] = set()
    origin = ""
    if exported.profile is not None:
        names = {*environment.CREDENTIALS, *environment.OWN}
        names |= {"AWS_PROFILE"} if exported.mode == "profile" else set()
        names |= {name for name in environment.REGIONS if environ.get(name) == environ.get("AWSENV_REGION")}
        origin = f"awsenv assume {exported.profile}"
    elif exported.mode == "keys":
        ours = bool(environ.get("AWSENV_PROFILE"))  # then AWSUME_PROFILE is, too
        origin = "" if ours else next((tool for variable, tool in _TOOLS.items() if environ.get(variable)), "")
        names = keys | set(environment.EXPIRATIONS)
        if not origin and (profile := lookup.look_up(environ, expiry.NEAR).profile):
            origin, names = f"profile {profile}", keys
    return lambda name: origin if name in names else ""
