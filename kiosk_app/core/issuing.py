"""From a claim to a ticket in the hand: the hub's number or the lane's, the paper, and what keeps either away. Pure."""

from dataclasses import replace
from typing import assert_never

import msgspec

from kiosk_app.core import events as ev
from kiosk_app.core.papers import paper_answered
from kiosk_app.core.patience import show
from kiosk_app.core.slots import (
    reserving_written,
    slot_answered,
)
from kiosk_app.core.states import (
    Attract,
    Committing,
    Issuing,
    Kiosk,
    LookingUp,
    Paper,
    Problem,
    Reserving,
    ShowingProblem,
    ShowingSlip,
    ShowingTicket,
    TicketFacts,
)
from officelib.events import Claim
from officelib.inbound import PaperAnswered, SlotDenied, SlotGranted, WantDenied, WantGranted

Step = tuple[Kiosk, list[ev.Effect]]

BUSY = (Issuing, Committing, Reserving, LookingUp)
"""While these are shown, a citizen waits, and nothing that is touched or scanned counts."""


def issue(kiosk: Kiosk, claim: Claim, now_ms: int) -> Step:
    """Ask the hub for a number; without a hub, take one of the lane at once."""
    if kiosk.link_up:
        return replace(kiosk, screen=Issuing(claim), due_ms=None, warning=False), [ev.WriteWant(claim)]
    if kiosk.has_lane:
        return replace(kiosk, screen=Committing(claim), due_ms=None, warning=False), [ev.WriteLane(claim, 0)]
    return show(kiosk, ShowingProblem(Problem.OUT_OF_SERVICE), now_ms), []


def want_written(kiosk: Kiosk, event: ev.WantWritten, now_ms: int) -> Step:
    """The journal has the want: from here on the hub is waited for."""
    if isinstance(kiosk.screen, Reserving) and kiosk.screen.seq is None:
        return reserving_written(kiosk, kiosk.screen, event.seq, now_ms), []
    if not isinstance(kiosk.screen, Issuing):
        return kiosk, [ev.WriteAbandon(event.seq, "nobody waited for it")]
    screen = replace(kiosk.screen, seq=event.seq)
    return replace(kiosk, screen=screen, due_ms=now_ms + kiosk.timings.answer_ms), []


def ticket_written(kiosk: Kiosk, ticket: TicketFacts, now_ms: int) -> Step:
    """The journal has the ticket: it is printed, whoever stands there now."""
    if not isinstance(kiosk.screen, Committing):
        return kiosk, [ev.PrintPaper(ticket)]
    return show(kiosk, ShowingTicket(ticket, Paper.PRINTING), now_ms), [ev.PrintPaper(ticket)]


def answered(kiosk: Kiosk, event: ev.HubAnswered, now_ms: int) -> Step:
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
        return give_up_on_hub(kiosk, replace(screen, claim=claim), result.seq, now_ms)
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


def give_up_on_hub(kiosk: Kiosk, screen: Issuing, want: int, now_ms: int) -> Step:
    """The hub has no number, or none in time: one of the lane, or, for a short code that only the hub knows, none."""
    if not screen.claim.service or not kiosk.has_lane:
        shown = show(kiosk, ShowingProblem(Problem.OUT_OF_SERVICE), now_ms)
        return shown, [ev.WriteAbandon(want, "no answer in time")]
    return replace(kiosk, screen=Committing(screen.claim), due_ms=None), [ev.WriteLane(screen.claim, want)]


def recovered(kiosk: Kiosk, ticket: TicketFacts, now_ms: int) -> Step:
    """The citizen of an interrupted ticket may still stand here: the number is shown and the paper printed."""
    effects: list[ev.Effect] = [ev.PrintPaper(ticket)]
    if not isinstance(kiosk.screen, Attract):
        return kiosk, effects
    return show(replace(kiosk, language=ticket.language), ShowingTicket(ticket, Paper.PRINTING), now_ms), effects


def paper_ended(kiosk: Kiosk, event: ev.PaperEnded, now_ms: int) -> Kiosk:
    """The paper of the ticket that is shown came out, or did not."""
    screen = kiosk.screen
    if not isinstance(screen, ShowingTicket) or screen.ticket.seq != event.seq:
        return kiosk
    return show(kiosk, replace(screen, paper=Paper.PRINTED if event.printed else Paper.FAULT), now_ms)


def journal_refused(kiosk: Kiosk, now_ms: int) -> Step:
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
