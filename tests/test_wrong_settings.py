"""Wrong settings: each is reported once, with its line and a fix that works, and `assume` reports the same."""

from __future__ import annotations

import time

import pytest
from support.aws_files import KEYS, REGION, ROLE, SECRET, TEMPORARY, TOKEN, AwsFiles
from support.odd import Place, complaints

from awsenv import doctor
from awsenv.args import parse
from awsenv.aws import expiry
from awsenv.commands import check, login, refresh
from awsenv.credentials.plan import require
from awsenv.credentials.request import Request
from awsenv.doctor.check import ERROR, Check, Finding
from awsenv.result import AwsenvError

USER = f"[user1]\n{KEYS}"
GOOD = f"[profile a]\n{ROLE}source_profile = user1\n"
CORP = "sso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n"
SSO = f"[profile a]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\n{REGION}"
ALIKE = "[profile a]\nregion = us-east-1\n"
MACHINE_CHECKS = ("aws-cli-old", "aws-cli-too-old", "several-aws-clis")


def errors_of(place: AwsFiles, **variables: str) -> list[Finding]:
    """The errors of `doctor a --offline`; no check may fail."""
    context = place.context("a", now=int(time.time()), **variables)  # the age of the files counts
    findings = doctor.examine(context, [one for one in doctor.CHECKS if one.id not in MACHINE_CHECKS])
    assert not [one.fault for one in findings if one.fault is not None]
    return [one for one in findings if one.severity == ERROR]


def check_named(name: str) -> Check:
    return next(one for one in doctor.CHECKS if one.id == name)


