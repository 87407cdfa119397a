"""Windows PowerShell 5.1 and PowerShell 7 (about_Quoting_Rules, about_Environment_Variables)."""

from __future__ import annotations

__all__ = ["done", "export", "fail", "quote", "say", "unset"]


def quote(value: str) -> str:
    """Pure ASCII: everything else as `[char]N`.

    Four more characters than `'` close a single-quoted string there (U+2018 to U+201B), 5.1 has no escape for others,
    and it decodes what a program writes in the console's code page.
    """
    if "\0" in value:
        raise ValueError("contains a NUL byte, which no environment variable can hold")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("is not valid Unicode, which PowerShell cannot hold")
    units = value.encode("utf-16-le")
    pieces, run = [], ""
    for low, high in zip(units[::2], units[1::2], strict=True):
        unit = low | high << 8
        if 0x20 <= unit < 0x7F:
            run += "''" if unit == 0x27 else chr(unit)
        else:
            pieces += [f"'{run}'", f"[char]{unit}"]
            run = ""
    if not pieces:
        return f"'{run}'"
    pieces.append(f"'{run}'")
    # the first piece makes the sum a string, even when it is empty
    return "(" + "+".join(piece for index, piece in enumerate(pieces) if index == 0 or piece != "''") + ")"


def export(name: str, value: str) -> str:
    """Sets the process's variable; an empty text would remove it or, from 7.5 on, set an empty one."""
    return f"$env:{name} = {quote(value)};"


def unset(name: str) -> str:
    """`$env:X = ''` leaves an empty variable behind from 7.5 on (.NET 9), which breaks every SDK."""
    return f"Remove-Item -LiteralPath Env:{name} -ErrorAction Ignore;"


def done() -> str:
    """Remove-Item of a variable that is not there leaves `$?` false; a statement that succeeds makes it true."""
    return "$null = $true;"


def fail(code: int) -> str:
    """`throw` is the only statement after which `… | Invoke-Expression` leaves `$?` false and a script stops."""
    return f"throw 'awsenv ended with exit code {code}';"


def say(text: str) -> str:
    """Show the text, of any number of lines, on stderr."""
    plain = text.isascii() and "'" + text.replace("'", "''") + "'"  # readable as it stands, which is what help is for
    return f"[Console]::Error.WriteLine({plain or quote(text)});"
