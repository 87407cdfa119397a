"""What is wrong with the exported keys and tokens themselves."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import suppress

from awsenv.aws import session_token
from awsenv.aws.federation import partition_of
from awsenv.aws.key_id import LONG_TERM, TEMPORARY, account_of
from awsenv.doctor.check import ERROR, NOTE, WARNING, Fix, Found, check, found
from awsenv.doctor.checks import files
from awsenv.doctor.context import Scene, UnreadableError, masked
from awsenv.environment import KEYS, PROFILE_HINTS, REGIONS
from awsenv.environment.expiry import short

__all__ = ["assume", "duration", "is_region", "token_in_force"]

#: In botocore's order: the first that is set counts (EnvProvider.TOKENS).
_TOKENS = ("AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN")

# What AWS answers to keys that it does not know, by the services' protocols.
_INVALID = ("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "InvalidToken", "AuthFailure")
_SIGNATURE = ("SignatureDoesNotMatch", "InvalidSignatureException")


# --- what several checks want to know ---------------------------------------------------------------------------------


def assume(scene: Scene) -> str:
    """The command that replaces the exported keys by new ones."""
    if scene.exported.profile is not None:
        return "awsenv refresh"
    if scene.unreadable is None:
        for name in (scene.known.profile, *(scene.environ.get(variable) for variable in PROFILE_HINTS)):
            if name and name in scene.profiles:
                return f"awsenv assume {shlex.quote(name)}"
    return "awsenv assume PROFILE"


def duration(seconds: int) -> str:
    """A duration as it is said; hours are told in days where they are many."""
    return short(seconds) if seconds < 100 * 3600 else f"{seconds // 86400} days"


def token_in_force(environ: Mapping[str, str]) -> tuple[str, str]:
    """The variable with the session token that botocore takes, and the token; both empty if there is none."""
    return next(((name, environ[name]) for name in _TOKENS if environ.get(name)), ("", ""))


def is_region(text: str) -> bool:
    """Whether a text looks like a region, and so may be shown: it is no secret in the wrong variable."""
    return re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}", text) is not None


def _elsewhere(scene: Scene) -> bool:
    """Whether the exported keys are for another server than AWS, whose keys look as it likes.

    Where only some service goes elsewhere, as S3 does to MinIO, keys that AWS has made are for all the others.
    """
    of_aws = account_of(scene.environ.get("AWS_ACCESS_KEY_ID", "")) is not None
    with suppress(UnreadableError):  # what the variables say comes first
        for service, url, _ in files.endpoints(scene):
            host = files.host_of(url)
            if host and not files.is_of_aws(host) and not (of_aws and service not in ("", "STS")):
                return True
    return False


#: What the manuals of LocalStack, moto and MinIO have as both of the keys. The first two take any.
_OF_TEST_SERVERS = ("test", "testing", "minioadmin")


def _readable(environ: Mapping[str, str], name: str) -> str:
    """A value in which no other check sees a fault that explains all others; else nothing."""
    value = environ.get(name, "")
    return "" if _PLACEHOLDER.fullmatch(value) or _flaw(name, value, lax=False) else value


def _long_term(environ: Mapping[str, str]) -> bool:
    return environ.get("AWS_ACCESS_KEY_ID", "").startswith(LONG_TERM)


# --- sets that are not whole ------------------------------------------------------------------------------------------


@check("partial-keys", ERROR, cure="awsenv assume PROFILE", errors=("PartialCredentialsError",))
def partial_keys(scene: Scene) -> Iterator[Found]:
    """An access key id and its secret access key only work together. With an id alone every SDK gives up; a secret or a
    token alone is passed over without a word, and the SDK goes on to the profiles: somebody else's keys may answer."""
    environ = scene.environ
    key, secret, token = (environ.get(name) for name in KEYS)
    if key and not secret:
        yield found(
            "AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not",
            f"AWS_ACCESS_KEY_ID={masked(key)}",
            cure=assume(scene),
        )
    elif secret and not key:
        yield found(
            "AWS_SECRET_ACCESS_KEY is set, AWS_ACCESS_KEY_ID is not: SDKs pass over it",
            cure=assume(scene),
            severity=WARNING,
        )
    elif not key and (token or environ.get("AWS_SECURITY_TOKEN")):
        names = tuple(name for name in _TOKENS if environ.get(name))
        yield found(
            f"{' and '.join(names)} without keys: SDKs pass over it, until you export keys to which it does not belong",
            cure=f"unset {' '.join(names)}",
            severity=NOTE,
            fix=Fix(unset=names),
        )


