"""Requests of the journal as commands for bash: what bash reads from them is what was sent."""

import http.client
import shutil
import subprocess
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Console
from tests.browser.servers import Server

needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
needs_curl = pytest.mark.skipif(
    shutil.which("bash") is None or shutil.which("curl") is None, reason="there is no bash, or no curl"
)

HARD = [
    "",
    "plain",
    "it's",
    "''''",
    'say "hello"',
    "a\nb\n",
    "a\r\n\tb",
    "$HOME ${HOME} $(id) `id`",
    "!! !x",
    "back\\slash \\n \\' \\",
    "it's\n\\'$HOME\\",
    "@/etc/passwd",
    "-X",
    "--data",
    "~ * ? [a] {a,b} # ; & | < > ( ) %",
    "Zoë Müller, 東京, 🧪, e\u0301",
    "שלום \u202eabc\u202c",
    "zero\u200bwidth, \ufeff, \u2028, \u00ad, \u0085",
    "\x01\x1b[31m\x7f",
    "\x017 \x1b8",
    "'\\''",
    "$'\\x41'",
    " leading and trailing ",
]


def run(command: str) -> bytes:
    """What a command for bash prints."""
    return subprocess.run(["bash", "-c", command], capture_output=True, check=True, timeout=30).stdout


def curl_of(page: Page, exchange: dict[str, Any]) -> dict[str, str]:
    """What the console makes of an exchange."""
    made: dict[str, str] = page.evaluate(
        "async (exchange) => (await import('/_sandbox/console/curl.js')).curlOf(exchange, 'w', 'http://127.0.0.1:1')",
        exchange,
    )
    return made


def exchange(**changed: Any) -> dict[str, Any]:
    """An exchange as the control plane shows it, as far as a command is made from it."""
    body = changed.pop("body", "")
    request = {"type": "application/json", "bytes": len(body.encode()), "raw": body} if body else {"bytes": 0}
    return {
        "method": "GET",
        "path": "/x",
        "target": "/x",
        "persona": "full",
        "request": request,
        "status": 200,
    } | changed


@needs_bash
def test_bash_reads_every_text_as_it_was(console: Console) -> None:
    """Quotes, newlines, what bash expands, what cannot be seen: one word, and the same word."""
    page = console("journal")
    quote = (
        "async (texts) => { const { quoted } = await import('/_sandbox/console/curl.js'); return texts.map(quoted); }"
    )
    for text, quoted in zip(HARD, page.evaluate(quote, HARD), strict=True):
        assert run(f"printf %s {quoted}; printf '|%s' end").decode() == f"{text}|end", quoted
        shown = quoted.replace("\n", "")
        assert shown.isprintable(), "a terminal shows all of it"


URL = "http://127.0.0.1:1"
KEY = "-H 'x-api-key: sbx_w'"
BODY = "-H 'content-type: application/json' \\\n  --data-raw"
COMMANDS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, [f"curl -i '{URL}/x'", KEY]),
    (
        {"persona": "reader", "method": "DELETE"},
        [f"curl -i -X DELETE '{URL}/x'", "-H 'x-api-key: sbx_w.reader'"],
    ),
    ({"method": "HEAD"}, [f"curl -i --head '{URL}/x'", KEY]),
    ({"method": "POST", "body": "@it's"}, [f"curl -i -X POST '{URL}/x'", KEY, f"{BODY} '@it'\\''s'"]),
    ({"target": "/a b?c[0]=ü#"}, [f"curl -i -g '{URL}/a%20b?c[0]=%FC%23'", KEY]),
    ({"target": "/a/../b?c=.."}, [f"curl -i --path-as-is '{URL}/a/../b?c=..'", KEY]),
]
"""Exchanges, and the lines of their commands."""


def test_a_command_is_readable(console: Console) -> None:
    """Address, key and body are there, and an option only where curl needs it."""
    page = console("journal")
    for made, expected in COMMANDS:
        assert curl_of(page, exchange(**made)) == {"text": " \\\n  ".join(expected)}


