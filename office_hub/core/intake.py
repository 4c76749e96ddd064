"""What devices report becomes entries of the log."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, assert_never

from office_hub.core.visits import goes_on
from officelib import events as e
from officelib.arrival import Arrival
from officelib.booking import REF_BYTES, Booking, short_code
from officelib.catalogue import Catalogue
from officelib.ids import EventId, parse_label
from officelib.numbering import NoNumber
from officelib.office import AT_COUNTER, OVER, Office, State, Ticket
from officelib.order import place
from officelib.slots import is_free
from officelib.ticket_code import TicketCode, is_genuine, read_code

FindBooking = Callable[[e.BookingClaim], Booking | None]


@dataclass(frozen=True)
class Intake:
    """What a decision may look at besides the office.

    Attributes:
        find_booking: The booking that a claim means, as far as the hub knows it.
        settled_wants: Wants of the same batch whose ticket or end comes later in it: they need no number.
        printed_wants: Wants of the same batch that have their number on paper already, given by a hub before this one.
        arrivals: When the wants of the same batch happened.
        day_start_ms: Who arrived before this business day will not be called in it.
        followed_to: The newest entry that the standby has; None when there is none.
        certificates: Those that a device was given, PEM.
        taken: How many bookings of a service a slot has.
        fresh_ref: A reference that no booking has.
        given_for: The booking that a kiosk got for its event.
    """

    catalogue: Catalogue
    find_booking: FindBooking
    settled_wants: Collection[int] = ()
    printed_wants: Mapping[int, str] = field(default_factory=dict)
    arrivals: Mapping[int, Arrival] = field(default_factory=dict)
    day_start_ms: int = 0
    followed_to: int | None = None
    certificates: Callable[[str], Iterable[str]] = lambda _: ()
    taken: Callable[[str, int], int] = lambda *_: 0
    fresh_ref: Callable[[], str] = str
    given_for: Callable[[str], Booking | None] = lambda _: None

    def is_past(self, arrival: Arrival) -> bool:
        """Whether somebody came before this business day began."""
        return arrival.is_known and arrival.at_ms < self.day_start_ms


LEFT = "the citizen left"
MAY_LEAVE = frozenset({State.NUMBERED, State.WAITING, State.PARKED, State.NO_SHOW})


class Poison(ValueError):
    """A device's event that makes no sense here."""


def take_in(office: Office, intake: Intake, source: EventId, event: e.DeviceEvent, arrival: Arrival) -> list[e.LogBody]:
    """What the log says after one event of a device; a ticket that a clerk served by its paper is served already.

    Args:
        office: As it stands; not changed.
        intake: The rules and the bookings.
        source: The event's id.
        event: What the device wrote.
        arrival: When it happened, hub time.

    Raises:
        Poison: to be logged as rejected, and acknowledged all the same.
    """
    return _with_notes(office, intake, _take_in(office, intake, source, event, arrival), arrival)


def _take_in(
    office: Office, intake: Intake, source: EventId, event: e.DeviceEvent, arrival: Arrival
) -> list[e.LogBody]:
    match event:
        case e.Want():
            if source.seq in intake.settled_wants:
                return []
            return _want(office, intake, source, event.claim, arrival)
        case e.Print():
            return _print(office, intake, source, event, arrival)
        case e.Lane():
            return _lane(office, intake, source, event, arrival)
        case e.Abandon() if is_main(event.told):
            if office.ticket_of(_want_id(source, event.want)) is None and event.told in office.by_label:
                return []
            return _print(office, intake, source, e.Print(event.want, event.told), arrival)
        case e.Abandon() if (given := intake.given_for(str(_want_id(source, event.want)))) is not None:
            return [e.BookingUndone(given.ref, given.want)]
        case e.Abandon():
            ticket = office.ticket_of(_want_id(source, event.want))
            if ticket is None or ticket.state is not State.NUMBERED:
                return []
            return [e.TicketAbandoned(ticket.id, event.reason)]
        case e.Printed():
            ticket = office.ticket_of(_want_id(source, event.ticket))
            if ticket is None:
                return []
            return [e.TicketPrinted(ticket.id, event.outcome, event.level, event.copies)]
        case e.PaperShown():
            return bring_in(office, intake, event.code, arrival.at_ms)[1]
        case e.Left():
            return leave(office, intake, event.code, arrival.at_ms)
        case e.Rated():
            return [e.ServiceRated(event.service, event.score)] if event.service in intake.catalogue.services else []
        case e.Book():
            return [] if source.seq in intake.settled_wants else _book(intake, source, event, arrival.at_ms)
        case e.Booked():
            return _booked(intake, source, event)
        case e.Announced():
            return [e.CallAnnounced(event.call, source.device, event.aloud)]
        case _:
            assert_never(event)


