"""Reading the catalogue and the starting states of worlds from YAML, and checking them whole."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta

from aniva_sandbox.world.catalogue import Address, Biomarker, Catalogue, Laboratory, Panel, Unit
from aniva_sandbox.world.moments import Moment, parse_day, parse_moment
from aniva_sandbox.world.tables import (
    Access,
    Appointment,
    Appointments,
    Courier,
    Location,
    LocationGroup,
    Permission,
    Profile,
    ProfileGroup,
    Profiles,
    Status,
    Table,
    WeekHours,
)
from aniva_sandbox.world.zones import find_zone, zone_of
from aniva_sandbox.yaml_file import YamlFile

__all__ = ["Fixture", "Tables", "load_catalogue", "load_fixture"]

T = TypeVar("T")

Uuid = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Slug = Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
Text = Annotated[str, Meta(min_length=1)]

_UNSET = datetime(1, 1, 1, tzinfo=UTC)
"""Stands in records of a fixture where an instant is not known before the world's start is."""

_ALL_PERMISSIONS = frozenset(get_args(Permission))


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may stand in a file: unknown fields are faults."""


class _UnitEntry(_Entry, frozen=True):
    id: int
    title: Text
    display_title: Text | None
    aliases: tuple[Text, ...]
    unit_type: Literal["physical", "discrete"]


class _BiomarkerEntry(_Entry, frozen=True):
    id: Annotated[int, Meta(ge=0)]
    slug: Slug
    name: Text
    description: Text | None
    category: Text
    sub_category: Text | None
    type: Literal["clinical", "genetic"]
    material: Text
    unit: int | None
    archived: bool = False


class _PanelEntry(_Entry, frozen=True):
    id: Uuid
    name: Text
    description: Text | None
    is_custom: bool
    laboratory: Slug | None
    biomarkers: tuple[Slug, ...]


class _LaboratoryEntry(_Entry, frozen=True):
    slug: Slug
    name: Text
    address: Address


class _ProfileGroupEntry(_Entry, frozen=True):
    id: Uuid
    slug: Slug
    name: Text


class _LocationGroupEntry(_Entry, frozen=True):
    slug: Slug
    name: Text


class _PersonaEntry(_Entry, frozen=True):
    permissions: Literal["all"] | tuple[str, ...]
    profile_groups: tuple[Slug, ...]
    location_groups: tuple[Slug, ...]
    panels: Literal["all"] | tuple[str, ...]


class _LocationEntry(_Entry, frozen=True):
    id: Uuid
    name: Text
    group: Slug
    laboratory: Slug
    courier: Courier
    slot_minutes: Annotated[int, Meta(ge=1, le=1440)]
    interval_minutes: Annotated[int, Meta(ge=1, le=1440)]
    company_name: str | None = None
    address_line_1: str | None = None
    address_line_2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country_name: str | None = None
    country_code: Annotated[str, Meta(pattern="^[A-Z]{2}$")] | None = None
    timezone: str | None = None
    contact_phone: str | None = None
    email: str | None = None
    website: str | None = None
    google_maps_url: str | None = None
    image_url: str | None = None
    open_hours: WeekHours | None = None
    active: bool = True
    initial_status: Literal["confirmed", "pending"] = "confirmed"
    blocked_dates: tuple[str, ...] = ()
    pickup_remarks: Annotated[str, Meta(max_length=128)] | None = None


class _ProfileEntry(_Entry, frozen=True):
    id: Uuid
    group: Slug
    first_name: Text
    sex: Literal[1, 2]
    date_of_birth: date
    email: Text
    created_at: str
    handle: str | None = None
    last_name: str | None = None
    phone: str | None = None
    height: float | None = None
    weight: float | None = None
    language: Literal["en", "de", "fi"] = "en"
    updated_at: str | None = None


class _PanelLinkEntry(_Entry, frozen=True):
    panel_id: Uuid
    added_at: str


class _AppointmentEntry(_Entry, frozen=True):
    id: Uuid
    profile: Uuid
    location: Uuid | None
    scheduled_at: str | None
    status: Status
    test_method: Literal["practitioner", "home"] | None
    created_at: str
    updated_at: str | None = None
    panels: tuple[_PanelLinkEntry, ...] = ()
    barcode: Annotated[str, Meta(pattern="^[0-9]{1,64}$")] | None = None


def load_catalogue(folder: Path) -> Catalogue:
    """Read ``units``, ``biomarkers``, ``panels`` and ``laboratories`` (``.yaml``) of a folder.

    Raises :exc:`FixtureError` with everything that is wrong with the first faulty file.
    """
    file = YamlFile(folder / "units.yaml")
    unit_entries = [entry for _, entry in _entries(file, _UnitEntry, "id")]
    file.check()
    units = {entry.id: Unit(**msgspec.structs.asdict(entry)) for entry in sorted(unit_entries, key=lambda u: u.id)}

    file = YamlFile(folder / "biomarkers.yaml")
    biomarkers: dict[int, Biomarker] = {}
    for place, entry in _entries(file, _BiomarkerEntry, "id", "slug"):
        if entry.unit is not None and entry.unit not in units:
            file.fail((place, "unit"), f"there is no unit {entry.unit}")
            continue
        unit = None if entry.unit is None else units[entry.unit]
        biomarkers[entry.id] = Biomarker(**(msgspec.structs.asdict(entry) | {"unit": unit}))
    file.check()
    by_slug = {biomarker.slug: biomarker for biomarker in biomarkers.values()}

    file = YamlFile(folder / "laboratories.yaml")
    laboratories = {
        entry.slug: Laboratory(entry.slug, entry.name, entry.address)
        for _, entry in _entries(file, _LaboratoryEntry, "slug")
    }
    file.check()

    file = YamlFile(folder / "panels.yaml")
    panels = []
    for place, panel in _entries(file, _PanelEntry, "id", "name"):
        _refer(file, (place, "biomarkers"), panel.biomarkers, by_slug, "biomarker")
        if panel.laboratory is not None:
            _refer(file, (place, "laboratory"), [panel.laboratory], laboratories, "laboratory")
        for slug in panel.biomarkers:
            if slug in by_slug and by_slug[slug].archived:
                file.fail((place, "biomarkers"), f"the biomarker {slug} is archived")
        ids = tuple(sorted(by_slug[slug].id for slug in panel.biomarkers if slug in by_slug))
        panels.append(Panel(panel.id, panel.name, panel.description, panel.is_custom, panel.laboratory, ids))
    file.check()
    return Catalogue(
        units=units,
        biomarkers=dict(sorted(biomarkers.items())),
        panels={panel.id: panel for panel in sorted(panels, key=lambda panel: panel.name)},
        laboratories=laboratories,
    )


class Tables(msgspec.Struct, frozen=True):
    """What a world starts with."""

    locations: Table[Location]
    profiles: Profiles
    appointments: Appointments


class Fixture(msgspec.Struct, frozen=True):
    """A named starting state, checked, with its instants still relative to the start."""

    name: str
    title: str
    start: datetime
    profile_groups: dict[str, ProfileGroup]
    location_groups: dict[str, LocationGroup]
    personas: dict[str, Access]
    _locations: tuple[tuple[Location, tuple[date | timedelta, ...]], ...]
    _profiles: tuple[tuple[Profile, Moment, Moment | None], ...]
    _appointments: tuple[tuple[Appointment, tzinfo, dict[str, Moment], dict[str, Moment]], ...]

    def tables(self, start: datetime) -> Tables:
        """New records for a world that starts at ``start``."""
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
        return Tables(locations, profiles, appointments)


def load_fixture(path: Path, catalogue: Catalogue) -> Fixture:
    """Read a world file. Raises :exc:`FixtureError` with everything that is wrong with it."""
    file = YamlFile(path)
    if not isinstance(file.data, dict):
        file.fail((), "must be a mapping")
        file.check()
    for key in file.data:
        if key not in _SECTIONS:
            file.fail((key,), f"is not known; the sections are {', '.join(_SECTIONS)}")
    start = _moment(file, ("start",), file.data.get("start"))
    if start is not None and start.absolute is None:
        file.fail(("start",), "must be an absolute instant")

    profile_groups = {
        entry.slug: ProfileGroup(entry.id, entry.slug, entry.name)
        for _, entry in _entries(file, _ProfileGroupEntry, "slug", "id", section="profile_groups")
    }
    location_groups = {
        entry.slug: LocationGroup(entry.slug, entry.name)
        for _, entry in _entries(file, _LocationGroupEntry, "slug", section="location_groups")
    }
    personas = _personas(file, profile_groups, location_groups, catalogue)

    locations = []
    for place, entry in _entries(file, _LocationEntry, "id", section="locations"):
        _refer(file, ("locations", place, "group"), [entry.group], location_groups, "location group")
        _refer(file, ("locations", place, "laboratory"), [entry.laboratory], catalogue.laboratories, "laboratory")
        locations.append(_location(file, place, entry))
    zones = {location.id: zone_of(location) for location, _ in locations}

    profiles = []
    for place, person in _entries(file, _ProfileEntry, "id", section="profiles"):
        _refer(file, ("profiles", place, "group"), [person.group], profile_groups, "profile group")
        created = _moment(file, ("profiles", place, "created_at"), person.created_at)
        updated = _moment(file, ("profiles", place, "updated_at"), person.updated_at)
        if person.group in profile_groups and created is not None:
            fields = msgspec.structs.asdict(person)
            fields |= {"group": profile_groups[person.group].id, "created_at": _UNSET, "updated_at": None}
            profiles.append((Profile(**fields), created, updated))

    appointments = []
    for place, booking in _entries(file, _AppointmentEntry, "id", section="appointments"):
        at = ("appointments", place)
        _refer(file, (*at, "profile"), [booking.profile], _ids(file, "profiles"), "profile")
        if booking.location is not None:
            _refer(file, (*at, "location"), [booking.location], _ids(file, "locations"), "location")
        _refer(file, (*at, "panels"), [link.panel_id for link in booking.panels], catalogue.panels, "panel")
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
            barcode=booking.barcode,
        )
        appointments.append((record, zones.get(booking.location or "", UTC), moments, panels))

    title = file.convert(file.data.get("title"), str, ("title",))
    file.check()
    return Fixture(
        path.stem,
        title or "",
        (start and start.absolute) or _UNSET,
        profile_groups,
        location_groups,
        personas,
        tuple(locations),
        tuple(profiles),
        tuple(appointments),
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
)


def _entries(file: YamlFile, type: type[T], *unique: str, section: str | None = None) -> list[tuple[int, T]]:
    """The entries of a list that fit their type, with their places; no two may have the same in a unique field."""
    path = (section,) if section else ()
    found = []
    for place, value in enumerate(file.list_at(*path)):
        entry = file.convert(value, type, (*path, place))
        if entry is not None:
            found.append((place, entry))
    for field in unique:
        seen = set()
        for place, entry in found:
            key = getattr(entry, field)
            if key in seen:
                file.fail((*path, place, field), f"another entry has the {field} {key}")
            seen.add(key)
    return found


def _ids(file: YamlFile, section: str) -> set[Any]:
    """The ids in a list, also of entries that do not fit their type: those have faults of their own."""
    entries = file.data.get(section)
    if not isinstance(entries, list):
        return set()
    return {str(entry["id"]) for entry in entries if isinstance(entry, dict) and "id" in entry}


def _refer(file: YamlFile, path: tuple[str | int, ...], names: Iterable[Any], known: Any, kind: str) -> None:
    for name in names:
        if name not in known:
            file.fail(path, f"there is no {kind} {name}")


def _moment(file: YamlFile, path: tuple[str | int, ...], text: Any) -> Moment | None:
    if text is None and path[-1] != "start":
        return None
    try:
        return parse_moment(text)
    except (TypeError, ValueError):
        file.fail(path, "must be an instant such as 2026-04-13T08:00:00Z, '+3d 10:30', '+4h' or '-90m'")
        return None


def _personas(
    file: YamlFile, profile_groups: dict[str, ProfileGroup], location_groups: dict[str, LocationGroup], known: Catalogue
) -> dict[str, Access]:
    personas: dict[str, Access] = {}
    section = file.data.get("personas")
    if not isinstance(section, dict) or "full" not in section:
        file.fail(("personas",), "must be a mapping that holds at least 'full'")
        return personas
    for name, value in section.items():
        at = ("personas", str(name))
        if not re.fullmatch(r"[a-z0-9-]{1,64}", str(name)):
            file.fail(at, "a persona's name is made of a-z, 0-9 and hyphens")
        entry = file.convert(value, _PersonaEntry, at)
        if entry is None:
            continue
        permissions = _ALL_PERMISSIONS if entry.permissions == "all" else frozenset(entry.permissions)
        panels = frozenset(known.panels) if entry.panels == "all" else frozenset(entry.panels)
        _refer(file, (*at, "permissions"), sorted(permissions), _ALL_PERMISSIONS, "permission")
        _refer(file, (*at, "panels"), sorted(panels), known.panels, "panel")
        _refer(file, (*at, "profile_groups"), entry.profile_groups, profile_groups, "profile group")
        _refer(file, (*at, "location_groups"), entry.location_groups, location_groups, "location group")
        groups = frozenset(profile_groups[slug].id for slug in entry.profile_groups if slug in profile_groups)
        personas[str(name)] = Access(str(name), permissions, groups, frozenset(entry.location_groups), panels)
    return personas


def _location(file: YamlFile, place: int, entry: _LocationEntry) -> tuple[Location, tuple[date | timedelta, ...]]:
    at = ("locations", place)
    fields = msgspec.structs.asdict(entry)
    if entry.timezone is not None and find_zone(entry.timezone) is None:
        file.fail((*at, "timezone"), f"there is no time zone {entry.timezone}")
        fields["timezone"] = None
    for day in WeekHours.__struct_fields__ if entry.open_hours else ():
        closed_at = ""
        for span in getattr(entry.open_hours, day):
            for text in (span.open, span.close):
                if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
                    file.fail((*at, "open_hours", day), f"{text!r} is not a time HH:MM")
            if not closed_at <= span.open < span.close:
                file.fail((*at, "open_hours", day), "spans must open before they close, one after the other")
            closed_at = span.close
    blocked: list[date | timedelta] = []
    for index, text in enumerate(entry.blocked_dates):
        try:
            blocked.append(parse_day(text))
        except ValueError:
            file.fail((*at, "blocked_dates", index), "must be a date YYYY-MM-DD or days from the start such as '+9d'")
    fields["blocked_dates"] = set()
    return Location(**fields), tuple(blocked)
