"""What several commands share."""

from typing import Final

__all__ = ["BEARER_FROM", "KEY"]

KEY: Final = "sbx_default"
BEARER_FROM: Final = "ANIVA_SANDBOX_TOKEN"
