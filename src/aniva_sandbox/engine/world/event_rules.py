"""The rules that events keep."""

from typing import Final

from aniva_sandbox.engine.contract.rules import Rule

__all__ = ["EVENT_STATE", "EVENT_UNKNOWN", "EVENT_VALUES", "RULES", "SOURCE"]

SOURCE: Final = "the sandbox's control plane"
"""Where the rules are from that no partner meets."""

EVENT_UNKNOWN = Rule(
    id="event.unknown",
    sentence="What an event is about must exist in the world.",
    basis="sandbox",
    source=SOURCE,
    statuses=(404,),
)
EVENT_STATE = Rule(
    id="event.state",
    sentence="An event happens only where the state of what it is about allows it.",
    basis="sandbox",
    source=SOURCE,
    statuses=(409,),
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
EVENT_SKIPPED = Rule(
    id="event.skipped",
    sentence="An event of the agenda that is not possible when its time comes changes nothing, and says so in the "
    "history.",
    basis="sandbox",
    source=SOURCE,
)

RULES = (EVENT_UNKNOWN, EVENT_STATE, EVENT_VALUES, EVENT_SKIPPED)
