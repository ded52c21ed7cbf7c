"""Results of draws: planned, arriving in parts, complete; and the reports on them."""

import dataclasses
import re
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import unquote

import msgspec
import pypdf
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aniva_sandbox.api.appointments.draw import confirm_blood_draw
from aniva_sandbox.api.appointments.operations import cancel_appointment
from aniva_sandbox.api.appointments.panels import add_panels
from aniva_sandbox.api.profiles.operations import update_profile
from aniva_sandbox.api.results.operations import get_document, get_results, report_content
from aniva_sandbox.api.results.orders import age_at_draw
from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.operations import Call, NoBody, NoQuery
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.events import advance, advance_until, happen, settle
from aniva_sandbox.engine.world.state import State
from aniva_sandbox.engine.world.tables import Table
from aniva_sandbox.laboratory.checking import check_results
from aniva_sandbox.laboratory.orders import Document
from tests.laboratory.common import (
    COMPLETE,
    EVERY_PANEL,
    FAILED,
    PLAIN,
    UNMEASURABLE,
    book,
    draw,
    results,
    values,
)
from tests.support import (
    APPOINTMENT,
    BERLIN,
    CANCELLED_APPOINTMENT,
    DOCUMENT,
    DRAWN_APPOINTMENT,
    EMPTY_APPOINTMENT,
    GENETICS_PANEL,
    HELSINKI,
    PANEL,
    RIVAL_APPOINTMENT,
    UNKNOWN,
    Client,
    new_world,
    refusal_of,
    run,
)

VALUE_FIELDS = {
    "clinical_results": [
        *("value", "value_operator", "unit_id", "unit"),
        *("reference_range_lab", "reference_range_aniva", "tested_at", "comment"),
    ],
    "genetic_results": [
        *("genotype", "clinical_significance", "risk_description", "tested_at", "comment"),
    ],
}


def hours(world: World, number: float) -> None:
    """Let so many hours pass."""
    advance(world, world.now + timedelta(hours=number))


def statuses(answer: dict[str, Any]) -> dict[int, str]:
    """The status of every result, by biomarker."""
    return {e["biomarker_id"]: e["status"] for kind in VALUE_FIELDS for e in answer[kind]}


# Planned


@pytest.mark.rule(
    "results.planned", "results.status", "results.planned/before-draw", "results.planned/gene", "results.planned/order"
)
def test_what_is_ordered_shows_as_planned(world: World) -> None:
    """Before the draw, every biomarker of every panel shows once, by id, with its names and without a value; nothing
    is complete."""
    id = book(world, *EVERY_PANEL)
    wanted = sorted({each for panel in EVERY_PANEL for each in world.catalogue.panels[panel].biomarker_ids})
    before = results(world, id)
    assert before["status"] == "in_progress"
    assert before["documents"] == []
    shown = [e["biomarker_id"] for kind in VALUE_FIELDS for e in before[kind]]
    assert sorted(shown) == wanted
    for kind, fields in VALUE_FIELDS.items():
        ids = [entry["biomarker_id"] for entry in before[kind]]
        assert ids == sorted(ids)
        for entry in before[kind]:
            assert {field: entry[field] for field in fields} == dict.fromkeys(fields)
            assert entry["status"] == "planned"
            assert entry.get("variants", []) == []
            biomarker = world.catalogue.biomarkers[entry["biomarker_id"]]
            if kind == "clinical_results":
                assert (entry["biomarker_name"], entry["category"]) == (biomarker.name, biomarker.category)
            else:
                assert entry["gene"] == world.catalogue.genes[biomarker.slug].gene
    assert check_results(before) == []
    run(world, confirm_blood_draw, id, {"barcode": PLAIN})
    assert results(world, id) == before


@pytest.mark.rule("results.planned")
def test_panels_change_what_is_planned(world: World) -> None:
    """The plan follows the panels until the draw."""
    id = book(world)
    assert results(world, id) == {
        "status": "in_progress",
        "clinical_results": [],
        "genetic_results": [],
        "documents": [],
    }
    run(world, add_panels, id, {"panel_ids": [PANEL]})
    assert len(results(world, id)["clinical_results"]) == 32


@pytest.mark.rule("results.planned")
def test_a_cancelled_appointment_keeps_its_plan(world: World) -> None:
    """What is cancelled before its draw stays planned for ever."""
    id = book(world, PANEL)
    before = results(world, id)
    run(world, cancel_appointment, id)
    hours(world, 1000)
    assert results(world, id) == before
    assert results(world, CANCELLED_APPOINTMENT)["status"] == "in_progress"


