"""Access to the control plane: known hosts, same-origin pages, bearers of the token."""

import re
import secrets
from collections.abc import Iterable
from ipaddress import ip_address

import msgspec

from aniva_sandbox.engine.address import is_loopback
from aniva_sandbox.engine.control.server_rules import CONTROL_HOST, CONTROL_ORIGIN, CONTROL_TOKEN

__all__ = ["DEFAULT_PORTS", "Guard", "make_guard", "parse_authority", "parse_host"]

_AUTHORITY = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+)(?::([0-9]{0,5}))?", re.ASCII)
DEFAULT_PORTS = {"http": "80", "https": "443"}
_TOKEN = re.compile(r"[!-~]+")
_ASKED_FOR = (b"host", b"origin", b"sec-fetch-site", b"authorization", b"sec-fetch-mode", b"sec-fetch-dest")
_OUTSIDE = "open the page from the sandbox itself, or call from outside a browser"
_WILDCARDS = ("", "0.0.0.0", "::")  # noqa: S104 (a comparison)


class Guard(msgspec.Struct, frozen=True):
    """Admits or refuses requests. ``hosts``, as :func:`parse_host` writes them, are allowed in addition to loopback
    names. If there is a ``token``, requests must send it."""

    hosts: frozenset[str] = frozenset()
    token: str | None = None

    def admit(self, headers: Iterable[tuple[bytes, bytes]], *, is_page: bool = False) -> None:
        """Admit a request with these headers (names in lower case), or raise a refusal through ``control.host``,
        ``control.origin`` or ``control.token``. A page, which holds no data, needs no token, and links from anywhere
        may lead to it."""
        sent: dict[bytes, list[str]] = {name: [] for name in _ASKED_FOR}
        for name, value in headers:
            if name in sent:
                sent[name].append(value.decode("latin-1").strip())
        hosts, origins, sites, credentials, modes, places = sent.values()

        authority = parse_authority(hosts[0]) if len(hosts) == 1 else None
        if authority is None:
            CONTROL_HOST.refuse("The control plane needs one Host header, with a name or an address")
        host, port = authority
        if host not in self.hosts and not is_loopback(host):
            CONTROL_HOST.refuse(
                "This Host may not reach the control plane; use localhost, or start serve with --allow-host NAME"
            )
        if any(not _same_origin(origin, host, port) for origin in origins):
            CONTROL_ORIGIN.refuse(f"A page of another origin may not call the control plane; {_OUTSIDE}")
        follows_link = is_page and (modes, places) == (["navigate"], ["document"])
        if not follows_link and any(site not in ("none", "same-origin") for site in sites):
            CONTROL_ORIGIN.refuse(f"A page of another site may not call the control plane; {_OUTSIDE}")
        if not is_page and self.token is not None and not _bears(credentials, self.token):
            CONTROL_TOKEN.refuse(
                "The control plane needs the token that serve prints, as the header Authorization: Bearer <token>"
            )


def make_guard(address: str, allowed: Iterable[str] = (), token: str | None = None) -> Guard:
    """The guard of a server whose socket has this address, which is allowed as a Host. Beyond loopback it always has a
    token, generated if none is given.

    It uses the address that the socket reports, because users may write it in many ways (``0``, ``127.1``, a name).
    Only names of a single host are allowed. Raises ValueError for a token that no header can carry.
    """
    if token is not None and not _TOKEN.fullmatch(token):
        raise ValueError("must be one or more visible ASCII characters")
    own = ip_address(address.partition("%")[0])  # clients leave the scope out of their Host
    if token is None and not own.is_loopback:
        token = secrets.token_urlsafe(24)
    return Guard(frozenset(name for name in map(parse_host, (str(own), *allowed)) if name is not None), token)


def parse_host(text: str) -> str | None:
    """The normalized name or address of a single host: lower case, no brackets, no trailing dot. None for anything
    else, and for the unspecified addresses."""
    found = _AUTHORITY.fullmatch(text if ":" not in text or text.startswith("[") else f"[{text}]")
    if found is None or found[2] is not None:
        return None
    name = found[1].lower().removesuffix(".")
    if name.startswith("["):
        try:
            name = str(ip_address(name[1:-1]))
        except ValueError:
            return None
    return None if name in _WILDCARDS else name


def parse_authority(text: str) -> tuple[str, str | None] | None:
    """Host, as :func:`parse_host` writes it, and port of a Host header or an origin; None for anything else."""
    found = _AUTHORITY.fullmatch(text)
    host = parse_host(found[1]) if found is not None else None
    return (host, found[2] or None) if found is not None and host is not None else None


def _same_origin(origin: str, host: str, port: str | None) -> bool:
    """Whether an Origin is that of a page loaded from this host; ``null`` is not."""
    scheme, _, rest = origin.partition("://")
    authority = parse_authority(rest)
    default = DEFAULT_PORTS.get(scheme)
    if authority is None or default is None:
        return False
    return authority[0] == host and (authority[1] or default) == (port or default)


def _bears(credentials: list[str], token: str) -> bool:
    """Whether the only Authorization header holds the token."""
    scheme, _, sent = credentials[0].partition(" ") if len(credentials) == 1 else ("", "", "")
    return secrets.compare_digest(sent.strip().encode(), token.encode()) and scheme.lower() == "bearer"
