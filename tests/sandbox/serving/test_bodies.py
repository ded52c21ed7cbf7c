"""Ids and bodies that are not as they must be, on requests that go the whole way without a socket."""

from typing import Any

import msgspec
import pytest

from tests.sandbox.serving.common import (
    BY_ID,
    NEW_APPOINTMENT,
    NEW_PROFILE,
    NEW_SHIPMENT,
    OPERATIONS,
    PAST,
    TAKES_BODY,
    filled,
    in_vain,
)
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CUSTOM_PANEL,
    PANEL,
    PARTNER,
    PROFILE,
    SHIPMENT,
    UNKNOWN,
    Client,
    relied_on,
    snapshot_of,
)

# id.format


@pytest.mark.rule("id.format")
@pytest.mark.parametrize(("method", "path"), BY_ID)
def test_an_id_that_is_not_of_its_kind_is_refused(client: Client, method: str, path: str) -> None:
    """Whatever stands in the place of an id and is none of its kind answers 400 and names the field."""
    for id in ("nope", "%20", "..%2F..", "%00", "%FF", "{}", "{id}", "null", PROFILE + "0", PROFILE[:-1]):
        reply = in_vain(client, method, path.replace("{id}", id), {})
        assert (id, reply.status, reply.rules[0]) == (id, 400, "id.format")
        assert "id" in reply.details


@pytest.mark.rule("id.format/case")
@pytest.mark.parametrize(
    ("path", "id", "key"),
    [
        ("/profiles/{}", PROFILE, "id"),
        ("/appointments/{}", APPOINTMENT, "id"),
        ("/locations/{}/availability", BERLIN, "location_id"),
    ],
)
def test_ids_are_taken_in_either_case(client: Client, path: str, id: str, key: str) -> None:
    """Upper-case letters in a UUID mean the same record, which answers in its own spelling."""
    assert id.upper() != id
    assert client.get(path.format(id.upper())).json[key] == id


@pytest.mark.rule("id.format/case")
def test_ids_in_bodies_and_queries_are_taken_in_either_case(client: Client) -> None:
    """A body and a query may spell ids in upper case; what is stored and answered is not."""
    body = NEW_APPOINTMENT | {"profile_id": PROFILE.upper(), "location_id": BERLIN.upper()}
    made = client.post("/appointments", body).json
    assert (made["profile_id"], made["location_id"]) == (PROFILE, BERLIN)
    assert client.post(f"/appointments/{made['id']}/panels", {"panel_ids": [PANEL.upper()]}).status == 200
    (found,) = [a for a in client.get(f"/appointments?profile_id={PROFILE.upper()}").json if a["id"] == made["id"]]
    assert [panel["panel_id"] for panel in found["panels"]] == [PANEL]
    order = NEW_SHIPMENT | {"location_id": BERLIN.upper(), "appointment_id": made["id"].upper()}
    shipment = client.post("/shipments", order).json
    assert shipment["origin"]["location_id"] == BERLIN
    assert [link["id"] for link in shipment["appointments"]] == [made["id"]]
    both = {"appointment_ids": [made["id"].upper(), APPOINTMENT.upper()]}
    linked = client.post(f"/shipments/{shipment['id']}/appointments", both).json["appointments"]
    assert [link["id"] for link in linked] == [made["id"], APPOINTMENT]
    own = f"/appointments/{made['id'].upper()}/shipments"
    assert client.delete(own, {"shipment_ids": [shipment["id"]]}).json["shipments"] == []


@pytest.mark.rule("id.format")
@pytest.mark.parametrize(
    ("id", "status"),
    [
        ("42", 200),
        ("0042", 200),
        ("999999", 404),
        ("9" * 20, 404),
        ("9" * 400, 404),
        ("9" * 5000, 400),
        ("-42", 400),
        ("-0", 400),
        ("%2B42", 400),
        ("42.0", 400),
        ("4e1", 400),
        ("%EF%BC%94%EF%BC%92", 400),
        ("42%0A", 400),
        ("0x2a", 400),
    ],
)
def test_biomarkers_have_ids_of_ascii_digits(client: Client, id: str, status: int) -> None:
    """Digits are an id, of something or of nothing; anything else is none."""
    assert client.get(f"/biomarkers/{id}").status == status


