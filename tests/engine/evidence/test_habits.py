"""Hints about several calls: repeats, patience, lost responses, pages."""

import msgspec
import pytest

from aniva_sandbox.engine import double
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.trace import Hint
from aniva_sandbox.engine.double import Call, NoBody, operation
from aniva_sandbox.engine.evidence.habits import MOST_REPEATS
from aniva_sandbox.engine.evidence.journal import BODY_KEPT, Exchange
from aniva_sandbox.engine.serving.pipeline import respond, respond_to_control
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.events import happen
from tests.engine import toy

MILK = "0b5e3c1a-7c1f-4f7b-9d0e-1a2b3c4d5e6f"
READ = {"title": "Read", "due": "2030-01-03T09:00:00Z"}
PAST = READ | {"due": "2029-01-01T09:00:00Z"}
REPEATED = "the same request was sent more than 20 times with nothing in between"
SECOND = "the same request took effect before, but its response was lost"


class Query(msgspec.Struct, frozen=True):
    """Which tasks to list."""

    skip: int = 0
    most: int = 2


@operation("GET", "/tasks", tag="Tasks", permissions=("read",))
def list_tasks(world: toy.World, call: Call[Query, NoBody]) -> list[toy.Task]:
    """List tasks"""
    query = call.query
    end = query.skip + query.most
    page = [*world.tasks][query.skip : end]
    call.trace.page = double.Page("tasks", query.skip, len(page), len(world.tasks), f"skip={end}")
    return page


TODO = double.Double(
    toy.TODO.contract.info,
    operations=(toy.create_task, toy.get_task, list_tasks),
    rules=(toy.UNKNOWN, toy.DUE),
    world=toy.World,
    sections=[
        double.Section(name="tasks", record=toy.Task, noun="task", counted=True, ids="task", written=double.Written())
    ],
    events=toy.TODO.domain.events,
    begin=toy.begin,
    fixture={
        "title": "One task",
        "start": "2030-01-01T09:00:00Z",
        "personas": {"full": {"permissions": ["read", "write"]}, "reader": {"permissions": ["read"]}},
        "tasks": [{"id": MILK, "title": "Buy milk", "due": "+1d 09:00"}],
    },
)


API, CONTROL = Api.of(TODO.contract), Api.of(TODO.control)


class Client:
    """Calls the double without a socket."""

    def __init__(self) -> None:
        self.worlds = Worlds(TODO.domain, lambda _name: TODO.fixture, ["default"], mode="frozen")

    @property
    def world(self) -> double.World:
        """The world of the key."""
        world = self.worlds.get("mine")
        assert world is not None
        return world

    def send(
        self, method: str, path: str, json: object = None, *, key: str = "sbx_mine", fault: str | None = None
    ) -> Exchange:
        """Send a request; returns what the journal has of it."""
        path, _, query = path.partition("?")
        body = b"" if json is None else msgspec.json.encode(json)
        respond(
            API,
            self.worlds,
            Request(method, f"/api/v1{path}", query.encode(), key, "application/json", body, fault),
        )
        exchange: Exchange = self.world.journal[-1]
        return exchange

    def hints(self, method: str, path: str, json: object = None, **options: str) -> tuple[Hint, ...]:
        """The hints on a request."""
        return self.send(method, path, json, **options).trace.hints

    def control(self, method: str, path: str, json: object = None) -> None:
        """Call the control plane about the world."""
        body = b"" if json is None else msgspec.json.encode(json)
        request = Request(method, f"/_sandbox/worlds/mine{path}", b"", None, "application/json", body)
        assert respond_to_control(CONTROL, self.worlds, request).status == 200


@pytest.fixture
def client() -> Client:
    """A client of a fresh double."""
    return Client()


# Repeats


@pytest.mark.parametrize(("method", "path", "json"), [("GET", f"/tasks/{MILK}", None), ("POST", "/tasks", PAST)])
def test_the_same_request_again_and_again(client: Client, method: str, path: str, json: object) -> None:
    """The 21st of the same requests in a row gets a hint, and no other one of the run."""
    found = [client.hints(method, path, json) for _ in range(2 * MOST_REPEATS + 5)]
    ((hint,),) = (hints for hints in found if hints)
    assert hint.text.startswith(REPEATED)
    assert found.index((hint,)) == MOST_REPEATS


