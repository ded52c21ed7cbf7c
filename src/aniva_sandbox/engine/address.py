"""Addresses of servers: parsing them, and recognizing loopback addresses."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

__all__ = ["is_loopback", "parse_url"]

_NOT_IN_ADDRESSES = re.compile(r"[\s\x00-\x1f\x7f?#]")


def is_loopback(host: str) -> bool:
    """Whether a name or an address (lower case, no brackets) belongs to this machine's loopback interface."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def parse_url(text: str, base: str) -> tuple[str, str]:
    """The URL before the paths of a server's API, and its host. The URL may end in ``base``, the common prefix of the
    paths. The scheme defaults to http.

    Raises ValueError if the text is not the address of a server.
    """
    url = text.strip()
    if "://" not in url:
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and parts.port != 0 and not parts.netloc.endswith(":")
        host = parts.hostname or ""
    except ValueError:  # an unclosed bracket, a port out of range
        usable, host = False, ""
    if not (usable and host) or _NOT_IN_ADDRESSES.search(url):
        raise ValueError(f"{text!r} is not the address of a server, such as http://127.0.0.1:8000 or http://[::1]:8000")
    return url.rstrip("/").removesuffix(base).rstrip("/"), host
