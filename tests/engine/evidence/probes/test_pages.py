"""Pages of probes, alone and with coverage: what they show, load and filter."""

from pathlib import Path
from typing import Any

import msgspec

from aniva_sandbox.engine.evidence.coverage import html as coverage_html
from aniva_sandbox.engine.evidence.coverage import markdown as coverage_markdown
from aniva_sandbox.engine.evidence.coverage import summary as coverage_summary
from aniva_sandbox.engine.evidence.coverage.files import write_file as write_coverage
from aniva_sandbox.engine.evidence.coverage.probed import with_marks, with_probes
from aniva_sandbox.engine.evidence.probes import html
from aniva_sandbox.engine.evidence.probes.report import merge
from aniva_sandbox.engine.evidence.probes.wording import fold
from aniva_sandbox.engine.evidence.reports.files import parse_report_file
from tests.engine.evidence.pages import Page, too_wide, watch
from tests.engine.evidence.probes.examples import (
    ADDS,
    DUPLICATE,
    NASTY,
    REPORT,
    note,
    report_of,
)
from tests.engine.evidence.test_reports import REPORT as COVERAGE


def test_html_shows_every_finding() -> None:
    """The page has an article for each entry: test, sentence, change, what the world holds, and the command."""
    shown = dict.fromkeys(text for _, text in Page(html.render(REPORT), "article").rows)
    assert len(shown) == len(fold(REPORT.findings)) == 11
    assert next(iter(shown)).startswith(
        f"{ADDS} {DUPLICATE} create_task#1:drop=after Only after the clean run 1 task for Jane at 2030-01-01 10:00 "
        "Only after the changed run 2 tasks for Jane at 2030-01-01 10:00 "
        f"run --only 'faults:{ADDS}:create_task#1:drop=after' Also under truncate and malformed "
    )
    assert any(f"{NASTY} <i>no</i> create_task#1:503" in text for text in shown)
    assert any(f"{NASTY} stuck create_task#4:503-always" in text and "Waived: known, see #12" in text for text in shown)


def test_html_shows_the_counts() -> None:
    """A row for each kind, with what is not 0."""
    rows = [text for _, text in Page(html.render(REPORT)).rows]
    faults = "faults a call meets a fault: an error status, a lost connection, a spoiled response"
    assert f"{faults} 28 15 runs 6 pruned 7 left out 9 3 waived 2 told" in rows


def test_html_loads_nothing() -> None:
    """The page refers to nothing outside itself, and the one script in it is its own."""
    page = html.render(REPORT)
    found = Page(page)
    assert found.loads == ["data:,"]
    assert found.tags.count("script") == 1
    assert not {"i", "b", "img"} & set(found.tags)
    assert "<script>alert" not in page


def test_many_notes_are_not_all_shown() -> None:
    """The JSON has them all."""
    notes = [note(f"faults:x#{number}:503", "told", "a") for number in range(1003)]
    page = html.render(merge([report_of("a", *notes)]))
    assert "<summary>1,003 notes: told</summary>" in page
    assert "x#999:503" in page
    assert "x#1000:503" not in page
    assert "and 3 more" in page


def test_html_in_a_browser(chromium: Any, tmp_path: Path) -> None:
    """In Chromium the page makes no request and logs no error, the filters and the search show what they say, a
    command can be copied by keyboard, and at 390 pixels nothing is wider than the screen, in light and dark. The world
    after both runs is side by side where there is room."""
    file = tmp_path / "probes.html"
    file.write_text(html.render(REPORT, ["a waiver is not needed"]), encoding="utf-8")
    page, requests, wrong = watch(chromium, file)
    shown = page.locator("form output")
    articles = page.locator("article:visible")
    assert shown.inner_text() == "13 of 13 findings"
    assert articles.count() == 11
    page.get_by_role("radio", name="Rules").check()
    assert (shown.inner_text(), articles.count()) == ("2 of 13 findings", 2)
    assert page.locator("section:visible").count() == 1
    page.get_by_role("radio", name="All kinds").check()
    page.get_by_label("Verdict").select_option("duplicate")
    assert (shown.inner_text(), articles.count()) == ("3 of 13 findings", 1)
    page.get_by_label("Verdict").select_option("")
    page.get_by_label("Test", exact=True).select_option(NASTY)
    assert set(articles.locator("h3 code").all_inner_texts()) == {NASTY}
    page.get_by_label("Test", exact=True).select_option("")
    page.get_by_role("searchbox").fill("DST-start 3")
    assert articles.locator("h3 code").all_inner_texts() == [ADDS]
    copy = page.get_by_role("button", name="Copy the command for dst-start")
    copy.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"run --only 'times:{ADDS}:dst-start'"
    page.get_by_role("searchbox").fill("no such thing")
    assert articles.count() == 0
    page.get_by_role("searchbox").fill("")

    assert not page.get_by_text("ended by told").first.is_visible()
    page.get_by_text("2 notes: told").click()
    assert page.get_by_text("ended by told").first.is_visible()
    assert too_wide(page) == []
    for width, is_side_by_side in ((1280, True), (390, False)):
        page.set_viewport_size({"width": width, "height": 800})
        left, right = (page.locator(".held").first.locator("div").nth(side).bounding_box() for side in (0, 1))
        assert (left["y"] == right["y"]) == is_side_by_side
    assert requests == [file.as_uri()]
    assert wrong == []


