"""A code is read: of a booking, of a paper, of a technician. Pure."""

from dataclasses import replace

from kiosk_app.core import events as ev
from kiosk_app.core.check_in import claim_of_code, claim_of_paper
from kiosk_app.core.choosing import (
    can_issue,
    is_open,
)
from kiosk_app.core.door import maintained, opens
from kiosk_app.core.helping import help_closed
from kiosk_app.core.issuing import BUSY, Step, issue
from kiosk_app.core.patience import show
from kiosk_app.core.states import (
    Issuing,
    Kiosk,
    LookingUp,
    Maintaining,
    Paper,
    Problem,
    ShowingProblem,
    ShowingTicket,
    TicketFacts,
    Typing,
)
from officelib.events import Claim
from officelib.ticket_code import TicketCode, looks_like_ticket


def scanned(kiosk: Kiosk, event: ev.CodeScanned | ev.ScanFailed, now_ms: int) -> Step:
    """A code. It counts on every screen but while a ticket is being made."""
    if isinstance(kiosk.screen, BUSY):
        return kiosk, []
    kiosk = help_closed(kiosk, now_ms) if kiosk.asks_help else kiosk
    if isinstance(kiosk.screen, Maintaining):
        return maintained(kiosk, kiosk.screen, event, now_ms)
    if isinstance(event, ev.CodeScanned) and opens(kiosk.door, event.text):
        return show(kiosk, Maintaining(), now_ms), []
    if isinstance(kiosk.screen, ShowingTicket):
        kiosk = replace(kiosk, modes=frozenset())  # of whoever has that ticket already
    if isinstance(event, ev.ScanFailed):
        return show(kiosk, ShowingProblem(Problem.SCAN_AGAIN), now_ms), []
    if kiosk.catalogue is not None and kiosk.enrolled and looks_like_ticket(event.text):
        # who waits, or was served, may ask at any time
        claim = claim_of_paper(event.text, kiosk.language, kiosk.catalogue.office.code)
        if isinstance(claim, TicketCode):
            return _paper_shown(kiosk, claim, event, now_ms)
    if not can_issue(kiosk) or kiosk.catalogue is None:
        return show(kiosk, ShowingProblem(Problem.OUT_OF_SERVICE), now_ms), []
    if not is_open(kiosk, event.hub_ms):
        return show(kiosk, ShowingProblem(Problem.CLOSED), now_ms), []
    found: Claim | TicketCode | ShowingProblem
    if looks_like_ticket(event.text):
        found = claim_of_paper(event.text, kiosk.language, kiosk.catalogue.office.code)
    else:
        found = claim_of_code(event.text, kiosk.language, kiosk.catalogue, kiosk.keys, event.hub_ms)
    if isinstance(found, ShowingProblem):
        return show(kiosk, found, now_ms), []
    if isinstance(found, TicketCode):
        return _paper_shown(kiosk, found, event, now_ms)
    if found.booking is None:
        return kiosk, []
    if not found.service and not kiosk.link_up:
        return show(kiosk, ShowingProblem(Problem.UNCHECKED), now_ms), []
    waiting = replace(kiosk, screen=Issuing(found), due_ms=None, warning=False)
    return waiting, [ev.LookUpBooking(found, found.booking)]


def found(kiosk: Kiosk, event: ev.BookingFound, now_ms: int) -> Step:
    """Who was not known gets no ticket, and is told so; who was, goes on as by the code."""
    if not isinstance(kiosk.screen, LookingUp) or kiosk.screen.asked != event.asked:
        return kiosk, []
    if not event.short:
        return show(kiosk, ShowingProblem(Problem.NOT_FOUND), now_ms), []
    return scanned(replace(kiosk, screen=Typing()), ev.CodeScanned(event.short, event.hub_ms), now_ms)


def booking_known(kiosk: Kiosk, event: ev.BookingSeen | ev.BookingNew, now_ms: int) -> Step:
    """This kiosk gave that booking a ticket already, which is shown again, or it did not."""
    if not isinstance(kiosk.screen, Issuing) or kiosk.screen.seq is not None:
        return kiosk, []
    if isinstance(event, ev.BookingSeen):
        shown = show(kiosk, ShowingTicket(event.ticket, Paper.PRINTED, again=True), now_ms)
        return shown, [ev.TellPaper(event.ticket.code)] if event.ticket.code else []
    return issue(kiosk, event.claim, now_ms)


def _paper_shown(kiosk: Kiosk, code: TicketCode, scan: ev.CodeScanned, now_ms: int) -> Step:
    """A ticket's paper, perhaps of a kiosk that is cut off: the hub hears of it, and the citizen sees the number.

    Only the hub can tell whose signature it is, so no copy is printed of it.
    """
    found = kiosk.catalogue.services_by_code.get(code.service) if kiosk.catalogue else None
    if found is None or kiosk.catalogue is None:
        return show(kiosk, ShowingProblem(Problem.INVALID_CODE), now_ms), []
    day = kiosk.catalogue.business_day
    if scan.hub_ms is not None and code.err_ms >= 0 and day(code.arrived_ms) != day(scan.hub_ms):
        return show(kiosk, ShowingProblem(Problem.INVALID_CODE), now_ms), []
    ticket = TicketFacts(
        seq=0,
        label=code.label,
        service=found.id,
        language=kiosk.language,
        ahead=None,
        wait_min=None,
        slot_ms=code.slot_ms,
        issued_ms=code.arrived_ms,
        copies=1,
        code=scan.text.strip().upper(),
    )
    return show(kiosk, ShowingTicket(ticket, Paper.PRINTED, again=True), now_ms), [ev.TellPaper(ticket.code)]
