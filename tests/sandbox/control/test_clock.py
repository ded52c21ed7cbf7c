"""A world's clock through the control plane: advancing, setting, freezing."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from aniva_sandbox.engine.world import clock as clock_module
from aniva_sandbox.engine.world.clock import parse_clock
from tests.sandbox.control.bodies import CLOSED, CONFIRMED, ORDERED, START, events
from tests.support import Client, quiet_client, refused

# Time


@pytest.mark.parametrize(
    ("body", "now"),
    [
        ({"seconds": 0}, START),
        ({"seconds": 90}, "2026-04-13T08:01:30Z"),
        ({"seconds": 90.0}, "2026-04-13T08:01:30Z"),
        ({"to": START}, START),
        ({"to": "2026-04-14t00:00:00.999+02:00"}, "2026-04-13T22:00:00Z"),
        ({"to": "9000-01-01T00:00:00Z"}, "9000-01-01T00:00:00Z"),
    ],
)
def test_advance(opened: Client, body: dict[str, Any], now: str) -> None:
    """A clock is moved by whole seconds or to an instant, and the next answer is from then."""
    reply = opened.control("POST", "/worlds/test/clock/advance", body)
    assert (reply.status, reply.json) == (200, {"clock": {"mode": "frozen", "now": now}, "events": []})
    assert opened.get("/units").headers["x-sandbox-time"] == now


@pytest.mark.rule("clock.forward")
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"seconds": -1},
        {"seconds": 60, "to": "2026-04-14T00:00:00Z"},
        {"to": "2026-04-13T07:59:59Z"},
        {"to": "9000-01-01T00:00:01Z"},
        {"seconds": 10**12},
        {"seconds": 10**40},
    ],
)
def test_refused_advance(opened: Client, body: dict[str, Any]) -> None:
    """Neither or both of seconds and instant, the past, and what lies beyond the end of time are refused; the clock
    stays."""
    refused(opened.control("POST", "/worlds/test/clock/advance", body), "clock.forward", 400)
    assert opened.control("GET", "/worlds/test/clock").json["now"] == START


@pytest.mark.rule("time.input", "clock.forward")
@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"to": "tomorrow"}, "time.input"),
        ({"to": "2026-04-14T00:00:60Z"}, "time.input"),
        ({"to": "2026-04-14T00:00:00"}, "time.input"),
        ({"to": None}, "body.schema/null"),
        ({"seconds": "60"}, "clock.forward"),
        ({"seconds": 0.5}, "clock.forward"),
    ],
)
def test_advance_of_the_wrong_type(opened: Client, body: dict[str, Any], rule: str) -> None:
    """What is no instant and no whole number is refused, and named."""
    reply = opened.control("POST", "/worlds/test/clock/advance", body)
    refused(reply, rule, 400)
    assert list(reply.details) == list(body)


@pytest.mark.rule("clock.forward")
@pytest.mark.parametrize("seconds", [1e15, 1e300])
def test_advance_by_a_float_beyond_all_time(opened: Client, seconds: float) -> None:
    """A number of seconds that is whole but was written as a float is refused like any other that is too large."""
    refused(opened.control("POST", "/worlds/test/clock/advance", {"seconds": seconds}), "clock.forward", 400)


@pytest.mark.rule("clock.forward")
def test_put_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock is frozen where it is, let run on from there, or set to a later instant; an earlier one is refused."""
    machine = [datetime(2030, 1, 1, tzinfo=UTC).timestamp()]
    monkeypatch.setattr(clock_module, "time", lambda: machine[0])
    client = Client()
    client.get("/units")

    def put(**body: str) -> Any:
        return client.control("PUT", "/worlds/test/clock", body).json["clock"]

    assert put(mode="real") == {"mode": "real", "now": START}
    machine[0] += 60
    assert put(mode="frozen") == {"mode": "frozen", "now": "2026-04-13T08:01:00Z"}
    machine[0] += 60
    assert put(mode="frozen", now="2026-04-14T00:00:00Z") == {"mode": "frozen", "now": "2026-04-14T00:00:00Z"}
    assert put(mode="real", now="2026-04-15T00:00:00Z") == {"mode": "real", "now": "2026-04-15T00:00:00Z"}
    machine[0] += 5
    assert client.control("GET", "/worlds/test/clock").json == {"mode": "real", "now": "2026-04-15T00:00:05Z"}
    for past in ("2026-04-15T00:00:04Z", "9000-01-01T00:00:01Z"):
        body = {"mode": "frozen", "now": past}
        refused(client.control("PUT", "/worlds/test/clock", body), "clock.forward", 400)
    assert client.control("GET", "/worlds/test/clock").json["mode"] == "real"
    refused(client.control("PUT", "/worlds/test/clock", {"mode": "slow"}), "body.schema", 400)


