"""The OpenAPI 3.1 document: building it from operations, writing it as YAML, reading it."""

import json
import re
from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import msgspec

from aniva_sandbox.engine.contract.ahead import Ahead, Place, filled, places_of
from aniva_sandbox.engine.contract.ground_rules import (
    AUTH_KEY,
    AUTH_PERMISSION,
    AUTH_PERMISSION_UNNAMED,
    BODY_JSON,
    BODY_SCHEMA,
    BODY_SCHEMA_NUL,
    BODY_SCHEMA_NULL,
    ERROR_INTERNAL,
    FORBIDDEN,
    HTTP_TOO_LARGE,
    KEY_HEADER,
    Error,
    Forbidden,
)
from aniva_sandbox.engine.contract.operations import Attachment, NoBody, NoQuery, Operation
from aniva_sandbox.engine.contract.rules import Ledger, Rule
from aniva_sandbox.engine.contract.schemas import components, inline_schema, rules_in, schema_name
from aniva_sandbox.engine.docstrings import docstring
from aniva_sandbox.engine.own_time import own_time
from aniva_sandbox.engine.yaml_file import load_yaml

__all__ = [
    "DEFAULT_ADDRESS",
    "ApiInfo",
    "Contract",
    "DocumentError",
    "build_document",
    "dates_ahead",
    "describe_rules",
    "dump_document",
    "listed_clauses",
    "load_document",
]


DEFAULT_ADDRESS = "http://127.0.0.1:8000"
"""The default address of `serve`. A served document names the address that the request used."""


class DocumentError(Exception):
    """An OpenAPI document cannot be served; the message says why."""


class ApiInfo(msgspec.Struct, frozen=True):
    """The part of a document about the API as a whole. ``tags`` maps each tag to its description. ``refuses`` are the
    rules that may refuse any call, except of a public operation, before it reaches the operation. ``common`` are the
    rules whose clauses the description lists, so that responses do not repeat them. ``keyed`` says that calls need an
    API key, ``bearer`` that a server may require a token. ``examples_at`` is now for the dates in examples that lie
    ahead of it."""

    title: str
    version: str
    description: str
    base: str
    keyed: bool
    tags: Mapping[str, str]
    refuses: tuple[Rule, ...] = ()
    common: tuple[Rule, ...] = ()
    bearer: bool = False
    examples_at: datetime = datetime(2026, 4, 13, 8, tzinfo=UTC)


class Contract(msgspec.Struct, frozen=True, eq=False):
    """An API as it is declared: what its document says of it as a whole, its operations, and its rules."""

    info: ApiInfo
    operations: tuple[Operation[Any], ...]
    ledger: Ledger


_HEADERS = {
    "X-Sandbox-World": ("The world that handled the request.", {"type": "string", "examples": ["default"]}),
    "X-Sandbox-Time": ("The current time of the world.", {"type": "string", "format": "date-time"}),
    "X-Sandbox-Rule": (
        "The rule or clause that refused the request, with its basis. Several, if the request broke several formats.",
        {"type": "string", "examples": ["http.not-found; basis=assumed"]},
    ),
    "X-Sandbox-Hint": (
        "Possible mistakes in the request or in how its response is used; at most 300 characters of ASCII.",
        {"type": "string", "examples": ["limit is deprecated"]},
    ),
}


def build_document(contract: Contract) -> dict[str, Any]:
    """The OpenAPI document of a contract, as plain values in a stable order."""
    document: dict[str, Any] = filled(_unfilled(contract), contract.info.examples_at)
    return document


def dates_ahead(contract: Contract) -> list[tuple[Place, Ahead]]:
    """Where the examples of a contract's document have dates ahead of now."""
    return list(places_of(_unfilled(contract)))


def _unfilled(contract: Contract) -> dict[str, Any]:
    """The document, in which the dates ahead wait for an instant."""
    with own_time():  # msgspec describes instants by Python's class, not by that of a test that froze time
        return _document(contract)


def _document(contract: Contract) -> dict[str, Any]:
    info, operations, ledger = contract.info, contract.operations, contract.ledger
    types: list[Any] = [Error, Forbidden] if info.keyed else [Error]
    for op in operations:
        types += [op.body, *op.errors.values(), *op.others.values()] + (
            [] if op.returns is Attachment else [op.returns]
        )
    schemas = components(types)
    schemas.pop(NoBody.__name__, None)
    paths: dict[str, Any] = {}
    for op in operations:
        paths.setdefault(info.base + op.path, {})[op.method.lower()] = _operation(op, schemas, ledger, info)
    responses = {"InternalError": _refusal([ERROR_INTERNAL], Error, ledger, info)} | _shared_refusals(paths)
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": info.title, "version": info.version, "description": info.description},
        "servers": [{"url": DEFAULT_ADDRESS, "description": "This sandbox"}],
        "tags": [{"name": name, "description": text} for name, text in info.tags.items()],
        "paths": paths,
        "components": {
            "headers": {
                name: {"description": text, "schema": schema}
                for name, (text, schema) in _HEADERS.items()
                if info.keyed or name == "X-Sandbox-Rule"
            },
            "responses": responses,
            "schemas": schemas,
        },
    }
    if info.keyed:
        document["security"] = [{"apiKey": []}]
        document["components"]["securitySchemes"] = {
            "apiKey": {
                "type": "apiKey",
                "in": "header",
                "name": KEY_HEADER,
                "description": "`sbx_<world>` or `sbx_<world>.<persona>`; `sbx_default` works at once.",
            }
        }
    if info.bearer:
        document["security"] = [{}, {"bearer": []}]  # either: only a running server knows whether it needs a token
        document["components"]["securitySchemes"] = {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "The token that `serve` prints, or `ANIVA_SANDBOX_TOKEN`; not needed if it prints none.",
            }
        }
    return document