def test_many_equal_records_are_no_polling(client: Client) -> None:
    """A client that fills a list sends the same request again and again, and waits for nothing."""
    for _ in range(2 * MOST_REPEATS):
        assert client.hints("POST", "/tasks", READ) == ()


@pytest.mark.parametrize(
    ("method", "path", "json", "key"),
    [
        ("GET", f"/tasks/{MILK.upper()}", None, "sbx_mine"),
        ("GET", f"/tasks/{MILK}?x=1", None, "sbx_mine"),
        ("HEAD", f"/tasks/{MILK}", None, "sbx_mine"),
        ("GET", f"/tasks/{MILK}", None, "sbx_mine.reader"),
        ("GET", f"/tasks/{MILK}", {}, "sbx_mine"),
        ("GET", "/lists", None, "sbx_mine"),
    ],
)
def test_another_request_ends_a_run(client: Client, method: str, path: str, json: object, key: str) -> None:
    """A request that differs in method, path, query, body or key is something in between."""
    for _ in range(2):
        for _ in range(MOST_REPEATS):
            assert client.hints("GET", f"/tasks/{MILK}") == ()
        client.send(method, path, json, key=key)
    for _ in range(MOST_REPEATS):
        assert client.hints("GET", f"/tasks/{MILK}") == ()
    assert len(client.hints("GET", f"/tasks/{MILK}")) == 1


@pytest.mark.parametrize(
    ("method", "path", "json"),
    [
        ("POST", "/clock/advance", {"seconds": 1}),
        ("POST", "/events", {"type": "task.lapsed", "task_id": MILK}),
        ("POST", "/faults", {"operation": "create_task", "status": 503}),
        ("POST", "/reset", None),
        ("DELETE", "/journal", None),
    ],
)
def test_a_change_through_the_control_plane_ends_a_run(client: Client, method: str, path: str, json: object) -> None:
    """Whoever moves the clock between two looks is not polling."""
    for _ in range(MOST_REPEATS):
        client.send("GET", f"/tasks/{MILK}")
    client.control(method, path, json)
    assert client.hints("GET", f"/tasks/{MILK}") == ()


def test_looking_at_the_world_does_not_end_a_run(client: Client) -> None:
    """Reading the journal or the clock changes nothing."""
    for _ in range(MOST_REPEATS):
        client.send("GET", f"/tasks/{MILK}")
        client.control("GET", "/journal")
    assert len(client.hints("GET", f"/tasks/{MILK}")) == 1


def test_an_event_ends_a_run(client: Client) -> None:
    """What happens by itself, as with a running clock, may be what the client was waiting for."""
    for _ in range(MOST_REPEATS):
        client.send("GET", f"/tasks/{MILK}")
    happen(client.world, double.Event("task.lapsed", MILK))
    assert client.hints("GET", f"/tasks/{MILK}") == ()


def test_large_bodies_are_not_remembered(client: Client) -> None:
    """A body that the journal does not keep whole is not kept here either."""
    for _ in range(MOST_REPEATS + 1):
        assert client.send("POST", "/tasks", READ | {"title": "x" * BODY_KEPT}).response.status == 400
    assert client.world.habits.last is None
    assert client.world.journal[-1].trace.hints == ()


# Patience


@pytest.mark.parametrize("status", [429, 503])
def test_a_call_before_retry_after_is_over(client: Client, status: int) -> None:
    """After a response with Retry-After, calls of the operation are too early until that time has passed on the
    world's clock; other operations are not."""
    client.send("GET", f"/tasks/{MILK}", fault=f"status={status}; retry_after=60")
    text = "get_task was called too early: {} of the 60 seconds to wait are left"
    assert client.hints("GET", f"/tasks/{MILK}") == (Hint("Retry-After", text.format(60)),)
    assert client.hints("POST", "/tasks", READ) == ()
    assert client.hints("GET", f"/tasks/{MILK}", key="sbx_other") == ()
    client.control("POST", "/clock/advance", {"seconds": 59})
    assert client.hints("GET", f"/tasks/{MILK.upper()}") == (Hint("Retry-After", text.format(1)),)
    client.control("POST", "/clock/advance", {"seconds": 1})
    assert client.hints("GET", f"/tasks/{MILK}") == ()
    assert client.world.habits.waits == {}


