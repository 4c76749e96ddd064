"""The display's core: what is large, what is listed, what is said, and that nothing is said twice."""

import queue
import random
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from display_app.core import announcer as rules
from display_app.core import lobby
from display_app.core.announcer import YOUNG_MS, Announcer
from display_app.core.board_view import FRESH_MS, LARGE_MS, view_of
from display_app.core.phrases import sentence
from display_app.memory import Memory
from officelib import events as e
from officelib import inbound
from officelib.arrival import Anchor
from officelib.assets import asset
from officelib.board import KEPT_CALLS, Board, BoardSnapshot, Call
from officelib.texts import read_texts
from tests.conftest import ManualClock

PHRASES = read_texts(asset("i18n"), "speech", ("es", "ca", "en", "fr", "ar"))


def call(number: int, at_ms: int = 0, *, answered: bool = False, language: str = "es") -> Call:
    return Call(f"1-{number}", f"k1.1.{number}", (f"A{number:03d}",), "3", at_ms, language, answered)


def entry(n: int, body: e.LogBody, at_ms: int = 0) -> e.LogEntry:
    return e.LogEntry(n, 1, at_ms, body)


def called(n: int, ticket: str, *, recall: bool = False, at_ms: int = 0) -> e.LogEntry:
    return entry(n, e.TicketCalled(ticket, ("A001",), "c1", "1", "es", recall), at_ms)


# --- the board


def test_the_newest_call_is_first_and_a_recall_takes_the_place_of_its_call() -> None:
    board = Board()
    for one in (called(1, "a"), called(2, "b"), called(3, "a", recall=True)):
        board = board.after(one)
    assert [(c.id, c.ticket) for c in board.calls] == [("1-3", "a"), ("1-2", "b")]


@pytest.mark.parametrize("end", [e.ServiceStarted("a"), e.ServiceFinished("a"), e.NoShow("a"), e.TicketParked("a")])
def test_a_call_is_answered_when_its_ticket_goes_on(end: e.LogBody) -> None:
    board = Board().after(called(1, "a")).after(called(2, "b")).after(entry(3, end))
    assert [(c.ticket, c.answered) for c in board.calls] == [("b", False), ("a", True)]


def test_the_board_is_bounded_and_other_news_leave_it_alone() -> None:
    board = Board()
    for n in range(50):
        board = board.after(called(n + 1, f"t{n}"))
    assert len(board.calls) == KEPT_CALLS
    assert board.after(entry(51, e.DoorsClosed())) is board


@pytest.mark.ux("LD5")
def test_the_large_call_stands_at_least_15_s_then_until_it_is_answered() -> None:
    board = Board((call(2, 1_000), call(1, 0)))
    fresh = view_of(board.calls, hub_ms=1_000 + FRESH_MS - 1, link_up=True, last_news_ms=0)
    assert [c.id for c in fresh.large] == ["1-2"]
    assert [c.id for c in fresh.listed] == ["1-1"]
    assert view_of(board.calls, hub_ms=1_000 + LARGE_MS - 1, link_up=True, last_news_ms=0).large
    assert not view_of(board.calls, hub_ms=1_000 + LARGE_MS, link_up=True, last_news_ms=0).large
    answered = Board((call(2, 1_000, answered=True),))
    assert view_of(answered.calls, hub_ms=1_000 + FRESH_MS - 1, link_up=True, last_news_ms=0).large
    assert not view_of(answered.calls, hub_ms=1_000 + FRESH_MS, link_up=True, last_news_ms=0).large


@pytest.mark.ux("LD7")
def test_off_line_an_old_call_no_longer_counts_as_now() -> None:
    view = view_of((call(1, 0),), hub_ms=FRESH_MS, link_up=False, last_news_ms=7)
    assert (view.large, [c.id for c in view.listed], view.is_offline, view.last_news_ms) == ((), ["1-1"], True, 7)


# --- the announcer


def test_a_call_is_said_once_and_only_while_it_is_young() -> None:
    state = rules.see(Announcer(), [call(1, 0)], YOUNG_MS)
    assert rules.next_call(state, YOUNG_MS) == (state, None), "what happened while away is shown, not said"
    state = rules.see(Announcer(), [call(1, 0)], YOUNG_MS - 1)
    state, now = rules.next_call(state, YOUNG_MS - 1)
    assert now == call(1, 0)
    assert rules.next_call(state, YOUNG_MS - 1)[1] is None, "one voice"
    state = rules.see(rules.spoken(state), [call(1, 0)], YOUNG_MS - 1)
    assert rules.next_call(state, YOUNG_MS - 1)[1] is None


