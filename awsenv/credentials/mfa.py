"""MFA codes: where to get them, and what to do when AWS rejects one."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from contextlib import suppress

from awsenv.aws import cache_keys, paths
from awsenv.credentials import cache
from awsenv.credentials.dialog import Dialog
from awsenv.credentials.plan import Plan
from awsenv.credentials.request import mfa_code
from awsenv.credentials.timeouts import process_timeout
from awsenv.result import AwsenvError

__all__ = ["Codes"]

# How often the user may type a code.
_TRIES = 3

# AWS accepts a code for about that many seconds, and only once.
_VALID_FOR = 60
_USED = "That code has already been used; wait for the next"
_AGAIN = "That is the same code again; wait for the next"
_ONCE = "is it the code of that device, and unused? Each works once: wait for the next, then try again"


class Codes:
    """The MFA codes of one request, called as botocore calls its prompter.

    A code comes from --mfa-token, else from `mfa_process` of the profile or its source profiles (a command that prints
    the code, as in aws-vault), else from ykman if it is installed, else from the terminal. With `mfa_prompt = ykman` in
    the profile, a failure of ykman is an error; with any other value (those of aws-vault) ykman is not used.
    """

    def __init__(self, plan: Plan, environ: Mapping[str, str], now: int, dialog: Dialog) -> None:
        """Obtain no code yet; `now` is in epoch seconds."""
        self._dialog = dialog
        self._request = plan.request
        self._environ = environ
        self._now = now
        self._serial = plan.mfa_serial or ""
        self._profile_without_serial = next((name for name, own in plan.hops if own.get("mfa_serial") == ""), None)
        self._process_profile, self._process = plan.first("mfa_process")
        _, self._prompt = plan.first("mfa_prompt")
        self._uses_ykman = self._prompt in ("", "ykman")
        self._code: str | None = None
        self._origin = ""  # of the code, for errors; empty for one that was typed
        self._sent = 0
        self._rejected: list[str] = []
        self._tries = 0
        self._hint = ""

    def __call__(self, prompt: str) -> str:
        """Return a code for the device that the prompt names.

        A code that was not rejected is returned again: STS may have rejected something else, such as the duration.

        Raises:
            AwsenvError: no code can be obtained.
        """
        if self._code is None:
            self._code, self._sent = self._obtain(prompt), 0
        self._sent += 1
        return self._code

    def _obtain(self, prompt: str) -> str:
        profile = self._profile_without_serial
        if profile is not None and not self._serial:
            raise AwsenvError(
                f"the mfa_serial of profile {profile} is empty, and AWS tools ask for its code all the same",
                f"remove that line, or name the device: awsenv doctor {shlex.quote(profile)} shows where it is",
            )
        if self._request.mfa_token is not None:
            self._origin = "--mfa-token"
            return self._request.mfa_token
        if self._process:
            self._origin = f"mfa_process of profile {self._process_profile}"
            return self._printed(self._process)
        if not self._request.ask:
            raise AwsenvError(
                f"{self._needed(prompt)}, and --no-input forbids prompting for it",
                "run it once in a terminal without --no-input, or with --mfa-token CODE; the session is then cached",
            )
        if self._uses_ykman:
            import shutil

            ykman = shutil.which("ykman", path=self._environ.get("PATH"))
            try:
                if ykman is not None:
                    self._origin = "ykman"
                    return self._from_yubikey(ykman)
            except AwsenvError:  # no key is plugged in, or it has no such account
                if self._prompt:
                    raise
                self._uses_ykman = False
        self._origin = ""
        return self._typed(prompt)

    def _needed(self, prompt: str) -> str:
        return f"an MFA code is needed for {self._request.name} ({prompt.strip().rstrip(':')})"

    def _from_yubikey(self, program: str) -> str:
        import subprocess

        name = self._environ.get("YKMAN_OATH_CREDENTIAL_NAME") or self._serial
        device = self._environ.get("YKMAN_OATH_DEVICE_SERIAL")
        self._dialog.notify(f"asking ykman for the code of {name}; touch the key if it blinks")
        command = [program, *(["--device", device] if device else []), "oath", "accounts", "code", "--single", name]
        return self._printed(command, None if self._prompt else subprocess.DEVNULL)

    def _printed(self, command: str | list[str], errors: int | None = None) -> str:
        """Return the code that a command prints; the shell runs a string, as in aws-vault, so that it may be a pipe.

        `errors` says where its stderr goes, as for `subprocess.run`.
        """
        import subprocess

        from awsenv.credentials.command import output_of

        fix = "try the command by hand, or give the code: --mfa-token CODE"
        printed = output_of(
            command,
            os.environ,
            self._origin,
            fix,
            seconds=process_timeout(self._environ),
            quiet=10.0,  # the user may be typing, or looking for a key to touch
            stdin=subprocess.DEVNULL,  # of `exec`, stdin belongs to its command
            stderr=errors,
        )
        code = mfa_code(printed.decode("utf-8", "replace").strip())
        if code is None:
            raise AwsenvError(f"{self._origin} printed no code of six digits", fix)
        return code

    def _typed(self, prompt: str) -> str:
        """Return the code that the user types."""
        while self._tries < _TRIES:
            self._tries += 1
            typed = self._dialog.ask(f"{self._hint}{prompt}")
            if typed is None:
                raise AwsenvError(
                    f"{self._needed(prompt)}, and there is no terminal to ask on",
                    "run it once in a terminal, or with --mfa-token CODE; the session is then cached",
                )
            code = mfa_code(typed)
            if code is not None and code not in self._rejected:
                return code
            self._hint = f"{_AGAIN}. " if code is not None else "That is not an MFA code of six digits. "
            if not typed:  # the user gives up
                break
        if self._hint.startswith(_AGAIN):
            raise AwsenvError("AWS has already rejected that MFA code", "wait for the next")
        raise AwsenvError("what was typed is not an MFA code of six digits", "try again")

    def rejected(self, message: str) -> bool:
        """Whether to try again with another code; False if the message of STS is not about the code.

        The message is the same for a wrong code and a used one.

        Raises:
            AwsenvError: there is no other code.
        """
        if self._code is None or "invalid MFA one time pass code" not in message:
            return False
        used_here = self._sent > 1
        ago = self._now - self._last_use()
        lately = f"a code of that device was used {max(ago, 0)} s ago, and each works once" if ago < _VALID_FOR else ""
        self._rejected.append(self._code)
        self._code = None
        self._tries -= used_here  # the user typed nothing wrong
        if self._origin == "ykman" and not self._prompt:  # ykman was not configured; the user may have another device
            self._uses_ykman, self._origin = False, ""
        if not self._origin and self._tries < _TRIES:
            self._hint = f"{_USED}. " if used_here else f"AWS rejected that code{'; ' if lately else ''}{lately}. "
            return True
        which = f"the MFA code from {self._origin}" if self._origin else "the third MFA code, too"
        what = f"AWS rejected {which}: {message.rstrip('. ')}"
        if used_here:
            raise AwsenvError(what, f"{_USED[0].lower()}{_USED[1:]}")
        raise AwsenvError(what, f"{lately}: wait for the next" if lately else _ONCE)

    def accepted(self) -> None:
        """Remember that the code was accepted: it does not work again."""
        if self._code is not None:
            with suppress(OSError):  # costs only the hint on a second use
                cache.store(self._used_file(), {"used": self._now})

    def _used_file(self) -> str:
        return os.path.join(paths.own_cache(self._environ), f"mfa-{cache_keys.digest(self._serial)}.json")

    def _last_use(self) -> int:
        try:
            return int(paths.read_json(self._used_file())["used"])
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return 0
