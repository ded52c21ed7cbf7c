"""The state of a world as plain data: written, read back, and refused where no world could have come to it."""

import copy
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import initialize, rule

from aniva_sandbox.api import partner
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.locations.records import WeekHours
from aniva_sandbox.api.results import operations as results
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.problems import Data, FixtureError
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import advance
from aniva_sandbox.engine.world.snapshot import read_state, write_state
from aniva_sandbox.engine.world.state import State
from tests.api.core_steps import Outcome, Step, perform
from tests.api.test_core import Core
from tests.sandbox.serving.common import NEW_APPOINTMENT, NEW_PROFILE, NEW_SHIPMENT
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CUSTOM_PANEL,
    MOVING_SHIPMENT,
    OTHER_CUSTOM_PANEL,
    PANEL,
    PROFILE,
    QUIET,
    UNKNOWN,
    UNKNOWN_SHIPMENT,
    Client,
    Reply,
    new_world,
    quiet_client,
    snapshot_of,
)


def read(plain: Any) -> State:
    """The state that was written as this data."""
    return read_state(Data(plain), DOMAIN)


def text_of(world: World) -> bytes:
    """A world as the text of its snapshot."""
    return msgspec.json.encode(snapshot_of(world))


def restored(text: bytes) -> Client:
    """A client of a new world, of another seed and with other settings, that went on from a snapshot."""
    client = quiet_client(Settings(taken_slots="refuse", hourly_sync=False), seed=9)
    client.worlds.put(client.world, read(msgspec.json.decode(text)))
    return client


def faults_of(plain: Any) -> dict[str, str]:
    """What is wrong with plain data, by path."""
    with pytest.raises(FixtureError) as caught:
        read(plain)
    return {fault.field: fault.message for fault in caught.value.problems}


def changed(plain: Any, path: str, value: Any) -> Any:
    """Plain data with another value at a path of names and places; what is off the path is shared, not copied."""
    step, _, rest = path.partition("/")
    copied = list(plain) if isinstance(plain, list) else dict(plain)
    key: Any = int(step) if isinstance(plain, list) else step
    copied[key] = changed(copied[key], rest, value) if rest else value
    return copied


def lived_in() -> Client:
    """A client of a world with something in every section of its snapshot."""
    client = Client()
    assert client.world.begun

    def done(reply: Reply) -> Any:
        assert reply.status < 300, reply.json
        return reply.json

    def event(type: str, **details: Any) -> None:
        done(client.control("POST", "/worlds/test/events", {"type": type, **details}))

    done(client.control("POST", "/worlds/test/faults", {"operation": "list_units", "status": 503, "after": 10**6}))
    event("kit.ordered", profile_id=PROFILE, scheduled_at="2026-05-01T08:00:00Z")
    event("location.date_blocked", location_id=BERLIN, date="2026-05-05")
    event("location.date_blocked", location_id=BERLIN, date="2026-05-04", time="2026-04-20T08:00:00Z")
    person = done(client.post("/profiles", NEW_PROFILE | {"height": 170}))["id"]
    id = done(client.post("/appointments", NEW_APPOINTMENT | {"profile_id": person}))["id"]
    done(client.post(f"/appointments/{id}/panels", {"panel_ids": [PANEL]}))
    chosen = {"panel_id": CUSTOM_PANEL, "biomarker_ids": [42, 87]}
    done(client.patch(f"/appointments/{id}/custom-snapshot", chosen))
    done(client.post("/shipments", NEW_SHIPMENT | {"appointment_id": id}))
    done(client.post(f"/appointments/{id}/confirm", {"barcode": "4130075218"}))
    done(client.control("POST", "/worlds/test/clock/advance", {"seconds": 30 * 60 * 60}))
    event("lab.results_arrived", appointment_id=id, values={"87": 80}, comment="High", time="2026-04-20T08:00:00Z")
    return client


PLAIN: Any = msgspec.json.decode(text_of(lived_in().world))


