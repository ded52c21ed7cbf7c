"""Reports on coverage: what each format shows, and that nothing in a report can break it."""

import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest

from aniva_sandbox.engine.evidence.coverage import html, junit, markdown, summary
from aniva_sandbox.engine.evidence.coverage.files import write_file
from aniva_sandbox.engine.evidence.coverage.report import CoverageReport, Entry
from aniva_sandbox.engine.evidence.coverage.wording import closest_of
from aniva_sandbox.engine.evidence.reports.files import KINDS, parse_report_file, parse_report_files
from aniva_sandbox.engine.evidence.reports.markdown import MOST_BYTES
from tests.engine.evidence.pages import Page, too_wide, watch

NASTY = "test_x.py::test[<script>alert('1')</script>&amp;`|`]"
"""The name of a test that would be markup everywhere."""
RENDERERS = [pytest.param(each, id=each.__name__.rpartition(".")[2]) for each in (html, markdown, junit, summary)]


def entry(id: str, *tests: str, next: str | None = None, **more: Any) -> dict[str, Any]:
    """An item of a report; met if it has tests."""
    return {"id": id, "met": bool(tests), "count": 2 * len(tests), "tests": tests, "next": next, **more}


def report(not_called: tuple[str, ...] = (), **axes: list[dict[str, Any]]) -> CoverageReport:
    """A report with these items, all axes in their order."""
    names = ("responses", "rules", "boundaries", "transitions", "time", "words", "faults", "assumptions")
    counted = {name: [each for each in axes.get(name, []) if "reason" not in each] for name in names}
    value = {
        name: {"met": sum(each["met"] for each in items), "items": len(items), "list": axes.get(name, [])}
        for name, items in counted.items()
    }
    return msgspec.convert({"version": 1, "axes": value, "not_called": not_called}, CoverageReport)


REPORT = report(
    ("drop_list", "get_list"),
    responses=[entry("create_task 201", "test_a", "test_b"), entry("create_task 400", next="api.post('/tasks')")],
    rules=[
        entry("task.open refused", NASTY),
        entry("task.open passed", next='api.post("/tasks", json={"title": "<b>"})\napi.get("/tasks")'),
        entry("task.form refused", reason="the client checks it first"),
    ],
    boundaries=[
        entry("task.due below", "test_a", closest=-90_000.0, unit="seconds"),
        entry("task.due at", closest=None, unit="seconds"),
        entry("task.due above", "test_a", closest=1.0, unit="days"),
    ],
    transitions=[entry("task open: close", "test_a", by=["client", "api"])],
    faults=[entry("create_task drop=after")],
    assumptions=[entry("task.order", "test_b", NASTY), entry("task.twice")],
)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_reports_are_deterministic(renderer: Any) -> None:
    """Equal reports give equal texts."""
    again = msgspec.json.decode(msgspec.json.encode(REPORT), type=CoverageReport)
    assert renderer.render(REPORT) == renderer.render(again)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_empty_reports(renderer: Any) -> None:
    """A report without any item can be shown."""
    assert "responses" in renderer.render(report())


@pytest.mark.parametrize("renderer", RENDERERS[:3])
def test_reports_say_why_the_run_failed(renderer: Any) -> None:
    """A report names the thresholds and waivers that failed the run, and nothing of the kind where none did."""
    problem = "rules: 33 % is less than 80 %"
    assert problem in renderer.render(REPORT, [problem])
    assert "80 %" not in renderer.render(REPORT)
    assert not re.search("run failed|<failure", renderer.render(REPORT))


# Terminal


def test_summary() -> None:
    """The summary has a line for each axis, and of each axis the first missing item that has a next step; rules say
    where fewer is better."""
    assert summary.render(REPORT) == (
        "responses    1 of 2   50 %\n"
        "rules        1 of 2   50 %\n"
        "boundaries   2 of 3   66 %\n"
        "transitions  1 of 1  100 %\n"
        "time         0 of 0      –\n"
        "words        0 of 0      –\n"
        "faults       0 of 1    0 %\n"
        "assumptions  1 of 2   50 %  leaned on; fewer is better\n"
        "never called, and left out: drop_list, get_list\n"
        "next for responses: create_task 400\n"
        "    api.post('/tasks')\n"
        "next for rules: task.open passed\n"
        '    api.post("/tasks", json={"title": "<b>"})\n'
        '    api.get("/tasks")\n'
        "next for boundaries: task.due at\n"
        "next for faults: create_task drop=after\n"
    )


