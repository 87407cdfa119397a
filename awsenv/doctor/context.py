"""What the doctor looks at: this shell, the profile in question, and what AWS answers about both."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from awsenv import environment
from awsenv.aws.config_files import Profiles
from awsenv.aws.renewal import Renewal, renewal_of
from awsenv.doctor import chain, probe
from awsenv.doctor.answers import NOTHING, Answers
from awsenv.doctor.check import Finding
from awsenv.environment import lookup, messages, remedy, settings
from awsenv.environment.state import Exported
from awsenv.report.session_cache import Cache, Cached
from awsenv.result import AwsenvError

__all__ = ["Context", "UnreadableError"]


class UnreadableError(Exception):
    """The AWS files cannot be read; config-unreadable reports it."""


@dataclass
class Context:
    """Where the doctor is called.

    Attributes:
        environ: the environment.
        now: epoch seconds, by this machine's clock.
        named: the profile that the doctor was asked about, or None: only this shell.
        offline: whether no network request may be made.
        platform: as sys.platform.
        answers: what AWS answers, once it has been asked.
        client_errors: what botocore refuses to make a client from; None before that has been tried.
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
        """What the shell has exported."""
        return environment.exported(self.environ)

    @cached_property
    def known(self) -> lookup.KeyInfo:
        """What the files and the token say about the exported credentials; an estimated expiration is left out.

        Looked up once: with 10,000 profiles and a full cache that takes a second.
        """
        known = lookup.look_up(self.environ, 0)
        return lookup.KeyInfo(issued=known.issued, profile=known.profile) if known.estimated else known

    @cached_property
    def has_keys(self) -> bool:
        """Whether an access key is exported, complete or not: SDKs then use it before any profile."""
        return bool(self.environ.get("AWS_ACCESS_KEY_ID") or self.environ.get("AWS_SECRET_ACCESS_KEY"))

    @property
    def shown_key(self) -> str:
        """The exported access key id as evidence."""
        return f"AWS_ACCESS_KEY_ID=…{self.environ['AWS_ACCESS_KEY_ID'][-4:]}"

    @property
    def accepted(self) -> bool:
        """Whether AWS has just accepted the exported credentials."""
        return self.answers.exported is not None and self.answers.exported.identity is not None

    @cached_property
    def new_session(self) -> dict[str, Any]:
        """Fix and remediation that replace the exported credentials, which AWS rejects, by others than cached ones."""
        if self.unreadable is not None:
            again = messages.REFRESH if self.exported.profile is not None else messages.ASSUME
            return {"fix": "", "remediation": f"repair the AWS files first (see config-unreadable), then {again}"}
        complete = self.exported.mode == "keys" and self.exported.missing is None
        found = remedy.of_exported(self.environ, self.now, complete=complete, profiles=self.profiles, known=self.known)
        return {"fix": found.fix, "remediation": found.remediation}

    @property
    def renewal(self) -> dict[str, Any]:
        """The same for credentials that have expired: a cached session that is valid will do."""
        return {**self.new_session, "fix": self.new_session["fix"].removesuffix(" --refresh")}

    def renewal_of(self, profile: str, *, is_source: bool = False) -> Renewal:
        """What a profile can yield."""
        lifetime = settings.assumed_lifetime(self.environ)
        base = environment.without_assumed(self.environ)
        return renewal_of(self.profiles, profile, base, self.now, lifetime=lifetime, is_source=is_source)

    @property
    def profiles(self) -> Profiles:
        """The AWS files; UnreadableError if they cannot be read."""
        if isinstance(self._profiles, AwsenvError):
            raise UnreadableError
        return self._profiles

    @property
    def unreadable(self) -> AwsenvError | None:
        """Why the AWS files cannot be read, None if they can."""
        return self._profiles if isinstance(self._profiles, AwsenvError) else None

    @cached_property
    def _profiles(self) -> Profiles | AwsenvError:
        try:
            profiles = Profiles(self.environ)
            for file in (profiles.config, profiles.credentials):
                for header in file.places:  # an error inside a section shows only then; also in one of no profile
                    file.section(header)
        except AwsenvError as error:
            return error
        return profiles

    @cached_property
    def one_file(self) -> bool:
        """Whether both variables, or a link, name one file: then it has the sections of both."""
        with suppress(OSError):
            return os.path.samefile(self.profiles.config.path, self.profiles.credentials.path)
        return False

    @cached_property
    def profile(self) -> str | None:
        """The profile in question: the named one, else the active one; None beside an exported access key."""
        if self.named is not None:
            return self.named
        if self.has_keys:
            return None
        return self.active_profile

    @property
    def active_profile(self) -> str:
        """The profile whose settings SDKs use in this shell."""
        return environment.active_profile(self.environ) or "default"

    @property
    def lost(self) -> bool:
        """Whether a profile that is asked for by name, or that a role names as its source, is not in the files."""
        if self.unreadable is not None:
            return False
        asked = self.named or (environment.active_profile(self.environ) if self.profile is not None else None)
        sources = (hop.settings.get("source_profile") for hop in chain.roles(self))
        return any(name and name not in self.profiles for name in (asked, *sources))

    @cached_property
    def hops(self) -> list[chain.Hop]:
        """The chain from that profile to the credentials it starts from; UnreadableError."""
        return chain.resolve(self)

    @property
    def cached(self) -> list[Cached]:
        """The cached sessions; none if the cache cannot be read, which cache-unusable reports."""
        return [] if isinstance(self._cached, AwsenvError) else self._cached

    @property
    def uncached(self) -> AwsenvError | None:
        """Why the session cache cannot be read, None if it can."""
        return self._cached if isinstance(self._cached, AwsenvError) else None

    @cached_property
    def _cached(self) -> list[Cached] | AwsenvError:
        profiles = None if self.unreadable else self.profiles
        try:
            return list(Cache(self.environ, self.now, profiles).entries())
        except AwsenvError as error:
            return error

    def ask(self) -> None:
        """Ask AWS everything that the online checks need, at once: `answers` has it afterwards."""
        self.environ = dict(self.environ)  # that of the process changes meanwhile
        self.answers = probe.answers(self)

    def where(self, profile: str, setting: str | None = None) -> str:
        """`PATH:LINE` of a setting of a profile, or of its section; the path alone if the line is not known."""
        return self.profiles.where(profile, setting) or self.profiles.config.path
