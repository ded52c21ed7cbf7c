"""A module with one test that makes the calls of a journal against a fresh world."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from keyword import iskeyword
from re import sub
from textwrap import wrap
from typing import Any, Final

import msgspec

from aniva_sandbox.engine.contract.bodies import JSON_TYPE
from aniva_sandbox.engine.contract.ground_rules import KEY_HEADER
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.evidence.as_test.chosen import Step, needed_for, steps_of
from aniva_sandbox.engine.evidence.as_test.ids import Place, WorldIds, json_of
from aniva_sandbox.engine.evidence.as_test.python import Code, call, code_of, literal, with_names, write
from aniva_sandbox.engine.evidence.headers import name_rules, write_time
from aniva_sandbox.engine.evidence.journal import Exchange, effects_on, is_cut_off, why_not_whole
from aniva_sandbox.engine.evidence.secrets import (
    HIDDEN,
    hide_in_json,
    hide_in_path,
    hide_in_query,
    hide_in_text,
    repeats_name,
)
from aniva_sandbox.engine.faults.record import HEADER, Effects
from aniva_sandbox.engine.texts import listed
from aniva_sandbox.engine.world.agenda import Happened
from aniva_sandbox.engine.world.state import SettingsChange, World

__all__ = ["write_test"]

_METHODS: Final = {"GET": "get", "HEAD": "head", "POST": "post", "PUT": "put", "PATCH": "patch", "DELETE": "delete"}
_BODILESS: Final = ("get", "head", "delete")
"""The methods of clients that send no body."""
_RULE: Final = 'response.headers["X-Sandbox-Rule"]'
_NOTICED: Final = timedelta(minutes=1)
"""Under a running clock, time that passes between calls is left out until it is that much, or something happens."""
_LINE: Final = 84


def write_test(world: World, fixture: str, exchanges: Sequence[Exchange], *, alone: bool = False) -> str:
    """The module. ``fixture`` is the name of what the world begins from. With ``alone``, of the one exchange given also
    those before it that it needs."""
    ids = WorldIds(world)
    concerned: Collection[str] | None = None
    if alone:
        exchanges, concerned = needed_for(exchanges[-1], world, ids)
    return _Module(world, fixture, ids, exchanges, concerned).text()


class _Module:
    def __init__(
        self,
        world: World,
        fixture: str,
        ids: WorldIds,
        exchanges: Sequence[Exchange],
        concerned: Collection[str] | None,
    ) -> None:
        self._world = world
        self._fixture = fixture
        self._ids = ids
        self._lost = [each for each in exchanges if each.number <= world.start.recorded]
        self._exchanges = exchanges = [each for each in exchanges if each.number > world.start.recorded]
        self._steps = list(steps_of(exchanges, world, ids, concerned))
        self._named = {text: place for place, step in enumerate(self._steps) for text in self._named_by(step)}
        """The texts that steps name, each with the place of the last."""
        self._name = world.domain.test_fixture
        self._variables: dict[str, str] = {}
        """The variables of ids, as far as the test has come."""
        self._names: dict[str, int] = {}
        """The variables, with the number that was tried last for one of this name."""
        self._absent = self._shown_before(exchanges)
        self._start = world.began or exchanges[0].time
        self._now = self._start
        self._happened = world.start.happened
        self._settings: Any = msgspec.to_builtins(world.start.settings)
        self._loses = False

    def _shown_before(self, exchanges: Sequence[Exchange]) -> set[str]:
        """The ids that a call that the test does not make showed before any that it makes: what they belong to may not
        be where the test would look for it."""
        chosen = {each.number for each in exchanges if not why_not_whole(each)}
        shown: set[str] = set()
        absent: set[str] = set()
        for exchange in self._world.journal:
            ids = self._ids.in_response(exchange).keys() - shown
            shown |= ids
            if exchange.number not in chosen:
                absent |= ids
        return absent

    def text(self) -> str:
        """The whole module."""
        blocks = [block for place, step in enumerate(self._steps) if (block := list(self._block(place, step)))]
        lines = [*(["import httpx2"] if self._loses else []), "import pytest", "", ""]
        lines += write("", self._marker(), indent=0)
        lines += [f"def {self._title()}({self._name}):"]
        doc = wrap(f"{_numbered(self._exchanges)} of the world {self._world.name}.", _LINE - 6)
        lines += [f'    """{doc[0]}', *(f"    {line}" for line in doc[1:])]
        lines[-1] += '"""' if len(doc) == 1 else ""
        lines += [] if len(doc) == 1 else ['    """']
        if self._world.began is None:
            verbs = "are left out, which were" if len(self._lost) > 1 else "is left out, which was"
            lost = f" {_numbered(self._lost)} {verbs} before that." if self._lost else ""
            lines += _comment(
                f"The world was restored from a snapshot: restore it here, or other records are met.{lost}"
            )
        for place, block in enumerate(blocks):
            lines += [*([""] if place else []), *block]
        return "\n".join(lines) + "\n"

    def _title(self) -> str:
        last = next(each for each in reversed(self._exchanges) if not why_not_whole(each))
        words = sub(r"\W+", "_", last.trace.operation or "call").strip("_")
        return f"test_{words}{'_is_refused' if last.trace.refused_by else ''}"

    def _marker(self) -> Code:
        world = self._world
        given: dict[str, Any] = {}
        if self._fixture != "default":
            given["world"] = self._fixture
        given["clock"] = write_time(self._start)
        if world.seed is not None and world.ids.seed != _own_seed(world):
            given["seed"] = world.ids.seed
        usual = msgspec.to_builtins(world.beginning.settings)
        settings = _changed(usual, msgspec.to_builtins(world.start.settings))
        if settings:
            given["settings"] = settings
        arguments = {name: code_of(value, {}) for name, value in given.items()}
        return call(f"@pytest.mark.{self._name}", **arguments)

    def _block(self, place: int, step: Step) -> Iterator[str]:
        """The lines for a call, an event or a change of settings."""
        if isinstance(step, SettingsChange):
            yield from self._passed(step.time, always=True)
            yield from self._change(step)
            return
        if isinstance(step, Happened):
            yield from self._passed(step.time, always=True)
            yield from self._event(place, step)
            return
        reason = why_not_whole(step)
        if reason:
            yield from _comment(
                f"Call {step.number} ({step.request.method} {_shown_path(step)}) is left out: {reason}."
            )
            return
        yield from self._passed(step.time, always=self._needs_time(step))
        self._happened = step.happened
        yield from self._call(place, step)

    def _needs_time(self, exchange: Exchange) -> bool:
        """Whether the least of the time that passed before a call may decide on what it comes to."""
        return (
            self._world.clock.mode == "frozen"
            or exchange.happened > self._happened
            or exchange.time.replace(minute=0, second=0) > self._now
            or _is_close(exchange.trace)
        )

    def _passed(self, time: datetime, *, always: bool) -> Iterator[str]:
        """The line that lets time pass."""
        if time > self._now and (always or time - self._now >= _NOTICED):
            self._now = time
            yield f'    {self._name}.clock.travel_to("{write_time(time)}")'

    def _change(self, change: SettingsChange) -> Iterator[str]:
        settings = msgspec.to_builtins(change.settings)
        path = Code(f'f"/_sandbox/worlds/{{{self._name}.world}}/settings"')
        changed = code_of(_changed(self._settings, settings), {})
        self._settings = settings
        yield from write("    response = ", call(f"{self._name}.client.patch", path, json=changed))
        yield "    assert response.status_code == 200"

    def _event(self, place: int, happened: Happened) -> Iterator[str]:
        event = happened.event
        kind = self._world.domain.events[event.type]
        details = {name: event.details[name] for name in kind.details.__struct_fields__ if name in event.details}
        about = msgspec.to_builtins({kind.target: event.target, **details})
        brought = self._wanted(place, self._ids.in_event(happened))
        arguments = {name: code_of(value, self._variables) for name, value in about.items()}
        lead = "    happened = " if brought else "    "
        yield from write(lead, call(f"{self._name}.happen", Code(literal(event.type)), **arguments))
        for id, at in brought.items():
            yield f"    {self._variable(id)} = happened{_at(at)}"

    def _call(self, place: int, exchange: Exchange) -> Iterator[str]:
        notes, sent = self._request(exchange)
        for note in notes:
            yield from _comment(note)
        if is_cut_off(exchange):
            self._loses = True
            yield "    with pytest.raises(httpx2.TransportError):"
            yield from write("        ", sent, indent=8)
            return
        yield from write("    response = ", sent)
        yield f"    assert response.status_code == {exchange.response.status}"
        rules = exchange.trace.refused_by
        if rules:
            yield from _checked_rules(name_rules(rules))
        shown = self._ids.in_response(exchange)
        for id, at in self._wanted(place, {id: shown[id] for id in shown if id not in self._absent}).items():
            yield f"    {self._variable(id)} = response.json(){_at(at)}"

    def _request(self, exchange: Exchange) -> tuple[list[str], Code]:
        """The call of the client, and what to note before it."""
        request, persona = exchange.request, exchange.trace.persona
        notes: list[str] = []
        named: dict[str, Code] = {}
        query: dict[str, Any] = {}
        for name, value in hide_in_query(request.query):
            query[name] = [*_list_of(query[name]), value] if name in query else value
        if query:
            named["params"] = code_of(query, self._variables)
        headers: dict[str, Code] = {}
        is_hidden = HIDDEN in str(query) or _shown_path(exchange) != request.path
        if request.body:
            is_hidden |= self._add_body(exchange, named, headers)
        if persona is not None and persona != "full":
            headers[KEY_HEADER] = call(f"{self._name}.key", Code(literal(persona)))
        effects, waits = _kept(effects_on(exchange))
        if waits:
            notes.append(f"The fault {waits} is left out: it only takes time.")
        if effects:
            headers[HEADER] = Code(literal(effects))
        if headers:
            pairs = tuple((f"{literal(name)}: ", each) for name, each in headers.items())
            named["headers"] = Code("{", pairs, "}")
        if is_hidden:
            notes.append(f"The journal hides what was sent where it says {HIDDEN}: put a value of yours there.")
        unknown = sorted(self._ids.made_in(exchange) - self._variables.keys())
        if unknown:
            notes.append(f"No response in this test shows {listed(unknown)}, which a fresh world may not have.")
        method = _METHODS.get(request.method, "")
        path = Code(with_names(_with_slashes(_shown_path(exchange)), self._variables))
        if not method or (method in _BODILESS and named.keys() & {"json", "content"}):
            return notes, call(f"{self._name}.client.request", Code(literal(request.method)), path, **named)
        return notes, call(f"{self._name}.client.{method}", path, **named)

    def _add_body(self, exchange: Exchange, named: dict[str, Code], headers: dict[str, Code]) -> bool:
        """Add the body to the arguments of a call. Returns whether something in it is hidden."""
        request = exchange.request
        value = json_of(request.body)
        if request.type is not None and JSON_TYPE.fullmatch(request.type.lower()) and _is_plain(request.body, value):
            shown = hide_in_json(value)
            named["json"] = code_of(shown, self._variables)
            return bool(shown != value)
        text = request.body.decode(errors="replace")
        hidden = hide_in_text(text) != text
        named["content"] = Code(literal(HIDDEN.encode() if hidden else request.body))
        if request.type is not None:
            headers["content-type"] = Code(literal(request.type))
        return hidden

    def _wanted(self, place: int, shown: dict[str, Place]) -> dict[str, Place]:
        """The ids among those shown that a later step names, and that have no variable yet."""
        return {id: at for id, at in shown.items() if self._named.get(id, -1) > place and id not in self._variables}

    def _named_by(self, step: Step) -> Collection[str]:
        """The texts among which are the ids that a step names."""
        if isinstance(step, Exchange):
            return self._ids.used_by(step)
        return (step.event.target,) if isinstance(step, Happened) else ()

    def _variable(self, id: str) -> str:
        """A new variable for an id."""
        base = sub(r"\W+", "_", self._ids.noun_of(id) or "id").strip("_").lower() or "id"
        if iskeyword(base) or base in ("response", "happened", "pytest", "httpx2", self._name) or base[0].isdigit():
            base = f"{base}_id" if base[0].isalpha() else f"id_{base}"
        name, number = base, self._names.get(base, 1)
        while name in self._names:
            number += 1
            name = f"{base}_{number}"
        self._names[base] = number
        self._names.setdefault(name, 1)
        self._variables[id] = name
        return name


