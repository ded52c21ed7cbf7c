"""The past of a start is computed once for worlds that start alike, and no world can tell."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aniva_sandbox.api.beginnings import get_fixture
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.serving.pipeline import Request, respond
from aniva_sandbox.engine.world import pasts
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.events import advance, happen, settle
from aniva_sandbox.engine.world.pasts import Pasts
from aniva_sandbox.engine.world.state import Beginning
from aniva_sandbox.laboratory.magic import MAGIC
from tests.engine.world.test_copies import changeable
from tests.sandbox.serving.test_shortcuts import calls
from tests.sandbox.world.fixture_files import BOXES, SMALL
from tests.support import DRAWN_APPOINTMENT, PARTNER, Client, new_world, new_worlds, snapshot_of

DRAWS = """\
  - id: 40000000-0000-4000-8000-000000000002
    profile: 30000000-0000-4000-8000-000000000001
    location: 20000000-0000-4000-8000-000000000001
    scheduled_at: "-2d 09:00"
    status: blood_drawn
    barcode: "{barcode}"
    test_method: practitioner
    created_at: "-9d 08:00"
    updated_at: "-2d 09:10"
    panels:
      - {{panel_id: f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d, added_at: "-8d 08:00"}}
      - {{panel_id: 00000000-0000-0000-0000-000000000aff, added_at: "-8d 08:00", biomarkers: [vitamin-d-25-oh, tsh]}}
"""

BARCODES = ("4130075218", *(f"{magic.prefix}1" for magic in MAGIC))
FILES = (SMALL, SMALL + BOXES, *(SMALL + DRAWS.format(barcode=each) + BOXES for each in BARCODES))


@pytest.fixture(scope="module")
def own_files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The paths of world files of our own, among them draws with barcodes that choose their results."""
    folder = tmp_path_factory.mktemp("worlds")
    paths = [folder / f"own{number}.yaml" for number in range(len(FILES))]
    for path, text in zip(paths, FILES, strict=True):
        path.write_text(text, encoding="utf-8")
    return list(map(str, paths))


