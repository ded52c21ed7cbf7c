"""What a probe in a world is told, and what it changes for the calls to that world."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any

import msgspec
import pytest

from aniva_sandbox.engine import double
from aniva_sandbox.engine.contract.api import Api, Endpoint
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import Measure, Rule
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.double import Call, NoBody, NoQuery, operation
from aniva_sandbox.engine.faults.faults import Injected
from aniva_sandbox.engine.faults.record import Effects
from aniva_sandbox.engine.serving.pipeline import Response, respond, respond_to_control
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import settle
from aniva_sandbox.engine.world.snapshot import write_state
from aniva_sandbox.engine.world.state import World
from tests.engine import toy
from tests.engine.evidence.probes.prober import Probe, Tightening, Waiving

MILK = "0b5e3c1a-7c1f-4f7b-9d0e-1a2b3c4d5e6f"
NOTHING = "11111111-2222-4333-8444-555555555555"
DUE = msgspec.structs.replace(toy.DUE, measures=(Measure("seconds", step=3600),))
LABELS = double.Rule(
    id="task.labels", sentence="A task has two labels.", basis="documented", source=toy.PAGE, statuses=(409,)
)
PAGING = double.Rule(
    id="task.paging",
    sentence="A page has at most 5 tasks.",
    basis="documented",
    source=toy.PAGE,
    statuses=(400,),
    kind="format",
)


class Query(msgspec.Struct, frozen=True):
    """Which tasks to list."""

    most: Annotated[int, double.field(rule=PAGING, extra={"maximum": 5})] = 2


class Full(msgspec.Struct, frozen=True):
    """Why no label was added."""

    error: str
    labels: list[str]


@operation("GET", "/tasks", tag="Tasks", permissions=("read",))
def list_tasks(world: toy.World, call: Call[Query, NoBody]) -> list[toy.Task]:
    """List tasks"""
    return [*world.tasks][: call.query.most]


@operation("POST", "/tasks", tag="Tasks", status=201, permissions=("write",), refuses=(DUE,), example={"title": "Read"})
def create_task(world: toy.World, call: Call[NoQuery, toy.TaskCreate]) -> toy.Task:
    """Create a task"""
    due = double.parse_instant(call.body.due)
    if call.trace.weigh(DUE, (due - world.now).total_seconds()) and due <= world.now:
        DUE.refuse("due must be in the future")
    task = toy.Task(world.ids.next_uuid("task"), call.body.title, due)
    world.tasks.add(task)
    toy.plan(world, task)
    return task


@operation("POST", "/tasks/{id}/finish", tag="Tasks", permissions=("write",), refuses=(toy.UNKNOWN, toy.STATE))
def finish_task(world: toy.World, call: Call[NoQuery, NoBody]) -> toy.Task:
    """Finish a task"""
    task = world.tasks.get(call.id) or toy.UNKNOWN.refuse("There is no such task")
    if call.trace.weigh(toy.STATE):
        toy.move(task, "finish", toy.STATE)
    elif task.status == "done":
        raise KeyError(task.status)
    return task


@operation(
    "POST",
    "/tasks/{id}/labels",
    tag="Tasks",
    permissions=("write",),
    refuses=(toy.UNKNOWN, LABELS),
    errors={409: Full},
)
def add_label(world: toy.World, call: Call[NoQuery, NoBody]) -> toy.Task:
    """Label a task"""
    task = world.tasks.get(call.id) or toy.UNKNOWN.refuse("There is no such task")
    call.trace.weigh(LABELS, 0)
    return task


TODO = double.Double(
    toy.TODO.contract.info,
    operations=(create_task, toy.get_task, finish_task, list_tasks, add_label),
    rules=(toy.UNKNOWN, DUE, toy.STATE, PAGING, LABELS),
    world=toy.World,
    sections=toy.TODO.domain.sections[1:],
    events=toy.TODO.domain.events,
    begin=toy.begin,
    fixture={
        "title": "One task",
        "start": "2030-01-01T09:00:00Z",
        "personas": {"full": {"permissions": ["read", "write"]}, "reader": {"permissions": ["read"]}},
        "tasks": [{"id": MILK, "title": "Buy milk", "due": "+1d 09:00"}],
    },
)
API = Api.of(TODO.contract)
CONTROL = Api.of(TODO.control)


class Client:
    """Calls in a world with a probe."""

    def __init__(self, probe: Probe | None = None) -> None:
        self.worlds = Worlds(TODO.domain, lambda _name: TODO.fixture, ["default"], mode="frozen")
        found = self.worlds.find("sbx_mine")
        assert found is not None
        self.world = found[0]
        settle(self.world)
        self.world.probe = probe

    def __call__(
        self, method: str, path: str, json: Any = None, *, query: bytes = b"", key: str = "sbx_mine", fault: str = ""
    ) -> Response:
        body = b"" if json is None else msgspec.json.encode(json)
        kind = "application/json" if json is not None else None
        return respond(API, self.worlds, Request(method, f"/api/v1{path}", query, key, kind, body, fault or None))

    def control(self, method: str, path: str, json: Any = None) -> Any:
        """Call the control plane about the world."""
        body = b"" if json is None else msgspec.json.encode(json)
        path = f"/_sandbox/worlds/mine/{path}"
        response = respond_to_control(
            CONTROL, self.worlds, Request(method, path, content_type="application/json", body=body)
        )
        assert response.status < 300, response.body
        return msgspec.json.decode(response.body)

    def create(self, hours: float, **fields: Any) -> Response:
        """Create a task that is due so many hours from now."""
        due = (self.world.now + timedelta(hours=hours)).isoformat()
        return self("POST", "/tasks", {"title": "Read", "due": due} | fields)

    @property
    def state(self) -> dict[str, Any]:
        """The whole world as plain values."""
        return write_state(self.world.state, TODO.domain)

    @property
    def status(self) -> str:
        """The status of the task that the world begins with."""
        return str(self.world.tasks[MILK].status)  # type: ignore[attr-defined]


def header(response: Response, name: str) -> str | None:
    """The value of a header."""
    return next((value.decode() for key, value in response.headers if key.lower() == name.encode()), None)


@pytest.fixture(autouse=True)
def _unharmed(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No test but one has a defect; what is logged is one."""
    yield
    expected = ("raised ValueError: broken", "get_task does not describe the status 409")
    assert [record for record in caplog.records if not record.getMessage().endswith(expected)] == []


