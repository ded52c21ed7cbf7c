"""What a call meets: from its trace to the items of each axis."""

import json

import pytest

from aniva_sandbox.engine.evidence.coverage.collector import NAME_KEPT, WORLDS_KEPT
from aniva_sandbox.engine.evidence.coverage.report import AXES
from tests.engine.evidence.loans import FIRST, SATURDAY, SECOND, TUESDAY, WEDNESDAY, Library


@pytest.fixture
def library() -> Library:
    return Library()


def test_a_library_that_collects_nothing_is_the_same() -> None:
    """Without coverage, the responses are the same, and nothing is noted."""
    for collects in (True, False):
        library = Library(collects=collects)
        assert [library.lend().status, library.lend().status, library.get("x").status] == [201, 409, 404]
        assert bool(library.met("responses")) is collects


# Responses and rules


def test_a_success_passes_the_rules_that_it_was_held_against(library: Library) -> None:
    """The rules before the operation, those of its formats, and its own; those of fields that were not sent are left
    out."""
    assert library.lend(weeks=2).status == 201
    assert library.met("responses") == ["lend_book 201"]
    assert library.met("rules") == [
        f"{rule} passed"
        for rule in (
            *("auth.key", "auth.permission", "body.json", "body.schema", "body.schema/null", "body.schema/nul"),
            *(
                "http.not-found",
                "http.method",
                "http.too-large",
                "time.input",
                "book.unknown",
                "book.state",
                "loan.due",
                "loan.weeks",
            ),
        )
    ]


def test_a_refusal_passes_the_rules_before_it(library: Library) -> None:
    """A call that a rule refused has passed those that were judged before, and was not held against those after."""
    assert library.lend(due=TUESDAY).status == 400
    assert library.counts("loan.due refused", "loan.due passed", "book.state passed") == [1, 0, 1]
    library = Library()
    assert library.lend("nothing").status == 404
    assert library.counts("book.unknown refused", "book.unknown passed", "book.state passed") == [1, 0, 0]


def test_what_refuses_before_the_operation(library: Library) -> None:
    """Path, method, key, permission and size, in this order: each passes those before it alone."""
    order = ["http.not-found", "http.method", "auth.key", "auth.permission", "http.too-large"]
    calls = [
        lambda: library("GET", "/api/v1/nothing"),
        lambda: library("PATCH", "/api/v1/books"),
        lambda: library.lend(key="other"),
        lambda: library.lend(key="sbx_mine.reader"),
        lambda: library("POST", f"/api/v1/books/{FIRST}/loan", {"due": "x" * 2**20}),
    ]
    for index, call in enumerate(calls):
        library.coverage.clear()
        assert call().status >= 400
        assert library.counts(*(f"{rule} refused" for rule in order)) == [int(rule == order[index]) for rule in order]
        assert library.counts(*(f"{rule} passed" for rule in order)) == [
            int(place < index) for place in range(len(order))
        ]


def test_a_field_passes_although_another_is_refused(library: Library) -> None:
    """All formats are checked at once: the rule of a sound field is passed, that of a broken one refuses."""
    assert library.lend(weeks=9, note="short").status == 400
    assert library.counts("loan.weeks refused", "loan.weeks passed") == [1, 0]
    assert library.counts("loan.note refused", "loan.note passed") == [0, 1]
    assert library.counts("loan.hour passed", "book.unknown passed") == [0, 0]


def test_a_body_that_cannot_be_read(library: Library) -> None:
    """Nothing is known of the fields of a body that is not JSON."""
    assert library("POST", f"/api/v1/books/{FIRST}/loan").status == 400
    assert library.counts("body.json refused", "body.json passed", "body.schema passed") == [1, 0, 0]


def test_null_is_not_held_against_the_format_of_its_field(library: Library) -> None:
    """Null where it is not allowed breaks the clause on null; it neither breaks nor passes the field's rule."""
    assert library("POST", f"/api/v1/books/{FIRST}/loan", {"due": WEDNESDAY, "weeks": None}).status == 400
    assert library.counts("body.schema/null refused", "body.schema/null passed") == [1, 0]
    assert library.counts("loan.weeks refused", "loan.weeks passed") == [0, 0]


def test_a_defect_meets_nothing(library: Library, caplog: pytest.LogCaptureFixture) -> None:
    """A call that broke the sandbox says nothing about the client."""
    assert library("POST", "/api/v1/broken").status == 500
    assert all(not library.met(axis) for axis in AXES)
    assert caplog.records


