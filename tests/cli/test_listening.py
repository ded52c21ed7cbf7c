"""Where a server cannot listen: the reason, who uses the port, and the way out."""

import errno
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from aniva_sandbox import VERSION
from aniva_sandbox.cli import listening
from aniva_sandbox.engine.serving import server
from tests.cli.test_commands import SERVE, complaint, run, serving

FREE = "; --port 0 picks a free port"
FOREIGN = f"a program that is not a sandbox uses it{FREE}"
UNKNOWN = f"Address already in use{FREE}"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n"


@contextmanager
def program(*parts: bytes, closes: bool = True, family: socket.AddressFamily = socket.AF_INET) -> Iterator[int]:
    """The port of a program on loopback that takes one connection, reads a request, responds, and hangs up or not."""
    host = "127.0.0.1" if family == socket.AF_INET else "::1"
    ended = threading.Event()
    with socket.create_server((host, 0), family=family) as listener:

        def respond() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                try:
                    for part in parts:
                        connection.sendall(part)
                except OSError:
                    return  # the other side hung up
                if not closes:
                    ended.wait()

        thread = threading.Thread(target=respond, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            thread.join(60)


def refusal(port: int, host: str = "127.0.0.1") -> str:
    """What ``serve`` says of a port that is taken, without its first words."""
    said = complaint(run("serve", "--port", str(port), "--host", host), 1)
    before, _, reason = said.partition(f":{port}: ")
    assert before == f"cannot listen on {f'[{host}]' if ':' in host else host}"
    return reason


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever token the surroundings have."""
    monkeypatch.delenv("ANIVA_SANDBOX_TOKEN", raising=False)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs that say nothing are not waited for as long as usual."""
    monkeypatch.setattr(listening, "_PATIENCE", 0.1)


# Another sandbox


@pytest.mark.parametrize(
    ("theirs", "shown"),
    [
        (
            "127.0.0.1",
            {"127.0.0.1": "127.0.0.1", "127.1": "127.0.0.1", "localhost": "localhost", "0.0.0.0": "127.0.0.1"},
        ),
        ("0.0.0.0", {"127.0.0.1": "127.0.0.1"}),  # which needs a token
        ("::1", {"::1": "[::1]"}),
    ],
)
def test_another_sandbox(theirs: str, shown: dict[str, str]) -> None:
    """A port that another sandbox uses is refused with its version, the address of its console as seen from the host
    that was asked for, and a way out, whether or not it needs a token; the other one serves on, and the way out is
    one."""
    with serving("--host", theirs) as (process, facts):
        port = int(facts["url"].rpartition(":")[2])
        for ours, host in shown.items():
            assert refusal(port, ours) == (
                f"another sandbox (version {VERSION}) is running there, with its console at "
                f"http://{host}:{port}/_sandbox/{FREE}"
            )
        assert process.poll() is None
        with serving("--host", theirs) as (_process, others):  # with --port 0
            assert others["url"] != facts["url"]


def test_a_second_server_ends_with_a_line() -> None:
    """As a process, it prints that line alone, and its exit code is 1."""
    with serving() as (_process, facts):
        port = facts["url"].rpartition(":")[2]
        ran = subprocess.run([*SERVE, "--port", port, "--json"], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == (
        f"Error: cannot listen on 127.0.0.1:{port}: another sandbox (version {VERSION}) is running there, with its "
        f"console at {facts['console']}{FREE}\n"
    )


def test_a_response_in_parts() -> None:
    """A response that comes in several parts is read as a whole, whatever the version."""
    with program(HEAD[:9], HEAD[9:], b'{"status":"ok",', b'"version":"2.0.0rc1"}') as port:
        assert refusal(port).startswith("another sandbox (version 2.0.0rc1) is running there")


# Other programs


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
        b'HTTP/1.1 503 Busy\r\n\r\n{"status":"ok","version":"0.1.0"}',
        HEAD + b"<!doctype html>",
        HEAD + b"[]",
        HEAD + b"[" * 4000,
        HEAD + b'{"status":"ok"}',
        HEAD + b'{"status":"down","version":"0.1.0"}',
        HEAD + b'{"status":"ok","version":1}',
        HEAD + b'{"status":"ok","version":"1\\u001b[2J"}',
        HEAD + b'{"status":"ok","version":"' + b"1" * 41 + b'"}',
        HEAD + b" " * 1_000_000 + b'{"status":"ok","version":"0.1.0"}',
    ],
)
def test_another_program(said: bytes) -> None:
    """Whatever else uses the port is said not to be a sandbox, and nothing of its response is repeated."""
    with program(said) as port:
        assert refusal(port) == FOREIGN


