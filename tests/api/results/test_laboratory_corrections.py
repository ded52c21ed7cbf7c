"""Corrections of results, their reports, and orders that fail."""

from datetime import timedelta
from typing import Any

import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.results.orders import age_at_draw
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import advance, happen
from aniva_sandbox.laboratory.checking import check_results
from tests.api.results.lab_orders import (
    APOE,
    CARDIOMETABOLIC,
    HDL,
    HIV,
    LDL,
    RATIO,
    TOTAL,
    TRIGLYCERIDES,
    VITAMIN_D,
    arrive,
    planned,
    received,
    shown,
    skipped,
)
from tests.laboratory.common import COMPLETE, CORRECTED, FAILED, draw, results, values
from tests.support import GENETICS_PANEL, HELSINKI, PANEL, refusal_of, verdict_of

# Corrections


@pytest.mark.rule("results.corrected")
def test_corrections_leave_what_was_chosen(calm: World) -> None:
    """A chosen sum of which a part was not ordered is not computed anew; one of which all parts were is."""
    id = draw(calm, biomarkers=(57, 58))
    arrive(calm, id, values={str(TOTAL): 9.0, str(HDL): 1.2})
    happen(calm, Event("lab.corrected", id, {"values": {str(HDL): 1.3}}))
    assert values(results(calm, id)) == {TOTAL: 9.0, HDL: 1.3}
    whole = draw(calm, PANEL)
    arrive(calm, whole, values={str(LDL): 3.0, str(HDL): 1.5, str(TRIGLYCERIDES): 1.1, str(TOTAL): 5.0})
    happen(calm, Event("lab.corrected", whole, {"values": {str(HDL): 1.3}}))
    assert values(results(calm, whole))[TOTAL] == 4.8


@pytest.mark.rule("results.corrected")
def test_corrections_that_show_as_before(calm: World) -> None:
    """A value that would be reported as it is is no correction; what follows from one and shows as before stays as
    received."""
    id = draw(calm, PANEL, location=HELSINKI)
    arrive(calm, id, values={"115": 50}, biomarker_ids=[116], comment="Fasting.")
    shown = {e["biomarker_id"]: e for e in results(calm, id)["clinical_results"]}
    assert (shown[116]["value_operator"], shown[116]["value"]) == ("gt", 90.0)
    assert verdict_of(calm, Event("lab.corrected", id, {"values": {"115": 50}})) == ("event.values", 400)
    happen(calm, Event("lab.corrected", id, {"values": {"115": 52}}))
    after = {e["biomarker_id"]: e for e in results(calm, id)["clinical_results"]}
    assert after[116] == shown[116]
    assert (after[115]["status"], after[115]["value"], after[115]["comment"]) == ("corrected", 52, "Fasting.")
    happen(calm, Event("lab.corrected", id, {"values": {"115": 90}}))
    again = {e["biomarker_id"]: e for e in results(calm, id)["clinical_results"]}
    assert (again[116]["status"], again[116]["value_operator"]) == ("corrected", "eq")


@pytest.mark.rule("documents.corrected")
def test_names_of_reports(world: World) -> None:
    """Reports carry the date of the location, and no two of a draw have the same name."""
    advance(world, world.now + timedelta(hours=14, minutes=30))  # half past midnight in Berlin
    id = draw(world, PANEL, barcode=COMPLETE)
    for value in (5.0, 6.0, 7.0):
        happen(world, Event("lab.corrected", id, {"values": {str(LDL): value}}))
    answer = results(world, id)
    assert {e["tested_at"] for e in answer["clinical_results"]} == {"2026-04-14"}
    assert [document["file_name"] for document in answer["documents"]] == [
        "zotzklimas-clinical-2026-04-14.pdf",
        "zotzklimas-clinical-2026-04-14-corrected.pdf",
        "zotzklimas-clinical-2026-04-14-corrected-2.pdf",
        "zotzklimas-clinical-2026-04-14-corrected-3.pdf",
    ]


@pytest.mark.rule("results.ranges")
def test_birthdays_are_those_of_the_location(world: World) -> None:
    """Who turns 18 on the day of the draw there is 18."""
    advance(world, world.now + timedelta(hours=14, minutes=30))
    for born, age in (("2008-04-14", 18), ("2008-04-15", 17)):
        assert age_at_draw(world.orders[draw(world, PANEL, born=born)]) == age


