"""The suite's own runs of Schemathesis, less deep than `python -m tests.conformance.run`, and the command `check`."""

import json
import os
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from click.testing import CliRunner, Result
from packaging.requirements import Requirement
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aniva_sandbox.api.app import build_app
from aniva_sandbox.cli import main
from aniva_sandbox.conformance.report import PHASES
from aniva_sandbox.conformance.run import run_schemathesis
from aniva_sandbox.conformance.subject import WORLD
from aniva_sandbox.engine.serving.server import build_server, open_socket
from aniva_sandbox.files import find_file
from aniva_sandbox.testing.live import LiveServer
from tests.conformance.run import control_subject, machine_stands, on_this_machine
from tests.support import CONTROL, PARTNER, new_worlds

KEY = "a-key-of-the-partner"
UNITS = [{"id": 1, "title": "mmol/l", "display_title": "mmol/L", "aliases": [], "unit_type": "physical"}]


# The sandbox against its documents


def test_the_control_plane_conforms_to_its_document() -> None:
    """All checks pass without a socket, every operation answers 2xx at least once, and any call on a world may follow
    any other. (The phase that is as long whatever the depth is left to the whole run. The partner API is checked by
    the command, below.)"""
    worlds = new_worlds()
    app = build_app(worlds, PARTNER, CONTROL, None)
    phases = tuple(phase for phase in PHASES if phase != "coverage")
    with on_this_machine(), machine_stands():
        report = run_schemathesis(
            lambda config: schemathesis.openapi.from_asgi("/_sandbox/openapi.json", app, config=config),
            control_subject(worlds),
            examples=3,
            phases=phases,
        )
    assert not report.problems(), "\n\n".join(report.problems())
    assert set(report.phases) == set(phases)
    assert report.operations == report.succeeded
    assert report.steps > report.scenarios, report.summary()


# The command


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The address of an app that is served from a thread."""
    listener = open_socket("127.0.0.1", 0)
    server = build_server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listener.close()


def check(*arguments: str | Path) -> Result:
    """Run the command in this process, not deep."""
    result = CliRunner().invoke(main, ["check", "--examples", "3", *map(str, arguments)], prog_name="aniva-sandbox")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def report_of(*arguments: str | Path, exit_code: int = 0) -> dict[str, Any]:
    """The report that the command prints as JSON."""
    result = check("--json", *arguments)
    assert result.exit_code == exit_code, result.output
    report: dict[str, Any] = json.loads(result.stdout)
    assert report["passed"] is (exit_code == 0)
    return report


def write_document(folder: Path, *paths: str) -> Path:
    """Our document with these paths only, which makes for a short run."""
    document = deepcopy(PARTNER.document)
    document["paths"] = {f"/api/v1{path}": document["paths"][f"/api/v1{path}"] for path in paths}
    file = folder / "openapi.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_check_of_a_sandbox() -> None:
    """A sandbox is recognized: it is held against what it serves, in the world of the check only, with all checks;
    every operation is reached, links lead from response to call, and nothing remains that could not be judged."""
    with LiveServer() as server:
        result = check(server.url)
        assert result.exit_code == 0, result.output
        assert [world.name for world in server.worlds] == [WORLD]
        url = server.url
    assert f"{url} against {url}/openapi.json\n" in result.stdout
    assert "35 of 35 operations returned 2xx\n" in result.stdout
    assert "by the outsider" in result.stdout
    assert re.search(r"^[1-9][0-9]* of [0-9]+ links were followed", result.stdout, re.MULTILINE)
    assert "not judged" not in result.stdout
    assert result.stdout.endswith("\n0 problems\n")


def test_check_is_the_same_every_time(tmp_path: Path) -> None:
    """Two checks of a sandbox print the same, to the number of requests."""
    document = write_document(tmp_path, "/profiles", "/profiles/{id}")
    with LiveServer() as server:
        first, second = (report_of(server.url, "--spec", document) for _ in range(2))
    assert first == second
    assert first["document"] == str(document)
    assert first["operations"] == {
        "reached": [
            "GET /api/v1/profiles",
            "GET /api/v1/profiles/{id}",
            "PATCH /api/v1/profiles/{id}",
            "POST /api/v1/profiles",
        ],
        "not_reached": [],
    }
    assert first["requests"] > first["outsider"]["refused"] > 0


def anonymous(app: ASGIApp) -> ASGIApp:
    """A sandbox that does not show that it is one: no control plane, no headers of its own."""

    async def without_headers(scope: Scope, receive: Receive, send: Send) -> None:
        async def plain(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [pair for pair in message["headers"] if not pair[0].startswith(b"x-sandbox")]
            await send(message)

        if scope["type"] == "http" and not scope["path"].startswith("/api/v1/"):
            await Response(status_code=404)(scope, receive, send)
        else:
            await app(scope, receive, plain)

    return without_headers


def test_check_of_another_server(tmp_path: Path) -> None:
    """A server that conforms and shows nothing but its answers passes: what could not be judged is counted, what was
    not reached is named, and the key opens no other world than its own."""
    document = write_document(tmp_path, "/units", "/appointments", "/appointments/{id}", "/appointments/{id}/panels")
    worlds = new_worlds(start=datetime(2027, 1, 1, tzinfo=UTC))  # the document's dates are over
    keys = ("--key", "sbx_default", "--outsider-key", "sbx_default.outsider")
    with serving(anonymous(build_app(worlds, PARTNER, CONTROL))) as url:
        report = report_of(f"{url}/api/v1/", *keys, "--spec", document)
        alone = check(url, *keys[:2], "--spec", document)
    assert not report["sandbox"]
    assert "POST /api/v1/appointments" in report["operations"]["reached"]
    assert report["operations"]["not_reached"] == [
        "DELETE /api/v1/appointments/{id}/panels",
        "PATCH /api/v1/appointments/{id}",
    ]
    assert report["outsider"]["refused"] > 0
    assert all(count > 0 for count in report["not_judged"].values())
    assert {what.partition(" to ")[0] for what in report["not_judged"]} >= {"400 without details", "403"}
    assert [world.name for world in worlds] == ["default"]
    assert alone.exit_code == 0, alone.output
    assert "not judged: access contexts: there is no key of another context\n" in alone.stdout
    assert "outsider" not in alone.stdout


def partner_of_units(wrong: str) -> ASGIApp:
    """A server of the list of units that is wrong in one way, or in none."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await answer(Request(scope))(scope, receive, send)

    def answer(request: Request) -> Response:
        if request.url.path != "/api/v1/units":
            return JSONResponse({"error": "Not Found"}, 404)
        if request.method != "GET":
            return JSONResponse({"error": "Not allowed"}, 405, {"allow": "GET"})
        if request.headers.get("x-api-key") != KEY and wrong != "open":
            return JSONResponse({"message": "No."} if wrong == "refusal" else {"error": "Forbidden"}, 403)
        if wrong == "status":
            return JSONResponse(UNITS, 203)
        if wrong == "schema":
            return JSONResponse([{"id": "one"}])
        if wrong == "broken":
            return JSONResponse({"error": f"{request.headers['x-api-key']} broke me"}, 500)
        return JSONResponse(UNITS)

    return app


