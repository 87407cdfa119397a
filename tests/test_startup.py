"""The line in a shell's start-up file: added once, working, and removed without a trace."""

from __future__ import annotations

import os
import resource
import shlex
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.environment import clean_environment
from support.programs import BIN, need
from support.session_cache import as_another_user, owned_by_root
from support.shells import SHELLS
from support.strace import strace

from awsenv import dialects
from awsenv.commands.install import _install_cmd
from awsenv.dialects import powershell
from awsenv.integration import cmd_files, rc_file, script_copy
from awsenv.result import AwsenvError

BEGIN, END = b"# >>> awsenv >>>\n", b"# <<< awsenv <<<\n"

FILES = {
    "bash": ".bashrc",
    "zsh": "zdot/.zshrc",
    "fish": "conf/fish/config.fish",
    "powershell": "conf/powershell/Microsoft.PowerShell_profile.ps1",
}
every_shell = pytest.mark.parametrize("shell", FILES)
needs_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the start-up files are elsewhere")


def environment_of(home: Path, **more: str) -> dict[str, str]:
    """An environment whose shells read the files in FILES."""
    here = {"ZDOTDIR": str(home / "zdot"), "XDG_CONFIG_HOME": str(home / "conf"), "XDG_DATA_HOME": str(home / "data")}
    return clean_environment(home, **here, NO_COLOR="1", **more)


def add(home: Path, shell: str = "bash") -> bool:
    path, changed = rc_file.add(shell, environment_of(home))
    assert path == str(home / FILES[shell])
    return changed


def remove(home: Path, shell: str = "bash") -> bool:
    return bool(rc_file.remove(shell, environment_of(home)))


Change: TypeAlias = Callable[[Path], bool]
add_and_remove = pytest.mark.parametrize("change", [add, remove], ids=["add", "remove"])


