"""The list of locations, who may name which, and what stands around their slots."""

import pytest

from aniva_sandbox.api.appointments import operations as appointments
from aniva_sandbox.api.locations import operations as locations
from aniva_sandbox.api.world import World
from tests.api.locations.free_slots import ACTIVE, HAMBURG, available, slots_of
from tests.support import (
    APPOINTMENT,
    BERLIN,
    HOURLESS_LOCATION,
    INACTIVE_LOCATION,
    PROFILE,
    RIVAL_LOCATION,
    UNKNOWN,
    ZONELESS_LOCATION,
    Client,
    refusal_of,
    run,
    snapshot_of,
    verdict_of,
)

# The list


def test_list_shows_every_field(world: World) -> None:
    """A location has all its fields, null where nothing is known, and nothing of what bookings there go by."""
    first = run(world, locations.list_locations)[0]
    assert first == {
        "id": BERLIN,
        "name": "Aniva Berlin Mitte",
        "company_name": "Aniva Health Germany GmbH",
        "address_line_1": "Alte Gipsgasse 14",
        "address_line_2": "2. OG",
        "city": "Berlin",
        "state": "Berlin",
        "postal_code": "10178",
        "country_name": "Germany",
        "country_code": "DE",
        "timezone": "Europe/Berlin",
        "contact_phone": "+493023125101",
        "email": "berlin-mitte@aniva.example",
        "website": "https://aniva.example/locations/berlin-mitte",
        "google_maps_url": "https://maps.example/aniva-berlin-mitte",
        "image_url": "https://images.example/aniva-berlin-mitte.jpg",
        "open_hours": {
            **{
                day: [{"open": "08:00", "close": "12:00"}, {"open": "13:00", "close": "17:00"}]
                for day in ("monday", "tuesday", "wednesday")
            },
            "thursday": [{"open": "08:00", "close": "12:00"}, {"open": "13:00", "close": "19:00"}],
            "friday": [{"open": "08:00", "close": "12:00"}],
            "saturday": [],
            "sunday": [],
        },
    }


def test_list_with_nulls(client: Client) -> None:
    """A location of which little is known has the same keys; its zone and its hours may be null."""
    listed = {location["id"]: location for location in client.get("/locations").json}
    assert {tuple(location) for location in listed.values()} == {tuple(listed[BERLIN])}
    assert listed[ZONELESS_LOCATION]["timezone"] is None
    assert listed[ZONELESS_LOCATION]["company_name"] is None
    assert listed[HOURLESS_LOCATION]["open_hours"] is None


@pytest.mark.rule("location.active", "auth.context")
def test_list_of_the_context(world: World) -> None:
    """The active locations of the context are listed, and no other."""
    assert [location["id"] for location in run(world, locations.list_locations)] == ACTIVE
    assert [location["id"] for location in run(world, locations.list_locations, persona="outsider")] == [RIVAL_LOCATION]


@pytest.mark.rule("location.active")
def test_list_follows_closing_and_opening(client: Client) -> None:
    """A location that closes leaves the list and is refused by id; when it opens, both are as before."""
    slots = client.get(f"/locations/{BERLIN}/availability").json
    for type, listed, status in (("location.closed", False, 404), ("location.opened", True, 200)):
        happened = client.control("POST", "/worlds/test/events", {"type": type, "location_id": BERLIN})
        assert happened.status < 300
        assert (BERLIN in {location["id"] for location in client.get("/locations").json}) is listed
        assert client.get(f"/locations/{BERLIN}/availability").status == status
    assert client.get(f"/locations/{BERLIN}/availability").json == slots


@pytest.mark.rule("location.active", "atomic")
def test_inactive_location_is_refused_wherever_it_is_named(world: World) -> None:
    """An inactive location answers 404 for its slots, in a booking and in a rescheduling; an active one does not."""
    assert verdict_of(world, locations.get_availability, INACTIVE_LOCATION) == ("location.active", 404)
    before = snapshot_of(world)
    new = {"profile_id": PROFILE, "location_id": INACTIVE_LOCATION, "scheduled_at": "2026-04-15T10:30:00+02:00"}
    for refusal in (
        refusal_of(world, appointments.create_appointment, body=new),
        refusal_of(world, appointments.update_appointment, APPOINTMENT, {"location_id": INACTIVE_LOCATION}),
    ):
        assert (refusal.status, [rule.id for rule in refusal.rules]) == (404, ["location.active"])
    assert snapshot_of(world) == before
    world.locations[INACTIVE_LOCATION].active = True
    assert slots_of(available(world, INACTIVE_LOCATION))
    assert run(world, appointments.create_appointment, body=new)["location_id"] == INACTIVE_LOCATION


@pytest.mark.rule("path.unknown", "location.active", "auth.context", "order.checks")
def test_slots_by_id(world: World) -> None:
    """An unknown location is 404, one outside the context 403, an inactive one 404 even outside; each before the
    window is judged."""
    beyond = {"end_date": "2030-01-01", "timezone": "Nowhere/City"}
    assert verdict_of(world, locations.get_availability, UNKNOWN, query=beyond) == ("path.unknown", 404)
    assert verdict_of(world, locations.get_availability, RIVAL_LOCATION, query=beyond) == ("auth.context", 403)
    assert verdict_of(world, locations.get_availability, BERLIN, query=beyond, persona="outsider") == (
        "auth.context",
        403,
    )
    assert verdict_of(world, locations.get_availability, INACTIVE_LOCATION, query=beyond, persona="outsider") == (
        "location.active",
        404,
    )
    assert available(world, RIVAL_LOCATION, "outsider")["location_id"] == RIVAL_LOCATION
    assert available(world, BERLIN.upper()) == available(world, BERLIN)


@pytest.mark.rule("id.format")
@pytest.mark.parametrize("id", ["x", BERLIN[:-1], f"{BERLIN}0", BERLIN.replace("-", ""), "g" + BERLIN[1:]])
def test_location_id_is_a_uuid(client: Client, id: str) -> None:
    """What is no UUID is refused as malformed, not as unknown."""
    reply = client.get(f"/locations/{id}/availability")
    assert (reply.status, reply.rules) == (400, ["id.format"])


# The answer


@pytest.mark.rule("availability.cache")
def test_slots_may_be_cached(client: Client) -> None:
    """A success says how long it may be cached; a refusal does not."""
    sent = {name.lower(): value for name, value in client.get(f"/locations/{BERLIN}/availability").headers.items()}
    assert sent["cache-control"] == "private, max-age=30, stale-while-revalidate=60"
    for path in (f"/locations/{UNKNOWN}/availability", f"/locations/{BERLIN}/availability?timezone=x"):
        reply = client.get(path)
        assert reply.status in (400, 404)
        assert "cache-control" not in {name.lower() for name in reply.headers}


def test_slots_come_with_the_location(world: World) -> None:
    """The answer names the location, its zone, and the length and interval of its slots."""
    answer = available(world, HAMBURG)
    assert {name: answer[name] for name in answer if name != "availability"} == {
        "location_id": HAMBURG,
        "timezone": "Europe/Berlin",
        "slot_duration_minutes": 20,
        "slot_interval_minutes": 10,
    }


@pytest.mark.rule("atomic")
def test_asking_for_slots_changes_nothing(world: World) -> None:
    """Reading slots leaves the world as it was, and reads the same again."""
    before = snapshot_of(world)
    assert available(world) == available(world)
    assert snapshot_of(world) == before
