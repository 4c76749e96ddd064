"""How a kiosk goes from screen to screen. Pure: no clock, no device, no Qt."""

from dataclasses import replace
from typing import assert_never

import msgspec

from kiosk_app.core import events as ev
from kiosk_app.core.check_in import claim_of_code, claim_of_paper
from kiosk_app.core.choosing import (
    can_issue,
    group_chosen,
    is_open,
    leaflet_asked,
    leaflet_ended,
    searched,
    service_chosen,
    still_there,
)
from kiosk_app.core.door import maintained, opens
from kiosk_app.core.entering import entered_wrong, typed, typing_asked, who_entered
from kiosk_app.core.helping import help_again, help_answered, help_asked, help_closed, help_unheard, helped
from kiosk_app.core.papers import leave_asked, leave_confirmed, paper_answered, paper_told, score_chosen, stayed
from kiosk_app.core.patience import has_news, rest, show, wait_anew
from kiosk_app.core.slots import (
    not_reserved,
    reserving_written,
    slip_ended,
    slip_recovered,
    slip_written,
    slot_answered,
    slot_chosen,
    slots_asked,
)
from kiosk_app.core.states import (
    Attract,
    Choosing,
    ChoosingSlot,
    Committing,
    Confirming,
    Issuing,
    Kiosk,
    Leaving,
    LookingUp,
    Maintaining,
    Mode,
    Paper,
    Problem,
    Rating,
    Reserving,
    Searching,
    ShowingProblem,
    ShowingSlip,
    ShowingTicket,
    Thanks,
    TicketFacts,
    Typing,
)
from officelib.booking import is_short_code
from officelib.events import Claim
from officelib.inbound import PaperAnswered, SlotDenied, SlotGranted, WantDenied, WantGranted
from officelib.ticket_code import TicketCode, looks_like_ticket

Step = tuple[Kiosk, list[ev.Effect]]

BUSY = (Issuing, Committing, Reserving, LookingUp)


def step(kiosk: Kiosk, event: ev.Event, now_ms: int) -> Step:
    """The kiosk after an event, and what is to be done.

    Args:
        kiosk: As it stands.
        event: What happened.
        now_ms: Monotonic milliseconds.
    """
    match event:
        case ev.Started() | ev.LanguageChosen() | ev.ServiceChosen() | ev.Confirmed():
            return _touched(kiosk, event, now_ms)
        case ev.GroupChosen() | ev.SearchAsked() | ev.LeafletAsked() | ev.PrioritySwitched():
            return _touched(kiosk, event, now_ms)
        case ev.TypingAsked() | ev.KeyTyped() | ev.CodeEntered() | ev.SlotsAsked() | ev.SlotChosen():
            return _touched(kiosk, event, now_ms)
        case ev.SlipWritten():
            return slip_written(kiosk, event.seq, now_ms)
        case ev.SlipRecovered():
            return slip_recovered(kiosk, event.slip, now_ms)
        case ev.SlipEnded():
            return slip_ended(kiosk, event, now_ms), []
        case ev.PaperTold():
            return paper_told(kiosk, event), []
        case ev.TestPrinted():
            screen = kiosk.screen
            return maintained(kiosk, screen, event, now_ms) if isinstance(screen, Maintaining) else (kiosk, [])
        case ev.TabChosen() | ev.TestAsked() | ev.TileTouched():
            return _touched(kiosk, event, now_ms)
        case ev.LeaveAsked() | ev.LeaveConfirmed() | ev.ScoreChosen():
            return _touched(kiosk, event, now_ms)
        case ev.BackPressed() | ev.DonePressed() | ev.StillHere() | ev.CopyAsked() | ev.ModeSwitched():
            return _touched(kiosk, event, now_ms)
        case ev.HelpAsked() | ev.HelpCalled() | ev.HelpGivenUp():
            return _touched(kiosk, event, now_ms)
        case ev.HelpAnswered():
            return help_answered(kiosk, event, now_ms), []
        case ev.SpeechSwitched():
            modes = kiosk.modes if event.on else kiosk.modes - {Mode.CURTAIN}
            return wait_anew(replace(kiosk, speaks=event.on, modes=modes), now_ms), []
        case ev.Spoke():
            return wait_anew(kiosk, now_ms), []
        case ev.CodeScanned() | ev.ScanFailed():
            return _scanned(kiosk, event, now_ms)
        case ev.BookingFound():
            return _found(kiosk, event, now_ms)
        case ev.BookingSeen() | ev.BookingNew():
            return _booking(kiosk, event, now_ms)
        case ev.WantWritten():
            return _want_written(kiosk, event, now_ms)
        case ev.HubAnswered():
            return _answered(kiosk, event, now_ms)
        case ev.TicketWritten():
            if not isinstance(kiosk.screen, Committing):
                return kiosk, [ev.PrintPaper(event.ticket)]
            shown = show(kiosk, ShowingTicket(event.ticket, Paper.PRINTING), now_ms)
            return shown, [ev.PrintPaper(event.ticket)]
        case ev.PaperEnded():
            return _paper_ended(kiosk, event, now_ms), []
        case ev.LeafletEnded():
            return leaflet_ended(kiosk, event, now_ms), []
        case ev.TimePassed():
            return _time_passed(kiosk, now_ms)
        case ev.LinkSwitched():
            return _link(kiosk, up=event.up)
        case ev.OfficeTold():
            return _office_told(kiosk, event, now_ms), []
        case ev.QueuesTold():
            return _queues_told(kiosk, event), []
        case ev.Enrolled():
            return replace(kiosk, enrolled=event.granted, has_lane=event.has_lane), []
        case ev.JournalRefused():
            return _journal_refused(kiosk, now_ms)
        case ev.Recovered():
            return _recovered(kiosk, event.ticket, now_ms)
        case _:
            assert_never(event)


