"""What others see of an office: kiosks the queues, displays the board, clerks everything they act on."""

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from types import MappingProxyType
from typing import Literal

import msgspec

from office_hub.core.helpdesk import HelpView
from office_hub.core.referring import Elsewhere
from officelib.board import BoardSnapshot
from officelib.booking import short_code
from officelib.catalogue import Catalogue, text_in
from officelib.events import Kind
from officelib.inbound import OtherOffice, PaperAnswered, Result, ServiceState, ServicesView, WantDenied, WantGranted
from officelib.office import AT_COUNTER, Office, State, Ticket
from officelib.order import QueueKey
from officelib.waiting import UNMEASURED, estimate_min, spread_min

HOUR_MS = 3_600_000
LISTED_TICKETS = 60
"""Waiting tickets that a console lists; the counts tell of the rest."""


PaperState = Literal["waiting", "called", "over", "left", "unknown"]
PAPER_STATES: dict[State, PaperState] = {
    State.NUMBERED: "waiting",
    State.WAITING: "waiting",
    State.PARKED: "waiting",
    State.CALLED: "called",
    State.SERVING: "called",
    State.FINISHED: "over",
    State.VOID: "left",
}


class TicketView(msgspec.Struct, frozen=True):
    """A ticket as a clerk sees it. `rev` goes back with a transfer; `code` is for the office that it was sent to.

    `then` are the names of the services of the same visit that follow. `coming`: on the way, by its page.
    """

    id: str
    rev: int
    label: str
    also: tuple[str, ...]
    service: str
    service_name: str
    kind: Kind
    state: State
    since_ms: int
    arrived_ms: int
    arrival_err_ms: int
    slot_ms: int
    priority: bool
    flag: str
    calls: int
    counter: str
    language: str
    code: str = ""
    persons: int = 1
    then: tuple[str, ...] = ()
    coming: bool = False


class CounterView(msgspec.Struct, frozen=True):
    """A counter, who sits there, and the ticket at it."""

    id: str
    name: str
    clerk: str
    services: tuple[str, ...]
    ticket: TicketView | None


class ServiceCount(msgspec.Struct, frozen=True):
    """How many wait for a service."""

    id: str
    name: str
    waiting: int
    wait_min: int | None


class ConsoleView(msgspec.Struct, frozen=True):
    """What every console shows, after entry `n`."""

    n: int
    at_ms: int
    day: str
    office: str
    doors_closed: bool
    waiting: tuple[TicketView, ...]
    waiting_total: int
    set_aside: tuple[TicketView, ...]
    counters: tuple[CounterView, ...]
    services: tuple[ServiceCount, ...]
    devices: dict[str, bool]
    broker_on: bool
    helps: tuple[HelpView, ...] = ()


def services_view(
    office: Office,
    catalogue: Catalogue,
    epoch: int,
    now_ms: int,
    elsewhere: Sequence[Elsewhere] = (),
    free: Mapping[str, tuple[int, ...]] = MappingProxyType({}),
) -> ServicesView:
    """How busy each service is, here and in the city's `elsewhere`; `free` are times for bookings, by service."""
    full = full_until_ms(office, catalogue, now_ms)
    states = {
        service: ServiceState(
            office.persons(service),
            *_wait(office, catalogue, service, None),
            full.get(service, 0),
            free.get(service, ()),
        )
        for service in catalogue.services
    }
    others = tuple(OtherOffice(one.name, one.waits_min) for one in elsewhere if one.waits_min)
    return ServicesView(epoch, office.n, now_ms, office.day, office.doors_closed, states, office.most_asked(), others)


def full_until_ms(office: Office, catalogue: Catalogue, now_ms: int) -> dict[str, int]:
    """Services that have had as many walk-ins in this hour of the clock as they may, and when the next one begins."""
    limited = {service.id: service.per_hour for service in catalogue.service if service.per_hour}
    if not limited:
        return {}
    hour = catalogue.local(now_ms).replace(minute=0, second=0, microsecond=0)
    since_ms = int(hour.timestamp() * 1000)
    came = Counter(
        ticket.service
        for ticket in office.tickets.values()
        if ticket.kind == "walk_in" and ticket.state is not State.VOID and ticket.arrived_ms >= since_ms
    )
    again_ms = since_ms + HOUR_MS
    if not catalogue.is_open(again_ms):
        again_ms = catalogue.opens_ms(again_ms) or again_ms
    return {service: again_ms for service, most in limited.items() if came[service] >= most}


def board_snapshot(office: Office, epoch: int, now_ms: int) -> BoardSnapshot:
    """The lobby display's board."""
    return BoardSnapshot(epoch, office.n, now_ms, office.board.calls)


def want_result(office: Office, catalogue: Catalogue, seq: int, want: str) -> Result | None:
    """The answer to a want; the same however often it is asked."""
    refused = office.refused.get(want)
    if refused is not None:
        other = office.tickets.get(refused.ticket)
        service = other.service if other else refused.service
        return WantDenied(seq, refused.reason, refused.label, service, refused.at_ms)
    ticket = office.tickets.get(want)
    if ticket is None or ticket.issued_by != "hub" or ticket.state is State.VOID:
        return None
    ahead, wait_min, spread = wait_of(office, catalogue, ticket.service, ticket.key)
    return WantGranted(
        seq, ticket.label, ticket.service, ahead, wait_min, ticket.slot_ms, spread, ticket.persons, ticket.then
    )


