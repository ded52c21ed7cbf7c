"""A call of every operation that succeeds in the default world, and one for every other status that it can have."""

from typing import Any, Final

from aniva_sandbox.api.next_steps.texts import (
    APPOINTMENTS,
    BERLIN,
    BOOKING,
    CHECK_UP,
    CONTAINER,
    NO_SHIPMENT,
    NOBODY,
    NOTHING,
    OLD_DRAW,
    ORDER,
    PATIENT,
    PROFILE,
    SHIPMENTS,
    Code,
    call,
    key,
    lines,
    setting,
)

__all__ = ["EXAMPLE_CALLS", "REFUSE_TAKEN_SLOTS", "REPORT", "RESPONSES"]

REFUSE_TAKEN_SLOTS: Final = setting(taken_slots="refuse")

_CONFIRMED: Final = APPOINTMENTS["confirmed"]
_PENDING: Final = SHIPMENTS["pending"]
_SINGLES: Final = {"panel_id": CONTAINER, "biomarker_ids": [42, 87]}
_HELD: Final = {"panel_id": "00000000-0000-0000-0000-000000000bff", "biomarker_ids": [42]}
"""A biomarker that the confirmed appointment has."""
_SHIPPED: Final = {"shipment_ids": [_PENDING]}
_LINKED: Final = {"appointment_ids": [_CONFIRMED]}

REPORT: Final = lines(
    f'results = aniva.client.get("/api/v1/appointments/{OLD_DRAW}/results").json()',
    call("GET", "/documents/{results['documents'][0]['id']}"),
)
"""The first report of a draw."""


class _Shape:
    """How an operation is called."""

    def __init__(
        self, method: str, path: str, json: Any = None, *, id: str = "", status: int = 200, lacking: Code = NOBODY
    ) -> None:
        """``path`` has ``*`` for the ``id``; ``lacking`` is a key without the permission, or without access to the
        record."""
        self.method = method
        self.path = path
        self.json = json
        self.id = id
        self.status = status
        self.lacking = lacking

    def call(self, id: str | None = None, json: Any = None, **more: Any) -> str:
        """A call with another id or body."""
        body = None if "content" in more else self.json if json is None else json
        return call(self.method, self.path.replace("*", id or self.id), body, **more)


