"""Build hook: renders shells/ into the wheel, so that `awsenv init` only has to print a file."""

import os
import sys
import tempfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class RenderShells(BuildHookInterface[Any]):
    """Adds `awsenv/shells/rendered/` to a wheel. An editable install renders when it is asked."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from awsenv.commands import _templates

        self._directory = tempfile.TemporaryDirectory()
        for name in _templates.files():
            path = os.path.join(self._directory.name, name)
            with open(path, "w", encoding="ascii", newline="\n") as file:
                file.write(_templates.render(name, os.path.join(self.root, "shells")))
            build_data["force_include"][path] = f"awsenv/shells/rendered/{name}"
