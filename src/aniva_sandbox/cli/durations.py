"""Durations as options of commands."""

import re
from typing import Any, Final

import click

__all__ = ["DURATION"]

_WRITTEN: Final = re.compile(r"(\d{1,9})([smhd])", re.ASCII)
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LONGEST: Final = 3650
"""Days."""


class _Duration(click.ParamType):
    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        written = _WRITTEN.fullmatch(value)
        seconds = int(written[1]) * _UNITS[written[2]] if written else 0
        if not 0 < seconds <= _LONGEST * _UNITS["d"]:
            self.fail(f"{value!r} is not a duration from 1s to {_LONGEST}d, such as 90m, 24h or 7d.", param, ctx)
        return seconds


DURATION: Final = _Duration()
"""A number and a unit, converted to seconds."""
