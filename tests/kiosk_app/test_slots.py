"""A citizen who cannot be served now leaves with a booking: told and printed, or not made at all."""

from dataclasses import replace

import pytest

from bench.office.stage import wait_for
from hwlib.printer.document import Qr, Text
from kiosk_app.core import events as ev
from kiosk_app.core.flow import step
from kiosk_app.core.leaflet import booking_slip
from kiosk_app.core.slots import offers_slots
from kiosk_app.core.states import (
    Attract,
    ChoosingSlot,
    Confirming,
    Kiosk,
    Paper,
    Problem,
    Reserving,
    ShowingProblem,
    ShowingSlip,
    Slip,
)
from kiosk_app.memory import RECOVER_MS
from officelib import events as e
from officelib.assets import asset
from officelib.catalogue import Catalogue
from officelib.inbound import ServiceState, ServicesView, SlotDenied, SlotGranted
from officelib.texts import read_texts
from tests.conftest import NINE_MS
from tests.kiosk_app.test_memory import Kept, kept

__all__ = ["kept"]

HOUR = 3_600_000
SLOT = NINE_MS + 2 * HOUR
REF = "ab" * 10
TIMES = (SLOT, SLOT + 24 * HOUR)
FULL = ShowingProblem(Problem.FULL, NINE_MS + HOUR, "taxes")
GRANTED = SlotGranted(7, REF, "taxes", SLOT, "A7K2M9QX", "QB1" + "A" * 136)
SLIP = Slip(7, REF, "taxes", "fr", SLOT, "A7K2M9QX", GRANTED.code)


@pytest.fixture
def kiosk(catalogue: Catalogue) -> Kiosk:
    state = ServiceState(4, 30, (20, 40), NINE_MS + HOUR, free_ms=TIMES)
    view = ServicesView(1, 1, 0, "2026-01-07", False, {"taxes": state})
    return Kiosk(catalogue=catalogue, view=view, link_up=True, enrolled=True, language="fr", screen=FULL)


def after(kiosk: Kiosk, *happened: ev.Event, at_ms: int = 0) -> tuple[Kiosk, list[ev.Effect]]:
    """The kiosk after events, and what the last one asks for."""
    effects: list[ev.Effect] = []
    for event in happened:
        kiosk, effects = step(kiosk, event, at_ms)
    return kiosk, effects


RESERVING = (ev.SlotsAsked(NINE_MS), ev.SlotChosen(SLOT), ev.WantWritten(7))


def test_from_a_full_service_to_a_booking_on_paper(kiosk: Kiosk) -> None:
    kiosk, _ = after(kiosk, ev.SlotsAsked(NINE_MS))
    assert kiosk.screen == ChoosingSlot("taxes", FULL, TIMES)
    kiosk, asked = after(kiosk, ev.SlotChosen(SLOT))
    assert asked == [ev.WriteBook("taxes", SLOT)]
    kiosk, written = after(kiosk, ev.WantWritten(7), ev.HubAnswered(GRANTED, NINE_MS))
    assert written == [ev.WriteBooked(SLIP)], "nothing is told before it is in the journal"
    assert isinstance(kiosk.screen, Reserving)
    kiosk, told = after(kiosk, ev.SlipWritten(7))
    assert (kiosk.screen, told) == (ShowingSlip(SLIP, Paper.PRINTING), [ev.PrintSlip(SLIP)])
    assert after(kiosk, ev.SlipEnded(7, printed=False))[0].screen == ShowingSlip(SLIP, Paper.FAULT)
    assert after(kiosk, ev.SlipEnded(6, printed=False))[0].screen == kiosk.screen, "of somebody before"


def test_a_time_that_was_just_taken_is_said_and_another_can_be_chosen(kiosk: Kiosk) -> None:
    kiosk, effects = after(kiosk, *RESERVING, ev.HubAnswered(SlotDenied(7), NINE_MS))
    assert kiosk.screen == ChoosingSlot("taxes", FULL, TIMES[1:], gone=True)
    assert effects == [ev.WriteAbandon(7, "refused: taken")]
    assert isinstance(after(kiosk, ev.SlotChosen(SLOT + 24 * HOUR))[0].screen, Reserving)


@pytest.mark.parametrize("silence", [(ev.TimePassed(),), (ev.LinkSwitched(up=False), ev.TimePassed())])
def test_a_hub_that_does_not_answer_books_nothing(kiosk: Kiosk, silence: tuple[ev.Event, ...]) -> None:
    kiosk, _ = after(kiosk, *RESERVING)
    kiosk, effects = after(kiosk, *silence, at_ms=3_000 if len(silence) == 1 else 0)
    assert kiosk.screen == ShowingProblem(Problem.NOT_BOOKED, service="taxes")
    assert effects == [ev.WriteAbandon(7, "no answer in time")]
    assert after(kiosk, ev.HubAnswered(GRANTED, NINE_MS)) == (kiosk, []), "too late: it is taken back"


def test_a_full_disk_promises_nothing(kiosk: Kiosk) -> None:
    kiosk, effects = after(kiosk, *RESERVING, ev.HubAnswered(GRANTED, NINE_MS), ev.JournalRefused())
    assert kiosk.screen == ShowingProblem(Problem.OUT_OF_SERVICE)
    assert effects == [ev.WriteAbandon(7, "the disk was full")]


