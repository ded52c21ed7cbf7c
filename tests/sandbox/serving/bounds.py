"""Sends every operation of both documents about a MiB of everything that is wrong, and prints what each request cost.

``python -m tests.sandbox.serving.bounds SET BYTES...`` writes one JSON line per request, for one size after the other;
a set is ``all``, ``requests``, ``lists`` or ``events``. Needs Linux, which reports the peak of a process's memory.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from aniva_sandbox.engine.serving.pipeline import Request, respond, respond_to_control
from aniva_sandbox.engine.world.events import settle
from tests.sandbox.serving.test_hostile import TARGETS, WORLD, Target
from tests.support import APPOINTMENT, CONTROL, DRAWN_APPOINTMENT, PARTNER, new_worlds

QUERY = 60 * 1024
ESCAPE = "\\u00e9"


Sent = tuple[Target, str, bytes, bytes]
"""An operation, what it is sent in words, the query and the body."""


class Cost(NamedTuple):
    """What a request cost: bytes, seconds of the processor, and the bytes by which the process grew."""

    operation: str
    shape: str
    sent: int
    status: int
    received: int
    seconds: float
    grown: int


def many(item: str | Callable[[int], str], opening: str = "[", closing: str = "]") -> Callable[[int], str]:
    """A list, or an object, of as many items as there is room for."""

    def shape(size: int) -> str:
        if isinstance(item, str):
            return f"{opening}{','.join([item] * ((size - 2) // (len(item) + 1)))}{closing}"
        parts, room = [], size - 2
        for number in count():
            text = item(number)
            room -= len(text) + 1
            if room < 0:
                break
            parts.append(text)
        return f"{opening}{','.join(parts)}{closing}"

    return shape


def members(item: Callable[[int], str]) -> Callable[[int], str]:
    return many(item, "{", "}")


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


VALUES: dict[str, Callable[[int], str]] = {
    "equal numbers": many("1"),
    "numbers": many(str),
    "nulls": many("null"),
    "fractions": many(lambda n: f"{n}.5"),
    "equal texts": many('"a"'),
    "texts": many(lambda n: f'"a{n}"'),
    "unknown ids": many(lambda n: f'"c9f3e2a1-7d6b-4c5e-b3a2-{n:012}"'),
    "equal ids": many(f'"{APPOINTMENT}"'),
    "shipments": many(lambda n: f'"P{n:010}"'),
    "empty objects": many("{}"),
    "empty lists": many("[]"),
    "objects": many(lambda n: f'{{"id":"a{n}","x":[]}}'),
    "unknown names": members(lambda n: f'"name{n}":1'),
    "numeric names": members(lambda n: f'"{n}":1'),
    "names of texts": members(lambda n: f'"{n}":"a"'),
    "one long name": lambda size: f'{{"{"a" * (size - 10)}":1}}',
    "long names": members(lambda n: f'"{n:050000}":1'),
    "too deep": lambda size: nested(size // 2),
    "deep": many(nested(300)),
    "one text": lambda size: f'"{"a" * (size - 2)}"',
    "an address": lambda size: f'"{"a" * (size - 7)}@b.de"',
    "an instant": lambda size: f'"2026-06-01T10:00:00.{"0" * (size - 23)}Z"',
    "letters": lambda size: f'"{"é" * (size // 2 - 2)}"',
    "escapes": lambda size: f'"{ESCAPE * (size // 6 - 2)}"',
    "nul": lambda size: f'"{chr(92)}u0000{"a" * (size - 10)}"',
    "nuls": many(r'"\u0000"'),
    "digits": lambda size: "9" * size,
    "a path": lambda size: f'"/api/v1/appointments/{"a" * (size - 30)}"',
}
"""Values of a field, by what they are."""
BODIES: dict[str, Callable[[int], str]] = {
    "unknown fields": members(lambda n: f'"name{n}":1'),
    "fields with NUL": members(lambda n: f'"\\u0000{n}":1'),
    "texts with NUL": members(lambda n: f'"n{n}":"\\u0000"'),
    "a name twice": members(lambda n: f'"name{n // 2}":1'),
    "one name": members(lambda _n: '"name":1'),
    "torn": lambda size: many("1")(size)[:-1],
}
"""Whole bodies that know no field."""
QUERIES: dict[str, Callable[[str, int], str]] = {
    "one parameter": lambda name, size: f"{name}={'a' * size}",
    "repeated": lambda name, size: "&".join([f"{name}=a"] * (size // (len(name) + 3))),
    "NULs": lambda name, size: "&".join([f"{name}=%00"] * (size // (len(name) + 5))),
    "unknown": lambda _name, size: "&".join(f"n{n}={n}" for n in range(size // 12)),
    "blanks": lambda _name, size: "&" * size,
    "percents": lambda name, size: f"{name}={'%41' * (size // 3)}",
}


LISTS = {"panel_ids", "shipment_ids", "biomarker_ids", "values", "profile_groups"}
NOTES = {"description", "examples", "default"}


def fields(target: Target) -> dict[str, Any]:
    """The fields of an operation's body, each with its schema."""
    api = PARTNER if target.partner else CONTROL
    endpoint, _ = api.route(target.method, target.path)
    return endpoint.body_fields