@check("key-without-token", ERROR, cure="awsenv assume PROFILE", errors=_INVALID)
def key_without_token(scene: Scene) -> Iterator[Found]:
    """Keys that begin with ASIA belong to a session, and AWS takes them only together with its token. All three values
    have to be exported, or pasted, together."""
    environ = scene.environ
    key = environ.get("AWS_ACCESS_KEY_ID", "")
    if key.startswith(TEMPORARY) and environ.get("AWS_SECRET_ACCESS_KEY") and not token_in_force(environ)[0]:
        yield found(
            "AWS_ACCESS_KEY_ID is a session's key, and AWS_SESSION_TOKEN is not set",
            f"AWS_ACCESS_KEY_ID=ASIA{masked(key)}",
            cure=assume(scene),
        )


@check("token-beside-long-term-key", ERROR, cure="unset AWS_SESSION_TOKEN AWS_SECURITY_TOKEN", errors=_INVALID)
def token_beside_long_term_key(scene: Scene) -> Iterator[Found]:
    """Keys that begin with AKIA have no session token. One that an earlier session has left behind is sent with them,
    and AWS refuses the request: `aws configure export-credentials`, for one, unsets nothing."""
    environ = scene.environ
    names = tuple(name for name in _TOKENS if environ.get(name))
    if names and _long_term(environ) and environ.get("AWS_SECRET_ACCESS_KEY"):
        yield found(
            f"{' and '.join(names)} of another session beside a long-term key, which has none",
            f"AWS_ACCESS_KEY_ID=AKIA{masked(environ['AWS_ACCESS_KEY_ID'])}",
            *(f"{name}={masked(environ[name])}" for name in names),
            cure=f"unset {' '.join(names)}",
            fix=Fix(unset=names),
        )


@check("security-token-shadows", ERROR, cure="unset AWS_SECURITY_TOKEN", errors=_INVALID)
def security_token_shadows(scene: Scene) -> Iterator[Found]:
    """AWS_SECURITY_TOKEN is the old name of AWS_SESSION_TOKEN. Where both are set, boto3 and the AWS CLI send the old
    one, and tools that renew the other leave it as it was."""
    environ = scene.environ
    old, new = (environ.get(name, "") for name in _TOKENS)
    if old and new and old != new and environ.get("AWS_ACCESS_KEY_ID") and not _long_term(environ):
        yield found(
            "AWS_SECURITY_TOKEN differs from AWS_SESSION_TOKEN, and boto3 and the AWS CLI prefer it",
            f"AWS_SECURITY_TOKEN={masked(old)}",
            f"AWS_SESSION_TOKEN={masked(new)}",
            fix=Fix(unset=("AWS_SECURITY_TOKEN",)),
        )


@check("security-token-alone", WARNING, cure="awsenv assume PROFILE", errors=_INVALID)
def security_token_alone(scene: Scene) -> Iterator[Found]:
    """AWS_SECURITY_TOKEN is the old name of AWS_SESSION_TOKEN. boto3 and the AWS CLI still read it, the SDKs for
    JavaScript, Go and Java do not: they send the keys of the session without its token."""
    environ = scene.environ
    old, new = (environ.get(name, "") for name in _TOKENS)
    if old and not new and environ.get("AWS_ACCESS_KEY_ID") and not _long_term(environ):
        yield found(
            "the session token is in AWS_SECURITY_TOKEN alone, which only some SDKs read",
            f"AWS_SECURITY_TOKEN={masked(old)}",
            cure=assume(scene),
        )


# --- values that cannot be right --------------------------------------------------------------------------------------

