"""What the last call of a client met: rules that weighed it, distances from boundaries, the moves that it tried."""

from aniva_sandbox.engine.contract.trace import Trace
from tests.support import Client

LOOKED_UP = {
    *("path.unknown", "auth.context", "location.active"),
    *("appointment.profile", "appointment.location", "panels.unknown", "panels.unknown/unreachable"),
    *("snapshot.panel", "snapshot.panel/unknown", "snapshot.biomarkers"),
    *("shipment.location", "shipment.appointment/status", "link.unknown", "link.context"),
}
"""Rules about the records that a call names, which are found in one place for all nouns."""


def trace_of(client: Client) -> Trace:
    return client.world.journal[-1].trace


def weighed(client: Client) -> list[str]:
    """The ids of the rules that the last call was weighed by, besides those about the records that it named."""
    return list(dict.fromkeys(rule.id for rule in trace_of(client).weighed if rule.id not in LOOKED_UP))


def passed(client: Client) -> list[str]:
    """Those among :func:`weighed` that did not refuse it."""
    refused = {rule.id for rule in trace_of(client).refused_by}
    return [id for id in weighed(client) if id not in refused]


def distances(client: Client) -> list[tuple[str, float]]:
    """How far the last call was from the boundaries of rules."""
    return [(distance.rule, distance.value) for distance in trace_of(client).distances]


def tried(client: Client) -> list[tuple[str, str, str]]:
    """The moves that the last call tried: machine, state and move."""
    return [(each.machine, each.state, each.move) for each in trace_of(client).tried]


def leaned(client: Client, *families: str) -> list[str]:
    """The ids of the clauses and rules of some families that the last call leaned on."""
    return [rule.id for rule in trace_of(client).leaned_on if rule.id.partition(".")[0] in families]
