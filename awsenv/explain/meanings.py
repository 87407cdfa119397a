r"""The errors that `awsenv explain` knows. They are data: `texts/*.ini`, one file for each subject.

    [expired]                   the id, which scripts may rely on
    means = …                   one or two sentences without the last full stop
    fix = {renew}               the command, unless a finding has a better one; see Meaning.fix
    remediation = …             what to do, or what to do before that command, in prose
    codes = ExpiredToken …      the codes of AWS's services, and the names of SDKs' exceptions
    narrow = yes                the codes alone do not identify it: other meanings share them
    of profile = yes            it concerns one profile: the default one only if that is named
    texts =                     texts that identify it by themselves
    common =                    those that other programs print, too: only near a word of AWS, or at the start of a line
    wrappers =                  those that only say that something failed: only if no meaning before this one is found
    vague =                     those that are tried only near a word of AWS, and if nothing else is found

The more specific of two meanings comes first. Texts are regular expressions that ignore case, in which a blank matches
any white space; `…` is any text of at most 200 characters on the same line, `<word>` a word, `<profile>` a word that
names a profile, `<profile name>` the same in quotes or brackets. All gaps are bounded: others would take minutes in a
line of a megabyte. Sources of the codes (those of the texts are in tests/support/error_texts):
https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

import os
import re
from configparser import SectionProxy
from dataclasses import dataclass
from functools import cached_property

from awsenv.report.prose import parsed, prose

__all__ = ["MEANINGS", "Meaning", "Pattern"]

#: The files of `texts/`, the more specific meanings first.
SUBJECTS = ("expired", "keys", "denied", "requests", "cache", "profiles", "sources", "network", "credentials")

_SHORTHANDS = {
    "<profile name>": r"(?P<profile>[^'\"`()\[\]\n]{0,200})",
    "<profile>": r"(?P<profile>[^\s'\"`()\[\],;]{1,200})",
    "<word>": r"\S{1,200}",
    "…": r"[^\n]{0,200}",
    " ": r"\s+",
}
_SHORTHAND = re.compile("|".join(map(re.escape, _SHORTHANDS)))

# An escaped character, a class, a shorthand, a quantifier in braces, or one other character of a regular expression.
_TOKEN = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|<[a-z ]+>|\{[^}]*\}|.")


class Pattern:
    """A text to look for; it is compiled when it is needed.

    Attributes:
        source: as in the files.
        hint: the longest text that every match contains, in lower case and with single blanks; may be empty.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.hint = max(_literals(source), key=len).strip()

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The regular expression."""
        return re.compile(
            _SHORTHAND.sub(lambda found: _SHORTHANDS[found[0]], self.source), re.IGNORECASE | re.MULTILINE
        )


def _literals(source: str) -> list[str]:
    """Return the literal texts that every match of a regular expression contains."""
    depth, literals = 0, [""]
    for part in _TOKEN.findall(source):
        character = part[1:] if part[0] == "\\" and not part[1].isalnum() else part
        if depth == 0 and len(character) == 1 and (character != part or character not in "()|.^$…?*+"):
            literals[-1] += character.lower()
            continue
        if part == "|" and depth == 0:
            return [""]
        if part[0] in "?*{":  # the last character is optional
            literals[-1] = literals[-1][:-1]
        literals.append("")
        depth += {"(": 1, ")": -1}.get(part, 0)
    return literals


@dataclass(frozen=True)
class Meaning:
    """One error; the text at the top of this module describes the attributes.

    Attributes:
        fix: {profile}, {renew}, {reload} and {login} are filled in; may be empty.
        remediation: {profile} is filled in; may be empty.
    """

    id: str
    means: str
    fix: str
    remediation: str
    codes: tuple[str, ...]
    narrow: bool
    of_profile: bool
    texts: tuple[Pattern, ...]
    common: tuple[Pattern, ...]
    wrappers: tuple[Pattern, ...]
    vague: tuple[Pattern, ...]


def _load() -> tuple[Meaning, ...]:
    directory = os.path.join(os.path.dirname(__file__), "texts")
    file = parsed(*(os.path.join(directory, f"{subject}.ini") for subject in SUBJECTS))
    return tuple(_meaning(file[name]) for name in file.sections())


def _meaning(section: SectionProxy) -> Meaning:
    def patterns(name: str) -> tuple[Pattern, ...]:
        return tuple(Pattern(line) for line in section.get(name, "").splitlines() if line)

    return Meaning(
        section.name,
        prose(section, "means"),
        prose(section, "fix"),
        prose(section, "remediation"),
        tuple(section.get("codes", "").split()),
        section.getboolean("narrow", False),
        section.getboolean("of profile", False),
        *map(patterns, ("texts", "common", "wrappers", "vague")),
    )


MEANINGS = _load()
