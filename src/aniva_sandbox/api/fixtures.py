"""Reading the starting states of worlds from YAML, and checking them whole."""

from collections.abc import Container, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any, get_args

import msgspec

from aniva_sandbox.api.appointments.records import Appointment, Appointments
from aniva_sandbox.api.fixture_entries import (
    AppointmentEntry,
    LocationEntry,
    LocationGroupEntry,
    PersonaEntry,
    ProfileEntry,
    ProfileGroupEntry,
    ShipmentEntry,
)
from aniva_sandbox.api.links.records import Link, Links
from aniva_sandbox.api.locations.records import Location, LocationGroup, hours_faults, zone_of
from aniva_sandbox.api.permissions import Access, Permission
from aniva_sandbox.api.profiles.records import Profile, ProfileGroup, Profiles
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.shipments.records import Report, Shipment, Shipments, course_fault
from aniva_sandbox.engine.contract.values import EMAIL_FAULT, Label, PersonaName, is_email
from aniva_sandbox.engine.problems import shown, write_path
from aniva_sandbox.engine.world.agenda import Agenda
from aniva_sandbox.engine.world.clock import Clock, Mode
from aniva_sandbox.engine.world.ids import Ids
from aniva_sandbox.engine.world.moments import Moment, parse_day, parse_moment
from aniva_sandbox.engine.world.state import State
from aniva_sandbox.engine.world.tables import Table
from aniva_sandbox.engine.world.zones import find_zone
from aniva_sandbox.engine.yaml_file import YamlFile
from aniva_sandbox.laboratory.catalogue import Catalogue

__all__ = ["Fixture", "load_fixture"]

_UNSET = datetime(1, 1, 1, tzinfo=UTC)
"""Stands in records of a fixture where an instant is not known before the world's start is."""

_ALL_PERMISSIONS = frozenset(get_args(Permission))


class _ShipmentStart(msgspec.Struct, frozen=True):
    """A shipment whose dates wait for the start."""

    record: Shipment
    zone: tzinfo
    pickup_date: date | timedelta
    created: Moment
    updated: Moment | None
    reports: tuple[tuple[Moment, Report], ...]
    links: tuple[tuple[str, Moment], ...]

    def at(self, start: datetime) -> Shipment:
        """The record in a world that starts then; partners' copy of it is complete."""
        day = self.pickup_date
        reports = [msgspec.structs.replace(report, time=moment.at(start, UTC)) for moment, report in self.reports]
        return msgspec.structs.replace(
            self.record,
            pickup_date=start.astimezone(self.zone).date() + day if isinstance(day, timedelta) else day,
            created_at=self.created.at(start, UTC),
            updated_at=self.updated.at(start, UTC) if self.updated else None,
            reports=reports,
            seen=len(reports),
            synced_at=start,
        )


class Fixture(msgspec.Struct, frozen=True):
    """A named starting state, checked, with its instants still relative to the start."""

    name: str
    title: str
    start: datetime
    personas: dict[str, Access]
    _profile_groups: dict[str, ProfileGroup]
    _location_groups: dict[str, LocationGroup]
    _locations: tuple[tuple[Location, tuple[date | timedelta, ...]], ...]
    _profiles: tuple[tuple[Profile, Moment, Moment | None], ...]
    _appointments: tuple[tuple[Appointment, tzinfo, dict[str, Moment], dict[str, Moment]], ...]
    _shipments: tuple[_ShipmentStart, ...]

    @property
    def settings(self) -> Settings:
        """Those that every world has by default."""
        return Settings()

    def state(self, mode: Mode, start: datetime | None, seed: int | None, settings: Settings | None) -> State:
        """New records for a world that starts at ``start``; without one, a real clock starts at the machine's time and
        a frozen one where the fixture says. Raises ValueError for a start that no clock can have."""
        clock = Clock(mode, start or (self.start if mode == "frozen" else None))
        start = clock.now
        profiles = Profiles()
        locations: Table[Location] = Table()
        appointments = Appointments()
        for location, blocked in self._locations:
            today = start.astimezone(zone_of(location)).date()
            days = {today + day if isinstance(day, timedelta) else day for day in blocked}
            locations.add(msgspec.structs.replace(location, blocked_dates=days))
        for profile, created, updated in self._profiles:
            profiles.add(
                msgspec.structs.replace(
                    profile,
                    created_at=created.at(start, UTC),
                    updated_at=updated.at(start, UTC) if updated else None,
                )
            )
        for appointment, zone, moments, panels in self._appointments:
            scheduled = moments.get("scheduled_at")
            updated = moments.get("updated_at")
            appointments.add(
                msgspec.structs.replace(
                    appointment,
                    scheduled_at=scheduled.at(start, zone) if scheduled else None,
                    created_at=moments["created_at"].at(start, UTC),
                    updated_at=updated.at(start, UTC) if updated else None,
                    panels={id: added.at(start, UTC) for id, added in panels.items()},
                )
            )
        linked = [
            Link(appointment_id, shipment.record.id, added.at(start, UTC))
            for shipment in self._shipments
            for appointment_id, added in shipment.links
        ]
        links = Links()
        for link in sorted(linked, key=lambda link: link.added_at):
            links.add(link)
        return State(
            clock=clock,
            ids=Ids(seed or 0),
            settings=settings or self.settings,
            agenda=Agenda(),
            history=[],
            faults=[],
            begun=False,
            sections={
                "profile_groups": self._profile_groups,
                "location_groups": self._location_groups,
                "personas": self.personas,
                "locations": locations,
                "profiles": profiles,
                "appointments": appointments,
                "shipments": Shipments(shipment.at(start) for shipment in self._shipments),
                "links": links,
                "orders": Table(),
                "documents": Table(),
            },
            facts={"hourly_since": start},
        )


