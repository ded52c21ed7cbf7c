"""The report: what it lists, its form, and reports that are merged."""

import random

import msgspec
import pytest

from aniva_sandbox.engine.evidence.coverage.collected import TESTS_KEPT, Collected, Met
from aniva_sandbox.engine.evidence.coverage.items import Items
from aniva_sandbox.engine.evidence.coverage.report import AXES, CoverageReport
from aniva_sandbox.engine.evidence.coverage.reporting import (
    collected_in,
    make_report,
    read_report,
    write_report,
)
from aniva_sandbox.engine.evidence.reports.values import SourceError
from tests.engine.evidence.loans import API, LIBRARY, SECOND, TUESDAY, Library

ITEMS = Items(API, LIBRARY.domain)
ODD = b"""{"version": 1, "axes": {"rules": {"met": 0, "items": 0, "list": [
    {"id": "odd", "met": true, "count": 1, "tests": [], "next": null}
]}}, "not_called": []}"""


def listed(report: CoverageReport, axis: str) -> list[str]:
    return [entry.id for entry in report.axes[axis].list]  # type: ignore[index]


def test_the_form_of_the_report() -> None:
    """Eight axes in their order; each entry has its fixed fields, boundaries and transitions their own."""
    library = Library()
    library.lend(test="b")
    library.lend(test="a")
    library.lend(SECOND, TUESDAY, test="a")
    found = msgspec.json.decode(write_report(library.report()))
    assert list(found) == ["version", "axes", "not_called"]
    assert (found["version"], list(found["axes"])) == (1, list(AXES))
    entries = {entry["id"]: entry for axis in found["axes"].values() for entry in axis["list"]}
    assert entries["lend_book 409"] == {
        "id": "lend_book 409",
        "met": True,
        "count": 1,
        "tests": ["a"],
        "next": None,
    }
    assert entries["book.unknown passed"]["tests"] == ["a", "b"]
    assert entries["book.unknown refused"]["next"] == "get('nothing')"
    assert entries["loan.due at"] == {
        "id": "loan.due at",
        "met": True,
        "count": 1,
        "tests": ["a"],
        "next": None,
        "closest": 0,
        "unit": "seconds",
    }
    assert entries["loan.note note 5 at"]["closest"] is None
    assert entries["book out: lend"]["by"] == ["client"]
    assert entries["book lost: lose"]["by"] == []
    assert b"0.0" not in write_report(library.report())


def test_what_cannot_be_met_is_not_counted() -> None:
    """It says why, and has no next step; what was met nevertheless is counted."""
    library = Library()
    library.lend(due="2030-01-01T08:59:59Z")
    report = library.report()
    transitions = report.axes["transitions"]
    impossible = next(entry for entry in transitions.list if entry.id == "book lost: lose")
    assert (impossible.reason, impossible.next) == ("nobody reports a lost book", None)
    assert (transitions.met, transitions.items, len(transitions.list)) == (1, 8, 9)
    below = next(entry for entry in report.axes["boundaries"].list if entry.id == "loan.due below")
    assert below.met
    assert below.is_counted


# Scope


def test_operations_that_were_never_called_are_listed_once() -> None:
    """Their items are left out, unless a called operation shares them."""
    library = Library()
    library.get()
    report = library.report()
    assert report.not_called == ("list_books", "lend_book", "break_down")
    assert listed(report, "responses") == ["get_book 200", "get_book 403", "get_book 404"]
    assert "book.unknown refused" in listed(report, "rules")
    assert "http.method refused" in listed(report, "rules")
    assert "loan.due refused" not in listed(report, "rules")
    assert listed(report, "words")
    assert listed(report, "boundaries") == []


@pytest.mark.parametrize("call", ["refused", "faulty"])
def test_an_operation_is_called_however_it_ends(call: str) -> None:
    """A refused call and one with an injected fault are calls."""
    library = Library()
    library.get(**({"key": "unknown"} if call == "refused" else {"fault": "drop=before"}))
    assert "get_book" not in library.report().not_called


def test_a_scope_lists_the_items_of_its_operations() -> None:
    """Called or not; the items of others are left out, even if they were met."""
    library = Library()
    library.get()
    report = library.report(scope=["lend_book", "list_books"])
    assert report.not_called == ("list_books", "lend_book")
    assert {id.partition(" ")[0] for id in listed(report, "responses")} == {"list_books", "lend_book"}
    assert report.axes["responses"].met == 0


# Waivers


