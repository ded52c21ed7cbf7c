"""Our checks for Schemathesis. Some replace built-in checks that assume an API without rules about time and state, some
excuse failures of built-in checks that a rule of the ledger explains, and the rest are additional.

If a server does not name its rules, whatever depends on them is counted as not checked."""

from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response

from aniva_sandbox.conformance.current import Run, find_run
from aniva_sandbox.conformance.subject import Subject
from aniva_sandbox.engine.contract.ground_rules import KEY_HEADER

__all__ = ["NAMES", "REPLACED", "excuse", "sent_key"]

REPLACED = ("ensure_resource_availability",)
"""The built-in checks that do not run: ``known_ids_are_found`` is stricter, and looks at the rule. (The built-in check
attributes every 404 after a create to the resource in the path; it may be about a panel or a profile in the body.)"""

NAMES = {
    "positive_data_acceptance": "valid_input_meets_domain_rules_only",
    "use_after_free": "cancelled_is_kept",
}
"""The built-in checks with failures that a rule may excuse, and their names in reports."""

REFUSED_VALID_INPUT = "ST202"
USED_AFTER_FREE = "ST301"
"""The codes of their failures, which no other checks use."""

FORBIDDEN = {"error": "Forbidden"}
NOTHING_THERE = {"path.unknown", "http.not-found", "world.unknown"}
"""The rules about a missing resource in the path; any other 404 is about a reference in the query or body."""

SHARED = {
    "confirm_shipment_pickup",
    "get_biomarker",
    "list_biomarkers",
    "list_panels",
    "list_units",
}
"""The operations without an access context, equal for every key. All others separate the contexts."""

READING = ("GET", "HEAD", "OPTIONS")


def excuse(code: str, operation: str, *, response: Response, case: Case[Any], subject: Subject) -> bool:
    """Whether a rule explains the failure of a built-in check. ``operation`` is what the failure is about: method and
    path, as in the document.

    ``positive_data_acceptance`` knows only schemas: a booking in the past is valid by its schema, but still a 400. A
    failure is excused if the response names only domain rules and lists no details of a format.

    ``use_after_free`` expects DELETE to delete; here it cancels, and cancelled resources stay readable, with the status
    ``cancelled``. A DELETE below a resource, such as of its links, takes entries away, and others can be added.
    """
    if code == REFUSED_VALID_INPUT and response.status_code == 400 and "details" not in _object(response):
        if subject.ledger is None:
            _not_judged(subject, "400 without details to valid input: whether a domain rule refused it")
            return True
        return _names_domain_rules(response, subject)
    if code == USED_AFTER_FREE and not operation.endswith("}"):
        return True
    if code == USED_AFTER_FREE and case.method == "GET":
        return not _names_resource(case) or _object(response).get("status") == "cancelled"
    return False


