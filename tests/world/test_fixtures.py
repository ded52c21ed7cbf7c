"""What ships as fixtures, and how faulty ones are told."""

import shutil
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from aniva_sandbox.files import find_file
from aniva_sandbox.world.catalogue import Catalogue, load_catalogue
from aniva_sandbox.world.fixtures import load_fixture
from aniva_sandbox.world.genes import Gene, Variant
from aniva_sandbox.world.measurements import Range
from aniva_sandbox.world.state import State
from aniva_sandbox.world.world import World
from aniva_sandbox.yaml_file import FixtureError, YamlFile
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_SHIPMENT,
    DELIVERED_SHIPMENT,
    HELSINKI,
    HOURLESS_LOCATION,
    INACTIVE_LOCATION,
    LOCKED_SHIPMENT,
    LOST_SHIPMENT,
    MOVING_SHIPMENT,
    PENDING_LOCATION,
    PROFILE,
    RIVAL_LOCATION,
    RIVAL_SHIPMENT,
    SHIPMENT,
    Client,
    fixture_names,
    get_catalogue,
    get_fixture,
)

DEFAULT = find_file("fixtures/worlds/default.yaml").read_text(encoding="utf-8")
CATALOGUE = find_file("fixtures/catalogue")

# The shipped world and catalogue


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """The shipped catalogue."""
    return get_catalogue()


@pytest.mark.parametrize("name", fixture_names())
def test_every_shipped_world_can_be_used(name: str) -> None:
    """Every world that ships loads, says what it is, and has the four personas with fewer rights."""
    fixture = get_fixture(name)
    assert fixture.title
    assert {"full", "reader", "scheduler", "courier", "outsider"} <= set(fixture.personas)


def test_locations_differ(world: World) -> None:
    """Two countries, at least six active locations, several zones, hours, couriers, laboratories and slot lengths."""
    inside = [place for place in world.locations if place.active and place.id != RIVAL_LOCATION]
    assert len(inside) >= 6
    assert {place.country_code for place in inside} == {"DE", "FI"}
    assert {"Europe/Berlin", "Europe/Helsinki", None} <= {place.timezone for place in inside}
    assert {place.courier for place in inside} == {"go", "dhl", "tof"}
    assert {place.laboratory for place in inside} == {"zotzklimas", "labclinic"}
    assert len({str(place.open_hours) for place in inside}) >= 5
    assert len({(place.slot_minutes, place.interval_minutes) for place in inside}) >= 4
    assert any(place.blocked_dates for place in inside)


def test_special_locations(world: World) -> None:
    """There is one location that starts appointments as pending, one without hours, one inactive, one outside."""
    access = world.personas["full"]
    assert [place.id for place in world.locations if place.initial_status == "pending"] == [PENDING_LOCATION]
    assert [place.id for place in world.locations if place.open_hours is None] == [HOURLESS_LOCATION]
    assert [place.id for place in world.locations if not place.active] == [INACTIVE_LOCATION]
    assert [p.id for p in world.locations if p.group not in access.location_groups] == [RIVAL_LOCATION]


def test_groups(world: World) -> None:
    """The three documented groups are inside the default context, one more is outside."""
    access = world.personas["full"]
    groups = world.profile_groups
    assert {slug for slug, group in groups.items() if group.id in access.profile_groups} == {
        "acme-clinic-berlin",
        "my-clinic-group",
        "your-profile-group",
    }
    assert len(groups) == 4


def test_appointments_in_every_state(world: World) -> None:
    """Every state, both methods, a home kit without a date, and dates in the past and future occur."""
    states = Counter(appointment.status for appointment in world.appointments)
    assert set(states) == {"pending", "confirmed", "blood_drawn", "cancelled"}
    kits = [appointment for appointment in world.appointments if appointment.location_id is None]
    assert {kit.test_method for kit in kits} == {"home"}
    assert {kit.scheduled_at is None for kit in kits} == {True, False}
    assert {a.scheduled_at > world.now for a in world.appointments if a.scheduled_at} == {True, False}


def test_shipments_in_every_state(client: Client) -> None:
    """Every state occurs, as partners see it; pending ones on both sides of a day's age, linked ones and one that is
    not, and one from a place without a whole address."""
    shown = {
        box["id"]: box for key in ("sbx_test", "sbx_test.outsider") for box in client.get("/shipments", key=key).json
    }
    assert {id: box["status"] for id, box in shown.items() if id in (SHIPMENT, LOCKED_SHIPMENT)} == dict.fromkeys(
        (SHIPMENT, LOCKED_SHIPMENT), "pending"
    )
    assert (shown[MOVING_SHIPMENT]["status"], shown[DELIVERED_SHIPMENT]["status"]) == ("in_transit", "delivered")
    assert (shown[LOST_SHIPMENT]["status"], shown[CANCELLED_SHIPMENT]["status"]) == ("fault", "cancelled")
    assert shown[SHIPMENT]["created_at"] == "2026-04-13T07:00:00Z"
    assert shown[LOCKED_SHIPMENT]["created_at"] == "2026-04-11T12:00:00Z"
    assert [id for id, box in shown.items() if not box["appointments"]] == [MOVING_SHIPMENT]
    assert [id for id, box in shown.items() if box["origin"] is None] == [LOCKED_SHIPMENT]
    assert {box["logistics_provider"] for box in shown.values()} == {"go", "dhl", "tof"}
    assert {box["destination"]["name"] for box in shown.values()} == {"ZotzKlimas", "Labclinic"}
    assert shown[RIVAL_SHIPMENT]["origin"]["location_id"] == RIVAL_LOCATION


def test_shipments_of_the_start_are_sound(world: World) -> None:
    """Ids carry the date of the pickup, which is a working day; partners have seen all that the courier knows; nothing
    was created, noted or linked in the future, or changed, noted or linked before it was created."""
    for box in world.shipments:
        assert box.id.startswith(f"P{box.pickup_date:%y%m%d}")
        assert box.pickup_date.isoweekday() < 6
        assert (box.seen, box.synced_at) == (len(box.reports), world.now)
        assert box.created_at <= (box.updated_at or world.now) <= world.now
        assert all(box.created_at <= report.time <= (box.updated_at or world.now) for report in box.reports)
    for link in world.links:
        assert world.shipments[link.shipment_id].created_at <= link.added_at <= world.now
    added = [link.added_at for link in world.links]
    assert added == sorted(added)


@pytest.mark.rule("auth.permission")
def test_personas(world: World) -> None:
    """The reader changes nothing, the scheduler books, the courier sees no patient, the outsider another context."""
    personas = world.personas
    assert len(personas["full"].permissions) == 11
    assert personas["reader"].permissions.isdisjoint({"create_user", "test_sessions_schedule", "shipments_manage"})
    assert "profiles_view" in personas["reader"].permissions
    assert {"create_user", "test_sessions_schedule"} <= personas["scheduler"].permissions
    assert personas["scheduler"].permissions.isdisjoint({"results_view", "shipments_manage"})
    assert "shipments_manage" in personas["courier"].permissions
    assert personas["courier"].permissions.isdisjoint({"profiles_view", "results_view", "panels_access"})
    assert personas["outsider"].permissions == personas["full"].permissions
    assert personas["outsider"].profile_groups.isdisjoint(personas["full"].profile_groups)
    assert personas["outsider"].location_groups.isdisjoint(personas["full"].location_groups)


def test_catalogue_is_rich(catalogue: Catalogue) -> None:
    """At least 120 biomarkers, 8 genetic and 2 archived among them; 25 units with aliases; 10 panels beside the
    containers."""
    biomarkers = catalogue.biomarkers.values()
    assert len(biomarkers) >= 120
    assert sum(biomarker.type == "genetic" for biomarker in biomarkers) >= 8
    assert sum(biomarker.archived for biomarker in biomarkers) >= 2
    assert sum(bool(unit.aliases) for unit in catalogue.units.values()) >= 25
    assert {unit.unit_type for unit in catalogue.units.values()} == {"physical", "discrete"}
    assert sum(not panel.is_custom for panel in catalogue.panels.values()) >= 10


