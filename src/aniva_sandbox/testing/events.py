"""Events of Aniva's side as a test writes and reads them: typed, so that an editor can complete them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal, Required, TypedDict

__all__ = ["EventDetails", "EventDict", "EventTarget", "EventType"]

EventType = Literal[
    "practice.confirmed",
    "operations.cancelled",
    "kit.ordered",
    "courier.booked",
    "courier.picked_up",
    "courier.scanned",
    "courier.delivered",
    "courier.lost",
    "lab.results_arrived",
    "lab.corrected",
    "lab.order_failed",
    "location.closed",
    "location.opened",
    "location.date_blocked",
]


class EventTarget(TypedDict, total=False):
    """What an event is about: one of these, as its type wants."""

    appointment_id: str
    location_id: str
    profile_id: str
    shipment_id: str


class EventDetails(EventTarget, total=False):
    """What an event can carry, as its type wants; dates and instants are RFC 3339 text or Python's own, aware."""

    time: datetime | str
    """Now by default; a later event stands in the agenda."""
    scheduled_at: datetime | str
    date: date | str
    status: str
    """The courier's own words."""
    tracking_number: str
    biomarker_ids: Sequence[int]
    values: Mapping[str, float | str]
    """Values or genotypes by biomarker id, in the unit of the biomarker."""
    comment: str


class EventDict(EventTarget, total=False):
    """An event that happened or will happen."""

    time: Required[str]
    """When, in UTC: ``2026-04-14T09:00:00Z``."""
    type: Required[EventType]
    automatic: Literal[True]
    """The sandbox planned it by itself."""
    status: str
    tracking_number: str
    scheduled_at: str
    date: str
    biomarker_ids: list[int]
    values: dict[str, float | str]
    comment: str
    skipped: str
    """Why it was not possible when its time came."""