def test_a_booking_that_is_told_already_stays_on_the_screen_when_the_disk_is_full(kiosk: Kiosk) -> None:
    kiosk, _ = after(kiosk, *RESERVING, ev.HubAnswered(GRANTED, NINE_MS), ev.SlipWritten(7), ev.JournalRefused())
    assert kiosk.screen == ShowingSlip(SLIP, Paper.FAULT)


def test_a_time_can_be_chosen_as_it_was_read_and_never_without_the_hub(kiosk: Kiosk) -> None:
    choosing, _ = after(kiosk, ev.SlotsAsked(NINE_MS), ev.QueuesTold(ServicesView(1, 2, 0, "2026-01-07", False, {})))
    assert after(choosing, ev.SlotChosen(SLOT))[1] == [ev.WriteBook("taxes", SLOT)], "the hub will say"
    cut, effects = after(choosing, ev.LinkSwitched(up=False), ev.SlotChosen(SLOT))
    assert (cut.screen, effects) == (ShowingProblem(Problem.NOT_BOOKED, service="taxes"), [])


def test_where_the_last_time_was_taken_no_empty_page_is_shown(kiosk: Kiosk) -> None:
    one = replace(kiosk, screen=ChoosingSlot("taxes", FULL, (SLOT,)))
    one, _ = after(one, ev.SlotChosen(SLOT), ev.WantWritten(7), ev.HubAnswered(SlotDenied(7), NINE_MS))
    assert one.screen == ShowingProblem(Problem.NOT_BOOKED, service="taxes")


@pytest.mark.parametrize(("ms", "recovered"), [(1_000, True), (RECOVER_MS, False)])
def test_a_booking_whose_paper_a_crash_interrupted_is_shown_and_printed(kept: Kept, ms: int, recovered: bool) -> None:
    kept.memory.do(ev.WriteBook("taxes", SLOT))
    assert kept.next() == ev.WantWritten(1)
    slip = replace(SLIP, seq=1)
    kept.memory.do(ev.WriteBooked(slip))
    assert kept.next() == ev.SlipWritten(1)
    kept.clock.advance(ms)
    kept.crash()
    kept.memory.do(ev.WriteBook("taxes", SLOT))
    told = []
    while ev.WantWritten(3) not in told:
        told.append(kept.next())
    assert (ev.SlipRecovered(slip) in told) is recovered
    assert not [one for one in kept.journal() if isinstance(one, e.Abandon)], "who has read the code comes with it"


def test_a_booking_that_is_recovered_is_shown_to_whoever_stands_there(kiosk: Kiosk) -> None:
    shown = step(replace(kiosk, screen=Attract(), language="es"), ev.SlipRecovered(SLIP), 0)
    assert (shown[0].screen, shown[0].language) == (ShowingSlip(SLIP, Paper.PRINTING), "fr")
    assert shown[1] == [ev.PrintSlip(SLIP)]
    assert step(kiosk, ev.SlipRecovered(SLIP), 0) == (kiosk, [ev.PrintSlip(SLIP)]), "nobody is interrupted"


def test_another_time_is_offered_to_those_alone_who_need_it(kiosk: Kiosk) -> None:
    assert offers_slots(kiosk, NINE_MS)
    assert not offers_slots(replace(kiosk, link_up=False), NINE_MS), "the hub alone can give one"
    assert not offers_slots(kiosk, SLOT + 48 * HOUR), "all of them are past"
    looking = replace(kiosk, screen=Confirming("taxes"))
    assert not offers_slots(looking, NINE_MS), "there is time enough today"
    assert offers_slots(looking, NINE_MS + 10 * HOUR + HOUR // 2), "the doors shut before"
    assert after(looking, ev.SlotsAsked(NINE_MS)) == (looking, [])
    assert after(kiosk, ev.SlotsAsked(NINE_MS), ev.SlotChosen(SLOT + 1))[1] == []
    assert not offers_slots(kiosk, TIMES[1] - HOUR // 2), "none is far enough away"


def test_a_booking_that_a_crash_stood_before_is_given_back_and_one_that_was_told_is_not(kept: Kept) -> None:
    kept.memory.do(ev.WriteBook("taxes", SLOT))
    assert kept.next() == ev.WantWritten(1)
    kept.memory.do(ev.WriteBooked(replace(SLIP, seq=1)))
    assert kept.next() == ev.SlipWritten(1)
    kept.memory.do(ev.WriteBook("taxes", SLOT))
    assert kept.next() == ev.WantWritten(3)
    kept.memory.slip_ended()
    kept.crash()
    kept.memory.do(ev.WriteRating("taxes", 4))
    wait_for(lambda: e.Rated("taxes", 4) in kept.journal(), "the journal", 10)
    assert [one for one in kept.journal() if isinstance(one, e.Abandon)] == [e.Abandon(3, "the kiosk was interrupted")]


@pytest.mark.parametrize("language", ["es", "ca", "en", "fr", "ar"])
def test_the_paper_says_when_and_by_which_code(catalogue: Catalogue, language: str) -> None:
    texts = read_texts(asset("i18n"), "ticket", (language,))[language]
    document = booking_slip(replace(SLIP, language=language), catalogue, texts)
    said = " ".join(op.text for op in document if isinstance(op, Text))
    assert "11:00" in said
    assert "07/01" in said
    assert SLIP.short in said
    assert [op.data for op in document if isinstance(op, Qr)] == [SLIP.code]
