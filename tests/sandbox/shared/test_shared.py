"""Two processes with the same worlds: each sees at once what the other one did."""

import asyncio

import pytest

from tests.sandbox.shared.processes import Opener, Process
from tests.support import APPOINTMENT, BERLIN, PENDING_APPOINTMENT, PROFILE, SHIPMENT

pytestmark = pytest.mark.asyncio

BOOKING = {"profile_id": PROFILE, "location_id": BERLIN, "scheduled_at": "2026-04-20T10:30:00+02:00"}


async def names_of(process: Process) -> list[str]:
    """The names of the worlds, as a process lists them."""
    return [world["name"] for world in (await process.control("GET", "/worlds")).json]


async def assert_same(*processes: Process, name: str = "w") -> None:
    """The processes have the same world, byte for byte."""
    first, *others = [await process.see(name) for process in processes]
    assert [other == first for other in others] == [True] * len(others)


async def test_two_see_each_other(one: Process, two: Process) -> None:
    """What one process did is there for the other one's next call: records, ids, journal."""
    first = (await one.call("POST", "/appointments", BOOKING)).json["id"]
    assert (await two.call("GET", f"/appointments/{first}")).json["id"] == first
    second = (await two.call("POST", "/appointments", BOOKING | {"scheduled_at": "2026-04-20T12:30:00+02:00"})).json
    assert (await one.call("GET", f"/appointments/{second['id']}")).json["id"] == second["id"] != first
    for process in (one, two):
        journal = (await process.control("GET", "/worlds/w/journal")).json["exchanges"]
        assert [each["number"] for each in journal] == [1, 2, 3, 4]
    await assert_same(one, two)


async def test_first_use(one: Process, two: Process) -> None:
    """A world is created by whoever uses its key first, which alone says so."""
    for process in (one, two, one):
        assert (await process.call("GET", "/units")).status == 200
    assert (one.created, two.created) == (["w"], [])


async def test_first_use_of_both_at_once(one: Process, two: Process) -> None:
    """Whoever comes first, there is one world."""
    replies = await asyncio.gather(*(process.call("DELETE", f"/shipments/{SHIPMENT}") for process in (one, two)))
    assert sorted(reply.status for reply in replies) == [200, 409]
    assert len(one.created + two.created) == 1
    await assert_same(one, two)


@pytest.mark.parametrize("key", [None, "", "bad", "sbx_", "sbx_UPPER", "sbx_a.b.c", "sbx_w.unknown", "sbx_ä"])
async def test_keys_of_no_world(one: Process, two: Process, key: str | None) -> None:
    """Such a key is refused, and opens nothing; the call stands in the unmatched ones of both."""
    reply = await one.call("GET", "/units", key=key)
    assert (reply.status, reply.rules) == (403, ["auth.key"])
    assert await one.log.names() == []
    listed = [(await process.control("GET", "/unmatched")).json for process in (one, two)]
    assert listed[0] == listed[1]
    assert [call["path"] for call in listed[0]["calls"]] == ["/api/v1/units"]


async def test_an_unknown_persona_of_a_world(one: Process, two: Process) -> None:
    """It is refused by the world that is there, too."""
    await one.call("GET", "/units")
    assert (await two.call("GET", "/units", key="sbx_w.unknown")).status == 403
    assert len((await one.control("GET", "/unmatched")).json["calls"]) == 1


async def test_strict_servers(start: Opener) -> None:
    """No world is created at first use; one that is put there by one process can be used with the other."""
    one, two = start(strict=True), start(strict=True)
    assert (await one.call("GET", "/units")).status == 403
    assert await one.log.names() == []
    assert (await one.control("PUT", "/worlds/w")).status == 200
    assert (await two.call("GET", "/units")).status == 200
    assert (await two.control("DELETE", "/worlds/w")).status == 200
    assert (await one.call("GET", "/units")).status == 403
    await one.shared.open("default")
    assert (await two.call("GET", "/units", key="sbx_default")).status == 200


