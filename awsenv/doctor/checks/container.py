"""Checks of the credentials endpoint of a container or of `awsenv exec --server`."""

from __future__ import annotations

import ipaddress
import os
import re
import shlex
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from awsenv.aws.providers import CONTAINER
from awsenv.doctor.check import NOTE, Finding, check, leftover, problem
from awsenv.doctor.checks.web_identity import read_token, token_file_in_force
from awsenv.doctor.context import Context
from awsenv.environment import PROFILES

_RELATIVE, _FULL = CONTAINER

_TOKEN, _TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"

# Accepted by botocore.utils.ContainerMetadataFetcher, beside the loopback addresses.
_HOSTS = ("169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost")


def _container(context: Context) -> str:
    """Return the variable that names the endpoint; empty if neither does. The relative one takes precedence."""
    return next((name for name in CONTAINER if context.environ.get(name)), "")


def _hidden_by(context: Context) -> tuple[str, str]:
    """Return what AWS tools use before the container's endpoint, and where that is set; empty if nothing."""
    hops = context.hops
    if context.uses_exported:
        return "the exported credentials are", "AWS_ACCESS_KEY_ID"
    if any(hop.settings.get("credential_source") == "EcsContainer" for hop in hops):
        return "", ""
    if context.named is None and token_file_in_force(context):
        return "the web identity is", "AWS_WEB_IDENTITY_TOKEN_FILE"
    if hops and hops[0].kind != "none":
        return f"profile {hops[0].profile} is", hops[0].where()
    return "", ""


@check
def container_shadowed(context: Context) -> Iterator[Finding]:
    name = _container(context)
    if not name or context.named is not None or _is_dead(context):
        return
    hiding, where = _hidden_by(context)
    if hiding:
        # a container and CloudShell always have the endpoint: assuming or naming a profile is then intended
        named = [variable for variable in PROFILES if context.environ.get(variable)]
        if context.has_keys:
            meant, fix = context.exported.profile is not None, "awsenv clear"
        elif where in context.environ:
            meant, fix = True, f"unset {where}"
        else:
            meant, fix = bool(named), f"unset {' '.join(named)}" if named else ""
        what, severity = f"{name} is set, but {hiding} used before it", NOTE if meant else ""
        remediation = "" if fix else f"remove the credentials at {where}"
        yield problem(what, where, fix=fix, remediation=remediation, severity=severity)
    elif name == _RELATIVE and context.environ.get(_FULL):
        shown = f"{_RELATIVE}={context.environ[_RELATIVE]}"
        yield problem(f"{_RELATIVE} is used, {_FULL} is not", shown, fix=f"unset {_RELATIVE}")


def _container_in_force(context: Context) -> str:
    return "" if _hidden_by(context)[0] else _container(context)


@check
def container_host(context: Context) -> Iterator[Finding]:
    if _container_in_force(context) != _FULL:
        return
    uri = context.environ[_FULL]
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:
        yield problem(f"{_FULL} is not a URL", f"{_FULL}={uri}")
        return
    if parts.scheme != "https" and host not in _HOSTS and not _is_loopback(host):
        named = f"the host {host}" if host else "no host"
        yield problem(f"{_FULL} names {named}, which AWS tools do not accept", f"{_FULL}={uri}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@check
def container_endpoint_dead(context: Context) -> Iterator[Finding]:
    hidden = bool(_hidden_by(context)[0])
    if not _is_dead(context) or (hidden and context.named is not None):
        return
    names = [_FULL, _TOKEN, _TOKEN_FILE]
    config, token = (context.environ.get(name, "") for name in ("AWS_CONFIG_FILE", _TOKEN_FILE))
    if config and os.path.dirname(config) == os.path.dirname(token) and not os.path.exists(config):
        names += ["AWS_CONFIG_FILE", "AWS_PROFILE"]  # of awsenv exec --server, which has removed the file
    stale = tuple(name for name in names if name in context.environ)
    what = f"nothing is listening at the endpoint that {_FULL} names"
    yield leftover(what, stale, f"{_FULL}={context.environ[_FULL]}", severity=NOTE if hidden else "")


_PATIENCE = 0.3  # seconds for a connection on this machine


def _is_dead(context: Context) -> bool:
    """Whether the endpoint is on this machine, and nothing is listening there."""
    if _container(context) != _FULL:
        return False
    try:
        parts = urlsplit(context.environ[_FULL])
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:  # reported by container-host
        return False
    if host != "localhost" and not _is_loopback(host):
        return False
    try:
        socket.create_connection((host, port), _PATIENCE).close()
    except OSError:
        return True
    return False


@check
def container_token(context: Context) -> Iterator[Finding]:
    if not _container_in_force(context) or _is_dead(context):
        return
    path = context.environ.get(_TOKEN_FILE)
    if path is None:
        if re.search(r"[\r\n]", context.environ.get(_TOKEN, "")):
            yield problem(f"{_TOKEN} has a newline in it", _TOKEN, fix=f"unset {_TOKEN}")
        return
    try:
        token = read_token(path)
    except OSError as error:
        what = f"{_TOKEN_FILE} names {path}: {(error.strerror or '').lower()}"
        yield problem(what, f"{_TOKEN_FILE}={path}", fix=f"unset {_TOKEN_FILE}")
        return
    if token is not None and "\n" in token:
        quoted = shlex.quote(path)
        fix = f'printf %s "$(cat {quoted})" > {quoted}' if context.platform != "win32" else ""
        yield problem(f"the token in {path} has a newline in it", f"{_TOKEN_FILE}={path}", fix=fix)