def describe_rules(rules: Iterable[Rule], ledger: Ledger, common: Container[Rule] = ()) -> str:
    """Rules as a Markdown list, each with its clauses: those that are among the rules, and those that never refuse and
    are not ``common``."""
    given = {rule.id: rule for rule in rules}
    lines = []
    for rule in given.values():
        if rule.whole not in given:
            lines.append(f"- {_described(rule)}")
            lines += (f"  - {_described(each)}" for each in listed_clauses(rule, given, ledger, common))
    return "\n".join(lines)


def listed_clauses(rule: Rule, given: Container[str], ledger: Ledger, common: Container[Rule] = ()) -> list[Rule]:
    """The clauses that are listed with a rule: those among the ``given`` ids, and those that never refuse and are not
    ``common``."""
    return [each for each in ledger.clauses(rule) if each.id in given or not (each.statuses or each in common)]


def _described(rule: Rule) -> str:
    return f"`{rule.id}` ({rule.basis}): {rule.sentence}"


def dump_document(document: dict[str, Any]) -> str:
    """A document as YAML. Equal documents give equal texts."""
    from aniva_sandbox.engine.contract.document_text import dump  # lazy: few servers write one

    return dump(document)


def load_document(path: Path) -> dict[str, Any]:
    """Read an OpenAPI document in YAML or JSON. Raises :exc:`DocumentError`."""
    try:
        text = path.read_text(encoding="utf-8")
        document = json.loads(text) if path.suffix == ".json" else load_yaml(text)
    except (OSError, ValueError) as error:
        raise DocumentError(f"{path} cannot be read: {error}") from None
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3.1"):
        raise DocumentError(f"{path} is not an OpenAPI 3.1 document")
    return document


def _operation(op: Operation[Any], schemas: dict[str, Any], ledger: Ledger, info: ApiInfo) -> dict[str, Any]:
    parameters = _parameters(op)
    described: dict[str, Any] = {"operationId": op.id, "tags": [op.tag], "summary": op.summary}
    texts = [op.description, _permissions(op), describe_rules(op.follows, ledger)]
    if any(texts):
        described["description"] = "\n\n".join(filter(None, texts))
    if op.deprecated:
        described["deprecated"] = True
    if op.public:
        described["security"] = []
    if op.permissions:
        described["x-permissions"] = list(op.permissions)
    if op.assumed_permissions:
        described["x-assumed-permissions"] = list(op.assumed_permissions)
    if parameters:
        described["parameters"] = parameters
    if op.query is not NoQuery and not info.keyed:  # the API itself ignores unknown fields
        described["x-closed-query"] = True
    if op.ignores_body:
        described["requestBody"] = {"required": False, "content": {"application/json": {"schema": {}}}}
    elif op.body is not NoBody:
        content: dict[str, Any] = {"schema": inline_schema(op.body)}
        if op.examples:
            shown = {op.summary: op.example} | dict(op.examples)
            content["examples"] = {name: {"summary": name, "value": value} for name, value in shown.items()}
        elif op.example is not None:
            content["example"] = op.example
        described["requestBody"] = {"required": op.body_required, "content": {"application/json": content}}
    format_rules = [ledger[id] for id in rules_in([parameters, described.get("requestBody", {})], schemas)]
    described["responses"] = {
        str(op.status): _success(op, info),
        **_refusals(op, _refusing_rules(op, format_rules, info), ledger, info),
    }
    return described


def _permissions(op: Operation[Any]) -> str:
    names = [f"`{name}`{' (assumed)' if name in op.assumed_permissions else ''}" for name in op.permissions]
    return f"Needs {'one of ' if len(names) > 1 else ''}{', '.join(names)}." if names else ""


def _parameters(op: Operation[Any]) -> list[dict[str, Any]]:
    found = []
    if op.path_id is not None:
        name = op.path.partition("{")[2].partition("}")[0]
        found.append(_parameter(name, "path", True, inline_schema(op.path_id)))
    if op.query is not NoQuery:
        schema = components([op.query])[schema_name(op.query.__name__)]
        for name, property in schema["properties"].items():
            found.append(_parameter(name, "query", name in schema.get("required", ()), property))
    return found


def _parameter(name: str, place: str, required: bool, schema: dict[str, Any]) -> dict[str, Any]:
    parameter: dict[str, Any] = {
        "name": name,
        "in": place,
        "required": required,
        "description": schema.pop("description", ""),
    }
    examples = schema.pop("examples", None)
    parameter["schema"] = schema
    if examples:
        parameter["example"] = examples[0]
    return parameter


