"""What Aniva's side may do otherwise: results in one more part, and events that never show."""

from datetime import timedelta
from typing import Any

import pytest

import aniva_sandbox
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.events import EVENTS
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.agenda import Event
from tests.support import (
    APPOINTMENT,
    CUSTOM_PANEL,
    DRAWN_APPOINTMENT,
    EMPTY_APPOINTMENT,
    GENETICS_PANEL,
    OTHER_CUSTOM_PANEL,
    Client,
    new_worlds,
    snapshot_of,
)

PROBING = DOMAIN.probing()
((ID, VARIATION),) = PROBING.vary.items()
NO_COURIER = Settings(courier_automation=False)


def test_held() -> None:
    """Every event may fail to show, except the one whose response names a record that must exist."""
    assert PROBING.held.keys() == EVENTS.keys() - {"kit.ordered"}
    assert all(clause[0].islower() and "never" in clause for clause in PROBING.held.values())


def test_variation() -> None:
    """It is found by the type of its events and a slug."""
    assert ID == "lab.results_arrived:earlier-part"
    assert VARIATION.event in EVENTS
    assert VARIATION.sentence == "results arrive in one more part"


class Varied(Client):
    """A client of a world in which results arrive in one more part."""

    def __init__(self, *, varied: bool = True, settings: Settings = NO_COURIER, **options: Any) -> None:
        worlds = new_worlds(**options)
        worlds.create("test", settings=settings)
        super().__init__(worlds)
        self.varied = varied
        self.apply()

    def apply(self, seconds: int = 0) -> None:
        """What the engine does before what is due happens."""
        if self.varied:
            VARIATION.apply(self.world, self.world.now + timedelta(seconds=seconds))

    def advance(self, hours: float) -> None:
        """Let time pass, and everything happen that is due."""
        seconds = int(hours * 3600)
        self.apply(seconds)
        assert self.control("POST", "/worlds/test/clock/advance", {"seconds": seconds}).status == 200

    def happen(self, type: str, appointment: str, **details: Any) -> int:
        """Let an event happen, and return the status."""
        self.apply()
        if self.varied:
            VARIATION.undo(self.world, Event(type, appointment, details))
        body = {"type": type, "appointment_id": appointment} | details
        return self.control("POST", "/worlds/test/events", body).status

    def draw(self, *biomarkers: int, panels: tuple[str, ...] = (), barcode: str = "4130075218") -> None:
        """Draw blood for these biomarkers."""
        path = f"/appointments/{EMPTY_APPOINTMENT}"
        if panels:
            assert self.post(f"{path}/panels", {"panel_ids": panels}).status == 200
        if biomarkers:
            body = {"panel_id": CUSTOM_PANEL, "biomarker_ids": biomarkers}
            assert self.patch(f"{path}/custom-snapshot", body).status == 200
        assert self.post(f"{path}/confirm", {"barcode": barcode}).status == 200

    def results(self, appointment: str = EMPTY_APPOINTMENT) -> Any:
        """The results as partners see them now."""
        self.apply()
        return self.get(f"/appointments/{appointment}/results").json

    def received(self, appointment: str = EMPTY_APPOINTMENT) -> list[int]:
        """The biomarkers whose results are shown."""
        results = self.results(appointment)
        both = results["clinical_results"] + results["genetic_results"]
        return [each["biomarker_id"] for each in both if each["status"] != "planned"]

    @property
    def state(self) -> dict[str, Any]:
        """The whole world."""
        self.apply()
        return snapshot_of(self.world)


QUICK = (123, 100, 87, 120, 101)
"""Measured within a day; the order of ids is another."""


def test_results_arrive_in_one_more_part() -> None:
    """From the middle on, half of the part is there, as it will be, and the rest is planned; then all of it is."""
    client, other = Varied(), Varied(varied=False)
    for each in (client, other):
        each.draw(*QUICK)
    seen = []
    for _ in range(26):
        client.advance(1)
        results = client.results()
        seen.append((results["status"], len(client.received())))
    assert seen == [("in_progress", 0)] * 11 + [("in_progress", 2)] * 12 + [("completed", 5)] * 3
    other.advance(26)
    assert client.state == other.state


