"""The journal: what it tells of an exchange, what it is asked, and what it never shows."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from aniva_sandbox.api.control import CONTROL as PLANE
from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.cli.lines import line_of_call
from aniva_sandbox.engine.control.exchanges import exchange_type
from aniva_sandbox.engine.evidence.coverage.collector import Coverage
from aniva_sandbox.engine.evidence.journal import BODY_KEPT, TEXT_KEPT, Exchange, cut
from aniva_sandbox.engine.evidence.secrets import HIDDEN
from aniva_sandbox.engine.serving.pipeline import Request, respond
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.limits import Limits
from aniva_sandbox.engine.world.log import Log
from tests.sandbox.serving.common import NEW_APPOINTMENT, NEW_PROFILE, later
from tests.support import (
    APPOINTMENT,
    CANCELLED_APPOINTMENT,
    DOCUMENT,
    PENDING_APPOINTMENT,
    PROFILE,
    UNKNOWN,
    Client,
    new_world,
    quiet_client,
    refused,
)

JOURNAL = "/worlds/test/journal"
PATH = f"/profiles/{PROFILE}"
SECRET = "hunter2hunter2"
KEY = "sbx_test.reader"


def listed(client: Client, query: str = "") -> list[dict[str, Any]]:
    """The exchanges of the world."""
    reply = client.control("GET", f"{JOURNAL}?{query}" if query else JOURNAL)
    assert reply.status == 200, reply.json
    exchanges: list[dict[str, Any]] = reply.json["exchanges"]
    return exchanges


def numbers(client: Client, query: str) -> list[int]:
    """The numbers of the chosen exchanges."""
    return [exchange["number"] for exchange in listed(client, query)]


def sent(
    client: Client,
    body: bytes,
    content_type: str | None = "application/json",
    *,
    method: str = "PATCH",
    path: str = PATH,
    query: str = "",
) -> str:
    """The journal's text after a request with this body, query and path, which is the only exchange. What the text
    hides, neither the HTTP archive nor the line of a terminal shows."""
    client.control("DELETE", JOURNAL)
    lines: list[str] = []
    client.worlds.on_exchange = lambda *call: lines.append(str(line_of_call(*call)))
    request = Request(method, f"/api/v1{path}", query.encode("latin-1"), KEY, content_type, body)
    respond(client.api, client.worlds, request)
    (exchange,) = listed(client)
    text = msgspec.json.encode([exchange, *listed(client, f"number={exchange['number']}")]).decode()
    archive = client.control("GET", f"{JOURNAL}?format=har").json.decode()
    for secret in (SECRET, KEY):
        assert secret in text or secret not in f"{archive} {lines}"
    return text


# What it tells


def test_an_exchange_is_told_whole(opened: Client) -> None:
    """Time, elapsed, operation, request, answer, persona: all of it, and nothing where there is nothing."""
    opened.get(PATH)
    (told,) = listed(opened)
    assert {*told, "target"} == set(exchange_type(DOMAIN).__struct_fields__)
    assert isinstance(told.pop("elapsed_ms"), float)
    shown = opened.get(PATH).json
    size = told["response"].pop("bytes")
    assert size == len(opened.raw("GET", PATH).body)
    assert told == {
        "number": 1,
        "time": "2026-04-13T08:00:00Z",
        "method": "GET",
        "path": f"/api/v1{PATH}",
        "persona": "full",
        "operation": "get_profile",
        "request": {"type": "application/json", "bytes": 0},
        "status": 200,
        "response": {"type": "application/json", "json": shown},
        "rules": [],
        "relied_on": [],
        "error": None,
        "mismatch": None,
        "fault": None,
        "hints": [],
        "events": [],
        "weighed": [
            {
                "rule": {"id": rule.id, "basis": rule.basis, "sentence": rule.sentence},
                "outcome": "passed",
                "distances": [],
            }
            for rule in (PLANE.ledger["path.unknown"], PLANE.ledger["auth.context"])
        ],
        "moves": [],
    }


def test_a_refusal_is_told_with_its_rules(opened: Client) -> None:
    """Each rule that refused comes with its basis and its sentence; the error is that of the body."""
    reply = opened.patch(PATH, {"first_name": "", "sex": 3})
    (told,) = listed(opened)
    assert [(rule["id"], rule["basis"]) for rule in told["rules"]] == [
        ("profile.name", "documented"),
        ("profile.sex", "documented"),
    ]
    assert all(rule["sentence"].endswith(".") for rule in told["rules"])
    assert (told["status"], told["error"], told["response"]["json"]) == (400, reply.json["error"], reply.json)
    assert told["request"]["json"] == {"first_name": "", "sex": 3}


def test_rules_that_a_call_was_held_against_are_told(opened: Client) -> None:
    """Each rule once with what came of it, in the order in which it was weighed; the distance from its boundary is in
    words, and moves are told whether they were allowed or not."""
    opened.post("/appointments", NEW_APPOINTMENT)
    opened.delete(f"/appointments/{CANCELLED_APPOINTMENT}")
    opened.patch(PATH, {"first_name": ""})
    booked, cancelled, wrong = listed(opened)
    future = next(each for each in booked["weighed"] if each["rule"]["id"] == "appointment.future")
    assert future["outcome"] == "passed"
    assert future["distances"] == [{"measure": "", "value": 174_600.0, "text": "2 days 30 minutes above the boundary"}]
    assert booked["moves"] == []
    assert [(each["rule"]["id"], each["outcome"]) for each in cancelled["weighed"]] == [
        ("path.unknown", "passed"),
        ("auth.context", "passed"),
        ("appointment.cancel", "refused"),
    ]
    assert cancelled["moves"] == [{"machine": "appointment", "state": "cancelled", "move": "cancel"}]
    assert [(each["rule"]["id"], each["outcome"]) for each in wrong["weighed"]] == [("profile.name", "refused")]


def test_bounds_of_schemas_have_their_unit(opened: Client) -> None:
    """Where coverage is collected, format rules are told too, with how near the values came."""
    opened.worlds.coverage = Coverage(opened.api, DOMAIN)
    opened.get("/profiles?limit=500")
    opened.patch(PATH, {"first_name": "x" * 99})
    paged, named = ([distance for each in told["weighed"] for distance in each["distances"]] for told in listed(opened))
    assert paged == [
        {"measure": "limit 1", "value": 499.0, "text": "499 above the boundary"},
        {"measure": "limit 500", "value": 0.0, "text": "exactly at the boundary"},
    ]
    assert {"measure": "first_name 100", "value": -1.0, "text": "1 character below the boundary"} in named


def test_what_a_probe_kept_from_applying_is_waived(opened: Client) -> None:
    """A rule that a probe switched off is among those weighed, as waived."""
    opened.get(PATH)
    exchange = opened.world.journal[-1]
    exchange.trace.waived = exchange.trace.weighed[:1]
    (told,) = listed(opened)
    assert [each["outcome"] for each in told["weighed"]] == ["waived", "passed"]


def test_brief_exchanges(opened: Client) -> None:
    """In brief, an exchange has neither the content of its bodies nor what it was held against; all else is there."""
    opened.patch(PATH, {"first_name": "Ada", "password": SECRET})
    (whole,) = listed(opened)
    (brief,) = listed(opened, "brief=true")
    assert whole["request"].pop("json") == {"first_name": "Ada", "password": HIDDEN}
    assert whole["response"].pop("json")
    assert whole.pop("weighed")
    whole.pop("moves")
    assert brief == whole
    assert listed(opened, "brief=false")[0]["response"]["json"]


def test_one_exchange_is_chosen_by_its_number(opened: Client) -> None:
    """Its number finds an exchange; one that is no longer there, or does not match the other filters, is not found."""
    for path in ("/units", PATH, "/panels"):
        opened.get(path)
    assert numbers(opened, "number=2") == [2]
    assert numbers(opened, "number=2&operation=get_profile") == [2]
    assert numbers(opened, "number=2&operation=list_units") == numbers(opened, "number=4") == []
    assert numbers(opened, "number=3&number=1&number=4&number=3") == [1, 3]
    assert "target" not in listed(opened, "number=3&number=1")[0]


def test_exchanges_with_a_fault_can_be_chosen(opened: Client) -> None:
    """Those that met a fault, or those that met none."""
    opened.control("POST", "/worlds/test/faults", {"operation": "list_units", "status": 503})
    assert [opened.get("/units").status for _ in range(2)] == [503, 200]
    assert numbers(opened, "fault=true") == [1]
    assert numbers(opened, "fault=true&status=200") == []
    assert numbers(opened, "fault=false") == [2]
    for wrong in ("0", "-1", "x", "1.5"):
        refused(opened.control("GET", f"{JOURNAL}?number={wrong}"), "body.schema", 400)


@pytest.mark.parametrize(
    ("method", "path", "key", "operation", "persona"),
    [
        ("GET", "/units", "sbx_test.reader", "list_units", "reader"),
        ("GET", "/nope", "sbx_test", None, "full"),
        ("PUT", "/units", "sbx_test", None, "full"),
    ],
)
def test_who_called_what_is_told(
    opened: Client, method: str, path: str, key: str, operation: str | None, persona: str
) -> None:
    """The persona of the key; no operation where the path or the method is unknown."""
    opened.request(method, path, key=key)
    (told,) = listed(opened)
    assert (told["operation"], told["persona"], told["method"]) == (operation, persona, method)


@pytest.mark.parametrize("key", [None, "nobody", "sbx_test.nobody"])
def test_who_has_no_world_is_in_no_journal(opened: Client, key: str | None) -> None:
    """Without a known key there is no world whose exchange it could be."""
    opened.get("/units", key=key)
    assert listed(opened) == []


def test_calls_of_the_control_plane_are_not_in_it(opened: Client) -> None:
    """The journal holds what partners do."""
    opened.control("GET", "/worlds/test")
    assert listed(opened) == []


def test_events_of_an_exchange_are_told(opened: Client) -> None:
    """What was due by a call's beginning belongs to it, in order; the next call has nothing of it."""
    world = opened.world
    world.agenda.add(world.now + timedelta(hours=1), Event("practice.confirmed", PENDING_APPOINTMENT))
    world.agenda.add(world.now + timedelta(hours=3), Event("operations.cancelled", APPOINTMENT))
    opened.get(PATH)
    later(opened, 7200)
    opened.get(PATH)
    opened.get(PATH)
    first, second, third = listed(opened)
    assert (first["events"], third["events"]) == ([], [])
    assert second["events"] == [
        {"time": "2026-04-13T09:00:00Z", "type": "practice.confirmed", "appointment_id": PENDING_APPOINTMENT}
    ]
    assert second["time"] == "2026-04-13T10:00:00Z"


