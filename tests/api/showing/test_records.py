"""What is shown of single records besides their fields: facts, links, results."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aniva_sandbox.api.settings import Settings
from aniva_sandbox.laboratory.catalogue import get_catalogue
from tests.api.showing.looks import facts, look, notes, related, table
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CUSTOM_PANEL,
    DOCUMENT,
    DRAWN_APPOINTMENT,
    EMPTY_APPOINTMENT,
    GENETICS_PANEL,
    INACTIVE_LOCATION,
    LOCKED_SHIPMENT,
    MOVING_SHIPMENT,
    PROFILE,
    RIVAL_LOCATION,
    SHIPMENT,
    Client,
    new_worlds,
    quiet_client,
)

OLDEST_DRAW = "877e7253-ee68-42d5-b91d-92a76843af67"
INFECTIONS = next(panel.id for panel in get_catalogue().panels.values() if panel.name == "Infection Screening")


@pytest.fixture
def client() -> Client:
    """A client of the default world."""
    client = Client(new_worlds())
    assert client.get("/locations").status == 200
    return client


def advance(client: Client, to: str) -> None:
    """Move the clock of the world forward."""
    assert client.control("POST", "/worlds/test/clock/advance", {"to": to}).status == 200


def happen(client: Client, type: str, **details: Any) -> None:
    """Let an event happen now."""
    reply = client.control("POST", "/worlds/test/events", {"type": type, **details})
    assert reply.status == 200, reply.json


def draw(client: Client, barcode: str, id: str = APPOINTMENT) -> None:
    """Confirm a draw, whose magic has its effect."""
    assert client.post(f"/appointments/{id}/confirm", {"barcode": barcode}).status == 200


# Appointments and their links


def test_facts_of_an_appointment(client: Client) -> None:
    """What is ordered is named, single biomarkers with their laboratory; it can be changed until it is drawn."""
    record = look(client, "appointments", APPOINTMENT)
    assert record["name"] == "Maria Schmidt, Aniva Berlin Mitte, 2026-04-15 09:00 +02:00"
    assert facts(record) == {
        "Can be changed": "yes",
        "Panels": "Basic Check-up, Cardiometabolic, 2 single biomarkers",
        "Custom snapshot": "Vitamin D (25-OH), TSH",
        "Visible to": "full, reader, scheduler, courier",
    }
    assert notes(record)["Custom snapshot"] == "Measured by Labclinic."
    draw(client, "9990675218")
    record = look(client, "appointments", APPOINTMENT)
    assert facts(record)["Can be changed"] == "no"
    assert (facts(record)["Barcode"], notes(record)["Barcode"]) == (
        "9990675218",
        "Magic: The lab order fails: nothing ever arrives.",
    )
    assert facts(look(client, "appointments", EMPTY_APPOINTMENT))["Panels"] == "none"


@pytest.mark.rule("link.window", "link.boundary")
@pytest.mark.parametrize(("before", "is_open"), [(1, True), (0, False)])
def test_links_show_their_window(client: Client, before: int, is_open: bool) -> None:
    """A link says until when it can be changed; that is the instant from which a change is refused."""
    linked = "b2c3d4e5-f6a7-8901-bcde-f12345678901"
    end = datetime(2026, 4, 14, 7, tzinfo=UTC)
    advance(client, f"{end - timedelta(seconds=before):%Y-%m-%dT%H:%M:%SZ}")
    note = related(look(client, "appointments", linked))[SHIPMENT]
    words = "can be changed until" if is_open else "is locked since"
    assert note.endswith(f"; the link {words} 2026-04-14 07:00 UTC")
    assert related(look(client, "shipments", SHIPMENT))[linked] == f"confirmed{note[note.index(';') :]}"
    window = "changeable until" if is_open else "locked since"
    assert facts(look(client, "shipments", SHIPMENT))["Links"] == f"{window} 2026-04-14 07:00 UTC"
    reply = client.delete(f"/appointments/{linked}/shipments", {"shipment_ids": [SHIPMENT]})
    assert reply.status == (200 if is_open else 409)


def test_links_of_drawn_appointments_have_no_window(client: Client) -> None:
    """Once the blood is drawn, a link can always be changed."""
    note = related(look(client, "appointments", OLDEST_DRAW))["P2601287306"]
    assert note == "delivered; the link can always be changed, as the blood is drawn"


# Shipments


def test_facts_of_a_shipment(client: Client) -> None:
    """The window, the boxes, the syncs and the courier's reports are shown."""
    record = look(client, "shipments", MOVING_SHIPMENT)
    shown = facts(record)
    assert {name: shown[name] for name in ("Last sync", "Next sync", "Pickup", "Boxes")} == {
        "Last sync": "2026-04-13 08:00 UTC",
        "Next sync": "2026-04-13 09:00 UTC",
        "Pickup": "2026-04-13 09:00–12:00",
        "Boxes": "1",
    }
    reports = [each["note"] for each in record["facts"] if each["label"] == "Report"]
    assert reports == ["2026-04-10 13:25 UTC, pending, GO604418209955", "2026-04-13 07:30 UTC, in_transit"]


