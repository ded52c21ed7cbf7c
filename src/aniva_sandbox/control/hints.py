"""Hints on a call: what was sent that nobody reads, what is deprecated, and ids of another kind than was expected."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import chain, islice
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from aniva_sandbox.contract.api import Endpoint
from aniva_sandbox.world.world import World

__all__ = ["Hints", "find_hints"]


class Hints(NamedTuple):
    """The hints, and whether there is one about a field that the operation does not know."""

    texts: tuple[str, ...]
    unknown_field: bool


_KINDS: Final[Mapping[str, Callable[[World, str], object]]] = {
    "appointment": lambda world, given: world.appointments.get(given),
    "profile": lambda world, given: world.profiles.get(given),
    "location": lambda world, given: world.locations.get(given),
    "shipment": lambda world, given: world.shipments.get(given),
    "document": lambda world, given: world.documents.get(given),
    "panel": lambda world, given: world.catalogue.panels.get(given.lower()),
    "profile group": lambda world, given: any(
        given.lower() in (group.id, group.slug) for group in world.profile_groups.values()
    ),
}
"""Where things of each kind are found by their id."""


def find_hints(world: World, endpoint: Endpoint, values: list[str], query: bytes, body: bytes | None) -> Hints:
    """What a developer would want to be told of a call: its path's parameters, query and body, as they came in."""
    queried = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    try:
        decoded = msgspec.json.decode(body or b"{}")
    except (ValueError, RecursionError):
        decoded = {}
    if not isinstance(decoded, dict) or not endpoint.body_fields:
        decoded = {}
    query_names = dict.fromkeys(name for name, _ in queried)
    unknown_names = chain(
        _unknown("the query parameter", query_names, endpoint.query_fields, endpoint.id),
        _unknown("the field", decoded, endpoint.body_fields, endpoint.id),
    )
    unknown = list(islice(unknown_names, _MOST))
    texts = chain(
        [f"{endpoint.id} is deprecated"] if endpoint.is_deprecated else [],
        unknown,
        _deprecated(query_names, endpoint.query_fields),
        _deprecated(decoded, endpoint.body_fields),
        _of_another_kind(world, _ids(endpoint, values, queried, decoded)),
    )
    return Hints(tuple(islice(dict.fromkeys(texts), _MOST)), bool(unknown))


_MOST: Final = 20
"""So many hints at most: bodies may hold any number of mistakes."""
_LONGEST: Final = 64
"""A name that is longer is shown cut, and nothing is near it."""


def _deprecated(names: Iterable[str], known: Mapping[str, Any]) -> Iterator[str]:
    return (f"{name} is deprecated" for name in names if known.get(name, {}).get("deprecated"))


def _of_another_kind(world: World, ids: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    for place, expected, id in ids:
        kinds = [kind for kind, holds in _KINDS.items() if holds(world, id)]
        if kinds and expected not in kinds:
            yield f"{place}: {id} is the id of {_a(kinds[0])}; that of {_a(expected)} was expected"


def _unknown(what: str, names: Iterable[str], known: Mapping[str, Any], operation: str) -> Iterator[str]:
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1) if len(name) <= _LONGEST else []
            then = f"did you mean {near[0]}?" if near else f"there are {', '.join(known) or 'none'}"
            yield f"{what} {_shown(name)} is not read by {operation}; {then}"


def _ids(
    endpoint: Endpoint, values: list[str], queried: list[tuple[str, str]], decoded: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """Every id of a call: where it stands, which kind is expected there, and the id."""
    before = ""
    remaining = iter(values)
    for segment in endpoint.path.split("/"):
        if segment.startswith("{"):
            yield "the path", before.removesuffix("s"), next(remaining, "")
        before = segment
    for name, value in [*queried, *decoded.items()]:
        kind = name.removesuffix("_slug").removesuffix("s").removesuffix("_id").replace("_", " ")
        if kind in _KINDS:
            for id in value if isinstance(value, list) else [value]:
                if isinstance(id, str):
                    yield name, kind, id


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _shown(name: str) -> str:
    """A name that somebody made up, short and in one line."""
    return repr(name[:_LONGEST])
