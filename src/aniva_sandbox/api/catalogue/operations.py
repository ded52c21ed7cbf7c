"""The catalogue: panels, biomarkers and units. Source: the partner documentation's pages of the four operations."""

from aniva_sandbox.api.access import find_biomarker, visible_panels
from aniva_sandbox.api.catalogue.rules import CATALOGUE_ARCHIVED
from aniva_sandbox.api.catalogue.wire import (
    BiomarkerId,
    BiomarkerView,
    PanelView,
    UnitView,
    biomarker_view,
    panel_view,
    unit_view,
)
from aniva_sandbox.api.rules import PATH_UNKNOWN
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.formats import FormatError
from aniva_sandbox.engine.contract.operations import Call, Link, NoBody, NoQuery, operation

__all__ = ["OPERATIONS"]

TAG = "Catalogue"


@operation("GET", "/panels", tag=TAG, permissions=("panels_access",))
def list_panels(world: World, call: Call[NoQuery, NoBody]) -> list[PanelView]:
    """List panels

    The panels granted to the key, by name.
    """
    return [panel_view(panel) for panel in visible_panels(world, call.access)]


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
    return [biomarker_view(marker) for marker in world.catalogue.biomarkers.values() if not marker.archived]


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
        raise FormatError("is not the id of a biomarker")
    return biomarker_view(find_biomarker(world, call, int(call.id)))


@operation("GET", "/units", tag=TAG, permissions=("panels_access",))
def list_units(world: World, _call: Call[NoQuery, NoBody]) -> list[UnitView]:
    """List units

    All units in which biomarkers may be reported, by id.
    """
    return [unit_view(unit) for unit in world.catalogue.units.values()]


OPERATIONS = (list_panels, list_biomarkers, get_biomarker, list_units)
