"""A double of a to-do list API: one noun with a state machine, a rule about time, and an event."""

from typing import Any, Literal

import msgspec

from aniva_sandbox.engine import double
from aniva_sandbox.engine.double import Call, NoBody, NoQuery, operation

Status = Literal["open", "done", "overdue"]


class Task(msgspec.Struct, forbid_unknown_fields=True):
    """Something to do."""

    id: double.UuidText
    title: double.Label
    due: double.Timestamp
    status: Status = "open"


class World(double.World):
    """A list of tasks."""

    tasks: double.Table[Task]


PAGE = "the to-do API's page on tasks"
UNKNOWN = double.Rule(
    id="task.unknown", sentence="The task must exist.", basis="documented", source=PAGE, statuses=(404,)
)
DUE = double.Rule(
    id="task.due", sentence="The due date is ahead.", basis="documented", source=PAGE, statuses=(400,), kind="domain"
)
STATE = double.Rule(
    id="task.state", sentence="A task is finished once.", basis="assumed", source="not documented", statuses=(409,)
)
MOVES: dict[tuple[str, str], Status] = {
    ("open", "finish"): "done",
    ("overdue", "finish"): "done",
    ("open", "lapse"): "overdue",
}


def move(task: Task, by: str, rule: double.Rule) -> None:
    """Change the state of a task as the table says, or refuse through a rule."""
    if (task.status, by) not in MOVES:
        rule.refuse(f"The task is {task.status}")
    task.status = MOVES[task.status, by]


class TaskCreate(msgspec.Struct, frozen=True):
    """A task to create."""

    title: double.Label
    due: double.Instant


@operation("POST", "/tasks", tag="Tasks", status=201, permissions=("write",), refuses=(DUE, double.WORLD_FULL))
def create_task(world: World, call: Call[NoQuery, TaskCreate]) -> Task:
    """Create a task"""
    due = double.parse_instant(call.body.due)
    if due <= world.now:
        DUE.refuse("due must be in the future")
    double.require_room(world)
    task = Task(world.ids.next_uuid("task"), call.body.title, due)
    world.tasks.add(task)
    plan(world, task)
    return task


@operation("GET", "/tasks/{id}", tag="Tasks", permissions=("read", "write"), refuses=(UNKNOWN,))
def get_task(world: World, call: Call[NoQuery, NoBody]) -> Task:
    """Get a task"""
    return world.tasks.get(call.id) or UNKNOWN.refuse("There is no such task")


@operation("POST", "/tasks/{id}/finish", tag="Tasks", permissions=("write",), refuses=(UNKNOWN, STATE))
def finish_task(world: World, call: Call[NoQuery, NoBody]) -> Task:
    """Finish a task"""
    task = world.tasks.get(call.id) or UNKNOWN.refuse("There is no such task")
    move(task, "finish", STATE)
    world.agenda.drop(task.id)
    return task


def plan(world: World, task: Task) -> None:
    """Put the event into the agenda that makes a task overdue."""
    if task.status == "open":
        world.agenda.add(max(task.due, world.now), double.Event("task.lapsed", task.id, automatic=True))


def begin(world: World) -> None:
    """Plan what happens to the tasks that a world starts with."""
    for task in world.tasks:
        plan(world, task)


def lapse(_world: World, task: Task, _details: dict[str, Any]) -> dict[str, Any]:
    """A task becomes overdue."""
    move(task, "lapse", double.EVENT_STATE)
    return {}


TODO = double.Double(
    double.ApiInfo("To-do API (sandbox)", "1", "Tasks.", base="/api/v1", keyed=True, tags={"Tasks": "What to do."}),
    operations=(create_task, get_task, finish_task),
    rules=(UNKNOWN, DUE, STATE),
    world=World,
    sections=[
        double.Section(name="tasks", record=Task, noun="task", counted=True, ids="task", written=double.Written())
    ],
    events={"task.lapsed": double.EventType(section="tasks", target="task_id", target_type=str, happen=lapse)},
    begin=begin,
    fixture={
        "title": "One task",
        "start": "2030-01-01T09:00:00Z",
        "personas": {"full": {"permissions": ["read", "write"]}, "reader": {"permissions": ["read"]}},
        "tasks": [{"id": "0b5e3c1a-7c1f-4f7b-9d0e-1a2b3c4d5e6f", "title": "Buy milk", "due": "+1d 09:00"}],
    },
)
app = TODO.app(mode="frozen")
