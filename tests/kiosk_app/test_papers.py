"""A ticket that is shown again: how it stands, leaving the queue, and how it was."""

from dataclasses import replace

import pytest

from kiosk_app.core import events as ev
from kiosk_app.core.flow import step
from kiosk_app.core.states import (
    Attract,
    Issuing,
    Kiosk,
    Leaving,
    Paper,
    Problem,
    Rating,
    ShowingProblem,
    ShowingTicket,
    Thanks,
    TicketFacts,
)
from officelib.catalogue import Catalogue
from officelib.events import Claim
from officelib.inbound import PaperAnswered
from tests.conftest import NINE_MS
from tests.kiosk_app.test_flow import scan
from tests.kiosk_app.test_walk import PAPER

WAITS = PaperAnswered(1, "A2-005", "waiting", service="register", ahead=2, wait_min=9, spread_min=(5, 15))


@pytest.fixture
def shown(catalogue: Catalogue) -> Kiosk:
    """A kiosk to which a ticket of another one was held."""
    kiosk = Kiosk(catalogue=catalogue, link_up=True, enrolled=True, has_lane=True)
    kiosk, effects = step(kiosk, scan(PAPER), 0)
    assert effects == [ev.TellPaper(PAPER)]
    return step(kiosk, ev.PaperTold(PAPER, 1), 0)[0]


def go(kiosk: Kiosk, *events: ev.Event) -> tuple[Kiosk, list[ev.Effect]]:
    effects: list[ev.Effect] = []
    for event in events:
        kiosk, more = step(kiosk, event, 0)
        effects += more
    return kiosk, effects


def test_a_ticket_that_waits_shows_how_long_it_still_will(shown: Kiosk) -> None:
    kiosk, _ = go(shown, ev.HubAnswered(WAITS, NINE_MS))
    assert isinstance(kiosk.screen, ShowingTicket)
    assert kiosk.screen.waits
    ticket = kiosk.screen.ticket
    assert (ticket.ahead, ticket.wait_min, ticket.spread_min) == (2, 9, (5, 15))


def test_whoever_missed_the_call_is_told_where_to_go(shown: Kiosk) -> None:
    called = PaperAnswered(1, "A2-005", "called", "3", "register")
    kiosk, _ = go(shown, ev.HubAnswered(called, NINE_MS))
    assert isinstance(kiosk.screen, ShowingTicket)
    assert (kiosk.screen.counter, kiosk.screen.waits) == ("3", False)
    assert go(kiosk, ev.LeaveAsked())[0].screen == kiosk.screen, "a clerk waits for them"


def test_to_leave_takes_two_touches_and_is_told_to_the_hub(shown: Kiosk) -> None:
    kiosk, effects = go(shown, ev.HubAnswered(WAITS, NINE_MS), ev.LeaveAsked())
    assert isinstance(kiosk.screen, Leaving)
    assert effects == []
    stays, effects = go(kiosk, ev.BackPressed())
    assert isinstance(stays.screen, ShowingTicket)
    assert stays.screen.waits
    assert effects == []
    left, effects = go(kiosk, ev.LeaveConfirmed())
    assert left.screen == ShowingProblem(Problem.LEFT)
    assert effects == [ev.WriteLeft(PAPER)]
    assert go(kiosk, ev.DonePressed())[0].screen == Attract()


def test_before_the_hub_has_answered_nobody_can_leave(shown: Kiosk) -> None:
    assert go(shown, ev.LeaveAsked())[0].screen == shown.screen
    for other in (PaperAnswered(7, "A001", "waiting", service="register"), PaperAnswered(7)):
        assert go(shown, ev.HubAnswered(other, NINE_MS))[0].screen == shown.screen, "of a paper shown before"


def test_after_the_service_one_touch_says_how_it_was(shown: Kiosk) -> None:
    over = PaperAnswered(1, "A2-005", "over", service="register")
    kiosk, _ = go(shown, ev.HubAnswered(over, NINE_MS))
    assert kiosk.screen == Rating("register"), "nothing of the ticket is kept"
    thanked, effects = go(kiosk, ev.ScoreChosen(3), ev.ScoreChosen(1))
    assert thanked.screen == Thanks()
    assert effects == [ev.WriteRating("register", 3)], "once"
    assert go(kiosk, ev.DonePressed())[0].screen == Attract(), "nobody has to answer"
    assert step(thanked, ev.TimePassed(), thanked.timings.thanks_ms)[0].screen == Attract()