# body.json


NO_OBJECTS = [
    b"",
    b" ",
    b"\n\t ",
    b"nonsense",
    b"{",
    b"{}}",
    b"{} {}",
    b"{'a': 1}",
    b'{"a": 1,}',
    b'{"a": 01}',
    b'{"a": +1}',
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\x00}\x00",
    b'{"a": "\xff"}',
    b'{"a": "\xc0\x80"}',
    b'{"a": "\xed\xa0\x80"}',
    b'{"a": "\\ud800"}',
    b'{"a": "\\udc00\\ud800"}',
    b'{"a": "\x00"}',
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": -Infinity}',
    b'{"a": 1e400}',
    b'{"a": -1e400}',
    b'{"a": 1' + b"0" * 5000 + b"}",
    b"[]",
    b"[{}]",
    b'"{}"',
    b"1",
    b"null",
    b"true",
]


@pytest.mark.rule("body.json")
@pytest.mark.parametrize(("method", "path"), TAKES_BODY)
def test_a_body_that_is_no_json_object_is_refused(client: Client, method: str, path: str) -> None:
    """Zero bytes, what is no JSON, and JSON that is no object answer 400 for every operation that needs a body."""
    for body in NO_OBJECTS:
        reply = in_vain(client, method, filled(method, path), body=body)
        assert (body[:24], reply.status, reply.rules, [*reply.details]) == (body[:24], 400, ["body.json"], ["body"])


@pytest.mark.rule("body.json")
@pytest.mark.parametrize("depth", [10, 100, 254, 255, 256, 400, 700, 900, 1000, 10_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_deeply_nested_body_breaks_nothing(client: Client, depth: int, opening: bytes, closing: bytes) -> None:
    """However deep a value is nested, the answer is never 500: refused, or taken where nobody asks for the value."""
    nested = opening * depth + b"1" + closing * depth
    ignored = client.patch(f"/profiles/{PROFILE}", body=b'{"nobody_asks": ' + nested + b"}")
    assert ignored.status == 200 or (ignored.status == 400 and depth > 100)
    wrong = in_vain(client, "PATCH", f"/profiles/{PROFILE}", body=b'{"height": ' + nested + b"}")
    assert wrong.status == 400


NO_JSON = [
    None,
    "",
    "text/plain",
    "text/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "application/json-seq",
    "application/xml",
    "application/json, text/plain",
    "application",
    "json",
    "*/*",
]


@pytest.mark.rule("body.json")
@pytest.mark.parametrize(("method", "path"), TAKES_BODY)
def test_a_body_of_another_media_type_is_refused(client: Client, method: str, path: str) -> None:
    """A body must be declared as JSON, by every operation that needs one."""
    for content_type in NO_JSON:
        reply = in_vain(client, method, filled(method, path), {}, content_type=content_type)
        assert (content_type, reply.status, reply.rules) == (content_type, 400, ["body.json"])
        assert list(reply.details) == ["body"]
        assert "application/json" in reply.json["error"]


@pytest.mark.rule("body.json")
@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF-8",
        "application/json ; q=1",
        "Application/JSON",
        "application/problem+json",
        "application/merge-patch+json; charset=utf-8",
    ],
)
def test_json_may_be_declared_in_many_ways(client: Client, content_type: str) -> None:
    """Parameters, case and the +json suffix do not matter."""
    assert client.post("/profiles", NEW_PROFILE, content_type=content_type).status == 201


@pytest.mark.rule("body.json")
def test_where_no_body_is_needed_none_is_looked_at(client: Client) -> None:
    """A GET, and a DELETE without a body of its own, pass over whatever is sent along."""
    for body in (b"", b"nonsense", b"[]"):
        assert client.get("/units", body=body, content_type="text/plain").status == 200
    assert client.delete(f"/appointments/{APPOINTMENT}", body=b"nonsense", content_type=None).status == 200


