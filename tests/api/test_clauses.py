"""Clauses that depend on what a world holds: which calls lean on them, and which neighbouring calls do not."""

from typing import Any

import pytest

from aniva_sandbox.api.settings import Settings
from tests.laboratory.common import COMPLETE, EVERY_PANEL, FAILED, PLAIN, draw
from tests.sandbox.serving.common import NEW_SHIPMENT
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CUSTOM_PANEL,
    DOCUMENT,
    EMPTY_APPOINTMENT,
    GENETICS_PANEL,
    HELSINKI,
    HOURLESS_LOCATION,
    PANEL,
    PENDING_APPOINTMENT,
    PROFILE,
    RIVAL_APPOINTMENT,
    SHIPMENT,
    UNKNOWN,
    ZONELESS_LOCATION,
    Client,
    quiet_client,
    relied_on,
)

OLD_APPOINTMENT = "877e7253-ee68-42d5-b91d-92a76843af67"
"""Drawn; one of its two shipments is outside the context."""
MEN = "6623f285-afb0-48f8-9286-200c5895b73f"
"""A panel with a ratio."""
APOE = 201


@pytest.fixture
def client() -> Client:
    """A client of a world in which nothing happens by itself."""
    return quiet_client()


def happen(client: Client, type: str, **fields: Any) -> None:
    """Make an event happen."""
    assert client.control("POST", "/worlds/test/events", {"type": type} | fields).status == 200


def leans(client: Client, path: str, **options: Any) -> list[str]:
    """The clauses that a successful GET leans on."""
    assert client.get(path, **options).status == 200
    return relied_on(client)


# Ids


@pytest.mark.rule("id.format/version")
def test_the_version_of_an_id_is_not_checked(client: Client) -> None:
    """An unknown id of any version is not found, as one of version 4 is; a custom container has none."""
    for version in "01467f":
        unknown = f"{UNKNOWN[:14]}{version}{UNKNOWN[15:]}"
        assert client.get(f"/profiles/{unknown}").rules == ["path.unknown"]
    body = {"panel_id": CUSTOM_PANEL, "biomarker_ids": [42]}
    assert client.patch(f"/appointments/{APPOINTMENT}/custom-snapshot", body).status == 200


@pytest.mark.rule("id.format/case", "body.schema/duplicates")
def test_ids_in_lists(client: Client) -> None:
    """Ids in upper case and ids that repeat are accepted in bodies; each is noted, and only for calls that succeed."""
    path = f"/appointments/{PENDING_APPOINTMENT}/custom-snapshot"
    for ids, expected in (([42], []), ([42, 42], ["body.schema/duplicates"])):
        assert client.patch(path, {"panel_id": CUSTOM_PANEL, "biomarker_ids": ids}).status == 200
        assert [rule for rule in relied_on(client) if "duplicates" in rule] == expected
    for ids, expected in (
        ([PENDING_APPOINTMENT], []),
        ([PENDING_APPOINTMENT, PENDING_APPOINTMENT.upper()], ["body.schema/duplicates", "id.format/case"]),
    ):
        assert client.post(f"/shipments/{SHIPMENT}/appointments", {"appointment_ids": ids}).status == 200
        noted = relied_on(client)
        assert sorted(rule for rule in noted if rule.startswith(("body", "id"))) == expected
    assert client.get(f"/profiles/{UNKNOWN.upper()}").status == 404
    assert "id.format/case" not in relied_on(client)


# Lists and links


@pytest.mark.rule("auth.context/inline")
def test_links_to_what_is_outside_the_context(client: Client) -> None:
    """A record that shows the id of one outside the key's context leans on it; others do not."""
    hidden = "auth.context/inline"
    assert hidden in leans(client, f"/appointments/{OLD_APPOINTMENT}")
    assert hidden not in leans(client, f"/appointments/{APPOINTMENT}")
    assert hidden not in leans(client, f"/shipments/{SHIPMENT}")
    assert hidden not in leans(client, "/shipments")
    assert hidden not in leans(client, "/appointments")
    profile = client.get(f"/appointments/{OLD_APPOINTMENT}").json["profile_id"]
    assert hidden in leans(client, f"/appointments?profile_id={profile}")
    outsider = {"key": "sbx_test.outsider"}
    assert hidden not in leans(client, f"/appointments/{RIVAL_APPOINTMENT}", **outsider)
    assert hidden in leans(client, "/shipments", **outsider)


