"""The scripts that are rendered from shells/: when the wheel is built, and in a checkout when they are asked for.

That is in the command layer, as what they complete are the commands and their options.
"""

from __future__ import annotations

import os

from awsenv import SNIPPETS, dialects
from awsenv.integration.scripts import DIRECTORIES, SCRIPTS, built, lua_quote, templates_of
from awsenv.result import USAGE, AwsenvError

__all__ = ["files", "part", "render", "rendered"]

#: Parts of an integration that are loaded only when they are needed.
_PARTS = ("completion", "off")


def part(shell: str, name: str) -> str:
    """A part of the integration that is loaded by itself; AwsenvError (2) for a shell that has no such parts.

    Args:
        shell: of SCRIPTS.
        name: `completion`, which is loaded at the first TAB, or `off`, which takes the integration out of a shell.
    """
    if not dialects.is_hooked(shell):
        raise AwsenvError(f"{shell} has no {name} of its own", f"see awsenv init {shell}", USAGE)
    return rendered(_part_file(shell, name))


def _part_file(shell: str, name: str) -> str:
    return f"{name}.{SCRIPTS[shell].rpartition('.')[2]}"


def files() -> list[str]:
    """The files that are rendered for all shells."""
    return [*SCRIPTS.values(), *(_part_file(shell, name) for shell in dialects.hooked() for name in _PARTS)]


def rendered(file: str) -> str:
    """A script as the build of the wheel rendered it; in a checkout it is rendered now."""
    text = built(file)
    if text is not None:
        return text
    for directory in DIRECTORIES:
        if os.path.isdir(directory):
            return render(file, directory)
    raise AwsenvError("awsenv's directory shells/ is missing", "install awsenv again")


def render(file: str, directory: str) -> str:
    """Render a template of `shells/` with the table of variables, the messages, and what completes where.

    Args:
        file: one of `files()`.
        directory: that `shells/`.
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
        autoescape=False,  # noqa: S701  # shell scripts, from our own table
    )
    shell = next(shell for shell, name in SCRIPTS.items() if name.rpartition(".")[2] == file.rpartition(".")[2])
    home = templates_of(shell)
    words = _completion.context(home)
    if shell == "clink":
        words["quote"] = lua_quote
    text = templates.get_template(f"{home}/{file}.j2").render(
        credentials=environment.UNSET,
        keys=(*environment.KEYS, "AWS_SECURITY_TOKEN"),
        profiles=environment.PROFILES,
        regions=environment.REGIONS,
        previous=environment.PREVIOUS,
        own=environment.OWN,
        fingerprint=state.FINGERPRINT,
        sources=environment.SOURCES,
        verbs=[verb for verb, when in SNIPPETS.items() if when != "--fix"],  # these always change the shell
        messages=messages.table(),
        near=expiry.NEAR,
        **words,
    )
    return "".join(line for line in text.splitlines(keepends=True) if _is_code(line))


def _is_code(line: str) -> bool:
    """Not what is for readers of the templates alone: each shell reads a script anew, and fish counts its lines."""
    bare = line.strip()
    return bare.startswith(("# ---", "# shellcheck ")) or not (bare == "" or bare.startswith("# "))
