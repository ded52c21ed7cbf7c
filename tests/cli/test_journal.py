"""Calls as lines of a terminal: those of a server in front, and those of a server elsewhere."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from aniva_sandbox.cli.lines import Line, line_of_call, line_of_exchange
from aniva_sandbox.engine.contract.requests import Request
from tests.cli.test_commands import SERVE, call, complaint, run, serving
from tests.support import PROFILE, SHIPMENT, Client, quiet_client

PROGRAM = [sys.executable, "-m", "aniva_sandbox"]
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
NOW = "2026-04-13T08:00:00Z"
posix = pytest.mark.skipif(os.name != "posix", reason="needs a terminal")

LINE = Line(NOW, 200, "list_units", "default", (), (), None, None, ())


@pytest.fixture(autouse=True)
def no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever token the surroundings have."""
    monkeypatch.delenv("ANIVA_SANDBOX_TOKEN", raising=False)


def shown(line: Line) -> str:
    """A line without its colours."""
    return COLOURS.sub("", str(line))


# One line


def lines_of(client: Client) -> list[Line]:
    """Where the lines of the client's calls come from now on."""
    lines: list[Line] = []
    client.worlds.on_exchange = lambda *call: lines.append(line_of_call(*call))
    return lines


def test_a_line_has_what_a_call_met() -> None:
    """Time, status, operation and world stand in columns; rules with their basis, reliance, fault and hints follow."""
    client = quiet_client()
    lines = lines_of(client)
    client.get("/units")
    client.get(f"/appointments/{SHIPMENT}")
    client.patch(f"/profiles/{PROFILE}", {"height": 150, "hieght": 1})
    client.control("POST", "/worlds/test/faults", {"operation": "list_units", "drop": "before"})
    client.get("/units")
    client.get("/nope?x=1")
    plain, refused, relying, dropped, unmatched = map(shown, lines)
    assert plain == f"{NOW}  200  list_units                  test"
    assert refused.startswith(f"{NOW}  400  get_appointment             test  id.format (documented)  hint: the path: ")
    assert "  test  relies on body.unknown-field (assumed)" in relying
    assert "  hint: the field 'hieght' is not read by update_profile" in relying
    assert dropped == f"{NOW}  ---  list_units                  test  fault fault-1: drop=before"
    assert unmatched.startswith(f"{NOW}  404  GET /api/v1/nope            test  http.not-found (assumed)  hint: ")


def test_a_refused_call_shows_no_reliance() -> None:
    """Every refusal relies on the form of its body, so its line leaves that out; that of a success, also one whose
    response was lost, says what it relied on."""
    relying = LINE._replace(relied_on=("panels.add-twice (assumed)",))
    for line in (relying, relying._replace(status=0, fault="fault-1: drop=after")):
        assert "  relies on panels.add-twice (assumed)" in shown(line)
        assert "relies on" not in shown(line._replace(status=409, rules=("panels.state (assumed)",)))
    client = quiet_client()
    lines = lines_of(client)
    client.get(f"/appointments/{SHIPMENT}")
    assert lines[0].relied_on == ("body.schema/details (assumed)", "error.body/sentence (assumed)")
    assert "relies on" not in shown(lines[0])


def test_a_call_without_a_world_has_a_line() -> None:
    """It has no time and no world, and its hint says what is wrong with its key, without showing it."""
    client = quiet_client(strict=True)
    lines = lines_of(client)
    client.get("/units", key="nobodys-secret-key")
    client.get("/sbx_test/x", key=None)
    client.get("/units", key="sbx_other")
    foreign, path, unknown = map(shown, lines)
    assert foreign.startswith("-                     403  list_units                  -  auth.key (documented)  hint: ")
    assert "secret" not in foreign
    assert "such as sbx_default" in foreign
    assert "GET /api/v1/[hidden]/x" in path
    assert "sbx_" not in path
    assert "hint: there is no world other" in unknown


def test_the_line_of_an_exchange_elsewhere_is_the_same() -> None:
    """What the journal says of an exchange makes the line that its server printed."""
    client = quiet_client()
    lines = lines_of(client)
    for path in ("/units", f"/appointments/{SHIPMENT}", "/nope?x=1", "/sbx_test/x", f"/{'x' * 300}"):
        client.get(path)
    client.patch(f"/profiles/{PROFILE}", {"height": 150, "hieght": 1})
    for drop in ("before", "after"):
        client.control("POST", "/worlds/test/faults", {"operation": "list_units", "drop": drop})
        client.get("/units")
    exchanges = client.control("GET", "/worlds/test/journal").json["exchanges"]
    assert [line_of_exchange("test", exchange) for exchange in exchanges] == lines


