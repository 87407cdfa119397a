"""The known errors in a text: what matched, and on which line. Pure functions."""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from awsenv.explain.meanings import MEANINGS, Meaning, Pattern
from awsenv.result import printable
from awsenv.system import redaction

__all__ = ["Recognised", "is_success", "plain", "recognise", "unknown_message"]

# Decoration of a message: colours, the frames that Terraform and Rust draw, the carriage returns of Windows.
_FRAME = re.compile(r"(?:\x1b|\\u001b|\\x1b|\\033)\[[0-9;:]*[A-Za-z]|[\u2500-\u257f]|\r", re.IGNORECASE)

# Line ends, quotes and angle brackets, as JSON, logs and HTML escape them; not the `\new` of a path.
_ESCAPED = re.compile(
    r"(?:\\+r)?\\+n(?=[^a-z0-9_]|[a-z]+[ :]|$)|\\+t(?=[^a-z0-9_]|$)|\\+\"|&(?:quot|#34|#39|lt|gt);|\\+u00(?:27|3c|3e)"
)
_UNESCAPED = {
    "&quot;": '"',
    "&#34;": '"',
    "&#39;": "'",
    "&lt;": "<",
    "&gt;": ">",
    "u0027": "'",
    "u003c": "<",
    "u003e": ">",
}

# Words that indicate AWS, and other companies, whose services use the same words with another meaning.
_AWS = re.compile(
    r"(?<![A-Za-z])(?i:aws)|AWS|(?i:amazon|boto)|\barn:|\b(?:S3|s3|STS|sts)\b|\bs3[an]?:|(?<![A-Z])A[KS]IA[A-Z0-9]|"
    r"\b(?i:eks|ecr|kms|dynamodb|cloudformation|sso|iam|nodegroup\w*)\b|\$metadata|CredentialsProvider"
)
_FOREIGN = re.compile(
    r"google|\bgcp\b|\bgcs\b|azure|microsoft|aliyun|alibaba|tencent|myqcloud|huawei|oracle|backblaze|dropbox|\bgithub\b",
    re.IGNORECASE,
)
# Servers in AWS that do not take AWS credentials: databases, instances, load balancers.
_USER_SERVERS = re.compile(
    r"\.(?:rds|elb|compute|compute-1|cache|redshift|kafka|docdb|neptune|memorydb|mq|elasticbeanstalk)(?:\.[\w-]+)?"
    r"\.amazonaws\.|\b(?:rds|elb)\.amazonaws\."
)

# How near such a word has to be, in characters: to `common`, to `vague`, and to any text for a foreign one.
_NEAR_AWS, _NEAR_VAGUE, _NEAR_FOREIGN = 1000, 300, 200

_WORD = re.compile(r"(?<![A-Za-z])[A-Z][A-Za-z]{6,}(?![A-Za-z])|(?<![A-Za-z_])[A-Z]{3,}(?:_[A-Z]+)+(?![A-Za-z_])")

# The class, module or namespace before a code, as in `com.amazonaws.services.s3.model.` and `Aws::S3::Errors::`.
_QUALIFIER = re.compile(r"[\w$]+(?:(?:\.|::|\\+|/)[\w$]+)*(?:\.|::|\\+)$")
_AWS_QUALIFIER = re.compile(r"aws|amazon|boto|sts|pynamodb", re.IGNORECASE)

# The start of a line with a message that the AWS CLI prints alone.
_ALONE = re.compile(r"^\s*(?:aws: \[ERROR\]: )?$")

# The words of error messages; not in the names of files and options.
_MESSAGE = re.compile(
    r"(?:(?<![\w/=-])[\w.]*(?:error|exception|denied)s?(?!\.\w)|(?<![\w./=-])(?:fatal|fail(?:ed|ure|s)?|refused|invalid|unauthorized|forbidden|"
    r"expired|cannot|can't|unable|could not|timed out|too ?many\w*|no such|not found|do(?:es not|esn't) exist|missing|"
    r"required|exceeded|bad|incorrect))(?![\w/=-])",
    re.IGNORECASE,
)
_NO_MESSAGE = re.compile(
    r"\b(?:0|no|zero|without) (?:errors?|failures?|failed)\b|\b\w*(?:errors?|fail(?:ed|ures?)\w*)\b[\"']?\s*[:=]\s*"
    r"(?:0|null|none|false|\[\]|\"\")(?!\w)",
    re.IGNORECASE,
)
_STACK_FRAME = re.compile(r'^\s*(?:at |File "|from \S+:\d|#\d+ |\.\.\. \d+ |[~^]+\s*$)')
_SOURCE_FRAME = re.compile(r'^\s*File "')

# Matches of two meanings that share a code belong to one error within this distance, in characters.
_NEAR = 500

