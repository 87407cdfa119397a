"""The checks of the way to AWS, and of what it says of the credentials in force."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from urllib.parse import urlsplit

from awsenv.args import nearest
from awsenv.aws.partitions import REGIONS
from awsenv.credentials.identity import Identity, ServiceError
from awsenv.doctor.check import ERROR, WARNING, Found, check, found
from awsenv.doctor.checks.clock import server_time_in
from awsenv.doctor.context import Scene
from awsenv.doctor.probe import Hop, Reached
from awsenv.environment import expiry
from awsenv.environment.expiry import look_at_clock
from awsenv.system.redaction import without_password

__all__: list[str] = []

_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")
_UNKNOWN = ("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken", "AuthFailure")
_SIGNATURE = ("SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature")
_REGION_OFF = "RegionDisabledException"
_DURATION = re.compile("DurationSeconds|MaxSessionDuration|session limit")

_BUNDLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
_ENDPOINTS = ("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL")


# --- the way ----------------------------------------------------------------------------------------------------------


@check(
    "endpoint-unreachable",
    ERROR,
    cure="mend the way to AWS: the region, the name server, the firewall, the proxy, the certificates",
    errors=(
        "EndpointConnectionError",
        "ConnectTimeoutError",
        "ReadTimeoutError",
        "ProxyConnectionError",
        "SSLError",
        "ConnectionClosedError",
    ),
    online=True,
)
def unreachable(scene: Scene) -> Iterator[Found]:
    """Credentials come from STS, and nobody can renew a session that cannot reach it; a request has to arrive within
    minutes of the time at which it was signed.
    """
    for one in scene.answers.reached:
        failure = one.answer.failure
        if failure is None or failure.stage == "endpoint":  # the latter for settings that are wrong: others say so
            continue
        host = urlsplit(one.answer.endpoint).hostname or ""
        what = f"the STS of region {one.region} cannot be reached ({failure.stage}): {failure.why}"
        evidence, cure = _way(scene, one, host)
        yield found(what, *filter(None, (one.answer.endpoint, *evidence)), cure=cure)


def _way(scene: Scene, one: Reached, host: str) -> tuple[list[str], str]:
    """What was set up for the way to an STS, and what to do where it has failed."""
    assert one.answer.failure is not None
    stage, why = one.answer.failure.stage, one.answer.failure.why
    environ = scene.environ
    endpoints = [name for name in _ENDPOINTS if environ.get(name)]
    away = f"unset {' '.join(endpoints)}" if endpoints else ""
    named = [f"{name}={environ[name]}" for name in endpoints]
    if not endpoints and one.profile is not None and scene.unreadable is None:
        where = scene.profiles.text(one.profile, "endpoint_url") and scene.where(one.profile, "endpoint_url")
        named, away = ([where], f"take endpoint_url out of {where}") if where else ([], "")
    if stage == "proxy":
        scheme = urlsplit(one.answer.endpoint).scheme
        names = (f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY")
        proxies = [name for name in names if environ.get(name)]
        shown = [f"{name}={without_password(environ[name])}" for name in proxies]
        cure = f"mend the proxy, add {host} to NO_PROXY, or do without it: unset {' '.join(proxies)}"
        return shown, cure if proxies else "mend the proxy of this machine"
    if stage == "TLS":
        bundles = [name for name in _BUNDLES if environ.get(name)]
        if "expired" in why or "not yet valid" in why:
            return named, f"look at the clock: {look_at_clock()}"
        shown = [*named, *(f"{name}={environ[name]}" for name in bundles)]
        if bundles:
            return shown, f"unset {' '.join(bundles)}, or add the certificate of whoever answers there to that file"
        return shown, "export AWS_CA_BUNDLE=FILE, which has the certificate of whoever answers there instead of AWS"
    if away:
        return named, f"start what is to answer there, or ask AWS itself: {away}"
    if stage == "DNS" and one.region not in REGIONS:
        near = nearest(one.region, REGIONS)
        hint = f": did you mean {' or '.join(near)}?" if near else ""
        where = scene.where(one.profile, "region") if one.profile and scene.profiles.text(one.profile, "region") else ""
        return [where], f"name a region that there is{hint}"
    if stage == "DNS":
        return [], f"look at the name server, the VPN and the network: nslookup {host}"
    return [], f"look at the firewall, the VPN and the network: curl -v {one.answer.endpoint}"


@check(
    "region-disabled",
    ERROR,
    cure="export AWS_REGION=us-east-1 && export AWS_DEFAULT_REGION=us-east-1",
    errors=(_REGION_OFF,),
    online=True,
)
def region_disabled(scene: Scene) -> Iterator[Found]:
    """An account can switch the STS of a region off, and it then refuses all of that account's requests."""
    for whose, endpoint, refusal in _refusals(scene):
        if refusal.code == _REGION_OFF:
            yield found(f"the account of {whose} has switched this STS off", endpoint, _said(refusal))


