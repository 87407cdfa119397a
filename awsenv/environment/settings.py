"""The settings: environment variables, or lines of a file. Most are for the prompt, read by `awsenv init` and `prompt`.

`awsenv help settings` prints both tables as such a file. (Near the hot path: imports only small modules.)
"""

import os

from awsenv.aws import paths
from awsenv.environment import expiry
from awsenv.result import USAGE, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "OTHERS",
    "TABLE",
    "Settings",
    "as_file",
    "assumed_lifetime",
    "console_browser",
    "path_of",
    "read",
    "sgr",
    "wants_keyring",
    "wants_live",
]

#: variable -> (kind, default, description). The kinds are the keys of _KINDS.
TABLE = {
    "AWSENV_NO_SEGMENT": ("switch", "no", "leave the prompt alone; AWSENV_SEGMENT is still set"),
    "AWSENV_THRESHOLDS": ("times", "15m,5m", "warn when less is left; below the first it is near"),
    "AWSENV_REMIND": ("time", "10m", "after expiry, repeat the warning before a command this often"),
    "AWSENV_RENEW": ("switch", "no", "renew in the background before expiry, without prompting"),
    "AWSENV_RENEW_BEFORE": ("soon", "5m", "how long before expiry, 15m at most"),
    "AWSENV_RENEW_EVERY": ("time", "1m", "how long to wait after a failure"),
    "AWSENV_DURATION": ("time", "1h", "estimated validity of a session with a known start only"),
    "AWSENV_PRODUCTION": ("patterns", "", "profiles to be marked: prod* *-live (*: any text, ?: one character)"),
    "AWSENV_COLOR_GOOD": ("color", "green", "the segment"),
    "AWSENV_COLOR_NEAR": ("color", "yellow", "the segment below the first threshold"),
    "AWSENV_COLOR_EXPIRED": ("color", "red", "the segment after expiry"),
    "AWSENV_COLOR_UNKNOWN": ("color", "yellow", "the segment when the expiry is unknown"),
    "AWSENV_COLOR_PRODUCTION": ("color", "bold reverse", "what is added to the color for a marked profile"),
    "AWSENV_SYMBOL_EXPIRED": ("text", "expired", "in place of the time left, after expiry"),
    "AWSENV_SYMBOL_UNKNOWN": ("text", "?", "in place of the time left, when the expiry is unknown"),
    "AWSENV_SYMBOL_ESTIMATE": ("sign", "~", "before a time left that is an estimate"),
    "AWSENV_SYMBOL_PRODUCTION": ("text", "!", "before the name of a marked profile"),
}  # fmt: skip

#: Settings that are not for the prompt: variable -> (default, description).
OTHERS = {
    "AWSENV_CACHE": (
        "files",
        "where sessions are stored: files (~/.aws/cli/cache) or keyring (the operating system's; see docs/keyring.md)",
    ),
    "AWSENV_LIVE": ("no", "whether awsenv assume is awsenv assume --live, unless --mode says otherwise: yes or no"),
    "AWSENV_CONSOLE_BROWSER": (
        "",
        "the command that opens the links of awsenv console, of {url}, {escaped_url}, {profile}: see docs/console.md",
    ),
}

if TYPE_CHECKING:
    #: setting -> value as the scripts need it: a time in seconds, times longest first and separated by blanks, a switch
    #: as "1" or "", a color as parameters of an SGR sequence.
    Settings = Mapping[str, str]


def path_of(environ: "Mapping[str, str]") -> str:
    """Return the path of the settings file: `settings` in awsenv's own config directory."""
    return paths.settings_file(environ)


def read(environ: "Mapping[str, str]") -> "tuple[Settings, list[str]]":
    """Return the settings for the prompt, the default for an invalid one, and a message for each of these.

    Environment variables override the file. With NO_COLOR (https://no-color.org) all colors are empty.
    """
    lines, complaints = _lines(path_of(environ))
    found = {}
    for name, (kind, default, _) in TABLE.items():
        where, text = (name, environ[name]) if name in environ else (f"{name} in {path_of(environ)}", lines.get(name))
        value = None if text is None else _KINDS[kind][0](text if kind in ("text", "sign") else text.strip())
        if text is not None and value is None:
            complaints.append(f"{where} is {text!r}, which is not {_KINDS[kind][1]}; using {default or 'nothing'}")
        found[name] = value if value is not None else _KINDS[kind][0](default) or ""
        if kind == "color" and environ.get("NO_COLOR"):
            found[name] = ""
    return found, complaints


def assumed_lifetime(environ: "Mapping[str, str]") -> int:
    """AWSENV_DURATION: the estimated validity, in seconds, of a session of which only the time of issue is known."""
    name = "AWSENV_DURATION"
    return int(_time(_written(name, environ)[1].strip()) or _time(TABLE[name][1]) or 0)


def wants_keyring(environ: "Mapping[str, str]") -> bool:
    """Whether AWSENV_CACHE is `keyring`.

    Raises:
        AwsenvError: (2) it is invalid or cannot be read: a typo must not put secrets into files.
    """
    name, path = "AWSENV_CACHE", path_of(environ)
    if name not in environ:
        lines, complaints = _lines(path)
        if not lines and complaints and complaints[0].startswith(f"cannot read {path}"):
            raise AwsenvError(complaints[0], f"it may say where sessions are stored; fix it, or set {name}", USAGE)
    where, text = _written(name, environ)
    store = text.strip().lower() or OTHERS[name][0]
    if store not in ("files", "keyring"):
        raise AwsenvError(f"{where} is {text!r}", "it can be files or keyring", USAGE)
    return store == "keyring"


