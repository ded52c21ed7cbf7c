"""The report of a laboratory as a PDF: A4, the same bytes for the same content wherever and whenever it is made.

It shows what the results of the API show, and says on every page that it is of nobody.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import cache, partial
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, cast

import msgspec

from aniva_sandbox.laboratory.paper import (
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
from aniva_sandbox.laboratory.report_texts import TEXTS, Language, ReportTexts, ResultStatus
from aniva_sandbox.world.genes import Significance
from aniva_sandbox.world.measurements import Sex

if TYPE_CHECKING:
    from fpdf.fonts import TTFFont

__all__ = [
    "ClinicalResult",
    "Condition",
    "GeneticResult",
    "Lab",
    "Person",
    "ReferenceRange",
    "ReportContent",
    "Snv",
    "Variant",
    "render_report",
]

# What a report is made from


class Person(msgspec.Struct, frozen=True):
    """Whom the report is about; ``id`` is the profile's."""

    id: str
    first_name: str
    last_name: str | None
    date_of_birth: date
    sex: Sex

    @property
    def name(self) -> str:
        """First and last name."""
        return " ".join(filter(None, (self.first_name, self.last_name)))


class Lab(msgspec.Struct, frozen=True):
    """The laboratory that sends the report."""

    name: str
    street: str
    house_number: str
    postal_code: str
    city: str
    country: str
    phone: str | None = None
    email: str | None = None

    @property
    def address(self) -> str:
        """Where it is reached, on one line."""
        place = f"{self.street} {self.house_number}, {self.postal_code} {self.city}, {self.country}"
        return _joined(place, self.phone, self.email)


class ReferenceRange(msgspec.Struct, frozen=True):
    """Where values are normal, and where they are best; the ends belong to it, None is an open end."""

    normal_min: float | None = None
    normal_max: float | None = None
    optimal_min: float | None = None
    optimal_max: float | None = None


class ClinicalResult(msgspec.Struct, frozen=True, kw_only=True):
    """A clinical result as the API shows it; a planned one has no value yet.

    ``decimals`` and ``display_unit`` say how value and unit are printed: so many digits, and the unit with µ and
    superscripts where it has any.
    """

    status: ResultStatus
    biomarker_id: int
    biomarker_name: str
    category: str
    value: float | None = None
    value_operator: Literal["eq", "lt", "gt"] | None = "eq"
    unit_id: int | None = None
    unit: str | None = None
    reference_range_lab: ReferenceRange = ReferenceRange()
    reference_range_aniva: ReferenceRange = ReferenceRange()
    tested_at: date | None = None
    comment: str | None = None
    decimals: int = 0
    display_unit: str | None = None


class Condition(msgspec.Struct, frozen=True):
    """A condition that a variant goes with."""

    condition: str
    association_description: str
    badge: str


class Snv(msgspec.Struct, frozen=True):
    """A single nucleotide that differs."""

    rs_id: str
    allele: str
    reference_allele: str
    hgvs_c: str | None
    hgvs_p: str | None


class Variant(msgspec.Struct, frozen=True):
    """A variant that the genotype has."""

    name: str
    clinical_significance: Significance
    description: str
    hgvs_c: str | None
    hgvs_p: str | None
    conditions: tuple[Condition, ...] = ()
    snvs: tuple[Snv, ...] = ()


class GeneticResult(msgspec.Struct, frozen=True, kw_only=True):
    """A genetic result as the API shows it; a planned one has no genotype yet."""

    status: ResultStatus
    biomarker_id: int
    biomarker_name: str
    gene: str | None = None
    genotype: str | None = None
    clinical_significance: Significance | None = None
    risk_description: str | None = None
    tested_at: date | None = None
    comment: str | None = None
    variants: tuple[Variant, ...] = ()


