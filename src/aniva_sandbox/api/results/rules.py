"""The rules of results and reports. Source: the Appointments page, and Get Results and Get Document in the
reference."""

from typing import Final

from aniva_sandbox.engine.contract.rules import SOURCE, Rule

__all__ = [
    "DOCUMENTS_BYTES",
    "DOCUMENTS_BYTES_FILE_NAME",
    "DOCUMENTS_CONTEXT",
    "DOCUMENTS_CORRECTED",
    "EVENT_VALUES",
    "RESULTS_CORRECTED",
    "RESULTS_OPERATOR",
    "RESULTS_OPERATOR_RATIO",
    "RESULTS_PLANNED",
    "RESULTS_PLANNED_BEFORE_DRAW",
    "RESULTS_PLANNED_GENE",
    "RESULTS_RANGES",
    "RESULTS_SIGNIFICANCE",
    "RESULTS_SIGNIFICANCE_CLASSES",
    "RESULTS_STATUS",
    "RULES",
    "SHOWN_CLASSES",
]

_PAGE = "Appointments page"
_RESULTS = "partner documentation, page Get Results"
_DOCUMENT = "partner documentation, page Get Document"
_NO_PAGE = "not documented"

SHOWN_CLASSES: Final = ("pathogenic", "likely_pathogenic", "moderate_risk")
"""The values of ``clinical_significance`` that the documentation shows."""

RESULTS_PLANNED = Rule(
    id="results.planned",
    sentence="Every ordered biomarker is listed once, as planned until its result arrives: with its name and "
    "category, and without values.",
    basis="documented",
    source=f"{_PAGE}; example on the page Get Results",
)
RESULTS_PLANNED_BEFORE_DRAW = RESULTS_PLANNED.clause(
    "before-draw", "Before the draw, the ordered biomarkers are listed as planned, and the status is in_progress."
)
RESULTS_PLANNED_GENE = RESULTS_PLANNED.clause("gene", "A planned genetic result shows its gene.")
RESULTS_PLANNED_ORDER = RESULTS_PLANNED.clause(
    "order", "Results are listed by biomarker id.", pervasive="It holds for every list of more than one result."
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
    source=_RESULTS,
)
RESULTS_OPERATOR = Rule(
    id="results.operator",
    sentence="A value outside the measurable range is reported as its limit, with lt or gt.",
    basis="documented",
    source=_RESULTS,
)
RESULTS_OPERATOR_RATIO = RESULTS_OPERATOR.clause(
    "ratio", "A biomarker that is computed from one outside its measurable range has no value; a comment says so."
)
RESULTS_SIGNIFICANCE = Rule(
    id="results.significance",
    sentence="The clinical_significance of a genetic result and of its variants is an ACMG class or a class of risk.",
    basis="documented",
    source=_RESULTS,
)
RESULTS_SIGNIFICANCE_CLASSES = RESULTS_SIGNIFICANCE.clause(
    "classes",
    f"Apart from {', '.join(SHOWN_CLASSES[:-1])} and {SHOWN_CLASSES[-1]}, the values of clinical_significance are "
    "assumed.",
    source=f"{_RESULTS}: only these three are shown",
)
RESULTS_RANGES = Rule(
    id="results.ranges",
    sentence="A result carries the laboratory's range and Aniva's own, which depends on age and sex.",
    basis="documented",
    source=_RESULTS,
)
RESULTS_RANGES_PREGNANCY = RESULTS_RANGES.clause(
    "pregnancy",
    "Pregnancy does not change the ranges.",
    source="partner documentation, page Get Results: ranges depend on pregnancy, but no field of a profile records it",
    pervasive="No field records a pregnancy.",
)
DOCUMENTS_BYTES = Rule(
    id="documents.bytes",
    sentence="A document is returned as the PDF itself.",
    basis="documented",
    source=_DOCUMENT,
)
DOCUMENTS_BYTES_FILE_NAME = DOCUMENTS_BYTES.clause(
    "file-name", "The file name of a document is in Content-Disposition."
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
    source=_DOCUMENT,
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
    RESULTS_PLANNED_BEFORE_DRAW,
    RESULTS_PLANNED_GENE,
    RESULTS_PLANNED_ORDER,
    RESULTS_STATUS,
    RESULTS_CORRECTED,
    RESULTS_OPERATOR,
    RESULTS_OPERATOR_RATIO,
    RESULTS_SIGNIFICANCE,
    RESULTS_SIGNIFICANCE_CLASSES,
    RESULTS_RANGES,
    RESULTS_RANGES_PREGNANCY,
    DOCUMENTS_BYTES,
    DOCUMENTS_BYTES_FILE_NAME,
    DOCUMENTS_CORRECTED,
    DOCUMENTS_CONTEXT,
)
