"""A document made ready to serve: its routes, and for each operation its checks, bound to behaviour."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from aniva_sandbox.contract.checks import Check, Violation, check_keywords
from aniva_sandbox.contract.common import (
    BODY_JSON,
    BODY_SCHEMA,
    HTTP_METHOD,
    HTTP_NOT_FOUND,
    HTTP_TOO_LARGE,
    MAX_BODY,
)
from aniva_sandbox.contract.document import DocumentError
from aniva_sandbox.contract.operations import Call, NoBody, NoQuery, Operation
from aniva_sandbox.contract.rules import Detail, Ledger, Refusal
from aniva_sandbox.world.tables import Access

__all__ = ["Api", "Endpoint"]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_JSON_TYPE = re.compile(r"application/(?:[\w.+-]+\+)?json\s*(?:;.*)?", re.IGNORECASE)
_INTEGER = re.compile(r"-?[0-9]{1,4000}")
_NUMBER = re.compile(r"-?[0-9]{1,300}(?:\.[0-9]{1,300})?")


class Endpoint:
    """One operation of a document: its checks, and its behaviour where there is one."""

    def __init__(
        self,
        described: dict[str, Any],
        parameters: list[dict[str, Any]],
        schemas: dict[str, Any],
        operation: Operation[Any] | None,
        ledger: Ledger,
    ) -> None:
        self.id = str(described["operationId"])
        self.operation = operation
        self._ledger = ledger
        self._path = _Parameters([p for p in parameters if p["in"] == "path"], schemas)
        self._query = _Parameters([p for p in parameters if p["in"] == "query"], schemas)
        body = described.get("requestBody")
        self._body_required = bool(body and body.get("required"))
        self.takes_body = body is not None
        schema = _json_schema(body or {}, f"{self.id}/requestBody")
        self._body = Check(schema, schemas, strict_formats=True) if schema else None
        self._answers: dict[str, Check | None] = {}
        self.declared: dict[str, frozenset[str]] = {}
        for status, response in described.get("responses", {}).items():
            schema = _json_schema(response, f"{self.id}/responses/{status}")
            self._answers[str(status)] = Check(schema, schemas, strict_formats=False) if schema is not None else None
            if "x-rules" in response:
                self.declared[str(status)] = frozenset(response["x-rules"])

    def read_call(
        self, access: Access, values: list[str], query: bytes, content_type: str | None, body: bytes | None
    ) -> Call[Any, Any]:
        """Check a request against the document and type it. ``body`` is None where it is too large.

        Raises a refusal that names every violation; msgspec.ValidationError where the behaviour cannot read what the
        document allows, which only a proposal brings about.
        """
        if body is None and self.takes_body:
            HTTP_TOO_LARGE.refuse(f"The body has more than {MAX_BODY} bytes")
        path, violations = self._path.read(zip(self._path.names, values, strict=True))
        queried, found = self._query.read(parse_qsl(query.decode("latin-1"), keep_blank_values=True))
        violations += found
        decoded: Any = {}
        if self._body is not None and (self._body_required or body):
            decoded = _decode(body or b"", content_type)
            if not self._body.accepts(decoded):
                violations += self._body.violations(decoded)
        if violations:
            raise self._refusal(violations)
        operation = self.operation
        query_type = operation.query if operation else NoQuery
        body_type = operation.body if operation else NoBody
        # Not strict, because JSON Schema takes 1.0 for an integer; everything else is known to fit.
        return Call(
            access,
            next((str(value) for value in path.values()), ""),
            msgspec.convert(queried, query_type, strict=False),
            msgspec.convert(decoded, body_type, strict=False),
        )

    def mismatch(self, status: int, value: Any, rules: Iterable[str]) -> str | None:
        """Where an answer (plain values) contradicts the document; None where it agrees."""
        key = next((key for key in (str(status), f"{status // 100}XX", "default") if key in self._answers), None)
        if key is None:
            return f"{self.id} does not describe the status {status}"
        check = self._answers[key]
        if check is not None and not check.accepts(value):
            detail = next(check.violations(value)).detail
            return f"{self.id} {status}: {detail.path} {detail.message}"
        undeclared = sorted(set(rules) - self.declared[key]) if key in self.declared else []
        if undeclared:
            return f"{self.id} does not declare the rule {', '.join(undeclared)} for {status}"
        return None

    def _refusal(self, violations: list[Violation]) -> Refusal:
        details = tuple(dict.fromkeys(violation.detail for violation in violations))
        rules = dict.fromkeys(
            self._ledger[violation.rule] if violation.rule and violation.rule in self._ledger else BODY_SCHEMA
            for violation in violations
        )
        faults = "; ".join(f"{detail.path} {detail.message}" for detail in details)
        return Refusal(tuple(rules), 400, f"Validation failed: {faults}", details, {})


class Api:
    """The routes and endpoints of a document.

    Raises :exc:`DocumentError` where the document uses what is not known here, where one of its operations has no
    behaviour, or where behaviour has no operation. A ``proposal`` may have fewer and further operations.
    """

    def __init__(
        self, document: dict[str, Any], operations: Iterable[Operation[Any]], ledger: Ledger, *, proposal: bool = False
    ) -> None:
        self.document = document
        self.proposal = proposal
        self.endpoints: dict[str, Endpoint] = {}
        self._routes: dict[str, Any] = {}
        behaviour = {operation.id: operation for operation in operations}
        schemas = document.get("components", {}).get("schemas", {})
        for name, schema in schemas.items():
            check_keywords(schema, f"components/schemas/{name}")
        for path, item in document.get("paths", {}).items():
            item = _resolve(item, document)
            for method in _METHODS:
                if method in item:
                    self._add(path, method, item, document, behaviour, schemas, ledger)
        missing = sorted(set(self.endpoints) - set(behaviour))
        surplus = sorted(set(behaviour) - set(self.endpoints))
        if missing and not proposal:
            raise DocumentError(f"the document has operations without behaviour: {', '.join(missing)}")
        if surplus and not proposal:
            raise DocumentError(f"there is behaviour without an operation in the document: {', '.join(surplus)}")

    def route(self, method: str, path: str) -> tuple[Endpoint, list[str]]:
        """The endpoint for a method and an undecoded path, with the values of the path's parameters.

        Raises refusals through ``http.not-found`` and ``http.method``; a path without parameters goes before one with.
        """
        segments = path.split("/")
        found = self._match(segments, 1, self._routes)
        if found is None:
            HTTP_NOT_FOUND.refuse("There is no such path")
        methods, values = found
        endpoint = methods.get(method)
        if endpoint is None:
            raise HTTP_METHOD.refusal(f"The path does not have the method; it has {', '.join(sorted(methods))}")
        return endpoint, values

    def allowed(self, path: str) -> list[str]:
        """The methods of a path."""
        found = self._match(path.split("/"), 1, self._routes)
        return sorted(found[0]) if found else []

    def _match(
        self, segments: list[str], at: int, node: dict[str, Any]
    ) -> tuple[dict[str, Endpoint], list[str]] | None:
        if at == len(segments):
            methods = node.get("")
            return (methods, []) if methods else None
        segment = segments[at]
        if not segment:
            return None
        if segment in node:
            return self._match(segments, at + 1, node[segment])
        if "{}" in node:
            found = self._match(segments, at + 1, node["{}"])
            return (found[0], [unquote(segment), *found[1]]) if found else None
        return None

    def _add(
        self,
        path: str,
        method: str,
        item: dict[str, Any],
        document: dict[str, Any],
        behaviour: Mapping[str, Operation[Any]],
        schemas: dict[str, Any],
        ledger: Ledger,
    ) -> None:
        described = _resolve(item[method], document)
        where = f"{method.upper()} {path}"
        if "operationId" not in described:
            raise DocumentError(f"{where} has no operationId")
        parameters = [_resolve(p, document) for p in (*item.get("parameters", ()), *described.get("parameters", ()))]
        described = described | {
            "requestBody": _resolve(described.get("requestBody"), document),
            "responses": {
                status: _resolve(response, document) for status, response in described.get("responses", {}).items()
            },
        }
        id = described["operationId"]
        if id in self.endpoints:
            raise DocumentError(f"{where}: the operationId {id} stands twice")
        self.endpoints[id] = Endpoint(described, parameters, schemas, behaviour.get(id), ledger)
        node = self._routes
        for segment in path.strip("/").split("/"):
            node = node.setdefault("{}" if segment.startswith("{") else segment, {})
        node.setdefault("", {})[method.upper()] = self.endpoints[id]


class _Parameters:
    """The parameters of one place, checked together as one object."""

    def __init__(self, described: list[dict[str, Any]], schemas: dict[str, Any]) -> None:
        self.names = [parameter["name"] for parameter in described]
        self._schemas = {parameter["name"]: parameter.get("schema", {}) for parameter in described}
        for name, schema in self._schemas.items():
            check_keywords(schema, f"parameter {name}")
        whole: dict[str, Any] = {"type": "object", "properties": self._schemas}
        required = [parameter["name"] for parameter in described if parameter.get("required")]
        if required:
            whole["required"] = required
        self._check = Check(whole, schemas, strict_formats=True) if described else None

    def read(self, pairs: Iterable[tuple[str, str]]) -> tuple[dict[str, Any], list[Violation]]:
        """The values of the known parameters, numbers as numbers, and what is wrong with them."""
        if self._check is None:
            return {}, []
        values: dict[str, Any] = {}
        for name, text in pairs:
            schema = self._schemas.get(name)
            if schema is None:
                continue
            if schema.get("type") == "array":
                values.setdefault(name, []).append(_typed(text, schema.get("items", {})))
            else:
                values[name] = _typed(text, schema)
        return values, [] if self._check.accepts(values) else list(self._check.violations(values))


def _typed(text: str, schema: dict[str, Any]) -> Any:
    """The text of a parameter as a number or a truth value where its schema asks for one and the text is one."""
    match schema.get("type"):
        case "integer" if _INTEGER.fullmatch(text):
            return int(text)
        case "number" if _NUMBER.fullmatch(text):
            return float(text)
        case "boolean" if text in ("true", "false"):
            return text == "true"
    return text


def _decode(body: bytes, content_type: str | None) -> dict[str, Any]:
    """The JSON object of a body; refused through ``body.json``."""
    if not body:
        raise BODY_JSON.refusal("A JSON body is required", details=[Detail("body", "is required")])
    if content_type is None or not _JSON_TYPE.fullmatch(content_type):
        raise BODY_JSON.refusal(
            "The body must be sent as application/json", details=[Detail("body", "must be sent as application/json")]
        )
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BODY_JSON.refusal("The body is not valid JSON", details=[Detail("body", "is not valid JSON")]) from None
    if not isinstance(decoded, dict):
        raise BODY_JSON.refusal("The body must be a JSON object", details=[Detail("body", "must be a JSON object")])
    return decoded


def _json_schema(part: dict[str, Any], where: str) -> dict[str, Any] | None:
    """The schema of a body or response that is JSON."""
    for media_type, content in part.get("content", {}).items():
        if _JSON_TYPE.fullmatch(media_type):
            schema: dict[str, Any] = content.get("schema", {})
            check_keywords(schema, where)
            return schema
    return None


def _resolve(part: Any, document: dict[str, Any]) -> Any:
    """What a reference within the document points to."""
    while isinstance(part, dict) and "$ref" in part:
        target: Any = document
        for step in part["$ref"].removeprefix("#/").split("/"):
            if not isinstance(target, dict) or step not in target:
                raise DocumentError(f"the reference {part['$ref']} points to nothing")
            target = target[step]
        part = target
    return part
