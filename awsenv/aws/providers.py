"""Which of botocore's providers serves a profile: one ordered list, and what each provider requires.

The order is that of `create_credential_resolver` and `ProfileProviderBuilder` in botocore/credentials.py; the tests
compare it with what botocore does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from awsenv import Value
from awsenv.aws.config_files import File, Profiles, Settings

__all__ = [
    "CONTAINER",
    "CREDENTIAL_SOURCES",
    "KEYS",
    "ROLE_SOURCES",
    "SETTINGS",
    "TOKENS",
    "Fault",
    "Provider",
    "assumes_role",
    "candidates",
    "fallback",
    "has_keys",
    "provider_of",
    "session_token",
]

#: An access key in a file.
KEYS = ("aws_access_key_id", "aws_secret_access_key")

#: The session token beside it, in botocore's order; the old name counts where it is set, even if it is empty.
TOKENS = ("aws_security_token", "aws_session_token")

#: The variables of a container's endpoint, in order of precedence.
CONTAINER = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")

#: Every setting that gives a profile credentials, or makes SDKs look for some.
SETTINGS = (
    *KEYS,
    *TOKENS,
    "credential_process",
    "credential_source",
    "login_session",
    "role_arn",
    "source_profile",
    "sso_account_id",
    "sso_region",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
)

#: The values of `credential_source`: botocore's names of those providers. Case counts.
CREDENTIAL_SOURCES = ("Environment", "Ec2InstanceMetadata", "EcsContainer")

#: Those of them whose credentials are the session of a role, so that a role assumed with it is a chained one.
ROLE_SOURCES = CREDENTIAL_SOURCES[1:]


class Fault(Value):
    """Why a profile cannot work, as far as the files show it.

    Attributes:
        why: one clause without a full stop, with "it" or "its" for the profile.
        setting: the setting that is wrong; None for that of the provider.
        missing: the settings that are missing.
        is_loop: whether its source profiles are a loop.
    """

    why: str
    setting: str | None = None
    missing: tuple[str, ...] = ()
    is_loop: bool = False


class Provider(Value):
    """The source of a profile's credentials.

    Attributes:
        kind: role, web identity, sso, keys, login, process, container; none if nothing is set up.
        method: botocore's name for it, as `aws configure list` shows it; None for none.
        setting: the setting or the variable that decides it.
        section: the file and the header of the section with that setting; None for a variable.
        find_fault: see `fault`, which calls it.
    """

    kind: str
    method: str | None = None
    setting: str | None = None
    section: tuple[File, str] | None = None
    find_fault: Callable[[], Fault | None] | None = None

    @property
    def fault(self) -> Fault | None:
        """Why every call fails, if that is known without making one."""
        return self.find_fault() if self.find_fault is not None else None

    @property
    def place(self) -> str | None:
        """`PATH:LINE` of the setting, or the variable."""
        if self.section is None:
            return self.setting
        file, header = self.section
        return file.where(header, self.setting)


_NONE = Provider("none")


def provider_of(
    profiles: Profiles, name: str, environ: Mapping[str, str] | None = None, *, is_source: bool = False
) -> Provider:
    """Return the provider that serves a profile.

    Args:
        profiles: the AWS files.
        name: the profile; an unknown one has no settings.
        environ: the environment of programs that name no profile: variables with keys or a web identity then take
            precedence over the profile. None for programs that name this profile.
        is_source: whether the profile is the source_profile of another, so that its keys take precedence over its role.
    """
    return next(candidates(profiles, name, environ, is_source=is_source), _NONE)


def fallback(environ: Mapping[str, str]) -> Provider:
    """Return the provider after all those of a profile: the endpoint of a container.

    Those after it are not considered: the files of EC2's first tools and of boto 2 (see `boto_files`), and the instance
    metadata service.
    """
    for variable in CONTAINER:
        if variable in environ:  # even if it is empty
            return Provider("container", "container-role", variable)
    return _NONE


def assumes_role(settings: Mapping[str, object], *, is_source: bool = False) -> bool:
    """Whether AssumeRole serves a profile with these settings (botocore: AssumeRoleProvider).

    Args:
        settings: the profile's.
        is_source: whether it is the source_profile of another.
    """
    return (
        "role_arn" in settings and "web_identity_token_file" not in settings and not (is_source and has_keys(settings))
    )


def has_keys(settings: Mapping[str, object]) -> bool:
    """Whether a source profile has keys of its own; half of a pair counts."""
    return any(key in settings for key in KEYS)


def session_token(section: Mapping[str, object]) -> tuple[str, str | None]:
    """Return the setting that botocore reads as the session token of a section, and its value; None if it is empty."""
    setting = next((setting for setting in TOKENS if setting in section), TOKENS[-1])
    value = section.get(setting)
    return setting, value if isinstance(value, str) and value else None


def candidates(
    profiles: Profiles, name: str, environ: Mapping[str, str] | None = None, *, is_source: bool = False
) -> Iterator[Provider]:
    """Yield every provider that would serve the profile, in botocore's order; see provider_of."""
    settings = profiles.settings(name)

    def by_setting(
        kind: str, method: str, setting: str, find_fault: Callable[[], Fault | None] | None = None
    ) -> Provider:
        sections = ((file, header) for file, header in profiles.sections(name) if header in file.places)
        having = ((file, header) for file, header in sections if setting in file.section(header))
        return Provider(kind, method, setting, next(having, None), find_fault)

    def by_keys(method: str, file: File, header: str) -> Iterator[Provider]:
        if header in file.places and KEYS[0] in file.section(header):
            fault = None if KEYS[1] in file.section(header) else Fault(f"its {KEYS[1]} is missing")
            yield Provider("keys", method, KEYS[0], (file, header), lambda: fault)

    variables = environ or {}
    if variables.get("AWS_ACCESS_KEY_ID"):
        fault = None if variables.get("AWS_SECRET_ACCESS_KEY") else Fault("AWS_SECRET_ACCESS_KEY is missing")
        yield Provider("keys", "env", "AWS_ACCESS_KEY_ID", None, lambda: fault)
    if assumes_role(settings, is_source=is_source):
        yield by_setting("role", "assume-role", "role_arn", lambda: _role_fault(profiles, name, settings))
    token_file = variables.get("AWS_WEB_IDENTITY_TOKEN_FILE", settings.get("web_identity_token_file"))
    if token_file:  # a variable that is set but empty hides the setting
        role = variables.get("AWS_ROLE_ARN", settings.get("role_arn"))
        no_role = None if role else Fault("it has a web identity token, but no role_arn to use it for")
        method = "assume-role-with-web-identity"
        if "AWS_WEB_IDENTITY_TOKEN_FILE" in variables:
            yield Provider("web identity", method, "AWS_WEB_IDENTITY_TOKEN_FILE", None, lambda: no_role)
        else:
            yield by_setting("web identity", method, "web_identity_token_file", lambda: no_role)
    for setting in ("sso_role_name", "sso_account_id"):
        if setting in settings:
            yield by_setting("sso", "sso", setting, lambda: _sso_fault(profiles, settings))
    yield from by_keys("shared-credentials-file", profiles.credentials, name)
    if "login_session" in settings:
        yield by_setting("login", "login", "login_session")
    if "credential_process" in settings:
        yield by_setting("process", "custom-process", "credential_process")
    yield from by_keys("config-file", profiles.config, profiles.header(name))
    if environ is not None:
        yield fallback(environ)


