"""Reports on probes: what each format shows, and that nothing in a report can break it."""

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from markdown_it import MarkdownIt

from aniva_sandbox.engine.evidence.probes import html, junit, markdown, summary
from aniva_sandbox.engine.evidence.probes.demands import failing
from aniva_sandbox.engine.evidence.probes.files import write_file
from aniva_sandbox.engine.evidence.probes.report import COUNTS, SEVERITY, ProbeReport, merge
from aniva_sandbox.engine.evidence.probes.wording import NOTES, VERDICTS, counts_of, fold
from aniva_sandbox.engine.evidence.reports.files import KINDS, parse_report_file
from aniva_sandbox.engine.evidence.reports.markdown import MOST_BYTES
from tests.engine.evidence.probes.examples import (
    ADDS,
    DUPLICATE,
    LONG,
    NASTY,
    OF_NOTE,
    REPORT,
    VERDICT_NAMES,
    finding,
    note,
    report_of,
)

RENDERERS = [pytest.param(each, id=each.__name__.rpartition(".")[2]) for each in (html, markdown, junit, summary)]
FAULTS = ("503", "429", "drop=before")


@pytest.mark.parametrize("renderer", RENDERERS)
def test_reports_are_deterministic(renderer: Any) -> None:
    """Equal reports give equal texts."""
    again = msgspec.json.decode(msgspec.json.encode(REPORT), type=ProbeReport)
    assert renderer.render(REPORT) == renderer.render(again)


@pytest.mark.parametrize("renderer", RENDERERS)
def test_empty_reports(renderer: Any) -> None:
    """A report without any test can be shown, and one without any kind."""
    assert "responses" in renderer.render(merge([]))
    assert renderer.render(merge([], []))


@pytest.mark.parametrize("renderer", RENDERERS[:3])
def test_reports_say_why_the_run_failed(renderer: Any) -> None:
    """A report names the waivers that failed the run, and nothing of the kind where none did."""
    problem = "the waiver x is not needed"
    assert problem in renderer.render(REPORT, [problem])
    assert "is not needed" not in renderer.render(REPORT)
    assert not re.search("run failed|<failure", renderer.render(merge([])))


def test_every_verdict_and_note_has_its_words() -> None:
    """Verdicts are shown by severity; each has its meaning, and each note is counted."""
    assert list(VERDICTS) == list(SEVERITY) == list(VERDICT_NAMES)
    assert set(NOTES) == set(OF_NOTE)
    assert set(OF_NOTE.values()) < {name for names in COUNTS.values() for name in names}


# Entries


def test_findings_at_the_same_call_are_one_entry() -> None:
    """The changes are named in a row; findings of another verdict, call or test, and waived ones, are entries by
    themselves."""
    several = merge(
        [
            report_of(
                "a::t[x:y]",
                *(finding(f"faults:get_task#1:{fault}", "lost", "a::t[x:y]") for fault in FAULTS),
                finding("faults:get_task#1:truncate", "swallowed", "a::t[x:y]"),
                finding("faults:get_task#2:503", "lost", "a::t[x:y]"),
                finding("faults:get_task#1:malformed", "lost", "a::t[x:y]"),
            ),
            report_of("b", finding("faults:get_task#1:503", "lost", "b")),
        ],
        waivers={"*malformed": "known"},
    )
    assert [(entry.first.test, len(entry.findings), entry.sentence) for entry in fold(several.findings)] == [
        ("a::t[x:y]", 3, "get_task#1:503 ended lost (under 503, 429 and drop=before)"),
        ("a::t[x:y]", 1, "get_task#2:503 ended lost"),
        ("a::t[x:y]", 1, "get_task#1:malformed ended lost"),
        ("b", 1, "get_task#1:503 ended lost"),
        ("a::t[x:y]", 1, "get_task#1:truncate ended swallowed"),
    ]


def test_changes_without_a_call_are_one_entry_too() -> None:
    """Those of a test; of many, only the first are named."""
    (entry,) = fold([finding(f"times:night-{number}", "dated", "a") for number in range(9)])
    names = ", ".join(f"night-{number}" for number in range(6))
    assert entry.sentence == f"night-0 ended dated (under {names} and 3 more)"


def test_changes_of_a_rule_are_one_entry() -> None:
    """Each rule has its own sentence, and each of its measures, whatever is in their names."""
    changes = ("task.due-date=off", "task.due-date=404", "task.due-date@till_19:00-1", "task.due+1", "task.done=held")
    entries = fold([finding(f"rules:{change}", "unnoticed", "a") for change in changes])
    assert [entry.sentence for entry in entries] == [
        "task.due-date=off ended unnoticed (under task.due-date=off and task.due-date=404)",
        "task.due-date@till_19:00-1 ended unnoticed",
        "task.due+1 ended unnoticed",
        "task.done=held ended unnoticed",
    ]


