"""A double of a to-do list API: one noun with a state machine, a rule about time, and an event."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from aniva_sandbox.engine.contract import ground_rules
from aniva_sandbox.engine.contract.access import Access
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.document import ApiInfo, Contract, build_document
from aniva_sandbox.engine.contract.formats import parse_instant
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, operation
from aniva_sandbox.engine.contract.rules import Ledger, Rule
from aniva_sandbox.engine.contract.schemas import Timestamp, field
from aniva_sandbox.engine.contract.values import Label, UuidText
from aniva_sandbox.engine.control.plane import build_control
from aniva_sandbox.engine.faults.faults import FaultSection
from aniva_sandbox.engine.faults.targets import Targets
from aniva_sandbox.engine.problems import Data
from aniva_sandbox.engine.serving.app import build_app
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world import state
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.event_types import EventType
from aniva_sandbox.engine.world.events import EVENT_STATE
from aniva_sandbox.engine.world.fixtures import load_fixture
from aniva_sandbox.engine.world.sections import Section, Written, by_key
from aniva_sandbox.engine.world.state import require_room
from aniva_sandbox.engine.world.tables import Table

# What a world holds


class Task(msgspec.Struct, forbid_unknown_fields=True):
    """Something to do."""

    id: UuidText
    title: Label
    due: datetime
    status: Literal["open", "done", "overdue"] = "open"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a world behaves where the API leaves it open."""

    lapses: Annotated[bool, field("Whether tasks become overdue by themselves.")] = True


class World(state.World):
    """A list of tasks."""

    settings: Settings
    tasks: Table[Task]


# Its rules, and its state machine

TASK_DUE = Rule(
    id="task.due",
    sentence="A task is due in the future.",
    basis="documented",
    source="the to-do API's page on tasks",
    statuses=(400,),
    kind="domain",
)
TASK_UNKNOWN = Rule(
    id="task.unknown",
    sentence="The task must exist.",
    basis="documented",
    source="the to-do API's page on tasks",
    statuses=(404,),
)
TASK_STATE = Rule(
    id="task.state",
    sentence="A task that is done cannot be done again.",
    basis="assumed",
    source="no page says",
    statuses=(409,),
)
MOVES = {("open", "finish"): "done", ("overdue", "finish"): "done", ("open", "lapse"): "overdue"}


def move(task: Task, by: str, refusal: Rule) -> None:
    """Change the state of a task as the table says, or refuse."""
    if (task.status, by) not in MOVES:
        refusal.refuse(f"The task is {task.status}")
    task.status = MOVES[task.status, by]  # type: ignore[assignment]


# Its operations


class TaskCreate(msgspec.Struct, frozen=True, kw_only=True):
    """What creating a task takes."""

    title: Annotated[str, field("What to do.", min_length=1, max_length=200)]
    due: Annotated[str, field("When it must be done.", extra={"format": "date-time"})]


class TaskView(msgspec.Struct, frozen=True):
    """A task as clients see it."""

    id: str
    title: str
    due: Timestamp
    status: Annotated[str, field(extra={"enum": ["open", "done", "overdue"]})]


def view(task: Task) -> TaskView:
    """A task as clients see it."""
    return TaskView(task.id, task.title, task.due, task.status)


def find(world: World, id: str) -> Task:
    """The task of an id, or 404."""
    return world.tasks.get(id) or TASK_UNKNOWN.refuse("There is no such task")


@operation(
    "POST",
    "/tasks",
    tag="Tasks",
    status=201,
    permissions=("write",),
    refuses=(TASK_DUE, ground_rules.WORLD_FULL),
    example={"title": "Water the plants", "due": "2030-01-02T09:00:00Z"},
)
def create_task(world: World, call: Call[NoQuery, TaskCreate]) -> TaskView:
    """Create a task"""
    due = parse_instant(call.body.due)
    if due <= world.now:
        TASK_DUE.refuse("due must be in the future")
    require_room(world)
    task = Task(world.ids.next_uuid("task"), call.body.title, due)
    world.tasks.add(task)
    plan(world, task)
    return view(task)


@operation("GET", "/tasks/{id}", tag="Tasks", path_id=str, permissions=("read", "write"), refuses=(TASK_UNKNOWN,))
def get_task(world: World, call: Call[NoQuery, NoBody]) -> TaskView:
    """Get a task"""
    return view(find(world, call.id))


@operation(
    "POST", "/tasks/{id}/finish", tag="Tasks", path_id=str, permissions=("write",), refuses=(TASK_UNKNOWN, TASK_STATE)
)
def finish_task(world: World, call: Call[NoQuery, NoBody]) -> TaskView:
    """Finish a task"""
    task = find(world, call.id)
    move(task, "finish", TASK_STATE)
    world.agenda.drop(task.id)
    return view(task)


# What happens by itself


def plan(world: World, task: Task) -> None:
    """Let a task become overdue when its time comes."""
    if world.settings.lapses and task.status == "open":
        world.agenda.add(max(task.due, world.now), Event("task.lapsed", task.id, automatic=True))


def lapse(_world: World, task: Task, _details: dict[str, Any]) -> dict[str, Any]:
    """A task becomes overdue."""
    move(task, "lapse", EVENT_STATE)
    return {}


def begin(world: World) -> None:
    """Plan what happens to the tasks that a world starts with."""
    for task in world.tasks:
        plan(world, task)


def change_settings(world: World, settings: Settings) -> None:
    """Change how a world behaves."""
    world.settings = settings


# All of it together

INFO = ApiInfo(
    title="To-do API (sandbox)", version="1", description="Tasks.", base="/api/v1", keyed=True, tags={"Tasks": "To do."}
)
CONTRACT = Contract(
    INFO, (create_task, get_task, finish_task), Ledger([*ground_rules.RULES, TASK_DUE, TASK_UNKNOWN, TASK_STATE])
)
DOMAIN = Domain(
    world=World,
    settings=Settings,
    sections=[
        Section(
            name="personas",
            record=Access,
            noun="persona",
            key="persona",
            unique=("persona",),
            table=by_key("persona"),
            fixed=True,
            written=Written(left_out=frozenset({"persona"}), keyed=True),
        ),
        Section(name="tasks", record=Task, noun="task", counted=True, ids="task", written=Written()),
    ],
    faults=FaultSection(targets=Targets({each.id: each for each in CONTRACT.operations}, INFO.base)),
    events={"task.lapsed": EventType(section="tasks", target="task_id", target_type=str, happen=lapse)},
    begin=begin,
    change_settings=change_settings,
)
CONTROL = build_control(DOMAIN, CONTRACT)
START = {
    "title": "One task",
    "start": "2030-01-01T09:00:00Z",
    "personas": {"full": {"permissions": ["read", "write"]}, "reader": {"permissions": ["read"]}},
    "tasks": [{"id": "0b5e3c1a-7c1f-4f7b-9d0e-1a2b3c4d5e6f", "title": "Buy milk", "due": "+1d 09:00"}],
}
FIXTURE = load_fixture(Data(START, "default"), DOMAIN)


def api(contract: Contract) -> Api:
    """An API ready to serve."""
    return Api(
        build_document(contract.info, contract.operations, contract.ledger), contract.operations, contract.ledger
    )


def app() -> Any:
    """The double: an ASGI app with the API, its control plane and its document."""
    worlds = Worlds(DOMAIN, lambda _name: FIXTURE, ["default"], mode="frozen")
    return build_app(worlds, api(CONTRACT), api(CONTROL), guard=None)
