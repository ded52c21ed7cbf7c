"""The sandbox without pytest."""

import gc
import subprocess
import sys
import threading
import weakref
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

import aniva_sandbox
from aniva_sandbox.engine.yaml_file import FixtureError
from tests.testing.test_neighbours import SMALL


def test_begins_as_it_is_told(tmp_path: Path) -> None:
    """World, clock, seed and settings are those of the fixture's marker, with their defaults; each has a world of its
    own."""
    (tmp_path / "small.yaml").write_text(SMALL, encoding="utf-8")
    start = datetime(2027, 1, 1, tzinfo=UTC)
    with (
        aniva_sandbox.Sandbox() as sandbox,
        aniva_sandbox.Sandbox(
            world=tmp_path / "small.yaml", clock=start, seed=7, settings={"taken_slots": "refuse"}
        ) as other,
    ):
        assert sandbox.api_key == "sbx_default"
        assert sandbox.clock.now.isoformat() == "2026-04-13T08:00:00+00:00"
        assert sandbox.client.get("/api/v1/locations").json() != []
        (shown,) = other.client.get("/_sandbox/worlds").json()
        assert (shown["seed"], shown["clock"]) == (7, {"mode": "frozen", "now": "2027-01-01T00:00:00Z"})
        assert shown["settings"]["taken_slots"] == "refuse"
        assert other.client.get("/api/v1/locations").json() == []
        assert other.url != sandbox.url
        other.clock.advance(days=1)
        assert sandbox.agenda == sandbox.agenda != other.agenda


def test_ends_with_its_block() -> None:
    """At the end the server listens no more, and nothing of it is kept; closing it again does nothing."""
    before = threading.active_count()
    with aniva_sandbox.Sandbox() as sandbox:
        url = sandbox.url
        assert sandbox.client.get("/api/v1/units").status_code == 200
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url)
    sandbox.close()
    with pytest.raises(RuntimeError, match="the sandbox is closed"):
        sandbox.url  # noqa: B018
    assert threading.active_count() == before
    kept = weakref.ref(sandbox)
    del sandbox
    gc.collect()
    assert kept() is None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"world": "nothing"}, "there is no such fixture"),
        ({"world": "missing.yaml"}, "missing.yaml: cannot be read"),
        ({"clock": "soon"}, "clock must be real, frozen, or"),
        ({"clock": datetime(2026, 5, 1)}, "clock must be real, frozen, or"),  # noqa: DTZ001
        ({"seed": -1}, "seed must be at least 0"),
        ({"settings": {"colour": "red", "taken_slot": 1}}, "settings: colour .*; taken_slot .* mean taken_slots"),
        ({"settings": {"taken_slots": "perhaps", "lab_quick_hours": -1}}, 'taken_slots .*"refuse"; lab_quick_hours '),
    ],
)
def test_wrong_beginning(wrong: dict[str, object], says: str) -> None:
    """What cannot be meant is an error that says what is wrong."""
    with pytest.raises((FixtureError, ValueError), match=says):
        aniva_sandbox.Sandbox(**wrong)  # type: ignore[arg-type]


def test_in_a_script() -> None:
    """A script that forgets to close it ends all the same, without a word."""
    program = (
        "import aniva_sandbox\n"
        "sandbox = aniva_sandbox.Sandbox()\n"
        "print(sandbox.client.get('/api/v1/units').status_code)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=120)
    assert (ran.stdout.split(), ran.stderr) == ([b"200"], b"")


def test_without_the_extra() -> None:
    """What needs the client of the extra says how to install it."""
    program = (
        "import sys\n"
        "sys.modules['httpx2'] = None  # as if it were not installed\n"
        "try:\n"
        "    from aniva_sandbox import Sandbox\n"
        "except ModuleNotFoundError as error:\n"
        "    print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=120, text=True)
    assert ran.stdout.startswith("aniva_sandbox.testing.Sandbox needs httpx2: pip install 'httpx2>=2'")


def test_live_server_without_the_extra() -> None:
    """A live server needs no client of ours, and works where the extra is not installed."""
    program = (
        "import sys, urllib.request\n"
        "sys.modules['httpx2'] = None  # as if it were not installed\n"
        "from aniva_sandbox.testing import LiveServer\n"
        "with LiveServer() as server:\n"
        "    print(urllib.request.urlopen(server.url + '/openapi.json').status)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=120)
    assert ran.stdout.split() == [b"200"]
