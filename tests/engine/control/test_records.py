"""Records as people look at them, in doubles of other APIs: plainly, or as the API says."""

from collections import Counter
from typing import Annotated, Any

import msgspec
import pytest

from aniva_sandbox.engine import double
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.values import refers_to
from aniva_sandbox.engine.control.records import MOST_RELATED
from aniva_sandbox.engine.serving.pipeline import Request, respond_to_control
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.machines import Machine
from aniva_sandbox.engine.world.showing import write_instant
from tests.engine import toy

MILK = "0b5e3c1a-7c1f-4f7b-9d0e-1a2b3c4d5e6f"
BREAD = "1b5e3c1a-7c1f-4f7b-9d0e-1a2b3c4d5e6f"
HOME = "2b5e3c1a-7c1f-4f7b-9d0e-1a2b3c4d5e6f"


class List(msgspec.Struct, forbid_unknown_fields=True):
    """A list of tasks."""

    id: double.UuidText
    name: double.Label
    tags: frozenset[str] = frozenset()


class Task(msgspec.Struct, forbid_unknown_fields=True):
    """Something to do."""

    id: double.UuidText
    list_id: Annotated[str, refers_to("list")]
    due: double.Timestamp
    urgent: bool = False
    notes: double.Label | None = None
    status: toy.Status = "open"


class World(double.World):
    """Lists and their tasks."""

    lists: double.Table[List]
    tasks: double.Table[Task]


FIXTURE = {
    "title": "Two tasks",
    "start": "2030-01-01T09:00:00Z",
    "personas": {"full": {"permissions": ["read", "write"]}},
    "lists": [{"id": HOME, "name": "Home", "tags": ["b", "a", "c"]}],
    "tasks": [
        {"id": MILK, "list_id": HOME, "due": "+1d 09:00", "notes": "Whole MILK"},
        {"id": BREAD, "list_id": HOME, "due": "+2d 09:00", "urgent": True, "status": "done"},
    ],
}
MACHINE = Machine(
    noun="task",
    states=("open", "done", "overdue"),
    moves=("finish", "lapse"),
    table=toy.MOVES,
    clients={"finish": "finish_task"},
)


def todo(showing: double.Showing | None = None, **given: Any) -> double.Double:
    """A double of lists and tasks, with a state machine."""
    parts: dict[str, Any] = {
        "operations": (toy.get_task, toy.finish_task),
        "rules": (toy.UNKNOWN, toy.STATE),
        "world": World,
        "sections": [
            double.Section(name="lists", record=List, noun="list", written=double.Written()),
            double.Section(name="tasks", record=Task, noun="task", counted=True, ids="task", written=double.Written()),
        ],
        "machines": [MACHINE],
        "events": {
            "task.lapsed": double.EventType(
                section="tasks", target="task_id", target_type=str, happen=toy.lapse, move="lapse"
            )
        },
        "begin": toy.begin,
        "fixture": FIXTURE,
    }
    if showing is not None:
        parts["showing"] = lambda: showing
    return double.Double(toy.TODO.contract.info, **parts | given)


class Look:
    """Looks into a world of a double."""

    def __init__(self, made: double.Double) -> None:
        self.worlds = Worlds(made.domain, lambda _name: made.fixture, ["default"], mode="frozen")
        self._control = Api.of(made.control)
        self.world = self.worlds.create("mine")

    def __call__(self, path: str, **query: Any) -> Any:
        """The response to a GET; the status of a refusal with its rule and message."""
        sent = "&".join(f"{name}={value}" for name, value in query.items()).encode()
        response = respond_to_control(self._control, self.worlds, Request("GET", f"/_sandbox/worlds/mine/{path}", sent))
        headers = dict(response.headers)
        if headers[b"content-type"] != b"application/json":
            return headers[b"content-type"].decode(), response.body
        found = msgspec.json.decode(response.body)
        rule = headers.get(b"x-sandbox-rule", b"").decode().partition(";")[0]
        return found if response.status == 200 else (response.status, rule, found["error"])


def test_sections_are_shown_plainly_without_a_showing() -> None:
    """Each section with keys is a table with the plain fields of its records, and its machine gives the states."""
    page = Look(todo())("records", section="tasks")
    assert page == {
        "section": "tasks",
        "total": 2,
        "offset": 0,
        "columns": ["List id", "Due", "Urgent", "Notes"],
        "states": ["open", "done", "overdue"],
        "records": [
            {"id": BREAD, "state": "done", "cells": [HOME, "2030-01-03 09:00 UTC", "yes", None]},
            {"id": MILK, "state": "open", "cells": [HOME, "2030-01-02 09:00 UTC", "no", "Whole MILK"]},
        ],
        "sections": [
            {"name": "personas", "title": "Personas", "count": 1},
            {"name": "lists", "title": "Lists", "count": 1},
            {"name": "tasks", "title": "Tasks", "count": 2},
        ],
    }


