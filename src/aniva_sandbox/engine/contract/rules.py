"""The ledger: every rule that the sandbox keeps, with what it is based on, and the refusals raised through it."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final, Literal, NoReturn

import msgspec
from msgspec import Meta

__all__ = ["SOURCE", "Basis", "Detail", "Kind", "Ledger", "Refusal", "Rule"]

SOURCE: Final = "the sandbox's control plane"
"""Where the rules are from that no client of the API meets."""

Basis = Literal["documented", "assumed", "conflict", "sandbox"]
"""``documented``: the partner documentation says so. ``assumed``: it is silent, and this is our decision.
``conflict``: two of its pages disagree, and one was taken. ``sandbox``: a rule of the sandbox's own control plane."""

Kind = Literal["format", "domain"]
"""Why a call is a 400: a ``format`` rule judges the request by itself, through a schema of the document; a ``domain``
rule weighs it against time, the state of the world or another field, and speaks only when nothing else refused."""


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of the ledger."""

    id: str
    sentence: str
    basis: Basis
    source: str
    statuses: tuple[int, ...] = ()
    kind: Kind | None = None
    assumption: str = ""
    """Which part of a documented rule, or which side of a conflict, is our decision."""

    def refusal(self, message: str, *, status: int | None = None, **fields: Any) -> "Refusal":
        """A refusal through this rule; ``status`` may be left out where the rule has only one.

        ``fields`` are added to the error body beside ``error``.
        """
        if status is None:
            (status,) = self.statuses
        elif status not in self.statuses:
            raise ValueError(f"{self.id} refuses with {self.statuses}, not with {status}")
        return Refusal((self,), status, message, (), fields)

    def refuse(self, message: str, *, status: int | None = None, **fields: Any) -> NoReturn:
        """Raise :meth:`refusal`."""
        raise self.refusal(message, status=status, **fields)


class Detail(msgspec.Struct, frozen=True):
    """One fault of a request: where it is, and what would be right. Never the value that was sent."""

    path: Annotated[str, Meta(description="The field or parameter, such as `panel_ids[0]`; the whole body is `body`.")]
    message: Annotated[str, Meta(description="What would be right.")]


class Refusal(Exception):
    """A call is refused. ``rules`` holds more than one only where several format rules were broken at once."""

    def __init__(
        self, rules: tuple[Rule, ...], status: int, message: str, details: tuple[Detail, ...], fields: dict[str, Any]
    ) -> None:
        super().__init__(f"{status} {', '.join(rule.id for rule in rules)}: {message}")
        self.rules = rules
        self.status = status
        self.message = message
        self.details = details
        self.fields = fields

    @property
    def rule(self) -> Rule:
        """The first broken rule."""
        return self.rules[0]

    def body(self) -> dict[str, Any]:
        """The error body, as the API would write it."""
        body: dict[str, Any] = {"error": self.message}
        if self.details:
            body["details"] = [{"path": detail.path, "message": detail.message} for detail in self.details]
        return body | self.fields


class Ledger:
    """All rules, by id, in the order in which they were given."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules: dict[str, Rule] = {}
        for rule in rules:
            if rule.id in self._rules:
                raise ValueError(f"two rules have the id {rule.id}")
            self._rules[rule.id] = rule

    def __getitem__(self, id: str) -> Rule:
        return self._rules[id]

    def __contains__(self, id: object) -> bool:
        return id in self._rules

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules.values())

    def __len__(self) -> int:
        return len(self._rules)
