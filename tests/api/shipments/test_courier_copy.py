"""The partners' copy beside a naive model of it, under random use."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aniva_sandbox.api.links.operations import attach_appointments, list_appointment_shipments
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.shipments import operations as shipments
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.world.agenda import Event, Happened
from aniva_sandbox.engine.world.events import advance, happen
from tests.api.shipments.courier_steps import MONDAY, WAY, get, in_list, order, wire
from tests.support import APPOINTMENT, new_world, refusal_of, run

HOUR = timedelta(hours=1)
LEADS_TO = {
    "booked": "pending",
    "picked_up": "in_transit",
    "scanned": "in_transit",
    "delivered": "delivered",
    "lost": "fault",
}
POSSIBLE = {"pending": {"booked", "picked_up", "lost"}, "in_transit": {"scanned", "delivered", "lost"}}


class Copy:
    """What the courier knows of one shipment and what partners have seen of it, with a sync that runs each hour."""

    def __init__(self, now: datetime, *, hourly: bool) -> None:
        self.now = self.synced = now
        self.hourly = hourly
        self.truth: list[tuple[str, str, datetime]] = []
        self.seen: list[tuple[str, str, datetime]] = []
        self.updated: datetime | None = None
        self.cancelled = False

    def status(self, known: list[tuple[str, str, datetime]]) -> str:
        return "cancelled" if self.cancelled else LEADS_TO[known[-1][0]] if known else "pending"

    def allows(self, what: str) -> bool:
        """Whether the courier can do this now; it books once."""
        return what in POSSIBLE.get(self.status(self.truth), set()) and not (what == "booked" and self.truth)

    def note(self, what: str, words: str, when: datetime) -> None:
        self.truth.append((what, words, when))

    def sync(self, now: datetime) -> None:
        if len(self.truth) > len(self.seen):
            self.updated = now
        self.seen, self.synced = list(self.truth), now

    def replace(self) -> None:
        self.sync(self.now)
        self.truth, self.seen, self.updated = [], [], self.now

    def cancel(self) -> None:
        self.sync(self.now)
        self.cancelled, self.updated = True, self.now

    def pass_time(self, to: datetime, happened: list[Happened]) -> None:
        """Go through the hours one by one, with what the courier did meanwhile; at equal times the sync goes first."""
        waiting = [(e.event.type.removeprefix("courier."), e.event.details["status"], e.time) for e in happened]
        hour = self.now.replace(minute=0, second=0)
        while hour < to - HOUR or hour + HOUR <= to:
            hour += HOUR
            while waiting and waiting[0][2] < hour:
                self.truth.append(waiting.pop(0))
            if self.hourly:
                self.sync(hour)
        self.truth += waiting
        self.now = to


PAUSES = [0, 1, 59, 300, 1799, 1800, 3599, 3600, 3601, 7200, 10799, 10800, 10801, 30_000, 86_400]
ACTIONS = st.one_of(
    st.sampled_from(WAY).map(lambda what: ("event", what)),
    st.sampled_from(PAUSES).map(lambda seconds: ("wait", seconds)),
    st.integers(0, 20_000).map(lambda seconds: ("wait", seconds)),
    st.sampled_from(["list", "get", "appointment", "attach", "notes", "empty", "refused"]).map(
        lambda read: (read, None)
    ),
    st.sampled_from(["replace", "cancel"]).map(lambda change: (change, None)),
    st.just(("event", "lost")),
)


@pytest.mark.rule("shipment.freshness", "time.updated", "atomic")
@settings(max_examples=35, deadline=None)
@given(st.lists(ACTIONS, max_size=25), st.booleans(), st.booleans(), st.sampled_from([0, 1, 1800, 3599]))
@example([("event", "booked"), ("wait", 3600), ("event", "picked_up"), ("list", None)], True, False, 0)
@example([("event", "picked_up"), ("wait", 10800), ("appointment", None), ("wait", 1)], False, False, 0)
@example([("wait", 200_000), ("list", None)], True, True, 0)
@example([("event", "booked"), ("replace", None), ("event", "booked"), ("list", None)], False, False, 0)
def test_copy_is_a_prefix_of_the_truth(
    actions: list[tuple[str, Any]], hourly: bool, automation: bool, begins: int
) -> None:
    """Whatever the courier and partners do in whatever order, every answer shows the beginning of what the courier
    knows, exactly as a sync that runs at every full hour, and when it must, would have left it."""
    world = new_world(settings=Settings(courier_automation=automation, hourly_sync=hourly))
    advance(world, world.now + timedelta(seconds=begins))
    id = order(world, appointment_id=APPOINTMENT, pickup_date=MONDAY)
    model = Copy(world.now, hourly=hourly)

    def hold(shown: Any) -> None:
        assert shown["status"] == model.status(model.seen)
        assert shown["status_updates"] == [{"status": words, "time": wire(when)} for _, words, when in model.seen]
        assert model.seen == model.truth[: len(model.seen)]
        assert (shown["tracking_number"] is None) == (not {"booked", "picked_up"} & {what for what, _, _ in model.seen})
        assert shown["updated_at"] == (wire(model.updated) if model.updated else None)

    for number, (action, value) in enumerate(actions):
        pending = model.status(model.truth) == "pending"
        if action == "event":
            event = Event(f"courier.{value}", id, {"status": f"{value} {number}"})
            if model.allows(value):
                happen(world, event)
                model.note(value, f"{value} {number}", world.now)
            else:
                with pytest.raises(Refusal):
                    happen(world, event)
        elif action == "wait":
            happened = advance(world, world.now + timedelta(seconds=value))
            model.pass_time(world.now, [entry for entry in happened if entry.event.target == id])
        elif action == "get":
            model.sync(world.now)
            hold(get(world, id))
        elif action == "appointment":
            if world.now - model.synced > timedelta(hours=3):
                model.sync(world.now)
            hold(next(e for e in run(world, list_appointment_shipments, APPOINTMENT) if e["id"] == id))
        elif action == "attach":
            hold(run(world, attach_appointments, id, {"appointment_ids": [APPOINTMENT]}))
        elif action in ("replace", "notes", "empty", "cancel") and pending:
            hold_change(world, model, id, action, hold)
        elif action in ("replace", "notes", "empty", "cancel", "refused"):
            model.sync(world.now)
            body = {"pickup_date": "2026-04-12"}
            operation = shipments.cancel_shipment if action == "cancel" else shipments.update_shipment
            sent = None if action == "cancel" else body
            assert refusal_of(world, operation, id, sent, syncs=True).status in (400, 409)
        hold(in_list(world, id))


def hold_change(world: World, model: Copy, id: str, action: str, hold: Any) -> None:
    """Let a partner change what is pending, in the world and in the model."""
    if action == "cancel":
        model.cancel()
        hold(run(world, shipments.cancel_shipment, id))
        return
    bodies: dict[str, dict[str, Any]] = {"replace": {"weight": 2}, "notes": {"notes": "x"}, "empty": {}}
    if action == "replace":
        model.replace()
    else:
        model.sync(model.now)
        model.updated = model.now if action == "notes" else model.updated
    hold(run(world, shipments.update_shipment, id, bodies[action]))