def test_containers(catalogue: Catalogue) -> None:
    """The two documented containers route to their laboratories and hold nothing of their own."""
    assert {
        panel.id: (panel.name, panel.laboratory, panel.biomarker_ids)
        for panel in catalogue.panels.values()
        if panel.is_custom
    } == {
        "00000000-0000-0000-0000-000000000aff": ("Aniva Custom ZotzKlimas", "zotzklimas", ()),
        "00000000-0000-0000-0000-000000000bff": ("Aniva Custom Labclinic", "labclinic", ()),
    }


def test_catalogue_hangs_together(catalogue: Catalogue) -> None:
    """Clinical biomarkers have a unit, genetic ones none; every panel that is no container has biomarkers, none of
    them archived; slugs and titles are unique."""
    for biomarker in catalogue.biomarkers.values():
        assert (biomarker.unit is None) == (biomarker.type == "genetic"), biomarker.slug
    for panel in catalogue.panels.values():
        assert bool(panel.biomarker_ids) != panel.is_custom
        assert not any(catalogue.biomarkers[id].archived for id in panel.biomarker_ids)
    assert len({biomarker.slug for biomarker in catalogue.biomarkers.values()}) == len(catalogue.biomarkers)
    assert len({unit.title for unit in catalogue.units.values()}) == len(catalogue.units)


@pytest.mark.rule("catalogue.order")
def test_catalogue_is_in_its_order(catalogue: Catalogue) -> None:
    """Units and biomarkers stand by id, panels by name."""
    assert list(catalogue.units) == sorted(catalogue.units)
    assert list(catalogue.biomarkers) == sorted(catalogue.biomarkers)
    names = [panel.name for panel in catalogue.panels.values()]
    assert names == sorted(names)


def test_known_catalogue_ids(catalogue: Catalogue) -> None:
    """Units and biomarkers that documented examples show have the ids that they have there."""
    assert {id: catalogue.units[id].title for id in (1, 2, 47)} == {1: "nmol/L", 2: "mmol/L", 47: "ug/dL"}
    assert catalogue.biomarkers[42].name == "Vitamin D (25-OH)"
    assert catalogue.biomarkers[87].name.startswith("TSH")
    assert 108 in catalogue.biomarkers
    assert (catalogue.biomarkers[201].name, catalogue.biomarkers[201].type) == ("APOE", "genetic")
    for id in (42, 87, 108, 201):
        assert not catalogue.biomarkers[id].archived


@pytest.mark.parametrize(
    "path",
    [
        f"/profiles/{PROFILE}",
        "/profiles/a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        f"/appointments/{APPOINTMENT}",
        "/appointments/b2c3d4e5-f6a7-8901-bcde-f12345678901",
        f"/locations/{BERLIN}/availability",
        f"/locations/{HELSINKI}/availability",
        "/locations/d8f3e1a2-4c5b-6d7e-8f9a-0b1c2d3e4f5a/availability",
        "/locations/c3d4e5f6-a7b8-9012-cdef-123456789012/availability",
        "/shipments/P2604154821",
    ],
)
def test_known_ids(client: Client, path: str) -> None:
    """What the public documentation's examples call by id is there, and open to the default key."""
    assert client.get(path).status == 200


def test_known_panels(client: Client) -> None:
    """The panels of the documentation's examples are listed for the default key."""
    assert {
        "f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d",
        "d4e5f6a7-b8c9-4d1e-a2f3-b4c5d6e7f8a9",
        "e5f6a7b8-c9d0-4e2f-b3a4-c5d6e7f8a9b0",
    } <= {panel["id"] for panel in client.get("/panels").json}


def test_known_names(client: Client, world: World) -> None:
    """The known locations have the documented names, and the known profile is in the documented group."""
    names = {location["id"]: location["name"] for location in client.get("/locations").json}
    assert (names[BERLIN], names[HELSINKI]) == ("Aniva Berlin Mitte", "Aniva Helsinki Central")
    assert world.profiles[PROFILE].group == world.profile_groups["acme-clinic-berlin"].id


@pytest.mark.rule("appointment.rendered", "time.local", "time.instants", "time.updated")
def test_documented_appointment(client: Client) -> None:
    """The documentation's example appointment comes out as it is printed there, but for the link to its shipment."""
    reply = client.get("/appointments/b2c3d4e5-f6a7-8901-bcde-f12345678901")
    printed = {
        "id": "b2c3d4e5-f6a7-8901-bcde-f12345678901",
        "profile_id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        "location_id": "c3d4e5f6-a7b8-9012-cdef-123456789012",
        "scheduled_at": "2026-04-15T10:30:00+02:00",
        "status": "confirmed",
        "test_method": "practitioner",
        "created_at": "2026-04-01T10:00:00Z",
        "updated_at": None,
        "panels": [{"panel_id": "f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d", "added_at": "2026-04-01T10:05:00Z"}],
    }
    printed_profile = {
        "id": "a1b2c3d4-e5f6-7890-abcd-ef1234567890",
        "first_name": "Jane",
        "last_name": "Doe",
        "email": "jane.doe@example.com",
        "date_of_birth": "1990-06-15",
        "sex": 2,
    }
    assert {name: reply.json[name] for name in printed} == printed
    assert {name: reply.json["profile"][name] for name in printed_profile} == printed_profile
    assert set(reply.json) - set(printed) == {"profile", "shipments"}


# Faulty worlds

SMALL = """\
title: Small
start: 2026-04-13T08:00:00Z
profile_groups:
  - {id: 10000000-0000-4000-8000-000000000001, slug: one, name: One}
  - {id: 10000000-0000-4000-8000-000000000002, slug: two, name: Two}
location_groups:
  - {slug: east, name: East}
personas:
  full:
    permissions: all
    profile_groups: [one]
    location_groups: [east]
    panels: [f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d]
locations:
  - id: 20000000-0000-4000-8000-000000000001
    name: First
    group: east
    laboratory: zotzklimas
    courier: go
    slot_minutes: 15
    interval_minutes: 15
    timezone: Europe/Berlin
    open_hours:
      monday: [{open: "08:00", close: "12:00"}, {open: "13:00", close: "17:00"}]
    blocked_dates: ["2026-12-24", "+9d"]
  - id: 20000000-0000-4000-8000-000000000002
    name: Second
    group: east
    laboratory: labclinic
    courier: dhl
    slot_minutes: 20
    interval_minutes: 20
    timezone: Europe/Helsinki
profiles:
  - id: 30000000-0000-4000-8000-000000000001
    group: one
    first_name: Ada
    sex: 2
    date_of_birth: "1990-01-02"
    email: ada@example.com
    created_at: "-10d 08:00"
appointments:
  - id: 40000000-0000-4000-8000-000000000001
    profile: 30000000-0000-4000-8000-000000000001
    location: 20000000-0000-4000-8000-000000000001
    scheduled_at: "+2d 09:00"
    status: confirmed
    test_method: practitioner
    created_at: "-4h"
    panels:
      - {panel_id: f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d, added_at: "-90m"}
"""

