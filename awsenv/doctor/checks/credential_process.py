"""Checks of profiles with a credential_process."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator

from awsenv.aws import paths
from awsenv.doctor.chain import Hop
from awsenv.doctor.check import ERROR, WARNING, Finding, check
from awsenv.doctor.context import Context
from awsenv.report import config_sections

__all__ = ["cannot_run"]


@check
def credential_process_missing(context: Context) -> Iterator[Finding]:
    for hop, words in _processes(context):
        if not words or not words[0]:
            yield hop.problem("has an empty credential_process", "credential_process")
            continue
        if _unexpanded(words[0], context.platform):
            continue
        program, flaw, fix = words[0], "", ""
        if not os.path.dirname(program):
            flaw = "is not on PATH" if shutil.which(program, path=context.environ.get("PATH")) is None else ""
        elif not os.path.exists(program):
            flaw = "does not exist"
        elif os.path.isdir(program):
            flaw = "is a directory"
        elif context.platform != "win32" and not (os.path.isfile(program) and os.access(program, os.X_OK)):
            flaw, fix = "is not an executable file", f"chmod u+x {shlex.quote(program)}"
            fix = fix if os.path.isfile(program) else ""
        if flaw:
            yield hop.problem(f"runs {program}, which {flaw}", "credential_process", fix=fix)


@check
def credential_process_unexpanded(context: Context) -> Iterator[Finding]:
    for hop, words in _processes(context):
        number = next((i for i, word in enumerate(_no_script(words)) if _unexpanded(word, context.platform)), None)
        if number is not None:
            word, written = words[number], _written(context, hop)[number]
            whole = _with_home(word, context)
            new = _with_home(written, context)
            if _split(new, context.platform) != [whole]:  # the home directory has to be quoted
                new = _quoted(whole, context)
            remediation = f"write {new} instead of {written} in that line" if whole != word else ""
            what, severity = f"runs {words[0]} with {word} in it", "" if number == 0 else WARNING
            yield hop.problem(what, "credential_process", remediation=remediation, severity=severity)
            continue
        operator = next((word for word in _no_script(words) if _OPERATOR.fullmatch(word)), None)
        if operator is not None:
            clause = f"runs {words[0]} with the argument {operator}, which means nothing without a shell"
            remediation = "write that command into a script, and name the script in that line"
            yield hop.problem(clause, "credential_process", remediation=remediation)


_OPERATOR = re.compile(r"\|\|?|&&?|;|\d?>>?(?:&\d|[^&]*)|<")


def _unexpanded(word: str, platform: str) -> bool:
    if platform == "win32" and re.search("%[A-Za-z_]+%", word):
        return True
    return bool(re.match(r"~(?:[\w.-]*/|$)", word) or re.search(r"\$[A-Za-z_]|\$\{[A-Za-z_]", word))


_SHELL = re.compile(r"(?:(?:ba|z|da|k|fi)?sh|cmd|powershell|pwsh)(?:\.exe)?", re.IGNORECASE)

_SCRIPT_OPTION = re.compile(r"-[a-z]*c|-command|/[ck]", re.IGNORECASE)


def _no_script(words: list[str]) -> list[str]:
    """The args without a script for a shell, which expands it."""
    shells = [i for i, word in enumerate(words) if _SHELL.fullmatch(re.split(r"[/\\]", word)[-1])]
    for number, word in enumerate(words):
        if shells and number > shells[0] and _SCRIPT_OPTION.fullmatch(word):
            return words[:number]
    return words


def _with_home(word: str, context: Context) -> str:
    home = paths.home(context.environ)
    return re.sub(r"""^(["']?)~(?=/|$)|\$HOME\b|\$\{HOME\}|%USERPROFILE%""", lambda at: (at[1] or "") + home, word)


def _quoted(word: str, context: Context) -> str:
    """An arg in the quotes that a credential_process needs; unchanged if it cannot be quoted."""
    return config_sections.process_line((word,), context.platform) or word


@check
def credential_process_quotes(context: Context) -> Iterator[Finding]:
    for hop in context.hops:
        if hop.kind == "process" and _words(context, hop) is None:
            yield hop.problem("has a credential_process with an unclosed quotation mark", "credential_process")


@check
def credential_process_relative(context: Context) -> Iterator[Finding]:
    for hop, words in _processes(context):
        if not words or os.path.isabs(words[0]) or _unexpanded(words[0], context.platform):
            continue
        program = shutil.which(words[0], path=context.environ.get("PATH"))
        if program is not None:
            remediation = f"write {_quoted(os.path.abspath(program), context)} instead of {words[0]} in that line"
            what = f"runs {words[0]}, which is not a whole path"
            yield hop.problem(what, "credential_process", remediation=remediation)


@check
def credential_process_loop(context: Context) -> Iterator[Finding]:
    for hop, words in _processes(context):
        asked = words[-1:] if "credential-process" in words else []
        if "export-credentials" in words and "--profile" in words[:-1]:
            asked = [words[words.index("--profile") + 1]]
        if asked == [hop.profile]:
            yield hop.problem("calls itself by its credential_process", "credential_process")


def cannot_run(context: Context) -> bool:
    """Whether a check says that the credential_process cannot be run."""
    checks = (
        credential_process_missing,
        credential_process_unexpanded,
        credential_process_quotes,
        credential_process_loop,
    )
    return any(one.severity == ERROR for check in checks for one in check.look(context))


def _processes(context: Context) -> Iterator[tuple[Hop, list[str]]]:
    for hop in context.hops:
        words = _words(context, hop) if hop.kind == "process" else None
        if words is not None:
            yield hop, words


def _words(context: Context, hop: Hop) -> list[str] | None:
    return _split(hop.settings["credential_process"], context.platform)


def _split(command: str, platform: str) -> list[str] | None:
    """The args of a command, as botocore splits it (compat_shell_split); None if it cannot."""
    if platform == "win32":  # split at blanks, double quotes group, backslashes stay
        return None if command.count('"') % 2 else [word.replace('"', "") for word in _BY_WINDOWS.findall(command)]
    try:
        return shlex.split(command)
    except ValueError:
        return None


_BY_WINDOWS = re.compile(r'(?:[^\s"]|"[^"]*")+')

_BY_POSIX = re.compile(r"""(?:[^ \t\r\n"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+""", re.DOTALL)


def _written(context: Context, hop: Hop) -> list[str]:
    """The same args as written, in their quotes."""
    return (_BY_WINDOWS if context.platform == "win32" else _BY_POSIX).findall(hop.settings["credential_process"])
