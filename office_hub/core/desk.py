"""What clerks do becomes entries of the log."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Literal, assert_never

import msgspec

from office_hub.core.visits import goes_on, what_follows
from officelib import events as e
from officelib.booking import short_code
from officelib.catalogue import Catalogue, Counter
from officelib.ids import parse_label
from officelib.numbering import NoNumber
from officelib.office import AT_COUNTER, OVER, Office, State, Ticket
from officelib.order import QueueKey, next_ticket, place
from officelib.referral import ref_of

Reason = Literal[
    "counter_unknown",
    "counter_taken",
    "not_signed_in",
    "nobody_waits",
    "finish_first",
    "no_ticket",
    "stale",
    "no_such_service",
    "no_such_counter",
    "no_such_office",
    "wrong_state",
    "doors_closed",
    "no_number_left",
    "no_paper",
]


class Command(msgspec.Struct, frozen=True, tag_field="action", forbid_unknown_fields=True):
    """Base of what a clerk can ask. `counter` is where the clerk sits."""

    counter: str


class SignIn(Command, tag="sign_in", frozen=True):
    clerk: str


class SignOut(Command, tag="sign_out", frozen=True):
    pass


class CallNext(Command, tag="call_next", frozen=True):
    pass


class CallTicket(Command, tag="call_ticket", frozen=True):
    """Call one ticket out of its turn, as a clerk may have reason to."""

    ticket: str


class Recall(Command, tag="recall", frozen=True):
    pass


class Start(Command, tag="start", frozen=True):
    pass


class Finish(Command, tag="finish", frozen=True):
    """Served. A visit of several services goes on with its next one, but where `whole` says that it is over."""

    whole: bool = False


class MarkNoShow(Command, tag="no_show", frozen=True):
    pass


class Park(Command, tag="park", frozen=True):
    pass


class Resume(Command, tag="resume", frozen=True):
    ticket: str


class Transfer(Command, tag="transfer", frozen=True):
    """`rev` is the ticket's revision that the clerk saw; one of `service` and `to_counter` is given.

    With `to_office` the service is one of that office.
    """

    ticket: str
    rev: int
    service: str = ""
    to_counter: str = ""
    to_office: str = ""


class AddWalkIn(Command, tag="add_walk_in", frozen=True):
    """A ticket without the kiosk, with a number that the clerk says or writes down."""

    service: str
    language: str
    priority: bool = False


class TakePaper(Command, tag="take_paper", frozen=True):
    """A citizen shows a paper that the hub may not know; `code` is its QR's text."""

    code: str


class ServedByPaper(Command, tag="served_by_paper", frozen=True):
    """A citizen was served by the number on the paper while the hub was away, so many seconds ago."""

    label: str
    ago_s: int = 0


class CloseDoors(Command, tag="close_doors", frozen=True):
    pass


class OpenDoors(Command, tag="open_doors", frozen=True):
    pass


AnyCommand = (
    SignIn
    | SignOut
    | CallNext
    | CallTicket
    | Recall
    | Start
    | Finish
    | MarkNoShow
    | Park
    | Resume
    | Transfer
    | AddWalkIn
    | TakePaper
    | ServedByPaper
    | CloseDoors
    | OpenDoors
)


class Refusal(msgspec.Struct, frozen=True, tag_field="answer", tag="refused"):
    """The command is not carried out; `label` names the ticket it is about."""

    reason: Reason
    label: str = ""


class Agreed(msgspec.Struct, frozen=True, tag_field="answer", tag="done"):
    """The command is carried out; `label` and `ticket` name the ticket it was about.

    `code`: by which another office knows a citizen without the paper. `service`: the id of that with which a visit goes
    on.
    """

    label: str = ""
    ticket: str = ""
    code: str = ""
    service: str = ""


Answer = Agreed | Refusal
REFUSED = b'{"answer":"refused"'
"""How a refusal begins as JSON: the tag comes first."""
Decision = tuple[list[e.LogBody], Answer]
BringIn = Callable[[str], tuple[str, list[e.LogBody]]]


