"""Checks of the exported values themselves: a value that cannot be right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from awsenv.aws.key_id import LONG_TERM, TEMPORARY, account_of
from awsenv.doctor.check import ERROR, NOTE, WARNING, Finding, check, problem
from awsenv.doctor.checks.endpoints import configured_endpoints, host_of, is_of_aws
from awsenv.doctor.context import Context, UnreadableError
from awsenv.doctor.text import TOKENS, is_region
from awsenv.environment import KEYS, REGIONS, masked

__all__ = ["is_for_other_server", "readable"]


def is_for_other_server(context: Context) -> bool:
    """Whether the exported credentials are for another server than AWS, whose keys have any form.

    If only one service goes elsewhere, as S3 does to MinIO, keys that AWS has issued are for all the others.
    """
    of_aws = account_of(context.environ.get("AWS_ACCESS_KEY_ID", "")) is not None
    with suppress(UnreadableError):  # the variables come first
        for service, url, _ in configured_endpoints(context):
            host = host_of(url)
            if host and not is_of_aws(host) and not (of_aws and service not in ("", "STS")):
                return True
    return False


#: Both values in the manuals of LocalStack, moto and MinIO. The first two accept any.
_OF_TEST_SERVERS = ("test", "testing", "minioadmin")


def readable(environ: Mapping[str, str], name: str) -> str:
    """A value, if no other check reports an error in it that explains all others; else empty."""
    value = environ.get(name, "")
    return "" if _PLACEHOLDER.fullmatch(value) or _flaw(name, value, lax=False) else value


_PLACEHOLDER = re.compile(
    r"\(?(null|none|undefined|nil|n/a|true|false|changeme|todo)\)?"  # jq, --output text, JavaScript
    r"|<[^<>]{0,64}>|\[[^][]{0,64}\]|\{[^{}]{0,64}\}"  # <session-token>
    r"|%\w+%|!\w+!|\$(env:)?\{?\w*\}?|\$\(.*\)"  # a variable that no shell has expanded
    r"|(your|my|insert|enter|replace)[-_ ][\w -]*|\.{3,}|…|x{4,}|\*{3,}.*",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)

# A placeholder that cannot be a secret, and may be shown.
_TELLING = re.compile(r"[<%$!({\[]*[A-Za-z_: /-]{1,30}[)>%!}\]]*")

_VALUES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", *TOKENS, *REGIONS)

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


@check(
    "placeholder-value",
    ERROR,
    cause=(
        "The value is a placeholder: what jq prints for a missing field, a variable that the shell did not expand, "
        "a line of a manual. It is sent as if it were the credential."
    ),
    fix="awsenv assume PROFILE",
    causes=("unknown-key", "auth-failure", "region-invalid"),
)
def placeholder_value(context: Context) -> Iterator[Finding]:
    for name in _VALUES:
        value = context.environ.get(name, "")
        if value and _PLACEHOLDER.fullmatch(value):
            shown = value if _TELLING.fullmatch(value) else masked(value)
            yield problem(
                f"{name} is a placeholder, not a value",
                f"{name}={shown}",
                fix=f"unset {name}" if name in REGIONS else context.renew_command,
            )


@check(
    "unclean-value",
    ERROR,
    cause=(
        "The value contains a character that no key, token or region has, copied along with it: a blank, a line "
        "break, quotes, the carriage return of a Windows file. It counts as part of the value."
    ),
    fix="awsenv assume PROFILE",
    causes=("unknown-key", "auth-failure", "wrong-secret", "header-value", "region-invalid"),
)
def unclean_value(context: Context) -> Iterator[Finding]:
    lax = is_for_other_server(context)
    for name in _VALUES:
        value = context.environ.get(name, "")
        if _PLACEHOLDER.fullmatch(value):
            continue
        flaw = _flaw(name, value, lax=lax)
        if flaw:
            clean = value.strip().strip("\"'`").strip()
            clean_region = name in REGIONS and is_region(clean)
            yield problem(
                f"{name} has {flaw}",
                f"{name} has {len(value)} characters",
                fix=f"export {name}={clean}"
                if clean_region
                else f"unset {name}"
                if name in REGIONS
                else context.renew_command,
            )


def _flaw(name: str, value: str, *, lax: bool) -> str:
    """The first character that does not belong in a value, and where it is; empty if they all do."""
    alphabet = _ANYWHERE if lax else _ALPHABETS[name]
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'`":
        return "quotes around it, which are part of the value"
    for number, character in enumerate(value, 1):
        if not alphabet.match(character):
            ends = not any(map(alphabet.match, value[number:]))
            place = "at its beginning" if number == 1 else "at its end" if ends else "inside"
            return f"{_NAMES.get(character, ascii(character))} {place}"
    return ""


@check(
    "example-keys",
    ERROR,
    cause="These are the access keys printed in AWS's manuals. They belong to no account.",
    fix="awsenv assume PROFILE",
    causes=("unknown-key", "auth-failure"),
)
def example_keys(context: Context) -> Iterator[Finding]:
    key, secret, _ = (context.environ.get(name, "") for name in KEYS)
    if is_for_other_server(context):
        return
    if key.endswith("EXAMPLE"):
        yield problem(
            "AWS_ACCESS_KEY_ID is the example from AWS's manuals", f"AWS_ACCESS_KEY_ID={key}", fix=context.renew_command
        )
    elif secret.upper().endswith(("EXAMPLEKEY", "EXAMPLE")):
        yield problem("AWS_SECRET_ACCESS_KEY is the example from AWS's manuals", fix=context.renew_command)


@check(
    "malformed-key-id",
    ERROR,
    cause=(
        "An access key id has 20 characters: AKIA or ASIA, then capital letters and the digits 2 to 7. Anything "
        "else was cut off, mistyped, or is another kind of value."
    ),
    fix="awsenv assume PROFILE",
    causes=("unknown-key", "auth-failure"),
)
def malformed_key_id(context: Context) -> Iterator[Finding]:
    key = readable(context.environ, "AWS_ACCESS_KEY_ID")
    if not key or key.endswith("EXAMPLE") or is_for_other_server(context):
        return
    evidence, severity = f"AWS_ACCESS_KEY_ID={key[:4]}{masked(key)}", ERROR
    if key in _OF_TEST_SERVERS:
        what, evidence, severity = "is accepted by test servers, not by AWS", f"AWS_ACCESS_KEY_ID={key}", NOTE
    elif len(key) == 40:
        what, evidence = "has 40 characters, as a secret access key has: the two may be swapped", ""
    elif re.match("A(ROA|IDA|GPA|NPA|NVA|PKA|IPA|SCA)", key):
        what = "is the id of a role, a user or a group, not of an access key"
    elif not key.startswith((LONG_TERM, TEMPORARY)):
        what, evidence = "begins neither with AKIA nor with ASIA", ""
    elif len(key) != 20:
        what = f"has {len(key)} characters, not 20"
    elif key != key.upper():
        what = "has small letters"
    elif re.search("[0189_]", key):  # not certain: the oldest keys were not base32
        what, severity = "has a 0, 1, 8 or 9, which no new key has: mistyped for O, I or B", WARNING
    else:
        return
    yield problem(f"AWS_ACCESS_KEY_ID {what}", *filter(None, [evidence]), fix=context.renew_command, severity=severity)


@check(
    "secret-length",
    ERROR,
    cause=(
        "A secret access key has 40 characters. With one more or less, the signature of the request does not match "
        "the one AWS expects."
    ),
    fix="awsenv assume PROFILE",
    causes=("wrong-secret",),
)
def secret_length(context: Context) -> Iterator[Finding]:
    secret = readable(context.environ, "AWS_SECRET_ACCESS_KEY")
    example = secret.upper().endswith(("EXAMPLEKEY", "EXAMPLE"))
    known = context.environ.get("AWS_ACCESS_KEY_ID") in _OF_TEST_SERVERS  # reported by malformed-key-id
    if secret and not example and not known and len(secret) != 40 and not is_for_other_server(context):
        yield problem(f"AWS_SECRET_ACCESS_KEY has {len(secret)} characters, not 40", fix=context.renew_command)
