"""Whose calls, when, how loud, and what takes the screen: the display's rules, its times and its messages."""

import itertools
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from display_app.config import DisplayConfig
from display_app.core import lobby
from display_app.core.board_view import Concern
from display_app.core.care import SHIFT_EVERY_MS, shift_mm
from display_app.core.lobby import NOTICE_AGAIN_MS, Lobby, Rules
from display_app.core.scene import TURN_S, Said, Screen, pages_of, scene_of
from display_app.core.schedule import span_at, spans_of
from display_app.core.waits import SeriesWait, series_waits
from display_app.media import Schedule, Times
from display_app.screens import setup_of
from officelib import events as e
from officelib import inbound
from officelib.board import Board, BoardSnapshot, Call
from officelib.catalogue import Catalogue, Notice, Series
from officelib.errors import KnownError
from officelib.inbound import ServiceState, ServicesView
from tests.conftest import NINE_MS

TEN = datetime(2026, 1, 7, 10)  # noqa: DTZ001 (local, as people write it)
SMOKE = Notice("smoke", {"es": "Salgan por la puerta principal.", "en": "Leave by the main door."}, TEN, urgent=True)


def call(number: int, label: str = "", counter: str = "3", at_ms: int = NINE_MS) -> Call:
    return Call(f"1-{number}", f"t{number}", (label or f"A{number:03d}",), counter, at_ms, "es")


def config_line(catalogue: Catalogue) -> lobby.Heard:
    return lobby.Heard(inbound.ConfigChanged(inbound.OfficeConfig(catalogue, ())))


def board_line(*calls: Call, ep: int = 1, n: int = 1) -> lobby.Heard:
    return lobby.Heard(inbound.BoardReset(BoardSnapshot(ep, n, NINE_MS, calls)))


def ready(catalogue: Catalogue, rules: Rules | None = None, *notices: Notice) -> Lobby:
    told = msgspec.structs.replace(catalogue, notice=notices)
    return Lobby(link_up=True, catalogue=told, rules=rules or Rules())


def first_words(state: Lobby, one: Call, now_ms: int = NINE_MS) -> lobby.Effect:
    """What is done to say a call that comes now."""
    state, effects = lobby.step(state, board_line(one), now_ms)
    assert effects == [lobby.ClaimCall(one)]
    state, effects = lobby.step(state, lobby.Claimed(one, first=True), now_ms)
    return effects[0]


# --- times of the day


@pytest.mark.parametrize(
    ("line", "moment", "holds"),
    [
        ("22:00-06:30", time(23), True),
        ("22:00-06:30", time(6, 29), True),
        ("22:00-06:30", time(6, 30), False),
        ("14:00-16:00 off", time(14), True),
        ("14:00-16:00 off", time(16), False),
    ],
)
def test_a_span_holds_from_its_start_to_its_end_also_over_midnight(line: str, moment: time, holds: bool) -> None:
    assert spans_of((line,), 0, 0)[0].holds(moment) is holds


def test_the_first_span_that_holds_counts() -> None:
    spans = spans_of(("12:00-13:00 off", "08:00-20:00 -6"), -30, 6)
    values = [span.value if (span := span_at(spans, datetime(2026, 1, 7, hour))) else 0 for hour in (7, 9, 12)]  # noqa: DTZ001
    assert values == [0, -6, None]


@pytest.mark.parametrize("line", ["8:00-9:00", "08:00", "08:00-09:00 -31", "08:00-09:00 loud", "25:00-26:00"])
def test_a_span_that_is_written_otherwise_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        spans_of((line,), -30, 6)


@pytest.mark.ux("AN6")
def test_quiet_hours_and_levels_go_with_the_call(catalogue: Catalogue) -> None:
    for lines, level_db in (
        ((), 0),
        (("08:00-10:00 -6",), -6),
        (("09:00-09:01 off",), None),
        (("10:00-11:00 off",), 0),
    ):
        said = first_words(ready(catalogue, Rules(levels=spans_of(lines, -30, 6))), call(1))
        assert said == lobby.SayCall(call(1), level_db)


def test_a_second_language_is_for_calm_times(catalogue: Catalogue) -> None:
    rules = Rules(also_in=("ca", "es"))
    assert first_words(ready(catalogue, rules), call(1)) == lobby.SayCall(call(1), 0, ("ca",)), "its own once"
    state, _ = lobby.step(ready(catalogue, rules), board_line(call(2), call(1)), NINE_MS)
    state, effects = lobby.step(state, lobby.Claimed(call(2), first=True), NINE_MS)
    assert effects == [lobby.SayCall(call(2), 0, ())]


# --- whose calls


