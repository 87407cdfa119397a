"""Windows PowerShell 5.1 and PowerShell 7 (about_Quoting_Rules, about_Environment_Variables)."""

from __future__ import annotations

import os
import sys

from awsenv.aws import paths
from awsenv.dialects import Hooked
from awsenv.result import AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsenv.dialects.basis import Basis
    from awsenv.environment import Change

__all__ = ["DIALECT", "PowerShell"]

# Each PowerShell of Windows, and the directory in Documents that its profile is in (about_Profiles).
_DIRECTORIES = {"pwsh": "PowerShell", "powershell": "WindowsPowerShell"}
_PROFILE = "Microsoft.PowerShell_profile.ps1"

_ALIAS = """\
if (Test-Path Alias:NAME) { Remove-Item Alias:NAME -Force }
function global:NAME { awsenv assume @args }
$global:__awsenv_alias = 'NAME'
Register-ArgumentCompleter -Native -CommandName NAME -ScriptBlock {
    param($typed, $line, $cursor)
    $end = $line.CommandElements[0].Extent.EndOffset
    $text = 'awsenv assume' + $line.Extent.Text.Substring($end - $line.Extent.StartOffset)
    $parsed = [System.Management.Automation.Language.Parser]::ParseInput($text, [ref] $null, [ref] $null)
    __awsenv_complete $typed $parsed.EndBlock.Statements[0].PipelineElements[0] ($cursor - $end + 13)
}
"""


