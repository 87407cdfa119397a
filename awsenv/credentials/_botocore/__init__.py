"""The only package that touches what botocore does not promise. tests/test_botocore.py says with which versions it ran.

What is touched:
- `botocore.configloader.raw_config_parse`, replaced while a session resolves, so that only the sections that are needed
  are parsed (of 10,000 profiles, three): `isolation`;
- `AssumeRoleProvider._prompter`, as the AWS CLI does, to ask for MFA codes on the terminal;
- `ProfileProviderBuilder`, so that sign-ins are read and written by `credentials.token_files`, and
  `ProcessProvider._retrieve_credentials_using`, so that `credentials.process` runs a credential_process: `chain`;
- `Credentials._expiry_time`, as the AWS CLI does (customizations/configure/exportcreds.py): there is no public way to
  ask when credentials expire (boto/botocore#2694);
- `SSOTokenProvider._REFRESH_WINDOW`, to know when a sign-in is about to be renewed;
- the order in which a chain asks its cache (the last role first), that what the cache raises comes through, and that a
  made-up session name begins with `botocore-session-` (`credentials.store`, `credentials.sts_options`);
- the loader and the content of `endpoints.json`, cut to the services that are used: `endpoints`;
- `Session._register_builtin_handlers`, cut to these services;
- what is left out of the import of botocore: `quick_import`; and `hooks.accepts_kwargs`;
- a client's `_endpoint`, its HTTP session, its parsers, `ContainerMetadataFetcher._session` and
  `InstanceMetadataFetcher._session`: `http`;
- `URLLib3Session` and `get_environ_proxies`, for the one request that is not an API of AWS (`console_session`);
- `kwargs["error"]` of its connection errors, and the names of urllib3's (`classify`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from awsenv.aws.config_files import Settings
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
    from awsenv.credentials._botocore.isolation import environment_set_to, files_cut_to

logging.getLogger("botocore").addHandler(logging.NullHandler())  # what it logs about a failure is a traceback
botocore.hooks.accepts_kwargs = lambda handler: True  # it looks at each handler's signature: 5 ms, for `inspect`

__all__ = [
    "ONE_ATTEMPT",
    "SIGN_IN_RENEWED",
    "Bounded",
    "Config",
    "RunProcess",
    "before_assuming",
    "client",
    "environment_set_to",
    "files_cut_to",
    "load_credentials",
    "load_from_environment",
    "max_session_duration",
    "require_sts",
    "resolver",
    "session",
    "user_session",
]

#: Seconds before its expiration at which botocore renews the sign-in of an sso-session.
SIGN_IN_RENEWED: int = botocore.tokens.SSOTokenProvider._REFRESH_WINDOW


class _Session(botocore.session.Session):  # type: ignore[misc]  # botocore has no types
    """A session that registers the handlers of `SERVICES` alone, not 130, and whose clients are bound."""

    def create_client(self, *arguments: Any, **named: Any) -> Any:
        return bound(super().create_client(*arguments, **named))

    def _register_builtin_handlers(self, events: Any) -> None:
        every = botocore.handlers.BUILTIN_HANDLERS
        botocore.handlers.BUILTIN_HANDLERS = [entry for entry in every if _is_for_us(entry[0])]
        try:
            super()._register_builtin_handlers(events)
        finally:
            botocore.handlers.BUILTIN_HANDLERS = every


def _is_for_us(event: str) -> bool:
    """Whether a handler of an event is for every service, or for one of ours. (`before-call.s3`, `docs.*.iam`)"""
    kind, _, service = event.partition(".")
    return kind != "docs" and (not service or service.partition(".")[0] in SERVICES)


def session(profile: str, region: str | None, environ: Mapping[str, str], defaults: Config) -> botocore.session.Session:
    """A botocore session of one profile, which is named explicitly, so that it ignores the keys in the environment."""
    made = _Session(profile=profile)
    made.register_component("data_loader", Loader(environ))
    made.set_default_client_config(defaults)
    made.register_component("response_parser_factory", ParserFactory())
    if region:
        made.set_config_variable("region", region)
    return made


def before_assuming(of: botocore.session.Session, amend: Callable[[dict[str, Any]], None]) -> None:
    """Let `amend` change the parameters of every AssumeRole call. (By an event, which botocore promises.)"""

    def amended(params: dict[str, Any], **_: Any) -> None:
        amend(params)

    for operation in ("AssumeRole", "AssumeRoleWithWebIdentity"):
        of.register(f"before-parameter-build.sts.{operation}", amended)


def user_session(
    of: botocore.session.Session, keys: tuple[str, str], arguments: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """What GetSessionToken gives for long-term keys.

    Args:
        of: a session of the profile that has them.
        keys: the access key id and the secret key.
        arguments: gives the parameters, and may ask for an MFA code: nothing in the configuration can make the code
            useless any more when it is called.
    """
    given: dict[str, Any] = _sts(of, None, keys).get_session_token(**arguments())
    return given


def require_sts(of: botocore.session.Session, region: str | None) -> None:
    """Raise what botocore would raise when it calls STS, an MFA code in hand: that no region is set, a bad endpoint."""
    _sts(of, region, ("-", "-"))


def _sts(of: botocore.session.Session, region: str | None, keys: tuple[str, str]) -> Any:
    """A client that knows where to call and what to sign for; botocore notices that only when it signs."""
    made = of.create_client("sts", region_name=region, aws_access_key_id=keys[0], aws_secret_access_key=keys[1])
    if made.meta.region_name is None:
        raise botocore.exceptions.NoRegionError
    return made


def max_session_duration(
    of: botocore.session.Session, region: str | None, credentials: Credentials, role_arn: str
) -> int | None:
    """The longest session of a role in seconds, as IAM says it.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html

    Args:
        of: a session of the profile that assumes the role; its network settings count.
        region: where STS is called.
        credentials: of the source profile.
        role_arn: the role.

    Returns:
        None if IAM is not asked: where STS is another server, and IAM is not, it does not know these credentials.

    Raises:
        Exception: whatever botocore raises, above all where GetRole is not allowed.
    """
    keys = _arguments(credentials)
    patience = Config(connect_timeout=2.5, read_timeout=4, retries={"total_max_attempts": 1})
    sts = of.create_client("sts", region_name=region, **keys)
    iam = of.create_client("iam", region_name=region or "us-east-1", config=patience, **keys)
    if ".amazonaws." in iam.meta.endpoint_url and ".amazonaws." not in sts.meta.endpoint_url:
        return None
    role = iam.get_role(RoleName=role_arn.rpartition("/")[2])["Role"]
    return int(role["MaxSessionDuration"]) if role["Arn"] == role_arn else None


def client(
    service: str,
    region: str,
    profile: str,
    environ: Mapping[str, str],
    sections: Mapping[str, Mapping[str, Settings]],
    *,
    credentials: Credentials | None,
    timeouts: Mapping[str, float],
    retries: Mapping[str, object] | None = None,
) -> Any:
    """A client for a service, with the network settings of a profile.

    Args:
        service: one of `SERVICES`.
        region: where it is called.
        profile: whose settings count.
        environ: the environment that botocore sees.
        sections: see `files_cut_to`.
        credentials: to sign with; None for requests without a signature.
        timeouts: `connect_timeout` and `read_timeout` in seconds.
        retries: botocore's setting; None for its default.
    """
    signature = None if credentials is not None else botocore.UNSIGNED
    config = Config(signature_version=signature, retries=retries, **timeouts)
    with environment_set_to(environ), files_cut_to(sections):
        of = session(profile, region, environ, config)
        if credentials is None:
            of.register_component("credential_provider", botocore.credentials.CredentialResolver(providers=[]))
        keys = {} if credentials is None else _arguments(credentials)
        return of.create_client(service, region_name=region, config=config, **keys)


def _arguments(credentials: Credentials) -> dict[str, str | None]:
    return {
        "aws_access_key_id": credentials.access_key,
        "aws_secret_access_key": credentials.secret_key,
        "aws_session_token": credentials.token,
    }


#: One attempt, so that a network that is down shows after one timeout.
ONE_ATTEMPT: Mapping[str, object] = {"total_max_attempts": 1, "mode": "standard"}


def load_from_environment(method: str, timeouts: Mapping[str, float]) -> Credentials | None:
    """What one of botocore's providers finds by the variables alone; None if that is nothing.

    Args:
        method: the provider's name.
        timeouts: `connect_timeout` and `read_timeout` in seconds.
    """
    of = _Session()
    of.register_component("response_parser_factory", ParserFactory())
    of.set_default_client_config(Config(**timeouts, retries=ONE_ATTEMPT))
    provider = of.get_component("credential_provider").get_provider(method)
    return load_credentials(bound_container(provider) if method == "container-role" else provider)


def load_credentials(provider: Any) -> Credentials | None:
    """What a provider, or a chain of them, finds; None if that is nothing."""
    found = provider.load_credentials() if hasattr(provider, "load_credentials") else provider.load()
    if found is None:
        return None
    frozen = found.get_frozen_credentials()
    time = getattr(found, "_expiry_time", None)
    expiration = None if time is None else int(time.timestamp())
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token, expiration)
