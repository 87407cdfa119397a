"""Which credentials a profile, or this shell, comes down to, and where each part of them stands: what two calls of `aws
configure list` tell, and whether they tell of the same credentials. By the files and the caches alone; nobody is asked.

Types and order are botocore's (`METHOD` of its providers, credentials.create_credential_resolver).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from awsenv import environment
from awsenv.aws import paths
from awsenv.aws.config_files import File, Profiles, Settings
from awsenv.aws.key_id import TEMPORARY, account_of
from awsenv.credentials import backends, cache
from awsenv.credentials.plan import require
from awsenv.environment import expiry, lookup, segment, settings
from awsenv.report import profiles, session_cache
from awsenv.result import AwsenvError

__all__ = ["NOTHING", "SHELL", "Part", "Side", "answer", "differences", "in_force", "of"]

#: In place of a profile: what this shell has exported, or the profile that is in force in it.
SHELL = "-"

#: The types whose credentials are a session that is kept in the cache, and obtained anew when it is not there.
_KEPT = ("assume-role", "assume-role-with-web-identity", "sso")

_TOKENS = ("aws_security_token", "aws_session_token")  # in botocore's order


@dataclass(frozen=True)
class Part:
    """One thing, and where it comes from. Its repr holds no secret.

    Attributes:
        value: what it is; None if there is none, or nobody knows. May be a secret.
        type: as the AWS CLI names it: `env`, `shared-credentials-file`, `assume-role`, …
        place: the variable, or the file with the line; None where there is no such place.
    """

    value: str | None = field(default=None, repr=False)
    type: str | None = None
    place: str | None = None


#: A part that is not there.
NOTHING = Part()


@dataclass(frozen=True)
class Side:
    """What a profile or this shell comes down to.

    Attributes:
        name: the profile, or SHELL.
        source: the type of the credentials, None if there are none, and the place that says so; no value.
        access_key, secret_key, token: the credentials, as far as they are known.
        region: the region.
        account: twelve digits; its type is what they were read from.
        expiration: epoch seconds; None if the keys do not expire, or nobody knows when.
        estimated: whether the expiration is only assumed.
        lacks: why the credentials are not known, or nobody can use them; empty if all is well.
        key: under which the session is kept, where it is one that is.
        broken: whether it is a mistake in the settings that the credentials are lacking for: every call fails.
    """

    name: str
    source: Part = NOTHING
    access_key: Part = NOTHING
    secret_key: Part = NOTHING
    token: Part = NOTHING
    region: Part = NOTHING
    account: Part = NOTHING
    expiration: int | None = None
    estimated: bool = False
    lacks: str = ""
    key: str | None = None
    broken: bool = False

    @property
    def called(self) -> str:
        """The name for people."""
        return "this shell" if self.name == SHELL else self.name

    @property
    def known(self) -> bool:
        """Whether the credentials are at hand."""
        return bool(self.access_key.value and self.secret_key.value)

    @property
    def none(self) -> bool:
        """Whether there are no credentials, and a call would not obtain any."""
        by_hand = self.source.type in (None, "env", "shared-credentials-file", "config-file")
        return not self.known and (self.broken or by_hand)

    @property
    def lasting(self) -> bool:
        """Whether they are long-term keys."""
        return self.known and not self.token.value and not str(self.access_key.value).startswith(TEMPORARY)


def of(name: str, profiles: Profiles, environ: Mapping[str, str], now: int) -> Side:
    """What a profile comes down to, or with SHELL what programs use in this shell that are told no profile.

    Args:
        name: the profile, or SHELL.
        profiles: the AWS files.
        environ: the environment.
        now: epoch seconds.

    Raises:
        AwsenvError: there is no such profile, AWS_PROFILE is empty, or the keyring refuses.
    """
    if name != SHELL:
        require(profiles, name)
    profile = in_force(profiles, environ) if name == SHELL else name
    return _Search(name, profile, profiles, environ, now).side()


def in_force(profiles: Profiles, environ: Mapping[str, str]) -> str:
    """The profile of programs that are told none, which look for it even if keys are exported.

    Raises:
        AwsenvError: there is no such profile, or its name is empty; every AWS tool then fails.
    """
    for variable in environment.PROFILES:
        if environ.get(variable) == "":
            from awsenv.report.fixes import shell_of, typed

            raise AwsenvError(
                f"{variable} is set, but empty, so AWS tools look for a profile without a name, and fail",
                f"type {typed(f'unset {variable}', shell_of(None, environ))}",
            )
    named = environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE")
    if named is not None:
        require(profiles, named)
    return named or "default"


class _Search:
    """The way through botocore's providers, for one side."""

    def __init__(self, name: str, profile: str, profiles: Profiles, environ: Mapping[str, str], now: int) -> None:
        self._name = name
        self._profile = profile
        self._profiles = profiles
        self._environ = environ
        self._now = now
        self._settings: Settings = profiles.settings(profile)

    def side(self) -> Side:
        """The first provider that has something to say."""
        own, shell = self._settings, self._name == SHELL
        if shell and self._environ.get("AWS_ACCESS_KEY_ID"):
            return self._exported()
        if "role_arn" in own and "web_identity_token_file" not in own:
            wrong = self._wrong_with_source()
            if wrong:
                return self._made(source=self._said("assume-role", "role_arn"), lacks=wrong, broken=True)
            return self._kept("assume-role", "role_arn", own)
        token_file = self._environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") if shell else None
        if token_file or "web_identity_token_file" in own:
            return self._by_web_identity(token_file)
        if "sso_role_name" in own or "sso_account_id" in own:
            return self._kept("sso", "sso_role_name", own)
        credentials, config = self._profiles.credentials, self._profiles.config
        if _has_keys(credentials, self._profile):
            return self._in_file(credentials, self._profile, "shared-credentials-file")
        if "login_session" in own:
            return self._login(str(own["login_session"]))
        if "credential_process" in own:
            lacks = "its credential_process is not run here"
            return self._made(source=self._said("custom-process", "credential_process"), lacks=lacks)
        if _has_keys(config, self._profiles.header(self._profile)):
            return self._in_file(config, self._profiles.header(self._profile), "config-file")
        for variable in ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"):
            if self._environ.get(variable):
                source = Part(None, "container-role", variable)
                return self._made(source=source, lacks="the container's endpoint is not asked here")
        return self._made(lacks="there are no credentials, but for those of a machine in EC2")

    def _wrong_with_source(self) -> str:
        """Why nobody assumes the role (botocore: AssumeRoleProvider._get_role_config); empty if all is well."""
        name, by_variable = (self._settings.get(setting) for setting in ("source_profile", "credential_source"))
        if name is None and by_variable is None:
            return "it has a role_arn, but neither source_profile nor credential_source, so nobody can assume that role"
        if name is not None and by_variable is not None:
            return "it has both source_profile and credential_source, and AWS tools take neither then"
        if name is not None and str(name) not in self._profiles:
            return f"its source_profile is {name}, and there is no such profile"
        return ""

    def _made(self, **parts: Any) -> Side:
        return Side(self._name, region=self._region(), **parts)

    def _said(self, type_: str, setting: str) -> Part:
        """Where the files say that credentials come from there."""
        return Part(None, type_, self._place(setting))

    def _place(self, setting: str) -> str | None:
        """`PATH:LINE` of a setting of the profile; the credentials file wins."""
        in_files = (
            _place(self._profiles.credentials, self._profile, setting),
            _place(self._profiles.config, self._profiles.header(self._profile), setting),
        )
        return next(filter(None, in_files), None)

    def _region(self) -> Part:
        for variable in environment.REGIONS:  # the AWS CLI 1 and boto3 read the second alone
            if self._environ.get(variable):
                return Part(self._environ[variable], "env", variable)
        region = self._settings.get("region")
        return Part(region, "config-file", self._place("region")) if isinstance(region, str) and region else NOTHING

    # --- keys that are written out ----------------------------------------------------------------------------------

    def _exported(self) -> Side:
        parts = [
            Part(self._environ[variable], "env", variable) if self._environ.get(variable) else NOTHING
            for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        ]
        tokens = (variable for variable in ("AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN") if self._environ.get(variable))
        token = next(tokens, None)  # in botocore's order
        exported = environment.exported(self._environ)
        end = segment.known(exported, self._environ, settings.read(self._environ)[0])
        return self._made(
            source=Part(None, "env", "AWS_ACCESS_KEY_ID"),
            access_key=parts[0],
            secret_key=parts[1],
            token=Part(self._environ[token], "env", token) if token else NOTHING,
            account=_account(parts[0]),
            expiration=end.expiration,
            estimated=end.estimated,
            lacks=f"{exported.missing} is missing" if exported.missing else "",
        )

    def _in_file(self, file: File, header: str, type_: str) -> Side:
        section = file.section(header)

        def part(setting: str) -> Part:
            value = section.get(setting)
            return Part(value, type_, _place(file, header, setting)) if isinstance(value, str) and value else NOTHING

        token_setting = next((setting for setting in _TOKENS if setting in section), _TOKENS[-1])
        access_key, secret_key, token = map(part, ("aws_access_key_id", "aws_secret_access_key", token_setting))
        end = self._end(access_key.value or "", token.value)
        missing = "" if secret_key.value else "its aws_secret_access_key is missing"
        return self._made(
            source=Part(None, type_, _place(file, header, None)),
            access_key=access_key,
            secret_key=secret_key,
            token=token,
            account=_account(access_key),
            expiration=end.expiration,
            estimated=end.estimated,
            lacks=missing if access_key.value else "its aws_access_key_id is empty",
        )

    def _end(self, key: str, token: str | None) -> lookup.Known:
        """What is known of the end of keys in a file, as if they were exported."""
        if not token:
            return lookup.Known()
        environ = {name: value for name, value in self._environ.items() if name != "AWS_SECURITY_TOKEN"}
        environ |= {"AWS_ACCESS_KEY_ID": key, "AWS_SESSION_TOKEN": token}
        return lookup.look_up(environ, int(settings.read(self._environ)[0]["AWSENV_DURATION"]))

    # --- sessions in the caches -------------------------------------------------------------------------------------

    def _by_web_identity(self, token_file: str | None) -> Side:
        """The variables come before the settings of the profile, each by itself, if the profile was not named."""
        type_ = "assume-role-with-web-identity"
        if not token_file:
            return self._kept(type_, "web_identity_token_file", self._settings)
        named = {"role_arn": "AWS_ROLE_ARN", "role_session_name": "AWS_ROLE_SESSION_NAME"}
        role = {setting: self._environ.get(name) or self._settings.get(setting) for setting, name in named.items()}
        own: Settings = {setting: value for setting, value in role.items() if value}
        side = self._kept(type_, "web_identity_token_file", {**own, "web_identity_token_file": token_file})
        return replace(side, source=Part(None, type_, "AWS_WEB_IDENTITY_TOKEN_FILE"))

    def _kept(self, type_: str, setting: str, own: Settings) -> Side:
        """A session in the cache; without one there is nothing to show, and the next call obtains one."""
        if type_ == _KEPT[1] and "role_arn" not in own:
            lacks = "it has a web identity token, but no role_arn to show that for"
            return self._made(source=self._said(type_, setting), lacks=lacks, broken=True)
        theirs = profiles.cache_key(own)
        ours = theirs
        if own is self._settings:
            ours = profiles.session_key(self._profile, self._profiles, self._environ, self._now)
        kept = backends.place(self._environ)
        keys = [key for key in (ours, theirs) if key is not None]
        key, entry = next(
            ((key, entry) for key in keys if (entry := kept.session(key)) is not None), (next(iter(keys), None), None)
        )
        source = self._said(type_, setting)
        account, _ = profiles.role_of(own)
        by_settings = Part(account, "sso_account_id" if type_ == "sso" else "role_arn") if account else NOTHING
        if entry is None:
            return self._made(source=source, account=by_settings, key=key, lacks=self._why_none(key, kept))
        path = None if kept.in_keyring else os.path.join(paths.cli_cache(self._environ), f"{key}.json")
        access_key, secret_key, token = (
            Part(value, type_, path) for value in (entry.access_key, entry.secret_key, entry.token)
        )
        by_key = _account(access_key)
        return self._made(
            source=source,
            access_key=access_key,
            secret_key=secret_key,
            token=token,
            account=by_key if by_key.value else by_settings,
            expiration=entry.expiration,
            key=key,
        )

    def _why_none(self, key: str | None, kept: backends.Folder | backends.Keyring) -> str:
        if key is not None and not kept.in_keyring:
            entry = session_cache.Cache(self._environ, self._now, self._profiles).find(key)
            if entry is not None and entry.state == session_cache.CORRUPT:
                return f"its cached session is corrupt ({entry.why})"
        return "no session of it is cached"

    def _login(self, session: str) -> Side:
        """The session of `aws login`: botocore.utils.LoginTokenLoader."""
        path = os.path.join(paths.login_cache(self._environ), f"{hashlib.sha256(session.encode()).hexdigest()}.json")
        try:
            content = cache.read_json(path)
            keys = content["accessToken"]
            parts = [keys[name] for name in ("accessKeyId", "secretAccessKey", "sessionToken", "expiresAt")]
            account = keys.get("accountId")
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            parts, account = [None], None
        source = self._said("login", "login_session")
        if not all(isinstance(part, str) and part for part in parts):
            return self._made(source=source, lacks="nobody is signed in with aws login")
        access_key, secret_key, token = (Part(value, "login", path) for value in parts[:3])
        return self._made(
            source=source,
            access_key=access_key,
            secret_key=secret_key,
            token=token,
            account=Part(account, "login") if isinstance(account, str) else _account(access_key),
            expiration=expiry.parse(parts[3]),
        )


