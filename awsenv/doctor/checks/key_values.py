"""Checks of the values of access keys and regions, in variables and in profiles, that cannot be right."""

from __future__ import annotations

import re
from collections.abc import Iterator

from awsenv.aws.key_id import LONG_TERM, TEMPORARY
from awsenv.doctor.check import ERROR, NOTE, WARNING, Finding, check, problem
from awsenv.doctor.checks.config_values import is_reported
from awsenv.doctor.checks.endpoints import configured_endpoints, sts_endpoints
from awsenv.doctor.context import Context
from awsenv.doctor.key_sets import KeySet, wherever
from awsenv.environment import REGIONS, masked

__all__ = ["is_placeholder", "is_region", "keys_for_aws", "readable"]


def is_for_other_server(context: Context, keys: KeySet) -> bool:
    """Whether these credentials are for another server than AWS, where they may have any form.

    If a single service goes elsewhere, as S3 does to MinIO, keys that AWS has issued are for all other services.
    """
    endpoints = sts_endpoints(context) if keys.account else configured_endpoints(context)
    return any(endpoint.is_elsewhere for endpoint in endpoints)


#: Access key id and secret in the manuals of LocalStack, moto and MinIO; the first two servers accept any.
_OF_TEST_SERVERS = ("test", "testing", "minioadmin")


def is_placeholder(value: str) -> bool:
    """Whether a value is a placeholder."""
    return _PLACEHOLDER.fullmatch(value) is not None


def is_region(text: str) -> bool:
    """Whether a text has the form of a region, and so may be shown: it is not a secret in the wrong variable."""
    return re.fullmatch(r"[a-z]{2,4}(-[a-z]+)+-[1-9]\d?", text) is not None


def readable(keys: KeySet, name: str) -> str:
    """Return a value; an empty text if another check reports an error in it, which explains all others."""
    value = keys.texts.get(name, "")
    return "" if is_placeholder(value) or _flaw(name, value) else value


_PLACEHOLDER = re.compile(
    r"\(?(null|none|undefined|nil|n/?a|tbd|true|false|change_?me|todo|string)\)?"  # jq, --output text, JavaScript
    r"|<[^<>]{0,64}>|\[[^][]{0,64}\]|\{{1,2}[^{}]{0,64}\}{1,2}"  # <session-token>, {{ token }}
    r"|%\w+%|!\w+!|\$(env:)?\w*|\$(env:)?\{{1,2}[^{}]{0,64}\}{1,2}|\$\(.*\)"  # an unexpanded variable
    r"|op://.*|enc\[.*"  # an unresolved reference of 1Password or sops
    r"|(your|my|insert|enter|replace|put|paste|add)[-_ ][\w -]*|(A[KS]IA)?(\.{3,}|…|x{3,}|\*{3,}.*)"
    r"|(aws[-_ ]?)?(secret[-_ ]?)?(access|session|security|secret)[-_ ]?(key|token)([-_ ]?id)?"  # its own name
    r"|role(access|secret|session)(key|token)(id)?",  # from AWS's article on expired tokens
    re.IGNORECASE | re.ASCII | re.DOTALL,
)

# A placeholder that cannot be a secret, and may be shown.
_TELLING = re.compile(r"[<%$!({\[]*[A-Za-z_: /-]{1,30}[)>%!}\]]*")

_KEY_ID, _BASE64, _REGION = (re.compile(f"[A-Za-z0-9{more}]") for more in ("_", "+/=_-", "_-"))

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


@check
def placeholder_value(context: Context) -> Iterator[Finding]:
    for keys in wherever(context):
        for name in keys.names:
            value = keys.texts.get(name, "")
            if value and is_placeholder(value):
                shown = value if _TELLING.fullmatch(value) else masked(value)
                yield keys.problem(name, "is a placeholder, not a value", keys.shown(name, shown))
    for name in REGIONS:
        value = context.environ.get(name, "")
        if value and is_placeholder(value):
            yield problem(f"{name} is a placeholder, not a value", f"{name}={value}", fix=f"unset {name}")


