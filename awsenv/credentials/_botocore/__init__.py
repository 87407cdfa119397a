"""All dependence on botocore's internals. tests/test_botocore.py names the versions that were tested.

What awsenv relies on:
- `botocore.configloader.raw_config_parse`, replaced while a session resolves, so that only the sections that are needed
  are parsed (three of 10,000 profiles): `isolation`;
- `AssumeRoleProvider._prompter`, which the AWS CLI sets too, to prompt for MFA codes;
- `ProfileProviderBuilder`, so that `credentials.token_files` reads and writes sign-ins, and
  `ProcessProvider._retrieve_credentials_using`, so that `credentials.process` runs a credential_process: `chain`;
- `Credentials._expiry_time`, which the AWS CLI reads too (customizations/configure/exportcreds.py): there is no public
  way to learn when credentials expire (boto/botocore#2694);
- `SSOTokenProvider._REFRESH_WINDOW`, to know when a sign-in is about to be renewed;
- the order in which a chain queries its cache (the last role first), that exceptions of the cache propagate, and that a
  generated session name begins with `botocore-session-` (`credentials.store`, `credentials.sts_options`);
- the loader and the content of `endpoints.json`, cut to the services that are used: `endpoints`;
- `Session._register_builtin_handlers`, cut to these services;
- what the import of botocore needs and what it does not: `quick_import`; and `hooks.accepts_kwargs`;
- a client's `_endpoint`, its HTTP session, its parsers, `ContainerMetadataFetcher._session` and
  `InstanceMetadataFetcher._session`: `http`;
- `URLLib3Session` and `get_environ_proxies`, for the one request that is not an API of AWS (`console_session`);
- `kwargs["error"]` of its connection errors, and the class names of urllib3's (`classify`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from awsenv.credentials._botocore.quick_import import stand_ins
from awsenv.environment import Credentials

with stand_ins():
    import logging

    import botocore.configloader
    import botocore.credentials
    import botocore.exceptions
    import botocore.handlers
    import botocore.hooks
    import botocore.loaders
    import botocore.session
    import botocore.tokens
    from botocore.config import Config

    from awsenv.credentials._botocore.chain import RunProcess, bound_container, resolver
    from awsenv.credentials._botocore.endpoints import SERVICES, Loader
    from awsenv.credentials._botocore.http import Bounded, ParserFactory, bound
    from awsenv.credentials._botocore.isolation import Sections, environment_set_to, files_cut_to

logging.getLogger("botocore").addHandler(logging.NullHandler())  # else it prints tracebacks of failures
botocore.hooks.accepts_kwargs = lambda handler: True  # the original needs `inspect`, whose import takes 5 ms

__all__ = [
    "ONE_ATTEMPT",
    "SIGN_IN_RENEWED",
    "Bounded",
    "Config",
    "RunProcess",
    "Sections",
    "before_assuming",
    "client",
    "environment_set_to",
    "files_cut_to",
    "get_session_token",
    "load_credentials",
    "load_from_environment",
    "max_session_duration",
    "new_session",
    "require_sts",
    "resolver",
]

#: A `retries` setting: one attempt, so that an unreachable network is reported after one timeout.
ONE_ATTEMPT: Mapping[str, object] = {"total_max_attempts": 1, "mode": "standard"}

#: Seconds before its expiration at which botocore renews the sign-in of an sso-session.
SIGN_IN_RENEWED: int = botocore.tokens.SSOTokenProvider._REFRESH_WINDOW


class _Session(botocore.session.Session):  # type: ignore[misc]  # botocore has no types
    """A session that registers only the handlers for `SERVICES`, not all 130, and whose clients are bound."""

    def create_client(self, *arguments: Any, **named: Any) -> Any:
        return bound(super().create_client(*arguments, **named))

    def _register_builtin_handlers(self, events: Any) -> None:
        handlers = botocore.handlers.BUILTIN_HANDLERS
        botocore.handlers.BUILTIN_HANDLERS = [entry for entry in handlers if _is_used(entry[0])]
        try:
            super()._register_builtin_handlers(events)
        finally:
            botocore.handlers.BUILTIN_HANDLERS = handlers


def _is_used(event: str) -> bool:
    """Whether an event (`before-call.s3`, `docs.*.iam`) is for all services, or for one that is used."""
    kind, _, service = event.partition(".")
    return kind != "docs" and (not service or service.partition(".")[0] in SERVICES)


def new_session(
    profile: str, region: str | None, environ: Mapping[str, str], config: Config
) -> botocore.session.Session:
    """Create a botocore session of one profile, named explicitly, so that it ignores the keys in the environment."""
    session = _Session(profile=profile)
    session.register_component("data_loader", Loader(environ))
    session.set_default_client_config(config)
    session.register_component("response_parser_factory", ParserFactory())
    if region:
        session.set_config_variable("region", region)
    return session


def before_assuming(session: botocore.session.Session, amend: Callable[[dict[str, Any]], None]) -> None:
    """Have `amend` change the parameters of every AssumeRole call. (The event is public.)"""
    for operation in ("AssumeRole", "AssumeRoleWithWebIdentity"):
        session.register(f"before-parameter-build.sts.{operation}", lambda params, **_: amend(params))


def get_session_token(
    session: botocore.session.Session, keys: tuple[str, str], arguments: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Return the answer of GetSessionToken for long-term keys.

    Args:
        session: a session of the profile that has them.
        keys: the access key id and the secret key.
        arguments: returns the parameters, and may prompt for an MFA code; it is called last, when no error in the
            configuration can waste the code.
    """
    answer: dict[str, Any] = _sts(session, None, keys).get_session_token(**arguments())
    return answer