def load_fixture(file: YamlFile, catalogue: Catalogue) -> Fixture:
    """Read a world file. Raises :exc:`FixtureError` with everything that is wrong with it."""
    if not isinstance(file.data, dict):
        file.fail((), "must be a mapping")
        file.check()
    for key in file.data:
        if key not in _SECTIONS:
            file.fail((str(key),), f"is not known; the sections are {', '.join(_SECTIONS)}")
    for key in ("title", "start"):
        if key not in file.data:
            file.fail((key,), "is required")
    start = _moment(file, ("start",), file.data["start"]) if "start" in file.data else None
    if start is not None and start.absolute is None:
        file.fail(("start",), "must be an absolute instant")

    profile_groups = {
        entry.slug: ProfileGroup(entry.id, entry.slug, entry.name)
        for _, entry in file.entries(ProfileGroupEntry, "slug", "id", section="profile_groups")
    }
    location_groups = {
        entry.slug: LocationGroup(entry.slug, entry.name)
        for _, entry in file.entries(LocationGroupEntry, "slug", section="location_groups")
    }
    ids = {section: _ids(file, section) for section in ("profiles", "locations", "appointments")}
    ids |= {section: _ids(file, section, "slug") for section in ("profile_groups", "location_groups")}
    personas = _personas(file, profile_groups, ids, catalogue)

    locations = []
    for place, entry in file.entries(LocationEntry, "id", section="locations"):
        locations.append(_location(file, place, entry))
    zones = {location.id: zone_of(location) for location, _ in locations}

    profiles = []
    for place, person in file.entries(ProfileEntry, "id", section="profiles"):
        created = _moment(file, ("profiles", place, "created_at"), person.created_at)
        updated = _moment(file, ("profiles", place, "updated_at"), person.updated_at)
        _check_email(file, ("profiles", place), person.email)
        if person.group in profile_groups and created is not None:
            fields = msgspec.structs.asdict(person)
            fields |= {"group": profile_groups[person.group].id, "created_at": _UNSET, "updated_at": None}
            profiles.append((Profile(**fields), created, updated))

    appointments = []
    for place, booking in file.entries(AppointmentEntry, "id", section="appointments"):
        at = ("appointments", place)
        file.refer((*at, "panels"), [link.panel_id for link in booking.panels], catalogue.panels, "panel")
        for index, link in enumerate(booking.panels):
            file.refer((*at, "panels", index, "biomarkers"), link.biomarkers, catalogue.slugs, "biomarker")
            panel = catalogue.panels.get(link.panel_id)
            if panel is not None and panel.is_custom != bool(link.biomarkers):
                file.fail(
                    (*at, "panels", index, "biomarkers"), "belong to a custom container, which holds at least one"
                )
        if booking.status == "blood_drawn" and booking.barcode is None:
            file.fail((*at, "barcode"), "is required once the blood is drawn")
        moments = {
            name: moment
            for name in ("created_at", "updated_at", "scheduled_at")
            if (moment := _moment(file, (*at, name), getattr(booking, name))) is not None
        }
        panels = {
            link.panel_id: moment
            for index, link in enumerate(booking.panels)
            if (moment := _moment(file, (*at, "panels", index, "added_at"), link.added_at)) is not None
        }
        record = Appointment(
            id=booking.id,
            profile_id=booking.profile,
            location_id=booking.location,
            scheduled_at=None,
            status=booking.status,
            test_method=booking.test_method,
            created_at=_UNSET,
            snapshot={
                link.panel_id: tuple(catalogue.slugs[slug].id for slug in link.biomarkers if slug in catalogue.slugs)
                for link in booking.panels
                if link.biomarkers
            },
            barcode=booking.barcode,
        )
        appointments.append((record, zones.get(booking.location or "", UTC), moments, panels))

    shipments = _shipments(file, zones, ids, start.absolute if start else None)
    _check_references(file, ids, catalogue)

    title = file.convert(file.data["title"], Label, ("title",)) if "title" in file.data else None
    file.check()
    return Fixture(
        Path(file.name).stem,
        title or "",
        (start and start.absolute) or _UNSET,
        personas,
        profile_groups,
        location_groups,
        tuple(locations),
        tuple(profiles),
        tuple(appointments),
        tuple(shipments),
    )


