"""URLs of stores."""

import pytest

from aniva_sandbox.engine.store.entries import Environment
from aniva_sandbox.engine.store.log import Log

ENVIRONMENT = Environment("1", {})


def open_log(url: str) -> Log:
    """A log that is not connected."""
    return Log.open(url, ENVIRONMENT, idle=10, most=10)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("valkey://store", "valkey://store:6379/0"),
        ("redis://store:6380/3", "valkey://store:6380/3"),
        ("valkeys://user:pass@store/1", "valkeys://store:6379/1"),
        ("REDISS://user:p%2Fss@store", "valkeys://store:6379/0"),
        ("valkey://:secret@[::1]:7000", "valkey://[::1]:7000/0"),
        ("unix:///run/valkey.sock?db=2&password=secret", "unix:///run/valkey.sock"),
        ("valkey://store?socket_timeout=0.5", "valkey://store:6379/0"),
        ("rediss://store?ssl_cert_reqs=none", "valkeys://store:6379/0"),
    ],
)
def test_places(url: str, place: str) -> None:
    """Schemes of Redis are taken, too; user and password are not shown."""
    assert open_log(url).place == place


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "begins with valkey://, valkeys://, redis://, rediss://, unix://"),
        ("http://user:secret@store", "begins with valkey"),
        ("store:6379", "begins with valkey"),
        ("valkey://", "valkey://HOST:PORT/DB"),
        ("valkey://user:secret@store:secret", "escape special characters"),
        ("valkey://user:se/cret@store", "escape special characters"),
        ("valkey://user:1/secret@store", "with a number as DB"),
        ("valkey://user:1#secret@store", "escape #"),
        ("valkey://[secret", "escape special characters"),
        ("valkey://store:65536", "escape special characters"),
        ("valkey://user:secret@store/one", "with a number as DB"),
        ("valkey://store/1/2", "with a number as DB"),
        ("unix://", "the path of a socket"),
        ("unix:///s?db=secret", "an option that is not valid"),
        ("valkey://store?secret=1", "an unknown option; there are db, "),
        ("valkey://store?socket_timeout=secret", "an option that is not valid"),
        ("valkey://store?socket_timeout=0", "an option that is not valid"),
        ("valkey://store?socket_timeout=nan", "an option that is not valid"),
        ("valkeys://store?ssl_cert_reqs=secret", "an option that is not valid"),
        ("valkey://store?retry=secret", "an unknown option; there are db, "),
    ],
)
def test_bad_urls(url: str, message: str) -> None:
    """The message says what is wrong, and shows nothing of a password."""
    with pytest.raises(ValueError, match=message) as raised:
        open_log(url)
    assert "secret" not in str(raised.value)
    assert "cret" not in str(raised.value)
    assert raised.value.__cause__ is None
