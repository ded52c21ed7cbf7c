"""Whole worlds as bytes: one that is loaded is the one that was saved, whatever is called afterwards."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aniva_sandbox.engine.contract.requests import Request
from tests.engine.store.pairs import Machine, Pair
from tests.sandbox.world.saved_steps import LOOKS, NAME, STEPS, WORLD, Step, control, make_worlds
from tests.support import CONTROL, PARTNER


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


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(STEPS, st.sampled_from(["frozen", "real"]), st.sampled_from([3, 30, 1000]), st.booleans())
def test_a_loaded_world_is_the_one_that_was_saved(steps: list[Step], mode: Any, journal: int, collects: bool) -> None:
    """Every later response, entry of the journal, hint, snapshot and report is the same, and so is what is saved again;
    worlds that were reached by the same calls are saved as the same bytes, whether one of them was loaded or not."""
    with pytest.MonkeyPatch.context() as patch:
        pair = Pair(NAME, PARTNER, CONTROL, lambda: make_worlds(mode, journal, collects=collects))
        walk(pair, Machine(patch), [*steps, "load", *LOOKS])
