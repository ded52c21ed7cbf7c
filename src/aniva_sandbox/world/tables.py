"""The plain records of a world and the tables that hold them.

Records are changed in place by operations and events; where a table keeps an index over a field, that field is
changed through the table. Instants are aware datetimes in UTC. Records never refer to one another, so those that come
in thousands need no cyclic garbage collection.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, Final, Generic, Literal, Protocol, TypeVar

import msgspec
from msgspec import Meta

from aniva_sandbox.world.values import (
    Barcode,
    CountryCode,
    Email,
    Label,
    Measure,
    Name,
    Notes,
    PersonaName,
    Phone,
    Slug,
    Telephone,
    Url,
    UuidText,
)

__all__ = [
    "CLOCK_TIME",
    "Access",
    "Appointment",
    "Appointments",
    "Courier",
    "Hours",
    "Language",
    "Location",
    "LocationGroup",
    "Panels",
    "Permission",
    "Profile",
    "ProfileGroup",
    "Profiles",
    "Record",
    "SlotMinutes",
    "Status",
    "Table",
    "WeekHours",
    "hours_faults",
]

Permission = Literal[
    "create_user",
    "profiles_view",
    "impersonate",
    "locations_view",
    "test_sessions_schedule",
    "test_sessions_view",
    "test_sessions_operate",
    "test_sessions_manage",
    "results_view",
    "shipments_manage",
    "panels_access",
]
Status = Literal["pending", "confirmed", "blood_drawn", "cancelled"]
Courier = Literal["go", "dhl", "tof"]
Language = Literal["en", "de", "fi"]
CLOCK_TIME: Final = "([01][0-9]|2[0-3]):[0-5][0-9]"
"""A wall clock's HH:MM, as a pattern."""
SlotMinutes = Annotated[int, Meta(ge=1, le=1440)]
"""From a minute to a day."""
Panels = dict[str, datetime]
"""The panels attached to an appointment: panel id to the instant it was added."""


class Access(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an API key may do, and the access context that it sees (ids of groups and panels)."""

    persona: PersonaName
    permissions: frozenset[str]
    profile_groups: frozenset[str]
    location_groups: frozenset[str]
    panels: frozenset[str]


class ProfileGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A partner's programme, which profiles belong to."""

    id: UuidText
    slug: Slug
    name: Label


class LocationGroup(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A network of test locations."""

    slug: Slug
    name: Label


class Profile(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """A patient. Passwords are not kept anywhere."""

    id: UuidText
    group: str
    handle: Label | None
    first_name: Name
    last_name: Name | None
    email: Email
    phone: Phone | None
    sex: Literal[1, 2]
    date_of_birth: date
    height: Measure | None
    weight: Measure | None
    language: str
    created_at: datetime
    updated_at: datetime | None = None
    ordinal: int = 0
    """Its place in the order of creation; given by the table."""


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One span of opening hours, wall clock ``HH:MM`` at the location."""

    open: str
    close: str


class WeekHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The opening hours of a week; a day without spans is closed."""

    monday: tuple[Hours, ...] = ()
    tuesday: tuple[Hours, ...] = ()
    wednesday: tuple[Hours, ...] = ()
    thursday: tuple[Hours, ...] = ()
    friday: tuple[Hours, ...] = ()
    saturday: tuple[Hours, ...] = ()
    sunday: tuple[Hours, ...] = ()

    def on(self, day: date) -> tuple[Hours, ...]:
        """The spans of the weekday that ``day`` is."""
        spans: tuple[Hours, ...] = getattr(self, self.__struct_fields__[day.weekday()])
        return spans


def hours_faults(hours: WeekHours | None) -> Iterator[tuple[str, str]]:
    """The days whose hours cannot be, each with why."""
    for day in WeekHours.__struct_fields__ if hours else ():
        closed_at = ""
        for span in getattr(hours, day):
            for text in (span.open, span.close):
                if re.fullmatch(CLOCK_TIME, text) is None:
                    yield day, f"{text!r} is not a time HH:MM"
            if not closed_at <= span.open < span.close:
                yield day, "spans must open before they close, one after the other"
            closed_at = span.close


class Location(msgspec.Struct, forbid_unknown_fields=True):
    """A test location: what partners see of it, and how bookings there work."""

    id: UuidText
    name: Label
    company_name: Label | None
    street: Label | None
    house_number: Label | None
    address_line_2: Label | None
    city: Label | None
    state: Label | None
    postal_code: Label | None
    country_name: Label | None
    country_code: CountryCode | None
    timezone: str | None
    contact_phone: Telephone | None
    email: Email | None
    website: Url | None
    google_maps_url: Url | None
    image_url: Url | None
    open_hours: WeekHours | None
    active: bool
    group: str
    initial_status: Literal["confirmed", "pending"]
    laboratory: str
    courier: Courier
    slot_minutes: SlotMinutes
    interval_minutes: SlotMinutes
    blocked_dates: set[date]
    pickup_remarks: Notes | None


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


class Record(Protocol):
    """Anything that a table holds."""

    @property
    def id(self) -> str:
        """Unique in the table."""


R = TypeVar("R", bound=Record)


class Table(Generic[R]):
    """Records by id, in order of creation."""

    def __init__(self, records: Iterable[R] = ()) -> None:
        self._records: dict[str, R] = {}
        for record in records:
            self.add(record)

    def add(self, record: R) -> None:
        """Put a new record in."""
        if record.id in self._records:
            raise ValueError(f"the id {record.id} is taken")
        self._records[record.id] = record

    def get(self, id: str) -> R | None:
        """The record with this id, in either case of its letters."""
        return self._records.get(id) or self._records.get(id.lower())

    def __getitem__(self, id: str) -> R:
        return self._records[id]

    def __iter__(self) -> Iterator[R]:
        return iter(self._records.values())

    def __reversed__(self) -> Iterator[R]:
        return reversed(self._records.values())

    def __contains__(self, id: str) -> bool:
        return id in self._records

    def __len__(self) -> int:
        return len(self._records)


class Profiles(Table[Profile]):
    """Profiles, also by e-mail (which is not unique)."""

    def __init__(self, records: Iterable[Profile] = ()) -> None:
        self._by_email: dict[str, dict[str, Profile]] = {}
        super().__init__(records)

    def add(self, record: Profile) -> None:
        record.ordinal = len(self)
        super().add(record)
        self._index(record)

    def change_email(self, record: Profile, email: str) -> None:
        """Give a profile another e-mail address."""
        del self._by_email[record.email.lower()][record.id]
        record.email = email
        self._index(record)

    def with_email(self, email: str) -> list[Profile]:
        """The profiles with this e-mail address, in any case of its letters, oldest first."""
        return sorted(self._by_email.get(email.lower(), {}).values(), key=lambda profile: profile.ordinal)

    def _index(self, record: Profile) -> None:
        self._by_email.setdefault(record.email.lower(), {})[record.id] = record


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
