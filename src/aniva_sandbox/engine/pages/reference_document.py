"""The documents that the reference shows: those of the APIs, with refusals by rule."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

import msgspec

from aniva_sandbox.engine.contract.ahead import Place
from aniva_sandbox.engine.contract.api import Api
from aniva_sandbox.engine.contract.document import Contract, dates_ahead, listed_clauses
from aniva_sandbox.engine.contract.parts import resolve_response
from aniva_sandbox.engine.contract.refused import RefusedCall
from aniva_sandbox.engine.contract.rules import Rule
from aniva_sandbox.engine.world.keys import DEFAULT_WORLD

__all__ = ["ReferenceDocument"]

_FOLDED: Final = (413, 500, 507)
"""Statuses of limits and defects, which say nothing of the operation."""
_OWN_HEADERS: Final = "X-Sandbox-"
"""The headers of every response, which the page lists once."""
_CODE: Final = re.compile(r"`([a-z0-9./-]+)`")
_SECTION: Final = re.compile(r"^### (.+)\n+", re.MULTILINE)


class ReferenceDocument:
    """The document of an API as the page shows it, with three extensions:

    - ``x-refusals`` of an operation has, for each status, the rules that refuse with it, each with its clauses, and
      ``x-folded`` the same for the statuses of limits and defects. The operation's ``responses`` lack these statuses,
    - ``x-rules`` has the entries of the ledger for these rules, by id, each with an example,
    - ``x-sections`` has the parts of the description after its introduction.
    """

    def __init__(self, api: Api, contract: Contract, refused: Mapping[str, RefusedCall], rules_at: str = "") -> None:
        """``contract`` is that of the operations behind the API's document. ``refused`` are examples, by rule, and
        ``rules_at`` is the address of pages about rules, without the id; empty if there are none."""
        self._ledger = api.ledger
        self._common = contract.info.common
        self._refused = refused
        self._rules_at = rules_at
        self._listed: dict[str, Rule] = {}
        self._document = self._shown(api.document) | {"servers": [{"url": api.base or "/"}]}
        self._worlds = list(_places_of_worlds(self._document))
        at = contract.info.examples_at
        self._dates = [
            (place, ahead)
            for place, ahead in dates_ahead(contract)
            if _value_at(self._document, place) == ahead.at(at)  # a proposed document may have others
        ]

    def at(self, now: datetime, world: str = DEFAULT_WORLD) -> dict[str, Any]:
        """The document for the world of this name, in which it is ``now``."""
        document = self._document
        for place in self._worlds:
            document = _replaced(document, place, world)
        for place, ahead in self._dates:
            document = _replaced(document, place, ahead.at(now))
        return document

    def _shown(self, document: dict[str, Any]) -> dict[str, Any]:
        paths = {
            path: {
                name: self._operation(part, document) if isinstance(part, dict) and "responses" in part else part
                for name, part in item.items()
            }
            for path, item in document["paths"].items()
        }
        info = document.get("info", {})
        introduction, *rest = _SECTION.split(self._linked(info.get("description", "")))
        sections = [{"title": title, "text": text} for title, text in zip(rest[::2], rest[1::2], strict=True)]
        return document | {
            "info": info | {"description": introduction},
            "paths": paths,
            "x-sections": sections,
            "x-rules": {id: self._entry(rule) for id, rule in self._listed.items()},
        }

    def _operation(self, operation: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
        responses, refusals, folded = {}, [], []
        for status, response in operation["responses"].items():
            resolved = resolve_response(response, document, operation.get("operationId", ""))
            rules = [self._ledger[id] for id in resolved.get("x-rules", ()) if id in self._ledger]
            if not rules:
                responses[status] = _without_own_headers(resolved)
            elif int(status) in _FOLDED:
                folded.append(self._refusals(status, rules))
            else:
                refusals.append(self._refusals(status, rules))
        description = self._linked(operation.get("description", ""))
        return operation | {
            "responses": responses,
            "x-refusals": refusals,
            "x-folded": folded,
            **({"description": description} if description else {}),
        }

    def _refusals(self, status: str, rules: list[Rule]) -> dict[str, Any]:
        given = {rule.id: rule for rule in rules}
        shown = []
        for rule in rules:
            if rule.whole in given:
                continue
            clauses = listed_clauses(rule, given, self._ledger, self._common)
            shown.append({"id": rule.id, "clauses": [each.id for each in clauses]})
            self._listed |= {each.id: each for each in (rule, *clauses)}
        return {"status": int(status), "rules": shown}

    def _entry(self, rule: Rule) -> dict[str, Any]:
        entry: dict[str, Any] = {"basis": rule.basis, "sentence": rule.sentence}
        if self._rules_at:
            entry["page"] = self._page(rule.id)
        if rule.id in self._refused:
            entry["example"] = msgspec.to_builtins(self._refused[rule.id])
        return entry

    def _linked(self, text: str) -> str:
        """Markdown in which the ids of rules lead to their pages."""
        if not self._rules_at:
            return text
        return _CODE.sub(
            lambda found: f"[{found[0]}]({self._page(found[1])})" if found[1] in self._ledger else found[0], text
        )

    def _page(self, id: str) -> str:
        return self._rules_at + quote(id, safe="")


def _without_own_headers(response: dict[str, Any]) -> dict[str, Any]:
    headers = {
        name: header for name, header in response.get("headers", {}).items() if not name.startswith(_OWN_HEADERS)
    }
    return {name: part for name, part in response.items() if name != "headers"} | (
        {"headers": headers} if headers else {}
    )


def _places_of_worlds(document: dict[str, Any]) -> Iterator[Place]:
    """Where the names of worlds are examples of parameters."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            parameters = operation.get("parameters", ()) if isinstance(operation, dict) else ()
            for index, parameter in enumerate(parameters):
                if (parameter.get("name"), parameter.get("in"), parameter.get("example")) == (
                    "world",
                    "path",
                    DEFAULT_WORLD,
                ):
                    yield "paths", path, method, "parameters", index, "example"


def _value_at(value: Any, place: Place) -> Any:
    """The value at a place; None if there is none."""
    for step in place:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def _replaced(value: Any, place: Place, new: Any) -> Any:
    """A copy of plain data with a new value at a place. The copy shares all other parts."""
    if not place:
        return new
    step, *rest = place
    copy = value.copy()
    copy[step] = _replaced(value[step], tuple(rest), new)
    return copy
