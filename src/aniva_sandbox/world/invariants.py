"""What holds in every world that was written out: what is read back is refused where no world could have come to it."""

import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import inf
from typing import Final, TypeVar, get_args

import msgspec

from aniva_sandbox.texts import listed
from aniva_sandbox.world.agenda import Event, Happened
from aniva_sandbox.world.catalogue import Catalogue
from aniva_sandbox.world.clock import EARLIEST, LATEST, Mode
from aniva_sandbox.world.faults import Fault
from aniva_sandbox.world.ids import Ids
from aniva_sandbox.world.orders import Document, LabOrder, Result, Submission
from aniva_sandbox.world.shipments import Link, Shipment, course_fault
from aniva_sandbox.world.state import Settings
from aniva_sandbox.world.tables import (
    Access,
    Appointment,
    Language,
    Location,
    LocationGroup,
    Permission,
    Profile,
    ProfileGroup,
    Record,
    hours_faults,
)
from aniva_sandbox.world.zones import find_zone
from aniva_sandbox.yaml_file import Data, Path_

__all__ = ["Judge", "Planned", "Saved", "SavedClock", "SavedIds", "check_saved"]

R = TypeVar("R", bound=Record)
_MOST: Final = 2**53
"""Up to here every reader of JSON keeps whole numbers whole."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHIPMENT = re.compile(r"P[0-9]{10}")
_PERSONA = re.compile(r"[a-z0-9-]{1,64}")


class Judge(msgspec.Struct, frozen=True):
    """What is known elsewhere of events and of injected faults."""

    targets: Mapping[str, str]
    """For each type of event what names its target, such as ``appointment_id``."""
    event: Callable[[Event], str | None]
    """What is wrong with an event's details, if anything is."""
    fault: Callable[[Fault], str | None]
    """What is wrong with an injected fault, if anything is."""


class SavedClock(msgspec.Struct, forbid_unknown_fields=True):
    """A clock: its mode and its time in UTC."""

    mode: Mode
    now: datetime


class SavedIds(msgspec.Struct, forbid_unknown_fields=True):
    """Where ids come from, and how many of each kind were given out."""

    seed: int
    counts: dict[str, int]


class Planned(msgspec.Struct, forbid_unknown_fields=True):
    """An entry of the agenda."""

    due: datetime
    event: Event


class Saved(msgspec.Struct, forbid_unknown_fields=True):
    """A state as it is written, from top to bottom."""

    version: int
    clock: SavedClock
    ids: SavedIds
    settings: Settings
    profile_groups: list[ProfileGroup]
    location_groups: list[LocationGroup]
    personas: list[Access]
    locations: list[Location]
    profiles: list[Profile]
    appointments: list[Appointment]
    shipments: list[Shipment]
    links: list[Link]
    orders: list[LabOrder]
    documents: list[Document]
    begun: bool
    hourly_since: datetime
    agenda: list[Planned]
    history: list[Happened]
    faults: list[Fault]


