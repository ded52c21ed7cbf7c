"""The world and the catalogue that ship: what they hold, and that it goes together."""

from collections import Counter

import pytest

from aniva_sandbox.api.beginnings import fixture_names, get_fixture
from aniva_sandbox.api.world import World
from aniva_sandbox.laboratory.catalogue import Catalogue, get_catalogue
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
)


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
