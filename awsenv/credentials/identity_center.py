"""What IAM Identity Center is asked for a sign-in, through botocore's clients: nothing of it is signed.

API: https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference and …/PortalAPIReference.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

from botocore import UNSIGNED, exceptions
from botocore.config import Config
from botocore.credentials import CredentialResolver

from awsenv.aws.config_files import Profiles
from awsenv.credentials import _botocore
from awsenv.credentials.resolve import TIMEOUTS, seconds_of
from awsenv.result import AwsenvError
from awsenv.system.redaction import redact

__all__ = ["IdentityCenter", "RefusedError", "UnreachableError"]


class RefusedError(Exception):
    """IAM Identity Center said no.

    Attributes:
        code: its exception, for example `AuthorizationPendingException`.
        text: its own words, without secrets; may be empty.
    """

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}" if text else code)
        self.code = code
        self.text = text


class UnreachableError(AwsenvError):
    """IAM Identity Center could not be asked."""


class IdentityCenter:
    """IAM Identity Center in one region. Every call raises RefusedError or UnreachableError."""

    def __init__(self, region: str, profile: str | None, profiles: Profiles, environ: Mapping[str, str]) -> None:
        """Nothing is asked yet.

        Args:
            region: where it is.
            profile: whose settings of the network (`services`, `ca_bundle`, …) hold; None for those of default.
            profiles: the files.
            environ: the environment; AWS_ENDPOINT_URL_SSO_OIDC and AWS_ENDPOINT_URL_SSO are heeded.
        """
        self._region = region
        self._profile = profile or "default"
        self._profiles = profiles
        self._environ = dict(environ)
        self._clients: dict[str, Any] = {}

    @property
    def authorization_url(self) -> str:
        """The page on which the person signs in and agrees. No operation of the API: the AWS CLI builds it so, too."""
        return f"{self._client('sso-oidc').meta.endpoint_url.rstrip('/')}/authorize"

    def register_client(self, **parameters: object) -> dict[str, Any]:
        """RegisterClient."""
        return self._ask("sso-oidc", "register_client", parameters)

    def start_device_authorization(self, **parameters: object) -> dict[str, Any]:
        """StartDeviceAuthorization."""
        return self._ask("sso-oidc", "start_device_authorization", parameters)

    def create_token(self, **parameters: object) -> dict[str, Any]:
        """CreateToken."""
        return self._ask("sso-oidc", "create_token", parameters)

    def log_out(self, access_token: str) -> None:
        """Logout, of the portal: the token and the sessions of the person there end."""
        self._ask("sso", "logout", {"accessToken": access_token})

    def _ask(self, service: str, operation: str, parameters: Mapping[str, object]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client(service), operation)(**parameters)
        except exceptions.ClientError as error:
            said = error.response.get("Error", {})
            text = error.response.get("error_description") or said.get("Message") or ""
            raise RefusedError(str(said.get("Code", "")), redact(str(text), os.environ).strip()) from None
        except (exceptions.ConnectionError, exceptions.HTTPClientError) as error:
            raise UnreachableError(
                f"IAM Identity Center in {self._region} cannot be reached: {_why(error)}",
                "check the network, the proxy and the sso_region, then try again",
            ) from None
        except exceptions.BotoCoreError as error:
            raise AwsenvError(
                f"IAM Identity Center in {self._region} cannot be asked: {_why(error)}",
                f"mend sso_region or sso_start_url in {self._profiles.config.path}",
            ) from None
        return answer

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            logging.getLogger("botocore").addHandler(logging.NullHandler())  # of a failure it logs the traceback
            timeouts = {name: seconds_of(self._environ, variable, default) for name, variable, default in TIMEOUTS}
            attempts = None if self._environ.get("AWS_MAX_ATTEMPTS") else {"total_max_attempts": 1, "mode": "standard"}
            config = Config(signature_version=UNSIGNED, retries=attempts, **timeouts)
            with _botocore.environment_set_to(self._environ), _botocore.files_cut_to(self._sections()):
                session = _botocore.session(self._profile, self._region, self._environ, config)
                session.register_component("credential_provider", CredentialResolver(providers=[]))
                self._clients[service] = session.create_client(service, region_name=self._region, config=config)
        return self._clients[service]

    def _sections(self) -> dict[str, Any]:
        config = self._profiles.config_sections([self._profile])
        config.setdefault(self._profiles.header(self._profile), {})
        credentials = self._profiles.credentials_sections([self._profile])
        return {self._profiles.config.path: config, self._profiles.credentials.path: credentials}


def _why(error: Exception) -> str:
    return redact(str(error), os.environ).replace("\n", " ").rstrip(" .:;")
