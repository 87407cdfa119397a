"""What awsenv relies on in botocore beyond its public API, with the installed botocore. No request leaves this machine."""

from __future__ import annotations

import hashlib
import json
import ntpath
import os
import re
import stat
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import botocore
import botocore.configloader
import botocore.credentials
import botocore.exceptions
import botocore.handlers
import botocore.session
import dateutil.parser
import pytest
import urllib3
from botocore.config import Config
from support.environment import replace_environment

from awsenv.aws import paths
from awsenv.aws.config_files import Profiles
from awsenv.credentials import _botocore
from awsenv.credentials._botocore import chain, endpoints, quick_import

#: The minor versions of botocore with which all tests of this file have passed.
RAN_WITH = ("1.40", "1.41", "1.42", "1.43", "1.44")

FAR = "2099-11-22T19:39:27Z"


def test_the_installed_botocore_is_in_the_declared_range() -> None:
    installed = ".".join(botocore.__version__.split(".")[:2])
    number = tuple(map(int, installed.split(".")))
    oldest, newest = (tuple(map(int, version.split("."))) for version in (RAN_WITH[0], RAN_WITH[-1]))
    assert number >= oldest, f"botocore {botocore.__version__} is older than any that awsenv supports: pyproject.toml"
    if number > newest:
        warnings.warn(
            f"botocore {botocore.__version__} is newer than the last one tested ({RAN_WITH[-1]}): if a"
            " test of this file fails, see its part of awsenv/credentials/_botocore/ and botocore's"
            " credentials.py (create_credential_resolver, AssumeRoleProvider), configloader.py (raw_config_parse),"
            " loaders.py (Loader) and data/endpoints.json; if none does, add the version to RAN_WITH",
            stacklevel=1,
        )


# --- the home directory, and the requests ---------------------------------------------------------------------------------

CONFIG = """\
[default]
region = us-east-1
[profile keys]
aws_access_key_id = AKIACONFIG
aws_secret_access_key = config
region = ap-south-1
[profile both]
region = sa-east-1
output = json
[profile role]
role_arn = arn:aws:iam::123456789012:role/role
source_profile = user
region = eu-central-1
role_session_name = me
external_id = open sesame
duration_seconds = 3600
[profile chained]
role_arn = arn:aws:iam::123456789012:role/chained
source_profile = role
region = eu-west-1
[profile guarded]
role_arn = arn:aws:iam::123456789012:role/guarded
source_profile = user
mfa_serial = arn:aws:iam::123456789012:mfa/user
region = eu-west-1
[profile elsewhere]
role_arn = arn:aws:iam::123456789012:role/elsewhere
source_profile = user
region = eu-west-1
services = local
[profile fips]
role_arn = arn:aws-us-gov:iam::123456789012:role/fips
source_profile = user
region = us-gov-west-1
use_fips_endpoint = true
[profile legacy]
role_arn = arn:aws:iam::123456789012:role/legacy
source_profile = user
region = eu-west-1
sts_regional_endpoints = legacy
[profile china]
role_arn = arn:aws-cn:iam::123456789012:role/china
source_profile = user
region = cn-north-1
[profile environment]
role_arn = arn:aws:iam::123456789012:role/environment
credential_source = Environment
region = eu-west-1
[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin
region = eu-west-1
[profile process]
credential_process = echo '{"Version":1,"AccessKeyId":"AKIAPROCESS","SecretAccessKey":"s"}'
[profile other]
region = eu-north-1
[sso-session corp]
sso_region = eu-west-2
sso_start_url = https://corp.awsapps.com/start
[sso-session other]
sso_region = us-east-1
sso_start_url = https://other.awsapps.com/start
[services local]
sts =
    endpoint_url = http://127.0.0.1:9
[services other]
sts =
    endpoint_url = http://127.0.0.1:10
"""

CREDENTIALS = """\
[user]
aws_access_key_id = AKIAUSER
aws_secret_access_key = user
[both]
aws_access_key_id = AKIABOTH
aws_secret_access_key = both
aws_session_token = token
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home directory of this process during a test: botocore reads os.environ."""
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    replace_environment(monkeypatch, home | {"AWS_EC2_METADATA_DISABLED": "true"})
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(CONFIG)
    (tmp_path / ".aws" / "credentials").write_text(CREDENTIALS)
    return tmp_path


