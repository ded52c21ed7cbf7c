"""World files on the command line: checked, written from a running world, and begun from."""

import http.server
import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import hypothesis.strategies as st
import pytest
import yaml
from hypothesis import given, settings

from aniva_sandbox.api.beginnings import get_fixture, load_world
from aniva_sandbox.engine.world.snapshot import Export
from aniva_sandbox.engine.yaml_file import FixtureError, dump_yaml, load_yaml
from tests.cli.test_commands import SMALL, call, complaint, run, serving
from tests.support import PROFILE, UNKNOWN, Client, snapshot_of

SECTIONS = (
    *("title", "start", "profile_groups", "location_groups", "personas", "locations", "profiles", "appointments"),
    "shipments",
)


def written(path: Path, text: str) -> str:
    """The path of a file, after a text was written into it."""
    path.write_text(text, encoding="utf-8")
    return str(path)


def snapshot() -> Any:
    """A default world as plain data."""
    return json.loads(json.dumps(snapshot_of(Client().world)))


# Checking


def test_worlds_lists_without_a_command() -> None:
    """Without a command, the starting states are listed; the commands are told by the help."""
    assert run("worlds").stdout.startswith("default  ")
    said = run("worlds", "--help").stdout
    assert "\n  check " in said
    assert "\n  export " in said


def test_a_sound_world_file(tmp_path: Path) -> None:
    """A world file without faults is told in a line with what is in it, and the exit code is 0; nothing is created."""
    path = written(tmp_path / "small.yaml", SMALL)
    result = run("worlds", "check", path)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"{path}: 0 locations, 0 profiles, 0 appointments, 0 shipments\n"
    assert list(tmp_path.iterdir()) == [Path(path)]


def test_faults_of_a_world_file_have_lines(tmp_path: Path) -> None:
    """Everything that is wrong with a world file is told by file, line and field on stderr, and the exit code is 1."""
    path = written(tmp_path / "mine.yaml", SMALL.replace("profiles: []", "profiles: {}\nsecret: 1"))
    result = run("worlds", "check", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        "mine.yaml:7: profiles: must be a list",
        f"mine.yaml:8: secret: is not known; the sections are {', '.join(SECTIONS)}",
    ]


def test_several_world_files(tmp_path: Path) -> None:
    """Of several files each is checked, also after one that is faulty or missing; one fault makes the exit code 1."""
    good = written(tmp_path / "good.yaml", SMALL)
    bad = written(tmp_path / "bad.yaml", "title: {}}")
    missing = str(tmp_path / "missing.yaml")
    result = run("worlds", "check", bad, missing, good)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{good}: 0 locations")
    first, second = result.stderr.splitlines()
    assert first.startswith("bad.yaml:1: the file: ")
    assert second.startswith(f"{missing}: cannot be read: ")
    assert run("worlds", "check", good, good).stdout.count("\n") == 2


def test_no_world_file() -> None:
    """Without a file, check says that it wants one."""
    assert "FILE" in complaint(run("worlds", "check"), 2)


@pytest.mark.parametrize("name", ["mine.yaml", "mine.yml", "mine.json", "mine.txt"])
def test_an_exported_world_file(tmp_path: Path, name: str) -> None:
    """What was exported is checked, too, in YAML or JSON, and however the file is called."""
    plain = snapshot()
    path = tmp_path / name
    text = json.dumps(plain, ensure_ascii=False, indent=1) if name == "mine.json" else dump_yaml(plain)
    said = run("worlds", "check", written(path, text))
    assert (said.exit_code, said.stderr) == (0, "")
    assert said.stdout == f"{path}: 10 locations, 8 profiles, 12 appointments, 8 shipments\n"

    plain["profiles"][2]["group"] = UNKNOWN
    text = json.dumps(plain, ensure_ascii=False, indent=1) if name == "mine.json" else dump_yaml(plain)
    said = run("worlds", "check", written(path, text))
    line = next(number for number, each in enumerate(text.splitlines(), 1) if UNKNOWN in each)
    assert (said.exit_code, said.stdout) == (1, "")
    assert said.stderr == f"{name}:{line}: profiles[2].group: there is no profile group {UNKNOWN}\n"


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_json_as_python_writes_it(tmp_path: Path, indent: int | str | None) -> None:
    """JSON is read however it is indented, and with every letter escaped."""
    plain = snapshot()
    plain["shipments"][0]["notes"] = "Zoë 🧪 \\ud83e\\uddea /"
    path = written(tmp_path / "mine.json", json.dumps(plain, indent=indent))
    assert run("worlds", "check", path).exit_code == 0
    state = load_world(Path(path)).state("frozen", None, None, None)
    assert next(iter(state.sections["shipments"])).notes == plain["shipments"][0]["notes"]


