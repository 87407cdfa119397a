"""Sections that awsenv makes for the AWS config file, and appending them to it.

The file's syntax: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from awsenv.aws import cache_keys, paths
from awsenv.aws.config_files import Profiles, header_of
from awsenv.aws.text_files import is_utf8, sdk_encoding
from awsenv.aws.twins import SUFFIX, served_by
from awsenv.report.profiles import kind_of
from awsenv.result import AwsenvError
from awsenv.system import files

__all__ = [
    "Section",
    "append",
    "plain_name",
    "process_line",
    "process_sections",
    "program_in_ascii",
    "twin_name",
    "twin_of",
    "twins",
]

# The kinds whose credentials expire and can be obtained again.
_RENEWABLE = ("role", "sso", "web identity", "login")

# Seconds to wait for another awsenv that is writing the file.
_LOCK_TIMEOUT = 10


@dataclass(frozen=True)
class Section:
    """A profile as a section of the config file.

    Attributes:
        profile: its name.
        settings: setting -> value, in the order of the file.
    """

    profile: str
    settings: Mapping[str, str]

    def __str__(self) -> str:
        """Return the section as text, after a blank line.

        Raises:
            AwsenvError: the file cannot hold a value.
        """
        for name, value in {"name": self.profile, **self.settings}.items():
            if not value or value != value.strip() or _has_controls(value):
                raise AwsenvError(f"the {name} {value!r} cannot be written to a config file", "choose another one")
        lines = "".join(f"{name} = {value}\n" for name, value in self.settings.items())
        return f"\n[{header_of(self.profile)}]\n{lines}"


def append(sections: Sequence[Section], environ: Mapping[str, str]) -> list[str]:
    """Add sections to the end of the config file, all of them or none. What it contains stays as it is, byte for byte.

    Sections of profiles that exist already are left out.

    Args:
        sections: the sections.
        environ: says where the file is.

    Returns:
        The names of the profiles that were added.

    Raises:
        AwsenvError: the file cannot be read or written, or cannot hold a section.
    """
    from filelock import FileLock  # not installed when the wheel is built, which imports all commands

    path = paths.config_file(environ)
    try:
        directory = os.path.join(paths.own_cache(environ), "locks")
        files.private_directory(directory)
        lock = os.path.join(directory, f"{cache_keys.digest(path)}.lock")
        with FileLock(lock, timeout=_LOCK_TIMEOUT, mode=0o600):
            files.give_to_owner_of_home(lock)
            profiles = Profiles(environ)
            missing = [section for section in sections if section.profile not in profiles]
            text = "".join(map(str, missing))
            if text:
                files.private_directory(os.path.dirname(os.path.abspath(path)))
                files.append_whole(path, lambda before: _addition(before, text, profiles.config.encoding))
    except UnicodeEncodeError as error:
        character = error.object[error.start : error.end]
        raise AwsenvError(
            f"{path} is in {profiles.config.encoding}, which has no {character!r}",
            "save the file as UTF-8, or choose another name",
        ) from None
    except OSError as error:  # also filelock's Timeout
        why = error.strerror or "another awsenv is writing to it"
        raise AwsenvError(f"cannot write to {path}: {why}", "nothing was added") from None
    return [section.profile for section in missing]


def _has_controls(text: str) -> bool:
    return any(character < " " or character == "\x7f" for character in text)


def _addition(before: bytes, text: str, encoding: str) -> bytes:
    """Encode what is appended: with the file's line ends, and one more if its last line has none."""
    new_line = "\r\n" if b"\r\n" in before or (not before and os.linesep == "\r\n") else "\n"
    if not before:
        text = text.removeprefix("\n")
    elif not before.endswith((b"\n", b"\r")):
        text = f"\n{text}"
    return text.replace("\n", new_line).encode(encoding)


def twins(profiles: Profiles, names: Sequence[str], program: str) -> Iterator[Section | str]:
    """Make a twin, which calls awsenv, of each profile whose credentials expire, unless it exists already.

    Args:
        profiles: the files.
        names: the profiles.
        program: the path of awsenv.

    Yields:
        The section of the twin; the profile's name instead, if no `credential_process` can hold it.
    """
    existing, made = profiles.names(), set[str]()
    for name in names:
        new = twin_name(name)
        if kind_of(profiles, name) not in _RENEWABLE or new in existing:
            continue
        while new in made:  # two names that `plain_name` makes equal
            new += "-2"
        args = (program, "credential-process", *(["--"] if name.startswith("-") else []), name)
        command = None if _has_controls(name) else process_line(args)
        if command is None or not _can_encode(command, profiles.config.encoding):
            yield name
            continue
        made.add(new)
        region = profiles.text(name, "region")
        more = {"region": region} if region is not None and "\n" not in region else {}
        yield Section(new, {"credential_process": command, **more})


def twin_name(name: str) -> str:
    """Return the name that the twin of a profile gets."""
    return f"{plain_name(name)}{SUFFIX}"


def twin_of(profiles: Profiles, name: str) -> str | None:
    """Return the twin of a profile; None if there is none."""
    first = twin_name(name)
    candidates = sorted((known for known in profiles.names() if known.startswith(first)), key=len)
    return next((known for known in candidates if served_by(profiles, known) == name), None)


def plain_name(text: str) -> str:
    """Turn a text into a profile name that every SDK accepts (the SDK for JavaScript accepts few characters)."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_@+.%:/") else "-" for c in text)


def process_sections(profiles: Profiles, program: str) -> str:
    """Return the `twins` of all profiles as text in the encoding of the config file."""
    return "".join(
        f"\n# {twin!a} has characters that no credential_process can hold\n" if isinstance(twin, str) else str(twin)
        for twin in twins(profiles, profiles.names(), program)
    )


def program_in_ascii(program: str) -> str:
    """Return the program in characters that every SDK reads alike, whichever encoding it decodes the config file with.

    That is its bare name if PATH leads to it, else, on Windows, its short path (8.3) if it has one.
    """
    import shutil

    if program.isascii() or is_utf8(sdk_encoding()):
        return program
    name = os.path.splitext(os.path.basename(program))[0] if sys.platform == "win32" else os.path.basename(program)
    found = shutil.which(name)
    if found is not None and os.path.samefile(found, program):
        return name
    short = _short(program)
    return short if short.isascii() else program


def _short(path: str) -> str:
    """https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-getshortpathnamew"""
    if sys.platform != "win32":
        return path
    import ctypes

    buffer = ctypes.create_unicode_buffer(1024)
    length = ctypes.windll.kernel32.GetShortPathNameW(path, buffer, len(buffer))
    return buffer.value if 0 < length < len(buffer) else path


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding, "surrogateescape")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def process_line(args: tuple[str, ...], platform: str = sys.platform) -> str | None:
    """Quote a command as the value of `credential_process`; None if that cannot represent an argument.

    botocore and the AWS CLI split it themselves, as `shlex` or, on Windows, as C does; the other SDKs pass it to sh or
    cmd. Some read a blank and # as a comment, even in quotes, so the quotes are closed and reopened there.
    """
    if platform != "win32":
        quoted = map(shlex.quote, args)
        return " ".join(arg.replace("#", "''#").replace(";", "'';") for arg in quoted)
    if any(character in arg for arg in args for character in '"%#;') or any(arg.endswith("\\") for arg in args):
        return None
    return " ".join(arg if arg and all(c.isalnum() or c in "-_./:\\" for c in arg) else f'"{arg}"' for arg in args)
