"""Our checks for Schemathesis. Some take the place of built-in ones that suppose an API without rules about time and
state; each asks the built-in, and excuses only what a rule of the ledger explains. The others add what none asks.

Where a server names no rules, what would need one is counted as not judged, and everything else judged as ever."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from schemathesis import Case, CheckContext, Response
from schemathesis.checks import CHECKS
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.openapi.checks import RejectedPositiveData, UseAfterFree
from schemathesis.specs.openapi._auth_retry import send_probe
from schemathesis.specs.openapi.checks import (
    ensure_resource_availability,
    positive_data_acceptance,
    resource_was_deleted,
    use_after_free,
)

from aniva_sandbox.conformance.subject import Subject
from aniva_sandbox.contract.common import KEY_HEADER

__all__ = ["REPLACED", "registered"]

REPLACED = ("positive_data_acceptance", "ensure_resource_availability", "use_after_free")
"""The built-in checks that do not run as they are."""

FORBIDDEN = {"error": "Forbidden"}
NOTHING_THERE = {"path.unknown", "http.not-found", "world.unknown"}
"""The rules that say there is nothing at the path; any other 404 is about something named in the query or body."""

SHARED = {
    "confirm_shipment_pickup",
    "get_biomarker",
    "list_biomarkers",
    "list_panels",
    "list_units",
}
"""The operations that touch no context: every key gets the same. All others keep the contexts apart."""


@contextmanager
def registered(subject: Subject) -> Iterator[None]:
    """Have Schemathesis run the checks that suit this server."""
    checks = _Checks(subject).chosen()
    for check in checks:
        CHECKS.register(check)
    try:
        yield
    finally:
        for check in checks:
            CHECKS.unregister(check.__name__)


class _Checks:
    """The checks of one run."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    def chosen(self) -> list[Any]:
        """Those that suit the server: without keys there are no contexts, and what is deleted is gone."""
        checks: list[Any] = [self.valid_input_meets_domain_rules_only, self.known_ids_are_found]
        if self._subject.key is None:
            return [*checks, self.deleted_is_gone]
        checks += [self.cancelled_is_kept, self.key_comes_first]
        return checks if self._subject.outsider is None else [*checks, self.outsiders_are_refused]

    def valid_input_meets_domain_rules_only(
        self, ctx: CheckContext, response: Response, case: Case[Any]
    ) -> bool | None:
        """In place of ``positive_data_acceptance``, which knows only schemas: a booking in the past is valid by its
        schema and still a 400. Such a 400 is excused where it names domain rules alone, and lists no details of a
        format."""
        try:
            return positive_data_acceptance(ctx, response, case)
        except RejectedPositiveData:
            if response.status_code != 400 or "details" in _object(response):
                raise
            if self._subject.ledger is None:
                self._not_judged("400 without details to valid input: whether a domain rule refused it")
            elif not self._names_domain_rules(response):
                raise
            return None

    def known_ids_are_found(self, ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
        """In place of ``ensure_resource_availability``, which blames the resource in the path for every 404 after a
        create: it may be about a panel or a profile in the body. Here the rule decides. In return this also holds for
        every id that a link of the document took from an answer, not only for those of creates: nothing that has an
        access context is ever deleted."""
        if response.status_code != 404:
            return None
        if self._subject.is_sandbox and set(_rules(response)) - NOTHING_THERE:
            return None
        try:
            ensure_resource_availability(ctx, response, case)
            self._assert_link_leads_somewhere(ctx, case)
        except AssertionError:
            if self._subject.is_sandbox or not (case.query or case.body is not NOT_SET):
                raise
            self._not_judged("404 to a call with a query or body: whether it is about the id in the path")
        return None

    def cancelled_is_kept(self, ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
        """In place of ``use_after_free``, which expects that a DELETE deletes; here it cancels. What was cancelled must
        stay readable with the status ``cancelled``, a second DELETE must be 409, and only reading is excused after
        it."""
        try:
            use_after_free(ctx, response, case)
        except UseAfterFree:
            if case.method != "GET" or (_names_resource(case) and _object(response).get("status") != "cancelled"):
                raise
        if case.method == "DELETE" and _names_resource(case) and response.status_code == 200:
            read = self._send(ctx, case, self._subject.key, "GET")
            _demand(read.status_code == 200, f"what was cancelled answers {read.status_code} to GET")
            status = _object(read).get("status")
            _demand(status == "cancelled", f"what was cancelled has the status {status}")
            _demand(
                _body(read) == _body(response), "what was cancelled reads differently from the answer to its DELETE"
            )
            again = self._send(ctx, case, self._subject.key)
            _demand(again.status_code == 409, f"a second DELETE answers {again.status_code}")
        return None

    def deleted_is_gone(self, ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
        """In place of ``use_after_free``, which takes what is emptied or made anew for what is gone: after the DELETE
        of a resource a second one must be 404."""
        if case.method == "DELETE" and _names_resource(case) and response.status_code == 200:
            again = self._send(ctx, case, None)
            _demand(again.status_code == 404, f"a second DELETE answers {again.status_code}")
        return None

    def outsiders_are_refused(self, ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
        """Beside ``object_level_authorization``, which compares one read per operation: every call that succeeded, also
        those that write, is repeated by a key with every permission in another context. It must get 403 with the one
        body, and by a rule of the context; a list may succeed, but shares no entry."""
        if not 200 <= response.status_code < 300 or _sent_key(response) != self._subject.key:
            return None
        if case.operation.definition.raw.get("operationId") in SHARED:
            return None
        other = self._send(ctx, case, self._subject.outsider)
        if case.method == "GET" and "{" not in case.path and other.status_code == 200:
            shared = _ids(response) & _ids(other)
            _demand(not shared, f"the outsider's list holds {sorted(shared)}")
            return None
        _assert_forbidden(other, "the outsider")
        if not self._subject.is_sandbox:
            self._not_judged("403 to the outsider: whether for the access context, not for want of a permission")
        _demand(not {"auth.key", "auth.permission"} & set(_rules(other)), "the outsider's key lacks a permission")
        return None

    def key_comes_first(self, _ctx: CheckContext, response: Response, case: Case[Any]) -> bool | None:
        """Beside ``ignored_auth``, which tries one call per operation and takes 401 too: every request with another key
        than ours, or without one, gets 403 with the one body, whatever else is wrong with it (only a path or method
        that does not exist comes earlier). Our own key is never refused as a key."""
        own = _sent_key(response) == self._subject.key
        if not self._subject.is_sandbox:
            self._judge_key_by_status(response, case, own=own)
            return None
        by_key = {"auth.key", "auth.permission"} & set(_rules(response))
        if own:
            _demand(not by_key, f"the full key is refused by {by_key}")
        elif not set(_rules(response)) & {"http.not-found", "http.method"}:
            _assert_forbidden(response, "an unknown key")
            _demand(by_key == {"auth.key"}, f"an unknown key is refused by {_rules(response)}")
        return None

    def _judge_key_by_status(self, response: Response, case: Case[Any], *, own: bool) -> None:
        """The same without rules: a method that the document has not, or a path whose id is malformed, may come
        earlier than the key."""
        if own:
            if response.status_code == 403:
                self._not_judged("403 to the key: whether for an access context, not for the key or a permission")
        elif response.status_code == 404 and (case.meta is None or case.meta.is_negative_at(ParameterLocation.PATH)):
            self._not_judged("404 to an unknown key for a malformed path: whether the path comes earlier")
        elif case.method in case.operation.schema[case.path]:
            _assert_forbidden(response, "an unknown key")

    def _names_domain_rules(self, response: Response) -> bool:
        rules, ledger = _rules(response), self._subject.ledger
        return bool(rules) and all(ledger and rule in ledger and ledger[rule].kind == "domain" for rule in rules)

    def _not_judged(self, what: str) -> None:
        self._subject.unjudged[what] += 1

    def _assert_link_leads_somewhere(self, ctx: CheckContext, case: Case[Any]) -> None:
        recorder = ctx.internals.recorder
        node = recorder.cases.get(case.id) if recorder else None
        if recorder is None or node is None or not node.is_transition_applied:
            return
        if self._subject.key is None and resource_was_deleted(recorder, case):
            return
        transition: Any = node.transition
        if not transition.is_inferred:
            _demand(not _linked_ids(case, transition), f"{transition.id} leads to nothing at {case.formatted_path}")

    def _send(self, ctx: CheckContext, case: Case[Any], key: str | None, method: str | None = None) -> Response:
        """The call once more with this key, or another method on its path; it is recorded as part of the scenario."""
        if method is None:
            probe = case.derive(headers=case.headers.copy())
        else:
            probe = case.operation.schema[case.path][method].Case(path_parameters=case.path_parameters.copy())
        if key is not None:
            probe.headers[KEY_HEADER] = key
        return send_probe(ctx, case, probe)


def _demand(holds: bool, otherwise: str) -> None:
    """Fail the check that asks for it, also where Python leaves out assertions."""
    if not holds:
        raise AssertionError(otherwise)


def _rules(response: Response) -> list[str]:
    """The ids of the rules in X-Sandbox-Rule."""
    named = ", ".join(response.headers.get("x-sandbox-rule") or [])
    return [rule.partition(";")[0] for rule in named.split(", ") if rule]


def _names_resource(case: Case[Any]) -> bool:
    """Whether the path is that of one resource, and not of something below it."""
    return case.path.endswith("}")


def _sent_key(response: Response) -> str | None:
    key: str | bytes | None = response.request.headers.get(KEY_HEADER)
    return key.decode("latin-1") if isinstance(key, bytes) else key


def _body(response: Response) -> Any:
    """The body as JSON; as text where it is none, which other checks complain of."""
    try:
        return response.json()
    except ValueError:
        return response.text


def _object(response: Response) -> dict[str, Any]:
    """The body where it is an object; an empty one where it is not."""
    body = _body(response)
    return body if isinstance(body, dict) else {}


def _ids(response: Response) -> set[str]:
    body = _body(response)
    return {str(entry.get("id")) for entry in body if isinstance(entry, dict)} if isinstance(body, list) else set()


def _assert_forbidden(response: Response, who: str) -> None:
    _demand(response.status_code == 403, f"{who} gets {response.status_code}")
    _demand(_body(response) == FORBIDDEN, f"{who} gets another body: {response.text}")


def _linked_ids(case: Case[Any], transition: Any) -> set[str]:
    """The ids in the path that are those which the link found."""
    found = transition.parameters.get("path_parameters", {})
    return {
        str(link.value.ok())
        for name, link in found.items()
        if isinstance(link.value, Ok) and str(link.value.ok()) == str(case.path_parameters.get(name))
    }