def wants_live(environ: "Mapping[str, str]") -> bool:
    """Whether AWSENV_LIVE makes --live the default of `assume`.

    Raises:
        AwsenvError: (2) it is invalid.
    """
    where, text = _written("AWSENV_LIVE", environ)
    value = _switch(text.strip())
    if value is None:
        raise AwsenvError(f"{where} is {text!r}", f"it can be {_KINDS['switch'][1]}", USAGE)
    return bool(value)


def console_browser(environ: "Mapping[str, str]") -> str:
    """AWSENV_CONSOLE_BROWSER; empty for the browser of the system."""
    return _written("AWSENV_CONSOLE_BROWSER", environ)[1].strip()


def _written(name: str, environ: "Mapping[str, str]") -> tuple[str, str]:
    """Return where a setting is set, and its text; empty if it is not set."""
    if name in environ:
        return name, environ[name]
    path = path_of(environ)
    return f"{name} in {path}", _lines(path)[0].get(name, "")


# Short names of settings, in the file only.
_SHORT = {"cache": "AWSENV_CACHE", "live": "AWSENV_LIVE"}


def _lines(path: str) -> tuple[dict[str, str], list[str]]:
    """Return the settings in the file, without quotes around the value; and a message for each invalid line."""
    try:
        if os.path.exists(path) and not os.path.isfile(path):  # a pipe would block every new shell
            return {}, [f"{path} is not a file"]
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except paths.MISSING:
        return {}, []
    except (OSError, UnicodeError) as error:
        return {}, [f"cannot read {path}: {getattr(error, 'strerror', None) or 'it is not UTF-8'}"]
    found, complaints = {}, []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):  # the BOM of Windows editors
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        name, value = name.strip(), value.strip()
        name = _SHORT.get(name, name)
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not equals or (name not in TABLE and name not in OTHERS):
            complaints.append(f"line {number} of {path} is not a setting; see awsenv help settings")
        elif len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" and value.count(value[0]) == 2:
            found[name] = value[1:-1]
        else:
            found[name] = value
    return found, complaints


# --- the kinds of values; each parser returns None for an invalid text ------------------------------------------------

_COLORS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_STYLES = {"bold": "1", "dim": "2", "italic": "3", "underline": "4", "reverse": "7"}


def _switch(text: str) -> str | None:
    return {"yes": "1", "1": "1", "true": "1", "on": "1", "": "", "no": "", "0": "", "false": "", "off": ""}.get(
        text.lower()
    )


def _time(text: str) -> str | None:
    seconds = expiry.parse_duration(text)
    return None if seconds is None or seconds > 99_999_999 else str(seconds)


def _soon(text: str) -> str | None:
    """With more time left, awsenv and the AWS CLI use the cached session instead of a new one."""
    seconds = _time(text)
    return None if seconds is None or int(seconds) > expiry.NEAR else seconds


def _times(text: str) -> str | None:
    times = [_time(word) for word in text.replace(",", " ").split()]
    return None if None in times else " ".join(sorted((time for time in times if time), key=int, reverse=True))


def _patterns(text: str) -> str | None:
    """Separated by blanks. No character is special in any shell except `*` and `?`."""
    good = all(character.isalnum() or character in "*?-_.:/@+=, " for character in text)
    return " ".join(text.replace(",", " ").split()) if good else None


def _plain(text: str) -> str | None:
    """No control characters, and no bytes that are not UTF-8. (isprintable would reject the icons of patched fonts.)"""
    rejected = (("\0", "\x1f"), ("\x7f", "\x9f"), ("\ud800", "\udfff"))
    return None if any(first <= character <= last for character in text for first, last in rejected) else text


def _sign(text: str) -> str | None:
    return _plain(text) or None


def sgr(text: str) -> str | None:
    """Return the parameters of an SGR sequence (ECMA-48 8.3.117) for a color; None if it is invalid.

    Args:
        text: `green`, `bright-red`, `bold white on red`, a number of the 256 colors, `none`.
    """
    parameters, ground = [], 30
    for word in text.lower().split():
        name = word.removeprefix("bright-")
        if word == "on":
            ground = 40
        elif word in _STYLES:
            parameters.append(_STYLES[word])
        elif name in _COLORS:
            parameters.append(str(ground + _COLORS.index(name) + (60 if name != word else 0)))
        elif word.isascii() and word.isdigit() and int(word) < 256:
            parameters.append(f"{ground + 8};5;{int(word)}")
        elif word != "none":
            return None
    return ";".join(parameters)


#: kind -> parser, and a description of what it accepts.
_KINDS = {
    "switch": (_switch, "yes or no"),
    "time": (_time, "a time like 90s, 15m or 1h"),
    "soon": (_soon, "a time of 15m at most"),
    "times": (_times, "a list of times like 15m,5m"),
    "patterns": (_patterns, "a list of patterns like prod* *-live"),
    "color": (sgr, "a color like green, bright-red, 208 or bold white on red"),
    "text": (_plain, "printable text"),
    "sign": (_sign, "printable text, which cannot be empty"),
}


def as_file(environ: "Mapping[str, str]") -> str:
    """Return the tables as a settings file, every setting commented out at its default."""
    head = f"""# Settings of awsenv, most of them for its prompt. Save this as
#   {path_of(environ)}
# and remove the # in front of what you change; or set environment variables of these names, which override it. They are
# read when a shell starts (awsenv init), and by awsenv prompt; AWSENV_CACHE at any time. NO_COLOR=1 turns colors off.
# A color: black, red, green, yellow, blue, magenta, cyan, white; bright-red; a number up to 255; bold, dim, italic,
# underline, reverse; on COLOR for the background; none.
"""
    rows = [(name, default, does) for name, (_, default, does) in TABLE.items()]
    rows += [(name, default, does) for name, (default, does) in OTHERS.items()]
    return head + "".join(f"\n# {does}\n#{name}={default}\n" for name, default, does in rows)