def content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def put(path: Path, data: bytes | None) -> None:
    """Write this content to the file, or remove it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if data is not None:
        path.write_bytes(data)
    elif path.exists():
        path.unlink()


# --- any start-up file ------------------------------------------------------------------------------------------------

PIECES = st.lists(
    st.sampled_from(
        [
            b"alias ll='ls -l'",
            b"\n",
            b"\r\n",
            b"\n\n",
            b"# c",
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b"\0",
            b"# awsenv <<<\n",
            b" ",
        ]
    ),
    max_size=6,
).map(b"".join)
UTF16 = (b"\xff\xfe", b"\xfe\xff")
START_UP_FILES = st.one_of(
    st.none(), st.one_of(st.just(b""), st.binary(max_size=60), PIECES).filter(lambda data: not data.startswith(UTF16))
)
TYPED = st.sampled_from([b"alias x=y\n", b"\n", b"\r\n", b"no newline", b"\xff\n"])

any_file = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@every_shell
@any_file
@given(before=START_UP_FILES)
@example(before=b"no newline at the end")
@example(before=b"windows\r\n")
@example(before=b"\n")
def test_removing_the_line_restores_the_file(shell: str, before: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / FILES[shell]
    put(file, before)
    assert add(tmp_path, shell)
    line = rc_file.line_of(shell, environment_of(tmp_path)).encode("utf-8", "surrogateescape")
    now = content(file)
    assert now is not None
    assert now.startswith(before or b"")
    assert now.split(b"\n").count(line) == 1
    assert remove(tmp_path, shell)
    assert content(file) == before


@any_file
@given(before=START_UP_FILES)
def test_adding_the_line_twice_adds_it_once(before: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / ".bashrc"
    put(file, before)
    assert add(tmp_path)
    once = content(file)
    assert not add(tmp_path)
    assert content(file) == once
    assert remove(tmp_path)
    assert not remove(tmp_path)
    assert content(file) == before


@any_file
@given(before=START_UP_FILES, above=st.one_of(st.just(b""), TYPED), below=TYPED)
def test_removing_the_line_keeps_later_changes(
    before: bytes | None, above: bytes, below: bytes, tmp_path: Path
) -> None:
    file = tmp_path / ".bashrc"
    put(file, before)
    add(tmp_path)
    above = above if above.endswith(b"\n") else b""
    file.write_bytes(above + (content(file) or b"") + below)
    assert not add(tmp_path)
    assert remove(tmp_path)
    now = content(file)
    newline = b"\n" if before and not before.endswith(b"\n") else b""
    assert now == above + (before or b"") + newline + below


@any_file
@given(before=START_UP_FILES)
def test_a_new_path_of_awsenv_updates_the_line_in_place(before: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / ".bashrc"
    put(file, before)
    texts, quoted = [], []
    with pytest.MonkeyPatch.context() as patch:
        for directory in ("old", "new's"):
            program = tmp_path / directory / "awsenv"
            put(program, b"")
            program.chmod(0o755)
            patch.setattr(sys, "argv", [str(program)])
            quoted.append(dialects.load("bash").quote(str(program)).encode())
            if texts:
                file.write_bytes(texts[0] + b"typed since\n")
            assert add(tmp_path)
            texts.append(content(file) or b"")
    assert texts[0].count(quoted[0]) == 2
    assert texts[1] == texts[0].replace(*quoted) + b"typed since\n"


LINE = b"eval ours\n"
DAMAGED = {
    "no end": (BEGIN + LINE + b"alias precious=1\n", 1),
    "no begin": (b"alias precious=1\n" + LINE + END, 3),
    "nothing else": (END, 1),
    "a line inserted": (BEGIN + b"alias precious=1\n" + LINE + END, 1),
    "indented": (b"if true; then\n  " + BEGIN + b"  " + LINE + b"  " + END + b"fi\n", 2),
    "text after the end mark": (BEGIN + LINE + END.rstrip() + b" precious\n", 1),
    "text behind the beginning": (BEGIN.rstrip() + b" precious\n" + LINE + END, 1),
    "a truncated second one": (BEGIN + LINE + END + BEGIN + LINE, 4),
    "at the end of the file": (b"alias precious=1\n" + BEGIN.rstrip(), 2),
    "CRLF": (BEGIN.replace(b"\n", b"\r\n") + b"alias precious=1\r\n", 1),
    "a missing blank": (b"#" + BEGIN[2:] + LINE + END, 1),
}


@add_and_remove
@pytest.mark.parametrize(("data", "line"), DAMAGED.values(), ids=list(DAMAGED))
def test_damaged_markers_are_named_with_their_line(change: Change, data: bytes, line: int, tmp_path: Path) -> None:
    file = tmp_path / ".bashrc"
    put(file, data)
    with pytest.raises(AwsenvError, match=f"line {line} is a marker") as refused:
        change(tmp_path)
    assert str(file) in str(refused.value)
    assert content(file) == data


@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.parametrize("between", [b"", b"alias x=y\n"], ids=["nothing between", "text between"])
def test_a_doubled_line_is_added_once_and_removed_whole(times: int, between: bytes, tmp_path: Path) -> None:
    """Merged dotfiles can contain it twice."""
    file = tmp_path / ".bashrc"
    put(file, b"# mine\n")
    add(tmp_path)
    block = (content(file) or b"").removeprefix(b"# mine\n")
    put(file, b"# mine\n" + between.join([block] * times))
    assert add(tmp_path)
    assert content(file) == b"# mine\n" + block + between * (times - 1)
    assert not add(tmp_path)
    put(file, b"# mine\n" + between.join([block] * times))
    assert remove(tmp_path)
    assert content(file) == b"# mine\n" + between * (times - 1)


@pytest.mark.parametrize("before", [b"alias x=y\r\n", b"no newline", None], ids=["text", "no newline", "no file"])
def test_a_block_is_found_after_an_editor_made_its_line_ends_crlf(before: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / FILES["powershell"]
    put(file, before)
    add(tmp_path, "powershell")
    file.write_bytes((content(file) or b"").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    add(tmp_path, "powershell")
    assert (content(file) or b"").count(b"awsenv <<<") == 1
    assert remove(tmp_path, "powershell")
    assert content(file) == before


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_reported_and_left_alone(encoding: str, tmp_path: Path) -> None:
    """The shell could not read a line of UTF-8 in it."""
    file = tmp_path / FILES["powershell"]
    data = "\ufeffSet-Alias ll ls\n".encode(encoding)
    put(file, data)
    with pytest.raises(AwsenvError, match="UTF-16") as refused:
        add(tmp_path, "powershell")
    assert str(file) in str(refused.value)
    assert content(file) == data


# --- the file itself --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755, 0o444])
def test_the_permissions_of_the_file_stay(mode: int, tmp_path: Path) -> None:
    file = tmp_path / ".bashrc"
    put(file, b"alias x=y\n")
    file.chmod(mode)
    for change in (add, remove):
        assert change(tmp_path)
        assert stat.S_IMODE(file.stat().st_mode) == mode


@pytest.mark.parametrize("before", [b"alias x=y\n", None], ids=["a file", "nothing"])
@pytest.mark.parametrize("link", ["dotfiles/bashrc", "absolute"])
def test_a_symbolic_link_stays_a_link(link: str, before: bytes | None, tmp_path: Path) -> None:
    target = tmp_path / "dotfiles" / "bashrc"
    put(target, before)
    file = tmp_path / ".bashrc"
    file.symlink_to(target if link == "absolute" else link)
    assert add(tmp_path)
    assert file.is_symlink()
    assert b"awsenv" in target.read_bytes()
    assert remove(tmp_path)
    assert file.is_symlink()
    assert content(target) == before
    assert [path.name for path in target.parent.iterdir()] == (["bashrc"] if before else [])


@add_and_remove
def test_a_directory_in_place_of_the_file_is_reported(change: Change, tmp_path: Path) -> None:
    (tmp_path / ".bashrc").mkdir()
    with pytest.raises(AwsenvError) as refused:
        change(tmp_path)
    assert str(tmp_path / ".bashrc") in str(refused.value)


@pytest.mark.parametrize("kind", ["fifo", "device", "socket"])
@add_and_remove
def test_a_special_file_is_reported_at_once_and_left_alone(change: Change, kind: str, tmp_path: Path) -> None:
    """Reading a fifo would block; renaming a file over the target of a link to /dev/null would replace the device."""
    file = tmp_path / ".bashrc"
    with socket.socket(socket.AF_UNIX) as listening:
        if kind == "fifo":
            os.mkfifo(file)
        elif kind == "device":
            file.symlink_to(os.devnull)
        else:
            listening.bind(str(file))
        with pytest.raises(AwsenvError, match=r"cannot (edit|read)") as refused:
            change(tmp_path)
        assert str(file) in str(refused.value)
        assert not stat.S_ISREG(file.stat().st_mode)


def test_a_hard_link_stays_a_hard_link(tmp_path: Path) -> None:
    file, other = tmp_path / ".bashrc", tmp_path / "dotfiles"
    put(file, b"alias x=y\n")
    other.hardlink_to(file)
    for change in (add, remove):
        assert change(tmp_path)
        assert file.samefile(other)
    assert content(other) == b"alias x=y\n"


def test_a_full_disk_changes_nothing_in_a_file_with_two_names(tmp_path: Path) -> None:
    file = tmp_path / ".bashrc"
    put(file, b"alias x=y\n")
    (tmp_path / "dotfiles").hardlink_to(file)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, before[1]))  # like a disk with room for 20 bytes
    try:
        with pytest.raises(AwsenvError, match="File too large") as refused:
            add(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert str(file) in str(refused.value)
    assert content(file) == b"alias x=y\n"


@pytest.mark.skipif(sys.platform != "linux", reason="Python reads extended attributes on Linux only")
def test_extended_attributes_stay(tmp_path: Path) -> None:
    file = tmp_path / ".bashrc"
    put(file, b"alias x=y\n")
    try:
        os.setxattr(file, "user.note", b"mine")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    for change in (add, remove):
        assert change(tmp_path)
        assert os.getxattr(file, "user.note") == b"mine"


@pytest.mark.shell
@needs_root
@every_shell
@pytest.mark.parametrize("before", [b"alias x=y\n", None], ids=["a file", "nothing"])
def test_a_file_edited_by_root_keeps_its_owner(shell: str, before: bytes | None, tmp_path: Path) -> None:
    """sudo -E keeps HOME; directories and the cached script that are made there belong to the user, too."""
    home = tmp_path / "home"
    home.mkdir()
    put(home / FILES[shell], before)
    for path in (home, *home.rglob("*")):
        os.chown(path, 65534, 65533)
    for args in (["install"], ["uninstall"], ["install"]):
        awsenv(home, *args, "--shell", shell)
        assert {(path.stat().st_uid, path.stat().st_gid) for path in home.rglob("*")} <= {(65534, 65533)}
    assert (home / FILES[shell]).stat().st_uid == 65534


def test_a_file_whose_owner_a_replacement_would_lose_is_written_in_place() -> None:
    """A file of root that others may write: only root could give a replacement to root."""
    with owned_by_root() as directory:
        file = directory / ".bashrc"
        put(file, b"alias x=y\n")
        file.chmod(0o666)
        directory.chmod(0o777)
        with as_another_user():
            assert add(directory)
            assert b"awsenv" in (content(file) or b"")
            assert remove(directory)
        assert file.stat().st_uid == 0
        assert content(file) == b"alias x=y\n"


def test_an_unwritable_directory_is_reported(tmp_path: Path) -> None:
    (tmp_path / "conf").write_text("a file where a directory should be")
    with pytest.raises(AwsenvError) as refused:
        rc_file.add("fish", environment_of(tmp_path))
    assert str(tmp_path / FILES["fish"]) in str(refused.value)


@pytest.mark.parametrize("shell", ["cmd", "sh", "tcsh"])
def test_a_shell_without_a_start_up_file_is_reported(shell: str, tmp_path: Path) -> None:
    with pytest.raises(AwsenvError, match=shell):
        rc_file.path_of(shell, environment_of(tmp_path))


# --- the commands, and the shells that read the file afterwards -------------------------------------------------------


def awsenv(home: Path, *args: str, program: Path = BIN / "awsenv", code: int = 0) -> str:
    done = subprocess.run(
        [str(program), *args],
        env=environment_of(home),
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        check=False,
    )
    assert done.returncode == code, done
    assert done.stderr == "" or code
    return done.stdout


def new_shell(
    shell: str, home: Path, command: str, *, tracer: Sequence[str] = (), **more: str
) -> subprocess.CompletedProcess[str]:
    """Start the shell as its user does, so that it reads its start-up file, and run a command in it."""
    file = str(home / FILES[shell])
    args = {
        "bash": ["--noprofile", "--rcfile", file, "-i", "-c", command],
        "zsh": ["-f", "-c", f". {shlex.quote(file)}\n{command}"],
        "fish": ["--no-config", "-c", f"source {shlex.quote(file)}\n{command}"],
        "powershell": ["-NonInteractive", "-Command", command],
    }[shell]
    return subprocess.run(
        [*tracer, SHELLS[shell].program(), *args],
        env=environment_of(home, **more),
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        check=False,
    )


KIND = {
    "bash": ("type -t awsenv", "function"),
    "zsh": ("whence -w awsenv", "awsenv: function"),
    "fish": ("functions -q awsenv; and echo function; or echo none", "function"),
    "powershell": ("'' + (Get-Command awsenv -ErrorAction Ignore).CommandType", "Function"),
}


def kind_of_awsenv(shell: str, home: Path, **more: str) -> str:
    return new_shell(shell, home, KIND[shell][0], **more).stdout.strip()


@pytest.mark.shell
@every_shell
@pytest.mark.parametrize("before", [None, b"# mine"], ids=["no file", "a file"])
def test_install_adds_the_function_to_new_shells_and_uninstall_removes_it(
    shell: str, before: bytes | None, tmp_path: Path
) -> None:
    file = tmp_path / FILES[shell]
    put(file, before)
    assert str(file) in awsenv(tmp_path, "install", "--shell", shell)
    assert kind_of_awsenv(shell, tmp_path) == KIND[shell][1]
    installed = content(file)
    assert "already" in awsenv(tmp_path, "install", "--shell", shell)
    assert content(file) == installed
    assert str(file) in awsenv(tmp_path, "uninstall", "--shell", shell)
    assert content(file) == before
    assert kind_of_awsenv(shell, tmp_path) != KIND[shell][1]
    assert awsenv(tmp_path, "uninstall", "--shell", shell)


@pytest.mark.shell
def test_uninstall_continues_after_a_damaged_file_and_fails(tmp_path: Path) -> None:
    for shell in ("bash", "zsh"):
        awsenv(tmp_path, "install", "--shell", shell)
    file = tmp_path / ".bashrc"
    put(file, (content(file) or b"").replace(END, b""))
    damaged = content(file)
    assert str(tmp_path / FILES["zsh"]) in awsenv(tmp_path, "uninstall", code=1)
    assert content(tmp_path / FILES["zsh"]) is None
    assert content(file) == damaged


@pytest.mark.shell
def test_uninstall_removes_every_line(tmp_path: Path) -> None:
    for shell in (*FILES, "cmd"):
        awsenv(tmp_path, "install", "--shell", shell)
    output = awsenv(tmp_path, "uninstall")
    for file in FILES.values():
        assert str(tmp_path / file) in output
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert awsenv(tmp_path, "uninstall").startswith("there was no integration line to remove\n")


@pytest.mark.shell
def test_install_for_cmd_writes_the_script_and_prints_how_to_use_it(tmp_path: Path) -> None:
    file = tmp_path / "data" / "awsenv" / "cmd" / "awsenv.cmd"
    output = awsenv(tmp_path, "install", "--shell", "cmd")
    assert str(file) in output
    assert f'set "PATH={file.parent};%PATH%"' in output
    assert f"for new windows put {file.parent} first in your Path, which this shows:\n  rundll32 sysdm.cpl," in output
    script = file.read_bytes()
    assert script == subprocess.run([BIN / "awsenv", "init", "cmd"], capture_output=True, check=True).stdout
    assert script.count(b"\r\n") == script.count(b"\n") > 10
    awsenv(tmp_path, "install", "--shell", "cmd")
    removed = awsenv(tmp_path, "uninstall", "--shell", "cmd")
    assert str(file) in removed
    other = f"and {BIN}, if you put it there for awsenv"
    assert f"if your Path has {file.parent}, take it out, {other}: rundll32 sysdm.cpl," in removed
    assert not file.parent.exists()
    assert awsenv(tmp_path, "uninstall", "--shell", "cmd")


@pytest.mark.shell
def test_uninstall_for_cmd_keeps_the_users_files(tmp_path: Path) -> None:
    awsenv(tmp_path, "install", "--shell", "cmd")
    file = tmp_path / "data" / "awsenv" / "cmd" / "mine.cmd"
    file.write_text("@echo mine\n")
    awsenv(tmp_path, "uninstall", "--shell", "cmd")
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.shell
@pytest.mark.parametrize("args", [["--shell", "tcsh"], ["--shell", "sh"], ["--shell", ""], ["--shell"], ["bash"]])
@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_an_unknown_shell_is_a_usage_error_and_changes_nothing(command: str, args: list[str], tmp_path: Path) -> None:
    awsenv(tmp_path, command, *args, code=2)
    assert not list(tmp_path.iterdir())


ODD_DIRECTORIES = [
    "a b",
    "it's",
    'a "b"',
    "$HOME",
    "`touch CANARY`",
    "$(touch CANARY)",
    "a;touch CANARY",
    "[x]",
    "a*",
    "\u00e9\u2019\u65e5",
]


@pytest.mark.shell
@every_shell
@pytest.mark.parametrize("directory", ODD_DIRECTORIES)
def test_an_awsenv_in_an_oddly_named_directory_is_found(shell: str, directory: str, tmp_path: Path) -> None:
    program = tmp_path / directory / "awsenv"
    program.parent.mkdir()
    program.symlink_to(BIN / "awsenv")
    awsenv(tmp_path, "install", "--shell", shell, program=program)
    done = new_shell(shell, tmp_path, f"{KIND[shell][0]}\nawsenv --version", PATH="/usr/bin:/bin")
    assert done.stdout.splitlines()[:1] == [KIND[shell][1]], done
    assert done.stdout.splitlines()[1].startswith("awsenv "), done
    assert not list(tmp_path.rglob("CANARY"))


@pytest.mark.shell
@every_shell
def test_the_line_is_silent_without_awsenv(shell: str, tmp_path: Path) -> None:
    program = tmp_path / "gone" / "awsenv"
    program.parent.mkdir()
    program.symlink_to(BIN / "awsenv")
    awsenv(tmp_path, "install", "--shell", shell, program=program)
    program.unlink()
    result = new_shell(shell, tmp_path, "echo here", PATH="/usr/bin:/bin")
    shutil.rmtree(tmp_path / "conf", ignore_errors=True)
    put(tmp_path / FILES[shell], b"")
    without = new_shell(shell, tmp_path, "echo here", PATH="/usr/bin:/bin")
    assert (result.stdout, result.stderr, result.returncode) == (without.stdout, without.stderr, 0)
    assert result.stdout == "here\n"


@pytest.mark.shell
@pytest.mark.parametrize(
    ("existing", "read"),
    [
        ([], ".bash_profile"),
        ([".bashrc"], ".bash_profile"),
        ([".profile"], ".profile"),
        ([".profile", ".bash_login"], ".bash_login"),
        ([".profile", ".bash_login", ".bash_profile"], ".bash_profile"),
    ],
    ids=str,
)
def test_macos_uses_the_file_that_a_login_bash_reads(
    existing: list[str], read: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in existing:
        (tmp_path / name).write_text("")
    monkeypatch.setattr(sys, "platform", "darwin")
    file = Path(rc_file.path_of("bash", environment_of(tmp_path)))
    monkeypatch.undo()
    assert file == tmp_path / read
    file.write_text("echo this one\n")
    login = [need("the shell bash", shutil.which("bash")), "--login", "-c", "true"]
    result = subprocess.run(login, env=environment_of(tmp_path), capture_output=True, text=True, timeout=60, check=True)
    assert result.stdout == "this one\n"


# --- the cached script that the line loads ----------------------------------------------------------------------------


def copy_of(home: Path, shell: str) -> Path:
    return Path(script_copy.path_of(shell, environment_of(home)))


def programs_started(home: Path, shell: str, log: Path) -> int:
    """How often a new shell that does nothing starts awsenv."""
    new_shell(shell, home, "$null = 1" if shell == "powershell" else ":", tracer=strace("execve", log))
    return sum('"init"' in line and "= 0" in line for line in log.read_text().splitlines())


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A home with its own awsenv, whose modification time can be changed."""
    program = tmp_path / "bin" / "awsenv"
    program.parent.mkdir()
    program.write_bytes((BIN / "awsenv").read_bytes())
    program.chmod(0o755)
    for shell in FILES:
        awsenv(tmp_path, "install", "--shell", shell, program=program)
    return tmp_path


