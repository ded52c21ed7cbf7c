"""Operations without the rules that refuse them: where they can go on, they do, and nothing breaks later."""

from datetime import timedelta
from typing import Any

import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.world.events import advance
from aniva_sandbox.engine.world.snapshot import write_state
from tests.api.probed import Probed
from tests.engine.evidence.probes.prober import Waiving
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    CANCELLED_SHIPMENT,
    CUSTOM_PANEL,
    DRAWN_APPOINTMENT,
    HELSINKI,
    HOME_APPOINTMENT,
    LOST_SHIPMENT,
    MOVING_SHIPMENT,
    PENDING_APPOINTMENT,
    PROFILE,
    RIVAL_PROFILE,
    SHIPMENT,
    UNKNOWN,
)


def waiving(*rules: str) -> Probed:
    """A world in which these rules do not apply."""
    return Probed(Waiving(*rules))


@pytest.mark.parametrize(
    ("id", "rule"), [(CANCELLED_APPOINTMENT, "appointment.cancel"), (DRAWN_APPOINTMENT, "appointment.editable")]
)
def test_an_appointment_is_cancelled_from_any_state(id: str, rule: str) -> None:
    """The move that its state forbids leads where it always leads."""
    subject = waiving(rule)
    reply = subject.client.delete(f"/appointments/{id}")
    assert (reply.status, reply.json["status"]) == (200, "cancelled")
    assert subject.client.get(f"/appointments/{id}").json["status"] == "cancelled"
    subject.check()


@pytest.mark.parametrize("id", [PENDING_APPOINTMENT, CANCELLED_APPOINTMENT, DRAWN_APPOINTMENT])
def test_a_draw_is_confirmed_in_any_state(id: str) -> None:
    """The blood is drawn, and results follow; a second draw adds no second order."""
    subject = waiving("confirm.state")
    orders = len(subject.world.orders)
    assert subject.client.post(f"/appointments/{id}/confirm", {"barcode": "4130075218"}).status == 200
    assert subject.client.get(f"/appointments/{id}").json["status"] == "blood_drawn"
    assert len(subject.world.orders) == orders + (id != DRAWN_APPOINTMENT)
    advance(subject.world, subject.world.now + timedelta(days=40))
    assert subject.client.get(f"/appointments/{id}/results").json["status"] == "completed"
    subject.check()


def test_an_appointment_is_edited_in_any_state() -> None:
    """It changes; the lab order of a draw stays as it was placed."""
    subject = waiving("appointment.editable")
    results = subject.client.get(f"/appointments/{DRAWN_APPOINTMENT}/results").json
    path = f"/appointments/{DRAWN_APPOINTMENT}"
    assert subject.client.patch(path, {"scheduled_at": "2026-04-20T10:00:00+03:00"}).status == 200
    assert subject.client.get(path).json["scheduled_at"] == "2026-04-20T10:00:00+03:00"
    body = {"panel_ids": ["e5f6a7b8-c9d0-4e2f-b3a4-c5d6e7f8a9b0"]}
    assert subject.client.post(f"{path}/panels", body).status == 200
    assert subject.client.get(f"{path}/results").json == results
    subject.check()


def test_an_appointment_is_booked_at_any_time() -> None:
    """In the past, where another one is booked, where there is no slot."""
    subject = waiving("appointment.future", "appointment.overlap", "appointment.slot")
    settings = {"taken_slots": "refuse", "outside_slots": "refuse"}
    subject.client.control("PATCH", f"/worlds/{subject.world.name}/settings", settings)
    for at in ("2026-04-10T10:30:00+02:00", "2026-04-15T09:00:00+02:00", "2026-04-15T10:35:00+02:00"):
        body = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": at}
        reply = subject.client.post("/appointments", body)
        assert (reply.status, reply.json["scheduled_at"]) == (201, at)
        assert "appointment.overlap" not in subject.world.journal[-1].trace.leaned_on
    subject.check()


def test_a_home_kit_gets_a_location() -> None:
    """Where no rule says that it has none."""
    subject = waiving("appointment.update/home")
    reply = subject.client.patch(f"/appointments/{HOME_APPOINTMENT}", {"location_id": HELSINKI})
    assert (reply.status, reply.json["location_id"]) == (200, HELSINKI)
    subject.check()