# Follows the small world, whose last line has the number 51.
BOXES = """\
shipments:
  - id: P2604140001
    location: 20000000-0000-4000-8000-000000000001
    pickup_date: "+1d"
    pickup_time_from: "10:00"
    pickup_time_till: "13:00"
    created_at: "-2h"
    updates:
      - {time: "-110m", status: pending, wording: Booked, tracking_number: GO1}
    appointments:
      - {id: 40000000-0000-4000-8000-000000000001, added_at: "-30m"}
  - id: P2604100002
    location: 20000000-0000-4000-8000-000000000002
    pickup_date: 2026-04-10
    pickup_time_from: "09:00"
    pickup_time_till: "19:00"
    package_count: 3
    weight: 4.5
    pickup_remarks: Door B
    notes: Cold
    created_at: "-4d 08:00"
    updated_at: "-3d 21:00"
    updates:
      - {time: "-3d 12:00", status: in_transit, wording: Collected}
      - {time: "-3d 20:00", status: in_transit, wording: Hub}
    appointments:
      - {id: 40000000-0000-4000-8000-000000000001, added_at: "-40m"}
"""


def faults(path: Path) -> list[str]:
    """The faults of a world file, as they are told."""
    with pytest.raises(FixtureError) as caught:
        load_fixture(YamlFile(path), get_catalogue())
    return [str(fault) for fault in caught.value.problems]


def changed(tmp_path: Path, *changes: tuple[str, str], shipments: str = "") -> Path:
    """A file with the small world, in which every first text of a pair is replaced by the second, once."""
    text = SMALL + shipments
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_small_world_is_sound(tmp_path: Path) -> None:
    """The world that the following tests spoil has no fault itself."""
    fixture = load_fixture(YamlFile(changed(tmp_path)), get_catalogue())
    assert (fixture.name, fixture.title) == ("small", "Small")
    assert len(fixture.state("frozen", None, None, None).appointments) == 1


def test_shipments_may_be_left_out(tmp_path: Path) -> None:
    """A world without the section, or with an empty one, has no shipments and no links."""
    for section in ("", "shipments: []\n"):
        fixture = load_fixture(YamlFile(changed(tmp_path, shipments=section)), get_catalogue())
        tables = fixture.state("frozen", None, None, None)
        assert (len(tables.shipments), len(tables.links)) == (0, 0)


@pytest.mark.parametrize("section", ["shipments: 5", "shipments: {}", "shipments:"])
def test_shipments_are_a_list(tmp_path: Path, section: str) -> None:
    """The section, where it is there, is a list."""
    assert faults(changed(tmp_path, shipments=section)) == ["small.yaml:52: shipments: must be a list"]


def boxes(tmp_path: Path, start: str, *changes: tuple[str, str]) -> State:
    """What the small world with shipments has when it begins then."""
    fixture = load_fixture(YamlFile(changed(tmp_path, *changes, shipments=BOXES)), get_catalogue())
    return fixture.state("frozen", datetime.fromisoformat(start), None, None)