# --- the exported keys ------------------------------------------------------------------------------------------------


@check(
    "exported-expired",
    ERROR,
    cure="awsenv refresh",
    errors=("ExpiredToken", "ExpiredTokenException", "RequestExpired"),
    online=True,
)
def exported_expired(scene: Scene) -> Iterator[Found]:
    """AWS itself was asked: the session that this shell has exported is over, although no variable here says so. It was
    exported without its end, or that stands there of other keys, or the clock is slow.
    """
    refusal = _of_exported(scene, _EXPIRED)
    expiration = scene.exported.expiration
    if refusal is not None and (expiration is None or expiration > scene.now):
        left = "" if expiration is None else f", although it should have {expiry.short(expiration - scene.now)} left"
        yield found(
            f"AWS says that the exported session has expired{left}", *_exported(scene, refusal), cure=_renewal(scene)
        )


@check(
    "exported-unknown",
    ERROR,
    cure="awsenv refresh",
    errors=_UNKNOWN,
    online=True,
)
def exported_unknown(scene: Scene) -> Iterator[Found]:
    """AWS itself was asked: it does not know the exported key, or the token is of another. The key was deleted, made
    inactive or made a moment ago, the role was deleted, the session is of another partition, region or endpoint than
    the one that is asked, or something was lost when it was pasted.
    """
    key, token = scene.environ.get("AWS_ACCESS_KEY_ID", ""), scene.exported.temporary
    refusal = _of_exported(scene, _UNKNOWN)
    old, new = (scene.environ.get(name) for name in ("AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"))
    shadowed = old and new and old != new
    if refusal is None or scene.exported.missing is not None or (key.startswith("AKIA") and token) or shadowed:
        return  # what is wrong in the last three needs no AWS to say so
    yield found("AWS does not know the exported keys", *_exported(scene, refusal), cure=_renewal(scene))


@check(
    "exported-wrong-secret",
    ERROR,
    cure="awsenv refresh",
    errors=_SIGNATURE,
    online=True,
)
def exported_wrong_secret(scene: Scene) -> Iterator[Found]:
    """AWS itself was asked: it knows the exported key, but the requests are signed with another secret than its own.
    One of the two is of another set of keys, or was cut or changed when it was pasted.
    """
    refusal = _of_exported(scene, _SIGNATURE)
    if refusal is not None and server_time_in(refusal.message) is None:  # else it is the clock
        yield found(
            "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID",
            *_exported(scene, refusal),
            cure=_renewal(scene),
        )


@check("exported-refused", ERROR, cure="awsenv refresh", errors=("AccessDenied",), online=True)
def exported_refused(scene: Scene) -> Iterator[Found]:
    """AWS itself was asked whose the exported keys are, which anybody may ask, and it refuses for another reason than
    the usual ones.
    """
    refusal = scene.answers.exported.refusal if scene.answers.exported else None
    if refusal is not None and refusal.code not in (*_EXPIRED, *_UNKNOWN, *_SIGNATURE, _REGION_OFF):
        yield found(f"AWS refuses the exported keys: {refusal.code}", *_exported(scene, refusal), cure=_renewal(scene))


@check("other-identity", WARNING, cure="awsenv refresh", errors=("AccessDenied",), online=True)
def other_identity(scene: Scene) -> Iterator[Found]:
    """The prompt names the profile that awsenv has assumed, but the keys are no longer that profile's: somebody has
    exported others since. What is done here is done as somebody else, and in another account perhaps.
    """
    name = scene.environ.get("AWSENV_PROFILE")
    who = scene.answers.exported.identity if scene.answers.exported else None
    own = any(option in scene.environ.get("AWSENV_OPTIONS", "") for option in ("--role-arn", "--chain"))
    if who is None or not name or own or name not in scene.profiles:
        return
    expected = _intended(scene, name)
    if expected is not None and not _is(who, *expected):
        account, role = expected
        yield found(
            f"the exported keys are those of {who.arn}, and profile {name} is role {role} in account {account}",
            f"AWSENV_PROFILE={name}",
            scene.where(name),
        )


@check(
    "session-without-mfa",
    WARNING,
    cure="assume a role, or give an MFA code: awsenv assume PROFILE --session-token --mfa-serial SERIAL",
    errors=("InvalidClientTokenId",),
    online=True,
)
def session_without_mfa(scene: Scene) -> Iterator[Found]:
    """A session of GetSessionToken that was obtained without an MFA code, and every one of GetFederationToken, is good
    for all services but IAM and most of STS: they call it invalid.
    """
    answer = scene.answers.exported
    if answer is not None and answer.identity is not None and scene.answers.exported_on_iam is False:
        yield found(f"STS takes the exported session of {answer.identity.arn}, and IAM does not", _exported_key(scene))


