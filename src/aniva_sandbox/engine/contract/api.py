"""A document ready to serve: routes, and for each operation the compiled checks and the behaviour."""

import itertools
import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from aniva_sandbox.engine.contract.access import Access
from aniva_sandbox.engine.contract.agreement import Agreement
from aniva_sandbox.engine.contract.bodies import JSON_TYPE, read_body
from aniva_sandbox.engine.contract.checks import (
    Checks,
    Violation,
    check_circles,
    followed,
)
from aniva_sandbox.engine.contract.described import Described
from aniva_sandbox.engine.contract.document import Contract, DocumentError, build_document
from aniva_sandbox.engine.contract.ground_rules import (
    AUTH_PERMISSION,
    AUTH_PERMISSION_UNNAMED,
    BODY_UNKNOWN_FIELD,
    HTTP_METHOD,
    HTTP_NOT_FOUND,
    HTTP_TOO_LARGE,
    MAX_BODY,
)
from aniva_sandbox.engine.contract.judged import RequestRules
from aniva_sandbox.engine.contract.kept import Kept
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery, Operation
from aniva_sandbox.engine.contract.outcomes import ANY_TYPE, JSON
from aniva_sandbox.engine.contract.parameters import Parameters, note_repeated
from aniva_sandbox.engine.contract.parts import base_path, object_at, parameters_of, resolve, resolve_response, texts_at
from aniva_sandbox.engine.contract.pluses import explain_plus
from aniva_sandbox.engine.contract.readings import Readings, convert
from aniva_sandbox.engine.contract.refusals import refusal_of
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import Detail, Ledger
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.texts import listed

__all__ = ["Api", "Endpoint"]

# Keys in the tree of routes other than segments, which are strings: a parameter, and the methods of a path ending here.
_ANY, _HERE = 0, 1

_METHODS = ("head", "get", "put", "post", "delete", "options", "patch", "trace")  # HEAD first: GET adds it