# Possible secrets that redaction leaves, hidden as well: pieces of wrapped tokens, signatures, JWTs.
_POSSIBLE_SECRET = re.compile(
    r"(?=[A-Za-z+/=]*[0-9])[A-Za-z0-9+/=]{32,}|\b(?:FQoG|FwoG|IQoJ)[A-Za-z0-9+/=]{12,}|\beyJ[A-Za-z0-9_.-]+"
)

_MAX_LINE = 300

# Replaces the name of a cache file, which looks like a secret, while its line is redacted.
_KEY_PLACEHOLDER = "'<40 hex>'"
_CACHE_PATH = re.compile(r"(?P<before>\.aws[/\\]+(?:cli|sso|login)[/\\]+cache[/\\]+)[0-9a-f]{40,64}(?=\.json)")


def _codes() -> dict[str, str]:
    """Return spelling -> code: the spelling of the services, and that of the SDK for C++ (ACCESS_DENIED)."""
    codes = [code for meaning in MEANINGS for code in meaning.codes]
    upper = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", code).upper().removesuffix("_EXCEPTION"): code for code in codes}
    return {**{form: code for form, code in upper.items() if "_" in form}, **{code: code for code in codes}}


_CODES = _codes()


@dataclass(frozen=True)
class Recognised:
    """A known error in a text.

    Attributes:
        meaning: its meaning.
        code: its code; None if only its text was recognised.
        matched: the words that were recognised.
        line: the line with those words, without secrets.
        profile: the profile that it names, or None.
        key: the name of the cache file that it names, without `.json`, or None.
    """

    meaning: Meaning
    code: str | None
    matched: str
    line: str
    profile: str | None
    key: str | None = None


def recognise(text: str) -> list[Recognised]:
    """Return the known errors in a text, each once, in the text's order."""
    return _Search(plain(text)).result()


def plain(text: str) -> str:
    """Return a text without colours and frames, and with its line ends and quotes unescaped."""
    text = _FRAME.sub("", text)
    return _ESCAPED.sub(lambda found: _UNESCAPED.get(found[0].lstrip("\\"), '"' if found[0][-1] == '"' else "\n"), text)


