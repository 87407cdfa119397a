"""Which new credentials a profile can yield, and the remedy if there are none."""

from __future__ import annotations

import pytest
from support import tokens
from support.aws_files import NOW, SECRET, AwsFiles
from support.homes import write_sign_in
from support.until import without_until

from awsenv.args import parse
from awsenv.aws import renewal
from awsenv.aws.config_files import Profiles
from awsenv.commands import check
from awsenv.environment import expiry, remedy

pytestmark = pytest.mark.unit

HOUR = 3600
LONG = f"aws_access_key_id = AKIAQNZGKIQY56JQ7WML\naws_secret_access_key = {SECRET}\n"
ROLE = "role_arn = arn:aws:iam::123456789012:role/Admin\n"
SSO = "sso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\n"
CORP = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = eu-west-1\n"
OPAQUE = "FwoGopaque/token+of=="


def temporary(age: int | None = None, expires: int | None = None, token: str = OPAQUE) -> str:
    """Temporary keys issued `age` seconds ago, with a setting that they expire in `expires` seconds."""
    token = token if age is None else tokens.text(tokens.regional(time=NOW - age))
    expiration = "" if expires is None else f"aws_expiration = {expiry.format_utc(NOW + expires)}\n"
    return f"aws_access_key_id = ASIAQNZGKIQY56JQ7WML\naws_secret_access_key = {SECRET}\naws_session_token = {token}\n{expiration}"


def config(settings: str, rest: str = "") -> tuple[str, str]:
    return f"[profile p]\n{settings}{rest}", ""


def credentials(settings: str, config_file: str = "") -> tuple[str, str]:
    return config_file, f"[p]\n{settings}"


