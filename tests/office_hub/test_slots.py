"""Bookings that a kiosk gives: each time only so often, and none that nobody was told of."""

from pathlib import Path

import msgspec
import pytest

from mqtt_bridge.messages import Up, UpEvent
from office_hub.work import BookingsCame, UpCame
from officelib import events as e
from officelib.booking import Booking, is_short_code, short_code, verify
from officelib.catalogue import Catalogue
from officelib.inbound import Result, SlotDenied, SlotGranted, WantGranted
from tests.conftest import NINE_MS, ManualClock
from tests.office_hub.hub import Hub

HOUR = 3_600_000
SLOT = NINE_MS + HOUR


@pytest.fixture
def hub(tmp_path: Path, catalogue: Catalogue, clock: ManualClock) -> Hub:
    services = tuple(msgspec.structs.replace(one, per_slot=2 if one.id == "taxes" else 0) for one in catalogue.service)
    return Hub(tmp_path / "hub.db", msgspec.structs.replace(catalogue, service=services), clock)


def booked(hub: Hub, name: str, slot_ms: int = SLOT) -> Result:
    kiosk = hub.enrol(name, f"journal of {name}")
    return hub.write(kiosk, e.Book("taxes", slot_ms)).results[-1]


def test_a_booking_is_made_signed_and_good_for_check_in(hub: Hub) -> None:
    kiosk = hub.enrol()
    granted = hub.write(kiosk, e.Book("taxes", SLOT)).results[0]
    assert isinstance(granted, SlotGranted)
    public = hub.store.booking_key.public_key().public_bytes_raw()
    code = verify(granted.code, {1: public})
    assert (code.service, code.slot_ms, short_code(code.ref)) == (
        hub.catalogue.services["taxes"].code,
        SLOT,
        granted.short,
    )
    assert is_short_code(granted.short)
    assert hub.up(kiosk).results == (granted,), "asked again, the answer is the same"
    hub.write(kiosk, e.Booked(1))
    hub.restart()
    hub.clock.advance(HOUR)
    came = hub.write(kiosk, e.Want(e.Claim("", "es", e.BookingClaim(short=granted.short)))).results[0]
    assert isinstance(came, WantGranted)
    assert (came.service, came.slot_ms) == ("taxes", SLOT)


def test_a_time_has_room_for_so_many(hub: Hub) -> None:
    listed = Booking("a7" * 10, "taxes", SLOT + 5 * 60_000, short_code("a7" * 10))
    hub.round(BookingsCame([listed], lambda _: None))
    assert isinstance(booked(hub, "k1"), SlotGranted)
    assert booked(hub, "k2") == SlotDenied(1), "one of the list, one of a kiosk: two"
    assert isinstance(booked(hub, "k3", SLOT + 15 * 60_000), SlotGranted)


def test_two_kiosks_that_ask_in_one_round_get_no_more_than_there_is(hub: Hub) -> None:
    kiosks = [hub.enrol(f"k{n}", f"j{n}") for n in (1, 2, 3)]
    answers = len(hub.heard.downs)
    body = msgspec.Raw(msgspec.json.encode(e.Book("taxes", SLOT)))
    hub.round(
        *(
            UpCame(
                Up(
                    device=one.name,
                    journal=one.journal,
                    inc=one.inc,
                    boot="b",
                    sent_mono_ms=0,
                    head=1,
                    events=(UpEvent(1, "b", 0, body),),
                )
            )
            for one in kiosks
        )
    )
    results = [down.results[0] for down in hub.heard.downs[answers:]]
    assert [isinstance(one, SlotGranted) for one in results] == [True, True, False]
    assert len({one.short for one in results if isinstance(one, SlotGranted)}) == 2


@pytest.mark.parametrize("slot_ms", [SLOT + 1, NINE_MS, NINE_MS - HOUR, SLOT + 400 * 24 * HOUR, 0])
def test_what_no_office_offers_is_not_given(hub: Hub, slot_ms: int) -> None:
    assert booked(hub, "k1", slot_ms) == SlotDenied(1)


def test_services_without_room_for_it_are_not_given(hub: Hub) -> None:
    kiosk = hub.enrol()
    answers = hub.write(kiosk, e.Book("register", SLOT), e.Book("none", SLOT)).results
    assert answers == (SlotDenied(1), SlotDenied(2))


