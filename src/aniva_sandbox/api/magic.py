"""The list of magic values in the control plane: barcodes and notes that trigger special behaviour."""

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
    """A value that triggers a special behaviour through the partner API alone, without the control plane."""

    operation: Annotated[str, field("The operation it is sent to.", examples=["confirm_blood_draw"])]
    field: Annotated[str, field("The field of the body that contains it.", examples=["barcode"])]
    value: Annotated[str, field("The text that the field begins with or contains.")]
    matches: Annotated[str, field(extra={"enum": ["prefix", "part"]})]
    effect: Annotated[str, field("What it triggers.")]


@operation("GET", "/magic", tag=TAG)
def list_magic(_worlds: Worlds, _call: Call[NoQuery, NoBody]) -> list[MagicView]:
    """List the magic values

    Barcodes and notes that trigger special behaviour.
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
