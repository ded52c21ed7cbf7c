"""Operations: their requests, permissions, responses, rules, and what they do."""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET

from aniva_sandbox.engine.contract.ground_rules import MAX_BODY
from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.docstrings import docstring

__all__ = [
    "Attachment",
    "Call",
    "Header",
    "Link",
    "NoBody",
    "NoQuery",
    "Operation",
    "Rendered",
    "Success",
    "operation",
    "sent_fields",
]

S = TypeVar("S")
Q = TypeVar("Q")
B = TypeVar("B")


class NoQuery(msgspec.Struct, frozen=True):
    """The operation has no query parameters."""


class NoBody(msgspec.Struct, frozen=True):
    """The operation has no body, or ignores it."""


class Call(msgspec.Struct, Generic[Q, B], frozen=True):
    """A request that passed the format rules. ``id`` is the parameter in the path, or empty; ids are as they were
    sent, in either case of their letters."""

    access: Any
    """The caller: the API's own subclass of :class:`~aniva_sandbox.engine.contract.access.Access`."""
    id: str
    query: Q
    body: B
    trace: Trace
    """Where the operation notes which undocumented rules made it succeed."""


def sent_fields(body: msgspec.Struct) -> dict[str, Any]:
    """The fields of a body that were sent, by name; fields left out are UNSET."""
    return {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}


class Attachment(msgspec.Struct, frozen=True):
    """A file."""

    content: bytes
    media_type: str
    file_name: str


class Rendered(msgspec.Struct, frozen=True):
    """A value in one of the other media types of an operation; a text if that is not JSON."""

    value: Any
    media_type: str


class Header(msgspec.Struct, frozen=True):
    """A header of every success of an operation."""

    value: str
    description: str


class Link(msgspec.Struct, frozen=True):
    """A possible next call, with values from this response (OpenAPI runtime expressions)."""

    operation: str
    parameters: Mapping[str, str] = {}
    body: Any = None


class Operation(msgspec.Struct, Generic[S], frozen=True, kw_only=True):
    """One operation. ``run`` acts on a subject (the caller's world; for the control plane, all worlds), synchronously
    and whole: it returns a value of the type ``returns``, or raises a refusal through one of ``refuses``.
    ``permissions`` are all that it accepts; the API documentation does not name the ``assumed_permissions`` among
    them."""

    id: str
    method: str
    path: str
    tag: str
    summary: str
    description: str
    run: Callable[[S, Call[Any, Any]], Any]
    query: type[msgspec.Struct]
    body: type[msgspec.Struct]
    path_id: Any
    returns: Any
    status: int
    permissions: tuple[str, ...]
    assumed_permissions: tuple[str, ...]
    refuses: tuple[Rule, ...]
    follows: tuple[Rule, ...]
    headers: Mapping[str, Header]
    errors: Mapping[int, type[msgspec.Struct]]
    links: tuple[Link, ...]
    media_type: str
    others: Mapping[str, Any]
    example: Any
    examples: Mapping[str, Any]
    body_required: bool
    ignores_body: bool
    max_body: int
    deprecated: bool
    public: bool


def operation(
    method: str,
    path: str,
    *,
    tag: str,
    path_id: Any = None,
    body: type[msgspec.Struct] | None = None,
    query: type[msgspec.Struct] | None = None,
    returns: Any = None,
    status: int = 200,
    permissions: tuple[str, ...] = (),
    assumed_permissions: tuple[str, ...] = (),
    refuses: tuple[Rule, ...] = (),
    follows: tuple[Rule, ...] = (),
    headers: Mapping[str, Header] | None = None,
    errors: Mapping[int, type[msgspec.Struct]] | None = None,
    links: tuple[Link, ...] = (),
    media_type: str = "application/json",
    others: Mapping[str, Any] | None = None,
    example: Any = None,
    examples: Mapping[str, Any] | None = None,
    body_required: bool = True,
    ignores_body: bool = False,
    max_body: int = MAX_BODY,
    deprecated: bool = False,
    public: bool = False,
) -> Callable[[Callable[[Any, Call[Any, Any]], Any]], Operation[Any]]:
    """Declare the decorated function as an operation.

    Its name is the ``operationId``, its docstring the summary (first line) and description. The type of its second
    parameter, a :class:`Call`, says which query and body it reads, its return type what it returns; ``query``, ``body``
    and ``returns`` override them if these types are made at run time. ``path_id`` is the type of the parameter in the
    path, any text by default; a key needs one of ``permissions`` or ``assumed_permissions``, of which the API
    documentation names only the former; ``follows`` are rules that decide what a success does and shows; ``example`` is
    a body that works in the default world, ``examples`` are others, by title. An operation of another ``media_type``
    than JSON returns an :class:`Attachment`, or a text as :class:`Rendered`. ``others`` are the types of values that it
    may return as :class:`Rendered` instead, by media type: JSON, or a text. With ``ignores_body`` any body is accepted,
    and none is read. ``max_body`` is the size limit of a body in bytes. ``errors`` are the body types of error
    responses with more fields than the common ones, by status. ``links`` are for conformance runs; they are not in the
    document. A ``public`` operation exposes no secret, and needs no key.
    """

    def declare(run: Callable[[Any, Call[Any, Any]], Any]) -> Operation[Any]:
        summary, _, description = docstring(run).partition("\n\n")
        query_type, body_type, return_type = _types(run)
        return Operation(
            id=run.__name__,
            method=method,
            path=path,
            tag=tag,
            summary=" ".join(summary.split()).rstrip("."),
            description=description,
            run=run,
            query=query or query_type,
            body=body or body_type,
            path_id=str if path_id is None and "{" in path else path_id,
            returns=returns or return_type,
            status=status,
            permissions=(*permissions, *assumed_permissions),
            assumed_permissions=assumed_permissions,
            refuses=refuses,
            follows=follows,
            headers=headers or {},
            errors=errors or {},
            links=links,
            media_type=media_type,
            others=others or {},
            example=example,
            examples=examples or {},
            body_required=body_required,
            ignores_body=ignores_body,
            max_body=max_body,
            deprecated=deprecated,
            public=public,
        )

    return declare


def _types(run: Callable[..., Any]) -> tuple[Any, Any, Any]:
    """The types of the query, the body and the value of an operation, as its function is annotated."""
    hints = get_type_hints(run, include_extras=True)
    parameters = list(inspect.signature(run).parameters)
    call = hints.get(parameters[1]) if len(parameters) == 2 else None
    if get_origin(call) is not Call or "return" not in hints:
        raise TypeError(f"{run.__name__} must take a subject and a Call[query, body], and say what it returns")
    query, body = get_args(call)
    return query, body, hints["return"]


class Success(msgspec.Struct, frozen=True):
    """The response of a change that returns no resource."""

    success: Annotated[bool, field("Always true.")]
