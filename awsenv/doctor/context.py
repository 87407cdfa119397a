"""What the doctor looks at: this shell, the profiles that count in it, and what AWS says of them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from awsenv import environment
from awsenv.aws.config_files import Profiles
from awsenv.doctor import probe
from awsenv.environment import lookup
from awsenv.report.session_cache import Cache, Cached
from awsenv.result import AwsenvError

__all__ = ["Scene", "UnreadableError", "masked"]


class UnreadableError(Exception):
    """The AWS files cannot be read; the check that says so is another."""


@dataclass
class Scene:
    """Where the doctor is called.

    Attributes:
        environ: the environment.
        now: epoch seconds, by this machine's clock.
        named: the profile that the doctor was asked about, or None: only this shell.
        offline: whether nobody may be asked.
        platform: as sys.platform.
        answers: what AWS says, once it has been asked.
    """

    environ: Mapping[str, str]
    now: int
    named: str | None = None
    offline: bool = False
    platform: str = sys.platform
    answers: probe.Answers = probe.NOTHING

    @cached_property
    def exported(self) -> environment.Exported:
        """What the shell has exported."""
        return environment.exported(self.environ)

    @cached_property
    def known(self) -> lookup.KeyInfo:
        """What the files and the token say of the exported keys, an end that is only assumed left out.

        Looked up once: with 10,000 profiles and a full cache that takes a second.
        """
        told = lookup.look_up(self.environ, 0)
        return lookup.KeyInfo(issued=told.issued, profile=told.profile) if told.estimated else told

    @cached_property
    def has_keys(self) -> bool:
        """Whether there are keys in the environment, whole or not: SDKs then use them before any profile."""
        return bool(self.environ.get("AWS_ACCESS_KEY_ID") or self.environ.get("AWS_SECRET_ACCESS_KEY"))

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
            for name in profiles.names():  # what is wrong inside of a section shows only then
                profiles.settings(name)
        except AwsenvError as error:
            return error
        return profiles

    @cached_property
    def profile(self) -> str | None:
        """The profile that counts: the named one, else the one in force in this shell, None beside exported keys."""
        if self.named is not None:
            return self.named
        if self.has_keys:
            return None
        return self.environ.get("AWS_PROFILE") or self.environ.get("AWS_DEFAULT_PROFILE") or "default"

    @property
    def cached(self) -> list[Cached]:
        """The entries of the cache of sessions; none where it cannot be read, which a check says."""
        return [] if isinstance(self._cached, AwsenvError) else self._cached

    @property
    def uncached(self) -> AwsenvError | None:
        """Why the cache of sessions cannot be read, None if it can."""
        return self._cached if isinstance(self._cached, AwsenvError) else None

    @cached_property
    def _cached(self) -> list[Cached] | AwsenvError:
        profiles = None if self.unreadable else self.profiles
        try:
            return list(Cache(self.environ, self.now, profiles).entries())
        except AwsenvError as error:
            return error

    @cached_property
    def chain(self) -> list[str]:
        """That profile and those that it draws on, as far as they exist; UnreadableError."""
        return [] if self.profile is None else self.profiles.source_chain(self.profile)

    def ask(self) -> None:
        """Ask AWS, all at once, what the online checks want to know: `answers` is there afterwards."""
        self.environ = dict(self.environ)  # that of the process is another one meanwhile
        self.answers = probe.answers(self)

    def where(self, profile: str, setting: str | None = None) -> str:
        """`PATH:LINE` of a setting of a profile, or of its section; the path alone if the line is not known."""
        return next(iter(self.places(profile, setting)), self.profiles.config.path)

    def places(self, profile: str, setting: str | None = None) -> list[str]:
        """The same for all that both files say of it, first the one that counts."""
        found = []
        for file, header in (
            (self.profiles.credentials, profile),
            (self.profiles.config, self.profiles.header(profile)),
        ):
            number = file.line(header, setting)
            if number is not None:
                found.append(f"{file.path}:{number}")
        return found


def masked(value: str) -> str:
    """A secret, as it may be shown: its last four characters, if it is long."""
    return f"…{value[-4:]}" if len(value) >= 16 else "…"
