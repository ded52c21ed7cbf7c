"""A double whose calls give reason to all changes of rules and responses: a board of tasks. It runs tests, too."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.engine import double
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import Measure
from aniva_sandbox.engine.double import Call, NoBody, NoQuery, field, operation
from aniva_sandbox.engine.evidence.probes.change import Change, Context, Judgement
from aniva_sandbox.engine.evidence.probes.loop import judge_one, plan_changes, probe_subject, run_clean
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.report import KindName, TestReport
from aniva_sandbox.engine.evidence.probes.run import Run
from aniva_sandbox.engine.serving.pipeline import respond, respond_to_control
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.domain import Probing, Variation
from aniva_sandbox.engine.world.snapshot import write_state

__all__ = [
    "API",
    "BOARD",
    "CONTROL",
    "FIRST",
    "NOTHING",
    "SECOND",
    "Board",
    "Subject",
    "changes_of",
    "judged",
    "probed",
    "run_of",
]

Status = Literal["open", "done", "overdue"]


class Owner(msgspec.Struct):
    """Who does it."""

    name: double.Label
    phone: double.Label | None = None


class Step(msgspec.Struct):
    """A part of it."""

    name: double.Label


class Task(msgspec.Struct):
    """Something to do."""

    id: double.UuidText
    title: double.Label
    due: double.Timestamp
    owner: Owner
    status: Status = "open"
    progress: int = 0
    steps: list[Step] = []


class World(double.World):
    """A board."""

    tasks: double.Table[Task]


def rule(id: str, status: int, **more: Any) -> double.Rule:
    return double.Rule(
        id=id, sentence=f"{id} is kept.", **({"basis": "documented", "source": "a page", "statuses": (status,)} | more)
    )


UNKNOWN = rule("task.unknown", 404)
STATE = rule("task.state", 409)
DUE = rule("task.due", 400, kind="domain", measures=(Measure("seconds", step=3600),))
NEAR = rule("task.near", 400, kind="domain", measures=(Measure("seconds", "ahead", step=3600),))
LABELS = rule("task.labels", 409, measures=(Measure("", "labels"),))
PAGING = rule("task.paging", 400, kind="format")


class TaskCreate(msgspec.Struct, frozen=True):
    """A task to create."""

    title: Annotated[str, field(min_length=1, max_length=10)]
    due: double.Instant
    phone: double.Label | UnsetType = UNSET


class Names(msgspec.Struct, frozen=True):
    """Labels to add."""

    names: Annotated[list[double.Label], field(min_length=1)]


class Full(msgspec.Struct, frozen=True, kw_only=True):
    """Why a label was not added."""

    error: str
    names: list[double.Label]


class Page(msgspec.Struct, frozen=True):
    """Which tasks to list."""

    most: Annotated[int, field("How many.", rule=PAGING, ge=1, le=5)] | UnsetType = UNSET


class Closed(msgspec.Struct, forbid_unknown_fields=True):
    """An object that never gets a field."""

    open: bool


class Limits(msgspec.Struct):
    """What a board holds, by noun."""

    most: dict[str, int]
    closed: Closed


def find(world: World, call: Call[Any, Any]) -> Task:
    call.trace.weigh(UNKNOWN)
    return world.tasks.get(call.id) or UNKNOWN.refuse("There is no such task")


@operation("GET", "/tasks", tag="Tasks", permissions=("read",))
def list_tasks(world: World, call: Call[Page, NoBody]) -> list[Task]:
    """List the tasks"""
    return list(world.tasks)[: call.query.most or None]


@operation("POST", "/tasks", tag="Tasks", status=201, permissions=("write",), refuses=(DUE, NEAR))
def create_task(world: World, call: Call[NoQuery, TaskCreate]) -> Task:
    """Create a task: due after now, and at most a day ahead"""
    due = double.parse_instant(call.body.due)
    if call.trace.weigh(DUE, (due - world.now).total_seconds()) and due <= world.now:
        DUE.refuse("due must be in the future")
    ahead = (due - world.now - timedelta(days=1)).total_seconds()
    if call.trace.weigh(NEAR, ahead, "ahead") and ahead > 0:
        NEAR.refuse("due must be within a day")
    task = Task(world.ids.next_uuid("task"), call.body.title, due, Owner("Ann", call.body.phone or None))
    world.tasks.add(task)
    return task


@operation("GET", "/tasks/{id}", tag="Tasks", permissions=("read",), refuses=(UNKNOWN,))
def get_task(world: World, call: Call[NoQuery, NoBody]) -> Task:
    """Get a task"""
    return find(world, call)


@operation("POST", "/tasks/{id}/finish", tag="Tasks", permissions=("write",), refuses=(UNKNOWN, STATE))
def finish_task(world: World, call: Call[NoQuery, NoBody]) -> Task:
    """Finish a task"""
    task = find(world, call)
    if call.trace.weigh(STATE) and task.status == "done":
        STATE.refuse("The task is done")
    task.status = "done"
    return task


@operation(
    "POST",
    "/tasks/{id}/labels",
    tag="Tasks",
    permissions=("write",),
    refuses=(UNKNOWN, LABELS),
    errors={409: Full},
)
def add_labels(world: World, call: Call[NoQuery, Names]) -> Task:
    """Add labels: at most two"""
    task, names = find(world, call), call.body.names
    if call.trace.weigh(LABELS, len(names) - 2, "labels") and len(names) > 2:
        LABELS.refuse("The task has too many labels", names=names)
    return task


@operation("GET", "/rules", tag="Tasks", permissions=("read",))
def get_rules(_world: World, _call: Call[NoQuery, NoBody]) -> Limits:
    """Get what a board holds"""
    return Limits({"tasks": 5}, Closed(True))


def lapse(_world: World, task: Task, _details: dict[str, Any]) -> dict[str, Any]:
    if task.status != "open":
        double.EVENT_STATE.refuse(f"The task is {task.status}")
    task.status = "overdue"
    return {}


def progress(_world: World, task: Task, _details: dict[str, Any]) -> dict[str, Any]:
    task.progress = 100
    return {}


def begin(world: World) -> None:
    for task in world.tasks:
        world.agenda.add(world.now + timedelta(hours=2), Event("task.progressed", task.id, automatic=True))


def progress_half(world: World, instant: datetime) -> None:
    """Half an hour before a task makes progress, it has made half of it."""
    for due, event in world.agenda:
        if due - instant <= timedelta(minutes=30):
            world.tasks[event.target].progress = 50


def forget_half(world: World, event: Event) -> None:
    world.tasks[event.target].progress = 0


FIRST = "0b5e3c1a-7c1f-4f7b-9d0e-1a2b3c4d5e6f"
SECOND = "1b5e3c1a-7c1f-4f7b-9d0e-1a2b3c4d5e6f"
NOTHING = "11111111-2222-4333-8444-555555555555"
BOARD = double.Double(
    double.ApiInfo("Board", "1", "Tasks.", base="/api/v1", keyed=True, tags={"Tasks": "Tasks."}),
    operations=(list_tasks, create_task, get_task, finish_task, add_labels, get_rules),
    rules=(UNKNOWN, STATE, DUE, NEAR, LABELS, PAGING),
    world=World,
    sections=[
        double.Section(name="tasks", record=Task, noun="task", counted=True, ids="task", written=double.Written())
    ],
    events={
        "task.lapsed": double.EventType(section="tasks", target="task_id", target_type=str, happen=lapse),
        "task.progressed": double.EventType(section="tasks", target="task_id", target_type=str, happen=progress),
    },
    begin=begin,
    probing=lambda: Probing(
        unordered=frozenset({("list_tasks", "$"), ("get_task", "$.steps")}),
        nullable={
            "get_task": ("$.owner.phone", "$.title"),
            "create_task": ("$.owner.phone",),
            "list_tasks": ("$[].owner.phone",),
        },
        vary={
            "task.progressed:halfway": Variation(
                event="task.progressed",
                sentence="a task shows half of its progress",
                apply=progress_half,
                undo=forget_half,
            )
        },
        held={"task.lapsed": "a task never lapses"},
    ),
    fixture={
        "title": "Two tasks",
        "start": "2030-01-01T09:00:00Z",
        "personas": {"full": {"permissions": ["read", "write"]}, "reader": {"permissions": ["read"]}},
        "tasks": [
            {
                "id": FIRST,
                "title": "One",
                "due": "+1d 09:00",
                "owner": {"name": "Jo", "phone": "123"},
                "steps": [{"name": "begin"}, {"name": "end"}],
            },
            {"id": SECOND, "title": "Two", "due": "+1d 09:00", "owner": {"name": "Jo"}},
        ],
    },
)
API = Api.of(BOARD.contract)
CONTROL = Api.of(BOARD.control)
CONTEXT = Context(api=API, domain=BOARD.domain)


class Board:
    """Calls the double in one world. Each call returns the status and the body."""

    def __init__(self, probe: Probe | None, start: datetime | None = None) -> None:
        self.worlds = Worlds(BOARD.domain, lambda _name: BOARD.fixture, ["default"], mode="frozen", start=start)
        found = self.worlds.find("sbx_mine")
        assert found is not None
        self.world: Any = found[0]
        self.world.probe = probe

    def __call__(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str = "sbx_mine",
        fault: str | None = None,
    ) -> tuple[int, Any]:
        path, _, query = path.partition("?")
        sent = b"" if body is None else msgspec.json.encode(body)
        request = Request(method, f"/api/v1{path}", query.encode(), key, "application/json", sent, fault)
        response = respond(API, self.worlds, request)
        return response.status, msgspec.json.decode(response.body) if response.body else None

    def get(self, id: str = FIRST, **options: Any) -> tuple[int, Any]:
        return self("GET", f"/tasks/{id}", **options)

    def all(self, query: str = "") -> tuple[int, Any]:
        return self("GET", f"/tasks{query}")

    def create(self, hours: float, **fields: Any) -> tuple[int, Any]:
        """Create a task that is due so many hours from now."""
        due = (self.world.now + timedelta(hours=hours)).isoformat()
        return self("POST", "/tasks", {"title": "New", "due": due} | fields)

    def finish(self, id: str = FIRST) -> tuple[int, Any]:
        return self("POST", f"/tasks/{id}/finish")

    def label(self, **fields: Any) -> tuple[int, Any]:
        return self("POST", f"/tasks/{FIRST}/labels", fields)

    def happen(self, type: str, id: str = FIRST) -> None:
        self._control("events", {"type": type, "task_id": id})

    def reset(self) -> None:
        self._control("reset", {})

    def advance(self, hours: float) -> None:
        self._control("clock/advance", {"seconds": int(hours * 3600)})

    def _control(self, path: str, body: Mapping[str, Any]) -> None:
        sent = msgspec.json.encode(body)
        request = Request("POST", f"/_sandbox/worlds/mine/{path}", content_type="application/json", body=sent)
        response = respond_to_control(CONTROL, self.worlds, request)
        assert response.status < 300, response.body


class Subject:
    """A test of the double: a function that is given the board."""

    name = "test"

    def __init__(self, test: Callable[[Board], object]) -> None:
        self._test = test

    def run(self, probe: Probe, start: datetime | None) -> Run:
        board = Board(probe, start)
        world, error, is_assertion = board.world, "", False
        began, begins = write_state(world.state, BOARD.domain), world.now
        try:
            self._test(board)
        except Exception as raised:
            is_assertion = isinstance(raised, AssertionError)
            error = f"{type(raised).__name__}: {raised}".splitlines()[0]
        return Run(
            outcome="failed" if error else "passed",
            error=error,
            is_assertion=is_assertion,
            calls=tuple(probe.calls),
            start=begins,
            end=world.now,
            began_with=began,
            state=write_state(world.state, BOARD.domain),
            seconds=0,
        )

    def again(self, id: str) -> str:
        return f"again {id}"


def run_of(test: Callable[[Board], object]) -> Run:
    """The clean run of a test, which passes."""
    run = run_clean(Subject(test))
    assert run is not None
    return run


def changes_of(kind: KindName, test: Callable[[Board], object]) -> dict[str, Change]:
    """The changes that a test gives reason to, by id."""
    changes = list(plan_changes(run_of(test), CONTEXT, [kind]))
    found = {change.id: change for change in changes}
    assert len(found) == len(changes), "two changes have the same id"
    return found


def judged(kind: KindName, id: str, test: Callable[[Board], object]) -> Judgement:
    """What a change shows about a test."""
    subject = Subject(test)
    change = changes_of(kind, test)[id]
    return judge_one(change, run_of(test), subject.run(change.probe(), change.start), subject)


def probed(kinds: Iterable[KindName], test: Callable[[Board], object], **options: Any) -> TestReport:
    """The report on all changes of a test."""
    report = probe_subject(Subject(test), CONTEXT, kinds=tuple(kinds), **options)
    assert report is not None
    return report
