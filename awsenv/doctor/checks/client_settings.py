"""Checks of the settings and variables from which botocore makes a client."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from awsenv.args import did_you_mean, nearest
from awsenv.aws.config_files import Settings
from awsenv.aws.partitions import REGIONS as ALL_REGIONS
from awsenv.aws.partitions import partition_of
from awsenv.aws.providers import SETTINGS
from awsenv.credentials.classify import in_words
from awsenv.credentials.dry_run import refusal
from awsenv.doctor.check import ERROR, NOTE, Finding, check, correction, prepared, problem
from awsenv.doctor.checks.config_values import is_reported, values
from awsenv.doctor.checks.endpoints import sts_endpoints
from awsenv.doctor.checks.key_values import is_placeholder, is_region
from awsenv.doctor.context import Context
from awsenv.environment import CREDENTIALS, PROFILES, REGIONS, STALE_VARIABLES

#: Variables and settings that other checks report, each with its own fix.
_REPORTED = re.compile(r"AWS_ENDPOINT_URL.*|endpoint_url|services")

#: Variables and settings from which no client is made, or that are checked on their own.
_OF_OTHERS = {
    *(*PROFILES, *REGIONS, *CREDENTIALS, *STALE_VARIABLES, *SETTINGS),
    *("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_PAGER", "AWS_CA_BUNDLE", "AWS_EC2_METADATA_DISABLED"),
    *("region", "output", "cli_pager", "mfa_serial", "external_id", "role_session_name", "duration_seconds"),
}

_PARTS_OF_REGIONS = {part for region in ALL_REGIONS for part in region.split("-")}

_SHORT = 40  # characters of a value that may be shown

_MOST = 8  # findings: a limit for errors that cannot be attributed


def _prepare(context: Context) -> Callable[[], None]:
    """Make the clients before AWS is called, as a thread that hangs there must not see the environment change."""
    with suppress(Exception):  # the check tries again, and reports it
        context.client_errors = list(_errors(context))
    return lambda: None


@prepared(_prepare)
def client_refused(context: Context) -> Iterator[Finding]:
    yield from _errors(context) if context.client_errors is None else context.client_errors


def _errors(context: Context) -> Iterator[Finding]:
    others = {name: value for name, value in context.environ.items() if not name.startswith("AWS_")}
    yield from _in_variables(context, others)
    if context.unreadable is None:
        yield from _in_profile(context, others)


def _in_variables(context: Context, others: Mapping[str, str]) -> Iterator[Finding]:
    for name in REGIONS:
        region = context.environ.get(name, "")
        # other characters are reported by unclean-value and placeholder-value
        if re.fullmatch(r"[\w-]*_[\w-]*", region, re.ASCII) and refusal({}, {}, region, others) is not None:
            yield _refusal(name, name, region, f"{name}={region}", _region_flaw(region)[0])
    variables = {
        name: value for name, value in context.environ.items() if name.startswith("AWS_") and name not in _OF_OTHERS
    }

    def build(left: Settings) -> Exception | None:
        return refusal({}, {}, "us-east-1", {**others, **{name: str(value) for name, value in left.items()}})

    for name, error in _refused(variables, build) if variables else ():
        shown = variables[name] if len(variables[name]) <= _SHORT else "…"
        yield _refusal(name, name, variables[name], f"{name}={shown}", _why(error))


def _in_profile(context: Context, others: Mapping[str, str]) -> Iterator[Finding]:
    profile = context.settings_profile
    if profile not in context.profiles:
        return
    sections, settings = context.profiles.config_sections([profile]), context.profiles.settings(profile)
    if settings.keys() <= _OF_OTHERS and (settings.get("region") or ALL_REGIONS[0]) in ALL_REGIONS:
        return  # importing botocore takes a tenth of a second

    def build(left: Settings) -> Exception | None:
        return refusal(left, sections, str(left.get("region", "us-east-1")), others)

    for name, error in _refused(settings, build):
        value = settings[name]
        if name == "region" and is_reported(str(value)):
            continue
        why = _region_flaw(str(value))[0] if name == "region" else _why(error)
        yield _refusal(f"{name} of profile {profile}", name, value, context.where(profile, name), why)


def _refusal(what: str, name: str, value: str | dict[str, str], where: str, why: str) -> Finding:
    shown = f" is {value!r}, which" if isinstance(value, str) and len(value) <= _SHORT else " is something that"
    near = _near(str(value)) if name.lower().endswith("region") else []
    fix, remediation = _instead(name, near)
    return problem(f"{what}{shown} AWS tools refuse: {why}", where, fix=fix, remediation=remediation)


def _instead(name: str, near: Sequence[str]) -> tuple[str, str]:
    """Return fix and remediation for a variable or a setting, given the regions that may be meant."""
    if name.startswith("AWS_"):
        return f"export {name}={near[0]}" if near else f"unset {name}", ""
    return "", correction(name, *near)


def _refused(
    values: Mapping[str, str | dict[str, str]], build: Callable[[Settings], Exception | None]
) -> Iterator[tuple[str, Exception]]:
    """Yield each name that causes an error, and that error: without the name there is another one, or none.

    Args:
        values: the settings of a client.
        build: makes a client from some of them, and returns the error.
    """
    left: Settings = dict(values)
    for _ in range(_MOST):
        error = build(left)
        if error is None:
            return
        for name in left:
            other = build({key: value for key, value in left.items() if key != name})
            if repr(other) != repr(error):
                break
        else:
            return  # a single name is not the cause
        del left[name]
        if not _REPORTED.fullmatch(name):
            yield name, error


def _why(error: Exception) -> str:
    """Return the message of botocore, without the syntax of Python."""
    text = in_words(error)
    if "is not a number" in text or "could not convert string to float" in text:
        return "it is not a number"
    if not type(error).__module__.startswith("botocore"):
        return "it cannot be used"
    text = re.sub(r"\(('[^()]*')\)", lambda found: found[1].replace("'", ""), text)  # a tuple of Python
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def _near(region: str) -> list[str]:
    """Return the regions that may be meant, the most likely first."""
    plain = re.sub(r"[ _]", "-", region.lower())
    for meant in (plain, plain[:-1]):  # a zone of it, `us-east-1a`
        if meant in ALL_REGIONS:
            return [meant]
    named = [found[0] for found in re.finditer(r"[a-z]+(?:-[a-z]+)+-\d", region.lower()) if found[0] in ALL_REGIONS]
    twisted = [other for other in ALL_REGIONS if sorted(other) == sorted(plain)]  # us-esat-1
    return named or twisted or nearest(plain, ALL_REGIONS)


def _region_flaw(region: str) -> tuple[str, str]:
    """Return what is wrong with the name of a region, and its severity; both empty if nothing is."""
    if region in ALL_REGIONS or partition_of(region) != "aws":
        return "", ""
    if re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d[a-z]", region):
        flaw, severity = "it is an availability zone, not a region", ERROR
    elif is_region(region) and _PARTS_OF_REGIONS.issuperset(region.split("-")[:-1]):  # it may be a new one
        flaw, severity = "awsenv knows no such region", NOTE
    else:
        flaw, severity = "there is no such region", ERROR
    near = _near(region)
    return f"{flaw}; {did_you_mean(near)}" if near else flaw, severity


@check
def region_unknown(context: Context) -> Iterator[Finding]:
    if any(endpoint.is_elsewhere for endpoint in sts_endpoints(context)):  # a test server accepts any region
        return
    for name, region, where in _regions(context):
        flaw, severity = _region_flaw(region)
        if not flaw or not re.fullmatch(r"[A-Za-z0-9-]+", region):  # other characters: see client-refused
            continue
        fix, remediation = _instead(name, _near(region))
        yield problem(f"{name} is {region}: {flaw}", where, severity=severity, fix=fix, remediation=remediation)


def _regions(context: Context) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and place of each region in force: of the variables, the chain, and its sign-ins."""
    for name in REGIONS:
        if context.environ.get(name) and not is_placeholder(context.environ[name]):
            yield name, context.environ[name], f"{name}={context.environ[name]}"
    for _, name, value, where in values(context):
        if name in ("region", "sso_region"):
            yield name, value, where


