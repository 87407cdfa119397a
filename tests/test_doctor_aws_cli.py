"""The doctor's checks of the installed AWS CLIs, and of running programs with exported keys."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.environment import wait_for
from support.homes import Home
from support.programs import BIN, need

from awsenv.doctor.check import NOTE, WARNING
from awsenv.doctor.checks import aws_cli, running_programs
from awsenv.doctor.checks.aws_cli import _FEATURES, Cli
from awsenv.doctor.context import Context

TEMPORARY = {
    "AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH",
    "AWS_SECRET_ACCESS_KEY": "s",
    "AWS_SESSION_TOKEN": "t",
    "AWS_CREDENTIAL_EXPIRATION": "2099-01-01T00:00:00Z",
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    made = tmp_path / "programs"
    made.mkdir()
    return made


def context(home: Home, *directories: Path, **more: str) -> Context:
    """Return a context with these directories as PATH."""
    search = os.pathsep.join(map(str, directories))
    return Context(home.environment(**more) | {"PATH": search}, int(time.time()))


def cli(directory: Path, version: str) -> Path:
    """Write an AWS CLI that only prints its version, and return its directory."""
    directory.mkdir(exist_ok=True)
    path = directory / "aws"
    path.write_text(f"#!/bin/sh\necho 'aws-cli/{version} Python/3.11.2 Linux/6.1.0 source/x86_64.debian.12'\n")
    path.chmod(0o755)
    return directory


@pytest.mark.shell
def test_real_aws_clis_print_their_versions(lone: Home) -> None:
    debian = need("AWS CLI v2 (Debian: awscli)", shutil.which("aws", path="/usr/bin"))
    found = aws_cli.clis(context(lone, BIN, Path(debian).parent), patience=60)
    versions = {one.path: one.version_text for one in found}
    for path, version in versions.items():
        result = subprocess.run([path, "--version"], capture_output=True, text=True, check=True, env=lone.environment())
        assert f"aws-cli/{version} " in result.stdout
    assert [one.path for one in found] == [str(BIN / "aws"), debian]
    assert "aws configure export-credentials" in found[0].missing  # version 1 lacks it
    assert found[0].version is not None
    assert found[0].version[0] == 1


@pytest.mark.parametrize(
    ("version", "lacks"),
    [
        ((2, 36, 7), []),
        ((2, 33, 8), []),
        ((2, 33, 7), ["export-credentials --format fish"]),
        ((2, 8, 13), list(_FEATURES)),
        (
            (1, 46, 3),
            ["aws configure export-credentials", "aws configure mfa-login", "export-credentials --format fish"],
        ),
        ((1, 28, 0), list(_FEATURES)),
        (None, []),
    ],
)
def test_each_version_has_its_missing_features(version: aws_cli.Version | None, lacks: list[str]) -> None:
    assert Cli("aws", version).missing == lacks


@pytest.mark.shell
@pytest.mark.parametrize(
    ("version", "more", "config", "feature"),
    [
        ("2.9.19", {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "", "AWS_ENDPOINT_URL and endpoint_url"),
        ("2.9.19", {}, "endpoint_url = http://127.0.0.1:1", "AWS_ENDPOINT_URL and endpoint_url"),
        ("1.28.1", {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1"}, "", "AWS_ENDPOINT_URL and endpoint_url"),
        ("2.31.0", {}, "login_session = arn:aws:iam::1:user/ada", "aws login"),
        ("2.14.9", {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/t"}, "", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
        ("2.36.7", {"AWS_ENDPOINT_URL": "x"}, "login_session = y\nendpoint_url = z", None),
        ("2.9.19", {}, "", None),
        ("1.46.3", {"AWS_ENDPOINT_URL": "x"}, "login_session = y", None),
    ],
)
def test_a_used_feature_that_the_aws_cli_lacks_is_a_warning(
    version: str, more: dict[str, str], config: str, feature: str | None, lone: Home, directory: Path
) -> None:
    lone.write(f"[default]\nregion = us-east-1\n{config}\n")
    findings = list(aws_cli.aws_cli_too_old.look(context(lone, cli(directory, version), **more)))
    if feature is None:
        assert findings == []
        return
    (finding,) = findings
    assert finding.severity == WARNING
    assert finding.what.endswith(f"is AWS CLI {version}, which does not know {feature}")
    assert finding.evidence[0] in (f"{lone.config}:3", *(f"{name}={value}" for name, value in more.items()))


@pytest.mark.shell
def test_the_demo_has_a_wrapper_for_an_old_aws_cli(lone: Home, directory: Path, tmp_path: Path) -> None:
    paths = [cli(tmp_path / "wrapper", "0.0.0"), cli(directory, "2.9.19")]
    demo = context(lone, *paths, AWS_ENDPOINT_URL="http://127.0.0.1:1", _AWSENV_DEMO="http://127.0.0.1:1")
    assert list(aws_cli.aws_cli_too_old.look(demo)) == []
    assert [one.path for one in aws_cli.clis(demo)] == [str(directory / "aws")]


@pytest.mark.shell
def test_an_old_aws_cli_is_a_note(lone: Home, directory: Path) -> None:
    (finding,) = aws_cli.aws_cli_old.look(context(lone, cli(directory, "2.9.19")))
    assert finding.severity == NOTE
    assert "no aws login" in finding.what
    assert not list(aws_cli.aws_cli_old.look(context(lone, cli(directory.parent / "new", "2.36.7"))))
    assert not list(aws_cli.aws_cli_old.look(context(lone, directory.parent / "none")))


@pytest.mark.shell
def test_several_aws_clis_are_a_note(lone: Home, directory: Path, tmp_path: Path) -> None:
    old, new = cli(directory, "1.46.3"), cli(tmp_path / "new", "2.36.7")
    (finding,) = aws_cli.several_aws_clis.look(context(lone, old, new))
    assert finding.evidence == (f"{old}/aws (version 1.46.3)", f"{new}/aws (version 2.36.7)")
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "aws").symlink_to(new / "aws")
    assert not list(aws_cli.several_aws_clis.look(context(lone, linked, new)))
    assert not list(aws_cli.several_aws_clis.look(context(lone, new, cli(tmp_path / "again", "2.36.7"))))


@pytest.mark.shell
def test_a_slow_aws_cli_is_reported_as_not_checked(lone: Home, directory: Path) -> None:
    path = directory / "aws"
    path.write_text("#!/bin/sh\n/bin/sleep 60 & wait\n")  # its child process inherits stdout
    path.chmod(0o755)
    started = time.monotonic()
    (found,) = aws_cli.clis(context(lone, directory))
    assert found.version is None
    assert time.monotonic() - started < 2
    (output,) = aws_cli.aws_cli_old.look(context(lone, directory))
    assert output.what == f"not checked: {path} did not print its version within 1.2 seconds"
    assert output.severity == NOTE
    other = cli(directory.parent / "other", "2.36.7")
    (several,) = aws_cli.several_aws_clis.look(context(lone, directory, other))  # needs no version
    assert several.evidence == (f"{path} (version unknown)", f"{other}/aws (version 2.36.7)")


#: The path of the program, a link to it, and the directory that shows the version.
INSTALLED = {
    "by the installer of AWS": ("aws-cli/v2/2.9.19/dist/aws", "bin/aws", None),
    "by Homebrew": ("Cellar/awscli/2.9.19_1/bin/aws", "bin/aws", None),
    "by an older Homebrew": ("Cellar/awscli@2/2.9.19/libexec/bin/aws", "bin/aws", None),
    "by pip": ("venv/bin/aws", None, "venv/lib/python3.11/site-packages/awscli-2.9.19.dist-info"),
    "by Debian": ("usr/bin/aws", None, "usr/lib/python3/dist-packages/awscli-2.9.19.egg-info"),
}


@pytest.mark.parametrize("name", INSTALLED)
def test_the_version_of_an_installed_aws_cli_is_known_however_slow_it_is(name: str, lone: Home, tmp_path: Path) -> None:
    """On a busy machine a version may be printed too late, so that a warning would come and go."""
    program, link, package = INSTALLED[name]
    path = tmp_path / program
    path.parent.mkdir(parents=True)
    path.write_text("#!/usr/bin/python3\nimport time\ntime.sleep(60)\n")
    path.chmod(0o755)
    if package:
        (tmp_path / package).mkdir(parents=True)
    if link:
        (tmp_path / link).parent.mkdir()
        (tmp_path / link).symlink_to(path)
    here = context(lone, (tmp_path / (link or program)).parent, AWS_ENDPOINT_URL="http://127.0.0.1:1")
    (found,) = aws_cli.clis(here)
    assert found.version == (2, 9, 19)
    assert [one.severity for one in aws_cli.aws_cli_too_old.look(here)] == [WARNING]
    assert not list(aws_cli.aws_cli_old.look(here))  # it would report the same


@pytest.mark.parametrize("program", ["#!/bin/sh\n", "\x7fELF"])
def test_the_package_of_another_program_is_ignored(program: str, tmp_path: Path) -> None:
    path = tmp_path / "bin" / "aws"
    (tmp_path / "lib/python3.11/site-packages/awscli-1.2.3.dist-info").mkdir(parents=True)
    path.parent.mkdir()
    path.write_text(program)
    assert aws_cli._installed(str(path)) is None


# --- running programs with exported keys --------------------------------------------------------------------------------


@pytest.fixture
def terraform(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process named terraform, with the keys in its environment."""
    program = tmp_path / "terraform"
    shutil.copy(need("sleep", shutil.which("sleep")), program)
    with subprocess.Popen([program, "60"], env=TEMPORARY) as process:
        environ = Path(f"/proc/{process.pid}/environ")
        wait_for(lambda: b"AWS_ACCESS_KEY_ID=" in environ.read_bytes(), "execve has set the environment")
        yield process
        process.kill()


