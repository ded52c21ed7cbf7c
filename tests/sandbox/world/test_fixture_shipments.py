"""The shipments of a world's file: how they are read, and how each problem in them is told."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.world.fixtures import load_fixture
from aniva_sandbox.engine.yaml_file import YamlFile
from tests.sandbox.world.fixture_files import BOXES, boxes, changed, faults


def test_shipments_may_be_left_out(tmp_path: Path) -> None:
    """A world without the section, or with an empty one, has no shipments and no links."""
    for section in ("", "shipments: []\n"):
        fixture = load_fixture(YamlFile(changed(tmp_path, shipments=section)), DOMAIN)
        tables = fixture.state("frozen", None, None, None)
        assert (len(tables.sections["shipments"]), len(tables.sections["links"])) == (0, 0)


@pytest.mark.parametrize("section", ["shipments: 5", "shipments: {}", "shipments:"])
def test_shipments_are_a_list(tmp_path: Path, section: str) -> None:
    """The section, where it is there, is a list."""
    assert faults(changed(tmp_path, shipments=section)) == ["small.yaml:52: shipments: must be a list"]


def test_shipments_are_read(tmp_path: Path) -> None:
    """A shipment has what its entry says, and what goes without saying where it says nothing; partners know it all."""
    first, second = boxes(tmp_path, "2026-04-13T08:00:00Z").sections["shipments"]
    assert (first.package_count, first.weight, first.pickup_remarks, first.notes) == (1, 1.0, None, None)
    assert (first.status, first.shown_status, first.cancelled, first.updated_at) == ("pending", "pending", False, None)
    assert first.created_at == datetime(2026, 4, 13, 6, tzinfo=UTC)
    (booked,) = first.shown_reports
    assert (booked.time, booked.wording) == (datetime(2026, 4, 13, 6, 10, tzinfo=UTC), "Booked")
    assert booked.tracking_number == "GO1"
    assert (second.package_count, second.weight, second.pickup_remarks, second.notes) == (3, 4.5, "Door B", "Cold")
    assert (str(second.pickup_time_from), str(second.pickup_time_till)) == ("09:00:00", "19:00:00")
    assert [report.wording for report in second.shown_reports] == ["Collected", "Hub"]
    assert (second.status, second.shown_status) == ("in_transit", "in_transit")
    assert (second.created_at, second.updated_at, second.synced_at) == (
        datetime(2026, 4, 9, 8, tzinfo=UTC),
        datetime(2026, 4, 10, 21, tzinfo=UTC),
        datetime(2026, 4, 13, 8, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("place", "start", "day"),
    [
        (1, "2026-04-13T21:59:59Z", date(2026, 4, 14)),
        (1, "2026-04-13T22:00:00Z", date(2026, 4, 15)),
        (2, "2026-04-13T20:59:59Z", date(2026, 4, 14)),
        (2, "2026-04-13T21:00:00Z", date(2026, 4, 15)),
    ],
)
def test_relative_pickup_dates_count_at_the_location(tmp_path: Path, place: int, start: str, day: date) -> None:
    """A pickup tomorrow is the day after the one that it is at the location; a date of its own stays."""
    berlin = "location: 20000000-0000-4000-8000-000000000001\n    pickup"
    first, second = boxes(tmp_path, start, (berlin, berlin.replace("1\n", f"{place}\n"))).sections["shipments"]
    assert (first.pickup_date, second.pickup_date) == (day, date(2026, 4, 10))
    assert first.created_at == datetime.fromisoformat(start) - timedelta(hours=2)


def test_links_stand_in_the_order_of_their_times(tmp_path: Path) -> None:
    """Links are ordered by the time they were added at, those of one time as they stand in the file, and both sides
    have the same ones."""
    links = boxes(tmp_path, "2026-04-13T08:00:00Z").sections["links"]
    (appointment,) = {link.appointment_id for link in links}
    assert [link.shipment_id for link in links] == ["P2604100002", "P2604140001"]
    assert list(links.of(appointment)) == list(links)
    assert [list(links.of(id)) for id in ("P2604100002", "P2604140001")] == [[link] for link in links]
    assert [f"{link.added_at:%H:%M}" for link in links] == ["07:20", "07:30"]
    links = boxes(tmp_path, "2026-04-13T08:00:00Z", ('"-40m"', '"-30m"')).sections["links"]
    assert [link.shipment_id for link in links] == ["P2604140001", "P2604100002"]


def test_updates_may_be_as_late_as_the_start(tmp_path: Path) -> None:
    """The courier may have noted something at the very start, and two things at one time."""
    tables = boxes(tmp_path, "2026-04-13T08:00:00Z", ('"-110m"', '"-0m"'), ('"-3d 20:00"', '"-3d 12:00"'))
    first, second = tables.sections["shipments"]
    assert [report.time for report in first.shown_reports] == [datetime(2026, 4, 13, 8, tzinfo=UTC)]
    assert [report.wording for report in second.shown_reports] == ["Collected", "Hub"]


def test_worlds_share_no_shipments(tmp_path: Path) -> None:
    """Each world of a fixture has records and links of its own."""
    fixture = load_fixture(YamlFile(changed(tmp_path, shipments=BOXES)), DOMAIN)
    one, other = fixture.state("frozen", None, None, None), fixture.state("frozen", None, None, None)
    link = next(iter(one.sections["links"]))
    one.sections["links"].remove(link.appointment_id, link.shipment_id)
    one.sections["shipments"][link.shipment_id].reports.clear()
    assert (len(one.sections["links"]), len(other.sections["links"])) == (1, 2)
    assert len(other.sections["shipments"][link.shipment_id].reports) == 2
    assert len(fixture.state("frozen", None, None, None).sections["shipments"][link.shipment_id].reports) == 2


UPDATE = '{time: "-110m", status: pending, wording: Booked, tracking_number: GO1}'
HUB = '{time: "-3d 20:00", status: in_transit, wording: Hub}'


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # Wrong types and values
        ("id: P2604140001", "id: P260414001", "53: shipments[0].id: "),
        ("id: P2604140001", "id: p2604140001", "53: shipments[0].id: "),
        ("id: P2604100002", "id: P2604140001", "63: shipments[1].id: another entry has the id P2604140001"),
        ('pickup_time_from: "10:00"', 'pickup_time_from: "10:60"', "56: shipments[0].pickup_time_from: "),
        ('pickup_time_from: "10:00"', 'pickup_time_from: "9:00"', "56: shipments[0].pickup_time_from: "),
        ('pickup_time_till: "13:00"', 'pickup_time_till: "24:00"', "57: shipments[0].pickup_time_till: "),
        ("package_count: 3", "package_count: 0", "68: shipments[1].package_count: must be at least 1"),
        ("weight: 4.5", "weight: 0", "69: shipments[1].weight: must be above 0"),
        ("Door B", "B" * 129, "70: shipments[1].pickup_remarks: must have at most 128 characters"),
        ("notes: Cold", f"notes: {'C' * 129}", "71: shipments[1].notes: must have at most 128 characters"),
        (UPDATE, UPDATE.replace("pending", "cancelled"), "60: shipments[0].updates[0].status: must be one of"),
        (UPDATE, UPDATE.replace("Booked", '""'), "60: shipments[0].updates[0].wording: "),
        (UPDATE, UPDATE.replace("GO1", '""'), "60: shipments[0].updates[0].tracking_number: "),
        # Unknown and missing fields
        ("    notes: Cold\n", "    state: lost\n", "71: shipments[1].state: is not known"),
        ('    pickup_time_till: "13:00"\n', "", "53: shipments[0].pickup_time_till: is required"),
        (UPDATE, UPDATE.replace(", wording: Booked", ""), "60: shipments[0].updates[0].wording: is required"),
        # References
        (
            "location: 20000000-0000-4000-8000-000000000001\n    pickup",
            "location: 20010000-0000-4000-8000-000000000001\n    pickup",
            "54: shipments[0].location: there is no location 20010000-",
        ),
        ("      - {id: 4000", "      - {id: 4001", "61: shipments[0].appointments: there is no appointment 40010000-"),
        (
            '000000000001, added_at: "-30m"}',
            '000000000001, added_at: "-30m"}\n      - {id: 40000000-0000-4000-8000-000000000001, added_at: "-20m"}',
            "61: shipments[0].appointments: appears twice",
        ),
        # Moments
        ('"+1d"', '"+1d 10:00"', "55: shipments[0].pickup_date: must be a date YYYY-MM-DD or days"),
        ("2026-04-10", "2026-04-31", "65: shipments[1].pickup_date: must be a date YYYY-MM-DD or days"),
        ('created_at: "-2h"', "created_at: early", "58: shipments[0].created_at: must be an instant"),
        ('updated_at: "-3d 21:00"', "updated_at: late", "73: shipments[1].updated_at: must be an instant"),
        (UPDATE, UPDATE.replace("-110m", "110m"), "60: shipments[0].updates[0].time: must be an instant"),
        ('added_at: "-30m"', 'added_at: "30m"', "62: shipments[0].appointments[0].added_at: must be an instant"),
        # The box's way
        (
            UPDATE,
            UPDATE.replace("-110m", "+1m"),
            "60: shipments[0].updates[0].time: reports must be oldest first",
        ),
        (HUB, HUB.replace("20:00", "11:59"), "76: shipments[1].updates[1].time: reports must be oldest first"),
        (
            UPDATE,
            UPDATE.replace("pending", "delivered"),
            "59: shipments[0].updates: must be in the order of a shipment's lifecycle",
        ),
        (
            HUB,
            HUB.replace("in_transit", "pending"),
            "74: shipments[1].updates: must be in the order of a shipment's lifecycle",
        ),
        (
            HUB,
            f"{HUB.replace('in_transit', 'delivered')}\n      - {HUB.replace('20:00', '21:00')}",
            "74: shipments[1].updates: must be in the order of a shipment's lifecycle",
        ),
        (
            HUB,
            f"{HUB.replace('in_transit', 'delivered')}\n      - {HUB.replace('in_transit', 'fault')}",
            "74: shipments[1].updates: must be in the order of a shipment's lifecycle",
        ),
        (
            "notes: Cold",
            "cancelled: true",
            "71: shipments[1].cancelled: only a pending shipment can be cancelled",
        ),
    ],
)
def test_faults_of_shipments(tmp_path: Path, old: str, new: str, told: str) -> None:
    """Whatever is wrong with a shipment is told with its file, line and field, and alone."""
    (fault,) = faults(changed(tmp_path, (old, new), shipments=BOXES))
    assert fault.startswith(f"small.yaml:{told}")


@pytest.mark.parametrize(
    ("updates", "cancelled", "status"),
    [
        ("", False, "pending"),
        ("", True, "cancelled"),
        ("pending", True, "cancelled"),
        ("in_transit", False, "in_transit"),
        ("pending in_transit in_transit in_transit", False, "in_transit"),
        ("pending in_transit delivered", False, "delivered"),
        ("in_transit in_transit delivered", False, "delivered"),
        ("fault", False, "fault"),
        ("pending fault", False, "fault"),
        ("pending in_transit in_transit fault", False, "fault"),
    ],
)
def test_ways_of_a_box(tmp_path: Path, updates: str, cancelled: bool, status: str) -> None:
    """Every way that a box can go may stand in a file, and says where it is."""
    way = "".join(f'\n      - {{time: "-2h", status: {each}, wording: Said}}' for each in updates.split())
    shipments = BOXES.replace(f"\n      - {UPDATE}", f"{way or ' []'}\n    cancelled: {str(cancelled).lower()}")
    fixture = load_fixture(YamlFile(changed(tmp_path, shipments=shipments)), DOMAIN)
    box = fixture.state("frozen", None, None, None).sections["shipments"]["P2604140001"]
    assert (box.status, box.shown_status, len(box.reports)) == (status, status, len(updates.split()))


@pytest.mark.parametrize("start", ["now", "'+4h'", "0001-01-01T00:00:00Z"])
def test_a_faulty_start_is_told_where_there_are_shipments(tmp_path: Path, start: str) -> None:
    """A start that is none is told as that, and alone, also where a shipment's times count from it."""
    (fault,) = faults(changed(tmp_path, ("2026-04-13T08:00:00Z", start), shipments=BOXES))
    assert fault.startswith("small.yaml:2: start: must be an")


def test_all_faults_of_a_shipment_are_told(tmp_path: Path) -> None:
    """Several faults of one shipment are told at once, each with its own place."""
    told = faults(
        changed(
            tmp_path,
            ('"+1d"', "tomorrow"),
            ('created_at: "-2h"', "created_at: early"),
            ('"-110m"', '"110m"'),
            ('added_at: "-30m"', 'added_at: "30m"'),
            shipments=BOXES,
        )
    )
    assert [fault.partition(": must be")[0] for fault in told] == [
        "small.yaml:55: shipments[0].pickup_date",
        "small.yaml:58: shipments[0].created_at",
        "small.yaml:60: shipments[0].updates[0].time",
        "small.yaml:62: shipments[0].appointments[0].added_at",
    ]
