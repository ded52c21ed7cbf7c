"""What can be called next, with values from a response: put into a document for a run, because links in the published
one make generators of clients stumble."""

from collections.abc import Iterable
from typing import Any

from aniva_sandbox.contract.operations import Link, Operation

__all__ = ["add_links"]


def add_links(document: dict[str, Any], operations: Iterable[Operation[Any]]) -> None:
    """Add the links of these operations to their successes, in place, where the document has both ends of a link, and
    the parameters that it fills. Links of the document's own stay."""
    described = {
        operation["operationId"]: (operation, _parameters(document, item, operation))
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "operationId" in operation
    }
    for operation in operations:
        if not operation.links or operation.id not in described:
            continue
        responses = described[operation.id][0].get("responses", {})
        status = str(operation.status)
        if status not in responses:
            continue
        success = _resolved(document, responses[status])
        links = {
            link.operation: _described(link)
            for link in operation.links
            if link.operation in described and link.parameters.keys() <= described[link.operation][1]
        }
        responses[status] = success | {"links": links | success.get("links", {})}


def _described(link: Link) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": link.operation}
    if link.parameters:
        described["parameters"] = dict(link.parameters)
    if link.body is not None:
        described["requestBody"] = link.body
    return described


def _parameters(document: dict[str, Any], item: dict[str, Any], operation: dict[str, Any]) -> set[str]:
    listed = [*item.get("parameters", []), *operation.get("parameters", [])]
    return {_resolved(document, parameter)["name"] for parameter in listed}


def _resolved(document: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """A part of a document, or what it refers to in there."""
    while "$ref" in part:
        target: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        part = target
    return part
