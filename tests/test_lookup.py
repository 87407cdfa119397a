"""Keys that awsenv did not export: their profile and expiration from a file, or an estimate from the token itself."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.homes import Home, sha1, write

from awsenv.environment import expiry, lookup
from awsenv.environment.lookup import KeyInfo

KEY = "ASIAQNZGKIQY56JQ7WML"
OTHER_KEY = "ASIAQNZGKIQY56JQ7WMM"
ISSUED = 1795376367
EXPIRES_UTC = "2026-11-22T20:39:27Z"
HOUR, EIGHT_HOURS = 3600, 8 * 3600

# type 23, "er/aws", and in field 5 the time of issue
TOKEN = base64.b64encode(b"\x17\x0a\x06er/aws\x28\xef\x89\x8d\xd8\x06").decode()

CONFIG = """\
[default]
region = us-east-1
s3 =
    addressing_style = path

[profile project1]
role_arn = arn:aws:iam::123456789012:role/team/project1
source_profile = user1
mfa_serial = arn:aws:iam::123456789012:mfa/user1
duration_seconds = 7200

[profile other]
role_arn = arn:aws:iam::123456789012:role/other
source_profile = user1

[sso-session corp]
sso_region = us-east-1

[profile sso1]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = Admin

[profile login1]
login_session = arn:aws:iam::123456789012:user/user1
"""


# as botocore makes them: `_create_cache_key`, `generate_login_cache_key`
PROJECT1 = sha1(
    '{"DurationSeconds": 7200, "RoleArn": "arn:aws:iam::123456789012:role/team/project1", '
    '"SerialNumber": "arn:aws:iam::123456789012:mfa/user1"}'
)
SSO1 = sha1('{"accountId":"123456789012","roleName":"Admin","sessionName":"corp"}')
LOGIN1 = hashlib.sha256(b"arn:aws:iam::123456789012:user/user1").hexdigest()


class Files:
    """A home directory, and an environment with keys."""

    def __init__(self, home: Path) -> None:
        self.aws = home / ".aws"
        self.environ = {
            "HOME": str(home),
            "USERPROFILE": str(home),
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_SESSION_TOKEN": TOKEN,
        }

    def write(self, name: str, content: object) -> Path:
        """Write a file below ~/.aws: text or bytes unchanged, anything else as JSON."""
        return write(self.aws / name, content)

    def cached(
        self, name: str = "0" * 40, key: str = KEY, expiration: object = EXPIRES_UTC, role: str = "project1"
    ) -> Path:
        """A session of a role in the AWS CLI's cache."""
        credentials = {"AccessKeyId": key, "SecretAccessKey": "s", "SessionToken": "t", "Expiration": expiration}
        arn = f"arn:aws:sts::123456789012:assumed-role/{role}/botocore-session-1795376367"
        user = {"AssumedRoleId": "AROA:x", "Arn": arn}
        return self.write(f"cli/cache/{name}.json", {"Credentials": credentials, "AssumedRoleUser": user})

    def cached_login(
        self, name: str = "0" * 64, key: str = KEY, expiration: object = EXPIRES_UTC, directory: str = "login/cache"
    ) -> Path:
        token = {"accessKeyId": key, "secretAccessKey": "s", "sessionToken": "t", "expiresAt": expiration}
        return self.write(f"{directory}/{name}.json", {"accessToken": token, "tokenType": "t", "idToken": "i"})

    def look_up(self, duration: int = HOUR) -> KeyInfo:
        return lookup.look_up(self.environ, duration)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def summary(info: KeyInfo) -> tuple[int | None, str | None, bool]:
    return info.expiration, info.profile, info.estimated


EXPIRES = ISSUED + HOUR
ESTIMATED = (ISSUED + EIGHT_HOURS, None, True)


# --- the token --------------------------------------------------------------------------------------------------------


