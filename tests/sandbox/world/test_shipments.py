"""Shipments and links as records: where a shipment stands, the order of creation, and links that both sides lead to."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from aniva_sandbox.api.links.records import Link, Links
from aniva_sandbox.api.shipments.records import Report, Shipment, Shipments, ShipmentStatus

THEN = datetime(2026, 4, 1, tzinfo=UTC)
A, B, C = "appointment-a", "appointment-b", "appointment-c"
X, Y, Z = "shipment-x", "shipment-y", "shipment-z"


def shipment(id: str = "P2604150001", *statuses: ShipmentStatus, **changes: Any) -> Shipment:
    """A shipment of which the courier noted these statuses, one an hour."""
    reports = [Report(THEN + timedelta(hours=hour), status, "Noted") for hour, status in enumerate(statuses)]
    fields: dict[str, Any] = {
        "location_id": "location",
        "pickup_date": date(2026, 4, 15),
        "pickup_time_from": time(10),
        "pickup_time_till": time(12),
        "package_count": 1,
        "weight": 1.0,
        "pickup_remarks": None,
        "notes": None,
        "created_at": THEN,
        "synced_at": THEN,
        "reports": reports,
    }
    return Shipment(id, **(fields | changes))


def filled(*pairs: tuple[str, str]) -> Links:
    """These links, made in this order, all in the same second."""
    links = Links()
    for pair in pairs:
        links.add(Link(*pair, THEN))
    return links


def pairs_of(links: Any) -> list[tuple[str, str]]:
    """The two sides of links."""
    return [(link.appointment_id, link.shipment_id) for link in links]


# Where a shipment stands


@pytest.mark.parametrize(
    ("statuses", "seen", "status", "shown"),
    [
        ([], 0, "pending", "pending"),
        (["pending"], 0, "pending", "pending"),
        (["pending", "in_transit"], 0, "in_transit", "pending"),
        (["pending", "in_transit"], 1, "in_transit", "pending"),
        (["pending", "in_transit"], 2, "in_transit", "in_transit"),
        (["in_transit", "in_transit", "delivered"], 2, "delivered", "in_transit"),
        (["in_transit", "in_transit", "delivered"], 3, "delivered", "delivered"),
        (["pending", "in_transit", "fault"], 1, "fault", "pending"),
        (["pending", "in_transit", "fault"], 3, "fault", "fault"),
    ],
)
def test_status_is_that_of_the_last_report(
    statuses: list[ShipmentStatus], seen: int, status: ShipmentStatus, shown: ShipmentStatus
) -> None:
    """A shipment stands where the courier's last report left it, and is shown where the last one that was seen did."""
    record = shipment("P2604150001", *statuses, seen=seen)
    assert (record.status, record.shown_status) == (status, shown)
    assert record.shown_reports == record.reports[:seen]
    assert [report.status for report in record.reports] == statuses


@pytest.mark.parametrize("seen", [0, 1])
def test_cancelled_is_shown_at_once(seen: int) -> None:
    """A cancellation is the partner's own, so it shows whether the reports were seen or not."""
    record = shipment("P2604150001", "pending", seen=seen)
    assert (record.status, record.shown_status) == ("pending", "pending")
    record.cancelled = True
    assert (record.status, record.shown_status) == ("cancelled", "cancelled")


def test_shipments_do_not_share_their_reports() -> None:
    """Every shipment has reports of its own."""
    required = {name: getattr(shipment(), name) for name in Shipment.__struct_fields__[:11]}
    one, other = Shipment(**required), Shipment(**required)
    one.reports.append(Report(THEN, "pending", "Noted"))
    assert other.reports == []


# The table


@pytest.mark.rule("order.ordinal")
def test_shipments_count_their_order() -> None:
    """Every shipment carries its place in the order of creation, also among equal times; what it said before does not
    count."""
    table = Shipments(map(shipment, "cab"))
    table.add(shipment("0", ordinal=7))
    assert [(record.id, record.ordinal) for record in table] == [("c", 0), ("a", 1), ("b", 2), ("0", 3)]
    assert [record.id for record in reversed(table)] == ["0", "b", "a", "c"]


