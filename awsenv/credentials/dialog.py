"""The interface between `credentials` and the user, implemented by the command layer: nothing below prompts."""

from __future__ import annotations

from typing import Protocol

__all__ = ["Dialog", "Silent"]


class Dialog(Protocol):
    """Questions and messages to the user."""

    def ask(self, question: str) -> str | None:
        """Ask a question.

        Returns:
            The answer, stripped of blanks; None where prompting is impossible.
        """
        ...

    def notify(self, line: str) -> None:
        """Show one line about the progress."""

    def show(self, *lines: str) -> None:
        """Show text that the user has to act on."""


class Silent:
    """A dialog that asks and shows nothing."""

    def ask(self, question: str) -> str | None:
        """Return None: never prompt."""
        del question
        return None

    def notify(self, line: str) -> None:
        """Show nothing."""
        del line

    def show(self, *lines: str) -> None:
        """Show nothing."""
        del lines
