"""Worlds as bytes, of any API: what is saved, what is left out, and what cannot be loaded."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import msgspec
import pytest

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import Ledger
from aniva_sandbox.engine.contract.trace import Distance, Hint, Page, Trace, Tried
from aniva_sandbox.engine.double import Double
from aniva_sandbox.engine.evidence.coverage.collected import TESTS_KEPT, Collected, Met
from aniva_sandbox.engine.evidence.coverage.unread import UnreadEvent
from aniva_sandbox.engine.evidence.coverage.written import read_collected, write_collected
from aniva_sandbox.engine.evidence.habits import Habits
from aniva_sandbox.engine.evidence.journal import Exchange, SentRequest, SentResponse
from aniva_sandbox.engine.store import saved as module
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.store.saved import SavedError, digest, load, save
from aniva_sandbox.engine.world.agenda import Event, Happened
from aniva_sandbox.engine.world.limits import Limits
from aniva_sandbox.engine.world.state import SettingsChange, Start, State
from tests.engine import toy
from tests.engine.evidence.loans import API, CONTROL, FIRST, LIBRARY, SECOND, TUESDAY, Library
from tests.engine.store.pairs import Machine, Pair

NAME = "mine"


def library_worlds() -> Worlds:
    """New worlds with coverage, of a library."""
    return Library().worlds


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The machine's time."""
    return Machine(monkeypatch)


@pytest.fixture
def pair(machine: Machine) -> Pair:  # noqa: ARG001
    """Two servers of a library."""
    return Pair(NAME, API, CONTROL, library_worlds)


def call(method: str, path: str, body: Any = None, fault: str | None = None, test: str | None = None) -> Request:
    """A call of the library, or of its control plane."""
    path, _, query = path.partition("?")
    sent = b"" if body is None else msgspec.json.encode(body)
    headers = [] if test is None else [(b"x-sandbox-test", test.encode())]
    return Request(method, path, query.encode(), f"sbx_{NAME}", "application/json", sent, fault, headers=headers)


BOOK = f"/api/v1/books/{FIRST}"
WORLD = f"/_sandbox/worlds/{NAME}"
CALLS = [
    call("GET", BOOK, test="of a book"),
    call("POST", f"{BOOK}/loan", {"due": "2030-01-09T09:00:00Z", "weeks": 2}),
    call("POST", f"{BOOK}/loan", {"due": "2030-01-09T09:00:00Z"}, test="of a second loan"),
    call("POST", f"/api/v1/books/{SECOND}/loan", {"due": TUESDAY, "note": "too long"}),
    call("GET", "/api/v1/books?limit=9"),
    call("POST", f"{WORLD}/events", {"type": "book.copied", "book_id": SECOND}, test="of copies"),
    call("GET", "/api/v1/books/nothing", fault="status=503; retry_after=9"),
    call("POST", f"{WORLD}/faults", {"status": 500, "after": 1}),
    call("POST", f"{WORLD}/clock/advance", {"seconds": 90_000}),
    call("GET", "/api/v1/books"),
    call("POST", f"{WORLD}/reset"),
    call("GET", BOOK),
    call("GET", "/api/v1/nothing"),
    call("DELETE", WORLD),
]


# What is loaded


@pytest.mark.parametrize("at", range(len(CALLS) + 1))
def test_a_world_goes_on_where_it_is_loaded(pair: Pair, at: int) -> None:
    """After any call; once more after the last."""
    for place, request in enumerate(CALLS):
        if place == at:
            pair.load()
        pair.send(request)
    pair.load()
    pair.send(CALLS[0])


def test_a_running_clock_goes_on(pair: Pair, machine: Machine) -> None:
    """From its lead over the machine's time, which is not that of a fixture."""
    pair.send(call("GET", BOOK))
    pair.send(call("PUT", f"{WORLD}/clock", {"mode": "real"}))
    for _ in range(2):
        machine.pass_time(100)
        pair.load()
        assert dict(pair.send(call("GET", BOOK)).headers)[b"x-sandbox-time"]
    assert pair.loaded.get(NAME).now == pair.kept.get(NAME).now  # type: ignore[union-attr]


@pytest.mark.usefixtures("machine")
def test_the_numbers_of_the_agenda_go_on() -> None:
    """Also where events were taken out of it."""
    pair = Pair(NAME, *_toy())
    for title in "ABC":
        pair.send(call("POST", "/api/v1/tasks", {"title": title, "due": "2030-01-03T09:00:00Z"}))
    pair.send(call("POST", f"{WORLD}/agenda/happen", {"number": 2}))
    pair.load()
    pair.send(call("POST", f"{WORLD}/agenda/happen", {"number": 3}))
    pair.send(call("POST", "/api/v1/tasks", {"title": "D", "due": "2030-01-03T09:00:00Z"}))
    pair.send(call("GET", f"{WORLD}/agenda"))


