"""What the report shows in each language: results, numbers and letters."""

from typing import Any, get_args

import pytest
from msgspec.structs import replace

from aniva_sandbox.laboratory.genes import Significance
from aniva_sandbox.laboratory.report import ClinicalLine
from aniva_sandbox.laboratory.report_texts import TEXTS
from tests.laboratory.example_report import (
    ADDRESS,
    APOE,
    CLINICAL,
    CONTENT,
    LANGUAGES,
    PERSON,
    changed,
    in_language,
    pages_of,
    result,
    row_texts,
    rows_of,
    said,
    span,
)

TINT = b"0.902 0.9373 0.949 rg"
"""The operator that sets the colour below what is outside the laboratory's range."""
ROWS = (
    ("Ferritin", "L ↓", "9", "µg/L", "15 – 150", "30 – 200", "50 – 120", "2026-04-14"),
    ("Leukocytes", "6.1", "10⁹/L", "3.9 – 10.2", "> 4.0", "< 8.2", "2026-04-14"),
    ("TSH", "2.50", "mIU/L", "0.40 – 4.00", "2026-04-14"),
    ("hs-CRP", "< 0.3", "mg/L", "< 5.0", "2026-04-15"),
)
"""What the rows of the clinical results say in English: in the order of their categories, without what is empty."""


def row_of(one: ClinicalLine) -> tuple[str, ...]:
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