def parameters(target: Target) -> dict[str, Any]:
    """The query parameters of an operation, each with its schema; where it has none, one that is unknown."""
    api = PARTNER if target.partner else CONTROL
    endpoint, _ = api.route(target.method, target.path)
    return {name: endpoint.query_fields[name]["schema"] for name in target.parameters} or {"x": None}


def requests(size: int, *, each_field: bool = False) -> Iterator[Sent]:
    """Every operation with all that is wrong, in each field and parameter, or in one of those with the same schema."""
    seen: set[tuple[bool, str, str]] = set()

    def is_new(target: Target, place: str, schema: Any) -> bool:
        plain = {key: part for key, part in (schema or {}).items() if key not in NOTES}
        kind = target.partner, place, json.dumps(plain)
        known = kind in seen
        seen.add(kind)
        return each_field or not known

    values = {name: shape(size) for name, shape in VALUES.items()}
    bodies = {name: shape(size).encode() for name, shape in BODIES.items()}
    for target in TARGETS:
        shown = target.body or {}
        if target.reads_body:
            for name, body in bodies.items():
                yield target, name, b"", body
            for field, schema in fields(target).items():
                if is_new(target, "body", schema):
                    yield from with_field(target, field, values)
        for parameter, schema in parameters(target).items():
            if not is_new(target, "query", schema):
                continue
            for name, query in QUERIES.items():
                body = json.dumps(shown).encode() if target.reads_body else b""
                yield target, f"?{parameter}: {name}", query(parameter, min(size, QUERY)).encode(), body


def with_field(target: Target, field: str, values: dict[str, str]) -> Iterator[Sent]:
    """An operation with each of these values in a field of its body."""
    rest = json.dumps({key: part for key, part in (target.body or {}).items() if key != field})
    more = f"{',' * (rest != '{}')}{rest[1:]}"
    for name, value in values.items():
        yield target, f"{field}: {name}", b"", f'{{"{field}":{value}{more}'.encode()


def lists(size: int) -> Iterator[Sent]:
    """Fields that may hold many things, each in one of the operations with its name. What is wrong takes turns: each
    field has every second value, and each value is in every second field."""
    values = [(name, shape(size)) for name, shape in VALUES.items()]
    seen = set()
    for target in TARGETS:
        if not target.reads_body:
            continue
        for field in fields(target):
            if field in LISTS and field not in seen:
                yield from with_field(target, field, dict(values[len(seen) % 2 :: 2]))
                seen.add(field)


def events(size: int) -> Iterator[Sent]:
    """Events that laboratories make: of results that there are, and of such as may come one day."""
    target = next(each for each in TARGETS if each.method == "POST" and each.path.endswith("/events"))
    values = {name: shape(size) for name, shape in VALUES.items()}
    for type, later in (("lab.corrected", ""), ("lab.results_arrived", '"time":"2027-01-01T00:00:00Z",')):
        for field in ("values", "biomarker_ids"):
            for name, value in values.items():
                body = f'{{"type":"{type}","appointment_id":"{DRAWN_APPOINTMENT}",{later}"{field}":{value}}}'
                yield target, f"{type} {later}{field}: {name}", b"", body.encode()


def grown() -> int:
    """The peak of the process's memory since it was last asked for, in bytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return peak


def resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096


def measured(chosen: Iterable[Sent]) -> Iterator[Cost]:
    """What each request costs, one after the other, in a world of its own for each operation."""
    worlds = new_worlds()
    earlier = None
    for target, shape, query, body in chosen:
        if target != earlier:
            settle(worlds.create(WORLD))
            earlier = target
        request = Request(target.method, target.path, query, f"sbx_{WORLD}", "application/json", body)
        answer = respond if target.partner else respond_to_control
        before = resident()
        grown()
        began = time.process_time()
        answered = answer(PARTNER if target.partner else CONTROL, worlds, request)
        seconds = time.process_time() - began
        yield Cost(
            f"{target.method} {target.path}",
            shape,
            len(query) + len(body),
            answered.status,
            len(answered.body),
            seconds,
            grown() - before,
        )


if __name__ == "__main__":
    sets = {"all": partial(requests, each_field=True), "requests": requests, "lists": lists, "events": events}
    for size in map(int, sys.argv[2:]):
        for cost in measured(sets[sys.argv[1]](size)):
            sys.stdout.write(f"{json.dumps(cost._asdict() | {'size': size})}\n")
