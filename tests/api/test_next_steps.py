"""The next steps of coverage: each missing item of the default world names Python text that meets it, and it does."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import count

import httpx2
import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.evidence.coverage.collected import Collected
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.evidence.coverage.report import AXES, AxisName
from aniva_sandbox.engine.evidence.coverage.reporting import make_report
from aniva_sandbox.testing.live import LiveServer
from tests.in_process import InProcess
from tests.support import PARTNER

COVERAGE = Coverage(PARTNER, DOMAIN)
GUIDED = tuple(axis for axis in AXES if axis != "assumptions")
"""The axes whose missing items have a next step. That of assumptions wants few items."""


EMPTY = make_report(COVERAGE.items, Collected(), scope=COVERAGE.items.operations)
"""The report on no calls at all, about every operation."""


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    """A server that collects coverage; nothing connects to it."""
    server = LiveServer()
    server.worlds.coverage = COVERAGE
    yield server
    server.worlds.coverage = None


@pytest.mark.parametrize("axis", GUIDED)
def test_next_steps_are_true(axis: AxisName, server: LiveServer) -> None:
    """In a fresh world, every next step meets its item."""
    numbers = count()
    missed = []
    for entry in EMPTY.axes[axis].list:
        if entry.next is None:
            continue
        COVERAGE.clear()
        world = f"{axis}-{next(numbers)}"
        aniva = InProcess.fresh(server, world)
        with suppress(httpx2.TransportError):  # which some faults are there to cause
            exec(entry.next, {"aniva": aniva})
        if entry.id not in COVERAGE.collected():
            missed.append(f"{entry.id}\n{entry.next}\n{aniva.story()}")
        aniva.close()
    assert not missed, "\n\n".join(missed)


@pytest.mark.parametrize("axis", GUIDED)
def test_every_missing_item_has_a_next_step(axis: AxisName) -> None:
    """Where there is none, the item says why it cannot be met, and is not counted."""
    assert [entry.id for entry in EMPTY.axes[axis].list if entry.next is None and entry.is_counted] == []
    assert EMPTY.axes[axis].items == sum(entry.next is not None for entry in EMPTY.axes[axis].list)


def test_next_steps_name_items() -> None:
    """Every next step, reason and example call is about something that exists."""
    texts = DOMAIN.next_steps()
    assert texts.steps.keys() | texts.unmeetable.keys() <= COVERAGE.items.by_id.keys()
    assert texts.steps.keys().isdisjoint(texts.unmeetable.keys())
    assert texts.calls.keys() == set(COVERAGE.items.operations)


def test_next_steps_are_to_be_pasted() -> None:
    """They neither assert nor print, are short, and their names are those of a test with the fixture."""
    for item in COVERAGE.items.by_id.values():
        if item.next is not None:
            assert len(item.next.splitlines()) <= 5, item
            assert "assert" not in item.next
            assert "print(" not in item.next
            compile(item.next, item.id, "exec")
