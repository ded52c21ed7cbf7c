"""A ``+`` in a query, which is read as a space, as in a form. Offsets, tagged addresses and time zones contain one."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

import msgspec

from aniva_sandbox.engine.contract.checks import Violation
from aniva_sandbox.engine.contract.rules import Detail

__all__ = ["PLUS", "explain_plus", "find_pluses"]

PLUS: Final = "a + in a query is read as a space, write %2B"


def find_pluses(query: bytes, parameters: Mapping[str, Any]) -> list[str]:
    """The names of the string parameters that were sent with a ``+`` in the last value, which is the one that counts.
    ``parameters`` are those of the operation, as in its document."""
    if b"+" not in query:
        return []
    last = {}
    for part in query.decode("latin-1").split("&"):
        name, _, value = part.partition("=")
        last[unquote_plus(name)] = "+" in value
    return [name for name, described in parameters.items() if last.get(name) and _takes_text(described.get("schema"))]


def _takes_text(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "string"


def explain_plus(violations: Iterable[Violation], query: bytes, parameters: Mapping[str, Any]) -> list[Violation]:
    """The violations of the parameters of a query, with a word about any ``+`` in them."""
    names = find_pluses(query, parameters)
    return [
        msgspec.structs.replace(each, detail=Detail(each.detail.path, f"{each.detail.message}: {PLUS}"))
        if each.detail.path in names
        else each
        for each in violations
    ]
