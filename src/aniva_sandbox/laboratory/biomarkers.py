"""Biomarkers, and the units that they are reported in."""

from typing import Literal

import msgspec

__all__ = ["Biomarker", "Unit"]


class Unit(msgspec.Struct, frozen=True):
    """A unit of measurement."""

    id: int
    title: str
    display_title: str | None
    aliases: tuple[str, ...]
    unit_type: Literal["physical", "discrete"]


class Biomarker(msgspec.Struct, frozen=True):
    """Something that a laboratory can measure or read."""

    id: int
    slug: str
    name: str
    description: str | None
    category: str
    sub_category: str | None
    type: Literal["clinical", "genetic"]
    material: str
    unit: Unit | None
    archived: bool = False
