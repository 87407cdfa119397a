"""`awsenv exec --server`: what it serves, to whom and for how long, and that no SDK finds other credentials."""

from __future__ import annotations

import http.client
import json
import os
import re
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support.clients import STALE, caller
from support.clock import Clock
from support.environment import wait_for
from support.homes import Home
from support.programs import BIN, need
from support.session_cache import as_another_user, owned_by_root
from support.shells import INTERACTIVE, SHELLS
from support.shells import run as in_shell
from support.sts import ACCOUNT

from awsenv import environment
from awsenv.credentials import obtain
from awsenv.credentials.request import Request
from awsenv.credentials.resolve import process_environment
from awsenv.environment import messages
from awsenv.server import child_environment, peers

needs_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")

#: A command that prints its environment and waits until its stdin is closed.
SHOW_ENVIRONMENT = "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()"
#: A command that prints its identity for every line that it reads, all with one client. (Python's sleep, in which
#: botocore waits before it retries a slow endpoint, fails under libfaketime.)
CALL_STS_PER_LINE = """
import sys, threading, time
time.sleep = threading.Event().wait
import boto3
session = boto3.Session()
client = session.client("sts", region_name="eu-central-1")
for line in sys.stdin:
    try:
        arn = client.get_caller_identity()["Arn"]
        print(arn, session.get_credentials().get_frozen_credentials().access_key, flush=True)
    except Exception as error:
        print(type(error).__name__, error, flush=True)
"""


