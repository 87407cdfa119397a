"""Checks that region, partition and account fit the credentials."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from awsenv.aws import arn, session_token
from awsenv.aws.expiry import short
from awsenv.aws.partitions import FIRST_REGIONS, partition_of
from awsenv.doctor.check import ERROR, NOTE, Finding, check, problem
from awsenv.doctor.checks.endpoints import sts_endpoints
from awsenv.doctor.checks.key_values import is_region
from awsenv.doctor.checks.web_identity import ROLE, token_file_in_force
from awsenv.doctor.context import Context
from awsenv.doctor.key_sets import KeySet, of_shell, wherever
from awsenv.environment import PROFILE_HINTS, PROFILES, REGIONS, masked, messages
from awsenv.environment.roles import options_of
from awsenv.report.profiles import role_of


@check
def wrong_partition(context: Context) -> Iterator[Finding]:
    for what, partition, evidence, of_profile in _partitions(context):
        for where, region in _regions(context, of_profile=of_profile).items():
            other = partition_of(region)
            if partition and other != partition:
                yield problem(f"{what}, in the partition {partition}, but {where}, in {other}", evidence)


def _partitions(context: Context) -> Iterator[tuple[str, str, str, bool]]:
    """Yield the tokens and roles in force, each with its partition, the evidence, and whether a profile has it."""
    for keys in wherever(context):
        claims, name = session_token.read(keys.token), keys.token_name
        if claims is not None and claims.region and keys.id:
            what = f"{keys.called(name)} was issued in {claims.region}"
            yield what, partition_of(claims.region), keys.shown(name), keys.file is not None
    role_arn = context.environ.get(ROLE) if token_file_in_force(context) else None
    yield f"{ROLE} is {role_arn}", _partition_of_arn(role_arn), f"{ROLE}={role_arn}", False
    for hop in context.readable_hops:
        role_arn = hop.settings.get("role_arn")
        what = f"the role of profile {hop.profile} is {role_arn}"
        yield what, _partition_of_arn(role_arn), hop.where("role_arn"), True


def _regions(context: Context, *, of_profile: bool) -> dict[str, str]:
    """Return `AWS_REGION is x` -> x for each region in force: those of the variables, else that of the profile.

    Args:
        context: the context.
        of_profile: whether to consider the profile in question.
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
    named, keys = context.environ.get("AWS_ACCOUNT_ID"), of_shell(context)
    claims = session_token.read(keys.token)
    account = keys.account or (claims.account if claims else None)
    if named and keys.id and account and named != account:
        shown = named if named.isdigit() else masked(named)
        what = f"AWS_ACCOUNT_ID is {shown}, and the exported credentials are of account {account}"
        yield problem(what, f"AWS_ACCOUNT_ID={shown}", context.shown_key)


@check
def keys_of_another_account(context: Context) -> Iterator[Finding]:
    environ, exported = context.environ, context.exported
    account = of_shell(context).account
    if account is None or not context.has_complete_keys or context.unreadable is not None:
        return
    seen = {""}
    for name in ("AWSENV_PROFILE", *PROFILE_HINTS):
        profile = environ.get(name, "")
        if profile in seen or (name in PROFILES and "GRANTED_SSO" not in environ):  # see keys-shadow-profile
            continue
        seen.add(profile)
        own = has_own_role(environ) or "--session-token" in options_of(environ.get("AWSENV_OPTIONS", ""))
        if name == "AWSENV_PROFILE" and (context.accepted or own):  # see other-identity
            continue
        setting, expected, _ = identity_of(context, profile)
        if re.fullmatch(r"\d{12}", expected) and expected != account:
            pasted = name == "AWSENV_PROFILE" and exported.profile is None  # not exported by awsenv
            yield problem(
                f"{name} is {profile}, of account {expected}, and the exported credentials are of account {account}",
                f"{name}={profile}",
                context.shown_key,
                context.where(profile, setting),
                severity=NOTE if pasted else "",
                **(context.renewal if exported.profile else {"fix": f"awsenv assume {shlex.quote(profile)}"}),
            )


def has_own_role(environ: Mapping[str, str]) -> bool:
    """Whether the options of `assume` name another role than the profile's own."""
    return not options_of(environ.get("AWSENV_OPTIONS", "")).keys().isdisjoint(("--role-arn", "--chain"))


def identity_of(context: Context, profile: str) -> tuple[str, str, str]:
    """Return the setting that gives a profile its identity, the account and the role; empty if the files lack them."""
    settings = context.profiles.texts(profile)
    account, role = role_of(settings)
    setting = "role_arn" if arn.parse(settings.get("role_arn")) else "sso_account_id"
    return setting, account or "", role or ""


# The regions of the partition aws that need not be enabled. All that came after March 2019 do, so the list is closed.
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
                since = short(max(0, context.now - claims.issued))
                clause = f"was issued by sts.amazonaws.com ({since} ago), and is not valid in {region}"
                place = where.replace(" is ", "=") if where.startswith("AWS_") else where
                yield keys.problem(name, clause, place, keys.shown(name), **_new_token(context, keys))


def _new_token(context: Context, keys: KeySet) -> dict[str, str]:
    """Return fix and remediation that obtain a token of a regional endpoint."""
    if keys.file is not None:
        return {"remediation": "write credentials there that a regional endpoint has issued"}
    again = dict(context.new_session)
    if again["fix"] == messages.ASSUME:  # a cached session has the same kind of token
        again["fix"] += " --refresh"
    if context.environ.get("AWS_STS_REGIONAL_ENDPOINTS") == "legacy":
        again["fix"] = "\n".join(filter(None, ("unset AWS_STS_REGIONAL_ENDPOINTS", again["fix"])))
    return again


@check
def region_missing(context: Context) -> Iterator[Finding]:
    role = next(context.hops_of("role", "web identity"), None)
    if role is None:
        return
    first, *sources = context.hops
    if first.settings.get("region") or context.environ.get("AWS_DEFAULT_REGION"):
        return
    clause, severity, evidence = "names no region", "", [first.where()]
    exported = context.environ.get("AWS_REGION")
    if exported:
        region, severity = exported if is_region(exported) else FIRST_REGIONS["aws"], NOTE
        clause += ": boto3 and the AWS CLI v1 do not read AWS_REGION, and AWS_DEFAULT_REGION is not set"
        evidence.append(f"AWS_REGION={exported}")
    else:
        elsewhere = [hop for hop in sources if hop.settings.get("region")]
        if elsewhere:
            clause += f", and that of its source profile {elsewhere[0].profile} does not count"
        clause += ", and neither does the environment"
        if sts_endpoints(context):  # then botocore has no global endpoint to fall back to
            severity = ERROR
        role_arn = role.settings.get("role_arn", "")
        partition = _partition_of_arn(role_arn) if arn.is_role(role_arn) else ""
        regions = (hop.settings["region"] for hop in elsewhere)
        region = next((name for name in regions if partition in ("", partition_of(name))), "")
        region = region or FIRST_REGIONS.get(partition or "aws", "REGION")
    fix = f"aws configure set region {shlex.quote(region)} --profile {first.quoted}"
    yield problem(f"profile {first.profile} {clause}", *evidence, severity=severity, fix=fix)