def test_without_a_file_the_expiration_is_estimated_from_the_token(files: Files) -> None:
    info = files.look_up(EIGHT_HOURS)
    assert (info.issued, *summary(info)) == (ISSUED, *ESTIMATED)


def test_a_token_without_a_time_has_no_estimate(files: Files) -> None:
    files.environ["AWS_SESSION_TOKEN"] = "FwoGZX" + "0123456789abcdef" * 8
    info = files.look_up()
    assert (info.issued, *summary(info)) == (None, None, None, False)


def test_the_token_that_botocore_uses_is_read(files: Files) -> None:
    files.environ["AWS_SECURITY_TOKEN"] = files.environ.pop("AWS_SESSION_TOKEN")
    assert files.look_up().issued == ISSUED
    files.environ["AWS_SESSION_TOKEN"] = "of later"
    assert files.look_up().issued == ISSUED
    files.environ["AWS_SECURITY_TOKEN"] = "of earlier"
    files.environ["AWS_SESSION_TOKEN"] = TOKEN
    assert files.look_up().issued is None


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_there_is_no_result(files: Files, key: str | None) -> None:
    files.cached()
    files.environ.pop("AWS_ACCESS_KEY_ID")
    if key is not None:
        files.environ["AWS_ACCESS_KEY_ID"] = key
    info = files.look_up()
    assert (info.issued, *summary(info)) == (None, None, None, False)


def test_long_term_keys_have_no_expiration_but_may_have_a_profile(files: Files) -> None:
    files.environ.pop("AWS_SESSION_TOKEN")
    files.cached()
    assert summary(files.look_up()) == (None, None, False)
    files.write("credentials", f"[user1]\naws_access_key_id = {KEY}\nexpiration = {EXPIRES_UTC}\n")
    info = files.look_up()
    assert (info.issued, *summary(info)) == (None, None, "user1", False)


@pytest.mark.shell
def test_keys_in_no_file_import_no_heavy_module(files: Files) -> None:
    files.write("config", CONFIG)
    files.cached(key=OTHER_KEY)
    script = """if True:
        import os, sys
        before = set(sys.modules)
        from awsenv.environment import lookup
        assert lookup.look_up(os.environ, 3600).issued is not None
        print(*sorted(set(sys.modules) - before))
    """
    # -S: without the imports of .pth files
    environment = files.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-S", "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    assert {name for name in done.stdout.split() if not name.startswith("awsenv")} <= {
        "__future__",
        "_signal",
        "binascii",
    }


# --- the AWS CLI's cache ----------------------------------------------------------------------------------------------


def test_the_cli_cache_has_the_expiration_and_the_profile(files: Files) -> None:
    files.write("config", CONFIG)
    files.cached(PROJECT1)
    info = files.look_up(EIGHT_HOURS)
    assert (info.issued, *summary(info)) == (ISSUED, EXPIRES, "project1", False)


@pytest.mark.parametrize("expiration", [EXPIRES_UTC, "2026-11-22T20:39:27+00:00", "2026-11-22T20:39:27UTC"])
def test_every_format_of_the_cli_cache_is_read(files: Files, expiration: str) -> None:
    files.cached(expiration=expiration)
    assert summary(files.look_up()) == (EXPIRES, None, False)


def test_a_session_of_sso_in_the_cli_cache_is_found(files: Files) -> None:
    files.write("config", CONFIG)
    credentials = {"AccessKeyId": KEY, "Expiration": EXPIRES_UTC, "AccountId": "123456789012"}
    files.write(f"cli/cache/{SSO1}.json", {"ProviderType": "sso", "Credentials": credentials})
    assert summary(files.look_up()) == (EXPIRES, "sso1", False)
    del credentials["AccountId"]  # as older versions write it
    files.write(f"cli/cache/{SSO1}.json", {"ProviderType": "sso", "Credentials": credentials})
    assert summary(files.look_up()) == (EXPIRES, "sso1", False)


