"""Rules, refusals and the ledger; and what the ledger says of the rules across all operations."""

import re

import pytest

from aniva_sandbox.api import rules
from aniva_sandbox.api.control import CONTROL as PLANE
from aniva_sandbox.engine.contract import ground_rules as common
from aniva_sandbox.engine.contract.rules import Detail, Ledger, Refusal, Rule

ONE = Rule(id="one.status", sentence="One.", basis="assumed", source="a page", statuses=(404,))
TWO = Rule(id="two.statuses", sentence="Two.", basis="documented", source="a page", statuses=(403, 404))
NONE = Rule(id="no.status", sentence="None.", basis="documented", source="a page")

# Written down from the description of the API, apart from the code: status and basis of each common rule.
ACROSS = {
    "auth.key": ((403,), "documented"),
    "auth.permission": ((403,), "documented"),
    "auth.permission/unnamed": ((403,), "assumed"),
    "auth.context": ((403,), "documented"),
    "auth.context/inline": ((), "assumed"),
    "path.unknown": ((404,), "documented"),
    "id.format": ((400,), "documented"),
    "id.format/case": ((), "assumed"),
    "id.format/version": ((), "assumed"),
    "body.json": ((400,), "assumed"),
    "body.schema": ((400,), "documented"),
    "body.schema/details": ((), "assumed"),
    "body.schema/null": ((400,), "assumed"),
    "body.schema/nul": ((400,), "assumed"),
    "body.schema/duplicates": ((), "assumed"),
    "body.unknown-field": ((), "assumed"),
    "error.body": ((), "documented"),
    "error.body/sentence": ((), "assumed"),
    "query.repeated": ((), "assumed"),
    "error.internal": ((500,), "documented"),
    "http.not-found": ((404,), "assumed"),
    "http.method": ((405,), "assumed"),
    "http.too-large": ((413,), "assumed"),
    "order.checks": ((), "assumed"),
    "atomic": ((), "assumed"),
    "update.empty": ((), "assumed"),
    "time.instants": ((), "documented"),
    "time.instants/reports": ((), "conflict"),
    "time.input": ((400,), "assumed"),
    "time.local": ((), "documented"),
    "time.local/no-zone": ((), "assumed"),
    "time.updated": ((), "documented"),
    "order.ordinal": ((), "assumed"),
    "world.full": ((507,), "sandbox"),
}


def test_status_of_a_rule_with_one_is_implied() -> None:
    """A rule with one status refuses with it, named or not."""
    assert ONE.refusal("Gone").status == 404
    assert ONE.refusal("Gone", status=404).status == 404


@pytest.mark.parametrize("rule", [TWO, NONE], ids=lambda rule: rule.id)
def test_status_must_be_named_where_it_is_not_implied(rule: Rule) -> None:
    """A rule with several statuses, or with none, does not guess one."""
    with pytest.raises(ValueError, match="unpack"):
        rule.refusal("Gone")


@pytest.mark.parametrize("status", [403, 404])
def test_a_rule_with_two_statuses_takes_either(status: int) -> None:
    """Each of a rule's statuses may be named."""
    assert TWO.refusal("Gone", status=status).status == status


def test_a_rule_refuses_with_its_own_statuses_only() -> None:
    """A status that the rule does not have is a mistake of the program, and the message names both."""
    with pytest.raises(ValueError, match=r"one\.status refuses with \(404,\), not with 409"):
        ONE.refusal("Gone", status=409)


def test_refuse_raises_the_refusal() -> None:
    """refuse() raises what refusal() makes, its message and fields included."""
    with pytest.raises(Refusal) as caught:
        TWO.refuse("Gone", status=403, ids=["a"])
    refusal = caught.value
    assert (refusal.rules, refusal.rule, refusal.status, refusal.message) == ((TWO,), TWO, 403, "Gone")
    assert refusal.body() == {"error": "Gone", "ids": ["a"]}
    assert str(refusal) == "403 two.statuses: Gone"


def test_body_holds_details_only_where_there_are_some() -> None:
    """A refusal without details has no such key; one with them lists path and message."""
    assert ONE.refusal("Gone").body() == {"error": "Gone"}
    refusal = Refusal((ONE,), 400, "Bad", (Detail("a", "is required"), Detail("b[0]", "must be above 0")), {})
    assert refusal.body() == {
        "error": "Bad",
        "details": [{"path": "a", "message": "is required"}, {"path": "b[0]", "message": "must be above 0"}],
    }


def test_a_refusal_through_several_rules_names_them_all() -> None:
    """The first broken rule stands for the refusal; its text names every one."""
    refusal = Refusal((TWO, ONE), 400, "Bad", (), {})
    assert refusal.rule is TWO
    assert str(refusal) == "400 two.statuses, one.status: Bad"


def test_ledger_finds_rules_in_the_order_given() -> None:
    """A ledger has rules by id, knows what it does not have, and keeps their order."""
    ledger = Ledger([TWO, ONE])
    assert list(ledger) == [TWO, ONE]
    assert len(ledger) == 2
    assert ledger["one.status"] is ONE
    assert "one.status" in ledger
    assert "no.status" not in ledger
    with pytest.raises(KeyError):
        ledger["no.status"]


def test_ledger_refuses_an_id_twice() -> None:
    """Two rules with one id are a mistake, also where they are equal; the message names the id."""
    with pytest.raises(ValueError, match=r"one\.status"):
        Ledger([ONE, TWO, ONE])


def test_common_rules_are_those_of_the_description() -> None:
    """Each rule across all operations has the status and the basis that the description of the API gives it."""
    assert {rule.id: (rule.statuses, rule.basis) for rule in (*common.RULES, *rules.RULES)} == ACROSS


@pytest.mark.parametrize("rule", PLANE.ledger, ids=lambda rule: rule.id)
def test_every_rule_is_complete(rule: Rule) -> None:
    """A rule has an id of two words at most, and a clause one more; whole sentences, a source, known statuses; and a
    kind exactly if it can refuse with 400."""
    assert re.fullmatch(r"[a-z]+(\.[a-z]+(-[a-z]+)*)?(/[a-z]+(-[a-z]+)*)?", rule.id)
    assert rule.sentence.endswith(".")
    assert rule.source
    assert set(rule.statuses) <= {400, 401, 403, 404, 405, 408, 409, 413, 431, 500, 502, 503, 507}
    assert (rule.kind is not None) == (400 in rule.statuses)