# What it is told


def test_a_probe_is_told_of_each_call() -> None:
    """It is told of what is due, of the call, and of its end, in this order, with the parameters of the path."""
    probe = Probe()
    client = Client(probe)
    client("GET", f"/tasks/{MILK}")
    assert probe.told == ["settle", "begin get_task", "fault", "change_outcome", "end"]
    (call,) = probe.calls
    assert call.endpoint is API.endpoints["get_task"]
    assert (call.values, call.outcome.status, call.outcome.value["title"]) == ([MILK], 200, "Buy milk")
    assert call.injected is None
    assert call.trace.probe is None
    assert client.world.journal[-1].trace is call.trace


def test_a_probe_is_told_of_calls_that_reach_no_operation() -> None:
    """They only have an end. A call with an unknown key reaches no world."""
    probe = Probe()
    client = Client(probe)
    client("GET", "/nothing")
    client("DELETE", "/tasks")
    client("GET", "/tasks", key="nobody")
    assert probe.told == ["settle", "end"] * 2
    assert [(call.endpoint, call.outcome.status) for call in probe.calls] == [(None, 404), (None, 405)]


def test_a_probe_is_told_of_refusals() -> None:
    """What is refused by the key's permissions or by a format comes to its end like any other call."""
    probe = Probe()
    client = Client(probe)
    client("POST", "/tasks", {}, key="sbx_mine.reader")
    client("POST", "/tasks", {})
    assert [(call.outcome.status, call.trace.refused_by) for call in probe.calls] == [
        (403, (double.ground_rules.AUTH_PERMISSION,)),
        (400, (double.ground_rules.BODY_SCHEMA,)),
    ]


