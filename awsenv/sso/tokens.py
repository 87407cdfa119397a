"""The AWS CLI's own cache of sign-ins, `~/.aws/sso/cache`: its file names and its format, so that the CLI, the SDKs and
awsenv share them (botocore.utils.SSOTokenLoader, SSOTokenFetcher and SSOTokenFetcherAuth of the AWS CLI)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from awsenv.aws import paths
from awsenv.credentials.token_files import TokenFiles
from awsenv.environment import expiry
from awsenv.sso.portal import Portal
from awsenv.system import files

__all__ = ["Tokens"]


class Tokens:
    """The sign-ins of IAM Identity Center.

    Attributes:
        files: the directory.
    """

    def __init__(self, environ: Mapping[str, str], notify: Callable[[str], object] = lambda line: None) -> None:
        """Read nothing yet.

        Args:
            environ: says where the directory is.
            notify: shows a line to the user when a sign-in cannot be stored.
        """
        self.files = TokenFiles(paths.sso_cache(environ), notify)

    def load(self, portal: Portal) -> dict[str, Any] | None:
        """What is kept of a sign-in, over or not; None if there is none."""
        return self._read(portal.key, "accessToken")

    def is_good(self, portal: Portal, now: int) -> bool:
        """Whether there is a sign-in that is not over, as far as the file tells."""
        return self.files.is_valid(portal.key, now)

    def save(
        self,
        portal: Portal,
        registration: Mapping[str, Any],
        answer: Mapping[str, Any],
        now: int,
        *,
        lasting: bool = True,
    ) -> None:
        """Store a sign-in.

        Args:
            portal: where.
            registration: of the client that it belongs to; the refresh token is good with that one alone.
            answer: what CreateToken gave.
            now: epoch seconds.
            lasting: whether it is for later: then it is an AwsenvError that it cannot be stored. Else this process goes
                on with it, and says so.
        """
        token = {
            "startUrl": portal.start_url,
            "region": portal.region,
            "accessToken": answer["accessToken"],
            "expiresAt": expiry.format_utc(now + int(answer["expiresIn"])),
            "clientId": registration["clientId"],
            "clientSecret": registration["clientSecret"],
            "registrationExpiresAt": registration["expiresAt"],
        }
        if answer.get("refreshToken"):
            token["refreshToken"] = answer["refreshToken"]
        if not lasting:
            self.files[portal.key] = token
            return
        try:
            self.files.write(portal.key, token)
        except OSError as error:
            raise self.files.refusal(error) from None

    def load_registration(self, portal: Portal, grants: tuple[str, ...], now: int) -> dict[str, Any] | None:
        """The client that was registered for these grants and is still good, if there is one."""
        kept = self._read(_registration_key(portal), "clientSecret")
        if kept is None or ("authorization_code" in (kept.get("grantTypes") or ())) != bool(grants):
            return None
        expiration = expiry.parse(str(kept.get("expiresAt", "")))
        return kept if expiration is not None and expiration - now >= expiry.NEAR else None

    def save_registration(self, portal: Portal, registration: Mapping[str, Any]) -> None:
        """Store a client where the AWS CLI looks for it, if that can be done: another one is soon registered."""
        with suppress(OSError):
            self.files.write(_registration_key(portal), registration)

    def forget_registration(self, portal: Portal) -> None:
        """Have the next sign-in register a client anew."""
        del self.files[_registration_key(portal)]

    def make_room(self) -> None:
        """Find out before anybody signs in that it can be kept."""
        try:
            files.make_room(self.files.directory)
        except OSError as error:
            raise self.files.refusal(error) from None

    def all(self) -> list[tuple[str, dict[str, Any]]]:
        """Path and content of every sign-in. Registrations are passed over, and the tokens of other programs
        (editors keep theirs in this folder, too, under names of their own)."""
        read = ((self.files.path(key), self._read(key, "accessToken")) for key in self.files)
        return [(path, token) for path, token in read if token is not None]

    def _read(self, key: str, needed: str) -> dict[str, Any] | None:
        content = self.files.get(key)
        return content if isinstance(content, dict) and isinstance(content.get(needed), str) else None


def _registration_key(portal: Portal) -> str:
    arguments = {
        "tool": "botocore",
        "startUrl": portal.start_url,
        "region": portal.region,
        "scopes": list(portal.scopes) or None,
        "session_name": portal.session,
    }
    return hashlib.sha1(json.dumps(arguments, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
