"""What an API brings along for its worlds: what they hold, and what happens in them."""

from collections.abc import Callable, Container, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from aniva_sandbox.engine.world.sections import Fact, Section

__all__ = ["Domain", "EventType"]


class EventType(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A kind of event: which id names what it is about, which details it must and may have, and what it does."""

    section: str
    """Where the record stands that it is about."""
    target: str
    """The field of an event that names this record, such as ``list_id``."""
    happen: Callable[[Any, Any, dict[str, Any]], dict[str, Any]]
    """Gets the world, the record and the details; changes the world whole or raises a refusal, and returns details that
    came out of it."""
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


class Domain:
    """What the worlds of an API hold, and what happens in them."""

    def __init__(
        self,
        *,
        world: type[Any],
        settings: type[msgspec.Struct],
        sections: Sequence[Section],
        faults: Section,
        events: Mapping[str, EventType],
        facts: Sequence[Fact] = (),
        known_ids: Mapping[str, Callable[[Any], Container[str]]] | None = None,
        shared: Callable[[], Any] = lambda: None,
        begin: Callable[[Any], None] = lambda _world: None,
        change_settings: Callable[[Any, Any], None],
        resume: Callable[[Any, Any], None] = lambda _state, _settings: None,
        refresh: Callable[[Any], None] = lambda _world: None,
        check: Callable[[Any, Any], None] = lambda _data, _saved: None,
    ) -> None:
        """``world`` is the type of the worlds, a subclass of the engine's with the sections as attributes; one of the
        sections is ``personas``. ``known_ids`` gives the ids of what is in no section, by noun. ``shared`` gives what
        all worlds share and never changes. ``begin`` plans what happens by itself to what a world starts with;
        ``change_settings`` goes over to other settings, ``resume`` prepares a state that was written out for others;
        ``refresh`` brings a world up to date before it is written out; ``check`` finds what holds in no world.
        """
        self.world = world
        self.settings = settings
        self.sections = tuple(sections)
        self.faults = faults
        self.facts = tuple(facts)
        self.events = events
        self.shared = shared
        self.begin = begin
        self.change_settings = change_settings
        self.resume = resume
        self.refresh = refresh
        self.check = check
        self.known_ids: dict[str, Callable[[Any], Container[str]]] = {
            section.noun: attrgetter(section.name) for section in sections if section.noun
        }
        """The ids that a world knows, by the noun of what they name."""
        self.known_ids |= known_ids or {}
        self.counted = tuple(section.name for section in sections if section.counted)
        """The names of the sections whose records count against the limit of a world."""
