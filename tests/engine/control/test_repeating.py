"""A call of the journal is sent again."""

from typing import Any

import pytest

from aniva_sandbox.engine.contract.ground_rules import MAX_BODY
from aniva_sandbox.engine.evidence.journal import BODY_KEPT, TEXT_KEPT
from tests.engine.toy_calls import MILK, WORLD, Client, rule

JOURNAL = f"{WORLD}/journal"
TASK = f"/api/v1/tasks/{MILK}"
NEW = {"title": "Read", "due": "2030-01-03T09:00:00Z"}


def repeat(call: Client, number: Any) -> Any:
    """Send a call again."""
    return call("POST", f"{JOURNAL}/repeat", {"number": number})


def exchange(call: Client, number: int) -> dict[str, Any]:
    """An exchange of the journal."""
    (found,) = call("GET", f"{JOURNAL}?number={number}").json()["exchanges"]
    return dict(found)


def test_a_call_is_sent_again_and_recorded(call: Client) -> None:
    """Method, path, query, body and persona are those of the first; the world is as it is now."""
    call("POST", "/api/v1/tasks?title=x%20y", NEW)
    call("POST", f"{TASK}/finish", key="sbx_mine.reader")
    assert repeat(call, 1).json() == {"number": 3}
    first, second, again = (exchange(call, number) for number in (1, 2, 3))
    assert again["path"] == first["path"] == "/api/v1/tasks?title=x%20y"
    assert (again["method"], again["request"], again["status"]) == ("POST", first["request"], 201)
    assert again["response"]["json"]["id"] != first["response"]["json"]["id"]
    assert repeat(call, 2).json() == {"number": 4}
    assert exchange(call, 4)["rules"] == second["rules"]
    assert [each["id"] for each in second["rules"]] == ["auth.permission"]
    call("POST", f"{WORLD}/clock/advance", {"seconds": 10**6})
    assert exchange(call, repeat(call, 3).json()["number"])["error"] == "due must be in the future"


def test_what_matches_no_operation_is_sent_again(call: Client) -> None:
    """Whatever is in the journal can be repeated."""
    call("PUT", "/api/v1/nothing")
    assert exchange(call, repeat(call, 1).json()["number"])["status"] == 404


def test_a_fault_fires_and_is_not_delivered(call: Client) -> None:
    """A fault counts the call and may replace it; a dropped connection is only recorded."""
    call("GET", TASK)
    call("POST", f"{WORLD}/faults", {"operation": "get_task", "drop": "after"})
    call("POST", f"{WORLD}/faults", {"operation": "get_task", "status": 503})
    assert repeat(call, 1).json() == {"number": 2}
    assert repeat(call, 1).json() == {"number": 3}
    dropped, replaced = exchange(call, 2), exchange(call, 3)
    assert (dropped["status"], dropped["fault"]) == (200, "fault-1: drop=after")
    assert (replaced["status"], replaced["fault"]) == (503, "fault-2: status=503")


@pytest.mark.rule("journal.unknown")
def test_an_exchange_that_is_not_in_the_journal(call: Client) -> None:
    """One that was never there, and one that was cleared away, cannot be repeated."""
    call("GET", TASK)
    assert rule(repeat(call, 2)) == "journal.unknown"
    assert repeat(call, 1).status_code == 200
    call("DELETE", JOURNAL)
    again = repeat(call, 1)
    assert (again.status_code, rule(again)) == (404, "journal.unknown")


@pytest.mark.rule("journal.repeat")
@pytest.mark.parametrize(
    ("path", "json", "headers", "reason"),
    [
        ("/api/v1/tasks", {"title": "x" * BODY_KEPT}, {}, "body"),
        ("/api/v1/tasks", {"title": "x" * MAX_BODY}, {}, "body"),
        (f"/api/v1/tasks?{'x' * (TEXT_KEPT + 1)}", NEW, {}, "path and query"),
        ("/api/v1/tasks", None, {"content-type": "x" * (TEXT_KEPT + 1)}, "content type"),
    ],
    ids=["cut body", "body not read", "query", "content type"],
)
def test_a_request_that_was_not_kept_whole(
    call: Client, path: str, json: Any, headers: dict[str, str], reason: str
) -> None:
    """What the journal cut is not sent as if it were all."""
    call("POST", path, json, **headers)
    refused = repeat(call, 1)
    assert (refused.status_code, rule(refused)) == (409, "journal.repeat")
    assert refused.json()["error"].endswith(f"the journal does not have its whole {reason}")
    assert call("GET", WORLD).json()["recorded"] == 1


def test_a_request_that_was_just_kept_whole(call: Client) -> None:
    """A body, and a path with its query, of as many bytes as are kept are sent again."""
    call("POST", f"/api/v1/tasks?{'x' * TEXT_KEPT}", {"title": "x" * (BODY_KEPT - 12)})
    assert exchange(call, 1)["request"]["bytes"] == BODY_KEPT
    assert repeat(call, 1).json() == {"number": 2}


@pytest.mark.rule("journal.repeat")
def test_a_persona_that_the_world_no_longer_has(call: Client) -> None:
    """A snapshot may have other personas; what they called stays in the journal, and cannot be repeated."""
    call("GET", TASK, key="sbx_mine.reader")
    snapshot = call("GET", f"{WORLD}/snapshot").json()
    snapshot["personas"] = [each for each in snapshot["personas"] if each["persona"] == "full"]
    call("PUT", f"{WORLD}/snapshot", snapshot)
    refused = repeat(call, 1)
    assert (refused.status_code, rule(refused)) == (409, "journal.repeat")
    assert "reader" in refused.json()["error"]