#: situation -> config and credentials file, the kind, and part of the message.
SITUATIONS: dict[str, tuple[tuple[str, str], str, str]] = {
    "long-term keys": (credentials(LONG), renewal.LONG_TERM, "credentials:2"),
    "temporary keys, fresh": (credentials(temporary(60)), renewal.TEMPORARY, "put new credentials at {credentials}:2"),
    "temporary keys, expired by their line": (credentials(temporary(7200, -60)), renewal.TEMPORARY, "expired 1m ago"),
    "temporary keys, too old": (
        credentials(temporary(40 * HOUR)),
        renewal.TEMPORARY,
        "no session is valid for so long",
    ),
    "an old token and a line of newer keys": (
        credentials(temporary(40 * HOUR, HOUR)),
        renewal.TEMPORARY,
        "no session is valid for so long",
    ),
    "temporary keys, older than a role's": (credentials(temporary(13 * HOUR)), renewal.TEMPORARY, "no role session"),
    "temporary keys, older than most": (credentials(temporary(2 * HOUR)), renewal.TEMPORARY, "most are not valid"),
    "temporary keys of unknown age": (
        credentials(temporary()),
        renewal.TEMPORARY,
        "put new credentials at {credentials}:2",
    ),
    "temporary keys that hide a process": (
        credentials(temporary(40 * HOUR), "[profile p]\ncredential_process = true\n"),
        renewal.TEMPORARY,
        "remove lines 2-4 of {credentials}: they hide the credential_process at {config}:2",
    ),
    "temporary keys that hide aws login": (
        credentials(temporary(40 * HOUR), "[profile p]\nlogin_session = arn:aws:iam::123456789012:user/me\n"),
        renewal.TEMPORARY,
        "they hide the login_session at {config}:2",
    ),
    "long-term keys that hide a process": (
        credentials(LONG, "[profile p]\ncredential_process = true\n"),
        renewal.LONG_TERM,
        "remove lines 2-3 of {credentials}",
    ),
    "a temporary key without its token": (
        credentials(f"aws_access_key_id = ASIAQNZGKIQY56JQ7WML\naws_secret_access_key = {SECRET}\n"),
        renewal.BROKEN,
        "aws_session_token is missing",
    ),
    "an empty secret": (credentials("aws_access_key_id = AKIA\naws_secret_access_key =\n"), renewal.BROKEN, "is empty"),
    "half a pair": (credentials("aws_access_key_id = AKIA\n"), renewal.BROKEN, "aws_secret_access_key is missing"),
    "the other half": (credentials("aws_secret_access_key = s\n"), renewal.BROKEN, "but no aws_access_key_id"),
    "a role of long-term keys": (config(ROLE + "source_profile = u\n", f"[profile u]\n{LONG}"), renewal.NEW, ""),
    "a role of its own keys": (config(ROLE + "source_profile = p\n" + LONG), renewal.NEW, ""),
    "a role of expired keys": (
        config(ROLE + "source_profile = u\n", f"[profile u]\n{temporary(40 * HOUR)}"),
        renewal.TEMPORARY,
        "source profile u of p has temporary credentials at {config}:5",
    ),
    "a role of a role of expired keys": (
        config(
            ROLE + "source_profile = q\n", f"[profile q]\n{ROLE}source_profile = u\n[profile u]\n{temporary(HOUR, -60)}"
        ),
        renewal.TEMPORARY,
        "at {config}:8 that expired 1m ago",
    ),
    "a role without a source": (config(ROLE), renewal.BROKEN, "source_profile = PROFILE-WITH-KEYS at {config}:2"),
    "a role without a source, with keys": (config(ROLE + LONG), renewal.BROKEN, "add source_profile = p at {config}:2"),
    "a role of a missing profile": (
        config(ROLE + "source_profile = uesr\n", f"[profile user]\n{LONG}"),
        renewal.BROKEN,
        "there is no such profile ({config}:3); correct it at {config}:3: did you mean user?",
    ),
    "an unknown credential_source": (
        config(ROLE + "credential_source = env\n"),
        renewal.BROKEN,
        "correct it at {config}:3",
    ),
    "a role of a profile without credentials": (
        config(ROLE + "source_profile = u\n", "[profile u]\nregion = eu-west-1\n"),
        renewal.NONE,
        "source profile u of p has no credentials",
    ),
    "a role of variables": (config(ROLE + "credential_source = Environment\n"), renewal.BROKEN, "no keys are exported"),
    "a role of an instance": (config(ROLE + "credential_source = Ec2InstanceMetadata\n"), renewal.NEW, ""),
    "a process": (config("credential_process = true\n"), renewal.NEW, ""),
    "web identity": (config(ROLE + "web_identity_token_file = /x\n"), renewal.NEW, ""),
    "a missing sign-in": (config(SSO, CORP), renewal.SIGN_IN, "(corp); type awsenv login p"),
    "a role of a missing sign-in": (
        config(ROLE + "source_profile = s\n", f"[profile s]\n{SSO}{CORP}"),
        renewal.SIGN_IN,
        "awsenv login s",
    ),
    "a legacy sign-in": (
        config(SSO.replace("sso_session = corp\n", CORP.partition("\n")[2])),
        renewal.SIGN_IN,
        "awsenv login p",
    ),
    "a missing sso-session": (config(SSO), renewal.BROKEN, "there is no [sso-session corp]"),
    "aws login": (config("login_session = arn:aws:iam::1:user/me\n"), renewal.SIGN_IN, "aws login --profile p"),
    "a region only": (config("region = eu-west-1\n"), renewal.NONE, "add some at {config}:1"),
    "a missing source without a role": (
        config("region = eu-west-1\nsource_profile = u\n"),
        renewal.NONE,
        "add the role_arn that it is to assume at {config}:3; there is no profile u",
    ),
    "a source without a role": (
        config("region = eu-west-1\nsource_profile = u\n", f"[profile u]\n{LONG}"),
        renewal.NONE,
        "add the role_arn that it is to assume at {config}:3; for the credentials of u itself, type awsenv assume u "
        "--region eu-west-1",
    ),
    **{
        f"{wrong} for {right}": (config(f"region = x\n{wrong} = v\n"), renewal.NONE, f"write {right} instead of")
        for wrong, right in (
            ("access_key_id", "aws_access_key_id"),
            ("aws_access_key", "aws_access_key_id"),
            ("secret_access_key_id", "aws_secret_access_key"),
            ("export AWS_ACCESS_KEY_ID", "aws_access_key_id"),
            ("AwsAccessKeyId", "aws_access_key_id"),
            ("aws_acces_key_id", "aws_access_key_id"),
            ("aws-secret-access-key", "aws_secret_access_key"),
            ("credentials_process", "credential_process"),
            ("role-arn", "role_arn"),
            ("assume_role_arn", "role_arn"),
            ("sso_sesion", "sso_session"),
            ("source_profil", "source_profile"),
        )
    },
}


