"""The records of shipments, and of the links between them and appointments."""

import re
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, time, tzinfo
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from aniva_sandbox.api.locations.records import zone_if_known
from aniva_sandbox.api.values import Notes, ShipmentId, TrackingNumber, Wording
from aniva_sandbox.engine.contract.values import Measure, UuidText, refers_to, valid
from aniva_sandbox.engine.problems import Path_
from aniva_sandbox.engine.world.checking import is_after
from aniva_sandbox.engine.world.entries import LOCAL, InstantText, relative
from aniva_sandbox.engine.world.fixtures import START
from aniva_sandbox.engine.world.sections import Neighbours, Reading, Section, Written
from aniva_sandbox.engine.world.tables import Table
from aniva_sandbox.engine.yaml_file import Entry

__all__ = ["SHIPMENTS", "Report", "ReportStatus", "Shipment", "ShipmentStatus", "Shipments", "course_problem"]

ReportStatus = Literal["pending", "in_transit", "delivered", "fault"]
"""Where the courier can say that an order is."""
ShipmentStatus = Literal["pending", "in_transit", "delivered", "fault", "cancelled"]

# A box is reported as ordered, then on its way once or more, and then as delivered; it can be lost before that.
_COURSE = re.compile(r"(pending )*((in_transit )+(delivered )?|(in_transit )*fault )?")


_FIRST_PICKUP: Final = time(9)
_LAST_PICKUP: Final = time(19)
PickupTime = Annotated[
    time,
    Meta(tz=False, description="From 09:00 to 19:00, wall clock at the location."),
    valid(lambda clock: _FIRST_PICKUP <= clock <= _LAST_PICKUP, "must be from 09:00 to 19:00"),
]


class Report(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Something that the courier noted about an order: when, in which words, and where the order stood then."""

    time: datetime
    status: ReportStatus
    wording: Annotated[Wording, Meta(description="In the courier's words.")]
    tracking_number: Annotated[TrackingNumber, Meta(description="What the order got by this.")] | None = None


class Shipment(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A box on its way from a location to the location's laboratory.

    ``reports`` is what the courier knows, oldest first. Partners are shown a copy of it, which lags behind: the first
    ``seen`` of the reports, as they were at ``synced_at``.
    """

    id: ShipmentId
    location_id: Annotated[str, refers_to("location")]
    pickup_date: Annotated[date, LOCAL, relative("+2d"), Meta(description="The day at the location.")]
    pickup_time_from: PickupTime
    pickup_time_till: PickupTime
    package_count: Annotated[int, Meta(ge=1, description="How many boxes.")]
    weight: Annotated[Measure, Meta(description="All boxes together, in kilograms.")]
    pickup_remarks: Annotated[Notes, Meta(description="For the driver.")] | None
    notes: Annotated[Notes, Meta(description="For the partner's own use.")] | None
    created_at: datetime
    synced_at: datetime
    updated_at: datetime | None = None
    cancelled: bool = False
    reports: Annotated[list[Report], Meta(description="What the courier noted, oldest first.")] = []
    seen: int = 0
    ordinal: int = 0
    """Its place in the order of creation; given by the table."""

    @property
    def status(self) -> ShipmentStatus:
        """Where it really stands."""
        return self._status(self.reports)

    @property
    def shown_status(self) -> ShipmentStatus:
        """Where it stands in the copy."""
        return self._status(self.shown_reports)

    @property
    def shown_reports(self) -> list[Report]:
        """The reports in the copy."""
        return self.reports[: self.seen]

    def _status(self, reports: list[Report]) -> ShipmentStatus:
        if self.cancelled:
            return "cancelled"
        return reports[-1].status if reports else "pending"


def course_problem(statuses: Collection[str], cancelled: bool) -> tuple[str, str] | None:
    """Why no box can have had these statuses, oldest first: at which of the fields ``reports`` and ``cancelled``, and
    what is wrong."""
    if not _COURSE.fullmatch("".join(f"{status} " for status in statuses)):
        return "reports", "are not in the order of a box's way: pending, in_transit, delivered or fault"
    if cancelled and set(statuses) - {"pending"}:
        return "cancelled", "only what is pending can have been cancelled"
    return None


class Shipments(Table[Shipment]):
    """Shipments, which know the order of their creation."""

    def add(self, record: Shipment) -> None:
        record.ordinal = len(self)
        super().add(record)


class LinkEntry(Entry, frozen=True):
    """An appointment that a shipment is linked to."""

    id: Annotated[UuidText, refers_to("appointment")]
    added_at: InstantText


def _read(entry: Any, reading: Reading) -> dict[str, Any]:
    """What is known of a box at the start, all of which partners see; and its links."""
    for index, link in enumerate(entry.appointments):
        added_at = reading.instant(("appointments", index, "added_at"), link.added_at)
        if added_at is not None:
            reading.add("links", ("appointments",), appointment_id=link.id, shipment_id=entry.id, added_at=added_at)
    return {"seen": len(entry.updates), "synced_at": START}


def _check(shipment: Shipment, world: Neighbours) -> Iterator[tuple[Path_, str]]:
    for name in ("pickup_time_from", "pickup_time_till"):
        clock: time = getattr(shipment, name)
        if clock.second or clock.microsecond:
            yield (name,), "must be a whole minute"
    if shipment.pickup_time_from >= shipment.pickup_time_till:
        yield ("pickup_time_till",), "must be later than pickup_time_from"
    problem = course_problem([report.status for report in shipment.reports], shipment.cancelled)
    if problem is not None:
        yield (problem[0],), problem[1]
    if not 0 <= shipment.seen <= len(shipment.reports):
        yield ("seen",), "must count reports that there are"
    before: datetime | None = None
    for place, report in enumerate(shipment.reports):
        if (before is not None and is_after(before, report.time)) or is_after(report.time, world.now):
            yield ("reports", place, "time"), "reports come oldest first, and none after the clock's now"
        before = report.time


def _zone(shipment: Any, find: Callable[[str, str], Any]) -> tzinfo:
    return zone_if_known(find("locations", shipment.location_id))


SHIPMENTS = Section(
    hinted=True,
    name="shipments",
    record=Shipment,
    noun="shipment",
    table=Shipments,
    counted=True,
    check=_check,
    zone=_zone,
    description="Boxes of samples on their way to a laboratory, in order of creation.",
    written=Written(
        names={"location_id": "location", "reports": "updates"},
        defaults={"package_count": 1, "weight": 1.0},
        left_out=frozenset({"seen", "synced_at", "ordinal"}),
        further={
            "appointments": (Annotated[tuple[LinkEntry, ...], Meta(description="What the shipment is linked to.")], ())
        },
        read=_read,
        optional=True,
    ),
)
