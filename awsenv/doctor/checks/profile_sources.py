"""Checks of the sources of credentials in a profile: none, or several."""

from __future__ import annotations

from collections.abc import Iterator

from awsenv.aws.providers import CONTAINER, Provider, candidates
from awsenv.aws.remedy import lines_of_keys
from awsenv.aws.renewal import NONE, renewal_of
from awsenv.doctor.check import Finding, check, problem
from awsenv.doctor.checks.config_headers import has_another_header
from awsenv.doctor.context import Context
from awsenv.environment import active_profile

# What SDKs use, beside the files and the exported keys, for a profile without credentials.
_FALLBACKS = (*CONTAINER, "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CREDENTIAL_FILE", "BOTO_CONFIG")


@check
def profile_without_credentials(context: Context) -> Iterator[Finding]:
    hop = next(iter(context.hops), None)
    named = context.named or active_profile(context.environ)  # the default profile need not have any
    if hop is None or not named or hop.kind != "none" or {"sso_session", "sso_start_url"} & hop.settings.keys():
        return
    if context.named is None and any(context.environ.get(name) for name in _FALLBACKS):
        return
    if has_another_header(context, hop.profile):
        return
    renewal = renewal_of(context.profiles, hop.profile, {}, context.now)
    if renewal.kind == NONE or renewal.misspelled is not None:  # else reported by profile-keys-incomplete
        remedy, wrong = renewal.remedy, renewal.misspelled
        place = wrong[1] if wrong is not None else renewal.place
        what = remedy.what.replace(f" ({place})", "").replace(f" at {place}", "")
        yield problem(what, place, fix=remedy.fix, remediation=remedy.remediation)


@check
def setting_misspelled(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        if hop.misspelled is not None and not (hop.kind == "none" and hop.number == 1):
            wrong, place, right = hop.misspelled
            what = f"has {wrong}, which means nothing: it looks like {right}"
            yield hop.problem(what, evidence=(place,), remediation=f"write {right} instead of {wrong} in that line")


@check
def hidden_source(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        sources: dict[str, Provider] = {}
        for source in candidates(context.profiles, hop.profile, is_source=hop.number > 1):
            sources.setdefault(source.kind, source)
        if "role" in sources or (hop.number > 1 and "role_arn" in hop.settings):
            sources.pop("keys", None)  # see keys-beside-role
        elif context.renewal_of(hop.profile, is_source=hop.number > 1).expired:  # see expired-keys-in-profile
            continue
        found = list(sources.values())
        for hidden in found[1:]:
            used = found[0]
            clause = (
                f"has both {used.setting} and {hidden.setting}: its {used.setting} is used, its {hidden.setting} is not"
            )
            advice = f"remove {_lines(used)} if {hidden.setting} is meant, else {_lines(hidden)}"
            yield hop.problem(clause, evidence=(str(used.place), str(hidden.place)), remediation=advice)


def _lines(source: Provider) -> str:
    if source.kind == "keys" and source.section is not None:
        return lines_of_keys(*source.section)
    return str(source.place)
