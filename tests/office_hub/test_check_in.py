"""Bookings: one citizen, one ticket, at whichever kiosk and however often."""

import pytest

from office_hub.core import desk
from office_hub.work import BookingsCame
from officelib import events as e
from officelib.booking import Booking
from officelib.inbound import WantDenied, WantGranted
from officelib.office import State
from tests.conftest import NINE_MS
from tests.office_hub.hub import Hub, states

MINUTE = 60_000


def with_booking(hub: Hub, *, cancelled: bool = False, in_min: int = 10) -> e.BookingClaim:
    booking = Booking("b1" * 10, "taxes", NINE_MS + in_min * MINUTE, "SHORTCOD", cancelled)
    done: list[int] = []
    hub.round(BookingsCame([booking], lambda refs: done.append(len(refs))))
    assert done == [0]
    return e.BookingClaim(booking.ref, booking.slot_ms)


def test_a_booking_is_redeemed_once_in_the_office(hub: Hub) -> None:
    one, two = hub.enrol("k1", "j1"), hub.enrol("k2", "j2")
    claim = with_booking(hub)
    label = hub.take_ticket(one, "taxes", booking=claim)
    down = hub.write(two, e.Want(e.Claim("taxes", "es", claim)))
    assert down.results == (WantDenied(1, "already", label, "taxes"),)
    assert hub.up(two).results == down.results


def test_a_short_code_finds_its_booking(hub: Hub) -> None:
    kiosk = hub.enrol()
    with_booking(hub)
    down = hub.write(kiosk, e.Want(e.Claim("", "es", e.BookingClaim(short="SHORTCOD"))))
    assert isinstance(down.results[0], WantGranted)
    assert down.results[0].service == "taxes"
    down = hub.write(kiosk, e.Want(e.Claim("", "es", e.BookingClaim(short="OTHERONE"))))
    assert down.results == (WantDenied(2, "unknown_code"),)


def test_a_cancelled_booking_gives_no_ticket_but_one_that_was_given_stays(hub: Hub) -> None:
    kiosk = hub.enrol()
    claim = with_booking(hub, cancelled=True)
    assert hub.write(kiosk, e.Want(e.Claim("taxes", "es", claim))).results == (WantDenied(1, "cancelled"),)
    hub.write(kiosk, e.Lane("M1-001", e.Claim("taxes", "es", claim)))
    assert hub.engine.office.tickets["k1.1.2"].flag == "cancelled"
    assert states(hub) == {"M1-001": State.WAITING}


def test_a_booking_accepted_at_two_kiosks_while_offline_is_one_ticket_with_one_call(hub: Hub) -> None:
    one, two = hub.enrol("k1", "j1"), hub.enrol("k2", "j2")
    claim = e.Claim("taxes", "es", with_booking(hub))
    hub.sign_in("c2")
    one.events, one.monos = [e.Lane("M1-001", claim)], [hub.clock.mono + 60_000]
    two.events, two.monos = [e.Lane("M2-001", claim)], [hub.clock.mono]
    hub.clock.advance(2 * MINUTE)
    hub.up(one)
    hub.up(two)
    assert hub.command(desk.CallNext("c2")).label == "M1-001"
    called = [entry.body for entry in hub.heard.entries if isinstance(entry.body, e.TicketCalled)]
    assert [body.labels for body in called] == [("M1-001", "M2-001")]
    hub.command(desk.Finish("c2"))
    assert hub.command(desk.CallNext("c2")) == desk.Refusal("nobody_waits")


@pytest.mark.parametrize(("in_min", "reason"), [(3 * 1440, "other_day"), (31, "too_early"), (30, "")])
def test_a_short_code_is_held_to_its_time_like_a_signed_one(hub: Hub, in_min: int, reason: str) -> None:
    kiosk = hub.enrol()
    with_booking(hub, in_min=in_min)
    (result,) = hub.write(kiosk, e.Want(e.Claim("", "es", e.BookingClaim(short="SHORTCOD")))).results
    if reason:
        assert result == WantDenied(1, reason, slot_ms=NINE_MS + in_min * MINUTE)  # type: ignore[arg-type]
    else:
        assert isinstance(result, WantGranted)


def test_a_booking_whose_kiosk_died_before_the_paper_is_called_all_the_same(hub: Hub) -> None:
    one, two = hub.enrol("k1", "j1"), hub.enrol("k2", "j2")
    claim = e.Claim("taxes", "es", with_booking(hub))
    hub.sign_in("c2")
    hub.write(one, e.Want(claim))
    assert hub.write(two, e.Want(claim)).results == (WantDenied(1, "already", "M001", "taxes"),)
    hub.write(one, e.Abandon(1, "the kiosk was interrupted"))
    assert hub.command(desk.CallNext("c2")).label == "M001"


def test_a_lane_ticket_joins_the_booking_that_another_kiosk_only_wanted(hub: Hub) -> None:
    one, two = hub.enrol("k1", "j1"), hub.enrol("k2", "j2")
    claim = e.Claim("taxes", "es", with_booking(hub))
    hub.sign_in("c2")
    hub.write(one, e.Want(claim))
    hub.write(two, e.Lane("M2-001", claim))
    hub.write(one, e.Lane("M1-001", claim, 1))
    hub.command(desk.CallNext("c2"))
    called = [entry.body.labels for entry in hub.heard.entries if isinstance(entry.body, e.TicketCalled)]
    assert called == [("M001", "M2-001", "M1-001")]


def test_who_missed_the_call_waits_again_after_a_new_scan(hub: Hub) -> None:
    one = hub.enrol()
    claim = e.Claim("taxes", "es", with_booking(hub))
    hub.sign_in("c2")
    hub.write(one, e.Want(claim))
    hub.write(one, e.Print(1, "M001"))
    hub.command(desk.CallNext("c2"))
    hub.command(desk.MarkNoShow("c2"))
    hub.write(one, e.Want(claim))
    assert hub.command(desk.CallNext("c2")).label == "M001"
    hub.command(desk.Finish("c2"))
    hub.clock.advance(1)
    hub.write(one, e.Lane("M1-001", claim))
    assert hub.command(desk.CallNext("c2")).label == "M1-001", "served before: a new visit"


def test_a_number_whose_journal_was_lost_is_called_rather_than_forgotten(hub: Hub) -> None:
    hub.write(hub.enrol("k1", "j1"), e.Want(e.Claim("register", "es")))
    hub.sign_in()
    hub.enrol("k1", "j2")
    assert hub.command(desk.CallNext("c1")).label == "A001"
