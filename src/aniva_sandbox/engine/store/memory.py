"""The worlds of a server, found by API key."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aniva_sandbox.engine.contract.access import Access
from aniva_sandbox.engine.contract.document import DEFAULT_ADDRESS
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.tally import Tally
from aniva_sandbox.engine.contract.trace import Trace
from aniva_sandbox.engine.evidence.unmatched import UnmatchedCall, UnmatchedCalls
from aniva_sandbox.engine.world.clock import Clock, Mode
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.keys import BLANKS, KEY_PREFIX, parse_key
from aniva_sandbox.engine.world.limits import Limits
from aniva_sandbox.engine.world.state import Beginning, State, World

if TYPE_CHECKING:
    from prometheus_client import Metric

    from aniva_sandbox.engine.evidence.coverage.collector import Coverage

__all__ = ["FullError", "Worlds"]

MISMATCHES_KEPT = 1000
MADE_KEPT = 10
EVICTED_KEPT = 10_000


class FullError(Exception):
    """The maximum number of worlds is reached: there is no room for another, or this one was dropped."""


class Worlds:
    """Worlds by name. A key ``sbx_<world>`` or ``sbx_<world>.<persona>`` selects a world, and creates it at first
    use."""

    def __init__(
        self,
        domain: Domain,
        fixtures: Callable[[str], Beginning],
        fixture_names: Sequence[str],
        *,
        fixture: str = "default",
        mode: Mode = "real",
        start: datetime | None = None,
        seed: int | None = None,
        strict: bool = False,
        limits: Limits | None = None,
        on_create: Callable[[World], None] = lambda _world: None,
        on_evict: Callable[[World], None] = lambda _world: None,
        on_unmatched: Callable[[UnmatchedCall], None] = lambda _call: None,
        on_no_memory: Callable[[], None] = lambda: None,
        coverage: "Coverage | None" = None,
    ) -> None:
        """``fixtures`` returns the beginning of worlds by name, ``fixture_names`` lists the names. The other parameters
        are the defaults of worlds created at first use; with ``strict``, none are. ``on_create`` is called for each of
        these, ``on_evict`` for each world dropped to make room, ``on_unmatched`` for the first unmatched call of each
        cause, and ``on_no_memory`` for each call that ran out of memory. ``coverage`` collects what calls meet."""
        self.domain = domain
        self.fixtures = fixtures
        self.fixture_names = fixture_names
        self.fixture = fixture
        self.mode: Mode = mode
        self.start = start
        self.seed = seed
        self.strict = strict
        self.limits = limits or Limits()
        self.on_create = on_create
        self.on_evict = on_evict
        self.on_no_memory = on_no_memory
        self.coverage = coverage
        self.on_exchange: Callable[[World | None, Request, int, Trace], None] | None = None
        """Called after each call to the API with the world of its key, if any, the request, the status of the response,
        0 if there is none, and the trace."""
        self.send: Callable[[Request], object] | None = None
        """Sends a request to the API in the same process; set by the app that serves it."""
        self.address = DEFAULT_ADDRESS
        """The URL of the server, for texts."""
        self.mismatches: deque[tuple[str, str]] = deque(maxlen=MISMATCHES_KEPT)
        """Defects of the sandbox, with the names of their worlds; resetting or replacing a world keeps them."""
        self.unmatched = UnmatchedCalls(on_unmatched)
        self.tally = Tally()
        """What the requests to the server came to. Requests that are not its own can be counted in another, which takes
        the place of this one meanwhile."""
        self.evicted = 0
        """The number of worlds dropped to make room."""
        self.started = Clock("frozen").now
        """When the server started, by the machine's clock."""
        self.collectors: list[Callable[[], Iterable[Metric]]] = []
        """Read at each scrape, for further metrics. Their labels must have few values: no paths, worlds, or keys."""
        self.made: deque[str] = deque(maxlen=MADE_KEPT)
        """The names of the worlds last created at first use."""
        self.changes = 0
        """The number of changes through the control plane, and of worlds created."""
        self.makes_room = True
        """Whether a world is dropped when there are too many; else, the store that holds them sees to that."""
        self.settles = True
        """Whether a list of all worlds lets happen what is due; else, what shares them sees to that."""
        self.store: str | None = None
        """What the store that holds the worlds for several processes is like: ``ok``, or the rule that says what is
        wrong; None without a store."""
        self._worlds: dict[str, World] = {}
        self._evicted: dict[str, None] = {}
        self._access: dict[str, tuple[World, Access]] = {}
        self._uses = 0

    def find(self, key: str) -> tuple[World, Access] | None:
        """The world that an API key selects, and the access of the key; None for an unknown key.

        Raises FullError if the world does not exist and there is no room for it, or, once, if it was dropped.
        """
        found = self._access.get(key) or self._open(key.strip(BLANKS))
        if found is not None:
            found[0].last_use = self._uses = self._uses + 1
        return found

    def _open(self, key: str) -> tuple[World, Access] | None:
        named = parse_key(key)
        if named is None:
            return None
        name, persona = named
        world = self._worlds.get(name)
        if world is None:
            if self.strict or persona not in self.fixtures(self.fixture).personas:
                return None
            if name in self._evicted:
                del self._evicted[name]
                most = self.limits.worlds
                raise FullError(
                    f"The world was dropped to make room, as there may be {most}; its key now opens a new one"
                )
            world = self.create(name)
            self.made.append(name)
            self.on_create(world)
        access = world.personas.get(persona)
        if access is None:
            return None
        self._access[key] = world, access
        return world, access

    def create(
        self,
        name: str,
        *,
        fixture: str | None = None,
        mode: Mode | None = None,
        start: datetime | None = None,
        seed: int | None = None,
        settings: Any = None,
    ) -> World:
        """Create a world, replacing any world of that name, whose probe it keeps. Parameters left out are as for worlds
        created at first use.

        If there are too many, drops the least recently used idle world. Raises ValueError for an impossible start,
        FullError if no world is idle.
        """
        if mode is None:
            mode, start = self.mode, start or self.start
        world: World = self.domain.world(
            name,
            self.fixtures(fixture or self.fixture),
            self.domain,
            mode=mode,
            start=start,
            seed=self.seed if seed is None else seed,
            settings=settings,
            limits=self.limits,
        )
        self._place(world)
        self.note_change(world)
        return world

    def take_over(self, world: World) -> None:
        """Replace any world of the same name, as :meth:`create` does, by one that is as another process has it: this is
        a use, but no change."""
        before = self._worlds.get(world.name)
        if before is not None:
            world.last_call = before.last_call
        self._place(world)
        self._use(world)

    def _place(self, world: World) -> None:
        """Put a world in the place of any of the same name, or make room for it."""
        name = world.name
        world.observer = self.coverage
        self._evicted.pop(name, None)
        if name in self._worlds:
            world.probe = self._worlds[name].probe
            self.drop(name)
        elif self.makes_room and len(self._worlds) >= self.limits.worlds:
            self._evict()
        self._worlds[name] = world

    def put(self, world: World, state: State) -> None:
        """Replace the state of a world."""
        self._forget_keys(world)
        world.put(state)
        self.note_change(world)

    def reset(self, world: World) -> None:
        """Put a world back to its starting state."""
        self._forget_keys(world)
        world.reset()
        self.note_change(world)

    def note_change(self, world: World) -> None:
        """Number a change of a world that no call to the API made. It counts as a use."""
        self._use(world)
        self.changes += 1
        world.changed = self.changes

    def drop(self, name: str) -> None:
        """Drop a world, if it exists."""
        world = self._worlds.pop(name, None)
        if world is not None:
            self._forget_keys(world)

    def note_dropped(self, name: str) -> None:
        """Note that a world was dropped to make room: the next use of its key is refused, once."""
        self._evicted[name] = None
        if len(self._evicted) > EVICTED_KEPT:
            del self._evicted[next(iter(self._evicted))]

    def get(self, name: str) -> World | None:
        """The world of this name, if it exists. Looking at it does not count as a use."""
        return self._worlds.get(name)

    def world_of_key(self, key: str) -> World | None:
        """The world that a key selects, if it exists."""
        known = self._access.get(key)
        if known is not None:
            return known[0]
        named = parse_key(key.strip(BLANKS))
        return self._worlds.get(named[0]) if named is not None else None

    def take_mismatches(self, name: str) -> list[str]:
        """The defects of the sandbox in the world of this name; each is returned once."""
        taken = [mismatch for world, mismatch in self.mismatches if world == name]
        kept = [entry for entry in self.mismatches if entry[0] != name]
        self.mismatches.clear()
        self.mismatches.extend(kept)
        return taken

    def sort(self, names: Sequence[str]) -> None:
        """Put the worlds into the order of these names; the others come last."""
        places = {name: place for place, name in enumerate(names)}
        self._worlds = dict(sorted(self._worlds.items(), key=lambda named: places.get(named[0], len(places))))

    def __iter__(self) -> Iterator[World]:
        return iter(self._worlds.values())

    def _use(self, world: World) -> None:
        self._uses += 1
        world.last_use = self._uses

    def _evict(self) -> None:
        """Drop the least recently used idle world."""
        idle = [world for world in self._worlds.values() if not world.in_flight]
        if not idle:
            raise FullError(f"There are {len(self._worlds)} worlds, and each has a request in flight")
        evicted = min(idle, key=lambda world: world.last_use)
        self.drop(evicted.name)
        self.note_dropped(evicted.name)
        self.evicted += 1
        self.on_evict(evicted)

    def _forget_keys(self, world: World) -> None:
        for persona in world.personas:
            self._access.pop(f"{KEY_PREFIX}{world.name}.{persona}", None)
        self._access.pop(f"{KEY_PREFIX}{world.name}", None)
