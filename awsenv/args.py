"""Arguments of a command line: one table of options per command gives parsing, errors and `--help`.

(Hot path: importing argparse alone would nearly double the time of a cached `assume`.)
"""

from awsenv import Value
from awsenv.result import USAGE, AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from awsenv.result import Result


__all__ = ["GLOBAL_OPTIONS", "SHORT", "Args", "Command", "Options", "did_you_mean", "in_quotes", "nearest", "parse"]

#: option -> (name of its value, None for a switch; description); a name that ends in `...` makes it repeatable
Options: "TypeAlias" = "Mapping[str, tuple[str | None, str]]"

#: Options of every command.
GLOBAL_OPTIONS: Options = {
    "--debug": (None, "on an error also show where it happened; secrets are redacted"),
    "--help": (None, "show this help"),
}

#: Short options of every command that has the long one. Their value may follow at once: `-d8h`.
SHORT = {
    "-h": "--help",
    "-d": "--duration",
    "-j": "--json",
    "-p": "--profile",
    "-q": "--quiet",
    "-r": "--region",
}


class Args:
    """The parsed arguments of a command.

    Attributes:
        options: option -> value; "" for a switch, one value per line for a repeatable option.
        positionals: the arguments that are not options, in order.
        dashes_first: whether all positionals follow `--`.
    """

    __slots__ = ("dashes_first", "options", "positionals")

    def __init__(self) -> None:
        self.options: dict[str, str] = {}
        self.positionals: list[str] = []
        self.dashes_first = False

    def __contains__(self, option: str) -> bool:
        return option in self.options

    @property
    def first(self) -> str | None:
        """The first positional, None without one."""
        return self.positionals[0] if self.positionals else None

    def get(self, option: str) -> str | None:
        """Return the value of an option, None if it was not given."""
        return self.options.get(option)

    def choice(self, option: str, choices: "Sequence[str]") -> str | None:
        """Return the value of an option, None if it was not given; AwsenvError (2) if it is not among the choices."""
        value = self.options.get(option)
        if value is not None and value not in choices:
            listed = f"{', '.join(choices[:-1])} or {choices[-1]}"
            raise AwsenvError(f"there is no {option} {value}", f"use {option} {listed}", USAGE)
        return value

    def one_of(self, *options: str) -> str | None:
        """Return which of these options was given, None for none; AwsenvError (2) if it was more than one."""
        given = [option for option in options if option in self.options]
        if len(given) > 1:
            raise AwsenvError(f"{given[1]} does not go with {given[0]}", "leave one of them out", USAGE)
        return given[0] if given else None


class Command(Value):
    """One verb: its help, its arguments, and its function.

    All text is a value: `python -OO` drops docstrings, and help must stay.

    Attributes:
        usage, examples, description: the parts of its help.
        options: its own options, beside GLOBAL_OPTIONS.
        max_positionals: how many positionals it takes; None for any number, the first of which ends the options.
        run: `(args, environ, now) -> Result`. It prints nothing, reads no clock and never exits.
    """

    usage: str
    description: str
    options: Options
    max_positionals: int | None
    examples: str
    run: "Callable[[Args, Mapping[str, str], int], Result]"


def parse(
    name: str, arguments: "Sequence[str]", options: Options, max_positionals: int | None, *, takes_profile: bool = False
) -> Args:
    """Sort arguments into options and positionals.

    Args:
        name: the command, for errors.
        arguments: the arguments after the command.
        options: see `Command`.
        max_positionals: see `Command`.
        takes_profile: whether the first positional is a profile, which may also be given as `--profile NAME`.

    Raises:
        AwsenvError (2): an option that is unknown, contradicts itself or lacks its value; too many positionals; an
            empty profile name.
    """
    args = Args()
    rest = iter(arguments)
    for argument in rest:
        if argument == "--":
            args.dashes_first = not args.positionals
            args.positionals.extend(rest)
        elif argument.startswith("-") and argument != "-":
            _add_option(args, name, argument, rest, options, takes_profile=takes_profile)
        else:
            args.positionals.append(argument)
            if max_positionals is None:
                args.positionals.extend(rest)
    if "--help" in args:
        return args
    is_command = args.dashes_first and max_positionals is None  # exec -- COMMAND
    if takes_profile and args.first == "" and not is_command:
        raise AwsenvError(f"{name} was given an empty profile name", f"see awsenv {name} --help", USAGE)
    if max_positionals is not None and len(args.positionals) > max_positionals:
        extra = args.positionals[max_positionals]
        raise AwsenvError(f"{name} does not take the argument {extra!r}", f"see awsenv {name} --help", USAGE)
    return args


