"""The command line: what it prints, what it refuses, and a server that starts and stops."""

import gc
import json
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner, Result

from aniva_sandbox import VERSION
from aniva_sandbox.api import beginnings
from aniva_sandbox.api.beginnings import fixture_names, get_fixture
from aniva_sandbox.api.control import CONTROL as PLANE
from aniva_sandbox.cli import main
from aniva_sandbox.engine.serving import server
from aniva_sandbox.files import find_file

SERVE = [sys.executable, "-c", "from aniva_sandbox.cli import main; main(prog_name='aniva-sandbox')", "serve"]

SMALL = """\
title: Small
start: 2026-01-01T00:00:00Z
profile_groups: []
location_groups: []
personas: {full: {permissions: all, profile_groups: [], location_groups: [], panels: all}}
locations: []
profiles: []
appointments: []
"""


def run(*arguments: str, input: bytes | None = None) -> Result:
    """Run a command in this process; anything but a clean exit is an error here."""
    result = CliRunner().invoke(main, arguments, input=input, prog_name="aniva-sandbox")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def complaint(result: Result, exit_code: int) -> str:
    """The one line that a failed command says beside its usage."""
    assert result.exit_code == exit_code, result.output
    assert result.stdout == ""
    before, _, said = result.stderr.rpartition("Error: ")
    assert before == "" or before.startswith("Usage: aniva-sandbox")
    assert said.endswith("\n")
    assert said.count("\n") == 1
    return said.strip()


# Documents, rules, worlds, help

_CONTEXT = click.Context(main)
COMMANDS = {
    name: command for name in main.list_commands(_CONTEXT) if (command := main.get_command(_CONTEXT, name)) is not None
}


def test_version() -> None:
    """The version is that of the package."""
    assert run("--version").stdout == f"aniva-sandbox, version {VERSION}\n"


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help(flag: str) -> None:
    """The help names every command and ends in examples that can be copied."""
    said = run(flag).stdout
    for command in COMMANDS:
        assert f"\n  {command} " in said
    assert "\n    curl -H 'x-api-key: sbx_default' http://127.0.0.1:8000/api/v1/locations\n" in said
    assert "\n    aniva-sandbox serve --port 0 --json\n" in said


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_every_command(command: str) -> None:
    """Every command and each of its options says what it does."""
    assert run(command, "--help").stdout.startswith(f"Usage: aniva-sandbox {command} [OPTIONS]")
    assert COMMANDS[command].help
    options = [parameter for parameter in COMMANDS[command].params if parameter.param_type_name == "option"]
    assert [option.name for option in options if not getattr(option, "help", None)] == []


def test_rule_of_the_help_exists() -> None:
    """The rule that the help shows as an example is one of the ledger."""
    assert run("rules", "appointment.future").exit_code == 0


@pytest.mark.parametrize("arguments", [["nothing"], ["serve", "--nothing"], ["rules", "--basis", "guessed"]])
def test_unknown_commands_and_options(arguments: list[str]) -> None:
    """What there is not is refused with one line and exit code 2."""
    assert complaint(run(*arguments), 2)