def test_a_session_of_no_profile_has_an_expiration_and_no_name(files: Files) -> None:
    """After the profile was changed or removed."""
    files.write("config", CONFIG)
    files.cached(PROJECT1, role="renamed")
    files.cached("0" * 40, key=OTHER_KEY)
    assert summary(files.look_up()) == (EXPIRES, None, False)


@pytest.mark.parametrize("duration", ["1h", "\u00b2", "7200s", "9" * 5000])
def test_a_duration_that_is_not_a_number_is_ignored_as_botocore_does(files: Files, duration: str) -> None:
    arn = "arn:aws:iam::123456789012:role/project1"
    files.write("config", f"[profile p]\nrole_arn = {arn}\nduration_seconds = {duration}\n")
    files.cached(sha1(f'{{"RoleArn": "{arn}"}}'))
    assert summary(files.look_up()) == (EXPIRES, "p", False)


def test_an_expiration_in_the_past_is_used(files: Files) -> None:
    files.cached(expiration="2020-01-01T00:00:00Z")
    files.write("credentials", f"[p]\naws_access_key_id = {KEY}\nexpiration = {EXPIRES_UTC}\n")
    assert summary(files.look_up()) == (1577836800, None, False)


def test_a_session_with_another_key_is_ignored(files: Files) -> None:
    files.cached(key=OTHER_KEY)
    files.cached("1" * 40, key=KEY + "A")  # contains the key, too
    files.cached("2" * 40, key=KEY.lower())
    files.cached("3" * 40, key=OTHER_KEY, role=KEY)
    files.cached_login(key=OTHER_KEY)
    assert summary(files.look_up(EIGHT_HOURS)) == ESTIMATED