class Sent(Exception):  # it ends a call, and is not an error
    """The request that would have been sent."""

    def __init__(self, request: Any) -> None:
        super().__init__(request.url)
        authorization = request.headers.get("Authorization", b"")
        text = authorization.decode() if isinstance(authorization, bytes) else authorization
        signed = re.search(r"Credential=(\w+)/\d{8}/([^,]+)", text)
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        token = request.headers.get("X-Amz-Security-Token")
        self.what = (request.method, request.url, signed.groups() if signed else None, bool(token))
        self.body = re.sub(r"(?<=RoleSessionName=botocore-session-)\d+", "NOW", str(body))


def stop(request: Any, **_: Any) -> None:
    raise Sent(request)


def sections_of(profile: str) -> dict[str, Any]:
    """Return the files cut to what a profile needs, as awsenv.credentials.resolve passes them on."""
    profiles = Profiles(os.environ)
    chain = profiles.source_chain(profile)
    return {
        profiles.config.path: profiles.config_sections(chain),
        profiles.credentials.path: profiles.credentials_sections(chain),
    }


def cut_session(profile: str) -> botocore.session.Session:
    """Make a session as awsenv does; it must be used while the files are cut."""
    region = Profiles(os.environ).text(profile, "region")
    return _botocore.new_session(profile, region, os.environ, Config())


