"""The commands that print the manual and the table of operations."""

import json

import pytest

from aniva_sandbox import guide
from aniva_sandbox.api.partner import OPERATIONS
from aniva_sandbox.cli.operations import operation_rows
from tests.cli.test_commands import complaint, run


def test_the_topics_are_listed() -> None:
    """Without a topic, every topic is listed, a line each, with its summary."""
    lines = run("guide").stdout.splitlines()
    assert [line.split("  ", 1)[0].strip() for line in lines] == list(guide.NAMES)
    assert all(line.endswith(topic.summary) for line, topic in zip(lines, guide.topics(), strict=True))


@pytest.mark.parametrize("topic", guide.NAMES)
def test_a_topic_is_printed(topic: str) -> None:
    """A topic is printed as it is written."""
    assert run("guide", topic).stdout == guide.read(topic)


@pytest.mark.parametrize(
    ("topic", "near"), [("fautls", "; did you mean faults?"), ("Pytest", "; did you mean pytest?"), ("zzz", "")]
)
def test_an_unknown_topic_is_refused(topic: str, near: str) -> None:
    """An unknown topic is refused in one line with the name that is most like it."""
    assert f"unknown topic {topic!r}{near}; `aniva-sandbox guide`" in complaint(run("guide", topic), 2)


def test_the_operations_are_listed() -> None:
    """Every operation is listed with its id, request, permissions and statuses."""
    said = run("operations").stdout
    assert len(said.splitlines()) == 2 * len(OPERATIONS)
    for row in operation_rows():
        assert f"\n{row.id} " in f"\n{said}"
        assert f"  {row.method:<6}  {row.path}\n    {' or '.join(row.permissions)}; {row.statuses[0]}" in said


def test_the_operations_as_json() -> None:
    """As JSON, operations have the rules that may refuse them too, and the same ids as in the code."""
    rows = {row["id"]: row for row in json.loads(run("operations", "--json").stdout)}
    assert set(rows) == {operation.id for operation in OPERATIONS}
    for operation in OPERATIONS:
        row = rows[operation.id]
        assert row["permissions"] == list(operation.permissions)
        assert row["statuses"][0] == operation.status
        assert {rule.id for rule in operation.refuses if rule.statuses} <= set(row["rules"])
    assert rows["cancel_appointment"]["method"] == "DELETE"
    assert rows["cancel_appointment"]["path"] == "/api/v1/appointments/{id}"
    assert [id for id, row in rows.items() if row["deprecated"]] == ["confirm_shipment_pickup"]


def test_the_operations_as_markdown() -> None:
    """As Markdown, they are the table of the guide."""
    table = run("operations", "--markdown").stdout
    assert table in guide.read("operations")
    assert table.count("\n") == 2 + len(OPERATIONS)
