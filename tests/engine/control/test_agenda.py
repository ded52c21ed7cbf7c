"""Events of the agenda have numbers, and can happen now."""

from typing import Any

import pytest

from tests.engine.toy_calls import MILK, WORLD, Client, rule

AGENDA = f"{WORLD}/agenda"


def happen(call: Client, number: Any) -> Any:
    """Make an event of the agenda happen now."""
    return call("POST", f"{AGENDA}/happen", {"number": number})


def test_an_event_of_the_agenda_happens_now(call: Client) -> None:
    """It is taken out, changes its record at the world's now, and is in the history once, as not automatic; the
    others stay."""
    call("POST", "/api/v1/tasks", {"title": "Read", "due": "2030-01-01T10:00:00Z"})
    assert [(each["number"], each["time"][:13]) for each in call("GET", AGENDA).json()] == [
        (2, "2030-01-01T10"),
        (1, "2030-01-02T09"),
    ]
    happened = happen(call, 1)
    event = {"time": "2030-01-01T09:00:00Z", "type": "task.lapsed", "task_id": MILK}
    assert (happened.status_code, happened.json()) == (200, event)
    assert call("GET", f"/api/v1/tasks/{MILK}").json()["status"] == "overdue"
    assert [each["number"] for each in call("GET", AGENDA).json()] == [2]
    assert call("GET", f"{WORLD}/events").json() == [event]
    moved = call("POST", f"{WORLD}/clock/advance", {"seconds": 10**6}).json()
    assert [each["time"] for each in moved["events"]] == ["2030-01-01T10:00:00Z"]


@pytest.mark.rule("agenda.unknown")
@pytest.mark.parametrize("number", [2, 2**53])
def test_an_event_that_is_not_in_the_agenda(call: Client, number: int) -> None:
    """A number that was never given, and that of an event that has happened, are refused."""
    call("PUT", WORLD)
    assert rule(happen(call, number)) == "agenda.unknown"
    assert happen(call, 1).status_code == 200
    again = happen(call, 1)
    assert (again.status_code, rule(again)) == (404, "agenda.unknown")


@pytest.mark.rule("event.state")
def test_an_event_that_is_not_possible_stays(call: Client) -> None:
    """Where the state of the record does not allow it, the event keeps its number and its place in the agenda."""
    later = {"type": "task.lapsed", "task_id": MILK, "time": "2030-01-01T12:00:00Z"}
    call("PUT", WORLD)
    assert call("POST", f"{WORLD}/events", later).json() == later | {"number": 2}
    assert happen(call, 1).status_code == 200
    before = call("GET", AGENDA).json()
    refused = happen(call, 2)
    assert (refused.status_code, rule(refused)) == (409, "event.state")
    assert call("GET", AGENDA).json() == before == [later | {"number": 2}]
    moved = call("POST", f"{WORLD}/clock/advance", {"seconds": 86_400}).json()
    assert [(each["time"], "skipped" in each) for each in moved["events"]] == [("2030-01-01T12:00:00Z", True)]


@pytest.mark.parametrize("number", [0, -1, "1", None, 1.5])
def test_numbers_that_no_event_has(call: Client, number: Any) -> None:
    """Numbers are counted from 1."""
    call("PUT", WORLD)
    assert happen(call, number).status_code == 400
