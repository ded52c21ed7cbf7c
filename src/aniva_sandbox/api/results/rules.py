"""The rules of results and reports. Source: the Appointments page and the pages of the two operations."""

from aniva_sandbox.engine.contract.rules import SOURCE, Rule

__all__ = [
    "DOCUMENTS_BYTES",
    "DOCUMENTS_CONTEXT",
    "DOCUMENTS_CORRECTED",
    "EVENT_VALUES",
    "RESULTS_CORRECTED",
    "RESULTS_OPERATOR",
    "RESULTS_PLANNED",
    "RESULTS_RANGES",
    "RESULTS_STATUS",
    "RULES",
]

_PAGE = "Appointments page"
_OPERATION = "partner documentation, page of the operation"
_NO_PAGE = "not documented"

RESULTS_PLANNED = Rule(
    id="results.planned",
    sentence="Every ordered biomarker is listed once, by id, as planned until its result arrives: with its name and "
    "category, or its gene, and without values.",
    basis="documented",
    source=f"{_PAGE}; example on the operation's page",
    assumption="They are listed before the draw, too; the gene; the order.",
)
RESULTS_STATUS = Rule(
    id="results.status",
    sentence="The status is in_progress until all submissions have arrived, then completed.",
    basis="documented",
    source=_PAGE,
)
RESULTS_CORRECTED = Rule(
    id="results.corrected",
    sentence="A reviewer's correction replaces the value and sets the status of the result to corrected.",
    basis="documented",
    source=_OPERATION,
)
RESULTS_OPERATOR = Rule(
    id="results.operator",
    sentence="A value outside the measurable range is reported as its limit, with lt or gt.",
    basis="documented",
    source=_OPERATION,
    assumption="A ratio has no value if one of its parts cannot be measured; a comment says so.",
)
RESULTS_RANGES = Rule(
    id="results.ranges",
    sentence="A result carries the laboratory's range and Aniva's own, which depends on age and sex.",
    basis="documented",
    source=_OPERATION,
    assumption="Pregnancy is not considered, as no field records it.",
)
DOCUMENTS_BYTES = Rule(
    id="documents.bytes",
    sentence="A document is returned as the PDF itself, with its file name.",
    basis="documented",
    source=_OPERATION,
    assumption="The file name is in Content-Disposition.",
)
DOCUMENTS_CORRECTED = Rule(
    id="documents.corrected",
    sentence="A correction of a complete submission issues another document; earlier ones stay as they were issued.",
    basis="assumed",
    source=_NO_PAGE,
)
DOCUMENTS_CONTEXT = Rule(
    id="documents.context",
    sentence="A document belongs to a profile; a key that cannot see the profile cannot see the document.",
    basis="documented",
    source=_OPERATION,
    statuses=(403,),
)
EVENT_VALUES = Rule(
    id="event.values",
    sentence="Results can be chosen only for what was ordered, with values that the biomarker can have and that are "
    "consistent with the other results: what is computed follows from what it is computed from. An event that is "
    "planned for later is validated when it is due; until then, only what no order could bring is refused.",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)

RULES = (
    RESULTS_PLANNED,
    RESULTS_STATUS,
    RESULTS_CORRECTED,
    RESULTS_OPERATOR,
    RESULTS_RANGES,
    DOCUMENTS_BYTES,
    DOCUMENTS_CORRECTED,
    DOCUMENTS_CONTEXT,
)
