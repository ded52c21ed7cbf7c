"""Finding records: 404 if there is none, then 403 if it is outside the caller's access context. Only decided here.

If a call names several records, every 404 comes before any 403 (the rule ``order.checks``), so they are found together.
Each function takes the rules that refuse; the defaults are those for the resource in the path.
"""

from collections.abc import Collection, Iterable
from typing import Any, Final, TypeVar

from aniva_sandbox.api.appointments.records import Appointment
from aniva_sandbox.api.catalogue.rules import CATALOGUE_ARCHIVED
from aniva_sandbox.api.links.records import Link
from aniva_sandbox.api.locations.records import Location
from aniva_sandbox.api.locations.rules import LOCATION_ACTIVE
from aniva_sandbox.api.permissions import Access
from aniva_sandbox.api.profiles.records import Profile, ProfileGroup
from aniva_sandbox.api.rules import AUTH_CONTEXT, AUTH_CONTEXT_INLINE, ID_FORMAT_CASE, PATH_UNKNOWN
from aniva_sandbox.api.shipments.records import Shipment
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.ground_rules import BODY_SCHEMA_DUPLICATES, FORBIDDEN
from aniva_sandbox.engine.contract.operations import Call
from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.texts import listed
from aniva_sandbox.engine.world.tables import Record, Table
from aniva_sandbox.laboratory.biomarkers import Biomarker
from aniva_sandbox.laboratory.catalogue import Panel
from aniva_sandbox.laboratory.orders import Document

__all__ = [
    "Caller",
    "find_appointment",
    "find_appointments",
    "find_biomarker",
    "find_document",
    "find_group",
    "find_location",
    "find_location_and_appointment",
    "find_panel",
    "find_panels",
    "find_profile",
    "find_profile_and_location",
    "find_profile_or_none",
    "find_shipment",
    "find_shipments",
    "note_hidden_appointments",
    "note_hidden_shipments",
    "note_repetition",
    "require_biomarkers",
    "visible_appointments",
    "visible_locations",
    "visible_panels",
    "visible_profiles",
    "visible_shipments",
    "visible_to",
]

_IN_PATH: Final = (PATH_UNKNOWN, AUTH_CONTEXT)
"""The rules that a record in the path is held against."""
R = TypeVar("R", bound=Record)
Caller = Call[Any, Any]
"""A call, whatever it sent: its access decides, and its trace notes the rules that were judged."""


# Profiles and their groups


def find_profile(world: World, call: Caller, id: str) -> Profile:
    """The profile that a path names."""
    profile = _find(call.trace, world.profiles, id, PATH_UNKNOWN, "profile")
    _require(call.trace, _sees_profile(call.access, profile))
    return profile


def find_profile_or_none(world: World, call: Caller, id: str, *, outside: Rule) -> Profile | None:
    """The profile that a filter names, or None if it does not exist."""
    profile = world.profiles.get(id)
    if profile is None:
        call.trace.weigh(outside)  # it was judged: there is nothing that the key may not see
        return None
    _note_case(call.trace, id, profile.id)
    _require(call.trace, _sees_profile(call.access, profile), outside)
    return profile


def find_group(world: World, call: Caller, *, slug: str, id: str = "", unknown: Rule, outside: Rule) -> ProfileGroup:
    """The profile group with this slug, or else with this id."""
    groups = world.profile_groups
    group = groups.get(slug) or next((group for group in groups.values() if group.id == id), None)
    call.trace.weigh(unknown)
    if group is None:
        unknown.refuse("The profile group does not exist", status=404)
    _require(call.trace, group.id in call.access.profile_groups, outside)
    return group


def visible_profiles(access: Access, profiles: Iterable[Profile]) -> list[Profile]:
    """The profiles inside the context."""
    return [profile for profile in profiles if _sees_profile(access, profile)]


# Locations


