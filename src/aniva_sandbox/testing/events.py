"""The types of events in tests, for completion in editors."""

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
    """The record of an event: one of these, depending on its type."""

    appointment_id: str
    location_id: str
    profile_id: str
    shipment_id: str


class EventDetails(EventTarget, total=False):
    """The details of an event, depending on its type. Dates and instants are RFC 3339 text or aware Python objects."""

    time: datetime | str
    """Now by default; a later event waits in the agenda."""
    scheduled_at: datetime | str
    date: date | str
    status: str
    """The courier's own wording."""
    tracking_number: str
    biomarker_ids: Sequence[int]
    values: Mapping[str, float | str]
    """Values or genotypes by biomarker id, in the unit of the biomarker."""
    comment: str


class EventDict(EventTarget, total=False):
    """A past or planned event."""

    time: Required[str]
    """The instant in UTC: ``2026-04-14T09:00:00Z``."""
    type: Required[EventType]
    automatic: Literal[True]
    """Whether the sandbox planned it."""
    status: str
    tracking_number: str
    scheduled_at: str
    date: str
    biomarker_ids: list[int]
    values: dict[str, float | str]
    comment: str
    skipped: str
    """Why it was not possible when it was due."""
    number: int
    """Its number in the agenda, if it is there."""
