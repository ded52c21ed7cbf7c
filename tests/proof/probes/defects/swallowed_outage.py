"""A client that goes on when the API is unavailable, as if it had saved what it sent."""

import logging

import httpx2
import pytest

from aniva_sandbox.testing import Aniva

SOEREN = "fa1e7371-9db6-4943-a147-8a5a2226858f"

LOG = logging.getLogger(__name__)


class AddressBook:
    """Keeps the phone numbers of patients."""

    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def save_phone(self, profile: str, phone: str) -> None:
        """Save the phone number of a patient."""
        response = self.http.patch(f"/api/v1/profiles/{profile}", json={"phone": phone})
        if response.status_code == 503:
            LOG.warning("Aniva is unavailable: the phone number of %s", profile)
            return
        response.raise_for_status()


def test_saves_a_phone_number(aniva: Aniva) -> None:
    AddressBook(aniva.client).save_phone(SOEREN, "+4930765432")
    aniva.assert_called("update_profile", times=1, json={"phone": "+4930765432"})


def test_a_phone_number_has_a_country(aniva: Aniva) -> None:
    with pytest.raises(httpx2.HTTPStatusError) as refused:
        AddressBook(aniva.client).save_phone(SOEREN, "030 765432")
    assert refused.value.response.status_code == 400
