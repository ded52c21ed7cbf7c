"""The engine doubles an API that is not this sandbox's: keys, rules, time, events, faults, snapshots, the journal."""

import pytest

from tests.engine.toy_calls import MILK, WORLD, Client, rule


@pytest.fixture
def call() -> Client:
    """A client of a fresh double."""
    return Client()


def test_a_task_is_created_read_and_finished(call: Client) -> None:
    """The operations act on the world of the key, which begins from the fixture."""
    assert call("GET", f"/api/v1/tasks/{MILK}").json()["due"] == "2030-01-02T09:00:00Z"
    made = call("POST", "/api/v1/tasks", {"title": "Read", "due": "2030-01-03T09:00:00+01:00"})
    assert (made.status_code, made.json()["due"]) == (201, "2030-01-03T08:00:00Z")
    path = f"/api/v1/tasks/{made.json()['id']}"
    assert call("POST", f"{path}/finish").json()["status"] == "done"
    assert call("GET", path).json()["status"] == "done"
    assert call("GET", path, key="sbx_other").status_code == 404
    assert Client()("POST", "/api/v1/tasks", {"title": "Read", "due": "2030-01-03T08:00:00Z"}).json() == made.json()


def test_refusals_name_their_rules(call: Client) -> None:
    """The state machine, the rule about time, the format, permissions and keys refuse through their rules."""
    late = call("POST", "/api/v1/tasks", {"title": "Read", "due": "2030-01-01T09:00:00Z"})
    assert (late.status_code, rule(late), late.json()) == (400, "task.due", {"error": "due must be in the future"})
    assert call("POST", "/api/v1/tasks", {"title": "Read", "due": "2030-01-01T09:00:01Z"}).status_code == 201
    call("POST", f"/api/v1/tasks/{MILK}/finish")
    twice = call("POST", f"/api/v1/tasks/{MILK}/finish")
    assert (twice.status_code, twice.headers["x-sandbox-rule"]) == (409, "task.state; basis=assumed")
    empty = call("POST", "/api/v1/tasks", {"title": ""})
    assert (empty.status_code, rule(empty)) == (400, "body.schema")
    assert {each["path"] for each in empty.json()["details"]} == {"title", "due"}
    assert rule(call("POST", "/api/v1/tasks", {}, key="sbx_mine.reader")) == "auth.permission"
    assert rule(call("GET", f"/api/v1/tasks/{MILK}", key="nobody's")) == "auth.key"
    assert rule(call("GET", "/api/v1/tasks/none")) == "task.unknown"
    assert rule(call("GET", "/api/v1/lists")) == "http.not-found"
    assert call("DELETE", f"/api/v1/tasks/{MILK}").headers["allow"] == "GET, HEAD"


def test_time_passes_and_events_happen(call: Client) -> None:
    """What is planned happens when the clock gets there, or when the control plane lets it happen."""
    call("GET", f"/api/v1/tasks/{MILK}")
    agenda = call("GET", f"{WORLD}/agenda").json()
    assert agenda == [
        {"time": "2030-01-02T09:00:00Z", "type": "task.lapsed", "task_id": MILK, "automatic": True, "number": 1}
    ]
    moved = call("POST", f"{WORLD}/clock/advance", {"until": "task.lapsed"}).json()
    assert (moved["clock"]["now"], len(moved["events"])) == ("2030-01-02T09:00:00Z", 1)
    assert call("GET", f"/api/v1/tasks/{MILK}").json()["status"] == "overdue"
    again = call("POST", f"{WORLD}/events", {"type": "task.lapsed", "task_id": MILK})
    assert (again.status_code, rule(again)) == (409, "event.state")
    assert call("PATCH", f"{WORLD}/settings", {}).json() == {}


def test_faults_and_the_journal(call: Client) -> None:
    """A fault meets a call; the journal shows both sides, the rule and the fault."""
    call("GET", f"/api/v1/tasks/{MILK}")
    made = call("POST", f"{WORLD}/faults", {"operation": "get_task", "status": 503, "retry_after": 2})
    assert made.json()["id"] == "fault-1"
    assert call("GET", f"/api/v1/tasks/{MILK}").headers["retry-after"] == "2"
    assert call("GET", f"/api/v1/tasks/{MILK}").status_code == 200
    assert call("POST", f"{WORLD}/faults", {"operation": "get_list", "status": 503}).status_code == 400
    exchanges = call("GET", f"{WORLD}/journal?operation=get_task").json()["exchanges"]
    assert [each["status"] for each in exchanges] == [200, 503, 200]
    assert exchanges[1]["fault"] == "fault-1: status=503; retry_after=2"


def test_snapshots_hold_the_world_and_refuse_what_no_world_can_be(call: Client) -> None:
    """A world is written out and taken back; what breaks a constraint of a record is refused at its field."""
    call("POST", "/api/v1/tasks", {"title": "Read", "due": "2030-01-03T09:00:00Z"})
    snapshot = call("GET", f"{WORLD}/snapshot").json()
    assert list(snapshot)[:7] == ["version", "clock", "ids", "settings", "personas", "tasks", "begun"]
    call("POST", f"{WORLD}/reset")
    assert call("PUT", f"{WORLD}/snapshot", snapshot).status_code == 200
    assert call("GET", f"{WORLD}/snapshot").json() == snapshot
    snapshot["tasks"][0]["title"] = ""
    snapshot["agenda"][0]["event"]["target"] = "none"
    refused = call("PUT", f"{WORLD}/snapshot", snapshot)
    assert (refused.status_code, rule(refused)) == (400, "snapshot.valid")
    assert "tasks[0].title: must have at least 1 character" in refused.json()["error"]
    assert "there is no task none" in refused.json()["error"]


def test_the_documents_describe_the_api(call: Client) -> None:
    """The document comes from the declarations, and the control plane's from the domain."""
    document = call("GET", "/openapi.json").json()
    assert list(document["paths"]) == ["/api/v1/tasks", "/api/v1/tasks/{id}", "/api/v1/tasks/{id}/finish"]
    fields = document["components"]["schemas"]["Task"]["properties"]
    assert fields["id"]["pattern"] == "^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$"
    (parameter,) = document["paths"]["/api/v1/tasks/{id}"]["get"]["parameters"]
    assert (parameter["name"], parameter["schema"]) == ("id", {"type": "string"})
    refusals = document["paths"]["/api/v1/tasks"]["post"]["responses"]["400"]
    assert "task.due" in refusals["x-rules"]
    control = call("GET", "/_sandbox/openapi.json").json()
    assert control["components"]["schemas"]["EventRequest"]["properties"]["type"]["enum"] == ["task.lapsed"]
    assert {each["id"] for each in call("GET", "/_sandbox/rules").json()} >= {"task.due", "auth.key", "fault.effect"}
