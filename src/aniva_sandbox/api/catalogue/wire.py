"""Panels, biomarkers and units as partners see them."""

from typing import Annotated

import msgspec

from aniva_sandbox.api.rules import ID_FORMAT
from aniva_sandbox.api.wire import Uuid
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.laboratory.biomarkers import Biomarker, Unit
from aniva_sandbox.laboratory.catalogue import Panel

__all__ = [
    "BiomarkerId",
    "BiomarkerView",
    "PanelId",
    "PanelView",
    "UnitRef",
    "UnitView",
    "biomarker_view",
    "panel_view",
    "unit_view",
]

PanelId = Annotated[Uuid, field("The panel's id.", examples=["f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d"])]
BiomarkerId = Annotated[int, field("The biomarker's id.", rule=ID_FORMAT, ge=0, examples=[42])]


class UnitView(msgspec.Struct, frozen=True, kw_only=True):
    """A unit of measurement."""

    id: Annotated[int, field("The unit's id.")]
    title: Annotated[str, field("The unit in ASCII.", examples=["ug/dL"])]
    display_title: Annotated[str | None, field("The unit as it is displayed, if different.", examples=["µg/dL"])]
    aliases: Annotated[list[str], field("Other ways to write it.")]
    unit_type: Annotated[
        str, field("Measured on a scale, or one of a few discrete values.", extra={"enum": ["physical", "discrete"]})
    ]


class UnitRef(msgspec.Struct, frozen=True, kw_only=True):
    """The unit that a biomarker is reported in."""

    id: Annotated[int, field("The unit's id.")]
    title: Annotated[str, field("The unit in ASCII.")]
    display_title: Annotated[str | None, field("The unit as it is displayed, if different.")]


class BiomarkerView(msgspec.Struct, frozen=True, kw_only=True):
    """Something that can be measured, or read from genes."""

    id: Annotated[int, field("The biomarker's id.", examples=[42])]
    slug: Annotated[str, field("A name for programs.", examples=["vitamin-d-25-oh"])]
    name: Annotated[str, field("A name for people.", examples=["Vitamin D (25-OH)"])]
    description: Annotated[str | None, field("What it indicates.")]
    category: Annotated[str, field("The category that it is listed under.", examples=["Vitamins"])]
    sub_category: Annotated[str | None, field("A subdivision of the category.")]
    type: Annotated[str, field("Measured, or read from genes.", extra={"enum": ["clinical", "genetic"]})]
    material: Annotated[str, field("The material that it is measured in.", examples=["serum"])]
    unit: Annotated[UnitRef | None, field("The unit of its results; null for genotypes.")]


class PanelView(msgspec.Struct, frozen=True, kw_only=True):
    """A bundle of biomarkers that is ordered as a whole."""

    id: PanelId
    name: Annotated[str, field("The panel's name.")]
    description: Annotated[str | None, field("What it is for.")]
    is_custom: Annotated[bool, field("Whether it is a container for single biomarkers.")]
    biomarker_ids: Annotated[list[int], field("The biomarkers in the panel; empty for a container.")]


def unit_view(unit: Unit) -> UnitView:
    """A unit as partners see it."""
    return UnitView(
        id=unit.id,
        title=unit.title,
        display_title=unit.display_title,
        aliases=list(unit.aliases),
        unit_type=unit.unit_type,
    )


def biomarker_view(biomarker: Biomarker) -> BiomarkerView:
    """A biomarker as partners see it."""
    unit = biomarker.unit
    return BiomarkerView(
        id=biomarker.id,
        slug=biomarker.slug,
        name=biomarker.name,
        description=biomarker.description,
        category=biomarker.category,
        sub_category=biomarker.sub_category,
        type=biomarker.type,
        material=biomarker.material,
        unit=UnitRef(id=unit.id, title=unit.title, display_title=unit.display_title) if unit else None,
    )


def panel_view(panel: Panel) -> PanelView:
    """A panel as partners see it."""
    return PanelView(
        id=panel.id,
        name=panel.name,
        description=panel.description,
        is_custom=panel.is_custom,
        biomarker_ids=list(panel.biomarker_ids),
    )
