"""Checks of where a role's credentials come from."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from awsenv.args import nearest
from awsenv.aws.providers import has_keys
from awsenv.doctor.chain import roles
from awsenv.doctor.check import ERROR, WARNING, Finding, check, problem
from awsenv.doctor.checks.config_files import elsewhere
from awsenv.doctor.checks.config_values import is_reported
from awsenv.doctor.context import Context

__all__: list[str] = []

# botocore.credentials: the canonical names of its providers; case counts
_CREDENTIAL_SOURCES = ("Environment", "Ec2InstanceMetadata", "EcsContainer")


@check(
    "source-profile-missing",
    ERROR,
    cause=(
        "A role is assumed with the credentials of its source profile; if that profile does not exist, AWS tools "
        "give up before they call AWS. Names are case-sensitive."
    ),
    remediation="correct source_profile in that line",
    causes=("source-profile", "config-invalid"),
)
def source_profile_missing(context: Context) -> Iterator[Finding]:
    for hop in roles(context):
        source = hop.settings.get("source_profile")
        if source is None or source in context.profiles or "credential_source" in hop.settings:
            continue
        if is_reported(source) or elsewhere(context, source) is not None:  # see profile-in-other-file
            continue
        near = nearest(source, context.profiles.names()) if source else []
        said = f"has source_profile {source}, which does not exist" if source else "has an empty source_profile"
        if near:
            yield hop.problem(said, "source_profile", remediation=f"write source_profile = {near[0]} in that line")
        elif source:
            yield hop.problem(said, "source_profile", fix=f"aws configure --profile {shlex.quote(source)}")
        else:
            yield hop.problem(said, "source_profile", remediation="name the profile with the access key in that line")


@check(
    "source-profile-empty",
    ERROR,
    cause=(
        "The source profile exists, but has no credentials of its own: no access key, no role, no sign-in, no "
        "process. The exported credentials and those of the default profile are not used instead."
    ),
    remediation="give that profile credentials",
    fix="aws configure",
    causes=("source-profile", "config-invalid", "no-credentials"),
)
def source_profile_empty(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        if hop.number > 1 and hop.kind == "none":
            fix = f"aws configure --profile {hop.quoted}"
            yield hop.problem("has no credentials", fix=fix)


@check(
    "source-profile-loop",
    ERROR,
    cause=(
        "Each profile waits for the credentials of the next, and the last one for those of an earlier one: there "
        "are none to begin with."
    ),
    remediation="let one of them name a profile with credentials of its own as its source_profile",
    causes=("source-profile-loop",),
)
def source_profile_loop(context: Context) -> Iterator[Finding]:
    hops = context.hops
    if not hops or hops[-1].kind != "role" or hops[-1].keys_count:
        return
    source = hops[-1].settings.get("source_profile", "")
    if source in hops[-1].path:
        loop = " -> ".join([*hops[-1].path[hops[-1].path.index(source) :], source])
        yield problem(
            f"the source profiles of profile {hops[0].profile} form a loop: {loop}",
            *(context.where(name, "source_profile") for name in hops[-1].path),
        )


@check(
    "two-sources",
    ERROR,
    cause=(
        "A role is assumed with the credentials of a source_profile or of a credential_source. AWS tools reject a "
        "profile that names both."
    ),
    remediation="remove the line that is wrong",
    causes=("config-invalid",),
)
def two_sources(context: Context) -> Iterator[Finding]:
    for hop in roles(context):
        if "source_profile" in hop.settings and "credential_source" in hop.settings:
            places = (hop.where(name) for name in ("source_profile", "credential_source"))
            yield problem(f"{hop.who} has both source_profile and credential_source", *places)


@check(
    "no-source",
    ERROR,
    cause=(
        "A role is assumed with other credentials, and the profile does not name them. An access key beside "
        "role_arn is not used for that, unless the profile names itself as its source_profile."
    ),
    remediation="add the line source_profile = with the profile that has the access key",
    causes=("partial-credentials",),
)
def no_source(context: Context) -> Iterator[Finding]:
    for hop in roles(context):
        if "source_profile" in hop.settings or "credential_source" in hop.settings or hop.misspelled is not None:
            continue
        beside = has_keys(hop.settings)
        remediation = (
            f"add source_profile = {hop.profile} below it, so that its own access key is used" if beside else ""
        )
        yield hop.problem(
            "has role_arn, but neither source_profile nor credential_source", "role_arn", remediation=remediation
        )


@check(
    "credential-source-unknown",
    ERROR,
    cause=(
        "credential_source has three valid values: Environment, Ec2InstanceMetadata and EcsContainer. They are "
        "case-sensitive."
    ),
    remediation="write Environment, Ec2InstanceMetadata or EcsContainer there",
    causes=("config-invalid",),
)
def credential_source_unknown(context: Context) -> Iterator[Finding]:
    for hop in roles(context):
        source = hop.settings.get("credential_source", _CREDENTIAL_SOURCES[0])
        if source not in _CREDENTIAL_SOURCES and "source_profile" not in hop.settings:
            near = nearest(source, _CREDENTIAL_SOURCES)
            remediation = f"write credential_source = {near[0]} in that line" if near else ""
            said = f"has credential_source {source}, which is invalid"
            yield hop.problem(said, "credential_source", remediation=remediation)


@check(
    "credential-source-empty",
    ERROR,
    cause=(
        "The role is to be assumed with credentials of the environment, of the container or of the EC2 instance, "
        "and there are none here."
    ),
    remediation="let the profile name a source_profile instead",
    causes=("credential-process",),
)
def credential_source_empty(context: Context) -> Iterator[Finding]:
    for hop in roles(context):
        source = hop.settings.get("credential_source")
        missing = {
            "Environment": ("no access key is exported", not context.has_keys),
            "EcsContainer": (
                "no container endpoint is in the environment (AWS_CONTAINER_CREDENTIALS_FULL_URI)",
                not any(name.startswith("AWS_CONTAINER_CREDENTIALS_") for name in context.environ),
            ),
            "Ec2InstanceMetadata": (
                "AWS_EC2_METADATA_DISABLED keeps AWS tools from requesting them from the instance",
                context.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true",
            ),
        }
        why, empty = missing.get(source or "", ("", False))
        if empty and "source_profile" not in hop.settings:
            yield hop.problem(f"gets its credentials from {source}, but {why}", "credential_source")


@check(
    "keys-beside-role",
    WARNING,
    cause=(
        "A profile with both an access key and a role is read in two ways: requested itself, it assumes the role "
        "and its access key is ignored; as the source profile of another, its access key is used and its role is "
        "ignored."
    ),
    remediation="remove the lines that are wrong",
)
def keys_beside_role(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        if "role_arn" not in hop.settings or not has_keys(hop.settings):
            continue
        source = hop.settings.get("source_profile")
        if hop.number == 1 and (hop.kind != "role" or source in (None, hop.profile)):
            continue  # its access key is used; or it has no source, which no-source reports
        used = (
            "its role is used, its access key is not" if hop.number == 1 else "its access key is used, its role is not"
        )
        places = (hop.where(name) for name in ("role_arn", "aws_access_key_id"))
        yield problem(f"{hop.who} has both a role and an access key: {used}", *places)