@pytest.mark.parametrize(
    ("wrong", "checks"),
    [
        ("status", {"status_code_conformance"}),
        ("schema", {"response_schema_conformance"}),
        ("broken", {"not_a_server_error"}),
        ("open", {"ignored_auth", "key_comes_first"}),
        ("refusal", {"key_comes_first", "response_schema_conformance"}),
    ],
)
def test_check_catches_a_server_that_is_wrong(tmp_path: Path, wrong: str, checks: set[str]) -> None:
    """An answer against the document ends in exit code 1, and in a line of curl that shows it without the key."""
    document = write_document(tmp_path, "/units")
    secret = "of the team"
    with serving(partner_of_units(wrong)) as url:
        arguments = (url, "--key", KEY, "--spec", document, "--header", f"X-Pass: {secret}")
        report = report_of(*arguments, exit_code=1)
        told = check(*arguments)
    assert {failure["check"] for failure in report["failures"]} >= checks
    assert all(f"{url}/api/v1/units" in failure["curl"] for failure in report["failures"])
    assert told.exit_code == 1
    assert all(f"{name} failed on GET /api/v1/units\n" in told.stdout for name in checks)
    assert all(secret not in text and KEY not in text for text in (told.output, json.dumps(report)))
    assert "X-Pass: [hidden]" in told.stdout


def test_check_finds_nothing_where_nothing_is_wrong(tmp_path: Path) -> None:
    """The same server without a fault passes; a key that it does not know is a problem, not a success."""
    document = write_document(tmp_path, "/units")
    with serving(partner_of_units("nothing")) as url:
        assert report_of(url, "--key", KEY, "--spec", document)["failures"] == []
        report = report_of(url, "--key", "unknown", "--spec", document, exit_code=1)
    assert report["failures"] == []
    assert report["problems"] == ["no operation returned 2xx: check the key and the address"]