_SECTIONS = (
    "title",
    "start",
    "profile_groups",
    "location_groups",
    "personas",
    "locations",
    "profiles",
    "appointments",
    "shipments",
)


def _ids(file: YamlFile, section: str, field: str = "id") -> set[str]:
    """The ids or slugs in a list, also of entries that do not fit their type: those have problems of their own."""
    return {str(entry[field]) for _, entry in _mappings(file, section) if field in entry}


def _mappings(file: YamlFile, section: str) -> Iterator[tuple[int, dict[Any, Any]]]:
    """The entries of a list that are mappings, with their places."""
    entries = file.data.get(section)
    for place, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            yield place, entry


def _check_references(file: YamlFile, ids: dict[str, set[str]], catalogue: Catalogue) -> None:
    """Note a problem for each reference that leads nowhere, also in entries that do not fit their type elsewhere."""
    told = {problem.field for problem in file.problems}
    references: tuple[tuple[str, str, Container[str], str], ...] = (
        ("locations", "group", ids["location_groups"], "location group"),
        ("locations", "laboratory", catalogue.laboratories, "laboratory"),
        ("profiles", "group", ids["profile_groups"], "profile group"),
        ("appointments", "profile", ids["profiles"], "profile"),
        ("appointments", "location", ids["locations"], "location"),
        ("shipments", "location", ids["locations"], "location"),
    )
    for section, field, known, kind in references:
        for place, entry in _mappings(file, section):
            name = entry.get(field)
            if isinstance(name, str) and write_path((section, place, field)) not in told:
                file.refer((section, place, field), [name], known, kind)


def _moment(file: YamlFile, path: tuple[str | int, ...], text: Any) -> Moment | None:
    if text is None and path[-1] != "start":
        return None
    try:
        return parse_moment(text)
    except (TypeError, ValueError):
        file.fail(path, "must be an instant such as 2026-04-13T08:00:00Z, '+3d 10:30', '+4h' or '-90m'")
        return None


def _personas(
    file: YamlFile, profile_groups: dict[str, ProfileGroup], ids: dict[str, set[str]], known: Catalogue
) -> dict[str, Access]:
    personas: dict[str, Access] = {}
    section = file.data.get("personas")
    if not isinstance(section, dict) or "full" not in section:
        file.fail(("personas",), "must be a mapping that holds at least 'full'")
        return personas
    for name, value in section.items():
        at = ("personas", str(name))
        named = file.convert(str(name), PersonaName, at)
        entry = file.convert(value, PersonaEntry, at)
        if entry is None or named is None:
            continue
        permissions = _ALL_PERMISSIONS if entry.permissions == "all" else frozenset(entry.permissions)
        panels = frozenset(known.panels) if entry.panels == "all" else frozenset(entry.panels)
        file.refer((*at, "permissions"), sorted(permissions), _ALL_PERMISSIONS, "permission")
        file.refer((*at, "panels"), sorted(panels), known.panels, "panel")
        file.refer((*at, "profile_groups"), entry.profile_groups, ids["profile_groups"], "profile group")
        file.refer((*at, "location_groups"), entry.location_groups, ids["location_groups"], "location group")
        groups = frozenset(profile_groups[slug].id for slug in entry.profile_groups if slug in profile_groups)
        personas[named] = Access(named, permissions, groups, frozenset(entry.location_groups), panels)
    return personas