@pytest.mark.rule("time.instants/reports")
def test_times_of_reports(client: Client) -> None:
    """A shipment with reports leans on how their times are written; one without does not."""
    body = {
        "location_id": BERLIN,
        "pickup_date": "2026-04-15",
        "pickup_time_from": "11:00",
        "pickup_time_till": "14:00",
    }
    id = client.post("/shipments", body).json["id"]
    assert "time.instants/reports" not in leans(client, f"/shipments/{id}")
    happen(client, "courier.booked", shipment_id=id)
    assert "time.instants/reports" in leans(client, f"/shipments/{id}")
    assert client.get(f"/shipments/{id}").json["status_updates"][0]["time"].endswith("Z")
    assert "time.instants/reports" in leans(client, "/shipments")


@pytest.mark.rule("time.local/no-zone")
def test_times_without_a_zone(client: Client) -> None:
    """What a location without a time zone shows is in UTC and leans on it; a location with one does not."""
    no_zone = "time.local/no-zone"
    booking = {"profile_id": PROFILE, "location_id": ZONELESS_LOCATION, "scheduled_at": "2026-04-15T09:00:00+03:00"}
    reply = client.post("/appointments", booking)
    assert (reply.status, reply.json["scheduled_at"]) == (201, "2026-04-15T06:00:00Z")
    assert no_zone in relied_on(client)
    assert no_zone in leans(client, f"/locations/{ZONELESS_LOCATION}/availability")
    reply = client.post("/shipments", NEW_SHIPMENT | {"location_id": ZONELESS_LOCATION})
    assert (reply.status, reply.json["pickup"]["timezone"]) == (201, "UTC")
    assert no_zone in relied_on(client)
    assert no_zone not in leans(client, f"/appointments/{APPOINTMENT}")
    assert no_zone not in leans(client, f"/locations/{HELSINKI}/availability")
    assert no_zone not in leans(client, f"/shipments/{SHIPMENT}")


@pytest.mark.rule("shipment.states", "shipment.states/lost")
def test_a_shipment_that_was_lost(client: Client) -> None:
    """A shipment that was lost before it was picked up leans on the clause; one that was lost in transit does not."""
    lost = "shipment.states/lost"
    for before, expected in (((), True), (("courier.picked_up",), False)):
        id = client.post("/shipments", NEW_SHIPMENT).json["id"]
        assert lost not in leans(client, f"/shipments/{id}")
        for type in (*before, "courier.lost"):
            happen(client, type, shipment_id=id)
        assert (lost in leans(client, f"/shipments/{id}")) == expected
        assert client.get(f"/shipments/{id}").json["status"] == "fault"
    id = client.post("/shipments", NEW_SHIPMENT).json["id"]
    for type, status in (("courier.picked_up", "in_transit"), ("courier.delivered", "delivered")):
        happen(client, type, shipment_id=id)
        assert client.get(f"/shipments/{id}").json["status"] == status
        assert lost not in relied_on(client)


