"""Error texts of AWS's tools and of tools that use AWS, as users paste them into `awsenv explain`, with their sources.

A message is as its tool prints it, since that is what has to be recognised; what surrounds it (names, accounts, paths,
ids, the number of frames) is an example. Its meaning is the id that explain must put first.
"""

from __future__ import annotations

from support.error_texts import field, negatives, python_and_cli, sdks, services, threads, tools
from support.error_texts.text import ErrorText

__all__ = ["NEGATIVES", "TEXTS", "ErrorText"]

#: Texts that have a meaning.
TEXTS: list[ErrorText] = [
    *python_and_cli.TEXTS,
    *sdks.TEXTS,
    *tools.TEXTS,
    *services.TEXTS,
    *threads.TEXTS,
    *field.TEXTS,
]

#: Texts that have no meaning for explain.
NEGATIVES: list[ErrorText] = negatives.NEGATIVES
