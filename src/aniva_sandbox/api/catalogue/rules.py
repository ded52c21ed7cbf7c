"""The rules of the catalogue. Source: the partner documentation's pages List Panels, List Biomarkers, Get Biomarker and
List Units."""

from aniva_sandbox.engine.contract.rules import Rule

__all__ = [
    "CATALOGUE_ARCHIVED",
    "CATALOGUE_ARCHIVED_LIST",
    "CATALOGUE_FIELDS",
    "CATALOGUE_ORDER",
    "CATALOGUE_REACHABLE",
    "RULES",
]

CATALOGUE_ARCHIVED = Rule(
    id="catalogue.archived",
    sentence="An archived biomarker is refused by id as if it did not exist.",
    basis="documented",
    source="partner documentation, page Get Biomarker",
    statuses=(404,),
)
CATALOGUE_ARCHIVED_LIST = CATALOGUE_ARCHIVED.clause("list", "An archived biomarker is not listed.")
CATALOGUE_REACHABLE = Rule(
    id="catalogue.reachable",
    sentence="Only the panels granted to the key are listed.",
    basis="assumed",
    source="partner documentation, page Authentication: access per key is documented, the list is not",
)
CATALOGUE_FIELDS = Rule(
    id="catalogue.fields",
    sentence="The names of the fields of a panel, except is_custom, and of some fields of a biomarker are assumed.",
    basis="assumed",
    source="partner documentation, pages List Panels, List Biomarkers and Get Biomarker: not all names are given",
)
CATALOGUE_ORDER = Rule(
    id="catalogue.order",
    sentence="Biomarkers and units are sorted by id, panels by name.",
    basis="assumed",
    source="not documented",
    pervasive="It holds for every one of these lists.",
)

RULES = (CATALOGUE_ARCHIVED, CATALOGUE_ARCHIVED_LIST, CATALOGUE_REACHABLE, CATALOGUE_FIELDS, CATALOGUE_ORDER)
