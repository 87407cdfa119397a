"""The providers that botocore asks in turn: its own, with our prompter, sign-ins and runner of a credential_process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import botocore.credentials
import botocore.session

from awsenv.credentials._botocore.http import Bounded

__all__ = ["UNNAMED", "RunProcess", "bound_container", "resolver"]

#: Providers of credentials that no profile names: files of boto 2, and the role of the machine. A profile that wants
#: those has a credential_source.
UNNAMED = ("ec2-credentials-file", "boto-config", "container-role", "iam-role")

#: From a profile and its credential_process to what that printed.
RunProcess = Callable[[str, str], Mapping[str, str]]


class _Process(botocore.credentials.ProcessProvider):  # type: ignore[misc]  # botocore has no types
    """A credential_process that is run by us, and once: botocore starts it again for less than 15 minutes."""

    def __init__(self, profile: str, of: botocore.session.Session, run: RunProcess) -> None:
        super().__init__(profile_name=profile, load_config=lambda: of.full_config)
        self._run = run
        self._answer: Mapping[str, str] | None = None

    def _retrieve_credentials_using(self, credential_process: str) -> dict[str, str | None]:
        if self._answer is None:
            self._answer = self._run(self._profile_name, credential_process)
        given = self._answer
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given.get("SessionToken"),
            "expiry_time": given.get("Expiration"),
            "account_id": None,
        }


def resolver(
    of: botocore.session.Session,
    region: str | None,
    cache: MutableMapping[str, Any],
    prompter: Callable[[str], str],
    *,
    sign_ins: tuple[MutableMapping[str, Any], MutableMapping[str, Any]] | None = None,
    run_process: RunProcess | None = None,
) -> botocore.credentials.CredentialResolver:
    """The providers of a session, without those of credentials that no profile names.

    Args:
        of: the botocore session.
        region: where STS is called.
        cache: for role sessions.
        prompter: asks for an MFA code.
        sign_ins: those of IAM Identity Center and those of `aws login`; None for a profile that needs neither.
        run_process: what the credential_process of a profile gives (`credentials.process`); None leaves it to botocore.
    """
    chain = botocore.credentials.create_credential_resolver(of, cache=cache, region_name=region)
    roles = chain.get_provider("assume-role")
    roles._prompter = prompter
    builder, profile = roles._profile_provider_builder, of.get_config_variable("profile")
    ours = []
    if sign_ins is not None:
        builder._sso_token_cache, builder._login_token_cache = sign_ins
        ours += ["sso", "login"]
    if run_process is not None:
        builder._create_process_provider = lambda name: _Process(name, of, run_process)
        ours += ["process"]
    for kind in ours:
        create = getattr(builder, f"_create_{kind}_provider", None)
        if create is not None:  # `aws login` came with botocore 1.41
            provider = create(profile)
            chain.insert_after(provider.METHOD, provider)
            chain.remove(provider.METHOD)  # botocore's own is the first of the two
    bound_container(chain.get_provider("container-role"))
    instance = chain.get_provider("iam-role")._role_fetcher
    instance._session = Bounded(instance._session, 2.0 * instance._timeout, "the metadata service of EC2")
    for method in UNNAMED:
        chain.remove(method)
    return chain


def bound_container(provider: Any) -> Any:
    """The provider that asks a container's endpoint, which is no client."""
    fetcher = provider._fetcher
    fetcher._session = Bounded(fetcher._session, 2.0 * fetcher.TIMEOUT_SECONDS, "the endpoint of the container")
    return provider
