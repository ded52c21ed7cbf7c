"""Hints on a call: unknown and deprecated fields, a + that became a space, and ids of the wrong kind."""

from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cache
from itertools import chain, islice, pairwise, repeat
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from aniva_sandbox.engine.contract.api import Endpoint
from aniva_sandbox.engine.contract.pluses import PLUS, find_pluses
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.trace import Hint, Trace
from aniva_sandbox.engine.texts import suggest
from aniva_sandbox.engine.world.state import World

__all__ = ["find_hints"]

_MISTAKES: Final = frozenset({400, 403, 404})
"""Statuses of calls that may contain a mistake."""


def find_hints(
    trace: Trace, world: World, endpoint: Endpoint, values: list[str], request: Request, status: int
) -> tuple[Hint, ...]:
    """Possible mistakes in the path parameters, the query and the body of a request, as they were sent. Empty for a
    call whose trace and status give no reason to look for any: a query is read again if it leans on a rule that
    refuses others."""
    query, body = request.query, request.body
    if not (
        status in _MISTAKES
        or trace.unknown_fields
        or trace.deprecated_fields
        or endpoint.is_deprecated
        or (query and (b"+" in query or any(rule.statuses for rule in trace.leaned_on)))
    ):
        return ()
    queried = parse_qsl(query.decode("latin-1"), keep_blank_values=True) if query else []
    decoded = _decoded(body) if body and endpoint.body_fields else {}
    hints = [Hint("", f"{endpoint.id} is deprecated")] if endpoint.is_deprecated else []
    ids = list(zip(repeat(_IN_PATH), _path_nouns(endpoint.path), values)) if values else []
    if queried or decoded:
        names = dict.fromkeys(name for name, _ in queried)
        ignored = chain(
            _unknown("the query parameter", names, endpoint.query_fields, endpoint.id),
            _unknown("the field", decoded, endpoint.body_fields, endpoint.id),
        )
        hints += islice(ignored, _MOST)
        hints += _deprecated(names, endpoint.query_fields)
        hints += _pluses(query, endpoint.query_fields)
        hints += _deprecated(decoded, endpoint.body_fields)
        ids += dict.fromkeys(_ids(queried, decoded, world.domain.known_ids))
    if ids:
        hints += _misplaced(ids, world)
    return tuple(dict.fromkeys(hints))[:_MOST] if hints else ()


def _misplaced(ids: Iterable[tuple[str, str, str]], world: World) -> list[Hint]:
    """The ids that are known, but of something else than was expected."""
    hints = []
    known = list(world.known)
    for noun, find in world.domain.further_ids.items():
        known.append((noun, find(world)))
    for place, expected, id in ids:
        lower, first = id.lower(), None
        is_lower = id == lower
        for noun, those in known:
            if id in those or (not is_lower and lower in those):
                if noun == expected:
                    break
                first = first or noun
        else:
            if first is not None:
                text = f"{place}: {id} is the id of {_a(first)}; the id of {_a(expected)} was expected"
                hints.append(Hint("" if place == _IN_PATH else place, text))
    return hints


_IN_PATH: Final = "the path"
_MOST: Final = 20
"""The maximum number of hints; a body may contain any number of mistakes."""
_LOOKED_AT: Final = 64 * 1024
"""Fields with more bytes are not searched for ids."""
_LONGEST: Final = 64
"""The most characters of a name that a hint shows."""


def _decoded(body: bytes) -> dict[str, msgspec.Raw]:
    """The fields of a body, with raw JSON values; empty if it is not a JSON object."""
    try:
        return _FIELDS.decode(body)
    except (ValueError, RecursionError):
        return {}


_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _texts(field: msgspec.Raw) -> list[str]:
    """The strings in a field: its value, or the items of its list."""
    if len(field) > _LOOKED_AT:
        return []
    try:
        value = msgspec.json.decode(field)
    except (ValueError, RecursionError):
        return []
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _deprecated(names: Iterable[str], known: Mapping[str, Any]) -> list[Hint]:
    return [
        Hint(name, f"{name} is deprecated: {known[name].get('description', '')}".rstrip(": "))
        for name in names
        if known.get(name, {}).get("deprecated")
    ]


def _pluses(query: bytes, parameters: Mapping[str, Any]) -> list[Hint]:
    """The parameters that contain a space although their schema does not allow one."""
    return [
        Hint(name, f"{name}: {PLUS}")
        for name in find_pluses(query, parameters)
        if parameters[name]["schema"].get("x-spaces") is False
    ]


def _unknown(what: str, names: Iterable[str], known: Mapping[str, Any], operation: str) -> Iterator[Hint]:
    for name in names:
        if name not in known:
            then = suggest(name, known) or f"; known names: {', '.join(known) or 'none'}"
            yield Hint(_shown(name)[1:-1], f"{what} {_shown(name)} is not read by {operation}{then}")


def _ids(
    queried: list[tuple[str, str]], decoded: Mapping[str, msgspec.Raw], nouns: Container[str]
) -> Iterator[tuple[str, str, str]]:
    """The ids that were sent: place, expected noun, and id."""
    sent: list[tuple[str, str | msgspec.Raw]] = [*queried, *decoded.items()]
    for name, value in sent:
        noun = name.removesuffix("_slug").removesuffix("s").removesuffix("_id").replace("_", " ")
        if noun in nouns:
            for id in [value] if isinstance(value, str) else _texts(value):
                yield name, noun, id


@cache
def _path_nouns(path: str) -> list[str]:
    """The noun of each parameter of a path, taken from the segment before it."""
    segments = path.split("/")
    return [before.removesuffix("s") for before, segment in pairwise(segments) if segment.startswith("{")]


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _shown(name: str) -> str:
    """A name sent by the client, shortened, on one line."""
    return repr(name[:_LONGEST])
