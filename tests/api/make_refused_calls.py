"""Makes ``src/aniva_sandbox/api/refused_calls.json``: for each rule that refuses, a call that it refused.

``python -m tests.api.make_refused_calls`` prints it, ``--write`` replaces the file. The calls to the API are the next
steps of coverage, those to the control plane are below; all are made in fresh default worlds.
"""

import argparse
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import httpx2
import msgspec
from starlette.testclient import TestClient

import aniva_sandbox
from aniva_sandbox.api.app import build_app
from aniva_sandbox.api.control import CONTROL as PLANE
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.ground_rules import KEY_HEADER
from aniva_sandbox.engine.contract.refused import RefusedCall
from aniva_sandbox.engine.serving.guard import Guard
from aniva_sandbox.testing.live import LiveServer
from tests.in_process import InProcess
from tests.support import CANCELLED_APPOINTMENT, CONTROL, DRAWN_APPOINTMENT, PARTNER, UNKNOWN, new_worlds

FILE: Final = Path(aniva_sandbox.__file__).parent / "api" / "refused_calls.json"

WITHOUT: Final = {
    "error.internal": "the sandbox refuses through it only for a defect or an injected fault",
    "shipment.id/exhausted": "the world would have to hold 10,000 shipments of one pickup date",
    "world.full": "the world would have to be full",
    "store.away": "the server would need a store that is away",
    "world.limit": "the server would have to be full",
}
"""Rules without an example, and why."""

_HERE: Final = "http://127.0.0.1"
_WORLD: Final = "/_sandbox/worlds/default"
_CONFIRMED: Final = {"type": "practice.confirmed"}
_ARRIVED: Final = {"type": "lab.results_arrived", "appointment_id": DRAWN_APPOINTMENT}
_SNAPSHOT: Final = next(operation for operation in PLANE.operations if operation.id == "put_snapshot").example
_PERSONA: Final = _SNAPSHOT["personas"][0]
_CONTROL_CALLS: Final[dict[str, tuple[str, str, Any]]] = {
    "world.name": ("PUT", "/_sandbox/worlds/My_World", {}),
    "world.unknown": ("GET", "/_sandbox/worlds/nowhere/clock", None),
    "world.options": ("PUT", _WORLD, {"fixture": "nothing"}),
    "snapshot.version": ("PUT", f"{_WORLD}/snapshot", _SNAPSHOT | {"version": 2}),
    "snapshot.valid": ("PUT", f"{_WORLD}/snapshot", _SNAPSHOT | {"personas": [_PERSONA | {"profile_groups": ["x"]}]}),
    "clock.forward": ("POST", f"{_WORLD}/clock/advance", {"to": "2026-04-12T08:00:00Z"}),
    "clock.until": ("POST", f"{_WORLD}/clock/advance", {"until": "location.closed"}),
    "event.details": ("POST", f"{_WORLD}/events", _CONFIRMED),
    "event.unknown": ("POST", f"{_WORLD}/events", _CONFIRMED | {"appointment_id": UNKNOWN}),
    "event.state": ("POST", f"{_WORLD}/events", _CONFIRMED | {"appointment_id": CANCELLED_APPOINTMENT}),
    "event.values": ("POST", f"{_WORLD}/events", _ARRIVED | {"values": {"999999": 1}}),
    "fault.target": ("POST", f"{_WORLD}/faults", {"operation": "nothing", "status": 503}),
    "fault.effect": ("POST", f"{_WORLD}/faults", {"operation": "list_units", "drop": "after", "status": 503}),
    "fault.unknown": ("DELETE", f"{_WORLD}/faults?id=fault-7", None),
    "agenda.unknown": ("POST", f"{_WORLD}/agenda/happen", {"number": 999}),
    "record.unknown": ("GET", f"{_WORLD}/record?section=profiles&id={UNKNOWN}", None),
    "record.query": ("GET", f"{_WORLD}/records?section=profiles&sort=nothing", None),
    "journal.unknown": ("POST", f"{_WORLD}/journal/repeat", {"number": 999}),
    "journal.repeat": ("POST", f"{_WORLD}/journal/repeat", {"number": 1}),
    "journal.test": ("GET", f"{_WORLD}/journal?format=pytest&number=999", None),
    "journal.query": ("GET", f"{_WORLD}/journal?operation=nothing", None),
    "coverage.off": ("GET", "/_sandbox/coverage", None),
    **dict.fromkeys(("control.token", "control.host", "control.origin"), ("GET", "/_sandbox/worlds", None)),
}
_BEFORE: Final[dict[str, tuple[str, str, Any]]] = {
    "journal.repeat": ("POST", "/api/v1/profiles", {"first_name": "J" * 200_000}),
}
_HEADERS: Final = {
    "control.host": {"host": "sandbox.example"},
    "control.origin": {"origin": "https://app.example"},
}
_USUAL: Final = {KEY_HEADER: "sbx_default", "content-type": "application/json"}
_SHOWN: Final = (KEY_HEADER, "content-type", "host", "origin")
_LONGEST: Final = 2000


