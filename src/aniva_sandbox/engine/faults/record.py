"""The combined effects of a fault, as worlds store them and headers write them; derived from the single effects."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import msgspec
from msgspec import UNSET, UnsetType

from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.faults.effect import Effect
from aniva_sandbox.engine.faults.effects import EFFECTS

__all__ = ["FAULT_EFFECT", "FIELDS", "HEADER", "Effects", "read_header", "require_effects"]

HEADER: Final = "X-Sandbox-Fault"
"""In a request, this header injects effects into that call; in a response, it lists the injected effects."""


def _fields() -> Iterator[tuple[str, Any]]:
    for effect in EFFECTS:
        for info in msgspec.structs.fields(effect):
            options = [info.type] if get_origin(info.type) is Annotated else get_args(info.type)
            yield info.name, next(option for option in options if option is not UnsetType)


FIELDS: Final[Mapping[str, Any]] = dict(_fields())
"""The fields of all effects by name, with their types: Annotated with bounds and a description."""

if len(FIELDS) < sum(len(effect.__struct_fields__) for effect in EFFECTS):
    raise ValueError("two effects have a field of the same name")

_Record: Any = msgspec.defstruct(
    "_Record",
    [
        (name, type, False) if get_args(type)[0] is bool else (name, type | UnsetType, UNSET)
        for name, type in FIELDS.items()
    ],
    frozen=True,
    omit_defaults=True,
    forbid_unknown_fields=True,
)


class Effects(_Record):  # type: ignore[misc]
    """The effects of a fault. It has the fields of all effects; those of missing effects are unset."""

    def parts(self) -> tuple[Effect, ...]:
        """The single effects, in the order in which they act."""
        set_fields = self._set()
        return tuple(
            effect(**{name: set_fields[name] for name in effect.__struct_fields__ if name in set_fields})
            for effect in EFFECTS
            if effect.__struct_fields__[0] in set_fields
        )

    def __str__(self) -> str:
        """As the header and the journal write it: ``status=503; retry_after=2``, ``malformed``."""
        return "; ".join(name if value is True else f"{name}={value}" for name, value in self._set().items())

    def _set(self) -> dict[str, Any]:
        fields: dict[str, Any] = msgspec.to_builtins(self)
        return fields


def _excluded() -> Iterator[tuple[str, str, str]]:
    """Each pair of effects that cannot be combined, with the message."""
    for effect in EFFECTS:
        name = effect.__struct_fields__[0]
        for other in effect.excludes:
            reason = f"{effect.reason}; " if effect.reason else ""
            yield name, other, f"{reason}{name} and {other} cannot be combined"


_EXCLUDED = tuple(_excluded())
_NEEDED = tuple(
    (further, effect.__struct_fields__[0]) for effect in EFFECTS for further in effect.__struct_fields__[1:]
)

FAULT_EFFECT = Rule(
    id="fault.effect",
    sentence="A fault has at least one effect, and only effects that can be combined: not "
    + ", not ".join(
        f"{effect.__struct_fields__[0]} with {' or '.join(effect.excludes)}" for effect in EFFECTS if effect.excludes
    )
    + "".join(f", no {further} without {name}" for further, name in _NEEDED)
    + ".",
    basis="sandbox",
    source=SOURCE,
    statuses=(400,),
    kind="domain",
)


def require_effects(effects: Effects) -> None:
    """Refuse through ``fault.effect`` a fault without effects, or with effects that cannot be combined."""
    names = msgspec.to_builtins(effects)
    if not names:
        FAULT_EFFECT.refuse(f"Give an effect: {', '.join(FIELDS)}")
    for name, other, message in _EXCLUDED:
        if name in names and other in names:
            FAULT_EFFECT.refuse(message)
    for further, name in _NEEDED:
        if further in names and name not in names:
            FAULT_EFFECT.refuse(f"{further} requires {name}")


def read_header(text: str) -> Effects:
    """The effects in a request's header: ``drop=after``, ``status=503; retry_after=2``, ``malformed``.

    Raises a refusal through ``fault.effect``.
    """
    given: dict[str, Any] = {}
    for part in text.split(";"):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if name not in FIELDS:
            FAULT_EFFECT.refuse(f"{HEADER}: effects are {', '.join(FIELDS)}")
        if name in given:
            FAULT_EFFECT.refuse(f"{HEADER}: {name} is given twice")
        try:
            given[name] = msgspec.convert(value if equals else True, FIELDS[name], strict=False)
        except msgspec.ValidationError:
            FAULT_EFFECT.refuse(
                f"{HEADER}: {name} must be {_values(FIELDS[name])}; write effects as drop=after, "
                "or as status=503; retry_after=2"
            )
    effects = Effects(**given)
    require_effects(effects)
    return effects


def _values(type: Any) -> str:
    """The values of a field, in words."""
    plain, *metas = get_args(type)
    if plain is bool:
        return "true or false"
    if get_origin(plain) is Literal:
        return " or ".join(get_args(plain))
    bounds = [
        f"{words} {bound}"
        for meta in metas
        for words, bound in (("from", meta.ge), ("to", meta.le))
        if bound is not None
    ]
    return " ".join(["a whole number" if plain is int else "a value", *bounds])
