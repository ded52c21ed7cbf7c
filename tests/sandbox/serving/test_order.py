"""Which of several faults is told, and what a refused call leaves behind."""

from datetime import UTC, datetime
from typing import Any

import pytest

from aniva_sandbox.api.settings import Settings
from aniva_sandbox.engine.serving.pipeline import Request
from tests.sandbox.serving.common import (
    FUTURE,
    NEW_APPOINTMENT,
    NEW_PROFILE,
    NEW_SHIPMENT,
    OPERATIONS,
    PAST,
    filled,
    in_vain,
)
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    CANCELLED_SHIPMENT,
    CUSTOM_PANEL,
    DELIVERED_SHIPMENT,
    DRAWN_APPOINTMENT,
    HELSINKI,
    HOME_APPOINTMENT,
    INACTIVE_LOCATION,
    LOCKED_SHIPMENT,
    MOVING_SHIPMENT,
    OTHER_PANEL,
    PANEL,
    PENDING_APPOINTMENT,
    PROFILE,
    RIVAL_APPOINTMENT,
    RIVAL_LOCATION,
    RIVAL_PROFILE,
    RIVAL_SHIPMENT,
    SHIPMENT,
    UNKNOWN,
    UNKNOWN_SHIPMENT,
    Client,
    new_worlds,
    snapshot_of,
)

# order.checks


def cancel_rival(client: Client) -> None:
    """Let the other partner cancel its appointment."""
    client.world.appointments[RIVAL_APPOINTMENT].status = "cancelled"


def refuse_other_times(client: Client) -> None:
    """Set the world so that only free slots can be booked."""
    client.world.settings = Settings(taken_slots="refuse", outside_slots="refuse")


def refuse_taken_slots(client: Client) -> None:
    """Set the world so that a taken slot cannot be booked, and let one of the past be taken."""
    client.world.settings = Settings(taken_slots="refuse")
    appointments = client.world.appointments
    appointments.change_time(appointments[APPOINTMENT], datetime.fromisoformat(PAST).astimezone(UTC))
    client.world.appointments[APPOINTMENT].status = "confirmed"


def let_the_courier_refuse(client: Client) -> None:
    """Let the courier refuse to cancel a box that is pending and one that is not."""
    for id in (SHIPMENT, MOVING_SHIPMENT):
        client.world.shipments[id].notes = "courier-refuses-cancel"


def go_to_midnight_in_helsinki(client: Client) -> None:
    """Go to where the next day has begun in Helsinki, and not in Berlin."""
    client.world.clock.move(datetime(2026, 4, 13, 21, 30, tzinfo=UTC))


def go_to_the_evening(client: Client) -> None:
    """Go to where the courier takes no more orders for today."""
    client.world.clock.move(datetime(2026, 4, 13, 14, 0, 1, tzinfo=UTC))


FUTURE_BIRTH = {"date_of_birth": "2031-01-01"}
NAMELESS = {"sex": 2, "date_of_birth": "1990-01-02", "profile_group": "acme-clinic-berlin"}
READER = "sbx_test.reader"

A = "/appointments"
S = "/shipments"
SATURDAY = {"pickup_date": "2026-04-18"}
NARROW = {"pickup_time_till": "12:59"}
SHIPPED = "b2c3d4e5-f6a7-8901-bcde-f12345678901"
"""An appointment that is linked to the shipment of an hour ago."""
DRAWN_PANEL = next(iter(new_worlds().create("test").appointments[DRAWN_APPOINTMENT].panels))

