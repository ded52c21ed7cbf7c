"""The control plane: worlds, their clocks, what happens in them, and what was asked of them."""

from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox import VERSION
from aniva_sandbox.contract.common import TIME_INPUT
from aniva_sandbox.contract.formats import parse_instant
from aniva_sandbox.contract.operations import Call, NoBody, NoQuery, operation
from aniva_sandbox.contract.rules import Rule
from aniva_sandbox.contract.schemas import Timestamp, Uuid, field
from aniva_sandbox.resources.common import Success
from aniva_sandbox.resources.partner import LEDGER as PARTNER_LEDGER
from aniva_sandbox.simulation import events
from aniva_sandbox.simulation.events import EVENT_STATE, EVENT_UNKNOWN, EVENTS, advance, happen, require_target, settle
from aniva_sandbox.world.agenda import Event, Happened
from aniva_sandbox.world.clock import EARLIEST, LATEST, Mode
from aniva_sandbox.world.world import Settings, World
from aniva_sandbox.world.worlds import KEY_PREFIX, WORLD_NAME, Worlds

__all__ = ["OPERATIONS", "RULES", "ClockChange", "EventRequest", "WorldOptions", "parse_clock"]

TAG_WORLDS = "Worlds"
TAG_TIME = "Time and events"
TAG_INSIGHT = "Insight"

_SOURCE: Final = "the sandbox's control plane"

# Rules

WORLD_NAMED = Rule(
    id="world.name",
    sentence="A world's name has 1 to 64 of a-z, 0-9 and hyphen.",
    basis="sandbox",
    source=_SOURCE,
    statuses=(400,),
    kind="format",
)
WORLD_UNKNOWN = Rule(
    id="world.unknown",
    sentence="The world must exist: it was put there, or its key was used.",
    basis="sandbox",
    source=_SOURCE,
    statuses=(404,),
)
WORLD_OPTIONS = Rule(
    id="world.options",
    sentence="A world begins from a fixture that there is, with a clock that is real, frozen, or an instant.",
    basis="sandbox",
    source=_SOURCE,
    statuses=(400,),
    kind="domain",
)
CLOCK_FORWARD = Rule(
    id="clock.forward",
    sentence="A clock is moved by seconds or to an instant, one of the two; never backwards, never past the year 9000.",
    basis="sandbox",
    source=_SOURCE,
    statuses=(400,),
    kind="domain",
)
EVENT_DETAILS = Rule(
    id="event.details",
    sentence="An event needs the id of what it is about and the details of its type, and lies neither in the past nor "
    "beyond the year 9000.",
    basis="sandbox",
    source=_SOURCE,
    statuses=(400,),
    kind="domain",
)

RULES = (WORLD_NAMED, WORLD_UNKNOWN, WORLD_OPTIONS, CLOCK_FORWARD, EVENT_DETAILS, *events.RULES)

# Wire types

WorldName = Annotated[
    str, field("The world's name.", rule=WORLD_NAMED, pattern=f"^{WORLD_NAME}$", examples=["default"])
]
Instant = Annotated[str, field("An RFC 3339 instant.", rule=TIME_INPUT, extra={"format": "date-time"})]


class Health(msgspec.Struct, frozen=True):
    """The server is alive."""

    status: Literal["ok"]
    version: str


class RuleView(msgspec.Struct, frozen=True):
    """A rule of the ledger."""

    id: str
    sentence: str
    basis: Annotated[str, field(extra={"enum": ["documented", "assumed", "conflict", "sandbox"]})]
    source: Annotated[str, field("Where the rule is from.")]
    statuses: Annotated[list[int], field("The statuses that it refuses with; none if it does not refuse.")]
    kind: Annotated[str | None, field("What makes its 400.", extra={"enum": ["format", "domain"]})]
    assumption: Annotated[str, field("Which part of it is this sandbox's decision.")]


class SettingsView(msgspec.Struct, frozen=True):
    """How a world behaves where the real API's behaviour is not settled."""

    taken_slots: Annotated[
        str,
        field("Whether a taken slot can be booked over (`appointment.overlap`).", extra={"enum": ["allow", "refuse"]}),
    ]


class SettingsChange(msgspec.Struct, frozen=True, kw_only=True):
    """Settings to change; what is left out stays."""

    taken_slots: (
        Annotated[str, field("Whether a taken slot can be booked over.", extra={"enum": ["allow", "refuse"]})]
        | UnsetType
    ) = UNSET


