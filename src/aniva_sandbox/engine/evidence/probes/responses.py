"""Probes of the kind ``responses``: responses vary as the contract allows, and the client should get on with them.

A field is added, a value is null, a list comes reversed, something happens in more parts. Successes with JSON vary,
those of one operation at a time and in one respect; no variation contradicts the document.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
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
from aniva_sandbox.engine.evidence.probes.rule_change import is_defect, is_probed
from aniva_sandbox.engine.evidence.probes.run import Run, SeenCall
from aniva_sandbox.engine.json_paths import change_at, schema_places
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.domain import Variation
from aniva_sandbox.engine.world.state import World

__all__ = ["plan"]

_ADDED: Final = "added_later"
"""The name of a field that no API has yet."""
_ADDITIONS: Final[Mapping[str, Any]] = {"plain": "later", "nested": {"since": "later", "parts": [{"number": 1}]}}
_Edit = Callable[[Any], Any]


def plan(clean: Run, context: Context) -> list[Change]:
    """The changes that a clean run gives reason to."""
    calls: dict[str, list[SeenCall]] = {}
    for call in clean.calls:
        if _varies(call):
            calls.setdefault(call.operation, []).append(call)
    probing = context.domain.probing()
    sent = _sent(clean.calls)
    changes: list[Change] = []
    for id, endpoint in context.api.endpoints.items():
        seen = calls.get(id, [])
        unordered = sorted(path for operation, path in probing.unordered if operation == id)
        candidates = [
            *_additions(endpoint, seen),
            *(_null(endpoint, path, sent) for path in probing.nullable.get(id, ())),
            *(_reversal(endpoint, path) for path in unordered),
        ]
        changes += (change for change in candidates if any(change.concerns(call) for call in seen))
    return [*changes, *_variations(clean, context)]


def _varies(call: SeenCall) -> bool:
    """Whether the client read a success with JSON."""
    is_success = is_probed(call) and call.status < 300 and call.request.method != "HEAD"
    return is_success and isinstance(call.value, dict | list)


class _Varied(Change):
    """A variation that a client should get on with."""

    kind: ClassVar[KindName] = "responses"

    def __init__(self, id: str, title: str, *, operation: str, is_value: bool = False) -> None:
        """``title`` is a clause in the present. ``is_value`` says that a test which fails because of it may well have
        fixed the value."""
        super().__init__(id, title, operation=operation)
        self._is_value = is_value

    def judge(self, clean: Run, changed: Run, again: Again) -> Judgement:  # noqa: ARG002
        """Brittle if the test does not pass. A run in which no response differs says nothing."""
        known = {(call.operation, call.ordinal): call.value for call in clean.calls}
        shows = any(call.value != known.get((call.operation, call.ordinal)) for call in changed.calls if _varies(call))
        is_cut = changed.outcome == "skipped" or changed.limit == "waits"
        if is_cut or not shows or any(map(is_defect, changed.calls)):
            return Judgement(is_void=True, sentence="the variation did not show in the run")
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
        self._edit = edit

    def concerns(self, call: SeenCall) -> bool:
        """Whether a response can vary so: it is another then, and the document allows it."""
        value = self._edit(call.value)
        return value != call.value and self._endpoint.mismatch(call.status, value, (), self._endpoint.headers) is None

    def probe(self) -> Probe:
        """Edits the responses."""
        return _Editor(self.operation, self._edit)


class _AddedNested(_Edited):
    """A field with parts. Who fails because of a plain one fails because of this one, too."""

    def is_covered(self, run: Run) -> bool:
        """Whether the plain one was too much."""
        return run.outcome != "passed"


class _Editor(Probe):
    """Edits the bodies of an operation's successes."""

    def __init__(self, operation: str, edit: _Edit) -> None:
        super().__init__()
        self._operation = operation
        self._edit = edit

    def change_outcome(self, endpoint: Endpoint, request: Request, outcome: Outcome, trace: Trace) -> Outcome:  # noqa: ARG002
        """The outcome with another body, if the document allows it."""
        is_edited = endpoint.id == self._operation and 200 <= outcome.status < 300
        if not is_edited or not isinstance(outcome.value, dict | list):
            return outcome
        value = self._edit(outcome.value)
        if endpoint.mismatch(outcome.status, value, (), outcome.headers, outcome.media_type) is not None:
            return outcome
        return msgspec.structs.replace(outcome, value=value)


def _additions(endpoint: Endpoint, calls: Iterable[SeenCall]) -> Iterator[_Edited]:
    """In each object, a field that the document does not have."""
    statuses = dict.fromkeys(call.status for call in calls)
    schemas = (endpoint.success_schemas[status] for status in statuses if status in endpoint.success_schemas)
    for path in dict.fromkeys(path for schema in schemas for path in _objects(schema, endpoint.schemas)):
        for kind, value in _ADDITIONS.items():
            change = (_AddedNested if kind == "nested" else _Edited)(
                f"{path}+{kind}",
                f"{endpoint.id} returned one more field{_inside(path)}, with a {kind} value",
                endpoint=endpoint,
                edit=_adding(path, value),
            )
            if kind == "nested":
                change.covered_by = f"{endpoint.id}:{path}+plain"
            yield change


def _objects(schema: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    """The paths of the objects in a schema that have fields; those that have only keys are left out."""
    for place in schema_places(schema, schemas):
        options = (followed(part, schemas) for part in (place.schema, *place.schema.get("anyOf", ())))
        if any("properties" in option for option in options):
            yield place.path


def _adding(path: str, value: Any) -> _Edit:
    def add(part: Any) -> Any:
        return part | {_ADDED: value} if isinstance(part, dict) else part

    return lambda whole: change_at(whole, path, add)


def _null(endpoint: Endpoint, path: str, sent: frozenset[str]) -> _Edited:
    """Null in the place of what the test did not send itself."""

    def clear(part: Any) -> Any:
        return part if _text(part) in sent else None

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
        try:
            pending = [msgspec.json.decode(call.request.body or b"null")]
        except msgspec.DecodeError:
            continue
        while pending:
            part = pending.pop()
            found.add(_text(part))
            if isinstance(part, dict):
                pending += part.values()
            elif isinstance(part, list):
                pending += part
    return frozenset(found)


def _text(value: Any) -> str:
    """A value as it may be sent in a query or in JSON."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


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
