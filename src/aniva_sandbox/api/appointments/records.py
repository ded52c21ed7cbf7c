"""The records of appointments."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import datetime, timedelta, tzinfo
from functools import cache, partial
from itertools import chain
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from aniva_sandbox.api.locations.records import zone_if_known
from aniva_sandbox.engine.contract.values import Slug, UuidText, refers_to
from aniva_sandbox.engine.problems import FieldPath
from aniva_sandbox.engine.world.entries import LOCAL, InstantText
from aniva_sandbox.engine.world.sections import Neighbours, Reading, Section, Written
from aniva_sandbox.engine.world.tables import Table
from aniva_sandbox.engine.world.templates import Mapped
from aniva_sandbox.engine.yaml_file import Entry
from aniva_sandbox.laboratory.values import Barcode

__all__ = ["APPOINTMENTS", "Appointment", "Appointments", "Panels", "Status"]


Status = Literal["pending", "confirmed", "blood_drawn", "cancelled"]
Panels = dict[Annotated[str, refers_to("panel")], datetime]
"""The panels attached to an appointment: panel id to the instant at which it was added."""


class Appointment(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A blood draw. ``location_id`` is None for a home kit."""

    id: UuidText
    profile_id: Annotated[str, refers_to("profile")]
    location_id: Annotated[str, refers_to("location"), Meta(description="Null for a home kit.")] | None
    scheduled_at: Annotated[datetime, LOCAL, Meta(description="Wall-clock times are in the location's zone.")] | None
    status: Status
    test_method: (
        Annotated[Literal["practitioner", "home"], Meta(description="By a practitioner, or with a kit at home.")] | None
    )
    created_at: datetime
    updated_at: datetime | None = None
    panels: Panels = {}
    """Includes containers of single biomarkers while they hold any."""
    snapshot: dict[str, tuple[Annotated[int, refers_to("biomarker")], ...]] = {}
    """The contents of each container: panel id to biomarker ids."""
    barcode: (
        Annotated[Barcode, Meta(description="The barcode of the tubes; required once the blood is drawn.")] | None
    ) = None


class Appointments(Table[Appointment]):
    """Appointments, indexed by profile, by the day on which they begin, and by location and the hour there."""

    def __init__(self, records: Iterable[Appointment] = ()) -> None:
        self._by_profile: defaultdict[str, list[Appointment]] = defaultdict(list)
        # By location, then by the hour of the calendar in UTC, 0 for no date, then by id.
        self._by_location: defaultdict[str, defaultdict[int, dict[str, Appointment]]]
        self._by_location = defaultdict(partial(defaultdict, dict))
        # By the day of the calendar in UTC, 0 for no date: the id of each appointment with its place in the table.
        self._by_day: defaultdict[int, dict[str, int]] = defaultdict(dict)
        super().__init__(records)

    def add(self, record: Appointment) -> None:
        Table.add(self, record)  # super() takes as long as this
        id, at = record.id, record.scheduled_at
        day = 0 if at is None else at.toordinal()
        self._by_profile[record.profile_id].append(record)
        self._by_day[day][id] = len(self._records)
        if record.location_id is not None:
            self._by_location[record.location_id][0 if at is None else day * 24 + at.hour][id] = record

    def change_location(self, record: Appointment, location_id: str) -> None:
        """Move an appointment that has a location to another location."""
        self._forget(record)
        record.location_id = location_id
        self._index(record)

    def change_time(self, record: Appointment, scheduled_at: datetime | None) -> None:
        """Move an appointment to another time."""
        self._forget(record)
        day = _day(record.scheduled_at)
        place = self._by_day[day].pop(record.id)
        if not self._by_day[day]:
            del self._by_day[day]
        record.scheduled_at = scheduled_at
        self._by_day[_day(scheduled_at)][record.id] = place
        self._index(record)

    def of_profile(self, profile_id: str) -> Iterable[Appointment]:
        """The appointments of a profile, oldest first."""
        return self._by_profile.get(profile_id, ())

    def at_location(self, location_id: str) -> Iterable[Appointment]:
        """The appointments at a location, in no particular order."""
        return chain.from_iterable(each.values() for each in self._by_location.get(location_id, {}).values())

    def around(self, location_id: str, first: datetime, last: datetime) -> Iterator[Appointment]:
        """The appointments at a location on the days between two instants, on the day before, and on that after."""
        by_hour: Mapping[int, dict[str, Appointment]] = self._by_location.get(location_id, {})
        for hour in range((_day(first) - 1) * 24, (_day(last) + 2) * 24):
            if hour in by_hour:
                yield from by_hour[hour].values()

    def is_any_near(
        self, location_id: str, instant: datetime, minutes: int, statuses: Container[Status], except_id: str | None
    ) -> bool:
        """Whether an appointment at a location, in one of some states, begins less than ``minutes`` before or after an
        instant; ``except_id`` is one that does not count.

        Looks at the hours that these minutes reach into: what begins in another is further away.
        """
        by_hour = self._by_location.get(location_id)
        if not by_hour:
            return False
        # Numbers, as the instants at both ends may not exist.
        middle, minute = instant.toordinal() * 24 + instant.hour, instant.minute
        hour, last = middle + (minute - minutes) // 60, middle + (minute + minutes) // 60
        while hour <= last:
            if hour in by_hour:
                for record in by_hour[hour].values():
                    at = record.scheduled_at
                    is_near = at == instant or (at is not None and abs(at - instant) < _minutes(minutes))
                    if is_near and record.status in statuses and record.id != except_id:
                        return True
            hour += 1
        return False

    def between(self, first: datetime, last: datetime) -> list[Appointment]:
        """The appointments between two instants, both included, and those without a date, in order of creation.

        Looks at the days in between that have any, and at no others: every appointment is indexed by its day in UTC,
        with its place in the table, which gives the order that going through the whole table would.
        """
        by_day = self._by_day
        placed = dict(by_day.get(0, {}))
        days = range(_day(first), _day(last) + 1)
        for day in by_day if len(by_day) < len(days) else days:
            if day in days and day in by_day:
                placed.update(by_day[day])
        records = map(self._records.__getitem__, sorted(placed, key=placed.__getitem__))
        return [record for record in records if record.scheduled_at is None or first <= record.scheduled_at <= last]

    def _index(self, record: Appointment) -> None:
        if record.location_id is not None:
            self._by_location[record.location_id][_hour(record.scheduled_at)][record.id] = record

    def _forget(self, record: Appointment) -> None:
        if record.location_id is not None:
            by_hour, hour = self._by_location[record.location_id], _hour(record.scheduled_at)
            del by_hour[hour][record.id]
            if not by_hour[hour]:
                del by_hour[hour]


