"""The report of a laboratory as a PDF: A4, the same bytes for the same content, wherever and whenever it is made.

It shows the findings as the API's results do, and says on every page that they belong to no real person.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import cache, partial
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import msgspec

from aniva_sandbox.laboratory.findings import ClinicalFinding, FoundVariant, GeneticFinding, ReferenceRange, side_of
from aniva_sandbox.laboratory.laboratories import Address
from aniva_sandbox.laboratory.orders import Patient
from aniva_sandbox.laboratory.report_pages import (
    ACCENT,
    BODY,
    CATEGORY,
    LEFT,
    NOTICE,
    SECTION,
    SENDER,
    SMALL,
    SMALL_STRONG,
    STRONG,
    TINT,
    TINY,
    TITLE,
    WIDTH,
    Cell,
    Sheets,
    Style,
)
from aniva_sandbox.laboratory.report_texts import TEXTS, ReportTexts

if TYPE_CHECKING:
    from fpdf.fonts import TTFFont

__all__ = ["ClinicalLine", "GeneticLine", "ReportContent", "render_report"]

# The content of a report


class ClinicalLine(msgspec.Struct, frozen=True):
    """A clinical result, and how it is printed: the digits after the decimal sign, and the unit with µ and superscripts
    if it has any."""

    result: ClinicalFinding
    decimals: int
    display_unit: str | None


class GeneticLine(msgspec.Struct, frozen=True):
    """A genetic result, and the name of its biomarker."""

    result: GeneticFinding
    name: str


class ReportContent(msgspec.Struct, frozen=True, kw_only=True):
    """The content of a report, as values that can be compared and hashed. ``issued_at`` is aware and in UTC; without a
    location the sample was drawn at home."""

    report_id: str
    file_name: str
    issued_at: datetime
    corrected: bool
    patient: Patient
    laboratory: str
    address: Address
    appointment_id: str
    drawn_on: date
    barcode: str
    location: str | None
    clinical: tuple[ClinicalLine, ...] = ()
    genetic: tuple[GeneticLine, ...] = ()

    @property
    def texts(self) -> ReportTexts:
        """The texts in the patient's language."""
        return TEXTS[self.patient.language]

    @property
    def name(self) -> str:
        """The patient's first and last name."""
        return " ".join(filter(None, (self.patient.first_name, self.patient.last_name)))

    @property
    def sender(self) -> str:
        """The contact details of the laboratory, on one line."""
        at = self.address
        place = f"{at.street} {at.house_number}, {at.postal_code} {at.city}, {at.country}"
        return _joined(place, at.phone, at.email)

    @property
    def title(self) -> str:
        """The title of the report."""
        return self.texts.titles[self.corrected]


def render_report(content: ReportContent) -> bytes:
    """The report as a PDF."""
    from fpdf import FPDF  # lazy: slow to import, and most runs make no report
    from fpdf.prefs import ViewerPreferences

    pdf = FPDF(unit="mm", format="A4")
    pdf.set_creation_date(content.issued_at)  # not the machine's time; the id of the file is derived from it, too
    pdf.set_title(f"{content.title} {content.report_id}")
    pdf.set_subject(content.texts.notice)
    pdf.set_keywords(content.file_name)
    pdf.set_author(content.laboratory)
    pdf.set_producer("aniva-sandbox")
    pdf.set_lang(content.patient.language)
    pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
    folder = _font_folder()
    for weight, file in _FONTS.items():
        pdf.add_font("sans", weight, folder / file)
    sheets = Sheets({weight: cast("TTFFont", pdf.fonts[f"sans{weight}"]) for weight in _FONTS})
    _write_all(sheets, content)
    for page in sheets.pages:
        pdf.add_page()
        for top, height, colour in page.bars:
            pdf.set_fill_color(colour)
            pdf.rect(LEFT - 1.5, top, WIDTH + 3, height, style="F")
        for left, baseline, text, style in page.lines:
            pdf.set_font("sans", style.weight, style.size)
            pdf.set_text_color(style.colour)
            pdf.text(left, baseline, text)
    return bytes(pdf.output())


_FONTS: Final = {"": "SourceSansPro-Regular.ttf", "B": "SourceSansPro-Semibold.ttf"}


@cache
def _font_folder() -> Path:
    """The folder of the fonts. Their package is not imported, because that would list its files."""
    return Path(str(cast(ModuleSpec, find_spec("font_source_sans_pro")).origin)).with_name("files")


# The parts of a report


