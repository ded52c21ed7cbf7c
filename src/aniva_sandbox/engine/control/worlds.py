"""Worlds: creating, dropping and resetting them, and their settings."""

from functools import cache
from typing import Annotated, Any, ClassVar, get_args

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.engine.contract.derived import (
    described,
    description_of,
    extended,
    list_of,
    make_struct,
    optional,
    plain,
)
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Operation, Success, operation, sent_fields
from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.contract.schemas import CLOSED, Timestamp, field
from aniva_sandbox.engine.control import names
from aniva_sandbox.engine.control.clock import ClockView
from aniva_sandbox.engine.control.names import WORLD_UNKNOWN, WorldName, find_world
from aniva_sandbox.engine.control.server_rules import WORLD_LIMIT
from aniva_sandbox.engine.docstrings import docstring
from aniva_sandbox.engine.store.memory import FullError, Worlds
from aniva_sandbox.engine.texts import listed
from aniva_sandbox.engine.world.clock import Mode, parse_clock, stopwatch
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.events import settle
from aniva_sandbox.engine.world.keys import KEY_PREFIX
from aniva_sandbox.engine.world.limits import MAX_NUMBER
from aniva_sandbox.engine.world.state import World

__all__ = ["RULES", "TAG", "world_operations", "world_view", "world_view_type"]

TAG = "Worlds"

# Rules