# The rule that answers, and the request with both faults; then the rule that answers where only the second fault is
# left, and that request. A request may name a key, a pair a step that prepares the world.
PAIRS: list[Any] = [
    ("http.not-found", ("GET", "/nope", None, "nobody"), "auth.key", ("GET", "/units", None, "nobody")),
    ("http.method", ("PUT", "/units", None, "nobody"), "auth.key", ("GET", "/units", None, "nobody")),
    ("http.not-found", ("POST", "/nope", None, READER), "auth.permission", ("POST", "/profiles", None, READER)),
    ("auth.key", ("POST", "/profiles", NAMELESS, "nobody"), "profile.required", ("POST", "/profiles", NAMELESS)),
    ("auth.key", ("GET", "/profiles/x", None, "nobody"), "id.format", ("GET", "/profiles/x", None, "sbx_test")),
    ("auth.permission", ("POST", "/profiles", NAMELESS, READER), "profile.required", ("POST", "/profiles", NAMELESS)),
    (
        "auth.permission/unnamed",
        ("DELETE", f"{A}/{UNKNOWN}", None, READER),
        "path.unknown",
        ("DELETE", f"{A}/{UNKNOWN}", None, "sbx_test"),
    ),
    (
        "auth.permission/unnamed",
        ("DELETE", f"{A}/{RIVAL_APPOINTMENT}", None, READER),
        "auth.context",
        ("DELETE", f"{A}/{RIVAL_APPOINTMENT}", None, "sbx_test"),
    ),
    (
        "auth.permission/unnamed",
        ("DELETE", f"{A}/{CANCELLED_APPOINTMENT}", None, READER),
        "appointment.cancel",
        ("DELETE", f"{A}/{CANCELLED_APPOINTMENT}", None, "sbx_test"),
    ),
    (
        "auth.permission/unnamed",
        ("DELETE", f"{A}/{DRAWN_APPOINTMENT}", None, READER),
        "appointment.editable",
        ("DELETE", f"{A}/{DRAWN_APPOINTMENT}", None, "sbx_test"),
    ),
    (
        "profile.sex",
        ("PATCH", f"/profiles/{UNKNOWN}", {"sex": 3}),
        "path.unknown",
        ("PATCH", f"/profiles/{UNKNOWN}", {"sex": 2}),
    ),
    (
        "profile.sex",
        ("PATCH", f"/profiles/{RIVAL_PROFILE}", {"sex": 3}),
        "auth.context",
        ("PATCH", f"/profiles/{RIVAL_PROFILE}", {"sex": 2}),
    ),
    (
        "body.json",
        ("PATCH", f"/profiles/{UNKNOWN}", None),
        "path.unknown",
        ("PATCH", f"/profiles/{UNKNOWN}", {}),
    ),
    (
        "body.schema",
        ("GET", f"/locations/{UNKNOWN}/availability?start_date=x", None),
        "path.unknown",
        ("GET", f"/locations/{UNKNOWN}/availability", None),
    ),
    (
        "confirm.barcode",
        ("POST", f"{A}/{CANCELLED_APPOINTMENT}/confirm", {"barcode": "x"}),
        "confirm.state",
        ("POST", f"{A}/{CANCELLED_APPOINTMENT}/confirm", {"barcode": "1"}),
    ),
    (
        "appointment.create",
        ("POST", A, {"profile_id": UNKNOWN, "location_id": BERLIN}),
        "appointment.profile",
        ("POST", A, NEW_APPOINTMENT | {"profile_id": UNKNOWN}),
    ),
    (
        "profile.sex",
        ("POST", "/profiles", NEW_PROFILE | FUTURE_BIRTH | {"sex": 3}),
        "profile.birth-date",
        ("POST", "/profiles", NEW_PROFILE | FUTURE_BIRTH),
    ),
    (
        "path.unknown",
        ("POST", f"{A}/{UNKNOWN}/panels", {"panel_ids": [UNKNOWN]}),
        "panels.unknown",
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [UNKNOWN]}),
    ),
    (
        "auth.context",
        ("POST", f"{A}/{RIVAL_APPOINTMENT}/panels", {"panel_ids": [UNKNOWN]}),
        "panels.unknown",
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [UNKNOWN]}),
    ),
    (
        "path.unknown",
        ("PATCH", f"{A}/{UNKNOWN}", {"location_id": RIVAL_LOCATION}),
        "auth.context",
        ("PATCH", f"{A}/{APPOINTMENT}", {"location_id": RIVAL_LOCATION}),
    ),
    (
        "path.unknown",
        ("PATCH", f"/profiles/{UNKNOWN}", FUTURE_BIRTH),
        "profile.birth-date",
        ("PATCH", f"/profiles/{PROFILE}", FUTURE_BIRTH),
    ),
    (
        "appointment.location",
        ("POST", A, NEW_APPOINTMENT | {"profile_id": RIVAL_PROFILE, "location_id": UNKNOWN}),
        "auth.context",
        ("POST", A, NEW_APPOINTMENT | {"profile_id": RIVAL_PROFILE}),
    ),
    (
        "appointment.profile",
        ("POST", A, NEW_APPOINTMENT | {"profile_id": UNKNOWN, "location_id": RIVAL_LOCATION}),
        "auth.context",
        ("POST", A, NEW_APPOINTMENT | {"location_id": RIVAL_LOCATION}),
    ),
    (
        "location.active",
        ("POST", A, NEW_APPOINTMENT | {"profile_id": RIVAL_PROFILE, "location_id": INACTIVE_LOCATION}),
        "auth.context",
        ("POST", A, NEW_APPOINTMENT | {"profile_id": RIVAL_PROFILE}),
    ),
    (
        "appointment.location",
        ("PATCH", f"{A}/{CANCELLED_APPOINTMENT}", {"location_id": UNKNOWN}),
        "appointment.editable",
        ("PATCH", f"{A}/{CANCELLED_APPOINTMENT}", {"location_id": HELSINKI}),
    ),
    (
        "location.active",
        ("PATCH", f"{A}/{CANCELLED_APPOINTMENT}", {"location_id": INACTIVE_LOCATION}),
        "appointment.editable",
        ("PATCH", f"{A}/{CANCELLED_APPOINTMENT}", {"location_id": HELSINKI}),
    ),
    (
        "auth.context",
        ("PATCH", f"{A}/{CANCELLED_APPOINTMENT}", {"location_id": RIVAL_LOCATION}),
        "appointment.editable",
        ("PATCH", f"{A}/{CANCELLED_APPOINTMENT}", {"location_id": HELSINKI}),
    ),
    (
        "auth.context",
        ("DELETE", f"{A}/{RIVAL_APPOINTMENT}", None),
        "appointment.cancel",
        ("DELETE", f"{A}/{RIVAL_APPOINTMENT}", None, "sbx_test.outsider"),
        cancel_rival,
    ),
    (
        "panels.unknown",
        ("POST", f"{A}/{DRAWN_APPOINTMENT}/panels", {"panel_ids": [UNKNOWN]}),
        "appointment.editable",
        ("POST", f"{A}/{DRAWN_APPOINTMENT}/panels", {"panel_ids": [PANEL]}),
    ),
    (
        "panels.unknown",
        ("DELETE", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [CUSTOM_PANEL, UNKNOWN]}),
        "panels.remove",
        ("DELETE", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [CUSTOM_PANEL]}),
    ),
    (
        "panels.unknown",
        ("DELETE", f"{A}/{DRAWN_APPOINTMENT}/panels", {"panel_ids": [DRAWN_PANEL, UNKNOWN]}),
        "appointment.editable",
        ("DELETE", f"{A}/{DRAWN_APPOINTMENT}/panels", {"panel_ids": [DRAWN_PANEL]}),
    ),
    (
        "panels.remove",
        ("DELETE", f"{A}/{DRAWN_APPOINTMENT}/panels", {"panel_ids": [DRAWN_PANEL, CUSTOM_PANEL]}),
        "appointment.editable",
        ("DELETE", f"{A}/{DRAWN_APPOINTMENT}/panels", {"panel_ids": [DRAWN_PANEL]}),
    ),
    (
        "panels.unknown",
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [CUSTOM_PANEL, UNKNOWN]}),
        "panels.custom",
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [CUSTOM_PANEL]}),
    ),
    (
        "panels.remove",
        ("DELETE", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [CUSTOM_PANEL]}),
        "panels.custom",
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [CUSTOM_PANEL]}),
    ),
    (
        "appointment.editable",
        ("POST", f"{A}/{DRAWN_APPOINTMENT}/panels", {"panel_ids": [CUSTOM_PANEL]}),
        "panels.custom",
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [CUSTOM_PANEL]}),
    ),
    (
        "appointment.editable",
        ("PATCH", f"{A}/{CANCELLED_APPOINTMENT}", {"scheduled_at": PAST}),
        "appointment.future",
        ("PATCH", f"{A}/{APPOINTMENT}", {"scheduled_at": PAST}),
    ),
    (
        "appointment.overlap",
        ("POST", A, NEW_APPOINTMENT | {"scheduled_at": PAST}),
        "appointment.future",
        ("POST", A, NEW_APPOINTMENT | {"scheduled_at": "2026-04-01T18:30:00+02:00"}),
        refuse_taken_slots,
    ),
    (
        "auth.context",
        ("POST", A, NEW_APPOINTMENT | {"location_id": RIVAL_LOCATION, "scheduled_at": PAST}),
        "appointment.future",
        ("POST", A, NEW_APPOINTMENT | {"scheduled_at": PAST}),
    ),
    (
        "appointment.overlap",
        ("POST", A, NEW_APPOINTMENT | {"scheduled_at": "2026-04-15T09:07:00+02:00"}),
        "appointment.slot",
        ("POST", A, NEW_APPOINTMENT | {"scheduled_at": "2026-04-15T10:37:00+02:00"}),
        refuse_other_times,
    ),
    (
        "appointment.future",
        ("POST", A, NEW_APPOINTMENT | {"scheduled_at": "2026-04-01T10:37:00+02:00"}),
        "appointment.slot",
        ("POST", A, NEW_APPOINTMENT | {"scheduled_at": "2026-04-20T10:37:00+02:00"}),
        refuse_other_times,
    ),
    (
        "appointment.slot",
        ("PATCH", f"{A}/{HOME_APPOINTMENT}", {"location_id": BERLIN, "scheduled_at": "2026-04-20T10:37:00+02:00"}),
        "appointment.update/home",
        ("PATCH", f"{A}/{HOME_APPOINTMENT}", {"location_id": BERLIN, "scheduled_at": FUTURE}),
        refuse_other_times,
    ),
    (
        "appointment.future",
        ("PATCH", f"{A}/{HOME_APPOINTMENT}", {"location_id": BERLIN, "scheduled_at": PAST}),
        "appointment.update/home",
        ("PATCH", f"{A}/{HOME_APPOINTMENT}", {"location_id": BERLIN, "scheduled_at": FUTURE}),
    ),
    (
        "profile.group-unknown",
        ("POST", "/profiles", NEW_PROFILE | FUTURE_BIRTH | {"profile_group": "nope"}),
        "profile.birth-date",
        ("POST", "/profiles", NEW_PROFILE | FUTURE_BIRTH),
    ),
    (
        "profile.group-context",
        ("POST", "/profiles", NEW_PROFILE | FUTURE_BIRTH | {"profile_group": "rival-clinic"}),
        "profile.birth-date",
        ("POST", "/profiles", NEW_PROFILE | FUTURE_BIRTH),
    ),
    (
        "location.active",
        ("GET", f"/locations/{INACTIVE_LOCATION}/availability?start_date=2026-05-01&end_date=2026-04-30", None),
        "availability.bounds",
        ("GET", f"/locations/{BERLIN}/availability?start_date=2026-05-01&end_date=2026-04-30", None),
    ),
    (
        "auth.context",
        ("GET", f"/locations/{RIVAL_LOCATION}/availability?timezone=Mars", None),
        "availability.timezone",
        ("GET", f"/locations/{BERLIN}/availability?timezone=Mars", None),
    ),
    # Shipments
    ("auth.permission", ("POST", S, {}, READER), "shipment.create", ("POST", S, {})),
    (
        "auth.permission",
        ("GET", f"{S}/{UNKNOWN_SHIPMENT}", None, READER),
        "path.unknown",
        ("GET", f"{S}/{UNKNOWN_SHIPMENT}", None),
    ),
    (
        "auth.permission",
        ("DELETE", f"{S}/{DELIVERED_SHIPMENT}", None, READER),
        "shipment.cancel",
        ("DELETE", f"{S}/{DELIVERED_SHIPMENT}", None),
    ),
    (
        "pickup.range",
        ("POST", S, NEW_SHIPMENT | {"location_id": UNKNOWN, "pickup_time_from": "08:59"}),
        "shipment.location",
        ("POST", S, NEW_SHIPMENT | {"location_id": UNKNOWN}),
    ),
    (
        "shipment.update/boxes",
        ("PATCH", f"{S}/{UNKNOWN_SHIPMENT}", {"weight": 0}),
        "path.unknown",
        ("PATCH", f"{S}/{UNKNOWN_SHIPMENT}", {"weight": 1}),
    ),
    (
        "shipment.update",
        ("PATCH", f"{S}/{RIVAL_SHIPMENT}", {"notes": "x" * 129}),
        "auth.context",
        ("PATCH", f"{S}/{RIVAL_SHIPMENT}", {"notes": "x"}),
    ),
    (
        "shipment.update/boxes",
        ("PATCH", f"{S}/{MOVING_SHIPMENT}", {"package_count": 0}),
        "shipment.update-state",
        ("PATCH", f"{S}/{MOVING_SHIPMENT}", {"package_count": 1}),
    ),
    (
        "shipment.location",
        ("POST", S, NEW_SHIPMENT | {"location_id": UNKNOWN, "appointment_id": RIVAL_APPOINTMENT}),
        "shipment.appointment/status",
        ("POST", S, NEW_SHIPMENT | {"appointment_id": RIVAL_APPOINTMENT}),
    ),
    (
        "shipment.location",
        ("POST", S, NEW_SHIPMENT | {"location_id": INACTIVE_LOCATION, "appointment_id": RIVAL_APPOINTMENT}),
        "shipment.appointment/status",
        ("POST", S, NEW_SHIPMENT | {"appointment_id": RIVAL_APPOINTMENT}),
    ),
    (
        "shipment.appointment/status",
        ("POST", S, NEW_SHIPMENT | {"location_id": RIVAL_LOCATION, "appointment_id": UNKNOWN}),
        "auth.context",
        ("POST", S, NEW_SHIPMENT | {"location_id": RIVAL_LOCATION}),
    ),
    (
        "shipment.location",
        ("POST", S, NEW_SHIPMENT | SATURDAY | {"location_id": INACTIVE_LOCATION}),
        "pickup.weekday",
        ("POST", S, NEW_SHIPMENT | SATURDAY),
    ),
    (
        "auth.context",
        ("POST", S, NEW_SHIPMENT | NARROW | {"location_id": RIVAL_LOCATION}),
        "pickup.width",
        ("POST", S, NEW_SHIPMENT | NARROW),
    ),
    (
        "shipment.appointment/status",
        ("POST", S, NEW_SHIPMENT | SATURDAY | {"appointment_id": UNKNOWN}),
        "pickup.weekday",
        ("POST", S, NEW_SHIPMENT | SATURDAY),
    ),
    (
        "shipment.appointment/status",
        ("POST", S, NEW_SHIPMENT | {"pickup_date": "2026-04-10", "appointment_id": RIVAL_APPOINTMENT}),
        "pickup.past",
        ("POST", S, NEW_SHIPMENT | {"pickup_date": "2026-04-10"}),
    ),
    (
        "pickup.weekday",
        ("POST", S, NEW_SHIPMENT | {"pickup_date": "2026-04-12"}),
        "pickup.past",
        ("POST", S, NEW_SHIPMENT | {"pickup_date": "2026-04-10"}),
    ),
    (
        "pickup.past",
        ("POST", S, NEW_SHIPMENT | {"pickup_date": "2026-04-13", "location_id": HELSINKI}),
        "pickup.cutoff",
        ("POST", S, NEW_SHIPMENT | {"pickup_date": "2026-04-13"}),
        go_to_midnight_in_helsinki,
    ),
    (
        "pickup.cutoff",
        ("POST", S, NEW_SHIPMENT | NARROW | {"pickup_date": "2026-04-13"}),
        "pickup.width",
        ("POST", S, NEW_SHIPMENT | NARROW | {"pickup_date": "2026-04-14"}),
        go_to_the_evening,
    ),
    (
        "pickup.width",
        ("POST", S, NEW_SHIPMENT | NARROW | {"notes": "courier-refuses-create"}),
        "shipment.courier-refuses/change",
        ("POST", S, NEW_SHIPMENT | {"notes": "courier-refuses-create"}),
    ),
    (
        "path.unknown",
        ("PATCH", f"{S}/{UNKNOWN_SHIPMENT}", SATURDAY),
        "pickup.weekday",
        ("PATCH", f"{S}/{SHIPMENT}", SATURDAY),
    ),
    (
        "auth.context",
        ("PATCH", f"{S}/{RIVAL_SHIPMENT}", {"notes": "x"}),
        "shipment.update-state",
        ("PATCH", f"{S}/{RIVAL_SHIPMENT}", {"notes": "x"}, "sbx_test.outsider"),
    ),
    (
        "shipment.update-state",
        ("PATCH", f"{S}/{CANCELLED_SHIPMENT}", SATURDAY),
        "pickup.weekday",
        ("PATCH", f"{S}/{SHIPMENT}", SATURDAY),
    ),
    (
        "shipment.update-state",
        ("PATCH", f"{S}/{MOVING_SHIPMENT}", {"weight": 2, "notes": "courier-refuses-update"}),
        "shipment.courier-refuses/change",
        ("PATCH", f"{S}/{SHIPMENT}", {"weight": 2, "notes": "courier-refuses-update"}),
    ),
    (
        "pickup.width",
        ("PATCH", f"{S}/{SHIPMENT}", NARROW | {"notes": "courier-refuses-update"}),
        "shipment.courier-refuses/change",
        ("PATCH", f"{S}/{SHIPMENT}", {"pickup_time_till": "13:00", "notes": "courier-refuses-update"}),
    ),
    (
        "auth.context",
        ("DELETE", f"{S}/{RIVAL_SHIPMENT}", None),
        "shipment.cancel",
        ("DELETE", f"{S}/{RIVAL_SHIPMENT}", None, "sbx_test.outsider"),
    ),
    (
        "shipment.cancel",
        ("DELETE", f"{S}/{MOVING_SHIPMENT}", None),
        "shipment.courier-refuses",
        ("DELETE", f"{S}/{SHIPMENT}", None),
        let_the_courier_refuse,
    ),
    # Links, from either side: an appointment and a shipment that are not linked, and two that are
    *(
        pair
        for method, own in (("POST", PENDING_APPOINTMENT), ("DELETE", APPOINTMENT))
        for pair in (
            (
                "id.format",
                (method, f"{A}/{UNKNOWN}/shipments", {"shipment_ids": ["P1"]}),
                "path.unknown",
                (method, f"{A}/{UNKNOWN}/shipments", {"shipment_ids": [UNKNOWN_SHIPMENT]}),
            ),
            (
                "path.unknown",
                (method, f"{A}/{UNKNOWN}/shipments", {"shipment_ids": [UNKNOWN_SHIPMENT]}),
                "link.unknown",
                (method, f"{A}/{own}/shipments", {"shipment_ids": [UNKNOWN_SHIPMENT]}),
            ),
            (
                "auth.context",
                (method, f"{A}/{RIVAL_APPOINTMENT}/shipments", {"shipment_ids": [UNKNOWN_SHIPMENT]}),
                "link.unknown",
                (method, f"{A}/{own}/shipments", {"shipment_ids": [UNKNOWN_SHIPMENT]}),
            ),
            (
                "link.unknown",
                (method, f"{A}/{own}/shipments", {"shipment_ids": [RIVAL_SHIPMENT, UNKNOWN_SHIPMENT]}),
                "link.context",
                (method, f"{A}/{own}/shipments", {"shipment_ids": [RIVAL_SHIPMENT]}),
            ),
            (
                "link.unknown",
                (method, f"{A}/{own}/shipments", {"shipment_ids": [LOCKED_SHIPMENT, UNKNOWN_SHIPMENT]}),
                "link.window",
                (method, f"{A}/{own}/shipments", {"shipment_ids": [LOCKED_SHIPMENT]}),
            ),
            (
                "link.context",
                (method, f"{A}/{own}/shipments", {"shipment_ids": [LOCKED_SHIPMENT, RIVAL_SHIPMENT]}),
                "link.window",
                (method, f"{A}/{own}/shipments", {"shipment_ids": [LOCKED_SHIPMENT]}),
            ),
            (
                "path.unknown",
                (method, f"{S}/{UNKNOWN_SHIPMENT}/appointments", {"appointment_ids": [UNKNOWN]}),
                "link.unknown",
                (method, f"{S}/{LOCKED_SHIPMENT}/appointments", {"appointment_ids": [UNKNOWN]}),
            ),
            (
                "auth.context",
                (method, f"{S}/{RIVAL_SHIPMENT}/appointments", {"appointment_ids": [UNKNOWN]}),
                "link.unknown",
                (method, f"{S}/{LOCKED_SHIPMENT}/appointments", {"appointment_ids": [UNKNOWN]}),
            ),
            (
                "link.unknown",
                (method, f"{S}/{LOCKED_SHIPMENT}/appointments", {"appointment_ids": [RIVAL_APPOINTMENT, UNKNOWN]}),
                "link.context",
                (method, f"{S}/{LOCKED_SHIPMENT}/appointments", {"appointment_ids": [RIVAL_APPOINTMENT]}),
            ),
            (
                "link.unknown",
                (method, f"{S}/{LOCKED_SHIPMENT}/appointments", {"appointment_ids": [own, UNKNOWN]}),
                "link.window",
                (method, f"{S}/{LOCKED_SHIPMENT}/appointments", {"appointment_ids": [own]}),
            ),
            (
                "link.context",
                (method, f"{S}/{LOCKED_SHIPMENT}/appointments", {"appointment_ids": [own, RIVAL_APPOINTMENT]}),
                "link.window",
                (method, f"{S}/{LOCKED_SHIPMENT}/appointments", {"appointment_ids": [own]}),
            ),
        )
    ),
]


