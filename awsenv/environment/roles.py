"""The options of `assume`, as they are written in AWSENV_OPTIONS. (Hot path where there are any: no imports.)"""

from __future__ import annotations

__all__ = ["encoded", "named", "options_of", "parts"]


def named(profile: str, options: str) -> str:
    """See `environment.named`; for options that name a role."""
    given = options_of(options)
    first = given.get("--source-profile") or ("default" if "-" in given else profile)
    roles = (given[option].rpartition("/")[2] for option in ("--role-arn", "--chain") if option in given)
    return ">".join((first, *roles))


def options_of(text: str) -> dict[str, str]:
    """The options of `assume` in AWSENV_OPTIONS, by name; and "-" where no profile was named."""
    pairs = (word.partition("=") for word in text.split(" ") if word)
    return {option: _decoded(value) for option, _, value in pairs}


def _decoded(text: str) -> str:
    """A text without its percent-encoding; itself if that is not one. (urllib takes 5 ms to import.)"""
    first, *rest = text.split("%")
    try:
        data = first.encode() + b"".join(bytes.fromhex(part[:2]) + part[2:].encode() for part in rest)
    except ValueError:
        return text
    return data.decode("utf-8", "surrogateescape")


def parts(text: str) -> list[str]:
    """Those of the options that say whose credentials these are."""
    return [word for word in text.split(" ") if word.startswith(("--role-arn=", "--chain=", "--source-profile="))]


def encoded(text: str) -> str:
    """A text that every shell can hold in a variable, and that has no blank: percent-encoded."""
    return "".join(
        chr(byte) if (chr(byte).isalnum() and byte < 0x80) or chr(byte) in "-=:/.,@+_" else f"%{byte:02X}"
        for byte in text.encode("utf-8", "surrogateescape")
    )