def _success(op: Operation[Any], info: ApiInfo) -> dict[str, Any]:
    binary = {"type": "string", "format": "binary"}
    content: dict[str, Any] = {"schema": binary if op.returns is Attachment else inline_schema(op.returns)}
    headers: dict[str, Any] = {
        name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS if info.keyed and name != "X-Sandbox-Rule"
    }
    headers |= {
        name: {"description": header.description, "required": True, "schema": {"type": "string"}}
        for name, header in op.headers.items()
    }
    if op.returns is Attachment:
        headers["Content-Disposition"] = {
            "description": "The file's name.",
            "required": True,
            "schema": {"type": "string"},
        }
    item, described = (get_args(op.returns) or (op.returns,))[0], "{}"
    if item is not op.returns:
        described = "A list. Each entry: {}"
    success: dict[str, Any] = {"description": described.format(docstring(item).split("\n")[0])}
    if headers:
        success["headers"] = headers
    success["content"] = {op.media_type: content} | {
        media_type: {"schema": inline_schema(other)} for media_type, other in op.others.items()
    }
    return success


def _refusing_rules(op: Operation[Any], format_rules: list[Rule], info: ApiInfo) -> list[Rule]:
    rules: list[Rule] = [*(() if op.public else info.refuses), *([AUTH_KEY] if info.keyed else [])]
    if op.permissions:
        unnamed = len(op.assumed_permissions) == len(op.permissions)
        rules.append(AUTH_PERMISSION_UNNAMED if unnamed else AUTH_PERMISSION)
    if op.ignores_body or op.body is not NoBody:
        rules.append(HTTP_TOO_LARGE)
    if op.body is not NoBody:
        rules += [BODY_JSON, BODY_SCHEMA, BODY_SCHEMA_NULL, BODY_SCHEMA_NUL]
    if op.query is not NoQuery:
        rules += [BODY_SCHEMA, BODY_SCHEMA_NUL]
    return list(dict.fromkeys([*rules, *format_rules, *op.refuses, ERROR_INTERNAL]))


def _refusals(op: Operation[Any], rules: list[Rule], ledger: Ledger, info: ApiInfo) -> dict[str, Any]:
    by_status: dict[int, list[Rule]] = {}
    for rule in rules:
        for status in rule.statuses:
            by_status.setdefault(status, []).append(rule)
    refusals: dict[str, Any] = {}
    for status, refusing in sorted(by_status.items()):
        if refusing == [ERROR_INTERNAL]:
            refusals[str(status)] = {"$ref": "#/components/responses/InternalError"}
            continue
        body = Forbidden if info.keyed and status == 403 else op.errors.get(status, Error)
        refusals[str(status)] = _refusal(refusing, body, ledger, info)
    return refusals


def _refusal(refusing: list[Rule], body: type[msgspec.Struct], ledger: Ledger, info: ApiInfo) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{schema_name(body.__name__)}"}}
    if body is Forbidden:
        content["example"] = {"error": FORBIDDEN}
    return {
        "description": describe_rules(refusing, ledger, info.common),
        "headers": {
            name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS if info.keyed or "Rule" in name
        },
        "content": {"application/json": content},
        "x-rules": [rule.id for rule in refusing],
    }


_STATUS_NAMES = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    413: "ContentTooLarge",
    502: "BadGateway",
    507: "InsufficientStorage",
}


def _shared_refusals(paths: dict[str, Any]) -> dict[str, Any]:
    """Move refusals that several operations share into components, and return these by name."""
    by_status: dict[str, dict[tuple[str, ...], list[dict[str, Any]]]] = {}
    for item in paths.values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                if "x-rules" in response:
                    body = response["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                    variants = by_status.setdefault(status, {})
                    variants.setdefault((body, *response["x-rules"]), []).append(operation["responses"])
    shared: dict[str, Any] = {}
    for status, variants in sorted(by_status.items()):
        common = set.intersection(*({*rules} for _body, *rules in variants))
        for (body, *rules), holders in sorted(variants.items(), key=lambda variant: len(variant[0])):
            if len(holders) > 1:
                name = _refusal_name(int(status), body, [rule for rule in rules if rule not in common], shared)
                shared[name] = holders[0][status]
                for holder in holders:
                    holder[status] = {"$ref": f"#/components/responses/{name}"}
    return shared


def _refusal_name(status: int, body: str, rules: list[str], taken: Container[str]) -> str:
    """The name of the body, if it has its own, otherwise of the status; followed by as many of the last rules as make
    it unique."""
    of_its_own = body not in (Error.__name__, Forbidden.__name__)
    base = body if of_its_own else _STATUS_NAMES.get(status, f"Status{status}")
    fewest = 0 if of_its_own else min(1, len(rules))
    names = (base + _camel(rules[len(rules) - count :]) for count in range(fewest, len(rules) + 1))
    return next(name for name in names if name not in taken)


def _camel(rules: list[str]) -> str:
    return "".join(word.capitalize() for word in re.split("[./-]", ".".join(rules)))
