"""Any event in any state, 100,000 of them: the kiosk always comes back to rest, and keeps nothing of anybody."""

import random
from collections import Counter
from dataclasses import replace
from typing import get_args

import msgspec
import pytest

from kiosk_app.core import events as ev
from kiosk_app.core.door import new_door
from kiosk_app.core.flow import step
from kiosk_app.core.states import (
    Choosing,
    ChoosingSlot,
    Committing,
    Issuing,
    Kiosk,
    Leaving,
    LookingUp,
    Mode,
    Paper,
    Problem,
    Rating,
    Reserving,
    Screen,
    ShowingProblem,
    ShowingSlip,
    ShowingTicket,
    Slip,
    TicketFacts,
    Typing,
)
from officelib.assets import asset
from officelib.booking import short_code
from officelib.catalogue import Identify
from officelib.catalogue_file import read_catalogue
from officelib.events import BookingClaim, Claim
from officelib.inbound import (
    PaperAnswered,
    ServiceState,
    ServicesView,
    SlotDenied,
    SlotGranted,
    WantDenied,
    WantGranted,
)
from officelib.signature import unsigned
from officelib.ticket_code import TicketCode, write_code
from tests.conftest import NINE_MS
from tests.kiosk_app.test_flow import KEYS, REF, code, scan

STEPS = 100_000
WALKS = 400
CITY = read_catalogue(asset("demo", "city.toml"))
DEMO = msgspec.structs.replace(
    read_catalogue(asset("demo", "office.toml")),
    priority={"es": "Embarazo"},
    identify=Identify({"es": "DNI"}, least=4, most=9),
)
DOOR_CODE, DOOR = new_door(bytes(8), bytes(range(10, 20)))
PAPER = write_code(TicketCode(12, "k2", 1, 5, "A2-005", 101, "es", NINE_MS - 60_000, 500), unsigned)
TICKET = TicketFacts(7, "A042", "register", "fr", 3, 12, 0, NINE_MS, code=PAPER)
CLAIM = Claim("register", "fr", BookingClaim(REF, NINE_MS))
LATER = NINE_MS + 7_200_000
FULL = ServicesView(
    1, 1, 0, "2026-01-07", False, {"register": ServiceState(9, 90, (80, 100), NINE_MS * 2, free_ms=(LATER,))}
)
SHUT = ServicesView(1, 1, 0, "2026-01-07", True, {}, ("taxes", "entry"))
EASY = ServicesView(1, 1, 0, "2026-01-07", False, {"register": ServiceState(1, 5, (2, 8))}, ("register",))

