"""What is wrong with the variables of this shell."""

from __future__ import annotations

import os
import re
import shlex
import warnings
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from awsenv.args import nearest
from awsenv.aws import session_token
from awsenv.aws.federation import partition_of
from awsenv.aws.key_id import LONG_TERM, TEMPORARY, account_of
from awsenv.credentials.plan import require
from awsenv.doctor import jwt
from awsenv.doctor.check import ERROR, NOTE, WARNING, Finding, Fix, Found, check, found
from awsenv.doctor.checks import files
from awsenv.doctor.checks.keys import assume, duration, is_region, token_in_force
from awsenv.doctor.context import Scene, masked
from awsenv.environment import (
    CREDENTIALS,
    EXPIRATIONS,
    PROFILE_HINTS,
    PROFILES,
    REGIONS,
    ROLE_AT_MOST,
    STALE_VARIABLES,
    USER_AT_MOST,
    expiry,
    settings,
)
from awsenv.result import AwsenvError
from awsenv.system import files as system_files

__all__: list[str] = []

_REFUSES = "Credentials were refreshed, but the refreshed credentials are still expired."
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired", _REFUSES)


# --- the end of the exported keys -------------------------------------------------------------------------------------


@check("keys-expired", ERROR, cure="awsenv refresh", errors=_EXPIRED)
def keys_expired(scene: Scene) -> Iterator[Found]:
    """The keys of a session end with it, and whoever exported them is not told. What says when: the variables, the AWS
    CLI's caches and your files, where they hold the same key, and at last the session token, which tells when it was
    issued but not for how long."""
    if _accepted(scene):  # whatever is said of their end, it is not so: see stale-expiration, and the clock's checks
        return
    end = _end(scene)
    if end is not None:
        if end.at <= scene.now:
            yield _expired(scene, end)
        return
    issued = scene.known.issued
    if not _expires(scene) or issued is None:
        return
    age = scene.now - issued
    name, token = token_in_force(scene.environ)
    told = f"{name} was issued {duration(age)} ago"
    evidence = f"{name}={masked(token)}"
    usual = int(settings.read(scene.environ)[0]["AWSENV_DURATION"])
    if age >= USER_AT_MOST:
        what = f"{told}, and no session lives longer than 36 hours"
        yield found(what, evidence, cure=assume(scene), fix=_all_credentials(scene))
    elif age >= ROLE_AT_MOST:
        what = f"{told}: it has expired, unless it came from get-session-token, whose sessions can live 36 hours"
        yield found(what, evidence, cure=assume(scene), severity=WARNING)
    elif age >= usual:
        what = f"{told}: it has expired if it lives {duration(usual)}, as most do; nothing here says how long it lives"
        yield found(what, evidence, cure="awsenv whoami", severity=NOTE)


class _End(NamedTuple):
    """When the exported keys end.

    Attributes:
        at: epoch seconds.
        says: who says so.
        evidence: where.
        variable: the variable that says so, if nothing tells that it belongs to these keys and not to earlier ones.
    """

    at: int
    says: str
    evidence: str
    variable: str = ""


def _expired(scene: Scene, end: _End) -> Found:
    what = f"the exported keys expired {duration(scene.now - end.at)} ago, {end.says}"
    answer = scene.answers.exported
    refused = answer is not None and answer.refusal is not None and answer.refusal.code in _EXPIRED
    if not end.variable or refused:
        return found(what, end.evidence, cure=assume(scene), fix=_all_credentials(scene))
    # boto3 refuses the keys because of the first of the variables, whosever it is; nobody does because of the others
    severity = "" if end.variable == EXPIRATIONS[0] else WARNING
    return found(f"{what}, if it is theirs", end.evidence, cure=assume(scene), severity=severity)


def _accepted(scene: Scene) -> bool:
    """Whether AWS has just accepted the exported keys."""
    return scene.answers.exported is not None and scene.answers.exported.identity is not None


def _expires(scene: Scene) -> bool:
    """Whether a whole set of a session's keys is exported."""
    exported = scene.exported
    long_term = scene.environ.get("AWS_ACCESS_KEY_ID", "").startswith(LONG_TERM)
    return exported.mode == "keys" and exported.missing is None and exported.temporary and not long_term


