"""A ticket's paper is shown to the kiosk: how it stands, leaving the queue, and how it was. Pure."""

from dataclasses import replace

from kiosk_app.core import events as ev
from kiosk_app.core.patience import show
from kiosk_app.core.states import Kiosk, Leaving, Paper, Problem, Rating, ShowingProblem, ShowingTicket, Thanks
from officelib.inbound import PaperAnswered

Step = tuple[Kiosk, list[ev.Effect]]


def paper_told(kiosk: Kiosk, event: ev.PaperTold) -> Kiosk:
    """The hub is asked about the paper on the screen."""
    screen = kiosk.screen
    if not isinstance(screen, ShowingTicket) or not screen.again or screen.ticket.code != event.code:
        return kiosk
    return replace(kiosk, screen=replace(screen, asked=event.seq))


def paper_answered(kiosk: Kiosk, answer: PaperAnswered, now_ms: int) -> Step:
    """What the hub knows of the paper on the screen; an answer about another one means nothing."""
    screen = kiosk.screen
    if not isinstance(screen, ShowingTicket) or screen.asked != answer.seq:
        return kiosk, []
    match answer.state:
        case "waiting":
            ticket = replace(
                screen.ticket,
                service=answer.service or screen.ticket.service,
                then=answer.then,
                ahead=answer.ahead,
                wait_min=answer.wait_min,
                spread_min=answer.spread_min,
            )
            return show(kiosk, replace(screen, ticket=ticket, waits=bool(ticket.code)), now_ms), []
        case "called":
            return show(kiosk, replace(screen, counter=answer.counter), now_ms), []
        case "over":
            return show(kiosk, Rating(answer.service), now_ms), []
        case "left":
            return show(kiosk, ShowingProblem(Problem.LEFT), now_ms), [ev.ForgetBooking(screen.ticket.code)]
        case _:
            return show(kiosk, ShowingProblem(Problem.INVALID_CODE), now_ms), []


def leave_asked(kiosk: Kiosk, now_ms: int) -> Kiosk:
    """To leave takes a second touch: nobody loses a place by a slip."""
    screen = kiosk.screen
    if not isinstance(screen, ShowingTicket) or not screen.waits:
        return kiosk
    return show(kiosk, Leaving(screen.ticket), now_ms)


def leave_confirmed(kiosk: Kiosk, now_ms: int) -> Step:
    """Out of the queue."""
    screen = kiosk.screen
    if not isinstance(screen, Leaving):
        return kiosk, []
    return show(kiosk, ShowingProblem(Problem.LEFT), now_ms), [ev.WriteLeft(screen.ticket.code)]


def stayed(kiosk: Kiosk, screen: Leaving, now_ms: int) -> Kiosk:
    """The ticket as before."""
    return show(kiosk, ShowingTicket(screen.ticket, Paper.PRINTED, again=True, waits=True), now_ms)


def score_chosen(kiosk: Kiosk, score: int, now_ms: int) -> Step:
    """One touch, and thanks."""
    screen = kiosk.screen
    if not isinstance(screen, Rating):
        return kiosk, []
    return show(kiosk, Thanks(), now_ms), [ev.WriteRating(screen.service, score)]
