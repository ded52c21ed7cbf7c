"""A test is written from the journal of any API."""

import pytest

from aniva_sandbox.engine.evidence.as_test import ids
from tests.engine.toy_calls import MILK, WORLD, Client

TEST = f"{WORLD}/journal?format=pytest"


def test_a_test_for_another_api(call: Client) -> None:
    """The fixture has the name that the domain gives it; the variable is called after the noun of the record."""
    made = call("POST", "/api/v1/tasks", {"title": "Read", "due": "2030-01-03T09:00:00Z"}).json()["id"]
    call("POST", f"{WORLD}/clock/advance", {"seconds": 60})
    (number,) = (each["number"] for each in call("GET", f"{WORLD}/agenda").json() if each["task_id"] == made)
    call("POST", f"{WORLD}/agenda/happen", {"number": number})
    call("POST", f"{WORLD}/events", {"type": "task.lapsed", "task_id": MILK})
    call("POST", f"/api/v1/tasks/{made}/finish")
    written = call("GET", f"{TEST}&number=2")
    assert written.headers["content-type"] == "text/x-python"
    assert (
        written.text
        == '''import pytest


@pytest.mark.sandbox(clock="2030-01-01T09:00:00Z")
def test_finish_task(sandbox):
    """Calls 1 and 2 of the world mine."""
    response = sandbox.client.post(
        "/api/v1/tasks", json={"title": "Read", "due": "2030-01-03T09:00:00Z"}
    )
    assert response.status_code == 201
    task = response.json()["id"]

    sandbox.clock.travel_to("2030-01-01T09:01:00Z")
    sandbox.happen("task.lapsed", task_id=task)

    response = sandbox.client.post(f"/api/v1/tasks/{task}/finish")
    assert response.status_code == 200
'''
    )
    assert f'    sandbox.happen("task.lapsed", task_id="{MILK}")\n' in call("GET", TEST).text


def test_events_that_happen_by_themselves_are_not_made(call: Client) -> None:
    """What time brings comes with the time; what was not possible did not happen."""
    call("GET", f"/api/v1/tasks/{MILK}")
    call("POST", f"{WORLD}/events", {"type": "task.lapsed", "task_id": MILK, "time": "2030-01-02T10:00:00Z"})
    call("POST", f"{WORLD}/clock/advance", {"seconds": 200_000})
    call("GET", f"/api/v1/tasks/{MILK}")
    text = call("GET", TEST).text
    assert "happen" not in text
    assert '    sandbox.clock.travel_to("2030-01-03T16:33:20Z")\n' in text


def test_what_comes_after_the_last_call_is_left_out(call: Client) -> None:
    """A test ends with its last call."""
    call("GET", f"/api/v1/tasks/{MILK}")
    call("POST", f"{WORLD}/events", {"type": "task.lapsed", "task_id": MILK})
    assert "happen" not in call("GET", TEST).text


def test_each_request_is_read_once(call: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many calls a test makes, and create what others use: it is written on the server's only thread."""
    count = 40
    for number in range(count):
        task = {"title": f"Read {number}", "due": "2030-01-03T09:00:00Z"}
        made = call("POST", "/api/v1/tasks", task).json()["id"]
        call("POST", f"/api/v1/tasks/{made}/finish")
    read = []
    original = ids.path_of
    monkeypatch.setattr(ids, "path_of", lambda exchange: read.append(exchange.number) or original(exchange))
    text = call("GET", TEST).text
    assert sorted(read) == list(range(1, 2 * count + 1))
    assert f"    task_{count} = response.json()" in text
    assert f'/api/v1/tasks/{{task_{count}}}/finish"' in text
