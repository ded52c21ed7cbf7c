"""Why a call is unmatched: what is wrong with its key or its path, and how to fix it."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl

from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.ground_rules import KEY_HEADER
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.evidence.secrets import LIKE_A_KEY, SCHEMES
from aniva_sandbox.engine.evidence.unmatched import Cause
from aniva_sandbox.engine.serving.cors import parse_origin
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.keys import BLANKS, KEY_PREFIX, parse_key

__all__ = ["find_causes", "printable"]

_EXAMPLE: Final = f"{KEY_PREFIX}<world>, such as {KEY_PREFIX}default"
_FORM: Final = (
    f"keys look like {KEY_PREFIX}<world> or {KEY_PREFIX}<world>.<persona>, where a world's name is 1 to 64 characters "
    f"from a-z, 0-9 and hyphen, such as {KEY_PREFIX}default"
)
_LONGEST: Final = 200
"""The most characters of a sent text that a message shows."""
_OTHER_BASE: Final = re.compile(r"(?:/(?:api|v[0-9]+))*(?=/|$)", re.IGNORECASE)
"""Prefixes that are sent instead of the API's."""


def find_causes(api: Api, worlds: Worlds, request: Request, *, known: bool, error: str) -> tuple[Cause, ...]:
    """Why this call matched no world or no operation. ``known`` says whether its key opened a world, ``error`` is the
    error of the response."""
    of_path = _path_cause(api, request)
    is_preflight = of_path is not None and of_path.id == "method.preflight"  # browsers send no key with it
    of_key = None if known or is_preflight else _key_cause(worlds, request, error)
    return tuple(cause for cause in (of_path, of_key) if cause is not None)


def printable(text: str) -> str:
    """The beginning of a sent text, safe for a line of a log."""
    return re.sub("[^ -~]", "?", text[:_LONGEST])


def _path_cause(api: Api, request: Request) -> Cause | None:
    path = request.path
    methods = api.allowed(path)
    if request.method in methods:
        return None
    if methods:
        if request.method == "OPTIONS" and (origin := _preflight_origin(request)):
            return Cause(
                "method.preflight",
                f"a page of {origin} sent a preflight request; start serve with --cors-origin {origin}",
            )
        return Cause(
            "method.unknown", f"the path does not support {printable(request.method)}; it supports {', '.join(methods)}"
        )
    plain = re.sub("/{2,}", "/", path).rstrip("/")
    prefix = api.prefix
    other = _OTHER_BASE.match(plain)
    given = (other[0] if other is not None else "") or (prefix if plain.startswith(f"{prefix}/") else "")
    rest = plain[len(given) :]
    right = next((prefix + way for way in (rest, rest.lower()) if api.allowed(prefix + way)), None)
    if right is None:
        return Cause("path.unknown", f"no operation has this path; paths look like {api.example_path}")
    if given == prefix:
        return Cause("path.spelling", f"the path should be {printable(right)}: in lower case, without extra slashes")
    if not given:
        wrong = f"the path does not begin with {prefix}"
    elif prefix:
        wrong = f"the path begins with {printable(given)} instead of {prefix}"
    else:
        wrong = f"the path begins with {printable(given)}, but paths have no prefix"
    return Cause("path.prefix", f"{wrong}; it should be {printable(right)}")


def _preflight_origin(request: Request) -> str | None:
    """The origin of the page for which a browser sent a preflight request; None for any other request."""
    sent = dict(request.headers)
    if b"access-control-request-method" not in sent:
        return None
    try:
        return parse_origin(sent.get(b"origin", b"")[:_LONGEST].decode("latin-1"))
    except ValueError:
        return None


def _key_cause(worlds: Worlds, request: Request, error: str) -> Cause:
    if request.key is None:
        place = _other_place(request)
        if place is None:
            return Cause("key.missing", f"the {KEY_HEADER} header is missing; send {KEY_HEADER}: {_EXAMPLE}")
        return Cause(
            "key.elsewhere",
            f"the {KEY_HEADER} header is missing; the key was sent as {place}; send it as {KEY_HEADER}: {_EXAMPLE}",
        )
    if sum(name == KEY_HEADER.encode() for name, _ in request.headers) > 1:
        return Cause("key.repeated", f"the {KEY_HEADER} header was sent more than once; send it once")
    if not (key := request.key.strip(BLANKS)):
        return Cause("key.empty", f"the {KEY_HEADER} header is empty; send {KEY_HEADER}: {_EXAMPLE}")
    named = parse_key(key)
    if named is None:
        return Cause("key.form", f"{_misshapen(key)}; {_FORM}")
    name, persona = named
    world = worlds.get(name)
    if world is None and worlds.strict:
        return Cause(
            "key.world",
            f"there is no world {name}, and --strict-worlds is on; create it with PUT /_sandbox/worlds/{name}",
        )
    personas: Iterable[str] = (worlds.fixtures(worlds.fixture) if world is None else world).personas
    if persona not in personas:
        return Cause(
            "key.persona",
            f"the world {name} has no persona {printable(persona)}; it has {printable(', '.join(personas))}",
        )
    return Cause("key.refused", printable(error))


def _other_place(request: Request) -> str | None:
    """Where a key was sent instead of in its header: the name of the place, never the value."""
    for name, value in request.headers:
        if name == b"authorization":
            scheme = SCHEMES.get(value.decode("latin-1").partition(" ")[0].lower())
            return f"Authorization: {scheme}" if scheme else "Authorization"
        if LIKE_A_KEY.fullmatch(text := name.decode("latin-1")):
            return f"the header {text}"
    for text, _ in parse_qsl(request.query.decode("latin-1"), keep_blank_values=True):
        if LIKE_A_KEY.fullmatch(text):
            return f"the query parameter {text}"
    return None


def _misshapen(key: str) -> str:
    """What is wrong with a key. It may be a secret, so at most its first four characters are shown."""
    first, blank, _ = key.partition(" ")
    if blank and first.lower() in SCHEMES:
        return f"the key begins with {SCHEMES[first.lower()]}; remove it"
    if key.startswith(KEY_PREFIX):
        return f"the key begins with {KEY_PREFIX}, but the rest of it is not valid"
    return f"the key {printable(key[: min(4, len(key) // 4)])}... ({len(key)} characters) is not a key of the sandbox"