class ClockView(msgspec.Struct, frozen=True):
    """A world's time."""

    mode: Annotated[str, field(extra={"enum": ["real", "frozen"]})]
    now: Annotated[Timestamp, field("UTC, whole seconds.")]


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
    """How a world begins; what is left out is as the server was started."""

    fixture: Annotated[str, field("The name of its starting state.")] | UnsetType = UNSET
    seed: Annotated[int, field("Where its ids come from.", ge=0, le=2**53)] | UnsetType = UNSET
    clock: Annotated[str, field("`real`, `frozen`, or the instant at which it stands.")] | UnsetType = UNSET
    settings: SettingsChange | UnsetType = UNSET


class ClockChange(msgspec.Struct, frozen=True, kw_only=True):
    """How a clock goes on, and from when."""

    mode: Annotated[str, field(extra={"enum": ["real", "frozen"]})]
    now: Instant | UnsetType = UNSET


class ClockAdvance(msgspec.Struct, frozen=True, kw_only=True):
    """How far a clock is moved: one of the two."""

    SCHEMA: ClassVar[dict[str, Any]] = {
        "anyOf": [{"required": ["seconds"]}, {"required": ["to"]}],
        "x-rules": {"anyOf": CLOCK_FORWARD.id},
    }

    seconds: Annotated[int, field("So many seconds on.", ge=0, le=10**12, rule=CLOCK_FORWARD)] | UnsetType = UNSET
    to: Instant | UnsetType = UNSET


class EventView(msgspec.Struct, frozen=True, omit_defaults=True):
    """An event: what it is, what it is about, and its details by name."""

    time: Annotated[Timestamp, field("When it happened or will happen, in UTC.")]
    type: Annotated[str, field(extra={"enum": list(EVENTS)})]
    appointment_id: Uuid | UnsetType = UNSET
    location_id: Uuid | UnsetType = UNSET
    profile_id: Uuid | UnsetType = UNSET
    scheduled_at: Annotated[str, field("For `kit.ordered`.")] | UnsetType = UNSET
    date: Annotated[str, field("For `location.date_blocked`.")] | UnsetType = UNSET
    skipped: Annotated[str, field("Why it was not possible when its time came.")] | UnsetType = UNSET


class ClockMoved(msgspec.Struct, frozen=True):
    """The new time, and what happened on the way."""

    clock: ClockView
    events: list[EventView]


class EventRequest(msgspec.Struct, frozen=True, kw_only=True):
    """An event to happen: its type, the id of what it is about, its details."""

    type: Annotated[str, field(extra={"enum": list(EVENTS)})]
    appointment_id: Uuid | UnsetType = UNSET
    location_id: Uuid | UnsetType = UNSET
    profile_id: Uuid | UnsetType = UNSET
    time: (
        Annotated[
            str,
            field(
                "Now by default; a later event stands in the agenda.", rule=TIME_INPUT, extra={"format": "date-time"}
            ),
        ]
        | UnsetType
    ) = UNSET
    scheduled_at: (
        Annotated[str, field("For `kit.ordered`, optional.", rule=TIME_INPUT, extra={"format": "date-time"})]
        | UnsetType
    ) = UNSET
    date: Annotated[str, field("For `location.date_blocked`.", extra={"format": "date"})] | UnsetType = UNSET


class ExchangeView(msgspec.Struct, frozen=True):
    """A request to the world and how it was answered."""

    time: Annotated[Timestamp, field("The world's now.")]
    method: str
    path: str
    operation: Annotated[str | None, field("The operationId; null for an unknown path or method.")]
    status: int
    rules: Annotated[list[str], field("The rules that refused it.")]
    error: str | None
    mismatch: Annotated[str | None, field("Where the answer contradicts the document.")]


# Operations


@operation("GET", "/health", tag=TAG_INSIGHT)
def get_health(_worlds: Worlds, _call: Call[NoQuery, NoBody]) -> Health:
    """Tell that the server is alive"""
    return Health("ok", VERSION)


@operation("GET", "/rules", tag=TAG_INSIGHT)
def list_rules(_worlds: Worlds, _call: Call[NoQuery, NoBody]) -> list[RuleView]:
    """List the ledger

    Every rule that the sandbox keeps, with what it is based on.
    """
    return [
        RuleView(rule.id, rule.sentence, rule.basis, rule.source, list(rule.statuses), rule.kind, rule.assumption)
        for rule in (*PARTNER_LEDGER, *RULES)
    ]


@operation("GET", "/worlds", tag=TAG_WORLDS)
def list_worlds(worlds: Worlds, _call: Call[NoQuery, NoBody]) -> list[WorldView]:
    """List worlds"""
    return [_world_view(world) for world in worlds]


