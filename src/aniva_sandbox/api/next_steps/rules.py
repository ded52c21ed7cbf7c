"""What refuses, and what passes, every rule of the API in the default world."""

from typing import Any, Final

from aniva_sandbox.api.next_steps.calls import EXAMPLE_CALLS, REFUSE_TAKEN_SLOTS, REPORT, RESPONSES
from aniva_sandbox.api.next_steps.texts import (
    APPOINTMENTS,
    BERLIN,
    BOOKING,
    CHECK_UP,
    CONTAINER,
    INACTIVE_LOCATION,
    NO_SHIPMENT,
    NOBODY,
    NOTHING,
    ORDER,
    PATIENT,
    PROFILE,
    RIVAL_PROFILE,
    RIVAL_SHIPMENT,
    SHIPMENTS,
    Code,
    call,
    happen,
    key,
    lines,
    setting,
)

__all__ = ["RULES"]

_CONFIRMED: Final = APPOINTMENTS["confirmed"]
_PENDING: Final = SHIPMENTS["pending"]
_UNBOOKED: Final = "P2604148873"
_HOME: Final = "cd3f6307-32f5-410d-a586-d8102fbfbe99"
_THYROID: Final = "e5f6a7b8-c9d0-4e2f-b3a4-c5d6e7f8a9b0"


def _register(**fields: Any) -> str:
    return call("POST", "/profiles", PATIENT | fields)


def _book(**fields: Any) -> str:
    return call("POST", "/appointments", BOOKING | fields)


def _ship(**fields: Any) -> str:
    return call("POST", "/shipments", ORDER | fields)


def _reschedule(**fields: Any) -> str:
    return call("PATCH", f"/appointments/{_CONFIRMED}", fields)


def _panels(method: str, *ids: str, of: str = _CONFIRMED, **more: Any) -> str:
    return call(method, f"/appointments/{of}/panels", {"panel_ids": list(ids)}, **more)


def _singles(method: str, *ids: int, panel: str = CONTAINER, **more: Any) -> str:
    body = {"panel_id": panel, "biomarker_ids": list(ids)}
    return call(method, f"/appointments/{_CONFIRMED}/custom-snapshot", body, **more)


def _confirm(barcode: Any = "4130075218", of: str = _CONFIRMED) -> str:
    return call("POST", f"/appointments/{of}/confirm", {"barcode": barcode})


def _attach(*ids: str, to: str = _CONFIRMED, **more: Any) -> str:
    return call("POST", f"/appointments/{to}/shipments", {"shipment_ids": list(ids)}, **more)


def _slots(at: str = BERLIN, **params: Any) -> str:
    return call("GET", f"/locations/{at}/availability", params=params or None)


_TODAY_IN_BERLIN: Final = {"pickup_date": "2026-04-13", "pickup_time_from": "17:00", "pickup_time_till": "19:00"}