def _of_exported(scene: Scene, codes: tuple[str, ...]) -> ServiceError | None:
    refusal = scene.answers.exported.refusal if scene.answers.exported else None
    return refusal if refusal is not None and refusal.code in codes else None


def _exported(scene: Scene, refusal: ServiceError) -> tuple[str, ...]:
    assert scene.answers.exported is not None
    return _exported_key(scene), scene.answers.exported.endpoint, _said(refusal)


def _exported_key(scene: Scene) -> str:
    return f"AWS_ACCESS_KEY_ID=…{scene.environ['AWS_ACCESS_KEY_ID'][-4:]}"


def _said(refusal: ServiceError) -> str:
    return f"{refusal.operation}: {refusal.code}: {refusal.message}"


def _renewal(scene: Scene) -> str:
    """What to type for new keys in this shell."""
    if scene.exported.profile is not None:
        return "awsenv refresh"
    profile = scene.known.profile
    return "awsenv assume " + (f"{shlex.quote(profile)} --refresh" if profile else "PROFILE")


def _intended(scene: Scene, profile: str) -> tuple[str, str] | None:
    """The account and the role that a profile stands for, None if the files do not say."""
    text = scene.profiles.text
    arn = (text(profile, "role_arn") or "").split(":", 5)
    if len(arn) == 6:
        return arn[4], arn[5].rpartition("/")[2]
    account, role = text(profile, "sso_account_id"), text(profile, "sso_role_name")
    return (account, role) if account and role else None


def _is(who: Identity, account: str, role: str) -> bool:
    # https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
    sso = who.role is not None and who.role.startswith(f"AWSReservedSSO_{role}_")
    return who.account == account and (who.role == role or sso)


# --- the chain --------------------------------------------------------------------------------------------------------


@check(
    "cached-session-refused",
    ERROR,
    cure="awsenv assume PROFILE --refresh",
    errors=("InvalidClientTokenId", "ExpiredToken", "UnrecognizedClientException"),
    online=True,
)
def cached_refused(scene: Scene) -> Iterator[Found]:
    """A session is taken from the cache as long as its end has not come. AWS refuses one before that if the role was
    deleted or made anew, if the sessions were revoked, or if it is of another endpoint; nothing renews it by itself.
    """
    for hop in scene.answers.hops:
        refusal = _of_hop(hop)
        if hop.cached and refusal is not None and server_time_in(refusal.message) is None:
            left = (
                "" if hop.expiration is None else f", which should have {expiry.short(hop.expiration - scene.now)} left"
            )
            yield found(
                f"AWS refuses the cached session …{hop.key} of profile {hop.profile}{left}",
                _said(refusal),
                cure=f"awsenv assume {shlex.quote(hop.profile)} --refresh",
            )


@check(
    "profile-keys-refused",
    ERROR,
    cure="put new keys into the profile: aws configure --profile PROFILE",
    errors=(*_UNKNOWN, *_EXPIRED, *_SIGNATURE),
    online=True,
)
def keys_refused(scene: Scene) -> Iterator[Found]:
    """AWS itself was asked: it refuses the keys that this profile has, and with them all profiles that start from it.
    They were deleted or made inactive, have expired, or are not what they were when they were pasted.
    """
    for hop in scene.answers.hops:
        refusal = _of_hop(hop)
        if hop.cached or refusal is None or refusal.code == _REGION_OFF or server_time_in(refusal.message) is not None:
            continue
        why = {
            **dict.fromkeys(_UNKNOWN, "AWS does not know them"),
            **dict.fromkeys(_EXPIRED, "they have expired"),
            **dict.fromkeys(_SIGNATURE, "the secret does not belong to the key"),
        }.get(refusal.code, refusal.code)
        place = scene.where(hop.profile, "aws_access_key_id")
        yield found(
            f"AWS refuses the keys …{hop.key} of profile {hop.profile}: {why}",
            place,
            _said(refusal),
            cure=f"put new keys and their token into {place}, or let role_arn and source_profile renew them"
            if scene.profiles.text(hop.profile, "aws_session_token")  # which aws configure does not ask for
            else f"put new keys into {place}: aws configure --profile {shlex.quote(hop.profile)}",
        )


