"""Calling somebody of the office to the kiosk: over any page, which stays as it is. Pure."""

from dataclasses import replace

from kiosk_app.core import events as ev
from kiosk_app.core.patience import wait_anew
from kiosk_app.core.states import Attract, Help, HelpCall, Kiosk, Maintaining

Step = tuple[Kiosk, list[ev.Effect]]


def help_asked(kiosk: Kiosk, now_ms: int) -> Kiosk:
    """The page that says what happens, before anybody is called."""
    if isinstance(kiosk.screen, Maintaining):
        return kiosk
    return wait_anew(replace(kiosk, asks_help=True), now_ms)


def helped(kiosk: Kiosk, event: ev.HelpCalled | ev.HelpGivenUp | ev.BackPressed, now_ms: int) -> Step:
    """A finger on that page."""
    if isinstance(event, ev.BackPressed):
        return help_closed(kiosk, now_ms), []
    if isinstance(event, ev.HelpGivenUp):
        asked = kiosk.help.asked
        return help_closed(replace(kiosk, help=HelpCall()), now_ms), [ev.CallHelp(asked, on=False)] if asked else []
    if kiosk.help.state not in (Help.OFFERED, Help.NOBODY):
        return kiosk, []
    if not kiosk.link_up or not kiosk.enrolled:
        return wait_anew(replace(kiosk, help=HelpCall(Help.NOBODY)), now_ms), []
    called = replace(kiosk, help=HelpCall(Help.ASKED, now_ms))
    return wait_anew(called, now_ms), [ev.CallHelp(now_ms, on=True)]


def help_answered(kiosk: Kiosk, event: ev.HelpAnswered, now_ms: int) -> Kiosk:
    """The office has heard it, or somebody comes; an answer to another call means nothing."""
    if not kiosk.help.asked or kiosk.help.asked != event.asked:
        return kiosk
    told = replace(kiosk, help=HelpCall(Help(event.answer), event.asked))
    if event.answer == "coming" and not isinstance(kiosk.screen, Attract | Maintaining):
        told = replace(told, asks_help=True)  # also to who went on meanwhile
    return wait_anew(replace(told, warning=False), now_ms) if told.asks_help else told


def help_again(kiosk: Kiosk) -> list[ev.Effect]:
    """The office is back, and may have forgotten who waits for somebody."""
    return [ev.CallHelp(kiosk.help.asked, on=True)] if kiosk.help.state is Help.TOLD else []


def help_unheard(kiosk: Kiosk) -> Kiosk:
    """The office went away before it had heard the call."""
    return replace(kiosk, help=HelpCall(Help.NOBODY)) if kiosk.help.state is Help.ASKED else kiosk


def help_unanswered(kiosk: Kiosk, event: ev.HelpUnanswered) -> Kiosk:
    """Whoever waits is told that nobody has heard; an answer that comes late counts all the same."""
    is_open = kiosk.help == HelpCall(Help.ASKED, event.asked)
    return replace(kiosk, help=HelpCall(Help.NOBODY, event.asked)) if is_open else kiosk


def help_closed(kiosk: Kiosk, now_ms: int) -> Kiosk:
    """Back to the page, with the time that it has; the call stands."""
    return wait_anew(replace(kiosk, asks_help=False), now_ms)
