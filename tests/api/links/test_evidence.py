"""What changes of links were weighed by, how near to the end of the window they came, and what they lean on."""

from datetime import timedelta

import pytest

from aniva_sandbox.engine.world.events import advance
from tests.api.evidence import distances, leaned, passed, weighed
from tests.api.shipments.shipment_calls import NEW
from tests.support import (
    APPOINTMENT,
    DRAWN_APPOINTMENT,
    EMPTY_APPOINTMENT,
    LOCKED_SHIPMENT,
    PENDING_APPOINTMENT,
    SHIPMENT,
    Client,
)

WINDOW = "link.window"


def attach(client: Client, appointment: str, *ids: str) -> int:
    return client.post(f"/appointments/{appointment}/shipments", {"shipment_ids": list(ids)}).status


def detach(client: Client, appointment: str, *ids: str) -> int:
    return client.delete(f"/appointments/{appointment}/shipments", {"shipment_ids": list(ids)}).status


@pytest.mark.rule("link.window", "link.boundary")
@pytest.mark.parametrize(("age", "status"), [(-1, 200), (0, 409), (1, 409)])
def test_how_near_a_change_is_to_the_end_of_the_window(opened: Client, age: int, status: int) -> None:
    """The distance is in seconds from 24 hours after the shipment's creation, from either side."""
    made = opened.post("/shipments", NEW).json["id"]
    advance(opened.world, opened.world.now + timedelta(hours=24, seconds=age))
    for where, body in (
        (f"/appointments/{EMPTY_APPOINTMENT}/shipments", {"shipment_ids": [made]}),
        (f"/shipments/{made}/appointments", {"appointment_ids": [EMPTY_APPOINTMENT]}),
    ):
        assert opened.post(where, body).status == status
        assert (weighed(opened), distances(opened)) == ([WINDOW], [(WINDOW, float(age))])
        assert passed(opened) == ([WINDOW] if status == 200 else [])
        opened.delete(where, body)
        assert weighed(opened) == ([WINDOW] if status == 200 else [])  # nothing is linked otherwise


@pytest.mark.rule("link.window")
def test_only_the_closest_pairs_count(opened: Client) -> None:
    """Of many pairs, the closest on each side of the boundary is noted; the state of a drawn appointment has no
    distance, but the rule is passed."""
    made = []
    for hours in (1, 2, 30):
        made.append(opened.post("/shipments", NEW | {"pickup_date": "2026-04-17"}).json["id"])
        advance(opened.world, opened.world.now + timedelta(hours=hours))
    assert attach(opened, EMPTY_APPOINTMENT, *made, LOCKED_SHIPMENT) == 409
    assert distances(opened) == [(WINDOW, 6 * 3600.0)]
    made.append(opened.post("/shipments", NEW | {"pickup_date": "2026-04-17"}).json["id"])
    assert attach(opened, EMPTY_APPOINTMENT, *made) == 409
    assert distances(opened) == [(WINDOW, -24 * 3600.0), (WINDOW, 6 * 3600.0)]
    assert attach(opened, DRAWN_APPOINTMENT, *made) == 200
    assert (passed(opened), distances(opened)) == ([WINDOW], [])


@pytest.mark.rule("link.attach/order", "link.detach/order")
def test_pairs_that_do_not_change_are_skipped_by_a_clause(opened: Client) -> None:
    """A pair past the window that is linked already, or is not linked, is taken because it is skipped first; inside the
    window, or on a drawn appointment, the order does not matter."""
    assert attach(opened, APPOINTMENT, LOCKED_SHIPMENT) == 200
    assert (weighed(opened), leaned(opened, "link")) == ([], ["link.attach/order", "link.answer"])
    assert attach(opened, APPOINTMENT, LOCKED_SHIPMENT, SHIPMENT) == 200
    assert (weighed(opened), leaned(opened, "link")) == ([WINDOW], ["link.attach/order", "link.answer"])
    assert attach(opened, APPOINTMENT, SHIPMENT) == 200
    assert leaned(opened, "link") == ["link.answer"]
    assert detach(opened, PENDING_APPOINTMENT, LOCKED_SHIPMENT) == 200
    assert (weighed(opened), leaned(opened, "link")) == ([], ["link.detach/order", "link.answer"])
    assert detach(opened, PENDING_APPOINTMENT, SHIPMENT) == 200
    assert leaned(opened, "link") == ["link.answer"]
    assert detach(opened, DRAWN_APPOINTMENT, LOCKED_SHIPMENT) == 200
    assert leaned(opened, "link") == ["link.answer"]


@pytest.mark.rule("link.window-ids/names")
def test_a_locked_call_leans_on_the_name_of_its_list(opened: Client) -> None:
    """The refusal is documented, the name of its list is not."""
    assert detach(opened, APPOINTMENT, LOCKED_SHIPMENT) == 409
    assert leaned(opened, "link") == ["link.window-ids/names"]
