"""What the sections share: who looks, what records are called, and what can be said of links and of access."""

from datetime import datetime
from typing import Final, get_args

from aniva_sandbox.api.access import Caller, visible_to
from aniva_sandbox.api.appointments.records import Appointment
from aniva_sandbox.api.appointments.wire import shown_time
from aniva_sandbox.api.links.operations import window_end
from aniva_sandbox.api.locations.records import Location, zone_of
from aniva_sandbox.api.permissions import Access, Permission
from aniva_sandbox.api.profiles.records import Profile
from aniva_sandbox.api.shipments.records import Shipment
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.world.showing import RecordFact, RelatedRecord, write_instant
from aniva_sandbox.laboratory.orders import Document, LabOrder

__all__ = [
    "HOME_KIT",
    "access_fact",
    "appointment_name",
    "document_name",
    "link_note",
    "local",
    "onlooker",
    "order_state",
    "patient_name",
    "place_name",
    "related_appointment",
    "related_document",
    "related_location",
    "related_order",
    "related_profile",
    "related_shipment",
    "shipment_name",
    "time_text",
]

HOME_KIT: Final = "home kit"


def onlooker(world: World, id: str = "") -> Caller:
    """A call by somebody who sees all of a world, about the record with this id. What it notes is thrown away."""
    access = Access(
        persona="onlooker",
        permissions=frozenset(get_args(Permission)),
        profile_groups=frozenset(group.id for group in world.profile_groups.values()),
        location_groups=frozenset(world.location_groups),
        panels=frozenset(world.catalogue.panels),
    )
    return Call(access, id, NoQuery(), NoBody(), Trace())


# Times


def local(location: Location | None, instant: datetime) -> str:
    """An instant by the clock of a location; in UTC without one."""
    return write_instant(instant.astimezone(zone_of(location)) if location else instant)


def time_text(world: World, appointment: Appointment) -> str | None:
    """When the blood is drawn, by the clock of the location."""
    time = shown_time(world, appointment)
    return None if time is None else write_instant(time)


# Names


def patient_name(profile: Profile) -> str:
    """The name of a patient."""
    return f"{profile.first_name} {profile.last_name}" if profile.last_name else profile.first_name


def place_name(world: World, appointment: Appointment) -> str:
    """Where the blood is drawn."""
    return world.locations[appointment.location_id].name if appointment.location_id else HOME_KIT


def appointment_name(world: World, appointment: Appointment) -> str:
    """An appointment in words: who, where and when."""
    patient = patient_name(world.profiles[appointment.profile_id])
    return f"{patient}, {place_name(world, appointment)}, {time_text(world, appointment) or 'without a date'}"


def shipment_name(world: World, shipment: Shipment) -> str:
    """A shipment in words: from where, and when it is collected."""
    return f"{world.locations[shipment.location_id].name}, {shipment.pickup_date}"


def document_name(world: World, document: Document) -> str:
    """A report in words."""
    laboratory = world.catalogue.laboratories[document.submission.laboratory].name
    return f"{laboratory}, {document.submission.kind}{', corrected' if document.corrected else ''}"


def order_state(world: World, order: LabOrder) -> str:
    """How far the laboratories are with an order."""
    if order.failed:
        return "failed"
    if not order.outstanding:
        return "completed"
    return "cancelled" if world.appointments[order.id].status == "cancelled" else "in_progress"


# Related records


def related_profile(profile: Profile) -> RelatedRecord:
    return RelatedRecord("profiles", profile.id, patient_name(profile), "patient")


def related_location(location: Location, note: str) -> RelatedRecord:
    return RelatedRecord("locations", location.id, location.name, note if location.active else f"{note}, inactive")


def related_appointment(world: World, appointment: Appointment, note: str | None = None) -> RelatedRecord:
    name = appointment_name(world, appointment)
    return RelatedRecord("appointments", appointment.id, name, _noted(appointment.status, note))


def related_shipment(world: World, shipment: Shipment, note: str | None = None) -> RelatedRecord:
    name = shipment_name(world, shipment)
    return RelatedRecord("shipments", shipment.id, f"{shipment.id}, {name}", _noted(shipment.status, note))


def related_order(world: World, order: LabOrder) -> RelatedRecord:
    arrived, all = len(order.results), len(order.biomarker_ids)
    note = f"{order_state(world, order)}, {arrived} of {all} arrived"
    return RelatedRecord("orders", order.id, f"Results of barcode {order.barcode}", note)


def related_document(world: World, document: Document) -> RelatedRecord:
    note = f"issued {write_instant(document.issued_at)}"
    return RelatedRecord("documents", document.id, f"Report of {document_name(world, document)}", note)


def _noted(status: str, note: str | None) -> str:
    return f"{status}; {note}" if note else status


# Links and access


def link_note(world: World, appointment: Appointment, shipment: Shipment) -> str:
    """Until when a link can be changed."""
    end = window_end(appointment, shipment)
    if end is None:
        return "the link can always be changed, as the blood is drawn"
    if world.now < end:
        return f"the link can be changed until {write_instant(end)}"
    return f"the link is locked since {write_instant(end)}"


def access_fact(world: World, record: Profile | Location | Appointment | Shipment) -> RecordFact:
    """The personas that may see a record."""
    return RecordFact("Visible to", ", ".join(visible_to(world, record)) or "no persona", "Other keys get 403.")