@dataclass
class Run:
    """A running `awsenv exec --server`.

    Attributes:
        process: awsenv.
        environment: that of the command, if it prints it.
    """

    process: subprocess.Popen[str]
    environment: dict[str, str]

    @property
    def aws_variables(self) -> dict[str, str]:
        """The AWS and awsenv variables of the command, without those that all tests set."""
        ours = ("AWS_ENDPOINT_URL", "AWS_EC2_METADATA_DISABLED")
        return {name: value for name, value in self.environment.items() if name.startswith("AWS") and name not in ours}

    @property
    def address(self) -> tuple[str, int]:
        url = urlsplit(self.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
        assert url.hostname
        assert url.port
        return url.hostname, url.port

    @property
    def token_file(self) -> Path:
        return Path(self.environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"])

    @property
    def headers(self) -> dict[str, str]:
        """The headers that an SDK sends."""
        return {"Authorization": self.token_file.read_text(), "Accept": "application/json"}

    def request(
        self,
        headers: dict[str, str] | None = None,
        method: str = "GET",
        path: str | None = None,
        body: bytes | None = None,
    ) -> tuple[int, dict[str, str]]:
        """Send a request; the status and the content of the response."""
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        url = urlsplit(self.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"])
        connection.request(method, path or url.path, body, self.headers if headers is None else headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if text else {}

    def raw(self, data: bytes) -> bytes:
        """The whole response to these bytes."""
        with socket.create_connection(self.address, timeout=60) as connection:
            connection.sendall(data)
            answer = b""
            while piece := connection.recv(4096):
                answer += piece
            return answer

    def line(self) -> str:
        """One line of output of the command CALL_STS_PER_LINE."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def report(self) -> str:
        """The next line of stderr."""
        assert self.process.stderr
        return next(filter(is_report, self.process.stderr))

    def end(self) -> str:
        """End the command; its stderr."""
        out, err = self.process.communicate(timeout=60)
        assert (self.process.returncode, out) == (0, ""), err
        return "".join(filter(is_report, err.splitlines(keepends=True)))


def is_report(line: str) -> bool:
    """Whether it is not the notice about a wait of two seconds for the first session, as on a busy machine."""
    return not line.startswith("awsenv: waiting for ")


@contextmanager
def serving(home: Home, *args: str, script: str = SHOW_ENVIRONMENT, **more: str) -> Iterator[Run]:
    process = subprocess.Popen(
        [BIN / "awsenv", "exec", "--server", *(args or ("project1",)), "--", sys.executable, "-c", script],
        env=home.environment(**more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout
        shown = process.stdout.readline() if script == SHOW_ENVIRONMENT else "{}"
        if not shown:
            pytest.fail(process.communicate()[1])
        yield Run(process, json.loads(shown))
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@pytest.fixture
def run(home: Home) -> Iterator[Run]:
    """A command that waits while its server runs."""
    with serving(home) as running:
        yield running


# --- the response ---------------------------------------------------------------------------------------------------


@pytest.mark.shell
def test_the_command_gets_the_endpoint_and_no_keys(home: Home) -> None:
    with serving(home, **STALE) as run:
        variables = run.aws_variables
        assert "BOTO_CONFIG" not in run.environment  # the user's files are used unless they override the server
    del variables["AWS_ROLE_ARN"]
    token_file, url = (
        variables.pop(f"AWS_CONTAINER_{name}") for name in ("AUTHORIZATION_TOKEN_FILE", "CREDENTIALS_FULL_URI")
    )
    assert url.startswith("http://127.0.0.1:")
    assert variables.pop("AWSENV_SERVER") == url
    assert Path(token_file).parent.parent == home.path
    assert variables == {
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWSENV_PROFILE": "project1",
        "AWSENV_REGION": "eu-central-1",
        "AWSENV_PREVIOUS_AWS_PROFILE": "gone",
        "AWSENV_PREVIOUS_AWS_DEFAULT_PROFILE": "gone too",
        "AWSUME_PROFILE": "project1",
    }


@pytest.mark.unit
def test_a_file_of_boto_2_is_hidden_only_if_it_has_keys(tmp_path: Path) -> None:
    """gsutil writes that file with its own settings, which the command keeps."""
    before = {"HOME": str(tmp_path)}
    for line, hidden in (("# aws_access_key_id = x", None), ("aws_access_key_id = x", os.devnull)):
        (tmp_path / ".boto").write_text(f"[Credentials]\n{line}\n")
        assert child_environment.child_environment(before, str(tmp_path)).get("BOTO_CONFIG") == hidden


@pytest.mark.shell
def test_the_server_answers_in_the_container_format(run: Run, home: Home) -> None:
    status, content = run.request()
    assert status == 200
    assert set(content) == {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}
    cached = home.exported("project1")
    assert content["AccessKeyId"] == cached["AWS_ACCESS_KEY_ID"]
    assert content["SecretAccessKey"] == cached["AWS_SECRET_ACCESS_KEY"]
    assert content["Token"] == cached["AWS_SESSION_TOKEN"]
    assert content["Expiration"] == cached["AWS_CREDENTIAL_EXPIRATION"]


@pytest.mark.shell
def test_a_cached_session_is_served(home: Home) -> None:
    cached = home.exported("project1")
    with serving(home) as run:
        assert run.request()[1]["AccessKeyId"] == cached["AWS_ACCESS_KEY_ID"]


@pytest.mark.shell
def test_answers_forbid_caching(run: Run) -> None:
    token = run.token_file.read_text()
    answer = run.raw(
        f"GET /credentials HTTP/1.1\r\nHost: localhost:{run.address[1]}\r\nAuthorization: {token}\r\n\r\n".encode()
    )
    head = answer.split(b"\r\n\r\n")[0]
    assert head.startswith(b"HTTP/1.0 200")
    assert b"Cache-Control: no-store" in head
    assert b"Access-Control" not in head
    assert b"Server:" not in head


# --- refused requests -----------------------------------------------------------------------------------------------

#: name -> the changes to a valid request, and the status of the response
REFUSED: dict[str, tuple[dict[str, object], int]] = {
    "no token": ({"Authorization": None}, 403),
    "another token": ({"Authorization": "A" * 43}, 403),
    "an empty token": ({"Authorization": ""}, 403),
    "half of it": ({"Authorization": lambda token, _: token[:20]}, 403),
    "more than it": ({"Authorization": lambda token, _: token + "A"}, 403),
    "as a bearer": ({"Authorization": lambda token, _: f"Bearer {token}"}, 403),
    "in other letters": ({"Authorization": lambda token, _: token.swapcase()}, 403),
    "beyond ASCII": ({"Authorization": "tök€n".encode()}, 403),
    "the name of another host": ({"Host": "evil.example"}, 403),
    "that with our port": ({"Host": lambda _, port: f"evil.example:{port}"}, 403),
    "no port": ({"Host": "127.0.0.1"}, 403),
    "another port": ({"Host": "127.0.0.1:1"}, 403),
    "an origin": ({"Origin": "http://evil.example"}, 403),
    "our own origin": ({"Origin": lambda _, port: f"http://127.0.0.1:{port}"}, 403),
    "a null origin": ({"Origin": "null"}, 403),
    "a referer": ({"Referer": "http://evil.example/page"}, 403),
    "a browser's fetch": ({"Sec-Fetch-Site": "same-origin"}, 403),
    "a body": ({"Content-Length": "2"}, 400),
    "pieces of a body": ({"Transfer-Encoding": "chunked"}, 400),
    "many headers": ({f"X-{n}": "y" for n in range(200)}, 431),
}


@pytest.mark.shell
@pytest.mark.parametrize("name", REFUSED)
def test_unauthorized_requests_are_refused(name: str, run: Run) -> None:
    changes, status = REFUSED[name]
    headers = dict(run.headers)
    for header, value in changes.items():
        if value is None:
            del headers[header]
        elif callable(value):
            headers[header] = value(headers["Authorization"], run.address[1])
        else:
            headers[header] = value  # type: ignore[assignment]
    answer, content = run.request(headers)
    assert answer == status
    assert set(content) == {"Code", "Message"}
    assert run.request()[0] == 200


@pytest.mark.shell
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", None, 405),
        ("PUT", None, 405),
        ("HEAD", None, 405),
        ("OPTIONS", None, 405),
        ("CONNECT", "127.0.0.1:80", 405),
        ("GET", "/", 404),
        ("GET", "/credentials/", 404),
        ("GET", "/credentials?x=1", 404),
        ("GET", "/../credentials", 404),
        ("GET", "http://127.0.0.1/credentials", 403),
    ],
)
def test_other_methods_and_paths_are_refused(method: str, path: str | None, status: int, run: Run) -> None:
    assert run.request(method=method, path=path)[0] == status
    # without the token the response does not reveal whether the path exists
    assert run.request({}, method=method, path=path)[0] == 403


@pytest.mark.shell
@pytest.mark.parametrize(
    "text",
    [
        "GET /credentials HTTP/1.1\r\nAuthorization: {token}\r\n\r\n",
        "GET /credentials HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\nAuthorization: {token}\r\n\r\n",
        "GET /credentials HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\nAuthorization: x\r\n\r\n",
        "GET /credentials HTTP/9.9\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n",
        "GET /credentials\r\n\r\n",
        "GET /credentials\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n",
        "GET //credentials HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n",
        "GET ///credentials HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n",
        "nothing of the kind\r\n\r\n",
        "\r\n\r\n",
        "\x16\x03\x01\x02\x00\r\n\r\n",
    ],
    ids=[
        "no host",
        "two hosts",
        "two tokens",
        "another HTTP",
        "HTTP/0.9",
        "HTTP/0.9 with a head",
        "two slashes",
        "three slashes",
        "no HTTP",
        "nothing",
        "TLS",
    ],
)
def test_malformed_requests_are_refused(text: str, run: Run) -> None:
    host = f"127.0.0.1:{run.address[1]}"
    answer = run.raw(text.format(token=run.token_file.read_text(), host=host).encode("latin-1"))
    assert b"AccessKeyId" not in answer
    assert run.request()[0] == 200


@pytest.mark.shell
def test_the_token_file_is_private(run: Run) -> None:
    assert stat.S_IMODE(run.token_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(run.token_file.parent.stat().st_mode) == 0o700
    token = run.token_file.read_text()
    assert len(token) == 43  # 256 bits
    assert token.strip() == token
    assert token not in "".join(run.environment.values())
    assert token not in Path(f"/proc/{run.process.pid}/cmdline").read_text()


@pytest.mark.shell
def test_every_run_has_its_own_token_and_port(run: Run, home: Home) -> None:
    with serving(home) as other:
        assert other.address != run.address
        assert run.request(other.headers)[0] == 403


@pytest.mark.shell
def test_the_server_listens_only_on_loopback(run: Run) -> None:
    port = f":{run.address[1]:04X}"
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    assert [fields[1] for fields in lines if fields[1].endswith(port) and fields[3] == "0A"] == [f"0100007F{port}"]


@pytest.mark.shell
@pytest.mark.parametrize("variable", ["XDG_RUNTIME_DIR", "TMPDIR"])
@pytest.mark.parametrize(
    "kind", ["of another user", "open to others", "open to its group", "below one of another user", "a link"]
)
def test_a_directory_that_another_user_could_replace_is_not_used(
    kind: str, variable: str, home: Home, tmp_path: Path
) -> None:
    """As root after su or sudo -E, which keep the variable: otherwise that user could supply the config file."""
    with owned_by_root() as root:
        place = foreign = root / "theirs"
        foreign.mkdir()
        if kind.startswith("open"):
            foreign.chmod(0o777 if kind == "open to others" else 0o770)
        else:
            os.chown(foreign, 65534, 65534)
        if kind == "below one of another user":
            place = foreign / "mine"
            place.mkdir(0o700)
        elif kind == "a link":
            place = root / "link"
            place.symlink_to(foreign)
        with serving(home, **{variable: str(place)}) as run:
            directory = run.token_file.parent
            assert not directory.is_relative_to(root)
            assert stat.S_IMODE(directory.stat().st_mode) == 0o700
            if variable == "TMPDIR":
                assert directory.parent in (Path("/tmp"), Path("/var/tmp"))


@pytest.mark.shell
def test_the_token_file_is_in_memory_where_possible(home: Home, tmp_path: Path) -> None:
    with serving(home, XDG_RUNTIME_DIR=str(tmp_path)) as run:
        assert run.token_file.parent.parent == tmp_path
    with serving(home, XDG_RUNTIME_DIR=str(tmp_path / "gone")) as run:
        assert run.token_file.parent.parent == home.path


@pytest.mark.shell
def test_silent_connections_do_not_block_others(run: Run) -> None:
    idle = [socket.create_connection(run.address) for _ in range(80)]
    for connection in idle[:20]:
        with suppress(ConnectionError):  # the oldest have already made room
            connection.sendall(b"G")
    start = time.monotonic()
    assert run.request()[0] == 200
    assert time.monotonic() - start < 2  # botocore's timeout
    idle[0].settimeout(60)
    with suppress(ConnectionError):
        assert idle[0].recv(1) == b""
    assert is_open(idle[-1])
    for connection in idle:
        connection.close()


def is_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True


@pytest.mark.shell
def test_a_connection_that_sends_nothing_is_closed_before_a_slow_one(run: Run) -> None:
    with socket.create_connection(run.address) as slow, socket.create_connection(run.address, timeout=60) as silent:
        slow.sendall(b"G")
        assert silent.recv(1) == b""
        assert is_open(slow)


@pytest.mark.shell
@pytest.mark.parametrize("sent", [b"", b"G", b"all"], ids=["nothing", "a byte", "a request with the token"])
def test_connections_of_another_user_are_closed_at_once(sent: bytes, run: Run) -> None:
    host, port = run.address
    request = f"GET /credentials HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: {run.token_file.read_text()}\r\n\r\n"
    ours = socket.create_connection(run.address)
    with owned_by_root(), as_another_user():
        foreign = [socket.create_connection(run.address, timeout=60) for _ in range(20)]
        answers = []
        for connection in foreign:
            with suppress(ConnectionError):
                connection.sendall(request.encode() if sent == b"all" else sent)
                answers.append(connection.recv(4096))
    assert set(answers) <= {b""}
    assert is_open(ours)  # so the others were not closed for being slow
    assert run.request()[0] == 200
    for connection in (ours, *foreign):
        connection.close()


@pytest.mark.shell
@needs_root
@pytest.mark.parametrize("network", ["the host's", "its own"])
def test_a_container_reaches_the_server_by_the_network_of_the_host_only(network: str, home: Home) -> None:
    """README's claim about docker, tested in the namespaces that containers consist of."""
    unshare = ["unshare", "--mount", "--pid", "--fork", "--uts", "--ipc", *(["--net"] if network == "its own" else [])]
    show = "import boto3; print(boto3.Session().get_credentials().method)"
    done = home.awsenv("exec", "--server", "user1", "--", *unshare, sys.executable, "-c", show)
    assert (done.stdout == "container-role\n") == (network == "the host's"), done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports the owner of a connection")
def test_the_user_of_a_connection_is_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            assert peers.user_of(client.getsockname(), server.getsockname()) == os.geteuid()
        assert peers.user_of(("127.0.0.1", 1), server.getsockname()) is None


@pytest.mark.shell
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such setting")
def test_a_crash_leaves_no_memory_of_the_server_in_a_core_file(home: Home) -> None:
    """The command is not affected: its core files are its own."""
    limit = resource.getrlimit(resource.RLIMIT_CORE)
    if limit[1] == 0:
        pytest.skip("no core files are allowed here")
    resource.setrlimit(resource.RLIMIT_CORE, (limit[1], limit[1]))
    try:
        with serving(home) as run:
            os.kill(run.process.pid, signal.SIGSEGV)
            _, status = os.waitpid(run.process.pid, 0)
            assert (os.WTERMSIG(status), os.WCOREDUMP(status)) == (signal.SIGSEGV, False)
            run.process.returncode = -signal.SIGSEGV
        done = home.awsenv("exec", "--server", "user1", "--", sys.executable, "-c", CRASHES)
        assert done.stdout == "True\n", done.stderr
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, limit)


CRASHES = """
import os, signal, tempfile
os.chdir(tempfile.mkdtemp())
child = os.fork()
if not child:
    os.kill(os.getpid(), signal.SIGSEGV)
print(os.WCOREDUMP(os.waitpid(child, 0)[1]))
"""


@pytest.mark.shell
def test_an_endless_request_is_cut_off(run: Run) -> None:
    with socket.create_connection(run.address, timeout=60) as connection, pytest.raises(ConnectionError):
        while True:
            connection.sendall(b"x" * 1024)
    assert run.request()[0] == 200


# --- the lifetime ---------------------------------------------------------------------------------------------------


def has_stopped(run: Run) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(run.address) != 0 and not run.token_file.parent.exists()


@pytest.mark.shell
def test_the_server_stops_with_the_command(run: Run) -> None:
    assert not has_stopped(run)
    assert run.end() == ""
    assert has_stopped(run)


@pytest.mark.shell
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_server_stops_when_a_signal_ends_both(number: signal.Signals, run: Run) -> None:
    os.kill(run.process.pid, number)
    assert run.process.wait(30) == 128 + number
    assert has_stopped(run)


@pytest.mark.shell
def test_an_unrunnable_command_leaves_no_server(home: Home) -> None:
    assert home.awsenv("exec", "--server", "project1", str(home.path)).returncode == 126
    assert not list(home.path.glob("awsenv-*"))


@pytest.mark.shell
def test_a_missing_directory_for_the_token_is_reported(home: Home) -> None:
    done = home.awsenv("exec", "--server", "user1", "true", XDG_RUNTIME_DIR="/proc/self/fdinfo")
    assert done.returncode == 1
    assert "cannot make a directory for the token" in done.stderr
    assert done.stderr.count("\n") == 1


# --- never stale ----------------------------------------------------------------------------------------------------


def next_session(run: Run, previous: str) -> str:
    """Request until there is a new session: a renewal before expiry runs in the background; the ARN and the key."""
    deadline = time.monotonic() + 60
    while (line := run.line()) == previous and time.monotonic() < deadline:
        pass
    return line


@pytest.mark.shell
@pytest.mark.parametrize(
    ("options", "unchanged", "renewed"),
    [
        ((), "+30m", ("+50m", "+100m", "+3h", "+4h", "+30h")),
        (("--no-cache",), "+30m", ("+50m", "+100m", "+3h", "+4h", "+30h")),
        (("--duration", "15m"), "+7m", ("+8m", "+16m", "+1h")),  # the shortest, renewed after half of it
    ],
    ids=["from the cache", "without the cache", "15m"],
)
def test_a_program_survives_expirations(
    options: tuple[str, ...], unchanged: str, renewed: tuple[str, ...], home: Home, clock: Clock
) -> None:
    if not options:
        home.exported("project1")
    with serving(home, *options, "project1", script=CALL_STS_PER_LINE, **clock.environment) as run:
        sessions = [run.line()]
        clock.move(unchanged)
        assert run.line() == sessions[0]
        for offset in renewed:
            clock.move(offset)
            sessions.append(next_session(run, sessions[-1]))
        assert run.end() == ""
    assert all(f"{ACCOUNT}:assumed-role/project1/" in session for session in sessions), sessions
    assert len(set(sessions)) == 1 + len(renewed)


def test_a_renewal_does_not_change_os_environ(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    request, environ = Request("project1", "project1", {}, fresh=True), home.environment()
    changes: list[object] = []
    with process_environment(request, environ):
        with monkeypatch.context() as patch:
            patch.setattr(os, "putenv", lambda *args: changes.append(args))
            patch.setattr(os, "unsetenv", changes.append)
            assert obtain(request, environ, int(time.time())).token
        assert not changes
        os.environ["AWSENV_TEST"] = "x"
    assert "AWSENV_TEST" not in os.environ


@pytest.mark.shell
def test_concurrent_requests_after_expiry_wait_for_one_renewal(home: Home, clock: Clock) -> None:
    with serving(home, **clock.environment) as run:
        first = run.request()[1]
        clock.move("+2h")
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: run.request(), range(20)))
        assert run.end() == ""
    assert {status for status, _ in answers} == {200}
    (key,) = {content["AccessKeyId"] for _, content in answers}
    assert key != first["AccessKeyId"]


@pytest.mark.shell
def test_a_session_from_another_process_is_served(home: Home, clock: Clock) -> None:
    with serving(home, **clock.environment) as run:
        run.request()
        clock.move("+2h")
        other = home.exported("project1", **clock.environment)
        assert run.request()[1]["AccessKeyId"] == other["AWS_ACCESS_KEY_ID"]
        assert run.end() == ""


@pytest.mark.shell
def test_a_failed_renewal_is_reported_once_and_retried(home: Home, clock: Clock) -> None:
    config = home.config.read_text()
    with serving(home, **clock.environment) as run:
        first = run.request()
        home.config.write_text(config.replace("role/project1\n", "role/closed\n"))
        clock.move("+50m")
        assert run.request() == first  # valid for ten more minutes
        output = run.report()
        clock.move("+61m")
        status, content = run.request()
        assert status == 500
        assert content["Code"] == "CredentialsNotRenewed"
        assert "AccessDenied" in content["Message"]
        home.config.write_text(config)
        wait_for(lambda: run.request()[0] == 200, "the session is renewed")
        assert run.request()[1]["AccessKeyId"] != first[1]["AccessKeyId"]
        assert run.end() == ""
    assert re.match(r"awsenv: the session of project1 has \dm left and cannot be renewed: AssumeRole", output)
    assert "awsenv assume project1" in output


@pytest.mark.shell
def test_long_term_keys_are_looked_up_again(home: Home, clock: Clock) -> None:
    assert home.sts
    with serving(home, "user1", script=CALL_STS_PER_LINE, **clock.environment) as run:
        arn, key = run.line().split()
        assert arn.endswith("user/user1")
        assert key == home.sts.key_id
        new = home.sts.client("iam").create_access_key(UserName="user1")["AccessKey"]
        home.credentials.write_text(
            f"[user1]\naws_access_key_id = {new['AccessKeyId']}\naws_secret_access_key = {new['SecretAccessKey']}\n"
        )
        clock.move("+61m")
        arn, key = run.line().split()
        assert arn.endswith("user/user1")
        assert key == new["AccessKeyId"]
    home.sts.client("iam").delete_access_key(UserName="user1", AccessKeyId=new["AccessKeyId"])


# --- what takes precedence in SDKs ----------------------------------------------------------------------------------


def default(lines: str) -> Callable[[Home], dict[str, str]]:
    def write(home: Home) -> dict[str, str]:
        home.config.write_text(home.config.read_text().replace("[default]\n", f"[default]\n{lines}"))
        return {}

    return write


def in_credentials(home: Home) -> dict[str, str]:
    home.credentials.write_text(
        home.credentials.read_text() + "[default]\naws_access_key_id = AKIASHADOW\naws_secret_access_key = shadow\n"
    )
    return {}


def in_boto_2(home: Home) -> dict[str, str]:
    (home.path / ".boto").write_text("[Credentials]\naws_access_key_id = AKIASHADOW\naws_secret_access_key = shadow\n")
    return {}


def variables(**more: str) -> Callable[[Home], dict[str, str]]:
    return lambda home: {name: value.format(home=home.path) for name, value in more.items()}


def web_identity(home: Home) -> dict[str, str]:
    (home.path / "jwt").write_text("x.y.z")
    return {
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(home.path / "jwt"),
        "AWS_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/project1",
    }


SHADOWS: dict[str, Callable[[Home], dict[str, str]]] = {
    "nothing": variables(),
    "stale keys": variables(**STALE),
    "a profile": variables(AWS_PROFILE="temporary"),
    "an empty profile": variables(AWS_PROFILE=""),
    "the other profile": variables(AWS_DEFAULT_PROFILE="temporary"),
    "a web identity": web_identity,
    "the relative URI": variables(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="/role"),
    "another token": variables(AWS_CONTAINER_AUTHORIZATION_TOKEN="other"),
    "default keys in credentials": in_credentials,
    "default keys in config": default("aws_access_key_id = AKIASHADOW\naws_secret_access_key = shadow\n"),
    "a default role": default(f"role_arn = arn:aws:iam::{ACCOUNT}:role/closed\nsource_profile = user1\n"),
    "a default process": default("credential_process = false\n"),
    "a default sign-in": default(
        "sso_start_url = https://x.example\nsso_region = eu-west-1\nsso_account_id = 123456789012\nsso_role_name = r\n"
    ),
    "boto 2": in_boto_2,
    "all in the files": lambda home: (
        in_credentials(home) | default("credential_process = false\n")(home) | in_boto_2(home)
    ),
}

CLIENTS = {
    "boto3": [
        sys.executable,
        "-c",
        "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])",
    ],
    "aws": [str(BIN / "aws"), "sts", "get-caller-identity", "--query", "Arn", "--output", "text"],
}


@pytest.mark.shell
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("shadow", SHADOWS)
def test_real_clients_find_the_endpoint(shadow: str, client: str, home: Home) -> None:
    more = SHADOWS[shadow](home)
    done = home.awsenv("exec", "--server", "project1", "--", *CLIENTS[client], **more)
    assert done.returncode == 0, done.stderr
    assert f"{ACCOUNT}:assumed-role/project1/" in done.stdout


@pytest.mark.shell
def test_the_debian_aws_cli_finds_the_endpoint(home: Home) -> None:
    """Version 2.9.19 does not support the token file, and reports it; a newer one acts as the role."""
    program = need("AWS CLI v2 (Debian: awscli)", shutil.which("aws", path="/usr/bin"))
    assert home.sts
    args = [program, "--endpoint-url", home.sts.url, "sts", "get-caller-identity"]
    done = home.awsenv("exec", "--server", "project1", "--", *args)
    assert "assumed-role/project1/" in done.stdout or "the authorization token is missing" in done.stderr


JAVASCRIPT = """
const { fromNodeProviderChain } = require("@aws-sdk/credential-providers");
fromNodeProviderChain()().then(found => console.log(JSON.stringify([
  found.accessKeyId, found.secretAccessKey, found.sessionToken, found.expiration
]))).catch(error => { console.error(error); process.exit(1); });
"""


@pytest.mark.shell
@pytest.mark.parametrize("shadow", SHADOWS)
def test_the_sdk_for_javascript_finds_the_endpoint(shadow: str, home: Home, javascript: str) -> None:
    more = SHADOWS[shadow](home)
    node = need("node", shutil.which("node"))
    script = home.path / "script.cjs"
    script.write_text(JAVASCRIPT)
    done = home.awsenv("exec", "--server", "project1", "--", node, str(script), NODE_PATH=javascript, **more)
    assert done.returncode == 0, done.stderr
    key, secret, token, expiration = json.loads(done.stdout)
    assert expiration
    arn = caller(home, AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret, AWS_SESSION_TOKEN=token)
    assert f"{ACCOUNT}:assumed-role/project1/" in arn


@pytest.mark.shell
def test_the_sdk_for_javascript_accepts_long_term_keys(home: Home, javascript: str) -> None:
    node = need("node", shutil.which("node"))
    done = home.awsenv("exec", "--server", "user1", "--", node, "-e", JAVASCRIPT, NODE_PATH=javascript)
    assert done.returncode == 0, done.stderr
    assert home.sts
    assert json.loads(done.stdout)[:2] == [home.sts.key_id, home.sts.secret]


OVERRIDING_DEFAULT = """
output = text
s3 =
  max_concurrent_requests = 7
role_arn = arn:aws:iam::000000000000:role/closed
source_profile = user1
"""


@pytest.mark.shell
def test_other_settings_of_an_overriding_default_profile_stay(home: Home) -> None:
    default(OVERRIDING_DEFAULT.lstrip())(home)
    script = """
import boto3, botocore.session
session = botocore.session.Session()
print(session.get_scoped_config(), sorted(session.available_profiles))
print(boto3.Session(profile_name="project1").client("sts").get_caller_identity()["Arn"])
"""
    done = home.awsenv("exec", "--server", "chained", "--", sys.executable, "-c", script)
    assert done.returncode == 0, done.stderr
    settings, other = done.stdout.splitlines()
    assert "'output': 'text'" in settings
    assert "'s3': {'max_concurrent_requests': '7'}" in settings
    assert "'region': 'us-east-1'" in settings
    assert "role_arn" not in settings
    assert "'awsenv-exec-1', 'chained', 'closed'" in settings
    assert "assumed-role/project1/" in other  # a named profile still works, with its source in the user's own file


@pytest.mark.shell
def test_the_copied_files_have_no_secret(home: Home) -> None:
    default("aws_access_key_id = AKIASHADOW\naws_secret_access_key = shadow\n")(home)
    home.config.write_text(
        home.config.read_text()
        + "[profile more]\nAWS_Secret_Access_Key : sesame1\naws_session_token = sesame2\n  sesame3\nregion = x\n"
        + "[profile indented]\n  aws_access_key_id = AKIA\n  aws_secret_access_key = sesame5\n    sesame6\n  region = y\n"
    )
    home.credentials.write_text(home.credentials.read_text() + "[default]\naws_secret_access_key = sesame4\n")
    with serving(home) as run:
        assert stat.S_IMODE(Path(run.environment["AWS_CONFIG_FILE"]).stat().st_mode) == 0o600
        assert "AWS_SHARED_CREDENTIALS_FILE" not in run.environment
        copied = "".join(path.read_text() for path in run.token_file.parent.iterdir())
    assert "[profile more]" in copied
    assert "region = x" in copied
    assert "region = y" in copied
    assert "AKIA" not in copied  # alone it would be an error
    for secret in ("sesame", "shadow", "wJalr", "abcdefghijkl", "FwoGtemporary"):
        assert secret not in copied


@pytest.mark.shell
@pytest.mark.parametrize("server", [[], ["--server"]], ids=["", "server"])
def test_the_users_region_stays(server: list[str], home: Home) -> None:
    more = {"AWS_REGION": "eu-west-2", "AWS_DEFAULT_REGION": "eu-west-3"}
    done = home.awsenv("exec", *server, "no region", "sh", "-c", "echo $AWS_REGION $AWS_DEFAULT_REGION", **more)
    assert done.stdout == "eu-west-2 eu-west-3\n", done.stderr


@pytest.mark.shell
def test_a_nested_server_uses_the_inner_profile(home: Home) -> None:
    default("credential_process = false\n")(home)
    done = home.awsenv("exec", "--server", "project1", "awsenv", "exec", "--server", "chained", *CLIENTS["boto3"])
    assert done.returncode == 0, done.stderr
    assert "assumed-role/chained/" in done.stdout


@pytest.mark.shell
def test_a_role_may_use_the_server_as_credential_source(home: Home) -> None:
    """`credential_source = EcsContainer`, as in containers."""
    home.config.write_text(
        home.config.read_text()
        + f"[profile ecs]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/chained\ncredential_source = EcsContainer\n"
    )
    script = "import boto3; print(boto3.Session(profile_name='ecs').client('sts').get_caller_identity()['Arn'])"
    done = home.awsenv("exec", "--server", "project1", sys.executable, "-c", script)
    assert "assumed-role/chained/" in done.stdout, done.stderr


@pytest.mark.shell
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_a_shell_in_exec_server_shows_its_profile(shell: str, home: Home) -> None:
    state = "project1: no keys are exported, the SDKs renew by themselves"
    with serving(home) as run:
        environ = run.aws_variables
        status = "$LASTEXITCODE" if shell == "powershell" else "$status" if shell == "fish" else "$?"
        assert in_shell(shell, f"awsenv check; echo {status}", home, **environ).out.splitlines() == [state, "0"]
        assert home.awsenv("prompt", **environ).stdout.strip() == "project1"
        done = home.awsenv("check", **environ)
        assert (done.returncode, done.stdout) == (0, f"{state}\n")


@pytest.mark.shell
@pytest.mark.parametrize("steps", [("clear",), ("assume chained", "clear")], ids=" then ".join)
@pytest.mark.parametrize("load", [False, True], ids=["raw", "integrated"])
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_clear_leaves_nothing_of_the_server(
    shell: str, load: bool, steps: tuple[str, ...], home: Home, tmp_path: Path
) -> None:
    """Neither its endpoint nor its copy of the config file: SDKs find no credentials any more."""
    default("credential_process = false\n")(home)
    config = tmp_path / "my config"
    home.config.rename(config)
    with serving(home, AWS_CONFIG_FILE=str(config)) as run:
        environ = run.aws_variables
        assert environ["AWS_CONFIG_FILE"] != str(config)
        lines = [
            f"awsenv {step}" if load else SHELLS[shell].evaluate.format(command=f"awsenv {step}") for step in steps
        ]
        check = {"powershell": "awsenv check; & /usr/bin/env"}.get(shell, "awsenv check; env")
        result = in_shell(shell, "\n".join([*lines, check]), home, load=load, **environ)
    assert "nothing is exported; start with: awsenv assume PROFILE" in result.out.splitlines(), result.err
    remaining = {
        line for line in result.out.splitlines() if line.startswith("AWS") and not line.startswith("AWS_ENDPOINT")
    }
    assert remaining == {f"AWS_CONFIG_FILE={config}", "AWS_EC2_METADATA_DISABLED=true"}


@pytest.mark.shell
@pytest.mark.parametrize("name", environment.SOURCES)
@pytest.mark.parametrize("shell", INTERACTIVE)
def test_check_names_the_remaining_source_of_credentials(shell: str, name: str, lone: Home) -> None:
    status = {"fish": "echo $status", "powershell": "$LASTEXITCODE"}.get(shell, "echo $?")
    result = in_shell(shell, f"awsenv clear; awsenv check; {status}", lone, **{name: "http://127.0.0.1:1"})
    assert result.out.splitlines() == [messages.ONLY_SOURCE.format(name=name), "5"], result.err