def _numbered(exchanges: Sequence[Exchange]) -> str:
    """The numbers of exchanges, in words."""
    runs: list[list[int]] = []
    for exchange in exchanges:
        if runs and exchange.number == runs[-1][-1] + 1:
            runs[-1].append(exchange.number)
        else:
            runs.append([exchange.number])
    parts = [part for run in runs for part in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else map(str, run))]
    words = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    return f"Call{'s' * (len(exchanges) > 1)} {words}"


def _own_seed(world: World) -> int:
    """The seed of worlds with the same beginning, if none is chosen."""
    return world.beginning.state("frozen", world.began, None, None).ids.seed


def _is_plain(body: bytes, value: Any) -> bool:
    """Whether a client that is given the value sends what was sent."""
    try:
        return (
            value is not None
            and bool(msgspec.json.decode(msgspec.json.encode(value)) == value)
            and b"\0" not in body
            and not repeats_name(body.decode())
        )
    except (ValueError, RecursionError):
        return False


def _shown_path(exchange: Exchange) -> str:
    return hide_in_path(exchange.request.path)


def _with_slashes(path: str) -> Iterator[str]:
    """The segments of a path, and what is between them."""
    for place, segment in enumerate(path.split("/")):
        if place:
            yield "/"
        yield segment


def _list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _checked_rules(rules: str) -> Iterator[str]:
    """The lines that check the rules of a refusal."""
    flat = f"    assert {_RULE} == {literal(rules)}"
    if len(flat) <= _LINE + 4:
        yield flat
    elif "," not in rules:
        yield f"    rule = {_RULE}"
        yield f"    assert rule == {literal(rules)}"
    else:
        yield f'    rules = {_RULE}.split(", ")'
        yield from write("    assert rules == ", code_of(rules.split(", "), {}))


def _is_close(trace: Trace) -> bool:
    """Whether less time than is noticed would have brought a call to the other side of a rule."""
    timed = {
        (rule.id, each.name)
        for rule in (*trace.weighed, *trace.refused_by)
        for each in rule.measures
        if each.unit == "seconds"
    }
    return any(
        (each.rule, each.measure) in timed and abs(each.value) <= _NOTICED.total_seconds() for each in trace.distances
    )


def _kept(effects: Effects | None) -> tuple[str, str]:
    """The effects of a fault that a test needs, and those that only take time."""
    fields = msgspec.to_builtins(effects) if effects is not None else {}
    waits = {name: value for name, value in fields.items() if name.endswith("_ms")}
    return str(Effects(**{name: fields[name] for name in fields if name not in waits})), str(Effects(**waits))


def _changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The settings that are others than before."""
    return {name: value for name, value in after.items() if value != before[name]}


def _at(place: Place) -> str:
    return "".join(f"[{literal(part) if isinstance(part, str) else part}]" for part in place)


def _comment(text: str) -> Iterable[str]:
    return [f"    # {line}" for line in wrap(text, _LINE - 2, break_long_words=False, break_on_hyphens=False)]