def _with_notes(office: Office, intake: Intake, bodies: list[e.LogBody], arrival: Arrival) -> list[e.LogBody]:
    """Entries, and what follows from a clerk's notes on papers.

    Who came after a note was made is not whom it means: a number that was misread is given to somebody later.
    """
    served: list[e.LogBody] = []
    for body in bodies:
        if isinstance(body, e.TicketNumbered | e.LaneTicket | e.TicketAliased) and body.label in office.noted:
            ticket = body.of if isinstance(body, e.TicketAliased) else body.ticket
            note = office.noted[body.label]
            known = office.tickets.get(ticket)
            came_later = arrival.is_known and arrival.at_ms - arrival.err_ms > note.at_ms
            if not came_later and (known is None or known.state not in AT_COUNTER):
                then = known.then if known or isinstance(body, e.TicketAliased) else body.then  # type: ignore[union-attr]
                served.append(e.ServedByPaper(ticket, note.counter, note.at_ms))
                served += goes_on(intake.catalogue, ticket, then, body.stands)
    return [*bodies, *served]


def _want(office: Office, intake: Intake, source: EventId, claim: e.Claim, arrival: Arrival) -> list[e.LogBody]:
    printed = intake.printed_wants.get(source.seq)
    if intake.is_past(arrival) or office.ticket_of(source) is not None:
        return []
    if printed:
        return _on_paper(office, intake, source, claim, printed, arrival)
    asked = _resolve(intake, claim)
    known = _ticket_of_booking(office, asked.ref)
    reason = _refusal(intake, claim, asked, arrival)
    if reason is not None:
        at_ms = asked.slot_ms or 0 if reason in ("other_day", "too_early") else 0
        return [e.WantRefused(str(source), reason, at_ms=at_ms, claim=claim, arrived=arrival)]
    if known is not None:
        already = e.WantRefused(str(source), "already", known.id, known.label, claim=claim, arrived=arrival)
        return [*_bring_back(known), already]
    try:
        label = office.numbers.next_label(intake.catalogue.services[asked.service].series, intake.followed_to)
    except NoNumber:
        return [e.WantRefused(str(source), "no_number", claim=claim, arrived=arrival, service=asked.service)]
    return [e.TicketNumbered(*_ticket(office, intake, source, claim, label, arrival))]


def _refusal(intake: Intake, claim: e.Claim, asked: "_Asked", arrival: Arrival) -> e.RefusalReason | None:
    """Why a want gets no ticket at all."""
    if not asked.service:
        return "unknown_code"
    if asked.flag == "cancelled":
        return "cancelled"
    if asked.service not in intake.catalogue.services:
        return "no_such_service"
    if asked.stands_ms:
        return "unknown_code" if asked.stands_ms < intake.day_start_ms else None
    if claim.booking is not None and claim.booking.short and asked.slot_ms is not None:
        return _untimely(intake.catalogue, asked.slot_ms, arrival.at_ms)
    return None


def _on_paper(
    office: Office, intake: Intake, want: EventId, claim: e.Claim, label: str, arrival: Arrival
) -> list[e.LogBody]:
    """A want whose citizen has a main number already, given by a hub before this one.

    Two kiosks may name the same number, where one of them sent a booking to the ticket of the other.
    """
    known = _ticket_of_booking(office, _resolve(intake, claim).ref)
    owner = office.by_label.get(label)
    if not is_main(label) or (owner is not None and (known is None or owner != known.id)):
        raise Poison(f"print of {label} for want {want.seq}, a number that another ticket has")
    if known is not None:
        return [*_bring_back(known), e.TicketAliased(str(want), label, known.id, known.stands)]
    return [e.TicketNumbered(*_ticket(office, intake, want, claim, label, arrival))]


