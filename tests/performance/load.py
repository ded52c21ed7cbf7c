"""Load: requests per second over keep-alive connections, with wrk where it is installed, else with a loader of our own.

The loader of our own shares its core's speed with nobody but is slower than wrk; its ratios are then what to read.
"""

import json
import os
import re
import selectors
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

CONNECTIONS = 16
TURN = "<turn>"
LOADER = "wrk" if shutil.which("wrk") else "the bundled loader"


class Load(NamedTuple):
    """A request to send again and again, and whether it should succeed.

    With ``turns``, each request has the next of these texts in the place of ``TURN`` in its path or its body; they are
    of one length.
    """

    method: str
    path: str
    body: bytes = b""
    succeeds: bool = True
    headers: tuple[tuple[str, str], ...] = (("x-api-key", "sbx_default"),)
    turns: tuple[str, ...] = ()
    own_worlds: bool = False
    """Whether each connection calls a world of its own."""
    connections: int = CONNECTIONS


def measure_rate(port: int, load: Load, seconds: float, core: int) -> float:
    """Requests per second of a server on this machine, the load coming from the given core."""
    headers = ({"content-type": "application/json"} if load.body else {}) | dict(load.headers)
    if LOADER == "wrk":
        return _wrk(port, load, headers, seconds, core)
    return _bundled(port, load, headers, seconds, core)


def _wrk(port: int, load: Load, headers: Mapping[str, str], seconds: float, core: int) -> float:
    script = f"wrk.method = {json.dumps(load.method)}\n"
    if load.body:
        script += f"wrk.body = [[{load.body.decode()}]]\n"
    for name, value in headers.items():
        script += f"wrk.headers[{json.dumps(name)}] = {json.dumps(value)}\n"
    script += _lua_of_turns(load) if load.turns else ""
    script += _LUA_OF_OWN_WORLDS if load.own_worlds else ""
    threads = load.connections if load.own_worlds else 1  # each with one connection
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = [
            "taskset",
            "-c",
            str(core),
            "wrk",
            f"-t{threads}",
            f"-c{load.connections}",
            f"-d{seconds:.0f}s",
            "-s",
            file.name,
        ]
        url = f"http://127.0.0.1:{port}{load.path}"
        printed = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    if load.succeeds and "Non-2xx" in printed:
        raise RuntimeError(f"{load.method} {load.path} did not succeed:\n{printed}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", printed)
    if found is None:
        raise RuntimeError(f"wrk printed no rate:\n{printed}")
    return float(found[1])


_LUA_OF_OWN_WORLDS = """
local threads = 0
function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end
function init()
    wrk.headers["x-api-key"] = "sbx_world-" .. number
end
"""


def _lua_of_turns(load: Load) -> str:
    """What lets wrk send the next of several requests each time, all written beforehand."""
    texts = ", ".join(map(json.dumps, load.turns))
    path, body = (f"({json.dumps(text)}):gsub({json.dumps(TURN)}, text)" for text in (load.path, load.body.decode()))
    return f"""
local requests, next_one = {{}}, 0
function init()
    for number, text in ipairs({{{texts}}}) do
        local path, body = {path}, {body}
        requests[number] = wrk.format(nil, path, nil, body ~= "" and body or nil)
    end
end
function request()
    next_one = next_one % #requests + 1
    return requests[next_one]
end
"""


def _bundled(port: int, load: Load, headers: Mapping[str, str], seconds: float, core: int) -> float:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        return _send(port, load, headers, seconds)
    finally:
        os.sched_setaffinity(0, cores)


def _send(port: int, load: Load, headers: Mapping[str, str], seconds: float) -> float:
    requests = cycle([_request(load, headers, text) for text in load.turns or ("",)])
    selector = selectors.DefaultSelector()
    for number in range(load.connections):
        connection = socket.create_connection(("127.0.0.1", port))
        each = requests
        if load.own_worlds:
            each = cycle([_request(load, {**headers, "x-api-key": f"sbx_world-{number}"}, "")])
        connection.sendall(next(each))
        selector.register(connection, selectors.EVENT_READ, (bytearray(), each))
    done = 0
    begin = time.perf_counter()
    while (elapsed := time.perf_counter() - begin) < seconds:
        for key, _ in selector.select(timeout=1):
            connection, (received, each) = key.fileobj, key.data
            assert isinstance(connection, socket.socket)
            received += connection.recv(65536)
            head, separator, body = bytes(received).partition(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            if separator and length and len(body) >= int(length[1]):
                if load.succeeds and not head.startswith(b"HTTP/1.1 2"):
                    raise RuntimeError(f"{load.method} {load.path} did not succeed: {head.decode()}")
                done += 1
                received.clear()
                connection.sendall(next(each))
    for key in list(selector.get_map().values()):
        assert isinstance(key.fileobj, socket.socket)
        key.fileobj.close()
    return done / elapsed


def _request(load: Load, headers: Mapping[str, str], text: str) -> bytes:
    body = load.body.decode().replace(TURN, text)
    lines = [f"{load.method} {load.path.replace(TURN, text)} HTTP/1.1", "host: 127.0.0.1"]
    lines += [f"content-length: {len(body)}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", body]).encode()


def write_body(body: bytes) -> Path:
    """A temporary file with these bytes."""
    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(body)
    return Path(file.name)
