"""Rules of the Partner API that a probe keeps from applying: what they refuse goes on, and leaves sound worlds."""

from datetime import timedelta
from typing import Any, Final

import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.partner import LEDGER
from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.evidence.probes.standing import standing_for
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import advance
from aniva_sandbox.engine.world.snapshot import write_state
from tests.api.probed import Probed
from tests.engine.evidence.probes.prober import Probe, Tightening, Waiving
from tests.support import (
    APPOINTMENT,
    BERLIN,
    LOCKED_SHIPMENT,
    PARTNER,
    PENDING_APPOINTMENT,
    PROFILE,
    SHIPMENT,
)

STEPS: Final = DOMAIN.next_steps()
IMPOSSIBLE: Final = {"auth.key", "http.not-found", "http.method"}
"""Rules that refuse before a world and an operation are known."""
REFUSED: Final = {
    item.removesuffix(" refused"): text
    for item, text in STEPS.steps.items()
    if item.endswith(" refused") and item.removesuffix(" refused") not in IMPOSSIBLE
}
"""What each rule refuses in the default world."""


# Each rule, and all of them


@pytest.mark.parametrize("rule", REFUSED)
def test_a_rule_that_does_not_apply_does_not_refuse(rule: str) -> None:
    """The call that it refuses goes on, or succeeds without effect; the world can be used and restored afterwards."""
    subject = Probed(Waiving(rule))
    subject.run(REFUSED[rule])
    call = subject.probe.calls[-1]
    assert rule not in {each.id for each in call.outcome.rules}
    assert subject.defects() == []
    subject.check()


@pytest.mark.parametrize("rule", REFUSED)
def test_a_rule_that_applies_refuses(rule: str) -> None:
    """With a probe that keeps another rule from applying, nothing changes."""
    subject = Probed(Waiving("shipment.id/exhausted"))
    subject.run(REFUSED[rule])
    assert rule in {each.id for each in subject.probe.calls[-1].outcome.rules}


@pytest.mark.parametrize("part", range(8))
def test_nothing_breaks_without_any_rule(part: int) -> None:
    """Whatever is called where no rule applies at all, no operation has a defect, and the world can be used and
    restored afterwards."""
    items = {text: item for item, text in STEPS.steps.items()}
    for text, item in [*items.items()][part::8]:
        subject = Probed(Waiving())
        subject.run(text)
        assert subject.defects() == [], item
        try:
            subject.check()
        except Exception as error:
            error.add_note(f"after {item}")
            raise


# Boundaries

MEASURED: Final = {item: text for item, text in STEPS.steps.items() if item.endswith((" below", " at", " above"))}
"""Calls on each side of each boundary."""


def rule_of(item: str) -> tuple[Rule, str]:
    """The rule and the measure of an item of the boundaries."""
    rule, _, rest = item.partition(" ")
    return LEDGER[rule], rest.rpartition(" ")[0]


@pytest.mark.parametrize("item", [item for item in MEASURED if rule_of(item)[0].statuses])
def test_a_boundary_can_be_moved_beyond_a_call(item: str) -> None:
    """Whatever its distance, the call is refused through the rule, as the document allows, and changes nothing."""
    rule, measure = rule_of(item)
    subject = Probed(Tightening(rule.id, float("inf"), measure))
    subject.run(MEASURED[item])
    call = subject.probe.calls[-1]
    assert (call.outcome.rules, call.outcome.mismatch) == ((rule,), None)
    assert call.outcome.value["error"] == "The boundary is elsewhere today"


def test_every_measure_has_a_step() -> None:
    """By which people would move its boundary: an hour, a day, a character."""
    steps = {
        f"{rule.id} {measure.name}".strip(): (measure.step, measure.unit)
        for rule in LEDGER
        for measure in rule.measures
    }
    assert steps == {
        "appointment.future": (3600, "seconds"),
        "availability.bounds ahead": (1, "days"),
        "availability.bounds span": (1, "days"),
        "link.window": (3600, "seconds"),
        "pickup.cutoff": (3600, "seconds"),
        "pickup.past": (1, "days"),
        "pickup.width": (60, "minutes"),
        "profile.birth-date": (1, "days"),
        "shipment.freshness": (3600, "seconds"),
    }
    formats = {
        (bound.measure.unit, bound.measure.step)
        for endpoint in PARTNER.endpoints.values()
        for bound in endpoint.request_rules.bounds()
    }
    assert formats == {("", 1), ("characters", 1), ("entries", 1), ("minutes", 60)}


class Nearer(Probe):
    """Keeps one rule from applying to what is at most so far behind its boundary."""

    def __init__(self, rule: str, within: float) -> None:
        super().__init__()
        self.rule = rule
        self.within = within

    def is_in_force(self, rule: Rule, distance: float | None, measure: str) -> bool:
        super().is_in_force(rule, distance, measure)
        return not (rule.id == self.rule and distance is not None and 0 <= distance < self.within)