WAITING = (
    ev.HubAnswered(PaperAnswered(9, "A042", "waiting", service="register", ahead=2, wait_min=5), NINE_MS),
    ev.HubAnswered(PaperAnswered(9, "A2-005", "waiting", service="register"), NINE_MS),
)
EVENTS: tuple[ev.Event, ...] = (
    ev.Started(),
    ev.LanguageChosen("fr"),
    ev.LanguageChosen("zz"),
    scan(code()),
    scan(code(office=13)),
    scan("nonsense"),
    scan(PAPER),
    scan(short_code(REF)),
    ev.ScanFailed(),
    ev.ServiceChosen("register", NINE_MS),
    ev.ServiceChosen("pets", None),
    ev.ServiceChosen("none", NINE_MS),
    ev.GroupChosen("care"),
    ev.GroupChosen("none"),
    ev.SearchAsked(),
    ev.PrioritySwitched(),
    ev.LeafletAsked(),
    ev.LeafletEnded("register", printed=True),
    ev.LeafletEnded("pets", printed=False),
    ev.SlotsAsked(NINE_MS),
    ev.SlotChosen(LATER),
    ev.SlotChosen(1),
    ev.HubAnswered(SlotGranted(7, REF, "register", LATER, "A7K2M9QX", "QB1"), NINE_MS),
    ev.HubAnswered(SlotDenied(7), NINE_MS),
    ev.SlipWritten(7),
    ev.SlipRecovered(Slip(7, REF, "register", "fr", LATER, "A7K2M9QX", "QB1")),
    ev.SlipEnded(7, printed=True),
    ev.SlipEnded(7, printed=False),
    ev.TypingAsked(),
    ev.TypingAsked(who=True),
    ev.BookingFound(1, short_code(REF), NINE_MS),
    ev.KeyTyped("1"),
    ev.KeyTyped("A"),
    ev.KeyTyped(""),
    ev.CodeEntered(NINE_MS),
    ev.Confirmed(),
    ev.BackPressed(),
    ev.DonePressed(),
    ev.StillHere(),
    ev.ModeSwitched(Mode.LARGE),
    ev.ModeSwitched(Mode.CURTAIN),
    ev.HelpAsked(),
    ev.HelpCalled(),
    ev.HelpGivenUp(),
    ev.HelpAnswered(1, "told"),
    ev.HelpUnanswered(1),
    ev.SpeechSwitched(on=True),
    ev.SpeechSwitched(on=False),
    ev.Spoke(),
    ev.CopyAsked(),
    ev.PaperTold(PAPER, 9),
    ev.LeaveAsked(),
    ev.LeaveConfirmed(),
    ev.ScoreChosen(4),
    scan(DOOR_CODE),
    ev.TabChosen("state"),
    ev.TestAsked("print"),
    ev.TestAsked("sound"),
    ev.TestPrinted(printed=False),
    ev.TileTouched(3),
    ev.TimePassed(),
    ev.WantWritten(7),
    ev.HubAnswered(WantGranted(7, "A042", "register", 3, 12), NINE_MS),
    ev.HubAnswered(WantDenied(7, "already", "A001", "register"), NINE_MS),
    ev.HubAnswered(WantDenied(7, "unknown_code"), NINE_MS),
    *WAITING,
    ev.HubAnswered(PaperAnswered(9, "A042", "called", "3", "register"), NINE_MS),
    ev.HubAnswered(PaperAnswered(9, "A2-005", "over", service="register"), NINE_MS),
    ev.HubAnswered(PaperAnswered(9, "A042", "left"), NINE_MS),
    ev.HubAnswered(PaperAnswered(9), NINE_MS),
    ev.TicketWritten(TICKET),
    ev.BookingSeen(TICKET),
    ev.BookingNew(CLAIM),
    ev.PaperEnded(7, printed=True),
    ev.PaperEnded(7, printed=False),
    ev.LinkSwitched(up=False),
    ev.LinkSwitched(up=True),
    ev.ScannerSwitched(on=False),
    ev.ScannerSwitched(on=True),
    ev.OfficeTold(DEMO, KEYS),
    ev.OfficeTold(CITY, KEYS),
    ev.QueuesTold(FULL),
    ev.QueuesTold(SHUT),
    ev.QueuesTold(EASY),
    ev.Enrolled(has_lane=True),
    ev.Enrolled(has_lane=False, granted=False),
    ev.JournalRefused(),
    ev.Recovered(TICKET),
)

LIKELY: dict[type, tuple[ev.Event, ...]] = {
    ShowingTicket: (*WAITING, ev.PaperTold(PAPER, 9), ev.LeaveAsked()),
    Rating: (ev.ScoreChosen(1),),
    Leaving: (ev.LeaveConfirmed(),),
    Typing: (ev.TypingAsked(who=True), ev.KeyTyped("1"), ev.KeyTyped("1"), ev.KeyTyped("1"), ev.CodeEntered(NINE_MS)),
    ShowingProblem: (ev.QueuesTold(FULL), ev.LinkSwitched(up=True), ev.SlotsAsked(NINE_MS)),
    Choosing: (ev.QueuesTold(FULL), ev.LinkSwitched(up=True), ev.ServiceChosen("register", NINE_MS)),
    ChoosingSlot: (ev.QueuesTold(FULL), ev.LinkSwitched(up=True), ev.SlotChosen(LATER)),
    Reserving: (
        ev.WantWritten(7),
        ev.HubAnswered(SlotGranted(7, REF, "register", LATER, "A7K2M9QX", "QB1"), NINE_MS),
        ev.SlipWritten(7),
        ev.TimePassed(),
    ),
}
"""What chance alone would hardly ever do on these screens."""


