"""The only module that touches what botocore does not promise. tests/test_botocore.py says with which versions it ran.

What is touched:
- `botocore.configloader.raw_config_parse`, replaced while a session resolves, so that only the sections that are needed
  are parsed (of 10,000 profiles, three);
- `AssumeRoleProvider._prompter`, as the AWS CLI does, to ask for MFA codes on the terminal;
- `ProfileProviderBuilder`, so that sign-ins are read and written by `credentials.token_files.TokenFiles`;
- `Credentials._expiry_time`, as the AWS CLI does (customizations/configure/exportcreds.py): there is no public way to
  ask when credentials expire (boto/botocore#2694);
- `SSOTokenProvider._REFRESH_WINDOW`, to know when a sign-in is about to be renewed;
- the order in which a chain asks its cache (the last role first), that what the cache raises comes through, and that a
  made-up session name begins with `botocore-session-` (`credentials.store`, `credentials.sts_options`);
- the content of `endpoints.json`, cut to the services that are used: parsing all of it takes as long as an AssumeRole
  call;
- `Session._register_builtin_handlers`, cut to these services, and what is left out
  of the import of botocore: see `_stand_ins`;
- `URLLib3Session` and `get_environ_proxies`, for the one request that is not an API of AWS (`console_session`);
- `kwargs["error"]` of its connection errors, and the names of urllib3's (`identity.classify`); the arguments of a
  KeyError for a token that cannot be read (`errors`).
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from datetime import datetime
from types import ModuleType
from typing import Any

import botocore

from awsenv.aws import paths
from awsenv.aws.config_files import Settings
from awsenv.environment import Credentials
from awsenv.system import files


class _NoDocstring(str):
    """Replaces the generator of the documentation of a client's method, which is not needed here."""

    __slots__ = ()

    def __new__(cls, *_: object, **__: object) -> _NoDocstring:  # typing.Self came with Python 3.11
        return super().__new__(cls)


class _LazyPattern:
    """A regular expression that is compiled when it is used first."""

    __slots__ = ("_arguments", "_pattern")

    def __init__(self, pattern: Any, flags: int = 0) -> None:
        self._arguments = pattern, flags
        self._pattern: re.Pattern[Any] | None = None

    def __getattr__(self, name: str) -> Any:
        if self._pattern is None:
            self._pattern = re.compile(*self._arguments)
        return getattr(self._pattern, name)


def _quick_time(text: Any) -> datetime | None:
    """A time as STS and botocore write it; None for everything else."""
    if isinstance(text, str) and len(text) in (20, 25) and text.endswith(("Z", "+00:00")):
        try:
            return datetime.fromisoformat(f"{text[:19]}+00:00")
        except ValueError:
            pass
    return None


def _parse_time(text: Any, **more: Any) -> datetime:
    """In place of `dateutil.parser.parse`, which takes 6 ms to import."""
    quick = _quick_time(text)
    if quick is not None:
        return quick
    from dateutil.parser import parse  # type: ignore[import-untyped]

    found: datetime = parse(text, **more)
    return found


def _version(name: str) -> str:
    from importlib.metadata import version

    return version(name)


@contextmanager
def _stand_ins() -> Iterator[None]:
    """Import botocore without what costs a sixth of an AssumeRole call and is hardly used, or not at all.

    That is `botocore.docs` with its HTML parser, `importlib.metadata` (urllib3 imports it for HTTP/2),
    `dateutil.parser`, and compiling the regular expressions of botocore and urllib3. A later import finds the real
    modules.
    """
    names = ("botocore.docs", "botocore.docs.docstring", "importlib.metadata", "dateutil.parser")
    docs, docstring, metadata, parser = map(ModuleType, names)
    docs.__path__ = [os.path.join(path, "docs") for path in botocore.__path__]
    docstring.__getattr__ = lambda name: _NoDocstring  # type: ignore[method-assign]
    metadata.version = _version  # type: ignore[attr-defined]
    parser.parse = _parse_time  # type: ignore[attr-defined]
    made = [module for module in (docs, docstring, metadata, parser) if module.__name__ not in sys.modules]
    sys.modules.update({module.__name__: module for module in made})
    compile_now = re.compile

    def compile_lazily(pattern: Any, flags: int = 0) -> Any:
        importing = str(sys._getframe(1).f_globals.get("__name__")).partition(".")[0]
        return (_LazyPattern if importing in ("botocore", "urllib3") else compile_now)(pattern, flags)

    re.compile = compile_lazily
    try:
        yield
    finally:
        re.compile = compile_now
        for module in made:
            del sys.modules[module.__name__]