Touch = (
    ev.Started
    | ev.LanguageChosen
    | ev.ServiceChosen
    | ev.GroupChosen
    | ev.SearchAsked
    | ev.LeafletAsked
    | ev.PrioritySwitched
    | ev.TypingAsked
    | ev.KeyTyped
    | ev.CodeEntered
    | ev.SlotsAsked
    | ev.SlotChosen
    | ev.Confirmed
    | ev.BackPressed
    | ev.DonePressed
    | ev.StillHere
    | ev.CopyAsked
    | ev.LeaveAsked
    | ev.LeaveConfirmed
    | ev.ScoreChosen
    | ev.TabChosen
    | ev.TestAsked
    | ev.TileTouched
    | ev.ModeSwitched
    | ev.HelpAsked
    | ev.HelpCalled
    | ev.HelpGivenUp
)


def _touched(kiosk: Kiosk, event: Touch, now_ms: int) -> Step:
    """A finger. Any touch answers the warning; while a ticket is being made, nothing else counts."""
    if kiosk.warning:
        kiosk = show(kiosk, kiosk.screen, now_ms)
        if isinstance(event, ev.StillHere):
            return kiosk, []
    if isinstance(event, ev.HelpAsked):
        return help_asked(kiosk, now_ms), []
    if kiosk.asks_help:
        if isinstance(event, ev.HelpCalled | ev.HelpGivenUp | ev.BackPressed):
            return helped(kiosk, event, now_ms)
        return wait_anew(kiosk, now_ms), []
    if isinstance(event, ev.LanguageChosen):
        return _language(kiosk, event, now_ms), []
    if isinstance(event, ev.ModeSwitched):
        kiosk = replace(kiosk, modes=kiosk.modes ^ {event.mode})
        return (kiosk if isinstance(kiosk.screen, BUSY) else show(kiosk, kiosk.screen, now_ms)), []
    screen = kiosk.screen
    match event, screen:
        case ev.Started(), Attract():
            return show(kiosk, Choosing(), now_ms), []
        case ev.TypingAsked(), Attract() | Choosing() | Typing():
            return typing_asked(kiosk, who=event.who, now_ms=now_ms), []
        case ev.GroupChosen(), Choosing():
            return group_chosen(kiosk, event.group, now_ms), []
        case ev.SearchAsked(), Choosing():
            return show(kiosk, Searching(), now_ms), []
        case ev.KeyTyped(), Searching():
            return show(kiosk, searched(screen, event.character), now_ms), []
        case ev.PrioritySwitched(), Confirming() if kiosk.catalogue is not None and kiosk.catalogue.priority:
            return show(kiosk, replace(screen, priority=not screen.priority), now_ms), []
        case ev.LeafletAsked(), Confirming():
            return leaflet_asked(kiosk, now_ms)
        case ev.KeyTyped(), Typing():
            return show(kiosk, typed(kiosk, screen, event.character), now_ms), []
        case ev.CodeEntered(), Typing() if screen.who:
            return who_entered(kiosk, screen, now_ms)
        case ev.CodeEntered(), Typing():
            if not is_short_code(screen.text):
                return show(kiosk, entered_wrong(screen), now_ms), []
            return _scanned(kiosk, ev.CodeScanned(screen.text, event.hub_ms), now_ms)
        case ev.ServiceChosen(), Choosing() | Searching():
            return service_chosen(kiosk, event, now_ms), []
        case ev.Confirmed(), Confirming():
            return _issue(kiosk, Claim(screen.service, kiosk.language, priority=screen.priority), now_ms)
        case ev.SlotsAsked(), Confirming() | ShowingProblem():
            return slots_asked(kiosk, event.hub_ms, now_ms), []
        case ev.SlotChosen(), ChoosingSlot():
            return slot_chosen(kiosk, event.slot_ms, now_ms)
        case ev.BackPressed(), ChoosingSlot():
            return still_there(show(kiosk, screen.behind, now_ms), now_ms), []
        case ev.BackPressed(), Confirming():
            return still_there(show(kiosk, screen.behind, now_ms), now_ms), []
        case ev.BackPressed(), Searching():
            return show(kiosk, Choosing(), now_ms), []
        case ev.BackPressed(), Choosing() if screen.group:
            return show(kiosk, Choosing(), now_ms), []
        case (
            (ev.BackPressed() | ev.DonePressed()),
            (Choosing() | Searching() | Typing() | ShowingTicket() | ShowingProblem()),
        ):
            return rest(kiosk), []
        case ev.LeaveAsked(), ShowingTicket():
            return leave_asked(kiosk, now_ms), []
        case ev.LeaveConfirmed(), Leaving():
            return leave_confirmed(kiosk, now_ms)
        case ev.BackPressed(), Leaving():
            return stayed(kiosk, screen, now_ms), []
        case ((ev.TabChosen() | ev.TestAsked() | ev.TileTouched()), Maintaining()):
            return maintained(kiosk, screen, event, now_ms)
        case ev.ScoreChosen(), Rating():
            return score_chosen(kiosk, event.score, now_ms)
        case (
            (ev.BackPressed() | ev.DonePressed()),
            (Leaving() | Rating() | Thanks() | Maintaining() | ChoosingSlot() | ShowingSlip()),
        ):
            return rest(kiosk), []
        case ev.CopyAsked(), ShowingTicket() if screen.paper is not Paper.PRINTING and screen.ticket.seq:
            ticket = replace(screen.ticket, copies=screen.ticket.copies + 1)
            shown = replace(screen, ticket=ticket, paper=Paper.PRINTING)
            return show(kiosk, shown, now_ms), [ev.PrintPaper(ticket)]
        case ev.StillHere(), _ if not isinstance(screen, BUSY):
            return show(kiosk, screen, now_ms), []
        case _:
            return kiosk, []