@pytest.mark.rule("body.json")
@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"height": 1, "height": 180}', "height"),
        (b'{"height": 180, "height": 180}', "height"),
        (b'{"height" : 180, "he\\u0069ght"\r\n\t: 181}', "height"),
        (b'{"nobody_asks": [{"": 1, "": 2}]}', ""),
        (b'{"a": {"b": "\\":", "b": 1}}', "b"),
        (b'{"\\"a": 1, "\\"a": 2}', '\\"a'),
        (b'{"' + b"a" * 500 + b'": 1, "' + b"a" * 500 + b'": 2}', "a" * 64),
    ],
)
def test_a_name_that_stands_twice_is_refused(client: Client, body: bytes, name: str) -> None:
    """No object in a body may have a name twice, however it is written and whatever it names; the answer tells the
    name, and neither of its values."""
    reply = in_vain(client, "PATCH", f"/profiles/{PROFILE}", body=body)
    assert (reply.status, reply.rules) == (400, ["body.json"])
    assert reply.details == {"body": f'has the name "{name}" twice in one object'}


@pytest.mark.rule("body.json")
@pytest.mark.parametrize(
    "more",
    [
        '"a": {"height": 1}, "b": {"height": 1}',
        '"Height": 1',
        '"a": "\\"height\\": 1"',
        '"a": ["height", ":", "height"]',
    ],
)
def test_a_name_may_stand_in_other_places(client: Client, more: str) -> None:
    """The same name in another object, or within a text, stands once."""
    reply = client.patch(f"/profiles/{PROFILE}", body=f'{{"height": 180, {more}}}'.encode())
    assert (reply.status, reply.json["height"]) == (200, 180)


@pytest.mark.rule("body.schema/nul", "body.unknown-field")
@pytest.mark.parametrize(
    "body",
    [
        {"nobody_asks": "\0", "nobody_knows": "\0"},
        {"nobody_asks": [{"deep": ["\0"]}]},
        {"nobody_asks": [{"\0": 1}]},
        {"\0": 1},
        {"n" * 500: "\0"},
    ],
)
def test_nul_is_in_no_text(client: Client, body: Any) -> None:
    """A NUL in a text of a known field is refused and its field named; a field that nobody knows is ignored, whatever
    it has, and so is a backslash that merely looks like a NUL."""
    notes = in_vain(client, "POST", "/shipments", NEW_SHIPMENT | {"notes": "ring\0twice"} | body)
    assert (notes.status, notes.rules, list(notes.details)) == (400, ["body.schema/nul"], ["notes"])
    reply = client.patch(f"/profiles/{PROFILE}", body | {"height": 180})
    assert (reply.status, reply.json["height"]) == (200, 180)
    assert relied_on(client) == ["body.unknown-field"]
    looks_like_one = b'{"height": 180, "nobody_asks": "\\\\u0000"}'
    assert client.patch(f"/profiles/{PROFILE}", body=looks_like_one).status == 200


@pytest.mark.rule("profile.email/form", "id.format")
def test_a_field_tells_its_own_rule_before_that_of_nul(client: Client) -> None:
    """Where a format has no place for a NUL, the field's own rule is the one that is named."""
    reply = in_vain(client, "PATCH", f"/profiles/{PROFILE}", {"email": "zoe@example.com\0"})
    assert (reply.rules, list(reply.details)) == (["profile.email/form"], ["email"])
    reply = in_vain(client, "POST", "/appointments", NEW_APPOINTMENT | {"profile_id": f"{PROFILE}\0"})
    assert (reply.rules, list(reply.details)) == (["id.format"], ["profile_id"])


@pytest.mark.rule("body.schema/nul")
def test_nul_is_in_no_query(client: Client) -> None:
    """A NUL in a parameter is refused by its name; in one that nobody knows it is passed over as all of it is."""
    reply = in_vain(client, "GET", "/profiles?email=zoe%00@example.com")
    assert (reply.status, reply.rules, list(reply.details)) == (400, ["body.schema/nul"], ["email"])
    assert client.get("/profiles?nobody_asks=%00").status == 200


NUMBERS = [
    "-0.0",
    "-0",
    "1.0",
    "1e2",
    "1e308",
    "-1e308",
    "1e-400",
    "9007199254740993",
    "1" + "0" * 30,
    "1" * 308,
    "9" * 4000,
]