_OUTSIDER: Final = key("outsider")
_COURIER: Final = key("courier")
_READER: Final = key("reader")
_SHAPES: Final = {
    "list_profiles": _Shape("GET", "/profiles", lacking=_COURIER),
    "create_profile": _Shape("POST", "/profiles", PATIENT, status=201, lacking=_READER),
    "get_profile": _Shape("GET", "/profiles/*", id=PROFILE, lacking=_OUTSIDER),
    "update_profile": _Shape("PATCH", "/profiles/*", {"height": 168.5}, id=PROFILE, lacking=_OUTSIDER),
    "list_locations": _Shape("GET", "/locations"),
    "get_availability": _Shape("GET", "/locations/*/availability", id=BERLIN, lacking=_OUTSIDER),
    "list_appointments": _Shape("GET", "/appointments", lacking=_COURIER),
    "create_appointment": _Shape("POST", "/appointments", BOOKING, status=201, lacking=_OUTSIDER),
    "get_appointment": _Shape("GET", "/appointments/*", id=_CONFIRMED, lacking=_OUTSIDER),
    "update_appointment": _Shape(
        "PATCH",
        "/appointments/*",
        {"scheduled_at": "2026-04-16T09:00:00+02:00"},
        id=_CONFIRMED,
        lacking=_OUTSIDER,
    ),
    "cancel_appointment": _Shape("DELETE", "/appointments/*", id=_CONFIRMED, lacking=_OUTSIDER),
    "add_panels": _Shape("POST", "/appointments/*/panels", {"panel_ids": [CHECK_UP]}, id=_CONFIRMED, lacking=_OUTSIDER),
    "remove_panels": _Shape(
        "DELETE", "/appointments/*/panels", {"panel_ids": [CHECK_UP]}, id=_CONFIRMED, lacking=_OUTSIDER
    ),
    "add_biomarkers": _Shape("PATCH", "/appointments/*/custom-snapshot", _SINGLES, id=_CONFIRMED, lacking=_OUTSIDER),
    "remove_biomarkers": _Shape("DELETE", "/appointments/*/custom-snapshot", _HELD, id=_CONFIRMED, lacking=_OUTSIDER),
    "preview_tubes": _Shape("GET", "/appointments/*/preview", id=_CONFIRMED, lacking=_OUTSIDER),
    "confirm_blood_draw": _Shape(
        "POST", "/appointments/*/confirm", {"barcode": "4130075218"}, id=_CONFIRMED, lacking=_OUTSIDER
    ),
    "confirm_shipment_pickup": _Shape("POST", "/appointments/pickup", lacking=_READER),
    "get_results": _Shape("GET", "/appointments/*/results", id=OLD_DRAW, lacking=_OUTSIDER),
    "get_document": _Shape("GET", "/documents/*", id="{results['documents'][0]['id']}", lacking=_COURIER),
    "list_shipments": _Shape("GET", "/shipments", lacking=_READER),
    "create_shipment": _Shape("POST", "/shipments", ORDER, status=201, lacking=_OUTSIDER),
    "get_shipment": _Shape("GET", "/shipments/*", id=_PENDING, lacking=_OUTSIDER),
    "update_shipment": _Shape("PATCH", "/shipments/*", {"notes": "Two boxes"}, id=_PENDING, lacking=_OUTSIDER),
    "cancel_shipment": _Shape("DELETE", "/shipments/*", id=_PENDING, lacking=_OUTSIDER),
    "list_appointment_shipments": _Shape("GET", "/appointments/*/shipments", id=_CONFIRMED, lacking=_OUTSIDER),
    "attach_shipments": _Shape("POST", "/appointments/*/shipments", _SHIPPED, id=_CONFIRMED, lacking=_OUTSIDER),
    "detach_shipments": _Shape("DELETE", "/appointments/*/shipments", _SHIPPED, id=_CONFIRMED, lacking=_OUTSIDER),
    "list_shipment_appointments": _Shape("GET", "/shipments/*/appointments", id=_PENDING, lacking=_OUTSIDER),
    "attach_appointments": _Shape("POST", "/shipments/*/appointments", _LINKED, id=_PENDING, lacking=_OUTSIDER),
    "detach_appointments": _Shape("DELETE", "/shipments/*/appointments", _LINKED, id=_PENDING, lacking=_OUTSIDER),
    "list_panels": _Shape("GET", "/panels", lacking=_COURIER),
    "list_biomarkers": _Shape("GET", "/biomarkers", lacking=_COURIER),
    "get_biomarker": _Shape("GET", "/biomarkers/*", id="42", lacking=_COURIER),
    "list_units": _Shape("GET", "/units", lacking=_COURIER),
}

EXAMPLE_CALLS: Final = {id: shape.call() for id, shape in _SHAPES.items()} | {"get_document": REPORT}
"""By operation."""