@pytest.mark.parametrize("version", ["2", "0", "null", "'1'"])
def test_an_export_of_another_version(tmp_path: Path, version: str) -> None:
    """An export of a version that is not known is refused with the line that says so."""
    text = dump_yaml(snapshot())
    path = written(tmp_path / "mine.yaml", text.replace("version: 1\n", f"version: {version}\n", 1))
    said = run("worlds", "check", path)
    assert said.exit_code == 1
    assert said.stderr == "mine.yaml:1: version: must be 1; this sandbox reads no other version\n"


def test_world_files_by_path(tmp_path: Path) -> None:
    """A world file is found by its path, and read once; a name without an ending is that of a fixture."""
    path = written(tmp_path / "mine.yaml", dump_yaml(snapshot()))
    beginning = get_fixture(path)
    assert isinstance(beginning, Export)
    assert beginning is get_fixture(path)
    assert beginning.name == "mine"
    with pytest.raises(FixtureError, match="no such fixture; use one of default"):
        get_fixture("mine")


SPELLINGS = ["X.YAML", "x.Yml", "x.JSON", "my world.yaml", "no ending", "./default", "folder/default"]


@pytest.mark.parametrize("name", SPELLINGS)
def test_one_way_to_name_a_world_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What check takes for a world file, a server and a test take too, however it is spelled."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    written(path, SMALL)
    assert run("worlds", "check", name).stdout == f"{name}: 0 locations, 0 profiles, 0 appointments, 0 shipments\n"
    assert get_fixture(name).title == "Small"
    assert get_fixture(f"~/{name}") is get_fixture(name) is get_fixture(str(path))
    assert run("worlds", "check", f"~/{name}").exit_code == 0


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("folder", "cannot be read: Is a directory"),
        ("./nothing", "cannot be read: No such file or directory"),
        ("~/nothing", "cannot be read: No such file or directory"),
        ("nothing.YAML", "cannot be read: No such file or directory"),
        ("nothing", "nothing: there is no such fixture; use one of default, large, or the path of a world file"),
        ("n" * 5000, "there is no such fixture"),
        (f"{'n' * 5000}.yaml", "cannot be read: File name too long"),
    ],
)
def test_what_leads_to_no_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, told: str) -> None:
    """What leads to no world file is told alike by check and by serve, in one line."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "folder").mkdir()
    result = run("worlds", "check", name)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert told in line
    assert told in complaint(run("serve", "--port", "0", "--world", name), 1)


def test_the_name_of_a_fixture_is_no_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is called as a fixture is found by a path only."""
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "default", SMALL)
    assert get_fixture("default").title != "Small"
    assert run("worlds", "check", "default").stdout.startswith("default: 10 locations")
    assert run("worlds", "check", "./default").stdout.startswith("./default: 0 locations")


def test_a_world_from_standard_input() -> None:
    """A single hyphen is what comes in, byte by byte, in YAML or in JSON; its problems have lines, too."""
    escaped = json.dumps(snapshot() | {"version": 1})
    for text, told in ((SMALL, "<stdin>: 0 locations"), (escaped, "<stdin>: 10 locations")):
        result = run("worlds", "check", "-", input=text.encode())
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout.startswith(told)
    for content, told in (
        (SMALL.replace("Small", "[]").encode(), "<stdin>:1: title: must be text"),
        (SMALL.encode("utf-16"), "<stdin>:1: the file: is written in UTF-16; save it as UTF-8"),
        (b"", "<stdin>:1: the file: must be a mapping"),
    ):
        result = run("worlds", "check", "-", input=content)
        assert (result.exit_code, result.stderr.splitlines()) == (1, [told])


