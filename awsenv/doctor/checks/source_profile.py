"""Checks of where a role's credentials come from."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from awsenv.args import nearest
from awsenv.aws.providers import CREDENTIAL_SOURCES, has_keys
from awsenv.doctor.chain import roles
from awsenv.doctor.check import Finding, check, correction, problem
from awsenv.doctor.checks.config_files import elsewhere
from awsenv.doctor.checks.config_values import is_reported
from awsenv.doctor.context import Context


@check
def source_profile_missing(context: Context) -> Iterator[Finding]:
    for hop in roles(context):
        source = hop.settings.get("source_profile")
        if source is None or source in context.profiles or "credential_source" in hop.settings:
            continue
        if is_reported(source) or elsewhere(context, source) is not None:  # see profile-in-other-file
            continue
        right = nearest(source, context.profiles.names()) if source else []
        clause = f"has source_profile {source}, which does not exist" if source else "has an empty source_profile"
        fix, remediation = "", correction("source_profile", *right)
        if source and not right:
            fix = f"aws configure --profile {shlex.quote(source)}"
        elif not right:
            remediation = "name the profile with the access key in that line"
        yield hop.problem(clause, "source_profile", fix=fix, remediation=remediation)


@check
def source_profile_empty(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        if hop.number > 1 and hop.kind == "none" and hop.misspelled is None:
            yield hop.problem("has no credentials", fix=f"aws configure --profile {hop.quoted}")


@check
def source_profile_loop(context: Context) -> Iterator[Finding]:
    hops = context.hops
    if not hops or hops[-1].kind != "role" or hops[-1].keys_count:
        return
    source = hops[-1].settings.get("source_profile", "")
    if source in hops[-1].path:
        loop = " -> ".join([*hops[-1].path[hops[-1].path.index(source) :], source])
        what = f"the source profiles of profile {hops[0].profile} form a loop: {loop}"
        yield problem(what, *(context.where(name, "source_profile") for name in hops[-1].path))


@check
def two_sources(context: Context) -> Iterator[Finding]:
    for hop in roles(context):
        if "source_profile" in hop.settings and "credential_source" in hop.settings:
            yield hop.problem("has both source_profile and credential_source", "source_profile", "credential_source")


@check
def no_source(context: Context) -> Iterator[Finding]:
    for hop in roles(context):
        if "source_profile" in hop.settings or "credential_source" in hop.settings or hop.misspelled is not None:
            continue
        if "\n" in hop.settings["role_arn"]:  # the next line is part of it: see value-over-lines
            continue
        own = f"add source_profile = {hop.profile} below it, so that its own access key is used"
        clause = "has role_arn, but neither source_profile nor credential_source"
        yield hop.problem(clause, "role_arn", remediation=own if has_keys(hop.settings) else "")


@check
def credential_source_unknown(context: Context) -> Iterator[Finding]:
    for hop in roles(context):
        source = hop.settings.get("credential_source", CREDENTIAL_SOURCES[0])
        if source not in CREDENTIAL_SOURCES and "source_profile" not in hop.settings:
            clause, right = f"has credential_source {source}, which is invalid", nearest(source, CREDENTIAL_SOURCES)
            yield hop.problem(clause, "credential_source", remediation=correction("credential_source", *right))


@check
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


@check
def keys_beside_role(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        if "role_arn" not in hop.settings or not has_keys(hop.settings):
            continue
        source = hop.settings.get("source_profile")
        if hop.number == 1 and (hop.kind != "role" or source in (None, hop.profile)):
            continue  # its access key is used; or it has no source, which no-source reports
        used, ignored = ("role", "access key") if hop.number == 1 else ("access key", "role")
        clause = f"has both a role and an access key: its {used} is used, its {ignored} is not"
        yield hop.problem(clause, "role_arn", "aws_access_key_id")
