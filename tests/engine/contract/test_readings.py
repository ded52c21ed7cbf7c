"""What is kept of earlier requests: how much of it, and what calls share."""

import msgspec
import pytest

from aniva_sandbox.engine.contract.kept import Kept
from aniva_sandbox.engine.contract.operations import NoQuery
from aniva_sandbox.engine.contract.readings import Readings
from aniva_sandbox.engine.contract.requests import Request


class Texts(msgspec.Struct, frozen=True):
    """A body that holds nothing that can be changed."""

    one: str
    more: int | None = None


class Lists(msgspec.Struct, frozen=True):
    """A body that can be changed inside."""

    many: list[str]


class Loose(msgspec.Struct):
    """A body that can be changed itself."""

    one: str


def test_what_is_kept_is_bounded() -> None:
    """However much is sent, little of it is kept, and nothing that is long."""
    kept: Kept[str, int] = Kept()
    for number in range(10_000):
        kept.keep(str(number), number, 4)
        assert kept[str(number)] == number
        assert len(kept) <= 128
    kept.keep("long", 1, 8193)
    assert "long" not in kept


def test_calls_share_a_body_that_cannot_be_changed() -> None:
    """A body of texts and numbers is the same for each call."""
    readings, body = Readings(Texts), Texts("a", 1)
    request = Request("POST", "/x", content_type="application/json", body=b'{"one":"a","more":1}')
    assert readings.find(request) is None
    readings.keep(request, "", NoQuery(), body)
    found = readings.find(request)
    assert found is not None
    assert found[2] is body


@pytest.mark.parametrize(("sent", "body"), [(b'{"many":["a"]}', Lists(["a"])), (b'{"one":"a"}', Loose("a"))])
def test_each_call_gets_a_body_that_can_be_changed_for_itself(sent: bytes, body: msgspec.Struct) -> None:
    """A body with a list in it, or one that can be changed itself, is made anew for each call."""
    readings, request = Readings(type(body)), Request("POST", "/x", content_type="application/json", body=sent)
    readings.keep(request, "", NoQuery(), body)
    first, second = readings.find(request), readings.find(request)
    assert first is not None
    assert second is not None
    assert first[2] == second[2] == body
    assert first[2] is not second[2]
    assert first[2] is not body


def test_a_query_that_can_be_changed_is_not_kept() -> None:
    """A query is not read again from its text, so one with a list in it is read as if for the first time."""
    readings, request = Readings(Texts), Request("GET", "/x", b"many=a")
    readings.keep(request, "", Lists(["a"]), Texts(""))
    assert readings.find(request) is None


@pytest.mark.parametrize(
    "other",
    [
        Request("GET", "/y", b"a=1", content_type="application/json", body=b"{}"),
        Request("GET", "/x", b"a=2", content_type="application/json", body=b"{}"),
        Request("GET", "/x", b"a=1", content_type="text/plain", body=b"{}"),
        Request("GET", "/x", b"a=1", content_type="application/json", body=b"{ }"),
        Request("GET", "/x", b"a=1", content_type="application/json", body=None),
    ],
)
def test_a_request_that_differs_in_anything_is_another(other: Request) -> None:
    """Path, query, content type and body decide together."""
    readings = Readings(Texts)
    readings.keep(Request("GET", "/x", b"a=1", content_type="application/json", body=b"{}"), "", NoQuery(), Texts(""))
    assert readings.find(other) is None
