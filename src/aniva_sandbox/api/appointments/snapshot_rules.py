"""The rules of the custom snapshot. Source: the Appointments page and the pages of the two operations."""

from aniva_sandbox.engine.contract.rules import Rule

__all__ = [
    "RULES",
    "SNAPSHOT_ADD",
    "SNAPSHOT_BIOMARKERS",
    "SNAPSHOT_COHERENT",
    "SNAPSHOT_COHERENT_BODY",
    "SNAPSHOT_LISTED",
    "SNAPSHOT_PANEL",
    "SNAPSHOT_PANEL_CONTAINER",
    "SNAPSHOT_PANEL_UNKNOWN",
    "SNAPSHOT_REMOVE",
]

_PAGE = "Appointments page"
_ADD = "partner documentation, page Add Biomarkers"
_EITHER = "partner documentation, pages Add Biomarkers and Remove Biomarkers"

SNAPSHOT_PANEL = Rule(
    id="snapshot.panel",
    sentence="panel_id is required and names a custom container panel granted to the key; it is checked before the "
    "biomarkers.",
    basis="documented",
    source=_EITHER,
    statuses=(400, 403),
    kind="format",
)
SNAPSHOT_PANEL_UNKNOWN = SNAPSHOT_PANEL.clause(
    "unknown",
    "For the custom snapshot, a panel that does not exist is refused like one that is not granted to the key.",
    statuses=(403,),
)
SNAPSHOT_PANEL_CONTAINER = SNAPSHOT_PANEL.clause(
    "container",
    "A panel that is not a custom container cannot have a custom snapshot, and is refused with 400.",
    statuses=(400,),
    kind="domain",
)
SNAPSHOT_BIOMARKERS = Rule(
    id="snapshot.biomarkers",
    sentence="Every biomarker to add must exist and not be archived.",
    basis="documented",
    source=_ADD,
    statuses=(404,),
)
SNAPSHOT_ADD = Rule(
    id="snapshot.add",
    sentence="Adding a biomarker that is already attached keeps it.",
    basis="documented",
    source=_PAGE,
)
SNAPSHOT_REMOVE = Rule(
    id="snapshot.remove",
    sentence="Every biomarker to remove must be attached under the named panel, or none is removed.",
    basis="documented",
    source=_PAGE,
    statuses=(404,),
)
SNAPSHOT_LISTED = Rule(
    id="snapshot.listed",
    sentence="A container panel is listed among the appointment's panels while it holds a biomarker.",
    basis="assumed",
    source="not documented",
)
SNAPSHOT_COHERENT = Rule(
    id="snapshot.coherent",
    sentence="The biomarkers that a container holds after the change must be orderable at its laboratory: a choice of "
    "its orderables must yield exactly these. For each stranded biomarker, the refusal lists the orderables that yield "
    "it, and the biomarkers that each of them also needs.",
    basis="documented",
    source=_PAGE,
    statuses=(400,),
    kind="domain",
)
SNAPSHOT_COHERENT_BODY = SNAPSHOT_COHERENT.clause(
    "body",
    "The refusal of a set that cannot be ordered has the fields lab, panel_id and stranded; stranded biomarkers are "
    "sorted by id, the orderables of each by how many biomarkers they lack, then by name.",
)

RULES = (
    SNAPSHOT_PANEL,
    SNAPSHOT_PANEL_UNKNOWN,
    SNAPSHOT_PANEL_CONTAINER,
    SNAPSHOT_BIOMARKERS,
    SNAPSHOT_ADD,
    SNAPSHOT_REMOVE,
    SNAPSHOT_LISTED,
    SNAPSHOT_COHERENT,
    SNAPSHOT_COHERENT_BODY,
)
