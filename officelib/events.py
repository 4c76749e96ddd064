"""What happens: events that devices write in their journals, and entries that the hub writes in an office's log.

No event holds personal data. Times are hub time in milliseconds since 1970 UTC unless a name says `mono`.
"""

from typing import Annotated, Literal

import msgspec

from officelib.arrival import Arrival
from officelib.ids import EventId

Kind = Literal["booking", "walk_in"]
Score = Annotated[int, msgspec.Meta(ge=1, le=4)]
PrintOutcome = Literal["done", "not_started", "failed", "unknown", "expired", "cancelled"]
PrintLevel = Literal["none", "sent", "processed", "printed", "clean", "taken"]
RefusalReason = Literal[
    "already", "cancelled", "unknown_code", "no_such_service", "other_day", "too_early", "no_number"
]


class Event(msgspec.Struct, frozen=True, tag_field="t", omit_defaults=True):
    """Base of all events; the tag names the kind."""


class BookingClaim(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a kiosk read from a booking's code. Only `short` is set when the citizen typed a short code."""

    ref: str = ""
    slot_ms: int = 0
    short: str = ""


class Claim(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a citizen asks for. `service` is empty when only a short code is known."""

    service: str
    language: str
    booking: BookingClaim | None = None
    priority: bool = False


# --- written by devices -------------------------------------------------------------------------------------------


class Want(Event, tag="want", frozen=True):
    """A citizen asks for a ticket; the hub is to give a number."""

    claim: Claim


class Print(Event, tag="print", frozen=True):
    """The kiosk takes the hub's number for its `want` and will print it."""

    want: int
    label: str


class Lane(Event, tag="lane", frozen=True):
    """The kiosk gives a number of its own lane: to its own `want` that nobody answered, or with no want at all."""

    label: str
    claim: Claim
    want: int = 0


class Abandon(Event, tag="abandon", frozen=True):
    """No ticket came of a `want`. `told`: the number that its citizen was told instead."""

    want: int
    reason: str
    told: str = ""


class Printed(Event, tag="printed", frozen=True):
    """How the paper of a ticket ended. `ticket` is the seq of its want, or of its lane event."""

    ticket: int
    outcome: PrintOutcome
    level: PrintLevel
    copies: int = 0


class Book(Event, tag="book", frozen=True):
    """A citizen who cannot be served now wants a booking for that time; an `Abandon` of it takes it back."""

    service: str
    slot_ms: int


class Booked(Event, tag="booked", frozen=True):
    """The citizen of a `book` was told its booking: it is good, whatever the hub of the day knows of it."""

    want: int
    ref: str = ""
    service: str = ""
    slot_ms: int = 0


class Announced(Event, tag="announced", frozen=True):
    """A screen has announced a call, aloud or, when its voice failed, by sight alone."""

    call: str
    aloud: bool


class PaperShown(Event, tag="paper.shown", frozen=True):
    """A ticket's paper was scanned; `code` is its QR's text. The hub may not know that ticket yet."""

    code: str


class Left(Event, tag="ticket.left", frozen=True):
    """The citizen of a ticket's paper leaves the queue; `code` as in `PaperShown`."""

    code: str


class Rated(Event, tag="rated", frozen=True):
    """Somebody who was served says how it was, 1 to 4. Nothing says who."""

    service: str
    score: Score


DeviceEvent = Want | Print | Lane | Abandon | Printed | Book | Booked | Announced | PaperShown | Left | Rated


# --- written by the hub -------------------------------------------------------------------------------------------


class DayOpened(Event, tag="day.opened", frozen=True):
    """A business day begins: numbers start again, nobody waits. `standby` is who follows the log.

    What the office has learned goes on: `minutes` that a service takes, with their standard `deviations`, and how often
    it was `asked` for of late.
    """

    day: str
    standby: str = ""
    minutes: dict[str, float] = {}
    asked: dict[str, float] = {}
    deviations: dict[str, float] = {}


class DoorsClosed(Event, tag="doors.closed", frozen=True):
    """The office takes nobody more today, by a person's word."""


class DoorsOpened(Event, tag="doors.opened", frozen=True):
    """The opening hours count again."""


class CertificateGiven(Event, tag="certificate.given", frozen=True):
    """A device was let in, or its certificate renewed.

    `public` is the SHA-256 of its key in hex, `nonce` that of the token that it came with; `slot` the lane's digit that
    the token named, 0 for none.
    """

    device: str
    serial: str
    public: str
    pem: str
    nonce: str = ""
    slot: int = 0


class DeviceRevoked(Event, tag="device.revoked", frozen=True):
    """These certificates of a device count no more. `replaced`: another machine took its place; its papers are good."""

    device: str
    serials: tuple[str, ...]
    replaced: bool = False


class DeviceGranted(Event, tag="device.granted", frozen=True):
    """A device with a new journal gets an incarnation; a kiosk also the slot digit of a lane never used before.

    `adopted`: the device had them already, from a log that this one does not go on from.
    """

    device: str
    inc: int
    journal: str
    slot: int = 0
    adopted: bool = False


class EventsMissing(Event, tag="device.missing", frozen=True):
    """Events that a device no longer holds and this log never had: of before the backup that it was restored from."""

    device: str
    first: int
    last: int


class EventRejected(Event, tag="device.rejected", frozen=True):
    """A device's event that makes no sense; kept, told, never blocking."""

    device: str
    reason: str


class HubPromoted(Event, tag="hub.promoted", frozen=True):
    """A standby has become the hub, by an operator's word. Main numbers go on above every ceiling that it knew."""

    hub: str


class HubRestored(Event, tag="hub.restored", frozen=True):
    """The log goes on from a backup, or from nothing: main numbers and lanes given until the end of `day` are unknown.

    Until the next business day the hub gives neither; kiosks number by the lanes that they have.
    """

    hub: str
    day: str


class StandbyJoined(Event, tag="standby.joined", frozen=True):
    """Another hub follows the log. From here on main numbers stay under ceilings that it knew before."""

    hub: str


class StandbyLeft(Event, tag="standby.left", frozen=True):
    """By an operator's word nobody follows any more: numbers have no ceiling."""

    hub: str


class CeilingRaised(Event, tag="number.ceiling", frozen=True):
    """Main numbers of a series may go up to `to` once the standby has this entry, and up to `in_force` until then."""

    series: str
    in_force: int
    to: int


class Stands(msgspec.Struct, frozen=True, array_like=True):
    """A ticket's place: the queue key, and how sure the arrival is that it rests on (milliseconds, -1 for unknown).

    `arrival_ms` is the key's: the slot of a booking in time, the head start of priority taken off. When the citizen
    really came is the ticket's own `arrived_ms`.
    """

    band: int
    arrival_ms: int
    device: str
    seq: int
    err_ms: int


class TicketNumbered(Event, tag="ticket.numbered", frozen=True):
    """The hub gives a main number to a want. Not callable before the kiosk has taken it.

    `persons` come together; `then` are services of the same visit that follow.
    """

    ticket: str
    service: str
    label: str
    kind: Kind
    language: str
    stands: Stands
    booking: str = ""
    slot_ms: int = 0
    priority: bool = False
    flag: str = ""
    arrived_ms: int = 0
    persons: int = 1
    then: tuple[str, ...] = ()


class TicketWaiting(Event, tag="ticket.waiting", frozen=True):
    """The citizen knows the number: the ticket may be called."""

    ticket: str


class LaneTicket(Event, tag="ticket.lane", frozen=True):
    """A ticket that a kiosk issued by itself joins the queue, and may be called. Its fields are `TicketNumbered`'s."""

    ticket: str
    service: str
    label: str
    kind: Kind
    language: str
    stands: Stands
    booking: str = ""
    slot_ms: int = 0
    priority: bool = False
    flag: str = ""
    arrived_ms: int = 0
    persons: int = 1
    then: tuple[str, ...] = ()


class PastTicket(Event, tag="ticket.past", frozen=True):
    """A ticket of an earlier business day, or of a number that is no more: told, and nobody is called by it.

    `service` is empty when only the number is known.
    """

    ticket: str
    label: str
    service: str = ""
    arrived_ms: int = 0


class NumberVoided(Event, tag="number.voided", frozen=True):
    """A main number that nobody will carry: a gap, told."""

    label: str
    ticket: str


class WantRefused(Event, tag="want.refused", frozen=True):
    """A want gets no ticket of its own; `ticket` and `label` say which stands instead, `at_ms` the booking's slot.

    `service` is what the kiosk may give a number of its lane for, where the hub has none to give.

    Claim and arrival are kept: the kiosk may hold a number for it that a hub before this one gave, or take its own.
    """

    want: str
    reason: RefusalReason
    ticket: str = ""
    label: str = ""
    at_ms: int = 0
    claim: Claim | None = None
    arrived: Arrival = Arrival(0, -1)
    service: str = ""


class TicketAbandoned(Event, tag="ticket.abandoned", frozen=True):
    """A ticket that nobody will come with: the kiosk never took its number, or its day is over."""

    ticket: str
    reason: str


class TicketAliased(Event, tag="ticket.aliased", frozen=True):
    """A second label for a booking that already has a ticket. The earlier arrival counts."""

    ticket: str
    label: str
    of: str
    stands: Stands


class TicketFlagged(Event, tag="ticket.flagged", frozen=True):
    """Something that the clerk should know before calling: the booking was cancelled after its citizen came."""

    ticket: str
    flag: str


class TicketPrinted(Event, tag="ticket.printed", frozen=True):
    """What the printer could prove."""

    ticket: str
    outcome: PrintOutcome
    level: PrintLevel
    copies: int = 0


class TicketCalled(Event, tag="ticket.called", frozen=True):
    """A ticket is asked to a counter. `recall` when it was called there before."""

    ticket: str
    labels: tuple[str, ...]
    counter: str
    counter_name: str
    language: str
    recall: bool = False


class ServiceStarted(Event, tag="ticket.started", frozen=True):
    """The citizen stands at the counter."""

    ticket: str


class ServiceFinished(Event, tag="ticket.finished", frozen=True):
    """Served. `minutes` since the start, 0 when nobody marked it."""

    ticket: str
    minutes: float = 0.0


class VisitWentOn(Event, tag="ticket.went_on", frozen=True):
    """Served with one service of a visit: the ticket waits for its next one, with others to follow.

    `minutes` as in `ServiceFinished`, of the service that was served.
    """

    ticket: str
    service: str
    stands: Stands
    then: tuple[str, ...] = ()
    minutes: float = 0.0


class ServedByPaper(Event, tag="ticket.served_by_paper", frozen=True):
    """Served while the hub was away, by the number on the paper: the clerk's word, later. Nobody is called for it."""

    ticket: str
    counter: str
    at_ms: int


class PaperNoted(Event, tag="paper.noted", frozen=True):
    """A clerk served a paper that the log does not know: its ticket, once it comes, is served already."""

    label: str
    counter: str
    at_ms: int


class ServiceRated(Event, tag="service.rated", frozen=True):
    """How somebody found a service, 1 to 4. Of no ticket."""

    service: str
    score: Score


class BookingMade(Event, tag="booking.made", frozen=True):
    """A kiosk gave a booking, of its event `want`; the hub's list of bookings has it from here on."""

    ref: str
    service: str
    slot_ms: int
    want: str


class BookingUndone(Event, tag="booking.undone", frozen=True):
    """And nobody was told of it: its time is free again."""

    ref: str
    want: str


class NoShow(Event, tag="ticket.no_show", frozen=True):
    """Called, and nobody came."""

    ticket: str


class TicketParked(Event, tag="ticket.parked", frozen=True):
    """Set aside: the citizen fetches something and will be resumed at a clerk's word."""

    ticket: str


class TicketResumed(Event, tag="ticket.resumed", frozen=True):
    """Waits again at the old place."""

    ticket: str


class TicketTransferred(Event, tag="ticket.transferred", frozen=True):
    """Waits for another service, or for one counter alone."""

    ticket: str
    service: str
    counter: str
    stands: Stands


class TicketReferred(Event, tag="ticket.referred", frozen=True):
    """The citizen goes on to another office, to a service there; `ref` stands for this ticket between the two."""

    ticket: str
    office: str
    service: str
    ref: str


class CounterOpened(Event, tag="counter.opened", frozen=True):
    """A clerk sits down."""

    counter: str
    clerk: str


class CounterClosed(Event, tag="counter.closed", frozen=True):
    """The clerk leaves."""

    counter: str


class CallAnnounced(Event, tag="call.announced", frozen=True):
    """A screen reports that it announced a call."""

    call: str
    device: str
    aloud: bool


LogBody = (
    DayOpened
    | DoorsClosed
    | DoorsOpened
    | CertificateGiven
    | DeviceRevoked
    | DeviceGranted
    | EventsMissing
    | EventRejected
    | HubPromoted
    | HubRestored
    | StandbyJoined
    | StandbyLeft
    | CeilingRaised
    | TicketNumbered
    | TicketWaiting
    | LaneTicket
    | PastTicket
    | NumberVoided
    | WantRefused
    | TicketAbandoned
    | TicketAliased
    | TicketFlagged
    | TicketPrinted
    | TicketCalled
    | ServiceStarted
    | ServiceFinished
    | VisitWentOn
    | ServedByPaper
    | PaperNoted
    | NoShow
    | TicketParked
    | TicketResumed
    | TicketTransferred
    | TicketReferred
    | CounterOpened
    | CounterClosed
    | CallAnnounced
    | ServiceRated
    | BookingMade
    | BookingUndone
)


class LogEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of an office's log.

    Attributes:
        n: Place in the log, from 1 without gaps.
        ep: The hub's epoch.
        at_ms: Hub time of the commit.
        body: What happened.
        src: The device's event that caused it; None for what a clerk or the hub itself did.
    """

    n: int
    ep: int
    at_ms: int
    body: LogBody
    src: EventId | None = None

    def chained(self) -> tuple[int | str | bytes, ...]:
        """What the entry's link in the log's chain speaks of."""
        return self.n, self.ep, self.at_ms, str(self.src or ""), msgspec.json.encode(self.body)

    @property
    def call_id(self) -> str:
        """The id of the call that this entry makes."""
        return f"{self.ep}-{self.n}"


def ticket_id(device: str, inc: int, seq: int) -> str:
    """A ticket's internal id: that of the event that asked for it."""
    return str(EventId(device, inc, seq))
