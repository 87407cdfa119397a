"""What `awsenv.cmd` reads: cmd's lines, and a last one with the exit code, as `for /f` has none of its own.

Plain cmd has no hook before a prompt, and expands nothing in PROMPT at each prompt but codes such as `$T`: a time left
would stand still there. So what goes in front of PROMPT has the time of expiry, `project1 until 14:32`, and is one more
variable of the change that `awsenv.cmd` makes.
"""

from __future__ import annotations

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

#: The variable with what awsenv has put in front of PROMPT, for taking it out again. It is not in the one table:
#: another shell, started in between, has no PROMPT to take it out of.
OURS = "AWSENV_PROMPT"

#: Set by the awsenv.cmd of `awsenv init cmd --no-segment`: PROMPT is to be left alone.
KEEP = "AWSENV_KEEP_PROMPT"


def _without(ours: str | None, prompt: str) -> str:
    """PROMPT without our text; the user, or a virtual environment, may have changed it since."""
    front = f"{ours} "
    return prompt.replace(front, "", 1) if ours and (prompt.startswith(front) or prompt.count(front) == 1) else prompt


class AwsenvCmd(Cmd):
    """Its lines are those of cmd."""

    def success(self) -> str:
        """The exit code 0."""
        return "AWSENV_RC=0"

    def fail(self, code: int) -> str:
        """The exit code, and no change."""
        return f"AWSENV_RC={code}"

    def amend(self, change: Change, environ: Mapping[str, str], now: int) -> Change:
        """A change, and what becomes of PROMPT with it.

        A PROMPT that cmd could not take from a program unchanged is left alone. Clink's is one: it begins with a mark
        of backspaces (clink/app/src/host/prompt.cpp), and for Clink there is a script of ours that shows more.

        Args:
            change: of the credential variables; when it is empty, so is what comes back.
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

    def _text(self, environ: Mapping[str, str], now: int) -> str | None:
        """What PROMPT shows for what is exported, in its language; None for nothing."""
        settings = self._representable(settings_of.read(environ)[0])
        state = state_of(environ)
        if state.kind == "none" or settings["AWSENV_NO_SEGMENT"] or environ.get(KEEP):
            return None
        expiration = state.expiration
        if expiration is not None:
            state.kind, state.expiration = "permanent", None  # the time left would stand still
        text = build_segment(state, settings, now).text
        if expiration is not None:
            text += (
                f" until {settings['AWSENV_SYMBOL_ESTIMATE'] if state.estimated else ''}{expiry.clock(expiration, now)}"
            )
        return text.replace("$", "$$").replace(">", "$G")

    def _representable(self, settings: Settings) -> Settings:
        """The settings without the symbols that cmd cannot take from a program, such as the exclamation mark."""
        instead = {"AWSENV_SYMBOL_PRODUCTION": "*", "AWSENV_SYMBOL_UNKNOWN": "?", "AWSENV_SYMBOL_ESTIMATE": "~"}
        refused = {
            name: symbol
            for name, symbol in instead.items()
            if settings[name] and not can_represent(self, settings[name])
        }
        return {**settings, **refused}


DIALECT = AwsenvCmd()
