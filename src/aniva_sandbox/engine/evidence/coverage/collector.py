"""The collector: it finds the items that each call met in the call's trace."""

from collections import defaultdict
from functools import lru_cache
from typing import Final

from aniva_sandbox.engine.contract.api import Api, Endpoint
from aniva_sandbox.engine.contract.ground_rules import (
    AUTH_KEY,
    HTTP_METHOD,
    HTTP_NOT_FOUND,
    HTTP_TOO_LARGE,
)
from aniva_sandbox.engine.contract.outcomes import UNFINISHED, Outcome
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.trace import Distance, Trace
from aniva_sandbox.engine.evidence.coverage.collected import Collected, Side
from aniva_sandbox.engine.evidence.coverage.items import (
    SIDES,
    Items,
    fault_id,
    is_refusing,
    measured_id,
    passed_id,
    read_id,
    refused_id,
    response_id,
    shown_words,
    tried_id,
)
from aniva_sandbox.engine.evidence.coverage.report import CoverageReport
from aniva_sandbox.engine.evidence.coverage.reporting import make_report
from aniva_sandbox.engine.evidence.coverage.unread import Unread, created_ids
from aniva_sandbox.engine.evidence.coverage.words import Words
from aniva_sandbox.engine.evidence.coverage.written import WrittenWorld, read_collected, write_collected
from aniva_sandbox.engine.world.agenda import Event, Happened
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.state import World

__all__ = ["HEADER", "NAME_KEPT", "WORLDS_KEPT", "Coverage"]

HEADER: Final = "X-Sandbox-Test"
"""In a request, the name of the test that sends it."""
NAME_KEPT: Final = 200
"""The number of characters kept of the name of a test."""
WORLDS_KEPT: Final = 1000
"""The number of worlds that a prefix can select: those that were used first are merged."""
_HEADER: Final = HEADER.lower().encode()


class _Book:
    """What one test met in one world, as it is collected."""

    def __init__(self, test: str) -> None:
        self.test = test
        self.counts: defaultdict[str, int] = defaultdict(int)
        self.closest: dict[str, float] = {}
        self.by: dict[str, set[Side]] = {}

    def close(self, collected: Collected) -> None:
        """Add everything to what was collected before."""
        for id, count in self.counts.items():
            met = collected.entry(id)
            met.count += count
            if self.test:
                met.name(self.test)
            if id in self.closest:
                met.measure(self.closest[id])
            if id in self.by:
                met.by |= self.by[id]


class _World:
    """What was collected in one world."""

    def __init__(self) -> None:
        self.collected = Collected()
        self.book = _Book("")
        self.unread: Unread | None = None

    def settle(self) -> None:
        """Add what the open book holds to what was collected. When that is done makes no difference."""
        self.book.close(self.collected)
        self.book = _Book(self.book.test)

    def open(self, test: str) -> _Book:
        """The book of a test."""
        if self.book.test != test:
            self.book.close(self.collected)
            self.book = _Book(test)
        return self.book


class _Steps:
    """The items of one operation's calls that need no trace."""

    def __init__(self, endpoint: Endpoint, words: dict[int, Words]) -> None:
        self.responses = {status: response_id(endpoint.id, status) for status in endpoint.statuses}
        self.words = words
        rules = [HTTP_NOT_FOUND, HTTP_METHOD, AUTH_KEY]
        if endpoint.permissions:
            rules.append(endpoint.permission_rule)
        if endpoint.takes_body:
            rules.append(HTTP_TOO_LARGE)
        ids = [passed_id(rule.id) for rule in rules]
        self.passed = tuple(ids)
        """The rules that are judged before the operation's own."""
        self.passed_before = {rule.id: tuple(ids[:place]) for place, rule in enumerate(rules)}
        """Those before the one that refused."""


