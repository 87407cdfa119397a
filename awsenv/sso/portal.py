"""Where to sign in: the IAM Identity Center that a profile or an `[sso-session]` names."""

from __future__ import annotations

import shlex
from contextlib import suppress
from dataclasses import dataclass

from awsenv.args import did_you_mean, nearest
from awsenv.aws import cache_keys
from awsenv.aws.config_files import Profiles, Settings
from awsenv.aws.remedy import header_of_session
from awsenv.credentials.plan import require
from awsenv.result import AwsenvError

__all__ = ["Portal", "all_of", "of_profile", "of_session", "require_address", "uses_sso"]

_SESSION = "sso-session"

_LEGACY = ("sso_start_url", "sso_account_id", "sso_role_name")


@dataclass(frozen=True)
class Portal:
    """One IAM Identity Center, as configured.

    Attributes:
        session: the name of its `[sso-session]`; None for the legacy form, four settings in the profile itself.
        start_url: where users sign in.
        region: its own region (`sso_region`), not that of the profile.
        scopes: `sso_registration_scopes`; may be empty.
        profile: the profile that named it, or None.
    """

    session: str | None
    start_url: str
    region: str
    scopes: tuple[str, ...]
    profile: str | None

    @property
    def name(self) -> str:
        """The name for people, from which the AWS CLI derives the file name of its token."""
        return self.session or self.start_url

    @property
    def key(self) -> str:
        """The AWS CLI's name for its token (SSOTokenLoader in botocore.utils)."""
        return cache_keys.sso_token(self.name)

    @property
    def login_command(self) -> str:
        """The command that signs in there."""
        if self.profile is not None:
            return f"awsenv login {shlex.quote(self.profile)}"
        return f"awsenv login --sso-session {shlex.quote(self.name)}"


def of_profile(profiles: Profiles, name: str) -> Portal:
    """Return the portal of a profile, or of the last profile in its source profile chain that has one.

    Raises:
        AwsenvError: there is no such profile, it uses another source, or a setting is missing.
    """
    require(profiles, name)
    source = _source(profiles, name)
    if source is not None:
        session = profiles.text(source, "sso_session")
        if session is not None:
            return of_session(profiles, session, name)
        return _portal(profiles, None, profiles.settings(source), f"profile {source}", name)
    if profiles.text(name, "login_session"):
        raise AwsenvError(
            f"profile {name} signs in with the AWS CLI's own login", f"type aws login --profile {shlex.quote(name)}"
        )
    commands = " or ".join(portal.login_command for portal in all_of(profiles)[:3])
    raise AwsenvError(
        f"profile {name} does not use IAM Identity Center, so there is nowhere to sign in",
        f"type {commands}" if commands else "no other profile does; make one with aws configure sso",
    )


def require_address(portal: Portal, profiles: Profiles) -> None:
    """Raise AwsenvError if the start URL is invalid, so that no sign-in can succeed."""
    if not portal.start_url.startswith(("https://", "http://")):
        where = f"[sso-session {portal.session}]" if portal.session else f"profile {portal.profile}"
        raise AwsenvError(
            f"the sso_start_url of {where}, {portal.start_url}, is not a URL, so no sign-in is possible",
            f"it has to begin with https://; fix it in {profiles.config.path}",
        )


def uses_sso(profiles: Profiles, name: str) -> bool:
    """Whether a profile takes its credentials from IAM Identity Center."""
    return _source(profiles, name) is not None


def of_session(profiles: Profiles, name: str, profile: str | None = None) -> Portal:
    """Return the portal of an `[sso-session]`.

    Raises:
        AwsenvError: there is no such section, or a setting is missing.
    """
    sessions = profiles.named_sections(_SESSION)
    if name not in sessions:
        near = nearest(name, list(sessions))
        where = f", which profile {profile} names," if profile else ""
        raise AwsenvError(
            f"there is no [sso-session {name}]{where} in {profiles.config.path}",
            header_of_session(profiles, name)
            or (did_you_mean(near) if near else "make one with aws configure sso-session"),
        )
    return _portal(profiles, name, sessions[name], f"[sso-session {name}]", profile)


def all_of(profiles: Profiles) -> list[Portal]:
    """Return every complete portal of the config file, each once; sessions come before legacy profiles."""
    found: dict[str, Portal] = {}
    for session in profiles.named_sections(_SESSION):
        with suppress(AwsenvError):
            portal = of_session(profiles, session)
            found.setdefault(portal.key, portal)
    for name in profiles.names():
        if profiles.text(name, "sso_start_url") and not profiles.text(name, "sso_session"):
            with suppress(AwsenvError):
                portal = of_profile(profiles, name)
                found.setdefault(portal.key, portal)
    return list(found.values())


def _source(profiles: Profiles, name: str) -> str | None:
    """Return the profile with the settings of the sign-in: this one, or one of its source profiles."""
    for source in reversed(profiles.source_chain(name)):
        if any(profiles.text(source, setting) for setting in ("sso_session", *_LEGACY)):
            return source
    return None


def _portal(profiles: Profiles, session: str | None, settings: Settings, where: str, profile: str | None) -> Portal:
    texts = {name: value.strip() for name, value in settings.items() if isinstance(value, str)}
    missing = [name for name in ("sso_start_url", "sso_region") if not texts.get(name)]
    if missing:
        raise AwsenvError(
            f"{where} has no {' and no '.join(missing)}, so awsenv does not know where to sign in",
            f"add it in {profiles.config.path}: aws configure sso",
        )
    scopes = tuple(scope for part in texts.get("sso_registration_scopes", "").split(",") if (scope := part.strip()))
    return Portal(session, texts["sso_start_url"], texts["sso_region"], scopes if session else (), profile)
