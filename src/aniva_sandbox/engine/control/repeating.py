"""Sending a call of the journal again."""

from typing import Annotated, Any, ClassVar

import msgspec

from aniva_sandbox.engine.contract.operations import Call, NoQuery, operation
from aniva_sandbox.engine.contract.requests import Request
from aniva_sandbox.engine.contract.rules import SOURCE, Rule
from aniva_sandbox.engine.contract.schemas import CLOSED, field
from aniva_sandbox.engine.control.names import WORLD_UNKNOWN, WorldName, get_world
from aniva_sandbox.engine.evidence.journal import why_not_whole
from aniva_sandbox.engine.store.memory import Worlds
from aniva_sandbox.engine.world.keys import write_key
from aniva_sandbox.engine.world.limits import MAX_NUMBER

__all__ = ["JOURNAL_UNKNOWN", "RULES", "TAG", "Repeated", "repeat_call"]

TAG = "Journal"

JOURNAL_UNKNOWN = Rule(
    id="journal.unknown",
    sentence="An exchange can be used only while the journal has it.",
    basis="sandbox",
    source=SOURCE,
    statuses=(404,),
)
JOURNAL_REPEAT = Rule(
    id="journal.repeat",
    sentence="A call can be repeated only if the journal kept its request whole, and the world still has its persona.",
    basis="sandbox",
    source=SOURCE,
    statuses=(409,),
)

RULES = (JOURNAL_UNKNOWN, JOURNAL_REPEAT)


class RepeatCall(msgspec.Struct, frozen=True):
    """The call to send again."""

    SCHEMA: ClassVar[dict[str, Any]] = CLOSED

    number: Annotated[int, field("The number of its exchange.", ge=1, le=MAX_NUMBER)]


class Repeated(msgspec.Struct, frozen=True):
    """A call that was sent again."""

    number: Annotated[int, field("The number of the new exchange.")]


@operation(
    "POST",
    "/worlds/{world}/journal/repeat",
    tag=TAG,
    path_id=WorldName,
    refuses=(WORLD_UNKNOWN, JOURNAL_UNKNOWN, JOURNAL_REPEAT),
    example={"number": 1},
)
def repeat_call(worlds: Worlds, call: Call[NoQuery, RepeatCall]) -> Repeated:
    """Send the request of an exchange again

    It meets the world as it is now, and is recorded as any call. A fault that fires on it is recorded too, but nothing
    is delayed, cut off or dropped. Headers other than the key and the content type are not sent.
    """
    world, number = get_world(worlds, call.id), call.body.number
    exchange = next((each for each in world.journal if each.number == number), None)
    if exchange is None:
        JOURNAL_UNKNOWN.refuse(f"The journal has no exchange {number}")
    reason = why_not_whole(exchange)
    if reason:
        JOURNAL_REPEAT.refuse(f"The request cannot be sent again: {reason}")
    persona = exchange.trace.persona
    if persona not in world.personas:
        JOURNAL_REPEAT.refuse(f"The world no longer has the persona {persona}")
    if worlds.send is None:
        raise RuntimeError("no app serves the API of these worlds")
    sent = exchange.request
    key = write_key(world.name, persona)
    before = world.journal.recorded
    worlds.send(Request(sent.method, sent.path, sent.query.encode("latin-1"), key, sent.type, sent.body))
    if world.journal.recorded == before:  # only a call for which there is no memory is not recorded
        raise MemoryError
    return Repeated(world.journal.recorded)