def decide(
    office: Office,
    catalogue: Catalogue,
    command: AnyCommand,
    clerk: str,
    now_ms: int,
    hub: str,
    followed_to: int | None = None,
    bring_in: BringIn = lambda _: ("", []),
    elsewhere: Mapping[str, Collection[str]] = MappingProxyType({}),
) -> Decision:
    """What the log says after a clerk's command, and what the clerk is told.

    Args:
        office: As it stands; not changed.
        catalogue: The office's rules.
        command: What the clerk asks.
        clerk: Who asks: only who sits at a counter acts there.
        now_ms: Hub time.
        hub: The hub's device name, under which it issues tickets itself.
        followed_to: The newest entry that the standby has; None when there is none.
        bring_in: What a paper's code adds to the log, and its number; a ValueError when it is none of this office's.
        elsewhere: The services of other offices that hear of a citizen at once, by the office's id.
    """
    counter = catalogue.counters.get(command.counter)
    if counter is None:
        return [], Refusal("counter_unknown")
    if isinstance(command, SignIn):
        return _sign_in(office, command)
    if office.clerks.get(counter.id) != clerk:
        return [], Refusal("not_signed_in")
    match command:
        case SignOut():
            current = _current(office, counter)
            if current is not None:
                return [], Refusal("finish_first", current.label)
            return [e.CounterClosed(counter.id)], Agreed()
        case CallNext():
            return _call_next(office, counter)
        case CallTicket():
            return _call_ticket(office, counter, command.ticket)
        case Recall() | Start() | Finish() | MarkNoShow() | Park():
            return _at_counter(office, catalogue, counter, command, now_ms)
        case Resume():
            ticket = office.tickets.get(command.ticket)
            if ticket is None or ticket.state is not State.PARKED:
                return [], Refusal("wrong_state", ticket.label if ticket else "")
            return [e.TicketResumed(ticket.id)], Agreed(ticket.label, ticket.id)
        case Transfer():
            return _transfer(office, catalogue, command, now_ms, elsewhere)
        case AddWalkIn():
            try:
                return _add_walk_in(office, catalogue, command, now_ms, hub, followed_to)
            except NoNumber:
                return [], Refusal("no_number_left")
        case TakePaper():
            try:
                label, bodies = bring_in(command.code)
            except ValueError:
                return [], Refusal("no_paper")
            return _of_paper(office, label, bodies)
        case ServedByPaper():
            return _served_by_paper(office, catalogue, counter, command, now_ms)
        case CloseDoors():
            return ([] if office.doors_closed else [e.DoorsClosed()]), Agreed()
        case OpenDoors():
            return ([e.DoorsOpened()] if office.doors_closed else []), Agreed()
        case _:
            assert_never(command)


def _served_by_paper(
    office: Office, catalogue: Catalogue, counter: Counter, command: ServedByPaper, now_ms: int
) -> Decision:
    try:
        label = str(parse_label(command.label))
    except ValueError:
        return [], Refusal("no_paper", command.label)
    at_ms = now_ms - max(0, command.ago_s) * 1000
    ticket = office.tickets.get(office.by_label.get(label, ""))
    if ticket is None:
        known = label in office.noted
        return ([] if known else [e.PaperNoted(label, counter.id, at_ms)]), Agreed(label)
    if ticket.state in AT_COUNTER and ticket.counter != counter.id:
        return [], Refusal("wrong_state", label)
    if ticket.state in OVER:
        return [], Agreed(label, ticket.id)
    more = goes_on(catalogue, ticket.id, ticket.then, ticket.stands)
    return [e.ServedByPaper(ticket.id, counter.id, at_ms), *more], Agreed(label, ticket.id)


def _sign_in(office: Office, command: SignIn) -> Decision:
    holder = office.clerks.get(command.counter)
    if holder == command.clerk:
        return [], Agreed()
    if holder is not None:
        return [], Refusal("counter_taken")
    left = [counter for counter, clerk in office.clerks.items() if clerk == command.clerk]
    for counter in left:
        ticket = office.tickets.get(office.at_counter.get(counter, ""))
        if ticket is not None:
            return [], Refusal("finish_first", ticket.label)
    return [*(e.CounterClosed(counter) for counter in left), e.CounterOpened(command.counter, command.clerk)], Agreed()


def _call_next(office: Office, counter: Counter) -> Decision:
    current = _current(office, counter)
    if current is not None:
        return [], Refusal("finish_first", current.label)
    heads = [(service, office.queue(service).head) for service in counter.services]
    heads.append(("", office.queue("", counter.id).head))
    found = next_ticket(counter, [(service, head[0], head[1]) for service, head in heads if head is not None])
    if found is None:
        return [], Refusal("nobody_waits")
    ticket = office.tickets[found]
    return [_call(ticket, counter)], Agreed(ticket.label, ticket.id)


def _call_ticket(office: Office, counter: Counter, ticket_id: str) -> Decision:
    current = _current(office, counter)
    if current is not None:
        return [], Refusal("finish_first", current.label)
    ticket = office.tickets.get(ticket_id)
    if ticket is None:
        return [], Refusal("no_ticket")
    if ticket.state not in (State.WAITING, State.PARKED, State.NO_SHOW):
        return [], Refusal("wrong_state", ticket.label)
    return [_call(ticket, counter)], Agreed(ticket.label, ticket.id)


def _at_counter(
    office: Office,
    catalogue: Catalogue,
    counter: Counter,
    command: Recall | Start | Finish | MarkNoShow | Park,
    now_ms: int,
) -> Decision:
    ticket = _current(office, counter)
    if ticket is None:
        return [], Refusal("no_ticket")
    done = Agreed(ticket.label, ticket.id)
    match command:
        case Recall():
            return [_call(ticket, counter, recall=True)], done
        case Start():
            return ([e.ServiceStarted(ticket.id)] if ticket.state is State.CALLED else []), done
        case Finish():
            bodies = _finish(office, catalogue, ticket, command, now_ms)
            on = next((body.service for body in bodies if isinstance(body, e.VisitWentOn)), "")
            return bodies, Agreed(ticket.label, ticket.id, service=on)
        case MarkNoShow():
            if ticket.state is not State.CALLED:
                return [], Refusal("wrong_state", ticket.label)
            return [e.NoShow(ticket.id)], done
        case Park():
            return [e.TicketParked(ticket.id)], done
        case _:
            assert_never(command)


