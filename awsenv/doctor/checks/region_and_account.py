"""Checks that region, partition and account fit the credentials."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from awsenv.aws import arn, session_token
from awsenv.aws.expiry import duration
from awsenv.aws.key_id import account_of
from awsenv.aws.partitions import FIRST_REGIONS, partition_of
from awsenv.doctor.check import ERROR, NOTE, Finding, check, problem
from awsenv.doctor.checks.key_values import is_region
from awsenv.doctor.checks.web_identity import ROLE, token_file_in_force
from awsenv.doctor.context import Context
from awsenv.doctor.key_sets import KeySet, of_shell, wherever
from awsenv.environment import PROFILE_HINTS, PROFILES, REGIONS, masked, messages


@check
def wrong_partition(context: Context) -> Iterator[Finding]:
    environ = context.environ
    whose: list[tuple[str, str, str, bool]] = []  # what, its partition, the evidence, whether it is of a profile
    for keys in wherever(context):
        claims, name = session_token.read(keys.token), keys.token_name
        if claims is not None and claims.region and keys.id:
            what = f"{keys.called(name)} was issued in {claims.region}"
            whose.append((what, partition_of(claims.region), keys.shown(name), keys.file is not None))
    if token_file_in_force(context) and _partition_of_arn(environ.get(ROLE)):
        shown = f"{ROLE}={environ[ROLE]}"
        whose.append((f"{ROLE} is {environ[ROLE]}", _partition_of_arn(environ[ROLE]), shown, False))
    for hop in [] if context.unreadable is not None else context.hops:
        role_arn = hop.settings.get("role_arn")
        what = f"the role of profile {hop.profile} is {role_arn}"
        whose.append((what, _partition_of_arn(role_arn), hop.where("role_arn"), True))
    for what, partition, evidence, of_profile in whose:
        for where, region in _regions(context, of_profile=of_profile).items():
            other = partition_of(region)
            if partition and other != partition:
                yield problem(f"{what}, in the partition {partition}, but {where}, in {other}", evidence)


def _regions(context: Context, *, of_profile: bool) -> dict[str, str]:
    """`AWS_REGION is x` -> x: the regions in force by the variables, else by the profile in question.

    Args:
        context: the context.
        of_profile: whether that profile counts.
    """
    values = {name: context.environ.get(name, "") for name in REGIONS}
    regions = {f"{name} is {value}": value for name, value in values.items() if is_region(value)}
    if regions or not of_profile:
        return regions
    first = context.hops[0]
    own = first.settings.get("region")
    return {f"profile {first.profile} is in {own}": own} if own else {}


def _partition_of_arn(text: str | None) -> str:
    parsed = arn.parse(text)
    return parsed.partition if parsed else ""


@check
def wrong_account_id(context: Context) -> Iterator[Finding]:
    environ = context.environ
    named, key = environ.get("AWS_ACCOUNT_ID"), environ.get("AWS_ACCESS_KEY_ID", "")
    claims = session_token.read(of_shell(context).token)
    account = account_of(key) or (claims.account if claims else None)
    if named and key and account and named != account:
        shown = named if named.isdigit() else masked(named)
        what = f"AWS_ACCOUNT_ID is {shown}, and the exported credentials are of account {account}"
        yield problem(what, f"AWS_ACCOUNT_ID={shown}", context.shown_key)


@check
def keys_of_another_account(context: Context) -> Iterator[Finding]:
    environ, exported = context.environ, context.exported
    account = account_of(environ.get("AWS_ACCESS_KEY_ID", ""))
    if account is None or exported.mode != "keys" or exported.missing is not None or context.unreadable is not None:
        return
    seen = {None, ""}
    for name in ("AWSENV_PROFILE", *PROFILE_HINTS):
        profile = environ.get(name)
        if profile in seen or (name in PROFILES and "GRANTED_SSO" not in environ):  # see keys-shadow-profile
            continue
        seen.add(profile)
        if name == "AWSENV_PROFILE" and (context.accepted or _is_of_options(environ)):  # see other-identity
            continue
        expected = _account_of_profile(context, str(profile))
        if expected is not None and expected[0] != account:
            pasted = name == "AWSENV_PROFILE" and exported.profile is None  # not exported by awsenv
            yield problem(
                f"{name} is {profile}, of account {expected[0]}, and the exported credentials are of account {account}",
                f"{name}={profile}",
                context.shown_key,
                expected[1],
                severity=NOTE if pasted else "",
                **(context.renewal if exported.profile else {"fix": f"awsenv assume {shlex.quote(str(profile))}"}),
            )


def _is_of_options(environ: Mapping[str, str]) -> bool:
    """Whether `assume` was asked for another identity than the profile's own."""
    return any(option in environ.get("AWSENV_OPTIONS", "") for option in ("--role-arn", "--chain", "--session-token"))