def _language(kiosk: Kiosk, event: ev.LanguageChosen, now_ms: int) -> Kiosk:
    catalogue = kiosk.catalogue
    if catalogue is not None and event.language not in catalogue.office.languages:
        return kiosk
    kiosk = replace(kiosk, language=event.language)
    if isinstance(kiosk.screen, Attract):
        return show(kiosk, Choosing(), now_ms)
    return kiosk if isinstance(kiosk.screen, BUSY) else show(kiosk, kiosk.screen, now_ms)


def _scanned(kiosk: Kiosk, event: ev.CodeScanned | ev.ScanFailed, now_ms: int) -> Step:
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


def _found(kiosk: Kiosk, event: ev.BookingFound, now_ms: int) -> Step:
    """Who was not known gets no ticket, and is told so; who was, goes on as by the code."""
    if not isinstance(kiosk.screen, LookingUp) or kiosk.screen.asked != event.asked:
        return kiosk, []
    if not event.short:
        return show(kiosk, ShowingProblem(Problem.NOT_FOUND), now_ms), []
    return _scanned(replace(kiosk, screen=Typing()), ev.CodeScanned(event.short, event.hub_ms), now_ms)


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


def _booking(kiosk: Kiosk, event: ev.BookingSeen | ev.BookingNew, now_ms: int) -> Step:
    if not isinstance(kiosk.screen, Issuing) or kiosk.screen.seq is not None:
        return kiosk, []
    if isinstance(event, ev.BookingSeen):
        shown = show(kiosk, ShowingTicket(event.ticket, Paper.PRINTED, again=True), now_ms)
        return shown, [ev.TellPaper(event.ticket.code)] if event.ticket.code else []
    return _issue(kiosk, event.claim, now_ms)


