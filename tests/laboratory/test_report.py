"""The report as a PDF: what it shows in each language, where that stands, and that it is the same bytes for the same
content."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple, get_args

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pypdf import PageObject, PdfReader

from aniva_sandbox.laboratory.report import ClinicalLine, GeneticLine, ReportContent, render_report
from aniva_sandbox.laboratory.report_texts import TEXTS
from aniva_sandbox.laboratory.views import (
    AssociatedCondition,
    ClinicalResult,
    GeneticResult,
    ReferenceRange,
    SnvView,
    VariantView,
)
from aniva_sandbox.world.genes import Significance
from aniva_sandbox.world.laboratories import Address
from aniva_sandbox.world.orders import Patient

MM = 72 / 25.4
TINT = b"0.902 0.9373 0.949 rg"
"""The operator that sets the colour below what is outside the laboratory's range."""
LANGUAGES = ("en", "de", "fi")
NOTICES = {
    "en": "SYNTHETIC REPORT · made by a test sandbox · of no real person · not for medical use",
    "de": "SYNTHETISCHER BEFUND · von einer Testumgebung erzeugt · betrifft keine reale Person · "
    "nicht für medizinische Zwecke",
    "fi": "SYNTEETTINEN RAPORTTI · testiympäristön tuottama · ei koske todellista henkilöä · "
    "ei lääketieteelliseen käyttöön",
}
HEADS = {
    "en": "Test Flag Result Unit Laboratory range Aniva range Aniva optimum Tested on",
    "de": "Untersuchung Abw. Ergebnis Einheit Referenz Labor Referenz Aniva Optimum Aniva Untersucht am",
    "fi": "Tutkimus Poikk. Tulos Yksikkö Viitealue, laboratorio Viitealue, Aniva Tavoitealue, Aniva Tutkittu",
}
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
    shown = ClinicalResult(biomarker_name=name, category=category, value=value, **known)
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
ROWS = (
    ("Ferritin", "L ↓", "9", "µg/L", "15 – 150", "30 – 200", "50 – 120", "2026-04-14"),
    ("Leukocytes", "6.1", "10⁹/L", "3.9 – 10.2", "> 4.0", "< 8.2", "2026-04-14"),
    ("TSH", "2.50", "mIU/L", "0.40 – 4.00", "2026-04-14"),
    ("hs-CRP", "< 0.3", "mg/L", "< 5.0", "2026-04-15"),
)
"""What the rows of the clinical results say in English: in the order of their categories, without what is empty."""

