"""Registers an effect, as one more class among those of the sandbox would be, and prints what comes of it.

Runs in a process of its own: what is derived from the effects is derived once.
"""

import asyncio
import json
from typing import Annotated, Any

from aniva_sandbox.engine.contract.schemas import field
from aniva_sandbox.engine.faults import effects
from aniva_sandbox.engine.faults.delivery import Delivery
from aniva_sandbox.engine.faults.effect import Effect


class Pad(Effect, frozen=True):
    """A body that does not end where it should."""

    pad: Annotated[int, field("The number of spaces after the body.", ge=1, le=100)]
    excludes = ("malformed",)
    reason = "A page is not padded"

    def change_body(self, body: bytes) -> bytes:
        return body + b" " * self.pad

    async def deliver(self, delivery: Delivery) -> None:
        delivery.pieces.append(b"\n")


effects.EFFECTS = (*effects.EFFECTS, Pad)

# Only now, as everything else is derived from them.
from aniva_sandbox.engine.faults.faults import deliver  # noqa: E402
from aniva_sandbox.engine.faults.record import FAULT_EFFECT  # noqa: E402
from aniva_sandbox.engine.serving.pipeline import Request, respond  # noqa: E402
from tests.support import CONTROL, Client  # noqa: E402

FAULTS = "/worlds/test/faults"
SNAPSHOT = "/worlds/test/snapshot"


def bodies(answer: Any) -> list[str]:
    """The pieces of a body, as they are sent."""
    sent = []

    async def send(message: Any) -> None:
        if "body" in message:
            sent.append(message["body"].decode())

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    sending = deliver(
        answer.effect,
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        scope={"method": "GET"},
        receive=receive,
        send=send,
    )
    asyncio.run(sending)
    return sent


def main() -> None:
    """Print a line of JSON."""
    client = Client()
    plain = client.raw("GET", "/units").body
    shown = client.control("POST", FAULTS, {"method": "GET", "pad": 2})
    snapshot = client.control("GET", SNAPSHOT).json
    spoilt = json.loads(json.dumps(snapshot))
    spoilt["faults"][0]["effect"]["pad"] = 101
    answers = [
        respond(client.api, client.worlds, Request("GET", "/api/v1/units", b"", "sbx_test", fault=fault))
        for fault in (None, "pad=3; status=503")
    ]
    schemas = CONTROL.document["components"]["schemas"]
    print(  # noqa: T201
        json.dumps(
            {
                "documented": [schemas[name]["properties"]["pad"] for name in ("FaultRequest", "Fault")],
                "shown": shown.json,
                "saved": snapshot["faults"][0]["effect"],
                "restored": client.control("PUT", SNAPSHOT, snapshot).status,
                "refused": [
                    client.control(*call).json["error"]
                    for call in (
                        ("POST", FAULTS, {"method": "GET", "pad": 0}),
                        ("POST", FAULTS, {"method": "GET", "pad": 1, "malformed": True}),
                        ("PUT", SNAPSHOT, spoilt),
                    )
                ],
                "sentence": FAULT_EFFECT.sentence,
                "headers": [dict(answer.headers)[b"x-sandbox-fault"].decode() for answer in answers],
                "longer": [len(answers[0].body) - len(plain), answers[1].body.decode()],
                "pieces": bodies(answers[1]),
                "journal": client.world.journal[-1].trace.fault,
            }
        )
    )


if __name__ == "__main__":
    main()