@pytest.mark.rule("confirm.empty", "results.status")
def test_nothing_ordered_is_complete_at_once(world: World) -> None:
    """A draw for nothing has complete and empty results, and no report."""
    id = draw(world)
    assert results(world, id) == {
        "status": "completed",
        "clinical_results": [],
        "genetic_results": [],
        "documents": [],
    }


# Arriving


@pytest.mark.rule("results.arrival", "results.status", "confirm.draw")
def test_results_arrive_in_parts(world: World) -> None:
    """After a day the first values are there, after four days all clinical ones with a report, after two weeks the
    genetic ones with another; only then is everything complete."""
    id = draw(world, PANEL, GENETICS_PANEL)
    assert set(statuses(results(world, id)).values()) == {"planned"}
    hours(world, 23.9)
    assert set(statuses(results(world, id)).values()) == {"planned"}
    hours(world, 0.1)
    first = results(world, id)
    assert {first["status"], *statuses(first).values()} == {"in_progress", "planned", "received"}
    assert first["documents"] == []
    hours(world, 72)
    second = results(world, id)
    assert {e["status"] for e in second["clinical_results"]} == {"received"}
    assert {e["status"] for e in second["genetic_results"]} == {"planned"}
    assert (second["status"], len(second["documents"])) == ("in_progress", 1)
    hours(world, 240)
    third = results(world, id)
    assert set(statuses(third).values()) == {"received"}
    assert (third["status"], len(third["documents"])) == ("completed", 2)
    assert values(first).items() <= values(second).items() <= values(third).items()
    names = [document["file_name"] for document in third["documents"]]
    assert names == ["zotzklimas-clinical-2026-04-17.pdf", "zotzklimas-genetic-2026-04-27.pdf"]


@pytest.mark.rule("results.arrival", "results.arrival/submissions")
def test_each_laboratory_reports_by_itself(world: World) -> None:
    """What the location's laboratory does not sell is sent to the other, which sends a report of its own."""
    id = draw(world, *EVERY_PANEL, location=HELSINKI)
    submissions = {(each.laboratory, each.kind): each for each in world.orders[id].submissions}
    assert submissions.keys() >= {("labclinic", "clinical"), ("zotzklimas", "clinical")}
    for (laboratory, _), submission in submissions.items():
        for biomarker in submission.biomarker_ids:
            assert biomarker in world.catalogue.laboratories[laboratory].sellers
            sold_in_helsinki = biomarker in world.catalogue.laboratories["labclinic"].sellers
            assert sold_in_helsinki == (laboratory == "labclinic")
    hours(world, 400)
    names = [document["file_name"].rpartition("-20")[0] for document in results(world, id)["documents"]]
    assert sorted(names) == sorted(f"{laboratory}-{kind}" for laboratory, kind in submissions)


@pytest.mark.rule("results.arrival")
def test_single_biomarkers_go_where_their_container_routes(world: World) -> None:
    """A biomarker that is wanted twice is measured once, at the laboratory of its container."""
    id = draw(world, PANEL, location=HELSINKI, biomarkers=(87, 42))
    (submission,) = (each for each in world.orders[id].submissions if each.laboratory == "zotzklimas")
    assert submission.biomarker_ids == (42, 87)
    assert len(results(world, id)["clinical_results"]) == 32


@pytest.mark.rule("results.arrival", "appointment.home-kit")
def test_a_home_kit_goes_to_the_laboratory_that_sells_most(world: World) -> None:
    """Without a location, the laboratory that can do the most of it gets the order."""
    id = happen(world, Event("kit.ordered", world.appointments[APPOINTMENT].profile_id)).event.details["appointment_id"]
    run(world, add_panels, id, {"panel_ids": [EVERY_PANEL[2]]})
    draw_at = world.now
    run(world, confirm_blood_draw, id, {"barcode": PLAIN})
    assert [each.laboratory for each in world.orders[id].submissions] == ["zotzklimas"]
    hours(world, 100)
    assert results(world, id)["status"] == "completed"
    assert world.orders[id].placed_at == draw_at