@check
def ca_bundle_missing(context: Context) -> Iterator[Finding]:
    variable = context.environ.get("AWS_CA_BUNDLE")
    if variable and not os.path.exists(variable):
        yield problem(f"AWS_CA_BUNDLE names {variable}, which does not exist", fix="unset AWS_CA_BUNDLE")
    for hop in [] if variable else context.readable_hops[:1]:
        bundle = hop.settings.get("ca_bundle")
        if bundle and not os.path.exists(bundle):
            yield hop.problem(f"has ca_bundle {bundle}, which does not exist", "ca_bundle")


@check
def proxy_malformed(context: Context) -> Iterator[Finding]:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        flaw = _proxy_flaw(context.environ.get(name, ""))
        if flaw:
            severity = ERROR if name.lower() == "https_proxy" else NOTE  # AWS itself is reached by https
            yield problem(f"{name} is not the URL of a proxy: {flaw}", severity=severity)


def _proxy_flaw(value: str) -> str:
    """Return what is wrong with the URL of a proxy; empty if nothing is."""
    scheme, separator, _ = value.partition("://")
    if separator and scheme not in ("http", "https"):
        return (
            f"its scheme is {scheme}, and boto3 accepts http and https" if scheme.isalnum() else "it has odd characters"
        )
    # botocore.httpsession.ProxyConfiguration completes a URL without a scheme
    try:
        url = urlsplit(value if value.startswith(("http:", "https:")) else f"http://{value.lstrip('/')}")
        _ = url.port
    except ValueError:
        return "its port is not a number up to 65535, or a special character of its password is not percent-encoded"
    if value and not re.fullmatch(r"[\w.:-]+", url.hostname or ""):
        return "it has no valid host name"
    return "a / in its password is not percent-encoded" if "@" in url.path else ""
