"""The README is true: its transcripts come out as printed, its Python runs, its set-up is what CI does."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aniva_sandbox.laboratory.magic import MAGIC
from aniva_sandbox.simulation.events import EVENTS
from aniva_sandbox.world.state import Settings

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ADDRESS = "127.0.0.1:8000"
SERVE = "aniva-sandbox serve --clock frozen"

CURL = r"""
import sys, time, urllib.error, urllib.request
words = sys.argv[1:]
headers, method, data, url = {}, None, None, ""
show, fail, tries, end = False, False, 1, b""
while words:
    word = words.pop(0)
    if word == "-H":
        name, _, value = words.pop(0).partition(": ")
        headers[name] = value
    elif word == "-X":
        method = words.pop(0)
    elif word == "-d":
        data = words.pop(0).encode()
        data = sys.stdin.buffer.read() if data == b"@-" else data
    elif word == "-i":
        show = True
    elif word == "-fsS":
        fail = True
    elif word == "--retry":
        tries += int(words.pop(0))
    elif word == "-w":
        end = words.pop(0).replace(r"\n", "\n").encode()
    elif word not in ("-s", "--retry-connrefused"):
        url = word
while True:
    try:
        reply = urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method))
    except urllib.error.HTTPError as error:
        if fail:
            sys.exit(f"curl: (22) The answer is {error.status}")
        reply = error
    except urllib.error.URLError as error:
        tries -= 1
        if not tries:
            sys.exit(f"curl: (7) {error}")
        time.sleep(1)
        continue
    break
if show:
    del reply.headers["connection"]  # curl would have kept it open
    print(f"HTTP/1.1 {reply.status} {reply.reason}")
    print(reply.headers, end="", flush=True)
sys.stdout.buffer.write(reply.read() + end)
"""
"""Enough of curl for the README, for machines that have none."""


def blocks(language: str) -> list[str]:
    """The fenced blocks of the README in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def steps() -> list[tuple[str, str]]:
    """Every command of the transcripts, in order, with what it prints."""
    found = []
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.splitlines()
            length = next(index for index, line in enumerate(lines) if not line.endswith("\\")) + 1
            found.append(("\n".join(lines[:length]), "\n".join(lines[length:])))
    return found


def matches(printed: str, expected: str) -> bool:
    """Whether a text is as expected, where `...` stands for anything."""
    pattern = ".*".join(re.escape(part) for part in expected.strip().split("..."))
    return re.fullmatch(pattern, printed.replace("\r", "").strip(), re.DOTALL) is not None


def environment_in(tmp_path: Path) -> dict[str, str]:
    """An environment that has the commands of the README; where curl is missing, the directory gets the stand-in."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if shutil.which("curl") is None:
        stand_in = tmp_path / "curl"
        stand_in.write_text(f"#!{sys.executable}\n{CURL}", encoding="utf-8")
        stand_in.chmod(0o755)
        path = f"{tmp_path}{os.pathsep}{path}"
    return os.environ | {"PATH": path}


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server started as the README says, and an environment that has its commands."""
    environment = environment_in(tmp_path)
    command = [*SERVE.split(), "--port", "0"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        banner = ""
        while "Ctrl-C" not in banner:
            line = server.stdout.readline()
            assert line, server.stderr and server.stderr.read()
            banner += line
        address = re.findall(r"127\.0\.0\.1:\d+", banner)[0]
        (shown,) = [expected for command, expected in steps() if command == SERVE]
        assert matches(banner.replace(address, ADDRESS), shown)
        yield address, environment
        server.send_signal(2)


def test_transcripts_come_out_as_printed(shell: tuple[str, dict[str, str]]) -> None:
    """Every command after the server's start prints what the README shows."""
    address, environment = shell
    walk = [(command, expected) for command, expected in steps() if command != SERVE]
    assert len(walk) > 15
    settings = ""
    for command, expected in walk:
        if re.fullmatch(r"[A-Z]+=\S+", command):
            settings += f"{command.replace(ADDRESS, address)}\n"
            continue
        script = settings + command.replace(ADDRESS, address)
        done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
        printed = done.stdout.replace(address, ADDRESS)
        assert matches(printed, expected), f"$ {command}\n{printed}\n-- instead of --\n{expected}"


def test_python_examples_run(tmp_path: Path) -> None:
    """The pytest examples pass in an empty directory."""
    examples = blocks("python")
    assert examples
    for number, example in enumerate(examples):
        (tmp_path / f"test_example_{number}.py").write_text(example, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio", "-W", "error"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_set_up_is_what_ci_does() -> None:
    """The second set-up command is, word for word, how CI makes its environment and runs the tests."""
    run, test = (block.strip() for block in blocks("sh"))
    assert test in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert run.split(" && ")[0] == test.split(" && ")[0]


def test_every_magic_barcode_is_described() -> None:
    """The table of magic barcodes is the one that the laboratory goes by."""
    (table,) = re.findall(r"<!-- magic -->\n(.*)<!-- /magic -->", README, re.DOTALL)
    assert table == "".join(f"| `{magic.prefix}` | {magic.description} |\n" for magic in MAGIC)


def test_every_setting_is_described() -> None:
    """The table of settings names every one that there is."""
    assert [name for name in Settings.__struct_fields__ if f"`{name}`" not in README] == []


def test_every_event_is_described() -> None:
    """The table of events names every type that there is."""
    assert [type for type in EVENTS if f"`{type}`" not in README] == []