def test_what_the_board_no_longer_asks_for_is_not_said() -> None:
    elsewhere = Call("1-9", "k1.1.1", ("A001",), "2", 5_000, "es")
    state = rules.see(Announcer(speaking=call(7)), [call(1, 0), call(2, 0)], 1_000)
    state = rules.see(state, [elsewhere, call(2, 0, answered=True)], 5_000)
    assert [one.id for one in state.waiting] == ["1-9", "1-2"]
    crowd = [call(n, 6_000) for n in range(20, 32)]
    assert len(rules.see(state, crowd, 6_000).waiting) == 14, "a full board pushes no first call out"


@pytest.mark.ux("AN3")
def test_first_calls_go_before_repeats() -> None:
    repeat = Call("1-9", "t", ("A009",), "2", 5_000, "es", recall=True)
    state = rules.see(Announcer(), [repeat, call(1, 1_000)], 5_000)
    assert [one.id for one in state.waiting] == ["1-1", "1-9"]


def test_newer_calls_go_first_and_what_grew_old_meanwhile_is_dropped() -> None:
    state = rules.see(Announcer(), [call(1, 0), call(2, 10_000)], 10_000)
    state, now = rules.next_call(state, 10_000)
    assert now == call(2, 10_000)
    assert rules.next_call(rules.spoken(state), YOUNG_MS)[1] is None


def said_once(*numbers: int) -> Announcer:
    """Calls that were all said at 0."""
    state = rules.see(Announcer(), [call(n) for n in numbers], 0)
    for _ in numbers:
        state, one = rules.next_call(state, 0)
        assert one
        state = rules.spoken(state, 0)
    return state


@pytest.mark.ux("AN3")
@pytest.mark.parametrize(
    ("at_ms", "is_repeated"), [(9_999, False), (10_000, True), (14_999, True), (15_000, False), (20_000, False)]
)
def test_who_does_not_come_is_called_once_more(at_ms: int, is_repeated: bool) -> None:
    """UX AN3: after 8 to 15 s."""
    state = rules.see(said_once(1), [call(1)], at_ms)
    state, again = rules.next_repeat(state, at_ms)
    assert (again == call(1)) is is_repeated
    if is_repeated:
        assert rules.next_repeat(state, at_ms)[1] is None, "one voice"
        state = rules.spoken(state, at_ms + 5_000)
        assert not state.repeats, "once"


def test_who_came_is_not_called_again_and_new_calls_go_first() -> None:
    came = rules.see(said_once(1), [call(1, answered=True)], 10_000)
    assert rules.next_repeat(came, 10_000)[1] is None
    gone = rules.see(said_once(1), [], 10_000)
    assert rules.next_repeat(gone, 10_000)[1] is None, "or was called elsewhere"
    news = rules.see(said_once(1), [call(2, 10_000), call(1)], 10_000)
    assert rules.next_repeat(news, 10_000)[1] is None
    assert rules.next_call(news, 10_000)[1] == call(2, 10_000)


@pytest.mark.ux("AN4")
def test_in_a_surge_the_voice_is_kept_for_first_calls() -> None:
    many = range(1, rules.CALM + 2)
    state = rules.see(said_once(*many), [call(n) for n in many], 10_000)
    assert state.repeats
    assert rules.next_repeat(state, 10_000)[1] is None


def test_a_repeat_is_no_announcement_for_the_hub() -> None:
    """It hears of each call once."""
    one = call(1)
    board = inbound.BoardReset(BoardSnapshot(1, 1, 0, (one,)))
    state, effects = lobby.step(lobby.Lobby(link_up=True), lobby.Heard(board), 0)
    assert effects == [lobby.ClaimCall(one)]
    state, effects = lobby.step(state, lobby.Claimed(one, first=True), 10)
    assert effects == [lobby.SayCall(one)]
    state, effects = lobby.step(state, lobby.Said(one.id, aloud=True), 4_000)
    assert effects == [lobby.ReportCall(one.id, aloud=True)]
    assert not lobby.step(replace(state, link_up=False), lobby.TimePassed(), 14_000)[1], "who came is not known"
    state, effects = lobby.step(state, lobby.TimePassed(), 14_000)
    assert effects == [lobby.RepeatCall(one)]
    state, effects = lobby.step(state, lobby.Said(one.id, aloud=True), 18_000)
    assert effects == []
    assert lobby.step(state, lobby.TimePassed(), 29_000)[1] == []


def test_what_is_said_again_begins_with_other_words() -> None:
    recall = Call("1-2", "t", ("A042",), "3", 0, "es", recall=True)
    for language in ("es", "ca", "en", "fr", "ar"):
        first, again, recalled = (
            sentence(one, PHRASES, language, "es", again=more)[0]
            for one, more in (
                (call(42, language=language), False),
                (call(42, language=language), True),
                (msgspec.structs.replace(recall, language=language), False),
            )
        )
        assert again.endswith(first)
        assert recalled.endswith(first)
        assert len({first, again, recalled}) == 3


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 9_000), st.booleans()), max_size=40))
def test_no_call_is_ever_said_twice(steps: list[tuple[int, int, bool]]) -> None:
    state, now_ms, said = Announcer(), 0, []
    for number, pause_ms, free in steps:
        now_ms += pause_ms
        state = rules.see(state, [call(number, number * 1_000)], now_ms)
        state, one = rules.next_call(state, now_ms)
        said += [one.id] if one else []
        if free:
            state = rules.spoken(state)
    assert len(said) == len(set(said))
    assert len(state.known) <= 6