@pytest.mark.parametrize(("method", "path"), TAKES_BODY)
def test_no_number_breaks_anything(client: Client, method: str, path: str) -> None:
    """Numbers that a type cannot hold are refused, or taken where nobody reads them; none is a fault of the sandbox."""
    described = next(found for m, p, found in OPERATIONS if (m, p) == (method, path))
    fields = described["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    for field in PARTNER.document["components"]["schemas"][fields]["properties"]:
        for value in (each for number in NUMBERS for each in (number, f"[{number}]")):
            reply = client.request(method, filled(method, path), body=f'{{"{field}": {value}}}'.encode())
            assert reply.status < 500, (field, value)


# body.schema


@pytest.mark.rule("body.schema", "body.schema/details", "error.body/sentence")
def test_every_fault_is_told_at_once(client: Client) -> None:
    """All offending fields of body, path and query stand in details, and all broken rules in the header."""
    faults = {"first_name": "", "sex": 3, "date_of_birth": "1990-02-30", "email": "nobody", "height": -1, "phone": None}
    reply = in_vain(client, "POST", "/profiles", faults | {"language": "fr", "weight": "heavy"})
    assert reply.status == 400
    assert set(reply.details) == {*faults, "language", "weight", "body"}
    assert sorted(reply.rules) == [
        *("body.schema/null", "profile.birth-date", "profile.email/form", "profile.group", "profile.language"),
        *("profile.measures", "profile.name", "profile.sex"),
    ]
    reply = in_vain(client, "PATCH", "/profiles/nope", {"sex": 3, "height": -1})
    assert reply.rules == ["id.format", "profile.sex", "profile.measures"]
    assert set(reply.details) == {"id", "sex", "height"}
    for path, message in reply.details.items():
        assert f"{path} {message}" in reply.json["error"]


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("/appointments", {}, ["profile_id", "location_id", "scheduled_at"]),
        ("/appointments", {"profile_id": PROFILE}, ["location_id", "scheduled_at"]),
        ("/appointments", NEW_APPOINTMENT | {"profile_id": 5, "location_id": "x"}, ["profile_id", "location_id"]),
        (f"/appointments/{APPOINTMENT}/panels", {"panel_ids": []}, ["panel_ids"]),
        (f"/appointments/{APPOINTMENT}/panels", {"panel_ids": PANEL}, ["panel_ids"]),
        (f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [PANEL, "x", 5]}, ["panel_ids[1]", "panel_ids[2]"]),
        (f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [None]}, ["panel_ids[0]"]),
        (f"/appointments/{APPOINTMENT}/confirm", {"barcode": 4130075218}, ["barcode"]),
        ("/shipments", {}, ["location_id", "pickup_date", "pickup_time_from", "pickup_time_till"]),
        ("/shipments", NEW_SHIPMENT | {"appointment_id": SHIPMENT, "weight": "1"}, ["appointment_id", "weight"]),
        (f"/appointments/{APPOINTMENT}/shipments", {"shipment_ids": []}, ["shipment_ids"]),
        (f"/appointments/{APPOINTMENT}/shipments", {"shipment_ids": [SHIPMENT, SHIPMENT.lower()]}, ["shipment_ids[1]"]),
        (f"/shipments/{SHIPMENT}/appointments", {"appointment_ids": [SHIPMENT, APPOINTMENT]}, ["appointment_ids[0]"]),
    ],
)
def test_paths_lead_into_the_body(client: Client, path: str, body: Any, fields: list[str]) -> None:
    """A fault is told by the path of its field, and by its place in an array."""
    assert list(in_vain(client, "POST", path, body).details) == fields


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(("method", "path"), TAKES_BODY)
def test_null_is_refused(client: Client, method: str, path: str) -> None:
    """In every request, each known field refuses null, but for the four of a profile that an update can clear."""
    described = next(found for m, p, found in OPERATIONS if (m, p) == (method, path))
    name = described["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    fields = set(PARTNER.document["components"]["schemas"][name]["properties"])
    clearable = {"last_name", "phone", "height", "weight"} if (method, path) == ("PATCH", "/profiles/{id}") else set()
    reply = in_vain(client, method, filled(method, path), dict.fromkeys(fields))
    assert set(reply.details) == fields - clearable


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize("password", ["Secr3t!", "p" * 129, 90817263, ["Secr3t!Secr3t!"], {"Secr3t!": 1}, None])
def test_a_password_is_never_repeated(client: Client, password: Any) -> None:
    """A password that is refused appears neither in the answer nor in the journal; nor does one that is taken."""
    reply = in_vain(client, "PATCH", f"/profiles/{PROFILE}", {"password": password})
    assert list(reply.details) == ["password"]
    assert client.patch(f"/profiles/{PROFILE}", {"password": "Secr3t!Secr3t!"}).status == 200
    told = msgspec.json.encode([reply, list(client.world.journal), snapshot_of(client.world)]).decode()
    assert "Secr3t!" not in told
    assert "90817263" not in told
    assert "pppp" not in told


@pytest.mark.rule("body.schema", "error.body")
def test_values_are_never_repeated(client: Client) -> None:
    """No message holds what was sent, whichever keyword it broke."""
    secret = "Kq7-secret"
    body = dict.fromkeys(["last_name", "email", "phone", "language", "date_of_birth", "sex", "height"], secret)
    reply = in_vain(client, "POST", "/profiles", NEW_PROFILE | body)
    assert len(reply.details) == 7
    assert secret not in msgspec.json.encode(reply.json).decode()
    assert secret not in in_vain(client, "GET", f"/profiles/{secret}").json["error"]
    assert secret not in in_vain(client, "GET", f"/profiles?limit={secret}").json["error"]


@pytest.mark.rule("body.schema/duplicates")
def test_an_id_that_repeats_counts_once(client: Client) -> None:
    """The same panel twice in an array, in either case of its letters, is added once and removed once."""
    appointment = client.post("/appointments", NEW_APPOINTMENT).json["id"]
    path = f"/appointments/{appointment}"
    twice = {"panel_ids": [PANEL, PANEL.upper(), PANEL]}
    assert client.post(f"{path}/panels", twice).json == {"success": True}
    assert [panel["panel_id"] for panel in client.get(path).json["panels"]] == [PANEL]
    assert client.delete(f"{path}/panels", twice).json == {"success": True}
    assert client.get(path).json["panels"] == []


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    ("field", "text", "taken"),
    [
        ("sex", b"1.0", 1),
        ("sex", b"2e0", 2),
        ("sex", b"20e-1", 2),
        ("sex", b"1.5", None),
        ("sex", b"-0", None),
        ("sex", b"true", None),
        ("sex", b'"1"', None),
        ("sex", b"1" + b"0" * 30, None),
        ("sex", b"1e300", None),
        ("height", b"180", 180.0),
        ("height", b"1.8e2", 180.0),
        ("height", b"1000", 1000.0),
        ("height", b"1000.0000000001", 1000.0000000001),
        ("height", b"1" + b"0" * 308, 1e308),
        ("height", b"1" + b"0" * 309, None),
        ("height", b"1" + b"0" * 400, None),
        ("height", b"-1" + b"0" * 400, None),
        ("height", b"1e308", 1e308),
        ("height", b"1e-320", 1e-320),
        ("height", b"0", None),
        ("height", b"-0.0", None),
        ("height", b"false", None),
    ],
)
def test_numbers_are_judged_by_their_value(client: Client, field: str, text: bytes, taken: float | None) -> None:
    """1.0 is an integer, 1.5, true and "1" are none, and a number of any size is compared, never a fault."""
    reply = client.patch(f"/profiles/{PROFILE}", body=b'{"' + field.encode() + b'": ' + text + b"}")
    if taken is None:
        assert (reply.status, list(reply.details)) == (400, [field])
    else:
        assert reply.json[field] == taken


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize("field", ["height", "weight"])
@pytest.mark.parametrize(
    ("method", "path", "body"), [("POST", "/profiles", NEW_PROFILE), ("PATCH", f"/profiles/{PROFILE}", {})]
)
def test_a_number_that_no_float_can_hold_is_out_of_range(
    client: Client, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    """An integer of 400 digits is refused at its field; and where something else is wrong too, that is told."""
    reply = in_vain(client, method, path, body | {field: 10**400})
    assert (reply.status, reply.rules, reply.details) == (400, ["body.schema"], {field: "is out of range"})
    assert reply.json["error"] == f"Validation failed: {field} is out of range"
    assert in_vain(client, method, path, body | {field: 10**400, "sex": 3}).rules == ["profile.sex"]


@pytest.mark.rule("body.schema", "shipment.create", "shipment.update")
@pytest.mark.parametrize(
    ("field", "text", "taken"),
    [
        ("package_count", b"2.0", 2),
        ("package_count", b"2e1", 20),
        ("package_count", b"1" + b"0" * 30, 10**30),
        ("package_count", b"1.5", None),
        ("package_count", b"0", None),
        ("package_count", b"true", None),
        ("package_count", b'"1"', None),
        ("weight", b"1", 1.0),
        ("weight", b"1e-320", 1e-320),
        ("weight", b"1" + b"0" * 400, None),
        ("weight", b"-0.0", None),
        ("weight", b"false", None),
    ],
)
def test_numbers_of_a_shipment_are_judged_by_their_value(
    client: Client, field: str, text: bytes, taken: float | None
) -> None:
    """What a profile's numbers may be, a shipment's may be too; a refused one changes nothing."""
    changed = b'{"' + field.encode() + b'": ' + text + b"}"
    created = msgspec.json.encode(NEW_SHIPMENT)[:-1] + b", " + changed[1:]
    if taken is None:
        for method, path, body in (("POST", "/shipments", created), ("PATCH", f"/shipments/{SHIPMENT}", changed)):
            reply = in_vain(client, method, path, body=body)
            assert (reply.status, list(reply.details)) == (400, [field])
        return
    made = client.post("/shipments", body=created)
    assert (made.status, getattr(client.world.shipments[made.json["id"]], field)) == (201, taken)
    assert client.patch(f"/shipments/{SHIPMENT}", body=changed).status == 200
    assert getattr(client.world.shipments[SHIPMENT], field) == taken


@pytest.mark.rule("body.schema", "appointment.zone", "time.input")
@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2026-05-15T10:00:00", "appointment.zone"),
        ("soon", "appointment.zone"),
        ("", "appointment.zone"),
        ("2026-05-15T10:00:60Z", "time.input"),
        ("soon Z", "time.input"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("POST", "/appointments", NEW_APPOINTMENT), ("PATCH", f"/appointments/{APPOINTMENT}", {})],
)
def test_a_field_has_one_fault(client: Client, method: str, path: str, body: Any, text: str, rule: str) -> None:
    """Of several faults of a field the plainest is told, alone: what is missing goes before what a format wants."""
    reply = in_vain(client, method, path, body | {"scheduled_at": text})
    assert (reply.status, reply.rules) == (400, [rule])
    assert [detail["path"] for detail in reply.json["details"]] == ["scheduled_at"]
    assert ("must end with Z" in reply.details["scheduled_at"]) is (rule == "appointment.zone")


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize("offset", ["0", "9" * 19, "9" * 100, "9" * 4000])
def test_a_huge_offset_is_an_offset(client: Client, offset: str) -> None:
    """A number in a query may be larger than any machine word."""
    reply = client.get(f"/profiles?offset={offset}")
    assert reply.status == 200
    assert bool(reply.json) is (offset == "0")


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize("name", ["Zoë\\n", "\\u0000", "Zo\\u00eb\\u2028", "\\ud83d\\ude00", " ", "'", ""])
def test_texts_are_judged_to_their_end(client: Client, name: str) -> None:
    """A line break at the end, a control character or a lone mark is not passed over."""
    reply = in_vain(client, "PATCH", f"/profiles/{PROFILE}", body=f'{{"first_name": "{name}"}}'.encode())
    assert list(reply.details) == ["first_name"]


