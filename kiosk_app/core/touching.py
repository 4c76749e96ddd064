"""A finger on the screen. Pure."""

from dataclasses import replace

from kiosk_app.core import events as ev
from kiosk_app.core.choosing import (
    group_chosen,
    leaflet_asked,
    searched,
    service_chosen,
    still_there,
)
from kiosk_app.core.door import maintained
from kiosk_app.core.entering import entered_wrong, typed, typing_asked, who_entered
from kiosk_app.core.helping import help_asked, helped
from kiosk_app.core.issuing import BUSY, Step, issue
from kiosk_app.core.papers import leave_asked, leave_confirmed, score_chosen, stayed
from kiosk_app.core.patience import rest, show, wait_anew
from kiosk_app.core.scanning import scanned
from kiosk_app.core.slots import (
    slot_chosen,
    slots_asked,
)
from kiosk_app.core.states import (
    Attract,
    Choosing,
    ChoosingSlot,
    Confirming,
    Kiosk,
    Leaving,
    Maintaining,
    Paper,
    Rating,
    Searching,
    ShowingProblem,
    ShowingSlip,
    ShowingTicket,
    Thanks,
    Typing,
)
from officelib.booking import is_short_code
from officelib.events import Claim

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


def touched(kiosk: Kiosk, event: Touch, now_ms: int) -> Step:
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
    return _on_page(kiosk, event, now_ms)


def _on_page(kiosk: Kiosk, event: Touch, now_ms: int) -> Step:
    """What a touch does on the page that is shown; on another, it does nothing."""
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
            return scanned(kiosk, ev.CodeScanned(screen.text, event.hub_ms), now_ms)
        case ev.ServiceChosen(), Choosing() | Searching():
            return service_chosen(kiosk, event, now_ms), []
        case ev.Confirmed(), Confirming():
            return issue(kiosk, Claim(screen.service, kiosk.language, priority=screen.priority), now_ms)
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
