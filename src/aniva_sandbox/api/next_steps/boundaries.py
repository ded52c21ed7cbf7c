"""What falls below, at and above the boundary of every rule, in the default world."""

from collections.abc import Callable
from typing import Any, Final

from aniva_sandbox.api.next_steps.texts import (
    APPOINTMENTS,
    BERLIN,
    BOOKING,
    CHECK_UP,
    CONTAINER,
    ORDER,
    PATIENT,
    PROFILE,
    SHIPMENTS,
    Code,
    call,
    lines,
    setting,
)

__all__ = ["BOUNDARIES"]

_Sides = tuple[Any, Any, Any]
"""Values below, at and above a boundary."""

_CONFIRMED: Final = APPOINTMENTS["confirmed"]
_PENDING: Final = SHIPMENTS["pending"]
_SINGLES: Final = {"panel_id": CONTAINER, "biomarker_ids": [42]}


def _around(limit: int) -> _Sides:
    return limit - 1, limit, limit + 1


def _long(length: int, letter: str = "x") -> _Sides:
    """Texts around a length."""
    below, at, above = (Code(f'"{letter}" * {each}') if each > 8 else letter * each for each in _around(length))
    return below, at, above


def _minutes(clock: str) -> _Sides:
    """Times of day around one on the full hour."""
    hour = int(clock[:2])
    return f"{hour - 1:02}:59", clock, f"{hour:02}:01"


def _list(*ids: str | int) -> _Sides:
    return [], [ids[0]], list(ids)


def _body(method: str, path: str, body: dict[str, Any]) -> Callable[[str, Any], str]:
    """A call with a body, one field of which has the value."""
    return lambda field, value: call(method, path, body | {field: value})


def _page(field: str, value: Any) -> str:
    return call("GET", "/profiles", params={field: value})


_REGISTER: Final = _body("POST", "/profiles", PATIENT)
_CHANGE: Final = _body("PATCH", f"/profiles/{PROFILE}", {})
_PANELS: Final = _body("POST", f"/appointments/{_CONFIRMED}/panels", {})
_ADD: Final = _body("PATCH", f"/appointments/{_CONFIRMED}/custom-snapshot", _SINGLES)
_CONFIRM: Final = _body("POST", f"/appointments/{_CONFIRMED}/confirm", {})
_SHIP: Final = _body("POST", "/shipments", ORDER)
_SHIP_AGAIN: Final = _body("PATCH", f"/shipments/{_PENDING}", {})

_FORMATS: Final[tuple[tuple[str, str, str, Callable[[str, Any], str], _Sides], ...]] = (
    ("profile.list-page/range", "limit", "1", _page, _around(1)),
    ("profile.list-page/range", "limit", "500", _page, _around(500)),
    ("profile.list-page/range", "offset", "0", _page, _around(0)),
    ("profile.name", "first_name", "1", _REGISTER, _long(1, "J")),
    ("profile.name", "first_name", "100", _REGISTER, _long(100, "J")),
    ("profile.name", "last_name", "1", _REGISTER, _long(1, "D")),
    ("profile.name", "last_name", "100", _REGISTER, _long(100, "D")),
    ("profile.group", "profile_group", "1", _REGISTER, ("", "a", "acme-clinic-berlin")),
    ("profile.group", "profile_group_slug", "1", _REGISTER, ("", "a", "acme-clinic-berlin")),
    ("profile.measures", "height", "0", _REGISTER, (-1, 0, 168)),
    ("profile.measures", "weight", "0", _REGISTER, (-1, 0, 65)),
    ("profile.update", "password", "8", _CHANGE, ("1234567", "12345678", "123456789")),
    ("profile.update", "password", "128", _CHANGE, _long(128)),
    ("body.schema", "panel_ids", "1", _PANELS, _list(CHECK_UP, "e5f6a7b8-c9d0-4e2f-b3a4-c5d6e7f8a9b0")),
    ("body.schema", "biomarker_ids", "1", _ADD, _list(42, 87)),
    ("id.format", "biomarker_ids[]", "0", lambda _, value: _ADD("biomarker_ids", [value]), _around(0)),
    ("id.format", "id", "0", lambda _, value: call("GET", f"/biomarkers/{value}"), _around(0)),
    ("shipment.create", "package_count", "1", _SHIP, _around(1)),
    ("shipment.create", "weight", "0", _SHIP, (-1, 0, 1.5)),
    ("shipment.create", "pickup_remarks", "128", _SHIP, _long(128)),
    ("shipment.create", "notes", "128", _SHIP, _long(128)),
    ("shipment.update/boxes", "package_count", "1", _SHIP_AGAIN, _around(1)),
    ("shipment.update/boxes", "weight", "0", _SHIP_AGAIN, (-1, 0, 1.5)),
    ("shipment.update", "notes", "128", _SHIP_AGAIN, _long(128)),
    (
        "body.schema",
        "shipment_ids",
        "1",
        _body("POST", f"/appointments/{_CONFIRMED}/shipments", {}),
        _list(_PENDING, SHIPMENTS["delivered"]),
    ),
    (
        "body.schema",
        "appointment_ids",
        "1",
        _body("POST", f"/shipments/{_PENDING}/appointments", {}),
        _list(_CONFIRMED, APPOINTMENTS["pending"]),
    ),
    ("confirm.barcode/length", "barcode", "1", _CONFIRM, _long(1, "4")),
    ("confirm.barcode/length", "barcode", "64", _CONFIRM, _long(64, "4")),
    ("pickup.range", "pickup_time_from", "09:00", _SHIP, _minutes("09:00")),
    ("pickup.range", "pickup_time_from", "19:00", _SHIP, _minutes("19:00")),
    ("pickup.range", "pickup_time_till", "09:00", _SHIP, _minutes("09:00")),
    ("pickup.range", "pickup_time_till", "19:00", _SHIP, _minutes("19:00")),
)
"""Rule, field, boundary, call, and the values of the field."""