# There and back


def test_round_trip() -> None:
    """What is written is read back as the same state, to the byte, in which nothing is left out."""
    assert {section for section, value in PLAIN.items() if value in ([], {}, "", None)} == set()
    assert text_of(restored(msgspec.json.encode(PLAIN)).world) == msgspec.json.encode(PLAIN)


def test_what_is_written_is_a_copy() -> None:
    """A world shares nothing with the data that it was written as or read from."""
    plain = copy.deepcopy(PLAIN)
    client = restored(msgspec.json.encode(PLAIN))
    client.worlds.put(client.world, read(plain))
    written = snapshot_of(client.world)
    before = msgspec.json.encode(written)
    client.patch(f"/profiles/{PROFILE}", {"first_name": "Other"})
    client.post(f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [PANEL]})
    advance(client.world, client.world.now + timedelta(days=60))
    assert msgspec.json.encode(written) == before
    assert plain == PLAIN


def test_equal_worlds_are_written_alike() -> None:
    """Which kind of id was given out first is not seen in what is written."""
    one, other = new_world(), new_world()
    one.ids.counts |= {"appointment": 2, "profile": 1}
    other.ids.counts |= {"profile": 1, "appointment": 2}
    assert text_of(one) == text_of(other)


def test_orders_survive() -> None:
    """The orders of panels, of links, of equal times in the agenda and of records of one second survive."""
    client = quiet_client()
    world = client.world
    appointment = client.post("/appointments", NEW_APPOINTMENT).json["id"]
    panels = ["e5f6a7b8-c9d0-4e2f-b3a4-c5d6e7f8a9b0", PANEL, "d4e5f6a7-b8c9-4d1e-a2f3-b4c5d6e7f8a9"]
    for panel in panels:
        assert client.post(f"/appointments/{appointment}/panels", {"panel_ids": [panel]}).status == 200
    boxes = [client.post("/shipments", NEW_SHIPMENT).json["id"] for _ in range(5)]
    for box in reversed(boxes):
        assert client.post(f"/appointments/{appointment}/shipments", {"shipment_ids": [box]}).status == 200
    for day in (9, 3, 7, 5):
        event = Event("location.date_blocked", BERLIN, {"date": f"2026-06-0{day}"})
        world.agenda.add(world.now + timedelta(days=1), event)
    people = [client.post("/profiles", NEW_PROFILE | {"email": "one@example.com"}).json["id"] for _ in range(5)]

    other = restored(text_of(world))
    shown = other.get(f"/appointments/{appointment}").json
    assert [panel["panel_id"] for panel in shown["panels"]] == panels
    assert [link["id"] for link in shown["shipments"]] == boxes[::-1]
    assert [profile.id for profile in other.world.profiles.with_email("one@example.com")] == people
    assert [box["id"] for box in other.get("/shipments").json][:5] == boxes[::-1]
    happened = advance(other.world, other.world.now + timedelta(days=1))
    assert [each.event.details["date"][-1] for each in happened] == ["9", "3", "7", "5"]


def test_ids_settings_and_faults_go_on() -> None:
    """A restored world gives out the ids that the first would have, has its settings, and injects the rest of its
    faults."""
    client = quiet_client(QUIET, seed=4)
    client.post("/profiles", NEW_PROFILE)
    client.control("POST", "/worlds/test/faults", {"operation": "list_units", "status": 503, "times": 2, "after": 1})
    assert [client.get("/units").status for _ in range(2)] == [200, 503]
    other = restored(text_of(client.world))
    assert (other.world.ids.seed, other.world.settings) == (4, QUIET)
    assert other.post("/profiles", NEW_PROFILE).json == client.post("/profiles", NEW_PROFILE).json
    assert other.post("/shipments", NEW_SHIPMENT).json == client.post("/shipments", NEW_SHIPMENT).json
    assert [other.get("/units").status for _ in range(2)] == [503, 200]
    assert [client.get("/units").status for _ in range(2)] == [503, 200]


