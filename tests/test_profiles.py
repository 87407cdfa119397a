"""The AWS files, compared with botocore: awsenv reads and rejects the same files, and shows no text of a rejected one."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path

import botocore.configloader
import botocore.exceptions
import botocore.session
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.homes import write

from awsenv.aws.config_files import Profiles
from awsenv.result import AwsenvError

SECRET = "wJalrXUtnFEMIbPxRfiCYzEXAMPLEKEY"

Settings = Mapping[str, object]


class Files:
    """A config and a credentials file, and their two readers."""

    def __init__(self, directory: Path) -> None:
        self.config = directory / "config"
        self.credentials = directory / "credentials"

    def write(self, config: str | bytes, credentials: str | bytes = "") -> Files:
        for path, text in ((self.config, config), (self.credentials, credentials)):
            write(path, text)
        return self

    def profiles(self) -> Profiles:
        return Profiles({"AWS_CONFIG_FILE": str(self.config), "AWS_SHARED_CREDENTIALS_FILE": str(self.credentials)})

    def read_by_awsenv(self) -> dict[str, Settings]:
        profiles = self.profiles()
        return {name: profiles.settings(name) for name in profiles.names()}

    def read_by_botocore(self) -> dict[str, Settings]:
        session = botocore.session.Session()
        session.set_config_variable("config_file", str(self.config))
        session.set_config_variable("credentials_file", str(self.credentials))
        profiles: dict[str, Settings] = session.full_config["profiles"]
        return profiles


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


# --- legal files ------------------------------------------------------------------------------------------------------

ORDINARY = """\
[default]
region = us-east-1
output = json