class _Search:
    """The search for errors in one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._flat = " ".join(text.lower().split())
        self._found: dict[str, tuple[re.Match[str], Meaning]] = {}
        self._positions: dict[re.Pattern[str], list[int]] = {}
        self._claimed = bytearray(len(text) + 1)  # 1 for each character that belongs to a match

    def result(self) -> list[Recognised]:
        for meaning in MEANINGS:
            self._look_for(meaning, meaning.texts)
            self._look_for(meaning, meaning.common, within=_NEAR_AWS, or_alone=True)
        for index, meaning in enumerate(MEANINGS):
            if meaning.wrappers and not any(earlier.id in self._found for earlier in MEANINGS[:index]):
                self._look_for(meaning, meaning.wrappers)
        self._look_for_codes()
        for meaning in MEANINGS:
            if not self._found:
                self._look_for(meaning, meaning.vague, within=_NEAR_VAGUE)
        ordered = sorted(self._found.values(), key=lambda found: found[0].start())
        return [self._recognised(match, meaning) for match, meaning in ordered]

    def _look_for(
        self, meaning: Meaning, patterns: Iterable[Pattern], *, within: int = 0, or_alone: bool = False
    ) -> None:
        """Look for texts; only `within` this distance of a word of AWS, or alone on their line, unless it is 0."""
        for pattern in patterns:
            if pattern.hint not in self._flat:
                continue
            for match in pattern.regex.finditer(self._text):
                if self._claimed.find(1, match.start(), match.end()) >= 0 or self._is_foreign(match):
                    continue
                alone = or_alone and self._is_alone(match)
                if within and not alone and not self._is_near(_AWS, match, within):
                    continue
                self._claimed[match.start() : match.end()] = b"\1" * (match.end() - match.start())
                if meaning.id not in self._found and not self._belongs_to_another(match, meaning):
                    self._found[meaning.id] = match, meaning

    def _look_for_codes(self) -> None:
        """Look for codes outside the texts that were recognised."""
        done = set()
        for match in _WORD.finditer(self._text):
            code = _CODES.get(match[0])
            if code is None or code in done or self._claimed.find(1, match.start(), match.end() + 3) >= 0:
                continue
            with_code = [meaning for meaning in MEANINGS if code in meaning.codes]
            if any(meaning.id in self._found for meaning in with_code):
                done.add(code)
            elif self._is_code(match, code) and not self._is_foreign(match):
                done.add(code)
                generic = next((meaning for meaning in with_code if not meaning.narrow), None)
                if generic is not None and not (generic.wrappers and self._found):  # those codes name no cause
                    self._found[generic.id] = match, generic

    def _is_code(self, match: re.Match[str], code: str) -> bool:
        """Whether a word is a code of AWS, not of another library: `psutil.AccessDenied`, `CanCan::AccessDenied`."""
        text, start, end = self._text, match.start(), match.end()
        qualifier = _QUALIFIER.search(text[max(0, start - 200) : start])
        if text.startswith("(<", end) or (qualifier is not None and _AWS_QUALIFIER.search(qualifier[0]) is None):
            return False
        if code[1:].islower() and re.match(r" [a-z]", text[end : end + 2]):  # a word of a sentence
            return False
        in_parentheses = text[max(0, start - 1) : end + 1] == f"({code})"
        ambiguous = qualifier is None and (code != match[0] or (code.endswith("Error") and not in_parentheses))
        return not ambiguous or self._is_near(_AWS, match, _NEAR_AWS)

    def _is_foreign(self, match: re.Match[str]) -> bool:
        """Whether this is rather an error of another company's service, or of a user's server."""
        if self._is_near(_USER_SERVERS, match, _NEAR_FOREIGN):
            return True
        return self._is_near(_FOREIGN, match, _NEAR_FOREIGN) and not self._is_near(_AWS, match, _NEAR_FOREIGN)

    def _is_near(self, pattern: re.Pattern[str], match: re.Match[str], distance: int) -> bool:
        if pattern not in self._positions:
            self._positions[pattern] = [found.start() for found in pattern.finditer(self._text)]
        positions = self._positions[pattern]
        index = bisect.bisect_left(positions, match.start() - distance)
        return index < len(positions) and positions[index] <= match.end() + distance

    def _is_alone(self, match: re.Match[str]) -> bool:
        before = self._text[self._text.rfind("\n", 0, match.start()) + 1 : match.start()]
        of_traceback = before == "TypeError: " and "\n" not in self._text.strip()  # its last line, pasted alone
        return of_traceback or _ALONE.match(before) is not None

    def _belongs_to_another(self, match: re.Match[str], meaning: Meaning) -> bool:
        """Whether a more specific meaning with a common code was found near this one."""
        return any(
            abs(near.start() - match.start()) < _NEAR and not set(other.codes).isdisjoint(meaning.codes)
            for near, other in self._found.values()
        )

    def _recognised(self, match: re.Match[str], meaning: Meaning) -> Recognised:
        text = self._text
        first, last = text.rfind("\n", 0, match.start()) + 1, text.find("\n", match.end())
        line = text[first : last if last >= 0 else len(text)]
        around = text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
        codes = (_CODES.get(word[0]) for word in _WORD.finditer(around))
        code = next((code for code in codes if code in meaning.codes), None)
        profile, key = (match.groupdict().get(name) for name in ("profile", "key"))
        if key is None:
            line = _redacted(line)
        else:
            line = _redacted(line.replace(f"'{key}'", _KEY_PLACEHOLDER)).replace(_KEY_PLACEHOLDER, f"'{key}'")
        return Recognised(meaning, code, " ".join(match[0].split()), line, (profile or "").rstrip(".:") or None, key)


def unknown_message(text: str) -> str:
    """Return the message of a text in which no error was recognised, else its last line; without secrets."""
    lines = [line for line in plain(text).splitlines() if line.strip()]
    source = {index + 1 for index, line in enumerate(lines) if _SOURCE_FRAME.match(line)}  # the lines of Python code
    messages = [
        line
        for index, line in enumerate(lines)
        if index not in source and not _STACK_FRAME.match(line) and _has_message(line)
    ]
    return _redacted((messages or lines[-1:])[0]) if lines else ""


def is_success(text: str) -> bool:
    """Whether a text in which no error was recognised is rather the output of a command that worked."""
    if not text.strip():
        return False
    text = plain(text)
    return not _has_message(text) or _is_json_result(text)


def _has_message(text: str) -> bool:
    return _MESSAGE.search(_NO_MESSAGE.sub("", text)) is not None


def _is_json_result(text: str) -> bool:
    """Whether a text is the JSON result of a call that worked, even if it contains words of error messages."""
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        result = json.loads(text)
    except (ValueError, RecursionError):
        return False
    names = {name.lower() for name in result} if isinstance(result, dict) else set()
    return names.isdisjoint({"error", "errors", "message", "code", "__type", "errormessage", "error_description"})


def _redacted(line: str) -> str:
    line = _CACHE_PATH.sub(r"\g<before><hash>", line)
    line = _POSSIBLE_SECRET.sub("[redacted]", redaction.redact(" ".join(line.split()), {}))
    return printable(line if len(line) <= _MAX_LINE else f"{line[:_MAX_LINE]}…")