# Boundaries


@pytest.mark.parametrize(
    ("due", "side", "closest"),
    [
        ("2030-01-01T08:59:59Z", "below", -1),
        (TUESDAY, "at", 0),
        ("2030-01-01T09:00:05Z", "above", 5),
    ],
)
def test_the_sides_of_a_domain_rule(library: Library, due: str, side: str, closest: float) -> None:
    """The distance is noted where the rule is judged, and decides on the side."""
    library.lend(due=due)
    assert library.met("boundaries") == [f"loan.due {side}"]
    entry = library.entry(f"loan.due {side}")
    assert (entry.closest, entry.unit, entry.count) == (closest, "seconds", 1)


def test_the_closest_distance_is_kept(library: Library) -> None:
    """Of several calls on one side, the closest is shown."""
    for due in (WEDNESDAY, "2030-01-01T09:00:07Z", SATURDAY):
        library.lend(due=due)
        library.worlds.reset(library.worlds.create("mine"))
    assert (library.entry("loan.due above").closest, library.entry("loan.due above").count) == (7, 3)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"weeks": 0}, {"loan.weeks weeks 1 below": -1, "loan.weeks weeks 8 below": -8}),
        ({"weeks": 8}, {"loan.weeks weeks 1 above": 7, "loan.weeks weeks 8 at": 0}),
        ({"weeks": 10**400}, {"loan.weeks weeks 1 above": 2**53, "loan.weeks weeks 8 above": 2**53}),
        ({"note": "12345"}, {"loan.note note 5 at": 0}),
        ({"note": "123456"}, {"loan.note note 5 above": 1}),
        ({"hour": "18:00"}, {"loan.hour hour 09:00 above": 540, "loan.hour hour 18:00 at": 0}),
        ({"hour": "18:01"}, {"loan.hour hour 09:00 above": 541, "loan.hour hour 18:00 above": 1}),
        ({"hour": "late"}, {}),
        ({"weeks": "many"}, {}),
    ],
)
def test_the_sides_of_formats(library: Library, sent: dict[str, object], expected: dict[str, int]) -> None:
    """Bounds of numbers, lengths and times of day are measured, whether the value is accepted or not; what is no
    number, no length and no time is not."""
    library.lend(**sent)
    found = {id: library.entry(id).closest for id in library.met("boundaries") if not id.startswith("loan.due")}
    assert found == expected


def test_the_sides_of_parameters(library: Library) -> None:
    """Parameters have bounds, too; one that is not sent falls nowhere."""
    library.all()
    assert library.met("boundaries") == []
    library.all("?limit=3")
    library.all("?limit=4")
    assert [id for id in library.met("boundaries") if " 3 " in id] == [
        "body.schema limit 3 at",
        "body.schema limit 3 above",
    ]


# Transitions


def test_moves_of_clients_and_events(library: Library) -> None:
    """A move counts in the state in which it was tried, allowed or not, and so does who tried it."""
    library.lend()
    library.lend()
    library.happen("book.returned")
    library.happen("book.returned")
    library.happen("book.lost")
    assert {id: library.entry(id).by for id in library.met("transitions")} == {
        "book in: lend": ("client",),
        "book in: return": ("api",),
        "book in: lose": ("api",),
        "book out: lend": ("client",),
        "book out: return": ("api",),
    }


# Time


def test_an_event_is_read_by_the_record_in_the_path(library: Library) -> None:
    """A read counts once for each event, and only after it."""
    library.get()
    library.lend()
    library("POST", "/_sandbox/worlds/mine/clock/advance", {"seconds": 86400})
    assert library.met("time") == []
    library.get(SECOND)
    assert library.met("time") == []
    library.get()
    library.get()
    assert library.counts("book.returned read") == [1]


def test_an_event_is_read_in_a_list(library: Library) -> None:
    """A list shows the records that it has by their ids."""
    library.lend()
    library.happen("book.returned")
    library.all()
    assert library.counts("book.returned read") == [1]


def test_an_event_due_in_a_call_is_read_by_it(library: Library) -> None:
    """With a running clock, what is due happens first in the call that shows it."""
    library.lend()
    world = library.worlds.get("mine")
    assert world is not None
    world.clock.move(world.now.replace(day=3))
    library.get()
    assert library.counts("book.returned read") == [1]


