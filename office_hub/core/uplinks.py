"""The hub's side of the uplink: which events of a batch count, which journal is whose, and what is answered."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import msgspec

from mqtt_bridge.messages import Down, Up, UpEvent
from office_hub.core import intake, views
from office_hub.core.draft import Draft
from office_hub.core.enrolling import is_safe
from officelib import events as e
from officelib.arrival import Arrival, estimate
from officelib.booking import Booking
from officelib.catalogue import Catalogue
from officelib.ids import EventId
from officelib.inbound import Result, SlotDenied, SlotGranted
from officelib.journal import chain
from officelib.journal.office_log import Mark
from officelib.office import DeviceState, Office, State
from officelib.ticket_code import is_genuine, read_code

log = logging.getLogger(__name__)

DECODER = msgspec.json.Decoder(e.DeviceEvent)


@dataclass(frozen=True)
class Ledger:
    """What a batch is judged by.

    Attributes:
        catalogue: The office's rules.
        find_booking: The booking that a claim means.
        marks: The newest event of each journal that is on the hub's disk.
        day_start_ms: When this business day began.
        slots: The lane's digits that devices were enrolled with.
        certificates: Those that a device was given, PEM.
        taken: How many bookings of a service a slot has.
        fresh_ref: A reference that no booking has.
        given_for: The booking that a kiosk got for its event.
        code_of: What the QR of a kiosk's booking says.
    """

    catalogue: Catalogue
    find_booking: intake.FindBooking
    marks: Mapping[tuple[str, int], Mark]
    day_start_ms: int
    slots: Callable[[], Mapping[str, int]] = dict
    certificates: Callable[[str], Iterable[str]] = lambda _: ()
    taken: Callable[[str, int], int] = lambda *_: 0
    fresh_ref: Callable[[], str] = str
    given_for: Callable[[str], Booking | None] = lambda _: None
    code_of: Callable[[Booking], str] = lambda _: ""


def take_up(draft: Draft, ledger: Ledger, up: Up) -> Down | None:
    """Take in a batch, or a greeting.

    Returns:
        The answer, which must not be sent before the draft is on the disk; its hub time and stable place are the
        sender's to fill in. None: the device is not answered, and asks again.
    """
    state = _own(draft, ledger, up)
    if state is None or (up.inc == 0 and not is_safe(draft, state.n)):
        return None
    answer = Down(
        ep=draft.epoch,
        device=up.device,
        journal=up.journal,
        inc=state.inc,
        acked=0,
        slot=state.slot,
        hub_ms=0,
        boot=up.boot,
        echo_mono_ms=up.sent_mono_ms,
    )
    if up.inc == 0:
        return answer
    _take_events(draft, ledger, up, _mark(draft, ledger, up))
    seq, link = _mark(draft, ledger, up)
    results = _results(draft.office, ledger, up)
    return msgspec.structs.replace(answer, acked=seq, link=link.hex() if seq and link else "", results=results)


def _own(draft: Draft, ledger: Ledger, up: Up) -> DeviceState | None:
    """The device's place in the log; granted, or adopted, when it has none. None: not its newest journal."""
    office = draft.office
    state = office.devices.get(up.device)
    if up.inc == 0 and (state is None or state.journal != up.journal):
        draft.add([_grant(office, ledger.slots(), up), *_orphans_of(office, up.device)])
    elif up.inc and (state is None or up.inc > state.inc):
        if not office.restored_day:
            log.error(
                "%s was granted by a log that this hub does not go on from; restore the newest backup:"
                " office-hub restore --help. Until then the device is not heard.",
                up.device,
            )
            return None
        log.warning("%s is taken over with the journal that it has, incarnation %d", up.device, up.inc)
        draft.add([e.DeviceGranted(up.device, up.inc, up.journal, up.slot, adopted=True)])
    state = office.devices[up.device]
    if state.journal != up.journal or up.inc not in (0, state.inc):
        log.error("%s speaks with a journal that is not its newest: copied, or restored from a backup?", up.device)
        return None
    return state


def _grant(office: Office, enrolled: Mapping[str, int], up: Up) -> e.DeviceGranted:
    """A new journal's place. A lane goes on in no other journal: one that is lost costs its digit."""
    before = office.devices.get(up.device)
    slot = 0
    if up.device.startswith("k"):
        if office.day > office.restored_day:
            mine = enrolled.get(up.device, 0)
            free = [s for s in range(1, 10) if s not in office.slots_used]
            others = {digit for device, digit in enrolled.items() if device != up.device}
            slot = mine if mine in free else next((s for s in free if s not in others), 0)
        if not slot:
            log.error("%s gets no lane today: all nine slot digits are in use, or not known after a restore", up.device)
    return e.DeviceGranted(up.device, before.inc + 1 if before else 1, up.journal, slot)


def _orphans_of(office: Office, device: str) -> list[e.LogBody]:
    """Numbers whose paper a lost journal may have printed: called in vain rather than lost."""
    return [
        e.TicketWaiting(ticket.id)
        for ticket in office.tickets.values()
        if ticket.state is State.NUMBERED and ticket.stands.device == device
    ]


