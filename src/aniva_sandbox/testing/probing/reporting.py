"""The end of a run with probes: in the controller of xdist, or in the only process, what all tests showed is merged."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import msgspec
import pytest

from aniva_sandbox.engine.evidence.probes.report import KINDS, KindName, ProbeReport, TestReport, merge
from aniva_sandbox.testing.probing.options import INI, parse_kinds

__all__ = ["PROBED", "ReportingRun", "kinds_of", "parsed"]

T = TypeVar("T")

PROBED = "aniva_probed"
"""The attribute of reports with what the probes of a test showed; xdist transfers it."""


class ReportingRun:
    """What reports in the end."""

    def __init__(self, config: pytest.Config) -> None:
        """Raises UsageError for options that cannot be meant."""
        self._config = config
        self._kinds = kinds_of(config)
        self._reports: dict[str, TestReport] = {}
        self._runs_tests = False
        self._report: ProbeReport | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Move what the probes of a test showed out of its report: pytest keeps the report."""
        probed = vars(report).pop(PROBED, None)
        if probed is not None:
            decoded = msgspec.json.decode(probed, type=TestReport)
            self._reports[decoded.test] = decoded

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """Note that this run is for tests; others show fixtures, or the cache, or only set up."""
        option = session.config.getoption
        self._runs_tests = not (option("collectonly") or option("setuponly", False))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self._runs_tests:
            return
        self._report = merge(self._reports.values(), self._kinds, {})


def kinds_of(config: pytest.Config) -> list[KindName]:
    """The kinds that a run asks for. Raises UsageError."""
    names = parsed("--aniva-probe", partial(parse_kinds, config.getoption("--aniva-probe")))
    return [kind for kind in KINDS if kind in names]


def parsed(name: str, parse: Callable[[], T]) -> T:
    """The result of a function; a ValueError is one of an option. Raises UsageError."""
    try:
        return parse()
    except ValueError as error:
        raise pytest.UsageError(f"{name}: {error}") from None


_ = INI
