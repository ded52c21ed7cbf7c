"""How calls are read: ids, queries and bodies."""

from typing import Any

import msgspec
import pytest

from aniva_sandbox.api import partner
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.ground_rules import MAX_BODY
from aniva_sandbox.engine.contract.rules import Refusal
from tests.sandbox.contract.edited_documents import read_call
from tests.support import PARTNER, PROFILE


def call(id: str, values: list[str], query: bytes = b"", body: bytes = b"") -> Any:
    """A call of an operation of the partner API, read."""
    return read_call(PARTNER.endpoints[id], values, query, body)


def test_a_call_holds_typed_values() -> None:
    """A call that passes has its id as it was sent, its query typed and its defaults filled in."""
    read = call("list_profiles", [], b"limit=7&email=A%40b.example&nope=1")
    assert (read.id, read.query.limit, read.query.offset, read.query.email) == ("", 7, 0, "A@b.example")
    assert call("get_profile", [PROFILE.upper()]).id == PROFILE.upper()
    assert call("get_biomarker", ["0042"]).id == "42"


@pytest.mark.parametrize(
    ("query", "email"),
    [
        (b"email=a+b", "a b"),
        (b"email=a%2Bb", "a+b"),
        (b"email=%C3%A4", "ä"),
        (b"email=", ""),
        (b"email=a&email=b", "b"),
        (b"email=a%26limit%3D0", "a&limit=0"),
        (b"email=%FF", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_query_is_decoded_as_a_form(query: bytes, email: str) -> None:
    """Plus is a space, percent signs are UTF-8, the last of a repeated parameter counts."""
    assert call("list_profiles", [], query).query.email == email


@pytest.mark.parametrize(("text", "limit"), [("1", 1), ("500", 500), ("007", 7)])
def test_numbers_in_a_query_are_plain_digits(text: str, limit: int) -> None:
    """ASCII digits are a number."""
    assert call("list_profiles", [], f"limit={text}".encode()).query.limit == limit


@pytest.mark.rule("profile.list-page")
@pytest.mark.parametrize(
    "text",
    [
        *("", "-1", "-0", "%2B1", "%201", "1%20", "1%0A", "0x1", "1.0", "1e1", "1_0", "true", "%EF%BC%91"),
        *("9" * 4001, "-" + "9" * 4001),
    ],
)
def test_other_spellings_of_numbers_are_refused(text: str) -> None:
    """A sign, a space, a point or other digits make a text no number, or one out of range."""
    with pytest.raises(Refusal) as caught:
        call("list_profiles", [], f"limit={text}".encode())
    assert [detail.path for detail in caught.value.details] == ["limit"]


@pytest.mark.rule("http.too-large")
@pytest.mark.parametrize("id", ["create_profile", "confirm_shipment_pickup"])
def test_a_body_that_was_too_large_is_refused(id: str) -> None:
    """Where a body is taken, one that was too large to be read is refused, also where it would be ignored."""
    with pytest.raises(Refusal) as caught:
        read_call(PARTNER.endpoints[id], [], body=None)
    assert (caught.value.rule.id, caught.value.status) == ("http.too-large", 413)


@pytest.mark.rule("http.too-large")
def test_an_operation_may_take_larger_bodies() -> None:
    """Each operation has its own limit, and the API knows the largest."""
    larger = [
        msgspec.structs.replace(each, max_body=2 * MAX_BODY) if each.id == "create_profile" else each
        for each in partner.OPERATIONS
    ]
    api = Api(PARTNER.document, larger, partner.LEDGER)
    assert (PARTNER.max_body, api.max_body) == (MAX_BODY, 2 * MAX_BODY)
    for id, size, status in [
        ("create_profile", 2 * MAX_BODY, 400),
        ("create_profile", 2 * MAX_BODY + 1, 413),
        ("create_appointment", MAX_BODY, 400),
        ("create_appointment", MAX_BODY + 1, 413),
    ]:
        with pytest.raises(Refusal) as caught:
            read_call(api.endpoints[id], [], body=b"{}".ljust(size))
        assert caught.value.status == status
        assert status == 400 or str(api.endpoints[id].max_body) in caught.value.message


def test_a_body_that_nobody_asked_for_is_not_looked_at() -> None:
    """An operation without a body passes over one, of whatever size and kind."""
    endpoint = PARTNER.endpoints["get_profile"]
    for body in (b"", b"nonsense", None):
        assert read_call(endpoint, [PROFILE], body=body, content_type="text/plain").id == PROFILE
