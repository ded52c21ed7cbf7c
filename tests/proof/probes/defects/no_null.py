"""A client that breaks at a patient without a family name."""

import httpx2

from aniva_sandbox.testing import Aniva

MARIA = "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"


def label_of(http: httpx2.Client, profile: str) -> str:
    """The label of a tube: family name, first name and year of birth."""
    response = http.get(f"/api/v1/profiles/{profile}")
    response.raise_for_status()
    patient = response.json()
    born = patient["date_of_birth"] or "?"
    return f"{patient['last_name'].upper()}, {patient['first_name']}, {born[:4]}"


def test_a_label_begins_with_the_family_name(aniva: Aniva) -> None:
    assert label_of(aniva.client, MARIA).startswith("SCHMIDT, Maria")
