"""Parameters of AssumeRole beyond those that botocore takes from a profile: source identity, tags, policies, and the
name of the session.

The settings are those of aws-vault where it has them (`source_identity`, `session_tags`, `transitive_session_tags`);
`policy` and `policy_arns` are called as the AWS CLI calls its options.
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

# The beginning of the name that botocore makes up where none is given, and leaves out of the cache key.
_MADE_UP = "botocore-session-"

_ALLOWED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-")
_LONGEST_NAME = 64


def extra_parameters(whose: str, settings: Settings, home: str, policy: Policy | None = None) -> dict[str, Any]:
    """The parameters of AssumeRole that a profile asks for, and the AWS CLI would not.

    Args:
        whose: the profile or role, for the errors.
        settings: its settings.
        home: the directory that the path of a policy starts from.
        policy: the one of the request, instead of the setting.

    Raises:
        AwsenvError: a tag without `=`, an invalid policy.
    """
    asked: dict[str, Any] = {}
    identity = settings.get("source_identity")
    if isinstance(identity, str) and identity:
        asked["SourceIdentity"] = identity
    tags = settings.get("session_tags")
    if tags:
        pairs = tags.items() if isinstance(tags, dict) else [_tag(whose, text) for text in _listed(tags)]
        asked["Tags"] = [{"Key": key, "Value": value} for key, value in pairs]
    for setting, parameter in (("transitive_session_tags", "TransitiveTagKeys"), ("policy_arns", "PolicyArns")):
        text = settings.get(setting)
        if isinstance(text, str) and text:
            asked[parameter] = _listed(text)
    if "PolicyArns" in asked:
        asked["PolicyArns"] = [{"arn": arn} for arn in asked["PolicyArns"]]
    written = settings.get("policy")
    if policy is None and isinstance(written, str) and written:
        policy = Policy(written, home, whose)
    if policy is not None:
        asked["Policy"] = policy.compact
    duration = settings.get("duration_seconds")
    if "web_identity_token_file" in settings and isinstance(duration, str) and duration.isdecimal():
        asked["DurationSeconds"] = int(duration)  # botocore does not look for it there
    return asked


def _listed(text: str) -> list[str]:
    """The items of a list, separated by commas; from the command line one a line, with a newline at the end."""
    items = text.split("\n") if text.endswith("\n") else text.replace("\n", ",").split(",")
    return [item.strip() for item in items if item.strip()]


def _tag(whose: str, text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise AwsenvError(f"the session tag {text!r} of {whose} is not KEY=VALUE", "write it like team=blue")
    return key.strip(), value.strip()


def amend(params: dict[str, Any], more: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """Add extra parameters to an AssumeRole call, and a session name that says who and where, unless one is set."""
    params.update(more)
    name = params.get("RoleSessionName", "")
    if name.startswith(_MADE_UP) and name.removeprefix(_MADE_UP).isdigit():
        params["RoleSessionName"] = _session_name(environ)


def _session_name(environ: Mapping[str, str]) -> str:
    """`user@host`, in the characters and the length that STS accepts."""
    import socket

    names = (environ.get(variable) for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"))
    user = next(filter(None, names), None)
    if user is None:
        import getpass

        try:
            user = getpass.getuser()
        except (OSError, KeyError, ImportError):  # no user has that number
            user = "awsenv"
    text = f"{user}@{socket.gethostname()}"
    return "".join(character if character in _ALLOWED else "-" for character in text)[:_LONGEST_NAME]
