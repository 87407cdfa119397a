"""Requests: the arguments of `assume`, validated once, and their text form, from which `refresh` repeats them.

(Hot path.)
"""

from awsenv import Value
from awsenv.args import Args, parse
from awsenv.aws.expiry import ROLE_AT_MOST, USER_AT_MOST
from awsenv.environment import expiry
from awsenv.result import USAGE, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from awsenv.args import Options
    from awsenv.credentials.policy import Policy

__all__ = ["OPTIONS", "ROLE_OPTIONS", "Request", "decode_options", "encode_options", "mfa_code"]

#: The options of a request, which `refresh` repeats.
OPTIONS: "Options" = {
    "--duration": (
        "TIME",
        "how long the session is to be valid: 3600, 45m, 8h (15m to 12h), or max: as long as the role allows",
    ),
    "--region": ("REGION", "export this region instead of the profile's own"),
    "--role-arn": ("ARN", "assume this role with the credentials of PROFILE or --source-profile"),
    "--source-profile": ("NAME", "assume the role with the credentials of this profile"),
    "--chain": ("ARN", "then assume this role with the session of the first; the other options apply to the last role"),
    "--session-name": ("NAME", "the name of the session, as CloudTrail shows it; default: user@host"),
    "--external-id": ("ID", "the external id that the role's trust policy requires"),
    "--source-identity": ("NAME", "the user behind the session, which stays the same when it assumes other roles"),
    "--tag": ("KEY=VALUE...", "a session tag; repeatable"),
    "--transitive-tag": ("KEY...", "a tag that the next role in a chain inherits; repeatable"),
    "--policy": ("FILE-OR-JSON", "a session policy, which narrows what the session may do"),
    "--policy-arn": ("ARN...", "a managed policy that does the same; repeatable"),
    "--mfa-serial": ("SERIAL", "the MFA device whose code the role requires"),
    "--session-token": (
        None,
        "first exchange long-term keys for a session of 12h: one MFA code then serves several roles",
    ),
    "--min-ttl": (
        "TIME",
        "use a cached session only if it is valid for that long; less than 15m counts as 15m",
    ),
    "--mode": (
        "MODE",
        "keys: export the credentials; profile: export only AWS_PROFILE, and the SDKs renew by themselves",
    ),
    "--live": (
        None,
        "export only AWS_PROFILE, of a profile that every SDK renews by itself, if need be through awsenv",
    ),
    "--no-cache": (None, "neither read nor write the AWS CLI's session cache"),
    "--persist": (None, "Windows: also into the user environment, for every window opened from now on"),
}

#: option -> the setting that it replaces
_SETTINGS = {
    "--role-arn": "role_arn",
    "--source-profile": "source_profile",
    "--session-name": "role_session_name",
    "--external-id": "external_id",
    "--chain": "chain",
    "--source-identity": "source_identity",
    "--mfa-serial": "mfa_serial",
}
#: the same for lists: the value has one item per line, and a final newline to mark it
_LISTS = {
    "--tag": "session_tags",
    "--transitive-tag": "transitive_session_tags",
    "--policy-arn": "policy_arns",
}

#: setting -> the option that replaces it.
ROLE_OPTIONS = {
    **{setting: option for option, setting in (*_SETTINGS.items(), *_LISTS.items())},
    "duration_seconds": "--duration",
    "policy": "--policy",
}


class Request(Value):
    """A request for credentials. It is immutable; `replace` returns a changed copy.

    Attributes:
        name: the name of the session: the profile, else the role's name.
        profile: the profile, or None for a role given by its ARN alone.
        settings: settings that replace the profile's own, under their names in the AWS config file (`role_arn`,
            `source_profile`, `duration_seconds`, …) or in `credentials.sts_options`; and `chain`, the ARN of a role to
            assume with the session of the one before.
        policy: the session policy of the last role, or None.
        region: the region to use instead of the profile's own, or None.
        min_ttl: seconds for which the session must still be valid.
        fresh: whether to ignore a cached session.
        cached: whether to use the session cache at all.
        ask: whether to prompt the user for an MFA code or a sign-in.
        mfa_token: the MFA code, if known.
        user_session: whether to exchange long-term keys for a session first (GetSessionToken).
        options: the options for `refresh`, see `encode_options`.
    """

    name: str
    profile: str | None
    settings: "Mapping[str, str]" = {}  # noqa: RUF012  # never modified
    policy: "Policy | None" = None
    region: str | None = None
    min_ttl: int = 0
    fresh: bool = False
    cached: bool = True
    ask: bool = True
    mfa_token: str | None = None
    user_session: bool = False
    options: str = ""

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a request is immutable: {name}")

    def replace(self, **changes: "Any") -> "Request":
        """Return a copy of this request with some attributes changed."""
        return Request(**{**vars(self), **changes})

    @classmethod
    def from_args(cls, args: Args) -> "Request":
        """Build the request from the arguments of a command.

        Args:
            args: either the profile as the only positional, or --role-arn.

        Raises:
            AwsenvError: (2) an invalid value; (1) a policy that cannot be read.
        """
        profile = args.positionals[0] if args.positionals else None
        settings = {setting: args.options[option] for option, setting in _SETTINGS.items() if option in args}
        settings.update((setting, f"{args.options[option]}\n") for option, setting in _LISTS.items() if option in args)
        user_session = "--session-token" in args
        duration = _duration(args, USER_AT_MOST if user_session else ROLE_AT_MOST)
        if duration is not None:
            settings["duration_seconds"] = duration
        _check_arns(args)
        _check_tags(args)
        name = profile or settings["role_arn"].rpartition("/")[2] or settings["role_arn"]
        if any(character < " " or character == "\x7f" for character in name):
            raise AwsenvError(f"the profile name {name!r} contains a control character", "rename the profile")
        policy = None
        if "--policy" in args:
            from awsenv.credentials.policy import Policy

            policy = Policy(args.options["--policy"], "")
        return cls(
            name,
            profile,
            settings,
            policy=policy,
            region=args.get("--region"),
            min_ttl=_seconds(args, "--min-ttl") or 0,
            fresh="--refresh" in args,
            cached="--no-cache" not in args,
            ask="--no-input" not in args,
            mfa_token=_mfa_token(args),
            user_session=user_session,
            options=encode_options(args, policy.path if policy else None),
        )