def find_location(
    world: World, call: Caller, id: str, *, unknown: Rule = PATH_UNKNOWN, inactive: Rule = LOCATION_ACTIVE
) -> Location:
    """The location with this id; an inactive one is refused as if it did not exist."""
    location = _find_active(call.trace, world, id, unknown, inactive)
    _require(call.trace, _sees_location(call.access, location))
    return location


def visible_locations(world: World, call: Caller) -> list[Location]:
    """The active locations inside the context."""
    inside = [location for location in world.locations if _sees_location(call.access, location)]
    active = [location for location in inside if location.active]
    if len(active) < len(inside):
        call.trace.lean_on(LOCATION_ACTIVE)
    return active


# Appointments


def find_appointment(world: World, call: Caller, id: str) -> Appointment:
    """The appointment that a path names; it belongs to the context of its profile."""
    appointment = world.appointments.get(id)
    if appointment is not None and appointment.id == id and _sees_appointment(world, call.access, appointment):
        call.trace.weighed += _IN_PATH  # as below, at once
        return appointment
    appointment = _known(call.trace, appointment, id, PATH_UNKNOWN, "appointment")
    _require(call.trace, _sees_appointment(world, call.access, appointment))
    return appointment


def find_appointments(
    world: World, call: Caller, ids: Iterable[str], *, unknown: Rule, outside: Rule
) -> list[Appointment]:
    """The appointments that a body names in ``appointment_ids``, each once."""
    appointments = _find_all(call.trace, world.appointments, ids, unknown, "appointment")
    _require(call.trace, len(visible_appointments(world, call.access, appointments)) == len(appointments), outside)
    return appointments


def find_profile_and_location(
    world: World, call: Caller, *, profile_id: str, location_id: str, unknown_profile: Rule, unknown_location: Rule
) -> tuple[Profile, Location]:
    """The profile and the location that a new appointment names."""
    trace, access = call.trace, call.access
    found, place = world.profiles.get(profile_id), world.locations.get(location_id)
    if (
        found is not None
        and found.id == profile_id
        and found.group in access.profile_groups
        and place is not None
        and place.id == location_id
        and place.active
        and place.group in access.location_groups
    ):
        trace.weighed += (unknown_profile, unknown_location, LOCATION_ACTIVE, AUTH_CONTEXT)  # as below, at once
        return found, place
    profile = _find(call.trace, world.profiles, profile_id, unknown_profile, "profile")
    location = _find_active(call.trace, world, location_id, unknown_location, LOCATION_ACTIVE)
    _require(call.trace, _sees_profile(call.access, profile) and _sees_location(call.access, location))
    return profile, location


def visible_appointments(world: World, access: Access, appointments: Iterable[Appointment]) -> list[Appointment]:
    """The appointments inside the context."""
    groups, profiles = access.profile_groups, world.profiles.held  # as in _sees_appointment
    return [appointment for appointment in appointments if profiles[appointment.profile_id].group in groups]


# Shipments


def find_shipment(world: World, call: Caller, id: str) -> Shipment:
    """The shipment that a path names; it belongs to the context of its location."""
    shipment = _find(call.trace, world.shipments, id, PATH_UNKNOWN, "shipment")
    _require(call.trace, _sees_shipment(world, call.access, shipment))
    return shipment


def find_shipments(world: World, call: Caller, ids: Iterable[str], *, unknown: Rule, outside: Rule) -> list[Shipment]:
    """The shipments that a body names in ``shipment_ids``, each once."""
    shipments = _find_all(call.trace, world.shipments, ids, unknown, "shipment")
    _require(call.trace, len(visible_shipments(world, call.access, shipments)) == len(shipments), outside)
    return shipments


def find_location_and_appointment(
    world: World,
    call: Caller,
    *,
    location_id: str,
    appointment_id: str | None,
    location_rule: Rule,
    appointment_rule: Rule,
) -> tuple[Location, Appointment | None]:
    """The location that a new shipment starts from, and the appointment that it names, if any."""
    location = _find_active(call.trace, world, location_id, location_rule, location_rule)
    appointment = None
    if appointment_id is not None:
        appointment = _find(call.trace, world.appointments, appointment_id, appointment_rule, "appointment")
    _require(call.trace, _sees_location(call.access, location))
    if appointment is not None:
        _require(call.trace, _sees_appointment(world, call.access, appointment), appointment_rule)
    return location, appointment


