"""What a printer answers, however it is cut, mixed or broken."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwlib.printer.paper_gauge import PaperGauge, after_ticket, after_word
from hwlib.printer.presenter import Watch
from hwlib.printer.replies import (
    AutomaticStatus,
    Block,
    FullStatus,
    Language,
    PrintedId,
    Processed,
    RealTimeStatus,
    ReplyReader,
    StarStatus,
    StarTickets,
)
from hwlib.printer.status import Fault, of_automatic, of_full, of_real_time, of_star

ESCPOS = {
    b"\x12": RealTimeStatus(0x12),
    b"\x37\x220042\x00": PrintedId(b"0042"),
    b"\x00": Processed(0),
    b"\x11": None,
    b"\x13": None,
    b"\x10\x00\x00\x00": AutomaticStatus(b"\x10\x00\x00\x00"),
    b"\x18\x00\x0c\x00": AutomaticStatus(b"\x18\x00\x0c\x00"),
    b"\x5fEPSON\x00": Block(b"\x5f", b"EPSON"),
    b"\x37\x72\x40L1\x00": Block(b"\x37\x72", b"\x40L1"),
    b"\x37\x25\x00": Block(b"\x37\x25", b""),
    b"\x10\x0f\x20\x00\x00\x00": FullStatus(0x20, 0, 0, 0),
}
STAR = {
    b"\x23\x06\x00\x00\x00\x00\x00\x00\x00": StarStatus(bytes(7)),
    b"\x1b\x1d\x03\x01\x30\x37\x05\x00": PrintedId(b"07"),
    b"\x1b\x16\x33\x01\x00\x00\x01\x02": StarTickets(1, 258),
}


@pytest.mark.parametrize(("language", "kinds"), [("escpos", ESCPOS), ("starprnt", STAR)])
@given(st.data())
def test_replies_are_told_apart_however_they_are_cut(
    language: Language, kinds: dict[bytes, object], data: st.DataObject
) -> None:
    parts = data.draw(st.lists(st.sampled_from(sorted(kinds)), max_size=12))
    stream = b"".join(parts)
    whole = ReplyReader(language).feed(stream)
    reader, split, at = ReplyReader(language), [], 0
    while at < len(stream):
        step = data.draw(st.integers(1, 4))
        split += reader.feed(stream[at : at + step])
        at += step
    assert split == whole == [kinds[part] for part in parts if kinds[part] is not None]


def test_a_lost_byte_costs_one_answer_and_not_the_next() -> None:
    """ASB of which a byte was lost: the answer after it is still understood."""
    assert ReplyReader().feed(b"\x10\x00" + b"\x12") == [Processed(0), RealTimeStatus(0x12)]
    assert ReplyReader().feed(b"\x37\x22004" + b"\x12")[-1] == RealTimeStatus(0x12), "a block without an end"


def test_random_bytes_break_no_reader(pytestconfig: pytest.Config) -> None:
    """1,000,000 of them with --long; here a tenth."""
    chance = random.Random(11)
    for language in ("escpos", "starprnt"):
        reader = ReplyReader(language)
        for _ in range(500 if pytestconfig.getoption("long") else 50):
            for reply in reader.feed(chance.randbytes(1_000)):
                match reply:
                    case AutomaticStatus():
                        of_automatic(reply)
                    case FullStatus():
                        of_full(reply)
                    case StarStatus():
                        of_star(reply)
                    case _:
                        pass
            assert len(reader._rest) <= 1_024, "nothing grows without bound"


@pytest.mark.parametrize(
    ("answers", "fault", "near_end"),
    [
        ((0x16, 0x12, 0x12, 0x12), Fault.NONE, False),
        ((0x16, 0x12, 0x12, 0x1E), Fault.NONE, True),
        ((0x1E, 0x32, 0x12, 0x7E), Fault.PAPER_OUT, True),
        ((0x1E, 0x16, 0x12, 0x12), Fault.COVER_OPEN, False),
        ((0x1E, 0x52, 0x1A, 0x12), Fault.CUTTER, False),
        ((0x1E, 0x52, 0x32, 0x12), Fault.UNRECOVERABLE, False),
        ((0x1E, 0x52, 0x52, 0x12), Fault.HEAD_HOT, False),
        ((0x1E, 0x52, 0x16, 0x12), Fault.ERROR, False),
        ((0x1E, 0x12, 0x12, 0x12), Fault.OFFLINE, False),
    ],
)
def test_a_fault_is_named(answers: tuple[int, int, int, int], fault: Fault, near_end: bool) -> None:
    found = of_real_time(*answers)
    assert (found.fault, found.near_end) == (fault, near_end)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"\x10\x00\x00\x00", Fault.NONE),
        (b"\x18\x00\x0f\x00", Fault.PAPER_OUT),
        (b"\x38\x00\x00\x00", Fault.COVER_OPEN),
        (b"\x18\x08\x00\x00", Fault.CUTTER),
        (b"\x18\x20\x00\x00", Fault.UNRECOVERABLE),
        (b"\x18\x40\x00\x00", Fault.HEAD_HOT),
        (b"\x18\x00\x00\x00", Fault.OFFLINE),
    ],
)
def test_automatic_status_says_the_same(data: bytes, fault: Fault) -> None:
    assert of_automatic(AutomaticStatus(data)).fault is fault


def test_a_flickering_sensor_is_believed_when_it_lasts() -> None:
    gauge = PaperGauge()
    for now_s in range(20):
        gauge = after_word(gauge, near_end=now_s % 2 == 0, out=False, now_s=now_s)
        assert not gauge.near_end
    for now_s in (20, 21, 23):
        gauge = after_word(gauge, near_end=True, out=False, now_s=now_s)
        assert not gauge.near_end, "not yet"
    gauge = after_word(gauge, near_end=False, out=False, now_s=24)
    for now_s in range(30, 37):
        gauge = after_word(gauge, near_end=True, out=False, now_s=now_s)
    assert gauge.near_end
    assert gauge.is_low


def test_paper_is_counted_and_forecast() -> None:
    gauge = PaperGauge(roll_mm=10_000)
    assert gauge.tickets_left() is None
    for _ in range(50):
        gauge = after_ticket(gauge, 100)
    assert (gauge.remaining_mm, gauge.tickets_left(), gauge.is_low) == (5_000, 50, False)
    for _ in range(25):
        gauge = after_ticket(gauge, 100)
    assert gauge.is_low, "even without a sensor"
    gauge = after_word(gauge, near_end=True, out=True, now_s=0)
    gauge = after_word(gauge, near_end=False, out=False, now_s=9)
    assert (gauge.remaining_mm, gauge.is_low) == (10_000, False), "a new roll"


def test_a_mouth_tells_taken_from_pulled_back() -> None:
    there, gone = Processed(0x08), Processed(0x00)
    watch = Watch(0.0, 20.0)
    assert [watch.hear(reply) for reply in (gone, there, there, gone)] == ["held", "held", "held", "taken"]
    watch = Watch(0.0, 20.0)
    watch.hear(there)
    assert not watch.is_overdue(19)
    assert watch.is_overdue(21)
    watch.retracting = True
    assert watch.hear(gone) == "retracted"
    star = Watch(0.0, 20.0)
    counts = [(0, 5), (1, 2), (0, 5), (1, 2), (0, 6), (1, 2)]
    assert [star.hear(StarTickets(*count)) for count in counts][-1] == "taken"
