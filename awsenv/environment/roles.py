"""The options of `assume` as stored in AWSENV_OPTIONS. (Hot path: no imports.)"""

__all__ = ["encoded", "named", "options_of", "parts"]


def named(profile: str, options: str) -> str:
    """As `environment.named`, for options that name a role."""
    given = options_of(options)
    first = given.get("--source-profile") or ("default" if "-" in given else profile)
    roles = (given[option].rpartition("/")[2] for option in ("--role-arn", "--chain") if option in given)
    return ">".join((first, *roles))


def options_of(text: str) -> dict[str, str]:
    """Return the options in AWSENV_OPTIONS, by name, with the key "-" if no profile was given."""
    pairs = (word.partition("=") for word in text.split(" ") if word)
    return {option: _decoded(value) for option, _, value in pairs}


def _decoded(text: str) -> str:
    """Decode percent-encoding; return other texts unchanged. (urllib takes 5 ms to import.)"""
    first, *rest = text.split("%")
    try:
        data = first.encode() + b"".join(bytes.fromhex(part[:2]) + part[2:].encode() for part in rest)
    except ValueError:
        return text
    return data.decode("utf-8", "surrogateescape")


def parts(text: str) -> list[str]:
    """Return the options that determine whose credentials these are."""
    return [word for word in text.split(" ") if word.startswith(("--role-arn=", "--chain=", "--source-profile="))]


def encoded(text: str) -> str:
    """Percent-encode a text, so that it has no blanks and every shell can hold it in a variable."""
    return "".join(
        chr(byte) if (chr(byte).isalnum() and byte < 0x80) or chr(byte) in "-=:/.,@+_" else f"%{byte:02X}"
        for byte in text.encode("utf-8", "surrogateescape")
    )
