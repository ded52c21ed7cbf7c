"""Units, biomarkers, panels and laboratories: immutable, and shared by all worlds."""

from typing import Literal

import msgspec

__all__ = ["Address", "Biomarker", "Catalogue", "Laboratory", "Panel", "Unit"]


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


class Panel(msgspec.Struct, frozen=True):
    """A bundle of biomarkers; a custom container has none of its own and routes to one laboratory."""

    id: str
    name: str
    description: str | None
    is_custom: bool
    laboratory: str | None
    biomarker_ids: tuple[int, ...]


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A postal address, street and house number apart."""

    street: str
    house_number: str
    postal_code: str
    city: str
    country: str
    phone: str | None = None
    email: str | None = None


class Laboratory(msgspec.Struct, frozen=True):
    """A laboratory that samples go to."""

    slug: str
    name: str
    address: Address


class Catalogue(msgspec.Struct, frozen=True):
    """Everything that can be ordered: by id, in the order in which it is listed."""

    units: dict[int, Unit]
    biomarkers: dict[int, Biomarker]
    panels: dict[str, Panel]
    laboratories: dict[str, Laboratory]
