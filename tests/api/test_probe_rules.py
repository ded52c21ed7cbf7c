"""Rules that tests of the Partner API turned on are changed one at a time."""

from typing import Final

import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.partner import LEDGER
from tests.api.appointments.appointment_calls import NEW as APPOINTMENT_BODY
from tests.api.probe_subject import (
    Test,
    advance_by,
    changed,
    changes_of,
    judged,
    occur,
    probed,
    step_judgements,
)
from tests.api.shipments.shipment_calls import NEW as SHIPMENT_BODY
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    EMPTY_APPOINTMENT,
    LOCKED_SHIPMENT,
    SHIPMENT,
    UNKNOWN,
    Client,
)

STEPS: Final = DOMAIN.next_steps().steps
LEFT_OUT: Final = {"auth.key", "http.not-found", "http.method"}
"""Rules that refuse before a world and an operation are known."""
REFUSED: Final = {
    rule: text
    for item, text in STEPS.items()
    if item.endswith(" refused") and (rule := item.removesuffix(" refused")) not in LEFT_OUT
}
READ: Final = {item.removesuffix(" read"): text for item, text in STEPS.items() if item.endswith(" read")}
AT: Final = {
    item.removesuffix(" at"): text
    for item, text in STEPS.items()
    if item.endswith(" at") and LEDGER[item.partition(" ")[0]].statuses
}


def moves(test: Test) -> list[str]:
    """The ids of the changes that move a boundary."""
    return [id for id in changes_of("rules", test) if id[-2:] in ("+1", "-1") or id.endswith("=strict")]


# All rules, boundaries and events


@pytest.mark.parametrize("rule", REFUSED)
def test_each_rule_that_refuses_is_changed(rule: str) -> None:
    """It is switched off, and refuses with another status; who asserts nothing notices neither, and nothing breaks."""
    shown = {change.id: judgement for change, judgement in step_judgements("rules", REFUSED[rule])}
    assert f"{rule}=off" in shown
    others = [id for id in shown if id.startswith(f"{rule}=") and id[-3:].isdigit()]
    assert bool(others) is not rule.startswith("auth.permission")  # a list has no other status
    assert {judgement.verdict for judgement in shown.values()} == {"unnoticed"}, shown


@pytest.mark.parametrize("rule", sorted(LEFT_OUT))
def test_what_reaches_no_operation_is_left_out(rule: str) -> None:
    """An unknown key has no world, an unknown path or method no operation."""
    assert [*step_judgements("rules", STEPS[f"{rule} refused"])] == []


@pytest.mark.parametrize("item", AT)
def test_each_boundary_that_a_call_came_to_moves(item: str) -> None:
    """A call exactly at it is refused, or it would be without the rule."""
    shown = {change.id: judgement for change, judgement in step_judgements("rules", AT[item])}
    rule, _, measure = item.partition(" ")
    named = f"{rule}@{measure.replace(' ', '_')}" if measure else rule
    at = [id for id in shown if id.startswith((f"{named}+", f"{named}-", f"{named}=strict"))]
    assert at or any(id.endswith("=off") for id in shown)  # a refusal alone is no other than one further away
    assert {judgement.verdict for judgement in shown.values()} == {"unnoticed"}, shown


@pytest.mark.parametrize("type", READ)
def test_each_event_that_was_read_is_held_back(type: str) -> None:
    """Except one whose record exists only because of it."""
    shown = {change.id: judgement for change, judgement in step_judgements("rules", READ[type])}
    assert (f"{type}=held" in shown) is (type != "kit.ordered")
    assert {judgement.verdict for judgement in shown.values()} <= {"unnoticed"}, shown


# The window of links


def attach(client: Client, shipment: str) -> int:
    return client.post(f"/appointments/{EMPTY_APPOINTMENT}/shipments", {"shipment_ids": [shipment]}).status


def make(client: Client, *, hours: float) -> str:
    """A shipment that was made so long ago."""
    id = str(client.post("/shipments", SHIPMENT_BODY).json["id"])
    advance_by(client, hours=hours)
    return id


def test_the_window_of_links_moves_by_an_hour() -> None:
    """A link 24.5 hours after the shipment's creation is made after 25 hours, where older ones are still refused."""

    def late(client: Client) -> None:
        attach(client, make(client, hours=24.5))
        attach(client, LOCKED_SHIPMENT)

    assert moves(late)[-1:] == ["link.window+1"]
    run = changed("rules", "link.window+1", late)
    assert [call.status for call in run.calls if call.operation == "attach_shipments"] == [200, 409]
    assert judged("rules", "link.window+1", late).sentence == (
        "the test still passes if the boundary of link.window moves by 1 hour, so that attach_shipments, which misses "
        "it by 30 minutes, is accepted"
    )
    assert "link.window+1" not in moves(lambda client: attach(client, make(client, hours=24.5)))  # no other is refused
    assert "link.window+1" not in moves(
        lambda client: [attach(client, make(client, hours=25.5)), attach(client, LOCKED_SHIPMENT)]
    )


