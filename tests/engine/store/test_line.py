"""What is sent to the store."""

from hypothesis import example, given, settings
from hypothesis import strategies as st
from valkey.asyncio.connection import UnixDomainSocketConnection

from aniva_sandbox.engine.store.line import _LARGE, _PING, Command, _pack

QUIET = settings(deadline=None, derandomize=True, database=None)
texts = st.text(st.characters(exclude_categories=["Cs"]))
parts = st.binary() | texts | st.integers() | st.integers(-2, 2).map(lambda more: bytes(_LARGE + more))


@QUIET
@given(st.lists(st.tuples(st.sampled_from(["SET", "EVALSHA"]), parts, parts), min_size=1, max_size=3))
@example([("SET", b"key", bytes(100_000), "PX", 60_000), ("EVALSHA", b"sha", 2, "é", "", b"\r\n")])
def test_commands_are_packed_as_the_library_packs_them(commands: list[Command]) -> None:
    """Not a byte differs."""
    packed: list[bytes] = []
    for command in commands:
        _pack(command, packed)
    assert b"".join(packed) == b"".join(UnixDomainSocketConnection(path="s").pack_commands(commands))


def test_a_ping() -> None:
    """So is the one that is ready-made."""
    assert b"".join(UnixDomainSocketConnection(path="s").pack_commands([("PING",)])) == _PING
