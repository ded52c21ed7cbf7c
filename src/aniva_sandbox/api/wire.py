"""The wire types that several nouns share."""

from typing import Annotated

from aniva_sandbox.api.rules import ID_FORMAT
from aniva_sandbox.engine.contract.schemas import field

__all__ = ["Uuid"]

Uuid = Annotated[str, field("A UUID.", rule=ID_FORMAT, extra={"format": "uuid"})]