def _role_fault(profiles: Profiles, name: str, settings: Settings) -> Fault | None:
    """Return why the role cannot be assumed (botocore: AssumeRoleProvider._get_role_config); None if it can."""
    seen = [name]
    while True:
        source_profile, credential_source = settings.get("source_profile"), settings.get("credential_source")
        whose = "it" if len(seen) == 1 else f"its source profile {seen[-1]}"
        if source_profile is None and credential_source is None:
            return Fault(f"{whose} has a role_arn, but neither source_profile nor credential_source")
        if source_profile is not None and credential_source is not None:
            return Fault(f"{whose} has both source_profile and credential_source, which AWS tools reject")
        if credential_source is not None:
            why = f"its credential_source is {credential_source}, which AWS tools do not know"
            return None if credential_source in CREDENTIAL_SOURCES else Fault(why, "credential_source")
        source = str(source_profile)
        if not source:
            why = f"{whose} has an empty source_profile" if len(seen) > 1 else "its source_profile is empty"
            return Fault(why, "source_profile")
        if source not in profiles:
            return Fault(f"its source_profile is {source}, and there is no such profile", "source_profile")
        settings = profiles.settings(source)
        if source in seen:
            own_keys = source == seen[-1] and has_keys(settings)
            loop = Fault(f"its source profiles are a loop: {' -> '.join([*seen, source])}", is_loop=True)
            return None if own_keys else loop
        seen.append(source)
        if not assumes_role(settings, is_source=True):
            found = provider_of(profiles, source, is_source=True)
            return Fault(f"its source profile {source} has no credentials") if found.kind == "none" else found.fault


def _sso_fault(profiles: Profiles, settings: Settings) -> Fault | None:
    """Return why IAM Identity Center cannot serve the profile (botocore: SSOProvider._load_sso_config), or None."""
    resolved = dict(settings)
    session = settings.get("sso_session")
    if isinstance(session, str):
        sections = profiles.named_sections("sso-session")
        if session not in sections:
            unquoted = profiles.config.where(f"sso-session {session}")  # a name with blanks
            wrong = f"there is no [sso-session {session}]"
            if unquoted:
                wrong = f"the one at {unquoted} needs quotes around its name"
            return Fault(f"its sso_session is {session}, and {wrong}", "sso_session")
        for setting, value in sections[session].items():
            if resolved.setdefault(setting, value) != value:
                return Fault(f"its {setting} differs from that of [sso-session {session}]", setting)
    wanted = ("sso_role_name", "sso_account_id", "sso_start_url", "sso_region")
    missing = tuple(setting for setting in wanted if setting not in resolved)
    return Fault(f"it has no {' and no '.join(missing)}", missing=missing) if missing else None