@pytest.mark.parametrize("refused", [{"key": "other"}, {"fault": "status=503"}, {"fault": "drop=after"}])
def test_what_does_not_show_the_record_reads_nothing(library: Library, refused: dict[str, str]) -> None:
    """A refused call and an injected fault show nothing."""
    library.lend()
    library.happen("book.returned")
    library.get(**refused)
    assert library.counts("book.returned read") == [0]


def test_head_shows_nothing(library: Library) -> None:
    """A response without a body shows neither events nor words."""
    library.lend()
    library.happen("book.returned")
    words = library.counts("Book.status in")
    assert library("HEAD", f"/api/v1/books/{FIRST}").status == 200
    assert library.counts("book.returned read") == [0]
    assert library.counts("Book.status in") == words


def test_the_next_event_of_a_record_takes_the_place_of_the_last(library: Library) -> None:
    """Who reads after both has not read in between."""
    library.lend()
    library.happen("book.returned")
    library.lend()
    library.happen("book.lost")
    library.all()
    assert library.counts("book.returned read", "book.lost read") == [0, 1]


def test_a_list_that_leaves_a_record_out_shows_why(library: Library) -> None:
    """An event that hides its record is read in the list; the record itself is not where that event shows."""
    library.lend()
    library.happen("book.lost")
    library.get()
    assert library.counts("book.lost read") == [0]
    library.all()
    assert library.counts("book.lost read") == [1]


def test_a_record_that_an_event_created(library: Library) -> None:
    """It is the new record that must be read."""
    library.get()  # opens the world
    made = library.happen("book.copied").body.decode().partition('"copy_id":"')[2][:36]
    library.get()
    assert library.counts("book.copied read") == [0]
    library.get(made)
    assert library.counts("book.copied read") == [1]


def test_a_snapshot_put_back_keeps_its_past(library: Library) -> None:
    """An event before the snapshot can still be read; one after it did not happen."""
    library.lend()
    library.happen("book.returned")
    saved = library("GET", "/_sandbox/worlds/mine/snapshot").body
    library.happen("book.lost", SECOND)
    assert library("PUT", "/_sandbox/worlds/mine/snapshot", json.loads(saved)).status < 300
    library.all()
    assert library.counts("book.returned read", "book.lost read") == [1, 0]


def test_a_world_that_begins_again_has_no_past(library: Library) -> None:
    """An event before a reset cannot be read after it; what was collected stays."""
    library.lend()
    library.happen("book.returned")
    library("POST", "/_sandbox/worlds/mine/reset")
    library.get()
    assert library.counts("book.returned read", "lend_book 201") == [0, 1]
    library("DELETE", "/_sandbox/worlds/mine")
    assert library.counts("lend_book 201") == [1]


# Words


def test_words_are_those_that_the_client_was_shown(library: Library) -> None:
    """Values of enumerations in successes, once for each call; null is not a word."""
    library.all()
    assert {id: library.entry(id).count for id in library.met("words")} == {
        "Book.status in": 1,
        "Book.binding hard": 1,
    }
    library.lend()
    library.lend()
    assert library.counts("Book.status in", "Book.status out") == [1, 1]


# Faults


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ("status=503", ["status"]),
        ("status=429; retry_after=2", ["status", "retry_after"]),
        ("drop=before", ["drop=before"]),
        ("drop=after; latency_ms=1", ["latency_ms", "drop=after"]),
        ("malformed", ["malformed"]),
        ("truncate", ["truncate"]),
        ("trickle_ms=1", ["trickle_ms"]),
    ],
)
def test_a_fault_counts_for_faults_alone(library: Library, fault: str, kinds: list[str]) -> None:
    """A call with an injected fault meets the kinds of its effects, and nothing else, whether it took effect or not."""
    library.lend(weeks=8, fault=fault)
    assert library.met("faults") == [f"lend_book {kind}" for kind in kinds]
    assert all(not library.met(axis) for axis in AXES if axis != "faults")


def test_a_fault_that_cannot_be_read_meets_nothing(library: Library) -> None:
    """The sandbox refuses the call before the key is judged, and the API never would."""
    assert library.lend(fault="bogus", key="sbx_mine.reader").status == 400
    assert all(not library.met(axis) for axis in AXES)


# Assumptions


