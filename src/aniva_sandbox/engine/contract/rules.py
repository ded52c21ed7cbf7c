"""The ledger: every rule of the sandbox, its basis, and the refusals raised through it."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final, Literal, NoReturn

import msgspec
from msgspec import Meta

__all__ = ["SOURCE", "Basis", "Detail", "Kind", "Ledger", "Measure", "Refusal", "Rule"]

SOURCE: Final = "the sandbox's control plane"
"""The source of rules that clients of the API never meet."""

Basis = Literal["documented", "assumed", "conflict", "sandbox"]
"""``documented``: the API documentation says so. ``assumed``: it is silent, and this is our decision. ``conflict``: two
of its pages disagree, and we chose one. ``sandbox``: a rule of the sandbox's own control plane."""

Kind = Literal["format", "domain"]
"""The kind of a rule with status 400. A ``format`` rule checks the request alone, through a schema of the document. A
``domain`` rule checks it against time, the state of the world or another field, after all other rules."""


class Measure(msgspec.Struct, frozen=True, gc=False):
    """A quantity that a rule compares with a boundary; evidence says how near calls came to it."""

    unit: str
    """The unit of distances, such as `seconds`."""
    name: str = ""
    """What is measured; empty for the only measure of a rule."""
    step: float = 1
    """By how much a probe moves the boundary, in the unit: a step that people would take."""


class Rule(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One rule of the ledger, or a clause of one: a part with another basis. The id of a clause is
    ``rule/clause``."""

    id: str
    sentence: str
    basis: Basis
    source: str
    statuses: tuple[int, ...] = ()
    kind: Kind | None = None
    measures: tuple[Measure, ...] = ()
    """The boundaries that operations compare with; those of format rules are in the document's schemas."""
    pervasive: str = ""
    """Why no single call can be said to rely on an undocumented rule; empty if calls note it."""

    def clause(
        self,
        name: str,
        sentence: str,
        *,
        basis: Basis = "assumed",
        source: str = "not documented",
        statuses: tuple[int, ...] = (),
        kind: Kind | None = None,
        measures: tuple[Measure, ...] = (),
        pervasive: str = "",
    ) -> "Rule":
        """A part of this rule with another basis; an entry of the ledger, too."""
        return Rule(
            id=f"{self.id}/{name}",
            sentence=sentence,
            basis=basis,
            source=source,
            statuses=statuses,
            kind=kind,
            measures=measures,
            pervasive=pervasive,
        )

    @property
    def whole(self) -> str:
        """The id of the rule that this is a clause of; empty for a rule."""
        rule, slash, _ = self.id.partition("/")
        return rule if slash else ""

    @property
    def is_settled(self) -> bool:
        """Whether no decision of the sandbox is in it."""
        return self.basis in ("documented", "sandbox")

    def refusal(
        self, message: str, *, status: int | None = None, leans_on: tuple["Rule", ...] = (), **fields: Any
    ) -> "Refusal":
        """A refusal through this rule; ``status`` may be omitted if the rule has only one.

        ``leans_on`` are undocumented clauses on the form of the response; ``fields`` are added to the error body.
        """
        if status is None:
            (status,) = self.statuses
        elif status not in self.statuses:
            raise ValueError(f"{self.id} refuses with {self.statuses}, not with {status}")
        return Refusal((self,), status, message, (), fields, leans_on)

    def refuse(
        self, message: str, *, status: int | None = None, leans_on: tuple["Rule", ...] = (), **fields: Any
    ) -> NoReturn:
        """Raise :meth:`refusal`."""
        raise self.refusal(message, status=status, leans_on=leans_on, **fields)


class Detail(msgspec.Struct, frozen=True):
    """A violation in a request: the field, and what it must be. Never the value that was sent."""

    path: Annotated[str, Meta(description="The field or parameter, such as `ids[0]`; `body` is the whole body.")]
    message: Annotated[str, Meta(description="What the field must be.")]


class Refusal(Exception):
    """A call is refused. ``rules`` has more than one entry only if the call broke several format rules."""

    def __init__(
        self,
        rules: tuple[Rule, ...],
        status: int,
        message: str,
        details: tuple[Detail, ...],
        fields: dict[str, Any],
        leans_on: tuple[Rule, ...] = (),
    ) -> None:
        self.rules = rules
        self.status = status
        self.message = message
        self.details = details
        self.fields = fields
        self.leans_on = leans_on

    def __str__(self) -> str:
        return f"{self.status} {', '.join(rule.id for rule in self.rules)}: {self.message}"

    @property
    def rule(self) -> Rule:
        """The first broken rule."""
        return self.rules[0]

    def body(self) -> dict[str, Any]:
        """The error body, as the API writes it."""
        body: dict[str, Any] = {"error": self.message}
        if self.details:
            body["details"] = [{"path": detail.path, "message": detail.message} for detail in self.details]
        return body | self.fields if self.fields else body


class Ledger:
    """All rules, by id, in insertion order."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules: dict[str, Rule] = {}
        self._clauses: dict[str, list[Rule]] = {}
        for rule in rules:
            if rule.id in self._rules:
                raise ValueError(f"two rules have the id {rule.id}")
            self._rules[rule.id] = rule
            self._clauses.setdefault(rule.whole, []).append(rule)

    def __getitem__(self, id: str) -> Rule:
        return self._rules[id]

    def clauses(self, rule: Rule) -> list[Rule]:
        """The clauses of a rule, in insertion order."""
        return self._clauses.get(rule.id, [])

    def __contains__(self, id: object) -> bool:
        return id in self._rules

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules.values())

    def __len__(self) -> int:
        return len(self._rules)
