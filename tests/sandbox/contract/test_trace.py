"""The trace of a call: what is noted where rules are judged, and how much of it."""

import msgspec
import pytest

from aniva_sandbox.engine.contract.api import Endpoint
from aniva_sandbox.engine.contract.ground_rules import ATOMIC, BODY_UNKNOWN_FIELD, ERROR_INTERNAL
from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.trace import Trace
from tests.sandbox.contract.edited_documents import read_call
from tests.sandbox.serving.common import NEW_PROFILE
from tests.support import PARTNER, PROFILE


def trace_of(endpoint: Endpoint, values: list[str], query: bytes = b"", body: object = None) -> Trace:
    """The trace of a request that an endpoint read."""
    return read_call(endpoint, values, query, b"" if body is None else msgspec.json.encode(body)).trace


def test_a_rule_is_leaned_on_once() -> None:
    """However often a call leans on a rule, its trace has it once; rules keep the order in which they were met."""
    trace = Trace()
    for rule in (ATOMIC, BODY_UNKNOWN_FIELD, ATOMIC):
        trace.lean_on(rule)
    assert trace.leaned_on == (ATOMIC, BODY_UNKNOWN_FIELD)


@pytest.mark.rule("body.unknown-field")
def test_ignored_fields_are_noted_where_the_request_is_read() -> None:
    """A field or parameter that the operation does not know is noted, and the call leans on its being ignored."""
    create, get = PARTNER.endpoints["create_profile"], PARTNER.endpoints["get_profile"]
    assert trace_of(create, [], body=NEW_PROFILE) == Trace()
    trace = trace_of(create, [], b"first_name=x", NEW_PROFILE | {"frist_name": "x"})
    assert trace.unknown_fields == ("frist_name", "first_name")  # which is a field, but no parameter
    assert trace.leaned_on == (BODY_UNKNOWN_FIELD,)
    assert trace_of(get, [PROFILE], b"a=1&a=2&b=1").unknown_fields == ("a", "b")


def test_what_is_noted_of_fields_is_bounded() -> None:
    """A trace keeps 20 names of each kind, and the beginning of a long one."""
    trace = Trace()
    known = {f"old{number}": {"deprecated": True} for number in range(30)} | {"new": {}}
    trace.note_fields(["x" * 100, *(f"x{number}" for number in range(30)), *known], known)
    assert trace.unknown_fields == ("x" * 64, *(f"x{number}" for number in range(19)))
    assert trace.deprecated_fields == tuple(f"old{number}" for number in range(20))
    trace.note_fields(["more"], known)
    assert len(trace.unknown_fields) == 20


def test_a_call_that_failed_leaned_on_nothing() -> None:
    """Only what a call brought about can hang on a rule; a response that is delivered though it contradicts the
    document still does."""
    trace = Trace()
    trace.lean_on(ATOMIC)
    trace.end(Outcome(200, {}, mismatch="odd"))
    assert (trace.leaned_on, trace.refused_by, trace.mismatch) == ((ATOMIC,), (), "odd")
    trace.end(Outcome(500, {}, (ERROR_INTERNAL,), mismatch="broke"))
    assert (trace.leaned_on, trace.refused_by, trace.mismatch) == ((), (ERROR_INTERNAL,), "broke")