def test_a_program_that_greets() -> None:
    """A program that speaks another protocol is known by its first words, and is not waited for."""
    with program(b"220 mail.example ESMTP\r\n", closes=False) as port:
        assert refusal(port) == FOREIGN


def test_a_program_on_the_other_loopback() -> None:
    """A program is asked at the address that was given, also that of IPv6."""
    with program(b"HTTP/1.1 200 OK\r\n\r\n", family=socket.AF_INET6) as port:
        assert refusal(port, "::1") == FOREIGN


@pytest.mark.usefixtures("hurried")
def test_a_response_without_an_end() -> None:
    """A response that never ends is not waited for."""
    with program(b"HTTP/1.1 200 OK\r\n", closes=False) as port:
        assert refusal(port) == FOREIGN


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("host", ["127.0.0.1", "127.1"])
def test_silence(host: str) -> None:
    """Of a program that says nothing, which may be a suspended sandbox, nothing is claimed."""
    with program(closes=False) as port:
        assert refusal(port, host) == UNKNOWN


def test_an_interface_that_cannot_be_asked() -> None:
    """Nor is anything claimed of one that all interfaces collide with, but that this machine's own does not reach."""
    with socket.create_server(("127.8.8.8", 0)) as taken:
        assert refusal(taken.getsockname()[1], "0.0.0.0") == UNKNOWN


# Other reasons


@pytest.mark.parametrize(
    ("host", "says"),
    [
        ("192.0.2.7", "no interface of this machine has this address: 127.0.0.1 is this machine, 0.0.0.0 all of its"),
        ("2001:db8::7", "no interface of this machine has this address"),
        *((host, "127.0.0.1 is this machine, 0.0.0.0 all of its interfaces") for host in ("", "*", "a b", "a" * 64)),
        *((host, "127.0.0.1 is this machine, 0.0.0.0 all of its interfaces") for host in ("a..b", "fe80::1%nothing")),
        ("http://127.0.0.1", "127.0.0.1 is this machine, 0.0.0.0 all of its interfaces"),
    ],
)
def test_cannot_listen(host: str, says: str) -> None:
    """An address of another machine, or a host that is none, is told in one line with a way out and the exit code 1."""
    said = complaint(run("serve", "--port", "8000", "--host", host), 1)
    assert said.startswith(f"cannot listen on [{host}]:8000: " if ":" in host else f"cannot listen on {host}:8000: ")
    assert says in said


def test_may_not_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that needs privileges is told with a way out; any other reason as the system words it."""
    reason = errno.EACCES

    def refuse(_host: str, _port: int) -> socket.socket:
        raise OSError(reason, os.strerror(reason))

    monkeypatch.setattr(server, "open_socket", refuse)
    assert complaint(run("serve", "--port", "80"), 1) == (
        "cannot listen on 127.0.0.1:80: Permission denied; ports below 1024 may need privileges, --port 0 picks a free "
        "port"
    )
    reason = errno.EMFILE
    assert complaint(run("serve"), 1) == "cannot listen on 127.0.0.1:8000: Too many open files"


def test_no_two_servers_on_a_port(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system offers to keep a port to one server, it is asked to; elsewhere a port can be used again at
    once."""
    with server.open_socket("127.0.0.1", 0) as listener:
        assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
    monkeypatch.setattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_KEEPALIVE, raising=False)
    with server.open_socket("127.0.0.1", 0) as listener:
        assert not listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)
        assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_all_interfaces_are_those_of_ipv4_too() -> None:
    """A server that listens on all interfaces of IPv6 can be called by IPv4 on every system."""
    with server.open_socket("::", 0) as listener:
        assert not listener.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
        with socket.create_connection(("127.0.0.1", listener.getsockname()[1]), timeout=30):
            pass