def test_a_screen_shows_and_says_its_own_calls_alone(catalogue: Catalogue) -> None:
    here = Concern(counters=frozenset({"3", "4"}))
    there = Concern(letters=frozenset({"H"}))
    mine, theirs, nobodys = call(1), call(2, "H002", "12"), call(3, "A003", "12")
    state = ready(catalogue, Rules(concerns=(here, there)))
    state, effects = lobby.step(state, board_line(nobodys, theirs, mine), NINE_MS)
    assert effects == [lobby.ClaimCall(mine)] or effects == [lobby.ClaimCall(theirs)]
    assert {one.id for one in state.announcer.waiting} | {effects[0].call.id} == {"1-1", "1-2"}  # type: ignore[union-attr]
    for concern, shown in ((here, ["1-1"]), (there, ["1-2"]), (Concern(), ["1-3", "1-2", "1-1"])):
        board = scene_of(state, Screen(concern, most_large=3), NINE_MS, "es").board
        assert [one.id for one in (*board.large, *board.listed)] == shown


@pytest.mark.parametrize("most", [1, 2, 3, 4])
def test_so_many_of_the_newest_stand_large(catalogue: Catalogue, most: int) -> None:
    calls = tuple(call(n, at_ms=NINE_MS - (6 - n) * 1_000) for n in range(6, 0, -1))
    state = replace(ready(catalogue), board=Board(calls))
    board = scene_of(state, Screen(most_large=most), NINE_MS, "es").board
    assert board.large == calls[:most]
    assert board.listed == calls[most:]


# --- an alarm


@pytest.mark.ux("AN7")
def test_an_alarm_silences_and_what_was_called_meanwhile_is_said_while_it_is_young(catalogue: Catalogue) -> None:
    state, effects = lobby.step(ready(catalogue), lobby.AlarmChanged(on=True), NINE_MS)
    assert effects == [lobby.Mute(on=True)]
    state, effects = lobby.step(state, board_line(call(1)), NINE_MS)
    assert effects == []
    assert scene_of(state, Screen(), NINE_MS, "es").board.large == (call(1),), "it is shown"
    for after_ms, said in ((29_000, [lobby.ClaimCall(call(1))]), (31_000, [])):
        _, effects = lobby.step(state, lobby.AlarmChanged(on=False), NINE_MS + after_ms)
        assert effects == [lobby.Mute(on=False), *said]


def test_who_is_put_out_of_the_office_still_hears_the_alarm(catalogue: Catalogue) -> None:
    rules = Rules(also_in=("ca",))
    state, _ = lobby.step(ready(catalogue, rules), lobby.AlarmChanged(on=True), NINE_MS)
    state, _ = lobby.step(state, lobby.Heard(inbound.Revoked()), NINE_MS)
    assert (state.alarm, state.rules, state.catalogue) == (True, rules, None)


# --- urgent messages


def test_an_urgent_message_takes_the_stage_in_every_language_and_is_said(catalogue: Catalogue) -> None:
    state, effects = lobby.step(ready(catalogue, None, SMOKE), lobby.TimePassed(), NINE_MS)
    assert effects == [lobby.SayNotice(SMOKE, "es")]
    shown = [scene_of(replace(state, turn=turn * TURN_S), Screen(), NINE_MS, "es").crisis for turn in range(2)]
    assert shown == [Said("es", SMOKE.text["es"]), Said("en", SMOKE.text["en"])]
    assert scene_of(state, Screen(), NINE_MS, "es").stage == "crisis"
    state, effects = lobby.step(state, board_line(call(1)), NINE_MS + 5_000)
    assert effects == [], "one voice"
    state, effects = lobby.step(state, lobby.Said("smoke.es", aloud=True), NINE_MS + 6_000)
    assert effects == [lobby.ClaimCall(call(1))], "a call goes between two languages"
    state, _ = lobby.step(state, lobby.Claimed(call(1), first=True), NINE_MS + 6_000)
    state, effects = lobby.step(state, lobby.Said(call(1).id, aloud=True), NINE_MS + 9_000)
    assert effects == [lobby.ReportCall(call(1).id, aloud=True), lobby.SayNotice(SMOKE, "en")]
    state, effects = lobby.step(state, lobby.Said("smoke.en", aloud=True), NINE_MS + 14_000)
    assert effects == []
    _, effects = lobby.step(state, lobby.TimePassed(), NINE_MS + NOTICE_AGAIN_MS - 1)
    assert effects == []
    _, effects = lobby.step(state, lobby.TimePassed(), NINE_MS + NOTICE_AGAIN_MS)
    assert effects == [lobby.SayNotice(SMOKE, "es")], "for who has come meanwhile"


def test_an_urgent_message_ends_with_its_time(catalogue: Catalogue) -> None:
    state = ready(catalogue, None, SMOKE)
    over_ms = NINE_MS + 3_600_000
    assert scene_of(state, Screen(), over_ms - 1, "es").stage == "crisis"
    assert scene_of(state, Screen(), over_ms, "es").stage == "welcome"
    assert lobby.step(state, lobby.TimePassed(), over_ms)[1] == []


