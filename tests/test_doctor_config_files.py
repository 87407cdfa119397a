"""The doctor's checks of the AWS files, their headers and values."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest
from support.aws_files import DEAD, KEY, KEYS, REGION, ROLE, SECRET, AwsFiles, checks_of

from awsenv import doctor
from awsenv.doctor.check import ERROR, NOTE, WARNING
from awsenv.doctor.checks import config_files

CHECKS = checks_of("config-files", "config-headers", "config-values", "endpoints")

BY_ID = {check.id: check for check in CHECKS}

A = f"[profile a]\n{REGION}{KEYS}"


@pytest.mark.parametrize(
    ("config", "credentials"),
    [
        pytest.param("", "", id="empty"),
        pytest.param(A, "", id="a profile"),
        pytest.param(f"[default]\n{REGION}[profile a]\n{ROLE}source_profile = base\n", f"[base]\n{KEYS}", id="both files"),
        pytest.param(f'[profile "a b"]\n{REGION}[profile \'c d\']\n{REGION}', f"[a b]\n{KEYS}", id="quoted names"),
        pytest.param(f"[profile a]\r\n# c\r\n{REGION}  \n".replace("\n", "\r\n"), "", id="CRLF"),
        pytest.param(f"  [profile a]\n  {REGION}", "", id="indented"),
        pytest.param("[profile a]\ns3 =\n  x = y # z\nregion = x\n", "", id="nested"),
        pytest.param("[profile a]\ncredential_process = \"/a b/c\" '# d'\n", "", id="a quoted command"),
        pytest.param("[profile a]\nsource_profile = b # c\nrole_arn = x\n[profile 'b # c']\n", "", id="a name with #"),
        pytest.param("[preview]\ncloudfront = true\n[plugins]\ncli_legacy_plugin_path = /x\n[sso-session s]\n", "", id="others"),
        pytest.param("[profile a]\nservices = s\n[services s]\ns3 =\n  use_x = y\n", "", id="services"),
        pytest.param("[profile a]\nsso_session = s\n[sso-session s]\nsso_start_url = https://x/#/y\nsso_region = z\n", "", id="sso"),
    ],
)  # fmt: skip
def test_healthy_files_have_no_findings(config: str, credentials: str, place: AwsFiles) -> None:
    place.write(config, credentials)
    assert not place.found_ids(CHECKS)
    assert place.found_ids(CHECKS, "a") <= {"name-with-blanks"}
    assert not place.found_ids(CHECKS, AWS_CONFIG_FILE=str(place.config), AWS_SHARED_CREDENTIALS_FILE="/dev/null")


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (b"\xef\xbb\xbf" + A.encode(), "byte order mark"),
        (A.encode("utf-16"), "UTF-16"),
        (f"{A}[profile a]\n".encode(), "line 5, has the section [profile a] a second time"),
        (f"{A}region = x\n".encode(), "line 5, has a setting for the second time"),
        (f"{REGION}{A}".encode(), "line 1, has text before the first section"),
        (f"{A}[sso-session s]\nsso_region = x\nsso_region = y\n".encode(), "line 7, has a setting for the second time"),
        (f"{A}{SECRET}\n".encode(), "line 5, has text that is neither"),
        (A.encode() + b"# M\xfcller\n", "line 5, is not UTF-8"),
    ],
)
def test_a_file_that_no_tool_reads_is_an_error(
    config: bytes, expected: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = place.write(config).found(BY_ID["config-unreadable"])
    assert str(place.config) in found.what
    assert expected in found.what
    assert "(BOM)" in found.instructions or "line" in expected  # as editors call it
    assert "ConfigParseError: Unable to parse config file" in place.boto3_error(monkeypatch)


@pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_a_variable_that_names_no_file_is_a_warning(
    variable: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write(A) if variable == "AWS_CONFIG_FILE" else place.write("", f"[a]\n{KEYS}")
    gone = {variable: str(place.path / "gone")}
    (found,) = place.found(BY_ID["config-file-missing"], **gone)
    assert (found.severity, found.instructions) == (WARNING, f"unset {variable}")
    assert place.found(BY_ID["config-file-missing"], **{variable: ""})
    assert place.found(BY_ID["config-file-missing"], AWS_ACCESS_KEY_ID=KEY, **gone)[0].severity == NOTE
    (other,) = place.found(BY_ID["profile-in-other-file"], "a", **gone)
    assert other.severity == ERROR
    assert other.evidence[0].startswith(str(place.path / ".aws"))
    assert not place.found_ids(CHECKS, "a")
    assert "ProfileNotFound" in place.boto3_error(monkeypatch, **gone)


#: The value of the variable around the path, and a part of the message.
NAMES = {
    "quotes, as an .env file leaves them": ('"{}"', "the quotation marks"),
    "quotes of another kind": ("'{}'", "the quotation marks"),
    "a blank at its end": ("{} ", "the blanks around it"),
    "a carriage return": ("{}\r", "the blanks around it"),
    "a URL": ("file://{}", "file: and the slashes behind it"),
}


@pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
@pytest.mark.parametrize("name", NAMES)
def test_a_variable_with_more_than_a_path_explains_a_missing_profile(
    name: str, variable: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    value, expected = NAMES[name]
    path = place.path / "other"
    path.write_text(A if variable == "AWS_CONFIG_FILE" else f"[a]\n{KEYS}")
    more = {variable: value.format(path)}
    (found,) = place.found(BY_ID["config-file-missing"], "a", **more)
    assert found.severity == ERROR
    assert expected in found.what
    assert found.instructions == f"export {variable}={path}"
    assert "ProfileNotFound" in place.boto3_error(monkeypatch, **more)
    assert not place.found(BY_ID["config-file-missing"], "a", **{variable: str(path)})


@pytest.mark.parametrize("what", ["a dangling link", "a dangling link as directory", "a directory", "a full directory"])
def test_a_link_or_directory_in_place_of_a_file_explains_a_missing_profile(what: str, place: AwsFiles) -> None:
    check = BY_ID["config-file-unusable"]
    place.write()
    if what == "a dangling link as directory":
        for path in (place.config, place.credentials):
            path.unlink()
        place.config.parent.rmdir()
        place.config.parent.symlink_to(place.path / "gone")
    else:
        place.config.unlink()
        place.config.symlink_to("/gone/config") if what == "a dangling link" else place.config.mkdir()
    if what == "a full directory":
        (place.config / "x").touch()
    (found, *_) = place.found(check, "a")
    assert found.severity == ERROR
    assert found.evidence[0].startswith(str(place.config.parent))
    assert place.found(check)[0].severity == WARNING
    if what == "a dangling link":
        assert found.what == f"{place.config} is a link to /gone/config, which does not exist"
    if what == "a directory":
        assert found.instructions == f"rmdir {place.config}"


def test_the_home_of_the_sudo_caller_is_a_note(
    place: AwsFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account database is replaced, as a test cannot change it."""
    for path in (tmp_path / "ada" / ".aws" / "config", tmp_path / "mine" / ".aws" / "credentials"):
        path.parent.mkdir(parents=True)
        path.write_text(A)
    accounts = {"ada": pwd.struct_passwd(("ada", "x", 1, 1, "", str(tmp_path / "ada"), ""))}
    monkeypatch.setattr(pwd, "getpwnam", accounts.__getitem__)
    monkeypatch.setattr(pwd, "getpwuid", lambda _: pwd.struct_passwd(("me", "x", 0, 0, "", str(tmp_path / "mine"), "")))
    (found,) = place.found(BY_ID["home-of-another"], SUDO_USER="ada")
    assert f"ada, who called sudo, has one in {tmp_path / 'ada'}" in found.what
    # not with the HOME of ada
    assert (found.severity, found.instructions) == (NOTE, "run it as that user: sudo -u ada COMMAND")
    (found,) = place.found(BY_ID["home-of-another"])
    assert "the account me has one" in found.what
    assert (found.severity, found.instructions) == (WARNING, f"export HOME={tmp_path / 'mine'}")
    assert not place.found(BY_ID["home-of-another"], SUDO_USER="ada", AWS_CONFIG_FILE="/x")
    assert not place.write(A).found(BY_ID["home-of-another"], SUDO_USER="ada")