@operation(
    "PUT",
    "/worlds/{world}",
    tag=TAG_WORLDS,
    path_id=WorldName,
    refuses=(WORLD_OPTIONS,),
    body_required=False,
    example={"clock": "2026-04-13T08:00:00Z", "seed": 7},
)
def put_world(worlds: Worlds, call: Call[NoQuery, WorldOptions]) -> WorldView:
    """Make a world, or replace it"""
    body = call.body
    fixture = None if body.fixture is UNSET else body.fixture
    if fixture is not None and fixture not in worlds.fixture_names:
        WORLD_OPTIONS.refuse(f"There is no such fixture; there are {', '.join(worlds.fixture_names)}")
    mode: Mode | None = None
    start = None
    if body.clock is not UNSET:
        try:
            mode, start = parse_clock(body.clock)
        except ValueError as error:
            WORLD_OPTIONS.refuse(str(error))
    settings = None if body.settings is UNSET else _changed(Settings(), body.settings)
    seed = None if body.seed is UNSET else body.seed
    return _world_view(worlds.create(call.id, fixture=fixture, mode=mode, start=start, seed=seed, settings=settings))


@operation("DELETE", "/worlds/{world}", tag=TAG_WORLDS, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def delete_world(worlds: Worlds, call: Call[NoQuery, NoBody]) -> Success:
    """Drop a world

    The next use of its key makes a new one.
    """
    worlds.drop(_world(worlds, call.id).name)
    return Success()


@operation("POST", "/worlds/{world}/reset", tag=TAG_WORLDS, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def reset_world(worlds: Worlds, call: Call[NoQuery, NoBody]) -> WorldView:
    """Put a world back to its starting state"""
    world = _world(worlds, call.id)
    world.reset()
    return _world_view(world)


@operation("GET", "/worlds/{world}/settings", tag=TAG_WORLDS, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def get_settings(worlds: Worlds, call: Call[NoQuery, NoBody]) -> SettingsView:
    """Get a world's settings"""
    return _settings_view(_world(worlds, call.id))


@operation(
    "PATCH",
    "/worlds/{world}/settings",
    tag=TAG_WORLDS,
    path_id=WorldName,
    refuses=(WORLD_UNKNOWN,),
    example={"taken_slots": "refuse"},
)
def update_settings(worlds: Worlds, call: Call[NoQuery, SettingsChange]) -> SettingsView:
    """Change a world's settings"""
    world = _world(worlds, call.id)
    world.settings = _changed(world.settings, call.body)
    return _settings_view(world)


@operation("GET", "/worlds/{world}/clock", tag=TAG_TIME, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def get_clock(worlds: Worlds, call: Call[NoQuery, NoBody]) -> ClockView:
    """Get a world's time"""
    return _clock_view(_world(worlds, call.id))


@operation(
    "PUT",
    "/worlds/{world}/clock",
    tag=TAG_TIME,
    path_id=WorldName,
    refuses=(WORLD_UNKNOWN, CLOCK_FORWARD),
    example={"mode": "frozen"},
)
def put_clock(worlds: Worlds, call: Call[NoQuery, ClockChange]) -> ClockMoved:
    """Freeze a world's clock or let it run, here or from a later instant on"""
    world = _world(worlds, call.id)
    happened = [] if call.body.now is UNSET else advance(world, _forward(world, parse_instant(call.body.now)))
    world.clock.set_mode("real" if call.body.mode == "real" else "frozen")
    return ClockMoved(_clock_view(world), [_event_view(event) for event in happened])


@operation(
    "POST",
    "/worlds/{world}/clock/advance",
    tag=TAG_TIME,
    path_id=WorldName,
    refuses=(WORLD_UNKNOWN, CLOCK_FORWARD),
    example={"seconds": 3600},
)
def advance_clock(worlds: Worlds, call: Call[NoQuery, ClockAdvance]) -> ClockMoved:
    """Move a world's clock forward

    Everything that is due by then happens before the answer, in order, each event at its own time.
    """
    world = _world(worlds, call.id)
    body = call.body
    if body.seconds is not UNSET and body.to is not UNSET:
        CLOCK_FORWARD.refuse("Give seconds or to, not both")
    if body.to is not UNSET:
        to = parse_instant(body.to)
    else:
        seconds = 0 if body.seconds is UNSET else body.seconds
        if seconds > (LATEST - world.now).total_seconds():
            CLOCK_FORWARD.refuse("A clock goes no further than the year 9000")
        to = world.now + timedelta(seconds=seconds)
    happened = advance(world, _forward(world, to))
    return ClockMoved(_clock_view(world), [_event_view(event) for event in happened])


@operation("GET", "/worlds/{world}/agenda", tag=TAG_TIME, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def list_agenda(worlds: Worlds, call: Call[NoQuery, NoBody]) -> list[EventView]:
    """List what will happen, soonest first"""
    return [_event_view(Happened(due, event)) for due, event in _world(worlds, call.id).agenda]


@operation("GET", "/worlds/{world}/events", tag=TAG_TIME, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def list_events(worlds: Worlds, call: Call[NoQuery, NoBody]) -> list[EventView]:
    """List what has happened, oldest first"""
    return [_event_view(event) for event in _world(worlds, call.id).history]


@operation(
    "POST",
    "/worlds/{world}/events",
    tag=TAG_TIME,
    path_id=WorldName,
    refuses=(WORLD_UNKNOWN, EVENT_UNKNOWN, EVENT_STATE, EVENT_DETAILS),
    example={"type": "kit.ordered", "profile_id": "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"},
)
def create_event(worlds: Worlds, call: Call[NoQuery, EventRequest]) -> EventView:
    """Let an event happen, now or when its time comes"""
    world = _world(worlds, call.id)
    details = {
        name: value for name, value in msgspec.structs.asdict(call.body).items() if not isinstance(value, UnsetType)
    }
    type = details.pop("type")
    time = details.pop("time", None)
    kind = EVENTS[type]
    missing = [name for name in (kind.target, *kind.details) if name not in details]
    if missing:
        EVENT_DETAILS.refuse(f"{type} needs {' and '.join(missing)}")
    event = Event(type, details.pop(kind.target).lower(), details)
    due = parse_instant(time) if time else world.now
    if due < world.now:
        EVENT_DETAILS.refuse("time must not lie in the past")
    if due > LATEST:
        EVENT_DETAILS.refuse("time must not lie beyond the year 9000")
    if due > world.now:
        require_target(world, event)
        world.agenda.add(due, event)
        return _event_view(Happened(due, event))
    return _event_view(happen(world, event))


@operation("GET", "/worlds/{world}/journal", tag=TAG_INSIGHT, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def list_journal(worlds: Worlds, call: Call[NoQuery, NoBody]) -> list[ExchangeView]:
    """List the exchanges of a world, newest last"""
    return [
        ExchangeView(
            exchange.time,
            exchange.method,
            exchange.path,
            exchange.operation,
            exchange.status,
            list(exchange.rules),
            exchange.error,
            exchange.mismatch,
        )
        for exchange in _world(worlds, call.id).journal
    ]


@operation("DELETE", "/worlds/{world}/journal", tag=TAG_INSIGHT, path_id=WorldName, refuses=(WORLD_UNKNOWN,))
def clear_journal(worlds: Worlds, call: Call[NoQuery, NoBody]) -> Success:
    """Forget the exchanges of a world"""
    _world(worlds, call.id).journal.clear()
    return Success()


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


def _world(worlds: Worlds, name: str) -> World:
    """The world of a path, with everything that is due in it done."""
    world = worlds.get(name)
    if world is None:
        WORLD_UNKNOWN.refuse(f"There is no such world; PUT it, or use the key {KEY_PREFIX}<name>")
    settle(world)
    return world


def _forward(world: World, to: datetime) -> datetime:
    if to < world.now:
        CLOCK_FORWARD.refuse("A clock never goes backwards")
    if to > LATEST:
        CLOCK_FORWARD.refuse("A clock goes no further than the year 9000")
    return to


def _changed(settings: Settings, change: SettingsChange) -> Settings:
    changes = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not UNSET}
    return msgspec.structs.replace(settings, **changes)


def _world_view(world: World) -> WorldView:
    return WorldView(
        world.name,
        f"{KEY_PREFIX}{world.name}",
        list(world.fixture.personas),
        world.fixture.name,
        world.ids.seed,
        _clock_view(world),
        _settings_view(world),
    )


def _clock_view(world: World) -> ClockView:
    return ClockView(world.clock.mode, world.now)


def _settings_view(world: World) -> SettingsView:
    return SettingsView(world.settings.taken_slots)


def _event_view(happened: Happened) -> EventView:
    event = happened.event
    fields: dict[str, Any] = {EVENTS[event.type].target: event.target, **event.details}
    return EventView(
        happened.time, event.type, **{name: fields[name] for name in EventView.__struct_fields__[2:] if name in fields}
    )


OPERATIONS = (
    get_health,
    list_rules,
    list_worlds,
    put_world,
    delete_world,
    reset_world,
    get_settings,
    update_settings,
    get_clock,
    put_clock,
    advance_clock,
    list_agenda,
    list_events,
    create_event,
    list_journal,
    clear_journal,
)