def test_spec_prints_the_committed_document() -> None:
    """The document made anew is the committed one, and valid YAML."""
    said = run("spec").stdout
    assert said == find_file("openapi.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(said)["openapi"].startswith("3.1")


def test_spec_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With --write the document goes to its file in the checkout, which is named, and nothing else is printed."""
    path = tmp_path / "openapi.yaml"
    (tmp_path / "src" / "aniva_sandbox").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr("aniva_sandbox.files._CHECKOUT", tmp_path)
    assert run("spec", "--write").stdout == f"wrote {path}\n"
    assert path.read_text(encoding="utf-8") == run("spec").stdout


def test_spec_is_written_into_a_checkout_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the sandbox is installed, --write says that there is nothing to write into, and touches no file; without
    it the document is printed as ever."""
    path = tmp_path / "openapi.yaml"
    path.write_text("as it was", encoding="utf-8")
    monkeypatch.setattr("aniva_sandbox.files._CHECKOUT", tmp_path)
    monkeypatch.setattr("aniva_sandbox.files._INSTALLED", tmp_path)
    assert "no checkout" in complaint(run("spec", "--write"), 1)
    assert path.read_text(encoding="utf-8") == "as it was"
    assert run("spec").stdout.startswith("openapi: ")


def test_spec_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file that cannot be written is told in one line."""
    (tmp_path / "openapi.yaml").mkdir()
    (tmp_path / "src" / "aniva_sandbox").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr("aniva_sandbox.files._CHECKOUT", tmp_path)
    said = complaint(run("spec", "--write"), 1)
    assert said == f"{tmp_path / 'openapi.yaml'} cannot be written: Is a directory"


def test_rules_prints_the_ledger() -> None:
    """Every rule is printed once, in the ledger's order, with its sentence, basis, statuses and source; clauses are
    indented below their rule."""
    said = run("rules").stdout
    ids = {rule.id for rule in PLANE.ledger}
    heads = [line.strip().split("  ") for line in said.splitlines() if line.split()[0] in ids]
    indents = {line.split()[0]: len(line) - len(line.lstrip()) for line in said.splitlines()}
    assert all(indents[rule.id] == 4 * bool(rule.whole) for rule in PLANE.ledger)
    assert heads == [[rule.id, rule.basis, " or ".join(map(str, rule.statuses)) or "-"] for rule in PLANE.ledger]
    for rule in PLANE.ledger:
        assert f"    {rule.sentence}\n" in said
        assert f"    Source: {rule.source}\n" in said


def test_rules_of_one_kind() -> None:
    """Rules can be asked for by id, by the beginning of one, and by basis."""
    said = run("rules", "confirm.barcode").stdout
    assert said.startswith("confirm.barcode  documented  400\n")
    assert run("rules", "profile.list-email").stdout == (
        "profile.list-email  documented  -\n"
        f"    {PLANE.ledger['profile.list-email'].sentence}\n"
        "    Source: partner documentation, page List Profiles\n"
        "    profile.list-email/oldest  assumed  -\n"
        "        If several profiles have the e-mail address that is searched for, the oldest one is listed.\n"
        "        Source: not documented\n"
    )
    clause = run("rules", "profile.list-email/").stdout
    assert clause.startswith("profile.list-email/oldest  assumed  -\n    If several")
    some = [entry["id"] for entry in json.loads(run("rules", "--json", "clock.").stdout)]
    assert some == [rule.id for rule in PLANE.ledger if rule.id.startswith("clock.")]
    conflicts = [entry["id"] for entry in json.loads(run("rules", "--json", "--basis", "conflict").stdout)]
    assert conflicts == [rule.id for rule in PLANE.ledger if rule.basis == "conflict"]


def test_rules_as_json() -> None:
    """As JSON the ledger is one list of whole rules."""
    rules = json.loads(run("rules", "--json").stdout)
    assert [rule["id"] for rule in rules] == [rule.id for rule in PLANE.ledger]
    fields = ("basis", "id", "kind", "operations", "sentence", "source", "statuses")
    assert {tuple(sorted(rule)) for rule in rules} == {fields}
    assert {rule["id"]: rule["operations"] for rule in rules}["clock.until"] == ["advance_clock"]


@pytest.mark.parametrize(
    "arguments", [["nothing"], ["clock.forward", "--basis", "documented"], ["nothing", "--json"], ["AUTH.KEY"]]
)
def test_no_such_rule(arguments: list[str]) -> None:
    """Where no rule fits, one line says how to list all, with exit code 1."""
    assert "`aniva-sandbox rules` lists all" in complaint(run("rules", *arguments), 1)


def test_worlds() -> None:
    """Every starting state is listed with its keys and where a frozen clock starts."""
    said = run("worlds").stdout
    for name in fixture_names():
        fixture = get_fixture(name)
        assert f"{name}  {fixture.title}\n" in said
    assert "sbx_default, " in said
    for persona in ("reader", "scheduler", "courier", "outsider"):
        assert f"sbx_default.{persona}" in said
    assert "    A frozen clock starts at 2026-04-13T08:00:00Z\n" in said


def test_faulty_world_among_those_that_ship(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a starting state cannot be used, the list says why in one line."""
    monkeypatch.setattr(beginnings, "fixture_names", lambda: ["nothing"])
    assert "nothing.yaml" in complaint(run("worlds"), 1)


# Serving, without a server


class Served:
    """Stands for uvicorn: closes what it should have listened on, and ends."""

    def __init__(self) -> None:
        self.ports: list[int] = []
        self.ready: Callable[[], object] = lambda: None
        """What the last server was to do once it takes requests."""

    def build(self, _app: object, server: Any) -> "Served":
        self.ready = server.keywords.get("on_ready", self.ready)
        return self

    def run(self, sockets: list[socket.socket]) -> None:
        for listener in sockets:
            self.ports.append(listener.getsockname()[1])
            listener.close()


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever token the surroundings have."""
    monkeypatch.delenv("ANIVA_SANDBOX_TOKEN", raising=False)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    """What ``serve`` runs in this process."""
    stands_in = Served()
    monkeypatch.setattr(server, "build_server", stands_in.build)
    return stands_in


def test_banner(served: Served) -> None:
    """At the start everything that a first call needs is printed, ready to paste."""
    said = run("serve", "--port", "0").stdout
    url = f"http://127.0.0.1:{served.ports[0]}"
    lines = [line.strip() for line in said.splitlines()]
    for name, value in {
        "url": url,
        "api key": "sbx_default",
        "profile group": "acme-clinic-berlin",
        "location id": "b7e2d1f5-3c4a-4e8b-a2f1-9d0c1e2f3a4b",
        "console": f"{url}/_sandbox/",
        "reference": f"{url}/docs",
        "guide": f"{url}/guide",
    }.items():
        assert f"{name:<14}{value}" in lines
    assert f"curl -H 'x-api-key: sbx_default' {url}/api/v1/locations" in lines
    assert any(line.startswith("panel id ") for line in lines)
    assert not any(line.startswith(("token ", "control ", "docs ")) for line in lines)


@pytest.mark.parametrize(
    ("host", "shown", "guarded"),
    [
        *(("127.0.0.1", "127.0.0.1", False), ("localhost", "localhost", False), ("::1", "[::1]", False)),
        *(("127.1", "127.0.0.1", False), ("0x7f.1", "127.0.0.1", False), ("2130706433", "127.0.0.1", False)),
        *(("0:0:0:0:0:0:0:1", "[::1]", False), ("127.8.8.8", "127.8.8.8", False)),
        *(("0.0.0.0", "127.0.0.1", True), ("0", "127.0.0.1", True), ("00.0", "127.0.0.1", True)),
        *(("0x0", "127.0.0.1", True), ("::", "127.0.0.1", True), ("::0", "127.0.0.1", True)),
        ("::ffff:0.0.0.0", "[::ffff:0.0.0.0]", True),
    ],
)
def test_shown_address(served: Served, host: str, shown: str, guarded: bool) -> None:
    """The address that is printed can be called: that of all interfaces is shown as this machine's own. However it is
    written, the control plane is open without a token only where nobody else can call."""
    facts = json.loads(run("serve", "--port", "0", "--json", "--host", host).stdout)
    assert facts["url"] == f"http://{shown}:{served.ports[0]}"
    assert (facts["token"] is not None) == guarded


def test_shown_scope(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link-local address is printed with its interface, as URLs write it."""
    index, name = socket.if_nameindex()[0]

    class Scoped(socket.socket):
        def getsockname(self) -> Any:
            return ("fe80::1", 8000, 0, index)

    monkeypatch.setattr(server, "open_socket", lambda _host, _port: Scoped())
    facts = json.loads(run("serve", "--json", "--host", f"fe80::1%{name}").stdout)
    assert facts["url"] == f"http://[fe80::1%25{name}]:8000"
    assert facts["token"] is not None
    assert served.ports == [8000]


def test_a_name_is_judged_by_what_it_leads_to(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that sounds like loopback but leads to all interfaces gets a token; the name stays in what is printed."""
    looked_up = socket.getaddrinfo

    def misled(host: str, *more: Any, **options: Any) -> Any:
        return looked_up("0.0.0.0" if host == "my.localhost" and not options.get("flags") else host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", misled)
    facts = json.loads(run("serve", "--port", "0", "--json", "--host", "my.localhost").stdout)
    assert facts["url"] == f"http://127.0.0.1:{served.ports[0]}"
    assert facts["token"] is not None
    assert json.loads(run("serve", "--port", "0", "--json", "--host", "localhost").stdout)["token"] is None


def test_a_start_that_failed_leaves_garbage_to_be_collected(served: Served) -> None:
    """Collections pause while the server starts; they go on where it could not, too."""
    assert gc.isenabled()
    complaint(run("serve", "--port", "0", "--clock", "yesterday"), 2)
    assert gc.isenabled()
    run("serve", "--port", "0")
    assert gc.isenabled()
    assert served.ports


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(("flags", "said"), [([], True), (["--json"], False)])
def test_end(flags: list[str], said: bool) -> None:
    """The server says that it has ended, but not where one JSON line was asked for."""
    result = run("serve", "--port", "0", *flags)
    assert result.exit_code == 0
    assert result.stdout.endswith("Stopped.\n") == said


@pytest.mark.parametrize("flags", [["--host", "0.0.0.0"], []])
def test_token_is_announced(served: Served, monkeypatch: pytest.MonkeyPatch, flags: list[str]) -> None:
    """A token that the console and the control plane need is printed, and how it is sent: beyond loopback, or where one
    was given."""
    if not flags:
        monkeypatch.setenv("ANIVA_SANDBOX_TOKEN", "of-my-own")
    said = run("serve", "--port", "0", *flags).stdout
    url = f"http://127.0.0.1:{served.ports[0]}"
    lines = [line.strip() for line in said.splitlines()]
    assert f"{'console':<14}{url}/_sandbox/" in lines
    (line,) = (line for line in lines if line.startswith("token "))
    token = line.split()[1]
    assert line == f"{'token':<14}{token}  (the console asks for it; scripts send Authorization: Bearer <token>)"
    assert (token == "of-my-own") is not bool(flags)
    assert len(token) >= 32 or not flags


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    ("host", "given", "token"),
    [("127.0.0.1", None, None), ("localhost", None, None), ("127.0.0.1", "mine", "mine"), ("0.0.0.0", "mine", "mine")],
)
def test_token_in_json(monkeypatch: pytest.MonkeyPatch, host: str, given: str | None, token: str | None) -> None:
    """With --json the token is a field, and null where none is needed."""
    if given is not None:
        monkeypatch.setenv("ANIVA_SANDBOX_TOKEN", given)
    assert json.loads(run("serve", "--port", "0", "--json", "--host", host).stdout)["token"] == token


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("token", ["", " ", "two words", "t\u00f6ken", "a\tb"])
def test_bad_token(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    """A token that no header can carry is told in one line that names where it came from."""
    monkeypatch.setenv("ANIVA_SANDBOX_TOKEN", token)
    said = complaint(run("serve", "--port", "0"), 1)
    assert said == "ANIVA_SANDBOX_TOKEN must be one or more visible ASCII characters"


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("name", ["", "*", "0.0.0.0", "a:80", "http://a", "a b"])
def test_bad_allowed_host(name: str) -> None:
    """What names no single host cannot be allowed, and is told in one line that names the option."""
    assert "--allow-host" in complaint(run("serve", "--port", "0", "--allow-host", "fine", "--allow-host", name), 2)


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("origin", ["", "*", "null", "localhost:5173", "http://localhost:5173/"])
def test_bad_origin(origin: str) -> None:
    """What is no origin is told in one line that names the option and what was given."""
    said = complaint(run("serve", "--port", "0", "--cors-origin", "http://fine", "--cors-origin", origin), 2)
    assert "--cors-origin" in said
    assert f"{origin!r} is not an origin" in said


def test_json_is_one_line(served: Served) -> None:
    """With --json exactly one line is printed, which has what a script needs."""
    said = run("serve", "--port", "0", "--json").stdout
    assert said.count("\n") == 1
    facts = json.loads(said)
    assert sorted(facts) == [
        *("api_key", "console", "control", "docs", "guide"),
        *("location_id", "panel_id", "profile_group", "token", "url"),
    ]
    assert facts["console"] == f"{facts['control']}/" == f"{facts['url']}/_sandbox/"
    assert facts["url"].endswith(f":{served.ports[0]}")


@pytest.mark.usefixtures("served")
def test_small_world_is_announced(tmp_path: Path) -> None:
    """A world without groups and locations can be served too; what it lacks is null."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    facts = json.loads(run("serve", "--port", "0", "--json", "--world", str(path)).stdout)
    assert (facts["profile_group"], facts["location_id"]) == (None, None)


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("clock", ["real", "frozen", "2026-04-13T08:00:00Z", "2026-04-13t10:00:00+02:00"])
def test_good_clocks(clock: str) -> None:
    """A clock may be real, frozen, or an instant with an offset."""
    assert run("serve", "--port", "0", "--clock", clock).exit_code == 0


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    "clock", ["", "soon", "2026-04-13", "2026-04-13T08:00:00", "9999-01-01T00:00:00Z", "0001-01-03T00:00:00Z"]
)
def test_bad_clocks(clock: str) -> None:
    """Anything else is told in one line that names the option."""
    assert "--clock" in complaint(run("serve", "--port", "0", "--clock", clock), 2)


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--port", "65536"], "--port"),
        (["--port", "-1"], "--port"),
        (["--port", "http"], "--port"),
        (["--seed", "-1"], "--seed"),
        (["--seed", str(2**53 + 1)], "--seed"),
        (["--seed", "x"], "--seed"),
        (["--spec", "missing.yaml"], "--spec"),
    ],
)
def test_bad_options(arguments: list[str], named: str) -> None:
    """Options out of range are told in one line that names the option."""
    assert named in complaint(run("serve", *arguments), 2)


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    "arguments",
    [
        ["--seed", "0"],
        ["--seed", str(2**53)],
        ["--max-worlds", "1"],
        ["--max-records", "1"],
        ["--max-journal", "0"],
    ],
)
def test_good_options(arguments: list[str]) -> None:
    """The bounds themselves are taken: also a journal that remembers nothing."""
    assert run("serve", "--port", "0", *arguments).exit_code == 0


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("world", ["nothing", "missing.yaml", "../openapi", ""])
def test_unknown_world(world: str) -> None:
    """A starting state that is not there, or no file of one, is told in one line."""
    said = complaint(run("serve", "--port", "0", "--world", world), 1)
    assert f"{Path(world).stem}" in said
    if world in ("missing.yaml", "../openapi"):
        assert said == f"{world}: cannot be read: No such file or directory"
    else:
        assert said == f"{world}: there is no such fixture; use one of default, large, or the path of a world file"