def test_html_without_scripts(chromium: Any, tmp_path: Path) -> None:
    """Without scripts the page shows everything, and no filters that would do nothing."""
    file = tmp_path / "probes.html"
    file.write_text(html.render(REPORT), encoding="utf-8")
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(file.as_uri())
    assert page.locator("article:visible").count() == 11
    assert page.locator("form").is_hidden()


# With coverage


def test_coverage_says_which_rules_are_checked() -> None:
    """A rule that was met is checked if a test noticed its change, otherwise touched; others have no mark. The
    terminal and the Markdown count them."""
    report = with_probes(COVERAGE, REPORT)
    assert [entry.probed for entry in report.axes["rules"].list] == ["checked", msgspec.UNSET, msgspec.UNSET]
    assert b'"probed":"checked"' in msgspec.json.encode(report)
    assert "rules        1 of 2   50 %  1 checked, 0 touched\n" in coverage_summary.render(report)
    assert "| rules | 1 | 2 | 50 % | 1 checked, 0 touched |\n" in coverage_markdown.render(report)
    touched = with_probes(COVERAGE, merge([report_of("a", rules={"changes": 1, "runs": 1, "unnoticed": 1})]))
    assert touched.axes["rules"].list[0].probed == "touched"
    others = [axis for name, axis in report.axes.items() if name != "rules"]
    assert others == [axis for name, axis in COVERAGE.axes.items() if name != "rules"]


def test_coverage_without_probes_of_rules_has_no_marks() -> None:
    """The report is as it was."""
    assert with_probes(COVERAGE, merge([], ["faults"])) == COVERAGE
    assert b"probed" not in msgspec.json.encode(COVERAGE)


def test_marks_of_merged_reports() -> None:
    """A rule is checked if it is in any of them; where none has marks, there are none."""
    checked = with_probes(COVERAGE, REPORT)
    touched = with_probes(COVERAGE, merge([]))
    assert with_marks(COVERAGE, [touched, checked]) == with_marks(COVERAGE, [checked, COVERAGE]) == checked
    assert with_marks(COVERAGE, [COVERAGE, touched]) == touched
    assert with_marks(COVERAGE, [COVERAGE, COVERAGE]) == COVERAGE


def test_a_page_of_coverage_and_probes(chromium: Any, tmp_path: Path) -> None:
    """Both are in one page under one policy; each form filters what is its own."""
    file = parse_report_file("html:both.html", tmp_path)
    write_coverage(with_probes(COVERAGE, REPORT), file, (), REPORT)
    text = file.path.read_text(encoding="utf-8")
    assert text.count("Content-Security-Policy") == text.count("<script>") == 1
    assert "Would the tests notice?" in text
    page, requests, wrong = watch(chromium, file.path)
    findings, items = page.locator("article:visible"), page.locator(".items tbody tr:visible")
    assert (findings.count(), items.count()) == (11, 12)
    page.locator("#filters").get_by_role("radio", name="Missing").check()
    page.locator("#probe-filters").get_by_role("searchbox").fill("dst-start")
    assert (findings.count(), items.count()) == (1, 4)
    assert page.locator("#shown").inner_text() == "4 of 12 items"
    page.locator("#filters").get_by_role("radio", name="Touched").check()
    assert (findings.count(), items.count()) == (1, 0)
    page.get_by_role("link", name="rules", exact=True).click()
    assert (findings.count(), items.count()) == (11, 12)
    assert page.locator("tr.checked small").all_inner_texts() == ["checked"]
    assert too_wide(page) == []
    assert requests == [file.path.as_uri(), f"{file.path.as_uri()}#rules"][:1]
    assert wrong == []


def test_a_page_of_coverage_alone_has_no_trace_of_probes() -> None:
    """Neither a filter nor a style."""
    page = coverage_html.render(COVERAGE)
    assert "probe" not in page
    assert 'value="touched"' not in page
