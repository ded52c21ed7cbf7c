"""What can be called next, with values from a response: put into a document for a run, because links in the published
one make generators of clients stumble."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from aniva_sandbox.contract.api import resolve
from aniva_sandbox.contract.document import DocumentError
from aniva_sandbox.contract.operations import Link, Operation

__all__ = ["add_links"]


def add_links(document: dict[str, Any], operations: Iterable[Operation[Any]]) -> None:
    """Add the links of these operations to their successes, in place, where the document has both ends of a link, and
    the parameters that it fills. Links of the document's own stay; what is wrong with it is for others to say."""
    described = {
        str(operation["operationId"]): (operation, _parameters(document, item, operation))
        for item in _objects(document.get("paths"))
        for operation in _objects(item)
        if "operationId" in operation
    }
    for operation in operations:
        responses = described[operation.id][0].get("responses") if operation.id in described else None
        status = str(operation.status)
        links = {
            link.operation: _described(link)
            for link in operation.links
            if link.operation in described and link.parameters.keys() <= described[link.operation][1]
        }
        if links and isinstance(responses, dict) and status in responses:
            with suppress(DocumentError, TypeError):
                success = resolve(responses[status], document, operation.id)
                responses[status] = success | {"links": links | success.get("links", {})}


def _described(link: Link) -> dict[str, Any]:
    described: dict[str, Any] = {"operationId": link.operation}
    if link.parameters:
        described["parameters"] = dict(link.parameters)
    if link.body is not None:
        described["requestBody"] = link.body
    return described


def _parameters(document: dict[str, Any], item: dict[str, Any], operation: dict[str, Any]) -> set[str]:
    """The names of an operation's parameters, as far as the document itself has them."""
    names = set()
    for listed in (item.get("parameters"), operation.get("parameters")):
        for parameter in listed if isinstance(listed, list) else ():
            with suppress(DocumentError):
                names.add(str(resolve(parameter, document, "a parameter").get("name")))
    return names


def _objects(holder: Any) -> list[dict[str, Any]]:
    """The objects in an object."""
    return [value for value in holder.values() if isinstance(value, dict)] if isinstance(holder, dict) else []
