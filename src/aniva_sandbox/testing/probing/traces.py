"""What runs leave behind in pytest and in Python, and clearing it away: each run finds everything as the first did."""

import gc
import sys
from collections.abc import Callable, Iterator
from shutil import rmtree
from typing import Any, Final

import pytest
from _pytest.unittest import TestCaseFunction

__all__ = ["Traces"]

_LAST: Final = ("last_type", "last_value", "last_traceback", "last_exc")
"""What pytest notes in ``sys`` of the exception that failed a test."""
_INSTANCE: Final = ("_instance", "_obj")
"""What an item has of the instance of its class."""


class Traces:
    """What the runs of an item leave behind."""

    def __init__(self, item: pytest.Function) -> None:
        """Note how everything is before the first run."""
        self._item = item
        self._restore = [*_kept(item)]
        self._instance = vars(item).get("_instance")
        self._fields = dict(getattr(self._instance, "__dict__", {}))
        self._folders: list[Any] = []
        self._has_failed = False
        self._is_frozen = False

    def begin(self) -> None:
        """Before the first run: what is in memory now need not be looked at in the end."""
        self._is_frozen = not gc.get_freeze_count()
        if self._is_frozen:
            gc.freeze()

    def note_folder(self, folder: Any) -> None:
        """A temporary folder that a run made."""
        self._folders.append(folder)

    def clear(self, *, has_failed: bool, is_torn_down: bool = True) -> None:
        """Take away what a run left behind."""
        self._has_failed |= has_failed
        for restore in self._restore:
            restore()
        item = self._item
        if isinstance(item, TestCaseFunction):  # pytest makes an instance for each run
            vars(item).pop("_instance", None)
            item._obj = None
        elif self._instance is not None and hasattr(self._instance, "__dict__"):
            vars(self._instance).clear()
            vars(self._instance).update(self._fields)
        if not is_torn_down:
            _finish_fixtures(item)
        item._initrequest()
        while self._folders:
            rmtree(self._folders.pop(), ignore_errors=True)

    def end(self) -> None:
        """After the last run: what failed runs left in memory is dropped now, not in somebody else's test."""
        if self._has_failed:
            gc.collect()
        if self._is_frozen:
            gc.unfreeze()


def _kept(item: pytest.Function) -> Iterator[Callable[[], object]]:
    """What restores each thing that runs change."""
    yield _keep_dict(vars(item), leave=_INSTANCE)
    for values in vars(item).values():
        if isinstance(values, list):
            yield _keep_list(values)
    for owner, name in ((item.stash, "_storage"), (item.keywords, "_markers")):
        values = getattr(owner, name, None)
        if isinstance(values, dict):
            yield _keep_dict(values)
    for values in _shared(item.config):
        yield _keep_dict(values) if isinstance(values, dict) else _keep_list(values)
    yield _keep_dict(vars(sys), only=_LAST)
    random: Any = sys.modules.get("random")  # no randomness of ours: that of clients repeats
    if random is not None:
        state = random.getstate()
        yield lambda: random.setstate(state)


def _shared(config: pytest.Config) -> Iterator[Any]:
    """What pytest collects for the whole run while tests are at work: properties for its JUnit file, the numbers of
    temporary folders, and the counts of failed subtests."""
    for value in list(getattr(config.stash, "_storage", {}).values()):
        module = type(value).__module__
        if module == "_pytest.junitxml" and isinstance(getattr(value, "global_properties", None), list):
            yield value.global_properties
    for value in list(getattr(getattr(config, "_tmp_path_factory", None), "__dict__", {}).values()):
        if isinstance(value, dict):
            yield value
    subtests: Any = sys.modules.get("_pytest.subtests")
    counts = config.stash.get(subtests.failed_subtests_key, None) if hasattr(subtests, "failed_subtests_key") else None
    if counts is not None:
        yield counts


def _keep_list(values: list[Any]) -> Callable[[], None]:
    kept = list(values)

    def restore() -> None:
        values[:] = kept

    return restore


def _keep_dict(
    values: dict[str, Any], *, leave: tuple[str, ...] = (), only: tuple[str, ...] | None = None
) -> Callable[[], None]:
    names = [name for name in values if name not in leave and (only is None or name in only)]
    kept = {name: values[name] for name in names}

    def restore() -> None:
        for name in [*(values if only is None else only)]:
            if name not in kept and name not in leave:
                values.pop(name, None)
        values.update(kept)

    return restore


def _finish_fixtures(item: pytest.Function) -> None:
    """Forget the values of the test's own fixtures: the teardown was interrupted."""
    for fixtures in item._fixtureinfo.name2fixturedefs.values():
        for fixture in fixtures:
            if fixture.scope == "function" and fixture.cached_result is not None:
                fixture.cached_result = None
                fixture._finalizers.clear()
