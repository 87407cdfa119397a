"""The directories of awsenv, compared with platformdirs; files are written completely or not at all."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from awsenv.aws import paths
from awsenv.system import files

every_umask = pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777], ids=lambda umask: f"umask {umask:03o}")


@contextmanager
def umask_set_to(umask: int) -> Iterator[None]:
    before = os.umask(umask)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- paths ------------------------------------------------------------------------------------------------------------

DIRECTORIES = {
    "own_cache": (paths.own_cache, "user_cache_dir", "XDG_CACHE_HOME"),
    "own_data": (paths.own_data, "user_data_dir", "XDG_DATA_HOME"),
}
every_directory = pytest.mark.parametrize("directory", DIRECTORIES)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CACHE_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    return tmp_path


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="XDG")
@every_directory
@pytest.mark.parametrize(
    "xdg", [None, "", "/elsewhere", "/elsewhere/ a'b", "relative", "./relative", "~/tilde", "$HOME/x"]
)
def test_on_linux_the_directories_are_those_of_platformdirs(
    directory: str, xdg: str | None, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unix = pytest.importorskip("platformdirs.unix")
    path_of, expected_name, variable = DIRECTORIES[directory]
    if xdg is not None:
        monkeypatch.setenv(variable, xdg)
    assert path_of(os.environ) == getattr(unix.Unix("awsenv"), expected_name)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX homes")
@every_directory
@pytest.mark.parametrize("value", [None, "/somewhere", "/"])
def test_the_home_directory_is_that_of_platformdirs(
    directory: str, value: str | None, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platformdirs = pytest.importorskip("platformdirs")
    path_of, expected_name, _ = DIRECTORIES[directory]
    if value is None:
        monkeypatch.delenv("HOME")
    else:
        monkeypatch.setenv("HOME", value)
    assert path_of(os.environ) == getattr(platformdirs.PlatformDirs("awsenv"), expected_name)


@every_directory
def test_on_macos_the_directories_are_those_of_platformdirs(
    directory: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    macos = pytest.importorskip("platformdirs.macos")
    path_of, expected_name, _ = DIRECTORIES[directory]
    expected = getattr(macos.MacOS("awsenv"), expected_name)
    monkeypatch.setattr(sys, "platform", "darwin")
    assert path_of(os.environ) == expected


@every_directory
def test_on_windows_the_directories_are_those_of_platformdirs(
    directory: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    windows = pytest.importorskip("platformdirs.windows")
    path_of, expected_name, _ = DIRECTORIES[directory]
    monkeypatch.setattr(windows, "get_win_folder", windows.get_win_folder_from_env_vars)
    monkeypatch.setenv("LOCALAPPDATA", str(home / "AppData" / "Local"))
    expected = getattr(windows.Windows("awsenv", appauthor=False), expected_name)
    monkeypatch.setattr(sys, "platform", "win32")
    assert path_of(os.environ) == expected


def test_the_session_cache_is_that_of_the_aws_cli(home: Path) -> None:
    assumerole = pytest.importorskip("awscli.customizations.assumerole")
    assert paths.cli_cache(os.environ) == os.path.expanduser(assumerole.CACHE_DIR)


# --- directories ------------------------------------------------------------------------------------------------------

posix = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")


@posix
@every_umask
def test_a_directory_is_private_whatever_the_umask(umask: int, tmp_path: Path) -> None:
    with umask_set_to(umask):
        files.private_directory(str(tmp_path / "a" / "b" / "c"))
    directories = [tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "c"]
    assert [oct(mode(directory)) for directory in directories] == [oct(0o700)] * 3
    files.private_directory(str(tmp_path / "a" / "b" / "c"))


@posix
def test_an_existing_directory_is_left_alone(tmp_path: Path) -> None:
    existing = tmp_path / "existing"
    existing.mkdir()
    existing.chmod(0o755)
    files.private_directory(str(existing))
    files.private_directory(str(existing / "new"))
    assert (mode(existing), mode(existing / "new")) == (0o755, 0o700)


@pytest.mark.parametrize("path", ["a", "a/b/c", "./a/b"])
def test_a_directory_may_be_a_relative_path(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files.private_directory(path)
    assert (tmp_path / path).is_dir()


@pytest.mark.parametrize("below", ["", "b", "b/c"])
@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_a_file_in_the_way_of_a_directory_is_an_oserror(kind: str, below: str, tmp_path: Path) -> None:
    obstacle = tmp_path / "a"
    if kind == "file":
        obstacle.write_text("mine")
    else:
        obstacle.symlink_to(tmp_path / "nowhere")
    with pytest.raises(OSError, match="a"):
        files.private_directory(str(obstacle / below))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def concurrently(count: int, work: Callable[[int], None]) -> list[BaseException]:
    """Run `work` in `count` threads that start together; their errors."""
    start, errors = threading.Barrier(count), []

    def run(number: int) -> None:
        start.wait()
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_several_threads_can_make_the_same_directory(tmp_path: Path) -> None:
    for turn in range(20):
        directory = tmp_path / str(turn) / "b" / "c"
        assert not concurrently(8, lambda number, directory=directory: files.private_directory(str(directory)))
        assert directory.is_dir()


# --- files ------------------------------------------------------------------------------------------------------------

OLD, NEW = b"old content\n", b"new content\r\n\0" * 20_000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "directory" / "file"
    path.parent.mkdir()
    path.write_bytes(OLD)
    path.chmod(0o644)
    return path


def is_unchanged(file: Path) -> bool:
    return [path.name for path in file.parent.iterdir()] == [file.name] and file.read_bytes() == OLD


@posix
@every_umask
@pytest.mark.parametrize("exists", [True, False])
@pytest.mark.parametrize("wanted", [None, 0o600, 0o644, 0o755])
def test_a_file_is_written_with_its_permissions_whatever_the_umask(
    umask: int, exists: bool, wanted: int | None, file: Path
) -> None:
    if not exists:
        file.unlink()
    with umask_set_to(umask):
        files.write_atomic(str(file), NEW, **({} if wanted is None else {"mode": wanted}))
    assert file.read_bytes() == NEW
    assert oct(mode(file)) == oct(0o600 if wanted is None else wanted)
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("data", [b"", b"\n", b"a\r\nb\n\x1a\xff"])
def test_bytes_are_written_unchanged(data: bytes, file: Path) -> None:
    files.write_atomic(str(file), data)
    assert file.read_bytes() == data


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), OSError(errno.EIO, "I/O error"), KeyboardInterrupt()]
)
@pytest.mark.parametrize("call", ["write", "fsync", "close", "replace"])
def test_when_a_call_fails_the_old_content_stays(
    call: str, error: BaseException, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = getattr(os, call)

    def failing(*arguments: object) -> None:
        if call == "close":
            real(*arguments)
        raise error

    monkeypatch.setattr(os, call, failing)
    with pytest.raises(type(error)) as raised:
        files.write_atomic(str(file), NEW)
    monkeypatch.undo()
    assert raised.value is error
    assert is_unchanged(file)


@pytest.mark.parametrize("call", ["write", "fsync", "close", "replace"])
def test_a_ctrl_c_is_delayed_until_the_file_is_complete(call: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = getattr(os, call)

    def interrupted(*arguments: object) -> object:
        # to this thread: other threads of the test runner do not block the signal
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        return real(*arguments)

    monkeypatch.setattr(os, call, interrupted)
    with pytest.raises(KeyboardInterrupt):
        files.write_atomic(str(file), NEW)
    monkeypatch.undo()
    assert file.read_bytes() == NEW
    assert list(file.parent.iterdir()) == [file]


def test_a_partial_write_is_continued(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: real(handle, data[:1000]))
    files.write_atomic(str(file), NEW)
    monkeypatch.undo()
    assert file.read_bytes() == NEW


WRITES = """
import os, resource, signal, sys
from awsenv.system import files
file, event = sys.argv[1:]
if event == "full":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
else:
    setattr(os, event, lambda *arguments: os.kill(os.getpid(), signal.SIGKILL))
