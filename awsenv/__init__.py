"""awsenv: AWS credentials in your shell."""

# No `from __future__` here or in __main__: that import alone leaves time for a Ctrl-C. And no syntax newer than Python
# 3.6: __main__ has to get far enough to report that the Python is too old.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from types import ModuleType

    from typing_extensions import dataclass_transform
else:

    def dataclass_transform():  # noqa: D103  # see PEP 681
        return lambda cls: cls


__version__ = "0.2.0"

#: Commands whose stdout is evaluated by the shell.
SNIPPETS = ("assume", "refresh", "clear")


def answers_shell(command: str, options: "Container[str]") -> bool:
    """Whether a shell evaluates the stdout of a command with these options."""
    if command == "doctor":
        return "--fix" in options
    return command in SNIPPETS and "--format" not in options


def load(package: str, name: str) -> "ModuleType":
    """Import `awsenv.PACKAGE.NAME`, as importlib.import_module does, whose own import takes half a millisecond."""
    module: ModuleType = __import__(f"awsenv.{package}.{name}", fromlist=["__name__"])
    return module


@dataclass_transform()
class Value:
    """Base of classes that are declared like dataclasses, whose import takes longer than a cached `assume` may."""

    def __init__(self, *args: object, **values: object) -> None:
        fields = type(self).__annotations__
        values.update(zip(fields, args))  # noqa: B905  # Python 3.6 has no strict
        assert fields.keys() >= values.keys(), values.keys() - fields.keys()
        self.__dict__.update(values)
