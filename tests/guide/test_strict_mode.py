"""What the page on strict mode shows is what pytest prints, before and after its decisions."""

import pytest

from tests.guide.pages import blocks
from tests.testing.common import QUIET

pytest_plugins = ["pytester"]

PAGE = "strict-mode-for-a-team"


def test_the_page_comes_out_as_printed(pytester: pytest.Pytester) -> None:
    """The tests of the page pass, with the list that it shows, and fail in strict mode as it shows; with its decisions
    they pass in strict mode, too. An entry that is not used is told in its words."""
    before, after = blocks("python", PAGE)
    listed, failed, command, unused = (block.splitlines() for block in blocks("text", PAGE))
    (configuration,) = blocks("toml", PAGE)
    _, strict = command[0].split()

    suite = pytester.makepyfile(test_suite=before)
    result = pytester.runpytest_inprocess(*QUIET)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines([f"*{listed[0]}*", *(line_pattern(line) for line in listed[1:])])
    result = pytester.runpytest_inprocess(*QUIET, strict)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines([line_pattern(line) for line in failed])

    suite.write_text(after, encoding="utf-8")
    pytester.makepyprojecttoml(configuration)
    result = pytester.runpytest_inprocess(*QUIET, strict)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["confirm.empty (assumed): * [[]1 test, declared[]]"])
    result.stdout.no_fnmatch_line("*not used*")

    suite.write_text(after.replace("{EMPTY_DRAW}", "{DRAW}"), encoding="utf-8")
    result = pytester.runpytest_inprocess(*QUIET, strict)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(unused)


def line_pattern(line: str) -> str:
    """A line of the page as a pattern, where `...` matches anything."""
    return line.replace("[", "[[]").replace("?", "[?]").replace("...", "*")