def test_what_was_met_is_never_left_out() -> None:
    """A clause is listed with the operations that its rule refuses. If another leans on it, it is there all the same,
    unless a scope leaves it out."""
    collected = Collected({"get_book 200": Met(1), "loan.due/any-day": Met(1)})
    assert "loan.due/any-day" in listed(make_report(ITEMS, collected), "assumptions")
    assert "loan.due/any-day" not in listed(make_report(ITEMS, collected, scope=["get_book"]), "assumptions")
    assert "loan.due/any-day" not in listed(make_report(ITEMS, Collected({"get_book 200": Met(1)})), "assumptions")


def test_a_waived_item_is_not_counted() -> None:
    """It shows the reason; an item that was met stays counted."""
    library = Library()
    library.lend()
    report = library.report(waivers={"lend_book 409": "not ours", "lend_book 201": "not ours"})
    entries = {entry.id: entry for entry in report.axes["responses"].list}
    assert (entries["lend_book 409"].reason, entries["lend_book 409"].is_counted) == ("waived: not ours", False)
    assert entries["lend_book 201"].is_counted
    assert report.axes["responses"].items == len(entries) - 1


def test_a_waived_assumption_is_not_counted_when_it_is_met() -> None:
    """On the axis that wants few, the waiver excuses the call."""
    library = Library()
    library.lend()
    library.lend()
    waivers = {"book.state": "known", "loan.due/any-day": "known"}
    before, after = library.report().axes["assumptions"], library.report(waivers=waivers).axes["assumptions"]
    assert (before.met, after.met) == (2, 1)  # the other is error.body/sentence
    assert after.items == before.items - 1


# Merging


def test_merged_reports_equal_one_report() -> None:
    """What three processes met, in any order and by way of JSON, is what one would have met; byte for byte."""
    calls = [
        lambda library: library.lend(test="a"),
        lambda library: library.lend(test="b", due=TUESDAY),
        lambda library: library.get(test="c"),
        lambda library: library.get(test="a", fault="malformed"),
        lambda library: library.lend(test="b", weeks=9, due="2030-01-01T09:00:01Z"),
        lambda library: library.happen("book.lost", test="d"),
    ]
    serial, parts = Library(), [Library(), Library(), Library()]
    for number, call in enumerate(calls):
        for library in (serial, parts[number % 3]):
            library.worlds.create("mine")
            call(library)
    expected = write_report(serial.report())
    random.Random(1).shuffle(parts)
    merged, through_json, sent = Collected(), Collected(), Collected()
    for part in parts:
        merged.add(part.coverage.collected())
        report = read_report(write_report(part.report()), "x")
        through_json.add(collected_in(report, ITEMS, "x"))
        sent.add(msgspec.json.decode(msgspec.json.encode(part.coverage.collected()), type=Collected))
    for each in (merged, through_json, sent):
        assert write_report(make_report(ITEMS, each)) == expected


def test_the_number_of_names_is_bounded() -> None:
    """Of thousands of tests, the first in order are named, whatever the order they ran in; all of them count."""
    names = [f"test {number:05}" for number in range(5000)]
    reports = []
    for seed in (1, 2):
        random.Random(seed).shuffle(names)
        met = Met()
        for name in names:
            met.name(name)
            met.count += 1
        halves = Met()
        for name in names[:2500]:
            halves.name(name)
        other = Met(count=5000)
        for name in names[2500:]:
            other.name(name)
        halves.add(other)
        reports += [make_report(ITEMS, Collected({"get_book 200": each})) for each in (met, halves)]
        assert len(met.tests) <= 2 * TESTS_KEPT
    entries = [report.axes["responses"].list[0] for report in reports]
    assert {(entry.count, entry.tests) for entry in entries} == {(5000, tuple(sorted(names)[:TESTS_KEPT]))}


# Reading


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "x: is not valid JSON: "),
        (b"\xff", "x: is not valid JSON: "),
        (b"[]", "x: the whole: expected `object`, got `array`"),
        (b'{"version": 2, "axes": {}, "not_called": []}', "x: version: expected `int` <= 1"),
        (b'{"version": 1, "axes": {"rules": 3}, "not_called": []}', "x: axes[...]: expected `object`, got `int`"),
        (b'{"version": 1, "axes": {}}', "x: the whole: object missing required field `not_called`"),
        (
            ODD,
            "x: axes.rules.list[0].id: there is no item 'odd' here; was the report made by another version?",
        ),
    ],
)
def test_a_source_that_cannot_be_used(content: bytes, message: str) -> None:
    """The message names the source and the field."""
    with pytest.raises(SourceError) as caught:
        collected_in(read_report(content, "x"), ITEMS, "x")
    assert str(caught.value).startswith(message)