@pytest.mark.parametrize(
    ("status", "colour"), [(200, "32"), (201, "32"), (302, "36"), (404, "33"), (500, "31"), (599, "31"), (0, "31")]
)
def test_the_status_has_a_colour(status: int, colour: str) -> None:
    """Green for success, yellow for a refusal, red for an error and for no response."""
    assert f"\x1b[{colour}m\x1b[1m{status or '---'}\x1b[0m" in str(LINE._replace(status=status))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\nb\r\tc\x00", "a\\nb\\r\\tc\\x00"),
        ("\x7f\x9b31m", "\\x7f\\x9b31m"),
        ("\u202egnp", "\\u202egnp"),
        ("\ud800", "\\ud800"),
        ("Zoë 日本 🧪", "Zoë 日本 🧪"),
    ],
)
def test_no_text_controls_the_terminal(sent: str, said: str) -> None:
    """What a client sent moves no cursor, sets no colour and breaks no line; letters of any script stay."""
    line = LINE._replace(name=f"GET /{sent}", fault=sent, mismatch=sent, hints=(sent,))
    assert shown(line).count(said) == 4
    assert shown(line).isprintable()


def test_long_paths_are_cut() -> None:
    """A line shows the beginning of a path."""
    client = quiet_client()
    lines = lines_of(client)
    client.send(Request("G" * 500, f"/{'x' * 5000}", b"", "sbx_test"))
    assert lines[0].name == f"{'G' * 200} /{'x' * 199}"


def test_nothing_is_made_where_nobody_looks() -> None:
    """Unless somebody asked, no call has a line."""
    assert quiet_client().worlds.on_exchange is None


# A server in front


