"""Checks of where a role's credentials come from."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from awsenv.args import nearest
from awsenv.aws.providers import CREDENTIAL_SOURCES, has_keys
from awsenv.doctor.check import Finding, check, correction, problem
from awsenv.doctor.checks.config_files import elsewhere
from awsenv.doctor.checks.config_values import is_reported
from awsenv.doctor.context import Context


@check
def source_profile_missing(context: Context) -> Iterator[Finding]:
    for hop, source in context.values_of("source_profile", "role"):
        if source in context.profiles or "credential_source" in hop.settings:
            continue
        if not source:
            remediation = "name the profile with the access key in that line"
            yield hop.problem("has an empty source_profile", "source_profile", remediation=remediation)
        elif not is_reported(source) and elsewhere(context, source) is None:  # else see profile-in-other-file
            right = nearest(source, context.profiles.names())
            clause, fix = f"has source_profile {source}, which does not exist", ""
            if not right:
                fix = f"aws configure --profile {shlex.quote(source)}"
            yield hop.problem(clause, "source_profile", fix=fix, remediation=correction("source_profile", *right))


@check
def source_profile_empty(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        if hop.number > 1 and hop.kind == "none" and hop.misspelled is None:
            yield hop.problem("has no credentials", fix=f"aws configure --profile {hop.quoted}")


@check
def source_profile_loop(context: Context) -> Iterator[Finding]:
    for last in context.hops[-1:]:
        source = last.settings.get("source_profile", "")
        if last.kind == "role" and not last.uses_own_keys and source in last.path:
            loop = " -> ".join([*last.path[last.path.index(source) :], source])
            what = f"the source profiles of profile {last.path[0]} form a loop: {loop}"
            yield problem(what, *(context.where(name, "source_profile") for name in last.path))


@check
def two_sources(context: Context) -> Iterator[Finding]:
    for hop, _ in context.values_of("source_profile", "role"):
        if "credential_source" in hop.settings:
            yield hop.problem("has both source_profile and credential_source", "source_profile", "credential_source")


@check
def no_source(context: Context) -> Iterator[Finding]:
    for hop, role_arn in context.values_of("role_arn", "role"):
        if {"source_profile", "credential_source"} & hop.settings.keys() or hop.misspelled is not None:
            continue
        if "\n" in role_arn:  # it includes the next line: see value-over-lines
            continue
        own = f"add source_profile = {hop.profile} below it, so that its own access key is used"
        clause = "has role_arn, but neither source_profile nor credential_source"
        yield hop.problem(clause, "role_arn", remediation=own if has_keys(hop.settings) else "")


@check
def credential_source_unknown(context: Context) -> Iterator[Finding]:
    for hop, source in context.values_of("credential_source", "role"):
        if source not in CREDENTIAL_SOURCES and "source_profile" not in hop.settings:
            clause, right = f"has credential_source {source}, which is invalid", nearest(source, CREDENTIAL_SOURCES)
            yield hop.problem(clause, "credential_source", remediation=correction("credential_source", *right))


@check
def credential_source_empty(context: Context) -> Iterator[Finding]:
    missing = {}
    if not context.has_keys:
        missing["Environment"] = "no access key is exported"
    if not any(name.startswith("AWS_CONTAINER_CREDENTIALS_") for name in context.environ):
        where = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
        missing["EcsContainer"] = f"no container endpoint is in the environment ({where})"
    if context.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true":
        why = "AWS_EC2_METADATA_DISABLED keeps AWS tools from requesting them from the instance"
        missing["Ec2InstanceMetadata"] = why
    for hop, source in context.values_of("credential_source", "role"):
        if source in missing and "source_profile" not in hop.settings:
            yield hop.problem(f"gets its credentials from {source}, but {missing[source]}", "credential_source")


@check
def keys_beside_role(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        if "role_arn" not in hop.settings or not has_keys(hop.settings):
            continue
        source = hop.settings.get("source_profile")
        if hop.number == 1 and (hop.kind != "role" or source in (None, hop.profile)):
            continue  # its access key is used, or no-source reports that it has no source
        used, ignored = ("role", "access key") if hop.number == 1 else ("access key", "role")
        clause = f"has both a role and an access key: its {used} is used, its {ignored} is not"
        yield hop.problem(clause, "role_arn", "aws_access_key_id")