def renewal_in(place: AwsFiles, files: tuple[str, str], name: str = "p", *, assumes: bool = False) -> renewal.Renewal:
    place.write(*files)
    environ = place.environment()
    return renewal.renewal_of(Profiles(environ), name, environ, NOW, assumes=assumes)


def text_of(result: renewal.Renewal) -> str:
    return f"{result.remedy.what}; {result.remedy.instruction}"


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_renewal_of_a_profile_follows_from_its_settings(situation: str, place: AwsFiles) -> None:
    files, kind, expected = SITUATIONS[situation]
    result = renewal_in(place, files)
    assert result.kind == kind
    assert expected.format(config=place.config, credentials=place.credentials) in text_of(result)
    assert SECRET not in text_of(result) and "\n" not in text_of(result)


@pytest.mark.parametrize(
    ("settings", "assumes", "key", "worth"),
    [
        (LONG, False, "", True),
        (LONG, False, "AKIAQNZGKIQY56JQ7WML", False),
        (LONG, True, "AKIAQNZGKIQY56JQ7WML", True),
        (temporary(60), False, "AKIAOTHER", True),
        (temporary(60), False, "ASIAQNZGKIQY56JQ7WML", False),
        (temporary(60), True, "ASIAQNZGKIQY56JQ7WML", True),
        (temporary(2 * HOUR), False, "", False),
        (temporary(40 * HOUR), True, "", False),
        ("credential_process = true\n", False, "AKIAQNZGKIQY56JQ7WML", True),
        ("region = eu-west-1\n", False, "", False),
        (SSO + CORP, False, "", False),
    ],
)
def test_a_renewal_yields_something_other_than_the_given_key(
    settings: str, assumes: bool, key: str, worth: bool, place: AwsFiles
) -> None:
    assert renewal_in(place, config(settings), assumes=assumes).yields(other_than=key) is worth


CLIENT = {"clientId": "c", "clientSecret": "s"}


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ({"accessToken": "x", "expiresAt": HOUR}, renewal.NEW),
        ({"accessToken": "x", "expiresAt": -1}, renewal.SIGN_IN),
        (
            {"accessToken": "x", "expiresAt": -1, **CLIENT, "refreshToken": "x", "registrationExpiresAt": HOUR},
            renewal.NEW,
        ),
        (
            {"accessToken": "x", "expiresAt": -1, **CLIENT, "refreshToken": "x", "registrationExpiresAt": -1},
            renewal.SIGN_IN,
        ),
        ({"accessToken": "x", "expiresAt": -1, "refreshToken": "x", "registrationExpiresAt": HOUR}, renewal.SIGN_IN),
        ({"clientId": "x", "expiresAt": HOUR}, renewal.SIGN_IN),
        (None, renewal.SIGN_IN),
        ([], renewal.SIGN_IN),
    ],
)
def test_a_sign_in_counts_while_it_is_valid_or_renewable(token: object, kind: str, place: AwsFiles) -> None:
    if isinstance(token, dict):
        token = {k: expiry.format_utc(NOW + v) if isinstance(v, int) else v for k, v in token.items()}
    write_sign_in(place.path, token)
    assert renewal_in(place, config(SSO, CORP)).kind == kind