APOE_RESULT = GeneticResult(
    status="received",
    biomarker_id=201,
    gene="APOE",
    genotype="ε3/ε4",
    clinical_significance="moderate_risk",
    risk_description="One copy of ε4 raises the risk.",
    tested_at=date(2026, 4, 28),
    comment="Seen twice.",
    variants=(
        VariantView(
            "APOE ε4",
            "likely_pathogenic",
            "Binds lipids otherwise.",
            "NM_000041.4:c.388T>C",
            "NP_000032.1:p.Cys130Arg",
            (AssociatedCondition("Alzheimer disease", "Two- to threefold.", "late onset"),),
            (
                SnvView("rs429358", "C", "T", "NM_000041.4:c.388T>G", "NP_000032.1:p.Cys131Arg"),
                SnvView("rs7412", "G", "A", None, None),
            ),
        ),
        VariantView("APOE ε3", "neutral", "The usual one.", None, None, (), ()),
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


LONG = tuple(result(f"Number {number:03}", number, f"Part {number // 50}") for number in range(120))


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


def row_of(one: ClinicalResult) -> tuple[str, ...]:
    """The row of the only result of a report."""
    rows = row_texts(replace(CONTENT, clinical=(one,), genetic=()))
    return next(row for row in rows if row[0] == one.result.biomarker_name)


# What it shows


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_clinical_result_is_a_row(language: str) -> None:
    """Every result has its name, value, unit, ranges and date in one row, by category in the order in which these were
    met; numbers are as the language writes them, names are not translated."""
    rows = row_texts(in_language(language))
    names = {row[0] for row in ROWS}
    sign = "." if language == "en" else ","
    assert [row for row in rows if row[0] in names] == [tuple(text.replace(".", sign) for text in row) for row in ROWS]
    assert [row[0] for row in rows if row[0] in ("Blood", "Thyroid", "Inflammation")] == [
        "Blood",
        "Thyroid",
        "Inflammation",
    ]
    assert "Below the limit." in said(in_language(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_genetic_result_is_a_block(language: str) -> None:
    """A genetic result shows gene, genotype, meaning and date side by side, then what its variants are."""
    rows = row_texts(in_language(language, clinical=()))
    texts = TEXTS[language]
    known = texts.significances
    start = rows.index(("Apolipoprotein E",))
    assert rows[start + 1] == (texts.gene, texts.genotype, texts.significance, texts.tested_on)
    assert rows[start + 2] == ("APOE", "ε3/ε4", known["moderate_risk"], "2026-04-28")
    assert [row for (row,) in rows[start + 3 : start + 12]] == [
        "One copy of ε4 raises the risk.",
        "Seen twice.",
        f"{texts.variant} APOE ε4 · {known['likely_pathogenic']}",
        "Binds lipids otherwise.",
        "NM_000041.4:c.388T>C · NP_000032.1:p.Cys130Arg",
        f"rs429358 · {texts.alleles.format('C', 'T')} · NM_000041.4:c.388T>G · NP_000032.1:p.Cys131Arg",
        f"rs7412 · {texts.alleles.format('G', 'A')}",
        f"{texts.condition}: Alzheimer disease · late onset · Two- to threefold.",
        f"{texts.variant} APOE ε3 · {known['neutral']}",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_whom_it_is_about_and_who_sends_it(language: str) -> None:
    """The first page has the laboratory, its address, the title, and everything about patient and sample."""
    texts = TEXTS[language]
    rows = row_texts(in_language(language))
    assert [row for row in rows if len(row) == 4 and row[0] != texts.gene and row[0] != "APOE"] == [
        (texts.patient, "Jörg Müller-Øst", texts.report, CONTENT.report_id),
        (texts.date_of_birth, "1984-02-29", texts.issued_at, "2026-04-15 09:30 UTC"),
        (texts.sex, texts.sexes[1], texts.drawn_on, "2026-04-13"),
        (texts.profile, PERSON.profile_id, texts.location, "Studio Mitte"),
        (texts.appointment, CONTENT.appointment_id, texts.barcode, "4006381333931"),
    ]
    assert rows[1:4] == [
        ("Labor Süd",),
        ("Beispielstraße 12a, 40210 Düsseldorf, DE · +49 211 0000100 · post@labor.example",),
        (texts.titles[False],),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_significance_has_words(language: str) -> None:
    """Each significance is said in words of its own."""
    words = [TEXTS[language].significances[each] for each in get_args(Significance)]
    assert len(set(words)) == len(words)
    for each, word in zip(get_args(Significance), words, strict=True):
        assert f" {word} " in said(in_language(language, genetic=(changed(APOE, clinical_significance=each),)))


def test_titles() -> None:
    """A report is called what laboratories of the country call it; a corrected one says that it is."""
    assert [TEXTS[language].titles[False] for language in LANGUAGES] == [
        "Laboratory report",
        "Laborbefund",
        "Laboratoriotutkimusten tulokset",
    ]
    assert [TEXTS[language].titles[True] for language in LANGUAGES] == [
        "Corrected report",
        "Korrigierter Befund",
        "Korjatut laboratoriotulokset",
    ]
    assert "Corrected report" not in said(CONTENT)
    assert ("Corrected report",) in row_texts(replace(CONTENT, corrected=True))


def test_a_sample_from_home() -> None:
    """Without a location the sample is from a home kit."""
    assert "Location Home kit" in said(replace(CONTENT, location=None))


def test_what_is_not_known_is_left_out() -> None:
    """A person may have one name, a laboratory no phone and no e-mail."""
    patient = replace(PERSON, last_name=None, sex=2)
    text = said(replace(CONTENT, patient=patient, address=replace(ADDRESS, phone=None, email=None)))
    assert "Patient Jörg Report" in text
    assert "Sex female" in text
    assert "Düsseldorf, DE Laboratory report" in text


def test_a_corrected_result_says_so() -> None:
    """A corrected result is marked, before its comment."""
    one = changed(CLINICAL[0], status="corrected", comment="Measured again.")
    assert "Corrected result · Measured again." in said(replace(CONTENT, clinical=(one,)))
    assert "Corrected result · Seen twice." in said(replace(CONTENT, genetic=(changed(APOE, status="corrected"),)))
    assert "Corrected" not in said(CONTENT)


@pytest.mark.parametrize(
    ("parts", "there", "missing"),
    [
        ({"genetic": ()}, ["hs-CRP", "Test Flag", "L ↓ below"], ["Genetic results", "no results"]),
        ({"clinical": ()}, ["Genetic results", "ε3/ε4"], ["Test Flag", "L ↓ below", "no results"]),
        ({"clinical": (), "genetic": ()}, ["This report has no results."], ["Test Flag", "Genetic results"]),
    ],
)
def test_parts_without_results_are_left_out(parts: dict[str, Any], there: list[str], missing: list[str]) -> None:
    """There may be results of one kind, or none."""
    text = said(replace(CONTENT, **parts))
    assert [each for each in there if each not in text] == []
    assert [each for each in missing if each in text] == []


# Numbers


@pytest.mark.parametrize(
    ("value", "operator", "lab", "aniva", "flag"),
    [
        (5, "eq", (4, 6), (4, 6), ()),
        (4, "eq", (4, 6), (None, None), ()),
        (6, "eq", (4, 6), (None, None), ()),
        (3.9, "eq", (4, 6), (4, 6), ("L ↓",)),
        (6.1, "eq", (4, 6), (1, 9), ("H ↑",)),
        (5, "eq", (4, 6), (5.5, 6), ("A ↓",)),
        (5, "eq", (None, None), (None, 4), ("A ↑",)),
        (5, "eq", (None, None), (None, None), ()),
        (5, None, (6, None), (None, None), ("L ↓",)),
        (3, "lt", (4, 6), (None, None), ("L ↓",)),
        (4, "lt", (4, 6), (None, None), ("L ↓",)),
        (5, "lt", (4, 6), (None, None), ()),
        (7, "lt", (4, 6), (5, 6), ()),
        (4, "lt", (None, 6), (4, 6), ("A ↓",)),
        (7, "gt", (4, 6), (None, None), ("H ↑",)),
        (6, "gt", (4, 6), (None, None), ("H ↑",)),
        (5, "gt", (4, 6), (None, None), ()),
        (3, "gt", (4, 6), (4, 5), ()),
        (60, "gt", (50, None), (None, 60), ("A ↑",)),
    ],
)
def test_flags(value: float, operator: Any, lab: Any, aniva: Any, flag: tuple[str, ...]) -> None:
    """L or H where the value is surely outside the laboratory's range, to which its ends belong, whatever Aniva's is;
    A where it is outside Aniva's only. What is outside the laboratory's stands in semibold, on a tint."""
    one = result(
        "Zinc",
        value,
        value_operator=operator,
        reference_range_lab=span(*lab),
        reference_range_aniva=span(*aniva),
    )
    (page,) = pages_of(replace(CONTENT, clinical=(one,), genetic=()))
    row = next(row for row in rows_of(page) if row[0].text == "Zinc")
    assert tuple(piece.text for piece in row[1:2] if not piece.text[-1].isdigit()) == flag
    outside = flag in (("L ↓",), ("H ↑",))
    assert [piece.bold for piece in row[: 2 + len(flag)]] == [outside] * (2 + len(flag))
    contents = page.get_contents()
    assert contents is not None
    assert (TINT in contents.get_data()) is outside


@pytest.mark.parametrize("language", LANGUAGES)
def test_flags_are_explained(language: str) -> None:
    """Above the table stands what the letters mean."""
    assert all(flag in TEXTS[language].legend for flag in ("L ↓", "H ↑", "A ↓", "A ↑"))
    assert TEXTS[language].legend in said(in_language(language))


@pytest.mark.parametrize(
    ("value", "decimals", "range", "shown"),
    [
        (5.25, 1, (None, None), ("5.2",)),
        (1234567, 0, (1000, 2000), ("H ↑", "1234567", "1000 – 2000")),
        (-0.04, 1, (-2, 3), ("0.0", "-2.0 – 3.0")),
        (5, 0, (0.35, None), ("5", "> 0.35")),
        (5, 0, (None, 60.0), ("5", "< 60")),
        (5, 3, (None, 1e5), ("5.000", "< 100000.000")),
    ],
)
def test_numbers(value: float, decimals: int, range: Any, shown: tuple[str, ...]) -> None:
    """A value has as many digits as it shall, the ends of a range have at least as many: they are not rounded."""
    one = result("Zinc", value, decimals=decimals, reference_range_lab=span(*range), tested_at=None)
    assert row_of(one)[1:] == shown


def test_the_optimum_of_a_laboratory() -> None:
    """Where the laboratory has an optimum of its own, it stands below the row."""
    assert "Optimum of the laboratory: 0.5 – 3.0 · Below the limit." in said(CONTENT)


# Letters


def test_letters() -> None:
    """Units and names have the letters that they have: umlauts, Greek, superscripts, micro."""
    name = "ÄÖÜäöüßåÅéłŽ µ αβγδε ΔΩ 10⁹ 10¹² m² ↓↑ Ж Ệ"
    assert name in said(replace(CONTENT, clinical=(result(name),), genetic=()))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ḟionn", "Fionn"),
        ("Bjo\u0308rn", "Björn"),
        ("㎍/L", "μg/L"),
        ("名前 ab", "?? ab"),
        ("한 ab", "? ab"),
        ("👩\u200d🔬 ab", "?? ab"),
        ("a\u0000\u200bb\ufe0f", "ab"),
        ("a\u2009\n\tb", "a b"),
        ("{nb} (a) \\", "{nb} (a) \\"),
    ],
)
def test_letters_that_the_font_lacks(name: str, shown: str) -> None:
    """A letter that the font lacks is shown without its marks, or as a question mark; what is no letter is left out."""
    assert f" {shown} " in said(replace(CONTENT, clinical=(result(name),), genetic=()))


# Pages


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_that_it_is_of_nobody(language: str) -> None:
    """Every page begins with it."""
    pages = pages_of(in_language(language, clinical=LONG))
    assert len(pages) > 2
    for page in pages:
        assert NOTICES[language] == pieces_of(page)[0].text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_long_report_goes_on(language: str) -> None:
    """Every page has the laboratory, the patient, the head of the table, the category, the ids and its number."""
    pages = pages_of(in_language(language, clinical=LONG, genetic=()))
    texts = TEXTS[language]
    assert len(pages) == 4
    for number, page in enumerate(pages, 1):
        text = text_of(page)
        assert "Labor Süd" in text
        assert "Beispielstraße 12a, 40210 Düsseldorf" in text
        assert "Jörg Müller-Øst" in text
        assert HEADS[language] in text
        assert text.endswith(texts.page.format(number=number, total=4))
        assert CONTENT.report_id in text
        assert CONTENT.appointment_id in text
    assert [row[0] for row in row_texts(replace(CONTENT, clinical=LONG)) if row[0].startswith("Number")] == [
        one.result.biomarker_name for one in LONG
    ]
    assert texts.continued.format(category="Part 0") in text_of(pages[1])


def test_nothing_is_left_alone() -> None:
    """Wherever the page ends, the name of a category and a comment stand on the page of the result."""
    last = [result(name, category="Alone") for name in ("Zinc", "Tin", "Lead")]
    last.append(result("Iron", category="Alone", comment="As usual."))
    for words in range(350, 600, 8):
        first = result("Copper", comment="moved down " * words)
        for page in pages_of(replace(CONTENT, clinical=(first, *last), genetic=())):
            rows = [row[0].text for row in rows_of(page)]
            assert "Alone" not in rows or "Zinc" in rows
            assert ("Iron" in rows) == ("As usual." in rows)


def test_pages_are_of_a4() -> None:
    """All pages are A4, upright."""
    for page in pages_of(replace(CONTENT, clinical=LONG)):
        assert (float(page.mediabox.width) / MM, float(page.mediabox.height) / MM) == pytest.approx((210, 297), abs=0.1)


def check_places(content: ReportContent) -> None:
    """Fail where something is written outside the margins or over something else."""
    for page in pages_of(content):
        pieces = pieces_of(page)
        for piece in pieces:
            assert piece.left >= 16 * MM - 0.1, piece
            assert piece.right <= 194 * MM + 0.1, piece
            assert 10 * MM < piece.baseline < 287 * MM, piece
        for one, other in combinations(pieces, 2):
            beside = one.right <= other.left + 0.1 or other.right <= one.left + 0.1
            apart = abs(one.baseline - other.baseline) >= 0.9 * min(one.size, other.size)
            assert beside or apart, (one, other)


WORDS = "Überempfindlichkeitsreaktionsprotein quantitative immunoassay, without "
LONG_NAMES = {"words": (WORDS * 2)[:100].strip(), "one word": "Wm" * 50}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LONG_NAMES.values(), ids=LONG_NAMES)
def test_long_names_stay_in_their_places(language: str, name: str) -> None:
    """Whatever is as long as may be is wrapped, all of it is there, and nothing stands over anything else."""
    variant = APOE_RESULT.variants[0]
    content = replace(
        CONTENT,
        patient=replace(PERSON, first_name=name, last_name=name, language=language),
        laboratory=name,
        address=replace(ADDRESS, street=name, city=name),
        location=name,
        clinical=(
            result(name, 123456789.125, name, decimals=3, unit=name, comment=name * 3),
            *LONG[:60],
            result(name, -1, "Part 2", reference_range_lab=span(10.12345, 123456789.125)),
        ),
        genetic=(
            GeneticLine(
                replace(
                    APOE_RESULT,
                    gene=name,
                    genotype=name,
                    variants=(replace(variant, name=name, conditions=(AssociatedCondition(name, name, name),)),) * 3,
                ),
                name,
            ),
        ),
    )
    check_places(content)
    text = said(content).replace(" ", "")
    assert text.count(name.replace(" ", "")) >= 20


HUGE = {"words": "immeasurable " * 400, "one word": "Wm" * 2000, "marks": "e\u0301" * 4000, "wide": "名" * 3000}


@pytest.mark.parametrize("text", HUGE.values(), ids=HUGE)
def test_huge_texts_come_to_an_end(text: str) -> None:
    """However long a text is, wherever it stands, the report has an end, and no more pages than the text fills."""
    variant = APOE_RESULT.variants[0]
    for content in (
        replace(CONTENT, patient=replace(PERSON, first_name=text, last_name=text), clinical=LONG[:40]),
        replace(CONTENT, laboratory=text, address=replace(ADDRESS, street=text), clinical=LONG[:40]),
        replace(CONTENT, location=text, barcode="9" * 5000, file_name=text),
        replace(CONTENT, clinical=(result(text, 1e308, text, unit=text, comment=text), *LONG[:40])),
        replace(CONTENT, genetic=(changed(APOE, gene=text, genotype=text, variants=(replace(variant, name=text),)),)),
    ):
        check_places(content)
        assert len(pages_of(content)) < 60


def test_the_head_of_a_page_is_cut() -> None:
    """The head of the second page says as much of a long name as it has room for; the first page says all of it."""
    name = "Maximiliana " * 400
    *_, last = pages_of(replace(CONTENT, patient=replace(PERSON, first_name=name), clinical=LONG))
    assert "…" in text_of(last)
    text = said(replace(CONTENT, patient=replace(PERSON, first_name=name.strip()), clinical=()))
    assert text.count("Maximiliana") >= 400


def test_a_long_comment_goes_on_overleaf() -> None:
    """A comment that is longer than a page goes on on the next, with nothing lost."""
    words = [f"word{number}" for number in range(2500)]
    content = replace(CONTENT, clinical=(result("Zinc", comment=" ".join(words)),), genetic=())
    check_places(content)
    assert len(pages_of(content)) > 1
    assert [word for word in said(content).split() if word.startswith("word")] == words


@settings(max_examples=30, deadline=None)
@given(name=st.text(min_size=1, max_size=100), comment=st.text(max_size=300))
def test_any_text(name: str, comment: str) -> None:
    """Any text makes a report, and stays in its place."""
    check_places(
        replace(
            CONTENT,
            patient=replace(PERSON, first_name=name),
            location=name,
            clinical=(result(name, category=name, unit=name, comment=comment, reference_range_lab=span(6, None)),),
            genetic=(changed(APOE, genotype=name, comment=comment),),
        )
    )


# The file


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

from tests.laboratory.test_report import CONTENT, render_report

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
