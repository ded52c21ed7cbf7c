"""Tests that are written from a journal: they pass as they are, and ruff finds nothing in them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aniva_sandbox.engine.evidence.as_test import ids
from tests.sandbox.serving.common import NEW_APPOINTMENT, NEW_PROFILE, NEW_SHIPMENT
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    DOCUMENT,
    DRAWN_APPOINTMENT,
    PANEL,
    PENDING_LOCATION,
    PROFILE,
    SHIPMENT,
    Client,
    new_worlds,
)
from tests.testing.common import QUIET

pytest_plugins = ["pytester"]

JOURNAL = "/worlds/test/journal"


def written(client: Client, query: str = "") -> str:
    """The test that is written from the journal."""
    reply = client.control("GET", f"{JOURNAL}?format=pytest&{query}")
    assert (reply.status, reply.headers["content-type"]) == (200, "text/x-python"), reply.json
    return str(reply.json.decode())


def event(client: Client, type: str, **details: Any) -> Any:
    """Make an event happen."""
    reply = client.control("POST", "/worlds/test/events", {"type": type, **details})
    assert reply.status == 200, reply.json
    return reply.json


def advance(client: Client, **by: Any) -> None:
    """Let time pass."""
    assert client.control("POST", "/worlds/test/clock/advance", by).status == 200


def bookings(client: Client) -> None:
    """Booking, what the practice does, refusals of every kind, personas, records that were created or always there."""
    booked = client.post("/appointments", NEW_APPOINTMENT | {"location_id": PENDING_LOCATION}).json["id"]
    advance(client, seconds=3600)
    event(client, "practice.confirmed", appointment_id=booked)
    client.get(f"/appointments/{booked}")
    client.post(f"/appointments/{booked}/panels", {"panel_ids": [PANEL]})
    kit = event(client, "kit.ordered", profile_id=PROFILE)["appointment_id"]
    client.get(f"/appointments/{kit}")
    client.get("/profiles", key="sbx_test.courier")
    for _ in range(2):
        client.delete(f"/appointments/{booked}")
        client.delete(f"/appointments/{APPOINTMENT}")
    client.get("/appointments?limit=5&limit=2&offset=%31")
    client.patch(f"/profiles/{PROFILE}", {"first_name": 'it\'s "q" \\ 漢字 \u202e\n', "sex": 7, "height": 1e300})
    client.post("/profiles", NEW_PROFILE | {"password": "hunter2hunter2"})


def shipping(client: Client) -> None:
    """A box on its way, linked, with the courier's own steps and those that somebody made."""
    box = client.post("/shipments", NEW_SHIPMENT).json["id"]
    booked = client.post("/appointments", NEW_APPOINTMENT).json["id"]
    client.post(f"/appointments/{booked}/shipments", {"shipment_ids": [box, SHIPMENT]})
    advance(client, until="courier.picked_up", shipment_id=box)
    client.patch(f"/shipments/{box}", NEW_SHIPMENT)
    event(client, "courier.lost", shipment_id=box, status="Gone")
    client.get(f"/shipments/{box}")
    planned = client.control("GET", "/worlds/test/agenda").json[0]
    assert client.control("POST", "/worlds/test/agenda/happen", {"number": planned["number"]}).status == 200
    client.get("/shipments")


def results(client: Client) -> None:
    """Results that arrive by hand and by themselves, and the document that they come with."""
    client.post(f"/appointments/{APPOINTMENT}/confirm", {"barcode": "4130075218"})
    event(client, "lab.results_arrived", appointment_id=APPOINTMENT, values={"60": 6.2})
    client.get(f"/appointments/{APPOINTMENT}/results")
    advance(client, seconds=30 * 86_400)
    documents = client.get(f"/appointments/{APPOINTMENT}/results").json["documents"]
    for document in documents:
        client.get(f"/documents/{document['id']}")
    client.get(f"/appointments/{DRAWN_APPOINTMENT}/results")


