"""What a test consists of: exchanges, and the events that somebody made happen between them."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence

from aniva_sandbox.engine.evidence.as_test.ids import WorldIds, path_of
from aniva_sandbox.engine.evidence.journal import Exchange, why_not_whole
from aniva_sandbox.engine.world.agenda import Happened
from aniva_sandbox.engine.world.state import SettingsChange, World

__all__ = ["Step", "needed_for", "steps_of"]


Step = Exchange | Happened | SettingsChange
"""What a test does: a call, an event that it makes happen, or a change of settings."""


def _events_by_hand(world: World) -> list[tuple[int, Happened]]:
    """The events that somebody made happen since the state of the world was put in place, with their places in the
    history."""
    return [
        (place, each)
        for place, each in enumerate(world.history)
        if place >= world.start.happened and not each.event.automatic and "skipped" not in each.event.details
    ]


def needed_for(exchange: Exchange, world: World, ids: WorldIds) -> tuple[list[Exchange], set[str] | None]:
    """An exchange, and those before it that a fresh world needs to come to the same response: they created what the
    request names, or changed it; and the ids of everything that is concerned.

    Where an id is in no response that the journal has whole, all changes before are needed: the same calls create the
    same ids. Then the second value is None.
    """
    since = world.start.recorded
    earlier = [each for each in world.journal if since < each.number < exchange.number and _succeeded(each)]
    needed = ids.made_in(exchange)
    own = {text for text in ids.used_by(exchange) if ids.noun_of(text)} - needed
    shared = own.copy() if exchange.trace.refused_by else own.intersection(path_of(exchange))
    chosen = {exchange.number: exchange}
    before = -1
    while before != (before := len(needed) + len(own) + len(chosen)):
        for each in reversed(earlier):
            if each.number in chosen:
                continue
            used, shown = ids.used_by(each), ids.in_response(each)
            is_source = any(id in needed and _first(id, earlier, ids) is each for id in shown)
            touches = needed & (used | shown.keys()) or own.intersection(path_of(each)) or shared & used
            if is_source or (touches and _changes(each)):
                chosen[each.number] = each
                needed |= ids.made_in(each)
                if _changes(each):  # other changes may decide on what it comes to, or be made to what it created
                    needed |= shown.keys()
                    own |= {text for text in used if ids.noun_of(text)} - needed
        for _, happened in _events_by_hand(world):
            if needed & ids.in_event(happened).keys() and ids.is_made(happened.event.target):
                needed.add(happened.event.target)
    brought = (ids.in_event(happened).keys() for _, happened in _events_by_hand(world))
    if needed.difference(*(ids.in_response(each).keys() for each in chosen.values()), *brought):
        return [*(each for each in earlier if _changes(each)), exchange], None
    if exchange.trace.refused_by:
        looks = [each for each in world.journal if since < each.number < exchange.number and _looks(each, exchange)]
        for id in own | needed:
            last = next((each for each in reversed(looks) if id in path_of(each)), None)
            if last is not None and ids.made_in(last) <= needed:
                chosen[last.number] = last
    return [chosen[number] for number in sorted(chosen)], own | needed


def steps_of(
    exchanges: Sequence[Exchange], world: World, ids: WorldIds, concerned: Collection[str] | None
) -> Iterator[Step]:
    """The exchanges with what somebody did before each of them: changed the settings, or made events happen, of which
    those are left out that are not about records with the ids ``concerned``, and did not bring them, if these are
    given."""
    made: set[str] = set()
    by_hand = _by_hand(world)
    ahead = next(by_hand, None)
    for exchange in exchanges:
        while ahead is not None and _precedes(ahead[1], exchange, ahead[0]):
            step = ahead[1]
            ahead = next(by_hand, None)
            if isinstance(step, SettingsChange):
                yield step
                continue
            target, brought = step.event.target, ids.in_event(step)
            if ids.is_made(target) and target not in made:
                continue  # the test does not create its record
            if concerned is None or target in concerned or any(id in concerned for id in brought):
                made |= brought.keys()
                yield step
        if not why_not_whole(exchange):
            made |= ids.in_response(exchange).keys()
        yield exchange


def _by_hand(world: World) -> Iterator[tuple[int, Happened | SettingsChange]]:
    """What somebody did since the state of the world was put in place, each with its place in the history."""
    changes = deque(world.settings_changes)
    for place, happened in _events_by_hand(world):
        while changes and changes[0].happened <= place:
            yield changes[0].happened, changes.popleft()
        yield place, happened
    yield from ((change.happened, change) for change in changes)


def _precedes(step: Happened | SettingsChange, exchange: Exchange, place: int) -> bool:
    return step.recorded < exchange.number if isinstance(step, SettingsChange) else place < exchange.happened


def _changes(exchange: Exchange) -> bool:
    return exchange.request.method not in ("GET", "HEAD")


def _looks(exchange: Exchange, later: Exchange) -> bool:
    """Whether a call may have changed what is known of a record, and so how a later one is refused: it read, or is the
    same call and was refused otherwise."""
    if not _changes(exchange):
        return _succeeded(exchange)
    is_same = (exchange.request.method, exchange.request.path) == (later.request.method, later.request.path)
    return is_same and exchange.trace.refused_by not in ((), later.trace.refused_by)


def _succeeded(exchange: Exchange) -> bool:
    return exchange.response.status is not None and 200 <= exchange.response.status < 300


def _first(id: str, exchanges: Iterable[Exchange], ids: WorldIds) -> Exchange | None:
    """The first exchange whose response shows an id."""
    return next((each for each in exchanges if id in ids.in_response(each)), None)
