"""What is wrong with a profile that assumes a role, and with those that it draws on."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from awsenv.args import nearest
from awsenv.aws.federation import partition_of
from awsenv.credentials.plan import Plan
from awsenv.credentials.request import Request
from awsenv.doctor.check import ERROR, NOTE, WARNING, Found, check, found
from awsenv.doctor.context import Scene
from awsenv.environment import ROLE_AT_MOST, expiry

__all__ = ["Hop", "walk"]

_KEYS = ("aws_access_key_id", "aws_secret_access_key")

# botocore.credentials: the canonical names of its providers; case counts
_CREDENTIAL_SOURCES = ("Environment", "Ec2InstanceMetadata", "EcsContainer")

# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_SHORTEST_OF_ROLE, _LONGEST_OF_CHAIN = 900, 3600


@dataclass(frozen=True)
class Hop:
    """One profile on the way from the one that is asked for to the credentials that all begins with.

    Attributes:
        profile: its name.
        number: 1 for the profile that is asked for.
        way: all of the way, in that order.
        settings: what the files say of it, as far as that is text.
        kind: how it gets its credentials, as botocore decides it: role, web identity, sso, keys, login, process, none.
    """

    profile: str
    number: int
    way: tuple[str, ...]
    settings: dict[str, str]
    kind: str

    @property
    def who(self) -> str:
        """What to call it: `profile b (hop 2 of 3: a -> b -> c)`."""
        if len(self.way) == 1:
            return f"profile {self.profile}"
        return f"profile {self.profile} (hop {self.number} of {len(self.way)}: {' -> '.join(self.way)})"

    @property
    def keys_count(self) -> bool:
        """Whether the keys that stand in the profile itself are used: by itself, or for a role that it assumes."""
        own_source = self.kind == "role" and self.settings.get("source_profile") == self.profile
        return self.kind == "keys" or (own_source and any(key in self.settings for key in _KEYS))


def walk(scene: Scene) -> list[Hop]:
    """The way from the profile that counts to its credentials, as far as it goes; UnreadableError.

    As botocore goes it (AssumeRoleProvider): a source profile with keys of its own is the end, whatever else it names.
    """
    profiles = scene.profiles
    if scene.profile is None or scene.profile not in profiles:
        return []
    plan = Plan(Request(scene.profile, scene.profile, {}), profiles)
    way = tuple(name for name, _ in plan.hops if name in profiles)
    hops = []
    for number, name in enumerate(way, 1):
        settings = {key: value for key, value in profiles.settings(name).items() if isinstance(value, str)}
        hops.append(Hop(name, number, way, settings, _kind(scene, name, settings, first=number == 1)))
    return hops


def _kind(scene: Scene, name: str, settings: dict[str, str], *, first: bool) -> str:
    """Which of botocore's providers serves a profile (create_credential_resolver, ProfileProviderBuilder)."""
    web_identity = "web_identity_token_file" in settings
    if "role_arn" in settings and not web_identity and (first or not any(key in settings for key in _KEYS)):
        return "role"
    in_credentials = "aws_access_key_id" in scene.profiles.credentials_sections([name]).get(name, {})
    for kind, there in (
        ("web identity", web_identity),
        ("sso", "sso_role_name" in settings or "sso_account_id" in settings),
        ("keys", in_credentials),
        ("login", "login_session" in settings),
        ("process", "credential_process" in settings),
        ("keys", "aws_access_key_id" in settings),
    ):
        if there:
            return kind
    return "none"


def _roles(scene: Scene) -> Iterator[Hop]:
    return (hop for hop in walk(scene) if hop.kind == "role")


def _after(hop: Hop, scene: Scene) -> Hop | None:
    """The next hop, None after the last."""
    return next((other for other in walk(scene) if other.number == hop.number + 1), None)


# --- where a role's credentials come from -----------------------------------------------------------------------------


