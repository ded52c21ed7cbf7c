"""The core under random use: any calls, by any persona, with any events, in any order."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, NamedTuple
from urllib.parse import urlencode

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from aniva_sandbox.contract.operations import Operation
from aniva_sandbox.contract.rules import Refusal
from aniva_sandbox.resources import appointments, catalogue, links, locations, partner, profiles, shipments
from aniva_sandbox.resources.draws import confirm_blood_draw
from aniva_sandbox.resources.panels import add_panels, remove_panels
from aniva_sandbox.simulation.events import advance, happen
from aniva_sandbox.world.agenda import Event
from aniva_sandbox.world.state import Settings
from aniva_sandbox.world.world import World
from tests.support import (
    BERLIN,
    CUSTOM_PANEL,
    HELSINKI,
    HOURLESS_LOCATION,
    INACTIVE_LOCATION,
    OTHER_PANEL,
    PANEL,
    PENDING_APPOINTMENT,
    PENDING_LOCATION,
    RIVAL_APPOINTMENT,
    RIVAL_LOCATION,
    RIVAL_PROFILE,
    RIVAL_SHIPMENT,
    UNKNOWN,
    UNKNOWN_SHIPMENT,
    ZONELESS_LOCATION,
    Client,
    new_world,
    new_worlds,
    run,
)

# Steps: what is done to a world, as plain values, so that it can be done again to another one


class Run(NamedTuple):
    """An operation with a sound request, below HTTP."""

    operation: Operation[Any]
    id: str
    body: Mapping[str, Any]
    query: Mapping[str, Any]
    persona: str


class Send(NamedTuple):
    """An operation with any request, through the pipeline."""

    operation: Operation[Any]
    id: str
    body: object
    query: Mapping[str, Any]
    persona: str


class Happen(NamedTuple):
    """Something of Aniva's side, now."""

    event: Event


class Plan(NamedTuple):
    """Something of Aniva's side, so many seconds from now."""

    seconds: int
    event: Event


class Pass(NamedTuple):
    """Seconds that go by."""

    seconds: int


Step = Run | Send | Happen | Plan | Pass


class Outcome(NamedTuple):
    """What a step came to: its answer, and the rules that refused it."""

    answer: Any
    rules: tuple[str, ...] = ()


def perform(client: Client, step: Step) -> Outcome:
    """Do a step in the client's world. A sandbox at fault, or an answer against its document, fails here."""
    world = client.world
    match step:
        case Run(operation, id, body, query, persona):
            try:
                return Outcome(run(world, operation, id, dict(body), query=dict(query), persona=persona))
            except Refusal as refusal:
                return Outcome(refusal.body(), tuple(rule.id for rule in refusal.rules))
        case Send(operation, id, body, query, persona):
            path = operation.path.replace("{id}", id) + (f"?{urlencode(query)}" if query else "")
            reply = client.request(operation.method, path, body, key=f"sbx_test.{persona}")
            if reply.rules and set(reply.rules) <= COURIER_RULES:
                assert reply.status == 502
            else:
                assert reply.status == operation.status if not reply.rules else 400 <= reply.status < 500
            return Outcome(reply.json, tuple(reply.rules))
        case Happen(event):
            try:
                return Outcome(happen(world, event).event.details)
            except Refusal as refusal:
                return Outcome(refusal.body(), tuple(rule.id for rule in refusal.rules))
        case Plan(seconds, event):
            world.agenda.add(world.now + timedelta(seconds=seconds), event)
            return Outcome(None)
        case Pass(seconds):
            happened = advance(world, world.now + timedelta(seconds=seconds))
            return Outcome([entry.event.details for entry in happened])


# Values

LOCATIONS = (BERLIN, HELSINKI, PENDING_LOCATION, HOURLESS_LOCATION, ZONELESS_LOCATION)
PANELS = (PANEL, OTHER_PANEL, "e5f6a7b8-c9d0-4e2f-b3a4-c5d6e7f8a9b0", CUSTOM_PANEL)
KNOWN = new_world()