def test_a_probe_stays_when_the_state_is_replaced() -> None:
    """It is not part of the state: a reset and a restored snapshot keep it, and a snapshot does not have it."""
    probe = Probe()
    client = Client(probe)
    snapshot = client.control("GET", "snapshot")
    client.control("POST", "reset")
    client.control("PUT", "snapshot", snapshot)
    assert client.world.probe is probe
    assert "probe" not in snapshot


def test_a_world_without_a_probe_asks_nobody() -> None:
    """Every rule applies, and format rules are not collected."""
    client = Client()
    client.create(1)
    trace = client.world.journal[-1].trace
    assert (trace.weighed, trace.waived, trace.collects) == ((DUE,), (), False)


# Faults


class Faulty(Probe):
    """Injects a fault into each call."""

    def __init__(self, **effects: Any) -> None:
        super().__init__()
        self.effects = Effects(**effects)

    def fault(self, endpoint: Endpoint) -> Any:
        super().fault(endpoint)
        parts = self.effects.parts()
        outcome = next((found for part in parts if (found := part.instead()) is not None), None)
        return Injected(self.effects, f"probe: {self.effects}", parts, outcome)


def test_a_probe_injects_a_fault() -> None:
    """A status comes in the place of the call, and is not changed any more; a drop afterwards lets it take effect."""
    probe = Faulty(status=503)
    client = Client(probe)
    assert client.create(1).status == 503
    assert len(client.world.tasks) == 1  # type: ignore[attr-defined]
    assert "change_outcome" not in probe.told
    (call,) = probe.calls
    assert call.trace.fault == "probe: status=503"
    assert call.injected.name == "probe: status=503"

    probe.effects = Effects(drop="after")
    client.create(1)
    assert len(client.world.tasks) == 2  # type: ignore[attr-defined]
    assert probe.calls[-1].outcome.status == 201


def test_other_faults_come_first() -> None:
    """A fault of the world or of the call's own header fires, and the probe is not asked."""
    probe = Faulty(status=503)
    client = Client(probe)
    client.control("POST", "faults", {"operation": "list_tasks", "status": 502})
    assert client("GET", "/tasks").status == 502
    assert client("GET", "/tasks", fault="status=504").status == 504
    assert "fault" not in probe.told
    assert client("GET", "/tasks").status == 503


# Rules


def test_a_rule_that_does_not_apply_refuses_nothing() -> None:
    """The operation goes on as if there were no such rule. All others are in force."""
    client = Client(Waiving("task.due"))
    response = client.create(-1)
    assert (response.status, header(response, "x-sandbox-rule")) == (201, None)
    assert len(client.world.tasks) == 2  # type: ignore[attr-defined]
    trace = client.world.journal[-1].trace
    assert (trace.weighed[-1], trace.waived) == (DUE, (DUE,))
    client("POST", f"/tasks/{MILK}/finish")
    assert client("POST", f"/tasks/{MILK}/finish").status == 409


class Loosened(Probe):
    """Moves the boundary of one rule down by one step."""

    def is_in_force(self, rule: Rule, distance: float | None, measure: str) -> bool:
        super().is_in_force(rule, distance, measure)
        return not (rule is DUE and distance is not None and -rule.measures[0].step < distance <= 0)


def test_a_boundary_is_moved_down() -> None:
    """What lies between the two boundaries passes, what lies beyond is refused."""
    probe = Loosened()
    client = Client(probe)
    assert client.create(0).status == 201
    assert client.create(-0.5).status == 201
    assert client.create(-1).status == 400
    assert [asked for asked in probe.asked if asked[0] == "task.due"] == [
        ("task.due", 0.0, ""),
        ("task.due", -1800.0, ""),
        ("task.due", -3600.0, ""),
    ]