def require_sts(session: botocore.session.Session, region: str | None) -> None:
    """Raise the configuration error that a call of STS would raise, before an MFA code is spent."""
    _sts(session, region, ("-", "-"))


def _sts(session: botocore.session.Session, region: str | None, keys: tuple[str, str]) -> Any:
    """Create a client for STS. It must have a region, which botocore checks only when it signs."""
    created = session.create_client("sts", region_name=region, aws_access_key_id=keys[0], aws_secret_access_key=keys[1])
    if created.meta.region_name is None:
        raise botocore.exceptions.NoRegionError
    return created


def max_session_duration(
    session: botocore.session.Session, region: str | None, credentials: Credentials, role_arn: str
) -> int | None:
    """Return the longest session of a role in seconds, according to IAM.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html

    Args:
        session: a session of the profile that assumes the role, whose network settings apply.
        region: where STS is called.
        credentials: those of the source profile.
        role_arn: the role.

    Returns:
        None if there is no point in asking: STS is a custom endpoint, so AWS's IAM does not know these credentials.

    Raises:
        Exception: whatever botocore raises, above all where GetRole is not allowed.
    """
    keys = _arguments(credentials)
    config = Config(connect_timeout=2.5, read_timeout=4, retries=ONE_ATTEMPT)
    sts = session.create_client("sts", region_name=region, **keys)
    iam = session.create_client("iam", region_name=region or "us-east-1", config=config, **keys)
    if ".amazonaws." in iam.meta.endpoint_url and ".amazonaws." not in sts.meta.endpoint_url:
        return None
    role = iam.get_role(RoleName=role_arn.rpartition("/")[2])["Role"]
    return int(role["MaxSessionDuration"]) if role["Arn"] == role_arn else None


def client(
    service: str,
    region: str,
    profile: str,
    environ: Mapping[str, str],
    sections: Sections,
    *,
    credentials: Credentials | None,
    timeouts: Mapping[str, float],
    retries: Mapping[str, object] | None = None,
) -> Any:
    """Create a client for a service, with the network settings of a profile.

    Args:
        service: one of `SERVICES`.
        region: where it is called.
        profile: the profile whose settings apply.
        environ: the environment that botocore sees.
        sections: see `files_cut_to`.
        credentials: those to sign with; None for unsigned requests.
        timeouts: `connect_timeout` and `read_timeout` in seconds.
        retries: botocore's setting; None for its default.
    """
    signature = None if credentials is not None else botocore.UNSIGNED
    config = Config(signature_version=signature, retries=retries, **timeouts)
    with environment_set_to(environ), files_cut_to(sections):
        session = new_session(profile, region, environ, config)
        if credentials is None:
            session.register_component("credential_provider", botocore.credentials.CredentialResolver(providers=[]))
        keys = {} if credentials is None else _arguments(credentials)
        return session.create_client(service, region_name=region, config=config, **keys)


def _arguments(credentials: Credentials) -> dict[str, str | None]:
    return {
        "aws_access_key_id": credentials.access_key,
        "aws_secret_access_key": credentials.secret_key,
        "aws_session_token": credentials.token,
    }


def load_from_environment(method: str, timeouts: Mapping[str, float]) -> Credentials | None:
    """Return the credentials that one of botocore's providers finds through variables alone, or None.

    Args:
        method: the provider's name.
        timeouts: `connect_timeout` and `read_timeout` in seconds.
    """
    session = _Session()
    session.register_component("response_parser_factory", ParserFactory())
    session.set_default_client_config(Config(**timeouts, retries=ONE_ATTEMPT))
    provider = session.get_component("credential_provider").get_provider(method)
    return load_credentials(bound_container(provider) if method == "container-role" else provider)


def load_credentials(provider: Any) -> Credentials | None:
    """Return the credentials that a provider or a chain of providers finds, or None."""
    found = provider.load_credentials() if hasattr(provider, "load_credentials") else provider.load()
    if found is None:
        return None
    frozen = found.get_frozen_credentials()
    time = getattr(found, "_expiry_time", None)
    expiration = None if time is None else int(time.timestamp())
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token, expiration)