@pytest.mark.rule("results.arrival", "results.arrival/delays")
def test_delays_are_settings() -> None:
    """The parts come after the hours that the settings say; with 0 at once, and without automation never."""
    at_once = new_world(settings=Settings(lab_quick_hours=0, lab_slow_hours=0, lab_genetic_hours=0))
    assert results(at_once, draw(at_once, PANEL, GENETICS_PANEL))["status"] == "completed"
    slow = new_world(settings=Settings(lab_quick_hours=1, lab_slow_hours=2, lab_genetic_hours=3))
    id = draw(slow, PANEL, GENETICS_PANEL)
    counts = []
    for _ in range(4):
        counts.append(list(statuses(results(slow, id)).values()).count("planned"))
        hours(slow, 1)
    assert counts == sorted(set(counts), reverse=True)
    assert counts[-1] == 0
    never = new_world(settings=Settings(lab_automation=False))
    id = draw(never, PANEL)
    hours(never, 8000)
    assert set(statuses(results(never, id)).values()) == {"planned"}


@pytest.mark.rule("results.arrival")
def test_the_agenda_holds_what_will_arrive(world: World) -> None:
    """A test can wait for the results of a draw."""
    id = draw(world, PANEL)
    events = advance_until(world, "lab.results_arrived", id)
    assert (id, True) in [(each.event.target, each.event.automatic) for each in events]
    assert world.now == events[-1].time


@pytest.mark.rule("results.arrival", "results.arrival/cancelled")
def test_operations_stop_the_laboratory(world: World) -> None:
    """After a cancellation by operations nothing more arrives; what has arrived stays."""
    id = draw(world, PANEL)
    hours(world, 24)
    before = results(world, id)
    happen(world, Event("operations.cancelled", id))
    hours(world, 1000)
    assert results(world, id) == before
    assert before["status"] == "in_progress"


@pytest.mark.rule("results.status")
def test_draws_of_the_start(world: World) -> None:
    """A world begins with what has come by then: an old draw is complete with its reports, a recent one in part; the
    rest stands in the agenda."""
    assert results(world, "877e7253-ee68-42d5-b91d-92a76843af67")["status"] == "completed"
    recent = results(world, DRAWN_APPOINTMENT)
    assert {recent["status"], *statuses(recent).values()} == {"in_progress", "planned", "received"}
    hours(world, 48)
    assert results(world, DRAWN_APPOINTMENT)["status"] == "completed"
    assert not [entry for entry in world.history if "skipped" in entry.event.details]


# What a result shows


@pytest.mark.rule("results.ranges", "results.operator")
@pytest.mark.parametrize("location", [None, HELSINKI])
@pytest.mark.parametrize(("sex", "born"), [(1, "1950-02-28"), (2, "1990-06-15"), (2, "2012-02-29")])
def test_results_hold_together_and_fit_the_catalogue(world: World, location: str | None, sex: Any, born: str) -> None:
    """Everything that is answered of a draw of all panels passes the check that partners can use."""
    place = {"location": location} if location else {}
    id = draw(world, *EVERY_PANEL, barcode=COMPLETE, sex=sex, born=born, **place)
    answer = results(world, id)
    age = 2026 - int(born[:4]) - ((int(born[5:7]), int(born[8:])) > (4, 13))
    assert check_results(answer, sex=sex, age=age) == []
    assert check_results(answer) == []
    assert answer["status"] == "completed"
    assert {e["tested_at"] for kind in VALUE_FIELDS for e in answer[kind]} == {"2026-04-13"}


@pytest.mark.rule("results.ranges", "results.operator")
@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 2**53),
    sex=st.sampled_from((1, 2)),
    born=st.dates(date(1920, 1, 1), date(2026, 4, 12)),
    panels=st.sets(st.sampled_from(EVERY_PANEL), min_size=1),
    place=st.sampled_from((BERLIN, HELSINKI)),
    parts=st.integers(1, 3),
)
def test_results_of_anybody_hold_together(
    seed: int, sex: Any, born: date, panels: set[str], place: str, parts: int
) -> None:
    """Whoever is drawn for whatever, where and from which seed: what has arrived so far passes the check, at each
    part."""
    world = new_world(seed=seed)
    id = draw(world, *sorted(panels), sex=sex, born=str(born), location=place)
    for _ in range(parts):
        assert check_results(results(world, id), sex=sex, age=age_at_draw(world.orders[id])) == []
        hours(world, 120)


