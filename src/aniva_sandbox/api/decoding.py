"""Decoding the files that every start reads, when the package is built."""

from pathlib import Path
from typing import Final

from aniva_sandbox.engine.decoded import write_decoded
from aniva_sandbox.engine.yaml_text import parse

__all__ = ["decode_files"]

_READ: Final = ("openapi.yaml", "fixtures/catalogue/**/*.yaml", "fixtures/worlds/default.yaml")


def decode_files(folder: Path) -> bytes:
    """The content of the file of decoded data, for a checkout in this folder."""
    texts = [path.read_text(encoding="utf-8") for pattern in _READ for path in sorted(folder.glob(pattern))]
    return write_decoded((text, parse(text)) for text in texts)
