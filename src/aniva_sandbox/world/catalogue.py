"""Units, biomarkers, panels and laboratories: immutable, shared by all worlds, and read from YAML."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from aniva_sandbox.yaml_file import YamlFile

__all__ = [
    "Address",
    "Biomarker",
    "Catalogue",
    "Entry",
    "Laboratory",
    "Panel",
    "Slug",
    "Text",
    "Unit",
    "UuidText",
    "load_catalogue",
]

UuidText = Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Slug = Annotated[str, Meta(pattern="^[a-z0-9]+(-[a-z0-9]+)*$")]
Text = Annotated[str, Meta(min_length=1)]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What may stand in a file: unknown fields are faults."""


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


class _UnitEntry(Entry, frozen=True):
    id: int
    title: Text
    display_title: Text | None
    aliases: tuple[Text, ...]
    unit_type: Literal["physical", "discrete"]


class _BiomarkerEntry(Entry, frozen=True):
    id: Annotated[int, Meta(ge=0)]
    slug: Slug
    name: Text
    description: Text | None
    category: Text
    sub_category: Text | None
    type: Literal["clinical", "genetic"]
    material: Text
    unit: int | None
    archived: bool = False


class _PanelEntry(Entry, frozen=True):
    id: UuidText
    name: Text
    description: Text | None
    is_custom: bool
    laboratory: Slug | None
    biomarkers: tuple[Slug, ...]


class _LaboratoryEntry(Entry, frozen=True):
    slug: Slug
    name: Text
    address: Address


def load_catalogue(folder: Path) -> Catalogue:
    """Read ``units``, ``biomarkers``, ``panels`` and ``laboratories`` (``.yaml``) of a folder.

    Raises :exc:`FixtureError` with everything that is wrong with the first faulty file.
    """
    file = YamlFile(folder / "units.yaml")
    unit_entries = [entry for _, entry in file.entries(_UnitEntry, "id")]
    file.check()
    units = {entry.id: Unit(**msgspec.structs.asdict(entry)) for entry in sorted(unit_entries, key=lambda u: u.id)}

    file = YamlFile(folder / "biomarkers.yaml")
    biomarkers: dict[int, Biomarker] = {}
    for place, entry in file.entries(_BiomarkerEntry, "id", "slug"):
        if entry.unit is not None and entry.unit not in units:
            file.fail((place, "unit"), f"there is no unit {entry.unit}")
            continue
        unit = None if entry.unit is None else units[entry.unit]
        biomarkers[entry.id] = Biomarker(**(msgspec.structs.asdict(entry) | {"unit": unit}))
    file.check()
    by_slug = {biomarker.slug: biomarker for biomarker in biomarkers.values()}

    file = YamlFile(folder / "laboratories.yaml")
    laboratories = {
        entry.slug: Laboratory(entry.slug, entry.name, entry.address)
        for _, entry in file.entries(_LaboratoryEntry, "slug")
    }
    file.check()

    file = YamlFile(folder / "panels.yaml")
    panels = []
    for place, panel in file.entries(_PanelEntry, "id", "name"):
        file.refer((place, "biomarkers"), panel.biomarkers, by_slug, "biomarker")
        if panel.laboratory is not None:
            file.refer((place, "laboratory"), [panel.laboratory], laboratories, "laboratory")
        for slug in panel.biomarkers:
            if slug in by_slug and by_slug[slug].archived:
                file.fail((place, "biomarkers"), f"the biomarker {slug} is archived")
        ids = tuple(sorted(by_slug[slug].id for slug in panel.biomarkers if slug in by_slug))
        panels.append(Panel(panel.id, panel.name, panel.description, panel.is_custom, panel.laboratory, ids))
    file.check()
    return Catalogue(
        units=units,
        biomarkers=dict(sorted(biomarkers.items())),
        panels={panel.id: panel for panel in sorted(panels, key=lambda panel: panel.name)},
        laboratories=laboratories,
    )
