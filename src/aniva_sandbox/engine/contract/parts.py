"""The parts of a document as objects, lists and texts; a part of another shape is an error."""

from typing import Any
from urllib.parse import urlsplit

from aniva_sandbox.engine.contract.document import DocumentError

__all__ = ["base_path", "object_at", "parameters_of", "resolve", "resolve_response", "texts_at"]


def base_path(document: dict[str, Any]) -> str:
    """The path of a document's first server, which precedes all others."""
    servers = document.get("servers")
    first = servers[0] if isinstance(servers, list) and servers else None
    return urlsplit(str(first.get("url", ""))).path.rstrip("/") if isinstance(first, dict) else ""


def object_at(holder: dict[str, Any], key: str, where: str) -> dict[str, Any]:
    """The object under a key, or an empty one without the key; anything else is an error."""
    value = holder.get(key, {})
    if not isinstance(value, dict):
        raise DocumentError(f"{where}: {key} must be an object")
    return value


def texts_at(holder: dict[str, Any], key: str, where: str) -> list[str] | None:
    """The list of strings under a key, or None without the key; anything else is an error."""
    if key not in holder:
        return None
    value = holder[key]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise DocumentError(f"{where}: {key} must be a list of strings")
    return value


def parameters_of(holder: dict[str, Any], where: str) -> list[Any]:
    """The parameters of a path or an operation; anything but a list is an error."""
    value = holder.get("parameters", [])
    if not isinstance(value, list):
        raise DocumentError(f"{where}: parameters must be a list")
    return value


def resolve_response(part: Any, document: dict[str, Any], where: str) -> dict[str, Any]:
    """A response with the references in it and in its headers resolved."""
    response = resolve(part, document, where)
    headers = object_at(response, "headers", where)
    return response | {"headers": {name: resolve(header, document, where) for name, header in headers.items()}}


def resolve(part: Any, document: dict[str, Any], where: str) -> dict[str, Any]:
    """An object, or the target of a reference within the document; anything else is an error."""
    followed = set()
    while isinstance(part, dict) and "$ref" in part:
        reference = str(part["$ref"])
        if reference in followed:
            raise DocumentError(f"the reference {reference} leads back to itself")
        followed.add(reference)
        target: Any = document
        for step in reference.removeprefix("#/").split("/"):
            step = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(target, dict) or step not in target:
                raise DocumentError(f"the reference {reference} points to nothing")
            target = target[step]
        part = target
    if not isinstance(part, dict):
        raise DocumentError(f"{where} must be an object")
    return part
