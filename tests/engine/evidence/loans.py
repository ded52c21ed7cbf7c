"""A double whose calls leave full traces: a library, whose books are lent, returned and lost."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.engine import double
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.rules import Measure
from aniva_sandbox.engine.double import Call, NoBody, NoQuery, field, operation
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.evidence.coverage.report import AxisName, CoverageReport, Entry
from aniva_sandbox.engine.evidence.coverage.reporting import make_report
from aniva_sandbox.engine.serving.pipeline import Request, Response, respond, respond_to_control
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.machines import Machine

Status = Literal["in", "out", "lost"]


class Book(msgspec.Struct, forbid_unknown_fields=True):
    """A book."""

    id: double.UuidText
    title: double.Label
    status: Status = "in"
    binding: Literal["hard", "soft"] | None = None


class World(double.World):
    """The books of a library."""

    books: double.Table[Book]


def rule(id: str, status: int, **more: Any) -> double.Rule:
    return double.Rule(
        id=id, sentence="…", **({"basis": "documented", "source": "the page", "statuses": (status,)} | more)
    )


UNKNOWN = rule("book.unknown", 404)
STATE = rule("book.state", 409, basis="assumed")
DUE = rule("loan.due", 400, kind="domain", measures=(Measure("seconds"),))
ANY_DAY = DUE.clause("any-day", "…")
SHELVES = double.Rule(id="book.shelves", sentence="…", basis="documented", source="the page")
BY_TITLE = SHELVES.clause("by-title", "…")
NOTE = rule("loan.note", 400, kind="format")
WEEKS = rule("loan.weeks", 400, kind="format")
HOUR = rule("loan.hour", 400, kind="format")
ORDER = double.Rule(
    id="book.order", sentence="…", basis="assumed", source="the page", pervasive="every list has an order"
)
MOVES: dict[tuple[str, str], Status] = {("in", "lend"): "out", ("out", "return"): "in", ("out", "lose"): "lost"}


class Loan(msgspec.Struct, frozen=True):
    """A loan to begin."""

    due: double.Instant
    weeks: Annotated[int, field("How long.", rule=WEEKS, ge=1, le=8)] | UnsetType = UNSET
    note: Annotated[str, field("For the reader.", rule=NOTE, max_length=5)] | UnsetType = UNSET
    hour: (
        Annotated[
            str,
            field(
                "When.",
                rule=HOUR,
                pattern="^(09|1[0-7]):[0-5][0-9]$|^18:00$",
                extra={"x-hint": "must be 09:00 to 18:00", "x-minimum": "09:00", "x-maximum": "18:00"},
            ),
        ]
        | UnsetType
    ) = UNSET


class Page(msgspec.Struct, frozen=True):
    """Which books to list."""

    limit: Annotated[int, field("How many.", ge=1, le=3)] | UnsetType = UNSET


def find(world: World, call: Call[Any, Any]) -> Book:
    call.trace.weigh(UNKNOWN)
    return world.books.get(call.id) or UNKNOWN.refuse("There is no such book")


@operation("GET", "/books", tag="Books", permissions=("read",), follows=(SHELVES,))
def list_books(world: World, _call: Call[Page, NoBody]) -> list[Book]:
    """List the books"""
    return [book for book in world.books if book.status != "lost"]


@operation("GET", "/books/{id}", tag="Books", permissions=("read",), refuses=(UNKNOWN,))
def get_book(world: World, call: Call[NoQuery, NoBody]) -> Book:
    """Get a book"""
    return find(world, call)


@operation("POST", "/books/{id}/loan", tag="Books", status=201, permissions=("lend",), refuses=(UNKNOWN, STATE, DUE))
def lend_book(world: World, call: Call[NoQuery, Loan]) -> Book:
    """Lend a book"""
    book = find(world, call)
    call.trace.try_move("book", book.status, "lend")
    call.trace.weigh(STATE)
    if (book.status, "lend") not in MOVES:
        STATE.refuse("The book is out")
    due = double.parse_instant(call.body.due)
    call.trace.weigh(DUE, (due - world.now).total_seconds())
    if due <= world.now:
        DUE.refuse("due must be in the future")
    if due.isoweekday() > 5:
        call.trace.lean_on(ANY_DAY)
    book.status = "out"
    world.agenda.add(due, double.Event("book.returned", book.id, automatic=True))
    return book


@operation("POST", "/broken", tag="Books")
def break_down(_world: World, call: Call[NoQuery, NoBody]) -> Book:
    """Raise"""
    call.trace.weigh(STATE)
    raise ZeroDivisionError


def moving(move: str, **more: Any) -> double.EventType:
    def happen(_world: World, book: Book, _details: dict[str, Any]) -> dict[str, Any]:
        if (book.status, move) not in MOVES:
            double.EVENT_STATE.refuse(f"The book is {book.status}")
        book.status = MOVES[book.status, move]
        return {}

    return double.EventType(section="books", target="book_id", target_type=str, happen=happen, move=move, **more)


class Copy(msgspec.Struct, frozen=True):
    """What a copy adds."""

    copy_id: str


def copy(world: World, book: Book, _details: dict[str, Any]) -> dict[str, Any]:
    made = Book(world.ids.next_uuid("book"), book.title)
    world.books.add(made)
    return {"copy_id": made.id}


FIRST: Final = "0b5e3c1a-7c1f-4f7b-9d0e-1a2b3c4d5e6f"
SECOND: Final = "1b5e3c1a-7c1f-4f7b-9d0e-1a2b3c4d5e6f"
LIBRARY = double.Double(
    double.ApiInfo("Library", "1", "Books.", base="/api/v1", keyed=True, tags={"Books": "Books."}),
    operations=(list_books, get_book, lend_book, break_down),
    rules=(UNKNOWN, STATE, DUE, ANY_DAY, NOTE, WEEKS, HOUR, ORDER, SHELVES, BY_TITLE),
    world=World,
    sections=[
        double.Section(name="books", record=Book, noun="book", counted=True, ids="book", written=double.Written())
    ],
    machines=[
        Machine(
            noun="book",
            states=("in", "out", "lost"),
            moves=("lend", "return", "lose"),
            table=MOVES,
            clients={"lend": "lend_book"},
        )
    ],
    events={
        "book.returned": moving("return"),
        "book.lost": moving("lose", shown_by=("list_books",), hides=True),
        "book.copied": double.EventType(
            section="books", target="book_id", target_type=str, happen=copy, outcome=Copy, shown_by=("get_book",)
        ),
    },
    next_steps=lambda: double.NextSteps(
        steps={"book.unknown refused": "get('nothing')", "loan.due at": "lend(now)", "book.order": "list()"},
        calls={"get_book": "get('first')"},
        injecting="inject",
        unmeetable={"book lost: lose": "nobody reports a lost book", "loan.due below": "for a test"},
    ),
    fixture={
        "title": "Two books",
        "start": "2030-01-01T09:00:00Z",
        "personas": {"full": {"permissions": ["read", "lend"]}, "reader": {"permissions": ["read"]}},
        "books": [{"id": FIRST, "title": "One", "binding": "hard"}, {"id": SECOND, "title": "Two"}],
    },
)
API = Api.of(LIBRARY.contract)
CONTROL = Api.of(LIBRARY.control)
TUESDAY, WEDNESDAY, SATURDAY = "2030-01-01T09:00:00Z", "2030-01-02T09:00:00Z", "2030-01-05T09:00:00Z"
"""The world's beginning, and the days after it."""


