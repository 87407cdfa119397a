r"""The errors that `awsenv explain` knows. They are data: `texts/*.ini`, one file for each subject.

    [expired]                   the id, stable: scripts name it
    means = …                   one or two sentences without the last full stop
    fix = {renew}               the command if no finding says more; see Meaning.fix
    remediation = …             what to do, or what to do before that command, in prose
    codes = ExpiredToken …      the codes of AWS's services, and the names of SDKs' exceptions
    narrow = yes                the codes alone do not identify it: other meanings share them
    of profile = yes            it concerns one profile, never the default one unless that is named
    texts =                     what identifies it by itself
    common =                    what other programs print, too: counts beside a word of AWS, or if a line starts with it
    wrappers =                  what says only that something failed: counts if no meaning before this one is found
    vague =                     what counts only beside a word of AWS, and if nothing else is found

The more specific of two meanings comes first. Texts are regular expressions without regard to case, in which a blank
matches any white space; `…` is any text of at most 200 characters on the same line, `<word>` a word, `<profile>` a word
that names a profile, `<profile name>` the same in quotes or brackets. All gaps are bounded: in a line of a megabyte,
others would take minutes. Sources of the codes; those of the texts are in tests/support/error_texts:
https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
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

# An escaped character, a class, a shorthand, the end of a quantifier, or one character of a regular expression.
_TOKEN = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|<[a-z ]+>|\{[^}]*\}|.")


class Pattern:
    """A text to look for.

    Attributes:
        hint: what is in every text that it matches, in lower case and with single blanks; empty if there is no such.
    """

    def __init__(self, source: str) -> None:
        """Compile nothing yet.

        Args:
            source: as in the files.
        """
        self.source = source
        self.hint = max(_runs(source), key=len, default="").strip()

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The regular expression."""
        return re.compile(
            _SHORTHAND.sub(lambda found: _SHORTHANDS[found[0]], self.source), re.IGNORECASE | re.MULTILINE
        )


def _runs(source: str) -> Iterator[str]:
    """The runs of plain characters of a regular expression that are in every match."""
    depth, run = 0, ""
    runs = []
    for part in _TOKEN.findall(source):
        literal = part[1:] if part[0] == "\\" and not part[1].isalnum() else part
        if depth == 0 and len(literal) == 1 and (literal != part or literal not in "()|.^$…?*+"):
            run += literal.lower()
            continue
        if part == "|" and depth == 0:
            return
        runs.append(run[:-1] if part[0] in "?*{" else run)
        run = ""
        depth += {"(": 1, ")": -1}.get(part, 0)
    yield from (*runs, run)


@dataclass(frozen=True)
class Meaning:
    """One error; what its attributes are is at the top of this module.

    Attributes:
        fix: {profile}, {renew}, {reload} and {login} are filled in; may be empty. So is {profile} in the remediation.
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
