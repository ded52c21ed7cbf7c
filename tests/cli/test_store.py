"""``serve --store``: servers that share worlds, what they say of the store, and what they refuse."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

import click
import pytest
from valkey import Valkey

from aniva_sandbox.cli.durations import parse_duration
from aniva_sandbox.cli.serve import serve
from aniva_sandbox.engine.yaml_file import load_yaml
from tests.cli.test_commands import SERVE, SMALL, Served, call, complaint, run, serving
from tests.store import PATIENCE, new_server, until

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs a socket in a folder")
CONTEXT = click.Context(serve)
NEVER = "unix:///nowhere/valkey.sock"


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever token and store the surroundings have."""
    monkeypatch.delenv("ANIVA_SANDBOX_TOKEN", raising=False)
    monkeypatch.delenv("ANIVA_SANDBOX_STORE", raising=False)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    """What ``serve`` runs in this process."""
    stands_in = Served()
    monkeypatch.setattr("aniva_sandbox.engine.serving.server.build_server", stands_in.build)
    return stands_in


def stop(process: subprocess.Popen[str]) -> str:
    """End a server, which must end well. Returns what it said on standard error."""
    process.send_signal(signal.SIGTERM)
    _rest, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    return errors


def put(url: str, body: Any, method: str = "PUT") -> int:
    """The status of a request with a body."""
    request = urllib.request.Request(url, json.dumps(body).encode(), method=method)
    request.add_header("content-type", "application/json")
    request.add_header("x-api-key", "sbx_default")
    with urllib.request.urlopen(request, timeout=30) as response:
        return int(response.status)


# Sharing


def test_two_servers_share_worlds(store: str) -> None:
    """What one server does, the other one has: records, journal, worlds and clock; both say where the store is, and end
    in silence."""
    with (
        serving("--clock", "frozen", "--store", store) as (one, first),
        serving("--clock", "frozen", "--store", store) as (two, second),
    ):
        assert first["store"] == second["store"] == store
        for facts, path, method in (
            (first, "shipments/P2604154821", "DELETE"),
            (second, "units", "GET"),
            (first, "units", "GET"),
        ):
            assert call(f"{facts['url']}/api/v1/{path}", method=method)[0] == 200
        assert call(f"{second['url']}/api/v1/units", "sbx_other")[0] == 200
        assert put(f"{second['control']}/worlds/default/clock/advance", {"seconds": 60}, "POST") == 200
        for facts in (first, second):
            journal = call(f"{facts['control']}/worlds/default/journal")[1]
            assert [exchange["operation"] for exchange in journal["exchanges"]] == [
                *("cancel_shipment", "list_units", "list_units"),
            ]
            worlds = call(f"{facts['control']}/worlds")[1]
            assert [(world["name"], world["clock"]["now"]) for world in worlds] == [
                ("default", "2026-04-13T08:01:00Z"),
                ("other", "2026-04-13T08:00:00Z"),
            ]
        for facts in (first, second):
            assert call(f"{facts['url']}/api/v1/shipments/P2604154821")[1]["status"] == "cancelled"
        assert stop(one) == ""
        assert stop(two) == "INFO: created the world 'other' at the first use of its key\n"


def test_worlds_outlive_servers(store: str) -> None:
    """A server that is started later goes on where another one ended, whatever way that ended."""
    with serving("--store", store) as (process, facts):
        assert call(f"{facts['url']}/api/v1/shipments/P2604154821", method="DELETE")[0] == 200
        process.kill()
    with serving("--store", store) as (_process, facts):
        assert call(f"{facts['url']}/api/v1/shipments/P2604154821")[1]["status"] == "cancelled"
        assert call(f"{facts['control']}/worlds/default")[1]["recorded"] == 2