@pytest.mark.rule("results.ranges")
def test_ranges_depend_on_the_patient(world: World) -> None:
    """The laboratory's range goes by sex, Aniva's by age and sex, and laboratories have ranges of their own."""

    def range(id: str, kind: str, biomarker: int = 3) -> Any:
        (entry,) = (e for e in results(world, id)["clinical_results"] if e["biomarker_id"] == biomarker)
        return entry[f"reference_range_{kind}"]

    man, woman = (draw(world, *EVERY_PANEL, barcode=COMPLETE, sex=sex) for sex in (1, 2))
    finn = draw(world, *EVERY_PANEL, barcode=COMPLETE, sex=2, location=HELSINKI)
    assert range(man, "lab") != range(woman, "lab") != range(finn, "lab")
    assert range(man, "lab") != range(finn, "lab")
    igf = 198
    old = draw(world, *EVERY_PANEL, barcode=COMPLETE, sex=2, born="1944-01-01")
    assert range(woman, "aniva", igf) != range(old, "aniva", igf)
    assert range(woman, "lab", igf) == range(old, "lab", igf)


@pytest.mark.rule("results.operator")
def test_values_beyond_what_can_be_measured(world: World) -> None:
    """They are reported as the limit of the laboratory, with lt or gt; all others are exact."""
    answer = results(world, draw(world, *EVERY_PANEL, barcode=UNMEASURABLE))
    beyond = {e["value_operator"]: e for e in answer["clinical_results"] if e["value_operator"] in ("lt", "gt")}
    assert beyond.keys() == {"lt", "gt"}
    limits = world.catalogue.laboratories["zotzklimas"].methods
    below, above = beyond["lt"], beyond["gt"]
    assert below["value"] in {method.limits.low for method in limits.values()}
    assert above["value"] in {method.limits.high for method in limits.values()}


@pytest.mark.rule("results.arrival")
def test_patients_are_as_they_were_at_the_draw(world: World) -> None:
    """Whatever is changed of the profile afterwards, results and reports stay those of the patient who was drawn."""
    id = draw(world, PANEL, sex=2)
    hours(world, 24)
    before = values(results(world, id))
    ranges = {e["biomarker_id"]: e["reference_range_lab"] for e in results(world, id)["clinical_results"] if e["value"]}
    run(world, update_profile, world.appointments[id].profile_id, {"sex": 1, "first_name": "John"})
    hours(world, 72)
    after = results(world, id)
    shown = after["clinical_results"]
    assert before.items() <= values(after).items()
    assert all(e["reference_range_lab"] == ranges.get(e["biomarker_id"], e["reference_range_lab"]) for e in shown)
    assert check_results(after, sex=2, age=35) == []
    assert "Jane" in text(pdf(world, after["documents"][0]["id"]))


def test_same_calls_give_the_same_results() -> None:
    """Results come from the seed of the world alone."""
    one, same, other = (new_world(seed=seed) for seed in (1, 1, 2))
    answers = [results(world, draw(world, *EVERY_PANEL, barcode=COMPLETE)) for world in (one, same, other)]
    assert answers[0] == answers[1]
    assert values(answers[0]) != values(answers[2])


# Correction and failure


@pytest.mark.rule("results.corrected", "documents.corrected")
def test_a_correction(world: World) -> None:
    """The value changes in place, what is computed from it as well, and both are corrected; a further report follows,
    while the first stays as it was."""
    id = draw(world, PANEL, barcode=COMPLETE)
    before = results(world, id)
    first = pdf(world, before["documents"][0]["id"])
    happen(world, Event("lab.corrected", id, {"values": {"60": 9.0}, "comment": "Sample mixed up."}))
    after = results(world, id)
    changed = {e["biomarker_id"]: e for e in after["clinical_results"] if e["status"] == "corrected"}
    assert changed.keys() == {57, 60, 61}  # total cholesterol, LDL and their ratio
    assert (changed[60]["value"], changed[60]["comment"]) == (9.0, "Sample mixed up.")
    untouched = [e for e in before["clinical_results"] if e["biomarker_id"] not in changed]
    assert [e for e in after["clinical_results"] if e["biomarker_id"] not in changed] == untouched
    assert check_results(after, sex=2, age=35) == []
    assert (after["status"], len(after["documents"])) == ("completed", 2)
    assert pdf(world, after["documents"][0]["id"]) == first
    assert "9.00" in text(pdf(world, after["documents"][1]["id"]))
    assert after["documents"][1]["file_name"].endswith("-corrected.pdf")