class Screen:
    """The other side of a pseudo-terminal: reads what is printed."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.said = ""

    def until(self, text: str) -> str:
        """Read until the screen shows a text; returns all that it showed so far, in plain lines."""
        while text not in self.said:
            assert select.select([self._number], [], [], 60)[0], self.said
            try:
                read = os.read(self._number, 65536)
            except OSError:  # nobody has the terminal open any more
                read = b""
            assert read, self.said
            self.said += read.decode()
        return self.said.replace("\r\n", "\n")


@contextmanager
def on_terminal(*arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], Screen]]:
    """A server whose streams are a terminal."""
    import pty  # Lazy: only POSIX has it.

    ours, theirs = pty.openpty()
    command = [*SERVE, "--port", "0", "--clock", "frozen", *arguments]
    try:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs) as process:
            os.close(theirs)
            try:
                yield process, Screen(ours)
            finally:
                process.kill()
    finally:
        os.close(ours)


def url_on(said: str) -> str:
    """The address in a banner."""
    found = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert found is not None
    return found[0]


@posix
def test_a_server_prints_a_line_a_call() -> None:
    """On a terminal, each call to the partner API is one coloured line, in order; calls to the control plane are none,
    and an unmatched call is not logged besides."""
    with on_terminal() as (process, screen):
        url = url_on(screen.until("Ctrl-C stops it.\r\n"))
        assert call(f"{url}/api/v1/units")[0] == 200
        assert call(f"{url}/_sandbox/worlds")[0] == 200
        assert call(f"{url}/api/v1/appointments/{SHIPMENT}")[0] == 400
        assert call(f"{url}/v1/units")[0] == 404
        assert call(f"{url}/api/v1/units", "nobody")[0] == 403
        process.send_signal(signal.SIGTERM)
        said = screen.until("Stopped.")
        assert process.wait(timeout=60) == 0
    lines = said.partition("Ctrl-C stops it.\n")[2].splitlines()
    assert [COLOURS.sub("", line).split()[1:3] for line in lines[:-1]] == [
        ["200", "list_units"],
        ["400", "get_appointment"],
        ["404", "GET"],
        ["403", "list_units"],
    ]
    assert "\x1b[32m" in lines[0]
    assert "hint: the path begins with /v1 instead of /api/v1" in lines[2]
    assert lines[-1] == "Stopped."


@posix
@pytest.mark.parametrize("flag", ["--quiet", "-q", "--json"])
def test_a_quiet_server_prints_none(flag: str) -> None:
    """With --quiet and with --json there are no lines, also on a terminal; an unmatched call is logged as ever."""
    with on_terminal(flag) as (process, screen):
        url = url_on(screen.until('"token": null}\r\n' if flag == "--json" else "Ctrl-C stops it.\r\n"))
        assert call(f"{url}/api/v1/units")[0] == 200
        assert call(f"{url}/v1/units")[0] == 404
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        said = screen.until("logged once")
    assert "list_units" not in said


def test_a_server_without_a_terminal_prints_none() -> None:
    """Where standard output is not a terminal, there are no lines."""
    with subprocess.Popen([*SERVE, "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            banner = ""
            while "Ctrl-C" not in banner:
                banner += process.stdout.readline()
            assert call(f"{url_on(banner)}/api/v1/units")[0] == 200
            process.terminate()
            assert process.communicate(timeout=60)[0].split() == ["Stopped."]
        finally:
            process.kill()


@posix
def test_a_terminal_that_is_stopped_stops_no_server() -> None:
    """While a terminal shows nothing, calls are served; lines that do not fit are counted."""
    with on_terminal() as (process, screen):
        url = url_on(screen.until("Ctrl-C stops it.\r\n"))
        long = f"{url}/api/v1/{'x' * 150}"
        for _ in range(1500):  # much more than a terminal and the queue hold
            assert call(long)[0] == 404
        screen.until("lines were dropped: nobody read them")
        process.send_signal(signal.SIGTERM)
        screen.until("Stopped.")


# A server elsewhere


@pytest.fixture(scope="module")
def facts() -> Iterator[dict[str, Any]]:
    """What a sandbox says at its start that the tests ask for its journals."""
    with serving("--clock", "frozen") as (_process, said):
        yield said


def control(facts: dict[str, Any], method: str, path: str) -> int:
    """The status of a call to the control plane with an empty body."""
    request = urllib.request.Request(f"{facts['control']}{path}", b"{}", method=method)
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request, timeout=60) as response:
        status: int = response.status
        return status


def journal(facts: dict[str, Any], *arguments: str) -> list[str]:
    """The lines that the command prints."""
    result = run("journal", "--url", facts["url"], *arguments)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout.splitlines()


@pytest.fixture
def world(facts: dict[str, Any], request: pytest.FixtureRequest) -> str:
    """The name of a world with three exchanges."""
    name = re.sub("[^a-z0-9]+", "-", request.node.name.lower())[:64]
    assert control(facts, "PUT", f"/worlds/{name}") == 200
    for path in ("units", "nope", f"profiles/{PROFILE}"):
        call(f"{facts['url']}/api/v1/{path}", f"sbx_{name}")
    return name


def test_the_journal_is_printed(facts: dict[str, Any], world: str) -> None:
    """Each exchange of the world is a line, oldest first, without colours where there is no terminal."""
    first, second, third = journal(facts, "--world", world)
    assert first == f"{NOW}  200  list_units                  {world}"
    assert second.startswith(f"{NOW}  404  GET /api/v1/nope            {world}  http.not-found (assumed)  hint: ")
    assert third == f"{NOW}  200  get_profile                 {world}"


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        (["--last", "2"], [1, 2]),
        (["--last", "0"], []),
        (["--last", "9"], [0, 1, 2]),
        (["--operation", "list_units"], [0]),
        (["--status", "404"], [1]),
        (["--rule", "http.not-found"], [1]),
        (["--status", "200", "--last", "1"], [2]),
    ],
)
def test_some_exchanges(facts: dict[str, Any], world: str, arguments: list[str], chosen: list[int]) -> None:
    """Exchanges are chosen by the filters of the control plane."""
    lines = journal(facts, "--world", world)
    assert journal(facts, "--world", world, *arguments) == [lines[number] for number in chosen]


def test_a_har_file(facts: dict[str, Any], world: str, tmp_path: Path) -> None:
    """With --har the archive is written whole into a file, which is named; a hyphen prints it."""
    path = tmp_path / "calls.har"
    assert journal(facts, "--world", world, "--har", str(path)) == [f"wrote {path}"]
    log = json.loads(path.read_bytes())["log"]
    assert log["version"] == "1.2"
    assert [entry["request"]["url"].removeprefix(facts["url"]) for entry in log["entries"]] == [
        "/api/v1/units",
        "/api/v1/nope",
        f"/api/v1/profiles/{PROFILE}",
    ]
    assert list(tmp_path.iterdir()) == [path]
    assert json.loads("\n".join(journal(facts, "--world", world, "--har", "-"))) == {"log": log}
    for last in (0, 1):
        some = json.loads("\n".join(journal(facts, "--world", world, "--har", "-", "--last", str(last))))
        assert some["log"]["entries"] == log["entries"][3 - last :]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "says"),
    [
        (["--world", "nobody"], 1, "has no world 'nobody'; it is created by PUT, or by the first use of the key sbx_"),
        (["--world", "nobody", "--har", "-"], 1, "has no world 'nobody'; "),
        (["--world", "NOBODY"], 1, "returned 400: "),
        (["--operation", "list_unit"], 1, "There is no such operation"),
        (["--follow", "--rule", "nothing"], 1, "There is no such rule"),
        (["--follow", "--har", "-"], 2, "--har cannot be combined with --follow"),
        (["--last", "-1"], 2, "--last"),
        (["--url", "http://"], 2, "is not the address of a server"),
        (["--url", "127.0.0.1:1"], 1, "cannot be read: Connection refused"),
        (["--url", "127.0.0.1:1", "--follow"], 1, "cannot be read: Connection refused"),
        (["--har", "/nothing/x.har"], 1, "/nothing/x.har cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_shown(facts: dict[str, Any], arguments: list[str], exit_code: int, says: str) -> None:
    """A world that does not exist, a server that does not respond and options that do not fit are one line."""
    assert call(f"{facts['url']}/api/v1/units")[0] == 200
    assert says in complaint(run("journal", "--url", facts["url"], *arguments), exit_code)


@posix
def test_a_har_into_a_pipe(facts: dict[str, Any], world: str, tmp_path: Path) -> None:
    """What is no file is written to, and stays what it is."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with subprocess.Popen(["cat", str(path)], stdout=subprocess.PIPE) as reader:
        result = run("journal", "--url", facts["url"], "--world", world, "--har", str(path))
        assert path.is_fifo()
        said, _ = reader.communicate(timeout=60)
    assert (result.exit_code, len(json.loads(said)["log"]["entries"])) == (0, 3)