def _end(scene: Scene) -> _End | None:
    """When the exported keys end; None if nobody says it."""
    if not _expires(scene):
        return None
    environ, exported = scene.environ, scene.exported
    if exported.profile is not None and exported.expiration is not None:
        said = f"as awsenv knows, of which they are ({exported.profile})"
        return _End(exported.expiration, said, _evidence(environ, "AWSENV_EXPIRATION"))
    told = scene.known
    if told.expiration is not None:
        place = f"for profile {told.profile}" if told.profile else "with the same key below ~/.aws"
        key = f"AWS_ACCESS_KEY_ID=…{environ['AWS_ACCESS_KEY_ID'][-4:]}"
        return _End(told.expiration, f"as it is kept {place}", key)
    if exported.expiration is None or (told.issued is not None and told.issued >= exported.expiration):
        return None
    said_by = next(n for n in EXPIRATIONS if expiry.parse(environ.get(n, ""), local=True) == exported.expiration)
    if said_by == EXPIRATIONS[0] and expiry.parse(environ[said_by]) is None:  # of no zone: see stale-expiration
        return None
    return _End(exported.expiration, f"says {said_by}", _evidence(environ, said_by), said_by)


def _evidence(environ: Mapping[str, str], name: str) -> str:
    return f"{name}={environ.get(name, '')}"


def _all_credentials(scene: Scene) -> Fix:
    return Fix(unset=tuple(name for name in (*CREDENTIALS, *STALE_VARIABLES) if name in scene.environ), by_time=True)


@check(
    "stale-expiration",
    ERROR,
    cure="unset AWS_CREDENTIAL_EXPIRATION",
    errors=(_REFUSES, "can't subtract offset-naive and offset-aware datetimes", "Unknown string format", "ParserError"),
)
def stale_expiration(scene: Scene) -> Iterator[Found]:
    """boto3, the AWS CLI and the SDK for JavaScript read AWS_CREDENTIAL_EXPIRATION. One that other keys have left
    behind, or that is no time with a zone, makes them refuse good keys without asking AWS. Those of other tools only
    have a prompt tell a wrong time."""
    yield from _stale_for_others(scene)
    name = EXPIRATIONS[0]
    environ = scene.environ
    value = environ.get(name, "")
    if not value:
        return
    in_use = bool(environ.get("AWS_ACCESS_KEY_ID"))
    at = _as_botocore_reads(value)
    fix = Fix(unset=(name,), by_time=True)
    evidence = f"{name}={value if len(value) <= 32 else masked(value)}"
    left_over = "and it is left for the next keys that you export"
    if isinstance(at, str):
        yield found(
            f"{name} {at}" if in_use else f"{name} {at}, {left_over}",
            evidence,
            fix=fix,
            severity="" if in_use else NOTE,
        )
        return
    over = at <= scene.now
    when = f"is {duration(scene.now - at)} past" if over else f"will be over in {duration(at - scene.now)}"
    if not in_use:
        if over:
            yield found(f"{name} {when}, {left_over}", evidence, fix=fix, severity=NOTE)
        return
    whose = _whose_else(scene, at)
    if whose:
        yield found(f"{name} {when}, and {whose}", evidence, fix=fix, severity="" if over else WARNING)


def _stale_for_others(scene: Scene) -> Iterator[Found]:
    """The variables of other tools that say of keys which AWS has just accepted that they have expired."""
    if not _accepted(scene):
        return
    for name in EXPIRATIONS[1:]:
        at = expiry.parse(scene.environ.get(name, ""), local=True)
        if at is not None and at <= scene.now:
            what = f"{name} is {duration(scene.now - at)} past, and AWS has just accepted the exported keys"
            evidence = _evidence(scene.environ, name)
            yield found(what, evidence, cure=f"unset {name}", severity=WARNING, fix=Fix(unset=(name,)))


def _whose_else(scene: Scene, at: int) -> str:
    """Why the expiration in AWS_CREDENTIAL_EXPIRATION is not that of the exported keys; nothing if it may be."""
    environ, key = scene.environ, scene.environ["AWS_ACCESS_KEY_ID"]
    ours = environ.get("AWSENV_KEY", "")
    if ours and ours != key[-8:] and environ.get("AWSENV_EXPIRATION") == str(at):
        return f"it is that of other keys (…{ours[-4:]}; now there are …{key[-4:]})"
    if key.startswith(LONG_TERM) or not (token_in_force(environ)[0] or key.startswith(TEMPORARY)):
        return "the exported keys are long-term keys, which do not expire"
    if not _expires(scene):
        return ""  # what is wrong there is something else
    issued, end = scene.known.issued, _end(scene)
    if at <= scene.now and issued is not None and issued >= at:
        return "the session token was issued later"
    if at <= scene.now and end is not None and end.at > scene.now:
        return f"the exported keys live until {expiry.format_utc(end.at)}"
    if at <= scene.now and _accepted(scene):
        return "AWS has just accepted the exported keys"
    return ""


