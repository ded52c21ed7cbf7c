"""What can be ordered: panels, biomarkers, units. Source: the partner documentation's pages of the four operations."""

from aniva_sandbox.api.catalogue.rules import CATALOGUE_ARCHIVED
from aniva_sandbox.api.catalogue.wire import BiomarkerId, BiomarkerView, PanelView, UnitRef, UnitView
from aniva_sandbox.api.rules import PATH_UNKNOWN
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.formats import FormatError
from aniva_sandbox.engine.contract.operations import Call, Link, NoBody, NoQuery, operation
from aniva_sandbox.laboratory.biomarkers import Biomarker

__all__ = ["OPERATIONS"]

TAG = "Catalogue"

# Rules


# Wire types


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
