"""Worlds: making, dropping and resetting them, and their settings."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.api.settings import Hours, Settings
from aniva_sandbox.engine.contract.formats import parse_instant
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Success, operation, sent_fields
from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.control.names import (
    CLOSED,
    WORLD_UNKNOWN,
    ClockView,
    WorldName,
    clock_view,
    find_world,
    get_world,
)
from aniva_sandbox.engine.store.memory import FullError, Worlds
from aniva_sandbox.engine.texts import listed
from aniva_sandbox.engine.world.clock import EARLIEST, LATEST, Mode
from aniva_sandbox.engine.world.events import settle
from aniva_sandbox.engine.world.keys import KEY_PREFIX
from aniva_sandbox.engine.world.limits import MAX_NUMBER
from aniva_sandbox.engine.world.state import World

__all__ = ["OPERATIONS", "RULES", "TAG", "WORLD_LIMIT", "WorldOptions", "WorldView", "parse_clock", "world_view"]

TAG = "Worlds"

# Rules

WORLD_OPTIONS = Rule(
    id="world.options",
    sentence="A world begins from a fixture that there is, with a clock that is real, frozen, or an instant.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)

WORLD_LIMIT = Rule(
    id="world.limit",
    sentence="There are at most so many worlds; for a new one the idle one goes that was not used for longest, which "
    "the next call with its key is told, and where each has a request in flight, there is no new one.",
    basis="sandbox",
    source=SOURCE,
    statuses=(507,),
)

RULES = (WORLD_OPTIONS, WORLD_LIMIT)

# Wire types


class SettingsView(msgspec.Struct, frozen=True):
    """How a world behaves where the real API's behaviour is not settled."""

    taken_slots: Annotated[
        str,
        field("Whether a taken slot can be booked over (`appointment.overlap`).", extra={"enum": ["allow", "refuse"]}),
    ]
    courier_automation: Annotated[
        bool, field("Whether the courier carries out its orders by itself; otherwise only events move a shipment.")
    ]
    hourly_sync: Annotated[
        bool, field("Whether partners' copy of shipments is synced at every full hour (`shipment.freshness`).")
    ]
    lab_automation: Annotated[
        bool, field("Whether results arrive by themselves; otherwise only events and magic barcodes bring them.")
    ]
    lab_quick_hours: Annotated[int, field("From the draw to the first part of the clinical results.")]
    lab_slow_hours: Annotated[int, field("From the draw to the rest of them.")]
    lab_genetic_hours: Annotated[int, field("From the draw to the genetic results.")]


class SettingsChange(msgspec.Struct, frozen=True, kw_only=True):
    """Settings to change; what is left out stays."""

    SCHEMA: ClassVar[dict[str, Any]] = CLOSED

    taken_slots: (
        Annotated[str, field("Whether a taken slot can be booked over.", extra={"enum": ["allow", "refuse"]})]
        | UnsetType
    ) = UNSET
    courier_automation: Annotated[bool, field("Whether the courier carries out its orders by itself.")] | UnsetType = (
        UNSET
    )
    hourly_sync: Annotated[bool, field("Whether shipments are synced at every full hour.")] | UnsetType = UNSET
    lab_automation: Annotated[bool, field("Whether results arrive by themselves.")] | UnsetType = UNSET
    lab_quick_hours: Annotated[Hours, field("From the draw to the first clinical results.")] | UnsetType = UNSET
    lab_slow_hours: Annotated[Hours, field("From the draw to the rest of them.")] | UnsetType = UNSET
    lab_genetic_hours: Annotated[Hours, field("From the draw to the genetic results.")] | UnsetType = UNSET


class WorldView(msgspec.Struct, frozen=True):
    """A world."""

    name: str
    key: Annotated[str, field("The API key that opens it with every permission.")]
    personas: Annotated[list[str], field("What may follow the key after a dot, for fewer rights.")]
    fixture: str
    seed: int
    clock: ClockView
    settings: SettingsView


class WorldOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a world begins; what is left out is as the server was started, or as its fixture has it."""

    SCHEMA: ClassVar[dict[str, Any]] = CLOSED

    fixture: Annotated[str, field("The name of its starting state.")] | UnsetType = UNSET
    seed: Annotated[int, field("Where its ids come from.", ge=0, le=MAX_NUMBER)] | UnsetType = UNSET
    clock: Annotated[str, field("`real`, `frozen`, or the instant at which it stands.")] | UnsetType = UNSET
    settings: SettingsChange | UnsetType = UNSET


# Operations


@operation("GET", "/worlds", tag=TAG)
def list_worlds(worlds: Worlds, _call: Call[NoQuery, NoBody]) -> list[WorldView]:
    """List worlds"""
    for world in worlds:
        settle(world)
    return [world_view(world) for world in worlds]


@operation(
    "PUT",
    "/worlds/{world}",
    tag=TAG,
    path_id=WorldName,
    refuses=(WORLD_OPTIONS, WORLD_LIMIT),
    body_required=False,
    example={"clock": "2026-04-13T08:00:00Z", "seed": 7},
)
def put_world(worlds: Worlds, call: Call[NoQuery, WorldOptions]) -> WorldView:
    """Make a world, or replace it"""
    body = call.body
    fixture = None if body.fixture is UNSET else body.fixture
    if fixture is not None and fixture not in worlds.fixture_names:
        WORLD_OPTIONS.refuse(f"There is no such fixture; there are {listed(worlds.fixture_names)}")
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

    The next use of its key makes a new one.
    """
    worlds.drop(get_world(worlds, call.id).name)
    return Success(success=True)


@operation("POST", "/worlds/{world}/reset", tag=TAG, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def reset_world(worlds: Worlds, call: Call[NoQuery, NoBody]) -> WorldView:
    """Put a world back to its starting state"""
    world = get_world(worlds, call.id)
    worlds.reset(world)
    return world_view(world)


@operation("GET", "/worlds/{world}/settings", tag=TAG, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def get_settings(worlds: Worlds, call: Call[NoQuery, NoBody]) -> SettingsView:
    """Get a world's settings"""
    return _settings_view(find_world(worlds, call.id))


@operation(
    "PATCH",
    "/worlds/{world}/settings",
    tag=TAG,
    path_id=WorldName,
    refuses=(WORLD_UNKNOWN,),
    example={"taken_slots": "refuse"},
)
def update_settings(worlds: Worlds, call: Call[NoQuery, SettingsChange]) -> SettingsView:
    """Change a world's settings"""
    world = find_world(worlds, call.id)
    world.domain.change_settings(world, _changed(world.settings, call.body))
    return _settings_view(world)


def parse_clock(text: str) -> tuple[Mode, datetime | None]:
    """Read ``real``, ``frozen``, or an RFC 3339 instant at which a clock stands. Raises ValueError."""
    if text == "real":
        return "real", None
    if text == "frozen":
        return "frozen", None
    try:
        start = parse_instant(text)
    except ValueError:
        start = None
    if start is None or not EARLIEST <= start <= LATEST:
        raise ValueError("clock must be real, frozen, or an RFC 3339 instant of the years 1900 to 9000")
    return "frozen", start


def _changed(settings: Settings, change: SettingsChange) -> Settings:
    return msgspec.structs.replace(settings, **sent_fields(change))


def world_view(world: World) -> WorldView:
    """A world as it is shown."""
    return WorldView(
        world.name,
        f"{KEY_PREFIX}{world.name}",
        list(world.personas),
        world.beginning.name,
        world.ids.seed,
        clock_view(world),
        _settings_view(world),
    )


def _settings_view(world: World) -> SettingsView:
    return SettingsView(**msgspec.structs.asdict(world.settings))


OPERATIONS = (list_worlds, put_world, delete_world, reset_world, get_settings, update_settings)