@check
def unclean_value(context: Context) -> Iterator[Finding]:
    for keys in wherever(context):
        lax = is_for_other_server(context, keys)
        for name in keys.names:
            value = keys.texts.get(name, "")
            flaw = _flaw(name, value, lax=lax)
            if flaw and not (keys.file is not None and is_reported(value)):
                yield keys.problem(name, f"has {flaw}", f"{keys.where(name)} has {len(value)} characters")
    for name in REGIONS:
        value = context.environ.get(name, "")
        flaw = _flaw(name, value)
        if flaw:
            clean = value.strip().strip("\"'`").strip()
            fix = f"export {name}={clean}" if is_region(clean) else f"unset {name}"
            yield problem(f"{name} has {flaw}", f"{name} has {len(value)} characters", fix=fix)


def _flaw(name: str, value: str, *, lax: bool = False) -> str:
    """Return the first character that does not belong in a value, and where it is; empty without one.

    Args:
        name: the name of the variable or setting.
        value: the value; placeholder-value reports a placeholder.
        lax: whether every character is allowed that a header may have.
    """
    is_id = name.lower().endswith("key_id") and len(value) != 40  # malformed-key-id recognises a secret in its place
    alphabet = _ANYWHERE if lax else _REGION if name in REGIONS else _KEY_ID if is_id else _BASE64
    if is_placeholder(value):
        return ""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'`":
        return "quotes around it, which are part of the value"
    for number, character in enumerate(value, 1):
        if not alphabet.match(character):
            ends = not any(map(alphabet.match, value[number:]))
            place = "at its beginning" if number == 1 else "at its end" if ends else "inside"
            zsh = " (zsh shows one where output has no line break)" if character == "%" and number == len(value) else ""
            return f"{_NAMES.get(character, ascii(character))} {place}{zsh}"
    return ""


def keys_for_aws(context: Context) -> Iterator[KeySet]:
    """Yield the access keys, exported and of the chain, that are sent to AWS and not to another server."""
    return (keys for keys in wherever(context) if not is_for_other_server(context, keys))


@check
def example_keys(context: Context) -> Iterator[Finding]:
    for keys in keys_for_aws(context):
        if keys.id.endswith("EXAMPLE"):
            shown = keys.shown(keys.names[0], keys.id)
            yield keys.problem(keys.names[0], "is the example from AWS's manuals", shown)
        elif _is_example(keys.secret):
            yield keys.problem(keys.names[1], "is the example from AWS's manuals")


def _is_example(secret: str) -> bool:
    return secret.upper().endswith(("EXAMPLEKEY", "EXAMPLE"))


@check
def malformed_key_id(context: Context) -> Iterator[Finding]:
    for keys in keys_for_aws(context):
        name = keys.names[0]
        key = readable(keys, name)
        if not key or key.endswith("EXAMPLE"):
            continue
        shown, severity = keys.shown_id, ERROR
        if key in _OF_TEST_SERVERS:
            what, shown, severity = "is accepted by test servers, not by AWS", keys.shown(name, key), NOTE
        elif len(key) == 40:
            what, shown = "has 40 characters, as a secret access key has: the two may be swapped", ""
        elif re.match("A(ROA|IDA|GPA|NPA|NVA|PKA|IPA|SCA)", key):
            what = "is the id of a role, a user or a group, not of an access key"
        elif not key.startswith((LONG_TERM, TEMPORARY)):
            what, shown = "begins neither with AKIA nor with ASIA", ""
        elif len(key) != 20:
            what = f"has {len(key)} characters, not 20"
        elif key != key.upper():
            what = "has lowercase letters"
        elif re.search("[0189_]", key):  # uncertain: the oldest keys were not base32
            what, severity = "has a 0, 1, 8 or 9, which no new key has: mistyped for O, I or B", WARNING
        else:
            continue
        yield keys.problem(name, what, *filter(None, [shown]), severity=severity)


@check
def secret_length(context: Context) -> Iterator[Finding]:
    for keys in keys_for_aws(context):
        name = keys.names[1]
        secret = readable(keys, name)
        reported = keys.id in _OF_TEST_SERVERS or len(keys.id) == 40  # by malformed-key-id
        if secret and not (reported or len(secret) == 40 or _is_example(secret)):
            yield keys.problem(name, f"has {len(secret)} characters, not 40")
