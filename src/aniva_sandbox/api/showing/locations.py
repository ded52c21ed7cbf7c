"""How locations are shown."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from aniva_sandbox.api.locations.records import Location, zone_of
from aniva_sandbox.api.locations.slots import free_slots, is_open
from aniva_sandbox.api.locations.wire import location_view
from aniva_sandbox.api.showing.common import access_fact, local, related_appointment, related_shipment
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.showing import Column, RecordFact, RelatedRecord, SectionShowing, write_instant

__all__ = ["LOCATIONS"]

_AHEAD: Final = timedelta(days=60)
"""How far ahead the next free slot is searched for."""


def _state(_world: World, location: Location) -> str:
    return "active" if location.active else "inactive"


def _laboratory(world: World, location: Location) -> str:
    return world.catalogue.laboratories[location.laboratory].name


def _facts(world: World, location: Location) -> Iterator[RecordFact]:
    yield RecordFact("Now", local(location, world.now), "open" if is_open(location, world.now) else "closed")
    if location.active:
        today = world.now.astimezone(zone_of(location)).date()
        slot = next(free_slots(world, location, today, today + _AHEAD, zone_of(location)), None)
        free = "none" if slot is None else write_instant(slot)
        yield RecordFact("Next free slot", free, f"In the next {_AHEAD.days} days." if slot is None else None)
    else:
        yield RecordFact("Bookings", "refused", "As if the location did not exist.")
    length, interval = location.slot_minutes, location.interval_minutes
    yield RecordFact("Slots", f"{length} minutes long", f"One begins every {interval} minutes.")
    yield RecordFact("New appointments start as", location.initial_status)
    yield RecordFact("Laboratory", _laboratory(world, location))
    yield RecordFact("Courier", location.courier, location.pickup_remarks)
    if location.blocked_dates:
        yield RecordFact("Blocked dates", ", ".join(map(str, sorted(location.blocked_dates))))
    yield access_fact(world, location)


def _related(world: World, location: Location) -> Iterator[RelatedRecord]:
    group = world.location_groups[location.group]
    yield RelatedRecord("location_groups", group.slug, group.name, "group")
    booked = [each for each in world.appointments.at_location(location.id) if each.scheduled_at is not None]
    booked.sort(key=lambda each: (each.scheduled_at, each.id), reverse=True)
    for shipment in reversed(world.shipments):
        if shipment.location_id == location.id:
            yield related_shipment(world, shipment)
    for appointment in booked:
        yield related_appointment(world, appointment)


LOCATIONS: Final = SectionShowing(
    title="Locations",
    columns=(
        Column("Name", lambda _world, location: location.name),
        Column("City", lambda _world, location: location.city),
        Column("Time zone", lambda _world, location: location.timezone),
        Column("Laboratory", _laboratory),
        Column("Courier", lambda _world, location: location.courier),
        Column("Group", lambda _world, location: location.group),
    ),
    name=lambda _world, location: location.name,
    fields=lambda _world, location: location_view(location),
    states=("active", "inactive"),
    state=_state,
    facts=_facts,
    related=_related,
)
