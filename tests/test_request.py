"""The request: made once from the arguments, immutable, and repeated unchanged by `refresh`."""

from __future__ import annotations

import json
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awsenv.args import Args, parse
from awsenv.aws.config_files import Profiles
from awsenv.commands import assume
from awsenv.credentials import LoginRequired, obtain
from awsenv.credentials.plan import Plan
from awsenv.credentials.request import OPTIONS, Request, decode_options, encode_options
from awsenv.result import AwsenvError

ROLE = "arn:aws:iam::123456789012:role/team/Admin"


def args_of(*args: str) -> Args:
    return parse("assume", args, assume.OPTIONS, 1)


@pytest.mark.unit
def test_a_request_is_immutable() -> None:
    request = Request.from_args(args_of("project1", "--min-ttl", "30m"))
    with pytest.raises(AttributeError, match="immutable"):
        request.fresh = True
    changed = request.replace(fresh=True, ask=False)
    assert (request.fresh, request.ask) == (False, True)
    assert (changed.fresh, changed.ask, changed.name, changed.min_ttl) == (True, False, "project1", 1800)


@pytest.mark.unit
def test_a_role_without_a_profile_has_the_name_of_the_role() -> None:
    request = Request.from_args(args_of("--role-arn", ROLE))
    assert (request.name, request.profile) == ("Admin", None)
    assert request.options == f"- --role-arn={ROLE}"


TEXT = st.text(st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]), min_size=1)
VALUES = {name: st.just("") if value is None else TEXT for name, (value, _) in OPTIONS.items() if name != "--policy"}
SHELL_SAFE = set(string.ascii_letters + string.digits + "-=:/.,@+_% ")


@pytest.mark.unit
@given(st.fixed_dictionaries({}, optional=VALUES), st.booleans())
def test_refresh_repeats_any_options_of_assume(options: dict[str, str], has_profile: bool) -> None:
    args = Args()
    args.options = options if has_profile else {**options, "--role-arn": ROLE}
    args.positionals = ["project1"] if has_profile else []
    text = encode_options(args)
    assert set(text) <= SHELL_SAFE
    repeated = decode_options(text, "project1", assume.OPTIONS)
    assert (repeated.positionals, repeated.options) == (args.positionals, args.options)


@pytest.mark.unit
def test_options_of_one_call_are_not_repeated() -> None:
    args = args_of("project1", "--refresh", "--mfa-token", "123456", "--no-input", "--shell", "bash")
    assert Request.from_args(args).options == ""


@pytest.mark.unit
def test_a_policy_is_read_once_and_its_file_is_found_from_any_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "policy.json"
    file.write_text('{ "Version": "2012-10-17", "Statement": [] }')
    monkeypatch.chdir(tmp_path)
    request = Request.from_args(args_of("project1", "--policy", "policy.json"))
    file.unlink()
    assert request.policy is not None
    assert json.loads(request.policy.compact) == {"Version": "2012-10-17", "Statement": []}
    assert " " not in request.policy.compact
    assert decode_options(request.options, "project1", assume.OPTIONS).options["--policy"] == str(file)


@pytest.mark.unit
def test_a_policy_without_a_role_is_an_error(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("[profile user]\naws_access_key_id = AKIA\naws_secret_access_key = s\n")
    request = Request.from_args(args_of("user", "--policy", "{}"))
    with pytest.raises(AwsenvError, match="assumes no role, so --policy would do nothing"):
        Plan(request, Profiles({"AWS_CONFIG_FILE": str(config), "HOME": str(tmp_path)}))


@pytest.mark.unit
@pytest.mark.parametrize(
    ("source", "chained"),
    [
        ("credential_source = Ec2InstanceMetadata", True),
        ("credential_source = EcsContainer", True),
        ("credential_source = Environment", False),
        ("source_profile = user", False),
        ("source_profile = role", True),
        ("source_profile = sso", True),
    ],
)
def test_a_role_assumed_with_the_session_of_another_is_chained(source: str, chained: bool, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(
        f"[profile last]\nrole_arn = {ROLE}\n{source}\n"
        f"[profile role]\nrole_arn = {ROLE}\nsource_profile = user\n"
        "[profile user]\naws_access_key_id = AKIA\naws_secret_access_key = s\n"
        "[profile sso]\nsso_account_id = 123456789012\nsso_role_name = Admin\n"
    )
    profiles = Profiles({"AWS_CONFIG_FILE": str(config), "HOME": str(tmp_path)})
    assert Plan(Request("last", "last"), profiles).chained is chained


def test_a_missing_sign_in_is_reported_without_a_prompt(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[profile work]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Admin\nregion = eu-west-1\n"
        "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.awsapps.com/start\n"
    )
    environ = {"AWS_CONFIG_FILE": str(config), "HOME": str(tmp_path)}
    with pytest.raises(LoginRequired) as missing:
        obtain(Request("work", "work"), environ, 1_800_000_000)
    assert (missing.value.profile, missing.value.rejected) == ("work", False)
    assert "awsenv login work" in str(missing.value)
    assert capfd.readouterr() == ("", "")