def test_problems_come_by_line_and_are_counted(tmp_path: Path) -> None:
    """Every problem of a file is told at once, structure, references and coherence alike, in the order of its lines; of
    many, a hundred are told and the rest is counted."""
    plain = snapshot()
    plain["links"].append(plain["links"][0])
    plain["profiles"][1]["group"] = UNKNOWN
    plain["profiles"][0]["email"] = "nobody"
    plain["locations"][0]["country_code"] = "Germany"
    plain["locations"][1]["timezone"] = "Mars/Base"
    plain["ids"]["seed"] = -1
    said = run("worlds", "check", written(tmp_path / "mine.yaml", dump_yaml(plain))).stderr.splitlines()
    assert [line.split(": ")[1] for line in said] == [
        "ids.seed",
        "locations[0].country_code",
        "locations[1].timezone",
        "profiles[0].email",
        "profiles[1].group",
        f"links[{len(plain['links']) - 1}]",
    ]
    lines = [int(line.split(":")[1]) for line in said]
    assert lines == sorted(lines)

    groups = [{"slug": f"Group {number}", "name": "x"} for number in range(250)]
    path = written(
        tmp_path / "many.yaml", SMALL.replace("location_groups: []", f"location_groups: {json.dumps(groups)}", 1)
    )
    said = run("worlds", "check", path).stderr.splitlines()
    assert len(said) == 101
    assert said[-1] == "many.yaml: and 150 more problems"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("title: Small", f"title: Small\nversion: {'1' * 5000}", "mine.yaml:2: version: the number '1"),
        ("title: Small", "title: NO", ""),
        ("title: Small", "title: 5", "mine.yaml:1: title: must be text; put it in quotes"),
        ("title: Small", "title: [", "mine.yaml:"),
    ],
)
def test_odd_values_of_a_world_file(tmp_path: Path, old: str, new: str, told: str) -> None:
    """A value that cannot be is one line with its place; what YAML 1.2 calls text is text."""
    result = run("worlds", "check", written(tmp_path / "mine.yaml", SMALL.replace(old, new)))
    assert result.exit_code == (1 if told else 0)
    assert result.stderr.startswith(told)
    assert len(result.stderr.splitlines()) == (1 if told else 0)


# Writing


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Where a sandbox runs whose default world has changed."""
    with serving("--clock", "frozen", "--seed", "7") as (_process, facts):
        control = f"{facts['control']}/worlds/default"
        assert call(f"{facts['url']}/api/v1/shipments/P2604154821", method="DELETE")[0] == 200
        assert call(f"{control}/snapshot")[1]["ids"]["seed"] == 7
        yield facts["url"]


def test_export_prints(url: str) -> None:
    """Without a file, the export is printed, and nothing else."""
    result = run("worlds", "export", "--url", f"{url}/")
    assert (result.exit_code, result.stderr) == (0, "")
    assert load_yaml(result.stdout) == call(f"{url}/_sandbox/worlds/default/snapshot")[1]


def test_export_prints_utf8(url: str) -> None:
    """What is printed is the same whatever the locale writes, also what it has no letters for."""
    name = f"{url}/_sandbox/worlds/letters"
    plain = call(f"{url}/_sandbox/worlds/default/snapshot")[1]
    plain["profiles"][0]["first_name"] = "Łucja"
    assert (put(name, {}), put(f"{name}/snapshot", plain)) == (200, 200)
    ran = subprocess.run(
        [sys.executable, "-m", "aniva_sandbox", "worlds", "export", "letters", "--url", url],
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        timeout=120,
        check=True,
    )
    assert load_yaml(ran.stdout.decode("utf-8")) == call(f"{name}/snapshot")[1]
    assert "Łucja".encode() in ran.stdout
    assert call(name, method="DELETE")[0] == 200


@pytest.mark.parametrize("form", ["{}", "{}/", "{}/api/v1", " {}/api/v1/ "])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_address_to_export_from(url: str, form: str, scheme: str) -> None:
    """The address needs no scheme, and may be that of the partner API."""
    address = form.format(f"{scheme}{url.removeprefix('http://')}")
    assert run("worlds", "export", "--url", address).exit_code == 0


class Proxy(http.server.BaseHTTPRequestHandler):
    """Answers everything itself, and remembers what it was asked for."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(403 if "denied" in self.path else 200)
        self.end_headers()
        self.wfile.write(b"<html>\n<p>Not\nfrom here\n" * 1000 if "denied" in self.path else b'{"by": "proxy"}')

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What a proxy is asked for that the environment names for everything."""
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    Proxy.asked.clear()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{server.server_port}")
        yield Proxy.asked
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.1.1.1"])
def test_no_proxy_before_loopback(url: str, proxy: list[str], host: str) -> None:
    """A sandbox on this machine is asked without the proxy that the environment names: it has no way there."""
    result = run("worlds", "export", "--url", url.replace("127.0.0.1", host))
    if host == "127.1.1.1":  # where only 127.0.0.1 listens, nobody answers
        assert "cannot be read: " in complaint(result, 1)
    else:
        assert "by: proxy" not in result.stdout
        assert result.exit_code == 0
    assert proxy == []


def test_proxy_before_others(proxy: list[str]) -> None:
    """A sandbox elsewhere is asked through it; what a proxy says is told in one line."""
    assert run("worlds", "export", "--url", "sandbox.invalid:8000").stdout == "by: proxy\n"
    said = complaint(run("worlds", "export", "denied", "--url", "http://sandbox.invalid"), 1)
    assert said.startswith(
        "http://sandbox.invalid/_sandbox/worlds/denied/snapshot returned 403: <html> <p>Not from here <html>"
    )
    assert len(said) < 700
    assert proxy == [
        "http://sandbox.invalid:8000/_sandbox/worlds/default/snapshot",
        "http://sandbox.invalid/_sandbox/worlds/denied/snapshot",
    ]


def test_export_and_begin_from_it(url: str, tmp_path: Path) -> None:
    """An export into a file replaces it whole and names it; a server that begins from it shows the same world."""
    path = tmp_path / "exported.yaml"
    written(path, "something else")
    result = run("worlds", "export", "default", "--url", url, "-o", str(path))
    assert (result.exit_code, result.stdout) == (0, f"wrote {path}\n")
    assert list(tmp_path.iterdir()) == [path]
    assert run("worlds", "check", str(path)).exit_code == 0
    with serving("--world", str(path), "--clock", "frozen") as (_process, facts):
        for place in (
            "_sandbox/worlds/default/snapshot",
            "api/v1/shipments",
            "api/v1/appointments",
            f"api/v1/profiles/{PROFILE}",
        ):
            status, body, _headers = call(f"{url}/{place}")
            assert (status, body) == call(f"{facts['url']}/{place}")[:2]
            assert status == 200
        begun = call(f"{facts['control']}/worlds")[1]
        assert [(world["fixture"], world["seed"]) for world in begun] == [("exported", 7)]


def test_export_as_json(url: str, tmp_path: Path) -> None:
    """An export into a file whose name ends in .json is JSON."""
    path = tmp_path / "exported.JSON"
    assert run("worlds", "export", "--url", url, "-o", str(path)).exit_code == 0
    assert json.loads(path.read_bytes()) == call(f"{url}/_sandbox/worlds/default/snapshot")[1]
    assert run("worlds", "check", str(path)).exit_code == 0


def test_an_export_to_a_dash_is_printed(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with other tools, - is standard output, and no file of that name is made."""
    monkeypatch.chdir(tmp_path)
    printed, dashed = (run("worlds", "export", "--url", url, *more) for more in ((), ("-o", "-")))
    assert (dashed.exit_code, dashed.stdout) == (0, printed.stdout)
    assert list(tmp_path.iterdir()) == []