#: name -> the config file, and its only error: the id, the line of its evidence, parts of its text and of its fix
WRONG = {
    # a value is reported once, for the mistake in it
    "a comment behind the source": (GOOD.replace("= user1", "= user1 # mine"), "comment-in-value", 4, "source_profile", "line of its own"),
    "quotes around the source": (GOOD.replace("= user1", '= "user1"'), "quotes-in-value", 4, "source_profile", "remove the quotation"),
    "quotes around the role": (GOOD.replace("arn:", "'arn:").replace("project1\n", "project1'\n"), "quotes-in-value", 2, "role_arn", "remove the quotation"),
    "a comment behind the session": (f"{SSO.replace('= corp', '= corp ; x')}[sso-session corp]\n{CORP}", "comment-in-value", 2, "sso_session", "line of its own"),
    "an empty source": (GOOD.replace("= user1", "="), "source-profile-missing", 4, "empty", "name the profile with the access key"),
    "quotes around an endpoint": (f'{GOOD}endpoint_url = "http://127.0.0.1:4566"\n', "quotes-in-value", 5, "endpoint_url", "remove the quotation"),
    "a no-break space before a line": (GOOD.replace("source_profile", "\u00a0source_profile").replace(REGION, ""), "value-over-lines", 2, "on 2 lines", "on one line"),
    "a misspelled key of the source": (f"{GOOD.replace('user1', 'b')}[profile b]\naws_access_key = x\naws_secret_access_key = y\n", "setting-misspelled", 6, "aws_access_key", "write aws_access_key_id"),
    # malformed values
    "a port that does not exist": (f"{GOOD}endpoint_url = http://127.0.0.1:99999\n", "endpoint-malformed", 5, "is not a URL", "write it like"),
    "the header of another format": (GOOD.replace("[profile a]", "[profile.a]"), "profile-prefix-missing", 1, "[profile.a]", "write [profile a]"),
    "a short external id": (f"{GOOD}external_id = x\n", "external-id-malformed", 5, "'x'", "trust policy"),
    "an empty external id": (f"{GOOD}external_id =\n", "external-id-malformed", 5, "''", "trust policy"),
    "an external id with a blank": (f"{GOOD}external_id = open sesame\n", "external-id-malformed", 5, "open sesame", "trust policy"),
    # headers
    "the header twice": (f'{GOOD}[profile "a"]\n{REGION}', "profile-header-malformed", 1, "is the same profile", "move its settings to"),
    "a session without a kind": (f"{SSO}[corp]\n{CORP}", "section-header-malformed", 6, "[corp]", "write [sso-session corp]"),
    "a session as a profile": (f"{SSO}[profile corp]\n{CORP}", "section-header-malformed", 6, "[profile corp]", "write [sso-session corp]"),
    "indented settings": (f"[profile a]\n{REGION}assume =\n  role_arn = arn:aws:iam::123456789012:role/x\n  source_profile = user1\n", "profile-without-credentials", 3, "role_arn is indented", "remove the blanks"),
    # settings of IAM Identity Center
    "a session alone": (f"[profile a]\nsso_session = corp\n{REGION}[sso-session corp]\n{CORP}", "sso-settings-missing", 1, "no sso_account_id and no sso_role_name", "aws configure sso --profile a"),
    # regions: the fix names one that may be meant
    "two regions": (GOOD.replace("eu-central-1", "eu-west-1, us-east-1"), "client-refused", 3, "did you mean eu-west-1 or us-east-1", "write region = eu-west-1"),
    "the address of a console": (GOOD.replace("eu-central-1", "https://eu-west-3.console.aws.amazon.com"), "client-refused", 3, "eu-west-3", "write region = eu-west-3"),
    # a credential_process
    "a pipe": (f"[profile a]\ncredential_process = /bin/cat x | /bin/cat\n{REGION}", "credential-process-unexpanded", 2, "argument |", "into a script"),
    "two commands": (f"[profile a]\ncredential_process = /bin/cat x && /bin/cat y\n{REGION}", "credential-process-unexpanded", 2, "argument &&", "into a script"),
    "a redirection": (f"[profile a]\ncredential_process = /bin/cat x 2>/dev/null\n{REGION}", "credential-process-unexpanded", 2, "2>/dev/null", "into a script"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_one_error_with_its_line_and_a_fix(name: str, place: AwsFiles) -> None:
    config, check, line, what, fix = WRONG[name]
    (error,) = errors_of(place.write(config, USER))
    assert error.check.id == check
    assert what in error.what
    assert error.evidence[0] == f"{place.config}:{line}"
    assert fix in error.instructions


@pytest.mark.parametrize(
    "config",
    [
        f"{GOOD}external_id = 0123-abc:/x@y.z=,+_\n",
        "[profile a]\ncredential_process = /bin/sh -c '/bin/cat x | /bin/cat 2>/dev/null'\n",
        "[profile a]\ncredential_process = /bin/cat '|x' a>b\n",
        f"{GOOD}s3 =\n  max_concurrent_requests = 5\n",
        f'[profile "a"]\n{ROLE}source_profile = user1\n',
    ],
    ids=["an external id", "a script of a shell", "characters in arguments", "nested settings", "a quoted header"],
)
def test_a_correct_setting_that_looks_like_a_mistake_is_not_an_error(config: str, place: AwsFiles) -> None:
    assert errors_of(place.write(config, USER)) == []


@pytest.mark.parametrize(
    ("region", "meant"),
    [("us-esat-1", "us-east-1"), ("eu-wset-2", "eu-west-2"), ("ap-sotuheast-2", "ap-southeast-2")],
)
def test_transposed_letters_of_a_region_are_corrected(region: str, meant: str, place: AwsFiles) -> None:
    place.write(GOOD.replace("eu-central-1", region), USER)
    tested = check_named("region-unknown")
    (one,) = place.found(tested, "a")
    assert f"write region = {meant} in that line" in one.instructions


def test_a_region_that_does_not_exist_is_not_written_into_a_profile(place: AwsFiles) -> None:
    place.write(GOOD.replace(REGION, ""), USER)
    tested = check_named("region-missing")
    (one,) = place.found(tested, "a", AWS_REGION="Frankfurt")
    assert one.fix == "aws configure set region us-east-1 --profile a"
    (one,) = place.found(tested, "a", AWS_REGION="eu-south-2")
    assert one.fix == "aws configure set region eu-south-2 --profile a"


@pytest.mark.parametrize("other_file", ["nothing", "a directory"])
def test_a_source_in_a_file_that_is_not_read_is_named(other_file: str, place: AwsFiles) -> None:
    place.write(GOOD, USER)
    other = place.path / "other"
    if other_file == "a directory":
        other.mkdir()
    errors = {one.check.id: one for one in errors_of(place, AWS_SHARED_CREDENTIALS_FILE=str(other))}
    assert "source-profile-missing" not in errors
    assert errors["profile-in-other-file"].what == f"profile user1 is not in {other}"
    assert errors["profile-in-other-file"].evidence[0] == f"{place.credentials}:1"
    assert errors["profile-in-other-file"].fix == "unset AWS_SHARED_CREDENTIALS_FILE"
    assert {"config-file-missing", "config-file-unusable"} & errors.keys()


def test_a_temporary_key_without_its_token_is_one_finding(place: AwsFiles) -> None:
    place.write(ALIKE, f"[a]\n{TEMPORARY}")
    ids = [one.check.id for one in doctor.examine(place.context("a"), doctor.CHECKS) if "key" in one.what]
    assert ids == ["profile-key-without-token"]


def test_a_sign_in_that_cannot_be_stored_is_not_offered(place: AwsFiles) -> None:
    place.write(f"{SSO}[sso-session corp]\n{CORP}")
    directory = place.path / ".aws" / "sso" / "cache"
    directory.parent.mkdir()
    directory.write_text("x")
    (error,) = errors_of(place)
    assert error.what == f"{directory} is not a directory, so no sign-in can be stored"
    assert "remove or rename that file" in error.instructions


@pytest.mark.parametrize(
    "url",
    [
        "https://console.aws.amazon.com/singlesignon/home",
        "https://eu-west-1.console.aws.amazon.com/singlesignon",
        "https://123456789012.signin.aws.amazon.com/console",
        "signin.amazonaws-us-gov.com",
    ],
)
def test_the_address_of_the_console_is_not_that_of_the_access_portal(url: str, place: AwsFiles) -> None:
    place.write(f"{SSO}[sso-session corp]\n{CORP.replace('https://corp.awsapps.com/start', url)}")
    (form,) = errors_of(place)
    assert form.what == f"sso_start_url {url} of [sso-session corp] is not the address of an access portal"
    assert (form.evidence[0], form.instructions) == (f"{place.config}:7", "correct that line")


@pytest.mark.parametrize("account", ["1234 5678 9012", "123-456-789012"])
def test_an_account_id_with_other_characters_is_written_without_them(account: str, place: AwsFiles) -> None:
    place.write(f"{SSO.replace('123456789012', account)}[sso-session corp]\n{CORP}")
    (form,) = [one for one in errors_of(place) if one.check.id == "sso-settings-form"]
    assert "write sso_account_id = 123456789012 in that line" in form.instructions


# --- the errors of assume ---------------------------------------------------------------------------------------------

ROLE_OF_USER = "[profile p]\nrole_arn = {arn}\nsource_profile = u\nregion = us-east-1\n"
ARN = "arn:aws:iam::123456789012:role/project1"
ANSWER = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>{}</Message></Error></ErrorResponse>"
)


@pytest.mark.parametrize(
    ("setting", "value", "why", "line"),
    [
        ("external_id", "x", "external_id = x: at least 2 characters", 5),
        ("external_id", "", "external_id = '': at least 2 characters", 5),
        ("role_session_name", "a", "role_session_name = a: at least 2 characters", 5),
        ("duration_seconds", "60", "duration_seconds = 60: the minimum is 900", 5),
    ],
)
@pytest.mark.parametrize("attempts", ["1", "2", "60"])  # a variable with the same value is not the cause
def test_a_parameter_that_botocore_rejects_is_named_by_its_setting(
    setting: str, value: str, why: str, line: int, attempts: str, odd: Place
) -> None:
    odd.config.write_text(f"{ROLE_OF_USER.format(arn=ARN)}{setting} = {value}\n")
    error = odd.result(AWS_MAX_ATTEMPTS=attempts)
    assert not complaints(error, why, f"{odd.config}:{line}")
    assert "unset" not in str(error)


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("arn:aws:iam::1234:role/project1", "arn:aws:iam::1234:role/project1 is invalid"),
        ("arn:aws:iam::123456789012:user/ada", "Invalid RoleArn: arn:aws:iam::123456789012:user/ada"),
    ],
)
def test_a_role_that_sts_rejects_as_invalid_is_named_by_its_line(arn: str, message: str, odd: Place) -> None:
    odd.config.write_text(ROLE_OF_USER.format(arn=arn))
    odd.server.answers[""] = (400, "text/xml", ANSWER.format(message).encode())
    error = odd.result()
    assert isinstance(error, AwsenvError)
    assert error.fix == f"fix role_arn in {odd.config}:2"