def test_another_persona_need_not_wait(client: Client) -> None:
    """Retry-After is for the client that got it."""
    client.send("GET", f"/tasks/{MILK}", fault="status=429; retry_after=60")
    assert client.hints("GET", f"/tasks/{MILK}", key="sbx_mine.reader") == ()
    assert len(client.hints("GET", f"/tasks/{MILK}")) == 1


def test_a_second_refusal_starts_the_wait_again(client: Client) -> None:
    """The last Retry-After counts."""
    client.send("GET", f"/tasks/{MILK}", fault="status=429; retry_after=60")
    assert len(client.hints("GET", f"/tasks/{MILK}", fault="status=429; retry_after=5")) == 1
    client.control("POST", "/clock/advance", {"seconds": 5})
    assert client.hints("GET", f"/tasks/{MILK}") == ()


@pytest.mark.parametrize("fault", ["status=503", "status=503; retry_after=0", "drop=before", "latency_ms=5"])
def test_other_faults_ask_for_no_patience(client: Client, fault: str) -> None:
    """Without Retry-After, or with none to wait, the next call may come at once."""
    client.send("GET", f"/tasks/{MILK}", fault=fault)
    assert client.hints("GET", f"/tasks/{MILK}") == ()


def test_a_reset_forgets_the_wait(client: Client) -> None:
    """A world that begins again, or whose journal is cleared, remembers no call."""
    for method, path in (("POST", "/reset"), ("DELETE", "/journal")):
        client.send("GET", f"/tasks/{MILK}", fault="status=429; retry_after=60")
        client.control(method, path)
        assert client.hints("GET", f"/tasks/{MILK}") == ()


# Lost responses


@pytest.mark.parametrize("fault", ["drop=after", "truncate", "malformed"])
def test_a_second_record_after_a_lost_response(client: Client, fault: str) -> None:
    """The same request that takes effect again makes a second record; a look in between does not change that."""
    assert client.hints("POST", "/tasks", READ, fault=fault) == ()
    client.send("GET", f"/tasks/{MILK}")
    (hint,) = client.hints("POST", "/tasks", READ)
    assert hint.field == ""
    assert hint.text.startswith(f"{SECOND} ({fault})")
    assert client.hints("POST", "/tasks", READ | {"title": "Write"}) == ()


@pytest.mark.parametrize("fault", ["drop=before", "status=503", "latency_ms=5", "trickle_ms=1"])
def test_a_first_record_after_a_fault(client: Client, fault: str) -> None:
    """A call that had no effect may be repeated; a slow response is a response."""
    client.send("POST", "/tasks", READ, fault=fault)
    assert client.hints("POST", "/tasks", READ) == ()


def test_a_refused_repeat_makes_no_second_record(client: Client) -> None:
    """A lost refusal has no effect, and neither has a refused repeat."""
    past = READ | {"due": "2029-01-01T09:00:00Z"}
    client.send("POST", "/tasks", past, fault="drop=after")
    assert client.hints("POST", "/tasks", past) == ()
    client.send("POST", "/tasks", READ, fault="drop=after")
    assert client.hints("POST", "/tasks", READ, key="sbx_mine.reader") == ()
    assert client.hints("POST", "/tasks", READ, fault="drop=before") == ()
    assert len(client.hints("POST", "/tasks", READ)) == 1


def test_lost_responses_are_limited(client: Client) -> None:
    """The last 20 are remembered."""
    for number in range(21):
        client.send("POST", "/tasks", READ | {"title": f"{number}"}, fault="drop=after")
    assert client.hints("POST", "/tasks", READ | {"title": "0"}) == ()
    assert len(client.hints("POST", "/tasks", READ | {"title": "1"})) == 1


# Pages


@pytest.fixture
def full(client: Client) -> Client:
    """A client of a double with five tasks."""
    for number in range(4):
        client.send("POST", "/tasks", READ | {"title": f"{number}"})
    return client


def page_hint(shown: int, following: int) -> Hint:
    """The hint at the pages behind one."""
    return Hint("skip", f"5 tasks match, and this page has {shown}; the next is skip={following}")