starts = st.integers(-600_000_000, 5_000_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
begun_settings = st.builds(
    Settings,
    courier_automation=st.booleans(),
    lab_automation=st.booleans(),
    lab_quick_hours=st.sampled_from([0, 24, 60]),
    lab_slow_hours=st.sampled_from([0, 96, 8784]),
)
options = st.fixed_dictionaries(
    {
        "start": st.none() | starts,
        "seed": st.sampled_from([None, 0, 1, 2**53]),
        "settings": st.none() | begun_settings,
    }
)
"""How a world starts."""

fixture_places = st.sampled_from([-1, -1, *range(len(FILES))])


def begun(beginning: Beginning, *, afresh: bool = False, **options: Any) -> World:
    """A world that has begun: as worlds do, or all by itself."""
    world = World("test", beginning, DOMAIN, **{"mode": "frozen", **options})
    if afresh:
        world.begun = True
        DOMAIN.pasts.afresh(world)
    settle(world)
    return world


def whole(world: World) -> tuple[bytes, ...]:
    """All that a world holds, to the byte."""
    return (
        msgspec.json.encode(snapshot_of(world)),
        msgspec.json.encode(list(world.agenda.numbered())),
        msgspec.json.encode(world.agenda.counts()),
        repr([(each.number, each.time, each.request, each.response) for each in world.journal]).encode(),
    )


def parts(world: World) -> dict[int, Any]:
    """Everything in a world that can change, by identity."""
    tables = [list(getattr(world, section.name)) for section in DOMAIN.sections if not section.fixed]
    return changeable([tables, list(world.agenda), world.history, world.faults, world.ids.counts])


def make(domain: Domain, beginning: Beginning, **options: Any) -> World:
    """A world of a domain that has begun."""
    world = World("test", beginning, domain, **{"mode": "frozen", **options})
    settle(world)
    return world


@settings(max_examples=20, derandomize=True, deadline=None, database=None)
@given(how=options, place=fixture_places, others=st.lists(options, max_size=1))
def test_the_past_is_that_of_a_world_by_itself(
    own_files: list[str], how: dict[str, Any], place: int, others: list[dict[str, Any]]
) -> None:
    """Worlds that start alike are equal to the byte to one that began by itself, whatever began before them; and they
    have nothing in common that can change."""
    beginning = get_fixture("default" if place < 0 else own_files[place])
    for other in others:
        begun(beginning, **other)
    plain = begun(beginning, afresh=True, **how)
    first, second, third = [begun(beginning, **how) for _ in range(3)]
    assert whole(first) == whole(second) == whole(third) == whole(plain)
    found = [parts(world) for world in (plain, first, second, third)]
    assert len(set().union(*found)) == sum(map(len, found))


happenings = st.one_of(
    st.integers(0, 3_000_000),
    st.sampled_from(
        [
            Event("lab.corrected", DRAWN_APPOINTMENT, {"values": {"60": 4.2}}),
            Event("lab.results_arrived", DRAWN_APPOINTMENT),
            Event("lab.order_failed", DRAWN_APPOINTMENT),
            Event("practice.confirmed", "76aaf46a-d193-483d-a45b-9ce4e3388287"),
            Event("courier.picked_up", "P2604154821"),
            Event("courier.lost", "P2604136631"),
            Event("location.date_blocked", "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b", {"date": "2026-04-14"}),
        ]
    ),
)


@settings(max_examples=20, derandomize=True, deadline=None, database=None)
@given(steps=st.lists(calls | happenings, max_size=20))
def test_a_changed_world_changes_no_other(steps: list[Any]) -> None:
    """Whatever happens in one world, the others that start alike, and those to come, stay as they were made; and what
    happens in one that began with the past of others is what would have happened in it by itself."""
    worlds = new_worlds()
    world, other = worlds.create("test"), worlds.create("other")
    untouched = whole(begun(world.beginning, afresh=True, seed=world.seed))
    settle(world)
    settle(other)
    plain_worlds = new_worlds()
    plain = plain_worlds.create("test")
    plain.begun = True
    DOMAIN.pasts.afresh(plain)
    for step in steps:
        assert _do(worlds, step) == _do(plain_worlds, step)
    assert whole(world) == whole(plain)
    assert whole(other) == whole(new_world()) == untouched
    world.reset()
    settle(world)
    assert whole(world) == untouched


def _do(worlds: Any, step: Any) -> Any:
    """What one step comes to."""
    world = worlds.get("test")
    if isinstance(step, int):
        return advance(world, world.now + timedelta(seconds=step))
    if isinstance(step, Event):
        try:
            return happen(world, step)
        except Exception as error:
            return str(error)
    method, path, query, body = step
    content = b"" if body is None else msgspec.json.encode(body)
    request = Request(method, f"/api/v1{path}", query, "sbx_test", "application/json", content)
    return respond(PARTNER, worlds, request)


def test_a_world_changed_before_it_begins_gets_its_own_past() -> None:
    """What was changed between start and beginning counts: such a world is not taken for one that starts alike."""
    new_world()
    changed = []
    for afresh in (True, False):
        world = World("test", get_fixture("default"), DOMAIN, mode="frozen")
        world.appointments[DRAWN_APPOINTMENT].barcode = f"{MAGIC[-1].prefix}1"
        world.appointments[DRAWN_APPOINTMENT].panels.clear()
        if afresh:
            world.begun = True
            DOMAIN.pasts.afresh(world)
        settle(world)
        changed.append(whole(world))
    assert changed[0] == changed[1] != whole(new_world())


def test_a_restored_world_that_has_not_begun() -> None:
    """A snapshot of a world that has not begun leads to the same world as the start itself."""
    world = World("test", get_fixture("default"), DOMAIN, mode="frozen")
    client = Client()
    client.worlds.create("test")
    assert client.control("PUT", "/worlds/test/snapshot", snapshot_of(world)).status == 200
    assert snapshot_of(client.world) == snapshot_of(new_world())


class _Counted:
    """Counts how often worlds begin by themselves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.number = 0
        self._begin = DOMAIN.pasts.afresh
        kept = Pasts(self._count, DOMAIN.sections)
        monkeypatch.setattr(DOMAIN, "begin", kept.begin)

    def _count(self, world: World) -> None:
        self.number += 1
        self._begin(world)


def test_it_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worlds that start alike share one computation; another start, seed or setting has its own."""
    counted = _Counted(monkeypatch)
    for _ in range(3):
        new_world()
    assert counted.number == 1
    new_world(seed=1)
    new_world(settings=Settings(lab_quick_hours=1))
    begun(get_fixture("default"), start=datetime(2026, 4, 14, tzinfo=UTC))
    assert counted.number == 4
    new_world()
    assert counted.number == 4


def test_only_the_last_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as the limit are kept, the last used ones; of large worlds fewer, and of very large ones none."""
    counted = _Counted(monkeypatch)
    for seed in range(pasts.PASTS):
        new_world(seed=seed)
    new_world(seed=0)
    assert counted.number == pasts.PASTS
    new_world(seed=99)
    new_world(seed=0)
    assert counted.number == pasts.PASTS + 1
    new_world(seed=1)  # the least recently used
    assert counted.number == pasts.PASTS + 2
    size = World("test", get_fixture("default"), DOMAIN, mode="frozen").size
    monkeypatch.setattr(pasts, "RECORDS", 2 * size - 1)  # room for one
    for seed in (50, 51, 51, 50):
        new_world(seed=seed)
    assert counted.number == pasts.PASTS + 5
    monkeypatch.setattr(pasts, "RECORDS", size - 1)
    for _ in range(2):
        new_world(seed=60)
    assert counted.number == pasts.PASTS + 7


def test_what_cannot_be_written_begins_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that has no bytes, and one with events or faults, is begun without what is kept."""
    counted = _Counted(monkeypatch)
    for _ in range(2):
        world = World("test", get_fixture("default"), DOMAIN, mode="frozen")
        next(iter(world.profiles)).first_name = "\ud800"
        settle(world)
        world = World("test", get_fixture("default"), DOMAIN, mode="frozen")
        world.agenda.add(world.now + timedelta(days=1), Event("courier.lost", "P2604136631"))
        settle(world)
    assert counted.number == 4
