"""Reading the AWS config and credentials files: what is in place of one, and in which encoding its text is."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from awsenv.aws import paths
from awsenv.result import AwsenvError

__all__ = ["declared_encoding", "is_utf8", "not_a_file", "read", "sdk_encoding"]


def sdk_encoding() -> str:
    """The encoding in which boto3 and the AWS CLI read these files: the locale's (on Windows cp1252, say, whatever the
    console has), or UTF-8 where PYTHONUTF8 says so, or the system. All other SDKs read UTF-8.
    """
    import locale

    return locale.getpreferredencoding(False)


def is_utf8(encoding: str) -> bool:
    """Whether an encoding is UTF-8, which has several names."""
    return encoding.lower().replace("-", "").replace("_", "") in ("utf8", "cp65001")


def declared_encoding(environ: Mapping[str, str]) -> str | None:
    """The encoding that AWS_CLI_FILE_ENCODING names, if it makes sense for these files."""
    name = environ.get("AWS_CLI_FILE_ENCODING", "")
    try:
        return name if name and "[]".encode(name) == b"[]" else None
    except LookupError:
        return None


def not_a_file(path: str, *, named: bool) -> str:
    """What is in place of a file, if AWS tools pass over it: a directory (docker makes one for a bind mount of a
    missing file), and a pipe, which would block, unless the user has named it; empty for a file, and for nothing."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return ""
    if stat.S_ISDIR(mode):
        return "a directory"
    return "" if named or stat.S_ISREG(mode) else "not a regular file"


def read(path: str, declared: str | None) -> tuple[str, str | None]:
    """The text of a file, and its encoding, if it tells; a missing file is empty.

    Raises:
        AwsenvError: it cannot be read.
    """
    try:
        if not os.path.exists(path):
            return "", declared
        data = paths.read(path)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise AwsenvError(f"cannot read {path}: {why}", f"look at it: {paths.look_at(path)}") from None
    mark = {b"\xff\xfe": "is UTF-16 (PowerShell's > writes that)", b"\xfe\xff": "is UTF-16"}.get(data[:2])
    if data.startswith(b"\xef\xbb\xbf"):
        mark = "begins with a byte order mark"
    if mark:
        raise AwsenvError(f"{path} {mark}", "save it as UTF-8 without a byte order mark")
    text, encoding = _decoded(path, data, declared)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text, encoding


def _decoded(path: str, data: bytes, declared: str | None) -> tuple[str, str | None]:
    """The text and its encoding: the declared one, else UTF-8 if it can be that, else what boto3 takes it for.

    A text in another encoding is next to never valid UTF-8.
    """
    if data.isascii():
        return data.decode("ascii"), declared
    at = 0
    for encoding in filter(None, (declared, "utf-8", sdk_encoding())):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError as error:
            at = error.start
    line = data.count(b"\n", 0, at) + 1
    raise AwsenvError(f"{path}, line {line}, is not UTF-8", "save the file as UTF-8")
