"""What a run of pytest with probes registers."""

from importlib import import_module
from importlib.util import find_spec
from typing import Final

import pytest

from aniva_sandbox.testing.probing.hooks import ProbingHooks
from aniva_sandbox.testing.probing.only import OnlyRun
from aniva_sandbox.testing.probing.probing import ProbingRun
from aniva_sandbox.testing.probing.reporting import ReportingRun

__all__ = ["register"]

_FAKES: Final = ("freezegun.api", "time_machine")
"""What must see Python's own time when it is imported, not the virtual one."""


def register(config: pytest.Config) -> ProbingHooks:
    """Register what probes where tests run, and what reports, unless this is a worker of xdist. Raises UsageError."""
    for name in _FAKES:
        if find_spec(name.partition(".")[0]) is not None:
            import_module(name)
    if config.getoption("--aniva-probe-only"):
        only = OnlyRun(config)
        config.pluginmanager.register(only, "aniva_sandbox_probing")
        return only
    probing = ProbingRun(config)
    config.pluginmanager.register(probing, "aniva_sandbox_probing")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ReportingRun(config), "aniva_sandbox_probes")
    return probing
