"""Calls of one world that reach whatever is saved of it."""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.store.saved import digest
from aniva_sandbox.engine.world.clock import Mode
from aniva_sandbox.engine.world.limits import Limits
from tests.engine.store.pairs import Machine, Pair
from tests.sandbox.serving.common import NEW_APPOINTMENT, NEW_PROFILE, NEW_SHIPMENT, OPERATIONS, filled, shown_body
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CONTROL,
    EMPTY_APPOINTMENT,
    LOCKED_SHIPMENT,
    MOVING_SHIPMENT,
    PARTNER,
    PENDING_APPOINTMENT,
    PROFILE,
    RIVAL_PROFILE,
    SHIPMENT,
    UNKNOWN,
    new_worlds,
)

NAME = "mine"
WORLD = f"/worlds/{NAME}"


def call(
    method: str,
    target: str,
    body: Any = None,
    *,
    key: str = f"sbx_{NAME}",
    fault: str | None = None,
    test: str | None = None,
) -> Request:
    """A call of the API."""
    path, _, query = f"/api/v1{target}".partition("?")
    content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
    return Request(method, path, query.encode(), key, "application/json", content, fault, headers=_named(test))


def control(method: str, target: str, body: Any = None, *, test: str | None = None) -> Request:
    """A call of the control plane."""
    path, _, query = f"/_sandbox{target}".partition("?")
    content = b"" if body is None else msgspec.json.encode(body)
    return Request(method, path, query.encode(), None, "application/json", content, headers=_named(test))


def _named(test: str | None) -> list[tuple[bytes, bytes]]:
    return [] if test is None else [(b"x-sandbox-test", test.encode())]