class Endpoint:
    """One operation of a document: its checks, and its behaviour, if there is any."""

    def __init__(
        self,
        described: dict[str, Any],
        path: str,
        parameters: list[dict[str, Any]],
        checks: Checks,
        operation: Operation[Any] | None,
        ledger: Ledger,
        *,
        proposal: bool,
    ) -> None:
        self._proposal = proposal
        self.id = str(described["operationId"])
        self.path = path
        """The path as in the document, with the base."""
        self.is_deprecated = bool(described.get("deprecated"))
        self.operation = operation
        self.max_body = operation.max_body if operation else MAX_BODY
        """The maximum size of a body, in bytes."""
        self._query_type = operation.query if operation else NoQuery
        self._body_type = operation.body if operation else NoBody
        self._ledger = ledger
        permissions = texts_at(described, "x-permissions", self.id)
        assumed = texts_at(described, "x-assumed-permissions", self.id)
        if permissions is None and operation is not None:
            permissions, assumed = list(operation.permissions), list(operation.assumed_permissions)
        self.permissions = frozenset(permissions or ())
        """A key needs one of these; if empty, it needs none."""
        self.assumed_permissions = self.permissions.intersection(assumed or ())
        """Those among them that the API documentation does not name."""
        self.named_permissions = self.permissions - self.assumed_permissions
        self.permission_rule = AUTH_PERMISSION if self.named_permissions else AUTH_PERMISSION_UNNAMED
        """What refuses a key without any of the permissions."""
        self.headers = tuple(
            (name.lower().encode(), header.value.encode())
            for name, header in (operation.headers.items() if operation is not None else ())
        )
        """The headers of a success."""
        self._names = re.findall(r"{([^}]*)}", path)
        self._path = Parameters([p for p in parameters if p["in"] == "path"], checks)
        self._query = Parameters([p for p in parameters if p["in"] == "query"], checks)
        body = described.get("requestBody")
        self._body_required = bool(body and body.get("required"))
        self.takes_body = body is not None
        schema = next((each for _, each in _json_schemas(body or {}, f"{self.id}/requestBody", checks)), None)
        self._body = checks.compiled(schema, strict_formats=True) if schema else None
        self._body_schema = schema or None
        self._readings = Readings(self._body_type, reads_body=self._body is not None)
        self.sound: Kept[tuple[Any, ...], bool] = Kept()
        """Responses that agree with the document."""
        self.sound_around: Kept[tuple[Any, ...], Agreement] = Kept()
        """All but the body of responses that agree with the document, and what their bodies must agree with."""
        self.schemas = checks.schemas
        """The components of the document."""
        self.agreements = checks.agreements
        """How responses to any operation agree with the document."""
        self.body_fields = _properties(schema or {}, checks.schemas)
        """The schemas of the fields of the body, by name."""
        self.query_fields = {p["name"]: p for p in parameters if p["in"] == "query"}
        """The query parameters, by name."""
        self._closed_query = bool(described.get("x-closed-query"))
        self._plain_body = _undeprecated(self.body_fields)
        self._plain_query = _undeprecated(self.query_fields)
        self._responses: dict[int | str, Described] = {}
        """By status, or by ``4XX`` or ``default`` as in the document."""
        self.response_schemas: dict[int, dict[str, Any]] = {}
        """The schemas of responses that are JSON, by status."""
        for status, response in described.get("responses", {}).items():
            found = _json_schemas(response, f"{self.id}/responses/{status}", checks)
            compiled = [checks.compiled(schema, strict_formats=False) for _media_type, schema in found]
            if found and str(status).isdecimal():
                self.response_schemas[int(status)] = found[0][1]
            rules = texts_at(response, "x-rules", f"{self.id}/responses/{status}")
            self._responses[int(status) if str(status).isdecimal() else status] = Described(
                check=compiled[0] if compiled else None,
                others={
                    media_type: check for (media_type, _schema), check in zip(found[1:], compiled[1:], strict=True)
                },
                media_types=frozenset(object_at(response, "content", self.id)),
                required_headers=frozenset(
                    name.lower().encode()
                    for name, header in object_at(response, "headers", self.id).items()
                    if header.get("required")
                ),
                rules=frozenset(rules) if rules is not None else None,
            )

    def read_call(self, access: Access, values: list[str], request: Request, trace: Trace) -> Call[Any, Any]:
        """Check a request against the document and type it; ``values`` are those of the path's parameters.

        Raises a refusal that names every violation, or msgspec.ValidationError if the behaviour cannot read what the
        document allows, which happens only with a proposal.
        """
        query, body = request.query, request.body
        if self.takes_body and (body is None or len(body) > self.max_body):
            HTTP_TOO_LARGE.refuse(f"The body has more than {self.max_body} bytes")
        kept = None if trace.collects else self._readings.find(request)
        if kept is not None:
            return Call(access, *kept, trace)
        hints, leaned_on = trace.hints, trace.leaned_on
        path, violations = self._path.read(zip(self._names, values, strict=True))
        queried: dict[str, Any] = {}
        found = self._query.faults_of_none
        sent: list[tuple[str, str]] = []
        if query:
            sent = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
            queried, found = self._query.read(sent)
            if len(sent) > 1:
                note_repeated(sent, self.query_fields, trace)
            if found and b"+" in query:
                found = explain_plus(found, query, self.query_fields)
            if self._closed_query:
                unknown = dict.fromkeys(name for name, _ in sent if name not in self.query_fields)
                found = [*found, *(Violation(Detail(name[:64], "is not known"), None, "not") for name in unknown)]
        violations = [*violations, *found] if found else violations
        decoded: Any = {}
        if self._body is not None and (self._body_required or body):
            known = self.body_fields or None
            decoded, found = read_body(
                self._body, body or b"", request.content_type, request.content_encoding, fields=known
            )
            violations = [*violations, *found] if found else violations
        if trace.collects:
            has_body = self._body is not None and (self._body_required or body)
            violations = self.request_rules.note(path, queried, decoded if has_body else None, violations, trace)
        if violations:
            raise refusal_of(violations, self._ledger)
        try:
            typed = convert(queried, self._query_type), convert(decoded, self._body_type)
        except msgspec.ValidationError as error:
            # Only a number that JSON allows but a float or a 64-bit int cannot hold passes the checks without being
            # readable here.
            field = str(error).partition("`$.")[2].rstrip("`")
            if self._proposal or not ("out of range" in str(error) or "got `float`" in str(error)):
                raise
            raise refusal_of([Violation(Detail(field, "is out of range"), None, "maximum")], self._ledger) from None
        if decoded and self.body_fields and not decoded.keys() <= self._plain_body:
            trace.note_fields(decoded, self.body_fields)
        if sent and any(name not in self._plain_query for name, _ in sent):
            trace.note_fields([name for name, _ in sent], self.query_fields)
        if trace.unknown_fields:
            trace.lean_on(BODY_UNKNOWN_FIELD)
        id = str(path.get(self._names[0], values[0])) if values else ""
        is_odd = trace.unknown_fields or trace.deprecated_fields
        if trace.hints is hints and trace.leaned_on is leaned_on and not is_odd and not trace.collects:
            self._readings.keep(request, id, *typed)
        return Call(access, id, *typed, trace)

    @cached_property
    def request_rules(self) -> RequestRules:
        """What the document says of its requests."""
        return RequestRules(self._path.schema, self._query.schema, self._body_schema, self.schemas, self._ledger)

    @property
    def success_schemas(self) -> dict[int, dict[str, Any]]:
        """The schemas of successes that are JSON, by status."""
        return {status: schema for status, schema in self.response_schemas.items() if 200 <= status < 300}

    @property
    def statuses(self) -> tuple[int, ...]:
        """The statuses that the document describes one by one, in its order."""
        return tuple(status for status in self._responses if isinstance(status, int))

    @property
    def declared_rules(self) -> frozenset[str]:
        """The ids of the rules that may refuse its calls, as far as the document says so."""
        return frozenset().union(*(response.rules or () for response in self._responses.values()))

    def agreement_on(self, status: int, media_type: str) -> Agreement | None:
        """What the bodies of responses with a status must agree with; None where they are not JSON, or not
        described."""
        described = self._described(status)
        check = described.check_of(media_type) if described is not None else None
        return self.agreements.on(check.schema) if check is not None else None

    def _described(self, status: int) -> Described | None:
        responses = self._responses
        return responses.get(status) or responses.get(f"{status // 100}XX") or responses.get("default")

    def mismatch(
        self,
        status: int,
        value: Any,
        rules: Iterable[str] = (),
        headers: tuple[tuple[bytes, bytes], ...] = (),
        media_type: str = JSON,
    ) -> str | None:
        """How a response contradicts the document; None if it does not. ``value`` is what JSON is written from, or
        bytes if the response is not JSON."""
        described = self._described(status)
        if described is None:
            return f"{self.id} does not describe the status {status}"
        _, _, media_types, required_headers, declared = described
        check = described.check_of(media_type)
        is_named = not media_types or media_type in media_types or ANY_TYPE in media_types
        if not is_named and (media_type != JSON or check is None):
            return f"{self.id} {status}: the content is {media_type}, not {', '.join(sorted(media_types))}"
        if check is not None and not self.agreements.on(check.schema).accepts(value):
            plain = value if isinstance(value, bytes) else msgspec.to_builtins(value)
            detail = next(check.violations(plain)).detail
            return f"{self.id} {status}: {detail.path} {detail.message}"
        if declared is not None:
            for rule in rules:
                if rule not in declared:
                    return f"{self.id} does not declare the rule {rule} for {status}"
        if required_headers:
            missing = sorted(required_headers - {name for name, _ in headers})
            if missing:
                return f"{self.id} {status}: the header {missing[0].decode()} is required"
        return None


