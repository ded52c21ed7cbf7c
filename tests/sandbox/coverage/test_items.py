"""The items of the Partner API, and what its events and steps say of them."""

import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.evidence.coverage.items import Items
from tests.support import PARTNER

ITEMS = Items(PARTNER, DOMAIN)


def test_every_item_has_an_id_of_its_own() -> None:
    """No two items share an id, also on different axes: waivers name them without the axis."""
    assert len(ITEMS.by_id) == sum(len(items) for items in ITEMS.axes.values())


@pytest.mark.parametrize(
    "id",
    [
        "create_appointment 201",
        "link.window refused",
        "link.window passed",
        "profile.list-page/range limit 500 at",
        "appointment confirmed: cancel",
        "shipment pending: picked_up",
        "courier.delivered read",
        "Appointment.status cancelled",
        "create_appointment drop=after",
    ],
)
def test_items_are_named_as_the_guide_says(id: str) -> None:
    """One of each kind."""
    assert id in ITEMS.by_id


def test_events_name_operations_that_exist() -> None:
    """What shows an event is an operation that only reads."""
    for name, type in DOMAIN.events.items():
        assert type.shown_by, name
        for operation in type.shown_by:
            found = PARTNER.endpoints[operation].operation
            assert found is not None
            assert found.method == "GET"


def test_the_domain_speaks_of_items_that_exist() -> None:
    """Next steps, example calls and reasons are about items and operations of the contract."""
    assert not {*DOMAIN.next_steps().steps, *DOMAIN.next_steps().unmeetable} - {*ITEMS.by_id}
    assert not {*DOMAIN.next_steps().calls} - {*ITEMS.operations}


def test_every_machine_and_event_belongs_to_operations() -> None:
    """So that a client that uses none of them is not told about them."""
    for axis in ("transitions", "time", "words", "responses", "faults"):
        assert all(item.operations for item in ITEMS.axes[axis])
