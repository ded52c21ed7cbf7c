"""Probes of the kind times: at which instants worlds begin, and what a test that fails there shows."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from aniva_sandbox.engine import double
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.evidence.probes.loop import plan_changes, run_clean
from aniva_sandbox.engine.evidence.probes.report import TestReport
from aniva_sandbox.engine.world.domain import Occurrence, Probing, SpecialInstant
from tests.engine import toy
from tests.engine.evidence.probes.subjects import MOST_CALLS, Client, Function, judged, probed
from tests.engine.evidence.probes.todo import MILK, TODO

START = datetime(2030, 1, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def around(start: datetime, name: str, days: int, *, shares: Sequence[str] = ()) -> SpecialInstant:
    """A special instant so many days before and after a start; the control is an hour earlier."""
    before, after = (
        Occurrence(at=at, control=at - timedelta(hours=1), shares=tuple(shares))
        for at in (start - days * DAY, start + days * DAY)
    )
    return SpecialInstant(
        name=name, title=f"on the {name} day", before=before, after=after, zone=ZoneInfo("Europe/Berlin")
    )


def instants(start: datetime) -> list[SpecialInstant]:
    """The special instants of these tests: one shares what is special with another, and two coincide."""
    rare = around(start, "rare", 9, shares=["odd"])
    only_after = msgspec.structs.replace(around(start, "late", 7), before=None)
    return [rare, around(start, "odd", 3), around(start, "strange", 3), only_after]


DATED = double.Double(
    toy.TODO.contract.info,
    operations=tuple(operation for operation in TODO.contract.operations),
    rules=(toy.UNKNOWN, toy.DUE, toy.STATE),
    world=TODO.domain.world,
    sections=[section for section in TODO.domain.sections if section.name != "personas"],
    events=toy.TODO.domain.events,
    begin=toy.begin,
    probing=lambda: Probing(instants=instants),
    fixture={
        "title": "One task",
        "start": "2030-01-01T09:00:00Z",
        "personas": {"full": {"permissions": ["read", "write"]}},
        "tasks": [{"id": MILK, "title": "Buy milk", "due": "+1d 09:00"}],
    },
)
API = Api.of(DATED.contract)


def subject(test: Callable[[Client], None], **options: Any) -> Function:
    """A test of a client of the to-do list."""
    return Function(test, API, DATED.domain, DATED.fixture, **options)


def report(test: Callable[[Client], None], **options: Any) -> TestReport:
    """The report on a test."""
    return probed(subject(test), "times", **options)


def starts(test: Callable[[Client], None], **options: Any) -> dict[str, timedelta]:
    """The instants at which the worlds of a test are to begin, relative to its own."""
    probed = subject(test, **options)
    clean = run_clean(probed)
    assert clean is not None
    plan = plan_changes(clean, probed.context(), ["times"])
    return {change.id: change.start - clean.start for change in plan if change.start is not None}


def names_none(client: Client) -> None:
    """A test that names no date."""
    client("GET", f"/tasks/{MILK}")


@pytest.mark.parametrize(
    "call",
    [
        ("POST", "/tasks", {"title": "Read", "due": "2030-02-01T09:00:00Z"}),
        ("GET", "/tasks?title=2030-02-01"),
        ("GET", "/tasks/2030-02-01"),
    ],
)
def test_dates_that_a_test_names_stay_ahead(call: Any) -> None:
    """If a request names a date, wherever, the last time before the test's own start is used; otherwise the next."""

    def test(client: Client) -> None:
        try:
            client(*call)
        except Exception:
            assert call[1].startswith("/tasks/")

    assert starts(test) == {"odd": -3 * DAY, "rare": -9 * DAY, "strange": -3 * DAY}
    assert starts(names_none) == {"odd": 3 * DAY, "rare": 9 * DAY, "strange": 3 * DAY, "late": 7 * DAY}


def test_a_clock_that_runs_is_probed_from_its_own_start() -> None:
    """The instants are around the instant at which the clean run began, whatever the clock."""
    assert starts(names_none, mode="real")["odd"] == 3 * DAY


def test_a_test_that_passes_everywhere_has_no_finding() -> None:
    """Instants that coincide are run once."""
    counts = report(names_none).kinds["times"]
    assert (counts["changes"], counts["runs"], counts["pruned"], counts["findings"]) == (4, 3, 1, 0)


def fails_on(*days: int) -> Callable[[Client], None]:
    """A test that fails where its world begins so many days after the usual start."""

    def test(client: Client) -> None:
        began = client.world.now
        client("GET", f"/tasks/{MILK}")
        assert began not in [START + day * DAY for day in days], f"{began:%d.%m.} at http://127.0.0.1:8000/tasks"

    return test


def test_a_test_that_fails_there_only_is_dated() -> None:
    """The finding names the instant in words and in its own zone, where the test passes, and the error."""
    found = report(fails_on(7))
    (finding,) = found.findings
    assert (finding.id, finding.verdict) == ("times:test:late", "dated")
    assert finding.sentence == (
        "the test passes on an ordinary day before (2030-01-08 09:00:00 Europe/Berlin), "
        "but fails on the late day (2030-01-08 10:00:00 Europe/Berlin): AssertionError: 08.01. at http://127.0.0.1:8000/tasks"
    )
    assert found.kinds["times"]["runs"] == 4  # the control too
    assert found.notes == []


@pytest.mark.parametrize("exhaustive", [False, True])
def test_what_fails_for_the_same_reason_is_found_once(exhaustive: bool) -> None:
    """An instant that shares what is special with one at which the test fails is no second finding; if that one does
    not fail, it is."""
    shared = report(fails_on(3, 9), exhaustive=exhaustive)
    assert [each.id for each in shared.findings] == ["times:test:odd"]
    assert shared.kinds["times"]["pruned"] == (0 if exhaustive else 2)
    alone = report(fails_on(9), exhaustive=exhaustive)
    assert [each.id for each in alone.findings] == ["times:test:rare"]


def test_a_test_that_fails_nearby_too_depends_on_its_dates() -> None:
    """What fails at a plain instant just as well is no finding, but noted."""

    def test(client: Client) -> None:
        client("POST", "/tasks", {"title": "Read", "due": "2030-01-03T09:00:00Z"})
        assert client.world.now > START - 5 * DAY

    found = report(test)
    (note,) = found.notes
    assert (note.id, note.note) == ("times:test:rare", "fixed-dates")
    assert note.sentence == (
        "the test fails on the rare day (2029-12-23 10:00:00 Europe/Berlin), "
        "but also on an ordinary day before (2029-12-23 09:00:00 Europe/Berlin): it depends on fixed dates"
    )
    assert found.findings == []
    assert found.kinds["times"]["fixed_dates"] == 1


def test_a_test_that_does_not_end_there_fails() -> None:
    """A run that is stopped has failed; one that waits for real says nothing."""

    def test(client: Client) -> None:
        began = client.world.now
        client("GET", f"/tasks/{MILK}")
        for _ in range(MOST_CALLS if began == START + 7 * DAY else 0):
            client("GET", f"/tasks/{MILK}")

    def waiting(client: Client) -> None:
        client("GET", f"/tasks/{MILK}")
        if client.world.now > START:
            client.wait_for_real()

    judgement = judged(subject(test), "times", "late")
    assert judgement.verdict == "dated"
    assert judgement.sentence.endswith(": it did not come to an end")
    assert judged(subject(waiting), "times", "late").is_void
