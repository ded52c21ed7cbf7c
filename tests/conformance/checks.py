"""Our checks for Schemathesis. Three take the place of built-in ones that suppose an API without rules about time and
state; each asks the built-in, and excuses only what a rule of the ledger explains. Two add what no built-in asks.

Registered by the import of this module."""

from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response
from schemathesis.core.result import Ok
from schemathesis.openapi.checks import RejectedPositiveData, UseAfterFree
from schemathesis.specs.openapi._auth_retry import send_probe
from schemathesis.specs.openapi.checks import ensure_resource_availability, positive_data_acceptance, use_after_free

from aniva_sandbox.resources.partner import LEDGER

__all__ = ["FULL_KEY", "KEY_HEADER", "OUTSIDER_KEY", "REPLACED", "WORLD"]

WORLD = "conformance"
KEY_HEADER = "x-api-key"
FULL_KEY = f"sbx_{WORLD}"
OUTSIDER_KEY = f"{FULL_KEY}.outsider"
"""Every permission, but in another access context."""

FORBIDDEN = {"error": "Forbidden"}
NOTHING_THERE = {"path.unknown", "http.not-found"}
"""The rules that say there is nothing at the path; any other 404 is about something named in the query or body."""

SHARED = {
    "confirm_shipment_pickup",
    "get_biomarker",
    "list_biomarkers",
    "list_panels",
    "list_units",
}
"""The operations that touch no context: every key gets the same. All others keep the contexts apart."""


@schemathesis.check
def valid_input_meets_domain_rules_only(ctx: CheckContext, response: Response, case: Case) -> bool | None:
    """In place of ``positive_data_acceptance``, which knows only schemas: a booking in the past is valid by its schema
    and still a 400. Such a 400 is excused where it names domain rules alone, and lists no details of a format."""
    try:
        return positive_data_acceptance(ctx, response, case)
    except RejectedPositiveData:
        if response.status_code == 400 and "details" not in response.json() and _names_domain_rules(response):
            return None
        raise


@schemathesis.check
def known_ids_are_found(ctx: CheckContext, response: Response, case: Case) -> bool | None:
    """In place of ``ensure_resource_availability``, which blames the resource in the path for every 404 after a create:
    it may be about a panel or a profile in the body. Here the rule decides. In return this also holds for every id
    that a link of the document took from an answer, not only for those of creates: nothing is ever deleted."""
    if response.status_code != 404 or set(_rules(response)) - NOTHING_THERE:
        return None
    ensure_resource_availability(ctx, response, case)
    node = ctx.internals.recorder.cases.get(case.id) if ctx.internals.recorder else None
    if node is not None and node.is_transition_applied and not node.transition.is_inferred:
        assert not _linked_ids(case, node.transition), f"{node.transition.id} leads to nothing at {case.formatted_path}"
    return None


@schemathesis.check
def cancelled_is_kept(ctx: CheckContext, response: Response, case: Case) -> bool | None:
    """In place of ``use_after_free``, which expects that a DELETE deletes; here it cancels. What was cancelled must
    stay readable with the status ``cancelled``, a second DELETE must be 409, and only reading is excused after it."""
    try:
        use_after_free(ctx, response, case)
    except UseAfterFree:
        if case.method != "GET" or (_names_resource(case) and response.json()["status"] != "cancelled"):
            raise
    if case.method == "DELETE" and _names_resource(case) and response.status_code == 200:
        read = _send(ctx, case, FULL_KEY, "GET")
        assert read.status_code == 200, f"what was cancelled answers {read.status_code} to GET"
        assert read.json() == response.json(), "what was cancelled reads differently from the answer to its DELETE"
        assert read.json()["status"] == "cancelled", f"what was cancelled has the status {read.json()['status']}"
        again = _send(ctx, case, FULL_KEY)
        assert again.status_code == 409, f"a second DELETE answers {again.status_code}"
    return None


@schemathesis.check
def outsiders_are_refused(ctx: CheckContext, response: Response, case: Case) -> bool | None:
    """Beside ``object_level_authorization``, which compares one read per operation: every call that succeeded, also
    those that write, is repeated by a key with every permission in another context. It must get 403 with the one body,
    and by a rule of the context; a list may succeed, but shares no entry."""
    if not 200 <= response.status_code < 300 or _sent_key(response) != FULL_KEY:
        return None
    if case.operation.schema.get_operation_id(case.operation) in SHARED:
        return None
    other = _send(ctx, case, OUTSIDER_KEY)
    if case.method == "GET" and "{" not in case.path and other.status_code == 200:
        shared = _ids(response) & _ids(other)
        assert not shared, f"the outsider's list holds {sorted(shared)}"
        return None
    _assert_forbidden(other, "the outsider")
    assert not {"auth.key", "auth.permission"} & set(_rules(other)), "the outsider's key lacks a permission"
    return None


@schemathesis.check
def key_comes_first(ctx: CheckContext, response: Response, case: Case) -> bool | None:  # noqa: ARG001
    """Beside ``ignored_auth``, which tries one call per operation and takes 401 too: every request with another key
    than ours, or without one, gets 403 with the one body, whatever else is wrong with it (only a path or method that
    does not exist comes earlier). Our own key is never refused as a key."""
    by_key = {"auth.key", "auth.permission"} & set(_rules(response))
    if _sent_key(response) == FULL_KEY:
        assert not by_key, f"the full key is refused by {by_key}"
    elif not set(_rules(response)) & {"http.not-found", "http.method"}:
        _assert_forbidden(response, "an unknown key")
        assert by_key == {"auth.key"}, f"an unknown key is refused by {_rules(response)}"
    return None


REPLACED = ("positive_data_acceptance", "ensure_resource_availability", "use_after_free")
"""The built-in checks that do not run as they are."""


def _rules(response: Response) -> list[str]:
    """The ids of the rules in X-Sandbox-Rule."""
    named = ", ".join(response.headers.get("x-sandbox-rule", []))
    return [rule.partition(";")[0] for rule in named.split(", ") if rule]


def _names_domain_rules(response: Response) -> bool:
    rules = _rules(response)
    return bool(rules) and all(rule in LEDGER and LEDGER[rule].kind == "domain" for rule in rules)


def _names_resource(case: Case) -> bool:
    """Whether the path is that of one resource, and not of something below it."""
    return case.path.endswith("}")


def _sent_key(response: Response) -> str | None:
    key: str | bytes | None = response.request.headers.get(KEY_HEADER)
    return key.decode("latin-1") if isinstance(key, bytes) else key


def _ids(response: Response) -> set[Any]:
    return {entry["id"] for entry in response.json()}


def _assert_forbidden(response: Response, who: str) -> None:
    assert response.status_code == 403, f"{who} gets {response.status_code}"
    assert response.json() == FORBIDDEN, f"{who} gets another body: {response.text}"


def _send(ctx: CheckContext, case: Case, key: str, method: str | None = None) -> Response:
    """The call once more with this key, or another method on its path; it is recorded as part of the scenario."""
    if method is None:
        probe = case.derive(headers=case.headers.copy())
    else:
        probe = case.operation.schema[case.path][method].Case(path_parameters=case.path_parameters.copy())
    probe.headers[KEY_HEADER] = key
    return send_probe(ctx, case, probe)


def _linked_ids(case: Case, transition: Any) -> set[str]:
    """The ids in the path that are those which the link found."""
    found = transition.parameters.get("path_parameters", {})
    return {
        str(link.value.ok())
        for name, link in found.items()
        if isinstance(link.value, Ok) and str(link.value.ok()) == str(case.path_parameters.get(name))
    }