def visible_shipments(world: World, access: Access, shipments: Iterable[Shipment]) -> list[Shipment]:
    """The shipments inside the context."""
    groups, locations = access.location_groups, world.locations.held  # as in _sees_shipment
    return [shipment for shipment in shipments if locations[shipment.location_id].group in groups]


# Links between the two


def note_hidden_shipments(world: World, call: Caller, links: Iterable[Link]) -> None:
    """Note if the inline array of an appointment shows shipments outside the context."""
    for link in links:
        if not _sees_shipment(world, call.access, world.shipments[link.shipment_id]):
            call.trace.lean_on(AUTH_CONTEXT_INLINE)
            return


def note_hidden_appointments(world: World, call: Caller, links: Iterable[Link]) -> None:
    """Note if the inline array of a shipment shows appointments outside the context."""
    for link in links:
        if not _sees_appointment(world, call.access, world.appointments[link.appointment_id]):
            call.trace.lean_on(AUTH_CONTEXT_INLINE)
            return


# Documents


def find_document(world: World, call: Caller, id: str, *, outside: Rule) -> Document:
    """The document that a path names; it belongs to the context of its patient's profile."""
    document = _find(call.trace, world.documents, id, PATH_UNKNOWN, "document")
    _require(call.trace, _sees_profile(call.access, world.profiles[document.patient.profile_id]), outside)
    return document


# The catalogue


def find_panel(world: World, call: Caller, id: str, *, unknown: Rule, outside: Rule) -> Panel:
    """The panel with this id; 403 if it does not exist or is not granted to the key."""
    panel = world.catalogue.panels.get(id.lower())
    call.trace.weigh(unknown)
    if panel is None:
        unknown.refuse(FORBIDDEN, status=403)
    _require(call.trace, panel.id in call.access.panels, outside)
    _note_case(call.trace, id, panel.id)
    return panel


def find_panels(
    world: World, call: Caller, ids: Iterable[str], *, unknown: Rule, unreachable: Rule
) -> dict[str, Panel]:
    """The panels that a body names in ``panel_ids``, by id; 404 if one does not exist or is not granted to the key.
    The message lists both without distinction."""
    panels = world.catalogue.panels
    ids = list(ids)
    named = list(dict.fromkeys(id.lower() for id in ids))
    missing = [id for id in named if id not in panels or id not in call.access.panels]
    exist = all(id in panels for id in missing)
    _require_all_known(call.trace, () if exist else missing, unknown, "panel")
    _require_all_known(call.trace, missing, unreachable, "panel", exist=True)
    note_repetition(call.trace, ids, named)
    for id in ids:
        _note_case(call.trace, id, id.lower())
    return {id: panels[id] for id in named}


def visible_panels(world: World, access: Access) -> list[Panel]:
    """The panels granted to the key, by name."""
    return [panel for panel in world.catalogue.panels.values() if panel.id in access.panels]


def find_biomarker(world: World, call: Caller, id: int) -> Biomarker:
    """The biomarker that a path names; every key sees all except the archived ones."""
    biomarker = world.catalogue.biomarkers.get(id)
    call.trace.weigh(PATH_UNKNOWN)
    if biomarker is None:
        PATH_UNKNOWN.refuse("There is no such biomarker")
    if call.trace.weigh(CATALOGUE_ARCHIVED) and biomarker.archived:
        CATALOGUE_ARCHIVED.refuse("There is no such biomarker")
    return biomarker


def require_biomarkers(world: World, call: Caller, ids: Iterable[int], *, unknown: Rule) -> None:
    """Refuse ``biomarker_ids`` if one does not exist or is archived."""
    biomarkers = world.catalogue.biomarkers
    _require_all_known(
        call.trace, (id for id in ids if id not in biomarkers or biomarkers[id].archived), unknown, "biomarker"
    )


