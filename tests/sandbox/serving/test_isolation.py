"""Worlds side by side: what many clients do at once is what each does alone."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Barrier
from typing import Any

import httpx2
import pytest

from aniva_sandbox.testing.live import LiveServer
from tests.support import BERLIN, PANEL, PENDING_LOCATION, PROFILE

CLIENTS = 8
CALLS = 160
FAULTS: list[dict[str, Any]] = [
    {"method": "GET", "status": 503, "retry_after": 1, "after": 2},
    {"method": "POST", "drop": "after"},
    {"method": "POST", "drop": "before", "times": 2},
    {"operation": "get_appointment", "truncate": True},
    {"operation": "list_appointments", "malformed": True},
    {"operation": "get_profile", "trickle_ms": 1},
    {"method": "GET", "latency_ms": 2, "times": 3},
    {"path": "/api/v1/appointments/{id}/confirm", "status": 429, "after": 1},
]


class Partner:
    """A client of one world, whose every step follows from the seed and from what it was answered before."""

    def __init__(self, url: str, world: str, seed: int) -> None:
        self.world = world
        self.chance = Random(seed)
        self.ids: dict[str, list[str]] = {"appointments": [], "profiles": [PROFILE], "shipments": []}
        self.told: list[Any] = []
        self.http = httpx2.Client(base_url=url, headers={"x-api-key": f"sbx_{world}"}, trust_env=False, timeout=30)
        self.control("PUT", "", {"clock": "frozen", "seed": seed})

    def control(self, method: str, path: str, json: Any = None) -> Any:
        """Call the control plane of the world."""
        return self.note(lambda: self.http.request(method, f"/_sandbox/worlds/{self.world}{path}", json=json))

    def call(self, method: str, path: str, json: Any = None) -> Any:
        """Call the partner API."""
        answer = self.note(lambda: self.http.request(method, f"/api/v1{path}", json=json))
        kind = path.strip("/")
        if isinstance(answer, dict) and kind in self.ids and "id" in answer:
            self.ids[kind].append(answer["id"])
        return answer

    def note(self, ask: Any) -> Any:
        """Remember what was answered, or that the connection broke."""
        try:
            reply = ask()
        except httpx2.TransportError:
            self.told.append("no answer")
            return None
        text = re.sub(r'"changed":[0-9]+', '"changed":...', reply.text)  # counted over all worlds
        self.told.append((reply.status_code, text, reply.headers.get("x-sandbox-rule")))
        try:
            return reply.json()
        except ValueError:
            return None

    def known(self, kind: str) -> str:
        """The id of something that was made here; of nothing, where nothing was."""
        return self.chance.choice(self.ids[kind] or ["11111111-2222-4333-8444-555555555555"])

    def step(self) -> None:
        """Do one thing."""
        day, hour = self.chance.randint(14, 30), self.chance.randint(8, 17)
        appointment = f"/appointments/{self.known('appointments')}"
        box = {"pickup_date": f"2026-04-{day}", "pickup_time_from": "11:00", "pickup_time_till": "14:00"}
        booking = {"profile_id": self.known("profiles"), "scheduled_at": f"2026-04-{day}T{hour:02}:00:00Z"}
        born = {"date_of_birth": "1990-06-15", "profile_group": "acme-clinic-berlin"}
        self.chance.choice(
            [
                lambda: self.call("POST", "/profiles", {"first_name": "Jane", "sex": 2} | born),
                lambda: self.call("POST", "/appointments", booking | {"location_id": BERLIN}),
                lambda: self.call("POST", "/appointments", booking | {"location_id": PENDING_LOCATION}),
                lambda: self.call("PATCH", appointment, {"scheduled_at": f"2026-05-{day}T{hour:02}:00:00Z"}),
                lambda: self.call("POST", f"{appointment}/panels", {"panel_ids": [PANEL]}),
                lambda: self.call("POST", f"{appointment}/confirm", {"barcode": f"99901{hour}"}),
                lambda: self.call("DELETE", appointment),
                lambda: self.call("GET", appointment),
                lambda: self.call("GET", f"{appointment}/results"),
                lambda: self.call("GET", "/appointments"),
                lambda: self.call("POST", "/shipments", box | {"location_id": BERLIN}),
                lambda: self.call("GET", "/shipments"),
                lambda: self.call("POST", f"{appointment}/shipments", {"shipment_ids": [self.known("shipments")]}),
                lambda: self.control("POST", "/faults", self.chance.choice(FAULTS)),
                lambda: self.control("POST", "/clock/advance", {"seconds": self.chance.randint(0, 7200)}),
                lambda: self.control("POST", "/events", {"type": "kit.ordered", "profile_id": PROFILE}),
            ]
        )()

    def live(self, together: Barrier) -> tuple[list[Any], Any]:
        """Do everything; returns what was answered and the world at its end."""
        together.wait(timeout=60)
        for _ in range(CALLS):
            self.step()
        self.control("DELETE", "/faults")
        world = self.control("GET", "/snapshot")
        self.http.close()
        return self.told, world


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    """A live server of its own."""
    with LiveServer() as live:
        yield live


def test_worlds_side_by_side_end_as_they_do_alone(server: LiveServer) -> None:
    """More than a thousand calls of eight clients at once, with faults and clocks that move: every answer, and every
    world at its end, is what it is when the client is alone."""
    alone = [Partner(server.url, f"job-{seed}", seed).live(Barrier(1)) for seed in range(CLIENTS)]
    together = Barrier(CLIENTS)
    partners = [Partner(server.url, f"job-{seed}", seed) for seed in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        beside = list(pool.map(lambda partner: partner.live(together), partners))
    for (told_alone, world_alone), (told_beside, world_beside) in zip(alone, beside, strict=True):
        assert told_beside == told_alone
        assert world_beside == world_alone
    told = [answer for answers, _ in alone for answer in answers]
    assert len(told) > CLIENTS * CALLS
    assert "no answer" in told
    assert {200, 201, 400, 404, 409, 429, 503} <= {answer[0] for answer in told if answer != "no answer"}
    assert len({str(world) for _, world in alone}) == CLIENTS
    assert not server.worlds.mismatches
