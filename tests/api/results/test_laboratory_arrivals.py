"""Results that arrive because a test says so: all, some, and with values that it chooses."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from aniva_sandbox.api.appointments.custom_snapshot import add_biomarkers
from aniva_sandbox.api.results.orders import age_at_draw
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import happen
from aniva_sandbox.laboratory.checking import check_results
from aniva_sandbox.laboratory.orders import LabOrder, Patient
from tests.api.results.lab_orders import (
    ANA,
    APOE,
    CARDIOMETABOLIC,
    HDL,
    HIV,
    LDL,
    NON_HDL,
    RATIO,
    TOTAL,
    TRIGLYCERIDES,
    TSH,
    VITAMIN_D,
    arrive,
    draw_booked,
    received,
    shown,
)
from tests.laboratory.common import COMPLETE, EVERY_PANEL, PARTIAL, book, draw, results, values
from tests.support import (
    APPOINTMENT,
    CANCELLED_APPOINTMENT,
    CUSTOM_PANEL,
    GENETICS_PANEL,
    HELSINKI,
    OTHER_CUSTOM_PANEL,
    PANEL,
    PENDING_APPOINTMENT,
    Client,
    refusal_of,
    run,
    snapshot_of,
    verdict_of,
)

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
            "Total Cholesterol (57) is computed; set HDL Cholesterol and LDL Chol",
        ),
        (
            {"values": {str(RATIO): 2}},
            "LDL/HDL Ratio (61) is computed; set HDL Cholesterol and LDL",
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
    refusal = refusal_of(calm, Event("lab.results_arrived", id, details))
    assert (refusal.rule.id, refusal.status) == ("event.values", 400)
    assert told in refusal.message


@pytest.mark.rule("event.values")
def test_values_that_are_0_or_1(calm: World) -> None:
    """Where an answer is yes or no, nothing else can be chosen."""
    id = draw(calm, "84620cf0-1910-46f3-bc2e-1fc79292e607")
    assert refusal_of(calm, Event("lab.results_arrived", id, {"values": {str(HIV): 0.5}})).message.endswith(
        "must be 0 or 1"
    )
    arrive(calm, id, values={str(HIV): 1})
    assert values(results(calm, id)) == {HIV: 1}


@pytest.mark.rule("event.values")
def test_later_arrivals_cannot_contradict_chosen_ones(calm: World) -> None:
    """A value that would contradict one that has arrived is refused; one that fits is taken."""
    id = draw(calm, PANEL)
    arrive(calm, id, values={str(LDL): 3.0, str(HDL): 1.5})
    arrive(calm, id, biomarker_ids=[RATIO])
    assert refusal_of(calm, Event("lab.results_arrived", id, {"values": {str(LDL): 4}})).rule.id == "event.state"
    total = refusal_of(calm, Event("lab.results_arrived", id, {"values": {str(TRIGLYCERIDES): 1.1, str(TOTAL): 9}}))
    assert (total.rule.id, total.status) == ("event.values", 400)
    arrive(calm, id, values={str(TRIGLYCERIDES): 1.1, str(TOTAL): 5.0})
    assert values(results(calm, id))[TOTAL] == 5.0


@pytest.mark.rule("event.values")
def test_chosen_values_leave_room_for_the_rest(calm: World) -> None:
    """A value with which something that is still to come could not be computed is refused at once."""
    id = draw(calm, *EVERY_PANEL)
    for chosen, told in (
        ({"171": 0}, "INR cannot be computed"),
        ({"230": 0}, "Albumin Fraction cannot be computed"),
        ({"203": "C/C", "202": "T/T"}, "MTHFR"),
        ({"8": 150}, "RDW is 150, which is impossible"),
        ({"2": 0.3}, "MCV is"),
        ({"105": 900}, "Indirect Bilirubin would be negative"),
        ({"17": 99}, "Neutrophils % would be negative"),
    ):
        refusal = refusal_of(calm, Event("lab.results_arrived", id, {"values": chosen}))
        assert refusal.rule.id == "event.values"
        assert told in refusal.message
    arrive(calm, id, values={str(HDL): 0.9, "17": 44})
    arrive(calm, id)
    assert check_results(results(calm, id), sex=2, age=35) == []


@pytest.mark.rule("event.state")
def test_what_has_arrived_does_not_arrive_again(calm: World) -> None:
    """Neither one that has arrived, nor anything where all have, nor anything without an order."""
    id = draw(calm, PANEL)
    arrive(calm, id, biomarker_ids=[LDL])
    assert verdict_of(calm, Event("lab.results_arrived", id, {"biomarker_ids": [HDL, LDL]})) == ("event.state", 409)
    arrive(calm, id)
    assert refusal_of(calm, Event("lab.results_arrived", id)).message == "All results have arrived"
    for other in (APPOINTMENT, PENDING_APPOINTMENT, CANCELLED_APPOINTMENT):
        for type in ("lab.results_arrived", "lab.order_failed"):
            assert verdict_of(calm, Event(type, other)) == ("event.state", 409)
        assert verdict_of(calm, Event("lab.corrected", other, {"values": {str(LDL): 1}})) == ("event.state", 409)


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
        assert refusal_of(calm, Event(type, id, details)).message == "The appointment is cancelled"


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


@pytest.mark.rule("results.operator", "results.operator/ratio")
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
    assert refusal_of(calm, Event("lab.results_arrived", id, {"values": {str(ANA): 137}})).message.startswith(
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
        assert verdict_of(calm, Event("lab.corrected", id, {"values": {"203": "C/C"}})) == ("event.values", 400)
        happen(calm, Event("lab.corrected", id, {"values": {"202": "C/T", "203": "A/C"}}))


# Over HTTP


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
    before = snapshot_of(client.world)
    reply = client.control("POST", "/worlds/test/events", body | {"appointment_id": id})
    assert (reply.status, reply.rules) == (400, [rule])
    assert snapshot_of(client.world) == before


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
    refusal = refusal_of(calm, Event("lab.results_arrived", id, {"values": {str(LDL): value}}))
    assert (refusal.rule.id, "must be a number from 0 to 10,000,000" in refusal.message) == ("event.values", True)


@pytest.mark.rule("event.values")
def test_what_is_computed_can_be_chosen_once_its_inputs_are_there(calm: World) -> None:
    """Only what a value is computed from itself must have arrived, not what that was computed from."""
    id = draw(calm, CARDIOMETABOLIC)
    arrive(calm, id, biomarker_ids=[TOTAL, HDL])
    found = values(results(calm, id))
    chosen = round(found[TOTAL] - found[HDL], 2)
    arrive(calm, id, values={str(NON_HDL): chosen})
    assert values(results(calm, id))[NON_HDL] == chosen


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