@pytest.mark.rule("results.corrected")
def test_corrections_keep_what_they_do_not_touch(calm: World) -> None:
    """A correction changes a value in place, and again; before the submission is complete it brings no report."""
    id = draw(calm, PANEL)
    arrive(calm, id, biomarker_ids=[LDL, HDL])
    happen(calm, Event("lab.corrected", id, {"values": {str(LDL): 5}}))
    happen(calm, Event("lab.corrected", id, {"values": {str(LDL): 6}}))
    found = {e["biomarker_id"]: e for e in results(calm, id)["clinical_results"] if e["value"] is not None}
    assert {key: (e["status"], e["comment"]) for key, e in found.items()} == {
        LDL: ("corrected", None),
        HDL: ("received", None),
    }
    assert found[LDL]["value"] == 6
    assert results(calm, id)["documents"] == []
    arrive(calm, id)
    assert check_results(results(calm, id), sex=2, age=35) == []


@pytest.mark.rule("results.corrected")
def test_corrections_of_genotypes(calm: World) -> None:
    """A genotype is corrected as a value is, with what it means."""
    id = draw(calm, GENETICS_PANEL)
    arrive(calm, id)
    before = {e["biomarker_id"]: e for e in results(calm, id)["genetic_results"]}
    new = "ε2/ε2" if before[APOE]["genotype"] != "ε2/ε2" else "ε3/ε3"
    happen(calm, Event("lab.corrected", id, {"values": {str(APOE): new}}))
    answer = results(calm, id)
    after = {e["biomarker_id"]: e for e in answer["genetic_results"]}
    assert (after[APOE]["genotype"], after[APOE]["status"]) == (new, "corrected")
    assert {key for key in after if after[key] != before[key]} == {APOE}
    assert check_results(answer) == []


@pytest.mark.rule("event.values", "event.state")
@pytest.mark.parametrize(
    ("values", "rule", "told"),
    [
        ({str(VITAMIN_D): 80}, "event.state", "Vitamin D (25-OH) (42) has not arrived"),
        ({str(TOTAL): 9}, "event.values", "Total Cholesterol is 9, but LDL Cholesterol"),
        ({str(HIV): 1}, "event.values", "was not ordered"),
        ({str(LDL): 3.0}, "event.values", "reported value of LDL Cholesterol (60) would not change"),
        ({str(LDL): -3}, "event.values", "must be a number from 0 to 10,000,000"),
        ({}, "event.values", "must not be empty"),
    ],
)
def test_impossible_corrections(calm: World, values: dict[str, Any], rule: str, told: str) -> None:
    """Only what has arrived is corrected, to another value, and so that everything still holds together."""
    id = draw(calm, PANEL)
    arrive(calm, id, values={str(LDL): 3.0}, biomarker_ids=[TOTAL, HDL, TRIGLYCERIDES, RATIO])
    found = refusal_of(calm, Event("lab.corrected", id, {"values": values}))
    assert found.rule.id == rule
    assert told in found.message


# Failures


@pytest.mark.rule("results.lab-failure")
def test_orders_fail_by_an_event(world: World) -> None:
    """Nothing that was planned happens any more, and nothing can be brought."""
    id = draw(world, PANEL)
    happen(world, Event("lab.order_failed", id))
    advance(world, world.now + timedelta(days=100))
    assert received(world, id) == set()
    assert results(world, id)["status"] == "in_progress"
    assert refusal_of(world, Event("lab.results_arrived", id)).message == "The lab order has failed"
    assert verdict_of(world, Event("lab.order_failed", id)) == ("event.state", 409)


@pytest.mark.rule("results.lab-failure", "event.state")
def test_orders_fail_before_anything_arrives(calm: World) -> None:
    """Once something has arrived, or where nothing was ordered, an order does not fail."""
    id, empty = draw(calm, PANEL), draw(calm)
    arrive(calm, id, biomarker_ids=[LDL])
    assert (
        refusal_of(calm, Event("lab.order_failed", id)).message
        == "Results have arrived; a lab order can fail only before that"
    )
    assert refusal_of(calm, Event("lab.order_failed", empty)).message == "Nothing was ordered"


# Events of the agenda


@pytest.mark.rule("event.skipped")
def test_events_that_are_impossible_when_due(calm: World) -> None:
    """What was planned by hand and is not possible any more changes nothing, and says why."""
    id = draw(calm, PANEL)
    calm.agenda.add(calm.now + timedelta(hours=1), Event("lab.results_arrived", id, {"values": {str(LDL): 4}}))
    arrive(calm, id)
    before = results(calm, id)
    advance(calm, calm.now + timedelta(hours=2))
    assert results(calm, id) == before
    assert [details["skipped"] for details in skipped(calm)] == ["All results have arrived"]