def _has_keys(file: File, header: str) -> bool:
    return header in file.places and "aws_access_key_id" in file.section(header)


def _place(file: File, header: str, setting: str | None) -> str | None:
    number = file.line(header, setting)
    return None if number is None else f"{file.path}:{number}"


def _account(access_key: Part) -> Part:
    account = account_of(access_key.value or "")
    return Part(account, "key id") if account else NOTHING


# --- the two together -------------------------------------------------------------------------------------------------


def differences(a: Side, b: Side) -> dict[str, bool | None]:
    """What -> whether it differs; None where one side is not known."""
    told = {}
    for what in ("access_key", "secret_key", "token"):
        values = [getattr(side, what).value for side in (a, b)]
        told[what] = values[0] != values[1] if a.known and b.known else None
    account = a.account.value != b.account.value if a.account.value and b.account.value else None
    end = a.expiration != b.expiration if _ends(a) and _ends(b) else None
    region = a.region.value != b.region.value
    return {"type": a.source.type != b.source.type, **told, "account": account, "expiration": end, "region": region}


def _ends(side: Side) -> bool:
    """Whether it is known when the credentials end, or that they do not."""
    return side.known and (side.lasting or side.expiration is not None)


def answer(a: Side, b: Side) -> tuple[bool | None, str]:
    """Whether they are the same credentials, None if nobody can tell; and why that is so, where it does not show."""
    if a.known and b.known:
        if a.access_key.value != b.access_key.value:
            return False, ""
        for what, called in (("secret_key", "secret access key"), ("token", "session token")):
            if getattr(a, what).value != getattr(b, what).value:
                return False, f"the same access key, with another {called}"
        return True, ""
    unknown = b if a.known else a
    one = a.name == b.name or (a.source.place is not None and a.source == b.source)
    if a.none and (one or b.none):
        return None, f"{a.called}: {a.lacks}" + ("" if one else f"; {b.called}: {b.lacks}")
    if a.key is not None and a.key == b.key:
        return True, f"both are the same session: of {a.called}, {a.lacks}"
    if one:
        return None, f"{unknown.called}: {unknown.lacks}"
    for side in (a, b):
        if side.none:
            return False, f"{side.called}: {side.lacks}"
    for side in (a, b):
        if not side.known and (side.source.type in _KEPT or side.source.type == "login"):
            return False, f"{side.called}: {side.lacks}, a call with it obtains a new one"
    return None, f"{unknown.called}: {unknown.lacks}"