def test_the_window_of_links_closes_an_hour_earlier() -> None:
    """A link after 23.5 hours is refused, as the API writes it: with the ids that are locked."""

    def early(client: Client) -> None:
        attach(client, make(client, hours=23.5))
        attach(client, SHIPMENT)

    assert "link.window-1" in moves(early)
    run = changed("rules", "link.window-1", early)
    calls = [call for call in run.calls if call.operation == "attach_shipments"]
    assert [call.status for call in calls] == [409, 409]
    made = run.calls[0].value["id"]
    assert calls[0].value == {"error": LEDGER["link.window"].sentence, "shipment_ids": [made]}
    assert "link.window-1" not in moves(lambda client: attach(client, make(client, hours=22)))


def test_a_link_after_the_window_is_made_or_refused_otherwise() -> None:
    """Without the rule the link exists afterwards; with another status nothing happens."""

    def weak(client: Client) -> None:
        attach(client, LOCKED_SHIPMENT)

    def strong(client: Client) -> None:
        assert attach(client, LOCKED_SHIPMENT) == 409
        assert client.get(f"/appointments/{EMPTY_APPOINTMENT}/shipments").json == []

    assert list(changes_of("rules", weak)) == ["link.window=off", "link.window=404"]
    off, other = (changed("rules", f"link.window={what}", weak) for what in ("off", "404"))
    assert [call.status for call in (*off.calls, *other.calls)] == [200, 404]
    assert [len(run.state["links"]) for run in (off, other) if run.state is not None] == [
        *(len(off.began_with["links"]) + 1, len(other.began_with["links"])),  # type: ignore[index]
    ]
    assert other.calls[0].value.keys() == {"error"}
    assert judged("rules", "link.window=404", weak).sentence == (
        "the test still passes if link.window refuses attach_shipments with 404 instead of 409"
    )
    report = probed("rules", strong)
    assert report.findings == []
    assert report.kinds["rules"]["noticed"] == report.kinds["rules"]["changes"] == 2
    assert report.noticed[:2] == ["link.window refused", "attach_shipments 409"]


# Other places


def test_an_appointment_in_half_an_hour_is_next_to_the_boundary() -> None:
    """It is refused an hour before its time; one in two hours is not."""

    def book(client: Client, time: str) -> int:
        return client.post("/appointments", APPOINTMENT_BODY | {"scheduled_at": f"2026-04-13T{time}:00Z"}).status

    def both(client: Client) -> None:
        book(client, "08:30")
        book(client, "10:00")

    assert moves(both) == ["appointment.future+1"]
    assert [call.status for call in changed("rules", "appointment.future+1", both).calls] == [400, 201]
    assert moves(lambda client: book(client, "10:00")) == []


def test_each_state_is_left_by_a_cancelled_appointment() -> None:
    """The operation goes on where it was refused because of a state."""

    def test(client: Client) -> None:
        client.delete(f"/appointments/{CANCELLED_APPOINTMENT}")

    run = changed("rules", "appointment.cancel=off", test)
    assert [call.status for call in run.calls] == [200]


def test_a_stranger_is_let_in() -> None:
    """Without the rule on the access context, another clinic's profile is shown."""

    def test(client: Client) -> None:
        client.get(f"/appointments/{APPOINTMENT}", key="sbx_test.outsider")

    run = changed("rules", "auth.context=off", test)
    assert [(call.status, call.value["id"]) for call in run.calls] == [(200, APPOINTMENT)]
    assert [call.value for call in changed("rules", "auth.context=404", test).calls] == [{"error": "Not Found"}]


def test_a_courier_that_never_comes() -> None:
    """The shipment stays as it is, whatever happens to it later; without the later event, only that does not show."""

    def test(client: Client) -> None:
        for type in ("courier.picked_up", "courier.delivered"):
            occur(client, type, SHIPMENT)
            advance_by(client, hours=2)
            client.get(f"/shipments/{SHIPMENT}")

    ids = list(changes_of("rules", test))
    assert ids == ["courier.delivered=held", "courier.picked_up=held"]
    statuses = [[call.value["status"] for call in changed("rules", id, test).calls] for id in ids]
    assert statuses == [["in_transit", "in_transit"], ["pending", "pending"]]
    assert judged("rules", "courier.picked_up=held", test).sentence == (
        "the test still passes if the courier never picks up the shipment (courier.picked_up)"
    )


def test_unknown_records_and_closed_days_have_their_statuses() -> None:
    """404 and 403 take each other's place; a domain rule's 400 becomes the nearest that the operation has."""

    def test(client: Client) -> None:
        client.get(f"/profiles/{UNKNOWN}")
        client.post("/shipments", SHIPMENT_BODY | {"pickup_date": "2026-04-18"})
        client.get(f"/locations/{BERLIN}/availability?start_date=2026-04-20&end_date=2026-04-19")

    assert [id for id in changes_of("rules", test) if id[-3:].isdigit()] == [
        *("path.unknown=403", "availability.bounds=404", "pickup.weekday=404"),
    ]
