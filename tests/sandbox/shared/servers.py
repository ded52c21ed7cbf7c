"""Servers, each in a process of its own, that share worlds."""

import json
import subprocess
import sys

PATIENCE = 120.0
COUNT = 3
POINT = 40
"""After how many entries these servers make snapshots: more are made, and the log is cut more often."""
MAIN = (
    "from aniva_sandbox.cli import main; from aniva_sandbox.engine.store import replicas; "
    f"replicas.POINT_ENTRIES = {POINT}; main(prog_name='aniva-sandbox')"
)
SERVE = (sys.executable, "-c", MAIN, "serve", "--json", "--clock", "frozen")


class Servers:
    """Servers on one store, which can be killed: another one takes the place, at the same port."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.ports = [0] * COUNT
        self.processes = [self._start(0) for _ in range(COUNT)]
        for place in range(COUNT):
            self._wait(place)

    def _start(self, port: int) -> subprocess.Popen[str]:
        options = ("--port", str(port), "--store", self._url)
        return subprocess.Popen([*SERVE, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def _wait(self, place: int) -> None:
        output = self.processes[place].stdout
        assert output is not None
        self.ports[place] = int(json.loads(output.readline())["url"].rpartition(":")[2])

    def kill(self, place: int) -> None:
        """Kill a server, and start another one."""
        self.processes[place].kill()
        self._assert_silent(place)
        self.processes[place] = self._start(self.ports[place])
        self._wait(place)

    def end(self) -> None:
        """End all servers, which must end well."""
        for place, process in enumerate(self.processes):
            process.terminate()
            self._assert_silent(place)
            assert process.returncode == 0

    def close(self) -> None:
        """Kill all servers that are left."""
        for process in self.processes:
            process.kill()
            for stream in (process.stdout, process.stderr):
                assert stream is not None
                stream.close()
            process.wait(PATIENCE)

    def _assert_silent(self, place: int) -> None:
        """Wait for the end of a server, which has met no defect."""
        _, said = self.processes[place].communicate(timeout=PATIENCE)
        assert "ERROR" not in said, said
        assert "Traceback" not in said, said
