"""The ids in exchanges: which of them were created since the world began, and where they come from."""

import re
from collections.abc import Container, Iterator
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import msgspec

from aniva_sandbox.engine.evidence.journal import Exchange, is_readable
from aniva_sandbox.engine.world.agenda import Happened
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.events import settle
from aniva_sandbox.engine.world.limits import Limits
from aniva_sandbox.engine.world.snapshot import write_state
from aniva_sandbox.engine.world.state import Beginning, World

__all__ = ["Place", "WorldIds", "json_of", "path_of"]

Place = tuple[str | int, ...]
"""The keys and indices that lead to a value in JSON."""


_TEXT: Final = re.compile(r'"([^"\\]+)"')
"""A text in JSON, as ids are: without escapes."""


class WorldIds:
    """The ids in a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._shown: dict[int, dict[str, Place]] = {}
        self._used: dict[int, set[str]] = {}

    @cached_property
    def _first(self) -> "_First":
        world = self._world
        return _first(world.domain, world.beginning, world.began, world.ids.seed, world.start.settings, world.limits)

    def is_made(self, text: str) -> bool:
        """Whether a text is the id of something that was created since the world began; nobody knows that of a world
        that was restored."""
        if self._world.began is None or not self.noun_of(text) or text in self._first.texts:
            return False
        return not any(text in names for names in self._first.known)

    def noun_of(self, text: str) -> str:
        """The noun of what has this id; empty if nothing has."""
        world = self._world
        for noun, names in world.domain.known_ids.items():
            if text in names(world):
                return noun
        for section in world.domain.sections:
            table = getattr(world, section.name)
            if hasattr(table, "get") and table.get(text) is not None:
                return section.noun
        return ""

    def in_response(self, exchange: Exchange) -> dict[str, Place]:
        """The ids that a response shows and that were created since the world began, with their places. Those that the
        request sent are not among them, nor is anything in a response that the client cannot read."""
        shown = self._shown.get(exchange.number)
        if shown is None:
            sent = self.used_by(exchange) if is_readable(exchange) else set()
            body = exchange.response.body if is_readable(exchange) else b""
            shown = {id: place for id, place in self._in(json_of(body)).items() if id not in sent}
            self._shown[exchange.number] = shown
        return shown

    def made_in(self, exchange: Exchange) -> set[str]:
        """The ids that a request names and that were created since the world began."""
        return {text for text in self.used_by(exchange) if self.is_made(text)}

    def used_by(self, exchange: Exchange) -> set[str]:
        """The texts that a request sent."""
        used = self._used.get(exchange.number)
        if used is None:
            request = exchange.request
            queried = (value for _, value in parse_qsl(request.query, keep_blank_values=True))
            used = {*path_of(exchange), *queried, *(text for _, text in _texts(json_of(request.body)))}
            self._used[exchange.number] = used
        return used

    def in_event(self, happened: Happened) -> dict[str, Place]:
        """The ids that an event brought."""
        return {
            id: place for id, place in self._in(dict(happened.event.details)).items() if id != happened.event.target
        }

    def _in(self, value: Any) -> dict[str, Place]:
        found: dict[str, Place] = {}
        for place, text in _texts(value):
            names = [part for part in place if isinstance(part, str)]
            key = names[-1] if names else ""
            if key.rpartition("_")[2] in ("id", "ids") and text not in found and self.is_made(text):
                found[text] = place
        return found


class _First(msgspec.Struct, frozen=True):
    """What a world began with."""

    texts: frozenset[str]
    """All texts in it, among them its ids."""
    known: tuple[Container[str], ...]
    """The ids of items that are in no section."""


@lru_cache(maxsize=8)
def _first(
    domain: Domain, beginning: Beginning, began: datetime | None, seed: int, settings: Any, limits: Limits
) -> _First:
    """What worlds that begin like this begin with. It is kept, as a large world takes a second to begin."""
    fresh = domain.world(
        "fresh", beginning, domain, mode="frozen", start=began, seed=seed, settings=settings, limits=limits
    )
    settle(fresh)
    texts = _TEXT.findall(msgspec.json.encode(write_state(fresh.state, domain)).decode())
    return _First(frozenset(texts), tuple(names(fresh) for names in domain.known_ids.values()))


def path_of(exchange: Exchange) -> list[str]:
    """The segments of the path, decoded."""
    return [unquote(segment) for segment in exchange.request.path.split("/")]


def json_of(body: bytes) -> Any:
    """A body as JSON; None if it is not JSON, or was not kept whole."""
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None


def _texts(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(part, (*place, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _texts(part, (*place, index))
