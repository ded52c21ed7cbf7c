"""The suite under pytest: one test for each entry."""

import contextlib
from collections.abc import Iterable
from typing import Any

import httpx2
import pytest

from aniva_sandbox.testing import Aniva, ControlError
from tests.proof.suite import TESTS, Step

__all__ = ["take"]


@pytest.mark.parametrize("name", TESTS)
def test(aniva: Aniva, name: str) -> None:
    """Take the steps of an entry, whatever comes of them."""
    take(aniva, TESTS[name])


def take(aniva: Aniva, steps: Iterable[Step]) -> None:
    """Take steps in a world."""
    for verb, *given in steps:
        if verb == "happen":
            happen(aniva, **given[0])
        elif verb == "advance":
            advance(aniva, **given[0])
        elif verb == "fault":
            aniva.faults.add(**given[0])
        else:
            call(aniva, verb, *given)


def happen(aniva: Aniva, **event: Any) -> None:
    """Make an event happen, if it can."""
    with contextlib.suppress(ControlError):
        aniva.happen(**event)


def advance(aniva: Aniva, *, seconds: int = 0, to: str = "", until: Any = None, **target: Any) -> None:
    """Move the clock by seconds, to an instant, or until an event of a record."""
    if until:
        aniva.clock.advance_until(until, **target)
    elif to:
        aniva.clock.travel_to(to)
    else:
        aniva.clock.advance(seconds=seconds)


def call(aniva: Aniva, method: str, path: str, body: Any = None, persona: str | None = None) -> None:
    """Call the API; a fault may drop the connection."""
    key = f"{aniva.api_key}.{persona}" if persona else aniva.api_key
    with contextlib.suppress(httpx2.TransportError):
        aniva.client.request(method, f"/api/v1{path}", json=body, headers={"x-api-key": key})