@pytest.mark.rule("order.checks", "atomic")
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0]} before {pair[2]}")
def test_the_earlier_check_answers(client: Client, pair: Any) -> None:
    """Of two faults at once the earlier check answers; with that one mended, the later does. Nothing changes."""
    first, both, second, mended, *prepare = pair
    for step in prepare:
        step(client)
    for rule, (method, path, json, *key) in ((first, both), (second, mended)):
        reply = in_vain(client, method, path, json, key=key[0] if key else "sbx_test")
        assert reply.rules == [rule]


@pytest.mark.rule("order.checks", "http.too-large")
@pytest.mark.parametrize(
    ("path", "key", "rule"),
    [
        ("/nope", "sbx_test", "http.not-found"),
        ("/units", "sbx_test", "http.method"),
        ("/profiles", "nobody", "auth.key"),
        ("/profiles", "sbx_test.reader", "auth.permission"),
        ("/profiles", "sbx_test", "http.too-large"),
        ("/appointments/nope/panels", "sbx_test", "http.too-large"),
        (f"/appointments/{UNKNOWN}/panels", "sbx_test", "http.too-large"),
    ],
)
def test_the_size_of_a_body_comes_after_the_key(client: Client, path: str, key: str, rule: str) -> None:
    """Who may not call learns nothing of the size; who may learns it before anything else of the request."""
    reply = client.send(Request("POST", f"/api/v1{path}", b"", key, "text/plain", None))
    assert reply.rules == [rule]


