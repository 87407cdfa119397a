"""The doctor checks credentials wherever they are: in variables, in either file, and at every hop of a chain."""

from __future__ import annotations

import botocore.session
import pytest
from support.aws_files import KEY, KEYS, NOW, REGION, ROLE, SECRET, TEMPORARY, AwsFiles, checks_of
from support.credential_sources import DATED, HOUR, utc
from support.exported_keys import issued_in, with_length
from support.tokens import key_of, of_the_world, text

from awsenv import doctor
from awsenv.aws.config_files import Profiles
from awsenv.aws.renewal import renewal_of
from awsenv.doctor.check import ERROR, NOTE, WARNING

CHECKS = checks_of("key-values", "exported-keys")
BY_ID = {check.id: check for check in doctor.CHECKS}
ASIA = key_of("123456789012")

#: Problem -> check, access key id, secret, token (empty: none), number of the wrong value, a part of the message.
WRONG = {
    "a placeholder of a tutorial": ("placeholder-value", "<access key>", SECRET, "", 0, "is a placeholder"),
    "a placeholder in capitals": ("placeholder-value", "YOUR_ACCESS_KEY", SECRET, "", 0, "is a placeholder"),
    "what aws configure shows": ("placeholder-value", "****************7WML", SECRET, "", 0, "is a placeholder"),
    "the placeholder of AWS's article": ("placeholder-value", "RoleAccessKeyID", SECRET, "", 0, "is a placeholder"),
    "a placeholder in angle brackets": ("placeholder-value", "<access-Key-for-an-IAM-role>", SECRET, "", 0, "a placeholder"),
    "the name of the setting": ("placeholder-value", KEY, "aws_secret_access_key", "", 1, "is a placeholder"),
    "a template": ("placeholder-value", KEY, "{{ secret_key }}", "", 1, "is a placeholder"),
    "a template of CI": ("placeholder-value", KEY, "${{ secrets.AWS_SECRET }}", "", 1, "is a placeholder"),
    "a variable with a default": ("placeholder-value", KEY, "${AWS_SECRET:-}", "", 1, "is a placeholder"),
    "a reference of 1Password": ("placeholder-value", KEY, "op://vault/aws/secret", "", 1, "is a placeholder"),
    "an empty answer of jq": ("placeholder-value", ASIA, SECRET, "null", 2, "is a placeholder"),
    "an id of X": ("placeholder-value", "AKIAXXXXXXXXXXXXXXXX", SECRET, "", 0, "is a placeholder"),
    "the percent sign of zsh": ("unclean-value", KEY, f"{SECRET}%", "", 1, "'%' at its end (zsh"),
    "a blank inside": ("unclean-value", KEY, f"{SECRET[:20]} {SECRET[21:]}", "", 1, "has a blank inside"),
    "a comma of JSON": ("unclean-value", f"{KEY},", SECRET, "", 0, "has ',' at its end"),
    "an invisible blank": ("unclean-value", ASIA, SECRET, f"{issued_in()}\u200bx", 2, "inside"),
    "the example of AWS": ("example-keys", "AKIAIOSFODNN7EXAMPLE", SECRET, "", 0, "is the example"),
    "the example secret": ("example-keys", KEY, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", 1, "is the example"),
    "a character too few": ("secret-length", KEY, SECRET[:-1], "", 1, "has 39 characters, not 40"),
    "a character too many": ("secret-length", ASIA, f"{SECRET}x", issued_in(), 1, "has 41 characters, not 40"),
    "the two swapped": ("malformed-key-id", SECRET, KEY, "", 0, "the two may be swapped"),
    "the two swapped, with a slash": ("malformed-key-id", f"{SECRET[:-1]}/", KEY, "", 0, "the two may be swapped"),
    "a key id that is cut off": ("malformed-key-id", KEY[:-1], SECRET, "", 0, "has 19 characters, not 20"),
    "the id of a role": ("malformed-key-id", "AROAQNZGKIQY56JQ7WML", SECRET, "", 0, "is the id of a role"),
    "a token that is cut off": ("truncated-token", ASIA, SECRET, with_length(1232)[:300], 2, "ends in the middle"),
    "keys of two sessions": ("mixed-keys", key_of("210987654321"), SECRET, issued_in(), 0, "is of account 210987654321"),
}  # fmt: skip
VARIABLES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
SETTINGS = tuple(name.lower() for name in VARIABLES)
WHERE = ["variables", "credentials", "config", "source profile"]


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_found_wherever_it_is(name: str, where: str, place: AwsFiles) -> None:
    id, key, secret, token, number, expected = WRONG[name]
    values = [value for value in (key, secret, token) if value]
    lines = "".join(f"{setting} = {value}\n" for setting, value in zip(SETTINGS, values, strict=False))
    environ: dict[str, str] = {}
    label, evidence = SETTINGS[number], f"{place.credentials}:{number + 2}"
    if where == "variables":
        environ = dict(zip(VARIABLES, values, strict=False))
        label = evidence = VARIABLES[number]
    elif where == "credentials":
        place.write("", f"[a]\n{lines}")
    elif where == "config":
        place.write(f"[profile a]\n{lines}")
        evidence = evidence.replace("credentials:", "config:")
    else:
        place.write(f"[profile a]\n{ROLE}source_profile = b\n", f"[b]\n{lines}")
        label += " of profile b (hop 2 of 2: a -> b)"
    named = None if environ else "a"
    found = {check.id: place.found(check, named, **environ) for check in CHECKS}
    assert [other for other, findings in found.items() if findings] == [id]
    (finding,) = found[id]
    assert finding.severity == ERROR
    assert finding.what.startswith(label), finding.what
    assert expected in finding.what
    without_value = id in ("example-keys", "secret-length", "malformed-key-id")
    assert without_value or any(text.startswith(evidence) for text in finding.evidence)
    shown = f"{finding.what} {finding.instructions} {finding.evidence}"
    assert all(value not in shown for value in values if len(value) > 30)
    if not environ:
        assert finding.instructions == "write the right value in that line"
        assert any(f"{place.config.parent}" in text for text in finding.evidence)


@pytest.mark.parametrize("more", ["", "endpoint_url = http://127.0.0.1:4566\n"])
def test_keys_of_a_test_server_in_a_file_are_left_alone(more: str, place: AwsFiles) -> None:
    place.write(f"[profile a]\n{REGION}{more}", "[a]\naws_access_key_id = test\naws_secret_access_key = test\n")
    found = [(finding.check.id, finding.severity) for check in CHECKS for finding in place.found(check, "a")]
    assert found == ([] if more else [("malformed-key-id", NOTE)])


def test_placeholders_are_found_beside_an_endpoint_of_another_server(place: AwsFiles) -> None:
    place.write(
        f"[profile a]\n{REGION}", "[a]\naws_access_key_id = RoleAccessKeyID\naws_secret_access_key = RoleSecretKey\n"
    )
    found = place.found(BY_ID["placeholder-value"], "a", AWS_ENDPOINT_URL="http://127.0.0.1:4566")
    assert len(found) == 2


def test_keys_that_no_hop_uses_are_left_alone(place: AwsFiles) -> None:
    wrong = "aws_access_key_id = <key>\naws_secret_access_key = <secret>\n"
    place.write(f"[profile a]\n{ROLE}source_profile = b\n{wrong}[profile c]\n{wrong}", f"[b]\n{KEYS}")
    assert not place.found_ids(CHECKS, "a")


def test_the_token_of_a_profile_has_to_be_valid_in_its_region(place: AwsFiles) -> None:
    def keys(token: str) -> str:
        return f"aws_access_key_id = {ASIA}\naws_secret_access_key = {SECRET}\naws_session_token = {token}\n"

    role = f"[profile a]\n{ROLE.replace('eu-central-1', 'af-south-1')}source_profile = b\n"
    (found,) = place.write(role, f"[b]\n{keys(text(of_the_world()))}").found(BY_ID["global-token"], "a")
    assert "aws_session_token of profile b (hop 2 of 2: a -> b) was issued by sts.amazonaws.com" in found.what
    assert found.evidence[0] == "profile a is in af-south-1"
    assert not place.write(role, f"[b]\n{keys(issued_in())}").found(BY_ID["global-token"], "a")
    place.write("[profile b]\nregion = cn-north-1\n", f"[b]\n{keys(issued_in())}")
    (found,) = place.found(BY_ID["wrong-partition"], "b")
    assert "aws_session_token of profile b was issued in us-east-1" in found.what
    assert "profile b is in cn-north-1" in found.what


# --- an expiration beside keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", ["x_security_token_expires", "aws_expiration", "expiration"])
@pytest.mark.parametrize("expiration", ["2024-01-01T00:00:00Z", "2024-01-01 00:00:00", utc(-HOUR)])
def test_an_expiration_older_than_the_token_is_a_leftover(setting: str, expiration: str, place: AwsFiles) -> None:
    place.write("", f"[a]\n{TEMPORARY}{DATED}{setting} = {expiration}\n")
    (found,) = place.found(BY_ID["old-expiration-in-profile"], "a", now=NOW + 300)
    assert (found.severity, found.instructions) == (WARNING, "remove that line")
    assert found.evidence == (f"{place.credentials}:5 {setting}={expiration}",)
    assert not place.found(BY_ID["expired-keys-in-profile"], "a", now=NOW + 300)
    (current,) = place.found(BY_ID["temporary-keys-in-profile"], "a", now=NOW + 300)
    assert "were issued 5m ago" in current.what


def test_an_expiration_after_the_token_is_no_leftover(place: AwsFiles) -> None:
    place.write("", f"[a]\n{TEMPORARY}{DATED}aws_expiration = {utc(HOUR)}\n")
    assert not place.found(BY_ID["old-expiration-in-profile"], "a", now=NOW + 2 * HOUR)
    assert place.found(BY_ID["expired-keys-in-profile"], "a", now=NOW + 2 * HOUR)


# --- no source, or two of them ----------------------------------------------------------------------------------------

WITHOUT_SOURCE = {
    "a region only": ("region = eu-west-1\n", "", 1, "no keys, no role_arn"),
    "a source without a role": ("region = x\nsource_profile = user1\n", "", 3, "no role_arn to use it for"),
    "pasted lines of a shell": ('export AWS_ACCESS_KEY_ID="AKIA"\n', "", 2, "export aws_access_key_id"),
    "a misspelled key id": (
        "aws_access_key = AKIA\nsecret_access_key_id = x\n",
        "",
        2,
        ": aws_access_key means nothing",
    ),
    "a key id without its prefix": ("output = json\naccess_key_id = AKIA\n", "", 3, ": access_key_id means nothing"),
    "a misspelled process": ("credentials_process = /bin/true\n", "", 2, ": credentials_process means nothing"),
    "in the credentials file": ("region = x\n", "[a]\nAccessKeyId = AKIA\n", 2, ": accesskeyid means nothing"),
}


@pytest.mark.parametrize("name", WITHOUT_SOURCE)
def test_a_profile_that_yields_nothing_is_an_error(name: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    config, credentials, line, expected = WITHOUT_SOURCE[name]
    place.write(f"[profile a]\n{config}[profile user1]\n{KEYS}", credentials)
    for named, more in (("a", {}), (None, {"AWS_PROFILE": "a"})):
        (found,) = place.found(BY_ID["profile-without-credentials"], named, **more)
        assert found.severity == ERROR
        assert expected in found.what
        assert found.evidence == (f"{place.credentials if credentials else place.config}:{line}",)
        assert not found.instructions.startswith(("awsenv assume", "awsenv refresh"))
    assert place.boto3_error(monkeypatch) == "NoCredentialsError"


def test_a_default_profile_without_credentials_is_an_error_where_it_is_named(place: AwsFiles) -> None:
    place.write(f"[default]\n{REGION}")
    assert not place.found(BY_ID["profile-without-credentials"])
    assert place.found(BY_ID["profile-without-credentials"], "default")
    container = {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x", "AWS_PROFILE": "default"}
    assert not place.found(BY_ID["profile-without-credentials"], **container)


@pytest.mark.parametrize(
    ("config", "wrong", "right"),
    [
        (f"[profile a]\n{ROLE}source_profil = b\n[profile b]\n{KEYS}", "source_profil", "source_profile"),
        (f"[profile a]\n{TEMPORARY}aws_sesion_token = x\n", "aws_sesion_token", "aws_session_token"),
        ("[profile a]\nsso_session = s\nsso_acount_id = 1\nsso_role_name = r\n", "sso_acount_id", "sso_account_id"),
        ("[profile a]\nsso_sesion = s\nsso_account_id = 1\nsso_role_name = r\n", "sso_sesion", "sso_session"),
        (f"[profile a]\n{ROLE}source-profile = b\n[profile b]\n{KEYS}", "source-profile", "source_profile"),
        (f"[profile a]\naws_access_key_id = {KEY}\nsecret_key = {SECRET}\n", "secret_key", "aws_secret_access_key"),
    ],
)
def test_a_misspelled_setting_beside_others_is_named(config: str, wrong: str, right: str, place: AwsFiles) -> None:
    (found,) = place.write(config).found(BY_ID["setting-misspelled"], "a")
    assert found.instructions == f"write {right} instead of {wrong} in that line"
    assert f"has {wrong}" in found.what and found.severity == ERROR
    groups = ("profile-sources", "source-profile", "profile-keys", "identity-center")
    ids = place.found_ids(checks_of(*groups), "a")
    # the cause alone, not its consequences
    assert ids - {"profile-key-without-token", "sso-settings-form"} == {"setting-misspelled"}
    remedy = renewal_of(Profiles(place.environment()), "a", {}, NOW).remedy
    assert "token" in wrong or remedy.remediation == f"write {right} instead of {wrong} at {found.evidence[0]}"


def test_a_misspelled_half_of_a_pair_is_named(place: AwsFiles) -> None:
    place.write(f"[profile a]\naws_access_key = {KEY}\naws_secret_access_key = {SECRET}\n")
    checks = checks_of("profile-sources", "profile-keys")
    assert place.found_ids(checks, "a") == {"profile-without-credentials"}
    (found,) = place.found(BY_ID["profile-without-credentials"], "a")
    assert "write aws_access_key_id instead of aws_access_key at " in found.instructions


PROCESS, LOGIN = "credential_process = /bin/false\n", "login_session = arn:aws:iam::123456789012:user/ada\n"
SSO = "sso_start_url = https://x\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = r\n"
#: Problem -> config, credentials, the method that botocore uses, the hidden setting.
TWO_SOURCES = {
    "keys and a process": (f"[profile a]\n{PROCESS}", f"[a]\n{KEYS}", "shared-credentials-file", "credential_process"),
    "keys and a login": (f"[profile a]\n{LOGIN}", f"[a]\n{KEYS}", "shared-credentials-file", "login_session"),
    "sso and a process": (f"[profile a]\n{SSO}{PROCESS}", "", "sso", "credential_process"),
    "sso and keys": (f"[profile a]\n{SSO}", f"[a]\n{KEYS}", "sso", "aws_access_key_id"),
    "a process and keys in one file": (f"[profile a]\n{PROCESS}{KEYS}", "", "custom-process", "aws_access_key_id"),
    "a role and a process": (f"[profile a]\n{ROLE}source_profile = b\n{PROCESS}", f"[b]\n{KEYS}", "assume-role", "credential_process"),
    "a role and sso": (f"[profile a]\n{ROLE}source_profile = b\n{SSO}", f"[b]\n{KEYS}", "assume-role", "sso_role_name"),
}  # fmt: skip


@pytest.mark.parametrize("name", TWO_SOURCES)
def test_the_hidden_one_of_two_sources_is_named(name: str, place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    config, credentials, method, hidden = TWO_SOURCES[name]
    (found,) = place.write(config, credentials).found(BY_ID["hidden-source"], "a")
    assert found.severity == WARNING
    assert found.what.endswith(f"its {hidden} is not")
    assert "remove " in found.instructions and f"if {hidden} is meant" in found.instructions
    assert len(found.evidence) == 2
    assert all(text.startswith(str(place.config.parent)) for text in found.evidence)
    if method != "custom-process":  # which botocore would run
        for variable, value in place.environment().items():
            monkeypatch.setenv(variable, value)
        session = botocore.session.Session(profile="a")
        providers = session.get_component("credential_provider").providers
        first = next(one for one in providers if one.METHOD not in ("env",) and _serves(one, method))
        assert method == first.METHOD


def _serves(provider: object, method: str) -> bool:
    """Whether a provider has this method, or finds credentials without a request."""
    if getattr(provider, "METHOD", "") == method:
        return True
    load = provider.load  # type: ignore[attr-defined]
    return getattr(provider, "METHOD", "") == "shared-credentials-file" and load() is not None


def test_expired_keys_that_hide_a_process_are_removed_not_replaced(place: AwsFiles) -> None:
    expired = f"{TEMPORARY}aws_session_token = x\nx_security_token_expires = {utc(-HOUR)}\n"
    place.write(f"[profile a]\n{PROCESS}", f"[a]\n{expired}")
    (found,) = place.found(BY_ID["expired-keys-in-profile"], "a")
    assert not place.found(BY_ID["hidden-source"], "a")  # it would report the same, with less certainty
    assert found.severity == ERROR
    assert found.instructions.startswith(f"remove lines 2-5 of {place.credentials}: they hide the credential_process")
    assert "role_arn" not in found.instructions
