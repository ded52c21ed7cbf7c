"""A whole world as bytes, exactly: one that is loaded gives the same bytes of every later call, hint, page of the
journal, snapshot and report as the one that was saved. Worlds that were reached by the same calls at the same instants
are saved as the same bytes, in every process, whether one of them was itself loaded or not.

What is saved besides the state: with the journal, the habits, whose pages point at traces of the journal and at hints
in them; what was chosen for the beginning, which a reset goes back to; what was noted about settings and starts; and
what coverage collected.

What is left out, as it makes no difference to later bytes, or is not the world's:

- Of a world, its use on this machine (``last_use``, ``last_call``, ``in_flight``), what watches it (``observer``,
  ``probe``), what all worlds of a server share (``domain``, ``limits``, the content of ``beginning``, and other
  attributes that a subclass computes from the domain), and ``seed``, which is among what was chosen.
- Of an exchange, ``elapsed_ns``: the machine's time.
- Of a trace, ``probe`` and ``collects``, which are for the time of the call.
- Of a world and its tables, what leads to the containers in them (``counted``, ``known``, ``held``).
- Of a frozen clock, its lead over the machine's time: it is taken anew when the clock runs again. Of a running one,
  what it showed in the machine's last second.
- Of tables, their indexes: these follow from the records in their order. The order inside of an index may differ
  afterwards; the operations that ask for it sort, or look for any.
- Of the agenda, the places of dropped events, and of its counts the order.
- Of ids, the order of the counts. Of sets, their order. Both are written sorted.
- Of habits, the traces that the journal has dropped: nobody sees what becomes of their hints.

What records and events hold is written as JSON, as in snapshots, because requests may put integers of any size there;
all else as MessagePack. The digest in front makes sure that what is loaded is what was saved.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, lru_cache
from hashlib import sha256
from operator import attrgetter
from typing import Any, Final, NamedTuple

import msgspec

from aniva_sandbox.engine.contract.rules import Ledger, Rule
from aniva_sandbox.engine.contract.trace import Distance, Hint, Page, Trace, Tried
from aniva_sandbox.engine.evidence.coverage.written import WrittenWorld
from aniva_sandbox.engine.evidence.habits import Habits
from aniva_sandbox.engine.evidence.journal import Exchange, SentRequest, SentResponse
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.agenda import Agenda, Event, Happened
from aniva_sandbox.engine.world.clock import Clock, Mode
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.ids import Ids
from aniva_sandbox.engine.world.log import Log
from aniva_sandbox.engine.world.sections import Section
from aniva_sandbox.engine.world.snapshot import set_fields
from aniva_sandbox.engine.world.state import SettingsChange, Start, State, World

__all__ = ["SavedError", "digest", "load", "save"]

_VERSION: Final = 1
_DIGEST: Final = 16
"""Bytes of the digest, which comes first; it covers all that follows."""
_HEAD: Final = _DIGEST + 1
"""Bytes in front of the content: the digest and the version."""


class SavedError(ValueError):
    """Bytes that cannot be loaded as a world here."""


_Identity = tuple[str, str, bytes, str | None, str | None, bytes | None]
"""That of a request: method, path, query, key, content type, body."""
_Place = tuple[str | None, str | None]
"""An operation and a persona."""
_Names = list[str]
"""The ids of rules."""


class _Trace(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    persona: str | None
    operation: str | None
    unknown_fields: tuple[str, ...]
    deprecated_fields: tuple[str, ...]
    leaned_on: _Names
    refused_by: _Names
    weighed: _Names
    distances: tuple[Distance, ...]
    tried: tuple[Tried, ...]
    fault: str | None
    mismatch: str | None
    hints: tuple[Hint, ...]
    page: Page | None
    waived: _Names


class _Exchange(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    number: int
    time: datetime
    request: SentRequest
    response: SentResponse
    trace: _Trace
    happened: int


class _Journal(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    recorded: int
    dropped: int
    exchanges: list[_Exchange]
    events: bytes
    """As JSON: by the place of the exchange, what happened meanwhile, where anything did."""


class _Unfollowed(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A page that was not followed yet, and the hint that says so."""

    page: Page
    exchange: int
    """The place of its exchange in the journal; -1 if the journal has dropped it."""
    hint: int
    """The place of the hint in the trace; -1 without an exchange."""


