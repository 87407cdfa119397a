"""A session policy, from --policy or from the `policy` setting of a profile; read and parsed once."""

from __future__ import annotations

import os

from awsenv.aws import paths
from awsenv.result import AwsenvError

__all__ = ["Policy"]


class Policy:
    """A policy that restricts a session.

    Attributes:
        text: the JSON as it was written.
        path: the absolute path of its file, None for inline JSON.
    """

    __slots__ = ("_document", "path", "text")

    _document: object

    def __init__(self, written: str, directory: str, owner: str = "") -> None:
        """Read and parse a policy.

        Args:
            written: the JSON, or the path of its file.
            directory: the base of a relative path; "" for the working directory.
            owner: the profile or role, for errors; "" for the option.

        Raises:
            AwsenvError: there is no such file, or it is not a JSON object.
        """
        of = f" of {owner}" if owner else ""
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
        """Return the absolute path of a policy's file; None for inline JSON, and for no policy at all."""
        if not isinstance(written, str) or not written or written.lstrip().startswith("{"):
            return None
        path = os.path.join(directory, os.path.expanduser(written.removeprefix("file://")))
        return os.path.abspath(path)

    @property
    def compact(self) -> str:
        """The JSON without blanks, for STS, which limits its size."""
        import json

        return json.dumps(self._document, separators=(",", ":"))