@check(
    "source-profile-missing",
    ERROR,
    cure="mend source_profile in that line",
    errors=("InvalidConfigError", "The source_profile referenced in the profile does not exist"),
)
def source_profile_missing(scene: Scene) -> Iterator[Found]:
    """A role is assumed with the credentials of its source profile; AWS tools that do not find that profile give up
    before they ask AWS. Upper and lower case count."""
    for hop in _roles(scene):
        source = hop.settings.get("source_profile")
        if source is None or source in scene.profiles or "credential_source" in hop.settings:
            continue
        near = nearest(source, scene.profiles.names())
        said = f"names source_profile {source}, which does not exist" if source else "names an empty source_profile"
        where = scene.where(hop.profile, "source_profile")
        cure = f"write source_profile = {near[0]} in that line" if near else _make_profile(source)
        yield found(f"{hop.who} {said}", where, cure=cure)


def _make_profile(name: str) -> str:
    return f"aws configure --profile {shlex.quote(name)}" if name else "name the profile that has the keys in that line"


@check(
    "source-profile-empty",
    ERROR,
    cure="give that profile credentials: aws configure",
    errors=("InvalidConfigError", "The source profile must have credentials", "NoCredentialsError"),
)
def source_profile_empty(scene: Scene) -> Iterator[Found]:
    """The source profile is there, but has no credentials of its own: no keys, no role, no sign-in, no process. The
    keys of the environment and of the default profile are not used in its place."""
    for hop in walk(scene):
        if hop.number > 1 and hop.kind == "none":
            cure = f"aws configure --profile {shlex.quote(hop.profile)}"
            yield found(f"{hop.who} has no credentials", scene.where(hop.profile), cure=cure)


@check(
    "source-profile-loop",
    ERROR,
    cure="let one of them name a profile with credentials of its own as its source_profile",
    errors=("InfiniteLoopConfigError", "Infinite loop in credential configuration detected"),
)
def source_profile_loop(scene: Scene) -> Iterator[Found]:
    """Each profile waits for the credentials of the next, and the last one for those of one before it: there are none
    to begin with."""
    hops = walk(scene)
    if not hops or hops[-1].kind != "role" or hops[-1].keys_count:
        return
    source = hops[-1].settings.get("source_profile", "")
    if source in hops[-1].way:
        circle = " -> ".join([*hops[-1].way[hops[-1].way.index(source) :], source])
        yield found(
            f"the source profiles of profile {hops[0].profile} run in a circle: {circle}",
            *(scene.where(name, "source_profile") for name in hops[-1].way),
        )


@check(
    "two-sources",
    ERROR,
    cure="remove the line that is not meant",
    errors=("InvalidConfigError", "contains both source_profile and credential_source"),
)
def two_sources(scene: Scene) -> Iterator[Found]:
    """A role is assumed with the credentials of a source_profile or of a credential_source. AWS tools refuse a profile
    that names both."""
    for hop in _roles(scene):
        if "source_profile" in hop.settings and "credential_source" in hop.settings:
            places = (scene.where(hop.profile, name) for name in ("source_profile", "credential_source"))
            yield found(f"{hop.who} names both source_profile and credential_source", *places)


@check(
    "no-source",
    ERROR,
    cure="add the line source_profile = with the profile that has the keys",
    errors=("PartialCredentialsError", "Partial credentials found in assume-role"),
)
def no_source(scene: Scene) -> Iterator[Found]:
    """A role is assumed with other credentials, and the profile does not say whose. Keys beside role_arn are not used
    for that, unless the profile names itself as its source_profile."""
    for hop in _roles(scene):
        if "source_profile" in hop.settings or "credential_source" in hop.settings:
            continue
        beside = any(key in hop.settings for key in _KEYS)
        cure = f"add source_profile = {hop.profile} below it, so that its own keys are used" if beside else ""
        where = scene.where(hop.profile, "role_arn")
        yield found(f"{hop.who} has role_arn, but neither source_profile nor credential_source", where, cure=cure)


