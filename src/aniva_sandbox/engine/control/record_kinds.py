"""The records of a section: their states, the events about them, and the pages of their table."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from msgspec import UNSET

from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.texts import listed, suggest
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.machines import Machine
from aniva_sandbox.engine.world.sections import Section
from aniva_sandbox.engine.world.showing import Column, SectionShowing
from aniva_sandbox.engine.world.state import World

__all__ = ["RECORD_QUERY", "Kind", "page_of"]

RECORD_QUERY = Rule(
    id="record.query",
    sentence="Records can be filtered only by states that their section has, and sorted only by its columns.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)


class Kind(NamedTuple):
    """What is known of the records of a section."""

    section: Section
    shown: SectionShowing
    machine: Machine | None
    event_types: Mapping[str, str]
    """The types of events about them, with the moves that these make."""
    targets: frozenset[str]
    """The names of the details of events by which they are named."""

    @classmethod
    def of(cls, domain: Domain, section: Section) -> "Kind":
        """The kind of the records of a section."""
        shown = domain.shown[section.name]
        own = {name: type for name, type in domain.events.items() if type.section == section.name}
        types = own if shown.events is None else {name: domain.events[name] for name in shown.events}
        return cls(
            section,
            shown,
            next((machine for machine in domain.machines if machine.noun == section.noun), None),
            {name: type.move for name, type in types.items()},
            frozenset(type.target for type in own.values()),
        )

    @property
    def states(self) -> tuple[str, ...]:
        """All states that they can have."""
        return self.shown.states if self.machine is None else self.machine.states

    def id(self, record: Any) -> str:
        """The key of a record."""
        return str(getattr(record, self.section.key))

    def state(self, world: World, record: Any) -> str | None:
        """The state of a record."""
        if self.machine is not None:
            return str(record.status)
        return None if self.shown.state is None else self.shown.state(world, record)

    def concerns(self, event: Event, id: str) -> bool:
        """Whether an event is about a record with this id, or names it in its details."""
        return (event.target == id and event.type in self.event_types) or any(
            event.details.get(name) == id for name in self.targets
        )


def page_of(world: World, kind: Kind, query: Any) -> tuple[int, Iterable[Any]]:
    """The number of the records that a query chooses, and those on its page. Texts are made only where they are
    searched or sorted by."""
    table = getattr(world, kind.section.name)
    end = query.offset + query.limit
    chosen = _ordered(table, newest_first=kind.shown.newest_first)
    if query.state is UNSET and query.search is UNSET and query.sort is UNSET:
        return len(table), islice(chosen, query.offset, end)
    if query.state is not UNSET:
        if query.state not in kind.states:
            states = f"; its states are {listed(kind.states)}" if kind.states else ", which have no states"
            RECORD_QUERY.refuse(f"state: there is no such state in {kind.section.name}{states}")
        chosen = (record for record in chosen if kind.state(world, record) == query.state)
    if query.search is not UNSET:
        words = query.search.casefold().split()
        chosen = (record for record in chosen if _is_found(world, kind, record, words))
    found = list(chosen)
    if query.sort is not UNSET:
        found = _sorted(world, kind, found, query.sort)
    return len(found), found[query.offset : end]


def _ordered(table: Any, *, newest_first: bool) -> Iterator[Any]:
    records = table.values() if isinstance(table, Mapping) else table
    return iter(reversed(list(records)) if newest_first else records)


def _is_found(world: World, kind: Kind, record: Any, words: list[str]) -> bool:
    texts = [kind.id(record), *(column.text(world, record) or "" for column in kind.shown.columns)]
    whole = "\n".join(texts).casefold()
    return all(word in whole for word in words)


def _sorted(world: World, kind: Kind, records: list[Any], sort: str) -> list[Any]:
    """Records in the order of a column, and states in that of their list; those without a value come last."""

    def place(_world: World, record: Any) -> int | None:
        state = kind.state(world, record)
        return None if state is None else kind.states.index(state)

    columns = {column.title: _order_of(column) for column in kind.shown.columns}
    columns |= {"id": lambda _world, record: kind.id(record), "state": place}
    name = sort.removeprefix("-")
    if name not in columns:
        RECORD_QUERY.refuse(f"sort: there is no such column{suggest(name, columns)}; the columns are {listed(columns)}")
    values = [(columns[name](world, record), record) for record in records]
    having = [pair for pair in values if pair[0] is not None]
    having.sort(key=lambda pair: pair[0], reverse=sort.startswith("-"))
    return [record for _, record in having] + [record for value, record in values if value is None]


def _order_of(column: Column) -> Callable[[Any, Any], Any]:
    """What returns the value by which records are sorted."""

    def lowered(world: Any, record: Any) -> str | None:
        text = column.text(world, record)
        return None if text is None else text.casefold()

    return column.order or lowered
