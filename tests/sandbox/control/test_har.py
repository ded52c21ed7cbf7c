"""The journal as an HTTP archive: valid by the specification of HAR 1.2, complete, and without secrets."""

import json
import re
from datetime import datetime
from typing import Any

import pytest

from aniva_sandbox import VERSION
from aniva_sandbox.engine.evidence.journal import BODY_KEPT, TEXT_KEPT
from aniva_sandbox.engine.serving.pipeline import Request, respond
from tests.sandbox.serving.common import NEW_APPOINTMENT
from tests.support import DOCUMENT, PROFILE, UNKNOWN, Client, quiet_client, refused

JOURNAL = "/worlds/test/journal"
PATH = f"/profiles/{PROFILE}"
NUMBER = (int, float)

PAIR = {"name": str, "value": str, "comment?": str}
COOKIE = PAIR | {"path?": str, "domain?": str, "expires?": str, "httpOnly?": bool, "secure?": bool}
SPECIFIED: dict[str, Any] = {
    "log": {
        "version": str,
        "creator": {"name": str, "version": str, "comment?": str},
        "browser?": {"name": str, "version": str, "comment?": str},
        "pages?": [{}],
        "entries": [
            {
                "pageref?": str,
                "startedDateTime": datetime,
                "time": NUMBER,
                "request": {
                    "method": str,
                    "url": str,
                    "httpVersion": str,
                    "cookies": [COOKIE],
                    "headers": [PAIR],
                    "queryString": [PAIR],
                    "postData?": {"mimeType": str, "params?": [{}], "text?": str, "comment?": str},
                    "headersSize": int,
                    "bodySize": int,
                    "comment?": str,
                },
                "response": {
                    "status": int,
                    "statusText": str,
                    "httpVersion": str,
                    "cookies": [COOKIE],
                    "headers": [PAIR],
                    "content": {
                        "size": int,
                        "compression?": int,
                        "mimeType": str,
                        "text?": str,
                        "encoding?": str,
                        "comment?": str,
                    },
                    "redirectURL": str,
                    "headersSize": int,
                    "bodySize": int,
                    "comment?": str,
                },
                "cache": {"beforeRequest?": {}, "afterRequest?": {}, "comment?": str},
                "timings": {
                    **dict.fromkeys(("blocked?", "dns?", "connect?", "ssl?"), NUMBER),
                    **dict.fromkeys(("send", "wait", "receive"), NUMBER),
                    "comment?": str,
                },
                "serverIPAddress?": str,
                "connection?": str,
                "comment?": str,
            }
        ],
        "comment?": str,
    }
}
"""The objects of HAR 1.2, http://www.softwareishard.com/blog/har-12-spec/; a name with a question mark is optional."""


def require(value: Any, specified: Any, at: str = "") -> None:
    """Fail where a value is not as specified; only names that begin with an underscore may be added."""
    if isinstance(specified, list):
        assert isinstance(value, list), at
        for number, item in enumerate(value):
            require(item, specified[0], f"{at}[{number}]")
    elif isinstance(specified, dict):
        assert isinstance(value, dict), at
        known = {name.removesuffix("?"): kind for name, kind in specified.items()}
        assert {name for name in specified if not name.endswith("?")} <= value.keys(), at
        for name, part in value.items():
            if not name.startswith("_"):
                assert name in known, f"{at}.{name}"
                require(part, known[name], f"{at}.{name}")
    elif specified is datetime:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value), at
    else:
        assert isinstance(value, specified), at
        assert not isinstance(value, bool) or specified is bool, at


def archived(client: Client, query: str = "") -> list[dict[str, Any]]:
    """The entries of the archive, which is valid."""
    reply = client.control("GET", f"{JOURNAL}?format=har&{query}".rstrip("&"))
    assert (reply.status, reply.headers["content-type"]) == (200, "application/har+json")
    archive = json.loads(reply.json)
    require(archive, SPECIFIED)
    for entry in archive["log"]["entries"]:
        assert entry["time"] == sum(entry["timings"].values())
        assert re.fullmatch(r"[!#-;=?-Z_a-z~%]+", entry["request"]["url"])
    entries: list[dict[str, Any]] = archive["log"]["entries"]
    return entries


