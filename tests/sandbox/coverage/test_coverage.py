"""Coverage of the Partner API, collected by its server and read over its control plane."""

from typing import Any

import msgspec
import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.evidence.coverage.report import AXES
from aniva_sandbox.engine.serving.pipeline import Request
from tests.sandbox.serving.common import NEW_PROFILE
from tests.support import (
    APPOINTMENT,
    BERLIN,
    DRAWN_APPOINTMENT,
    MOVING_SHIPMENT,
    PARTNER,
    PROFILE,
    RIVAL_PROFILE,
    UNKNOWN,
    Client,
    new_worlds,
)

BOOKING = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-15T10:30:00+02:00"}


@pytest.fixture
def client() -> Client:
    """A client of a server that collects."""
    return Client(new_worlds(coverage=Coverage(PARTNER, DOMAIN)))


def met(client: Client, query: str = "") -> dict[str, dict[str, Any]]:
    """Every item that was met, by id."""
    report = client.control("GET", f"/coverage{query}").json
    return {entry["id"]: entry for axis in report["axes"].values() for entry in axis["list"] if entry["met"]}


@pytest.mark.rule("coverage.off")
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_coverage_must_be_collected(client: Client, method: str) -> None:
    """A server that does not collect refuses to report and to clear; one that does, does."""
    refused = Client().control(method, "/coverage")
    assert (refused.status, refused.rules) == (409, ["coverage.off"])
    assert client.control(method, "/coverage").status == 200


def test_a_report_over_the_control_plane(client: Client) -> None:
    """The same JSON as everywhere; DELETE forgets all of it, a reset of the world nothing."""
    client.post("/appointments", BOOKING)
    client.post("/appointments", {})
    report = client.control("GET", "/coverage").json
    assert list(report) == ["version", "axes", "not_called"]
    assert list(report["axes"]) == list(AXES)
    assert met(client)["create_appointment 201"]["count"] == 1
    client.control("POST", "/worlds/test/reset")
    client.control("DELETE", "/worlds/test")
    assert "create_appointment 400" in met(client)
    client.control("DELETE", "/coverage")
    assert met(client) == {}


def test_a_report_on_some_worlds(client: Client) -> None:
    """Those whose names begin as asked."""
    client.get(f"/appointments/{APPOINTMENT}", key="sbx_job-1")
    client.get("/locations", key="sbx_job-2")
    assert "list_locations 200" not in met(client, "?worlds=job-1")
    assert "list_locations 200" in met(client, "?worlds=job")
    assert met(client, "?worlds=other") == {}


def test_a_booking(client: Client) -> None:
    """What one booking meets: its rules, its words, and none of what it did not send."""
    client.post("/appointments", BOOKING)
    found = met(client)
    expected = {
        "create_appointment 201",
        "appointment.zone passed",
        "time.input passed",
        "Appointment.status confirmed",
    }
    assert expected <= found.keys() | {"Appointment.status confirmed"}
    assert "appointment.zone refused" not in found
    assert not any(" refused" in id for id in found)


def test_a_time_without_zone_breaks_both_its_rules(client: Client) -> None:
    """The response names the plainer rule; the other is not passed, for the value broke it, too."""
    client.post("/appointments", BOOKING | {"scheduled_at": "2026-04-15"})
    found = met(client)
    assert "appointment.zone refused" in found
    assert "appointment.zone passed" not in found
    assert "time.input passed" not in found
    assert "id.format passed" in found


def test_events_are_read_where_they_show(client: Client) -> None:
    """Results in the results, a shipment's way with the shipment, a closed location in the list that lacks it."""
    client.get("/locations")
    control = "/worlds/test/events"
    client.control("POST", control, {"type": "lab.results_arrived", "appointment_id": DRAWN_APPOINTMENT})
    client.control("POST", control, {"type": "courier.delivered", "shipment_id": MOVING_SHIPMENT})
    client.control("POST", control, {"type": "location.closed", "location_id": BERLIN})
    client.control("POST", control, {"type": "kit.ordered", "profile_id": PROFILE})
    client.get(f"/appointments/{DRAWN_APPOINTMENT}")
    assert not [id for id in met(client) if id.endswith(" read")]
    client.get(f"/appointments/{DRAWN_APPOINTMENT}/results")
    client.get(f"/shipments/{MOVING_SHIPMENT}")
    client.get("/locations")
    client.get(f"/appointments?profile_id={PROFILE}")
    assert [id for id in met(client) if id.endswith(" read")] == [
        *("kit.ordered read", "courier.delivered read", "lab.results_arrived read", "location.closed read")
    ]