personas = st.one_of(*[st.just("full")] * 4, st.sampled_from(sorted(KNOWN.personas)))
location_ids = st.one_of(
    st.sampled_from(LOCATIONS),
    st.sampled_from((*LOCATIONS, BERLIN.upper(), INACTIVE_LOCATION, RIVAL_LOCATION, UNKNOWN)),
)
panel_ids = st.one_of(
    st.sampled_from(([PANEL], [OTHER_PANEL], [PANEL, OTHER_PANEL])),
    st.lists(st.sampled_from((*PANELS, PANEL.upper(), UNKNOWN)), min_size=1, max_size=3),
)
barcodes = st.sampled_from(("4130075218", "007"))
dates = st.dates(KNOWN.now.date() - timedelta(days=3), KNOWN.now.date() + timedelta(days=99)).map(str)
texts = st.sampled_from(("Zoë", "O'Brien", "Anne-Sophie"))
emails = st.sampled_from(("zoe@example.com", "ZOE@example.com", "lukas.brandt@example.com", "new@example.com"))
profile_changes = st.fixed_dictionaries(
    {},
    optional={
        "first_name": texts,
        "last_name": st.none() | texts,
        "email": emails,
        "phone": st.none() | st.just("+4917112345"),
        "date_of_birth": st.sampled_from(("1990-01-02", "2026-04-13", "2126-01-01")),
        "height": st.none() | st.sampled_from((1, 180.5)),
        "password": st.just("correct horse"),
    },
)
new_profiles = st.fixed_dictionaries(
    {
        "first_name": texts,
        "sex": st.sampled_from((1, 2)),
        "date_of_birth": st.sampled_from(("1990-01-02", "1990-01-02", "1990-01-02", "2126-01-01")),
        "profile_group": st.sampled_from((*("acme-clinic-berlin",) * 3, "my-clinic-group", "rival-clinic", "no-such")),
    },
    optional={"email": emails, "language": st.sampled_from(("en", "de", "fi"))},
)
windows = st.fixed_dictionaries(
    {},
    optional={
        "start_date": dates,
        "end_date": dates,
        "timezone": st.sampled_from(("Asia/Tokyo", "UTC", "Europe/Nowhere")),
    },
)

pickup_times = st.sampled_from((("09:00", "19:00"), ("11:00", "14:00"), ("11:00", "13:00"), ("10:30", "12:29")))
pickup_days = st.one_of(st.integers(1, 9), st.integers(-1, 1))
further_orders = st.fixed_dictionaries(
    {},
    optional={
        "package_count": st.integers(1, 3),
        "weight": st.sampled_from((1, 2.5)),
        "notes": st.sampled_from(("", "Cold", "courier-refuses-update", "courier-refuses-cancel")),
    },
)
courier_events = st.sampled_from(
    [
        *((what, {}) for what in ("booked", "picked_up", "picked_up", "delivered", "delivered", "lost")),
        *(("booked", {"tracking_number": "GO1"}), ("scanned", {"status": "Seen"}), ("lost", {"status": "Gone"})),
    ]
)

