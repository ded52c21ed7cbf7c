"""The examples of the document are the default world's own records."""

import pytest

from tests.support import APPOINTMENT, GENETICS_PANEL, PARTNER, PROFILE, SHIPMENT, Client


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("Profile", f"/profiles/{PROFILE}"),
        ("Appointment", f"/appointments/{APPOINTMENT}"),
        ("Shipment", f"/shipments/{SHIPMENT}"),
    ],
)
def test_examples_are_what_is_served(client: Client, schema: str, path: str) -> None:
    """What a reader of the reference sees is what a call of the frozen default world answers."""
    assert PARTNER.document["components"]["schemas"][schema]["examples"] == [client.get(path).json]


@pytest.mark.parametrize(
    ("schema", "kind"), [("ClinicalResult", "clinical_results"), ("GeneticResult", "genetic_results")]
)
def test_examples_of_results_are_among_those_served(client: Client, schema: str, kind: str) -> None:
    """What the reference shows of a result stands among the results of the oldest draw; what it shows of a planned
    one, among those of an appointment to come."""
    received, planned = PARTNER.document["components"]["schemas"][schema]["examples"]
    assert received in client.get("/appointments/877e7253-ee68-42d5-b91d-92a76843af67/results").json[kind]
    client.post(f"/appointments/{APPOINTMENT}/panels", {"panel_ids": [GENETICS_PANEL]})
    assert planned in client.get(f"/appointments/{APPOINTMENT}/results").json[kind]
