"""Checks of the AWS config and credentials files as files."""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from awsenv.aws import boto_files
from awsenv.aws import paths as aws_paths
from awsenv.aws.config_files import File
from awsenv.aws.providers import KEYS, TOKENS
from awsenv.aws.text_files import is_utf8, sdk_encoding
from awsenv.doctor.check import ERROR, NOTE, WARNING, Finding, check, problem
from awsenv.doctor.context import Context

#: The variables that name the two files, and their default names.
_FILES = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "credentials"}

_SECRETS = (KEYS[1], *TOKENS)


@check
def config_unreadable(context: Context) -> Iterator[Finding]:
    if context.unreadable is not None:
        yield problem(context.unreadable.what, advice=context.unreadable.fix)


@check
def config_encoding(context: Context) -> Iterator[Finding]:
    sdk = sdk_encoding()
    for file in (context.profiles.config, context.profiles.credentials):
        lines = file.beyond_ascii()
        if not lines or (is_utf8(sdk) and is_utf8(file.encoding)):
            continue
        where = [f"{file.path}:{number}" for number in lines]
        if is_utf8(file.encoding):
            yield problem(f"{file.path} is UTF-8, but boto3 and the AWS CLI read it as {sdk} here", *where)
        else:
            what = f"{file.path} is not UTF-8: boto3 and awsenv read it as {file.encoding}, other SDKs as UTF-8"
            yield problem(what, *where)


@check
def config_file_missing(context: Context) -> Iterator[Finding]:
    for variable, path in _named_files(context.environ).items():
        if os.path.lexists(path):  # a link to nothing: see config-file-unusable
            continue
        value = context.environ[variable]
        clause, fix = f"names {path}, which does not exist", f"unset {variable}"
        if not value:
            clause = "is set, but empty: no file is read"
        clean = _cleaned(value)
        if clean != value:
            clause = f"is {value!r}, and {_flaw(value)} are part of the name"
            if os.path.isfile(os.path.expanduser(clean)):
                fix = f"export {variable}={shlex.quote(clean)}"
        severity = NOTE if context.uses_exported else ERROR if context.lost else ""
        yield problem(f"{variable} {clause}", f"{variable}={value}", fix=fix, severity=severity)


def _cleaned(path: str) -> str:
    """Return a path without what .env files, browsers and Windows leave around it."""
    path = path.strip().strip("\"'`").strip()
    return unquote(urlsplit(path).path) if path.startswith("file:") else path


def _flaw(path: str) -> str:
    if path.strip() != path:
        return "the blanks around it"
    return "the quotation marks" if path[0] in "\"'`" else "file: and the slashes behind it"


def _both_files(environ: Mapping[str, str]) -> dict[str, str]:
    """Return variable -> the file in force, whether the variable is set or not."""
    return dict(zip(_FILES, (aws_paths.config_file(environ), aws_paths.credentials_file(environ)), strict=True))


def _named_files(environ: Mapping[str, str]) -> dict[str, str]:
    """Return variable -> the file that it names, for those that are set."""
    return {variable: path for variable, path in _both_files(environ).items() if variable in environ}


@check
def config_file_unusable(context: Context) -> Iterator[Finding]:
    for path in _both_files(context.environ).values():
        link = next((place for place in (path, os.path.dirname(path)) if os.path.islink(place)), None)
        severity = ERROR if context.lost else ""
        if link is not None and not os.path.exists(link):
            what = f"{link} is a link to {os.readlink(link)}, which does not exist"
            remediation = f"make {link} a link to an existing file, or remove it" if link == path else ""
            yield problem(what, link, severity=severity, remediation=remediation)
        elif os.path.isdir(path):
            empty = os.access(path, os.R_OK) and not os.listdir(path)
            fix = f"rmdir {shlex.quote(path)}" if empty else ""
            yield problem(f"{path} is a directory, not a file", path, severity=severity, fix=fix)


@check
def profile_in_other_file(context: Context) -> Iterator[Finding]:
    for name in dict.fromkeys((context.profile, *context.source_profiles)):
        found = elsewhere(context, name) if name and name not in context.profiles else None
        if found is not None:
            yield found


