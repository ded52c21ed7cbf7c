"""What the guide says about metrics is true: its job for Prometheus is one, and scrapes the container."""

import asyncio
from typing import Any

import httpx2
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from aniva_sandbox.engine.serving.app import build_app
from aniva_sandbox.engine.serving.guard import make_guard
from tests.guide.pages import blocks
from tests.support import CONTROL, PARTNER, new_worlds

PAGE = "container"
JOB = {"job_name", "metrics_path", "authorization", "static_configs"}
"""The keys that the guide uses, of those that Prometheus documents for a job."""


def job() -> Any:
    """The only job of the scrape configuration."""
    (config,) = (yaml.safe_load(block) for block in blocks("yaml", PAGE) if "scrape_configs" in block)
    assert list(config) == ["scrape_configs"]
    (found,) = config["scrape_configs"]
    return found


def test_the_job_is_one_of_prometheus() -> None:
    """It has keys that Prometheus knows, with values of their types."""
    found = job()
    assert found.keys() == JOB
    assert found["authorization"].keys() == {"credentials"}
    assert [list(targets) for targets in found["static_configs"]] == [["targets"]]
    assert all(isinstance(found[key], str) for key in ("job_name", "metrics_path"))


@pytest.mark.parametrize(("scheme", "status"), [("Bearer", 200), ("Basic", 401)])
def test_the_job_scrapes_a_server_with_a_token(scheme: str, status: int) -> None:
    """Prometheus calls the path of the metrics with the token as a bearer, which is its default."""
    found = job()
    (target,) = found["static_configs"][0]["targets"]
    credentials = found["authorization"]["credentials"]
    assert f"ANIVA_SANDBOX_TOKEN={credentials} " in "".join(blocks("shell", PAGE))
    app = build_app(new_worlds(), PARTNER, CONTROL, make_guard("0.0.0.0", token=credentials))

    async def scrape() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=f"http://{target}") as client:
            return await client.get(found["metrics_path"], headers={"authorization": f"{scheme} {credentials}"})

    response = asyncio.run(scrape())
    assert response.status_code == status
    if status == 200:
        assert "sandbox_requests" in [family.name for family in text_string_to_metric_families(response.text)]