@pytest.mark.rule("profile.list-email/oldest")
def test_the_oldest_of_several(client: Client) -> None:
    """Of several profiles with one address the oldest is listed; a search that finds one alone leans on nothing."""
    body = {"first_name": "Jo", "sex": 1, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"}
    body["email"] = "jo@example.com"
    first = client.post("/profiles", body).json
    assert leans(client, "/profiles?email=jo@example.com") == []
    assert client.post("/profiles", body).status == 201
    assert client.get("/profiles?email=JO@example.com").json == [first]
    assert relied_on(client) == ["profile.list-email/oldest"]


@pytest.mark.rule("catalogue.reachable", "catalogue.archived/list", "catalogue.fields")
def test_lists_of_the_catalogue(client: Client) -> None:
    """A list of panels leans on the rule if it leaves out some; that of biomarkers always leaves out some. Both lean on
    the names of their fields, the list of units does not."""
    assert leans(client, "/panels") == ["catalogue.fields"]
    assert leans(client, "/biomarkers/42") == ["catalogue.fields"]
    assert "catalogue.reachable" in leans(client, "/panels", key="sbx_test.scheduler")
    assert leans(client, "/biomarkers") == ["catalogue.archived/list", "catalogue.fields"]
    assert leans(client, "/units") == []


@pytest.mark.rule("location.active")
def test_locations_that_are_left_out(client: Client) -> None:
    """A list that leaves out an inactive location of the context leans on it; one without such a location does not."""
    assert leans(client, "/locations") == ["location.active"]
    happen(client, "location.opened", location_id="8d0dd7ed-aab1-4f34-baba-0808cd399e81")
    assert leans(client, "/locations") == []


# Slots


@pytest.mark.rule("availability.slots/overlap", "availability.slots/no-hours")
def test_slots(client: Client) -> None:
    """A booking between two slots takes both, and one without open hours has none; a booking at a slot leans on
    nothing."""
    days = "start_date=2026-04-20&end_date=2026-04-24"
    assert leans(client, f"/locations/{BERLIN}/availability?{days}") == []
    for at, expected in (("09:00", []), ("09:05", ["availability.slots/overlap"])):
        booking = {"profile_id": "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d", "location_id": BERLIN}
        assert client.post("/appointments", booking | {"scheduled_at": f"2026-04-20T{at}:00+02:00"}).status == 201
        assert leans(client, f"/locations/{BERLIN}/availability?{days}") == expected
    hourless = leans(client, f"/locations/{HOURLESS_LOCATION}/availability?{days}")
    assert hourless == ["availability.slots/no-hours", "availability.slots/empty-days"]


# Results


@pytest.mark.rule("results.planned/before-draw", "results.planned/gene")
def test_planned_results(client: Client) -> None:
    """Results before the draw lean on being listed, and planned genetic ones on their gene; after the draw, planned
    clinical results lean on nothing."""
    path = f"/appointments/{PENDING_APPOINTMENT}"
    assert leans(client, f"/appointments/{EMPTY_APPOINTMENT}/results") == []
    assert leans(client, f"/appointments/{APPOINTMENT}/results") == ["results.planned/before-draw"]
    assert client.post(f"{path}/panels", {"panel_ids": [GENETICS_PANEL]}).status == 200
    planned = ["results.planned/before-draw", "results.planned/gene"]
    assert leans(client, f"{path}/results") == planned
    assert leans(client, f"/appointments/{draw(client.world, PANEL)}/results") == []
    assert leans(client, f"/appointments/{draw(client.world, GENETICS_PANEL)}/results") == planned[1:]


@pytest.mark.rule("results.operator/ratio", "results.arrival/submissions", "documents.corrected")
def test_complete_results(client: Client) -> None:
    """Complete results lean on a ratio that could not be calculated, on the split into submissions, and on documents
    of a correction; those of one clinical panel on nothing."""
    plain = draw(client.world, PANEL, barcode=COMPLETE)
    assert leans(client, f"/appointments/{plain}/results") == []
    woman = draw(client.world, MEN, barcode=COMPLETE, sex=2, born="1960-01-01")
    assert leans(client, f"/appointments/{woman}/results") == ["results.operator/ratio"]
    everything = draw(client.world, *EVERY_PANEL, barcode=COMPLETE, location=HELSINKI)
    assert "results.arrival/submissions" in leans(client, f"/appointments/{everything}/results")
    happen(client, "lab.corrected", appointment_id=plain, values={"60": 9.0})
    assert leans(client, f"/appointments/{plain}/results") == ["documents.corrected"]
    first, second = client.get(f"/appointments/{plain}/results").json["documents"]
    assert leans_of_document(client, first["id"]) == ["documents.bytes/file-name"]
    assert leans_of_document(client, second["id"]) == ["documents.bytes/file-name", "documents.corrected"]
    assert leans_of_document(client, DOCUMENT) == ["documents.bytes/file-name"]


def leans_of_document(client: Client, id: str) -> list[str]:
    """The clauses that a download leans on."""
    assert client.raw("GET", f"/documents/{id}").status == 200
    return relied_on(client)


@pytest.mark.rule("results.significance", "results.significance/classes")
@pytest.mark.parametrize(
    ("genotype", "shown", "expected"),
    [("ε3/ε4", "moderate_risk", False), ("ε3/ε3", "neutral", True), ("ε2/ε3", "protective", True)],
)
def test_classes_of_significance(client: Client, genotype: str, shown: str, expected: bool) -> None:
    """A class that the documentation does not show is leaned on; one that it shows is not, nor a planned result."""
    id = draw(client.world, GENETICS_PANEL)
    classes = "results.significance/classes"
    assert classes not in leans(client, f"/appointments/{id}/results")
    happen(client, "lab.results_arrived", appointment_id=id, biomarker_ids=[APOE], values={str(APOE): genotype})
    assert (classes in leans(client, f"/appointments/{id}/results")) == expected
    results = client.get(f"/appointments/{id}/results").json["genetic_results"]
    assert [each["clinical_significance"] for each in results if each["status"] == "received"] == [shown]


@pytest.mark.rule("results.lab-failure/results", "results.arrival/cancelled")
def test_results_that_never_come(client: Client) -> None:
    """What a failed lab order and one that operations stopped show is a decision; while results are only late, nothing
    is."""
    failed, stopped, late = (draw(client.world, PANEL, barcode=barcode) for barcode in (FAILED, PLAIN, PLAIN))
    happen(client, "operations.cancelled", appointment_id=stopped)
    assert leans(client, f"/appointments/{failed}/results") == ["results.lab-failure/results"]
    assert leans(client, f"/appointments/{stopped}/results") == ["results.arrival/cancelled"]
    assert leans(client, f"/appointments/{late}/results") == []


@pytest.mark.rule("results.ranges/pregnancy")
def test_pregnancy_is_no_part_of_a_profile(client: Client) -> None:
    """A field that says so is ignored, and the ranges stay those of age and sex."""
    client.world.settings = Settings(courier_automation=False)
    profile = client.get(f"/appointments/{APPOINTMENT}").json["profile_id"]
    path = f"/appointments/{draw(client.world, PANEL, barcode=COMPLETE)}/results"
    before = client.get(path).json
    assert client.patch(f"/profiles/{profile}", {"pregnant": True}).status == 200
    assert "body.unknown-field" in relied_on(client)
    assert client.get(path).json == before


# HEAD


@pytest.mark.rule("http.method")
def test_head_is_a_decision(client: Client) -> None:
    """HEAD where GET is leans on the rule; GET does not."""
    assert client.raw("HEAD", "/units").status == 200
    assert relied_on(client) == ["http.method"]
    assert leans(client, "/units") == []


# The form of refusals


@pytest.mark.rule("error.body/sentence", "body.schema/details")
def test_form_of_refusals(client: Client) -> None:
    """Every refusal but 403 leans on its sentence, and a validation error on its details; a refusal of the control
    plane on nothing."""
    assert client.get(f"/profiles/{UNKNOWN}").status == 404
    assert relied_on(client) == ["error.body/sentence"]
    assert client.get("/profiles?limit=x").status == 400
    assert relied_on(client) == ["body.schema/details", "error.body/sentence"]
    assert client.get("/profiles", key="sbx_test.courier").status == 403
    assert relied_on(client) == []
    before = list(client.world.relied_on)
    assert client.control("GET", "/worlds/nowhere/clock").status == 404
    assert list(client.world.relied_on) == before
