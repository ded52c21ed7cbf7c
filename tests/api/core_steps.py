"""Steps that random tests take in a world, as plain values, so that they can be taken again in another one."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from aniva_sandbox.engine.contract.operations import Operation
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import advance, happen
from tests.support import Client, run

COURIER_RULES = {"shipment.courier-refuses", "shipment.courier-refuses/change", "shipment.id/exhausted"}


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