def test_a_boundary_is_moved_up() -> None:
    """What had passed is refused through the rule, and changes nothing; what lies beyond passes."""
    client = Client(Tightening("task.due", DUE.measures[0].step))
    before = client.state
    response = client.create(1)
    assert (response.status, header(response, "x-sandbox-rule")) == (400, "task.due; basis=documented")
    assert client.state == before
    assert client.create(1.5).status == 201


def test_a_rule_without_which_nothing_can_be_done_refuses() -> None:
    """There is no such task: the operation refuses, and a success takes the place of its outcome."""
    client = Client(Waiving("task.unknown"))
    response = client("GET", f"/tasks/{NOTHING}")
    assert (response.status, header(response, "x-sandbox-rule")) == (200, None)
    assert msgspec.json.decode(response.body).keys() == {"id", "title", "due", "status"}


def test_an_operation_that_breaks_without_a_rule_succeeds() -> None:
    """What it cannot do without the rule is not a defect."""
    client = Client(Waiving("task.state"))
    client("POST", f"/tasks/{MILK}/finish")
    client.world.tasks[MILK].status = "done"  # type: ignore[attr-defined]
    response = client("POST", f"/tasks/{MILK}/finish")
    assert (response.status, header(response, "x-sandbox-mismatch")) == (200, None)


def test_any_other_operation_that_breaks_has_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    """It was the operation's own doing: all rules applied to the call."""

    def run(_world: World, _call: Any) -> None:
        raise ValueError("broken")

    endpoint = API.endpoints["finish_task"]
    broken = msgspec.structs.replace(finish_task, run=run)
    monkeypatch.setattr(endpoint, "operation", broken)
    assert Client(Waiving("task.due"))("POST", f"/tasks/{MILK}/finish").status == 500


def test_a_permission_is_waived() -> None:
    """A key without it is admitted."""
    client = Client(Waiving("auth.permission"))
    assert client("POST", f"/tasks/{MILK}/finish", key="sbx_mine.reader").status == 200
    assert client.status == "done"
    assert Client(Probe())("POST", f"/tasks/{MILK}/finish", key="sbx_mine.reader").status == 403


# Format rules


def test_a_body_that_breaks_a_format_succeeds_without_effect() -> None:
    """No record can hold what it says, so the success says nothing of the world. What else it breaks is refused."""
    client = Client(Waiving("body.schema"))
    before = client.state
    assert client("POST", "/tasks", {"title": "Read"}).status == 201
    assert client("POST", "/tasks", {"title": 1, "due": "2030-01-03T09:00:00Z"}).status == 201
    assert client.state == before
    assert client("POST", "/tasks", {"title": "Read", "due": "2029-01-01T09:00:00Z"}).status == 400
    assert Client(Waiving("task.due"))("POST", "/tasks", {"title": "Read"}).status == 400


def test_a_query_that_breaks_a_format_is_read() -> None:
    """The operation goes on with what was sent, if it can be read at all."""
    client = Client(Waiving("task.paging"))
    response = client("GET", "/tasks", query=b"most=6")
    assert (response.status, len(msgspec.json.decode(response.body))) == (200, 1)
    assert client("GET", "/tasks", query=b"most=all").status == 200
    assert Client(Probe())("GET", "/tasks", query=b"most=6").status == 400


class Wider(Probe):
    """Lets pages be one task longer."""

    def is_in_force(self, rule: Rule, distance: float | None, measure: str) -> bool:
        super().is_in_force(rule, distance, measure)
        return (rule.id, measure, distance) != ("task.paging", "most 5", 1)