def _finish(office: Office, catalogue: Catalogue, ticket: Ticket, command: Finish, now_ms: int) -> list[e.LogBody]:
    """Served; a visit goes on with the next of its services that the office still has."""
    minutes = round((now_ms - ticket.since_ms) / 60_000, 2) if ticket.state is State.SERVING else 0.0
    left = what_follows(catalogue, () if command.whole else ticket.then)
    if not left:
        return [e.ServiceFinished(ticket.id, minutes)]
    stands = _after_transfer(office, catalogue, ticket, left[0], "", now_ms)
    return goes_on(catalogue, ticket.id, left, stands, minutes)


def _transfer(
    office: Office,
    catalogue: Catalogue,
    command: Transfer,
    now_ms: int,
    elsewhere: Mapping[str, Collection[str]],
) -> Decision:
    ticket = office.tickets.get(command.ticket)
    if ticket is None:
        return [], Refusal("no_ticket")
    if ticket.rev != command.rev:
        return [], Refusal("stale", ticket.label)
    if ticket.state not in (State.WAITING, State.CALLED, State.SERVING, State.PARKED):
        return [], Refusal("wrong_state", ticket.label)
    if command.to_office:
        return _refer(catalogue, ticket, command, elsewhere)
    if command.to_counter and command.to_counter not in catalogue.counters:
        return [], Refusal("no_such_counter", ticket.label)
    service = command.service or ticket.service
    if service not in catalogue.services or not (command.service or command.to_counter):
        return [], Refusal("no_such_service", ticket.label)
    stands = _after_transfer(office, catalogue, ticket, service, command.to_counter, now_ms)
    return [e.TicketTransferred(ticket.id, service, command.to_counter, stands)], Agreed(ticket.label, ticket.id)


def _of_paper(office: Office, label: str, bodies: list[e.LogBody]) -> Decision:
    """A paper that was scanned; of one that was sent on, the clerk is told the code once more."""
    ticket = office.tickets.get(office.by_label.get(label, ""))
    code = next((short_code(ref) for ref, sent in office.referred.items() if ticket and sent.ticket == ticket.id), "")
    return bodies, Agreed(label, code=code)


def _refer(
    catalogue: Catalogue, ticket: Ticket, command: Transfer, elsewhere: Mapping[str, Collection[str]]
) -> Decision:
    """To another office: there the paper from here checks the citizen in, or the short code that the clerk tells."""
    services = elsewhere.get(command.to_office)
    if services is None:
        return [], Refusal("no_such_office", ticket.label)
    if command.service not in services:
        return [], Refusal("no_such_service", ticket.label)
    ref = ref_of(catalogue.office.code, ticket.id)
    referred = e.TicketReferred(ticket.id, command.to_office, command.service, ref)
    return [referred], Agreed(ticket.label, ticket.id, short_code(ref))


def _after_transfer(
    office: Office, catalogue: Catalogue, ticket: Ticket, service: str, counter: str, now_ms: int
) -> e.Stands:
    """The place in the new queue: the old arrival, the front, or the end, as the office has it."""
    old = ticket.stands
    match catalogue.order.transfer:
        case "keep":
            return old
        case "front":
            head = office.queue(service, counter).head
            return old if head is None else msgspec.structs.replace(old, band=0, arrival_ms=head[0].arrival_ms - 1)
        case "end":
            return msgspec.structs.replace(old, arrival_ms=now_ms)


def _add_walk_in(
    office: Office, catalogue: Catalogue, command: AddWalkIn, now_ms: int, hub: str, followed_to: int | None
) -> Decision:
    service = catalogue.services.get(command.service)
    if service is None:
        return [], Refusal("no_such_service")
    if office.doors_closed:
        return [], Refusal("doors_closed")
    ticket = e.ticket_id(hub, 1, office.n + 1)
    label = office.numbers.next_label(service.series, followed_to)
    key: QueueKey = place(
        catalogue.order, arrived_ms=now_ms, slot_ms=None, priority=command.priority, device=hub, seq=office.n + 1
    )
    numbered = e.TicketNumbered(
        ticket,
        service.id,
        label,
        "walk_in",
        command.language,
        e.Stands(*key, 0),
        priority=command.priority,
        arrived_ms=now_ms,
    )
    return [numbered, e.TicketWaiting(ticket)], Agreed(label, ticket)


def _call(ticket: Ticket, counter: Counter, *, recall: bool = False) -> e.TicketCalled:
    return e.TicketCalled(ticket.id, ticket.labels, counter.id, counter.name, ticket.language, recall)


def _current(office: Office, counter: Counter) -> Ticket | None:
    ticket = office.tickets.get(office.at_counter.get(counter.id, ""))
    return ticket if ticket is not None and ticket.state in AT_COUNTER else None