@pytest.mark.shell
@every_shell
def test_a_new_shell_starts_no_process(shell: str, installed: Path, tmp_path: Path) -> None:
    assert programs_started(installed, shell, tmp_path / "log") == 0
    assert kind_of_awsenv(shell, installed) == KIND[shell][1]


@pytest.mark.shell
@every_shell
def test_the_cached_script_is_private_and_has_no_secret(shell: str, installed: Path) -> None:
    copy = copy_of(installed, shell)
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    copy.unlink()
    keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": secret}
    new_shell(shell, installed, "echo", **keys)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert stat.S_IMODE(copy.parent.stat().st_mode) == 0o700
    assert secret not in copy.read_text()
    assert "AKIAIOSFODNN7EXAMPLE" not in copy.read_text()


CHANGES = {
    "a newer program": lambda home: os.utime(home / "bin" / "awsenv", (2_000_000_000, 2_000_000_000)),
    "an older program": lambda home: os.utime(home / "bin" / "awsenv", (1_000_000_000, 1_000_000_000)),
    "new settings": lambda home: put(home / "conf" / "awsenv" / "settings", b"AWSENV_THRESHOLDS=77m\n"),
    "no copy": lambda home: [path.unlink() for path in (home / "data" / "awsenv" / "init").iterdir()],
}