def test_an_expiration_older_than_the_token_is_ignored(place: AwsFiles) -> None:
    result = renewal_in(place, credentials(temporary(60, -HOUR)))
    assert result.validity is not None
    assert (result.validity.state, result.validity.setting) == ("valid", None)
    assert result.yields()


def test_credentials_of_saml2aws_are_renewed_by_it(place: AwsFiles) -> None:
    principal = "x_principal_arn = arn:aws:sts::123456789012:assumed-role/Admin/me\n"
    remedy = renewal_in(place, credentials(temporary(40 * HOUR) + principal)).remedy
    assert (remedy.fix, remedy.remediation) == ("saml2aws login --force --profile p", "")
    assert remedy.brief == "type saml2aws login --force --profile p"


def test_the_suggested_section_names_the_role_and_its_source(place: AwsFiles) -> None:
    principal = "assumed_role_arn = arn:aws:sts::123456789012:assumed-role/Admin/me\n"
    files = credentials(temporary(40 * HOUR) + principal, f"[profile p]\nregion = eu-west-1\n[profile u]\n{LONG}")
    advice = renewal_in(place, files).remedy.remediation.split("\n")
    assert advice[0].endswith(f"and add to [profile p] at {place.config}:1:")
    assert advice[1:] == ["role_arn = arn:aws:iam::123456789012:role/Admin", "source_profile = u"]


def test_unknown_parts_of_the_suggested_section_are_in_capitals(place: AwsFiles) -> None:
    advice = renewal_in(place, credentials(temporary())).remedy.remediation
    assert "with your own ROLE-NAME and PROFILE-WITH-LONG-TERM-KEYS:" in advice.split("\n")[0]


def test_a_missing_profile_suggests_the_nearest(place: AwsFiles) -> None:
    result = renewal_in(place, config(LONG), "pp")
    assert result.kind == renewal.MISSING and not result.yields()
    assert text_of(result) == "there is no profile 'pp'; did you mean p?"


def test_the_legitimate_settings_of_sdks_are_not_taken_for_misspelled_ones(place: AwsFiles) -> None:
    names = "output region cli_pager s3 endpoint_url services ca_bundle retry_mode max_attempts sso_registration_scopes"
    names += (
        " duration_seconds role_session_name external_id mfa_serial use_fips_endpoint ec2_metadata_service_endpoint"
    )
    names += " defaults_mode aws_account_id cli_history tcp_keepalive parameter_validation sts_regional_endpoints"
    files = config("".join(f"{name} = x\n" for name in names.split()))
    assert renewal_in(place, files).misspelled is None


# --- exported credentials ---------------------------------------------------------------------------------------------


def exported(settings: str, **more: str) -> dict[str, str]:
    """The keys in a section, as variables."""
    values = dict(line.split(" = ") for line in settings.splitlines())
    return {name.upper(): value for name, value in values.items() if name in CREDENTIAL_SETTINGS} | more


CREDENTIAL_SETTINGS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")


def run_check(place: AwsFiles, variables: dict[str, str], *args: str) -> tuple[int, str]:
    parsed = parse("check", args, check.COMMAND.options, 0)
    result = check.run(parsed, place.environment(**variables), NOW)
    return result.code, result.out


def test_check_reports_keys_older_than_any_session_as_expired(place: AwsFiles) -> None:
    old = temporary(40 * HOUR)
    place.write(*credentials(old))
    fix = f"put new credentials at {place.credentials}:2 (awsenv doctor p shows the settings that renew them)"
    assert run_check(place, exported(old)) == (4, f"p: expired 4h00m ago; {fix}\n")
    ours = {"AWSENV_PROFILE": "p", "AWSENV_KEY": "56JQ7WML"}
    assert run_check(place, exported(old, **ours)) == (4, f"p: expired 4h00m ago; {fix}\n")