@schemathesis.check
def known_ids_are_found(_ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Every id that a link takes from a response must be found: nothing with an access context is ever deleted."""
    run = find_run(case)
    if run is None or response.status_code != 404:
        return
    subject = run.subject
    if subject.is_sandbox and set(_rules(response)) - NOTHING_THERE:
        return
    if subject.key is None and _was_removed(run, case):
        return
    along = [transition.id for transition in run.arrivals if transition.path_parameters]
    if along and not subject.is_sandbox and (case.query or response.request.body):
        _not_judged(subject, "404 to a call with a query or body: whether it is about the id in the path")
    else:
        _demand(not along, f"{', '.join(along)} leads to nothing at {case.formatted_path}")


@schemathesis.check
def cancelled_is_kept(_ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Cancelled resources must stay readable with the status ``cancelled``, and a second DELETE must return 409."""
    run = find_run(case)
    if run is None or run.subject.key is None:
        return
    if case.method == "DELETE" and _names_resource(case) and response.status_code == 200:
        key = run.subject.key
        read = _send(case, subject=run.subject, key=key, method="GET")
        _demand(read.status_code == 200, f"the cancelled resource returns {read.status_code} to GET")
        status = _object(read).get("status")
        _demand(status == "cancelled", f"the cancelled resource has the status {status}")
        _demand(_body(read) == _body(response), "the cancelled resource differs from the response to its DELETE")
        again = _send(case, subject=run.subject, key=key)
        _demand(again.status_code == 409, f"a second DELETE returns {again.status_code}")


@schemathesis.check
def deleted_is_gone(_ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Without keys, this replaces ``use_after_free``, which mistakes resources that were emptied or created again for
    deleted ones: after the DELETE of a resource, a second one must return 404."""
    run = find_run(case)
    if run is None or run.subject.key is not None:
        return
    if case.method == "DELETE" and _names_resource(case) and response.status_code == 200:
        again = _send(case, subject=run.subject, key=None)
        _demand(again.status_code == 404, f"a second DELETE returns {again.status_code}")


@schemathesis.check
def outsiders_are_refused(_ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """In addition to ``object_level_authorization``, which compares one read per operation, this repeats every
    successful call, including writes, with a key that has every permission in another context. It must get 403 with the
    common body, through a rule about the context. A list may succeed, but must share no entry."""
    run = find_run(case)
    if run is None or run.subject.outsider is None:
        return
    if not 200 <= response.status_code < 300 or sent_key(response) != run.subject.key:
        return
    if case.operation.definition.raw.get("operationId") in SHARED:
        return
    other = _send(case, subject=run.subject, key=run.subject.outsider)
    if case.method == "GET" and "{" not in case.path and other.status_code == 200:
        shared = _ids(response) & _ids(other)
        _demand(not shared, f"the outsider's list holds {sorted(shared)}")
        return
    _assert_forbidden(other, "the outsider")
    if not run.subject.is_sandbox:
        _not_judged(run.subject, "403 to the outsider: whether for the access context, not for want of a permission")
    _demand(not {"auth.key", "auth.permission"} & set(_rules(other)), "the outsider's key lacks a permission")


@schemathesis.check
def key_comes_first(_ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """In addition to ``ignored_auth``, which tries one call per operation and also accepts 401: every request without
    our key must get 403 with the common body, whatever else is wrong with it (only an unknown path or method comes
    first). Our own key must never be refused as a key."""
    run = find_run(case)
    if run is None or run.subject.key is None:
        return
    own = sent_key(response) == run.subject.key
    if not run.subject.is_sandbox:
        _judge_key_by_status(response, case=case, subject=run.subject, own=own)
        return
    by_key = {"auth.key", "auth.permission"} & set(_rules(response))
    if own:
        _demand(not by_key, f"the full key is refused by {by_key}")
    elif not set(_rules(response)) & {"http.not-found", "http.method"}:
        _assert_forbidden(response, "an unknown key")
        _demand(by_key == {"auth.key"}, f"an unknown key is refused by {_rules(response)}")


def _judge_key_by_status(response: Response, *, case: Case[Any], subject: Subject, own: bool) -> None:
    """The same without rules: a method that is not in the document, or a malformed id in the path, may be refused
    before the key."""
    if own:
        if response.status_code == 403:
            _not_judged(subject, "403 to the key: whether for an access context, not for the key or a permission")
    elif response.status_code == 404 and _is_path_malformed(case):
        _not_judged(subject, "404 to an unknown key for a malformed path: whether the path comes earlier")
    elif case.method in case.operation.schema[case.path]:
        _assert_forbidden(response, "an unknown key")


def _is_path_malformed(case: Case[Any]) -> bool:
    """Whether the path was made invalid on purpose, as far as that is known."""
    return case.meta is None or any(
        place == "path" and part.mode.is_negative for place, part in case.meta.components.items()
    )


def _names_domain_rules(response: Response, subject: Subject) -> bool:
    rules, ledger = _rules(response), subject.ledger
    return bool(rules) and all(ledger and rule in ledger and ledger[rule].kind == "domain" for rule in rules)


def _not_judged(subject: Subject, what: str) -> None:
    subject.unjudged[what] += 1


def _was_removed(run: Run, case: Case[Any]) -> bool:
    """Whether an earlier call of the scenario removed the resource at this path: by a DELETE of it or of a parent, or
    by another write to this path."""
    return any(
        earlier.succeeded
        and earlier.case is not case
        and earlier.case.method not in READING
        and _is_below(case.formatted_path, earlier.case.formatted_path)
        and (earlier.case.method == "DELETE" or earlier.case.path == case.path)
        for earlier in run.scenario
    )


def _is_below(path: str, other: str) -> bool:
    """Whether a path is another one, or below it."""
    return f"{path}/".startswith(f"{other}/")


def _send(case: Case[Any], *, subject: Subject, key: str | None, method: str | None = None) -> Response:
    """Send the call again with this key, or another method on its path."""
    headers = {**subject.headers, **({} if key is None else {KEY_HEADER: key})}
    again: Case[Any]
    if method is not None:
        operation = case.operation.schema[case.path][method]
        again = operation.Case(path_parameters=dict(case.path_parameters), headers=headers)
    else:
        again = case.operation.Case(
            method=case.method,
            path_parameters=dict(case.path_parameters),
            headers={**case.headers, **headers},
            cookies=dict(case.cookies),
            query=case.query,
            body=case.body,
            media_type=case.media_type,
        )
    return again.call()


def _demand(holds: bool, otherwise: str) -> None:
    """Fail the calling check, even if Python skips assertions."""
    if not holds:
        raise AssertionError(otherwise)


def _rules(response: Response) -> list[str]:
    """The ids of the rules in X-Sandbox-Rule."""
    named = ", ".join(response.headers.get("x-sandbox-rule") or [])
    return [rule.partition(";")[0] for rule in named.split(", ") if rule]


def _names_resource(case: Case[Any]) -> bool:
    """Whether the path is that of a single resource, not of something below it."""
    return case.path.endswith("}")


def sent_key(response: Response) -> str | None:
    """The key of a request."""
    key: str | bytes | None = response.request.headers.get(KEY_HEADER)
    return key.decode("latin-1") if isinstance(key, bytes) else key


def _body(response: Response) -> Any:
    """The body as JSON, or as text if it is not JSON, which other checks report."""
    try:
        return response.json()
    except ValueError:
        return response.text


def _object(response: Response) -> dict[str, Any]:
    """The body if it is an object, otherwise an empty one."""
    body = _body(response)
    return body if isinstance(body, dict) else {}


def _ids(response: Response) -> set[str]:
    body = _body(response)
    return {str(entry.get("id")) for entry in body if isinstance(entry, dict)} if isinstance(body, list) else set()


def _assert_forbidden(response: Response, who: str) -> None:
    _demand(response.status_code == 403, f"{who} gets {response.status_code}")
    _demand(_body(response) == FORBIDDEN, f"{who} gets another body: {response.text}")