_SIDES: Final = ("below", "at", "above")


def _now(seconds: int) -> Code:
    """An instant, so many seconds from now."""
    instant = f"(aniva.clock.now + timedelta(seconds={seconds}))" if seconds else "aniva.clock.now"
    return Code(f"{instant}.isoformat()")


def _today(days: int) -> Code:
    """A date, so many days from today."""
    today = "aniva.clock.now.date()"
    return Code(f"({today} + timedelta(days={days})).isoformat()" if days else f"{today}.isoformat()")


def _dated(text: str) -> str:
    """A text with the import that it needs."""
    return lines("from datetime import timedelta", text) if "timedelta(" in text else text


def _book(seconds: int) -> str:
    return _dated(call("POST", "/appointments", BOOKING | {"scheduled_at": _now(seconds)}))


def _born(days: int) -> str:
    return _dated(_REGISTER("date_of_birth", _today(days)))


def _slots(**dates: Any) -> str:
    return _dated(call("GET", f"/locations/{BERLIN}/availability", params=dates))


def _link(seconds: int) -> str:
    """A link to a shipment whose creation was an hour before the start, so many seconds after its first day."""
    return lines(
        f"aniva.clock.advance(hours=23{f', seconds={seconds}' if seconds else ''})",
        call("POST", f"/appointments/{_CONFIRMED}/shipments", {"shipment_ids": [_PENDING]}),
    )


def _listed(seconds: int) -> str:
    """The shipments of an appointment, so many seconds after their copy was three hours old."""
    return lines(
        setting(hourly_sync=False),
        f"aniva.clock.advance(hours=3{f', seconds={seconds}' if seconds else ''})",
        call("GET", f"/appointments/{_CONFIRMED}/shipments"),
    )


def _at(clock: str, day: str = "2026-04-13") -> str:
    """A shipment for today, at a time of day in Berlin."""
    window = {"pickup_date": day, "pickup_time_from": "17:00", "pickup_time_till": "19:00"}
    return lines(f'aniva.clock.travel_to("2026-04-13T{clock}+02:00")', call("POST", "/shipments", ORDER | window))


def _sides(rule: str, below: str, at: str, above: str) -> dict[str, str]:
    return {f"{rule} {side}": text for side, text in zip(_SIDES, (below, at, above), strict=True)}


BOUNDARIES: Final = {
    f"{rule} {field} {limit} {side}": make(field, value)
    for rule, field, limit, make, values in _FORMATS
    for side, value in zip(_SIDES, values, strict=True)
} | {
    **_sides("profile.birth-date", _born(-1), _born(0), _born(1)),
    **_sides("appointment.future", _book(-1), _book(0), _book(1)),
    **_sides(
        "availability.bounds span",
        _slots(start_date=_today(2), end_date=_today(1)),
        _slots(start_date=_today(1), end_date=_today(1)),
        _slots(start_date=_today(1), end_date=_today(2)),
    ),
    **_sides(
        "availability.bounds ahead",
        _slots(end_date=_today(89)),
        _slots(end_date=_today(90)),
        _slots(end_date=_today(91)),
    ),
    **_sides(
        "pickup.past",
        _SHIP("pickup_date", "2026-04-10"),
        _SHIP("pickup_date", "2026-04-13"),
        _SHIP("pickup_date", "2026-04-14"),
    ),
    **_sides("pickup.cutoff", _at("15:59:59"), _at("16:00:00"), _at("16:00:01")),
    **_sides(
        "pickup.width",
        _SHIP("pickup_time_till", "12:59"),
        _SHIP("pickup_time_till", "13:00"),
        _SHIP("pickup_time_till", "13:01"),
    ),
    **_sides("shipment.freshness", _listed(-1), _listed(0), _listed(1)),
    **_sides("link.window", _link(-1), _link(0), _link(1)),
}
"""Items of the axis ``boundaries``."""
