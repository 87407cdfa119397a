"""What botocore sees of this machine: an environment, and the files cut to what is needed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import botocore.configloader
import botocore.exceptions

from awsenv.aws import paths
from awsenv.aws.config_files import Settings

__all__ = ["environment_set_to", "files_cut_to"]


@contextmanager
def environment_set_to(environ: Mapping[str, str]) -> Iterator[None]:
    """While this lasts, botocore, and what a credential_process starts, see this environment.

    What is so already is not touched: another thread may just be in getenv(3), which a setenv(3) can bring down.
    """
    original = dict(os.environ)
    _become(environ)
    try:
        yield
    finally:
        _become(original)


def _become(environ: Mapping[str, str]) -> None:
    for name in os.environ.keys() - environ.keys():
        del os.environ[name]
    for name, value in environ.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


@contextmanager
def files_cut_to(sections: Mapping[str, Mapping[str, Settings]]) -> Iterator[None]:
    """While this lasts, botocore finds these sections in these files, and nothing else in any file.

    Args:
        sections: path of the file -> header -> settings.
    """
    original = botocore.configloader.raw_config_parse

    def cut(config_filename: str | None, parse_subsections: bool = True) -> dict[str, Any]:
        del parse_subsections
        asked = os.path.expanduser(os.path.expandvars(config_filename or ""))
        for path, found in sections.items():
            if paths.same(path, asked):  # on Windows botocore asks for `C:\\Users\\ada/.aws/config`
                return {header: dict(settings) for header, settings in found.items()}
        raise botocore.exceptions.ConfigNotFound(path=asked)

    botocore.configloader.raw_config_parse = cut
    try:
        yield
    finally:
        botocore.configloader.raw_config_parse = original