class Api:
    """The routes and endpoints of a document.

    Raises :exc:`DocumentError` for a document that uses unsupported keywords, that has an operation without
    behaviour, or that lacks an operation with behaviour. A ``proposal`` may have more or fewer operations.
    """

    def __init__(
        self,
        document: dict[str, Any],
        operations: Iterable[Operation[Any]],
        ledger: Ledger,
        *,
        text: str | None = None,
        proposal: bool = False,
        known: bool = False,
    ) -> None:
        """``text`` is the YAML that the document was read from, if it was. ``known`` says that an API was made from
        the same document before: its schemas are not checked again, and compiled at first use."""
        self.document = document
        self.text = text
        self.proposal = proposal
        self.ledger = ledger
        self.endpoints: dict[str, Endpoint] = {}
        self._routes: dict[int | str, Any] = {}
        self._led: Kept[tuple[str, str], tuple[Endpoint, tuple[str, ...]]] = Kept()
        behaviour = {operation.id: operation for operation in operations}
        schemas = object_at(object_at(document, "components", "the document"), "schemas", "components")
        checks = Checks(schemas, known=known)
        for name, schema in schemas.items():
            checks.check_keywords(schema, f"components/schemas/{name}")
        if not known:
            check_circles(schemas)
        self.base = base_path(document)
        """The prefix of all paths of the document: the path of its first server."""
        for path, item in object_at(document, "paths", "the document").items():
            item = resolve(item, document, path)
            path = self.base + path
            for method in _METHODS:
                if method in item:
                    self._add(path, method, item, document, behaviour, checks, ledger)
        missing = sorted(set(self.endpoints) - set(behaviour))
        surplus = sorted(set(behaviour) - set(self.endpoints))
        self.gaps: list[str] = []
        """The differences between a proposal and the behaviour."""
        if missing:
            self.gaps.append(f"the document has operations without behaviour: {listed(missing)}")
        if surplus:
            self.gaps.append(f"there is behaviour without an operation in the document: {listed(surplus)}")
        if self.gaps and not proposal:
            raise DocumentError("; ".join(self.gaps))
        self.permissions = frozenset().union(*(endpoint.permissions for endpoint in self.endpoints.values()))
        """All permissions that operations accept."""
        self.max_body = max((endpoint.max_body for endpoint in self.endpoints.values()), default=MAX_BODY)
        """The maximum size of a body that any operation accepts, in bytes."""
        paths = [endpoint.path for endpoint in self.endpoints.values()]
        self.prefix = _prefix(paths)
        """The common prefix of all paths, such as `/api/v1`; may be empty."""
        self.example_path = next((path for path in paths if "{" not in path), self.prefix)
        """A path that can be called as it is."""

    @classmethod
    def of(cls, contract: Contract, *, known: bool = False) -> "Api":
        """The API of a contract, with the document generated from it."""
        return cls(build_document(contract), contract.operations, contract.ledger, known=known)

    @cached_property
    def public_paths(self) -> frozenset[str]:
        """The paths of the operations that need no key and no token."""
        return frozenset(each.path for each in self.endpoints.values() if each.operation and each.operation.public)

    def route(self, method: str, path: str) -> tuple[Endpoint, list[str]]:
        """The endpoint for a method and an undecoded path, with the values of the path's parameters.

        Raises refusals through ``http.not-found`` and ``http.method``. A path without parameters takes precedence over
        one with parameters.
        """
        led = self._led.get((method, path))  # routes do not change, so where a path led before, it leads again
        if led is not None:
            return led[0], [*led[1]]
        methods, values = self._match(path)
        if not methods:
            HTTP_NOT_FOUND.refuse("There is no such path")
        endpoint = methods.get(method)
        if endpoint is None:
            raise HTTP_METHOD.refusal(f"The path does not support the method; it supports {', '.join(sorted(methods))}")
        self._led.keep((method, path), (endpoint, tuple(values)), len(path))
        return endpoint, values

    def allowed(self, path: str) -> list[str]:
        """The methods of a path, including HEAD if it has GET."""
        return sorted(self._match(path)[0])

    def _match(self, path: str) -> tuple[dict[str, Endpoint], list[str]]:
        """The methods of a path, empty if there is no such path, and the values of its parameters."""
        node = self._routes
        values = []
        for segment in path.split("/")[1:]:
            following = node.get(segment)
            if following is None:
                following = node.get(_ANY)
                if following is None or not segment:
                    return {}, []
                values.append(unquote(segment) if "%" in segment else segment)
            node = following
        return node.get(_HERE, {}), values

    def _add(
        self,
        path: str,
        method: str,
        item: dict[str, Any],
        document: dict[str, Any],
        behaviour: Mapping[str, Operation[Any]],
        checks: Checks,
        ledger: Ledger,
    ) -> None:
        where = f"{method.upper()} {path}"
        described = resolve(item[method], document, where)
        if not isinstance(described.get("operationId"), str):
            raise DocumentError(f"{where} has no operationId")
        parameters = [
            resolve(p, document, f"{where}: a parameter")
            for p in (*parameters_of(item, path), *parameters_of(described, where))
        ]
        for parameter in parameters:
            if not isinstance(parameter.get("name"), str) or not isinstance(parameter.get("in"), str):
                raise DocumentError(f"{where}: a parameter has no name or no `in`")
        body = described.get("requestBody")
        described = described | {
            "requestBody": None if body is None else resolve(body, document, f"{where}: the requestBody"),
            "responses": {
                str(status): resolve_response(response, document, f"{where}: the response {status}")
                for status, response in object_at(described, "responses", where).items()
            },
        }
        id = described["operationId"]
        if id in self.endpoints:
            raise DocumentError(f"{where}: the operationId {id} appears twice")
        self.endpoints[id] = Endpoint(
            described, path, parameters, checks, behaviour.get(id), ledger, proposal=self.proposal
        )
        node = self._routes
        for segment in path.removeprefix("/").split("/"):
            node = node.setdefault(_ANY if segment.startswith("{") else segment, {})
        methods = node.setdefault(_HERE, {})
        if method.upper() in methods:
            raise DocumentError(f"{where}: another path leads there too")
        methods[method.upper()] = self.endpoints[id]
        if method == "get":
            methods.setdefault("HEAD", self.endpoints[id])


def _json_schemas(part: dict[str, Any], where: str, checks: Checks) -> list[tuple[str, dict[str, Any]]]:
    """The JSON media types of a body or a response, with their schemas."""
    found = []
    for media_type, content in object_at(part, "content", where).items():
        if JSON_TYPE.fullmatch(media_type) and isinstance(content, dict):
            schema: dict[str, Any] = content.get("schema", {})
            checks.check_keywords(schema, where)
            found.append((media_type, schema))
    return found


def _properties(schema: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    """The properties of a schema, or of the component that it references."""
    properties = followed(schema, schemas).get("properties", {})
    return {name: field if isinstance(field, dict) else {} for name, field in properties.items()}


def _undeprecated(fields: Mapping[str, Any]) -> set[str]:
    return {name for name, field in fields.items() if not field.get("deprecated")}


def _prefix(paths: Iterable[str]) -> str:
    """The segments before the last one that all paths have in common."""
    parents = [path.split("/")[:-1] for path in paths]
    alike = itertools.takewhile(lambda segments: len(set(segments)) == 1, zip(*parents, strict=False))
    return "/".join(segments[0] for segments in alike)
