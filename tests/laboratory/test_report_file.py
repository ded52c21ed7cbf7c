"""The report as a file: what it says of itself, and the same bytes for the same content."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from pypdf import PdfReader

from aniva_sandbox.laboratory.report import render_report
from aniva_sandbox.laboratory.report_texts import TEXTS
from tests.laboratory.example_report import CLINICAL, CONTENT, PERSON, in_language


def test_what_the_file_says_of_itself() -> None:
    """Title, author, subject, language and time are in the file; readers show the title."""
    reader = PdfReader(BytesIO(render_report(in_language("de"))))
    assert dict(reader.metadata or {}) == {
        "/Title": f"Laborbefund {CONTENT.report_id}",
        "/Subject": TEXTS["de"].notice,
        "/Author": "Labor Süd",
        "/Keywords": "report.pdf",
        "/Producer": "aniva-sandbox",
        "/CreationDate": "D:20260415093000Z",
    }
    assert reader.root_object["/Lang"] == "de"
    assert reader.root_object["/ViewerPreferences"]["/DisplayDocTitle"].value is True


def test_equal_contents_are_one() -> None:
    """Contents can be compared and hashed, so that a report need not be made twice."""
    assert {CONTENT, replace(CONTENT), in_language("fi")} == {CONTENT, in_language("fi")}


@pytest.mark.parametrize(
    "change",
    [
        {"patient": replace(PERSON, language="de")},
        {"report_id": "5c0b7f6e-3d7a-4f6e-9d0e-2f4a1c9b8e78"},
        {"file_name": "other.pdf"},
        {"issued_at": datetime(2026, 4, 15, 9, 30, 1, tzinfo=UTC)},
        {"corrected": True},
        {"patient": replace(PERSON, date_of_birth=date(1984, 2, 28))},
        {"clinical": CLINICAL[1:]},
        {"genetic": ()},
    ],
    ids=["language", "id", "name", "time", "correction", "patient", "clinical", "genetic"],
)
def test_other_content_is_another_file(change: dict[str, Any]) -> None:
    """The same content gives the same bytes, other content gives others."""
    assert render_report(CONTENT) == render_report(replace(CONTENT))
    assert render_report(replace(CONTENT, **change)) != render_report(CONTENT)


OTHER_MACHINE = """
import datetime, sys, time

class Then(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2031, 7, 8, 9, 10, 11, tzinfo=tz)

datetime.datetime = Then
time.time = lambda: 1941354611.0
time.localtime = time.gmtime = lambda *_: time.struct_time((2031, 7, 8, 9, 10, 11, 1, 189, 0))

from tests.laboratory.example_report import CONTENT
from aniva_sandbox.laboratory.report import render_report

assert datetime.datetime.now() == Then(2031, 7, 8, 9, 10, 11)
render_report(CONTENT)
sys.stdout.buffer.write(render_report(CONTENT))
"""


def python(*command: str, **environment: str) -> bytes:
    """What another Python says."""
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-W", "error", *command],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root), **environment},
        stdout=subprocess.PIPE,
        check=True,
    ).stdout


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_same_bytes_on_another_machine(seed: str) -> None:
    """Neither the time of the machine, its zone nor the order of its sets is in the file."""
    there = python("-c", OTHER_MACHINE, PYTHONHASHSEED=seed, TZ="Asia/Tokyo", SOURCE_DATE_EPOCH="86400")
    assert there == render_report(CONTENT)


def test_the_pdf_writer_is_imported_late() -> None:
    """Whoever makes no report does not wait for the PDF writer."""
    heavy = "import sys; import aniva_sandbox.laboratory.report; print({'fpdf', 'fontTools'} & set(sys.modules))"
    assert python("-c", heavy) == b"set()\n"