try:
    files.write_atomic(file, b"new" * 100_000)
except OSError as error:
    sys.exit(error.errno)
"""


def write_in_a_process(file: Path, event: str) -> int:
    return subprocess.run([sys.executable, "-c", WRITES, str(file), event], timeout=60, check=False).returncode


@pytest.mark.shell
@posix
def test_when_the_disk_is_full_the_old_content_stays(file: Path) -> None:
    assert write_in_a_process(file, "full") == errno.EFBIG
    assert is_unchanged(file)


@pytest.mark.shell
@posix
@pytest.mark.parametrize("moment", ["write", "fsync", "close", "replace"])
def test_when_the_process_is_killed_the_old_content_stays(moment: str, file: Path) -> None:
    assert write_in_a_process(file, moment) == -signal.SIGKILL
    assert file.read_bytes() == OLD
    files.write_atomic(str(file), NEW)  # despite the temporary file of the killed process
    assert file.read_bytes() == NEW


def test_a_directory_in_place_of_the_file_is_an_oserror(file: Path) -> None:
    file.unlink()
    file.mkdir()
    with pytest.raises(OSError, match="file"):
        files.write_atomic(str(file), NEW)
    assert list(file.parent.iterdir()) == [file]


def test_a_missing_directory_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.write_atomic(str(tmp_path / "nowhere" / "file"), NEW)


def test_a_reader_sees_the_old_content_or_the_new_one(file: Path) -> None:
    contents = [bytes([letter]) * 100_000 for letter in b"ABC"]
    files.write_atomic(str(file), contents[0])
    done = threading.Event()
    contents_read: list[bytes] = []

    def work(number: int) -> None:
        if number < len(contents):
            for _ in range(25):
                files.write_atomic(str(file), contents[number])
            done.set()
        while number == len(contents) and not done.is_set():
            contents_read.append(file.read_bytes())

    assert not concurrently(len(contents) + 1, work)
    assert contents_read
    assert not [content for content in contents_read if content not in contents]
    assert list(file.parent.iterdir()) == [file]


@posix
def test_a_reader_that_has_the_old_file_open_still_reads_it(file: Path) -> None:
    with file.open("rb") as reader:
        files.write_atomic(str(file), NEW)
        assert reader.read() == OLD


def test_a_thread_writes_a_file_without_blocking_signals(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On Windows SIGINT is ignored during the write, which only the main thread can do."""
    windows = types.SimpleNamespace(signal=signal.signal, SIGINT=signal.SIGINT, SIG_IGN=signal.SIG_IGN)
    monkeypatch.setattr(files, "_signal", windows)
    before = signal.getsignal(signal.SIGINT)
    path = tmp_path / "file"
    with ThreadPoolExecutor() as pool:
        pool.submit(files.write_atomic, str(path), b"of a thread").result()
    assert path.read_bytes() == b"of a thread"
    files.write_atomic(str(path), b"of the main thread")
    assert path.read_bytes() == b"of the main thread"
    assert signal.getsignal(signal.SIGINT) is before


# --- reading ----------------------------------------------------------------------------------------------------------


def test_only_a_regular_file_that_is_not_too_large_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    assert paths.read_regular(str(path), 5) == b"12345"
    assert paths.read_regular(str(path), 4) is None
    assert paths.read_regular(str(tmp_path), 5) is None
    with pytest.raises(FileNotFoundError):
        paths.read_regular(str(tmp_path / "gone"), 5)
    with pytest.raises(ValueError, match="null"):
        paths.read_regular("a\0b", 5)


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes among the files")
def test_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert paths.read_regular(str(tmp_path / "pipe"), 5) is None
    assert paths.read_regular("/dev/zero", 5) is None
