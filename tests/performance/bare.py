"""The yardstick: a bare Starlette app that answers with one constant body.

``python -m tests.performance.bare PORT FILE`` serves the bytes of FILE, under uvicorn as the sandbox sets it up. It
imports nothing of the sandbox, so that its start and its memory are bare too.
"""

import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def main(port: int, file: Path) -> None:
    """Serve until killed."""
    constant = file.read_bytes()

    async def answer(_request: Request) -> Response:
        return Response(constant, media_type="application/json")

    appointment = "/api/v1/appointments/{id}"
    paths = (appointment, f"{appointment}/shipments", "/api/v1/appointments", "/api/v1/profiles")
    app = Starlette(routes=[Route(path, answer, methods=["GET", "POST"]) for path in paths])
    uvicorn.run(app, port=port, log_level="warning", access_log=False, lifespan="off", server_header=False)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
