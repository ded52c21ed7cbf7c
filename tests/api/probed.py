"""Worlds of the default fixture in which there is a probe."""

from contextlib import suppress
from datetime import timedelta
from functools import cache
from itertools import count

import httpx2
import msgspec

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.problems import Data
from aniva_sandbox.engine.world.events import advance
from aniva_sandbox.engine.world.snapshot import read_state, write_state
from aniva_sandbox.testing.aniva import ControlError
from aniva_sandbox.testing.live import LiveServer
from tests.engine.evidence.probes.prober import Probe
from tests.in_process import InProcess
from tests.support import Client

__all__ = ["Probed"]

_NUMBERS = count()
_SOUND: set[bytes] = set()
"""The states in which everything was found to be sound."""


@cache
def _server() -> LiveServer:
    """A server of its own, to which nothing connects."""
    return LiveServer()


class Probed:
    """A fresh world with a probe, and what calls it."""

    def __init__(self, probe: Probe) -> None:
        server, name = _server(), f"probed-{next(_NUMBERS)}"
        self.aniva = InProcess.fresh(server, name)
        self.client = Client(server.worlds, f"sbx_{name}")
        self.world: World = self.client.world  # type: ignore[assignment]
        self.world.probe = self.probe = probe

    def run(self, text: str) -> None:
        """Run a next step. Its last call may be lost, or its event refused."""
        with suppress(httpx2.TransportError, ControlError):
            exec(text, {"aniva": self.aniva})

    def defects(self) -> list[str]:
        """What broke."""
        return [call.outcome.mismatch for call in self.probe.calls if call.outcome.mismatch is not None]

    def check(self) -> None:
        """Everything can be read, drawn and waited for, and the snapshot restored, whatever went before. Of a state
        that was found sound only the reading is repeated: what is waited for follows from the state alone, and most
        calls change nothing."""
        self.world.probe = self.probe = Probe()
        state = self.restore()
        if state in _SOUND:
            self.tour()
            assert self.defects() == []
            return
        self.tour()
        for appointment in [*self.world.appointments]:
            self.client.post(f"/appointments/{appointment.id}/confirm", {"barcode": "4130075218"})
        for shipment in [*self.world.shipments]:
            self.client.patch(f"/shipments/{shipment.id}", {"package_count": 2})
        advance(self.world, self.world.now + timedelta(days=40))
        self.tour()
        self.restore()
        assert self.defects() == []
        _SOUND.add(state)

    def restore(self) -> bytes:
        """Write the world, and read it as a restore does. Raises FixtureError."""
        written = msgspec.json.encode(write_state(self.world.state, DOMAIN))
        state = read_state(Data(msgspec.json.decode(written)), DOMAIN)
        assert msgspec.json.encode(write_state(state, DOMAIN)) == written
        return written

    def tour(self) -> None:
        """Read everything."""
        paths = ["/profiles", "/locations", "/appointments", "/shipments"]
        paths += [f"/profiles/{profile.id}" for profile in self.world.profiles]
        paths += [f"/appointments?profile_id={profile.id}" for profile in self.world.profiles]
        paths += [
            f"/locations/{location.id}/availability?end_date={self.world.now.date()}"
            for location in self.world.locations
        ]
        paths += [
            f"/shipments/{shipment.id}{rest}" for shipment in self.world.shipments for rest in ("", "/appointments")
        ]
        for appointment in self.world.appointments:
            paths += [f"/appointments/{appointment.id}{rest}" for rest in ("", "/results", "/preview", "/shipments")]
        for path in paths:
            assert self.client.get(path).status in (200, 403, 404), path
