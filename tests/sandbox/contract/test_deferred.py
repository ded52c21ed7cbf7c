"""The control plane's API, which is made when it is first called."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from aniva_sandbox.api.app import build_control_api
from aniva_sandbox.api.control import CONTROL
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.deferred import DeferredApi
from tests.support import PROFILE, new_worlds, respond_to_control
from tests.support import Request as PipelineRequest

MADE = Api.of(CONTROL)
"""With every check, as the document of another API has it."""


def test_what_is_known_before_is_what_the_api_says() -> None:
    """An app can be built from it without making it, and what it then says of itself is true."""
    api = build_control_api()
    assert "endpoints" not in vars(api)
    for name in ("prefix", "public_paths", "max_body"):
        assert getattr(api, name) == getattr(MADE, name)
    assert "endpoints" not in vars(api)


def test_what_is_made_is_the_api() -> None:
    """Whatever is asked first, all of it is there, as if it had been made at once."""
    for name in sorted(vars(MADE)):
        if not name.startswith("_"):
            assert hasattr(build_control_api(), name)
    api = build_control_api()
    assert api.document == MADE.document
    assert (api.prefix, api.public_paths, api.max_body) == (MADE.prefix, MADE.public_paths, MADE.max_body)
    assert list(api.endpoints) == list(MADE.endpoints)
    assert (api.text, api.gaps, api.permissions) == (MADE.text, MADE.gaps, MADE.permissions)
    assert api.route("GET", "/_sandbox/health")[0] is api.endpoints["get_health"]
    with pytest.raises(AttributeError):
        _ = api.nothing


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/_sandbox/health", b""),
        ("GET", "/_sandbox/worlds/default/clock", b""),
        ("PUT", "/_sandbox/worlds/other", b'{"seed": "x"}'),
        ("PUT", "/_sandbox/worlds/other", b'{"seed": 1}'),
        ("GET", f"/_sandbox/worlds/default/record?section=profiles&id={PROFILE}", b""),
        ("POST", "/_sandbox/worlds/default/clock/advance", b"{}"),
        ("GET", "/_sandbox/nothing", b""),
    ],
)
def test_responses_are_the_same(method: str, path: str, body: bytes) -> None:
    """The first call makes it, and is answered as every other."""
    path, _, query = path.partition("?")
    request = PipelineRequest(method, path, query.encode(), content_type="application/json", body=body)
    found = []
    for api in (build_control_api(), MADE):
        worlds = new_worlds()
        worlds.create("default")
        found.append(respond_to_control(api, worlds, request))
    assert found[0] == found[1]


def test_threads_that_ask_at_once_see_all_of_it() -> None:
    """No thread meets a part of the API while another makes it."""
    api = build_control_api()
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _turn: (list(api.endpoints), api.example_path), range(16)))
    assert found == [(list(MADE.endpoints), MADE.example_path)] * 16


def test_what_cannot_be_made_is_told_each_time() -> None:
    """A defect is not hidden by the first call."""

    def fail() -> Api:
        raise ValueError("a defect")

    api = DeferredApi(fail, prefix="/x", public_paths=frozenset(), max_body=1)
    for _ in range(2):
        with pytest.raises(ValueError, match="a defect"):
            api.route("GET", "/x")
