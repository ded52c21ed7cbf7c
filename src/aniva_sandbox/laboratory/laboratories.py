"""Laboratories: where they are, what they sell, and what they need to measure it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from aniva_sandbox.engine.contract.values import Slug, Text
from aniva_sandbox.engine.yaml_file import Entry, YamlFile
from aniva_sandbox.laboratory.biomarkers import Biomarker
from aniva_sandbox.laboratory.measurements import OPEN, ByPerson, Measurement, Range, read_range, read_ranges

__all__ = ["Address", "Laboratory", "Method", "Orderable", "Tube", "load_laboratory", "sellers"]


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A postal address, street and house number apart."""

    street: str
    house_number: str
    postal_code: str
    city: str
    country: str
    phone: str | None = None
    email: str | None = None


class Orderable(msgspec.Struct, frozen=True):
    """An orderable: the laboratory measures and bills all of these biomarkers (ids)."""

    name: str
    yields: frozenset[int]


class Tube(Entry, frozen=True):
    """A kind of tube. ``fill`` is in microlitres of blood; each material is a share of the blood."""

    type: Slug
    name: Text
    cap_color: Annotated[str, Meta(pattern="^#[0-9A-F]{6}$")]
    fill: Annotated[int, Meta(gt=0)]
    materials: dict[str, Annotated[float, Meta(gt=0, le=1)]]


class Method(msgspec.Struct, frozen=True):
    """How a laboratory measures one biomarker: the tube, the microlitres of blood in it and, unless it is a genotype,
    the range that the laboratory prints and the limits of what it can measure."""

    tube: Tube
    blood: float
    lab: ByPerson[Range] | None
    limits: Range


class Laboratory(msgspec.Struct, frozen=True):
    """A laboratory that receives samples; methods and sellers are by biomarker id, sellers only for what it sells."""

    slug: str
    name: str
    address: Address
    tubes: tuple[Tube, ...]
    methods: Mapping[int, Method]
    orderables: tuple[Orderable, ...]
    sellers: Mapping[int, tuple[Orderable, ...]]


def sellers(orderables: Sequence[Orderable]) -> dict[int, tuple[Orderable, ...]]:
    """For each biomarker (id), the orderables that yield it."""
    found: dict[int, list[Orderable]] = {}
    for orderable in orderables:
        for id in orderable.yields:
            found.setdefault(id, []).append(orderable)
    return {id: tuple(selling) for id, selling in found.items()}


class _MethodEntry(Entry, frozen=True):
    volume: Annotated[int, Meta(gt=0)] | None = None
    tube: Slug | None = None
    lab: Any = None
    limits: Any = None


class _BundleEntry(Entry, frozen=True):
    name: Text
    biomarkers: Annotated[tuple[Slug, ...], Meta(min_length=1)]


class _LaboratoryEntry(Entry, frozen=True):
    name: Text
    address: Address
    tubes: tuple[Tube, ...]
    volumes: dict[str, Annotated[int, Meta(gt=0)]]
    methods: dict[str, _MethodEntry]
    singles: tuple[Slug, ...]
    bundles: tuple[_BundleEntry, ...]


def load_laboratory(path: Path, slugs: Mapping[str, Biomarker], measurements: Mapping[str, Measurement]) -> Laboratory:
    """Read a laboratory, which has the name of its file. ``slugs`` are the biomarkers that can be ordered.

    Raises :exc:`FixtureError` with every problem of the file.
    """
    file = YamlFile(path)
    entry = file.whole(_LaboratoryEntry)
    tubes = {tube.type: tube for tube in entry.tubes}
    if len(tubes) < len(entry.tubes):
        file.fail(("tubes",), "two tubes have the same type")
    by_material = {material: tube for tube in reversed(entry.tubes) for material in tube.materials}
    file.refer(("methods",), entry.methods, slugs, "biomarker")
    methods = {}
    for biomarker in slugs.values():
        at = ("methods", biomarker.slug)
        own = entry.methods.get(biomarker.slug, _MethodEntry())
        tube = by_material.get(biomarker.material) if own.tube is None else tubes.get(own.tube)
        volume = own.volume or entry.volumes.get(biomarker.material)
        if tube is None or biomarker.material not in tube.materials:
            file.fail(at, f"there is no tube for {biomarker.material}")
        elif volume is None:
            file.fail(at, f"volumes lacks {biomarker.material}")
        else:
            measurement = measurements.get(biomarker.slug)
            methods[biomarker.id] = Method(
                tube=tube,
                blood=volume / tube.materials[biomarker.material],
                lab=read_ranges(file, (*at, "lab"), own.lab) or (measurement.lab if measurement else None),
                limits=read_range(file, (*at, "limits"), own.limits) or (measurement.limits if measurement else OPEN),
            )
    file.refer(("singles",), entry.singles, slugs, "biomarker")
    orderables = [Orderable(slugs[slug].name, frozenset([slugs[slug].id])) for slug in entry.singles if slug in slugs]
    for place, bundle in enumerate(entry.bundles):
        file.refer(("bundles", place, "biomarkers"), bundle.biomarkers, slugs, "biomarker")
        orderables.append(
            Orderable(bundle.name, frozenset(slugs[slug].id for slug in bundle.biomarkers if slug in slugs))
        )
    names = [orderable.name for orderable in orderables]
    for name in sorted({name for name in names if names.count(name) > 1}):
        file.fail(("bundles",), f"two orderables are called {name}")
    file.check()
    return Laboratory(
        slug=path.stem,
        name=entry.name,
        address=entry.address,
        tubes=entry.tubes,
        methods=methods,
        orderables=tuple(orderables),
        sellers=sellers(orderables),
    )
