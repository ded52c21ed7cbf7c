"""What probes need to know about the Partner API."""

from typing import Final

from aniva_sandbox.api.probing.events import HELD, VARIATIONS
from aniva_sandbox.api.probing.instants import special_instants
from aniva_sandbox.api.probing.records import DERIVED, DESCRIBE, NOUNS, STAMPS
from aniva_sandbox.api.probing.responses import NULLABLE, UNORDERED
from aniva_sandbox.engine.world.domain import Probing

__all__ = ["PROBING"]

PROBING: Final = Probing(
    describe=DESCRIBE,
    nouns=NOUNS,
    stamps=STAMPS,
    derived=DERIVED,
    unordered=UNORDERED,
    nullable=NULLABLE,
    instants=special_instants,
    vary=VARIATIONS,
    held=HELD,
)
