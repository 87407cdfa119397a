"""A session policy: read and parsed once, from --policy or from the `policy` setting of a profile."""

from __future__ import annotations

import os

from awsenv.aws import paths
from awsenv.result import AwsenvError

__all__ = ["Policy"]


class Policy:
    """A policy that narrows a session.

    Attributes:
        text: the JSON as it was written.
        path: the whole path of the file that has it, None for JSON that was written out.
        compact: the JSON without blanks, as STS gets it: its size is limited.
    """

    __slots__ = ("_document", "path", "text")

    _document: object

    def __init__(self, written: str, directory: str, whose: str = "") -> None:
        """Read and parse a policy.

        Args:
            written: the JSON, or the path of a file with it.
            directory: what a relative path starts from; "" for the working directory.
            whose: a profile or a role, for the errors; "" for the option.

        Raises:
            AwsenvError: there is no such file, or it is not a JSON object.
        """
        of = f" of {whose}" if whose else ""
        self.text, self.path = written, self.path_in(written, directory)
        where = "the session policy" if self.path is None else f"the session policy {self.path}"
        if self.path is not None:
            try:
                with open(self.path, encoding="utf-8") as file:
                    self.text = file.read()
            except (OSError, UnicodeError) as error:
                why = getattr(error, "strerror", None) or "it is not UTF-8"
                raise AwsenvError(f"cannot read {where}{of}: {why}", "name a file, or write the JSON itself") from None
        try:
            self._document = paths.parse_json(self.text.strip())
        except (ValueError, RecursionError):
            self._document = None
        if not isinstance(self._document, dict):
            raise AwsenvError(f"{where}{of} is not a JSON object", "see the AWS documentation of IAM policies")

    @staticmethod
    def path_in(written: object, directory: str) -> str | None:
        """The whole path of the file that a policy is read from; None for JSON, and for no policy at all."""
        if not isinstance(written, str) or not written or written.lstrip().startswith("{"):
            return None
        path = os.path.join(directory, os.path.expanduser(written.removeprefix("file://")))
        return os.path.abspath(path)

    @property
    def compact(self) -> str:
        """See the attributes."""
        import json

        return json.dumps(self._document, separators=(",", ":"))
