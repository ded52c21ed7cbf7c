"""The examples of refusals in the reference: made by the sandbox, one for each rule that can refuse an operation."""

from aniva_sandbox.api.domain import DOMAIN
from tests.api.make_refused_calls import FILE, WITHOUT, make, told
from tests.support import CONTROL, PARTNER


def test_they_are_what_the_sandbox_responds() -> None:
    """The file is what its maker makes: `python -m tests.api.make_refused_calls --write`."""
    assert FILE.read_text(encoding="utf-8") == make()


def test_every_rule_has_one() -> None:
    """Every rule that a response of a document lists, in the order of the ledgers; what has none is of these rules."""
    rules = [rule for rule in told(PARTNER) | told(CONTROL) if rule not in WITHOUT]
    assert list(DOMAIN.refused()) == rules
    assert WITHOUT.keys() <= (told(PARTNER) | told(CONTROL)).keys()


def test_each_is_refused_by_its_rule() -> None:
    """Its response names the rule first, with a status that the rule has."""
    ledger = CONTROL.ledger
    for id, call in DOMAIN.refused().items():
        assert call.rules.partition(";")[0] == id
        assert call.status in ledger[id].statuses
