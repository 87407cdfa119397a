"""Checks of the connection to AWS."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from awsenv.args import nearest
from awsenv.aws.expiry import look_at_clock
from awsenv.aws.partitions import REGIONS
from awsenv.doctor.answers import EndpointProbe
from awsenv.doctor.check import Finding, check, problem
from awsenv.doctor.context import Context
from awsenv.system.redaction import without_password

_BUNDLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")

_ENDPOINTS = ("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL")


@check
def endpoint_unreachable(context: Context) -> Iterator[Finding]:
    for one in context.answers.reached:
        failure = one.answer.failure
        if failure is None or failure.stage == "endpoint":  # the latter for wrong settings: other checks report them
            continue
        host = urlsplit(one.answer.endpoint).hostname or ""
        what = f"the STS of region {one.region} cannot be reached ({failure.stage}): {failure.why}"
        evidence, remediation, fix = _advice(context, one, host)
        yield problem(what, *filter(None, (one.answer.endpoint, *evidence)), remediation=remediation, fix=fix)


def _advice(context: Context, one: EndpointProbe, host: str) -> tuple[list[str], str, str]:
    """The settings of the connection to an STS that cannot be reached, and what to do: remediation and fix."""
    assert one.answer.failure is not None
    stage, why = one.answer.failure.stage, one.answer.failure.why
    environ = context.environ
    named, remove = _endpoint_settings(context, one.profile)
    if stage == "proxy":
        scheme = urlsplit(one.answer.endpoint).scheme
        names = (f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY")
        proxies = [name for name in names if environ.get(name)]
        if not proxies:
            return [], "repair the proxy of this machine", ""
        shown = [f"{name}={without_password(environ[name])}" for name in proxies]
        return shown, f"repair the proxy, add {host} to NO_PROXY, or do without it", f"unset {' '.join(proxies)}"
    if stage == "TLS":
        bundles = [name for name in _BUNDLES if environ.get(name)]
        if "expired" in why or "not yet valid" in why:
            return named, "check the clock", look_at_clock()
        shown = [*named, *(f"{name}={environ[name]}" for name in bundles)]
        if bundles:
            advice = "add the certificate of the server that answers there to that file, or do without it"
            return shown, advice, f"unset {' '.join(bundles)}"
        advice = "name a file with the certificate of the server that answers there instead of AWS"
        return shown, advice, "export AWS_CA_BUNDLE=FILE"
    if remove:
        fix, setting = (remove, "") if remove.startswith("unset ") else ("", f": {remove}")
        return named, f"start the server that should answer there, or call AWS itself{setting}", fix
    if stage == "DNS" and one.region not in REGIONS:
        near = nearest(one.region, REGIONS)
        hint = f": did you mean {' or '.join(near)}?" if near else ""
        set_in_profile = one.profile and context.profiles.text(one.profile, "region")
        where = [context.where(one.profile, "region")] if one.profile and set_in_profile else []
        return where, f"use an existing region{hint}", ""
    if stage == "DNS":
        return [], "check the name server, the VPN and the network", f"nslookup {host}"
    return [], "check the firewall, the VPN and the network", f"curl -v {one.answer.endpoint}"


def _endpoint_settings(context: Context, profile: str | None) -> tuple[list[str], str]:
    """What replaces the endpoint of STS, and how to remove it; both empty if nothing does."""
    variables = [name for name in _ENDPOINTS if context.environ.get(name)]
    if variables:
        return [f"{name}={context.environ[name]}" for name in variables], f"unset {' '.join(variables)}"
    if profile is not None and context.unreadable is None and context.profiles.text(profile, "endpoint_url"):
        where = context.where(profile, "endpoint_url")
        return [where], f"remove endpoint_url from {where}"
    return [], ""
