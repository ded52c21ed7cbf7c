"""Clients of the Partner API under faults: the words of findings, and sound clients without any."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from aniva_sandbox.api.beginnings import get_fixture
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import happen
from tests.engine.evidence.probes.subjects import Client, Function, Lost, Refused, Spoiled, judged, probed
from tests.support import (
    APPOINTMENT,
    BERLIN,
    DRAWN_APPOINTMENT,
    OTHER_PANEL,
    PANEL,
    PARTNER,
    PENDING_APPOINTMENT,
    PROFILE,
    SHIPMENT,
)

FAILURES = (Refused, Lost, Spoiled)
DAY = 86_400
START = datetime(2026, 4, 13, 8, tzinfo=UTC)
"""That of the default world."""
JANE = {
    "first_name": "Jane",
    "last_name": "Doe",
    "email": "jane.doe.of.berlin@example.com",
    "sex": 2,
    "date_of_birth": "1990-06-15",
    "profile_group_slug": "acme-clinic-berlin",
}
BOOKING = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-20T10:00:00+02:00"}
PICKUP = {
    "location_id": BERLIN,
    "pickup_date": "2026-04-22",
    "pickup_time_from": "11:00",
    "pickup_time_till": "14:00",
}


def subject(test: Callable[[Client], None], **options: Any) -> Function:
    """A test of a client of the Partner API."""
    return Function(test, PARTNER, DOMAIN, get_fixture("default"), **options)


def retried(send: Callable[[], Any], client: Client) -> Any:
    """The response to a request, sent again up to three times, ten seconds apart."""
    for _ in range(3):
        try:
            return send()
        except Refused as refusal:
            if refusal.status < 429:
                raise
        except (Lost, Spoiled):
            pass
        client.sleep(10)
    return send()


def found_or(send: Callable[[], Any], find: Callable[[], Any], client: Client) -> Any:
    """What a write makes, looked up before it is repeated."""
    is_sent = False

    def once() -> Any:
        nonlocal is_sent
        if is_sent and (found := find()):
            return found
        is_sent = True
        return send()

    return retried(once, client)


def swallow(send: Callable[[], Any]) -> Any:
    """The response, or None."""
    try:
        return send()
    except FAILURES:
        return None


# Findings


def book(client: Client) -> Any:
    """Register Jane, and book for her; a booking is simply repeated."""
    jane = client("POST", "/profiles", JANE)
    return retried(lambda: client("POST", "/appointments", BOOKING | {"profile_id": jane["id"]}), client)


def draw(client: Client, id: str, barcode: str) -> Any:
    """Draw the blood of an appointment, with a panel."""
    client("POST", f"/appointments/{id}/panels", {"panel_ids": [PANEL]})
    client.sleep(8 * DAY)
    return client("POST", f"/appointments/{id}/confirm", {"barcode": barcode})


def test_a_second_booking_is_found_in_words() -> None:
    """The finding says who has two appointments, and when."""

    def test(client: Client) -> None:
        book(client)

    found = judged(subject(test), "faults", "create_appointment#1:drop=after")
    assert found.verdict == "duplicate"
    assert found.sentence == (
        "create_appointment took effect, its response was lost, the client repeated it: "
        "2 appointments for Jane Doe at 2026-04-20 10:00, the clean run has 1"
    )
    assert found.before == ("1 appointment for Jane Doe at 2026-04-20 10:00",)
    assert found.after == ("2 appointments for Jane Doe at 2026-04-20 10:00",)


def test_a_second_booking_is_found_behind_a_draw() -> None:
    """What became of the first booking does not matter: the other has blood drawn, results, and a report."""

    def test(client: Client) -> None:
        appointment = book(client)
        draw(client, appointment["id"], "4130075218")
        client.sleep(20 * DAY)
        assert client("GET", f"/appointments/{appointment['id']}/results")["clinical_results"]

    found = judged(subject(test), "faults", "create_appointment#1:drop=after")
    assert found.verdict == "duplicate"
    assert found.sentence.endswith(": 2 appointments for Jane Doe at 2026-04-20 10:00, the clean run has 1")


def test_a_second_shipment_is_found_with_its_link() -> None:
    """A shipment that was ordered twice is found, and the link that comes with it."""

    def test(client: Client) -> None:
        retried(lambda: client("POST", "/shipments", PICKUP | {"appointment_id": DRAWN_APPOINTMENT}), client)

    found = judged(subject(test), "faults", "create_shipment#1:truncate")
    assert found.verdict == "duplicate"
    assert found.sentence.startswith(
        "create_shipment took effect, its response was cut off, the client repeated it: "
        "2 shipments for Aniva Berlin Mitte on 2026-04-22, the clean run has 1; 2 links for "
    )


@pytest.mark.parametrize(
    ("test", "id", "sentence"),
    [
        pytest.param(
            lambda client: swallow(lambda: client("DELETE", f"/appointments/{APPOINTMENT}")),
            "cancel_appointment#1:503",
            "cancel_appointment failed with 503, the client went on: "
            "appointment for Maria Schmidt at 2026-04-15 09:00 has status confirmed, in the clean run status cancelled",
            id="a cancellation",
        ),
        pytest.param(
            lambda client: swallow(lambda: client("PATCH", f"/profiles/{PROFILE}", {"weight": 66})),
            "update_profile#1:drop=before",
            "the connection dropped before update_profile took effect, the client went on: ",
            id="an update",
        ),
        pytest.param(
            lambda client: swallow(
                lambda: client("POST", f"/appointments/{APPOINTMENT}/shipments", {"shipment_ids": [SHIPMENT]})
            ),
            "attach_shipments#1:429",
            "attach_shipments failed with 429 and Retry-After: 10, the client went on: the world lacks 1 link for ",
            id="a link",
        ),
    ],
)
def test_what_is_swallowed_is_said_in_words(test: Callable[[Client], None], id: str, sentence: str) -> None:
    """The finding says what the world lacks, or has otherwise."""
    found = judged(subject(test), "faults", id)
    assert found.verdict == "swallowed"
    assert found.sentence.startswith(sentence)


# Sound clients


def sound_booking(client: Client) -> None:
    """Registers, books, orders and cancels; looks up before it repeats."""
    jane = found_or(
        lambda: client("POST", "/profiles", JANE),
        lambda: next(
            iter(
                client("GET", "/profiles?email=jane.doe.of.berlin%40example.com&profile_group_slug=acme-clinic-berlin")
            ),
            None,
        ),
        client,
    )
    appointment = found_or(
        lambda: client("POST", "/appointments", BOOKING | {"profile_id": jane["id"]}),
        lambda: next(iter(client("GET", f"/appointments?profile_id={jane['id']}")), None),
        client,
    )
    id = appointment["id"]
    retried(lambda: client("POST", f"/appointments/{id}/panels", {"panel_ids": [PANEL]}), client)
    retried(lambda: client("DELETE", f"/appointments/{id}/panels", {"panel_ids": [PANEL]}), client)
    with suppress(Refused):  # it has been cancelled before
        retried(lambda: client("DELETE", f"/appointments/{id}"), client)
    assert retried(lambda: client("GET", f"/appointments/{id}"), client)["status"] == "cancelled"


def sound_shipping(client: Client) -> None:
    """Draws, ships, waits for days, and reads what became of it."""
    happen(client.world, Event("practice.confirmed", PENDING_APPOINTMENT))
    retried(lambda: client("POST", f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [OTHER_PANEL]}), client)
    client.sleep(3 * DAY)

    def confirm() -> Any:
        return client("POST", f"/appointments/{APPOINTMENT}/confirm", {"barcode": "4130075218"})

    found_or(confirm, lambda: drawn(client, APPOINTMENT), client)
    shipment = found_or(
        lambda: client("POST", "/shipments", PICKUP | {"appointment_id": APPOINTMENT}),
        lambda: next(
            (
                shipment
                for shipment in client("GET", f"/appointments/{APPOINTMENT}/shipments")
                if shipment["pickup_date"] == PICKUP["pickup_date"]
            ),
            None,
        ),
        client,
    )
    for _ in range(3):
        client.sleep(5 * DAY)
        retried(lambda: client("GET", f"/shipments/{shipment['id']}"), client)
        retried(lambda: client("GET", f"/appointments/{APPOINTMENT}/results"), client)


def drawn(client: Client, id: str) -> Any:
    """An appointment whose blood is drawn."""
    appointment = client("GET", f"/appointments/{id}")
    return appointment if appointment["status"] == "blood_drawn" else None


@pytest.mark.parametrize("test", [sound_booking, sound_shipping])
@pytest.mark.parametrize("mode", ["frozen", "real"])
def test_sound_clients_have_no_finding(test: Callable[[Client], None], mode: str) -> None:
    """Retries, look-ups and waits as long as Retry-After leave the world as the clean run does, days later too."""
    report = probed(subject(test, mode=mode, start=START), "faults")
    assert [each.sentence for each in report.findings] == []
    assert report.kinds["faults"]["runs"] > 25
