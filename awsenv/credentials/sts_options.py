"""What STS is asked beyond what botocore takes from a profile: source identity, tags, policies, and a telling name.

The settings are those of aws-vault where it has them (`source_identity`, `session_tags`, `transitive_session_tags`);
`policy` and `policy_arns` are called as the AWS CLI calls its options.
https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import getpass
import json
import os
import socket
from collections.abc import Mapping
from typing import Any

from awsenv.aws.config_files import Settings
from awsenv.result import AwsenvError

__all__ = ["SETTINGS", "amend", "extra_parameters", "policy_file"]

#: The settings that `extra_parameters` heeds.
SETTINGS = ("source_identity", "session_tags", "transitive_session_tags", "policy_arns", "policy")

# What botocore makes up, and leaves out of the cache key, where no name is given: so ours can take its place.
_MADE_UP = "botocore-session-"

_ALLOWED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-")
_LONGEST_NAME = 64


def extra_parameters(name: str, settings: Settings, home: str) -> dict[str, Any]:
    """The parameters of AssumeRole that a profile asks for, and the AWS CLI would not.

    Args:
        name: of the profile, for the errors.
        settings: the profile's.
        home: the folder from which the path of a policy counts.

    Raises:
        AwsenvError: a tag without `=`, a policy that is none.
    """
    asked: dict[str, Any] = {}
    identity = settings.get("source_identity")
    if isinstance(identity, str) and identity:
        asked["SourceIdentity"] = identity
    tags = settings.get("session_tags")
    if tags:
        pairs = tags.items() if isinstance(tags, dict) else [_tag(name, text) for text in _listed(tags)]
        asked["Tags"] = [{"Key": key, "Value": value} for key, value in pairs]
    for setting, parameter in (("transitive_session_tags", "TransitiveTagKeys"), ("policy_arns", "PolicyArns")):
        text = settings.get(setting)
        if isinstance(text, str) and text:
            asked[parameter] = _listed(text)
    if "PolicyArns" in asked:
        asked["PolicyArns"] = [{"arn": arn} for arn in asked["PolicyArns"]]
    policy = settings.get("policy")
    if isinstance(policy, str) and policy:
        asked["Policy"] = _policy(name, policy, home)
    duration = settings.get("duration_seconds")
    if "web_identity_token_file" in settings and isinstance(duration, str) and duration.isdecimal():
        asked["DurationSeconds"] = int(duration)  # for which botocore does not look there
    return asked


def policy_file(policy: object) -> str | None:
    """The file that a policy is to be read from; None for one that is written out, and for none."""
    if not isinstance(policy, str) or not policy or policy.lstrip().startswith("{"):
        return None
    return policy.removeprefix("file://")


def _listed(text: str) -> list[str]:
    """The words of a list: parted by commas; from the command line one a line, with a newline at the end."""
    words = text.split("\n") if text.endswith("\n") else text.replace("\n", ",").split(",")
    return [word.strip() for word in words if word.strip()]


def _tag(name: str, text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise AwsenvError(f"the session tag {text!r} of {name} is not KEY=VALUE", "write it like team=blue")
    return key.strip(), value.strip()


def _policy(name: str, text: str, home: str) -> str:
    path = policy_file(text)
    where = "the session policy"
    if path is not None:
        path = os.path.join(home, os.path.expanduser(path))
        where = f"the session policy {path}"
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or "it is not UTF-8"
            raise AwsenvError(
                f"cannot read {where} of {name}: {why}", "name a file, or write the JSON itself"
            ) from None
    try:
        policy = json.loads(text)
    except ValueError as error:
        raise AwsenvError(
            f"{where} of {name} is not JSON: {error}", "see the AWS documentation of IAM policies"
        ) from None
    if not isinstance(policy, dict):
        raise AwsenvError(f"{where} of {name} is no JSON object", "see the AWS documentation of IAM policies")
    return json.dumps(policy, separators=(",", ":"))


def amend(params: dict[str, Any], more: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """Add to the parameters of an AssumeRole call what is asked beyond, and say in the session's name who and where."""
    params.update(more)
    name = params.get("RoleSessionName", "")
    if name.startswith(_MADE_UP) and name.removeprefix(_MADE_UP).isdigit():
        params["RoleSessionName"] = _session_name(environ)


def _session_name(environ: Mapping[str, str]) -> str:
    """`user@host`, in the characters and the length that STS takes."""
    names = (environ.get(variable) for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"))
    user = next(filter(None, names), None)
    if user is None:
        try:
            user = getpass.getuser()
        except (OSError, KeyError, ImportError):  # nobody has that number
            user = "awsenv"
    text = f"{user}@{socket.gethostname()}"
    return "".join(character if character in _ALLOWED else "-" for character in text)[:_LONGEST_NAME]