def test_a_booking_that_nobody_was_told_of_is_taken_back(hub: Hub) -> None:
    kiosk = hub.enrol()
    granted = hub.write(kiosk, e.Book("taxes", SLOT)).results[0]
    assert isinstance(granted, SlotGranted)
    hub.write(kiosk, e.Abandon(1, "no answer in time"))
    found = hub.store.bookings.find(short=granted.short)
    assert found is not None
    assert found.cancelled
    assert [isinstance(booked(hub, name), SlotGranted) for name in ("k2", "k3", "k4")] == [True, True, False]


def test_one_that_was_given_up_before_the_hub_heard_of_it_is_never_made(hub: Hub) -> None:
    kiosk = hub.enrol()
    hub.write(kiosk, e.Book("taxes", SLOT), e.Abandon(1, "the kiosk was interrupted"))
    assert hub.store.bookings.taken(SLOT, SLOT) == []


def test_kiosks_hear_which_times_are_free(hub: Hub) -> None:
    def first() -> int:
        return hub.engine.slots.offered(hub.catalogue, hub.engine.now_ms())["taxes"][0]

    before = first()
    assert set(hub.engine.slots.offered(hub.catalogue, hub.engine.now_ms())) == {"taxes"}
    for name in ("k1", "k2"):
        booked(hub, name, before)
    assert first() == before + 15 * 60_000


TOLD = "d4" * 10


def test_a_booking_that_its_citizen_has_survives_a_hub_that_lost_it(hub: Hub) -> None:
    """A hub that was restored, or promoted without the newest entries, hears of both events in one batch."""
    kiosk = hub.enrol()
    hub.write(kiosk, e.Book("taxes", SLOT), e.Booked(1, TOLD, "taxes", SLOT))
    assert [one.ref for one in hub.store.bookings.taken(SLOT, SLOT)] == [TOLD]
    hub.up(kiosk)
    assert [one.ref for one in hub.store.bookings.taken(SLOT, SLOT)] == [TOLD]


def test_what_is_on_paper_is_right_also_where_the_hub_has_given_another_or_the_last_one(hub: Hub) -> None:
    kiosk = hub.enrol()
    granted = hub.write(kiosk, e.Book("taxes", SLOT)).results[0]
    assert isinstance(granted, SlotGranted)
    booked(hub, "k2")
    hub.write(kiosk, e.Booked(1, TOLD, "taxes", SLOT))
    assert TOLD in [one.ref for one in hub.store.bookings.taken(SLOT, SLOT)]
    assert granted.ref not in [one.ref for one in hub.store.bookings.taken(SLOT, SLOT)]


@pytest.mark.parametrize("wrong", [e.Booked(1, "d4", "taxes", SLOT), e.Booked(1, TOLD, "none", SLOT)])
def test_a_booking_that_cannot_be_is_told_and_blocks_nothing(hub: Hub, wrong: e.Booked) -> None:
    kiosk = hub.enrol()
    hub.write(kiosk, wrong)
    assert isinstance(hub.heard.entries[-1].body, e.EventRejected)
    assert hub.write(kiosk, e.Book("taxes", SLOT)).acked == 2


def test_one_that_was_given_up_is_taken_back_on_another_day_too(hub: Hub) -> None:
    kiosk = hub.enrol()
    tomorrow_ms = SLOT + 24 * HOUR
    hub.write(kiosk, e.Book("taxes", tomorrow_ms))
    hub.clock.advance(23 * HOUR)
    hub.restart()
    hub.round()
    hub.write(kiosk, e.Abandon(1, "the kiosk was interrupted"))
    assert hub.store.bookings.taken(tomorrow_ms, tomorrow_ms) == []


def test_a_booking_that_the_office_cancels_makes_room(hub: Hub) -> None:
    given = [booked(hub, name) for name in ("k1", "k2")]
    assert all(isinstance(one, SlotGranted) for one in given)
    ref = given[0].ref  # type: ignore[union-attr]
    hub.round(BookingsCame([Booking(ref, "taxes", SLOT, short_code(ref), cancelled=True)], lambda _: None))
    assert isinstance(booked(hub, "k3"), SlotGranted)
    found = hub.store.bookings.find(ref=ref)
    assert found is not None
    assert found.want, "and it is still known whose it was"


def test_an_old_entry_brings_no_cancelled_booking_back(hub: Hub) -> None:
    """A standby may have the leader's list before it has the log."""
    hub.store.bookings.put([Booking(TOLD, "taxes", SLOT, short_code(TOLD), cancelled=True)])
    hub.store.bookings.keep(e.BookingMade(TOLD, "taxes", SLOT, "k1.1.1"), counts=False)
    assert hub.store.bookings.taken(SLOT, SLOT) == []
