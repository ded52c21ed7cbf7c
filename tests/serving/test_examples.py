"""The examples of the document are the default world's own records."""

import pytest

from tests.support import APPOINTMENT, PARTNER, PROFILE, SHIPMENT, Client


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