async def test_worlds_that_are_put_and_dropped(one: Process, two: Process) -> None:
    """A replaced world knows nothing of the one before; a dropped one is gone everywhere, and its key opens another."""
    made = (await one.call("POST", "/appointments", BOOKING)).json["id"]
    assert (await two.control("PUT", "/worlds/w", {"seed": 7})).json["seed"] == 7
    assert (await one.call("GET", f"/appointments/{made}")).status == 404
    assert (await one.control("DELETE", "/worlds/w")).json == {"success": True}
    for process in (one, two):
        assert await names_of(process) == []
        for path in ("/worlds/w", "/worlds/w/journal", "/worlds/w/clock"):
            assert (await process.control("GET", path)).rules == ["world.unknown"]
    reply = await two.call("GET", "/units")
    assert (reply.status, "x-sandbox-hint" in reply.headers) == (200, False)
    reply = await one.call("GET", "/units")
    assert (reply.status, "x-sandbox-hint" in reply.headers) == (200, False)
    assert two.created == ["w"]
    assert await names_of(one) == await names_of(two) == ["w"]
    await assert_same(one, two)


async def test_reset_snapshot_and_settings(one: Process, two: Process) -> None:
    """They have effect in both processes."""
    snapshot = (await one.control("GET", "/worlds/w/snapshot")).rules
    assert snapshot == ["world.unknown"]
    made = (await one.call("POST", "/appointments", BOOKING)).json["id"]
    snapshot = (await two.control("GET", "/worlds/w/snapshot")).json
    assert (await two.control("POST", "/worlds/w/reset")).status == 200
    assert (await one.call("GET", f"/appointments/{made}")).status == 404
    assert (await two.control("PUT", "/worlds/w/snapshot", snapshot)).status == 200
    assert (await one.call("GET", f"/appointments/{made}")).status == 200
    await one.control("PATCH", "/worlds/w/settings", {"taken_slots": "refuse"})
    assert (await two.control("GET", "/worlds/w/settings")).json["taken_slots"] == "refuse"
    await assert_same(one, two)


async def test_faults_are_counted_altogether(one: Process, two: Process) -> None:
    """The next two calls are two, whichever processes they reach."""
    fault = {"operation": "list_units", "status": 500, "times": 2}
    await one.control("PUT", "/worlds/w")
    assert (await one.control("POST", "/worlds/w/faults", fault)).status == 200
    statuses = [(await process.call("GET", "/units")).status for process in (two, one, two, one)]
    assert statuses == [500, 500, 200, 200]


async def test_clock_and_events(one: Process, two: Process) -> None:
    """A clock that one process moves is moved for both, with what happens meanwhile."""
    await one.call("GET", "/units")
    await two.control("POST", "/worlds/w/clock/advance", {"seconds": 86_400})
    assert (await one.control("GET", "/worlds/w/clock")).json["now"] == "2026-04-14T08:00:00Z"
    event = {"type": "practice.confirmed", "appointment_id": PENDING_APPOINTMENT}
    assert (await one.control("POST", "/worlds/w/events", event)).status == 200
    assert (await two.call("GET", f"/appointments/{PENDING_APPOINTMENT}")).json["status"] == "confirmed"
    seen = [(await process.control("GET", "/worlds/w/events")).json for process in (one, two)]
    assert seen[0] == seen[1] != []
    await assert_same(one, two)


async def test_repeated_calls(one: Process, two: Process) -> None:
    """A call is sent again in both processes, once; one that is unmatched stands there once more."""
    await one.call("DELETE", f"/shipments/{SHIPMENT}")
    await one.call("GET", "/nothing")
    assert (await two.control("POST", "/worlds/w/journal/repeat", {"number": 1})).json == {"number": 3}
    assert (await two.control("POST", "/worlds/w/journal/repeat", {"number": 2})).json == {"number": 4}
    journal = (await one.control("GET", "/worlds/w/journal")).json["exchanges"]
    assert [each["status"] for each in journal] == [200, 404, 409, 404]
    for process in (one, two):
        assert len((await process.control("GET", "/unmatched")).json["calls"]) == 2
    await assert_same(one, two)


