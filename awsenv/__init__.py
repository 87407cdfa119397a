"""awsenv: AWS credentials in your shell."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

__version__ = "0.1.0"


def load(package: str, name: str) -> ModuleType:
    """The module `awsenv.PACKAGE.NAME`. (As importlib.import_module, whose package alone costs half a millisecond.)"""
    module: ModuleType = __import__(f"awsenv.{package}.{name}", fromlist=["__name__"])
    return module