def elsewhere(context: Context, name: str) -> Finding | None:
    """Return what profile-in-other-file reports of a profile that is not in the files in force, but in ~/.aws."""
    variables = _named_files(context.environ)
    without = {name: value for name, value in context.environ.items() if name not in variables}
    other = Context(without, context.now, context.named)
    if not variables or other.unreadable is not None or name not in other.profiles:
        return None
    missing = [finding.fix for finding in config_file_missing.look(context)]
    files = " and not in ".join(path or "'', as the variable is empty" for path in variables.values())
    return problem(
        f"profile {name} is not in {files}",
        other.where(name),
        *(f"{variable}={context.environ[variable]}" for variable in variables),
        fix=missing[0] if len(missing) == 1 else f"unset {' '.join(variables)}",
    )


@check
def home_of_another(context: Context) -> Iterator[Finding]:
    mine = aws_paths.home(context.environ)
    if context.platform == "win32" or any(variable in context.environ for variable in _FILES) or _has_files(mine):
        return
    for who, home, caller in _accounts(context.environ):
        if aws_paths.same(home, mine) or not _has_files(home):
            continue
        clause = f"HOME is {mine}, which has no .aws, and {who} has one in {home}"
        fix, remediation = f"export HOME={shlex.quote(home)}", ""
        if caller:  # with the caller's HOME, root would create its own files in the caller's caches
            fix, remediation = f"sudo -u {shlex.quote(caller)} COMMAND", "run it as that user"
        severity = NOTE if caller else ""
        places = f"HOME={mine}", os.path.join(home, ".aws")
        yield problem(clause, *places, severity=severity, remediation=remediation, fix=fix)
        return


def _has_files(home: str) -> bool:
    return any(os.path.exists(os.path.join(home, ".aws", name)) for name in _FILES.values())


def _accounts(environ: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield who may have created the files, their home, and the name of the user if it is the one who called sudo."""
    import pwd

    with suppress(KeyError):
        if environ.get("SUDO_USER"):
            caller = pwd.getpwnam(environ["SUDO_USER"])
            yield f"{caller.pw_name}, who called sudo,", caller.pw_dir, caller.pw_name
    with suppress(KeyError):
        account = pwd.getpwuid(os.geteuid())
        yield f"the account {account.pw_name}", account.pw_dir, ""


@check
def files_open_to_others(context: Context) -> Iterator[Finding]:
    if context.platform == "win32":
        return
    for file in (context.profiles.credentials, context.profiles.config):
        try:
            mode = os.stat(file.path).st_mode
        except OSError:
            continue
        if stat.S_ISREG(mode) and mode & 0o066 and _keeps_modes(file.path) and _has_secrets(file):
            clause = "change" if mode & 0o022 else "read"
            fix = f"chmod 600 {shlex.quote(file.path)}"
            yield problem(f"others can {clause} {file.path}", f"mode {stat.S_IMODE(mode):o}", fix=fix)


def _keeps_modes(path: str) -> bool:
    """Whether chmod has an effect there: in WSL, all files on a Windows drive have mode 777, and keep it."""
    return "microsoft" not in os.uname().release.lower() or not re.match("/mnt/[a-z]/", os.path.realpath(path))


def _has_secrets(file: File) -> bool:
    return any(secret in file.section(header) for header in file.places for secret in _SECRETS)


@check
def boto_leftovers(context: Context) -> Iterator[Finding]:
    hops = context.hops
    web_identity = bool(context.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"))
    unused = context.uses_exported or (bool(hops) and hops[0].kind != "none") or web_identity
    severity, are = ("", "are not") if unused else (WARNING, "are")
    variable = "AWS_CREDENTIAL_FILE"
    path = context.environ.get(variable)
    if path is not None:
        expanded, fix = boto_files.expanded(path, context.environ), f"unset {variable}"
        what = f"{variable} is not the variable for the credentials file: that is AWS_SHARED_CREDENTIALS_FILE"
        of_file = ""
        if not os.path.exists(expanded):
            what, of_file = f"{variable} names a file that does not exist", "" if unused else ERROR
        elif boto_files.has_setting(expanded, "AWSAccessKeyId"):
            what, of_file = f"the credentials in {expanded} {are} used", severity
        yield problem(what, f"{variable}={path}", fix=fix, severity=of_file)
    named = context.environ.get("BOTO_CONFIG")
    for expanded in boto_files.with_keys(context.environ):
        evidence = expanded if named is None else f"BOTO_CONFIG={named}"
        what = f"the credentials in {expanded}, a file of boto 2, {are} used"
        yield problem(what, evidence, severity=severity)