@pytest.mark.shell
@every_shell
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_renders_the_script_once(shell: str, change: str, installed: Path, tmp_path: Path) -> None:
    CHANGES[change](installed)
    assert programs_started(installed, shell, tmp_path / "log") == 1
    assert programs_started(installed, shell, tmp_path / "log") == 0
    assert kind_of_awsenv(shell, installed) == KIND[shell][1]
    assert ("4620" in copy_of(installed, shell).read_text()) == (change == "new settings")


@pytest.mark.shell
@every_shell
def test_settings_changed_back_or_removed_take_effect(shell: str, installed: Path, tmp_path: Path) -> None:
    file = installed / "conf" / "awsenv" / "settings"
    for content, seconds, expected in ((b"AWSENV_REMIND=77m\n", 2_000_000_000, True), (b"\n", 1_000_000_000, False)):
        put(file, content)
        os.utime(file, (seconds, seconds))
        assert programs_started(installed, shell, tmp_path / "log") == 1
        assert ("4620" in copy_of(installed, shell).read_text()) == expected
    file.unlink()
    assert programs_started(installed, shell, tmp_path / "log") == 1
    assert programs_started(installed, shell, tmp_path / "log") == 0


@pytest.mark.shell
@every_shell
def test_settings_in_the_environment_take_effect(shell: str, installed: Path) -> None:
    show = {"powershell": '"$__awsenv_remind"'}.get(shell, "echo $__awsenv_remind")
    for value, seconds in (("it's 5", "600"), ("77m", "4620"), ("2m", "120")):
        for _ in range(2):
            assert new_shell(shell, installed, show, AWSENV_REMIND=value).stdout.strip() == seconds
    assert new_shell(shell, installed, show).stdout.strip() == "600"