@pytest.mark.rule("results.lab-failure", "results.lab-failure/results", "results.lab-failure/barcode")
def test_a_failed_order(world: World) -> None:
    """With a wrong barcode everything stays planned, and the status in_progress, for ever; with another it does not."""
    failed, right = draw(world, PANEL, barcode=FAILED), draw(world, PANEL)
    hours(world, 5000)
    answer = results(world, failed)
    assert {answer["status"], *statuses(answer).values()} == {"in_progress", "planned"}
    assert answer["documents"] == []
    assert results(world, right)["status"] == "completed"


# Context and order


@pytest.mark.rule("path.unknown", "auth.context")
def test_results_of_nothing_and_of_others(world: World) -> None:
    """An appointment of nothing is not found, one outside the context is forbidden."""
    assert refusal_of(world, get_results, UNKNOWN).rule.id == "path.unknown"
    assert refusal_of(world, get_results, RIVAL_APPOINTMENT).rule.id == "auth.context"
    assert run(world, get_results, RIVAL_APPOINTMENT, persona="outsider")["status"] == "in_progress"


@pytest.mark.rule("documents.context", "path.unknown")
def test_documents_of_nothing_and_of_others(world: World) -> None:
    """A document goes by the profile that it is about."""
    assert refusal_of(world, get_document, UNKNOWN).status == 404
    run(world, confirm_blood_draw, RIVAL_APPOINTMENT, {"barcode": COMPLETE}, persona="outsider")
    advance(world, world.now)
    rival = run(world, get_results, RIVAL_APPOINTMENT, persona="outsider")["documents"][0]["id"]
    for id, inside, outside in ((rival, "outsider", "full"), (DOCUMENT, "full", "outsider")):
        refusal = refusal_of(world, get_document, id, persona=outside)
        assert (refusal.rule.id, refusal.status) == ("documents.context", 403)
        assert pdf(world, id, persona=inside).startswith(b"%PDF")


# Reports


def pdf(world: World, id: str, *, persona: str = "full") -> bytes:
    """The bytes of a report."""
    attachment = get_document.run(world, Call(world.personas[persona], id, NoQuery(), NoBody(), Trace()))
    content: bytes = attachment.content
    return content


def text(content: bytes) -> str:
    """What a PDF says, in one line."""
    pages = pypdf.PdfReader(BytesIO(content)).pages
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in pages))


@pytest.mark.rule("documents.bytes", "documents.bytes/file-name")
def test_a_document_over_http(client: Client) -> None:
    """A download answers the PDF itself, with its file name; the results name it."""
    listed = client.get("/appointments/877e7253-ee68-42d5-b91d-92a76843af67/results").json["documents"]
    assert DOCUMENT in [document["id"] for document in listed]
    answer = client.raw("GET", f"/documents/{DOCUMENT.upper()}")
    headers = dict(answer.headers)
    assert (answer.status, headers[b"content-type"]) == (200, b"application/pdf")
    name = next(document["file_name"] for document in listed if document["id"] == DOCUMENT)
    assert headers[b"content-disposition"] == f'attachment; filename="{name}"'.encode()
    assert int(headers[b"content-length"]) == len(answer.body)
    assert answer.body.startswith(b"%PDF-")
    assert client.raw("GET", f"/documents/{DOCUMENT}").body == answer.body