class _Habits(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    last: _Identity | None
    repeats: int
    happened: int
    waits: list[tuple[_Place, tuple[datetime, int]]]
    lost: list[tuple[_Identity, str]]
    pages: list[tuple[_Place, list[_Unfollowed]]]
    ahead: list[tuple[_Place, list[Page]]]


class _Types(NamedTuple):
    """The types of the saved worlds of a domain."""

    sections: Any
    facts: Any
    state: Any
    world: Any
    saved: Any
    decode: Callable[[memoryview], Any]
    decode_state: Callable[[bytes], Any]


@cache
def _types_of(domain: Domain) -> _Types:
    lists = {section.name: list[section.record] for section in domain.sections}  # type: ignore[name-defined]
    sections = _plain_struct("SavedSections", **lists)
    facts = _plain_struct("SavedFacts", **{fact.name: fact.type for fact in domain.facts})
    state = _plain_struct(
        "SavedState",
        now=datetime,
        lead=timedelta | None,
        seed=int,
        counts=dict[str, int],
        settings=domain.settings,
        added=int,
        agenda=list[tuple[int, datetime, Event]],
        history=list[Happened],
        faults=list[domain.faults.record],  # type: ignore[name-defined]
        begun=bool,
        sections=sections,
        facts=facts,
    )
    world = _plain_struct(
        "SavedWorld",
        fixture=str | None,
        mode=Mode,
        begin=datetime | None,
        seed=int | None,
        settings=domain.settings | None,
        state=bytes,
        start=tuple[int, int, domain.settings],  # type: ignore[name-defined]
        began=datetime | None,
        settings_changes=list[tuple[datetime, domain.settings, int, int]],  # type: ignore[name-defined]
        changed=int,
        relied_on=list[str],
        journal=_Journal,
        habits=_Habits | None,
    )
    saved = _plain_struct("Saved", world=world | None, coverage=WrittenWorld | None)
    decode, decode_state = msgspec.msgpack.Decoder(saved).decode, msgspec.json.Decoder(state).decode
    return _Types(sections, facts, state, world, saved, decode, decode_state)


def _plain_struct(name: str, /, **fields: Any) -> Any:
    return msgspec.defstruct(name, [*fields.items()], frozen=True, array_like=True, forbid_unknown_fields=True)


# Saving


def save(worlds: Worlds, name: str) -> bytes:
    """The world of this name, if it exists, and what coverage collected in it, if the worlds have coverage."""
    world = worlds.get(name)
    collected = None
    if worlds.coverage is not None:
        collected = worlds.coverage.written(name, world.history if world is not None else None)
    saved = _types_of(worlds.domain).saved(_saved_world(world, worlds) if world is not None else None, collected)
    content = bytearray(_HEAD)
    _ENCODER.encode_into(saved, content, _HEAD)
    content[_DIGEST] = _VERSION
    content[:_DIGEST] = _digest_of(content)
    return bytes(content)


def digest(saved: bytes) -> bytes:
    """16 bytes that are the same for the same worlds only."""
    return bytes(saved[:_DIGEST])


def _digest_of(saved: bytes | bytearray) -> bytes:
    return sha256(memoryview(saved)[_DIGEST:]).digest()[:_DIGEST]  # three times as fast as blake2b where CPUs help


_ENCODER: Final = msgspec.msgpack.Encoder()
_encode_json: Final = msgspec.json.Encoder().encode


def _saved_world(world: World, worlds: Worlds) -> Any:
    mode, start, seed, settings = world.chosen
    return _types_of(world.domain).world(
        # The server's own fixture may be a file: only the server's options say where it is.
        fixture=None if world.beginning is worlds.fixtures(worlds.fixture) else world.beginning.name,
        mode=mode,
        begin=start,
        seed=seed,
        settings=settings,
        state=_encode_json(_saved_state(world.state, world.domain)),
        start=(world.start.recorded, world.start.happened, world.start.settings),
        began=world.began,
        settings_changes=[(each.time, each.settings, each.recorded, each.happened) for each in world.settings_changes],
        changed=world.changed,
        relied_on=list(world.relied_on),
        journal=_saved_journal(world.journal),
        habits=_saved_habits(world.habits, world.journal) if world.habits is not None else None,
    )


def _saved_state(state: State, domain: Domain) -> Any:
    types = _types_of(domain)
    return types.state(
        now=state.clock.now,
        lead=state.clock.lead,
        seed=state.ids.seed,
        counts=dict(sorted(state.ids.counts.items())),
        settings=state.settings,
        added=state.agenda.added,
        agenda=list(state.agenda.numbered()),
        history=state.history,
        faults=domain.faults.records(state.faults),
        begun=state.begun,
        sections=types.sections(*[_saved_records(each, state.sections[each.name]) for each in domain.sections]),
        facts=types.facts(*[state.facts[each.name] for each in domain.facts]),
    )


def _saved_records(section: Section, table: Any) -> list[Any]:
    records, sets = section.records(table), set_fields(section.record)
    if not sets:
        return records
    plain: list[dict[str, Any]] = msgspec.to_builtins(records)
    for record in plain:
        for name in sets:
            record[name].sort()
    return plain


def _saved_journal(journal: Log[Exchange]) -> _Journal:
    exchanges = [
        _Exchange(each.number, each.time, each.request, each.response, _saved_trace(each.trace), each.happened)
        for each in journal
    ]
    events = {place: each.trace.events for place, each in enumerate(journal) if each.trace.events}
    return _Journal(journal.recorded, journal.dropped, exchanges, _encode_json(events))


def _saved_trace(trace: Trace) -> _Trace:
    return _Trace(
        trace.persona,
        trace.operation,
        trace.unknown_fields,
        trace.deprecated_fields,
        _names(trace.leaned_on),
        _names(trace.refused_by),
        _names(trace.weighed),
        trace.distances,
        trace.tried,
        trace.fault,
        trace.mismatch,
        trace.hints,
        trace.page,
        _names(trace.waived),
    )


_id_of: Final = attrgetter("id")


@lru_cache(maxsize=1024)  # calls share a few combinations of rules
def _names(rules: tuple[Rule, ...]) -> _Names:
    return [*map(_id_of, rules)]


def _saved_habits(habits: Habits, journal: Log[Exchange]) -> _Habits:
    places = {id(exchange.trace): place for place, exchange in enumerate(journal)} if habits.pages else {}

    def unfollowed(page: Page, trace: Trace, hint: Hint) -> _Unfollowed:
        exchange = places.get(id(trace), -1)
        hints = trace.hints if exchange >= 0 else ()
        return _Unfollowed(page, exchange, next((at for at, each in enumerate(hints) if each is hint), -1))

    return _Habits(
        habits.last,
        habits.repeats,
        habits.happened,
        [*habits.waits.items()],
        [*habits.lost.items()],
        [(place, [unfollowed(*each) for each in pages]) for place, pages in habits.pages.items()],
        [*habits.ahead.items()],
    )


# Loading


def load(saved: bytes, worlds: Worlds, name: str, ledger: Ledger) -> World | None:
    """Let what was saved take the place of the world of this name, and of what coverage collected in it. Returns the
    world; None if none was saved. ``ledger`` has the rules of the API and of the control plane.

    Raises SavedError, and changes nothing, for bytes that were not saved by worlds like these; FullError if there is no
    room for another world.
    """
    world, coverage = _read(saved, worlds, name, ledger)
    if world is not None:
        worlds.take_over(world)
    else:
        worlds.drop(name)
    if worlds.coverage is not None:
        worlds.coverage.take_back(name, coverage, world.history if world is not None else None)
    return world


def _read(saved: bytes, worlds: Worlds, name: str, ledger: Ledger) -> tuple[World | None, WrittenWorld | None]:
    if len(saved) < _HEAD or _digest_of(saved) != digest(saved):
        raise SavedError("A saved world was cut off or changed")
    if saved[_DIGEST] != _VERSION:
        raise SavedError(f"A saved world must have version {_VERSION}; it has version {saved[_DIGEST]}")
    try:
        read = _types_of(worlds.domain).decode(memoryview(saved)[_HEAD:])
        world = _loaded_world(read.world, worlds, name, ledger) if read.world is not None else None
    except msgspec.MsgspecError as error:
        raise SavedError(f"A saved world is of another API: {error}") from error
    return world, read.coverage


def _loaded_world(saved: Any, worlds: Worlds, name: str, ledger: Ledger) -> World:
    if saved.fixture is not None and saved.fixture not in worlds.fixture_names:
        raise SavedError(f"A saved world began from the fixture {saved.fixture}, which does not exist here")
    journal = _loaded_journal(saved.journal, ledger)
    domain = worlds.domain
    world: World = domain.world(
        name,
        worlds.fixtures(saved.fixture or worlds.fixture),
        domain,
        mode=saved.mode,
        start=saved.begin,
        seed=saved.seed,
        settings=saved.settings,
        limits=worlds.limits,
        state=_loaded_state(saved.state, domain),
    )
    world.journal.refill(journal, saved.journal.recorded, saved.journal.dropped)
    world.habits = _loaded_habits(saved.habits, journal) if saved.habits is not None else None
    world.relied_on = dict.fromkeys(saved.relied_on)
    world.changed = saved.changed
    world.began = saved.began
    recorded, happened, settings = saved.start
    world.start = Start(recorded, happened, settings)
    world.settings_changes.extend(SettingsChange(*each) for each in saved.settings_changes)
    return world


_decode_events: Final = msgspec.json.Decoder(dict[int, tuple[Happened, ...]]).decode


def _loaded_state(content: bytes, domain: Domain) -> State:
    saved = _types_of(domain).decode_state(content)
    ids = Ids(saved.seed)
    ids.counts = saved.counts
    return State(
        clock=Clock.resumed(saved.now, saved.lead),
        ids=ids,
        settings=saved.settings,
        agenda=Agenda.resumed(saved.added, saved.agenda),
        history=saved.history,
        faults=domain.faults.table(saved.faults),
        begun=saved.begun,
        sections={each.name: each.table(getattr(saved.sections, each.name)) for each in domain.sections},
        facts={each.name: getattr(saved.facts, each.name) for each in domain.facts},
    )


def _loaded_journal(saved: _Journal, ledger: Ledger) -> list[Exchange]:
    def rules(names: _Names) -> tuple[Rule, ...]:
        return tuple([ledger[name] for name in names]) if names else ()

    def trace(saved: _Trace, events: tuple[Happened, ...]) -> Trace:
        return Trace(
            saved.persona,
            saved.operation,
            saved.unknown_fields,
            saved.deprecated_fields,
            rules(saved.leaned_on),
            rules(saved.refused_by),
            rules(saved.weighed),
            saved.distances,
            saved.tried,
            events,
            saved.fault,
            saved.mismatch,
            saved.hints,
            saved.page,
            waived=rules(saved.waived),
        )

    happened = _decode_events(saved.events)
    try:
        return [
            Exchange(
                *(each.number, each.time, 0, each.request, each.response),
                trace(each.trace, happened.get(place, ())),
                each.happened,
            )
            for place, each in enumerate(saved.exchanges)
        ]
    except KeyError as error:
        raise SavedError(f"A saved world met the rule {error}, which does not exist here") from error


def _loaded_habits(saved: _Habits, journal: list[Exchange]) -> Habits:
    def unfollowed(saved: _Unfollowed) -> tuple[Page, Trace, Hint]:
        trace = journal[saved.exchange].trace if saved.exchange >= 0 else Trace()
        return saved.page, trace, trace.hints[saved.hint] if saved.hint >= 0 else Hint("", "")

    return Habits(
        saved.last,
        saved.repeats,
        saved.happened,
        dict(saved.waits),
        dict(saved.lost),
        {place: [unfollowed(each) for each in pages] for place, pages in saved.pages},
        dict(saved.ahead),
    )