def test_a_session_name_that_sts_rejects_is_named_by_its_line(odd: Place) -> None:
    odd.config.write_text(f"{ROLE_OF_USER.format(arn=ARN)}role_session_name = ada lovelace\n")
    message = "1 validation error detected: Value 'ada lovelace' at 'roleSessionName' failed to satisfy constraint"
    odd.server.answers[""] = (400, "text/xml", ANSWER.format(message).encode())
    error = odd.result()
    assert isinstance(error, AwsenvError)
    assert error.fix == f"fix role_session_name in {odd.config}:5"


THROUGH_Q = ROLE_OF_USER.format(arn=ARN).replace("= u\n", "= q\n")
SESSION = "[profile p]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\nregion = us-east-1\n"


@pytest.mark.parametrize(
    ("config", "named"),
    [
        (f"{SESSION}[corp]\n{CORP}", ["write [sso-session corp] instead of [corp] at {}:6"]),
        (f"{SESSION}[profile corp]\n{CORP}", ["write [sso-session corp] instead of [profile corp] at {}:6"]),
        (f"{SESSION}[sso-session corp]\nsso_region = us-east-1\n", ["has no sso_start_url", "add sso_start_url at {}:6"]),
        (f"{SESSION.replace('sso_role_name', 'x')}[sso-session corp]\n{CORP}", ["has no sso_role_name", "add sso_role_name at {}:3"]),
        (f"{SESSION.replace('sso_role_name', 'sso_role')}[sso-session corp]\n{CORP}", ["write sso_role_name instead of sso_role at {}:4"]),
        (f"[profile p]\nsso_session = corp\n[sso-session corp]\n{CORP}", ["no sso_account_id", "aws configure sso --profile p"]),
        (ROLE_OF_USER.format(arn=ARN).replace("= u\n", "=\n"), ["its source_profile is empty", "{}:3"]),
        (f"[profile p]\nx =\n  role_arn = {ARN}\n  source_profile = u\n", ["role_arn is indented", "{}:2"]),
        (f"{ROLE_OF_USER.format(arn=ARN)}mfa_serial =\n", ["the mfa_serial of profile p is empty"]),
        ("[profile p]\ncredential_process = /bin/echo {} | /bin/cat\n", ["| means nothing there"]),
        (f"{THROUGH_Q}[profile q]\nrole_arn = {ARN}\nsource_profile = nope\n", ["source profile q of p cannot work: its source_profile is nope", "correct it at {}:7"]),
        (f"{THROUGH_Q}[profile q]\nrole_arn = {ARN}\nsource_profile =\n", ["its source_profile is empty", "correct it at {}:7"]),
        (f"{THROUGH_Q}[profile q]\nregion = us-east-1\n", ["source profile q of p has no credentials", "{}:5"]),
        (f"{THROUGH_Q}[profile q]\naws_access_key_id = AKIAQWERTYUIOPASDFGH\n", ["its aws_secret_access_key is missing", "{}:6"]),
        (f"{THROUGH_Q}[profile q]\naws_access_key_id = AKIAQWERTYUIOPASDFGH\naws_secret_access_key =\n", ["its aws_secret_access_key is empty", "{}:6"]),
        (f"{THROUGH_Q}[profile q]\naws_access_key = x\naws_secret_access_key = y\n", ["write aws_access_key_id instead of aws_access_key at {}:6"]),
        (f"{THROUGH_Q}[profile q]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = r\n", ["its sso_session is corp", "{}:6"]),
        (ROLE_OF_USER.format(arn=ARN).replace("\nsource", "\n\u00a0source"), ["write the role_arn at {}:2 on one line"]),
        (f"{ROLE_OF_USER.format(arn=ARN)}endpoint_url = http://127.0.0.1:9 # local\n", ["endpoint_url = http://127.0.0.1:9 # local", "{}:5"]),
    ],
    ids=["[corp]", "[profile corp]", "no URL", "no role", "sso_role", "a session alone", "an empty source", "indented", "no device", "a pipe",
         "the source of the source", "an empty one there", "a source without any", "half a pair", "an empty secret", "a misspelled key",
         "no session", "a no-break space", "a comment behind a URL"],
)  # fmt: skip
@pytest.mark.slow
def test_assume_names_what_is_wrong_and_where(config: str, named: list[str], odd: Place) -> None:
    odd.config.write_text(config)
    variables = {"AWS_ENDPOINT_URL": ""} if "endpoint_url" in config else {}
    assert not complaints(odd.result(**variables), *(text.replace("{}", str(odd.config)) for text in named))


