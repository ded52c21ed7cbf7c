"""What holds in every world that was written out: what is read back is refused where no world could have come to it."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar, get_args

import msgspec

from aniva_sandbox.api.appointments.records import Appointment
from aniva_sandbox.api.events import EVENTS
from aniva_sandbox.api.links.records import Link
from aniva_sandbox.api.locations.records import Location, LocationGroup, hours_faults
from aniva_sandbox.api.permissions import Access, Permission
from aniva_sandbox.api.profiles.records import Language, Profile, ProfileGroup
from aniva_sandbox.api.shipments.records import Shipment, course_fault
from aniva_sandbox.engine.contract.values import EMAIL_FAULT, is_email
from aniva_sandbox.engine.control.faults import wrong_with
from aniva_sandbox.engine.faults.injected import Fault
from aniva_sandbox.engine.problems import Data, Path_, shown
from aniva_sandbox.engine.world.agenda import Event, Happened
from aniva_sandbox.engine.world.clock import EARLIEST, LATEST
from aniva_sandbox.engine.world.events import wrong_details
from aniva_sandbox.engine.world.ids import Ids
from aniva_sandbox.engine.world.limits import MAX_NUMBER
from aniva_sandbox.engine.world.snapshot import Planned, SavedClock, SavedIds
from aniva_sandbox.engine.world.zones import find_zone
from aniva_sandbox.laboratory.catalogue import Catalogue, get_catalogue
from aniva_sandbox.laboratory.orders import Document, LabOrder, Result, Submission

__all__ = ["check_saved"]

T = TypeVar("T")
_FAULT = re.compile("fault-([1-9][0-9]{0,15})")


class _Parts:
    """What of a written state fits its types. What does not was told, and is left out here."""

    def __init__(self, plain: dict[str, Any], saved: Any) -> None:
        self._plain = plain
        self._saved = saved

    def one(self, name: str, type: type[T]) -> T | None:
        """What stands under a name."""
        if self._saved is not None:
            value: T = getattr(self._saved, name)
            return value
        return _converted(self._plain.get(name), type)

    def section(self, name: str, type: type[T]) -> list[tuple[int, T]]:
        """The entries of a section, with their places."""
        if self._saved is not None:
            return list(enumerate(getattr(self._saved, name)))
        found = []
        for place, plain in enumerate(self._entries(name)):
            entry = _converted(plain, type)
            if entry is not None:
                found.append((place, entry))
        return found

    def names(self, name: str, field: str = "id") -> set[str]:
        """The ids of a section, or its slugs: also of entries that do not fit."""
        return {str(plain[field]) for plain in self._entries(name) if isinstance(plain, dict) and field in plain}

    def _entries(self, name: str) -> list[Any]:
        section = self._plain.get(name)
        return section if isinstance(section, list) else []


def _converted(plain: Any, type: type[T]) -> T | None:
    try:
        return msgspec.convert(plain, type, str_keys=True)
    except msgspec.ValidationError:
        return None


def check_saved(data: Data, saved: Any) -> None:
    """Note in ``data`` everything that no world can have come to; ``saved`` is None where its types say that
    already, and what fits them is judged all the same."""
    catalogue = get_catalogue()
    parts = _Parts(data.data, saved)
    clock = parts.one("clock", SavedClock)
    now = clock.now if clock is not None else None
    _check_time(data, parts, now)
    _check_ids(data, parts)
    _check_groups(data, parts, catalogue)
    groups = parts.names("profile_groups")
    people = parts.names("profiles")
    places = parts.names("locations")
    orders = parts.names("orders")
    documents = parts.names("documents")
    shipments = parts.names("shipments")
    booked = parts.names("appointments")
    appointments = {each.id: each for _, each in parts.section("appointments", Appointment)}
    for index, profile in parts.section("profiles", Profile):
        at: Path_ = ("profiles", index)
        data.refer((*at, "group"), [profile.group], groups, "profile group")
        # Patients may be born after now: a clock can start before the day on which those of a fixture were.
        _check_email(data, at, profile.email)
        _check_language(data, at, profile.language)
        _instants(data, at, created_at=profile.created_at, updated_at=profile.updated_at)
    for index, location in parts.section("locations", Location):
        _check_location(data, ("locations", index), location, parts.names("location_groups", "slug"), catalogue)
    begun = parts.one("begun", bool)
    for index, appointment in parts.section("appointments", Appointment):
        at = ("appointments", index)
        data.refer((*at, "profile_id"), [appointment.profile_id], people, "profile")
        if appointment.location_id is not None:
            data.refer((*at, "location_id"), [appointment.location_id], places, "location")
        _check_ordered(data, at, appointment, catalogue)
        if appointment.status == "blood_drawn" and begun and appointment.id not in orders:
            data.fail((*at, "status"), "is blood_drawn, but there is no order to a laboratory")
    for index, shipment in parts.section("shipments", Shipment):
        at = ("shipments", index)
        data.refer((*at, "location_id"), [shipment.location_id], places, "location")
        _check_shipment(data, at, shipment, now)
    pairs = set()
    for index, link in parts.section("links", Link):
        at = ("links", index)
        data.refer((*at, "appointment_id"), [link.appointment_id], booked, "appointment")
        data.refer((*at, "shipment_id"), [link.shipment_id], shipments, "shipment")
        _instants(data, at, added_at=link.added_at)
        if (link.appointment_id, link.shipment_id) in pairs:
            data.fail(at, "appears twice")
        pairs.add((link.appointment_id, link.shipment_id))
    for index, order in parts.section("orders", LabOrder):
        at = ("orders", index)
        data.refer((*at, "id"), [order.id], booked, "appointment")
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
    for index, document in parts.section("documents", Document):
        at = ("documents", index)
        data.refer((*at, "appointment_id"), [document.appointment_id], orders, "order to a laboratory")
        _check_language(data, (*at, "patient"), document.patient.language)
        data.refer((*at, "patient", "profile_id"), [document.patient.profile_id], people, "profile")
        _check_submissions(data, (*at, "submission"), [document.submission], catalogue)
        if document.results.keys() != set(document.submission.biomarker_ids):
            data.fail((*at, "results"), "must be those of the submission")
        _check_results(data, at, document.results, catalogue)
        _instants(data, at, issued_at=document.issued_at)
    targets: dict[str, Collection[str]] = {
        "location_id": places,
        "profile_id": people,
        "appointment_id": booked,
        "shipment_id": shipments,
    }
    for index, planned in parts.section("agenda", Planned):
        at = ("agenda", index)
        _check_event(data, at, planned.event, targets)
        _instants(data, at, due=planned.due)
        if now is not None and _is_after(now, planned.due):
            data.fail((*at, "due"), "is before the clock's now")
    for index, happened in parts.section("history", Happened):
        at = ("history", index)
        _check_event(data, at, happened.event, targets)
        _instants(data, at, time=happened.time)
    _check_faults(data, parts)


def _check_faults(data: Data, parts: _Parts) -> None:
    faults = parts.section("faults", Fault)
    ids = parts.one("ids", SavedIds)
    data.once(("faults",), "id", [(index, fault.id) for index, fault in faults])
    for index, fault in faults:
        for path, message in wrong_with(fault):
            data.fail(("faults", index, *path), message)
        number = _FAULT.fullmatch(fault.id)
        if ids is not None and not (number and int(number[1]) <= ids.counts.get("fault", 0)):
            data.fail(("faults", index, "id"), "was not given out")
        if not 0 <= fault.fired <= fault.seen:
            data.fail(("faults", index, "fired"), "must lie between 0 and seen")


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
    """Whether an instant is later; where one of them is not in UTC, that is a problem of its own."""
    return instant.tzinfo is other.tzinfo is UTC and instant > other


def _check_time(data: Data, parts: _Parts, now: datetime | None) -> None:
    since = parts.one("hourly_since", datetime)
    _instants(data, ("clock",), now=now)
    _instants(data, (), hourly_since=since)
    if now is not None and now.tzinfo is UTC and not EARLIEST <= now <= LATEST:
        data.fail(("clock", "now"), "must lie between the years 1900 and 9000")
    if now is not None and since is not None and _is_after(since, now):
        data.fail(("hourly_since",), "must not lie after the clock's now")


_WITH_IDS: Final[dict[str, Any]] = {
    "profile_groups": ProfileGroup,
    "locations": Location,
    "profiles": Profile,
    "appointments": Appointment,
    "shipments": Shipment,
    "orders": LabOrder,
    "documents": Document,
}


def _check_ids(data: Data, parts: _Parts) -> None:
    """No id may appear twice, and none may be given out that is taken."""
    for section, type in _WITH_IDS.items():
        data.once((section,), "id", [(index, each.id) for index, each in parts.section(section, type)])
    saved = parts.one("ids", SavedIds)
    if saved is None:
        return
    for path, number in [(("seed",), saved.seed), *((("counts", kind), count) for kind, count in saved.counts.items())]:
        if not 0 <= number <= MAX_NUMBER:
            data.fail(("ids", *path), f"must lie between 0 and {MAX_NUMBER}")
    ids = Ids(saved.seed)
    ids.counts = dict(saved.counts)
    for section, kind in (("profiles", "profile"), ("appointments", "appointment"), ("documents", "document")):
        id = ids.next_uuid(kind)
        if id in parts.names(section):
            data.fail(("ids", "counts", kind), f"is too low: the id {id} was given out")


def _check_groups(data: Data, parts: _Parts, catalogue: Catalogue) -> None:
    personas = parts.section("personas", Access)
    slugs, ids = parts.names("location_groups", "slug"), parts.names("profile_groups")
    data.once(
        ("profile_groups",), "slug", [(at, each.slug) for at, each in parts.section("profile_groups", ProfileGroup)]
    )
    data.once(
        ("location_groups",), "slug", [(at, each.slug) for at, each in parts.section("location_groups", LocationGroup)]
    )
    data.once(("personas",), "persona", [(at, access.persona) for at, access in personas])
    if "full" not in parts.names("personas", "persona"):
        data.fail(("personas",), "must hold at least 'full'")
    for index, access in personas:
        at = ("personas", index)
        data.refer((*at, "permissions"), sorted(access.permissions), get_args(Permission), "permission")
        data.refer((*at, "profile_groups"), sorted(access.profile_groups), ids, "profile group")
        data.refer((*at, "location_groups"), sorted(access.location_groups), slugs, "location group")
        data.refer((*at, "panels"), sorted(access.panels), catalogue.panels, "panel")


def _check_location(data: Data, at: Path_, location: Location, groups: Collection[str], catalogue: Catalogue) -> None:
    data.refer((*at, "group"), [location.group], groups, "location group")
    data.refer((*at, "laboratory"), [location.laboratory], catalogue.laboratories, "laboratory")
    if location.timezone is not None and find_zone(location.timezone) is None:
        data.fail((*at, "timezone"), f"there is no time zone {shown(location.timezone)}")
    if location.email is not None:
        _check_email(data, at, location.email)
    if (location.street is None) != (location.house_number is None):
        data.fail(at, "street and house_number go together")
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


def _check_shipment(data: Data, at: Path_, shipment: Shipment, now: datetime | None) -> None:
    for name, clock in (
        ("pickup_time_from", shipment.pickup_time_from),
        ("pickup_time_till", shipment.pickup_time_till),
    ):
        if clock.second or clock.microsecond:
            data.fail((*at, name), "must be a whole minute")
    if shipment.pickup_time_from >= shipment.pickup_time_till:
        data.fail((*at, "pickup_time_till"), "must be later than pickup_time_from")
    fault = course_fault([report.status for report in shipment.reports], shipment.cancelled)
    if fault is not None:
        data.fail((*at, fault[0].replace("updates", "reports")), fault[1])
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
        before = shipment.reports[place - 1].time if place else report.time
        if _is_after(before, report.time) or (now is not None and _is_after(report.time, now)):
            data.fail((*at, "reports", place, "time"), "reports come oldest first, and none after the clock's now")


def _check_email(data: Data, at: Path_, email: str) -> None:
    if not is_email(email):
        data.fail((*at, "email"), EMAIL_FAULT)


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
            data.fail((*at, "results", str(id), "genotype"), "belongs to a genetic biomarker")
        if gene is not None and result.genotype not in gene.genotypes:
            data.fail((*at, "results", str(id), "genotype"), f"must be one of {', '.join(gene.genotypes)}")


def _check_event(data: Data, at: Path_, event: Event, targets: Mapping[str, Collection[str]]) -> None:
    type = EVENTS.get(event.type)
    if type is None:
        data.fail((*at, "event", "type"), f"there is no event {shown(event.type)}")
        return
    name = type.target
    data.refer((*at, "event", "target"), [event.target], targets[name], name.removesuffix("_id"))
    found = False
    for path, message in wrong_details(type, event):
        found = True
        data.fail((*at, "event", "details", *path), message)
    if not found and "appointment_id" in event.details:
        made = [event.details["appointment_id"]]
        data.refer((*at, "event", "details", "appointment_id"), made, targets["appointment_id"], "appointment")