def test_shipments_are_read(tmp_path: Path) -> None:
    """A shipment has what its entry says, and what goes without saying where it says nothing; partners know it all."""
    first, second = boxes(tmp_path, "2026-04-13T08:00:00Z").shipments
    assert (first.package_count, first.weight, first.pickup_remarks, first.notes) == (1, 1.0, None, None)
    assert (first.status, first.shown_status, first.cancelled, first.updated_at) == ("pending", "pending", False, None)
    assert first.created_at == datetime(2026, 4, 13, 6, tzinfo=UTC)
    (booked,) = first.shown_reports
    assert (booked.time, booked.wording) == (datetime(2026, 4, 13, 6, 10, tzinfo=UTC), "Booked")
    assert booked.tracking_number == "GO1"
    assert (second.package_count, second.weight, second.pickup_remarks, second.notes) == (3, 4.5, "Door B", "Cold")
    assert (str(second.pickup_time_from), str(second.pickup_time_till)) == ("09:00:00", "19:00:00")
    assert [report.wording for report in second.shown_reports] == ["Collected", "Hub"]
    assert (second.status, second.shown_status) == ("in_transit", "in_transit")
    assert (second.created_at, second.updated_at, second.synced_at) == (
        datetime(2026, 4, 9, 8, tzinfo=UTC),
        datetime(2026, 4, 10, 21, tzinfo=UTC),
        datetime(2026, 4, 13, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("place", "start", "day"),
    [
        (1, "2026-04-13T21:59:59Z", date(2026, 4, 14)),
        (1, "2026-04-13T22:00:00Z", date(2026, 4, 15)),
        (2, "2026-04-13T20:59:59Z", date(2026, 4, 14)),
        (2, "2026-04-13T21:00:00Z", date(2026, 4, 15)),
    ],
)
def test_relative_pickup_dates_count_at_the_location(tmp_path: Path, place: int, start: str, day: date) -> None:
    """A pickup tomorrow is the day after the one that it is at the location; a date of its own stays."""
    berlin = "location: 20000000-0000-4000-8000-000000000001\n    pickup"
    first, second = boxes(tmp_path, start, (berlin, berlin.replace("1\n", f"{place}\n"))).shipments
    assert (first.pickup_date, second.pickup_date) == (day, date(2026, 4, 10))
    assert first.created_at == datetime.fromisoformat(start) - timedelta(hours=2)


def test_links_stand_in_the_order_of_their_times(tmp_path: Path) -> None:
    """Links are ordered by the time they were added at, those of one time as they stand in the file, and both sides
    have the same ones."""
    links = boxes(tmp_path, "2026-04-13T08:00:00Z").links
    (appointment,) = {link.appointment_id for link in links}
    assert [link.shipment_id for link in links] == ["P2604100002", "P2604140001"]
    assert list(links.of(appointment)) == list(links)
    assert [list(links.of(id)) for id in ("P2604100002", "P2604140001")] == [[link] for link in links]
    assert [f"{link.added_at:%H:%M}" for link in links] == ["07:20", "07:30"]
    links = boxes(tmp_path, "2026-04-13T08:00:00Z", ('"-40m"', '"-30m"')).links
    assert [link.shipment_id for link in links] == ["P2604140001", "P2604100002"]


def test_updates_may_be_as_late_as_the_start(tmp_path: Path) -> None:
    """The courier may have noted something at the very start, and two things at one time."""
    tables = boxes(tmp_path, "2026-04-13T08:00:00Z", ('"-110m"', '"-0m"'), ('"-3d 20:00"', '"-3d 12:00"'))
    first, second = tables.shipments
    assert [report.time for report in first.shown_reports] == [datetime(2026, 4, 13, 8, tzinfo=UTC)]
    assert [report.wording for report in second.shown_reports] == ["Collected", "Hub"]


def test_worlds_share_no_shipments(tmp_path: Path) -> None:
    """Each world of a fixture has records and links of its own."""
    fixture = load_fixture(YamlFile(changed(tmp_path, shipments=BOXES)), get_catalogue())
    one, other = fixture.state("frozen", None, None, None), fixture.state("frozen", None, None, None)
    link = next(iter(one.links))
    one.links.remove(link.appointment_id, link.shipment_id)
    one.shipments[link.shipment_id].reports.clear()
    assert (len(one.links), len(other.links)) == (1, 2)
    assert len(other.shipments[link.shipment_id].reports) == 2
    assert len(fixture.state("frozen", None, None, None).shipments[link.shipment_id].reports) == 2


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # Wrong types and values
        ("title: Small", "title: 5", "1: title: must be text; put it in quotes"),
        ("slot_minutes: 15", "slot_minutes: soon", "20: locations[0].slot_minutes: must be a whole number"),
        ("slot_minutes: 15", "slot_minutes: 0", "20: locations[0].slot_minutes: must be at least 1"),
        ("courier: go", "courier: pigeon", '19: locations[0].courier: must be one of "go", "dhl", "tof"'),
        ("sex: 2", "sex: 3", "38: profiles[0].sex: "),
        ('date_of_birth: "1990-01-02"', 'date_of_birth: "1990-02-30"', "39: profiles[0].date_of_birth: "),
        ("status: confirmed", "status: done", '47: appointments[0].status: must be one of "pending", '),
        ("id: 4000", "id: x", "43: appointments[0].id: "),
        ("slug: two", "slug: Two!", "5: profile_groups[1].slug: "),
        ("permissions: all", "permissions: some", "10: personas.full.permissions: "),
        # Unknown and missing fields
        (
            "    name: First\n",
            "    name: First\n    colour: red\n",
            "17: locations[0].colour: is not known",
        ),
        ("    email: ada@example.com\n", "", "35: profiles[0].email: is required"),
        ("title: Small\n", "title: Small\nweather: fine\n", "2: weather: is not known"),
        ("title: Small\n", "", "1: title: is required"),
        ("start: 2026-04-13T08:00:00Z\n", "", "1: start: is required"),
        ("location_groups:\n  - {slug: east, name: East}\n", "", "1: location_groups: must be a list"),
        # References
        (
            "    profile_groups: [one]",
            "    profile_groups: [three]",
            "11: personas.full.profile_groups: there is no profile group three",
        ),
        (
            "    location_groups: [east]",
            "    location_groups: [west]",
            "12: personas.full.location_groups: there is no location group west",
        ),
        ("panels: [f1c2d4a3", "panels: [f1c2d4a4", "13: personas.full.panels: there is no panel f1c2d4a4-"),
        (
            "permissions: all",
            "permissions: [results_view, fly]",
            "10: personas.full.permissions: there is no permission fly",
        ),
        ("    group: east", "    group: west", "17: locations[0].group: there is no location group west"),
        ("laboratory: zotzklimas", "laboratory: garage", "18: locations[0].laboratory: there is no laboratory garage"),
        ("    group: one", "    group: three", "36: profiles[0].group: there is no profile group three"),
        ("profile: 3000", "profile: 3001", "44: appointments[0].profile: there is no profile 30010000-"),
        ("location: 2000", "location: 2001", "45: appointments[0].location: there is no location 20010000-"),
        ("{panel_id: f1c2d4a3", "{panel_id: f1c2d4a4", "50: appointments[0].panels: there is no panel f1c2d4a4-"),
        # Ids that stand twice
        (
            "000000000002\n    name: Second",
            "000000000001\n    name: Second",
            "26: locations[1].id: another entry has the id 2000",
        ),
        ("slug: two", "slug: one", "5: profile_groups[1].slug: another entry has the slug one"),
        (
            "id: 10000000-0000-4000-8000-000000000002",
            "id: 10000000-0000-4000-8000-000000000001",
            "5: profile_groups[1].id: another entry has the id 1000",
        ),
        # Moments
        ("start: 2026-04-13T08:00:00Z", "start: now", "2: start: must be an instant"),
        ("start: 2026-04-13T08:00:00Z", "start: 2026", "2: start: must be an instant"),
        ("start: 2026-04-13T08:00:00Z", "start: '+4h'", "2: start: must be an absolute instant"),
        ("start: 2026-04-13T08:00:00Z", "start: 2026-04-13T08:00:00", "2: start: must be an instant"),
        ('created_at: "-10d 08:00"', "created_at: long ago", "41: profiles[0].created_at: must be an instant"),
        (
            'created_at: "-10d 08:00"',
            "created_at: 0001-01-01T00:00:00+05:00",
            "41: profiles[0].created_at: must be an instant",
        ),
        (
            'scheduled_at: "+2d 09:00"',
            'scheduled_at: "+2d 25:00"',
            "46: appointments[0].scheduled_at: must be an instant",
        ),
        ('added_at: "-90m"', 'added_at: "90m"', "51: appointments[0].panels[0].added_at: must be an instant"),
        ('"2026-12-24", "+9d"', '"2026-12-24", "+9h"', "25: locations[0].blocked_dates[1]: must be a date"),
        # Zones and hours
        (
            "timezone: Europe/Berlin",
            "timezone: Europe/Bärlin",
            "22: locations[0].timezone: there is no time zone Europe/Bärlin",
        ),
        ('open: "08:00"', 'open: "8:00"', "24: locations[0].open_hours.monday: '8:00' is not a time HH:MM"),
        ('close: "17:00"', 'close: "24:00"', "24: locations[0].open_hours.monday: '24:00' is not a time HH:MM"),
        ('open: "13:00"', 'open: "11:00"', "24: locations[0].open_hours.monday: spans must open before they close"),
        ('close: "12:00"', 'close: "08:00"', "24: locations[0].open_hours.monday: spans must open before they close"),
        ("monday:", "Monday:", "24: locations[0].open_hours.Monday: is not known; did you mean monday?"),
        # The draw
        (
            "status: confirmed",
            "status: blood_drawn",
            "43: appointments[0].barcode: is required once the blood is drawn",
        ),
        ("status: confirmed", "status: blood_drawn\n    barcode: 12a", "48: appointments[0].barcode: "),
        # Personas
        ("  full:\n", "  most:\n", "8: personas: must be a mapping that holds at least 'full'"),
        ("  full:\n", "  Full House: &x\n", "8: personas: must be a mapping that holds at least 'full'"),
        # YAML
        ("title: Small\n", "title: Small\ntitle: Large\n", "2: title: the key 'title' appears twice"),
        ("name: First", "name: [First", "1"),
    ],
)
def test_faults_of_a_world(tmp_path: Path, old: str, new: str, told: str) -> None:
    """Whatever is wrong with a world is told with its file, line and field."""
    first = faults(changed(tmp_path, (old, new)))[0]
    assert first.startswith(f"small.yaml:{told}")