SECRET = "The body has a secret, which the journal does not show."
REASONS: list[tuple[dict[str, Any], str]] = [
    ({"persona": None}, "The key of this request is not known."),
    ({"target": None, "path": "/x?token=[hidden]"}, "The address has a secret, which the journal does not show."),
    ({"target": None, "path": "/xxx... (3000 characters)"}, "The address was not kept whole."),
    ({"status": 413}, "The body was too large to be read."),
    ({"request": {"bytes": 9, "json": {"token": "[hidden]"}}}, SECRET),
    ({"request": {"bytes": 9, "text": "[hidden]"}}, SECRET),
    ({"request": {"bytes": 9000, "text": "xx"}}, "The body was not kept whole."),
    ({"request": {"bytes": 2, "text": "\ufffd"}}, "The body is not text."),
    ({"body": "a\0b"}, "The body has a NUL, which a command cannot have."),
    ({"body": "{}", "method": "HEAD"}, "curl does not send a body with HEAD."),
]


def test_what_cannot_be_sent_again_has_no_command(console: Console) -> None:
    """A secret, a body that was not kept: there is a reason instead."""
    page = console("journal")
    for made, reason in REASONS:
        given = {name: value for name, value in exchange(**made).items() if name != "target" or value is not None}
        assert curl_of(page, given) == {"reason": reason}


def send_bytes(
    server: Server,
    method: str,
    path: str,
    body: bytes | None,
    content_type: str | None = "application/json",
    persona: str = "",
) -> int:
    """Send a request whose body is these bytes. Returns the status of the response."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    headers = {"x-api-key": f"sbx_{server.world}{persona}"} | ({"content-type": content_type} if content_type else {})
    connection.request(method, f"/api/v1{path}", body, headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


PROFILE = "/profiles/a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"
JSON = "application/json"


@needs_curl
@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "persona"),
    [
        ("GET", "/locations", None, None, ""),
        ("GET", "/profiles?limit=2&x=a+b%20c%C3%BC&y[0]={z}", None, None, ".reader"),
        ("GET", "/appointments/../profiles", None, None, ""),
        ("GET", "/nothing", None, None, ".outsider"),
        ("PATCH", PROFILE, '{ "first_name" : "Zoë O\'Hara",\n"height":170.50 }'.encode(), JSON, ""),
        ("PATCH", PROFILE, b'{"first_name": "$HOME `id` !! \\u202e\\\\"}', JSON, ".scheduler"),
        ("PATCH", PROFILE, b"@it's not JSON\r\n\x01", JSON, ""),
        ("PATCH", PROFILE, b'{"height": 171}', None, ""),
        ("PATCH", PROFILE, b"--height=171", "text/plain", ""),
        ("POST", "/appointments", b'{"a": 1, "b": "\xe2\x80\xae\xf0\x9f\xa7\xaa"}', JSON, ".reader"),
    ],
)
def test_a_copied_command_gets_the_same_response(
    console: Console,
    server: Server,
    context: BrowserContext,
    method: str,
    path: str,
    body: bytes | None,
    content_type: str | None,
    persona: str,
) -> None:
    """Copied from the console and run by bash, it sends the same request, to the letter, and gets the same response."""
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    status = send_bytes(server, method, path, body, content_type, persona)
    page = console("journal/1")
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.get_by_role("status")).to_have_text("Copied.")
    printed = run(page.evaluate("navigator.clipboard.readText()")).decode()
    assert printed.splitlines()[0].split()[1] == str(status)
    path_of_journal = f"/worlds/{server.world}/journal"
    first, second = (
        server.control("GET", path_of_journal, query={"number": number})["exchanges"][0] for number in (1, 2)
    )
    for told in (first, second):
        del told["number"], told["elapsed_ms"]
    first["response"].pop("raw", None), second["response"].pop("raw", None)
    assert second == first


def test_a_secret_is_not_copied(console: Console, server: Server) -> None:
    """A body with a secret has no command, and the console says why."""
    server.api("PATCH", PROFILE, {"first_name": "Zoe", "password": "hunter2hunter2"})
    page = console("journal/1")
    expect(page.get_by_role("button", name="Copy as curl")).to_be_disabled()
    expect(page.get_by_text("No curl command: The body has a secret, which the journal does not show.")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("hunter2")