def _toy() -> tuple[Api, Api, Callable[[], Worlds]]:
    """The API of the toy, its control plane, and what makes its worlds."""
    return Api.of(toy.TODO.contract), Api.of(toy.TODO.control), lambda: _worlds(toy.TODO)


def _worlds(of: Double, **limits: int) -> Worlds:
    """New worlds without coverage."""
    return Worlds(of.domain, lambda _name: of.fixture, ["default"], mode="frozen", limits=Limits(**limits))


def test_a_loaded_world_takes_the_place_of_the_other(pair: Pair) -> None:
    """Keys lead to it, the probe stays, and its use counts."""
    pair.send(CALLS[0])
    worlds, probe = pair.loaded, object()
    before = worlds.get(NAME)
    assert before is not None
    before.probe = probe  # type: ignore[assignment]
    loaded = load(save(worlds, NAME), worlds, NAME, CONTROL.ledger)
    assert loaded is not None
    assert loaded is not before
    found = worlds.find(f"sbx_{NAME}")
    assert found is not None
    assert found[0] is loaded
    assert loaded.probe is probe
    assert loaded.observer is worlds.coverage
    assert loaded.last_use > before.last_use


def test_room_is_made_for_a_loaded_world() -> None:
    """As for any other."""
    library = Library()
    library.get()
    small = Worlds(LIBRARY.domain, lambda _name: LIBRARY.fixture, ["default"], mode="frozen", limits=Limits(worlds=1))
    small.create("other")
    load(save(library.worlds, NAME), small, NAME, CONTROL.ledger)
    assert [world.name for world in small] == [NAME]


def test_no_world() -> None:
    """What coverage collected in a world that was dropped can be saved as well."""
    library, other = Library(), Library()
    library.get(test="of a book")
    library("DELETE", WORLD)
    saved = save(library.worlds, NAME)
    other.get()
    assert load(saved, other.worlds, NAME, CONTROL.ledger) is None
    assert other.worlds.get(NAME) is None
    assert other.report() == library.report()
    nothing = save(Library().worlds, NAME)
    assert load(nothing, other.worlds, NAME, CONTROL.ledger) is None
    assert other.met("responses") == []


@pytest.mark.usefixtures("machine")
def test_a_journal_that_drops_exchanges() -> None:
    """With its numbers; the settings of the server decide how many it keeps."""
    pair = Pair(NAME, API, CONTROL, lambda: _worlds(LIBRARY, journal=2))
    for _ in range(5):
        pair.send(CALLS[0])
        pair.load()
    journal = pair.loaded.get(NAME).journal  # type: ignore[union-attr]
    assert ([each.number for each in journal], journal.recorded, journal.dropped) == ([4, 5], 5, 3)


# What cannot be loaded


def test_bytes_that_were_cut_off_or_changed() -> None:
    """They are refused, and change nothing."""
    library = Library()
    library.get()
    library.lend()
    saved = save(library.worlds, NAME)
    world = library.worlds.get(NAME)
    for wrong in (
        *(saved[:length] for length in (*range(40), *range(40, len(saved), 97))),
        *(saved[:at] + bytes([saved[at] ^ 1]) + saved[at + 1 :] for at in range(0, len(saved), 31)),
        saved + b"\0",
    ):
        with pytest.raises(SavedError, match="was cut off or changed"):
            load(wrong, library.worlds, NAME, CONTROL.ledger)
    assert library.worlds.get(NAME) is world
    assert save(library.worlds, NAME) == saved


