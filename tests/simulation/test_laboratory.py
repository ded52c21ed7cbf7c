"""The laboratories' side: results that a test chooses, corrections, failures, and what magic barcodes bring about."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from aniva_sandbox.contract.rules import Refusal
from aniva_sandbox.laboratory.checking import check_results
from aniva_sandbox.laboratory.formulas import FORMULAS
from aniva_sandbox.laboratory.magic import MAGIC, find_magic
from aniva_sandbox.resources.draws import confirm_blood_draw
from aniva_sandbox.resources.orders import age_at_draw, plan_results
from aniva_sandbox.resources.snapshots import add_biomarkers
from aniva_sandbox.serving.server import get_fixture
from aniva_sandbox.simulation.events import advance, happen, settle
from aniva_sandbox.simulation.settings import change_settings
from aniva_sandbox.world.agenda import Event
from aniva_sandbox.world.catalogue import get_catalogue
from aniva_sandbox.world.orders import LabOrder, Patient, Result
from aniva_sandbox.world.state import Settings
from aniva_sandbox.world.world import World
from tests.laboratory.common import (
    CARRIER,
    COMPLETE,
    CORRECTED,
    EVERY_PANEL,
    FAILED,
    HIGH,
    LOW,
    NORMAL,
    PARTIAL,
    PLAIN,
    UNMEASURABLE,
    book,
    draw,
    results,
    values,
)
from tests.support import (
    APPOINTMENT,
    CANCELLED_APPOINTMENT,
    CUSTOM_PANEL,
    DRAWN_APPOINTMENT,
    GENETICS_PANEL,
    HELSINKI,
    OTHER_CUSTOM_PANEL,
    PANEL,
    PENDING_APPOINTMENT,
    Client,
    new_world,
    run,
)

TOTAL, HDL, TRIGLYCERIDES, LDL, RATIO, GLUCOSE, HBA1C, VITAMIN_D, APOE, HIV, ANA = (
    *(57, 58, 59, 60, 61),
    *(150, 151, 42, 201, 263, 250),
)


def arrive(world: World, id: str, **details: Any) -> dict[str, Any]:
    """Let results arrive now; returns the details of what happened."""
    return happen(world, Event("lab.results_arrived", id, details)).event.details


def refused(world: World, type: str, id: str, **details: Any) -> tuple[str, int, str]:
    """Rule, status and message of the refusal of an event; fails where it changes anything."""
    before = world.snapshot()
    with pytest.raises(Refusal) as caught:
        happen(world, Event(type, id, details))
    assert world.snapshot() == before
    return caught.value.rule.id, caught.value.status, caught.value.message


def skipped(world: World) -> list[dict[str, Any]]:
    """The events of the past that were not possible."""
    return [entry.event.details for entry in world.history if "skipped" in entry.event.details]


def received(world: World, id: str) -> set[int]:
    """The biomarkers whose results are there."""
    answer = results(world, id)
    return {e["biomarker_id"] for k in ("clinical_results", "genetic_results") for e in answer[k] if e["tested_at"]}


@pytest.fixture
def calm() -> World:
    """A world in which no results arrive by themselves."""
    return new_world(settings=Settings(lab_automation=False))


# Arrivals


def test_all_arrive(calm: World) -> None:
    """Without more, everything that is outstanding arrives, and holds together."""
    id = draw(calm, *EVERY_PANEL)
    assert arrive(calm, id)["biomarker_ids"] == calm.orders[id].biomarker_ids
    answer = results(calm, id)
    assert (answer["status"], len(answer["documents"])) == ("completed", 3)
    assert check_results(answer, sex=2, age=35) == []


def test_some_arrive(calm: World) -> None:
    """Named biomarkers arrive, each once; the next event brings the rest."""
    id = draw(calm, PANEL, GENETICS_PANEL)
    assert arrive(calm, id, biomarker_ids=[LDL, APOE, LDL])["biomarker_ids"] == [LDL, APOE]
    assert received(calm, id) == {LDL, APOE}
    assert results(calm, id)["documents"] == []
    first = values(results(calm, id))
    arrive(calm, id)
    assert values(results(calm, id)).items() >= first.items()
    assert results(calm, id)["status"] == "completed"


@pytest.mark.rule("event.values")
def test_values_are_chosen(calm: World) -> None:
    """A chosen value arrives, rounded as the laboratory does, with its comment; what is computed from it follows."""
    id = draw(calm, PANEL)
    arrive(calm, id, values={str(LDL): 6.1249}, comment="Fasting.")
    assert received(calm, id) == {LDL}
    (entry,) = (e for e in results(calm, id)["clinical_results"] if e["biomarker_id"] == LDL)
    assert (entry["value"], entry["value_operator"], entry["comment"]) == (6.12, "eq", "Fasting.")
    arrive(calm, id)
    found = values(results(calm, id))
    assert found[RATIO] == round(6.12 / found[HDL], 2)
    assert found[TOTAL] == pytest.approx(6.12 + found[HDL] + found[TRIGLYCERIDES] / 2.2, abs=0.02)
    assert check_results(results(calm, id), sex=2, age=35) == []


@pytest.mark.rule("event.values")
def test_values_and_others_arrive_together(calm: World) -> None:
    """Chosen values and named biomarkers go together; genotypes are chosen as they are written."""
    id = draw(calm, PANEL, GENETICS_PANEL)
    arrive(calm, id, biomarker_ids=[HDL, RATIO], values={str(LDL): 3, str(APOE): "ε4/ε4"})
    assert received(calm, id) == {HDL, LDL, RATIO, APOE}
    apoe = results(calm, id)["genetic_results"][0]
    assert (apoe["genotype"], apoe["clinical_significance"]) == ("ε4/ε4", "high_risk")


@pytest.mark.rule("results.operator")
@pytest.mark.parametrize(
    ("value", "shown"), [(0, (8, "lt")), (7, (8, "lt")), (8, (8, "eq")), (300, (300, "eq")), (301, (300, "gt"))]
)
def test_values_beyond_the_limits(calm: World, value: float, shown: tuple[float, str]) -> None:
    """A chosen value that cannot be measured shows as the limit; the limits themselves can be measured."""
    id = draw(calm, PANEL)
    arrive(calm, id, values={str(VITAMIN_D): value})
    (entry,) = (e for e in results(calm, id)["clinical_results"] if e["biomarker_id"] == VITAMIN_D)
    assert (entry["value"], entry["value_operator"]) == shown


@pytest.mark.rule("event.values")
@pytest.mark.parametrize(
    ("details", "told"),
    [
        (
            {"values": {str(TOTAL): 9}},
            "Total Cholesterol (57) is computed; choose HDL Cholesterol and LDL Chol",
        ),
        (
            {"values": {str(RATIO): 2}},
            "LDL/HDL Ratio (61) is computed; choose HDL Cholesterol and LDL",
        ),
        ({"values": {str(LDL): 3, str(HDL): 1.5, str(RATIO): 4}}, "LDL/HDL Ratio is 4, but LDL Cholesterol, HDL Chol"),
        ({"values": {str(LDL): -0.1}}, "LDL Cholesterol must be a number from 0 to 10,000,000"),
        ({"values": {str(LDL): "high"}}, "LDL Cholesterol must be a number from 0 to 10,000,000"),
        ({"values": {str(APOE): "ε5/ε6"}}, "APOE must be one of ε2/ε2"),
        ({"values": {str(APOE): 3}}, "APOE must be one of ε2/ε2"),
        ({"values": {str(HIV): 1}}, "HIV 1/2 Antigen/Antibody (263) was not ordered"),
        ({"values": {"99999": 1}}, "biomarker 99999 was not ordered"),
        ({"values": {"96": 1}}, "Total T4 (96) was not ordered"),
        ({"biomarker_ids": [LDL, 99999]}, "biomarker 99999 was not ordered"),
        ({"biomarker_ids": [ANA]}, "Antinuclear Antibodies (ANA) (250) was not ordered"),
    ],
)
def test_impossible_values(calm: World, details: dict[str, Any], told: str) -> None:
    """What a biomarker cannot have, what was not ordered, and what contradicts another value is refused by name."""
    id = draw(calm, PANEL, GENETICS_PANEL)
    rule, status, message = refused(calm, "lab.results_arrived", id, **details)
    assert (rule, status) == ("event.values", 400)
    assert told in message


@pytest.mark.rule("event.values")
def test_values_that_are_0_or_1(calm: World) -> None:
    """Where an answer is yes or no, nothing else can be chosen."""
    id = draw(calm, "84620cf0-1910-46f3-bc2e-1fc79292e607")
    assert refused(calm, "lab.results_arrived", id, values={str(HIV): 0.5})[2].endswith("must be 0 or 1")
    arrive(calm, id, values={str(HIV): 1})
    assert values(results(calm, id)) == {HIV: 1}


@pytest.mark.rule("event.values")
def test_later_arrivals_cannot_contradict_chosen_ones(calm: World) -> None:
    """A value that would contradict one that has arrived is refused; one that fits is taken."""
    id = draw(calm, PANEL)
    arrive(calm, id, values={str(LDL): 3.0, str(HDL): 1.5})
    arrive(calm, id, biomarker_ids=[RATIO])
    assert refused(calm, "lab.results_arrived", id, values={str(LDL): 4})[0] == "event.state"
    total = refused(calm, "lab.results_arrived", id, values={str(TRIGLYCERIDES): 1.1, str(TOTAL): 9})
    assert total[:2] == ("event.values", 400)
    arrive(calm, id, values={str(TRIGLYCERIDES): 1.1, str(TOTAL): 5.0})
    assert values(results(calm, id))[TOTAL] == 5.0


@pytest.mark.rule("event.values")
def test_chosen_values_leave_room_for_the_rest(calm: World) -> None:
    """A value with which something that is still to come could not be computed is refused at once."""
    id = draw(calm, *EVERY_PANEL)
    for chosen, told in (
        ({"171": 0}, "INR cannot follow"),
        ({"230": 0}, "Albumin Fraction cannot follow"),
        ({"203": "C/C", "202": "T/T"}, "MTHFR"),
        ({"8": 150}, "RDW is 150, which nobody has"),
        ({"2": 0.3}, "MCV is"),
        ({"105": 900}, "Indirect Bilirubin would be negative"),
        ({"17": 99}, "Neutrophils % would be negative"),
    ):
        rule, _, message = refused(calm, "lab.results_arrived", id, values=chosen)
        assert rule == "event.values"
        assert told in message
    arrive(calm, id, values={str(HDL): 0.9, "17": 44})
    arrive(calm, id)
    assert check_results(results(calm, id), sex=2, age=35) == []


@pytest.mark.rule("event.state")
def test_what_has_arrived_does_not_arrive_again(calm: World) -> None:
    """Neither one that has arrived, nor anything where all have, nor anything without an order."""
    id = draw(calm, PANEL)
    arrive(calm, id, biomarker_ids=[LDL])
    assert refused(calm, "lab.results_arrived", id, biomarker_ids=[HDL, LDL])[:2] == ("event.state", 409)
    arrive(calm, id)
    assert refused(calm, "lab.results_arrived", id)[2] == "All results have arrived"
    for other in (APPOINTMENT, PENDING_APPOINTMENT, CANCELLED_APPOINTMENT):
        for type in ("lab.results_arrived", "lab.order_failed"):
            assert refused(calm, type, other)[:2] == ("event.state", 409)
        assert refused(calm, "lab.corrected", other, values={str(LDL): 1})[:2] == ("event.state", 409)


@pytest.mark.rule("event.state")
def test_cancelled_orders_are_over(calm: World) -> None:
    """After a cancellation by operations nothing arrives, is corrected or fails."""
    id = draw(calm, PANEL)
    arrive(calm, id, biomarker_ids=[LDL])
    happen(calm, Event("operations.cancelled", id))
    for type, details in (
        ("lab.results_arrived", {}),
        ("lab.corrected", {"values": {str(LDL): 1}}),
        ("lab.order_failed", {}),
    ):
        assert refused(calm, type, id, **details)[2] == "The appointment is cancelled"


def test_arrivals_by_hand_change_the_plan(world: World) -> None:
    """What has arrived by hand is not brought again by itself, and the rest comes when it was due."""
    id = draw(world, PANEL)
    arrive(world, id, biomarker_ids=[LDL, VITAMIN_D])
    advance(world, world.now + timedelta(hours=97))
    assert results(world, id)["status"] == "completed"
    assert skipped(world) == []


def test_changed_delays_change_the_plan(world: World) -> None:
    """New delays hold from the draw on; what is overdue then comes at once. Without automation nothing is left of the
    plan, and with it again, all of it."""
    id = draw(world, PANEL)
    advance(world, world.now + timedelta(hours=10))
    change_settings(world, Settings(lab_quick_hours=5, lab_slow_hours=11))
    advance(world, world.now)
    assert LDL in received(world, id)
    change_settings(world, Settings(lab_automation=False))
    assert not [event for _, event in world.agenda if event.type.startswith("lab.")]
    advance(world, world.now + timedelta(hours=10))
    change_settings(world, Settings())
    advance(world, world.now + timedelta(hours=76))
    assert results(world, id)["status"] == "completed"


def test_same_settings_plan_nothing_anew(world: World) -> None:
    """A change of other settings leaves what the laboratories will do as it is."""
    draw(world, PANEL)
    before = [entry for entry in world.agenda if entry[1].type.startswith("lab.")]
    change_settings(world, Settings(hourly_sync=False))
    assert [entry for entry in world.agenda if entry[1].type.startswith("lab.")] == before


@pytest.mark.rule("results.operator")
def test_what_cannot_be_measured_is_still_there(calm: World) -> None:
    """What is computed follows from what is in the blood, not from a printed limit, whatever arrives first."""
    finn = {"location": HELSINKI}
    at_once, in_parts = (draw(calm, "8a148b23-03e0-4d3e-9370-4ae702c62ddb", EVERY_PANEL[5], **finn) for _ in "ab")
    arrive(calm, at_once, values={"163": 45}, biomarker_ids=[164])
    arrive(calm, in_parts, values={"163": 45})
    arrive(calm, in_parts, biomarker_ids=[164])
    for id in (at_once, in_parts):
        shown = {e["biomarker_id"]: (e["value_operator"], e["value"]) for e in results(calm, id)["clinical_results"]}
        assert (shown[163], shown[164]) == (("gt", 20.0), ("eq", 45.0))


@pytest.mark.rule("results.operator")
def test_a_ratio_of_what_cannot_be_measured(calm: World) -> None:
    """It has no value, and a comment that names what cannot be measured; a ratio of what can has one."""
    men = "6623f285-afb0-48f8-9286-200c5895b73f"
    answers = [results(calm, draw(calm, men, barcode=COMPLETE, sex=sex, born="1960-01-01")) for sex in (2, 1)]
    woman, man = ({e["biomarker_id"]: e for e in answer["clinical_results"]}[272] for answer in answers)
    assert (woman["status"], woman["value"], woman["value_operator"]) == ("received", None, None)
    assert woman["comment"] == "Not calculated: PSA (Free) and PSA (Total) cannot be measured."
    assert (man["value"] > 0, man["value_operator"], man["comment"]) == (True, "eq", None)
    assert [check_results(answer) for answer in answers] == [[], []]
    assert answers[0]["status"] == "completed"


@pytest.mark.rule("event.values")
@pytest.mark.parametrize(
    ("value", "shown"), [(20, ("lt", 80)), (79, ("lt", 80)), (80, ("eq", 80)), (2560, ("eq", 2560))]
)
def test_titres(calm: World, value: float, shown: tuple[str, float]) -> None:
    """A titre is one of a few values, or below the first."""
    id = draw(calm, "8a148b23-03e0-4d3e-9370-4ae702c62ddb")
    assert refused(calm, "lab.results_arrived", id, values={str(ANA): 137})[2].startswith(
        "values: Antinuclear Antibodies (ANA) must be one of 80.0, 160.0"
    )
    arrive(calm, id, values={str(ANA): value})
    (entry,) = (e for e in results(calm, id)["clinical_results"] if e["biomarker_id"] == ANA)
    assert (entry["value_operator"], entry["value"]) == shown


@pytest.mark.rule("event.values")
def test_genotypes_go_together(calm: World) -> None:
    """What is inherited together follows a chosen genotype, and no two are taken that nobody has."""
    for _ in range(5):
        id = draw(calm, GENETICS_PANEL)
        arrive(calm, id, values={"202": "T/T", "206": "A/A"})
        arrive(calm, id)
        shown = {e["biomarker_id"]: e["genotype"] for e in results(calm, id)["genetic_results"]}
        assert (shown[202], shown[203], shown[206], shown[207]) == ("T/T", "A/A", "A/A", "C/C")
        assert check_results(results(calm, id)) == []
        assert refused(calm, "lab.corrected", id, values={"203": "C/C"})[:2] == ("event.values", 400)
        happen(calm, Event("lab.corrected", id, {"values": {"202": "C/T", "203": "A/C"}}))


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
    assert refused(calm, "lab.corrected", id, values={"115": 50})[:2] == ("event.values", 400)
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


def test_draws_of_the_start_have_their_results_in_any_case() -> None:
    """What had arrived before a world begins is there without automation, too; nothing more comes."""
    calm, usual = new_world(settings=Settings(lab_automation=False)), new_world()
    for id in ("877e7253-ee68-42d5-b91d-92a76843af67", DRAWN_APPOINTMENT):
        assert results(calm, id) == results(usual, id)
    advance(calm, calm.now + timedelta(days=100))
    assert results(calm, DRAWN_APPOINTMENT)["status"] == "in_progress"


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
        ({str(LDL): 3.0}, "event.values", "LDL Cholesterol (60) would be reported as it is already"),
        ({str(LDL): -3}, "event.values", "must be a number from 0 to 10,000,000"),
        ({}, "event.values", "must name what is corrected"),
    ],
)
def test_impossible_corrections(calm: World, values: dict[str, Any], rule: str, told: str) -> None:
    """Only what has arrived is corrected, to another value, and so that everything still holds together."""
    id = draw(calm, PANEL)
    arrive(calm, id, values={str(LDL): 3.0}, biomarker_ids=[TOTAL, HDL, TRIGLYCERIDES, RATIO])
    found = refused(calm, "lab.corrected", id, values=values)
    assert found[0] == rule
    assert told in found[2]


# Failures


@pytest.mark.rule("results.lab-failure")
def test_orders_fail_by_an_event(world: World) -> None:
    """Nothing that was planned happens any more, and nothing can be brought."""
    id = draw(world, PANEL)
    happen(world, Event("lab.order_failed", id))
    advance(world, world.now + timedelta(days=100))
    assert received(world, id) == set()
    assert results(world, id)["status"] == "in_progress"
    assert refused(world, "lab.results_arrived", id)[2] == "The lab order has failed"
    assert refused(world, "lab.order_failed", id)[:2] == ("event.state", 409)


@pytest.mark.rule("results.lab-failure", "event.state")
def test_orders_fail_before_anything_arrives(calm: World) -> None:
    """Once something has arrived, or where nothing was ordered, an order does not fail."""
    id, empty = draw(calm, PANEL), draw(calm)
    arrive(calm, id, biomarker_ids=[LDL])
    assert refused(calm, "lab.order_failed", id)[2] == "Results have arrived; a lab order fails before that"
    assert refused(calm, "lab.order_failed", empty)[2] == "Nothing was ordered"


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


# Magic barcodes


@pytest.mark.rule("confirm.magic")
@pytest.mark.parametrize("magic", MAGIC, ids=lambda magic: magic.effect)
def test_prefixes(magic: Any) -> None:
    """A barcode that begins with the prefix is magic, whatever follows; the prefix elsewhere is not."""
    for barcode in (magic.prefix, f"{magic.prefix}0", f"{magic.prefix}{'7' * 59}"):
        assert find_magic(barcode) == magic.effect
    for barcode in (f"1{magic.prefix}", magic.prefix[:-1], "99900", PLAIN):
        assert find_magic(barcode) is None


@pytest.mark.rule("confirm.magic")
def test_complete_at_once(calm: World) -> None:
    """Everything is there with the next call, with its reports, also without automation."""
    id = draw(calm, PANEL, GENETICS_PANEL, barcode=COMPLETE)
    assert (results(calm, id)["status"], len(results(calm, id)["documents"])) == ("completed", 2)


@pytest.mark.rule("confirm.magic")
def test_partial_at_once(world: World) -> None:
    """Half is there at once, the other half comes with an event and never by itself."""
    id = draw(world, PANEL, barcode=PARTIAL)
    assert len(received(world, id)) == 16
    advance(world, world.now + timedelta(days=100))
    assert len(received(world, id)) == 16
    assert results(world, id)["status"] == "in_progress"
    arrive(world, id)
    assert results(world, id)["status"] == "completed"


@pytest.mark.rule("confirm.magic")
@pytest.mark.parametrize(("barcode", "high"), [(HIGH, True), (LOW, False)])
def test_critical_values(calm: World, barcode: str, high: bool) -> None:
    """One value is beyond where a doctor is called."""
    id = draw(calm, PANEL, barcode=barcode)
    answer = results(calm, id)
    measurements = [calm.catalogue.measurements[calm.catalogue.biomarkers[key].slug] for key in values(answer)]
    beyond = []
    for measurement, (key, value) in zip(measurements, values(answer).items(), strict=True):
        end = measurement.critical.high if high else measurement.critical.low
        if end is not None and (value > end if high else value < end):
            beyond.append(key)
    assert len(beyond) == 1
    assert check_results(answer, sex=2, age=35) == []


@pytest.mark.rule("confirm.magic", "results.corrected")
def test_corrected_later(calm: World) -> None:
    """All is there at once; a day later one value is another one, with a comment and a further report; once."""
    id = draw(calm, PANEL, barcode=CORRECTED)
    before = results(calm, id)
    assert before["status"] == "completed"
    advance(calm, calm.now + timedelta(hours=23, minutes=59))
    assert results(calm, id) == before
    advance(calm, calm.now + timedelta(minutes=1))
    after = results(calm, id)
    corrected = [e for e in after["clinical_results"] if e["status"] == "corrected"]
    assert corrected
    assert [e["comment"] for e in corrected if e["comment"]] == ["Corrected after review."]
    assert len(after["documents"]) == len(before["documents"]) + 1
    assert check_results(after, sex=2, age=35) == []
    advance(calm, calm.now + timedelta(days=30))
    assert results(calm, id) == after


@pytest.mark.rule("confirm.magic", "results.lab-failure")
def test_failing(calm: World) -> None:
    """The order has failed with the next call."""
    id = draw(calm, PANEL, barcode=FAILED)
    assert calm.orders[id].failed
    assert calm.history[-1].event.type == "lab.order_failed"


@pytest.mark.rule("confirm.magic")
@pytest.mark.parametrize(("sex", "born"), [(1, "1940-01-01"), (2, "1985-05-05"), (2, "2001-01-01")])
def test_everything_normal(calm: World, sex: Any, born: str) -> None:
    """Every value lies inside the range that the laboratory prints."""
    id = draw(calm, *EVERY_PANEL, barcode=NORMAL, sex=sex, born=born)
    answer = results(calm, id)
    assert answer["status"] == "completed"
    for entry in answer["clinical_results"]:
        range = entry["reference_range_lab"]
        if entry["value"] is None:
            continue  # a ratio of what cannot be measured
        assert range["normal_min"] is None or entry["value"] >= range["normal_min"], entry
        assert range["normal_max"] is None or entry["value"] <= range["normal_max"], entry


@pytest.mark.rule("confirm.magic")
def test_carriers(calm: World) -> None:
    """Every genotype is the one with the highest risk, or of two that are inherited together one of the two is."""
    order = ["pathogenic", "likely_pathogenic", "high_risk", "moderate_risk", "uncertain_significance", "low_risk"]
    answer = results(calm, draw(calm, GENETICS_PANEL, barcode=CARRIER))
    shown = {calm.catalogue.biomarkers[e["biomarker_id"]].slug: e for e in answer["genetic_results"]}
    for together in calm.catalogue.haplotypes:
        worst = []
        for slug in [each for each in together.biomarkers if each in shown]:
            known = {genotype.significance for genotype in calm.catalogue.genes[slug].genotypes.values()}
            most = next((each for each in order if each in known), None)
            worst.append(most is None or shown[slug]["clinical_significance"] == most)
        assert not worst or any(worst)
    assert shown["lct-13910"]["clinical_significance"] == "low_risk"
    assert check_results(answer) == []


ORDERABLES = [
    pytest.param(laboratory.slug, orderable, id=f"{laboratory.slug}-{orderable.name}")
    for laboratory in get_catalogue().laboratories.values()
    for orderable in laboratory.orderables
]


CONTAINERS = {"zotzklimas": CUSTOM_PANEL, "labclinic": "00000000-0000-0000-0000-000000000bff"}


@pytest.mark.rule("confirm.magic")
@pytest.mark.parametrize(("laboratory", "orderable"), ORDERABLES)
def test_magic_works_for_whatever_is_ordered(laboratory: str, orderable: Any) -> None:
    """Whatever is ordered and whoever it is for, a magic barcode never asks for what is impossible, and what comes of
    it holds together."""
    world = new_world(settings=Settings(lab_automation=False))
    for magic in MAGIC:
        for sex in (1, 2):
            id = book(world, sex=1 if sex == 1 else 2)
            appointment = world.appointments[id]
            appointment.snapshot = {CONTAINERS[laboratory]: tuple(orderable.yields)}
            confirmed = draw_booked(world, id, magic.prefix)
            advance(world, world.now + timedelta(hours=25))
            answer = results(world, confirmed)
            assert check_results(answer, sex=1 if sex == 1 else 2, age=age_at_draw(world.orders[id])) == []
            waits = magic.effect == "failed" or (magic.effect == "partial" and len(orderable.yields) > 1)
            assert answer["status"] == ("in_progress" if waits else "completed")
    assert skipped(world) == []


def draw_booked(world: World, id: str, barcode: str) -> str:
    """Confirm the draw of a booking."""
    run(world, confirm_blood_draw, id, {"barcode": barcode})
    advance(world, world.now)
    return id


def test_unmeasurable_values_are_there_where_they_can_be(calm: World) -> None:
    """In a large order there is one of either kind."""
    answer = results(calm, draw(calm, *EVERY_PANEL, barcode=UNMEASURABLE))
    operators = [entry["value_operator"] for entry in answer["clinical_results"]]
    assert "lt" in operators
    assert "gt" in operators


# Over HTTP


@pytest.mark.rule("confirm.magic")
def test_the_table_of_magic_values(client: Client) -> None:
    """The control plane lists every magic value, where it is sent and what it does."""
    listed = client.control("GET", "/magic").json
    assert [each["value"] for each in listed if each["field"] == "barcode"] == [magic.prefix for magic in MAGIC]
    assert [each["value"] for each in listed if each["field"] == "notes"] == [
        f"courier-refuses-{order}" for order in ("create", "update", "cancel")
    ]
    assert all(each["effect"].endswith(".") for each in listed)


@pytest.mark.rule("confirm.magic")
def test_examples_of_the_document_are_magic(client: Client) -> None:
    """Each body that the document shows for a confirmation does what its summary says."""
    content = client.api.document["paths"]["/api/v1/appointments/{id}/confirm"]["post"]["requestBody"]["content"]
    shown = content["application/json"]["examples"]
    magic = {example["summary"]: find_magic(example["value"]["barcode"]) for example in shown.values()}
    assert magic == {"Confirm the blood draw": None} | {each.description: each.effect for each in MAGIC}


@pytest.mark.rule("event.values", "event.details")
@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ({"type": "lab.corrected"}, "event.details"),
        ({"type": "lab.order_failed", "values": {"60": 1}}, "event.details"),
        ({"type": "lab.results_arrived", "values": {"ldl": 1}}, "body.schema"),
        ({"type": "lab.results_arrived", "values": {"060": 1}}, "body.schema"),
        ({"type": "lab.results_arrived", "biomarker_ids": [-1]}, "id.format"),
        ({"type": "lab.results_arrived", "biomarker_ids": [1e30]}, "body.schema"),
        ({"type": "lab.results_arrived", "values": {"60": None}}, "body.schema"),
        ({"type": "lab.results_arrived", "values": {"60": True}}, "body.schema"),
        ({"type": "lab.results_arrived", "biomarker_ids": []}, "body.schema"),
        ({"type": "lab.results_arrived", "values": {"263": 1}}, "event.values"),
    ],
)
def test_events_over_http(client: Client, body: dict[str, Any], rule: str) -> None:
    """What an event of the laboratory takes is checked like that of any other."""
    id = draw(client.world, PANEL)
    before = client.world.snapshot()
    reply = client.control("POST", "/worlds/test/events", body | {"appointment_id": id})
    assert (reply.status, reply.rules) == (400, [rule])
    assert client.world.snapshot() == before


def test_a_story_over_http(client: Client) -> None:
    """A test tells its own story with events, now and later, and finds them in the history."""
    id = draw(client.world, PANEL)
    event = {"type": "lab.results_arrived", "appointment_id": id, "values": {"60": 4.2}}
    happened = client.control("POST", "/worlds/test/events", event).json
    assert happened == event | {"time": "2026-04-13T08:00:00Z", "biomarker_ids": [60]}
    later = {"type": "lab.corrected", "appointment_id": id, "values": {"60": 4.4}, "time": "2026-04-13T09:00:00Z"}
    assert client.control("POST", "/worlds/test/events", later).status == 200
    moved = client.control("POST", "/worlds/test/clock/advance", {"until": "lab.corrected", "appointment_id": id}).json
    assert moved["events"][-1]["biomarker_ids"] == [60]
    shown = {e["biomarker_id"]: e for e in client.get(f"/appointments/{id}/results").json["clinical_results"]}
    assert (shown[60]["value"], shown[60]["status"]) == (4.4, "corrected")


CARDIOMETABOLIC = EVERY_PANEL[1]
NON_HDL, TSH = 62, 87
OLD_DRAW = "877e7253-ee68-42d5-b91d-92a76843af67"


def planned(world: World) -> list[str]:
    """What the laboratories will do by themselves."""
    return [event.type for _, event in world.agenda if event.type.startswith("lab.")]


def shown(world: World, id: str) -> dict[int, dict[str, Any]]:
    """The results of a draw by biomarker."""
    answer = results(world, id)
    return {e["biomarker_id"]: e for kind in ("clinical_results", "genetic_results") for e in answer[kind]}


def unsettled() -> World:
    """A world in which nothing has happened yet, not even what its draws bring about."""
    return World("test", get_fixture("default"), get_catalogue(), mode="frozen")


# Arrivals


def test_what_arrives_is_told_by_id(calm: World) -> None:
    """The event tells what arrived, or was corrected, in the order of the ids, however they were named."""
    id = draw(calm, PANEL, GENETICS_PANEL)
    assert arrive(calm, id, biomarker_ids=[APOE, RATIO], values={str(HDL): 1.5, str(LDL): 3})["biomarker_ids"] == [
        *(HDL, LDL, RATIO, APOE)
    ]
    correction = Event("lab.corrected", id, {"values": {str(LDL): 4, str(HDL): 1.2}})
    assert happen(calm, correction).event.details["biomarker_ids"] == [HDL, LDL, RATIO]


def test_comments_belong_to_what_was_chosen(calm: World) -> None:
    """A comment stands at the chosen values; where none is chosen, at everything that arrives."""
    id = draw(calm, PANEL)
    arrive(calm, id, values={str(LDL): 3}, biomarker_ids=[HDL], comment="Fasting.")
    arrive(calm, id, biomarker_ids=[RATIO, VITAMIN_D], comment="Repeated.")
    comments = {key: entry["comment"] for key, entry in shown(calm, id).items() if entry["comment"]}
    assert comments == {LDL: "Fasting.", RATIO: "Repeated.", VITAMIN_D: "Repeated."}


@pytest.mark.rule("event.values")
@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_values_are_finite(calm: World, value: float) -> None:
    """What is no number of JSON is no value either."""
    id = draw(calm, PANEL)
    refusal = refused(calm, "lab.results_arrived", id, values={str(LDL): value})
    assert (refusal[0], "must be a number from 0 to 10,000,000" in refusal[2]) == ("event.values", True)


@pytest.mark.rule("event.values")
def test_what_is_computed_can_be_chosen_once_its_inputs_are_there(calm: World) -> None:
    """Only what a value is computed from itself must have arrived, not what that was computed from."""
    id = draw(calm, CARDIOMETABOLIC)
    arrive(calm, id, biomarker_ids=[TOTAL, HDL])
    found = values(results(calm, id))
    chosen = round(found[TOTAL] - found[HDL], 2)
    arrive(calm, id, values={str(NON_HDL): chosen})
    assert values(results(calm, id))[NON_HDL] == chosen


def test_days_are_those_of_the_location(calm: World) -> None:
    """What arrives at 23:00 in London was tested on the next day in Berlin."""
    id = draw(calm, PANEL)
    calm.clock.move(calm.now.replace(hour=23))
    arrive(calm, id)
    assert {entry["tested_at"] for entry in shown(calm, id).values()} == {"2026-04-14"}


def test_overdue_results_come_now(world: World) -> None:
    """Where new delays have passed already, the results come at once, and not in the past."""
    id = draw(world, PANEL)
    advance(world, world.now + timedelta(hours=20))
    now = world.now
    change_settings(world, Settings(lab_quick_hours=1))
    settle(world)
    (arrived,) = [each for each in world.history if (each.event.type, each.event.target) == ("lab.results_arrived", id)]
    assert arrived.time == now


@pytest.mark.parametrize("field", ["lab_quick_hours", "lab_slow_hours", "lab_genetic_hours"])
def test_each_delay_changes_the_plan(world: World, field: str) -> None:
    """A change of one of the delays alone is planned anew."""
    id = draw(world, PANEL, GENETICS_PANEL)
    change_settings(world, msgspec.structs.replace(Settings(), **{field: 0}))
    assert received(world, id) == set()
    settle(world)
    assert received(world, id)


def test_orders_to_several_laboratories_at_the_start() -> None:
    """A draw that a world starts with has what each of its laboratories knows by then."""
    world = unsettled()
    appointment = world.appointments[DRAWN_APPOINTMENT]
    appointment.panels = appointment.panels | dict.fromkeys(EVERY_PANEL, appointment.created_at)
    settle(world)
    submissions = [each for each in world.orders[DRAWN_APPOINTMENT].submissions if each.kind == "clinical"]
    assert len(submissions) == 2
    assert world.history == []
    for submission in submissions:
        slow = {
            key
            for key in submission.biomarker_ids
            if world.catalogue.measurements[world.catalogue.biomarkers[key].slug].slow
        }
        assert (
            received(world, DRAWN_APPOINTMENT) & set(submission.biomarker_ids) == set(submission.biomarker_ids) - slow
        )


def test_draws_of_the_start_came_in_their_time() -> None:
    """Results and reports of an old draw are of the days on which they were due, not of the day of the start."""
    world = unsettled()
    settle(world)
    order = world.orders[OLD_DRAW]
    assert order.placed_at == world.appointments[OLD_DRAW].updated_at
    issued = [world.documents[id].issued_at - order.placed_at for id in order.document_ids]
    assert issued == [timedelta(hours=96), timedelta(hours=336)]
    days = {(order.placed_at + timedelta(hours=hours)).date() for hours in (24, 96, 336)}
    assert {result.tested_on for result in order.results.values()} == days


@pytest.mark.parametrize(
    ("updated", "scheduled", "placed"),
    [
        (timedelta(days=-2), timedelta(days=-3), timedelta(days=-2)),
        (None, timedelta(days=-3), timedelta(days=-3)),
        (None, None, timedelta(days=-16)),
        (None, timedelta(days=5), timedelta(0)),
    ],
)
def test_when_a_draw_of_the_start_was(
    updated: timedelta | None, scheduled: timedelta | None, placed: timedelta
) -> None:
    """It was when the appointment was changed last, or else when it was to be or was made, and never in the future."""
    world = unsettled()
    appointment = world.appointments[DRAWN_APPOINTMENT]
    appointment.updated_at = None if updated is None else world.now + updated
    world.appointments.change_time(appointment, None if scheduled is None else world.now + scheduled)
    appointment.created_at = world.now - timedelta(days=16)
    settle(world)
    assert world.orders[DRAWN_APPOINTMENT].placed_at == world.now + placed


def test_what_is_due_at_the_start_has_come() -> None:
    """What was due at the very moment of the start belongs to what the world begins with, and is no event of it."""
    world = unsettled()
    world.appointments[DRAWN_APPOINTMENT].updated_at = world.now - timedelta(hours=24)
    settle(world)
    assert received(world, DRAWN_APPOINTMENT)
    assert world.history == []


def test_only_draws_of_the_start_have_orders() -> None:
    """A barcode on an appointment that is not drawn sends nothing to a laboratory."""
    world = unsettled()
    world.appointments[APPOINTMENT].barcode = "4130075218"
    settle(world)
    assert APPOINTMENT not in world.orders
    assert DRAWN_APPOINTMENT in world.orders


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
    assert refused(calm, "lab.corrected", id, values={str(APOE): "ε3/ε4"})[2].endswith(
        "would be reported as it is already"
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
    change_settings(world, Settings(lab_quick_hours=1))
    advance(world, world.now + timedelta(days=30))
    assert skipped(world) == []


@pytest.mark.rule("confirm.empty")
def test_nothing_ordered_cannot_fail(calm: World) -> None:
    """A wrong barcode on a draw of nothing changes nothing: its results are complete."""
    id = draw(calm, barcode=FAILED)
    assert (results(calm, id)["status"], calm.orders[id].failed) == ("completed", False)
    assert calm.history == []


# Who and where


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(1990, 4, 13), 36),
        (date(1990, 4, 14), 35),
        (date(1990, 3, 20), 36),
        (date(1990, 5, 1), 35),
        (date(2026, 4, 13), 0),
        (date(2026, 4, 20), 0),
    ],
)
def test_age_at_the_draw(born: date, age: int) -> None:
    """A year is full on the birthday; nobody is younger than 0."""
    patient = Patient("p", "Jane", None, 2, born, "en")
    order = LabOrder("a", "1", datetime(2026, 4, 12, 23, tzinfo=UTC), date(2026, 4, 13), patient, ())
    assert age_at_draw(order) == age


@pytest.mark.rule("results.arrival")
def test_the_first_container_routes(world: World) -> None:
    """A biomarker in two containers goes where the first routes, once."""
    id = book(world)
    for panel in (OTHER_CUSTOM_PANEL, CUSTOM_PANEL):
        run(world, add_biomarkers, id, {"panel_id": panel, "biomarker_ids": [TSH]})
    draw_booked(world, id, COMPLETE)
    assert [(each.laboratory, each.biomarker_ids) for each in world.orders[id].submissions] == [("labclinic", (TSH,))]


def test_what_was_ordered_is_told_by_id(calm: World) -> None:
    """Whatever goes to which laboratory, what was ordered and what is outstanding stand by id, and half of it is there
    with a magic barcode."""
    id = draw(calm, *EVERY_PANEL, location=HELSINKI, barcode=PARTIAL)
    order = calm.orders[id]
    assert len({each.laboratory for each in order.submissions}) == 2
    ids = [entry for submission in order.submissions for entry in submission.biomarker_ids]
    assert order.biomarker_ids == sorted(ids) != ids
    assert received(calm, id) == set(order.biomarker_ids[: (len(ids) + 1) // 2])


# Magic barcodes


@pytest.mark.rule("confirm.magic")
@pytest.mark.parametrize("laboratory", ["zotzklimas", "labclinic"])
def test_magic_values_are_clearly_beyond(calm: World, laboratory: str) -> None:
    """Of whatever can be any number, a value is beyond its critical end, or where there is none,
    beyond the laboratory's range; or beyond what can be measured, below rather than above."""
    for id in sorted(calm.catalogue.laboratories[laboratory].sellers):
        slug = calm.catalogue.biomarkers[id].slug
        measurement = calm.catalogue.measurements.get(slug)
        if measurement is None or slug in FORMULAS or measurement.steps or measurement.positive:
            continue
        for barcode in (HIGH, LOW, UNMEASURABLE):
            booked = book(calm)
            calm.appointments[booked].snapshot = {CONTAINERS[laboratory]: (id,)}
            draw_booked(calm, booked, barcode)
            value, operator = shown(calm, booked)[id]["value"], shown(calm, booked)[id]["value_operator"]
            critical, normal = measurement.critical, measurement.lab.of(2, 35)
            limits = calm.catalogue.laboratories[laboratory].methods[id].limits
            if barcode == HIGH:
                end = normal.high if critical.high is None else critical.high
                assert end is None or value > end or operator == "gt", slug
            elif barcode == LOW:
                end = normal.low if critical.low is None else critical.low
                assert not end or value < end or operator == "lt", slug
            elif limits.low and round(limits.low / 2, measurement.decimals) not in (0, limits.low):
                assert operator == "lt", slug
            elif limits.high is not None:
                assert operator == "gt", slug
    assert skipped(calm) == []


