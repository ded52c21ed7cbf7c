"""Reports as files: their kinds, and how they are written."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from aniva_sandbox.engine.texts import suggest
from aniva_sandbox.engine.whole_file import write_whole

__all__ = ["KINDS", "ReportFile", "parse_report_file", "parse_report_files", "write_text"]

KINDS: Final = ("html", "json", "md", "junit")
"""The kinds of reports."""


class ReportFile(NamedTuple):
    """A file to write a report to."""

    name: str
    """As it was given."""
    kind: str
    path: Path


def parse_report_files(texts: Iterable[str], folder: Path, others: Iterable[ReportFile] = ()) -> list[ReportFile]:
    """The files that texts such as ``html:coverage.html`` name; relative paths are relative to a folder. ``others`` are
    the files of coverage, if these are of probes: its page shows both, so it may have the same file. Raises
    ValueError."""
    files = [parse_report_file(text, folder) for text in texts]
    kinds: dict[str, str] = {}
    taken = {os.path.realpath(file.path): file.kind for file in others}
    for file in files:
        path = os.path.realpath(file.path)
        kind = kinds.setdefault(path, file.kind)
        if os.path.lexists(path) and not os.path.isfile(path):  # noqa: PTH113
            continue  # a device or a pipe loses nothing
        if kind != file.kind:
            raise ValueError(f"{file.name!r} is given for {kind} and for {file.kind}; each needs its own file")
        if path in taken and (taken[path], kind) != ("html", "html"):
            raise ValueError(f"{file.name!r} is given for coverage, too; each report needs its own file")
    return files


def parse_report_file(text: str, folder: Path) -> ReportFile:
    """The file that ``KIND:PATH`` names; relative paths are relative to a folder. Raises ValueError."""
    kind, colon, path = text.partition(":")
    if not colon:
        raise ValueError(f"{text!r} must be KIND:PATH, such as html:coverage.html")
    if kind not in KINDS:
        raise ValueError(f"{kind!r} must be one of {', '.join(KINDS)}{suggest(kind, KINDS)}")
    if not path:
        raise ValueError(f"{text!r} must name a file after the colon")
    if os.path.isdir(folder / path):  # noqa: PTH112 - that of Path raises for a path that cannot be
        raise ValueError(f"{path!r} is a directory; it must be a file")
    return ReportFile(path, kind, folder / path)


def write_text(file: ReportFile, text: str) -> None:
    """Write a report as a whole, or not at all; folders that are missing are created. Raises OSError."""
    content = text.encode("utf-8", "backslashreplace")
    Path(os.path.realpath(file.path)).parent.mkdir(parents=True, exist_ok=True)
    write_whole(file.path, content)