@check(
    "role-denied",
    ERROR,
    cure="look at the role's trust policy, and at the policies of whoever assumes it",
    errors=("AccessDenied",),
    online=True,
)
def role_denied(scene: Scene) -> Iterator[Found]:
    """AWS does not let the role be assumed, and never says for which reason: it says the same of a role that does not
    exist.
    """
    hops = {hop.profile: hop for hop in scene.answers.hops}
    for hop in scene.answers.hops:
        refusal = hop.refusal
        if refusal is None or refusal.code != "AccessDenied" or not refusal.operation.startswith("AssumeRole"):
            continue
        text = scene.profiles.text
        role = text(hop.profile, "role_arn") or ""
        source = hops.get(hop.source or "")
        known = source.answer.identity if source and source.answer else None
        who = known.arn if known else f"profile {hop.source}" if hop.source else "whoever the profile starts from"
        yield found(
            f"{who} may not assume {role} (profile {hop.profile})",
            scene.where(hop.profile, "role_arn"),
            _said(refusal),
            *_reasons(role, who, text(hop.profile, "external_id"), text(hop.profile, "mfa_serial")),
            cure="go through that list; it begins with: aws iam get-role --role-name "
            + shlex.quote(role.rpartition("/")[2]),
        )


def _reasons(role: str, who: str, external_id: str | None, serial: str | None) -> Iterator[str]:
    account = role.split(":")[4] if role.count(":") >= 5 else ""
    yield f"- is {role} spelt right, path and account {account} included, and does it exist?"
    yield f"- does its trust policy name {who}, the role behind that session, or its account as Principal?"
    if ":root" in who:
        yield "- the root user of an account may assume no role at all"
    yield f"- does a policy of {who} allow sts:AssumeRole on {role} (in another account it has to)?"
    said = "the profile sends one" if external_id else "the profile has no external_id"
    yield f"- does the trust policy ask for an external id (sts:ExternalId)? {said}"
    said = f"the profile sends a code of {serial}" if serial else "the profile has no mfa_serial"
    yield f"- does it ask for MFA (aws:MultiFactorAuthPresent)? {said}"
    yield "- does it ask for a source IP, an organization, a session name, tags?"
    yield f"- does a service control policy, a permissions boundary or AWSRevokeOlderSessions deny it to {who}?"


@check(
    "duration-refused",
    ERROR,
    cure="lower duration_seconds, or: awsenv assume PROFILE --duration max",
    errors=("ValidationError",),
    online=True,
)
def duration_refused(scene: Scene) -> Iterator[Found]:
    """A session of a role lives as long as the role's MaxSessionDuration at the most, one that is assumed with the
    session of another role an hour; whoever asks for more gets none.
    """
    for hop in scene.answers.hops:
        refusal = hop.refusal
        if refusal is None or refusal.code != "ValidationError" or not _DURATION.search(refusal.message):
            continue
        place = scene.where(hop.profile, "duration_seconds")
        yield found(
            f"AWS refuses a session of duration_seconds = {scene.profiles.text(hop.profile, 'duration_seconds')} "
            f"for profile {hop.profile}",
            place,
            _said(refusal),
            cure=f"lower duration_seconds in {place}, or: awsenv assume {shlex.quote(hop.profile)} --duration max",
        )


@check(
    "profile-refused",
    ERROR,
    cure="awsenv assume PROFILE --refresh --debug",
    errors=("ForbiddenException", "MalformedPolicyDocument", "PackedPolicyTooLarge", "IDPRejectedClaim"),
    online=True,
)
def hop_refused(scene: Scene) -> Iterator[Found]:
    """AWS itself was asked for the credentials of this profile, and it refuses them for a reason that it names."""
    for hop in scene.answers.hops:
        refusal, error = hop.refusal, hop.error
        if refusal is None or error is None or refusal.code == _REGION_OFF:
            continue
        if refusal.code == "AccessDenied" and refusal.operation.startswith("AssumeRole"):
            continue
        if refusal.code == "ValidationError" and _DURATION.search(refusal.message):
            continue
        if server_time_in(refusal.message) is None:
            yield found(f"profile {hop.profile}: {error.what}", scene.where(hop.profile), cure=error.cure)


def _of_hop(hop: Hop) -> ServiceError | None:
    return hop.answer.refusal if hop.answer is not None else None


def _refusals(scene: Scene) -> Iterator[tuple[str, str, ServiceError]]:
    """Whose credentials were refused, where, and how."""
    exported = scene.answers.exported
    if exported is not None and exported.refusal is not None:
        yield "the exported keys", exported.endpoint, exported.refusal
    for hop in scene.answers.hops:
        refusal = hop.refusal or _of_hop(hop)
        if refusal is not None:
            endpoint = hop.answer.endpoint if hop.answer else scene.where(hop.profile)
            yield f"profile {hop.profile}", endpoint, refusal
