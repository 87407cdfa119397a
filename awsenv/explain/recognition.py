"""The errors in a text: which of the known ones, by which words, on which line. Pure functions."""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from awsenv.explain.meanings import MEANINGS, Meaning, Pattern
from awsenv.result import printable
from awsenv.system import redaction

__all__ = ["Recognised", "is_success", "last_words", "plain", "recognise"]

# What is around a message: colours, the frames that Terraform and Rust draw, the carriage returns of Windows.
_FRAME = re.compile(r"(?:\x1b|\\u001b|\\x1b|\\033)\[[0-9;:]*[A-Za-z]|[\u2500-\u257f]|\r", re.IGNORECASE)

# How JSON, logs and HTML write line ends, quotes and angle brackets; not the `\new` of a path.
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

# Words of AWS, and of those whose services say the same with another meaning.
_AWS = re.compile(
    r"(?<![A-Za-z])(?i:aws)|AWS|(?i:amazon|boto)|\barn:|\b(?:S3|s3|STS|sts)\b|\bs3[an]?:|(?<![A-Z])A[KS]IA[A-Z0-9]|"
    r"\b(?i:eks|ecr|kms|dynamodb|cloudformation|sso|iam|nodegroup\w*)\b|\$metadata|CredentialsProvider"
)
_FOREIGN = re.compile(
    r"google|\bgcp\b|\bgcs\b|azure|microsoft|aliyun|alibaba|tencent|myqcloud|huawei|oracle|backblaze|dropbox|\bgithub\b",
    re.IGNORECASE,
)
# Servers of AWS that do not ask for credentials of AWS: databases, instances, load balancers.
_OF_USERS = re.compile(
    r"\.(?:rds|elb|compute|compute-1|cache|redshift|kafka|docdb|neptune|memorydb|mq|elasticbeanstalk)(?:\.[\w-]+)?"
    r"\.amazonaws\.|\b(?:rds|elb)\.amazonaws\."
)
_NEAR_AWS, _NEAR_VAGUE, _NEAR_FOREIGN = 1000, 300, 200

_WORD = re.compile(r"(?<![A-Za-z])[A-Z][A-Za-z]{6,}(?![A-Za-z])|(?<![A-Za-z_])[A-Z]{3,}(?:_[A-Z]+)+(?![A-Za-z_])")

# The class, module or namespace before a code, as in `com.amazonaws.services.s3.model.` and `Aws::S3::Errors::`.
_PATH = re.compile(r"[\w$]+(?:(?:\.|::|\\+|/)[\w$]+)*(?:\.|::|\\+)$")
_OF_AWS = re.compile(r"aws|amazon|boto|sts|pynamodb", re.IGNORECASE)

# What is before a message that the AWS CLI prints alone.
_ALONE = re.compile(r"^\s*(?:aws: \[ERROR\]: )?$")

# The words of error messages, not those in the names of files and options.
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

# Two meanings that share a code and are found this near to each other, in characters, are of one error.
_NEAR = 500

# Hidden as well, although redaction leaves it, as it may be a secret: pieces of wrapped tokens, signatures, JWTs.
_DOUBTFUL = re.compile(
    r"(?=[A-Za-z+/=]*[0-9])[A-Za-z0-9+/=]{32,}|\b(?:FQoG|FwoG|IQoJ)[A-Za-z0-9+/=]{12,}|\beyJ[A-Za-z0-9_.-]+"
)

_LONGEST_LINE = 300

# Replaces the name of a cache file while its line is redacted: it looks like a secret.
_KEY = "'<40 hex>'"
_CACHE_PATH = re.compile(r"(?P<before>\.aws[/\\]+(?:cli|sso|login)[/\\]+cache[/\\]+)[0-9a-f]{40,64}(?=\.json)")


def _codes() -> dict[str, str]:
    """Each form of a code -> the code: that of the services, and that of the SDK for C++."""
    codes = [code for meaning in MEANINGS for code in meaning.codes]
    upper = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", code).upper().removesuffix("_EXCEPTION"): code for code in codes}
    return {**{form: code for form, code in upper.items() if "_" in form}, **{code: code for code in codes}}


_CODES = _codes()


@dataclass(frozen=True)
class Recognised:
    """An error that was found in a text.

    Attributes:
        meaning: what it is.
        code: the code that it came with, None if it was recognised by the text alone.
        said: the words by which it was recognised.
        line: the line with those words, without secrets.
        profile: the profile that it names.
        key: the name of the cache file that it names, without `.json`.
    """

    meaning: Meaning
    code: str | None
    said: str
    line: str
    profile: str | None
    key: str | None = None


def recognise(text: str) -> list[Recognised]:
    """Every error in a text that is known, each once, in the text's order."""
    return _Search(plain(text)).result()


def plain(text: str) -> str:
    """A text without colours and frames, its escaped line ends and quotes as such."""
    text = _FRAME.sub("", text)
    return _ESCAPED.sub(lambda found: _UNESCAPED.get(found[0].lstrip("\\"), '"' if found[0][-1] == '"' else "\n"), text)


