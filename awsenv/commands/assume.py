"""Puts the credentials of PROFILE into this shell, as one full change: what was exported before is gone, and a region
or an AWS_PROFILE that had to give way comes back with `awsenv clear`. Without PROFILE, on a terminal, it lets you
choose."""

from __future__ import annotations

import os

from awsenv import environment
from awsenv.credentials import Request, obtain
from awsenv.dialects import CHOICES
from awsenv.environment import expiry
from awsenv.result import USAGE, AwsenvError, Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from awsenv.args import Options, Words
    from awsenv.environment import Session
    from awsenv.system.user_environment import Account

__all__ = [
    "EXAMPLES",
    "MOST_NAMES",
    "OPTIONS",
    "USAGE_LINE",
    "assume",
    "kept",
    "request_of",
    "run",
    "transition",
]

USAGE_LINE = "awsenv assume [PROFILE] [options]"
MOST_NAMES = 1

#: What `refresh` repeats.
KEPT: Options = {
    "--duration": (
        "TIME",
        "how long the session should live: 3600, 45m, 8h (15m to 12h), or max: as long as the role allows",
    ),
    "--region": ("REGION", "export this region instead of the profile's own"),
    "--role-arn": ("ARN", "assume this role; PROFILE or --source-profile says with whose credentials"),
    "--source-profile": ("NAME", "assume the role with the credentials of this profile"),
    "--chain": ("ARN", "then assume this role, with the session of the first; the other options are about the last"),
    "--session-name": ("NAME", "the name of the session, as CloudTrail shows it; else it is user@host"),
    "--external-id": ("ID", "the external id that the role's trust policy asks for"),
    "--source-identity": ("NAME", "who is behind the session, also when it assumes other roles"),
    "--tag": ("KEY=VALUE...", "a session tag; may be given again"),
    "--transitive-tag": ("KEY...", "a tag that a role which is assumed from here inherits; may be given again"),
    "--policy": ("FILE-OR-JSON", "a session policy: nothing is allowed beyond it"),
    "--policy-arn": ("ARN...", "a managed policy that does the same; may be given again"),
    "--mfa-serial": ("SERIAL", "the MFA device whose code the role asks for"),
    "--session-token": (
        None,
        "first exchange long-term keys for a session of 12h: one MFA code then serves several roles",
    ),
    "--min-ttl": (
        "TIME",
        "take a session from the cache only if it has that long to live; less than 15m counts as 15m",
    ),
    "--mode": (
        "MODE",
        "keys: export the credentials; profile: export AWS_PROFILE alone, and the SDKs renew by themselves",
    ),
    "--no-cache": (None, "neither read nor write the AWS CLI's cache of sessions"),
    "--persist": (None, "Windows: also into your user's environment, for every window that is opened from now on"),
}
OPTIONS: Options = {
    **KEPT,
    "--refresh": (None, "a new session, whatever is cached"),
    "--mfa-token": ("CODE", "the MFA code, so that nobody is asked"),
    "--no-input": (None, "never ask anybody anything, neither for a profile nor for an MFA code: fail instead"),
    "--shell": ("NAME", f"write for this shell: {CHOICES}; else it is detected"),
    "--format": ("FORMAT", "not for a shell: env (NAME=VALUE lines), dotenv or json, of the AWS variables"),
}
EXAMPLES = """
  awsenv assume project1                             with the integration line in place (awsenv install)
  eval "$(awsenv assume project1)"                   bash and zsh, no setup
  awsenv assume project1 | source                    fish
  awsenv assume project1 | Out-String | Invoke-Expression                           PowerShell
  for /f "delims=" %i in ('awsenv assume project1') do @set "%i"                    cmd
  awsenv assume user1 --role-arn arn:aws:iam::123456789012:role/Admin --duration 1h
  (umask 077; awsenv assume project1 --format dotenv > .env)
"""

_SETTINGS = {
    "--role-arn": "role_arn",
    "--source-profile": "source_profile",
    "--session-name": "role_session_name",
    "--external-id": "external_id",
    "--chain": "chain",
    "--source-identity": "source_identity",
    "--mfa-serial": "mfa_serial",
}

# Of these a setting is a list: one a line, and a newline at the end that says so.
_LISTS = {
    "--tag": "session_tags",
    "--transitive-tag": "transitive_session_tags",
    "--policy-arn": "policy_arns",
}


