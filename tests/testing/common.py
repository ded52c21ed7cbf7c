"""What the tests of the plugin share: how a run of pytest inside a test is made."""

from pathlib import Path

import httpcore2  # noqa: F401 - pytester forgets what a run inside a test was the first to import; httpx2 does not
import yaml  # noqa: F401 - the same, and its loader in C finds its own classes once

ROOT = Path(__file__).resolve().parents[2]

LIGHT = tuple(
    option
    for plugin in ("cacheprovider", "fakefs", "schemathesis", "hypothesispytest", "respx", "playwright", "valkey")
    for option in ("-p", f"no:{plugin}")
)
"""Options of a run without the plugins that take long to load."""

QUIET = ("-W", "error", "-o", "asyncio_default_fixture_loop_scope=function", *LIGHT)
"""Options of such a run: every warning is an error, but pytest-asyncio's that wants to be told this."""
