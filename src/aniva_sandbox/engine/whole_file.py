"""Files that are written as a whole, or not at all."""

import os
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(file: Path, content: bytes) -> None:
    """Write a file whose earlier content stays until the new one is complete. The target of a link is written; devices
    and pipes are written to as they are. Raises OSError."""
    if file.exists() and not (file.is_file() or file.is_dir()):
        file.write_bytes(content)
        return
    path = Path(os.path.realpath(file))
    draft = path.with_name(f".{path.name[:200]}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
