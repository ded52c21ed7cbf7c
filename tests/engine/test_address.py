"""How the address of a server may be written, and which addresses are this machine's own."""

import pytest

from aniva_sandbox.engine.address import is_loopback, parse_url


@pytest.mark.parametrize(
    ("text", "url", "host"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", "127.0.0.1"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000", "127.0.0.1"),
        ("localhost:8000/", "http://localhost:8000", "localhost"),
        ("LOCALHOST:8000//", "http://LOCALHOST:8000", "localhost"),
        ("localhost:8000/api/v1", "http://localhost:8000", "localhost"),
        ("https://staging.example.com/api/v1/", "https://staging.example.com", "staging.example.com"),
        ("https://example.com/aniva/api/v1", "https://example.com/aniva", "example.com"),
        ("example.com", "http://example.com", "example.com"),
        ("HTTPS://example.com:443", "HTTPS://example.com:443", "example.com"),
        ("[::1]:8000", "http://[::1]:8000", "::1"),
        ("http://[::1]", "http://[::1]", "::1"),
        (" http://127.0.0.1:8000\n", "http://127.0.0.1:8000", "127.0.0.1"),
        ("https://me:secret@example.com", "https://me:secret@example.com", "example.com"),
    ],
)
def test_addresses_of_servers(text: str, url: str, host: str) -> None:
    """An address needs no scheme, and may end in slashes and in the path that the API's begin with."""
    assert parse_url(text, "/api/v1") == (url, host)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "http://", "://", "http:///api/v1", ":8000", "/", "//127.0.0.1:8000", "http:/127.0.0.1"),
        *("ftp://127.0.0.1", "file:///etc/passwd", "unix:///run/x", "http://127.0.0.1:0", "http://127.0.0.1:99999"),
        *("http://127.0.0.1:http", "127.0.0.1:8000:9", "::1", "::1:8000", "http://[::1", "http://::1]"),
        *("http://a b", "http://a\tb", "http://a\nb", "http://a/?b=c", "http://a?", "http://a/#b", "http://a#"),
    ],
)
def test_what_is_no_address_of_a_server(text: str) -> None:
    """What cannot be the address of a server is repeated, with what one looks like."""
    with pytest.raises(ValueError, match="is not the address of a server, such as") as told:
        parse_url(text, "/api/v1")
    assert str(told.value).startswith(repr(text))


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_loopback(host: str) -> None:
    """Every name and address of the machine itself counts as loopback."""
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "example.com", "notlocalhost", "localhost.evil", "0.0.0.0", "::", "10.0.0.1", "0"]
)
def test_beyond_loopback(host: str) -> None:
    """What other machines have, or what stands for all of them, does not."""
    assert not is_loopback(host)