@pytest.mark.parametrize(
    ("uri", "message"),
    [("http://evil.example.com/x", "names the host evil.example.com"), ("localhost/x", "names no host")],
)
def test_a_container_endpoint_that_is_refused_is_named_by_its_variable(uri: str, message: str, odd: Place) -> None:
    odd.config.write_text(
        ROLE_OF_USER.format(arn=ARN).replace("source_profile = u", "credential_source = EcsContainer")
    )
    error = odd.result(AWS_CONTAINER_CREDENTIALS_FULL_URI=uri)
    assert not complaints(error, f"AWS_CONTAINER_CREDENTIALS_FULL_URI {message}")
    assert str(error).endswith("unset AWS_CONTAINER_CREDENTIALS_FULL_URI")


# --- expirations, names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1577836800", 1577836800), ("1577836800000", 1577836800), (" 1577836800 ", 1577836800)]
    + [(text, None) for text in ("157783680", "15778368001", "-1577836800", "1577836800.5", "١٥٧٧٨٣٦٨٠٠")],
)
def test_an_expiration_beside_keys_may_be_a_number_of_seconds(text: str, expected: int | None) -> None:
    assert expiry.written({"aws_expiration": text}, None)[0] == expected


def test_keys_with_a_number_as_expiration_are_refused_once_it_has_passed(odd: Place) -> None:
    odd.credentials.write_text(f"[p]\n{TEMPORARY}{TOKEN}aws_expiration = 1577836800\n")
    error = odd.result()
    assert isinstance(error, AwsenvError)
    assert error.code == 4
    assert SECRET not in str(error)


