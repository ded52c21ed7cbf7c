"""Outcomes that a probe puts in the place of others: refusals with another status, or where none is due, and successes
in the place of refusals. All fit the document.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec

from aniva_sandbox.engine.contract.api import Endpoint
from aniva_sandbox.engine.contract.checks import followed
from aniva_sandbox.engine.contract.ground_rules import BODY_SCHEMA_DETAILS, FORBIDDEN
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import Detail, Refusal, Rule
from aniva_sandbox.engine.evidence.probes.standing import completed, standing_for

__all__ = ["accepted", "make_refusal", "other_status", "with_status"]

_NEAREST: Final[Mapping[int, tuple[int, ...]]] = {
    400: (404, 409, 403),
    403: (404, 409, 400),
    404: (403, 409, 400),
    409: (404, 400, 403),
}
"""What a client most likely takes each status for, or handles next to it."""
_ANY: Final = (400, 404, 409, 403)
_OF_TRANSPORT: Final = frozenset({401, 405, 406, 408, 411, 413, 414, 415, 421, 425, 426, 429, 431})
"""Statuses that say something about a request as such, which no other refusal could."""


def other_status(endpoint: Endpoint, outcome: Outcome, request: Request) -> int | None:
    """The nearest status to that of a refusal which the document of its operation has, too; None if it has none."""
    nearest = _NEAREST.get(outcome.status, _ANY)
    others = (each for each in endpoint.statuses if 400 <= each < 500 and each not in _OF_TRANSPORT)
    for status in dict.fromkeys((*(each for each in nearest if each in endpoint.statuses), *others)):
        if status != outcome.status and with_status(endpoint, outcome, request, status) is not None:
            return status
    return None


def with_status(endpoint: Endpoint, outcome: Outcome, request: Request, status: int) -> Outcome | None:
    """A refusal with another status; None if the document does not allow it. It names no rule: there is none that
    refuses the call so."""
    error = outcome.value.get("error") if isinstance(outcome.value, dict) else None
    if not isinstance(error, str) or error == FORBIDDEN:
        error = HTTPStatus(status).phrase
    body = _body(endpoint, status, error, request, ())
    return None if body is None else Outcome(status, body, leans_on=outcome.leans_on)


def accepted(endpoint: Endpoint, outcome: Outcome, rule: str) -> Outcome:
    """A success in the place of a refusal through nothing but a rule; the refusal itself if no success that fits the
    document can be made, and any other outcome."""
    if not outcome.rules or any(each.id != rule for each in outcome.rules):
        return outcome
    success = standing_for(endpoint)
    mismatch = endpoint.mismatch(success.status, success.value, (), success.headers, success.media_type)
    return success if mismatch is None else outcome


def make_refusal(endpoint: Endpoint, request: Request, rule: Rule, measure: str) -> Refusal | None:
    """A refusal of a call because of a measure of a rule; None if the document does not have it."""
    if rule.kind == "format":
        field = measure.partition(" ")[0]
        detail = Detail(field, "is out of range")
        message = f"Validation failed: {detail.path} {detail.message}"
        return Refusal((rule,), 400, message, (detail,), {}, leans_on=(BODY_SCHEMA_DETAILS,))
    for status in rule.statuses:
        body = _body(endpoint, status, rule.sentence, request, (rule.id,))
        if body is not None:
            return Refusal((rule,), status, body.pop("error"), (), body)
    return None


def _body(endpoint: Endpoint, status: int, error: str, request: Request, rules: Iterable[str]) -> dict[str, Any] | None:
    """The body of an error that fits the document; None if there is none. Of the fields that it must have besides the
    message, the request may have some, too."""
    schema = followed(endpoint.response_schemas.get(status, {}), endpoint.schemas)
    sent = {name: value for name, value in _sent(request).items() if name in schema.get("required", ())}
    rules = tuple(rules)
    for body in (sent | {"error": error}, {"error": FORBIDDEN}):
        whole: dict[str, Any] = completed(endpoint, Outcome(status, body)).value
        if endpoint.mismatch(status, whole, rules) is None:
            return whole
    return None


def _sent(request: Request) -> dict[str, Any]:
    try:
        body = msgspec.json.decode(request.body or b"{}")
    except msgspec.DecodeError:
        return {}
    return body if isinstance(body, dict) else {}
