"""Fixtures that all tests share, and what their parameters are called."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from aniva_sandbox.api.settings import Settings
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.contract.operations import Operation
from aniva_sandbox.testing.live import LiveServer
from tests import support
from tests.support import Client, new_world, quiet_client

KNOWN = {
    value: name.lower()
    for name, value in vars(support).items()
    if name.isupper() and isinstance(value, str) and len(value) > 9
}
"""What the ids of the default world are called."""
LONGEST = 80

settings.register_profile("suite", settings(), max_examples=40)
settings.load_profile("suite")  # each example repeats the same check: tests that need more of them say so


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--store`` has the worlds of servers and clients in a store."""
    parser.addoption(
        "--store", metavar="own|URL", help="have the worlds of tests in a store: one of their own, or the one at a URL"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that cannot have their worlds in a store are skipped there."""
    if config.getoption("--store"):
        from tests.with_store import skip_different  # lazy: only these runs need a store

        skip_different(items)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:  # noqa: ARG001
    """Parameters are called by what they hold, known ids by their names; pytest's own ids say ``body3`` or all of a
    long text."""
    if not isinstance(val, str | dict | list | tuple | Operation):
        return None
    text = _told(val).encode("unicode_escape").decode("ascii")  # as pytest does with texts
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 2]}.."


def _told(value: object) -> str:
    match value:
        case str():
            return KNOWN.get(value, value)
        case Operation():
            return value.id
        case {}:
            return ",".join(f"{_told(name)}={_told(entry)}" for name, entry in value.items()) or "{}"
        case tuple() | list():
            return ",".join(map(_told, value)) or "[]"
        case None | bool() | int() | float():
            return str(value)
        case _:
            return type(value).__name__


@pytest.fixture(scope="session", autouse=True)
def _collected() -> None:
    """Collections of garbage do not look at all tests again and again: a run of pytest inside a test collects five
    times when it ends."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Where interpreters may not write what they compile beside the source, those that tests start share a directory:
    each would compile the package and its libraries anew."""
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get("PYTHONDONTWRITEBYTECODE"):
            patch.delenv("PYTHONDONTWRITEBYTECODE")
            patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("compiled")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_options() -> Iterator[None]:
    """The runs of pytest that tests start do not inherit the options of this one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTEST_ADDOPTS", raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _store_of_all(request: pytest.FixtureRequest) -> Iterator[None]:
    """The store of ``--store``, if there is one."""
    chosen = request.config.getoption("--store")
    if chosen is None:
        yield
        return
    from tests.with_store import InStore, opened_store, stored_servers  # lazy: only these runs need a store

    with opened_store(chosen) as url, stored_servers(url):
        store = InStore(url)
        support.STORES.append(store)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(LiveServer, "_listen", lambda live: store.listen(live))
            yield
        support.STORES.clear()
        store.close()


@pytest.fixture(autouse=True)
def _store_of_one() -> Iterator[None]:
    """What a test leaves open in a store is closed."""
    yield
    for store in support.STORES:
        store.clear()


@pytest.fixture
def world() -> World:
    """A fresh default world with a frozen clock: Monday 2026-04-13, 08:00 UTC, 10:00 in Berlin."""
    return new_world()


@pytest.fixture
def client() -> Client:
    """A client of a fresh default world, through the pipeline and without a socket."""
    return Client()


@pytest.fixture
def calm() -> World:
    """A fresh default world in which the laboratories do nothing by themselves."""
    return new_world(settings=Settings(lab_automation=False))


@pytest.fixture
def opened() -> Client:
    """A client of a world in which nothing happens by itself."""
    return quiet_client()