EVERY = [call(method, filled(method, path), shown_body(described)) for method, path, described in OPERATIONS]
"""Each operation, as the document shows it."""
SOUND = [
    call("POST", "/appointments", NEW_APPOINTMENT),
    call("POST", "/profiles", NEW_PROFILE | {"height": 170, "weight": 60.5, "email": "a@example.com"}),
    call("POST", "/shipments", NEW_SHIPMENT),
    call("POST", f"/appointments/{EMPTY_APPOINTMENT}/panels", {"panel_ids": ["d4e5f6a7-b8c9-4d1e-a2f3-b4c5d6e7f8a9"]}),
    call("POST", f"/appointments/{APPOINTMENT}/confirm", {"barcode": "1234567890"}),
    call("PATCH", f"/appointments/{APPOINTMENT}", {"scheduled_at": "2026-04-16T09:00:00+02:00"}),
    call("PATCH", f"/profiles/{PROFILE}", {"height": 181, "email": "b@example.com"}),
    call("POST", f"/appointments/{APPOINTMENT}/shipments", {"shipment_ids": [SHIPMENT]}),
    call("DELETE", f"/appointments/{APPOINTMENT}/shipments", {"shipment_ids": [SHIPMENT]}),
    call("DELETE", f"/appointments/{PENDING_APPOINTMENT}"),
    call("GET", f"/locations/{BERLIN}/availability?start_date=2026-04-14&end_date=2026-04-18"),
    call("GET", "/appointments", key=f"sbx_{NAME}.reader"),
    call("GET", f"/appointments/{APPOINTMENT}", key=f"sbx_{NAME}.outsider", test="of an outsider"),
    call("HEAD", "/shipments", test="of a head"),
]
ODD = [
    call("GET", f"/appointments/{UNKNOWN}"),
    call("GET", f"/profiles/{RIVAL_PROFILE}"),
    call("GET", f"/appointments/{PROFILE}"),
    call("GET", "/nothing"),
    call("PUT", "/units", {}),
    call("GET", "/units", key=f"sbx_{NAME}.nobody"),
    call("GET", "/profiles?email=a+b@example.com&limit=2&nobody=1"),
    call("POST", "/appointments", NEW_APPOINTMENT | {"scheduled_at": "2020-01-01T00:00:00Z", "nobody": 1}),
    call("POST", "/profiles", NEW_PROFILE | {"height": 1e300, "weight": 10**30, "sex": 3, "password": "secret"}),
    call("POST", "/profiles", b'{"first_name": "\xff"}'),
    call("POST", "/appointments", b'{"notes": "' + b"x" * 9000 + b'"}'),
    call("GET", "/profiles?email=" + "x" * 3000),
    call("POST", "/appointments", NEW_APPOINTMENT, fault="drop=after"),
    call("POST", "/appointments", NEW_APPOINTMENT, fault="status=503; retry_after=30"),
    call("GET", "/units", fault="status=429; retry_after=3600"),
    call("GET", "/profiles?limit=1", fault="truncate"),
    call("GET", "/units", fault="nonsense"),
]
BIG = [
    call("POST", "/shipments", NEW_SHIPMENT | {"package_count": 10**30}),
    call("POST", "/profiles", NEW_PROFILE | {"height": 10**30, "weight": 10**400}),
    call("POST", "/profiles", b'{"\\ud800": "\\ud800", "height": 1e400, "weight": -0.0}'),
    call("GET", f"/profiles?limit={10**30}"),
    call("GET", f"/profiles?limit=-{10**30}&offset={10**30}&%ED%A0%80=%ED%A0%80"),
    call("GET", "/appointments/%ff"),
    control("PUT", f"/worlds/{NAME}", {"seed": 2**53}),
]
PAGES = [
    call("GET", f"/{what}?limit={limit}&offset={offset}", key=key)
    for what in ("profiles", "appointments")
    for limit, offset in ((1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 3), (3, 100))
    for key in (f"sbx_{NAME}", f"sbx_{NAME}.reader")
]
EVENTS = [
    {"type": "practice.confirmed", "appointment_id": PENDING_APPOINTMENT},
    {"type": "operations.cancelled", "appointment_id": APPOINTMENT},
    {"type": "kit.ordered", "profile_id": PROFILE},
    {"type": "courier.picked_up", "shipment_id": LOCKED_SHIPMENT},
    {"type": "courier.delivered", "shipment_id": MOVING_SHIPMENT, "time": "2026-04-14T10:00:00Z"},
    {"type": "lab.results_arrived", "appointment_id": APPOINTMENT, "time": "2026-04-20T10:00:00Z"},
    {"type": "location.closed", "location_id": BERLIN},
    {"type": "location.opened", "location_id": BERLIN},
    {"type": "location.date_blocked", "location_id": BERLIN, "date": "2026-04-17"},
]
CONTROLS = [
    *(control("POST", f"{WORLD}/events", event) for event in EVENTS),
    *(control("POST", f"{WORLD}/agenda/happen", {"number": number}) for number in (1, 2, 9)),
    *(control("POST", f"{WORLD}/clock/advance", {"seconds": seconds}) for seconds in (1, 3600, 90_000, 864_000)),
    control("POST", f"{WORLD}/clock/advance", {"until": "courier.delivered"}),
    control("PUT", f"{WORLD}/clock", {"mode": "real"}),
    control("PUT", f"{WORLD}/clock", {"mode": "frozen"}),
    control("PUT", f"{WORLD}/clock", {"mode": "real", "now": "2026-05-01T08:00:00Z"}),
    control("PATCH", f"{WORLD}/settings", {"taken_slots": "refuse", "outside_slots": "refuse"}),
    control("PATCH", f"{WORLD}/settings", {"lab_quick_hours": 1, "hourly_sync": False}, test="of settings"),
    control("PATCH", f"{WORLD}/settings", {"courier_automation": False, "hourly_sync": True}),
    control("POST", f"{WORLD}/faults", {"operation": "list_appointments", "status": 500, "times": 2}),
    control("POST", f"{WORLD}/faults", {"method": "GET", "status": 503, "retry_after": 60, "after": 1}),
    control("POST", f"{WORLD}/faults", {"path": "/api/v1/profiles", "truncate": True, "times": None, "after": 2}),
    control("POST", f"{WORLD}/faults", {"drop": "after"}),
    control("POST", f"{WORLD}/faults", {"malformed": True, "latency_ms": 1}),
    control("DELETE", f"{WORLD}/faults"),
    control("DELETE", f"{WORLD}/faults/fault-2"),
    control("DELETE", f"{WORLD}/journal"),
    control("POST", f"{WORLD}/journal/repeat", {"number": 1}),
    control("POST", f"{WORLD}/journal/repeat", {"number": 2}),
    control("POST", f"{WORLD}/reset"),
    control("PUT", WORLD, {"seed": 3, "clock": "2026-04-13T10:00:00+02:00", "settings": {"lab_automation": False}}),
    control("PUT", WORLD, {"fixture": "default", "clock": "real"}, test="of a world"),
    control("DELETE", WORLD),
]
LOOKS = [
    *(control("GET", f"{WORLD}{what}") for what in ("", "/snapshot", "/clock", "/agenda", "/events", "/faults")),
    *(control("GET", f"{WORLD}/journal{query}") for query in ("", "?number=1", "?format=har", "?format=pytest")),
    control("GET", f"{WORLD}/settings"),
    control("GET", f"{WORLD}/records?section=appointments"),
    control("GET", f"{WORLD}/records?section=profiles"),
    control("GET", f"{WORLD}/records?section=locations"),
    control("GET", f"{WORLD}/record?section=locations&key={BERLIN}"),
    control("GET", f"{WORLD}/record?section=shipments&key={SHIPMENT}"),
    control("GET", f"/coverage?worlds={NAME}"),
]

