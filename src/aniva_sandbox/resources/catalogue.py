"""What can be ordered: panels, biomarkers, units. Source: the partner documentation's pages of the four operations."""

from typing import Annotated

import msgspec

from aniva_sandbox.contract.common import ID_FORMAT, PATH_UNKNOWN
from aniva_sandbox.contract.formats import FormatError
from aniva_sandbox.contract.operations import Call, Link, NoBody, NoQuery, operation
from aniva_sandbox.contract.rules import Rule
from aniva_sandbox.contract.schemas import Uuid, field
from aniva_sandbox.world.biomarkers import Biomarker
from aniva_sandbox.world.world import World

__all__ = ["OPERATIONS", "RULES", "BiomarkerId", "BiomarkerView", "PanelId", "PanelView", "UnitView"]

TAG = "Catalogue"

# Rules

CATALOGUE_ARCHIVED = Rule(
    id="catalogue.archived",
    sentence="An archived biomarker is refused by id as if it did not exist, and not listed.",
    basis="documented",
    source="partner documentation, page of the operation",
    statuses=(404,),
    assumption="That it is not listed.",
)
CATALOGUE_REACHABLE = Rule(
    id="catalogue.reachable",
    sentence="Only the panels granted to the key are listed.",
    basis="assumed",
    source="access per key is documented, the list is not",
)
CATALOGUE_ORDER = Rule(
    id="catalogue.order",
    sentence="Biomarkers and units come by id, panels by name.",
    basis="assumed",
    source="no page says",
)

RULES = (CATALOGUE_ARCHIVED, CATALOGUE_REACHABLE, CATALOGUE_ORDER)

# Wire types

PanelId = Annotated[Uuid, field("The panel's id.", examples=["f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d"])]
BiomarkerId = Annotated[int, field("The biomarker's id.", rule=ID_FORMAT, ge=0, examples=[42])]


class UnitView(msgspec.Struct, frozen=True):
    """A unit of measurement."""

    id: Annotated[int, field("The unit's id.")]
    title: Annotated[str, field("How it is written in ASCII.", examples=["ug/dL"])]
    display_title: Annotated[str | None, field("How it is shown, where that differs.", examples=["µg/dL"])]
    aliases: Annotated[list[str], field("Other ways to write it.")]
    unit_type: Annotated[
        str, field("Measured on a scale, or one of a few values.", extra={"enum": ["physical", "discrete"]})
    ]


class UnitRef(msgspec.Struct, frozen=True):
    """The unit that a biomarker is reported in."""

    id: Annotated[int, field("The unit's id.")]
    title: Annotated[str, field("How it is written in ASCII.")]
    display_title: Annotated[str | None, field("How it is shown, where that differs.")]


class BiomarkerView(msgspec.Struct, frozen=True):
    """Something that can be measured or read."""

    id: Annotated[int, field("The biomarker's id.", examples=[42])]
    slug: Annotated[str, field("A name for programs.", examples=["vitamin-d-25-oh"])]
    name: Annotated[str, field("A name for people.", examples=["Vitamin D (25-OH)"])]
    description: Annotated[str | None, field("What it tells.")]
    category: Annotated[str, field("What it is listed under.", examples=["Vitamins"])]
    sub_category: Annotated[str | None, field("A finer division of the category.")]
    type: Annotated[str, field("Measured, or read from genes.", extra={"enum": ["clinical", "genetic"]})]
    material: Annotated[str, field("What it is measured in.", examples=["serum"])]
    unit: Annotated[UnitRef | None, field("What results are reported in.")]


class PanelView(msgspec.Struct, frozen=True):
    """A bundle of biomarkers that is ordered as one."""

    id: PanelId
    name: Annotated[str, field("What it is called.")]
    description: Annotated[str | None, field("What it is for.")]
    is_custom: Annotated[bool, field("Whether it is a container for single biomarkers.")]
    biomarker_ids: Annotated[list[int], field("What it consists of; empty for a container.")]


# Operations


@operation("GET", "/panels", tag=TAG, permissions=("panels_access",))
def list_panels(world: World, call: Call[NoQuery, NoBody]) -> list[PanelView]:
    """List panels

    The panels granted to the key, by name.
    """
    return [
        PanelView(panel.id, panel.name, panel.description, panel.is_custom, list(panel.biomarker_ids))
        for panel in world.catalogue.panels.values()
        if panel.id in call.access.panels
    ]


@operation(
    "GET",
    "/biomarkers",
    tag=TAG,
    permissions=("panels_access",),
    links=(Link("get_biomarker", {"id": "$response.body#/0/id"}),),
)
def list_biomarkers(world: World, _call: Call[NoQuery, NoBody]) -> list[BiomarkerView]:
    """List biomarkers

    All biomarkers that are not archived, by id.
    """
    return [_biomarker_view(marker) for marker in world.catalogue.biomarkers.values() if not marker.archived]


@operation(
    "GET",
    "/biomarkers/{id}",
    tag=TAG,
    path_id=BiomarkerId,
    permissions=("panels_access",),
    refuses=(PATH_UNKNOWN, CATALOGUE_ARCHIVED),
)
def get_biomarker(world: World, call: Call[NoQuery, NoBody]) -> BiomarkerView:
    """Get a biomarker"""
    if not call.id.isdecimal():
        raise FormatError("no biomarker's id")
    biomarker = world.catalogue.biomarkers.get(int(call.id))
    if biomarker is None:
        PATH_UNKNOWN.refuse("There is no such biomarker")
    if biomarker.archived:
        CATALOGUE_ARCHIVED.refuse("There is no such biomarker")
    return _biomarker_view(biomarker)


@operation("GET", "/units", tag=TAG, permissions=("panels_access",))
def list_units(world: World, _call: Call[NoQuery, NoBody]) -> list[UnitView]:
    """List units

    All units that biomarkers may be reported in, by id.
    """
    return [
        UnitView(unit.id, unit.title, unit.display_title, list(unit.aliases), unit.unit_type)
        for unit in world.catalogue.units.values()
    ]


def _biomarker_view(biomarker: Biomarker) -> BiomarkerView:
    unit = biomarker.unit
    return BiomarkerView(
        biomarker.id,
        biomarker.slug,
        biomarker.name,
        biomarker.description,
        biomarker.category,
        biomarker.sub_category,
        biomarker.type,
        biomarker.material,
        UnitRef(unit.id, unit.title, unit.display_title) if unit else None,
    )


OPERATIONS = (list_panels, list_biomarkers, get_biomarker, list_units)