class Restored(Core):
    """A world that is called at random; from some moment on, another one that was restored goes the same way."""

    twin: Client | None = None

    @initialize(alone=st.integers(0, 15))
    def choose(self, alone: int) -> None:
        """Choose how many steps the first one goes alone."""
        self.alone = alone

    @rule()
    def restore(self) -> None:
        """Write the world out, and read it back into another one."""
        text = text_of(self.world)
        self.twin = restored(text)
        assert text_of(self.twin.world) == text

    def let(self, event: Event, after: int | None) -> None:
        """Nothing can be planned for what there is not."""
        world = self.world
        known = any(event.target in table for table in (world.appointments, world.locations, world.shipments))
        super().let(event, after if known else None)

    def do(self, step: Step) -> Outcome:
        """Perform a step in both. What is true of every step is shown of the first one alone, with more examples,
        where it is defined."""
        if self.twin is None and len(self.steps) == self.alone:
            self.restore()
        outcome = perform(self.client, step)
        self.steps.append((step, outcome))
        if self.twin is not None:
            assert perform(self.twin, step) == outcome
        return outcome

    def teardown(self) -> None:
        """Both end alike."""
        if self.twin is not None:
            assert text_of(self.twin.world) == text_of(self.world)


RestoredTest = Restored.TestCase
RestoredTest.settings = settings(
    max_examples=35,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


# What is refused

DRAWN = len(PLAIN["appointments"]) - 1
OPEN = next(place for place, each in enumerate(PLAIN["appointments"]) if each["id"] == APPOINTMENT)
BOX = next(place for place, each in enumerate(PLAIN["shipments"]) if each["id"] == MOVING_SHIPMENT)
ORDER = len(PLAIN["orders"]) - 1
CHOSEN = next(place for place, each in enumerate(PLAIN["agenda"]) if "values" in each["event"]["details"])
NOW = PLAIN["clock"]["now"]
LATER = "2026-04-14T14:00:01Z"
LONG_BEFORE = "2026-01-01T00:00:00Z"
LONG_AGO = "0001-01-02T23:59:59Z"


@pytest.mark.rule("snapshot.valid")
@pytest.mark.parametrize(
    ("path", "value", "at", "said"),
    [
        ("version", 2, "version", "must be 1"),
        ("version", "1", "version", "must be 1"),
        ("clock/mode", "stopped", "clock.mode", "must be one of"),
        ("clock/now", "2026-04-14T14:00:00+02:00", "clock.now", "in UTC"),
        ("clock/now", "1899-12-31T23:59:59Z", "clock.now", "between the years 1900 and 9000"),
        ("clock/now", "9000-01-01T00:00:01Z", "clock.now", "between the years 1900 and 9000"),
        ("clock/now", "2026-04-13T07:59:59Z", "hourly_since", "must not be after"),
        ("hourly_since", LATER, "hourly_since", "must not be after"),
        ("hourly_since", LONG_AGO, "hourly_since", "too close to the limits"),
        ("ids/seed", -1, "ids.seed", "must be between 0"),
        ("ids/seed", 2**53 + 1, "ids.seed", "must be between 0"),
        ("ids/counts/fault", -1, "ids.counts.fault", "must be between 0"),
        ("ids/counts/profile", 0, "ids.counts.profile", "is in use"),
        ("ids/counts/appointment", 1, "ids.counts.appointment", "is in use"),
        ("ids/counts/document", 0, "ids.counts.document", "is in use"),
        ("settings/taken_slots", "maybe", "settings.taken_slots", "must be one of"),
        ("settings/lab_quick_hours", -1, "settings.lab_quick_hours", "at least 0"),
        ("profile_groups/1/id", "x", "profile_groups[1].id", "UUID"),
        ("profile_groups/1/id", PLAIN["profile_groups"][0]["id"], "profile_groups[1].id", "another entry"),
        ("profile_groups/1/slug", PLAIN["profile_groups"][0]["slug"], "profile_groups[1].slug", "another entry"),
        ("location_groups/1/slug", PLAIN["location_groups"][0]["slug"], "location_groups[1].slug", "another entry"),
        ("personas/0/persona", "fuller", "personas", "at least 'full'"),
        ("personas/1/persona", "full", "personas[1].persona", "another entry"),
        ("personas/1/persona", "Re ader", "personas[1].persona", "of a-z, 0-9"),
        ("personas/1/permissions", ["fly"], "personas[1].permissions", "no permission fly"),
        ("personas/1/profile_groups", [UNKNOWN], "personas[1].profile_groups", "no profile group"),
        ("personas/1/location_groups", ["x"], "personas[1].location_groups", "no location group x"),
        ("personas/1/panels", [UNKNOWN], "personas[1].panels", "no panel"),
        ("locations/0/id", "X", "locations[0].id", "UUID"),
        ("locations/0/group", "x", "locations[0].group", "no location group x"),
        ("locations/0/laboratory", "x", "locations[0].laboratory", "no laboratory x"),
        ("locations/0/courier", "x", "locations[0].courier", "must be one of"),
        ("locations/0/timezone", "Europe/Nowhere", "locations[0].timezone", "no time zone"),
        ("locations/0/slot_minutes", 0, "locations[0].slot_minutes", "at least 1"),
        ("locations/0/interval_minutes", 1441, "locations[0].interval_minutes", "at most 1440"),
        ("locations/0/initial_status", "cancelled", "locations[0].initial_status", 'confirmed", "pending'),
        ("locations/0/street", None, "locations[0]", "go together"),
        (
            "locations/0/open_hours/monday",
            [{"open": "9", "close": "10:00"}],
            "locations[0].open_hours.monday",
            "spans must",
        ),
        ("profiles/0/id", PLAIN["profiles"][1]["id"], "profiles[1].id", "another entry"),
        ("profiles/0/group", UNKNOWN, "profiles[0].group", "no profile group"),
        ("profiles/0/sex", 3, "profiles[0].sex", "one of 1, 2"),
        ("profiles/0/language", "fr", "profiles[0].language", 'one of "en", "de", "fi"'),
        ("profiles/0/created_at", "2026-01-01T00:00:00", "profiles[0].created_at", "in UTC"),
        ("profiles/0/updated_at", "2026-01-01T00:00:00.5Z", "profiles[0].updated_at", "whole seconds"),
        ("profiles/0/password", "secret", "profiles[0].password", "is not known"),
        ("appointments/0/status", "lost", "appointments[0].status", "must be one of"),
        ("appointments/0/profile_id", UNKNOWN, "appointments[0].profile_id", "no profile"),
        ("appointments/0/location_id", UNKNOWN, "appointments[0].location_id", "no location"),
        ("appointments/0/scheduled_at", "9999-12-31T23:59:59Z", "appointments[0].scheduled_at", "too close"),
        (f"appointments/{OPEN}/status", "blood_drawn", f"appointments[{OPEN}].status", "no lab order"),
        ("appointments/0/panels", {UNKNOWN: NOW}, "appointments[0].panels", "no panel"),
        ("appointments/0/panels", {PANEL: "2026-01-01T00:00:00"}, "appointments[0].panels", "in UTC"),
        ("appointments/0/panels", {CUSTOM_PANEL: NOW}, "appointments[0].panels", "at least one biomarker"),
        (f"appointments/{DRAWN}/snapshot", {CUSTOM_PANEL: [0]}, f"appointments[{DRAWN}].snapshot", "no biomarker 0"),
        (
            f"appointments/{DRAWN}/snapshot",
            {CUSTOM_PANEL: [42, 87], OTHER_CUSTOM_PANEL: [42]},
            f"appointments[{DRAWN}].snapshot",
            "not a panel of the appointment",
        ),
        (
            f"appointments/{DRAWN}/snapshot",
            {CUSTOM_PANEL: [42, 87], PANEL: [42]},
            f"appointments[{DRAWN}].panels",
            "other panels none",
        ),
        (f"appointments/{DRAWN}/barcode", None, f"appointments[{DRAWN}].barcode", "is required"),
        (f"appointments/{DRAWN}/status", "confirmed", f"orders[{ORDER}].id", "the appointment is confirmed"),
        ("shipments/0/id", "P1", "shipments[0].id", "P and ten digits"),
        ("shipments/0/location_id", UNKNOWN, "shipments[0].location_id", "no location"),
        ("shipments/0/pickup_time_till", "01:00:00", "shipments[0].pickup_time_till", "must be later"),
        (
            "shipments/0/pickup_time_till",
            PLAIN["shipments"][0]["pickup_time_from"],
            "shipments[0].pickup_time_till",
            "must be later",
        ),
        ("shipments/0/synced_at", "2026-01-01T00:00:00", "shipments[0].synced_at", "in UTC"),
        ("shipments/0/package_count", 0, "shipments[0].package_count", "at least 1"),
        ("shipments/0/weight", 0.0, "shipments[0].weight", "above 0"),
        (f"shipments/{BOX}/cancelled", True, f"shipments[{BOX}].cancelled", "only a pending shipment"),
        (f"shipments/{BOX}/seen", 99, f"shipments[{BOX}].seen", "the number of reports"),
        (f"shipments/{BOX}/seen", 5, f"shipments[{BOX}].seen", "the number of reports"),
        (f"shipments/{BOX}/seen", -1, f"shipments[{BOX}].seen", "the number of reports"),
        (f"shipments/{BOX}/reports/0/status", "delivered", f"shipments[{BOX}].reports", "in the order of"),
        (f"shipments/{BOX}/reports/0/time", "2026-04-01T00:00:00", f"shipments[{BOX}].reports[0].time", "in UTC"),
        (f"shipments/{BOX}/reports/0/time", LATER, f"shipments[{BOX}].reports[0].time", "oldest first"),
        (f"shipments/{BOX}/reports/1/time", LONG_BEFORE, f"shipments[{BOX}].reports[1].time", "oldest first"),
        ("links/0/appointment_id", UNKNOWN, "links[0].appointment_id", "no appointment"),
        ("links/0/shipment_id", UNKNOWN_SHIPMENT, "links[0].shipment_id", "no shipment"),
        ("links/1", PLAIN["links"][0], "links[1]", "appears twice"),
        ("links/0/added_at", "2026-01-01T00:00:00", "links[0].added_at", "in UTC"),
        ("orders/0/id", UNKNOWN, "orders[0].id", "no appointment"),
        ("orders/0/patient/profile_id", UNKNOWN, "orders[0].patient.profile_id", "no profile"),
        ("orders/0/patient/sex", 0, "orders[0].patient.sex", "must be one of"),
        ("orders/0/patient/language", "fr", "orders[0].patient.language", 'one of "en"'),
        ("orders/0/document_ids", [UNKNOWN], "orders[0].document_ids", "no document"),
        ("orders/0/submissions/0/laboratory", "x", "orders[0].submissions[0].laboratory", "no laboratory x"),
        ("orders/0/submissions/0/kind", "genetic", "orders[0].submissions", "is clinical"),
        ("orders/0/submissions/0/biomarker_ids", [0], "orders[0].submissions[0].biomarker_ids", "no biomarker 0"),
        (f"orders/{ORDER}/submissions/0/biomarker_ids", [42, 42], f"orders[{ORDER}].submissions", "twice"),
        (
            f"orders/{ORDER}/results/0",
            PLAIN["orders"][0]["results"]["42"],
            f"orders[{ORDER}].results",
            "was not ordered",
        ),
        ("orders/0/results/42/genotype", "A/A", "orders[0].results.42.genotype", "genetic"),
        ("orders/0/results/201/genotype", "x", "orders[0].results.201.genotype", "must be one of"),
        ("orders/0/results/201/genotype", None, "orders[0].results.201.genotype", "must be one of"),
        ("orders/0/results/42/status", "planned", "orders[0].results.42.status", "must be one of"),
        ("orders/0/secret", 1, "orders[0].secret", "is not known"),
        ("documents/0/appointment_id", UNKNOWN, "documents[0].appointment_id", "no lab order"),
        ("orders/0/placed_at", "2026-01-01T00:00:00", "orders[0].placed_at", "in UTC"),
        ("documents/0/issued_at", "2026-01-01T00:00:00", "documents[0].issued_at", "in UTC"),
        ("documents/0/patient/language", "fr", "documents[0].patient.language", 'one of "en"'),
        ("documents/0/submission/laboratory", "x", "documents[0].submission.laboratory", "no laboratory x"),
        ("documents/0/results/42/genotype", "A/A", "documents[0].results.42.genotype", "genetic"),
        ("documents/0/results", {}, "documents[0].results", "those of the submission"),
        ("documents/0/patient/profile_id", UNKNOWN, "documents[0].patient.profile_id", "no profile"),
        ("agenda/0/event/type", "kit.lost", "agenda[0].event.type", "no event"),
        ("agenda/0/event/target", UNKNOWN, "agenda[0].event.target", "no"),
        ("agenda/0/due", "2026-04-14T13:59:59Z", "agenda[0].due", "before the clock's now"),
        ("agenda/0/due", "2027-04-14T13:59:59", "agenda[0].due", "in UTC"),
        (
            f"agenda/{CHOSEN}/event/details/values",
            {"x": 1},
            f"agenda[{CHOSEN}].event.details.values.x",
            "biomarker ids as keys",
        ),
        ("history/0/event/details/appointment_id", UNKNOWN, "history[0].event.details.appointment_id", "no"),
        ("history/0/event/details/scheduled_at", "soon", "history[0].event.details.scheduled_at", "RFC 3339"),
        ("history/1/event/details", {}, "history[1].event.details.date", "is required"),
        ("history/0/time", "2026-01-01T00:00:00", "history[0].time", "in UTC"),
        ("faults/0/operation", "fly", "faults[0]", "no such operation"),
        ("faults/0/effect/status", 200, "faults[0].effect.status", "at least 400"),
        ("faults", PLAIN["faults"] * 2, "faults[1].id", "another entry"),
    ],
)
def test_what_no_world_could_come_to_is_refused(path: str, value: Any, at: str, said: str) -> None:
    """Whatever breaks an invariant is refused, with the path to it and what is wrong there."""
    found = faults_of(changed(PLAIN, path, value))
    assert said in found[at]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("clock/mode", "real"),
        ("hourly_since", NOW),
        ("ids/seed", 2**53),
        ("ids/counts/profile", 2**53),
        ("settings/lab_quick_hours", 0),
        ("profile_groups/1/slug", "renamed"),
        ("personas/1/persona", "night-shift"),
        ("personas/1/permissions", []),
        ("personas/1/panels", [PANEL]),
        ("locations/0/slot_minutes", 1440),
        ("locations/0/interval_minutes", 1),
        ("locations/0/timezone", None),
        ("locations/0/initial_status", "pending"),
        ("locations/0/open_hours", None),
        ("locations/0/open_hours/monday", [{"open": "09:00", "close": "10:00"}]),
        ("profiles/0/sex", 2),
        ("profiles/0/date_of_birth", "2026-04-15"),
        ("profiles/0/language", "fi"),
        ("appointments/0/scheduled_at", None),
        ("appointments/0/scheduled_at", "9999-12-29T00:00:00Z"),
        (f"appointments/{OPEN}/status", "pending"),
        ("appointments/0/panels", {PANEL: NOW}),
        (f"appointments/{DRAWN}/status", "cancelled"),
        ("shipments/0/package_count", 1),
        ("shipments/0/weight", 0.001),
        (f"shipments/{BOX}/seen", 0),
        (f"shipments/{BOX}/seen", 4),
        (f"shipments/{BOX}/reports/0/time", PLAIN["shipments"][BOX]["created_at"]),
        ("links/1", {"appointment_id": APPOINTMENT, "shipment_id": MOVING_SHIPMENT, "added_at": NOW}),
        ("orders/0/patient/language", "fi"),
        ("orders/0/failed", True),
        ("orders/0/results/201/genotype", "ε3/ε3"),
        ("agenda/0/due", NOW),
        (f"agenda/{CHOSEN}/event/details/values", {"42": 1}),
        ("faults", []),
        ("begun", False),
    ],
)
def test_what_a_world_could_come_to_is_taken(path: str, value: Any) -> None:
    """What is next to something refused is taken, and written again as it was read."""
    plain = changed(PLAIN, path, value)
    state = read(plain)
    world = new_world()
    world.put(state)
    assert msgspec.json.decode(text_of(world)) == plain


