"""What responses leave open: every list is in an order that is promised or not, and every null has a reason."""

from typing import Any

import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.partner import CONTRACT, LEDGER
from aniva_sandbox.api.probing.responses import NEVER_NULL, PROMISED, UNPROMISED, response_places
from aniva_sandbox.engine.contract.checks import Checks
from aniva_sandbox.engine.contract.document import build_document
from aniva_sandbox.engine.json_paths import change_at
from tests.support import APPOINTMENT, DRAWN_APPOINTMENT, PROFILE, SHIPMENT, Client

PROBING = DOMAIN.probing()
DOCUMENT = build_document(CONTRACT)
PLACES = list(response_places(DOCUMENT))
LISTS = {place.field for _, _, place in PLACES if "array" in place.types}
NULLABLE = {place.field for _, status, place in PLACES if status.startswith("2") and "null" in place.types}

# Order


def test_every_list_is_promised_or_not() -> None:
    """Every list of every response, refusals included, is on one of the two pages, and nothing else is."""
    assert PROMISED.keys() | UNPROMISED.keys() == LISTS
    assert PROMISED.keys().isdisjoint(UNPROMISED)


@pytest.mark.parametrize("reason", sorted(set(UNPROMISED.values())))
def test_an_order_that_is_ours_is_assumed(reason: str) -> None:
    """A rule that a list's order comes from is our own decision; a list without a rule has no page."""
    rule, _, rest = reason.partition(" ")
    if not reason.startswith("no page gives an order"):
        assert rest.startswith("is assumed")
        assert LEDGER[rule].basis == "assumed"


def test_unordered_lists_are_there() -> None:
    """Every operation and path leads to a list of the document, and to all that are not promised."""
    known = {(id, place.path, place.field) for id, _, place in PLACES if "array" in place.types}
    assert PROBING.unordered == {(id, path) for id, path, field in known if field in UNPROMISED}
    assert PROBING.unordered.isdisjoint((id, path) for id, path, field in known if field in PROMISED)


@pytest.mark.parametrize(
    ("operation", "path", "is_open"),
    [
        ("list_profiles", "$", True),
        ("list_appointments", "$", True),
        ("list_shipments", "$", True),
        ("list_appointment_shipments", "$", False),
        ("list_shipment_appointments", "$", False),
        ("list_shipment_appointments", "$[].panels", True),
        ("get_appointment", "$.panels", True),
        ("get_appointment", "$.shipments", False),
        ("attach_appointments", "$.appointments", False),
        ("get_shipment", "$.status_updates", False),
        ("get_availability", "$.availability", True),
        ("get_availability", "$.availability[].slots", False),
        ("get_results", "$.clinical_results", True),
        ("get_results", "$.genetic_results[].variants[].snvs", True),
        ("list_locations", "$[].open_hours.monday", True),
        ("add_biomarkers", "$.stranded[].candidates[].missing", True),
        ("attach_shipments", "$.shipment_ids", True),
        ("create_profile", "$.details", True),
    ],
)
def test_orders(operation: str, path: str, is_open: bool) -> None:
    """What is documented stays; what is assumed, or not mentioned, may be another."""
    assert ((operation, path) in PROBING.unordered) is is_open


# Null


def test_every_exception_is_nullable() -> None:
    """What is never null is a field that the document lets be null, so that no exception is left over."""
    assert NEVER_NULL.keys() <= NULLABLE


@pytest.mark.parametrize("reason", sorted(set(NEVER_NULL.values())))
def test_every_exception_is_documented(reason: str) -> None:
    """A field is left out because of a documented rule or a page."""
    rule, _, _ = reason.partition(": ")
    assert rule in ("Appointments page", "page Get Shipment") or LEDGER[rule].basis == "documented"


def test_nullable_paths_are_there() -> None:
    """Every path leads to a value that may be null, in a success of the operation, and all are there but the
    exceptions."""
    expected: dict[str, list[str]] = {}
    for id, status, place in PLACES:
        if status.startswith("2") and place.field in NULLABLE - NEVER_NULL.keys():
            assert "null" in place.types
            expected.setdefault(id, []).append(place.path)
    assert PROBING.nullable == {id: tuple(paths) for id, paths in expected.items()}


@pytest.mark.parametrize(
    ("operation", "path", "is_open"),
    [
        ("get_profile", "$.phone", True),
        ("get_profile", "$.email", False),
        ("list_profiles", "$[].last_name", True),
        ("list_profiles", "$[].updated_at", False),
        ("list_appointments", "$[].profile.last_name", True),
        ("get_appointment", "$.status", False),
        ("get_appointment", "$.location_id", False),
        ("list_locations", "$[].address_line_1", True),
        ("list_locations", "$[].open_hours", True),
        ("get_shipment", "$.origin.phone", True),
        ("get_shipment", "$.origin.location_id", False),
        ("get_results", "$.clinical_results[].comment", True),
        ("get_results", "$.clinical_results[].value", False),
        ("get_results", "$.genetic_results[].variants[].snvs[].hgvs_p", True),
        ("list_biomarkers", "$[].unit", True),
        ("preview_tubes", "$.routing", False),
    ],
)
def test_nulls(operation: str, path: str, is_open: bool) -> None:
    """What no documented rule says more about may be null."""
    assert (path in PROBING.nullable.get(operation, ())) is is_open


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("get_profile", f"/profiles/{PROFILE}"),
        ("list_locations", "/locations"),
        ("list_appointments", "/appointments"),
        ("get_results", f"/appointments/{DRAWN_APPOINTMENT}/results"),
        ("get_shipment", f"/shipments/{SHIPMENT}"),
        ("list_shipment_appointments", f"/shipments/{SHIPMENT}/appointments"),
        ("list_biomarkers", "/biomarkers"),
        ("list_panels", "/panels"),
        ("list_units", "/units"),
        ("get_appointment", f"/appointments/{APPOINTMENT}"),
    ],
)
def test_open_responses_agree_with_the_document(operation: str, path: str) -> None:
    """A response remains valid with null at any of the places, or with any of the lists reversed."""
    body = Client().get(path).json
    schema = next(place.schema for id, _, place in PLACES if id == operation and place.path == "$")
    check = Checks(DOCUMENT["components"]["schemas"]).compiled(schema, strict_formats=False)
    changes: list[tuple[str, Any]] = [(where, lambda _: None) for where in PROBING.nullable.get(operation, ())]
    changes += [(where, lambda items: items[::-1]) for id, where in PROBING.unordered if id == operation]
    changed = [change_at(body, where, change) for where, change in changes]
    assert all(map(check.accepts, [body, *changed]))
    assert any(each != body for each in changed)
