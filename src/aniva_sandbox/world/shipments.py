"""The records of shipments, and of the links between them and appointments."""

import re
from collections.abc import Collection, Iterator
from datetime import date, datetime, time
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from aniva_sandbox.world.tables import Table
from aniva_sandbox.world.values import Measure, Notes, ShipmentId, TrackingNumber, Wording

__all__ = ["Link", "Links", "Report", "Shipment", "ShipmentStatus", "Shipments", "course_fault"]

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


class Link(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """An appointment and a shipment belong together since ``added_at``."""

    appointment_id: str
    shipment_id: str
    added_at: datetime


class Links:
    """The links of a world. Each is one value, which both of its sides lead to."""

    def __init__(self) -> None:
        self._links: dict[tuple[str, str], Link] = {}
        # By the id of either side, as an appointment's never looks like a shipment's.
        self._of: dict[str, dict[str, Link]] = {}

    def add(self, link: Link) -> None:
        """Put a new link in."""
        pair = link.appointment_id, link.shipment_id
        if pair in self._links:
            raise ValueError(f"{pair} are linked")
        self._links[pair] = link
        self._of.setdefault(link.appointment_id, {})[link.shipment_id] = link
        self._of.setdefault(link.shipment_id, {})[link.appointment_id] = link

    def remove(self, appointment_id: str, shipment_id: str) -> None:
        """Take a link out. Raises KeyError where there is none."""
        del self._links[appointment_id, shipment_id]
        for one, other in ((appointment_id, shipment_id), (shipment_id, appointment_id)):
            del self._of[one][other]
            if not self._of[one]:
                del self._of[one]

    def of(self, id: str) -> Collection[Link]:
        """The links of an appointment or a shipment, oldest first."""
        found = self._of.get(id)
        return found.values() if found else ()

    def __contains__(self, pair: tuple[str, str]) -> bool:
        """Whether an appointment and a shipment, named in this order, are linked."""
        return pair in self._links

    def __iter__(self) -> Iterator[Link]:
        """All links, oldest first."""
        return iter(self._links.values())

    def __len__(self) -> int:
        return len(self._links)
