"""The API of IAM Identity Center for a sign-in, through botocore's clients. Its requests are not signed.

API: https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference and …/PortalAPIReference.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from botocore import exceptions

from awsenv.aws.config_files import Profiles
from awsenv.credentials import _botocore
from awsenv.credentials.answers import AnswerError
from awsenv.credentials.classify import NOT_AWS, classify, in_words
from awsenv.credentials.timeouts import request_timeouts
from awsenv.result import AwsenvError
from awsenv.system.redaction import redact

__all__ = ["IdentityCenter", "RefusedError", "UnreachableError"]


class RefusedError(Exception):
    """IAM Identity Center rejected a request.

    Attributes:
        code: the error code, for example `AuthorizationPendingException`.
        text: its message, without secrets; may be empty.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}" if text else code)
        self.code = code
        self.text = text


class UnreachableError(AwsenvError):
    """There is no connection to IAM Identity Center, or another server answers in its place."""


class IdentityCenter:
    """IAM Identity Center in one region. Every call raises RefusedError or UnreachableError."""

    def __init__(self, region: str, profile: str | None, profiles: Profiles, environ: Mapping[str, str]) -> None:
        """Make no request yet.

        Args:
            region: the region of IAM Identity Center.
            profile: the profile whose network settings (`services`, `ca_bundle`, …) apply; None for default.
            profiles: the files.
            environ: the environment; AWS_ENDPOINT_URL_SSO_OIDC and AWS_ENDPOINT_URL_SSO apply.
        """
        self._region = region
        self._profile = profile or "default"
        self._profiles = profiles
        self._environ = dict(environ)
        self._clients: dict[str, Any] = {}

    @property
    def authorization_url(self) -> str:
        """The page on which the user signs in and consents. The API does not name it; the AWS CLI builds it, too."""
        return f"{self._client('sso-oidc').meta.endpoint_url.rstrip('/')}/authorize"

    def register_client(self, **parameters: object) -> dict[str, Any]:
        """RegisterClient."""
        return self._call("sso-oidc", "register_client", parameters)

    def start_device_authorization(self, **parameters: object) -> dict[str, Any]:
        """StartDeviceAuthorization."""
        return self._call("sso-oidc", "start_device_authorization", parameters)

    def create_token(self, **parameters: object) -> dict[str, Any]:
        """CreateToken."""
        return self._call("sso-oidc", "create_token", parameters)

    def accounts(self, access_token: str) -> list[dict[str, Any]]:
        """ListAccounts, all pages: `accountId` and `accountName` of each account."""
        return self._pages("list_accounts", "accountList", {"accessToken": access_token})

    def roles(self, access_token: str, account: str) -> list[str]:
        """ListAccountRoles, all pages: the names of the user's roles in an account."""
        found = self._pages("list_account_roles", "roleList", {"accessToken": access_token, "accountId": account})
        return [str(role["roleName"]) for role in found]

    def log_out(self, access_token: str) -> None:
        """Logout of the portal: it revokes the token and the user's sessions there."""
        self._call("sso", "logout", {"accessToken": access_token})

    def _pages(self, operation: str, name: str, parameters: dict[str, object]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            answer = self._call("sso", operation, parameters)
            found += answer.get(name) or []
            if not answer.get("nextToken"):
                return found
            parameters = {**parameters, "nextToken": answer["nextToken"]}

    def _call(self, service: str, operation: str, parameters: Mapping[str, object]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client(service), operation)(**parameters)
        except AwsenvError:
            raise
        except Exception as error:  # botocore passes on whatever its parts raise
            raise self._translate(error) from None
        return answer

    def _translate(self, error: Exception) -> Exception:
        refusal, failure = classify(error)
        if refusal is not None and isinstance(error, exceptions.ClientError):
            text = error.response.get("error_description")
            text = redact(text, os.environ).strip() if isinstance(text, str) else refusal.message
            return RefusedError(refusal.code, text)
        where = f"IAM Identity Center in {self._region}"
        if isinstance(error, AnswerError):
            return UnreachableError(f"{where} cannot be used: {error}", NOT_AWS)
        if isinstance(error, exceptions.ClientError) and failure is not None:
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            fix = "try again in a moment" if status >= 500 else NOT_AWS
            return UnreachableError(f"{where} cannot be used: {failure.why}", fix)
        if failure is not None:
            return UnreachableError(
                f"{where} cannot be reached: {failure.why}",
                "check the network, the proxy and the sso_region, then try again",
            )
        return AwsenvError(
            f"a request to {where} is invalid: {in_words(error)}",
            f"fix sso_region or sso_start_url in {self._profiles.config.path}",
        )

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = _botocore.client(
                service,
                self._region,
                self._profile,
                self._environ,
                self._sections(),
                credentials=None,
                timeouts=request_timeouts(self._environ),
                retries=None if self._environ.get("AWS_MAX_ATTEMPTS") else _botocore.ONE_ATTEMPT,
            )
        return self._clients[service]

    def _sections(self) -> dict[str, Any]:
        config = self._profiles.config_sections([self._profile])
        config.setdefault(self._profiles.header(self._profile), {})
        return self._profiles.sections_by_path(config, self._profiles.credentials_sections([self._profile]))