@check(
    "credential-source-unknown",
    ERROR,
    cure="write Environment, Ec2InstanceMetadata or EcsContainer there",
    errors=("InvalidConfigError", "The credential source referenced in profile is not valid"),
)
def credential_source_unknown(scene: Scene) -> Iterator[Found]:
    """AWS tools know three words for credential_source: Environment, Ec2InstanceMetadata and EcsContainer. Upper and
    lower case count."""
    for hop in _roles(scene):
        source = hop.settings.get("credential_source", _CREDENTIAL_SOURCES[0])
        if source not in _CREDENTIAL_SOURCES and "source_profile" not in hop.settings:
            near = nearest(source, _CREDENTIAL_SOURCES)
            cure = f"write credential_source = {near[0]} in that line" if near else ""
            said = f"names credential_source {source}, which no AWS tool knows"
            yield found(f"{hop.who} {said}", scene.where(hop.profile, "credential_source"), cure=cure)


@check(
    "credential-source-empty",
    ERROR,
    cure="let the profile name a source_profile instead",
    errors=("CredentialRetrievalError", "No credentials found in credential_source"),
)
def credential_source_empty(scene: Scene) -> Iterator[Found]:
    """The role is to be assumed with credentials of the environment, of the container or of the EC2 instance, and here
    are none."""
    for hop in _roles(scene):
        source = hop.settings.get("credential_source")
        lacking = {
            "Environment": ("no keys are exported", not scene.has_keys),
            "EcsContainer": (
                "no container endpoint is in the environment (AWS_CONTAINER_CREDENTIALS_FULL_URI)",
                not any(name.startswith("AWS_CONTAINER_CREDENTIALS_") for name in scene.environ),
            ),
            "Ec2InstanceMetadata": (
                "AWS_EC2_METADATA_DISABLED keeps AWS tools from asking the instance",
                scene.environ.get("AWS_EC2_METADATA_DISABLED", "").lower() == "true",
            ),
        }
        why, empty = lacking.get(source or "", ("", False))
        if empty and "source_profile" not in hop.settings:
            where = scene.where(hop.profile, "credential_source")
            yield found(f"{hop.who} takes its credentials from {source}, and {why}", where)


@check("keys-beside-role", WARNING, cure="remove the lines that are not meant")
def keys_beside_role(scene: Scene) -> Iterator[Found]:
    """A profile with both keys and a role is read in two ways: asked for itself it assumes the role and its keys are
    passed over; as the source profile of another, its keys are used and its role is passed over."""
    for hop in walk(scene):
        if "role_arn" not in hop.settings or not any(key in hop.settings for key in _KEYS):
            continue
        source = hop.settings.get("source_profile")
        if hop.number == 1 and (hop.kind != "role" or source in (None, hop.profile)):
            continue  # its keys are used, as it says; or it has no source, of which another check tells
        used = "its role is used, and its keys are not" if hop.number == 1 else "its keys are used, its role is not"
        places = (scene.where(hop.profile, name) for name in ("role_arn", "aws_access_key_id"))
        yield found(f"{hop.who} has both a role and keys: {used}", *places)


# --- what AssumeRole is asked for -------------------------------------------------------------------------------------


@check(
    "role-arn-malformed",
    ERROR,
    cure="write the role's ARN: arn:aws:iam::ACCOUNT:role/NAME",
    errors=("ParamValidationError", "ValidationError", "Invalid length for parameter RoleArn"),
)
def role_arn_malformed(scene: Scene) -> Iterator[Found]:
    """Only the ARN of a role can be assumed: arn:aws:iam::ACCOUNT:role/NAME. What get-caller-identity shows for a
    session, arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION, is none."""
    for hop in walk(scene):
        arn = hop.settings.get("role_arn")
        if arn is None or hop.kind not in ("role", "web identity") or _ROLE_ARN.fullmatch(arn):
            continue
        session = _SESSION_ARN.fullmatch(arn)
        cure = f"write role_arn = arn:{session[1]}:iam::{session[2]}:role/{session[3]} in that line" if session else ""
        yield found(f"{hop.who} has role_arn {arn!r}", scene.where(hop.profile, "role_arn"), cure=cure)


_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\x21-\x7e]+")
_SESSION_ARN = re.compile(r"arn:(aws[a-z-]*):sts::([0-9]{12}):assumed-role/([^/\s]+)/\S+")


