"""Whole worlds as bytes: one that is loaded is the one that was saved, whatever is called afterwards."""

import os
import subprocess
import sys
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.world.snapshot import set_fields
from tests.engine import toy
from tests.engine.store.pairs import Machine, Pair
from tests.sandbox.serving.conversations import ODD_TARGETS, REFUSED, WITH_ODD_BODIES
from tests.sandbox.world.saved_steps import (
    BIG,
    LOOKS,
    NAME,
    SOUND,
    STEPS,
    WORLD,
    Step,
    control,
    make_worlds,
    walk,
)
from tests.support import CONTROL, PARTNER, new_world


@settings(
    max_examples=15,
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


def test_odd_requests_can_be_saved() -> None:
    """Whatever bytes, text and numbers a request has."""
    pair = Pair(NAME, PARTNER, CONTROL, make_worlds)
    for method, target, body in [*REFUSED, *[(b"GET", target, None) for target in ODD_TARGETS], *WITH_ODD_BODIES]:
        path, _, query = target.partition(b"?")
        pair.send(
            Request(method.decode(), path.decode("latin-1"), query, f"sbx_{NAME}", "application/json", body or b"")
        )
    for request in BIG:
        pair.send(request)
    pair.load()


def test_every_process_saves_the_same() -> None:
    """The bytes depend on nothing that differs between processes, such as the order of sets."""
    command = [sys.executable, "-m", "tests.sandbox.world.saved_steps"]
    environments = [os.environ | {"PYTHONHASHSEED": seed} for seed in ("0", "1")]
    runs = [subprocess.run(command, env=each, capture_output=True, check=True).stdout for each in environments]
    assert len(runs[0].strip()) == 32
    assert runs[0] == runs[1]


def test_a_large_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its records are saved with all that they hold."""
    pair = Pair(NAME, PARTNER, CONTROL, lambda: make_worlds(collects=False))
    pair.send(control("PUT", WORLD, {"fixture": "large"}))
    walk(pair, Machine(monkeypatch), ["load", *SOUND])


TABLES = {
    "profile_groups": set(),
    "location_groups": set(),
    "personas": set(),
    "locations": set(),
    "profiles": {"_by_email"},
    "appointments": {"_by_day", "_by_location", "_by_profile"},
    "shipments": set(),
    "links": {"_links", "_of"},
    "orders": {"_by_barcode"},
    "documents": set(),
}
"""What each table holds besides its records, all of which follows from these in their order."""
CALENDARS = {
    "personas": ("permissions", "profile_groups", "location_groups", "panels"),
    "locations": ("blocked_dates",),
}
"""The fields that are sets."""


def test_all_that_a_world_holds_is_saved_or_left_out() -> None:
    """As of any API: its world has no more attributes than the engine's, but for sections, facts, and what all worlds
    share; its tables have no more than records and indexes; only fields of records themselves are sets."""
    world = new_world()
    domain = world.domain
    own = {*(each.name for each in (*domain.sections, *domain.facts)), "catalogue", "group_names"}
    own |= {"appointment_views", "profile_views"}  # each is what would be made anew
    engine = toy.World("x", toy.TODO.fixture, toy.TODO.domain)
    assert set(vars(world)) == set(vars(engine)) - {"tasks"} | own
    assert world.catalogue is domain.shared()
    for section in domain.sections:
        held = set(getattr(getattr(world, section.name), "__dict__", {})) - {"_records", "held"}
        assert held == TABLES[section.name]
        assert set_fields(section.record) == CALENDARS.get(section.name, ())
        assert not any(sets_inside(type) for type in get_type_hints(section.record).values())


def sets_inside(type: Any, depth: int = 0) -> bool:
    """Whether there are sets inside of a field that is not a set itself."""
    if get_origin(type) in (set, frozenset):
        return depth > 0
    hints = get_type_hints(type).values() if hasattr(type, "__struct_fields__") else ()
    return any(sets_inside(each, depth + 1) for each in (*get_args(type), *hints))