def _issue(kiosk: Kiosk, claim: Claim, now_ms: int) -> Step:
    """Ask the hub for a number; without a hub, take one of the lane at once."""
    if kiosk.link_up:
        return replace(kiosk, screen=Issuing(claim), due_ms=None, warning=False), [ev.WriteWant(claim)]
    if kiosk.has_lane:
        return replace(kiosk, screen=Committing(claim), due_ms=None, warning=False), [ev.WriteLane(claim, 0)]
    return show(kiosk, ShowingProblem(Problem.OUT_OF_SERVICE), now_ms), []


def _want_written(kiosk: Kiosk, event: ev.WantWritten, now_ms: int) -> Step:
    if isinstance(kiosk.screen, Reserving) and kiosk.screen.seq is None:
        return reserving_written(kiosk, kiosk.screen, event.seq, now_ms), []
    if not isinstance(kiosk.screen, Issuing):
        return kiosk, [ev.WriteAbandon(event.seq, "nobody waited for it")]
    screen = replace(kiosk.screen, seq=event.seq)
    return replace(kiosk, screen=screen, due_ms=now_ms + kiosk.timings.answer_ms), []


def _answered(kiosk: Kiosk, event: ev.HubAnswered, now_ms: int) -> Step:
    """The hub's answer; one that comes too late has no effect: the hub voids that number when it hears of the lane."""
    screen, result = kiosk.screen, event.result
    if isinstance(result, PaperAnswered):
        return paper_answered(kiosk, result, now_ms)
    if isinstance(result, SlotGranted | SlotDenied):
        return slot_answered(kiosk, result, now_ms)
    if not isinstance(screen, Issuing) or screen.seq != result.seq:
        return kiosk, []
    if isinstance(result, WantGranted):
        ticket = TicketFacts(
            seq=result.seq,
            label=result.label,
            service=result.service,
            language=kiosk.language,
            ahead=result.ahead,
            wait_min=result.wait_min,
            slot_ms=result.slot_ms,
            issued_ms=event.hub_ms or 0,
            spread_min=result.spread_min,
            persons=result.persons,
            then=result.then,
        )
        ref = screen.claim.booking.ref if screen.claim.booking else ""
        return replace(kiosk, screen=Committing(screen.claim), due_ms=None), [ev.WritePrint(ticket, ref)]
    if result.reason == "no_number":
        claim = msgspec.structs.replace(screen.claim, service=screen.claim.service or result.service)
        return _give_up_on_hub(kiosk, replace(screen, claim=claim), result.seq, now_ms)
    # the journal says so too: another hub, which may know less, is not to give this want a number later, and is to
    # call the number that the citizen was told
    ended = ev.WriteAbandon(result.seq, f"refused: {result.reason}", result.label)
    return _denied(kiosk, result, event.hub_ms or 0, now_ms), [ended]


def _denied(kiosk: Kiosk, result: WantDenied, hub_ms: int, now_ms: int) -> Kiosk:
    match result.reason:
        case "already":
            ticket = TicketFacts(
                result.seq, result.label, result.service, kiosk.language, None, None, 0, issued_ms=hub_ms, copies=1
            )
            return show(kiosk, ShowingTicket(ticket, Paper.PRINTED, again=True), now_ms)
        case "cancelled":
            return show(kiosk, ShowingProblem(Problem.CANCELLED), now_ms)
        case "other_day":
            return show(kiosk, ShowingProblem(Problem.OTHER_DAY, result.slot_ms), now_ms)
        case "too_early":
            early_min = kiosk.catalogue.order.early_min if kiosk.catalogue else 0
            return show(kiosk, ShowingProblem(Problem.TOO_EARLY, result.slot_ms - early_min * 60_000), now_ms)
        case "unknown_code" | "no_such_service" | "no_number":
            return show(kiosk, ShowingProblem(Problem.INVALID_CODE), now_ms)
        case _:
            assert_never(result.reason)


