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
from aniva_sandbox.engine.problems import FieldPath
from aniva_sandbox.engine.world.checking import is_after
from aniva_sandbox.engine.world.entries import LOCAL, InstantText, relative
from aniva_sandbox.engine.world.fixtures import START
from aniva_sandbox.engine.world.sections import Neighbours, Reading, Section, Written
from aniva_sandbox.engine.world.tables import Table
from aniva_sandbox.engine.yaml_file import Entry

__all__ = ["SHIPMENTS", "Report", "ReportStatus", "Shipment", "ShipmentStatus", "Shipments", "course_problem"]

ReportStatus = Literal["pending", "in_transit", "delivered", "fault"]
"""The statuses that the courier reports for an order."""
ShipmentStatus = Literal["pending", "in_transit", "delivered", "fault", "cancelled"]

# A shipment is reported as ordered, then as on its way once or more, then as delivered; it can be lost before that.
_COURSE = re.compile(r"(pending )*((in_transit )+(delivered )?|(in_transit )*fault )?")


_FIRST_PICKUP: Final = time(9)
_LAST_PICKUP: Final = time(19)
PickupTime = Annotated[
    time,
    Meta(tz=False, description="From 09:00 to 19:00, wall clock at the location."),
    valid(lambda clock: _FIRST_PICKUP <= clock <= _LAST_PICKUP, "must be from 09:00 to 19:00"),
]


class Report(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Something that the courier reported about an order: when, in which words, and the status of the order then."""

    time: datetime
    status: ReportStatus
    wording: Annotated[Wording, Meta(description="In the courier's words.")]
    tracking_number: (
        Annotated[TrackingNumber, Meta(description="The number that the order got with this report.")] | None
    ) = None


class Shipment(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A box on its way from a location to the location's laboratory.

    ``reports`` is what the courier knows, oldest first. Partners see a copy of it, which lags behind: the first
    ``seen`` of the reports, as of ``synced_at``.
    """

    id: ShipmentId
    location_id: Annotated[str, refers_to("location")]
    pickup_date: Annotated[date, LOCAL, relative("+2d"), Meta(description="The date at the location.")]
    pickup_time_from: PickupTime
    pickup_time_till: PickupTime
    package_count: Annotated[int, Meta(ge=1, description="Number of boxes.")]
    weight: Annotated[Measure, Meta(description="Total weight of the boxes in kilograms.")]
    pickup_remarks: Annotated[Notes, Meta(description="Remarks for the driver.")] | None
    notes: Annotated[Notes, Meta(description="Notes for the partner's own use.")] | None
    created_at: datetime
    synced_at: datetime
    updated_at: datetime | None = None
    cancelled: bool = False
    reports: Annotated[list[Report], Meta(description="The courier's reports, oldest first.")] = []
    seen: int = 0
    ordinal: int = 0
    """Its position in the order of creation; set by the table."""

    @property
    def status(self) -> ShipmentStatus:
        """Its true status."""
        return self._status(self.reports)

    @property
    def shown_status(self) -> ShipmentStatus:
        """Its status in the copy."""
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
    """Why no shipment can have had these statuses, oldest first: the field at which the problem is, ``reports`` or
    ``cancelled``, and a message."""
    if not _COURSE.fullmatch("".join(f"{status} " for status in statuses)):
        return "reports", "must be in the order of a shipment's lifecycle: pending, in_transit, delivered or fault"
    if cancelled and set(statuses) - {"pending"}:
        return "cancelled", "only a pending shipment can be cancelled"
    return None


class Shipments(Table[Shipment]):
    """Shipments, in the order of their creation."""

    def add(self, record: Shipment) -> None:
        record.ordinal = len(self)
        super().add(record)


class LinkEntry(Entry, frozen=True):
    """An appointment that a shipment is linked to."""

    id: Annotated[UuidText, refers_to("appointment")]
    added_at: InstantText


def _read(entry: Any, reading: Reading) -> dict[str, Any]:
    """The reports of a shipment at the start, all of which partners see, and its links."""
    for index, link in enumerate(entry.appointments):
        added_at = reading.instant(("appointments", index, "added_at"), link.added_at)
        if added_at is not None:
            reading.add("links", ("appointments",), appointment_id=link.id, shipment_id=entry.id, added_at=added_at)
    return {"seen": len(entry.updates), "synced_at": START}


def _check(shipment: Shipment, world: Neighbours) -> Iterator[tuple[FieldPath, str]]:
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
        yield ("seen",), "must not exceed the number of reports"
    before: datetime | None = None
    for place, report in enumerate(shipment.reports):
        if (before is not None and is_after(before, report.time)) or is_after(report.time, world.now):
            yield ("reports", place, "time"), "reports must be oldest first, and none later than the clock's now"
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
            "appointments": (
                Annotated[tuple[LinkEntry, ...], Meta(description="The appointments that it is linked to.")],
                (),
            )
        },
        read=_read,
        optional=True,
    ),
)
