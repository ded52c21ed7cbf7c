"""The tests of a small client of the API, as data: what each does, step by step, in a fresh default world.

A step is a call ``(method, path, body, persona)``, of which the last two may be left out, or ``(verb, details)``:
``happen`` an event, which may be impossible, ``advance`` the clock (by seconds, to an instant, or until an event),
``fault`` to inject one.

Data, so that pytest and Node can take the same steps.
"""

import json
from typing import Any

__all__ = ["TESTS", "written"]

PROFILE = "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"
RIVAL_PROFILE = "1936092e-63a0-4d2b-89fd-e500966ee37a"
BERLIN = "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b"
PENDING_LOCATION = "f2b7e6e2-6afc-4e2e-8a9e-cc7625c9ff4e"
APPOINTMENT = "c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a"
PENDING = "76aaf46a-d193-483d-a45b-9ce4e3388287"
DRAWN = "384c87ee-390f-4b77-ad26-365f12df51f8"
CANCELLED = "76bd8145-de55-4800-ad73-2e952aa6867b"
EMPTY = "638ccc3e-5e5e-4acf-a151-6d97600b34e9"
SHIPMENT = "P2604154821"
MOVING = "P2604136631"
PANEL = "f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d"
CUSTOM = "00000000-0000-0000-0000-000000000aff"
DOCUMENT = "8cb844b4-45fb-4557-aa8f-dacf21bb64d2"
UNKNOWN = "11111111-2222-4333-8444-555555555555"

JANE = {
    "first_name": "Jane",
    "last_name": "Doe",
    "sex": 2,
    "date_of_birth": "1990-06-15",
    "profile_group": "acme-clinic-berlin",
}
BOOKING = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-21T10:30:00+02:00"}
PICKUP = {
    "location_id": BERLIN,
    "pickup_date": "2026-04-15",
    "pickup_time_from": "11:00",
    "pickup_time_till": "14:00",
}

Step = tuple[Any, ...]

