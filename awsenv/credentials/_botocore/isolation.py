"""Restrict what botocore sees: a given environment, and the AWS files cut to the sections that are needed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import botocore.configloader
import botocore.exceptions

from awsenv.aws import paths
from awsenv.aws.config_files import Settings

__all__ = ["Sections", "environment_set_to", "files_cut_to"]

#: path of a file -> header -> settings
Sections = Mapping[str, Mapping[str, Settings]]


@contextmanager
def environment_set_to(environ: Mapping[str, str]) -> Iterator[None]:
    """Give botocore, and the processes that it starts, this environment.

    Unchanged variables are not touched: setenv(3) can crash a thread that is in getenv(3).
    """
    original = dict(os.environ)
    _set_environment(environ)
    try:
        yield
    finally:
        _set_environment(original)


def _set_environment(environ: Mapping[str, str]) -> None:
    for name in os.environ.keys() - environ.keys():
        del os.environ[name]
    for name, value in environ.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


@contextmanager
def files_cut_to(sections: Sections) -> Iterator[None]:
    """Have botocore find these sections in the AWS files, and nothing else."""
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