@pytest.mark.usefixtures("served")
def test_gaps_of_a_proposal_are_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What a proposal has beyond the sandbox, and what it leaves out, is warned of at the start, and served all the
    same; a proposal without gaps starts in silence."""
    committed = find_file("openapi.yaml").read_text(encoding="utf-8")
    path = tmp_path / "proposal.yaml"
    path.write_text(committed, encoding="utf-8")
    assert run("serve", "--port", "0", "--spec", str(path)).exit_code == 0
    assert caplog.messages == []
    path.write_text(committed.replace("operationId: list_panels", "operationId: get_panels"), encoding="utf-8")
    assert run("serve", "--port", "0", "--spec", str(path)).exit_code == 0
    assert caplog.messages == [
        "proposal: the document has operations without behaviour: get_panels",
        "proposal: there is behaviour without an operation in the document: list_panels",
    ]


@pytest.mark.usefixtures("served")
def test_faulty_world(tmp_path: Path) -> None:
    """A file of a world that has a fault is told with file, line and field."""
    path = tmp_path / "small.yaml"
    path.write_text(SMALL.replace("locations: []", "locations: {}"), encoding="utf-8")
    assert complaint(run("serve", "--port", "0", "--world", str(path)), 1) == (
        "small.yaml:6: locations: must be a list"
    )


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "just text",
        "[]",
        "openapi: 3.0.3\npaths: {}\n",
        "openapi: [3.1\npaths: {}\n",
        "a: 1\na: 2\n",
        "? [a]\n: 1\n",
        "a: \x01\n",
        "openapi: 3.1.0\npaths: 5\n",
        "openapi: 3.1.0\npaths: {/api/v1/x: 5}\n",
        "openapi: 3.1.0\npaths: {/api/v1/x: {get: 5}}\n",
        "openapi: 3.1.0\npaths: {/api/v1/x: {get: {responses: {}}}}\n",
        "openapi: 3.1.0\npaths: {/api/v1/x: {get: {operationId: x, responses: 5}}}\n",
        "openapi: 3.1.0\npaths: {/api/v1/x: {get: {operationId: x, parameters: [{}]}}}\n",
    ],
)
def test_bad_documents(tmp_path: Path, text: str) -> None:
    """A document that cannot be served is told in one line that names it, or the place in it."""
    path = tmp_path / "proposal.yaml"
    path.write_text(text, encoding="utf-8")
    said = complaint(run("serve", "--port", "0", "--spec", str(path)), 1)
    assert "proposal.yaml" in said or "/api/v1/x" in said or "paths" in said


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("name", ["proposal.json", "proposal.yaml"])
def test_good_document(tmp_path: Path, name: str) -> None:
    """A document in YAML or JSON is served."""
    path = tmp_path / name
    path.write_text(json.dumps(yaml.safe_load(run("spec").stdout)), encoding="utf-8")
    assert run("serve", "--port", "0", "--spec", str(path)).exit_code == 0


# A real server


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A server in a process of its own that takes requests, and what it said at its start."""
    command = [*SERVE, "--port", "0", "--json", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def call(
    url: str, key: str = "sbx_default", *, method: str = "GET", more: dict[str, str] | None = None
) -> tuple[int, Any, dict[str, str]]:
    """Status, body and headers of an answer to a request with a key and more headers."""
    request = urllib.request.Request(url, headers={"x-api-key": key} | (more or {}), method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer), {k.lower(): v for k, v in answer.headers.items()}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error), {k.lower(): v for k, v in error.headers.items()}


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_serves_until_it_is_stopped(signum: signal.Signals) -> None:
    """The one JSON line has an address, key and ids that work at once; Ctrl-C and a polite end stop the server
    cleanly: exit code 0, nothing more on stdout, nothing on stderr."""
    with serving("--clock", "frozen") as (process, facts):
        status, locations, headers = call(f"{facts['url']}/api/v1/locations", facts["api_key"])
        assert status == 200
        assert facts["location_id"] in [location["id"] for location in locations]
        assert (headers["x-sandbox-world"], headers["x-sandbox-time"]) == ("default", "2026-04-13T08:00:00Z")
        panels = call(f"{facts['url']}/api/v1/panels")[1]
        assert facts["panel_id"] in [panel["id"] for panel in panels]
        assert call(f"{facts['control']}/health")[1] == {
            "status": "ok",
            "version": VERSION,
            "coverage": False,
            "store": None,
        }
        process.send_signal(signum)
        rest, errors = process.communicate(timeout=30)
    assert (process.returncode, rest, errors) == (0, "", "")


