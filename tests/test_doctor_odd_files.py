"""The doctor with malformed files: no check fails, no fix repeats the line, no finding has a secret or Python's terms."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from support.aws_files import KEY, NOW, SECRET, AwsFiles

from awsenv import doctor
from awsenv.doctor.context import Context

HEADERS = (
    "[profile a]", "[a]", "[profile b]", "[default]", "[ dev ]", "[profile bob's]", "[profile \xa0x]", "[]",
    "[sso-session s]", "[sso-session my corp]", "[services v]", "[profile]", '[profile "a b"]', "[DEFAULT]",
    "[profile dev] # [x]", "  [profile z]", "[\u201cq\u201d]", "[profile \u201cq\u201d]", "[[profile a]]",
)  # fmt: skip
SETTINGS = (
    "region = us-east-1", "region = US_EAST_1", "region =", "region = us-east-1a", "role_arn = x",
    "credential_process =", "role_arn = arn:aws:iam::123456789012:role/x", "source_profile = a", "source_profile = b",
    "source_profile =", "credential_source = Environment", f"aws_access_key_id = {KEY}", "aws_access_key_id = <x>",
    "aws_access_key_id =", f"aws_secret_access_key = {SECRET}%", f"aws_secret_access_key = {SECRET}",
    "aws_session_token = xyz", "aws_security_token =", "credential_process = '", "credential_process = true",
    "sso_session = s", "sso_region = EU", "sso_session = my corp", "sso_start_url = x", "sso_account_id = 1",
    "sso_role_name = r", "login_session = x", "web_identity_token_file = /nix", "duration_seconds = x",
    "mfa_serial = y", "services = v", "endpoint_url = x", "s3 =\n  a = b", "ca_bundle = ~/x", "max_attempts = q",
    "request_min_compression_size_bytes = q", "tcp_keepalive = q", f"export AWS_ACCESS_KEY_ID = {KEY}", " x = y",
    "  cont", "expiration = 2020-01-01", "aws_expiration = 2020-01-01T00:00:00Z", "# c", "aws_acces_key_id = x",
)  # fmt: skip
VARIABLES = {
    "AWS_PROFILE": ("a", "b", "", "zz"), "AWS_REGION": ("", "us-east-1a", "x y"), "AWS_DEFAULT_REGION": ("", "US_E"),
    "AWS_ACCESS_KEY_ID": (KEY, "ASIAQNZGKIQY56JQ7WML", "", SECRET), "AWS_SECRET_ACCESS_KEY": (SECRET, "x", KEY),
    "AWS_SESSION_TOKEN": ("null", "t"), "AWS_MAX_ATTEMPTS": ("x",), "AWS_CA_BUNDLE": ("/x",),
    "AWS_CONFIG_FILE": ("", "/nix", '"x"', "file:///x"), "AWS_ENDPOINT_URL": ("x", "http://127.0.0.1:9"),
    "AWSENV_PROFILE": ("a",), "AWSENV_OPTIONS": ("'",), "AWS_CREDENTIAL_EXPIRATION": ("x", "2020-01-01T00:00:00Z"),
}  # fmt: skip

#: Without the checks of this machine: its AWS CLIs, its clock.
CHECKS = [
    check for check in doctor.CHECKS if check not in (*doctor.group("aws-cli").checks, *doctor.group("clock").checks)
]
PYTHON_TERMS = re.compile(r"\b[A-Z]\w+Error\b|Traceback|invalid literal|NoneType|object has no|\('|<class '")


def odd_file(choice: random.Random) -> str:
    lines: list[str] = []
    for _ in range(choice.randint(0, 4)):
        settings = choice.sample(SETTINGS, choice.randint(0, 8))
        once = {setting.partition("=")[0].strip(): setting for setting in settings}  # a setting twice is another error
        lines += [choice.choice(HEADERS), *once.values()]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(5))
def test_no_check_fails_on_malformed_files(seed: int, place: AwsFiles) -> None:
    choice = random.Random(seed)
    for _ in range(40):
        place.write(odd_file(choice), odd_file(choice))
        environ = place.environment()
        environ |= {name: choice.choice(values) for name, values in VARIABLES.items() if choice.random() < 0.25}
        named = choice.choice([None, None, "a", "b", "a b", "nix", "default", ""])
        for found in doctor.examine(Context(environ, NOW, named, offline=True, platform="linux"), CHECKS):
            assert found.fault is None, (found, environ, named)
            shown = "\n".join((found.what, found.instructions, *found.evidence))
            assert SECRET not in shown
            assert not PYTHON_TERMS.search(shown), shown
            header = re.match(r"write (\[.*\]) in that line", found.remediation)
            if header:
                path, _, line = found.evidence[-1].rpartition(":")
                assert Path(path).read_text(encoding="utf-8").split("\n")[int(line) - 1].strip() != header[1]