def test_the_part_in_between() -> None:
    """It has the values that its results have in the end, the date on which it is there, and no report."""
    client = Varied()
    client.draw(*QUICK)
    client.advance(12)
    between = client.results()
    client.advance(12)
    after = client.results()
    assert client.received() == sorted(QUICK)
    early = [each for each in between["clinical_results"] if each["status"] == "received"]
    assert [each["biomarker_id"] for each in early] == [87, 100]
    assert {each["tested_at"] for each in early} == {"2026-04-13"}
    assert early == [each | {"tested_at": "2026-04-13"} for each in after["clinical_results"][:2]]
    assert (between["documents"], len(after["documents"])) == ([], 1)


def test_every_part_is_split() -> None:
    """Slow and genetic results come in one more part, too, each between the part before and its own time."""
    client, other = Varied(), Varied(varied=False)
    for each in (client, other):
        each.draw(panels=("f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d", GENETICS_PANEL))
    counts: tuple[list[int], list[int]] = ([], [])
    for _ in range(15):
        for each, seen in zip((client, other), counts, strict=True):
            each.advance(24)
            seen.append(len(each.received()))
    assert len(set(counts[0])) > len(set(counts[1])) >= 3
    assert counts[0][0] == counts[1][0]
    assert counts[0][-1] == counts[1][-1]
    assert client.state == other.state


@pytest.mark.parametrize(("hours", "received"), [(11.99, 0), (12, 2), (23.99, 2), (24, 5)])
def test_the_instants(hours: float, received: int) -> None:
    """It is there at the middle exactly, however the clock came there, and until the part is due."""
    client = Varied()
    client.draw(*QUICK)
    client.advance(hours)
    assert len(client.received()) == received


def test_one_result_is_not_split() -> None:
    """The result of one biomarker arrives as a whole."""
    client = Varied()
    client.draw(87)
    client.advance(23)
    assert client.received() == []


def test_parts_of_two_laboratories() -> None:
    """The part of each laboratory is split by itself, so that no report is due early."""
    client, other = Varied(), Varied(varied=False)
    for each in (client, other):
        body = {"panel_id": OTHER_CUSTOM_PANEL, "biomarker_ids": [102, 103]}
        assert each.patch(f"/appointments/{EMPTY_APPOINTMENT}/custom-snapshot", body).status == 200
        each.draw(87, 100)
        each.advance(20)
    assert client.received() == [87, 102]
    for each in (client, other):
        each.advance(4)
    assert client.state == other.state


def test_a_draw_that_the_world_starts_with() -> None:
    """What has not arrived at the start has not arrived earlier either: the middle is that of the time since then."""
    client, other = Varied(), Varied(varied=False)
    assert client.received(DRAWN_APPOINTMENT) == other.received(DRAWN_APPOINTMENT)
    client.advance(11)
    before = other.received(DRAWN_APPOINTMENT)
    assert client.received(DRAWN_APPOINTMENT) == before
    client.advance(1)
    assert set(client.received(DRAWN_APPOINTMENT)) > set(before)
    for each, hours in ((client, 12), (other, 24)):
        each.advance(hours)
    assert client.state == other.state


def test_the_history_says_nothing() -> None:
    """No event tells of the part in between, so a clock that advances until results arrive does not stop there."""
    client = Varied()
    client.draw(*QUICK)
    client.advance(12)
    assert client.received() == [87, 100]
    assert client.world.history == []
    client.apply(12 * 3600)
    until = {"until": "lab.results_arrived", "appointment_id": EMPTY_APPOINTMENT}
    reply = client.control("POST", "/worlds/test/clock/advance", until)
    assert reply.json["events"][-1]["biomarker_ids"] == sorted(QUICK)