def test_serves_reports_in_silence() -> None:
    """Making a report writes nothing on stderr."""
    document = "8cb844b4-45fb-4557-aa8f-dacf21bb64d2"
    with serving("--clock", "frozen") as (process, facts):
        request = urllib.request.Request(
            f"{facts['url']}/api/v1/documents/{document}", headers={"x-api-key": facts["api_key"]}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert answer.read().startswith(b"%PDF")
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=30)[1] == ""


def test_serves_as_it_is_told() -> None:
    """Clock and seed are those of every world that is made; a world made by first use is told on stderr."""
    with serving("--clock", "2027-01-01T12:00:00+01:00", "--seed", "5") as (process, facts):
        for key in ("sbx_default", "sbx_other.reader"):
            assert call(f"{facts['url']}/api/v1/units", key)[0] == 200
        worlds = call(f"{facts['control']}/worlds")[1]
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=30)[1]
    assert [(world["name"], world["seed"], world["clock"]["now"]) for world in worlds] == [
        ("default", 5, "2027-01-01T11:00:00Z"),
        ("other", 5, "2027-01-01T11:00:00Z"),
    ]
    assert errors == "INFO: created the world 'other' at the first use of its key\n"


@pytest.mark.rule("auth.key")
def test_strict_worlds() -> None:
    """With --strict-worlds the default key works, and that of another world only after it was put there."""
    with serving("--strict-worlds") as (_process, facts):
        units = f"{facts['url']}/api/v1/units"
        assert call(units)[0] == 200
        status, body, headers = call(units, "sbx_other")
        assert (status, body) == (403, {"error": "Forbidden"})
        assert headers["x-sandbox-rule"].startswith("auth.key;")
        assert call(f"{facts['control']}/worlds/other", method="PUT")[0] == 200
        assert call(units, "sbx_other")[0] == 200


