"""Units, biomarkers, panels and laboratories: immutable, shared by all worlds, and read from YAML."""

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from aniva_sandbox.engine.contract.values import Slug, Text, UuidText
from aniva_sandbox.engine.yaml_file import Entry, YamlFile
from aniva_sandbox.files import find_file
from aniva_sandbox.laboratory.biomarkers import Biomarker, Unit
from aniva_sandbox.laboratory.genes import Gene, Haplotypes, load_genes
from aniva_sandbox.laboratory.laboratories import Laboratory, load_laboratory
from aniva_sandbox.laboratory.measurements import Measurement, People, load_measurements, load_people

__all__ = ["Catalogue", "Panel", "get_catalogue", "load_catalogue"]


class Panel(msgspec.Struct, frozen=True):
    """A bundle of biomarkers; a custom container has no biomarkers itself and routes to one laboratory."""

    id: str
    name: str
    description: str | None
    is_custom: bool
    laboratory: str | None
    biomarker_ids: tuple[int, ...]


class Catalogue(msgspec.Struct, frozen=True, eq=False):
    """Everything that can be ordered, by id, in the order of the lists; and what is known about it."""

    units: dict[int, Unit]
    biomarkers: dict[int, Biomarker]
    panels: dict[str, Panel]
    laboratories: dict[str, Laboratory]
    measurements: dict[str, Measurement]
    """By slug of the biomarker, like the genes."""
    genes: dict[str, Gene]
    haplotypes: tuple[Haplotypes, ...]
    people: People
    slugs: dict[str, Biomarker]
    """The biomarkers that can be ordered, by slug."""


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


@cache
def get_catalogue() -> Catalogue:
    """The catalogue that ships with the package. Raises :exc:`FixtureError`."""
    return load_catalogue(find_file("fixtures/catalogue"))


def load_catalogue(folder: Path) -> Catalogue:
    """Read ``units``, ``biomarkers``, ``people``, ``measurements``, ``genes``, ``laboratories/*`` and ``panels``
    (``.yaml``) from a folder.

    Raises :exc:`FixtureError` with every problem of the first file that has any.
    """
    units = _load_units(folder / "units.yaml")
    biomarkers = _load_biomarkers(folder / "biomarkers.yaml", units)
    slugs = {biomarker.slug: biomarker for biomarker in biomarkers.values() if not biomarker.archived}
    people = load_people(folder / "people.yaml", slugs)
    measurements = load_measurements(folder / "measurements.yaml", slugs, people)
    genes, haplotypes = load_genes(folder / "genes.yaml", slugs)
    laboratories = {
        path.stem: load_laboratory(path, slugs, measurements)
        for path in sorted((folder / "laboratories").glob("*.yaml"))
    }
    return Catalogue(
        units=units,
        biomarkers=biomarkers,
        panels=_load_panels(folder / "panels.yaml", biomarkers, laboratories),
        laboratories=laboratories,
        measurements=measurements,
        genes=genes,
        haplotypes=haplotypes,
        people=people,
        slugs=slugs,
    )


def _load_units(path: Path) -> dict[int, Unit]:
    file = YamlFile(path)
    entries = [entry for _, entry in file.entries(_UnitEntry, "id")]
    file.check()
    return {entry.id: Unit(**msgspec.structs.asdict(entry)) for entry in sorted(entries, key=lambda unit: unit.id)}


def _load_biomarkers(path: Path, units: dict[int, Unit]) -> dict[int, Biomarker]:
    file = YamlFile(path)
    biomarkers: dict[int, Biomarker] = {}
    for place, entry in file.entries(_BiomarkerEntry, "id", "slug"):
        if entry.unit is not None and entry.unit not in units:
            file.fail((place, "unit"), f"there is no unit {entry.unit}")
            continue
        unit = None if entry.unit is None else units[entry.unit]
        biomarkers[entry.id] = Biomarker(**(msgspec.structs.asdict(entry) | {"unit": unit}))
    file.check()
    return dict(sorted(biomarkers.items()))


def _load_panels(path: Path, biomarkers: dict[int, Biomarker], laboratories: dict[str, Laboratory]) -> dict[str, Panel]:
    file = YamlFile(path)
    by_slug = {biomarker.slug: biomarker for biomarker in biomarkers.values()}
    panels = []
    for place, panel in file.entries(_PanelEntry, "id", "name"):
        at = (place, "biomarkers")
        file.refer(at, panel.biomarkers, by_slug, "biomarker")
        if panel.laboratory is not None:
            file.refer((place, "laboratory"), [panel.laboratory], laboratories, "laboratory")
        if panel.is_custom and panel.laboratory is None:
            file.fail((place, "laboratory"), "is required for a custom container")
        for slug in panel.biomarkers:
            if slug in by_slug and by_slug[slug].archived:
                file.fail(at, f"biomarker {slug} is archived")
            elif slug in by_slug and panel.is_custom:
                file.fail(at, "must be empty for a custom container")
            elif slug in by_slug and not any(by_slug[slug].id in lab.sellers for lab in laboratories.values()):
                file.fail(at, f"no laboratory sells biomarker {slug}")
        ids = tuple(sorted(by_slug[slug].id for slug in panel.biomarkers if slug in by_slug))
        panels.append(
            Panel(
                id=panel.id,
                name=panel.name,
                description=panel.description,
                is_custom=panel.is_custom,
                laboratory=panel.laboratory,
                biomarker_ids=ids,
            )
        )
    file.check()
    return {panel.id: panel for panel in sorted(panels, key=lambda panel: panel.name)}