@cache
def _minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def _day(instant: datetime | None) -> int:
    """The day of the calendar, from 1; 0 for no instant."""
    return 0 if instant is None else instant.toordinal()


def _hour(instant: datetime | None) -> int:
    """The hours since the beginning of the calendar, from 24, for every possible instant; 0 for none."""
    return 0 if instant is None else instant.toordinal() * 24 + instant.hour


class PanelEntry(Entry, frozen=True):
    """A panel of an appointment, with its biomarkers if it is a custom container."""

    panel_id: Annotated[UuidText, refers_to("panel")]
    added_at: InstantText
    biomarkers: Annotated[tuple[Slug, ...], Meta(description="The contents of a custom container, by slug.")] = ()


def _read(entry: Any, reading: Reading) -> dict[str, Any]:
    """The panels of an appointment by id, and the contents of its containers."""
    panels: dict[str, Any] = {}
    snapshot: dict[str, tuple[int, ...]] = {}
    slugs = reading.shared.slugs
    for index, panel in enumerate(entry.panels):
        panels[panel.panel_id] = reading.instant(("panels", index, "added_at"), panel.added_at)
        for slug in panel.biomarkers:
            if slug not in slugs:
                reading.fail(("panels", index, "biomarkers"), f"there is no biomarker {slug}")
        if panel.biomarkers:
            snapshot[panel.panel_id] = tuple(slugs[slug].id for slug in panel.biomarkers if slug in slugs)
    return {"panels": Mapped(panels), "snapshot": snapshot}


def _check(appointment: Appointment, world: Neighbours) -> Iterator[tuple[FieldPath, str]]:
    panels = world.shared.panels
    for id in appointment.panels:
        if id in panels and panels[id].is_custom != bool(appointment.snapshot.get(id)):
            yield ("panels",), f"{id}: a custom container must hold at least one biomarker, other panels none"
    for id in appointment.snapshot:
        if id not in appointment.panels:
            yield ("snapshot",), f"{id} is not a panel of the appointment"
    if appointment.status == "blood_drawn":
        if appointment.barcode is None:
            yield ("barcode",), "is required once the blood is drawn"
        if world.begun and world.get("orders", appointment.id) is None:
            yield ("status",), "is blood_drawn, but there is no lab order"


def _zone(appointment: Any, find: Callable[[str, str], Any]) -> tzinfo:
    return zone_if_known(find("locations", appointment.location_id or ""))


APPOINTMENTS = Section(
    hinted=True,
    name="appointments",
    record=Appointment,
    noun="appointment",
    table=Appointments,
    counted=True,
    ids="appointment",
    description="Blood draws, in order of creation.",
    check=_check,
    zone=_zone,
    written=Written(
        names={"profile_id": "profile", "location_id": "location"},
        required=frozenset({"location_id", "scheduled_at", "test_method"}),
        left_out=frozenset({"snapshot"}),
        further={"panels": (Annotated[tuple[PanelEntry, ...], Meta(description="In order of addition.")], ())},
        read=_read,
    ),
)