def _print(office: Office, intake: Intake, source: EventId, event: e.Print, arrival: Arrival) -> list[e.LogBody]:
    """The kiosk has taken a number: what stands on the paper is right, whatever this hub would have given."""
    want = _want_id(source, event.want)
    ticket = office.ticket_of(want)
    if ticket is None:
        refused = office.refused.get(str(want))
        if refused is None or refused.claim is None:  # the day turned between the want and its print
            return [e.PastTicket(str(want), event.label, arrived_ms=arrival.at_ms)]
        bodies = _on_paper(office, intake, want, refused.claim, event.label, _arrival_of(office, intake, want, arrival))
        made = isinstance(bodies[-1], e.TicketNumbered)
        return [*bodies, e.TicketWaiting(str(want))] if made else bodies
    if event.label in ticket.labels:
        return [e.TicketWaiting(ticket.id)] if ticket.state is State.NUMBERED else []
    if ticket.state is not State.NUMBERED or not is_main(event.label):
        raise Poison(f"print of {event.label} for want {event.want}, which has {ticket.label}")
    if event.label in office.by_label:
        raise Poison(f"print of {event.label} for want {event.want}, a number that another ticket has")
    renumbered = e.TicketNumbered(
        ticket.id,
        ticket.service,
        event.label,
        ticket.kind,
        ticket.language,
        ticket.stands,
        ticket.booking,
        ticket.slot_ms,
        ticket.priority,
        ticket.flag,
        ticket.arrived_ms,
        ticket.persons,
        ticket.then,
    )
    return [e.NumberVoided(ticket.label, ticket.id), renumbered, e.TicketWaiting(ticket.id)]


def is_main(label: str) -> bool:
    """Whether a label is a hub's number: those of lanes are safe in the kiosk that gave them."""
    return bool(label) and parse_label(label).slot is None


def _bring_back(known: Ticket) -> list[e.LogBody]:
    """The citizen of a booking's ticket stands at a kiosk: a ticket that nobody would call waits again."""
    match known.state:
        case State.NUMBERED:
            return [e.TicketWaiting(known.id)]
        case State.NO_SHOW:
            return [e.TicketResumed(known.id)]
        case _:
            return []


def _lane(
    office: Office, intake: Intake, source: EventId, event: e.Lane, arrival: Arrival, *, signed: bool = False
) -> list[e.LogBody]:
    """A kiosk's own number. A paper that it has `signed` may be of a lane that it had before."""
    want = _want_id(source, event.want) if event.want else source
    arrival = _arrival_of(office, intake, want, arrival)
    if intake.is_past(arrival):
        return [e.PastTicket(str(want), event.label, event.claim.service, arrival.at_ms)]
    numbered = office.ticket_of(want)
    if numbered is not None and event.label in numbered.labels:
        return []
    label = parse_label(event.label)
    device = office.devices.get(source.device)
    taken = any(state.slot == label.slot for name, state in office.devices.items() if name != source.device)
    if taken or (not signed and (device is None or label.slot != device.slot)):
        raise Poison(f"{event.label} is not of the lane of {source.device}")
    if event.label in office.by_label:
        raise Poison(f"{event.label} was given before")
    bodies: list[e.LogBody] = []
    if numbered is not None:
        if numbered.state is not State.NUMBERED:
            return [e.TicketAliased(str(want), event.label, numbered.id, numbered.stands)]
        bodies.append(e.NumberVoided(numbered.label, numbered.id))
    known = _ticket_of_booking(office, _resolve(intake, event.claim).ref)
    if known is not None and known.id != str(want) and not _is_new_visit(known, arrival):
        stands = _stands(intake, event.claim, want, arrival)
        kept = min(stands, known.stands, key=lambda s: (s.band, s.arrival_ms, s.device, s.seq))
        return [*bodies, *_bring_back(known), e.TicketAliased(str(want), event.label, known.id, kept)]
    return [*bodies, e.LaneTicket(*_ticket(office, intake, want, event.claim, event.label, arrival))]


def bring_in(office: Office, intake: Intake, text: str, now_ms: int) -> tuple[str, list[e.LogBody]]:
    """A ticket's paper is shown to somebody: the ticket is here from now on, whatever became of its kiosk.

    Args:
        office: As it stands; not changed.
        intake: The rules, and who may sign papers.
        text: Of the paper's QR.
        now_ms: Hub time.

    Returns:
        The number, and what the log says.

    Raises:
        Poison: no paper of this office's kiosks, or of another day.
    """
    code, arrival = _genuine(intake, text, now_ms)
    known = office.tickets.get(office.by_label.get(code.label, ""))
    if known is not None:
        return code.label, _bring_back(known)
    service = intake.catalogue.services_by_code.get(code.service)
    if service is None:
        raise Poison(f"{code.label} is for service {code.service}, which the catalogue lacks")
    booking = e.BookingClaim(code.ref.hex(), code.slot_ms) if code.ref else None
    claim = e.Claim(service.id, code.language, booking)
    alone = replace(intake, settled_wants=(), printed_wants={}, arrivals={})  # those are of the device that scanned it
    bodies = _of_paper(office, alone, code.ticket, claim, code.label, arrival)
    return code.label, _with_notes(office, alone, bodies, arrival)