@pytest.mark.parametrize(
    ("value", "specified"),
    [
        ({"log": {}}, SPECIFIED),
        ({"name": "x"}, PAIR),
        ({"name": "x", "value": "y", "more": 1}, PAIR),
        ({"name": "x", "value": 1}, PAIR),
        ([{"name": "x"}], [PAIR]),
        ("2026-04-13 08:00:00", datetime),
        (True, NUMBER),
    ],
)
def test_the_check_finds_what_is_not_har(value: Any, specified: Any) -> None:
    """The check of these tests refuses what misses a name, has another, or has a value of another type."""
    with pytest.raises(AssertionError):
        require(value, specified)
    require({"name": "x", "value": "y", "_more": 1}, PAIR)


def test_an_exchange_is_archived_whole(opened: Client) -> None:
    """An entry has request, response, times, and under names with an underscore what the sandbox knows beyond."""
    body = {"height": 150, "colour": "röd"}
    reply = opened.patch(f"{PATH}?x=1&y=a%20b", body)
    (entry,) = archived(opened)
    time = entry.pop("time")
    assert entry.pop("timings") == {"send": 0, "wait": time, "receive": 0}
    hints = entry.pop("_hints")
    sent = {"mimeType": "application/json", "text": json.dumps(body, separators=(",", ":"), ensure_ascii=False)}
    content = entry["response"]["content"]
    assert json.loads(content.pop("text")) == reply.json
    assert len(hints) >= 2
    assert entry == {
        "startedDateTime": "2026-04-13T08:00:00Z",
        "request": {
            "method": "PATCH",
            "url": f"http://127.0.0.1:8000/api/v1{PATH}?x=1&y=a%20b",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [
                {"name": "content-type", "value": "application/json"},
                {"name": "x-api-key", "value": "[hidden]"},
            ],
            "queryString": [{"name": "x", "value": "1"}, {"name": "y", "value": "a b"}],
            "postData": sent,
            "headersSize": -1,
            "bodySize": len(sent["text"].encode()),
        },
        "response": {
            "status": 200,
            "statusText": "OK",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": [
                {"name": name, "value": reply.headers[name]}
                for name in ("content-type", "x-sandbox-world", "x-sandbox-time", "x-sandbox-hint")
            ],
            "content": {"size": content["size"], "mimeType": "application/json"},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": content["size"],
        },
        "cache": {},
        "_resourceType": "fetch",
        "_number": 1,
        "_world": "test",
        "_operation": "update_profile",
        "_rules": [],
        "_relied_on": ["body.unknown-field"],
        "_fault": None,
    }


def test_a_refusal_is_archived_with_its_rule(opened: Client) -> None:
    """The rule stands by its id, and in the header that the client got."""
    reply = opened.get(f"/profiles/{UNKNOWN}")
    refused(reply, "path.unknown", 404)
    (entry,) = archived(opened)
    assert (entry["response"]["status"], entry["response"]["statusText"]) == (404, "Not Found")
    assert {"name": "x-sandbox-rule", "value": reply.headers["x-sandbox-rule"]} in entry["response"]["headers"]
    assert (entry["_rules"], entry["_operation"]) == (["path.unknown"], "get_profile")


def test_the_archive_says_who_wrote_it(opened: Client) -> None:
    """An archive names its version and its creator; one without entries is valid, too."""
    log = json.loads(opened.control("GET", f"{JOURNAL}?format=har").json)["log"]
    assert log == {"version": "1.2", "creator": {"name": "aniva-sandbox", "version": VERSION}, "entries": []}
    assert archived(opened) == []


@pytest.mark.parametrize(("moment", "count"), [("before", 0), ("after", 1)])
def test_a_dropped_connection_has_status_0(moment: str, count: int) -> None:
    """A client whose connection was dropped got no response, whether the call took effect or not; the entry says
    which."""
    client = quiet_client()
    before = len(client.world.appointments)
    client.control("POST", "/worlds/test/faults", {"operation": "create_appointment", "drop": moment})
    client.post("/appointments", NEW_APPOINTMENT)
    assert len(client.world.appointments) - before == count
    (entry,) = archived(client)
    response = entry["response"]
    assert (response["status"], response["headers"], response["content"]["size"]) == (0, [], 0)
    assert f"dropped {moment} the call took effect" in response["_error"]
    assert entry["_fault"] == f"fault-1: drop={moment}"


