"""Habits: what the last calls leave behind in their world, and the hints that later calls get because of it.

Each hint is about several calls: requests that are repeated, too early or after a lost response, and pages that are not
followed.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from msgspec import UNSET

from aniva_sandbox.engine.contract.outcomes import Outcome
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.trace import Hint, Page, Trace
from aniva_sandbox.engine.evidence.journal import BODY_KEPT
from aniva_sandbox.engine.faults.faults import Injected
from aniva_sandbox.engine.world.state import World

__all__ = ["MOST_REPEATS", "Habits", "interrupt", "note_call"]

MOST_REPEATS: Final = 20
"""How often the same request can be sent in a row without a hint."""
_LOST_KEPT: Final = 20
"""The most recent calls with a lost response that are remembered."""
_PAGES_KEPT: Final = 100
"""The most recent pages of one kind that are remembered of an operation and a persona."""


class Habits(msgspec.Struct):
    """What the last calls to a world leave behind."""

    last: tuple[Any, ...] | None = None
    """The identity of the last request; None if it is too large to be kept."""
    repeats: int = 1
    """How often it was sent in a row."""
    happened: int = 0
    """The number of events in the world's history after it."""
    waits: dict[tuple[str | None, str | None], tuple[datetime, int]] = {}
    """By operation and persona, the last Retry-After: until when the client was to wait, and how many seconds that
    was."""
    lost: dict[tuple[Any, ...], str] = {}
    """Requests that created a record, and whose response was lost: the fault."""
    pages: dict[tuple[str | None, str | None], list[tuple[Page, Trace, Hint]]] = {}
    """By operation and persona, the pages that were not followed yet, with the trace and the hint that say so."""
    ahead: dict[tuple[str | None, str | None], list[Page]] = {}
    """By operation and persona, the pages that followed none yet: of several read at once, any may come first."""


def note_call(world: World, request: Request, outcome: Outcome, trace: Trace, injected: Injected | None) -> None:
    """Hint at what a call makes of the calls before it, and remember it for those after it."""
    habits = world.habits
    if habits is None:
        habits = world.habits = Habits()
    body = request.body
    identity = request.method, request.path, request.query, request.key, request.content_type, body
    if outcome.status != 201 and identity == habits.last:  # whoever creates many records is not polling
        _count(habits, world, trace)
    else:
        habits.last = identity if not body or len(body) <= BODY_KEPT else None
        habits.repeats = 1
        habits.happened = len(world.history)
    if habits.waits:
        _require_patience(habits, world, trace)
    if habits.lost and outcome.status == 201 and (lost := habits.lost.get(identity)):
        trace.hint("", _SECOND.format(lost))
    if injected is not None:
        _remember_fault(habits, world, request, outcome, trace, injected)
    if trace.page is not None:
        is_lost = request.method == "HEAD" or (injected is not None and injected.loses_response)
        _turn(habits, trace, trace.page, is_read=outcome.status < 400 and not is_lost)


def interrupt(world: World) -> None:
    """Note that something other than a client's call changed the world, so that the next call repeats nothing."""
    if world.habits is not None:
        world.habits.last = None


_REPEATED: Final = (
    f"the same request was sent more than {MOST_REPEATS} times with nothing in between; to wait for something, advance "
    "the clock instead"
)
_SECOND: Final = (
    "the same request took effect before, but its response was lost ({}), so this is a second record; look up what a "
    "lost call did before you repeat it"
)


def _count(habits: Habits, world: World, trace: Trace) -> None:
    happened = len(world.history)
    habits.repeats = habits.repeats + 1 if habits.happened == happened else 1
    habits.happened = happened
    if habits.repeats == MOST_REPEATS + 1:
        trace.hint("", _REPEATED)


def _require_patience(habits: Habits, world: World, trace: Trace) -> None:
    place = trace.operation, trace.persona
    until, seconds = habits.waits.get(place, (world.now, 0))
    if world.now < until:
        left = int((until - world.now).total_seconds())
        early = f"{trace.operation} was called too early"
        trace.hint("Retry-After", f"{early}: {left} of the {seconds} seconds to wait are left")
    else:
        habits.waits.pop(place, None)


def _remember_fault(
    habits: Habits, world: World, request: Request, outcome: Outcome, trace: Trace, injected: Injected
) -> None:
    seconds = injected.effects.retry_after
    if trace.operation is not None and seconds is not UNSET and seconds > 0:
        habits.waits[trace.operation, trace.persona] = world.now + timedelta(seconds=seconds), seconds
    if outcome.status == 201 and injected.loses_response and habits.last is not None:
        habits.lost[request.identity] = str(injected.effects)
        if len(habits.lost) > _LOST_KEPT:
            del habits.lost[next(iter(habits.lost))]


def _turn(habits: Habits, trace: Trace, page: Page, *, is_read: bool) -> None:
    """Hint at the pages behind this one, and withdraw the hint at the one before it. Each page follows one page and is
    followed by one, in whatever order they are read."""
    place = trace.operation, trace.persona
    pages, ahead = habits.pages.pop(place, []), habits.ahead.pop(place, [])
    before = next((index for index in reversed(range(len(pages))) if _follows(page, pages[index][0])), None)
    if before is not None:
        _, earlier, withdrawn = pages.pop(before)
        earlier.hints = tuple(each for each in earlier.hints if each is not withdrawn)
    elif page.skipped and page.shown:
        ahead.append(page)
    if is_read and page.skipped + page.shown < page.total:
        after = next((each for each in ahead if _follows(each, page)), None)
        if after is not None:
            ahead.remove(after)
        else:
            hint = Hint(
                page.following.partition("=")[0],
                f"{page.total} {page.noun} match, and this page has {page.shown}; the next is {page.following}",
            )
            trace.hints += (hint,)
            pages.append((page, trace, hint))
    if pages:
        habits.pages[place] = pages[-_PAGES_KEPT:]
    if ahead:
        habits.ahead[place] = ahead[-_PAGES_KEPT:]


def _follows(page: Page, before: Page) -> bool:
    """Whether a page has the entry behind another one."""
    return page.skipped <= before.skipped + before.shown < page.skipped + max(page.shown, 1)