UPDATE = '{time: "-110m", status: pending, wording: Booked, tracking_number: GO1}'
HUB = '{time: "-3d 20:00", status: in_transit, wording: Hub}'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # Wrong types and values
        ("id: P2604140001", "id: P260414001", "53: shipments[0].id: "),
        ("id: P2604140001", "id: p2604140001", "53: shipments[0].id: "),
        ("id: P2604100002", "id: P2604140001", "63: shipments[1].id: another entry has the id P2604140001"),
        ('pickup_time_from: "10:00"', 'pickup_time_from: "10:60"', "56: shipments[0].pickup_time_from: "),
        ('pickup_time_from: "10:00"', 'pickup_time_from: "9:00"', "56: shipments[0].pickup_time_from: "),
        ('pickup_time_till: "13:00"', 'pickup_time_till: "24:00"', "57: shipments[0].pickup_time_till: "),
        ("package_count: 3", "package_count: 0", "68: shipments[1].package_count: must be at least 1"),
        ("weight: 4.5", "weight: 0", "69: shipments[1].weight: must be above 0"),
        ("Door B", "B" * 129, "70: shipments[1].pickup_remarks: must have at most 128 characters"),
        ("notes: Cold", f"notes: {'C' * 129}", "71: shipments[1].notes: must have at most 128 characters"),
        (UPDATE, UPDATE.replace("pending", "cancelled"), "60: shipments[0].updates[0].status: must be one of"),
        (UPDATE, UPDATE.replace("Booked", '""'), "60: shipments[0].updates[0].wording: "),
        (UPDATE, UPDATE.replace("GO1", '""'), "60: shipments[0].updates[0].tracking_number: "),
        # Unknown and missing fields
        ("    notes: Cold\n", "    state: lost\n", "71: shipments[1].state: is not known"),
        ('    pickup_time_till: "13:00"\n', "", "53: shipments[0].pickup_time_till: is required"),
        (UPDATE, UPDATE.replace(", wording: Booked", ""), "60: shipments[0].updates[0].wording: is required"),
        # References
        (
            "location: 20000000-0000-4000-8000-000000000001\n    pickup",
            "location: 20010000-0000-4000-8000-000000000001\n    pickup",
            "54: shipments[0].location: there is no location 20010000-",
        ),
        ("      - {id: 4000", "      - {id: 4001", "61: shipments[0].appointments: there is no appointment 40010000-"),
        (
            '000000000001, added_at: "-30m"}',
            '000000000001, added_at: "-30m"}\n      - {id: 40000000-0000-4000-8000-000000000001, added_at: "-20m"}',
            "61: shipments[0].appointments: an appointment appears twice",
        ),
        # Moments
        ('"+1d"', '"+1d 10:00"', "55: shipments[0].pickup_date: must be a date YYYY-MM-DD or days"),
        ("2026-04-10", "2026-04-31", "65: shipments[1].pickup_date: must be a date YYYY-MM-DD or days"),
        ('created_at: "-2h"', "created_at: early", "58: shipments[0].created_at: must be an instant"),
        ('updated_at: "-3d 21:00"', "updated_at: late", "73: shipments[1].updated_at: must be an instant"),
        (UPDATE, UPDATE.replace("-110m", "110m"), "60: shipments[0].updates[0].time: must be an instant"),
        ('added_at: "-30m"', 'added_at: "30m"', "62: shipments[0].appointments[0].added_at: must be an instant"),
        # The box's way
        (
            UPDATE,
            UPDATE.replace("-110m", "+1m"),
            "59: shipments[0].updates: come oldest first, and none after the start",
        ),
        (HUB, HUB.replace("20:00", "11:59"), "74: shipments[1].updates: come oldest first, and none after the start"),
        (
            UPDATE,
            UPDATE.replace("pending", "delivered"),
            "59: shipments[0].updates: are not in the order of a box's way",
        ),
        (HUB, HUB.replace("in_transit", "pending"), "74: shipments[1].updates: are not in the order of a box's way"),
        (
            HUB,
            f"{HUB.replace('in_transit', 'delivered')}\n      - {HUB.replace('20:00', '21:00')}",
            "74: shipments[1].updates: are not in the order of a box's way",
        ),
        (
            HUB,
            f"{HUB.replace('in_transit', 'delivered')}\n      - {HUB.replace('in_transit', 'fault')}",
            "74: shipments[1].updates: are not in the order of a box's way",
        ),
        (
            "notes: Cold",
            "cancelled: true",
            "71: shipments[1].cancelled: only what is pending can have been cancelled",
        ),
    ],
)
def test_faults_of_shipments(tmp_path: Path, old: str, new: str, told: str) -> None:
    """Whatever is wrong with a shipment is told with its file, line and field, and alone."""
    (fault,) = faults(changed(tmp_path, (old, new), shipments=BOXES))
    assert fault.startswith(f"small.yaml:{told}")


@pytest.mark.parametrize(
    ("updates", "cancelled", "status"),
    [
        ("", False, "pending"),
        ("", True, "cancelled"),
        ("pending", True, "cancelled"),
        ("in_transit", False, "in_transit"),
        ("pending in_transit in_transit in_transit", False, "in_transit"),
        ("pending in_transit delivered", False, "delivered"),
        ("in_transit in_transit delivered", False, "delivered"),
        ("fault", False, "fault"),
        ("pending fault", False, "fault"),
        ("pending in_transit in_transit fault", False, "fault"),
    ],
)
def test_ways_of_a_box(tmp_path: Path, updates: str, cancelled: bool, status: str) -> None:
    """Every way that a box can go may stand in a file, and says where it is."""
    way = "".join(f'\n      - {{time: "-2h", status: {each}, wording: Said}}' for each in updates.split())
    shipments = BOXES.replace(f"\n      - {UPDATE}", f"{way or ' []'}\n    cancelled: {str(cancelled).lower()}")
    fixture = load_fixture(YamlFile(changed(tmp_path, shipments=shipments)), get_catalogue())
    box = fixture.state("frozen", None, None, None).shipments["P2604140001"]
    assert (box.status, box.shown_status, len(box.reports)) == (status, status, len(updates.split()))


@pytest.mark.parametrize(
    ("fields", "sound"),
    [
        ("", True),
        ("    street: Any\n    house_number: '1'\n", True),
        ("    street: Any\n", False),
        ("    house_number: '1'\n", False),
    ],
)
def test_street_and_house_number_go_together(tmp_path: Path, fields: str, sound: bool) -> None:
    """A location has both parts of the first line of its address, or neither."""
    path = changed(tmp_path, ("    name: First\n", f"    name: First\n{fields}"))
    if sound:
        load_fixture(YamlFile(path), get_catalogue())
    else:
        assert faults(path) == ["small.yaml:15: locations[0]: street and house_number go together"]


def test_name_of_a_persona(tmp_path: Path) -> None:
    """A persona's name must be one that can stand in a key."""
    more = "location_groups: [east]\n    panels: []\n  Night Shift:\n    permissions: all\n    profile_groups: []\n"
    path = changed(tmp_path, ("location_groups: [east]\n", f"{more}    location_groups: []\n"))
    assert faults(path) == ["small.yaml:14: personas.Night Shift: must be 1 to 64 of a-z, 0-9 and hyphens"]


def test_all_faults_are_told(tmp_path: Path) -> None:
    """Several faults are told at once, each with its own place."""
    told = faults(
        changed(
            tmp_path,
            ("start: 2026-04-13T08:00:00Z", "start: now"),
            ("timezone: Europe/Berlin", "timezone: Mars/Base"),
            ("laboratory: labclinic", "laboratory: garage"),
            ("status: confirmed", "status: blood_drawn"),
            ('"-90m"', '"90m"'),
        )
    )
    assert [fault.partition(": ")[0] + " " + fault.split(": ")[1] for fault in told] == [
        "small.yaml:2 start",
        "small.yaml:22 locations[0].timezone",
        "small.yaml:29 locations[1].laboratory",
        "small.yaml:43 appointments[0].barcode",
        "small.yaml:51 appointments[0].panels[0].added_at",
    ]


@pytest.mark.parametrize("start", ["now", "'+4h'", "0001-01-01T00:00:00Z"])
def test_a_faulty_start_is_told_where_there_are_shipments(tmp_path: Path, start: str) -> None:
    """A start that is none is told as that, and alone, also where a shipment's times count from it."""
    (fault,) = faults(changed(tmp_path, ("2026-04-13T08:00:00Z", start), shipments=BOXES))
    assert fault.startswith("small.yaml:2: start: must be an")


def test_all_faults_of_a_shipment_are_told(tmp_path: Path) -> None:
    """Several faults of one shipment are told at once, each with its own place."""
    told = faults(
        changed(
            tmp_path,
            ('"+1d"', "tomorrow"),
            ('created_at: "-2h"', "created_at: early"),
            ('"-110m"', '"110m"'),
            ('added_at: "-30m"', 'added_at: "30m"'),
            shipments=BOXES,
        )
    )
    assert [fault.partition(": must be")[0] for fault in told] == [
        "small.yaml:55: shipments[0].pickup_date",
        "small.yaml:58: shipments[0].created_at",
        "small.yaml:60: shipments[0].updates[0].time",
        "small.yaml:62: shipments[0].appointments[0].added_at",
    ]


def test_entries_after_one_that_does_not_fit_keep_their_place(tmp_path: Path) -> None:
    """Behind an entry that does not fit its type, the faults of the next are still told at their own place."""
    told = faults(changed(tmp_path, ("slot_minutes: 15", "slot_minutes: soon"), ("Europe/Helsinki", "Mars/Base")))
    assert told[0].startswith("small.yaml:20: locations[0].slot_minutes: ")
    assert told[1] == "small.yaml:33: locations[1].timezone: there is no time zone Mars/Base"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    group: one", "    group: three"),
        ('"-10d 08:00"', "soon"),
        ("sex: 2", "sex: 3"),
        ("slot_minutes: 15", "slot_minutes: soon"),
    ],
)
def test_faulty_entries_are_not_told_as_missing(tmp_path: Path, old: str, new: str) -> None:
    """An entry that is there, but faulty, is one fault: what refers to it is not faulty too."""
    assert len(faults(changed(tmp_path, (old, new)))) == 1


