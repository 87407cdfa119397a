"""The only place that touches what botocore does not promise. tests/test_botocore.py says with which versions it ran.

What is touched:
- `botocore.configloader.raw_config_parse`, replaced while a session resolves, so that only the sections that are needed
  are parsed (of 10,000 profiles, three);
- `AssumeRoleProvider._prompter`, as the AWS CLI does, to ask for MFA codes on the terminal;
- `ProfileProviderBuilder`, so that sign-ins are read and written as awsenv does it (`signin.tokens.TokenFiles`);
- `Credentials._expiry_time`, as the AWS CLI does (customizations/configure/exportcreds.py): there is no public way to
  ask when credentials expire (boto/botocore#2694);
- `SSOTokenProvider._REFRESH_WINDOW`, to know when a sign-in is about to be renewed;
- the order in which a chain asks its cache (the last role first), that what the cache raises comes through, and that a
  made-up session name begins with `botocore-session-` (`credentials.store`, `credentials.sts_options`);
- the content of `endpoints.json`, cut to the services that hand out credentials: parsing all of it takes as long as an
  AssumeRole call.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import botocore
import botocore.configloader
import botocore.credentials
import botocore.exceptions
import botocore.loaders
import botocore.session
import botocore.tokens
from botocore.config import Config

from awsenv.aws import paths
from awsenv.aws.config_files import Settings
from awsenv.system import files

__all__ = [
    "SIGN_IN_RENEWED",
    "before_assuming",
    "environment_set_to",
    "expiration_of",
    "files_cut_to",
    "require_sts",
    "resolver",
    "session",
    "user_session",
]

# The services that botocore asks for credentials.
_SERVICES = ("sts", "sso", "sso-oidc", "signin")

#: Seconds before its end at which botocore renews the sign-in of an sso-session.
SIGN_IN_RENEWED: int = botocore.tokens.SSOTokenProvider._REFRESH_WINDOW

# Providers that look for credentials which no profile names: files of boto 2 and the machine's own role.
# A profile that wants those says so with credential_source.
_UNNAMED = ("ec2-credentials-file", "boto-config", "container-role", "iam-role")


class _Loader(botocore.loaders.Loader):  # type: ignore[misc]  # botocore has no types
    """A loader that neither walks the 400 service folders nor parses all of endpoints.json."""

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
    """The installed botocore's own endpoints, cut to `_SERVICES`; kept beside the recipes, per version of botocore."""
    status = os.stat(path)
    name = f"endpoints-{botocore.__version__}-{status.st_size}-{status.st_mtime_ns}.json"
    kept = os.path.join(paths.own_cache(environ), name)
    try:
        with open(kept, "rb") as file:
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
        files.write_atomic(kept, json.dumps(endpoints).encode())
    except OSError:
        pass  # the next call is slower, not wrong
    return endpoints


def session(profile: str, region: str | None, environ: Mapping[str, str], defaults: Config) -> botocore.session.Session:
    """A botocore session of one profile, explicitly named: so the keys of the environment are out of its way."""
    made = botocore.session.Session(profile=profile)
    made.register_component("data_loader", _Loader(environ))
    made.set_default_client_config(defaults)
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
    """The chain of a session: its sessions go to `cache`, and nothing is tried that no profile names.

    Args:
        of: the session.
        region: where STS is called.
        cache: the sessions.
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
                chain.remove(method)  # the one before it
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
        keys: them.
        arguments: gives what GetSessionToken is asked, and may ask for an MFA code: nothing of the configuration is
            left then that could make the code useless.
    """
    given: dict[str, Any] = _sts(of, None, keys).get_session_token(**arguments())
    return given


def require_sts(of: botocore.session.Session, region: str | None) -> None:
    """Raise what botocore would raise when it calls STS, an MFA code in hand: that no region is set, a bad endpoint."""
    _sts(of, region, ("-", "-"))


def _sts(of: botocore.session.Session, region: str | None, keys: tuple[str, str]) -> Any:
    """A client that knows where to call and what to sign for; botocore notices that only when it signs."""
    client = of.create_client("sts", region_name=region, aws_access_key_id=keys[0], aws_secret_access_key=keys[1])
    if client.meta.region_name is None:
        raise botocore.exceptions.NoRegionError
    return client


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


def expiration_of(credentials: botocore.credentials.Credentials) -> int | None:
    """Epoch seconds at which credentials that were just frozen expire; None for those that do not."""
    time = getattr(credentials, "_expiry_time", None)
    return None if time is None else int(time.timestamp())
