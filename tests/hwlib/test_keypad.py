"""Keypads and the headphone jack, by key events as the kernel gives them."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwlib.errors import HardwareError
from hwlib.keypad import EV_KEY, EV_SW, HEADPHONES, Event, JackMoved, Keypad, KeypadReader, KeyStruck, read_table

UP = 188


@pytest.mark.ux("KP6")
def test_storms_table_as_delivered() -> None:
    """UX B4: help, up, down, select, back, next, << and >> are F17 to F24."""
    table = read_table("storm_default")
    names = ("help", "up", "down", "select", "back", "next", "volume_down", "volume_up")
    assert [table[187 + number] for number in range(8)] == list(names)
    assert (table[185], table[186]) == ("jack_in", "jack_out")


@pytest.mark.ux("KP6", "KP7")
@pytest.mark.parametrize("name", ["storm_default", "plain_arrows"])
def test_each_table_reaches_every_function(name: str) -> None:
    assert set(read_table(name).values()) >= {
        "help",
        "up",
        "down",
        "select",
        "back",
        "next",
        "volume_up",
        "volume_down",
    }


@pytest.mark.ux("KP2")
@pytest.mark.parametrize(("gap_ms", "counts"), [(0, 1), (499, 1), (501, 2)])
def test_a_trembling_hand_strikes_once(gap_ms: int, counts: int) -> None:
    """UX KP2: the same key at 499 ms is dropped, at 501 ms it counts."""
    reader = KeypadReader(read_table("storm_default"))
    struck = [reader.event(EV_KEY, UP, 1, at_ms) for at_ms in (1_000, 1_000 + gap_ms)]
    assert sum(event is not None for event in struck) == counts


def test_another_key_counts_at_once() -> None:
    reader = KeypadReader(read_table("storm_default"))
    assert reader.event(EV_KEY, UP, 1, 0) == KeyStruck("up")
    assert reader.event(EV_KEY, UP + 1, 1, 10) == KeyStruck("down")


@pytest.mark.ux("KP3")
def test_a_held_key_does_not_repeat() -> None:
    """UX KP3."""
    reader = KeypadReader(read_table("storm_default"))
    assert reader.event(EV_KEY, UP, 1, 0) == KeyStruck("up")
    assert [reader.event(EV_KEY, UP, 2, at_ms) for at_ms in range(250, 9_000, 33)] == [None] * 266
    assert reader.event(EV_KEY, UP, 0, 9_000) is None


@pytest.mark.ux("KP2")
@given(st.integers(0, 1_000), st.integers(0, 2_000))
def test_the_time_can_be_set(setting_ms: int, gap_ms: int) -> None:
    reader = KeypadReader(read_table("storm_default"), setting_ms)
    reader.event(EV_KEY, UP, 1, 0)
    assert (reader.event(EV_KEY, UP, 1, gap_ms) is not None) == (gap_ms >= setting_ms)


@pytest.mark.ux("NV3")
def test_headphones_by_switch_and_by_key() -> None:
    reader = KeypadReader(read_table("storm_default"))
    assert reader.event(EV_SW, HEADPHONES, 1, 0) == JackMoved(inserted=True)
    assert reader.event(EV_SW, HEADPHONES, 0, 1) == JackMoved(inserted=False)
    assert reader.event(EV_SW, 5, 1, 2) is None
    assert reader.event(EV_KEY, 185, 1, 3) == JackMoved(inserted=True)
    assert reader.event(EV_KEY, 186, 1, 4) == JackMoved(inserted=False)


def test_a_key_that_the_table_lacks_is_told_too() -> None:
    """UX KP6: an unknown key gets help."""
    assert KeypadReader({}).event(EV_KEY, UP, 1, 0) == KeyStruck("unknown")


def test_batches_of_the_kernel_become_events() -> None:
    told: list[Event] = []
    keypad = Keypad("/dev/none", KeypadReader(read_table("plain_arrows")), told.append)
    keypad.take([SimpleNamespace(type=EV_KEY, code=103, value=value, sec=1, usec=0) for value in (1, 0)])
    assert told == [KeyStruck("up")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "keys"),
        ("[keys]\n1 = 'fly'", "no function 'fly'; there are help"),
        ("[keys]\nx = 'up'", "x"),
        ("[[", "table"),
    ],
)
def test_a_wrong_table_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(HardwareError, match="mine.toml") as wrong:
        read_table(str(tmp_path / "mine.toml"))
    assert told in str(wrong.value)
    with pytest.raises(HardwareError, match="nothing.toml"):
        read_table(str(tmp_path / "nothing.toml"))