@pytest.mark.parametrize("text", ["", "- title: Small\n", "just text\n", "5\n"])
def test_world_must_be_a_mapping(tmp_path: Path, text: str) -> None:
    """A file that holds no mapping is told as that."""
    path = tmp_path / "small.yaml"
    path.write_text(text, encoding="utf-8")
    assert faults(path) == ["small.yaml:1: the file: must be a mapping"]


def test_world_must_be_readable(tmp_path: Path) -> None:
    """A file that is not there is told with its path."""
    path = tmp_path / "small.yaml"
    assert faults(path)[0].startswith(f"{path}: cannot be read: ")


@pytest.mark.parametrize("start", ["0001-01-02T00:00:00Z", "9999-12-30T00:00:00Z"])
def test_start_must_leave_room(tmp_path: Path, start: str) -> None:
    """A start so close to the end of the calendar that the world's own instants do not exist is told as a fault."""
    assert faults(changed(tmp_path, ("2026-04-13T08:00:00Z", start)))[0].startswith("small.yaml:2: start: ")


# Faulty catalogues


def broken_catalogue(tmp_path: Path, name: str, change: Any) -> list[str]:
    """The faults of a copy of the catalogue in which the entries of one file were changed."""
    folder = tmp_path / "catalogue"
    shutil.copytree(CATALOGUE, folder)
    path = folder / f"{name}.yaml"
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(entries)
    path.write_text(yaml.safe_dump(entries, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(FixtureError) as caught:
        load_catalogue(folder)
    return [str(fault) for fault in caught.value.problems]


ADDRESS = {"street": "Any", "house_number": "1", "postal_code": "10115", "city": "Berlin", "country": "DE"}


def archived_slug() -> str:
    """The slug of an archived biomarker."""
    return next(biomarker.slug for biomarker in get_catalogue().biomarkers.values() if biomarker.archived)


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("units", {"unit_type": "vague"}, '[1].unit_type: must be one of "physical", "discrete"'),
        ("units", {"colour": "red"}, "[1].colour: is not known"),
        ("units", {"id": 1}, "[1].id: another entry has the id 1"),
        ("biomarkers", {"type": "magical"}, '[1].type: must be one of "clinical", "genetic"'),
        ("biomarkers", {"unit": 9999}, "[1].unit: there is no unit 9999"),
        ("biomarkers", {"id": 1}, "[1].id: another entry has the id 1"),
        ("biomarkers", {"slug": "leukocytes"}, "[1].slug: another entry has the slug leukocytes"),
        ("panels", {"biomarkers": ["nothing"]}, "[1].biomarkers: there is no biomarker nothing"),
        ("panels", {"biomarkers": [archived_slug()]}, f"[1].biomarkers: the biomarker {archived_slug()} is archived"),
        ("panels", {"laboratory": None}, "[1].laboratory: is required for a custom container"),
        ("panels", {"biomarkers": ["tsh"]}, "[1].biomarkers: a custom container has none of its own"),
        ("panels", {"laboratory": "garage"}, "[1].laboratory: there is no laboratory garage"),
        ("panels", {"name": "Aniva Custom ZotzKlimas"}, "[1].name: another entry has the name Aniva Custom ZotzKlimas"),
    ],
)
def test_faults_of_a_catalogue(tmp_path: Path, name: str, change: dict[str, Any], told: str) -> None:
    """Whatever is wrong with a file of the catalogue is told with its file, line and field."""
    (fault,) = broken_catalogue(tmp_path, name, lambda entries: entries[1].update(change))
    file, line, rest = fault.split(":", 2)
    assert file == f"{name}.yaml"
    assert int(line) > 1
    assert rest.strip().startswith(told)


CONTAINER = "00000000-0000-0000-0000-000000000aff"


def test_single_biomarkers_of_a_world(tmp_path: Path) -> None:
    """An appointment of a world file may hold single biomarkers, in a container among its panels."""
    link = f'{{panel_id: {CONTAINER}, added_at: "-80m", biomarkers: [vitamin-d-25-oh, tsh]}}'
    path = changed(tmp_path, ('added_at: "-90m"}', f'added_at: "-90m"}}\n      - {link}'))
    fixture = load_fixture(YamlFile(path), get_catalogue())
    (appointment,) = World("small", fixture, get_catalogue(), mode="frozen").appointments
    assert appointment.snapshot == {CONTAINER: (42, 87)}
    assert list(appointment.panels)[1] == CONTAINER


@pytest.mark.parametrize(
    ("panel", "biomarkers", "told"),
    [
        (CONTAINER, "", "appointments[0].panels[0].biomarkers: belong to a custom container, which holds at least one"),
        (CONTAINER, ", biomarkers: []", "appointments[0].panels[0].biomarkers: belong to a custom container"),
        (None, ", biomarkers: [tsh]", "appointments[0].panels[0].biomarkers: belong to a custom container"),
        (
            CONTAINER,
            ", biomarkers: [tsh, nothing]",
            "appointments[0].panels[0].biomarkers: there is no biomarker nothing",
        ),
    ],
)
def test_faults_of_single_biomarkers(tmp_path: Path, panel: str | None, biomarkers: str, told: str) -> None:
    """A container holds at least one biomarker that there is, and no other panel holds any."""
    known = "f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d"
    old = f'panel_id: {known}, added_at: "-90m"'
    new = f'panel_id: {panel or known}, added_at: "-90m"{biomarkers}'
    (fault,) = faults(changed(tmp_path, (old, new)))
    assert told in fault


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("measurements", {"biomarker": "nothing"}, "[1].biomarker: there is no biomarker nothing"),
        ("measurements", {"biomarker": archived_slug()}, f"[1].biomarker: there is no biomarker {archived_slug()}"),
        ("measurements", {"biomarker": "leukocytes"}, "[1].biomarker: another entry has the biomarker leukocytes"),
        ("measurements", {"lab": [5, 1]}, "[1].lab: low must not be above high"),
        ("measurements", {"lab": 5}, "[1].lab: must be [low, high]"),
        ("measurements", {"lab": [1, "two"]}, "[1].lab: must be [low, high]"),
        ("measurements", {"lab": {"male": [1, 2]}}, "[1].lab: male and female go together"),
        ("measurements", {"usual": {18: [1, 2]}}, "[1].usual: ages are whole numbers, the first is 0"),
        ("measurements", {"aniva": {0: [1, 2], "old": [1, 2]}}, "[1].aniva: ages are whole numbers"),
        ("measurements", {"limits": [3]}, "[1].limits: must be [low, high]"),
        ("measurements", {"positive": 2}, "[1].positive: must be a number from 0 to 1"),
        ("measurements", {"other": {"chance": -1, "usual": [1, 2]}}, "[1].other.chance: must be a number from 0 to 1"),
        ("measurements", {"with": {"luck": 0.5}}, "[1].with: there is no factor luck"),
        ("measurements", {"with": {"muscle": 0.9, "fish": 0.9}}, "[1].with: the squares must add up to 1 at most"),
        ("measurements", {"colour": "red"}, "[1].colour: is not known"),
    ],
)
def test_faults_of_measurements(tmp_path: Path, name: str, change: dict[str, Any], told: str) -> None:
    """Ranges, chances and factors that are none are told with their place."""
    (fault,) = broken_catalogue(tmp_path, name, lambda entries: entries[1].update(change))
    assert fault.split(":", 2)[2].strip().startswith(told)