@pytest.mark.rule("order.checks", "body.json")
def test_format_rules_are_all_told_at_once(client: Client) -> None:
    """An id that is none is told beside a body that is no JSON, since both are format rules."""
    reply = in_vain(client, "PATCH", "/profiles/nope", body=b"nonsense")
    assert set(reply.details) == {"id", "body"}
    assert set(reply.rules) == {"id.format", "body.json"}


# atomic


@pytest.mark.rule("atomic")
@pytest.mark.parametrize(
    ("method", "path", "json", "rule"),
    [
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [OTHER_PANEL, UNKNOWN]}, "panels.unknown"),
        ("POST", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [OTHER_PANEL, CUSTOM_PANEL]}, "panels.custom"),
        ("DELETE", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [PANEL, UNKNOWN]}, "panels.unknown"),
        ("DELETE", f"{A}/{APPOINTMENT}/panels", {"panel_ids": [PANEL, CUSTOM_PANEL]}, "panels.remove"),
        ("PATCH", f"/profiles/{PROFILE}", {"height": 150} | FUTURE_BIRTH, "profile.birth-date"),
        ("PATCH", f"/profiles/{PROFILE}", {"height": 150, "sex": 3}, "profile.sex"),
        ("PATCH", f"{A}/{APPOINTMENT}", {"location_id": HELSINKI, "scheduled_at": PAST}, "appointment.future"),
        ("PATCH", f"{A}/{APPOINTMENT}", {"location_id": UNKNOWN, "scheduled_at": FUTURE}, "appointment.location"),
        (
            "PATCH",
            f"{A}/{HOME_APPOINTMENT}",
            {"location_id": BERLIN, "scheduled_at": FUTURE},
            "appointment.update/home",
        ),
        ("POST", A, NEW_APPOINTMENT | {"scheduled_at": PAST}, "appointment.future"),
        ("POST", "/profiles", NEW_PROFILE | {"profile_group": "rival-clinic"}, "profile.group-context"),
        ("POST", f"{A}/{PENDING_APPOINTMENT}/confirm", {"barcode": "1"}, "confirm.state"),
        ("POST", S, NEW_SHIPMENT | NARROW | {"appointment_id": APPOINTMENT}, "pickup.width"),
        ("POST", S, NEW_SHIPMENT | {"notes": "courier-refuses-create"}, "shipment.courier-refuses/change"),
        ("PATCH", f"{S}/{SHIPMENT}", SATURDAY | {"notes": "x", "weight": 2}, "pickup.weekday"),
        (
            "PATCH",
            f"{S}/{SHIPMENT}",
            {"notes": "courier-refuses-update", "weight": 2},
            "shipment.courier-refuses/change",
        ),
        ("POST", f"{A}/{PENDING_APPOINTMENT}/shipments", {"shipment_ids": [SHIPMENT, LOCKED_SHIPMENT]}, "link.window"),
        ("POST", f"{A}/{PENDING_APPOINTMENT}/shipments", {"shipment_ids": [SHIPMENT, RIVAL_SHIPMENT]}, "link.context"),
        (
            "POST",
            f"{S}/{LOCKED_SHIPMENT}/appointments",
            {"appointment_ids": [DRAWN_APPOINTMENT, PENDING_APPOINTMENT]},
            "link.window",
        ),
        ("DELETE", f"{S}/{SHIPMENT}/appointments", {"appointment_ids": [SHIPPED, UNKNOWN]}, "link.unknown"),
    ],
)
def test_a_refused_call_changes_nothing(client: Client, method: str, path: str, json: Any, rule: str) -> None:
    """A call that is half right changes nothing, not even which ids come next."""
    reply = in_vain(client, method, path, json)
    assert reply.rules == [rule]
    for path, new in (("/profiles", NEW_PROFILE), (S, NEW_SHIPMENT)):
        assert client.post(path, new).json == Client().post(path, new).json


@pytest.mark.rule("atomic")
@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in OPERATIONS if method == "GET"])
def test_reading_changes_nothing(client: Client, method: str, path: str) -> None:
    """A GET that is answered leaves the world as it was."""
    before = snapshot_of(client.world)
    assert client.request(method, filled(method, path)).status == 200
    assert snapshot_of(client.world) == before