@pytest.mark.rule("shipment.freshness")
def test_the_courier_knows_more_until_the_next_sync(client: Client) -> None:
    """Where partners do not see yet what the courier reported, the true state and the fact say so."""
    advance(client, "2026-04-13T08:20:00Z")
    happen(client, "courier.picked_up", shipment_id=SHIPMENT)
    record = look(client, "shipments", SHIPMENT)
    assert (record["fields"]["status"], record["state"]["now"]) == ("pending", "in_transit")
    assert facts(record)["The courier's status"] == "in_transit"
    assert notes(record)["The courier's status"].startswith("1 report not synced yet: partners see pending.")
    assert notes(record)["Report"].endswith("; not synced yet")
    advance(client, "2026-04-13T09:00:00Z")
    record = look(client, "shipments", SHIPMENT)
    assert (record["fields"]["status"], "The courier's status" in facts(record)) == ("in_transit", False)
    assert "not synced" not in notes(record)["Report"]


def test_a_get_syncs_what_looking_does_not(client: Client) -> None:
    """Looking leaves the copy as it is; a GET brings it up to date."""
    advance(client, "2026-04-13T08:20:00Z")
    happen(client, "courier.picked_up", shipment_id=SHIPMENT)
    for _ in range(2):
        assert look(client, "shipments", SHIPMENT)["fields"]["status"] == "pending"
    client.get(f"/shipments/{SHIPMENT}")
    record = look(client, "shipments", SHIPMENT)
    assert (record["fields"]["status"], facts(record)["Last sync"]) == ("in_transit", "2026-04-13 08:20 UTC")


def test_without_an_hourly_sync() -> None:
    """If it is off, there is no next one."""
    client = quiet_client(Settings(hourly_sync=False))
    assert facts(look(client, "shipments", LOCKED_SHIPMENT))["Next sync"] == "none"


# Profiles, locations and personas


def test_facts_of_a_profile(client: Client) -> None:
    """A profile names its group, whoever may see it, and the others with its e-mail address."""
    record = look(client, "profiles", PROFILE)
    assert facts(record) == {"Group": "acme-clinic-berlin", "Visible to": "full, reader, scheduler, courier"}
    body = {"first_name": "Maria", "sex": 2, "date_of_birth": "1990-06-15", "profile_group": "acme-clinic-berlin"}
    twin = client.post("/profiles", body | {"email": record["fields"]["email"]}).json["id"]
    assert facts(look(client, "profiles", PROFILE))["Same e-mail address"] == twin
    assert related(record)[DOCUMENT] == "issued 2026-02-01 07:50 UTC"


def test_facts_of_a_location(client: Client) -> None:
    """A location says whether it is open, and which slot is the next free one: that of its availability."""
    record = look(client, "locations", BERLIN)
    slots = client.get(f"/locations/{BERLIN}/availability?start_date=2026-04-13").json["availability"][0]["slots"]
    assert facts(record)["Next free slot"] == slots[0].replace("T", " ").replace(":00+", " +")
    assert (facts(record)["Now"], notes(record)["Now"]) == ("2026-04-13 10:00 +02:00", "open")
    assert record["state"]["now"] == "active"
    assert facts(look(client, "locations", RIVAL_LOCATION))["Visible to"] == "outsider"
    closed = look(client, "locations", INACTIVE_LOCATION)
    assert (closed["state"]["now"], facts(closed)["Bookings"]) == ("inactive", "refused")
    happen(client, "location.opened", location_id=INACTIVE_LOCATION)
    assert "Next free slot" in facts(look(client, "locations", INACTIVE_LOCATION))


def test_personas_show_their_keys(client: Client) -> None:
    """A persona is shown with its key, and with what it may do and see."""
    keys = [row["cells"][0] for row in table(client, "personas")["records"]]
    assert keys == ["sbx_test", *(f"sbx_test.{name}" for name in ("reader", "scheduler", "courier", "outsider"))]
    shown = facts(look(client, "personas", "scheduler"))
    assert shown["Panels"] == "Basic Check-up, Cardiometabolic"
    assert facts(look(client, "personas", "courier"))["Panels"] == "none"
    assert facts(look(client, "personas", "outsider"))["Permissions"] == "all"


# Results


