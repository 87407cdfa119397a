"""The variables of this shell that AWS tools and awsenv read: their masked values, and what each does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from awsenv import environment
from awsenv.environment import expiry, lookup, state
from awsenv.report.variables import ENDPOINT, MEANINGS, names, shown

__all__ = ["Variable", "variables"]

#: Variable -> the tool that names a profile in it.
_TOOLS = {
    "AWS_VAULT": "aws-vault",
    "AWS_SSO_PROFILE": "aws-sso-cli",
    "AWSU_PROFILE": "awsu",
    "AWSUME_PROFILE": "awsume",
}


@dataclass(frozen=True)
class Variable:
    """A variable that is set.

    Attributes:
        name: its name.
        value: as it may be shown: at most the last four characters of a secret.
        does: what it does.
        origin: what set it, or the profile with its value; empty if that is unknown.
    """

    name: str
    value: str
    does: str
    origin: str


def variables(environ: Mapping[str, str], now: int) -> list[Variable]:
    """Return the variables that are set, in the order of the table; unknown names of AWS or awsenv come last."""
    origin, with_origin = _origin(environ)
    return [
        Variable(name, shown(name, environ[name]), _does(name, environ, now), origin if name in with_origin else "")
        for name in names(environ)
    ]


def _does(name: str, environ: Mapping[str, str], now: int) -> str:
    if name.startswith(ENDPOINT):
        return f"{name.removeprefix(ENDPOINT).lower()} requests go there, instead of to AWS"
    does = MEANINGS.get(name, "not known to awsenv")
    expiration = None
    if name in environment.EXPIRATIONS:
        expiration = expiry.parse(environ[name], local=True)
    elif name == "AWSENV_EXPIRATION" and re.fullmatch("[0-9]{1,12}", environ[name]):
        expiration = int(environ[name])
    if expiration is None:
        return does
    return f"{does}: {expiry.short(abs(expiration - now))} {'left' if expiration > now else 'ago'}"


def _origin(environ: Mapping[str, str]) -> tuple[str, set[str]]:
    """Return what set the exported credentials, and the names of the variables that it set; empty if unknown."""
    exported = state.exported(environ)
    keys = {*environment.KEYS, "AWS_SECURITY_TOKEN"}
    if exported.profile is not None:
        names = {*environment.CREDENTIALS, *environment.OWN}
        names |= {"AWS_PROFILE"} if exported.mode == "profile" else set()
        names |= {name for name in environment.REGIONS if environ.get(name) == environ.get("AWSENV_REGION")}
        return f"awsenv assume {exported.profile}", names
    if exported.mode != "keys":
        return "", set()
    if not environ.get("AWSENV_PROFILE"):  # beside it, AWSUME_PROFILE is awsenv's own
        tool = next((tool for variable, tool in _TOOLS.items() if environ.get(variable)), None)
        if tool is not None:
            return tool, keys | set(environment.EXPIRATIONS)
    profile = lookup.look_up(environ, expiry.NEAR).profile
    return (f"profile {profile}", keys) if profile else ("", set())
