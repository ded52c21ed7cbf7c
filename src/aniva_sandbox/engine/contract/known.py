"""Documents that were checked before they were committed, as their digests say.

A document that was edited since is not known, so a server that starts with it checks all of it.
"""

from hashlib import sha256
from pathlib import Path

__all__ = ["digest_file", "digest_line", "is_known"]


def digest_file(document: Path) -> Path:
    """The file of the digest of a document."""
    return document.with_name(f"{document.name}.sha256")


def digest_line(document: Path, text: str) -> str:
    """Its content, as ``sha256sum --check`` reads it. Write it only for a document that an API was made from."""
    return f"{sha256(text.encode()).hexdigest()}  {document.name}\n"


def is_known(document: Path, text: str) -> bool:
    """Whether this is the text of the document that was checked."""
    try:
        return digest_file(document).read_text(encoding="utf-8") == digest_line(document, text)
    except (OSError, ValueError):
        return False
