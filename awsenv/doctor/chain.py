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
    from awsenv.doctor.context import Context

__all__ = ["Hop", "resolve"]


@dataclass(frozen=True)
class Hop:
    """One profile of the chain.

    Attributes:
        profile: its name.
        number: 1 for the profile in question.
        path: the names of all profiles of the chain, in order.
        settings: its settings that are text.
        kind: the kind of its provider, see awsenv.aws.providers.
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
        """Its name, quoted for a command."""
        return shlex.quote(self.profile)

    @property
    def who(self) -> str:
        """What to call it: `profile b (hop 2 of 3: a -> b -> c)`."""
        if len(self.path) == 1:
            return f"profile {self.profile}"
        return f"profile {self.profile} (hop {self.number} of {len(self.path)}: {' -> '.join(self.path)})"

    @property
    def uses_own_keys(self) -> bool:
        """Whether the access key in the profile itself is used: directly, or for a role that it assumes."""
        own_source = self.kind == "role" and self.settings.get("source_profile") == self.profile
        return self.kind == "keys" or (own_source and has_keys(self.settings))

    @property
    def misspelled(self) -> tuple[str, str, str] | None:
        """A setting that the profile needs and has under another name; see `awsenv.aws.misspelling`."""
        return misspelled(self.profiles, self.profile, self.kind)

    def where(self, setting: str | None = None) -> str:
        """Return `PATH:LINE` of a setting, or of its section; the path alone if the line is unknown."""
        return self.profiles.where(self.profile, setting) or self.profiles.config.path

    def problem(self, clause: str, *settings: str | None, evidence: tuple[str, ...] = (), **more: Any) -> Finding:
        """Return a finding about this profile. See `awsenv.doctor.check.problem`.

        Args:
            clause: what follows its name: `has …`.
            settings: the wrong ones, whose places are shown; without any, that of its section.
            evidence: shown instead of those places.
            more: see `problem`.
        """
        places = evidence or tuple(self.where(setting) for setting in settings or (None,))
        colon = "" if clause.startswith(":") else " "
        return problem(f"{self.who}{colon}{clause}", *places, **more)


def resolve(context: Context) -> list[Hop]:
    """Return the chain of the profile in question, as far as its profiles exist; raises UnreadableError.

    The order is botocore's (AssumeRoleProvider): a source profile with an access key of its own ends the chain,
    whatever else it names. Each profile occurs once, even in a loop.
    """
    profiles, kinds = context.profiles, dict[str, str]()
    for name, provider in hops_of(profiles, context.profile) if context.profile is not None else ():
        kinds.setdefault(name, provider.kind)
    path = tuple(kinds)
    return [Hop(name, at, path, profiles.texts(name), kinds[name], profiles) for at, name in enumerate(path, 1)]