def encode_options(args: Args, policy_path: str | None = None) -> str:
    """Return the options for `refresh`, percent-encoded and separated by blanks, so that every shell can store them.

    A leading `-` marks a request without a profile, for which AWSENV_PROFILE holds the role's name.

    Args:
        args: the arguments of `assume`.
        policy_path: the absolute path of the policy's file, so that `refresh` finds it from any directory.
    """
    repeated = [] if args.positionals or "--role-arn" not in args else ["-"]
    for name, value in args.options.items():
        if name == "--policy" and policy_path is not None:
            repeated.append(f"{name}={policy_path}")
        elif name in OPTIONS:
            repeated.append(f"{name}={value}" if value else name)
    if not repeated:
        return ""
    from awsenv.environment import roles

    return " ".join(map(roles.encoded, repeated))


def decode_options(text: str, name: str, options: "Options", command: str = "refresh") -> Args:
    """Return the arguments of an `assume` from its options as text; the inverse of `encode_options`.

    Args:
        text: the value of AWSENV_OPTIONS.
        name: the value of AWSENV_PROFILE.
        options: the options of `assume`.
        command: the command that repeats them, for errors.

    Raises:
        AwsenvError (2): they are not from `encode_options`.
    """
    from urllib.parse import unquote

    decoded = [unquote(option, errors="surrogateescape") for option in text.split(" ") if option]
    has_profile = decoded[:1] != ["-"]
    args = parse(command, decoded if has_profile else decoded[1:], options, 0)
    if has_profile:
        args.positionals.append(name)
    return args


def _duration(args: Args, maximum: int) -> str | None:
    written = args.get("--duration")
    if written is None or written == "max":
        return written
    seconds = _seconds(args, "--duration")
    if seconds is None or not 900 <= seconds <= maximum:
        raise AwsenvError(
            f"--duration {written} is outside 15m to {maximum // 3600}h", "AWS accepts only that range", USAGE
        )
    return str(seconds)


def _seconds(args: Args, option: str) -> int | None:
    written = args.get(option)
    if written is None:
        return None
    seconds = expiry.parse_duration(written)
    if seconds is None:
        raise AwsenvError(f"{option} {written} is not a time", "write it like 3600, 45m, 8h or 1h30m", USAGE)
    return seconds


def _check_arns(args: Args) -> None:
    for option in ("--role-arn", "--chain"):
        written = args.get(option)
        if written is None:
            continue
        from awsenv.aws import arn

        if not arn.is_role(written):
            what = f"{option} {written} is not the ARN of a role"
            raise AwsenvError(what, "it looks like arn:aws:iam::123456789012:role/NAME", USAGE)


def _check_tags(args: Args) -> None:
    for tag in args.options["--tag"].split("\n") if "--tag" in args else ():
        if not tag.partition("=")[0].strip() or "=" not in tag:
            raise AwsenvError(f"--tag {tag} is not KEY=VALUE", "write it like --tag team=blue", USAGE)


def _mfa_token(args: Args) -> str | None:
    written = args.get("--mfa-token")
    if written is None:
        return None
    code = mfa_code(written)
    if code is None:
        raise AwsenvError("--mfa-token is not a code of six digits", "type the code as the device shows it", USAGE)
    return code


def mfa_code(text: str) -> str | None:
    """Return the six digits of an MFA code, which apps show as `123 456`; None for any other text."""
    code = "".join(text.replace("\xa0", " ").split(" "))
    return code if len(code) == 6 and code.isdigit() and code.isascii() else None
