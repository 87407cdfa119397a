"""Running a credential_process, and what is wrong with its answer.

https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sourcing-external.html; what boto3
accepts is accepted. Beyond that, time and size have limits, a child that the command leaves behind is not waited for,
and the command finds the region in force in both variables.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from collections.abc import Callable
from typing import IO, Any

from botocore.compat import compat_shell_split

from awsenv.aws.config_files import Profiles
from awsenv.credentials.answers import LARGEST, epoch_of
from awsenv.environment import REGIONS, expiry
from awsenv.result import EXPIRED, AwsenvError
from awsenv.system.redaction import redact

__all__ = ["Runner"]

# Seconds after which the user is told what takes so long, and for which the rest of an ended command's output may come.
_SILENT = 10.0
_REST = 1.0

# Characters of a command, and of what it says when it fails.
_COMMAND, _REASON = 120, 1000


class Runner:
    """Runs the credential_process of profiles."""

    def __init__(
        self,
        profiles: Profiles,
        region: str | None,
        now: int,
        seconds: float,
        notify: Callable[[str], object],
    ) -> None:
        """Run nothing yet.

        Args:
            profiles: the files.
            region: the one in force.
            now: epoch seconds.
            seconds: how long a command may take.
            notify: shows a line to the user.
        """
        self._profiles = profiles
        self._variables = dict.fromkeys(REGIONS, region) if region else {}
        self._now = now
        self._seconds = seconds
        self._notify = notify

    def __call__(self, profile: str, command: str) -> dict[str, str]:
        """What the command of a profile prints, complete and valid.

        Raises:
            AwsenvError: it cannot be run, fails, takes too long, or prints something else; (4) expired credentials.
        """
        shown = redact(command, os.environ).strip()
        if len(shown) > _COMMAND:
            shown = f"{shown[:_COMMAND]} …"
        where = self._profiles.where(profile, "credential_process") or "the config file"
        what = f"the credential_process of profile {profile} ({shown})" if shown else ""
        try:
            words = compat_shell_split(command)
        except ValueError:
            raise AwsenvError(f"{what} has a quote that is not closed", f"fix it in {where}") from None
        if not words:
            raise AwsenvError(f"the credential_process of profile {profile} is empty", f"fix it in {where}")
        printed = self._run(words, what, where)
        try:
            return self._checked(printed, what)
        except _BadAnswer as error:
            raise AwsenvError(
                f"{what} {error}", f'run it by hand, it should print {{"Version": 1, "AccessKeyId": …}}: {where}'
            ) from None

    def _run(self, words: list[str], what: str, where: str) -> bytes:
        try:
            process = subprocess.Popen(
                words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **self._variables}
            )
        except (OSError, ValueError) as error:
            hint = "; ~ and $NAME mean nothing there" if words[0][:1] == "~" or "$" in words[0] else ""
            raise AwsenvError(
                f"{what} cannot be run: {getattr(error, 'strerror', None) or error}", f"fix it in {where}{hint}"
            ) from None
        assert process.stdout is not None
        assert process.stderr is not None
        out, errors = _Pipe(process.stdout, process), _Pipe(process.stderr, None)
        try:
            self._wait(process, what)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        rest = time.monotonic() + _REST
        for pipe in (out, errors):  # a child that it has left behind may hold them
            pipe.thread.join(max(rest - time.monotonic(), 0))
        if out.size > LARGEST:
            raise AwsenvError(f"{what} prints more than {LARGEST >> 20} MB", f"run it by hand: {where}")
        if process.returncode != 0:
            reason = redact(errors.content.decode("utf-8", "replace"), os.environ).split()
            why = " ".join(reason)[:_REASON].rstrip(" .") or "it says nothing on stderr"
            how = f"status {process.returncode}" if process.returncode > 0 else f"signal {-process.returncode}"
            raise AwsenvError(f"{what} failed with {how}: {why}", f"run it by hand: {where}")
        return out.content

    def _wait(self, process: subprocess.Popen[bytes], what: str) -> None:
        try:
            process.wait(min(_SILENT, self._seconds))
        except subprocess.TimeoutExpired:
            if self._seconds > _SILENT:
                self._notify(f"waiting for {what}")
        try:
            process.wait(max(self._seconds - _SILENT, 0))
        except subprocess.TimeoutExpired:
            raise AwsenvError(
                f"{what} has not ended within {self._seconds:g} s",
                "run it by hand; AWSENV_PROCESS_TIMEOUT sets how many seconds to wait",
            ) from None

    def _checked(self, printed: bytes, what: str) -> dict[str, str]:
        answer = _parsed(printed)
        if answer.get("Version") != 1:
            raise _BadAnswer(f"printed {'a' if 'Version' in answer else 'no'} Version, which has to be 1")
        found = {}
        for name in ("AccessKeyId", "SecretAccessKey", "SessionToken"):
            value = answer.get(name)
            if value is None and name == "SessionToken":
                continue
            if not isinstance(value, str) or (not value and name != "SessionToken"):
                raise _BadAnswer(f"printed {'no' if not value else 'something else than text as'} {name}")
            found[name] = value
        expiration = answer.get("Expiration")
        if expiration is not None:
            found["Expiration"] = expiry.format_utc(self._expiration(expiration, what))
        return found

    def _expiration(self, written: object, what: str) -> int:
        expiration = _time(written)
        if expiration <= self._now:
            raise AwsenvError(
                f"{what} printed credentials that, by this machine's clock, expired "
                f"{expiry.short(self._now - expiration)} ago",
                f"sign in with that tool again, or check the clock: {expiry.look_at_clock()}",
                EXPIRED,
            )
        return expiration


class _BadAnswer(Exception):  # noqa: N818  # it ends here, as a sentence
    """What a command printed, as the end of a sentence."""


class _Pipe:
    """What comes from a pipe, read in a thread: no more than the limit is kept of it.

    Attributes:
        content: the first bytes.
        size: how many there were so far.
        thread: ends with the pipe.
    """

    def __init__(self, pipe: IO[bytes], ended_by: subprocess.Popen[bytes] | None) -> None:
        """Begin.

        Args:
            pipe: the pipe.
            ended_by: a process to kill when there is too much.
        """
        self.content = b""
        self.size = 0
        self._pipe, self._ended_by = pipe, ended_by
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        while part := os.read(self._pipe.fileno(), 1 << 16):
            self.size += len(part)
            if self.size <= LARGEST:
                self.content += part
            elif self._ended_by is not None:
                self._ended_by.kill()
                return


def _parsed(printed: bytes) -> dict[str, Any]:
    """The object that was printed; a text that is none may be a secret, and is not shown."""
    if not printed.strip():
        raise _BadAnswer("printed nothing")
    try:
        text = printed.decode("utf-8")
    except UnicodeDecodeError:
        wide = printed[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in printed[:4]
        raise _BadAnswer("printed UTF-16, not UTF-8" if wide else "printed text that is not UTF-8") from None
    if text.startswith("\ufeff"):
        raise _BadAnswer("printed a byte order mark before its JSON")
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        before = text.partition("{")[0].strip()
        raise _BadAnswer(
            "printed other text before its JSON" if before and "{" in text else "printed no JSON"
        ) from None
    if not isinstance(answer, dict):
        raise _BadAnswer("printed JSON that is not an object")
    return answer


def _time(written: object) -> int:
    """Epoch seconds of an Expiration."""
    try:
        found = epoch_of(written) if isinstance(written, str) else None
    except ValueError:
        raise _BadAnswer(f"printed an Expiration that is not a time ({written!r:.40})") from None
    if not isinstance(written, str):
        raise _BadAnswer("printed an Expiration that is not text")
    if found is None:
        raise _BadAnswer(f"printed an Expiration without a time zone ({written:.40}): it has to end in Z")
    return found
