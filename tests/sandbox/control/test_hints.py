"""Hints: what a developer would want to be told of a call that is answered as it should be."""

import copy
import difflib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aniva_sandbox.api.app import build_partner_api
from aniva_sandbox.engine.contract.document import dump_document
from aniva_sandbox.engine.contract.ground_rules import AUTH_PERMISSION, BODY_JSON
from aniva_sandbox.engine.serving.pipeline import Request, respond
from tests.sandbox.serving.common import NEW_APPOINTMENT, NEW_PROFILE, NEW_SHIPMENT
from tests.support import (
    APPOINTMENT,
    BERLIN,
    DOCUMENT,
    OTHER_PANEL,
    PANEL,
    PARTNER,
    PROFILE,
    RIVAL_PROFILE,
    SHIPMENT,
    UNKNOWN,
    Client,
    quiet_client,
    relied_on,
)

PLAIN = NEW_PROFILE | {"first_name": "Jo"}
GROUP = "1ecb13f7-d3c9-42eb-87db-aea03467eeae"
"""The id of a profile group."""


def hints(client: Client, method: str, path: str, json: Any = None, **options: Any) -> list[str]:
    """The hints on a request."""
    client.request(method, path, json, **options)
    told: list[str] = client.control("GET", "/worlds/test/journal?last=1").json["exchanges"][0]["hints"]
    return told


# Unknown fields


@pytest.mark.rule("body.unknown-field")
@pytest.mark.parametrize(
    ("method", "path", "json", "told"),
    [
        (
            "POST",
            "/profiles",
            PLAIN | {"frist_name": "x"},
            "the field 'frist_name' is not read by create_profile; did you mean first_name?",
        ),
        (
            "POST",
            "/appointments",
            NEW_APPOINTMENT | {"scheduledAt": "x"},
            "the field 'scheduledAt' is not read by create_appointment; did you mean scheduled_at?",
        ),
        (
            "POST",
            "/appointments",
            NEW_APPOINTMENT | {"zzz": 1},
            "the field 'zzz' is not read by create_appointment; known names: profile_id, location_id, scheduled_at",
        ),
        (
            "GET",
            "/profiles?limt=2&limt=3&offset=0",
            None,
            "the query parameter 'limt' is not read by list_profiles; did you mean limit?",
        ),
        ("GET", "/units?limit=2", None, "the query parameter 'limit' is not read by list_units; known names: none"),
        (
            "GET",
            f"/profiles/{PROFILE}?expand",
            None,
            "the query parameter 'expand' is not read by get_profile; known names: none",
        ),
    ],
)
def test_what_no_operation_reads_is_told(opened: Client, method: str, path: str, json: Any, told: str) -> None:
    """A field or parameter that the operation does not know is ignored, and told with the nearest name that it knows,
    else with all; the call relied on that."""
    assert hints(opened, method, path, json) == [told]
    assert opened.world.journal[-1].response.status in (200, 201)
    assert [rule for rule in relied_on(opened) if rule != "profile.email/placeholder"] == ["body.unknown-field"]


@pytest.mark.parametrize(
    ("method", "path", "json"),
    [
        ("POST", "/profiles", PLAIN),
        ("POST", "/appointments", NEW_APPOINTMENT),
        ("POST", "/shipments", NEW_SHIPMENT),
        ("GET", "/profiles?limit=7&offset=1", None),
        ("GET", f"/appointments?profile_id={PROFILE}", None),
        ("GET", f"/appointments?profile_id={RIVAL_PROFILE}", None),
        ("GET", f"/appointments?profile_id={UNKNOWN}", None),
        ("GET", f"/profiles/{UNKNOWN}", None),
        ("PATCH", f"/profiles/{PROFILE}", {"height": 150, "password": "long enough 1"}),
        ("PATCH", f"/profiles/{PROFILE}", {"height": "x"}),
        ("DELETE", f"/appointments/{APPOINTMENT}", None),
    ],
)
def test_a_call_without_mistakes_of_its_own_gets_none(opened: Client, method: str, path: str, json: Any) -> None:
    """Known fields, and ids of the right kind or of nothing, are no reason for a hint, taken or refused."""
    assert hints(opened, method, path, json) == []
    assert "body.unknown-field" not in relied_on(opened)


