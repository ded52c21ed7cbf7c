"""The check of results that partners can use on their own fixtures: it takes what holds together, and names what does
not."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from msgspec import to_builtins

from aniva_sandbox.api.results.wire import range_view
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import happen
from aniva_sandbox.laboratory import Problem, check_results
from aniva_sandbox.laboratory.checking import check_values
from tests.laboratory.common import CARRIER, COMPLETE, EVERY_PANEL, UNMEASURABLE, book, draw, results
from tests.support import GENETICS_PANEL, new_world

WORLD = new_world(seed=11)
PLANNED = results(WORLD, book(WORLD, *EVERY_PANEL))
ANSWER = results(WORLD, draw(WORLD, *EVERY_PANEL, barcode=COMPLETE))
BEYOND = results(WORLD, draw(WORLD, *EVERY_PANEL, barcode=UNMEASURABLE))


def entry(answer: dict[str, Any], id: int) -> dict[str, Any]:
    """The result of a biomarker."""
    found = [e for kind in ("clinical_results", "genetic_results") for e in answer[kind] if e["biomarker_id"] == id]
    return found[0] if found else {}


def test_what_the_sandbox_answers_holds_together() -> None:
    """Planned, complete and unmeasurable results all pass, with and without knowing the patient."""
    for answer in (PLANNED, ANSWER, BEYOND):
        assert check_results(answer) == []
        assert check_results(answer, sex=2, age=35) == []


def test_empty_results_hold_together() -> None:
    """Nothing contradicts nothing."""
    empty = {"status": "completed", "clinical_results": [], "genetic_results": [], "documents": []}
    assert check_results(empty) == []


def changed(id: int, **fields: Any) -> Callable[[dict[str, Any]], None]:
    """A change of one result."""
    return lambda answer: entry(answer, id).update(fields)


def added(id: int, amount: float) -> Callable[[dict[str, Any]], None]:
    """A change of one value by so much."""

    def change(answer: dict[str, Any]) -> None:
        entry(answer, id)["value"] += amount

    return change


MTHFR = 203 if entry(ANSWER, 203)["variants"] else 202
NO_RANGE = dict.fromkeys(("normal_min", "normal_max", "optimal_min", "optimal_max"))
LEUKOCYTES, HAEMOGLOBIN, NEUTROPHILS_PERCENT, TOTAL, HDL, LDL, RATIO = 1, 3, 16, 57, 58, 60, 61
CREATININE, EGFR, HBA1C_PERCENT, FREE_TESTOSTERONE, APOE = 115, 116, 152, 186, 201
DIRECT, INDIRECT, GAMMA = 105, 106, 236


@pytest.mark.parametrize(
    ("change", "field", "told"),
    [
        # sums, ratios and parts
        (added(TOTAL, 1.5), "value", "but LDL Cholesterol, HDL Cholesterol, VLDL Cholesterol make it"),
        (added(RATIO, 1), "value", "but LDL Cholesterol, HDL Cholesterol make it"),
        (added(NEUTROPHILS_PERCENT, 9), "value", "but Lymphocytes %, Monocytes %, Eosinophils %, Basophils % make it"),
        (added(FREE_TESTOSTERONE, 30), "value", "but Testosterone (Total), SHBG, Albumin make it"),
        (added(INDIRECT, 9), "value", "but Total Bilirubin, Direct Bilirubin make it"),
        (added(DIRECT, 200), "value", "more than Total Bilirubin, of which it is a part"),
        (added(GAMMA, 9), "value", "make it"),
        # the catalogue
        (changed(LDL, unit="mg/dL"), "unit", "must be 'mmol/L'"),
        (changed(LDL, unit_id=7), "unit_id", "must be 2"),
        (changed(LDL, biomarker_name="LDL"), "biomarker_name", "must be 'LDL Cholesterol'"),
        (changed(LDL, category="Fats"), "category", "must be 'Lipids'"),
        (changed(LDL, biomarker_id=99999), "biomarker_id", "no such clinical biomarker"),
        (changed(LDL, biomarker_id=96), "biomarker_id", "no such clinical biomarker"),
        (changed(LDL, biomarker_id=APOE), "biomarker_id", "no such clinical biomarker"),
        (changed(LDL, reference_range_lab=None), "reference_range_lab", "is not the range of any laboratory"),
        (
            changed(
                LDL, reference_range_lab=dict.fromkeys(("normal_min", "normal_max", "optimal_min", "optimal_max"), 1)
            ),
            "reference_range_lab",
            "is not the range of any laboratory",
        ),
        (changed(LDL, reference_range_aniva=NO_RANGE), "reference_range_aniva", "is not a range of Aniva's"),
        # what can be measured
        (changed(LDL, value=None), "value", "must be a number of at least 0"),
        (changed(LDL, value=True), "value", "Expected `float | null`, got `bool`"),
        (changed(LDL, value=-1), "value", "must be a number of at least 0"),
        (changed(LDL, value=float("nan")), "value", "must be a number of at least 0"),
        (changed(LDL, value=1e6), "value", "is outside the measurable range"),
        (changed(LDL, value_operator="lt"), "value", "is not the lowest value that a laboratory can measure"),
        (changed(LDL, value_operator="gt"), "value", "is not the highest value that a laboratory can measure"),
        (changed(LDL, value_operator="ge"), "value_operator", "must be eq, lt or gt"),
        # planned
        (changed(LDL, status="planned"), "value", "must be empty while the result is planned"),
        (changed(APOE, status="planned"), "genotype", "must be empty while the result is planned"),
        (changed(LDL, status="planned", biomarker_name=None), "biomarker_name", "must be 'LDL Cholesterol'"),
        (changed(LDL, status="planned", category=None), "category", "must be 'Lipids'"),
        (changed(APOE, status="planned", gene=None), "gene", "must be 'APOE'"),
        # genes
        (changed(APOE, genotype="ε3/ε5"), "genotype", "must be one of ε2/ε2"),
        (changed(APOE, gene="APOB"), "gene", "must be 'APOE'"),
        (changed(APOE, clinical_significance="pathogenic"), "clinical_significance", "must be"),
        (changed(APOE, risk_description="None."), "risk_description", "must be"),
        (changed(MTHFR, variants=[]), "variants", "must be"),
    ],
)
def test_what_does_not_hold(change: Callable[[dict[str, Any]], None], field: str, told: str) -> None:
    """Each fault is told at its place, with what is wrong."""
    answer = deepcopy(ANSWER)
    change(answer)
    problems = [problem for problem in check_results(answer, sex=2, age=35) if problem.path.endswith(f".{field}")]
    assert any(told in problem.message for problem in problems), problems


def test_place_of_a_problem() -> None:
    """A problem names the place in the results, and reads as a sentence."""
    answer = deepcopy(ANSWER)
    entry(answer, LDL)["unit"] = "mg/dL"
    place = [e["biomarker_id"] for e in answer["clinical_results"]].index(LDL)
    assert check_results(answer) == [Problem(f"clinical_results[{place}].unit", "must be 'mmol/L'")]
    assert str(check_results(answer)[0]) == f"clinical_results[{place}].unit: must be 'mmol/L'"


def test_what_depends_on_the_patient() -> None:
    """Ranges and filtration rates are judged by sex and age where these are told."""
    assert "clinical_results" in str(check_results(ANSWER, sex=1, age=35))
    answer = deepcopy(ANSWER)
    entry(answer, EGFR)["value"] = entry(answer, EGFR)["value"] * 0.8
    assert check_results(answer) == []
    (problem,) = check_results(answer, sex=2, age=35)
    assert "but Creatinine make it" in problem.message


def test_rounded_otherwise_still_holds() -> None:
    """Fixtures that round in their own way pass: the leeway is 2 %."""
    answer = deepcopy(ANSWER)
    entry(answer, TOTAL)["value"] = round(entry(answer, TOTAL)["value"], 1)
    assert check_results(answer) == []


def test_values_behind_limits_are_not_compared() -> None:
    """A value that is only known as a limit contradicts no other."""
    answer = deepcopy(ANSWER)
    limit = WORLD.catalogue.laboratories["zotzklimas"].methods[HDL].limits.low
    entry(answer, HDL).update(value=limit, value_operator="lt")
    assert check_results(answer, sex=2, age=35) == []


def test_order_and_status() -> None:
    """Entries come once, by id; complete results have nothing planned."""
    answer = deepcopy(ANSWER)
    answer["clinical_results"].reverse()
    assert check_results(answer) == [Problem("clinical_results", "must have one entry for each biomarker, by id")]
    answer["clinical_results"] = [answer["clinical_results"][-1]] * 2
    assert [problem.path for problem in check_results(answer)] == ["clinical_results"]
    done = PLANNED | {"status": "completed"}
    assert check_results(done) == [Problem("status", "is completed, although results are planned")]


def test_hba1c_in_both_units() -> None:
    """The two ways to write HbA1c follow the master equation."""
    found = {"status": "in_progress", "genetic_results": [], "documents": [], "clinical_results": []}
    world = new_world()
    answer = results(world, draw(world, biomarkers=(151,), barcode=COMPLETE))
    percent = deepcopy(entry(answer, 151))
    biomarker = world.catalogue.biomarkers[HBA1C_PERCENT]
    measurement = world.catalogue.measurements[biomarker.slug]
    percent |= {
        "biomarker_id": HBA1C_PERCENT,
        "biomarker_name": biomarker.name,
        "unit_id": 22,
        "unit": "%",
        "value": 5.3,
        "reference_range_lab": to_builtins(range_view(measurement.lab.of(2, 35))),
        "reference_range_aniva": to_builtins(
            range_view(measurement.aniva.of(2, 35), measurement.optimal.of(2, 35) if measurement.optimal else None)
        ),
    }
    ifcc = entry(answer, 151) | {"value": (5.3 - 2.152) / 0.09148}
    assert check_results(found | {"clinical_results": [ifcc, percent]}) == []
    (problem,) = check_results(found | {"clinical_results": [ifcc, percent | {"value": 7.0}]})
    assert problem.path == "clinical_results[1].value"


@pytest.mark.parametrize(
    ("results", "path", "told"),
    [
        ({}, "status", "must be in_progress or completed"),
        (ANSWER | {"status": "done"}, "status", "must be in_progress or completed"),
        (ANSWER | {"clinical_results": None}, "clinical_results", "must be a list"),
        (ANSWER | {"clinical_results": [1]}, "clinical_results[0]", "Expected `object`, got `int`"),
        (ANSWER | {"genetic_results": [{}]}, "genetic_results[0]", "Object missing required field `status`"),
        (
            ANSWER | {"clinical_results": [entry(ANSWER, LDL) | {"biomarker_id": None}]},
            "clinical_results[0].biomarker_id",
            "Expected `int`, got `null`",
        ),
        (
            ANSWER | {"clinical_results": [entry(ANSWER, LDL) | {"tested_at": "yesterday"}]},
            "clinical_results[0].tested_at",
            "Invalid RFC3339 encoded date",
        ),
        (
            ANSWER | {"clinical_results": [entry(ANSWER, LDL) | {"tested_at": None}]},
            "clinical_results[0].tested_at",
            "is required with the result",
        ),
        (
            ANSWER | {"clinical_results": [entry(ANSWER, LDL) | {"status": "ready"}]},
            "clinical_results[0].status",
            "must be planned, received or corrected",
        ),
    ],
)
def test_what_has_another_shape(results: dict[str, Any], path: str, told: str) -> None:
    """What is missing or of another type is told, and nothing is raised."""
    assert Problem(path, told) in check_results(results)


def test_values_of_a_few() -> None:
    """An answer is 0 or 1, a titre one of its steps."""
    answer = deepcopy(ANSWER)
    entry(answer, 263)["value"] = 0.5
    entry(answer, 250).update(value=137, value_operator="eq")
    told = {problem.message for problem in check_results(answer)}
    assert told == {"must be 0 or 1", "must be one of 80, 160, 320, 640, 1280, 2560"}


def test_genotypes_that_nobody_has() -> None:
    """What is never inherited together does not stand together."""
    answer, other = deepcopy(ANSWER), results(WORLD, draw(WORLD, *EVERY_PANEL, barcode=CARRIER))
    world = new_world(settings=Settings(lab_automation=False))
    for id, genotype in ((202, "T/T"), (203, "C/C")):
        single = draw(world, GENETICS_PANEL)
        happen(world, Event("lab.results_arrived", single, {"values": {str(id): genotype}}))
        entry(answer, id).update(entry(results(world, single), id))
    (problem,) = check_results(answer)
    assert problem.message == "MTHFR C677T and MTHFR A1298C never occur in this combination"
    assert check_results(other) == []


def test_planned_genotypes_are_planned() -> None:
    """Results are not complete while a genotype is planned."""
    genes = PLANNED | {"status": "completed", "clinical_results": []}
    assert check_results(genes) == [Problem("status", "is completed, although results are planned")]


def test_the_last_digit_may_differ() -> None:
    """Small values may differ by one in the last digit that is reported, and by no more."""
    catalogue = WORLD.catalogue
    for ratio, fits in ((0.30, True), (0.28, True), (0.31, False), (0.27, False)):
        values = {"ldl-cholesterol": 0.29, "hdl-cholesterol": 1.0, "ldl-hdl-ratio": ratio}
        assert (list(check_values(catalogue, values, set(values), None, None)) == []) is fits


def test_parts_may_be_rounded_otherwise() -> None:
    """A part may be more than the whole by 2 %, which rounding can make of two equal values, and not by more."""
    for part, fits in ((1.02, True), (1.03, False)):
        values = {"psa-free": part, "psa-total": 1.0}
        assert (list(check_values(WORLD.catalogue, values, set(values), None, None)) == []) is fits


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("direct-bilirubin", "total-bilirubin"),
        ("psa-free", "psa-total"),
        ("ck-mb", "creatine-kinase"),
        ("albumin", "total-protein"),
        ("hdl-cholesterol", "total-cholesterol"),
        ("ldl-cholesterol", "total-cholesterol"),
    ],
)
def test_every_part_is_held_against_its_whole(part: str, whole: str) -> None:
    """More of a part than of the whole is told."""
    values = {part: 60.0, whole: 50.0}
    (found,) = check_values(WORLD.catalogue, values, set(values), None, None)
    assert found == (part, f"is 60, more than {WORLD.catalogue.slugs[whole].name}, of which it is a part")


def test_the_leeway_is_a_share_of_the_larger() -> None:
    """2 % of what is told or of what it should be, whichever is more."""
    for ratio, fits in ((102.03, True), (102.05, False), (98.0, True), (97.99, False)):
        values = {"ldl-cholesterol": 100.0, "hdl-cholesterol": 1.0, "ldl-hdl-ratio": ratio}
        assert (list(check_values(WORLD.catalogue, values, set(values), None, None)) == []) is fits


def test_what_is_not_told_is_computed() -> None:
    """A sum that is not in the set is computed from its parts; one that is there, but not known, is not."""
    values = {"ldl-cholesterol": 3.0, "hdl-cholesterol": 1.5, "triglycerides": 1.1, "non-hdl-cholesterol": 9.0}
    assert [slug for slug, _ in check_values(WORLD.catalogue, values, set(values), None, None)] == [
        "non-hdl-cholesterol"
    ]
    assert list(check_values(WORLD.catalogue, values, {*values, "total-cholesterol"}, None, None)) == []


def test_nothing_is_divided_by_nothing() -> None:
    """A ratio to a value that is reported as 0 is not judged."""
    values = {"ldl-cholesterol": 3.0, "hdl-cholesterol": 0.0, "ldl-hdl-ratio": 2.0}
    assert list(check_values(WORLD.catalogue, values, set(values), None, None)) == []


@pytest.mark.parametrize("person", [{"sex": 2}, {"age": 35}])
def test_half_of_the_patient(person: dict[str, Any]) -> None:
    """Where only sex or only age is told, that much is judged, and no filtration rate."""
    assert check_results(ANSWER, **person) == []
    answer = deepcopy(ANSWER)
    entry(answer, EGFR)["value"] = entry(answer, EGFR)["value"] * 0.8
    assert check_results(answer, **person) == []


@pytest.mark.parametrize(
    ("id", "fields"),
    [
        (LDL, {"value", "value_operator", "unit_id", "unit", "reference_range_lab", "reference_range_aniva"}),
        (APOE, {"genotype", "clinical_significance", "risk_description", "variants"}),
    ],
)
def test_planned_results_are_empty(id: int, fields: set[str]) -> None:
    """Whatever a planned result shows beside its id and its names is told, field by field."""
    answer = deepcopy(ANSWER)
    entry(answer, id).update(
        status="planned",
        comment="Soon.",
    )
    found = {problem.path.partition(".")[2] for problem in check_results(answer | {"status": "in_progress"})}
    assert found == {"comment", "tested_at", *fields}


@pytest.mark.parametrize(
    ("biomarker", "born", "sex"), [(181, "1950-01-01", 1), (181, "1990-01-01", 2), (193, "1950-01-01", 2)]
)
def test_ranges_of_all_ages_are_known(biomarker: int, born: str, sex: Any) -> None:
    """Without the age of the patient, a range passes that holds at any age, also if only its optimum depends on it."""
    answer = results(WORLD, draw(WORLD, biomarkers=(biomarker,), barcode=COMPLETE, born=born, sex=sex))
    assert check_results(answer) == []
    assert check_results(answer, sex=sex) == []


@pytest.mark.parametrize("slug", ["creatinine", "cystatin-c", "testosterone-total", "ferritin"])
def test_negative_values_are_told(slug: str) -> None:
    """A negative value is told, and nothing is computed from it."""
    answer = deepcopy(ANSWER)
    entry(answer, WORLD.catalogue.slugs[slug].id)["value"] = -1
    messages = [problem.message for problem in check_results(answer, sex=2, age=35)]
    assert "must be a number of at least 0, or null with a comment and no operator" in messages
