"""Checks of temporary credentials that were copied into a profile."""

from __future__ import annotations

from collections.abc import Iterator

from awsenv.aws import expiry, session_token
from awsenv.aws.remedy import lines_of_keys, section_for
from awsenv.aws.renewal import TEMPORARY
from awsenv.aws.validity import EXPIRED, LIKELY_EXPIRED, VALID, Validity, validity_of
from awsenv.doctor.check import WARNING, Finding, check, problem
from awsenv.doctor.context import Context
from awsenv.doctor.key_sets import KeySet, in_use, of_profile
from awsenv.environment import settings

_HAVE_EXPIRED = (EXPIRED, LIKELY_EXPIRED)


@check
def expired_keys_in_profile(context: Context) -> Iterator[Finding]:
    used = {keys.profile: keys for keys in in_use(context)}
    chain = (hop.profile for hop in context.hops)
    for name in context.profiles.names() if context.named is None else chain:
        keys = used.get(name) or of_profile(context, name)
        exported = keys is not None and keys.id == context.environ.get("AWS_ACCESS_KEY_ID")
        if keys is None or not keys.temporary or (exported and name not in used):  # see keys-expired
            continue
        validity = _validity(context, keys)
        if validity.state in _HAVE_EXPIRED:
            severity = "" if name in used and validity.state == EXPIRED else WARNING
            yield _temporary(context, keys, validity, severity)


@check
def temporary_keys_in_profile(context: Context) -> Iterator[Finding]:
    for keys in in_use(context):
        validity = _validity(context, keys)
        if keys.temporary and keys.token and validity.state not in _HAVE_EXPIRED:  # else profile-key-without-token
            yield _temporary(context, keys, validity)


@check
def old_expiration_in_profile(context: Context) -> Iterator[Finding]:
    for keys in in_use(context):
        issued, texts = session_token.issued(keys.token), context.profiles.texts(keys.profile)
        for setting in expiry.SETTINGS if issued is not None else ():
            own = {setting: texts.get(setting, "")}
            if expiry.written(own, None)[1] and not expiry.written(own, issued)[1]:
                shown = f"{context.where(keys.profile, setting)} {setting}={texts[setting]}"
                yield problem(f"{setting} of {keys.who} is older than the session token beside it", shown)


def _validity(context: Context, keys: KeySet) -> Validity:
    """Return the validity of temporary keys, by the settings beside them, their token and the cache."""
    texts = context.profiles.texts(keys.profile)
    found = validity_of(texts, keys.token, context.now, settings.assumed_lifetime(context.environ))
    if found.setting is not None or not keys.temporary or keys.id not in context.cached_keys:
        return found
    expiration = context.cached_keys[keys.id][0]
    left = expiration - context.now
    clause = f"expired {expiry.short(-left)} ago" if left <= 0 else f"expire in {expiry.short(left)}"
    return Validity(EXPIRED if left <= 0 else VALID, clause, None, expiration, is_exact=True)


def _temporary(context: Context, keys: KeySet, validity: Validity, severity: str = "") -> Finding:
    clause = validity.text or "expire at an unknown time"
    evidence = [keys.shown()]
    if validity.setting is not None:
        text = context.profiles.text(keys.profile, validity.setting)
        evidence.append(f"{context.where(keys.profile, validity.setting)} {validity.setting}={text}")
    fix, remediation = _replacement(context, keys)
    what = f"{keys.who} has temporary credentials that {clause}"
    return problem(what, *evidence, severity=severity, fix=fix, remediation=remediation)


def _replacement(context: Context, keys: KeySet) -> tuple[str, str]:
    """Return the fix and the remediation: what to type, or to write instead of the keys."""
    assert keys.file is not None
    renewal = context.renewal_of(keys.profile)
    if renewal.kind != TEMPORARY or renewal.source != keys.profile:  # another source of the profile comes first
        other = renewal.provider.setting or "another source"
        return "", f"remove {lines_of_keys(keys.file, keys.header)}: its {other} obtains new ones"
    remedy, arn = renewal.remedy, context.cached_keys.get(keys.id, (0, ""))[1]
    if arn and renewal.hidden is None and not remedy.fix:
        return "", section_for(renewal, [arn])
    return remedy.fix, remedy.remediation
