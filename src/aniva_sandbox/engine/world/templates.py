"""Templates of values that depend on the start of the world."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import msgspec

from aniva_sandbox.engine.world.moments import Moment

__all__ = ["Days", "Deferred", "Instant", "Mapped", "Part", "Several", "resolve"]


class Deferred:
    """A value that depends on the start of the world."""

    def at(self, start: datetime, zone: tzinfo) -> Any:
        """The value in a world with this start; ``zone`` is the time zone of local times."""
        raise NotImplementedError


def resolve(value: Any, start: datetime, zone: tzinfo) -> Any:
    """A value in a world with this start."""
    return value.at(start, zone) if isinstance(value, Deferred) else value


class Instant(Deferred):
    """An instant; a local one is given in the zone of its record, others in UTC."""

    def __init__(self, moment: Moment, *, local: bool = False) -> None:
        self._moment = moment
        self._local = local

    @property
    def absolute(self) -> datetime | None:
        """The instant, if it does not depend on the start."""
        return self._moment.absolute

    def at(self, start: datetime, zone: tzinfo) -> datetime:
        return self._moment.at(start, zone if self._local else UTC)


class Days(Deferred):
    """A date relative to the day of the start."""

    def __init__(self, days: timedelta) -> None:
        self._days = days

    def at(self, start: datetime, zone: tzinfo) -> date:
        return start.astimezone(zone).date() + self._days


class Part(Deferred):
    """A struct, new for every world, some of whose fields depend on the start."""

    def __init__(self, type: type[msgspec.Struct], fields: Mapping[str, Any]) -> None:
        self._type = type
        self._fields = fields

    def at(self, start: datetime, zone: tzinfo) -> msgspec.Struct:
        return self._type(**{name: resolve(value, start, zone) for name, value in self._fields.items()})


class Several(Deferred):
    """A list, set or tuple, new for every world."""

    def __init__(self, type: Any, items: Sequence[Any]) -> None:
        self._type = type
        self._items = items

    def at(self, start: datetime, zone: tzinfo) -> Any:
        return self._type(resolve(item, start, zone) for item in self._items)


class Mapped(Deferred):
    """A mapping, new for every world."""

    def __init__(self, items: Mapping[Any, Any]) -> None:
        self._items = items

    def at(self, start: datetime, zone: tzinfo) -> dict[Any, Any]:
        return {key: resolve(value, start, zone) for key, value in self._items.items()}
