"""What reports on coverage and on probes have in common at the end of a run of pytest."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import pytest

from aniva_sandbox.engine.evidence.reports.files import ReportFile

__all__ = ["Ending", "parsed"]

T = TypeVar("T")


class Ending:
    """Writes the files of a report."""

    def __init__(self, option: str) -> None:
        """``option`` names the files."""
        self._option = option
        self._runs_tests = False
        self._written: list[ReportFile] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Note that this run is for tests; others show fixtures, or the cache, or only set up."""
        option = session.config.getoption
        self._runs_tests = not (option("collectonly") or option("setuponly", False))

    def _write(self, files: Iterable[ReportFile], write: Callable[[ReportFile], object]) -> list[str]:
        """Write each file; returns which could not be written, and why."""
        problems = []
        for file in files:
            try:
                write(file)
            except OSError as error:
                problems.append(f"{self._option}: {file.name} cannot be written: {error.strerror or error}")
            else:
                self._written.append(file)
        return problems


def parsed(option: str, parse: Callable[[], T]) -> T:
    """The result of a function that reads an option. Raises UsageError in place of ValueError."""
    try:
        return parse()
    except ValueError as error:
        raise pytest.UsageError(f"{option}: {error}") from None
