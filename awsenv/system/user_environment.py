r"""`--persist`: credentials in the user's environment on Windows, which new windows and programs inherit.

That is HKEY_CURRENT_USER\Environment in the registry. It is written with the registry's API, not with setx, which
truncates values to 1,024 characters (a session token has more) and shows them in its command line:
https://learn.microsoft.com/windows-server/administration/windows-commands/setx,
https://learn.microsoft.com/windows/win32/procthread/environment-variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from awsenv import environment
from awsenv.result import USAGE, AwsenvError

__all__ = ["UserEnvironment", "clear", "open_user_environment"]


class UserEnvironment:
    """Those variables of the user's environment that are in awsenv's table.

    Attributes:
        environ: the variables; `setx NAME ""` leaves an empty value behind.
    """

    def __init__(self, winreg: Any) -> None:
        """Read the registry; raise OSError if that fails.

        Args:
            winreg: the module of that name (https://docs.python.org/library/winreg.html), which only Windows has.
        """
        self._winreg = winreg
        self._names: dict[str, str] = {}  # as spelt there: the registry preserves case, and ignores it in a lookup
        self.environ: dict[str, str] = {}
        with self._key(winreg.KEY_READ) as key:
            for index in range(winreg.QueryInfoKey(key)[1]):
                name, value, _ = winreg.EnumValue(key, index)
                if name.upper() in environment.TABLE:
                    self._names[name.upper()] = name
                    self.environ[name.upper()] = str(value or "")

    def apply(self, change: environment.Change) -> None:
        """Make a change and notify the desktop, so that new windows have it.

        Variables are removed before any is set: if that fails half-way, no old value is left beside new ones.

        Raises:
            AwsenvError: the registry cannot be written.
        """
        try:
            with self._key(self._winreg.KEY_SET_VALUE) as key:
                for name in change:
                    if name in self._names:
                        self._winreg.DeleteValue(key, self._names.pop(name))
                        del self.environ[name]
                for name, value in change.items():
                    if value is not None:
                        self._winreg.SetValueEx(key, name, 0, self._winreg.REG_SZ, value)
                        self._names[name] = name
                        self.environ[name] = value
        except OSError as error:
            raise AwsenvError(
                f"cannot write the user's environment in the registry: {error.strerror or type(error).__name__}",
                "type awsenv clear --persist to remove what was written",
            ) from None
        finally:
            _notify_desktop()

    def _key(self, access: int) -> Any:
        return self._winreg.CreateKeyEx(self._winreg.HKEY_CURRENT_USER, "Environment", 0, access)


def open_user_environment() -> UserEnvironment:
    """Open the user's environment.

    Raises:
        AwsenvError: (2) this is not Windows; it cannot be read.
    """
    try:
        winreg = __import__("winreg")
    except ImportError:
        raise AwsenvError(
            "--persist needs Windows, where a user has an environment of their own",
            "for one program: awsenv exec PROFILE -- COMMAND; for a file: awsenv assume PROFILE --format dotenv; "
            "for every new shell: export AWS_PROFILE=PROFILE in its start-up file",
            USAGE,
        ) from None
    try:
        return UserEnvironment(winreg)
    except OSError as error:
        raise AwsenvError(
            f"cannot read the user's environment in the registry: {error.strerror or type(error).__name__}",
            "leave --persist out",
        ) from None


def clear(environ: Mapping[str, str]) -> environment.Change:
    """Like `environment.clear`, for the user's environment: also remove variables that `setx NAME ""` has emptied."""
    change = environment.clear(environ)
    change.update({name: None for name, value in environ.items() if not value and change.get(name) is None})
    return change


def _notify_desktop() -> None:
    """Broadcast WM_SETTINGCHANGE, after which Explorer reads the user's environment again.

    https://learn.microsoft.com/windows/win32/winmsg/wm-settingchange
    """
    import ctypes

    windll = ctypes.windll  # type: ignore[attr-defined,unused-ignore]  # only on Windows
    everybody, setting_change, abort_if_hung, milliseconds = 0xFFFF, 0x001A, 0x0002, 1000
    result = ctypes.c_size_t()
    windll.user32.SendMessageTimeoutW(
        ctypes.c_void_p(everybody),
        ctypes.c_uint(setting_change),
        ctypes.c_size_t(0),
        ctypes.c_wchar_p("Environment"),
        ctypes.c_uint(abort_if_hung),
        ctypes.c_uint(milliseconds),
        ctypes.byref(result),
    )
