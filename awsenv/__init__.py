"""awsenv: AWS credentials in your shell."""

# No `from __future__` here, nor in __main__: that import alone is long enough for a Ctrl-C to come.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from types import ModuleType

__version__ = "0.1.0"

#: The commands whose stdout a shell evaluates unless --format is given.
SNIPPET_COMMANDS = ("assume", "refresh", "clear")


def answers_shell(command: str, words: "Container[str]") -> bool:
    """Whether a shell evaluates the stdout of a command with these options."""
    if command == "doctor":
        return "--fix" in words
    return command in SNIPPET_COMMANDS and "--format" not in words


def load(package: str, name: str) -> "ModuleType":
    """The module `awsenv.PACKAGE.NAME`. (As importlib.import_module, whose package alone costs half a millisecond.)"""
    module: ModuleType = __import__(f"awsenv.{package}.{name}", fromlist=["__name__"])
    return module