TESTS: dict[str, list[Step]] = {
    # Profiles
    "creates_a_profile": [("POST", "/profiles", JANE)],
    "creates_a_profile_with_everything": [
        (
            "POST",
            "/profiles",
            JANE
            | {"email": "jane@example.com", "phone": "+4930123456", "height": 170, "weight": 60.5, "language": "de"},
        )
    ],
    "a_profile_needs_a_name": [("POST", "/profiles", {key: JANE[key] for key in JANE if key != "first_name"})],
    "a_profile_cannot_be_born_today": [("POST", "/profiles", JANE | {"date_of_birth": "2026-04-13"})],
    "a_profile_can_be_born_yesterday": [("POST", "/profiles", JANE | {"date_of_birth": "2026-04-12"})],
    "a_group_must_exist": [("POST", "/profiles", JANE | {"profile_group": "no-such-group"})],
    "a_group_must_be_ours": [("POST", "/profiles", JANE | {"profile_group": "rival-clinic"})],
    "gets_a_profile": [("GET", f"/profiles/{PROFILE}")],
    "a_profile_may_not_exist": [("GET", f"/profiles/{UNKNOWN}")],
    "a_profile_may_be_a_rivals": [("GET", f"/profiles/{RIVAL_PROFILE}")],
    "clears_a_phone": [("PATCH", f"/profiles/{PROFILE}", {"phone": None})],
    "changes_nothing": [("PATCH", f"/profiles/{PROFILE}", {})],
    "a_password_is_long": [
        ("PATCH", f"/profiles/{PROFILE}", {"password": "1234567"}),
        ("PATCH", f"/profiles/{PROFILE}", {"password": "12345678"}),
    ],
    "lists_a_page": [("GET", "/profiles?limit=500"), ("GET", "/profiles?limit=501")],
    "finds_by_email": [("GET", "/profiles?email=maria.schmidt%40example.com")],
    "looks_whether_a_profile_exists": [("HEAD", f"/profiles/{PROFILE}")],
    # Keys, paths and methods
    "a_key_may_be_unknown": [("GET", "/profiles", None, "nobody")],
    "a_path_may_be_wrong": [("GET", "/patients"), ("POST", f"/profiles/{PROFILE}", JANE)],
    "a_reader_does_not_book": [("POST", "/appointments", BOOKING, "reader")],
    "a_scheduler_sees_no_results": [("GET", f"/appointments/{DRAWN}/results", None, "scheduler")],
    # Appointments
    "books": [("POST", "/appointments", BOOKING)],
    "books_at_night": [("POST", "/appointments", BOOKING | {"scheduled_at": "2026-04-19T03:07:00+02:00"})],
    "books_in_the_past": [("POST", "/appointments", BOOKING | {"scheduled_at": "2026-04-13T07:59:59Z"})],
    "books_now": [("POST", "/appointments", BOOKING | {"scheduled_at": "2026-04-13T08:00:00Z"})],
    "books_without_a_zone": [("POST", "/appointments", BOOKING | {"scheduled_at": "2026-04-21T10:30:00"})],
    "cancels": [("DELETE", f"/appointments/{APPOINTMENT}"), ("GET", f"/appointments/{APPOINTMENT}")],
    "cancels_twice": [("DELETE", f"/appointments/{CANCELLED}")],
    "the_practice_confirms": [
        ("happen", {"type": "practice.confirmed", "appointment_id": PENDING}),
        ("GET", f"/appointments/{PENDING}"),
    ],
    "the_practice_cannot_confirm_again": [("happen", {"type": "practice.confirmed", "appointment_id": APPOINTMENT})],
    "a_lost_response_is_looked_up": [
        ("fault", {"operation": "create_appointment", "drop": "after"}),
        ("POST", "/appointments", BOOKING),
        ("GET", f"/appointments?profile_id={PROFILE}"),
    ],
    "retries_after_429": [
        ("fault", {"operation": "get_appointment", "status": 429, "retry_after": 2}),
        ("GET", f"/appointments/{APPOINTMENT}"),
        ("advance", {"seconds": 2}),
        ("GET", f"/appointments/{APPOINTMENT}"),
    ],
    "meets_faults_of_many_kinds": [
        ("fault", {"operation": "get_profile", "drop": "before"}),
        ("GET", f"/profiles/{PROFILE}"),
        ("fault", {"operation": "get_profile", "truncate": True}),
        ("GET", f"/profiles/{PROFILE}"),
        ("fault", {"operation": "get_profile", "malformed": True}),
        ("GET", f"/profiles/{UNKNOWN}"),
        ("fault", {"operation": "get_profile", "status": 503, "latency_ms": 1}),
        ("GET", f"/profiles/{PROFILE}"),
        ("fault", {"operation": "get_profile", "trickle_ms": 1}),
        ("GET", "/profiles/no-id"),
    ],
    # The draw
    "draws": [("POST", f"/appointments/{APPOINTMENT}/confirm", {"barcode": "4130075218"})],
    "draws_what_is_pending": [("POST", f"/appointments/{PENDING}/confirm", {"barcode": "4130075218"})],
    "a_barcode_has_64_digits": [
        ("POST", f"/appointments/{EMPTY}/confirm", {"barcode": "4" * 65}),
        ("POST", f"/appointments/{EMPTY}/confirm", {"barcode": "4" * 64}),
    ],
    "orders_a_panel": [
        ("POST", f"/appointments/{EMPTY}/panels", {"panel_ids": [PANEL]}),
        ("GET", f"/appointments/{EMPTY}/preview"),
    ],
    "orders_biomarkers": [
        ("PATCH", f"/appointments/{EMPTY}/custom-snapshot", {"panel_id": CUSTOM, "biomarker_ids": [42, 87]})
    ],
    # Results
    "reads_results_as_they_come": [
        ("POST", f"/appointments/{APPOINTMENT}/confirm", {"barcode": "4130075218"}),
        ("advance", {"until": "lab.results_arrived", "appointment_id": APPOINTMENT}),
        ("GET", f"/appointments/{APPOINTMENT}/results"),
    ],
    "reads_a_report": [("GET", f"/documents/{DOCUMENT}")],
    # Shipments
    "ships": [("POST", "/shipments", PICKUP), ("GET", "/shipments")],
    "ships_at_the_edges": [
        ("POST", "/shipments", PICKUP | {"pickup_time_from": "17:00", "pickup_time_till": "19:00"}),
        ("POST", "/shipments", PICKUP | {"pickup_time_from": "17:01", "pickup_time_till": "19:00"}),
        ("POST", "/shipments", PICKUP | {"pickup_date": "2026-04-18"}),
    ],
    "ships_after_the_cutoff": [
        ("advance", {"to": "2026-04-13T14:00:01Z"}),
        ("POST", "/shipments", PICKUP | {"pickup_date": "2026-04-13"}),
    ],
    "ships_at_the_cutoff": [
        ("advance", {"to": "2026-04-13T14:00:00Z"}),
        (
            "POST",
            "/shipments",
            PICKUP | {"pickup_date": "2026-04-13", "pickup_time_from": "17:00", "pickup_time_till": "19:00"},
        ),
    ],
    "the_courier_refuses": [("POST", "/shipments", PICKUP | {"notes": "courier-refuses-create"})],
    "cancels_what_moves": [("DELETE", f"/shipments/{MOVING}")],
    "follows_a_delivery": [
        ("happen", {"type": "courier.delivered", "shipment_id": MOVING}),
        ("GET", f"/shipments/{MOVING}"),
    ],
    "looks_too_late_for_the_scan": [
        ("happen", {"type": "courier.scanned", "shipment_id": MOVING}),
        ("happen", {"type": "courier.delivered", "shipment_id": MOVING}),
        ("GET", f"/shipments/{MOVING}"),
        ("GET", f"/shipments/{MOVING}"),
    ],
    "looks_too_early_for_the_delivery": [
        ("GET", f"/shipments/{MOVING}"),
        ("happen", {"type": "courier.delivered", "shipment_id": MOVING}),
    ],
    "links_in_time": [("POST", f"/appointments/{APPOINTMENT}/shipments", {"shipment_ids": [SHIPMENT]})],
    "links_too_late": [
        ("advance", {"seconds": 23 * 3600}),
        ("POST", f"/appointments/{PENDING}/shipments", {"shipment_ids": [SHIPMENT]}),
    ],
    # The catalogue
    "lists_panels": [("GET", "/panels")],
    "gets_a_biomarker": [("GET", "/biomarkers/42"), ("GET", "/biomarkers/abc")],
}
"""By name, in the order in which they run."""


def written() -> str:
    """The suite as JSON."""
    return json.dumps(TESTS, indent=1)