def test_a_boundary_is_moved_for_each_record() -> None:
    """Of two locked links, the one that a wider window covers can be changed, and the other one is listed."""
    subject = Probed(Nearer("link.window", 3600))
    advance(subject.world, subject.world.shipments[SHIPMENT].created_at + timedelta(hours=24, minutes=59))
    path = f"/appointments/{PENDING_APPOINTMENT}/shipments"
    reply = subject.client.post(path, {"shipment_ids": [SHIPMENT, LOCKED_SHIPMENT]})
    assert (reply.status, reply.rules, reply.json["shipment_ids"]) == (409, ["link.window"], [LOCKED_SHIPMENT])
    assert subject.client.post(path, {"shipment_ids": [SHIPMENT]}).status == 200
    advance(subject.world, subject.world.now + timedelta(minutes=1))
    assert subject.client.delete(path, {"shipment_ids": [SHIPMENT]}).status == 409


def test_the_boundary_of_a_rule_that_does_not_refuse_is_moved() -> None:
    """A copy of a shipment may be 4 hours old instead of 3."""

    def shown(probe: Probe) -> str:
        subject = Probed(probe)
        subject.client.control("PATCH", f"/worlds/{subject.world.name}/settings", {"hourly_sync": False})
        subject.client.post(f"/appointments/{APPOINTMENT}/shipments", {"shipment_ids": [SHIPMENT]})
        subject.world.shipments[SHIPMENT].synced_at = subject.world.now
        subject.aniva.happen("courier.lost", shipment_id=SHIPMENT)
        advance(subject.world, subject.world.now + timedelta(hours=3, minutes=30))
        listed = subject.client.get(f"/appointments/{APPOINTMENT}/shipments").json
        return str(next(shipment["status"] for shipment in listed if shipment["id"] == SHIPMENT))

    assert shown(Probe()) == "fault"
    assert shown(Nearer("shipment.freshness", 3600)) == "pending"


# Events


class Held(Probe):
    """Holds back all events of a type."""

    def __init__(self, type: str) -> None:
        super().__init__()
        self.type = type

    def holds_back(self, _world: Any, event: Event) -> bool:
        return event.type == self.type


@pytest.mark.parametrize("type", DOMAIN.events)
def test_an_event_of_any_type_can_be_held_back(type: str) -> None:
    """The control plane's response has what was sent, no record changes, and the world can be restored."""
    kind = DOMAIN.events[type]
    targets = {
        "appointments": PENDING_APPOINTMENT,
        "shipments": SHIPMENT,
        "profiles": PROFILE,
        "locations": BERLIN,
    }
    sent = {kind.target: targets[kind.section]} | {
        name: {"date": "2026-04-20", "values": {"60": 4.2}}[name] for name in kind.required
    }
    subject = Probed(Held(type))
    before = write_state(subject.world.state, DOMAIN)
    happened = subject.aniva.happen(type, **sent)  # type: ignore[arg-type]
    assert happened.items() >= sent.items()
    after = write_state(subject.world.state, DOMAIN)
    assert after.pop("history") == [*before.pop("history"), subject_event(happened, type, sent, kind.target)]
    assert after == before
    subject.check()


def subject_event(happened: Any, type: str, sent: dict[str, Any], target: str) -> dict[str, Any]:
    """An event as a snapshot has it."""
    details = {name: value for name, value in sent.items() if name != target}
    event = {"type": type, "target": sent[target], "details": details, "automatic": False}
    return {"time": happened["time"], "event": event}


def test_results_that_are_held_back_stay_planned() -> None:
    """The laboratory's automatic events are noted, but no result is shown."""
    subject = Probed(Held("lab.results_arrived"))
    subject.client.post(f"/appointments/{APPOINTMENT}/confirm", {"barcode": "4130075218"})
    happened = advance(subject.world, subject.world.now + timedelta(days=40))
    assert {"lab.results_arrived"} <= {each.event.type for each in happened}
    results = subject.client.get(f"/appointments/{APPOINTMENT}/results").json
    assert results["status"] == "in_progress"
    assert {entry["status"] for entry in results["clinical_results"]} == {"planned"}


# What takes the place of a response


@pytest.mark.parametrize("id", PARTNER.endpoints)
def test_every_operation_has_a_success_made_from_the_document(id: str) -> None:
    """It passes the check of the operation's own responses, has all fields, and the headers of a success."""
    endpoint = PARTNER.endpoints[id]
    outcome = standing_for(endpoint)
    assert endpoint.operation is not None
    assert outcome.status == endpoint.operation.status
    assert endpoint.mismatch(outcome.status, outcome.value, (), outcome.headers, outcome.media_type) is None
    assert {name for name, _ in endpoint.headers} <= {name for name, _ in outcome.headers}
    if isinstance(outcome.value, list):
        assert outcome.value
