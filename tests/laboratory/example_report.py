"""A report with some of everything, and reading back what its PDF shows where."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from fontTools.ttLib import TTFont
from msgspec.structs import replace
from pypdf import PageObject, PdfReader

from aniva_sandbox.laboratory.findings import (
    ClinicalFinding,
    FoundCondition,
    FoundSnv,
    FoundVariant,
    GeneticFinding,
    ReferenceRange,
)
from aniva_sandbox.laboratory.laboratories import Address
from aniva_sandbox.laboratory.orders import Patient
from aniva_sandbox.laboratory.report import ClinicalLine, GeneticLine, ReportContent, render_report

LANGUAGES = ("en", "de", "fi")
ADDRESS = Address("Beispielstraße", "12a", "40210", "Düsseldorf", "DE", "+49 211 0000100", "post@labor.example")
PERSON = Patient("00000000-0000-4000-8000-000000000001", "Jörg", "Müller-Øst", 1, date(1984, 2, 29), "en")


def span(low: float | None, high: float | None, *optimal: float | None) -> ReferenceRange:
    """A reference range, with an optimum where one is given."""
    return ReferenceRange(low, high, *(optimal or (None, None)))


def result(name: str, value: float | None = 5.0, category: str = "Blood", **more: Any) -> ClinicalLine:
    """The line of a clinical result of that name."""
    decimals, display_unit = more.pop("decimals", 0), more.pop("display_unit", None)
    known = dict.fromkeys(("unit_id", "unit", "reference_range_lab", "reference_range_aniva", "comment"))
    known |= {"status": "received", "biomarker_id": 1, "value_operator": "eq", "tested_at": date(2026, 4, 14), **more}
    shown = ClinicalFinding(biomarker_name=name, category=category, value=value, **known)
    return ClinicalLine(shown, decimals, display_unit)


def changed(line: Any, **change: Any) -> Any:
    """A line whose result is another."""
    return replace(line, result=replace(line.result, **change))


CLINICAL = (
    result(
        "Ferritin",
        9.0,
        unit="ug/L",
        display_unit="µg/L",
        reference_range_lab=span(15, 150),
        reference_range_aniva=span(30, 200, 50, 120),
    ),
    result("TSH", 2.5, "Thyroid", decimals=2, unit="mIU/L", reference_range_lab=span(0.4, 4)),
    result(
        "Leukocytes",
        6.1,
        decimals=1,
        unit="10^9/L",
        display_unit="10⁹/L",
        reference_range_lab=span(3.9, 10.2),
        reference_range_aniva=span(4, None, None, 8.2),
    ),
    result(
        "hs-CRP",
        0.3,
        "Inflammation",
        decimals=1,
        unit="mg/L",
        value_operator="lt",
        tested_at=date(2026, 4, 15),
        reference_range_lab=span(None, 5.0, 0.5, 3.0),
        comment="Below the limit.",
    ),
)
APOE_RESULT = GeneticFinding(
    status="received",
    biomarker_id=201,
    gene="APOE",
    genotype="ε3/ε4",
    clinical_significance="moderate_risk",
    risk_description="One copy of ε4 raises the risk.",
    tested_at=date(2026, 4, 28),
    comment="Seen twice.",
    variants=(
        FoundVariant(
            name="APOE ε4",
            clinical_significance="likely_pathogenic",
            description="Binds lipids otherwise.",
            hgvs_c="NM_000041.4:c.388T>C",
            hgvs_p="NP_000032.1:p.Cys130Arg",
            conditions=(FoundCondition("Alzheimer disease", "Two- to threefold.", "late onset"),),
            snvs=(
                FoundSnv("rs429358", "C", "T", "NM_000041.4:c.388T>G", "NP_000032.1:p.Cys131Arg"),
                FoundSnv("rs7412", "G", "A", None, None),
            ),
        ),
        FoundVariant(
            name="APOE ε3",
            clinical_significance="neutral",
            description="The usual one.",
            hgvs_c=None,
            hgvs_p=None,
            conditions=(),
            snvs=(),
        ),
    ),
)
APOE = GeneticLine(APOE_RESULT, "Apolipoprotein E")
CONTENT = ReportContent(
    report_id="5c0b7f6e-3d7a-4f6e-9d0e-2f4a1c9b8e77",
    file_name="report.pdf",
    issued_at=datetime(2026, 4, 15, 9, 30, tzinfo=UTC),
    corrected=False,
    patient=PERSON,
    laboratory="Labor Süd",
    address=ADDRESS,
    appointment_id="11111111-2222-4333-8444-555555555555",
    drawn_on=date(2026, 4, 13),
    barcode="4006381333931",
    location="Studio Mitte",
    clinical=CLINICAL,
    genetic=(APOE,),
)


def in_language(language: str, **change: Any) -> ReportContent:
    """The report in another language, and otherwise changed."""
    return replace(CONTENT, patient=replace(PERSON, language=language), **change)


class Piece(NamedTuple):
    """What was written at one place; measures are points from the lower left corner."""

    left: float
    baseline: float
    right: float
    size: float
    bold: bool
    text: str


@cache
def widths(bold: bool) -> dict[str, float]:
    """How wide letters of size 1 are."""
    spec = find_spec("font_source_sans_pro")
    assert spec is not None
    assert spec.origin is not None
    with TTFont(Path(spec.origin).parent / "files" / f"SourceSansPro-{'Semibold' if bold else 'Regular'}.ttf") as font:
        return {chr(c): font["hmtx"][name][0] / font["head"].unitsPerEm for c, name in font.getBestCmap().items()}


def pages_of(content: ReportContent) -> list[PageObject]:
    """The pages of the report."""
    return list(PdfReader(BytesIO(render_report(content))).pages)


def text_of(page: PageObject) -> str:
    """What a page says, with single spaces."""
    return " ".join(page.extract_text().split())


def said(content: ReportContent) -> str:
    """What the report says, with single spaces."""
    return " ".join(map(text_of, pages_of(content)))


def pieces_of(page: PageObject) -> list[Piece]:
    """What is written where on a page, in the order of reading."""
    found = []

    def see(text: str, _: Any, place: list[float], font: Any, size: float) -> None:
        if text.strip():
            text = text.strip()
            bold = font["/BaseFont"].endswith("Semibold")
            right = place[4] + sum(widths(bold)[letter] for letter in text) * size
            found.append(Piece(place[4], place[5], right, size, bold, text))

    page.extract_text(visitor_text=see)
    return found


def rows_of(page: PageObject) -> Iterator[tuple[Piece, ...]]:
    """What stands side by side on a page."""
    rows: dict[float, list[Piece]] = {}
    for piece in pieces_of(page):
        rows.setdefault(piece.baseline, []).append(piece)
    for row in rows.values():
        yield tuple(sorted(row))


def row_texts(content: ReportContent) -> list[tuple[str, ...]]:
    """What stands side by side in the report, row after row."""
    return [tuple(piece.text for piece in row) for page in pages_of(content) for row in rows_of(page)]