def test_a_refused_call_is_hinted_at_too(opened: Client) -> None:
    """Where a required field is missing because its name is wrong, the hint says so; a refused call relies on
    nothing but the form of its response."""
    body = {name: value for name, value in PLAIN.items() if name != "sex"} | {"sexx": 2}
    assert hints(opened, "POST", "/profiles", body) == [
        "the field 'sexx' is not read by create_profile; did you mean sex?"
    ]
    assert opened.world.journal[-1].response.status == 400
    assert relied_on(opened) == ["body.schema/details", "error.body/sentence"]


def test_a_forbidden_call_is_hinted_at_too(opened: Client) -> None:
    """Who may not call an operation is told all the same what it would not have read."""
    (told,) = hints(opened, "POST", "/profiles", PLAIN | {"frist_name": "x"}, key="sbx_test.reader")
    assert told.startswith("the field 'frist_name'")
    assert opened.world.journal[-1].trace.refused_by == (AUTH_PERMISSION,)


def test_names_are_shown_short_and_in_one_line(opened: Client) -> None:
    """A name may be anything."""
    first, second = hints(opened, "POST", "/profiles", PLAIN | {"a\nb": 1, "x" * 5000: 1})
    assert first.startswith("the field 'a\\nb' is not read")
    assert second.startswith(f"the field '{'x' * 64}' is not read")


def test_a_long_name_is_near_to_nothing(opened: Client) -> None:
    """A name that holds another one is near it only where there is little beside."""
    known = "profile_group_slug"
    (near,) = hints(opened, "POST", "/profiles", PLAIN | {known + "g": 1})
    assert near.endswith(f"did you mean {known}?")
    (far,) = hints(opened, "POST", "/profiles", PLAIN | {known * 4: 1})
    assert "did you mean" not in far


def test_hints_are_limited(opened: Client) -> None:
    """A body may hold any number of mistakes; twenty are told, and the call still relied on its fields' being
    ignored."""
    told = hints(opened, "POST", "/profiles", PLAIN | {f"x{n}": n for n in range(25)})
    assert len(told) == 20
    assert told[-1].startswith("the field 'x19'")
    assert "body.unknown-field" in relied_on(opened)
    assert len(hints(opened, "POST", "/profiles", PLAIN | {f"x{n}": n for n in range(20)})) == 20
    assert len(hints(opened, "POST", "/profiles", PLAIN | {f"x{n}": n for n in range(19)})) == 19
    assert (
        len(hints(opened, "POST", "/profiles", PLAIN | {"profile_group": BERLIN} | {f"x{n}": n for n in range(20)}))
        == 20
    )
    assert len(hints(opened, "GET", "/units?" + "&".join(f"x{n}=1" for n in range(15)) + "&x1=1")) == 15
    assert len(hints(opened, "GET", "/units?" + "x=1&" * 20 + "y=1")) == 2