def test_reading_the_journal_makes_nothing_happen(opened: Client) -> None:
    """Events that are due happen at the next call to the world, whose exchange has them: whoever follows a journal
    must not take them away."""
    world = opened.world
    world.agenda.add(world.now + timedelta(hours=1), Event("practice.confirmed", PENDING_APPOINTMENT))
    later(opened, 7200)
    assert listed(opened) == []
    opened.get(PATH)
    assert [event["type"] for event in listed(opened)[0]["events"]] == ["practice.confirmed"]


def test_what_a_call_brings_about_at_once_is_told() -> None:
    """A magic barcode has results there at once: events of the very call, or of the next one, each told once."""
    client = Client()
    client.get(PATH)
    client.post(f"/appointments/{APPOINTMENT}/confirm", {"barcode": "9990175218"})
    client.get(PATH)
    told = [[event["type"] for event in exchange["events"]] for exchange in listed(client)]
    assert told[0] == []
    assert sum(types.count("lab.results_arrived") for types in told) == 1


def test_what_broke_is_told(opened: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the sandbox itself is at fault, the exchange says how."""
    monkeypatch.setattr(opened.world.profiles, "get", lambda _id: 1 / 0)
    respond(opened.api, opened.worlds, Request("GET", f"/api/v1{PATH}", b"", "sbx_test"))
    (told,) = listed(opened)
    assert told["status"] == 500
    assert "ZeroDivisionError" in told["mismatch"]
    assert "ZeroDivisionError" in caplog.text
    assert [rule["id"] for rule in told["rules"]] == ["error.internal"]


# Bodies


@pytest.mark.parametrize("extra", [0, 1])
def test_large_bodies_are_cut(opened: Client, extra: int) -> None:
    """A body of as many bytes as are kept is shown as JSON; one more, and its beginning is shown as text."""
    shell = b'{"phone": ""}'
    body = shell[:-2] + b"1" * (BODY_KEPT + extra - len(shell)) + shell[-2:]
    opened.request("PATCH", PATH, body=body)
    (told,) = listed(opened)
    assert told["request"]["bytes"] == BODY_KEPT + extra
    if extra:
        assert told["request"]["text"] == body[:BODY_KEPT].decode()
    else:
        assert told["request"]["json"] == msgspec.json.decode(body)
    assert ("text" in told["request"]) is not ("json" in told["request"])


def test_a_body_that_is_cut_within_a_letter_is_still_text(opened: Client) -> None:
    """The cut may fall into a character of several bytes."""
    opened.request("PATCH", PATH, body=b'{"phone": "' + "ä€😀".encode() * 2000)
    (told,) = listed(opened)
    assert told["request"]["text"].startswith('{"phone": "ä€😀')
    assert opened.world.journal[0].request.size == 11 + 9 * 2000


def test_large_answers_are_cut(opened: Client) -> None:
    """So are answers."""
    size = len(opened.raw("GET", "/biomarkers").body)
    assert size > BODY_KEPT
    answer = listed(opened)[-1]["response"]
    assert (answer["bytes"], answer["text"][:2]) == (size, "[{")


def test_a_report_is_not_shown(opened: Client) -> None:
    """Of a file, only its type and size are told."""
    content = opened.get(f"/documents/{DOCUMENT}").json
    (told,) = listed(opened)
    assert told["response"] == {"type": "application/pdf", "bytes": len(content)}


def test_a_report_that_is_sent_is_not_shown(opened: Client) -> None:
    """Neither is one that a client sends, however it spells the type."""
    opened.request("PATCH", PATH, body=b"%PDF-1.7", content_type="Application/PDF")
    (told,) = listed(opened)
    assert told["request"] == {"type": "Application/PDF", "bytes": 8}


def test_a_body_that_was_too_large_to_be_read_has_none(opened: Client) -> None:
    """What was not read cannot be shown."""
    opened.send(Request("PATCH", f"/api/v1{PATH}", b"", "sbx_test", "application/json", None))
    (told,) = listed(opened)
    assert (told["status"], told["request"]) == (413, {"type": "application/json", "bytes": 0})


@pytest.mark.parametrize("value", [None, False, 0, "", [], {}])
def test_every_json_value_is_shown_as_it_is(opened: Client, value: Any) -> None:
    """Null and the empty values are bodies too."""
    opened.request("PATCH", PATH, body=msgspec.json.encode(value))
    (told,) = listed(opened)
    assert told["request"]["json"] == value
    assert "text" not in told["request"]


ODD_BODIES = [
    b"\x00",
    b"\xff\xfe\x80",
    b'"\\ud800"',
    b'{"height": 1e400}',
    b'{"height": ' + b"9" * 400 + b"}",
    b'{"height": ' + b"9" * 5000 + b"}",
    b'{"\\u0000": 1}',
    b'{"a": 1, "a": 2}',
    *(b"[" * depth + b"]" * depth for depth in (100, 250, 1000, 4000)),
    *(b'{"height":' * depth + b"1" + b"}" * depth for depth in (100, 250, 700)),
]


@pytest.mark.parametrize("body", ODD_BODIES, ids=range(len(ODD_BODIES)))
def test_no_body_makes_the_journal_unreadable(opened: Client, body: bytes) -> None:
    """Whatever was sent, the journal can be read afterwards."""
    for path in (PATH, "/appointments/pickup"):
        opened.request("POST", path, body=body)
        assert listed(opened)[-1]["request"]["bytes"] == len(body)


def test_exchanges_are_searched(opened: Client) -> None:
    """A text is found in paths and bodies, in either case; in what is hidden, it is not."""
    opened.get(PATH)
    opened.patch(PATH, {"first_name": "Ada", "password": SECRET})
    opened.get("/units")
    opened.request("PATCH", f"{PATH}?token={SECRET}&x=Y", body=b"no JSON, but " + PROFILE.encode())
    opened.request("PATCH", "/units", body=b"token=" + SECRET.encode())
    assert numbers(opened, f"search={PROFILE}") == [1, 2, 4]
    assert numbers(opened, f"search={PROFILE.upper()}&operation=get_profile") == [1]
    assert numbers(opened, "search=AD%41") == numbers(opened, "search=ada%22,%22") == [2]
    assert numbers(opened, "search=x=y") == numbers(opened, "search=no%20json") == [4]
    assert numbers(opened, f"search={SECRET}") == numbers(opened, "search=hunter") == []
    refused(opened.control("GET", f"{JOURNAL}?search="), "body.schema", 400)


@pytest.mark.parametrize(
    "body",
    [
        b'{ "height" : 1.0,\n"first_name":"\\u00c4da" }',
        '{"first_name":"Ä"}'.encode(),
        b'{"height": %s}' % (b"9" * 400),
        b"height=1&x=%41",
        b"not JSON '\"\n",
    ],
)
def test_one_exchange_is_shown_as_it_was_sent(opened: Client, body: bytes) -> None:
    """With its number, an exchange has its target and its bodies to the letter; a list of exchanges does not."""
    opened.request("PATCH", f"{PATH}?a=%41+b&c", body=body)
    (line,) = listed(opened)
    assert "target" not in line
    assert "raw" not in line["request"]
    assert "raw" not in line["response"]
    (told,) = listed(opened, "number=1")
    assert told["target"] == f"/api/v1{PATH}?a=%41+b&c"
    assert told["request"]["raw"] == body.decode()
    assert msgspec.json.decode(told["response"]["raw"]) == told["response"]["json"]
    (brief,) = listed(opened, "number=1&brief=true")
    assert "target" not in brief
    assert "raw" not in brief["request"]


@pytest.mark.parametrize(
    ("body", "query"),
    [
        (b'{"first_name": "Ada", "token": "%s"}' % SECRET.encode(), "x=1"),
        (b'{"password": "%s", "password": "[hidden]"}' % SECRET.encode(), "x=1"),
        (b'[{"x": "%s", "x": "y"}]' % KEY.encode(), "x=1"),
        (b'{"x": "\xff"}', "x=1"),
        (b'"' + b"x" * BODY_KEPT + b'"', "x=1"),
    ],
)
def test_a_body_with_a_secret_or_cut_is_not_shown_as_it_was_sent(opened: Client, body: bytes, query: str) -> None:
    """What is hidden, cut or not text is not there to the letter, not even what stands twice; the rest is."""
    opened.request("PATCH", f"{PATH}?{query}", body=body)
    (told,) = listed(opened, "number=1")
    assert "raw" not in told["request"]
    assert told["target"] == f"/api/v1{PATH}?{query}"


@pytest.mark.parametrize("query", [f"token={SECRET}", f"x={KEY}", f"x={'x' * TEXT_KEPT}"])
def test_a_target_with_a_secret_or_cut_is_not_shown_as_it_was_sent(opened: Client, query: str) -> None:
    """The address is not there to the letter; the body is."""
    opened.request("PATCH", f"{PATH}?{query}", body=b"{}")
    (told,) = listed(opened, "number=1")
    assert "target" not in told
    assert told["request"]["raw"] == "{}"


# What it never shows


@pytest.mark.parametrize(
    "body",
    [
        {"password": SECRET},
        {"Password": SECRET},
        {"new_passwd": SECRET},
        {"api_key": SECRET, "apiKey": SECRET, "API-Key": SECRET},
        {"authorization": f"Bearer {SECRET}"},
        {"access_token": [SECRET]},
        {"client_secret": {"is": SECRET}},
        {"deeper": [{"still": {"password": SECRET}}]},
        {"first_name": KEY, "last_name": f"my key is {KEY}, yes"},
        {KEY: 1},
        {"x": [KEY, {"y": KEY.upper()}]},
        {f"password of {KEY}": SECRET},
        KEY,
        [[KEY]],
    ],
)
def test_secrets_in_json_are_hidden(opened: Client, body: Any) -> None:
    """What is called a password, a key, a token or a secret is not shown, at any depth; a key is shown nowhere."""
    text = sent(opened, msgspec.json.encode(body))
    assert SECRET not in text
    assert KEY.lower() not in text.lower()
    assert "[hidden]" in text
    assert "reader" not in text.lower().replace('"persona":"reader"', "")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"password": "%s"', "application/json"),
        (b'{"pass\\u0077ord": "%s"}', "application/json"),
        (b'{"pass\\u0077ord": "%s"', "application/json"),
        (b"{'password': '%s'}", "application/json"),
        (b"password=%s", "application/x-www-form-urlencoded"),
        (b"a=1&p%%61ssword=%s", "application/x-www-form-urlencoded"),
        (b"p\x00a\x00s\x00s\x00w\x00o\x00r\x00d\x00=%s", None),
        (b'--x\r\ncontent-disposition: form-data; name="password"\r\n\r\n%s\r\n--x--', "multipart/form-data"),
        (b"<PassWord>%s</PassWord>", "text/xml"),
        (b'{"filler": "' + b"x" * BODY_KEPT + b'", "password": "%s"}', "application/json"),
        (b'{"password": "%s", "filler": "' + b"x" * BODY_KEPT + b'"}', "application/json"),
        (b'\xff{"password": "%s"}', "application/json"),
        (b"Authorization: Bearer %s", "text/plain"),
    ],
)
def test_secrets_in_other_bodies_are_hidden(opened: Client, body: bytes, content_type: str | None) -> None:
    """In what is no JSON, or too much to be read as some, secrets are not shown either, escaped or not."""
    assert SECRET not in sent(opened, body % SECRET.encode(), content_type)


@pytest.mark.parametrize("body", [b"%s", b"key: %s", b"s\\u0062x_%s", b"%%73bx_%s", b"{'key': '%s'}"])
def test_keys_in_other_bodies_are_hidden(opened: Client, body: bytes) -> None:
    """A key in a text hides the text."""
    assert "reader" not in sent(opened, body % KEY.encode(), "text/plain").replace('"persona":"reader"', "")


@pytest.mark.parametrize(
    "query",
    [
        f"password={SECRET}",
        f"p%61ssword={SECRET}",
        f"x=1&api_key={SECRET}",
        f"token={SECRET}&y",
        f"email={KEY}",
        f"email=%73bx_{KEY}",
        KEY,
        f"{KEY}={SECRET}",
        f"a+{KEY}+b=1",
    ],
)
@pytest.mark.parametrize("path", [PATH, "/profiles"])
def test_secrets_in_queries_are_hidden(opened: Client, query: str, path: str) -> None:
    """In a query neither, by name or by what it is; the hints do not tell them either."""
    text = sent(opened, b"", method="GET", path=path, query=query)
    assert SECRET not in text
    assert KEY not in text


@pytest.mark.parametrize("segment", [KEY, f"%73{KEY[1:]}", f"a{KEY}b"])
def test_keys_in_paths_are_hidden(opened: Client, segment: str) -> None:
    """Nor in the path."""
    text = sent(opened, b"", method="GET", path=f"/profiles/{segment}")
    assert "/api/v1/profiles/[hidden]" in text
    assert "reader" not in text.replace('"persona":"reader"', "")


@pytest.mark.parametrize("field", [{"first_name": "Tokenia"}, {"last_name": "Passwater"}, {"phone": "+49 30 1"}])
def test_what_is_no_secret_is_shown(opened: Client, field: dict[str, str]) -> None:
    """Values are hidden for what they are called, not for what they say."""
    opened.patch(PATH, field)
    (told,) = listed(opened)
    assert told["request"]["json"] == field


def test_a_query_is_shown(opened: Client) -> None:
    """What is no secret stands in the path as it was asked."""
    opened.get("/profiles?email=zo%C3%AB%40example.org&limit=2&empty=")
    assert listed(opened)[0]["path"] == "/api/v1/profiles?email=zo%C3%AB%40example.org&limit=2&empty="


# What it is asked


@pytest.fixture
def busy(opened: Client) -> Client:
    """A client after exchanges of several kinds: 1 and 2 at the start, 3 to 5 an hour later, 6 and 7 after two."""
    opened.get(PATH)
    opened.get(f"/profiles/{UNKNOWN}")
    later(opened, 3600)
    opened.post("/profiles", NEW_PROFILE | {"first_name": "Jo", "colour": "red"})
    opened.patch(PATH, {"first_name": ""})
    opened.get("/nope")
    later(opened, 3600)
    opened.get(PATH)
    opened.patch(PATH, {})
    return opened


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7]),
        ("operation=get_profile", [1, 2, 6]),
        ("operation=create_profile", [3]),
        ("operation=create_shipment", []),
        ("status=404", [2, 5]),
        ("status=201", [3]),
        ("status=599", []),
        ("rule=path.unknown", [2]),
        ("rule=profile.name", [4]),
        ("rule=body.unknown-field", [3]),
        ("rule=update.empty", [7]),
        ("rule=http.not-found", [5]),
        ("rule=link.window", []),
        ("since=2026-04-13T08:00:00Z", [1, 2, 3, 4, 5, 6, 7]),
        ("since=2026-04-13T08:00:01Z", [3, 4, 5, 6, 7]),
        ("since=2026-04-13T11:00:00%2B02:00", [3, 4, 5, 6, 7]),
        ("since=2026-04-13T10:00:00Z", [6, 7]),
        ("since=2026-04-13T10:00:01Z", []),
        ("after=0", [1, 2, 3, 4, 5, 6, 7]),
        ("after=5", [6, 7]),
        ("after=7", []),
        ("last=1", [7]),
        ("last=100", [1, 2, 3, 4, 5, 6, 7]),
        ("operation=get_profile&last=1", [6]),
        ("operation=get_profile&status=404", [2]),
        ("operation=get_profile&after=1", [2, 6]),
        ("operation=get_profile&after=1&last=1", [6]),
        ("status=404&since=2026-04-13T09:00:00Z", [5]),
        ("rule=path.unknown&status=404&operation=get_profile&since=2026-04-13T08:00:00Z&after=1&last=3", [2]),
        ("rule=path.unknown&status=200", []),
        ("last=2&after=2", [6, 7]),
    ],
)
def test_exchanges_are_chosen(busy: Client, query: str, chosen: list[int]) -> None:
    """By operation, status, rule (it refused, or was relied on), time and number, all together; then the newest."""
    assert numbers(busy, query) == chosen


@pytest.mark.rule("journal.query")
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("operation=get_profil", "operation; did you mean get_profile?"),
        ("operation=", "operation"),
        ("operation=create_fault", "operation; did you mean create_profile?"),
        ("rule=nope", "rule"),
        ("rule=", "rule"),
        ("rule=nope&operation=get_profile&last=1", "rule"),
    ],
)
def test_what_there_is_not_cannot_be_asked_for(busy: Client, query: str, told: str) -> None:
    """A name with a mistake in it is refused, rather than answered with nothing."""
    assert refused(busy.control("GET", f"{JOURNAL}?{query}"), "journal.query", 400) == f"There is no such {told}"


@pytest.mark.parametrize(
    "query", ["status=99", "status=600", "status=x", "since=yesterday", "after=-1", "last=0", "last=x", "since="]
)
def test_values_of_queries_are_checked(busy: Client, query: str) -> None:
    """Numbers out of range and what is no instant are refused."""
    assert busy.control("GET", f"{JOURNAL}?{query}").status == 400


@pytest.mark.rule("world.unknown")
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_the_world_must_be_there(opened: Client, method: str) -> None:
    """A world that does not exist has no journal."""
    refused(opened.control(method, "/worlds/nobody/journal"), "world.unknown", 404)


# Bounds


def test_the_oldest_go() -> None:
    """The journal holds so many; it says how many had to go, and numbers go on."""
    client = quiet_client(limits=Limits(journal=3))
    for _ in range(3):
        client.get("/units")
    assert client.control("GET", JOURNAL).json["dropped"] == 0
    for _ in range(2):
        client.get("/units")
    shown = client.control("GET", JOURNAL).json
    assert (shown["dropped"], [e["number"] for e in shown["exchanges"]]) == (2, [3, 4, 5])
    assert numbers(client, "after=1") == [3, 4, 5]


def test_what_is_cleared_is_forgotten_but_counted(opened: Client) -> None:
    """After a clear there are no exchanges, none was dropped, and the next number follows the last."""
    for _ in range(2):
        opened.get("/units")
    assert opened.control("DELETE", JOURNAL).json == {"success": True}
    assert opened.control("GET", JOURNAL).json == {"dropped": 0, "recorded": 2, "exchanges": []}
    opened.get("/units")
    assert numbers(opened, "") == [3]


def test_a_clear_forgets_what_was_dropped() -> None:
    """Those that had to go are counted anew after a clear."""
    client = quiet_client(limits=Limits(journal=1))
    for _ in range(3):
        client.get("/units")
    client.control("DELETE", JOURNAL)
    assert client.control("GET", JOURNAL).json["dropped"] == 0
    for _ in range(2):
        client.get("/units")
    shown = client.control("GET", JOURNAL).json
    assert (shown["dropped"], [e["number"] for e in shown["exchanges"]]) == (1, [5])


def test_a_reset_clears_the_journal(opened: Client) -> None:
    """The exchanges of before are gone; what they relied on is remembered, for a test that resets on its way."""
    opened.patch(PATH, {})
    opened.control("POST", "/worlds/test/reset")
    assert listed(opened) == []
    assert list(opened.world.relied_on) == ["update.empty"]
    opened.get("/units")
    assert numbers(opened, "") == [2]


def test_a_restored_world_keeps_its_journal(opened: Client) -> None:
    """The journal is of what was asked, so that going back to a snapshot does not forget it."""
    taken = opened.control("GET", "/worlds/test/snapshot").json
    opened.post("/appointments", NEW_APPOINTMENT)
    opened.control("PUT", "/worlds/test/snapshot", taken)
    assert numbers(opened, "") == [1]


def test_a_journal_is_a_bounded_sequence() -> None:
    """Below HTTP: oldest first, by index, with a length; a journal of length 0 holds nothing and counts."""
    world = new_world()

    def exchange(number: int) -> Exchange:
        fields = dict.fromkeys(Exchange.__struct_fields__)
        return Exchange(**(fields | {"number": number, "time": world.now}))  # type: ignore[arg-type]

    journal, none = Log(2), Log(0)
    for number in (1, 2, 3):
        journal.add(exchange(number))
        none.add(exchange(number))
    assert [one.number for one in journal] == [2, 3]
    assert (journal[0].number, journal[-1].number, len(journal)) == (2, 3, 2)
    assert (journal.recorded, journal.dropped) == (3, 1)
    assert (len(none), none.recorded, none.dropped) == (0, 3, 3)


@pytest.mark.parametrize(("path", "query"), [(62_000, 0), (0, 62_000), (31_000, 31_000), (TEXT_KEPT, TEXT_KEPT)])
def test_long_urls_are_cut(opened: Client, path: int, query: int) -> None:
    """Of a path and of a query their beginning is kept, and how long they were; what a thousand of them take is
    bounded."""
    target = f"/units/{'x' * path}".rstrip("/") + (f"?a={'y' * query}" if query else "")
    opened.get(target)
    (exchange,) = listed(opened)
    sent_path, _, sent_query = f"/api/v1{target}".partition("?")
    size = len(sent_path) + len(sent_query)
    assert exchange["path"].startswith(f"/api/v1{target}"[: min(len(sent_path), TEXT_KEPT)])
    assert exchange["path"].endswith(f"... ({size} characters)")
    assert len(exchange["path"]) <= 2 * TEXT_KEPT + 40
    kept = opened.world.journal[-1].request
    assert (len(kept.path), len(kept.query)) == (min(len(sent_path), TEXT_KEPT), min(len(sent_query), TEXT_KEPT))


@pytest.mark.parametrize("size", [TEXT_KEPT - 20, TEXT_KEPT - 10])
def test_urls_of_a_usual_length_are_whole(opened: Client, size: int) -> None:
    """What is not over the bound is shown as it came."""
    target = f"/units?a={'y' * (size - len('/units?a='))}"
    opened.get(target)
    assert listed(opened)[0]["path"] == f"/api/v1{target}"


def test_other_long_texts_are_cut(opened: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A content type, a message, and what broke in the sandbox are kept up to the same bound, and so are the headers
    and messages that tell of it."""
    opened.post("/profiles", {}, content_type="text/" + "x" * 60_000)
    assert listed(opened)[0]["request"]["type"] == cut("text/" + "x" * 60_000)

    def break_down(*_args: Any) -> Any:
        raise LookupError("z" * 60_000)

    operation = opened.api.endpoints["list_units"].operation
    monkeypatch.setattr(
        opened.api.endpoints["list_units"], "operation", msgspec.structs.replace(operation, run=break_down)
    )
    answer = opened.raw("GET", "/units")
    assert answer.status == 500
    assert len(answer.body) < TEXT_KEPT + 200
    assert max(len(value) for _, value in answer.headers) < TEXT_KEPT + 50
    (_, broken) = listed(opened)
    assert broken["mismatch"].endswith(f"({len('list_units raised LookupError: ') + 60_000} characters)")
    assert len(broken["error"]) < TEXT_KEPT + 50
    assert len(opened.worlds.mismatches[0][1]) < TEXT_KEPT + 50


def test_a_short_text_is_kept_whole() -> None:
    """Up to the bound nothing is cut."""
    assert cut("x" * TEXT_KEPT) == "x" * TEXT_KEPT
    assert cut("x" * (TEXT_KEPT + 1)) == "x" * TEXT_KEPT + f"... ({TEXT_KEPT + 1} characters)"


def test_a_query_that_is_not_known_is_refused(busy: Client) -> None:
    """A filter with a mistake in its name is refused and named, rather than passed over; partners' are ignored."""
    reply = busy.control("GET", f"{JOURNAL}?last=1&operatoin=get_profile")
    assert (reply.status, reply.rules) == (400, ["body.schema"])
    assert reply.details == {"operatoin": "is not known"}
    assert busy.get("/units?operatoin=get_profile").status == 200


def test_an_exchange_with_a_thousand_mistakes_is_short(opened: Client) -> None:
    """However much was wrong with a request, the journal tells its beginning."""
    path = f"/appointments/{APPOINTMENT}/panels"
    body = {"panel_ids": [1] * 300_000} | {f"x{number}": "y" * 1000 for number in range(300)}
    assert opened.post(path, body).status == 400
    reply = opened.control("GET", f"{JOURNAL}?last=1")
    (exchange,) = reply.json["exchanges"]
    assert len(msgspec.json.encode(reply.json)) < 50_000
    assert exchange["request"]["bytes"] > 900_000
    assert len(exchange["hints"]) == 20
    assert exchange["error"].endswith(" more that it leaves out")