def check_saved(data: Data, saved: Saved, catalogue: Catalogue, judge: Judge) -> None:
    """Note in ``data`` everything that no world can have come to."""
    places = _by_id(data, "locations", saved.locations)
    people = _by_id(data, "profiles", saved.profiles)
    appointments = _by_id(data, "appointments", saved.appointments)
    shipments = _by_id(data, "shipments", saved.shipments, _SHIPMENT)
    orders = _by_id(data, "orders", saved.orders)
    documents = _by_id(data, "documents", saved.documents)
    _check_time(data, saved)
    _check_ids(data, saved, {"profile": people, "appointment": appointments, "document": documents})
    _check_groups(data, saved, catalogue)
    groups = {group.id for group in saved.profile_groups}
    for index, profile in enumerate(saved.profiles):
        at = ("profiles", index)
        data.refer((*at, "group"), [profile.group], groups, "profile group")
        if profile.sex not in (1, 2):
            data.fail((*at, "sex"), "must be 1 or 2")
        if profile.date_of_birth > saved.clock.now.date():
            data.fail((*at, "date_of_birth"), "must not lie after the clock's now")
        _check_language(data, at, profile.language)
        _instants(data, at, created_at=profile.created_at, updated_at=profile.updated_at)
    location_groups = {group.slug for group in saved.location_groups}
    for index, location in enumerate(saved.locations):
        _check_location(data, ("locations", index), location, location_groups, catalogue)
    for index, appointment in enumerate(saved.appointments):
        at = ("appointments", index)
        data.refer((*at, "profile_id"), [appointment.profile_id], people, "profile")
        if appointment.location_id is not None:
            data.refer((*at, "location_id"), [appointment.location_id], places, "location")
        _check_ordered(data, at, appointment, catalogue)
        if appointment.status == "blood_drawn" and saved.begun and appointment.id not in orders:
            data.fail((*at, "status"), "is blood_drawn, but there is no order to a laboratory")
    for index, shipment in enumerate(saved.shipments):
        at = ("shipments", index)
        data.refer((*at, "location_id"), [shipment.location_id], places, "location")
        _check_shipment(data, at, shipment, saved.clock.now)
    pairs = set()
    for index, link in enumerate(saved.links):
        at = ("links", index)
        data.refer((*at, "appointment_id"), [link.appointment_id], appointments, "appointment")
        data.refer((*at, "shipment_id"), [link.shipment_id], shipments, "shipment")
        _instants(data, at, added_at=link.added_at)
        if (link.appointment_id, link.shipment_id) in pairs:
            data.fail(at, "stands twice")
        pairs.add((link.appointment_id, link.shipment_id))
    for index, order in enumerate(saved.orders):
        at = ("orders", index)
        data.refer((*at, "id"), [order.id], appointments, "appointment")
        data.refer((*at, "patient", "profile_id"), [order.patient.profile_id], people, "profile")
        data.refer((*at, "document_ids"), order.document_ids, documents, "document")
        _check_language(data, (*at, "patient"), order.patient.language)
        drawn = appointments.get(order.id)
        if drawn is not None and drawn.status not in ("blood_drawn", "cancelled"):
            data.fail((*at, "id"), f"the appointment is {drawn.status}")
        _check_submissions(data, (*at, "submissions"), order.submissions, catalogue)
        data.refer((*at, "results"), order.results, set(order.biomarker_ids), "ordered biomarker")
        _check_results(data, at, order.results, catalogue)
        _instants(data, at, placed_at=order.placed_at)
    for index, document in enumerate(saved.documents):
        at = ("documents", index)
        data.refer((*at, "appointment_id"), [document.appointment_id], orders, "order to a laboratory")
        _check_language(data, (*at, "patient"), document.patient.language)
        data.refer((*at, "patient", "profile_id"), [document.patient.profile_id], people, "profile")
        _check_submissions(data, (*at, "submission"), [document.submission], catalogue)
        if document.results.keys() != set(document.submission.biomarker_ids):
            data.fail((*at, "results"), "must be those of the submission")
        _check_results(data, at, document.results, catalogue)
        _instants(data, at, issued_at=document.issued_at)
    targets: dict[str, Mapping[str, Record]] = {
        "location_id": places,
        "profile_id": people,
        "appointment_id": appointments,
        "shipment_id": shipments,
    }
    for index, planned in enumerate(saved.agenda):
        at = ("agenda", index)
        _check_event(data, at, planned.event, judge, targets)
        _instants(data, at, due=planned.due)
        if _is_after(saved.clock.now, planned.due):
            data.fail((*at, "due"), "is before the clock's now")
    for index, happened in enumerate(saved.history):
        at = ("history", index)
        _check_event(data, at, happened.event, judge, targets)
        _instants(data, at, time=happened.time)
    _once(data, "faults", "id", [fault.id for fault in saved.faults])
    for index, fault in enumerate(saved.faults):
        wrong = judge.fault(fault)
        if wrong is not None:
            data.fail(("faults", index), wrong)
        number = fault.id.removeprefix("fault-")
        if not (number.isdecimal() and 1 <= int(number) <= saved.ids.counts.get("fault", 0)):
            data.fail(("faults", index, "id"), "was not given out")
        if not 0 <= fault.fired <= fault.seen:
            data.fail(("faults", index, "fired"), "must lie between 0 and seen")


def _by_id(data: Data, section: str, records: Sequence[R], form: re.Pattern[str] = _UUID) -> dict[str, R]:
    found: dict[str, R] = {}
    for index, record in enumerate(records):
        if form.fullmatch(record.id) is None:
            data.fail((section, index, "id"), f"{record.id!r} is no id of its kind")
        found[record.id] = record
    _once(data, section, "id", [record.id for record in records])
    return found