class ReportContent(msgspec.Struct, frozen=True, kw_only=True):
    """All that a report says, as values that can be compared and hashed. ``issued_at`` is aware and in UTC; without a
    location the sample was drawn at home."""

    language: Language
    report_id: str
    file_name: str
    issued_at: datetime
    corrected: bool
    patient: Person
    laboratory: Lab
    appointment_id: str
    drawn_on: date
    barcode: str
    location: str | None
    clinical: tuple[ClinicalResult, ...] = ()
    genetic: tuple[GeneticResult, ...] = ()

    @property
    def texts(self) -> ReportTexts:
        """The words of its language."""
        return TEXTS[self.language]

    @property
    def title(self) -> str:
        """What it calls itself."""
        return self.texts.titles[self.corrected]


def render_report(content: ReportContent) -> bytes:
    """The report as a PDF."""
    from fpdf import FPDF  # lazy: slow to import, and most runs make no report
    from fpdf.prefs import ViewerPreferences

    pdf = FPDF(unit="mm", format="A4")
    pdf.set_creation_date(content.issued_at)  # and not the time of the machine; the file's id is made from it, too
    pdf.set_title(f"{content.title} {content.report_id}")
    pdf.set_subject(content.texts.notice)
    pdf.set_keywords(content.file_name)
    pdf.set_author(content.laboratory.name)
    pdf.set_producer("aniva-sandbox")
    pdf.set_lang(content.language)
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
    """Where the fonts are. Their package is not imported: it would list its files."""
    return Path(str(cast(ModuleSpec, find_spec("font_source_sans_pro")).origin)).with_name("files")


# The parts of a report


def _write_all(sheets: Sheets, content: ReportContent) -> None:
    texts = content.texts
    sheets.start = partial(_start_first, sheets, content)
    sheets.turn()
    sheets.start = partial(_start_next, sheets, content)
    if content.clinical:
        _write_clinical(sheets, content)
    if content.genetic:
        sheets.paragraph(texts.genetic, SECTION, keep=40)
        sheets.space(1)
    for result in content.genetic:
        _write_genetic(sheets, result, texts)
    if not content.clinical and not content.genetic:
        sheets.paragraph(texts.nothing)
    for number, page in enumerate(sheets.pages, 1):
        ids = _joined(f"{texts.report} {content.report_id}", f"{texts.appointment} {content.appointment_id}")
        pages = texts.page.format(number=number, total=len(sheets.pages))
        sheets.put(page, 286, Cell(LEFT, 140, ids, TINY))
        sheets.put(page, 286, Cell(LEFT + 140, 38, pages, TINY, right=True))