@pytest.mark.parametrize(
    ("existing", "requested"),
    [("pru\u0308fung", "pr\u00fcfung"), ("pr\u00fcfung", "pru\u0308fung")],
    ids=["existing", "requested"],
)
def test_two_names_that_look_the_same_are_shown_apart(existing: str, requested: str, place: AwsFiles) -> None:
    place.write(f"[profile {existing}]\n{KEYS}")
    with pytest.raises(AwsenvError) as error:
        require(place.context().profiles, requested)
    assert r"'pru\u0308fung'" in str(error.value)
    assert "pr\u00fcfung" in str(error.value)


# --- variables --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("aws_access_key_id", "AWS_ACCESS_KEY_ID"),
        ("AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
        ("AWS_SECRET_KEY", "AWS_SECRET_ACCESS_KEY"),
        ("AWS_ACCES_KEY_ID", "AWS_ACCESS_KEY_ID"),
        ("AWS_SESION_TOKEN", "AWS_SESSION_TOKEN"),
        ("aws_profile", "AWS_PROFILE"),
        ("Aws_Config_File", "AWS_CONFIG_FILE"),
    ],
)
def test_a_misspelled_variable_is_named_with_the_right_one(name: str, right: str, place: AwsFiles) -> None:
    place.write(GOOD, USER)
    tested = check_named("variable-misspelled")
    (one,) = place.found(tested, **{name: SECRET})
    assert one.what == f"{name} means nothing: the variable is called {right}"
    assert one.fix == f'export {right}="${name}"\nunset {name}'
    assert place.found(tested, **{name: SECRET, right: SECRET}) == []