def settle(kiosk: Kiosk, now_ms: int) -> tuple[Kiosk, int]:
    """Whoever was there walks away; devices and the hub end what they were asked for."""
    for _ in range(16):
        screen = kiosk.screen
        if isinstance(screen, Issuing) and screen.seq is None:
            booking = screen.claim.booking
            answer = ev.BookingNew(screen.claim) if booking and kiosk.link_up else ev.WantWritten(99)
            kiosk, _ = step(kiosk, answer, now_ms)
            kiosk, _ = step(kiosk, ev.WantWritten(99), now_ms)
        if isinstance(screen, Reserving) and screen.seq is None:
            kiosk, _ = step(kiosk, ev.WantWritten(99), now_ms)
        if isinstance(screen, Reserving) and screen.slip is not None:
            kiosk, _ = step(kiosk, ev.SlipWritten(screen.slip.seq), now_ms)
        if isinstance(kiosk.screen, ShowingSlip) and kiosk.screen.paper is Paper.PRINTING:
            kiosk, _ = step(kiosk, ev.SlipEnded(kiosk.screen.slip.seq, printed=True), now_ms)
        if isinstance(kiosk.screen, Committing):
            kiosk, _ = step(kiosk, ev.TicketWritten(TICKET), now_ms)
        if isinstance(kiosk.screen, ShowingTicket) and kiosk.screen.paper is Paper.PRINTING:
            kiosk, _ = step(kiosk, ev.PaperEnded(kiosk.screen.ticket.seq, printed=True), now_ms)
        kiosk, _ = step(kiosk, ev.SpeechSwitched(on=False), now_ms)
        now_ms += 301_000
        kiosk, _ = step(kiosk, ev.TimePassed(), now_ms)
    return kiosk, now_ms


def resting(kiosk: Kiosk) -> Kiosk:
    """The kiosk without what is the office's and the machine's own: what is left would be a citizen's."""
    blank = Kiosk(timings=kiosk.timings, language=kiosk.catalogue.language if kiosk.catalogue else kiosk.language)
    return replace(
        blank,
        catalogue=kiosk.catalogue,
        keys=kiosk.keys,
        view=kiosk.view,
        ranking=kiosk.view.asked if kiosk.view else (),
        link_up=kiosk.link_up,
        enrolled=kiosk.enrolled,
        door=kiosk.door,
        has_lane=kiosk.has_lane,
        scans=kiosk.scans,
    )


def test_every_kind_of_event_is_in_the_walk() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(ev.Event))


@pytest.mark.ux("TI3", "NV15")
def test_whatever_happens_the_kiosk_comes_back_to_rest() -> None:
    """UX TI3. A hundred thousand events, each screen and each reason seen on the way."""
    draw = random.Random(20_260_107)
    seen: Counter[type] = Counter()
    problems: set[Problem] = set()
    now_ms, begun = 0, Kiosk(catalogue=DEMO, keys=KEYS, link_up=True, enrolled=True, has_lane=True, door=DOOR)
    kiosk = begun
    for number in range(STEPS):
        now_ms += draw.choice((0, 10, 400, 5_000, 60_000))
        likely = LIKELY.get(type(kiosk.screen), EVENTS) if draw.random() < 0.4 else EVENTS
        event = ev.BackPressed() if kiosk.asks_help and draw.random() < 0.8 else draw.choice(likely)
        if isinstance(kiosk.screen, LookingUp) and draw.random() < 0.5:
            event = ev.BookingFound(kiosk.screen.asked, draw.choice(("", short_code(REF))), NINE_MS)
        kiosk, effects = step(kiosk, event, now_ms)
        seen[type(kiosk.screen)] += 1
        if isinstance(kiosk.screen, ShowingProblem):
            problems.add(kiosk.screen.problem)
        paper = [one for one in effects if isinstance(one, ev.PrintPaper)]
        assert len(paper) <= 1
        if number % (STEPS // WALKS) == 0:
            rested, now_ms = settle(kiosk, now_ms)
            assert rested == resting(rested), "something of the citizen stays"
            up, lane, let_in = (draw.random() < 0.8 for _ in range(3))
            kiosk = replace(begun, link_up=up, has_lane=lane, enrolled=let_in)
    assert set(seen) == set(get_args(Screen)), set(get_args(Screen)) - set(seen)
    assert problems >= set(Problem) - {Problem.OTHER_DAY, Problem.TOO_EARLY, Problem.CANCELLED}