def _as_botocore_reads(text: str) -> int | str:
    """Epoch seconds of AWS_CREDENTIAL_EXPIRATION, or what botocore cannot do with it.

    botocore takes whatever dateutil takes, and so there is no telling without it.
    """
    at = expiry.parse(text)
    if at is not None:
        return at
    from dateutil.parser import parse  # type: ignore[import-untyped]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about names of zones that it does not know
        try:
            time = parse(text)
            return int(time.timestamp()) if time.tzinfo is not None else "does not say in which time zone it is"
        except (ValueError, OverflowError):
            return "is no time"


# --- the profile in force ---------------------------------------------------------------------------------------------


@check(
    "empty-profile",
    ERROR,
    cure="unset AWS_PROFILE",
    errors=("The config profile () could not be found", "ProfileNotFound"),
)
def empty_profile(scene: Scene) -> Iterator[Found]:
    """An empty variable is not an unset one: every tool then looks for a profile without a name, even if there are good
    keys beside it."""
    for name in PROFILES:
        if scene.environ.get(name) == "":
            yield found(f"{name} is set, but empty", f"{name}=", cure=f"unset {name}", fix=Fix(unset=(name,)))


@check(
    "unknown-profile",
    ERROR,
    cure="unset AWS_PROFILE, or name one of awsenv list",
    errors=("ProfileNotFound",),
)
def unknown_profile(scene: Scene) -> Iterator[Found]:
    """The variable names a profile that is in neither of the AWS files. Every tool then gives up, even if there are
    good keys beside it."""
    for name in PROFILES:
        profile = scene.environ.get(name)
        if not profile:
            continue
        try:
            require(scene.profiles, profile)
        except AwsenvError as error:
            lost = _in_the_files(scene, profile)
            if lost is not None and scene.profile == profile:
                continue  # that is found, too, and is the cause
            near = nearest(profile, scene.profiles.names())
            cure = f"unset {name}"
            if lost is not None and not scene.has_keys:
                cure = lost.cure
            elif near and not scene.has_keys:
                cure = f"awsenv assume {shlex.quote(near[0])} --mode profile"
            yield found(f"{name} is {profile}, and {error.what}", f"{name}={profile}", cure=cure)


# What finds a profile that is not where AWS tools look for it.
_LOST = (
    files.profile_in_other_file,
    files.profile_prefix_missing,
    files.profile_header_malformed,
    files.profile_prefix_in_credentials,
)


def _in_the_files(scene: Scene, profile: str) -> Finding | None:
    """What says where a profile stands that AWS tools do not find: in another file, or under a misspelled header."""
    if scene.profile != profile:
        scene = Scene(scene.environ, scene.now, profile, platform=scene.platform)
    return next((one for check in _LOST for one in check.look(scene) if one.severity == ERROR), None)


@check("keys-shadow-profile", WARNING, cure="awsenv assume PROFILE")
def keys_shadow_profile(scene: Scene) -> Iterator[Found]:
    """Beside exported keys boto3, the AWS CLI, Go and Java do not look at the profile that AWS_PROFILE names, although
    `aws configure list` shows it; the SDK for JavaScript takes the profile. So two tools act as two people."""
    environ = scene.environ
    if not (environ.get("AWS_ACCESS_KEY_ID") and environ.get("AWS_SECRET_ACCESS_KEY")):
        return
    if scene.unreadable is not None or "GRANTED_SSO" in environ:  # granted exports both, of one profile
        return
    tools = (environ.get(name) for name in ("AWSENV_PROFILE", *PROFILE_HINTS) if name not in PROFILES)
    of_the_keys = {*tools, scene.known.profile}
    for name in PROFILES:
        profile = environ.get(name)
        if profile and profile in scene.profiles and profile not in of_the_keys:
            yield found(
                f"the exported keys are used, and not the profile {profile} that {name} names",
                f"{name}={profile}",
                f"AWS_ACCESS_KEY_ID=…{environ['AWS_ACCESS_KEY_ID'][-4:]}",
                cure=f"awsenv assume {shlex.quote(profile)}",
            )


