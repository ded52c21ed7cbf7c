"""What a call comes to: the operation acts or is refused, or the sandbox breaks; and whether that is what the document
says."""

import logging
import re
from typing import Any
from urllib.parse import quote

import msgspec

from aniva_sandbox.engine.contract.api import Api, Endpoint
from aniva_sandbox.engine.contract.formats import FormatError
from aniva_sandbox.engine.contract.ground_rules import ERROR_INTERNAL
from aniva_sandbox.engine.contract.operations import Attachment, Call
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.pluses import PLUS, find_pluses
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.evidence.journal import cut

__all__ = ["act", "broken", "checked", "refused"]

_LOG = logging.getLogger("aniva_sandbox")


def act(endpoint: Endpoint, subject: Any, call: Call[Any, Any]) -> Outcome:
    """Let the operation act; 501 where a proposed document has one that the sandbox does not."""
    operation = endpoint.operation
    if operation is None:
        return Outcome(501, {"error": f"The sandbox has no behaviour for {endpoint.id}"})
    value = operation.run(subject, call)
    if isinstance(value, Attachment):
        named = (b"content-disposition", _disposition(value.file_name))
        return Outcome(operation.status, value.content, (), (*endpoint.headers, named), media_type=value.media_type)
    return Outcome(operation.status, msgspec.to_builtins(value), (), endpoint.headers)


def _disposition(file_name: str) -> bytes:
    """A file name as RFC 6266 writes it, whatever it is made of: what ASCII has no letter for, or what would end the
    quotes, is an underscore there, and the whole name follows in UTF-8."""
    plain = _NOT_QUOTED.sub("_", file_name)
    header = f'attachment; filename="{plain}"'
    if plain != file_name:
        header += f"; filename*=UTF-8''{quote(file_name, safe='', errors='replace')}"
    return header.encode()


_NOT_QUOTED = re.compile(r"[^ !#-\[\]-~]")


def refused(api: Api, request: Request, endpoint: Endpoint | None, refusal: Refusal) -> Outcome:
    """What a refusal comes to."""
    body = refusal.body()
    if refusal.status == 400 and endpoint is not None and not refusal.details:
        # A domain rule's message begins with the field that it is about.
        field = refusal.message.partition(" ")[0].rstrip(":")
        if field in find_pluses(request.query, endpoint.query_fields):
            body["error"] += f": {PLUS}"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if refusal.status == 405:
        headers = ((b"allow", ", ".join(api.allowed(request.path)).encode()),)
    return Outcome(refusal.status, body, refusal.rules, headers)


def broken(api: Api, endpoint: Endpoint | None, error: Exception) -> Outcome:
    """A defect of the sandbox itself; or a proposed document with a request that the behaviour cannot read.

    Raises a MemoryError again, because to report it would take memory.
    """
    if isinstance(error, MemoryError):
        raise error
    if api.proposal and isinstance(error, msgspec.ValidationError | FormatError):
        return Outcome(501, {"error": f"The sandbox's behaviour cannot read this request: {error}"})
    defect = cut(f"{endpoint.id if endpoint else 'what was due, or routing,'} broke: {type(error).__name__}: {error}")
    _LOG.error(defect, exc_info=error)
    return _defect(defect, defect)


def _defect(message: str, mismatch: str) -> Outcome:
    return Outcome(500, {"error": f"The sandbox is at fault: {message}"}, (ERROR_INTERNAL,), mismatch=mismatch)


def checked(api: Api, endpoint: Endpoint | None, outcome: Outcome) -> Outcome:
    """Check an outcome against the document. One that contradicts it becomes a loud 500; under a proposed document it
    stays as it is, and is marked."""
    if endpoint is None or outcome.status == 501 or outcome.mismatch is not None:
        return outcome
    try:
        rules = [rule.id for rule in outcome.rules] if outcome.rules else ()
        mismatch = endpoint.mismatch(outcome.status, outcome.value, rules, outcome.headers, outcome.media_type)
    except Exception as error:
        return broken(api, endpoint, error)
    if mismatch is None:
        return outcome
    mismatch = cut(mismatch)
    if api.proposal:
        return msgspec.structs.replace(outcome, mismatch=mismatch)
    _LOG.error("a response contradicts the document: %s", mismatch)
    return _defect(f"its response contradicts its document: {mismatch}", mismatch)
