"""A stateful sandbox of the Aniva Partner API."""

from typing import Final

__all__ = ["VERSION"]

VERSION: Final = "0.1.0"