def run(words: Words, environ: Mapping[str, str], now: int) -> Result:
    """The change that puts the named or chosen profile into the environment."""
    name = words.names[0] if words.names else None
    if name == "":
        raise AwsenvError("assume was given an empty profile name", "name one, or leave it out to choose", USAGE)
    if name is None and "--role-arn" not in words and "--no-input" in words:
        raise AwsenvError("assume needs the name of a profile, as --no-input lets it ask for none", "name one", USAGE)
    if name is None and "--role-arn" not in words:
        from awsenv.commands import _picker

        name = _picker.choose(environ, now)
    return assume(name, words, environ, now)


def assume(name: str | None, words: Words, environ: Mapping[str, str], now: int) -> Result:
    """The same for a profile that is known, or None for a role that --role-arn names; `refresh` comes in here.

    Raises:
        AwsenvError: see `awsenv.credentials.obtain`; (2) for a value of an option that makes no sense.
    """
    form = words.get("--format")
    if form is not None and form not in ("env", "dotenv", "json"):
        raise AwsenvError(f"--format {form} is not known", "there is --format env, dotenv and json", USAGE)
    account = None
    if "--persist" in words:  # before anybody is asked for anything
        from awsenv.system import user_environment

        account = user_environment.open_account()
    change_of, note = _assumption(name, words, environ, now)
    change, report = change_of(environ), ""
    if account is not None:
        report = _persist(account, change_of(account.environ))
    if form is not None:
        from awsenv.report import formats

        return Result(out=formats.write(form, change), note=note, report=report)
    return Result(change=change, note=note, report=report)


def transition(name: str | None, words: Words, environ: Mapping[str, str], now: int) -> tuple[environment.Change, str]:
    """The change that `assume` makes and `exec` gives its command, and a note on it; AwsenvError as for `assume`."""
    change_of, note = _assumption(name, words, environ, now)
    return change_of(environ), note


def _assumption(
    name: str | None, words: Words, environ: Mapping[str, str], now: int
) -> tuple[Callable[[Mapping[str, str]], environment.Change], str]:
    """What makes an environment's change of it, and a note; AwsenvError as for `assume`."""
    mode = words.get("--mode") or "keys"
    if mode not in ("keys", "profile"):
        raise AwsenvError(f"--mode {mode} is not known", "there is --mode keys and --mode profile", USAGE)
    request = request_of(name, words)
    base = environment.unassumed(environ)
    if mode == "profile":
        return _profile_only(request, base, kept(words))
    session = obtain(request, base, now)
    options = kept(words)
    return (lambda before: environment.assume_keys(before, session, options)), _note(session, environ, now)


def _persist(account: Account, change: environment.Change) -> str:
    """Make the change of the user's environment; gives what there is to know of that. AwsenvError."""
    account.make(change)
    if not change.get("AWS_ACCESS_KEY_ID"):
        what = "AWS_PROFILE"
    elif not change.get("AWS_SESSION_TOKEN"):
        what = "these long-term keys"
    else:
        what = f"these keys, which live until {change.get('AWS_CREDENTIAL_EXPIRATION') or 'nobody knows when'}"
    return (
        f"awsenv: every window and program that your account opens from now on has {what}; "
        "those that are open do not; it ends with: awsenv clear --persist\n"
    )


def request_of(name: str | None, words: Words) -> Request:
    """What the words ask for; AwsenvError (2) for a value that makes no sense."""
    settings = {setting: words.options[option] for option, setting in _SETTINGS.items() if option in words}
    settings.update((setting, f"{words.options[option]}\n") for option, setting in _LISTS.items() if option in words)
    user_session = "--session-token" in words
    if words.get("--duration") == "max":
        settings["duration_seconds"] = "max"
    else:
        duration = _seconds(words, "--duration")
        longest, written = (129600, "36h") if user_session else (43200, "12h")
        if duration is not None and not 900 <= duration <= longest:
            raise AwsenvError(
                f"--duration {words.get('--duration')} is outside 15m to {written}", "AWS gives no others", USAGE
            )
        if duration is not None:
            settings["duration_seconds"] = str(duration)
    if "--policy" in words:
        settings["policy"] = _policy(words.options["--policy"])
    for option in ("--role-arn", "--chain"):
        arn = words.get(option)
        if arn is not None and not (arn.startswith("arn:") and ":role/" in arn):
            raise AwsenvError(
                f"{option} {arn} is not the ARN of a role", "it looks like arn:aws:iam::123456789012:role/NAME", USAGE
            )
    for tag in words.options["--tag"].split("\n") if "--tag" in words else ():
        if not tag.partition("=")[0].strip() or "=" not in tag:
            raise AwsenvError(f"--tag {tag} is not KEY=VALUE", "write it like --tag team=blue", USAGE)
    code = words.get("--mfa-token")
    if code is not None and not (len(code) == 6 and code.isdigit() and code.isascii()):
        raise AwsenvError("--mfa-token was given something else than six digits", "type the code as it is shown", USAGE)
    shown = name or settings["role_arn"].rpartition("/")[2] or settings["role_arn"]
    if any(character < " " or character == "\x7f" for character in shown):
        raise AwsenvError(f"the profile name {shown!r} contains a control character", "rename the profile")
    return Request(
        shown,
        name,
        settings,
        region=words.get("--region"),
        min_ttl=_seconds(words, "--min-ttl") or 0,
        fresh="--refresh" in words,
        cached="--no-cache" not in words,
        ask="--no-input" not in words,
        mfa_token=code,
        user_session=user_session,
    )


