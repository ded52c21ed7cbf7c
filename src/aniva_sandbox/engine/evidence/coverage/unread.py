"""Events that the client has not read yet."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from aniva_sandbox.engine.world.agenda import Event, Happened
from aniva_sandbox.engine.world.domain import Domain

__all__ = ["Unread", "UnreadEvent", "created_ids"]


class UnreadEvent(NamedTuple):
    """An event that the client has not read yet."""

    time: datetime
    target: str
    type: str
    hides: bool
    ids: tuple[str, ...]
    """The ids by which it can be read."""


def created_ids(domain: Domain) -> dict[str, tuple[str, ...]]:
    """For each type of event, the details that name a record which it creates."""
    return {
        name: tuple(field.name for field in msgspec.structs.fields(type.outcome) if field.name.endswith("_id"))
        for name, type in domain.events.items()
    }


class Unread:
    """The last event of each record of a world, until a response shows it."""

    def __init__(self, history: list[Happened], by_id: Iterable[tuple[str, UnreadEvent]] = ()) -> None:
        self._history = history
        """The world's; another after a reset, or after a snapshot was put back."""
        self._by_id = dict(by_id)

    def __bool__(self) -> bool:
        return bool(self._by_id)

    def by_id(self) -> list[tuple[str, UnreadEvent]]:
        """The events, with each id by which one can be read."""
        return [*self._by_id.items()]

    def follows(self, history: list[Happened] | None) -> bool:
        """Whether this is the history that it followed last."""
        return history is self._history

    def follow(self, history: list[Happened]) -> None:
        """Forget the events that did not happen according to the world's history, if it is another now."""
        if self.follows(history):
            return
        self._history = history
        known = {(each.time, each.event.target, each.event.type) for each in history}
        self._by_id = {id: entry for id, entry in self._by_id.items() if entry[:3] in known}

    def add(self, event: Event, time: datetime, created: tuple[str, ...], *, hides: bool) -> None:
        """Note an event. It takes the place of the one before it of the same record. ``created`` are the details that
        name a record, ``hides`` says that lists leave the record out."""
        ids = tuple(str(event.details[name]) for name in created if name in event.details) or (event.target,)
        entry = UnreadEvent(time, event.target, event.type, hides, ids)
        for id in ids:
            self._drop(id)
            self._by_id[id] = entry

    def take(self, operation: str, shown_by: Mapping[str, frozenset[str]], values: list[str], value: Any) -> list[str]:
        """The types of the events that a response shows, each taken once. ``shown_by`` are the operations that show
        events of a type, ``values`` the parameters of the path, ``value`` is the plain body."""
        ids = [id for sent in values for id in dict.fromkeys((sent, sent.lower())) if id in self._by_id]
        listed = _ids_in(value, self._by_id)
        if isinstance(value, list):
            ids += [id for id, entry in self._by_id.items() if entry.hides and id not in listed]
        ids += listed
        taken = []
        for id in ids:
            entry = self._by_id.get(id)
            if entry is not None and operation in shown_by[entry.type]:
                taken.append(entry.type)
                self._drop(id)
        return taken

    def _drop(self, id: str) -> None:
        entry = self._by_id.get(id)
        if entry is not None:
            for each in entry.ids:
                self._by_id.pop(each, None)


def _ids_in(value: Any, known: Mapping[str, Any]) -> list[str]:
    """The known ids of the records in a plain value."""
    found = []
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            id = part.get("id")
            if isinstance(id, str) and id in known:
                found.append(id)
            pending += [each for each in part.values() if isinstance(each, dict | list)]
        elif isinstance(part, list):
            pending += [each for each in part if isinstance(each, dict | list)]
    return found