def _mark(draft: Draft, ledger: Ledger, up: Up) -> Mark:
    key = (up.device, up.inc)
    return draft.marks.get(key) or ledger.marks.get(key) or Mark(0, chain.GENESIS)


def _take_events(draft: Draft, ledger: Ledger, up: Up, mark: Mark) -> None:
    """Take in what follows. An event that does not follow from the one before it is none of this journal's."""
    rules = intake.Intake(
        ledger.catalogue,
        ledger.find_booking,
        *_fates(up, draft.now_ms),
        ledger.day_start_ms,
        draft.followed_to,
        ledger.certificates,
        ledger.taken,
        ledger.fresh_ref,
        ledger.given_for,
    )
    if mark.seq < up.floor <= up.head:
        log.warning("%s no longer holds its events %d to %d, which this log lacks", up.device, mark.seq + 1, up.floor)
        draft.add([e.EventsMissing(up.device, mark.seq + 1, up.floor)], EventId(up.device, up.inc, up.floor))
        mark = draft.marks[up.device, up.inc] = Mark(up.floor)
    for event in up.events:
        if event.seq <= mark.seq:
            continue
        if event.seq != mark.seq + 1:
            break
        if not _follows(mark, event):
            log.error("%s: event %d does not follow from the one before: a copied journal?", up.device, event.seq)
            break
        source = EventId(up.device, up.inc, event.seq)
        draft.add(_bodies(draft, rules, source, event, _arrival(up, event, draft.now_ms)), source)
        link = bytes.fromhex(event.link) if event.link else None
        mark = draft.marks[up.device, up.inc] = Mark(event.seq, link)


def _follows(mark: Mark, event: UpEvent) -> bool:
    """Whether an event's link is the one that its predecessor's gives; unknown predecessors are believed."""
    if mark.link is None or not event.link:
        return True
    return chain.link(mark.link, event.seq, event.boot, event.mono_ms, bytes(event.body)).hex() == event.link


def _arrival(up: Up, event: UpEvent, now_ms: int) -> Arrival:
    """When an event happened; without an anchor of its boot it stands before what came in later boots."""
    return estimate(up.anchors.get(event.boot), event.mono_ms, min(now_ms, up.not_after.get(event.boot, now_ms)))


def _bodies(draft: Draft, rules: intake.Intake, source: EventId, came: UpEvent, when: Arrival) -> list[e.LogBody]:
    try:
        event = DECODER.decode(came.body)
        return intake.take_in(draft.office, rules, source, event, when)
    except ValueError as error:
        log.error("event %s makes no sense: %s", source, error)
        return [e.EventRejected(source.device, str(error)[:200])]


def _fates(up: Up, now_ms: int) -> tuple[frozenset[int], dict[int, str], dict[int, Arrival]]:
    """What the batch says of its wants: those that are over, those whose citizen has a number already, and when."""
    settled, printed, arrivals = set(), {}, {}
    for event in up.events:
        try:
            decoded = DECODER.decode(event.body)
            is_told = isinstance(decoded, e.Abandon) and intake.is_main(decoded.told)
        except ValueError:
            continue
        if isinstance(decoded, e.Abandon) and is_told:
            printed[decoded.want] = decoded.told
        elif isinstance(decoded, e.Lane | e.Abandon | e.Booked) and decoded.want:
            settled.add(decoded.want)
        elif isinstance(decoded, e.Want):
            arrivals[event.seq] = _arrival(up, event, now_ms)
        elif isinstance(decoded, e.Print):
            printed[decoded.want] = decoded.label
    return frozenset(settled), printed, arrivals


def _results(office: Office, ledger: Ledger, up: Up) -> tuple[Result, ...]:
    found = (_result(office, ledger, up, event) for event in up.events)
    return tuple(result for result in found if result is not None)


def _result(office: Office, ledger: Ledger, up: Up, came: UpEvent) -> Result | None:
    """What a device is told of one of its events."""
    try:
        event = DECODER.decode(came.body)
        if isinstance(event, e.PaperShown | e.Left):
            code = read_code(event.code)
            genuine = is_genuine(event.code, ledger.certificates(code.device))
            ticket = office.ticket_of(code.ticket) if genuine else None
            return views.paper_result(office, ledger.catalogue, came.seq, ticket, code.label)
        if isinstance(event, e.Book):
            return _slot_result(ledger, came.seq, str(EventId(up.device, up.inc, came.seq)))
    except ValueError:
        return None
    return views.want_result(office, ledger.catalogue, came.seq, str(EventId(up.device, up.inc, came.seq)))


def _slot_result(ledger: Ledger, seq: int, want: str) -> Result:
    given = ledger.given_for(want)
    if given is None:
        return SlotDenied(seq)
    return SlotGranted(seq, given.ref, given.service, given.slot_ms, given.short, ledger.code_of(given))