def test_almost_everything_is_not_everything() -> None:
    """Shares are rounded down: 100 % is only what is complete."""
    almost = report(words=[*(entry(f"Task.state {number}", "test_a") for number in range(999)), entry("Task.state x")])
    assert "words        999 of 1,000   99 %\n" in summary.render(almost)


# Markdown


def test_markdown() -> None:
    """The Markdown has a table of the axes, then, folded, the missing items with their next steps as code, and the
    assumptions that were leaned on with their tests."""
    text = markdown.render(REPORT)
    assert "| rules | 1 | 2 | 50 % |  |\n" in text
    assert "| assumptions | 1 | 2 | 50 % | leaned on; fewer is better |\n" in text
    assert "Never called, and left out: `drop_list`, `get_list`.\n" in text
    assert re.findall("<summary>(.*)</summary>", text) == [
        "responses: 1 missing",
        "rules: 1 missing",
        "boundaries: 1 missing",
        "faults: 1 missing",
        "assumptions: 1 leaned on",
    ]
    assert (
        '- `task.open passed`\n  ```python\n  api.post("/tasks", json={"title": "<b>"})\n  api.get("/tasks")\n  ```\n'
    ) in text
    assert "task.form" not in text


def test_names_in_markdown_are_no_markup() -> None:
    """Names of tests and next steps are code as a whole, whatever backticks and tags they contain."""
    from markdown_it import MarkdownIt

    steps = report(
        rules=[entry("task.open passed", next='print("```")\n</details>')],
        assumptions=[entry("task.order", NASTY, "`x`\n<img>")],
    )
    rendered = MarkdownIt("commonmark").render(markdown.render(steps))
    assert "<script" not in rendered
    assert "<img" not in rendered
    assert rendered.count("</details>") == rendered.count("<details>") == 2
    assert "<code>test_x.py::test[&lt;script&gt;alert('1')&lt;/script&gt;&amp;amp;`|`]</code>" in rendered
    assert "<code>`x` &lt;img&gt;</code>" in rendered


def test_markdown_has_a_bound() -> None:
    """However many items are missing, GitHub shows the Markdown: each axis gets a share of the room, and the number of
    the items that have none is shown; small axes are complete."""
    long = "ü" * 1000
    many = report(
        responses=[entry("create_task 400")],
        rules=[entry(f"rule.{number} passed", next=long) for number in range(2000)],
        faults=[entry(f"create_task {number}", next=long) for number in range(2000)],
        assumptions=[entry(f"task.{number}", *(f"{long}{test}" for test in range(60))) for number in range(500)],
    )
    text = markdown.render(many, [long] * 1000)
    size = len(text.encode())
    assert MOST_BYTES * 0.9 < size <= MOST_BYTES < 1024 * 1024
    assert "- `create_task 400`\n" in text
    assert [
        int(count.replace(",", "")) > 1000 for count in re.findall("^… and ([0-9,]+) more$", text, re.MULTILINE)
    ] == [
        *(False, True, True, False),
    ]
    assert text.endswith("</details>\n")


# JUnit


def cases(text: str, suite: str) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """The test cases of a suite: name, and the tags within, each with message and text."""
    (found,) = ElementTree.fromstring(text).findall(f"testsuite[@name='{suite}']")
    return [
        (case.attrib["name"], [(inner.tag, inner.get("message", ""), inner.text or "") for inner in case])
        for case in found
    ]


def test_junit() -> None:
    """An axis is a suite, an item a test case: met ones pass and name their tests; missing ones, waived ones and those
    that cannot be met are skipped, each with the reason; a leaned-on assumption is skipped, any other passes."""
    text = junit.render(REPORT)
    assert cases(text, "rules") == [
        ("task.open refused", [("system-out", "", NASTY)]),
        ("task.open passed", [("skipped", "never met", str(REPORT.axes["rules"].list[1].next))]),
        ("task.form refused", [("skipped", "not counted: the client checks it first", "")]),
    ]
    assert cases(text, "assumptions") == [
        ("task.order", [("skipped", "leaned on 4 times", ""), ("system-out", "", f"test_b\n{NASTY}")]),
        ("task.twice", []),
    ]
    assert cases(text, "thresholds") == [("kept", [])]


def test_junit_counts() -> None:
    """The counts of a suite are those of its test cases; only thresholds and waivers fail."""
    for suite in ElementTree.fromstring(junit.render(REPORT, ["rules: too few", "no such item"])):
        assert int(suite.attrib["tests"]) == len(suite)
        assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped"))
        assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
        assert (int(suite.attrib["failures"]) == 2) == (suite.attrib["name"] == "thresholds")


