"""How a kiosk goes from screen to screen. Pure: no clock, no device, no Qt."""

from dataclasses import replace
from typing import assert_never

from kiosk_app.core import events as ev
from kiosk_app.core.choosing import leaflet_ended, still_there
from kiosk_app.core.door import maintained
from kiosk_app.core.helping import help_again, help_answered, help_unanswered, help_unheard
from kiosk_app.core.issuing import (
    Step,
    answered,
    give_up_on_hub,
    journal_refused,
    paper_ended,
    recovered,
    ticket_written,
    want_written,
)
from kiosk_app.core.papers import paper_told
from kiosk_app.core.patience import has_news, rest, show, wait_anew
from kiosk_app.core.scanning import booking_known, found, scanned
from kiosk_app.core.slots import not_reserved, slip_ended, slip_recovered, slip_written
from kiosk_app.core.states import (
    Attract,
    Issuing,
    Kiosk,
    LookingUp,
    Maintaining,
    Mode,
    Problem,
    Reserving,
    ShowingProblem,
    ShowingTicket,
    Thanks,
)
from kiosk_app.core.touching import Touch, touched


def step(kiosk: Kiosk, event: ev.Event, now_ms: int) -> Step:
    """The kiosk after an event, and what is to be done.

    Args:
        kiosk: As it stands.
        event: What happened.
        now_ms: Monotonic milliseconds.
    """
    if isinstance(event, Touch):
        return touched(kiosk, event, now_ms)
    match event:
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
        case ev.HelpAnswered():
            return help_answered(kiosk, event, now_ms), []
        case ev.HelpUnanswered():
            return help_unanswered(kiosk, event), []
        case ev.SpeechSwitched():
            modes = kiosk.modes if event.on else kiosk.modes - {Mode.CURTAIN}
            return wait_anew(replace(kiosk, speaks=event.on, modes=modes), now_ms), []
        case ev.Spoke():
            return wait_anew(kiosk, now_ms), []
        case ev.CodeScanned() | ev.ScanFailed():
            return scanned(kiosk, event, now_ms)
        case ev.BookingFound():
            return found(kiosk, event, now_ms)
        case ev.BookingSeen() | ev.BookingNew():
            return booking_known(kiosk, event, now_ms)
        case ev.WantWritten():
            return want_written(kiosk, event, now_ms)
        case ev.HubAnswered():
            return answered(kiosk, event, now_ms)
        case ev.TicketWritten():
            return ticket_written(kiosk, event.ticket, now_ms)
        case ev.PaperEnded():
            return paper_ended(kiosk, event, now_ms), []
        case ev.LeafletEnded():
            return leaflet_ended(kiosk, event, now_ms), []
        case ev.TimePassed():
            return _time_passed(kiosk, now_ms)
        case ev.LinkSwitched():
            return _link(kiosk, up=event.up)
        case ev.ScannerSwitched():
            return replace(kiosk, scans=event.on), []
        case ev.OfficeTold():
            return _office_told(kiosk, event, now_ms), []
        case ev.QueuesTold():
            return _queues_told(kiosk, event), []
        case ev.Enrolled():
            return replace(kiosk, enrolled=event.granted, has_lane=event.has_lane), []
        case ev.JournalRefused():
            return journal_refused(kiosk, now_ms)
        case ev.Recovered():
            return recovered(kiosk, event.ticket, now_ms)
        case _:
            assert_never(event)


def _time_passed(kiosk: Kiosk, now_ms: int) -> Step:
    if kiosk.due_ms is None or now_ms < kiosk.due_ms:
        return kiosk, []
    screen = kiosk.screen
    if isinstance(screen, Issuing) and screen.seq is not None:
        return give_up_on_hub(kiosk, screen, screen.seq, now_ms)
    if isinstance(screen, LookingUp):
        return show(kiosk, ShowingProblem(Problem.NOT_ASKED), now_ms), []
    if isinstance(screen, Reserving):
        return not_reserved(kiosk, screen, now_ms)
    passes = isinstance(screen, Attract | ShowingTicket | ShowingProblem | Thanks) and not has_news(screen)
    passes = passes and not kiosk.asks_help
    if passes or kiosk.warning:
        return rest(kiosk), []
    return replace(kiosk, warning=True, due_ms=now_ms + kiosk.timings.warning_ms), []


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