class AnySession(dict[str, Any]):
    """A cache that has every session."""

    def __contains__(self, key: object) -> bool:
        return True

    def __getitem__(self, key: str) -> Any:
        keys = {"AccessKeyId": "ASIACACHED", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": FAR}
        return {"Credentials": {**keys, "AccountId": "123456789012"}}


def no_prompt(text: str) -> str:
    raise AssertionError(f"prompted: {text}")


def assume_role_request(
    profile: str,
    cache: dict[str, Any] | None = None,
    *,
    code: str | None = None,
    amend: Callable[[dict[str, Any]], object] | None = None,
    sections: dict[str, Any] | None = None,
) -> Sent:
    """Resolve a profile that assumes a role, and return the request that STS would get.

    Args:
        profile: the name of the profile.
        cache: the cache of sessions; an empty one by default.
        code: the MFA code; None if botocore must not prompt for one.
        amend: changes the parameters of the call.
        sections: the cut files, instead of `sections_of`.
    """
    with _botocore.files_cut_to(sections or sections_of(profile)):
        session = cut_session(profile)
        if amend is not None:
            _botocore.before_assuming(session, amend)
        session.register("before-send", stop)
        prompt = no_prompt if code is None else lambda _: code
        found = _botocore.resolver(session, "eu-west-1", {} if cache is None else cache, prompt).load_credentials()
        with pytest.raises(Sent) as sent:
            found.get_frozen_credentials()
    return sent.value


# --- the files ----------------------------------------------------------------------------------------------------------

PROFILES = ["default", "keys", "both", "role", "chained", "elsewhere", "sso", "environment", "user", "process"]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_session_with_cut_files_has_the_same_profile(profile: str, home: Path) -> None:
    plain = botocore.session.Session(profile=profile)
    with _botocore.files_cut_to(sections_of(profile)):
        cut = cut_session(profile)
        assert cut.get_scoped_config() == plain.get_scoped_config()
        for name in Profiles(os.environ).source_chain(profile):
            assert cut.full_config["profiles"][name] == plain.full_config["profiles"][name]
        assert "other" not in cut.full_config["profiles"]
        assert "other" not in cut.full_config.get("sso_sessions", {})
    if profile == "sso":
        assert cut.full_config["sso_sessions"]["corp"] == plain.full_config["sso_sessions"]["corp"]
    if profile == "elsewhere":
        assert cut.full_config["services"] == {"local": plain.full_config["services"]["local"]}


def test_a_session_with_cut_files_reads_no_other_file(home: Path) -> None:
    with _botocore.files_cut_to({}):
        assert botocore.session.Session().full_config["profiles"] == {}
        with pytest.raises(botocore.exceptions.ConfigNotFound):
            botocore.configloader.raw_config_parse(str(home / ".aws" / "config"))
    assert "other" in botocore.session.Session().full_config["profiles"]


WINDOWS = {"USERPROFILE": r"C:\Users\Jürgen Müller", "HOME": r"C:\Users\Jürgen Müller"}
NAMED = {"AWS_CONFIG_FILE": r"%USERPROFILE%\..\aws/CONFIG", "AWS_SHARED_CREDENTIALS_FILE": "~/.aws/keys"}


@pytest.mark.parametrize("named", [{}, NAMED], ids=["in the home", "named by variables"])
@pytest.mark.parametrize("ours", [True, False], ids=["our session", "a plain session"])
def test_botocore_on_windows_finds_the_cut_files(
    ours: bool, named: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its default is `C:\\Users\\ada/.aws/config`, and awsenv's is not."""
    for name, value in (WINDOWS | named).items():
        monkeypatch.setenv(name, value)
    keys = {"aws_access_key_id": "AKIAWINDOWS", "aws_secret_access_key": "s"}
    with monkeypatch.context() as on_windows:
        on_windows.setattr(os, "path", ntpath)
        files = (paths.config_file(os.environ), paths.credentials_file(os.environ))
        with _botocore.files_cut_to({files[0]: {"profile project1": {"region": "r"}}, files[1]: {"project1": keys}}):
            made = _botocore.new_session("project1", None, os.environ, Config()) if ours else None
            session = made or botocore.session.Session(profile="project1")
            scoped = session.get_scoped_config()
            loaded = botocore.credentials.SharedCredentialProvider(
                session.get_config_variable("credentials_file"), "project1"
            ).load()
    assert scoped == {"region": "r", **keys}
    assert loaded is not None
    assert loaded.access_key == "AKIAWINDOWS"


@pytest.mark.parametrize("error", [None, ValueError("x"), KeyboardInterrupt()], ids=str)
def test_the_cut_files_are_restored_afterwards(error: BaseException | None, home: Path) -> None:
    original = botocore.configloader.raw_config_parse
    try:
        with _botocore.files_cut_to({"a": {}}), _botocore.files_cut_to({"b": {"profile b": {"k": "v"}}}):
            assert botocore.configloader.raw_config_parse("b") == {"profile b": {"k": "v"}}
            if error:
                raise error
    except type(error or ValueError()) as raised:
        assert raised is error
    assert botocore.configloader.raw_config_parse is original


def test_botocore_does_not_modify_our_sections(home: Path) -> None:
    sections = {"c": {"profile a": {"region": "x"}}}
    with _botocore.files_cut_to(sections):
        parsed = botocore.configloader.raw_config_parse("c")
        parsed["profile a"]["region"] = "y"
        parsed["profile b"] = {}
    assert sections == {"c": {"profile a": {"region": "x"}}}


# --- the environment ----------------------------------------------------------------------------------------------------


@pytest.mark.shell
@pytest.mark.parametrize("error", [None, ValueError("x"), KeyboardInterrupt()], ids=str)
def test_the_environment_is_replaced_and_restored_for_us_and_our_children(
    error: BaseException | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWSENV_TEST_MINE", "before")
    before = dict(os.environ)
    other = {"PATH": os.environ["PATH"], "AWSENV_TEST_OTHER": "caf\udce9 \u65e5"}
    show = "import os, json; print(json.dumps(dict(os.environ)))"
    try:
        with _botocore.environment_set_to(other):
            assert dict(os.environ) == other
            child = json.loads(subprocess.run([sys.executable, "-c", show], capture_output=True, check=True).stdout)
            assert "AWSENV_TEST_MINE" not in child
            assert child["AWSENV_TEST_OTHER"] == other["AWSENV_TEST_OTHER"]
            os.environ["AWSENV_TEST_MINE"] = "changed inside"
            if error:
                raise error
    except type(error or ValueError()) as raised:
        assert raised is error
    assert dict(os.environ) == before


# --- the chain ----------------------------------------------------------------------------------------------------------


def methods(of: botocore.credentials.CredentialResolver) -> list[str]:
    return [provider.METHOD for provider in of.providers]


def test_the_cut_chain_lacks_only_the_providers_that_no_profile_names(home: Path) -> None:
    plain = methods(botocore.credentials.create_credential_resolver(botocore.session.Session(profile="user")))
    assert set(chain.UNNAMED) < set(plain), "a provider has another name now: UNNAMED would let it in"
    with _botocore.files_cut_to(sections_of("user")):
        ours = methods(_botocore.resolver(cut_session("user"), None, {}, no_prompt))
    assert ours == [method for method in plain if method not in chain.UNNAMED]
    assert "env" not in ours
    assert {"assume-role", "assume-role-with-web-identity", "sso", "custom-process", "config-file"} < set(ours)


@pytest.mark.shell
@pytest.mark.parametrize("profile", ["keys", "both", "user", "process", "role", "chained", "guarded"])
def test_the_cut_session_finds_the_same_credentials_as_a_plain_one(profile: str, home: Path) -> None:
    region = Profiles(os.environ).text(profile, "region")
    plain = botocore.session.Session(profile=profile)
    expected = botocore.credentials.create_credential_resolver(plain, AnySession(), region).load_credentials()
    with _botocore.files_cut_to(sections_of(profile)):
        found = _botocore.resolver(cut_session(profile), region, AnySession(), no_prompt).load_credentials()
        assert found.method == expected.method
        assert found.get_frozen_credentials() == expected.get_frozen_credentials()


@pytest.mark.parametrize("method", ["assume-role", "assume-role-with-web-identity", "sso"])
def test_every_provider_stores_its_sessions_in_our_cache(method: str, home: Path) -> None:
    cache = AnySession()
    with _botocore.files_cut_to(sections_of("user")):
        chain = _botocore.resolver(cut_session("user"), None, cache, no_prompt)
    assert chain.get_provider(method).cache is cache


def test_our_prompter_prompts_for_mfa_before_sts_is_called(home: Path) -> None:
    prompts = []

    class Answered(Exception):
        pass

    def prompter(text: str) -> str:
        prompts.append(text)
        raise Answered

    with _botocore.files_cut_to(sections_of("guarded")):
        session = cut_session("guarded")
        session.register("before-send", stop)
        found = _botocore.resolver(session, "eu-west-1", {}, prompter).load_credentials()
        assert prompts == [], "botocore prompts when the credentials are used"
        with pytest.raises(Answered):
            found.get_frozen_credentials()
    assert len(prompts) == 1
    assert "arn:aws:iam::123456789012:mfa/user" in prompts[0]


def test_the_typed_mfa_code_is_sent(home: Path) -> None:
    assert "TokenCode=123456" in assume_role_request("guarded", code="123456").body


@pytest.mark.parametrize("profile", ["role", "chained", "guarded"])
def test_a_session_has_its_expiration(profile: str, home: Path) -> None:
    with _botocore.files_cut_to(sections_of(profile)):
        chain = _botocore.resolver(cut_session(profile), "eu-west-1", AnySession(), no_prompt)
        found = _botocore.load_credentials(chain)
        assert found is not None
        assert found.expiration == datetime(2099, 11, 22, 19, 39, 27, tzinfo=timezone.utc).timestamp()


@pytest.mark.shell
@pytest.mark.parametrize("profile", ["keys", "both", "process"])
def test_keys_without_an_expiration_setting_have_none(profile: str, home: Path) -> None:
    with _botocore.files_cut_to(sections_of(profile)):
        found = _botocore.load_credentials(_botocore.resolver(cut_session(profile), None, {}, no_prompt))
        assert found is not None
        assert found.expiration is None


@pytest.mark.parametrize("service", endpoints.SERVICES)
def test_a_session_has_all_botocore_handlers_of_the_services_in_use(service: str, home: Path) -> None:
    handlers = [(event, handler) for event, handler, *_ in botocore.handlers.BUILTIN_HANDLERS]
    ours = [entry for entry in handlers if _botocore._is_used(entry[0])]
    left_out = [event for event, handler in handlers if (event, handler) not in ours]
    assert not [event for event in left_out if service in event.split(".") and not event.startswith("docs.")]
    assert not [event for event in left_out if "." not in event], "a handler for every service"
    assert len(ours) < len(handlers) / 4
    with _botocore.files_cut_to(sections_of("user")):
        cut_session("user")
    assert [(event, handler) for event, handler, *_ in botocore.handlers.BUILTIN_HANDLERS] == handlers


@pytest.mark.parametrize(
    "text",
    [
        "2030-01-02T03:04:05Z",
        "2030-01-02T03:04:05+00:00",
        "2030-01-02T03:04:05.678Z",
        "2030-01-02T03:04:05+05:30",
        "Wed, 02 Jan 2030 03:04:05 GMT",
        "20300102T030405Z",
    ],
)
def test_times_are_read_as_dateutil_reads_them(text: str) -> None:
    assert quick_import.parse_time(text) == dateutil.parser.parse(text)


@pytest.mark.parametrize("text", ["2030-13-02T03:04:05Z", "no time at all......Z", ""])
def test_an_invalid_time_raises_the_error_of_dateutil(text: str) -> None:
    with pytest.raises(dateutil.parser.ParserError):
        quick_import.parse_time(text)


def test_botocore_and_urllib3_pass_no_lazy_pattern_to_re() -> None:
    """`re.sub(PATTERN, ...)` needs a real pattern; the lazy patterns of quick_import have only its methods."""
    constant = re.compile(
        r"\bre\.(?:sub|subn|match|search|split|findall|finditer|fullmatch)\(\s*(_?[A-Z][A-Z_0-9]*|cls\.\w+|self\.\w+)\s*,"
    )
    for package in (botocore, urllib3):
        for path in Path(package.__path__[0]).rglob("*.py"):
            found = constant.findall(path.read_text(encoding="utf-8"))
            assert not [
                name
                for name in found
                if re.search(rf"{re.escape(name)}\s*=\s*re\.compile", path.read_text(encoding="utf-8"))
            ], path


@pytest.mark.shell
def test_modules_left_out_of_botocore_can_be_imported_later() -> None:
    program = (
        "import sys; from awsenv.credentials import _botocore; import botocore; from awsenv.credentials._botocore.quick_import import LATE;"
        "names = ('botocore.docs.docstring', 'botocore.docs.service', 'importlib.metadata', 'html.parser', 'dateutil.parser');"
        "print([name for name in names if name in sys.modules]);"
        "print(botocore.utils.parse_timestamp('Wed, 02 Jan 2030 03:04:05 GMT'));"
        "import boto3, importlib.metadata, urllib3.http2, botocore.docs.service, dateutil.parser;"
        "print(importlib.metadata.version('botocore'), urllib3.http2.version('botocore'));"
        "print([name for name in LATE if type(__import__(name)) is not type(sys)]);"
        "print(botocore.paginate.jmespath.search('a', {'a': 1}), botocore.compat.inspect is not sys.modules['inspect']);"
        "help = boto3.client('sts', region_name='eu-west-1', aws_access_key_id='a', aws_secret_access_key='b');"
        "from boto3.docs import generate_docs; from botocore.docs.docstring import ClientMethodDocstring"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd="/")
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "[]",
        "2030-01-02 03:04:05+00:00",
        f"{botocore.__version__} {botocore.__version__}",
        "[]",
        "1 True",
    ]


# --- the requests to STS, SSO and the SSO's OIDC ------------------------------------------------------------------------


def nested_request(session: botocore.session.Session, region: str | None, *, cut: bool) -> Sent:
    session.register("before-send", stop)
    if cut:
        chain = _botocore.resolver(session, region, {}, no_prompt)
    else:
        chain = botocore.credentials.create_credential_resolver(session, {}, region)
    with pytest.raises(Sent) as sent:
        chain.load_credentials().get_frozen_credentials()
    return sent.value


@pytest.mark.parametrize("profile", ["role", "chained", "elsewhere", "fips", "legacy", "china", "environment"])
@pytest.mark.parametrize(
    "more",
    [
        {},
        {"AWS_ENDPOINT_URL": "http://127.0.0.1:11"},
        {"AWS_ENDPOINT_URL_STS": "http://127.0.0.1:12/base", "AWS_ENDPOINT_URL": "http://127.0.0.1:13"},
        {"AWS_USE_FIPS_ENDPOINT": "true"},
        {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
        {"AWS_STS_REGIONAL_ENDPOINTS": "legacy"},
        {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-1"},
    ],
    ids=lambda more: ",".join(more) or "nothing more",
)
def test_sts_requests_equal_those_of_plain_botocore(
    profile: str, more: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "environment")
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    region = Profiles(os.environ).text(profile, "region")
    plain = botocore.session.Session(profile=profile)
    try:
        expected = nested_request(plain, region, cut=False)
    except botocore.exceptions.BotoCoreError as error:  # no such endpoint in that partition
        with pytest.raises(type(error)), _botocore.files_cut_to(sections_of(profile)):
            nested_request(cut_session(profile), region, cut=True)
        return
    with _botocore.files_cut_to(sections_of(profile)):
        sent = nested_request(cut_session(profile), region, cut=True)
    assert (sent.what, sent.body) == (expected.what, expected.body)
    assert sent.what[2] is not None
    assert sent.what[2][0] == ("AKIAENVIRONMENT" if profile == "environment" else "AKIAUSER")


def regions() -> Iterator[str]:
    """Every region of botocore, pseudo regions, and regions that do not exist yet."""
    session = botocore.session.Session()
    partitions = session.get_component("data_loader").load_data("endpoints")["partitions"]
    known = {name for partition in partitions for name in partition["regions"]}
    for service in ("sts", "sso", "sso-oidc"):
        for partition in session.get_available_partitions():
            known.update(session.get_available_regions(service, partition, allow_non_regional=True))
    yield from sorted(known)
    yield from ("eu-nowhere-9", "cn-nowhere-9", "us-gov-nowhere-9", "us-iso-nowhere-9", "not-a-region-at-all-1")


CALLS = {
    "sts": lambda client: client.get_caller_identity(),
    "sso": lambda client: client.get_role_credentials(roleName="r", accountId="123456789012", accessToken="t"),
    "sso-oidc": lambda client: client.create_token(clientId="i", clientSecret="s", grantType="refresh_token"),
}


def signed_request(session: botocore.session.Session, service: str, region: str, config: Config) -> object:
    """Return the URL, region and service for which a client would sign its request, or the error."""
    keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "s"}
    try:
        client = session.create_client(service, region_name=region, config=config, **keys)
        client.meta.events.register("before-send", stop)
        CALLS[service](client)
    except Sent as sent:
        return sent.what, client.meta.endpoint_url, client.meta.partition, client.meta.region_name
    except botocore.exceptions.BotoCoreError as error:
        return str(error)
    raise AssertionError("nothing was sent")


@pytest.fixture(scope="module")
def both_loaders(tmp_path_factory: pytest.TempPathFactory) -> tuple[botocore.session.Session, botocore.session.Session]:
    """A plain session and one with the cut loader, of a user without any AWS setup."""
    directory = tmp_path_factory.mktemp("home")
    return botocore.session.Session(), _botocore.new_session("default", None, {"HOME": str(directory)}, Config())


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize(
    "variant",
    [{}, {"use_fips_endpoint": True}, {"use_dualstack_endpoint": True}],
    ids=lambda variant: "".join(variant) or "usual",
)
def test_every_region_has_the_url_and_signature_of_plain_botocore(
    service: str, variant: dict[str, bool], both_loaders: tuple[Any, Any], home: Path
) -> None:
    (home / ".aws" / "config").write_text("[default]\n")
    plain, cut = both_loaders
    config = Config(**variant)
    some = ["eu-west-1", "us-east-1", "us-gov-west-1", "cn-north-1", "us-iso-east-1"]
    tested = some if variant else list(regions())
    expected = {region: signed_request(plain, service, region, config) for region in tested}
    assert {region: signed_request(cut, service, region, config) for region in tested} == expected


@pytest.mark.parametrize("service", endpoints.SERVICES)
def test_every_credential_service_has_an_endpoint(service: str, both_loaders: tuple[Any, Any], home: Path) -> None:
    plain, cut = both_loaders
    if service not in plain.get_available_services():
        pytest.skip(f"this botocore has no {service}")
    keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "s", "region_name": "eu-west-1"}
    assert (
        cut.create_client(service, **keys).meta.endpoint_url == plain.create_client(service, **keys).meta.endpoint_url
    )


def test_the_clients_of_botocore_use_our_timeouts_and_attempts(home: Path) -> None:
    """Nothing listens on the port; with botocore's own settings the call would be retried."""
    config = Config(connect_timeout=0.5, read_timeout=0.5, retries={"total_max_attempts": 1, "mode": "standard"})
    tries = []
    with _botocore.files_cut_to(sections_of("elsewhere")):
        session = _botocore.new_session("elsewhere", "eu-west-1", os.environ, config)
        session.register("before-send", lambda **_: tries.append(1))
        with pytest.raises(botocore.exceptions.EndpointConnectionError):
            _botocore.resolver(session, "eu-west-1", {}, no_prompt).load_credentials().get_frozen_credentials()
    assert len(tries) == 1


# --- the stored endpoints -----------------------------------------------------------------------------------------------


def load(home: Path) -> Any:
    return endpoints.Loader({"HOME": str(home)}).load_data("endpoints")


def stored_endpoints(home: Path) -> Path:
    (path,) = Path(paths.own_cache({"HOME": str(home)})).iterdir()
    return path


def test_the_cut_endpoints_equal_those_of_botocore(home: Path) -> None:
    whole = botocore.session.Session().get_component("data_loader").load_data("endpoints")
    for _ in ("made", "read"):
        cut = load(home)
        assert {name: value for name, value in cut.items() if name != "partitions"} == {
            name: value for name, value in whole.items() if name != "partitions"
        }
        for ours, theirs in zip(cut["partitions"], whole["partitions"], strict=True):
            expected = {service: theirs["services"].get(service) for service in endpoints.SERVICES}
            assert ours["services"] == {service: value for service, value in expected.items() if value is not None}
            assert {**ours, "services": None} == {**theirs, "services": None}
    assert any("sts" in partition["services"] for partition in whole["partitions"])


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_the_stored_endpoints_are_private(umask: int, home: Path) -> None:
    before = os.umask(umask)
    try:
        load(home)
    finally:
        os.umask(before)
    file = stored_endpoints(home)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def add_mark(home: Path, mark: str) -> None:
    """Write a mark into the stored endpoints."""
    stored_endpoints(home).write_text(json.dumps({**json.loads(stored_endpoints(home).read_bytes()), "mark": mark}))


def test_the_stored_endpoints_are_reused(home: Path) -> None:
    load(home)
    add_mark(home, "ours")
    assert load(home)["mark"] == "ours"


WRONG = (
    b"[]",
    b"null",
    b"{}",
    b'{"partitions": []}',
    b'{"partitions": [1]}',
    b'{"partitions": [{"partition": "aws"}]}',
)
CORRUPT = (b"", b"{", b'{"partitions": [', b"\0" * 4096, b"\xff\xfe{}", b"{} {}", b"[" * 100_000, *WRONG)


@pytest.mark.parametrize("corrupt", CORRUPT, ids=lambda content: repr(content[:40]))
def test_corrupt_stored_endpoints_are_replaced(corrupt: bytes, home: Path) -> None:
    expected = load(home)
    stored_endpoints(home).write_bytes(corrupt)
    assert load(home) == expected
    assert json.loads(stored_endpoints(home).read_bytes()) == expected


def test_stored_endpoints_of_another_version_are_ignored(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load(home)
    add_mark(home, "old")
    monkeypatch.setattr(botocore, "__version__", "99.0.0")
    assert "mark" not in load(home)


def test_endpoints_are_available_without_a_cache_directory(home: Path) -> None:
    (home / ".cache").write_text("a file where a directory should be")
    assert load(home)["partitions"]


# --- the parameters beyond those of botocore, and their cache key --------------------------------------------------------


class RecordingCache(dict[str, Any]):
    """An empty cache that records its look-ups."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []

    def __contains__(self, key: object) -> bool:
        self.order.append(str(key))
        return super().__contains__(key)


def sha1(**arguments: object) -> str:
    return hashlib.sha1(json.dumps(arguments, sort_keys=True).encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("profile", ["guarded", "chained"])
def test_an_event_can_change_the_parameters_of_assume_role(profile: str, home: Path) -> None:
    calls = []

    def amend(params: dict[str, Any]) -> None:
        calls.append(dict(params))
        params.update(RoleSessionName="ada@host", SourceIdentity="ada", Tags=[{"Key": "team", "Value": "blue"}])
        params.pop("SerialNumber", None)
        params.pop("TokenCode", None)

    sent = assume_role_request(profile, code="123456", amend=amend)
    for part in ("RoleSessionName=ada%40host", "SourceIdentity=ada", "Tags.member.1.Key=team"):
        assert part in sent.body
    assert "TokenCode" not in sent.body
    assert len(calls) == 1
    if profile == "guarded":
        assert re.fullmatch(r"botocore-session-\d+", calls[0]["RoleSessionName"]), "sts_options.amend relies on that"
        assert (calls[0]["SerialNumber"], calls[0]["TokenCode"]) == ("arn:aws:iam::123456789012:mfa/user", "123456")


def test_the_cache_key_equals_that_of_the_aws_cli_despite_the_event(home: Path) -> None:
    """The key contains neither a generated session name nor what the event adds."""
    keys = []
    for amend in (lambda params: None, lambda params: params.update(RoleSessionName="ada@host", SourceIdentity="ada")):
        cache = RecordingCache()
        assume_role_request("guarded", cache, code="123456", amend=amend)
        keys += cache.order
    serial = "arn:aws:iam::123456789012:mfa/user"
    assert set(keys) == {sha1(RoleArn="arn:aws:iam::123456789012:role/guarded", SerialNumber=serial)}


def test_the_last_role_of_a_chain_is_looked_up_first_and_assumed_last(home: Path) -> None:
    """SessionStore relies on this order to map keys to profiles."""
    chained = sha1(RoleArn="arn:aws:iam::123456789012:role/chained")
    role = {"RoleArn": "arn:aws:iam::123456789012:role/role", "RoleSessionName": "me", "ExternalId": "open sesame"}
    cache = RecordingCache()
    assert "role%2Frole" in assume_role_request("chained", cache).body
    assert cache.order == [chained, sha1(**role, DurationSeconds=3600)]


def test_the_cache_key_of_a_web_identity_omits_a_generated_session_name(home: Path) -> None:
    arn = "arn:aws:iam::123456789012:role/web"
    token = home / "token"
    token.write_text("token")
    (home / ".aws" / "config").write_text(
        f"[profile web]\nrole_arn = {arn}\nweb_identity_token_file = {token}\nregion = eu-west-1\n"
    )
    cache = RecordingCache()
    sent = assume_role_request("web", cache, amend=lambda params: params.update(RoleSessionName="ada@host"))
    assert "RoleSessionName=ada%40host" in sent.body
    assert cache.order == [sha1(RoleArn=arn)]


def test_a_session_that_replaces_the_source_keys_signs_the_call(home: Path) -> None:
    """A session of GetSessionToken is passed to botocore as keys in the cut credentials file."""
    sections = sections_of("guarded")
    path = str(home / ".aws" / "credentials")
    keys = {"aws_access_key_id": "ASIAUSER", "aws_secret_access_key": "s", "aws_session_token": "t"}
    sections[path] = {**sections[path], "user": keys}
    sent = assume_role_request("guarded", code="000000", sections=sections)
    assert sent.what[2] is not None
    assert (sent.what[2][0], sent.what[3]) == ("ASIAUSER", True)


def test_get_session_token_is_signed_with_the_given_keys(home: Path) -> None:
    with _botocore.files_cut_to(sections_of("user")):
        session = cut_session("user")
        session.set_config_variable("region", "eu-west-1")
        session.register("before-send", stop)
        with pytest.raises(Sent) as sent:
            parameters = {"DurationSeconds": 43200, "SerialNumber": "arn:aws:x:mfa/u"}
            _botocore.get_session_token(session, ("AKIAGIVEN", "s"), lambda: parameters)
    assert sent.value.what[2] == ("AKIAGIVEN", "eu-west-1/sts/aws4_request")
    for part in ("Action=GetSessionToken", "DurationSeconds=43200", "SerialNumber="):
        assert part in sent.value.body