def test_a_page_with_more_behind_it(full: Client) -> None:
    """A page that is not the last says so; the hint goes as soon as the next page is requested."""
    first = full.send("GET", "/tasks").trace
    assert first.hints == (page_hint(2, 2),)
    full.send("GET", f"/tasks/{MILK}")
    assert first.hints == (page_hint(2, 2),)
    second = full.send("GET", "/tasks?skip=2").trace
    assert (first.hints, second.hints) == ((), (page_hint(2, 4),))
    assert full.hints("GET", "/tasks?skip=4") == ()
    assert second.hints == ()
    assert full.world.habits.pages == {}


def test_only_that_hint_is_withdrawn(full: Client) -> None:
    """Other hints on the page stay."""
    first = full.send("GET", "/tasks?colour=red").trace
    assert len(first.hints) == 2
    full.send("GET", "/tasks?skip=2")
    assert [hint.field for hint in first.hints] == ["colour"]


@pytest.mark.parametrize(
    ("following", "follows"),
    [
        ("skip=1", True),
        ("most=5", True),
        ("most=3", True),
        ("skip=2&most=1", True),
        ("", False),
        ("skip=3", False),
        ("skip=0&most=1", False),
        ("skip=9", False),
    ],
)
def test_which_pages_follow(full: Client, following: str, follows: bool) -> None:
    """A page follows if it shows the entry behind the first page."""
    first = full.send("GET", "/tasks").trace
    full.send("GET", f"/tasks?{following}")
    assert (first.hints == ()) == follows


def test_another_persona_follows_nothing(full: Client) -> None:
    """Each persona turns its pages."""
    first = full.send("GET", "/tasks").trace
    full.send("GET", "/tasks?skip=2", key="sbx_mine.reader")
    assert len(first.hints) == 1
    full.send("GET", "/tasks?skip=2")
    assert first.hints == ()


def test_a_lost_page_is_followed_but_shows_nothing(full: Client) -> None:
    """A page that the client could not read gets no hint; requesting it was following all the same."""
    first = full.send("GET", "/tasks").trace
    assert full.hints("GET", "/tasks?skip=2", fault="truncate") == ()
    assert first.hints == ()


@pytest.mark.parametrize(
    "pages", [(0, 0, 2, 2, 4, 4), (0, 0, 2, 4, 2, 4), (0, 2, 0, 4, 2, 4), (0, 4, 2), (4, 2, 0), (2, 0, 4)]
)
def test_pages_that_are_read_at_the_same_time(full: Client, pages: tuple[int, ...]) -> None:
    """Two clients may turn the pages in turns, and one may request them in any order: each is followed."""
    traces = [full.send("GET", f"/tasks?skip={page}").trace for page in pages]
    assert [trace.hints for trace in traces] == [()] * len(pages)
    assert (full.world.habits.pages, full.world.habits.ahead) == ({}, {})


def test_each_page_follows_one(full: Client) -> None:
    """A first page that is read twice and followed once leaves one hint; so does one that is read again at the end."""
    traces = [full.send("GET", f"/tasks?skip={page}").trace for page in (0, 0, 2, 4, 0)]
    assert [len(trace.hints) for trace in traces] == [1, 0, 0, 0, 1]


def test_an_empty_page_follows_no_later_one(client: Client) -> None:
    """A client that reads until a page is empty is told of the records that come into being afterwards."""
    for page in (0, 2):
        assert client.hints("GET", f"/tasks?skip={page}") == ()
    for number in range(4):
        client.send("POST", "/tasks", READ | {"title": f"{number}"})
    assert client.hints("GET", "/tasks") == (page_hint(2, 2),)


def test_a_page_without_a_body_gets_no_hint(full: Client) -> None:
    """HEAD shows no entries, so none are missing."""
    assert full.hints("HEAD", "/tasks") == ()


def test_pages_are_limited(full: Client) -> None:
    """However often pages are read and not followed, only the last are remembered."""
    for _ in range(150):
        full.send("GET", "/tasks?skip=0")
        full.send("GET", "/tasks?skip=3&most=1")
    habits = full.world.habits
    assert [len(pages) for each in (habits.pages, habits.ahead) for pages in each.values()] == [100, 100]


@pytest.mark.parametrize("query", ["most=5", "skip=3", "skip=5", "most=500", "skip=4&most=1"])
def test_a_last_page_gets_no_hint(full: Client, query: str) -> None:
    """Nothing is behind it."""
    assert full.hints("GET", f"/tasks?{query}") == ()
