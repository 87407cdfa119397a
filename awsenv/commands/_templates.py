"""Render the scripts of shells/: when the wheel is built, and in a checkout on demand.

This belongs to the command layer because the scripts complete commands and their options.
"""

from __future__ import annotations

import os

from awsenv import SNIPPETS, dialects
from awsenv.integration.scripts import DIRECTORIES, SCRIPTS, built, lua_quote, templates_of
from awsenv.result import USAGE, AwsenvError

__all__ = ["files", "part", "render", "rendered", "rendered_now"]

#: Parts of an integration that are loaded on demand.
_PARTS = ("completion", "off")


def part(shell: str, name: str) -> str:
    """Return a part of the integration that is loaded on demand; AwsenvError (2) for a shell that has none.

    Args:
        shell: of SCRIPTS.
        name: `completion`, loaded at the first TAB, or `off`, which removes the integration from a running shell.
    """
    if not dialects.is_hooked(shell):
        raise AwsenvError(f"{shell} has no {name} of its own", f"see awsenv init {shell}", USAGE)
    return rendered(_part_file(shell, name))


def _part_file(shell: str, name: str) -> str:
    return f"{name}.{SCRIPTS[shell].rpartition('.')[2]}"


def files() -> list[str]:
    """Return all files that are rendered."""
    return [*SCRIPTS.values(), *(_part_file(shell, name) for shell in dialects.hooked() for name in _PARTS)]


def rendered(file: str) -> str:
    """Return a script as rendered when the wheel was built; in a checkout, render it now."""
    text = built(file)
    return rendered_now(file) if text is None else text


def rendered_now(file: str) -> str:
    """Return a script that was not built: render it from the templates of a checkout."""
    for directory in DIRECTORIES:
        if os.path.isdir(directory):
            return render(file, directory)
    raise AwsenvError("awsenv's directory shells/ is missing", "install awsenv again")


def render(file: str, directory: str) -> str:
    """Render a template with the table of variables, the messages, and the data of completion.

    Args:
        file: one of `files()`.
        directory: the directory `shells/`.
    """
    import jinja2

    from awsenv import environment
    from awsenv.commands import _completion
    from awsenv.environment import expiry, messages, state

    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(directory),
        variable_start_string="«",  # braces are the shells' own
        variable_end_string="»",
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # these are shell scripts
    )
    shell = next(shell for shell, name in SCRIPTS.items() if name.rpartition(".")[2] == file.rpartition(".")[2])
    home = templates_of(shell)
    completion = _completion.context(home)
    if shell == "clink":
        completion["quote"] = lua_quote
    text = templates.get_template(f"{home}/{file}.j2").render(
        credentials=environment.UNSET,
        keys=(*environment.KEYS, "AWS_SECURITY_TOKEN"),
        profiles=environment.PROFILES,
        regions=environment.REGIONS,
        previous=environment.PREVIOUS,
        own=environment.OWN,
        fingerprint=state.FINGERPRINT,
        other_sources=(*environment.SOURCES, environment.PROFILES[1]),
        verbs=SNIPPETS,
        messages=messages.table(),
        near=expiry.NEAR,
        **completion,
    )
    return "".join(line for line in text.splitlines(keepends=True) if _is_code(line))


def _is_code(line: str) -> bool:
    """Whether a line goes into the script: comments and blank lines cost time in each shell that reads it."""
    bare = line.strip()
    return bare.startswith(("# ---", "# shellcheck ")) or not (bare == "" or bare.startswith("# "))
