"""A stateful sandbox of the Aniva Partner API."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from aniva_sandbox.testing.sandbox import Sandbox
else:  # hidden from type checkers, which would accept any name

    def __getattr__(name: str) -> object:
        """Import a name on first use, as the commands and the plugin start faster without it."""
        if name == "Sandbox":
            from aniva_sandbox.testing import Sandbox  # lazy: see above

            return Sandbox
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["VERSION", "Sandbox"]

VERSION: Final = "0.1.0"
