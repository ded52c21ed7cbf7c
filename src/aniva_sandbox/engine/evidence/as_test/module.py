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
from aniva_sandbox.engine.evidence.as_test.chosen import needed_for, steps_of
from aniva_sandbox.engine.evidence.as_test.ids import Place, WorldIds, json_of
from aniva_sandbox.engine.evidence.as_test.python import Code, call, code_of, literal, with_names, write
from aniva_sandbox.engine.evidence.headers import name_rules, write_time
from aniva_sandbox.engine.evidence.journal import Exchange, effects_on, is_readable, why_not_whole
from aniva_sandbox.engine.evidence.secrets import HIDDEN, hide_in_json, hide_in_path, hide_in_query, hide_in_text
from aniva_sandbox.engine.faults.record import HEADER, Effects
from aniva_sandbox.engine.texts import listed
from aniva_sandbox.engine.world.agenda import Happened
from aniva_sandbox.engine.world.state import World

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
        self._exchanges = exchanges
        self._steps = list(steps_of(exchanges, world, ids, concerned))
        self._name = world.domain.test_fixture
        self._variables: dict[str, str] = {}
        """The variables of ids, as far as the test has come."""
        self._names: dict[str, int] = {}
        """The variables, with the number that was tried last for one of this name."""
        self._last_named = {text: place for place, step in enumerate(self._steps) for text in self._named_by(step)}
        """The last step that names each text."""
        self._start = world.began or exchanges[0].time
        self._now = self._start
        self._happened = ids.past
        self._loses = False

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
            lines += _comment("The world was restored from a snapshot: restore it here, or other records are met.")
        for place, block in enumerate(blocks):
            lines += [*([""] if place else []), *block]
        return "\n".join(lines) + "\n"

    def _title(self) -> str:
        last = self._exchanges[-1]
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
        settings = {name: value for name, value in msgspec.to_builtins(world.settings).items() if value != usual[name]}
        if settings:
            given["settings"] = settings
        arguments = {name: code_of(value, {}) for name, value in given.items()}
        return call(f"@pytest.mark.{self._name}", **arguments)

    def _block(self, place: int, step: Exchange | Happened) -> Iterator[str]:
        """The lines for a call or an event."""
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
        yield from self._passed(step.time, always=self._world.clock.mode == "frozen" or step.happened > self._happened)
        self._happened = step.happened
        yield from self._call(place, step)

    def _passed(self, time: datetime, *, always: bool) -> Iterator[str]:
        """The line that lets time pass."""
        if time > self._now and (always or time - self._now >= _NOTICED):
            self._now = time
            yield f'    {self._name}.clock.travel_to("{write_time(time)}")'

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
        if _loses(exchange):
            self._loses = True
            yield "    with pytest.raises(httpx2.TransportError):"
            yield from write("        ", sent, indent=8)
            return
        yield from write("    response = ", sent)
        yield f"    assert response.status_code == {exchange.response.status}"
        rules = exchange.trace.refused_by
        if rules:
            yield from _checked_rules(name_rules(rules))
        for id, at in self._wanted(place, self._ids.in_response(exchange)).items():
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
        effects = _kept(effects_on(exchange))
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
        return {
            id: at for id, at in shown.items() if self._last_named.get(id, -1) > place and id not in self._variables
        }

    def _named_by(self, step: Exchange | Happened) -> Iterable[str]:
        return (step.event.target,) if isinstance(step, Happened) else self._ids.used_by(step)

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
            value is not None and bool(msgspec.json.decode(msgspec.json.encode(value)) == value) and b"\0" not in body
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


def _loses(exchange: Exchange) -> bool:
    """Whether the client gets no response, or only the beginning of one."""
    effects = effects_on(exchange)
    if exchange.response.status is None:
        return True
    return effects is not None and not is_readable(exchange) and _breaks(effects) and exchange.response.size > 0


def _breaks(effects: Effects) -> bool:
    return "malformed" not in msgspec.to_builtins(effects)


def _kept(effects: Effects | None) -> str:
    """The effects of a fault that a test needs: not those that only take time."""
    fields = msgspec.to_builtins(effects) if effects is not None else {}
    return str(Effects(**{name: value for name, value in fields.items() if not name.endswith("_ms")}))


def _at(place: Place) -> str:
    return "".join(f"[{literal(part) if isinstance(part, str) else part}]" for part in place)


def _comment(text: str) -> Iterable[str]:
    return [f"    # {line}" for line in wrap(text, _LINE - 2, break_long_words=False, break_on_hyphens=False)]