def test_the_first_section_is_shown_by_default() -> None:
    """Without a section, the table is that of the first one; a section of records that are given out shows the newest
    first, any other the order of the world file."""
    look = Look(todo())
    assert look("records")["section"] == "personas"
    showing = double.Showing(sections={"lists": shown("lists")})
    assert [each["name"] for each in Look(todo(showing))("records")["sections"]] == ["lists", "personas", "tasks"]
    assert Look(todo(showing))("records")["section"] == "lists"


def test_a_plain_record() -> None:
    """A record is shown with its fields, its machine, what happens to it, and the records that it refers to."""
    record = Look(todo())("record", section="tasks", id=MILK.upper())
    assert record == {
        "section": "tasks",
        "id": MILK,
        "name": MILK,
        "fields": {
            "id": MILK,
            "list_id": HOME,
            "due": "2030-01-02T09:00:00Z",
            "urgent": False,
            "notes": "Whole MILK",
            "status": "open",
        },
        "state": {
            "now": "open",
            "states": ["open", "done", "overdue"],
            "moves": [
                {"move": "finish", "from": "open", "to": "done", "by": "client"},
                {"move": "finish", "from": "overdue", "to": "done", "by": "client"},
                {"move": "lapse", "from": "open", "to": "overdue", "by": "API's side"},
            ],
            "open": [
                {"move": "finish", "to": "done", "by": "client", "event": None, "operation": "finish_task"},
                {"move": "lapse", "to": "overdue", "by": "API's side", "event": "task.lapsed", "operation": None},
            ],
        },
        "facts": [],
        "related": [{"section": "lists", "id": HOME, "name": "Home", "note": "list_id"}],
        "more_related": False,
        "history": [],
        "agenda": [
            {"time": "2030-01-02T09:00:00Z", "type": "task.lapsed", "task_id": MILK, "automatic": True, "number": 1}
        ],
        "event_types": ["task.lapsed"],
        "measurements": [],
        "files": [],
    }


def test_a_record_is_related_to_those_that_refer_to_it() -> None:
    """Related records are found from both sides; sets come in an order of their own."""
    record = Look(todo())("record", section="lists", id=HOME)
    assert [each["id"] for each in record["related"]] == [MILK, BREAD]
    assert record["fields"]["tags"] == ["a", "b", "c"]
    assert (record["state"], record["event_types"], record["name"]) == (None, [], "Home")


def test_what_happened_is_listed_once_it_did() -> None:
    """An event leaves the agenda of its record for its history, and the open moves follow the state."""
    look = Look(todo())
    look.world.clock.move(double.parse_instant("2030-01-02T09:00:00Z"))
    record = look("record", section="tasks", id=MILK)
    assert ([each["type"] for each in record["history"]], record["agenda"]) == (["task.lapsed"], [])
    assert [each["move"] for each in record["state"]["open"]] == ["finish"]
    look.world.tasks[MILK].status = "done"
    assert look("record", section="tasks", id=MILK)["state"]["open"] == []
    assert look("record", section="tasks", id=BREAD)["history"] == []


def shown(name: str, **given: Any) -> double.SectionShowing:
    """How a section is shown: with one column."""
    parts: dict[str, Any] = {
        "title": name.capitalize(),
        "columns": (double.Column("Notes", lambda _world, record: getattr(record, "notes", None)),),
        "name": lambda _world, record: f"Record {record.id[0]}",
        "fields": lambda _world, record: {"key": record.id},
    }
    return double.SectionShowing(**parts | given)


def test_an_api_says_how_records_are_shown() -> None:
    """What a showing returns is shown: columns, name, fields, facts, related records, measurements and files."""
    showing = double.Showing(
        sections={
            "tasks": shown(
                "tasks",
                facts=lambda _world, _record: [double.RecordFact("Shelf", "2", "Top")],
                related=lambda _world, _record: [double.RelatedRecord("lists", HOME, "Home", "its list")],
                measurements=lambda _world, _record: [double.Measurement(name="Size", status="known", value=2, high=3)],
                files=lambda _world, record: [double.RecordFile("tasks", record.id, "task.txt")],
                read_file=lambda _world, record: double.Attachment(record.id.encode(), "text/x-task", "task.txt"),
            )
        }
    )
    look = Look(todo(showing))
    page = look("records", section="tasks")
    assert (page["columns"], [each["cells"] for each in page["records"]]) == (["Notes"], [["Whole MILK"], [None]])
    record = look("record", section="tasks", id=MILK)
    assert (record["name"], record["fields"]) == ("Record 0", {"key": MILK})
    assert record["facts"] == [{"label": "Shelf", "value": "2", "note": "Top"}]
    assert record["related"] == [{"section": "lists", "id": HOME, "name": "Home", "note": "its list"}]
    (measured,) = record["measurements"]
    assert {name: value for name, value in measured.items() if value is not None} == {
        "name": "Size",
        "status": "known",
        "value": 2,
        "high": 3,
    }
    assert record["files"] == [{"section": "tasks", "id": MILK, "name": "task.txt"}]
    assert look("record/file", section="tasks", id=MILK) == ("text/x-task", MILK.encode())


