"""The worlds of a server, found by API key."""

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from aniva_sandbox.world.catalogue import Catalogue
from aniva_sandbox.world.clock import Mode
from aniva_sandbox.world.fixtures import Fixture
from aniva_sandbox.world.tables import Access
from aniva_sandbox.world.world import Settings, World

__all__ = ["KEY_PREFIX", "WORLD_NAME", "Worlds"]

KEY_PREFIX = "sbx_"
WORLD_NAME = r"[a-z0-9-]{1,64}"
MISMATCHES_KEPT = 1000
_KEY = re.compile(f"{KEY_PREFIX}({WORLD_NAME})(?:\\.([a-z0-9-]+))?")


class Worlds:
    """Worlds by name. A key ``sbx_<world>`` or ``sbx_<world>.<persona>`` picks one, and makes it at its first use."""

    def __init__(
        self,
        catalogue: Catalogue,
        fixtures: Callable[[str], Fixture],
        fixture_names: Sequence[str],
        *,
        fixture: str = "default",
        mode: Mode = "real",
        start: datetime | None = None,
        seed: int = 0,
        strict: bool = False,
        on_create: Callable[[World], None] = lambda _world: None,
    ) -> None:
        """``fixtures`` gives the fixture of each of ``fixture_names``. The rest is how worlds begin that are made by
        first use; ``strict`` makes none, and ``on_create`` hears of each."""
        self.catalogue = catalogue
        self.fixtures = fixtures
        self.fixture_names = fixture_names
        self.fixture = fixture
        self.mode: Mode = mode
        self.start = start
        self.seed = seed
        self.strict = strict
        self.on_create = on_create
        self.mismatches: deque[tuple[str, str]] = deque(maxlen=MISMATCHES_KEPT)
        """The worlds in which the sandbox itself was at fault, and how; resets and replacements do not hide it."""
        self._worlds: dict[str, World] = {}
        self._access: dict[str, tuple[World, Access]] = {}

    def find(self, key: str) -> tuple[World, Access] | None:
        """The world that an API key picks and what the key may do there; None for an unknown key."""
        known = self._access.get(key)
        if known is not None:
            return known
        parsed = _KEY.fullmatch(key)
        if parsed is None:
            return None
        world = self._worlds.get(parsed[1])
        persona = parsed[2] or "full"
        if world is None:
            if self.strict or persona not in self.fixtures(self.fixture).personas:
                return None
            world = self.create(parsed[1])
            self.on_create(world)
        access = world.fixture.personas.get(persona)
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
        settings: Settings | None = None,
    ) -> World:
        """Make a world, in the place of one that had its name; what is left out is as for worlds made by first use.

        Raises ValueError for a start that no clock can have.
        """
        if mode is None:
            mode, start = self.mode, start or self.start
        world = World(
            name,
            self.fixtures(fixture or self.fixture),
            self.catalogue,
            mode=mode,
            start=start,
            seed=self.seed if seed is None else seed,
            settings=settings,
        )
        self.drop(name)
        self._worlds[name] = world
        return world

    def drop(self, name: str) -> None:
        """Forget a world, where there is one."""
        world = self._worlds.pop(name, None)
        if world is not None:
            self._access.pop(f"{KEY_PREFIX}{name}", None)
            for persona in world.fixture.personas:
                self._access.pop(f"{KEY_PREFIX}{name}.{persona}", None)

    def get(self, name: str) -> World | None:
        """The world of a name, where there is one."""
        return self._worlds.get(name)

    def take_mismatches(self, name: str) -> list[str]:
        """How the sandbox was at fault in the world of this name; each fault is told once."""
        taken = [mismatch for world, mismatch in self.mismatches if world == name]
        kept = [entry for entry in self.mismatches if entry[0] != name]
        self.mismatches.clear()
        self.mismatches.extend(kept)
        return taken

    def __iter__(self) -> Iterator[World]:
        return iter(self._worlds.values())
