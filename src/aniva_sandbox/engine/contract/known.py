"""Documents that were checked before they were committed, as a file with their digest says.

A document that was edited since is not known, so a server that starts with it checks all of it.
"""

from hashlib import sha256
from pathlib import Path

__all__ = ["digest_line", "is_known"]


def digest_line(text: str) -> str:
    """The content of the file for a document. Write it only for one that an API was made from."""
    return f"{sha256(text.encode()).hexdigest()}\n"


def is_known(digest: Path, text: str) -> bool:
    """Whether this is the text of the document that was checked, by the file with its digest."""
    try:
        return digest.read_text(encoding="utf-8") == digest_line(text)
    except (OSError, ValueError):
        return False