Step = Request | str | int
"""A request, or seconds that pass by the machine's clock, or ``load``, or to ``keep`` a snapshot or ``restore`` it, or
to ask for a ``report`` of one server only."""

STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        st.sampled_from(EVERY + SOUND),
        st.sampled_from(ODD),
        st.sampled_from(PAGES),
        st.sampled_from(CONTROLS),
        st.sampled_from([*LOOKS, "load", "keep", "restore", "report", 1, 40, 90_000]),
        st.sampled_from(PAGES + SOUND).map(lambda request: msgspec.structs.replace(request, headers=_named("of it"))),
    ).flatmap(lambda step: st.sampled_from([[step]] * 9 + [[step] * 22])),
    min_size=4,
    max_size=30,
).map(lambda steps: [each for some in steps for each in some])


def make_worlds(mode: Mode = "frozen", journal: int = 1000, *, collects: bool = True) -> Worlds:
    """A server's worlds, with coverage or without."""
    coverage = Coverage(PARTNER, DOMAIN) if collects else None
    return new_worlds(mode=mode, coverage=coverage, limits=Limits(journal=journal))


def walk(pair: Pair, machine: Machine, steps: list[Step]) -> None:
    """Take steps with both servers."""
    kept: Any = None
    for step in steps:
        match step:
            case int():
                machine.pass_time(step)
            case "load":
                pair.load()
            case "keep":
                kept = pair.send(control("GET", f"{WORLD}/snapshot"))
            case "restore" if kept is not None and kept.status == 200:
                pair.send(control("PUT", f"{WORLD}/snapshot", msgspec.json.decode(kept.body)))
            case "report" if pair.loaded.coverage is not None:
                pair.loaded.coverage.report()
            case Request():
                pair.send(step)


def fixed_walk() -> Iterator[Step]:
    """Every step once or twice, in an order without restarts of the world but at the beginning."""
    kept = [each for each in CONTROLS if each.path != f"/_sandbox{WORLD}" and not each.path.endswith("/reset")]
    yield CONTROLS[-3]
    for place, step in enumerate([*EVERY, *SOUND, *kept, *ODD, *PAGES, *EVERY, *kept, *SOUND]):
        if not (step.method == "DELETE" and step.path.endswith("/journal")):
            yield step
        if place % 20 == 0:
            yield 7


def main() -> None:
    """Print the digest of the world that the fixed walk leads to."""
    with pytest.MonkeyPatch.context() as patch:
        pair = Pair(NAME, PARTNER, CONTROL, make_worlds)
        walk(pair, Machine(patch), [*fixed_walk()])
        print(digest(pair.save()).hex())  # noqa: T201


if __name__ == "__main__":
    main()