def test_a_shipment_on_its_way_is_cancelled() -> None:
    """As if it had not been picked up; so is a lost one."""
    subject = waiving("shipment.cancel", "shipment.cancel/fault")
    for id in (MOVING_SHIPMENT, LOST_SHIPMENT, CANCELLED_SHIPMENT):
        reply = subject.client.delete(f"/shipments/{id}")
        assert (reply.status, reply.json["status"]) == (200, "cancelled")
        assert subject.client.get(f"/shipments/{id}").json["status"] == "cancelled"
    subject.check()


def test_a_shipment_in_any_state_is_ordered_anew() -> None:
    """It is pending afterwards."""
    subject = waiving("shipment.update-state")
    for id in (MOVING_SHIPMENT, LOST_SHIPMENT, CANCELLED_SHIPMENT):
        reply = subject.client.patch(f"/shipments/{id}", {"package_count": 2})
        assert (reply.status, reply.json["status"]) == (200, "pending")
        assert subject.world.shipments[id].package_count == 2
    subject.check()


def test_a_shipment_that_turns_out_to_be_picked_up_is_changed() -> None:
    """No other rule about its state refuses instead."""
    subject = waiving("shipment.freshness/changes")
    subject.aniva.happen("courier.picked_up", shipment_id=SHIPMENT)
    assert subject.client.delete(f"/shipments/{SHIPMENT}").json["status"] == "cancelled"
    assert subject.client.delete(f"/shipments/{MOVING_SHIPMENT}").rules == ["shipment.cancel"]
    subject.check()


def _order(**fields: Any) -> dict[str, Any]:
    times = {"pickup_date": "2026-04-15", "pickup_time_from": "11:00", "pickup_time_till": "14:00"}
    return {"location_id": BERLIN, **times, **fields}


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("pickup.weekday", _order(pickup_date="2026-04-18")),
        ("pickup.past", _order(pickup_date="2026-04-10")),
        ("pickup.width", _order(pickup_time_till="11:30")),
        ("shipment.courier-refuses/change", _order(notes="courier-refuses-create")),
    ],
)
def test_a_shipment_is_ordered_for_any_time(rule: str, body: dict[str, Any]) -> None:
    """The courier accepts the order, and delivers it in the end."""
    subject = waiving(rule)
    reply = subject.client.post("/shipments", body)
    assert reply.status == 201
    assert str(subject.world.shipments[reply.json["id"]].pickup_date) == body["pickup_date"]
    advance(subject.world, subject.world.now + timedelta(days=40))
    assert subject.client.get(f"/shipments/{reply.json['id']}").json["status"] == "delivered"
    subject.check()


def test_a_pickup_cannot_end_before_it_begins() -> None:
    """No world can hold it: the call succeeds without effect."""
    subject = waiving("pickup.width")
    shipments = len(subject.world.shipments)
    assert subject.client.post("/shipments", _order(pickup_time_till="11:00")).status == 201
    assert len(subject.world.shipments) == shipments


def test_a_container_is_no_panel_of_its_own() -> None:
    """To add it as one changes nothing, to remove it takes its biomarkers along."""
    subject = waiving("panels.custom")
    path = f"/appointments/{APPOINTMENT}"
    before = subject.client.get(path).json
    assert subject.client.post(f"{path}/panels", {"panel_ids": [CUSTOM_PANEL]}).status == 200
    assert subject.client.get(path).json["panels"] == before["panels"]
    held = "00000000-0000-0000-0000-000000000bff"
    assert subject.client.delete(f"{path}/panels", {"panel_ids": [held]}).status == 200
    assert held not in str(subject.client.get(path).json["panels"])
    assert subject.world.appointments[APPOINTMENT].snapshot == {}
    subject.check()


