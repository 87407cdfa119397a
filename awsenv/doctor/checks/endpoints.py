"""Checks of endpoints that replace those of AWS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from awsenv.args import nearest
from awsenv.aws.key_id import account_of
from awsenv.doctor.check import WARNING, Finding, check, correction, problem
from awsenv.doctor.checks.config_headers import meant
from awsenv.doctor.checks.config_values import is_reported
from awsenv.doctor.context import Context
from awsenv.system.redaction import without_password

__all__ = ["DEMO", "configured_endpoints", "host_of", "is_of_aws"]

#: In the demo's shell, its endpoint: that one is as it should be.
DEMO = "_AWSENV_DEMO"

#: The services that issue credentials, or say whose they are.
_OF_CREDENTIALS = ("", "STS", "SSO", "SSO_OIDC", "SIGNIN")


def configured_endpoints(context: Context) -> Iterator[tuple[str, str, str]]:
    """Service (empty: all), URL and where it is set; those in force, in botocore's order.

    See ConfiguredEndpointProvider in botocore.configprovider.
    """
    if context.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return
    seen = set()
    for name, url in sorted(context.environ.items()):
        match = re.fullmatch("AWS_ENDPOINT_URL(?:_(.+))?", name)
        if match and url:
            seen.add(match[1] or "")
            yield match[1] or "", url, f"{name}={_shown(url)}"
    in_force = context.profile or context.active_profile
    if in_force not in context.profiles:
        return
    if (context.profiles.text(in_force, "ignore_configured_endpoint_urls") or "").lower() == "true":
        return
    config = context.profiles.config
    header = f"services {context.profiles.text(in_force, 'services')}"
    for service, block in (config.section(header) if header in config.places else {}).items():
        url = block.get("endpoint_url", "") if isinstance(block, dict) else ""
        if url and service.upper() not in seen and "" not in seen:
            seen.add(service.upper())
            yield service.upper(), url, f"{config.path}:{config.line(header, service)}"
    url = context.profiles.text(in_force, "endpoint_url") or ""
    if url and "" not in seen:
        yield "", url, context.where(in_force, "endpoint_url")


@check
def endpoint_override(context: Context) -> Iterator[Finding]:
    real = _has_keys_of_aws(context)
    for service, url, where in configured_endpoints(context):
        host = host_of(url)
        if host is None or url == context.environ.get(DEMO):
            continue  # reported by endpoint-malformed; or as it should be
        requests = f"requests to {service}" if service else "all requests"
        fix = f"unset {where.partition('=')[0]}" if where.startswith("AWS_") else ""
        if is_of_aws(host):
            if not service:  # one service's endpoint cannot serve the others
                clause = f"all requests go to {host}, whatever the service"
                yield problem(clause, where, severity=WARNING, fix=fix)
            continue
        mixed = real and service in _OF_CREDENTIALS
        clause = f"{requests} go to {host}, not to AWS{', with credentials of AWS' if mixed else ''}"
        yield problem(clause, where, severity=WARNING if mixed else "", fix=fix)


@check
def endpoint_malformed(context: Context) -> Iterator[Finding]:
    for _, url, where in configured_endpoints(context):
        if host_of(url) is None and not (is_reported(url) and not where.startswith("AWS_")):
            fix = f"unset {where.partition('=')[0]}" if where.startswith("AWS_") else ""
            yield problem(f"the endpoint {_shown(url)!r} is not a URL", where, fix=fix)


@check
def services_section_missing(context: Context) -> Iterator[Finding]:
    name = context.profile or context.active_profile
    services = context.profiles.text(name, "services")
    names = list(context.profiles.named_sections("services"))
    if services is None or services in names or meant(context, "services", services):
        return
    what, right = f"profile {name} names [services {services}], which does not exist", nearest(services, names)
    yield problem(what, context.where(name, "services"), remediation=correction("services", *right))


def host_of(url: str) -> str | None:
    """The host of a URL; None if botocore does not accept it."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # it may be no number, or too large
    except ValueError:
        return None
    return parts.hostname if parts.scheme in ("http", "https") and parts.hostname else None


def _shown(url: str) -> str:
    """A URL as it may be shown; even without a scheme it may contain a password."""
    return without_password(url) if "//" in url else re.sub(r"(?s).*@", "…@", url)


def is_of_aws(host: str) -> bool:
    """Whether a host is one of AWS's own configured_endpoints."""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws", ".api.amazonwebservices.com.cn"))


def _has_keys_of_aws(context: Context) -> bool:
    """Whether the access key in use was issued by AWS, judging by its id (no test server makes such ids)."""
    ids = [context.environ.get("AWS_ACCESS_KEY_ID", "")] if context.profile is None else []
    ids += [hop.settings.get("aws_access_key_id", "") for hop in context.hops if hop.uses_own_keys]
    return any(account_of(key_id) is not None for key_id in ids)