def _write_all(sheets: Sheets, content: ReportContent) -> None:
    texts = content.texts
    sheets.turn()
    sheets.start = partial(_start_next, sheets, content)
    _write_first(sheets, content)
    if content.clinical:
        _write_clinical(sheets, content)
    if content.genetic:
        sheets.paragraph(texts.genetic, SECTION, keep=40)
        sheets.space(1)
    for line in content.genetic:
        _write_genetic(sheets, line, texts)
    if not content.clinical and not content.genetic:
        sheets.paragraph(texts.nothing)
    for number, page in enumerate(sheets.pages, 1):
        ids = _joined(f"{texts.report} {content.report_id}", f"{texts.appointment} {content.appointment_id}")
        pages = texts.page.format(number=number, total=len(sheets.pages))
        sheets.put(page, 286, Cell(LEFT, 140, ids, TINY))
        sheets.put(page, 286, Cell(LEFT + 140, 38, pages, TINY, right=True))


def _write_first(sheets: Sheets, content: ReportContent) -> None:
    """The head of the first page: the laboratory, the title, and the patient."""
    texts, patient = content.texts, content.patient
    _write_notice(sheets, texts)
    sheets.space(5)
    sheets.paragraph(content.laboratory, SENDER)
    sheets.paragraph(content.sender, SMALL)
    sheets.space(7)
    sheets.paragraph(content.title, TITLE)
    sheets.space(3)
    sheets.rule(ACCENT, 0.4)
    sheets.space(2)
    for label, fact, second_label, second_fact in (
        (texts.patient, content.name, texts.report, content.report_id),
        (texts.date_of_birth, f"{patient.date_of_birth}", texts.issued_at, f"{content.issued_at:%Y-%m-%d %H:%M} UTC"),
        (texts.sex, texts.sexes[patient.sex], texts.drawn_on, f"{content.drawn_on}"),
        (texts.profile, patient.profile_id, texts.location, content.location or texts.home_kit),
        (texts.appointment, content.appointment_id, texts.barcode, content.barcode),
    ):
        sheets.row(
            Cell(LEFT, 25, label, SMALL),
            Cell(LEFT + 26, 61, fact),
            Cell(LEFT + 91, 25, second_label, SMALL),
            Cell(LEFT + 117, 61, second_fact),
            padding=0.35,
        )
    sheets.space(2)
    sheets.rule()
    sheets.space(5)


def _start_next(sheets: Sheets, content: ReportContent) -> None:
    """The head of every other page."""
    texts, patient = content.texts, content.patient
    _write_notice(sheets, texts)
    sheets.space(2)
    sheets.paragraph(_joined(content.laboratory, content.sender), TINY)
    born = f"{texts.date_of_birth} {patient.date_of_birth}"
    sheets.paragraph(_joined(f"{content.title}: {content.name}", born), TINY)
    sheets.space(4)


def _write_notice(sheets: Sheets, texts: ReportTexts) -> None:
    sheets.row(Cell(LEFT, WIDTH, texts.notice, NOTICE), padding=1.1, band=ACCENT)


# Left edges and widths: test, flag, result, unit, range of the laboratory, of Aniva, Aniva's optimum, date
_RESULT: Final = (80.0, 16.0)
_COLUMNS: Final = (
    (16.0, 52.0),
    (70.0, 9.0),
    _RESULT,
    (98.0, 22.0),
    (121.5, 18),
    (141.0, 18),
    (160.5, 17),
    (178.5, 15.5),
)


def _columns(*columns: tuple[str, Style]) -> list[Cell]:
    return [
        Cell(*place, text, style, right=place == _RESULT)
        for place, (text, style) in zip(_COLUMNS, columns, strict=True)
    ]


def _write_clinical(sheets: Sheets, content: ReportContent) -> None:
    texts, start = content.texts, sheets.start
    categories: dict[str, list[ClinicalLine]] = {}
    for line in content.clinical:
        categories.setdefault(line.result.category or "", []).append(line)
    sheets.paragraph(texts.legend, SMALL)
    sheets.space(4)
    _start_table(sheets, texts)
    for category, lines in categories.items():
        sheets.start = partial(_restart_table, sheets, texts, start)
        _start_category(sheets, category)
        sheets.start = partial(_restart_table, sheets, texts, start, category)
        for line in lines:
            _write_result(sheets, line, texts)
    sheets.start = start
    sheets.space(7)


def _restart_table(sheets: Sheets, texts: ReportTexts, start: Callable[[], None], category: str | None = None) -> None:
    start()
    _start_table(sheets, texts)
    if category is not None:
        _start_category(sheets, texts.continued.format(category=category[:_MOST_OF_CATEGORY]))


_MOST_OF_CATEGORY: Final = 150


