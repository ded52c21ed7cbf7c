"""The domain of an API: the contents of its worlds, and the events in them."""

from collections.abc import Callable, Container, Mapping, Sequence
from operator import attrgetter
from typing import Any

import msgspec

from aniva_sandbox.engine.world.event_types import EventType
from aniva_sandbox.engine.world.machines import Machine
from aniva_sandbox.engine.world.sections import Fact, Section, persona_section

__all__ = ["Domain", "NextSteps", "NoSettings"]


class NoSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The worlds of the API have no settings."""


class NextSteps(msgspec.Struct, frozen=True):
    """How the items of coverage are met."""

    steps: Mapping[str, str] = {}
    """By item, Python text that meets it in the default world."""
    calls: Mapping[str, str] = {}
    """By operation, Python text of a call that succeeds there."""
    injecting: str = ""
    """The Python name of what injects a fault, given an operation and effects."""
    unmeetable: Mapping[str, str] = {}
    """By item, the reason why no call can meet it."""


def _change_settings(world: Any, settings: msgspec.Struct) -> None:
    world.settings = settings


class Domain:
    """The contents of the worlds of an API, and the events in them."""

    def __init__(
        self,
        *,
        world: type[Any],
        settings: type[msgspec.Struct] = NoSettings,
        sections: Sequence[Section],
        faults: Section,
        events: Mapping[str, EventType] | None = None,
        machines: Sequence[Machine] = (),
        shared_names: Mapping[str, Callable[[Any], Container[Any]]] | None = None,
        facts: Sequence[Fact] = (),
        known_ids: Mapping[str, Callable[[Any], Container[str]]] | None = None,
        shared: Callable[[], Any] = lambda: None,
        begin: Callable[[Any], None] = lambda _world: None,
        change_settings: Callable[[Any, Any], None] = _change_settings,
        resume: Callable[[Any, Any], None] = lambda _state, _settings: None,
        refresh: Callable[[Any], None] = lambda _world: None,
        next_steps: Callable[[], NextSteps] = NextSteps,
    ) -> None:
        """``world`` is the type of the worlds, a subclass of the engine's with the sections as attributes. Without a
        section ``personas`` they get one whose records have only permissions. ``shared_names`` are the names that
        records may refer to besides other records, ``known_ids`` the ids of items that are in no section, both by
        noun. ``shared`` returns the immutable data that all worlds share. ``begin`` plans automatic events for the
        records that a world starts with; ``change_settings`` changes the settings of a world, ``resume`` prepares a
        restored state for other settings; ``refresh`` brings a world up to date before a snapshot is taken.
        ``next_steps`` is called where coverage is collected.
        """
        self.world = world
        self.settings = settings
        personas = () if any(section.name == "personas" for section in sections) else (persona_section(),)
        self.sections: tuple[Section, ...] = (*personas, *sections)
        self.faults = faults
        self.facts = tuple(facts)
        self.events = events or {}
        self.machines = tuple(machines)
        """The state machines of its records."""
        self.shared_names = shared_names or {}
        """For each noun, the names among the shared data that records may refer to."""
        self.shared = shared
        self.begin = begin
        self.change_settings = change_settings
        self.resume = resume
        self.refresh = refresh
        self.next_steps = next_steps
        self.known_ids: dict[str, Callable[[Any], Container[str]]] = {
            section.noun: attrgetter(section.name) for section in sections if section.hinted
        }
        """The ids in a world, by noun."""
        self.known_ids |= known_ids or {}
        self.counted = tuple(section.name for section in sections if section.counted)
        """The names of the sections whose records count towards the limit of a world."""
