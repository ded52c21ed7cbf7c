"""The records of a world, as people look at them: in tables, and one by one with everything that belongs to it."""

from collections.abc import Mapping
from functools import cache
from itertools import islice
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import UNSET

from aniva_sandbox.engine.contract.derived import described, list_of, make_struct, optional
from aniva_sandbox.engine.contract.operations import Attachment, Call, NoBody, Operation, operation
from aniva_sandbox.engine.contract.outcomes import ANY_TYPE
from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.contract.schemas import CLOSED, field
from aniva_sandbox.engine.control.events import event_view, event_view_type
from aniva_sandbox.engine.control.names import WORLD_UNKNOWN, WorldName, find_world
from aniva_sandbox.engine.control.record_kinds import RECORD_QUERY, Kind, page_of
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.agenda import Happened
from aniva_sandbox.engine.world.domain import Domain
from aniva_sandbox.engine.world.limits import MAX_NUMBER
from aniva_sandbox.engine.world.sections import Section
from aniva_sandbox.engine.world.showing import (
    Measurement,
    RecordFact,
    RecordFile,
    RelatedRecord,
)
from aniva_sandbox.engine.world.state import World

__all__ = ["MOST_RELATED", "RULES", "TAG", "record_operations"]

TAG: Final = "Records"
MOST_RELATED: Final = 100
"""The number of related records that are listed."""

# Rules

RECORD_UNKNOWN = Rule(
    id="record.unknown",
    sentence="The record must exist in the section, and have a file if its file is requested.",
    basis="sandbox",
    source=SOURCE,
    statuses=(404,),
)
RULES = (RECORD_UNKNOWN, RECORD_QUERY)

# Wire types

By = Literal["client", "API's side"]


class SectionCount(msgspec.Struct, frozen=True):
    """A section, and the number of its records."""

    name: str
    title: str
    count: int


class RecordRow(msgspec.Struct, frozen=True):
    """A record in a table."""

    id: str
    state: Annotated[str | None, field("Null if its section has no states.")]
    cells: Annotated[list[str | None], field("Its text in each column.")]


class RecordsView(msgspec.Struct, frozen=True):
    """A page of the records of a section, and what else there is."""

    section: str
    total: Annotated[int, field("Number of records on all pages.")]
    offset: int
    columns: Annotated[list[str], field("The titles of the columns, besides those of the id and the state.")]
    states: Annotated[list[str], field("All states that its records can have; empty if it has no states.")]
    records: list[RecordRow]
    sections: list[SectionCount]


