"""Windows PowerShell 5.1 and PowerShell 7 (about_Quoting_Rules, about_Environment_Variables)."""

import os
import sys

from awsenv.aws import paths
from awsenv.dialects import Hooked
from awsenv.environment import ENDED
from awsenv.result import AwsenvError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from awsenv.dialects.basis import Basis
    from awsenv.environment import Change

__all__ = ["DIALECT", "PowerShell"]

# The PowerShells of Windows, and the directories in Documents with their profiles (about_Profiles).
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
    """Windows PowerShell 5.1 and PowerShell 7."""

    PROGRAMS = ("pwsh", "powershell")
    DEMO_OPTIONS = ("-NoProfile", "-Command")
    DEMO_FUNCTION = "function global:{name} {{ {line} }}"

    def quote(self, value: str) -> str:
        """Pure ASCII, with other characters as `[char]N`.

        U+2018 to U+201B also end a single-quoted string, 5.1 has no escape sequences for characters, and it decodes the
        output of programs by the code page of the console.
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
        """An empty value removes the variable or, from 7.5 on, sets an empty one."""
        return f"$env:{name} = {self.quote(value)};"

    def unset(self, name: str) -> str:
        """By `$null`: from 7.5 on (.NET 9) `''` leaves an empty variable, which breaks every SDK.

        Not by a cmdlet, which a function can hide, and which obeys `-WhatIf`, `-Confirm` and `-Verbose` of the caller.
        """
        return f"$env:{name} = $null;"

    def commit(
        self, change: "Change", statements: "Sequence[str]", after: "Sequence[str]", *, whole: bool
    ) -> "Sequence[str]":
        """An error is thrown again at the end, as PowerShell shows the line of an error, which may have a secret."""
        from awsenv.environment import MIXED

        compare = (
            f"if ($env:{name} -cne {'$null' if value is None else self.quote(value)}) {{'{name}'}}"
            for name, value in change.items()
        )
        mixed = MIXED.format(names="$__awsenv_mixed")
        verify = f'foreach ($__awsenv_mixed in @({"; ".join(compare)})) {{ throw "{mixed}" }}'
        last = f'{verify}; {self.success()} }} catch {{ throw "awsenv: $_" }};'
        return ["try { $null = $true;", *statements, *after, last]

    def success(self) -> str:
        """Any statement that succeeds makes `$?` true."""
        return "$null = $true;"

    def fail(self, code: int) -> str:
        """Only after `throw` does `… | Invoke-Expression` leave `$?` false, and a script stop."""
        return f"throw '{ENDED.format(code=code)}';"

    def print_stderr(self, text: str) -> str:
        plain = text.isascii() and "'" + text.replace("'", "''") + "'"  # readable, as it is for users
        return f"[Console]::Error.WriteLine({plain or self.quote(text)});"

    def raw_line(self, args: "Sequence[str]") -> str:
        """With `Out-String`, as otherwise each line would be evaluated alone."""
        from awsenv.dialects import lines

        return f"{lines.typed(args, self.quote)} | Out-String | Invoke-Expression"

    def translate_fix(self, fix: str) -> str:
        """By `Remove-Item` and `$env:`."""
        from awsenv.dialects import lines

        fix = lines.UNSET.sub(lambda found: "Remove-Item " + ", ".join(f"Env:{name}" for name in found[1].split()), fix)
        return lines.EXPORT.sub(r"$env:\1 = '\2'", fix)

    def assign(self, name: str, value: str) -> str:
        return f"$global:{name} = {self.quote(value)};"

    def alias(self, name: str) -> str:
        """A function, which is completed as a line of `awsenv assume`."""
        return _ALIAS.replace("NAME", name)

    def rc_path(self, environ: "Mapping[str, str]") -> str:
        """$PROFILE (about_Profiles)."""
        if sys.platform != "win32":
            config = environ.get("XDG_CONFIG_HOME") or os.path.join(paths.home(environ), ".config")
            return os.path.join(config, "powershell", _PROFILE)
        import shutil

        from awsenv import dialects

        caller = dialects.likely(environ)
        default = next(filter(shutil.which, self.PROGRAMS), "powershell")
        return _profile_of(caller if caller in _DIRECTORIES else default)

    def rc_paths(self, environ: "Mapping[str, str]") -> list[str]:
        """On Windows 5.1 and 7 have different profiles."""
        if sys.platform != "win32":
            return [self.rc_path(environ)]
        found = []
        for program, directory in _DIRECTORIES.items():
            try:
                found.append(_profile_of(program))
            except AwsenvError:  # not installed; a profile that it has left is in the default place
                found.append(os.path.join(_documents(environ), directory, _PROFILE))
        return found

    def rc_line(self, program: str, copy: str | None) -> str:
        """By `Invoke-Expression`, which execution policies allow.

        Constrained language mode has no [IO.File], so there the program always prints the script.
        """
        quoted = self.quote(program)
        init = f"& {quoted} init powershell{' --store' if copy else ''} | Out-String | Invoke-Expression"
        load = f"if (Get-Command {quoted} -ErrorAction Ignore) {{ {init} }}"
        if not copy:
            return load
        full = "$ExecutionContext.SessionState.LanguageMode -eq 'FullLanguage'"
        file = self.quote(copy)
        read = f"[IO.File]::Exists({file}) -and (Invoke-Expression ([IO.File]::ReadAllText({file})))"
        return f"if ({full} -and {read}) {{ }} else{load}"

    def guarded(self, script: str, basis: "Basis") -> str:
        """Return an expression that is $true if the script has been loaded."""
        same = [self._modified_at(basis.program, basis.program_seconds)]
        if basis.settings_seconds is not None:
            same.append(self._modified_at(basis.settings, basis.settings_seconds))
        else:
            same.append(f"-not [IO.File]::Exists({self.quote(basis.settings)})")
        for name, value in basis.variables.items():
            now = f"[Environment]::GetEnvironmentVariable('{name}')"
            same.append(f"{now} -ceq {'$null' if value is None else self.quote(value)}")
        return f"if ({' -and '.join(same)}) {{\n{script}$true\n}} else {{ $false }}\n"

    def demo_command(self, program: str, rc_path: str, load: str) -> list[str]:
        """PowerShell runs the command after the profile."""
        return [program, "-NoLogo", "-NoExit", "-Command", load]

    def demo_step(self, title: str, line: str, code: int) -> str:
        return f"Write-Output {self.quote(title)}\n{line}\nif ($LASTEXITCODE -ne {code}) {{ exit 1 }}"

    def _modified_at(self, path: str, seconds: int) -> str:
        time = f"[IO.File]::GetLastWriteTimeUtc({self.quote(path)})"
        return f"[Math]::Floor(({time}.Ticks - 621355968000000000) / 10000000) -eq {seconds}"

    def activate(self) -> str:
        return ". $PROFILE"

    def own_shell(self, name: str) -> str:
        return name


def _profile_of(program: str) -> str:
    """Return the profile of a PowerShell of Windows, by its own answer: Documents may have been moved (OneDrive)."""
    import subprocess

    question = "[Console]::OutputEncoding = [Text.Encoding]::UTF8; $PROFILE"
    command = [program, "-NoProfile", "-Command", question]
    fix = "add the line by hand: awsenv install --help shows it"
    try:
        completed = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace", check=False)
    except OSError as error:  # not on PATH, or a policy blocks it
        raise AwsenvError(f"cannot run {program} to find its profile: {error.strerror}", fix) from None
    if completed.returncode != 0 or not completed.stdout.strip():
        raise AwsenvError(f"{program} did not print the path of its profile", fix)
    return completed.stdout.strip()


def _documents(environ: "Mapping[str, str]") -> str:
    """Return the user's Documents directory, which may have been moved."""
    if sys.platform == "win32":
        import winreg
        from contextlib import suppress

        name = r"Software\Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders"
        with suppress(OSError), winreg.OpenKey(winreg.HKEY_CURRENT_USER, name) as key:
            return os.path.expandvars(str(winreg.QueryValueEx(key, "Personal")[0]))
    return os.path.join(paths.home(environ), "Documents")


DIALECT = PowerShell()
