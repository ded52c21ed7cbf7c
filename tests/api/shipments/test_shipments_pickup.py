"""When the courier can be ordered: days, the cut-off, windows and their offsets."""

from datetime import date, timedelta
from typing import Any

import pytest

from aniva_sandbox.api.shipments import operations as shipments
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.rules import Refusal
from tests.api.shipments.shipment_calls import NEW, create, update, world_at
from tests.support import BERLIN, HELSINKI, SHIPMENT, ZONELESS_LOCATION, Client, null_rule, snapshot_of, verdict_of


def verdict(world: World, **changes: Any) -> str:
    """What becomes of a new shipment: the rule that refuses it with 400 and changes nothing, or "taken"."""
    before = snapshot_of(world)
    try:
        create(world, **changes)
    except Refusal as refusal:
        refusing = refusal
    else:
        return "taken"
    assert snapshot_of(world) == before
    assert refusing.status == 400
    return refusing.rule.id


@pytest.mark.rule("pickup.weekday", "pickup.weekday/holidays")
def test_days_of_the_week(world: World) -> None:
    """From Monday to Friday the courier comes, at weekends not; public holidays are days like others."""
    week = [verdict(world, pickup_date=f"2026-04-{day}") for day in range(13, 20)]
    assert week == ["taken"] * 5 + ["pickup.weekday"] * 2
    assert verdict(world, pickup_date="2026-12-25") == "taken"
    id = create(world)["id"]
    for day in ("2026-04-18", "2026-04-19"):
        assert verdict_of(world, shipments.update_shipment, id, {"pickup_date": day}) == ("pickup.weekday", 400)
    assert update(world, id, pickup_date="2026-04-17")["pickup"]["till"] == "2026-04-17T14:00:00+02:00"


@pytest.mark.rule("pickup.past", "pickup.cutoff", "pickup.cutoff/today")
@pytest.mark.parametrize(
    ("now", "location", "days"),
    [
        # Summer: Helsinki's day begins at 21:00, Berlin's at 22:00.
        ("2026-04-14T20:59:59Z", HELSINKI, {"13": "pickup.past", "14": "pickup.cutoff", "15": "taken"}),
        ("2026-04-14T21:00:00Z", HELSINKI, {"14": "pickup.past", "15": "taken"}),
        ("2026-04-14T21:59:59Z", BERLIN, {"13": "pickup.past", "14": "pickup.cutoff", "15": "taken"}),
        ("2026-04-14T22:00:00Z", BERLIN, {"14": "pickup.past", "15": "taken"}),
        # Without a zone it is UTC's day, and still today where Berlin has gone on to tomorrow.
        ("2026-04-14T21:59:59Z", ZONELESS_LOCATION, {"13": "pickup.past", "14": "pickup.cutoff", "15": "taken"}),
        ("2026-04-14T22:00:00Z", ZONELESS_LOCATION, {"13": "pickup.past", "14": "taken", "15": "taken"}),
        ("2026-04-14T23:59:59Z", ZONELESS_LOCATION, {"13": "pickup.past", "14": "taken"}),
        ("2026-04-15T00:00:00Z", ZONELESS_LOCATION, {"14": "pickup.past", "15": "taken"}),
        # Winter: an hour later.
        ("2026-01-14T21:59:59Z", HELSINKI, {"13": "pickup.past", "14": "pickup.cutoff", "15": "taken"}),
        ("2026-01-14T22:00:00Z", HELSINKI, {"14": "pickup.past", "15": "taken"}),
        ("2026-01-14T22:59:59Z", BERLIN, {"14": "pickup.cutoff", "15": "taken"}),
        ("2026-01-14T23:00:00Z", BERLIN, {"14": "pickup.past", "15": "taken"}),
    ],
)
def test_today_is_the_origins(now: str, location: str, days: dict[str, str]) -> None:
    """A day is past when it is over at the origin; what is Berlin's today comes under the cut-off there."""
    world = world_at(now)
    seen = {day: verdict(world, location_id=location, pickup_date=f"{now[:8]}{day}") for day in days}
    assert seen == days


