"""Measures the sandbox beside other test doubles, in one run, in turn, each server on one core of its own.

``python -m tests.performance.peers`` installs the peers, in the versions that npm and PyPI give, into a temporary
folder, and prints the table; ``--folder`` keeps them for the next run, ``--write`` also puts the table into the
guide's page on performance and the figures into ``tests/performance/peers.json``. Needs Linux, two cores, wrk, npm,
Node.js and Java.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aniva_sandbox import VERSION
from tests.performance.load import CONNECTIONS, LOADER, Load, measure_rate
from tests.performance.peer_servers import BARE, PEERS, PYTHON, SANDBOX, Server, send, write_files
from tests.performance.servers import LOAD_CORE, ROOT, SERVER_CORE, bare

FIGURES = ROOT / "tests/performance/peers.json"
PAGE = ROOT / "src/aniva_sandbox/guide/performance.md"
CALLS = ("GET", "POST")


def main() -> None:
    """Install the peers, measure everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="where the peers are installed, and kept for the next run")
    parser.add_argument("--seconds", type=float, default=2, help="for each rate")
    parser.add_argument("--warm-up", type=float, default=10, help="seconds for each call of Java and Node.js")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--write", action="store_true", help="into the guide and peers.json")
    options = parser.parse_args()
    if missing := [name for name in ("wrk", "npm", "node", "java") if shutil.which(name) is None]:
        parser.error(f"not installed: {', '.join(missing)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the servers end with it
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what pip installs is compiled
    with tempfile.TemporaryDirectory() as temporary:
        folder = (options.folder or Path(temporary)).absolute()
        install(folder)
        write_files(folder / "served")
        figures = measure(folder, options.seconds, options.warm_up, options.rounds)
    table = written(figures)
    sys.stdout.write(table)
    if options.write:
        FIGURES.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
        PAGE.write_text(put(table, PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def install(folder: Path) -> None:
    """Install the newest version of each peer that runs here, unless the folder has them all."""
    packages: dict[str, list[str]] = {"npm": [], "pypi": []}
    for peer in PEERS:
        registry, _, package = peer.package.partition(":")
        packages[registry].append(package)
    installed = folder / "installed.json"
    if installed.exists() and json.loads(installed.read_bytes()) == packages:
        return
    folder.mkdir(parents=True, exist_ok=True)
    npm = ["npm", "install", "--prefix", ".", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([*npm, *packages["npm"]], cwd=folder, check=True, stdout=sys.stderr)
    subprocess.run([sys.executable, "-m", "venv", "venv"], cwd=folder, check=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "-q", *packages["pypi"]], cwd=folder, check=True)
    installed.write_text(json.dumps(packages), encoding="utf-8")


def version_of(peer: Server, folder: Path) -> str:
    """The installed version of a peer."""
    registry, _, package = peer.package.partition(":")
    if registry == "npm":
        return str(json.loads((folder / "node_modules" / package / "package.json").read_bytes())["version"])
    code = f"import importlib.metadata as m; print(m.version({package.partition('[')[0]!r}))"
    return _printed(str(folder / PYTHON), "-c", code)


@contextmanager
def serving(server: Server, folder: Path) -> Iterator[int]:
    """A server process on one core; its port once it responds."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    where = folder if server.package else ROOT
    words = [word.format(port=port) for word in server.command]
    words = [str(next(where.glob(word))) if "*" in word else word for word in words]
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            ["taskset", "-c", str(SERVER_CORE), *words], cwd=where, stdout=printed, stderr=subprocess.STDOUT
        )
        try:
            if not _responds(port, process):
                printed.seek(0)
                raise RuntimeError(f"{server.name} did not start:\n{printed.read().decode(errors='replace')}")
            yield port
        finally:
            process.kill()
            process.wait()


def _responds(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Wait until a server responds, whatever it says."""
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        try:
            send(port, Load("GET", "/"))
        except urllib.error.HTTPError:
            return True
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


def check(server: Server, port: int) -> None:
    """Raise an error if a server that should refuse a booking without fields accepts it."""
    try:
        send(port, server.calls(port).post._replace(body=b"{}"))
    except urllib.error.HTTPError as error:
        if 400 <= error.code < 500:
            return
        raise
    raise RuntimeError(f"{server.name} accepts any booking")


def measure(folder: Path, seconds: float, warm_up: float, rounds: int) -> dict[str, Any]:
    """Requests per second of every server in turn: the medians of the rounds, and of the sandbox's ratios."""
    servers = (SANDBOX, BARE._replace(command=bare(folder / "served/appointment.json")), *PEERS)
    rates: dict[str, list[tuple[float, ...]]] = {server.name: [] for server in servers}
    with ExitStack() as stack:
        ports = {server: stack.enter_context(serving(server, folder)) for server in servers}
        for server, port in ports.items():
            if server.refuses:
                check(server, port)
            if server.warms_up:
                for load in server.calls(port):
                    measure_rate(port, load, warm_up, LOAD_CORE)
        for _ in range(rounds):
            for server, port in ports.items():
                calls = server.calls(port)
                rates[server.name].append(tuple(measure_rate(port, load, seconds, LOAD_CORE) for load in calls))
    versions = {SANDBOX.name: VERSION, BARE.name: version("starlette")}
    return {
        "loader": LOADER,
        "rounds": rounds,
        "python": sys.version.split()[0],
        "node": _printed("node", "--version").removeprefix("v"),
        "java": _printed("java", "--version").split()[1],
        "versions": versions | {peer.name: version_of(peer, folder) for peer in PEERS},
        "rates": {name: compare(rates[SANDBOX.name], found) for name, found in rates.items()},
    }


def compare(ours: list[tuple[float, ...]], theirs: list[tuple[float, ...]]) -> dict[str, dict[str, float]]:
    """The median rate of a server, and the median of the sandbox's ratio to it in each round, by call.

    A server that collects garbage for a whole round has a rate of 0 in it.
    """
    return {
        call: {
            "rate": statistics.median(rates[index] for rates in theirs),
            "ratio": 1 / statistics.median(b[index] / a[index] for a, b in zip(ours, theirs, strict=True)),
        }
        for index, call in enumerate(CALLS)
    }


def written(figures: dict[str, Any]) -> str:
    """The figures as Markdown, and what each server does."""
    rates, versions = figures["rates"], figures["versions"]
    runtimes = f"Python {figures['python']}, Node.js {figures['node']}, Java {figures['java']}"
    lines = [
        f"{runtimes}, {CONNECTIONS} connections, load by {figures['loader']}; medians of {figures['rounds']} rounds.",
        "",
        "| server | GET, per second | ratio | POST, per second | ratio |",
        "|---|---|---|---|---|",
    ]
    for name, calls in rates.items():
        cells = [f"{calls[call]['rate']:,.0f} | {calls[call]['ratio']:.2f}" for call in CALLS]
        lines.append(f"| {name} {versions[name]} | {' | '.join(cells)} |")
    get, post = (min(rates[peer.name][call]["ratio"] for peer in PEERS) for call in CALLS)
    lines += [
        "",
        f"Ratio of the sandbox to the fastest peer: {get:.2f} for GET, {post:.2f} for POST.",
        "",
        "| server | for each call |",
        "|---|---|",
        *(f"| {server.name} | {server.does} |" for server in (SANDBOX, BARE, *PEERS)),
    ]
    return "\n".join(lines) + "\n"


def put(table: str, page: str) -> str:
    """The page with the table between its marks."""
    marks = r"(?<=<!-- peers -->\n).*(?=<!-- /peers -->)"
    return re.sub(marks, lambda _: table, page, flags=re.DOTALL)


def _printed(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
