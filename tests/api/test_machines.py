"""The state machines that the domain declares to the engine."""

import pytest

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.engine.world.machines import Machine


@pytest.mark.parametrize("machine", [pytest.param(machine, id=machine.noun) for machine in DOMAIN.machines])
def test_a_machine_is_whole(machine: Machine) -> None:
    """Its table knows no state or move that is not declared; the moves that are not the clients' are events of its
    section, each by one."""
    assert {state for state, _ in machine.table} | set(machine.table.values()) <= set(machine.states)
    assert {move for _, move in machine.table} == set(machine.moves)
    (section,) = (section for section in DOMAIN.sections if section.noun == machine.noun)
    events = [event.move for event in DOMAIN.events.values() if event.move and event.section == section.name]
    assert sorted(events) == sorted(set(machine.moves) - machine.clients.keys())


def test_only_records_with_a_machine_are_moved() -> None:
    """An event that names a move is about a record of a section with a machine."""
    nouns = {machine.noun for machine in DOMAIN.machines}
    named = {section.name for section in DOMAIN.sections if section.noun in nouns}
    assert {event.section for event in DOMAIN.events.values() if event.move} == named