@pytest.mark.parametrize(("state", "problem"), [("left", Problem.LEFT), ("unknown", Problem.INVALID_CODE)])
def test_a_paper_that_is_none_any_more_is_told(shown: Kiosk, state: str, problem: Problem) -> None:
    label = "A2-005" if state == "left" else ""
    answer = PaperAnswered(1, label, state)  # type: ignore[arg-type]
    assert go(shown, ev.HubAnswered(answer, NINE_MS))[0].screen == ShowingProblem(problem)


def test_a_booking_that_is_scanned_again_asks_how_its_ticket_stands(catalogue: Catalogue) -> None:
    kiosk = Kiosk(catalogue=catalogue, link_up=True, enrolled=True)
    ticket = TicketFacts(7, "A042", "register", "es", None, None, NINE_MS, NINE_MS, code=PAPER)
    asked = replace(kiosk, screen=Issuing(Claim("register", "es")))
    shown, effects = go(asked, ev.BookingSeen(ticket))
    assert shown.screen == ShowingTicket(ticket, Paper.PRINTED, again=True)
    assert effects == [ev.TellPaper(PAPER)]


def test_news_of_a_paper_change_nothing_for_the_next_citizen(shown: Kiosk) -> None:
    left, _ = go(shown, ev.DonePressed())
    assert go(left, ev.HubAnswered(WAITS, NINE_MS))[0].screen == Attract()


def test_an_answer_that_comes_for_nobody_throws_nobody_out(catalogue: Catalogue) -> None:
    ticket = TicketFacts(7, "A012", "register", "es", None, None, 0, NINE_MS)
    screen = ShowingTicket(ticket, Paper.PRINTED, again=True)
    kiosk = Kiosk(catalogue=catalogue, link_up=True, enrolled=True, screen=screen)
    for state in ("unknown", "left", "over"):
        answer = PaperAnswered(7, "A012", state)
        assert go(kiosk, ev.HubAnswered(answer, None))[0].screen == screen


def test_whose_ticket_was_left_elsewhere_can_check_in_anew(shown: Kiosk) -> None:
    _, effects = go(shown, ev.HubAnswered(PaperAnswered(1, "A2-005", "left"), NINE_MS))
    assert effects == [ev.ForgetBooking(PAPER)], "or this kiosk would show the dead ticket for ever"


def test_a_paper_is_answered_after_the_doors_were_shut(catalogue: Catalogue) -> None:
    night_ms = NINE_MS + 13 * 3_600_000
    assert not catalogue.is_open(night_ms)
    kiosk = Kiosk(catalogue=catalogue, enrolled=True, link_up=True)
    kiosk, effects = go(kiosk, scan(PAPER, night_ms))
    assert isinstance(kiosk.screen, ShowingTicket)
    assert effects == [ev.TellPaper(PAPER)]


def test_another_copy_hides_no_news(catalogue: Catalogue) -> None:
    ticket = TicketFacts(7, "A042", "register", "es", None, None, NINE_MS, NINE_MS, code=PAPER)
    screen = ShowingTicket(ticket, Paper.PRINTED, again=True, counter="5")
    kiosk, effects = go(Kiosk(catalogue=catalogue, enrolled=True, screen=screen), ev.CopyAsked())
    assert isinstance(kiosk.screen, ShowingTicket)
    assert kiosk.screen.counter == "5"
    assert len(effects) == 1


def test_news_and_a_choice_do_not_go_without_a_warning(shown: Kiosk) -> None:
    """UX TI1: as every page on which somebody may still decide."""
    kiosk, _ = go(shown, ev.HubAnswered(WAITS, NINE_MS))
    assert kiosk.due_ms == kiosk.timings.idle_ms
    asked, _ = step(kiosk, ev.TimePassed(), kiosk.timings.idle_ms)
    assert asked.warning
    assert step(asked, ev.TimePassed(), 10**9)[0].screen == Attract()
