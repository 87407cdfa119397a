"""botocore's chain of credential providers, with awsenv's prompter, sign-ins and runner of a credential_process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import botocore.credentials
import botocore.session

from awsenv.credentials._botocore.http import Bounded

__all__ = ["UNNAMED", "RunProcess", "bound_container", "resolver"]

#: Providers that do not depend on the profile: files of boto 2, and the role of the machine, which a profile selects by
#: credential_source.
UNNAMED = ("ec2-credentials-file", "boto-config", "container-role", "iam-role")

#: (profile, its credential_process) -> what that printed
RunProcess = Callable[[str, str], Mapping[str, str]]


class _Process(botocore.credentials.ProcessProvider):  # type: ignore[misc]  # botocore has no types
    """A credential_process that awsenv runs, and once: botocore repeats it if the result expires within 15 minutes."""

    def __init__(self, profile: str, session: botocore.session.Session, run: RunProcess) -> None:
        super().__init__(profile_name=profile, load_config=lambda: session.full_config)
        self._run = run
        self._answer: Mapping[str, str] | None = None

    def _retrieve_credentials_using(self, credential_process: str) -> dict[str, str | None]:
        if self._answer is None:
            self._answer = self._run(self._profile_name, credential_process)
        return {
            "access_key": self._answer["AccessKeyId"],
            "secret_key": self._answer["SecretAccessKey"],
            "token": self._answer.get("SessionToken"),
            "expiry_time": self._answer.get("Expiration"),
            "account_id": None,
        }


def resolver(
    session: botocore.session.Session,
    region: str | None,
    cache: MutableMapping[str, Any],
    prompter: Callable[[str], str],
    *,
    sign_ins: tuple[MutableMapping[str, Any], MutableMapping[str, Any]] | None = None,
    run_process: RunProcess | None = None,
) -> botocore.credentials.CredentialResolver:
    """Return the providers of a session, without `UNNAMED`.

    Args:
        session: the botocore session.
        region: where STS is called.
        cache: the cache of role sessions.
        prompter: prompts for an MFA code.
        sign_ins: those of IAM Identity Center and those of `aws login`; None if the profile uses neither.
        run_process: runs a credential_process (`credentials.process`); None leaves that to botocore.
    """
    chain = botocore.credentials.create_credential_resolver(session, cache=cache, region_name=region)
    roles = chain.get_provider("assume-role")
    roles._prompter = prompter
    builder, profile = roles._profile_provider_builder, session.get_config_variable("profile")
    replaced = []
    if sign_ins is not None:
        builder._sso_token_cache, builder._login_token_cache = sign_ins
        replaced += ["sso", "login"]
    if run_process is not None:
        builder._create_process_provider = lambda name: _Process(name, session, run_process)
        replaced += ["process"]
    for kind in replaced:
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
    """Limit the requests of the provider for a container's endpoint, which do not use a client; return it."""
    fetcher = provider._fetcher
    fetcher._session = Bounded(fetcher._session, 2.0 * fetcher.TIMEOUT_SECONDS, "the endpoint of the container")
    return provider