def test_before_the_laboratories_are_asked_no_draw_has_an_order() -> None:
    """A world that has not begun holds draws whose orders are yet to be placed; they are, once it begins."""
    begun = PLAIN | {"begun": False, "orders": [], "documents": []}
    client = restored(msgspec.json.encode(begun))
    assert client.world.begun
    assert {order.id for order in client.world.orders} >= {PLAIN["appointments"][0]["id"]}


@pytest.mark.parametrize("plain", [None, [], "text", 1, {}, PLAIN | {"extra": 1}])
def test_what_is_no_snapshot_is_refused(plain: Any) -> None:
    """Data of another shape is one fault."""
    assert len(faults_of(plain)) == 1


# Values of any kind


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths to everything in plain data, what holds other things included."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, each in inner:
        yield from leaves(each, (*path, step))


DAYS = frozenset(WeekHours.__struct_fields__)


def shape(path: tuple[str | int, ...]) -> tuple[str, ...]:
    """A path without the places, ids and days of the week on it."""
    return tuple(
        "*" if isinstance(step, int) or step in DAYS or re.fullmatch("[0-9a-f-]{36}|[0-9]+", step) else step
        for step in path
    )


SHAPES = {shape(path): path for path in leaves(PLAIN)}
"""The last path of every shape."""