def faults(client: Client) -> None:
    """Faults of every kind, and calls that are no JSON or match nothing."""
    client.post("/appointments", NEW_APPOINTMENT)
    for effects in (
        {"drop": "after"},
        {"drop": "before"},
        {"truncate": True},
        {"malformed": True},
        {"status": 503, "retry_after": 2, "latency_ms": 50_000},
        {"latency_ms": 50_000, "trickle_ms": 50_000},
    ):
        client.control("POST", "/worlds/test/faults", {"operation": "create_appointment", **effects})
    for _ in range(6):
        assert client.control("POST", f"{JOURNAL}/repeat", {"number": client.world.journal.recorded}).status == 200
    for effects in ({"latency_ms": 50_000}, {"drop": "after"}, {"truncate": True}):
        for operation, method, path in (
            ("get_document", "GET", f"/documents/{DOCUMENT}"),
            ("list_units", "HEAD", "/units"),
        ):
            assert client.control("POST", "/worlds/test/faults", {"operation": operation, **effects}).status == 200
            client.raw(method, path)
    client.request("PUT", "/nothing")
    client.request("OPTIONS", "/profiles")
    client.request("HEAD", "/units")
    client.request("DELETE", f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [PANEL]})
    client.request("POST", "/profiles", body=b'{"a":', content_type="text/plain")
    client.request("PATCH", f"/profiles/{PROFILE}", body=b'\xff\'""x', content_type=None)
    client.request("POST", "/profiles", body=b'{"a": 1, "a": 2}')
    client.post("/profiles", {"notes": "x" * 9000})


def chosen_world(client: Client) -> None:
    """A world with a seed and settings of its own."""
    settings = {"taken_slots": "refuse", "lab_quick_hours": 0}
    client.control("PUT", "/worlds/test", {"clock": "2027-02-01T09:00:00Z", "seed": 7, "settings": settings})
    body = NEW_APPOINTMENT | {"scheduled_at": "2027-02-03T10:30:00+01:00"}
    for _ in range(2):
        client.post("/appointments", body)
    client.delete(f"/appointments/{CANCELLED_APPOINTMENT}")
    event(client, "location.closed", location_id=BERLIN)
    client.post("/appointments", body | {"scheduled_at": "2027-02-04T10:30:00+01:00"})


def changed_settings(client: Client) -> None:
    """Settings that change between calls, and between events."""
    for choice in ("refuse", "allow", "refuse"):
        for _ in range(2):
            client.post("/appointments", NEW_APPOINTMENT)
        change = {"taken_slots": choice, "courier_automation": choice == "allow"}
        assert client.control("PATCH", "/worlds/test/settings", change).status == 200
        event(client, "location.date_blocked", location_id=BERLIN, date="2026-04-17")
    client.post("/appointments", NEW_APPOINTMENT)
    box = client.post("/shipments", NEW_SHIPMENT).json["id"]
    advance(client, seconds=3 * 86_400)
    client.patch(f"/shipments/{box}", NEW_SHIPMENT)


def seconds_apart(client: Client) -> None:
    """A running clock: calls within one minute, on both sides of a rule, and of midnight."""
    assert client.control("PUT", "/worlds/test/clock", {"mode": "real", "now": "2026-04-13T09:59:50Z"}).status == 200
    body = NEW_APPOINTMENT | {"scheduled_at": "2026-04-13T10:00:20Z"}
    assert client.post("/appointments", body).status == 201
    advance(client, seconds=40)
    assert client.post("/appointments", body).status == 400
    advance(client, to="2026-04-14T21:59:50Z")
    client.get("/units")
    advance(client, seconds=20)
    client.post("/shipments", NEW_SHIPMENT | {"pickup_date": "2026-04-14"})


def tangled(client: Client) -> None:
    """Calls that come out as they do because of calls that name other records, or only read."""
    client.control("PUT", "/worlds/test", {"settings": {"taken_slots": "refuse", "courier_automation": False}})
    first = client.post("/appointments", NEW_APPOINTMENT).json["id"]
    client.delete(f"/appointments/{first}")
    assert [client.post("/appointments", NEW_APPOINTMENT).status for _ in range(2)] == [201, 409]
    client.post(f"/appointments/{APPOINTMENT}/confirm", {"barcode": "4130075218"})
    event(client, "lab.results_arrived", appointment_id=APPOINTMENT, values={"60": 6.2})
    advance(client, seconds=1200)
    event(client, "courier.picked_up", shipment_id=SHIPMENT)
    client.get(f"/shipments/{SHIPMENT}")
    assert client.patch(f"/shipments/{SHIPMENT}", NEW_SHIPMENT).status == 409
    advance(client, seconds=30 * 86_400)
    assert client.post(f"/shipments/{SHIPMENT}/appointments", {"appointment_ids": [APPOINTMENT]}).status == 200


STORIES = [bookings, shipping, results, faults, chosen_world, changed_settings, seconds_apart, tangled]


