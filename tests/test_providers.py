"""The provider of a profile, compared with the one that botocore uses."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import botocore.exceptions
import botocore.session
import pytest
from support.environment import replace_environment

from awsenv.args import parse
from awsenv.aws import providers
from awsenv.aws.config_files import Profiles
from awsenv.commands import list as list_command
from awsenv.report import resolution

KEYS = "aws_access_key_id = AKIAQNZGKIQY56JQ7WML\naws_secret_access_key = abcdefghijklmnopqrstuvwxyz0123456789ABCD\n"
TOKEN = "aws_session_token = FwoGtoken\n"
PROCESS = """credential_process = echo '{"Version":1,"AccessKeyId":"AKIAPROCESS","SecretAccessKey":"s"}'\n"""
ROLE = "role_arn = arn:aws:iam::123456789012:role/Admin\n"
SOURCE = "source_profile = user\n"
WEB = "web_identity_token_file = /no/such/file\n"
SSO = "sso_account_id = 123456789012\nsso_role_name = Admin\n"
LEGACY = f"{SSO}sso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
SESSION = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
LOGIN = "login_session = arn:aws:iam::123456789012:user/me\n"
USER = f"[user]\n{KEYS}"
EXPORTED = {"AWS_ACCESS_KEY_ID": "AKIAEXPORTED", "AWS_SECRET_ACCESS_KEY": "s"}
WEB_VARIABLES = {"AWS_WEB_IDENTITY_TOKEN_FILE": "/no/such/file", "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/R"}
CONTAINER = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/"}


def p(settings: str) -> str:
    return f"[profile p]\n{settings}"


#: name -> (config file, credentials file, variables, method; with `!` where botocore fails)
FILES: dict[str, tuple[str, str, str]] = {
    "nothing": (p("region = eu-west-1\n"), "", ""),
    "keys in the config file": (p(KEYS), "", "config-file"),
    "keys in the credentials file": ("", f"[p]\n{KEYS}", "shared-credentials-file"),
    "temporary keys": ("", f"[p]\n{KEYS}{TOKEN}", "shared-credentials-file"),
    "keys in both files": (p(KEYS), f"[p]\n{KEYS}", "shared-credentials-file"),
    "an access key without its secret": ("", "[p]\naws_access_key_id = AKIA\n", "shared-credentials-file!"),
    "a secret without its access key": ("", "[p]\naws_secret_access_key = s\n", ""),
    "an access key and its secret in two files": (
        p("aws_secret_access_key = s\n"),
        "[p]\naws_access_key_id = AKIA\n",
        "shared-credentials-file!",
    ),
    "a token alone": ("", f"[p]\n{TOKEN}", ""),
    "an empty access key": ("", "[p]\naws_access_key_id =\naws_secret_access_key =\n", "shared-credentials-file"),
    "a process": (p(PROCESS), "", "custom-process"),
    "a process and keys in the config file": (p(PROCESS + KEYS), "", "custom-process"),
    "a process and keys in the credentials file": (p(PROCESS), f"[p]\n{KEYS}", "shared-credentials-file"),
    "a process in the credentials file": ("", f"[p]\n{PROCESS}", "custom-process"),
    "a process and aws login": (p(PROCESS + LOGIN), "", "login!"),
    "aws login": (p(LOGIN), "", "login!"),
    "aws login and keys in the config file": (p(LOGIN + KEYS), "", "login!"),
    "aws login and keys in the credentials file": (p(LOGIN), f"[p]\n{KEYS}", "shared-credentials-file"),
    "a role": (p(ROLE + SOURCE), USER, "assume-role"),
    "a role and keys": (p(ROLE + SOURCE + KEYS), USER, "assume-role"),
    "a role with its own keys": (p(ROLE + "source_profile = p\n" + KEYS), "", "assume-role"),
    "a role that is its own source, without keys": (p(ROLE + "source_profile = p\n"), "", "assume-role!"),
    "a role without a source": (p(ROLE), "", "assume-role!"),
    "a role without a source, and keys": (p(ROLE + KEYS), "", "assume-role!"),
    "a role with two sources": (p(ROLE + SOURCE + "credential_source = Environment\n"), USER, "assume-role!"),
    "a role with a source that is not there": (p(ROLE + "source_profile = none\n"), USER, "assume-role!"),
    "a role with a source without credentials": (
        f"{p(ROLE + SOURCE)}[profile user]\nregion = eu-west-1\n",
        "",
        "assume-role!",
    ),
    "a role with a source with half of a pair": (p(ROLE + SOURCE), "[user]\naws_access_key_id = A\n", "assume-role!"),
    "a role with a source with the other half": (
        p(ROLE + SOURCE),
        f"[user]\naws_secret_access_key = s\n{ROLE}",
        "assume-role!",
    ),
    "a role with an unknown credential_source": (p(ROLE + "credential_source = Ec2\n"), "", "assume-role!"),
    "a chain of roles": (f"{p(ROLE + 'source_profile = q')}\n[profile q]\n{ROLE}{SOURCE}", USER, "assume-role"),
    "a loop of roles": (
        f"{p(ROLE + 'source_profile = q')}\n[profile q]\n{ROLE}source_profile = p\n",
        "",
        "assume-role!",
    ),
    "a source with keys and a role without a source": (p(ROLE + SOURCE), USER + ROLE, "assume-role"),
    "a source with a process": (f"{p(ROLE + SOURCE)}[profile user]\n{PROCESS}", "", "assume-role"),
    "a source with a web identity": (f"{p(ROLE + SOURCE)}[profile user]\n{ROLE}{WEB}", "", "assume-role"),
    "web identity": (p(ROLE + WEB), "", "assume-role-with-web-identity"),
    "web identity without a role": (p(WEB), "", "assume-role-with-web-identity!"),
    "web identity and keys": (p(ROLE + WEB + KEYS), "", "assume-role-with-web-identity"),
    "web identity and a source": (p(ROLE + WEB + SOURCE), USER, "assume-role-with-web-identity"),
    "web identity and sso": (p(ROLE + WEB + LEGACY), "", "assume-role-with-web-identity"),
    "an empty web identity and a role": (p(ROLE + SOURCE + "web_identity_token_file =\n"), USER, ""),
    "an empty web identity, a role and keys": (p(ROLE + KEYS + "web_identity_token_file =\n"), "", "config-file"),
    "sso": (f"{p(SSO + 'sso_session = corp')}\n{SESSION}", "", "sso"),
    "sso in the legacy form": (p(LEGACY), "", "sso"),
    "sso and keys": (p(LEGACY), f"[p]\n{KEYS}", "sso"),
    "sso and a role": (p(LEGACY + ROLE + SOURCE), USER, "assume-role"),
    "an account of sso alone, and keys": (p("sso_account_id = 123456789012\n" + KEYS), "", "sso!"),
    "a role of sso alone": (p("sso_role_name = Admin\n"), "", "sso!"),
    "sso with a session that is not there": (p(SSO + "sso_session = corp\n"), "", "sso!"),
    "sso with another region than its session": (
        f"{p(SSO + 'sso_session = corp')}\nsso_region = us-east-1\n{SESSION}",
        "",
        "sso!",
    ),
    "a start URL of sso alone, and keys": (p("sso_start_url = https://corp\n" + KEYS), "", "config-file"),
    "a session of sso alone, and keys": (f"{p('sso_session = corp')}\n{KEYS}{SESSION}", "", "config-file"),
    "a header of the config file in the credentials file": ("", f"[profile p]\n{KEYS}[p]\nregion = r\n", ""),
}

#: name -> (config file, credentials file, variables of a shell in which no profile is named, method)
SHELL: dict[str, tuple[str, str, dict[str, str], str]] = {
    "exported keys": ("", "", EXPORTED, "env"),
    "exported keys and a default profile": ("", f"[default]\n{KEYS}", EXPORTED, "env"),
    "exported keys and a default role": (f"[default]\n{ROLE}{SOURCE}", USER, EXPORTED, "env"),
    "an exported access key alone": ("", f"[default]\n{KEYS}", {"AWS_ACCESS_KEY_ID": "AKIA"}, "env!"),
    "an exported secret alone": ("", f"[default]\n{KEYS}", {"AWS_SECRET_ACCESS_KEY": "s"}, "shared-credentials-file"),
    "an empty exported access key": ("", f"[default]\n{KEYS}", {"AWS_ACCESS_KEY_ID": ""}, "shared-credentials-file"),
    "exported keys and a profile": (p(PROCESS), "", {**EXPORTED, "AWS_PROFILE": "p"}, "env"),
    "a web identity": ("", "", WEB_VARIABLES, "assume-role-with-web-identity"),
    "a web identity without its role": (
        "",
        "",
        {"AWS_WEB_IDENTITY_TOKEN_FILE": "/no/such/file"},
        "assume-role-with-web-identity!",
    ),
    "a web identity and keys": ("", f"[default]\n{KEYS}", WEB_VARIABLES, "assume-role-with-web-identity"),
    "a web identity and a role": (f"[default]\n{ROLE}{SOURCE}", USER, WEB_VARIABLES, "assume-role"),
    "a web identity with the role of the profile": (
        f"[default]\n{ROLE}{WEB}",
        "",
        {"AWS_WEB_IDENTITY_TOKEN_FILE": "/no/such/file"},
        "assume-role-with-web-identity",
    ),
    "an empty web identity": (
        f"[default]\n{ROLE}{WEB}{KEYS}",
        "",
        {"AWS_WEB_IDENTITY_TOKEN_FILE": ""},
        "config-file",
    ),
    "a profile": (p(PROCESS), "", {"AWS_PROFILE": "p"}, "custom-process"),
    "the other variable of a profile": (p(PROCESS), "", {"AWS_DEFAULT_PROFILE": "p"}, "custom-process"),
    "a container": ("", "", CONTAINER, "container-role!"),
    "a container and keys": ("", f"[default]\n{KEYS}", CONTAINER, "shared-credentials-file"),
    "nothing at all": ("", "", {}, ""),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    no_instance = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "1"}
    replace_environment(monkeypatch, {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path), **no_instance})
    (tmp_path / ".aws").mkdir()
    return tmp_path


def of_botocore(profile: str | None) -> tuple[str, Exception | None]:
    """The method of the credentials that botocore finds, and its error."""
    try:
        credentials: Any = botocore.session.Session(profile=profile).get_credentials()
    except botocore.exceptions.BotoCoreError as error:
        return "", error
    return ("" if credentials is None else str(credentials.method)), None


def check(provider: providers.Provider, method: str, profile: str | None) -> None:
    fails = method.endswith("!")
    assert (provider.method or "") == method.rstrip("!")
    its_method, error = of_botocore(profile)
    assert (error is not None) == fails, f"botocore: {its_method or error!r}"
    if not fails:
        assert its_method == method
        assert provider.fault is None
    elif provider.kind not in ("login", "container"):  # the files do not show a sign-in or a server
        assert provider.fault is not None


@pytest.mark.shell
@pytest.mark.parametrize("case", FILES)
def test_botocore_uses_the_same_provider_for_a_profile(case: str, home: Path) -> None:
    config, credentials, method = FILES[case]
    (home / ".aws" / "config").write_text(config)
    (home / ".aws" / "credentials").write_text(credentials)
    check(providers.provider_of(Profiles(os.environ), "p"), method, "p")


@pytest.mark.shell
@pytest.mark.parametrize("case", SHELL)
def test_botocore_uses_the_same_provider_for_a_shell(case: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, credentials, variables, method = SHELL[case]
    (home / ".aws" / "config").write_text(config)
    (home / ".aws" / "credentials").write_text(credentials)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    profile = variables.get("AWS_PROFILE") or variables.get("AWS_DEFAULT_PROFILE") or "default"
    check(providers.provider_of(Profiles(os.environ), profile, os.environ), method, None)


def test_the_place_is_the_line_of_the_setting_that_decides(home: Path) -> None:
    (home / ".aws" / "config").write_text(p(f"region = eu-west-1\n{PROCESS}{KEYS}"))
    (home / ".aws" / "credentials").write_text("")
    provider = providers.provider_of(Profiles(os.environ), "p")
    assert provider.place == f"{home / '.aws' / 'config'}:3"
    (home / ".aws" / "credentials").write_text(f"\n[p]\n{KEYS}")
    provider = providers.provider_of(Profiles(os.environ), "p")
    assert provider.place == f"{home / '.aws' / 'credentials'}:3"
    assert providers.provider_of(Profiles(os.environ), "p", WEB_VARIABLES).place == "AWS_WEB_IDENTITY_TOKEN_FILE"


@pytest.mark.parametrize("tokens", ["aws_security_token =\n", "aws_security_token = old\n", ""])
def test_botocore_uses_the_same_session_token_of_a_file(tokens: str, home: Path) -> None:
    """The old name is used where it exists, even if it is empty."""
    (home / ".aws" / "credentials").write_text(f"[p]\n{KEYS}{TOKEN}{tokens}")
    section = Profiles(os.environ).credentials.section("p")
    credentials: Any = botocore.session.Session(profile="p").get_credentials()
    assert providers.session_token(section)[1] == (credentials.token or None)


# --- the commands that show the kind of a profile ---------------------------------------------------------------------

KINDS = {
    "": "none",
    "shared-credentials-file": "keys",
    "config-file": "keys",
    "custom-process": "process",
    "login": "login",
    "assume-role": "role",
    "assume-role-with-web-identity": "web identity",
    "sso": "sso",
}


@pytest.mark.parametrize("case", FILES)
def test_list_and_compare_name_the_provider_that_botocore_uses(case: str, home: Path) -> None:
    """Also for a profile with keys and a credential_process, and for one with half of the sso settings."""
    config, credentials, method = FILES[case]
    (home / ".aws" / "config").write_text(config)
    (home / ".aws" / "credentials").write_text(credentials)
    listed = json.loads(list_command.run(parse("list", ["--json"], list_command.OPTIONS, 0), os.environ, 0).out)
    kind = next(row["kind"] for row in listed if row["name"] == "p") if listed else "none"
    assert kind.replace("temporary ", "") == KINDS[method.rstrip("!")]
    side = resolution.of("p", Profiles(os.environ), os.environ, 0)
    assert (side.source.type or "") == method.rstrip("!")
    assert side.source.place is None or side.source.place.startswith(str(home))


def test_keys_with_an_empty_old_token_setting_are_not_temporary(home: Path) -> None:
    (home / ".aws" / "credentials").write_text(f"[p]\n{KEYS}{TOKEN}aws_security_token =\n[t]\n{KEYS}{TOKEN}")
    listed = json.loads(list_command.run(parse("list", ["--json"], list_command.OPTIONS, 0), os.environ, 0).out)
    assert {row["name"]: row["kind"] for row in listed} == {"p": "keys", "t": "temporary keys"}
    profiles = Profiles(os.environ)
    assert resolution.of("p", profiles, os.environ, 0).token.value is None
    assert resolution.of("t", profiles, os.environ, 0).token.value == "FwoGtoken"
