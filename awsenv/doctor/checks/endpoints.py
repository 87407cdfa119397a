"""Checks of endpoints that replace those of AWS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from awsenv.args import nearest
from awsenv.doctor.check import WARNING, Finding, check, correction, problem
from awsenv.doctor.checks.config_headers import meant
from awsenv.doctor.checks.config_values import is_reported
from awsenv.doctor.context import Context
from awsenv.doctor.key_sets import in_use, of_shell
from awsenv.system.redaction import without_password

__all__ = ["DEMO", "configured_endpoints", "sts_endpoints"]

#: In the demo's shell, the endpoint of its STS, which is intended.
DEMO = "_AWSENV_DEMO"

#: The services that issue credentials or identify them; empty: all services.
_OF_CREDENTIALS = ("", "STS", "SSO", "SSO_OIDC", "SIGNIN")

_OF_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn")


class Endpoint(NamedTuple):
    """An endpoint that is set in place of AWS's own.

    Attributes:
        service: `STS`; empty for all services.
        url: its URL, which may contain a password.
        where: `NAME=VALUE` or `PATH:LINE`.
        variable: the variable that sets it; empty for a setting.
    """

    service: str
    url: str
    where: str
    variable: str = ""

    @property
    def host(self) -> str | None:
        """The host; None if botocore does not accept the URL."""
        try:
            parts = urlsplit(self.url)
            _ = parts.port  # raises an error for an invalid port
        except ValueError:
            return None
        return parts.hostname if parts.scheme in ("http", "https") and parts.hostname else None

    @property
    def is_elsewhere(self) -> bool:
        """Whether requests go to another server than AWS's."""
        return self.host is not None and not self.host.endswith(_OF_AWS)

    @property
    def fix(self) -> str:
        """What unsets the variable; empty for a setting."""
        return f"unset {self.variable}" if self.variable else ""


def configured_endpoints(context: Context) -> Iterator[Endpoint]:
    """Yield the endpoints in force, in botocore's order; those of the variables alone if the files cannot be read.

    See ConfiguredEndpointProvider in botocore.configprovider.
    """
    if context.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return
    seen = set()
    for name, url in sorted(context.environ.items()):
        match = re.fullmatch("AWS_ENDPOINT_URL(?:_(.+))?", name)
        if match and url:
            seen.add(match[1] or "")
            yield Endpoint(match[1] or "", url, f"{name}={_shown(url)}", name)
    profile = context.settings_profile
    ignored = (context.setting(profile, "ignore_configured_endpoint_urls") or "").lower() == "true"
    if ignored or "" in seen or context.unreadable is not None:
        return
    config = context.profiles.config
    header = f"services {context.setting(profile, 'services') or ''}"
    for name, block in (config.section(header) if header in config.places else {}).items():
        service, url = name.upper(), block.get("endpoint_url", "") if isinstance(block, dict) else ""
        if url and service not in seen:
            seen.add(service)
            yield Endpoint(service, url, f"{config.path}:{config.line(header, name)}")
    for_all = context.setting(profile, "endpoint_url")
    if for_all is not None:
        yield Endpoint("", for_all, context.where(profile, "endpoint_url"))


def sts_endpoints(context: Context) -> list[Endpoint]:
    """Return the endpoints in force that apply to STS."""
    return [endpoint for endpoint in configured_endpoints(context) if endpoint.service in ("", "STS")]


@check
def endpoint_override(context: Context) -> Iterator[Finding]:
    real = _has_keys_of_aws(context)
    for endpoint in configured_endpoints(context):
        if endpoint.host is None or endpoint.url == context.environ.get(DEMO):
            continue  # endpoint-malformed reports it, or it is intended
        if endpoint.is_elsewhere:
            mixed = real and endpoint.service in _OF_CREDENTIALS
            requests = f"requests to {endpoint.service}" if endpoint.service else "all requests"
            clause = f"{requests} go to {endpoint.host}, not to AWS{', with credentials of AWS' if mixed else ''}"
            yield problem(clause, endpoint.where, severity=WARNING if mixed else "", fix=endpoint.fix)
        elif not endpoint.service:  # one service's endpoint cannot serve the others
            clause = f"all requests go to {endpoint.host}, whatever the service"
            yield problem(clause, endpoint.where, severity=WARNING, fix=endpoint.fix)


@check
def endpoint_malformed(context: Context) -> Iterator[Finding]:
    for endpoint in configured_endpoints(context):
        if endpoint.host is None and (endpoint.variable or not is_reported(endpoint.url)):
            yield problem(f"the endpoint {_shown(endpoint.url)!r} is not a URL", endpoint.where, fix=endpoint.fix)


@check
def services_section_missing(context: Context) -> Iterator[Finding]:
    name = context.settings_profile
    services = context.profiles.text(name, "services")
    names = list(context.profiles.named_sections("services"))
    if services is None or services in names or meant(context, "services", services):
        return
    what, right = f"profile {name} names [services {services}], which does not exist", nearest(services, names)
    yield problem(what, context.where(name, "services"), remediation=correction("services", *right))


def _shown(url: str) -> str:
    """Return a URL without its password; a text without a scheme may contain one, too."""
    return without_password(url) if "//" in url else re.sub(r"(?s).*@", "…@", url)


def _has_keys_of_aws(context: Context) -> bool:
    """Whether AWS issued the access key in use, judging by its id (no test server makes such ids)."""
    key_sets = in_use(context) if context.profile is not None else [of_shell(context)]
    return any(keys.account is not None for keys in key_sets)
