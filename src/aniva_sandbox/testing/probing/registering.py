"""What a run of pytest with probes registers."""

import pytest

from aniva_sandbox.testing.probing.hooks import ProbingHooks
from aniva_sandbox.testing.probing.only import OnlyRun
from aniva_sandbox.testing.probing.probing import ProbingRun
from aniva_sandbox.testing.probing.reporting import ReportingRun

__all__ = ["register"]


def register(config: pytest.Config) -> ProbingHooks:
    """Register what probes where tests run, and what reports, unless this is a worker of xdist. Raises UsageError."""
    if config.getoption("--aniva-probe-only"):
        only = OnlyRun(config)
        config.pluginmanager.register(only, "aniva_sandbox_probing")
        return only
    probing = ProbingRun(config)
    config.pluginmanager.register(probing, "aniva_sandbox_probing")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ReportingRun(config), "aniva_sandbox_probes")
    return probing