class _Search:
    """The search for errors in one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._flat = " ".join(text.lower().split())
        self._found: dict[str, tuple[re.Match[str], Meaning]] = {}
        self._places: dict[re.Pattern[str], list[int]] = {}
        self._claimed = bytearray(len(text) + 1)  # 1 for each character of what was recognised

    def result(self) -> list[Recognised]:
        for meaning in MEANINGS:
            self._look_for(meaning, meaning.texts)
            self._look_for(meaning, meaning.common, beside_aws=_NEAR_AWS, or_alone=True)
        for at, meaning in enumerate(MEANINGS):
            if meaning.wrappers and not any(earlier.id in self._found for earlier in MEANINGS[:at]):
                self._look_for(meaning, meaning.wrappers)
        self._look_for_codes()
        for meaning in MEANINGS:
            if not self._found:
                self._look_for(meaning, meaning.vague, beside_aws=_NEAR_VAGUE)
        ordered = sorted(self._found.values(), key=lambda one: one[0].start())
        return [self._recognised(match, meaning) for match, meaning in ordered]

    def _look_for(
        self, meaning: Meaning, patterns: Iterable[Pattern], *, beside_aws: int = 0, or_alone: bool = False
    ) -> None:
        for pattern in patterns:
            if pattern.hint not in self._flat:
                continue
            for match in pattern.regex.finditer(self._text):
                if self._claimed.find(1, match.start(), match.end()) >= 0 or self._is_foreign(match):
                    continue
                alone = or_alone and self._is_alone(match)
                if beside_aws and not alone and not self._is_beside_aws(match, beside_aws):
                    continue
                self._claimed[match.start() : match.end()] = b"\1" * (match.end() - match.start())
                if meaning.id not in self._found and not self._belongs_to_another(match, meaning):
                    self._found[meaning.id] = match, meaning

    def _look_for_codes(self) -> None:
        """The codes that are not beside the text that was recognised."""
        passed = set()
        for match in _WORD.finditer(self._text):
            code = _CODES.get(match[0])
            if code is None or code in passed or self._claimed.find(1, match.start(), match.end() + 3) >= 0:
                continue
            with_code = [meaning for meaning in MEANINGS if code in meaning.codes]
            if any(meaning.id in self._found for meaning in with_code):
                passed.add(code)
            elif self._is_code(match, code) and not self._is_foreign(match):
                passed.add(code)
                generic = next((meaning for meaning in with_code if not meaning.narrow), None)
                if generic is not None and not (generic.wrappers and self._found):  # its codes name no cause, either
                    self._found[generic.id] = match, generic

    def _is_code(self, match: re.Match[str], code: str) -> bool:
        """Whether a word is a code of AWS, not of another library: `psutil.AccessDenied`, `CanCan::AccessDenied`."""
        path = _PATH.search(self._text[max(0, match.start() - 200) : match.start()])
        if self._text.startswith("(<", match.end()) or (path is not None and _OF_AWS.search(path[0]) is None):
            return False
        is_word = code[1:].islower() and re.match(r" [a-z]", self._text[match.end() : match.end() + 2]) is not None
        around = self._text[max(0, match.start() - 1) : match.end() + 1]
        shared = path is None and (code != match[0] or (code.endswith("Error") and around != f"({code})"))
        return not is_word and (not shared or self._is_beside_aws(match))

    def _is_beside_aws(self, match: re.Match[str], distance: int = _NEAR_AWS) -> bool:
        return self._is_near(_AWS, match, distance)

    def _is_foreign(self, match: re.Match[str]) -> bool:
        """Whether it is rather of another company's service, which has the same words, or of a user's server."""
        if self._is_near(_OF_USERS, match, _NEAR_FOREIGN):
            return True
        return self._is_near(_FOREIGN, match, _NEAR_FOREIGN) and not self._is_near(_AWS, match, _NEAR_FOREIGN)

    def _is_near(self, pattern: re.Pattern[str], match: re.Match[str], distance: int) -> bool:
        if pattern not in self._places:
            self._places[pattern] = [found.start() for found in pattern.finditer(self._text)]
        places = self._places[pattern]
        at = bisect.bisect_left(places, match.start() - distance)
        return at < len(places) and places[at] <= match.end() + distance

    def _is_alone(self, match: re.Match[str]) -> bool:
        before = self._text[self._text.rfind("\n", 0, match.start()) + 1 : match.start()]
        last_line = before == "TypeError: " and "\n" not in self._text.strip()  # of a traceback, pasted without it
        return last_line or _ALONE.match(before) is not None

    def _belongs_to_another(self, match: re.Match[str], meaning: Meaning) -> bool:
        """Whether a more specific text was found near this one, for the same code."""
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
        # the name of a cache file looks like a secret
        safe = _safe(line) if key is None else _safe(line.replace(f"'{key}'", _KEY)).replace(_KEY, f"'{key}'")
        return Recognised(meaning, code, " ".join(match[0].split()), safe, (profile or "").rstrip(".:") or None, key)


def last_words(text: str) -> str:
    """The message of a text in which no error was recognised, else its last line, without secrets."""
    lines = [line for line in plain(text).splitlines() if line.strip()]
    code = {at + 1 for at, line in enumerate(lines) if _SOURCE_FRAME.match(line)}  # a line of Python's source
    messages = [
        line
        for at, line in enumerate(lines)
        if at not in code and not _STACK_FRAME.match(line) and _MESSAGE.search(_NO_MESSAGE.sub("", line))
    ]
    return _safe((messages or lines)[0 if messages else -1]) if lines else ""


def is_success(text: str) -> bool:
    """Whether a text, in which no error was recognised, is rather the output of a command that worked."""
    if not text.strip():
        return False
    text = plain(text)
    return _MESSAGE.search(_NO_MESSAGE.sub("", text)) is None or _is_answer(text)


def _is_answer(text: str) -> bool:
    """Whether a text is the JSON answer of a call that worked, whatever words are in it."""
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return False
    names = {name.lower() for name in answer} if isinstance(answer, dict) else set()
    return names.isdisjoint({"error", "errors", "message", "code", "__type", "errormessage", "error_description"})


def _safe(line: str) -> str:
    line = _CACHE_PATH.sub(r"\g<before><hash>", line)
    line = _DOUBTFUL.sub("[redacted]", redaction.redact(" ".join(line.split()), {}))
    return printable(line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…")