# One instant a request


@pytest.fixture
def ticking(monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client of a world with a running clock, on a machine whose time goes on by a second whenever it is read."""
    seconds = itertools.count(datetime(2030, 1, 1, tzinfo=UTC).timestamp())
    monkeypatch.setattr(clock_module, "time", lambda: next(seconds))
    client = quiet_client(mode="real")
    client.get("/units")
    return client


@pytest.mark.rule("clock.forward")
def test_advance_by_nothing_under_a_running_clock(ticking: Client) -> None:
    """No seconds are not backwards, though time goes on while the request is answered; a second less than now is."""
    before = ticking.control("GET", "/worlds/test/clock").json["now"]
    reply = ticking.control("POST", "/worlds/test/clock/advance", {"seconds": 0})
    assert (reply.status, reply.json["events"]) == (200, [])
    assert reply.json["clock"]["mode"] == "real"
    assert reply.json["clock"]["now"] > before
    refused(ticking.control("POST", "/worlds/test/clock/advance", {"to": before}), "clock.forward", 400)


@pytest.mark.parametrize("body", [CLOSED, CONFIRMED, ORDERED])
def test_event_without_a_time_under_a_running_clock(ticking: Client, body: dict[str, Any]) -> None:
    """An event without a time happens now and does not fall into the past, though time goes on while it happens."""
    reply = ticking.control("POST", "/worlds/test/events", body)
    assert reply.status == 200
    assert events(ticking) == [reply.json]
    assert ticking.control("GET", "/worlds/test/agenda").json == []


def test_freezing_a_running_clock(ticking: Client) -> None:
    """A clock that is frozen in a request stands at the instant that its answer tells."""
    frozen = ticking.control("PUT", "/worlds/test/clock", {"mode": "frozen"}).json["clock"]
    assert ticking.control("GET", "/worlds/test/clock").json == frozen
    assert ticking.get("/units").headers["x-sandbox-time"] == frozen["now"]


# Clocks as they are written


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("real", ("real", None)),
        ("frozen", ("frozen", None)),
        ("2026-04-13T10:00:00.5+02:00", ("frozen", datetime(2026, 4, 13, 8, tzinfo=UTC))),
        ("1900-01-01T00:00:00Z", ("frozen", datetime(1900, 1, 1, tzinfo=UTC))),
        ("9000-01-01T00:00:00Z", ("frozen", datetime(9000, 1, 1, tzinfo=UTC))),
    ],
)
def test_clock_as_it_is_written(text: str, read: tuple[str, datetime | None]) -> None:
    """A clock is real, frozen, or stands at an instant."""
    assert parse_clock(text) == read


@pytest.mark.parametrize(
    "text",
    [
        *("", "REAL", "now", "2026-04-13", "2026-04-13T08:00:00", "9000-01-01T00:00:01Z"),
        *("1899-12-31T23:59:59Z", "1900-01-01T00:00:00+00:01", "0001-01-03T00:00:00Z"),
    ],
)
def test_no_clock(text: str) -> None:
    """Anything else is no clock."""
    with pytest.raises(ValueError, match="an RFC 3339 instant of the years 1900 to 9000"):
        parse_clock(text)