def test_a_token_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that needs a token gets that of the option or of the environment; without it, the error says so."""
    monkeypatch.setenv("ANIVA_SANDBOX_TOKEN", "of-my-own")
    with serving() as (_process, guarded):
        call(f"{guarded['url']}/api/v1/units")
        assert len(journal(guarded)) == 1
        monkeypatch.delenv("ANIVA_SANDBOX_TOKEN")
        assert len(journal(guarded, "--token", "of-my-own")) == 1
        for more in ([], ["--follow"], ["--token", "another"]):
            said = complaint(run("journal", "--url", guarded["url"], *more), 1)
            assert "returned 401: " in said
            assert said.endswith("; pass the token with --token or ANIVA_SANDBOX_TOKEN")


# Following


@contextmanager
def following(facts: dict[str, Any], *arguments: str, **streams: Any) -> Iterator[subprocess.Popen[str]]:
    """The command that follows a journal."""
    command = [*PROGRAM, "journal", "--follow", "--url", facts["url"], *arguments]
    options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    if os.name == "posix":  # who runs the tests in the background of a shell ignores Ctrl-C
        options["preexec_fn"] = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(command, text=True, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def next_line(stream: Any) -> str:
    """The next line that comes, without its end."""
    line: str = stream.readline()
    assert line.endswith("\n"), line
    return line[:-1]


@posix
def test_new_exchanges_are_followed(facts: dict[str, Any], world: str) -> None:
    """What the journal has comes first, then each new exchange, also after a reset; Ctrl-C ends it with 0."""
    with following(facts, "--world", world) as process:
        before = journal(facts, "--world", world)
        assert [next_line(process.stdout) for _ in before] == before
        call(f"{facts['url']}/api/v1/panels", f"sbx_{world}")
        assert "  list_panels  " in next_line(process.stdout)
        assert control(facts, "POST", f"/worlds/{world}/reset") == 200
        call(f"{facts['url']}/api/v1/biomarkers", f"sbx_{world}")
        assert "  list_biomarkers  " in next_line(process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60) == ("", "")
        assert process.returncode == 0


@posix
def test_a_world_is_waited_for(facts: dict[str, Any]) -> None:
    """A world that does not exist yet is waited for, and told from its first exchange on; so is one that was dropped,
    and one that took its place."""
    with following(facts, "--world", "later", "--last", "0") as process:
        for _ in range(2):
            assert next_line(process.stderr) == "Waiting for the world 'later'"
            call(f"{facts['url']}/api/v1/units", "sbx_later")
            assert "  list_units  " in next_line(process.stdout)
            call(f"{facts['url']}/api/v1/panels", "sbx_later")
            assert "  list_panels  " in next_line(process.stdout)
            assert control(facts, "DELETE", "/worlds/later") == 200
        assert next_line(process.stderr) == "Waiting for the world 'later'"


@posix
def test_a_world_that_was_replaced_is_followed(facts: dict[str, Any], world: str) -> None:
    """A world that takes the place of another counts its exchanges anew; none is left out."""
    with following(facts, "--world", world, "--last", "1") as process:
        assert "  get_profile  " in next_line(process.stdout)
        assert control(facts, "PUT", f"/worlds/{world}") == 200
        call(f"{facts['url']}/api/v1/panels", f"sbx_{world}")
        assert "  list_panels  " in next_line(process.stdout)


@posix
def test_following_ends_with_the_server() -> None:
    """A server that ends is an error."""
    with serving() as (server, facts), following(facts) as process:
        assert call(f"{facts['url']}/api/v1/units")[0] == 200
        assert "  list_units  " in next_line(process.stdout)
        server.terminate()
        _said, errors = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "cannot be read: " in errors


@posix
def test_following_ends_with_its_reader(facts: dict[str, Any], world: str) -> None:
    """Where nobody reads the lines any more, as in a pipe into head, there are no further looks at the journal."""
    reader, writer = os.pipe()
    with following(facts, "--world", world, stdout=writer) as process:
        os.close(writer)
        assert select.select([reader], [], [], 60)[0]
        os.close(reader)
        call(f"{facts['url']}/api/v1/units", f"sbx_{world}")
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize("more", [[], ["--last", "0"], ["--last", "1"], ["--status", "200"]])
def test_a_world_that_was_replaced_between_two_looks(
    facts: dict[str, Any], world: str, monkeypatch: pytest.MonkeyPatch, more: list[str]
) -> None:
    """A world that took the place of another is told from its first exchange on, although it already has as many as
    the other one had; what was told is not told again."""
    steps: list[Callable[[], object]] = []

    def replace() -> None:
        control(facts, "PUT", f"/worlds/{world}")
        for path in ("panels", "units", "biomarkers", "locations"):
            call(f"{facts['url']}/api/v1/{path}", f"sbx_{world}")

    def pause(_seconds: float) -> None:
        if not steps:
            raise KeyboardInterrupt
        steps.pop(0)()

    monkeypatch.setattr("time.sleep", pause)
    steps += [lambda: None, replace, lambda: None, lambda: call(f"{facts['url']}/api/v1/units", f"sbx_{world}")]
    before = len(run("journal", "--url", facts["url"], "--world", world, *more).stdout.splitlines())
    result = run("journal", "--url", facts["url"], "--world", world, "--follow", *more)
    assert (result.exit_code, result.stderr) == (0, "")
    told = [line.split()[2] for line in result.stdout.splitlines()[before:]]
    assert told == ["list_panels", "list_units", "list_biomarkers", "list_locations", "list_units"]


def test_exchanges_that_are_gone_are_counted(
    facts: dict[str, Any], world: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two looks the journal may lose exchanges by a reset or by its limit: their number is told. With a
    filter, nobody knows how many would have been shown."""
    steps: list[Callable[[], object]] = []

    def pause(_seconds: float) -> None:
        if not steps:
            raise KeyboardInterrupt
        steps.pop(0)()

    monkeypatch.setattr("time.sleep", pause)

    def lose() -> None:
        for _ in range(2):
            call(f"{facts['url']}/api/v1/units", f"sbx_{world}")
        control(facts, "POST", f"/worlds/{world}/reset")
        call(f"{facts['url']}/api/v1/panels", f"sbx_{world}")

    for more, told in ([], "2 exchanges left the journal before they could be shown\n"), (["--status", "200"], ""):
        steps.append(lose)
        result = run("journal", "--url", facts["url"], "--world", world, "--follow", *more)
        assert (result.exit_code, result.stderr) == (0, told)
        assert "  list_panels  " in result.stdout.splitlines()[-1]