def test_characters_that_xml_cannot_have() -> None:
    """Names with control characters and lone surrogates give a file that can be read and encoded."""
    text = junit.render(report(rules=[entry("task.open passed", "test\x00[\x1b\ud800\U0001f600\n]")]))
    assert cases(text.encode().decode(), "rules")[0][1] == [("system-out", "", "test\ufffd[\ufffd\ufffd\U0001f600\n]")]


# HTML


@pytest.mark.parametrize(
    ("closest", "unit", "told"),
    [
        (1.0, "entries", "1 entry above"),
        (-2.0, "entries", "2 entries below"),
        (1.0, "characters", "1 character above"),
        (60.5, "", "60.5 above"),
        (0.0, "days", ""),
    ],
)
def test_how_near_a_boundary(closest: float, unit: str, told: str) -> None:
    """The distance in its unit, and the side; nothing where a call fell exactly there."""
    item = msgspec.convert(entry("task.due above", "test_a", closest=closest, unit=unit), Entry)
    assert closest_of(item) == told


def test_html_shows_every_item() -> None:
    """The page has a row for each item: its state, how often and by which tests it was met, or what to do."""
    rows = Page(html.render(REPORT)).rows
    assert ("met", "create_task 201 met 4 times test_a test_b") in rows
    assert ("missing", "create_task 400 missing api.post('/tasks')") in rows
    assert ("not-counted", "task.form refused not counted the client checks it first") in rows
    assert ("met", "task.due below met twice closest: 1 day 1 hour below test_a") in rows
    assert ("missing", "task.due at missing") in rows
    assert ("met", "task.due above met twice closest: 1 day above test_a") in rows
    assert ("met", "task open: close met twice by the client and the API test_a") in rows
    assert ("leaned-on", f"task.order leaned on 4 times test_b {NASTY}") in rows
    assert ("not-leaned-on", "task.twice not leaned on") in rows
    assert ("", "rules 1 of 2 50 % 1") in rows
    assert ("fewer", "assumptions 1 of 2 50 % fewer is better") in rows


def test_html_loads_nothing() -> None:
    """The page refers to nothing outside itself, and the one script in it is its own."""
    page = html.render(REPORT)
    found = Page(page)
    assert set(found.loads) == {"data:,", *(f"#{name}" for name in REPORT.axes)}
    assert found.tags.count("script") == 1
    assert "<script>alert" not in page


def test_many_tests_are_folded() -> None:
    """More than three tests are folded, and of more than fifty only the first are shown."""
    many = report(
        words=[
            entry("Task.state a", *(f"test_{number:02}" for number in range(60))),
            entry("Task.state b", *(f"test_{number:02}" for number in range(3))),
        ]
    )
    page = html.render(many)
    assert page.count("<details>") == 1
    assert "<summary>60 tests</summary>" in page
    assert "test_49" in page
    assert "test_50" not in page
    assert "and 10 more" in page


def test_html_in_a_browser(chromium: Any, tmp_path: Path) -> None:
    """In Chromium the page makes no request and logs no error, the filters and the search show what they say, a next
    step can be copied by keyboard, and at 390 pixels nothing is wider than the screen, in light and dark."""
    long = "api.post('/tasks', json={'title': '" + "x" * 300 + "'})"
    shown = report(
        ("get_list",),
        **{name: [msgspec.to_builtins(each) for each in axis.list] for name, axis in REPORT.axes.items()}
        | {"words": [entry("Task.state " + "y" * 120, next=long), entry("Task.state z", "test_" + "z" * 200)]},
    )
    file = tmp_path / "coverage.html"
    file.write_text(html.render(shown, ["rules: too few"]), encoding="utf-8")
    page, requests, wrong = watch(chromium, file)
    rows = page.locator(".items tbody tr:visible")
    count = rows.count()
    assert count == sum(len(axis.list) for axis in shown.axes.values())
    assert page.locator("#shown").inner_text() == f"{count} of {count} items"
    page.get_by_role("radio", name="Missing").check()
    assert set(rows.locator(".state").all_inner_texts()) == {"missing"}
    assert page.locator("#assumptions").is_hidden()
    page.get_by_role("searchbox").fill("task.open PASSED")
    assert rows.locator("th").all_inner_texts() == ["task.open passed"]
    copy = page.get_by_role("button", name="Copy the next step of task.open passed")
    copy.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == shown.axes["rules"].list[1].next
    page.get_by_role("searchbox").fill("")
    page.get_by_role("radio", name="Leaned on").check()
    assert rows.locator("th").all_inner_texts() == ["task.order"]
    page.get_by_role("link", name="boundaries").click()
    assert rows.count() == count
    page.get_by_role("searchbox").fill("no such thing")
    assert rows.count() == 0
    page.get_by_role("searchbox").fill("")

    assert too_wide(page) == []
    assert requests == [file.as_uri()]
    assert wrong == []