# Terminal


def test_summary() -> None:
    """The findings by severity, each with the command that runs it again; then a line for each kind, then what does
    not count and what was not probed."""
    lines = summary.render(REPORT).splitlines()
    assert lines[:2] == [
        f"duplicate: {DUPLICATE} (under drop=after, truncate and malformed)",
        f"    run --only 'faults:{ADDS}:create_task#1:drop=after'",
    ]
    assert [line.partition(":")[0] for line in lines if ": " in line and not line.startswith(("    ", "faults"))][
        :7
    ] == [*("duplicate", "lost", "swallowed", "unrecovered", "dated", "brittle", "unnoticed")]
    assert lines[-8:] == [
        "faults     28 changes, 15 runs, 6 pruned, 7 left out: 9 findings, 3 waived, 2 told",
        "times      2 changes, 2 runs: 1 finding, 1 with fixed dates",
        "responses  2 changes, 2 runs: 1 finding, 1 with fixed values",
        "rules      10 changes, 10 runs: 2 findings, 8 of 10 noticed",
        "waived: stuck: create_task#4:503-always ended stuck: known, see #12",
        "waived: hammering: get_task was repeated 24 times: the batch job may",
        "waived: impatient: get_task came again after 1 s, before 10 s were over: the batch job may",
        "not probed: test_c.py::test_random: not repeatable: get_task#1 was sent with <other> values",
    ]


def test_a_summary_without_findings() -> None:
    """Only what is not 0 is said."""
    report = merge([report_of("a", faults={"changes": 1, "runs": 1})])
    assert summary.render(report) == (
        "faults     1 change, 1 run: no findings\ntimes      no changes\nresponses  no changes\nrules      no changes\n"
    )


def test_what_else_is_counted() -> None:
    """Skipped changes and waits; rules that were all noticed."""
    counts = {"changes": 3, "runs": 1, "skipped": 2, "waits": 1}
    report = merge([report_of("a", faults=counts, rules={"changes": 2, "runs": 2, "noticed": 2})])
    assert counts_of(report, "faults") == "3 changes, 1 run, 2 skipped: no findings, 1 waited too long"
    assert counts_of(report, "rules") == "2 changes, 2 runs: no findings, 2 of 2 noticed"


def test_a_summary_has_a_bound() -> None:
    """At most 50 entries of findings, 10 tests that were not probed, and 500 characters of a sentence."""
    many = [report_of(f"u{number:03}", skipped="it\nfails") for number in range(13)]
    for name in (f"t{number:03}" for number in range(60)):
        long = finding("faults:x#1:503", "lost", name, sentence="y" * 999)
        many.append(report_of(name, long, finding("faults:x#1:429", "lost", name)))
    lines = summary.render(merge(many)).splitlines()
    assert sum(line.startswith("lost: ") for line in lines) == 50
    assert "... and 20 more findings" in lines
    assert lines.count("not probed: ... and 3 more") == 1
    assert sum(line.endswith(": it fails") for line in lines) == 10
    assert max(map(len, lines)) < 600


def test_a_summary_does_not_steer_the_terminal() -> None:
    """Characters that a terminal would act on are not printed."""
    text = summary.render(merge([report_of("a", finding("faults:x#1:503", "lost", "a", sentence="\x1b[2J\rno\x00"))]))
    assert "lost: ?[2J no?\n" in text


# Markdown


def test_markdown() -> None:
    """A table of the kinds; then, folded, the findings of each verdict with what the world holds and the command, what
    is waived, the notes, and the tests that were not probed."""
    text = markdown.render(REPORT)
    assert "| faults | 28 | 9 | 15 runs, 6 pruned, 7 left out | 3 waived, 2 told |\n" in text
    assert "| rules | 10 | 2 | 10 runs | 8 of 10 noticed |\n" in text
    assert re.findall("<summary>(.*)</summary>", text) == [
        *("duplicate: 3 findings", "lost: 1 finding", "swallowed: 1 finding", "unrecovered: 1 finding"),
        *("dated: 1 finding", "brittle: 1 finding", "unnoticed: 2 findings", "waived: 3 findings"),
        *("told: 2 notes", "fixed-dates: 1 note", "fixed-value: 1 note", "not probed: 1 test"),
    ]
    assert (
        "  - only after the clean run: 1 task for Jane at 2030-01-01 10:00\n"
        "  - only after this run: 2 tasks for Jane at 2030-01-01 10:00\n\n"
        f"  ```sh\n  run --only 'faults:{ADDS}:create_task#1:drop=after'\n  ```\n"
    ) in text