def open_page(office: Office, intake: Intake, text: str, now_ms: int) -> tuple[TicketCode, list[e.LogBody]]:
    """A ticket's paper is looked at from afar: one that the hub does not know is known from now on; no other changes.

    Raises:
        Poison: as `bring_in`.
    """
    code, _ = _genuine(intake, text, now_ms)
    if office.ticket_of(code.ticket) is not None or code.label in office.by_label:
        return code, []
    return code, bring_in(office, intake, text, now_ms)[1]


def _genuine(intake: Intake, text: str, now_ms: int) -> tuple[TicketCode, Arrival]:
    """What a paper of this office and day says, and when its citizen came."""
    try:
        code = read_code(text)
        genuine = is_genuine(text, intake.certificates(code.device))
    except ValueError as error:
        raise Poison(str(error)) from error
    if not genuine or code.office != intake.catalogue.office.code:
        raise Poison(f"a paper of {code.device} that no kiosk of this office has signed")
    arrival = Arrival(code.arrived_ms, code.err_ms) if code.err_ms >= 0 else Arrival(now_ms, -1)
    if intake.is_past(arrival):
        raise Poison(f"{code.label} is of an earlier day")
    return code, arrival


def leave(office: Office, intake: Intake, text: str, now_ms: int) -> list[e.LogBody]:
    """A citizen leaves the queue. Who stands at a counter, or was there, has not left.

    Raises:
        Poison: as `bring_in`.
    """
    _, bodies = bring_in(office, intake, text, now_ms)
    known = office.ticket_of(read_code(text).ticket)
    if known is not None:
        return [e.TicketAbandoned(known.id, LEFT)] if known.state in MAY_LEAVE else []
    came = next((body.ticket for body in bodies if isinstance(body, e.LaneTicket | e.TicketNumbered)), None)
    return [*bodies, e.TicketAbandoned(came, LEFT)] if came else bodies


def _book(intake: Intake, source: EventId, asked: e.Book, now_ms: int) -> list[e.LogBody]:
    """A booking that a kiosk asks for, where its time still has room; without one the answer says so."""
    service = intake.catalogue.services.get(asked.service)
    if service is None or intake.given_for(str(source)) is not None:
        return []
    if not is_free(intake.catalogue, service, asked.slot_ms, intake.taken(service.id, asked.slot_ms), now_ms):
        return []
    return [e.BookingMade(intake.fresh_ref(), service.id, asked.slot_ms, str(source))]


def _booked(intake: Intake, source: EventId, event: e.Booked) -> list[e.LogBody]:
    """A citizen has this booking. A hub that lost it, or has given another one for the same wish, takes it as it is."""
    want = str(_want_id(source, event.want))
    if not event.ref or intake.find_booking(e.BookingClaim(event.ref)) is not None:
        return []
    if len(event.ref) != 2 * REF_BYTES or event.service not in intake.catalogue.services:
        raise Poison(f"a booking {event.ref} for '{event.service}' that this office cannot have given")
    if intake.find_booking(e.BookingClaim(short=short_code(event.ref))) is not None:
        raise Poison(f"a booking {event.ref} whose short code is that of another one")
    given = intake.given_for(want)
    undone = [e.BookingUndone(given.ref, want)] if given else []
    return [*undone, e.BookingMade(event.ref, event.service, event.slot_ms, want)]


def _of_paper(
    office: Office, intake: Intake, want: EventId, claim: e.Claim, label: str, arrival: Arrival
) -> list[e.LogBody]:
    """The ticket of a genuine paper, by the number that stands on it."""
    if not is_main(label):
        return _lane(office, intake, want, e.Lane(label, claim, want.seq), arrival, signed=True)
    known = office.ticket_of(want)
    if known is not None and known.state is State.NUMBERED:
        return _print(office, intake, want, e.Print(want.seq, label), arrival)
    if known is not None:
        return [*_bring_back(known), e.TicketAliased(str(want), label, known.id, known.stands)]
    bodies = _on_paper(office, intake, want, claim, label, arrival)
    made = isinstance(bodies[-1], e.TicketNumbered)
    return [*bodies, e.TicketWaiting(str(want))] if made else bodies