with _stand_ins():
    import botocore.configloader
    import botocore.credentials
    import botocore.exceptions
    import botocore.handlers
    import botocore.loaders
    import botocore.session
    import botocore.tokens
    import botocore.utils
    from botocore.config import Config

logging.getLogger("botocore").addHandler(logging.NullHandler())  # what it logs about a failure is a traceback

__all__ = [
    "ONE_ATTEMPT",
    "SIGN_IN_RENEWED",
    "Config",
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

# The services that are used: those that hand out credentials, and IAM.
_SERVICES = ("sts", "sso", "sso-oidc", "signin", "iam")

#: Seconds before its expiration at which botocore renews the sign-in of an sso-session.
SIGN_IN_RENEWED: int = botocore.tokens.SSOTokenProvider._REFRESH_WINDOW

# Providers of credentials that no profile names: files of boto 2, and the role of the machine. A profile that wants
# those has a credential_source.
_UNNAMED = ("ec2-credentials-file", "boto-config", "container-role", "iam-role")


class _Loader(botocore.loaders.Loader):  # type: ignore[misc]  # botocore has no types
    """A loader that neither walks the 400 service directories nor parses all of endpoints.json."""

    def __init__(self, environ: Mapping[str, str], **arguments: Any) -> None:
        super().__init__(**arguments)
        self._environ = environ

    def list_available_services(self, type_name: str) -> list[str]:
        del type_name
        return list(_SERVICES)

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        path = os.path.join(self.BUILTIN_DATA_PATH, name)
        if name != "endpoints" or not os.path.exists(f"{path}.json"):
            found: tuple[Any, str] = super().load_data_with_path(name)
            return found
        return _cut_endpoints(f"{path}.json", self._environ), path


def _cut_endpoints(path: str, environ: Mapping[str, str]) -> Any:
    """The installed botocore's own endpoints, cut to `_SERVICES`; cached beside the hints, per version of botocore."""
    status = os.stat(path)
    name = f"endpoints-{botocore.__version__}-{status.st_size}-{status.st_mtime_ns}-{len(_SERVICES)}.json"
    cached = os.path.join(paths.own_cache(environ), name)
    try:
        with open(cached, "rb") as file:
            return json.load(file)
    except (OSError, ValueError):
        pass
    with open(path, "rb") as file:
        endpoints = json.load(file)
    for partition in endpoints["partitions"]:
        services = partition["services"]
        partition["services"] = {service: services[service] for service in _SERVICES if service in services}
    try:
        files.private_directory(paths.own_cache(environ))
        files.write_atomic(cached, json.dumps(endpoints).encode())
    except OSError:
        pass  # the next call is slower, not wrong
    return endpoints


class _Session(botocore.session.Session):  # type: ignore[misc]  # botocore has no types
    """A session that registers the handlers of `_SERVICES` alone, not 130."""

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
    return kind != "docs" and (not service or service.partition(".")[0] in _SERVICES)


def session(profile: str, region: str | None, environ: Mapping[str, str], defaults: Config) -> botocore.session.Session:
    """A botocore session of one profile, which is named explicitly, so that it ignores the keys in the environment."""
    made = _Session(profile=profile)
    made.register_component("data_loader", _Loader(environ))
    made.set_default_client_config(defaults)
    made.get_component("response_parser_factory").set_parser_defaults(
        timestamp_parser=lambda value: _quick_time(value) or botocore.utils.parse_timestamp(value)
    )
    if region:
        made.set_config_variable("region", region)
    return made


def resolver(
    of: botocore.session.Session,
    region: str | None,
    cache: MutableMapping[str, Any],
    prompter: Callable[[str], str],
    sign_ins: tuple[MutableMapping[str, Any], MutableMapping[str, Any]] | None = None,
) -> botocore.credentials.CredentialResolver:
    """The providers of a session, without those of credentials that no profile names.

    Args:
        of: the botocore session.
        region: where STS is called.
        cache: for role sessions.
        prompter: asks for an MFA code.
        sign_ins: those of IAM Identity Center and those of `aws login`; None for a profile that needs neither.
    """
    chain = botocore.credentials.create_credential_resolver(of, cache=cache, region_name=region)
    roles = chain.get_provider("assume-role")
    roles._prompter = prompter
    if sign_ins is not None:
        builder, profile = roles._profile_provider_builder, of.get_config_variable("profile")
        builder._sso_token_cache, builder._login_token_cache = sign_ins
        for method in ("sso", "login"):
            create = getattr(builder, f"_create_{method}_provider", None)
            if create is not None:  # `aws login` came with botocore 1.41
                chain.insert_after(method, create(profile))
                chain.remove(method)  # botocore's own
    for method in _UNNAMED:
        chain.remove(method)
    return chain


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
        service: one of `_SERVICES`.
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


@contextmanager
def environment_set_to(environ: Mapping[str, str]) -> Iterator[None]:
    """While this lasts, botocore, and what a credential_process starts, see this environment.

    What is so already is not touched: another thread may just be in getenv(3), which a setenv(3) can bring down.
    """
    original = dict(os.environ)
    _become(environ)
    try:
        yield
    finally:
        _become(original)


def _become(environ: Mapping[str, str]) -> None:
    for name in os.environ.keys() - environ.keys():
        del os.environ[name]
    for name, value in environ.items():
        if os.environ.get(name) != value:
            os.environ[name] = value


@contextmanager
def files_cut_to(sections: Mapping[str, Mapping[str, Settings]]) -> Iterator[None]:
    """While this lasts, botocore finds these sections in these files, and nothing else in any file.

    Args:
        sections: path of the file -> header -> settings.
    """
    original = botocore.configloader.raw_config_parse

    def cut(config_filename: str | None, parse_subsections: bool = True) -> dict[str, Any]:
        del parse_subsections
        asked = os.path.expanduser(os.path.expandvars(config_filename or ""))
        for path, found in sections.items():
            if paths.same(path, asked):  # on Windows botocore asks for `C:\\Users\\ada/.aws/config`
                return {header: dict(settings) for header, settings in found.items()}
        raise botocore.exceptions.ConfigNotFound(path=asked)

    botocore.configloader.raw_config_parse = cut
    try:
        yield
    finally:
        botocore.configloader.raw_config_parse = original


def load_from_environment(method: str, timeouts: Mapping[str, float]) -> Credentials | None:
    """What one of botocore's providers finds by the variables alone; None if that is nothing.

    Args:
        method: the provider's name.
        timeouts: `connect_timeout` and `read_timeout` in seconds.
    """
    of = botocore.session.Session()
    of.set_default_client_config(Config(**timeouts, retries=ONE_ATTEMPT))
    return load_credentials(of.get_component("credential_provider").get_provider(method))


def load_credentials(provider: Any) -> Credentials | None:
    """What a provider, or a chain of them, finds; None if that is nothing."""
    found = provider.load_credentials() if hasattr(provider, "load_credentials") else provider.load()
    if found is None:
        return None
    frozen = found.get_frozen_credentials()
    time = getattr(found, "_expiry_time", None)
    expiration = None if time is None else int(time.timestamp())
    return Credentials(frozen.access_key, frozen.secret_key, frozen.token, expiration)
