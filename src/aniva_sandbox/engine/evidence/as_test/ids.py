"""The ids in exchanges: which of them were created since the world began, and where they come from."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from aniva_sandbox.engine.evidence.journal import Exchange, is_readable
from aniva_sandbox.engine.world.agenda import Happened
from aniva_sandbox.engine.world.events import settle
from aniva_sandbox.engine.world.state import World

__all__ = ["Place", "WorldIds", "json_of", "path_of"]

Place = tuple[str | int, ...]
"""The keys and indices that lead to a value in JSON."""


class WorldIds:
    """The ids in a world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._shown: dict[int, dict[str, Place]] = {}
        self._used: dict[int, set[str]] = {}

    @cached_property
    def fresh(self) -> World | None:
        """A world as this one began; None if nobody knows how."""
        world = self._world
        if world.began is None:
            return None
        fresh: World = world.domain.world(
            world.name,
            world.beginning,
            world.domain,
            mode="frozen",
            start=world.began,
            seed=world.ids.seed,
            settings=world.settings,
            limits=world.limits,
        )
        return fresh

    @cached_property
    def past(self) -> int:
        """The number of events in the history with which the world began."""
        return len(self.fresh.history) if self.fresh is not None else 0

    @cached_property
    def _settled(self) -> World | None:
        """That world when all has happened that was due at its beginning, which may take time in a large one."""
        _ = self.past  # counted before
        if self.fresh is not None:
            settle(self.fresh)
        return self.fresh

    def is_made(self, text: str) -> bool:
        """Whether a text is the id of something that was created since the world began."""
        fresh = self.fresh
        if fresh is None or _noun_in(fresh, text) or not _noun_in(self._world, text):
            return False
        return self._settled is not None and not _noun_in(self._settled, text)

    def noun_of(self, text: str) -> str:
        """The noun of what has this id; empty if nothing has."""
        return _noun_in(self._world, text)

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


def _noun_in(world: World, text: str) -> str:
    for noun, names in world.domain.known_ids.items():
        if text in names(world):
            return noun
    for section in world.domain.sections:
        table = getattr(world, section.name)
        if hasattr(table, "get") and table.get(text) is not None:
            return section.noun
    return ""


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
