"""Lists of events: those of the agenda have numbers, and can happen now."""

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


def lapsing(call: Client) -> list[str]:
    """Tasks that lapse one after the other, by the hour, after now."""
    call("PUT", WORLD)
    due = [f"2030-01-01T{hour}:00:00Z" for hour in (10, 11, 12)]
    return [call("POST", "/api/v1/tasks", {"title": "Read", "due": each}).json()["id"] for each in due]


def test_the_soonest_and_the_newest_events_are_chosen(call: Client) -> None:
    """The agenda begins with the soonest events, and the history ends with the newest."""
    first, second, third = lapsing(call)
    assert [each["task_id"] for each in call("GET", f"{AGENDA}?limit=2").json()] == [first, second]
    assert [each["task_id"] for each in call("GET", f"{AGENDA}?limit=9").json()] == [first, second, third, MILK]
    call("POST", f"{WORLD}/clock/advance", {"seconds": 3 * 3600})
    assert [each["task_id"] for each in call("GET", f"{WORLD}/events?last=2").json()] == [second, third]
    assert [each["task_id"] for each in call("GET", f"{WORLD}/events?last=9").json()] == [first, second, third]


@pytest.mark.parametrize("path", [f"{AGENDA}?limit=0", f"{WORLD}/events?last=0", f"{AGENDA}?type=task.gone"])
def test_queries_that_no_event_can_match(call: Client, path: str) -> None:
    """At least one event is asked for, of a type that there is."""
    call("PUT", WORLD)
    assert call("GET", path).status_code == 400


def test_events_of_a_type_and_about_a_record_are_chosen(call: Client) -> None:
    """All filters must match; the limit counts what they leave."""
    _, second, _ = lapsing(call)
    assert [each["task_id"] for each in call("GET", f"{AGENDA}?record={second}").json()] == [second]
    assert [each["task_id"] for each in call("GET", f"{AGENDA}?type=task.lapsed&record={MILK}&limit=1").json()] == [
        MILK
    ]
    assert len(call("GET", f"{AGENDA}?type=task.lapsed").json()) == 4
    assert call("GET", f"{AGENDA}?record=nothing").json() == []
    call("POST", f"{WORLD}/clock/advance", {"seconds": 3 * 3600})
    assert [each["task_id"] for each in call("GET", f"{WORLD}/events?record={second}&last=1").json()] == [second]
    assert call("GET", f"{AGENDA}?record={second}").json() == []


def test_a_world_tells_which_types_wait(call: Client) -> None:
    """Types are counted; a type of which no event is left is not told."""
    lapsing(call)
    call("GET", AGENDA)  # lets the world begin
    assert call("GET", WORLD).json()["waiting"] == {"task.lapsed": 4}
    call("POST", f"{WORLD}/clock/advance", {"seconds": 10**6})
    assert call("GET", WORLD).json()["waiting"] == {}