def test_commands_for_worlds(store: str, tmp_path: Path) -> None:
    """Export, restore and reset work with any of the servers, and so does the journal."""
    exported = tmp_path / "exported.json"
    with (
        serving("--clock", "frozen", "--store", store) as (_one, first),
        serving("--clock", "frozen", "--store", store) as (_two, second),
    ):
        assert call(f"{first['url']}/api/v1/shipments/P2604154821", method="DELETE")[0] == 200
        assert run("worlds", "export", "--url", second["url"], "-o", str(exported)).exit_code == 0
        snapshot = json.loads(exported.read_text(encoding="utf-8"))
        assert load_yaml(run("worlds", "export", "--url", first["url"]).stdout) == snapshot
        assert put(f"{second['control']}/worlds/default/reset", {}, "POST") == 200
        assert call(f"{first['url']}/api/v1/shipments/P2604154821")[1]["status"] == "pending"
        assert put(f"{first['control']}/worlds/carried", {}) == 200
        assert put(f"{first['control']}/worlds/carried/snapshot", snapshot) == 200
        assert call(f"{second['url']}/api/v1/shipments/P2604154821", "sbx_carried")[1]["status"] == "cancelled"
        (line,) = run("journal", "--world", "carried", "--url", first["url"]).stdout.splitlines()
        assert "get_shipment" in line


def test_strict_worlds(store: str) -> None:
    """With --strict-worlds, the first world is there all the same, and others once a server has put them there."""
    with (
        serving("--strict-worlds", "--store", store) as (_one, first),
        serving("--strict-worlds", "--store", store) as (_two, second),
    ):
        assert call(f"{first['url']}/api/v1/units")[0] == 200
        assert call(f"{first['url']}/api/v1/units", "sbx_other")[0] == 403
        assert put(f"{second['control']}/worlds/other", {}) == 200
        assert call(f"{first['url']}/api/v1/units", "sbx_other")[0] == 200


def test_idle_worlds_go(store: str, admin: Valkey) -> None:
    """A world that nobody uses for --idle is gone, and leaves nothing in the store."""
    with serving("--store", store, "--idle", "1s") as (_process, facts):
        assert call(f"{facts['url']}/api/v1/units", "sbx_idle")[0] == 200
        assert admin.keys("*{idle}*")
        until(lambda: not admin.keys("*{idle}*"), "the keys of the world are gone")
        assert "idle" not in [world["name"] for world in call(f"{facts['control']}/worlds")[1]]


# What is said of the store


def test_banner(served: Served) -> None:
    """The banner says where the store is, without user, password and options; nothing is connected before the server
    runs."""
    url = "rediss://me:s3cret@store.example:7000/2?socket_timeout=1"
    said = run("serve", "--port", "0", "--store", url).output
    assert "\n  store         valkeys://store.example:7000/2\n" in said
    assert "s3cret" not in said
    assert served.ports


