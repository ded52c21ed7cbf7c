"""The outcome of a call: the operation's value, a refusal, or a defect; and its check against the document."""

import logging
import re
from typing import Any
from urllib.parse import quote

import msgspec

from aniva_sandbox.engine.contract.api import Api, Endpoint
from aniva_sandbox.engine.contract.formats import FormatError
from aniva_sandbox.engine.contract.ground_rules import ERROR_BODY_SENTENCE, ERROR_INTERNAL
from aniva_sandbox.engine.contract.operations import Attachment, Call, Rendered
from aniva_sandbox.engine.contract.outcomes import JSON, Outcome
from aniva_sandbox.engine.contract.pluses import PLUS, find_pluses
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.contract.views import has_views, write
from aniva_sandbox.engine.evidence.journal import cut
from aniva_sandbox.engine.evidence.probes.standing import completed, standing_for
from aniva_sandbox.engine.world.state import Prober

__all__ = ["act", "broken", "changed", "failed", "refused", "written"]

_LOG = logging.getLogger("aniva_sandbox")


def act(endpoint: Endpoint, subject: Any, call: Call[Any, Any]) -> Outcome:
    """Run the operation; 501 for an operation that only a proposed document has."""
    operation = endpoint.operation
    if operation is None:
        return Outcome(501, {"error": f"The sandbox does not implement {endpoint.id}"})
    value = operation.run(subject, call)
    kind = type(value)  # neither has subclasses, and to ask for instances would ask their metaclass
    if kind is Attachment:
        named = (b"content-disposition", _disposition(value.file_name))
        return Outcome(operation.status, value.content, (), (*endpoint.headers, named), media_type=value.media_type)
    if kind is Rendered:
        rendered = value.value.encode() if isinstance(value.value, str) else value.value
        return Outcome(operation.status, rendered, (), endpoint.headers, media_type=value.media_type)
    return Outcome(operation.status, value, (), endpoint.headers)


def _disposition(file_name: str) -> bytes:
    """The header for a file name, by RFC 6266: in ASCII, with underscores for other characters and for those that
    would end the quotes, followed by the whole name in UTF-8 if it differs."""
    plain = _NOT_QUOTED.sub("_", file_name)
    header = f'attachment; filename="{plain}"'
    if plain != file_name:
        header += f"; filename*=UTF-8''{quote(file_name, safe='', errors='replace')}"
    return header.encode()


_NOT_QUOTED = re.compile(r"[^ !#-\[\]-~]")


def refused(api: Api, request: Request, endpoint: Endpoint | None, refusal: Refusal) -> Outcome:
    """The outcome of a refusal."""
    body, status, rules = refusal.body(), refusal.status, refusal.rules
    if status == 400 and endpoint is not None and not refusal.details:
        # The message of a domain rule begins with the name of the field.
        field = refusal.message.partition(" ")[0].rstrip(":")
        if field in find_pluses(request.query, endpoint.query_fields):
            body["error"] += f": {PLUS}"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if status == 405:
        headers = ((b"allow", ", ".join(api.allowed(request.path)).encode()),)
    leans_on = refusal.leans_on
    if status != 403 and rules[0].basis != "sandbox":
        leans_on = (*leans_on, ERROR_BODY_SENTENCE)
    return Outcome(status, body, rules, headers, None, JSON, leans_on)


def broken(api: Api, endpoint: Endpoint | None, error: Exception) -> Outcome:
    """The outcome of an unexpected error: a defect in the sandbox, or a proposed document that allows a request that
    the operation cannot read.

    Re-raises a MemoryError, because reporting it would need memory.
    """
    if isinstance(error, MemoryError):
        raise error
    if api.proposal and isinstance(error, msgspec.ValidationError | FormatError):
        return Outcome(501, {"error": f"The sandbox cannot read this request: {error}"})
    defect = cut(f"{endpoint.id if endpoint else 'a due event or routing'} raised {type(error).__name__}: {error}")
    _LOG.error(defect, exc_info=error)
    return _defect(defect, defect)


def failed(api: Api, endpoint: Endpoint | None, trace: Trace, error: Exception) -> Outcome:
    """The outcome of an unexpected error in a call: that of :func:`broken`, unless a rule was kept from applying to the
    call. That an operation cannot act without that rule is not a defect, and comes to a success."""
    if endpoint is None or not trace.waived or isinstance(error, MemoryError):
        return broken(api, endpoint, error)
    return standing_for(endpoint)


def changed(
    probe: Prober | None, endpoint: Endpoint | None, request: Request, outcome: Outcome, trace: Trace
) -> Outcome:
    """The outcome of a call that is observed, with a plain value; if the call reached an operation, what the probe, if
    there is one, makes of it."""
    outcome = outcome.plain()
    if probe is None or endpoint is None:
        return outcome
    return completed(endpoint, probe.change_outcome(endpoint, request, outcome, trace))


def _defect(message: str, mismatch: str) -> Outcome:
    return Outcome(500, {"error": f"The sandbox has a defect: {message}"}, (ERROR_INTERNAL,), mismatch=mismatch)


def written(api: Api, endpoint: Endpoint | None, outcome: Outcome) -> tuple[Outcome, bytes]:
    """Write the body of an outcome, and check it against the document if it is the outcome of an endpoint."""
    value = outcome.value
    try:
        body = value if isinstance(value, bytes) else write(value)
        sent = outcome if endpoint is None else _checked(api, endpoint, outcome, body)
    except Exception as error:
        sent = broken(api, endpoint, error)
    return sent, body if sent is outcome else msgspec.json.encode(sent.value)


def _checked(api: Api, endpoint: Endpoint, outcome: Outcome, body: bytes) -> Outcome:
    """Check an outcome against the document. A contradiction becomes a 500 that says so; with a proposed document, the
    outcome stays as it is and is marked."""
    if outcome.status == 501 or outcome.mismatch is not None:
        return outcome
    rules = tuple([rule.id for rule in outcome.rules]) if outcome.rules else ()
    value, around = outcome.value, (outcome.status, rules, outcome.headers, outcome.media_type)
    # The check looks at nothing else, so JSON that passed once passes again; only that is kept, and contradictions are
    # found anew each time. A file is not worth it; a record that was just created is like no other, and what is known
    # of views goes with them: where all around the value has passed, the value alone is checked.
    is_kept = body is not value and outcome.status != 201 and not has_views(value)
    if is_kept:
        if (body, around) in endpoint.sound:
            return outcome
    elif (agreement := endpoint.sound_around.get(around)) is not None and agreement.accepts(value):
        return outcome
    mismatch = endpoint.mismatch(outcome.status, value, rules, outcome.headers, outcome.media_type)
    if mismatch is None:
        if is_kept:
            endpoint.sound.keep((body, around), True, len(body))
        elif body is not value:
            agreement = endpoint.agreement_on(outcome.status, outcome.media_type)
            if agreement is not None:
                endpoint.sound_around.keep(around, agreement, 0)
        return outcome
    mismatch = cut(mismatch)
    if api.proposal:
        return msgspec.structs.replace(outcome, mismatch=mismatch)
    _LOG.error("a response contradicts the document: %s", mismatch)
    return _defect(f"the response contradicts the document: {mismatch}", mismatch)
