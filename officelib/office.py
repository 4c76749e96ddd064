"""An office as it stands: the fold of its log for one business day."""

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import assert_never

from officelib import events as e
from officelib.arrival import Arrival
from officelib.board import Board
from officelib.ids import EventId, parse_label
from officelib.numbering import Ceiling, Numbers
from officelib.order import Queue, QueueKey
from officelib.waiting import UNMEASURED, smoothed_deviation, smoothed_minutes


class State(StrEnum):
    """Where a ticket is."""

    NUMBERED = "numbered"
    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    PARKED = "parked"
    FINISHED = "finished"
    REFERRED = "referred"
    NO_SHOW = "no_show"
    VOID = "void"


LIVE = frozenset({State.NUMBERED, State.WAITING, State.CALLED, State.SERVING, State.PARKED})
OVER = frozenset({State.FINISHED, State.REFERRED})
"""Served, here or for the rest elsewhere."""
ASKED_KEPT = 0.9
"""Of how often a service was asked for, from one business day to the next: two weeks count."""
ASKED_LEAST = 0.05
AT_COUNTER = frozenset({State.CALLED, State.SERVING})


@dataclass(frozen=True, slots=True)
class Ticket:
    """One place in the queue. `labels` holds the printed ones, the oldest first; `rev` counts its changes."""

    id: str
    service: str
    labels: tuple[str, ...]
    kind: e.Kind
    language: str
    issued_by: str
    stands: e.Stands
    booking: str
    slot_ms: int
    priority: bool
    flag: str
    arrived_ms: int
    state: State
    since_ms: int
    counter: str = ""
    calls: int = 0
    printed: str = ""
    rev: int = 0
    persons: int = 1
    then: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return self.labels[0]

    @property
    def key(self) -> QueueKey:
        return QueueKey(*self.stands_key)

    @property
    def stands_key(self) -> tuple[int, int, str, int]:
        stands = self.stands
        return (stands.band, stands.arrival_ms, stands.device, stands.seq)


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What the hub knows of a device: its newest incarnation, that journal's own id, its lane's slot, and the entry."""

    inc: int
    journal: str
    slot: int
    n: int = 0


@dataclass(slots=True)
class Turns:
    """When the tickets of one journal came: (seq, hub time), in the journal's order; `known` holds no guesses."""

    all: list[tuple[int, int]] = field(default_factory=list)
    known: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class Office:
    """The state of one office. Changed by `apply` alone, one entry of the log after the other."""

    day: str = ""
    n: int = 0
    doors_closed: bool = False
    tickets: dict[str, Ticket] = field(default_factory=dict)
    by_label: dict[str, str] = field(default_factory=dict)
    by_booking: dict[str, str] = field(default_factory=dict)
    refused: dict[str, e.WantRefused] = field(default_factory=dict)
    booked: dict[str, e.BookingMade] = field(default_factory=dict)
    noted: dict[str, e.PaperNoted] = field(default_factory=dict)
    turns: dict[tuple[str, int], "Turns"] = field(default_factory=dict)
    referred: dict[str, e.TicketReferred] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    clerks: dict[str, str] = field(default_factory=dict)
    at_counter: dict[str, str] = field(default_factory=dict)
    devices: dict[str, DeviceState] = field(default_factory=dict)
    slots_used: set[int] = field(default_factory=set)
    numbers: Numbers = field(default_factory=Numbers)
    minutes: dict[str, float] = field(default_factory=dict)
    deviations: dict[str, float] = field(default_factory=dict)
    asked: dict[str, float] = field(default_factory=dict)
    parties: set[str] = field(default_factory=set)
    board: Board = field(default_factory=Board)
    standby: str = ""
    restored_day: str = ""

    def next_day(self, day: str) -> e.DayOpened:
        """What opens a business day: it carries what this one has learned."""
        asked = {service: round(count * ASKED_KEPT, 3) for service, count in self.asked.items()}
        minutes = {service: round(mean, 3) for service, mean in self.minutes.items()}
        deviations = {service: round(deviation, 3) for service, deviation in self.deviations.items()}
        asked = {service: count for service, count in asked.items() if count >= ASKED_LEAST}
        return e.DayOpened(day, self.standby, minutes, asked, deviations)

    def most_asked(self) -> tuple[str, ...]:
        """Services that were asked for of late, the most asked for first."""
        return tuple(sorted(self.asked, key=lambda service: (-self.asked[service], service)))

    def queue(self, service: str, counter: str = "") -> Queue:
        """Who waits for a service, or for one counter alone."""
        return self.queues.setdefault(f"counter:{counter}" if counter else service, Queue())

    def persons(self, service: str, before: QueueKey | None = None) -> int:
        """How many people wait for a service, or stand before a key there: a party has one ticket."""
        queue = self.queue(service)
        more = 0
        for ticket in (self.tickets[one] for one in self.parties):
            if ticket.state is State.WAITING and ticket.service == service and not ticket.counter:
                more += ticket.persons - 1 if before is None or ticket.key < before else 0
        return (len(queue) if before is None else queue.ahead_of(before)) + more

    def ticket_of(self, event: EventId) -> Ticket | None:
        """The ticket that a device's event asked for; for a booking's second paper, the booking's one ticket."""
        ticket = str(event)
        return self.tickets.get(self.aliases.get(ticket, ticket))

    def in_turn(self, event: EventId, arrival: Arrival) -> Arrival:
        """When the citizen of an event came, as far as the other tickets of its journal tell.

        A journal knows the order of its own events for certain. Its times, which get better with each answer of the
        hub, may say otherwise: then the ticket moves to its neighbour, and what it moved is added to the error. A time
        that is known yields to known ones alone.
        """
        turns = self.turns.get((event.device, event.inc))
        if turns is None:
            return arrival
        at_ms = _between(turns.known if arrival.is_known else turns.all, event.seq, arrival.at_ms)
        return Arrival(at_ms, arrival.err_ms + abs(at_ms - arrival.at_ms) if arrival.is_known else arrival.err_ms)

    def apply(self, entry: e.LogEntry) -> None:
        """Take in the next entry.

        Raises:
            ValueError: the entry is not the next one.
        """
        if self.n and entry.n != self.n + 1:
            raise ValueError(f"entry {entry.n} after {self.n}")
        self.n = entry.n
        self._apply_body(entry)
        self.board = self.board.after(entry)

    def _apply_body(self, entry: e.LogEntry) -> None:  # one arm a kind of entry
        body = entry.body
        match body:
            case e.DayOpened():
                self._open_day(body)
            case e.DoorsClosed():
                self.doors_closed = True
            case e.DoorsOpened():
                self.doors_closed = False
            case e.DeviceGranted():
                self.devices[body.device] = DeviceState(body.inc, body.journal, body.slot, entry.n)
                self.slots_used.add(body.slot)
            case e.HubPromoted():
                self.numbers.jump_to_ceilings()
                self.standby = ""
            case e.HubRestored():
                self.restored_day, self.standby = body.day, ""
                self.numbers.unknown = self.day <= body.day
            case e.StandbyJoined():
                self.standby = body.hub
            case e.StandbyLeft():
                self.standby, self.numbers.ceilings = "", {}
            case e.CeilingRaised():
                self.numbers.ceilings[body.series] = Ceiling(body.in_force, body.to, entry.n)
            case e.TicketNumbered():
                self.numbers.seen(parse_label(body.label))
                self._add(body, State.NUMBERED, "hub", entry)
            case e.LaneTicket():
                self._add(body, State.WAITING, "lane", entry)
            case e.TicketWaiting() | e.TicketResumed():
                self._change(body.ticket, entry, state=State.WAITING, counter="")
            case e.NumberVoided():
                self.tickets.pop(body.ticket, None)
                self.parties.discard(body.ticket)
                self.by_label.pop(body.label, None)
            case e.WantRefused():
                self.refused[body.want] = body
            case e.TicketAbandoned():
                self._change(body.ticket, entry, state=State.VOID)
                self.by_booking = {ref: t for ref, t in self.by_booking.items() if t != body.ticket}
            case e.TicketAliased():
                self._alias(body, entry)
            case e.TicketFlagged():
                self._change(body.ticket, entry, flag=body.flag)
            case e.TicketPrinted():
                self._change(body.ticket, entry, printed=body.outcome)
            case e.TicketCalled():
                old = self.tickets[body.ticket]
                self._change(body.ticket, entry, state=State.CALLED, counter=body.counter, calls=old.calls + 1)
            case e.ServiceStarted():
                self._change(body.ticket, entry, state=State.SERVING)
            case e.ServiceFinished():
                self._measure(body)
                self._change(body.ticket, entry, state=State.FINISHED, then=())
            case e.VisitWentOn():
                self._measure(body)
                self._go_on(body, entry)
            case e.ServedByPaper():
                self._change(body.ticket, entry, state=State.FINISHED, counter=body.counter)
            case e.BookingMade():
                self.booked[body.want] = body
            case e.BookingUndone():
                self.booked.pop(body.want, None)
            case e.PaperNoted():
                self.noted[body.label] = body
            case e.NoShow():
                self._change(body.ticket, entry, state=State.NO_SHOW)
            case e.TicketParked():
                self._change(body.ticket, entry, state=State.PARKED)
            case e.TicketTransferred():
                self._transfer(body, entry)
            case e.TicketReferred():
                self.referred[body.ref] = body
                self._change(body.ticket, entry, state=State.REFERRED)
            case e.CounterOpened():
                self.clerks[body.counter] = body.clerk
            case e.CounterClosed():
                self.clerks.pop(body.counter, None)
            case e.EventRejected() | e.EventsMissing() | e.PastTicket() | e.CallAnnounced() | e.ServiceRated():
                pass
            case e.CertificateGiven() | e.DeviceRevoked():
                pass  # the registry's
            case _:
                assert_never(body)

    def _open_day(self, opened: e.DayOpened) -> None:
        fresh = Office(
            day=opened.day,
            n=self.n,
            devices=self.devices,
            slots_used={state.slot for state in self.devices.values()},
            minutes=self.minutes | opened.minutes,
            deviations=self.deviations | opened.deviations,
            asked=dict(opened.asked),
            standby=opened.standby,
            restored_day=self.restored_day,
        )
        fresh.numbers.unknown = opened.day <= self.restored_day
        for name in self.__slots__:
            setattr(self, name, getattr(fresh, name))

    def _add(self, body: e.TicketNumbered | e.LaneTicket, state: State, issued_by: str, entry: e.LogEntry) -> None:
        ticket = Ticket(
            id=body.ticket,
            service=body.service,
            labels=(body.label,),
            kind=body.kind,
            language=body.language,
            issued_by=issued_by,
            stands=body.stands,
            booking=body.booking,
            slot_ms=body.slot_ms,
            priority=body.priority,
            flag=body.flag,
            arrived_ms=body.arrived_ms,
            state=state,
            since_ms=entry.at_ms,
            persons=body.persons,
            then=body.then,
        )
        self._take_turn(body, entry)
        self.asked[body.service] = self.asked.get(body.service, 0.0) + 1.0
        self.by_label[body.label] = ticket.id
        if ticket.persons > 1:
            self.parties.add(ticket.id)
        if body.booking:
            self.by_booking[body.booking] = ticket.id
        self._put(ticket)

    def _take_turn(self, body: e.TicketNumbered | e.LaneTicket, entry: e.LogEntry) -> None:
        """A paper of unknown time, shown somewhere else, says nothing of when the others of its journal came."""
        event, known = EventId.parse(body.ticket), body.stands.err_ms >= 0
        if not known and (entry.src is None or entry.src.device != event.device):
            return
        turns = self.turns.setdefault((event.device, event.inc), Turns())
        for line in (turns.all, turns.known) if known else (turns.all,):
            at = bisect_left(line, (event.seq,))
            if at == len(line) or line[at][0] != event.seq:
                line.insert(at, (event.seq, body.arrived_ms))

    def _alias(self, body: e.TicketAliased, entry: e.LogEntry) -> None:
        kept = self.tickets[body.of]
        self.by_label[body.label] = body.of
        self.aliases[body.ticket] = body.of
        labels = kept.labels if body.label in kept.labels else (*kept.labels, body.label)
        self._change(body.of, entry, labels=labels, stands=body.stands)

    def _measure(self, body: e.ServiceFinished | e.VisitWentOn) -> None:
        """How long a service takes, for one person."""
        ticket = self.tickets[body.ticket]
        service, minutes = ticket.service, body.minutes / ticket.persons
        if minutes:
            mean = self.minutes.get(service, minutes)
            deviation = self.deviations.get(service, UNMEASURED * mean)
            self.deviations[service] = smoothed_deviation(deviation, mean, minutes)
            self.minutes[service] = smoothed_minutes(mean, minutes)

    def _go_on(self, body: e.VisitWentOn, entry: e.LogEntry) -> None:
        self._change(
            body.ticket,
            entry,
            service=body.service,
            then=body.then,
            stands=body.stands,
            calls=0,
            counter="",
            state=State.WAITING,
        )

    def _transfer(self, body: e.TicketTransferred, entry: e.LogEntry) -> None:
        """Who is sent on to what follows anyway, has that once."""
        old = self.tickets[body.ticket]
        is_next = body.service != old.service and body.service in old.then
        then = tuple(service for service in old.then if service != body.service) if is_next else old.then
        self._change(
            body.ticket,
            entry,
            service=body.service,
            then=then,
            counter=body.counter,
            stands=body.stands,
            state=State.WAITING,
        )

    def _change(self, ticket_id: str, entry: e.LogEntry, **fields: object) -> None:
        old = self.tickets[ticket_id]
        if old.state is State.WAITING:
            self.queue(old.service, old.counter).remove(old.key, old.id)
        if old.state in AT_COUNTER and self.at_counter.get(old.counter) == old.id:
            del self.at_counter[old.counter]
        since_ms = entry.at_ms if fields.get("state", old.state) != old.state else old.since_ms
        self._put(replace(old, rev=old.rev + 1, since_ms=since_ms, **fields))  # type: ignore[arg-type]

    def _put(self, ticket: Ticket) -> None:
        self.tickets[ticket.id] = ticket
        if ticket.state is State.WAITING:
            self.queue(ticket.service, ticket.counter).add(ticket.key, ticket.id)
        elif ticket.state in AT_COUNTER:
            self.at_counter[ticket.counter] = ticket.id


def _between(line: list[tuple[int, int]], seq: int, at_ms: int) -> int:
    """A time, moved between those of its neighbours in a line."""
    at = bisect_left(line, (seq,))
    after = at + 1 if at < len(line) and line[at][0] == seq else at
    if at:
        at_ms = max(at_ms, line[at - 1][1])
    return min(at_ms, line[after][1]) if after < len(line) else at_ms