@check("two-profiles", WARNING, cure="unset AWS_DEFAULT_PROFILE")
def two_profiles(scene: Scene) -> Iterator[Found]:
    """Where both are set, boto3 and the AWS CLI v1 follow AWS_DEFAULT_PROFILE, the AWS CLI v2 and all others follow
    AWS_PROFILE. So two tools act as two people."""
    first, second = (scene.environ.get(name) for name in PROFILES)
    if first and second and first != second and not scene.has_keys:
        yield found(
            f"AWS_PROFILE is {first}, AWS_DEFAULT_PROFILE is {second}, and tools differ in which they follow",
            f"AWS_PROFILE={first}",
            f"AWS_DEFAULT_PROFILE={second}",
        )


# --- web identities ---------------------------------------------------------------------------------------------------

_TOKEN_FILE, _ROLE = "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"
_LARGEST_TOKEN = 1 << 20  # bytes


def _web_identity(scene: Scene) -> str:
    """The token file that SDKs go by; nothing if keys, or the role of the profile in force, come first."""
    path = scene.environ.get(_TOKEN_FILE, "")
    if not path or scene.environ.get("AWS_ACCESS_KEY_ID"):
        return ""
    role = _shell_profile_has(scene, "role_arn") and not _shell_profile_has(scene, "web_identity_token_file")
    return "" if role else path


def _shell_profile_has(scene: Scene, setting: str) -> bool:
    """Whether the profile that is in force in this shell has a setting."""
    named = scene.environ.get("AWS_PROFILE") or scene.environ.get("AWS_DEFAULT_PROFILE") or "default"
    return scene.unreadable is None and scene.profiles.text(named, setting) is not None


@check("web-identity-without-role", ERROR, cure="unset AWS_WEB_IDENTITY_TOKEN_FILE", errors=("InvalidConfigError",))
def web_identity_without_role(scene: Scene) -> Iterator[Found]:
    """A web identity needs a role to assume: AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN belong together."""
    path = _web_identity(scene)
    if path and not scene.environ.get(_ROLE) and not _shell_profile_has(scene, "role_arn"):
        yield found(f"{_TOKEN_FILE} is set, {_ROLE} is not", f"{_TOKEN_FILE}={path}")


@check(
    "web-identity-token",
    ERROR,
    cure="renew the token file, or: unset AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN",
    errors=("ExpiredTokenException", "InvalidIdentityToken", "FileNotFoundError"),
)
def web_identity_token(scene: Scene) -> Iterator[Found]:
    """SDKs send what stands in the file of AWS_WEB_IDENTITY_TOKEN_FILE to AWS. Kubernetes and CI systems write it anew
    before it expires; a file that is not there any more, or that nobody renews, is left from elsewhere."""
    path = _web_identity(scene)
    if not path or not scene.environ.get(_ROLE):
        return
    try:
        content = system_files.read_regular(path, _LARGEST_TOKEN)
        token = content.decode().strip() if content is not None else None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        yield found(f"the file that {_TOKEN_FILE} names cannot be read: {why}", path)
        return
    if token is None:
        what = f"what {_TOKEN_FILE} names is not a file, or one of more than a megabyte: that is no token"
        yield found(what, path, severity=WARNING)  # a pipe may have a token for who reads it first
        return
    end = jwt.end_of(token)
    if not token:
        yield found(f"the file that {_TOKEN_FILE} names is empty", path)
    elif end is not None and end <= scene.now:
        yield found(f"the token of {_TOKEN_FILE} expired {duration(scene.now - end)} ago", path)


# With one of these a profile has credentials that come after the web identity (botocore, create_credential_resolver).
_CREDENTIALS = ("sso_account_id", "sso_role_name", "aws_access_key_id", "login_session", "credential_process")


@check("web-identity-shadows-profile", WARNING, cure="unset AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN")
def web_identity_shadows_profile(scene: Scene) -> Iterator[Found]:
    """Where AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN are set, SDKs assume that role, and do not look at the keys of
    the profile that AWS_PROFILE names."""
    if not _web_identity(scene) or not scene.environ.get(_ROLE):
        return
    for name in PROFILES:
        profile = scene.environ.get(name)
        if profile and any(_shell_profile_has(scene, setting) for setting in _CREDENTIALS):
            yield found(
                f"the web identity is used, and not the profile {profile} that {name} names",
                f"{_TOKEN_FILE}={scene.environ[_TOKEN_FILE]}",
                f"{_ROLE}={scene.environ[_ROLE]}",
            )
            return


# --- region and account -----------------------------------------------------------------------------------------------