# Values that may be of any kind
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=4,
)
odd_instants = st.sampled_from(
    ("", "2026-05-01T09:00:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "2026-05-01T09:00:60Z")
)
odd_ids = st.sampled_from(
    (
        "x",
        UNKNOWN[:-1],
        f"{UNKNOWN} ",
        "%2F",
        "٣",
        "12",
        "0",
        "99999999999999999999",
        "P٣604154821",
        "p2604154821",
        "P1",
    )
)
fields = sorted(
    {
        field
        for operation in partner.OPERATIONS
        for struct in (operation.body, operation.query)
        for field in struct.__struct_fields__
    }
)
oddities = odd_instants | odd_ids | anything
malformed_bodies = anything | st.dictionaries(st.sampled_from((*fields, "unknown")), oddities, max_size=4)
body_fields = [(operation, field) for operation in partner.OPERATIONS for field in operation.body.__struct_fields__]


# What brings partners' copy of shipments up to date: when it answers, and before it refuses
SYNC_TO_ANSWER = (shipments.list_shipments, shipments.get_shipment, links.list_appointment_shipments)
SYNC_TO_REFUSE = (shipments.update_shipment, shipments.cancel_shipment)


def assert_unchanged(before: dict[str, Any], after: dict[str, Any], said: str, *, but_for_a_sync: bool) -> None:
    """A world is as it was; but for a sync, which sees more of what the courier knows, and with that is a change."""
    if not but_for_a_sync:
        assert after == before, said
        return
    assert after | {"shipments": []} == before | {"shipments": []}, said
    for old, new in zip(before["shipments"], after["shipments"], strict=True):
        written = {name for name in old if old[name] != new[name]}
        assert written <= {"seen", "synced_at", "updated_at"}, said
        assert "updated_at" not in written or "seen" in written, said
        assert (old["seen"], old["synced_at"]) <= (new["seen"], new["synced_at"]), said


def instant_text(world: World, minutes: int, offset: int) -> str:
    """So many minutes from now, written with an offset in hours."""
    return (world.now + timedelta(minutes=minutes)).astimezone(timezone(timedelta(hours=offset))).isoformat()


minutes = st.one_of(st.integers(1, 60 * 24 * 40), st.sampled_from((-60 * 24, 0, 60, 60, 75)))
offsets = st.integers(-11, 14)
spans = st.one_of(st.integers(1, 60 * 60 * 24 * 3), st.sampled_from((1, 60 * 60 * 24 * 40)))

# The ways that a status may go, by anyone; written down from the rules, not taken from the table in use.
WAYS = {
    ("pending", "confirmed"),
    ("pending", "cancelled"),
    ("confirmed", "blood_drawn"),
    ("confirmed", "cancelled"),
    ("blood_drawn", "cancelled"),
}
BOX_WAYS = {
    ("pending", "in_transit"),
    ("pending", "cancelled"),
    ("pending", "fault"),
    ("in_transit", "delivered"),
    ("in_transit", "fault"),
    ("pending", "delivered"),  # in one step, as time passes
}
EVENT_RULES = {"event.state", "event.unknown"}
COURIER_RULES = {"shipment.courier-refuses", "shipment.id"}
OF_EVERY_CALL = {"auth.permission"}


class Core(RuleBasedStateMachine):
    """A world that is called at random, and everything that was done to it."""

    people = Bundle("people")
    bookings = Bundle("bookings")
    boxes = Bundle("boxes")

    @initialize(
        target=people,
        chosen=st.builds(Settings, st.sampled_from(("allow", "refuse")), st.booleans(), st.booleans()),
        seed=st.integers(0, 3),
    )
    def begin(self, chosen: Settings, seed: int) -> Any:
        """Start a world, and know the profiles that it starts with."""
        self.seed = seed
        self.settings = chosen
        self.client = self.client_with(seed)
        self.world = self.client.world
        self.steps: list[tuple[Step, Outcome]] = []
        self.statuses = self.current_statuses()
        self.box_statuses = {box.id: box.status for box in self.world.shipments}
        self.frozen: dict[str, Any] = {}
        return multiple(*(profile.id for profile in self.world.profiles), RIVAL_PROFILE, UNKNOWN)

    @initialize(target=bookings)
    def know_appointments(self) -> Any:
        """Know the appointments that every world starts with."""
        return multiple(*(appointment.id for appointment in KNOWN.appointments), RIVAL_APPOINTMENT, UNKNOWN)

    @initialize(target=boxes)
    def know_shipments(self) -> Any:
        """Know the shipments that every world starts with."""
        return multiple(*(box.id for box in KNOWN.shipments), RIVAL_SHIPMENT, UNKNOWN_SHIPMENT)

    def client_with(self, seed: int) -> Client:
        worlds = new_worlds()
        worlds.create("test", seed=seed, settings=self.settings)
        return Client(worlds)

    def current_statuses(self) -> dict[str, str]:
        return {appointment.id: appointment.status for appointment in self.world.appointments}

    def do(self, step: Step) -> Outcome:
        """Perform a step, remember it, and hold it to what is true of every step."""
        before = self.world.snapshot()
        outcome = perform(self.client, step)
        self.steps.append((step, outcome))
        after = self.world.snapshot()
        operation = step.operation if isinstance(step, Run | Send) else None
        if outcome.rules:
            syncs = operation in SYNC_TO_REFUSE
            assert_unchanged(before, after, "a refusal changed the world", but_for_a_sync=syncs)
        elif operation is not None and operation.method == "GET":
            syncs = operation in SYNC_TO_ANSWER
            assert_unchanged(before, after, "a GET changed the world", but_for_a_sync=syncs)
        self.require_open_windows(before["links"], after["links"])
        match step:
            case Run(operation):
                assert set(outcome.rules) <= {rule.id for rule in operation.refuses}
            case Send(operation):
                declared = {rule.id for rule in operation.refuses} | OF_EVERY_CALL
                for id in outcome.rules:
                    assert id in declared or partner.LEDGER[id].kind == "format"
            case Happen():
                assert set(outcome.rules) <= EVENT_RULES
        return outcome

    def require_open_windows(self, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
        """A link came or went only with a drawn appointment or a shipment of less than a day; the rest stayed as it
        was, and what is new comes last."""
        assert [link for link in after if link in before] == [link for link in before if link in after]
        assert after[: len(after) - sum(link not in before for link in after)] == [x for x in after if x in before]
        for link in (*(link for link in before if link not in after), *(link for link in after if link not in before)):
            drawn = self.world.appointments[link["appointment_id"]].status == "blood_drawn"
            age = self.world.now - self.world.shipments[link["shipment_id"]].created_at
            assert drawn or age < timedelta(hours=24), "a locked link changed"
            assert link in before or datetime.fromisoformat(link["added_at"]) == self.world.now

    def call(
        self,
        operation: Operation[Any],
        id: str = "",
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
        *,
        persona: str,
        whole: bool,
    ) -> Outcome:
        """Call with a sound request: the operation alone, or the ``whole`` way through the pipeline."""
        if whole:
            return self.do(Send(operation, id, body, query or {}, persona))
        return self.do(Run(operation, id, body or {}, query or {}, persona))

    # Profiles

    @rule(target=people, body=new_profiles, persona=personas, whole=st.booleans())
    def create_profile(self, body: dict[str, Any], persona: str, whole: bool) -> Any:
        outcome = self.call(profiles.create_profile, body=body, persona=persona, whole=whole)
        return multiple() if outcome.rules else outcome.answer["id"]

    @rule(id=people, body=profile_changes, persona=personas, whole=st.booleans())
    def update_profile(self, id: str, body: dict[str, Any], persona: str, whole: bool) -> None:
        self.call(profiles.update_profile, id, body, persona=persona, whole=whole)

    @rule(id=people, persona=personas, whole=st.booleans())
    def get_profile(self, id: str, persona: str, whole: bool) -> None:
        self.call(profiles.get_profile, id, persona=persona, whole=whole)

    @rule(
        query=st.fixed_dictionaries(
            {}, optional={"email": emails, "limit": st.integers(1, 500), "offset": st.integers(0, 9)}
        ),
        persona=personas,
        whole=st.booleans(),
    )
    def list_profiles(self, query: dict[str, Any], persona: str, whole: bool) -> None:
        self.call(profiles.list_profiles, query=query, persona=persona, whole=whole)

    # Locations and catalogue

    @rule(id=location_ids, query=windows, persona=personas, whole=st.booleans())
    def get_availability(self, id: str, query: dict[str, str], persona: str, whole: bool) -> None:
        self.call(locations.get_availability, id, query=query, persona=persona, whole=whole)

    @rule(
        operation=st.sampled_from(
            (locations.list_locations, catalogue.list_panels, catalogue.list_biomarkers, catalogue.list_units)
        ),
        persona=personas,
        whole=st.booleans(),
    )
    def list_what_is_there(self, operation: Operation[Any], persona: str, whole: bool) -> None:
        self.call(operation, persona=persona, whole=whole)

    @rule(id=st.sampled_from(("42", "87", "108", "201", "0", "999999")), persona=personas, whole=st.booleans())
    def get_biomarker(self, id: str, persona: str, whole: bool) -> None:
        self.call(catalogue.get_biomarker, id, persona=persona, whole=whole)

    # Appointments

    @rule(
        target=bookings,
        profile=people,
        location=location_ids,
        minutes=minutes,
        offset=offsets,
        persona=personas,
        whole=st.booleans(),
    )
    def create_appointment(
        self, profile: str, location: str, minutes: int, offset: int, persona: str, whole: bool
    ) -> Any:
        body = {
            "profile_id": profile,
            "location_id": location,
            "scheduled_at": instant_text(self.world, minutes, offset),
        }
        outcome = self.call(appointments.create_appointment, body=body, persona=persona, whole=whole)
        return multiple() if outcome.rules else outcome.answer["id"]

    @rule(
        id=bookings,
        location=st.none() | location_ids,
        minutes=st.none() | minutes,
        offset=offsets,
        persona=personas,
        whole=st.booleans(),
    )
    def update_appointment(
        self, id: str, location: str | None, minutes: int | None, offset: int, persona: str, whole: bool
    ) -> None:
        body = {} if location is None else {"location_id": location}
        if minutes is not None:
            body["scheduled_at"] = instant_text(self.world, minutes, offset)
        self.call(appointments.update_appointment, id, body, persona=persona, whole=whole)

    @rule(id=bookings, persona=personas, whole=st.booleans())
    def get_appointment(self, id: str, persona: str, whole: bool) -> None:
        self.call(appointments.get_appointment, id, persona=persona, whole=whole)

    @rule(id=bookings, persona=personas, whole=st.booleans())
    def cancel_appointment(self, id: str, persona: str, whole: bool) -> None:
        self.call(appointments.cancel_appointment, id, persona=persona, whole=whole)

    @rule(profile=st.none() | people, persona=personas, whole=st.booleans())
    def list_appointments(self, profile: str | None, persona: str, whole: bool) -> None:
        query = {} if profile is None else {"profile_id": profile}
        self.call(appointments.list_appointments, query=query, persona=persona, whole=whole)

    @rule(
        operation=st.sampled_from((add_panels, remove_panels)),
        id=bookings,
        panels=panel_ids,
        persona=personas,
        whole=st.booleans(),
    )
    def change_panels(self, operation: Operation[Any], id: str, panels: list[str], persona: str, whole: bool) -> None:
        self.call(operation, id, {"panel_ids": panels}, persona=persona, whole=whole)

    @rule(id=bookings, barcode=barcodes, persona=personas, whole=st.booleans())
    def confirm_blood_draw(self, id: str, barcode: str, persona: str, whole: bool) -> None:
        self.call(confirm_blood_draw, id, {"barcode": barcode}, persona=persona, whole=whole)

    # Shipments, and their links

    def pickup(self, days: int, times: tuple[str, str]) -> dict[str, str]:
        """A schedule so many days from now."""
        day = (self.world.now + timedelta(days=days)).date()
        return {"pickup_date": str(day), "pickup_time_from": times[0], "pickup_time_till": times[1]}

    @rule(
        target=boxes,
        location=location_ids,
        appointment=st.none() | bookings,
        days=pickup_days,
        times=pickup_times,
        more=further_orders,
        refuse=st.sampled_from((False, False, False, True)),
        persona=personas,
        whole=st.booleans(),
    )
    def create_shipment(
        self,
        location: str,
        appointment: str | None,
        days: int,
        times: tuple[str, str],
        more: dict[str, Any],
        refuse: bool,
        persona: str,
        whole: bool,
    ) -> Any:
        body = {"location_id": location} | self.pickup(days, times) | more
        if appointment is not None:
            body["appointment_id"] = appointment
        if refuse:
            body["notes"] = "courier-refuses-create"
        outcome = self.call(shipments.create_shipment, body=body, persona=persona, whole=whole)
        return multiple() if outcome.rules else outcome.answer["id"]

    @rule(
        id=boxes,
        days=st.none() | pickup_days,
        times=pickup_times,
        more=further_orders,
        persona=personas,
        whole=st.booleans(),
    )
    def update_shipment(
        self, id: str, days: int | None, times: tuple[str, str], more: dict[str, Any], persona: str, whole: bool
    ) -> None:
        body = more if days is None else more | self.pickup(days, times)
        self.call(shipments.update_shipment, id, body, persona=persona, whole=whole)

    @rule(
        operation=st.sampled_from(
            (shipments.get_shipment, shipments.cancel_shipment, links.list_shipment_appointments)
        ),
        id=boxes,
        persona=personas,
        whole=st.booleans(),
    )
    def call_for_a_shipment(self, operation: Operation[Any], id: str, persona: str, whole: bool) -> None:
        self.call(operation, id, persona=persona, whole=whole)

    @rule(persona=personas, whole=st.booleans())
    def list_shipments(self, persona: str, whole: bool) -> None:
        self.call(shipments.list_shipments, persona=persona, whole=whole)

    @rule(id=bookings, persona=personas, whole=st.booleans())
    def list_appointment_shipments(self, id: str, persona: str, whole: bool) -> None:
        self.call(links.list_appointment_shipments, id, persona=persona, whole=whole)

    @rule(
        operation=st.sampled_from((links.attach_shipments, links.attach_shipments, links.detach_shipments)),
        id=bookings,
        others=st.lists(boxes, min_size=1, max_size=3),
        persona=personas,
        whole=st.booleans(),
    )
    def change_shipments(
        self, operation: Operation[Any], id: str, others: list[str], persona: str, whole: bool
    ) -> None:
        self.call(operation, id, {"shipment_ids": others}, persona=persona, whole=whole)

    @rule(
        operation=st.sampled_from((links.attach_appointments, links.attach_appointments, links.detach_appointments)),
        id=boxes,
        others=st.lists(bookings, min_size=1, max_size=3),
        persona=personas,
        whole=st.booleans(),
    )
    def change_appointments(
        self, operation: Operation[Any], id: str, others: list[str], persona: str, whole: bool
    ) -> None:
        self.call(operation, id, {"appointment_ids": others}, persona=persona, whole=whole)

    # Requests of any shape

    @rule(
        operation=st.sampled_from(partner.OPERATIONS),
        id=odd_ids | bookings | people | boxes,
        body=malformed_bodies,
        query=st.dictionaries(st.sampled_from((*fields, "unknown")), st.text(max_size=6) | odd_ids, max_size=3),
        persona=personas,
    )
    def send_anything(
        self, operation: Operation[Any], id: str, body: object, query: dict[str, str], persona: str
    ) -> None:
        self.do(Send(operation, id, body, query, persona))

    @rule(
        spoilt=st.sampled_from(body_fields),
        value=oddities,
        appointment=bookings,
        profile=people,
        box=boxes,
    )
    def spoil_a_field(
        self, spoilt: tuple[Operation[Any], str], value: object, appointment: str, profile: str, box: str
    ) -> None:
        operation, field = spoilt
        id = {"profiles": profile, "shipments": box}.get(operation.path.split("/")[1], appointment)
        self.do(Send(operation, id, operation.example | {field: value}, {}, "full"))

    # Aniva's side, and time

    @rule(
        type=st.sampled_from(("practice.confirmed", "practice.confirmed", "operations.cancelled")),
        id=bookings | st.just(PENDING_APPOINTMENT),
        after=st.none() | spans,
    )
    def let_an_appointment_change(self, type: str, id: str, after: int | None) -> None:
        self.let(Event(type, id), after)

    @rule(
        type=st.sampled_from(("location.closed", "location.opened", "location.opened", "location.date_blocked")),
        id=st.sampled_from((*LOCATIONS, UNKNOWN)),
        date=dates,
        after=st.none() | spans,
    )
    def let_a_location_change(self, type: str, id: str, date: str, after: int | None) -> None:
        self.let(Event(type, id, {"date": date} if type == "location.date_blocked" else {}), after)

    @rule(what=courier_events, id=boxes, after=st.sampled_from((None, None, None, 600, 60 * 60 * 30)))
    def let_the_courier_move(self, what: tuple[str, dict[str, str]], id: str, after: int | None) -> None:
        self.let(Event(f"courier.{what[0]}", id, what[1]), after)

    @rule(target=bookings, id=people, minutes=st.none() | minutes)
    def let_a_kit_be_ordered(self, id: str, minutes: int | None) -> Any:
        details = {} if minutes is None else {"scheduled_at": instant_text(self.world, minutes, 0)}
        outcome = self.do(Happen(Event("kit.ordered", id, details)))
        return multiple() if outcome.rules else outcome.answer["appointment_id"]

    def let(self, event: Event, after: int | None) -> None:
        self.do(Happen(event) if after is None else Plan(after, event))

    @rule(seconds=spans)
    def let_time_pass(self, seconds: int) -> None:
        self.do(Pass(seconds))
        assert all(due > self.world.now for due, _ in self.world.agenda)

    # What is true after every step

    @invariant()
    def statuses_go_their_ways(self) -> None:
        """A status goes only where the lifecycle leads, and appointments never disappear."""
        before, self.statuses = self.statuses, self.current_statuses()
        assert before.keys() <= self.statuses.keys()
        for id, status in before.items():
            if status != self.statuses[id]:
                assert (status, self.statuses[id]) in WAYS

    @invariant()
    def boxes_go_their_ways(self) -> None:
        """A shipment's status goes only where its lifecycle leads, and partners see no more than the courier knows.
        Nobody plans anything for a shipment at its end, or at all where that is not wanted."""
        before, self.box_statuses = self.box_statuses, {box.id: box.status for box in self.world.shipments}
        assert before.keys() <= self.box_statuses.keys()
        for id, status in before.items():
            if status != self.box_statuses[id]:
                assert (status, self.box_statuses[id]) in BOX_WAYS
        assert all(box.shown_reports == box.reports[: box.seen] for box in self.world.shipments)
        planned = {event.target for _, event in self.world.agenda if event.automatic and event.type[:3] != "lab"}
        moving = {box.id for box in self.world.shipments if box.status in ("pending", "in_transit")}
        assert planned == (moving if self.settings.courier_automation else set())

    @invariant()
    def links_have_two_sides(self) -> None:
        """Every link is one of its appointment and one of its shipment, and there are no others."""
        both = list(self.world.links)
        for side in (self.world.appointments, self.world.shipments):
            assert sum(len(self.world.links.of(record.id)) for record in side) == len(both)
        for link in both:
            assert link in self.world.links.of(link.appointment_id)
            assert link in self.world.links.of(link.shipment_id)
        assert [link.added_at for link in both] == sorted(link.added_at for link in both)

    @invariant()
    def drawn_appointments_stay_as_they_are(self) -> None:
        """From the draw on, time, place and panels never change; nor do they after a cancellation."""
        for appointment in self.world.appointments:
            if appointment.status in ("blood_drawn", "cancelled"):
                content = (
                    appointment.scheduled_at,
                    appointment.location_id,
                    tuple(appointment.panels.items()),
                    appointment.barcode,
                )
                assert self.frozen.setdefault(appointment.id, content) == content
            if appointment.status == "blood_drawn":
                assert appointment.barcode

    @invariant()
    def times_are_in_order(self) -> None:
        """Nothing was created, changed or added in the future, or changed before it was created."""
        now = self.world.now
        for record in (*self.world.appointments, *self.world.profiles, *self.world.shipments):
            assert record.created_at <= (record.updated_at or now) <= now
        for box in self.world.shipments:
            times = [report.time for report in box.reports]
            assert [box.created_at, *times, now] == sorted([box.created_at, *times, now])
            assert box.created_at <= box.synced_at <= now
        assert all(link.added_at <= now for link in self.world.links)
        for appointment in self.world.appointments:
            assert all(added <= now for added in appointment.panels.values())

    def teardown(self) -> None:
        """Doing it all again in a second world gives the same answers and the same world; another seed other ids."""
        if not hasattr(self, "steps"):
            return
        twin = self.client_with(self.seed)
        for step, outcome in self.steps:
            assert perform(twin, step) == outcome
        assert twin.world.snapshot() == self.world.snapshot()

        stranger = self.client_with(self.seed + 1)
        for step, _ in self.steps:
            perform(stranger, step)
        assert not new_ids(self.world) & new_ids(stranger.world)


def new_ids(world: World) -> set[str]:
    """The ids of what a world did not start with; but for shipments, which have only four digits of their own."""
    known = {record.id for record in (*KNOWN.profiles, *KNOWN.appointments)}
    return {record.id for record in (*world.profiles, *world.appointments)} - known


CoreTest = pytest.mark.rule("atomic", "appointment.editable", "auth.context", "error.internal")(Core.TestCase)
CoreTest.settings = settings(
    max_examples=200,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
