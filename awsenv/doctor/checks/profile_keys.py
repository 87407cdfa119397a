"""Checks of access keys in a profile."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from awsenv.aws.config_files import File
from awsenv.aws.key_id import LONG_TERM, TEMPORARY
from awsenv.aws.providers import session_token
from awsenv.doctor.chain import Hop
from awsenv.doctor.check import ERROR, NOTE, WARNING, Finding, check, problem
from awsenv.doctor.context import Context
from awsenv.environment import masked

__all__ = ["ProfileKeys", "keys_in_use", "keys_of"]


@dataclass(frozen=True)
class ProfileKeys:
    """The access key in a profile, as botocore reads it: all from one of the two files, the credentials file first.

    Attributes:
        profile: the profile's name.
        file: where it is.
        header: under which header.
        texts: the settings of that section.
    """

    profile: str
    file: File
    header: str
    texts: dict[str, str]

    @property
    def id(self) -> str:
        """The access key id."""
        return self.texts["aws_access_key_id"]

    @property
    def token(self) -> str:
        """The session token that botocore uses; the old name takes precedence, even if it is empty."""
        return session_token(self.texts)[1] or ""

    @property
    def temporary(self) -> bool:
        """Whether it belongs to a session."""
        return self.id.startswith(TEMPORARY) or (bool(self.token) and not self.id.startswith(LONG_TERM))

    def where(self, setting: str = "aws_access_key_id") -> str:
        """`PATH:LINE` of a setting."""
        number = self.file.line(self.header, setting) or self.file.line(self.header)
        return f"{self.file.path}:{number}"

    def shown(self, setting: str = "aws_access_key_id") -> str:
        """A setting with its place, masked: evidence."""
        return f"{self.where(setting)} {setting}={masked(self.texts.get(setting, ''))}"


def _in_both_files(context: Context, name: str) -> list[ProfileKeys]:
    """The access keys of a profile in the two files, first the one that is used."""
    there = []
    profiles = context.profiles
    for file, header in ((profiles.credentials, name), (profiles.config, profiles.header(name))):
        if header in file.places:
            texts = {key: value for key, value in file.section(header).items() if isinstance(value, str)}
            if "aws_access_key_id" in texts:
                there.append(ProfileKeys(name, file, header, texts))
    return there


def keys_of(context: Context, name: str) -> ProfileKeys | None:
    """The access key of a profile that is used."""
    return next(iter(_in_both_files(context, name)), None)


def keys_in_use(context: Context) -> Iterator[tuple[Hop, ProfileKeys]]:
    """The access keys that the chain starts from."""
    for hop in context.hops:
        keys = keys_of(context, hop.profile) if hop.keys_count else None
        if keys is not None:
            yield hop, keys


@check(
    "profile-keys-incomplete",
    ERROR,
    cause=(
        "AWS tools need an access key id and its secret access key, both from the same one of the two files. An "
        "empty value is used, and AWS rejects it."
    ),
    remediation="set both again",
    fix="aws configure",
    causes=("partial-credentials",),
)
def profile_keys_incomplete(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        fix = f"aws configure --profile {shlex.quote(hop.profile)}"
        keys = keys_of(context, hop.profile) if hop.keys_count else None
        if keys is None:
            if hop.kind == "none" and "aws_secret_access_key" in hop.settings:
                where = context.where(hop.profile, "aws_secret_access_key")
                yield problem(f"{hop.who} has aws_secret_access_key, but no aws_access_key_id", where, fix=fix)
            continue
        for setting in ("aws_access_key_id", "aws_secret_access_key"):
            if setting not in keys.texts:
                elsewhere = f": that is in {context.where(hop.profile, setting)}" if setting in hop.settings else ""
                said = f"has aws_access_key_id in {keys.file.path}, but no {setting} there{elsewhere}"
                yield problem(f"{hop.who} {said}", keys.where(), fix=fix)
            elif not keys.texts[setting]:
                yield problem(f"{hop.who} has an empty {setting}", keys.where(setting), fix=fix)


@check(
    "profile-key-without-token",
    ERROR,
    cause=(
        "A key id that begins with ASIA belongs to a session: AWS accepts it only together with its session token, "
        "which has to be in the same file."
    ),
    remediation="write all three there: the key id, the secret access key and the session token",
    causes=("unknown-key", "auth-failure"),
)
def profile_key_without_token(context: Context) -> Iterator[Finding]:
    for hop, keys in keys_in_use(context):
        if not keys.id.startswith(TEMPORARY) or keys.token:
            continue
        elsewhere = next((name for name in ("aws_session_token", "aws_security_token") if hop.settings.get(name)), None)
        said = "has a temporary access key without its session token"
        if elsewhere is not None and elsewhere not in keys.texts:
            where = context.where(hop.profile, elsewhere)
            yield problem(f"{hop.who} {said}, which is in the other file", keys.shown(), where)
        else:
            yield problem(f"{hop.who} {said}", keys.shown())


@check(
    "profile-token-beside-long-term-key",
    ERROR,
    cause=(
        "A key id that begins with AKIA is a long-term key. A token beside it is left over from earlier "
        "credentials, and AWS rejects the two together."
    ),
    remediation="remove that line: a long-term key has no token",
    causes=("unknown-key", "auth-failure"),
)
def profile_token_beside_long_term_key(context: Context) -> Iterator[Finding]:
    for hop, keys in keys_in_use(context):
        if keys.id.startswith(LONG_TERM) and keys.token:
            name = "aws_security_token" if "aws_security_token" in keys.texts else "aws_session_token"
            yield problem(f"{hop.who} has a long-term key and {name}", keys.shown(), keys.shown(name))


@check(
    "profile-security-token",
    ERROR,
    cause=(
        "aws_security_token is the old name of aws_session_token, and boto3 and the AWS CLI read it first: a token "
        "left under that name, or an empty one, is sent with an access key it does not belong to."
    ),
    remediation="remove the line with aws_security_token",
    causes=("expired", "unknown-key"),
)
def profile_security_token(context: Context) -> Iterator[Finding]:
    for hop, keys in keys_in_use(context):
        old, new = keys.texts.get("aws_security_token"), keys.texts.get("aws_session_token")
        if old is not None and new is not None and old != new and not keys.id.startswith(LONG_TERM):
            said = "has aws_security_token and another aws_session_token: the first is used"
            yield problem(f"{hop.who} {said}", keys.shown("aws_security_token"), keys.shown("aws_session_token"))


@check(
    "keys-in-both-files",
    WARNING,
    cause=(
        "Credentials in the credentials file take precedence over those in the config file. New ones written into "
        "the config file are not used."
    ),
    remediation="remove the ones that are wrong",
)
def keys_in_both_files(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        both = _in_both_files(context, hop.profile)
        if len(both) == 2 and both[0].texts.get("aws_access_key_id") != both[1].texts.get("aws_access_key_id"):
            said = f"has an access key in both files: that of {both[0].file.path} is used"
            yield problem(f"{hop.who} {said}", both[0].shown(), both[1].shown())


@check(
    "same-keys-as-default",
    NOTE,
    cause=(
        "The requested profile and the default profile hold the same access key: with --profile and without it AWS "
        "sees the same credentials. If only their tokens differ, one of the two belongs to an older session."
    ),
    remediation="compare them",
    fix="awsenv compare default PROFILE",
)
def same_keys_as_default(context: Context) -> Iterator[Finding]:
    default = keys_of(context, "default") if context.profile != "default" else None
    for hop, keys in keys_in_use(context):
        if default is None or hop.profile == "default" or keys.id != default.id or not keys.id:
            continue
        fix = f"awsenv compare default {shlex.quote(hop.profile)}"
        if keys.token != default.token:
            said = "has the same access key as profile default, but another token: one of the two is wrong"
            yield problem(f"{hop.who} {said}", keys.shown(), default.shown(), severity=WARNING, fix=fix)
        else:
            yield problem(
                f"{hop.who} has the same credentials as profile default", keys.shown(), default.shown(), fix=fix
            )
