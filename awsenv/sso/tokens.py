"""The AWS CLI's cache of sign-ins, `~/.aws/sso/cache`, which it, the SDKs and awsenv share.

File names and format are those of botocore.utils.SSOTokenLoader, and of SSOTokenFetcher and SSOTokenFetcherAuth in the
AWS CLI.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from awsenv.aws import cache_keys, paths
from awsenv.credentials.token_files import SignIns, TokenFiles
from awsenv.environment import expiry
from awsenv.sso.portal import Portal
from awsenv.system import files

__all__ = ["Tokens"]


class Tokens:
    """The sign-ins of IAM Identity Center.

    Attributes:
        files: the files of the directory.
    """

    def __init__(self, environ: Mapping[str, str], notify: Callable[[str], object] = lambda line: None) -> None:
        """Read nothing yet.

        Args:
            environ: says where the directory is.
            notify: shows the user a line if a sign-in cannot be stored.
        """
        self.files = TokenFiles(paths.sso_cache(environ), notify)

    def load(self, portal: Portal) -> dict[str, Any] | None:
        """Return the stored sign-in, expired or not; None without one."""
        return self._read(portal.key, "accessToken")

    def is_good(self, portal: Portal, now: int) -> bool:
        """Whether there is a sign-in that has not expired, as far as its file says."""
        return SignIns(self.files.directory, lambda line: None).is_valid(portal.key, now)

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
            portal: where the user has signed in.
            registration: the client, without which the refresh token is useless.
            answer: the response of CreateToken.
            now: epoch seconds.
            lasting: whether the sign-in must outlive this process; else a failure to store it is only reported.

        Raises:
            AwsenvError: it cannot be stored, and is `lasting`.
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
        """Return the stored registration for these grants; None without a valid one."""
        stored = self._read(_registration_key(portal), "clientSecret")
        if stored is None or ("authorization_code" in (stored.get("grantTypes") or ())) != bool(grants):
            return None
        expiration = expiry.parse(str(stored.get("expiresAt", "")))
        return stored if expiration is not None and expiration - now >= expiry.NEAR else None

    def save_registration(self, portal: Portal, registration: Mapping[str, Any]) -> None:
        """Store a registration where the AWS CLI looks for it. If that fails, the next sign-in registers again."""
        with suppress(OSError):
            self.files.write(_registration_key(portal), registration)

    def forget_registration(self, portal: Portal) -> None:
        """Remove the registration, so that the next sign-in registers again."""
        del self.files[_registration_key(portal)]

    def check_writable(self) -> None:
        """Check, before the user signs in, that the sign-in can be stored.

        Raises:
            AwsenvError: it cannot.
        """
        try:
            files.check_writable(self.files.directory)
        except OSError as error:
            raise self.files.refusal(error) from None

    def all(self) -> list[tuple[str, dict[str, Any]]]:
        """Return path and content of every sign-in, without registrations.

        Tokens of other programs are not included (editors store theirs in this directory under other names).
        """
        read = ((self.files.path(key), self._read(key, "accessToken")) for key in self.files)
        return [(path, token) for path, token in read if token is not None]

    def _read(self, key: str, needed: str) -> dict[str, Any] | None:
        content = self.files.get(key)
        return content if isinstance(content, dict) and isinstance(content.get(needed), str) else None


def _registration_key(portal: Portal) -> str:
    return cache_keys.sso_registration(portal.start_url, portal.region, portal.scopes, portal.session)
