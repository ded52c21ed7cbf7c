"""Responses of the Partner API vary as its contract allows."""

from collections.abc import Callable
from typing import Final

import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.probing.responses import PROMISED
from aniva_sandbox.api.settings import Settings
from tests.api.probe_subject import advance_by, changed, changes_of, judged, probed, run_of, step_judgements
from tests.api.shipments.shipment_calls import NEW as SHIPMENT_BODY
from tests.support import (
    APPOINTMENT,
    DRAWN_APPOINTMENT,
    EMPTY_APPOINTMENT,
    PANEL,
    PROFILE,
    SHIPMENT,
    Client,
)

CALLS: Final = DOMAIN.next_steps().calls
"""A call of each operation that succeeds."""
LABORATORY: Final = Settings(courier_automation=False)
"""With these, the laboratories work by themselves."""
EARLIER: Final = "lab.results_arrived:earlier-part"


# All operations


@pytest.mark.parametrize("operation", CALLS)
def test_no_variation_contradicts_the_document(operation: str) -> None:
    """Each shows in a response, and none makes the sandbox fail; whoever asserts nothing gets on with all."""
    shown = {change.id: judgement for change, judgement in step_judgements("responses", CALLS[operation])}
    assert [id for id, judgement in shown.items() if judgement.is_void or judgement.verdict is not None] == []
    assert any(id.startswith(f"{operation}:$") for id in shown) is (operation != "get_document")  # which is a file


# Fields and nulls


def test_the_fields_of_a_profile_vary() -> None:
    """What a partner may leave out is null, what each profile has is not."""

    def test(client: Client) -> None:
        client.get(f"/profiles/{PROFILE}")

    assert list(changes_of("responses", test)) == [
        "every-object+fields",
        *("get_profile:$+plain", "get_profile:$+nested"),
        *("get_profile:last_name=null", "get_profile:phone=null", "get_profile:height=null", "get_profile:weight=null"),
    ]
    (clean,) = run_of(test).calls
    (call,) = changed("responses", "get_profile:phone=null", test).calls
    assert call.value == clean.value | {"phone": None}


def test_what_a_test_wrote_is_not_null() -> None:
    """The phone that it set comes back; the height that it did not set may be missing."""

    def test(client: Client) -> None:
        client.patch(f"/profiles/{PROFILE}", {"phone": "+4930123456", "weight": 71})
        client.get(f"/profiles/{PROFILE}")

    ids = [id for id in changes_of("responses", test) if id.startswith("get_profile:") and "=null" in id]
    assert ids == ["get_profile:last_name=null", "get_profile:height=null"]


def test_what_holds_something_that_a_test_wrote_is_not_null() -> None:
    """A shipment may come without a pickup, but not one that was just ordered with it."""

    def given(client: Client) -> None:
        client.get(f"/shipments/{SHIPMENT}")

    def made(client: Client) -> None:
        id = client.post("/shipments", SHIPMENT_BODY).json["id"]
        client.get(f"/shipments/{id}")

    assert "get_shipment:pickup=null" in changes_of("responses", given)
    ids = changes_of("responses", made).keys()
    assert {"get_shipment:pickup=null", "get_shipment:origin=null"}.isdisjoint(ids)
    assert "get_shipment:destination=null" in ids


def test_a_client_that_trusts_a_phone_is_brittle() -> None:
    """A crash is the client's, a value that the test fixed is no finding."""

    def crash(client: Client) -> None:
        client.get(f"/profiles/{PROFILE}").json["phone"].removeprefix("+")

    def fixed(client: Client) -> None:
        assert client.get(f"/profiles/{PROFILE}").json["phone"] is not None

    (finding,) = probed("responses", crash).findings
    assert finding.sentence == (
        "get_profile returned phone null, which the document allows: the client failed with AttributeError: 'NoneType' "
        "object has no attribute 'removeprefix'"
    )
    report = probed("responses", fixed)
    assert (report.findings, [note.note for note in report.notes]) == ([], ["fixed-value"])


# Lists


def test_lists_come_reversed_unless_their_order_is_documented() -> None:
    """The panels of an appointment have no order, its shipments do."""

    def test(client: Client) -> None:
        assert client.post(f"/appointments/{APPOINTMENT}/shipments", {"shipment_ids": [SHIPMENT]}).status == 200
        assert len(client.get(f"/appointments/{APPOINTMENT}").json["shipments"]) == 2
        client.get(f"/appointments/{APPOINTMENT}/shipments")
        client.get("/appointments")

    ids = [id for id in changes_of("responses", test) if id.endswith("-reversed")]
    assert ids == [
        *("list_appointments:$-reversed", "list_appointments:$[].panels-reversed"),
        *("get_appointment:panels-reversed", "attach_shipments:panels-reversed"),
    ]
    assert {"Appointment.shipments", "list_appointment_shipments"} <= PROMISED.keys()
    *others, listed = changed("responses", "list_appointments:$-reversed", test).calls
    *same, clean = run_of(test).calls
    assert [each["id"] for each in listed.value] == [each["id"] for each in reversed(clean.value)]
    assert [call.value for call in others] == [call.value for call in same]


# Results in one more part


def draw(client: Client) -> None:
    client.post(f"/appointments/{EMPTY_APPOINTMENT}/panels", {"panel_ids": [PANEL]})
    assert client.post(f"/appointments/{EMPTY_APPOINTMENT}/confirm", {"barcode": "4130075218"}).status == 200


def poll(client: Client, enough: Callable[[list[bool]], bool]) -> int:
    """Ask until enough results are there; returns how many."""
    draw(client)
    for _ in range(200):
        results = client.get(f"/appointments/{EMPTY_APPOINTMENT}/results").json
        found = [each["tested_at"] is not None for each in results["clinical_results"] + results["genetic_results"]]
        if enough(found):
            return sum(found)
        advance_by(client, hours=3)
    raise TimeoutError("results did not arrive")


def test_results_arrive_in_one_more_part() -> None:
    """A client that takes the first part for the whole fails, one that waits for the rest does not."""

    def hasty(client: Client) -> None:
        assert poll(client, any) == 30, "some are missing"  # of 32, the others come later

    def patient(client: Client) -> None:
        assert poll(client, all) == 32

    assert EARLIER in changes_of("responses", hasty, settings=LABORATORY)
    judgement = judged("responses", EARLIER, hasty, settings=LABORATORY)
    assert judgement.verdict == "brittle"
    assert judgement.sentence == (
        "results arrive in one more part: the test failed with AssertionError: some are missing"
    )
    judgement = judged("responses", EARLIER, patient, settings=LABORATORY)
    assert (judgement.verdict, judgement.is_void) == (None, False)
    run, clean = changed("responses", EARLIER, patient, settings=LABORATORY), run_of(patient, settings=LABORATORY)
    assert run.state == clean.state


def test_results_that_nobody_waited_for_arrive_as_they_do() -> None:
    """Neither those that a test lets arrive, nor those of a draw whose results were not read."""

    def unread(client: Client) -> None:
        draw(client)
        advance_by(client, days=30)

    def given(client: Client) -> None:
        client.get(f"/appointments/{DRAWN_APPOINTMENT}/results")

    assert EARLIER not in changes_of("responses", unread, settings=LABORATORY)
    assert EARLIER not in changes_of("responses", given, settings=LABORATORY)
