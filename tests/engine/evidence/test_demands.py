"""Scopes, thresholds and waivers: how they are written, and when they fail."""

import msgspec
import pytest

from aniva_sandbox.engine.evidence.coverage.demands import (
    Demands,
    parse_scope,
    parse_thresholds,
    parse_waivers,
)
from aniva_sandbox.engine.evidence.coverage.items import Items
from aniva_sandbox.engine.evidence.reports.waivers import DemandError
from tests.engine.evidence.loans import API, LIBRARY, Library

ITEMS = Items(API, LIBRARY.domain)


def problems(library: Library, thresholds: str = "", *waivers: str) -> list[str]:
    """What fails of a library's coverage."""
    waived = parse_waivers(waivers, ITEMS)
    demands = Demands(thresholds=parse_thresholds([thresholds]), waivers=waived)
    return demands.problems(library.report(waivers=waived), ITEMS, library.coverage.collected())


# Writing


def test_a_scope_has_the_order_of_the_contract() -> None:
    """Operations may stand in one text or in several, twice, and in any order; none is no scope."""
    assert parse_scope(["lend_book, get_book", "get_book"], ITEMS) == ("get_book", "lend_book")
    assert parse_scope([], ITEMS) is None
    assert parse_scope([" "], ITEMS) is None
    with pytest.raises(DemandError, match=r"there is no operation 'get_bok'; did you mean get_book\?"):
        parse_scope(["get_bok"], ITEMS)


def test_thresholds_are_read() -> None:
    """An axis and a percentage; for assumptions, a number."""
    assert parse_thresholds(["rules:80,faults: 50", "assumptions:120"]) == {
        "rules": 80,
        "faults": 50,
        "assumptions": 120,
    }
    assert parse_thresholds(["rules:0,words:99.5"]) == {"rules": 0, "words": 99.5}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules", "'rules': write an axis and a number, such as rules:80"),
        ("ruels:80", "'ruels:80': there is no axis 'ruels'; did you mean rules?"),
        ("rules:many", "'rules:many': 'many' is not a number"),
        ("rules:", "'rules:': '' is not a number"),
        ("rules:101", "'rules:101': must be a percentage from 0 to 100"),
        ("rules:-1", "'rules:-1': must be a percentage from 0 to 100"),
        ("rules:nan", "'rules:nan': must be a percentage from 0 to 100"),
        ("rules:1,rules:2", "'rules:2': rules is given twice"),
        ("assumptions:2.5", "'assumptions:2.5': must be the maximum number of assumptions, such as assumptions:5"),
    ],
)
def test_thresholds_that_cannot_be_read(text: str, message: str) -> None:
    """The message names the text and what is wrong with it."""
    with pytest.raises(DemandError) as caught:
        parse_thresholds([text])
    assert str(caught.value) == message


def test_waivers_are_read() -> None:
    """An item and a reason, which may have colons both; an item that does not exist ends before the first colon."""
    assert parse_waivers(
        ["loan.due at: note: rare", "book in: lend: never", " loan.hour hour 09:00 at :early", "odd: a: b"], ITEMS
    ) == {
        "loan.due at": "note: rare",
        "book in: lend": "never",
        "loan.hour hour 09:00 at": "early",
        "odd": "a: b",
    }


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["loan.due at"], "'loan.due at': write an item and the reason, such as 'link.window at: the reason'"),
        (["loan.due at: "], "'loan.due at: ': write an item and the reason, such as 'link.window at: the reason'"),
        ([": why"], "': why': write an item and the reason, such as 'link.window at: the reason'"),
        (["loan.due at: a", "loan.due at: b"], "'loan.due at: b': loan.due at is waived twice"),
    ],
)
def test_waivers_that_cannot_be_read(texts: list[str], message: str) -> None:
    """A waiver without a reason is none."""
    with pytest.raises(DemandError) as caught:
        parse_waivers(texts, ITEMS)
    assert str(caught.value) == message


# Judging


def test_a_threshold_is_reached_exactly_or_missed() -> None:
    """Percentages are compared without rounding; an axis without items is complete."""
    library = Library()
    library.get()
    assert problems(library, "responses:33.3") == []
    assert problems(library, "responses:33.4") == [
        "responses: 1 of 3 items were met (33.3 %), fewer than 33.4 %",
    ]
    assert problems(library, "boundaries:100") == []
    library.get("nothing")
    library.get(key="unknown")
    assert problems(library, "responses:100") == []


def test_a_threshold_with_a_fraction_is_reached_exactly() -> None:
    """161 of 250 are 64.4 %, although 64.4 * 250 is more than 16,100 in floating point."""
    library = Library()
    library.get()
    report = library.report()
    axis = msgspec.structs.replace(report.axes["rules"], met=161, items=250)
    report = msgspec.structs.replace(report, axes={**report.axes, "rules": axis})
    for threshold, missed in (("64.4", 0), ("64.5", 1)):
        demands = Demands(thresholds=parse_thresholds([f"rules:{threshold}"]))
        assert len(demands.problems(report, ITEMS, library.coverage.collected())) == missed


def test_a_run_that_called_no_operation_reaches_no_threshold() -> None:
    """Every axis would be complete: a client with a wrong address must not pass."""
    library = Library()
    library("GET", "/v1/books")
    assert problems(library, "responses:80,faults:1") == [
        "responses: no operation was called",
        "faults: no operation was called",
    ]
    assert problems(library, "responses:0,assumptions:5") == []


def test_assumptions_have_a_maximum() -> None:
    """The message names those that were met."""
    library = Library()
    library.lend()
    library.lend()
    assert problems(library, "assumptions:2") == []
    assert problems(library, "assumptions:1") == [
        "assumptions: 2 were met, more than 1: error.body/sentence, book.state"
    ]
    assert problems(library, "assumptions:1", "book.state: known") == []


def test_waivers_must_be_needed() -> None:
    """One that names nothing, that was met, or whose item is not counted anyway fails; one that is needed does not, nor
    does one for an operation that was never called."""
    library = Library()
    library.get()
    assert problems(library, "", "get_book 404: not ours", "lend_book 409: not ours") == []
    assert problems(library, "", "get_bok 404: x", "get_book 200: x", "book lost: lose: x", "book.state: x") == [
        "the waiver 'get_bok 404' names no item; did you mean get_book 404?",
        "the waiver 'get_book 200' is not needed: the item was met",
        "the waiver 'book lost: lose' is not needed: the item is not counted: nobody reports a lost book",
        "the waiver 'book.state' is not needed: no call relied on this rule",
    ]
