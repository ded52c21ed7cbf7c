"""What the README and the guide show is true: transcripts come out as printed, Python runs, the set-up is CI's."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aniva_sandbox.cli.serve import serve
from tests.guide.pages import PAGES, ROOT, blocks, environment_in, steps
from tests.testing.common import LIGHT

ADDRESS = "127.0.0.1:8000"
START = "aniva-sandbox serve"
FROZEN = f"{START} --clock frozen"
WALK = ("README", "quick-start")
"""The pages whose commands share the server of the set-up."""
OWN_API = "double-of-your-own-api"
"""The page whose Python is one file, which `tests/engine` runs, and whose commands are for what it serves."""
STARTS = {
    OWN_API: "uvicorn todo:app",
    "what-your-tests-never-met": f"{FROZEN} --coverage",
    "shared-worlds": f"{FROZEN} --workers 2",
}
"""How the server of a page's commands is started, where that is special."""
ASSIGNMENT = re.compile(r"[A-Z]+=\S.*")


def matches(printed: str, expected: str) -> bool:
    """Whether a text is as expected, where `...` matches anything."""
    pattern = ".*".join(re.escape(part) for part in expected.strip().split("..."))
    return re.fullmatch(pattern, printed.replace("\r", "").strip(), re.DOTALL) is not None


@contextmanager
def serving(command: str, folder: Path, environment: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The address and the banner of a server that is started as the pages say."""
    with subprocess.Popen(
        [*command.split(), "--port", "0"],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        assert server.stdout is not None
        banner = ""
        while "ctrl-c" not in banner.lower().replace("+", "-"):
            line = server.stdout.readline()
            assert line, banner
            banner += line
        try:
            yield re.findall(r"127\.0\.0\.1:\d+", banner)[0], banner
        finally:
            server.send_signal(2)


def walk(page: str, address: str, folder: Path, environment: dict[str, str]) -> None:
    """Every command of a page prints what the page shows, against the server at an address; the command that started
    it is not repeated."""
    settings = ""
    for command, expected in steps(page):
        if command.startswith(START):
            continue
        if ASSIGNMENT.fullmatch(command):
            settings += f"{command.replace(ADDRESS, address)}\n"
            continue
        script = settings + command.replace(ADDRESS, address)
        done = subprocess.run(
            ["bash", "-c", script], cwd=folder, env=environment, capture_output=True, text=True, check=True
        )
        printed = done.stdout.replace(address, ADDRESS)
        assert matches(printed, expected), f"$ {command}\n{printed}\n-- instead of --\n{expected}"


@pytest.mark.parametrize("topic", [topic for topic in PAGES if steps(topic) and topic not in WALK])
def test_transcripts_come_out_as_printed(tmp_path: Path, topic: str) -> None:
    """Against a server of its own, every command of a page prints what the page shows."""
    start = STARTS.get(topic, FROZEN)
    (tmp_path / "todo.py").write_text("\n".join(blocks("python", OWN_API)), encoding="utf-8")
    assert f"`{start}`" in PAGES[topic] or f"\n{start} " in PAGES[topic] or "curl" not in PAGES[topic]
    environment = environment_in(tmp_path)
    with serving(start, tmp_path, environment) as (address, _banner):
        walk(topic, address, tmp_path, environment)


def test_one_server_one_walk(tmp_path: Path) -> None:
    """The commands of the README and of the quick start, one page after the other, print what is shown against one
    server, which is started as the set-up does; the walk can be repeated."""
    set_up = blocks("sh", "README")[0].strip().rpartition(" && ")[2].removeprefix(".venv/bin/")
    assert set_up == START
    (shown,) = (step.printed for page in WALK for step in steps(page) if step.command == set_up)
    environment = environment_in(tmp_path)
    with serving(set_up, tmp_path, environment) as (address, banner):
        assert matches(banner.replace(address, ADDRESS), shown)
        for page in (*WALK, *WALK):
            walk(page, address, tmp_path, environment)


def test_the_address_of_the_pages_is_the_default() -> None:
    """The address in the commands is where a server listens unless it is started otherwise."""
    defaults = {option.name: option.default for option in serve.params}
    assert f"{defaults['host']}:{defaults['port']}" == ADDRESS


def test_python_examples_run(tmp_path: Path) -> None:
    """The pytest examples pass in an empty directory."""
    examples = [block for page in PAGES if page != OWN_API for block in blocks("python", page)]
    assert len(examples) > 5
    for number, example in enumerate(examples):
        (tmp_path / f"test_example_{number}.py").write_text(example, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *LIGHT, "-p", "no:asyncio", "-W", "error"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_set_up_is_what_ci_does() -> None:
    """The second set-up command is, word for word, how CI makes its environment and runs the tests."""
    run, test = (block.strip() for block in blocks("sh", "README"))
    assert test in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert run.split(" && ")[0] == test.split(" && ")[0]