class PowerShell(Hooked):
    """Both of them."""

    PROGRAMS = ("pwsh", "powershell")
    DEMO_OPTIONS = ("-NoProfile", "-Command")
    DEMO_FUNCTION = "function global:{name} {{ {line} }}"

    def quote(self, value: str) -> str:
        """Pure ASCII: everything else as `[char]N`.

        Four more characters than `'` close a single-quoted string there (U+2018 to U+201B), 5.1 has no escape for
        others, and it decodes what a program writes in the console's code page.
        """
        if "\0" in value:
            raise ValueError("contains a NUL byte, which no environment variable can hold")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ValueError("is not valid Unicode, which PowerShell cannot hold")
        units = value.encode("utf-16-le")
        pieces, run = [], ""
        for low, high in zip(units[::2], units[1::2], strict=True):
            unit = low | high << 8
            if 0x20 <= unit < 0x7F:
                run += "''" if unit == 0x27 else chr(unit)
            else:
                pieces += [f"'{run}'", f"[char]{unit}"]
                run = ""
        if not pieces:
            return f"'{run}'"
        pieces.append(f"'{run}'")
        # the first piece makes the sum a string, even when it is empty
        return "(" + "+".join(piece for index, piece in enumerate(pieces) if index == 0 or piece != "''") + ")"

    def export(self, name: str, value: str) -> str:
        """Sets the process's variable; an empty text would remove it or, from 7.5 on, set an empty one."""
        return f"$env:{name} = {self.quote(value)};"

    def unset(self, name: str) -> str:
        """`$null`, as `''` leaves an empty variable behind from 7.5 on (.NET 9), which breaks every SDK. No cmdlet: the
        `-WhatIf`, `-Confirm` and `-Verbose` of a calling script would go for it, and functions may have its name.
        """
        return f"$env:{name} = $null;"

    def made(self, change: Change, statements: Sequence[str], state: Sequence[str], *, whole: bool) -> Sequence[str]:
        """An error ends the change, and is thrown again: PowerShell shows the line of an error, which must not be one
        with a secret.
        """
        from awsenv.environment import MIXED

        looks = (
            f"if ($env:{name} -cne {'$null' if value is None else self.quote(value)}) {{'{name}'}}"
            for name, value in change.items()
        )
        mixed = MIXED.format(names="$__awsenv_mixed")
        look = f'foreach ($__awsenv_mixed in @({"; ".join(looks)})) {{ throw "{mixed}" }}'
        last = f'{look}; {self.success()} }} catch {{ throw "awsenv: $_" }};'
        return ["try { $null = $true;", *statements, *state, last]

    def success(self) -> str:
        """A statement that succeeds makes `$?` true."""
        return "$null = $true;"

    def fail(self, code: int) -> str:
        """`throw` is the only statement after which `… | Invoke-Expression` leaves `$?` false and a script stops."""
        return f"throw 'awsenv ended with exit code {code}';"

    def print_stderr(self, text: str) -> str:
        plain = text.isascii() and "'" + text.replace("'", "''") + "'"  # readable without unescaping, for help
        return f"[Console]::Error.WriteLine({plain or self.quote(text)});"

    def raw_line(self, words: Sequence[str]) -> str:
        """`Out-String`: without it each line would be evaluated alone."""
        from awsenv.dialects import lines

        return f"{lines.typed(words, self.quote)} | Out-String | Invoke-Expression"

    def translate_fix(self, fix: str) -> str:
        """`Remove-Item` for `unset`, `$env:` for `export`."""
        from awsenv.dialects import lines

        fix = lines.UNSET.sub(lambda found: "Remove-Item " + ", ".join(f"Env:{name}" for name in found[1].split()), fix)
        return lines.EXPORT.sub(r"$env:\1 = '\2'", fix)

    def assign(self, name: str, value: str) -> str:
        """Not in the environment."""
        return f"$global:{name} = {self.quote(value)};"

    def alias(self, name: str) -> str:
        """A function. For completion the line is that of awsenv."""
        return _ALIAS.replace("NAME", name)

    def rc_path(self, environ: Mapping[str, str]) -> str:
        """$PROFILE (about_Profiles)."""
        if sys.platform != "win32":
            config = environ.get("XDG_CONFIG_HOME") or os.path.join(paths.home(environ), ".config")
            return os.path.join(config, "powershell", _PROFILE)
        import shutil

        from awsenv import dialects

        asking = dialects.likely(environ)
        return _profile_of(
            asking if asking in _DIRECTORIES else next(filter(shutil.which, self.PROGRAMS), "powershell")
        )

    def rc_paths(self, environ: Mapping[str, str]) -> list[str]:
        """Every profile that may have the line: on Windows 5.1 and 7 have different ones."""
        if sys.platform != "win32":
            return [self.rc_path(environ)]
        found = []
        for program, directory in _DIRECTORIES.items():
            try:
                found.append(_profile_of(program))
            except (
                AwsenvError
            ):  # it is not there (any more): then its profile, if there is one, is where it is by default
                found.append(os.path.join(_documents(environ), directory, _PROFILE))
        return found

    def rc_line(self, program: str, copy: str | None) -> str:
        """Execution policies do not keep a text from being evaluated; constrained language
        mode, which has no [IO.File], keeps the copy from being read.
        """
        own = self.quote(program)
        store = " --store" if copy else ""
        init = f"& {own} init powershell{store} | Out-String | Invoke-Expression"
        reprint = f"if (Get-Command {own} -ErrorAction Ignore) {{ {init} }}"
        if not copy:
            return reprint
        full = "$ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage'"
        file = self.quote(copy)
        read = f"[IO.File]::Exists({file}) -and (Invoke-Expression ([IO.File]::ReadAllText({file})))"
        return f"if ({full} -and {read}) {{ }} else{reprint}"

    def guarded(self, script: str, basis: Basis) -> str:
        """The value is $true if the script has been loaded."""
        same = [self._written_at(basis.program, basis.program_seconds)]
        if basis.settings_seconds is not None:
            same.append(self._written_at(basis.settings, basis.settings_seconds))
        else:
            same.append(f"-not [IO.File]::Exists({self.quote(basis.settings)})")
        for name, value in basis.variables.items():
            now = f"[Environment]::GetEnvironmentVariable('{name}')"
            same.append(f"{now} -ceq {'$null' if value is None else self.quote(value)}")
        return f"if ({' -and '.join(same)}) {{\n{script}$true\n}} else {{ $false }}\n"

    def demo_command(self, program: str, rc_path: str, load: str) -> list[str]:
        """Its prompt is its own; the line is run after the profile."""
        return [program, "-NoLogo", "-NoExit", "-Command", load]

    def demo_step(self, title: str, line: str, code: int) -> str:
        return f"Write-Output {self.quote(title)}\n{line}\nif ($LASTEXITCODE -ne {code}) {{ exit 1 }}"

    def _written_at(self, path: str, seconds: int) -> str:
        time = f"[IO.File]::GetLastWriteTimeUtc({self.quote(path)})"
        return f"[Math]::Floor(({time}.Ticks - 621355968000000000) / 10000000) -eq {seconds}"

    def activate(self) -> str:
        return ". $PROFILE"

    def own_shell(self, name: str) -> str:
        return name


def _profile_of(program: str) -> str:
    """Where a PowerShell of Windows has its profile. Only it knows: Documents may have been moved (OneDrive)."""
    import subprocess

    question = "[Console]::OutputEncoding = [Text.Encoding]::UTF8; $PROFILE"
    command = [program, "-NoProfile", "-Command", question]
    fix = "add the line by hand: awsenv install --help shows it"
    try:
        asked = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    except OSError as error:  # not on PATH, or a policy blocks it
        raise AwsenvError(f"cannot run {program}, which knows where its profile is: {error.strerror}", fix) from None
    if asked.returncode != 0 or not asked.stdout.strip():
        raise AwsenvError(f"{program} does not say where its profile is", fix)
    return asked.stdout.strip()


def _documents(environ: Mapping[str, str]) -> str:
    """The user's Documents, which may have been moved."""
    if sys.platform == "win32":
        import winreg
        from contextlib import suppress

        name = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
        with suppress(OSError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, name) as key:
            return os.path.expandvars(str(winreg.QueryValueEx(key, "Personal")[0]))
    return os.path.join(paths.home(environ), "Documents")


DIALECT = PowerShell()
