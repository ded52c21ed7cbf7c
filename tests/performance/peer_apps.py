"""Peers that are libraries, or whose own command does too much: an app of each, on 127.0.0.1, without an access log.

``python peer_apps.py NAME PORT`` serves one, run by the Python that has the peer, in the folder of its files. It
imports nothing of the sandbox.
"""

import json
import sys
from pathlib import Path
from typing import IO, Any

SERVED = Path("served")


def serve_connexion(port: int) -> None:
    """Both operations answer with a constant; connexion checks the request against the document first."""
    import uvicorn
    from connexion import AsyncApp
    from connexion.resolver import Resolver

    appointment = json.loads((SERVED / "appointment.json").read_bytes())

    async def get_appointment(**_: Any) -> Any:
        return appointment

    async def create_appointment(**_: Any) -> Any:
        return appointment, 201

    operations = {"get_appointment": get_appointment, "create_appointment": create_appointment}
    app = AsyncApp("peer")
    app.add_api((SERVED / "openapi-3.0.json").absolute(), resolver=Resolver(operations.__getitem__))
    uvicorn.run(app, port=port, log_level="warning", access_log=False)


def serve_localstripe(port: int) -> None:
    """The app of localstripe, which its own command serves on every address."""
    from aiohttp import web
    from localstripe import resources
    from localstripe.server import app

    def open_here(path: str, mode: str) -> IO[bytes]:
        return Path(Path(path).name).open(mode)

    # It writes its store to a file directly under /tmp, where another localstripe may have its own.
    resources.open = open_here
    web.run_app(app, host="127.0.0.1", port=port, access_log=None)


if __name__ == "__main__":
    {"connexion": serve_connexion, "localstripe": serve_localstripe}[sys.argv[1]](int(sys.argv[2]))