def test_id_of_a_shipment_is_taken_once() -> None:
    """A second shipment with the same id is refused, and counts for nothing; another id is taken."""
    first = shipment("a")
    table = Shipments([first])
    with pytest.raises(ValueError, match="the id a is taken"):
        table.add(shipment("a"))
    table.add(shipment("b"))
    assert table["a"] is first
    assert [record.ordinal for record in table] == [0, 1]


# Links


def test_both_sides_lead_to_one_link() -> None:
    """A link is found from its appointment and from its shipment, as the same value, and nowhere else."""
    links, link = Links(), Link(A, X, THEN)
    links.add(link)
    for found in (links, links.of(A), links.of(X)):
        assert [each is link for each in found] == [True]
        assert len(found) == 1
    assert list(links.of(B)) == list(links.of(Y)) == []
    assert (A, X) in links
    assert all(pair not in links for pair in ((X, A), (A, Y), (B, X)))


@pytest.mark.rule("order.ordinal")
def test_oldest_link_first() -> None:
    """All links, and those of each side, come in the order in which they were made, also within a second."""
    pairs = [(B, Y), (A, Y), (A, X), (B, X), (C, Y), (A, Z)]
    links = filled(*pairs)
    assert pairs_of(links) == pairs
    assert pairs_of(links.of(A)) == [(A, Y), (A, X), (A, Z)]
    assert pairs_of(links.of(B)) == [(B, Y), (B, X)]
    assert pairs_of(links.of(Y)) == [(B, Y), (A, Y), (C, Y)]
    assert pairs_of(links.of(Z)) == [(A, Z)]


def test_pair_is_linked_once() -> None:
    """A second link of a pair is refused, and the first one stays as it is; each of the two can have others."""
    links = filled((A, X))
    with pytest.raises(ValueError, match="are already linked"):
        links.add(Link(A, X, THEN + timedelta(hours=1)))
    links.add(Link(A, Y, THEN))
    links.add(Link(B, X, THEN))
    assert pairs_of(links) == [(A, X), (A, Y), (B, X)]
    assert [link.added_at for link in links.of(A)] == [THEN, THEN]
    assert len(links) == 3


def test_removed_link_is_gone_from_both_sides() -> None:
    """Taking a link out leaves those of its two sides with others; made again, it is the newest."""
    links = filled((A, X), (A, Y), (B, X))
    links.remove(A, X)
    assert (A, X) not in links
    assert pairs_of(links) == [(A, Y), (B, X)]
    assert pairs_of(links.of(A)) == [(A, Y)]
    assert pairs_of(links.of(X)) == [(B, X)]
    links.add(Link(A, X, THEN))
    assert pairs_of(links) == [(A, Y), (B, X), (A, X)]
    assert pairs_of(links.of(A)) == [(A, Y), (A, X)]
    assert pairs_of(links.of(X)) == [(B, X), (A, X)]


@pytest.mark.parametrize("pair", [(A, Y), (B, X), (X, A), (C, Z)])
def test_link_that_is_not_there_cannot_be_removed(pair: tuple[str, str]) -> None:
    """Removing what is not linked is an error and removes nothing; what is linked can be removed once."""
    links = filled((A, X), (B, Y))
    with pytest.raises(KeyError):
        links.remove(*pair)
    assert pairs_of(links) == pairs_of([*links.of(A), *links.of(B)]) == [(A, X), (B, Y)]
    links.remove(A, X)
    with pytest.raises(KeyError):
        links.remove(A, X)
    assert pairs_of(links) == [(B, Y)]


def test_nothing_is_left_of_what_was_removed() -> None:
    """Links that come and go leave nothing behind: what had links is as what never had any."""
    links = filled((A, X), (A, Y), (B, X))
    for pair in ((A, X), (B, X), (A, Y)):
        links.remove(*pair)
    assert vars(links) == vars(Links())
    assert (len(links), list(links), list(links.of(A)), list(links.of(X))) == (0, [], [], [])


def test_asking_leaves_nothing_behind() -> None:
    """Asking for the links of something that has none changes nothing."""
    links = filled((A, X))
    before = repr(vars(links))
    assert len(links.of(B)) == 0
    assert (B, X) not in links
    assert repr(vars(links)) == before
