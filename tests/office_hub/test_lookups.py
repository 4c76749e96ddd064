"""A kiosk asks which booking somebody has: today's first that is not served, and no list of everybody."""

import pytest

from office_hub.core import desk
from office_hub.core.lookups import MISSES, WITHIN_MS
from office_hub.work import BookingsCame, WhoCame
from officelib import events as e
from officelib.booking import Booking, short_code
from officelib.identity import who_hash
from tests.conftest import NINE_MS
from tests.office_hub.hub import Hub

HOUR = 3_600_000
ANA = who_hash("12345678Z", "o12")


def known(hub: Hub, *bookings: Booking) -> None:
    hub.round(BookingsCame(list(bookings), lambda _: None))


def booking(number: int, slot_ms: int, **fields: object) -> Booking:
    ref = f"{number:02x}" * 10
    return Booking(ref, "taxes", slot_ms, short_code(ref), who=ANA, **fields)  # type: ignore[arg-type]


def asked(hub: Hub, who: str = ANA, device: str = "k1") -> str | None:
    """What a kiosk is told; None for no answer."""
    answers = len(hub.heard.found)
    hub.round(WhoCame(device, who, 7))
    if len(hub.heard.found) == answers:
        return None
    assert hub.heard.found[-1][:2] == (device, 7)
    return hub.heard.found[-1][2]


def test_the_first_booking_of_today_that_is_not_served_is_found(hub: Hub) -> None:
    first, second = booking(1, NINE_MS + HOUR // 6), booking(2, NINE_MS + 2 * HOUR)
    known(hub, second, first, booking(3, NINE_MS - 24 * HOUR), booking(4, NINE_MS, cancelled=True))
    assert asked(hub) == first.short
    kiosk = hub.enrol()
    hub.take_ticket(kiosk, "", booking=e.BookingClaim(short=first.short))
    assert asked(hub) == first.short, "asked again before being served it is the same: the ticket is shown"
    hub.sign_in("c2")
    hub.command(desk.CallNext("c2"))
    hub.command(desk.Finish("c2"))
    assert asked(hub) == second.short


def test_who_is_not_known_or_comes_another_day_is_not_found(hub: Hub) -> None:
    known(hub, booking(1, NINE_MS + 24 * HOUR))
    assert asked(hub) == ""
    assert asked(hub, "") == ""
    assert asked(hub, "00" * 16) == ""


def test_a_kiosk_that_tries_out_numbers_is_not_answered(hub: Hub) -> None:
    known(hub, booking(1, NINE_MS + HOUR))
    for number in range(MISSES):
        assert asked(hub, f"{number:032x}") == ""
    assert asked(hub) is None, "not even with a number that is right: it is no oracle, and sends nobody home"
    assert asked(hub, device="k2"), "another kiosk is answered"
    assert asked(hub, device="s1") is None, "and no screen"
    hub.clock.advance(WITHIN_MS + 1)
    assert asked(hub)


@pytest.mark.parametrize(("days", "kept"), [(0, True), (3, False)])
def test_nobody_is_known_by_a_booking_that_is_over(hub: Hub, days: int, kept: bool) -> None:
    known(hub, booking(1, NINE_MS + HOUR))
    before = hub.store.bookings.rev()
    hub.clock.advance(days * 24 * HOUR + 601_000)
    hub.round()
    assert bool(hub.store.bookings.of(ANA)) is kept
    changed, _ = hub.store.bookings.after(before, 10)
    assert [one.who for one in changed] == ([] if kept else [""]), "a standby hears of it"


def test_a_standby_hears_of_all_that_is_forgotten(hub: Hub) -> None:
    before = hub.store.bookings.rev()
    known(hub, *(booking(number, NINE_MS - 25 * HOUR) for number in range(1, 200)))
    hub.clock.advance(601_000)
    hub.round()
    heard: list[str] = []
    while before < hub.store.bookings.rev():
        changed, before = hub.store.bookings.after(before, 64)
        heard += [one.ref for one in changed if not one.who]
    assert len(set(heard)) == 199


def test_the_log_says_nothing_of_who_asked(hub: Hub) -> None:
    known(hub, booking(1, NINE_MS + HOUR))
    entries = len(hub.heard.entries)
    asked(hub)
    assert len(hub.heard.entries) == entries