def _arrival_of(office: Office, intake: Intake, want: EventId, answered: Arrival) -> Arrival:
    """A citizen came when the want was written, not when a number was found for it."""
    numbered, refused = office.ticket_of(want), office.refused.get(str(want))
    if numbered is not None:
        return Arrival(numbered.arrived_ms, numbered.stands.err_ms)
    if refused is not None:
        return refused.arrived
    return intake.arrivals.get(want.seq, answered)


def _is_new_visit(known: Ticket, arrival: Arrival) -> bool:
    """Whether a booking's citizen came again after having been served."""
    return known.state in OVER and arrival.is_known and arrival.at_ms > known.since_ms


class _Asked(NamedTuple):
    """What a claim comes to: the service is empty when the code is unknown, the reference when there is no booking.

    `stands_ms` is the place that a citizen has whom another office sent; `persons` and `then` are the booking's.
    """

    service: str
    ref: str = ""
    slot_ms: int | None = None
    flag: str = ""
    stands_ms: int = 0
    persons: int = 1
    then: tuple[str, ...] = ()


class _Fields(NamedTuple):
    """The fields of `TicketNumbered` and `LaneTicket`, in their order."""

    ticket: str
    service: str
    label: str
    kind: e.Kind
    language: str
    stands: e.Stands
    booking: str
    slot_ms: int
    priority: bool
    flag: str
    arrived_ms: int
    persons: int
    then: tuple[str, ...]


def _ticket(office: Office, intake: Intake, want: EventId, claim: e.Claim, label: str, arrival: Arrival) -> _Fields:
    arrival = office.in_turn(want, arrival)
    asked = _resolve(intake, claim)
    service = asked.service or claim.service
    return _Fields(
        str(want),
        service,
        label,
        "booking" if asked.ref and not asked.stands_ms else "walk_in",
        claim.language,
        _stands(intake, claim, want, arrival),
        asked.ref,
        asked.slot_ms or 0,
        claim.priority,
        asked.flag if service in intake.catalogue.services else "no_such_service",
        arrival.at_ms,
        asked.persons,
        tuple(one for one in asked.then if one in intake.catalogue.services),
    )


def _untimely(catalogue: Catalogue, slot_ms: int, now_ms: int) -> e.RefusalReason | None:
    """What a kiosk checks in a signed code, the hub checks for a short one."""
    if catalogue.business_day(slot_ms) != catalogue.business_day(now_ms):
        return "other_day"
    return "too_early" if now_ms < slot_ms - catalogue.order.early_min * 60_000 else None


def _resolve(intake: Intake, claim: e.Claim) -> _Asked:
    if claim.booking is None:
        return _Asked(claim.service)
    booking = intake.find_booking(claim.booking)
    if booking is not None and booking.stands_ms:
        return _Asked(booking.service, booking.ref, None, "referred", booking.stands_ms, booking.persons)
    if booking is not None:
        flag = "cancelled" if booking.cancelled else ""
        return _Asked(booking.service, booking.ref, booking.slot_ms, flag, persons=booking.persons, then=booking.then)
    if claim.booking.ref:
        return _Asked(claim.service, claim.booking.ref, claim.booking.slot_ms, "unlisted")
    return _Asked("")


def _ticket_of_booking(office: Office, ref: str) -> Ticket | None:
    return office.tickets.get(office.by_booking.get(ref, "")) if ref else None


def _stands(intake: Intake, claim: e.Claim, want: EventId, arrival: Arrival) -> e.Stands:
    asked, arrived_ms = _resolve(intake, claim), arrival.at_ms
    if asked.stands_ms and intake.catalogue.order.transfer != "end":
        arrived_ms = min(asked.stands_ms, arrived_ms)
    key = place(
        intake.catalogue.order,
        arrived_ms=arrived_ms,
        slot_ms=asked.slot_ms,
        priority=claim.priority,
        device=want.device,
        seq=want.seq,
    )
    return e.Stands(*key, arrival.err_ms)


def _want_id(source: EventId, seq: int) -> EventId:
    return EventId(source.device, source.inc, seq)