@check("duration-unreadable", WARNING, cure="write a number of seconds in that line: 3600")
def duration_unreadable(scene: Scene) -> Iterator[Found]:
    """AWS tools pass over a duration_seconds that is not a number, without a word, and the session lives an hour.
    awsenv also takes 8h, 1h30m and max."""
    for hop in _roles(scene):
        text = hop.settings.get("duration_seconds")
        if text is None or _number(text) is not None:
            continue
        seconds = expiry.parse_duration(text)
        where = scene.where(hop.profile, "duration_seconds")
        if text == "max" or seconds is not None:
            yield found(
                f"{hop.who} has duration_seconds {text}, which awsenv understands and the AWS CLI passes over",
                where,
                severity=NOTE,
                cure=f"for the AWS CLI, write {seconds or 'a number of seconds'} in that line",
            )
        else:
            yield found(f"{hop.who} has duration_seconds {text!r}, which is not a number", where)


def _number(text: str) -> int | None:
    """As botocore reads it: int() takes blanks, signs and underscores, too."""
    try:
        return int(text)
    except ValueError:
        return None


def _duration(hop: Hop) -> int | None:
    text = hop.settings.get("duration_seconds", "")
    number = _number(text)
    return expiry.parse_duration(text) if number is None else number


@check(
    "duration-too-short",
    ERROR,
    cure="write a number from 900 to 43200 in that line",
    errors=("ParamValidationError", "Invalid value for parameter DurationSeconds"),
)
def duration_too_short(scene: Scene) -> Iterator[Found]:
    """STS gives no session of less than 900 seconds. One of 900 to the second is given, but is never taken from a
    cache: AWS tools take what has less than 15 minutes left for expired, and assume the role for each command."""
    for hop in _roles(scene):
        seconds = _duration(hop)
        where = scene.where(hop.profile, "duration_seconds")
        if seconds is not None and seconds < _SHORTEST_OF_ROLE:
            yield found(f"{hop.who} has duration_seconds {hop.settings['duration_seconds']}, less than 900", where)
        elif seconds == _SHORTEST_OF_ROLE:
            said = "has duration_seconds 900: no cache keeps that, the role is assumed again for each command"
            yield found(f"{hop.who} {said}", where, severity=NOTE, cure="write duration_seconds = 3600 in that line")


@check(
    "duration-too-long",
    ERROR,
    cure="write a number from 900 to 43200 in that line",
    errors=("ValidationError", "exceeds the 1 hour session limit for roles assumed by role chaining"),
)
def duration_too_long(scene: Scene) -> Iterator[Found]:
    """A role's session lives 12 hours at the most, and one hour where the role is assumed with the session of another
    role, of IAM Identity Center, a container or an instance (role chaining). What is above that STS refuses."""
    for hop in _roles(scene):
        seconds = _duration(hop)
        if seconds is None or seconds <= _LONGEST_OF_CHAIN:
            continue
        where, text = scene.where(hop.profile, "duration_seconds"), hop.settings["duration_seconds"]
        if _is_chained(hop, _after(hop, scene)):
            said = f"has duration_seconds {text}, and is assumed with another role's session: one hour is the most"
            yield found(f"{hop.who} {said}", where, cure="write duration_seconds = 3600 in that line")
        elif seconds > ROLE_AT_MOST:
            yield found(f"{hop.who} has duration_seconds {text}, more than the 43200 of 12 hours", where)


def _is_chained(hop: Hop, source: Hop | None) -> bool:
    if hop.settings.get("credential_source") in ("Ec2InstanceMetadata", "EcsContainer"):
        return True
    return source is not None and source.kind in ("role", "web identity", "sso")