@pytest.mark.parametrize(
    ("name", "section", "change", "told"),
    [
        ("people", "conditions", {"passing": True}, "conditions: all of the group glucose are passing, or none"),
        ("people", "conditions", {"chance": 2}, "conditions[1].chance: must be a number from 0 to 1"),
        ("people", "conditions", {"shifts": {"nothing": 1}}, "conditions[1].shifts: there is no biomarker nothing"),
        ("people", "factors", {"name": "iron-stores"}, "factors[1].name: another entry has the name iron-stores"),
        ("genes", "genes", {"biomarker": "nothing"}, "genes[1].biomarker: there is no biomarker nothing"),
        ("genes", "genes", {"genotypes": []}, "genes[1].genotypes: must be C/C, C/T, T/T, each once"),
        ("genes", "haplotypes", {"of": []}, "haplotypes[1].of: the frequencies must add up to 1"),
        (
            "genes",
            "haplotypes",
            {"biomarkers": ["nothing"]},
            "haplotypes[1].biomarkers: there is no gene of the biomarker",
        ),
        (
            "genes",
            "haplotypes",
            {"of": [{"alleles": ["X", "Y"], "frequency": 1}]},
            "haplotypes[1].of[0].alleles: must name an allele of each",
        ),
        (
            "laboratories/labclinic",
            "bundles",
            {"biomarkers": ["nothing"]},
            "bundles[1].biomarkers: there is no biomarker",
        ),
        (
            "laboratories/labclinic",
            "bundles",
            {"biomarkers": [archived_slug()]},
            f"bundles[1].biomarkers: there is no biomarker {archived_slug()}",
        ),
        ("laboratories/labclinic", "bundles", {"name": "TSH"}, "bundles: two orderables are called TSH"),
        (
            "laboratories/labclinic",
            "bundles",
            {"biomarkers": []},
            "bundles[1].biomarkers: must have at least 1 entry",
        ),
        ("laboratories/labclinic", "tubes", {"cap_color": "red"}, "tubes[1].cap_color: must match"),
        ("laboratories/labclinic", "tubes", {"type": "citrate"}, "tubes: two tubes have the same type"),
        ("laboratories/labclinic", "tubes", {"fill": 0}, "tubes[1].fill: must be above 0"),
    ],
)
def test_faults_of_sections(tmp_path: Path, name: str, section: str, change: dict[str, Any], told: str) -> None:
    """What is wrong with people, genes and laboratories is told with its place, first of all faults or among them."""
    found = broken_catalogue(tmp_path, name, lambda data: data[section][1].update(change))
    assert any(fault.split(":", 2)[2].strip().startswith(told) for fault in found), found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"address": "here"}, "address: must be a mapping"),
        ({"address": ADDRESS | {"floor": 1}}, "address.floor: is not known"),
        ({"singles": ["tsh", "nothing"]}, "singles: there is no biomarker nothing"),
        ({"singles": ["tsh", "tsh"]}, "bundles: two orderables are called TSH"),
        ({"methods": {"nothing": {}}}, "methods: there is no biomarker nothing"),
        ({"methods": {"tsh": {"tube": "jar"}}}, "methods.tsh: there is no tube for serum"),
        ({"methods": {"tsh": {"tube": "edta"}}}, "methods.tsh: there is no tube for serum"),
        ({"methods": {"tsh": {"lab": [2, 1]}}}, "methods.tsh.lab: low must not be above high"),
        ({"methods": {"tsh": {"limits": 1}}}, "methods.tsh.limits: must be [low, high]"),
        ({"volumes": {}}, "volumes lacks serum"),
        ({"tubes": []}, "there is no tube for serum"),
    ],
)
def test_faults_of_a_laboratory(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    """A laboratory that sells what there is not, or has no tube for what it sells, is refused."""
    found = broken_catalogue(tmp_path, "laboratories/labclinic", lambda data: data.update(change))
    assert any(told in fault for fault in found), found


def test_a_panel_of_what_nobody_sells(tmp_path: Path) -> None:
    """A panel can hold only what some laboratory sells."""
    folder = tmp_path / "catalogue"
    shutil.copytree(CATALOGUE, folder)
    for path in (folder / "laboratories").glob("*.yaml"):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        data["singles"] = [slug for slug in data["singles"] if slug != "trab"]
        data["bundles"] = [bundle for bundle in data["bundles"] if "trab" not in bundle["biomarkers"]]
        path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(FixtureError, match="no laboratory sells the biomarker trab"):
        load_catalogue(folder)


def test_catalogue_file_must_be_there(tmp_path: Path) -> None:
    """A folder without one of the files is told with the path of what is missing."""
    with pytest.raises(FixtureError, match=r"units\.yaml: cannot be read"):
        load_catalogue(tmp_path)


def test_entries_of_a_catalogue_keep_their_place(tmp_path: Path) -> None:
    """Behind an entry that does not fit its type, the faults of the next are still told at their own place."""

    def spoil(entries: list[dict[str, Any]]) -> None:
        entries[1]["type"] = "magical"
        entries[3]["unit"] = 9999

    told = broken_catalogue(tmp_path, "biomarkers", spoil)
    assert [fault.split(": ")[1] for fault in told] == ["[1].type", "[3].unit"]


@pytest.mark.parametrize(("till", "sound"), [("'09:00'", False), ("'10:00'", False), ("'10:01'", True)])
def test_a_pickup_ends_after_it_begins(tmp_path: Path, till: str, sound: bool) -> None:
    """A pickup window that does not end after it begins is a fault."""
    boxes = BOXES.replace('pickup_time_from: "10:00"', "pickup_time_from: '10:00'").replace(
        'pickup_time_till: "13:00"', f"pickup_time_till: {till}"
    )
    if sound:
        assert load_fixture(YamlFile(changed(tmp_path, shipments=boxes)), get_catalogue()).name == "small"
    else:
        (fault,) = faults(changed(tmp_path, shipments=boxes))
        assert "shipments[0].pickup_time_till: must be later than pickup_time_from" in fault


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("measurements", {"lab": {0: [1, 2], -1: [1, 2]}}, "[1].lab: ages are whole numbers, the first is 0"),
        ("measurements", {"lab": {0: [1, 2], 18.5: [1, 2]}}, "[1].lab: ages are whole numbers, the first is 0"),
        ("measurements", {"lab": {0: [1, 2], True: [1, 2]}}, "[1].lab: ages are whole numbers, the first is 0"),
        ("measurements", {"lab": [1]}, "[1].lab: must be [low, high]"),
        ("measurements", {"lab": [1, 2, 3]}, "[1].lab: must be [low, high]"),
        ("measurements", {"lab": [False, 2]}, "[1].lab: must be [low, high]"),
        ("measurements", {"lab": [1, float("inf")]}, "[1].lab[1]: '.inf' is not a finite number"),
        ("measurements", {"optimal": [2, 1]}, "[1].optimal: low must not be above high"),
        ("measurements", {"critical": 5}, "[1].critical: must be [low, high]"),
        ("measurements", {"positive": -0.1}, "[1].positive: must be a number from 0 to 1"),
        ("measurements", {"positive": True}, "[1].positive: must be a number from 0 to 1"),
        ("measurements", {"positive": float("nan")}, "[1].positive: '.nan' is not a finite number"),
        ("measurements", {"other": {"chance": 0.1, "usual": 5}}, "[1].other.usual: must be [low, high]"),
        ("measurements", {"decimals": 5}, "[1].decimals: must be at most 4"),
    ],
)
def test_more_faults_of_measurements(tmp_path: Path, name: str, change: dict[str, Any], told: str) -> None:
    """Ranges, chances and factors that are none are told with their place."""
    (fault,) = broken_catalogue(tmp_path, name, lambda entries: entries[1].update(change))
    assert fault.split(":", 2)[2].strip().startswith(told)


