"""What the sandbox knows: its health, the ledger, the magic values."""

from typing import Annotated, Literal, get_args

import msgspec

from aniva_sandbox import VERSION
from aniva_sandbox.api.shipments.courier import REFUSABLE, refusal_note
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, operation
from aniva_sandbox.engine.contract.rules import Basis
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.control.ledger import LEDGER
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.laboratory.magic import MAGIC

__all__ = ["OPERATIONS", "TAG"]

TAG = "Insight"

# Wire types


class Health(msgspec.Struct, frozen=True):
    """The server is alive."""

    status: Literal["ok"]
    version: str


class RuleView(msgspec.Struct, frozen=True):
    """A rule of the ledger."""

    id: str
    sentence: str
    basis: Annotated[str, field(extra={"enum": list(get_args(Basis))})]
    source: Annotated[str, field("Where the rule is from.")]
    statuses: Annotated[list[int], field("The statuses that it refuses with; none if it does not refuse.")]
    kind: Annotated[str | None, field("What makes its 400.", extra={"enum": ["format", "domain"]})]
    assumption: Annotated[str, field("Which part of it is this sandbox's decision.")]


class MagicView(msgspec.Struct, frozen=True):
    """A value that makes the sandbox behave in a certain way, for who can reach nothing but the partner API."""

    operation: Annotated[str, field("Where it is sent.", examples=["confirm_blood_draw"])]
    field: Annotated[str, field("In which field of the body.", examples=["barcode"])]
    value: Annotated[str, field("What the field begins with, or contains.")]
    matches: Annotated[str, field(extra={"enum": ["prefix", "part"]})]
    effect: Annotated[str, field("What it brings about.")]


# Operations


@operation("GET", "/health", tag=TAG, public=True)
def get_health(_worlds: Worlds, _call: Call[NoQuery, NoBody]) -> Health:
    """Check that the server is alive

    Takes any Host, and needs no token.
    """
    return Health("ok", VERSION)


@operation("GET", "/rules", tag=TAG)
def list_rules(_worlds: Worlds, _call: Call[NoQuery, NoBody]) -> list[RuleView]:
    """List the ledger

    Every rule that the sandbox keeps, with what it is based on.
    """
    return [
        RuleView(rule.id, rule.sentence, rule.basis, rule.source, list(rule.statuses), rule.kind, rule.assumption)
        for rule in LEDGER
    ]


@operation("GET", "/magic", tag=TAG)
def list_magic(_worlds: Worlds, _call: Call[NoQuery, NoBody]) -> list[MagicView]:
    """List the magic values

    Barcodes and notes that decide what happens.
    """
    barcodes = [
        MagicView("confirm_blood_draw", "barcode", magic.prefix, "prefix", magic.description) for magic in MAGIC
    ]
    notes = [
        MagicView(operation, "notes", refusal_note(order), "part", f"The courier refuses to {order} the order (502).")
        for operation, order in REFUSABLE.items()
    ]
    return barcodes + notes


OPERATIONS = (get_health, list_rules, list_magic)