def _add_option(
    args: Args, name: str, argument: str, rest: "Iterator[str]", options: Options, *, takes_profile: bool
) -> None:
    """Add an option, with its value from the same argument or from the next one."""
    option, equals, value = argument.partition("=")
    # -region=R, which Go programs accept, is not -r egion=R
    if option[1] != "-" and option[:2] in SHORT and not f"-{option}".startswith(SHORT[option[:2]]):
        option, value = SHORT[option[:2]], argument[2:].removeprefix("=")
        equals = value
    known = options.get(option) or GLOBAL_OPTIONS.get(option)
    if known is None and takes_profile and option == "--profile":
        args.positionals.insert(0, _value(name, option, "NAME", value if equals else None, rest))
        return
    if known is None:
        near = nearest(option, [*options, *GLOBAL_OPTIONS])[:1]
        hint = f"{did_you_mean(near)} " if near else ""
        raise AwsenvError(f"{name} has no option {option}", f"{hint}see awsenv {name} --help", USAGE)
    value_name = known[0]
    if value_name is not None:
        value = _value(name, option, value_name, value if equals else None, rest)
    elif equals:
        raise AwsenvError(f"{option} takes no value", f"see awsenv {name} --help", USAGE)
    if value_name is not None and value_name.endswith("...") and option in args:
        value = f"{args.options[option]}\n{value}"
    elif args.options.get(option, value) != value:
        raise AwsenvError(f"{option} was given twice, with different values", f"see awsenv {name} --help", USAGE)
    args.options[option] = value


def _value(name: str, option: str, value_name: str, written: str | None, rest: "Iterator[str]") -> str:
    """Return the value of an option: what is written after `=`, else the next argument."""
    value = next(rest, None) if written is None else written
    if value is None or (written is None and value.startswith("--")):  # a value like that needs the =
        raise AwsenvError(f"{option} needs a value: {option} {value_name}", f"see awsenv {name} --help", USAGE)
    if not value:
        raise AwsenvError(f"{option} was given an empty value", f"leave it out, or write {option} {value_name}", USAGE)
    return value


def nearest(name: str, known: "Sequence[str]") -> list[str]:
    """Return up to three known names for which a name may be a typing error, best first."""
    import difflib

    folded = {candidate.casefold(): candidate for candidate in reversed(known)}
    close = difflib.get_close_matches(name.casefold(), list(folded), n=3, cutoff=0.6)
    starts = [key for key in folded if key.startswith(name.casefold()) and key not in close]
    return [folded[key] for key in [*close, *starts]][:3]


def _is_composed(name: str) -> bool:
    """Whether accented letters are single characters, as keyboards type them; macOS file names decompose them."""
    if name.isascii():
        return True
    import unicodedata

    return unicodedata.is_normalized("NFC", name)


def in_quotes(name: str) -> str:
    """Return a name in quotes, with what would be invisible escaped."""
    return repr(name) if _is_composed(name) else ascii(name)


def did_you_mean(near: "Sequence[str]") -> str:
    """Return the question that suggests the nearest names, in quotes where blanks or odd characters need them."""
    plain = [
        name if name.isprintable() and not set(name) & set(" \"'") and _is_composed(name) else in_quotes(name)
        for name in near
    ]
    return f"did you mean {' or '.join(plain)}?"