# body.unknown-field


@pytest.mark.rule("body.unknown-field")
@pytest.mark.parametrize("value", [None, 1, "x", [], {"sex": 9}, [[[]]]])
def test_an_unknown_field_is_ignored(client: Client, value: Any) -> None:
    """A field that nobody asks for may hold anything, and leaves no trace."""
    with_it = client.post("/profiles", NEW_PROFILE | {"favourite_colour": value, "id": UNKNOWN, "created_at": PAST})
    without = Client().post("/profiles", NEW_PROFILE)
    assert (with_it.status, with_it.json) == (201, without.json)
    assert client.get("/units?favourite_colour=blue").status == 200


# Bounds of a refusal


@pytest.mark.rule("body.schema")
@pytest.mark.parametrize(
    ("wrong", "named", "rest"),
    [
        (1, 1, ""),
        (20, 20, "panel_ids[20] must be of type string, a UUID such as a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"),
        (21, 20, "; and 1 more"),
        (100, 20, "; and 80 more"),
        (101, 20, "; and 80 more in details, and 1 more that it leaves out"),
        (1600, 20, ", and 1,500 more that it leaves out"),
        (10_000, 20, ", and 9,900 more that it leaves out"),
        (10_001, 20, ", and more than 9,900 more that it leaves out"),
        (300_000, 20, ", and more than 9,900 more that it leaves out"),
    ],
)
def test_a_hundred_details_are_listed_and_the_rest_is_counted(
    client: Client, wrong: int, named: int, rest: str
) -> None:
    """A refusal lists at most 100 details, names twenty of them in its sentence, and says how many more there are: up
    to 10,000, from which on it stops looking."""
    reply = in_vain(client, "POST", f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [PANEL, *[1] * wrong]})
    assert (reply.status, reply.rules) == (400, ["id.format"])
    assert list(reply.details) == [f"panel_ids[{index}]" for index in range(1, min(wrong, 100) + 1)]
    assert reply.json["error"].count("must be of type string") == named
    assert reply.json["error"].endswith(rest)


