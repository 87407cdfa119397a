"""Checks of the connection to AWS."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from awsenv.args import nearest
from awsenv.aws.expiry import look_at_clock
from awsenv.aws.partitions import REGIONS
from awsenv.credentials.classify import ConnectionFailure
from awsenv.doctor.answers import EndpointProbe
from awsenv.doctor.check import Finding, check, problem
from awsenv.doctor.checks.endpoints import sts_endpoints
from awsenv.doctor.context import Context
from awsenv.system.redaction import without_password

_BUNDLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")


@check
def endpoint_unreachable(context: Context) -> Iterator[Finding]:
    for probed in context.answers.reached:
        failure = probed.answer.failure
        if failure is None or failure.stage == "endpoint":  # which is a wrong setting: other checks report those
            continue
        what = f"the STS of region {probed.region} cannot be reached ({failure.stage}): {failure.why}"
        evidence, remediation, fix = _advice(context, probed, failure)
        yield problem(what, *filter(None, (probed.answer.endpoint, *evidence)), remediation=remediation, fix=fix)


def _advice(context: Context, probed: EndpointProbe, failure: ConnectionFailure) -> tuple[list[str], str, str]:
    """Return the settings of the connection to an STS that cannot be reached, the remediation and the fix."""
    stage, why = failure.stage, failure.why
    environ = context.environ
    url = urlsplit(probed.answer.endpoint)
    endpoints = sts_endpoints(context)
    named = [endpoint.where for endpoint in endpoints]
    if stage == "proxy":
        names = (f"{url.scheme}_proxy", f"{url.scheme}_proxy".upper(), "all_proxy", "ALL_PROXY")
        proxies = [name for name in names if environ.get(name)]
        if not proxies:
            return [], "repair the proxy of this machine", ""
        shown = [f"{name}={without_password(environ[name])}" for name in proxies]
        advice = f"repair the proxy, add {url.hostname} to NO_PROXY, or do without it"
        return shown, advice, f"unset {' '.join(proxies)}"
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
    if endpoints:
        advice = "start the server that should answer there, or call AWS itself"
        variables = [endpoint.variable for endpoint in endpoints if endpoint.variable]
        if variables:
            return named, advice, f"unset {' '.join(variables)}"
        return named, f"{advice}: remove endpoint_url from {named[0]}", ""
    if stage == "DNS" and probed.region not in REGIONS:
        near = nearest(probed.region, REGIONS)
        hint = f": did you mean {' or '.join(near)}?" if near else ""
        set_in_profile = probed.profile and context.setting(probed.profile, "region")
        where = [context.where(probed.profile, "region")] if probed.profile and set_in_profile else []
        return where, f"use an existing region{hint}", ""
    if stage == "DNS":
        return [], "check the name server, the VPN and the network", f"nslookup {url.hostname}"
    return [], "check the firewall, the VPN and the network", f"curl -v {probed.answer.endpoint}"