class MoveView(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """A move of a state machine."""

    move: str
    from_: str
    to: str
    by: By


class OpenMove(msgspec.Struct, frozen=True):
    """A move that is possible now, for a client with access to the record."""

    move: str
    to: str
    by: By
    event: Annotated[str | None, field("The type of event that makes it; null if clients do.")]
    operation: Annotated[str | None, field("The operationId of what makes it; null if an event does.")]


class RecordState(msgspec.Struct, frozen=True):
    """The state of a record, and the state machine of its section. Without a state machine there are no moves."""

    now: str
    states: list[str]
    moves: list[MoveView]
    open: list[OpenMove]


@cache
def _record_type(domain: Domain) -> Any:
    types = Annotated[str, field(extra={"enum": list(domain.events)})] if domain.events else str
    return make_struct(
        "RecordView",
        [
            ("section", _section_name(domain)),
            ("id", str),
            ("name", Annotated[str, field("What it is, in words.")]),
            ("fields", Annotated[dict[str, Any], field("The record as the API returns it.")]),
            ("state", described(RecordState | None, "Null if its section has no states.")),
            ("facts", described(list[RecordFact], "What its fields do not show.")),
            ("related", described(list[RelatedRecord], f"The records that it has to do with; at most {MOST_RELATED}.")),
            ("more_related", Annotated[bool, field("Whether there are more related records than are listed.")]),
            ("history", described(list_of(event_view_type(domain)), "What happened to it, oldest first.")),
            ("agenda", described(list_of(event_view_type(domain)), "What will happen to it, soonest first.")),
            ("event_types", described(list_of(types), "The types of events that can be about it, in some state.")),
            ("measurements", list[Measurement]),
            ("files", list[RecordFile]),
        ],
        "A record, and everything that belongs to it.",
    )


def _section_name(domain: Domain) -> Any:
    return Annotated[str, field("The section.", extra={"enum": [section.name for section in domain.keyed]})]


@cache
def _list_query(domain: Domain) -> Any:
    section = _section_name(domain)
    first = described(section, "The section; the first one by default.")
    return make_struct(
        "RecordsQuery",
        [
            ("section", *optional(first)),
            (
                "search",
                *optional(
                    Annotated[
                        str,
                        field(
                            "Records that have all of these words in their id or cells, in any case.", max_length=200
                        ),
                    ]
                ),
            ),
            ("state", *optional(Annotated[str, field("Records in this state.")])),
            (
                "sort",
                *optional(
                    Annotated[
                        str,
                        field(
                            "The title of a column, `id` or `state`; with `-` before it, in descending order.",
                            examples=["-id"],
                        ),
                    ]
                ),
            ),
            ("offset", Annotated[int, field("Number of records to skip.", ge=0, le=MAX_NUMBER)], 0),
            ("limit", Annotated[int, field("Maximum number of records to return.", ge=1, le=200)], 50),
        ],
        "Which records to list.",
    )


@cache
def _record_query(domain: Domain) -> Any:
    section, id = _section_name(domain), Annotated[str, field("The record's id in its section.")]
    shown = next((each for each in domain.keyed if each.example), None)
    if shown is not None:
        section = Annotated[section, field(examples=[shown.name])]
        id = Annotated[id, field(examples=[shown.example])]
    return make_struct(
        "RecordQuery",
        [("section", section), ("id", id)],
        "Which record to return.",
        CLOSED,
    )


# Operations


def record_operations(domain: Domain) -> tuple[Operation[Worlds], ...]:
    """The operations on the records of worlds of this domain."""
    view = _record_type(domain)
    sections = {section.name: section for section in domain.keyed}

    def list_records(worlds: Worlds, call: Call[Any, NoBody]) -> RecordsView:
        """List the records of a section

        Cells are texts for people. The records are those after all events that are due.
        """
        world, query = find_world(worlds, call.id), call.query
        name = next(iter(domain.shown)) if query.section is UNSET else query.section
        kind = Kind.of(domain, sections[name])
        total, records = page_of(world, kind, query)
        return RecordsView(
            section=name,
            total=total,
            offset=query.offset,
            columns=[column.title for column in kind.shown.columns],
            states=list(kind.states),
            records=[
                RecordRow(
                    kind.id(record),
                    kind.state(world, record),
                    [column.text(world, record) for column in kind.shown.columns],
                )
                for record in records
            ],
            sections=[
                SectionCount(name, shown.title, len(getattr(world, name))) for name, shown in domain.shown.items()
            ],
        )

    def get_record(worlds: Worlds, call: Call[Any, NoBody]) -> Any:
        """Get a record with everything that belongs to it

        Reading a record changes nothing in the world, except that the events happen that are due.
        """
        world = find_world(worlds, call.id)
        kind, record = _find(world, sections, call.query)
        shown, id = kind.shown, kind.id(record)
        related = list(islice(shown.related(world, record), MOST_RELATED + 1))
        return view(
            section=kind.section.name,
            id=id,
            name=shown.name(world, record),
            fields=msgspec.to_builtins(shown.fields(world, record)),
            state=_state(kind, world, record),
            facts=list(shown.facts(world, record)),
            related=related[:MOST_RELATED],
            more_related=len(related) > MOST_RELATED,
            history=[event_view(domain, each) for each in world.history if kind.concerns(each.event, id)],
            agenda=[
                event_view(domain, Happened(due, event), number)
                for number, due, event in world.agenda.of(id)
                if kind.concerns(event, id)
            ],
            event_types=list(kind.event_types),
            measurements=list(shown.measurements(world, record)),
            files=list(shown.files(world, record)),
        )

    def get_record_file(worlds: Worlds, call: Call[Any, NoBody]) -> Attachment:
        """Download the file of a record"""
        world = find_world(worlds, call.id)
        kind, record = _find(world, sections, call.query)
        if kind.shown.read_file is None:
            RECORD_UNKNOWN.refuse("The record has no file")
        return kind.shown.read_file(world, record)

    named = _record_query(domain)
    return (
        _declared(list_records, "/worlds/{world}/records", _list_query(domain), refuses=(RECORD_QUERY,)),
        _declared(get_record, "/worlds/{world}/record", named, returns=view, refuses=(RECORD_UNKNOWN,)),
        _declared(
            get_record_file, "/worlds/{world}/record/file", named, refuses=(RECORD_UNKNOWN,), media_type=ANY_TYPE
        ),
    )


def _declared(run: Any, path: str, query: Any, *, refuses: tuple[Rule, ...], **options: Any) -> Operation[Worlds]:
    """An operation on records, whose query depends on the domain."""
    declared = operation("GET", path, tag=TAG, path_id=WorldName, refuses=(WORLD_UNKNOWN, *refuses), **options)(run)
    return msgspec.structs.replace(declared, query=query)


def _find(world: World, sections: Mapping[str, Section], query: Any) -> tuple[Kind, Any]:
    kind = Kind.of(world.domain, sections[query.section])
    record = getattr(world, query.section).get(query.id)
    if record is None:
        RECORD_UNKNOWN.refuse(f"There is no such {kind.section.noun or 'record'}")
    return kind, record


def _state(kind: Kind, world: World, record: Any) -> RecordState | None:
    now, machine = kind.state(world, record), kind.machine
    if now is None:
        return None
    if machine is None:
        return RecordState(now, list(kind.states), [], [])
    events = {move: type for type, move in kind.event_types.items() if move}
    closed = frozenset(kind.shown.closed(world, record))
    by: dict[str, By] = {move: "client" if move in machine.clients else "API's side" for move in machine.moves}
    return RecordState(
        now,
        list(machine.states),
        [MoveView(move, state, to, by[move]) for (state, move), to in machine.table.items()],
        [
            OpenMove(move, to, by[move], events.get(move), machine.clients.get(move))
            for (state, move), to in machine.table.items()
            if state == now and move not in closed
        ],
    )
