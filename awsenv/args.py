"""The words of the command line: one table of options per command gives parsing, errors and `--help`.

(Hot path: argparse alone would nearly double the time of a cached `assume`.)
"""

from __future__ import annotations

from awsenv.result import USAGE, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import ModuleType
    from typing import TypeAlias

    #: option -> (name of its value, or None for a switch; what it does); `...` after the name: it may be given again
    Options: TypeAlias = Mapping[str, tuple[str | None, str]]

__all__ = ["EVERYWHERE", "Args", "help_of", "nearest", "parse"]

#: Options that every command takes.
EVERYWHERE: Options = {
    "--debug": (None, "on an error also show where it happened; secrets are redacted"),
    "--help": (None, "show this help"),
}

_SHORT = {"-h": "--help"}


class Args:
    """What stood on the command line after the command.

    Attributes:
        options: option -> its value; a switch has the value "", and what was given more than once one value a line.
        names: the words that are not options, in order.
    """

    __slots__ = ("names", "options")

    def __init__(self) -> None:
        self.options: dict[str, str] = {}
        self.names: list[str] = []

    def __contains__(self, option: str) -> bool:
        return option in self.options

    def get(self, option: str) -> str | None:
        """The value of an option, None if it was not given."""
        return self.options.get(option)


def parse(command: str, arguments: Sequence[str], options: Options, most: int | None) -> Args:
    """Sort the words into options and names.

    Args:
        command: the name of the command, for the errors.
        arguments: the words after it.
        options: what the command takes, beside what all take.
        most: how many names it takes at the most; None for any number, of which the first ends the options.

    Raises:
        AwsenvError (2): an option that is not known, twice there, or without its value; a name too many.
    """
    words = Args()
    waiting = iter(arguments)
    for word in waiting:
        if word == "--":
            words.names.extend(waiting)
            break
        if not word.startswith("-") or word == "-":
            words.names.append(word)
            if most is None:
                words.names.extend(waiting)
            continue
        name, equals, value = word.partition("=")
        name = _SHORT.get(name, name)
        known = options.get(name) or EVERYWHERE.get(name)
        if known is None:
            raise _unknown_option(command, name, options)
        several = known[0] is not None and known[0].endswith("...")
        if known[0] is not None:
            value = _value(command, name, known[0], value if equals else None, waiting)
        elif equals:
            raise AwsenvError(f"{name} takes no value", f"see awsenv {command} --help", USAGE)
        if several and name in words.options:
            value = f"{words.options[name]}\n{value}"
        elif words.options.get(name, value) != value:
            raise AwsenvError(f"{name} was given twice, with different values", f"see awsenv {command} --help", USAGE)
        words.options[name] = value
    if most is not None and len(words.names) > most and "--help" not in words:
        raise AwsenvError(
            f"{command} does not take the word {words.names[most]!r}", f"see awsenv {command} --help", USAGE
        )
    return words


def _value(command: str, name: str, what: str, written: str | None, waiting: Iterator[str]) -> str:
    """The value of an option, which is written behind `=` or is the next word."""
    value = next(waiting, None) if written is None else written
    if value is None or (written is None and value.startswith("--")):  # a value like that is written with =
        raise AwsenvError(f"{name} needs a value: {name} {what}", f"see awsenv {command} --help", USAGE)
    if not value:
        raise AwsenvError(f"{name} was given an empty value", f"leave it out, or write {name} {what}", USAGE)
    return value


def _unknown_option(command: str, name: str, options: Options) -> AwsenvError:
    near = nearest(name, [*options, *EVERYWHERE])
    hint = f"did you mean {near[0]}? " if near else ""
    return AwsenvError(f"{command} has no option {name}", f"{hint}see awsenv {command} --help", USAGE)


def nearest(name: str, known: Sequence[str]) -> list[str]:
    """The up to three known names that a mistyped one most likely stood for, best first."""
    import difflib

    folded = {candidate.casefold(): candidate for candidate in reversed(known)}
    close = difflib.get_close_matches(name.casefold(), list(folded), n=3, cutoff=0.6)
    starts = [key for key in folded if key.startswith(name.casefold()) and key not in close]
    return [folded[key] for key in [*close, *starts]][:3]


def help_of(command: ModuleType) -> str:
    """The help of one command, from its USAGE_LINE, EXAMPLES, docstring and OPTIONS: who is in a hurry reads no more
    than the first lines."""
    rows = [
        (f"{name} {value}" if value else name, does)
        for name, (value, does) in {**command.OPTIONS, **EVERYWHERE}.items()
    ]
    width = max(len(left) for left, _ in rows)
    description = (command.__doc__ or "").strip()
    examples = command.EXAMPLES.strip("\n")
    options = "\n".join(f"  {left:<{width}}  {does}" for left, does in rows)
    return f"usage: {command.USAGE_LINE}\n\nexamples:\n{examples}\n\n{description}\n\noptions:\n{options}\n"