# --- the words


@pytest.mark.ux("AN2")
def test_a_code_is_said_as_words_without_leading_zeros() -> None:
    assert sentence(call(42), PHRASES, "es", "es") == ("Turno a, 42. Mesa 3.", "es")
    assert sentence(call(7), PHRASES, "en", "es") == ("Ticket A, 7. Counter 3.", "en")
    lane = Call("1-1", "t", ("H2-007",), "3", 0, "es")
    assert sentence(lane, PHRASES, "es", "es")[0] == "Turno hache 2, guion, 7. Mesa 3."
    two = Call("1-1", "t", ("A001", "A2-002"), "3", 0, "xx")
    text, language = sentence(two, PHRASES, "xx", "ca")
    assert language == "ca"
    assert text.count("Taula 3") == 2, "both labels of one ticket"


def test_every_fit_series_has_its_letter_in_every_language() -> None:
    from officelib.catalogue import LEGIBLE_SERIES

    for texts in PHRASES.values():
        for series in LEGIBLE_SERIES:
            assert texts.get(f"letter_{series}")


@pytest.mark.ux("AN4")
def test_six_calls_a_minute_are_said_in_time() -> None:
    """UX AN4: nobody comes to any of them, each is a Spanish sentence of mean length; the time is simulated."""
    draw, calls = random.Random(4), 1_500
    came_ms, at_ms = [], 0.0
    for _ in range(calls):
        at_ms += draw.expovariate(6 / 60_000)
        came_ms.append(int(at_ms))
    state, delays = Announcer(), []
    board: list[Call] = []
    now_ms = free_ms = number = 0
    while number < calls or state.speaking:
        now_ms += 100
        while number < calls and came_ms[number] <= now_ms:
            board = [Call(str(number), f"t{number}", ("A001",), "1", came_ms[number], "es"), *board[:11]]
            number += 1
        ended = state.speaking is not None and now_ms >= free_ms
        if ended:
            state = rules.spoken(state, now_ms)
        state = rules.see(state, board, now_ms)
        state, first = rules.next_call(state, now_ms)
        state, again = (state, None) if first else rules.next_repeat(state, now_ms)
        if first or again:
            free_ms = now_ms + SENTENCE_MS + AGAIN_MS * bool(again) + (0 if ended else CHIME_MS)
        delays += [now_ms - first.at_ms] if first else []
    assert len(delays) >= calls * 0.99, "what was not said was older than half a minute"
    assert sorted(delays)[round(0.95 * calls)] <= 10_000


SENTENCE_MS, CHIME_MS, AGAIN_MS = 4_300, 940, 900
"""Measured: espeak's Spanish for A042, H317, M128, R999 at counter 12, with the pause; the chime; "Repetimos"."""


# --- the memory


def test_a_call_is_claimed_once_over_a_restart(tmp_path: Path, clock: ManualClock) -> None:
    heard: queue.Queue[inbound.Inbound] = queue.Queue()
    answers: queue.Queue[bool] = queue.Queue()
    for expected in (True, False):
        memory = Memory(tmp_path / "j.db", "s1", clock, heard.put)  # type: ignore[arg-type]
        memory.start()
        memory.claim(call(1), answers.put)
        assert answers.get(timeout=5) is expected
        memory.stop()


def test_the_board_and_the_time_are_kept(tmp_path: Path, clock: ManualClock) -> None:
    heard: queue.Queue[inbound.Inbound] = queue.Queue()
    memory = Memory(tmp_path / "j.db", "s1", clock, heard.put)  # type: ignore[arg-type]
    memory.start()
    memory.take_in(inbound.Acked(1, 0, clock.boot, Anchor(clock.mono, 5_000_000, 1)))
    memory.keep_board(Board((call(1),)), 1, 5)
    heard.get(timeout=5)
    memory.stop()
    clock.wall = 0
    again = Memory(tmp_path / "j.db", "s1", clock, heard.put)  # type: ignore[arg-type]
    assert again.keeper.hub_ms() == 5_000_000, "the hub's time, whatever the wall clock says"
    clock.boot = "boot-2"
    again.start()
    line = heard.get(timeout=5)
    assert isinstance(line, inbound.BoardReset)
    assert line.board.calls == (call(1),)
    again.stop()