def test_an_export_does_not_begin_earlier(url: str, tmp_path: Path) -> None:
    """A clock before the export is refused in one line."""
    path = tmp_path / "exported.yaml"
    run("worlds", "export", "--url", url, "-o", str(path))
    said = complaint(run("serve", "--port", "0", "--world", str(path), "--clock", "2026-04-12T00:00:00Z"), 1)
    assert said == "the clock of exported must start at 2026-04-13T08:00:00Z or later"


@pytest.mark.parametrize("world", ["nobody", "no body", "../default", "NOBODY", "ü", "default/reset?x"])
def test_export_of_an_unknown_world(url: str, tmp_path: Path, world: str) -> None:
    """A world that is not there is told in one line, and the file stays as it was."""
    path = tmp_path / "exported.yaml"
    written(path, "as it was")
    assert "returned 40" in complaint(run("worlds", "export", world, "--url", url, "-o", str(path)), 1)
    assert path.read_text(encoding="utf-8") == "as it was"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("address", "exit_code", "says"),
    [
        ("127.0.0.1:1", 1, "http://127.0.0.1:1/_sandbox/worlds/default/snapshot cannot be read: Connection refused"),
        ("http://nonsense.invalid", 1, "http://nonsense.invalid/_sandbox/worlds/default/snapshot cannot be read: "),
        ("http://", 2, "'http://' is not the address of a server, such as http://127.0.0.1:8000 or "),
        ("", 2, "'' is not the address of a server"),
    ],
)
def test_export_from_nowhere(tmp_path: Path, address: str, exit_code: int, says: str) -> None:
    """Where nobody answers, or the address is none, one line says so, and the file stays as it was."""
    path = tmp_path / "exported.yaml"
    written(path, "as it was")
    said = complaint(run("worlds", "export", "--url", address, "-o", str(path)), exit_code)
    assert says in said
    assert "<urlopen" not in said
    assert path.read_text(encoding="utf-8") == "as it was"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", b""])