def _journal_refused(kiosk: Kiosk, now_ms: int) -> Step:
    """The disk is full. A number that a citizen sees already is good, and stays; a want that waits is given up."""
    screen = kiosk.screen
    if isinstance(screen, ShowingTicket) and screen.ticket.seq:
        paper = Paper.FAULT if screen.paper is Paper.PRINTING else screen.paper
        return show(kiosk, replace(screen, paper=paper), now_ms), []
    if isinstance(screen, ShowingSlip):
        paper = Paper.FAULT if screen.paper is Paper.PRINTING else screen.paper
        return show(kiosk, replace(screen, paper=paper), now_ms), []
    waiting = screen.seq if isinstance(screen, Issuing | Reserving) else None
    gives_up: list[ev.Effect] = [] if waiting is None else [ev.WriteAbandon(waiting, "the disk was full")]
    return show(kiosk, ShowingProblem(Problem.OUT_OF_SERVICE), now_ms), gives_up


def _recovered(kiosk: Kiosk, ticket: TicketFacts, now_ms: int) -> Step:
    """The citizen of an interrupted ticket may still stand here: the number is shown and the paper printed."""
    effects: list[ev.Effect] = [ev.PrintPaper(ticket)]
    if not isinstance(kiosk.screen, Attract):
        return kiosk, effects
    return show(replace(kiosk, language=ticket.language), ShowingTicket(ticket, Paper.PRINTING), now_ms), effects


def _paper_ended(kiosk: Kiosk, event: ev.PaperEnded, now_ms: int) -> Kiosk:
    screen = kiosk.screen
    if not isinstance(screen, ShowingTicket) or screen.ticket.seq != event.seq:
        return kiosk
    return show(kiosk, replace(screen, paper=Paper.PRINTED if event.printed else Paper.FAULT), now_ms)


def _time_passed(kiosk: Kiosk, now_ms: int) -> Step:
    if kiosk.due_ms is None or now_ms < kiosk.due_ms:
        return kiosk, []
    screen = kiosk.screen
    if isinstance(screen, Issuing) and screen.seq is not None:
        return _give_up_on_hub(kiosk, screen, screen.seq, now_ms)
    if isinstance(screen, LookingUp):
        return show(kiosk, ShowingProblem(Problem.NOT_ASKED), now_ms), []
    if isinstance(screen, Reserving):
        return not_reserved(kiosk, screen, now_ms)
    passes = isinstance(screen, Attract | ShowingTicket | ShowingProblem | Thanks) and not has_news(screen)
    passes = passes and not kiosk.asks_help
    if passes or kiosk.warning:
        return rest(kiosk), []
    return replace(kiosk, warning=True, due_ms=now_ms + kiosk.timings.warning_ms), []


def _give_up_on_hub(kiosk: Kiosk, screen: Issuing, want: int, now_ms: int) -> Step:
    """The hub has no number, or none in time: one of the lane, or, for a short code that only the hub knows, none."""
    if not screen.claim.service or not kiosk.has_lane:
        shown = show(kiosk, ShowingProblem(Problem.OUT_OF_SERVICE), now_ms)
        return shown, [ev.WriteAbandon(want, "no answer in time")]
    return replace(kiosk, screen=Committing(screen.claim), due_ms=None), [ev.WriteLane(screen.claim, want)]


def _link(kiosk: Kiosk, *, up: bool) -> Step:
    kiosk = replace(kiosk if up else help_unheard(kiosk), link_up=up)
    screen = kiosk.screen
    if not up and isinstance(screen, Issuing | Reserving) and screen.seq is not None and kiosk.due_ms is not None:
        return replace(kiosk, due_ms=0), []
    return kiosk, help_again(kiosk) if up else []


def _queues_told(kiosk: Kiosk, event: ev.QueuesTold) -> Kiosk:
    """What is asked for most changes nothing under a citizen's finger."""
    ranking = event.view.asked if isinstance(kiosk.screen, Attract) else kiosk.ranking
    return replace(kiosk, view=event.view, ranking=ranking)


def _office_told(kiosk: Kiosk, event: ev.OfficeTold, now_ms: int) -> Kiosk:
    first = kiosk.catalogue is None or isinstance(kiosk.screen, Attract)
    language = event.catalogue.language if first else kiosk.language
    told = replace(kiosk, catalogue=event.catalogue, keys=event.keys, language=language)
    return still_there(told, now_ms)
