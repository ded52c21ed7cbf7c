"""How the report is laid out on pages, whatever it holds."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pypdf import PageObject

from aniva_sandbox.laboratory.findings import FoundCondition
from aniva_sandbox.laboratory.report import GeneticLine, ReportContent
from aniva_sandbox.laboratory.report_texts import TEXTS
from tests.laboratory.example_report import (
    ADDRESS,
    APOE,
    APOE_RESULT,
    CONTENT,
    LANGUAGES,
    PERSON,
    changed,
    in_language,
    pages_of,
    pieces_of,
    result,
    row_texts,
    rows_of,
    said,
    span,
    text_of,
)

MM = 72 / 25.4
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
LONG = tuple(result(f"Number {number:03}", number, f"Part {number // 50}") for number in range(120))


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


def check_places(content: ReportContent) -> list[PageObject]:
    """Fail where something is written outside the margins or over something else. Returns the pages."""
    pages = pages_of(content)
    for page in pages:
        pieces = pieces_of(page)
        for piece in pieces:
            assert piece.left >= 16 * MM - 0.1, piece
            assert piece.right <= 194 * MM + 0.1, piece
            assert 10 * MM < piece.baseline < 287 * MM, piece
        for one, other in combinations(pieces, 2):
            if abs(one.baseline - other.baseline) < 0.9 * min(one.size, other.size):
                assert one.right <= other.left + 0.1 or other.right <= one.left + 0.1, (one, other)
    return pages


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
                    variants=(replace(variant, name=name, conditions=(FoundCondition(name, name, name),)),) * 3,
                ),
                name,
            ),
        ),
    )
    text = " ".join(map(text_of, check_places(content))).replace(" ", "")
    assert text.count(name.replace(" ", "")) >= 20


HUGE = {"words": "immeasurable " * 400, "one word": "Wm" * 2000, "marks": "e\u0301" * 4000, "wide": "名" * 3000}


@pytest.mark.parametrize(("turn", "text"), [*enumerate(HUGE.values())], ids=HUGE)
def test_huge_texts_come_to_an_end(turn: int, text: str) -> None:
    """However long a text is, wherever it stands, the report has an end, and no more pages than the text fills. Each
    text stands in every second place."""
    variant = APOE_RESULT.variants[0]
    contents = (
        replace(CONTENT, patient=replace(PERSON, first_name=text, last_name=text), clinical=LONG[:40]),
        replace(CONTENT, laboratory=text, address=replace(ADDRESS, street=text), clinical=LONG[:40]),
        replace(CONTENT, location=text, barcode="9" * 5000, file_name=text),
        replace(CONTENT, clinical=(result(text, 1e308, text, unit=text, comment=text), *LONG[:40])),
        replace(CONTENT, genetic=(changed(APOE, gene=text, genotype=text, variants=(replace(variant, name=text),)),)),
    )
    for content in contents[turn % 2 :: 2]:
        assert len(check_places(content)) < 60


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
    pages = check_places(content)
    assert len(pages) > 1
    assert [word for word in " ".join(map(text_of, pages)).split() if word.startswith("word")] == words


@settings(max_examples=12, deadline=None)
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
