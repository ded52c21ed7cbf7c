"""Probes of the kind ``responses``: responses vary as the contract allows, and the client should get on with them.

A field is added, a value is null, a list comes reversed, something happens in more parts. Successes with JSON vary,
those of one operation at a time and in one respect; no variation contradicts the document.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar, Final
from urllib.parse import parse_qsl

import msgspec

from aniva_sandbox.engine.contract.api import Endpoint
from aniva_sandbox.engine.contract.checks import followed
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.evidence.probes.change import Again, Change, Context, Judgement
from aniva_sandbox.engine.evidence.probes.held_events import read_events
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.report import KindName
from aniva_sandbox.engine.evidence.probes.rule_change import is_probed, why_void
from aniva_sandbox.engine.evidence.probes.run import Run, SeenCall
from aniva_sandbox.engine.json_paths import change_at, schema_places
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.domain import Variation
from aniva_sandbox.engine.world.state import World

__all__ = ["plan"]

_ADDED: Final[Mapping[str, Mapping[str, Any]]] = {
    "plain": {"added_later": "later"},
    "nested": {"added_later_too": {"since": "later", "parts": [{"number": 1}]}},
}
"""Fields that no API has yet."""
_EVERYWHERE: Final = "every-object+fields"
_TELLING: Final = 5
"""The number of characters that a text needs to be recognized within another, such as the date in an instant."""
_Edit = Callable[[Any], Any]


def plan(clean: Run, context: Context) -> list[Change]:
    """The changes that a clean run gives reason to."""
    calls: dict[str, list[SeenCall]] = {}
    for call in clean.calls:
        if _varies(call):
            calls.setdefault(call.operation, []).append(call)
    probing = context.domain.probing()
    sent = _sent(clean.calls)
    additions: list[_Addition] = []
    others: list[_Edited] = []
    for id, endpoint in context.api.endpoints.items():
        seen = calls.get(id, [])
        unordered = sorted(path for operation, path in probing.unordered if operation == id)
        varied = (
            *(_null(endpoint, path, sent) for path in probing.nullable.get(id, ())),
            *(_reversal(endpoint, path) for path in unordered),
        )
        additions += (each for each in _additions(endpoint, seen) if any(map(each.concerns, seen)))
        others += (each for each in varied if any(map(each.concerns, seen)))
    everywhere = _AddedEverywhere(additions)
    return [*([everywhere] if additions else []), *additions, *others, *_variations(clean, context)]


def _varies(call: SeenCall) -> bool:
    """Whether the client read a success with JSON."""
    is_success = is_probed(call) and call.status < 300 and call.request.method != "HEAD"
    return is_success and isinstance(call.value, dict | list)


class _Varied(Change):
    """A variation that a client should get on with."""

    kind: ClassVar[KindName] = "responses"

    def __init__(self, id: str, title: str, *, operation: str, is_value: bool = False) -> None:
        """``title`` is what happens to the client, as a clause. ``is_value`` says that a test which fails because of it
        may well have fixed the value."""
        super().__init__(id, title, operation=operation)
        self._is_value = is_value

    def judge(self, clean: Run, changed: Run, again: Again) -> Judgement:  # noqa: ARG002
        """Brittle if the test does not pass. A run in which no response differs says nothing."""
        known = {(call.operation, call.ordinal): call.value for call in clean.calls}
        shows = any(call.value != known.get((call.operation, call.ordinal)) for call in changed.calls if _varies(call))
        if changed.limit == "waits":
            return Judgement(is_void=True, sentence="the client waited for longer than a probe does")
        if reason := why_void(changed, shows=shows):
            return Judgement(is_void=True, sentence=reason)
        if changed.outcome == "passed":
            return Judgement()
        sentence = f"{self.title}: {_end(changed)}"
        if self._is_value and changed.is_assertion:
            return Judgement(note="fixed-value", sentence=sentence)
        return Judgement(verdict="brittle", sentence=sentence)


def _end(run: Run) -> str:
    """How a run ended that did not pass."""
    if run.limit:
        return "the client did not come to an end"
    which = "the test" if run.is_assertion else "the client"
    error = run.error.rstrip(": ")
    return f"{which} failed with {error}" if error else f"{which} failed"


# Bodies


class _Edited(_Varied):
    """All successes of an operation have another body."""

    def __init__(self, id: str, title: str, *, endpoint: Endpoint, edit: _Edit, is_value: bool = False) -> None:
        super().__init__(f"{endpoint.id}:{id}", title, operation=endpoint.id, is_value=is_value)
        self._endpoint = endpoint
        self.edit = edit

    def concerns(self, call: SeenCall) -> bool:
        """Whether a response can vary so: it is another then, and the document allows it."""
        value = self.edit(call.value)
        return value != call.value and self._endpoint.mismatch(call.status, value, (), self._endpoint.headers) is None

    def probe(self) -> Probe:
        """Edits the responses."""
        return _Editor({self.operation: self.edit})


class _Addition(_Edited):
    """One more field in the objects at a path."""

    everywhere: "_AddedEverywhere"
    nested: "_Addition | None" = None
    """That of a field with parts in the place of a plain one."""

    def is_covered(self, run: Run) -> bool:
        """Whether more fields everywhere are nothing to the client, or a plain one here is too much already."""
        return (run.outcome == "passed") is (self.covered_by == _EVERYWHERE)

    def judge(self, clean: Run, changed: Run, again: Again) -> Judgement:
        """Brittle if the test does not pass, nor with more fields everywhere: where it does, it compares one response
        with another, and the field would be in both."""
        judgement = super().judge(clean, changed, again)
        if judgement.verdict is None:
            return judgement
        runs = judgement.runs
        if self.everywhere.passes is None:
            self.everywhere.judge(clean, again(self.everywhere.probe(), None), again)
            runs += 1
        if self.everywhere.passes:
            return Judgement(runs=runs)
        if self.nested is not None:
            self.nested.covered_by = self.id
        return msgspec.structs.replace(judgement, runs=runs)


class _AddedEverywhere(_Varied):
    """All additions at once: a client that gets on with them gets on with each. Which one is too much, only a run with
    one alone says."""

    passes: bool | None = None
    """Whether the test passes under it; None until it has run."""

    def __init__(self, additions: Iterable[_Addition]) -> None:
        super().__init__(_EVERYWHERE, "each object has more fields", operation="")
        self._edits: dict[str, list[_Edit]] = {}
        for each in additions:
            each.everywhere = self
            self._edits.setdefault(each.operation, []).append(each.edit)

    def probe(self) -> Probe:
        """Edits all responses."""
        return _Editor({operation: _all(edits) for operation, edits in self._edits.items()})

    def judge(self, clean: Run, changed: Run, again: Again) -> Judgement:
        """Never a verdict."""
        self.passes = changed.outcome == "passed"
        return Judgement(is_void=super().judge(clean, changed, again).is_void)


def _all(edits: Iterable[_Edit]) -> _Edit:
    def edit(value: Any) -> Any:
        for each in edits:
            value = each(value)
        return value

    return edit


class _Editor(Probe):
    """Edits the bodies of successes, by operation."""

    def __init__(self, edits: Mapping[str, _Edit]) -> None:
        super().__init__()
        self._edits = edits

    def change_outcome(self, endpoint: Endpoint, request: Request, outcome: Outcome, trace: Trace) -> Outcome:  # noqa: ARG002
        """The outcome with another body, if the document allows it."""
        edit = self._edits.get(endpoint.id)
        if edit is None or not 200 <= outcome.status < 300 or not isinstance(outcome.value, dict | list):
            return outcome
        value = edit(outcome.value)
        if endpoint.mismatch(outcome.status, value, (), outcome.headers, outcome.media_type) is not None:
            return outcome
        return msgspec.structs.replace(outcome, value=value)


def _additions(endpoint: Endpoint, calls: Iterable[SeenCall]) -> Iterator[_Addition]:
    """In each object, a field that the document does not have."""
    statuses = dict.fromkeys(call.status for call in calls)
    schemas = (endpoint.success_schemas[status] for status in statuses if status in endpoint.success_schemas)
    for path in dict.fromkeys(path for schema in schemas for path in _objects(schema, endpoint.schemas)):
        plain, nested = (_addition(endpoint, path, kind) for kind in _ADDED)
        plain.nested = nested
        yield from (plain, nested)


def _addition(endpoint: Endpoint, path: str, kind: str) -> _Addition:
    def add(part: Any) -> Any:
        return {**part, **_ADDED[kind]} if isinstance(part, dict) else part

    change = _Addition(
        f"{path}+{kind}",
        f"{endpoint.id} returned one more field{_inside(path)}, with a {kind} value",
        endpoint=endpoint,
        edit=lambda whole: change_at(whole, path, add),
    )
    change.covered_by = _EVERYWHERE
    return change


def _objects(schema: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    """The paths of the objects in a schema that have fields; those that have only keys are left out."""
    for place in schema_places(schema, schemas):
        options = (followed(part, schemas) for part in (place.schema, *place.schema.get("anyOf", ())))
        if any("properties" in option for option in options):
            yield place.path


def _null(endpoint: Endpoint, path: str, sent: frozenset[str]) -> _Edited:
    """Null in the place of what the test did not send itself, nor what it was made from."""
    long = tuple(text for text in sent if len(text) >= _TELLING)

    def clear(part: Any) -> Any:
        is_sent = any(text in sent or any(map(text.__contains__, long)) for text in _texts(part))
        return part if is_sent else None

    return _Edited(
        f"{_short(path)}=null",
        f"{endpoint.id} returned {_named(path)} null{_each(path, 'in')}, which the document allows",
        endpoint=endpoint,
        edit=lambda whole: change_at(whole, path, clear),
        is_value=True,
    )


def _reversal(endpoint: Endpoint, path: str) -> _Edited:
    """A list in another order."""

    def turn(part: Any) -> Any:
        return part[::-1] if isinstance(part, list) else part

    return _Edited(
        f"{_short(path)}-reversed",
        f"{endpoint.id} returned {_named(path) or 'its list'} in reverse order{_each(path, 'in')}, and no order is "
        "documented",
        endpoint=endpoint,
        edit=lambda whole: change_at(whole, path, turn),
    )


def _short(path: str) -> str:
    return path.removeprefix("$.")


def _named(path: str) -> str:
    """A path without what leads to each entry of a list."""
    return path.removeprefix("$").removeprefix("[]").removeprefix(".")


def _each(path: str, preposition: str) -> str:
    return f" {preposition} each entry" if path.startswith("$[]") else ""


def _inside(path: str) -> str:
    name = _named(path)
    return f" in {name}{_each(path, 'of')}" if name else _each(path, "in")


def _sent(calls: Iterable[SeenCall]) -> frozenset[str]:
    """All values that requests held, as texts."""
    found: set[str] = set()
    for call in calls:
        found.update(call.values)
        found.update(value for _, value in parse_qsl(call.request.query.decode("latin-1")))
        with suppress(msgspec.DecodeError):
            found.update(_texts(msgspec.json.decode(call.request.body or b"null")))
    return frozenset(found)


def _texts(value: Any) -> Iterator[str]:
    """The texts and numbers in a plain value, as they may be sent in a query."""
    pending = [value]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            pending += part.values()
        elif isinstance(part, list):
            pending += part
        elif isinstance(part, float) and part.is_integer():
            yield str(int(part))
        elif part is not None and not isinstance(part, bool):
            yield str(part)


# What happens


def _variations(clean: Run, context: Context) -> Iterator[Change]:
    """Other ways of the API's side, where what they vary happened by itself and was read."""
    varied = context.domain.probing().vary
    if not varied:
        return
    read = read_events(clean.calls, context)
    automatic = {each.event.type for call in clean.calls for each in call.happened if each.event.automatic}
    for id, variation in varied.items():
        if variation.event in read and variation.event in automatic:
            yield _Happening(id, variation, read[variation.event])


class _Happening(_Varied):
    """Another way in which something happens."""

    def __init__(self, id: str, variation: Variation, operation: str) -> None:
        super().__init__(id, variation.sentence, operation=operation)
        self._variation = variation

    def probe(self) -> Probe:
        """Varies what happens."""
        return _Varier(self._variation)


class _Varier(Probe):
    """Lets things happen in another way."""

    def __init__(self, variation: Variation) -> None:
        super().__init__()
        self._variation = variation

    def settle(self, world: World) -> None:
        """Bring the world to where it is by now."""
        super().settle(world)
        self._variation.apply(world, world.now)

    def holds_back(self, world: World, event: Event) -> bool:
        """Never; what is to happen finds the record as it is without the variation."""
        self._variation.undo(world, event)
        return super().holds_back(world, event)