def test_what_is_urgent_breaks_into_no_word(catalogue: Catalogue) -> None:
    state, _ = lobby.step(ready(catalogue), board_line(call(1)), NINE_MS)
    state, _ = lobby.step(state, lobby.Claimed(call(1), first=True), NINE_MS)
    told = msgspec.structs.replace(catalogue, notice=(SMOKE,))
    state, effects = lobby.step(state, config_line(told), NINE_MS)
    assert effects == []
    _, effects = lobby.step(state, lobby.Said(call(1).id, aloud=True), NINE_MS)
    assert lobby.SayNotice(SMOKE, "es") in effects


def test_messages_take_turns_and_stand_still_while_somebody_is_called(catalogue: Catalogue) -> None:
    plain = Notice("n", {"es": "Hoy cerramos a las doce."}, TEN)
    state = ready(catalogue, None, plain)
    for _ in range(TURN_S):
        state, _ = lobby.step(state, lobby.TimePassed(), NINE_MS)
    assert state.turn == TURN_S
    state, _ = lobby.step(state, board_line(call(1)), NINE_MS)
    for _ in range(3):
        state, _ = lobby.step(state, lobby.TimePassed(), NINE_MS)
    assert state.turn == TURN_S, "the strip stands while the voice speaks"
    assert scene_of(state, Screen(), NINE_MS, "es").strip == Said("es", "Hoy cerramos a las doce.")


@given(st.text(alphabet="ab .!?", min_size=1, max_size=200), st.integers(5, 60))
def test_pages_lose_no_word_and_are_no_longer_than_they_may(text: str, letters: int) -> None:
    pages = pages_of(text, letters)
    assert " ".join(pages).split() == text.split()
    assert all(len(page) <= letters or len(page.split()) == 1 for page in pages)


def test_a_page_ends_with_a_sentence_where_it_can() -> None:
    assert pages_of("One two three. Four five six seven.", 25) == ["One two three.", "Four five six seven."]


# --- epochs


@pytest.mark.ux("LD7")
def test_a_board_of_an_old_epoch_never_shows(catalogue: Catalogue) -> None:
    state, _ = lobby.step(ready(catalogue), board_line(call(2), ep=3, n=7), NINE_MS)
    for line in (
        board_line(call(1), ep=2, n=900),
        lobby.Heard(inbound.LogLine(e.LogEntry(8, 2, NINE_MS, e.TicketCalled("t9", ("A009",), "c1", "1", "es")))),
    ):
        state, effects = lobby.step(state, line, NINE_MS)
        assert (state.board.calls, state.at) == ((call(2),), (3, 7))
        assert lobby.KeepBoard not in map(type, effects)


# --- waits


def test_each_letter_tells_what_it_means_how_many_wait_and_how_long(catalogue: Catalogue) -> None:
    one, two, *_ = catalogue.service
    two = msgspec.structs.replace(two, series=one.series)
    office = msgspec.structs.replace(
        catalogue, service=(one, two, *catalogue.service[2:]), series=(Series(one.series, {"es": "Todo lo de casa"}),)
    )
    states = {s.id: ServiceState(0, None) for s in office.service}
    states |= {one.id: ServiceState(3, 10, (5, 15)), two.id: ServiceState(4, 30, (20, 45))}
    view = ServicesView(1, 1, NINE_MS, "2026-01-07", doors_closed=False, services=states)
    waits = series_waits(office, view, frozenset(), "es")
    assert [wait.letter for wait in waits] == sorted({s.series for s in office.service})
    assert SeriesWait(one.series, "Todo lo de casa", 7, (5, 45)) in waits
    other = office.service[2]
    assert SeriesWait(other.series, other.name["es"], 0, None) in waits, "nobody serves it: nobody knows how long"
    assert [w.letter for w in series_waits(office, view, frozenset(other.series), "es")] == [other.series]


def test_waits_are_not_shown_when_they_are_old(catalogue: Catalogue) -> None:
    states = {s.id: ServiceState(1, 5, (2, 7)) for s in catalogue.service}
    view = ServicesView(1, 1, NINE_MS, "2026-01-07", doors_closed=False, services=states)
    state, _ = lobby.step(ready(catalogue), lobby.Heard(inbound.ServicesChanged(view)), NINE_MS)
    assert scene_of(state, Screen(), NINE_MS, "es").stage == "waits"
    off, _ = lobby.step(state, lobby.Heard(inbound.LinkChanged(up=False)), NINE_MS)
    scene = scene_of(off, Screen(), NINE_MS, "es")
    assert (scene.stage, scene.waits, scene.strip) == ("welcome", (), None)