@pytest.mark.shell
@every_shell
def test_an_uncacheable_script_is_rendered_each_time(shell: str, installed: Path) -> None:
    directory = installed / "data" / "awsenv"
    shutil.rmtree(directory)
    directory.write_text("a file where a directory should be")
    for _ in range(2):
        done = new_shell(shell, installed, KIND[shell][0])
        assert (done.stdout.strip(), "awsenv" in done.stderr) == (KIND[shell][1], False)


@pytest.mark.shell
@every_shell
def test_the_cached_script_does_nothing_without_awsenv(shell: str, installed: Path) -> None:
    (installed / "bin" / "awsenv").unlink()
    done = new_shell(shell, installed, KIND[shell][0], PATH="/usr/bin:/bin")
    assert KIND[shell][1] not in done.stdout
    assert "bin/awsenv" not in done.stderr


@pytest.mark.shell
@every_shell
def test_uninstall_removes_the_cached_script(shell: str, installed: Path) -> None:
    put(installed / "conf" / "awsenv" / "settings", b"AWSENV_REMIND=77m\n")
    new_shell(shell, installed, "echo")
    awsenv(installed, "uninstall", "--shell", shell)
    assert not list(copy_of(installed, shell).parent.glob(f"{copy_of(installed, shell).name}*"))
    awsenv(installed, "uninstall")
    assert not (installed / "data" / "awsenv").exists()


