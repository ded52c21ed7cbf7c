"""The domain of an API: the contents of its worlds, and the events in them."""

from collections.abc import Callable, Container, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from operator import attrgetter
from typing import Any

import msgspec

from aniva_sandbox.engine.contract.refused import RefusedCall
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.event_types import EventType
from aniva_sandbox.engine.world.machines import Machine
from aniva_sandbox.engine.world.pasts import Pasts
from aniva_sandbox.engine.world.sections import Fact, Section, persona_section
from aniva_sandbox.engine.world.showing import SectionShowing, Showing, plain_showing

__all__ = [
    "Domain",
    "NextSteps",
    "NoSettings",
    "Occurrence",
    "Probing",
    "Record",
    "Records",
    "SpecialInstant",
    "Variation",
]

Record = Mapping[str, Any]
"""A record as plain JSON values, as it is in a written state."""
Records = Mapping[str, Mapping[str, Record]]
"""The records of a written state: by section, then by key."""


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


class Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    """One time at which a special instant comes. All instants are in UTC."""

    at: datetime
    """Where a world begins: what is special comes in a moment, or has just come."""
    control: datetime
    """An instant shortly before it, with nothing special near."""
    shares: tuple[str, ...] = ()
    """The names of other special instants whose peculiarity it also has: what fails at those may fail here for the same
    reason."""


class SpecialInstant(msgspec.Struct, frozen=True, kw_only=True):
    """An instant that programs are often wrong about."""

    name: str
    """A slug, for ids."""
    title: str
    """When it is, in words that continue a sentence: "on a Saturday"."""
    before: Occurrence | None
    """The last time before a start; None if there is none in the range of clocks."""
    after: Occurrence | None
    """The first time after it."""
    zone: tzinfo = UTC
    """The time zone in which it is special."""


class Variation(msgspec.Struct, frozen=True, kw_only=True):
    """Another way in which the API's side may behave, which its contract allows."""

    event: str
    """The type of the automatic events that it varies."""
    sentence: str
    """What is different, as a clause: "results arrive in one more part"."""
    apply: Callable[[Any, datetime], None]
    """Brings a world to the state that it has in this variation at an instant, without the events that are due by then.
    Called for each request, and whenever time passes, before these events happen."""
    undo: Callable[[Any, Event], None] = lambda _world, _event: None
    """Called before an event happens: takes back what ``apply`` did to its record, so that the event finds what it
    finds without the variation."""


class Probing(msgspec.Struct, frozen=True, kw_only=True):
    """What probes need to know about an API: how its records are named and compared, and what its contract leaves
    open. Paths are those of :mod:`~aniva_sandbox.engine.json_paths`; parts of a written state are its sections, its
    facts, ``agenda`` and ``history``, by name."""

    describe: Mapping[str, Callable[[Record, Records], str]] = {}
    """For each part that is a list, the words that identify a record of it, without its noun: "Jane at 10:00"."""
    nouns: Mapping[str, tuple[str, str]] = {}
    """Singular and plural of the records of a part. By default, the noun of its section, with an s in the plural."""
    stamps: Mapping[str, frozenset[str]] = {}
    """For each part, the paths in a record of values that say only when something happened."""
    derived: Mapping[str, frozenset[str]] = {}
    """For each part, the paths in a record of values that follow from ids or from the order of creation. The keys of
    records are not listed: they can be recognized wherever they occur, also inside texts."""
    unordered: frozenset[tuple[str, str]] = frozenset()
    """The lists in responses whose order is not promised: operation and path."""
    nullable: Mapping[str, tuple[str, ...]] = {}
    """For each operation, the paths in successful responses of values that may be null in any record."""
    instants: Callable[[datetime], Sequence[SpecialInstant]] = lambda _start: ()
    """The special instants before and after a start."""
    vary: Mapping[str, Variation] = {}
    """Variations of what the API's side does, by id: type of event and a slug, with a colon between."""
    held: Mapping[str, str] = {}
    """The types of events that may fail to show in their record, each with a clause for that: "results never
    arrive"."""


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
        probing: Callable[[], Probing] = Probing,
        showing: Callable[[], Showing] = Showing,
        refused: Callable[[], Mapping[str, RefusedCall]] = dict,
        test_fixture: str = "sandbox",
    ) -> None:
        """``world`` is the type of the worlds, a subclass of the engine's with the sections as attributes. Without a
        section ``personas`` they get one whose records have only permissions. ``shared_names`` are the names that
        records may refer to besides other records, ``known_ids`` the ids of items that are in no section, both by
        noun. ``shared`` returns the immutable data that all worlds share. ``begin`` plans automatic events for the
        records that a world starts with; it reads and changes nothing but the state, and may run for only one of
        several worlds that start alike. ``change_settings`` changes the settings of a world, ``resume`` prepares a
        restored state for other settings; ``refresh`` brings a world up to date before a snapshot is taken.
        ``next_steps`` is called where coverage is collected, ``probing`` where tests are probed, ``showing`` where
        people look at records, and ``refused``, by rule, where the reference is served. ``test_fixture`` is the name of
        the pytest fixture, and of its marker, in tests that are written from journals.
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
        self.pasts = Pasts(begin, self.sections)
        self.begin = self.pasts.begin
        self.change_settings = change_settings
        self.resume = resume
        self.refresh = refresh
        self.next_steps = next_steps
        self.probing = probing
        self.showing = showing
        self.refused = refused
        self.test_fixture = test_fixture
        self.further_ids = known_ids or {}
        """The ids of items that are in no section, by noun."""
        self.hinted = tuple(each for each in self.sections if each.hinted and each.noun not in self.further_ids)
        """The sections whose ids hints recognize."""
        self.known_ids: dict[str, Callable[[Any], Container[str]]] = {
            section.noun: attrgetter(section.name) for section in self.hinted
        }
        """The ids in a world, by noun."""
        self.known_ids |= self.further_ids
        self.counted = tuple(section.name for section in sections if section.counted)
        """The names of the sections whose records count towards the limit of a world."""

    @property
    def keyed(self) -> tuple[Section, ...]:
        """The sections whose records can be found by a key, and so be shown."""
        return tuple(section for section in self.sections if section.key)

    @cached_property
    def shown(self) -> Mapping[str, SectionShowing]:
        """How the records of each section with keys are shown, in the order in which sections are shown."""
        showing = self.showing().sections
        plain = [each for each in self.keyed if each.name not in showing]
        return {**showing, **{each.name: plain_showing(each, self.sections, self._name) for each in plain}}

    def _name(self, section: Section, world: Any, record: Any) -> str:
        return self.shown[section.name].name(world, record)
