"""Hints on a call: what was sent that nobody reads, what is deprecated, a + that became a space, and ids of another
kind than was expected."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain, islice, pairwise
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

import msgspec

from aniva_sandbox.engine.contract.api import Endpoint
from aniva_sandbox.engine.contract.pluses import PLUS, find_pluses
from aniva_sandbox.engine.texts import suggest
from aniva_sandbox.engine.world.state import World

__all__ = ["NO_HINTS", "Hints", "find_hints"]


class Hints(NamedTuple):
    """The hints, and whether there is one about a field that the operation does not know."""

    texts: tuple[str, ...]
    unknown_field: bool


_KINDS: Final = frozenset({"appointment", "profile", "location", "shipment", "document", "panel", "profile group"})
"""The kinds of things whose ids are looked at."""


def find_hints(world: World, endpoint: Endpoint, values: list[str], query: bytes, body: bytes | None) -> Hints:
    """What a developer would want to be told of a call: its path's parameters, query and body, as they came in."""
    queried = parse_qsl(query.decode("latin-1"), keep_blank_values=True) if query else []
    decoded = _decoded(body) if body and endpoint.body_fields else {}
    texts = [f"{endpoint.id} is deprecated"] if endpoint.is_deprecated else []
    unknown: list[str] = []
    ids = [("the path", kind, id) for kind, id in zip(_path_kinds(endpoint.path), values, strict=False)]
    if queried or decoded:
        names = dict.fromkeys(name for name, _ in queried)
        ignored = chain(
            _unknown("the query parameter", names, endpoint.query_fields, endpoint.id),
            _unknown("the field", decoded, endpoint.body_fields, endpoint.id),
        )
        unknown = list(islice(ignored, _MOST))
        texts += unknown
        texts += _deprecated(names, endpoint.query_fields)
        texts += _pluses(query, endpoint.query_fields)
        texts += _deprecated(decoded, endpoint.body_fields)
        ids += dict.fromkeys(_ids(queried, decoded))
    for place, expected, id in ids:
        kinds = _kinds_of(world, id)
        if kinds and expected not in kinds:
            texts.append(f"{place}: {id} is the id of {_a(kinds[0])}; that of {_a(expected)} was expected")
    return Hints(tuple(dict.fromkeys(texts))[:_MOST], bool(unknown)) if texts else NO_HINTS


NO_HINTS: Final = Hints((), False)
"""There is nothing to tell."""


_MOST: Final = 20
"""So many hints at most: bodies may hold any number of mistakes."""
_LOOKED_AT: Final = 64 * 1024
"""Bytes of a field in which ids are looked for."""
_LONGEST: Final = 64
"""A name that is longer is cut."""


def _decoded(body: bytes) -> dict[str, msgspec.Raw]:
    """The fields of a body, each still in JSON; none where it is no JSON object."""
    try:
        return _FIELDS.decode(body)
    except (ValueError, RecursionError):
        return {}


_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _texts(field: msgspec.Raw) -> list[str]:
    """The texts of a field: itself, or those that it lists."""
    if len(field) > _LOOKED_AT:
        return []
    try:
        value = msgspec.json.decode(field)
    except (ValueError, RecursionError):
        return []
    return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]


def _deprecated(names: Iterable[str], known: Mapping[str, Any]) -> list[str]:
    return [
        f"{name} is deprecated: {known[name].get('description', '')}".rstrip(": ")
        for name in names
        if known.get(name, {}).get("deprecated")
    ]


def _pluses(query: bytes, parameters: Mapping[str, Any]) -> list[str]:
    """The parameters that hold a space and, by their schema, never should."""
    return [
        f"{name}: {PLUS}"
        for name in find_pluses(query, parameters)
        if parameters[name]["schema"].get("x-spaces") is False
    ]


def _kinds_of(world: Any, id: str) -> list[str]:
    """The kinds of which there is a thing with this id; that of a UUID, in either case of its letters."""
    if id in world.shipments:
        return ["shipment"]
    id = id.lower()
    things = (
        ("appointment", world.appointments),
        ("profile", world.profiles),
        ("location", world.locations),
        ("document", world.documents),
        ("panel", world.catalogue.panels),
        ("profile group", world.profile_groups),
    )
    kinds = [kind for kind, known in things if id in known]
    kinds += ["profile group" for group in world.profile_groups.values() if group.id == id]
    return kinds


def _unknown(what: str, names: Iterable[str], known: Mapping[str, Any], operation: str) -> Iterator[str]:
    for name in names:
        if name not in known:
            then = suggest(name, known) or f"; there are {', '.join(known) or 'none'}"
            yield f"{what} {_shown(name)} is not read by {operation}{then}"


def _ids(queried: list[tuple[str, str]], decoded: Mapping[str, msgspec.Raw]) -> Iterator[tuple[str, str, str]]:
    """The ids that were sent: where each stands, which kind is expected there, and the id."""
    sent: list[tuple[str, str | msgspec.Raw]] = [*queried, *decoded.items()]
    for name, value in sent:
        kind = name.removesuffix("_slug").removesuffix("s").removesuffix("_id").replace("_", " ")
        if kind in _KINDS:
            for id in [value] if isinstance(value, str) else _texts(value):
                yield name, kind, id


@cache
def _path_kinds(path: str) -> list[str]:
    """The kind of each parameter of a path, which is named by the segment before it."""
    segments = path.split("/")
    return [before.removesuffix("s") for before, segment in pairwise(segments) if segment.startswith("{")]


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


def _shown(name: str) -> str:
    """A name that somebody made up, short and in one line."""
    return repr(name[:_LONGEST])
