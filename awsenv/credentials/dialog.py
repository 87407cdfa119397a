"""How obtaining credentials reaches the user. The command layer makes the object; nothing below prints or prompts."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Dialog", "Silent"]


class Dialog(Protocol):
    """What obtaining may need of the user."""

    def ask(self, question: str) -> str | None:
        """Show a question.

        Returns:
            The answer, without the blanks around it; None where prompting is impossible.
        """
        ...

    def notify(self, line: str) -> None:
        """Show one line while something takes its time."""

    def show(self, *lines: str) -> None:
        """Show text that the user has to act on."""


class Silent:
    """Asks nothing and shows nothing."""

    def ask(self, question: str) -> str | None:
        """Never prompts."""
        del question
        return None

    def notify(self, line: str) -> None:
        """Show nothing."""
        del line

    def show(self, *lines: str) -> None:
        """Show nothing."""
        del lines