def test_states_without_a_machine() -> None:
    """A showing may give states of its own; then there are no moves, but records can be filtered by them."""
    states = {"states": ("short", "long"), "state": lambda _world, each: "long" if each.tags else "short"}
    look = Look(todo(double.Showing(sections={"lists": shown("lists", **states)})))
    none = {"now": "long", "states": ["short", "long"], "moves": [], "open": []}
    assert look("record", section="lists", id=HOME)["state"] == none
    assert [look("records", section="lists", state=state)["total"] for state in ("short", "long")] == [0, 1]


def test_events_of_another_section() -> None:
    """A showing may name the events that are about its records, although these are of another section."""
    look = Look(todo(double.Showing(sections={"lists": shown("lists", events=("task.lapsed",))})))
    assert look("record", section="lists", id=HOME)["event_types"] == ["task.lapsed"]
    look = Look(todo(double.Showing(sections={"tasks": shown("tasks", events=())})))
    record = look("record", section="tasks", id=MILK)
    assert (record["event_types"], record["agenda"]) == ([], [])


def test_related_records_are_bounded() -> None:
    """Only so many related records are made and listed, and it is said whether there are more."""
    made: Counter[str] = Counter()

    def related(_world: Any, _record: Any) -> Any:
        for _ in range(1000):
            made["related"] += 1
            yield double.RelatedRecord("lists", HOME, "Home")

    look = Look(todo(double.Showing(sections={"tasks": shown("tasks", related=related)})))
    record = look("record", section="tasks", id=MILK)
    assert (len(record["related"]), record["more_related"]) == (MOST_RELATED, True)
    assert made["related"] == MOST_RELATED + 1


def test_texts_are_made_for_the_page_alone() -> None:
    """Of a long table, only the cells of the page are made, also where a state filters; a search makes all."""
    made: Counter[str] = Counter()

    def text(_world: Any, record: Any) -> str:
        made["cells"] += 1
        return str(record.id)

    look = Look(todo(double.Showing(sections={"tasks": shown("tasks", columns=(double.Column("Text", text),))})))
    for number in range(10_000):
        task = Task(f"{number:08}-0000-4000-8000-000000000000", HOME, look.world.now, status="done")
        look.world.tasks.add(task)
    page = look("records", section="tasks", offset=9_990, limit=5)
    assert (page["total"], len(page["records"]), made["cells"]) == (10_002, 5, 5)
    page = look("records", section="tasks", state="done", limit=5)
    assert (page["total"], made["cells"]) == (10_001, 10)
    page = look("records", section="tasks", search="00009999-")
    assert (page["total"], made["cells"]) == (1, 10_013)


@pytest.mark.rule("record.query")
def test_rows_are_sorted_and_filtered() -> None:
    """Rows are sorted by columns, by the id, or by the state in the order of its machine; those without a value come
    last. A search needs all of its words, in any case."""
    look = Look(todo())

    def ids(**query: Any) -> list[str]:
        page = look("records", section="tasks", **query)
        assert len(page["records"]) == page["total"]
        return [each["id"] for each in page["records"]]

    assert ids(sort="Due") == ids(sort="id") == ids(sort="Urgent") == ids(sort="state") == [MILK, BREAD]
    assert ids(sort="-Due") == ids(sort="-id") == ids(sort="-state") == [BREAD, MILK]
    assert ids(sort="Notes") == ids(sort="-Notes") == [MILK, BREAD]
    assert ids(search="milk%20whole") == ids(search=MILK[:8].upper()) == ids(state="open") == [MILK]
    assert ids(search="milk%20no%20such") == ids(state="overdue") == ids(state="done", search="milk") == []
    refused = look("records", section="tasks", sort="Dew")
    assert refused[:2] == (400, "record.query")
    assert "did you mean Due?" in refused[2]
    refused = look("records", section="tasks", state="lost")
    assert (refused[:2], "open, done, overdue" in refused[2]) == ((400, "record.query"), True)
    refused = look("records", section="lists", state="open")
    assert (refused[:2], "have no states" in refused[2]) == ((400, "record.query"), True)


def test_sections_without_keys_are_not_shown() -> None:
    """The document lists the sections that can be shown: those whose records have keys."""
    look = Look(todo(sections=[double.Section(name="tasks", record=Task, key="", unique=(), table=list)], **NO_TASKS))
    assert [each["name"] for each in look("records")["sections"]] == ["personas"]
    refused = look("records", section="tasks")
    assert (refused[0], refused[1]) == (400, "body.schema")


NO_TASKS: dict[str, Any] = {
    "machines": [],
    "events": {},
    "begin": lambda _world: None,
    "fixture": {name: FIXTURE[name] for name in ("title", "start", "personas")},
}


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        ("2030-01-01T09:00:00Z", "2030-01-01 09:00 UTC"),
        ("2030-01-01T09:00:07Z", "2030-01-01 09:00:07 UTC"),
    ],
)
def test_instants_are_written_for_people(instant: str, text: str) -> None:
    """Seconds are left out unless there are some."""
    assert write_instant(double.parse_instant(instant)) == text