def modules(client: Client) -> Iterator[tuple[str, str]]:
    """The test of the whole journal, and one for each call of which there can be one."""
    yield "test_all", written(client)
    for number in range(1, client.world.journal.recorded + 1):
        reply = client.control("GET", f"{JOURNAL}?format=pytest&number={number}")
        if reply.status == 200:
            yield f"test_{number}", reply.json.decode()
        else:
            assert reply.rules == ["journal.test"]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_written_tests_pass(pytester: pytest.Pytester, client: Client, story: Any) -> None:
    """The test of all calls, and that of each of them with those that it needs, pass against fresh worlds; they are
    formatted, and ruff finds nothing."""
    client.get("/units")
    story(client)
    files = dict(modules(client))
    assert len(files) >= 3
    for name, text in files.items():
        (pytester.path / f"{name}.py").write_text(text, encoding="utf-8")
    # In a process of its own, where nothing that earlier tests left behind is collected.
    result = pytester.runpytest_subprocess(*QUIET)
    result.assert_outcomes(passed=len(files))
    for command in (["check"], ["format", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--no-cache", "--target-version", "py311", "."],
            cwd=pytester.path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_a_written_test_reads_as_one_writes_it(client: Client) -> None:
    """Ids of records that the test creates are variables, time passes, events happen, refusals name their rule."""
    booked = client.post("/appointments", NEW_APPOINTMENT | {"location_id": PENDING_LOCATION}).json["id"]
    client.get("/units")
    advance(client, seconds=60)
    event(client, "practice.confirmed", appointment_id=booked)
    client.delete(f"/appointments/{booked}", key="sbx_test.reader")
    assert written(client, "number=3") == (
        '''import pytest


@pytest.mark.aniva(clock="2026-04-13T08:00:00Z")
def test_cancel_appointment_is_refused(aniva):
    """Calls 1 and 3 of the world test."""
    response = aniva.client.post(
        "/api/v1/appointments",
        json={
            "profile_id": "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d",
            "location_id": "f2b7e6e2-6afc-4e2e-8a9e-cc7625c9ff4e",
            "scheduled_at": "2026-04-15T10:30:00+02:00",
        },
    )
    assert response.status_code == 201
    appointment = response.json()["id"]

    aniva.clock.travel_to("2026-04-13T08:01:00Z")
    aniva.happen("practice.confirmed", appointment_id=appointment)

    response = aniva.client.delete(
        f"/api/v1/appointments/{appointment}",
        headers={"x-api-key": aniva.key("reader")},
    )
    assert response.status_code == 403
    rule = response.headers["X-Sandbox-Rule"]
    assert rule == "auth.permission/unnamed; basis=assumed"
'''
    )


def test_a_test_has_only_the_calls_that_it_needs(client: Client) -> None:
    """Other records of the same profile have nothing to do with a refusal."""
    first, *_ = [client.post("/appointments", NEW_APPOINTMENT).json["id"] for _ in range(3)]
    for _ in range(2):
        client.delete(f"/appointments/{first}")
    assert '"""Calls 1, 4 and 5 of the world test."""' in written(client, "number=5")


def test_filters_choose_the_calls_of_a_test(client: Client) -> None:
    """Without a number, the test makes the calls that the filters choose, and no other."""
    client.get("/units")
    client.get("/panels")
    client.get("/units")
    text = written(client, "operation=list_units")
    assert (text.count("/api/v1/units"), text.count("/api/v1/panels")) == (2, 0)
    assert '"""Calls 1 and 3 of the world test."""' in text


@pytest.mark.rule("journal.test")
@pytest.mark.parametrize("query", ["number=3", "status=500", "number=2", "operation=create_profile"])
def test_no_test_can_be_written(client: Client, query: str) -> None:
    """From no exchange, and from one without its whole body, there is no test; from others beside it, there is one that
    says what is left out."""
    client.get("/units")
    client.post("/profiles", {"notes": "x" * 9000})
    reply = client.control("GET", f"{JOURNAL}?format=pytest&{query}")
    assert (reply.status, reply.rules) == (409, ["journal.test"])
    text = " ".join(written(client).replace("#", "").split())
    assert "Call 2 (POST /api/v1/profiles) is left out: the journal does not have its whole body." in text


def test_secrets_are_not_in_tests(client: Client) -> None:
    """What the journal hides, a test does not show either, and says so."""
    client.post("/profiles?token=hunter2", NEW_PROFILE | {"password": "hunter2hunter2", "last_name": "sbx_secret"})
    client.get("/profiles/sbx_other")
    client.request("POST", "/profiles", body=b"password=hunter2", content_type="text/plain")
    text = written(client)
    assert "hunter2" not in text
    assert "sbx_" not in text
    assert text.count("# The journal hides what was sent where it says [hidden]") == 3


def test_a_restored_world_is_not_begun_again(client: Client) -> None:
    """Nobody knows how a world began that was restored: the test says what is missing, and begins at its first call."""
    client.get("/units")
    advance(client, seconds=60)
    taken = client.control("GET", "/worlds/test/snapshot").json
    client.control("PUT", "/worlds/test/snapshot", taken)
    client.control("DELETE", JOURNAL)
    booked = client.post("/appointments", NEW_APPOINTMENT).json["id"]
    client.get(f"/appointments/{booked}")
    text = written(client, "number=3")
    assert '@pytest.mark.aniva(clock="2026-04-13T08:01:00Z")' in text
    assert "# The world was restored from a snapshot" in text
    assert f'"/api/v1/appointments/{booked}"' in text


@pytest.mark.rule("journal.test")
def test_calls_before_a_snapshot_was_restored_are_not_made_again(client: Client) -> None:
    """A test has only the calls, the events and the settings since then, and says so."""
    client.get("/panels")
    event(client, "location.closed", location_id=BERLIN)
    taken = client.control("GET", "/worlds/test/snapshot").json
    client.control("PUT", "/worlds/test/snapshot", taken)
    client.get("/units")
    event(client, "location.opened", location_id=BERLIN)
    client.post("/appointments", NEW_APPOINTMENT)
    text = written(client)
    assert '"""Calls 2 and 3 of the world test."""' in text
    assert "Call 1 is left out, which was before that." in text
    assert text.count("client.get") == 1
    assert text.count("aniva.happen(") == 1
    assert 'aniva.happen("location.opened"' in text
    reply = client.control("GET", f"{JOURNAL}?format=pytest&number=1")
    assert (reply.status, reply.rules) == (409, ["journal.test"])
    assert "restored" in reply.json["error"]


def test_ids_that_no_response_shows(client: Client) -> None:
    """An id whose creation is no longer in the journal is said to be missing."""
    booked = client.post("/appointments", NEW_APPOINTMENT).json["id"]
    client.control("DELETE", JOURNAL)
    client.get(f"/appointments/{booked}")
    assert f"# No response in this test shows {booked}" in written(client)


def test_a_record_is_not_looked_for_where_it_may_not_be(client: Client) -> None:
    """A list shows a record whose creation the test leaves out: in a fresh world, something else stands there."""
    booked = client.post("/appointments", NEW_APPOINTMENT).json["id"]
    client.get(f"/appointments?profile_id={PROFILE}")
    client.get(f"/appointments/{booked}")
    text = written(client, "last=2")
    assert f'"/api/v1/appointments/{booked}"' in text
    assert f"# No response in this test shows {booked}" in text


def test_a_test_is_named_after_a_call_that_it_makes(client: Client) -> None:
    """Not after one that is left out."""
    client.get("/units")
    client.post("/profiles", {"notes": "x" * 9000})
    assert "def test_list_units(aniva)" in written(client)


def test_faults_that_only_take_time_are_left_out(client: Client) -> None:
    """The test says so."""
    client.get("/panels")
    client.control("POST", "/worlds/test/faults", {"operation": "list_units", "latency_ms": 50_000, "malformed": True})
    client.raw("GET", "/units")
    text = written(client)
    assert "# The fault latency_ms=50000 is left out: it only takes time." in text
    assert 'headers={"X-Sandbox-Fault": "malformed"}' in text


def test_a_world_begins_once_for_all_tests(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a world begins with is found once: a large world takes a second to begin, and nobody is served meanwhile."""
    begun: list[object] = []
    monkeypatch.setattr(ids, "settle", begun.append)
    client.control("PUT", "/worlds/test", {"seed": 4711})
    client.post("/appointments", NEW_APPOINTMENT)
    assert written(client) == written(client)
    assert len(begun) == 1


def test_a_world_from_another_fixture(pytester: pytest.Pytester, tmp_path: Path) -> None:
    """The marker names the fixture of the world, or the world file that the server was started with."""
    client = Client()
    client.control("PUT", "/worlds/test", {"fixture": "large"})
    client.get("/units")
    assert '@pytest.mark.aniva(world="large", clock="2026-04-13T08:00:00Z")' in written(client)
    file = tmp_path / "mine.json"
    export = Client()
    export.get("/units")
    file.write_text(json.dumps(export.control("GET", "/worlds/test/snapshot").json), encoding="utf-8")
    other = Client(new_worlds(fixture=str(file)))
    other.post("/appointments", NEW_APPOINTMENT)
    text = written(other)
    assert str(file) in text
    pytester.makepyfile(text)
    pytester.runpytest_inprocess(*QUIET).assert_outcomes(passed=1)
