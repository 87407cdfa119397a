"""The chain of profiles from the one in question to the credentials it starts from."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from awsenv.aws.config_files import Profiles
from awsenv.aws.misspelling import misspelled
from awsenv.aws.providers import has_keys
from awsenv.aws.sdk_renewal import hops_of
from awsenv.doctor.check import Finding, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from awsenv.doctor.context import Context

__all__ = ["Hop", "resolve", "roles"]


@dataclass(frozen=True)
class Hop:
    """One profile of the chain.

    Attributes:
        profile: its name.
        number: 1 for the profile in question.
        path: the names of all profiles of the chain, in order.
        settings: its settings in the files that are text.
        kind: how it gets its credentials, see awsenv.aws.providers.
        profiles: the AWS files.
    """

    profile: str
    number: int
    path: tuple[str, ...]
    settings: dict[str, str]
    kind: str
    profiles: Profiles = field(repr=False, compare=False)

    @property
    def quoted(self) -> str:
        """Its name as an argument of a command."""
        return shlex.quote(self.profile)

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
        return self.kind == "keys" or (own_source and has_keys(self.settings))

    @property
    def misspelled(self) -> tuple[str, str, str] | None:
        """A setting that the profile needs and has under another name, see awsenv.aws.remedy."""
        return misspelled(self.profiles, self.profile, self.kind)

    def where(self, setting: str | None = None) -> str:
        """`PATH:LINE` of a setting, or of its section; the path alone if the line is not known."""
        return self.profiles.where(self.profile, setting) or self.profiles.config.path

    def problem(self, clause: str, *settings: str | None, evidence: tuple[str, ...] = (), **more: Any) -> Finding:
        """What a check yields: that something is wrong with it. See `awsenv.doctor.check.problem`.

        Args:
            clause: what follows its name: `has …`.
            settings: those that are wrong, whose places are shown; without one that of its section.
            evidence: what to show in their place.
            more: see `problem`.
        """
        places = evidence or tuple(self.where(setting) for setting in settings or (None,))
        colon = "" if clause.startswith(":") else " "
        return problem(f"{self.who}{colon}{clause}", *places, **more)


def resolve(context: Context) -> list[Hop]:
    """The chain of the profile in question, as far as its profiles exist; UnreadableError.

    In botocore's order (AssumeRoleProvider): a source profile with an access key of its own ends the chain, whatever
    else it names. Each profile is in it once, also in a loop.
    """
    profiles, kinds = context.profiles, dict[str, str]()
    for name, provider in hops_of(profiles, context.profile) if context.profile is not None else ():
        kinds.setdefault(name, provider.kind)
    path = tuple(kinds)
    return [Hop(name, at, path, profiles.texts(name), kinds[name], profiles) for at, name in enumerate(path, 1)]


def roles(context: Context) -> Iterator[Hop]:
    """The hops that assume a role."""
    return (hop for hop in context.hops if hop.kind == "role")
