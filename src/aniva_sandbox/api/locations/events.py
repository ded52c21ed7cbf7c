"""Events of locations: closing, opening, and blocking dates."""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from aniva_sandbox.api.locations.records import Location
from aniva_sandbox.api.wire import Uuid
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.formats import parse_date
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.world.event_types import EventType

__all__ = ["EVENTS"]


class DateDetails(msgspec.Struct, frozen=True):
    """The date to block."""

    date: Annotated[str, field("The date in the location's time zone.", extra={"format": "date"})]


def _set_active(active: bool) -> Callable[[World, Location, dict[str, Any]], dict[str, Any]]:
    def happen(_world: World, location: Location, _details: dict[str, Any]) -> dict[str, Any]:
        location.active = active
        return {}

    return happen


def _block_date(_world: World, location: Location, details: dict[str, Any]) -> dict[str, Any]:
    location.blocked_dates.add(parse_date(details["date"]))
    return {}


EVENTS = {
    "location.closed": EventType(
        section="locations",
        target="location_id",
        target_type=Uuid,
        happen=_set_active(False),
        shown_by=("list_locations",),
        hides=True,
    ),
    "location.opened": EventType(
        section="locations",
        target="location_id",
        target_type=Uuid,
        happen=_set_active(True),
        shown_by=("list_locations", "get_availability"),
    ),
    "location.date_blocked": EventType(
        section="locations",
        target="location_id",
        target_type=Uuid,
        details=DateDetails,
        happen=_block_date,
        shown_by=("get_availability",),
    ),
}
