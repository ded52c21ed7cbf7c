"""Hints: what may be a mistake in a test's calls, or in how it uses their responses."""

import msgspec

from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.evidence.secrets import hide_keys

__all__ = ["Hint", "hints_of"]


class Hint(msgspec.Struct, frozen=True):
    """A possible mistake in a call, or in how its response is used."""

    number: int
    """The number of the call, as in :class:`Exchange`."""
    operation: str | None
    """The operationId of the call; None for an unknown path or method."""
    field: str
    """The field, parameter or header that it is about; empty for the call as a whole."""
    text: str

    @property
    def sentence(self) -> str:
        """The text, with the field if the text does not name it."""
        return self.text if self.field in self.text else f"{self.field}: {self.text}"

    def __str__(self) -> str:
        """One line: the call and the text."""
        return f"#{self.number} {self.operation or 'no operation'}: {self.sentence}"


def hints_of(number: int, trace: Trace) -> list[Hint]:
    """The hints of a call, without keys."""
    return [Hint(number, trace.operation, hide_keys(hint.field), hide_keys(hint.text)) for hint in trace.hints]
