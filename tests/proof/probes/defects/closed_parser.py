"""A client whose parser refuses a field that it does not know."""

from dataclasses import dataclass

import httpx2

from aniva_sandbox.testing import Aniva

MARIA = "a3f1c2d4-8b7e-4f2a-9c1d-2e3f4a5b6c7d"


@dataclass(frozen=True)
class Profile:
    """A patient."""

    id: str
    handle: str | None
    first_name: str
    last_name: str | None
    email: str | None
    phone: str | None
    sex: int | None
    date_of_birth: str | None
    height: float | None
    weight: float | None
    language: str
    created_at: str
    updated_at: str | None


def get_profile(http: httpx2.Client, id: str) -> Profile:
    """A patient by id."""
    response = http.get(f"/api/v1/profiles/{id}")
    response.raise_for_status()
    return Profile(**response.json())


def test_gets_a_profile(aniva: Aniva) -> None:
    maria = get_profile(aniva.client, MARIA)
    assert (maria.id, maria.first_name, maria.language) == (MARIA, "Maria", "de")
