"""A double of a to-do list whose records refer to each other, and what clients make of it."""

from typing import Any

import msgspec

from aniva_sandbox.engine import double
from aniva_sandbox.engine.double import Call, NoBody, NoQuery, operation
from aniva_sandbox.engine.world.domain import Probing
from tests.engine import toy

MILK = "0b5e3c1a-7c1f-4f7b-9d0e-1a2b3c4d5e6f"
READ = {"title": "Read", "due": "2030-01-03T09:00:00Z"}
"""A task that is due two days after the start of the world."""
SOON = READ | {"due": "2030-01-01T09:00:05Z"}
"""A task that is due five seconds after it."""


class Task(msgspec.Struct, forbid_unknown_fields=True):
    """Something to do, and when it was written down."""

    id: double.UuidText
    title: double.Label
    due: double.Timestamp
    status: toy.Status = "open"
    created_at: double.Timestamp | None = None


class World(double.World):
    """Tasks, and which of them come before others."""

    tasks: double.Table[Any]
    orders: list["Order"]


class Order(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One task comes before another."""

    task_id: double.UuidText
    before_id: double.UuidText


class Title(msgspec.Struct, frozen=True):
    """Which tasks to list."""

    title: double.Label | msgspec.UnsetType = msgspec.UNSET


@operation("POST", "/tasks", tag="Tasks", status=201, permissions=("write",), refuses=(toy.DUE,))
def create_task(world: World, call: Call[NoQuery, toy.TaskCreate]) -> Task:
    """Create a task"""
    due = double.parse_instant(call.body.due)
    if due <= world.now:
        toy.DUE.refuse("due must be in the future")
    task = Task(world.ids.next_uuid("task"), call.body.title, due, created_at=world.now)
    world.tasks.add(task)
    toy.plan(world, task)
    return task


@operation("GET", "/tasks/{id}", tag="Tasks", permissions=("read", "write"), refuses=(toy.UNKNOWN,))
def get_task(world: World, call: Call[NoQuery, NoBody]) -> Task:
    """Get a task"""
    return world.tasks.get(call.id) or toy.UNKNOWN.refuse("There is no such task")


@operation("GET", "/tasks", tag="Tasks", permissions=("read",))
def list_tasks(world: World, call: Call[Title, NoBody]) -> list[Task]:
    """List tasks"""
    return [task for task in world.tasks if call.query.title in (msgspec.UNSET, task.title)]


class Finished(msgspec.Struct, frozen=True):
    """A task that comes before another."""

    before_id: double.UuidText


@operation("POST", "/tasks/{id}/order", tag="Tasks", permissions=("write",), refuses=(toy.UNKNOWN,))
def order_task(world: World, call: Call[NoQuery, Finished]) -> Task:
    """Put a task before another"""
    task = world.tasks.get(call.id) or toy.UNKNOWN.refuse("There is no such task")
    order = Order(task.id, call.body.before_id)
    if order not in world.orders:
        world.orders.append(order)
    return task


@operation("DELETE", "/tasks/{id}/order", tag="Tasks", permissions=("write",), refuses=(toy.UNKNOWN,))
def disorder_task(world: World, call: Call[NoQuery, NoBody]) -> Task:
    """Put a task before no other"""
    task = world.tasks.get(call.id) or toy.UNKNOWN.refuse("There is no such task")
    world.orders[:] = [order for order in world.orders if order.task_id != task.id]
    return task


@operation("POST", "/tasks/{id}/finish", tag="Tasks", permissions=("write",), refuses=(toy.UNKNOWN, toy.STATE))
def finish_task(world: World, call: Call[NoQuery, NoBody]) -> Task:
    """Finish a task"""
    task = world.tasks.get(call.id) or toy.UNKNOWN.refuse("There is no such task")
    toy.move(task, "finish", toy.STATE)
    world.agenda.drop(task.id)
    return task


def describe(task: Any, _records: Any) -> str:
    """A task in words."""
    return f"'{task['title']}'"


TODO = double.Double(
    toy.TODO.contract.info,
    operations=(create_task, get_task, list_tasks, order_task, disorder_task, finish_task),
    rules=(toy.UNKNOWN, toy.DUE, toy.STATE),
    world=World,
    sections=[
        double.Section(
            name="tasks",
            record=Task,
            noun="task",
            counted=True,
            ids="task",
            written=double.Written(left_out=frozenset({"created_at"})),
        ),
        double.Section(name="orders", record=Order, key="", unique=(("task_id", "before_id"),), table=list),
    ],
    events=toy.TODO.domain.events,
    begin=toy.begin,
    probing=lambda: Probing(describe={"tasks": describe}, stamps={"tasks": frozenset({"$.created_at"})}),
    fixture={
        "title": "One task",
        "start": "2030-01-01T09:00:00Z",
        "personas": {"full": {"permissions": ["read", "write"]}},
        "tasks": [{"id": MILK, "title": "Buy milk", "due": "+1d 09:00"}],
    },
)
