"""The plan for a request: the profile to resolve, the hops of its chain, and the sections of the files they need."""

from __future__ import annotations

from collections.abc import Mapping

from awsenv.args import did_you_mean, in_quotes, nearest
from awsenv.aws import providers
from awsenv.aws.config_files import Profiles, Settings
from awsenv.credentials.request import ROLE_OPTIONS, Request
from awsenv.environment import expiry
from awsenv.result import USAGE, AwsenvError

__all__ = ["AD_HOC", "Plan", "require"]

#: The profile name under which botocore gets a role given by its ARN. No file has it: it contains a control character.
AD_HOC = "\x1fawsenv"

# The same for the role of --chain. It begins with the other name, which `errors` replaces in messages of botocore.
_CHAINED = AD_HOC + " --chain"

# Settings about credentials, which a role given by its ARN does not inherit from a profile. It inherits all others:
# endpoint_url, services, ca_bundle, use_fips_endpoint, retry_mode, …
_CREDENTIAL_SETTINGS = {*providers.SETTINGS, *ROLE_OPTIONS, *expiry.SETTINGS, "mfa_process", "mfa_prompt"}

# With --chain, these settings apply to the first role, all others to the last.
_OF_FIRST_ROLE = ("role_arn", "source_profile", "mfa_serial")


