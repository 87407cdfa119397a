"""The environment of the command beside `exec --server`: without what SDKs would prefer to the endpoint.

The endpoint is the last but one place where SDKs look (botocore.credentials.create_credential_resolver): keys and web
identities in the environment hide it, and so do the credentials of the active profile and the file of boto 2.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from itertools import count

from awsenv import environment as variables
from awsenv.aws import paths, providers
from awsenv.aws.config_files import Profiles, Settings
from awsenv.system import files

__all__ = ["child_environment"]

# The relative URI beats the full one, the token's file its value.
_VARIABLES = (
    *variables.UNSET,
    *variables.PROFILES,
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CREDENTIAL_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
)

# The id, too: without its secret it is an error.
_KEYS = (*providers.KEYS, *providers.TOKENS)


def child_environment(environment: Mapping[str, str], directory: str) -> dict[str, str]:
    """The environment in which SDKs find the endpoint.

    A default profile with credentials cannot be unset. So the command gets a profile without any, with the other
    settings of the default profile, in a copy of the config file. The copy holds no secrets.

    Args:
        environment: of the command.
        directory: a private one, for that copy.

    Raises:
        AwsenvError: the AWS config or credentials file cannot be read.
        OSError: the copy cannot be written.
    """
    child = {name: value for name, value in environment.items() if name not in _VARIABLES}
    boto_files = [child["BOTO_CONFIG"]] if "BOTO_CONFIG" in child else providers.BOTO_FILES
    if any("aws_access_key_id" in _text(_expanded(path, environment)) for path in boto_files):
        child["BOTO_CONFIG"] = os.devnull  # which botocore does not take for a file
    profiles = Profiles(environment)
    default = profiles.settings("default") if "default" in profiles else {}
    if any(name in default for name in providers.SETTINGS):
        name = next(name for name in map("awsenv-exec-{}".format, count(1)) if name not in profiles)
        path = os.path.join(directory, "config")
        text = _without_secrets(profiles.config.text) + _section(name, default)
        files.write_atomic(path, text.encode(profiles.config.encoding, "replace"))
        if "AWS_CONFIG_FILE" in child:
            child["AWSENV_PREVIOUS_AWS_CONFIG_FILE"] = child["AWS_CONFIG_FILE"]
        child |= {"AWS_CONFIG_FILE": path, "AWS_PROFILE": name}
    return child


def _expanded(path: str, environment: Mapping[str, str]) -> str:
    return paths.home(environment) + path[1:] if path.startswith("~/") else path


def _text(path: str) -> str:
    """The text of a file, "" if it cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except (OSError, ValueError):
        return ""


def _without_secrets(text: str) -> str:
    """The config file without keys and tokens."""
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
    """A profile with these settings, without credentials."""
    lines = [f"\n[profile {name}]"]
    for setting, value in settings.items():
        if setting in providers.SETTINGS:
            continue
        if isinstance(value, str):
            lines.append(f"{setting} = " + value.replace("\n", "\n    "))
        else:
            lines += [f"{setting} =", *(f"    {inner} = {text}" for inner, text in value.items())]
    return "\n".join(lines) + "\n"
