"""The catalogue: panels, biomarkers and units. Source: the partner documentation's pages List Panels, List Biomarkers,
Get Biomarker and List Units."""

from aniva_sandbox.api.access import find_biomarker, visible_panels
from aniva_sandbox.api.catalogue.rules import (
    CATALOGUE_ARCHIVED,
    CATALOGUE_ARCHIVED_LIST,
    CATALOGUE_FIELDS,
    CATALOGUE_ORDER,
    CATALOGUE_REACHABLE,
)
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


@operation(
    "GET",
    "/panels",
    tag=TAG,
    assumed_permissions=("panels_access",),
    follows=(CATALOGUE_REACHABLE, CATALOGUE_FIELDS, CATALOGUE_ORDER),
)
def list_panels(world: World, call: Call[NoQuery, NoBody]) -> list[PanelView]:
    """List panels

    The panels granted to the key, by name.
    """
    visible = visible_panels(world, call.access)
    if len(visible) < len(world.catalogue.panels):
        call.trace.lean_on(CATALOGUE_REACHABLE)
    if visible:
        call.trace.lean_on(CATALOGUE_FIELDS)
    return [panel_view(panel) for panel in visible]


@operation(
    "GET",
    "/biomarkers",
    tag=TAG,
    assumed_permissions=("panels_access",),
    follows=(CATALOGUE_ARCHIVED_LIST, CATALOGUE_FIELDS, CATALOGUE_ORDER),
    links=(Link("get_biomarker", {"id": "$response.body#/0/id"}),),
)
def list_biomarkers(world: World, call: Call[NoQuery, NoBody]) -> list[BiomarkerView]:
    """List biomarkers

    All biomarkers that are not archived, by id.
    """
    biomarkers = world.catalogue.biomarkers.values()
    shown = [biomarker_view(marker) for marker in biomarkers if not marker.archived]
    if len(shown) < len(biomarkers):
        call.trace.lean_on(CATALOGUE_ARCHIVED_LIST)
    call.trace.lean_on(CATALOGUE_FIELDS)
    return shown


@operation(
    "GET",
    "/biomarkers/{id}",
    tag=TAG,
    path_id=BiomarkerId,
    permissions=("panels_access",),
    refuses=(PATH_UNKNOWN, CATALOGUE_ARCHIVED),
    follows=(CATALOGUE_FIELDS,),
)
def get_biomarker(world: World, call: Call[NoQuery, NoBody]) -> BiomarkerView:
    """Get a biomarker"""
    if not call.id.isdecimal():
        raise FormatError("is not the id of a biomarker")
    biomarker = find_biomarker(world, call, int(call.id))
    call.trace.lean_on(CATALOGUE_FIELDS)
    return biomarker_view(biomarker)


@operation("GET", "/units", tag=TAG, permissions=("panels_access",), follows=(CATALOGUE_ORDER,))
def list_units(world: World, _call: Call[NoQuery, NoBody]) -> list[UnitView]:
    """List units

    All units in which biomarkers may be reported, by id.
    """
    return [unit_view(unit) for unit in world.catalogue.units.values()]


OPERATIONS = (list_panels, list_biomarkers, get_biomarker, list_units)