@check(
    "wrong-partition",
    ERROR,
    cure="awsenv assume PROFILE --region REGION",
    errors=("InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure"),
)
def wrong_partition(scene: Scene) -> Iterator[Found]:
    """AWS's commercial regions, those in China and GovCloud are partitions that know nothing of each other's keys.
    Keys, roles and the region have to be of one."""
    environ = scene.environ
    regions = {name: environ[name] for name in REGIONS if is_region(environ.get(name, ""))}
    whose: list[tuple[str, str, str]] = []  # what, its partition, the evidence
    name, token = token_in_force(environ)
    told = session_token.read(token)
    if told is not None and told.region and environ.get("AWS_ACCESS_KEY_ID"):
        whose.append((f"{name} was issued in {told.region}", partition_of(told.region), f"{name}={masked(token)}"))
    if _web_identity(scene) and _partition_of_arn(environ.get(_ROLE)):
        whose.append((f"{_ROLE} is {environ[_ROLE]}", _partition_of_arn(environ[_ROLE]), f"{_ROLE}={environ[_ROLE]}"))
    for what, partition, evidence in whose:
        for variable, region in regions.items():
            if partition_of(region) != partition:
                yield _in_another(what, partition, f"{variable} is {region}", region, evidence)
    if scene.unreadable is not None or not scene.chain:
        return
    own = scene.profiles.text(scene.chain[0], "region")
    for profile in scene.chain:
        arn = scene.profiles.text(profile, "role_arn")
        partition = _partition_of_arn(arn)
        for variable, region in (regions or ({"region": own} if own else {})).items():
            if partition and partition_of(region) != partition:
                where = f"{variable} is {region}" if regions else f"profile {scene.chain[0]} is in {region}"
                what = f"the role of profile {profile} is {arn}"
                yield _in_another(what, partition, where, region, scene.where(profile, "role_arn"))


def _partition_of_arn(arn: str | None) -> str:
    parts = (arn or "").split(":")
    return parts[1] if parts[0] == "arn" and len(parts) > 5 else ""


def _in_another(what: str, partition: str, where: str, region: str, evidence: str) -> Found:
    return found(f"{what}, of the partition {partition}, but {where}, of {partition_of(region)}", evidence)


@check("wrong-account-id", WARNING, cure="unset AWS_ACCOUNT_ID")
def wrong_account_id(scene: Scene) -> Iterator[Found]:
    """SDKs take AWS_ACCOUNT_ID for the account of the exported keys, and send requests to endpoints of that account."""
    environ = scene.environ
    said, key = environ.get("AWS_ACCOUNT_ID"), environ.get("AWS_ACCESS_KEY_ID", "")
    told = session_token.read(token_in_force(environ)[1])
    account = account_of(key) or (told.account if told else None)
    if said and key and account and said != account:
        shown = said if said.isdigit() else masked(said)
        yield found(
            f"AWS_ACCOUNT_ID is {shown}, and the exported keys are of account {account}",
            f"AWS_ACCOUNT_ID={shown}",
            f"AWS_ACCESS_KEY_ID=…{key[-4:]}",
        )


@check("keys-of-another-account", WARNING, cure="awsenv assume PROFILE", errors=("AccessDenied",))
def keys_of_another_account(scene: Scene) -> Iterator[Found]:
    """The account stands in the access key id. If it is not the one of the profile whose keys they are said to be, what
    is done here is done in another account: the profile has been changed since, or other keys have been exported."""
    environ, exported = scene.environ, scene.exported
    account = account_of(environ.get("AWS_ACCESS_KEY_ID", ""))
    if account is None or exported.mode != "keys" or exported.missing is not None or scene.unreadable is not None:
        return
    seen = {None, ""}
    for name in ("AWSENV_PROFILE", *PROFILE_HINTS):
        profile = environ.get(name)
        if profile in seen or (name in PROFILES and "GRANTED_SSO" not in environ):  # see keys-shadow-profile
            continue
        seen.add(profile)
        if name == "AWSENV_PROFILE" and (_accepted(scene) or _is_of_options(environ)):  # see other-identity
            continue
        told = _account_of_profile(scene, str(profile))
        if told is not None and told[0] != account:
            pasted = name == "AWSENV_PROFILE" and exported.profile is None  # awsenv does not take them for its own
            yield found(
                f"{name} is {profile}, of account {told[0]}, and the exported keys are of account {account}",
                f"{name}={profile}",
                f"AWS_ACCESS_KEY_ID=…{environ['AWS_ACCESS_KEY_ID'][-4:]}",
                told[1],
                cure=assume(scene) if exported.profile else f"awsenv assume {shlex.quote(str(profile))}",
                severity=NOTE if pasted else "",
            )


