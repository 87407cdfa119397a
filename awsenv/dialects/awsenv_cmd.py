"""Lines for `awsenv.cmd`: those of cmd, and a last one with the exit code, which `for /f` does not have.

cmd has no prompt hook, and expands only codes such as `$T` in PROMPT, so a time left would not count down. Therefore
the change that `awsenv.cmd` makes includes PROMPT, which begins with the time of expiration: `project1 until 14:32`.
"""

from awsenv.dialects import can_represent
from awsenv.dialects.cmd import Cmd
from awsenv.environment import applied, expiry
from awsenv.environment import settings as settings_of
from awsenv.environment.segment import build_segment
from awsenv.environment.state import state_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from awsenv.environment import Change
    from awsenv.environment.settings import Settings

__all__ = ["DIALECT", "KEEP", "OURS", "AwsenvCmd"]

#: The text that awsenv has put in front of PROMPT, in order to remove it. Not in the table of variables, as another
#: shell that is started from this one has no PROMPT to remove it from.
OURS = "AWSENV_PROMPT"

#: Set by the awsenv.cmd of `awsenv init cmd --no-segment`: leave PROMPT alone.
KEEP = "AWSENV_KEEP_PROMPT"

_PLAIN_SYMBOLS = {"AWSENV_SYMBOL_PRODUCTION": "*", "AWSENV_SYMBOL_UNKNOWN": "?", "AWSENV_SYMBOL_ESTIMATE": "~"}


def _without(ours: str | None, prompt: str) -> str:
    """PROMPT without our text; the user or a virtual environment may have changed it since."""
    front = f"{ours} "
    return prompt.replace(front, "", 1) if ours and (prompt.startswith(front) or prompt.count(front) == 1) else prompt


class AwsenvCmd(Cmd):
    """The lines of cmd, the exit code, and PROMPT."""

    def success(self) -> str:
        """Return the exit code 0."""
        return "AWSENV_RC=0"

    def fail(self, code: int) -> str:
        """Return the exit code alone."""
        return f"AWSENV_RC={code}"

    def amend(self, change: "Change", environ: "Mapping[str, str]", now: int) -> "Change":
        """Add PROMPT to a change that is not empty.

        A PROMPT that cmd would not take from a program unchanged is left alone. Clink's is one, as it begins with
        backspaces (clink/app/src/host/prompt.cpp); for Clink there is a script of ours that shows more.

        Args:
            change: of the credential variables.
            environ: the environment before it.
            now: epoch seconds.
        """
        if not change:
            return change
        ours, before = environ.get(OURS) or None, environ.get("PROMPT") or "$P$G"
        text = self._text(applied(environ, change), now)
        prompt = f"{text} {_without(ours, before)}" if text else _without(ours, before)
        if not can_represent(self, prompt):
            return change
        amended = dict(change)
        if prompt != before:
            amended["PROMPT"] = prompt
        if text != ours:
            amended[OURS] = text
        return amended

    def _text(self, environ: "Mapping[str, str]", now: int) -> str | None:
        """Our part of PROMPT, with its escapes; None for nothing."""
        settings = self._representable(settings_of.read(environ)[0])
        state = state_of(environ)
        if state.kind == "none" or settings["AWSENV_NO_SEGMENT"] or environ.get(KEEP):
            return None
        expiration = state.expiration
        if expiration is not None:
            state.kind, state.expiration = "permanent", None  # the time left would not count down
        text = build_segment(state, settings, now).text
        if expiration is not None:
            estimate = settings["AWSENV_SYMBOL_ESTIMATE"] if state.estimated else ""
            text += f" until {estimate}{expiry.clock(expiration, now)}"
        return text.replace("$", "$$").replace(">", "$G")

    def _representable(self, settings: "Settings") -> "Settings":
        """Return the settings, with other symbols for those that cmd cannot take from a program, such as `!`."""
        changed = dict(settings)
        for name, symbol in _PLAIN_SYMBOLS.items():
            if settings[name] and not can_represent(self, settings[name]):
                changed[name] = symbol
        return changed


DIALECT = AwsenvCmd()
