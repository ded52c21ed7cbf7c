"""A world as it is: what a client that looks at it again and again is shown, and what looking does not do."""

from datetime import UTC, datetime
from typing import Any

import pytest

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.serving.pipeline import Request, respond, respond_to_control
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world import clock as clock_module
from aniva_sandbox.engine.world.limits import Limits
from tests.engine import toy
from tests.engine.toy_calls import MILK, WORLD, Client, rule

TASK = {"title": "Read", "due": "2030-01-03T09:00:00Z"}


def shown(call: Client) -> dict[str, Any]:
    """The world as it is, without what never changes."""
    world = call("GET", WORLD).json()
    return {name: world[name] for name in ("size", "recorded", "happened", "due", "idle_seconds")}


def changed(call: Client) -> int:
    """The number of the last change."""
    number: int = call("GET", WORLD).json()["changed"]
    return number


@pytest.mark.rule("world.unknown")
def test_a_world_is_shown_as_it_is(call: Client) -> None:
    """Size, newest exchange, history, what is due next and the last call; a world that does not exist is refused, and
    not created."""
    assert rule(call("GET", WORLD)) == "world.unknown"
    assert call("GET", "/_sandbox/worlds").json() == []
    call("PUT", WORLD)
    assert shown(call) == {"size": 1, "recorded": 0, "happened": 0, "due": None, "idle_seconds": None}
    call("POST", "/api/v1/tasks", TASK)
    assert shown(call) == {"size": 4, "recorded": 1, "happened": 0, "due": "2030-01-02T09:00:00Z", "idle_seconds": 0}
    call("POST", f"{WORLD}/clock/advance", {"until": "task.lapsed"})
    assert shown(call) == {"size": 4, "recorded": 1, "happened": 1, "due": "2030-01-03T09:00:00Z", "idle_seconds": 0}
    call("POST", f"{WORLD}/reset")
    assert shown(call) == {"size": 1, "recorded": 1, "happened": 0, "due": None, "idle_seconds": 0}


@pytest.mark.parametrize(
    ("method", "path", "json", "differs"),
    [
        ("PUT", WORLD, {"seed": 2}, True),
        ("POST", f"{WORLD}/reset", None, True),
        ("POST", f"{WORLD}/faults", {"operation": "get_task", "status": 503}, True),
        ("PUT", f"{WORLD}/clock", {"mode": "real"}, True),
        ("POST", f"{WORLD}/events", {"type": "task.lapsed", "task_id": MILK}, True),
        ("DELETE", f"{WORLD}/journal", None, True),
        ("POST", f"{WORLD}/events", {"type": "task.lapsed", "task_id": "none"}, False),
        ("GET", f"{WORLD}/agenda", None, False),
        ("GET", f"/api/v1/tasks/{MILK}", None, False),
        ("POST", "/_sandbox/worlds/other/reset", None, False),
    ],
)
def test_changes_through_the_control_plane_are_counted(
    call: Client, method: str, path: str, json: Any, differs: bool
) -> None:
    """Each change of a world gives it a number that it did not have; a refusal, a read and a call do not, nor does a
    change of another world."""
    call("PUT", WORLD)
    call("PUT", "/_sandbox/worlds/other")
    before = changed(call)
    call(method, path, json)
    assert (changed(call) != before) is differs


def test_a_world_in_the_place_of_another_has_another_number(call: Client) -> None:
    """A world that is dropped and created again cannot be mistaken for the old one."""
    call("PUT", WORLD)
    before = changed(call)
    call("DELETE", WORLD)
    call("GET", f"/api/v1/tasks/{MILK}")
    assert changed(call) > before


def test_a_restored_world_shows_its_number(call: Client) -> None:
    """The response to what replaces a world has the number that the world has afterwards."""
    put = call("PUT", WORLD).json()
    assert put["changed"] == changed(call)
    restored = call("PUT", f"{WORLD}/snapshot", call("GET", f"{WORLD}/snapshot").json()).json()
    assert put["changed"] < restored["changed"] == changed(call)
    assert call("POST", f"{WORLD}/reset").json()["changed"] == changed(call)


class Direct:
    """The same double below HTTP, to reach its worlds."""

    def __init__(self, **options: Any) -> None:
        self._api, self._control = Api.of(toy.TODO.contract), Api.of(toy.TODO.control)
        self.worlds = Worlds(toy.TODO.domain, lambda _name: toy.TODO.fixture, ["default"], **options)

    def call(self, key: str) -> None:
        """Call the API with a key."""
        respond(self._api, self.worlds, Request("GET", f"/api/v1/tasks/{MILK}", b"", key))

    def look(self, name: str) -> bytes:
        """Look at a world."""
        return respond_to_control(self._control, self.worlds, Request("GET", f"/_sandbox/worlds/{name}")).body


@pytest.mark.rule("world.limit")
def test_looking_is_not_a_use() -> None:
    """A world that is only looked at is the first to make room for another; one that is called is not."""
    double = Direct(mode="frozen", limits=Limits(worlds=2))
    for name in ("a", "b"):
        double.call(f"sbx_{name}")
    double.look("a")
    double.call("sbx_c")
    assert [world.name for world in double.worlds] == ["b", "c"]
    double.call("sbx_b")
    double.call("sbx_d")
    assert [world.name for world in double.worlds] == ["b", "d"]


def test_looking_makes_nothing_happen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Under a running clock, what is due stays so, while the time that is shown goes on."""
    double = Direct(mode="real")
    at = datetime(2030, 1, 1, 9, tzinfo=UTC)
    monkeypatch.setattr(clock_module, "time", lambda: at.timestamp())
    double.call("sbx_a")
    (world,) = double.worlds
    due = world.agenda.next_due()
    at = due.replace(hour=due.hour + 1)
    assert f'"now":"{at:%Y-%m-%dT%H:%M:%SZ}"'.encode() in double.look("a")
    assert (len(world.history), world.agenda.next_due(), world.now < due) == (0, due, True)
    double.call("sbx_a")
    assert (len(world.history), world.now) == (1, at)


def test_the_last_call_is_measured_by_the_machine() -> None:
    """Whole seconds since the last call; the world's clock has nothing to do with it, and calls with a persona's key
    count."""
    double = Direct(mode="frozen")
    double.call("sbx_a.reader")
    (world,) = double.worlds
    assert world.last_call is not None
    world.last_call -= 61 * 10**9 + 1
    assert b'"idle_seconds":61,' in double.look("a")
    double.call("sbx_a")
    assert b'"idle_seconds":0,' in double.look("a")


def test_fixtures_are_listed(call: Client) -> None:
    """Worlds can be created from each of them."""
    assert call("GET", "/_sandbox/fixtures").json() == [{"name": "default", "title": "One task"}]


def test_rules_name_their_operations(call: Client) -> None:
    """The operations that a rule may refuse, in the order of the documents, of the API and of the control plane."""
    operations = {each["id"]: each["operations"] for each in call("GET", "/_sandbox/rules").json()}
    assert operations["task.unknown"] == ["get_task", "finish_task"]
    assert operations["auth.key"] == ["create_task", "get_task", "finish_task"]
    assert operations["world.full"] == ["create_task", "put_snapshot", "happen_now", "create_event", "create_fault"]
    assert operations["agenda.unknown"] == ["happen_now"]
    assert operations["http.not-found"] == operations["order.checks"] == []
