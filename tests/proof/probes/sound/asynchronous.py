"""An async client that registers patients once, however often it must try."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest

from aniva_sandbox.testing import Aniva

SOEREN = "fa1e7371-9db6-4943-a147-8a5a2226858f"
UNKNOWN = "11111111-2222-4333-8444-555555555555"

Record = dict[str, Any]

pytestmark = pytest.mark.anyio


class Refused(Exception):
    """The API refuses a request; repeating it does not help."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__(f"{response.status_code}: {response.text}")
        self.status = response.status_code


class Busy(Exception):
    """The API cannot take a request now."""

    def __init__(self, response: httpx2.Response) -> None:
        super().__init__(f"{response.status_code}: {response.text}")
        self.wait = float(response.headers.get("retry-after", 0))


class Patients:
    """Registers patients and keeps their data."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def get(self, id: str) -> Record:
        """A patient by id."""
        return dict(await self.send("GET", f"/api/v1/profiles/{id}"))

    async def find(self, email: str) -> Record | None:
        """The patient who has an e-mail address."""
        response = await self.send("GET", f"/api/v1/profiles?{urlencode({'email': email})}")
        return dict(response[0]) if response else None

    async def register(self, patient: Record) -> Record:
        """Register a patient, once."""

        async def find() -> Record | None:
            return await self.find(patient["email"])

        return dict(await self.send("POST", "/api/v1/profiles", patient, find))

    async def update(self, id: str, **fields: Any) -> Record:
        """Change some fields of a patient, which may be repeated."""
        return dict(await self.send("PATCH", f"/api/v1/profiles/{id}", fields))

    async def send(
        self, method: str, path: str, body: Any = None, find: Callable[[], Awaitable[Record | None]] | None = None
    ) -> Any:
        """Send a request up to four times; where a response is lost, ``find`` may find what became of the request."""
        for pause in (0.5, 1, 2):
            try:
                return await self.once(method, path, body)
            except Busy as busy:
                await asyncio.sleep(max(pause, busy.wait))
            except (httpx2.TransportError, ValueError):
                await asyncio.sleep(pause)
                if find is not None and (found := await find()) is not None:
                    return found
        return await self.once(method, path, body)

    async def once(self, method: str, path: str, body: Any) -> Any:
        response = await self.http.request(method, path, json=body)
        if response.status_code in (429, 503):
            raise Busy(response)
        if response.is_error:
            raise Refused(response)
        return response.json()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def patients(aniva: Aniva) -> Patients:
    return Patients(aniva.async_client)


@pytest.fixture
def jane(aniva: Aniva) -> Record:
    """A patient who was born yesterday."""
    return {
        "first_name": "Jane",
        "last_name": "Roe",
        "email": "jane.roe@example.com",
        "sex": 2,
        "date_of_birth": (aniva.clock.now.date() - timedelta(days=1)).isoformat(),
        "profile_group": "acme-clinic-berlin",
    }


async def test_registers(patients: Patients, jane: Record) -> None:
    registered = await patients.register(jane)
    shown = await patients.get(registered["id"])
    assert (shown["first_name"], shown["language"]) == ("Jane", "en")
    assert await patients.find("JANE.ROE@example.com")


async def test_nobody_is_born_today(aniva: Aniva, patients: Patients, jane: Record) -> None:
    with pytest.raises(Refused) as refused:
        await patients.register(jane | {"date_of_birth": aniva.clock.now.date().isoformat()})
    assert refused.value.status == 400
    assert await patients.find(jane["email"]) is None


async def test_a_group_must_be_ours(patients: Patients, jane: Record) -> None:
    with pytest.raises(Refused) as refused:
        await patients.register(jane | {"profile_group": "rival-clinic"})
    assert refused.value.status == 403


async def test_updates(patients: Patients) -> None:
    await patients.update(SOEREN, first_name="Søren", language="en")
    shown = await patients.get(SOEREN)
    assert (shown["first_name"], shown["language"]) == ("Søren", "en")


async def test_a_patient_may_not_exist(patients: Patients) -> None:
    with pytest.raises(Refused) as refused:
        await patients.update(UNKNOWN, language="en")
    assert refused.value.status == 404
