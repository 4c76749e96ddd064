"""A citizen calls somebody of the office to the kiosk."""

from dataclasses import replace
from functools import partial

import pytest

from kiosk_app.core import events as ev
from kiosk_app.core.states import (
    Attract,
    Choosing,
    Confirming,
    Help,
    HelpCall,
    Issuing,
    Kiosk,
    Maintaining,
    Paper,
    ShowingTicket,
    TicketFacts,
)
from officelib.catalogue import Catalogue
from officelib.events import Claim
from tests.conftest import NINE_MS
from tests.kiosk_app.test_flow import KEYS, code, go, scan


@pytest.fixture
def kiosk(catalogue: Catalogue) -> Kiosk:
    return Kiosk(catalogue=catalogue, keys=KEYS, link_up=True, enrolled=True, has_lane=True, screen=Confirming("taxes"))


after = partial(go, now_ms=5)


def test_the_office_is_called_and_answers_while_the_page_waits(kiosk: Kiosk) -> None:
    called, effects = after(kiosk, ev.HelpAsked(), ev.HelpCalled())
    assert effects == [ev.CallHelp(5, on=True)]
    assert called.help == HelpCall(Help.ASKED, 5)
    assert after(called, ev.HelpCalled())[1] == [], "a call is one call"
    for answer in ("told", "coming"):
        called, _ = after(called, ev.HelpAnswered(5, answer))
        assert called.help.state == answer
    back, _ = after(called, ev.BackPressed())
    assert (back.screen, back.asks_help, back.help.state) == (kiosk.screen, False, Help.COMING)


def test_who_went_on_meanwhile_sees_that_somebody_comes(kiosk: Kiosk) -> None:
    told, _ = after(kiosk, ev.HelpAsked(), ev.HelpCalled(), ev.HelpAnswered(5, "told"), ev.BackPressed())
    assert not told.asks_help
    coming, _ = after(told, ev.HelpAnswered(5, "coming"))
    assert coming.asks_help
    assert coming.screen == kiosk.screen
    gone, _ = after(replace(told, screen=Attract()), ev.HelpAnswered(5, "coming"))
    assert not gone.asks_help, "nobody is there any more"


def test_an_office_that_was_away_hears_the_call_again(kiosk: Kiosk) -> None:
    told, _ = after(kiosk, ev.HelpAsked(), ev.HelpCalled(), ev.HelpAnswered(5, "told"))
    assert after(told, ev.LinkSwitched(up=False), ev.LinkSwitched(up=True))[1] == [ev.CallHelp(5, on=True)]
    assert after(kiosk, ev.LinkSwitched(up=False), ev.LinkSwitched(up=True))[1] == []


def test_the_page_below_takes_no_touch(kiosk: Kiosk) -> None:
    asks, effects = after(kiosk, ev.HelpAsked(), ev.Confirmed(), ev.DonePressed(), ev.LanguageChosen("fr"))
    assert not effects
    assert (asks.screen, asks.language, asks.asks_help) == (kiosk.screen, kiosk.language, True)


def test_who_needs_nobody_any_more_says_so(kiosk: Kiosk) -> None:
    over, effects = after(kiosk, ev.HelpAsked(), ev.HelpCalled(), ev.HelpGivenUp())
    assert effects[-1] == ev.CallHelp(5, on=False)
    assert (over.help, over.asks_help) == (HelpCall(), False)
    assert after(over, ev.HelpAnswered(5, "coming"))[0].help == HelpCall(), "the answer to a call that is over"


def test_without_the_office_it_is_said_that_nobody_hears(kiosk: Kiosk) -> None:
    away, effects = after(replace(kiosk, link_up=False), ev.HelpAsked(), ev.HelpCalled())
    assert not effects
    assert away.help.state is Help.NOBODY
    lost, _ = after(kiosk, ev.HelpAsked(), ev.HelpCalled(), ev.LinkSwitched(up=False))
    assert lost.help.state is Help.NOBODY
    again, effects = after(lost, ev.LinkSwitched(up=True), ev.HelpCalled())
    assert effects == [ev.CallHelp(5, on=True)]
    assert again.help.state is Help.ASKED


def test_a_call_that_nobody_answers_is_said_to_be_unheard(kiosk: Kiosk) -> None:
    """A question that was lost on its way; an answer that was only late still counts."""
    called, _ = after(kiosk, ev.HelpAsked(), ev.HelpCalled())
    assert after(called, ev.HelpUnanswered(4))[0] == called, "that was another call"
    unheard, _ = after(called, ev.HelpUnanswered(5))
    assert unheard.help == HelpCall(Help.NOBODY, 5)
    assert after(unheard, ev.HelpAnswered(5, "told"))[0].help == HelpCall(Help.TOLD, 5)
    told, _ = after(called, ev.HelpAnswered(5, "told"))
    assert after(told, ev.HelpUnanswered(5))[0] == told
    again, effects = go(unheard, ev.HelpCalled(), now_ms=9)
    assert effects == [ev.CallHelp(9, on=True)]
    assert again.help == HelpCall(Help.ASKED, 9)


def test_who_waits_for_somebody_has_time_and_is_asked_before_the_end(kiosk: Kiosk) -> None:
    ticket = TicketFacts(7, "A042", "taxes", "es", 3, 12, 0, NINE_MS)
    shown = replace(kiosk, screen=ShowingTicket(ticket, Paper.PRINTED))
    asks, _ = after(shown, ev.HelpAsked(), ev.HelpCalled(), ev.HelpAnswered(5, "told"), now_ms=5)
    assert asks.due_ms == 5 + kiosk.timings.speech_idle_ms
    warned, _ = after(asks, ev.TimePassed(), now_ms=asks.due_ms)
    assert warned.warning
    news, _ = after(warned, ev.HelpAnswered(5, "coming"), now_ms=asks.due_ms)
    assert not news.warning, "what somebody waits for is not hidden"
    over, _ = after(warned, ev.TimePassed(), now_ms=asks.due_ms + kiosk.timings.warning_ms)
    assert (over.screen, over.help, over.asks_help) == (Attract(), HelpCall(), False)


def test_a_ticket_that_is_being_made_keeps_its_time(kiosk: Kiosk) -> None:
    making = replace(kiosk, screen=Issuing(Claim("taxes", "es"), seq=7), due_ms=400)
    asks, _ = after(making, ev.HelpAsked())
    assert (asks.due_ms, asks.asks_help) == (400, True)


def test_nobody_is_called_from_behind_the_door_and_the_first_page_comes_back(kiosk: Kiosk) -> None:
    assert not after(replace(kiosk, screen=Maintaining()), ev.HelpAsked())[0].asks_help
    first, _ = after(replace(kiosk, screen=Attract()), ev.HelpAsked())
    assert first.due_ms is not None


def test_a_code_answers_whatever_is_asked(kiosk: Kiosk) -> None:
    asks, _ = after(replace(kiosk, screen=Choosing()), ev.HelpAsked(), scan(code()))
    assert not asks.asks_help
    assert isinstance(asks.screen, Issuing)