@pytest.mark.parametrize(
    ("name", "section", "place", "change", "told"),
    [
        ("genes", "genes", 0, {"variants": "unknown allele"}, "genes[0].variants: there is no allele"),
        ("genes", "genes", 1, {"genotypes": "twice"}, "genes[1].genotypes: must be C/C, C/T, T/T, each once"),
        (
            "genes",
            "haplotypes",
            0,
            {"biomarkers": ["apoe", "apoe"]},
            "haplotypes: must name every gene's biomarker once",
        ),
        ("genes", "haplotypes", 0, None, "haplotypes: must name every gene's biomarker once"),
        (
            "genes",
            "haplotypes",
            0,
            {"of": [{"alleles": ["ε2"], "frequency": 0.9}]},
            "haplotypes[0].of: the frequencies must",
        ),
        (
            "genes",
            "haplotypes",
            0,
            {"of": [{"alleles": ["ε2"], "frequency": 1.1}]},
            "haplotypes[0].of: the frequencies must",
        ),
        (
            "genes",
            "haplotypes",
            0,
            {"of": [{"alleles": ["ε2", "ε3"], "frequency": 1}]},
            "haplotypes[0].of[0].alleles: must name",
        ),
        ("genes", "haplotypes", 0, {"of": [{"alleles": [], "frequency": 1}]}, "haplotypes[0].of[0].alleles: must name"),
        (
            "genes",
            "haplotypes",
            0,
            {"of": [{"alleles": ["ε9"], "frequency": 1}]},
            "haplotypes[0].of[0].alleles: must name",
        ),
    ],
)
def test_more_faults_of_genes(
    tmp_path: Path, name: str, section: str, place: int, change: dict[str, Any] | None, told: str
) -> None:
    """Alleles that a gene does not have, and genes that are inherited twice or never, are told, and nothing else."""

    def spoil(data: dict[str, Any]) -> None:
        entry = data[section][place]
        if change is None:
            data[section].remove(entry)
        elif change.get("variants"):
            entry["variants"][0]["allele"] = "ε9"
        elif change.get("genotypes"):
            entry["genotypes"].append(entry["genotypes"][0])
        else:
            entry.update(change)
            if change.get("biomarkers"):
                for each in entry["of"]:
                    each["alleles"] *= 2

    (fault,) = broken_catalogue(tmp_path, name, spoil)
    assert fault.split(":", 2)[2].strip().startswith(told)


def changed_catalogue(tmp_path: Path, name: str, change: Any) -> Any:
    """A copy of the catalogue in which one file was changed, loaded."""
    folder = tmp_path / "catalogue"
    shutil.copytree(CATALOGUE, folder)
    path = folder / f"{name}.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_catalogue(folder)


def test_limits_of_the_grammar(tmp_path: Path) -> None:
    """Ends may be equal, chances 0 or 1, and all of a score may be shared; ages come in any order."""

    def change(entries: list[dict[str, Any]]) -> None:
        entries[1].update(
            {
                "lab": {18: [5, 5], 0: [None, 4], 60: [6, None]},
                "with": {"muscle": 1},
                "other": {"chance": {0: 0, 50: 1}, "usual": [1, 2]},
            }
        )

    catalogue = changed_catalogue(tmp_path, "measurements", change)
    slug = list(catalogue.measurements)[1]
    measurement = catalogue.measurements[slug]
    assert [(measurement.lab.of(2, age).low, measurement.lab.of(2, age).high) for age in (0, 17, 18, 59, 60, 99)] == [
        *((None, 4), (None, 4), (5, 5), (5, 5), (6, None), (6, None))
    ]
    assert measurement.loadings == {"muscle": 1}
    assert [measurement.other.chance.of(1, age) for age in (49, 50)] == [0, 1]


def test_ends_belong_to_a_range() -> None:
    """A value at an end is inside."""
    assert [value in Range(1, 2) for value in (0.9, 1, 2, 2.1)] == [False, True, True, False]
    assert 5 in Range(None, None)


def test_groups_of_conditions() -> None:
    """A condition without a group is its own; the shipped ones of one subject are in one group."""
    groups = {each.name: each.group for each in get_catalogue().people.conditions}
    assert groups["hypothyroidism"] == groups["hyperthyroidism"] == "thyroid"
    assert groups["fatty-liver"] == "fatty-liver"


def test_order_of_a_catalogue(tmp_path: Path) -> None:
    """Units and biomarkers come by id, panels by name, what a panel holds by id, laboratories by file, whatever the
    order in the files."""
    catalogue = changed_catalogue(tmp_path, "panels", lambda data: [panel["biomarkers"].reverse() for panel in data])
    for ids in (catalogue.units, catalogue.biomarkers, *(panel.biomarker_ids for panel in catalogue.panels.values())):
        assert list(ids) == sorted(ids)
    names = [panel.name for panel in catalogue.panels.values()]
    assert names == sorted(names)
    assert list(catalogue.laboratories) == ["labclinic", "zotzklimas"]


def test_methods_of_a_laboratory(tmp_path: Path) -> None:
    """A method says its own tube and volume, or has the first tube of its material and the volume of that; blood is as
    much as holds that volume of the material; ranges and limits are the laboratory's own or those of the biomarker."""

    def change(data: dict[str, Any]) -> None:
        data["methods"] = {"tsh": {"volume": 100, "lab": [1, 2], "limits": [0, 9]}, "esr": {"tube": "esr"}}

    catalogue = changed_catalogue(tmp_path, "laboratories/zotzklimas", change)
    laboratory = catalogue.laboratories["zotzklimas"]
    tsh, trab, esr, cells = (
        laboratory.methods[catalogue.slugs[slug].id] for slug in ("tsh", "trab", "esr", "haemoglobin")
    )
    assert (tsh.tube.type, tsh.blood, trab.blood) == ("serum", 100 / 0.4, 60 / 0.4)
    assert [(method.tube.type, method.blood) for method in (esr, cells)] == [("esr", 20), ("edta", 20)]
    assert tsh.lab is not None
    assert (tsh.lab.of(1, 40).low, tsh.limits.high) == (1, 9)
    assert (trab.lab, trab.limits) == (catalogue.measurements["trab"].lab, catalogue.measurements["trab"].limits)


@pytest.mark.parametrize("what", ["singles", "bundles"])
def test_unknown_biomarkers_are_the_only_fault(tmp_path: Path, what: str) -> None:
    """What a laboratory cannot sell is told by itself."""

    def spoil(data: dict[str, Any]) -> None:
        (data["singles"] if what == "singles" else data["bundles"][0]["biomarkers"]).append("nothing")

    (fault,) = broken_catalogue(tmp_path, "laboratories/labclinic", spoil)
    assert fault.endswith(
        f"{'singles' if what == 'singles' else 'bundles[0].biomarkers'}: there is no biomarker nothing"
    )


def test_alleles_are_told_apart() -> None:
    """A genotype carries the variants of its two alleles, each once, and not of those whose name begins alike."""
    variants = tuple(Variant(name, name, "neutral", "Any.", None, None, (), ()) for name in ("*1", "*17"))
    gene = Gene("G", ("*1", "*17"), {}, variants)
    assert [variant.name for variant in gene.carried("*17/*17")] == ["*17"]
    assert [variant.name for variant in gene.carried("*1/*17")] == ["*1", "*17"]
    assert gene.written(("*17", "*1")) == "*1/*17"


def test_a_measurement_without_a_range_is_a_fault(tmp_path: Path) -> None:
    """A biomarker whose lab is null would silently not be measured."""
    (fault,) = broken_catalogue(tmp_path, "measurements", lambda entries: entries[1].update({"lab": None}))
    assert "[1].lab" in fault


def test_a_group_passes_as_a_whole() -> None:
    """Conditions of a group share one chance, which passes or stays."""
    assert all(
        len({each.passing for each in get_catalogue().people.conditions if each.group == group}) == 1
        for group in {each.group for each in get_catalogue().people.conditions}
    )