@pytest.mark.usefixtures("served")
def test_the_environment_names_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable is as good as the option, which comes first."""
    monkeypatch.setenv("ANIVA_SANDBOX_STORE", "valkey://:s3cret@one.example")
    said = run("serve", "--port", "0", "--json").output
    assert json.loads(said)["store"] == "valkey://one.example:6379/0"
    assert "s3cret" not in said
    said = run("serve", "--port", "0", "--json", "--store", "valkey://two.example").output
    assert json.loads(said)["store"] == "valkey://two.example:6379/0"
    monkeypatch.setenv("ANIVA_SANDBOX_STORE", "")
    assert "store" not in json.loads(run("serve", "--port", "0", "--json").stdout)


def test_a_store_that_is_away_at_the_start() -> None:
    """The server warns, once, and serves all the same: calls get 503, the health is good, but it is not ready. When the
    store is there, it goes on by itself, says so, and has its first world, also with --strict-worlds."""
    with tempfile.TemporaryDirectory(prefix="sbx-") as folder:
        path = Path(folder) / "valkey.sock"
        with serving("--store", f"unix://{path}", "--strict-worlds") as (process, facts):
            units, health = f"{facts['url']}/api/v1/units", f"{facts['control']}/health"
            status, _body, headers = call(units)
            assert (status, headers["x-sandbox-rule"], headers["retry-after"]) == (
                503,
                "store.away; basis=sandbox",
                "1",
            )
            status, body, _headers = call(health)
            assert (status, body["store"]) == (200, "store.away")
            assert call(f"{health}?ready")[0] == 503
            with new_server(Path(folder)):
                until(lambda: call(f"{facts['control']}/worlds/default")[0] == 200, "the first world is there")
                assert call(units)[0] == 200
                assert call(f"{health}?ready")[1]["store"] == "ok"
                said = stop(process)
    assert said == (
        f"WARNING: The store at unix://{path} cannot be reached (store.away): calls get 503; the server tries again "
        "until this has changed\nINFO: the store can be used now\n"
    )


def test_a_store_that_refuses_the_password(store: str, admin: Valkey) -> None:
    """A wrong password is warned of by its rule, and not shown."""
    admin.acl_setuser("tester", enabled=True, passwords=["+right"], keys=["*"], categories=["+@all"])
    place = store.removeprefix("unix://")
    with serving("--store", f"unix://tester:wr0ng@{place}") as (process, facts):
        assert facts["store"] == store
        assert call(f"{facts['url']}/api/v1/units")[2]["x-sandbox-rule"] == "store.refused; basis=sandbox"
        said = stop(process)
    assert "(store.refused)" in said
    assert "wr0ng" not in said
    with serving("--store", f"unix://tester:right@{place}") as (_process, facts):
        assert call(f"{facts['url']}/api/v1/units")[0] == 200


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--seed", "7"], "--seed"),
        (["--clock", "frozen"], "--clock"),
        (["--world", "large"], "--world"),
        (["--link-answer", "list"], "--link-answer"),
        (["--strict-worlds"], "--strict-worlds"),
        (["--max-journal", "7", "--max-records", "900"], "--max-journal, --max-records"),
        (["--max-worlds", "7"], "--max-worlds"),
        (["--coverage"], "--coverage"),
    ],
)
def test_servers_that_differ(store: str, arguments: list[str], named: str) -> None:
    """A server whose worlds would be others warns of it, by the options that differ, and does not use them."""
    with serving("--store", store) as (one, first), serving("--store", store, *arguments) as (two, second):
        assert call(f"{first['url']}/api/v1/units")[0] == 200
        assert call(f"{second['url']}/api/v1/units")[2]["x-sandbox-rule"] == "store.differs; basis=sandbox"
        said = stop(two)
        assert stop(one) == ""
    assert f"differs from this one in: {named} (store.differs)" in said


def test_a_changed_world_file(store: str, tmp_path: Path) -> None:
    """Servers with the same world file share worlds, wherever it is; another content is another world."""
    for folder, text in (("one", SMALL), ("two", SMALL), ("three", SMALL.replace("Small", "Changed"))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "small.yaml").write_text(text, encoding="utf-8")
    for folder, status in (("one", 200), ("two", 200), ("three", 503)):
        with serving("--store", store, "--world", str(tmp_path / folder / "small.yaml")) as (_process, facts):
            assert call(f"{facts['url']}/api/v1/units")[0] == status


def test_the_same_in_other_words(store: str) -> None:
    """The same instant, however it is written, is no difference, nor is the address."""
    with serving("--store", store, "--clock", "2027-01-01T12:00:00+01:00") as (_one, first):
        assert call(f"{first['url']}/api/v1/units")[0] == 200
        more = ("--clock", "2027-01-01T11:00:00Z", "--allow-host", "sandbox", "--idle", "7d")
        with serving("--store", store, "--host", "localhost", *more) as (_two, second):
            assert call(f"{second['url']}/api/v1/units")[0] == 200


def test_another_version(store: str) -> None:
    """A server of another version warns of it, with both versions, and does not use the worlds."""
    other = "import aniva_sandbox; aniva_sandbox.VERSION = '99.0'; "
    command = [*SERVE[:2], other + SERVE[2], *SERVE[3:], "--port", "0", "--json", "--store", store]
    with serving("--store", store) as (_process, facts):
        assert call(f"{facts['url']}/api/v1/units")[0] == 200
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        assert call(f"{facts['url']}/api/v1/units")[2]["x-sandbox-rule"] == "store.version; basis=sandbox"
        assert call(f"{facts['url']}/api/v1/units", "sbx_new")[0] == 200
        said = stop(process)
    assert "(store.version)" in said
    assert "99.0" in said


# What is refused


@pytest.mark.parametrize(
    "url", ["nothing", "http://localhost", "valkey://", "valkey://localhost/one", "valkey://localhost:port", "unix://"]
)
def test_bad_url(served: Served, url: str) -> None:
    """A URL that leads to no store is refused in one line that says what to write."""
    said = complaint(run("serve", "--port", "0", "--store", url), 2)
    assert said.startswith("Invalid value for '--store' or ANIVA_SANDBOX_STORE: ")
    assert not served.ports


@pytest.mark.usefixtures("served")
def test_a_bad_url_hides_its_password() -> None:
    """What is said of a URL does not repeat it."""
    assert "s3cret" not in complaint(run("serve", "--store", "http://me:s3cret@localhost"), 2)
    assert "s3cret" not in complaint(run("serve", "--store", "valkey://me:s3cret@localhost/one"), 2)


def test_without_the_client() -> None:
    """Where the package is missing, one line says how to install it."""
    code = f"import sys; sys.modules['valkey'] = None; {SERVE[2]}"
    command = [sys.executable, "-c", code, "serve", "--port", "0", "--store", NEVER]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.splitlines()[-1].startswith("Error: Shared worlds need valkey: pip install ")


def test_a_world_that_can_be_read_once(tmp_path: Path) -> None:
    """What a world begins from is compared among servers, so it cannot be a pipe."""
    pipe = tmp_path / "world.yaml"
    os.mkfifo(pipe)
    command = [*SERVE, "--port", "0", "--world", str(pipe), "--store", NEVER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        pipe.write_text(SMALL, encoding="utf-8")
        said, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said) == (2, "")
    assert errors.endswith(f"Error: {pipe} is not a regular file, as --store needs it to be\n")


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("written", ["", "0h", "24", "1.5h", "-1h", "1 h", "1w", "3651d", "1h30m", "٣h"])
def test_bad_durations(written: str) -> None:
    """What is no duration, or too long, is refused with examples."""
    said = complaint(run("serve", "--store", NEVER, "--idle", written), 2)
    assert said.startswith("Invalid value for '--idle': ")
    assert said.endswith("is not a duration from 1s to 3650d, such as 90m, 24h or 7d.")


@pytest.mark.parametrize(
    ("written", "seconds"), [("1s", 1), ("90m", 5400), ("24h", 86_400), ("7d", 604_800), ("3650d", 315_360_000)]
)
def test_good_durations(written: str, seconds: int) -> None:
    """A duration is a number and a unit."""
    (option,) = (each for each in serve.params if each.name == "idle")
    assert parse_duration(CONTEXT, option, written) == seconds


@pytest.mark.usefixtures("served")
def test_idle_without_a_store() -> None:
    """Worlds in memory do not expire, so the option would do nothing."""
    assert complaint(run("serve", "--idle", "1h"), 2) == "--idle is about worlds in a store: add --store or --workers"


# Without a store


def test_nothing_of_it_without_a_store() -> None:
    """A server without a store imports nothing for one."""
    code = (
        "import sys; from aniva_sandbox.engine.serving import server; "
        "from click.testing import CliRunner; from aniva_sandbox.cli import main; "
        "server.build_server = lambda _app, **_how: type('Served', (), {'run': lambda self, sockets: None})(); "
        "assert CliRunner().invoke(main, ['serve', '--port', '0']).exit_code == 0; "
        "print(*sorted(name for name in sys.modules if 'valkey' in name or name.startswith('aniva_sandbox.cli.')"
        " or name.startswith('aniva_sandbox.engine.store.')))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE)
    loaded = {name.removeprefix("aniva_sandbox.") for name in said.stdout.split()}
    assert loaded <= {
        *(f"cli.{name}" for name in ("common", "durations", "listening", "serve", "streams", "welcome")),
        *("engine.store.memory", "engine.store.problems"),
    }