def test_names_in_markdown_are_no_markup() -> None:
    """Whatever tests are called, and whatever sentences say, the only tags are those of the folds."""
    rendered = MarkdownIt("commonmark").enable("table").render(markdown.render(REPORT, ["<img> | `x` *y*"]))
    tags = "h2 p strong ul li table thead tbody tr th td details summary code pre br"
    assert set(re.findall(r"<(/?[^ >]+)", rendered)) <= {*tags.split(), *(f"/{tag}" for tag in tags.split())}
    assert rendered.count("</details>") == rendered.count("<details>") == 12
    assert "<code>test_x.py::test[&lt;script&gt;alert('1')&lt;/script&gt;&amp;amp;`|`]</code>" in rendered
    assert "&lt;b&gt;1&lt;/b&gt; `x` | y" in rendered
    assert "&lt;i&gt;no&lt;/i&gt;" in rendered
    assert "&lt;img&gt; | `x` *y*" in rendered


def test_markdown_has_a_bound() -> None:
    """However much was found, GitHub shows the Markdown: each part gets a share of the room, and the rest is
    counted."""
    long = "ü" * 1000
    many = merge(
        [
            report_of(
                f"t{number}",
                finding("faults:x#1:503", "lost", f"t{number}", sentence=long, before=(long, long)),
                finding("rules:x=off", "unnoticed", f"t{number}", sentence=long),
                note("faults:x#2:503", "told", f"t{number}"),
            )
            for number in range(1500)
        ]
    )
    text = markdown.render(many, [long] * 200)
    assert MOST_BYTES * 0.9 < len(text.encode()) <= MOST_BYTES < 1024 * 1024
    assert len(re.findall("^… and [0-9,]+ more$", text, re.MULTILINE)) == 3  # two verdicts, and the problems
    assert "told: 1,500 notes" in text
    assert text.endswith("</details>\n")


# JUnit


def suites(text: str) -> dict[str, dict[str, list[tuple[str, str, str]]]]:
    """The suites, their test cases by name, and the tags within, each with message and text."""
    return {
        suite.attrib["name"]: {
            case.attrib["name"]: [(inner.tag, inner.get("message", ""), inner.text or "") for inner in case]
            for case in suite
        }
        for suite in ElementTree.fromstring(text)
    }


def test_junit() -> None:
    """A kind is a suite, a test a test case: it fails with its findings, passes without, and is skipped if it was not
    probed, or if the budget left it out; tests without a change of the kind are not listed."""
    found = suites(junit.render(REPORT))
    assert list(found) == ["faults", "times", "responses", "rules", "waivers"]
    assert list(found["faults"]) == [
        *(ADDS, "test_c.py::test_late", "test_c.py::test_random", "test_c.py::test_sound", NASTY)
    ]
    assert found["faults"]["test_c.py::test_sound"] == []
    assert found["faults"]["test_c.py::test_late"] == [("skipped", "4 left out", "")]
    reason = "not repeatable: get_task#1 was sent with <other> values"
    assert found["faults"]["test_c.py::test_random"] == [("skipped", reason, "")]
    (failure, output) = found["faults"][ADDS]
    assert failure[:2] == ("failure", "3 findings: duplicate")
    assert failure[2].count("run --only") == 3
    assert "waived: the batch job may" in output[2]
    assert found["rules"][ADDS] == []
    assert found["rules"][LONG][0][:2] == ("failure", "2 findings: unnoticed")
    assert found["waivers"] == {"kept": []}


def test_junit_counts() -> None:
    """The counts of a suite are those of its test cases, and failures those of tests with findings that count."""
    text = junit.render(REPORT, ["one is not needed", "nor is another"])
    for suite in ElementTree.fromstring(text):
        assert int(suite.attrib["tests"]) == len(suite)
        assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped"))
        assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
        kind = suite.attrib["name"]
        failed = {each.test for each in failing(REPORT) if each.kind == kind}
        assert int(suite.attrib["failures"]) == (2 if kind == "waivers" else len(failed))


def test_a_test_that_was_probed_in_part() -> None:
    """It passes, and says what was not done."""
    report = merge([report_of("a", skipped="the rest waited", faults={"changes": 2, "runs": 2})], ["faults"])
    assert suites(junit.render(report))["faults"] == {"a": [("system-out", "", "the rest waited")]}


# Files


@pytest.mark.parametrize("kind", KINDS)
def test_files(tmp_path: Path, kind: str) -> None:
    """Every kind of report is written, in UTF-8, whatever the names of tests are."""
    test = "test_ü\x00\x1b[0m\ud800"
    named = merge([report_of(test, finding("faults:x#1:503", "lost", test))])
    write_file(named, parse_report_file(f"{kind}:made/probes", tmp_path), ["a waiver"])
    assert "ü" in (tmp_path / "made" / "probes").read_text(encoding="utf-8")
