"""The AWS config and credentials files as text, whatever encoding they are in."""

from __future__ import annotations

import codecs
import os
import stat
from collections.abc import Mapping

from awsenv.aws import paths
from awsenv.result import AwsenvError

__all__ = ["declared_encoding", "is_utf8", "not_a_file", "read", "sdk_encoding"]


def sdk_encoding() -> str:
    """Return the encoding in which boto3 and the AWS CLI read these files. All other SDKs read UTF-8.

    It is the locale's (on Windows that of the system, such as cp1252, not the console's), or UTF-8 with PYTHONUTF8.
    """
    import locale

    return locale.getpreferredencoding(False)


def is_utf8(encoding: str) -> bool:
    """Whether an encoding is UTF-8, by any of its names."""
    return codecs.lookup(encoding).name == "utf-8"


def declared_encoding(environ: Mapping[str, str]) -> str | None:
    """Return the encoding in AWS_CLI_FILE_ENCODING; None unless it exists and extends ASCII."""
    name = environ.get("AWS_CLI_FILE_ENCODING", "")
    try:
        return name if name and "[]".encode(name) == b"[]" else None
    except LookupError:
        return None


def not_a_file(path: str, *, named: bool) -> str:
    """Return what AWS tools ignore in place of a file, such as "a directory"; empty for a file and for nothing.

    Docker makes a directory for a bind mount of a missing file. A pipe, which would block, is only read if the user has
    `named` it.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return ""
    if stat.S_ISDIR(mode):
        return "a directory"
    return "" if named or stat.S_ISREG(mode) else "not a regular file"


def read(path: str, declared: str | None) -> tuple[str, str | None]:
    """Return the text of a file and its encoding; None for ASCII, if none is declared.

    Raises:
        AwsenvError: it cannot be read.
    """
    try:
        data = paths.read(path)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise AwsenvError(f"cannot read {path}: {why}", f"look at it: {paths.look_at(path)}") from None
    mark = {b"\xff\xfe": "is UTF-16 (PowerShell's > writes that)", b"\xfe\xff": "is UTF-16"}.get(data[:2])
    if data.startswith(b"\xef\xbb\xbf"):
        mark = "begins with a byte order mark"
    if mark:
        raise AwsenvError(f"{path} {mark}", "save it as UTF-8 without a byte order mark (BOM)")
    text, encoding = _decoded(path, data, declared)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text, encoding


def _decoded(path: str, data: bytes, declared: str | None) -> tuple[str, str | None]:
    """Decode with the declared encoding, else as UTF-8, else as boto3 does.

    Text in another encoding is hardly ever valid UTF-8.
    """
    if data.isascii():
        return data.decode("ascii"), declared
    offset = 0
    for encoding in filter(None, (declared, "utf-8", sdk_encoding())):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError as error:
            offset = error.start
    line = data.count(b"\n", 0, offset) + 1
    raise AwsenvError(f"{path}, line {line}, is not UTF-8", "save the file as UTF-8")
