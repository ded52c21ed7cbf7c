"""How the items of coverage are met in the default world: for each, Python text that uses the fixture ``aniva``. Texts
are written for a frozen clock."""

from typing import Final

from aniva_sandbox.api.next_steps.boundaries import BOUNDARIES
from aniva_sandbox.api.next_steps.calls import EXAMPLE_CALLS, RESPONSES
from aniva_sandbox.api.next_steps.rules import RULES
from aniva_sandbox.api.next_steps.states import TIME, TRANSITIONS
from aniva_sandbox.api.next_steps.words import NO_WORDS, WORDS
from aniva_sandbox.engine.world.domain import NextSteps

__all__ = ["NEXT_STEPS"]

NEXT_STEPS: Final = NextSteps(
    steps={**RESPONSES, **RULES, **BOUNDARIES, **TRANSITIONS, **TIME, **WORDS},
    calls=EXAMPLE_CALLS,
    injecting="aniva.faults.add",
    unmeetable={
        "shipment.id/exhausted refused": "the world would have to hold 10,000 shipments of one pickup date",
        **NO_WORDS,
    },
)
