"""The table of what guards a connection."""

import re
from pathlib import Path

from aniva_sandbox import guide
from aniva_sandbox.engine.serving.guards import GUARDS, Guard, Stage, Step

COLUMNS = ("the rest is late", "what arrives is not a request", "the server shuts down", "and its time is over")
"""The events of a guard, in its order."""


def test_every_stage_has_its_guard() -> None:
    """Whatever stage a connection is at, there is a step for everything that can happen; only who owes nothing may
    wait, and when the time is over nobody does."""
    assert list(GUARDS) == list(Stage)
    assert len(Guard._fields) == len(COLUMNS)
    for stage, guard in GUARDS.items():
        owes_nothing = stage in (Stage.BEGUN, Stage.WHOLE, Stage.IDLE)
        assert (guard.late is Step.WAIT) is owes_nothing
        assert Step.WAIT not in guard[1:]
        assert guard.ended in (Step.CLOSE, Step.REFUSE)


def test_a_response_is_never_refused_twice() -> None:
    """What has its response, whole or in part, is not refused: a second response would be taken for the next one's."""
    for stage in (Stage.BEGUN, Stage.REST):
        assert not {Step.REFUSE, Step.FOLLOW} & set(GUARDS[stage])


def test_the_guide_shows_the_table() -> None:
    """It is drawn from the table."""
    page = (Path(guide.__file__).parent / "architecture.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- guards -->\n(.*)<!-- /guards -->", page, re.DOTALL)
    assert found is not None
    assert found[1] == drawn()


def drawn() -> str:
    """The table in Markdown."""
    rows = [("the last request", *COLUMNS), ("---",) * (len(COLUMNS) + 1)]
    rows += [(stage.value, *(step.value for step in guard)) for stage, guard in GUARDS.items()]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