def test_what_other_servers_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another API, another version, a rule and a fixture that do not exist here."""
    library = Library()
    library.lend()
    library.lend()
    saved = save(library.worlds, NAME)
    toys = _toy()[2]()
    toys.create(NAME)
    with pytest.raises(SavedError, match="is of another API"):
        load(save(toys, NAME), library.worlds, NAME, CONTROL.ledger)
    with pytest.raises(SavedError, match="the rule 'book\\.state', which does not exist here"):
        load(saved, library.worlds, NAME, Ledger(rule for rule in CONTROL.ledger if rule.id != "book.state"))
    world = library.worlds.get(NAME)
    assert world is not None
    with monkeypatch.context() as patch:
        patch.setattr(module, "_VERSION", 7)
        other = save(library.worlds, NAME)
    with pytest.raises(SavedError, match="must have version 1; it has version 7"):
        load(other, library.worlds, NAME, CONTROL.ledger)
    world.beginning = type("Other", (), {"name": "other"})()
    with pytest.raises(SavedError, match="the fixture other, which does not exist here"):
        load(save(library.worlds, NAME), library.worlds, NAME, CONTROL.ledger)
    assert issubclass(SavedError, ValueError)


def test_a_digest() -> None:
    """16 bytes, which depend on all of a world."""
    library = Library()
    library.get()
    before = digest(save(library.worlds, NAME))
    assert len(before) == 16
    assert digest(save(library.worlds, NAME)) == before
    library.get()
    assert digest(save(library.worlds, NAME)) != before


# Coverage


def test_when_a_report_is_made_makes_no_difference() -> None:
    """It closes the book of the last test; and of the names of tests, only those are saved that a report can show."""
    library, other = Library(), Library()
    for each in (library, other):
        each.get(test="first")
        each.get(test="second")
    library.report()
    assert save(library.worlds, NAME) == save(other.worlds, NAME)
    many = Collected({"x": Met(5, {f"{number:05}" for number in range(2 * TESTS_KEPT)}, -3, {"client", "api"})})
    written = write_collected(many)
    assert written[0].tests == [f"{number:05}" for number in range(TESTS_KEPT)]
    assert write_collected(read_collected(written)) == written
    assert isinstance(read_collected(written).met["x"].closest, int)


def test_forgetting_one_world() -> None:
    """What was collected in it; the test named for its later calls stays."""
    library = Library()
    library.get(key="sbx_other")
    library("POST", f"{WORLD}/reset", test="named")
    library.get()
    library("PUT", WORLD, {}, test="named")
    library.get()
    library.coverage.forget(NAME)
    assert library.entry("get_book 200").tests == ()
    library.get()
    assert (library.entry("get_book 200").count, library.entry("get_book 200").tests) == (2, ("named",))


# All of it


def attributes(library: Library) -> dict[str, set[str]]:
    """Of every object that holds something of a world, or of what is collected in it: the names of what it holds."""
    world = library.worlds.get(NAME)
    assert world is not None
    assert library.coverage is not None
    kept = library.coverage._worlds[NAME]
    structs = (Habits, Trace, Hint, Distance, Tried, Page, Exchange, SentRequest, SentResponse, Event, Happened)
    more = (Start, SettingsChange, Met, Collected)
    objects = (world, world.clock, world.ids, world.agenda, world.journal, world.faults, kept, kept.book, kept.unread)
    return {
        **{each.__name__: set(each.__struct_fields__) for each in (*structs, *more)},
        "State": {each.name for each in fields(State)},
        **{type(each).__name__: set(vars(each)) for each in objects},
    }


SAVED = {
    "World": "clock ids settings agenda history faults begun books personas beginning journal habits relied_on changed "
    "began settings_changes chosen start",
    "State": "clock ids settings agenda history faults begun sections facts",
    "Clock": "mode now _lead",
    "Ids": "seed counts",
    "Agenda": "_added _entries",
    "Log": "recorded dropped _entries",
    "Faults": "_records",
    "Event": "type target details automatic",
    "Happened": "time event",
    "Start": "recorded happened settings",
    "SettingsChange": "time settings recorded happened",
    "Habits": "last repeats happened waits lost pages ahead",
    "Exchange": "number time request response trace happened",
    "SentRequest": "method path query target_size type body size",
    "SentResponse": "status error type body size",
    "Trace": "persona operation unknown_fields deprecated_fields leaned_on refused_by weighed distances tried events "
    "fault mismatch hints page waived",
    "Hint": "field text",
    "Distance": "rule measure value unit",
    "Tried": "machine state move",
    "Page": "noun skipped shown total following",
    "Met": "count tests closest by",
    "Collected": "met",
    "_World": "collected book unread",
    "_Book": "counts closest by",
    "Unread": "_by_id _history",
}
LEFT_OUT = {
    "World": "name domain limits last_use last_call observer probe in_flight seed counted known",
    "Clock": "_caught_up",
    "Agenda": "_heap _of_target _of_type held",
    "Faults": "_added _ready held",
    "Exchange": "elapsed_ns",
    "Trace": "collects probe",
    "_Book": "test",
}


def test_all_that_a_world_holds_is_saved_or_left_out() -> None:
    """Whoever adds an attribute or a field decides what becomes of it in a saved world. If it is saved, the version of
    saved worlds changes; if it is left out, the module says why it makes no difference."""
    library = Library()
    library.get()
    library.happen("book.copied")
    known = {name: {*names.split(), *LEFT_OUT.get(name, "").split()} for name, names in SAVED.items()}
    assert attributes(library) == known
    assert Request("GET", "/").identity == ("GET", "/", b"", None, None, b"")
    assert UnreadEvent._fields == ("time", "target", "type", "hides", "ids")
