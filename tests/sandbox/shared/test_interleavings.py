"""Any interleaving of calls to two processes gives what the order of the log gives to one process without a store."""

import asyncio
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, multiple, rule
from valkey.asyncio import Valkey

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.control import worlds as control_worlds
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.serving import pipeline
from aniva_sandbox.engine.serving.responses import Response
from aniva_sandbox.engine.store import replicas
from aniva_sandbox.engine.store.saved import save
from aniva_sandbox.engine.world import clock as clock_module
from tests.sandbox.shared.processes import Alone, Process, api_request, control_request
from tests.support import (
    APPOINTMENT,
    BERLIN,
    PANEL,
    PARTNER,
    PENDING_APPOINTMENT,
    PENDING_LOCATION,
    PROFILE,
    RIVAL_APPOINTMENT,
    SHIPMENT,
    UNKNOWN,
    new_worlds,
)

pytestmark = pytest.mark.usefixtures("_store")

WORLDS = ("a", "b")
BEGIN = 1_780_000_000.0
"""What the machine's clock shows at the beginning."""
URL: list[str] = []
"""Where the store is. Machines take no fixtures."""


class Machine:
    """The machine's clock."""

    now = BEGIN


@pytest.fixture
def _store(store: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A store for machines, points after a few entries, and a machine whose clock stands still between steps."""
    monkeypatch.setattr(replicas, "POINT_ENTRIES", 9)
    monkeypatch.setattr(clock_module, "time", lambda: Machine.now)
    monkeypatch.setattr(pipeline, "stopwatch", lambda: 0)
    monkeypatch.setattr(control_worlds, "stopwatch", lambda: 0)
    URL.append(store)
    yield
    URL.clear()


Asked = tuple[int, str, Request]
"""Which process is asked, of which world, and what."""

processes = st.integers(0, 1)
names = st.sampled_from(WORLDS)
personas = st.sampled_from(("", "", "", "", ".reader", ".scheduler", ".courier", ".outsider", ".nobody"))


class Interleaved(RuleBasedStateMachine):
    """Two processes, one store, and one process that applies the same log."""

    bookings = Bundle("bookings")
    boxes = Bundle("boxes")
    snapshots = Bundle("snapshots")

    def __init__(self) -> None:
        super().__init__()
        Machine.now = BEGIN
        self.runner = asyncio.Runner()
        self.processes: list[Process] = []
        self.ended: list[Process] = []
        self.applied = dict.fromkeys(WORLDS, 0)

    @initialize(mode=st.sampled_from(("frozen", "real")), covers=st.sampled_from((False, False, True)))
    def begin(self, mode: str, covers: bool) -> None:
        """Two processes, the clock of one of whose hosts is ahead."""
        self.runner.run(self.flush())
        self.options: dict[str, Any] = {"mode": mode, "covers": covers, "journal": 40}
        coverage = Coverage(PARTNER, DOMAIN) if covers else None
        self.alone = Alone(new_worlds(mode=mode, coverage=coverage))
        for place in (0, 1):
            self.processes.append(self.start(place))
        self.alone.worlds.limits = self.processes[0].worlds.limits

    @initialize(target=bookings)
    def know_bookings(self) -> Any:
        """The appointments that there are at the beginning, and others."""
        return multiple(APPOINTMENT, PENDING_APPOINTMENT, RIVAL_APPOINTMENT, UNKNOWN)

    @initialize(target=boxes)
    def know_boxes(self) -> Any:
        """The shipments that there are at the beginning, and others."""
        return multiple(SHIPMENT, "P0000000000")

    async def flush(self) -> None:
        """Empty the store."""
        async with Valkey(unix_socket_path=URL[0].removeprefix("unix://")) as client:
            await client.flushall()

    def start(self, place: int) -> Process:
        """Start a process."""
        return Process(URL[0], ahead=timedelta(minutes=7 * place), timeout=30, **self.options)

    # What is asked

    def ask(self, *asked: Asked) -> list[Response]:
        """Ask all at once; the responses must be those of one process that is asked in the order of the log."""
        return self.runner.run(self._ask(asked))

    async def _ask(self, asked: tuple[Asked, ...]) -> list[Response]:
        before = [{name: len(each.log.appended.get(name, ())) for name in WORLDS} for each in self.processes]
        responses = await asyncio.gather(
            *(
                (process.shared.call if request.path.startswith("/api/") else process.shared.control)(request)
                for process, request in ((self.processes[place], request) for place, _, request in asked)
            )
        )
        expected = self.follow()
        for place, process in enumerate(self.processes):
            for name in WORLDS:
                entries = process.log.appended.get(name, [])[before[place][name] :]
                calls = [entry for entry in entries if entry.entry.kind in ("call", "control")]
                got = [
                    (request, whole(response))
                    for (at, world, request), response in zip(asked, responses, strict=True)
                    if (at, world) == (place, name)
                ]
                for request, response in got:
                    if calls and request == calls[0].entry.request:
                        if response == whole(expected[name, calls[0].number]):
                            del calls[0]
                            continue
                        assert len(got) > len(calls), request
                    # It reached no world, and is in no log; of a world that is gone, its body may still be wrong.
                    assert response[0] in (400, 403, 404, 405), request
                assert not calls
        return responses

    def follow(self) -> dict[tuple[str, int], Response]:
        """Let one process apply what the others have appended."""
        expected = {}
        for name in WORLDS:
            everything = [
                logged for each in (*self.ended, *self.processes) for logged in each.log.appended.get(name, ())
            ]
            new = sorted(
                (logged for logged in everything if logged.number > self.applied[name]),
                key=lambda logged: logged.number,
            )
            for logged in new:
                self.applied[name] += 1
                assert logged.number == self.applied[name]
                response = self.alone.happen(name, logged)
                if response is not None:
                    expected[name, logged.number] = response
        return expected

    @rule(target=bookings, at=processes, name=names, persona=personas, hours=st.integers(-2, 80), pending=st.booleans())
    def book(self, at: int, name: str, persona: str, hours: int, pending: bool) -> Any:
        """Book an appointment."""
        day, hour = divmod(hours, 24)
        body = {
            "profile_id": PROFILE,
            "location_id": PENDING_LOCATION if pending else BERLIN,
            "scheduled_at": f"2026-06-{3 + day:02}T{hour % 24:02}:30:00+02:00",
        }
        (response,) = self.ask((at, name, api_request("POST", "/appointments", body, key=f"sbx_{name}{persona}")))
        found = response.body.partition(b'"id":"')[2].partition(b'"')[0].decode() if response.status == 201 else ""
        return found or multiple()

    @rule(target=boxes, at=processes, name=names, appointment=st.none() | bookings, day=st.integers(1, 28))
    def ship(self, at: int, name: str, appointment: str | None, day: int) -> Any:
        """Order a shipment."""
        body = {
            "location_id": BERLIN,
            "pickup_date": f"2026-06-{day:02}",
            "pickup_time_from": "10:00",
            "pickup_time_till": "13:00",
        } | ({"appointment_id": appointment} if appointment else {})
        (response,) = self.ask((at, name, api_request("POST", "/shipments", body, key=f"sbx_{name}")))
        found = response.body.partition(b'"id":"')[2].partition(b'"')[0].decode() if response.status == 201 else ""
        return found or multiple()

    @rule(data=st.data(), booking=bookings, box=boxes, count=st.integers(1, 6))
    def several(self, data: st.DataObject, booking: str, box: str, count: int) -> None:
        """Several calls at once, some of them one after the other in the same process."""
        kinds = list(calls_on(booking, box))
        asked = []
        for _ in range(count):
            name = data.draw(names)
            make = data.draw(st.sampled_from(kinds))
            key = f"sbx_{name}{data.draw(personas)}"
            asked.append((data.draw(processes), name, make(name, key)))
        self.ask(*asked)

    @rule(target=snapshots, at=processes, name=names)
    def export(self, at: int, name: str) -> Any:
        """Export a world."""
        (response,) = self.ask((at, name, control_request("GET", f"/worlds/{name}/snapshot")))
        return response.body if response.status == 200 else multiple()

    @rule(at=processes, name=names, snapshot=snapshots)
    def restore(self, at: int, name: str, snapshot: bytes) -> None:
        """Restore a world."""
        self.ask((at, name, control_request("PUT", f"/worlds/{name}/snapshot", snapshot)))

    def agree(self, at: int, name: str) -> None:
        """A process that has just caught up has the world byte for byte."""
        assert save(self.processes[at].worlds, name) == save(self.alone.worlds, name)

    @rule(at=processes, seconds=st.sampled_from((0, 0, 5, 86_400)))
    def list_worlds(self, at: int, seconds: int) -> None:
        """List the worlds: what is due happens."""
        Machine.now += seconds
        listed = self.runner.run(self.processes[at].control("GET", "/worlds")).json
        self.follow()
        for view in listed:
            world = self.alone.worlds.get(view["name"])
            assert world is not None
            assert (view["recorded"], view["happened"], view["changed"]) == (
                world.journal.recorded,
                len(world.history),
                world.changed,
            )
            self.agree(at, view["name"])

    @rule(at=processes, name=names)
    def look(self, at: int, name: str) -> None:
        """Look at a world."""
        reply = self.runner.run(self.processes[at].control("GET", f"/worlds/{name}"))
        world = self.alone.worlds.get(name)
        assert reply.status == (404 if world is None else 200)
        assert world is None or reply.json["recorded"] == world.journal.recorded
        if self.applied[name]:
            self.agree(at, name)

    @rule(at=processes, forget=st.booleans())
    def cover(self, at: int, forget: bool) -> None:
        """Read or forget what coverage collected; where it is off, that is refused."""
        self.runner.run(self.processes[at].control("DELETE" if forget else "GET", "/coverage"))
        self.follow()

    @rule(seconds=st.sampled_from((0, 1, 3600, 86_400, -30)))
    def wait(self, seconds: int) -> None:
        """Let time pass, or have the machine's clock set back."""
        Machine.now += seconds

    # What happens to processes

    @rule(at=processes)
    def replace(self, at: int) -> None:
        """A process ends, and another one begins without any copy."""
        self.runner.run(self.processes[at].close())
        self.ended.append(self.processes[at])
        self.processes[at] = self.start(at)

    @rule(at=processes, name=names)
    def drop_copy(self, at: int, name: str) -> None:
        """A process has no room for a world."""
        self.processes[at].shared.replicas.drop(name)

    def teardown(self) -> None:
        """All processes have the same worlds, byte for byte, and nobody ever met a difference."""
        try:
            if self.processes:
                self.runner.run(self.compare())
        finally:
            for process in self.processes:
                self.runner.run(process.close())
            self.runner.close()

    async def compare(self) -> None:
        """Compare all worlds."""
        for name in WORLDS:
            if not self.applied[name]:
                continue
            for process in self.processes:
                seen = await process.see(name)
                assert seen == save(self.alone.worlds, name)
        for process in self.processes:
            await process.shared.replicas.close()
            assert not any(each.is_wrong for each in process.shared.replicas._replicas.values())


IDLE = re.compile(rb'"idle_seconds":(?:null|0)')


def whole(response: Response) -> tuple[int, list[tuple[bytes, bytes]], bytes, Any]:
    """All of a response; since when a world is idle is known only to a process that has applied its last call."""
    headers = [header for header in response.headers if header[0] != b"content-length"]
    return response.status, headers, IDLE.sub(b"", response.body), response.effect


def calls_on(booking: str, box: str) -> Iterator[Any]:
    """Makers of requests, from the name of a world and a key."""

    def api(method: str, path: str, body: Any = None) -> Any:
        return lambda _name, key: api_request(method, path, body, key=key)

    def control(method: str, path: str, body: Any = None) -> Any:
        return lambda name, _key: control_request(method, f"/worlds/{name}{path}", body)

    yield api("GET", "/units")
    yield api("GET", f"/appointments/{booking}")
    yield api("GET", "/appointments?limit=2")
    yield api("GET", f"/appointments?profile_id={PROFILE}&limit=3&offset=2")
    yield api("GET", "/shipments")
    yield api("GET", f"/shipments/{box}")
    yield api("GET", f"/locations/{BERLIN}/availability")
    yield api("GET", "/nothing")
    yield api("PUT", "/units")
    yield api("HEAD", "/units")
    yield api("DELETE", f"/appointments/{booking}")
    yield api("DELETE", f"/shipments/{box}")
    yield api("PATCH", f"/appointments/{booking}", {"scheduled_at": "2026-06-17T09:30:00+02:00"})
    yield api("PATCH", f"/appointments/{booking}", {"scheduled_at": "soon", "unknown": 1})
    yield api("PATCH", f"/shipments/{box}", {"notes": "x" * 70_000})
    yield api("POST", f"/appointments/{booking}/confirm", {"barcode": "12"})
    yield api("POST", f"/appointments/{booking}/panels", {"panel_ids": [PANEL]})
    yield api("POST", f"/appointments/{booking}/shipments", {"shipment_ids": [box]})
    yield api("DELETE", f"/shipments/{box}/appointments", {"appointment_ids": [booking]})
    yield api("POST", "/profiles", b"{")
    yield control("PUT", "", {"seed": 3, "settings": {"lab_automation": False}})
    yield control("PUT", "", {"clock": "real"})
    yield control("PUT", "", {"clock": "soon"})
    yield control("DELETE", "")
    yield control("POST", "/reset")
    yield control("POST", "/faults", {"status": 503, "times": 2, "operation": "list_units"})
    yield control("POST", "/faults", {"delay_seconds": 1, "times": 1})
    yield control("DELETE", "/faults")
    yield control("POST", "/clock/advance", {"seconds": 86_400})
    yield control("PUT", "/clock", {"mode": "frozen"})
    yield control("PATCH", "/settings", {"taken_slots": "refuse"})
    yield control("POST", "/events", {"type": "practice.confirmed", "appointment_id": booking})
    yield control("POST", "/events", {"type": "courier.picked_up", "shipment_id": box})
    yield control("POST", "/journal/repeat", {"number": 1})
    yield control("GET", "/journal")
    yield control("GET", "/hints")
    yield control("GET", "/events")
    yield control("GET", "/agenda")


Interleaved.TestCase.settings = settings(
    max_examples=int(os.environ.get("ANIVA_SANDBOX_WALKS", "50")),
    stateful_step_count=40,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class TestInterleaved(Interleaved.TestCase):
    """The machine as a test."""
