"""The sandbox beside a small model of what the documentation says: after every call both have the same statuses and
the same links."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from aniva_sandbox.api.settings import Settings
from tests.support import BERLIN, PENDING_LOCATION, PROFILE, RIVAL_APPOINTMENT, RIVAL_SHIPMENT, UNKNOWN, Client

NO_SHIPMENT = "P0000000000"
DAY = timedelta(days=1)
ZONE = ZoneInfo("Europe/Berlin")
AFTER = {"picked_up": "in_transit", "scanned": "in_transit", "delivered": "delivered", "lost": "fault"}
BEFORE = {"picked_up": ["pending"], "scanned": ["in_transit"], "delivered": ["in_transit"]}
BEFORE |= {"lost": ["pending", "in_transit"]}
Verdict = str | None
"""The rule that refuses, or None."""


class Model:
    """What should be true: written from the documentation, slow, and without any of the sandbox's code."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.appointments: dict[str, str] = {}
        self.shipments: dict[str, dict[str, Any]] = {}
        self.links: list[tuple[str, str, datetime]] = []

    def pickup(self, day: date, hours: int) -> Verdict:
        """Whether the courier comes."""
        here = self.now.astimezone(ZONE)
        if day.strftime("%a") in ("Sat", "Sun"):
            return "pickup.weekday"
        if day < here.date():
            return "pickup.past"
        if day == here.date() and (here.hour, here.minute, here.second) > (16, 0, 0):
            return "pickup.cutoff"
        return "pickup.width" if hours < 2 else None

    def change(
        self, attach: bool, pairs: list[tuple[str, str]], wanted: list[str], own: str
    ) -> tuple[Verdict, list[str]]:
        """Attach or detach all pairs, or say why not, and which ids are locked."""
        if own in (UNKNOWN, NO_SHIPMENT):
            return "path.unknown", []
        if own in (RIVAL_APPOINTMENT, RIVAL_SHIPMENT):
            return "auth.context", []
        if UNKNOWN in wanted or NO_SHIPMENT in wanted:
            return "link.unknown", []
        if RIVAL_APPOINTMENT in wanted or RIVAL_SHIPMENT in wanted:
            return "link.context", []
        there = {(a, s) for a, s, _ in self.links}
        todo = [pair for pair in dict.fromkeys(pairs) if (pair in there) != attach]
        locked = [
            (a, s)
            for a, s in todo
            if not (self.appointments[a] == "blood_drawn" or self.now - self.shipments[s]["created"] < DAY)
        ]
        if locked:
            return "link.window", [s if a == own else a for a, s in locked]
        if attach:
            self.links += [(a, s, self.now) for a, s in todo]
        else:
            self.links = [link for link in self.links if link[:2] not in todo]
        return None, []


