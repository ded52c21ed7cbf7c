"""Hints on lists of shipments that are older than what the courier knows."""

import pytest

from tests.api.shipments.courier_steps import do, go, order
from tests.support import APPOINTMENT, SHIPMENT, Client, hints_of


def hints(client: Client, path: str = "/shipments") -> list[str]:
    """The hints on a list."""
    assert client.get(path).status == 200
    assert all(hint.field == "" and len(hint.text) <= 300 for hint in hints_of(client))
    return [hint.text for hint in hints_of(client)]


def text(named: str) -> str:
    """The hint that names these shipments."""
    return f"the courier has newer reports on {named} than this list shows; get each by its id"


@pytest.mark.rule("shipment.freshness")
def test_a_list_that_is_behind_the_courier(opened: Client) -> None:
    """Until the next sync, the list says for which shipments it is old; getting one brings it up to date."""
    assert hints(opened) == []
    id, other = order(opened.world), order(opened.world)
    do(opened.world, id, "booked")
    do(opened.world, other, "booked")
    assert hints(opened) == [text(f"{other}, {id}")]
    opened.get(f"/shipments/{id}")
    assert hints(opened) == [text(other)]
    go(opened.world, "09:00")
    assert hints(opened) == []


def test_only_visible_shipments_are_named(opened: Client) -> None:
    """Those that the list does not show are not named."""
    do(opened.world, SHIPMENT, "picked_up")
    assert len(hints(opened)) == 1
    opened.get("/shipments", key="sbx_test.outsider")
    assert hints_of(opened) == []


def test_the_hint_names_a_few(opened: Client) -> None:
    """Five ids, and the number of the others."""
    ids = [order(opened.world) for _ in range(7)]
    for id in ids:
        do(opened.world, id, "booked")
    assert hints(opened) == [text(f"{', '.join(ids[:1:-1])} and 2 more")]


def test_the_shipments_of_an_appointment(opened: Client) -> None:
    """Their list is a copy, too, up to three hours old."""
    opened.control("PATCH", "/worlds/test/settings", {"hourly_sync": False})
    id = order(opened.world, appointment_id=APPOINTMENT)
    do(opened.world, id, "booked")
    path = f"/appointments/{APPOINTMENT}/shipments"
    assert hints(opened, path) == [text(id)]
    go(opened.world, "11:00:00")
    assert hints(opened, path) == [text(id)]
    go(opened.world, "11:00:01")
    assert hints(opened, path) == []