def paper_result(office: Office, catalogue: Catalogue, seq: int, ticket: Ticket | None, label: str) -> Result | None:
    """How the ticket of a paper with this label stands; of one that was sent to another office nothing is said."""
    if ticket is None:
        return PaperAnswered(seq)
    if ticket.state not in PAPER_STATES:
        return None
    answered = PaperAnswered(seq, label, PAPER_STATES[ticket.state], service=ticket.service, then=ticket.then)
    if ticket.state in AT_COUNTER:
        counter = catalogue.counters.get(ticket.counter)
        return msgspec.structs.replace(answered, counter=counter.name if counter else ticket.counter)
    if ticket.state is not State.WAITING:
        return answered
    ahead, wait_min, spread = wait_of(office, catalogue, ticket.service, ticket.key)
    return msgspec.structs.replace(answered, ahead=ahead, wait_min=wait_min, spread_min=spread)


def console_view(
    office: Office,
    catalogue: Catalogue,
    devices: dict[str, bool],
    now_ms: int,
    *,
    broker_on: bool,
    helps: tuple[HelpView, ...] = (),
    coming: AbstractSet[str] = frozenset(),
) -> ConsoleView:
    """What clerks see."""
    first = islice(heapq.merge(*office.queues.values()), LISTED_TICKETS)
    set_aside = [t for t in office.tickets.values() if t.state in (State.PARKED, State.NO_SHOW, State.REFERRED)]
    codes = {sent.ticket: short_code(ref) for ref, sent in office.referred.items()}
    set_aside.sort(key=lambda ticket: -ticket.since_ms)
    counters = []
    for counter in catalogue.counter:
        ticket = office.tickets.get(office.at_counter.get(counter.id, ""))
        shown = _ticket(catalogue, ticket, coming) if ticket else None
        counters.append(
            CounterView(counter.id, counter.name, office.clerks.get(counter.id, ""), counter.services, shown)
        )
    return ConsoleView(
        n=office.n,
        at_ms=now_ms,
        day=office.day,
        office=text_in(catalogue.office.name, catalogue.language),
        doors_closed=office.doors_closed,
        waiting=tuple(_ticket(catalogue, office.tickets[ticket], coming) for _, ticket in first),
        waiting_total=sum(len(queue) for queue in office.queues.values()),
        set_aside=tuple(
            msgspec.structs.replace(_ticket(catalogue, ticket, coming), code=codes.get(ticket.id, ""))
            for ticket in set_aside[:LISTED_TICKETS]
        ),
        counters=tuple(counters),
        services=tuple(
            ServiceCount(
                service.id,
                text_in(service.name, catalogue.language),
                office.persons(service.id),
                _wait(office, catalogue, service.id, None)[0],
            )
            for service in catalogue.service
        ),
        devices=devices,
        broker_on=broker_on,
        helps=helps,
    )


def _ticket(catalogue: Catalogue, ticket: Ticket, coming: AbstractSet[str]) -> TicketView:
    service = catalogue.services.get(ticket.service)
    return TicketView(
        id=ticket.id,
        rev=ticket.rev,
        label=ticket.label,
        also=ticket.labels[1:],
        service=ticket.service,
        service_name=text_in(service.name, catalogue.language) if service else ticket.service,
        kind=ticket.kind,
        state=ticket.state,
        since_ms=ticket.since_ms,
        arrived_ms=ticket.arrived_ms,
        arrival_err_ms=ticket.stands.err_ms,
        slot_ms=ticket.slot_ms,
        priority=ticket.priority,
        flag=ticket.flag,
        calls=ticket.calls,
        counter=ticket.counter,
        language=ticket.language,
        persons=ticket.persons,
        then=tuple(
            text_in(catalogue.services[one].name, catalogue.language)
            for one in ticket.then
            if one in catalogue.services
        ),
        coming=ticket.id in coming,
    )


def _shared(office: Office, catalogue: Catalogue, service: str) -> tuple[list[str], int]:
    """Services that stand before the same counters as this one, and how many of those are open."""
    counters = [c for c in catalogue.counter if service in c.services]
    opened = [c for c in counters if c.id in office.clerks]
    names = {name for counter in (opened or counters) for name in counter.services} | {service}
    return sorted(names), len(opened)


def wait_of(
    office: Office, catalogue: Catalogue, service: str, key: QueueKey
) -> tuple[int, int | None, tuple[int, int] | None]:
    """People before a place in a queue, the minutes until it is called, and the least and the most of them."""
    return _ahead(office, catalogue, service, key), *_wait(office, catalogue, service, key)


def _ahead(office: Office, catalogue: Catalogue, service: str, key: QueueKey) -> int:
    services, _ = _shared(office, catalogue, service)
    return sum(office.persons(s, key) for s in services)


def _wait(
    office: Office, catalogue: Catalogue, service: str, key: QueueKey | None
) -> tuple[int | None, tuple[int, int] | None]:
    """Minutes until a ticket is called: as a mean, and from the least to the most."""
    services, opened = _shared(office, catalogue, service)
    ahead = {s: office.persons(s, key) for s in services}
    total = sum(ahead.values())
    if total == 0:
        return estimate_min(0, 0, opened), spread_min(0, 0, 0, opened)
    spent = sum(
        count * office.minutes.get(s, catalogue.services[s].minutes)
        for s, count in ahead.items()
        if s in catalogue.services
    )
    off = sum(
        count * office.deviations.get(s, UNMEASURED * catalogue.services[s].minutes)
        for s, count in ahead.items()
        if s in catalogue.services
    )
    return estimate_min(total, spent / total, opened), spread_min(total, spent / total, off / total, opened)