# Corrections


@pytest.mark.rule("results.corrected")
def test_corrections_tell_when_and_why(calm: World) -> None:
    """A corrected value keeps the day of its test; its comment is that of the correction, while what follows from it
    keeps its own."""
    id = draw(calm, PANEL)
    arrive(calm, id, comment="Fasting.")
    advance(calm, calm.now + timedelta(days=3))
    happen(calm, Event("lab.corrected", id, {"values": {str(LDL): 9}, "comment": "Mixed up."}))
    entries = shown(calm, id)
    assert {entry["tested_at"] for entry in entries.values()} == {"2026-04-13"}
    assert [entries[key]["status"] for key in (LDL, RATIO, HDL)] == ["corrected", "corrected", "received"]
    assert [entries[key]["comment"] for key in (LDL, RATIO, HDL)] == ["Mixed up.", "Fasting.", "Fasting."]
    happen(calm, Event("lab.corrected", id, {"values": {str(LDL): 8}}))
    assert shown(calm, id)[LDL]["comment"] == "Mixed up."


@pytest.mark.rule("results.corrected")
def test_what_stays_the_same_is_not_corrected(calm: World) -> None:
    """What is computed from a corrected value and comes out the same, rounded, stays received."""
    id = draw(calm, CARDIOMETABOLIC)
    arrive(calm, id, values={str(LDL): 3.00, str(HDL): 3.00})
    arrive(calm, id)
    happen(calm, Event("lab.corrected", id, {"values": {str(LDL): 3.01}}))
    entries = shown(calm, id)
    assert (entries[LDL]["status"], entries[RATIO]["status"], entries[RATIO]["value"]) == ("corrected", "received", 1.0)


@pytest.mark.rule("documents.corrected")
def test_a_correction_reports_what_it_touches(calm: World) -> None:
    """Only the submission of a corrected result brings a further report."""
    id = draw(calm, PANEL, GENETICS_PANEL, barcode=COMPLETE)
    happen(calm, Event("lab.corrected", id, {"values": {str(LDL): 9}}))
    names = [document["file_name"] for document in results(calm, id)["documents"]]
    assert [name for name in names if "corrected" in name] == ["zotzklimas-clinical-2026-04-13-corrected.pdf"]


@pytest.mark.rule("event.values")
def test_genotypes_are_corrected_to_others(calm: World) -> None:
    """A correction to the genotype that was found is none."""
    id = draw(calm, GENETICS_PANEL)
    arrive(calm, id, values={str(APOE): "ε3/ε4"})
    assert refusal_of(calm, Event("lab.corrected", id, {"values": {str(APOE): "ε3/ε4"}})).message.endswith(
        "would not change"
    )


@pytest.mark.rule("confirm.magic")
def test_a_correction_by_hand_replaces_the_planned_one(calm: World) -> None:
    """Where an event corrects first, the correction of the magic barcode does not happen any more."""
    id = draw(calm, PANEL, barcode=CORRECTED)
    assert planned(calm) == ["lab.corrected"]
    happen(calm, Event("lab.corrected", id, {"values": {str(LDL): 9}}))
    before = results(calm, id)
    assert planned(calm) == []
    advance(calm, calm.now + timedelta(days=2))
    assert results(calm, id) == before


# Failures


@pytest.mark.rule("results.lab-failure")
def test_nothing_is_planned_for_an_order_that_is_over(world: World) -> None:
    """After a failure or a cancellation the agenda holds nothing of the order, also after new settings."""
    for end in ("lab.order_failed", "operations.cancelled"):
        id = draw(world, PANEL)
        happen(world, Event(end, id))
        assert not [event for _, event in world.agenda if event.target == id]
    DOMAIN.change_settings(world, Settings(lab_quick_hours=1))
    advance(world, world.now + timedelta(days=30))
    assert skipped(world) == []


@pytest.mark.rule("confirm.empty")
def test_nothing_ordered_cannot_fail(calm: World) -> None:
    """A wrong barcode on a draw of nothing changes nothing: its results are complete."""
    id = draw(calm, barcode=FAILED)
    assert (results(calm, id)["status"], calm.orders[id].failed) == ("completed", False)
    assert calm.history == []
