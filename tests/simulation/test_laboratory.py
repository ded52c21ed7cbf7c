"""The laboratories' side: results that a test chooses, corrections, failures, and what magic barcodes bring about."""

from datetime import timedelta
from typing import Any

import pytest

from aniva_sandbox.contract.rules import Refusal
from aniva_sandbox.laboratory.checking import check_results
from aniva_sandbox.laboratory.magic import MAGIC, find_magic
from aniva_sandbox.resources.draws import confirm_blood_draw
from aniva_sandbox.resources.orders import age_at_draw
from aniva_sandbox.simulation.events import advance, happen
from aniva_sandbox.simulation.settings import change_settings
from aniva_sandbox.world.agenda import Event
from aniva_sandbox.world.catalogue import get_catalogue
from aniva_sandbox.world.world import Settings, World
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
    HELSINKI,
    PANEL,
    PENDING_APPOINTMENT,
    Client,
    new_world,
    run,
)

GENETICS = "91d38730-e6bc-4d12-80e3-4497f8e848a1"
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
    id = draw(calm, PANEL, GENETICS)
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
    id = draw(calm, PANEL, GENETICS)
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
    id = draw(calm, PANEL, GENETICS)
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
        id = draw(calm, GENETICS)
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
    id = draw(calm, GENETICS)
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
    id = draw(calm, PANEL, GENETICS, barcode=COMPLETE)
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
    answer = results(calm, draw(calm, GENETICS, barcode=CARRIER))
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
