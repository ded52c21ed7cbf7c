"""Durations as options of commands."""

import re
from typing import Final

import click

__all__ = ["parse_duration"]

_WRITTEN: Final = re.compile(r"(\d{1,9})([smhd])", re.ASCII)
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LONGEST: Final = 3650
"""Days."""


def parse_duration(_context: click.Context, _option: click.Parameter, value: str) -> int:
    """The seconds of a number and a unit. Raises a BadParameter. It is the callback of an option."""
    written = _WRITTEN.fullmatch(value)
    seconds = int(written[1]) * _UNITS[written[2]] if written else 0
    if not 0 < seconds <= _LONGEST * _UNITS["d"]:
        raise click.BadParameter(f"{value!r} is not a duration from 1s to {_LONGEST}d, such as 90m, 24h or 7d.")
    return seconds
