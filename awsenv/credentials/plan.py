"""What botocore is given for a request: the profile to resolve, and the files cut to what that draws on."""

from __future__ import annotations

from collections.abc import Mapping

from awsenv.credentials import Request
from awsenv.outcome import USAGE, AwsenvError
from awsenv.profiles import Profiles, Settings
from awsenv.words import nearest

__all__ = ["AD_HOC", "Plan", "require"]

#: Under this name botocore knows a role that no profile names. A control character: no file has such a profile.
AD_HOC = "\x1fawsenv"


class Plan:
    """What botocore is given for a request.

    Attributes:
        name: the profile that botocore resolves.
        region_from: the profile whose region counts.
        chain: the profiles that it draws on, first the one that was asked for.
        sections: path of the file -> header -> settings: all that botocore sees of the files.
    """

    def __init__(self, request: Request, profiles: Profiles) -> None:
        """AwsenvError: no such profile; (2) settings of a role for a profile that assumes none."""
        settings = dict(request.settings)
        if request.profile is not None:
            require(profiles, request.profile)
        if request.profile is None or ("role_arn" in settings and not profiles.text(request.profile, "role_arn")):
            # a role that no profile names: the profile, if there is one, is where its credentials come from
            source = settings.setdefault("source_profile", request.profile or "default")
            require(profiles, source)
            self.name, self.region_from = AD_HOC, request.profile or source
            self.chain = profiles.source_chain(source)
        else:
            self.name = self.region_from = request.profile
            self.chain = self._chain(settings, profiles)
        self.sections = self._sections(settings, profiles)

    def _chain(self, settings: Mapping[str, str], profiles: Profiles) -> list[str]:
        if settings and "role_arn" not in settings and not profiles.text(self.name, "role_arn"):
            raise AwsenvError(
                f"profile {self.name} assumes no role, so {_options(settings)} would do nothing",
                f"leave that out, or name a role: awsenv assume {self.name} --role-arn ARN",
                USAGE,
            )
        if "source_profile" not in settings:
            return profiles.source_chain(self.name)
        require(profiles, settings["source_profile"])
        return [self.name, *profiles.source_chain(settings["source_profile"])]

    def _sections(self, settings: Mapping[str, str], profiles: Profiles) -> dict[str, dict[str, Settings]]:
        config = profiles.config_sections(self.chain)
        credentials = profiles.credentials_sections(self.chain)
        if settings:
            own = profiles.settings(self.name) if self.name in profiles else {}
            if "source_profile" in settings:
                own.pop("credential_source", None)  # botocore takes one or the other
            config[profiles.header(self.name)] = {**own, **settings}
            if self.name in credentials:  # its settings would win over the ones that were asked for
                credentials[self.name] = {k: v for k, v in credentials[self.name].items() if k not in settings}
        files = {}
        if profiles.config.exists or settings:
            files[profiles.config.path] = config
        if profiles.credentials.exists:
            files[profiles.credentials.path] = credentials
        return files


def require(profiles: Profiles, name: str) -> None:
    """AwsenvError with the nearest names if there is no such profile."""
    if name in profiles:
        return
    names = profiles.names()
    near = nearest(name, names)
    files = f"{profiles.config.path} or {profiles.credentials.path}"
    if near:
        raise AwsenvError(f"there is no profile {name!r} in {files}", f"did you mean {' or '.join(near)}?")
    if names:
        raise AwsenvError(f"there is no profile {name!r} in {files}", "see awsenv list")
    raise AwsenvError(f"there is no profile {name!r}: {files} name none", "make one with aws configure")


def _options(settings: Mapping[str, str]) -> str:
    written = {"duration_seconds": "--duration", "role_session_name": "--session-name"}
    return " and ".join(written.get(name, "--" + name.replace("_", "-")) for name in settings)