class Coverage:
    """What the calls to a server met. It is given each call, and each event that happens in a world."""

    def __init__(self, api: Api, domain: Domain) -> None:
        self.items = Items(api, domain)
        words = shown_words(api)
        self._steps = {id: _Steps(endpoint, words.get(id, {})) for id, endpoint in api.endpoints.items()}
        rules = [rule for rule in api.ledger if is_refusing(rule)]
        self._passed = {rule.id: passed_id(rule.id) for rule in rules}
        self._refused = {rule.id: refused_id(rule.id) for rule in rules}
        self._unsettled = {rule.id for rule in api.ledger if not rule.is_settled}
        nouns = {section.name: section.noun for section in domain.sections}
        self._moves = {name: (nouns[type.section], type.move) for name, type in domain.events.items() if type.move}
        self._created = created_ids(domain)
        everything = frozenset(self.items.operations)
        self._shown_by = {type: self.items.by_id[read_id(type)].operations or everything for type in domain.events}
        self._worlds: dict[str, _World] = {}
        self._others = Collected()
        self._tests: dict[str, str] = {}
        self._sent: str | None = None
        """The test that the current call names."""

    def name_world(self, world: str, test: str) -> None:
        """Name the test of all later calls to a world, except those that name a test themselves. The empty name is the
        world of calls that reach none."""
        self._tests.pop(world, None)
        self._tests[world] = test
        if len(self._tests) > WORLDS_KEPT:
            del self._tests[next(iter(self._tests))]

    def name_world_for(self, world: str, request: Request) -> None:
        """Name the test of all later calls to a world, if a request to the control plane has the header."""
        self._sent = None
        test = _named(request)
        if test is not None:
            self.name_world(world, test)

    def begin(self, request: Request) -> Trace:
        """The trace of a call that begins."""
        self._sent = _named(request)
        return Trace(collects=True)

    def note(
        self,
        world: World | None,
        endpoint: Endpoint | None,
        values: list[str],
        request: Request,
        outcome: Outcome,
        trace: Trace,
        faults: tuple[str, ...],
    ) -> None:
        """Note what a call met. ``values`` are the parameters of its path, ``faults`` the kinds of injected effects:
        such a call met nothing else."""
        name = world.name if world is not None else ""
        kept, book = self._open(name)
        self._sent = None
        counts = book.counts
        if faults:
            if endpoint is not None:
                for kind in faults:
                    counts[fault_id(endpoint.id, kind)] += 1
            return
        status, refused = outcome.status, outcome.rules
        if status in UNFINISHED or (refused and refused[0].basis == "sandbox"):
            return
        for rule in trace.leaned_on:
            if rule.id in self._unsettled:
                counts[rule.id] += 1
        if endpoint is None:
            self._note_refusals(outcome, counts)
            if refused and refused[0] is HTTP_METHOD:
                counts[self._passed[HTTP_NOT_FOUND.id]] += 1
            return
        steps = self._steps[endpoint.id]
        id = steps.responses.get(status)
        if id is not None:
            counts[id] += 1
        passed = steps.passed
        if refused:
            self._note_refusals(outcome, counts)
            passed = steps.passed_before.get(refused[0].id, passed)
        for id in passed:
            counts[id] += 1
        if trace.weighed:
            weighed = {rule.id for rule in trace.weighed}
            if refused:
                weighed -= {rule.id for rule in refused}
            for name in weighed:
                id = self._passed.get(name)
                if id is not None:
                    counts[id] += 1
        if trace.distances:
            _note_distances(book, trace.distances)
        for tried in set(trace.tried):
            id = tried_id(tried.machine, tried.state, tried.move)
            counts[id] += 1
            book.by.setdefault(id, set()).add("client")
        if 200 <= status < 300 and request.method != "HEAD":
            words = steps.words.get(status)
            if words is not None:
                found: set[str] = set()
                words.find(outcome.value, found)
                for id in found:
                    counts[id] += 1
            if kept.unread and world is not None and request.method == "GET":
                self._note_reads(kept.unread, world, endpoint.id, values, outcome, book)

    def note_attempt(self, world: World, type: str, state: str) -> None:
        """An event that moves a record with states was tried on one in this state."""
        _, book = self._open(world.name)
        id = tried_id(self._moves[type][0], state, self._moves[type][1])
        book.counts[id] += 1
        book.by.setdefault(id, set()).add("api")

    def note_event(self, world: World, event: Event) -> None:
        """An event happened."""
        kept, _ = self._open(world.name)
        if kept.unread is None:
            kept.unread = Unread(world.history)
        kept.unread.follow(world.history)
        kept.unread.add(event, world.now, self._created[event.type], hides=world.domain.events[event.type].hides)

    def collected(self, prefix: str = "") -> Collected:
        """All that was collected in the worlds whose names begin so. Without a prefix, that includes calls that reached
        no world."""
        found = Collected()
        if not prefix:
            found.add(self._others)
        for name, kept in self._worlds.items():
            if name.startswith(prefix):
                kept.settle()
                found.add(kept.collected)
        return found

    def report(self, prefix: str = "") -> CoverageReport:
        """The report on what was collected in the worlds whose names begin so."""
        return make_report(self.items, self.collected(prefix))

    def written(self, world: str, history: list[Happened] | None) -> WrittenWorld | None:
        """What was collected in a world, and the test named for its later calls; None for nothing. ``history`` is that
        of the world, None if it does not exist."""
        kept, test = self._worlds.get(world), self._tests.get(world)
        if kept is None:
            return None if test is None else WrittenWorld(test)
        kept.settle()
        unread = kept.unread.by_id() if kept.unread is not None else []
        is_followed = bool(unread) and kept.unread is not None and kept.unread.follows(history)
        written = WrittenWorld(test, write_collected(kept.collected), unread, is_followed)
        return None if written == WrittenWorld() else written

    def take_back(self, world: str, written: WrittenWorld | None, history: list[Happened] | None) -> None:
        """Collect on in a world from what was written, in place of what was collected here. ``history`` is that of the
        world, None if it does not exist."""
        self.forget(world)
        self._tests.pop(world, None)
        if written is None:
            return
        if written.test is not None:
            self.name_world(world, written.test)
        if written.met or written.unread:
            kept, _ = self._open(world)
            kept.collected = read_collected(written.met)
            if written.unread:
                followed = history if written.is_followed and history is not None else []
                kept.unread = Unread(followed, written.unread)

    def forget(self, world: str) -> None:
        """Forget what was collected in a world; the test named for its later calls stays."""
        self._worlds.pop(world, None)

    def clear(self) -> None:
        """Forget everything that was collected; tests keep their worlds."""
        self._worlds.clear()
        self._others = Collected()

    def _open(self, world: str) -> tuple[_World, _Book]:
        """What was collected in a world, and the book of the test that uses it now."""
        kept = self._worlds.get(world)
        if kept is None:
            kept = self._worlds[world] = _World()
            if len(self._worlds) > WORLDS_KEPT:
                oldest = self._worlds.pop(next(iter(self._worlds)))
                oldest.book.close(oldest.collected)
                self._others.add(oldest.collected)
        test = self._sent
        if test is None:
            test = self._tests.get(world, "")
        return kept, kept.book if kept.book.test == test else kept.open(test)

    def _note_refusals(self, outcome: Outcome, counts: defaultdict[str, int]) -> None:
        for rule in outcome.rules:
            id = self._refused.get(rule.id)
            if id is not None:
                counts[id] += 1
            if rule.id in self._unsettled:
                counts[rule.id] += 1

    def _note_reads(
        self, unread: Unread, world: World, operation: str, values: list[str], outcome: Outcome, book: _Book
    ) -> None:
        unread.follow(world.history)
        for type in unread.take(operation, self._shown_by, values, outcome.value):
            book.counts[read_id(type)] += 1


def _note_distances(book: _Book, distances: tuple[Distance, ...]) -> None:
    found: dict[str, float] = {}
    for distance in distances:
        value = distance.value
        id = measured_id(distance.rule, distance.measure, SIDES[(value >= 0) + (value > 0)])
        if id not in found or abs(value) < abs(found[id]):
            found[id] = value
    for id, value in found.items():
        book.counts[id] += 1
        known = book.closest.get(id)
        if known is None or abs(value) < abs(known):
            book.closest[id] = value


def _named(request: Request) -> str | None:
    """The test that a request names."""
    for name, value in request.headers:
        if name == _HEADER:
            return _printable(value)
    return None


@lru_cache(maxsize=256)  # a test sends many requests
def _printable(name: bytes) -> str | None:
    try:
        text = name.decode()
    except UnicodeDecodeError:
        text = name.decode("latin-1")
    return "".join(each if each.isprintable() else "?" for each in text[:NAME_KEPT]).strip() or None