def _check_email(file: YamlFile, at: tuple[str | int, ...], email: str) -> None:
    if not is_email(email):
        file.fail((*at, "email"), EMAIL_FAULT)


def _location(file: YamlFile, place: int, entry: LocationEntry) -> tuple[Location, tuple[date | timedelta, ...]]:
    at = ("locations", place)
    fields = msgspec.structs.asdict(entry)
    if entry.timezone is not None and find_zone(entry.timezone) is None:
        file.fail((*at, "timezone"), f"there is no time zone {shown(entry.timezone)}")
        fields["timezone"] = None
    if entry.email is not None:
        _check_email(file, at, entry.email)
    for day, fault in hours_faults(entry.open_hours):
        file.fail((*at, "open_hours", day), fault)
    if (entry.street is None) != (entry.house_number is None):
        file.fail(at, "street and house_number go together")
    blocked: list[date | timedelta] = []
    for index, text in enumerate(entry.blocked_dates):
        try:
            blocked.append(parse_day(text))
        except ValueError:
            file.fail((*at, "blocked_dates", index), "must be a date YYYY-MM-DD or days from the start such as '+9d'")
    fields["blocked_dates"] = set()
    return Location(**fields), tuple(blocked)


def _shipments(
    file: YamlFile, zones: dict[str, tzinfo], ids: dict[str, set[str]], start: datetime | None
) -> list[_ShipmentStart]:
    found = []
    for place, entry in file.entries(ShipmentEntry, "id", section="shipments") if "shipments" in file.data else ():
        at = ("shipments", place)
        file.refer((*at, "appointments"), [link.id for link in entry.appointments], ids["appointments"], "appointment")
        if len({link.id for link in entry.appointments}) < len(entry.appointments):
            file.fail((*at, "appointments"), "an appointment appears twice")
        if entry.pickup_time_from >= entry.pickup_time_till:
            file.fail((*at, "pickup_time_till"), "must be later than pickup_time_from")
        fault = course_fault([update.status for update in entry.updates], entry.cancelled)
        if fault is not None:
            file.fail((*at, fault[0]), fault[1])
        day: date | timedelta = date.min
        try:
            day = parse_day(entry.pickup_date)
        except ValueError:
            file.fail((*at, "pickup_date"), "must be a date YYYY-MM-DD or days from the start such as '+2d'")
        created = _moment(file, (*at, "created_at"), entry.created_at)
        updated = _moment(file, (*at, "updated_at"), entry.updated_at)
        reports = []
        for index, update in enumerate(entry.updates):
            moment = _moment(file, (*at, "updates", index, "time"), update.time)
            if moment is not None:
                report = Report(_UNSET, update.status, update.wording, update.tracking_number)
                reports.append((moment, report))
        times = [moment.at(start, UTC) for moment, _ in reports] if start else []
        if sorted(times) != times or any(start and time > start for time in times):
            file.fail((*at, "updates"), "come oldest first, and none after the start")
        links = [
            (link.id, moment)
            for index, link in enumerate(entry.appointments)
            if (moment := _moment(file, (*at, "appointments", index, "added_at"), link.added_at)) is not None
        ]
        if created is None:
            continue
        record = Shipment(
            id=entry.id,
            location_id=entry.location,
            pickup_date=date.min,
            pickup_time_from=time.fromisoformat(entry.pickup_time_from),
            pickup_time_till=time.fromisoformat(entry.pickup_time_till),
            package_count=entry.package_count,
            weight=entry.weight,
            pickup_remarks=entry.pickup_remarks,
            notes=entry.notes,
            created_at=_UNSET,
            synced_at=_UNSET,
            cancelled=entry.cancelled,
        )
        zone = zones.get(entry.location, UTC)
        found.append(_ShipmentStart(record, zone, day, created, updated, tuple(reports), tuple(links)))
    return found