def test_html_without_scripts(chromium: Any, tmp_path: Path) -> None:
    """Without scripts the page shows everything, and no filters that would do nothing."""
    file = tmp_path / "coverage.html"
    file.write_text(html.render(REPORT), encoding="utf-8")
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(file.as_uri())
    assert page.locator(".items tbody tr:visible").count() == sum(len(axis.list) for axis in REPORT.axes.values())
    assert page.locator("#filters").is_hidden()


# Files


def test_a_file_is_whole_or_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report takes the place of an earlier one in one step: where that fails, the earlier one is as it was, and
    nothing is left beside it."""
    file = parse_report_file("json:made/cov.json", tmp_path)
    write_file(REPORT, file)
    before = file.path.read_bytes()
    assert msgspec.json.decode(before, type=CoverageReport) == REPORT

    def fail(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(OSError, match="No space left"):
            write_file(report(), file)
    assert file.path.read_bytes() == before
    assert list(file.path.parent.iterdir()) == [file.path]
    write_file(report(), file)
    assert file.path.read_bytes() != before


def test_links_and_pipes(tmp_path: Path) -> None:
    """A link stays a link, and what is not a file, such as a pipe, is written to."""
    target = tmp_path / "target.md"
    link = tmp_path / "link.md"
    link.symlink_to(target)
    write_file(REPORT, parse_report_file("md:link.md", tmp_path))
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == markdown.render(REPORT)

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_file(report(), parse_report_file("md:pipe", tmp_path))
        assert os.read(reader, 100_000).decode() == markdown.render(report())
    finally:
        os.close(reader)


@pytest.mark.parametrize("kind", list(KINDS))
def test_names_that_cannot_be_encoded(tmp_path: Path, kind: str) -> None:
    """Every kind of report is UTF-8, whatever the names of tests are."""
    named = report(assumptions=[entry("task.order", "test_ü\x00\x1b[0m")])
    write_file(named, parse_report_file(f"{kind}:cov", tmp_path))
    assert "ü" in (tmp_path / "cov").read_text(encoding="utf-8")


def test_paths_with_colons(tmp_path: Path) -> None:
    """Only the first colon separates, so that drives and times may be part of a path."""
    file = parse_report_file("html:a:b.html", tmp_path)
    assert (file.kind, file.name, file.path) == ("html", "a:b.html", tmp_path / "a:b.html")


@pytest.mark.parametrize("text", ["", "html", ":x", "HTML:x", "html:", "html:."])
def test_files_that_cannot_be_meant(tmp_path: Path, text: str) -> None:
    """Without a known kind and the path of a file, the message says what is expected."""
    with pytest.raises(ValueError, match="must"):
        parse_report_file(text, tmp_path)


def test_two_kinds_of_one_file(tmp_path: Path) -> None:
    """The second would take the place of the first; the same report twice, or a device, loses nothing."""
    with pytest.raises(ValueError, match=r"'\./cov' is given for html and for md"):
        parse_report_files(["html:cov", "md:./cov"], tmp_path)
    assert len(parse_report_files(["html:cov", "html:cov", "md:/dev/null", "json:/dev/null"], tmp_path)) == 4


def test_one_file_of_coverage_and_probes(tmp_path: Path) -> None:
    """Only a page shows both; anything else would take the place of the other."""
    coverage = parse_report_files(["html:cov", "md:sum", "json:/dev/null"], tmp_path)
    for each in ("html:./cov", "md:other", "json:/dev/null"):
        assert len(parse_report_files([each], tmp_path, coverage)) == 1
    for each in ("md:./sum", "html:sum", "json:cov"):
        with pytest.raises(ValueError, match=r"' is given for coverage, too; each report needs its own file"):
            parse_report_files([each], tmp_path, coverage)


def test_a_path_that_cannot_be(tmp_path: Path) -> None:
    """It is only found out when it is written, as any other reason why it cannot be."""
    file = parse_report_file(f"html:{'x' * 300}", tmp_path)
    with pytest.raises(OSError, match="too long"):
        write_file(REPORT, file)
