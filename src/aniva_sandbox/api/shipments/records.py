"""The records of shipments, and of the links between them and appointments."""

import re
from collections.abc import Collection
from datetime import date, datetime, time
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from aniva_sandbox.api.values import Notes, ShipmentId, TrackingNumber, Wording
from aniva_sandbox.engine.contract.values import Measure
from aniva_sandbox.engine.world.tables import Table

__all__ = ["Report", "Shipment", "ShipmentStatus", "Shipments", "course_fault"]

ShipmentStatus = Literal["pending", "in_transit", "delivered", "fault", "cancelled"]

# A box is reported as ordered, then on its way once or more, and then as delivered; it can be lost before that.
_COURSE = re.compile(r"(pending )*((in_transit )+(delivered )?|(in_transit )*fault )?")


class Report(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Something that the courier noted about an order: when, in which words, and where the order stood then."""

    time: datetime
    status: ShipmentStatus
    wording: Wording
    tracking_number: TrackingNumber | None = None
    """The number that the order got by this, if it got one."""


class Shipment(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A box on its way from a location to the location's laboratory.

    ``reports`` is what the courier knows, oldest first. Partners are shown a copy of it, which lags behind: the first
    ``seen`` of the reports, as they were at ``synced_at``.
    """

    id: ShipmentId
    location_id: str
    pickup_date: date
    pickup_time_from: Annotated[time, Meta(tz=False)]
    """Wall clock at the location, as is ``pickup_time_till``."""
    pickup_time_till: Annotated[time, Meta(tz=False)]
    package_count: Annotated[int, Meta(ge=1)]
    weight: Measure
    """In kilograms."""
    pickup_remarks: Notes | None
    notes: Notes | None
    created_at: datetime
    synced_at: datetime
    updated_at: datetime | None = None
    cancelled: bool = False
    reports: list[Report] = []
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


def course_fault(statuses: Collection[str], cancelled: bool) -> tuple[str, str] | None:
    """Why no box can have had these statuses, oldest first: at which of the fields ``updates`` and ``cancelled``, and
    what is wrong."""
    if not _COURSE.fullmatch("".join(f"{status} " for status in statuses)):
        return "updates", "are not in the order of a box's way: pending, in_transit, delivered or fault"
    if cancelled and set(statuses) - {"pending"}:
        return "cancelled", "only what is pending can have been cancelled"
    return None


class Shipments(Table[Shipment]):
    """Shipments, which know the order of their creation."""

    def add(self, record: Shipment) -> None:
        record.ordinal = len(self)
        super().add(record)
