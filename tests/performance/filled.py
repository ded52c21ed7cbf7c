"""The sandbox with many appointments in its default world.

``python -m tests.performance.filled PORT COUNT`` serves it; every profile has ten appointments, evenly over the year
that follows the world's start.
"""

import gc
import sys
from datetime import timedelta

import msgspec

from aniva_sandbox.api.app import build_app, build_control_api, build_partner_api
from aniva_sandbox.api.appointments.records import Appointment
from aniva_sandbox.api.shipments.operations import create_shipment
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.serving.server import build_server, open_socket
from tests.support import BERLIN, PROFILE, new_worlds, run

PER_PROFILE = 10


def fill(world: World, count: int) -> None:
    """Put ``count`` appointments into a world, with the profiles that they belong to."""
    start = world.now
    pattern = world.profiles[PROFILE]
    for number in range(count):
        if number % PER_PROFILE == 0:
            id = world.ids.next_uuid("profile")
            world.profiles.add(msgspec.structs.replace(pattern, id=id, email=f"{id}@example.com"))
        world.appointments.add(
            Appointment(
                id=world.ids.next_uuid("appointment"),
                profile_id=id,
                location_id=BERLIN,
                scheduled_at=start + timedelta(minutes=1 + number * 525_000 // count),
                status="confirmed",
                test_method="practitioner",
                created_at=start,
            )
        )


def ship(world: World, count: int) -> None:
    """Order shipments from Berlin, 40 for each working day from tomorrow on."""
    day = world.now.date()
    for number in range(count):
        if number % 40 == 0:
            day += timedelta(days=3 if day.isoweekday() == 5 else 1)
        order = {
            "location_id": BERLIN,
            "pickup_date": str(day),
            "pickup_time_from": "11:00",
            "pickup_time_till": "14:00",
        }
        run(world, create_shipment, body=order)


def main(port: int, count: int) -> None:
    """Serve until killed."""
    worlds = new_worlds()
    world = worlds.create("default")
    app = build_app(worlds, build_partner_api(), build_control_api())
    gc.collect()
    gc.freeze()  # as the command does when it starts, before its worlds grow
    fill(world, count)
    gc.collect()
    build_server(app).run(sockets=[open_socket("127.0.0.1", port)])


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