@pytest.mark.rule("confirm.magic")
@pytest.mark.parametrize(("biomarker", "value"), [(HIV, 1.0), (ANA, 2560.0)])
def test_the_highest_of_a_few(calm: World, biomarker: int, value: float) -> None:
    """Where nothing else is ordered, the high value is a yes, or the highest titre."""
    id = book(calm)
    calm.appointments[id].snapshot = {CUSTOM_PANEL: (biomarker,)}
    draw_booked(calm, id, HIGH)
    assert values(results(calm, id)) == {biomarker: value}


@pytest.mark.rule("confirm.magic")
@pytest.mark.parametrize("barcode", [LOW, UNMEASURABLE, CORRECTED])
def test_magic_leaves_what_is_no_number(calm: World, barcode: str) -> None:
    """An infection and a titre are found as they would be without the barcode."""
    for biomarker in (HIV, ANA):
        for each in (barcode, COMPLETE):
            id = book(calm)
            calm.appointments[id].profile_id = calm.appointments[APPOINTMENT].profile_id
            calm.appointments[id].snapshot = {CUSTOM_PANEL: (biomarker,)}
            draw_booked(calm, id, each)
            order = calm.orders[id]
            order.results = {biomarker: msgspec.structs.replace(order.results[biomarker], value=80.0)}
            plan_results(calm, order)
            assert planned(calm) == []
    for event in (each.event for each in calm.history if each.event.type == "lab.results_arrived"):
        assert "values" not in event.details


@pytest.mark.rule("confirm.magic")
def test_magic_prefers_what_nothing_is_computed_from(calm: World) -> None:
    """Where there is a choice, the value that is corrected draws no other along."""
    id = draw(calm, biomarkers=(LDL, TSH), barcode=CORRECTED)
    advance(calm, calm.now + timedelta(days=1))
    assert {key for key, entry in shown(calm, id).items() if entry["status"] == "corrected"} == {TSH}


@pytest.mark.rule("confirm.magic")
@pytest.mark.parametrize(
    ("value", "operator", "happens"),
    [(100.0, "eq", True), (0.0, "eq", False), (8.0, "lt", False), (290.0, "eq", False)],
)
def test_what_can_be_corrected_later(calm: World, value: float, operator: Any, happens: bool) -> None:
    """The later correction is of a value that was measured, to one that can be; where there is none, of nothing."""
    id = draw(calm, biomarkers=(VITAMIN_D,), barcode=CORRECTED)
    order = calm.orders[id]
    order.results = {VITAMIN_D: Result("received", date(2026, 4, 13), value, operator)}
    plan_results(calm, order)
    assert planned(calm) == (["lab.corrected"] if happens else [])
