"""The items of each axis, as the document, the ledger and the domain have them."""

from aniva_sandbox.engine.evidence.coverage.items import Items
from aniva_sandbox.engine.evidence.coverage.words import Words
from tests.engine.evidence.loans import API, LIBRARY

ITEMS = Items(API, LIBRARY.domain)


def ids(axis: str) -> list[str]:
    return [item.id for item in ITEMS.axes[axis]]  # type: ignore[index]


def test_every_item_has_an_id_of_its_own() -> None:
    """No two items share an id, also on different axes: waivers name them without the axis."""
    assert len(ITEMS.by_id) == sum(len(items) for items in ITEMS.axes.values())


def test_responses_are_those_of_the_document() -> None:
    """Every operation with its statuses, without those of the sandbox's own troubles."""
    assert ids("responses") == [
        *("list_books 200", "list_books 400", "list_books 403"),
        *("get_book 200", "get_book 403", "get_book 404"),
        *("lend_book 201", "lend_book 400", "lend_book 403", "lend_book 404", "lend_book 409", "lend_book 413"),
        *("break_down 200", "break_down 403"),
    ]


def test_rules_are_those_that_refuse() -> None:
    """Both sides of each, in the order of the ledger; rules of the sandbox and the internal error are left out."""
    rules = [id.rpartition(" ")[0] for id in ids("rules")]
    assert rules[::2] == rules[1::2]
    assert "loan.due refused" in ids("rules")
    assert "loan.due passed" in ids("rules")
    assert not {"error.internal", "world.full", "loan.due/any-day", "book.order"} & set(rules)
    assert ITEMS.by_id["book.state passed"].operations == {"lend_book"}
    assert ITEMS.by_id["http.not-found refused"].operations == frozenset()


def test_boundaries_are_those_of_rules_and_of_schemas() -> None:
    """Three sides for each, under the rule that judges it; nothing is shorter than a length of 0."""
    assert ids("boundaries") == [
        f"{boundary} {side}"
        for boundary in (
            *("body.schema limit 1", "body.schema limit 3", "loan.due", "loan.note note 5"),
            *("loan.weeks weeks 1", "loan.weeks weeks 8", "loan.hour hour 09:00", "loan.hour hour 18:00"),
        )
        for side in ("below", "at", "above")
    ]
    units = {item.id.rpartition(" ")[0]: item.unit for item in ITEMS.axes["boundaries"]}
    assert units["loan.due"] == "seconds"
    assert units["loan.note note 5"] == "characters"
    assert units["loan.hour hour 09:00"] == "minutes"
    assert units["loan.weeks weeks 1"] == ""


def test_transitions_are_all_moves_in_all_states() -> None:
    """The legal and the illegal ones; they belong to the operations that return the record."""
    assert ids("transitions") == [
        f"book {state}: {move}" for state in ("in", "out", "lost") for move in ("lend", "return", "lose")
    ]
    assert ITEMS.by_id["book in: lend"].operations == {"list_books", "get_book", "lend_book", "break_down"}


def test_events_belong_to_the_operations_that_show_them() -> None:
    """Those that the type names; otherwise those that return the record."""
    assert ids("time") == ["book.returned read", "book.lost read", "book.copied read"]
    assert ITEMS.by_id["book.lost read"].operations == {"list_books"}
    assert "lend_book" in ITEMS.by_id["book.returned read"].operations


def test_words_are_the_enumerations_of_successes() -> None:
    """By the name of the schema and the field; null is left out."""
    assert ids("words") == [
        *("Book.status in", "Book.status lost", "Book.status out"),
        *("Book.binding hard", "Book.binding soft"),
    ]


def test_words_are_found_at_any_depth() -> None:
    """In lists, maps of alternatives, and schemas within themselves."""
    schemas = {
        "Tree": {
            "type": "object",
            "properties": {
                "kind": {"enum": ["leaf", "fork", 3, None]},
                "branches": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                "tags": {"type": "array", "items": {"enum": ["old"]}},
                "top": {"anyOf": [{"type": "null"}, {"$ref": "#/components/schemas/Tree"}]},
                "size": {"type": "integer"},
            },
        }
    }
    words = Words({"$ref": "#/components/schemas/Tree"}, schemas, "grow")
    assert list(words) == ["Tree.kind leaf", "Tree.kind fork", "Tree.kind 3", "Tree.tags old"]
    found: set[str] = set()
    words.find(
        {"kind": None, "branches": [{"kind": "fork"}], "tags": ["old", "new"], "top": {"kind": 3}, "size": 3}, found
    )
    assert found == {"Tree.kind fork", "Tree.tags old", "Tree.kind 3"}
    assert not Words({"type": "object", "properties": {"size": {"type": "integer"}}}, {}, "grow")
    assert list(Words({"enum": ["yes"]}, {}, "ask")) == ["ask yes"]


def test_faults_are_all_kinds_for_each_operation() -> None:
    """Next steps inject the fault before an example call, where there is one."""
    assert [id for id in ids("faults") if id.startswith("get_book ")] == [
        f"get_book {kind}"
        for kind in (
            *("latency_ms", "status", "retry_after", "drop=before", "drop=after"),
            *("truncate", "malformed", "trickle_ms"),
        )
    ]
    assert ITEMS.by_id["get_book drop=after"].next == 'inject("get_book", drop="after")\nget(\'first\')'
    assert ITEMS.by_id["get_book retry_after"].next == "inject(\"get_book\", status=503, retry_after=1)\nget('first')"
    assert ITEMS.by_id["lend_book status"].next is None


def test_assumptions_are_what_no_page_settles() -> None:
    """Assumed rules and clauses; those that no call can lean on say why."""
    found = ids("assumptions")
    assert [id for id in found if id.startswith(("book", "loan"))] == [
        *("book.state", "loan.due/any-day", "book.order", "book.shelves/by-title")
    ]
    assert "loan.due" not in found
    assert ITEMS.by_id["book.order"].reason == "every list has an order"


def test_clauses_belong_to_the_operations_of_their_rule() -> None:
    """Those that the rule refuses, and those whose successes follow it."""
    assert ITEMS.by_id["loan.due/any-day"].operations == {"lend_book"}
    assert ITEMS.by_id["book.shelves/by-title"].operations == {"list_books"}
    assert ITEMS.by_id["book.order"].operations == frozenset()


def test_the_domain_says_how_to_go_on() -> None:
    """Next steps and reasons come from the domain; what cannot be met has no next step."""
    assert ITEMS.by_id["book.unknown refused"].next == "get('nothing')"
    assert ITEMS.by_id["book.unknown passed"].next is None
    assert ITEMS.by_id["book lost: lose"].reason == "nobody reports a lost book"
    assert (ITEMS.by_id["book.order"].next, ITEMS.by_id["book.order"].reason) == (None, "every list has an order")