def test_check_ignores_an_expiration_of_older_keys(place: AwsFiles) -> None:
    fresh = temporary(5 * 60, -HOUR)
    place.write(*credentials(fresh))
    code, out = run_check(place, exported(fresh))
    assert (code, out.partition(";")[0]) == (6, "p: exported, expiry unknown")


@pytest.mark.parametrize(
    ("min_ttl", "fix"),
    [
        ("50m", "renew with: awsenv refresh"),
        ("2h", "a new one is valid for 1h00m, too: ask for more with --duration"),
    ],
)
def test_check_suggests_a_refresh_only_if_that_is_long_enough(min_ttl: str, fix: str, place: AwsFiles) -> None:
    place.write(*config(ROLE + "source_profile = u\n", f"[profile u]\n{LONG}"))
    ours = {"AWSENV_PROFILE": "p", "AWSENV_KEY": "GKIQY56JQ7WML"[-8:], "AWSENV_EXPIRATION": str(NOW + 40 * 60)}
    code, out = run_check(place, exported(temporary(20 * 60), **ours), "--min-ttl", min_ttl)
    assert (code, without_until(out)) == (3, f"p: 40m left; {fix}\n")


@pytest.mark.parametrize(
    ("files", "variables", "instruction"),
    [
        (config(ROLE + "source_profile = u\n", f"[profile u]\n{LONG}"), {"AWSENV_PROFILE": "p"}, "type awsenv refresh"),
        (config("region = x\n"), {"AWSENV_PROFILE": "p"}, "profile p has no credentials"),
        (config("region = x\n"), {"AWSENV_PROFILE": "q"}, "there is no profile 'q': "),
        (config(SSO, CORP), {"AWSENV_PROFILE": "p"}, "type awsenv refresh"),  # refresh offers the sign-in
        (
            config("login_session = arn:aws:iam::1:user/me\n"),
            {"AWSENV_PROFILE": "p"},
            "type aws login --profile p, then awsenv refresh",
        ),
        (
            ("", f"[user]\n{LONG}"),
            {"AWSENV_PROFILE": "user", "AWSENV_OPTIONS": "--role-arn=arn:aws:iam::1:role/R"},
            "type awsenv refresh",
        ),
        (
            ("", f"[user]\n{temporary(40 * HOUR)}"),
            {"AWSENV_PROFILE": "R", "AWSENV_OPTIONS": "- --role-arn=arn:aws:iam::1:role/R --source-profile=user"},
            "put new credentials at ",
        ),
        (
            ("", f"[user]\n{LONG}"),
            {"AWSENV_PROFILE": "user", "AWSENV_OPTIONS": "--session-token"},
            "type awsenv refresh",
        ),
        (
            config(ROLE + "source_profile = u\n", f"[profile u]\n{LONG}"),
            {"AWS_VAULT": "p"},
            "type awsenv assume p --refresh",
        ),
        (config("region = x\n"), {"AWS_VAULT": "p"}, "type awsenv assume PROFILE"),
        (("[broken", ""), {"AWSENV_PROFILE": "p"}, "{config}, line 1, has a section header"),
    ],
)
def test_the_remedy_for_exported_credentials_can_work(
    files: tuple[str, str], variables: dict[str, str], instruction: str, place: AwsFiles
) -> None:
    place.write(*files)
    keys = {"AWS_ACCESS_KEY_ID": "ASIAOTHERKEYSXXXXXXX", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"}
    ours = {"AWSENV_KEY": "SXXXXXXX"} if "AWSENV_PROFILE" in variables else {}
    result = remedy.of_exported(place.environment(**keys, **ours, **variables), NOW)
    assert result.instruction.startswith(instruction.format(config=place.config))