@pytest.mark.parametrize(
    "edit",
    [
        lambda units: units.pop("responses"),  # OpenAPI 3.1 does not ask for it
        lambda units: units["responses"].update({"500": None}),
        lambda units: units["responses"]["200"].update(links={"next": None}),
    ],
)
def test_check_takes_a_document_with_gaps(tmp_path: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    """What a document leaves out, or leaves empty by hand, ends in a report or in one line."""
    file = write_document(tmp_path, "/units")
    document = json.loads(file.read_text(encoding="utf-8"))
    edit(document["paths"]["/api/v1/units"]["get"])
    file.write_text(json.dumps(document), encoding="utf-8")
    with serving(partner_of_units("nothing")) as url:
        result = check(url, "--key", KEY, "--spec", file)
    assert "1 of 1 operations returned 2xx" in result.stdout if result.exit_code < 2 else str(file) in result.stderr


def test_check_takes_no_proxy_before_loopback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server on this machine is asked without the proxy that the environment names, by every part of the check;
    one elsewhere through it. The environment is left as it was."""
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    dead = open_socket("127.0.0.1", 0)
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{dead.getsockname()[1]}")
    dead.close()
    document = write_document(tmp_path, "/units")
    with serving(partner_of_units("nothing")) as url:
        for excepted in (None, "sandbox.invalid"):
            if excepted:
                monkeypatch.setenv("NO_PROXY", excepted)
            before = dict(os.environ)
            report = report_of(url.removeprefix("http://"), "--key", KEY, "--spec", document, "--examples", "1")
            assert (report["failures"], report["problems"]) == ([], [])
            assert dict(os.environ) == before
    assert complaint("http://elsewhere.invalid") == "http://elsewhere.invalid cannot be reached: Connection refused\n"


def complaint(*arguments: str | Path) -> str:
    """What a check says that could not run."""
    result = check(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    return result.stderr.rpartition("Error: ")[2]


def test_check_needs_a_server() -> None:
    """What is not there, or no address of a server, is said in one line with exit code 2."""
    listener = open_socket("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    assert complaint(url) == f"{url} cannot be reached: Connection refused\n"
    assert complaint(url.removeprefix("http://")) == f"{url} cannot be reached: Connection refused\n"
    for no_address in ("ftp://127.0.0.1", "http://", "http://127.0.0.1:99999", "http://a/?b=c"):
        assert complaint(no_address).startswith(f"{no_address!r} is not the address of a server")


def test_check_needs_a_key_and_a_document(tmp_path: Path) -> None:
    """Without a key only sandboxes can be checked; a document that cannot be used is named with the reason."""
    with serving(partner_of_units("nothing")) as url:
        said = complaint(url)
        assert said.startswith(f"{url} is not a sandbox with an accessible control plane")
        assert "(--token)" in said
        for text, reason in (
            ("openapi: 3.1.0\ninfo: {title: x, version: '1'}\npaths: {}\n", "it has no operations"),
            ("swagger: '2.0'\n", "is not an OpenAPI 3.1 document"),
            ("{", "cannot be read"),
        ):
            document = tmp_path / "document.yaml"
            document.write_text(text, encoding="utf-8")
            said = complaint(url, "--key", KEY, "--spec", document)
            assert said.startswith(str(document))
            assert reason in said


def test_check_needs_a_sandbox_that_makes_worlds() -> None:
    """A sandbox whose control plane refuses is not checked."""
    worlds = new_worlds()
    sandbox = build_app(worlds, PARTNER, CONTROL)

    async def closed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "PUT":
            await JSONResponse({"error": "Not today"}, 403)(scope, receive, send)
        else:
            await sandbox(scope, receive, send)

    with serving(closed) as url:
        assert complaint(url) == 'the sandbox did not create a world for the run: 403 {"error":"Not today"}\n'
    assert list(worlds) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--outsider-key", "x"], "goes with --key"),
        (["--header", "nothing"], "write it 'Name: value'"),
        (["--header", "X-Api-Key: x"], "write it 'Name: value'"),
        (["--spec", "nowhere.yaml"], "does not exist"),
    ],
)
def test_check_takes_options_that_make_sense(arguments: list[str], said: str) -> None:
    """A wrong option is refused before anything is sent."""
    assert said in complaint("http://127.0.0.1:1", *arguments)


def test_check_says_what_to_install() -> None:
    """Without the extra the command says in one line what is missing, and how it is installed: from where it is, for
    the sandbox itself is in no registry."""
    program = "import sys; sys.modules['schemathesis'] = None; from aniva_sandbox.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "check", "http://127.0.0.1:1"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    (wanted,) = tomllib.loads(find_file("pyproject.toml").read_text(encoding="utf-8"))["project"][
        "optional-dependencies"
    ]["check"]
    said, _, command = done.stderr.partition(": pip install ")
    assert said == "Error: Schemathesis is missing"
    assert Requirement(command.strip().strip("'")) == Requirement(wanted)


def test_other_commands_import_no_schemathesis() -> None:
    """The command line does not become slower by this command."""
    program = "import sys, aniva_sandbox.cli; print('schemathesis' in sys.modules or 'hypothesis' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