@pytest.mark.rule("control.host", "control.token")
def test_guarded_control_plane(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server keeps to what it was started with: the token opens the control plane, by loopback and by the allowed
    host, and nothing else does."""
    monkeypatch.setenv("ANIVA_SANDBOX_TOKEN", "of-my-own")
    with serving("--allow-host", "sandbox") as (_process, facts):
        worlds = f"{facts['control']}/worlds"
        bearer = {"authorization": f"Bearer {facts['token']}"}
        assert call(worlds)[0] == 401
        assert call(worlds, more=bearer)[0] == 200
        assert call(worlds, more=bearer | {"host": "sandbox"})[0] == 200
        assert call(worlds, more=bearer | {"host": "evil.example"})[0] == 403
        assert call(f"{facts['control']}/health", more={"host": "evil.example"})[0] == 200
        assert call(f"{facts['url']}/api/v1/units", more={"host": "evil.example"})[0] == 200


def test_pages_may_call() -> None:
    """The origins that a server was started with may call the partner API, each of them, and no other."""
    pages = ["http://localhost:5173", "https://app.example"]
    with serving("--cors-origin", pages[0], "--cors-origin", f"{pages[1]}:443") as (_process, facts):
        for page in [*pages, "http://localhost"]:
            _, _, headers = call(f"{facts['url']}/api/v1/units", more={"origin": page})
            assert headers.get("access-control-allow-origin") == (page if page in pages else None)


def test_unmatched_calls_are_told() -> None:
    """The terminal says once for each cause what was wrong with a call that matched nothing, and no key."""
    with serving() as (process, facts):
        for _ in range(3):
            call(f"{facts['url']}/v1/units")
            call(f"{facts['url']}/api/v1/units", "a-secret-of-somebody")
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    lines = [line for line in said.splitlines() if "/_sandbox/unmatched" in line]
    assert len(lines) == 2
    assert "GET /v1/units 404: the path begins with /v1 instead of /api/v1; it should be /api/v1/units" in lines[0]
    assert "GET /api/v1/units 403: the key a-se... (20 characters) is not a key of the sandbox" in lines[1]