def test_a_table_that_is_too_long_has_pages(catalogue: Catalogue) -> None:
    states = {s.id: ServiceState(1, 5, (2, 7)) for s in catalogue.service}
    view = ServicesView(1, 1, NINE_MS, "2026-01-07", doors_closed=False, services=states)
    state = replace(ready(catalogue), services=view)
    seen: list[str] = []
    for turn in range(10):
        page = scene_of(replace(state, turn=turn * TURN_S), Screen(table_rows=2), NINE_MS, "es").waits
        assert 1 <= len(page) <= 2
        seen += [wait.letter for wait in page]
    assert set(seen) == {s.series for s in catalogue.service}


# --- pictures


def test_a_picture_has_its_days_and_hours() -> None:
    times = Times("a.jpg", date(2026, 1, 7), date(2026, 1, 8), ("09:00-11:00",))
    assert times.hold(TEN)
    assert not times.hold(TEN + timedelta(hours=1))
    assert not times.hold(TEN + timedelta(days=2))
    assert Times("a.jpg").hold(TEN)


def test_a_schedule_is_read_anew_and_a_broken_one_changes_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    schedule, picture, path = Schedule(tmp_path), tmp_path / "a.jpg", tmp_path / "schedule.toml"
    assert schedule.is_due(picture, None), "without a line for it, always"
    path.write_text('[[picture]]\nfile = "a.jpg"\nhours = ["12:00-13:00"]\n')
    assert not schedule.is_due(picture, TEN)
    assert schedule.is_due(picture, TEN + timedelta(hours=2))
    assert not schedule.is_due(picture, None), "nobody knows the time"
    assert schedule.is_due(tmp_path / "b.jpg", TEN)
    path.write_text('[[picture]]\nfile = "a.jpg"\nhours = ["noon"]\n')
    assert not schedule.is_due(picture, TEN), "the last one counts"
    assert "noon" in caplog.text
    path.unlink()
    assert schedule.is_due(picture, TEN)


# --- the panel


@pytest.mark.ux("LD8")
def test_the_picture_goes_round_in_steps_of_two_millimetres() -> None:
    places = [shift_mm(n * SHIFT_EVERY_MS) for n in range(17)]
    assert len(set(places)) == 8
    for one, other in itertools.pairwise(places):
        assert 0 < abs(one[0] - other[0]) + abs(one[1] - other[1]) <= 2


def test_nights_are_dark_but_for_a_call_or_a_crisis(catalogue: Catalogue) -> None:
    screen = Screen(nights=spans_of(("08:30-09:30",), 0, 0))
    state = ready(catalogue)
    assert scene_of(state, screen, NINE_MS, "es").is_dark
    assert not scene_of(state, screen, NINE_MS + 1_800_000, "es").is_dark
    assert not scene_of(state, screen, None, "es").is_dark, "nobody knows the time"
    assert not scene_of(replace(state, board=Board((call(1),))), screen, NINE_MS, "es").is_dark
    assert not scene_of(ready(catalogue, None, SMOKE), screen, NINE_MS, "es").is_dark


# --- what an operator writes


def config(tmp_path: Path, **keys: object) -> DisplayConfig:
    return DisplayConfig(journal=tmp_path / "j", bridge_socket=tmp_path / "b", speech_cache=tmp_path / "c", **keys)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"arrows": ("3",)}, "as '3 left'"),
        ({"arrows": ("3 north",)}, "up, up-right"),
        ({"levels": ("14:00-16:00 loud",)}, "key 'levels'"),
        ({"nights": ("22-6",)}, "key 'nights'"),
        ({"dimmed": ("19:00-22:00 0",)}, "outside 1 to 100"),
        ({"viewing_mm": 30_000}, "can be read from"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_shown(tmp_path: Path, keys: dict[str, object], said: str) -> None:
    with pytest.raises(KnownError) as refused:
        setup_of(config(tmp_path, **keys))
    assert said in str(refused.value)


def test_a_box_may_have_two_screens(tmp_path: Path) -> None:
    second = tmp_path / "second.toml"
    second.write_text('output = "HDMI-A-2"\ncounters = ["9"]\narrows = ["9 left"]\nwidth_px = 1080\nheight_px = 1920\n')
    setup = setup_of(config(tmp_path, output="HDMI-A-1", series=("A",), second_screen=second))
    assert [one.config.output for one in setup.screens] == ["HDMI-A-1", "HDMI-A-2"]
    assert setup.rules.concerns == (Concern(letters=frozenset("A")), Concern(counters=frozenset({"9"})))
    assert setup.screens[1].arrows == {"9": 270}
    second.write_text('output = "HDMI-A-1"\n')
    with pytest.raises(KnownError, match="both screens are on output"):
        setup_of(config(tmp_path, output="HDMI-A-1", second_screen=second))
