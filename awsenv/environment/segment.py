"""The segment of the prompt, `project1 42m`, as `awsenv prompt` gives it. The shells' hooks make the same: shells/."""

from __future__ import annotations

from awsenv.environment import expiry, lookup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.environment import Exported
    from awsenv.environment.settings import Settings

__all__ = ["Segment", "known", "of", "plain"]

#: For str.translate: control characters, which a terminal or a status line would obey.
_CONTROL = dict.fromkeys((*range(32), *range(127, 160)), "?")


class Segment:
    """What the prompt shows.

    Attributes:
        text: `project1 42m`; empty while nothing is exported.
        color: the parameters of the terminal's SGR sequence for it, `32`; may be empty.
    """

    __slots__ = ("color", "text")

    def __init__(self, text: str, color: str) -> None:
        self.text = text
        self.color = color


def known(exported: Exported, environ: Mapping[str, str], settings: Settings) -> lookup.KeyInfo:
    """When what is exported ends; if no variable tells, what the files and the session token say."""
    if exported.expiration is not None or exported.mode != "keys" or not exported.temporary:
        return lookup.KeyInfo(expiration=exported.expiration)
    return lookup.look_up(environ, int(settings["AWSENV_DURATION"]))


def of(exported: Exported, end: lookup.KeyInfo, settings: Settings, now: int) -> Segment:
    """The segment for what is exported.

    Args:
        exported: that.
        end: as `known` gives it.
        settings: of `awsenv.environment.settings.read`.
        now: epoch seconds.
    """
    if exported.mode is None:
        return Segment("", "")
    if exported.missing is not None:  # a part of the keys, which nobody can use; whatever end is told is not theirs
        end = lookup.KeyInfo()
    name = plain(end.profile if exported.profile is None and end.profile else exported.name)
    text, mood = name, "GOOD"
    left = None if end.expiration is None else end.expiration - now
    if left is not None:
        estimate = settings["AWSENV_SYMBOL_ESTIMATE"] if end.estimated else ""
        near = int(settings["AWSENV_THRESHOLDS"].partition(" ")[0] or 0)
        mood = "EXPIRED" if left <= 0 else "NEAR" if left < near else "GOOD"
        time = settings["AWSENV_SYMBOL_EXPIRED"] if left <= 0 else expiry.short(left)
        text = f"{name} {estimate}{time}"
    elif exported.temporary or exported.missing is not None:
        mood = "UNKNOWN"
        text = f"{name} {settings['AWSENV_SYMBOL_UNKNOWN']}"
    colors = [settings[f"AWSENV_COLOR_{mood}"]]
    if _is_production(name, settings["AWSENV_PRODUCTION"]):
        text = settings["AWSENV_SYMBOL_PRODUCTION"] + text
        colors.append(settings["AWSENV_COLOR_PRODUCTION"])
    return Segment(text, ";".join(filter(None, colors)))


def plain(name: str) -> str:
    """A name as the prompt shows it: names are data. It stays one line, and commands no terminal."""
    return name.translate(_CONTROL)


def _is_production(name: str, patterns: str) -> bool:
    if not patterns:
        return False
    import fnmatch

    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns.split(" "))