_REFUSED: Final = {
    "auth.key": call("GET", "/locations", key=NOBODY),
    "auth.permission": call("GET", "/shipments", key=key("reader")),
    "auth.permission/unnamed": call("GET", "/panels", key=key("courier")),
    "auth.context": call("GET", f"/profiles/{RIVAL_PROFILE}"),
    "body.json": call("POST", "/profiles", content=Code('b"first_name=Jane"')),
    "body.schema": _panels("POST"),
    "body.schema/null": _register(phone=None),
    "body.schema/nul": _register(profile_group="acme\0clinic"),
    "http.not-found": call("GET", "/patients"),
    "http.method": call("DELETE", "/profiles"),
    "http.too-large": RESPONSES["create_profile 413"],
    "time.input": _book(scheduled_at="2026-02-30T10:30:00+01:00"),
    "path.unknown": call("GET", f"/profiles/{NOTHING}"),
    "id.format": call("GET", "/profiles/not-an-id"),
    "profile.required": call("POST", "/profiles", {"first_name": "Jane", "profile_group": "acme-clinic-berlin"}),
    "profile.group": call("POST", "/profiles", {"first_name": "Jane", "sex": 2, "date_of_birth": "1990-06-15"}),
    "profile.group-unknown": _register(profile_group="no-such-group"),
    "profile.group-context": _register(profile_group="rival-clinic"),
    "profile.name": _register(last_name="Иванова"),
    "profile.sex": _register(sex=0),
    "profile.birth-date": _register(date_of_birth=Code("aniva.clock.now.date().isoformat()")),
    "profile.phone": _register(phone="030 1234567"),
    "profile.language": _register(language="fr"),
    "profile.measures": _register(height=0),
    "profile.email": _register(email=["jane.doe@example.com"]),
    "profile.email/form": _register(email="jane.doe"),
    "profile.update": call("PATCH", f"/profiles/{PROFILE}", {"password": "short"}),
    "profile.list-page": call("GET", "/profiles", params={"limit": "all"}),
    "profile.list-page/range": RESPONSES["list_profiles 400"],
    "location.active": _slots(INACTIVE_LOCATION),
    "availability.bounds": _slots(start_date="2026-04-15", end_date="2026-04-14"),
    "availability.timezone": _slots(timezone="Europe/Bonn"),
    "appointment.create": call("POST", "/appointments", {"profile_id": PROFILE}),
    "appointment.profile": _book(profile_id=NOTHING),
    "appointment.location": _book(location_id=NOTHING),
    "appointment.zone": _book(scheduled_at="2026-04-15T10:30:00"),
    "appointment.future": _book(scheduled_at=Code("aniva.clock.now.isoformat()")),
    "appointment.overlap": RESPONSES["create_appointment 409"],
    "appointment.slot": lines(setting(outside_slots="refuse"), _book(scheduled_at="2026-04-15T10:35:00+02:00")),
    "appointment.update/home": call("PATCH", f"/appointments/{_HOME}", {"location_id": BERLIN}),
    "appointment.list-profile": RESPONSES["list_appointments 400"],
    "appointment.editable": RESPONSES["update_appointment 409"],
    "appointment.cancel": call("DELETE", f"/appointments/{APPOINTMENTS['cancelled']}"),
    "panels.unknown": _panels("POST", NOTHING),
    "panels.unknown/unreachable": _panels("POST", _THYROID, key=key("scheduler")),
    "panels.custom": _panels("POST", CONTAINER),
    "panels.remove": _panels("DELETE", _THYROID),
    "snapshot.panel": _singles("PATCH", 42, key=key("scheduler")),
    "snapshot.panel/unknown": _singles("PATCH", 42, panel=NOTHING),
    "snapshot.panel/container": _singles("PATCH", 42, panel=CHECK_UP),
    "snapshot.biomarkers": _singles("PATCH", 999999),
    "snapshot.remove": _singles("DELETE", 42),
    "snapshot.coherent": _singles("PATCH", 61),
    "confirm.barcode": _confirm("413-0075218"),
    "confirm.barcode/length": _confirm(Code('"4" * 65')),
    "confirm.state": _confirm(of=APPOINTMENTS["pending"]),
    "documents.context": RESPONSES["get_document 403"],
    "shipment.create": call("POST", "/shipments", {"location_id": BERLIN}),
    "shipment.location": _ship(location_id=INACTIVE_LOCATION),
    "shipment.appointment/status": _ship(appointment_id=NOTHING),
    "pickup.weekday": _ship(pickup_date="2026-04-18"),
    "pickup.past": _ship(pickup_date="2026-04-10"),
    "pickup.cutoff": lines('aniva.clock.travel_to("2026-04-13T16:00:01+02:00")', _ship(**_TODAY_IN_BERLIN)),
    "pickup.range": _ship(pickup_time_till="19:30"),
    "pickup.width": _ship(pickup_time_till="12:30"),
    "shipment.update": call("PATCH", f"/shipments/{_PENDING}", {"notes": Code('"x" * 129')}),
    "shipment.update/boxes": call("PATCH", f"/shipments/{_PENDING}", {"package_count": 0}),
    "shipment.update-state": RESPONSES["update_shipment 409"],
    "shipment.cancel": RESPONSES["cancel_shipment 409"],
    "shipment.cancel/fault": call("DELETE", f"/shipments/{SHIPMENTS['fault']}"),
    "shipment.freshness/changes": lines(
        happen("courier.picked_up", shipment_id=_PENDING), EXAMPLE_CALLS["update_shipment"]
    ),
    "link.window": lines("aniva.clock.advance(hours=24)", EXAMPLE_CALLS["attach_shipments"]),
    "link.unknown": _attach(NO_SHIPMENT),
    "link.context": _attach(RIVAL_SHIPMENT),
    "catalogue.archived": call("GET", "/biomarkers/96"),
    "shipment.courier-refuses": RESPONSES["cancel_shipment 502"],
    "shipment.courier-refuses/change": RESPONSES["create_shipment 502"],
}
_PASSED: Final = {
    "auth.key": EXAMPLE_CALLS["list_units"],
    "auth.permission": EXAMPLE_CALLS["list_units"],
    "auth.permission/unnamed": EXAMPLE_CALLS["list_panels"],
    "auth.context": EXAMPLE_CALLS["get_profile"],
    "body.json": EXAMPLE_CALLS["create_profile"],
    "body.schema": EXAMPLE_CALLS["add_panels"],
    "body.schema/null": EXAMPLE_CALLS["create_profile"],
    "body.schema/nul": EXAMPLE_CALLS["create_profile"],
    "http.not-found": EXAMPLE_CALLS["list_units"],
    "http.method": EXAMPLE_CALLS["list_units"],
    "http.too-large": EXAMPLE_CALLS["create_profile"],
    "time.input": EXAMPLE_CALLS["create_appointment"],
    "path.unknown": EXAMPLE_CALLS["get_profile"],
    "id.format": EXAMPLE_CALLS["get_profile"],
    "profile.required": EXAMPLE_CALLS["create_profile"],
    "profile.group": EXAMPLE_CALLS["create_profile"],
    "profile.group-unknown": EXAMPLE_CALLS["create_profile"],
    "profile.group-context": EXAMPLE_CALLS["create_profile"],
    "profile.name": EXAMPLE_CALLS["create_profile"],
    "profile.sex": EXAMPLE_CALLS["create_profile"],
    "profile.birth-date": EXAMPLE_CALLS["create_profile"],
    "profile.phone": _register(phone="+14155552671"),
    "profile.language": _register(language="de"),
    "profile.measures": _register(height=168),
    "profile.email": _register(email="jane.doe@example.com"),
    "profile.email/form": _register(email="jane.doe@example.com"),
    "profile.update": call("PATCH", f"/profiles/{PROFILE}", {"password": "correct horse battery staple"}),
    "profile.list-page": call("GET", "/profiles", params={"limit": 500}),
    "profile.list-page/range": call("GET", "/profiles", params={"limit": 500}),
    "location.active": EXAMPLE_CALLS["get_availability"],
    "availability.bounds": _slots(start_date="2026-04-14", end_date="2026-04-15"),
    "availability.timezone": _slots(timezone="Europe/Helsinki"),
    "appointment.create": EXAMPLE_CALLS["create_appointment"],
    "appointment.profile": EXAMPLE_CALLS["create_appointment"],
    "appointment.location": EXAMPLE_CALLS["create_appointment"],
    "appointment.zone": EXAMPLE_CALLS["create_appointment"],
    "appointment.future": EXAMPLE_CALLS["create_appointment"],
    "appointment.overlap": lines(REFUSE_TAKEN_SLOTS, EXAMPLE_CALLS["create_appointment"]),
    "appointment.slot": lines(setting(outside_slots="refuse"), EXAMPLE_CALLS["create_appointment"]),
    "appointment.list-profile": call("GET", "/appointments", params={"profile_id": PROFILE}),
    "appointment.update/home": _reschedule(location_id="d8f3e1a2-4c5b-6d7e-8f9a-0b1c2d3e4f5a"),
    "appointment.editable": EXAMPLE_CALLS["update_appointment"],
    "appointment.cancel": EXAMPLE_CALLS["cancel_appointment"],
    "panels.unknown": EXAMPLE_CALLS["add_panels"],
    "panels.unknown/unreachable": EXAMPLE_CALLS["add_panels"],
    "panels.custom": EXAMPLE_CALLS["add_panels"],
    "panels.remove": EXAMPLE_CALLS["remove_panels"],
    "snapshot.panel": EXAMPLE_CALLS["add_biomarkers"],
    "snapshot.panel/unknown": EXAMPLE_CALLS["add_biomarkers"],
    "snapshot.panel/container": EXAMPLE_CALLS["add_biomarkers"],
    "snapshot.biomarkers": EXAMPLE_CALLS["add_biomarkers"],
    "snapshot.remove": EXAMPLE_CALLS["remove_biomarkers"],
    "snapshot.coherent": EXAMPLE_CALLS["add_biomarkers"],
    "confirm.barcode": EXAMPLE_CALLS["confirm_blood_draw"],
    "confirm.barcode/length": EXAMPLE_CALLS["confirm_blood_draw"],
    "confirm.state": EXAMPLE_CALLS["confirm_blood_draw"],
    "documents.context": REPORT,
    "shipment.create": EXAMPLE_CALLS["create_shipment"],
    "shipment.id/exhausted": EXAMPLE_CALLS["create_shipment"],
    "shipment.location": EXAMPLE_CALLS["create_shipment"],
    "shipment.appointment/status": _ship(appointment_id=_CONFIRMED),
    "pickup.weekday": EXAMPLE_CALLS["create_shipment"],
    "pickup.past": EXAMPLE_CALLS["create_shipment"],
    "pickup.cutoff": _ship(**_TODAY_IN_BERLIN),
    "pickup.range": EXAMPLE_CALLS["create_shipment"],
    "pickup.width": EXAMPLE_CALLS["create_shipment"],
    "shipment.update": EXAMPLE_CALLS["update_shipment"],
    "shipment.update/boxes": call("PATCH", f"/shipments/{_PENDING}", {"package_count": 2}),
    "shipment.update-state": EXAMPLE_CALLS["update_shipment"],
    "shipment.cancel": EXAMPLE_CALLS["cancel_shipment"],
    "shipment.cancel/fault": EXAMPLE_CALLS["cancel_shipment"],
    "shipment.freshness/changes": lines(
        'aniva.clock.advance_until("courier.booked")', call("PATCH", f"/shipments/{_UNBOOKED}", {"notes": "Two boxes"})
    ),
    "link.window": EXAMPLE_CALLS["attach_shipments"],
    "link.unknown": EXAMPLE_CALLS["attach_shipments"],
    "link.context": EXAMPLE_CALLS["attach_shipments"],
    "catalogue.archived": EXAMPLE_CALLS["get_biomarker"],
    "shipment.courier-refuses": EXAMPLE_CALLS["cancel_shipment"],
    "shipment.courier-refuses/change": EXAMPLE_CALLS["create_shipment"],
}

RULES: Final = {f"{rule} refused": text for rule, text in _REFUSED.items()} | {
    f"{rule} passed": text for rule, text in _PASSED.items()
}
"""Items of the axis ``rules``."""