def _start_table(sheets: Sheets, texts: ReportTexts) -> None:
    heads = [texts.test, texts.flag, texts.result, texts.unit]
    heads += [texts.lab_range, texts.aniva_range, texts.aniva_optimum, texts.tested_on]
    sheets.row(*_columns(*((head, SMALL_STRONG) for head in heads)), padding=0.5)
    sheets.rule(ACCENT, 0.3)


def _start_category(sheets: Sheets, category: str) -> None:
    sheets.space(1.5)
    sheets.row(Cell(LEFT, WIDTH, category, CATEGORY), padding=0.8, keep=12)
    sheets.rule()


def _write_result(sheets: Sheets, line: ClinicalLine, texts: ReportTexts) -> None:
    result, flag = line.result, _flag(line.result)
    lab, aniva = result.reference_range_lab or _OPEN, result.reference_range_aniva or _OPEN
    outside = flag.startswith(("L", "H"))
    style, band = (STRONG, TINT) if outside else (BODY, None)
    write = partial(texts.range, digits=line.decimals)
    optimum = write(lab.optimal_min, lab.optimal_max)
    note = _joined(texts.statuses[result.status], optimum and texts.lab_optimum.format(range=optimum), result.comment)
    cells = _columns(
        (result.biomarker_name or "", style),
        (flag, style),
        (_value(line, texts), style),
        (line.display_unit or result.unit or "", BODY),
        (write(lab.normal_min, lab.normal_max), BODY),
        (write(aniva.normal_min, aniva.normal_max), BODY),
        (write(aniva.optimal_min, aniva.optimal_max), SMALL),
        (f"{result.tested_at or ''}", SMALL),
    )
    sheets.row(*cells, padding=0.65, band=band, keep=4 if note else 0)
    if note:
        sheets.paragraph(note, SMALL, indent=3, band=band)
        sheets.space(0.8, band)
    sheets.rule()


_OPEN: Final = ReferenceRange(None, None, None, None)


def _value(line: ClinicalLine, texts: ReportTexts) -> str:
    result = line.result
    if result.value is None:
        return "–"
    sign = {"lt": "< ", "gt": "> "}.get(result.value_operator or "eq", "")
    return sign + texts.number(result.value, line.decimals)


def _flag(result: ClinicalFinding) -> str:
    """L or H where the value is outside the laboratory's range, A where it is outside Aniva's only."""
    if side := side_of(result, result.reference_range_lab):
        return f"{side[0].upper()} {_ARROWS[side]}"
    side = side_of(result, result.reference_range_aniva)
    return side and f"A {_ARROWS[side]}"


_ARROWS: Final = {"low": "↓", "high": "↑"}


def _write_genetic(sheets: Sheets, line: GeneticLine, texts: ReportTexts) -> None:
    result, significance = line.result, line.result.clinical_significance
    places = ((LEFT, 32), (LEFT + 34, 48), (LEFT + 84, 58), (LEFT + 144, 34))
    labels = (texts.gene, texts.genotype, texts.significance, texts.tested_on)
    facts = (result.gene, result.genotype, significance and texts.significances[significance], result.tested_at)
    sheets.need(34)
    sheets.rule(ACCENT, 0.3)
    sheets.space(1)
    sheets.paragraph(line.name, CATEGORY)
    sheets.space(0.8)
    sheets.row(*(Cell(*place, label, SMALL) for place, label in zip(places, labels, strict=True)))
    sheets.row(*(Cell(*place, f"{fact or '–'}", STRONG) for place, fact in zip(places, facts, strict=True)))
    sheets.space(0.8)
    if result.risk_description:
        sheets.paragraph(result.risk_description)
    if note := _joined(texts.statuses[result.status], result.comment):
        sheets.paragraph(note, SMALL)
    for variant in result.variants:
        _write_variant(sheets, variant, texts)
    sheets.space(4)


def _write_variant(sheets: Sheets, variant: FoundVariant, texts: ReportTexts) -> None:
    title = _joined(f"{texts.variant} {variant.name}", texts.significances[variant.clinical_significance])
    alleles = texts.alleles.format
    details = (
        _joined(variant.hgvs_c, variant.hgvs_p),
        *(
            _joined(snv.rs_id, alleles(snv.allele, snv.reference_allele), snv.hgvs_c, snv.hgvs_p)
            for snv in variant.snvs
        ),
        *(
            _joined(f"{texts.condition}: {one.condition}", one.badge, one.association_description)
            for one in variant.conditions
        ),
    )
    sheets.need(14)
    sheets.space(1.5)
    sheets.paragraph(title, STRONG, indent=4)
    sheets.paragraph(variant.description, indent=4)
    for detail in filter(None, details):
        sheets.paragraph(detail, SMALL, indent=4)


def _joined(*parts: str | None) -> str:
    return " · ".join(filter(None, parts))
