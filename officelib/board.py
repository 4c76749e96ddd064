"""What a lobby display shows: a fold of the log that keeps calls and nothing else."""

from dataclasses import dataclass

import msgspec

from officelib.events import (
    LogEntry,
    NoShow,
    ServiceFinished,
    ServiceStarted,
    TicketCalled,
    TicketParked,
    TicketReferred,
    TicketTransferred,
    VisitWentOn,
)

KEPT_CALLS = 48
"""Enough for a screen that shows a few counters of a large office."""


class Call(msgspec.Struct, frozen=True, omit_defaults=True):
    """A ticket asked to a counter. `answered` once the citizen came, or will not come."""

    id: str
    ticket: str
    labels: tuple[str, ...]
    counter: str
    at_ms: int
    language: str
    answered: bool = False
    recall: bool = False


class BoardSnapshot(msgspec.Struct, frozen=True):
    """The board after entry `n` of epoch `ep`; calls newest first."""

    ep: int
    n: int
    at_ms: int
    calls: tuple[Call, ...]


@dataclass(frozen=True)
class Board:
    """Calls, newest first: at most one of each ticket."""

    calls: tuple[Call, ...] = ()

    def after(self, entry: LogEntry) -> "Board":
        """The board after one more entry of the log."""
        body = entry.body
        match body:
            case TicketCalled():
                call = Call(
                    entry.call_id,
                    body.ticket,
                    body.labels,
                    body.counter_name,
                    entry.at_ms,
                    body.language,
                    recall=body.recall,
                )
                others = tuple(c for c in self.calls if c.ticket != body.ticket)
                return Board((call, *others)[:KEPT_CALLS])
            case (
                ServiceStarted()
                | ServiceFinished()
                | NoShow()
                | TicketParked()
                | TicketTransferred()
                | TicketReferred()
                | VisitWentOn()
            ):
                return Board(tuple(_answered(c) if c.ticket == body.ticket else c for c in self.calls))
            case _:
                return self


def _answered(call: Call) -> Call:
    return call if call.answered else msgspec.structs.replace(call, answered=True)
