"""Fields of entries that are taken as they were written."""

from typing import get_type_hints

import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.world.entries import fields_of, template_of
from aniva_sandbox.engine.world.sections import Section


@pytest.mark.parametrize("section", DOMAIN.sections, ids=lambda section: section.name)
def test_what_does_not_wait_is_taken_as_it_is(section: Section) -> None:
    """Of a field that is left out of the work, whatever value it has, nothing else would be made."""

    def fail(_path: object, message: str) -> None:
        raise AssertionError(message)

    hints = get_type_hints(section.record, include_extras=True)
    fields = fields_of(section.record)
    assert list(fields) == [name for name in hints if name in section.record.__struct_fields__]
    for name, waiting in fields.items():
        assert waiting is None or waiting == hints[name]
        if waiting is None:
            for value in (object(), None, "2026-01-01", 5, True):
                assert template_of(value, hints[name], (name,), fail) is value


def test_some_wait() -> None:
    """Instants, days and parts of records do."""
    found = {section.name: fields_of(section.record) for section in DOMAIN.sections}
    assert found["appointments"]["scheduled_at"] is not None
    assert found["profiles"]["date_of_birth"] is not None
    assert found["appointments"]["status"] is None