def test_no_more_names_are_compared_than_are_told(opened: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body may be full of made-up names: only the first twenty are looked at, and of each only its beginning."""
    compared: list[str] = []
    monkeypatch.setattr(difflib, "get_close_matches", lambda name, *_rest: compared.append(name) or [])
    hints(opened, "POST", "/profiles", PLAIN | {f"{n}{'x' * 1000}": n for n in range(100)})
    assert len(compared) == 20
    assert {len(name) for name in compared} == {64}


# What is deprecated


def test_deprecated_operations_are_told(opened: Client) -> None:
    """Each call of a deprecated operation is told, whatever it sends."""
    told = ["confirm_shipment_pickup is deprecated"]
    assert hints(opened, "POST", "/appointments/pickup", {"anything": 1}) == told
    assert hints(opened, "POST", "/appointments/pickup") == told
    assert hints(opened, "POST", "/appointments/pickup", key="sbx_test.reader") == told  # refused


@pytest.mark.rule("profile.group")
@pytest.mark.parametrize("name", ["profile_group", "profile_group_slug"])
def test_neither_field_of_the_group_is_deprecated(opened: Client, name: str) -> None:
    """A page of the documentation knows one of the two alone, so no field of the document is deprecated, and neither
    is hinted at."""
    assert not [
        (id, field)
        for id, endpoint in PARTNER.endpoints.items()
        for field, described in (endpoint.body_fields | endpoint.query_fields).items()
        if described.get("deprecated")
    ]
    body = {key: value for key, value in PLAIN.items() if key != "profile_group"}
    assert hints(opened, "POST", "/profiles", body | {name: "acme-clinic-berlin"}) == []
    assert opened.world.journal[-1].response.status == 201


def test_deprecated_fields_are_told(tmp_path: Path, opened: Client) -> None:
    """A field or query parameter that a document calls deprecated, as a proposal may, is told where it is sent; one
    that may be anything is none."""
    document = copy.deepcopy(PARTNER.document)
    (offset,) = (
        parameter
        for parameter in document["paths"]["/api/v1/profiles"]["get"]["parameters"]
        if parameter["name"] == "offset"
    )
    offset["deprecated"] = True
    fields = document["components"]["schemas"]["ProfileCreate"]["properties"]
    fields["anything"] = True
    fields["phone"]["deprecated"] = True
    file = tmp_path / "proposal.yaml"
    file.write_text(dump_document(document), encoding="utf-8")
    client = Client(opened.worlds, api=build_partner_api(file))
    assert hints(client, "GET", "/profiles?offset=1&limit=100") == ["offset is deprecated: Number of profiles to skip."]
    assert hints(client, "GET", "/profiles?limit=100") == []
    assert hints(client, "POST", "/profiles", PLAIN | {"anything": 1}) == []
    assert hints(client, "POST", "/profiles", PLAIN | {"phone": "+14155552671"}) == ["phone is deprecated: E.164."]
    assert "body.unknown-field" not in relied_on(opened)


# Ids of another kind

IDS = {
    "an appointment": APPOINTMENT,
    "a profile": PROFILE,
    "a location": BERLIN,
    "a shipment": SHIPMENT,
    "a document": DOCUMENT,
    "a panel": PANEL,
    "a profile group": "acme-clinic-berlin",
}
PATHS = {
    "an appointment": "/appointments/{}",
    "a profile": "/profiles/{}",
    "a location": "/locations/{}/availability",
    "a shipment": "/shipments/{}",
    "a document": "/documents/{}",
}


@pytest.mark.parametrize("given", list(IDS))
@pytest.mark.parametrize("expected", list(PATHS))
def test_an_id_of_another_kind_in_the_path_is_told(opened: Client, expected: str, given: str) -> None:
    """In the place of an id of one kind, one of any other is told with both kinds; the right one is not."""
    told = hints(opened, "GET", PATHS[expected].format(IDS[given]))
    if given == expected:
        assert told == []
    else:
        assert told == [f"the path: {IDS[given]} is the id of {given}; the id of {expected} was expected"]


def booked(**fields: Any) -> dict[str, Any]:
    """A booking with other ids."""
    return NEW_APPOINTMENT | fields


@pytest.mark.parametrize(
    ("method", "path", "json", "told"),
    [
        ("POST", "/appointments", booked(profile_id=BERLIN), [("profile_id", "a location", "a profile")]),
        (
            "POST",
            "/appointments",
            booked(profile_id=BERLIN, location_id=PROFILE),
            [("profile_id", "a location", "a profile"), ("location_id", "a profile", "a location")],
        ),
        ("POST", "/appointments", booked(location_id=PANEL.upper()), [("location_id", "a panel", "a location")]),
        ("POST", "/appointments", booked(profile_id=GROUP), [("profile_id", "a profile group", "a profile")]),
        ("GET", f"/appointments?profile_id={APPOINTMENT}", None, [("profile_id", "an appointment", "a profile")]),
        ("POST", "/profiles", PLAIN | {"profile_group": BERLIN}, [("profile_group", "a location", "a profile group")]),
        (
            "POST",
            f"/appointments/{APPOINTMENT}/panels",
            {"panel_ids": [OTHER_PANEL, PROFILE, UNKNOWN, BERLIN, PROFILE]},
            [("panel_ids", "a profile", "a panel"), ("panel_ids", "a location", "a panel")],
        ),
        (
            "POST",
            f"/shipments/{SHIPMENT}/appointments",
            {"appointment_ids": [SHIPMENT]},
            [("appointment_ids", "a shipment", "an appointment")],
        ),
        (
            "POST",
            f"/shipments/{APPOINTMENT}/appointments",
            {"appointment_ids": [SHIPMENT]},
            [("the path", "an appointment", "a shipment"), ("appointment_ids", "a shipment", "an appointment")],
        ),
        (
            "PATCH",
            f"/appointments/{APPOINTMENT}/custom-snapshot",
            {"panel_id": PROFILE, "biomarker_ids": [58]},
            [("panel_id", "a profile", "a panel")],
        ),
    ],
)
def test_an_id_of_another_kind_in_query_or_body_is_told(
    opened: Client, method: str, path: str, json: Any, told: list[tuple[str, str, str]]
) -> None:
    """Every id of a call is looked at, each of a list once, whichever of them refused the call; case does not
    matter."""
    found = hints(opened, method, path, json)
    assert len(found) == len(told)
    for hint, (place, sent, expected) in zip(found, told, strict=True):
        assert hint.startswith(f"{place}: ")
        assert hint.endswith(f" is the id of {sent}; the id of {expected} was expected")


def test_an_id_in_the_place_of_a_slug_is_told(opened: Client) -> None:
    """A field that is called after a slug is looked at like one that is called after an id."""
    by_slug = {name: value for name, value in PLAIN.items() if name != "profile_group"} | {"profile_group_slug": BERLIN}
    told = hints(opened, "POST", "/profiles", by_slug)
    assert told[-1] == f"profile_group_slug: {BERLIN} is the id of a location; the id of a profile group was expected"


def test_an_id_of_two_kinds_is_right_for_both(opened: Client) -> None:
    """Where an id stands for two things, no place of either is wrong; that of a third kind is."""
    profile = opened.world.profiles[PROFILE]
    opened.world.profiles.add(msgspec.structs.replace(profile, id=APPOINTMENT))
    for path in (f"/appointments/{APPOINTMENT}", f"/profiles/{APPOINTMENT}"):
        assert hints(opened, "GET", f"{path}?unknown=1")[1:] == []
    assert len(hints(opened, "GET", f"/shipments/{APPOINTMENT}?unknown=1")[1:]) == 1


# Whatever is sent


@pytest.mark.rule("body.json")
@pytest.mark.parametrize(
    "body", [b'["frist_name"]', b'"frist_name"', b"frist_name", b"[" * 100_000, b'{"x":' * 100_000]
)
def test_what_is_no_object_gets_no_hints(opened: Client, body: bytes) -> None:
    """A body without fields, or that nobody can read, is refused, and there is nothing more to tell of it."""
    assert hints(opened, "POST", "/profiles", body=body) == []
    assert opened.world.journal[-1].trace.refused_by == (BODY_JSON,)


NAMES = st.sampled_from(["profile_id", "panel_ids", "s", "_id", "", "profile_group", "limit", "shipment_ids"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(list(IDS.values())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)
BODIES = st.binary(max_size=20) | st.dictionaries(NAMES | st.text(max_size=5), VALUES, max_size=4).map(
    msgspec.json.encode
)
FUZZED = quiet_client()


@settings(max_examples=70, deadline=None)
@given(
    st.sampled_from(list(PARTNER.endpoints.values())), BODIES, st.binary(max_size=20), st.text("/%{} a\x00", max_size=6)
)
@example(PARTNER.endpoints["get_profile"], b"", b"%ff=%ed%a0%80&&==", "%ff")
def test_hints_never_break(endpoint: Any, body: bytes, query: bytes, id: str) -> None:
    """Whatever is sent where, the call is answered by the document, and its hints are short lines."""
    path = endpoint.path.replace("{id}", id.replace("/", "") or "x")
    request = Request(endpoint.operation.method, path, query, "sbx_test", "application/json", body)
    response = respond(PARTNER, FUZZED.worlds, request)
    exchange = FUZZED.world.journal[-1]
    assert exchange.trace.mismatch is None, exchange.trace.mismatch
    assert response.status == exchange.response.status
    for hint in exchange.trace.hints:
        assert "\n" not in hint.field + hint.text
        assert len(hint.text) < 600
    assert FUZZED.control("GET", "/worlds/test/journal?last=1").status == 200


def test_hints_look_at_so_much_of_a_body(opened: Client) -> None:
    """An id of another kind earns a hint also among hundreds of others; in a field of more than 64 KiB nobody looks
    for one. Unknown fields are told whatever else there is, up to twenty hints."""
    path = f"/appointments/{APPOINTMENT}/panels"
    told = hints(opened, "POST", path, {"panel_ids": [UNKNOWN] * 1000 + [PROFILE]})
    assert told == [f"panel_ids: {PROFILE} is the id of a profile; the id of a panel was expected"]
    assert hints(opened, "POST", path, {"panel_ids": [UNKNOWN] * 2000 + [PROFILE]}) == []
    body = {"panel_ids": [UNKNOWN] * 2000} | {f"x{number}": [[]] * 1000 for number in range(100)}
    assert len(hints(opened, "POST", path, body)) == 20


@pytest.mark.rule("query.repeated")
def test_a_repeated_parameter_is_told(opened: Client) -> None:
    """The last value counts; a parameter that is sent once, or that the operation does not read, is not told."""
    path = "/profiles?limit=1&offset=1&limit=2&limit=500&colour=red&colour=blue"
    assert hints(opened, "GET", path)[:1] == ["limit was sent more than once; the last value counts"]
    assert len(opened.get("/profiles?limit=2&limit=1").json) == 1
    assert not any("more than once" in hint for hint in hints(opened, "GET", "/profiles?limit=500&colour=1&colour=2"))


# What operations and earlier calls say


def test_hints_of_operations_are_seen_like_others(opened: Client) -> None:
    """In the header of the response and in the journal, behind those on the request."""
    body = NEW_APPOINTMENT | {"scheduled_at": "2026-04-15T12:30:00+02:00", "colour": 1}
    reply = opened.post("/appointments", body)
    (exchange,) = opened.control("GET", "/worlds/test/journal?last=1").json["exchanges"]
    slot, field = exchange["hints"]
    assert "is not a slot" in slot
    assert field.startswith("the field 'colour'")
    assert reply.headers["x-sandbox-hint"] == f"{slot}; {field}"[:300]


def test_a_hint_that_was_withdrawn_is_gone_from_the_journal(opened: Client) -> None:
    """The journal shows what is true by now; the header was sent before."""
    reply = opened.get("/profiles?limit=6")
    assert reply.headers["x-sandbox-hint"].endswith("the next is offset=6")
    assert opened.control("GET", "/worlds/test/journal?last=1").json["exchanges"][0]["hints"] != []
    assert "x-sandbox-hint" not in opened.get("/profiles?limit=6&offset=6").headers
    assert [each["hints"] for each in opened.control("GET", "/worlds/test/journal").json["exchanges"]] == [[], []]


def test_many_hints_fit_into_the_header(opened: Client) -> None:
    """A header holds 300 characters of them."""
    opened.post("/appointments", NEW_APPOINTMENT | {f"x{number}": 1 for number in range(20)})
    reply = opened.post("/appointments", NEW_APPOINTMENT | {f"x{number}": 1 for number in range(20)})
    assert len(reply.headers["x-sandbox-hint"]) == 300
