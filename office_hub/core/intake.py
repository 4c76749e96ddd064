"""What devices report becomes entries of the log."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import assert_never

from officelib import events as e
from officelib.arrival import Arrival
from officelib.booking import Booking
from officelib.catalogue import Catalogue
from officelib.ids import EventId, parse_label
from officelib.office import LIVE, Office, State, Ticket
from officelib.order import place

FindBooking = Callable[[e.BookingClaim], Booking | None]


@dataclass(frozen=True)
class Intake:
    """What a decision may look at besides the office.

    Attributes:
        find_booking: The booking that a claim means, as far as the hub knows it.
        settled_wants: Wants of the same batch whose ticket or end comes later in it: they need no number.
        day_start_ms: Who arrived before this business day will not be called in it.
    """

    catalogue: Catalogue
    find_booking: FindBooking
    settled_wants: Collection[int] = ()
    day_start_ms: int = 0


class Poison(ValueError):
    """A device's event that makes no sense here."""


def take_in(office: Office, intake: Intake, source: EventId, event: e.DeviceEvent, arrival: Arrival) -> list[e.LogBody]:
    """What the log says after one event of a device.

    Args:
        office: As it stands; not changed.
        intake: The rules and the bookings.
        source: The event's id.
        event: What the device wrote.
        arrival: When it happened, hub time.

    Raises:
        Poison: to be logged as rejected, and acknowledged all the same.
    """
    match event:
        case e.Want():
            if source.seq in intake.settled_wants:
                return []
            return _want(office, intake, source, event.claim, arrival)
        case e.Print():
            ticket = office.ticket_of(_want_id(source, event.want))
            if ticket is None or ticket.label != event.label:
                raise Poison(f"print of {event.label}, which want {event.want} was not given")
            return [e.TicketWaiting(ticket.id)] if ticket.state is State.NUMBERED else []
        case e.Lane():
            return _lane(office, intake, source, event, arrival)
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
        case e.Announced():
            return [e.CallAnnounced(event.call, source.device, event.aloud)]
        case _:
            assert_never(event)


def _want(office: Office, intake: Intake, source: EventId, claim: e.Claim, arrival: Arrival) -> list[e.LogBody]:
    service, ref, slot_ms, flag = _resolve(intake, claim)
    if not service:
        return [e.WantRefused(str(source), "unknown_code")]
    if flag == "cancelled":
        return [e.WantRefused(str(source), "cancelled")]
    if service not in intake.catalogue.services:
        return [e.WantRefused(str(source), "no_such_service")]
    if claim.booking is not None and claim.booking.short and slot_ms is not None:
        untimely = _untimely(intake.catalogue, slot_ms, arrival.at_ms)
        if untimely is not None:
            return [e.WantRefused(str(source), untimely, at_ms=slot_ms)]
    known = office.tickets.get(office.by_booking.get(ref, "")) if ref else None
    if known is not None:
        return [*_bring_back(known), e.WantRefused(str(source), "already", known.id, known.label)]
    label = office.numbers.next_label(intake.catalogue.services[service].series)
    kind: e.Kind = "booking" if ref else "walk_in"
    stands = _stands(intake, claim, source, arrival, slot_ms)
    return [
        e.TicketNumbered(
            str(source),
            service,
            label,
            kind,
            claim.language,
            stands,
            ref,
            slot_ms or 0,
            claim.priority,
            flag,
            arrival.at_ms,
        )
    ]


def _bring_back(known: Ticket) -> list[e.LogBody]:
    """The citizen of a booking's ticket stands at a kiosk: a ticket that nobody would call waits again."""
    match known.state:
        case State.NUMBERED:
            return [e.TicketWaiting(known.id)]
        case State.NO_SHOW:
            return [e.TicketResumed(known.id)]
        case _:
            return []


def _lane(office: Office, intake: Intake, source: EventId, event: e.Lane, arrival: Arrival) -> list[e.LogBody]:
    label = parse_label(event.label)
    device = office.devices.get(source.device)
    if device is None or label.slot != device.slot:
        raise Poison(f"{event.label} is not of the lane of {source.device}")
    if event.label in office.by_label:
        raise Poison(f"{event.label} was given before")
    want = _want_id(source, event.want) if event.want else source
    bodies: list[e.LogBody] = []
    numbered = office.ticket_of(want)
    if numbered is not None:
        if numbered.state is not State.NUMBERED:
            return [e.TicketAliased(str(want), event.label, numbered.id, numbered.stands)]
        bodies.append(e.NumberVoided(numbered.label, numbered.id))
    service, ref, slot_ms, flag = _resolve(intake, event.claim)
    if service not in intake.catalogue.services:
        raise Poison(f"service '{service}' is unknown")
    stands = _stands(intake, event.claim, want, arrival, slot_ms)
    known = office.tickets.get(office.by_booking.get(ref, "")) if ref else None
    if known is not None and known.id != str(want) and known.state in (LIVE | {State.NO_SHOW}):
        kept = min(stands, known.stands, key=lambda s: (s.band, s.arrival_ms, s.device, s.seq))
        return [*bodies, *_bring_back(known), e.TicketAliased(str(want), event.label, known.id, kept)]
    kind: e.Kind = "booking" if ref else "walk_in"
    bodies.append(
        e.LaneTicket(
            str(want),
            service,
            event.label,
            kind,
            event.claim.language,
            stands,
            ref,
            slot_ms or 0,
            event.claim.priority,
            flag,
            arrival.at_ms,
        )
    )
    if arrival.is_known and arrival.at_ms < intake.day_start_ms:
        bodies.append(e.TicketAbandoned(str(want), "of an earlier day"))
    return bodies


def _untimely(catalogue: Catalogue, slot_ms: int, now_ms: int) -> e.RefusalReason | None:
    """What a kiosk checks in a signed code, the hub checks for a short one."""
    if catalogue.business_day(slot_ms) != catalogue.business_day(now_ms):
        return "other_day"
    return "too_early" if now_ms < slot_ms - catalogue.order.early_min * 60_000 else None


def _resolve(intake: Intake, claim: e.Claim) -> tuple[str, str, int | None, str]:
    """(service, booking reference, slot, flag) of a claim; the service is empty when the code is unknown."""
    if claim.booking is None:
        return claim.service, "", None, ""
    booking = intake.find_booking(claim.booking)
    if booking is not None:
        return booking.service, booking.ref, booking.slot_ms, "cancelled" if booking.cancelled else ""
    if claim.booking.ref:
        return claim.service, claim.booking.ref, claim.booking.slot_ms, "unlisted"
    return "", "", None, ""


def _stands(intake: Intake, claim: e.Claim, want: EventId, arrival: Arrival, slot_ms: int | None) -> e.Stands:
    key = place(
        intake.catalogue.order,
        arrived_ms=arrival.at_ms,
        slot_ms=slot_ms,
        priority=claim.priority,
        device=want.device,
        seq=want.seq,
    )
    return e.Stands(*key, arrival.err_ms)


def _want_id(source: EventId, seq: int) -> EventId:
    return EventId(source.device, source.inc, seq)