def test_other_faults_have_the_response_that_was_sent() -> None:
    """A status that was injected is the status of the entry."""
    client = quiet_client()
    client.control("POST", "/worlds/test/faults", {"operation": "get_profile", "status": 599})
    client.get(PATH)
    (entry,) = archived(client)
    assert (entry["response"]["status"], entry["response"]["statusText"]) == (599, "")
    assert "_error" not in entry["response"]


def test_bodies_are_as_the_journal_shows_them(opened: Client) -> None:
    """Files have no text, long bodies are cut, and what is not JSON is text; passwords are hidden."""
    size = len(opened.get(f"/documents/{DOCUMENT}").json)
    opened.request("PATCH", PATH, body=b"x" * (BODY_KEPT + 1), content_type=None)
    opened.patch(PATH, {"password": "hunter2hunter2"})
    opened.raw("HEAD", PATH)
    file, long, secret, head = archived(opened)
    assert file["response"]["content"] == {"size": size, "mimeType": "application/pdf"}
    assert "postData" not in file["request"]
    assert long["request"]["postData"] == {"mimeType": "", "text": "x" * BODY_KEPT}
    assert long["request"]["bodySize"] == BODY_KEPT + 1
    assert secret["request"]["postData"]["text"] == '{"password":"[hidden]"}'
    assert (head["response"]["bodySize"], "text" in head["response"]["content"]) == (0, False)


@pytest.mark.parametrize(
    "path",
    [
        "/x y/\u00e4\x1b[31m<>|\\^`{}",
        f"/{'y' * (2 * TEXT_KEPT)}",
        "/sbx_test.reader?token=hunter2",
        "/%zz?a=%zz&b=\xff&=&&",
    ],
)
def test_urls_are_valid(opened: Client, path: str) -> None:
    """Whatever was sent as a path, its URL is one; secrets are hidden in it."""
    target, _, query = path.partition("?")
    respond(opened.api, opened.worlds, Request("GET", f"/api/v1{target}", query.encode("latin-1"), "sbx_test"))
    (entry,) = archived(opened)
    assert "sbx_" not in json.dumps(entry)
    assert "hunter2" not in json.dumps(entry)


def test_filters_go_with_the_format(opened: Client) -> None:
    """The same filters choose the entries, and their problems are refused alike."""
    for path in (PATH, "/units", PATH, "/nope"):
        opened.get(path)
    assert [entry["_number"] for entry in archived(opened, "operation=get_profile")] == [1, 3]
    assert [entry["_number"] for entry in archived(opened, "status=404")] == [4]
    assert [entry["_number"] for entry in archived(opened, "after=1&last=2")] == [3, 4]
    refused(opened.control("GET", f"{JOURNAL}?format=har&rule=nothing"), "journal.query", 400)
    refused(opened.control("GET", f"{JOURNAL}?format=xml"), "body.schema", 400)
    plain = opened.control("GET", JOURNAL)
    assert opened.control("GET", f"{JOURNAL}?format=json").json == plain.json
    assert plain.headers["content-type"] == "application/json"


def test_the_url_is_that_of_the_server(opened: Client) -> None:
    """Where the server knows its address, URLs begin with it."""
    opened.worlds.address = "http://localhost:5000"
    opened.get("/units")
    assert archived(opened)[0]["request"]["url"] == "http://localhost:5000/api/v1/units"


def test_what_the_limit_dropped_is_said() -> None:
    """An archive of a journal that was longer says how many exchanges it lacks."""
    client = quiet_client()
    for _ in range(client.world.limits.journal + 2):
        client.get("/units")
    log = json.loads(client.control("GET", f"{JOURNAL}?format=har&last=1").json)["log"]
    require({"log": log}, SPECIFIED)
    assert log["comment"] == "The journal is limited and no longer has 2 older exchanges"