WORLD_OPTIONS = Rule(
    id="world.options",
    sentence="A world starts from a fixture that exists, with a clock that is real, frozen, or frozen at an instant.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)

RULES = (WORLD_OPTIONS, WORLD_LIMIT)

# Wire types


@cache
def _settings_types(domain: Domain) -> tuple[Any, Any]:
    """The types of settings in responses and of changes in requests."""
    fields = msgspec.structs.fields(domain.settings)
    view = [(each.name, described(plain(each.type), description_of(each.type))) for each in fields]
    changed = [(each.name, *optional(each.type)) for each in fields]
    return (
        make_struct("SettingsView", view, docstring(domain.settings)),
        make_struct("SettingsChange", changed, "Settings to change; others keep their value.", CLOSED),
    )


class WorldView(msgspec.Struct, frozen=True):
    """A world."""

    name: str
    key: Annotated[str, field("The API key of the world, with every permission.")]
    personas: Annotated[list[str], field("Names to append to the key after a dot, for fewer permissions.")]
    fixture: str
    seed: int
    clock: ClockView
    size: Annotated[int, field("Number of records, as far as they count towards the limit.")]
    recorded: Annotated[int, field("Number of the newest exchange of the journal; 0 if there was none.")]
    changed: Annotated[
        int, field("A number that differs after each change through the control plane, a reset included.")
    ]
    happened: Annotated[int, field("Number of events that have happened.")]
    due: Annotated[Timestamp | None, field("When the next event in the agenda is due; null if there is none.")]
    waiting: Annotated[dict[str, int], field("Number of events in the agenda, by type; only types that it holds.")]
    idle_seconds: Annotated[
        int | None, field("Since its last call to the API, by the machine's clock; null if there was none.")
    ]


@cache
def world_view_type(domain: Domain) -> Any:
    """The type of worlds in responses: with their settings."""
    return extended(WorldView, [("settings", _settings_types(domain)[0])])


class FixtureView(msgspec.Struct, frozen=True):
    """A fixture: a starting state of worlds."""

    name: str
    title: str


class WorldOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a world starts; defaults come from the server's options and the fixture."""

    SCHEMA: ClassVar[dict[str, Any]] = CLOSED

    fixture: Annotated[str, field("The name of the fixture to start from.")] | UnsetType = UNSET
    seed: Annotated[int, field("The seed from which ids are generated.", ge=0, le=MAX_NUMBER)] | UnsetType = UNSET
    clock: Annotated[str, field("`real`, `frozen`, or an instant to freeze it at.")] | UnsetType = UNSET


# Operations


def world_operations(domain: Domain) -> tuple[Operation[Worlds], ...]:
    """The operations on worlds of this domain, and on their settings."""
    settings_view, settings_change = _settings_types(domain)
    view = world_view_type(domain)
    options = extended(WorldOptions, [("settings", *optional(settings_change))])

    @operation("GET", "/worlds", tag=TAG, returns=list_of(view))
    def list_worlds(worlds: Worlds, _call: Call[NoQuery, NoBody]) -> Any:
        """List worlds"""
        if worlds.settles:
            for world in worlds:
                settle(world)
        return [world_view(world) for world in worlds]

    @operation("GET", "/worlds/{world}", tag=TAG, path_id=WorldName, returns=view, refuses=(WORLD_UNKNOWN,))
    def get_world(worlds: Worlds, call: Call[NoQuery, NoBody]) -> Any:
        """Get a world as it is

        Reading it makes nothing happen, not even what is due.
        """
        return world_view(names.get_world(worlds, call.id))

    @operation(
        "PUT",
        "/worlds/{world}",
        tag=TAG,
        path_id=WorldName,
        body=options,
        returns=view,
        refuses=(WORLD_OPTIONS, WORLD_LIMIT),
        body_required=False,
        example={"clock": "2026-04-13T08:00:00Z", "seed": 7},
    )
    def put_world(worlds: Worlds, call: Call[NoQuery, Any]) -> Any:
        """Create or replace a world"""
        body = call.body
        fixture = None if body.fixture is UNSET else body.fixture
        if fixture is not None and fixture not in worlds.fixture_names:
            WORLD_OPTIONS.refuse(f"There is no such fixture; the fixtures are: {listed(worlds.fixture_names)}")
        mode: Mode | None = None
        start = None
        if body.clock is not UNSET:
            try:
                mode, start = parse_clock(body.clock)
            except ValueError as error:
                WORLD_OPTIONS.refuse(str(error))
        beginning = worlds.fixtures(fixture or worlds.fixture)
        settings = None if body.settings is UNSET else _changed(beginning.settings, body.settings)
        seed = None if body.seed is UNSET else body.seed
        try:
            world = worlds.create(call.id, fixture=fixture, mode=mode, start=start, seed=seed, settings=settings)
        except ValueError as error:
            WORLD_OPTIONS.refuse(str(error))
        except FullError as error:
            WORLD_LIMIT.refuse(str(error))
        return world_view(world)

    @operation("DELETE", "/worlds/{world}", tag=TAG, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
    def delete_world(worlds: Worlds, call: Call[NoQuery, NoBody]) -> Success:
        """Drop a world

        The next use of its key creates a new one.
        """
        worlds.drop(names.get_world(worlds, call.id).name)
        return Success(success=True)

    @operation("POST", "/worlds/{world}/reset", tag=TAG, path_id=WorldName, returns=view, refuses=(WORLD_UNKNOWN,))
    def reset_world(worlds: Worlds, call: Call[NoQuery, NoBody]) -> Any:
        """Reset a world to its starting state"""
        world = names.get_world(worlds, call.id)
        worlds.reset(world)
        return world_view(world)

    @operation(
        "GET", "/worlds/{world}/settings", tag=TAG, path_id=WorldName, returns=settings_view, refuses=(WORLD_UNKNOWN,)
    )
    def get_settings(worlds: Worlds, call: Call[NoQuery, NoBody]) -> Any:
        """Get a world's settings"""
        return _settings_view(find_world(worlds, call.id))

    @operation(
        "PATCH",
        "/worlds/{world}/settings",
        tag=TAG,
        path_id=WorldName,
        body=settings_change,
        returns=settings_view,
        refuses=(WORLD_UNKNOWN,),
        example=_settings_example(domain),
    )
    def update_settings(worlds: Worlds, call: Call[NoQuery, Any]) -> Any:
        """Change a world's settings"""
        world = find_world(worlds, call.id)
        world.change_settings(_changed(world.settings, call.body))
        return _settings_view(world)

    @operation("GET", "/fixtures", tag=TAG)
    def list_fixtures(worlds: Worlds, _call: Call[NoQuery, NoBody]) -> list[FixtureView]:
        """List the fixtures that worlds can start from"""
        return [FixtureView(name, worlds.fixtures(name).title) for name in worlds.fixture_names]

    return list_fixtures, list_worlds, get_world, put_world, delete_world, reset_world, get_settings, update_settings


def world_view(world: World) -> Any:
    """The view of a world."""
    return world_view_type(world.domain)(
        name=world.name,
        key=f"{KEY_PREFIX}{world.name}",
        personas=list(world.personas),
        fixture=world.beginning.name,
        seed=world.ids.seed,
        clock=ClockView(world.clock.mode, world.clock.read()),
        size=world.size,
        recorded=world.journal.recorded,
        changed=world.changed,
        happened=len(world.history),
        due=world.agenda.next_due() if world.agenda else None,
        waiting=_waiting(world),
        idle_seconds=None if world.last_call is None else max(0, (stopwatch() - world.last_call) // 10**9),
        settings=_settings_view(world),
    )


def _waiting(world: World) -> dict[str, int]:
    counts = world.agenda.counts()
    return {type: counts[type] for type in world.domain.events if type in counts}


def _settings_view(world: World) -> Any:
    return _settings_types(world.domain)[0](**msgspec.structs.asdict(world.settings))


def _settings_example(domain: Domain) -> dict[str, Any]:
    """The first setting with a fixed set of values, changed from its default."""
    for each in msgspec.structs.fields(domain.settings):
        values = (False, True) if plain(each.type) is bool else get_args(plain(each.type))
        other = [value for value in values if value != each.default]
        if other:
            return {each.name: other[-1]}
    return {}


def _changed(settings: Any, change: Any) -> Any:
    return msgspec.structs.replace(settings, **sent_fields(change))
