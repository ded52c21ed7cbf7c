"""The domain of an API: the sections, facts and events of its worlds."""

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

import msgspec

from aniva_sandbox.engine.world.sections import Fact, Section

__all__ = ["Domain", "EventType"]


class EventType(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A kind of event: which id names what it is about, which details it must and may have, and what it does."""

    section: str
    """The section of the record that it is about."""
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
        things: Mapping[str, Callable[[Any], Container[Any]]] | None = None,
        facts: Sequence[Fact] = (),
        shared: Callable[[], Any] = lambda: None,
        begin: Callable[[Any], None] = lambda _world: None,
        change_settings: Callable[[Any, Any], None],
        resume: Callable[[Any, Any], None] = lambda _state, _settings: None,
        refresh: Callable[[Any], None] = lambda _world: None,
        check: Callable[[Any, Any], None] = lambda _data, _saved: None,
    ) -> None:
        """``world`` is the type of the worlds, a subclass of the engine's with the sections as attributes; one of the
        sections is ``personas``. ``shared`` gives what all worlds share and never changes. ``begin`` plans what
        happens by itself to what a world starts with; ``change_settings`` goes over to other settings, ``resume``
        prepares a state that was written out for others; ``refresh`` brings a world up to date before it is written
        out; ``check`` finds what holds in no world.
        """
        self.world = world
        self.settings = settings
        self.sections = tuple(sections)
        self.faults = faults
        self.facts = tuple(facts)
        self.events = events
        self.things = things or {}
        """Other things that records may refer to: for each noun, a function from what all worlds share to the names."""
        self.shared = shared
        self.begin = begin
        self.change_settings = change_settings
        self.resume = resume
        self.refresh = refresh
        self.check = check
        self.counted = tuple(section.name for section in sections if section.counted)
        """The names of the sections whose records count towards the limit of a world."""