HOSTILE: list[Any] = [
    *(None, "", "x", -1, 0, 10**30, 0.5, True, False, [], {}),
    *(UNKNOWN, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-05-01T00:00:00", "9999-12-31", "00:00:00"),
]


STAND_INS = frozenset({"None", "'x'", "0", "True", "[]", "{}"})
"""Of each kind of hostile values one, as Python writes it."""


def hostile_to(value: Any) -> list[Any]:
    """What is tried in the place of a value: all of its kind, and of others, which the type of a field refuses, one."""
    if value is None:
        return HOSTILE
    kind = next(kind for kind in (str, int | float, list | dict) if isinstance(value, kind))
    return [each for each in HOSTILE if isinstance(each, kind) or repr(each) in STAND_INS]


@pytest.mark.parametrize("section", list(PLAIN))
def test_hostile_values_are_refused_or_harmless(section: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands at a place of a snapshot, either it is refused, or the world that comes of it answers every
    question, goes on, and can be written and read again. Where one text is taken that means nothing, the worlds of
    other texts are asked below."""
    monkeypatch.setattr(results, "_pdf", lambda content: repr(content).encode())
    for path in (path for form, path in SHAPES.items() if form[0] == section):
        takes_any = False
        for value in hostile_to(value_at(PLAIN, path)):
            try:
                state = read(changed(PLAIN, "/".join(map(str, path)), value))
            except FixtureError:
                continue
            if not (takes_any and isinstance(value, str)):
                require_health_once(state)
            takes_any |= value == "x"


HOSTILE_TEXTS = [
    *(
        "x" * 70_000,
        "W" * 128,
        "Wm" * 50,
        "9" * 64,
        "a\r\nset-cookie: b",
        'a"; b="c',
        "../a\\b.pdf",
        "a\0b",
        "Ann\n",
        " ",
    ),
    *("Germany", "\u202e\u2028", "名前 👩\u200d🔬.pdf", "e\u0301" * 30, "fault-\u0663", "10:00:00Z", "10:00:30"),
]


@pytest.mark.parametrize("section", list(PLAIN))
def test_hostile_texts_are_refused_or_harmless(section: str) -> None:
    """Whatever text stands where there is one, or where there could be, either it is refused, or every response of the
    world that comes of it can be made, reports as PDFs among them."""
    for path in (path for form, path in SHAPES.items() if form[0] == section):
        if not isinstance(value_at(PLAIN, path), str | None):
            continue
        for value in HOSTILE_TEXTS:
            try:
                state = read(changed(PLAIN, "/".join(map(str, path)), value))
            except FixtureError as error:
                assert len(str(error)) < 1000  # noqa: PT017 (it may be refused, or not)
                continue
            require_health_once(state)


def value_at(plain: Any, path: tuple[str | int, ...]) -> Any:
    """What is at a path of plain data."""
    for step in path:
        plain = plain[step]
    return plain


@pytest.mark.parametrize("start", ["1900-01-01T00:00:00Z", "1960-06-15T12:00:00Z", "2300-01-01T00:00:00Z"])
def test_a_world_of_another_time_takes_its_own_snapshot(start: str) -> None:
    """Wherever its clock starts, also before its patients are born, a world can go back to its own snapshot."""
    client = Client()
    assert client.control("PUT", "/worlds/test", {"clock": start}).status == 200
    assert client.world.begun or client.get("/units").status == 200
    require_health(read(msgspec.json.decode(text_of(client.world))))


HEALTHY: set[bytes] = set()
"""The texts of the states whose health was asked."""


def require_health_once(state: State) -> None:
    """Require the health of a state, unless one that is written alike was asked: equal texts are read as equal states,
    whose worlds do the same."""
    text = msgspec.json.encode(write_state(state, DOMAIN))
    if text not in HEALTHY:
        require_health(state)
        HEALTHY.add(text)


def require_health(state: State) -> None:
    """Ask a world everything, let it go on, and ask again; whatever breaks the sandbox fails here."""
    client = Client()
    client.worlds.put(client.world, state)
    for _ in range(2):
        world = client.world
        lists = {
            "appointments": world.appointments,
            "documents": world.documents,
            "locations": world.locations,
            "profiles": world.profiles,
            "shipments": world.shipments,
        }
        for operation in partner.OPERATIONS:
            if operation.method == "GET":
                section = operation.path.split("/")[1]
                ids = [record.id for record in lists.get(section, ())][-2:] if "{id}" in operation.path else ["42"]
                for id in ids:
                    reply = client.get(operation.path.replace("{id}", id))
                    assert reply.status != 500
                    assert all(re.fullmatch(r"[ -~]*", text) for text in reply.headers.values())
        for path in ("", "/test/agenda", "/test/events", "/test/faults", "/test/settings"):
            assert client.control("GET", f"/worlds{path}").status == 200
        text = text_of(world)
        assert client.control("PUT", "/worlds/test/snapshot", msgspec.json.decode(text)).status == 200
        assert text_of(client.world) == text
        for path, body in (
            ("/profiles", NEW_PROFILE),
            ("/appointments", NEW_APPOINTMENT | {"scheduled_at": "2026-06-15T10:30:00+02:00"}),
            ("/shipments", NEW_SHIPMENT | {"pickup_date": "2026-06-15"}),
        ):
            assert client.post(path, body).status != 500
        assert client.control("POST", "/worlds/test/clock/advance", {"seconds": 40 * 24 * 60 * 60}).status in (200, 400)
    assert client.control("GET", "/worlds/test/journal").status == 200
