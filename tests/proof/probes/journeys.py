"""What a client does in the strong suite and in the weak one: the same calls, in the same order.

A journey says of each response what is to be expected of it: a status, and values of the body by their path. Whether
anybody looks is up to the suite.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

import httpx2

from aniva_sandbox.testing import Aniva

__all__ = ["JOURNEYS", "Expect", "Journey", "value_at"]

MARIA = "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"
RIVAL = "1936092e-63a0-4d2b-89fd-e500966ee37a"
BERLIN = "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b"
COLOGNE = "f2b7e6e2-6afc-4e2e-8a9e-cc7625c9ff4e"
INACTIVE = "8d0dd7ed-aab1-4f34-baba-0808cd399e81"
CONFIRMED = "c9f3e2a1-7d6b-4c5e-b3a2-1f0e9d8c7b6a"
LATER = "638ccc3e-5e5e-4acf-a151-6d97600b34e9"
BOX = "P2604154821"
MOVING = "P2604136631"
BASIC = "f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d"
CONTAINER = "00000000-0000-0000-0000-000000000aff"
UNKNOWN = "11111111-2222-4333-8444-555555555555"

JANE = {"first_name": "Jane", "sex": 2, "date_of_birth": "1990-06-15", "profile_group": "acme-clinic-berlin"}
PICKUP = {"location_id": BERLIN, "pickup_date": "2026-04-15", "pickup_time_from": "11:00", "pickup_time_till": "15:00"}
BARCODE = {"barcode": "4130075218"}


class Expect(Protocol):
    """What becomes of an expectation."""

    def __call__(self, response: httpx2.Response, status: int, /, **values: Any) -> None: ...


Journey = Callable[[Aniva, Expect], None]


def value_at(body: Any, path: str) -> Any:
    """A value in a body: ``pickup__from`` is the ``from`` of its ``pickup``, ``0`` is the first of a list."""
    for name in path.split("__"):
        body = body[int(name)] if name.isdigit() else body[name]
    return body


def call(aniva: Aniva, method: str, path: str, body: Any = None, persona: str | None = None) -> httpx2.Response:
    headers = {"x-api-key": aniva.key(persona)}
    return aniva.client.request(method, f"/api/v1{path}", json=body, headers=headers)


def id_of(response: httpx2.Response, otherwise: str) -> str:
    """The id of what was created; where nothing was, that of another record."""
    return str(response.json().get("id", otherwise))


def at(aniva: Aniva, **span: float) -> dict[str, str]:
    """A booking so long from now."""
    start = (aniva.clock.now + timedelta(**span)).isoformat()
    return {"profile_id": MARIA, "location_id": BERLIN, "scheduled_at": start}


def books(aniva: Aniva, expect: Expect) -> None:
    """From the next second on, for a patient at a location, with a zone."""
    expect(call(aniva, "POST", "/appointments", at(aniva, days=7)), 201, status="confirmed", location_id=BERLIN)
    expect(call(aniva, "POST", "/appointments", at(aniva)), 400)
    expect(call(aniva, "POST", "/appointments", at(aniva, seconds=1)), 201, status="confirmed")
    zoneless = at(aniva, days=7) | {"scheduled_at": "2026-04-20T10:00:00"}
    expect(call(aniva, "POST", "/appointments", zoneless), 400)
    expect(call(aniva, "POST", "/appointments", at(aniva, days=7) | {"profile_id": UNKNOWN}), 404)
    expect(call(aniva, "POST", "/appointments", at(aniva, days=7) | {"location_id": INACTIVE}), 404)


def knows_its_rights(aniva: Aniva, expect: Expect) -> None:
    """What a key may do and see."""
    expect(call(aniva, "POST", "/appointments", at(aniva, days=7), "reader"), 403, error="Forbidden")
    expect(call(aniva, "GET", f"/profiles/{RIVAL}"), 403, error="Forbidden")
    expect(call(aniva, "GET", f"/profiles/{UNKNOWN}"), 404)
    expect(call(aniva, "GET", "/profiles/maria"), 400)
    expect(call(aniva, "GET", f"/profiles/{MARIA}"), 200, first_name="Maria", language="de")


def waits_for_the_practice(aniva: Aniva, expect: Expect) -> None:
    """No draw before the practice confirms, and no way back after it."""
    booked = call(aniva, "POST", "/appointments", at(aniva, days=7) | {"location_id": COLOGNE})
    expect(booked, 201, status="pending")
    path = f"/appointments/{id_of(booked, CONFIRMED)}"
    expect(call(aniva, "POST", f"{path}/confirm", BARCODE), 409)
    aniva.happen("practice.confirmed", appointment_id=id_of(booked, CONFIRMED))
    expect(call(aniva, "GET", path), 200, status="confirmed")
    expect(call(aniva, "POST", f"{path}/confirm", BARCODE), 200, success=True)
    expect(call(aniva, "POST", f"{path}/confirm", BARCODE), 409)
    expect(call(aniva, "DELETE", path), 409)
    expect(call(aniva, "GET", path), 200, status="blood_drawn")


def cancels(aniva: Aniva, expect: Expect) -> None:
    """Once, and then nothing changes any more."""
    path = f"/appointments/{CONFIRMED}"
    expect(call(aniva, "DELETE", path), 200, status="cancelled")
    expect(call(aniva, "DELETE", path), 409)
    expect(call(aniva, "PATCH", path, {"location_id": COLOGNE}), 409)
    expect(call(aniva, "POST", f"{path}/panels", {"panel_ids": [BASIC]}), 409)
    expect(call(aniva, "GET", path), 200, status="cancelled", location_id=BERLIN)


def links_for_a_day(aniva: Aniva, expect: Expect) -> None:
    """Less than 24 hours, unless the blood is drawn."""
    box = id_of(ordered := call(aniva, "POST", "/shipments", PICKUP), BOX)
    expect(ordered, 201, status="pending", tracking_number=None)
    aniva.clock.advance(hours=23, minutes=59, seconds=59)
    expect(call(aniva, "POST", f"/appointments/{CONFIRMED}/shipments", {"shipment_ids": [box]}), 200, id=CONFIRMED)
    aniva.clock.advance(seconds=1)
    expect(call(aniva, "POST", f"/appointments/{LATER}/shipments", {"shipment_ids": [box]}), 409, shipment_ids=[box])
    expect(call(aniva, "DELETE", f"/shipments/{box}/appointments", {"appointment_ids": [CONFIRMED]}), 409)
    expect(call(aniva, "POST", f"/appointments/{LATER}/confirm", BARCODE), 200)
    expect(call(aniva, "POST", f"/appointments/{LATER}/shipments", {"shipment_ids": [box]}), 200, shipments__0__id=box)
    expect(call(aniva, "POST", f"/shipments/{box}/appointments", {"appointment_ids": [UNKNOWN]}), 404)


def keeps_the_hours_of_the_courier(aniva: Aniva, expect: Expect) -> None:
    """On weekdays, from nine to seven, for two hours at least."""
    expect(call(aniva, "POST", "/shipments", PICKUP | {"pickup_date": "2026-04-18"}), 400)
    expect(call(aniva, "POST", "/shipments", PICKUP | {"pickup_date": "2026-04-10"}), 400)
    expect(call(aniva, "POST", "/shipments", PICKUP | {"pickup_time_till": "12:59"}), 400)
    expect(call(aniva, "POST", "/shipments", PICKUP | {"pickup_time_till": "13:00"}), 201, status="pending")
    expect(call(aniva, "POST", "/shipments", PICKUP | {"pickup_time_till": "19:01"}), 400)
    evening = PICKUP | {"pickup_time_till": "19:00"}
    expect(call(aniva, "POST", "/shipments", evening), 201, pickup__till="2026-04-15T19:00:00+02:00")
    expect(call(aniva, "POST", "/shipments", PICKUP | {"location_id": UNKNOWN}), 404)
    expect(call(aniva, "POST", "/shipments", PICKUP | {"notes": "courier-refuses-create"}), 502)


def orders_until_four(aniva: Aniva, expect: Expect) -> None:
    """For today, until 16:00 in Berlin."""
    today = PICKUP | {"pickup_date": "2026-04-13"}
    aniva.clock.travel_to("2026-04-13T14:00:00Z")
    expect(call(aniva, "POST", "/shipments", today), 201, status="pending")
    aniva.clock.advance(seconds=1)
    expect(call(aniva, "POST", "/shipments", today), 400)
    expect(call(aniva, "POST", "/shipments", PICKUP), 201, status="pending")


def follows_a_box(aniva: Aniva, expect: Expect) -> None:
    """A box that is on its way cannot be changed."""
    aniva.happen("courier.picked_up", shipment_id=BOX)
    expect(call(aniva, "GET", f"/shipments/{BOX}"), 200, status="in_transit")
    expect(call(aniva, "PATCH", f"/shipments/{BOX}", {"pickup_date": "2026-04-16"}), 409)
    expect(call(aniva, "DELETE", f"/shipments/{BOX}"), 409)
    aniva.happen("courier.lost", shipment_id=BOX)
    expect(call(aniva, "GET", f"/shipments/{BOX}"), 200, status="fault")
    aniva.happen("courier.delivered", shipment_id=MOVING)
    expect(call(aniva, "GET", f"/shipments/{MOVING}"), 200, status="delivered")


def reads_results(aniva: Aniva, expect: Expect) -> None:
    """What a laboratory sells, and what it found."""
    path = f"/appointments/{LATER}"
    order = {"panel_id": CONTAINER, "biomarker_ids": [58, 61]}
    expect(call(aniva, "PATCH", f"{path}/custom-snapshot", order), 400, lab="ZotzKlimas")
    expect(call(aniva, "PATCH", f"{path}/custom-snapshot", order | {"biomarker_ids": [60]}), 200, success=True)
    expect(call(aniva, "POST", f"{path}/confirm", BARCODE), 200, success=True)
    aniva.happen("lab.results_arrived", appointment_id=LATER, values={60: 6.2})
    arrived = {"clinical_results__0__status": "received", "clinical_results__0__value": 6.2}
    expect(call(aniva, "GET", f"{path}/results"), 200, status="completed", **arrived)
    aniva.happen("lab.corrected", appointment_id=LATER, values={60: 2.6})
    corrected = {"clinical_results__0__status": "corrected", "clinical_results__0__value": 2.6}
    expect(call(aniva, "GET", f"{path}/results"), 200, status="completed", **corrected)
    expect(call(aniva, "POST", f"{path}/panels", {"panel_ids": [BASIC]}), 409)


def registers(aniva: Aniva, expect: Expect) -> None:
    """Somebody who has a name, a group of ours, and was born before today."""
    expect(call(aniva, "POST", "/profiles", {**JANE, "first_name": ""}), 400)
    expect(call(aniva, "POST", "/profiles", {key: JANE[key] for key in JANE if key != "sex"}), 400)
    expect(call(aniva, "POST", "/profiles", JANE | {"date_of_birth": "2026-04-13"}), 400)
    expect(call(aniva, "POST", "/profiles", JANE | {"date_of_birth": "2026-04-12"}), 201, first_name="Jane")
    expect(call(aniva, "POST", "/profiles", JANE | {"profile_group": "no-such-group"}), 404)
    expect(call(aniva, "POST", "/profiles", JANE | {"profile_group": "rival-clinic"}), 403)
    expect(call(aniva, "GET", "/profiles?limit=500"), 200)
    expect(call(aniva, "GET", "/profiles?limit=501"), 400)


def orders_panels(aniva: Aniva, expect: Expect) -> None:
    """Panels that exist, are attached, and are no containers."""
    path = f"/appointments/{LATER}/panels"
    expect(call(aniva, "POST", path, {"panel_ids": [BASIC]}), 200)
    expect(call(aniva, "POST", path, {"panel_ids": [UNKNOWN]}), 404)
    expect(call(aniva, "POST", path, {"panel_ids": [CONTAINER]}), 400)
    expect(call(aniva, "DELETE", path, {"panel_ids": [BASIC]}), 200)
    expect(call(aniva, "DELETE", path, {"panel_ids": [BASIC]}), 404)
    expect(call(aniva, "GET", f"/appointments/{LATER}"), 200, panels=[])


JOURNEYS: tuple[Journey, ...] = (
    books,
    knows_its_rights,
    waits_for_the_practice,
    cancels,
    links_for_a_day,
    keeps_the_hours_of_the_courier,
    orders_until_four,
    follows_a_box,
    reads_results,
    registers,
    orders_panels,
)