_TOO_LARGE: Final = Code('b" " * (1024 * 1024 + 1)')
_LOCKED: Final = "P2604148873"
_DRAWN: Final = APPOINTMENTS["blood_drawn"]
_REFUSED_BY_COURIER: Final = {
    "create_shipment": _SHAPES["create_shipment"].call(json=ORDER | {"notes": "courier-refuses-create"}),
    "update_shipment": _SHAPES["update_shipment"].call(json={"package_count": 2, "notes": "courier-refuses-update"}),
    "cancel_shipment": lines(
        _SHAPES["update_shipment"].call(json={"notes": "courier-refuses-cancel"}),
        _SHAPES["cancel_shipment"].call(),
    ),
}
_STATES: Final = {
    operation: _SHAPES[operation].call(_DRAWN)
    for operation in (
        "update_appointment",
        "cancel_appointment",
        "add_panels",
        "remove_panels",
        "add_biomarkers",
        "confirm_blood_draw",
    )
} | {
    "create_appointment": lines(
        REFUSE_TAKEN_SLOTS,
        _SHAPES["create_appointment"].call(json=BOOKING | {"scheduled_at": "2026-04-15T09:00:00+02:00"}),
    ),
    "remove_biomarkers": lines(
        call("POST", f"/appointments/{_CONFIRMED}/confirm", {"barcode": "4130075218"}),
        _SHAPES["remove_biomarkers"].call(),
    ),
    "update_shipment": _SHAPES["update_shipment"].call(SHIPMENTS["in_transit"]),
    "cancel_shipment": _SHAPES["cancel_shipment"].call(SHIPMENTS["in_transit"]),
    "attach_shipments": call("POST", f"/appointments/{APPOINTMENTS['pending']}/shipments", {"shipment_ids": [_LOCKED]}),
    "detach_shipments": call("DELETE", f"/appointments/{_CONFIRMED}/shipments", {"shipment_ids": [_LOCKED]}),
    "attach_appointments": call(
        "POST", f"/shipments/{_LOCKED}/appointments", {"appointment_ids": [APPOINTMENTS["pending"]]}
    ),
    "detach_appointments": call("DELETE", f"/shipments/{_LOCKED}/appointments", _LINKED),
}
"""What the state of a record refuses."""
_FORMATS: Final = {
    "list_profiles": call("GET", "/profiles", params={"limit": 501}),
    "get_availability": call("GET", f"/locations/{BERLIN}/availability", params={"start_date": "tomorrow"}),
    "list_appointments": call("GET", "/appointments", params={"profile_id": "me"}),
}
_UNKNOWN: Final = {
    "create_profile": _SHAPES["create_profile"].call(json=PATIENT | {"profile_group": "no-such-group"}),
    "create_appointment": _SHAPES["create_appointment"].call(json=BOOKING | {"profile_id": NOTHING}),
    "create_shipment": _SHAPES["create_shipment"].call(json=ORDER | {"location_id": NOTHING}),
    "get_biomarker": call("GET", "/biomarkers/999999"),
}


def _status(operation: str, status: int) -> str:
    """A call with a status other than that of success."""
    shape = _SHAPES[operation]
    match status:
        case 400 if shape.id and operation not in _FORMATS:
            return shape.call("not-an-id")
        case 400:
            return _FORMATS.get(operation) or shape.call(json={})
        case 403 if operation == "get_document":
            return REPORT.removesuffix(")") + f', headers={{"x-api-key": {_OUTSIDER}}})'
        case 403:
            return shape.call(key=shape.lacking)
        case 404:
            return _UNKNOWN.get(operation) or shape.call(NO_SHIPMENT if shape.id == _PENDING else NOTHING)
        case 409:
            return _STATES[operation]
        case 413:
            return shape.call(content=_TOO_LARGE)
    return _REFUSED_BY_COURIER[operation]


_CREATES: Final = ("create_profile", "create_appointment", "create_shipment")


def _statuses(operation: str) -> list[int]:
    """The statuses of refusals."""
    shape = _SHAPES[operation]
    found = [403]
    if shape.id or operation in (*_FORMATS, *_CREATES):
        found.append(400)
    if shape.id or operation in _CREATES:
        found.append(404)
    if operation in _STATES:
        found.append(409)
    if shape.json is not None or operation == "confirm_shipment_pickup":
        found.append(413)
    if operation in _REFUSED_BY_COURIER:
        found.append(502)
    return found


RESPONSES: Final = {f"{id} {shape.status}": EXAMPLE_CALLS[id] for id, shape in _SHAPES.items()} | {
    f"{id} {status}": _status(id, status) for id in _SHAPES for status in _statuses(id)
}
"""Items of the axis ``responses``."""
