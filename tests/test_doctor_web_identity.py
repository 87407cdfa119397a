"""The doctor's checks of the web identity of a profile."""

from __future__ import annotations

import os

import pytest
from support.aws_files import DEAD, NOW, ROLE, AwsFiles
from support.credential_sources import BY_ID, CHECKS, EXPORTED, FULL, HOUR, TOKEN_FILE
from support.tokens import jwt


@pytest.mark.parametrize(
    ("text", "id"),
    [
        (jwt(NOW + HOUR), None),
        (jwt(NOW + HOUR) + "\n", None),
        ("no JWT at all", None),
        (jwt(NOW - HOUR), "profile-web-identity-expired"),
        ("", "profile-web-identity-file"),
        (None, "profile-web-identity-file"),
    ],
)
def test_an_unusable_web_identity_token_is_an_error(
    text: str | None, id: str | None, place: AwsFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = place.path / "token"
    if text is not None:
        path.write_text(text)
    place.write(f"[profile a]\n{ROLE}web_identity_token_file = {path}\n[profile b]\n{ROLE}source_profile = a\n")
    assert place.found_ids(CHECKS, "a") == ({id} if id else set())
    assert not place.found_ids(CHECKS, AWS_PROFILE="a", **EXPORTED)  # exported keys are used first
    if id:
        (found,) = place.found(BY_ID[id], "b")
        assert "profile a (hop 2 of 2: b -> a)" in found.what
        assert found.evidence == (f"{place.config}:4",)
    if text is None:
        assert "FileNotFoundError" in place.boto3_error(monkeypatch, AWS_ENDPOINT_URL=DEAD)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_as_web_identity_token_is_not_read(place: AwsFiles, listener: str) -> None:
    """Opening it would block until a writer appears."""
    os.mkfifo(place.path / "token")
    place.write(f"[profile a]\n{ROLE}web_identity_token_file = {place.path / 'token'}\n")
    assert not place.found_ids(CHECKS, "a")
    assert not place.write().found_ids(CHECKS, **{FULL: listener, TOKEN_FILE: str(place.path / "token")})
    place.write(f"[profile a]\n{ROLE}web_identity_token_file = {place.path}\n")
    (found,) = place.found(BY_ID["profile-web-identity-file"], "a")
    assert found.what.endswith("is a directory")


def test_a_web_identity_without_a_role_is_an_error(place: AwsFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    path = place.path / "token"
    path.write_text(jwt(NOW + HOUR))
    place.write(f"[profile a]\nweb_identity_token_file = {path}\n")
    assert (
        place.found_ids(CHECKS, "a")
        == place.found_ids(CHECKS, AWS_PROFILE="a")
        == {"profile-web-identity-without-role"}
    )
    assert "has no role ARN configured" in place.boto3_error(monkeypatch).replace("\n", " ")