def _start_first(sheets: Sheets, content: ReportContent) -> None:
    """The head of the first page: the laboratory, the title, and whom it is about."""
    texts, patient = content.texts, content.patient
    _write_notice(sheets, texts)
    sheets.space(5)
    sheets.paragraph(content.laboratory.name, SENDER)
    sheets.paragraph(content.laboratory.address, SMALL)
    sheets.space(7)
    sheets.paragraph(content.title, TITLE)
    sheets.space(3)
    sheets.rule(ACCENT, 0.4)
    sheets.space(2)
    for label, fact, second_label, second_fact in (
        (texts.patient, patient.name, texts.report, content.report_id),
        (texts.date_of_birth, f"{patient.date_of_birth}", texts.issued_at, f"{content.issued_at:%Y-%m-%d %H:%M} UTC"),
        (texts.sex, texts.sexes[patient.sex], texts.drawn_on, f"{content.drawn_on}"),
        (texts.profile, patient.id, texts.location, content.location or texts.home_kit),
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
    sheets.paragraph(_joined(content.laboratory.name, content.laboratory.address), TINY)
    born = f"{texts.date_of_birth} {patient.date_of_birth}"
    sheets.paragraph(_joined(f"{content.title}: {patient.name}", born), TINY)
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
    categories: dict[str, list[ClinicalResult]] = {}
    for result in content.clinical:
        categories.setdefault(result.category, []).append(result)
    sheets.paragraph(texts.legend, SMALL)
    sheets.space(4)
    _start_table(sheets, texts)
    for category, results in categories.items():
        sheets.start = partial(_restart_table, sheets, texts, start)
        _start_category(sheets, category)
        sheets.start = partial(_restart_table, sheets, texts, start, category)
        for result in results:
            _write_result(sheets, result, texts)
    sheets.start = start
    sheets.space(7)


def _restart_table(sheets: Sheets, texts: ReportTexts, start: Callable[[], None], category: str | None = None) -> None:
    start()
    _start_table(sheets, texts)
    if category is not None:
        _start_category(sheets, texts.continued.format(category=category))


def _start_table(sheets: Sheets, texts: ReportTexts) -> None:
    heads = [texts.test, texts.flag, texts.result, texts.unit]
    heads += [texts.lab_range, texts.aniva_range, texts.aniva_optimum, texts.tested_on]
    sheets.row(*_columns(*((head, SMALL_STRONG) for head in heads)), padding=0.5)
    sheets.rule(ACCENT, 0.3)


def _start_category(sheets: Sheets, category: str) -> None:
    sheets.space(1.5)
    sheets.row(Cell(LEFT, WIDTH, category, CATEGORY), padding=0.8, keep=12)
    sheets.rule()


def _write_result(sheets: Sheets, result: ClinicalResult, texts: ReportTexts) -> None:
    lab, aniva, flag = result.reference_range_lab, result.reference_range_aniva, _flag(result)
    outside = flag.startswith(("L", "H"))
    style, band = (STRONG, TINT) if outside else (BODY, None)
    write = partial(texts.range, digits=result.decimals)
    optimum = write(lab.optimal_min, lab.optimal_max)
    note = _joined(texts.statuses[result.status], optimum and texts.lab_optimum.format(range=optimum), result.comment)
    cells = _columns(
        (result.biomarker_name, style),
        (flag, style),
        (_value(result, texts), style),
        (result.display_unit or result.unit or "", BODY),
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


def _value(result: ClinicalResult, texts: ReportTexts) -> str:
    if result.value is None:
        return "–"
    sign = {"lt": "< ", "gt": "> "}.get(result.value_operator or "eq", "")
    return sign + texts.number(result.value, result.decimals)


def _flag(result: ClinicalResult) -> str:
    """L or H where the value is outside the laboratory's range, A where it is outside Aniva's only."""
    if side := _side(result, result.reference_range_lab):
        return {"↓": "L ↓", "↑": "H ↑"}[side]
    side = _side(result, result.reference_range_aniva)
    return side and f"A {side}"


def _side(result: ClinicalResult, range: ReferenceRange) -> str:
    """On which side the value is surely outside: what is less than the lower end is low, whatever it may be, and what
    is less than a higher number may be anything."""
    value, operator, low, high = result.value, result.value_operator, range.normal_min, range.normal_max
    if value is None:
        return ""
    if low is not None and operator != "gt" and (value < low or (operator == "lt" and value == low)):
        return "↓"
    if high is not None and operator != "lt" and (value > high or (operator == "gt" and value == high)):
        return "↑"
    return ""


def _write_genetic(sheets: Sheets, result: GeneticResult, texts: ReportTexts) -> None:
    significance = result.clinical_significance
    places = ((LEFT, 32), (LEFT + 34, 48), (LEFT + 84, 58), (LEFT + 144, 34))
    labels = (texts.gene, texts.genotype, texts.significance, texts.tested_on)
    facts = (result.gene, result.genotype, significance and texts.significances[significance], result.tested_at)
    sheets.need(34)
    sheets.rule(ACCENT, 0.3)
    sheets.space(1)
    sheets.paragraph(result.biomarker_name, CATEGORY)
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


def _write_variant(sheets: Sheets, variant: Variant, texts: ReportTexts) -> None:
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
