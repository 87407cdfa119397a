"""The AWS CLI's own cache of sign-ins, `~/.aws/sso/cache`: its file names and its format, so that the CLI, the SDKs and
awsenv share them (botocore.utils.SSOTokenLoader, SSOTokenFetcher and SSOTokenFetcherAuth of the AWS CLI)."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from awsenv.aws import paths
from awsenv.credentials import cache
from awsenv.environment import expiry
from awsenv.result import AwsenvError
from awsenv.sso.portal import Portal
from awsenv.system import files

__all__ = ["Tokens"]

_NAME = re.compile(r"[0-9a-f]{40}\.json")


class Tokens:
    """The folder."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.folder = os.path.join(paths.home(environ), ".aws", "sso", "cache")

    def load(self, portal: Portal) -> dict[str, Any] | None:
        """What is kept of a sign-in, over or not; None if there is none."""
        return self._read(f"{portal.key}.json", "accessToken")

    def is_good(self, portal: Portal, now: int) -> bool:
        """Whether there is a sign-in that is not over, as far as the file tells."""
        expiration = expiry.parse(str((self.load(portal) or {}).get("expiresAt", "")))
        return expiration is not None and expiration > now

    def save(self, portal: Portal, registration: Mapping[str, Any], answer: Mapping[str, Any], now: int) -> None:
        """Keep a sign-in.

        Args:
            portal: where.
            registration: of the client that it belongs to; the refresh token is good with that one alone.
            answer: what CreateToken gave.
            now: epoch seconds.
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
        self._write(portal.key, token)

    def load_registration(self, portal: Portal, grants: tuple[str, ...], now: int) -> dict[str, Any] | None:
        """The client that was registered for these grants and is still good, if there is one."""
        kept = self._read(f"{_registration_key(portal)}.json", "clientSecret")
        if kept is None or ("authorization_code" in (kept.get("grantTypes") or ())) != bool(grants):
            return None
        expiration = expiry.parse(str(kept.get("expiresAt", "")))
        return kept if expiration is not None and expiration - now >= expiry.NEAR else None

    def save_registration(self, portal: Portal, registration: Mapping[str, Any]) -> None:
        """Keep a client under the name under which the AWS CLI looks for it."""
        self._write(_registration_key(portal), registration)

    def forget_registration(self, portal: Portal) -> None:
        """Have the next sign-in register a client anew."""
        with suppress(OSError):
            os.unlink(os.path.join(self.folder, f"{_registration_key(portal)}.json"))

    def make_room(self) -> None:
        """Find out before anybody signs in that it can be kept."""
        try:
            files.make_room(self.folder)
        except OSError as error:
            raise self._no_room(error) from None

    def all(self) -> list[tuple[str, dict[str, Any]]]:
        """Path and content of every sign-in. Registrations are passed over, and the tokens of other programs
        (editors keep theirs in this folder, too, under names of their own)."""
        try:
            names = sorted(name for name in os.listdir(self.folder) if _NAME.fullmatch(name))
        except OSError:
            return []
        read = ((os.path.join(self.folder, name), self._read(name, "accessToken")) for name in names)
        return [(path, token) for path, token in read if token is not None]

    def _read(self, name: str, needed: str) -> dict[str, Any] | None:
        try:
            content = cache.read_json(os.path.join(self.folder, name))
        except (OSError, ValueError, RecursionError):
            return None
        return content if isinstance(content, dict) and isinstance(content.get(needed), str) else None

    def _write(self, key: str, content: Mapping[str, Any]) -> None:
        try:
            cache.store(self.folder, key, content)
        except OSError as error:
            raise self._no_room(error) from None

    def _no_room(self, error: OSError) -> AwsenvError:
        return AwsenvError(f"cannot keep a sign-in in {self.folder}: {error.strerror}", "make that folder writable")


def _registration_key(portal: Portal) -> str:
    arguments = {
        "tool": "botocore",
        "startUrl": portal.start_url,
        "region": portal.region,
        "scopes": list(portal.scopes) or None,
        "session_name": portal.session,
    }
    return hashlib.sha1(json.dumps(arguments, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