def _policy(text: str) -> str:
    """The JSON of --policy, which may stand in a file."""
    if text.lstrip().startswith("{"):
        return text
    path = _policy_file(text)
    try:
        with open(path, encoding="utf-8") as file:
            policy = file.read()
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise AwsenvError(f"cannot read the policy {path}: {why}", "name a file, or write the JSON itself") from None
    if not policy.lstrip().startswith("{"):
        raise AwsenvError(f"the policy {path} is no JSON object", "see the AWS documentation of IAM policies")
    return policy


def _policy_file(text: str) -> str:
    """The whole path, so that `refresh` finds it from any folder."""
    return os.path.abspath(text.removeprefix("file://"))


def _seconds(words: Words, option: str) -> int | None:
    value = words.get(option)
    if value is None:
        return None
    seconds = expiry.parse_duration(value)
    if seconds is None:
        raise AwsenvError(f"{option} {value} is not a time", "write it like 3600, 45m, 8h or 1h30m", USAGE)
    return seconds


def _profile_only(
    request: Request, base: Mapping[str, str], options: str
) -> tuple[Callable[[Mapping[str, str]], environment.Change], str]:
    if request.profile is None or request.settings or request.user_session:
        raise AwsenvError(
            "--mode profile exports nothing but the name of a profile, so it goes with no other option than --region",
            "leave out --mode, or put the settings into the profile",
            USAGE,
        )
    from awsenv.aws.config_files import Profiles
    from awsenv.credentials.plan import require

    profiles = Profiles(base)
    require(profiles, request.profile)
    region = request.region or profiles.text(request.profile, "region")
    note = f"AWS_PROFILE is {request.profile}; the SDKs obtain and renew its credentials by themselves"
    name = request.profile
    return (lambda before: environment.assume_profile(before, name, region, options)), note


def _note(session: Session, environ: Mapping[str, str], now: int) -> str:
    region = f", {session.region}" if session.region else ""
    hint = f"; {session.hint}" if session.hint else ""
    if session.expiration is not None:
        left = f"{expiry.short(session.expiration - now)} left"
    else:
        left = "long-term keys" if session.token is None else _estimate(session.token, environ, now)
    return f"{session.profile}: {left}{region}{hint}"


def _estimate(token: str, environ: Mapping[str, str], now: int) -> str:
    """What is left if the session lives as long as most do. It is said only, and not exported: nobody knows."""
    from awsenv.aws import session_token
    from awsenv.environment import settings

    issued = session_token.issued(token)
    if issued is None:
        return "expiry unknown"
    lifetime = int(settings.read(environ)[0]["AWSENV_DURATION"])
    left = issued + lifetime - now
    end = f"about {expiry.short(left)} left" if left > 0 else f"ended about {expiry.short(left)} ago"
    return f"expiry unknown; {end}, if it lives {expiry.short(lifetime)}, as most do"


def kept(words: Words) -> str:
    """The options that `refresh` repeats, percent-encoded and parted by blanks, so that every shell can hold them.

    A `-` in front says that no profile was named: AWSENV_PROFILE is then the role's name.
    """
    again = [] if words.names or "--role-arn" not in words else ["-"]
    for name, value in words.options.items():
        if name == "--policy" and not value.lstrip().startswith("{"):
            again.append(f"{name}={_policy_file(value)}")
        elif name in KEPT:
            again.append(f"{name}={value}" if value else name)
    return " ".join(map(_encoded, again))


def _encoded(text: str) -> str:
    return "".join(
        chr(byte) if (chr(byte).isalnum() and byte < 0x80) or chr(byte) in "-=:/.,@+_" else f"%{byte:02X}"
        for byte in text.encode("utf-8", "surrogateescape")
    )
