"""The wire types that several nouns share."""

from typing import Annotated, Final

from aniva_sandbox.api.rules import ID_FORMAT
from aniva_sandbox.engine.contract.schemas import field

__all__ = ["EXAMPLE_ZONE", "Uuid"]

EXAMPLE_ZONE: Final = "Europe/Berlin"
"""The time zone of the location in examples."""

Uuid = Annotated[str, field("A UUID.", rule=ID_FORMAT, extra={"format": "uuid"})]