class Library:
    """Calls the double, and looks at the coverage."""

    def __init__(self, *, collects: bool = True) -> None:
        coverage = Coverage(API, LIBRARY.domain)
        self.worlds = Worlds(
            LIBRARY.domain,
            lambda _name: LIBRARY.fixture,
            ["default"],
            mode="frozen",
            coverage=coverage if collects else None,
        )
        self.coverage = coverage

    def __call__(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        key: str = "sbx_mine",
        test: str | None = None,
        fault: str | None = None,
    ) -> Response:
        headers = [] if test is None else [(b"x-sandbox-test", test.encode())]
        path, _, query = path.partition("?")
        sent = b"" if body is None else json.dumps(body).encode()
        request = Request(method, path, query.encode(), key, "application/json", sent, fault, headers=headers)
        control = path.startswith("/_sandbox")
        return respond_to_control(CONTROL, self.worlds, request) if control else respond(API, self.worlds, request)

    def get(self, id: str = FIRST, **options: Any) -> Response:
        return self("GET", f"/api/v1/books/{id}", **options)

    def all(self, query: str = "", **options: Any) -> Response:
        return self("GET", f"/api/v1/books{query}", **options)

    def lend(self, id: str = FIRST, due: str = WEDNESDAY, **options: Any) -> Response:
        more = {name: options.pop(name) for name in ("weeks", "note", "hour") if name in options}
        return self("POST", f"/api/v1/books/{id}/loan", {"due": due} | more, **options)

    def happen(self, type: str, book: str = FIRST, **options: Any) -> Response:
        return self("POST", "/_sandbox/worlds/mine/events", {"type": type, "book_id": book}, **options)

    def report(self, **options: Any) -> CoverageReport:
        return make_report(self.coverage.items, self.coverage.collected(), **options)

    def entry(self, id: str) -> Entry:
        """How an item was met, whether its operation was called or not."""
        report = self.report(scope=self.coverage.items.operations)
        return next(entry for axis in report.axes.values() for entry in axis.list if entry.id == id)

    def met(self, axis: AxisName) -> list[str]:
        return [entry.id for entry in self.report().axes[axis].list if entry.met]

    def counts(self, *ids: str) -> list[int]:
        return [self.entry(id).count for id in ids]