def test_export_from_something_else(tmp_path: Path, answer: bytes) -> None:
    """What is no answer, or not a whole one, is told in one line, and no file is made."""

    class Odd(http.server.BaseHTTPRequestHandler):
        def handle(self) -> None:
            self.connection.recv(65536)
            self.wfile.write(answer)

    with http.server.HTTPServer(("127.0.0.1", 0), Odd) as odd:
        thread = threading.Thread(target=odd.handle_request)
        thread.start()
        address = f"http://127.0.0.1:{odd.server_port}"
        said = complaint(run("worlds", "export", "--url", address, "-o", str(tmp_path / "x.yaml")), 1)
        thread.join()
    assert "cannot be read: " in said
    assert list(tmp_path.iterdir()) == []


def test_export_to_where_nothing_can_be_written(url: str, tmp_path: Path) -> None:
    """A file that cannot be written is told in one line."""
    path = tmp_path / "missing" / "exported.yaml"
    said = complaint(run("worlds", "export", "--url", url, "-o", str(path)), 1)
    assert said == f"{path} cannot be written: No such file or directory"
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "exported.yaml"
    assert complaint(run("worlds", "export", "--url", url, "-o", str(path)), 1) == (
        f"{path} cannot be written: Not a directory"
    )


def test_export_names_its_token(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token is taken from the option or the environment; where none is needed it does no harm."""
    assert run("worlds", "export", "--url", url, "--token", "secret").exit_code == 0
    monkeypatch.setenv("ANIVA_SANDBOX_TOKEN", "secret")
    assert run("worlds", "export", "--url", url).exit_code == 0


# Limits


@pytest.mark.rule("world.full")
def test_limits_of_a_server() -> None:
    """The limits given at the start hold: a world for which another had to go is told on stderr."""
    options = ("--max-worlds", "1", "--max-records", "1", "--max-journal", "1")
    with serving("--clock", "frozen", *options) as (process, facts):
        units = f"{facts['url']}/api/v1/units"
        assert [call(units)[0] for _ in range(3)] == [200, 200, 200]
        journal = call(f"{facts['control']}/worlds/default/journal")[1]
        assert (journal["dropped"], len(journal["exchanges"])) == (2, 1)
        event = {"type": "kit.ordered", "profile_id": PROFILE}
        status, headers = post(f"{facts['control']}/worlds/default/events", event)
        assert (status, headers["x-sandbox-rule"]) == (507, "world.full; basis=sandbox")
        assert call(units, "sbx_other")[0] == 200
        assert [world["name"] for world in call(f"{facts['control']}/worlds")[1]] == ["other"]
        process.terminate()
        errors = process.communicate(timeout=30)[1]
    assert errors.splitlines() == [
        "WARNING: dropped the idle world 'default' to make room for a new one: --max-worlds is 1",
        "INFO: created the world 'other' at the first use of its key",
    ]


@pytest.mark.parametrize(
    ("option", "value"), [("--max-worlds", "0"), ("--max-records", "0"), ("--max-journal", "-1"), ("--max-worlds", "x")]
)
def test_limits_that_cannot_be(option: str, value: str) -> None:
    """A limit out of range is told in one line that names the option."""
    assert option in complaint(run("serve", option, value), 2)


def put(url: str, body: Any) -> int:
    """Status of the answer to a body that is put."""
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="PUT")
    with urllib.request.urlopen(request, timeout=30) as answer:
        status: int = answer.status
        return status


def post(url: str, body: Any) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer to a body."""
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, dict(answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers)


# YAML

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    [
        *("1", "-1", "+1", "0x1f", "012", "0o17", "1_000", "12:30", "12:30:45", "1.5", ".5", "1.", "1e3", "1e-07"),
        *(".inf", "-.inf", ".nan", "true", "True", "yes", "no", "on", "off", "y", "n", "null", "Null", "~", ""),
        *("2026-04-13", "2026-04-13T08:00:00Z", "=", "<<", "- a", "a: b", "a #b", "#", "&a", "*a", "!a", "|", ">", "%"),
        *("'", '"', "\\", " a", "a ", "a\n", "\na", "a\n\nb", "\t", "a\tb", "\r", "a\r\nb", "\0", "\x85", "\u2028"),
        *("\ufeff", "\ufeffa", "🧪", "@", "`", "?", ":", "-", "---", "...", "[", "]", "{", "}", ",", "a" * 200),
        " ".join(["word"] * 60),
    ]
)
NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(ANYTHING)
def test_what_is_dumped_is_loaded(data: Any) -> None:
    """Every plain value is read back as it was written, of the same type, keys included and in their order."""
    text = dump_yaml(data)
    assert repr(load_yaml(text)) == repr(data)
    assert repr(yaml.safe_load(text)) == repr(data)  # which reads YAML 1.1
