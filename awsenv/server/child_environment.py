"""What an SDK would prefer to the endpoint, and how it is kept from that.

The endpoint is the last but one place in which SDKs look (botocore.credentials.create_credential_resolver): keys and
web identities in the environment hide it, and so do the credentials of the profile in force and the file of boto 2.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from itertools import count

from awsenv import environment as variables
from awsenv.aws import paths
from awsenv.aws.config_files import Profiles, Settings
from awsenv.system import files

__all__ = ["child_environment"]

# The relative URI beats the full one, the token's file its value.
_VARIABLES = (
    *variables.CREDENTIALS,
    *variables.STALE_VARIABLES,
    *variables.PROFILES,
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CREDENTIAL_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
)

# With one of these a profile has credentials, or SDKs look for some.
_CREDENTIALS = (
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
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
# The id too: without its secret it would be an error.
_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token")


def child_environment(environment: Mapping[str, str], folder: str) -> dict[str, str]:
    """The environment in which the endpoint is what SDKs find.

    A default profile with credentials cannot be unset. So the command gets a profile without any, which has the other
    settings of the default profile, in a copy of the config file; the copy holds no secrets.

    Args:
        environment: of the command, as it would be.
        folder: a private one, for that copy.

    Raises:
        AwsenvError: the AWS config or credentials file cannot be read.
        OSError: the copy cannot be written.
    """
    child = {name: value for name, value in environment.items() if name not in _VARIABLES}
    boto_files = [child["BOTO_CONFIG"]] if "BOTO_CONFIG" in child else ["/etc/boto.cfg", "~/.boto"]
    if any("aws_access_key_id" in _text(_expanded(path, environment)) for path in boto_files):
        child["BOTO_CONFIG"] = os.devnull  # for botocore that is no file
    profiles = Profiles(environment)
    default = profiles.settings("default") if "default" in profiles else {}
    if any(name in default for name in _CREDENTIALS):
        name = next(name for name in map("awsenv-exec-{}".format, count(1)) if name not in profiles)
        path = os.path.join(folder, "config")
        text = _without_secrets(_text(profiles.config.path)) + _section(name, default)
        files.write_atomic(path, text.encode())
        child |= {"AWS_CONFIG_FILE": path, "AWS_PROFILE": name}
    return child


def _expanded(path: str, environment: Mapping[str, str]) -> str:
    return paths.home(environment) + path[1:] if path.startswith("~/") else path


def _text(path: str) -> str:
    """The text of a file, "" if there is none that can be read."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError):
        return ""


def _without_secrets(text: str) -> str:
    """The config file without keys and tokens; the profiles that have theirs there are left without."""
    kept, indent = [], -1  # of the secret whose value may go on over several lines, if there is one
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip())
        if indent >= 0 and line.strip() and depth <= indent:
            indent = -1
        if indent < 0 and re.split("[=:]", line, maxsplit=1)[0].strip().lower() in _KEYS:
            indent = depth
        if indent < 0:
            kept.append(f"{line}\n")
    return "".join(kept)


def _section(name: str, settings: Settings) -> str:
    """A profile with these settings, but for credentials."""
    lines = [f"\n[profile {name}]"]
    for setting, value in settings.items():
        if setting in _CREDENTIALS:
            continue
        if isinstance(value, str):
            lines.append(f"{setting} = " + value.replace("\n", "\n    "))
        else:
            lines += [f"{setting} =", *(f"    {inner} = {text}" for inner, text in value.items())]
    return "\n".join(lines) + "\n"
