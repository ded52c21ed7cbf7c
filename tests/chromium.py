"""Chromium for tests: where it is, and how it starts."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright

__all__ = ["launch"]

NAMED_BY = "ANIVA_CHROMIUM"
"""The environment variable that names another Chromium."""
ARGUMENTS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no name leads anywhere
)


def launch(playwright: Playwright) -> Browser:
    """Start Chromium, or skip the test where there is none."""
    return playwright.chromium.launch(executable_path=_path(playwright), args=_arguments())


def _path(playwright: Playwright) -> str:
    if named := os.environ.get(NAMED_BY):
        return named
    for path in (shutil.which("chromium"), playwright.chromium.executable_path):
        if path is not None and Path(path).exists():
            return path
    pytest.skip(f"there is no Chromium: install Debian's package chromium, or name one in {NAMED_BY}")


def _arguments() -> list[str]:
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*ARGUMENTS, *(["--no-sandbox"] if is_root else [])]
