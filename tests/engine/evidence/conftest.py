"""A browser for reports."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def browser() -> Iterator[Any]:
    """Chromium, through Playwright."""
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    with playwright.sync_playwright() as tools:
        path = chromium or tools.chromium.executable_path
        if not Path(path).exists():
            pytest.skip("there is no Chromium")
        browser = tools.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
