"""What is wrong where a profile gets its credentials from: static keys, sign-ins, processes, containers."""

from __future__ import annotations

import errno
import importlib.util
import ipaddress
import os
import re
import shlex
import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from awsenv.aws import cache_keys, paths, session_token
from awsenv.aws.config_files import File
from awsenv.aws.key_id import LONG_TERM, TEMPORARY, account_of
from awsenv.credentials import backends, credentials_in
from awsenv.doctor import jwt
from awsenv.doctor.check import ERROR, NOTE, WARNING, Fix, Found, check, found
from awsenv.doctor.checks.chains import Hop, walk
from awsenv.doctor.checks.keys import duration
from awsenv.doctor.context import Scene, masked
from awsenv.environment import PROFILES, ROLE_AT_MOST, USER_AT_MOST, expiry, settings
from awsenv.report import profiles as profile_list
from awsenv.result import AwsenvError
from awsenv.sso import portal
from awsenv.sso.tokens import Tokens
from awsenv.system import files
from awsenv.system.install_hint import how_to_install

__all__: list[str] = []

#: No session lives longer: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_request.html
_LONGEST_OF_LOGIN = 12 * 3600

_LARGEST_TOKEN = 1 << 20  # bytes; a token has a few thousand


# --- static keys ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Keys:
    """Keys that stand in a profile, as botocore takes them: all from one of the two files, the credentials file first.

    Attributes:
        profile: its name.
        file: where they stand.
        header: under which header.
        texts: the settings of that section.
    """

    profile: str
    file: File
    header: str
    texts: dict[str, str]

    @property
    def id(self) -> str:
        return self.texts["aws_access_key_id"]

    @property
    def token(self) -> str:
        """In botocore's order: the old name wins, even if it is empty."""
        return self.texts.get("aws_security_token", self.texts.get("aws_session_token", ""))

    @property
    def temporary(self) -> bool:
        return self.id.startswith(TEMPORARY) or (bool(self.token) and not self.id.startswith(LONG_TERM))

    def where(self, setting: str = "aws_access_key_id") -> str:
        number = self.file.line(self.header, setting) or self.file.line(self.header)
        return f"{self.file.path}:{number}"

    def shown(self, setting: str = "aws_access_key_id") -> str:
        return f"{self.where(setting)} {setting}={masked(self.texts.get(setting, ''))}"


def _in_both_files(scene: Scene, name: str) -> list[_Keys]:
    """The keys of a profile, first those that count."""
    there = []
    profiles = scene.profiles
    for file, header in ((profiles.credentials, name), (profiles.config, profiles.header(name))):
        if header in file.places:
            texts = {key: value for key, value in file.section(header).items() if isinstance(value, str)}
            if "aws_access_key_id" in texts:
                there.append(_Keys(name, file, header, texts))
    return there


def _keys(scene: Scene, name: str) -> _Keys | None:
    return next(iter(_in_both_files(scene, name)), None)


def _in_use(scene: Scene) -> Iterator[tuple[Hop, _Keys]]:
    """The keys with which the way of the profile that counts begins."""
    for hop in walk(scene):
        keys = _keys(scene, hop.profile) if hop.keys_count else None
        if keys is not None:
            yield hop, keys


@check(
    "expired-keys-in-profile",
    ERROR,
    cure="put new keys there, or let a profile with role_arn and source_profile renew them",
    errors=("ExpiredToken", "ExpiredTokenException", "RequestExpired"),
)
def expired_keys_in_profile(scene: Scene) -> Iterator[Found]:
    """Temporary keys that were copied into a profile stay there when they have ended, and nothing renews them. A
    profile with role_arn and source_profile gets new ones by itself, each time that they are needed."""
    used = {keys.profile: hop for hop, keys in _in_use(scene)}
    known = _Known(scene)
    for name in scene.profiles.names():
        keys = _keys(scene, name)
        if keys is None or not keys.temporary:
            continue
        end = _end(scene, keys, known)
        if not end.over:
            continue
        hop = used.get(name)
        yield found(
            f"{hop.who if hop else f'profile {name}'} has temporary keys that {end.said}",
            keys.shown(),
            *end.evidence,
            severity="" if hop and end.certain else WARNING,
            cure=_replacement(scene, keys, known),
        )


@check("temporary-keys-in-profile", NOTE, cure="let a profile with role_arn and source_profile renew them")
def temporary_keys_in_profile(scene: Scene) -> Iterator[Found]:
    """Temporary keys that were copied into a profile end within hours, and somebody has to copy new ones each time. A
    profile with role_arn and source_profile gets new ones by itself."""
    known = _Known(scene)
    for hop, keys in _in_use(scene):
        end = _end(scene, keys, known)
        if keys.temporary and not end.over:
            yield found(
                f"{hop.who} has temporary keys that {end.said}",
                keys.shown(),
                *end.evidence,
                cure=_replacement(scene, keys, known),
            )


@dataclass(frozen=True)
class _Cached:
    """What the AWS CLI's cache says of a session: when it ends (epoch seconds), and as whom it acts."""

    end: int
    arn: str


