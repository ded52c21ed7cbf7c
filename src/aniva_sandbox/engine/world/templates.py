"""Values of records that depend on the start of their world."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

import msgspec

from aniva_sandbox.engine.world.moments import Moment

__all__ = ["Days", "Deferred", "Instant", "Mapped", "Part", "Several", "resolve"]


class Deferred:
    """A value that depends on the start of the world."""

    def at(self, start: datetime, zone: tzinfo) -> Any:
        """The value in a world with this start; wall-clock times are in ``zone``."""
        raise NotImplementedError


def resolve(value: Any, start: datetime, zone: tzinfo) -> Any:
    """A value in a world with this start."""
    return value.at(start, zone) if isinstance(value, Deferred) else value


class Instant(Deferred):
    """An instant. Wall-clock times are in UTC, or, if local, in the zone of the record."""

    def __init__(self, moment: Moment, *, local: bool = False) -> None:
        self._moment = moment
        self._local = local
        self._at = moment.at

    @property
    def absolute(self) -> datetime | None:
        """The instant, if it does not wait."""
        return self._moment.absolute

    def at(self, start: datetime, zone: tzinfo) -> datetime:
        return self._at(start, zone if self._local else UTC)


class Days(Deferred):
    """A date relative to the day of the start."""

    def __init__(self, days: timedelta) -> None:
        self._days = days

    def at(self, start: datetime, zone: tzinfo) -> date:
        return start.astimezone(zone).date() + self._days


class Part(Deferred):
    """A struct with fields that wait for the start."""

    def __init__(self, type: type[msgspec.Struct], fields: Mapping[str, Any]) -> None:
        self._type = type
        self._settled = {name: value for name, value in fields.items() if not isinstance(value, Deferred)}
        self._later = [(name, value) for name, value in fields.items() if isinstance(value, Deferred)]

    def at(self, start: datetime, zone: tzinfo) -> msgspec.Struct:
        fields = self._settled.copy()
        for name, value in self._later:
            fields[name] = value.at(start, zone)
        return self._type(**fields)


class Several(Deferred):
    """A list, set or tuple, new for every world."""

    def __init__(self, type: Any, items: Sequence[Any]) -> None:
        self._type = type
        self._items = items
        self._waits = any(isinstance(item, Deferred) for item in items)

    def at(self, start: datetime, zone: tzinfo) -> Any:
        if not self._waits:
            return self._type(self._items)
        return self._type(resolve(item, start, zone) for item in self._items)


class Mapped(Deferred):
    """A mapping, new for every world."""

    def __init__(self, items: Mapping[Any, Any]) -> None:
        self._items = dict(items)
        self._later = [(key, value) for key, value in items.items() if isinstance(value, Deferred)]

    def at(self, start: datetime, zone: tzinfo) -> dict[Any, Any]:
        items = self._items.copy()
        for key, value in self._later:
            items[key] = value.at(start, zone)
        return items