def measured(client: Client, id: str = APPOINTMENT, section: str = "orders") -> dict[str, dict[str, Any]]:
    """The measurements of a draw, by name."""
    return {each["name"]: each for each in look(client, section, id)["measurements"]}


def test_planned_results_are_measurements(client: Client) -> None:
    """What is ordered is listed before it is drawn and until it arrives, without a value."""
    planned = measured(client, section="appointments")
    results = client.get(f"/appointments/{APPOINTMENT}/results").json
    assert [each["biomarker_name"] for each in results["clinical_results"]] == list(planned)
    assert {each["status"] for each in planned.values()} == {"planned"}
    assert all(each[name] is None for each in planned.values() for name in ("value", "text", "verdict"))
    draw(client, "4130075218")
    assert {each["status"] for each in measured(client).values()} == {"planned"}
    assert table(client, "orders", "&state=in_progress")["total"] == 2


def test_measurements_have_ranges_and_a_verdict(client: Client) -> None:
    """Each value has the laboratory's range, Aniva's optimum, its unit, and says on which side it is."""
    results = client.get(f"/appointments/{OLDEST_DRAW}/results").json["clinical_results"]
    shown = measured(client, OLDEST_DRAW)
    assert shown == measured(client, OLDEST_DRAW, "appointments")
    assert list(shown)[: len(results)] == [each["biomarker_name"] for each in results]
    for result in results:
        each, lab, aniva = (
            shown[result["biomarker_name"]],
            result["reference_range_lab"],
            result["reference_range_aniva"],
        )
        assert (each["value"], each["group"], each["status"]) == (result["value"], result["category"], result["status"])
        assert (each["low"], each["high"]) == (lab["normal_min"], lab["normal_max"])
        assert (each["optimal_low"], each["optimal_high"]) == (aniva["optimal_min"], aniva["optimal_max"])
        if result["value_operator"] == "eq":
            assert float(each["text"]) == result["value"]
            is_low = each["low"] is not None and each["value"] < each["low"]
            is_high = each["high"] is not None and each["value"] > each["high"]
            assert (each["verdict"].endswith("low"), each["verdict"].endswith("high")) == (is_low, is_high)
    assert shown["Leukocytes"]["unit"] == "10⁹/L"
    assert shown["LDL Cholesterol"]["verdict"] == "high"
    assert {each["verdict"] for each in shown.values()} >= {"optimal", "normal", "high"}


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (14.0, "low"),
        (15.0, "normal"),
        (40.0, "optimal"),
        (120.0, "optimal"),
        (150.0, "normal"),
        (151.0, "high for Aniva"),
        (200.0, "high for Aniva"),
        (201.0, "high"),
    ],
)
def test_verdicts_at_the_ends_of_ranges(client: Client, value: float, verdict: str) -> None:
    """Both ends belong to a range. Outside that of the laboratory, the value is low or high; outside Aniva's alone, it
    is so for Aniva; within Aniva's optimum, it is optimal."""
    happen(client, "lab.corrected", appointment_id=OLDEST_DRAW, values={"26": value})
    ferritin = measured(client, OLDEST_DRAW)["Ferritin"]
    assert (ferritin["low"], ferritin["high"], ferritin["optimal_low"], ferritin["optimal_high"]) == (15, 200, 40, 120)
    assert (ferritin["value"], ferritin["verdict"]) == (value, verdict)


def test_a_yes_or_no_is_a_word(client: Client) -> None:
    """A value that means yes or no is shown in a word instead of a unit."""
    client.post(f"/appointments/{EMPTY_APPOINTMENT}/panels", {"panel_ids": [INFECTIONS]})
    draw(client, "9990775218", EMPTY_APPOINTMENT)
    antigen = measured(client, EMPTY_APPOINTMENT)["HBs Antigen"]
    assert (antigen["value"], antigen["text"], antigen["unit"]) == (0, "non-reactive", None)


@pytest.mark.parametrize(("prefix", "verdict"), [("99903", "critically high"), ("99904", "critically low")])
def test_critical_values(client: Client, prefix: str, verdict: str) -> None:
    """A value that is far outside, so that a doctor is called, is critical."""
    draw(client, f"{prefix}75218")
    assert verdict in {each["verdict"] for each in measured(client).values()}


def test_values_outside_the_measurable_range(client: Client) -> None:
    """Where only a limit is known, the text says so; what it means is said only if it is certain."""
    draw(client, "9990875218")
    limits = [each for each in measured(client).values() if (each["text"] or "")[0] in "<>"]
    assert {each["text"][0] for each in limits} == {"<", ">"}
    assert {each["verdict"] for each in limits} <= {None, "low", "high", "critically low", "critically high"}
    missing = [each for each in measured(client).values() if each["text"] == "–"]
    assert all((each["value"], each["verdict"]) == (None, None) and each["note"] for each in missing)