def test_assumptions_are_met_by_what_leans_on_them_and_by_what_they_refuse(library: Library) -> None:
    """A clause that a success leaned on, and an assumed rule that refused; one that was only passed is not met."""
    library.lend()
    assert library.met("assumptions") == []
    library.lend()
    assert library.met("assumptions") == ["error.body/sentence", "book.state"]
    library.lend(SECOND, SATURDAY)
    assert library.met("assumptions") == ["error.body/sentence", "book.state", "loan.due/any-day"]


@pytest.mark.parametrize(
    ("method", "path", "rule"),
    [("GET", "/api/v1/nothing", "http.not-found"), ("PATCH", "/api/v1/books", "http.method")],
)
def test_calls_that_reach_no_operation_lean_on_the_form_of_their_refusal(
    library: Library, method: str, path: str, rule: str
) -> None:
    """No page shows the body of these refusals either."""
    assert library(method, path).status >= 400
    assert library.counts(rule, "error.body/sentence") == [1, 1]


# The names of tests


def test_a_request_names_its_test(library: Library) -> None:
    """The header names the test of one call; a call without it belongs to no test."""
    library.get(test="a")
    library.get(test="b")
    library.get()
    library.get(test="a")
    entry = library.entry("get_book 200")
    assert (entry.count, entry.tests) == (4, ("a", "b"))


def test_a_world_has_the_name_of_its_test(library: Library) -> None:
    """A label names the test of a world's calls, those that reach no world have a label too, and a header goes
    first."""
    library.coverage.name_world("mine", "a")
    library.coverage.name_world("", "none")
    library.get()
    library.get(key="other")
    library.get(key="sbx_another")
    library.get(test="b")
    assert library.entry("get_book 200").tests == ("a", "b")
    assert library.entry("auth.key refused").tests == ("none",)


def test_the_control_plane_names_the_test_of_a_world(library: Library) -> None:
    """A request to the control plane names the test that uses its world from then on, its own event included."""
    library.get()
    library.happen("book.lost", test="a")
    library.get()
    assert library.entry("book in: lose").tests == ("a",)
    assert library.entry("get_book 200").tests == ("a",)
    library.happen("book.lost")
    assert library.entry("book in: lose").tests == ("a",)


def test_an_event_that_is_due_in_a_call_belongs_to_its_test(library: Library) -> None:
    """What happens as the first step of a call is that call's."""
    library.lend(test="a")
    world = library.worlds.get("mine")
    assert world is not None
    world.clock.move(world.now.replace(day=3))
    library.get(test="b")
    assert library.entry("book out: return").tests == ("b",)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("x" * 300, "x" * NAME_KEPT),
        ("täst", "täst"),
        ("a\x07b", "a?b"),
        ("  ", None),
    ],
)
def test_names_are_kept_short_and_printable(library: Library, sent: str, kept: str | None) -> None:
    """Control characters are replaced, long names cut; a blank name is none."""
    library.get(test=sent)
    assert library.entry("get_book 200").tests == ((kept,) if kept else ())


# Worlds


def test_worlds_are_told_apart_by_the_beginnings_of_their_names(library: Library) -> None:
    """A prefix selects worlds; calls that reached no world are in none."""
    library.get(key="sbx_job-1")
    library.get(key="sbx_job-2")
    library.get("nothing", key="sbx_other")
    library.get(key="unknown")
    assert set(library.coverage.collected("job-")) == set(library.coverage.collected("job-1"))
    assert library.coverage.collected("job-").met["get_book 200"].count == 2
    assert "auth.key refused" not in library.coverage.collected("job-")
    assert "auth.key refused" in library.coverage.collected()
    assert not list(library.coverage.collected("nobody"))


def test_the_number_of_worlds_is_bounded(library: Library) -> None:
    """Beyond the limit, the oldest world is no longer told apart, but its calls still count."""
    for number in range(WORLDS_KEPT + 2):
        library.coverage.name_world(f"w{number}", f"test {number}")
        library.get(key=f"sbx_w{number}")
    assert library.coverage.collected().met["get_book 200"].count == WORLDS_KEPT + 2
    assert not list(library.coverage.collected("w0"))
    assert list(library.coverage.collected(f"w{WORLDS_KEPT}"))


def test_clearing_forgets_what_was_met(library: Library) -> None:
    """The next calls are collected anew; tests keep their worlds."""
    library.coverage.name_world("mine", "a")
    library.get()
    assert library("DELETE", "/_sandbox/coverage").status == 200
    assert library.met("responses") == []
    library.get()
    assert library.entry("get_book 200").tests == ("a",)