@pytest.mark.rule("body.schema")
def test_fields_of_a_control_call_are_counted(client: Client) -> None:
    """Fields that the control plane does not know, in the body and in the query, are counted as well, and cut."""
    reply = client.control("PATCH", "/worlds/test/settings", {f"x{number}": 1 for number in range(500)})
    assert len(reply.details) == 100
    assert reply.json["error"].endswith(", and 400 more that it leaves out")
    reply = client.control("PATCH", "/worlds/test/settings", {"x" * 100_000: 1})
    assert reply.details == {f"{'x' * 63}…": "is not known"}
    query = "&".join(f"x{number}=1" for number in range(500))
    reply = client.control("GET", f"/worlds/test/journal?{query}")
    assert len(reply.details) == 100
    assert reply.json["error"].endswith(", and 400 more that it leaves out")


@pytest.mark.rule("body.schema/nul")
def test_fields_with_nul_are_named(client: Client) -> None:
    """Fields whose texts have a NUL are named like any other."""
    reply = in_vain(client, "POST", "/shipments", NEW_SHIPMENT | {"notes": "\0", "pickup_remarks": "\0", "weight": 0})
    assert sorted(reply.details) == ["notes", "pickup_remarks", "weight"]


UUIDS = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(2000)]


@pytest.mark.rule("panels.unknown", "panels.remove", "link.unknown", "snapshot.biomarkers", "snapshot.remove")
@pytest.mark.parametrize(
    ("method", "path", "body", "first"),
    [
        ("POST", f"/appointments/{APPOINTMENT}/panels", {"panel_ids": UUIDS}, UUIDS[0]),
        ("DELETE", f"/appointments/{APPOINTMENT}/panels", {"panel_ids": UUIDS * 2}, UUIDS[0]),
        ("POST", f"/shipments/{SHIPMENT}/appointments", {"appointment_ids": UUIDS}, UUIDS[0]),
        ("DELETE", f"/shipments/{SHIPMENT}/appointments", {"appointment_ids": UUIDS * 2}, UUIDS[0]),
        (
            "POST",
            f"/appointments/{APPOINTMENT}/shipments",
            {"shipment_ids": [f"P9{number:09}" for number in range(2000)]},
            "P9000000000",
        ),
        (
            "PATCH",
            f"/appointments/{APPOINTMENT}/custom-snapshot",
            {"panel_id": CUSTOM_PANEL, "biomarker_ids": [*range(5000, 7000)] * 2},
            "5000",
        ),
        (
            "DELETE",
            f"/appointments/{APPOINTMENT}/custom-snapshot",
            {"panel_id": CUSTOM_PANEL, "biomarker_ids": [*range(5000, 7000)] * 2},
            "5000",
        ),
    ],
)
def test_ids_of_nothing_are_counted(client: Client, method: str, path: str, body: Any, first: str) -> None:
    """Of 2,000 ids that are not there, the message names twenty, each once, and counts the others."""
    reply = in_vain(client, method, path, body)
    assert reply.status == 404
    names, _, more = reply.json["error"].rpartition(", and ")
    assert more == "1,980 more"
    assert names.count(",") == 19
    assert names.count(first) == 1
