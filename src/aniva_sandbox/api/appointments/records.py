"""The records of appointments."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from aniva_sandbox.engine.contract.values import UuidText
from aniva_sandbox.engine.world.tables import Table
from aniva_sandbox.laboratory.values import Barcode

__all__ = ["Appointment", "Appointments", "Panels", "Status"]


Status = Literal["pending", "confirmed", "blood_drawn", "cancelled"]
Panels = dict[str, datetime]
"""The panels attached to an appointment: panel id to the instant it was added."""


class Appointment(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A blood draw. ``location_id`` is None for a home kit."""

    id: UuidText
    profile_id: str
    location_id: str | None
    scheduled_at: datetime | None
    status: Status
    test_method: Literal["practitioner", "home"] | None
    created_at: datetime
    updated_at: datetime | None = None
    panels: Panels = {}
    """Containers of single biomarkers among them, while they hold any."""
    snapshot: dict[str, tuple[int, ...]] = {}
    """What each container holds: panel id to biomarker ids."""
    barcode: Barcode | None = None


class Appointments(Table[Appointment]):
    """Appointments, also by profile, by location, and by the hour that they begin in."""

    def __init__(self, records: Iterable[Appointment] = ()) -> None:
        self._by_profile: dict[str, list[Appointment]] = {}
        self._by_location: dict[str, dict[str, Appointment]] = {}
        self._by_hour: dict[tuple[str, int], dict[str, Appointment]] = {}
        super().__init__(records)

    def add(self, record: Appointment) -> None:
        super().add(record)
        self._by_profile.setdefault(record.profile_id, []).append(record)
        self._index(record)

    def change_location(self, record: Appointment, location_id: str) -> None:
        """Give an appointment that has a location another one."""
        self._forget(record)
        record.location_id = location_id
        self._index(record)

    def change_time(self, record: Appointment, scheduled_at: datetime | None) -> None:
        """Give an appointment another time."""
        self._forget(record)
        record.scheduled_at = scheduled_at
        self._index(record)

    def of_profile(self, profile_id: str) -> Iterable[Appointment]:
        """The appointments of a profile, oldest first."""
        return self._by_profile.get(profile_id, ())

    def at_location(self, location_id: str) -> Iterable[Appointment]:
        """The appointments at a location, in no particular order."""
        return self._by_location.get(location_id, {}).values()

    def near(self, location_id: str, instant: datetime, span: timedelta) -> Iterator[Appointment]:
        """The appointments at a location that begin less than ``span`` before or after an instant."""
        middle, reach = _hour(instant), -(-span // timedelta(hours=1))  # hours, as the instants may not exist
        for hour in range(middle - reach, middle + reach + 1):
            for record in self._by_hour.get((location_id, hour), {}).values():
                if record.scheduled_at is not None and abs(record.scheduled_at - instant) < span:
                    yield record

    def _index(self, record: Appointment) -> None:
        if record.location_id is not None:
            self._by_location.setdefault(record.location_id, {})[record.id] = record
            if record.scheduled_at is not None:
                self._by_hour.setdefault((record.location_id, _hour(record.scheduled_at)), {})[record.id] = record

    def _forget(self, record: Appointment) -> None:
        if record.location_id is not None:
            del self._by_location[record.location_id][record.id]
            if record.scheduled_at is not None:
                place = record.location_id, _hour(record.scheduled_at)
                del self._by_hour[place][record.id]
                if not self._by_hour[place]:
                    del self._by_hour[place]


def _hour(instant: datetime) -> int:
    """The hours since the beginning of the calendar, for every instant that there is."""
    return instant.toordinal() * 24 + instant.hour