class Plan:
    """What botocore gets for a request.

    Attributes:
        request: the request.
        profiles: the AWS files.
        name: the profile that botocore resolves.
        region_from: the profile whose region and network settings apply.
        chain: the profiles of the files that it needs, first the requested one.
        hops: profile and settings of each step of the chain, from the profile that botocore resolves to the one whose
            credentials it starts from.
        max_duration_profiles: the profiles with `duration_seconds = max`: sessions as long as the role allows.
    """

    def __init__(self, request: Request, profiles: Profiles) -> None:
        """Plan the request.

        Raises:
            AwsenvError: there is no such profile; (2) options of a role for a profile that assumes none.
        """
        self.request = request
        self.profiles = profiles
        # profile -> settings that replace its own; None removes one
        self._overrides: dict[str, dict[str, str | None]] = {}
        settings = dict(request.settings)
        chained = settings.pop("chain", None)
        if request.profile is not None:
            require(profiles, request.profile)
        first = {name: settings.pop(name) for name in _OF_FIRST_ROLE if name in settings} if chained else settings
        if request.profile is None or ("role_arn" in first and not profiles.text(request.profile, "role_arn")):
            # a role given by its ARN: the profile, if any, provides the credentials
            source = first.setdefault("source_profile", request.profile or "default")
            require(profiles, source)
            self.name, self.region_from = AD_HOC, request.profile or source
            self.chain = profiles.source_chain(source)
        else:
            self.name = self.region_from = request.profile
            self.chain = self._chain(first)
        if first:
            self._overrides[self.name] = dict(first)
        if chained:
            self._overrides[_CHAINED] = {**settings, "role_arn": chained, "source_profile": self.name}
            self.name = _CHAINED
        self.hops = self._hops()
        self.max_duration_profiles = self._normalize_durations()

    def _chain(self, settings: Mapping[str, str]) -> list[str]:
        """Return the profiles of the chain that begins with `name`, where these settings replace its own."""
        if "role_arn" not in settings and not self.profiles.text(self.name, "role_arn"):
            of_user = ("duration_seconds", "mfa_serial") if self.request.user_session else ()
            useless = [name for name in settings if name not in of_user]
            if self.request.policy is not None and "chain" not in self.request.settings:
                useless.append("policy")
            if useless:
                options = " and ".join(ROLE_OPTIONS[name] for name in useless)
                raise AwsenvError(
                    f"profile {self.name} assumes no role, so {options} would do nothing",
                    f"leave that out, or name a role: awsenv assume {self.name} --role-arn ARN",
                    USAGE,
                )
        if "source_profile" not in settings:
            return self.profiles.source_chain(self.name)
        require(self.profiles, settings["source_profile"])
        return [self.name, *self.profiles.source_chain(settings["source_profile"])]

    def _settings(self, name: str) -> Settings:
        """Return the settings of a profile, with the overrides applied."""
        if name in (AD_HOC, _CHAINED):
            inherited = self.profiles.settings(self.region_from)
            own = {setting: value for setting, value in inherited.items() if setting not in _CREDENTIAL_SETTINGS}
        else:
            own = dict(self.profiles.settings(name)) if name in self.profiles else {}
        override = self._overrides.get(name, {})
        if "source_profile" in override:
            own.pop("credential_source", None)  # botocore accepts only one of them
        return {setting: value for setting, value in {**own, **override}.items() if value is not None}

    def _hops(self) -> list[tuple[str, Settings]]:
        hops: list[tuple[str, Settings]] = []
        name: str | None = self.name
        while name is not None and name not in (known for known, _ in hops):
            settings = self._settings(name)
            hops.append((name, settings))
            assumes = providers.assumes_role(settings, is_source=len(hops) > 1)
            source = settings.get("source_profile") if assumes else None
            name = source if isinstance(source, str) else None
        return hops

    def _normalize_durations(self) -> frozenset[str]:
        """Replace durations that botocore does not understand (`8h`, `max`); return the profiles with `max`."""
        max_duration_profiles = set()
        for name, settings in self.hops:
            text = settings.get("duration_seconds")
            if text == "max":
                max_duration_profiles.add(name)
                self.override(name, "duration_seconds", None)
            elif isinstance(text, str) and not text.isdecimal():
                seconds = expiry.parse_duration(text)
                if seconds is not None:
                    self.override(name, "duration_seconds", str(seconds))
        return frozenset(max_duration_profiles)

    def override(self, name: str, setting: str, value: str | None) -> None:
        """Replace a setting of a profile; None removes it."""
        self._overrides.setdefault(name, {})[setting] = value
        self.hops = [(known, self._settings(known)) for known, _ in self.hops]

    def set_duration(self, seconds: int | None) -> None:
        """Request a session of the last role that is valid for that many seconds.

        An hour is the default of AWS and left out, so that awsenv and the AWS CLI use the same cache entry.
        """
        self.override(self.name, "duration_seconds", None if seconds in (None, 3600) else str(seconds))

    def first(self, setting: str) -> tuple[str, str]:
        """Return the first profile of the chain with a setting, and its value; empty strings without one."""
        found = ((name, settings.get(setting)) for name, settings in self.hops)
        return next(((name, value) for name, value in found if isinstance(value, str) and value), ("", ""))

    @property
    def mfa_serial(self) -> str | None:
        """The MFA device that the chain names, or None; the role's own takes precedence."""
        return self.first("mfa_serial")[1] or None

    @property
    def last_role(self) -> Settings:
        """The settings of the profile that botocore resolves."""
        return self.hops[0][1]

    @property
    def roles(self) -> int:
        """The number of hops that assume a role; they come first."""
        return sum(
            "role_arn" in settings and (place == 0 or not providers.has_keys(settings))
            for place, (_, settings) in enumerate(self.hops)
        )

    @property
    def chained(self) -> bool:
        """Whether a role is assumed with the session of another, which AWS limits to one hour."""
        start = self.hops[-1][1]
        from_role = "sso_role_name" in start or start.get("credential_source") in providers.ROLE_SOURCES
        return self.roles > 1 or (self.roles == 1 and from_role)

    @property
    def sections(self) -> dict[str, dict[str, Settings]]:
        """Path of the file -> header -> settings: everything that botocore sees of the files."""
        profiles = self.profiles
        needed = list(dict.fromkeys([*self.chain, self.region_from]))
        config, credentials = profiles.config_sections(needed), profiles.credentials_sections(needed)
        for name, override in self._overrides.items():
            config[profiles.header(name)] = self._settings(name)
            if name in credentials:  # whose settings take precedence over those of the config file
                credentials[name] = {k: v for k, v in credentials[name].items() if k not in override}
        files = profiles.sections_by_path(config, credentials)
        exists = {profiles.credentials.path: profiles.credentials.exists}
        exists[profiles.config.path] = profiles.config.exists or bool(self._overrides)
        return {path: sections for path, sections in files.items() if exists[path]}


def require(profiles: Profiles, name: str) -> None:
    """Raise an AwsenvError with the most similar names if there is no such profile."""
    if name in profiles:
        return
    names = profiles.names()
    if name.startswith("arn:"):
        same = [known for known in names if profiles.text(known, "role_arn") == name]
        fix = f"type --role-arn {name} --source-profile PROFILE"
        raise AwsenvError(f"{name} is an ARN, not a profile", did_you_mean(same) if same else fix)
    similar = nearest(name, names)
    files = profiles.names_of_files
    if profiles.passed_over:
        files += f" ({profiles.passed_over})"
    if similar:
        raise AwsenvError(f"there is no profile {in_quotes(name)} in {files}", did_you_mean(similar))
    if names:
        raise AwsenvError(f"there is no profile {name!r} in {files}", "see awsenv list")
    raise AwsenvError(f"there is no profile {name!r}, nor any other, in {files}", "make one with aws configure")