def test_the_bound_of_a_format_is_moved() -> None:
    """Upwards, one more passes; downwards, what had passed is refused."""
    client = Client(Wider())
    assert [client("GET", "/tasks", query=b"most=%d" % most).status for most in (5, 6, 7)] == [200, 200, 400]
    client = Client(Tightening("task.paging", 0, "most 5"))
    assert [client("GET", "/tasks", query=b"most=%d" % most).status for most in (4, 5)] == [200, 400]


# Outcomes


class Changing(Probe):
    """Puts another outcome in the place of each."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome

    def change_outcome(self, endpoint: Endpoint, request: Request, outcome: Outcome, trace: Trace) -> Outcome:
        super().change_outcome(endpoint, request, outcome, trace)
        return self.outcome


def test_an_outcome_is_changed_before_it_is_checked() -> None:
    """Another documented status comes in its place; what contradicts the document is a defect, as always."""
    probe = Changing(Outcome(404, {"error": "There is no such task"}))
    client = Client(probe)
    response = client("GET", f"/tasks/{MILK}")
    assert (response.status, response.body) == (404, b'{"error":"There is no such task"}')
    assert probe.calls[-1].outcome.status == 404
    probe.outcome = Outcome(409, {"error": "It is finished"})
    assert client("GET", f"/tasks/{MILK}").status == 500
    assert header(client("GET", f"/tasks/{MILK}"), "x-sandbox-mismatch") is not None


def test_what_the_document_requires_of_an_error_is_added() -> None:
    """A refusal that is not the operation's own has the fields of the operation's refusals."""
    client = Client(Tightening("task.labels", 0))
    response = client("POST", f"/tasks/{MILK}/labels")
    assert response.status == 409
    body = msgspec.json.decode(response.body)
    assert body == {"error": "The boundary is elsewhere today", "labels": ["text"]}


# Events


class Held(Probe):
    """Holds back all events."""

    def holds_back(self, world: World, event: Event) -> bool:
        assert world.tasks.get(event.target) is not None  # type: ignore[attr-defined]
        return True


LAPSED = {"type": "task.lapsed", "task_id": MILK}


def test_an_event_is_held_back() -> None:
    """It is noted as happened, but the task stays as it is; an unknown task is refused as always."""
    client = Client(Held())
    assert client.control("POST", "events", LAPSED).items() >= LAPSED.items()
    assert client.status == "open"
    (happened,) = client.control("GET", "events")
    assert happened["type"] == "task.lapsed"
    with pytest.raises(AssertionError, match="There is no such task"):
        client.control("POST", "events", LAPSED | {"task_id": NOTHING})

    client = Client(Probe())
    client.control("POST", "events", LAPSED)
    assert client.status == "overdue"


def test_an_event_of_the_agenda_is_held_back() -> None:
    """When it is due, it is noted, and is not in the agenda any more."""
    client = Client(Held())
    (happened,) = client.control("POST", "clock/advance", {"until": "task.lapsed"})["events"]
    assert (happened["type"], happened["automatic"], "skipped" in happened) == ("task.lapsed", True, False)
    assert client.status == "open"
    assert client.control("GET", "agenda") == []
    client.control("PUT", "snapshot", client.control("GET", "snapshot"))


class Early(Probe):
    """Changes the world as soon as something is due."""

    def settle(self, world: World) -> None:
        super().settle(world)
        if world.agenda and world.agenda.next_due() <= world.now:
            world.tasks[MILK].title = f"Buy milk by {world.now:%d %B}"  # type: ignore[attr-defined]


def test_a_probe_acts_before_due_events_happen() -> None:
    """At the time to which they are due, whether a call or the control plane brought it."""
    client = Client(Early())
    client.control("POST", "clock/advance", {"seconds": 86_399})
    assert client.world.tasks[MILK].title == "Buy milk"  # type: ignore[attr-defined]
    client.control("POST", "clock/advance", {"seconds": 1})
    assert client.world.tasks[MILK].title == "Buy milk by 02 January"  # type: ignore[attr-defined]
    assert client.status == "overdue"
