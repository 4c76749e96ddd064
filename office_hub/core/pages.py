"""What a ticket's page on a phone says. Pure: from the office and its catalogue, without a name of anybody."""

from dataclasses import dataclass
from typing import Literal

from office_hub.core.views import wait_of
from officelib.catalogue import Catalogue
from officelib.office import Office, State, Ticket

PageAction = Literal["coming", "leave", "rate-1", "rate-2", "rate-3", "rate-4"]
"""On the way back; leaves the queue; was served badly to well."""
PageState = Literal["waiting", "called", "serving", "missed", "over", "left", "elsewhere"]
STATES: dict[State, PageState] = {
    State.NUMBERED: "waiting",
    State.WAITING: "waiting",
    State.PARKED: "waiting",
    State.CALLED: "called",
    State.SERVING: "serving",
    State.NO_SHOW: "missed",
    State.FINISHED: "over",
    State.VOID: "left",
    State.REFERRED: "elsewhere",
}


@dataclass(frozen=True)
class TicketPage:
    """How a ticket stands.

    Attributes:
        label: Its number.
        state: Where it is in its life.
        service: What it is for.
        calls: How often it was called.
        counter: The name of the counter that called it.
        ahead: People before it, where it waits for anybody's call.
        spread_min: The least and the most minutes until it is called; None when nobody knows.
        then: Services of the same visit that follow.
    """

    label: str
    state: PageState
    service: str
    calls: int = 0
    counter: str = ""
    ahead: int | None = None
    spread_min: tuple[int, int] | None = None
    then: tuple[str, ...] = ()


def page_of(office: Office, catalogue: Catalogue, ticket: Ticket, label: str) -> TicketPage:
    """A ticket's page; `label` is the number on the paper, of those that it may have."""
    state = STATES[ticket.state]
    counter = catalogue.counters.get(ticket.counter)
    name = counter.name if counter else ticket.counter
    if state == "waiting" and ticket.state is State.WAITING and not ticket.counter:
        ahead, _, spread = wait_of(office, catalogue, ticket.service, ticket.key)
        return TicketPage(label, state, ticket.service, ticket.calls, "", ahead, spread, ticket.then)
    shown = name if state in ("called", "serving") else ""
    return TicketPage(label, state, ticket.service, ticket.calls, shown, then=ticket.then)