class Beside(RuleBasedStateMachine):
    """The sandbox and the model, called with the same."""

    bookings = Bundle("bookings")
    boxes = Bundle("boxes")

    @initialize(target=bookings)
    def begin(self) -> Any:
        self.client, now = self.open()
        self.model = Model(now)
        return multiple(UNKNOWN, RIVAL_APPOINTMENT)

    def open(self) -> tuple[Any, datetime]:
        """A client of a new world in which the courier does nothing by itself, and the time there."""
        client = Client()
        client.worlds.create("test", settings=Settings(courier_automation=False))
        return client, client.world.now

    @initialize(target=boxes)
    def begin_boxes(self) -> Any:
        return multiple(NO_SHIPMENT, RIVAL_SHIPMENT)

    def agree(self, reply: Any, verdict: Verdict) -> None:
        """The sandbox refuses through the rule that the model names, or not at all."""
        assert reply.rules == ([] if verdict is None else [verdict])

    @rule(target=bookings, place=st.sampled_from((BERLIN, PENDING_LOCATION)), hours=st.integers(-2, 48))
    def book(self, place: str, hours: int) -> Any:
        instant = self.model.now + timedelta(hours=hours)
        body = {"profile_id": PROFILE, "location_id": place, "scheduled_at": instant.isoformat()}
        reply = self.client.post("/appointments", body)
        self.agree(reply, None if hours > 0 else "appointment.future")
        if hours <= 0:
            return multiple()
        self.model.appointments[reply.json["id"]] = "confirmed" if place == BERLIN else "pending"
        return reply.json["id"]

    def known(self, id: str) -> Verdict:
        """What a path with this id is refused by before anything else."""
        return {
            UNKNOWN: "path.unknown",
            NO_SHIPMENT: "path.unknown",
            RIVAL_APPOINTMENT: "auth.context",
            RIVAL_SHIPMENT: "auth.context",
        }.get(id)

    @rule(id=bookings, what=st.sampled_from(("draw", "draw", "cancel", "practice", "operations")))
    def move_appointment(self, id: str, what: str) -> None:
        status = self.model.appointments.get(id, "")
        verdict = self.known(id)
        if what == "draw":
            reply = self.client.post(f"/appointments/{id}/confirm", {"barcode": "12"})
            allowed, after, rule = ["confirmed"], "blood_drawn", "confirm.state"
        elif what == "cancel":
            reply = self.client.delete(f"/appointments/{id}")
            allowed, after = ["pending", "confirmed"], "cancelled"
            rule = "appointment.cancel" if status == "cancelled" else "appointment.editable"
        else:
            if verdict:
                return
            type = {"practice": "practice.confirmed", "operations": "operations.cancelled"}[what]
            reply = self.client.control("POST", "/worlds/test/events", {"type": type, "appointment_id": id})
            allowed, after = (["pending"], "confirmed") if what == "practice" else (["blood_drawn"], "cancelled")
            rule = "event.state"
        self.agree(reply, verdict or (None if status in allowed else rule))
        if verdict is None and status in allowed:
            self.model.appointments[id] = after

    @rule(target=boxes, appointment=st.none() | bookings, days=st.integers(-1, 5), hours=st.integers(1, 4))
    def ship(self, appointment: str | None, days: int, hours: int) -> Any:
        day = self.model.now.astimezone(ZONE).date() + timedelta(days=days)
        body = {
            "location_id": BERLIN,
            "pickup_date": str(day),
            "pickup_time_from": "10:00",
            "pickup_time_till": f"{10 + hours}:00",
        }
        if appointment:
            body["appointment_id"] = appointment
        refused = appointment is not None and self.known(appointment) is not None
        verdict = "shipment.appointment/status" if refused else self.model.pickup(day, hours)
        reply = self.client.post("/shipments", body)
        self.agree(reply, verdict)
        if verdict:
            return multiple()
        id = reply.json["id"]
        self.model.shipments[id] = {"status": "pending", "created": self.model.now}
        if appointment:
            self.model.links.append((appointment, id, self.model.now))
        return id

    @rule(id=boxes, days=st.none() | st.integers(-1, 5), hours=st.integers(1, 4))
    def update(self, id: str, days: int | None, hours: int) -> None:
        body = {"notes": "x"}
        verdict = self.known(id)
        if verdict is None and self.model.shipments[id]["status"] != "pending":
            verdict = "shipment.update-state"
        if days is not None:
            day = self.model.now.astimezone(ZONE).date() + timedelta(days=days)
            body = {"pickup_date": str(day), "pickup_time_from": "10:00", "pickup_time_till": f"{10 + hours}:00"}
            verdict = verdict or self.model.pickup(day, hours)
        self.agree(self.client.patch(f"/shipments/{id}", body), verdict)

    @rule(id=boxes)
    def cancel(self, id: str) -> None:
        verdict = self.known(id)
        if verdict is None and self.model.shipments[id]["status"] != "pending":
            lost = self.model.shipments[id]["status"] == "fault"
            verdict = "shipment.cancel/fault" if lost else "shipment.cancel"
        self.agree(self.client.delete(f"/shipments/{id}"), verdict)
        if verdict is None:
            self.model.shipments[id]["status"] = "cancelled"

    @rule(id=boxes, what=st.sampled_from(sorted(AFTER)))
    def carry(self, id: str, what: str) -> None:
        if self.known(id):
            return
        allowed = self.model.shipments[id]["status"] in BEFORE[what]
        event = {"type": f"courier.{what}", "shipment_id": id}
        self.agree(self.client.control("POST", "/worlds/test/events", event), None if allowed else "event.state")
        if allowed:
            self.model.shipments[id]["status"] = AFTER[what]

    @rule(attach=st.booleans(), own=bookings, others=st.lists(boxes, min_size=1, max_size=3))
    def change_from_appointment(self, attach: bool, own: str, others: list[str]) -> None:
        verdict, locked = self.model.change(attach, [(own, other) for other in others], others, own)
        path = f"/appointments/{own}/shipments"
        reply = self.client.request("POST" if attach else "DELETE", path, {"shipment_ids": others})
        self.agree(reply, verdict)
        assert reply.status >= 400 or reply.json["id"] == own
        assert not locked or reply.json["shipment_ids"] == locked

    @rule(attach=st.booleans(), own=boxes, others=st.lists(bookings, min_size=1, max_size=3))
    def change_from_shipment(self, attach: bool, own: str, others: list[str]) -> None:
        verdict, locked = self.model.change(attach, [(other, own) for other in others], others, own)
        path = f"/shipments/{own}/appointments"
        reply = self.client.request("POST" if attach else "DELETE", path, {"appointment_ids": others})
        self.agree(reply, verdict)
        assert reply.status >= 400 or reply.json["id"] == own
        assert not locked or reply.json["appointment_ids"] == locked

    @rule(seconds=st.sampled_from((1, 3600, 6 * 3600, 86_399, 86_400, 3 * 86_400)))
    def wait(self, seconds: int) -> None:
        self.client.control("POST", "/worlds/test/clock/advance", {"seconds": seconds})
        self.model.now += timedelta(seconds=seconds)

    @invariant()
    def same(self) -> None:
        """Statuses and links agree, seen from both sides, oldest link first."""
        if not hasattr(self, "model"):
            return
        shown = [(a, s, f"{at:%Y-%m-%dT%H:%M:%SZ}") for a, s, at in self.model.links]
        for id, status in self.model.appointments.items():
            seen = self.client.get(f"/appointments/{id}").json
            assert seen["status"] == status
            assert seen["shipments"] == [{"id": s, "added_at": at} for a, s, at in shown if a == id]
        for id, box in self.model.shipments.items():
            seen = self.client.get(f"/shipments/{id}").json
            assert seen["status"] == box["status"]
            assert seen["appointments"] == [{"id": a, "added_at": at} for a, s, at in shown if s == id]


Beside.TestCase.settings = settings(
    max_examples=30, stateful_step_count=40, derandomize=True, database=None, deadline=None
)


@pytest.mark.rule("link.window", "shipment.update-state", "shipment.cancel", "pickup.cutoff")
@pytest.mark.rule("order.checks", "link.attach", "link.detach", "link.boundary")
class TestBeside(Beside.TestCase):
    """The machine as a test."""
