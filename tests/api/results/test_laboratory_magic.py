"""What magic barcodes bring about."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from aniva_sandbox.api.results.orders import age_at_draw, plan_results
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.events import advance
from aniva_sandbox.laboratory.catalogue import get_catalogue
from aniva_sandbox.laboratory.checking import check_results
from aniva_sandbox.laboratory.formulas import FORMULAS
from aniva_sandbox.laboratory.magic import MAGIC, find_magic
from aniva_sandbox.laboratory.orders import Result
from tests.api.results.lab_orders import (
    ANA,
    HIV,
    LDL,
    TSH,
    VITAMIN_D,
    arrive,
    draw_booked,
    planned,
    received,
    shown,
    skipped,
)
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
from tests.support import APPOINTMENT, CUSTOM_PANEL, GENETICS_PANEL, PANEL, Client, new_world

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
    pytest.param(laboratory.slug, orderable, place % 2, id=f"{laboratory.slug}-{orderable.name}")
    for laboratory in get_catalogue().laboratories.values()
    for place, orderable in enumerate(laboratory.orderables)
]
CONTAINERS = {"zotzklimas": CUSTOM_PANEL, "labclinic": "00000000-0000-0000-0000-000000000bff"}


@pytest.mark.rule("confirm.magic")
@pytest.mark.parametrize(("laboratory", "orderable", "first"), ORDERABLES)
def test_magic_works_for_whatever_is_ordered(laboratory: str, orderable: Any, first: int) -> None:
    """Whatever is ordered and whoever it is for, a magic barcode never asks for what is impossible, and what comes of
    it holds together. The sexes take turns, from barcode to barcode and from order to order."""
    world = new_world(settings=Settings(lab_automation=False))
    for turn, magic in enumerate(MAGIC, first):
        sex: Any = 1 + turn % 2
        id = book(world, sex=sex)
        appointment = world.appointments[id]
        appointment.snapshot = {CONTAINERS[laboratory]: tuple(orderable.yields)}
        confirmed = draw_booked(world, id, magic.prefix)
        advance(world, world.now + timedelta(hours=25))
        answer = results(world, confirmed)
        assert check_results(answer, sex=sex, age=age_at_draw(world.orders[id])) == []
        waits = magic.effect == "failed" or (magic.effect == "partial" and len(orderable.yields) > 1)
        assert answer["status"] == ("in_progress" if waits else "completed")
    assert skipped(world) == []


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