@pytest.mark.rule("documents.bytes")
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@example(name='a"; filename="b\r\nset-cookie: c')
@example(name="Befund März 名前 \\ 100 %.pdf")
@example(name="\ud800\0")
@given(name=st.text(min_size=1))
def test_any_file_name_makes_a_header(name: str) -> None:
    """Whatever a file is called, the header is one line of ASCII with one name in quotes, and readers of RFC 6266 find
    the whole name in it."""
    client = Client()
    record = client.world.documents[DOCUMENT]
    client.world.put(replace_document(client.world, msgspec.structs.replace(record, file_name=name)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aniva_sandbox.api.results.operations._pdf", lambda _content: b"%PDF-")
        header = dict(client.raw("GET", f"/documents/{DOCUMENT}").headers)[b"content-disposition"].decode("ascii")
    found = re.fullmatch(r'attachment; filename="([ !#-\[\]-~]*)"(?:; filename\*=UTF-8\'\'([!-~]*))?', header)
    assert found is not None
    whole = found[1] if found[2] is None else unquote(found[2])
    assert whole == name.encode(errors="replace").decode()


def replace_document(world: World, document: Document) -> State:
    """The state of a world in which a report is another one."""
    records = [document if each.id == document.id else each for each in world.documents]
    state = world.state
    state.sections["documents"] = Table(records)
    return state


STATE = [field.name for field in dataclasses.fields(State)]


@pytest.mark.rule("documents.bytes")
@pytest.mark.parametrize("language", ["en", "de", "fi"])
def test_a_report_says_what_the_results_say(language: str) -> None:
    """Every value, name, unit, range and date of the JSON stands in the report, in the language of the profile."""
    world = new_world()
    id = book(world, *EVERY_PANEL)
    change = {"language": language, "last_name": "Müller-Lüdenscheidt"}
    run(world, update_profile, world.appointments[id].profile_id, change)
    run(world, confirm_blood_draw, id, {"barcode": UNMEASURABLE})
    advance(world, world.now)
    answer = results(world, id)
    said = " ".join(text(pdf(world, document["id"])) for document in answer["documents"])
    point = "." if language == "en" else ","
    assert "Müller-Lüdenscheidt" in said
    for entry in answer["clinical_results"]:
        measurement = world.catalogue.measurements[world.catalogue.biomarkers[entry["biomarker_id"]].slug]

        def written(value: float, decimals: int = measurement.decimals) -> str:
            return f"{value:.{decimals}f}".replace(".", point)

        assert entry["biomarker_name"] in said
        if entry["value"] is None:
            assert entry["comment"] in said
        else:
            assert {"eq": "", "lt": "< ", "gt": "> "}[entry["value_operator"]] + written(entry["value"]) in said
        unit = world.catalogue.units[entry["unit_id"]]
        if measurement.positive is not None:
            assert unit.title.split("/")[0 if entry["value"] else 1] in said
            continue
        assert (unit.display_title or unit.title).replace(" ", "") in said.replace(" ", "")  # long ones are cut
        for range in (entry["reference_range_lab"], entry["reference_range_aniva"]):
            for end in range.values():
                assert end is None or written(end) in said or f"{end:g}".replace(".", point) in said
    for entry in answer["genetic_results"]:
        for word in (entry["gene"], entry["genotype"], entry["risk_description"]):
            assert word in said
        for variant in entry["variants"]:
            for word in (variant["name"], variant["hgvs_c"] or "", variant["hgvs_p"] or ""):
                assert word in said
            for snv in variant["snvs"]:
                assert snv["rs_id"] in said
    assert date(2026, 4, 13).isoformat() in said


@pytest.mark.rule("documents.bytes")
def test_reports_of_the_same_world_are_the_same_bytes() -> None:
    """The same calls in worlds of the same seed give the same documents, byte by byte."""
    one, other = new_world(seed=4), new_world(seed=4)
    documents = []
    for world in (one, other):
        answer = results(world, draw(world, PANEL, barcode=COMPLETE))
        documents.append(pdf(world, answer["documents"][0]["id"]))
    assert documents[0] == documents[1]


@pytest.mark.rule("documents.bytes", "documents.corrected")
def test_what_a_report_says_of_itself(world: World) -> None:
    """It says on which day at the location the blood was drawn, where, when the report was issued, and whether it is a
    corrected one."""
    world.clock.move(world.now.replace(hour=23))
    id = draw(world, PANEL)
    hours(world, 96)
    happen(world, Event("lab.corrected", id, {"values": {"60": 9.0}}))
    contents = [report_content(world, world.documents[each["id"]]) for each in results(world, id)["documents"]]
    assert [content.corrected for content in contents] == [False, True]
    for content in contents:
        assert content.drawn_on == date(2026, 4, 14)
        assert content.issued_at == world.now
        assert content.location == world.locations[BERLIN].name
        assert content.barcode == PLAIN


def test_another_visit_and_another_seed_have_other_values() -> None:
    """The same person has other values in a world of another seed, and at another visit, but the same genes."""
    found = []
    for seed, visit in ((1, EMPTY_APPOINTMENT), (1, APPOINTMENT), (2, EMPTY_APPOINTMENT)):
        world = new_world(seed=seed)
        world.appointments[visit].profile_id = world.appointments[EMPTY_APPOINTMENT].profile_id
        world.appointments[visit].panels = {PANEL: world.now, GENETICS_PANEL: world.now}
        world.appointments[visit].snapshot = {}
        run(world, confirm_blood_draw, visit, {"barcode": COMPLETE})
        settle(world)
        answer = results(world, visit)
        found.append((values(answer), [entry["genotype"] for entry in answer["genetic_results"]]))
    (here, genes), (again, same), (elsewhere, others) = found
    assert here != again
    assert here != elsewhere
    assert genes == same
    assert genes != others