@pytest.mark.rule("pickup.cutoff", "pickup.cutoff/exactly", "pickup.cutoff/begun")
@pytest.mark.parametrize(
    ("now", "location", "today"),
    [
        ("2026-04-13T14:00:00Z", BERLIN, "taken"),
        ("2026-04-13T14:00:01Z", BERLIN, "pickup.cutoff"),
        ("2026-01-12T14:00:01Z", BERLIN, "taken"),
        ("2026-01-12T15:00:00Z", BERLIN, "taken"),
        ("2026-01-12T15:00:01Z", BERLIN, "pickup.cutoff"),
        ("2026-04-13T13:30:00Z", HELSINKI, "taken"),
        ("2026-04-13T14:00:00Z", HELSINKI, "taken"),
        ("2026-04-13T14:00:01Z", HELSINKI, "pickup.cutoff"),
        ("2026-04-13T14:30:00Z", HELSINKI, "pickup.cutoff"),
        ("2026-01-12T15:00:00Z", HELSINKI, "taken"),
        ("2026-01-12T15:30:00Z", HELSINKI, "pickup.cutoff"),
        ("2026-04-13T14:00:00Z", ZONELESS_LOCATION, "taken"),
        ("2026-04-13T14:00:01Z", ZONELESS_LOCATION, "pickup.cutoff"),
    ],
)
@pytest.mark.parametrize("window", [("09:00", "11:00"), ("09:00", "19:00"), ("17:00", "19:00")])
def test_cutoff_is_at_four_in_berlin(now: str, location: str, today: str, window: tuple[str, str]) -> None:
    """Until 16:00:00 in Berlin today is taken, whatever the hour at the origin and though its window may be over;
    afterwards only later days are."""
    world = world_at(now)
    times = {"location_id": location, "pickup_time_from": window[0], "pickup_time_till": window[1]}
    tomorrow = date.fromisoformat(now[:10]) + timedelta(days=1)
    assert verdict(world, pickup_date=now[:10], **times) == today
    assert verdict(world, pickup_date=f"{tomorrow}", **times) == "taken"


@pytest.mark.rule("pickup.range", "atomic")
@pytest.mark.parametrize(
    "wrong",
    [
        "08:59", "19:01", "9:00", "09:0", "24:00", "00:00", "19:59", "20:00", "09:60", "09:00:00", "0900", "09.00",
        "09:00Z", " 09:00", "09:00 ", "09:00\n", "٠٩:٠٠", "", "x", None, 9,
    ],
)  # fmt: skip
def test_times_outside_the_range(client: Client, wrong: Any) -> None:
    """Times are HH:MM and lie between nine and seven; each one that does not is named, in creation and update."""
    before = snapshot_of(client.world)
    for sent in (["pickup_time_from"], ["pickup_time_till"], ["pickup_time_from", "pickup_time_till"]):
        changes = dict.fromkeys(sent, wrong)
        refused = client.post("/shipments", NEW | changes)
        assert (refused.status, refused.rules, sorted(refused.details)) == (400, ["pickup.range"], sent)
        refused = client.patch(f"/shipments/{SHIPMENT}", changes)
        rule = null_rule(wrong, "pickup.range")
        assert (refused.status, refused.rules, sorted(refused.details)) == (400, [rule], sent)
    assert snapshot_of(client.world) == before


@pytest.mark.rule("pickup.range", "pickup.width")
@pytest.mark.parametrize(
    ("since", "till", "expected"),
    [
        ("09:00", "19:00", "taken"),
        ("09:00", "11:00", "taken"),
        ("09:00", "10:59", "pickup.width"),
        ("09:01", "11:00", "pickup.width"),
        ("09:01", "11:01", "taken"),
        ("17:00", "19:00", "taken"),
        ("17:01", "19:00", "pickup.width"),
        ("12:00", "12:00", "pickup.width"),
        ("14:00", "11:00", "pickup.width"),
        ("19:00", "09:00", "pickup.width"),
    ],
)
def test_windows(world: World, since: str, till: str, expected: str) -> None:
    """From nine to seven every window of two hours or more is taken; narrower and reversed ones are not."""
    assert verdict(world, pickup_time_from=since, pickup_time_till=till) == expected


@pytest.mark.rule("time.local")
@pytest.mark.parametrize(
    ("location", "day", "offset", "zone"),
    [
        (BERLIN, "2026-07-01", "+02:00", "Europe/Berlin"),
        (BERLIN, "2026-12-01", "+01:00", "Europe/Berlin"),
        (BERLIN, "2026-10-23", "+02:00", "Europe/Berlin"),
        (BERLIN, "2026-10-26", "+01:00", "Europe/Berlin"),
        (HELSINKI, "2026-07-01", "+03:00", "Europe/Helsinki"),
        (HELSINKI, "2026-12-01", "+02:00", "Europe/Helsinki"),
        (ZONELESS_LOCATION, "2026-07-01", "Z", "UTC"),
        (ZONELESS_LOCATION, "2026-12-01", "Z", "UTC"),
        (BERLIN, "9999-12-31", "+01:00", "Europe/Berlin"),
    ],
)
def test_pickup_has_the_offset_of_its_day(client: Client, location: str, day: str, offset: str, zone: str) -> None:
    """The window is shown on the origin's wall clock with the offset in force on that day; without a zone, in UTC."""
    shown = {"from": f"{day}T11:00:00{offset}", "till": f"{day}T14:00:00{offset}", "timezone": zone}
    made = client.post("/shipments", NEW | {"location_id": location, "pickup_date": day})
    assert (made.status, made.json["pickup"]) == (201, shown)
    moved = client.post("/shipments", NEW | {"location_id": location}).json["id"]
    assert client.patch(f"/shipments/{moved}", {"pickup_date": day}).json["pickup"] == shown