# Whose context has a record


def visible_to(world: World, record: Profile | Location | Appointment | Shipment) -> list[str]:
    """The personas whose access context has a record."""

    def sees(access: Access) -> bool:
        match record:
            case Profile():
                return _sees_profile(access, record)
            case Location():
                return _sees_location(access, record)
            case Appointment():
                return _sees_appointment(world, access, record)
            case _:
                return _sees_shipment(world, access, record)

    return [name for name, access in world.personas.items() if sees(access)]


# 404


def _find(trace: Trace, table: Table[R], id: str, unknown: Rule, noun: str) -> R:
    return _known(trace, table.get(id), id, unknown, noun)


def _known(trace: Trace, record: R | None, id: str, unknown: Rule, noun: str) -> R:
    """The record that an id found; refused if it found none."""
    trace.weighed += (unknown,)
    if record is None:
        unknown.refuse(f"There is no such {noun}", status=404)
    if id != record.id:
        _note_case(trace, id, record.id)
    return record


def _find_active(trace: Trace, world: World, id: str, unknown: Rule, inactive: Rule) -> Location:
    location = _find(trace, world.locations, id, unknown, "location")
    trace.weighed += (inactive,)
    if not location.active and trace.is_in_force(inactive):
        inactive.refuse("There is no such location")
    return location


def _find_all(trace: Trace, table: Table[R], ids: Iterable[str], unknown: Rule, noun: str) -> list[R]:
    ids, held = list(ids), table.held
    found: dict[str, R] = {}
    for id in ids:
        if id in held:
            found[id] = held[id]
    if len(found) == len(ids):  # each names another one, as its record does
        trace.weigh(unknown)
        return list(found.values())
    records: dict[str, R] = {}
    missing: dict[str, None] = {}
    in_own_case = True
    for id in ids:
        record = table.get(id)
        if record is None:
            missing[id] = None
        else:
            records[record.id] = record
            in_own_case = in_own_case and id == record.id
    _require_all_known(trace, missing, unknown, noun)
    note_repetition(trace, ids, records)
    if not in_own_case:
        trace.lean_on(ID_FORMAT_CASE)
    return list(records.values())


def _require_all_known(
    trace: Trace, missing: Iterable[object], unknown: Rule, noun: str, *, exist: bool = False
) -> None:
    """``exist`` says that a call which the rule does not refuse can go on with the missing ones."""
    ids = list(missing)
    is_in_force = trace.weigh(unknown)
    if ids and (is_in_force or not exist):
        unknown.refuse(f"{noun}_ids: there is no such {noun}: {listed(ids)}", status=404)


def _note_case(trace: Trace, id: str, own: str) -> None:
    if id != own:
        trace.lean_on(ID_FORMAT_CASE)


def note_repetition(trace: Trace, ids: Collection[object], different: Collection[object]) -> None:
    """Note that a body names something twice, if it does: ``different`` are its ids without repetitions."""
    if len(different) < len(ids):
        trace.lean_on(BODY_SCHEMA_DUPLICATES)


# 403


def _require(trace: Trace, inside: bool, outside: Rule = AUTH_CONTEXT) -> None:
    trace.weighed += (outside,)
    if not inside and trace.is_in_force(outside):
        outside.refuse(FORBIDDEN, status=403)


def _sees_profile(access: Access, profile: Profile) -> bool:
    return profile.group in access.profile_groups


def _sees_location(access: Access, location: Location) -> bool:
    return location.group in access.location_groups


def _sees_appointment(world: World, access: Access, appointment: Appointment) -> bool:
    return world.profiles.held[appointment.profile_id].group in access.profile_groups


def _sees_shipment(world: World, access: Access, shipment: Shipment) -> bool:
    return world.locations.held[shipment.location_id].group in access.location_groups
