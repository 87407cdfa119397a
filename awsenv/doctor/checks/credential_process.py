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
    for hop, args in _processes(context):
        if not args or not args[0]:
            yield hop.problem("has an empty credential_process", "credential_process")
            continue
        program, flaw, fix = args[0], "", ""
        if _is_unexpanded(program, context.platform):
            continue
        if not os.path.dirname(program):
            flaw = "is not on PATH" if _on_path(program, context) is None else ""
        elif not os.path.exists(program):
            flaw = "does not exist"
        elif os.path.isdir(program):
            flaw = "is a directory"
        elif context.platform != "win32" and not os.path.isfile(program):
            flaw = "is not an executable file"
        elif context.platform != "win32" and not os.access(program, os.X_OK):
            flaw, fix = "is not an executable file", f"chmod u+x {shlex.quote(program)}"
        if flaw:
            yield hop.problem(f"runs {program}, which {flaw}", "credential_process", fix=fix)


def _on_path(program: str, context: Context) -> str | None:
    return shutil.which(program, path=context.environ.get("PATH"))


@check
def credential_process_unexpanded(context: Context) -> Iterator[Finding]:
    for hop, args in _processes(context):
        own_args = _without_script(args)
        number = next((i for i, arg in enumerate(own_args) if _is_unexpanded(arg, context.platform)), None)
        if number is not None:
            arg, written = args[number], _written(context, hop)[number]
            whole = _with_home(arg, context)
            new = _with_home(written, context)
            if _split(new, context.platform) != [whole]:  # the home directory has to be quoted
                new = _quoted(whole, context)
            remediation = f"write {new} instead of {written} in that line" if whole != arg else ""
            clause, severity = f"runs {args[0]} with {arg} in it", "" if number == 0 else WARNING
            yield hop.problem(clause, "credential_process", remediation=remediation, severity=severity)
            continue
        operator = next(filter(_OPERATOR.fullmatch, own_args), None)
        if operator is not None:
            clause = f"runs {args[0]} with the argument {operator}, which means nothing without a shell"
            remediation = "write that command into a script, and name the script in that line"
            yield hop.problem(clause, "credential_process", remediation=remediation)


_OPERATOR = re.compile(r"\|\|?|&&?|;|\d?>>?(?:&\d|[^&]*)|<")


def _is_unexpanded(arg: str, platform: str) -> bool:
    """Whether an arg has what only a shell expands."""
    if platform == "win32" and re.search("%[A-Za-z_]+%", arg):
        return True
    return bool(re.match(r"~(?:[\w.-]*/|$)", arg) or re.search(r"\$[A-Za-z_]|\$\{[A-Za-z_]", arg))


_SHELL = re.compile(r"(?:(?:ba|z|da|k|fi)?sh|cmd|powershell|pwsh)(?:\.exe)?", re.IGNORECASE)

_SCRIPT_OPTION = re.compile(r"-[a-z]*c|-command|/[ck]", re.IGNORECASE)


def _without_script(args: list[str]) -> list[str]:
    """Return the args before a script for a shell, which expands it."""
    after_shell = False
    for number, arg in enumerate(args):
        if after_shell and _SCRIPT_OPTION.fullmatch(arg):
            return args[:number]
        after_shell = after_shell or _SHELL.fullmatch(re.split(r"[/\\]", arg)[-1]) is not None
    return args


def _with_home(arg: str, context: Context) -> str:
    home = paths.home(context.environ)
    return re.sub(r"""^(["']?)~(?=/|$)|\$HOME\b|\$\{HOME\}|%USERPROFILE%""", lambda at: (at[1] or "") + home, arg)


def _quoted(arg: str, context: Context) -> str:
    """Return an arg in the quotes that a credential_process needs; unchanged if it cannot be quoted."""
    return config_sections.process_line((arg,), context.platform) or arg


@check
def credential_process_quotes(context: Context) -> Iterator[Finding]:
    for hop, command in context.values_of("credential_process", "process"):
        if _split(command, context.platform) is None:
            yield hop.problem("has a credential_process with an unclosed quotation mark", "credential_process")


@check
def credential_process_relative(context: Context) -> Iterator[Finding]:
    for hop, args in _processes(context):
        if not args or os.path.isabs(args[0]) or _is_unexpanded(args[0], context.platform):
            continue
        program = _on_path(args[0], context)
        if program is not None:
            remediation = f"write {_quoted(os.path.abspath(program), context)} instead of {args[0]} in that line"
            clause = f"runs {args[0]}, which is not a whole path"
            yield hop.problem(clause, "credential_process", remediation=remediation)


@check
def credential_process_loop(context: Context) -> Iterator[Finding]:
    for hop, args in _processes(context):
        called = args[-1] if "credential-process" in args else None
        if "export-credentials" in args and "--profile" in args[:-1]:
            called = args[args.index("--profile") + 1]
        if called == hop.profile:
            yield hop.problem("calls itself by its credential_process", "credential_process")


def cannot_run(context: Context) -> bool:
    """Whether a check reports that the credential_process cannot be run."""
    checks = (
        credential_process_missing,
        credential_process_unexpanded,
        credential_process_quotes,
        credential_process_loop,
    )
    return any(finding.severity == ERROR for check in checks for finding in check.look(context))


def _processes(context: Context) -> Iterator[tuple[Hop, list[str]]]:
    """Yield the hops with a credential_process, and its args."""
    for hop, command in context.values_of("credential_process", "process"):
        args = _split(command, context.platform)
        if args is not None:
            yield hop, args


def _split(command: str, platform: str) -> list[str] | None:
    """Split a command into args as botocore does (compat_shell_split); None if it cannot."""
    if platform == "win32":  # blanks separate, double quotes group, backslashes are ordinary characters
        return None if command.count('"') % 2 else [arg.replace('"', "") for arg in _BY_WINDOWS.findall(command)]
    try:
        return shlex.split(command)
    except ValueError:
        return None


_BY_WINDOWS = re.compile(r'(?:[^\s"]|"[^"]*")+')

_BY_POSIX = re.compile(r"""(?:[^ \t\r\n"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+""", re.DOTALL)


def _written(context: Context, hop: Hop) -> list[str]:
    """Return the args as written, in their quotes."""
    return (_BY_WINDOWS if context.platform == "win32" else _BY_POSIX).findall(hop.settings["credential_process"])
