"""JUnit files: suites of test cases, each with what became of it."""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

__all__ = ["case", "demands", "failure", "file", "output", "skipped", "suite"]

_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that an XML document cannot have in any spelling."""


def file(name: str, suites: Iterable[str]) -> str:
    """A JUnit file of suites."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n<testsuites name="{name}">\n{"".join(suites)}</testsuites>\n'


def suite(name: str, cases: Sequence[str]) -> str:
    """A suite of test cases."""
    skipped = sum("<skipped" in case for case in cases)
    failed = sum("<failure" in case for case in cases)
    return (
        f'<testsuite name={_quoted(name)} tests="{len(cases)}" failures="{failed}" errors="0" skipped="{skipped}" '
        f'time="0">\n{"".join(cases)}</testsuite>\n'
    )


def demands(name: str, problems: Sequence[str]) -> str:
    """A suite of what is demanded of the run: a failed test case for each problem, or one that passed."""
    return suite(name, [case(name, problem, failure(problem)) for problem in problems] or [case(name, "kept")])


def case(suite: str, name: str, inner: str = "") -> str:
    """A test case: it passed, if there is nothing inner."""
    return f'<testcase classname={_quoted(suite)} name={_quoted(name)} time="0">{inner}</testcase>\n'


def skipped(message: str, text: str = "") -> str:
    """What is in a test case that was skipped."""
    return f"<skipped message={_quoted(message)}>{_text(text)}</skipped>"


def failure(message: str, text: str = "") -> str:
    """What is in a test case that failed."""
    return f"<failure message={_quoted(message)}" + (f">{_text(text)}</failure>" if text else "/>")


def output(lines: Iterable[str]) -> str:
    """What a test case printed."""
    return f"<system-out>{_text(chr(10).join(lines))}</system-out>"


def _quoted(text: str) -> str:
    return quoteattr(_possible(text))


def _text(text: str) -> str:
    return escape(_possible(text))


def _possible(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