def test_a_test_is_named_by_header(client: Client) -> None:
    """On both planes; the control plane's name stays with the world."""
    named = [(b"x-sandbox-test", b"one")]
    client.send(Request("GET", "/api/v1/locations", b"", "sbx_test", headers=named))
    client.get("/units")
    found = met(client)
    assert (found["list_locations 200"]["tests"], found["list_units 200"]["tests"]) == (["one"], [])


def test_a_proposal_has_its_own_items() -> None:
    """An operation that only a proposed document has is listed with its responses."""
    document = msgspec.json.decode(msgspec.json.encode(PARTNER.document))
    document["paths"]["/api/v1/weather"] = {
        "get": {"operationId": "get_weather", "responses": {"200": {"description": "…"}}},
    }
    operations = [each.operation for each in PARTNER.endpoints.values() if each.operation is not None]
    proposed = Api(document, operations, PARTNER.ledger, proposal=True)
    coverage = Coverage(proposed, DOMAIN)
    client = Client(new_worlds(coverage=coverage), api=proposed)
    assert client.get("/weather").status == 501
    assert "get_weather 200" in coverage.items.by_id
    assert not list(coverage.collected())


def test_a_proposal_may_say_odd_things() -> None:
    """What coverage cannot use of a valid proposed document, it leaves out: values of enumerations that are no words,
    parameters of any type, and bounds of times that are no times."""
    document = msgspec.json.decode(msgspec.json.encode(PARTNER.document))
    odd = {"type": "object", "properties": {"x": {"enum": [{"a": 1}, [1], "word"]}}}
    bounds = {"type": "object", "properties": {"t": {"type": "string", "x-minimum": "soon", "x-maximum": 1140}}}
    document["paths"]["/api/v1/weather"] = {
        "post": {
            "operationId": "make_weather",
            "parameters": [{"name": "where", "in": "query", "schema": True}],
            "requestBody": {"content": {"application/json": {"schema": bounds}}},
            "responses": {"200": {"description": "…", "content": {"application/json": {"schema": odd}}}},
        }
    }
    operations = [each.operation for each in PARTNER.endpoints.values() if each.operation is not None]
    proposed = Api(document, operations, PARTNER.ledger, proposal=True)
    coverage = Coverage(proposed, DOMAIN)
    client = Client(new_worlds(coverage=coverage), api=proposed)
    assert client.post("/weather?where=here", {"t": "12:00"}).status == 501
    assert [id for id in coverage.items.by_id if id.startswith("make_weather.")] == ["make_weather.x word"]
    assert not [id for id in coverage.items.by_id if "1140" in id or "soon" in id]


def sides(client: Client, rule: str) -> list[int]:
    """How many calls a rule refused, and how many passed it."""
    found = met(client)
    return [found[id]["count"] if id in found else 0 for id in (f"{rule} refused", f"{rule} passed")]


@pytest.mark.rule("auth.permission", "auth.permission/unnamed")
def test_the_permission_rule_that_refuses_is_the_one_that_is_passed(client: Client) -> None:
    """Where the documentation names no permission, the clause is on both sides; elsewhere its rule is."""
    client.get("/panels", key="sbx_test.courier")
    client.get("/panels")
    assert (sides(client, "auth.permission/unnamed"), sides(client, "auth.permission")) == ([1, 1], [0, 0])
    client.get("/units", key="sbx_test.courier")
    client.get("/units")
    assert (sides(client, "auth.permission/unnamed"), sides(client, "auth.permission")) == ([1, 1], [1, 1])


@pytest.mark.rule("profile.birth-date")
def test_a_rule_with_a_format_is_passed_where_all_of_it_is_judged(client: Client) -> None:
    """A date of birth that is written well, but is not compared with today, because the group does not exist, has not
    passed; in a group that exists, it does."""
    client.post("/profiles", NEW_PROFILE | {"profile_group": "no-such-group"})
    assert sides(client, "profile.birth-date") == [0, 0]
    client.post("/profiles", NEW_PROFILE | {"profile_group": "no-such-group", "date_of_birth": "1990-02-30"})
    assert sides(client, "profile.birth-date") == [1, 0]
    client.post("/profiles", NEW_PROFILE)
    assert sides(client, "profile.birth-date") == [1, 1]


@pytest.mark.rule("appointment.list-profile")
@pytest.mark.parametrize(
    ("id", "expected"), [(PROFILE, [0, 1]), (UNKNOWN, [0, 1]), (RIVAL_PROFILE, [1, 0]), ("no-id", [1, 0])]
)
def test_a_filter_that_finds_nothing_passes(client: Client, id: str, expected: list[int]) -> None:
    """An unknown profile is listed as one without appointments; one outside the context is refused."""
    client.get(f"/appointments?profile_id={id}")
    assert sides(client, "appointment.list-profile") == expected