@check(
    "mfa-serial-form",
    ERROR,
    cure="list the devices: aws iam list-mfa-devices",
    errors=("ParamValidationError", "AccessDenied", "MultiFactorAuthentication failed, unable to validate MFA code"),
)
def mfa_serial_form(scene: Scene) -> Iterator[Found]:
    """STS takes the ARN of a virtual MFA device, arn:aws:iam::ACCOUNT:mfa/NAME, or the serial number of a hardware one.
    The ARN of the user is neither, and a security key (u2f) cannot be used with STS."""
    for hop in _roles(scene):
        serial = hop.settings.get("mfa_serial")
        if serial is None or _MFA_SERIAL.fullmatch(serial):
            continue
        user = re.fullmatch(r"(arn:aws[a-z-]*:iam::[0-9]{12}):user/(?:.*/)?([\w+=,.@-]+)", serial)
        kind = "the ARN of a user" if user else "a security key" if ":u2f/" in serial else "no MFA device"
        cure = f"write mfa_serial = {user[1]}:mfa/{user[2]} in that line, if the device is called so" if user else ""
        yield found(f"{hop.who} has mfa_serial {serial!r}, {kind}", scene.where(hop.profile, "mfa_serial"), cure=cure)


_MFA_SERIAL = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:(?:mfa|sms-mfa)/[\w+=/:,.@-]+|[A-Za-z0-9]{9,256}")


@check(
    "session-name-malformed",
    ERROR,
    cure="write 2 to 64 of A-Z a-z 0-9 _ + = , . @ - in that line",
    errors=("ParamValidationError", "ValidationError", "Invalid length for parameter RoleSessionName"),
)
def session_name_malformed(scene: Scene) -> Iterator[Found]:
    """STS takes a session name of 2 to 64 characters, letters, digits and _+=,.@- alone: no blank, no umlaut, no /."""
    for hop in walk(scene):
        name = hop.settings.get("role_session_name")
        if name is None or hop.kind not in ("role", "web identity"):
            continue
        if not re.fullmatch(r"[\w+=,.@-]{2,64}", name, re.ASCII):
            yield found(f"{hop.who} has role_session_name {name!r}", scene.where(hop.profile, "role_session_name"))


@check(
    "region-missing",
    WARNING,
    cure="add a region to the profile: aws configure set region us-east-1",
    errors=("NoRegionError", "You must specify a region"),
)
def region_missing(scene: Scene) -> Iterator[Found]:
    """Without a region AWS tools ask the global endpoint of STS, whose tokens the newer regions refuse, or give up, and
    most services cannot be asked at all. Only the region of the profile that is asked for counts: not the one of its
    source profile, and not the one of default."""
    hops = walk(scene)
    if not any(hop.kind in ("role", "web identity") for hop in hops):
        return
    if hops[0].settings.get("region") or scene.environ.get("AWS_DEFAULT_REGION"):
        return
    if scene.environ.get("AWS_REGION"):
        yield found(
            f"profile {hops[0].profile} names no region: boto3 and the AWS CLI v1 do not read AWS_REGION, "
            "and AWS_DEFAULT_REGION is not set",
            scene.where(hops[0].profile),
            f"AWS_REGION={scene.environ['AWS_REGION']}",
            severity=NOTE,
            cure=_set_region(hops[0].profile, scene.environ["AWS_REGION"]),
        )
        return
    elsewhere = [hop for hop in hops[1:] if hop.settings.get("region")]
    role = next(hop.settings.get("role_arn", "") for hop in hops if hop.kind in ("role", "web identity"))
    partition = _ROLE_ARN.fullmatch(role) and role.split(":")[1]
    regions = [hop.settings["region"] for hop in elsewhere]
    region = next((name for name in regions if partition in (None, partition_of(name))), "")
    region = region or _FIRST_REGIONS.get(partition or "aws", "REGION")
    unused = f", and that of its source profile {elsewhere[0].profile} does not count" if elsewhere else ""
    # where an endpoint is set, botocore has no global one to fall back to
    fatal = any(scene.environ.get(name) for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"))
    yield found(
        f"profile {hops[0].profile} names no region{unused}, and neither does the environment",
        scene.where(hops[0].profile),
        severity=ERROR if fatal else "",
        cure=_set_region(hops[0].profile, region),
    )


# Partition -> the region in which its global services are.
_FIRST_REGIONS = {
    "aws": "us-east-1",
    "aws-cn": "cn-north-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-eusc": "eusc-de-east-1",
    "aws-iso": "us-iso-east-1",
    "aws-iso-b": "us-isob-east-1",
}


def _set_region(profile: str, region: str) -> str:
    return f"aws configure set region {shlex.quote(region)} --profile {shlex.quote(profile)}"
