"""The environment of a command under `exec --server`: without what SDKs would prefer to the endpoint.

The endpoint is the last provider but one (botocore.credentials.create_credential_resolver): keys and web identities in
the environment come first, and so do the credentials of the active profile and the files of boto 2.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from itertools import count

from awsenv import environment as variables
from awsenv.aws import boto_files, providers
from awsenv.aws.config_files import Profiles, Settings
from awsenv.system import files

__all__ = ["child_environment"]

# SDKs prefer the relative URI to the full one. The token is given in a file.
_VARIABLES = (
    *variables.UNSET,
    *variables.PROFILES,
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CREDENTIAL_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
)

# Including the key id, which is an error without its secret.
_KEYS = (*providers.KEYS, *providers.TOKENS)


def child_environment(environment: Mapping[str, str], directory: str) -> dict[str, str]:
    """Return the environment in which SDKs find the endpoint.

    A default profile with credentials cannot be unset. So the command gets a profile without credentials, with the
    other settings of the default profile, in a copy of the config file. The copy holds no secrets.

    Args:
        environment: the environment of the command.
        directory: a private directory for that copy.

    Raises:
        AwsenvError: the AWS config or credentials file cannot be read.
        OSError: the copy cannot be written.
    """
    child = {name: value for name, value in environment.items() if name not in _VARIABLES}
    if boto_files.with_keys(environment):
        child["BOTO_CONFIG"] = os.devnull  # which botocore ignores, as it is not a file
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


def _without_secrets(text: str) -> str:
    """Remove keys and tokens from the text of a config file."""
    lines = []
    secret_indent = -1  # of the secret to which lines with a deeper indentation belong; -1 outside of one
    for line in text.split("\n"):
        indent = len(line) - len(line.lstrip())
        if line.strip() and indent <= secret_indent:
            secret_indent = -1
        if secret_indent < 0 and re.split("[=:]", line, maxsplit=1)[0].strip().lower() in _KEYS:
            secret_indent = indent
        if secret_indent < 0:
            lines.append(f"{line}\n")
    return "".join(lines)


def _section(name: str, settings: Settings) -> str:
    """Write a profile with these settings, except credentials."""
    lines = [f"\n[profile {name}]"]
    for setting, value in settings.items():
        if setting in providers.SETTINGS:
            continue
        if isinstance(value, str):
            lines.append(f"{setting} = " + value.replace("\n", "\n    "))
        else:
            lines += [f"{setting} =", *(f"    {inner} = {text}" for inner, text in value.items())]
    return "\n".join(lines) + "\n"