_PLACEHOLDER = re.compile(
    r"\(?(null|none|undefined|nil|n/a|true|false|changeme|todo)\)?"  # jq, --output text, JavaScript
    r"|<[^<>]{0,64}>|\[[^][]{0,64}\]|\{[^{}]{0,64}\}"  # <session-token>
    r"|%\w+%|!\w+!|\$(env:)?\{?\w*\}?|\$\(.*\)"  # a variable that no shell has put in
    r"|(your|my|insert|enter|replace)[-_ ][\w -]*|\.{3,}|…|x{4,}|\*{3,}.*",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
# One that says nothing but that it is one, and may be shown.
_TELLING = re.compile(r"[<%$!({\[]*[A-Za-z_: /-]{1,30}[)>%!}\]]*")

_VALUES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", *_TOKENS, *REGIONS)

_BASE64 = re.compile(r"[A-Za-z0-9+/=]")
_ALPHABETS = {
    "AWS_ACCESS_KEY_ID": re.compile(r"[A-Za-z0-9_]"),
    "AWS_SECRET_ACCESS_KEY": _BASE64,
    "AWS_SESSION_TOKEN": re.compile(r"[A-Za-z0-9+/=_-]"),
    "AWS_SECURITY_TOKEN": re.compile(r"[A-Za-z0-9+/=_-]"),
    "AWS_REGION": re.compile(r"[A-Za-z0-9-]"),
    "AWS_DEFAULT_REGION": re.compile(r"[A-Za-z0-9-]"),
}
_ANYWHERE = re.compile(r"[!#-&(-_a-~]")  # printable ASCII without blanks and quotes

_NAMES = {
    " ": "a blank",
    "\t": "a tab",
    "\n": "a line break",
    "\r": "a carriage return (Windows ends lines with one)",
    "\xa0": "a no-break space",
    '"': "a quotation mark",
    "'": "a quotation mark",
    "`": "a backquote",
    "\ufeff": "a byte order mark",
}


@check("placeholder-value", ERROR, cure="awsenv assume PROFILE", errors=(*_INVALID, "InvalidRegionError"))
def placeholder_value(scene: Scene) -> Iterator[Found]:
    """A word stands where a value should: what jq prints for a field that is not there, a variable that the shell has
    not put in, a line of a manual. It is sent as if it were the key."""
    for name in _VALUES:
        value = scene.environ.get(name, "")
        if value and _PLACEHOLDER.fullmatch(value):
            shown = value if _TELLING.fullmatch(value) else masked(value)
            yield found(
                f"{name} is a placeholder, and no value",
                f"{name}={shown}",
                cure=f"unset {name}" if name in REGIONS else assume(scene),
            )


@check(
    "unclean-value",
    ERROR,
    cure="awsenv assume PROFILE",
    errors=(*_INVALID, *_SIGNATURE, "IncompleteSignature", "InvalidRegionError", "Invalid header value"),
)
def unclean_value(scene: Scene) -> Iterator[Found]:
    """A character that no key, token or region has came along when the value was copied: a blank, a line break, quotes,
    the carriage return of a Windows file. It counts as a part of the value."""
    lax = _elsewhere(scene)
    for name in _VALUES:
        value = scene.environ.get(name, "")
        if _PLACEHOLDER.fullmatch(value):
            continue
        flaw = _flaw(name, value, lax=lax)
        if flaw:
            clean = value.strip().strip("\"'`").strip()
            mended = name in REGIONS and is_region(clean)
            yield found(
                f"{name} has {flaw}",
                f"{name} has {len(value)} characters",
                cure=f"export {name}={clean}" if mended else f"unset {name}" if name in REGIONS else assume(scene),
            )


def _flaw(name: str, value: str, *, lax: bool) -> str:
    """The first character that does not belong into a value, and where it stands; nothing if they all do."""
    alphabet = _ANYWHERE if lax else _ALPHABETS[name]
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'`":
        return "quotes around it, which are part of the value"
    for number, character in enumerate(value, 1):
        if not alphabet.match(character):
            ends = not any(map(alphabet.match, value[number:]))
            place = "at its beginning" if number == 1 else "at its end" if ends else "inside"
            return f"{_NAMES.get(character, ascii(character))} {place}"
    return ""


@check("example-keys", ERROR, cure="awsenv assume PROFILE", errors=_INVALID)
def example_keys(scene: Scene) -> Iterator[Found]:
    """These are the keys that AWS prints in its manuals. They belong to nobody."""
    key, secret, _ = (scene.environ.get(name, "") for name in KEYS)
    if _elsewhere(scene):
        return
    if key.endswith("EXAMPLE"):
        yield found("AWS_ACCESS_KEY_ID is the example of AWS's manuals", f"AWS_ACCESS_KEY_ID={key}", cure=assume(scene))
    elif secret.upper().endswith(("EXAMPLEKEY", "EXAMPLE")):
        yield found("AWS_SECRET_ACCESS_KEY is the example of AWS's manuals", cure=assume(scene))


@check("malformed-key-id", ERROR, cure="awsenv assume PROFILE", errors=_INVALID)
def malformed_key_id(scene: Scene) -> Iterator[Found]:
    """An access key id has 20 characters: AKIA or ASIA, then capital letters and the digits 2 to 7. What looks
    different was cut off, mistyped, or is something else."""
    key = _readable(scene.environ, "AWS_ACCESS_KEY_ID")
    if not key or key.endswith("EXAMPLE") or _elsewhere(scene):
        return
    evidence, severity = f"AWS_ACCESS_KEY_ID={key[:4]}{masked(key)}", ERROR
    if key in _OF_TEST_SERVERS:
        what, evidence, severity = "is what test servers take, and AWS does not", f"AWS_ACCESS_KEY_ID={key}", NOTE
    elif len(key) == 40:
        what, evidence = "has 40 characters, as a secret access key has: the two may have changed places", ""
    elif re.match("A(ROA|IDA|GPA|NPA|NVA|PKA|IPA|SCA)", key):
        what = "is the id of a role, a user or a group, not of a key"
    elif not key.startswith((LONG_TERM, TEMPORARY)):
        what, evidence = "begins neither with AKIA nor with ASIA", ""
    elif len(key) != 20:
        what = f"has {len(key)} characters, not 20"
    elif key != key.upper():
        what = "has small letters"
    elif re.search("[0189_]", key):  # not quite certain: the oldest keys were not base32
        what, severity = "has a 0, 1, 8 or 9, which no new key has: mistyped for O, I or B", WARNING
    else:
        return
    yield found(f"AWS_ACCESS_KEY_ID {what}", *filter(None, [evidence]), cure=assume(scene), severity=severity)


@check("secret-length", ERROR, cure="awsenv assume PROFILE", errors=_SIGNATURE)
def secret_length(scene: Scene) -> Iterator[Found]:
    """A secret access key has 40 characters. With one more or less the request is signed with something else than AWS
    expects."""
    secret = _readable(scene.environ, "AWS_SECRET_ACCESS_KEY")
    example = secret.upper().endswith(("EXAMPLEKEY", "EXAMPLE"))
    known = scene.environ.get("AWS_ACCESS_KEY_ID") in _OF_TEST_SERVERS  # malformed-key-id tells of it
    if secret and not example and not known and len(secret) != 40 and not _elsewhere(scene):
        yield found(f"AWS_SECRET_ACCESS_KEY has {len(secret)} characters, not 40", cure=assume(scene))


# --- the token --------------------------------------------------------------------------------------------------------


@check("truncated-token", ERROR, cure="awsenv assume PROFILE", errors=_INVALID)
def truncated_token(scene: Scene) -> Iterator[Found]:
    """A session token is some hundred characters long, and not all of it is here. setx cuts at 1,024 characters, a
    terminal or a mail wraps lines, and `cut -d=` drops the end."""
    if _elsewhere(scene):
        return
    for name in _TOKENS:
        token = _readable(scene.environ, name)
        size = f"{name} has {len(token)} characters"
        told = session_token.read(token)
        early = session_token.is_truncated(token)
        if early and len(token) == 1024:
            yield found(f"{name} ends after 1,024 characters, in the middle: setx cuts there", size, cure=assume(scene))
        elif early:
            yield found(f"{name} ends in the middle", size, cure=assume(scene))
        elif told is not None and len(token) % 4:
            what = "ends before its last characters, if only before the = that fill it up to a multiple of four"
            yield found(f"{name} {what}", size, cure=assume(scene), severity=WARNING)
        elif told is None and len(token) == 1024:
            what = "has exactly 1,024 characters: that is where setx cuts"
            yield found(f"{name} {what}", size, cure=assume(scene), severity=WARNING)


@check("mixed-keys", ERROR, cure="awsenv assume PROFILE", errors=_INVALID)
def mixed_keys(scene: Scene) -> Iterator[Found]:
    """The account stands in the access key id and in the session token. Where they name two, the values come from two
    different sessions."""
    environ = scene.environ
    if not environ.get("AWS_ACCESS_KEY_ID") or _long_term(environ):
        return
    key = environ["AWS_ACCESS_KEY_ID"]
    name, token = token_in_force(environ)
    told = session_token.read(token)
    of_key, of_token = account_of(key), told.account if told else None
    if of_key and of_token and of_key != of_token:
        yield found(
            f"AWS_ACCESS_KEY_ID is of account {of_key}, {name} of account {of_token}",
            f"AWS_ACCESS_KEY_ID={key[:4]}{masked(key)}",
            f"{name}={masked(token)}",
            cure=assume(scene),
        )


# The regions of the partition aws that need not be enabled; all that came after March 2019 do. So this list is closed.
# https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
_ENABLED_BY_DEFAULT = {
    *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
    *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
    *("ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
}


@check(
    "global-token",
    ERROR,
    cure="awsenv assume PROFILE --refresh",
    errors=_INVALID,
)
def global_token(scene: Scene) -> Iterator[Found]:
    """A session of the endpoint sts.amazonaws.com is good in those regions only that are enabled by default, unless the
    account asks IAM for tokens of version 2; one of a regional endpoint is good everywhere.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetSecurityTokenServicePreferences.html"""
    environ = scene.environ
    name, token = token_in_force(environ)
    told = session_token.read(token)
    if told is None or told.version_2 or not environ.get("AWS_ACCESS_KEY_ID"):
        return
    for variable in REGIONS:
        region = environ.get(variable, "")
        if is_region(region) and partition_of(region) == "aws" and region not in _ENABLED_BY_DEFAULT:
            since = duration(max(0, scene.now - told.issued))
            again = assume(scene) if scene.exported.profile is not None else f"{assume(scene)} --refresh"
            legacy = environ.get("AWS_STS_REGIONAL_ENDPOINTS") == "legacy"
            yield found(
                f"{name} was issued by sts.amazonaws.com ({since} ago), and is not good in {region}",
                f"{variable}={region}",
                f"{name}={masked(token)}",
                cure=f"unset AWS_STS_REGIONAL_ENDPOINTS, then {again}" if legacy else again,
            )