class _Known:
    """What the cache and the files say of sessions and roles, each found out once: there may be thousands of both."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    @cached_property
    def sessions(self) -> dict[str, _Cached]:
        """Access key id -> what the cache says of its session."""
        kept = backends.FileCache(self._scene.environ)
        sessions = {}
        for key in kept.keys(()):
            with suppress(OSError, ValueError, RecursionError):
                content = kept.read(key)
                entry = credentials_in(content)
                if entry is not None:
                    user = content.get("AssumedRoleUser")
                    arn = str(user.get("Arn")) if isinstance(user, dict) else ""
                    sessions[entry.access_key] = _Cached(entry.expiration or 0, arn)
        return sessions

    @cached_property
    def long_term(self) -> list[str]:
        """The profiles with long-term keys."""
        keys = ((name, _keys(self._scene, name)) for name in self._scene.profiles.names())
        return [name for name, its in keys if its is not None and its.id.startswith(LONG_TERM)]

    @cached_property
    def roles(self) -> dict[tuple[str | None, str | None], tuple[str, str]]:
        """Account and role -> role_arn and source_profile of a profile that assumes it."""
        roles: dict[tuple[str | None, str | None], tuple[str, str]] = {}
        profiles = self._scene.profiles
        for name in profiles.names():
            arn, source = profiles.text(name, "role_arn"), profiles.text(name, "source_profile")
            if arn is not None and source is not None:
                roles.setdefault(profile_list.role_of(profiles.settings(name)), (arn, source))
        return roles


@dataclass(frozen=True)
class _End:
    """When keys end.

    Attributes:
        over: whether they have, as far as is known.
        certain: whether that is known, not only likely.
        said: how it goes on after "keys that": `ended 3h05m ago`.
        evidence: where it says so.
    """

    over: bool
    certain: bool
    said: str
    evidence: tuple[str, ...] = ()


def _end(scene: Scene, keys: _Keys, known: _Known) -> _End:
    texts = {name: value for name, value in scene.profiles.settings(keys.profile).items() if isinstance(value, str)}
    for setting in expiry.SETTINGS:
        text = texts.get(setting, "")
        end = expiry.parse(text)
        if end is None:  # without a zone it is this machine's time or UTC: the later of the two
            end = max(filter(None, (expiry.parse(text, local=True), expiry.parse(f"{text.strip()}Z"))), default=None)
        if end is not None:
            where = scene.where(keys.profile, setting)
            return _ended(end, scene.now, (f"{where} {setting}={text}",))
    if keys.id in known.sessions:
        return _ended(known.sessions[keys.id].end, scene.now, ())
    issued = session_token.issued(keys.token)
    if issued is None:
        return _End(over=False, certain=False, said="end some time, nothing here says when")
    age = scene.now - issued
    said = f"were issued {duration(age)} ago, by their session token"
    if age >= USER_AT_MOST:
        return _End(over=True, certain=True, said=f"{said}: no session lives so long")
    if age >= ROLE_AT_MOST:
        return _End(over=True, certain=False, said=f"{said}: no role's session lives so long")
    if age >= int(settings.read(scene.environ)[0]["AWSENV_DURATION"]):
        return _End(over=True, certain=False, said=f"{said}: most do not live so long")
    return _End(over=False, certain=False, said=said)


def _ended(end: int, now: int, evidence: tuple[str, ...]) -> _End:
    if end <= now:
        return _End(over=True, certain=True, said=f"ended {duration(now - end)} ago", evidence=evidence)
    return _End(over=False, certain=True, said=f"end in {duration(end - now)}", evidence=evidence)


# --- what would renew static temporary keys ---------------------------------------------------------------------------

# Where saml2aws and aws-mfa write whose keys they are.
_ACTORS = ("x_principal_arn", "assumed_role_arn", "role_arn")
_ROLE = re.compile(r"arn:(aws[a-z-]*):(?:iam|sts)::([0-9]{12}):(?:assumed-role/([^/]+)/.*|role/(?:.*/)?([^/]+))")
_OF_SSO = re.compile(r"AWSReservedSSO_(.+)_[0-9a-f]{16}")


def _replacement(scene: Scene, keys: _Keys, known: _Known) -> str:
    """What to write instead of the keys, as far as it can be known; in capitals what has to be filled in."""
    profiles, name = scene.profiles, keys.profile
    remove = f"remove the keys at {keys.where()}"
    if profiles.text(name, "role_arn") and profiles.text(name, "source_profile") not in (None, name):
        return f"{remove}: its role_arn and source_profile then renew by themselves"
    partition, account, role = _actor(scene, keys, known)
    if role is None and f"{name}-long-term" in profiles:  # of aws-mfa: a session of the user, no role's
        return f"awsenv assume {shlex.quote(f'{name}-long-term')} --session-token"
    of_sso = _OF_SSO.fullmatch(role or "")
    lines = _sso_lines(scene, account, of_sso[1]) if of_sso else _role_lines(known, name, partition, account, role)
    header = profiles.header(name)
    line = profiles.config.line(header)
    place = f"to [{header}] at {profiles.config.path}:{line}" if line else f"to {profiles.config.path}"
    new = lines if line else [f"[{header}]", *lines]
    blanks = [word for word in _BLANKS if any(text.endswith(word) for text in lines) or word in lines[0]]
    fill = f", with your own {' and '.join(blanks)}" if blanks else ""
    return "\n".join([f"{remove}, and add this {place}{fill}:", *new])


_BLANKS = ("ACCOUNT", "ROLE-NAME", "PROFILE-WITH-LONG-TERM-KEYS", "SSO-SESSION")


def _actor(scene: Scene, keys: _Keys, known: _Known) -> tuple[str, str | None, str | None]:
    """Partition, account and role of a session, by what the files and the token say."""
    arns = [scene.profiles.text(keys.profile, setting) or "" for setting in _ACTORS]
    if keys.id in known.sessions:
        arns.append(known.sessions[keys.id].arn)
    for match in map(_ROLE.fullmatch, arns):
        if match:
            return match[1], match[2], match[3] or match[4]
    told = session_token.read(keys.token)
    return "aws", (told and told.account) or account_of(keys.id), None


def _role_lines(known: _Known, name: str, partition: str, account: str | None, role: str | None) -> list[str]:
    """The settings of a profile that assumes the role: those of another that does so already, if there is one."""
    arn, source = known.roles.get((account, role), ("", "")) if role is not None else ("", "")
    sources = [source] if source else [other for other in known.long_term if other != name]
    arn = arn or f"arn:{partition}:iam::{account or 'ACCOUNT'}:role/{role or 'ROLE-NAME'}"
    return [
        f"role_arn = {arn}",
        f"source_profile = {sources[0] if len(sources) == 1 else 'PROFILE-WITH-LONG-TERM-KEYS'}",
    ]


def _sso_lines(scene: Scene, account: str | None, permission_set: str) -> list[str]:
    sessions = [one.session for one in portal.all_of(scene.profiles) if one.session]
    return [
        f"sso_session = {sessions[0] if len(sessions) == 1 else 'SSO-SESSION'}",
        f"sso_account_id = {account or 'ACCOUNT'}",
        f"sso_role_name = {permission_set}",
    ]


# --- keys that do not fit together ------------------------------------------------------------------------------------


@check(
    "profile-keys-incomplete",
    ERROR,
    cure="write both anew: aws configure",
    errors=("PartialCredentialsError", "Partial credentials found in shared-credentials-file"),
)
def profile_keys_incomplete(scene: Scene) -> Iterator[Found]:
    """AWS tools need an access key id and its secret key, both from the same of the two files. What is there but empty
    is used as it is, and refused by AWS."""
    for hop in walk(scene):
        cure = f"aws configure --profile {shlex.quote(hop.profile)}"
        keys = _keys(scene, hop.profile) if hop.keys_count else None
        if keys is None:
            if hop.kind == "none" and "aws_secret_access_key" in hop.settings:
                where = scene.where(hop.profile, "aws_secret_access_key")
                yield found(f"{hop.who} has aws_secret_access_key, but no aws_access_key_id", where, cure=cure)
            continue
        for setting in ("aws_access_key_id", "aws_secret_access_key"):
            if setting not in keys.texts:
                elsewhere = f": that stands in {scene.where(hop.profile, setting)}" if setting in hop.settings else ""
                said = f"has aws_access_key_id in {keys.file.path}, but no {setting} there{elsewhere}"
                yield found(f"{hop.who} {said}", keys.where(), cure=cure)
            elif not keys.texts[setting]:
                yield found(f"{hop.who} has an empty {setting}", keys.where(setting), cure=cure)


@check(
    "profile-key-without-token",
    ERROR,
    cure="put all three there: the key id, the secret key and the session token",
    errors=("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure"),
)
def profile_key_without_token(scene: Scene) -> Iterator[Found]:
    """A key id that begins with ASIA is that of a session: AWS knows it only together with its session token, which
    has to stand in the same file."""
    for hop, keys in _in_use(scene):
        if not keys.id.startswith(TEMPORARY) or keys.token:
            continue
        elsewhere = next((name for name in ("aws_session_token", "aws_security_token") if hop.settings.get(name)), None)
        said = "has a temporary key without its session token"
        if elsewhere is not None and elsewhere not in keys.texts:
            where = scene.where(hop.profile, elsewhere)
            yield found(f"{hop.who} {said}, which stands in the other file", keys.shown(), where)
        else:
            yield found(f"{hop.who} {said}", keys.shown())


@check(
    "profile-token-beside-long-term-key",
    ERROR,
    cure="remove that line: a long-term key has no token",
    errors=("InvalidClientTokenId", "UnrecognizedClientException", "InvalidToken", "AuthFailure"),
)
def profile_token_beside_long_term_key(scene: Scene) -> Iterator[Found]:
    """A key id that begins with AKIA is a long-term key. A token beside it is left over from keys that stood there
    before, and AWS refuses the two together."""
    for hop, keys in _in_use(scene):
        if keys.id.startswith(LONG_TERM) and keys.token:
            name = "aws_security_token" if "aws_security_token" in keys.texts else "aws_session_token"
            yield found(f"{hop.who} has a long-term key and {name}", keys.shown(), keys.shown(name))


@check(
    "profile-security-token",
    ERROR,
    cure="remove the line with aws_security_token",
    errors=("InvalidClientTokenId", "ExpiredToken", "InvalidToken"),
)
def profile_security_token(scene: Scene) -> Iterator[Found]:
    """aws_security_token is the old name of aws_session_token, and boto3 and the AWS CLI take it first: a token that
    was left under that name, or an empty one, goes with keys that it does not belong to."""
    for hop, keys in _in_use(scene):
        old, new = keys.texts.get("aws_security_token"), keys.texts.get("aws_session_token")
        if old is not None and new is not None and old != new and not keys.id.startswith(LONG_TERM):
            said = "has aws_security_token and another aws_session_token: the first is used"
            yield found(f"{hop.who} {said}", keys.shown("aws_security_token"), keys.shown("aws_session_token"))


@check("keys-in-both-files", WARNING, cure="remove the ones that are not meant")
def keys_in_both_files(scene: Scene) -> Iterator[Found]:
    """Keys of the credentials file win over those of the config file. Who writes new keys into the config file goes on
    with the old ones."""
    for hop in walk(scene):
        both = _in_both_files(scene, hop.profile)
        if len(both) == 2 and both[0].texts.get("aws_access_key_id") != both[1].texts.get("aws_access_key_id"):
            said = f"has keys in both files: those of {both[0].file.path} are used"
            yield found(f"{hop.who} {said}", both[0].shown(), both[1].shown())


@check("same-keys-as-default", NOTE, cure="compare them: awsenv compare default PROFILE")
def same_keys_as_default(scene: Scene) -> Iterator[Found]:
    """The profile that is asked for and the default profile hold the same access key: with --profile and without it AWS
    sees the same credentials. If only their tokens differ, one of the two is of an older session."""
    default = _keys(scene, "default") if scene.profile != "default" else None
    for hop, keys in _in_use(scene):
        if default is None or hop.profile == "default" or keys.id != default.id or not keys.id:
            continue
        cure = f"awsenv compare default {shlex.quote(hop.profile)}"
        if keys.token != default.token:
            said = "has the same access key as profile default, and another token: one of the two is wrong"
            yield found(f"{hop.who} {said}", keys.shown(), default.shown(), severity=WARNING, cure=cure)
        else:
            yield found(f"{hop.who} has the same keys as profile default", keys.shown(), default.shown(), cure=cure)


# --- IAM Identity Center ----------------------------------------------------------------------------------------------


@check(
    "sso-settings-missing",
    ERROR,
    cure="aws configure sso",
    errors=("InvalidConfigError", "is configured to use SSO but is missing required configuration"),
)
def sso_settings_missing(scene: Scene) -> Iterator[Found]:
    """To get credentials from IAM Identity Center a profile needs sso_account_id and sso_role_name, and sso_start_url
    and sso_region: in an [sso-session] that it names as sso_session, or, in the old form, in itself."""
    for hop in walk(scene):
        if hop.kind != "sso" and not (hop.kind == "none" and _names_sso(hop)):
            continue
        missing = [name for name in ("sso_account_id", "sso_role_name") if not hop.settings.get(name)]
        cure = f"aws configure sso --profile {shlex.quote(hop.profile)}"
        if missing:
            yield found(f"{hop.who} has no {' and no '.join(missing)}", scene.where(hop.profile), cure=cure)
        try:
            portal.of_profile(scene.profiles, hop.profile)
        except AwsenvError as error:
            setting = "sso_session" if "sso_session" in hop.settings else None
            yield found(f"{hop.who}: {error.what}", scene.where(hop.profile, setting), cure=error.cure or cure)


def _names_sso(hop: Hop) -> bool:
    return "sso_session" in hop.settings or "sso_start_url" in hop.settings


@check(
    "sso-settings-contradict",
    ERROR,
    cure="remove the line from the profile",
    errors=("InvalidConfigError", "is inconsistent between profile and sso-session"),
)
def sso_settings_contradict(scene: Scene) -> Iterator[Found]:
    """What stands in both a profile and its [sso-session] has to be the same, else AWS tools refuse both."""
    for hop in walk(scene):
        if hop.kind != "sso" or "sso_session" not in hop.settings:
            continue
        with suppress(AwsenvError):
            session = portal.of_profile(scene.profiles, hop.profile)
            for setting, value in (("sso_start_url", session.start_url), ("sso_region", session.region)):
                own = hop.settings.get(setting, value)
                if own != value:
                    said = f"has {setting} {own}, and [sso-session {session.session}] has {value}"
                    yield found(f"{hop.who} {said}", scene.where(hop.profile, setting))


@check(
    "sso-signed-out",
    ERROR,
    cure="awsenv login PROFILE",
    errors=("SSOTokenLoadError", "UnauthorizedSSOTokenError", "TokenRetrievalError", "UnauthorizedException"),
)
def sso_signed_out(scene: Scene) -> Iterator[Found]:
    """The sign-in to IAM Identity Center has ended, or there was none. That of an [sso-session] is renewed by AWS tools
    as long as its refresh token and the registration of the client are good; the old form, without one, never is."""
    for hop, where, token in _sign_ins(scene):
        if token is None:
            if not os.path.exists(where.file):
                severity, until = _until_when(scene, hop)
                said = f"nobody has signed in to {where.name}{until}"
                yield found(f"{hop.who}: {said}", where.file, severity=severity, cure=where.command)
            continue
        end = expiry.parse(str(token.get("expiresAt", "")))
        if end is None or end > scene.now:
            continue
        old_form = "the old form, without sso_session, is never renewed"
        why = _not_renewable(token, scene.now) if where.renewable else old_form
        if why:
            said = f"the sign-in to {where.name} ended {duration(scene.now - end)} ago, and {why}"
            severity, until = _until_when(scene, hop)
            yield found(f"{hop.who}: {said}{until}", where.file, severity=severity, cure=where.command)


def _until_when(scene: Scene, hop: Hop) -> tuple[str, str]:
    """The severity of a sign-in that is over, and what is to be said of the session that goes on without it for now."""
    for name in hop.way[: hop.number]:  # its own session, and those of the roles that are assumed with it
        with suppress(AwsenvError):
            kept = backends.open_cache(scene.environ)
            key = profile_list.session_key(name, scene.profiles, scene.environ, scene.now)
            entry = kept.session(key) if key is not None else None
            expiration = entry.expiration if entry is not None else None
            if expiration is not None and expiration - scene.now >= expiry.NEAR:
                who = "awsenv uses" if kept.in_keyring else "the AWS CLI and awsenv use"
                end = expiry.format_utc(expiration - expiry.NEAR)
                return WARNING, f"; {who} the cached session of profile {name}, and need a sign-in from {end} on"
    return "", ""


@check(
    "sso-token-unreadable",
    ERROR,
    cure="awsenv login PROFILE",
    errors=("SSOTokenLoadError", "KeyError"),
)
def sso_token_unreadable(scene: Scene) -> Iterator[Found]:
    """The file that keeps the sign-in to IAM Identity Center is empty, cut off or not JSON. AWS tools then fail with
    nothing but its name, 40 hexadecimal digits in quotes. Signing in writes it anew."""
    for hop, where, token in _sign_ins(scene):
        if token is None and os.path.exists(where.file):
            yield found(f"{hop.who}: the kept sign-in to {where.name} cannot be read", where.file, cure=where.command)
        elif token is not None and expiry.parse(str(token.get("expiresAt", ""))) is None:
            said = f"the kept sign-in to {where.name} does not say when it ends"
            yield found(f"{hop.who}: {said}", where.file, cure=where.command)


@dataclass(frozen=True)
class _SignIn:
    """Where a sign-in is kept.

    Attributes:
        name: of the portal.
        file: the file of its token.
        command: what to type to sign in.
        renewable: whether AWS tools renew it.
    """

    name: str
    file: str
    command: str
    renewable: bool


def _sign_ins(scene: Scene) -> Iterator[tuple[Hop, _SignIn, dict[str, object] | None]]:
    tokens = Tokens(scene.environ)
    for hop in walk(scene):
        if hop.kind != "sso":
            continue
        with suppress(AwsenvError):  # of which another check tells
            at = portal.of_profile(scene.profiles, hop.profile)
            file = tokens.files.path(at.key)
            yield hop, _SignIn(at.name, file, at.login_command, at.session is not None), tokens.load(at)


def _not_renewable(token: dict[str, object], now: int) -> str:
    """Why AWS tools cannot renew a sign-in; empty if they can, as far as the file tells."""
    needed = ("refreshToken", "clientId", "clientSecret", "registrationExpiresAt")
    missing = [name for name in needed if not token.get(name)]
    if missing:
        return f"its file has no {missing[0]} to renew it"
    end = expiry.parse(str(token["registrationExpiresAt"]))
    if end is None or end <= now:
        return "the registration of the client, which could renew it, has ended too"
    return ""


# --- aws login --------------------------------------------------------------------------------------------------------


@check(
    "login-signed-out",
    ERROR,
    cure="aws login",
    errors=("LoginTokenLoadError", "LoginRefreshRequired", "LoginError"),
)
def login_signed_out(scene: Scene) -> Iterator[Found]:
    """The sign-in of aws login has ended, or there was none. Its keys live 15 minutes and are renewed by AWS tools, for
    12 hours at the most."""
    for hop in walk(scene):
        if hop.kind != "login":
            continue
        cure = f"aws login --profile {shlex.quote(hop.profile)}"
        path = _login_file(scene, hop.settings["login_session"])
        try:
            token = paths.read_json(path)
        except FileNotFoundError:
            severity, until = _until_when(scene, hop)
            said = f"nobody has signed in with aws login{until}"
            yield found(f"{hop.who}: {said}", path, severity=severity, cure=cure)
            continue
        except (OSError, ValueError, RecursionError):
            token = None
        parts = ("accessToken", "refreshToken", "dpopKey", "clientId")
        missing = [name for name in parts if not isinstance(token, dict) or not token.get(name)]
        if missing:
            yield found(f"{hop.who}: the kept sign-in of aws login has no {missing[0]}", path, cure=cure)
            continue
        keys = token["accessToken"]
        end = expiry.parse(str(keys.get("expiresAt", ""))) if isinstance(keys, dict) else None
        if end is not None and scene.now - end >= _LONGEST_OF_LOGIN:
            severity, until = _until_when(scene, hop)
            said = f"the sign-in of aws login was used last {duration(scene.now - end)} ago, and has ended since{until}"
            yield found(f"{hop.who}: {said}", path, severity=severity, cure=cure)


def _login_file(scene: Scene, login_session: str) -> str:
    """botocore.utils, generate_login_cache_key."""
    return os.path.join(paths.login_cache(scene.environ), f"{cache_keys.login_session(login_session)}.json")


@check(
    "login-needs-crt",
    NOTE,
    cure="install botocore[crt] beside what fails",
    errors=("MissingDependencyException", "Using the login credential provider requires an additional dependency"),
)
def login_needs_crt(scene: Scene) -> Iterator[Found]:
    """What aws login keeps is signed for with a key, for which boto3, and so awsenv, needs the package awscrt. The AWS
    CLI brings its own."""
    for hop in walk(scene):
        if hop.kind == "login" and importlib.util.find_spec("awscrt") is None:
            said = "uses login_session, for which awsenv lacks the package awscrt"
            cure = how_to_install("botocore[crt]")
            yield found(f"{hop.who} {said}", scene.where(hop.profile, "login_session"), cure=cure)


# --- processes --------------------------------------------------------------------------------------------------------


@check(
    "credential-process-missing",
    ERROR,
    cure="write the path of a program that is there",
    errors=("FileNotFoundError", "PermissionError", "CredentialRetrievalError", "No such file or directory"),
)
def credential_process_missing(scene: Scene) -> Iterator[Found]:
    """The credentials come from a program that is not there, or that may not be run."""
    for hop, words in _processes(scene):
        if not words or _unexpanded(words[0], scene.platform):
            continue
        program, where = words[0], scene.where(hop.profile, "credential_process")
        if os.path.dirname(program):
            if not os.path.exists(program):
                yield found(f"{hop.who} runs {program}, which is not there", where)
            elif os.path.isdir(program):
                yield found(f"{hop.who} runs {program}, which is a folder", where)
            elif scene.platform != "win32" and not (os.path.isfile(program) and os.access(program, os.X_OK)):
                cure = f"chmod u+x {shlex.quote(program)}" if os.path.isfile(program) else ""
                yield found(f"{hop.who} runs {program}, which is no program that may be run", where, cure=cure)
        elif shutil.which(program, path=scene.environ.get("PATH")) is None:
            yield found(f"{hop.who} runs {program}, which is not on PATH", where)


@check(
    "credential-process-unexpanded",
    ERROR,
    cure="write the whole path in that line",
    errors=("FileNotFoundError", "No such file or directory: '~"),
)
def credential_process_unexpanded(scene: Scene) -> Iterator[Found]:
    """boto3 and the AWS CLI run a credential_process without a shell: ~, $HOME and %USERPROFILE% stay as they are, and
    no such file is found."""
    for hop, words in _processes(scene):
        number = next((i for i, word in enumerate(_no_script(words)) if _unexpanded(word, scene.platform)), None)
        if number is not None:
            word, written = words[number], _written(scene, hop)[number]
            whole = _with_home(word, scene)
            new = _with_home(written, scene)
            if _split(new, scene.platform) != [whole]:  # the home has to be in quotes
                new = _quoted(whole, scene)
            cure = f"write {new} instead of {written} in that line" if whole != word else ""
            where = scene.where(hop.profile, "credential_process")
            severity = "" if number == 0 else WARNING
            yield found(f"{hop.who} runs {words[0]} with {word} in it", where, cure=cure, severity=severity)


def _unexpanded(word: str, platform: str) -> bool:
    if platform == "win32" and re.search("%[A-Za-z_]+%", word):
        return True
    return bool(re.match(r"~(?:[\w.-]*/|$)", word) or re.search(r"\$[A-Za-z_]|\$\{[A-Za-z_]", word))


_SHELL = re.compile(r"(?:(?:ba|z|da|k|fi)?sh|cmd|powershell|pwsh)(?:\.exe)?", re.IGNORECASE)
_SCRIPT_OPTION = re.compile(r"-[a-z]*c|-command|/[ck]", re.IGNORECASE)


def _no_script(words: list[str]) -> list[str]:
    """The words without those that a shell is given, which expands them."""
    shells = [i for i, word in enumerate(words) if _SHELL.fullmatch(re.split(r"[/\\]", word)[-1])]
    for number, word in enumerate(words):
        if shells and number > shells[0] and _SCRIPT_OPTION.fullmatch(word):
            return words[:number]
    return words


def _with_home(word: str, scene: Scene) -> str:
    home = paths.home(scene.environ)
    return re.sub(r"""^(["']?)~(?=/|$)|\$HOME\b|\$\{HOME\}|%USERPROFILE%""", lambda at: (at[1] or "") + home, word)


def _quoted(word: str, scene: Scene) -> str:
    """A word as it stands in a credential_process; as it is if it cannot stand there."""
    return profile_list.process_line((word,), scene.platform) or word


@check(
    "credential-process-quotes",
    ERROR,
    cure="close the quotation mark in that line",
    errors=("ValueError", "No closing quotation"),
)
def credential_process_quotes(scene: Scene) -> Iterator[Found]:
    """The command has a quotation mark that is not closed, so that AWS tools cannot part it into words."""
    for hop in walk(scene):
        if hop.kind == "process" and _words(scene, hop) is None:
            where = scene.where(hop.profile, "credential_process")
            yield found(f"{hop.who} has a credential_process with a quotation mark that is not closed", where)


@check("credential-process-relative", NOTE, cure="write the whole path in that line")
def credential_process_relative(scene: Scene) -> Iterator[Found]:
    """The program is looked for on PATH, or from the folder in which one happens to be. An editor, a service or another
    user has another PATH, and does not find it."""
    for hop, words in _processes(scene):
        if not words or os.path.isabs(words[0]) or _unexpanded(words[0], scene.platform):
            continue
        program = shutil.which(words[0], path=scene.environ.get("PATH"))
        if program is not None:
            cure = f"write {_quoted(os.path.abspath(program), scene)} instead of {words[0]} in that line"
            where = scene.where(hop.profile, "credential_process")
            yield found(f"{hop.who} runs {words[0]}, which is not a whole path", where, cure=cure)


@check("credential-process-loop", ERROR, cure="give that section another name than the profile that it calls")
def credential_process_loop(scene: Scene) -> Iterator[Found]:
    """The profile's credential_process asks for the credentials of that very profile, which come from that process."""
    for hop, words in _processes(scene):
        asked = words[-1:] if "credential-process" in words else []
        if "export-credentials" in words and "--profile" in words[:-1]:
            asked = [words[words.index("--profile") + 1]]
        if asked == [hop.profile]:
            where = scene.where(hop.profile, "credential_process")
            yield found(f"{hop.who} calls itself by its credential_process", where)


def _processes(scene: Scene) -> Iterator[tuple[Hop, list[str]]]:
    for hop in walk(scene):
        words = _words(scene, hop) if hop.kind == "process" else None
        if words is not None:
            yield hop, words


def _words(scene: Scene, hop: Hop) -> list[str] | None:
    return _split(hop.settings["credential_process"], scene.platform)


def _split(command: str, platform: str) -> list[str] | None:
    """The words of a command, as botocore parts them (compat_shell_split); None if it cannot."""
    if platform == "win32":  # blanks part, double quotes hold together, backslashes stay
        return None if command.count('"') % 2 else [word.replace('"', "") for word in _BY_WINDOWS.findall(command)]
    try:
        return shlex.split(command)
    except ValueError:
        return None


_BY_WINDOWS = re.compile(r'(?:[^\s"]|"[^"]*")+')
_BY_POSIX = re.compile(r"""(?:[^ \t\r\n"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+""", re.DOTALL)


def _written(scene: Scene, hop: Hop) -> list[str]:
    """The same words as they are written, in their quotes."""
    return (_BY_WINDOWS if scene.platform == "win32" else _BY_POSIX).findall(hop.settings["credential_process"])


# --- web identities ---------------------------------------------------------------------------------------------------


@check(
    "profile-web-identity-file",
    ERROR,
    cure="name the file in which the token is",
    errors=("FileNotFoundError", "InvalidIdentityToken"),
)
def profile_web_identity_file(scene: Scene) -> Iterator[Found]:
    """The profile's role is assumed with a token that another service writes into the file web_identity_token_file, and
    the file is not there, empty or not readable. ~ in its name stays as it is."""
    for hop, path, where in _web_identities(scene):
        try:
            token = _token(path)
            if token is not None and not token.strip():
                yield found(f"{hop.who} reads its token from {path}, which is empty", where)
        except OSError as error:
            cure = f"write {os.path.expanduser(path)} instead of {path}" if path.startswith("~") else ""
            why = (error.strerror or "cannot be read").lower()
            yield found(f"{hop.who} reads its token from {path}: {why}", where, cure=cure)


@check(
    "profile-web-identity-expired",
    ERROR,
    cure="have the service that writes the file write a new token",
    errors=("ExpiredTokenException", "Token expired", "IDPRejectedClaim", "InvalidIdentityToken"),
)
def profile_web_identity_expired(scene: Scene) -> Iterator[Found]:
    """The token in the file says itself until when it is good (its claim exp), and that time has passed: whatever wrote
    the file has stopped, or the file is a copy."""
    for hop, path, where in _web_identities(scene):
        try:
            end = jwt.end_of(_token(path) or "")
        except OSError:  # a check of its own says so
            continue
        if end is not None and end <= scene.now:
            yield found(f"{hop.who} has a token in {path} that ended {duration(scene.now - end)} ago", where)


@check(
    "profile-web-identity-without-role",
    ERROR,
    cure="add role_arn = arn:aws:iam::ACCOUNT:role/NAME to that profile",
    errors=("InvalidConfigError", "configured to assume role with web identity but has no role ARN configured"),
)
def profile_web_identity_without_role(scene: Scene) -> Iterator[Found]:
    """The profile has the token of a web identity, but no role that is to be assumed with it: AWS tools give up."""
    for hop, _, where in _web_identities(scene):
        if not hop.settings.get("role_arn"):
            yield found(f"{hop.who} has web_identity_token_file, and no role_arn", where)


def _token(path: str) -> str | None:
    """The token in a file; OSError. None if nobody but who needs it may read it: from a pipe it can be read once."""
    try:
        content = files.read_regular(path, _LARGEST_TOKEN)
    except ValueError:  # it is no path, with a NUL in it
        return None
    if content is not None:
        return content.decode(errors="replace")
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return None


def _web_identities(scene: Scene) -> Iterator[tuple[Hop, str, str]]:
    """Which profile uses the token of a web identity, its file, and where that is said."""
    for hop in walk(scene):
        if hop.kind == "web identity":
            path = hop.settings["web_identity_token_file"]
            yield hop, path, scene.where(hop.profile, "web_identity_token_file")


# --- containers -------------------------------------------------------------------------------------------------------

_RELATIVE, _FULL = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_TOKEN, _TOKEN_FILE = "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"

# botocore.utils.ContainerMetadataFetcher, beside the loopback addresses
_HOSTS = ("169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost")


def _container(scene: Scene) -> str:
    """Which of the two variables names the endpoint; empty if there is none. The relative one wins."""
    return next((name for name in (_RELATIVE, _FULL) if scene.environ.get(name)), "")


def _hidden_by(scene: Scene) -> tuple[str, str]:
    """What AWS tools take before they ask the container's endpoint, and where that stands; empty if nothing."""
    hops = walk(scene)
    if scene.has_keys and scene.named is None:
        return "the exported keys are", "AWS_ACCESS_KEY_ID"
    if any(hop.settings.get("credential_source") == "EcsContainer" for hop in hops):
        return "", ""
    if scene.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") and scene.named is None:
        return "the web identity is", "AWS_WEB_IDENTITY_TOKEN_FILE"
    if hops and hops[0].kind != "none":
        return f"profile {hops[0].profile} is", scene.where(hops[0].profile)
    return "", ""


@check("container-shadowed", WARNING, cure="remove what hides the endpoint")
def container_shadowed(scene: Scene) -> Iterator[Found]:
    """The container, or awsenv exec --server, offers credentials that renew by themselves, but AWS tools look there
    last: keys, a web identity or a profile with credentials, also the default one, come first."""
    name = _container(scene)
    if not name or scene.named is not None or _is_dead(scene):
        return
    hiding, where = _hidden_by(scene)
    if hiding:
        # in a container, and in CloudShell, the endpoint is always there: who assumes a profile, or names one, means it
        named = [variable for variable in PROFILES if scene.environ.get(variable)]
        if scene.has_keys:
            meant, cure = scene.exported.profile is not None, "awsenv clear"
        elif where in scene.environ:
            meant, cure = True, f"unset {where}"
        else:
            meant, cure = bool(named), f"unset {' '.join(named)}" if named else f"remove the credentials at {where}"
        yield found(f"{name} is set, and {hiding} used before it", where, cure=cure, severity=NOTE if meant else "")
    elif name == _RELATIVE and scene.environ.get(_FULL):
        yield found(
            f"{_RELATIVE} is used, and {_FULL} is not",
            f"{_RELATIVE}={scene.environ[_RELATIVE]}",
            cure=f"unset {_RELATIVE}",
        )


def _container_in_force(scene: Scene) -> str:
    return "" if _hidden_by(scene)[0] else _container(scene)


@check(
    "container-host",
    ERROR,
    cure=f"unset {_FULL}",
    errors=("ValueError", "Unsupported host"),
)
def container_host(scene: Scene) -> Iterator[Found]:
    """Without TLS, AWS tools ask only this machine (127.0.0.1, ::1, localhost) and the addresses of ECS and EKS for
    credentials."""
    if _container_in_force(scene) != _FULL:
        return
    uri = scene.environ[_FULL]
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:
        yield found(f"{_FULL} is no URL", f"{_FULL}={uri}")
        return
    if parts.scheme != "https" and host not in _HOSTS and not _is_loopback(host):
        yield found(f"{_FULL} names the host {host or 'nobody'}, which AWS tools do not ask", f"{_FULL}={uri}")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@check(
    "container-endpoint-dead",
    ERROR,
    cure=f"unset {_FULL}",
    errors=("CredentialRetrievalError", "Error when retrieving credentials from container-role"),
)
def container_endpoint_dead(scene: Scene) -> Iterator[Found]:
    """AWS tools are to ask a server on this machine for credentials, and none listens there: `awsenv exec --server`,
    another such program or the container's agent has ended, and a shell that was started in it goes on without."""
    hidden = bool(_hidden_by(scene)[0])
    if not _is_dead(scene) or (hidden and scene.named is not None):
        return
    names = [_FULL, _TOKEN, _TOKEN_FILE]
    config, token = (scene.environ.get(name, "") for name in ("AWS_CONFIG_FILE", _TOKEN_FILE))
    if config and os.path.dirname(config) == os.path.dirname(token) and not os.path.exists(config):
        names += ["AWS_CONFIG_FILE", "AWS_PROFILE"]  # of awsenv exec --server, and gone with it
    stale = tuple(name for name in names if name in scene.environ)
    yield found(
        f"nothing listens at the endpoint that {_FULL} names",
        f"{_FULL}={scene.environ[_FULL]}",
        severity=NOTE if hidden else "",
        cure=f"unset {' '.join(stale)}",
        fix=Fix(unset=stale),
    )


_PATIENCE = 0.3  # seconds for a connection on this very machine


def _is_dead(scene: Scene) -> bool:
    """Whether the endpoint is on this machine, and nobody listens there."""
    if _container(scene) != _FULL:
        return False
    try:
        parts = urlsplit(scene.environ[_FULL])
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:  # of which another check tells
        return False
    if host != "localhost" and not _is_loopback(host):
        return False
    try:
        socket.create_connection((host, port), _PATIENCE).close()
    except OSError:
        return True
    return False


@check(
    "container-token",
    ERROR,
    cure="write the token without a newline into the file",
    errors=("ValueError", "Auth token value is not a legal header value", "FileNotFoundError"),
)
def container_token(scene: Scene) -> Iterator[Found]:
    """The token for the container's endpoint is sent as it is. With a newline, also one at the end of its file, it is
    no legal header, and boto3 gives up; so it does if the file is not there."""
    if not _container_in_force(scene) or _is_dead(scene):
        return
    path = scene.environ.get(_TOKEN_FILE)
    if path is None:
        if re.search(r"[\r\n]", scene.environ.get(_TOKEN, "")):
            yield found(f"{_TOKEN} has a newline in it", _TOKEN, cure=f"unset {_TOKEN}")
        return
    try:
        token = _token(path)
    except OSError as error:
        yield found(
            f"{_TOKEN_FILE} names {path}: {(error.strerror or '').lower()}",
            f"{_TOKEN_FILE}={path}",
            cure=f"unset {_TOKEN_FILE}",
        )
        return
    if token is not None and "\n" in token:
        whole = shlex.quote(path)
        cure = f'printf %s "$(cat {whole})" > {whole}' if scene.platform != "win32" else ""
        yield found(f"the token in {path} has a newline in it", f"{_TOKEN_FILE}={path}", cure=cure)
