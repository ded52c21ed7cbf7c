"""Events that happen without an effect on their record, as if the API's side never came to it."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.evidence.coverage.items import read_id, shown_by
from aniva_sandbox.engine.evidence.coverage.unread import Unread, created_ids
from aniva_sandbox.engine.evidence.probes.change import Change, Context
from aniva_sandbox.engine.evidence.probes.probe import Probe
from aniva_sandbox.engine.evidence.probes.rule_change import RuleChange, is_probed
from aniva_sandbox.engine.evidence.probes.run import Run, SeenCall
from aniva_sandbox.engine.world.agenda import Event
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.state import World

__all__ = ["plan_held", "read_events"]


def plan_held(calls: Iterable[SeenCall], context: Context) -> Iterator[Change]:
    """For each type of event whose effect the client read, a change that holds it back."""
    sentences = context.domain.probing().held
    for type, operation in sorted(read_events(calls, context).items()):
        if type in sentences:
            yield _Held(type, sentences[type], operation)


def read_events(calls: Iterable[SeenCall], context: Context) -> dict[str, str]:
    """The types of the events that a call showed, with the first operation that did."""
    domain = context.domain
    shown, created = _shown_by(context.api, domain), created_ids(domain)
    unread = Unread([])
    found: dict[str, str] = {}
    for call in calls:
        for each in call.happened:
            event = each.event
            if "skipped" not in event.details:
                unread.add(event, each.time, created[event.type], hides=domain.events[event.type].hides)
        if unread and is_probed(call) and call.request.method == "GET" and call.status < 300:
            for type in unread.take(call.operation, shown, list(call.values), call.value):
                found.setdefault(type, call.operation)
    return found


@lru_cache(maxsize=4)
def _shown_by(api: Api, domain: Domain) -> dict[str, frozenset[str]]:
    everything = frozenset(api.endpoints)
    return {type: operations or everything for type, operations in shown_by(api, domain).items()}


class _Held(RuleChange):
    """An event leaves its record as it is."""

    def __init__(self, type: str, sentence: str, operation: str) -> None:
        super().__init__(
            f"{type}=held",
            f"{sentence} ({type})",
            probe=lambda: _Holder(type),
            items=(read_id(type),),
            operation=operation,
        )
        self._type = type

    def took_hold(self, changed: Run) -> bool:
        """Whether such an event was held back before a call."""
        return any(each.event.type == self._type for call in changed.calls for each in call.happened)


class _Holder(Probe):
    """Leaves records as they are from the first event of a type on."""

    def __init__(self, type: str) -> None:
        super().__init__()
        self._type = type
        self._targets: set[str] = set()

    def holds_back(self, world: World, event: Event) -> bool:
        """Whether such an event happens to the record, or happened."""
        super().holds_back(world, event)
        if event.type == self._type:
            self._targets.add(event.target)
        return event.target in self._targets
