"""The domain of an API: the sections, facts and events of its worlds."""

from collections.abc import Callable, Container, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from aniva_sandbox.engine.world.event_types import EventType
from aniva_sandbox.engine.world.sections import Fact, Section

__all__ = ["Domain"]


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
        known_ids: Mapping[str, Callable[[Any], Container[str]]] | None = None,
        shared: Callable[[], Any] = lambda: None,
        begin: Callable[[Any], None] = lambda _world: None,
        change_settings: Callable[[Any, Any], None],
        resume: Callable[[Any, Any], None] = lambda _state, _settings: None,
        refresh: Callable[[Any], None] = lambda _world: None,
    ) -> None:
        """``world`` is the type of the worlds, a subclass of the engine's with the sections as attributes; one of the
        sections is ``personas``. ``things`` are what records may refer to besides records, ``known_ids`` the ids of
        what is in no section, both by noun. ``shared`` gives what all worlds share and never changes. ``begin`` plans
        what happens by itself to what a world starts with; ``change_settings`` goes over to other settings, ``resume``
        prepares a state that was written out for others; ``refresh`` brings a world up to date before it is written
        out.
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
        self.known_ids: dict[str, Callable[[Any], Container[str]]] = {
            section.noun: attrgetter(section.name) for section in sections if section.hinted
        }
        """The ids that a world knows, by the noun of what they name."""
        self.known_ids |= known_ids or {}
        self.counted = tuple(section.name for section in sections if section.counted)
        """The names of the sections whose records count towards the limit of a world."""