def _account_of_profile(context: Context, profile: str) -> tuple[str, str] | None:
    """The account of a profile's credentials, and where it is set; None if the files do not say."""
    role = arn.parse(context.profiles.text(profile, "role_arn"))
    setting = "role_arn" if role else "sso_account_id"
    account = role.account if role else context.profiles.text(profile, setting) or ""
    return (account, context.where(profile, setting)) if re.fullmatch(r"\d{12}", account) else None


# The regions of the partition aws that need not be enabled; all that came after March 2019 do. So this list is closed.
# https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
_ENABLED_BY_DEFAULT = {
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
}


@check
def global_token(context: Context) -> Iterator[Finding]:
    for keys in wherever(context):
        name, claims = keys.token_name, session_token.read(keys.token)
        if claims is None or claims.version_2 or not keys.id:
            continue
        for where, region in _regions(context, of_profile=keys.file is not None).items():
            if is_region(region) and partition_of(region) == "aws" and region not in _ENABLED_BY_DEFAULT:
                since = duration(max(0, context.now - claims.issued))
                clause = f"was issued by sts.amazonaws.com ({since} ago), and is not valid in {region}"
                place = where.replace(" is ", "=") if where.startswith("AWS_") else where
                yield keys.problem(name, clause, place, keys.shown(name), **_new_token(context, keys))


def _new_token(context: Context, keys: KeySet) -> dict[str, str]:
    """What gives a token of a regional endpoint."""
    if keys.file is not None:
        return {"remediation": "write credentials there that a regional endpoint has issued"}
    again = dict(context.new_session)
    if again["fix"] == messages.ASSUME:  # a cached session has that token, too
        again["fix"] += " --refresh"
    if context.environ.get("AWS_STS_REGIONAL_ENDPOINTS") == "legacy":
        again["fix"] = "\n".join(filter(None, ("unset AWS_STS_REGIONAL_ENDPOINTS", again["fix"])))
    return again


@check
def region_missing(context: Context) -> Iterator[Finding]:
    hops = context.hops
    if not any(hop.kind in ("role", "web identity") for hop in hops):
        return
    if hops[0].settings.get("region") or context.environ.get("AWS_DEFAULT_REGION"):
        return
    exported = context.environ.get("AWS_REGION")
    if exported:
        region = exported if is_region(exported) else FIRST_REGIONS["aws"]
        yield problem(
            f"profile {hops[0].profile} names no region: boto3 and the AWS CLI v1 do not read AWS_REGION, "
            "and AWS_DEFAULT_REGION is not set",
            context.where(hops[0].profile),
            f"AWS_REGION={exported}",
            severity=NOTE,
            fix=_set_region(hops[0].profile, region),
        )
        return
    elsewhere = [hop for hop in hops[1:] if hop.settings.get("region")]
    role = next(hop.settings.get("role_arn", "") for hop in hops if hop.kind in ("role", "web identity"))
    partition = arn.is_role(role) and _partition_of_arn(role)
    regions = [hop.settings["region"] for hop in elsewhere]
    region = next((name for name in regions if partition in (False, partition_of(name))), "")
    region = region or FIRST_REGIONS.get(partition or "aws", "REGION")
    unused = f", and that of its source profile {elsewhere[0].profile} does not count" if elsewhere else ""
    # if an endpoint is set, botocore has no global one to fall back to
    fatal = any(context.environ.get(name) for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"))
    yield problem(
        f"profile {hops[0].profile} names no region{unused}, and neither does the environment",
        context.where(hops[0].profile),
        severity=ERROR if fatal else "",
        fix=_set_region(hops[0].profile, region),
    )


def _set_region(profile: str, region: str) -> str:
    return f"aws configure set region {shlex.quote(region)} --profile {shlex.quote(profile)}"