[profile project1]
role_arn = arn:aws:iam::123456789012:role/project1
source_profile = user1
duration_seconds = 3600
"""

LEGAL = {
    "ordinary": (ORDINARY, f"[user1]\naws_access_key_id = AKIA\naws_secret_access_key = {SECRET}\n"),
    "empty": ("", ""),
    "only comments": ("# nothing\n; here\n\n", "\n\n"),
    "CRLF": (ORDINARY.replace("\n", "\r\n"), "[user1]\r\naws_session_token = a\r\n  b\r\n\r\nregion = x\r\n"),
    "CR": ("[default]\rregion = x\r[profile a]\rregion = y\r", ""),
    "no newline at the end": ("[profile a]\nregion = x", "[b]\nregion = y"),
    "comments": ("# c\n[profile a] # c\n# c\nregion = x # kept\n; c\nk = ; kept\n  # c in a value\noutput = y\n", ""),
    "a header followed by anything": ("[profile a] = b\nk = x\n[profile b]]\nk = y\n[profile c] # [d]\nk = v\n", ""),
    "quotes are preserved": ("[default]\nregion = 'x'\noutput = \"y\"\n", ""),
    "a colon parts, too": ("[default]\nregion: x\nrole_arn:arn:aws:iam::1:role/r\nsource_profile = a:b\nk : = v\n", ""),
    "keys in any case": ("[default]\nRegion = x\nROLE_ARN = y\nMixed Words = z\n", "[default]\nREGION = w\n"),
    "empty values": ("[default]\nregion =\noutput=\nk =   \n", "[default]\naws_access_key_id =\n"),
    "equals signs in values": ("[default]\nk = a=b==\nj==x\n", ""),
    "tabs": ("[default]\nregion\t=\tx\n\tcontinued\n", ""),
    "continued values": ("[default]\nk = a\n  b\n\tc\n\n  after a blank line\nj = x\n", "[a]\nk = x\n y\n"),
    "a header that continues a value": ("[default]\nk = a\n  [profile b]\nj = x\n", ""),
    "nested settings": (
        "[default]\ns3 =\n    signature_version = s3v4\n    addressing_style=path\n\n    # c\n    k = a = b\n"
        "region = x\n"
        "[profile a]\ns3 =\n  max_concurrent_requests = 5\napi_versions=\n  ec2 = 2015-03-01\n",
        "[a]\nregion = y\n",
    ),
    "nested and empty": ("[default]\ns3 =\n\nregion = x\n", ""),
    "a name in quotes": ('[profile "a b"]\nregion = x\n[profile \'c d\']\nregion = y\n[profile "e"]\nk = v\n', ""),
    "a name with marks": ("[profile a.b-c_d/e@f:g+h=i]\nk = v\n[profile a#b]\nk = w\n[profile a\\ b]\nk = x\n", ""),
    "a quote inside a name": ('[profile a"b c"d]\nregion = x\n[profile "it\'s"]\nregion = y\n', ""),
    "a name whose quote never ends": ("[profile it's]\nregion = x\n[profile b]\nregion = y\n", ""),
    "a bracket in a name": ("[profile a]b]\nregion = x\n[profile [c]\nregion = y\n", ""),
    "several blanks": ("[profile   two   ]\nk = v\n[profile\ttab]\nk = w\n[ profile x]\nk = x\n", ""),
    "several words": ("[profile a b]\nk = v\n[profile]\nk = w\n", "[a b c]\nk = v\n"),
    "one profile under two headers": ('[profile a]\nregion = x\noutput = y\n[profile "a"]\nregion = z\n', ""),
    "other letters": (
        "[profile \u00e9t\u00e9]\nregion = \u65e5\u672c\n[profile \U0001f600]\nk = \u2028v\n",
        "[\u00e9]\nk = \u0085v\n",
    ),
    "default": ("[default]\nregion = x\n", "[default]\nk = v\n"),
    "Default is another": ("[Default]\nregion = x\n[profile Default]\nregion = y\n", "[Default]\nk = v\n"),
    "profile default": ("[profile default]\nregion = x\n", ""),
    "default, then profile default": ("[default]\nregion = x\noutput = y\n[profile default]\nregion = z\n", ""),
    "profile default, then default": ("[profile default]\nregion = z\n[default]\nregion = x\noutput = y\n", ""),
    "DEFAULT": ("[DEFAULT]\nregion = x\n[default]\noutput = y\n[profile a]\nregion = z\n", "[a]\nk = v\n"),
    "DEFAULT at the end": ("[profile a]\nregion = z\n[DEFAULT]\nregion = x\nk = v\n", ""),
    "DEFAULT with nested settings": ("[DEFAULT]\ns3 =\n  a = b\n[profile a]\nregion = z\n", ""),
    "DEFAULT in the credentials": ("[profile a]\nregion = z\n", "[DEFAULT]\nregion = x\n[a]\nk = v\n[b]\n"),
    "DEFAULT alone": ("[DEFAULT]\nregion = x\n", "[DEFAULT]\nregion = x\n"),
    "DEFAULT twice": ("[DEFAULT]\nregion = x\n[profile a]\nk = v\n[DEFAULT]\noutput = y\n", ""),
    "both files": (
        "[profile a]\nregion = x\ns3 =\n  k = v\n[profile b]\nregion = y\n",
        "[a]\nregion = z\naws_access_key_id = AKIA\n[c]\nregion = w\n",
    ),
    "profile before a name in the credentials": ("[profile a]\nk = v\n", "[profile a]\nregion = x\n"),
    "other sections": (
        "[sso-session corp]\nsso_region = x\n[services local]\nsts =\n  endpoint_url = u\n[preview]\nk = v\n"
        "[plugins]\ncli_legacy_plugin_path = x\n[profile a]\nsso_session = corp\nservices = local\n[a]\nregion = no\n",
        "",
    ),
    "a word that begins like profile": ("[profiles a]\nk = v\n[profile-b c]\nk = w\n[profileless]\nk = x\n", ""),
    "an indented header": ("[profile a]\n  [profile b]\nk = v\n\t[profile c]\nj = w\n", "  [a]\nk = v\n"),
    "an indented header after a setting": ("[profile a]\nk = v\n  [profile b]\nj = w\n", "  [a]\nk = v\n  [b]\n"),
    "indented settings": ("[profile a]\n  k = v\n  j = w\n    continued\n[profile b]\n\tk = v\n", ""),
    "everything indented": ("  [profile a]\n  k = v\n  j = w\n  [profile b]\n  k = x\n  [DEFAULT]\n  z = y\n", ""),
    "a no-break space before a header": ("[profile a]\n\u00a0[profile b]\nk = v\n", ""),
    "a no-break space after profile": ("[profile\u00a0a]\nk = v\n", ""),
    "a no-break space in a name": ("[profile a\u00a0b]\nk = v\n", ""),
    "a vertical tab in a name": ("[profile a\x0bb]\nk = v\n", ""),
    "NUL": ("[profile a]\nk = \0\nj = v\n", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", LEGAL)
def test_profiles_are_read_read_by_botocore(name: str, files: Files) -> None:
    files.write(*LEGAL[name])
    assert files.read_by_awsenv() == files.read_by_botocore()


@pytest.mark.parametrize("name", LEGAL)
def test_a_profile_read_alone_equals_that_of_the_whole_file(name: str, files: Files) -> None:
    """The settings of a profile do not depend on earlier reads."""
    everything = files.write(*LEGAL[name]).read_by_botocore()
    assert {profile: files.profiles().settings(profile) for profile in everything} == everything
    assert all(profile in files.profiles() for profile in everything)
    assert "nope" not in files.profiles()


@pytest.mark.parametrize("name", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
@pytest.mark.parametrize(
    "value", [None, "", "~/other", "$PLACE/other", "${PLACE}/other", "nowhere", "$NOWHERE", "/dev/null"]
)
def test_the_files_are_those_of_botocore(
    name: str, value: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path, profile in ((".aws/config", "profile usual"), (".aws/credentials", "usual2"), ("other", "profile other")):
        (tmp_path / ".aws").mkdir(exist_ok=True)
        (tmp_path / path).write_text(f"[{profile}]\nregion = x\n")
    monkeypatch.chdir(tmp_path)
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_PROFILE", "NOWHERE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PLACE", str(tmp_path))
    if value is not None:
        monkeypatch.setenv(name, value)
    assert set(Profiles(os.environ).names()) == set(botocore.session.Session().available_profiles)


@pytest.mark.parametrize("exists", ["neither", "config", "credentials"])
def test_a_missing_file_is_empty(exists: str, files: Files) -> None:
    text = "[default]\nregion = x\n"
    if exists != "neither":
        (files.config if exists == "config" else files.credentials).write_text(text)
    profiles = files.profiles()
    assert profiles.names() == ([] if exists == "neither" else ["default"])
    assert profiles.config.exists is (exists == "config")
    assert profiles.credentials.exists is (exists == "credentials")
    assert profiles.settings("nope") == {}
    assert profiles.text("nope", "region") is None
    assert profiles.source_chain("nope") == []
    assert profiles.config_sections(["nope"]) == profiles.credentials_sections(["nope"]) == {}


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example("default")
@example("")
@example("#a")
@example('a "b" \\')
@example("a\u00a0b")
def test_botocore_reads_the_header_that_we_write(name: str) -> None:
    header = Profiles({"HOME": os.devnull}).header(name)
    assert botocore.configloader.build_profile_map({header: {"k": "v"}})["profiles"] == {name: {"k": "v"}}


@pytest.mark.parametrize(
    ("setting", "text"),
    [("region", "x"), ("REGION", None), ("empty", None), ("s3", None), ("absent", None), ("aws_session_token", "a\nb")],
)
def test_text_is_none_for_a_setting_without_text(setting: str, text: str | None, files: Files) -> None:
    files.write("[profile a]\nregion = x\nempty =\ns3 =\n  k = v\n", "[a]\naws_session_token = a\n  b\n")
    assert files.profiles().text("a", setting) == text


# --- the sections that a profile needs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "chain"),
    [
        pytest.param("[profile a]\n", ["a"], id="no source"),
        pytest.param("[profile a]\nsource_profile = b\n[profile b]\n", ["a", "b"], id="one"),
        pytest.param(
            "[profile a]\nsource_profile = b\n[profile b]\nsource_profile = c\n[profile c]\n", ["a", "b", "c"], id="two"
        ),
        pytest.param("[profile a]\nsource_profile = a\n", ["a"], id="itself"),
        pytest.param("[profile a]\nsource_profile = b\n[profile b]\nsource_profile = a\n", ["a", "b"], id="a loop"),
        pytest.param("[profile a]\nsource_profile = nope\n", ["a"], id="a missing one"),
        pytest.param("[profile a]\nsource_profile =\n", ["a"], id="an empty one"),
        pytest.param("[profile a]\nsource_profile =\n  b = c\n", ["a"], id="a nested one"),
        pytest.param('[profile a]\nsource_profile = b c\n[profile "b c"]\n', ["a", "b c"], id="a name with a blank"),
        pytest.param("[profile a]\nsource_profile = keys\n", ["a", "keys"], id="one of the credentials file"),
    ],
)
def test_the_source_chain_ends_at_a_missing_or_repeated_profile(config: str, chain: list[str], files: Files) -> None:
    assert files.write(config, "[keys]\naws_access_key_id = AKIA\n").profiles().source_chain("a") == chain


def test_only_the_chain_is_parsed_of_ten_thousand_profiles(files: Files) -> None:
    unrelated = "".join(f"[profile other{n}]\nrole_arn = r{n}\nsource_profile = other{n + 1}\n" for n in range(10_000))
    sso = "".join(
        f"[sso-session s{n}]\nsso_region = r{n}\n[services v{n}]\nsts =\n  endpoint_url = u{n}\n" for n in range(9)
    )
    own = (
        "[profile mine]\nrole_arn = r\nsource_profile = middle\nservices = v7\n"
        '[profile middle]\nsource_profile = "q"\n[profile middle2]\n'
    )
    keys = "".join(f"[key{n}]\naws_access_key_id = AKIA{n}\n" for n in range(1_000))
    files.write(
        unrelated + sso + own.replace('"q"', "root") + "[profile root]\nsso_session = s3\n",
        keys + "[root]\nregion = x\n",
    )
    profiles = files.profiles()
    chain = profiles.source_chain("mine")
    assert chain == ["mine", "middle", "root"]
    assert profiles.config_sections(chain) == {
        "profile mine": {"role_arn": "r", "source_profile": "middle", "services": "v7"},
        "profile middle": {"source_profile": "root"},
        "profile root": {"sso_session": "s3"},
        "sso-session s3": {"sso_region": "r3"},
        "services v7": {"sts": {"endpoint_url": "u7"}},
    }
    assert profiles.credentials_sections(chain) == {"root": {"region": "x"}}
    assert len(profiles.names()) == 10_000 + 1_000 + 4


def test_the_requested_profile_is_read_beside_a_broken_one(files: Files) -> None:
    """The error of another profile is raised when that one is requested."""
    profiles = files.write("[profile a]\nk = v\n[profile b]\nk = v\nk = v\n").profiles()
    assert profiles.settings("a") == {"k": "v"}
    with pytest.raises(AwsenvError, match="line 5"):
        profiles.settings("b")


# --- illegal files ----------------------------------------------------------------------------------------------------

ILLEGAL: dict[str, tuple[bytes, int | None]] = {
    "a byte order mark": (f"\ufeff[default]\nk = {SECRET}\n".encode(), None),
    "UTF-16": (f"[default]\nk = {SECRET}\n".encode("utf-16"), None),
    "UTF-16, big end first": (f"\ufeff[default]\nk = {SECRET}\n".encode("utf-16-be"), None),
    "not UTF-8": (f"[default]\nk = v\nname = M\xfcller {SECRET}\n".encode("latin-1"), 3),
    "a section twice": (f"[default]\nk = v\n\n[x]\n[default]\nk = {SECRET}\n".encode(), 5),
    "an indented section twice": (f"[default]\nk = v\n\n[x]\n  [x]\nk = {SECRET}\n".encode(), 5),
    "a setting twice": (f"[a]\n[default]\nk = v\nk = {SECRET}\n".encode(), 4),
    "a setting twice in any case": (f"[a]\n\n[default]\nKey = v\n\nkEY = {SECRET}\n".encode(), 6),
    "a setting twice, CRLF": (f"[a]\r\n[default]\r\nk = v\r\nk = {SECRET}\r\n".encode(), 4),
    "a setting twice under an indented section": (f"  [default]\n  k = v\n  k = {SECRET}\n".encode(), 3),
    "text before the first section": (f"k = {SECRET}\n[default]\nk = v\n".encode(), 1),
    "text before the first section, after comments": (f"# c\n\nk = {SECRET}\n[default]\nk = v\n".encode(), 3),
    "no section": (f"aws_access_key_id = AKIA\naws_secret_access_key = {SECRET}\n".encode(), 1),
    "a line without =": (f"[default]\nk = v\n{SECRET}\n".encode(), 3),
    "a line without = in the last profile": (f"[a]\n[b]\n[default]\n\nk = v\n\n{SECRET}".encode(), 7),
    "a line without = under an indented section": (f"[a]\n  [default]\nk = v\n{SECRET}\n".encode(), 4),
    "a wrapped line": (f"[default]\naws_session_token = IQo\n{SECRET}\n".encode(), 3),
    "a line that begins with =": (f"[default]\nk = v\n= {SECRET}\n".encode(), 3),
    "a line that begins with a colon": (f"[default]\n: {SECRET}\n".encode(), 2),
    "an unclosed header": (f"[default]\nk = v\n[profile {SECRET}\nk = v\n".encode(), 3),
    "a header without a name": (f"[default]\nk = v\n[]\nj = {SECRET}\n".encode(), 3),
    "a nested line without =": (f"[default]\nk = v\ns3 =\n  {SECRET}\n".encode(), None),
    "a conflict of git": (f"[default]\nk = v\n<<<<<<< HEAD\n[a]\nk = {SECRET}\n".encode(), 3),
    "a page of HTML": (f"<!DOCTYPE html>\n<p>{SECRET}</p>\n".encode(), 1),
    "JSON": (f'{{\n"Credentials": {{"SecretAccessKey": "{SECRET}"}}}}\n'.encode(), 1),
    "shell": (f"export AWS_SECRET_ACCESS_KEY={SECRET}\n".encode(), 1),
}


@pytest.mark.parametrize("which", ["config", "credentials"])
@pytest.mark.parametrize("name", ILLEGAL)
def test_a_rejected_file_is_reported_with_the_line_but_not_its_text(name: str, which: str, files: Files) -> None:
    data, line = ILLEGAL[name]
    files.write(*((data, b"") if which == "config" else (b"", data)))
    with pytest.raises(botocore.exceptions.ConfigParseError):
        files.read_by_botocore()

    with pytest.raises(AwsenvError) as refused:
        files.read_by_awsenv()
    output = str(refused.value)
    assert str(files.config if which == "config" else files.credentials) in output
    assert refused.value.fix
    if line is not None:
        assert f"line {line}," in output
    trace = "".join(traceback.format_exception(refused.value))
    assert not [piece for piece in (SECRET, SECRET[:8], SECRET[-8:]) if piece in trace]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
@pytest.mark.parametrize("which", ["config", "credentials"])
def test_a_file_without_read_permission_is_an_error(which: str, files: Files) -> None:
    """botocore treats it as empty, and then reports a missing profile."""
    path = getattr(files, which)
    if os.geteuid() == 0 and Path("/proc/self/mem").exists():
        path.symlink_to("/proc/self/mem")  # not even root can read its first bytes
    else:
        path.write_text(f"[default]\nk = {SECRET}\n")
        path.chmod(0)
    with pytest.raises(AwsenvError, match="cannot read") as refused:
        files.profiles()
    assert str(path) in str(refused.value)


# --- any file ---------------------------------------------------------------------------------------------------------

HEADERS = [
    "[default]", "[profile a]", "[profile b]", '[profile "a b"]', "[profile  two   b]", "[profile default]",
    "[preview]", "[sso-session s]", "[services x]", "[a]", "[profile a] # x", "[ profile a]", "[profile]",
    "[profile 'x]", "[profile a=b]", "[profile a", " [profile c]", "\t[profile d]",
]  # fmt: skip
LINES = [
    "k = v", "K: w", "k=v", "x = [y]", "role_arn=a=b:c", "s3 =", "  addressing = path", "  no_equals", "\tcontinued",
    "# c", "; c", "  # c", "", "  ", "junk", "= v", ": v", "k", "k =", "k = # no", "rem x", "  [continued]", "k\tj = 1",
]  # fmt: skip
SECTION = st.tuples(st.sampled_from(HEADERS), st.lists(st.sampled_from(LINES), max_size=4))
TEXT = st.tuples(
    st.lists(st.sampled_from(["", "# c", "junk", "k = v", "[DEFAULT]"]), max_size=1), st.lists(SECTION, max_size=4)
)

Text = tuple[list[str], list[tuple[str, list[str]]]]


def written(text: Text) -> str:
    head, sections = text
    return "\n".join([*head, *(line for header, lines in sections for line in (header, *lines))])


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXT, TEXT)
@example(([], [("[profile default]", ["k = v"]), ("[default]", ["x = [y]"])]), ([], []))
@example((["[DEFAULT]"], [("[profile a]", ["k = v"])]), (["[DEFAULT]"], [("[a]", [])]))
def test_any_file_is_read_or_rejected_as_by_botocore(files: Files, config: Text, credentials: Text) -> None:
    files.write(written(config), written(credentials))
    try:
        expected = files.read_by_botocore()
    except botocore.exceptions.ConfigParseError:
        expected = None
    try:
        result = files.read_by_awsenv()
    except AwsenvError:
        result = None
    if expected is not None:
        assert result == expected
    elif result is not None and not any(header[0] in " \t" for header, _ in config[1]):
        # the error is in a section that no profile uses: without it botocore returns the same
        headers = {files.profiles().header(name) for name in result}
        sections = [section for section in config[1] if section[0][1:].partition("]")[0] in headers]
        assert files.write(written((config[0], sections)), written(credentials)).read_by_botocore() == result
