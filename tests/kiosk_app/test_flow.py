"""The kiosk's core: every way through the screens, and from any state back to attract."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk_app.core import events as ev
from kiosk_app.core.flow import step
from kiosk_app.core.states import (
    Attract,
    Choosing,
    Committing,
    Confirming,
    Issuing,
    Kiosk,
    Paper,
    Problem,
    ShowingProblem,
    ShowingTicket,
    TicketFacts,
    Timings,
    Typing,
)
from officelib.booking import BookingCode, mint, short_code
from officelib.catalogue import Catalogue
from officelib.events import BookingClaim, Claim
from officelib.inbound import ServicesView, WantDenied, WantGranted
from officelib.referral import ref_of
from officelib.signature import unsigned
from officelib.ticket_code import TicketCode, write_code
from tests.conftest import NINE_MS

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEYS = {1: KEY.public_key().public_bytes_raw()}
MINUTE = 60_000
REF = "0123456789abcdef0123"
CLAIM = Claim("register", "es")
TICKET = TicketFacts(1, "A001", "register", "es", 0, 0, 0, NINE_MS)


@pytest.fixture
def kiosk(catalogue: Catalogue) -> Kiosk:
    return Kiosk(catalogue=catalogue, keys=KEYS, link_up=True, enrolled=True, has_lane=True)


def code(slot_ms: int = NINE_MS, office: int = 12, service: int = 101, key: Ed25519PrivateKey = KEY) -> str:
    return mint(BookingCode(1, office, service, slot_ms, 15, REF), key)


def go(kiosk: Kiosk, *events: ev.Event, now_ms: int = 0) -> tuple[Kiosk, list[ev.Effect]]:
    effects: list[ev.Effect] = []
    for event in events:
        kiosk, more = step(kiosk, event, now_ms)
        effects += more
    return kiosk, effects


def scan(text: str, hub_ms: int = NINE_MS) -> ev.CodeScanned:
    return ev.CodeScanned(text, hub_ms)


def test_a_walk_in_from_the_first_touch_to_the_paper(kiosk: Kiosk) -> None:
    kiosk, effects = go(kiosk, ev.Started(), ev.ServiceChosen("register", NINE_MS))
    assert (kiosk.screen, effects) == (Confirming("register"), [])
    kiosk, effects = go(kiosk, ev.Confirmed())
    assert effects == [ev.WriteWant(CLAIM)]
    kiosk, effects = go(kiosk, ev.WantWritten(7), now_ms=1_000)
    assert (kiosk.screen, kiosk.due_ms, effects) == (Issuing(CLAIM, 7), 1_400, [])
    kiosk, effects = go(kiosk, ev.HubAnswered(WantGranted(7, "A042", "register", 3, 12), NINE_MS))
    ticket = TicketFacts(7, "A042", "register", "es", 3, 12, 0, NINE_MS)
    assert effects == [ev.WritePrint(ticket, "")], "no paper before the commit"
    assert kiosk.screen == Committing(CLAIM)
    kiosk, effects = go(kiosk, ev.TicketWritten(ticket))
    assert effects == [ev.PrintPaper(ticket)]
    assert kiosk.screen == ShowingTicket(ticket, Paper.PRINTING)
    kiosk, _ = go(kiosk, ev.PaperEnded(7, printed=True), now_ms=5_000)
    assert kiosk.screen == ShowingTicket(ticket, Paper.PRINTED)
    assert go(kiosk, ev.TimePassed(), now_ms=5_000 + kiosk.timings.ticket_ms - 1)[0].screen == kiosk.screen
    assert go(kiosk, ev.TimePassed(), now_ms=5_000 + kiosk.timings.ticket_ms)[0].screen == Attract()


@pytest.mark.ux("TI4")
def test_the_ticket_stays_long_enough_to_be_read() -> None:
    assert Timings().ticket_ms >= 8_000, "UX TI4"
    assert Timings().warning_ms >= 20_000, "UX TI1"


def test_without_an_answer_in_time_the_lane_gives_the_number(kiosk: Kiosk) -> None:
    kiosk, _ = go(replace(kiosk, screen=Confirming("register")), ev.Confirmed(), ev.WantWritten(7))
    assert go(kiosk, ev.TimePassed(), now_ms=399)[1] == []
    kiosk, effects = go(kiosk, ev.TimePassed(), now_ms=400)
    assert effects == [ev.WriteLane(CLAIM, 7)]
    late, effects = go(kiosk, ev.HubAnswered(WantGranted(7, "A042", "register", 3, 12), NINE_MS))
    assert (late, effects) == (kiosk, []), "a late answer has no effect"


def test_a_hub_that_is_known_to_be_away_is_not_asked(kiosk: Kiosk) -> None:
    away, _ = go(kiosk, ev.LinkSwitched(up=False))
    _, effects = go(replace(away, screen=Confirming("register")), ev.Confirmed())
    assert effects == [ev.WriteLane(CLAIM, 0)]


def test_a_link_that_breaks_while_asking_ends_the_wait(kiosk: Kiosk) -> None:
    kiosk, _ = go(replace(kiosk, screen=Confirming("register")), ev.Confirmed(), ev.WantWritten(7))
    kiosk, _ = go(kiosk, ev.LinkSwitched(up=False))
    assert go(kiosk, ev.TimePassed(), now_ms=1)[1] == [ev.WriteLane(CLAIM, 7)]


@pytest.mark.ux("CI1")
def test_a_booking_is_checked_in_with_one_scan(kiosk: Kiosk) -> None:
    claim = Claim("register", "es", BookingClaim(REF, NINE_MS))
    kiosk, effects = go(kiosk, scan(code()))
    assert effects == [ev.LookUpBooking(claim, claim.booking or BookingClaim())]
    kiosk, effects = go(kiosk, ev.BookingNew(claim))
    assert effects == [ev.WriteWant(claim)]
    kiosk, effects = go(kiosk, ev.WantWritten(3), ev.HubAnswered(WantGranted(3, "A001", "register", 0, 0, NINE_MS), 5))
    assert effects == [ev.WritePrint(TicketFacts(3, "A001", "register", "es", 0, 0, NINE_MS, 5), REF)]


@pytest.mark.ux("CI2")
def test_a_second_scan_shows_the_same_ticket_and_writes_nothing(kiosk: Kiosk) -> None:
    kiosk, effects = go(kiosk, scan(code()), ev.BookingSeen(TICKET))
    assert kiosk.screen == ShowingTicket(TICKET, Paper.PRINTED, again=True)
    assert not [x for x in effects if not isinstance(x, ev.LookUpBooking)]


def test_a_booking_redeemed_elsewhere_shows_that_ticket(kiosk: Kiosk) -> None:
    claim = Claim("register", "es", BookingClaim(REF, NINE_MS))
    kiosk, _ = go(kiosk, scan(code()), ev.BookingNew(claim), ev.WantWritten(3))
    kiosk, effects = go(kiosk, ev.HubAnswered(WantDenied(3, "already", "A009", "register"), 5))
    assert isinstance(kiosk.screen, ShowingTicket)
    assert (kiosk.screen.ticket.label, kiosk.screen.again, effects) == (
        "A009",
        True,
        [ev.WriteAbandon(3, "refused: already", "A009")],
    )


@pytest.mark.ux("CI1", "CI6")
@pytest.mark.parametrize(
    ("text", "hub_ms", "problem", "at_ms"),
    [
        ("8412345678905", NINE_MS, Problem.INVALID_CODE, 0),
        ("QB1" + "A" * 136, NINE_MS, Problem.INVALID_CODE, 0),
        (code(key=Ed25519PrivateKey.generate()), NINE_MS, Problem.INVALID_CODE, 0),
        (code(service=999), NINE_MS, Problem.INVALID_CODE, 0),
        (code(office=13), NINE_MS, Problem.OTHER_OFFICE, 0),
        (code(NINE_MS + 1440 * MINUTE), NINE_MS, Problem.OTHER_DAY, NINE_MS + 1440 * MINUTE),
        (code(NINE_MS + 31 * MINUTE), NINE_MS, Problem.TOO_EARLY, NINE_MS + MINUTE),
        (code(), NINE_MS - 120 * MINUTE, Problem.CLOSED, 0),
    ],
)
def test_a_code_that_gives_no_ticket_says_why(
    kiosk: Kiosk, text: str, hub_ms: int, problem: Problem, at_ms: int
) -> None:
    kiosk, effects = go(kiosk, scan(text, hub_ms))
    assert kiosk.screen == ShowingProblem(problem, at_ms)
    assert effects == [], "and nothing is recorded"


def test_in_the_thirtieth_minute_before_it_is_not_too_early(kiosk: Kiosk) -> None:
    assert go(kiosk, scan(code(NINE_MS + 30 * MINUTE)))[1]


def test_a_scan_that_lost_keys_is_never_guessed(kiosk: Kiosk) -> None:
    assert go(kiosk, ev.ScanFailed())[0].screen == ShowingProblem(Problem.SCAN_AGAIN)


@pytest.mark.ux("CI3")
def test_a_short_code_is_typed_and_checked_before_anything_is_asked(kiosk: Kiosk) -> None:
    short = short_code(REF)
    typed = [ev.KeyTyped(character) for character in short]
    now, effects = go(kiosk, ev.TypingAsked(), *typed, ev.KeyTyped("A"), ev.KeyTyped("1"))
    assert now.screen == Typing(short), "no more than fits, and nothing that no code has"
    assert effects == []
    now, effects = go(now, ev.KeyTyped(""), ev.CodeEntered(NINE_MS))
    assert now.screen == Typing(short[:-1], is_wrong=True), "not recorded, and told so"
    assert effects == []
    assert now.due_ms == 300_000
    now, effects = go(now, ev.KeyTyped(short[-1]), ev.CodeEntered(NINE_MS))
    assert effects == [ev.LookUpBooking(Claim("", "es", BookingClaim(short=short)), BookingClaim(short=short))]
    assert isinstance(now.screen, Issuing)
    assert isinstance(go(kiosk, ev.TypingAsked(), ev.BackPressed())[0].screen, Attract)


def test_a_short_code_needs_the_hub(kiosk: Kiosk) -> None:
    short = short_code(REF)
    assert go(kiosk, scan(short.lower()))[1] == [
        ev.LookUpBooking(Claim("", "es", BookingClaim(short=short)), BookingClaim(short=short))
    ]
    away, _ = go(kiosk, ev.LinkSwitched(up=False), scan(short))
    assert away.screen == ShowingProblem(Problem.UNCHECKED)


def test_a_kiosk_that_does_not_know_the_time_refuses_nobody_for_it(kiosk: Kiosk) -> None:
    """After a power cut the wall clock may say 1970: it is not asked."""
    assert go(kiosk, ev.CodeScanned(code(NINE_MS + 3 * 1440 * MINUTE), None))[1]
    chosen, _ = go(kiosk, ev.Started(), ev.ServiceChosen("register", None))
    assert chosen.screen == Confirming("register")


def test_yesterdays_closing_does_not_close_today(kiosk: Kiosk) -> None:
    kiosk, _ = go(kiosk, ev.QueuesTold(ServicesView(1, 1, 0, "2026-01-06", True, {})))
    assert go(kiosk, scan(code()))[1]


def test_a_number_that_is_seen_stays_when_the_disk_is_full(kiosk: Kiosk) -> None:
    kiosk, _ = go(replace(kiosk, screen=ShowingTicket(TICKET, Paper.PRINTING)), ev.JournalRefused())
    assert kiosk.screen == ShowingTicket(TICKET, Paper.FAULT)


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("other_day", ShowingProblem(Problem.OTHER_DAY, NINE_MS)),
        ("too_early", ShowingProblem(Problem.TOO_EARLY, NINE_MS - 30 * MINUTE)),
        ("cancelled", ShowingProblem(Problem.CANCELLED)),
        ("unknown_code", ShowingProblem(Problem.INVALID_CODE)),
    ],
)
def test_what_the_hub_refuses_is_told_with_its_reason(kiosk: Kiosk, reason: str, shown: ShowingProblem) -> None:
    asking = replace(kiosk, screen=Issuing(Claim("", "es", BookingClaim(short="X")), 7))
    denied = WantDenied(7, reason, slot_ms=NINE_MS)  # type: ignore[arg-type]
    assert go(asking, ev.HubAnswered(denied, NINE_MS))[0].screen == shown


def test_while_a_ticket_is_made_nothing_else_counts(kiosk: Kiosk) -> None:
    busy, _ = go(replace(kiosk, screen=Confirming("register")), ev.Confirmed(), ev.WantWritten(7))
    for event in (scan(code()), ev.Started(), ev.BackPressed(), ev.DonePressed(), ev.StillHere(), ev.ScanFailed()):
        assert go(busy, event) == (busy, [])


@pytest.mark.parametrize("closed_by", ["hours", "hand"])
def test_a_closed_office_says_so(kiosk: Kiosk, closed_by: str) -> None:
    hub_ms = NINE_MS
    if closed_by == "hours":
        hub_ms -= 90 * MINUTE
    else:
        kiosk, _ = go(kiosk, ev.QueuesTold(ServicesView(1, 1, 0, "2026-01-07", True, {})))
    kiosk, _ = go(kiosk, ev.Started(), ev.ServiceChosen("register", hub_ms))
    assert kiosk.screen == ShowingProblem(Problem.CLOSED)


@pytest.mark.parametrize("lack", ["enrolled", "catalogue", "lane"])
def test_a_kiosk_that_can_promise_nothing_says_so(kiosk: Kiosk, lack: str) -> None:
    match lack:
        case "enrolled":
            kiosk = replace(kiosk, enrolled=False)
        case "catalogue":
            kiosk = replace(kiosk, catalogue=None)
        case _:
            kiosk = replace(kiosk, has_lane=False, link_up=False)
    assert go(kiosk, scan(code()))[0].screen == ShowingProblem(Problem.OUT_OF_SERVICE)


def test_a_full_disk_is_told_before_anything_is_promised(kiosk: Kiosk) -> None:
    kiosk, effects = go(replace(kiosk, screen=Issuing(CLAIM)), ev.JournalRefused())
    assert (kiosk.screen, effects) == (ShowingProblem(Problem.OUT_OF_SERVICE), [])


@pytest.mark.ux("CI4")
def test_paper_that_fails_leaves_the_number_on_the_screen(kiosk: Kiosk) -> None:
    kiosk, _ = go(replace(kiosk, screen=ShowingTicket(TICKET, Paper.PRINTING)), ev.PaperEnded(1, printed=False))
    assert kiosk.screen == ShowingTicket(TICKET, Paper.FAULT)
    kiosk, effects = go(kiosk, ev.CopyAsked())
    copy = replace(TICKET, copies=1)
    assert effects == [ev.PrintPaper(copy)]
    assert kiosk.screen == ShowingTicket(copy, Paper.PRINTING)


def test_paper_of_an_earlier_citizen_changes_nothing_for_this_one(kiosk: Kiosk) -> None:
    now = replace(kiosk, screen=ShowingTicket(TICKET, Paper.PRINTING))
    assert go(now, ev.PaperEnded(99, printed=True))[0].screen == now.screen


def test_a_ticket_that_a_crash_interrupted_is_shown_and_printed(kiosk: Kiosk) -> None:
    kiosk, effects = go(kiosk, ev.Recovered(replace(TICKET, copies=1)))
    assert isinstance(kiosk.screen, ShowingTicket)
    assert effects == [ev.PrintPaper(replace(TICKET, copies=1))]


def test_an_idle_citizen_is_asked_and_has_time_to_answer(kiosk: Kiosk) -> None:
    kiosk, _ = go(kiosk, ev.Started())
    idle, warning = kiosk.timings.idle_ms, kiosk.timings.warning_ms
    assert not go(kiosk, ev.TimePassed(), now_ms=idle - 1)[0].warning
    asked, _ = go(kiosk, ev.TimePassed(), now_ms=idle)
    assert (asked.warning, asked.screen) == (True, Choosing())
    assert go(asked, ev.TimePassed(), now_ms=idle + warning - 1)[0] == asked
    assert go(asked, ev.TimePassed(), now_ms=idle + warning)[0].screen == Attract()
    now = idle
    for _ in range(10):
        back, effects = go(asked, ev.StillHere(), now_ms=now)
        assert (back.warning, back.screen, effects) == (False, Choosing(), [])
        now += idle
        asked, _ = go(back, ev.TimePassed(), now_ms=now)
        assert asked.warning


@pytest.mark.ux("LA1", "LA6")
def test_the_language_changes_anywhere_keeps_the_step_and_goes_back_after_the_citizen(kiosk: Kiosk) -> None:
    kiosk, _ = go(kiosk, ev.LanguageChosen("ar"))
    assert (kiosk.language, kiosk.screen) == ("ar", Choosing())
    kiosk, _ = go(kiosk, ev.ServiceChosen("taxes", NINE_MS), ev.LanguageChosen("fr"))
    assert (kiosk.language, kiosk.screen) == ("fr", Confirming("taxes"))
    assert go(kiosk, ev.LanguageChosen("xx"))[0].language == "fr"
    kiosk, _ = go(kiosk, ev.BackPressed(), ev.BackPressed())
    assert (kiosk.language, kiosk.screen) == ("es", Attract())


def test_a_want_that_nobody_waits_for_is_abandoned(kiosk: Kiosk) -> None:
    assert go(kiosk, ev.WantWritten(9))[1] == [ev.WriteAbandon(9, "nobody waited for it")]


def test_a_papers_code_is_told_to_the_hub_and_its_number_shown(kiosk: Kiosk) -> None:
    text = write_code(TicketCode(12, "k2", 1, 7, "A2-007", 101, "fr", 0, -1), unsigned)
    kiosk, effects = step(kiosk, ev.CodeScanned(text.lower(), None), 0)
    assert isinstance(kiosk.screen, ShowingTicket)
    assert (kiosk.screen.ticket.label, kiosk.screen.again, effects) == ("A2-007", True, [ev.TellPaper(text)])
    assert step(kiosk, ev.CopyAsked(), 0)[1] == [], "whose signature it is, only the hub can tell"
    full, _ = step(kiosk, ev.JournalRefused(), 0)
    assert isinstance(full.screen, ShowingProblem), "it was not told"


def test_a_paper_of_another_office_is_asked_about(kiosk: Kiosk) -> None:
    """That office may have sent its citizen here; only the hub knows."""
    text = write_code(TicketCode(13, "k2", 1, 7, "A2-007", 999, "fr", 0, -1), unsigned)
    asked, effects = step(kiosk, ev.CodeScanned(text, None), 0)
    booking = BookingClaim(short=short_code(ref_of(13, "k2.1.7")))
    claim = Claim("", "es", booking)
    assert effects == [ev.LookUpBooking(claim, booking)]
    asked, effects = step(asked, ev.BookingNew(claim), 0)
    assert effects == [ev.WriteWant(claim)]
    asked, _ = step(asked, ev.WantWritten(1), 0)
    _, effects = step(asked, ev.HubAnswered(WantDenied(1, "no_number", service="register"), NINE_MS), 0)
    assert effects == [ev.WriteLane(Claim("register", "es", booking), 1)], "a hub without numbers says what for"
    alone, effects = step(replace(kiosk, link_up=False), ev.CodeScanned(text, None), 0)
    assert (alone.screen, effects) == (ShowingProblem(Problem.UNCHECKED), [])


@pytest.mark.parametrize(
    "text",
    [
        "QT1",
        "QT1AAAA",
        write_code(TicketCode(12, "k2", 1, 7, "A2-007", 999, "", 0, -1), unsigned),
        write_code(TicketCode(12, "k2", 1, 7, "A2-007", 101, "", 2**60, 0), unsigned),
        write_code(TicketCode(12, "k2", 1, 7, "anything", 101, "", 0, -1), unsigned),
    ],
    ids=["short", "garbled", "no service", "no time", "no number"],
)
def test_what_is_no_paper_of_this_office_is_told(kiosk: Kiosk, text: str) -> None:
    kiosk, effects = step(kiosk, ev.CodeScanned(text, None), 0)
    assert (kiosk.screen, effects) == (ShowingProblem(Problem.INVALID_CODE), [])
