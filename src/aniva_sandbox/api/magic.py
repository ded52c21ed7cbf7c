"""The list of magic values in the control plane: barcodes and notes that decide what happens."""

from typing import Annotated

import msgspec

from aniva_sandbox.api.shipments.courier import REFUSABLE, refusal_note
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, operation
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.control.server import TAG
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.laboratory.magic import MAGIC

__all__ = ["OPERATIONS"]


class MagicView(msgspec.Struct, frozen=True):
    """A value that makes the sandbox behave in a certain way, for clients that reach only the partner API."""

    operation: Annotated[str, field("The operation that it is sent to.", examples=["confirm_blood_draw"])]
    field: Annotated[str, field("The field of the body.", examples=["barcode"])]
    value: Annotated[str, field("The value that the field begins with, or contains.")]
    matches: Annotated[str, field(extra={"enum": ["prefix", "part"]})]
    effect: Annotated[str, field("What it does.")]


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


OPERATIONS = (list_magic,)
