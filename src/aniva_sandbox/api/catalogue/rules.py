"""The rules of the catalogue. Source: the partner documentation's pages of the four operations."""

from aniva_sandbox.engine.contract.rules import Rule

__all__ = ["CATALOGUE_ARCHIVED", "CATALOGUE_ORDER", "CATALOGUE_REACHABLE", "RULES"]

CATALOGUE_ARCHIVED = Rule(
    id="catalogue.archived",
    sentence="An archived biomarker is refused by id as if it did not exist, and is not listed.",
    basis="documented",
    source="partner documentation, page of the operation",
    statuses=(404,),
    assumption="It is not listed.",
)
CATALOGUE_REACHABLE = Rule(
    id="catalogue.reachable",
    sentence="Only the panels granted to the key are listed.",
    basis="assumed",
    source="access per key is documented, the list is not",
)
CATALOGUE_ORDER = Rule(
    id="catalogue.order",
    sentence="Biomarkers and units are sorted by id, panels by name.",
    basis="assumed",
    source="not documented",
)

RULES = (CATALOGUE_ARCHIVED, CATALOGUE_REACHABLE, CATALOGUE_ORDER)