def test_what_is_attached_is_removed() -> None:
    """What is named besides is ignored, where no rule forbids it."""
    subject = waiving("panels.remove", "snapshot.remove", "snapshot.coherent")
    appointment = subject.world.appointments[APPOINTMENT]
    (panel,) = [id for id in appointment.panels if id not in appointment.snapshot][:1]
    path = f"/appointments/{APPOINTMENT}"
    other = "e5f6a7b8-c9d0-4e2f-b3a4-c5d6e7f8a9b0"
    assert subject.client.delete(f"{path}/panels", {"panel_ids": [panel, other]}).status == 200
    assert panel not in appointment.panels
    ((container, held),) = appointment.snapshot.items()
    body = {"panel_id": container, "biomarker_ids": [held[0], 999_999]}
    assert subject.client.delete(f"{path}/custom-snapshot", body).status == 200
    assert held[0] not in appointment.snapshot.get(container, ())
    subject.check()


def test_an_order_that_no_laboratory_accepts_is_kept() -> None:
    """It can be drawn, and has results."""
    subject = waiving("snapshot.coherent")
    path = f"/appointments/{APPOINTMENT}"
    body = {"panel_id": CUSTOM_PANEL, "biomarker_ids": [61]}
    assert subject.client.patch(f"{path}/custom-snapshot", body).status == 200
    assert subject.world.appointments[APPOINTMENT].snapshot[CUSTOM_PANEL] == (61,)
    subject.check()


def test_a_record_outside_of_the_context_is_shown() -> None:
    """And so is an inactive location, an archived biomarker."""
    subject = waiving("auth.context", "location.active", "catalogue.archived")
    assert subject.client.get(f"/profiles/{RIVAL_PROFILE}").json["id"] == RIVAL_PROFILE
    assert subject.client.get("/biomarkers/96").json["id"] == 96
    inactive = next(location.id for location in subject.world.locations if not location.active)
    assert subject.client.get(f"/locations/{inactive}/availability").json["location_id"] == inactive


def test_slots_are_shown_for_any_window() -> None:
    """None where it ends before it begins, and not for ever; an unknown zone is that of the location."""
    subject = waiving("availability.bounds", "availability.timezone")
    path = f"/locations/{BERLIN}/availability"

    def days(query: str) -> list[str]:
        reply = subject.client.get(f"{path}?{query}")
        assert reply.status == 200
        assert reply.json["location_id"] == BERLIN
        return [day["date"] for day in reply.json["availability"]]

    assert days("start_date=2026-04-16&end_date=2026-04-14") == []
    last = subject.world.now.date() + timedelta(days=92)
    assert days(f"end_date={last}")[-1] == str(last)
    assert subject.client.get(f"{path}?timezone=Europe/Bonn").json["timezone"] == "Europe/Berlin"
    days("end_date=9998-12-31")
    assert subject.world.journal[-1].trace.waived != ()


@pytest.mark.parametrize(
    ("rule", "method", "path", "body"),
    [
        ("path.unknown", "GET", f"/appointments/{UNKNOWN}", None),
        ("panels.unknown", "POST", f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [UNKNOWN]}),
        ("link.unknown", "POST", f"/appointments/{APPOINTMENT}/shipments", {"shipment_ids": ["P0000000000"]}),
        ("profile.sex", "POST", "/profiles", None),
    ],
)
def test_what_is_impossible_has_no_effect(rule: str, method: str, path: str, body: dict[str, Any] | None) -> None:
    """There is no such record, or no record can hold it: a success that the document allows, and the same world."""
    subject = waiving(rule)
    patient = {"first_name": "Jane", "sex": 3, "date_of_birth": "1990-06-15", "profile_group": "acme-clinic-berlin"}
    before = write_state(subject.world.state, DOMAIN)
    assert subject.client.request(method, path, body or (patient if method == "POST" else None)).status in (200, 201)
    assert subject.defects() == []
    assert write_state(subject.world.state, DOMAIN) == before


def test_a_pattern_that_does_not_apply_takes_the_format_along() -> None:
    """A time without a zone is no instant either, but that is the same mistake."""
    subject = waiving("appointment.zone")
    body = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-15T10:30:00"}
    assert subject.client.post("/appointments", body).status == 201
    assert subject.client.post("/appointments", body | {"scheduled_at": "2026-02-30T10:30:00Z"}).rules == ["time.input"]
