"""What guards a connection: what it does if its client is late, sends what is not a request, or the server ends."""

from enum import Enum
from typing import Final, NamedTuple

__all__ = ["GUARDS", "Guard", "Stage", "Step"]


class Stage(Enum):
    """How far a connection is with the last request of which anything has arrived."""

    NEW = "nothing has arrived"
    HEAD = "part of a head has arrived, behind nothing or a response"
    BODY = "the head is complete, the body is not"
    BEGUN = "the body is not complete, but the response has begun"
    REST = "the body is not complete, but the response is"
    WHOLE = "the request is complete, the response is not"
    IDLE = "the request and its response are complete"


class Step(Enum):
    """What a connection does because of its last request."""

    WAIT = "wait"
    CLOSE = "close"
    FINISH = "close after the response"
    REFUSE = "refuse it, and close"
    """In its turn; a response that has begun is cut off instead."""
    FOLLOW = "refuse it after the response, and close"


class Guard(NamedTuple):
    """What guards a connection at a stage."""

    late: Step
    """If the client takes too long to send the rest."""
    unread: Step
    """If what arrives is not a request, or is too long."""
    ending: Step
    """When the server begins to shut down."""
    ended: Step
    """When the time that requests in flight have then is over."""


GUARDS: Final = {
    #                  late         unread       ending       ended
    Stage.NEW: Guard(Step.CLOSE, Step.REFUSE, Step.CLOSE, Step.CLOSE),
    Stage.HEAD: Guard(Step.REFUSE, Step.REFUSE, Step.CLOSE, Step.CLOSE),
    Stage.BODY: Guard(Step.REFUSE, Step.REFUSE, Step.FINISH, Step.REFUSE),
    Stage.BEGUN: Guard(Step.WAIT, Step.FINISH, Step.FINISH, Step.CLOSE),
    Stage.REST: Guard(Step.CLOSE, Step.CLOSE, Step.CLOSE, Step.CLOSE),
    Stage.WHOLE: Guard(Step.WAIT, Step.FOLLOW, Step.FINISH, Step.REFUSE),
    Stage.IDLE: Guard(Step.WAIT, Step.REFUSE, Step.CLOSE, Step.CLOSE),
}
