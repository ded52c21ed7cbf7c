"""What is true of a world whatever is done to it, after every step and in the end."""

from datetime import datetime, timedelta
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, invariant

from aniva_sandbox.api import partner
from aniva_sandbox.api.links import operations as links
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.shipments import operations as shipments
from aniva_sandbox.api.world import World
from tests.api.core_steps import Happen, Outcome, Run, Send, Step, perform
from tests.api.core_values import KNOWN
from tests.support import Client, new_worlds, snapshot_of

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
OF_EVERY_CALL = {"auth.permission", "auth.permission/unnamed"}


class Watched(RuleBasedStateMachine):
    """A world, and everything that was done to it. What calls it begins it first."""

    def start(self, chosen: Settings, seed: int) -> None:
        """Start the world."""
        self.seed = seed
        self.settings = chosen
        self.client = self.client_with(seed)
        self.world = self.client.world
        self.steps: list[tuple[Step, Outcome]] = []
        self.statuses = self.current_statuses()
        self.box_statuses = {box.id: box.status for box in self.world.shipments}
        self.frozen: dict[str, Any] = {}

    def client_with(self, seed: int) -> Client:
        worlds = new_worlds()
        worlds.create("test", seed=seed, settings=self.settings)
        return Client(worlds)

    def current_statuses(self) -> dict[str, str]:
        return {appointment.id: appointment.status for appointment in self.world.appointments}

    def do(self, step: Step) -> Outcome:
        """Perform a step, remember it, and hold it to what is true of every step."""
        before = snapshot_of(self.world)
        outcome = perform(self.client, step)
        self.steps.append((step, outcome))
        after = snapshot_of(self.world)
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
        assert snapshot_of(twin.world) == snapshot_of(self.world)

        stranger = self.client_with(self.seed + 1)
        for step, _ in self.steps:
            perform(stranger, step)
        assert not new_ids(self.world) & new_ids(stranger.world)


def new_ids(world: World) -> set[str]:
    """The ids of what a world did not start with; but for shipments, which have only four digits of their own."""
    known = {record.id for record in (*KNOWN.profiles, *KNOWN.appointments)}
    return {record.id for record in (*world.profiles, *world.appointments)} - known
