"""Parameters of AssumeRole that botocore does not take from a profile: source identity, tags, policies, session name.

The settings have the names of aws-vault's (`source_identity`, `session_tags`, `transitive_session_tags`), or of the AWS
CLI's options (`policy`, `policy_arns`).
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from awsenv.aws.config_files import Settings
from awsenv.credentials.policy import Policy
from awsenv.result import AwsenvError

__all__ = ["SETTINGS", "amend", "extra_parameters"]

#: The settings that `extra_parameters` reads.
SETTINGS = ("source_identity", "session_tags", "transitive_session_tags", "policy_arns", "policy")

# The prefix of the session name that botocore generates by default and leaves out of the cache key.
_GENERATED = "botocore-session-"

_NAME_CHARACTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-")
_NAME_LENGTH = 64


def extra_parameters(owner: str, settings: Settings, directory: str, policy: Policy | None = None) -> dict[str, Any]:
    """Return the parameters of AssumeRole that a profile sets and the AWS CLI ignores.

    Args:
        owner: the profile or role, for errors.
        settings: its settings.
        directory: the base of a policy's relative path.
        policy: the policy of the request, which replaces the setting.

    Raises:
        AwsenvError: a tag without `=`, an invalid policy.
    """
    parameters: dict[str, Any] = {}
    if identity := _text(settings, "source_identity"):
        parameters["SourceIdentity"] = identity
    if tags := settings.get("session_tags"):
        pairs = tags.items() if isinstance(tags, dict) else [_tag(owner, text) for text in _items(tags)]
        parameters["Tags"] = [{"Key": key, "Value": value} for key, value in pairs]
    if keys := _text(settings, "transitive_session_tags"):
        parameters["TransitiveTagKeys"] = _items(keys)
    if arns := _text(settings, "policy_arns"):
        parameters["PolicyArns"] = [{"arn": arn} for arn in _items(arns)]
    if policy is None and (written := _text(settings, "policy")):
        policy = Policy(written, directory, owner)
    if policy is not None:
        parameters["Policy"] = policy.compact
    duration = _text(settings, "duration_seconds")
    if "web_identity_token_file" in settings and duration.isdecimal():
        parameters["DurationSeconds"] = int(duration)  # botocore ignores the setting for web identities
    return parameters


def _text(settings: Settings, setting: str) -> str:
    value = settings.get(setting)
    return value if isinstance(value, str) else ""


def _items(text: str) -> list[str]:
    """Return the items of a list, separated by commas; from the command line one per line, with a final newline."""
    items = text.split("\n") if text.endswith("\n") else text.replace("\n", ",").split(",")
    return [item.strip() for item in items if item.strip()]


def _tag(owner: str, text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise AwsenvError(f"the session tag {text!r} of {owner} is not KEY=VALUE", "write it like team=blue")
    return key.strip(), value.strip()


def amend(params: dict[str, Any], extra: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """Add extra parameters to an AssumeRole call, and a session name of user and host unless one is set."""
    params.update(extra)
    name = params.get("RoleSessionName", "")
    if name.startswith(_GENERATED) and name.removeprefix(_GENERATED).isdigit():
        params["RoleSessionName"] = _session_name(environ)


def _session_name(environ: Mapping[str, str]) -> str:
    """Return `user@host`, in the characters and the length that STS accepts."""
    import socket

    names = (environ.get(variable) for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"))
    user = next(filter(None, names), None)
    if user is None:
        import getpass

        try:
            user = getpass.getuser()
        except (OSError, KeyError, ImportError):  # the user id has no name
            user = "awsenv"
    text = f"{user}@{socket.gethostname()}"
    return "".join(character if character in _NAME_CHARACTERS else "-" for character in text)[:_NAME_LENGTH]