@pytest.mark.parametrize(
    ("mode", "secret", "expected"),
    [(0o644, True, "read"), (0o622, True, "change"), (0o600, True, ""), (0o400, True, ""), (0o644, False, "")],
)
@pytest.mark.parametrize("which", ["config", "credentials"])
def test_secrets_that_others_can_read_are_a_warning(
    which: str, mode: int, secret: bool, expected: str, place: AwsFiles
) -> None:
    text = KEYS if secret else REGION
    place.write(f"[profile a]\n{text}" if which == "config" else "", f"[a]\n{text}" if which == "credentials" else "")
    path: Path = getattr(place, which)
    path.chmod(mode)
    found = place.found(BY_ID["files-open-to-others"])
    assert [one.instructions for one in found] == ([f"chmod 600 {path}"] if expected else [])
    assert not expected or f"others can {expected}" in found[0].what


@pytest.mark.parametrize(
    ("release", "path", "has_modes"),
    [
        ("5.15.167.4-microsoft-standard-WSL2", "/mnt/c/Users/ada/.aws/credentials", False),
        ("4.4.0-19041-Microsoft", "/mnt/d/aws", False),
        ("5.15.167.4-microsoft-standard-WSL2", "/home/ada/.aws/credentials", True),
        ("5.15.167.4-microsoft-standard-WSL2", "/mnt/data/aws", True),
        ("6.8.0-generic", "/mnt/c/aws", True),
    ],
)
def test_file_modes_on_a_windows_drive_are_ignored(
    release: str, path: str, has_modes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel release is that of WSL."""
    monkeypatch.setattr("os.uname", lambda: os.uname_result(("Linux", "pc", release, "#1", "x86_64")))
    assert config_files._keeps_modes(path) is has_modes


def test_secrets_on_a_windows_drive_have_no_finding(place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write(A).config.chmod(0o777)
    assert place.found(BY_ID["files-open-to-others"])
    monkeypatch.setattr("os.uname", lambda: os.uname_result(("Linux", "pc", "5-microsoft", "#1", "x86_64")))
    assert place.found(BY_ID["files-open-to-others"])  # in the home of WSL itself
    monkeypatch.setattr("os.path.realpath", lambda path: f"/mnt/c{path}")
    assert not place.found(BY_ID["files-open-to-others"])


@pytest.mark.parametrize(
    ("id", "config", "credentials", "line", "fix"),
    [
        ("profile-prefix-missing", f"[a]\n{REGION}{KEYS}", "", 1, "write [profile a] in that line"),
        ("profile-prefix-missing", f"[default]\n[profile b]\n  \n[a]\n{ROLE}", "", 4, "write [profile a] in that line"),
        ("profile-header-malformed", f"[Profile a]\n{REGION}{KEYS}", "", 1, "write [profile a] in that line"),
        ("profile-prefix-in-credentials", "", f"[profile a]\n{KEYS}", 1, "write [a] in that line"),
    ],
)
def test_an_unread_header_explains_the_missing_profile(
    id: str, config: str, credentials: str, line: int, fix: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write(config, credentials)
    (found,) = place.found(BY_ID[id], "a")
    assert found.evidence == (f"{place.config if config else place.credentials}:{line}",)
    assert (found.instructions, found.severity) == (fix, ERROR)
    assert place.found(BY_ID[id])[0].severity == WARNING  # no profile was requested
    assert place.found_ids(CHECKS, "a") == {id}
    assert "ProfileNotFound: The config profile (a) could not be found" in place.boto3_error(monkeypatch)


def test_a_name_with_blanks_is_quoted_in_the_header(place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = place.write(f"[profile my own]\n{KEYS}").found(BY_ID["profile-header-malformed"], "my own")
    assert found.instructions == 'write [profile "my own"] in that line'
    assert "ProfileNotFound" in place.boto3_error(monkeypatch, "my own")
    assert place.write(f'[profile "my own"]\n{KEYS}').found_ids(CHECKS, "my own") == {"name-with-blanks"}


#: The header in the config file, the name of the profile, the correct header.
HEADERS = [
    ("profile bob's", "bob's", 'profile "bob\'s"'),
    ('profile a"b', 'a"b', "profile 'a\"b'"),
    ('profile "dev', "dev", "profile dev"),
    ("profile\u00a0dev", "dev", "profile dev"),
    ("profile\u2003dev", "dev", "profile dev"),
    ("profile \u201cdev\u201d", "dev", "profile dev"),
    (" profile dev ", "dev", "profile dev"),
    ("profile dev] # see [1", "dev", "profile dev"),
    ("profile dev] ; old [x", "dev", "profile dev"),
    ("[profile dev]", "dev", "profile dev"),
    ('"profile dev"', "dev", "profile dev"),
    ("PROFILE dev", "dev", "profile dev"),
    ("profle dev", "dev", "profile dev"),
    ("Profil my own", "my own", 'profile "my own"'),
    ("profile my own", "my own", 'profile "my own"'),
]


@pytest.mark.parametrize(("header", "name", "right"), HEADERS)
def test_a_malformed_header_is_found_with_the_correct_one(
    header: str, name: str, right: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = BY_ID["profile-header-malformed"]
    (found,) = place.write(f"[{header}]\n{REGION}{KEYS}").found(check, name)
    assert found.severity == ERROR
    assert found.evidence == (f"{place.config}:1",)
    assert found.instructions == f"write [{right}] in that line" != f"write [{header}] in that line"
    assert "ProfileNotFound" in place.boto3_error(monkeypatch, name)
    assert place.write(f"[{right}]\n{REGION}{KEYS}").found_ids(CHECKS, name) <= {"name-with-blanks"}
    assert "ProfileNotFound" not in place.boto3_error(monkeypatch, name, AWS_ENDPOINT_URL=DEAD)


@pytest.mark.parametrize("header", [" dev ", "dev\u00a0", "\u200bdev", '"dev"', "\u201cdev\u201d", "dev] # see [1"])
def test_a_malformed_header_of_the_credentials_file_is_found(
    header: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = place.write("", f"[{header}]\n{KEYS}").found(BY_ID["profile-header-malformed"], "dev")
    assert (found.severity, found.instructions) == (ERROR, "write [dev] in that line")
    assert "ProfileNotFound" in place.boto3_error(monkeypatch, "dev")
    for healthy in ("my own", "profile-x", "a/b", "ada@x"):
        assert not place.write("", f"[{healthy}]\n{KEYS}").found_ids(CHECKS)


@pytest.mark.parametrize(
    ("kind", "setting", "header", "name", "right"),
    [
        ("sso-session", "sso_session", "sso-session my corp", "my corp", 'sso-session "my corp"'),
        ("sso-session", "sso_session", "sso_session corp", "corp", "sso-session corp"),
        ("sso-session", "sso_session", "SSO-Session corp", "corp", "sso-session corp"),
        ("sso-session", "sso_session", "sso-sesion corp", "corp", "sso-session corp"),
        ("services", "services", "services my svc", "my svc", 'services "my svc"'),
        ("services", "services", "service local", "local", "services local"),
        ("services", "services", "services\u00a0local", "local", "services local"),
    ],
)
def test_a_malformed_header_of_another_section_is_found(
    kind: str, setting: str, header: str, name: str, right: str, place: AwsFiles
) -> None:
    sso = "sso_account_id = 123456789012\nsso_role_name = r\n" if kind == "sso-session" else KEYS
    section = (
        "sso_start_url = https://x.y/start\nsso_region = us-east-1\n" if kind == "sso-session" else "sts =\n  x = y\n"
    )
    profile = f"[profile a]\n{setting} = {name}\n{sso}"
    checks = [*CHECKS, *doctor.group("identity-center").checks]
    found = place.write(f"{profile}[{header}]\n{section}").found_ids(checks, "a")
    assert found == {"section-header-malformed"}
    (finding,) = place.found(BY_ID["section-header-malformed"], "a")
    assert (finding.severity, finding.instructions) == (ERROR, f"write [{right}] in that line")
    remaining = place.write(f"{profile}[{right}]\n{section}").found_ids(checks, "a")
    assert remaining <= {"name-with-blanks", "sso-signed-out"}


def test_an_sso_session_in_the_credentials_file_is_found(place: AwsFiles) -> None:
    place.write("", "[sso-session corp]\nsso_region = us-east-1\n")
    (found,) = place.found(BY_ID["section-header-malformed"])
    assert found.instructions == f"move that section to {place.config}"


def test_a_name_with_blanks_is_a_note(place: AwsFiles) -> None:
    place.write(
        f'[profile "my own"]\nsso_session = my corp\nservices = my svc\n{KEYS}[sso-session "my corp"]\n'
        'sso_region = us-east-1\n[services "my svc"]\n'
    )
    found = place.found(BY_ID["name-with-blanks"], "my own")
    assert {one.severity for one in found} == {NOTE}
    assert sorted(one.what.split(" has ")[0] for one in found) == [
        "the name of profile 'my own'",
        "the name of services 'my svc'",
        "the name of sso-session 'my corp'",
    ]


@pytest.mark.parametrize("one_path", [True, False])
def test_one_file_for_both_purposes_may_have_both_kinds_of_headers(one_path: bool, place: AwsFiles) -> None:
    place.write(f"[user1]\n{KEYS}[profile project1]\n{ROLE}source_profile = user1\n")
    more = {"AWS_CONFIG_FILE": str(place.config), "AWS_SHARED_CREDENTIALS_FILE": str(place.config)}
    if not one_path:
        place.credentials.unlink()
        place.credentials.symlink_to(place.config)
        more = {}
    for name in ("project1", "user1", None):
        assert not place.found_ids(CHECKS, name, **more)


@pytest.mark.parametrize("header", ["Default", "DEFAULT"])
@pytest.mark.parametrize("which", ["config", "credentials"])
def test_a_misspelled_default_is_found(
    header: str, which: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = f"[other]\n[{header}]\n{KEYS}".replace("[other]", "[profile other]" if which == "config" else "[other]")
    place.write(text if which == "config" else "", text if which == "credentials" else "")
    (found,) = place.found(BY_ID["default-misspelled"])
    assert found.severity == ERROR
    assert found.evidence == (f"{getattr(place, which)}:2",)
    assert place.boto3_error(monkeypatch, None) == "NoCredentialsError"


VALUES = [
    ("quotes-in-value", "region = 'eu-central-1'", "InvalidRegionError"),
    ("comment-in-value", "region = eu-central-1 # Frankfurt", "InvalidRegionError"),
    ("value-over-lines", "aws_session_token = abc\n  def", "Invalid header value"),
    ("value-over-lines", "aws_session_token = abc\n  region = x", "Invalid header value"),
]


@pytest.mark.parametrize(("id", "setting", "error"), VALUES)
def test_quotes_comments_and_newlines_in_values_are_errors(
    id: str, setting: str, error: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write(f"[profile a]\n{KEYS}{setting}\n")
    (found,) = place.found(BY_ID[id], "a")
    assert found.severity == ERROR
    assert found.evidence == (f"{place.config}:4",)
    assert place.found_ids(CHECKS, "a") == {id}
    assert not place.found_ids(CHECKS)
    assert error in place.boto3_error(monkeypatch, AWS_ENDPOINT_URL=DEAD)


def test_values_of_the_sso_session_and_the_source_profile_are_checked(place: AwsFiles) -> None:
    place.write(
        f"[profile a]\n{ROLE}source_profile = b\n[profile b]\nsso_session = s\nsso_account_id = 1\nsso_role_name = 'r'\n"
        '[sso-session s]\nsso_region = "x"\n'
    )
    found = place.found(BY_ID["quotes-in-value"], "a")
    assert [one.evidence[0].rpartition(":")[2] for one in found] == ["8", "10"]
    assert found[0].what.startswith("profile b (hop 2 of 2: a -> b) has sso_role_name")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[profile a]\nk = v\n[b]\n\nK : w\n# k = x\n", {("profile a", "k"): 2, ("b", None): 3, ("b", "k"): 5}),
        ("[profile a]\ns3 =\n  k = x\nk = y\n", {("profile a", "k"): 4, ("profile a", "s3"): 2}),
        ("  [profile a]\n  k = v\n  [b]\n  k = w\n", {("profile a", "k"): 2, ("b", None): 3, ("b", "k"): 4}),
        ("[DEFAULT]\nk = v\n[b]\nj = w\n", {("DEFAULT", None): 1, ("b", None): 3, ("b", "k"): None, ("b", "j"): 4}),
        ("[b]\n", {("b", "k"): None, ("c", None): None, ("c", "k"): None}),
    ],
)
def test_a_line_of_a_file_is_found(text: str, lines: dict[tuple[str, str | None], int | None], place: AwsFiles) -> None:
    config = place.write(text).context().profiles.config
    assert {(header, setting): config.line(header, setting) for header, setting in lines} == lines


def test_an_old_credential_file_is_found(place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write("[default]\nregion = us-east-1\n")
    check, old = BY_ID["boto-leftovers"], place.path / "old"
    (found,) = place.found(check, AWS_CREDENTIAL_FILE=str(old))
    assert (found.severity, found.instructions) == (ERROR, "unset AWS_CREDENTIAL_FILE")
    assert "ConfigNotFound" in place.boto3_error(monkeypatch, None, AWS_CREDENTIAL_FILE=str(old))
    old.write_text(f"AWSAccessKeyId={KEY}\nAWSSecretKey={SECRET}\n")
    assert [one.severity for one in place.found(check, AWS_CREDENTIAL_FILE=str(old))] == [WARNING]
    old.write_text(f"[default]\n{KEYS}")
    (found,) = place.found(check, AWS_CREDENTIAL_FILE=str(old))
    assert found.severity == NOTE
    assert "AWS_SHARED_CREDENTIALS_FILE" in found.what
    place.write(f"[default]\n{KEYS}")
    assert [one.severity for one in place.found(check, AWS_CREDENTIAL_FILE="/gone")] == [NOTE]


@pytest.mark.parametrize("variable", [True, False])
def test_the_file_of_boto_2_is_found(variable: bool, place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    path = place.path / ("b" if variable else ".boto")
    environment = {"BOTO_CONFIG": str(path)} if variable else {}
    path.write_text("[Credentials]\n# aws_access_key_id = x\n[GSUtil]\nx = y\n")  # as gsutil writes it
    assert not place.found(BY_ID["boto-leftovers"], **environment)
    path.write_text(f"[Credentials]\n{KEYS}")
    (found,) = place.found(BY_ID["boto-leftovers"], **environment)
    assert found.severity == WARNING
    assert "are used" in found.what
    output = place.boto3_error(monkeypatch, None, AWS_ENDPOINT_URL=DEAD, **environment)
    assert "EndpointConnectionError" in output  # it has those keys
    (found,) = place.write(f"[default]\n{KEYS}").found(BY_ID["boto-leftovers"], **environment)
    assert found.severity == NOTE