def _once(data: Data, section: str, field: str, values: Iterable[str]) -> None:
    """No two entries of a section may have the same value in a field."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            data.fail((section, index, field), f"another entry has the {field} {value}")
        seen.add(value)


# Two days from the ends of the calendar, so that no time zone leads beyond them.
_FIRST = datetime(1, 1, 3, tzinfo=UTC)
_LAST = datetime(9999, 12, 29, tzinfo=UTC)


def _instants(data: Data, at: Path_, **instants: datetime | None) -> None:
    for name, instant in instants.items():
        if instant is None:
            continue
        if instant.tzinfo is not UTC or instant.microsecond:
            data.fail((*at, name), "must be an instant in UTC, with Z, in whole seconds")
        elif not _FIRST <= instant <= _LAST:
            data.fail((*at, name), "is too close to the end of the years 1 to 9999")


def _is_after(instant: datetime, other: datetime) -> bool:
    """Whether an instant is later; where one of them is not in UTC, that is told elsewhere."""
    return instant.tzinfo is other.tzinfo is UTC and instant > other


def _check_time(data: Data, saved: Saved) -> None:
    _instants(data, ("clock",), now=saved.clock.now)
    _instants(data, (), hourly_since=saved.hourly_since)
    data.check()  # before instants are compared
    if not EARLIEST <= saved.clock.now <= LATEST:
        data.fail(("clock", "now"), "must lie between the years 1900 and 9000")
    if saved.hourly_since > saved.clock.now:
        data.fail(("hourly_since",), "must not lie after the clock's now")


def _check_ids(data: Data, saved: Saved, tables: Mapping[str, Container[str]]) -> None:
    """No id may be given out that is taken; ``tables`` are by the kind of their ids."""
    counts = saved.ids.counts
    for path, number in [(("seed",), saved.ids.seed), *((("counts", kind), count) for kind, count in counts.items())]:
        if not 0 <= number <= _MOST:
            data.fail(("ids", *path), f"must lie between 0 and {_MOST}")
    ids = Ids(saved.ids.seed)
    ids.counts = dict(counts)
    for kind, table in tables.items():
        id = ids.next_uuid(kind)
        if id in table:
            data.fail(("ids", "counts", kind), f"is too low: the id {id} was given out")


def _check_groups(data: Data, saved: Saved, catalogue: Catalogue) -> None:
    _by_id(data, "profile_groups", saved.profile_groups)
    slugs = {group.slug for group in saved.location_groups}
    ids = {group.id for group in saved.profile_groups}
    for section, groups in (("profile_groups", saved.profile_groups), ("location_groups", saved.location_groups)):
        _once(data, section, "slug", [group.slug for group in groups])
    _once(data, "personas", "persona", [access.persona for access in saved.personas])
    if "full" not in {access.persona for access in saved.personas}:
        data.fail(("personas",), "must hold at least 'full'")
    for index, access in enumerate(saved.personas):
        at = ("personas", index)
        if _PERSONA.fullmatch(access.persona) is None:
            data.fail((*at, "persona"), "is made of a-z, 0-9 and hyphens")
        data.refer((*at, "permissions"), sorted(access.permissions), get_args(Permission), "permission")
        data.refer((*at, "profile_groups"), sorted(access.profile_groups), ids, "profile group")
        data.refer((*at, "location_groups"), sorted(access.location_groups), slugs, "location group")
        data.refer((*at, "panels"), sorted(access.panels), catalogue.panels, "panel")


def _check_location(data: Data, at: Path_, location: Location, groups: Container[str], catalogue: Catalogue) -> None:
    data.refer((*at, "group"), [location.group], groups, "location group")
    data.refer((*at, "laboratory"), [location.laboratory], catalogue.laboratories, "laboratory")
    if location.timezone is not None and find_zone(location.timezone) is None:
        data.fail((*at, "timezone"), f"there is no time zone {location.timezone}")
    for name, minutes in (("slot_minutes", location.slot_minutes), ("interval_minutes", location.interval_minutes)):
        if not 1 <= minutes <= 1440:
            data.fail((*at, name), "must lie between a minute and a day")
    if (location.street is None) != (location.house_number is None):
        data.fail(at, "street and house_number go together")
    if location.initial_status not in ("confirmed", "pending"):
        data.fail((*at, "initial_status"), "must be confirmed or pending")
    for day, fault in hours_faults(location.open_hours):
        data.fail((*at, "open_hours", day), fault)


def _check_ordered(data: Data, at: Path_, appointment: Appointment, catalogue: Catalogue) -> None:
    data.refer((*at, "panels"), appointment.panels, catalogue.panels, "panel")
    for panel_id in appointment.panels:
        panel = catalogue.panels.get(panel_id)
        if panel is not None and panel.is_custom != bool(appointment.snapshot.get(panel_id)):
            data.fail((*at, "panels"), f"{panel_id}: a custom container holds at least one biomarker, and others none")
    data.refer((*at, "snapshot"), appointment.snapshot, appointment.panels, "panel of the appointment")
    for ids in appointment.snapshot.values():
        data.refer((*at, "snapshot"), ids, catalogue.biomarkers, "biomarker")
    if appointment.status == "blood_drawn" and appointment.barcode is None:
        data.fail((*at, "barcode"), "is required once the blood is drawn")
    _instants(
        data,
        at,
        scheduled_at=appointment.scheduled_at,
        created_at=appointment.created_at,
        updated_at=appointment.updated_at,
    )
    for added in appointment.panels.values():
        _instants(data, at, panels=added)


def _check_shipment(data: Data, at: Path_, shipment: Shipment, now: datetime) -> None:
    if shipment.pickup_time_from >= shipment.pickup_time_till:
        data.fail((*at, "pickup_time_till"), "must be later than pickup_time_from")
    fault = course_fault([report.status for report in shipment.reports], shipment.cancelled)
    if fault is not None:
        data.fail((*at, fault[0].replace("updates", "reports")), fault[1])
    if shipment.package_count < 1 or not 0 < shipment.weight < inf:
        data.fail(at, "package_count and weight must be more than nothing")
    if not 0 <= shipment.seen <= len(shipment.reports):
        data.fail((*at, "seen"), "must count reports that there are")
    _instants(
        data,
        at,
        created_at=shipment.created_at,
        synced_at=shipment.synced_at,
        updated_at=shipment.updated_at,
    )
    for place, report in enumerate(shipment.reports):
        _instants(data, (*at, "reports", place), time=report.time)
        if (place and _is_after(shipment.reports[place - 1].time, report.time)) or _is_after(report.time, now):
            data.fail((*at, "reports", place, "time"), "reports come oldest first, and none after the clock's now")


def _check_language(data: Data, at: Path_, language: str) -> None:
    if language not in get_args(Language):
        data.fail((*at, "language"), f"must be one of {', '.join(get_args(Language))}")


def _check_submissions(data: Data, at: Path_, submissions: Iterable[Submission], catalogue: Catalogue) -> None:
    seen: set[int] = set()
    for submission in submissions:
        data.refer(at, [submission.laboratory], catalogue.laboratories, "laboratory")
        data.refer(at, submission.biomarker_ids, catalogue.biomarkers, "biomarker")
        for id in submission.biomarker_ids:
            biomarker = catalogue.biomarkers.get(id)
            if biomarker is not None and biomarker.type != submission.kind:
                data.fail(at, f"the biomarker {id} is {biomarker.type}")
            if id in seen:
                data.fail(at, f"the biomarker {id} is asked for twice")
            seen.add(id)


def _check_results(data: Data, at: Path_, results: Mapping[int, Result], catalogue: Catalogue) -> None:
    for id, result in results.items():
        biomarker = catalogue.biomarkers.get(id)
        gene = catalogue.genes.get(biomarker.slug) if biomarker is not None else None
        if gene is None and result.genotype is not None:
            data.fail((*at, "results", id, "genotype"), "belongs to a genetic biomarker")
        if gene is not None and result.genotype not in gene.genotypes:
            data.fail((*at, "results", id, "genotype"), f"must be one of {listed(gene.genotypes)}")


def _check_event(
    data: Data, at: Path_, event: Event, judge: Judge, targets: Mapping[str, Mapping[str, Record]]
) -> None:
    name = judge.targets.get(event.type)
    if name is None:
        data.fail((*at, "event", "type"), f"there is no event {event.type}")
        return
    data.refer((*at, "event", "target"), [event.target], targets[name], name.removesuffix("_id"))
    fault = judge.event(event)
    if fault is not None:
        data.fail((*at, "event", "details"), fault)
    elif "appointment_id" in event.details:
        made = [event.details["appointment_id"]]
        data.refer((*at, "event", "details", "appointment_id"), made, targets["appointment_id"], "appointment")
