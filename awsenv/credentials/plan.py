"""The plan for a request: the profile to resolve, the hops of its chain, and the files cut to what they need."""

from __future__ import annotations

from collections.abc import Mapping

from awsenv.args import did_you_mean, in_quotes, nearest
from awsenv.aws import providers
from awsenv.aws.config_files import Profiles, Settings
from awsenv.credentials.request import ROLE_OPTIONS, Request
from awsenv.environment import expiry
from awsenv.result import USAGE, AwsenvError

__all__ = ["AD_HOC", "Plan", "require"]

#: Under this name botocore knows a role that no profile names. A control character: no file has such a profile.
AD_HOC = "\x1fawsenv"

#: And under this one the role of --chain. What an error of botocore's says of it begins with the name of the other.
_CHAINED = AD_HOC + " --chain"

# The settings of a profile that a role which no profile names does not take over from it: those that are about
# credentials. All others are: endpoint_url, services, ca_bundle, use_fips_endpoint, retry_mode, …
_OF_CREDENTIALS = {*providers.SETTINGS, *ROLE_OPTIONS, *expiry.SETTINGS, "mfa_process", "mfa_prompt"}

#: Where a role is chained to, these settings are of the role before it, all others of the last.
_BEFORE_CHAINING = ("role_arn", "source_profile", "mfa_serial")


class Plan:
    """What botocore is given for a request.

    Attributes:
        request: the request.
        name: the profile that botocore resolves.
        region_from: the profile whose region and network settings count.
        chain: the profiles of the files that it needs, first the one that was asked for.
        hops: profile and settings of each step of the chain, first the profile that botocore resolves, last the one
            whose credentials it starts from.
        max_duration_profiles: the profiles with `duration_seconds = max`: sessions as long as the role allows.
    """

    def __init__(self, request: Request, profiles: Profiles) -> None:
        """Work it out.

        Raises:
            AwsenvError: there is no such profile; (2) options of a role for a profile that assumes none.
        """
        self.request = request
        self._profiles = profiles
        # profile -> settings that replace its own; None removes one
        self._overrides: dict[str, dict[str, str | None]] = {}
        settings = dict(request.settings)
        chained = settings.pop("chain", None)
        if request.profile is not None:
            require(profiles, request.profile)
        first = {name: settings.pop(name) for name in _BEFORE_CHAINING if name in settings} if chained else settings
        if request.profile is None or ("role_arn" in first and not profiles.text(request.profile, "role_arn")):
            # a role that no profile names: the profile, if there is one, is where its credentials come from
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
        self.max_duration_profiles = self._durations()

    def _chain(self, settings: Mapping[str, str]) -> list[str]:
        if "role_arn" not in settings and not self._profiles.text(self.name, "role_arn"):
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
            return self._profiles.source_chain(self.name)
        require(self._profiles, settings["source_profile"])
        return [self.name, *self._profiles.source_chain(settings["source_profile"])]

    def _settings(self, name: str) -> Settings:
        """The settings of a profile, with those that replace its own."""
        if name in (AD_HOC, _CHAINED):
            theirs = self._profiles.settings(self.region_from)
            own = {setting: value for setting, value in theirs.items() if setting not in _OF_CREDENTIALS}
        else:
            own = dict(self._profiles.settings(name)) if name in self._profiles else {}
        override = self._overrides.get(name, {})
        if "source_profile" in override:
            own.pop("credential_source", None)  # botocore takes one or the other
        own.update({setting: value for setting, value in override.items() if value is not None})
        return {setting: value for setting, value in own.items() if override.get(setting, value) is not None}

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

    def _durations(self) -> frozenset[str]:
        """Durations that botocore does not understand (`8h`, `max`) become seconds, or nothing; whose are `max`."""
        max_duration_profiles = set()
        for name, settings in self.hops:
            text = settings.get("duration_seconds")
            if text == "max":
                max_duration_profiles.add(name)
                self.override(name, "duration_seconds", None)
            elif (
                isinstance(text, str) and not text.isdecimal() and (seconds := expiry.parse_duration(text)) is not None
            ):
                self.override(name, "duration_seconds", str(seconds))
        return frozenset(max_duration_profiles)

    def override(self, name: str, setting: str, value: str | None) -> None:
        """Give botocore another value of a setting, or none."""
        self._overrides.setdefault(name, {})[setting] = value
        self.hops = [(known, self._settings(known)) for known, _ in self.hops]

    def set_duration(self, seconds: int | None) -> None:
        """Ask for a session of the last role that is valid for so many seconds.

        An hour is left out, as by the AWS CLI, which has no max: both then use the same cache entry.
        """
        self.override(self.name, "duration_seconds", None if seconds in (None, 3600) else str(seconds))

    @property
    def last_role(self) -> Settings:
        """The settings of the profile that botocore resolves."""
        return self.hops[0][1]

    @property
    def roles(self) -> int:
        """How many of the hops assume a role; they are the first."""
        return sum(
            "role_arn" in settings and (place == 0 or not providers.has_keys(settings))
            for place, (_, settings) in enumerate(self.hops)
        )

    @property
    def chained(self) -> bool:
        """Whether a role is assumed with the session of another, which AWS allows for an hour at the most."""
        return self.roles > 1 or (self.roles == 1 and "sso_role_name" in self.hops[-1][1])

    @property
    def sections(self) -> dict[str, dict[str, Settings]]:
        """Path of the file -> header -> settings: all that botocore sees of the files."""
        profiles = self._profiles
        needed = list(dict.fromkeys([*self.chain, self.region_from]))
        config, credentials = profiles.config_sections(needed), profiles.credentials_sections(needed)
        for name, override in self._overrides.items():
            config[profiles.header(name)] = self._settings(name)
            if name in credentials:  # its settings would win over these
                credentials[name] = {k: v for k, v in credentials[name].items() if k not in override}
        files = profiles.sections_by_path(config, credentials)
        exists = {profiles.credentials.path: profiles.credentials.exists}
        exists[profiles.config.path] = profiles.config.exists or bool(self._overrides)
        return {path: sections for path, sections in files.items() if exists[path]}


def require(profiles: Profiles, name: str) -> None:
    """AwsenvError with the nearest names if there is no such profile."""
    if name in profiles:
        return
    names = profiles.names()
    if name.startswith("arn:"):
        same = [known for known in names if profiles.text(known, "role_arn") == name]
        fix = f"type --role-arn {name} --source-profile PROFILE"
        raise AwsenvError(f"{name} is an ARN, not a profile", did_you_mean(same) if same else fix)
    near = nearest(name, names)
    files = profiles.names_of_files
    if profiles.passed_over:
        files += f" ({profiles.passed_over})"
    if near:
        raise AwsenvError(f"there is no profile {in_quotes(name)} in {files}", did_you_mean(near))
    if names:
        raise AwsenvError(f"there is no profile {name!r} in {files}", "see awsenv list")
    raise AwsenvError(f"there is no profile {name!r}, nor any other, in {files}", "make one with aws configure")