@pytest.mark.parametrize(
    ("type", "details"),
    [
        ("lab.results_arrived", {}),
        ("lab.results_arrived", {"values": {"100": 80.0}}),
        ("lab.results_arrived", {"biomarker_ids": [87, 120]}),
        ("lab.corrected", {"values": {"100": 80.0}}),
        ("lab.order_failed", {}),
    ],
)
def test_events_of_a_test_are_as_before(type: str, details: dict[str, Any]) -> None:
    """An event of the laboratories that a test makes happen in between does what it does otherwise."""
    client, other = Varied(), Varied(varied=False)
    statuses = []
    for each in (client, other):
        each.draw(*QUICK)
        each.advance(12)
        assert each.received() == ([87, 100] if each.varied else [])
        statuses.append(each.happen(type, EMPTY_APPOINTMENT, **details))
        each.advance(100)
    assert statuses[0] == statuses[1]
    assert client.state == other.state


def test_planned_events_of_a_test_are_as_before() -> None:
    """An event that a test planned finds the order as it is otherwise, and is not split."""
    client, other = Varied(), Varied(varied=False)
    for each in (client, other):
        each.draw(*QUICK)
        planned = {"type": "lab.results_arrived", "appointment_id": EMPTY_APPOINTMENT, "values": {"87": 3.5}}
        reply = each.control("POST", "/worlds/test/events", planned | {"time": "2026-04-13T23:00:00Z"})
        assert reply.status < 300
        each.advance(14)
    assert client.received() == [87, 100]
    for each in (client, other):
        each.advance(1)
    assert client.received() == other.received() == [87]
    for each in (client, other):
        each.advance(30)
    assert client.state == other.state


def test_a_cancelled_draw_keeps_its_part() -> None:
    """If operations cancel in between, what has arrived stays, and nothing more arrives."""
    client = Varied()
    client.draw(*QUICK)
    client.advance(12)
    client.happen("operations.cancelled", EMPTY_APPOINTMENT)
    client.advance(100)
    assert client.received() == [87, 100]


@pytest.mark.parametrize("barcode", ["9990175218", "9990275218", "9990575218", "9990675218"])
def test_magic_barcodes_are_as_before(barcode: str) -> None:
    """What a barcode chooses arrives at once, and is not split."""
    client, other = Varied(), Varied(varied=False)
    for each in (client, other):
        each.draw(*QUICK, barcode=barcode)
        each.advance(0.01)
    assert client.state == other.state


def test_other_records_are_left_alone() -> None:
    """Where no results are planned, nothing is changed."""
    settings = Settings(lab_automation=False)
    client, other = Varied(settings=settings), Varied(varied=False, settings=settings)
    for each in (client, other):
        each.draw(*QUICK)
        each.advance(50)
    assert client.state == other.state
    VARIATION.undo(client.world, Event("practice.confirmed", APPOINTMENT))
    VARIATION.undo(client.world, Event("lab.corrected", APPOINTMENT))
    assert client.state == other.state


def test_in_a_sandbox() -> None:
    """A client that polls is shown a part of the results, as in progress, and all of them in the end."""
    with aniva_sandbox.Sandbox() as sandbox:
        found = sandbox._server.worlds.find(sandbox.api_key)
        assert found is not None
        world: World = found[0]
        path = f"/api/v1/appointments/{APPOINTMENT}"
        sandbox.client.post(f"{path}/confirm", json={"barcode": "4130075218"}).raise_for_status()
        seen = []
        for _ in range(20):
            VARIATION.apply(world, world.now + timedelta(hours=6))
            sandbox.clock.advance(hours=6)
            VARIATION.apply(world, world.now)
            results = sandbox.client.get(f"{path}/results").json()
            arrived = sum(each["status"] == "received" for each in results["clinical_results"])
            seen.append((results["status"], arrived < len(results["clinical_results"])))
        assert ("in_progress", True) in seen
        assert seen[-1] == ("completed", False)
