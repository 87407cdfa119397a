"""awsenv: AWS credentials in your shell."""

# No `from __future__` here, nor in __main__: that import alone is long enough for a Ctrl-C to come. And nothing that
# Python 3.6 cannot parse: a Python that is too old has to get as far as to say so.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from types import ModuleType

    from typing_extensions import dataclass_transform
else:

    def dataclass_transform():  # noqa: D103  # see PEP 681
        return lambda cls: cls


__version__ = "0.2.0"

#: command -> when a shell evaluates its stdout, as its `Command.snippet` says (a test holds them together).
SNIPPETS = {"assume": "!--format", "refresh": "", "clear": "", "doctor": "--fix"}


def answers_shell(command: str, options: "Container[str]") -> bool:
    """Whether a shell evaluates the stdout of a command with these options."""
    when = SNIPPETS.get(command)
    if not when:
        return when is not None
    return when[1:] not in options if when[0] == "!" else when in options


def load(package: str, name: str) -> "ModuleType":
    """The module `awsenv.PACKAGE.NAME`. (As importlib.import_module, whose package alone costs half a millisecond.)"""
    module: ModuleType = __import__(f"awsenv.{package}.{name}", fromlist=["__name__"])
    return module


@dataclass_transform()
class Value:
    """Base of classes that are declared as a dataclass is. (Those take longer to import than a cached `assume` may.)"""

    def __init__(self, *args: object, **values: object) -> None:
        fields = type(self).__annotations__
        values.update(zip(fields, args))  # noqa: B905  # Python 3.6 has no strict
        assert fields.keys() >= values.keys(), values.keys() - fields.keys()
        self.__dict__.update(values)
