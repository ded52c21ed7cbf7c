"""Who may call the control plane: by which Host, from which page, with which token."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from aniva_sandbox.api.app import build_app
from aniva_sandbox.engine.contract.rules import Refusal
from aniva_sandbox.engine.serving.guard import Guard, make_guard, parse_host
from tests.support import CONTROL, PARTNER, new_worlds

Headers = list[tuple[bytes, bytes]]

OPEN = Guard()
HOST = (b"host", b"localhost:8000")
TOKEN = "s3cret-token_of~this.server"


def verdict(guard: Guard, headers: Headers) -> str | None:
    """The rule through which a guard refuses; None where it lets through."""
    try:
        guard.admit(headers)
    except Refusal as refusal:
        return refusal.rule.id
    return None


@pytest.mark.rule("control.host")
@pytest.mark.parametrize(
    "host",
    [
        *(
            "localhost",
            "LocalHost",
            "localhost:8000",
            "localhost.",
            "localhost:",
            "sandbox.localhost:1",
            "a.b.localhost",
        ),
        *("127.0.0.1", "127.0.0.1:65535", "127.255.255.254", "[::1]", "[::1]:8000", "[0:0:0:0:0:0:0:1]"),
    ],
)
def test_loopback_is_let_through(host: str) -> None:
    """Every name and address of the machine itself is let through, with any port."""
    assert verdict(OPEN, [(b"host", host.encode())]) is None


@pytest.mark.rule("control.host")
@pytest.mark.parametrize(
    "hosts",
    [
        *(
            [],
            [b""],
            [b" "],
            [b"."],
            [b":8000"],
            [b"evil.example"],
            [b"evil.example:8000"],
            [b"localhost.evil.example"],
        ),
        *([b"notlocalhost"], [b"127.0.0.1.evil.example"], [b"127.1"], [b"2130706433"], [b"0.0.0.0:8000"], [b"[::]"]),
        *(
            [b"10.0.0.1"],
            [b"128.0.0.1"],
            [b"::1"],
            [b"[::2]"],
            [b"[127.0.0.1"],
            [b"localhost:80:80"],
            [b"localhost:http"],
        ),
        *(
            [b"me@localhost"],
            [b"localhost/"],
            [b"localhost evil.example"],
            [b"localhost,evil.example"],
            [b"l\xf6calhost"],
        ),
        *([b"localhost", b"localhost"], [b"localhost", b"evil.example"], [b"evil.example", b"localhost"]),
    ],
)
def test_other_hosts_are_refused(hosts: list[bytes]) -> None:
    """A name that leads here from elsewhere, what is no name, none, and two are refused."""
    assert verdict(OPEN, [(b"host", host) for host in hosts]) == "control.host"


@pytest.mark.rule("control.host")
@pytest.mark.parametrize(
    ("allowed", "host", "admitted"),
    [
        ("sandbox", "sandbox:8000", True),
        ("Sandbox.Example.", "sandbox.example", True),
        ("sandbox", "sandbox.example", False),
        ("sandbox", "my.sandbox", False),
        ("192.0.2.7", "192.0.2.7:8000", True),
        ("2001:DB8::0:7", "[2001:db8::7]:8000", True),
        ("[2001:db8::7]", "[2001:db8:0::7]", True),
        ("192.0.2.7", "192.0.2.8", False),
    ],
)
def test_allowed_hosts_are_let_through(allowed: str, host: str, admitted: bool) -> None:
    """What was allowed at the start is let through in any spelling, and nothing that only looks like it."""
    headers = [(b"host", host.encode()), (b"authorization", f"Bearer {TOKEN}".encode())]
    for guard in (make_guard("127.0.0.1", [allowed]), make_guard("0.0.0.0", [allowed], TOKEN)):
        assert verdict(guard, headers) == (None if admitted else "control.host")


@pytest.mark.rule("control.host")
@pytest.mark.parametrize(
    ("address", "host"),
    [("192.0.2.7", "192.0.2.7:8000"), ("2001:db8::7", "[2001:DB8:0::7]:8000"), ("fe80::1%eth0", "[fe80::1]:8000")],
)
def test_the_address_of_the_socket_is_let_through(address: str, host: str) -> None:
    """What the server listens on is let through, as clients write it: without the scope of an IPv6 address."""
    bearer = (b"authorization", f"Bearer {TOKEN}".encode())
    assert verdict(make_guard(address, token=TOKEN), [(b"host", host.encode()), bearer]) is None
    assert verdict(make_guard("0.0.0.0", token=TOKEN), [(b"host", host.encode()), bearer]) == "control.host"


@pytest.mark.rule("control.origin")
@pytest.mark.parametrize(
    ("host", "headers", "admitted"),
    [
        ("localhost:8000", {}, True),
        ("localhost:8000", {"origin": "http://localhost:8000", "sec-fetch-site": "same-origin"}, True),
        ("localhost:8000", {"origin": "http://LOCALHOST:8000"}, True),
        ("localhost:8000", {"sec-fetch-site": "none"}, True),
        ("localhost", {"origin": "http://localhost"}, True),
        ("localhost", {"origin": "http://localhost:80"}, True),
        ("localhost", {"origin": "https://localhost"}, True),
        ("localhost:443", {"origin": "https://localhost"}, True),
        ("[::1]:8000", {"origin": "http://[::1]:8000"}, True),
        ("localhost:443", {"origin": "http://localhost"}, False),
        ("localhost:8000", {"origin": "http://localhost:3000"}, False),
        ("localhost:8000", {"origin": "http://localhost"}, False),
        ("localhost:8000", {"origin": "http://127.0.0.1:8000"}, False),
        ("localhost:8000", {"origin": "http://evil.example"}, False),
        ("localhost:8000", {"origin": "http://localhost:8000.evil.example"}, False),
        ("localhost:8000", {"origin": "null"}, False),
        ("localhost:8000", {"origin": ""}, False),
        ("localhost:8000", {"origin": "localhost:8000"}, False),
        ("localhost:8000", {"origin": "file://localhost:8000"}, False),
        ("localhost:8000", {"origin": "http://localhost:8000", "sec-fetch-site": "cross-site"}, False),
        ("localhost:8000", {"sec-fetch-site": "cross-site"}, False),
        ("localhost:8000", {"sec-fetch-site": "same-site"}, False),
        ("localhost:8000", {"sec-fetch-site": ""}, False),
    ],
)
def test_pages_of_other_origins_are_refused(host: str, headers: dict[str, str], admitted: bool) -> None:
    """A browser's request is let through only from a page that came from the same host and port, or from no page;
    a client that is no browser sends neither header."""
    sent = [(b"host", host.encode()), *((name.encode(), value.encode()) for name, value in headers.items())]
    assert verdict(OPEN, sent) == (None if admitted else "control.origin")


@pytest.mark.rule("control.origin")
def test_a_second_origin_does_not_hide_the_first() -> None:
    """Of two Origins both must be right."""
    good, bad = (b"origin", b"http://localhost:8000"), (b"origin", b"http://evil.example")
    assert verdict(OPEN, [HOST, good, bad]) == verdict(OPEN, [HOST, bad, good]) == "control.origin"


@pytest.mark.rule("control.token")
@pytest.mark.parametrize(
    ("credentials", "admitted"),
    [
        ([f"Bearer {TOKEN}"], True),
        ([f"bearer {TOKEN}"], True),
        ([f"Bearer  {TOKEN}"], True),
        ([], False),
        ([""], False),
        ([TOKEN], False),
        (["Bearer"], False),
        (["Bearer "], False),
        ([f"Basic {TOKEN}"], False),
        ([f"Bearer {TOKEN[:-1]}"], False),
        ([f"Bearer {TOKEN}x"], False),
        ([f"Bearer {TOKEN.upper()}"], False),
        ([f"Bearer {TOKEN} {TOKEN}"], False),
        (["Bearer \xe4"], False),
        ([f"Bearer {TOKEN}"] * 2, False),
    ],
)
def test_the_token_is_needed_where_there_is_one(credentials: list[str], admitted: bool) -> None:
    """With a token, only who sends it as the one bearer is let through; without one, nobody is asked."""
    sent = [HOST, *((b"authorization", each.encode("latin-1")) for each in credentials)]
    assert verdict(Guard(token=TOKEN), sent) == (None if admitted else "control.token")
    assert verdict(OPEN, sent) is None


@pytest.mark.rule("control.host", "control.origin", "control.token")
def test_the_first_reason_is_told() -> None:
    """The token is of no use to a page of another origin, nor to another Host; nor is its lack told there."""
    guard = Guard(token=TOKEN)
    assert verdict(guard, [(b"host", b"evil.example"), (b"origin", b"http://evil.example")]) == "control.host"
    assert verdict(guard, [HOST, (b"origin", b"http://evil.example")]) == "control.origin"


# How a server comes to its guard


@pytest.mark.rule("control.token")
@pytest.mark.parametrize(
    ("address", "needed"),
    [
        *(("127.0.0.1", False), ("127.8.8.8", False), ("::1", False)),
        *(("0.0.0.0", True), ("::", True), ("::ffff:0.0.0.0", True), ("192.0.2.7", True), ("fe80::1%eth0", True)),
    ],
)
def test_beyond_loopback_there_is_always_a_token(address: str, needed: bool) -> None:
    """Who listens where other machines can call gets a token, each time another and too long to guess; a token that
    was given is used everywhere."""
    made = [make_guard(address).token for _ in range(2)]
    assert [token is not None for token in made] == [needed] * 2
    if needed:
        assert len({*made}) == 2
        assert min(len(token or "") for token in made) >= 32
    assert make_guard(address, token=TOKEN).token == TOKEN


@pytest.mark.parametrize("token", ["", " ", "a b", "a\n", "\t", "tökens", "a\0"])
def test_a_token_that_no_header_can_carry_is_refused(token: str) -> None:
    """A token must be something that can be sent, and is never repeated where it cannot."""
    with pytest.raises(ValueError, match=r"^must be one or more visible ASCII characters$"):
        make_guard("127.0.0.1", token=token)


@pytest.mark.rule("control.host")
@pytest.mark.parametrize(
    "name", ["", ".", "*", "0.0.0.0", "::", "[::]", "a:80", "[::1]:80", "http://a", "a/b", "a b", "[a]"]
)
def test_what_names_no_single_host_is_not_allowed(name: str) -> None:
    """Neither all hosts nor what is no host can be allowed; the guard is as if nobody had named it."""
    assert parse_host(name) is None
    assert make_guard("127.0.0.1", [name]) == make_guard("127.0.0.1")


# Over HTTP

CLOSED_PATHS = ["/_sandbox/rules", "/_sandbox/worlds", "/_sandbox/health/", "/_sandbox/nope"]
PAGES = ["/_sandbox", "/_sandbox/", "/_sandbox/openapi.json"]
HEALTH = "/_sandbox/health"
OPEN_PATHS = ["/", "/docs", "/openapi.json", "/openapi.yaml", "/nope", "/_sandboxes", "/api/v1/units"]


@pytest.fixture
def http() -> Iterator[TestClient]:
    """A client of a server with a token, which follows no redirect."""
    app = build_app(new_worlds(), PARTNER, CONTROL, make_guard("127.0.0.1", ["sandbox"], TOKEN))
    with TestClient(app, "http://localhost:8000", follow_redirects=False, headers={"x-api-key": "sbx_test"}) as client:
        yield client


@pytest.mark.rule("control.host", "control.origin", "control.token")
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "NONSENSE"])
@pytest.mark.parametrize("path", CLOSED_PATHS)
@pytest.mark.parametrize(
    ("headers", "status", "rule", "hint"),
    [
        ({"host": "evil.example"}, 403, "control.host", "--allow-host NAME"),
        ({"origin": "https://evil.example"}, 403, "control.origin", "from outside a browser"),
        ({"sec-fetch-site": "cross-site"}, 403, "control.origin", "from outside a browser"),
        ({}, 401, "control.token", "Authorization: Bearer <token>"),
    ],
)
def test_everything_of_the_control_plane_is_guarded(
    http: TestClient, path: str, method: str, headers: dict[str, str], status: int, rule: str, hint: str
) -> None:
    """Operations and paths that are not there are refused alike, with the error body, the rule, and what to do about
    it."""
    reply = http.request(method, path, headers=headers)
    assert (reply.status_code, list(reply.json())) == (status, ["error"])
    assert hint in reply.json()["error"]
    assert reply.headers["x-sandbox-rule"] == f"{rule}; basis=sandbox"
    assert reply.headers.get("www-authenticate") == ("Bearer" if status == 401 else None)
    assert TOKEN not in reply.text


@pytest.mark.rule("control.host", "control.token")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        *(("/_sandbox/rules", 200), ("/_sandbox/worlds", 200), (HEALTH, 200), ("/_sandbox/nope", 404)),
        *(("/_sandbox", 307), ("/_sandbox/", 200), ("/_sandbox/openapi.json", 200)),
    ],
)
def test_who_is_known_comes_in(http: TestClient, path: str, status: int) -> None:
    """With the token and an allowed Host every path answers as it does without a guard."""
    reply = http.get(path, headers={"host": "sandbox:8000", "authorization": f"Bearer {TOKEN}"})
    assert reply.status_code == status


@pytest.mark.rule("control.host", "control.origin", "control.token")
@pytest.mark.parametrize("path", PAGES)
def test_pages_need_no_token(http: TestClient, path: str) -> None:
    """The document and the console hold no secret, and a browser has no token when it loads them; Host and origin
    are asked for all the same."""
    assert http.get(path).status_code == http.head(path).status_code == (307 if path == "/_sandbox" else 200)
    for headers, rule in (
        ({"host": "evil.example"}, "control.host"),
        ({"origin": "https://evil.example"}, "control.origin"),
        ({"sec-fetch-site": "cross-site"}, "control.origin"),
    ):
        reply = http.get(path, headers=headers)
        assert (reply.status_code, reply.headers["x-sandbox-rule"]) == (403, f"{rule}; basis=sandbox")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "10.1.2.3:8000"},
        {"host": "sandbox.default.svc.cluster.local"},
        {"host": "evil.example", "origin": "https://evil.example", "sec-fetch-site": "cross-site"},
    ],
)
def test_health_answers_everybody(http: TestClient, method: str, headers: dict[str, str]) -> None:
    """A probe calls by an address and has no token. Nothing lets a page of another origin read the response."""
    reply = http.request(method, HEALTH, headers=headers)
    assert reply.status_code == 200
    assert not [name for name in reply.headers if name.startswith("access-control-")]


@pytest.mark.rule("control.host", "control.token")
@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
def test_health_is_open_to_readers_only(http: TestClient, method: str) -> None:
    """What is no reading of health is guarded like the rest."""
    assert http.request(method, HEALTH).status_code == 401
    assert http.request(method, HEALTH, headers={"host": "10.1.2.3"}).status_code == 403


@pytest.mark.parametrize("path", OPEN_PATHS)
def test_everything_else_is_open(http: TestClient, path: str) -> None:
    """The partner API and the reference are not guarded: they answer by any name, to any page."""
    plain = http.get(path)
    other = http.get(path, headers={"host": "evil.example", "origin": "null", "sec-fetch-site": "cross-site"})
    named = plain.content.replace(b"//" + http.base_url.netloc, b"//evil.example")  # a document names its address
    assert (other.status_code, other.content) == (plain.status_code, named)
    assert plain.status_code in (200, 307, 404)


@pytest.mark.rule("control.host")
@pytest.mark.parametrize(
    "path", ["/_sandbox%2Frules", "/%5Fsandbox/rules", "/_sandbox/health/../rules", "//_sandbox/rules"]
)
def test_no_spelling_of_a_path_goes_round_the_guard(http: TestClient, path: str) -> None:
    """However the path is written, an operation does not act for somebody else."""
    assert http.get(path, headers={"host": "evil.example"}).status_code in (403, 404)
    assert http.get(path.replace("rules", "health"), headers={"host": "evil.example"}).status_code in (200, 403, 404)
