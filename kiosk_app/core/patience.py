"""How long a screen stays, and what is left when nobody is there any more. Pure."""

from dataclasses import replace
from typing import assert_never

from kiosk_app.core.states import (
    Attract,
    Choosing,
    ChoosingSlot,
    Committing,
    Confirming,
    HelpCall,
    Issuing,
    Kiosk,
    Leaving,
    LookingUp,
    Maintaining,
    Paper,
    Rating,
    Reserving,
    Screen,
    Searching,
    ShowingProblem,
    ShowingSlip,
    ShowingTicket,
    Thanks,
    Typing,
)


def show(kiosk: Kiosk, screen: Screen, now_ms: int) -> Kiosk:
    """Show a screen, with the time that it has."""
    stays_ms = _patience_ms(kiosk, screen)
    due_ms = None if stays_ms is None else now_ms + stays_ms
    return replace(kiosk, screen=screen, due_ms=due_ms, warning=False)


def wait_anew(kiosk: Kiosk, now_ms: int) -> Kiosk:
    """The screen stays as it is, and has all its time again."""
    stays_ms = kiosk.timings.warning_ms if kiosk.warning else _patience_ms(kiosk, kiosk.screen)
    return kiosk if stays_ms is None else replace(kiosk, due_ms=now_ms + stays_ms)


def rest(kiosk: Kiosk) -> Kiosk:
    """Back to the attract screen; nothing of the citizen stays."""
    language = kiosk.catalogue.language if kiosk.catalogue else kiosk.language
    ranking = kiosk.view.asked if kiosk.view else kiosk.ranking
    return replace(
        kiosk,
        screen=Attract(),
        language=language,
        due_ms=None,
        warning=False,
        modes=frozenset(),
        ranking=ranking,
        asks_help=False,
        help=HelpCall(),
    )


def has_news(screen: Screen) -> bool:
    """Whether a ticket that was shown again says something new, or asks: it does not go without a warning."""
    return isinstance(screen, ShowingTicket) and (screen.waits or bool(screen.counter))


def _patience_ms(kiosk: Kiosk, screen: Screen) -> int | None:
    """How long a screen stays without a touch; None for those that something else ends."""
    timings = kiosk.timings
    match screen:
        case Attract():
            stays_ms = timings.idle_ms if kiosk.modes or kiosk.asks_help else None
        case Issuing() | Committing() | Reserving() | LookingUp():
            stays_ms = None
        case ShowingSlip() if screen.paper is Paper.PRINTING:
            stays_ms = None
        case ShowingSlip():
            stays_ms = timings.idle_ms
        case ShowingTicket() if screen.paper is Paper.PRINTING:
            stays_ms = None
        case ShowingTicket() if has_news(screen):
            stays_ms = timings.idle_ms
        case ShowingTicket():
            stays_ms = timings.problem_ms if screen.paper is Paper.FAULT else timings.ticket_ms
        case ShowingProblem():
            stays_ms = timings.problem_ms
        case Thanks():
            stays_ms = timings.thanks_ms
        case Choosing() | Confirming() | ChoosingSlot() | Leaving() | Rating():
            stays_ms = timings.idle_ms
        case Typing() | Searching() | Maintaining():
            stays_ms = timings.typing_ms
        case _:
            assert_never(screen)
    if stays_ms is not None and kiosk.asks_help:
        stays_ms = max(stays_ms, timings.speech_idle_ms)  # who waits for somebody does not touch anything
    if stays_ms is None or not kiosk.speaks:
        return stays_ms
    return max(stays_ms, timings.speech_idle_ms)