async def test_looking_at_a_world_changes_nothing(one: Process, two: Process) -> None:
    """GET of a world makes nothing happen, opens nothing, and appends nothing."""
    assert (await one.control("GET", "/worlds/w")).status == 404
    await one.call("GET", "/units")
    before = await one.see()
    for process in (two, one):
        seen = (await process.control("GET", "/worlds/w")).json
        assert (seen["recorded"], seen["happened"]) == (1, 0)
    assert [len(process.log.appended.get("w", [])) for process in (one, two)] == [1, 0]
    assert await two.see() == before


async def test_list_of_worlds(one: Process, two: Process) -> None:
    """Both list the same worlds, in order of name, with what is due."""
    for process, name in ((one, "b"), (two, "c"), (one, "a")):
        await process.call("GET", "/units", key=f"sbx_{name}")
    listed = [(await process.control("GET", "/worlds")).json for process in (one, two)]
    for worlds in listed:
        for world in worlds:
            del world["idle_seconds"]  # of the calls to this process
    assert listed[0] == listed[1]
    assert [world["name"] for world in listed[0]] == ["a", "b", "c"]
    await two.control("DELETE", "/worlds/b")
    assert await names_of(one) == await names_of(two) == ["a", "c"]


async def test_changes_have_the_same_numbers(one: Process, two: Process) -> None:
    """The number that tells whether a world has changed is the same in both processes, and new with each change."""
    numbers = []
    await one.call("GET", "/units")
    for path, body in (("/reset", None), ("/clock/advance", {"seconds": 5}), ("/reset", None)):
        assert (await two.control("POST", f"/worlds/w{path}", body)).status == 200
        seen = {(await process.control("GET", "/worlds/w")).json["changed"] for process in (one, two)}
        assert len(seen) == 1
        numbers += seen
        await one.call("GET", "/units")
    assert numbers == sorted(set(numbers))


async def test_unmatched_calls(one: Process, two: Process) -> None:
    """They are listed alike by both, numbered in one order, and cleared for both; numbers go on."""
    for process, key in ((one, "bad"), (two, "sbx_w"), (one, None)):
        await process.call("GET", "/nothing", key=key)
    listed = [(await process.control("GET", "/unmatched")).json for process in (one, two)]
    assert listed[0] == listed[1]
    assert [call["number"] for call in listed[0]["calls"]] == [1, 2, 3]
    assert (await two.control("DELETE", "/unmatched")).status == 200
    for process in (one, two):
        assert (await process.control("GET", "/unmatched")).json["calls"] == []
    await two.call("GET", "/nothing", key="bad")
    assert [call["number"] for call in (await one.control("GET", "/unmatched")).json["calls"]] == [4]


async def test_causes_are_reported_once(start: Opener) -> None:
    """A process reports each cause of unmatched calls to it, the first time; those of others are theirs."""
    reported: list[str] = []
    one, two = start(on_unmatched=lambda call: reported.append(call.path)), start()
    await two.call("GET", "/theirs")
    for key in ("sbx_w", "sbx_w", "bad", "worse"):
        await one.call("GET", "/ours", key=key)
    await one.call("GET", "/units", key="bad")
    await one.control("GET", "/unmatched")
    await one.call("GET", "/more")
    assert reported == ["/api/v1/ours", "/api/v1/ours"]


async def test_a_client_that_goes_away(one: Process, two: Process) -> None:
    """A call that was cancelled while it waits is done all the same, once, and disturbs no other."""
    await one.call("GET", "/units")
    gone = asyncio.create_task(one.call("DELETE", f"/appointments/{APPOINTMENT}"))
    await asyncio.sleep(0)
    other = asyncio.create_task(one.call("GET", "/units"))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await other).status == 200
    assert (await two.call("GET", f"/appointments/{APPOINTMENT}")).json["status"] == "cancelled"
    assert (await two.control("GET", "/worlds/w")).json["recorded"] == 4
    await assert_same(one, two)