SHOW_PATH = {"fish": "echo $__fish_config_dir/config.fish", "powershell": "'' + $PROFILE"}


@pytest.mark.shell
@pytest.mark.parametrize("shell", SHOW_PATH)
@pytest.mark.parametrize("config", ["conf", None], ids=["XDG_CONFIG_HOME", "no XDG_CONFIG_HOME"])
def test_the_start_up_file_is_the_one_the_shell_reads(shell: str, config: str | None, tmp_path: Path) -> None:
    environment: Mapping[str, str] = {
        name: value for name, value in environment_of(tmp_path).items() if config or name != "XDG_CONFIG_HOME"
    }
    program = SHELLS[shell].program()
    result = subprocess.run(
        [program, "-c", SHOW_PATH[shell]], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert rc_file.path_of(shell, environment) == result.stdout.strip()


# --- Windows ----------------------------------------------------------------------------------------------------------


def no_powershell(program: str) -> str:
    """As if it were not on PATH, or blocked by a policy."""
    raise AwsenvError(f"cannot run {program}")


def test_uninstall_needs_no_powershell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each PowerShell has its own profile; that of a removed PowerShell is in the default directory."""
    files = [tmp_path / name / "Microsoft.PowerShell_profile.ps1" for name in ("PowerShell", "WindowsPowerShell")]
    monkeypatch.setattr(powershell, "_documents", lambda environ: str(tmp_path))
    for file in files:
        file.parent.mkdir()
        file.write_bytes(b"mine\r\n")
        monkeypatch.setattr(powershell, "_profile_of", lambda program, file=file: str(file))
        with monkeypatch.context() as on_windows:
            on_windows.setattr(sys, "platform", "win32")
            rc_file.add("powershell", environment_of(tmp_path))
        assert file.read_bytes() != b"mine\r\n"
    monkeypatch.setattr(powershell, "_profile_of", no_powershell)
    with monkeypatch.context() as on_windows:
        on_windows.setattr(sys, "platform", "win32")
        assert rc_file.remove("powershell", environment_of(tmp_path)) == list(map(str, files))
        assert rc_file.remove("powershell", environment_of(tmp_path)) == []
        with pytest.raises(AwsenvError, match="cannot run"):
            rc_file.add("powershell", environment_of(tmp_path))
    assert [file.read_bytes() for file in files] == [b"mine\r\n"] * 2


@pytest.mark.parametrize(
    "error", [FileNotFoundError(2, "not there"), PermissionError(13, "blocked by policy")], ids=str
)
def test_an_unrunnable_powershell_is_reported(error: OSError, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **more: object) -> None:
        raise error

    monkeypatch.setattr(subprocess, "run", refuse)
    with pytest.raises(AwsenvError, match=f"cannot run pwsh to find its profile: {error.strerror}"):
        powershell._profile_of("pwsh")


@pytest.mark.parametrize(
    "on_path",
    ["{}", '"{}"', "{}/", "/usr/bin:{}:/bin", ":"],
    ids=["alone", "in quotes", "with a slash", "among others", "missing"],
)
def test_install_for_cmd_detects_whether_its_directory_is_on_path(on_path: str, tmp_path: Path) -> None:
    environ = environment_of(tmp_path)
    directory = Path(cmd_files.paths_of(environ)["cmd"]).parent
    output = _install_cmd({**environ, "PATH": on_path.format(directory)})
    assert ("for new windows" in output) is (on_path == ":")


def test_removing_the_only_file_keeps_the_home_directory(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environ = {**environment_of(home), "HOME": f"{home}/"}
    assert rc_file.add("bash", environ)[1]
    assert rc_file.remove("bash", environ)
    assert home.is_dir()