def _is_of_options(environ: Mapping[str, str]) -> bool:
    """Whether `assume` was asked for another identity than the profile's own."""
    return any(option in environ.get("AWSENV_OPTIONS", "") for option in ("--role-arn", "--chain", "--session-token"))


def _account_of_profile(scene: Scene, profile: str) -> tuple[str, str] | None:
    """The account that a profile's credentials are of, and where that is said; None if the files do not say."""
    arn = scene.profiles.text(profile, "role_arn")
    setting = "role_arn" if arn else "sso_account_id"
    account = (arn.split(":")[4:5] or [""])[0] if arn else scene.profiles.text(profile, setting) or ""
    return (account, scene.where(profile, setting)) if re.fullmatch(r"\d{12}", account) else None


# --- where the variables come from ------------------------------------------------------------------------------------

# Who starts shells, and hands its own environment to each: the variable that tells, how its value begins, the name.
_HOSTS = (
    ("TMUX", "/", "tmux"),  # SOCKET,PID,SESSION
    ("STY", "", "screen"),
    ("ZELLIJ", "", "zellij"),
    ("TERM_PROGRAM", "vscode", "VS Code"),
    ("TERMINAL_EMULATOR", "JetBrains", "the JetBrains IDE"),
    ("INSIDE_EMACS", "", "Emacs"),
)


@check("old-environment", NOTE, cure="restart what starts your shells")
def old_environment(scene: Scene) -> Iterator[Found]:
    """A program keeps the environment that it was started with. tmux, an IDE or a service hands old keys to each new
    window, and no change in one window reaches another."""
    environ = scene.environ
    host = next((name for variable, start, name in _HOSTS if _begins(environ.get(variable), start)), None)
    end = _end(scene)
    expired = end is not None and end.at <= scene.now and not _accepted(scene)
    key = environ.get("AWS_ACCESS_KEY_ID", "")
    before = _at_start(scene)
    restart = f"restart {host or 'what has started it'}"
    if before is None:
        if host and expired:
            yield found(f"the expired keys may have come from {host}: then each new window has them", cure=restart)
        return
    had = before.get("AWS_ACCESS_KEY_ID", "")
    if had and had == key and expired:
        who = host or "what has started this shell"
        yield found(
            f"the expired keys came from {who}: each new window has them",
            f"AWS_ACCESS_KEY_ID=…{key[-4:]}",
            cure=restart,
        )
    elif had and had != key and host:
        now = f"here they are …{key[-4:]}" if key else "here there are none"
        yield found(f"each new window of {host} has the keys …{had[-4:]}; {now}", cure=restart)


def _begins(value: str | None, start: str) -> bool:
    return bool(value) and str(value).startswith(start)


def _at_start(scene: Scene) -> dict[str, str] | None:
    """The environment that this process's parent, the shell, was started with; None if the system does not tell.

    Linux shows it in /proc, and not what the shell has exported since: so the two can be told apart.
    """
    if scene.platform != "linux":
        return None
    try:
        with open(f"/proc/{os.getppid()}/environ", "rb") as file:
            pairs = file.read().split(b"\0")
    except OSError:
        return None
    return {os.fsdecode(name): os.fsdecode(value) for name, _, value in (pair.partition(b"=") for pair in pairs)}


@check("empty-variable", NOTE, cure="awsenv clear", errors=("Invalid endpoint",))
def empty_variable(scene: Scene) -> Iterator[Found]:
    """An empty variable is not an unset one. `setx NAME ""` and `export NAME=` leave such behind; most tools pass over
    empty keys, but boto3 takes an empty AWS_DEFAULT_REGION for a region and fails."""
    region = "AWS_DEFAULT_REGION"
    if scene.environ.get(region) == "":
        yield found(
            f"{region} is set, but empty",
            f"{region}=",
            cure=f"unset {region}",
            severity=ERROR,
            fix=Fix(unset=(region,)),
        )
    others = (*CREDENTIALS, *STALE_VARIABLES, *(name for name in REGIONS if name != region))
    names = tuple(name for name in others if scene.environ.get(name) == "")
    if names:
        what = f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} set, but empty"
        yield found(what, cure=f"unset {' '.join(names)}", fix=Fix(unset=names))
