"""The whole state of a world as versioned plain data: writing it, and reading it back, checked whole."""

from datetime import datetime
from typing import Any, Final, cast

import msgspec

from aniva_sandbox.api.appointments.records import Appointments
from aniva_sandbox.api.invariants import Judge, Planned, Saved, SavedClock, SavedIds, check_saved
from aniva_sandbox.api.links.records import Links
from aniva_sandbox.api.profiles.records import Profiles
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.shipments.records import Shipments
from aniva_sandbox.engine.problems import Data
from aniva_sandbox.engine.world.agenda import Agenda
from aniva_sandbox.engine.world.clock import Clock, Mode
from aniva_sandbox.engine.world.ids import Ids
from aniva_sandbox.engine.world.state import State
from aniva_sandbox.engine.world.tables import Table
from aniva_sandbox.laboratory.catalogue import Catalogue

__all__ = ["VERSION", "Export", "read_state", "write_state"]

VERSION: Final = 1
"""Of the form in which states are written. A reader takes its own version only."""


def write_state(state: State) -> dict[str, Any]:
    """A state as plain JSON values; equal states give equal texts, in every process."""
    saved = Saved(
        version=VERSION,
        clock=SavedClock(state.clock.mode, state.clock.now),
        ids=SavedIds(state.ids.seed, dict(sorted(state.ids.counts.items()))),
        settings=state.settings,
        profile_groups=list(state.profile_groups.values()),
        location_groups=list(state.location_groups.values()),
        personas=list(state.personas.values()),
        locations=list(state.locations),
        profiles=list(state.profiles),
        appointments=list(state.appointments),
        shipments=list(state.shipments),
        links=list(state.links),
        orders=list(state.orders),
        documents=list(state.documents),
        begun=state.begun,
        hourly_since=state.hourly_since,
        agenda=[Planned(due, event) for due, event in state.agenda],
        history=state.history,
        faults=state.faults,
    )
    plain: dict[str, Any] = msgspec.to_builtins(saved, str_keys=True)
    # The order of dictionaries says which panel came first; only sets, which have none, are sorted.
    for location in plain["locations"]:
        location["blocked_dates"].sort()
    for persona in plain["personas"]:
        for name in ("permissions", "profile_groups", "location_groups", "panels"):
            persona[name].sort()
    return plain


def read_state(data: Data, catalogue: Catalogue, judge: Judge) -> State:
    """The state that was written as this data.

    Raises :exc:`FixtureError` with everything that is wrong, and where.
    """
    if not isinstance(data.data, dict):
        data.fail((), "must be a mapping")
    elif data.data.get("version") != VERSION:
        data.fail(("version",), f"must be {VERSION}; this is the only version that is known")
    data.check()
    saved = data.convert(data.data, Saved, ())
    if not data.is_all:
        data.check()
    check_saved(data, saved, catalogue, judge)
    data.check()
    return _built(cast(Saved, saved))  # where it is None, there were problems


def _built(saved: Saved) -> State:
    agenda = Agenda()
    for planned in saved.agenda:
        agenda.add(planned.due, planned.event)
    ids = Ids(saved.ids.seed)
    ids.counts = saved.ids.counts
    links = Links()
    for link in saved.links:
        links.add(link)
    return State(
        clock=Clock(saved.clock.mode, saved.clock.now),
        ids=ids,
        settings=saved.settings,
        profile_groups={group.slug: group for group in saved.profile_groups},
        location_groups={group.slug: group for group in saved.location_groups},
        personas={access.persona: access for access in saved.personas},
        locations=Table(saved.locations),
        profiles=Profiles(saved.profiles),
        appointments=Appointments(saved.appointments),
        shipments=Shipments(saved.shipments),
        links=links,
        orders=Table(saved.orders),
        documents=Table(saved.documents),
        agenda=agenda,
        history=saved.history,
        faults=saved.faults,
        begun=saved.begun,
        hourly_since=saved.hourly_since,
    )


class Export:
    """A state that was written to a file, as the beginning of new worlds."""

    def __init__(self, data: Data, name: str, catalogue: Catalogue, judge: Judge) -> None:
        """Raises :exc:`FixtureError` with everything that is wrong with the data."""
        state = read_state(data, catalogue, judge)
        self._data = data.data
        self.name = name
        self.title = f"Exported at {state.clock.now:%Y-%m-%dT%H:%M:%SZ}"
        self.start = state.clock.now
        self.settings = state.settings
        self.personas = state.personas

    def state(self, mode: Mode, start: datetime | None, seed: int | None, settings: Settings | None) -> State:
        """The exported state. Time goes on from where it was exported, or from a later ``start``; raises ValueError
        for an earlier one."""
        state = _built(msgspec.convert(self._data, Saved, str_keys=True))  # as sound as it was
        if start is not None and start < self.start:
            raise ValueError(f"the clock of {self.name} begins at {self.start:%Y-%m-%dT%H:%M:%SZ}, or later")
        state.clock = Clock(mode, start or self.start)
        if seed is not None:
            state.ids.seed = seed
        if settings is not None and settings != state.settings:
            if settings.hourly_sync and not state.settings.hourly_sync:
                state.hourly_since = state.clock.now
            state.settings = settings
            state.begun = False  # what happens by itself is planned anew
        return state