@pytest.mark.parametrize(
    "name",
    ["AWS_REGIONS", "AWS_SECURITY_TOKEN", "AWS_PROFILES", "AWS_ACCOUNT_ID", "AWS_ACCESS_KEY_ID_FILE", "AWSENV_KEY"],
)
def test_another_variable_of_aws_is_not_a_misspelled_one(name: str, place: AwsFiles) -> None:
    tested = check_named("variable-misspelled")
    assert place.write(GOOD, USER).found(tested, **{name: "x"}) == []


EXPIRED = {
    "AWS_ACCESS_KEY_ID": "ASIAQNZGKIQY56JQ7WML",
    "AWS_SECRET_ACCESS_KEY": SECRET,
    "AWS_SESSION_TOKEN": "t",
    "AWSENV_PROFILE": "a",
    "AWSENV_KEY": "56JQ7WML",
    "AWSENV_EXPIRATION": "1",
}


def test_no_command_renews_while_the_files_cannot_be_read(place: AwsFiles) -> None:
    place.write("[profile a\n")
    environ = place.environment(**EXPIRED)
    with pytest.raises(AwsenvError) as refused:
        refresh.COMMAND.run(parse("refresh", [], refresh.COMMAND.options, 0), environ, int(time.time()))
    result = check.COMMAND.run(parse("check", [], check.COMMAND.options, 0), environ, int(time.time()))
    output = f"{result.out}{result.report}{result.note}"
    assert str(place.config) in str(refused.value)
    assert str(place.config) in output
    assert "awsenv refresh" not in output
    errors = {one.check.id: one for one in doctor.examine(place.context(None, **EXPIRED), doctor.CHECKS)}
    assert errors["keys-expired"].fix == ""
    assert "see config-unreadable" in errors["keys-expired"].instructions


@pytest.mark.parametrize("args", [["p"], ["--sso-session", "corp"]])
def test_login_names_the_malformed_header_of_a_session(args: list[str], odd: Place) -> None:
    odd.config.write_text(f"{SESSION}[corp]\n{CORP}")
    with pytest.raises(AwsenvError) as error:
        login.COMMAND.run(parse("login", args, login.COMMAND.options, 1), odd.environment(), int(time.time()))
    assert error.value.fix == f"write [sso-session corp] instead of [corp] at {odd.config}:6"


def test_the_doctor_without_a_profile_names_the_malformed_header_of_a_session(place: AwsFiles) -> None:
    place.write(f"{SSO}[corp]\n{CORP}")
    findings = doctor.examine(place.context(None), doctor.CHECKS)
    assert [one.instructions for one in findings if "[corp]" in one.what] == ["write [sso-session corp] in that line"]


def test_an_option_that_botocore_rejects_is_named(odd: Place) -> None:
    odd.config.write_text(ROLE_OF_USER.format(arn=ARN))
    error = odd.result(Request("p", "p", {"external_id": "x"}, cached=False))
    assert isinstance(error, AwsenvError)
    assert error.what == "STS rejects --external-id for profile p: at least 2 characters are needed"
