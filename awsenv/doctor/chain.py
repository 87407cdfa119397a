"""The chain of profiles from the one in question to the credentials it starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from awsenv.credentials import Request
from awsenv.credentials.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awsenv.doctor.context import Context

__all__ = ["KEYS", "Hop", "after", "resolve", "roles"]

KEYS = ("aws_access_key_id", "aws_secret_access_key")


@dataclass(frozen=True)
class Hop:
    """One profile of the chain.

    Attributes:
        profile: its name.
        number: 1 for the profile in question.
        path: the names of all profiles of the chain, in order.
        settings: its settings in the files that are text.
        kind: how it gets its credentials, in botocore's order: role, web identity, sso, keys, login, process, none.
    """

    profile: str
    number: int
    path: tuple[str, ...]
    settings: dict[str, str]
    kind: str

    @property
    def who(self) -> str:
        """What to call it: `profile b (hop 2 of 3: a -> b -> c)`."""
        if len(self.path) == 1:
            return f"profile {self.profile}"
        return f"profile {self.profile} (hop {self.number} of {len(self.path)}: {' -> '.join(self.path)})"

    @property
    def keys_count(self) -> bool:
        """Whether the access key in the profile itself is used: directly, or for a role that it assumes."""
        own_source = self.kind == "role" and self.settings.get("source_profile") == self.profile
        return self.kind == "keys" or (own_source and any(key in self.settings for key in KEYS))


def resolve(context: Context) -> list[Hop]:
    """The chain of the profile in question, as far as its profiles exist; UnreadableError.

    In botocore's order (AssumeRoleProvider): a source profile with an access key of its own ends the chain, whatever
    else it names.
    """
    profiles = context.profiles
    if context.profile is None or context.profile not in profiles:
        return []
    plan = Plan(Request(context.profile, context.profile, {}), profiles)
    path = tuple(name for name, _ in plan.levels if name in profiles)
    hops = []
    for number, name in enumerate(path, 1):
        settings = {key: value for key, value in profiles.settings(name).items() if isinstance(value, str)}
        hops.append(Hop(name, number, path, settings, _kind(context, name, settings, first=number == 1)))
    return hops


def _kind(context: Context, name: str, settings: dict[str, str], *, first: bool) -> str:
    """Which of botocore's providers serves a profile (create_credential_resolver, ProfileProviderBuilder)."""
    web_identity = "web_identity_token_file" in settings
    if "role_arn" in settings and not web_identity and (first or not any(key in settings for key in KEYS)):
        return "role"
    in_credentials = "aws_access_key_id" in context.profiles.credentials_sections([name]).get(name, {})
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


def roles(context: Context) -> Iterator[Hop]:
    """The hops that assume a role."""
    return (hop for hop in context.hops if hop.kind == "role")


def after(hop: Hop, context: Context) -> Hop | None:
    """The next hop, None after the last."""
    return next((other for other in context.hops if other.number == hop.number + 1), None)
