"""Checks of the section headers in the AWS files."""

from __future__ import annotations

from collections.abc import Iterator

from awsenv.aws.config_files import File
from awsenv.doctor.check import ERROR, WARNING, Finding, check, problem
from awsenv.doctor.context import Context

__all__: list[str] = []

# Valid headers of one word; any other may be a profile without its prefix.
_OTHER_SECTIONS = ("preview", "plugins", "profile", "sso-session", "services")


@check(
    "profile-prefix-missing",
    WARNING,
    cause=(
        "In the config file the section of a profile is called [profile NAME]; only [default] goes without. "
        "Settings under [NAME] are ignored there."
    ),
    remediation="write [profile NAME] there",
    causes=("no-profile",),
)
def profile_prefix_missing(context: Context) -> Iterator[Finding]:
    config = context.profiles.config
    for header in config.headers():
        if header in _OTHER_SECTIONS or header.lower() == "default" or len(header.split()) != 1:
            continue
        settings = config.section(header)
        if not any(_is_of_profile(name) for name in settings):
            continue
        if header in context.profiles and context.profiles.header(header) in config.places:
            yield problem(f"[{header}] in the config file is not read: [profile {header}] is", _at(config, header))
            continue
        missed = _is_wanted(context, header) and header not in context.profiles
        yield problem(
            f"[{header}] in the config file is not read: the header of a profile begins with profile",
            _at(config, header),
            severity=ERROR if missed else "",
            remediation=f"write [profile {header}] in that line",
        )


def _is_of_profile(setting: str) -> bool:
    return setting.startswith(("aws_", "sso_", "credential_", "role_", "cli_", "mfa_", "duration_")) or setting in (
        "region",
        "output",
        "source_profile",
        "login_session",
        "web_identity_token_file",
        "external_id",
    )


def _is_wanted(context: Context, name: str) -> bool:
    """Whether it is the profile in question, or a source profile of its chain."""
    return name == context.profile or any(hop.settings.get("source_profile") == name for hop in context.hops)


def _at(file: File, header: str) -> str:
    return f"{file.path}:{file.line(header)}"


@check(
    "profile-header-malformed",
    WARNING,
    cause=(
        "A header in the config file that almost names a profile is ignored: profile is written in lower case, and "
        "a name with blanks is quoted. The settings under it are not read."
    ),
    remediation='write [profile NAME] there, a name with blanks in quotes: [profile "my project"]',
    causes=("no-profile",),
)
def profile_header_malformed(context: Context) -> Iterator[Finding]:
    config = context.profiles.config
    read = {context.profiles.header(name) for name in context.profiles.names()}
    for header in config.headers():
        first, _, rest = header.strip().partition(" ")
        if first.lower() != "profile" or header in read or not rest.strip():
            continue
        name = rest.strip().strip("'\"")
        if name in context.profiles and context.profiles.header(name) in config.places:
            continue  # two headers for one profile: the other one is read
        quoted = f'"{name}"' if " " in name else name
        yield problem(
            f"[{header}] in the config file is not read as a profile",
            _at(config, header),
            severity=ERROR if _is_wanted(context, name) and name not in context.profiles else "",
            remediation=f"write [profile {quoted}] in that line",
        )


@check(
    "profile-prefix-in-credentials",
    WARNING,
    cause=(
        "In the credentials file the section of a profile is called [NAME]. [profile NAME] there is a profile of "
        "that whole name, including the word profile."
    ),
    remediation="write [NAME] there",
    causes=("no-profile", "source-profile", "no-credentials"),
)
def profile_prefix_in_credentials(context: Context) -> Iterator[Finding]:
    credentials = context.profiles.credentials
    for header in credentials.headers():
        first, _, name = header.partition(" ")
        name = name.strip().strip("'\"")
        if first == "profile" and name:
            lost = _is_wanted(context, name) and name not in credentials.places
            yield problem(
                f"[{header}] in the credentials file is not profile {name}",
                _at(credentials, header),
                severity=ERROR if lost else "",
                remediation=f"write [{name}] in that line",
            )


@check(
    "default-misspelled",
    WARNING,
    cause=(
        "The default profile is [default], in lower case. [Default] is another profile, and [DEFAULT] is not "
        "a profile: its settings apply to every profile of the file."
    ),
    remediation="write [default] there",
    causes=("no-region", "no-credentials"),
)
def default_misspelled(context: Context) -> Iterator[Finding]:
    for file in (context.profiles.config, context.profiles.credentials):
        for header in file.headers():
            if header.lower() != "default" or header == "default":
                continue
            every = header == "DEFAULT"
            said = "applies its settings to every profile of the file" if every else "is not the default profile"
            lost = context.profile == "default" and "default" not in context.profiles
            severity = ERROR if lost else ""
            yield problem(
                f"[{header}] {said}", _at(file, header), severity=severity, remediation="write [default] in that line"
            )
