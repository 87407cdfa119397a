"""The arguments of a command line: one table of options per command gives parsing, errors and `--help`.

(Hot path: argparse alone would nearly double the time of a cached `assume`.)
"""

from __future__ import annotations

from awsenv import Value
from awsenv.result import USAGE, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from awsenv.result import Result


__all__ = ["GLOBAL_OPTIONS", "SHORT", "Args", "Command", "Options", "did_you_mean", "in_quotes", "nearest", "parse"]

#: option -> (name of its value, or None for a switch; what it does); `...` after the name: it is repeatable
Options: TypeAlias = "Mapping[str, tuple[str | None, str]]"

#: Options of every command.
GLOBAL_OPTIONS: Options = {
    "--debug": (None, "on an error also show where it happened; secrets are redacted"),
    "--help": (None, "show this help"),
}

#: Short options, for every command that has the long one. Their value may follow at once: `-d8h`.
SHORT = {
    "-h": "--help",
    "-d": "--duration",
    "-j": "--json",
    "-p": "--profile",
    "-q": "--quiet",
    "-r": "--region",
}


class Args:
    """The command line after the command.

    Attributes:
        options: option -> its value; a switch has the value "", a repeated option one value a line.
        positionals: the arguments that are not options, in order.
        dashes_first: whether all of them stood behind `--`.
    """

    __slots__ = ("dashes_first", "options", "positionals")

    def __init__(self) -> None:
        self.options: dict[str, str] = {}
        self.positionals: list[str] = []
        self.dashes_first = False

    def __contains__(self, option: str) -> bool:
        return option in self.options

    def get(self, option: str) -> str | None:
        """The value of an option, None if it was not given."""
        return self.options.get(option)


class Command(Value):
    """One verb: its help, what it takes, and what it does.

    All text is a value: `python -OO` drops docstrings, and help must stay.

    Attributes:
        usage, examples, description: the parts of its help.
        options: its own options; GLOBAL_OPTIONS come on top.
        max_positionals: how many it takes; None for any number; the first then ends the options.
        run: `(args, environ, now) -> Result`. It prints nothing, reads no clock and never exits.
        snippet: when a shell evaluates its stdout: None never, "" always, "--fix" with that option only, "!--format"
            unless it is given. `awsenv.SNIPPETS` repeats it, for a Ctrl-C before anything is imported.
    """

    usage: str
    description: str
    options: Options
    max_positionals: int | None
    examples: str
    run: Callable[[Args, Mapping[str, str], int], Result]
    snippet: str | None = None


def parse(
    name: str, arguments: Sequence[str], options: Options, max_positionals: int | None, *, takes_profile: bool = False
) -> Args:
    """Sort arguments into options and positionals.

    Args:
        name: the command, for the errors.
        arguments: those after it.
        options: see `Command`.
        max_positionals: see `Command`.
        takes_profile: whether the first positional is a profile, which may then be given as `--profile NAME`, too.

    Raises:
        AwsenvError (2): an unknown option, one that contradicts itself or lacks its value; a positional too many.
    """
    args = Args()
    rest = iter(arguments)
    for word in rest:
        if word == "--":
            args.dashes_first = not args.positionals
            args.positionals.extend(rest)
            break
        if not word.startswith("-") or word == "-":
            args.positionals.append(word)
            if max_positionals is None:
                args.positionals.extend(rest)
            continue
        option, equals, value = word.partition("=")
        # -region=R, as programs in Go take it, is not -r egion=R
        if option[1] != "-" and option[:2] in SHORT and not f"-{option}".startswith(SHORT[option[:2]]):
            option, value = SHORT[option[:2]], word[2:].removeprefix("=")
            equals = value
        known = options.get(option) or GLOBAL_OPTIONS.get(option)
        if known is None and takes_profile and option == "--profile":
            args.positionals.insert(0, _value(name, option, "NAME", value if equals else None, rest))
            continue
        if known is None:
            raise _unknown_option(name, option, options)
        repeatable = known[0] is not None and known[0].endswith("...")
        if known[0] is not None:
            value = _value(name, option, known[0], value if equals else None, rest)
        elif equals:
            raise AwsenvError(f"{option} takes no value", f"see awsenv {name} --help", USAGE)
        if repeatable and option in args.options:
            value = f"{args.options[option]}\n{value}"
        elif args.options.get(option, value) != value:
            raise AwsenvError(f"{option} was given twice, with different values", f"see awsenv {name} --help", USAGE)
        args.options[option] = value
    if max_positionals is not None and len(args.positionals) > max_positionals and "--help" not in args:
        raise AwsenvError(
            f"{name} does not take the argument {args.positionals[max_positionals]!r}",
            f"see awsenv {name} --help",
            USAGE,
        )
    return args


def _value(name: str, option: str, what: str, written: str | None, rest: Iterator[str]) -> str:
    """The value of an option, behind `=` or in the next argument."""
    value = next(rest, None) if written is None else written
    if value is None or (written is None and value.startswith("--")):  # a value like that needs the =
        raise AwsenvError(f"{option} needs a value: {option} {what}", f"see awsenv {name} --help", USAGE)
    if not value:
        raise AwsenvError(f"{option} was given an empty value", f"leave it out, or write {option} {what}", USAGE)
    return value


def _unknown_option(name: str, option: str, options: Options) -> AwsenvError:
    near = nearest(option, [*options, *GLOBAL_OPTIONS])
    hint = f"did you mean {near[0]}? " if near else ""
    return AwsenvError(f"{name} has no option {option}", f"{hint}see awsenv {name} --help", USAGE)


def nearest(name: str, known: Sequence[str]) -> list[str]:
    """The up to three known names that a mistyped one most likely stood for, best first."""
    import difflib

    folded = {candidate.casefold(): candidate for candidate in reversed(known)}
    close = difflib.get_close_matches(name.casefold(), list(folded), n=3, cutoff=0.6)
    starts = [key for key in folded if key.startswith(name.casefold()) and key not in close]
    return [folded[key] for key in [*close, *starts]][:3]


def _is_composed(name: str) -> bool:
    """Whether a name has the letters that a keyboard types: not u and a diaeresis, as macOS writes it."""
    if name.isascii():
        return True
    import unicodedata

    return unicodedata.is_normalized("NFC", name)


def in_quotes(name: str) -> str:
    """A name in quotes, so that what cannot be seen of it is shown."""
    return repr(name) if _is_composed(name) else ascii(name)


def did_you_mean(near: Sequence[str]) -> str:
    """The question that names the nearest names; those with odd ends or blanks in quotes."""
    plain = [
        name if name.isprintable() and not set(name) & set(" \"'") and _is_composed(name) else in_quotes(name)
        for name in near
    ]
    return f"did you mean {' or '.join(plain)}?"
