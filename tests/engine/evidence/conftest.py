"""A browser for reports."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from tests.chromium import launch


@pytest.fixture
def chromium() -> Iterator[Any]:
    """Chromium, through Playwright."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
