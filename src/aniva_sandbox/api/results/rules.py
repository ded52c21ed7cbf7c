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
_NO_PAGE = "no page says"

RESULTS_PLANNED = Rule(
    id="results.planned",
    sentence="Every biomarker that is ordered shows once, by id, as planned until its result arrives: with its name "
    "and category, or its gene, and without a value.",
    basis="documented",
    source=f"{_PAGE}; example of the operation's page",
    assumption="That they show before the draw, too, the gene, and the order.",
)
RESULTS_STATUS = Rule(
    id="results.status",
    sentence="The status is in_progress until all submissions have arrived, then completed.",
    basis="documented",
    source=_PAGE,
)
RESULTS_CORRECTED = Rule(
    id="results.corrected",
    sentence="A correction by a reviewer replaces the value and makes the status of the result corrected.",
    basis="documented",
    source=_OPERATION,
)
RESULTS_OPERATOR = Rule(
    id="results.operator",
    sentence="A value beyond what can be measured is reported as the limit, with lt or gt.",
    basis="documented",
    source=_OPERATION,
    assumption="That a ratio has no value where one of its parts cannot be measured, and a comment that says so.",
)
RESULTS_RANGES = Rule(
    id="results.ranges",
    sentence="A result carries the laboratory's range, and Aniva's own, which depends on age and sex.",
    basis="documented",
    source=_OPERATION,
    assumption="Nothing depends on pregnancy here, as no field tells of it.",
)
DOCUMENTS_BYTES = Rule(
    id="documents.bytes",
    sentence="A document is answered as the PDF itself, with its file name.",
    basis="documented",
    source=_OPERATION,
    assumption="That the file name is in Content-Disposition.",
)
DOCUMENTS_CORRECTED = Rule(
    id="documents.corrected",
    sentence="A correction of a complete submission brings a further document; an earlier one stays as it was issued.",
    basis="assumed",
    source=_NO_PAGE,
)
DOCUMENTS_CONTEXT = Rule(
    id="documents.context",
    sentence="A document belongs to a profile; a key that does not see the profile does not see the document.",
    basis="documented",
    source=_OPERATION,
    statuses=(403,),
)
EVENT_VALUES = Rule(
    id="event.values",
    sentence="Results can be chosen only for what was ordered, as a biomarker can have them, and so that they hold "
    "together with the others: what is computed follows from what it is computed from. An event that is planned for "
    "later is validated when it is due; until then, only what no order could bring is refused.",
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