@pytest.mark.shell
def test_keys_that_the_aws_cli_got_from_sts_are_found(home: Home) -> None:
    values = home.exported("project1")
    keys = {name: values[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")}
    info = lookup.look_up(home.environment(**keys), HOUR)
    assert summary(info) == (expiry.parse(values["AWS_CREDENTIAL_EXPIRATION"]), "project1", False)
    assert info.issued is None  # ministack's tokens do not have the format of AWS


# --- the cache of aws login -------------------------------------------------------------------------------------------


def test_the_login_cache_has_the_expiration_and_the_profile(files: Files) -> None:
    files.write("config", CONFIG)
    files.cached_login(LOGIN1)
    assert summary(files.look_up(EIGHT_HOURS)) == (EXPIRES, "login1", False)


def test_the_login_cache_can_be_in_another_directory(files: Files, tmp_path: Path) -> None:
    files.cached_login(expiration="2020-01-01T00:00:00Z")
    files.cached_login(directory="elsewhere")
    files.environ["AWS_LOGIN_CACHE_DIRECTORY"] = str(files.aws / "elsewhere")
    assert summary(files.look_up()) == (EXPIRES, None, False)
    files.environ["AWS_LOGIN_CACHE_DIRECTORY"] = str(tmp_path / "nowhere")
    assert summary(files.look_up(EIGHT_HOURS)) == ESTIMATED


# --- the config and credentials files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", expiry.SETTINGS)
@pytest.mark.parametrize(("file", "header"), [("credentials", "[static1]"), ("config", "[profile static1]")])
def test_a_profile_has_the_expiration_of_its_keys(files: Files, file: str, header: str, setting: str) -> None:
    files.write(
        file,
        f"[default]\naws_access_key_id = {OTHER_KEY}\n{setting} = 2020-01-01T00:00:00Z\n"
        f"{header}\naws_access_key_id = {KEY}\n{setting} = 2026-11-22T21:39:27+01:00\n",
    )
    assert summary(files.look_up(EIGHT_HOURS)) == (EXPIRES, "static1", False)


def test_a_profile_without_an_expiration_gives_its_name(files: Files) -> None:
    files.write("credentials", f"[static1]\naws_access_key_id = {KEY}\n")
    assert summary(files.look_up(EIGHT_HOURS)) == (ISSUED + EIGHT_HOURS, "static1", True)


def test_an_expiration_without_a_zone_is_ignored(files: Files) -> None:
    """aws-mfa writes UTC, awsume local time, both as `expiration`."""
    files.write("credentials", f"[static1]\naws_access_key_id = {KEY}\nexpiration = 2026-11-22 20:39:27\n")
    assert summary(files.look_up(EIGHT_HOURS)) == (ISSUED + EIGHT_HOURS, "static1", True)


def test_a_profile_with_an_expiration_takes_precedence(files: Files) -> None:
    files.write(
        "credentials",
        f"[default]\naws_access_key_id = {KEY}\n[project1-mfa]\naws_access_key_id = {KEY}\nexpiration = {EXPIRES_UTC}\n",
    )
    assert summary(files.look_up(EIGHT_HOURS)) == (EXPIRES, "project1-mfa", False)


def test_a_key_overridden_by_the_other_file_does_not_match(files: Files) -> None:
    files.write("config", f"[profile p]\naws_access_key_id = {KEY}\nexpiration = {EXPIRES_UTC}\n")
    files.write("credentials", f"[p]\naws_access_key_id = {OTHER_KEY}\n")
    assert summary(files.look_up(EIGHT_HOURS)) == ESTIMATED


def test_a_longer_text_with_the_key_in_it_does_not_match(files: Files) -> None:
    files.write(
        "credentials",
        f"[a]\naws_access_key_id = {KEY}A\nexpiration = {EXPIRES_UTC}\n"
        f"[b]\naws_access_key_id = '{KEY}'\nexpiration = {EXPIRES_UTC}\n"
        f"[c]\n# {KEY}\nk = {KEY}\nexpiration = {EXPIRES_UTC}\n[{KEY}]\nexpiration = {EXPIRES_UTC}\n",
    )
    assert summary(files.look_up(EIGHT_HOURS)) == ESTIMATED


@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
def test_a_profile_is_found_after_any_line_ends_and_comments(files: Files, line: str) -> None:
    text = f'# c\n\n[profile a]\nk = v\n  w\n\n[profile "b c"]\nAWS_Access_Key_ID={KEY}\nExpiration={EXPIRES_UTC}\n[profile d]\n'
    files.write("config", text.replace("\n", line))
    assert summary(files.look_up()) == (EXPIRES, "b c", False)


@pytest.mark.parametrize("text", ["[a]\nk = v\n  [b]\n", "[DEFAULT]\nk = v\n"])
def test_a_profile_is_found_where_only_configparser_can_split_sections(files: Files, text: str) -> None:
    files.write("credentials", f"{text}[static1]\naws_access_key_id = {KEY}\nexpiration = {EXPIRES_UTC}\n")
    assert summary(files.look_up()) == (EXPIRES, "static1", False)


def test_the_files_that_the_environment_names_are_read(files: Files) -> None:
    path = files.write("elsewhere", f"[static1]\naws_access_key_id = {KEY}\nexpiration = {EXPIRES_UTC}\n")
    files.environ["AWS_SHARED_CREDENTIALS_FILE"] = str(path)
    assert summary(files.look_up()) == (EXPIRES, "static1", False)


# --- precedence -------------------------------------------------------------------------------------------------------


def test_sources_are_tried_in_order(files: Files) -> None:
    expirations = [f"2026-11-22T2{hour}:00:00Z" for hour in range(3)]
    credentials = files.write("credentials", f"[p]\naws_access_key_id = {KEY}\nexpiration = {expirations[0]}\n")
    login = files.cached_login(expiration=expirations[1])
    cli = files.cached(expiration=expirations[2])
    assert summary(files.look_up()) == (expiry.parse(expirations[2]), None, False)
    cli.unlink()
    assert summary(files.look_up()) == (expiry.parse(expirations[1]), None, False)
    login.unlink()
    assert summary(files.look_up()) == (expiry.parse(expirations[0]), "p", False)
    credentials.unlink()
    assert summary(files.look_up(EIGHT_HOURS)) == ESTIMATED


@pytest.mark.parametrize("expiration", ["2026-11-22T20:39:27", "soon", "", None, 1795376367, [EXPIRES_UTC]])
def test_an_entry_without_an_expiration_leaves_it_to_the_next_source(files: Files, expiration: object) -> None:
    files.cached(expiration=expiration)
    files.cached_login(expiration=expiration)
    assert summary(files.look_up(EIGHT_HOURS)) == ESTIMATED
    files.cached("1" * 40)
    assert summary(files.look_up(EIGHT_HOURS)) == (EXPIRES, None, False)


# --- invalid files ----------------------------------------------------------------------------------------------------

CREDENTIALS = f'{{"AccessKeyId": "{KEY}", "Expiration": "{EXPIRES_UTC}"}}'
CORRUPT = {
    "empty": "",
    "cut off": f'{{"Credentials": {CREDENTIALS}',
    "two": f'{{"Credentials": {CREDENTIALS}}}{{}}',
    "a text": f'"{KEY}"',
    "a list": f'[{{"Credentials": {CREDENTIALS}}}]',
    "the key alone": KEY,
    "other names": f'{{"credentials": {CREDENTIALS}}}',
    "a text for the credentials": f'{{"Credentials": "{KEY}"}}',
    "a list for the credentials": f'{{"Credentials": ["{KEY}"], "accessToken": [{CREDENTIALS}]}}',
    "nothing for the credentials": f'{{"Credentials": null, "k": "{KEY}"}}',
    "a list for the key": f'{{"Credentials": {{"AccessKeyId": ["{KEY}"], "Expiration": "{EXPIRES_UTC}"}}}}',
    "not UTF-8": b'{"Credentials": {"AccessKeyId": "' + KEY.encode() + b'", "Expiration": "\xff"}}',
    "UTF-16": f'{{"Credentials": {CREDENTIALS}}}'.encode("utf-16"),
    "zeros": KEY.encode() + b"\0" * 1000,
    "deep": f'"{KEY}"' + "[" * 100_000,
    "deep and legal": "[" * 100_000 + f'"{KEY}"' + "]" * 100_000,
    "an enormous number": f'["{KEY}", {"9" * 10_000}]',
    "larger than a session can be": f'{{"Credentials": {CREDENTIALS}}}' + " " * (1 << 20),
}


@pytest.mark.parametrize("content", CORRUPT.values(), ids=CORRUPT)
def test_a_corrupt_entry_is_ignored(files: Files, content: str | bytes) -> None:
    for directory in ("cli", "login"):
        files.write(f"{directory}/cache/{'0' * 40}.json", content)
    assert summary(files.look_up(EIGHT_HOURS)) == ESTIMATED
    files.cached("1" * 40)
    assert summary(files.look_up(EIGHT_HOURS)) == (EXPIRES, None, False)


@pytest.mark.parametrize("arn", ["", "x", "/", "a/b", "a//c", "a/\ud800/c", "a/\0/c", 7, None, ["a/b/c"]])
def test_an_entry_with_an_odd_role_still_has_its_expiration(files: Files, arn: object) -> None:
    files.write("config", CONFIG)
    content = json.loads(files.cached(PROJECT1).read_text())
    content["AssumedRoleUser"]["Arn"] = arn
    files.write(f"cli/cache/{PROJECT1}.json", content)
    assert files.look_up().expiration == EXPIRES


ILLEGAL = {
    "no section": f"aws_access_key_id = {KEY}\n",
    "cut off": f"[p\naws_access_key_id = {KEY}\n",
    "not UTF-8": b"[p]\naws_access_key_id = " + KEY.encode() + b"\nk = \xff\n",
    "UTF-16": f"[p]\naws_access_key_id = {KEY}\n".encode("utf-16"),
    "a byte order mark": f"\ufeff[p]\naws_access_key_id = {KEY}\n",
    "twice": f"[p]\naws_access_key_id = {KEY}\n[p]\n",
    "a setting twice": f"[p]\naws_access_key_id = {KEY}\naws_access_key_id = {KEY}\n",
    "zeros": KEY.encode() + b"\0" * 1000,
}


@pytest.mark.parametrize("name", ["config", "credentials"])
@pytest.mark.parametrize("content", ILLEGAL.values(), ids=ILLEGAL)
def test_a_file_that_aws_tools_reject_is_ignored(files: Files, name: str, content: str | bytes) -> None:
    files.write(name, content)
    assert summary(files.look_up(EIGHT_HOURS)) == ESTIMATED
    files.cached(PROJECT1)
    assert summary(files.look_up(EIGHT_HOURS)) == (EXPIRES, None, False)


def test_a_bad_section_does_not_hide_a_good_one(files: Files) -> None:
    files.write("credentials", f"[a]\nk = 1\nk = 2\naws_access_key_id = {KEY}\n[b]\naws_access_key_id = {KEY}\n")
    assert files.look_up().profile == "b"


NAMES = ("config", "credentials", "cli/cache/0.json", "login/cache/0.json", "cli/cache", "login/cache")


@pytest.mark.parametrize("name", NAMES)
def test_a_directory_in_place_of_a_file_is_ignored(files: Files, name: str) -> None:
    (files.aws / name).mkdir(parents=True)
    assert summary(files.look_up(EIGHT_HOURS)) == ESTIMATED
    if not name.startswith("cli"):
        files.cached(PROJECT1)
        assert summary(files.look_up(EIGHT_HOURS)) == (EXPIRES, None, False)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_in_place_of_a_directory_is_ignored(files: Files, name: str) -> None:
    files.write(name, KEY)
    assert summary(files.look_up(EIGHT_HOURS)) == ESTIMATED


@pytest.mark.parametrize("name", NAMES)
def test_a_pipe_does_not_block(files: Files, name: str) -> None:
    path = files.write(name, "")
    path.unlink()
    os.mkfifo(path)
    if name != "credentials":
        files.write("credentials", f"[p]\naws_access_key_id = {KEY}\n")
    assert files.look_up(EIGHT_HOURS).expiration == ISSUED + EIGHT_HOURS


@pytest.mark.parametrize("name", NAMES)
def test_a_file_without_read_permission_is_ignored(files: Files, name: str) -> None:
    path = files.write(name, KEY)
    if os.geteuid() == 0 and Path("/proc/self/mem").exists():  # the only file that root may not read
        path.unlink()
        path.symlink_to("/proc/self/mem")
    else:
        path.chmod(0)
    assert summary(files.look_up(EIGHT_HOURS)) == ESTIMATED


def test_a_file_with_another_suffix_is_not_a_cache_entry(files: Files) -> None:
    files.cached().rename(files.aws / "cli" / "cache" / "0.json.tmp")
    files.write("cli/cache/session.db", KEY)
    assert summary(files.look_up(EIGHT_HOURS)) == ESTIMATED


def test_settings_of_realistic_size_are_read(files: Files) -> None:
    others = "".join(f"[p{number}]\naws_session_token = {'x' * 1000}\n" for number in range(2000))
    files.write("credentials", f"{others}[static1]\naws_access_key_id = {KEY}\nexpiration = {EXPIRES_UTC}\n")
    assert summary(files.look_up()) == (EXPIRES, "static1", False)


def test_enormous_settings_are_not_read(files: Files) -> None:
    static1 = f"[static1]\naws_access_key_id = {KEY}\nexpiration = {EXPIRES_UTC}\n"
    files.write("credentials", static1 + f"# {'x' * (1 << 24)}\n")
    assert summary(files.look_up(EIGHT_HOURS)) == ESTIMATED


TEXT = st.one_of(st.text(), st.binary()).map(
    lambda content: content if isinstance(content, bytes) else content.encode(errors="surrogatepass")
)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(), st.sampled_from([KEY, EXPIRES_UTC])),
    lambda inner: st.one_of(
        st.lists(inner),
        st.dictionaries(st.sampled_from(["Credentials", "AccessKeyId", "Expiration", "AssumedRoleUser", "Arn"]), inner),
    ),
).map(lambda value: json.dumps(value).encode())


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(TEXT, JSON), st.one_of(TEXT, JSON), TEXT, TEXT, st.sampled_from([KEY, "\udcff", "\0", "[", "="]))
@example(b"", b"", b"", b"", "\ud800")
def test_no_content_of_the_files_raises(
    files: Files, cli: bytes, login: bytes, config: bytes, credentials: bytes, key: str
) -> None:
    mark = KEY.encode()
    files.environ["AWS_ACCESS_KEY_ID"] = key
    files.write("cli/cache/0.json", cli + mark)
    files.write("cli/cache/1.json", cli)
    files.write("login/cache/0.json", login)
    files.write("config", b"# " + mark + b"\n" + config)
    files.write("credentials", b"[p]\naws_access_key_id = " + mark + b"\n" + credentials)
    info = files.look_up()
    assert isinstance(info.expiration, int)