@pytest.mark.shell
def test_a_long_running_program_with_the_exported_keys_is_a_note(
    lone: Home, directory: Path, terraform: subprocess.Popen[bytes]
) -> None:
    here = context(lone, directory, AWSENV_PROFILE="project1", AWSENV_KEY="PASDFGH", **TEMPORARY)
    mine = [f for f in running_programs.long_running.look(here) if f.evidence == (f"process {terraform.pid}",)]
    (finding,) = mine
    assert finding.severity == NOTE
    assert finding.what.startswith("terraform runs with the exported credentials, which expire in ")
    assert "awsenv exec" in finding.instructions
    other = context(lone, directory, **{**TEMPORARY, "AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGX"})
    assert not list(running_programs.long_running.look(other))


def test_kubectl_with_exported_keys_is_a_note(lone: Home, directory: Path) -> None:
    path = lone.path / ".kube" / "config"
    path.parent.mkdir()
    path.write_text(
        "users:\n- name: a\n  user:\n    exec:\n      command: aws\n      args:\n      - eks\n      - get-token\n"
    )
    (finding,) = running_programs.long_running.look(context(lone, directory, **TEMPORARY))
    assert finding.evidence == (str(path),)
    lasting = {name: TEMPORARY[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    assert not list(running_programs.long_running.look(context(lone, directory, **lasting)))
    assert not list(running_programs.long_running.look(context(lone, directory)))
    path.write_text("users:\n- name: a\n  user:\n    token: x\n")
    assert not list(running_programs.long_running.look(context(lone, directory, **TEMPORARY)))
