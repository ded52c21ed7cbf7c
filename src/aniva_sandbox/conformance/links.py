"""Links: possible next calls, with values from a response. They are added to a document for a run, because client
generators fail on links in the published one."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import schemathesis

from aniva_sandbox.engine.contract.document import DocumentError
from aniva_sandbox.engine.contract.operations import Link, Operation
from aniva_sandbox.engine.contract.parts import resolve

__all__ = ["Exchange", "Transition", "add_links"]


def add_links(document: dict[str, Any], operations: Iterable[Operation[Any]]) -> None:
    """Add the links of these operations to their successes, in place, if the document has both ends and the parameters
    of a link. The document's own links stay. Problems of the document are reported elsewhere."""
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
    """The names of an operation's parameters in the document."""
    names = set()
    for listed in (item.get("parameters"), operation.get("parameters")):
        for parameter in listed if isinstance(listed, list) else ():
            with suppress(DocumentError):
                names.add(str(resolve(parameter, document, "a parameter").get("name")))
    return names


def _objects(holder: Any) -> list[dict[str, Any]]:
    """The objects among the values of an object."""
    return [value for value in holder.values() if isinstance(value, dict)] if isinstance(holder, dict) else []


@dataclass(frozen=True)
class Exchange:
    """A call of a scenario and its response."""

    case: schemathesis.Case[Any]
    response: schemathesis.Response

    @cached_property
    def body(self) -> Any:
        """The body of the response as JSON; None if it is not valid JSON."""
        try:
            return self.response.json()
        except ValueError:
            return None

    @property
    def succeeded(self) -> bool:
        """Whether the response is a 2xx."""
        return 200 <= self.response.status_code < 300


@dataclass(frozen=True)
class Transition:
    """A link of a document, with the method and path of the operations at both ends."""

    id: str
    source: str
    status: str
    target: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None

    def leads(self, *, origin: Exchange, target: Exchange) -> bool:
        """Whether a call follows an earlier one along this link, with the values that the link takes from it."""
        case = target.case
        if (origin.case.operation.label, case.operation.label) != (self.source, self.target):
            return False
        if self.status not in (str(origin.response.status_code), f"{origin.response.status_code // 100}XX", "default"):
            return False
        return (self.body is None or evaluate(self.body, origin) == case.body) and all(
            _is_sent(case, name, evaluate(value, origin)) for name, value in self.parameters.items()
        )

    @property
    def path_parameters(self) -> set[str]:
        """The parameters in the target's path that the link fills."""
        return {name for name in map(_bare, self.parameters) if f"{{{name}}}" in self.target}


def evaluate(expression: Any, exchange: Exchange) -> Any:
    """The value of a runtime expression (OpenAPI 3.1, section 4.8.20.4) or constant; None if there is none, and for a
    header."""
    if not isinstance(expression, str) or not expression.startswith("$"):
        return expression
    kind, _, pointer = expression.partition("#")
    if kind == "$response.body":
        return _point(exchange.body, pointer)
    if kind == "$request.body":
        return _point(exchange.case.body, pointer)
    if kind.startswith("$request.path."):
        return exchange.case.path_parameters.get(kind.removeprefix("$request.path."))
    if kind.startswith("$request.query."):
        return exchange.case.query.get(kind.removeprefix("$request.query."))
    return None


def _point(value: Any, pointer: str) -> Any:
    """The part of a value that a JSON pointer (RFC 6901) points to; None if there is none."""
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        elif isinstance(value, dict):
            value = value.get(token)
        else:
            return None
    return value


def _is_sent(case: schemathesis.Case[Any], name: str, value: Any) -> bool:
    """Whether a call has this value in its path or query."""
    sent = case.path_parameters.get(_bare(name), case.query.get(_bare(name)))
    return value is not None and str(sent) == str(value)


def _bare(name: str) -> str:
    """The name of a parameter without the location that a link may prefix."""
    return name.removeprefix("path.").removeprefix("query.")
