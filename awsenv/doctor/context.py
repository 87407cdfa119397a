"""What the doctor examines: this shell, the profile in question, and what AWS answers about both."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from awsenv import environment
from awsenv.aws.config_files import Profiles
from awsenv.aws.renewal import Renewal, renewal_of
from awsenv.credentials import backends, credentials_in
from awsenv.doctor import chain, probe
from awsenv.doctor.answers import NOTHING, Answers
from awsenv.doctor.check import Finding
from awsenv.environment import lookup, messages, remedy, settings, state
from awsenv.environment.state import Exported
from awsenv.report.session_cache import Cache, Cached
from awsenv.result import AwsenvError

__all__ = ["Context", "UnreadableError"]


class UnreadableError(Exception):
    """The AWS files cannot be read; config-unreadable reports it."""


@dataclass
class Context:
    """The shell, and the profile, that the doctor examines.

    Attributes:
        environ: the environment.
        now: epoch seconds, by this machine's clock.
        named: the profile named on the command line, or None to examine only this shell.
        offline: whether network requests are forbidden.
        platform: as sys.platform.
        answers: the answers of AWS, after `probe`.
        client_errors: the settings that botocore refuses to make a client from; None before that has been tried.
    """

    environ: Mapping[str, str]
    now: int
    named: str | None = None
    offline: bool = False
    platform: str = sys.platform
    answers: Answers = NOTHING
    client_errors: list[Finding] | None = None

    @cached_property
    def exported(self) -> Exported:
        """The exported credentials."""
        return state.exported(self.environ)

    @cached_property
    def known(self) -> lookup.KeyInfo:
        """What the files and the token say about the exported credentials, without an estimated expiration.

        Cached: with 10,000 profiles and a full session cache the lookup takes a second.
        """
        known = lookup.look_up(self.environ, 0)
        return lookup.KeyInfo(issued=known.issued, profile=known.profile) if known.estimated else known

    @cached_property
    def has_keys(self) -> bool:
        """Whether an access key is exported, complete or not: SDKs then use it before any profile."""
        return bool(self.environ.get("AWS_ACCESS_KEY_ID") or self.environ.get("AWS_SECRET_ACCESS_KEY"))

    @property
    def uses_exported(self) -> bool:
        """Whether the exported access key is in question: no profile was named on the command line."""
        return self.has_keys and self.named is None

    @property
    def has_complete_keys(self) -> bool:
        """Whether a complete set of keys is exported: the id, the secret, and the token of a session."""
        return self.exported.mode == "keys" and self.exported.missing is None

    @property
    def shown_key(self) -> str:
        """The exported access key id as evidence."""
        return f"AWS_ACCESS_KEY_ID={environment.masked(self.environ['AWS_ACCESS_KEY_ID'])}"

    @property
    def accepted(self) -> bool:
        """Whether AWS has just accepted the exported credentials."""
        return self.answers.identity is not None

    @cached_property
    def new_session(self) -> dict[str, Any]:
        """Fix and remediation that replace the exported credentials, which AWS rejects, bypassing the cache."""
        if self.unreadable is not None:
            again = messages.REFRESH if self.exported.profile is not None else messages.ASSUME
            return {"fix": "", "remediation": f"repair the AWS files first (see config-unreadable), then {again}"}
        found = remedy.of_exported(
            self.environ, self.now, complete=self.has_complete_keys, profiles=self.profiles, known=self.known
        )
        return {"fix": found.fix, "remediation": found.remediation}

    @property
    def renewal(self) -> dict[str, Any]:
        """Fix and remediation for exported credentials that have expired: a valid cached session will do."""
        return {**self.new_session, "fix": self.new_session["fix"].removesuffix(" --refresh")}

    def renewal_of(self, profile: str, *, is_source: bool = False) -> Renewal:
        """Return what a profile can yield."""
        lifetime = settings.assumed_lifetime(self.environ)
        base = environment.without_assumed(self.environ)
        return renewal_of(self.profiles, profile, base, self.now, lifetime=lifetime, is_source=is_source)

    @property
    def profiles(self) -> Profiles:
        """The AWS files; raises UnreadableError."""
        if isinstance(self._profiles, AwsenvError):
            raise UnreadableError
        return self._profiles

    @property
    def unreadable(self) -> AwsenvError | None:
        """Why the AWS files cannot be read; None if they can."""
        return self._profiles if isinstance(self._profiles, AwsenvError) else None

    @cached_property
    def _profiles(self) -> Profiles | AwsenvError:
        try:
            profiles = Profiles(self.environ)
            for file in (profiles.config, profiles.credentials):
                for header in file.places:  # only parsing a section, of a profile or not, shows an error inside it
                    file.section(header)
        except AwsenvError as error:
            return error
        return profiles

    @cached_property
    def profile(self) -> str | None:
        """The profile in question: the named one, else the active one; None beside an exported access key."""
        if self.named is not None or self.has_keys:
            return self.named
        return self.active_profile

    @property
    def active_profile(self) -> str:
        """The profile whose settings SDKs use in this shell."""
        return environment.active_profile(self.environ) or "default"

    @property
    def settings_profile(self) -> str:
        """The profile whose settings are in force: the one in question, or that beside exported credentials."""
        return self.profile or self.active_profile

    @property
    def lost(self) -> bool:
        """Whether the requested profile, or the source profile of a role, is missing from the files."""
        if self.unreadable is not None:
            return False
        requested = self.named or (environment.active_profile(self.environ) if self.profile is not None else None)
        return any(name and name not in self.profiles for name in (requested, *self.source_profiles))

    @cached_property
    def hops(self) -> list[chain.Hop]:
        """The chain from the profile in question to the credentials it starts from; raises UnreadableError."""
        return chain.resolve(self)

    @property
    def readable_hops(self) -> list[chain.Hop]:
        """The chain; empty if the AWS files cannot be read."""
        return [] if self.unreadable is not None else self.hops

    def hops_of(self, *kinds: str) -> Iterator[chain.Hop]:
        """Yield the hops with a provider of one of these kinds; raises UnreadableError."""
        return (hop for hop in self.hops if hop.kind in kinds)

    def values_of(self, setting: str, *kinds: str) -> Iterator[tuple[chain.Hop, str]]:
        """Yield the hops of these kinds with a setting, and its value, which may be empty; raises UnreadableError."""
        return ((hop, hop.settings[setting]) for hop in self.hops_of(*kinds) if setting in hop.settings)

    @property
    def source_profiles(self) -> list[str]:
        """The source profiles that the roles of the chain name, whether they exist or not; raises UnreadableError."""
        return [source for _, source in self.values_of("source_profile", "role") if source]

    @property
    def cached(self) -> list[Cached]:
        """The cached sessions; empty if the cache cannot be read, which cache-unusable reports."""
        return [] if isinstance(self._cached, AwsenvError) else self._cached

    @property
    def cache_error(self) -> AwsenvError | None:
        """Why the session cache cannot be read; None if it can."""
        return self._cached if isinstance(self._cached, AwsenvError) else None

    @cached_property
    def _cached(self) -> list[Cached] | AwsenvError:
        try:
            return list(Cache(self.environ, self.now, None if self.unreadable else self.profiles).entries())
        except AwsenvError as error:
            return error

    @cached_property
    def cached_keys(self) -> dict[str, tuple[int, str]]:
        """Access key id -> the expiration (epoch seconds) and the ARN of that session in the AWS CLI's cache."""
        files = backends.FileCache(self.environ)
        found = {}
        for key in files.keys(()):
            with suppress(OSError, ValueError, RecursionError):
                content = files.read(key)
                entry = credentials_in(content)
                if entry is not None:
                    user = content.get("AssumedRoleUser")
                    arn = str(user.get("Arn")) if isinstance(user, dict) else ""
                    found[entry.access_key] = (entry.expiration or 0, arn)
        return found

    def probe(self) -> None:
        """Make the requests to AWS that the online checks need, all at once, and store the `answers`."""
        self.environ = dict(self.environ)  # that of the process changes meanwhile
        self.answers = probe.answers(self)

    def setting(self, profile: str, name: str) -> str | None:
        """Return a setting of a profile; None if it is missing, empty or not text, or if the files cannot be read."""
        return None if self.unreadable is not None else self.profiles.text(profile, name)

    def where(self, profile: str, setting: str | None = None) -> str:
        """Return `PATH:LINE` of a setting of a profile, or of its section; the path alone if the line is unknown."""
        return self.profiles.where(profile, setting) or self.profiles.config.path
