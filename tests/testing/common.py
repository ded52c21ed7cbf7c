"""What the tests of the plugin share: how a run of pytest inside a test is made."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

QUIET = (
    *("-W", "error", "-o", "asyncio_default_fixture_loop_scope=function"),
    *("-p", "no:cacheprovider", "-p", "no:fakefs", "-p", "no:schemathesis"),
    *("-p", "no:hypothesispytest", "-p", "no:respx"),
)
"""Options of such a run: every warning is an error, but pytest-asyncio's that wants to be told this; and without the
plugins that take long to load."""