def told(api: Api) -> dict[str, None]:
    """The rules that a document's operations may refuse through, in the ledger's order."""
    declared = frozenset[str]().union(*(endpoint.declared_rules for endpoint in api.endpoints.values()))
    return dict.fromkeys(rule.id for rule in api.ledger if rule.id in declared)


def refused_calls() -> Iterator[tuple[str, RefusedCall]]:
    """A refused call for each rule."""
    steps = DOMAIN.next_steps().steps
    server = LiveServer()
    for rule in told(PARTNER) | told(CONTROL):
        if rule in WITHOUT:
            continue
        step = steps.get(f"{rule} refused")
        if step is not None:
            aniva = _Recording.fresh(server, "default")
            exec(step, {"aniva": aniva})
            response = next(each for each in reversed(aniva.responses) if _rules(each).startswith(rule))
            before = tuple(line for line in step.splitlines()[:-1] if "client.get(" not in line)
            aniva.close()
        else:
            response, before = _control_call(rule)
        yield rule, _described(response, before)


def _control_call(rule: str) -> tuple[httpx2.Response, tuple[str, ...]]:
    worlds = new_worlds()
    worlds.create("default")
    guard = Guard(token="the token") if rule == "control.token" else Guard()
    assert rule in _CONTROL_CALLS, f"a refusal by {rule} has no example: add a call"
    method, path, body = _CONTROL_CALLS[rule]
    before: tuple[str, ...] = ()
    with TestClient(build_app(worlds, PARTNER, CONTROL, guard), _HERE) as client:
        if rule in _BEFORE:
            first, where, sent = _BEFORE[rule]
            request = client.request(first, where, json=sent, headers=_USUAL).request
            before = (f"{first} {where}", str(_body(request.content)))
        response = client.request(method, path, json=body, headers=_HEADERS.get(rule))
    assert _rules(response).startswith(rule), (rule, response.headers, response.text)
    return response, before


def _rules(response: httpx2.Response) -> str:
    return response.headers.get("x-sandbox-rule", "")


def _described(response: httpx2.Response, before: tuple[str, ...]) -> RefusedCall:
    request = response.request
    sent = {name: value for name, value in request.headers.items() if name in _SHOWN and _USUAL.get(name) != value}
    if sent.get("host") == _HERE.removeprefix("http://"):
        del sent["host"]
    return RefusedCall(
        before=before,
        method=request.method,
        path=request.url.raw_path.decode(),
        headers=sent,
        body=_body(request.content),
        status=response.status_code,
        rules=_rules(response),
        response=response.json(),
    )


def _body(content: bytes) -> Any:
    if len(content) > _LONGEST:
        return f"({len(content):,} bytes)"
    try:
        return msgspec.json.decode(content) if content else None
    except msgspec.DecodeError:
        return content.decode()


class _Recording(InProcess):
    """A world whose responses are kept."""

    @cached_property
    def responses(self) -> list[httpx2.Response]:
        return []

    @cached_property
    def client(self) -> httpx2.Client:
        client = super().client
        client.event_hooks = {"response": [self.responses.append]}
        return client


def make() -> str:
    """The whole file: a line for each rule."""
    lines = (f"{_json(rule)}: {_json(call)}" for rule, call in refused_calls())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="replace the file")
    text = make()
    if parser.parse_args().write:
        FILE.write_text(text, encoding="utf-8", newline="\n")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
