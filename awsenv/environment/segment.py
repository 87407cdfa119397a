"""The segment of the prompt, such as `project1 42m`. The hooks in shells/ build the same from the state."""

from awsenv import Value
from awsenv.environment import expiry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from awsenv.environment.settings import Settings
    from awsenv.environment.state import State

__all__ = ["Segment", "build_segment"]


class Segment(Value):
    """What the prompt shows.

    Attributes:
        text: `project1 42m`; empty if nothing is exported.
        color: parameters of an SGR sequence, such as `32`; may be empty.
    """

    text: str
    color: str


def build_segment(state: "State", settings: "Settings", now: int) -> Segment:
    """Build the segment.

    Args:
        state: what is exported.
        settings: from `awsenv.environment.settings.read`.
        now: epoch seconds.
    """
    if state.kind == "none":
        return Segment("", "")
    text, level = state.name, "GOOD"
    if state.expiration is not None:
        left = state.expiration - now
        near = int(settings["AWSENV_THRESHOLDS"].partition(" ")[0] or 0)
        level = "EXPIRED" if left <= 0 else "NEAR" if left < near else "GOOD"
        time = settings["AWSENV_SYMBOL_EXPIRED"] if left <= 0 else expiry.short(left)
        text = f"{text} {settings['AWSENV_SYMBOL_ESTIMATE'] if state.estimated else ''}{time}"
        text = state.quiet_text if state.quiet_text and level == "GOOD" else text
    elif state.kind == "unknown":
        level = "UNKNOWN"
        text = f"{text} {settings['AWSENV_SYMBOL_UNKNOWN']}"
    colors = [settings[f"AWSENV_COLOR_{level}"]]
    if state.is_production:
        text = settings["AWSENV_SYMBOL_PRODUCTION"] + text
        colors.append(settings["AWSENV_COLOR_PRODUCTION"])
    return Segment(text, ";".join(filter(None, colors)))
