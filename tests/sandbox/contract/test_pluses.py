"""A + in a query is read as a space; where that may be the mistake, the message or a hint says so."""

from urllib.parse import quote_plus

import pytest

from aniva_sandbox.engine.contract.pluses import PLUS, find_pluses
from tests.support import BERLIN, PROFILE, Client, quiet_client

AVAILABILITY = f"/locations/{BERLIN}/availability"
SINCE = "/worlds/test/journal?since="
TEXTS = {name: {"schema": {"type": "string"}} for name in ("name", "since", "ä b")} | {
    "n": {"schema": {"type": "integer"}}
}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", []),
        ("name=a%2Bb", []),
        ("name=a%20b", []),
        ("name=a+b", ["name"]),
        ("since=x&name=+", ["name"]),
        ("name=a+b&name=ab", []),
        ("name=ab&name=a+b", ["name"]),
        ("name=a+b&since=c+d&other=e+f", ["name", "since"]),
        ("n=+1", []),
        ("na+me=a", []),
        ("name", []),
        ("+", []),
        ("%C3%A4+b=+", ["ä b"]),
    ],
)
def test_pluses_are_found_as_they_were_sent(query: str, found: list[str]) -> None:
    """A literal + in the value of a parameter that takes a text is found; one that is escaped, or a space, is not."""
    assert find_pluses(query.encode(), TEXTS) == found


@pytest.mark.rule("time.input")
def test_an_offset_with_a_plus_is_told(client: Client) -> None:
    """On the control plane the instant with an offset loses its sign; escaped, it is taken."""
    client.get("/units")
    reply = client.control("GET", f"{SINCE}2026-04-13T10:00:00+02:00")
    assert (reply.status, reply.rules) == (400, ["time.input"])
    assert reply.details["since"].endswith(f"such as 2026-04-15T10:30:00+02:00: {PLUS}")
    assert reply.json["error"].endswith(PLUS)
    assert len(client.control("GET", f"{SINCE}{quote_plus('2026-04-13T10:00:00+02:00')}").json["exchanges"]) == 1
    for other in ("2026-04-13T10:00:00%2002:00", "yesterday", "a%2Bb"):
        assert PLUS not in client.control("GET", SINCE + other).json["error"]


@pytest.mark.rule("availability.timezone")
def test_a_zone_with_a_plus_is_told(client: Client) -> None:
    """A domain rule's refusal says so, too, where it is about the field with the +."""
    reply = client.get(f"{AVAILABILITY}?timezone=Etc/GMT+5")
    assert (reply.status, reply.rules) == (400, ["availability.timezone"])
    assert reply.json["error"].endswith(f"such as Europe/Berlin: {PLUS}")
    assert client.get(f"{AVAILABILITY}?timezone=Etc/GMT%2B5").json["timezone"] == "Etc/GMT+5"
    for other in ("timezone=Etc/GMT%205", "timezone=Nowhere&note=a+b", "timezone=Etc/GMT+5&timezone=Nowhere"):
        assert PLUS not in client.get(f"{AVAILABILITY}?{other}").json["error"]
    past = client.get(f"{AVAILABILITY}?end_date=2026-12-31&timezone=Etc/GMT%2B5&x=+")
    assert (past.rules, PLUS in past.json["error"]) == (["availability.bounds"], False)


@pytest.mark.rule("id.format")
def test_only_the_field_with_the_plus_is_told(client: Client) -> None:
    """Of several offending parameters, those with a + are told; a number never wants one."""
    reply = client.get(f"{AVAILABILITY}?start_date=1+May&end_date=x")
    assert [message.endswith(PLUS) for message in reply.details.values()] == [True, False]
    assert PLUS not in client.get("/profiles?limit=+5").json["error"]
    assert PLUS not in client.get(f"/profiles/{PROFILE}+").json["error"]


@pytest.mark.rule("profile.list-email", "query.repeated")
def test_an_address_with_a_plus_earns_a_hint() -> None:
    """A search by an address is taken, and finds nothing; the journal says why. An escaped + finds its profile. Where
    the address is sent twice, a + in the first does not count, and the hint says which one does."""
    client = quiet_client()
    client.patch(f"/profiles/{PROFILE}", {"email": "jane+test@example.com"})
    twice = "email was sent more than once; the last value counts"
    refused = ["body.schema/details", "error.body/sentence"]
    for query, found, hints, relied_on in (
        ("email=jane+test@example.com", 0, [f"email: {PLUS}"], []),
        ("email=jane+test@example.com&limit=0", None, [f"email: {PLUS}"], refused),
        ("email=jane%2Btest@example.com", 1, [], []),
        ("email=jane%20test@example.com", 0, [], []),
        ("email=x+y&email=jane%2Btest@example.com", 1, [twice], ["query.repeated"]),
    ):
        reply = client.get(f"/profiles?{query}")
        assert found is None or len(reply.json) == found
        (exchange,) = client.control("GET", "/worlds/test/journal?last=1").json["exchanges"]
        assert exchange["hints"] == hints
        assert [each["id"] for each in exchange["relied_on"]] == relied_on


def test_a_text_that_may_hold_a_space_earns_none() -> None:
    """Where a space may be meant, a + is one."""
    client = quiet_client()
    assert client.get("/profiles?name=Jane+Doe").status == 200
    (exchange,) = client.control("GET", "/worlds/test/journal?last=1").json["exchanges"]
    assert exchange["hints"] == [
        "the query parameter 'name' is not read by list_profiles; known names: email, limit, offset"
    ]
