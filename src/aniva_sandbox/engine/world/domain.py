"""What an API brings along for its worlds: what they hold, and what happens in them."""

from collections.abc import Callable, Container, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from aniva_sandbox.engine.world.event_types import EventType
from aniva_sandbox.engine.world.sections import Fact, Section, persona_section

__all__ = ["Domain", "NoSettings"]


class NoSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The worlds of the API have no settings."""


def _change_settings(world: Any, settings: msgspec.Struct) -> None:
    world.settings = settings


class Domain:
    """What the worlds of an API hold, and what happens in them."""

    def __init__(
        self,
        *,
        world: type[Any],
        settings: type[msgspec.Struct] = NoSettings,
        sections: Sequence[Section],
        faults: Section,
        events: Mapping[str, EventType] | None = None,
        things: Mapping[str, Callable[[Any], Container[Any]]] | None = None,
        facts: Sequence[Fact] = (),
        known_ids: Mapping[str, Callable[[Any], Container[str]]] | None = None,
        shared: Callable[[], Any] = lambda: None,
        begin: Callable[[Any], None] = lambda _world: None,
        change_settings: Callable[[Any, Any], None] = _change_settings,
        resume: Callable[[Any, Any], None] = lambda _state, _settings: None,
        refresh: Callable[[Any], None] = lambda _world: None,
    ) -> None:
        """``world`` is the type of the worlds, a subclass of the engine's with the sections as attributes. Without a
        section ``personas`` they get one whose records have nothing but permissions. ``things`` are what records may
        refer to besides records, ``known_ids`` the ids of what is in no section, both by noun. ``shared`` gives what
        all worlds share and never changes. ``begin`` plans what happens by itself to what a world starts with;
        ``change_settings`` goes over to other settings, ``resume`` prepares a state that was written out for others;
        ``refresh`` brings a world up to date before it is written out.
        """
        self.world = world
        self.settings = settings
        personas = () if any(section.name == "personas" for section in sections) else (persona_section(),)
        self.sections: tuple[Section, ...] = (*personas, *sections)
        self.faults = faults
        self.facts = tuple(facts)
        self.events = events or {}
        self.things = things or {}
        """What records may refer to beside records: for each noun, the names, from what all worlds share."""
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
        """The names of the sections whose records count against the limit of a world."""
