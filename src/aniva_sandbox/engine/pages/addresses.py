"""Where operations are in the reference."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from aniva_sandbox.engine.contract.operations import Operation

__all__ = ["operation_addresses"]


def operation_addresses(reference: str, operations: Iterable[Operation[Any]]) -> dict[str, str]:
    """The addresses of operations, by their ids, in the reference at this path."""
    return {each.id: f"{reference}#/{quote(each.tag)}/{each.id}" for each in operations}
