"""The Partner API as a whole: its operations, its ledger, and the general parts of its document."""

from collections.abc import Mapping
from typing import Any

from aniva_sandbox import VERSION
from aniva_sandbox.api import rules
from aniva_sandbox.api.appointments import custom_snapshot, draw, panels, snapshot_rules, states
from aniva_sandbox.api.appointments import operations as appointments
from aniva_sandbox.api.appointments import rules as appointment_rules
from aniva_sandbox.api.catalogue import operations as catalogue
from aniva_sandbox.api.catalogue import rules as catalogue_rules
from aniva_sandbox.api.links import operations as links
from aniva_sandbox.api.links import rules as link_rules
from aniva_sandbox.api.links.operations import LinkAnswer
from aniva_sandbox.api.locations import operations as locations
from aniva_sandbox.api.locations import rules as location_rules
from aniva_sandbox.api.profiles import operations as profiles
from aniva_sandbox.api.profiles import rules as profile_rules
from aniva_sandbox.api.results import operations as results
from aniva_sandbox.api.results import orders
from aniva_sandbox.api.results import rules as result_rules
from aniva_sandbox.api.shipments import courier
from aniva_sandbox.api.shipments import operations as shipments
from aniva_sandbox.api.shipments import rules as shipment_rules
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract import ground_rules
from aniva_sandbox.engine.contract.document import ApiInfo, Contract, describe_rules
from aniva_sandbox.engine.contract.operations import Operation
from aniva_sandbox.engine.contract.rules import Ledger, Rule
from aniva_sandbox.engine.faults.faults import faults_of

__all__ = ["CONTRACT", "FAULTS", "INFO", "LEDGER", "OPERATIONS", "operations"]

_NOUNS = (
    profiles,
    locations,
    appointments,
    panels,
    custom_snapshot,
    draw,
    results,
    shipments,
    links,
    catalogue,
)
_RULES = (
    ground_rules,
    rules,
    profile_rules,
    location_rules,
    appointment_rules,
    panels,
    snapshot_rules,
    draw,
    result_rules,
    shipment_rules,
    link_rules,
    catalogue_rules,
    orders,
    courier,
)

OPERATIONS = tuple(operation for noun in _NOUNS for operation in noun.OPERATIONS)
"""All operations that partners can call."""


def operations(link_answer: LinkAnswer) -> tuple[Operation[World], ...]:
    """All operations; changes of links return what ``link_answer`` selects (see the rule `link.answer`)."""
    return tuple(links.answering(operation, link_answer) for operation in OPERATIONS)


_COMMON = (*ground_rules.RULES, *rules.RULES)

LEDGER = Ledger(rule for part in _RULES for rule in part.RULES)
"""All rules of the Partner API."""


def _moves(table: Mapping[tuple[Any, Any], Any]) -> str:
    """A state machine as a Markdown table, generated from the one that the operations use."""
    rows = [f"| {state} | {by} | {to} |" for (state, by), to in table.items()]
    return "\n".join(["| from | move | to |", "|---|---|---|", *rows])


def _shown_once() -> list[Rule]:
    """The common rules that no response of an operation lists."""
    unrouted = ground_rules.HTTP_NOT_FOUND, ground_rules.HTTP_METHOD
    return [rule for rule in _COMMON if not rule.statuses or rule in unrouted]


INFO = ApiInfo(
    title="Aniva Partner API (sandbox)",
    version=VERSION,
    description=(
        "A stateful sandbox of the Aniva Partner API v1. This document is generated from the code that serves the "
        "API, and every response is checked against it.\n\n"
        "Each error response lists the rules that cause it. A rule is `documented` by the partner documentation, "
        "`assumed` if the documentation says nothing, or a `conflict` if two of its pages disagree. If only a detail "
        "of a rule is not documented, the detail is a clause with another basis, and an id such as "
        "`profile.name/accents`. The header `X-Sandbox-Rule` names the rule or clause that refused a call.\n\n"
        "The examples are from the default world with a frozen clock (`serve --clock frozen`), which shows Monday, "
        "13 April 2026, 08:00 UTC. In the reference at `/docs`, the dates in requests lie ahead of the world's now.\n\n"
        "### The states of an appointment\n\n"
        "Partners cancel and confirm the draw; the practice and operations are Aniva's side. Any move not in the table "
        f"is refused. An appointment can be changed while it is {' or '.join(states.EDITABLE)}.\n\n"
        f"{_moves(states.MOVES)}\n\n"
        "### The states of a shipment\n\n"
        "Partners update and cancel; the courier makes all other moves.\n\n"
        f"{_moves(courier.MOVES)}\n\n"
        "### Rules of all operations\n\n"
        f"{describe_rules(_shown_once(), LEDGER)}"
    ),
    base="/api/v1",
    common=_COMMON,
    keyed=True,
    tags={
        profiles.TAG: "Patients, each in one of the partner's profile groups.",
        locations.TAG: "Places where blood is drawn, and their free slots.",
        appointments.TAG: "Scheduled draws, the panels ordered with them, and the confirmation of the draw.",
        results.TAG: "The laboratories' results and reports.",
        shipments.TAG: "Boxes on their way from a location to its laboratory.",
        links.TAG: "Which appointments' samples are in which shipments.",
        catalogue.TAG: "The panels that can be ordered, and the units of results.",
    },
)

CONTRACT = Contract(INFO, OPERATIONS, LEDGER)
"""All of it, as the committed document has it."""

FAULTS = faults_of(CONTRACT)
"""The injected faults of a world."""