def test_genotypes_are_text(client: Client) -> None:
    """A genotype has no value and no range; its verdict is its significance, its note what that means."""
    apoe = measured(client, OLDEST_DRAW)["APOE"]
    results = client.get(f"/appointments/{OLDEST_DRAW}/results").json["genetic_results"]
    (result,) = (each for each in results if each["gene"] == "APOE")
    assert (apoe["text"], apoe["verdict"], apoe["note"]) == (
        result["genotype"],
        result["clinical_significance"],
        result["risk_description"],
    )
    assert (apoe["value"], apoe["low"], apoe["high"], apoe["unit"]) == (None, None, None, None)
    assert apoe["group"]
    client.post(f"/appointments/{EMPTY_APPOINTMENT}/panels", {"panel_ids": [GENETICS_PANEL]})
    assert {each["text"] for each in measured(client, EMPTY_APPOINTMENT, "appointments").values()} == {None}


def test_reports_show_what_they_were_issued_with(client: Client) -> None:
    """After a correction, the first report shows the old value, the second one the new; both are files of the draw."""
    before = measured(client, DOCUMENT, "documents")["LDL Cholesterol"]
    happen(client, "lab.corrected", appointment_id=OLDEST_DRAW, values={"60": 3.2}, comment="Measured again.")
    assert measured(client, DOCUMENT, "documents")["LDL Cholesterol"] == before
    files = look(client, "appointments", OLDEST_DRAW)["files"]
    assert [each["section"] for each in files] == ["documents"] * 3
    assert files == look(client, "orders", OLDEST_DRAW)["files"]
    corrected = look(client, "documents", files[-1]["id"])
    (new,) = (each for each in corrected["measurements"] if each["name"] == "LDL Cholesterol")
    assert (new["status"], new["value"], new["note"]) == ("corrected", 3.2, "Measured again.")
    assert notes(corrected)["Issued"] == "corrected"
    assert [each["type"] for each in look(client, "orders", OLDEST_DRAW)["history"]] == ["lab.corrected"]


def test_how_far_a_lab_order_is(client: Client) -> None:
    """The state of an order says how far it is, also where the API does not: failed, or given up."""
    assert facts(look(client, "orders", DRAWN_APPOINTMENT))["ZotzKlimas, clinical"].endswith(" arrived")
    happen(client, "operations.cancelled", appointment_id=DRAWN_APPOINTMENT)
    record = look(client, "orders", DRAWN_APPOINTMENT)
    assert (record["state"]["now"], record["fields"]["status"]) == ("cancelled", "in_progress")
    assert facts(record)["Lab order"] == "cancelled"
    draw(client, "9990675218")
    record = look(client, "orders", APPOINTMENT)
    assert (record["state"]["now"], record["fields"]["status"]) == ("failed", "in_progress")
    assert facts(record)["Lab order"] == "failed"
    assert look(client, "orders", OLDEST_DRAW)["state"]["now"] == "completed"


# Tables


def first(client: Client, section: str, query: str) -> Any:
    """The first row of a table, as texts."""
    row = table(client, section, query)["records"][0]
    return [row["id"], *row["cells"]]


def test_tables_can_be_searched_and_sorted(client: Client) -> None:
    """Records are found by what is in their cells, and sorted by values, not by texts."""
    assert table(client, "appointments", "&search=maria%20berlin")["total"] == 2
    assert first(client, "appointments", "&sort=Time")[1].startswith("2026-01-28")
    assert first(client, "appointments", "&sort=-Time")[1].startswith("2026-05-28")
    assert table(client, "appointments", "&sort=Time")["records"][-1]["cells"][0] is None
    assert first(client, "orders", "&sort=-Arrived")[5] == "55 of 55"
    assert first(client, "shipments", "&sort=Created&state=pending")[0] == LOCKED_SHIPMENT
    assert first(client, "profiles", "")[1] == "Zoë"
    assert first(client, "profiles", "&sort=Born")[3] == "1941-12-06"
    assert first(client, "locations", "&state=inactive")[1] == "Aniva Leipzig Zentrum"
    assert first(client, "documents", "&search=GENETIC")[4] == "genetic"


def test_custom_containers_are_not_panels(client: Client) -> None:
    """A container is shown by what it holds."""
    client.patch(
        f"/appointments/{EMPTY_APPOINTMENT}/custom-snapshot", {"panel_id": CUSTOM_PANEL, "biomarker_ids": [42]}
    )
    record = look(client, "appointments", EMPTY_APPOINTMENT)
    assert facts(record)["Panels"] == "1 single biomarker"
    assert notes(record)["Custom snapshot"] == "Measured by ZotzKlimas."
