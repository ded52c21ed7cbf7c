"""How shipments are shown: as partners see them, with what the courier knows besides."""

from collections.abc import Iterator
from typing import Final

import msgspec

from aniva_sandbox.api.links.operations import closing_of
from aniva_sandbox.api.shipments.courier import is_booked, next_sync, sync
from aniva_sandbox.api.shipments.records import Report, Shipment
from aniva_sandbox.api.shipments.wire import ShipmentView, shipment_view
from aniva_sandbox.api.showing.common import (
    access_fact,
    link_note,
    onlooker,
    related_appointment,
    related_location,
    shipment_name,
)
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.texts import counted
from aniva_sandbox.engine.world.showing import Column, RecordFact, RelatedRecord, SectionShowing, write_instant

__all__ = ["SHIPMENTS"]


def _shown(world: World, shipment: Shipment) -> Shipment:
    """A shipment as the next list would show it. The record itself stays as it is."""
    copy = msgspec.structs.replace(shipment)
    sync(world, copy)
    return copy


def _fields(world: World, shipment: Shipment) -> ShipmentView:
    return shipment_view(world, _shown(world, shipment), onlooker(world))


def _number(_world: World, shipment: Shipment) -> str | None:
    return next((report.tracking_number for report in shipment.reports if report.tracking_number), None)


def _window(_world: World, shipment: Shipment) -> str:
    return f"{shipment.pickup_date} {shipment.pickup_time_from:%H:%M}–{shipment.pickup_time_till:%H:%M}"


def _facts(world: World, shipment: Shipment) -> Iterator[RecordFact]:
    copy = _shown(world, shipment)
    if copy.seen < len(shipment.reports):
        unseen = counted(len(shipment.reports) - copy.seen, "report")
        note = f"{unseen} not synced yet: partners see {copy.shown_status}. A GET of the shipment syncs it."
        yield RecordFact("The courier's status", shipment.status, note)
    yield RecordFact("Last sync", write_instant(copy.synced_at))
    following = next_sync(world)
    if following is None:
        yield RecordFact("Next sync", "none", "The hourly sync is off; a GET of the shipment syncs it.")
    else:
        yield RecordFact("Next sync", write_instant(following))
    yield RecordFact("Pickup", _window(world, shipment), shipment.pickup_remarks)
    yield RecordFact("Boxes", str(shipment.package_count), f"{shipment.weight:g} kg")
    end = closing_of(shipment)
    links = "changeable until" if world.now < end else "locked since"
    yield RecordFact("Links", f"{links} {write_instant(end)}", "Those of drawn appointments can always be changed.")
    for place, report in enumerate(shipment.reports):
        yield RecordFact("Report", report.wording, _report_note(report, is_seen=place < copy.seen))
    yield access_fact(world, shipment)


def _report_note(report: Report, *, is_seen: bool) -> str:
    number = f", {report.tracking_number}" if report.tracking_number else ""
    return f"{write_instant(report.time)}, {report.status}{number}{'' if is_seen else '; not synced yet'}"


def _related(world: World, shipment: Shipment) -> Iterator[RelatedRecord]:
    yield related_location(world.locations[shipment.location_id], "where it is collected")
    for link in world.links.of(shipment.id):
        appointment = world.appointments[link.appointment_id]
        yield related_appointment(world, appointment, link_note(world, appointment, shipment))


def _closed(_world: World, shipment: Shipment) -> tuple[str, ...]:
    return ("booked",) if is_booked(shipment) else ()


SHIPMENTS: Final = SectionShowing(
    title="Shipments",
    columns=(
        Column("Pickup", _window),
        Column("From", lambda world, shipment: world.locations[shipment.location_id].name),
        Column("Courier", lambda world, shipment: world.locations[shipment.location_id].courier),
        Column("Tracking number", _number),
        Column(
            "Appointments",
            lambda world, shipment: str(len(world.links.of(shipment.id))),
            lambda world, shipment: len(world.links.of(shipment.id)),
        ),
        Column(
            "Created",
            lambda _world, shipment: write_instant(shipment.created_at),
            lambda _world, shipment: shipment.created_at,
        ),
    ),
    name=shipment_name,
    fields=_fields,
    newest_first=True,
    closed=_closed,
    facts=_facts,
    related=_related,
)