# --- the exported credentials -----------------------------------------------------------------------------------------

EXPORTED = {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_SESSION_TOKEN": TOKEN}


def test_the_expiration_of_exported_credentials_is_that_of_the_variable(lone: Home) -> None:
    variables = {"AWSENV_PROFILE": "a", "AWSENV_KEY": KEY[-8:], "AWSENV_EXPIRATION": str(ISSUED + 60)}
    exported = lookup.exported_credentials({**lone.environment(), **EXPORTED, **variables})
    assert (exported.expiration, exported.estimated, exported.profile) == (ISSUED + 60, False, "a")
    assert exported.credentials is not None
    assert exported.credentials.expiration == ISSUED + 60
    assert "s3cret" not in repr(exported.credentials)


@pytest.mark.parametrize(
    ("lifetime", "setting", "expiration"), [(None, {}, HOUR), (60, {}, 60), (None, {"AWSENV_DURATION": "2h"}, 2 * HOUR)]
)
def test_without_a_variable_the_expiration_is_estimated(
    lifetime: int | None, setting: dict[str, str], expiration: int, lone: Home
) -> None:
    exported = lookup.exported_credentials({**lone.environment(), **EXPORTED, **setting}, lifetime)
    assert (exported.expiration, exported.estimated, exported.issued) == (ISSUED + expiration, True, ISSUED)
    assert exported.credentials is not None
    assert exported.credentials.expiration is None  # an estimate is not passed on


def test_no_estimate_is_made_with_a_lifetime_of_0(lone: Home) -> None:
    exported = lookup.exported_credentials({**lone.environment(), **EXPORTED}, 0)
    assert (exported.expiration, exported.estimated, exported.issued) == (None, False, ISSUED)


def test_an_incomplete_pair_is_not_a_set_of_credentials(lone: Home) -> None:
    exported = lookup.exported_credentials({**lone.environment(), "AWS_ACCESS_KEY_ID": KEY})
    assert (exported.credentials, exported.exported.missing) == (None, "AWS_SECRET_ACCESS_KEY")


def test_an_empty_old_token_variable_does_not_hide_the_token(lone: Home) -> None:
    exported = lookup.exported_credentials({**lone.environment(), **EXPORTED, "AWS_SECURITY_TOKEN": ""})
    assert exported.credentials is not None
    assert exported.credentials.token == TOKEN
